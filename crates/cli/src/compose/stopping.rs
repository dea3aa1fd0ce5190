//! Stopping and removing containers.

use compose::model::{Project, Service};
use compose::plan::{Container, Order};
use engine::Class;
use engine::api::{RemoveOptions, StopOptions};

use super::context::{Compose, Scope};
use super::walk::{self, Doing};
use crate::session::{Failure, refused};

impl Compose {
    /// Stops the containers of these services, those that depend on others first.
    pub(super) async fn stop_services(
        &self,
        project: &Project,
        services: &[String],
        timeout: Option<i64>,
    ) -> Result<(), Failure> {
        let containers = self.containers(&project.name, Scope::ALL)?;
        let containers = &containers;
        let visit = |name: String| -> Doing<'_> {
            Box::pin(async move {
                if !services.is_empty() && !services.contains(&name) {
                    return Ok(());
                }
                let stopping = containers
                    .iter()
                    .filter(|c| c.service == name && !c.one_off)
                    .map(|c| -> Doing<'_> {
                        Box::pin(self.stop(project.services.get(&name), c, timeout))
                    })
                    .collect();
                walk::all(stopping).await
            })
        };
        walk::in_order(Order::dependents_first(project), &visit).await
    }

    /// Stops a container, once the hooks of its service have run.
    pub(super) async fn stop(
        &self,
        service: Option<&Service>,
        container: &Container,
        timeout: Option<i64>,
    ) -> Result<(), Failure> {
        let event = format!("Container {}", container.name);
        self.progress.working(&event, "Stopping");
        if let Some(service) = service.filter(|service| !service.pre_stop.is_empty()) {
            if !container.is_running() {
                // Its hooks cannot run, and that is all that is found out about it. Seen.
                return Ok(());
            }
            self.run_hooks(service, &service.pre_stop, container)
                .await?;
        }
        if !self.dry {
            let options = StopOptions {
                signal: None,
                timeout,
            };
            match self
                .client()?
                .container_stop(container.id.as_str(), options)
                .await
            {
                Err(e) if e.class() != Class::NotModified => {
                    self.progress.failed(&event, "Error while Stopping");
                    return Err(refused(e));
                }
                _ => {}
            }
        }
        self.progress.done(&event, "Stopped");
        Ok(())
    }

    /// Removes a container that does not run, or by force.
    pub(super) async fn remove(
        &self,
        container: &Container,
        force: bool,
        volumes: bool,
    ) -> Result<(), Failure> {
        let event = format!("Container {}", container.name);
        self.progress.working(&event, "Removing");
        if !self.dry {
            let options = RemoveOptions {
                force,
                volumes,
                link: false,
            };
            match self
                .client()?
                .container_remove(container.id.as_str(), options)
                .await
            {
                Err(e) if !matches!(e.class(), Class::NotFound | Class::Conflict) => {
                    self.progress.failed(&event, "Error while Removing");
                    return Err(refused(e));
                }
                _ => {}
            }
        }
        self.progress.done(&event, "Removed");
        Ok(())
    }

    /// Stops a container, then removes it.
    pub(super) async fn stop_and_remove(
        &self,
        service: Option<&Service>,
        container: &Container,
        timeout: Option<i64>,
        volumes: bool,
    ) -> Result<(), Failure> {
        match self.stop(service, container, timeout).await {
            // It may be gone by itself meanwhile.
            Err(failure) if failure.text.contains("No such container") => return Ok(()),
            other => other?,
        }
        self.remove(container, true, volumes).await
    }

    /// Stops and removes containers side by side.
    pub(super) async fn remove_all(
        &self,
        service: Option<&Service>,
        containers: &[Container],
        timeout: Option<i64>,
        volumes: bool,
    ) -> Result<(), Failure> {
        let doing = containers
            .iter()
            .map(|c| -> Doing<'_> { Box::pin(self.stop_and_remove(service, c, timeout, volumes)) })
            .collect();
        walk::all(doing).await
    }
}
