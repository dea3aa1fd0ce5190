//! Connections that were refused: nobody listens.

use super::fixes::{again, published};
use super::{End, Evidence, Told, list, localhost, stopped};
use crate::names::Known;
use crate::view::Fix;
use std::net::IpAddr;
use wire::Proto;

/// The packet got there, and no socket took it.
pub(super) fn refused(evidence: &Evidence<'_>, end: End<'_>) -> Told {
    let who = &end.space.name;
    let decided_by = "the socket table: nobody listens there".to_owned();
    let Some((_, port)) = evidence.arrived_for(end) else {
        return Told {
            sentence: format!("{who} refused the packet."),
            decided_by,
            ..Told::default()
        };
    };
    let udp = end.ip.protocol() == Proto::UDP;
    let mut told = Told {
        sentence: nobody(who, port, udp),
        decided_by,
        ..Told::default()
    };
    let (why, fixes) = match end.space.is_root() {
        false => in_namespace(evidence, end, port, udp),
        true => {
            let survey = evidence.directory.survey(who);
            let known = survey.into_iter().flat_map(|survey| {
                survey.containers.iter().map(|container| Known {
                    machine: who,
                    survey,
                    container,
                })
            });
            on_machine(evidence, end, port, udp, &known.collect::<Vec<_>>())
        }
    };
    if let Some(sentence) = why.sentence {
        told.sentence = sentence;
    }
    told.detail = why.detail;
    told.fixes = fixes;
    told
}

/// The plain refusal.
fn nobody(who: &str, port: u16, udp: bool) -> String {
    let kind = if udp { "UDP port" } else { "port" };
    format!("{who} refused the connection. Nothing in {who} listens on {kind} {port}.")
}

/// What is said instead of the plain refusal, and why.
struct Why {
    sentence: Option<String>,
    detail: String,
}

fn why(detail: impl Into<String>) -> Why {
    Why {
        sentence: None,
        detail: detail.into(),
    }
}

/// A program that listens on the port and yet not for what came: at other addresses, by the other protocol.
fn listens_otherwise(evidence: &Evidence<'_>, end: End<'_>, port: u16, udp: bool) -> Option<Why> {
    let bound = |udp| {
        let all = evidence.directory.listening(end.event.ns, udp).into_iter();
        let ips = all.filter(|at| at.port() == port).map(|at| at.ip());
        ips.collect::<sorted::SortedSet<IpAddr>>()
    };
    let here = bound(udp);
    if here.is_empty() {
        let (asked, other) = if udp { ("UDP", "TCP") } else { ("TCP", "UDP") };
        let other = || {
            why(format!(
                "A program listens on that port by {other}, and this came by {asked}."
            ))
        };
        return (!bound(!udp).is_empty()).then(other);
    }
    let everywhere = here.iter().any(|ip| ip.is_unspecified() && ip.is_ipv4());
    let detail = if everywhere && end.ip.is_v6() {
        "A program listens on that port by IPv4 only: it has to listen at [::] to be reached by IPv6.".to_owned()
    } else {
        let ips: Vec<String> = here.iter().map(ToString::to_string).collect();
        format!(
            "A program listens on that port, but at {} only: it has to listen at 0.0.0.0 to be reached by others.",
            list(ips.iter().map(String::as_str))
        )
    };
    let plain = nobody(&end.space.name, port, udp);
    let at = evidence.arrived_for(end).map_or(end.ip.dst, |(ip, _)| ip);
    Some(Why {
        sentence: Some(format!("{} at {at}.", plain.trim_end_matches('.'))),
        detail,
    })
}

fn in_namespace(evidence: &Evidence<'_>, end: End<'_>, port: u16, udp: bool) -> (Why, Vec<Fix>) {
    if let Some(why) = listens_otherwise(evidence, end, port, udp) {
        return (why, Vec::new());
    }
    let listening = evidence.directory.listening(end.event.ns, udp);
    let mut ports: Vec<u16> = listening
        .iter()
        .filter(|at| !at.ip().is_loopback())
        .map(std::net::SocketAddr::port)
        .collect();
    ports.dedup();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let detail = match ports.as_slice() {
        [] => "The packet got there; no program in it listens at all.".to_owned(),
        some => format!(
            "The packet got there; its programs listen on {}.",
            some.join(", ")
        ),
    };
    if end.space.container.is_none() || !end.ip.src.is_loopback() {
        let inner = listening.iter().find(|at| !at.ip().is_loopback());
        let one = inner.filter(|_| ports.len() == 1);
        let fix = one.and_then(|at| publish_other(evidence, end, port, at.port()));
        return (why(detail), fix.into_iter().collect());
    }
    let own = "localhost is the container itself, not its machine.";
    match localhost::meant(evidence, end, port).filter(|_| !udp) {
        Some((meant, fixes)) => (why(format!("{own} {meant}")), fixes),
        None => (why(format!("{detail} {own}")), Vec::new()),
    }
}

/// The same container with the port at which its program does listen published, in place of one at which it does not.
fn publish_other(evidence: &Evidence<'_>, end: End<'_>, wrong: u16, right: u16) -> Option<Fix> {
    let known = evidence.container_of(end.space)?;
    let asked = &known.container.asked;
    let outer = asked.iter().find(|(.., inner)| *inner == wrong)?.1;
    let by_udp = |outer: u16| {
        let mut published = known.container.published.iter();
        published.any(|(_, port, inner)| *port == outer && inner.ends_with("/udp"))
    };
    let flags = asked.iter().map(|(ip, outer, inner)| {
        let at = ip.map(at_address).unwrap_or_default();
        let inner = if *inner == wrong { right } else { *inner };
        let proto = if by_udp(*outer) { "/udp" } else { "" };
        format!("-p {at}{outer}:{inner}{proto}")
    });
    let flags: Vec<String> = flags.collect();
    Some(again(
        known,
        format!("Publish port {right} as {outer}"),
        &flags.join(" "),
    ))
}

fn on_machine(
    evidence: &Evidence<'_>,
    end: End<'_>,
    port: u16,
    udp: bool,
    containers: &[Known<'_>],
) -> (Why, Vec<Fix>) {
    let who = &end.space.name;
    let proto = if udp { "udp" } else { "tcp" };
    let at = |known: &&Known<'_>, loopback: bool| {
        known.container.published.iter().any(|(ip, outer, inner)| {
            *outer == port && ip.is_loopback() == loopback && inner.ends_with(proto)
        })
    };
    // Published by now, and yet the packet was not translated: its flow is older than the port.
    if let Some(known) = containers.iter().find(|k| at(k, false)).filter(|_| udp) {
        let detail = format!(
            "{}'s port is published, but {who} still tracks an older flow from the same port, which leads to {who} itself.",
            known.container.name
        );
        return (why(detail), vec![forget(end, "udp", port)]);
    }
    if let Some(known) = containers.iter().find(|k| at(k, true))
        && !end.ip.src.is_loopback()
        && end.ip.src != end.ip.dst
    {
        let name = &known.container.name;
        let asker = evidence.directory.call(end.ip.src);
        let detail =
            format!("{name} is published on 127.0.0.1 only, so just {who} itself can use it.");
        let said = Why {
            sentence: Some(format!("Refused by {who}. {detail}")),
            detail: format!("{asker} cannot. {detail}"),
        };
        let fixes = inner_port(*known, port)
            .map(|inner| published(*known, &at_address(end.ip.dst), port, inner));
        return (said, fixes.into_iter().collect());
    }
    let elsewhere = containers.iter().find_map(|known| {
        let mut published = known.container.published.iter();
        let (ip, ..) = published.find(|(ip, outer, inner)| {
            let apart = !ip.is_unspecified() && *ip != end.ip.dst;
            apart && *outer == port && inner.ends_with(proto)
        })?;
        Some((known, ip))
    });
    if let Some((known, ip)) = elsewhere {
        let name = &known.container.name;
        let said = Why {
            sentence: Some(format!(
                "Refused by {who}. {name} is published on {ip} only."
            )),
            detail: format!("Nothing listens on port {port} of {}.", end.ip.dst),
        };
        let fixes = inner_port(*known, port)
            .map(|inner| published(*known, &at_address(end.ip.dst), port, inner));
        return (said, fixes.into_iter().collect());
    }
    let meant = |(ip, outer, _): &&(Option<IpAddr>, u16, u16)| {
        *outer == port && ip.is_none_or(|ip| ip.is_unspecified() || ip == end.ip.dst)
    };
    let asked_for = |k: &&Known<'_>| k.container.asked.iter().any(|a| meant(&a));
    if let Some(known) = containers.iter().find(asked_for) {
        let name = &known.container.name;
        if known.container.network_mode == "host" {
            let listening = evidence.directory.listening_of(*known);
            let own = listening.first().map_or_else(String::new, |p| {
                format!(" {name} already listens on {who}'s own port {p}.")
            });
            let said = Why {
                sentence: Some(format!(
                    "-p was ignored. With --network host there is nothing to publish.{own}"
                )),
                detail: format!("{name} has no namespace of its own, so its ports are {who}'s."),
            };
            let inner = known.container.asked.iter().find(meant);
            let bridged = inner.map(|(.., inner)| Fix {
                label: format!("Run another {name} on a bridge"),
                ..published(*known, "", port, *inner)
            });
            return (said, bridged.into_iter().collect());
        }
        if known.container.status != "running" {
            let detail = stopped::ended(*known).unwrap_or_else(|| {
                format!("{name} would publish that port, but it is not running.")
            });
            return (why(detail), stopped::start(*known).into_iter().collect());
        }
        if let Some(how) = publishes_nothing(*known) {
            return (
                why(format!(
                    "{name} asked for that port with -p, but {how}: nothing is published there. Use {name}'s own address."
                )),
                Vec::new(),
            );
        }
    }
    if let Some(why) = listens_otherwise(evidence, end, port, udp) {
        return (why, Vec::new());
    }
    let listens = |known: &&Known<'_>| {
        known.container.network_mode != "host"
            && evidence.directory.listening_of(**known).contains(&port)
    };
    let Some(known) = containers.iter().find(listens) else {
        let guest = containers.iter().find_map(|known| {
            let shares = known.container.network_mode == "host";
            let own = evidence.directory.listening_of(*known).into_iter().next();
            own.filter(|_| shares).map(|own| (known, own))
        });
        let (_, made_for) = end.ip.transport.ports().unwrap_or((0, port));
        let detail = match guest.filter(|_| !udp) {
            _ if made_for != port => format!(
                "The packet was for port {made_for}, and a rule of the nat table sent it to port {port}."
            ),
            Some((known, own)) => format!(
                "{} shares {who}'s network, so it is at {who}'s own port {own}.",
                known.container.name
            ),
            None => "A container's port is inside its own namespace until it is published with -p."
                .to_owned(),
        };
        return (why(detail), Vec::new());
    };
    let name = &known.container.name;
    let outer = known
        .container
        .published
        .iter()
        .find(|(_, _, inner)| inner.split('/').next() == Some(&port.to_string()));
    let detail = match outer {
        Some((_, outer, _)) => format!(
            "{name}'s port {port} is inside its own namespace; on {who} it is published as port {outer}."
        ),
        None => format!(
            "{name}'s port {port} is inside its own namespace. Publish it with -p {port}:{port}."
        ),
    };
    (why(detail), vec![published(*known, "", port, port)])
}

/// What keeps the ports of a running container from being published, if its first network is of such a kind.
fn publishes_nothing(known: Known<'_>) -> Option<String> {
    let n = known.networks().next()?;
    if n.name == "none" {
        Some("it is on the network none".to_owned())
    } else if !n.parent.is_empty() {
        Some(format!("{} is a {} network", n.name, n.driver))
    } else if n.internal {
        Some(format!("{} is an internal network", n.name))
    } else if !matches!(n.gateway_mode.as_str(), "" | "nat") {
        let (name, mode) = (&n.name, &n.gateway_mode);
        Some(format!("the gateway mode of {name} is {mode}"))
    } else {
        None
    }
}

/// An address as `-p` has it before a port.
fn at_address(ip: IpAddr) -> String {
    match ip.is_ipv6() {
        true => format!("[{ip}]:"),
        false => format!("{ip}:"),
    }
}

/// The container's port behind a published one.
fn inner_port(known: Known<'_>, outer: u16) -> Option<u16> {
    let found = known
        .container
        .published
        .iter()
        .find(|(_, port, _)| *port == outer)?;
    found.2.split('/').next()?.parse().ok()
}

/// Makes the machine forget what it tracks.
pub(super) fn forget(end: End<'_>, proto: &str, port: u16) -> Fix {
    super::fixes::within(
        end.space,
        "Forget the old flow",
        &format!("conntrack -D -p {proto} --dport {port}"),
    )
}
