//! What clients ask managers about.
//!
//! Source: moby `daemon/cluster/{filters,nodes,services,tasks,secrets,configs,swarm,networks}.go`.

use sorted::SortedMap;

use super::kept;
use super::orchestrate::{is_job, replicas, task_spec};
use super::store::{Named, Store, find, is_wanted};
use super::wire::Ask;
use super::{no_leader, no_manager, worker};
use crate::api::{
    Filters, NetworkCreateRequest, NetworkCreateResponse, NetworkInspect, Secret, Service,
    ServiceSpec, ServiceStatus, Swarm as SwarmObject, SwarmChange, SwarmChanged, SwarmConfig,
    SwarmInfo, SwarmNode, Task, UpdateConfig,
};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::filters::{check_filters, has_labels, is_before_until};

/// Whether one of a filter's values passes, or there is none.
pub(super) fn any(filters: &Filters, key: &str, test: impl Fn(&str) -> bool) -> bool {
    let values = filters.get(key);
    values.is_none_or(|values| values.iter().any(|v| test(v)))
}

/// Objects that pass filters by id, name and label; names and ids are met by their beginnings.
pub(super) fn wanted<T: Named>(
    filters: &Filters,
    id: &str,
    o: &T,
    labels: &SortedMap<String, String>,
) -> bool {
    any(filters, "id", |v| id.starts_with(v))
        && any(filters, "name", |v| o.name().starts_with(v))
        && has_labels(filters, "label", labels)
}

impl Engine {
    /// Looks at what managers know.
    pub(super) fn ask_store<T>(&self, f: impl FnOnce(&Store, &str) -> Result<T>) -> Result<T> {
        if !self.in_swarm() {
            return Err(self.why_no_manager());
        }
        if self.swarm(|s| s.manager) != Some(true) {
            return Err(worker());
        }
        if !self.has_leader() {
            return Err(no_leader());
        }
        self.swarm(|s| f(&s.store, &s.node))
            .unwrap_or_else(|| Err(no_manager()))
    }

    /// Whether this is a manager; otherwise why it cannot be asked.
    pub(crate) fn check_manager(&self) -> Result<()> {
        self.ask_store(|_, _| Ok(()))
    }

    /// What managers are asked to change.
    pub(crate) async fn swarm_change(&self, change: SwarmChange) -> Result<SwarmChanged> {
        self.check_manager()?;
        let mut change = change;
        if let SwarmChange::ServiceCreate { spec, .. } | SwarmChange::Service { spec, .. } =
            &mut change
        {
            self.check_local_networks(spec)?;
        }
        self.ask(Ask::Change(change)).await
    }

    /// Of this machine's own networks services may be on the predefined ones, which every node has; those are known by name.
    fn check_local_networks(&self, spec: &mut ServiceSpec) -> Result<()> {
        let state = self.state();
        let all = spec.networks.iter_mut();
        for wanted in all.chain(&mut spec.task_template.networks) {
            let Ok(network) = state.find_network(&wanted.target) else {
                continue;
            };
            match network.name.as_str() {
                "host" | "bridge" => wanted.target.clone_from(&network.name),
                _ if network.scope == "swarm" => {}
                name => {
                    return Err(Error::forbidden(format!(
                        "The network {name} cannot be used with services. Only networks scoped to the swarm can be used, \
                         such as those created with the overlay driver."
                    )));
                }
            }
        }
        Ok(())
    }

    /// `GET /swarm`.
    pub(crate) fn swarm_inspect(&self) -> Result<SwarmObject> {
        self.ask_store(|store, _| Ok(store.swarm.clone()))
    }

    /// `GET /swarm/unlockkey`.
    pub(crate) fn swarm_unlock_key(&self) -> Result<String> {
        self.ask_store(|store, _| Ok(store.unlock_key.clone()))
    }

    /// The part of `GET /info` about the swarm.
    pub(crate) fn swarm_info(&self) -> SwarmInfo {
        let info = self.swarm(|s| {
            let mut info = SwarmInfo {
                node_id: s.node.clone(),
                node_addr: s.addr.map(|a| a.to_string()).unwrap_or_default(),
                local_node_state: "active".to_owned(),
                control_available: s.manager,
                remote_managers: Some(s.managers.clone()),
                ..SwarmInfo::default()
            };
            if s.assigned.managers.is_empty() && !s.leads {
                "pending".clone_into(&mut info.local_node_state);
            }
            if s.manager {
                info.nodes = s.store.nodes.len() as u64;
                let managers = s.store.nodes.values();
                info.managers = managers.filter(|n| n.manager_status.is_some()).count() as u64;
                info.cluster = Some(SwarmObject {
                    join_tokens: None,
                    ..s.store.swarm.clone()
                });
            }
            info
        });
        let has_leader = self.has_leader();
        info.map(|mut info| {
            if info.control_available && !has_leader {
                info.error = super::no_leader().to_string();
                (info.nodes, info.managers, info.cluster) = (0, 0, None);
            }
            info
        })
        .unwrap_or_else(|| match self.is_locked() {
            true => SwarmInfo {
                local_node_state: "locked".to_owned(),
                error: super::lock::locked().to_string(),
                ..SwarmInfo::default()
            },
            false => SwarmInfo {
                local_node_state: "inactive".to_owned(),
                ..SwarmInfo::default()
            },
        })
    }

    /// `GET /nodes`.
    pub(crate) fn node_list(&self, filters: Filters) -> Result<Vec<SwarmNode>> {
        self.ask_store(|store, _| {
            check_filters(
                &filters,
                &["id", "label", "membership", "name", "node.label", "role"],
            )?;
            let mut roles = filters.get("role").into_iter().flatten();
            if let Some(bad) = roles.find(|r| !matches!(r.as_str(), "worker" | "manager")) {
                return Err(Error::invalid(format!("Invalid role filter: '{bad}'")));
            }
            let nodes = store.nodes.values().filter(|n| {
                wanted(&filters, &n.id, *n, &n.description.engine.labels)
                    && has_labels(&filters, "node.label", &n.spec.labels)
                    && any(&filters, "role", |v| n.spec.role == v)
                    && any(&filters, "membership", |v| v == "accepted")
            });
            Ok(nodes.cloned().collect())
        })
    }

    /// `GET /nodes/{id}`.
    pub(crate) fn node_inspect(&self, node: String) -> Result<SwarmNode> {
        self.ask_store(|store, _| find(&store.nodes, "node", &node).cloned())
    }

    /// `GET /services`.
    pub(crate) fn service_list(&self, filters: Filters, status: bool) -> Result<Vec<Service>> {
        self.ask_store(|store, _| {
            check_filters(&filters, &["id", "label", "mode", "name", "runtime"])?;
            let mode = |s: &Service| {
                let mode = &s.spec.mode;
                match (mode.global, mode.global_job, mode.replicated_job) {
                    (Some(_), ..) => "global",
                    (_, Some(_), _) => "global-job",
                    (.., Some(_)) => "replicated-job",
                    _ => "replicated",
                }
            };
            let services = store.services.values().filter(|s| {
                wanted(&filters, &s.id, *s, &s.spec.labels)
                    && any(&filters, "mode", |v| mode(s) == v)
            });
            let mut services: Vec<Service> = services.cloned().collect();
            for service in services.iter_mut().filter(|_| status) {
                service.service_status = Some(count(store, service));
            }
            Ok(services)
        })
    }

    /// `GET /services/{id}`.
    pub(crate) fn service_inspect(&self, service: String, defaults: bool) -> Result<Service> {
        self.ask_store(|store, _| {
            let mut found = find(&store.services, "service", &service)?.clone();
            if defaults {
                fill_defaults(&mut found);
            }
            Ok(found)
        })
    }

    /// `GET /tasks`.
    pub(crate) fn task_list(&self, filters: Filters) -> Result<Vec<Task>> {
        self.ask_store(|store, own| {
            check_filters(
                &filters,
                &[
                    "_up-to-date",
                    "desired-state",
                    "id",
                    "label",
                    "name",
                    "node",
                    "runtime",
                    "service",
                ],
            )?;
            // Services and nodes are named as for inspecting them.
            let mut ids: Filters = Filters::new();
            for value in filters.get("service").into_iter().flatten() {
                let id = find(&store.services, "service", value)?.id.clone();
                ids.entry("service".to_owned()).or_default().push(id);
            }
            for value in filters.get("node").into_iter().flatten() {
                let reference = if value == "self" { own } else { value.as_str() };
                let id = find(&store.nodes, "node", reference)?.id.clone();
                ids.entry("node".to_owned()).or_default().push(id);
            }
            if let Some(bad) = filters
                .get("desired-state")
                .and_then(|v| v.iter().find(|v| !is_state(v)))
            {
                return Err(Error::invalid(format!(
                    "Invalid desired-state filter: '{bad}'"
                )));
            }
            // Tasks are found by the labels of their service. Source: swarmkit `manager/controlapi/task.go`, `ListTasks`.
            let none = SortedMap::new();
            let service_labels = |t: &Task| {
                let service = store.services.get(&t.service_id);
                service.map_or(&none, |s| &s.spec.labels)
            };
            let up_to_date = |t: &Task| {
                filters.get("_up-to-date").is_none()
                    || store
                        .services
                        .get(&t.service_id)
                        .is_some_and(|s| task_spec(s) == t.spec)
            };
            let tasks = store.tasks.values().filter(|t| {
                let name = task_name(store, t);
                any(&filters, "id", |v| t.id.starts_with(v))
                    && any(&filters, "name", |v| name.starts_with(v))
                    && has_labels(&filters, "label", service_labels(t))
                    && any(&ids, "service", |v| t.service_id == v)
                    && any(&ids, "node", |v| t.node_id == v)
                    && any(&filters, "desired-state", |v| {
                        t.desired_state.eq_ignore_ascii_case(v)
                    })
                    && any(&filters, "runtime", |v| {
                        (v == "container") == t.spec.container_spec.is_some()
                    })
                    && up_to_date(t)
            });
            // Attachments are told only where they are asked for.
            let by_runtime = filters.contains_key("runtime");
            Ok(tasks
                .filter(|t| by_runtime || t.spec.container_spec.is_some())
                .cloned()
                .collect())
        })
    }

    /// `GET /tasks/{id}`.
    pub(crate) fn task_inspect(&self, task: String) -> Result<Task> {
        self.ask_store(|store, _| {
            let named = |t: &&Task| format!("{}.{}", task_name(store, t), t.id) == task;
            let by_name = store.tasks.values().find(named);
            match by_name {
                Some(found) => Ok(found.clone()),
                None => find(&store.tasks, "task", &task).cloned(),
            }
        })
    }

    /// `GET /secrets`.
    pub(crate) fn secret_list(&self, filters: Filters) -> Result<Vec<Secret>> {
        let found = self.ask_store(|store, _| kept::list(store, &filters))?;
        Ok(found.iter().map(hide).collect())
    }

    /// `GET /secrets/{id}`.
    pub(crate) fn secret_inspect(&self, secret: String) -> Result<Secret> {
        self.ask_store(|store, _| find(&store.secrets, "secret", &secret).map(hide))
    }

    /// `GET /configs`.
    pub(crate) fn config_list(&self, filters: Filters) -> Result<Vec<SwarmConfig>> {
        self.ask_store(|store, _| kept::list(store, &filters))
    }

    /// `GET /configs/{id}`.
    pub(crate) fn config_inspect(&self, config: String) -> Result<SwarmConfig> {
        self.ask_store(|store, _| find(&store.configs, "config", &config).cloned())
    }

    /// Whether a request to make a network is one for managers.
    pub(crate) fn is_for_swarm(&self, request: &NetworkCreateRequest) -> bool {
        let is_global =
            request.driver == "overlay" || (request.scope == "swarm" && self.in_swarm());
        is_global && !request.config_only
    }

    /// Makes a network of the swarm.
    pub(crate) async fn swarm_network_create(
        &self,
        request: NetworkCreateRequest,
    ) -> Result<NetworkCreateResponse> {
        // A worker is told what somebody outside of a swarm is. Seen.
        if self.swarm(|s| s.manager) != Some(true) {
            return Err(self.why_no_manager());
        }
        crate::networks::check_request(&request)?;
        self.check_network_name_free(&request.name)?;
        if request.scope == "local" {
            return Err(Error::forbidden(
                "cannot downgrade network scope for overlay networks",
            ));
        }
        if request.enable_ipv4 == Some(false) {
            return Err(Error::invalid(
                "IPv4 cannot be disabled in a Swarm scoped network",
            ));
        }
        if request.driver != "overlay" {
            return Err(Error::not_modelled(
                "networks of a swarm that are no overlay",
            ));
        }
        let change = SwarmChange::NetworkCreate(Box::new(request));
        let made = self.ask(Ask::Change(change)).await?;
        Ok(NetworkCreateResponse {
            id: made.id,
            warning: String::new(),
        })
    }

    /// The id of a network that only the swarm knows of, or that is the swarm's.
    pub(crate) fn swarm_network(&self, reference: &str) -> Option<String> {
        let here = {
            let state = self.state();
            let found = state.find_network(reference).ok();
            found.map(|n| (n.scope == "swarm", n.id.clone()))
        };
        if let Some((of_swarm, id)) = here {
            return of_swarm.then_some(id);
        }
        let found = self.swarm(|s| {
            let found = find(&s.store.networks, "network", reference);
            found.ok().filter(|_| s.manager).map(|n| n.id.clone())
        });
        found.flatten()
    }

    /// Tells about a network of the swarm that is not on this machine.
    pub(crate) fn swarm_network_inspect(&self, reference: &str) -> Option<NetworkInspect> {
        let found = self.swarm(|s| {
            let found = find(&s.store.networks, "network", reference);
            found
                .ok()
                .filter(|_| s.manager)
                .map(super::store::Net::inspect)
        });
        found.flatten()
    }

    /// Removes a network of the swarm.
    pub(crate) async fn swarm_network_remove(&self, id: String) -> Result<()> {
        self.check_manager()?;
        let change = SwarmChange::NetworkRemove { id };
        self.ask(Ask::Change(change)).await?;
        self.drop_networks(false);
        Ok(())
    }

    /// Removes networks of the swarm that nobody uses, and returns their names.
    pub(crate) async fn swarm_network_prune(&self, filters: Filters) -> Vec<String> {
        let all = self.swarm(|s| {
            let nets = s
                .store
                .networks
                .values()
                .filter(|n| s.manager && !n.ingress);
            let wanted = nets.filter(|n| {
                is_before_until(&filters, n.created).unwrap_or(false)
                    && has_labels(&filters, "label", &n.labels)
                    && (!filters.contains_key("label!")
                        || !has_labels(&filters, "label!", &n.labels))
            });
            wanted
                .map(|n| (n.id.clone(), n.name.clone()))
                .collect::<Vec<_>>()
        });
        let mut removed = Vec::new();
        for (id, name) in all.unwrap_or_default() {
            if self.swarm_network_remove(id).await.is_ok() {
                removed.push(name);
            }
        }
        removed
    }

    /// Networks of the swarm as a manager tells them, those left out that are on this machine.
    pub(crate) fn swarm_networks(&self) -> Vec<NetworkInspect> {
        let all = self.swarm(|s| {
            let nets = s.store.networks.values().filter(|_| s.manager);
            nets.map(super::store::Net::inspect).collect::<Vec<_>>()
        });
        let all = all.unwrap_or_default();
        let state = self.state();
        all.into_iter()
            .filter(|n| !state.networks.contains_key(&n.id))
            .collect()
    }
}

fn is_state(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    super::store::rank(&lower) > 0 || lower == "new"
}

/// A secret as managers tell it: without what it hides.
fn hide(secret: &Secret) -> Secret {
    let mut secret = secret.clone();
    secret.spec.data.clear();
    secret
}

/// A task's name: its service's with its slot or node.
fn task_name(store: &Store, task: &Task) -> String {
    let service = store.services.get(&task.service_id);
    let name = service.map_or(task.service_id.as_str(), |s| s.spec.name.as_str());
    match task.slot {
        0 => format!("{name}.{}", task.node_id),
        slot => format!("{name}.{slot}"),
    }
}

/// How many tasks of a service there are. Source: swarmkit `controlapi/service.go`, `ListServiceStatuses`.
fn count(store: &Store, service: &Service) -> ServiceStatus {
    let iteration = service.job_status.as_ref().map(|j| j.job_iteration);
    let tasks = || {
        let own = store.tasks.values().filter(|t| t.service_id == service.id);
        own.filter(|t| t.job_iteration == iteration)
    };
    // Also those of a node that is down: nobody has said otherwise. Seen.
    let in_state = |state: &str| tasks().filter(|t| t.status.state == state).count() as u64;
    let global = service.spec.mode.global.is_some() || service.spec.mode.global_job.is_some();
    let desired = if global {
        let wanted = tasks().filter(|t| is_wanted(t));
        match is_job(service) {
            // What has ended well is counted apart.
            true => wanted.filter(|t| t.status.state != "complete").count() as u64,
            false => wanted.count() as u64,
        }
    } else {
        match service.spec.mode.replicated_job {
            Some(job) => job.max_concurrent.unwrap_or(1),
            None => replicas(&service.spec),
        }
    };
    ServiceStatus {
        running_tasks: in_state("running"),
        desired_tasks: desired,
        completed_tasks: in_state("complete"),
    }
}

/// What swarmkit would do where a service says nothing. Source: swarmkit `api/defaults/service.go`.
fn fill_defaults(service: &mut Service) {
    use crate::api::{DnsConfig, EndpointSpec, Placement, ResourceRequirements, TaskRestartPolicy};
    let update = || UpdateConfig {
        parallelism: 1,
        failure_action: "pause".to_owned(),
        monitor: 5_000_000_000,
        order: "stop-first".to_owned(),
        ..UpdateConfig::default()
    };
    let spec = &mut service.spec;
    if let Some(container) = &mut spec.task_template.container_spec {
        container.stop_grace_period.get_or_insert(10_000_000_000);
        container.dns_config.get_or_insert_with(DnsConfig::default);
    }
    let template = &mut spec.task_template;
    template
        .resources
        .get_or_insert_with(ResourceRequirements::default);
    template
        .restart_policy
        .get_or_insert_with(|| TaskRestartPolicy {
            condition: "any".to_owned(),
            delay: Some(5_000_000_000),
            max_attempts: Some(0),
            window: None,
        })
        .delay
        .get_or_insert(5_000_000_000);
    template.placement.get_or_insert_with(Placement::default);
    for config in [&mut spec.update_config, &mut spec.rollback_config] {
        let config = config.get_or_insert_with(update);
        if config.monitor == 0 {
            config.monitor = update().monitor;
        }
    }
    spec.endpoint_spec.get_or_insert_with(|| EndpointSpec {
        mode: "vip".to_owned(),
        ports: Vec::new(),
    });
}
