//! Tasks as containers: making them, starting and stopping them, and telling how they are.
//!
//! Source: moby `daemon/cluster/executor/container`; swarmkit `agent/exec/controller.go`.

use kernel::time::Duration;
use sorted::SortedMap;

use super::allocate::is_ingress;
use super::dispatcher::{Assignment, Brief};
use super::store::{is_over, rank};
use super::wire::Message;
use crate::api::{
    ContainerConfig, ContainerCreateRequest, ContainerSpec, ContainerStatus, EndpointIpamConfig,
    EndpointSettings, HostConfig, LogConfig, NetworkingConfig, PortBinding, PortConfig, PortStatus,
    StopOptions, Task, TaskStatus,
};
use crate::clock::rfc3339;
use crate::daemon::Engine;
use crate::error::{Class, Result};

/// The label by which a task's container is known.
pub(crate) const TASK_ID: &str = "com.docker.swarm.task.id";
const SERVICE_ID: &str = "com.docker.swarm.service.id";
const NODE_ID: &str = "com.docker.swarm.node.id";

/// The name of a task's container. Source: swarmkit `api/naming`.
pub(super) fn container_name(task: &Task, service: &Brief) -> String {
    let place = match task.slot {
        0 => task.node_id.clone(),
        slot => slot.to_string(),
    };
    format!("{}.{place}.{}", service.name, task.id)
}

impl Engine {
    fn task(&self, id: &str) -> Option<Task> {
        self.swarm(|s| s.assigned.tasks.iter().find(|t| t.id == id).cloned())
            .flatten()
    }

    /// The container of a task.
    fn container_of(&self, task: &str) -> Option<String> {
        let state = self.state();
        let mut own = state
            .containers
            .values()
            .filter(|c| c.config.labels.get(TASK_ID).is_some_and(|t| t == task));
        own.next().map(|c| c.id.clone())
    }

    /// Looks after tasks that have come, and clears away what is left of those that have gone.
    pub(super) fn follow_tasks(&self, before: &Assignment) {
        let tasks = self.swarm(|s| s.assigned.tasks.clone()).unwrap_or_default();
        for task in &tasks {
            let new = task.spec.container_spec.is_some()
                && !is_over(&task.status.state)
                && self
                    .swarm(|s| s.controlled.insert(task.id.clone(), ()).is_none())
                    .unwrap_or(false);
            if new {
                let (engine, id) = (self.clone(), task.id.clone());
                self.for_swarm(async move {
                    engine.control(&id).await;
                    engine.swarm(|s| s.controlled.remove(&id));
                });
            }
        }
        let gone = before
            .tasks
            .iter()
            .filter(|t| !tasks.iter().any(|now| now.id == t.id));
        for task in gone {
            if let Some(container) = self.container_of(&task.id) {
                let (engine, grace) = (self.clone(), grace(task));
                self.for_swarm(async move {
                    engine.remove_container(&container, grace).await;
                });
            }
        }
    }

    async fn remove_container(&self, container: &str, timeout: Option<i64>) {
        let options = StopOptions {
            timeout,
            ..StopOptions::default()
        };
        let _ = self.container_stop(container.to_owned(), options).await;
        let options = crate::api::RemoveOptions {
            force: true,
            volumes: true,
            ..crate::api::RemoveOptions::default()
        };
        let _ = self.container_remove(container.to_owned(), options).await;
    }

    /// Tells how a task is.
    fn report(&self, id: &str, state: &str, message: &str, err: &str) {
        let now = rfc3339(self.now());
        let status = self.container_status(id);
        let ports = self.port_status(id);
        let known = self.swarm(|s| {
            let task = s.assigned.tasks.iter_mut().find(|t| t.id == id)?;
            let with_container = rank(state) >= rank("starting");
            task.status = TaskStatus {
                timestamp: now,
                state: state.to_owned(),
                message: message.to_owned(),
                err: err.to_owned(),
                container_status: status.filter(|_| with_container),
                port_status: ports,
            };
            Some(task.status.clone())
        });
        let Some(Some(status)) = known else { return };
        let statuses = vec![(id.to_owned(), status)];
        if self.leads() {
            self.take_statuses(statuses);
        } else {
            self.swarm(|s| s.link.as_ref().map(|l| l.send(Message::Status(statuses))));
        }
    }

    /// Tells a manager that has just come how all tasks are.
    pub(super) fn report_all(&self) {
        self.swarm(|s| {
            let own = s
                .assigned
                .tasks
                .iter()
                .filter(|t| t.spec.container_spec.is_some());
            let statuses: Vec<(String, TaskStatus)> =
                own.map(|t| (t.id.clone(), t.status.clone())).collect();
            if !statuses.is_empty() {
                s.link.as_ref().map(|l| l.send(Message::Status(statuses)));
            }
        });
    }

    fn container_status(&self, task: &str) -> Option<ContainerStatus> {
        let id = self.container_of(task)?;
        let state = self.state();
        let c = state.containers.get(&id)?;
        Some(ContainerStatus {
            container_id: id.clone(),
            pid: c.state.pid,
            exit_code: c.state.exit_code,
        })
    }

    /// Ports that a task has on this machine alone.
    fn port_status(&self, task: &str) -> PortStatus {
        let Some(id) = self.container_of(task) else {
            return PortStatus::default();
        };
        let state = self.state();
        let sandbox = state.containers.get(&id).and_then(|c| c.sandbox.as_ref());
        let mut ports: Vec<PortConfig> = Vec::new();
        for published in sandbox.iter().flat_map(|s| &s.published) {
            let Some((_, host)) = published.allocated else {
                continue;
            };
            // One that is open for both families is told twice.
            ports.push(PortConfig {
                protocol: published.port.proto.to_string(),
                target_port: published.port.port.into(),
                published_port: host.into(),
                publish_mode: "host".to_owned(),
                ..PortConfig::default()
            });
        }
        PortStatus { ports }
    }

    /// How a task is to be; `remove` for one that has gone.
    fn desired(&self, id: &str) -> usize {
        self.task(id)
            .map_or(rank("remove"), |t| rank(&t.desired_state))
    }

    /// Looks after a task until it has ended.
    async fn control(&self, id: &str) {
        let over = rank("shutdown");
        let Some(task) = self.task(id) else { return };
        let begun = self.container_of(id);
        if begun.is_none() {
            if rank(&task.desired_state) >= over {
                self.report(id, "shutdown", "shutdown", "");
                return;
            }
            self.report(id, "accepted", "accepted", "");
            self.report(id, "preparing", "preparing", "");
            if let Err(error) = self.prepare(&task) {
                self.report(id, "rejected", "preparing", &error.to_string());
                return;
            }
            self.report(id, "ready", "prepared", "");
        }
        let ready = self.until(|| {
            let desired = self.desired(id);
            (desired >= rank("running")).then_some(desired)
        });
        if ready.await >= over {
            self.report(id, "shutdown", "shutdown", "");
            return;
        }
        let Some(container) = self.container_of(id) else {
            return;
        };
        let fresh = self
            .state()
            .containers
            .get(&container)
            .is_some_and(|c| c.started == 0);
        if fresh {
            self.report(id, "starting", "starting", "");
            self.until(|| self.has_networks(&container).then_some(()))
                .await;
            if let Err(error) = self.start(&container)
                && error.class() != Class::NotModified
            {
                let err = format!("starting container failed: {error}");
                self.report(id, "failed", "starting", &err);
                return;
            }
            self.gossip(&container);
            if !self.comes_up(id, &container).await {
                return;
            }
        }
        if self.runs(&container) {
            self.report(id, "running", "started", "");
            self.gossip(&container);
        }
        self.until(|| (!self.runs(&container) || self.desired(id) >= over).then_some(()))
            .await;
        if self.runs(&container) {
            self.shut_down(id, &container, &task).await;
            return;
        }
        let code = self
            .state()
            .containers
            .get(&container)
            .map_or(0, |c| c.state.exit_code);
        match code {
            0 => self.report(id, "complete", "finished", ""),
            code => {
                let err = format!("task: non-zero exit ({code})");
                self.report(id, "failed", "started", &err);
            }
        }
        self.gossip(&container);
    }

    async fn shut_down(&self, id: &str, container: &str, task: &Task) {
        // No new connection goes to it while it ends.
        self.disable(container);
        let options = StopOptions {
            timeout: grace(task),
            ..StopOptions::default()
        };
        let _ = self.container_stop(container.to_owned(), options).await;
        self.report(id, "shutdown", "shutdown", "");
        self.gossip(container);
    }

    fn runs(&self, container: &str) -> bool {
        let state = self.state();
        let found = state.containers.get(container);
        found.is_some_and(|c| c.state.running)
    }

    /// Whether all networks of a task's container are on this machine.
    fn has_networks(&self, container: &str) -> bool {
        let state = self.state();
        let Some(c) = state.containers.get(container) else {
            return true;
        };
        c.endpoints
            .keys()
            .all(|key| state.network_of(c, key).is_ok())
    }

    /// Waits until a container is healthy, if it says so. False if it ended, or is to end, before.
    async fn comes_up(&self, id: &str, container: &str) -> bool {
        let healthy = self
            .until(|| {
                let state = self.state();
                let c = state.containers.get(container)?;
                if !c.state.running {
                    return Some(true);
                }
                // One that is killed counts as unhealthy, but no probe has failed.
                let health = c.state.health.as_ref();
                let failed = health.is_some_and(|h| h.failing_streak > 0);
                let health = health.map(|h| h.status.clone());
                drop(state);
                match health.as_deref() {
                    Some("unhealthy") if !failed => None,
                    Some("starting") if self.desired(id) < rank("shutdown") => None,
                    Some("unhealthy") => Some(false),
                    _ => Some(true),
                }
            })
            .await;
        if !healthy {
            let _ = self
                .container_stop(container.to_owned(), StopOptions::default())
                .await;
            let err = "task: non-zero exit (137): dockerexec: unhealthy container";
            self.report(id, "failed", "started", err);
        }
        healthy
    }

    /// Makes a task's container, with its image.
    fn prepare(&self, task: &Task) -> Result<()> {
        let brief = self.brief(task);
        let Some(spec) = &task.spec.container_spec else {
            return Ok(());
        };
        let image = spec.image.split('@').next().unwrap_or_default().to_owned();
        if self.image_pull(image.clone()).is_err() {
            return Err(crate::Error::not_found(format!("No such image: {image}")));
        }
        let request = self.request(task, spec, &brief);
        let name = container_name(task, &brief);
        let made = self.container_create(Some(name), request)?;
        self.mark_ports(&made.id, &brief);
        self.write_references(&made.id, task, &brief);
        Ok(())
    }

    pub(super) fn brief(&self, task: &Task) -> Brief {
        let known = self.swarm(|s| s.assigned.services.get(&task.service_id).cloned());
        known.flatten().unwrap_or_default()
    }

    fn request(&self, task: &Task, spec: &ContainerSpec, brief: &Brief) -> ContainerCreateRequest {
        let filled = |text: &str| self.fill(text, task, brief);
        let mut labels = spec.labels.clone();
        for (key, value) in [
            (NODE_ID, task.node_id.clone()),
            (SERVICE_ID, task.service_id.clone()),
            ("com.docker.swarm.service.name", brief.name.clone()),
            ("com.docker.swarm.task", String::new()),
            (TASK_ID, task.id.clone()),
            ("com.docker.swarm.task.name", container_name(task, brief)),
        ] {
            labels.insert(key.to_owned(), value);
        }
        let list = |list: &[String]| Some(list.to_vec()).filter(|l| !l.is_empty());
        let mut host_config = HostConfig::default();
        let bindings = host_config.port_bindings.get_or_insert_default();
        let mut exposed = SortedMap::new();
        for port in &brief.endpoint.ports {
            let key = format!("{}/{}", port.target_port, port.protocol);
            exposed.insert(key.clone(), crate::api::Empty {});
            if !is_ingress(port) {
                let host_port = match port.published_port {
                    0 => String::new(),
                    port => port.to_string(),
                };
                let binding = PortBinding {
                    host_ip: String::new(),
                    host_port,
                };
                bindings
                    .entry(key)
                    .or_insert(Some(Vec::new()))
                    .get_or_insert_default()
                    .push(binding);
            }
        }
        let mut endpoints = SortedMap::new();
        for attachment in &task.networks_attachments {
            let network = &attachment.network;
            let addr = attachment.addresses.first().map(|a| a.split('/'));
            let wanted = task.spec.networks.iter().find(|n| n.target == network.id);
            let settings = EndpointSettings {
                network_id: network.id.clone(),
                ipam_config: Some(EndpointIpamConfig {
                    ipv4_address: addr
                        .and_then(|mut a| a.next().map(str::to_owned))
                        .unwrap_or_default(),
                    ..EndpointIpamConfig::default()
                }),
                driver_opts: wanted
                    .map(|w| w.driver_opts.clone())
                    .filter(|o| !o.is_empty()),
                ..EndpointSettings::default()
            };
            endpoints.insert(network.spec.name.clone(), settings);
        }
        // The first of a task's networks stands in for its mode, which is told as the default one.
        if let Some(first) = task.networks_attachments.first() {
            host_config
                .network_mode
                .clone_from(&first.network.spec.name);
        }
        if let Some(predefined) = task.spec.networks.iter().find(|n| n.target == "host") {
            host_config.network_mode.clone_from(&predefined.target);
        }
        host_config.ulimits = Some(spec.ulimits.clone()).filter(|l| !l.is_empty());
        let driver = task.spec.log_driver.as_ref().filter(|d| !d.name.is_empty());
        if let Some(driver) = driver {
            host_config.log_config = LogConfig {
                kind: driver.name.clone(),
                config: driver.options.clone(),
            };
        }
        host_config.extra_hosts = list(
            &spec
                .hosts
                .iter()
                .filter_map(|line| {
                    let (addr, name) = line.split_once(char::is_whitespace)?;
                    Some(format!("{}:{addr}", name.trim()))
                })
                .collect::<Vec<_>>(),
        );
        if let Some(dns) = &spec.dns_config {
            host_config.dns = list(&dns.nameservers);
            host_config.dns_search = list(&dns.search);
            host_config.dns_options = list(&dns.options);
        }
        host_config.mounts.clone_from(&spec.mounts);
        for mount in &mut host_config.mounts {
            mount.source = filled(&mount.source);
        }
        host_config.sysctls.clone_from(&spec.sysctls);
        host_config.cap_add = list(&spec.capability_add);
        host_config.cap_drop = list(&spec.capability_drop);
        host_config.readonly_rootfs = spec.read_only;
        host_config.init = spec.init;
        host_config.group_add = list(&spec.groups);
        if let Some(limits) = task.spec.resources.as_ref().and_then(|r| r.limits.as_ref()) {
            host_config.nano_cpus = limits.nano_cpus;
            host_config.memory = limits.memory_bytes;
            host_config.pids_limit = Some(limits.pids).filter(|p| *p > 0);
        }
        let env: Vec<String> = spec.env.iter().map(|v| filled(v)).collect();
        ContainerCreateRequest {
            config: ContainerConfig {
                hostname: filled(&spec.hostname),
                user: spec.user.clone(),
                tty: spec.tty,
                open_stdin: spec.open_stdin,
                exposed_ports: exposed,
                env: list(&env),
                cmd: list(&spec.args),
                entrypoint: list(&spec.command),
                healthcheck: spec.healthcheck.clone(),
                image: spec.image.clone(),
                working_dir: spec.dir.clone(),
                stop_signal: spec.stop_signal.clone(),
                labels,
                ..ContainerConfig::default()
            },
            host_config,
            networking_config: NetworkingConfig {
                endpoints_config: endpoints,
            },
        }
    }
}

/// Seconds that a task's container gets to end.
fn grace(task: &Task) -> Option<i64> {
    let spec = task.spec.container_spec.as_ref()?;
    let nanos = spec.stop_grace_period?;
    let seconds =
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0)).as_nanos() / 1_000_000_000;
    i64::try_from(seconds).ok()
}
