//! `docker volume`: known and not modelled.

use crate::args::{Action, ArgRule, Command, Flag, Kind, Section};
use crate::flags::{FORMAT, FORMAT_LIST};

pub(crate) static COMMAND: Command = Command {
    name: "volume",
    short: "Manage volumes",
    sections: &[Section {
        title: "Commands",
        commands: &[&CREATE, &INSPECT, &LS, &PRUNE, &RM, &UPDATE],
    }],
    args: ArgRule::None,
    ..Command::BLANK
};

pub(crate) static CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] [VOLUME]",
    short: "Create a volume",
    flags: &[&[
        Flag::text(
            "availability",
            "Cluster Volume availability (\"active\", \"pause\", \"drain\")",
        )
        .default("active")
        .hidden(),
        Flag::text("driver", "Specify volume driver name")
            .short('d')
            .default("local"),
        Flag::text("group", "Cluster Volume group (cluster volumes)").hidden(),
        Flag::list("label", "Set metadata for a volume"),
        Flag::new(
            Kind::Bytes,
            "limit-bytes",
            "Minimum size of the Cluster Volume in bytes",
        )
        .hidden(),
        Flag::map("opt", "Set driver specific options")
            .short('o')
            .default("map[]"),
        Flag::new(
            Kind::Bytes,
            "required-bytes",
            "Maximum size of the Cluster Volume in bytes",
        )
        .hidden(),
        Flag::text(
            "scope",
            "Cluster Volume access scope (\"single\", \"multi\")",
        )
        .default("single")
        .hidden(),
        Flag::map("secret", "Cluster Volume secrets")
            .default("map[]")
            .hidden(),
        Flag::text(
            "sharing",
            "Cluster Volume access sharing (\"none\", \"readonly\", \"onewriter\", \"all\")",
        )
        .default("none")
        .hidden(),
        Flag::list(
            "topology-preferred",
            "A topology that the Cluster Volume would be preferred in",
        )
        .hidden(),
        Flag::list(
            "topology-required",
            "A topology that the Cluster Volume must be accessible from",
        )
        .hidden(),
        Flag::text("type", "Cluster Volume access type (\"mount\", \"block\")")
            .default("block")
            .hidden(),
    ]],
    args: ArgRule::AtMost(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    short: "Display detailed information on one or more volumes",
    flags: &[&[Flag::text("format", FORMAT).short('f')]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List volumes",
    aliases: &["list"],
    known_as: "docker volume ls, docker volume list",
    flags: &[&[
        Flag::bool(
            "cluster",
            "Display only cluster volumes, and use cluster volume list formatting",
        )
        .hidden(),
        Flag::filter("Provide filter values (e.g. \"dangling=true\")").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display volume names").short('q'),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static PRUNE: Command = Command {
    name: "prune",
    usage: "[OPTIONS]",
    short: "Remove unused local volumes",
    flags: &[&[
        Flag::bool("all", "Remove all unused volumes, not just anonymous ones").short('a'),
        Flag::filter("Provide filter values (e.g. \"label=<label>\")"),
        Flag::bool("force", "Do not prompt for confirmation").short('f'),
    ]],
    args: ArgRule::None,
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    short: "Remove one or more volumes",
    long: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
    aliases: &["remove"],
    known_as: "docker volume rm, docker volume remove",
    flags: &[&[Flag::bool("force", "Force the removal of one or more volumes").short('f')]],
    args: ArgRule::AtLeast(1),
    action: Action::NotModelled,
    ..Command::BLANK
};

pub(crate) static UPDATE: Command = Command {
    name: "update",
    usage: "[OPTIONS] [VOLUME]",
    short: "Update a volume (cluster volumes only)",
    swarm_only: true,
    flags: &[&[Flag::text(
        "availability",
        "Cluster Volume availability (\"active\", \"pause\", \"drain\")",
    )
    .default("active")]],
    args: ArgRule::AtMost(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
