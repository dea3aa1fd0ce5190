//! `docker container unpause`.

use crate::args::{Action, ArgRule, Command, Parsed};
use crate::each;
use crate::session::{Outcome, Session};

pub(crate) static COMMAND: Command = Command {
    name: "unpause",
    usage: "CONTAINER [CONTAINER...]",
    short: "Unpause all processes within one or more containers",
    known_as: "docker container unpause, docker unpause",
    args: ArgRule::AtLeast(1),
    action: Action::Now(run),
    ..Command::BLANK
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let names = parsed.args.iter();
    let results = names.map(|name| client.container_unpause(name.as_str()));
    each::report(&session, &parsed.args, results.collect())
}
