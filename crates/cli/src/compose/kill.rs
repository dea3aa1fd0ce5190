//! `docker compose kill`.

use compose::plan::Container;

use super::DRY_RUN;
use super::context::{Compose, Scope};
use super::walk::{self, Doing};
use crate::args::{Command, Flag, Parsed, verb};
use crate::session::{Failure, Outcome, Session, refused};

pub(super) static COMMAND: Command = Command {
    name: "kill",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Force stop service containers",
    flags: &[&[
        DRY_RUN,
        Flag::bool(
            "remove-orphans",
            "Remove containers for services not defined in the Compose file",
        ),
        Flag::text("signal", "SIGNAL to send to the container")
            .short('s')
            .default("SIGKILL"),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let named = compose.named(&parsed.args).await?;
    let scope = Scope {
        stopped: false,
        one_off: true,
    };
    let mut containers = compose.containers(&named.name, scope)?;
    containers.retain(|c| parsed.args.is_empty() || parsed.args.contains(&c.service));
    if let Some(project) = &named.project
        && !parsed.on("remove-orphans")
    {
        containers.retain(|c| project.services.contains_key(&c.service));
    }
    if containers.is_empty() {
        compose.session.sys.err("no container to kill");
        return Ok(0);
    }
    let signal = parsed.text("signal");
    let doing = containers
        .iter()
        .map(|c| -> Doing<'_> { Box::pin(kill(&compose, c, signal)) })
        .collect();
    walk::all(doing).await?;
    Ok(0)
}

async fn kill(compose: &Compose, container: &Container, signal: &str) -> Result<(), Failure> {
    let event = format!("Container {}", container.name);
    compose.progress.working(&event, "Killing");
    if !compose.dry {
        let client = compose.client()?;
        if let Err(e) = client.container_kill(container.id.as_str(), signal).await {
            compose.progress.failed(&event, "Error while Killing");
            return Err(refused(e));
        }
    }
    compose.progress.done(&event, "Killed");
    Ok(())
}
