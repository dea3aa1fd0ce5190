//! What managers give out: subnets and tunnel numbers to networks, addresses to services, tasks and balancers, ports.
//!
//! Source: swarmkit `manager/allocator`.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use sorted::{SortedMap, SortedSet};

use super::store::{Net, Pen, Store, is_live, is_over, is_wanted, rank, rpc};
use super::validate::check_name;
use crate::api::{
    EventType, Ipam, IpamPool, NetworkAttachment, NetworkAttachmentConfig, NetworkCreateRequest,
    PortConfig, ServiceEndpoint, ServiceSpec, Task, VirtualIp,
};
use crate::error::Result;
use crate::ipam::strict_net;

/// The option that holds the tunnel's number.
pub(crate) const VNIS: &str = "com.docker.network.driver.overlay.vxlanid_list";
/// Where networks' subnets are from when nobody said. Source: swarmkit `allocator`, `ipamutils`.
const DEFAULT_POOL: &str = "10.0.0.0/8";
/// The first number of a tunnel.
const FIRST_VNI: u32 = 4096;
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

fn subnet(net: &Net) -> Option<Ipv4Net> {
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
        let after = net.last.clamp(first, last);
        let found = (after + 1..=last)
            .chain(first..=after)
            .map(Ipv4Addr::from)
            .find(|addr| !taken.contains(addr) && !edges.contains(addr))?;
        if let Some(net) = self.store.networks.get_mut(network) {
            net.last = found.into();
        }
        with_prefix(found)
    }

    /// A subnet that no network of the swarm has.
    fn free_subnet(&self) -> Option<Ipv4Net> {
        let size = u8::try_from(self.store.swarm.subnet_size).unwrap_or(24);
        let taken: Vec<Ipv4Net> = self.store.networks.values().filter_map(subnet).collect();
        let given = &self.store.swarm.default_addr_pool;
        let default = given.is_empty().then_some(DEFAULT_POOL);
        let mut pieces = given
            .iter()
            .map(String::as_str)
            .chain(default)
            .filter_map(|p| p.parse::<Ipv4Net>().ok())
            .filter_map(|p| p.subnets(size).ok())
            .flatten();
        pieces.find(|piece| {
            let meets = |t: &Ipv4Net| t.contains(&piece.network()) || piece.contains(&t.network());
            !taken.iter().any(meets)
        })
    }

    /// Makes a network.
    pub(crate) fn network_create(&mut self, request: &NetworkCreateRequest) -> Result<String> {
        let name = &request.name;
        check_name(name)?;
        if self.store.networks.values().any(|n| n.name == *name) {
            return Err(rpc(
                "AlreadyExists",
                format!("network with name {name} already exists"),
            ));
        }
        if request.ingress && self.store.ingress().is_some() {
            return Err(rpc("AlreadyExists", "ingress network already exists"));
        }
        let asked = request.ipam.as_ref().and_then(|i| i.config.clone());
        let mut pools = asked.unwrap_or_default();
        if pools.is_empty() {
            let free = self.free_subnet().ok_or_else(|| {
                rpc("Unknown", "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network")
            })?;
            pools.push(IpamPool {
                subnet: free.to_string(),
                ..IpamPool::default()
            });
        }
        for pool in &mut pools {
            if pool.gateway.is_empty()
                && let Some(IpNet::V4(net)) = strict_net(&pool.subnet)
            {
                let from = strict_net(&pool.ip_range).map_or(u32::from(net.network()) + 1, |r| {
                    match r.network() {
                        IpAddr::V4(first) if first != net.network() => first.into(),
                        IpAddr::V4(_) | IpAddr::V6(_) => u32::from(net.network()) + 1,
                    }
                });
                pool.gateway = Ipv4Addr::from(from).to_string();
            }
        }
        let used: Vec<u32> = self
            .store
            .networks
            .values()
            .flat_map(|n| n.options.get(VNIS))
            .flat_map(|list| list.split(','))
            .filter_map(|n| n.parse().ok())
            .collect();
        let mut options = request.options.clone();
        if !options.contains_key(VNIS) {
            let free = |n: &u32| !used.contains(n);
            let first = FIRST_VNI + u32::from(!request.ingress);
            let vnis: Vec<String> = (first..)
                .filter(free)
                .take(pools.len())
                .map(|n| n.to_string())
                .collect();
            options.insert(VNIS.to_owned(), vnis.join(","));
        }
        let (id, version) = (self.id(), self.version());
        let network = Net {
            id: id.clone(),
            version,
            name: name.clone(),
            created: self.now,
            ipam: Ipam {
                options: None,
                config: Some(pools),
                ..Ipam::default()
            },
            options,
            asked: request.options.clone(),
            labels: request.labels.clone(),
            internal: request.internal,
            attachable: request.attachable,
            ingress: request.ingress,
            last: 0,
        };
        self.store.networks.insert(id.clone(), network);
        self.tell(EventType::Network, "create", &id, &[("name", name)]);
        Ok(id)
    }

    /// Removes a network that nobody uses.
    pub(crate) fn network_remove(&mut self, id: &str) -> Result<()> {
        let Some(network) = self.store.networks.get(id) else {
            return Err(rpc("NotFound", format!("network {id} not found")));
        };
        let name = network.name.clone();
        let uses = |spec: &ServiceSpec| networks_of(spec).iter().any(|n| n.target == id);
        if let Some(service) = self.store.services.values().find(|s| uses(&s.spec)) {
            return Err(rpc(
                "FailedPrecondition",
                format!("network {id} is in use by service {}", service.id),
            ));
        }
        if network.ingress && self.store.services.values().any(|s| needs_ingress(&s.spec)) {
            return Err(rpc(
                "FailedPrecondition",
                "ingress network cannot be removed because service is using it",
            ));
        }
        let on =
            |t: &&Task| is_live(t) && t.networks_attachments.iter().any(|a| a.network.id == id);
        if let Some(task) = self.store.tasks.values().find(on) {
            return Err(rpc(
                "FailedPrecondition",
                format!("network {id} is in use by task {}", task.id),
            ));
        }
        self.version();
        self.store.networks.remove(id);
        let suffix = format!("/{id}");
        self.store
            .balancers
            .retain(|key, _| !key.ends_with(&suffix));
        self.tell(EventType::Network, "remove", id, &[("name", &name)]);
        Ok(())
    }

    /// Works out how a service is reached: addresses it has already stay, and so do ports that were chosen.
    pub(crate) fn endpoint(
        &mut self,
        spec: &ServiceSpec,
        before: &ServiceEndpoint,
    ) -> Result<ServiceEndpoint> {
        let asked = spec.endpoint_spec.clone().unwrap_or_default();
        let mut endpoint = ServiceEndpoint::default();
        if asked.ports.is_empty() && networks_of(spec).is_empty() {
            return Ok(endpoint);
        }
        if is_dnsrr(spec) && asked.ports.is_empty() {
            return Ok(endpoint);
        }
        endpoint.spec = asked;
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
        let mut wanted: Vec<String> = Vec::new();
        if needs_ingress(spec) {
            wanted.extend(self.store.ingress().map(|n| n.id.clone()));
        }
        wanted.extend(networks_of(spec).iter().map(|n| n.target.clone()));
        wanted.retain(|id| self.store.networks.contains_key(id));
        for network_id in wanted {
            let kept = before
                .virtual_ips
                .iter()
                .find(|v| v.network_id == network_id);
            let addr = match kept {
                Some(kept) => kept.addr.clone(),
                None => self
                    .address(&network_id, None)
                    .map(|a| a.to_string())
                    .unwrap_or_default(),
            };
            endpoint.virtual_ips.push(VirtualIp { network_id, addr });
        }
        Ok(endpoint)
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
        self.store.balancers.retain(|k, _| {
            wanted
                .iter()
                .any(|(_, node, network)| *k == key(node, network))
        });
        for (_, node, network) in wanted {
            let key = key(&node, &network);
            if self.store.balancers.contains_key(&key) {
                continue;
            }
            if let Some(addr) = self.address(&network, None) {
                self.store.index += 1;
                self.store.balancers.insert(key, addr.addr());
            }
        }
    }
}

#[cfg(test)]
mod tests;
