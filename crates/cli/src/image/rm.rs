//! `docker image rm`.

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::session::{Failure, Outcome, Session, said};

pub(crate) static COMMAND: Command = Command {
    name: "rm",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Remove one or more images",
    aliases: &["remove"],
    known_as: "docker image rm, docker image remove, docker rmi",
    flags: &[&[
        Flag::bool("force", "Force removal of the image").short('f'),
        Flag::bool("no-prune", "Do not delete untagged parents"),
        Flag::strings(
            "platform",
            "Remove only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")",
        ),
    ]],
    args: ArgRule::AtLeast(1),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let (mut complaints, mut fatal) = (Vec::new(), false);
    for name in &parsed.args {
        match client.image_remove(name.as_str(), parsed.on("force"), parsed.on("no-prune")) {
            Ok(told) => {
                for one in told {
                    let line = match one.untagged.as_str() {
                        "" => format!("Deleted: {}", one.deleted),
                        name => format!("Untagged: {name}"),
                    };
                    session.line(&line);
                }
            }
            Err(error) => {
                fatal |= error.class() != engine::Class::NotFound;
                complaints.push(said(&error));
            }
        }
    }
    let text = complaints.join("\n");
    match complaints.is_empty() {
        true => Ok(0),
        // By force a missing image is told of and does not count.
        false if parsed.on("force") && !fatal => {
            session.complain(&text);
            Ok(0)
        }
        false => Err(Failure { text, code: 1 }),
    }
}
