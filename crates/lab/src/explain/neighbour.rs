//! Neighbours that stay silent: macvlan and ipvlan containers whom their own machine, their siblings or the switch keep
//! apart from those who ask, devices that are down, containers that have gone.

use super::fixes::fix;
use super::{End, Evidence, Told, asker, link, socket};
use crate::names::Known;
use crate::places::Space;
use engine::survey::NetworkFacts;
use ipnet::IpNet;
use kernel::trace::{Checkpoint, DropReason, TraceEvent};
use std::net::IpAddr;
use wire::Proto;

/// Why nobody answered for `next_hop`.
pub(super) fn silent(evidence: &Evidence<'_>, end: End<'_>, next_hop: IpAddr) -> Told {
    let name = &end.space.name;
    let call = |ip| evidence.directory.call(ip);
    let mut told = old_flow(evidence, end, next_hop)
        .or_else(|| on_the_lan(evidence, end, next_hop))
        .or_else(|| cable(evidence, next_hop))
        .or_else(|| gateway(evidence, end.space, next_hop))
        .or_else(|| same_subnet(evidence, end, next_hop))
        .unwrap_or_else(|| {
            let (from, to) = (call(end.ip.src), call(end.ip.dst));
            Told {
                sentence: format!("Nobody on the network of {name} answers for {next_hop}."),
                detail: match next_hop {
                    IpAddr::V4(_) => format!("{name} asks who has {next_hop} (ARP) and gets no answer, so the packet from {from} to {to} cannot be sent."),
                    IpAddr::V6(_) => format!("{name} asks who has {next_hop} (neighbour discovery) and gets no answer, so the packet from {from} to {to} cannot be sent."),
                },
                ..Told::default()
            }
        });
    told.decided_by = format!("the neighbour table: {next_hop} FAILED");
    told
}

/// A flow that is still translated to a container which has gone.
fn old_flow(evidence: &Evidence<'_>, end: End<'_>, next_hop: IpAddr) -> Option<Told> {
    let directory = evidence.directory;
    let (before, after) = evidence.events.iter().rev().find_map(|e| match &e.what {
        Checkpoint::Nat {
            dst, reply: false, ..
        } if e.packet == end.event.packet && dst.0 != dst.1 => Some(*dst),
        _ => None,
    })?;
    if after.ip != next_hop || directory.at_address(next_hop).is_some() {
        return None;
    }
    let proto = if end.ip.protocol() == Proto::UDP {
        "udp"
    } else {
        "tcp"
    };
    let name = &end.space.name;
    Some(Told {
        sentence: format!(
            "{name} still sends this flow to {next_hop}, where no container is any more."
        ),
        detail: format!(
            "Connection tracking remembers where port {} led when the flow began, and keeps to it.",
            before.port
        ),
        fixes: vec![socket::forget(end, proto, before.port)],
        ..Told::default()
    })
}

/// A device on the way to the neighbour that was set down.
fn cable(evidence: &Evidence<'_>, next_hop: IpAddr) -> Option<Told> {
    let directory = evidence.directory;
    let own = directory.link_at(next_hop)?;
    let peer = directory.peer(own);
    let (device, owner, fix) =
        link::raise(evidence, own).or_else(|| link::raise(evidence, peer?))?;
    Some(Told {
        sentence: format!("No answer. {device} of {owner} is down."),
        detail: format!("Nothing gets through it, not even the question who has {next_hop}."),
        fixes: vec![fix],
        ..Told::default()
    })
}

/// A machine that is looked for on a network inside another one, whose subnet is the LAN's.
fn same_subnet(evidence: &Evidence<'_>, end: End<'_>, next_hop: IpAddr) -> Option<Told> {
    let space = end.space;
    let network = match space.is_root() {
        true => {
            let mut own = evidence.directory.survey(&space.machine)?.networks.iter();
            own.find(|n| !n.bridge.is_empty() && n.subnet_of(next_hop).is_some())?
        }
        false => asker::network_with(evidence, space, next_hop)?,
    };
    let beyond = evidence.directory.machine_at(next_hop);
    let beyond = beyond.filter(|m| network.parent.is_empty() && *m != space.machine)?;
    let (name, on) = (&space.name, &network.name);
    Some(Told {
        sentence: format!("Nobody on the network of {name} answers for {next_hop}."),
        detail: format!(
            "{beyond} is on the LAN, and {on} has the same subnet, {}: what {name} sends there stays on {on}. Give {on} a subnet of its own.",
            network.subnet_of(next_hop)?
        ),
        ..Told::default()
    })
}

/// A gateway that nobody answers for: the machine's bridge is gone or down, or has not that address.
fn gateway(evidence: &Evidence<'_>, space: &Space, next_hop: IpAddr) -> Option<Told> {
    let known = evidence.container_of(space)?;
    let network = known.networks().find(|n| n.gateway == Some(next_hop))?;
    lost_bridge(evidence, known, network)
}

/// What the bridge of a network lacks, by which its machine and its containers reach each other.
pub(super) fn lost_bridge(
    evidence: &Evidence<'_>,
    known: Known<'_>,
    network: &NetworkFacts,
) -> Option<Told> {
    let (machine, bridge) = (known.machine, &network.bridge);
    let Some(link) = evidence.directory.device_of(machine, bridge) else {
        return (!bridge.is_empty()).then(|| no_bridge(machine, bridge));
    };
    if let Some((_, _, fix)) = link::raise(evidence, link) {
        return Some(Told {
            sentence: format!("No answer. {bridge} of {machine} is down."),
            detail: format!("Nothing gets from {machine} to {} or back.", network.name),
            decided_by: format!("the link: {bridge} is down"),
            fixes: vec![fix],
        });
    }
    let gateway = network.gateway?;
    let bits = network.subnet_of(gateway)?.prefix_len();
    (evidence.directory.machine_at(gateway) != Some(machine)).then(|| Told {
        sentence: format!("No answer. {bridge} of {machine} lacks the address {gateway}."),
        detail: format!("{} reaches others by way of it.", network.name),
        decided_by: format!("the addresses of {bridge}"),
        fixes: vec![fix(
            format!("Give {bridge} an address"),
            format!("ip addr add {gateway}/{bits} dev {bridge}"),
            machine,
        )],
    })
}

/// A network whose bridge somebody deleted.
pub(super) fn no_bridge(machine: &str, bridge: &str) -> Told {
    Told {
        sentence: format!("No answer. {machine} has no {bridge} any more."),
        detail: "Docker makes the bridges of its networks when it starts, and containers are its ports from their next start on.".to_owned(),
        decided_by: format!("the link: no device {bridge}"),
        fixes: vec![fix("Start Docker anew", "systemctl restart docker", machine)],
    }
}

/// Silence that is to do with a macvlan, an ipvlan or the switch.
fn on_the_lan(evidence: &Evidence<'_>, end: End<'_>, next_hop: IpAddr) -> Option<Told> {
    let space = end.space;
    if let Some(mac) = refused_by_switch(evidence, end.event) {
        return Some(Told {
            sentence: format!("No answer. The switch refuses {mac}, which is not the address of a machine."),
            detail: "It lets only stations' own hardware addresses in, as port security and Wi-Fi do. An ipvlan network gets by: its containers share the parent's address.".to_owned(),
            ..Told::default()
        });
    }
    let directory = evidence.directory;
    let (asker, target) = (
        directory.at_address(end.ip.src),
        directory.at_address(next_hop),
    );
    match (asker, target) {
        // The machine asks for one of its own containers.
        (None, Some(known)) if space.is_root() && known.machine == space.machine => {
            let network = on_parent(known, next_hop)?;
            Some(cut_off(evidence, known, network, next_hop))
        }
        // A container asks for its machine.
        (Some(known), None) if directory.machine_at(next_hop) == Some(known.machine) => {
            let network = on_parent(known, end.ip.src)?;
            Some(cut_off(evidence, known, network, end.ip.src))
        }
        // One that is gone by now.
        (None, None) if directory.machine_at(next_hop) == Some(&space.machine) => {
            let network = asker::network_with(evidence, space, end.ip.src)?;
            let told = || apart(&space.machine, network, &space.name);
            (!network.parent.is_empty()).then(told)
        }
        (Some(a), Some(b)) if a.machine == b.machine => {
            let network = on_parent(a, end.ip.src)?;
            let same = on_parent(b, next_hop).is_some_and(|n| n.parent == network.parent);
            let apart = network.mode != "bridge" && network.mode != "l2";
            (same && apart).then(|| Told {
                sentence: format!(
                    "No answer. {} is in {} mode, which keeps its containers apart.",
                    network.name, network.mode
                ),
                detail: format!(
                    "What {} sends leaves by {} only, and the switch does not send it back.",
                    a.container.name, network.parent
                ),
                ..Told::default()
            })
        }
        _ => None,
    }
}

/// The hardware address that the switch refused while this namespace asked for its neighbour.
fn refused_by_switch(evidence: &Evidence<'_>, event: &TraceEvent) -> Option<wire::MacAddr> {
    let asked_from_here = |other: &TraceEvent| {
        evidence.events.iter().any(|e| {
            e.packet == other.packet
                && e.ns == event.ns
                && matches!(e.what, Checkpoint::Made { .. })
        })
    };
    evidence.events.iter().rev().find_map(|e| match &e.what {
        Checkpoint::Drop(DropReason::PortSecurity { mac }) if asked_from_here(e) => Some(*mac),
        _ => None,
    })
}

/// The network with a parent on which a container has an address.
fn on_parent(known: Known<'_>, address: IpAddr) -> Option<&NetworkFacts> {
    known.network_with(address).filter(|n| !n.parent.is_empty())
}

/// A machine and its own containers: they do not hear each other through the parent.
pub(super) fn cut_off(
    evidence: &Evidence<'_>,
    known: Known<'_>,
    network: &NetworkFacts,
    to: IpAddr,
) -> Told {
    let (machine, parent, driver) = (known.machine, &network.parent, &network.driver);
    let shim = free_address(evidence, network, to).map(|own| {
        let (bits, mode) = if to.is_ipv6() { (128, &network.mode) } else { (32, &network.mode) };
        let command = format!(
            "ip link add shim link {parent} type {driver} mode {mode} && ip addr add {own}/{bits} dev shim && ip link set shim up && ip route add {to}/{bits} dev shim"
        );
        fix(format!("Give {machine} a {driver} interface of its own"), &command, machine)
    });
    Told {
        fixes: shim.into_iter().collect(),
        ..apart(machine, network, &known.container.name)
    }
}

/// Says why a machine and a container on a network with a parent do not hear each other.
fn apart(machine: &str, network: &NetworkFacts, name: &str) -> Told {
    let (parent, driver) = (&network.parent, &network.driver);
    Told {
        sentence: format!(
            "No answer. {machine} cannot reach its own {driver} containers through the parent {parent}. Ask from the laptop, or add a {driver} interface to {machine}."
        ),
        detail: format!(
            "What {name} and {machine} send by {parent} goes out onto the wire, and no switch sends a frame back where it came from. An interface of {machine}'s own beside the container's hears it."
        ),
        ..Told::default()
    }
}

/// The last address of a network that nobody has.
pub(super) fn free_address(
    evidence: &Evidence<'_>,
    network: &NetworkFacts,
    near: IpAddr,
) -> Option<IpAddr> {
    let IpNet::V4(net) = network.subnet_of(near)? else {
        return None;
    };
    let taken = |ip: IpAddr| {
        let directory = evidence.directory;
        network.gateway == Some(ip)
            || directory.at_address(ip).is_some()
            || directory.machine_at(ip).is_some()
    };
    let last = u32::from(net.broadcast()).saturating_sub(1);
    let first = u32::from(net.network()).saturating_add(1);
    (first..=last)
        .rev()
        .map(|n| IpAddr::V4(n.into()))
        .find(|ip| !taken(*ip))
}
