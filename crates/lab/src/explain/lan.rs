//! Silence on the LAN: macvlan and ipvlan containers whom their own machine, their siblings, the switch or a missing route
//! keep apart from those who ask.

use super::{Evidence, fix};
use crate::names::Known;
use crate::view::Fix;
use engine::survey::NetworkFacts;
use ipnet::IpNet;
use kernel::trace::{Checkpoint, DropReason, TraceEvent};
use std::net::IpAddr;
use wire::IpPacket;

/// Sentence, detail, fixes.
type Told = (String, String, Vec<Fix>);

/// Why nobody answered for `next_hop`, if it is to do with a macvlan or ipvlan.
pub(super) fn silent(
    evidence: &Evidence<'_>,
    event: &TraceEvent,
    ip: &IpPacket,
    next_hop: IpAddr,
) -> Option<Told> {
    let space = evidence.places.space(event.ns)?;
    if let Some(mac) = refused_by_switch(evidence, event) {
        let sentence =
            format!("No answer. The switch refuses {mac}, which is not the address of a machine.");
        let detail = "It lets only stations' own hardware addresses in, as port security and Wi-Fi do. An ipvlan network gets by: its containers share the parent's address.".to_owned();
        return Some((sentence, detail, Vec::new()));
    }
    let directory = evidence.directory;
    let (asker, target) = (directory.at_address(ip.src), directory.at_address(next_hop));
    match (asker, target) {
        // The machine asks for one of its own containers.
        (None, Some(known)) if space.container.is_none() && known.machine == space.machine => {
            let (network, _) = on_parent(known, next_hop)?;
            Some(cut_off(evidence, known, network, next_hop))
        }
        // A container asks for its machine.
        (Some(known), None) if directory.machine_at(next_hop) == Some(known.machine) => {
            let (network, address) = on_parent(known, ip.src)?;
            Some(cut_off(evidence, known, network, address))
        }
        (Some(a), Some(b)) if a.machine == b.machine => {
            let (network, _) = on_parent(a, ip.src)?;
            let same = on_parent(b, next_hop).is_some_and(|(n, _)| n.parent == network.parent);
            let apart = network.mode != "bridge" && network.mode != "l2";
            (same && apart).then(|| {
                let sentence = format!(
                    "No answer. {} is in {} mode, which keeps its containers apart.",
                    network.name, network.mode
                );
                let detail = format!(
                    "What {} sends leaves by {} only, and the switch does not send it back.",
                    a.container.name, network.parent
                );
                (sentence, detail, Vec::new())
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
fn on_parent(known: Known<'_>, address: IpAddr) -> Option<(&NetworkFacts, IpAddr)> {
    let holds = |n: &&NetworkFacts| !n.parent.is_empty() && subnet_of(n, address).is_some();
    known.networks().find(holds).map(|n| (n, address))
}

/// The subnet of a network that an address lies in.
fn subnet_of(network: &NetworkFacts, address: IpAddr) -> Option<IpNet> {
    let subnets = network
        .subnets
        .iter()
        .filter_map(|s| s.parse::<IpNet>().ok());
    subnets.into_iter().find(|net| net.contains(&address))
}

/// A machine and its own containers: they do not hear each other through the parent.
fn cut_off(evidence: &Evidence<'_>, known: Known<'_>, network: &NetworkFacts, to: IpAddr) -> Told {
    let (machine, parent, driver) = (known.machine, &network.parent, &network.driver);
    let sentence = format!(
        "No answer. {machine} cannot reach its own {driver} containers through the parent {parent}. Ask from the laptop, or add a {driver} interface to {machine}."
    );
    let detail = format!(
        "What {} and {machine} send by {parent} goes out onto the wire, and no switch sends a frame back where it came from. An interface of {machine}'s own beside the container's hears it.",
        known.container.name
    );
    let shim = free_address(evidence, network, to).map(|own| {
        let (bits, mode) = if to.is_ipv6() { (128, &network.mode) } else { (32, &network.mode) };
        let command = format!(
            "ip link add shim link {parent} type {driver} mode {mode} && ip addr add {own}/{bits} dev shim && ip link set shim up && ip route add {to}/{bits} dev shim"
        );
        fix(&format!("Give {machine} a {driver} interface of its own"), &command, machine)
    });
    (sentence, detail, shim.into_iter().collect())
}

/// The last address of a network that nobody has.
fn free_address(evidence: &Evidence<'_>, network: &NetworkFacts, near: IpAddr) -> Option<IpAddr> {
    let IpNet::V4(net) = subnet_of(network, near)? else {
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

/// An answer to a container in a layer 3 mode that somebody on the LAN had no route for.
pub(super) fn no_way_back(
    evidence: &Evidence<'_>,
    ip: &IpPacket,
    event: &TraceEvent,
) -> Option<Told> {
    let directory = evidence.directory;
    let known = directory.at_address(ip.dst)?;
    let network = known
        .networks()
        .find(|n| n.mode.starts_with("l3") && subnet_of(n, ip.dst).is_some())?;
    let here = &evidence.places.space(event.ns)?.machine;
    let subnet = subnet_of(network, ip.dst)?;
    let sender = directory.machine_at(ip.src)?;
    let via = directory.address_on(known.machine, &network.parent)?;
    if here == known.machine {
        return None;
    }
    let sentence = format!(
        "{sender} has no route to {subnet}, so its packets for {} went to {here} and ended there.",
        known.container.name
    );
    let detail = format!(
        "In ipvlan {} mode nobody answers ARP for {}: the LAN has to be told that {subnet} is behind {}.",
        network.mode, known.container.name, known.machine
    );
    let command = format!("ip route add {subnet} via {via}");
    Some((
        sentence,
        detail,
        vec![fix(&format!("Tell {sender} the way"), &command, sender)],
    ))
}
