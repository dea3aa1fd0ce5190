//! What an engine knows, for those who only look on: with the kernel's ids, which the API does not tell.
//!
//! A front end draws from this; programs on the machine use [`crate::Client`].

use kernel::Kernel;
use kernel::ids::{LinkId, MachineId, NetnsId, ProcessId};
use kernel::map::Digest;
use sorted::SortedMap;
use std::hash::{Hash as _, Hasher as _};

use crate::api::{ContainerInspect, HostConfig, ImageInspect, NetworkInspect, Volume};
use crate::client::SOCKET;
use crate::daemon::Engine;
use crate::state::{Container, Network, State};

/// The networks and containers of one engine.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Oldest first, `host` and `none` included.
    pub networks: Vec<NetworkFacts>,
    /// Oldest first, stopped ones included.
    pub containers: Vec<ContainerFacts>,
    /// Names of the images that are there.
    pub images: Vec<String>,
    /// Names in the swarm that the engine manages.
    pub swarm: SwarmNames,
    /// What the machine balances, by network and name.
    pub services: Vec<ServiceFacts>,
    /// In a swarm: whether the engine is one of its managers.
    pub manager: Option<bool>,
}

/// A service of the swarm on one of the machine's networks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceFacts {
    /// The id of the network.
    pub network: String,
    /// The service's name.
    pub name: String,
    /// Its virtual address; `None` for one whose name stands for its tasks.
    pub vip: Option<std::net::IpAddr>,
    /// Its tasks that take connections, on any machine: container and address.
    pub tasks: Vec<(String, std::net::IpAddr)>,
    /// The ports of every machine that lead to it, each with the port and protocol in its tasks.
    pub ports: Vec<(u16, String)>,
}

/// What things of a swarm are called; nothing unless the engine manages one.
#[derive(Clone, Debug, Default)]
pub struct SwarmNames {
    /// Its nodes.
    pub nodes: Vec<String>,
    /// Its services.
    pub services: Vec<String>,
    /// Its stacks.
    pub stacks: Vec<String>,
    /// Its secrets.
    pub secrets: Vec<String>,
    /// Its configs.
    pub configs: Vec<String>,
}

/// Gathers names in the swarm that an engine manages.
fn swarm_names(engine: &Engine) -> SwarmNames {
    let every = crate::api::Filters::default;
    let nodes = engine.node_list(every()).into_iter().flatten();
    let services: Vec<_> = engine
        .service_list(every(), false)
        .into_iter()
        .flatten()
        .collect();
    let secrets = engine.secret_list(every()).into_iter().flatten();
    let configs = engine.config_list(every()).into_iter().flatten();
    let stacks: sorted::SortedSet<String> = services
        .iter()
        .filter_map(|service| {
            service
                .spec
                .labels
                .get("com.docker.stack.namespace")
                .cloned()
        })
        .collect();
    SwarmNames {
        nodes: nodes.map(|node| node.description.hostname).collect(),
        services: services
            .into_iter()
            .map(|service| service.spec.name)
            .collect(),
        stacks: stacks.into_iter().collect(),
        secrets: secrets.map(|secret| secret.spec.name).collect(),
        configs: configs.map(|config| config.spec.name).collect(),
    }
}

/// A network.
#[derive(Clone, Debug)]
pub struct NetworkFacts {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Its subnets, IPv4 first.
    pub subnets: Vec<String>,
    /// The gateway's IPv4 address, else the IPv6 one.
    pub gateway: Option<std::net::IpAddr>,
    /// Whether it was made with `--internal`.
    pub internal: bool,
    /// Whether containers may be put on it by hand, which all may but those of services alone.
    pub attachable: bool,
    /// Its number in the tunnels between machines.
    pub vni: Option<u32>,
    /// The name of its bridge; empty if it has none.
    pub bridge: String,
    /// The device of the machine that its interfaces stand on; empty for a network with a bridge.
    pub parent: String,
    /// How they stand on it, in the words of the driver's option; empty for a network with a bridge.
    pub mode: &'static str,
    /// How it treats traffic from outside: `nat`, `routed`, `isolated`...; empty for `nat` by default.
    pub gateway_mode: String,
    /// Whether what leaves by it is to be masqueraded.
    pub masquerades: bool,
    /// Names that the embedded DNS server answers, with the container that each belongs to.
    pub names: Vec<(String, String)>,
    /// For a network that spans machines: its part on this one, for each subnet.
    pub tunnels: Vec<Tunnel>,
}

/// The part of an overlay network that one machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tunnel {
    /// The namespace that it is in.
    pub netns: NetnsId,
    /// The bridge of the containers that are here.
    pub bridge: LinkId,
    /// The VXLAN device to other machines.
    pub vxlan: LinkId,
}

/// A namespace of the engine's own, which is no container's.
#[derive(Clone, Debug)]
pub struct Backstage {
    /// The namespace.
    pub netns: NetnsId,
    /// What it is called: `lb_` and the beginning of a network's id, `ingress_sbox`; `1-` and that for a bridge's.
    pub name: String,
    /// The id of the network that it serves.
    pub network: String,
    /// Whether it balances, rather than switches.
    pub balances: bool,
}

impl NetworkFacts {
    /// The subnet that an address lies in.
    #[must_use]
    pub fn subnet_of(&self, address: std::net::IpAddr) -> Option<ipnet::IpNet> {
        let subnets = self
            .subnets
            .iter()
            .filter_map(|s| s.parse::<ipnet::IpNet>().ok());
        subnets.into_iter().find(|net| net.contains(&address))
    }
}

/// A container.
#[derive(Clone, Debug)]
pub struct ContainerFacts {
    /// Its id.
    pub id: String,
    /// Its name, without a slash.
    pub name: String,
    /// The image as given.
    pub image: String,
    /// `created`, `running`, `paused`, `restarting`, `exited` ...
    pub status: String,
    /// `bridge`, a network's name, `host`, `none`, `container:ID`.
    pub network_mode: String,
    /// The command line.
    pub command: Vec<String>,
    /// Its namespace while it runs.
    pub netns: Option<NetnsId>,
    /// Its first process while it runs.
    pub process: Option<ProcessId>,
    /// Ids of the networks that it is configured for, in order of joining.
    pub networks: Vec<String>,
    /// Its interfaces, each with the id of its network.
    pub interfaces: Vec<(String, LinkId)>,
    /// Names asked for on its networks beside its own.
    pub aliases: Vec<String>,
    /// What follows the image on its command line, unless the image says so anyway.
    pub arguments: Vec<String>,
    /// Whether it was made with a terminal.
    pub tty: bool,
    /// What `-p` asked for, whether it is published or not: the address if one was named, the port there, the container's.
    pub asked: Vec<(Option<std::net::IpAddr>, u16, u16)>,
    /// Its published ports: address on the machine, port there, port and protocol in the container.
    pub published: Vec<(std::net::IpAddr, u16, String)>,
    /// When it could last not be started, virtual nanoseconds, and why.
    pub failed: Option<(u64, String)>,
    /// The exit code of one that does not run since its program ended, without anybody stopping it.
    pub ended: Option<i64>,
    /// Whether the embedded DNS server answers in its namespace.
    pub resolver: bool,
    /// The service of the swarm whose task it is.
    pub service: Option<String>,
}

/// A container's namespace, its own or the machine's: what can be asked often.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox<'a> {
    /// The namespace.
    pub netns: NetnsId,
    /// The container's id.
    pub id: &'a str,
    /// The container's name, without a slash.
    pub name: &'a str,
}

/// Which of a machine's namespaces and bridges are the engine's: the names of its bridges, each with the id of its network,
/// are returned, and `each` is told every container's namespace. `None` if no engine runs.
pub fn glance(
    kernel: &Kernel,
    machine: MachineId,
    mut each: impl FnMut(Sandbox<'_>),
) -> Option<Vec<(String, String)>> {
    let state = engine(kernel, machine)?.state();
    for c in state.containers.values() {
        let shared = c.network_mode().starts_with("container:");
        if let Some(sandbox) = c.sandbox.as_ref().filter(|_| !shared) {
            each(Sandbox {
                netns: sandbox.netns,
                id: &c.id,
                name: &c.name,
            });
        }
    }
    let bridge = |n: &Network| Some((bridge(n)?, n.id.clone()));
    Some(state.networks.values().filter_map(bridge).collect())
}

/// The namespaces of overlay networks and of their balancers on a machine.
#[must_use]
pub fn backstage(kernel: &Kernel, machine: MachineId) -> Vec<Backstage> {
    let Some(engine) = engine(kernel, machine) else {
        return Vec::new();
    };
    let state = engine.state();
    let mut all = state.balancer.spaces();
    for n in state.networks.values().filter(|n| n.is_overlay()) {
        if let Some(tunnel) = tunnels(n).first() {
            all.push(Backstage {
                netns: tunnel.netns,
                name: n.name.clone(),
                network: n.id.clone(),
                balances: false,
            });
        }
    }
    all
}

/// An overlay network's parts on this machine.
fn tunnels(n: &Network) -> Vec<Tunnel> {
    let driver = n.driver.as_ref().filter(|_| n.is_overlay());
    let parts = driver.map(|d| d.tunnels()).unwrap_or_default();
    let part = |(netns, bridge, vxlan)| Tunnel {
        netns,
        bridge,
        vxlan,
    };
    parts.into_iter().map(part).collect()
}

fn engine(kernel: &Kernel, machine: MachineId) -> Option<&Engine> {
    kernel
        .machine(machine)?
        .services
        .get(SOCKET)?
        .downcast_ref()
}

/// What the engine of `machine` knows; `None` if none runs.
#[must_use]
pub fn survey(kernel: &Kernel, machine: MachineId) -> Option<Survey> {
    let engine = engine(kernel, machine)?;
    let swarm = swarm_names(engine);
    let state = engine.state();
    let networks = state.networks.values().map(|n| NetworkFacts {
        names: names(n),
        ..network(n)
    });
    let containers = state.containers.values().map(|c| container(c, &state));
    let tags = state.images.names();
    let images = tags
        .map(|tag| {
            tag.strip_suffix(":latest")
                .map_or_else(|| tag.clone(), str::to_owned)
        })
        .collect();
    Some(Survey {
        networks: networks.collect(),
        containers: containers.collect(),
        images,
        swarm,
        services: state.balancer.facts(),
        manager: state.membership.manager(),
    })
}

/// Whether nothing goes on any more in the swarm that the engine of `machine` leads: every task is where it is to be, or has
/// no place to be at, and every node there is, is connected.
#[must_use]
pub fn swarm_rests(kernel: &Kernel, machine: MachineId) -> bool {
    engine(kernel, machine).is_none_or(Engine::swarm_rests)
}

/// Numbers by which whoever asks often sees that nothing has changed: `each` is told every container's id and number, oldest
/// first, and the number of all else that [`survey_part`] tells is returned. `None` if no engine runs.
pub fn numbers(
    kernel: &Kernel,
    machine: MachineId,
    mut each: impl FnMut(&str, u64),
) -> Option<u64> {
    let state = engine(kernel, machine)?.state();
    for c in state.containers.values() {
        each(&c.id, digest_of(c, &state));
    }
    let mut hasher = Digest::default();
    for n in state.networks.values() {
        (&n.id, &n.options, n.driver.is_some()).hash(&mut hasher);
        for pool in &n.pools {
            (pool.id.subnet, pool.gateway).hash(&mut hasher);
        }
    }
    state.balancer.facts().hash(&mut hasher);
    state.membership.manager().hash(&mut hasher);
    Some(hasher.finish())
}

/// What an engine knows without images and names, and of its containers, counted from the oldest, only those at `places`.
#[must_use]
pub fn survey_part(
    kernel: &Kernel,
    machine: MachineId,
    places: impl Iterator<Item = usize>,
) -> Option<Survey> {
    let state = engine(kernel, machine)?.state();
    let containers = places.filter_map(|at| state.containers.get_index(at));
    Some(Survey {
        networks: state.networks.values().map(network).collect(),
        containers: containers.map(|(_, c)| container(c, &state)).collect(),
        images: Vec::new(),
        swarm: SwarmNames::default(),
        services: state.balancer.facts(),
        manager: state.membership.manager(),
    })
}

/// A number for all that [`container`] tells of what can change while a container is there.
fn digest_of(c: &Container, state: &State) -> u64 {
    let mut hasher = Digest::default();
    let sandbox = c.sandbox.as_ref();
    (&c.name, &c.state.status, c.process, c.failed).hash(&mut hasher);
    ended(c).hash(&mut hasher);
    sandbox
        .map(|s| (s.netns, s.resolver.is_some(), s.joined.len()))
        .hash(&mut hasher);
    for published in sandbox.into_iter().flat_map(|s| &s.published) {
        published.allocated.hash(&mut hasher);
    }
    for (name, attachment) in &c.endpoints {
        let network = state
            .networks
            .get(&attachment.settings.network_id)
            .or_else(|| configured(state, name));
        let Some(network) = network else { continue };
        let endpoint = network.endpoints.get(&c.id);
        (&network.id, endpoint.map(|e| e.interface)).hash(&mut hasher);
        attachment.settings.aliases.hash(&mut hasher);
    }
    hasher.finish()
}

/// The network that a container is configured for under a name.
fn configured<'a>(state: &'a State, name: &str) -> Option<&'a Network> {
    let mut networks = state.networks.values();
    networks.find(|n| n.name == name || n.id == name)
}

/// The name of a network's bridge, if it has one.
fn bridge(n: &Network) -> Option<String> {
    let default_name = || format!("br-{}", n.id.get(..12).unwrap_or_default());
    let given = n.options.get("com.docker.network.bridge.name").cloned();
    (n.driver_name == "bridge").then(|| given.unwrap_or_else(default_name))
}

/// What an engine tells of all that it has, as its API would.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// Oldest first; of its address pools a network tells only those that somebody asked for.
    pub networks: Vec<NetworkInspect>,
    /// Oldest first.
    pub containers: Vec<Inspected>,
    /// By name, those without names left out.
    pub volumes: Vec<Volume>,
    /// Images by the names that containers or the caller call them by.
    pub images: SortedMap<String, ImageInspect>,
}

/// A container.
#[derive(Clone, Debug, Default)]
pub struct Inspected {
    /// What the API tells.
    pub inspect: ContainerInspect,
    /// Its networks in the order of joining, by name, each with the hardware address that was asked for, or nothing.
    pub joined: Vec<(String, String)>,
}

/// What the engine of `machine` tells, its images and those called `images`; `None` if none runs.
#[must_use]
pub fn inspection(kernel: &Kernel, machine: MachineId, images: &[&str]) -> Option<Inspection> {
    let engine = kernel
        .machine(machine)?
        .services
        .get(SOCKET)?
        .downcast_ref::<Engine>()?;
    let state = engine.state();
    let networks = state.networks.values().map(|n| {
        let mut told = n.inspect(true);
        let asked = |subnet: &str| {
            let mut pools = n.pools.iter();
            pools.any(|p| p.is_static && p.id.subnet.to_string() == subnet)
        };
        if let Some(pools) = &mut told.ipam.config {
            pools.retain(|pool| asked(&pool.subnet));
        }
        told
    });
    let containers = state.containers.values().map(|c| Inspected {
        inspect: crate::containers::inspect(&state, c),
        joined: c
            .endpoints
            .iter()
            .map(|(name, a)| (name.clone(), a.wanted_mac.clone()))
            .collect(),
    });
    let called = state.containers.values().map(|c| c.config.image.as_str());
    let images = called.chain(images.iter().copied()).filter_map(|name| {
        let image = state.images.find(name).ok()?;
        Some((name.to_owned(), image.inspect()))
    });
    Some(Inspection {
        networks: networks.collect(),
        containers: containers.collect(),
        volumes: state.named_volumes(),
        images: images.collect(),
    })
}

/// All that is told of a network but the names on it. What can change about it while it is there belongs into [`numbers`] as
/// well.
fn network(n: &Network) -> NetworkFacts {
    let claim = n.driver.as_ref().map(|d| d.claim()).unwrap_or_default();
    NetworkFacts {
        parent: claim.parent,
        mode: claim.mode,
        id: n.id.clone(),
        name: n.name.clone(),
        driver: n.driver_name.clone(),
        subnets: n.pools.iter().map(|p| p.id.subnet.to_string()).collect(),
        gateway: n.pools.iter().find_map(|p| p.gateway),
        internal: n.internal,
        attachable: n.attachable || !n.is_overlay(),
        vni: n
            .options
            .get(crate::drivers::overlay::VNIS)
            .and_then(|list| list.split(',').next()?.parse().ok()),
        gateway_mode: n
            .options
            .get("com.docker.network.bridge.gateway_mode_ipv4")
            .cloned()
            .unwrap_or_default(),
        bridge: bridge(n).unwrap_or_default(),
        masquerades: masquerades(n),
        names: Vec::new(),
        tunnels: tunnels(n),
    }
}

/// Whether what leaves by a network is to be masqueraded.
fn masquerades(n: &Network) -> bool {
    let option = |name: &str| {
        let key = format!("com.docker.network.bridge.{name}");
        n.options.get(&key).map(String::as_str)
    };
    let natted = matches!(
        option("gateway_mode_ipv4"),
        None | Some("nat" | "nat-unprotected")
    );
    n.driver_name == "bridge"
        && !n.internal
        && natted
        && option("enable_ip_masquerade") != Some("false")
}

/// The names that the embedded DNS server answers on a network, each with the container that it belongs to.
fn names(n: &Network) -> Vec<(String, String)> {
    let each = n.endpoints.values();
    each.flat_map(|e| e.dns_names.iter().map(|d| (d.clone(), e.name.clone())))
        .collect()
}

/// The exit code of a container whose program ended without anybody stopping it.
fn ended(c: &Container) -> Option<i64> {
    (c.state.status == "exited" && c.ended_by_itself).then_some(c.state.exit_code)
}

/// What is told of a container. What can change about it while it is there belongs into [`digest_of`] as well.
fn container(c: &Container, state: &State) -> ContainerFacts {
    let networks = c.endpoints.keys();
    let networks = networks.filter_map(|name| Some(configured(state, name)?.id.clone()));
    let interfaces = state
        .networks
        .values()
        .filter_map(|n| Some((n.id.clone(), n.endpoints.get(&c.id)?.interface?)));
    let default = state
        .images
        .find(&c.image)
        .ok()
        .and_then(|i| i.config.cmd.clone());
    let sandbox = c.sandbox.as_ref();
    let published = sandbox.into_iter().flat_map(|s| &s.published);
    ContainerFacts {
        id: c.id.clone(),
        name: c.name.clone(),
        image: c.config.image.clone(),
        status: c.state.status.clone(),
        network_mode: c.network_mode().to_owned(),
        command: c.command(),
        netns: sandbox.map(|s| s.netns),
        process: c.process,
        networks: networks.collect(),
        interfaces: interfaces.collect(),
        aliases: c
            .endpoints
            .values()
            .flat_map(|e| e.settings.aliases.iter().flatten().cloned())
            .collect(),
        arguments: c
            .config
            .cmd
            .clone()
            .filter(|cmd| default.as_ref() != Some(cmd))
            .unwrap_or_default(),
        tty: c.config.tty,
        asked: asked(&c.host_config),
        published: published
            .filter_map(|p| p.allocated.map(|(ip, port)| (ip, port, p.port.to_string())))
            .collect(),
        failed: c.failed.map(|at| (at.as_nanos(), c.state.error.clone())),
        ended: ended(c),
        resolver: sandbox.is_some_and(|s| s.resolver.is_some()),
        service: c
            .config
            .labels
            .get("com.docker.swarm.service.name")
            .cloned(),
    }
}

/// The ports of `-p`, by number.
fn asked(host_config: &HostConfig) -> Vec<(Option<std::net::IpAddr>, u16, u16)> {
    let each = host_config.published().flat_map(|(inner, at)| {
        let inner = inner.split('/').next().and_then(|p| p.parse().ok());
        let outer = at
            .iter()
            .map(|b| (b.host_ip.parse().ok(), b.host_port.parse()));
        outer.map(move |(ip, outer)| Some((ip, outer.ok()?, inner?)))
    });
    each.flatten().collect()
}
