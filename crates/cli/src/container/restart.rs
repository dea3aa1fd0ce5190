//! `docker container restart`.

use super::stop;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::each;
use crate::session::{Outcome, Session};

pub(crate) static COMMAND: Command = Command {
    name: "restart",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Restart one or more containers",
    known_as: "docker container restart, docker restart",
    flags: &[&[
        Flag::text("signal", "Signal to send to the container").short('s'),
        Flag::int("timeout", "Seconds to wait before killing the container").short('t'),
        Flag::int("time", "Seconds to wait before killing the container")
            .deprecated("use --timeout instead"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let options = stop::options(&parsed)?;
    let mut results = Vec::new();
    for name in &parsed.args {
        results.push(
            client
                .container_restart(name.as_str(), options.clone())
                .await,
        );
    }
    each::report(&session, &parsed.args, results)
}
