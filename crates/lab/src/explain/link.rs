//! Devices that are down.

use super::{End, Evidence, Told, fixes, locate, route};
use crate::journey::{journey_id, words};
use crate::places::Space;
use crate::view::{Explanation, Fix};
use kernel::ids::{LinkId, NetnsId};
use kernel::trace::{Checkpoint, DropReason};

/// A frame met a device that is down, or whose other end is.
pub(super) fn down(evidence: &Evidence<'_>, end: End<'_>, link: LinkId) -> Told {
    let told = |(name, owner, fix): (String, String, Fix)| Told {
        sentence: format!("{name} of {owner} is down."),
        detail: format!(
            "What {} sent ends there.",
            evidence.directory.call(end.ip.src)
        ),
        decided_by: format!("the link: {name} is down"),
        fixes: vec![fix],
    };
    let other = || Told {
        sentence: "The interface is down.".to_owned(),
        ..Told::default()
    };
    culprit(evidence, link).map_or_else(other, told)
}

/// A frame was dropped by what somebody set with `tc`.
pub(super) fn queued(evidence: &Evidence<'_>, space: &Space, link: LinkId) -> Told {
    let decided_by = words::decided_by(&DropReason::Queue { link }).to_owned();
    let Some((name, ..)) = evidence.directory.device(link) else {
        return Told {
            sentence: words::drop_reason(&DropReason::Queue { link }, &space.name),
            decided_by,
            ..Told::default()
        };
    };
    Told {
        sentence: format!(
            "The queueing discipline of {name} in {} dropped it.",
            space.name
        ),
        detail:
            "tc qdisc show tells what was set there: a loss by chance, or a queue that is full."
                .to_owned(),
        decided_by,
        fixes: vec![without_queueing(space, name)],
    }
}

/// A question to which nothing came back while somebody waited, since a device on the way holds back what it sends.
pub(super) fn late(evidence: &Evidence<'_>) -> Option<Explanation> {
    let asked = evidence.events.iter().rev().find(|e| {
        let by_somebody = matches!(e.what, Checkpoint::Made { by: Some(_), .. });
        by_somebody && evidence.made(e).is_some_and(route::asks)
    })?;
    if evidence.arrived_after(asked.at.as_nanos()) {
        return None;
    }
    let (space, name, delay) = evidence.events.iter().find_map(|e| {
        let mut devices = evidence.directory.devices(e.ns).into_iter();
        let (link, delay) = devices.find_map(|l| Some((l, evidence.directory.held_back(l)?)))?;
        let (name, ..) = evidence.directory.device(link)?;
        Some((evidence.places.space(e.ns)?, name, delay.as_millis()))
    })?;
    let told = Told {
        sentence: format!(
            "{name} in {} holds back what it sends for {delay} ms.",
            space.name
        ),
        detail: "The answer was not there yet when whoever asked gave up.".to_owned(),
        decided_by: format!("the queueing discipline of {name}: netem delay {delay}ms"),
        fixes: vec![without_queueing(space, name)],
    };
    let journey = locate(evidence, &journey_id(asked.packet));
    Some(evidence.finish(told, asked.at.as_nanos(), journey, Vec::new()))
}

fn without_queueing(space: &Space, device: &str) -> Fix {
    fixes::within(
        space,
        format!("Take the queueing discipline of {device} away"),
        &format!("tc qdisc del dev {device} root"),
    )
}

/// The device that is down, of those that make a device useless: itself, the other end of its cable, and for a bridge its
/// ports and what they lead to.
fn culprit(evidence: &Evidence<'_>, link: LinkId) -> Option<(String, String, Fix)> {
    let cable =
        |end| raise(evidence, end).or_else(|| raise(evidence, evidence.directory.peer(end)?));
    cable(link).or_else(|| evidence.directory.ports_of(link).find_map(cable))
}

/// A question for a neighbour that met a device that is down, or whose other end is, or that drops what it is to send:
/// nothing else was sent.
pub(super) fn mute(evidence: &Evidence<'_>) -> Option<Explanation> {
    let (event, link, queued_there) = evidence.events.iter().rev().find_map(|e| match &e.what {
        Checkpoint::Drop(DropReason::LinkDown { link }) => Some((*e, *link, false)),
        Checkpoint::Drop(DropReason::Queue { link }) => Some((*e, *link, true)),
        _ => None,
    })?;
    let space = evidence.places.space(event.ns)?;
    let told = if queued_there {
        queued(evidence, space, link)
    } else {
        let (device, owner, fix) = culprit(evidence, link)?;
        Told {
            sentence: format!("No answer. {device} of {owner} is down."),
            detail: format!("What {} sent ends there.", space.name),
            decided_by: format!("the link: {device} is down"),
            fixes: vec![fix],
        }
    };
    let journey = locate(evidence, &journey_id(event.packet));
    Some(evidence.finish(told, event.at.as_nanos(), journey, Vec::new()))
}

/// The name, the owner and the way up of a device, if it was set down.
pub(super) fn raise(evidence: &Evidence<'_>, link: LinkId) -> Option<(String, String, Fix)> {
    let (name, ns, up) = evidence.directory.device(link)?;
    if up {
        return None;
    }
    let space = evidence.places.space(ns)?;
    let fix = fixes::within(
        space,
        format!("Set {name} up"),
        &format!("ip link set {name} up"),
    );
    Some((name.to_owned(), space.name.clone(), fix))
}

/// The first device of a namespace that is down, loopback aside.
pub(super) fn first_down(evidence: &Evidence<'_>, ns: NetnsId) -> Option<LinkId> {
    evidence.directory.devices(ns).into_iter().find(|l| {
        let found = evidence.directory.device(*l);
        found.is_some_and(|(name, _, up)| !up && name != "lo")
    })
}
