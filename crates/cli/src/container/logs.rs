//! `docker container logs`.

use engine::api::LogsOptions;

use super::streams;
use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::session::{Outcome, Session, complaint, refused};
use crate::since;

pub(crate) static COMMAND: Command = Command {
    name: "logs",
    usage: "[OPTIONS] CONTAINER",
    short: "Fetch the logs of a container",
    known_as: "docker container logs, docker logs",
    flags: &[&[
        Flag::bool("details", "Show extra details provided to logs"),
        Flag::bool("follow", "Follow log output").short('f'),
        Flag::text(
            "since",
            "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)",
        ),
        Flag::text("tail", "Number of lines to show from the end of the logs")
            .short('n')
            .default("all"),
        Flag::bool("timestamps", "Show timestamps").short('t'),
        Flag::text(
            "until",
            "Show logs before a timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)",
        ),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let container = client.container_inspect(parsed.arg(0)).map_err(refused)?;
    let moment = |flag: &str| match parsed.text(flag) {
        "" => Ok(None),
        text => since::instant(text, session.now())
            .map(Some)
            .map_err(|why| complaint(format!("invalid value for \"{flag}\": {why}"))),
    };
    let options = LogsOptions {
        stdout: true,
        stderr: true,
        follow: parsed.on("follow"),
        timestamps: parsed.on("timestamps"),
        details: parsed.on("details"),
        // What is no number is everything, as the engine has it.
        tail: parsed.text("tail").parse().ok(),
        since: moment("since")?,
        until: moment("until")?,
    };
    let output = client
        .container_logs(container.id.as_str(), options)
        .map_err(refused)?;
    streams::print(&session, &output).await?;
    Ok(0)
}
