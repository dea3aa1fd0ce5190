//! Load balancing: what a service's virtual address and published ports lead to, on this machine.
//!
//! The control plane tells of services and of where their tasks are ([`Engine::balance`]); whichever of their networks this
//! machine has gets it into its balancer's namespace: the address, marks, and IPVS, which spreads connections over the tasks.
//! Names of services and tasks are answered from here too. Source: moby `libnetwork/service_linux.go`, `service_common.go`.

mod sandbox;

use sorted::SortedMap;
use std::net::IpAddr;

use ipnet::IpNet;
use kernel::ids::NetnsId;

use crate::daemon::Engine;
use crate::dns::records::Peer;
use crate::ports::Proto;

/// A published port of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IngressPort {
    pub(crate) proto: Proto,
    /// The port of every machine.
    pub(crate) published: u16,
    /// The port of the task.
    pub(crate) target: u16,
}

/// A service on one network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) network_id: String,
    pub(crate) name: String,
    /// Other names of the service on the network.
    pub(crate) aliases: Vec<String>,
    /// Its virtual address; `None` for a service whose name stands for its tasks.
    pub(crate) vip: Option<IpAddr>,
    /// The mark by which its packets are known in the balancer's namespace; every network's services have marks of their own.
    pub(crate) mark: u32,
    /// What it publishes; only on the ingress network.
    pub(crate) ports: Vec<IngressPort>,
}

/// A task of a service, on any machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backend {
    /// The container's name.
    pub(crate) name: String,
    /// Its other names.
    pub(crate) aliases: Vec<String>,
    pub(crate) ip: IpAddr,
    /// True once it is to end: it is in no name any more, and gets no new connections.
    pub(crate) disabled: bool,
}

/// What the engine knows of services, and the namespaces in which it balances.
#[derive(Default)]
pub(crate) struct Balancer {
    /// By network and name.
    services: SortedMap<(String, String), (Service, Vec<Backend>)>,
    /// By network.
    sandboxes: SortedMap<String, Sandbox>,
    /// Names of containers on other machines that are of no service, by network.
    strangers: SortedMap<String, Vec<Peer>>,
    /// Sockets that keep published ports from others.
    held: SortedMap<(u16, Proto), kernel::process::files::Fd>,
}

/// A balancer's namespace on one network.
struct Sandbox {
    /// The key of its endpoint: `lb-NAME`, `ingress-sbox`.
    owner: String,
    /// The file that stands for the namespace.
    key: String,
    netns: NetnsId,
    addr: IpNet,
    /// Its address towards the machine, on the ingress network.
    gateway: Option<IpAddr>,
    resolver: Option<crate::dns::Resolver>,
}

impl Engine {
    /// Tells what a service's address, ports and names lead to from now on, in place of what was told before. Networks that
    /// this machine does not have yet get it when they are made.
    pub(crate) fn balance(&self, service: Service, backends: Vec<Backend>) {
        let key = (service.network_id.clone(), service.name.clone());
        let before = self.state().balancer.services.remove(&key);
        let after = (service, backends);
        self.program(before.as_ref(), Some(&after));
        self.state().balancer.services.insert(key, after);
    }

    /// Forgets a service on a network.
    pub(crate) fn unbalance(&self, network_id: &str, name: &str) {
        let key = (network_id.to_owned(), name.to_owned());
        let before = self.state().balancer.services.remove(&key);
        self.program(before.as_ref(), None);
    }

    /// Tells the names of containers on other machines that are of no service, in place of those told before.
    pub(crate) fn overlay_names(&self, network_id: &str, names: Vec<Peer>) {
        let mut state = self.state();
        state
            .balancer
            .strangers
            .insert(network_id.to_owned(), names);
    }
}

impl Balancer {
    /// The namespaces in which it balances.
    pub(crate) fn spaces(&self) -> Vec<crate::survey::Backstage> {
        let space = |(network, s): (&String, &Sandbox)| crate::survey::Backstage {
            netns: s.netns,
            name: s.key.rsplit('/').next().unwrap_or_default().to_owned(),
            network: network.clone(),
            balances: true,
        };
        self.sandboxes.iter().map(space).collect()
    }

    /// The services that it knows.
    pub(crate) fn facts(&self) -> Vec<crate::survey::ServiceFacts> {
        let facts =
            |((network, _), (service, backends)): (&(String, String), &(Service, Vec<Backend>))| {
                let enabled = backends.iter().filter(|b| !b.disabled);
                let port = |p: &IngressPort| (p.published, format!("{}/{}", p.target, p.proto));
                crate::survey::ServiceFacts {
                    network: network.clone(),
                    name: service.name.clone(),
                    vip: service.vip,
                    tasks: enabled.map(|b| (b.name.clone(), b.ip)).collect(),
                    ports: service.ports.iter().map(port).collect(),
                }
            };
        self.services.iter().map(facts).collect()
    }

    /// What the control plane knows of a network's containers, those that are `here` left out, and of its services.
    pub(crate) fn names(&self, network_id: &str, here: &[IpAddr]) -> (Vec<Peer>, Vec<Peer>) {
        let mut peers: Vec<Peer> = self.strangers.get(network_id).cloned().unwrap_or_default();
        let mut services = Vec::new();
        let of_network = self.services.iter().filter(|(key, _)| key.0 == network_id);
        for (_, (service, backends)) in of_network {
            let enabled = || backends.iter().filter(|b| !b.disabled);
            let addrs: Vec<IpAddr> = enabled().map(|b| b.ip).collect();
            if backends.is_empty() {
                continue;
            }
            for b in enabled().filter(|b| !here.contains(&b.ip)) {
                let names = std::iter::once(&b.name).chain(&b.aliases);
                peers.push(Peer {
                    names: names.cloned().collect(),
                    addrs: vec![b.ip],
                });
            }
            let names: Vec<String> = std::iter::once(&service.name)
                .chain(&service.aliases)
                .cloned()
                .collect();
            let tasks = names.iter().map(|name| format!("tasks.{name}")).collect();
            let own = service.vip.map_or_else(|| addrs.clone(), |vip| vec![vip]);
            let known = [(tasks, addrs), (names, own)].into_iter();
            let known = known.filter(|(_, addrs)| !addrs.is_empty());
            services.extend(known.map(|(names, addrs)| Peer { names, addrs }));
        }
        (peers, services)
    }
}
