//! `docker container rename`.

use crate::args::{Action, ArgRule, Command, Parsed};
use crate::session::{Outcome, Session, complaint, said};

pub(crate) static COMMAND: Command = Command {
    name: "rename",
    usage: "CONTAINER NEW_NAME",
    short: "Rename a container",
    known_as: "docker container rename, docker rename",
    args: ArgRule::Exactly(2),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let (old, new) = (parsed.arg(0).trim(), parsed.arg(1).trim());
    if old.is_empty() || new.is_empty() {
        return Err(complaint("Error: Neither old nor new names may be empty"));
    }
    if let Err(e) = session.client()?.container_rename(old, new) {
        session.complain(&said(&e));
        return Err(complaint(format!(
            "Error: failed to rename container named {old}"
        )));
    }
    Ok(0)
}
