//! What somebody made by hand on a machine that runs Docker: namespaces with a name, bridges that are no network's, and the
//! ends of cables into those namespaces.

use crate::topology::{Marks, hash_interface, interface, listens_on, shown_addresses};
use crate::view::{self, place};
use engine::survey::{self, Survey};
use ipnet::IpNet;
use kernel::Kernel;
use kernel::fs::Node;
use kernel::ids::{LinkId, MachineId, NetnsId};
use kernel::map::Digest;
use kernel::net::{Link, LinkKind};
use std::hash::Hash as _;
use userland::inspect::NETNS_DIR;

/// What is there beside what an engine has.
#[derive(Default)]
pub(crate) struct Handmade<'a> {
    /// The namespaces that `ip netns` lists and that are no container's, by name.
    pub(crate) namespaces: Vec<(String, NetnsId)>,
    /// The devices of the root namespace that join others as a network's bridge does.
    pub(crate) bars: Vec<&'a Link>,
}

/// Finds it, told which bridges are networks' own, by name, and which namespaces are containers'.
pub(crate) fn find<'a>(
    kernel: &'a Kernel,
    id: MachineId,
    is_network: impl Fn(&str) -> bool,
    is_container: impl Fn(NetnsId) -> bool,
) -> Handmade<'a> {
    let Some(root) = kernel.machine(id).map(|m| m.root_ns) else {
        return Handmade::default();
    };
    let mut namespaces = named(kernel, id);
    namespaces.retain(|(_, ns)| !is_container(*ns));
    let own = |link: &&Link| match &link.kind {
        LinkKind::Bridge(_) => !is_network(&link.name),
        LinkKind::Veth(veth) if !namespaces.is_empty() && link.master.is_none() => {
            let there = kernel.link(veth.peer).map(|peer| peer.ns);
            namespaces.iter().any(|(_, ns)| Some(*ns) == there)
        }
        _ => false,
    };
    let bars = kernel.links_since(root, 0).filter(own).collect();
    Handmade { namespaces, bars }
}

impl Handmade<'_> {
    /// The device that stands for the network which a namespace's interface is on, by its name.
    pub(crate) fn bar_of(&self, kernel: &Kernel, link: &Link) -> Option<LinkId> {
        let LinkKind::Veth(veth) = &link.kind else {
            return None;
        };
        let end = kernel.link(veth.peer)?;
        let bar = end.master.unwrap_or(end.id);
        (end.master.is_some() || self.bars.iter().any(|own| own.id == bar)).then_some(bar)
    }
}

/// What somebody made by hand, as if it were networks and containers: to packets it is the same.
pub(crate) fn drawn(
    kernel: &Kernel,
    id: MachineId,
    machine: &str,
    facts: &Survey,
    marks: &mut Marks,
) -> (Vec<view::Network>, Vec<view::Container>) {
    let mut sandboxes = Vec::new();
    if !named(kernel, id).is_empty() {
        survey::glance(kernel, id, |sandbox| {
            sandboxes.push((sandbox.netns, place::container(machine, sandbox.id)));
        });
    }
    let network = |name: &str| facts.networks.iter().find(|n| n.bridge == name);
    let made = find(
        kernel,
        id,
        |name| network(name).is_some(),
        |ns| sandboxes.iter().any(|(own, _)| *own == ns),
    );
    // Who is at the other end of a cable that leads to no bridge.
    let peer = |link: &Link| {
        let LinkKind::Veth(veth) = &link.kind else {
            return None;
        };
        let there = kernel.link(veth.peer)?.ns;
        let mut spaces = made.namespaces.iter();
        let space = spaces.find(|(_, ns)| *ns == there && *ns != link.ns);
        let sandbox = || sandboxes.iter().find(|(ns, _)| *ns == there);
        space
            .map(|(name, _)| place::namespace(machine, name))
            .or_else(|| sandbox().map(|(_, place)| place.clone()))
    };
    let bars = made.bars.iter().map(|link| {
        let interface = interface(link);
        let subnet = shown_addresses(link).find_map(|a| IpNet::new(a.addr, a.prefix).ok());
        let mut view = view::Network {
            id: place::network(machine, &interface.name),
            name: interface.name.clone(),
            driver: match link.kind {
                LinkKind::Veth(_) => "veth".into(),
                _ => "bridge".into(),
            },
            interface: interface.name,
            subnet: subnet
                .map(|net| net.trunc().to_string())
                .unwrap_or_default(),
            gateway: subnet.map(|net| net.addr().to_string()).unwrap_or_default(),
            ..view::Network::default()
        };
        view.mark = marks.of(view.id.clone());
        view
    });
    let bars = bars.collect();
    let namespaces = made.namespaces.iter().map(|(name, ns)| {
        let links = kernel.links_since(*ns, 0);
        let links = links.filter(|l| !matches!(l.kind, LinkKind::Loopback));
        let interfaces = links.map(|link| {
            let bar = made.bar_of(kernel, link).and_then(|bar| kernel.link(bar));
            let id = bar.map(|bar| network(&bar.name).map_or(&*bar.name, |n| n.id.as_str()));
            view::Interface {
                network: id.map(|id| place::network(machine, id)),
                peer: peer(link),
                ..interface(link)
            }
        });
        let mut interfaces: Vec<_> = interfaces.collect();
        sorted::sort_by(&mut interfaces, |a, b| a.name.cmp(&b.name));
        let mut ports: Vec<u16> = kernel.sock_listeners(*ns).map(|(port, _)| port).collect();
        sorted::sort(&mut ports);
        ports.dedup();
        view::Container {
            id: place::namespace(machine, name),
            name: name.clone(),
            image: "ip netns".into(),
            networks: interfaces
                .iter()
                .filter_map(|i| i.network.clone())
                .collect(),
            interfaces,
            activity: listens_on(&ports).unwrap_or_default(),
            ..view::Container::default()
        }
    });
    let namespaces = namespaces.collect();
    (bars, namespaces)
}

/// Makes all that is shown of it part of a number.
pub(crate) fn hash(kernel: &Kernel, id: MachineId, hasher: &mut Digest) {
    let root = kernel.machine(id).map(|m| m.root_ns);
    let bridges = root.into_iter().flat_map(|ns| kernel.links_since(ns, 0));
    let bridges = bridges.filter(|link| matches!(link.kind, LinkKind::Bridge(_)));
    for bridge in bridges {
        hash_interface(bridge, hasher);
    }
    for (name, ns) in named(kernel, id) {
        name.hash(hasher);
        for link in kernel.links_since(ns, 0) {
            hash_interface(link, hasher);
            if let LinkKind::Veth(veth) = &link.kind {
                let end = kernel.link(veth.peer);
                end.map(|end| (&end.name, end.ns, end.master)).hash(hasher);
                if let Some(end) = end {
                    hash_interface(end, hasher);
                }
            }
        }
        for (port, _) in kernel.sock_listeners(ns) {
            port.hash(hasher);
        }
    }
}

/// The named namespaces of a machine, its root namespace left out, in the order of their names.
pub(crate) fn named(kernel: &Kernel, id: MachineId) -> Vec<(String, NetnsId)> {
    let Some(machine) = kernel.machine(id) else {
        return Vec::new();
    };
    let names = kernel.tree(machine.root).map(|tree| tree.list(NETNS_DIR));
    let names = names.into_iter().flatten();
    names
        .filter_map(|entry| match entry.meta.node {
            Node::Netns(ns) if ns != machine.root_ns => Some((entry.name, ns)),
            _ => None,
        })
        .collect()
}
