//! What stands on the stage: read from kernels and engines.

use crate::handmade;
use crate::scenario::{Role, Scenario};
use crate::view::{self, place};
use engine::survey::{self, ContainerFacts, NetworkFacts, Survey};
use kernel::Kernel;
use kernel::ids::{LinkId, MachineId, NetnsId, ProcessId};
use kernel::map::{Digest, Lookup};
use kernel::net::{Link, LinkKind};
use kernel::netfilter::{Family, Hook, TableName};
use sorted::SortedMap;
use std::hash::{Hash as _, Hasher as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

/// Numbers that decide a network's hue and mark: given at first sight, never used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    given: SortedMap<String, u32>,
}

impl Marks {
    /// The number of what has this place. A network that spans machines has the same place on all of them.
    pub(crate) fn of(&mut self, place: String) -> u32 {
        let next = u32::try_from(self.given.len()).unwrap_or(u32::MAX);
        *self.given.entry(place).or_insert(next)
    }

    /// Whether these are the numbers that a machine's networks have.
    fn are_of(&self, machine: &view::Machine) -> bool {
        let given = |n: &view::Network| self.given.get(marked(n)) == Some(&n.mark);
        machine.networks.iter().all(given)
    }
}

/// The place by which a network has its number.
fn marked(network: &view::Network) -> &str {
    match network.driver.as_str() {
        "overlay" => network.id.rsplit('/').next().unwrap_or_default(),
        _ => &network.id,
    }
}

/// What stood on the stage when it was seen last: who looks often makes anew only what has changed.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    machines: Lookup<MachineId, MachineSight>,
    containers: Lookup<String, Sight>,
}

/// A machine as it was seen.
#[derive(Debug)]
struct MachineSight {
    /// Numbers for all that the engine and the kernel told of it, its containers left out.
    told: (Option<u64>, u64),
    /// How many of its containers are the engine's.
    own: usize,
    view: Rc<view::Machine>,
}

impl MachineSight {
    /// Whether it shows these containers, and no others.
    fn shows(&self, containers: &[(Rc<view::Container>, Vec<view::PublishedPort>)]) -> bool {
        let shown = self.view.containers.get(..self.own).unwrap_or_default();
        let mut both = shown.iter().zip(containers);
        shown.len() == containers.len() && both.all(|(a, (b, _))| Rc::ptr_eq(a, b))
    }
}

/// A container as it was seen.
#[derive(Debug)]
struct Sight {
    /// Numbers for all that the engine and the kernel told of it.
    told: (u64, u64),
    /// What the kernel has to be asked about.
    netns: Option<NetnsId>,
    process: Option<ProcessId>,
    links: Vec<LinkId>,
    view: Rc<view::Container>,
    published: Vec<view::PublishedPort>,
}

impl Sight {
    fn new(kernel: &Kernel, told: u64, c: &ContainerFacts, facts: &Survey, machine: &str) -> Self {
        let mut sight = Self {
            told: (told, 0),
            netns: c.netns,
            process: c.process,
            links: c.interfaces.iter().map(|(_, link)| *link).collect(),
            view: Rc::new(container_view(kernel, c, facts, machine)),
            published: published(c, machine),
        };
        sight.told.1 = sight.digest(kernel);
        sight
    }

    /// The container, and its published ports.
    fn shown(&self) -> (Rc<view::Container>, Vec<view::PublishedPort>) {
        (self.view.clone(), self.published.clone())
    }

    /// A number for what the kernel tells of the container now.
    fn digest(&self, kernel: &Kernel) -> u64 {
        let mut hasher = Digest::default();
        for link in self.links.iter().filter_map(|link| kernel.link(*link)) {
            hash_interface(link, &mut hasher);
        }
        for port in self
            .netns
            .iter()
            .flat_map(|ns| own_listeners(kernel, *ns, self.process))
        {
            port.hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// Everything that stands on the stage now.
pub(crate) fn topology(
    kernel: &Kernel,
    scenario: &Scenario,
    marks: &mut Marks,
    seen: &mut Seen,
) -> view::Topology {
    let lan = place::lan("LAN");
    let mut machines = Vec::new();
    let mut containers = 0;
    for spec in &scenario.machines {
        let Some(machine) = kernel.machine_named(spec.name) else {
            continue;
        };
        let view = machine_view(kernel, machine.id, spec.role, &lan, marks, seen);
        containers += view.containers.len();
        machines.push(view);
    }
    // Those that are gone are forgotten now and then.
    if seen.containers.len() > 2 * containers + 64 {
        seen.containers.clear();
    }
    let lans = vec![view::Lan {
        id: lan,
        name: "LAN".into(),
        subnet: "192.168.1.0/24".into(),
    }];
    view::Topology { machines, lans }
}

fn machine_view(
    kernel: &Kernel,
    id: MachineId,
    role: Role,
    lan: &str,
    marks: &mut Marks,
    seen: &mut Seen,
) -> Rc<view::Machine> {
    let Some(ns) = kernel.machine(id).map(|m| m.root_ns) else {
        return Rc::default();
    };
    // All containers in their order; those that have changed are left open first.
    let (mut containers, mut told) = (Vec::new(), Vec::new());
    let number = survey::numbers(kernel, id, |container, number| {
        let known = seen.containers.get(container);
        let known = known.filter(|sight| sight.told == (number, sight.digest(kernel)));
        if known.is_none() {
            told.push((containers.len(), number));
        }
        containers.push(known.map(Sight::shown).unwrap_or_default());
    });
    if let Some(before) = seen.machines.get(&id)
        && before.shows(&containers)
        && before.told == (number, digest(kernel, id, ns, &before.view))
        && marks.are_of(&before.view)
    {
        return before.view.clone();
    }
    let facts = survey::survey_part(kernel, id, told.iter().map(|(at, _)| *at));
    let facts = facts.unwrap_or_default();
    let bare = bare_machine(kernel, id, role, lan, &facts, number.is_some());
    for (c, (at, number)) in facts.containers.iter().zip(told) {
        let sight = Sight::new(kernel, number, c, &facts, &bare.name);
        if let Some(place) = containers.get_mut(at) {
            *place = sight.shown();
        }
        seen.containers.insert(c.id.clone(), sight);
    }
    let (mut containers, published): (Vec<_>, Vec<_>) = containers.into_iter().unzip();
    let meshed = meshed(&facts, &bare.name);
    let drawn = |n: &&NetworkFacts| !matches!(n.driver.as_str(), "host" | "null");
    let networks = facts.networks.iter().filter(drawn);
    let mut networks: Vec<_> = networks
        .map(|n| network_view(kernel, ns, n, &bare.name, marks))
        .collect();
    let own = containers.len();
    if number.is_some() {
        let (bars, namespaces) = handmade::drawn(kernel, id, &bare.name, &facts, marks);
        networks.extend(bars);
        containers.extend(namespaces.into_iter().map(Rc::new));
    }
    let view = Rc::new(view::Machine {
        networks,
        containers,
        published: published.into_iter().flatten().chain(meshed).collect(),
        ..bare
    });
    let sight = MachineSight {
        told: (number, digest(kernel, id, ns, &view)),
        own,
        view: view.clone(),
    };
    seen.machines.insert(id, sight);
    view
}

/// A number for what the kernel tells of a machine now, its containers left out.
fn digest(kernel: &Kernel, id: MachineId, ns: NetnsId, view: &view::Machine) -> u64 {
    let mut hasher = Digest::default();
    handmade::hash(kernel, id, &mut hasher);
    for link in nics(kernel, ns) {
        hash_interface(link, &mut hasher);
        on_lan(kernel, link).hash(&mut hasher);
    }
    let tables = kernel.netns(ns).into_iter().flat_map(|n| {
        let tables = TableName::ALL.into_iter();
        tables.filter_map(|name| n.nf.table(Family::V4, name))
    });
    for chain in tables.flat_map(|table| table.chains()) {
        (chain.hook, chain.rules().is_empty()).hash(&mut hasher);
    }
    for network in &view.networks {
        vlan(kernel, ns, &network.parent).hash(&mut hasher);
    }
    hasher.finish()
}

/// A machine without what its engine has.
fn bare_machine(
    kernel: &Kernel,
    id: MachineId,
    role: Role,
    lan: &str,
    facts: &Survey,
    running: bool,
) -> view::Machine {
    let Some((name, ns)) = kernel.machine(id).map(|m| (m.name.to_string(), m.root_ns)) else {
        return view::Machine::default();
    };
    let interfaces = nics(kernel, ns).map(|l| view::Interface {
        lan: on_lan(kernel, l).then(|| lan.to_owned()),
        ..interface(l)
    });
    view::Machine {
        id: place::machine(&name),
        kind: match role {
            Role::Docker => view::MachineKind::Docker,
            Role::Laptop => view::MachineKind::Laptop,
            Role::Router => view::MachineKind::Router,
            Role::Internet => view::MachineKind::Internet,
        },
        note: match (role, running) {
            (Role::Docker, true) => match facts.manager {
                Some(true) => "swarm manager",
                Some(false) => "swarm worker",
                None => "Docker Engine 28.5.2",
            }
            .into(),
            (Role::Docker, false) => "engine stopped".into(),
            (Role::Router, _) => "DNS".into(),
            (Role::Laptop, _) => String::new(),
            (Role::Internet, _) => "web server".into(),
        },
        online: true,
        has_terminal: role != Role::Internet,
        interfaces: interfaces.collect(),
        hooks: match role {
            Role::Docker => hooks(kernel, ns, &name),
            _ => Vec::new(),
        },
        name,
        ..view::Machine::default()
    }
}

/// The physical devices of a namespace.
fn nics(kernel: &Kernel, ns: NetnsId) -> impl Iterator<Item = &Link> {
    let links = kernel.links_since(ns, 0);
    links.filter(|link| matches!(link.kind, LinkKind::Nic(_)))
}

/// The addresses of a device that are shown.
pub(crate) fn shown_addresses(link: &Link) -> impl Iterator<Item = &kernel::net::AddrSpec> {
    let addrs = link.addrs.iter();
    addrs.filter(|a| a.scope == kernel::net::Scope::Global)
}

/// Makes all that [`interface`] tells part of a number.
pub(crate) fn hash_interface(link: &Link, hasher: &mut Digest) {
    (&link.name, link.mac, link.admin_up).hash(hasher);
    for a in shown_addresses(link) {
        (a.addr, a.prefix).hash(hasher);
    }
}

pub(crate) fn interface(link: &Link) -> view::Interface {
    let mut addresses: Vec<_> = shown_addresses(link).collect();
    sorted::sort_by_key(&mut addresses, |a| a.addr.is_ipv6());
    view::Interface {
        name: link.name.to_string(),
        addresses: addresses
            .iter()
            .map(|a| format!("{}/{}", a.addr, a.prefix))
            .collect(),
        mac: link.mac.to_string(),
        up: link.admin_up,
        lan: None,
        network: None,
        peer: None,
    }
}

/// Whether a NIC is plugged into the LAN rather than into what lies beyond the router.
fn on_lan(kernel: &Kernel, link: &Link) -> bool {
    let segment = match &link.kind {
        LinkKind::Nic(nic) => nic.segment,
        _ => None,
    };
    segment
        .and_then(|s| kernel.net.segment(s))
        .is_some_and(|s| &*s.name == "LAN")
}

fn hooks(kernel: &Kernel, ns: NetnsId, machine: &str) -> Vec<view::Hook> {
    let tables_at = |hook: Hook| -> Vec<String> {
        let Some(nf) = kernel.netns(ns).map(|n| &n.nf) else {
            return Vec::new();
        };
        TableName::ALL
            .into_iter()
            .filter(|name| {
                nf.table(Family::V4, *name).is_some_and(|t| {
                    t.chains()
                        .any(|c| c.hook == Some(hook) && !c.rules().is_empty())
                })
            })
            .map(|name| crate::journey::words::table(name).to_owned())
            .collect()
    };
    let hook = |name: &str, tables: Vec<String>| view::Hook {
        id: place::hook(machine, name),
        name: name.to_owned(),
        tables,
    };
    vec![
        hook("PREROUTING", tables_at(Hook::Prerouting)),
        hook("ROUTE", vec!["FIB".into()]),
        hook("FORWARD", tables_at(Hook::Forward)),
        hook("POSTROUTING", tables_at(Hook::Postrouting)),
        hook("INPUT", tables_at(Hook::Input)),
        hook("OUTPUT", tables_at(Hook::Output)),
    ]
}

fn network_view(
    kernel: &Kernel,
    ns: NetnsId,
    n: &NetworkFacts,
    machine: &str,
    marks: &mut Marks,
) -> view::Network {
    let mut view = view::Network {
        parent: n.parent.clone(),
        driver_mode: n.mode.to_owned(),
        vlan: vlan(kernel, ns, &n.parent),
        id: place::network(machine, &n.id),
        name: n.name.clone(),
        driver: n.driver.clone(),
        interface: n.bridge.clone(),
        subnet: n.subnets.first().cloned().unwrap_or_default(),
        gateway: n.gateway.map(|g| g.to_string()).unwrap_or_default(),
        internal: n.internal,
        vni: n.vni,
        mark: 0,
    };
    view.mark = marks.of(marked(&view).to_owned());
    view
}

/// The tag of the frames that pass a VLAN device of this name.
fn vlan(kernel: &Kernel, ns: NetnsId, device: &str) -> Option<u16> {
    match &kernel.link(kernel.link_by_name(ns, device)?)?.kind {
        LinkKind::Vlan(vlan) => Some(vlan.id),
        _ => None,
    }
}

fn container_view(
    kernel: &Kernel,
    c: &ContainerFacts,
    facts: &Survey,
    machine: &str,
) -> view::Container {
    let state = match c.status.as_str() {
        "created" => view::ContainerState::Created,
        "paused" => view::ContainerState::Paused,
        "restarting" => view::ContainerState::Restarting,
        "running" => view::ContainerState::Running,
        _ => view::ContainerState::Exited,
    };
    let mode = match c.network_mode.as_str() {
        "host" => view::NetworkMode::Host,
        "none" => view::NetworkMode::None,
        mode => match mode.strip_prefix("container:") {
            Some(id) => view::NetworkMode::Container(place::container(machine, id)),
            None => view::NetworkMode::Own,
        },
    };
    let drawn = |id: &String| {
        facts
            .networks
            .iter()
            .any(|n| n.id == *id && !matches!(n.driver.as_str(), "host" | "null"))
    };
    let mut interfaces: Vec<view::Interface> = c
        .interfaces
        .iter()
        .map(|(network, link)| view::Interface {
            network: Some(place::network(machine, network)),
            ..kernel.link(*link).map(interface).unwrap_or_default()
        })
        .collect();
    sorted::sort_by(&mut interfaces, |a, b| a.name.cmp(&b.name));
    // The engine puts those of overlay networks on its own bridge too, without telling.
    let own = c.interfaces.iter().map(|(network, _)| network);
    view::Container {
        id: place::container(machine, &c.id),
        name: c.name.clone(),
        image: c.image.clone(),
        state,
        mode,
        interfaces,
        networks: c
            .networks
            .iter()
            .chain(own.filter(|id| !c.networks.contains(id)))
            .filter(|id| drawn(id))
            .map(|id| place::network(machine, id))
            .collect(),
        activity: activity(kernel, c),
        resolver: c.resolver,
    }
}

/// What a container does: the ports that its processes listen on, else its command.
fn activity(kernel: &Kernel, c: &ContainerFacts) -> String {
    if c.netns.is_none() {
        return c.command.join(" ");
    }
    let ports = listening(kernel, c);
    listens_on(&ports).unwrap_or_else(|| format!("runs {}", c.command.join(" ")))
}

/// What is said of ports on which somebody listens; `None` without any.
pub(crate) fn listens_on(ports: &[u16]) -> Option<String> {
    let list: Vec<String> = ports.iter().map(|p| format!(":{p}")).collect();
    (!list.is_empty()).then(|| format!("listens on {}", list.join(", ")))
}

/// The TCP ports that a container's processes listen on, in order.
pub(crate) fn listening(kernel: &Kernel, c: &ContainerFacts) -> Vec<u16> {
    let Some(ns) = c.netns else {
        return Vec::new();
    };
    let mut ports: Vec<u16> = own_listeners(kernel, ns, c.process).collect();
    sorted::sort(&mut ports);
    ports.dedup();
    ports
}

/// The ports on which those processes of a namespace listen that belong to the container with this first process: of a
/// shared namespace only its own; and the embedded DNS server is dockerd's.
fn own_listeners(
    kernel: &Kernel,
    ns: NetnsId,
    first: Option<ProcessId>,
) -> impl Iterator<Item = u16> {
    let own = move |owner: Option<ProcessId>| {
        let owner = owner.and_then(|o| kernel.proc.get(o));
        owner.is_some_and(|p| p.pid_ns == first)
    };
    let all = kernel.sock_listeners(ns);
    all.filter(move |(_, owner)| own(*owner))
        .map(|(port, _)| port)
}

fn published(c: &ContainerFacts, machine: &str) -> Vec<view::PublishedPort> {
    let port = |(ip, port, target): &(IpAddr, u16, String)| view::PublishedPort {
        container: place::container(machine, &c.id),
        ..published_port(machine, (*ip, *port), &c.name, target)
    };
    c.published.iter().map(port).collect()
}

/// The ports of a machine that lead to a service's tasks, wherever those are.
fn meshed(facts: &Survey, machine: &str) -> Vec<view::PublishedPort> {
    let ports = facts.services.iter().flat_map(|service| {
        let ports = service.ports.iter();
        ports.map(|(port, target)| (*port, &service.name, target))
    });
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    ports
        .map(|(port, name, target)| published_port(machine, (any, port), name, target))
        .collect()
}

/// A port that is published at an address of a machine, and leads to a port such as `80/tcp` of whoever has this name.
fn published_port(
    machine: &str,
    (ip, port): (IpAddr, u16),
    name: &str,
    target: &str,
) -> view::PublishedPort {
    let (number, protocol) = target.split_once('/').unwrap_or((target, "tcp"));
    let binding = SocketAddr::new(ip, port).to_string();
    view::PublishedPort {
        id: place::published(machine, &format!("{binding}/{protocol}")),
        binding,
        protocol: protocol.to_owned(),
        target: format!("{name}:{number}"),
        container: String::new(),
        loopback: ip.is_loopback(),
    }
}
