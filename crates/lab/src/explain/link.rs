//! Devices that are down.

use super::{End, Evidence, Told, fixes, locate};
use crate::journey::journey_id;
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

/// The device that is down, of those that make a device useless: itself, the other end of its cable, and for a bridge its
/// ports and what they lead to.
fn culprit(evidence: &Evidence<'_>, link: LinkId) -> Option<(String, String, Fix)> {
    let cable =
        |end| raise(evidence, end).or_else(|| raise(evidence, evidence.directory.peer(end)?));
    cable(link).or_else(|| evidence.directory.ports_of(link).find_map(cable))
}

/// A question for a neighbour that met a device that is down, or whose other end is: nothing else was sent.
pub(super) fn mute(evidence: &Evidence<'_>) -> Option<Explanation> {
    let (event, link) = evidence.events.iter().rev().find_map(|e| match &e.what {
        Checkpoint::Drop(DropReason::LinkDown { link }) => Some((*e, *link)),
        _ => None,
    })?;
    let space = evidence.places.space(event.ns)?;
    let (device, owner, fix) = culprit(evidence, link)?;
    let told = Told {
        sentence: format!("No answer. {device} of {owner} is down."),
        detail: format!("What {} sent ends there.", space.name),
        decided_by: format!("the link: {device} is down"),
        fixes: vec![fix],
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
