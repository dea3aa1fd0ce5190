//! `docker compose restart`.

use compose::plan::{Order, Reach, select};
use engine::api::StopOptions;

use super::DRY_RUN;
use super::context::{Compose, Scope};
use super::walk::{self, Doing};
use crate::args::{Command, Flag, Parsed, verb};
use crate::session::{Failure, Outcome, Session, complaint, refused};
use compose::model::{Project, Service};
use compose::plan::Container;

pub(super) static COMMAND: Command = Command {
    name: "restart",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Restart service containers",
    flags: &[&[
        DRY_RUN,
        Flag::bool("no-deps", "Don't restart dependent services"),
        Flag::int("timeout", "Specify a shutdown timeout in seconds").short('t'),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let named = compose.named(&[]).await?;
    let containers = compose.containers(&named.name, Scope::ALL)?;
    let mut project = match named.project {
        Some(project) => project,
        None => compose.project_of(&named.name, &containers)?,
    };
    if parsed.on("no-deps") {
        select(&mut project, &parsed.args, Reach::Alone).map_err(complaint)?;
    }
    // Only those that want to be restarted along matter.
    for service in project.services.values_mut() {
        service.depends_on.retain(|_, need| need.restart);
    }
    select(&mut project, &parsed.args, Reach::Dependents).map_err(complaint)?;
    let timeout = parsed.given("timeout").then(|| parsed.int("timeout"));
    let (all, whole) = (&containers, &project);
    let visit = |name: String| -> Doing<'_> {
        let compose = &compose;
        Box::pin(async move { one(compose, whole, &name, all, timeout).await })
    };
    walk::in_order(Order::dependencies_first(&project), &visit).await?;
    Ok(0)
}

async fn one(
    compose: &Compose,
    project: &Project,
    name: &str,
    containers: &[Container],
    timeout: Option<i64>,
) -> Result<(), Failure> {
    let Some(service) = project.services.get(name) else {
        return Ok(());
    };
    compose.wait_for_needs(project, service, containers).await?;
    let doing = containers
        .iter()
        .filter(|c| c.service == name)
        .map(|c| -> Doing<'_> { Box::pin(restart(compose, service, c, timeout)) })
        .collect();
    walk::all(doing).await
}

async fn restart(
    compose: &Compose,
    service: &Service,
    container: &Container,
    timeout: Option<i64>,
) -> Result<(), Failure> {
    let hooks = compose.run_hooks(service, &service.pre_stop, container);
    hooks.await?;
    let event = format!("Container {}", container.name);
    compose.progress.working(&event, "Restarting");
    if !compose.dry {
        let options = StopOptions {
            signal: None,
            timeout,
        };
        let client = compose.client()?;
        let restarted = client.container_restart(container.id.as_str(), options);
        restarted.await.map_err(refused)?;
    }
    compose.progress.done(&event, "Started");
    let hooks = compose.run_hooks(service, &service.post_start, container);
    hooks.await
}
