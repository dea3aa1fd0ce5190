//! `docker secret`: what an engine that is in no swarm says to it.

use crate::args::{ArgRule, Command, Flag, Section, verb};
use crate::flags::{FORMAT, FORMAT_LIST};

pub(crate) static COMMAND: Command = Command {
    name: "secret",
    short: "Manage Swarm secrets",
    sections: &[Section {
        title: "Commands",
        commands: &[&CREATE, &INSPECT, &LS, &RM],
    }],
    args: ArgRule::None,
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] SECRET [file|-]",
    short: "Create a secret from a file or STDIN as content",
    flags: &[&[
        Flag::text("driver", "Secret driver").short('d'),
        Flag::list("label", "Secret labels").short('l'),
        Flag::text("template-driver", "Template driver"),
    ]],
    args: ArgRule::Between(1, 2),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] SECRET [SECRET...]",
    short: "Display detailed information on one or more secrets",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("pretty", "Print the information in a human friendly format"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List secrets",
    aliases: &["list"],
    known_as: "docker secret ls, docker secret list",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display IDs").short('q'),
    ]],
    args: ArgRule::None,
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "SECRET [SECRET...]",
    short: "Remove one or more secrets",
    aliases: &["remove"],
    known_as: "docker secret rm, docker secret remove",
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};
