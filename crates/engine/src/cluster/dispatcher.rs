//! The manager that leads: who is connected, what nodes are to do and what other managers are to know.
//!
//! Source: swarmkit `manager/dispatcher`.

use std::net::{IpAddr, SocketAddr};

use kernel::process::files::Fd;
use kernel::time::{Duration, Instant};
use serde::{Deserialize, Serialize};
use sorted::SortedMap;

use super::store::{Net, Pen, Store, find, rank, rpc};
use super::wire::{self, Ask, Incoming, Message, Refusal};
use super::{Swarm, no_leader, tokens};
use crate::api::{
    EventType, ManagerStatus, NodeDescription, NodeSpec, NodeStatus, ObjectVersion, Peer, Secret,
    ServiceEndpoint, SwarmChanged, SwarmConfig, SwarmNode, Task, TaskStatus,
};
use crate::daemon::Engine;
use crate::error::{Error, Result};
use crate::stream::{Sender, channel};

/// So many signs of life may be missing before a node counts as down. Source: swarmkit `dispatcher/dispatcher.go`.
const GRACE: u32 = 3;
/// Entries of managers' logs for a manager that joins, before the last one; a worker takes one less. Seen.
const JOINING: u64 = 5;
/// How long somebody who connects may take to say what for.
const GREETING: Duration = Duration::from_secs(10);

/// What nodes have to know of a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Brief {
    pub(crate) name: String,
    pub(crate) labels: SortedMap<String, String>,
    pub(crate) endpoint: ServiceEndpoint,
}

/// What a node is to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Assignment {
    pub(crate) manager: bool,
    pub(crate) managers: Vec<Peer>,
    /// Nodes that are there, by id.
    pub(crate) nodes: Vec<(String, IpAddr)>,
    pub(crate) tasks: Vec<Task>,
    /// Networks, with the address of the balancer on this node.
    pub(crate) networks: Vec<(Net, Option<IpAddr>)>,
    pub(crate) services: SortedMap<String, Brief>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) configs: Vec<SwarmConfig>,
    /// Nanoseconds between two signs of life.
    pub(crate) heartbeat: i64,
}

/// A node that is connected.
pub(super) struct Session {
    outbox: Sender<Message>,
    number: u64,
    heard: Instant,
    sent: Assignment,
    /// The index up to which it knows; workers know nothing.
    pub(super) known: u64,
    told: u64,
}

/// Managers by their addresses.
pub(super) fn managers(store: &Store) -> Vec<Peer> {
    let managers = store.nodes.values().filter_map(|n| {
        Some(Peer {
            node_id: n.id.clone(),
            addr: n.manager_status.as_ref()?.addr.clone(),
        })
    });
    managers.collect()
}

/// What a node is to do.
fn assignment(store: &Store, node: &SwarmNode) -> Assignment {
    let tasks: Vec<Task> = store
        .tasks
        .values()
        .filter(|t| t.node_id == node.id && rank(&t.status.state) >= rank("assigned"))
        .cloned()
        .collect();
    let mut services: SortedMap<String, Brief> = SortedMap::new();
    let (mut secrets, mut configs): (Vec<Secret>, Vec<SwarmConfig>) = (Vec::new(), Vec::new());
    for task in &tasks {
        if let Some(service) = store.services.get(&task.service_id) {
            let brief = Brief {
                name: service.spec.name.clone(),
                labels: service.spec.labels.clone(),
                endpoint: service.endpoint.clone(),
            };
            services.insert(service.id.clone(), brief);
        }
        if let Some(container) = &task.spec.container_spec {
            let ids = container.secrets.iter().map(|s| &s.secret_id);
            secrets.extend(ids.filter_map(|id| store.secrets.get(id).cloned()));
            let ids = container.configs.iter().map(|c| &c.config_id);
            configs.extend(ids.filter_map(|id| store.configs.get(id).cloned()));
        }
    }
    let networks = store
        .balancers
        .iter()
        .filter_map(|(key, addr)| {
            let (on, network) = key.split_once('/')?;
            let mut network = store
                .networks
                .get(network)
                .filter(|_| on == node.id)?
                .clone();
            // How far addresses are given out is nothing to a node.
            network.last = 0;
            Some((network, Some(IpAddr::V4(*addr))))
        })
        .collect();
    let there = |n: &&SwarmNode| n.status.state != "down";
    let nodes = store
        .nodes
        .values()
        .filter(there)
        .filter_map(|n| Some((n.id.clone(), n.status.addr.parse().ok()?)));
    Assignment {
        manager: node.spec.role == "manager",
        managers: managers(store),
        nodes: nodes.collect(),
        tasks,
        networks,
        services,
        secrets,
        configs,
        heartbeat: store.swarm.spec.dispatcher.heartbeat_period,
    }
}

impl Engine {
    /// Does what follows from a change: makes tasks, gives them what they need, and tells who has to know.
    pub(super) fn manage(&self) {
        let led = self.pen(|pen| {
            pen.enforce();
            pen.orchestrate();
            pen.together(Pen::allocate_tasks);
            pen.together(Pen::schedule);
            pen.together(Pen::reap);
            pen.allocate_balancers();
        });
        if led.is_none() {
            return;
        }
        self.follow_updates();
        let own = self.swarm(|swarm| {
            let Swarm {
                store, sessions, ..
            } = swarm;
            let mut own = None;
            for node in store.nodes.values() {
                let assigned = assignment(store, node);
                if node.id == swarm.node {
                    own = Some(assigned);
                    continue;
                }
                let Some(session) = sessions.get_mut(&node.id) else {
                    continue;
                };
                let is_manager = node.spec.role == "manager";
                if is_manager && session.told != store.index {
                    session.told = store.index;
                    session.outbox.send(Message::Know(Box::new(store.clone())));
                }
                if session.sent != assigned {
                    session.sent = assigned.clone();
                    session.outbox.send(Message::Assign(Box::new(assigned)));
                }
            }
            // A node that was removed is told to go.
            sessions.retain(|id, session| {
                let stays = store.nodes.contains_key(id);
                if !stays {
                    session.outbox.send(Message::Leave);
                }
                stays
            });
            own
        });
        if let Some(own) = own.flatten() {
            self.take_assignment(own);
        }
        self.notify();
    }

    /// Takes connections from nodes, as long as this one is a manager.
    pub(super) fn listen_for_nodes(&self) -> Result<()> {
        let port = self.swarm(|s| s.port).unwrap_or(super::PORT);
        let fd = wire::listen(self.sys(), port).map_err(|e| {
            Error::internal(format!(
                "listen tcp 0.0.0.0:{port}: bind: {}",
                e.text().to_ascii_lowercase()
            ))
        })?;
        let (engine, generation) = (self.clone(), self.generation());
        self.sys().spawn_task(async move {
            let accepts = async {
                while let Ok((connection, from)) = engine.sys().accept(fd).await {
                    let node = engine.clone();
                    let line = wire::Line::new(engine.sys(), connection);
                    engine.for_swarm(async move {
                        let line = line;
                        node.greet(line.fd, from).await;
                    });
                }
            };
            let over = engine.until(|| {
                let listens =
                    engine.is_current(generation) && engine.swarm(|s| s.manager).unwrap_or(false);
                (!listens).then_some(())
            });
            kernel::sys::race(accepts, over).await;
            engine.sys().close(fd);
        });
        Ok(())
    }

    /// Hears what somebody who has connected wants.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what else is said is not for this side"
    )]
    async fn greet(&self, fd: Fd, from: SocketAddr) {
        let mut incoming = Incoming::new(fd);
        let first = self
            .sys()
            .timeout(GREETING, incoming.next(self.sys()))
            .await
            .flatten();
        let Some(first) = first else { return };
        if let Message::Vote { node, term, index } = first {
            let answer = self.vote(&node, term, index);
            let _ = wire::send(self.sys(), fd, &answer).await;
            return;
        }
        if !self.leads() {
            let answer = match self.leader_addr() {
                Some(addr) => Message::Redirect { addr },
                None => Message::Refused(no_leader().into()),
            };
            let _ = wire::send(self.sys(), fd, &answer).await;
            return;
        }
        match first {
            Message::Join {
                token,
                description,
                availability,
                addr,
                port,
            } => {
                let seen = canonical(from.ip());
                let addr = addr.parse().unwrap_or(seen);
                let joined = self.admit(&token, *description, &availability, addr, port);
                let answer = joined.unwrap_or_else(|e| Message::Refused(e.into()));
                let _ = wire::send(self.sys(), fd, &answer).await;
            }
            Message::Hello {
                node,
                description,
                index,
            } => {
                self.session(
                    fd,
                    incoming,
                    node,
                    (*description, canonical(from.ip())),
                    index,
                )
                .await;
            }
            _ => {}
        }
    }

    /// Makes a node of who has the right token.
    fn admit(
        &self,
        token: &str,
        description: NodeDescription,
        availability: &str,
        addr: IpAddr,
        port: u16,
    ) -> Result<Message> {
        let answer = self.pen(|pen| {
            let known = pen.store.swarm.join_tokens.clone().unwrap_or_default();
            let fits = |t: &str| tokens::digest(t).ok() == tokens::digest(token).ok();
            if !token.is_empty() && !fits(&known.worker) {
                return Err(Error::internal(
                    "remote CA does not match fingerprint. Expected: ".to_owned()
                        + tokens::digest(token).unwrap_or_default(),
                ));
            }
            let manager = token == known.manager;
            if !manager && token != known.worker {
                return Err(rpc(
                    "InvalidArgument",
                    "A valid join token is necessary to join this cluster",
                ));
            }
            // What a new node is takes several entries: itself, its certificate, its role, its place on the ingress network.
            for _ in 0..JOINING - u64::from(!manager) {
                pen.version();
            }
            let (id, version, time) = (pen.id(), pen.version(), pen.time());
            let mut node = new_node(
                (&id, version, &time),
                description,
                manager.then(|| format!("{addr}:{port}")),
                availability,
                addr,
            );
            "unknown".clone_into(&mut node.status.state);
            pen.store.nodes.insert(id.clone(), node);
            // Nothing is told of its description before its first session, only that it is given a certificate. Seen.
            for action in ["create", "update", "update"] {
                pen.tell(EventType::Node, action, &id, &[("name", "")]);
            }
            Ok(Message::Joined {
                node: id,
                manager,
                managers: managers(pen.store),
                addr,
            })
        });
        let answer = answer.unwrap_or_else(|| Err(no_leader()));
        self.manage();
        answer
    }

    /// A node's session: from when it comes to when its connection ends.
    async fn session(
        &self,
        fd: Fd,
        mut incoming: Incoming,
        node: String,
        (description, addr): (NodeDescription, IpAddr),
        index: u64,
    ) {
        let known = self.swarm(|s| s.store.nodes.contains_key(&node));
        if known != Some(true) {
            let _ = wire::send(self.sys(), fd, &Message::Leave).await;
            return;
        }
        let (outbox, out) = channel(self.sys());
        let number = self.count();
        let now = self.sys().now();
        self.swarm(|s| {
            let session = Session {
                outbox,
                number,
                heard: now,
                sent: Assignment::default(),
                known: index,
                told: 0,
            };
            s.sessions.insert(node.clone(), session);
        });
        self.pen(|pen| {
            // Its certificate is of the swarm's authority: it could not speak to managers otherwise.
            let tls_info = pen.store.swarm.tls_info.clone();
            let description = NodeDescription {
                tls_info,
                ..description
            };
            let changed = pen
                .store
                .nodes
                .get(&node)
                .is_some_and(|n| n.status.state != "ready" || n.description != description);
            if !changed {
                return;
            }
            let was = pen.store.nodes.get(&node).map(|n| n.status.state.clone());
            let fresh = was.as_deref() == Some("unknown");
            pen.batch = fresh.then_some(Some(pen.store.log));
            pen.node(&node, |n| {
                n.description = description;
                n.status = NodeStatus {
                    state: "ready".to_owned(),
                    message: String::new(),
                    addr: addr.to_string(),
                };
                if let Some(m) = n.manager_status.as_mut() {
                    "reachable".clone_into(&mut m.reachability);
                }
            });
            let name = pen
                .store
                .nodes
                .get(&node)
                .map(|n| n.description.hostname.clone());
            let told = [
                ("name", name.as_deref().unwrap_or_default()),
                ("state.new", "ready"),
                ("state.old", was.as_deref().unwrap_or_default()),
            ];
            pen.tell(EventType::Node, "update", &node, &told);
        });
        self.manage();
        self.watch_node(node.clone(), number);
        let writes = async {
            while let Some(message) = out.next().await {
                if wire::send(self.sys(), fd, &message).await.is_err() {
                    break;
                }
            }
        };
        let reads = async {
            while let Some(message) = incoming.next(self.sys()).await {
                self.hear(&node, message);
            }
        };
        let over = self.until(|| {
            let same = self
                .swarm(|s| s.sessions.get(&node).map(|x| x.number))
                .flatten();
            (same != Some(number) || !self.leads()).then_some(())
        });
        kernel::sys::race(kernel::sys::race(reads, writes), over).await;
    }

    /// A node of which nothing is heard for long is down.
    fn watch_node(&self, node: String, number: u64) {
        let engine = self.clone();
        self.for_swarm(async move {
            loop {
                let due = engine.swarm(|s| {
                    let period = s.store.swarm.spec.dispatcher.heartbeat_period;
                    let period = Duration::from_nanos(u64::try_from(period).unwrap_or(0));
                    let session = s.sessions.get(&node).filter(|x| x.number == number)?;
                    Some(session.heard + period.saturating_mul(GRACE))
                });
                let Some(Some(due)) = due else { return };
                let now = engine.sys().now();
                if now >= due {
                    break;
                }
                let _ = engine.sys().sleep(due - now).await;
            }
            engine.swarm(|s| {
                s.sessions.remove(&node);
                s.readings.retain(|_, reading| reading.node != node);
            });
            engine.lose_node(&node);
        });
    }

    /// A node is down.
    pub(super) fn lose_node(&self, node: &str) {
        self.pen(|pen| {
            let Some(known) = pen.store.nodes.get(node) else {
                return;
            };
            let (name, was) = (
                known.description.hostname.clone(),
                known.status.state.clone(),
            );
            if was == "down" {
                return;
            }
            pen.node(node, |n| {
                "down".clone_into(&mut n.status.state);
                "heartbeat failure".clone_into(&mut n.status.message);
                if let Some(m) = n.manager_status.as_mut() {
                    "unreachable".clone_into(&mut m.reachability);
                }
            });
            let told = [
                ("name", name.as_str()),
                ("state.new", "down"),
                ("state.old", was.as_str()),
            ];
            pen.tell(EventType::Node, "update", node, &told);
        });
        self.manage();
    }

    /// Takes in what a node says.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what else is said is not for this side"
    )]
    fn hear(&self, node: &str, message: Message) {
        let now = self.sys().now();
        self.swarm(|s| {
            if let Some(session) = s.sessions.get_mut(node) {
                session.heard = now;
            }
        });
        match message {
            Message::Beat => self.say(node, Message::Beat),
            Message::Status(statuses) => self.take_statuses(statuses),
            Message::Logged { number, frame } => self.take_logged(node, number, frame),
            Message::Known { index } => {
                self.swarm(|s| {
                    if let Some(session) = s.sessions.get_mut(node) {
                        session.known = index;
                    }
                });
                self.notify();
            }
            Message::Ask { number, ask } => {
                let (engine, node) = (self.clone(), node.to_owned());
                self.for_swarm(async move {
                    let answer = engine.answer(&node, *ask).await.map_err(Refusal::from);
                    engine.say(&node, Message::Answer { number, answer });
                });
            }
            _ => {}
        }
    }

    /// Sends something to a node that is connected.
    pub(super) fn say(&self, node: &str, message: Message) {
        self.swarm(|s| s.sessions.get(node).map(|x| x.outbox.send(message)));
    }

    /// Does what a node, or this one, asks.
    pub(super) async fn answer(&self, node: &str, ask: Ask) -> Result<SwarmChanged> {
        match ask {
            Ask::Change(change) => {
                self.check_quorum().await?;
                let changed = self.pen(|pen| pen.apply(&change));
                let changed = changed.unwrap_or_else(|| Err(no_leader()))?;
                self.manage();
                Ok(changed)
            }
            Ask::Attach {
                container,
                network,
                address,
            } => self.attach_task(node, container, network, address).await,
            Ask::Detach { container, network } => {
                self.pen(|pen| {
                    let on = |t: &Task| {
                        let spec = t.spec.network_attachment_spec.as_ref();
                        spec.is_some_and(|s| s.container_id == container)
                            && t.spec.networks.iter().any(|n| n.target == network)
                    };
                    let found = pen.store.tasks.values().find(|t| on(t));
                    if let Some(id) = found.map(|t| t.id.clone()) {
                        pen.version();
                        pen.store.tasks.remove(&id);
                    }
                });
                self.manage();
                Ok(SwarmChanged::default())
            }
        }
    }

    /// Takes in how tasks are.
    pub(super) fn take_statuses(&self, statuses: Vec<(String, TaskStatus)>) {
        self.pen(|pen| {
            for (id, status) in statuses {
                let now = pen.store.tasks.get(&id).map(|t| rank(&t.status.state));
                if now.is_some_and(|now| now <= rank(&status.state)) {
                    pen.status(&id, status);
                }
            }
        });
        self.manage();
    }

    /// Lets a task run after a time.
    pub(super) fn start_later(&self, task: String, delay: i64) {
        let engine = self.clone();
        let delay = Duration::from_nanos(u64::try_from(delay).unwrap_or(0));
        self.for_swarm(async move {
            let _ = engine.sys().sleep(delay).await;
            engine.pen(|pen| {
                let job = pen
                    .store
                    .tasks
                    .get(&task)
                    .is_some_and(|t| t.job_iteration.is_some());
                pen.desire(&task, if job { "complete" } else { "running" });
            });
            engine.manage();
        });
    }

    /// Finds out which network a name or id means, where this one leads.
    pub(super) fn network_named(&self, name: &str) -> Result<Net> {
        let found = self.swarm(|s| find(&s.store.networks, "network", name).cloned());
        found.unwrap_or_else(|| Err(no_leader()))
    }
}

/// An address of IPv4 as it is, also where it was seen by a socket of IPv6.
fn canonical(addr: IpAddr) -> IpAddr {
    addr.to_canonical()
}

/// A node that has just come.
pub(super) fn new_node(
    (id, version, time): (&str, ObjectVersion, &str),
    description: NodeDescription,
    manager: Option<String>,
    availability: &str,
    addr: IpAddr,
) -> SwarmNode {
    let availability = match availability {
        "" => "active",
        given => given,
    };
    let role = if manager.is_some() {
        "manager"
    } else {
        "worker"
    };
    SwarmNode {
        id: id.to_owned(),
        version,
        created_at: time.to_owned(),
        updated_at: time.to_owned(),
        spec: NodeSpec {
            role: role.to_owned(),
            availability: availability.to_owned(),
            ..NodeSpec::default()
        },
        description,
        status: NodeStatus {
            state: "ready".to_owned(),
            message: String::new(),
            addr: addr.to_string(),
        },
        manager_status: manager.map(|addr| ManagerStatus {
            leader: false,
            reachability: "reachable".to_owned(),
            addr,
        }),
    }
}
