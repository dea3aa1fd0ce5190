//! The part of `docker volume` that is known and not modelled.

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::session::{Outcome, Session, not_modelled, refused};

pub(crate) static UPDATE: Command = Command {
    name: "update",
    usage: "[OPTIONS] [VOLUME]",
    short: "Update a volume (cluster volumes only)",
    swarm_only: true,
    flags: &[&[Flag::text(
        "availability",
        "Cluster Volume availability (\"active\", \"pause\", \"drain\")",
    )
    .default("active")
    .hidden()]],
    args: ArgRule::Exactly(1),
    action: Action::Now(update),
    ..Command::BLANK
};

/// Only volumes of a cluster can be updated, and there are none here.
fn update(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    client.volume_inspect(parsed.arg(0)).map_err(refused)?;
    Err(not_modelled(&parsed))
}
