//! `docker volume rm`.

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::session::{Outcome, Session, complaint, said};

pub(crate) static COMMAND: Command = Command {
    name: "rm",
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    short: "Remove one or more volumes",
    long: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
    aliases: &["remove"],
    known_as: "docker volume rm, docker volume remove",
    flags: &[&[Flag::bool("force", "Force the removal of one or more volumes").short('f')]],
    args: ArgRule::AtLeast(1),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let mut complaints = Vec::new();
    for name in &parsed.args {
        match client.volume_remove(name.as_str(), parsed.on("force")) {
            Ok(()) => session.line(name),
            Err(e) => complaints.push(said(&e)),
        }
    }
    match complaints.is_empty() {
        true => Ok(0),
        false => Err(complaint(complaints.join("\n"))),
    }
}
