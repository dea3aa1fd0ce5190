//! What managers give out on networks: addresses to services, tasks and balancers; and ports.
//!
//! Source: swarmkit `manager/allocator`.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use sorted::{SortedMap, SortedSet};

use super::store::{Net, Pen, Store, is_over, is_wanted, rank, rpc};
use crate::api::{
    EventType, NetworkAttachment, NetworkAttachmentConfig, PortConfig, ServiceEndpoint,
    ServiceSpec, Task, VirtualIp,
};
use crate::error::Result;
use crate::ipam::strict_net;

/// The option that holds the tunnel's number.
pub(crate) const VNIS: &str = "com.docker.network.driver.overlay.vxlanid_list";
/// The ports that services get which name none. Source: swarmkit `allocator/portallocator.go`.
const DYNAMIC_PORTS: std::ops::RangeInclusive<u32> = 30_000..=32_767;

/// The networks of a service's tasks.
pub(crate) fn networks_of(spec: &ServiceSpec) -> &[NetworkAttachmentConfig] {
    match spec.task_template.networks.as_slice() {
        [] => &spec.networks,
        given => given,
    }
}

/// Whether a service is on the ingress network: it publishes on every node.
pub(crate) fn needs_ingress(spec: &ServiceSpec) -> bool {
    let ports = spec.endpoint_spec.iter().flat_map(|e| &e.ports);
    ports.clone().any(is_ingress)
}

/// Whether a port is one of every node.
pub(crate) fn is_ingress(port: &PortConfig) -> bool {
    matches!(port.publish_mode.as_str(), "" | "ingress")
}

/// Whether a service's name stands for its tasks rather than for an address of its own.
pub(crate) fn is_dnsrr(spec: &ServiceSpec) -> bool {
    spec.endpoint_spec
        .as_ref()
        .is_some_and(|e| e.mode == "dnsrr")
}

pub(super) fn subnet(net: &Net) -> Option<Ipv4Net> {
    let pools = net.ipam.config.iter().flatten();
    pools
        .filter_map(|p| strict_net(&p.subnet))
        .find_map(|n| match n {
            IpNet::V4(n) => Some(n),
            IpNet::V6(_) => None,
        })
}

fn range(net: &Net) -> Option<Ipv4Net> {
    let pools = net.ipam.config.iter().flatten();
    pools
        .filter_map(|p| strict_net(&p.ip_range))
        .find_map(|n| match n {
            IpNet::V4(n) => Some(n),
            IpNet::V6(_) => None,
        })
}

fn host(text: &str) -> Option<Ipv4Addr> {
    text.split('/').next()?.parse().ok()
}

impl Store {
    /// The network that carries published ports.
    pub(crate) fn ingress(&self) -> Option<&Net> {
        self.networks.values().find(|n| n.ingress)
    }

    /// Addresses of a network that somebody has.
    fn taken(&self, network: &Net) -> SortedSet<Ipv4Addr> {
        let mut taken = SortedSet::new();
        for pool in network.ipam.config.iter().flatten() {
            taken.extend(host(&pool.gateway));
            taken.extend(pool.auxiliary_addresses.values().filter_map(|a| host(a)));
        }
        let vips = self.services.values().flat_map(|s| &s.endpoint.virtual_ips);
        let vips = vips.filter(|v| v.network_id == network.id);
        taken.extend(vips.filter_map(|v| host(&v.addr)));
        // What has ended holds its addresses no more.
        let live = self.tasks.values().filter(|t| !is_over(&t.status.state));
        let attached = live.flat_map(|t| &t.networks_attachments);
        let attached = attached.filter(|a| a.network.id == network.id);
        taken.extend(attached.flat_map(|a| &a.addresses).filter_map(|a| host(a)));
        let suffix = format!("/{}", network.id);
        let balancers = self
            .balancers
            .iter()
            .filter(|(key, _)| key.ends_with(&suffix));
        taken.extend(balancers.map(|(_, addr)| *addr));
        taken
    }

    /// Whether an address of a network is free.
    fn is_free(&self, network: &Net, addr: Ipv4Addr) -> bool {
        !self.taken(network).contains(&addr)
    }
}

impl Pen<'_> {
    /// Gives an address out, with the prefix length: the one wanted, or the next after the last. `None`: there is none.
    pub(crate) fn address(&mut self, network: &str, wanted: Option<Ipv4Addr>) -> Option<Ipv4Net> {
        let net = self.store.networks.get(network)?;
        let subnet = subnet(net)?;
        let with_prefix = |addr| Ipv4Net::new(addr, subnet.prefix_len()).ok();
        if let Some(addr) = wanted {
            let fits = subnet.contains(&addr) && self.store.is_free(net, addr);
            return with_prefix(addr).filter(|_| fits);
        }
        let from = range(net).unwrap_or(subnet);
        let (first, last) = (u32::from(from.network()), u32::from(from.broadcast()));
        let taken = self.store.taken(net);
        let edges = [subnet.network(), subnet.broadcast()];
        let next = net.last.saturating_add(1).clamp(first, last);
        let found = (next..=last)
            .chain(first..next)
            .map(Ipv4Addr::from)
            .find(|addr| !taken.contains(addr) && !edges.contains(addr))?;
        if let Some(net) = self.store.networks.get_mut(network) {
            net.last = found.into();
        }
        with_prefix(found)
    }

    /// Works out how a service is reached: addresses it has already stay, and so do ports that were chosen.
    pub(crate) fn endpoint(
        &mut self,
        spec: &ServiceSpec,
        before: &ServiceEndpoint,
    ) -> Result<ServiceEndpoint> {
        let waits = self.wanted_networks(spec).into_iter().any(|id| {
            let network = self.store.networks.get(&id);
            network.is_some_and(|n| !n.is_allocated())
        });
        if waits || self.is_reached(spec, before) {
            return Ok(before.clone());
        }
        let mut endpoint = ServiceEndpoint {
            spec: spec.endpoint_spec.clone().unwrap_or_default(),
            ..ServiceEndpoint::default()
        };
        if endpoint.spec.mode.is_empty() {
            "vip".clone_into(&mut endpoint.spec.mode);
        }
        for port in &endpoint.spec.ports {
            let mut port = port.clone();
            if port.published_port == 0 && is_ingress(&port) {
                let same = |p: &&PortConfig| {
                    p.target_port == port.target_port
                        && p.protocol == port.protocol
                        && !endpoint.ports.contains(p)
                };
                let kept = before.ports.iter().find(same);
                port.published_port = match kept {
                    Some(kept) => kept.published_port,
                    None => self.free_port(&port.protocol, &endpoint.ports)?,
                };
            }
            endpoint.ports.push(port);
        }
        if is_dnsrr(spec) {
            return Ok(endpoint);
        }
        // Addresses that are there keep their places, new ones come after them.
        let wanted = self.wanted_networks(spec);
        let kept = before.virtual_ips.iter();
        let kept = kept.filter(|v| wanted.contains(&v.network_id));
        endpoint.virtual_ips = kept.cloned().collect();
        for network_id in wanted {
            let mut there = endpoint.virtual_ips.iter();
            if there.any(|v| v.network_id == network_id) {
                continue;
            }
            let addr = self.address(&network_id, None).map(|a| a.to_string());
            let addr = addr.unwrap_or_default();
            endpoint.virtual_ips.push(VirtualIp { network_id, addr });
        }
        Ok(endpoint)
    }

    /// The networks that a service has an address of its own on, unless its name stands for its tasks.
    fn wanted_networks(&self, spec: &ServiceSpec) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::new();
        if needs_ingress(spec) {
            wanted.extend(self.store.ingress().map(|n| n.id.clone()));
        }
        wanted.extend(networks_of(spec).iter().map(|n| n.target.clone()));
        wanted.retain(|id| self.store.networks.contains_key(id));
        wanted
    }

    /// Whether a service is reached as it is to be already, or has nothing to be reached by: what is told of it stays then.
    /// Source: swarmkit `allocator/cnmallocator/networkallocator.go`, `IsServiceAllocated`.
    fn is_reached(&self, spec: &ServiceSpec, before: &ServiceEndpoint) -> bool {
        let asked = spec.endpoint_spec.as_ref();
        let ports = asked.map_or(&[][..], |e| e.ports.as_slice());
        if before.spec.ports != ports {
            return false;
        }
        let has: Vec<&str> = before
            .virtual_ips
            .iter()
            .map(|v| v.network_id.as_str())
            .collect();
        if is_dnsrr(spec) {
            return has.is_empty();
        }
        let wanted = self.wanted_networks(spec);
        wanted.len() == has.len() && wanted.iter().all(|id| has.contains(&id.as_str()))
    }

    fn free_port(&self, protocol: &str, also: &[PortConfig]) -> Result<u32> {
        let ports = self.store.services.values().flat_map(|s| &s.endpoint.ports);
        let used: SortedMap<u32, ()> = ports
            .chain(also)
            .filter(|p| p.protocol == protocol && is_ingress(p))
            .map(|p| (p.published_port, ()))
            .collect();
        DYNAMIC_PORTS
            .clone()
            .find(|port| !used.contains_key(port))
            .ok_or_else(|| rpc("Unknown", "dynamic port space is exhausted"))
    }

    /// Gives tasks that are new their addresses: then they wait for a node.
    pub(crate) fn allocate_tasks(&mut self) {
        let is_new = |t: &&Task| t.status.state == "new" && is_wanted(t);
        let mut new: Vec<(u64, String)> = self
            .store
            .tasks
            .values()
            .filter(is_new)
            .map(|t| (t.version.index, t.id.clone()))
            .collect();
        sorted::sort(&mut new);
        for (_, id) in new {
            let Some(task) = self.store.tasks.get(&id) else {
                continue;
            };
            let (attachments, complete) = self.attachments(&task.clone());
            if !complete {
                continue;
            }
            let time = self.time();
            self.task(&id, |t| {
                t.networks_attachments = attachments;
                "pending".clone_into(&mut t.status.state);
                "pending task scheduling".clone_into(&mut t.status.message);
                t.status.timestamp = time;
            });
        }
    }

    /// A task's places on its networks; false if one has no address left.
    fn attachments(&mut self, task: &Task) -> (Vec<NetworkAttachment>, bool) {
        let mut networks: Vec<String> = Vec::new();
        let service = self.store.services.get(&task.service_id);
        if service.is_some_and(|s| needs_ingress(&s.spec)) {
            networks.extend(self.store.ingress().map(|n| n.id.clone()));
        }
        networks.extend(task.spec.networks.iter().map(|n| n.target.clone()));
        let mut attachments = Vec::new();
        for id in networks {
            let Some(network) = self.store.networks.get(&id).map(Net::of_task) else {
                continue;
            };
            let Some(addr) = self.address(&id, None) else {
                return (Vec::new(), false);
            };
            attachments.push(NetworkAttachment {
                network,
                addresses: vec![addr.to_string()],
            });
        }
        (attachments, true)
    }

    /// Gives every node with tasks on a network an address for the network's balancer there, and takes back those of nodes
    /// without. The ingress network is on every node.
    pub(crate) fn allocate_balancers(&mut self) {
        let mut wanted: Vec<(u64, String, String)> = Vec::new();
        for task in self.store.tasks.values() {
            let live = !is_over(&task.status.state) && rank(&task.status.state) >= rank("assigned");
            for a in task.networks_attachments.iter().filter(|_| live) {
                wanted.push((1, task.node_id.clone(), a.network.id.clone()));
            }
        }
        if let Some(ingress) = self.store.ingress() {
            for node in self.store.nodes.keys() {
                wanted.push((0, node.clone(), ingress.id.clone()));
            }
        }
        let key = |node: &str, network: &str| format!("{node}/{network}");
        let mut left = Vec::new();
        self.store.balancers.retain(|k, _| {
            let stays = wanted
                .iter()
                .any(|(_, node, network)| *k == key(node, network));
            if !stays {
                left.extend(k.split_once('/').map(|(node, _)| node.to_owned()));
            }
            stays
        });
        for node in left {
            self.tell_of_node(&node);
        }
        for (_, node, network) in wanted {
            let key = key(&node, &network);
            if self.store.balancers.contains_key(&key) {
                continue;
            }
            if let Some(addr) = self.address(&network, None) {
                self.store.balancers.insert(key, addr.addr());
                // A node tells of its balancers; that of the ingress network comes with the node itself.
                if self.store.ingress().is_some_and(|n| n.id == network) {
                    self.store.index += 1;
                } else {
                    self.node(&node, |_| {});
                    self.tell_of_node(&node);
                }
            }
        }
    }

    /// Tells that something about a node has changed, which is not said. Seen.
    fn tell_of_node(&mut self, id: &str) {
        let node = self.store.nodes.get(id);
        let name = node.map(|n| n.description.hostname.clone());
        if let Some(name) = name {
            self.tell(EventType::Node, "update", id, &[("name", &name)]);
        }
    }
}

#[cfg(test)]
mod tests;
