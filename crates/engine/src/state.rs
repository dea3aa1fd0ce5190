//! What the engine knows: containers, networks, execs. Outlives the daemon's process, as `/var/lib/docker` does.

use sorted::SortedMap;
use std::hash::BuildHasherDefault;
use std::net::IpAddr;

use ipnet::IpNet;
use kernel::ids::{MountId, NetnsId, ProcessId};
use kernel::process::UtsId;
use kernel::time::Instant;

use crate::api::{
    ContainerConfig, ContainerState, EndpointSettings, ExecCreateRequest, HostConfig, Ipam,
    MountPoint, PortBinding,
};
use crate::clock::UnixNanos;
use crate::config::Config;
use crate::drivers::{Driver, EndpointSpec};
use crate::events::EventLog;
use crate::firewall::Firewall;
use crate::firewall::rule::Placed;
use crate::gateway::Candidate;
use crate::images::Images;
use crate::ipam::{PoolId, Space};
use crate::links::Link;
use crate::logs::Output;
use crate::ports::{Allocator, ContainerPort};

/// A map in the order of inserting, which finds things by the kernel's quick hash.
pub(crate) type Listed<K, V> = indexmap::IndexMap<K, V, BuildHasherDefault<kernel::map::Digest>>;

/// Everything the engine knows.
pub(crate) struct State {
    /// The engine's id: the whole text of its file.
    pub(crate) id: String,
    /// The settings it was started with.
    pub(crate) config: Config,
    /// The images.
    pub(crate) images: Images,
    /// Containers by id, oldest first.
    pub(crate) containers: Listed<String, Container>,
    /// Networks by id, oldest first.
    pub(crate) networks: Listed<String, Network>,
    /// Volumes by name.
    pub(crate) volumes: SortedMap<String, crate::volumes::Kept>,
    /// Exit codes of containers that are gone, for those who still wait for them.
    pub(crate) last_codes: SortedMap<String, i64>,
    /// Execs by id.
    pub(crate) execs: SortedMap<String, Exec>,
    /// What happened.
    pub(crate) events: EventLog,
    /// Subnets and addresses.
    pub(crate) space: Space,
    /// Ports of the machine.
    pub(crate) ports: Allocator,
    /// The packet filter.
    pub(crate) firewall: Firewall,
    /// What services' addresses lead to.
    pub(crate) balancer: crate::balancer::Balancer,
    /// The swarm that the engine is in.
    pub(crate) membership: crate::cluster::Membership,
    /// Whether the machine forwarded IPv4 once the engine had started, which is looked at only then.
    pub(crate) forwards: bool,
}

/// A container.
pub(crate) struct Container {
    pub(crate) id: String,
    /// Without a slash.
    pub(crate) name: String,
    pub(crate) created: UnixNanos,
    /// Id of the image.
    pub(crate) image: String,
    pub(crate) config: ContainerConfig,
    pub(crate) host_config: HostConfig,
    pub(crate) mount: MountId,
    pub(crate) uts: UtsId,
    pub(crate) state: ContainerState,
    /// When the last run began, for the length of a run.
    pub(crate) started: UnixNanos,
    pub(crate) finished: UnixNanos,
    pub(crate) process: Option<ProcessId>,
    /// Attachments asked for, by network name, in order of attachment; addresses are filled in while they last.
    pub(crate) endpoints: Listed<String, Attachment>,
    pub(crate) sandbox: Option<Sandbox>,
    /// The namespace its processes are in, while they run.
    pub(crate) netns: Option<NetnsId>,
    pub(crate) links: Vec<Link>,
    /// Volumes and directories of the machine, in order of their place.
    pub(crate) mounts: Vec<MountPoint>,
    pub(crate) output: Output,
    pub(crate) restart_count: u64,
    /// When it could last not be started, in virtual time; the reason stands in its state.
    pub(crate) failed: Option<Instant>,
    /// True if the user stopped it, so that the restart policy leaves it alone.
    pub(crate) user_stopped: bool,
    /// True if its last run ended without anybody stopping it.
    pub(crate) ended_by_itself: bool,
    /// True once somebody removes it.
    pub(crate) removing: bool,
    /// True while `stop` or `restart` works on it: the event `stop` then comes with its end.
    pub(crate) stopping: bool,
    /// Grows with every end, so that a waiter sees the one it waits for.
    pub(crate) runs_ended: u64,
    /// Grows whenever watching the health begins or ends, so that a watch knows that it is over.
    pub(crate) health_watch: u64,
    /// The resolv.conf that the engine wrote last; one that differs was edited and is left alone.
    pub(crate) resolv_conf: String,
    /// The bytes of network files on the machine.
    pub(crate) dir: String,
    /// What lists tell of its ports while it does not run: nothing, unless its daemon was killed.
    pub(crate) ports_noted: Vec<crate::api::PortSummary>,
    /// Ports of the ingress network that lead to it.
    pub(crate) ingress_ports: Vec<crate::balancer::IngressPort>,
    /// Where it sees its secrets and configs, which it can only read.
    pub(crate) references: Vec<String>,
    /// Where the output of its first process is read, while that runs.
    pub(crate) sources: crate::containers::Sources,
    /// How it lives on without the engine that started it; `None` while that one serves.
    pub(crate) held: Option<crate::containers::Held>,
}

/// What a container wants of a network, and what it has there at the moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attachment {
    /// As inspect tells it.
    pub(crate) settings: EndpointSettings,
    /// The hardware address that the user gave, or empty.
    pub(crate) wanted_mac: String,
    /// Whether its address was given by the swarm, for as long as it lasts.
    pub(crate) given: bool,
}

/// A network namespace and what the engine did in it.
pub(crate) struct Sandbox {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) netns: NetnsId,
    /// True for the machine's own namespace.
    pub(crate) is_host: bool,
    /// Networks joined, by id, in order of joining.
    pub(crate) joined: Vec<String>,
    /// The network whose endpoint is the default gateway of IPv4 and IPv6.
    pub(crate) gateway_v4: Option<String>,
    pub(crate) gateway_v6: Option<String>,
    /// The embedded DNS server, once there is one.
    pub(crate) resolver: Option<crate::dns::Resolver>,
    /// Ports published for the container.
    pub(crate) published: Vec<Published>,
    /// The networks by whose endpoints those of IPv4's and IPv6's addresses are reached.
    pub(crate) publishes_on: [Option<String>; 2],
    /// Rules of its legacy links, each with the endpoint that it leads to.
    pub(crate) link_rules: Vec<(String, Vec<Placed>)>,
    /// Lines of the hosts file that the engine wrote for the container itself.
    pub(crate) own_hosts: Vec<crate::hosts::Record>,
}

/// A container port that is published.
pub(crate) struct Published {
    /// Id of the network whose endpoint it leads to.
    pub(crate) network: String,
    pub(crate) port: ContainerPort,
    pub(crate) binding: PortBinding,
    /// What the port allocator gave.
    pub(crate) allocated: Option<(std::net::IpAddr, u16)>,
    pub(crate) rules: Vec<Placed>,
    /// docker-proxy, or the engine itself, holding the socket.
    pub(crate) proxy: Option<ProcessId>,
    pub(crate) socket: Option<kernel::process::files::Fd>,
    /// The socket itself, to be closed whoever holds it.
    pub(crate) listener: Option<kernel::ids::SocketId>,
}

/// A network.
pub(crate) struct Network {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: UnixNanos,
    pub(crate) scope: String,
    pub(crate) driver_name: String,
    /// `None` for one that only holds a configuration.
    pub(crate) driver: Option<Box<dyn Driver>>,
    pub(crate) ipv4: bool,
    pub(crate) ipv6: bool,
    /// As inspect tells it.
    pub(crate) ipam: Ipam,
    /// Pools held, with the gateway's address where there is one.
    pub(crate) pools: Vec<Pool>,
    pub(crate) internal: bool,
    pub(crate) attachable: bool,
    /// Whether it carries what comes to published ports of services.
    pub(crate) ingress: bool,
    pub(crate) config_only: bool,
    pub(crate) config_from: String,
    pub(crate) options: SortedMap<String, String>,
    pub(crate) labels: SortedMap<String, String>,
    /// Endpoints by the container's id.
    pub(crate) endpoints: Listed<String, Endpoint>,
}

/// A subnet that a network holds.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) id: PoolId,
    pub(crate) gateway: Option<std::net::IpAddr>,
    /// True if the user named the subnet.
    pub(crate) is_static: bool,
}

/// A container's attachment to a network, while it lasts.
pub(crate) struct Endpoint {
    pub(crate) spec: EndpointSpec,
    /// Name of the container.
    pub(crate) name: String,
    /// Interface in the container.
    pub(crate) interface: Option<kernel::ids::LinkId>,
    pub(crate) gw_priority: i64,
    /// Every name that the DNS server answers for it; the first is what its address stands for.
    pub(crate) dns_names: Vec<String>,
}

/// A command prepared to run, or running, in a container.
pub(crate) struct Exec {
    pub(crate) container: String,
    pub(crate) request: ExecCreateRequest,
    pub(crate) process: Option<ProcessId>,
    pub(crate) started: bool,
    pub(crate) exit_code: Option<i64>,
    pub(crate) pid: u64,
}

/// Where a default route leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DefaultRoute {
    /// To a gateway.
    Via(IpAddr),
    /// To whoever is on the interface's link.
    Device,
}

impl Network {
    /// Returns whether the engine made it by itself.
    pub(crate) fn is_predefined(&self) -> bool {
        matches!(self.name.as_str(), "bridge" | "host" | "none")
    }

    /// Returns whether names are resolved on it and aliases allowed.
    pub(crate) fn is_user_defined(&self) -> bool {
        !self.is_predefined()
    }

    /// Returns whether it spans machines, so that its addresses are given out elsewhere.
    pub(crate) fn is_overlay(&self) -> bool {
        self.driver_name == "overlay"
    }

    /// Returns the pools of one family.
    pub(crate) fn pools_of(&self, v6: bool) -> impl Iterator<Item = &Pool> {
        self.pools
            .iter()
            .filter(move |p| p.id.subnet.addr().is_ipv6() == v6)
    }

    /// Returns the gateway for an address as endpoints use it: none on an internal network.
    pub(crate) fn gateway(&self, of: IpNet) -> Option<IpAddr> {
        let pool = self
            .pools
            .iter()
            .find(|p| p.id.subnet.contains(&of.addr()))?;
        // A bridge leads elsewhere than through its own address if an auxiliary address of this name says so.
        let name = if of.addr().is_ipv6() {
            "DefaultGatewayIPv6"
        } else {
            "DefaultGatewayIPv4"
        };
        let asked = self.ipam.config.iter().flatten();
        let given = asked
            .filter_map(|asked| asked.auxiliary_addresses.get(name)?.parse().ok())
            .find(|addr| pool.id.subnet.contains(addr))
            .filter(|_| self.driver_name == "bridge");
        given.or(pool.gateway).filter(|_| !self.internal)
    }

    /// Returns where the default route of an endpoint leads.
    pub(crate) fn default_route(&self, endpoint: &Endpoint, v6: bool) -> Option<DefaultRoute> {
        let addr = endpoint.addr(v6)?;
        let by_device = self.driver.as_ref().is_some_and(|d| d.routes_by_device());
        if by_device {
            Some(DefaultRoute::Device)
        } else {
            self.gateway(addr).map(DefaultRoute::Via)
        }
    }

    /// Returns what the choice of a container's default route depends on.
    pub(crate) fn candidate(&self, container: &str) -> Candidate {
        let endpoint = self.endpoints.get(container);
        let has = |v6| endpoint.is_some_and(|e| self.default_route(e, v6).is_some());
        Candidate {
            name: self.name.clone(),
            priority: endpoint.map_or(0, |e| e.gw_priority),
            internal: self.internal,
            v4: has(false),
            v6: has(true),
        }
    }
}

impl Endpoint {
    /// Returns its address of one family.
    pub(crate) fn addr(&self, v6: bool) -> Option<IpNet> {
        self.spec
            .addrs
            .iter()
            .find(|a| a.addr().is_ipv6() == v6)
            .copied()
    }
}

impl Container {
    /// The network mode as it is told: tasks of a swarm are put on their networks beside the default one.
    pub(crate) fn told_mode(&self) -> &str {
        let task = self.config.labels.contains_key(crate::cluster::TASK_ID);
        match self.host_config.network_mode.as_str() {
            mode if task && mode != "host" => "bridge",
            mode => mode,
        }
    }

    /// Returns the network mode, with `default` understood as `bridge`.
    pub(crate) fn network_mode(&self) -> &str {
        network_mode(&self.host_config)
    }

    /// Returns the container whose namespace this one shares.
    pub(crate) fn shares_with(&self) -> Option<&str> {
        self.network_mode().strip_prefix("container:")
    }

    /// Returns whether it has IPv6 at all: a sysctl may turn it off.
    pub(crate) fn has_ipv6(&self) -> bool {
        let off = self
            .host_config
            .sysctls
            .get("net.ipv6.conf.all.disable_ipv6");
        off.is_none_or(|v| v != "1")
    }

    /// Returns what runs and its arguments.
    pub(crate) fn command(&self) -> Vec<String> {
        let entrypoint = self.config.entrypoint.iter().flatten();
        entrypoint
            .chain(self.config.cmd.iter().flatten())
            .cloned()
            .collect()
    }
}

/// Returns the network mode, with `default` and nothing understood as `bridge`.
pub(crate) fn network_mode(host_config: &HostConfig) -> &str {
    match host_config.network_mode.as_str() {
        "" | "default" => "bridge",
        mode => mode,
    }
}

impl State {
    /// Returns the container whose namespace a container lives in: its own, or at the end of `container:` modes another's.
    pub(crate) fn namespace_owner<'a>(&'a self, c: &'a Container) -> &'a Container {
        let mut owner = c;
        // One that was named before it was there may name its follower, so this might go round.
        for _ in 0..self.containers.len() {
            match owner.shares_with().map(|id| self.find_container(id)) {
                Some(Ok(next)) => owner = next,
                _ => break,
            }
        }
        owner
    }

    /// Finds a container by full id, name or beginning of the id.
    pub(crate) fn find_container(&self, reference: &str) -> crate::error::Result<&Container> {
        not_blank("container", reference)?;
        let missing = || crate::Error::no_such_container(reference);
        if let Some(c) = self.containers.get(reference) {
            return Ok(c);
        }
        let name = reference.strip_prefix('/').unwrap_or(reference);
        if let Some(c) = self.containers.values().find(|c| c.name == name) {
            return Ok(c);
        }
        if let Some(child) = self.linked_by_path(name) {
            return Ok(child);
        }
        let mut found = self
            .containers
            .values()
            .filter(|c| c.id.starts_with(reference));
        match (found.next(), found.next()) {
            (Some(c), None) => Ok(c),
            (None, _) => Err(missing()),
            (Some(_), Some(_)) => Err(crate::Error::invalid(format!(
                "multiple IDs found with provided prefix: {reference}"
            ))),
        }
    }

    /// The container that a link is to, by the link's own name, `PARENT/ALIAS`.
    fn linked_by_path(&self, path: &str) -> Option<&Container> {
        let (parent, alias) = path.split_once('/')?;
        let parent = self.containers.values().find(|c| c.name == parent)?;
        let link = parent.links.iter().find(|l| l.alias == alias)?;
        self.containers.get(&link.child)
    }

    /// Finds the network of a container's attachment: by the id it had there, once it was attached, or as the user named it.
    pub(crate) fn network_of(
        &self,
        container: &Container,
        key: &str,
    ) -> crate::error::Result<&Network> {
        let known = container.endpoints.get(key);
        match known.map(|a| a.settings.network_id.as_str()) {
            // The default bridge is another one after each start of the daemon.
            Some(id) if !id.is_empty() && key != "bridge" => self
                .networks
                .get(id)
                .ok_or_else(|| crate::Error::no_such_network(id)),
            _ => self.find_network(key),
        }
    }

    /// Finds a network by full id, exact name or beginning of the id. Source: moby `daemon/network.go`, `FindNetwork`.
    pub(crate) fn find_network(&self, reference: &str) -> crate::error::Result<&Network> {
        not_blank("network", reference)?;
        if let Some(n) = self.networks.get(reference) {
            return Ok(n);
        }
        if let Some(n) = self.networks.values().find(|n| n.name == reference) {
            return Ok(n);
        }
        // A whole name in the swarm goes before the beginning of an id here.
        let named = self.membership.names_network(reference);
        let by_id: Vec<_> = self
            .networks
            .values()
            .filter(|n| !named && n.id.starts_with(reference))
            .collect();
        match by_id.as_slice() {
            [one] => Ok(one),
            [] => Err(crate::Error::no_such_network(reference)),
            more => Err(crate::Error::invalid(format!(
                "network {reference} is ambiguous ({} matches found based on ID prefix)",
                more.len()
            ))),
        }
    }
}

/// Refuses a name of nothing, as the real engine's clients do before they ask. Source: moby `client/errors.go`, `emptyIDError`.
pub(crate) fn not_blank(kind: &str, name: &str) -> crate::error::Result<()> {
    match name.trim().is_empty() {
        true => Err(crate::Error::invalid(format!(
            "invalid {kind} name or ID: value is empty"
        ))),
        false => Ok(()),
    }
}
