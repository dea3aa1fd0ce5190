//! Why the last command did not get what it wanted, in sentences, with commands that would mend it.
//!
//! Everything said here is read off the trace (which packet ended where, by which rule, route or lookup) and off what the
//! engines know; nothing is tried out or guessed. There is a module for each step that can decide.

mod asker;
mod capability;
mod fixes;
mod link;
mod localhost;
mod mtu;
mod name;
mod named;
mod neighbour;
mod port;
mod refused;
mod route;
mod rule;
mod silent;
mod socket;
mod spelling;
mod stopped;

use crate::graph::StageGraph;
use crate::journey::{self, journey_id, words};
use crate::lookup;
use crate::names::{Directory, Known};
use crate::places::{Places, Space};
use crate::view::{Explanation, Fix, Journey, Tone, Topology, place};
use kernel::Kernel;
use kernel::errno::Errno;
use kernel::ids::PacketId;
use kernel::map::Lookup;
use kernel::trace::{Checkpoint, DropReason, Note, TraceEvent};
use std::net::IpAddr;
use wire::{ArpOp, IcmpMessage, IpPacket, NdpMessage, Payload, Transport};

/// Ports from here on are taken by those who ask. Source: Linux `ip_local_port_range`.
const FIRST_EPHEMERAL: u16 = 32_768;

/// The command that is to be explained.
pub(crate) struct Asked<'a> {
    /// The input's number.
    pub(crate) input: u64,
    /// The trace's number at which it began.
    pub(crate) start: u64,
    /// When it came, virtual nanoseconds, and the line that was typed.
    pub(crate) since: u64,
    pub(crate) typed: &'a str,
}

/// Why the last command did not get what it wanted; `None` if nothing went wrong.
pub(crate) fn last(
    kernel: &Kernel,
    places: &Places,
    stage: &Topology,
    asked: &Asked<'_>,
) -> Option<Explanation> {
    let directory = Directory::new(kernel);
    let events: Vec<_> = kernel.trace.since(asked.start).collect();
    let input_of = |_| asked.input;
    let lookups = lookup::lookups(events.iter().copied(), places, &directory, input_of);
    explain(&Evidence {
        input: asked.input,
        since: asked.since,
        typed: asked.typed,
        events: &events,
        made: &made(&events),
        journey: &|id| {
            let id = journey::packet_of(id)?;
            let own: Vec<_> = events.iter().copied().filter(|e| e.packet == id).collect();
            journey::outline(id, &own, places, asked.input)
        },
        lookups: &lookups,
        places,
        directory: &directory,
        stage: &StageGraph::new(stage),
    })
}

/// What the explanation is made from.
struct Evidence<'a> {
    input: u64,
    /// When the input came, virtual nanoseconds, and the line that was typed.
    since: u64,
    typed: &'a str,
    events: &'a [&'a TraceEvent],
    /// The events' packets as they were when they were made: see [`made`].
    made: &'a Lookup<PacketId, &'a IpPacket>,
    /// Tells one packet's journey, by its id: of thousands only the one that decided is wanted.
    journey: &'a dyn Fn(&str) -> Option<Journey>,
    lookups: &'a [lookup::Lookup],
    places: &'a Places,
    directory: &'a Directory<'a>,
    stage: &'a StageGraph,
}

/// What a step has to say for itself.
#[derive(Default)]
struct Told {
    sentence: String,
    detail: String,
    decided_by: String,
    fixes: Vec<Fix>,
}

/// Where something ended: the event, its namespace, and the packet as it was made.
#[derive(Clone, Copy)]
struct End<'a> {
    event: &'a TraceEvent,
    space: &'a Space,
    ip: &'a IpPacket,
}

/// The packets of a stretch of the trace, as they were when they were made.
fn made<'a>(events: &[&'a TraceEvent]) -> Lookup<PacketId, &'a IpPacket> {
    let mut made = Lookup::default();
    for event in events.iter().rev() {
        if let Checkpoint::Made { ip: Some(ip), .. } = &event.what {
            made.insert(event.packet, &**ip);
        }
    }
    made
}

/// Explains what went wrong; `None` if nothing did.
fn explain(evidence: &Evidence<'_>) -> Option<Explanation> {
    let last = |wanted: &dyn Fn(&TraceEvent) -> bool| {
        let found = evidence.events.iter().rev().find(|e| wanted(e));
        found.copied()
    };
    let dropped =
        last(&|e| matches!(&e.what, Checkpoint::Drop(reason) if evidence.is_trouble(e, reason)));
    let refused = last(
        &|e| matches!(&e.what, Checkpoint::Note(note) if !matches!(**note, Note::DnsSearch { .. })),
    );
    let failed = evidence
        .lookups
        .iter()
        .rev()
        .find(|l| l.view.outcome.tone == Tone::Bad);
    // Whichever came last decided: a name that resolved is no longer the trouble, and what was got by another way is none.
    let latest = dropped.max_by_seq(refused);
    let ended = latest.map_or(0, |e| e.at.as_nanos());
    // A name server that nobody could ask is explained by what kept the question.
    let unasked = failed.filter(|l| l.rcode.is_none() && latest.is_none());
    if let Some(told) = unasked.and_then(|_| waiting(evidence)) {
        return Some(told);
    }
    // A name that is none with one ending, and known with the next.
    if latest.is_none()
        && failed.is_some_and(|f| {
            evidence
                .lookups
                .last()
                .is_some_and(|l| l.ended_ns > f.ended_ns)
        })
        && let Some(told) = name::no_address(evidence)
    {
        return Some(told);
    }
    if let Some(lookup) = failed
        && (latest.is_none() || lookup.ended_ns >= ended && lookup.rcode.is_some())
    {
        let bare = evidence.without_ending(lookup);
        return (!evidence.arrived_after(lookup.ended_ns)).then(|| name::explain(evidence, bare));
    }
    let Some(event) = latest else {
        return waiting(evidence)
            .or_else(|| unasked_v6(evidence))
            .or_else(|| link::mute(evidence))
            .or_else(|| silent::paused(evidence))
            .or_else(|| silent::passthru(evidence))
            .or_else(|| silent::held(evidence))
            .or_else(|| silent::gone(evidence))
            .or_else(|| silent::unanswered(evidence))
            .or_else(|| link::late(evidence))
            .or_else(|| name::no_address(evidence));
    };
    if evidence.arrived_after(ended) {
        return silent::unanswered(evidence);
    }
    match &event.what {
        Checkpoint::Note(note) => call(evidence, event, note),
        Checkpoint::Drop(reason) => packet(evidence, event, reason),
        _ => None,
    }
}

/// The later of two events.
trait Later<'a> {
    fn max_by_seq(self, other: Self) -> Self;
}

impl<'a> Later<'a> for Option<&'a TraceEvent> {
    fn max_by_seq(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) if b.seq > a.seq => Some(b),
            (a, b) => a.or(b),
        }
    }
}

impl<'a> Evidence<'a> {
    /// The packet that an event is about, as it was when it was made.
    fn made(&self, event: &TraceEvent) -> Option<&'a IpPacket> {
        self.made.get(&event.packet).copied()
    }

    /// The address and port that a packet was for where it ended: what it was made for, or what it was translated to.
    fn arrived_for(&self, end: End<'_>) -> Option<(IpAddr, u16)> {
        let (_, port) = end.ip.transport.ports()?;
        let translated = self.events.iter().rev().find_map(|e| match &e.what {
            Checkpoint::Nat {
                dst, reply: false, ..
            } if e.packet == end.event.packet && e.seq < end.event.seq => Some(dst.1),
            _ => None,
        });
        Some(translated.map_or((end.ip.dst, port), |to| (to.ip, to.port)))
    }

    /// The question for the same name without the ending that a resolver tried last, if that one failed as well.
    fn without_ending(&self, lookup: &'a lookup::Lookup) -> &'a lookup::Lookup {
        let bare = self.lookups.iter().find(|l| {
            let ending = lookup.view.name.strip_prefix(&l.view.name);
            let ends = ending.is_some_and(|rest| rest.starts_with('.') && rest.len() > 1);
            ends && l.ns == lookup.ns && l.view.outcome.tone == Tone::Bad
        });
        bare.unwrap_or(lookup)
    }

    /// Whether a dropped packet is one whose loss somebody feels. What machines say to each other by ARP is no packet of
    /// the person's, its silence shows elsewhere; and a refusal or an error that got lost was bad news already.
    fn is_trouble(&self, event: &TraceEvent, reason: &DropReason) -> bool {
        let news = |ip: &IpPacket| match &ip.transport {
            Transport::Tcp(segment) => !segment.flags.rst(),
            Transport::Icmp(message) => !matches!(
                message,
                IcmpMessage::Error { .. } | IcmpMessage::Neighbour(_) | IcmpMessage::Other { .. }
            ),
            _ => true,
        };
        let lost = match reason {
            DropReason::OtherHost | DropReason::Gone | DropReason::NoStation => false,
            // A device that went away with its container.
            DropReason::LinkDown { link } => self.directory.device(*link).is_some(),
            _ => true,
        };
        // An answer that came when nobody waited for it any more.
        let late = |ip: &IpPacket| match &ip.transport {
            Transport::Udp(datagram) => {
                matches!(reason, DropReason::NoSocket)
                    && datagram.dst_port >= FIRST_EPHEMERAL
                    && datagram.src_port < FIRST_EPHEMERAL
            }
            _ => false,
        };
        lost && self.made(event).is_some_and(|ip| news(ip) && !late(ip))
    }

    /// The last question for a neighbour that was never answered, with who asked for what.
    fn unanswered(&self) -> Option<(&'a TraceEvent, IpAddr, IpAddr)> {
        let answers = self.events.iter().filter_map(|e| match &e.what {
            Checkpoint::Receive { frame, .. } => answer_of(&frame.payload),
            _ => None,
        });
        let answers: Vec<_> = answers.collect();
        self.events.iter().rev().find_map(|e| match &e.what {
            Checkpoint::Transmit { frame, .. } => {
                let (from, wanted) = question_of(&frame.payload)?;
                (!answers.contains(&(wanted, from))).then_some((*e, from, wanted))
            }
            _ => None,
        })
    }

    /// Whether an answer reached a program after this moment, so that it got what it wanted by another way.
    fn arrived_after(&self, at: u64) -> bool {
        let later = self
            .events
            .iter()
            .rev()
            .take_while(|e| e.at.as_nanos() > at);
        let mut delivered = later.filter(|e| matches!(e.what, Checkpoint::Deliver { .. }));
        let of_person = |ip: &&IpPacket| !words::is_chatter(ip);
        delivered.any(
            |e| match self.made(e).filter(of_person).map(|ip| &ip.transport) {
                Some(Transport::Tcp(segment)) => segment.flags.syn() && segment.flags.ack(),
                Some(Transport::Icmp(message)) => matches!(message, IcmpMessage::EchoReply { .. }),
                Some(Transport::Udp(datagram)) => datagram.src_port == 53,
                _ => false,
            },
        )
    }

    /// The container that a namespace belongs to, if it is still there.
    fn container_of(&self, space: &Space) -> Option<Known<'a>> {
        self.directory.container(space.container.as_deref()?)
    }

    fn finish(
        &self,
        told: Told,
        event_at: u64,
        at: Option<(String, usize)>,
        never_reached: Vec<String>,
    ) -> Explanation {
        Explanation {
            input: self.input,
            at_ns: event_at,
            sentence: told.sentence,
            detail: told.detail,
            decided_by: told.decided_by,
            at,
            never_reached,
            fixes: told.fixes,
        }
    }
}

/// Who asks for which neighbour, by ARP or by neighbour discovery; nothing for one that looks whether an address is free.
fn question_of(payload: &Payload) -> Option<(IpAddr, IpAddr)> {
    match payload {
        Payload::Arp(arp) if arp.op == ArpOp::Request && arp.sender_ip != arp.target_ip => {
            Some((arp.sender_ip.into(), arp.target_ip.into()))
        }
        Payload::Ip(ip) => match &ip.transport {
            Transport::Icmp(IcmpMessage::Neighbour(NdpMessage::NeighbourSolicit {
                target,
                ..
            })) if !ip.src.is_unspecified() => Some((ip.src, (*target).into())),
            _ => None,
        },
        _ => None,
    }
}

/// Which neighbour answers whom.
fn answer_of(payload: &Payload) -> Option<(IpAddr, IpAddr)> {
    match payload {
        Payload::Arp(arp) if arp.op == ArpOp::Reply => {
            Some((arp.sender_ip.into(), arp.target_ip.into()))
        }
        Payload::Ip(ip) => match &ip.transport {
            Transport::Icmp(IcmpMessage::Neighbour(NdpMessage::NeighbourAdvert {
                target, ..
            })) => Some(((*target).into(), ip.dst)),
            _ => None,
        },
        _ => None,
    }
}

/// A system call that was refused before there was a packet.
fn call(evidence: &Evidence<'_>, event: &TraceEvent, note: &Note) -> Option<Explanation> {
    let space = evidence.places.space(event.ns)?;
    let (told, never_reached) = match note {
        Note::NotSent { to, error, mtu } => {
            let told = match error {
                Errno::EMSGSIZE => mtu::too_big_here(evidence, event, space, *to, *mtu),
                _ => route::none_here(evidence, event, space, *to),
            };
            (told, vec![evidence.directory.call(*to)])
        }
        Note::Refused(text) => (refused::told(evidence, space, text)?, Vec::new()),
        Note::NoName(text) => (name::none(text), Vec::new()),
        Note::NotLookedUp(text) => (name::not_looked_up(evidence, space, text), Vec::new()),
        Note::LeftOut(text, address) => {
            (name::left_out(evidence, space, text, *address), Vec::new())
        }
        Note::Lacks(capability) => (capability::lacks(evidence, space, capability), Vec::new()),
        Note::NoDevice(device) => (named::no_device(evidence, event, space, device), Vec::new()),
        Note::NoListener(path) => (named::no_listener(evidence, space, path), Vec::new()),
        Note::NoZone(to) => (
            named::no_zone(evidence, event, space, *to),
            vec![evidence.directory.call(*to)],
        ),
        Note::DnsSearch { .. } => return None,
    };
    Some(evidence.finish(told, event.at.as_nanos(), None, never_reached))
}

/// A command that gave up while the question for a neighbour was still open.
fn waiting(evidence: &Evidence<'_>) -> Option<Explanation> {
    let (event, from, next_hop) = evidence.unanswered()?;
    let at = event.at.as_nanos();
    let space = evidence.places.space(event.ns)?;
    if evidence.arrived_after(at) {
        return None;
    }
    // The packet that waits for the answer, if it was not the question alone that mattered.
    let packet = evidence.events.iter().rev().find_map(|e| match &e.what {
        Checkpoint::Neighbour {
            next_hop: of,
            mac: None,
            ..
        } if *of == next_hop && e.ns == event.ns => Some(evidence.made(e).cloned()),
        _ => None,
    });
    let nothing = Transport::Raw {
        proto: wire::Proto(0),
        bytes: wire::Bytes::new(),
    };
    let ip = packet
        .flatten()
        .unwrap_or_else(|| IpPacket::new(from, next_hop, nothing));
    let end = End {
        event,
        space,
        ip: &ip,
    };
    let told = neighbour::silent(evidence, end, next_hop);
    let journey = locate(evidence, &journey_id(event.packet));
    Some(evidence.finish(told, at, journey, vec![evidence.directory.call(ip.dst)]))
}

/// A question for an IPv6 neighbour that a rule dropped, so that nothing else could be sent.
fn unasked_v6(evidence: &Evidence<'_>) -> Option<Explanation> {
    let solicit = |ip: &IpPacket| {
        let asks = |m: &IcmpMessage| {
            matches!(
                m,
                IcmpMessage::Neighbour(NdpMessage::NeighbourSolicit {
                    source_mac: Some(_),
                    ..
                })
            )
        };
        matches!(&ip.transport, Transport::Icmp(message) if asks(message))
    };
    evidence
        .events
        .iter()
        .rev()
        .find_map(|event| match &event.what {
            Checkpoint::Drop(reason @ DropReason::Netfilter { .. })
                if evidence.made(event).is_some_and(solicit) =>
            {
                packet(evidence, event, reason)
            }
            _ => None,
        })
}

/// A packet that was dropped.
fn packet(evidence: &Evidence<'_>, event: &TraceEvent, reason: &DropReason) -> Option<Explanation> {
    let space = evidence.places.space(event.ns)?;
    let ip = evidence.made(event)?;
    let end = End { event, space, ip };
    let (from, to) = (
        evidence.directory.call(ip.src),
        evidence.directory.call(ip.dst),
    );
    let mut told = match reason {
        DropReason::Netfilter { hook, rule } => {
            rule::explain(evidence, end, *hook, rule.as_deref())
        }
        DropReason::NoSocket => socket::refused(evidence, end),
        DropReason::NeighbourFailed { next_hop } => neighbour::silent(evidence, end, *next_hop),
        DropReason::ForwardingOff => route::not_forwarded(evidence, end),
        DropReason::NoRoute | DropReason::ReversePath => route::none_there(evidence, end, reason),
        DropReason::TooBig { mtu } => mtu::too_big_there(evidence, end, *mtu),
        DropReason::LinkDown { link } => link::down(evidence, end, *link),
        DropReason::Queue { link } => link::queued(evidence, space, *link),
        _ => Told {
            sentence: words::drop_reason(reason, &space.name),
            detail: format!("The packet was on its way from {from} to {to}."),
            decided_by: words::decided_by(reason).to_owned(),
            ..Told::default()
        },
    };
    let journey = locate(evidence, &journey_id(event.packet));
    let mut ahead = ahead(evidence, end).unwrap_or_else(|| vec![to]);
    if let Some(inner) = carried(evidence, event) {
        let (from, to) = (
            evidence.directory.call(inner.src),
            evidence.directory.call(inner.dst),
        );
        told.detail = format!(
            "Within it was a packet from {from} to {to}: between machines an overlay network's frames travel in UDP datagrams to port {}. {}",
            wire::vxlan::PORT,
            told.detail
        );
        ahead.push(to);
    }
    Some(evidence.finish(told, event.at.as_nanos(), journey, ahead))
}

/// The packet that a tunnel's datagram carried.
fn carried<'a>(evidence: &Evidence<'a>, event: &TraceEvent) -> Option<&'a IpPacket> {
    let inner = evidence.events.iter().find_map(|e| match &e.what {
        Checkpoint::Encapsulate { outer, .. } if *outer == event.packet => Some(e.packet),
        _ => None,
    })?;
    evidence.made.get(&inner).copied()
}

/// What the packet would have come to next, from where it ended to where it was going.
fn ahead(evidence: &Evidence<'_>, end: End<'_>) -> Option<Vec<String>> {
    let journey = (evidence.journey)(&journey_id(end.event.packet))?;
    let here = &journey.hops.last()?.place;
    let target = evidence.directory.at_address(end.ip.dst)?;
    let there = place::container(target.machine, &target.container.id);
    Some(evidence.stage.ahead(here, &there)).filter(|way| !way.is_empty())
}

/// The journey and the hop where it was decided.
fn locate(evidence: &Evidence<'_>, id: &str) -> Option<(String, usize)> {
    let journey = (evidence.journey)(id)?;
    let hop = journey
        .hops
        .iter()
        .rposition(|h| h.verdict.tone == Tone::Bad)
        .unwrap_or(journey.hops.len().saturating_sub(1));
    Some((journey.id, hop))
}

/// Names as a sentence lists them.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.split_last() {
        None => "no network".to_owned(),
        Some((one, [])) => (*one).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
