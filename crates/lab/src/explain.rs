//! Why the last command did not get what it wanted, in sentences, with commands that would mend it.
//!
//! Everything said here is read off the trace (which packet ended where, by which rule, route or lookup) and off what the
//! engines know; nothing is tried out or guessed.

mod lan;

use crate::graph::StageGraph;
use crate::journey::{journey_id, words};
use crate::lookup::Lookup;
use crate::names::{Directory, Known};
use crate::places::Places;
use crate::view::{Explanation, Fix, Journey, Tone, place};
use kernel::netfilter::Hook;
use kernel::trace::{Checkpoint, DnsOutcome, DropReason, RuleHit, TraceEvent};
use wire::dns::Rcode;
use wire::{IpPacket, Proto};

/// What the explanation is made from.
pub(crate) struct Evidence<'a> {
    pub(crate) input: u64,
    pub(crate) events: &'a [&'a TraceEvent],
    pub(crate) journeys: &'a [Journey],
    pub(crate) lookups: &'a [Lookup],
    pub(crate) places: &'a Places,
    pub(crate) directory: &'a Directory<'a>,
    pub(crate) stage: &'a StageGraph,
}

/// Explains what went wrong; `None` if nothing did.
pub(crate) fn explain(evidence: &Evidence<'_>) -> Option<Explanation> {
    let dropped = evidence.events.iter().rev().find_map(|e| match &e.what {
        // What machines say to each other by ARP is no packet of the person's; its silence shows elsewhere.
        Checkpoint::Drop(reason)
            if !matches!(reason, DropReason::OtherHost) && made(evidence, e).is_some() =>
        {
            Some((*e, reason))
        }
        _ => None,
    });
    let failed = evidence
        .lookups
        .iter()
        .rev()
        .find(|l| l.view.outcome.tone == Tone::Bad);
    // Whichever came later decided: a name that resolved is no longer the trouble.
    match (failed, dropped) {
        (Some(lookup), Some((event, _))) if lookup.ended_ns >= event.at.as_nanos() => {
            name(evidence, lookup)
        }
        (_, Some((event, reason))) => {
            packet(evidence, event, reason).or_else(|| failed.and_then(|l| name(evidence, l)))
        }
        (Some(lookup), None) => name(evidence, lookup),
        (None, None) => None,
    }
}

// ---- names

fn name(evidence: &Evidence<'_>, lookup: &Lookup) -> Option<Explanation> {
    let asked = &lookup.view.name;
    let asker = evidence
        .places
        .space(lookup.ns)
        .and_then(|s| s.container.as_deref())
        .and_then(|id| evidence.directory.container(id));
    let asker_name = &lookup.view.asker;
    let target = evidence.directory.meant_by(asked);
    let code = lookup
        .rcode
        .map_or_else(|| "No answer".to_owned(), |c| c.to_string());
    let forwarded = match &lookup.embedded {
        Some(DnsOutcome::Forwarded(server)) => {
            format!(" The question went on to {server}, which has never heard of it.")
        }
        _ => String::new(),
    };
    let (sentence, detail, fixes) = match (lookup.embedded.is_some(), asker, target) {
        (true, Some(asker), Some(target)) => {
            let sentence = format!(
                "{code}. {} exists, but not on any network {asker_name} belongs to.",
                target.container.name
            );
            let on = list(asker.own_networks().map(|n| n.name.as_str()));
            let there = list(target.networks().map(|n| n.name.as_str()));
            let detail = format!(
                "{asker_name} is on {on}, {} is on {there}: Docker answers only for names on shared networks.{forwarded}",
                target.container.name
            );
            (sentence, detail, share_a_network(asker, target))
        }
        (true, Some(asker), None) if lookup.rcode == Some(Rcode::SERVFAIL) => {
            let on = list(asker.own_networks().map(|n| n.name.as_str()));
            let sentence = format!(
                "{code}. No container on {asker_name}'s networks is called {asked}, and nobody outside could be asked."
            );
            (
                sentence,
                format!(
                    "{asker_name} is on {on}, which has no way out, so Docker's DNS server passes no question on."
                ),
                Vec::new(),
            )
        }
        (true, Some(asker), None) => {
            let on = list(asker.own_networks().map(|n| n.name.as_str()));
            let sentence = format!("{code}. There is no container called {asked}.");
            (
                sentence,
                format!("Docker's DNS server looked on {on} and found no such name.{forwarded}"),
                Vec::new(),
            )
        }
        (false, Some(asker), Some(target)) => {
            let sentence = format!(
                "No such name. {asker_name} is on the default bridge, where Docker does not answer for container names."
            );
            let detail = format!(
                "Its /etc/resolv.conf names the machine's own name server, and that has never heard of {}. Use a network you created, or the address.",
                target.container.name
            );
            (sentence, detail, leave_default_bridge(asker, target))
        }
        _ => {
            let sentence = match lookup.rcode {
                None => format!("The name server did not answer the question for {asked}."),
                Some(_) => format!("{code}. The name server knows no {asked}."),
            };
            (sentence, forwarded.trim_start().to_owned(), Vec::new())
        }
    };
    Some(Explanation {
        input: evidence.input,
        at_ns: lookup.ended_ns,
        sentence,
        detail,
        decided_by: match &lookup.embedded {
            Some(_) => format!("Docker's DNS server at 127.0.0.11 in {asker_name}"),
            None => "the name server in /etc/resolv.conf".to_owned(),
        },
        at: locate(evidence, &journey_id(lookup.packet)),
        never_reached: target
            .map(|t| vec![t.container.name.clone()])
            .unwrap_or_default(),
        fixes,
    })
}

/// The two ways to put two containers on one network.
fn share_a_network(a: Known<'_>, b: Known<'_>) -> Vec<Fix> {
    let connect = |network: &str, container: Known<'_>| Fix {
        label: format!("Connect {} to {network}", container.container.name),
        command: format!(
            "docker network connect {network} {}",
            container.container.name
        ),
        machine: container.machine.to_owned(),
    };
    let onto_a = a.own_networks().next().map(|n| connect(&n.name, b));
    let onto_b = b.own_networks().next().map(|n| connect(&n.name, a));
    onto_a.into_iter().chain(onto_b).collect()
}

/// A network of their own, and both connected to it.
fn leave_default_bridge(a: Known<'_>, b: Known<'_>) -> Vec<Fix> {
    if let Some(network) = b.own_networks().next() {
        return vec![Fix {
            label: format!("Connect {} to {}", a.container.name, network.name),
            command: format!(
                "docker network connect {} {}",
                network.name, a.container.name
            ),
            machine: a.machine.to_owned(),
        }];
    }
    let (a_name, b_name) = (&a.container.name, &b.container.name);
    vec![Fix {
        label: format!("Put {a_name} and {b_name} on a network of their own"),
        command: format!(
            "docker network create mynet && docker network connect mynet {a_name} && docker network connect mynet {b_name}"
        ),
        machine: a.machine.to_owned(),
    }]
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.split_last() {
        None => "no network".to_owned(),
        Some((one, [])) => (*one).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

// ---- packets

/// The packet that an event is about, as it was when it was made.
fn made<'a>(evidence: &Evidence<'a>, event: &TraceEvent) -> Option<&'a IpPacket> {
    evidence.events.iter().find_map(|e| match &e.what {
        Checkpoint::Made { ip: Some(ip), .. } if e.packet == event.packet => Some(&**ip),
        _ => None,
    })
}

fn packet(evidence: &Evidence<'_>, event: &TraceEvent, reason: &DropReason) -> Option<Explanation> {
    let space = evidence.places.space(event.ns)?;
    let ip = made(evidence, event)?;
    let (from, to) = (
        evidence.directory.call(ip.src),
        evidence.directory.call(ip.dst),
    );
    let base = words::drop_reason(reason, &space.name);
    let (sentence, detail, fixes) = match reason {
        DropReason::Netfilter { hook, rule } => {
            by_rule(evidence, *hook, rule.as_deref(), ip, &space.machine, &base)
        }
        DropReason::NoSocket => refused(evidence, ip, &space.name, space.container.is_some()),
        DropReason::NeighbourFailed { next_hop } => lan::silent(evidence, event, ip, *next_hop).unwrap_or_else(|| (
            format!(
                "Nobody on the network of {} answers for {next_hop}.",
                space.name
            ),
            format!(
                "{} asked three times who has {next_hop} (ARP) and got no answer, so the packet from {from} to {to} could not be sent.",
                space.name
            ),
            Vec::new(),
        )),
        DropReason::ForwardingOff | DropReason::NoRoute
            if let Some(told) = lan::no_way_back(evidence, ip, event) =>
        {
            told
        }
        DropReason::ForwardingOff => (
            base,
            format!(
                "The packet from {from} to {to} would have to pass through {}.",
                space.name
            ),
            vec![fix(
                "Turn forwarding on",
                "sysctl -w net.ipv4.ip_forward=1",
                &space.machine,
            )],
        ),
        _ => (
            base,
            format!("The packet was on its way from {from} to {to}."),
            Vec::new(),
        ),
    };
    Some(Explanation {
        input: evidence.input,
        at_ns: event.at.as_nanos(),
        sentence,
        detail,
        decided_by: decided_by(reason),
        at: locate(evidence, &journey_id(event.packet)),
        never_reached: ahead(evidence, event, ip).unwrap_or_else(|| vec![to]),
        fixes,
    })
}

fn fix(label: &str, command: &str, machine: &str) -> Fix {
    Fix {
        label: label.to_owned(),
        command: command.to_owned(),
        machine: machine.to_owned(),
    }
}

fn decided_by(reason: &DropReason) -> String {
    match reason {
        DropReason::Netfilter {
            hook,
            rule: Some(hit),
        } => format!(
            "{}: {}: {}",
            words::hook(*hook),
            words::rule_place(hit),
            hit.text
        ),
        DropReason::NoSocket => "the socket table: nobody listens there".to_owned(),
        DropReason::NoRoute => "the routing table".to_owned(),
        DropReason::NeighbourFailed { next_hop } => {
            format!("the neighbour table: {next_hop} FAILED")
        }
        DropReason::ForwardingOff => "net.ipv4.ip_forward".to_owned(),
        DropReason::PortSecurity { .. } => "the switch's port security".to_owned(),
        _ => String::new(),
    }
}

fn by_rule(
    evidence: &Evidence<'_>,
    hook: Hook,
    rule: Option<&RuleHit>,
    ip: &IpPacket,
    machine: &str,
    base: &str,
) -> (String, String, Vec<Fix>) {
    let target = evidence.directory.at_address(ip.dst);
    let source = evidence.directory.at_address(ip.src);
    let to = evidence.directory.call(ip.dst);
    let connect = || match (source, target) {
        (Some(a), Some(b)) => share_a_network(b, a),
        _ => Vec::new(),
    };
    let Some(hit) = rule else {
        return (base.to_owned(), String::new(), Vec::new());
    };
    let sentence = format!(
        "Dropped in {machine}, {}, {}.",
        words::hook(hook),
        words::rule_place(hit)
    );
    match &*hit.chain {
        "PREROUTING" if words::table(hit.table) == "raw" => (
            sentence,
            format!("The packet is for {to}. Docker drops anything for a container's address unless it arrives from that container's own network."),
            connect(),
        ),
        chain if chain.starts_with("DOCKER-ISOLATION") => (
            sentence,
            "It left one bridge network for another, and Docker keeps them apart. Connect one container to the other's network.".to_owned(),
            connect(),
        ),
        "DOCKER" => (
            sentence,
            format!("Only published ports of {to} let packets in from elsewhere, and this is none."),
            target.map(|t| publish(t, ip)).unwrap_or_default(),
        ),
        "DOCKER-USER" | "INPUT" | "OUTPUT" | "FORWARD" if hit.number > 0 => {
            let fixes = vec![fix("Delete that rule", &format!("iptables -t {} -D {} {}", words::table(hit.table), hit.chain, hit.number), machine)];
            (sentence, format!("The rule is: {}", hit.text), fixes)
        }
        _ => (sentence, base.to_owned(), Vec::new()),
    }
}

/// What publishing the port would take.
fn publish(target: Known<'_>, ip: &IpPacket) -> Vec<Fix> {
    let Some((_, port)) = ip.transport.ports() else {
        return Vec::new();
    };
    let name = &target.container.name;
    vec![fix(
        &format!("Run another {name} with port {port} published"),
        &format!(
            "docker run -d --name {name}-published -p {port}:{port} {}",
            target.container.image
        ),
        target.machine,
    )]
}

fn refused(
    evidence: &Evidence<'_>,
    ip: &IpPacket,
    who: &str,
    in_container: bool,
) -> (String, String, Vec<Fix>) {
    let Some((_, port)) = ip.transport.ports() else {
        return (
            format!("{who} refused the packet."),
            String::new(),
            Vec::new(),
        );
    };
    let protocol = if ip.protocol() == Proto::UDP {
        "UDP port"
    } else {
        "port"
    };
    let sentence =
        format!("{who} refused the connection. Nothing in {who} listens on {protocol} {port}.");
    if in_container {
        return (sentence, "The packet got there; the program would have to listen on that port, at 0.0.0.0 rather than 127.0.0.1.".to_owned(), Vec::new());
    }
    let Some(survey) = evidence.directory.survey(who) else {
        return (sentence, String::new(), Vec::new());
    };
    let loopback = survey.containers.iter().find(|c| {
        c.published
            .iter()
            .any(|(at, p, _)| at.is_loopback() && *p == port)
    });
    if let Some(c) = loopback {
        let outside = !ip.src.is_loopback() && ip.src != ip.dst;
        if outside {
            let detail = format!(
                "{} is published on 127.0.0.1 only, so just {who} itself can use it.",
                c.name
            );
            return (format!("Refused by {who}. {detail}"), detail, Vec::new());
        }
    }
    let elsewhere = survey.containers.iter().find_map(|c| {
        let (at, outer, inner) = c
            .published
            .iter()
            .find(|(_, _, inner)| inner.split('/').next() == Some(&port.to_string()))?;
        Some((c, *at, *outer, inner))
    });
    match elsewhere {
        Some((c, _, outer, _)) => {
            let detail = format!(
                "{}'s port {port} is inside its own namespace; on {who} it is published as port {outer}.",
                c.name
            );
            (sentence, detail, Vec::new())
        }
        None => (
            sentence,
            "A container's port is inside its own namespace until it is published with -p."
                .to_owned(),
            Vec::new(),
        ),
    }
}

/// What the packet would have come to next, from where it ended to where it was going.
fn ahead(evidence: &Evidence<'_>, event: &TraceEvent, ip: &IpPacket) -> Option<Vec<String>> {
    let journey = evidence
        .journeys
        .iter()
        .find(|j| j.id == journey_id(event.packet))?;
    let here = &journey.hops.last()?.place;
    let target = evidence.directory.at_address(ip.dst)?;
    let there = place::container(target.machine, &target.container.id);
    Some(evidence.stage.ahead(here, &there)).filter(|way| !way.is_empty())
}

/// The journey and the hop where it was decided.
fn locate(evidence: &Evidence<'_>, id: &str) -> Option<(String, usize)> {
    let journey = evidence.journeys.iter().find(|j| j.id == id)?;
    let hop = journey
        .hops
        .iter()
        .rposition(|h| h.verdict.tone == Tone::Bad)
        .unwrap_or(journey.hops.len().saturating_sub(1));
    Some((journey.id.clone(), hop))
}
