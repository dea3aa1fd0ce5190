//! Starting the containers of a project, each when what it waits for has come about.
//! Source: docker/compose `pkg/compose/start.go`, `convergence.go`.

use sorted::SortedMap;

use compose::model::{Condition, Dependency, Project, Service};
use compose::plan::{Container, Order};
use engine::api::ContainerInspect;
use kernel::time::Duration;

use super::context::{Compose, Scope};
use super::log;
use super::walk::{self, Doing};
use crate::session::{Failure, complaint, refused};

/// How long between two looks at a container that is waited for.
const PERIOD: Duration = Duration::from_millis(500);

/// How long a service comes after those that it depends on, at least: what these begin with, as `docker-init` before the
/// program itself, goes on meanwhile.
const BETWEEN: Duration = Duration::from_millis(1);

/// What is waited for in a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// It is healthy.
    Healthy,
    /// It is healthy, or runs if nothing tells whether it is.
    RunningOrHealthy,
    /// It has ended well.
    Completed,
}

/// One service that is waited for.
#[derive(Clone, Debug)]
pub(super) struct Need {
    /// The service.
    pub(super) service: String,
    /// What is waited for.
    pub(super) goal: Goal,
    /// False if one can do without it.
    pub(super) required: bool,
}

impl Compose {
    /// Starts every container of the project's services that does not run.
    pub(super) async fn start_services(&self, project: &Project) -> Result<(), Failure> {
        let containers = self.containers(&project.name, Scope::ALL)?;
        let containers = &containers;
        let visit = |name: String| -> Doing<'_> {
            Box::pin(async move { self.start_service(project, &name, containers).await })
        };
        walk::in_order(Order::dependencies_first(project), &visit).await
    }

    async fn start_service(
        &self,
        project: &Project,
        name: &str,
        containers: &[Container],
    ) -> Result<(), Failure> {
        let Some(service) = project.services.get(name) else {
            return Ok(());
        };
        if service.replicas == Some(0) {
            return Ok(());
        }
        self.wait_for_needs(project, service, containers).await?;
        if !self.dry && !service.depends_on.is_empty() {
            let _ = self.session.sys.sleep(BETWEEN).await;
        }
        if containers.is_empty() {
            return match service.scale() {
                0 => Ok(()),
                _ => Err(complaint(format!(
                    "service \"{name}\" has no container to start"
                ))),
            };
        }
        let client = self.client()?;
        for container in containers.iter().filter(|c| c.service == name) {
            if container.is_running() {
                continue;
            }
            if !self.dry {
                self.inject(project, service, &container.id)?;
            }
            let event = format!("Container {}", container.name);
            self.progress.working(&event, "Starting");
            if !self.dry {
                // The services that start side by side take turns.
                self.session.sys.turn().await;
                let started = client.container_start(&container.id).await;
                started.map_err(refused)?;
            }
            self.run_hooks(service, &service.post_start, container)
                .await?;
            self.progress.done(&event, "Started");
        }
        Ok(())
    }

    /// Waits for what the file says that a service waits for.
    pub(super) async fn wait_for_needs(
        &self,
        project: &Project,
        service: &Service,
        containers: &[Container],
    ) -> Result<(), Failure> {
        let need = |(name, need): (&String, &Dependency)| {
            let goal = match need.condition {
                // The order of services sees to it.
                Condition::Started => return None,
                Condition::Healthy => Goal::Healthy,
                Condition::Completed => Goal::Completed,
            };
            Some(Need {
                service: name.clone(),
                goal,
                required: need.required,
            })
        };
        let needs: Vec<Need> = service.depends_on.iter().filter_map(need).collect();
        self.wait_for(project, &service.name, &needs, containers)
            .await
    }

    /// Waits until all services run, are healthy or, where others wait for that, have ended well.
    pub(super) async fn wait_for_all(&self, project: &Project) -> Result<(), Failure> {
        let containers = self.containers(&project.name, Scope::ALL)?;
        let is_awaited = |name: &str| {
            let completes = |need: &Dependency| need.condition == Condition::Completed;
            let needs = |other: &Service| other.depends_on.get(name).is_some_and(completes);
            project.services.values().any(needs)
        };
        let needs: Vec<Need> = project
            .services
            .keys()
            .map(|name| Need {
                service: name.clone(),
                goal: match is_awaited(name) {
                    true => Goal::Completed,
                    false => Goal::RunningOrHealthy,
                },
                required: true,
            })
            .collect();
        self.wait_for(project, &project.name, &needs, &containers)
            .await
    }

    /// Waits for all needs of `dependant` side by side.
    pub(super) async fn wait_for(
        &self,
        project: &Project,
        dependant: &str,
        needs: &[Need],
        containers: &[Container],
    ) -> Result<(), Failure> {
        let mut doing: Vec<Doing<'_>> = Vec::new();
        for need in needs {
            let Some(service) = project.services.get(&need.service) else {
                continue;
            };
            if service.scale() == 0 {
                continue;
            }
            let waiting: Vec<Container> = containers
                .iter()
                .filter(|c| c.service == need.service && !c.one_off)
                .cloned()
                .collect();
            for container in &waiting {
                let event = format!("Container {}", container.name);
                self.progress.working(&event, "Waiting");
            }
            if waiting.is_empty() {
                let text = format!("{dependant} is missing dependency {}", need.service);
                if need.required {
                    return Err(complaint(text));
                }
                log::warn(&self.session, &text);
                continue;
            }
            if !self.dry {
                doing.push(Box::pin(self.wait_for_one(need, waiting)));
            }
        }
        walk::all(doing).await
    }

    async fn wait_for_one(&self, need: &Need, waiting: Vec<Container>) -> Result<(), Failure> {
        let client = self.client()?;
        loop {
            let _interrupted = self.session.sys.sleep(PERIOD).await;
            let mut seen = SortedMap::new();
            for container in &waiting {
                let inspected = client
                    .container_inspect(container.id.as_str())
                    .map_err(refused)?;
                seen.insert(container.name.as_str(), inspected);
            }
            let verdict = match need.goal {
                Goal::Completed => completed(&seen, &need.service),
                Goal::Healthy => healthy(&seen, false),
                Goal::RunningOrHealthy => healthy(&seen, true),
            };
            let status = match (&verdict, need.goal) {
                (Ok(false), _) => continue,
                (Ok(true), Goal::Completed) => "Exited",
                (Ok(true), Goal::Healthy | Goal::RunningOrHealthy) => "Healthy",
                (Err(_), _) => "",
            };
            let Err(why) = verdict else {
                for container in &waiting {
                    let event = format!("Container {}", container.name);
                    self.progress.done(&event, status);
                }
                return Ok(());
            };
            return self.disappointed(need, &waiting, why);
        }
    }

    /// Tells that a need will not be met.
    fn disappointed(&self, need: &Need, waiting: &[Container], why: String) -> Result<(), Failure> {
        // The status of an optional one leaves the reason to the warning, unless the reason is all there is.
        let optional = match need.goal {
            Goal::Completed => "",
            Goal::Healthy => "failed to start",
            Goal::RunningOrHealthy => "is not running or is unhealthy",
        };
        let (status, text) = match need.goal {
            Goal::Completed if !need.required => {
                let text = format!("optional dependency {why}");
                (format!("Skipped: {text}"), text)
            }
            _ if !need.required => {
                let text = format!("optional dependency \"{}\" {optional}", need.service);
                (format!("Skipped: {text}"), format!("{text}: {why}"))
            }
            Goal::Completed => {
                let text = format!("service {why}");
                (text.clone(), text)
            }
            Goal::Healthy => ("Error".into(), format!("dependency failed to start: {why}")),
            Goal::RunningOrHealthy => (String::new(), why),
        };
        for container in waiting.iter().filter(|_| !status.is_empty()) {
            let event = format!("Container {}", container.name);
            self.progress.failed(&event, &status);
        }
        if need.required {
            return Err(complaint(text));
        }
        log::warn(&self.session, &text);
        Ok(())
    }
}

/// Returns whether all are healthy. Errors: one never will be.
fn healthy(
    seen: &SortedMap<&str, ContainerInspect>,
    running_will_do: bool,
) -> Result<bool, String> {
    for (name, container) in seen {
        let state = &container.state;
        if state.status == "exited" {
            return Err(format!("container {name} exited ({})", state.exit_code));
        }
        // A check that is turned off is one all the same. Seen.
        if container.config.healthcheck.is_none() && running_will_do {
            return Ok(state.status == "running");
        }
        let Some(health) = &state.health else {
            return Err(format!("container {name} has no healthcheck configured"));
        };
        match health.status.as_str() {
            "healthy" => {}
            "unhealthy" => return Err(format!("container {name} is unhealthy")),
            "starting" => return Ok(false),
            other => {
                return Err(format!(
                    "container {name} had unexpected health status \"{other}\""
                ));
            }
        }
    }
    Ok(true)
}

/// Returns whether one has ended well. Errors: it has ended otherwise.
fn completed(seen: &SortedMap<&str, ContainerInspect>, service: &str) -> Result<bool, String> {
    let ended = seen.values().find(|c| c.state.status == "exited");
    match ended.map(|container| container.state.exit_code) {
        None => Ok(false),
        Some(0) => Ok(true),
        Some(code) => Err(format!(
            "\"{service}\" didn't complete successfully: exit {code}"
        )),
    }
}
