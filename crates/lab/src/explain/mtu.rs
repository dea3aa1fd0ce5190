//! Packets too large for a link.

use super::{End, Evidence, Told, fixes};
use crate::places::Space;
use crate::view::Fix;
use kernel::trace::{Checkpoint, RouteDecision, TraceEvent};
use std::net::IpAddr;

/// The data that a datagram or an echo request holds at the most, in bytes.
const LONGEST: u32 = 65_507;

/// More than any packet holds.
fn too_big_anywhere(evidence: &Evidence<'_>, space: &Space) -> Told {
    let too_big = |word: &&str| word.parse::<u32>().is_ok_and(|n| n > LONGEST);
    let word = evidence.typed.split_whitespace().find(too_big);
    let line = word.map(|word| evidence.typed.replacen(word, &LONGEST.to_string(), 1));
    Told {
        sentence: format!("Too long. No packet holds more than {LONGEST} bytes of data."),
        detail: "IP tells a packet's length, its headers included, in 16 bits.".to_owned(),
        decided_by: "the length that a packet can have: 65535 bytes".to_owned(),
        fixes: line
            .map(|line| fixes::fix("Send as much as fits", line, &space.machine))
            .into_iter()
            .collect(),
    }
}

/// A program's own kernel would not send so much at once.
pub(super) fn too_big_here(
    evidence: &Evidence<'_>,
    event: &TraceEvent,
    space: &Space,
    to: IpAddr,
    mtu: u32,
) -> Told {
    if mtu == u32::from(u16::MAX) {
        return too_big_anywhere(evidence, space);
    }
    let name = &space.name;
    let device = evidence.directory.way_out(event.ns, to);
    let by = device
        .as_ref()
        .map_or_else(String::new, |(d, _)| format!(" by {d}"));
    let learned = device.as_ref().is_some_and(|(_, own)| *own > mtu);
    let detail = if learned {
        "A router on the way said so (ICMP fragmentation needed), and the kernel remembers it. Send less, or let it be fragmented."
    } else {
        "It must not be fragmented, and the interface takes no more. Send less, or let it be fragmented."
    };
    Told {
        sentence: format!(
            "Too long. {name} sends at most {mtu} bytes at once to {}{by}.",
            evidence.directory.call(to)
        ),
        detail: detail.to_owned(),
        decided_by: format!("the MTU: {mtu} bytes"),
        fixes: device
            .filter(|(d, own)| *own < 1500 && !learned && !is_dockers(evidence, space, d))
            .map(|(d, _)| {
                fixes::within(
                    space,
                    format!("Give {d} an MTU of 1500"),
                    &format!("ip link set {d} mtu 1500"),
                )
            })
            .into_iter()
            .collect(),
    }
}

/// Whether a device is the bridge of a network, whose containers have interfaces with the same MTU.
fn is_dockers(evidence: &Evidence<'_>, space: &Space, device: &str) -> bool {
    let survey = evidence.directory.survey(&space.machine);
    let mut networks = survey.into_iter().flat_map(|s| &s.networks);
    space.is_root() && networks.any(|n| n.bridge == device)
}

/// A router or a device on the way could not take it.
pub(super) fn too_big_there(evidence: &Evidence<'_>, end: End<'_>, mtu: u32) -> Told {
    let name = &end.space.name;
    let size = end.ip.len();
    let out = evidence.events.iter().rev().find_map(|e| match &e.what {
        Checkpoint::Route {
            decision: RouteDecision::Unicast { link, .. },
            ..
        } if e.packet == end.event.packet && e.ns == end.event.ns => Some(*link),
        _ => None,
    });
    let narrow = out.and_then(|l| evidence.directory.device(l));
    // The sender has been told by now, and would remember.
    let sender = evidence.events.iter().find_map(|e| match e.what {
        Checkpoint::Made { .. } if e.packet == end.event.packet => evidence.places.space(e.ns),
        _ => None,
    });
    let fixes = narrow
        .zip(sender)
        .filter(|_| mtu < 1500)
        .map(|((d, ..), sender)| {
            let label = format!("Give {d} an MTU of 1500");
            let widen = fixes::within(end.space, label, &format!("ip link set {d} mtu 1500"));
            let forget = fixes::within(sender, "", "ip route flush cache");
            Fix {
                command: format!("{} && {}", widen.command, forget.command),
                ..widen
            }
        });
    Told {
        sentence: format!("Too long. A packet of {size} bytes does not fit the {mtu} bytes of {name}'s next link."),
        detail: "It must not be fragmented, so it was dropped there. Every link on the way has to have the same MTU.".to_owned(),
        decided_by: format!("the MTU: {mtu} bytes"),
        fixes: fixes.into_iter().collect(),
    }
}
