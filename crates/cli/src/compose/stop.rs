//! `docker compose stop`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use crate::args::{Command, Flag, Parsed, verb};
use crate::session::{Outcome, Session};

pub(super) static COMMAND: Command = Command {
    name: "stop",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Stop services",
    flags: &[&[
        DRY_RUN,
        Flag::int("timeout", "Specify a shutdown timeout in seconds").short('t'),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let named = compose.named(&parsed.args).await?;
    let project = match named.project {
        Some(project) => project,
        None => {
            let containers = compose.containers(&named.name, Scope::ALL)?;
            compose.project_of(&named.name, &containers)?
        }
    };
    let timeout = parsed.given("timeout").then(|| parsed.int("timeout"));
    compose
        .stop_services(&project, &parsed.args, timeout)
        .await?;
    Ok(0)
}
