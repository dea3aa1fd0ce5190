//! `docker node`: what an engine that is in no swarm says to it.

use crate::args::{ArgRule, Command, Flag, Section, verb};
use crate::flags::{FORMAT, FORMAT_LIST};

pub(crate) static COMMAND: Command = Command {
    name: "node",
    short: "Manage Swarm nodes",
    sections: &[Section {
        title: "Commands",
        commands: &[&DEMOTE, &INSPECT, &LS, &PROMOTE, &PS, &RM, &UPDATE],
    }],
    args: ArgRule::None,
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static DEMOTE: Command = Command {
    name: "demote",
    usage: "NODE [NODE...]",
    short: "Demote one or more nodes from manager in the swarm",
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] self|NODE [NODE...]",
    short: "Display detailed information on one or more nodes",
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
    short: "List nodes in the swarm",
    aliases: &["list"],
    known_as: "docker node ls, docker node list",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display IDs").short('q'),
    ]],
    args: ArgRule::None,
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static PROMOTE: Command = Command {
    name: "promote",
    usage: "NODE [NODE...]",
    short: "Promote one or more nodes to manager in the swarm",
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static PS: Command = Command {
    name: "ps",
    usage: "[OPTIONS] [NODE...]",
    short: "List tasks running on one or more nodes, defaults to current node",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", "Pretty-print tasks using a Go template"),
        Flag::bool("no-resolve", "Do not map IDs to Names"),
        Flag::bool("no-trunc", "Do not truncate output"),
        Flag::bool("quiet", "Only display task IDs").short('q'),
    ]],
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "[OPTIONS] NODE [NODE...]",
    short: "Remove one or more nodes from the swarm",
    aliases: &["remove"],
    known_as: "docker node rm, docker node remove",
    flags: &[&[Flag::bool("force", "Force remove a node from the swarm").short('f')]],
    args: ArgRule::AtLeast(1),
    action: verb!(super::none),
    ..Command::BLANK
};

pub(crate) static UPDATE: Command = Command {
    name: "update",
    usage: "[OPTIONS] NODE",
    short: "Update a node",
    flags: &[&[
        Flag::text(
            "availability",
            "Availability of the node (\"active\", \"pause\", \"drain\")",
        ),
        Flag::list("label-add", "Add or update a node label (\"key=value\")"),
        Flag::list("label-rm", "Remove a node label if exists"),
        Flag::text("role", "Role of the node (\"worker\", \"manager\")"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(super::none),
    ..Command::BLANK
};
