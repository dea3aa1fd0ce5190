//! IP headers and checksums, as `tcpdump -v` tells of them.

use super::put;
use crate::{IpPacket, Proto};

/// The IP header, up to what comes before the addresses.
pub(super) fn ip(out: &mut String, packet: &IpPacket) {
    let proto = named(packet.protocol());
    if packet.is_v6() {
        out.push('(');
        if packet.tos != 0 {
            put(out, format_args!("class 0x{:02x}, ", packet.tos));
        }
        let payload = packet.len() - IpPacket::V6_HEADER_LEN;
        put(
            out,
            format_args!(
                "hlim {}, next-header {proto} payload length: {payload}) ",
                packet.ttl
            ),
        );
        return;
    }
    let flags = match (packet.more_fragments, packet.dont_fragment) {
        (false, false) => "none",
        (false, true) => "DF",
        (true, false) => "+",
        (true, true) => "+, DF",
    };
    put(
        out,
        format_args!(
            "(tos 0x{:x}, ttl {}, id {}, offset {}, flags [{flags}], proto {proto}, length {})\n    ",
            packet.tos,
            packet.ttl,
            packet.ident,
            packet.fragment_offset,
            packet.len()
        ),
    );
}

/// A protocol's name with its number.
fn named(proto: Proto) -> String {
    let name = match proto {
        Proto::ICMP => "ICMP",
        Proto::TCP => "TCP",
        Proto::UDP => "UDP",
        Proto::ICMPV6 => "ICMPv6",
        Proto(2) => "IGMP",
        _ => "unknown",
    };
    format!("{name} ({})", proto.0)
}

/// The checksum in the TCP header, as it is on the wire.
pub(super) fn transport_checksum(packet: &IpPacket) -> u16 {
    /// Where in a TCP header the checksum stands.
    const OFFSET: usize = 16;
    let mut bytes = Vec::with_capacity(packet.len());
    packet.emit_into(&mut bytes);
    bytes
        .get(packet.header_len() + OFFSET..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |field| u16::from_be_bytes(*field))
}
