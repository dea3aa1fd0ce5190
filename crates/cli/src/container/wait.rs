//! `docker container wait`.

use engine::api::WaitCondition;

use crate::args::{ArgRule, Command, Parsed, verb};
use crate::session::{Outcome, Session, complaint, said};

pub(crate) static COMMAND: Command = Command {
    name: "wait",
    usage: "CONTAINER [CONTAINER...]",
    short: "Block until one or more containers stop, then print their exit codes",
    known_as: "docker container wait, docker wait",
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let mut complaints = Vec::new();
    for name in &parsed.args {
        match client
            .container_wait(name.as_str(), WaitCondition::NotRunning)
            .await
        {
            Ok(ended) => session.line(&ended.status_code.to_string()),
            Err(e) => complaints.push(said(&e)),
        }
    }
    match complaints.is_empty() {
        true => Ok(0),
        false => Err(complaint(complaints.join("\n"))),
    }
}
