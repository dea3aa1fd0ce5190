//! `docker container stop`.

use engine::Class;
use engine::api::StopOptions;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::each;
use crate::session::{Failure, Outcome, Session, complaint};

pub(crate) static COMMAND: Command = Command {
    name: "stop",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Stop one or more running containers",
    known_as: "docker container stop, docker stop",
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
    let options = options(&parsed)?;
    let stop = async |name: &str| match client.container_stop(name, options.clone()).await {
        Err(e) if e.class() == Class::NotModified => Ok(()),
        other => other,
    };
    let results = each::all(parsed.args.iter().map(|name| stop(name)).collect()).await;
    each::report(&session, &parsed.args, results)
}

/// Reads `--signal`, and `--timeout` under its two names.
pub(super) fn options(parsed: &Parsed) -> Result<StopOptions, Failure> {
    if parsed.given("timeout") && parsed.given("time") {
        return Err(complaint(
            "conflicting options: cannot specify both --timeout and --time",
        ));
    }
    let mut names = ["timeout", "time"].into_iter();
    let timeout = names.find(|name| parsed.given(name));
    Ok(StopOptions {
        signal: parsed.given_text("signal").map(str::to_owned),
        timeout: timeout.map(|name| parsed.int(name)),
    })
}
