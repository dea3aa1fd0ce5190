//! `docker container kill`.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::each;
use crate::session::{Outcome, Session};

pub(crate) static COMMAND: Command = Command {
    name: "kill",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Kill one or more running containers",
    known_as: "docker container kill, docker kill",
    flags: &[&[Flag::text("signal", "Signal to send to the container").short('s')]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let signal = parsed.text("signal");
    let results = each::all(
        parsed
            .args
            .iter()
            .map(|name| client.container_kill(name.as_str(), signal))
            .collect(),
    )
    .await;
    each::report(&session, &parsed.args, results)
}
