//! What nodes tell each other of the endpoints on their networks: addresses, names and services.
//!
//! Each node tells all that is its own, a moment after something changed, to every node that there is; what a node said last
//! stands for it. One that cannot be reached is tried again, seldom, for as long as it counts as there.
//! Source: moby `libnetwork/networkdb`, `libnetwork/agent.go`.

use std::net::{IpAddr, SocketAddr};

use kernel::time::Duration;
use serde::{Deserialize, Serialize};
use sorted::SortedMap;

use super::plane::Told;
use super::wire::{self, Incoming, Message};
use crate::api::{NetworkService, NetworkTask, PeerInfo, PortConfig};
use crate::daemon::Engine;

/// The port at which nodes hear of each other.
const PORT: u16 = 7946;
/// A moment in which changes are gathered. Real nodes tell every 200 ms (moby `libnetwork/networkdb`), where a command takes a
/// tenth of a second or more; here commands take a quarter of that, and so does this: the first command elsewhere does not know
/// yet, the third does.
const INTERVAL: Duration = Duration::from_millis(70);
/// When a node that could not be reached is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(super) network: String,
    /// The endpoint's id.
    pub(super) id: String,
    /// The container's name, or empty for a balancer.
    pub(super) container: String,
    pub(super) addr: IpAddr,
    pub(super) mac: String,
    /// Its names; none for a balancer.
    pub(super) names: Vec<String>,
    /// Its service, or empty.
    pub(super) service: String,
    pub(super) aliases: Vec<String>,
    pub(super) vip: Option<IpAddr>,
    pub(super) ports: Vec<PortConfig>,
    pub(super) disabled: bool,
}

/// What is known of endpoints.
#[derive(Default)]
pub(super) struct Table {
    /// By node: the number of what it said last, its address, and that.
    nodes: SortedMap<String, (u64, IpAddr, Vec<Entry>)>,
    /// What this node said last.
    said: Vec<Entry>,
    number: u64,
    /// Containers that are to end.
    pub(super) disabled: Vec<String>,
    pub(super) told: Told,
}

impl Table {
    /// What is left after a restart: others have heard of numbers up to here.
    pub(super) fn resumed(&self) -> Self {
        Self {
            number: self.number,
            ..Self::default()
        }
    }

    /// Endpoints of nodes that are there, with the nodes' addresses.
    pub(super) fn elsewhere(&self, own: &str, there: &[(String, IpAddr)]) -> Vec<(IpAddr, Entry)> {
        let nodes = self.nodes.iter();
        let nodes = nodes.filter(|(id, _)| *id != own && there.iter().any(|(t, _)| t == *id));
        nodes
            .flat_map(|(_, (_, addr, entries))| entries.iter().map(|e| (*addr, e.clone())))
            .collect()
    }
}

impl Engine {
    /// The endpoints of this machine on networks of the swarm.
    pub(super) fn own_entries(&self) -> Vec<Entry> {
        let state = self.state();
        let Some(swarm) = state.membership.swarm.as_deref() else {
            return Vec::new();
        };
        let mut entries = Vec::new();
        for network in state.networks.values().filter(|n| n.scope == "swarm") {
            for (owner, endpoint) in &network.endpoints {
                let Some(addr) = endpoint.addr(false) else {
                    continue;
                };
                let mut entry = Entry {
                    network: network.id.clone(),
                    id: endpoint.spec.id.clone(),
                    container: state
                        .containers
                        .get(owner)
                        .map(|c| c.name.clone())
                        .unwrap_or_default(),
                    addr: addr.addr(),
                    mac: endpoint.spec.mac.map(|m| m.to_string()).unwrap_or_default(),
                    names: Vec::new(),
                    service: String::new(),
                    aliases: Vec::new(),
                    vip: None,
                    ports: Vec::new(),
                    disabled: swarm.table.disabled.contains(owner),
                };
                let container = state.containers.get(owner);
                let task = container.and_then(|c| c.config.labels.get(super::executor::TASK_ID));
                if container.is_some() && !network.ingress {
                    entry.names.clone_from(&endpoint.dns_names);
                }
                let task = task.and_then(|id| swarm.assigned.tasks.iter().find(|t| t.id == *id));
                if let Some(task) = task
                    && let Some(brief) = swarm.assigned.services.get(&task.service_id)
                {
                    entry.service.clone_from(&brief.name);
                    let here = |v: &&crate::api::VirtualIp| v.network_id == network.id;
                    let vip = brief.endpoint.virtual_ips.iter().find(here);
                    entry.vip = vip.and_then(|v| v.addr.split('/').next()?.parse().ok());
                    let wanted = task.spec.networks.iter().find(|n| n.target == network.id);
                    entry.aliases = wanted.map(|w| w.aliases.clone()).unwrap_or_default();
                    if network.ingress {
                        entry.ports.clone_from(&brief.endpoint.ports);
                    }
                    // A task gets no connections before it runs.
                    entry.disabled |= task.status.state != "running";
                }
                entries.push(entry);
            }
        }
        entries
    }

    /// The nodes that have a network of the swarm, this one first.
    pub(crate) fn network_peers(&self, network: &str) -> Vec<PeerInfo> {
        let of_swarm = self
            .state()
            .networks
            .get(network)
            .is_some_and(|n| n.scope == "swarm");
        let peers = self.swarm(|s| {
            let on = |entries: &[Entry]| entries.iter().any(|e| e.network == network);
            let others = s.table.nodes.iter();
            let others = others.filter(|(id, (.., entries))| **id != s.node && on(entries));
            let others = others.map(|(id, (_, addr, _))| (id.clone(), *addr));
            let own = s.addr.map(|addr| (s.node.clone(), addr));
            own.into_iter().chain(others).collect::<Vec<_>>()
        });
        let info = |(node, addr): (String, IpAddr)| PeerInfo {
            name: crate::sha256::hex(node.as_bytes())
                .get(..12)
                .unwrap_or_default()
                .to_owned(),
            ip: addr.to_string(),
        };
        let peers = peers.unwrap_or_default().into_iter().filter(|_| of_swarm);
        peers.map(info).collect()
    }

    /// The services on a network as this machine knows them; containers that are of none stand under an empty name.
    /// Source: moby `libnetwork/agent.go`, `Services`.
    pub(crate) fn network_services(&self, network: &str) -> SortedMap<String, NetworkService> {
        let own = self.own_entries();
        let known = self.swarm(|s| (s.addr, s.table.elsewhere(&s.node, &s.assigned.nodes)));
        let Some((Some(addr), elsewhere)) = known else {
            return SortedMap::new();
        };
        let all = own.into_iter().map(|e| (addr, e)).chain(elsewhere);
        let mut services: SortedMap<String, NetworkService> = SortedMap::new();
        for (host, entry) in all.filter(|(_, e)| e.network == network && !e.container.is_empty()) {
            let mark = match entry.service.is_empty() {
                true => 0,
                false => self.mark(&(entry.network.clone(), entry.service.clone())),
            };
            let ports = entry.ports.iter();
            let ports =
                ports.map(|p| format!("Target: {}, Publish: {}", p.target_port, p.published_port));
            let service = services
                .entry(entry.service.clone())
                .or_insert_with(|| NetworkService {
                    vip: entry.vip.map_or("<nil>".to_owned(), |vip| vip.to_string()),
                    ports: ports.collect(),
                    mark,
                    tasks: Vec::new(),
                });
            service.tasks.push(NetworkTask {
                name: entry.container.clone(),
                endpoint_id: entry.id.clone(),
                endpoint_ip: entry.addr.to_string(),
                info: SortedMap::from([("Host IP".to_owned(), host.to_string())]),
            });
        }
        for service in services.values_mut() {
            sorted::sort_by_key(&mut service.tasks, |t| t.name.clone());
        }
        services
    }

    /// A container that is to end gets no new connections.
    pub(super) fn disable(&self, container: &str) {
        self.swarm(|s| s.table.disabled.push(container.to_owned()));
        self.gossip(container);
    }

    /// Takes in here what changed for a container on this machine's networks, and tells others, a moment later.
    ///
    /// What is told of tasks does not wait: real ones take seconds to start, in which it is long told, and here they start at
    /// once.
    pub(crate) fn gossip(&self, container: &str) {
        let is_task = self
            .state()
            .containers
            .get(container)
            .is_some_and(|c| c.config.labels.contains_key(super::executor::TASK_ID));
        let wait = if is_task { Duration::ZERO } else { INTERVAL };
        if !self.in_swarm() {
            return;
        }
        let engine = self.clone();
        self.for_swarm(async move {
            // Whoever changes something is done with it then.
            engine.sys().turn().await;
            engine.refresh_plane();
            let _ = engine.sys().sleep(wait).await;
            let entries = engine.own_entries();
            let news = engine.swarm(|s| {
                let news = s.table.said != entries;
                if news {
                    s.table.said = entries;
                    s.table.number += 1;
                }
                news
            });
            if news == Some(true) {
                engine.tell_all();
            }
        });
    }

    /// Nodes have come or gone.
    pub(super) fn follow_nodes(&self) {
        self.tell_all();
    }

    /// Tells every node what there is here.
    fn tell_all(&self) {
        let nodes = self.swarm(|s| {
            let others = s.assigned.nodes.iter().filter(|(id, _)| *id != s.node);
            others.map(|(id, _)| id.clone()).collect::<Vec<_>>()
        });
        for node in nodes.unwrap_or_default() {
            let engine = self.clone();
            self.for_swarm(async move { engine.tell(&node).await });
        }
    }

    /// Tells a node, as often as it takes, unless there is something newer to tell.
    async fn tell(&self, node: &str) {
        let number = self.swarm(|s| s.table.number);
        loop {
            let news = self.swarm(|s| {
                let there = s.assigned.nodes.iter().find(|(id, _)| id == node)?;
                let addr = s.addr?;
                let message = Message::Gossip {
                    node: s.node.clone(),
                    addr,
                    number: s.table.number,
                    entries: s.table.said.clone(),
                    asks: !s.table.nodes.contains_key(node),
                };
                (Some(s.table.number) == number).then_some((there.1, message))
            });
            let Some(Some((to, message))) = news else {
                return;
            };
            if let Ok(line) = wire::dial(self.sys(), SocketAddr::new(to, PORT)).await
                && wire::send(self.sys(), line.fd, &message).await.is_ok()
            {
                return;
            }
            let _ = self.sys().sleep(AGAIN).await;
        }
    }

    /// Hears other nodes. Real ones probe each other by datagrams to the same port; here what comes that way is thrown away.
    pub(super) fn listen_for_gossip(&self) {
        let Ok(fd) = wire::listen(self.sys(), PORT) else {
            return;
        };
        let probes = wire::listen_datagrams(self.sys(), PORT);
        let (engine, generation) = (self.clone(), self.generation());
        self.sys().spawn_task(async move {
            let accepts = async {
                while let Ok((connection, _)) = engine.sys().accept(fd).await {
                    let hearer = engine.clone();
                    let line = wire::Line::new(engine.sys(), connection);
                    engine.for_swarm(async move {
                        let line = line;
                        let mut incoming = Incoming::new(line.fd);
                        let heard = hearer
                            .sys()
                            .timeout(AGAIN, incoming.next(hearer.sys()))
                            .await;
                        if let Some(Some(message)) = heard {
                            hearer.take_gossip(message);
                        }
                    });
                }
            };
            let drained = async {
                match probes {
                    Ok(probes) => while engine.sys().recv_from(probes).await.is_ok() {},
                    Err(_) => std::future::pending().await,
                }
            };
            let over = engine.swarm_over(generation);
            kernel::sys::race(kernel::sys::race(accepts, drained), over).await;
            engine.sys().close(fd);
            if let Ok(probes) = probes {
                engine.sys().close(probes);
            }
        });
    }

    fn take_gossip(&self, message: Message) {
        let Message::Gossip {
            node,
            addr,
            number,
            entries,
            asks,
        } = message
        else {
            return;
        };
        self.swarm(|s| {
            let newer = s.table.nodes.get(&node).is_none_or(|(n, ..)| *n < number);
            if newer {
                s.table.nodes.insert(node.clone(), (number, addr, entries));
            }
        });
        self.refresh_plane();
        if asks {
            let engine = self.clone();
            self.for_swarm(async move { engine.tell(&node).await });
        }
    }
}
