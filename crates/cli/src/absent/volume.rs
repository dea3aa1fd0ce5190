//! The part of `docker volume` that is known and not modelled.

use crate::args::{Action, ArgRule, Command, Flag};

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
    args: ArgRule::Exactly(1),
    action: Action::NotModelled,
    ..Command::BLANK
};
