//! What gets no answer although nothing was dropped that should have passed: processes that are frozen, parents that give
//! all that arrives to a container.

use super::{Evidence, Told, fixes, locate};
use crate::journey::journey_id;
use crate::view::Explanation;
use kernel::trace::{Checkpoint, DropReason, TraceEvent};

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

/// What was sent to a hardware address that nobody has any more.
pub(super) fn gone(evidence: &Evidence<'_>) -> Option<Explanation> {
    let lost = evidence.events.iter().rev().find(|e| {
        matches!(e.what, Checkpoint::Drop(DropReason::NoStation)) && evidence.made(e).is_some()
    })?;
    let at = lost.at.as_nanos();
    let (sender, next_hop, mac) = evidence.events.iter().find_map(|e| match e.what {
        Checkpoint::Neighbour {
            next_hop,
            mac: Some(mac),
            ..
        } if e.packet == lost.packet => Some((e.ns, next_hop, mac)),
        _ => None,
    })?;
    if evidence.arrived_after(at) {
        return None;
    }
    let name = &evidence.places.space(sender)?.name;
    let told = Told {
        sentence: format!("No answer. Nobody has the hardware address {mac} any more."),
        detail: format!("{name} still remembers it for {next_hop}."),
        decided_by: format!("the neighbour table of {name}"),
        ..Told::default()
    };
    let journey = locate(evidence, &journey_id(lost.packet));
    Some(evidence.finish(told, at, journey, Vec::new()))
}
