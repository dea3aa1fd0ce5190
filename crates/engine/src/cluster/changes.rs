//! What managers are asked to change, and the changes.
//!
//! Source: moby `daemon/cluster/{services,nodes,secrets,configs,swarm}.go`; swarmkit `manager/controlapi`.

use super::orchestrate::{is_job, replicas};
use super::store::{Pen, find, is_live, rpc};
use super::validate;
use crate::api::{
    EventType, JobStatus, ManagerStatus, NodeSpec, Secret, SecretSpec, Service, ServiceSpec,
    SwarmChange, SwarmChanged, SwarmConfig, SwarmNode, SwarmSpec, UpdateStatus,
};
use crate::error::{Error, Result};

pub(super) fn out_of_sequence() -> Error {
    rpc("Unknown", "update out of sequence")
}

pub(super) fn exists(kind: &str, name: &str) -> Error {
    rpc("AlreadyExists", format!("{kind} {name} already exists"))
}

pub(super) fn done(id: &str) -> SwarmChanged {
    SwarmChanged {
        id: id.to_owned(),
        warnings: Vec::new(),
    }
}

/// What is said where no registry could tell an image's digest.
fn no_digest(image: &str) -> String {
    format!(
        "image {image} could not be accessed on a registry to record\nits digest. Each node will access {image} independently,\n\
         possibly leading to different nodes running different\nversions of the image.\n"
    )
}

/// Fills in what managers tell of every task's container. Source: moby `daemon/cluster/convert/container.go`, `service.go`.
fn complete(spec: &mut ServiceSpec) {
    let template = &mut spec.task_template;
    if let Some(container) = &mut template.container_spec {
        "default".clone_into(&mut container.isolation);
        "container".clone_into(&mut template.runtime);
    }
    if let Some(replicated) = &mut spec.mode.replicated {
        replicated.replicas.get_or_insert(1);
    }
    let configs = spec.update_config.iter_mut();
    for config in configs.chain(&mut spec.rollback_config) {
        let or = |word: &mut String, default: &str| {
            if word.is_empty() {
                default.clone_into(word);
            }
        };
        or(&mut config.failure_action, "pause");
        or(&mut config.order, "stop-first");
    }
    if let Some(endpoint) = spec.endpoint_spec.as_mut().filter(|e| e.mode.is_empty()) {
        "vip".clone_into(&mut endpoint.mode);
    }
}

impl Pen<'_> {
    /// Makes a change.
    pub(crate) fn apply(&mut self, change: &SwarmChange) -> Result<SwarmChanged> {
        match change {
            SwarmChange::Swarm {
                version,
                spec,
                rotate_worker,
                rotate_manager,
                rotate_key,
            } => self.swarm_update(
                *version,
                spec,
                [*rotate_worker, *rotate_manager, *rotate_key],
            ),
            SwarmChange::Node { id, version, spec } => self.node_update(id, *version, spec),
            SwarmChange::NodeRemove { id, force } => self.node_remove(id, *force),
            SwarmChange::ServiceCreate {
                spec,
                query_registry,
            } => self.service_create(spec, *query_registry),
            SwarmChange::Service {
                id,
                version,
                spec,
                rollback,
                query_registry,
            } => self.service_update(id, *version, spec, *rollback, *query_registry),
            SwarmChange::ServiceRemove { id } => self.service_remove(id),
            SwarmChange::SecretCreate(spec) => self.secret_create(spec),
            SwarmChange::Secret { id, version, spec } => self.relabel::<Secret>(id, *version, spec),
            SwarmChange::SecretRemove { id } => self.discard::<Secret>(id),
            SwarmChange::ConfigCreate(spec) => self.keep::<SwarmConfig>(spec),
            SwarmChange::Config { id, version, spec } => {
                self.relabel::<SwarmConfig>(id, *version, spec)
            }
            SwarmChange::ConfigRemove { id } => self.discard::<SwarmConfig>(id),
            SwarmChange::NetworkCreate(request) => Ok(done(&self.network_create(request)?)),
            SwarmChange::NetworkRemove { id } => {
                self.network_remove(id)?;
                Ok(done(id))
            }
        }
    }

    fn swarm_update(
        &mut self,
        version: u64,
        spec: &SwarmSpec,
        rotate: [bool; 3],
    ) -> Result<SwarmChanged> {
        validate::check_swarm(spec)?;
        if version != self.store.swarm.version.index {
            return Err(out_of_sequence());
        }
        let (version, time) = (self.version(), self.time());
        let swarm = &mut self.store.swarm;
        swarm.version = version;
        swarm.updated_at = time;
        swarm.spec = spec.clone();
        let digest = swarm
            .join_tokens
            .as_ref()
            .and_then(|t| super::tokens::digest(&t.worker).ok())
            .unwrap_or_default()
            .to_owned();
        if let Some(tokens) = swarm.join_tokens.as_mut() {
            if rotate[0] {
                tokens.worker = super::tokens::token(self.rng, &digest);
            }
            if rotate[1] {
                tokens.manager = super::tokens::token(self.rng, &digest);
            }
        }
        let locks = spec.encryption_config.auto_lock_managers;
        if !locks {
            self.store.unlock_key.clear();
        } else if rotate[2] || self.store.unlock_key.is_empty() {
            self.store.unlock_key = super::tokens::unlock_key(self.rng);
        }
        Ok(done(&self.store.swarm.id.clone()))
    }

    fn node_update(&mut self, id: &str, version: u64, spec: &NodeSpec) -> Result<SwarmChanged> {
        validate::check_node(spec)?;
        let node = find(&self.store.nodes, "node", id)?.clone();
        if node.version.index != version {
            return Err(out_of_sequence());
        }
        let demotes = node.spec.role == "manager" && spec.role == "worker";
        let managers: Vec<&SwarmNode> = self
            .store
            .nodes
            .values()
            .filter(|n| n.spec.role == "manager")
            .collect();
        if demotes && managers.len() == 1 {
            return Err(rpc(
                "FailedPrecondition",
                "attempting to demote the last manager of the swarm",
            ));
        }
        if demotes {
            let reachable = managers
                .iter()
                .filter(|n| {
                    n.id != node.id
                        && n.manager_status
                            .as_ref()
                            .is_some_and(|m| m.reachability == "reachable")
                })
                .count();
            if reachable < (managers.len() - 1) / 2 + 1 {
                return Err(rpc(
                    "FailedPrecondition",
                    "can't remove member from the raft: this would result in a loss of quorum",
                ));
            }
        }
        let name = node.description.hostname.clone();
        let mut attributes = vec![("name", name.as_str())];
        if node.spec.availability != spec.availability {
            attributes.push(("availability.new", spec.availability.as_str()));
            attributes.push(("availability.old", node.spec.availability.as_str()));
        }
        if node.spec.role != spec.role {
            attributes.push(("role.new", spec.role.as_str()));
            attributes.push(("role.old", node.spec.role.as_str()));
        }
        self.tell(EventType::Node, "update", &node.id, &attributes);
        let promotes = node.spec.role == "worker" && spec.role == "manager";
        self.node(&node.id, |n| {
            n.spec = spec.clone();
            if demotes {
                n.manager_status = None;
            }
            if promotes {
                n.manager_status = Some(ManagerStatus {
                    leader: false,
                    reachability: "reachable".to_owned(),
                    addr: format!("{}:{}", n.status.addr, super::PORT),
                });
            }
        });
        Ok(done(&node.id))
    }

    fn node_remove(&mut self, id: &str, force: bool) -> Result<SwarmChanged> {
        let node = find(&self.store.nodes, "node", id)?.clone();
        if node.spec.role == "manager" {
            return Err(rpc(
                "FailedPrecondition",
                format!(
                    "node {} is a cluster manager and is a member of the raft cluster. It must be demoted to worker \
                     before removal",
                    node.id
                ),
            ));
        }
        if !force && node.status.state == "ready" {
            return Err(rpc(
                "FailedPrecondition",
                format!("node {} is not down and can't be removed", node.id),
            ));
        }
        self.version();
        self.store.nodes.remove(&node.id);
        let name = [("name", node.description.hostname.as_str())];
        self.tell(EventType::Node, "remove", &node.id, &name);
        Ok(done(&node.id))
    }

    /// Turns networks' names into ids. Source: moby `daemon/cluster/networks.go`, `populateNetworkID`.
    fn name_networks(&self, spec: &mut ServiceSpec) -> Result<()> {
        let all = spec
            .networks
            .iter_mut()
            .chain(&mut spec.task_template.networks);
        for network in all {
            if matches!(network.target.as_str(), "host" | "bridge") {
                continue;
            }
            if let Ok(found) = find(&self.store.networks, "network", &network.target) {
                network.target.clone_from(&found.id);
            } else {
                return Err(Error::not_found(format!(
                    "network {} not found",
                    network.target
                )));
            }
        }
        Ok(())
    }

    fn service_create(&mut self, spec: &ServiceSpec, query: bool) -> Result<SwarmChanged> {
        let mut spec = spec.clone();
        if spec.name.is_empty() {
            let taken = |name: &str| self.store.services.values().any(|s| s.spec.name == name);
            let mut attempt = 0;
            loop {
                spec.name = crate::names::random_name(self.rng, attempt);
                if !taken(&spec.name) {
                    break;
                }
                attempt += 1;
            }
        }
        validate::check_words(&spec)?;
        complete(&mut spec);
        self.name_networks(&mut spec)?;
        validate::check(&spec)?;
        validate::check_against(self.store, &spec, "")?;
        if self
            .store
            .services
            .values()
            .any(|s| s.spec.name == spec.name)
        {
            let taken = exists(
                "name conflicts with an existing object: service",
                &spec.name,
            );
            return Err(taken);
        }
        let (id, mut version, time) = (self.id(), self.version(), self.time());
        let endpoint = self.endpoint(&spec, &crate::api::ServiceEndpoint::default())?;
        if endpoint != crate::api::ServiceEndpoint::default() {
            version = self.version();
        }
        let mut service = Service {
            id: id.clone(),
            version,
            created_at: time.clone(),
            updated_at: time.clone(),
            spec,
            endpoint,
            ..Service::default()
        };
        if is_job(&service) {
            service.job_status = Some(JobStatus {
                last_execution: time,
                ..JobStatus::default()
            });
        }
        self.tell(
            EventType::Service,
            "create",
            &id,
            &[("name", &service.spec.name)],
        );
        // It is given its addresses and ports. Seen.
        if service.endpoint != crate::api::ServiceEndpoint::default() {
            self.tell(
                EventType::Service,
                "update",
                &id,
                &[("name", &service.spec.name)],
            );
        }
        let image = service.spec.task_template.container_spec.as_ref();
        let image = image.map(|c| c.image.clone()).unwrap_or_default();
        self.store.services.insert(id.clone(), service);
        let mut changed = done(&id);
        if query && !image.contains('@') {
            changed.warnings.push(no_digest(&image));
        }
        Ok(changed)
    }

    fn service_update(
        &mut self,
        id: &str,
        version: u64,
        spec: &ServiceSpec,
        rollback: bool,
        query: bool,
    ) -> Result<SwarmChanged> {
        let mut spec = spec.clone();
        let service = find(&self.store.services, "service", id)?.clone();
        validate::check_words(&spec)?;
        complete(&mut spec);
        self.name_networks(&mut spec)?;
        validate::check(&spec)?;
        if service.version.index != version {
            return Err(out_of_sequence());
        }
        if spec.name != service.spec.name {
            return Err(rpc("Unimplemented", "renaming services is not supported"));
        }
        let kind = |s: &ServiceSpec| {
            let m = &s.mode;
            [
                m.global.is_some(),
                m.global_job.is_some(),
                m.replicated_job.is_some(),
            ]
        };
        if kind(&spec) != kind(&service.spec) {
            return Err(rpc("Unimplemented", "service mode change is not allowed"));
        }
        if rollback {
            spec = service.previous_spec.clone().ok_or_else(|| {
                rpc(
                    "FailedPrecondition",
                    format!("service {id} does not have a previous spec"),
                )
            })?;
        }
        validate::check_against(self.store, &spec, &service.id)?;
        let image = spec.task_template.container_spec.as_ref();
        let image = image.map(|c| c.image.clone()).unwrap_or_default();
        self.change_spec(&service.id, spec, rollback)?;
        let mut changed = done(&service.id);
        if query && !rollback && !image.contains('@') {
            changed.warnings.push(no_digest(&image));
        }
        Ok(changed)
    }

    /// Gives a service another specification; the one that it had is what it goes back to.
    pub(crate) fn change_spec(&mut self, id: &str, spec: ServiceSpec, back: bool) -> Result<()> {
        let Some(mut service) = self.store.services.get(id).cloned() else {
            return Err(rpc("NotFound", format!("service {id} not found")));
        };
        let (mut version, time) = (self.version(), self.time());
        let endpoint = self.endpoint(&spec, &service.endpoint)?;
        if endpoint != service.endpoint {
            version = self.version();
        }
        service.endpoint = endpoint;
        let name = spec.name.clone();
        let before = std::mem::replace(&mut service.spec, spec);
        let mut told: Vec<(&str, String)> = vec![("name", name)];
        if replicas(&service.spec) != replicas(&before) {
            told.push(("replicas.new", replicas(&service.spec).to_string()));
            told.push(("replicas.old", replicas(&before).to_string()));
        }
        let image = |s: &ServiceSpec| {
            let container = s.task_template.container_spec.as_ref();
            container.map(|c| c.image.clone()).unwrap_or_default()
        };
        if image(&before) != image(&service.spec) {
            told.push(("image.new", image(&service.spec)));
            told.push(("image.old", image(&before)));
        }
        service.previous_spec = Some(before);
        service.version = version;
        service.updated_at.clone_from(&time);
        if is_job(&service) {
            service.job_status = Some(JobStatus {
                job_iteration: self.next_iteration(&service),
                last_execution: time.clone(),
            });
        }
        // What is exchanged from now on is told from the start; one that had stopped goes on, even with nothing left to exchange.
        let before = service.update_status.take();
        let paused = before.is_some_and(|u| u.state.ends_with("paused"));
        let dirty = paused
            || !is_job(&service)
                && self.store.tasks.values().any(|t| {
                    t.service_id == service.id && is_live(t) && !self.is_current(&service, t)
                });
        let begun = match (back, dirty) {
            (true, _) => Some(("rollback_started", "manually requested rollback")),
            (false, true) => Some(("updating", "update in progress")),
            (false, false) => None,
        };
        service.update_status = begun.map(|(state, message)| UpdateStatus {
            state: state.to_owned(),
            started_at: Some(time),
            completed_at: None,
            message: message.to_owned(),
        });
        if dirty && !back {
            service.version = self.version();
        }
        let pairs: Vec<(&str, &str)> = told.iter().map(|(k, v)| (*k, v.as_str())).collect();
        self.tell(EventType::Service, "update", id, &pairs);
        self.store.services.insert(id.to_owned(), service);
        Ok(())
    }

    fn service_remove(&mut self, id: &str) -> Result<SwarmChanged> {
        let service = find(&self.store.services, "service", id)?.clone();
        self.version();
        self.store.services.remove(&service.id);
        let own: Vec<String> = self
            .store
            .tasks
            .values()
            .filter(|t| t.service_id == service.id)
            .map(|t| t.id.clone())
            .collect();
        for task in own {
            self.desire(&task, "remove");
        }
        let name = [("name", service.spec.name.as_str())];
        self.tell(EventType::Service, "remove", &service.id, &name);
        Ok(done(&service.id))
    }

    /// Makes a secret; nobody but the swarm can hold it, for there are no plug-ins.
    fn secret_create(&mut self, spec: &SecretSpec) -> Result<SwarmChanged> {
        validate::check_object_name(&spec.name)?;
        match &spec.driver {
            Some(driver) => Err(rpc(
                "Unknown",
                format!("plugin \"{}\" not found", driver.name),
            )),
            None => self.keep::<Secret>(spec),
        }
    }
}
