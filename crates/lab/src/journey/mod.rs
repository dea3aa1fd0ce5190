//! Journeys: the trace told packet by packet, hop by hop.
//!
//! Nothing is computed here that the kernel did not write down; [`teller`] puts facts in order, [`words`] says them.

mod teller;
pub(crate) mod words;

use crate::places::Places;
use crate::view::{Journey, Packet};
use kernel::ids::PacketId;
use kernel::trace::TraceEvent;
use sorted::SortedMap;

/// The journeys of a stretch of the trace, in the order in which the packets were made.
///
/// `input_of` says during which input an event happened.
pub(crate) fn journeys<'a>(
    events: impl Iterator<Item = &'a TraceEvent>,
    places: &Places,
    input_of: impl Fn(u64) -> u64,
) -> Vec<Journey> {
    let mut order: Vec<PacketId> = Vec::new();
    let mut packets: SortedMap<PacketId, Vec<&TraceEvent>> = SortedMap::new();
    for event in events {
        packets
            .entry(event.packet)
            .or_insert_with(|| {
                order.push(event.packet);
                Vec::new()
            })
            .push(event);
    }
    order
        .iter()
        .filter_map(|id| {
            let events = packets.get(id)?;
            let input = input_of(events.first()?.seq);
            teller::tell(*id, input, events, places).map(|told| told.journey)
        })
        .collect()
}

/// A packet at one of its hops: its bytes and what they mean. `events` are those of this packet.
pub(crate) fn packet_at(
    packet: PacketId,
    events: &[&TraceEvent],
    places: &Places,
    hop: usize,
) -> Option<Packet> {
    let told = teller::tell(packet, 0, events, places)?;
    let bytes = told.carried.get(hop)?.as_ref()?.bytes();
    let layers = told.journey.hops.into_iter().nth(hop)?.layers;
    Some(Packet { bytes, layers })
}

/// The packet that a journey's id names.
pub(crate) fn packet_of(journey: &str) -> Option<PacketId> {
    journey.strip_prefix('p')?.parse().ok().map(PacketId)
}

/// The id under which a packet's journey is known.
pub(crate) fn journey_id(packet: PacketId) -> String {
    format!("p{}", packet.0)
}
