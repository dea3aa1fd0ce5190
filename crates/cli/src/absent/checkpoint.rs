//! `docker checkpoint`: known and not modelled; an engine without its experimental features has none.

use crate::args::{Action, ArgRule, Command, Flag, Section};

pub(crate) static COMMAND: Command = Command {
    name: "checkpoint",
    usage: "COMMAND",
    short: "Manage checkpoints",
    hidden: true,
    sections: &[Section {
        title: "Commands",
        commands: &[&CREATE, &LS, &RM],
    }],
    args: ArgRule::None,
    action: Action::Experimental,
    ..Command::BLANK
};

static CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] CONTAINER CHECKPOINT",
    short: "Create a checkpoint from a running container",
    flags: &[&[
        DIR,
        Flag::bool(
            "leave-running",
            "Leave the container running after checkpoint",
        ),
    ]],
    action: Action::Experimental,
    ..Command::BLANK
};

static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS] CONTAINER",
    short: "List checkpoints for a container",
    aliases: &["list"],
    flags: &[&[DIR]],
    action: Action::Experimental,
    ..Command::BLANK
};

static RM: Command = Command {
    name: "rm",
    usage: "[OPTIONS] CONTAINER CHECKPOINT",
    short: "Remove a checkpoint",
    aliases: &["remove"],
    flags: &[&[DIR]],
    action: Action::Experimental,
    ..Command::BLANK
};

const DIR: Flag = Flag::text(
    "checkpoint-dir",
    "Use a custom checkpoint storage directory",
);
