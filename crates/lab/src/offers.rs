//! What dropping a container on each network would do, in Docker's terms and as the command that it stands for.

use crate::names::Directory;
use crate::view::{DropOffer, DropState, place};
use kernel::Kernel;
use std::net::IpAddr;

/// One offer for each network of the container's machine.
pub(crate) fn offers(kernel: &Kernel, container: &str) -> Vec<DropOffer> {
    let directory = Directory::new(kernel);
    let Some((machine, id)) = container
        .strip_prefix("container:")
        .and_then(|rest| rest.split_once('/'))
    else {
        return Vec::new();
    };
    let Some(known) = directory.container(id) else {
        return Vec::new();
    };
    let c = known.container;
    let running = c.netns.is_some();
    let drawn = known
        .survey
        .networks
        .iter()
        .filter(|n| !matches!(n.driver.as_str(), "host" | "null"));
    drawn
        .map(|n| {
            let mut offer = DropOffer { network: place::network(machine, &n.id), machine: machine.to_owned(), ..DropOffer::default() };
            if c.networks.contains(&n.id) {
                offer.state = DropState::Member;
                offer.disconnect = format!("docker network disconnect {} {}", quoted(&n.name), c.name);
                return offer;
            }
            // Docker's own sentences (moby `runconfig/errors.go`).
            let mode = c.network_mode.as_str();
            let refusal = if mode == "host" || mode.starts_with("container:") {
                "container sharing network namespace with another container or host cannot be connected to any other network".to_owned()
            } else if mode == "none" && known.networks().any(|n| n.name == "none") {
                "container cannot be connected to multiple networks with one of the networks in private (none) mode".to_owned()
            } else if !n.attachable {
                format!("network {} not manually attachable", n.name)
            } else {
                String::new()
            };
            if !refusal.is_empty() {
                offer.state = DropState::Refused;
                offer.refusal = refusal;
                return offer;
            }
            offer.state = DropState::Connects;
            let connect = format!("docker network connect {} {}", quoted(&n.name), c.name);
            offer.connect = vec![connect.clone()];
            offer.move_here = known
                .networks()
                .map(|from| format!("docker network disconnect {} {}", quoted(&from.name), c.name))
                .chain([connect])
                .collect();
            if running {
                offer.interface = next_interface(kernel, c.netns);
                // Of a network that spans machines, the swarm's leader hands the addresses out.
                let own = n.subnets.first().filter(|_| n.vni.is_none());
                offer.address = own.and_then(|s| next_address(kernel, &n.bridge, known.machine, s)).map(|ip| ip.to_string()).unwrap_or_default();
            }
            offer
        })
        .collect()
}

/// A name as a shell takes it.
pub(crate) fn quoted(name: &str) -> String {
    if name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

/// The lowest free `ethN`, as the engine takes it.
fn next_interface(kernel: &Kernel, ns: Option<kernel::ids::NetnsId>) -> String {
    let taken = |name: &str| ns.is_some_and(|ns| kernel.link_by_name(ns, name).is_some());
    (0..64)
        .map(|n| format!("eth{n}"))
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// The lowest address of the subnet that nobody on the bridge has: what the engine's allocator gives next, if nothing is
/// reserved beyond what is in use.
fn next_address(kernel: &Kernel, bridge: &str, machine: &str, subnet: &str) -> Option<IpAddr> {
    let net: ipnet::Ipv4Net = subnet.parse().ok()?;
    let directory = Directory::new(kernel);
    let root = kernel.machine_named(machine)?.root_ns;
    let own: Vec<IpAddr> = kernel
        .link_by_name(root, bridge)
        .and_then(|l| kernel.link(l))
        .map(|l| l.addrs.iter().map(|a| a.addr).collect())
        .unwrap_or_default();
    net.hosts()
        .take(1000)
        .map(IpAddr::V4)
        .find(|ip| !own.contains(ip) && directory.at_address(*ip).is_none())
}
