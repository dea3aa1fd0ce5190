//! What gets no answer although nothing was dropped that should have passed: processes that are frozen, parents that give
//! all that arrives to a container, hardware addresses that nobody has, cables that lead nowhere.

use super::{Evidence, Told, fixes, locate, neighbour};
use crate::journey::journey_id;
use crate::names::Known;
use crate::places::Space;
use crate::view::{Explanation, Fix};
use engine::survey::ServiceFacts;
use kernel::trace::{Checkpoint, DropReason, TraceEvent};
use std::net::IpAddr;
use wire::{IpPacket, Transport};

/// What reached a container last whose processes are frozen.
pub(super) fn paused(evidence: &Evidence<'_>) -> Option<Explanation> {
    let frozen = |event: &TraceEvent| {
        let space = evidence.places.space(event.ns)?;
        let known = evidence.container_of(space)?;
        (known.container.status == "paused").then_some(known)
    };
    let (event, known) = evidence.events.iter().rev().find_map(|e| {
        let delivered = matches!(e.what, Checkpoint::Deliver { .. });
        Some((*e, frozen(e).filter(|_| delivered)?))
    })?;
    let name = &known.container.name;
    let told = Told {
        sentence: format!("{name} is paused."),
        detail: "Its kernel still accepts connections, and no program of it answers.".to_owned(),
        decided_by: format!("the processes of {name}: frozen"),
        fixes: vec![fixes::fix(
            format!("Let {name} go on"),
            format!("docker unpause {name}"),
            known.machine,
        )],
    };
    let journey = locate(evidence, &journey_id(event.packet));
    Some(evidence.finish(told, event.at.as_nanos(), journey, Vec::new()))
}

/// A connection by IPv6 to a port of the routing mesh: the engine holds the port for itself, and the rules that lead to the
/// service are IPv4's.
pub(super) fn held(evidence: &Evidence<'_>) -> Option<Explanation> {
    let (event, machine, port, service) = evidence.events.iter().rev().find_map(|e| {
        let delivered = matches!(e.what, Checkpoint::Deliver { .. });
        let ip = evidence
            .made(e)
            .filter(|ip| delivered && ip.dst.is_ipv6())?;
        let (_, port) = ip.transport.ports()?;
        let space = evidence.places.space(e.ns)?;
        let survey = evidence.directory.survey(&space.name)?;
        let holds = |s: &&ServiceFacts| s.ports.iter().any(|(published, _)| *published == port);
        Some((*e, &space.name, port, survey.services.iter().find(holds)?))
    })?;
    let name = &service.name;
    let typed = evidence.typed.contains("localhost");
    let told = Told {
        sentence: format!("{machine} took the connection, and will never answer it."),
        detail: format!(
            "Docker holds port {port} for the service {name}, whose routing mesh carries IPv4 only."
        ),
        decided_by: format!("dockerd's socket at [::]:{port}: nobody reads from it"),
        fixes: Vec::from_iter(typed.then(|| {
            let line = evidence.typed.replace("localhost", "127.0.0.1");
            fixes::fix("Ask by IPv4", line, machine)
        })),
    };
    let journey = locate(evidence, &journey_id(event.packet));
    Some(evidence.finish(told, event.at.as_nanos(), journey, Vec::new()))
}

/// How long somebody waits before silence is a trouble, nanoseconds.
const SILENCE: u64 = 900_000_000;

/// A program that took a connection and what was sent on it, and says nothing until whoever asked gives up.
pub(super) fn unanswered(evidence: &Evidence<'_>) -> Option<Explanation> {
    let segment = |e: &TraceEvent| match evidence.made(e) {
        Some(IpPacket {
            src,
            dst,
            transport: Transport::Tcp(segment),
            ..
        }) => Some(((*src, *dst, segment.src_port, segment.dst_port), segment)),
        _ => None,
    };
    let all = || evidence.events.iter().rev();
    let of = |way| all().filter(move |e| segment(e).is_some_and(|(own, _)| own == way));
    let opens = |way| {
        let mut own = of(way).filter_map(|e| segment(e));
        own.any(|(_, s)| s.flags.syn() && !s.flags.ack())
    };
    let speaks = |e: &TraceEvent| segment(e).is_some_and(|(_, s)| !s.payload.is_empty());
    let delivered = |e: &TraceEvent| matches!(e.what, Checkpoint::Deliver { .. }) && speaks(e);
    let (asked, way) = all().find_map(|e| {
        let (way, _) = segment(e).filter(|_| delivered(e))?;
        opens(way).then_some((*e, way))
    })?;
    let answers = |e: &TraceEvent| {
        let made = e.ns == asked.ns && matches!(e.what, Checkpoint::Made { .. });
        made && e.seq > asked.seq && speaks(e)
    };
    let given_up = of(way).next()?.at.as_nanos();
    let waited = given_up.saturating_sub(asked.at.as_nanos());
    if waited < SILENCE || all().any(|e| answers(e)) {
        return None;
    }
    let name = &evidence.places.space(asked.ns)?.name;
    let told = Told {
        sentence: format!("{name} took what was sent, and has not answered."),
        detail: "The connection stands. Whatever program listens there reads and says nothing."
            .to_owned(),
        decided_by: format!("the program that listens in {name}"),
        ..Told::default()
    };
    let journey = locate(evidence, &journey_id(asked.packet));
    Some(evidence.finish(told, asked.at.as_nanos(), journey, Vec::new()))
}

/// What was meant for a machine whose NIC belongs to a container: a macvlan in passthru mode takes everything.
pub(super) fn passthru(evidence: &Evidence<'_>) -> Option<Explanation> {
    let (event, known) = evidence.events.iter().rev().find_map(|e| {
        let ours = matches!(e.what, Checkpoint::Drop(DropReason::OtherHost));
        evidence.made(e).filter(|_| ours)?;
        let known = evidence.container_of(evidence.places.space(e.ns)?)?;
        Some((*e, known))
    })?;
    let network = known.networks().find(|n| n.mode == "passthru")?;
    let name = &known.container.name;
    let told = Told {
        sentence: format!(
            "No answer. {} is in passthru mode: {name} takes all that arrives at {}.",
            network.name, network.parent
        ),
        decided_by: "the parent's mode".to_owned(),
        ..Told::default()
    };
    let journey = locate(evidence, &journey_id(event.packet));
    Some(evidence.finish(told, event.at.as_nanos(), journey, Vec::new()))
}

/// What was sent to a hardware address at which nobody took it: its owner is gone, or a cable on the way leads nowhere.
pub(super) fn gone(evidence: &Evidence<'_>) -> Option<Explanation> {
    let lost = evidence.events.iter().rev().find(|e| {
        let unwanted = matches!(
            e.what,
            Checkpoint::Drop(DropReason::NoStation | DropReason::OtherHost)
        );
        unwanted && evidence.made(e).is_some()
    })?;
    let at = lost.at.as_nanos();
    let own = |e: &&&TraceEvent| e.packet == lost.packet;
    let (sender, next_hop, mac) =
        evidence
            .events
            .iter()
            .filter(own)
            .find_map(|e| match e.what {
                Checkpoint::Neighbour {
                    next_hop,
                    mac: Some(mac),
                    ..
                } => Some((e.ns, next_hop, mac)),
                _ => None,
            })?;
    let taken = |e: &&TraceEvent| matches!(e.what, Checkpoint::Deliver { .. });
    if evidence.events.iter().filter(own).any(taken) || evidence.arrived_after(at) {
        return None;
    }
    let space = evidence.places.space(sender)?;
    let told = unplugged(evidence, lost).unwrap_or_else(|| Told {
        sentence: format!("No answer. Nobody has the hardware address {mac} any more."),
        detail: format!("{} still remembers it for {next_hop}.", space.name),
        decided_by: format!("the neighbour table of {}", space.name),
        fixes: start_again(evidence, space, next_hop).into_iter().collect(),
    });
    let journey = locate(evidence, &journey_id(lost.packet));
    Some(evidence.finish(told, at, journey, Vec::new()))
}

/// A frame that came out of a cable which is plugged into no bridge.
fn unplugged(evidence: &Evidence<'_>, lost: &TraceEvent) -> Option<Told> {
    let directory = evidence.directory;
    let link = evidence.events.iter().rev().find_map(|e| match e.what {
        Checkpoint::Receive { link, .. } if e.packet == lost.packet && e.ns == lost.ns => {
            Some(link)
        }
        _ => None,
    })?;
    if !directory.unplugged(link) {
        return None;
    }
    let (name, ns, _) = directory.device(link)?;
    let machine = evidence
        .places
        .space(ns)
        .filter(|s| s.container.is_none())?;
    let inner = directory.peer(link)?;
    let known = directory
        .on(&machine.name)
        .find(|k| k.container.interfaces.iter().any(|(_, l)| *l == inner))?;
    let (id, _) = known
        .container
        .interfaces
        .iter()
        .find(|(_, l)| *l == inner)?;
    let network = known.networks().find(|n| n.id == *id)?;
    let (container, bridge) = (&known.container.name, &network.bridge);
    if directory.device_of(&machine.name, bridge).is_none() {
        return Some(neighbour::no_bridge(&machine.name, bridge));
    }
    Some(Told {
        sentence: format!(
            "No answer. {name}, the cable of {container}, is plugged into no bridge."
        ),
        detail: format!("Docker made it a port of {bridge}, and somebody took it out."),
        decided_by: format!("the link: {name} has no master"),
        fixes: vec![fixes::fix(
            format!("Plug it into {bridge}"),
            format!("ip link set {name} master {bridge}"),
            &machine.name,
        )],
    })
}

/// The one container that is not running and would be near an address again if it were.
fn start_again(evidence: &Evidence<'_>, space: &Space, address: IpAddr) -> Option<Fix> {
    let network = evidence.container_of(space)?.network_with(address)?;
    let on_it = |k: &Known<'_>| k.networks().any(|n| n.id == network.id);
    let mut stopped = evidence
        .directory
        .on(&space.machine)
        .filter(|k| k.container.netns.is_none() && on_it(k));
    let name = &stopped.next()?.container.name;
    let start = fixes::fix(
        format!("Start {name}"),
        format!("docker start {name}"),
        &space.machine,
    );
    stopped.next().is_none().then_some(start)
}
