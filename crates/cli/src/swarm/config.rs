//! `docker config`: what an engine that is in no swarm says to it.

use crate::args::{ArgRule, Command, Flag, Section, verb};
use crate::flags::{FORMAT, FORMAT_LIST};

pub(crate) static COMMAND: Command = Command {
    name: "config",
    short: "Manage Swarm configs",
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
    usage: "[OPTIONS] CONFIG file|-",
    short: "Create a config from a file or STDIN",
    flags: &[&[
        Flag::list("label", "Config labels").short('l'),
        Flag::text("template-driver", "Template driver"),
    ]],
    args: ArgRule::Exactly(2),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] CONFIG [CONFIG...]",
    short: "Display detailed information on one or more configs",
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
    short: "List configs",
    aliases: &["list"],
    known_as: "docker config ls, docker config list",
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
    usage: "CONFIG [CONFIG...]",
    short: "Remove one or more configs",
    aliases: &["remove"],
    known_as: "docker config rm, docker config remove",
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};
