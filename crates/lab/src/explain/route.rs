//! Packets without a route, and machines that do not forward.

use super::fixes::{self, connect, fix, leave_default_bridge, within};
use super::{End, Evidence, Told, asker, link, neighbour};
use crate::journey::words;
use crate::names::Known;
use crate::places::Space;
use crate::view::Fix;
use engine::survey::NetworkFacts;
use kernel::trace::{DropReason, TraceEvent};
use std::net::IpAddr;
use wire::{IcmpMessage, IpPacket, Transport};

/// The namespace in which a program runs has no route.
pub(super) fn none_here(
    evidence: &Evidence<'_>,
    event: &TraceEvent,
    space: &Space,
    to: IpAddr,
) -> Told {
    let name = &space.name;
    let directory = evidence.directory;
    let known = evidence.container_of(space);
    let mut told = Told {
        sentence: format!(
            "Network is unreachable. {name} has no route to {}.",
            directory.call(to)
        ),
        decided_by: "the routing table".to_owned(),
        ..Told::default()
    };
    let target = directory.at_address(to).and_then(|t| t.network_with(to));
    let shared = |k: Known<'_>| target.map(|n| connect(&n.name, k));
    let (detail, fixes) = if let Some((device, _, up)) =
        link::first_down(evidence, event.ns).and_then(|l| link::raise(evidence, l))
    {
        (
            format!("{device} is down, and its routes are gone with it."),
            vec![with_default(evidence, event, known, up)],
        )
    } else if let Some(gone) = gone(evidence, space, to) {
        gone
    } else if to.is_ipv6() && !directory.has_family(event.ns, true) {
        (
            match space.is_root() {
                true => format!("{name} has no IPv6 address beyond its own links."),
                false => format!(
                    "{name} has no IPv6 address beyond its own links: its networks were made without --ipv6."
                ),
            },
            known.and_then(shared).into_iter().collect(),
        )
    } else if to.is_ipv4()
        && directory.has_family(event.ns, true)
        && !directory.has_family(event.ns, false)
    {
        let onto = known.map(|k| shared(k).unwrap_or_else(|| connect("bridge", k)));
        (
            format!("{name} has no IPv4 address: its networks were made with --ipv4=false."),
            onto.into_iter().collect(),
        )
    } else if let Some(known) = known {
        in_container(evidence, space, known, to, shared(known))
    } else if space.container.is_some() {
        (
            format!("Nothing in {name}'s routing table led there, and there was no default route."),
            Vec::new(),
        )
    } else {
        (
            format!(
                "Nothing in {name}'s routing table leads there, and there is no default route."
            ),
            machine_route(evidence, event, to),
        )
    };
    told.detail = detail;
    told.fixes = fixes;
    told
}

/// Why a container that is gone by now had no route, and the line that runs it where there is one.
fn gone(evidence: &Evidence<'_>, space: &Space, to: IpAddr) -> Option<(String, Vec<Fix>)> {
    let name = &space.name;
    let networks = asker::networks(evidence, space);
    let first = networks
        .first()
        .filter(|_| evidence.container_of(space).is_none())?;
    let family = |n: &&NetworkFacts| n.subnets.iter().any(|s| s.contains(':') == to.is_ipv6());
    let detail = if first.name == "none" {
        format!("{name} is on the network none: it has no interface but loopback.")
    } else if !networks.iter().any(family) {
        match to.is_ipv6() {
            true => format!(
                "{name} has no IPv6 address beyond its own links: its networks were made without --ipv6."
            ),
            false => {
                format!("{name} has no IPv4 address: its networks were made with --ipv4=false.")
            }
        }
    } else if networks.iter().all(|n| n.internal) {
        format!(
            "{name} is on internal networks only, which give it no default route and no way out."
        )
    } else {
        return None;
    };
    let bridge = fixes::other_word(evidence, space, &first.name, "bridge")
        .filter(|_| to.is_ipv4() && networks.len() == 1)
        .map(|line| fix("Run it on bridge", line, &space.machine));
    Some((detail, bridge.into_iter().collect()))
}

fn in_container(
    evidence: &Evidence<'_>,
    space: &Space,
    known: Known<'_>,
    to: IpAddr,
    shared: Option<Fix>,
) -> (String, Vec<Fix>) {
    let name = &space.name;
    if known.networks().any(|n| n.name == "none") {
        // Whoever was asked for by name is met where names are answered.
        let meant = evidence.lookups.last().filter(|l| l.rcode.is_none());
        let meant = meant.and_then(|l| {
            let target = evidence.directory.meant_by(&l.view.name)?;
            Some(leave_default_bridge(known, target, &l.view.name))
        });
        let (label, onto) = match meant.or(shared) {
            Some(onto) => (onto.label, onto.command),
            None => (
                format!("Move {name} to the default bridge"),
                format!("docker network connect bridge {name}"),
            ),
        };
        return (
            format!("{name} is on the network none: it has no interface but loopback."),
            vec![fix(
                label,
                format!("docker network disconnect none {name} && {onto}"),
                known.machine,
            )],
        );
    }
    if known.networks().all(|n| n.internal) {
        return (
            format!(
                "{name} is on internal networks only, which give it no default route and no way out."
            ),
            shared
                .or_else(|| to.is_ipv4().then(|| connect("bridge", known)))
                .into_iter()
                .collect(),
        );
    }
    let mut outward = known.networks().filter(|n| !n.internal);
    let way = outward.find_map(|n| Some((n, n.gateway?)));
    let keeps = |gateway: IpAddr| {
        let ns = known.container.netns;
        ns.is_none_or(|ns| evidence.directory.has_family(ns, gateway.is_ipv6()))
    };
    if let Some((network, gateway)) = way
        && !keeps(gateway)
    {
        return (
            format!(
                "{name} has lost its address on {}, and its routes with it.",
                network.name
            ),
            vec![fix(
                format!("Restart {name}: Docker gives it its address again"),
                format!("docker restart {name}"),
                known.machine,
            )],
        );
    }
    let route = way.map(|(_, g)| {
        within(
            space,
            "Put the default route back",
            &format!("ip route add default via {g}"),
        )
    });
    (
        format!("{name} has no default route."),
        route.into_iter().collect(),
    )
}

/// A way up, and the default route that went down with the device.
fn with_default(
    evidence: &Evidence<'_>,
    event: &TraceEvent,
    known: Option<Known<'_>>,
    up: Fix,
) -> Fix {
    let lan = || evidence.directory.router_beside(event.ns);
    let gateway = match known {
        Some(known) => known.networks().find_map(|n| n.gateway),
        None => lan(),
    };
    let Some((gateway, space)) = gateway.zip(evidence.places.space(event.ns)) else {
        return up;
    };
    let route = within(space, "", &format!("ip route add default via {gateway}"));
    Fix {
        command: format!("{} && {}", up.command, route.command),
        ..up
    }
}

fn machine_route(evidence: &Evidence<'_>, event: &TraceEvent, to: IpAddr) -> Vec<Fix> {
    let directory = evidence.directory;
    let Some(space) = evidence.places.space(event.ns) else {
        return Vec::new();
    };
    let behind = directory.at_address(to).and_then(|t| {
        let net = t.network_with(to).and_then(|n| n.subnet_of(to))?;
        Some((net.to_string(), directory.address_on(t.machine, "eth0")?))
    });
    let way = behind.or_else(|| Some(("default".to_owned(), directory.router_beside(event.ns)?)));
    let way = way.filter(|(_, via)| via.is_ipv6() == to.is_ipv6());
    way.map(|(net, via)| {
        within(
            space,
            format!("Tell {} the way", space.name),
            &format!("ip route add {net} via {via}"),
        )
    })
    .into_iter()
    .collect()
}

/// A packet that came in for somebody else, where forwarding is off.
pub(super) fn not_forwarded(evidence: &Evidence<'_>, end: End<'_>) -> Told {
    if let Some(told) = no_way_back(evidence, end) {
        return told;
    }
    let call = |ip| evidence.directory.call(ip);
    let name = if end.ip.is_v6() {
        "net.ipv6.conf.all.forwarding"
    } else {
        "net.ipv4.ip_forward"
    };
    Told {
        sentence: words::drop_reason(&DropReason::ForwardingOff, &end.space.name),
        detail: format!(
            "The packet from {} to {} would have to pass through {}.",
            call(end.ip.src),
            call(end.ip.dst),
            end.space.name
        ),
        decided_by: name.to_owned(),
        fixes: vec![within(
            end.space,
            "Turn forwarding on",
            &format!("sysctl -w {name}=1"),
        )],
    }
}

/// A packet that a router or a receiver had no route for, or whose answer would take another way.
pub(super) fn none_there(evidence: &Evidence<'_>, end: End<'_>, reason: &DropReason) -> Told {
    if let Some(told) = no_way_back(evidence, end) {
        return told;
    }
    let call = |ip| evidence.directory.call(ip);
    let (from, to) = (call(end.ip.src), call(end.ip.dst));
    let asks_name = end.ip.transport.ports().is_some_and(|(_, port)| port == 53);
    Told {
        sentence: words::drop_reason(reason, &end.space.name),
        detail: match asks_name {
            true => format!("It was a question of {from} to the name server {to}."),
            false => format!("The packet was on its way from {from} to {to}."),
        },
        decided_by: "the routing table".to_owned(),
        fixes: machine_route(evidence, end.event, end.ip.dst),
    }
}

/// What was for a container and ended at another machine: its sender has no route to the container's subnet, or a wrong one.
fn no_way_back(evidence: &Evidence<'_>, end: End<'_>) -> Option<Told> {
    let directory = evidence.directory;
    let to = end.ip.dst;
    let (machine, network) = directory.network_around(to)?;
    let subnet = network.subnet_of(to)?;
    let here = &end.space.machine;
    let sender = directory.machine_at(end.ip.src)?;
    if here == machine {
        return None;
    }
    if sender == machine {
        return own_container(evidence, directory.at_address(to)?, network, to);
    }
    let name = directory.call(to);
    // Routes to it help where the network lets in what comes by them.
    let routed = network.mode.starts_with("l3") || network.gateway_mode == "routed";
    let device = match network.parent.is_empty() {
        true => "eth0",
        false => &network.parent,
    };
    let way = directory
        .address_on(machine, device)
        .filter(|via| routed && via.is_ipv6() == to.is_ipv6());
    let wrong = directory.own_route(sender, to);
    let tell = way.map(|via| {
        let command = match wrong {
            Some(net) => format!("ip route replace {net} via {via}"),
            None => format!("ip route add {subnet} via {via}"),
        };
        fix(format!("Tell {sender} the way"), command, sender)
    });
    let sentence = match wrong {
        Some(net) => format!(
            "{sender} has a route to {net} that leads to {here}, so its packets for {name} went there and ended there."
        ),
        None => format!(
            "{sender} has no route to {subnet}, so its packets for {name} went to {here} and ended there."
        ),
    };
    let behind = format!("the LAN has to be told that {subnet} is behind {machine}.");
    let (detail, fix) = if network.mode.starts_with("l3") {
        let mode = network.mode;
        (
            format!("In ipvlan {mode} mode nobody answers ARP for {name}: {behind}"),
            tell,
        )
    } else if routed {
        (
            format!(
                "{} is in gateway mode routed, which keeps its containers' addresses: {behind}",
                network.name
            ),
            tell,
        )
    } else if asks(end.ip) {
        (
            format!(
                "{subnet} is inside {machine}: others reach what its containers publish, not their addresses."
            ),
            None,
        )
    } else if network.internal {
        (
            format!(
                "{name} is on {}, an internal network: what passes its packets on has to masquerade them.",
                network.name
            ),
            None,
        )
    } else {
        unmasked(evidence, machine, network, to, sender)
    };
    Some(Told {
        sentence,
        detail,
        decided_by: format!("the routing table of {here}"),
        fixes: fix.into_iter().collect(),
    })
}

/// A container's packets that left their machine with its own address.
fn unmasked(
    evidence: &Evidence<'_>,
    machine: &str,
    network: &NetworkFacts,
    from: IpAddr,
    sender: &str,
) -> (String, Option<Fix>) {
    let name = evidence.directory.call(from);
    let (bridge, left) = (&network.bridge, &network.name);
    let mut detail = if network.masquerades {
        format!(
            "{name} left by {left}, whose masquerading rule is missing from {machine}'s nat table, so {sender} saw its own address."
        )
    } else {
        format!(
            "{name} left by {left}, which does not masquerade, so {sender} saw its own address."
        )
    };
    let known = evidence.directory.at_address(from);
    if known.is_some_and(|k| k.networks().nth(1).is_some()) {
        detail.push_str(" The network with the highest gateway priority gives the default route.");
    }
    let masquerade = network.subnet_of(from).map(|subnet| {
        fix(
            format!("Masquerade what leaves {left}"),
            format!("iptables -t nat -A POSTROUTING -s {subnet} ! -o {bridge} -j MASQUERADE"),
            machine,
        )
    });
    (detail, masquerade)
}

/// Whether a packet begins an exchange, and answers none.
pub(super) fn asks(ip: &IpPacket) -> bool {
    match &ip.transport {
        Transport::Tcp(segment) => segment.flags.syn() && !segment.flags.ack(),
        Transport::Icmp(message) => matches!(message, IcmpMessage::EchoRequest { .. }),
        _ => false,
    }
}

/// A machine that has no way to one of its own containers, and sent the packet out on the LAN.
fn own_container(
    evidence: &Evidence<'_>,
    known: Known<'_>,
    network: &NetworkFacts,
    to: IpAddr,
) -> Option<Told> {
    if !network.parent.is_empty() {
        return Some(Told {
            decided_by: format!("the routing table of {}", known.machine),
            ..neighbour::cut_off(evidence, known, network, to)
        });
    }
    if let Some(told) = neighbour::lost_bridge(evidence, known, network) {
        return Some(told);
    }
    let (machine, name, bridge) = (known.machine, &known.container.name, &network.bridge);
    let subnet = network.subnet_of(to)?;
    let address = neighbour::free_address(evidence, network, to)?;
    Some(Told {
        sentence: format!(
            "{machine} has no address on {}, so its packets for {name} left by the default route.",
            network.name
        ),
        detail: format!(
            "In gateway mode {} the bridge gets no address: only its containers reach each other.",
            network.gateway_mode
        ),
        decided_by: format!("the routing table of {machine}"),
        fixes: vec![fix(
            format!("Give {bridge} an address"),
            format!("ip addr add {address}/{} dev {bridge}", subnet.prefix_len()),
            machine,
        )],
    })
}
