//! `docker compose pause` and `unpause`.

use compose::plan::Container;

use super::DRY_RUN;
use super::context::{Compose, Scope};
use crate::args::{Command, Parsed, verb};
use crate::session::{Failure, Outcome, Session, refused};

pub(super) static COMMAND: Command = Command {
    name: "pause",
    usage: "[SERVICE...]",
    short: "Pause services",
    flags: &[&[DRY_RUN]],
    action: verb!(run),
    ..Command::BLANK
};

pub(super) static UNPAUSE: Command = Command {
    name: "unpause",
    usage: "[SERVICE...]",
    short: "Unpause services",
    flags: &[&[DRY_RUN]],
    action: verb!(unpause),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let scope = Scope {
        stopped: false,
        one_off: false,
    };
    each(session, parsed, scope, true).await
}

async fn unpause(session: Session, parsed: Parsed) -> Outcome {
    each(session, parsed, Scope::RUNNING, false).await
}

async fn each(session: Session, parsed: Parsed, scope: Scope, pausing: bool) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let named = compose.named(&parsed.args).await?;
    let mut containers = compose.containers(&named.name, scope)?;
    containers.retain(|c| parsed.args.is_empty() || parsed.args.contains(&c.service));
    for container in &containers {
        one(&compose, container, pausing)?;
    }
    Ok(0)
}

fn one(compose: &Compose, container: &Container, pausing: bool) -> Result<(), Failure> {
    if !compose.dry {
        let client = compose.client()?;
        let id = container.id.as_str();
        match pausing {
            true => client.container_pause(id),
            false => client.container_unpause(id),
        }
        .map_err(refused)?;
    }
    let event = format!("Container {}", container.name);
    let status = if pausing { "Paused" } else { "Unpaused" };
    compose.progress.done(&event, status);
    Ok(())
}
