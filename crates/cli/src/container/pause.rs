//! `docker container pause`.

use crate::args::{Action, ArgRule, Command, Parsed};
use crate::each;
use crate::session::{Outcome, Session};

pub(crate) static COMMAND: Command = Command {
    name: "pause",
    usage: "CONTAINER [CONTAINER...]",
    short: "Pause all processes within one or more containers",
    known_as: "docker container pause, docker pause",
    args: ArgRule::AtLeast(1),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let names = parsed.args.iter();
    let results = names.map(|name| client.container_pause(name.as_str()));
    each::report(&session, &parsed.args, results.collect())
}
