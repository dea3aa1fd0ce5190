//! What the control plane asks of the network driver and the balancer on this machine.

use std::net::IpAddr;

use ipnet::IpNet;
use kernel::time::Duration;
use sorted::{SortedMap, SortedSet};

use super::gossip::Entry;
use super::store::Net;
use crate::balancer::{Backend, IngressPort, Service};
use crate::daemon::Engine;
use crate::dns::records::Peer as Names;
use crate::drivers::Peer;
use crate::overlays::OverlayPlan;
use crate::ports::Proto;

/// How long a network stays after its last container. Seen: some seconds.
const LINGER: Duration = Duration::from_secs(3);
/// The first mark of a service. Source: moby `libnetwork/service_linux.go`.
const FIRST_MARK: u32 = 256;

/// What this machine was told last.
#[derive(Default)]
pub(super) struct Told {
    peers: SortedMap<String, Vec<Peer>>,
    services: SortedMap<(String, String), (Service, Vec<Backend>)>,
    marks: SortedMap<(String, String), u32>,
}

/// An address with the prefix of the network's subnet that it is in.
fn with_prefix(net: &Net, addr: IpAddr) -> Option<IpNet> {
    let pools = net.ipam.config.iter().flatten();
    let subnets = pools.filter_map(|p| crate::ipam::strict_net(&p.subnet));
    let subnet = subnets.into_iter().find(|s| s.contains(&addr))?;
    IpNet::new(addr, subnet.prefix_len()).ok()
}

impl Engine {
    /// Makes the networks that this node is to have, and removes those that it has no use for, after a while.
    pub(super) fn follow_networks(&self) {
        let wanted = self.swarm(|s| (s.assigned.networks.clone(), s.addr));
        let Some((wanted, Some(vtep))) = wanted else {
            return;
        };
        let mut made = false;
        for (net, balancer) in &wanted {
            if self.state().networks.contains_key(&net.id) {
                continue;
            }
            let plan = OverlayPlan {
                id: net.id.clone(),
                name: net.name.clone(),
                created: net.created,
                ipam: net.ipam.clone(),
                options: net.options.clone().unwrap_or_default(),
                labels: net.labels.clone(),
                internal: net.internal,
                attachable: net.attachable,
                ingress: net.ingress,
                vtep,
                balancer: balancer.and_then(|addr| with_prefix(net, addr)),
            };
            made |= self.overlay_make(plan).is_ok();
        }
        let spare = {
            let state = self.state();
            let of_swarm = state.networks.values().filter(|n| n.scope == "swarm");
            let mut ids = of_swarm.map(|n| &n.id);
            ids.any(|id| !wanted.iter().any(|(n, _)| n.id == *id))
        };
        let removed = self.swarm(|s| {
            let known = |id: &String| s.store.networks.contains_key(id);
            s.manager && s.store.index > 0 && !s.table.told.peers.keys().all(known)
        });
        if spare && removed == Some(true) {
            self.drop_networks(false);
        }
        if spare {
            let engine = self.clone();
            self.for_swarm(async move {
                let _ = engine.sys().sleep(LINGER).await;
                engine.drop_networks(true);
            });
        }
        if made {
            self.gossip("");
        }
    }

    /// Removes networks that this node has no use for; the ingress network stays for a while. Seen.
    pub(super) fn drop_networks(&self, with_ingress: bool) {
        let spare: Vec<String> = {
            let state = self.state();
            let assigned = state
                .membership
                .swarm
                .as_ref()
                .map(|s| &s.assigned.networks);
            let Some(assigned) = assigned else { return };
            let spare = state
                .networks
                .values()
                .filter(|n| n.scope == "swarm" && !assigned.iter().any(|(net, _)| net.id == n.id));
            let used = |n: &&crate::state::Network| {
                n.endpoints
                    .keys()
                    .any(|owner| state.containers.contains_key(owner))
            };
            let spare = spare.filter(|n| with_ingress || !n.ingress);
            spare.filter(|n| !used(n)).map(|n| n.id.clone()).collect()
        };
        for id in &spare {
            self.overlay_remove(id);
            self.swarm(|s| s.table.told.peers.remove(id));
        }
        if !spare.is_empty() {
            self.gossip("");
        }
    }

    /// Marks a task's container with the published ports that lead to it.
    pub(super) fn mark_ports(&self, container: &str, brief: &super::dispatcher::Brief) {
        let ports = ingress_ports(&brief.endpoint.ports);
        if let Some(c) = self.state().containers.get_mut(container) {
            c.ingress_ports = ports;
        }
    }

    /// Tells driver and balancer what is known now of endpoints here and elsewhere.
    pub(super) fn refresh_plane(&self) {
        let own = self.own_entries();
        let known = self.swarm(|s| {
            let node = s.node.clone();
            let addr = s.addr;
            let elsewhere = s.table.elsewhere(&node, &s.assigned.nodes);
            let nets: Vec<Net> = s.assigned.networks.iter().map(|(n, _)| n.clone()).collect();
            (addr, elsewhere, nets)
        });
        let Some((Some(_), elsewhere, nets)) = known else {
            return;
        };
        let local: Vec<String> = {
            let state = self.state();
            let of_swarm = state.networks.values().filter(|n| n.scope == "swarm");
            of_swarm.map(|n| n.id.clone()).collect()
        };
        for net in nets.iter().filter(|n| local.contains(&n.id)) {
            self.tell_peers(net, &elsewhere);
        }
        self.tell_services(&local, &own, &elsewhere);
    }

    /// Tells a network's driver of endpoints on other machines, and the names of those that are of no service.
    fn tell_peers(&self, net: &Net, elsewhere: &[(IpAddr, Entry)]) {
        let on: Vec<&(IpAddr, Entry)> = elsewhere
            .iter()
            .filter(|(_, e)| e.network == net.id)
            .collect();
        let mut peers: Vec<Peer> = Vec::new();
        for (vtep, entry) in &on {
            let (Some(ip), Ok(mac)) = (with_prefix(net, entry.addr), entry.mac.parse()) else {
                continue;
            };
            peers.push(Peer {
                ip,
                mac,
                vtep: *vtep,
            });
        }
        let names: Vec<Names> = on
            .iter()
            .filter(|(_, e)| e.service.is_empty() && !e.names.is_empty())
            .map(|(_, e)| Names {
                names: e.names.clone(),
                addrs: vec![e.addr],
            })
            .collect();
        let before = self
            .swarm(|s| s.table.told.peers.insert(net.id.clone(), peers.clone()))
            .flatten()
            .unwrap_or_default();
        for peer in before.iter().filter(|p| !peers.contains(p)) {
            self.overlay_peer_remove(&net.id, peer);
        }
        for peer in peers.iter().filter(|p| !before.contains(p)) {
            self.overlay_peer_add(&net.id, peer);
        }
        self.overlay_names(&net.id, names);
    }

    /// Tells the balancer of all services on networks that are here.
    fn tell_services(&self, local: &[String], own: &[Entry], elsewhere: &[(IpAddr, Entry)]) {
        let all = own.iter().chain(elsewhere.iter().map(|(_, e)| e));
        let mut wanted: SortedMap<(String, String), (Service, Vec<Backend>)> = SortedMap::new();
        for entry in all.filter(|e| !e.service.is_empty() && local.contains(&e.network)) {
            let key = (entry.network.clone(), entry.service.clone());
            let mark = self.mark(&key);
            let (_, backends) = wanted.entry(key).or_insert_with(|| {
                let service = Service {
                    network_id: entry.network.clone(),
                    name: entry.service.clone(),
                    aliases: entry.aliases.clone(),
                    vip: entry.vip,
                    mark,
                    ports: ingress_ports(&entry.ports),
                };
                (service, Vec::new())
            });
            let mut names = entry.names.iter();
            backends.push(Backend {
                name: names.next().cloned().unwrap_or_default(),
                aliases: names.cloned().collect(),
                ip: entry.addr,
                disabled: entry.disabled,
            });
        }
        for (_, backends) in wanted.values_mut() {
            sorted::sort_by_key(backends, |b| b.ip);
        }
        let before = self
            .swarm(|s| std::mem::take(&mut s.table.told.services))
            .unwrap_or_default();
        let mut gone: SortedSet<(String, String)> = before.keys().cloned().collect();
        for (key, told) in wanted.iter() {
            gone.remove(key);
            if before.get(key) != Some(told) {
                self.balance(told.0.clone(), told.1.clone());
            }
        }
        for (network, name) in gone.iter() {
            self.unbalance(network, name);
        }
        self.swarm(|s| s.table.told.services = wanted);
    }

    pub(super) fn mark(&self, key: &(String, String)) -> u32 {
        self.swarm(|s| {
            let marks = &mut s.table.told.marks;
            let next = FIRST_MARK + u32::try_from(marks.len()).unwrap_or(0);
            *marks.entry(key.clone()).or_insert(next)
        })
        .unwrap_or(FIRST_MARK)
    }
}

fn ingress_ports(ports: &[crate::api::PortConfig]) -> Vec<IngressPort> {
    let ports = ports.iter().filter(|p| super::allocate::is_ingress(p));
    ports
        .filter_map(|p| {
            Some(IngressPort {
                proto: p.protocol.parse::<Proto>().ok()?,
                published: u16::try_from(p.published_port).ok()?,
                target: u16::try_from(p.target_port).ok()?,
            })
        })
        .collect()
}
