//! `docker compose start`.

use super::DRY_RUN;
use super::context::{Compose, Scope};
use crate::args::{Command, Parsed, verb};
use crate::session::{Outcome, Session};

pub(super) static COMMAND: Command = Command {
    name: "start",
    usage: "[SERVICE...]",
    short: "Start services",
    flags: &[&[DRY_RUN]],
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
            compose.selected_project_of(&named.name, &containers, &parsed.args)?
        }
    };
    compose.start_services(&project).await?;
    Ok(0)
}
