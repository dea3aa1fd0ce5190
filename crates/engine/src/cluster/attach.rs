//! Containers that users start themselves on networks of the swarm.
//!
//! Source: moby `daemon/container_operations.go`, `findAndAttachNetwork`; `daemon/cluster/networks.go`, `AttachNetwork`;
//! swarmkit `manager/resourceapi`.

use kernel::time::Duration;

use super::store::{Net, rpc};
use super::wire::Ask;
use crate::api::{
    EndpointIpamConfig, NetworkAttachment, NetworkAttachmentConfig, NetworkAttachmentSpec,
    NetworkConnectRequest, SwarmChanged, Task, TaskSpec, TaskStatus,
};
use crate::daemon::Engine;
use crate::error::{Error, Result};

/// How long a network may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

impl Engine {
    /// The networks of a container that only the swarm knows: by the names that it has for them.
    fn networks_to_attach(&self, container: &str) -> Vec<String> {
        let state = self.state();
        if state.membership.swarm.is_none() {
            return Vec::new();
        }
        let Some(c) = state.containers.get(container) else {
            return Vec::new();
        };
        if c.config.labels.contains_key(super::executor::TASK_ID) || c.state.running {
            return Vec::new();
        }
        let keys = c.endpoints.keys();
        let elsewhere = keys.filter(|key| {
            !matches!(key.as_str(), "host" | "none" | "bridge")
                && !state.network_of(c, key).is_ok_and(|n| n.scope != "swarm")
        });
        elsewhere.cloned().collect()
    }

    /// Whether a container can only start once managers have been asked.
    pub(crate) fn waits_for_swarm(&self, container: &str) -> bool {
        let id = self.state().find_container(container).map(|c| c.id.clone());
        id.is_ok_and(|id| !self.networks_to_attach(&id).is_empty())
    }

    /// Starts a container once there is a manager to ask.
    pub(crate) fn start_with_swarm(&self, container: String) {
        let engine = self.clone();
        self.sys().spawn_task(async move {
            engine
                .until(|| {
                    let asks = engine.swarm(|s| s.leads || s.link.is_some());
                    (asks != Some(false)).then_some(())
                })
                .await;
            let _ = engine.start_attached(&container).await;
        });
    }

    /// Attaches a container to the networks that it has of the swarm.
    pub(crate) async fn attach_networks(&self, container: &str) -> Result<()> {
        for key in self.networks_to_attach(container) {
            self.attach_network(container, &key).await?;
        }
        Ok(())
    }

    /// Gets a container a place on a network of the swarm: the network is here afterwards, and the address known.
    pub(crate) async fn attach_network(&self, container: &str, key: &str) -> Result<()> {
        let asked = {
            let state = self.state();
            let settings = state
                .containers
                .get(container)
                .and_then(|c| c.endpoints.get(key))
                .and_then(|a| a.settings.ipam_config.clone());
            settings.unwrap_or_default().ipv4_address
        };
        let (id, addr) = self.place_on(container, key, asked).await?;
        let mut state = self.state();
        let given = state
            .containers
            .get_mut(container)
            .and_then(|c| c.endpoints.get_mut(key));
        if let Some(attachment) = given {
            let had = attachment.settings.ipam_config.take();
            attachment.given = had.as_ref().is_none_or(|i| i.ipv4_address.is_empty());
            attachment.settings.ipam_config = Some(EndpointIpamConfig {
                ipv4_address: addr,
                ..had.unwrap_or_default()
            });
            attachment.settings.network_id = id;
        }
        Ok(())
    }

    /// Asks for a place on a network, and waits until the network is here. Returns its id and the address.
    async fn place_on(
        &self,
        container: &str,
        key: &str,
        address: String,
    ) -> Result<(String, String)> {
        let ask = Ask::Attach {
            container: container.to_owned(),
            network: key.to_owned(),
            address,
        };
        let attached = async {
            let answer = self.ask(ask).await;
            let answer =
                answer.map_err(|e| e.within(format!("Could not attach to network {key}")))?;
            let id = answer.id.clone();
            self.until(|| self.state().networks.contains_key(&id).then_some(()))
                .await;
            Ok::<_, Error>(answer)
        };
        let place = (container.to_owned(), key.to_owned());
        // Where it has failed once, the engine takes it for done, and finds nothing. Seen.
        if self.swarm(|s| s.unplaced.contains(&place)) == Some(true) {
            return Err(Error::no_such_network(key));
        }
        let attached = self.sys().timeout(PATIENCE, attached).await;
        let Some(answer) = attached else {
            self.swarm(|s| s.unplaced.insert(place));
            let text = "attaching to network failed, make sure your network options are correct and check manager logs: \
                        context deadline exceeded";
            return Err(Error::internal(text));
        };
        let answer = answer?;
        let addr = answer.warnings.first().cloned().unwrap_or_default();
        let addr = addr.split('/').next().unwrap_or_default().to_owned();
        Ok((answer.id, addr))
    }

    /// Whether a running container is to be connected to a network that only the swarm knows.
    pub(crate) fn connects_to_swarm(&self, network: &str, request: &NetworkConnectRequest) -> bool {
        let state = self.state();
        let runs = state
            .find_container(&request.container)
            .is_ok_and(|c| c.state.running);
        let local = state
            .find_network(network)
            .is_ok_and(|n| n.scope != "swarm");
        runs && !local && state.membership.swarm.is_some()
    }

    /// `POST /networks/{id}/connect` to a network of the swarm.
    pub(crate) async fn network_connect_attached(
        &self,
        network: String,
        request: NetworkConnectRequest,
    ) -> Result<()> {
        let asked = request.endpoint_config.clone().unwrap_or_default();
        let (container, attached) = {
            let state = self.state();
            let c = state.find_container(&request.container)?;
            let found = state.find_network(&network).ok();
            let on = found.filter(|n| n.endpoints.contains_key(&c.id));
            (c.id.clone(), on.map(|n| (c.name.clone(), n.name.clone())))
        };
        if let Some((name, network)) = attached {
            return Err(Error::forbidden(format!(
                "{name} is already attached to network {network}"
            )));
        }
        let user = asked.ipam_config.clone().unwrap_or_default().ipv4_address;
        let (id, addr) = self.place_on(&container, &network, user.clone()).await?;
        let mut request = request;
        let mut settings = asked;
        settings.ipam_config = Some(EndpointIpamConfig {
            ipv4_address: addr,
            ..settings.ipam_config.unwrap_or_default()
        });
        request.endpoint_config = Some(settings);
        self.network_connect(id.clone(), request)
            .inspect_err(|_| self.detach_network(&container, &id))?;
        let mut state = self.state();
        let name = state.networks.get(&id).map(|n| n.name.clone());
        let attachment =
            name.and_then(|n| state.containers.get_mut(&container)?.endpoints.get_mut(&n));
        if let Some(attachment) = attachment {
            attachment.given = user.is_empty();
        }
        Ok(())
    }

    /// Gives a container's place on a network of the swarm back.
    pub(crate) fn detach_network(&self, container: &str, network: &str) {
        let is_task = self
            .state()
            .containers
            .get(container)
            .is_some_and(|c| c.config.labels.contains_key(super::executor::TASK_ID));
        let of_swarm = self
            .state()
            .networks
            .get(network)
            .is_some_and(|n| n.scope == "swarm");
        if !of_swarm || !self.in_swarm() {
            return;
        }
        self.gossip(container);
        if is_task {
            return;
        }
        let (engine, container, network) = (self.clone(), container.to_owned(), network.to_owned());
        self.for_swarm(async move {
            let _ = engine.ask(Ask::Detach { container, network }).await;
        });
    }

    /// The manager's side: a task that stands for a container, with an address. Answers with the network's id and the address.
    pub(super) async fn attach_task(
        &self,
        node: &str,
        container: String,
        network: String,
        address: String,
    ) -> Result<SwarmChanged> {
        let net = self
            .network_named(&network)
            .map_err(|e| rpc("NotFound", e))?;
        if !net.attachable {
            return Err(rpc(
                "PermissionDenied",
                format!("network {} not manually attachable", net.name),
            ));
        }
        let wanted = address.parse().ok();
        if wanted.is_none() && !address.is_empty() {
            return Err(rpc("InvalidArgument", "invalid IP address"));
        }
        // One that cannot be had is waited for, as long as somebody waits.
        let given = self.until(|| {
            if !self.leads() {
                return Some(None);
            }
            // A node that is taken out of work gets nothing.
            let addr = self.pen(|pen| {
                let found = pen.store.nodes.get(node);
                let drained = found.is_some_and(|n| n.spec.availability == "drain");
                (!drained).then(|| pen.address(&net.id, wanted)).flatten()
            });
            addr.flatten().map(Some)
        });
        // Whoever waits has just given up by then.
        let limit = PATIENCE + Duration::from_millis(1);
        let given = self.sys().timeout(limit, given).await;
        let given = given.ok_or_else(|| rpc("DeadlineExceeded", "context deadline exceeded"))?;
        let addr = given.ok_or_else(super::no_leader)?.to_string();
        self.pen(|pen| {
            let task = attachment_task(pen, node, &container, &net, &addr);
            pen.store.tasks.insert(task.id.clone(), task);
        });
        self.manage();
        Ok(SwarmChanged {
            id: net.id,
            warnings: vec![addr],
        })
    }
}

fn attachment_task(
    pen: &mut super::store::Pen<'_>,
    node: &str,
    container: &str,
    net: &Net,
    addr: &str,
) -> Task {
    let (id, version, time) = (pen.id(), pen.version(), pen.time());
    Task {
        id,
        version,
        created_at: time.clone(),
        updated_at: time.clone(),
        spec: TaskSpec {
            network_attachment_spec: Some(NetworkAttachmentSpec {
                container_id: container.to_owned(),
            }),
            networks: vec![NetworkAttachmentConfig {
                target: net.id.clone(),
                ..NetworkAttachmentConfig::default()
            }],
            runtime: "attachment".to_owned(),
            ..TaskSpec::default()
        },
        node_id: node.to_owned(),
        status: TaskStatus {
            timestamp: time,
            state: "running".to_owned(),
            message: "started".to_owned(),
            ..TaskStatus::default()
        },
        desired_state: "running".to_owned(),
        networks_attachments: vec![NetworkAttachment {
            network: net.of_task(),
            addresses: vec![addr.to_owned()],
        }],
        ..Task::default()
    }
}
