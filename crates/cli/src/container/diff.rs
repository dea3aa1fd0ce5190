//! `docker container diff`.

use crate::args::{ArgRule, Command, Parsed, verb};
use crate::session::{Outcome, Session, refused};

pub(crate) static COMMAND: Command = Command {
    name: "diff",
    usage: "CONTAINER",
    short: "Inspect changes to files or directories on a container's filesystem",
    known_as: "docker container diff, docker diff",
    args: ArgRule::Exactly(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let changes = client.container_changes(parsed.arg(0)).map_err(refused)?;
    for change in changes {
        session.line(&format!("{} {}", change.kind, change.path));
    }
    Ok(0)
}
