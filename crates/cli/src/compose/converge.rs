//! Bringing the containers of a project to what its file says, without starting them.
//! Source: docker/compose `pkg/compose/convergence.go`.

use sorted::SortedMap;
use std::cell::RefCell;

use compose::config::service_hash;
use compose::model::{Project, Service};
use compose::plan::{
    self, Container, Identity, Order, Recreate, Step, Wanted, container_labels, container_name,
    is_orphan, share_namespaces,
};
use engine::api::{RemoveOptions, StopOptions};
use engine::sha256;

use super::context::{Compose, Scope};
use super::log;
use super::networks::Ids;
use super::request::{Particular, request};
use super::screen::Stage;
use super::walk::{self, Doing};
use crate::session::{Failure, complaint, refused};

/// How a project is to be brought about.
#[derive(Clone, Debug, Default)]
pub(super) struct Creation {
    /// The services that were named; empty for all.
    pub(super) names: Vec<String>,
    /// When their containers are made anew.
    pub(super) recreate: Recreate,
    /// When those of other services are.
    pub(super) recreate_others: Recreate,
    /// Seconds until a container that stops is killed.
    pub(super) timeout: Option<i64>,
    /// Whether containers that belong to no service go.
    pub(super) remove_orphans: bool,
    /// Whether nothing is said about them.
    pub(super) ignore_orphans: bool,
    /// Whether containers that are made anew get new volumes without names.
    pub(super) renew_volumes: bool,
    /// Whether every question is answered with yes.
    pub(super) yes: bool,
    /// When images are pulled, if a flag says.
    pub(super) pull: Option<String>,
}

/// One convergence under way.
struct Convergence<'a> {
    compose: &'a Compose,
    project: &'a Project,
    creation: &'a Creation,
    networks: Ids,
    images: SortedMap<String, String>,
    seen: RefCell<SortedMap<String, Vec<Container>>>,
}

impl Compose {
    /// Makes networks and containers.
    pub(super) async fn bring_about(
        &self,
        project: &Project,
        creation: &Creation,
    ) -> Result<(), Failure> {
        check_names(project)?;
        let images = self.ensure_images(project, creation)?;
        let networks = self.ensure_networks(project).await?;
        self.ensure_volumes(project, creation.yes).await?;
        let all = self.containers(&project.name, Scope::WITH_ONE_OFF)?;
        self.deal_with_orphans(project, &all, creation).await?;
        let mut seen: SortedMap<String, Vec<Container>> = SortedMap::new();
        for container in all.into_iter().filter(|c| !c.one_off) {
            seen.entry(container.service.clone())
                .or_default()
                .push(container);
        }
        let convergence = Convergence {
            compose: self,
            project,
            creation,
            networks,
            images,
            seen: RefCell::new(seen),
        };
        let visit = |name: String| -> Doing<'_> {
            let convergence = &convergence;
            Box::pin(async move { convergence.service(&name).await })
        };
        walk::in_order(Order::dependencies_first(project), &visit).await
    }

    async fn deal_with_orphans(
        &self,
        project: &Project,
        all: &[Container],
        creation: &Creation,
    ) -> Result<(), Failure> {
        let orphans: Vec<Container> = all
            .iter()
            .filter(|container| is_orphan(project, container))
            .cloned()
            .collect();
        if orphans.is_empty() {
            return Ok(());
        }
        if creation.remove_orphans {
            return self.remove_all(None, &orphans, None, false).await;
        }
        if !creation.ignore_orphans {
            let names: Vec<&str> = orphans.iter().map(|c| c.name.as_str()).collect();
            let text = format!(
                "Found orphan containers ([{}]) for this project. If you removed or renamed this service in your compose \
                 file, you can run this command with the --remove-orphans flag to clean it up.",
                names.join(" ")
            );
            log::warn(&self.session, &text);
        }
        Ok(())
    }

    /// Makes a container and tells of it.
    pub(super) fn create_container(
        &self,
        project: &Project,
        service: &Service,
        name: &str,
        particular: Particular,
    ) -> Result<String, Failure> {
        let event = format!("Container {name}");
        self.progress.working(&event, "Creating");
        match self.make(project, service, name, particular) {
            Ok(id) => {
                self.progress.done(&event, "Created");
                Ok(id)
            }
            Err(failure) => {
                self.progress.failed(&event, &failure.text);
                Err(failure)
            }
        }
    }

    fn make(
        &self,
        project: &Project,
        service: &Service,
        name: &str,
        particular: Particular,
    ) -> Result<String, Failure> {
        if self.dry {
            let id = sha256::hex(name.as_bytes());
            self.pretend(Container {
                id: id.clone(),
                name: name.to_owned(),
                service: service.name.clone(),
                state: "created".into(),
                ..Container::default()
            });
            return Ok(id);
        }
        self.check_provided(project, service);
        let request = request(project, service, particular)?;
        let created = self
            .client()?
            .container_create(name.to_owned(), request)
            .map_err(refused)?;
        for warning in &created.warnings {
            self.progress
                .event(&service.name, Stage::Warning, warning, "");
        }
        Ok(created.id)
    }

    /// Returns the links of a container of the service.
    pub(super) fn links(
        &self,
        project: &Project,
        service: &Service,
        number: i64,
    ) -> Result<Vec<String>, Failure> {
        let mut links = Vec::new();
        let parts = |link: &String| match link.split_once(':') {
            Some((target, alias)) => (target.to_owned(), alias.to_owned()),
            None => (link.clone(), link.clone()),
        };
        if !service.links.is_empty() {
            let all = self.containers(&project.name, Scope::ALL)?;
            for (target, alias) in service.links.iter().map(parts) {
                for container in all.iter().filter(|c| c.service == target) {
                    let name = &container.name;
                    links.push(format!("{name}:{alias}"));
                    links.push(format!("{name}:{target}-{number}"));
                    links.push(format!("{name}:{}-{target}-{number}", project.name));
                }
            }
        }
        let external = service.external_links.iter().map(parts);
        links.extend(external.map(|(target, alias)| format!("{target}:{alias}")));
        Ok(links)
    }
}

/// Refuses a container name that two services have.
fn check_names(project: &Project) -> Result<(), Failure> {
    let mut taken: SortedMap<&str, &str> = SortedMap::new();
    for (name, service) in &project.services {
        let Some(container) = service.container_name.as_deref() else {
            continue;
        };
        if let Some(other) = taken.insert(container, name) {
            return Err(complaint(format!(
                "container name \"{container}\" is already in use by service {name} and service {other}"
            )));
        }
    }
    Ok(())
}

impl Convergence<'_> {
    async fn service(&self, name: &str) -> Result<(), Failure> {
        let Some(service) = self.project.services.get(name) else {
            return Ok(());
        };
        let scale = scale_of(service)?;
        let service = self.with_shared_namespaces(service)?;
        let seen = self.seen.borrow().get(name).cloned().unwrap_or_default();
        let named = self.creation.names.is_empty() || self.creation.names.iter().any(|n| n == name);
        let wanted = Wanted {
            scale,
            config_hash: service_hash(&service),
            image: self.images.get(name).cloned().unwrap_or_default(),
            networks: service
                .networks
                .keys()
                .filter_map(|key| self.networks.get(key).map(String::as_str))
                .collect(),
            recreate: match named {
                true => self.creation.recreate,
                false => self.creation.recreate_others,
            },
        };
        let steps = plan::steps(&wanted, &seen);
        if steps.iter().any(|step| matches!(step, Step::Recreate(_))) {
            self.stop_dependents(name).await?;
        }
        let after: RefCell<Vec<Container>> = RefCell::default();
        let (service, wanted, kept) = (&service, &wanted, &after);
        let doing = steps
            .into_iter()
            .map(|step| -> Doing<'_> {
                Box::pin(async move {
                    if let Some(container) = self.step(service, wanted, step).await? {
                        kept.borrow_mut().push(container);
                    }
                    Ok(())
                })
            })
            .collect();
        walk::all(doing).await?;
        let after = after.into_inner();
        self.seen.borrow_mut().insert(name.to_owned(), after);
        Ok(())
    }

    /// Carries out one step. Returns the container that stands there then.
    async fn step(
        &self,
        service: &Service,
        wanted: &Wanted<'_>,
        step: Step,
    ) -> Result<Option<Container>, Failure> {
        let compose = self.compose;
        match step {
            Step::Remove(container) => {
                let timeout = self.creation.timeout;
                let removed = compose.stop_and_remove(Some(service), &container, timeout, false);
                removed.await?;
                Ok(None)
            }
            Step::Recreate(container) => self.recreate(service, wanted, container).await.map(Some),
            Step::Running(container) => {
                let event = format!("Container {}", container.name);
                compose.progress.done(&event, "Running");
                Ok(Some(container))
            }
            Step::Keep(container) => Ok(Some(container)),
            Step::Start(container) => {
                let event = format!("Container {}", container.name);
                compose.progress.working(&event, "Restart");
                if !compose.dry {
                    compose.session.sys.turn().await;
                    let client = compose.client()?;
                    let started = client.container_start(&container.id).await;
                    started.map_err(refused)?;
                }
                compose.progress.done(&event, "Restarted");
                Ok(Some(container))
            }
            Step::Create(number) => self.create(service, wanted, number).map(Some),
        }
    }

    fn create(
        &self,
        service: &Service,
        wanted: &Wanted<'_>,
        number: i64,
    ) -> Result<Container, Failure> {
        let name = container_name(self.project, service, number, self.compose.separator());
        let particular = self.particular(service, wanted, number, &name, None)?;
        let id = self
            .compose
            .create_container(self.project, service, &name, particular)?;
        Ok(made(service, wanted, id, name, number))
    }

    async fn recreate(
        &self,
        service: &Service,
        wanted: &Wanted<'_>,
        old: Container,
    ) -> Result<Container, Failure> {
        let compose = self.compose;
        let event = format!("Container {}", old.name);
        compose.progress.working(&event, "Recreate");
        match self.replace(service, wanted, &old).await {
            Ok(new) => {
                compose.progress.done(&event, "Recreated");
                Ok(new)
            }
            Err(failure) => {
                compose.progress.failed(&event, &failure.text);
                Err(failure)
            }
        }
    }

    /// Makes the new container under a passing name, stops and removes the old one, and gives its name to the new one.
    async fn replace(
        &self,
        service: &Service,
        wanted: &Wanted<'_>,
        old: &Container,
    ) -> Result<Container, Failure> {
        let compose = self.compose;
        let number = old.number;
        let name = container_name(self.project, service, number, compose.separator());
        let replaced = match &service.container_name {
            Some(name) => name.clone(),
            None => format!("{}-{number}", service.name),
        };
        let mut particular = self.particular(service, wanted, number, &name, Some(replaced))?;
        if !self.creation.renew_volumes {
            let seen = compose.client()?.container_inspect(old.id.as_str());
            particular.inherited = seen.map(|seen| seen.mounts).unwrap_or_default();
        }
        let passing = format!("{}_{name}", old.id.get(..12).unwrap_or(&old.id));
        let id = compose.make(self.project, service, &passing, particular)?;
        if !compose.dry {
            let client = compose.client()?;
            let options = StopOptions {
                signal: None,
                timeout: self.creation.timeout,
            };
            match client.container_stop(old.id.as_str(), options).await {
                Err(e) if e.class() != engine::Class::NotModified => return Err(refused(e)),
                _ => {}
            }
            client
                .container_remove(old.id.as_str(), RemoveOptions::default())
                .await
                .map_err(refused)?;
            client
                .container_rename(id.as_str(), name.as_str())
                .map_err(refused)?;
        }
        Ok(made(service, wanted, id, name, number))
    }

    fn particular(
        &self,
        service: &Service,
        wanted: &Wanted<'_>,
        number: i64,
        name: &str,
        replaces: Option<String>,
    ) -> Result<Particular, Failure> {
        let identity = Identity {
            number: Some(number),
            config_hash: wanted.config_hash.clone(),
            image: wanted.image.clone(),
            replaces,
            slug: None,
            env_files: self.compose.env_files(),
        };
        Ok(Particular {
            name: name.to_owned(),
            labels: container_labels(self.project, service, &identity),
            links: self.compose.links(self.project, service, number)?,
            with_service: true,
            ..Particular::default()
        })
    }

    /// Stops the containers of services that want to be restarted with this one.
    async fn stop_dependents(&self, name: &str) -> Result<(), Failure> {
        let dependents: Vec<String> = self
            .project
            .services
            .values()
            .filter(|other| other.depends_on.get(name).is_some_and(|need| need.restart))
            .map(|other| other.name.clone())
            .collect();
        if dependents.is_empty() {
            return Ok(());
        }
        self.compose
            .stop_services(self.project, &dependents, None)
            .await?;
        let mut seen = self.seen.borrow_mut();
        for name in &dependents {
            for container in seen.get_mut(name).into_iter().flatten() {
                container.state = "exited".into();
            }
        }
        Ok(())
    }

    /// Turns `service:NAME` into the container that it means.
    fn with_shared_namespaces(&self, service: &Service) -> Result<Service, Failure> {
        let mut service = service.clone();
        let seen = self.seen.borrow();
        share_namespaces(&mut service, |name| {
            let containers = seen.get(name)?;
            containers
                .iter()
                .min_by(|a, b| a.name.cmp(&b.name))
                .map(|c| c.id.clone())
        })
        .map_err(complaint)?;
        Ok(service)
    }
}

fn scale_of(service: &Service) -> Result<usize, Failure> {
    let scale = usize::try_from(service.scale()).unwrap_or(0);
    match &service.container_name {
        Some(name) if scale > 1 => Err(complaint(format!(
            "WARNING: The \"{}\" service is using the custom container name \"{name}\". Docker requires each container to \
             have a unique name. Remove the custom name to scale the service",
            service.name
        ))),
        _ => Ok(scale),
    }
}

fn made(
    service: &Service,
    wanted: &Wanted<'_>,
    id: String,
    name: String,
    number: i64,
) -> Container {
    Container {
        id,
        name,
        service: service.name.clone(),
        number,
        state: "created".into(),
        config_hash: wanted.config_hash.clone(),
        image: wanted.image.clone(),
        ..Container::default()
    }
}
