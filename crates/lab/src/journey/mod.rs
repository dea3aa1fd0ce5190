//! Journeys: the trace told packet by packet, hop by hop.
//!
//! Nothing is computed here that the kernel did not write down; [`teller`] puts facts in order, [`words`] says them.

mod teller;
pub(crate) mod words;

use crate::places::Places;
use crate::rules::connection;
use crate::view::{Flight, Journey, Packet, Tracked};
use kernel::Kernel;
use kernel::ids::PacketId;
use kernel::map::Lookup;
use kernel::skb::Direction;
use kernel::trace::TraceEvent;
use std::rc::Rc;
use teller::Carried;

/// The journeys of a stretch of the trace, in the order in which the packets were made.
///
/// `input_of` says during which input an event happened.
pub(crate) fn journeys<'a>(
    events: impl Iterator<Item = &'a TraceEvent>,
    places: &Places,
    input_of: impl Fn(u64) -> u64,
) -> Vec<Journey> {
    let packets = by_packet(events);
    let told = packets.iter().filter_map(|(id, events)| {
        let input = input_of(events.first()?.seq);
        teller::tell(*id, input, events, places)
    });
    told.map(teller::Told::opened).collect()
}

/// The journey of one packet, without the layers of its hops, which are most of the work. `events` are those of this packet.
pub(crate) fn outline(
    packet: PacketId,
    events: &[&TraceEvent],
    places: &Places,
    input: u64,
) -> Option<Journey> {
    Some(teller::tell(packet, input, events, places)?.journey)
}

/// Journeys told before, for who asks again and again while packets travel.
///
/// A packet is told anew when more has happened to it. Whoever takes back what was simulated has to begin with none.
#[derive(Debug, Default)]
pub struct Outlines(Lookup<PacketId, (usize, Rc<Journey>)>);

impl Outlines {
    /// The journeys of a stretch of the trace, in the order in which the packets were made.
    pub(crate) fn told<'a>(
        &mut self,
        events: impl Iterator<Item = &'a TraceEvent>,
        places: &Places,
        input_of: impl Fn(u64) -> u64,
    ) -> Vec<Rc<Journey>> {
        let packets = by_packet(events);
        let told = packets.iter().filter_map(|(id, events)| {
            let known = self.0.get(id).filter(|known| known.0 == events.len());
            if let Some((_, journey)) = known {
                return Some(journey.clone());
            }
            let input = input_of(events.first()?.seq);
            let journey = Rc::new(teller::tell(*id, input, events, places)?.journey);
            self.0.insert(*id, (events.len(), journey.clone()));
            Some(journey)
        });
        told.collect()
    }
}

/// The last `most` packets of a stretch of the trace, a line each, the earliest first.
pub(crate) fn flights<'a>(
    events: impl Iterator<Item = &'a TraceEvent>,
    places: &Places,
    most: usize,
    input_of: impl Fn(u64) -> u64,
) -> Vec<Flight> {
    let packets = by_packet(events);
    let late = packets.len().saturating_sub(most);
    let flight = |(id, events): &(PacketId, Vec<&TraceEvent>)| {
        let first = events.first()?;
        let journey = teller::tell(*id, input_of(first.seq), events, places)?.journey;
        let hop = journey.hops.first()?;
        Some(Flight {
            at_ns: hop.at_ns,
            machine: hop.machine.clone(),
            journey: journey.id,
            input: journey.input,
            origin: journey.origin,
            protocol: journey.protocol,
            chatter: journey.chatter,
            name: journey.name,
            summary: journey.summary,
            verdict: journey.verdict,
        })
    };
    packets.iter().skip(late).filter_map(flight).collect()
}

/// Events by the packet that they are about, in the order in which the packets were made.
fn by_packet<'a>(
    events: impl Iterator<Item = &'a TraceEvent>,
) -> Vec<(PacketId, Vec<&'a TraceEvent>)> {
    let mut packets: Vec<(PacketId, Vec<&TraceEvent>)> = Vec::new();
    let mut places: Lookup<PacketId, usize> = Lookup::default();
    for event in events {
        let known = places.get(&event.packet).and_then(|i| packets.get_mut(*i));
        if let Some((_, events)) = known {
            events.push(event);
        } else {
            places.insert(event.packet, packets.len());
            packets.push((event.packet, vec![event]));
        }
    }
    packets
}

/// A packet at one of its hops: its bytes and what they mean. Where it goes on within a datagram, that datagram as it
/// leaves the machine.
pub(crate) fn packet_at(
    kernel: &Kernel,
    packet: PacketId,
    places: &Places,
    hop: usize,
) -> Option<Packet> {
    let tell = |id| {
        let all = kernel.trace.since(0);
        let events: Vec<&TraceEvent> = all.filter(|e| e.packet == id).collect();
        teller::tell(id, 0, &events, places)
    };
    let told = tell(packet)?;
    let outer = told.outer.iter().find(|(at, _)| *at == hop);
    if let Some(datagram) = outer.and_then(|(_, id)| tell(*id)) {
        let framed = |c: &Option<Carried>| matches!(c, Some(Carried::Frame(_)));
        let carried = datagram.carried.iter();
        let at = carried.clone().position(framed).unwrap_or_default();
        let bytes = carried.clone().nth(at)?.as_ref()?.bytes();
        let layers = datagram.opened().hops.into_iter().nth(at)?.layers;
        return Some(Packet {
            bytes,
            layers,
            tracked: None,
        });
    }
    let bytes = told.carried.get(hop)?.as_ref()?.bytes();
    let tracked = told.tracked.get(hop)?.map(|(ns, ct)| {
        let table = kernel.netns(ns).and_then(|n| n.nf.conntrack());
        let entry = table.and_then(|t| t.info(ct.conn, kernel.now));
        Tracked {
            state: format!("{:?}", ct.state).to_ascii_uppercase(),
            reply: ct.dir == Direction::Reply,
            entry: entry.map(|c| connection(&c)),
        }
    });
    let layers = told.opened().hops.into_iter().nth(hop)?.layers;
    Some(Packet {
        bytes,
        layers,
        tracked,
    })
}

/// The packet that a journey's id names.
pub(crate) fn packet_of(journey: &str) -> Option<PacketId> {
    journey.strip_prefix('p')?.parse().ok().map(PacketId)
}

/// The id under which a packet's journey is known.
pub(crate) fn journey_id(packet: PacketId) -> String {
    format!("p{}", packet.0)
}
