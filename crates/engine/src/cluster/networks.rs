//! The networks of a swarm as managers make, allocate and remove them.
//!
//! Source: swarmkit `manager/controlapi/network.go`; moby `daemon/libnetwork/cnmallocator`.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::allocate::{VNIS, needs_ingress, networks_of, subnet};
use super::store::{Net, Pen, is_live, rpc};
use super::validate::{check_name, invalid};
use crate::api::{
    EventType, Ipam, IpamPool, NetworkCreateRequest, Service, ServiceEndpoint, ServiceSpec, Task,
};
use crate::error::Result;
use crate::ipam::strict_net;

/// Where networks' subnets are from when nobody said. Source: swarmkit `allocator`, `ipamutils`.
const DEFAULT_POOL: &str = "10.0.0.0/8";
/// The first number of a tunnel.
const FIRST_VNI: u32 = 4096;

impl Pen<'_> {
    /// A subnet that no network of the swarm has.
    fn free_subnet(&self) -> Option<Ipv4Net> {
        let size = u8::try_from(self.store.swarm.subnet_size).unwrap_or(24);
        let given = self.store.swarm.default_addr_pool.as_ref();
        let default = given.is_none().then_some(DEFAULT_POOL);
        let mut pieces = given
            .into_iter()
            .flatten()
            .map(String::as_str)
            .chain(default)
            .filter_map(|p| p.parse::<Ipv4Net>().ok())
            .filter_map(|p| p.subnets(size).ok())
            .flatten();
        pieces.find(|piece| !self.overlaps(*piece))
    }

    /// Whether a subnet shares addresses with a network's.
    fn overlaps(&self, piece: Ipv4Net) -> bool {
        let mut taken = self.store.networks.values().filter_map(subnet);
        taken.any(|t| t.contains(&piece.network()) || piece.contains(&t.network()))
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
        if request.ingress && request.attachable {
            return Err(invalid("ingress network cannot be attachable"));
        }
        if let Some(there) = self.store.ingress().filter(|_| request.ingress) {
            return Err(rpc(
                "AlreadyExists",
                format!("ingress network ({}) is already present", there.id),
            ));
        }
        let asked = request.ipam.as_ref().and_then(|i| i.config.clone());
        let (id, version) = (self.id(), self.version());
        let network = Net {
            id: id.clone(),
            version,
            name: name.clone(),
            created: self.now,
            ipam: Ipam {
                driver: String::new(),
                options: None,
                config: None,
            },
            pools: asked.unwrap_or_default(),
            ipv6: request.enable_ipv6 == Some(true),
            options: None,
            asked: request.options.clone(),
            labels: request.labels.clone(),
            internal: request.internal,
            attachable: request.attachable,
            ingress: request.ingress,
            last: 0,
        };
        self.store.networks.insert(id.clone(), network);
        self.tell(EventType::Network, "create", &id, &[("name", name)]);
        self.allocate_network(&id);
        Ok(id)
    }

    /// Gives a network its subnets and a tunnel's number. One that cannot have what was asked for stays without, and is not
    /// refused: its services wait.
    fn allocate_network(&mut self, id: &str) {
        let Some(network) = self.store.networks.get(id).filter(|n| !n.is_allocated()) else {
            return;
        };
        let mut pools = network.pools.clone();
        if pools.is_empty() {
            let Some(free) = self.free_subnet() else {
                return;
            };
            pools.push(IpamPool {
                subnet: free.to_string(),
                ..IpamPool::default()
            });
        }
        for pool in &mut pools {
            // Managers have no addresses of IPv6 to give. Seen: a network with such a subnet stays without any.
            let Some(IpNet::V4(net)) = strict_net(&pool.subnet) else {
                return;
            };
            if self.overlaps(net) {
                return;
            }
            if pool.gateway.is_empty() {
                let after = u32::from(net.network()) + 1;
                let first = match strict_net(&pool.ip_range).map(|r| r.network()) {
                    Some(IpAddr::V4(first)) if first != net.network() => first.into(),
                    _ => after,
                };
                pool.gateway = Ipv4Addr::from(first).to_string();
            }
        }
        let mut options = network.asked.clone();
        if !options.contains_key(VNIS) {
            let mut vnis: Vec<String> = Vec::new();
            for _ in &pools {
                vnis.push(self.free_vni().to_string());
            }
            options.insert(VNIS.to_owned(), vnis.join(","));
        }
        let version = self.version();
        let Some(network) = self.store.networks.get_mut(id) else {
            return;
        };
        network.version = version;
        network.options = Some(options);
        network.ipam = Ipam {
            options: None,
            config: Some(pools),
            ..Ipam::default()
        };
        let name = network.name.clone();
        self.tell(EventType::Network, "update", id, &[("name", &name)]);
    }

    /// The next number of a tunnel: those that were given back come last.
    fn free_vni(&mut self) -> u32 {
        let next = self.store.last_vni.map_or(FIRST_VNI, |n| n + 1);
        self.store.last_vni = Some(next);
        next
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
        let published = |s: &&Service| network.ingress && needs_ingress(&s.spec);
        if let Some(service) = self.store.services.values().find(published) {
            return Err(rpc(
                "FailedPrecondition",
                format!(
                    "ingress network cannot be removed because service {} depends on it",
                    service.id
                ),
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
        self.allocate_waiting();
        Ok(())
    }

    /// What was given back may be what others wait for.
    fn allocate_waiting(&mut self) {
        let networks = self.store.networks.values();
        let waiting = networks.filter(|n| !n.is_allocated());
        let waiting: Vec<String> = waiting.map(|n| n.id.clone()).collect();
        for id in &waiting {
            self.allocate_network(id);
        }
        let unreached = |s: &&Service| s.endpoint == ServiceEndpoint::default();
        let services = self.store.services.values().filter(unreached);
        let services: Vec<Service> = services.cloned().collect();
        for service in services {
            let Ok(endpoint) = self.endpoint(&service.spec, &service.endpoint) else {
                continue;
            };
            if endpoint == service.endpoint {
                continue;
            }
            let version = self.version();
            if let Some(service) = self.store.services.get_mut(&service.id) {
                service.endpoint = endpoint;
                service.version = version;
            }
        }
    }
}
