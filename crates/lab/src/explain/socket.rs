//! Connections that were refused: nobody listens.

use super::fixes::{fix, published};
use super::{End, Evidence, Told};
use crate::names::Known;
use crate::view::Fix;
use std::net::IpAddr;
use wire::Proto;

/// The packet got there, and no socket took it.
pub(super) fn refused(evidence: &Evidence<'_>, end: End<'_>) -> Told {
    let who = &end.space.name;
    let decided_by = "the socket table: nobody listens there".to_owned();
    let Some((_, port)) = end.ip.transport.ports() else {
        return Told {
            sentence: format!("{who} refused the packet."),
            decided_by,
            ..Told::default()
        };
    };
    let udp = end.ip.protocol() == Proto::UDP;
    let kind = if udp { "UDP port" } else { "port" };
    let mut told = Told {
        sentence: format!(
            "{who} refused the connection. Nothing in {who} listens on {kind} {port}."
        ),
        decided_by,
        ..Told::default()
    };
    let (why, fixes) = match end.space.is_root() {
        false => in_namespace(evidence, end, port),
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

fn in_namespace(evidence: &Evidence<'_>, end: End<'_>, port: u16) -> (Why, Vec<Fix>) {
    let listening = evidence.directory.listening(end.event.ns);
    if listening.iter().any(|at| at.port() == port) {
        return (
            why(
                "A program listens on that port, but at 127.0.0.1 only: it has to listen at 0.0.0.0 to be reached by others.",
            ),
            Vec::new(),
        );
    }
    let mut ports: Vec<u16> = listening
        .iter()
        .filter(|at| !at.ip().is_loopback())
        .map(std::net::SocketAddr::port)
        .collect();
    ports.dedup();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let container = end.space.container.is_some();
    let own = (container && end.ip.src.is_loopback())
        .then_some(" localhost is the container itself, not its machine.");
    let detail = match ports.as_slice() {
        [] => "The packet got there; no program in it listens at all.".to_owned(),
        some => format!(
            "The packet got there; its programs listen on {}.",
            some.join(", ")
        ),
    };
    (why(detail + own.unwrap_or_default()), Vec::new())
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
            return (
                why(format!(
                    "{name} would publish that port, but it is not running."
                )),
                vec![fix(
                    format!("Start {name}"),
                    format!("docker start {name}"),
                    known.machine,
                )],
            );
        }
        if let Some(n) = known
            .networks()
            .next()
            .filter(|n| !n.parent.is_empty() || !matches!(n.gateway_mode.as_str(), "" | "nat"))
        {
            let how = if n.parent.is_empty() {
                format!("the gateway mode of {} is {}", n.name, n.gateway_mode)
            } else {
                format!("{} is a {} network", n.name, n.driver)
            };
            return (
                why(format!(
                    "{name} asked for that port with -p, but {how}: nothing is published there. Use {name}'s own address."
                )),
                Vec::new(),
            );
        }
    }
    let listens = |known: &&Known<'_>| {
        known.container.network_mode != "host"
            && evidence.directory.listening_of(**known).contains(&port)
    };
    let Some(known) = containers.iter().find(listens) else {
        return (
            why("A container's port is inside its own namespace until it is published with -p."),
            Vec::new(),
        );
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
