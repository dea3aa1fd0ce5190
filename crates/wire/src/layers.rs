//! A frame opened up: its layers from the outside in, each with its fields, for people who look into packets.

use std::ops::Range;

use crate::dns::{Message, RecordData};
use crate::summary;
use crate::{
    Arp, ArpOp, Bytes, Frame, IcmpMessage, IpPacket, Payload, TcpSegment, Transport, UdpDatagram,
    vxlan,
};

/// One layer of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layer {
    /// `Ethernet`, `IPv4`, `TCP` ...
    pub name: &'static str,
    /// The layer in one line.
    pub summary: String,
    /// Where this layer's header, or the payload, starts among the emitted bytes.
    pub start: usize,
    /// Bytes of this layer's header, or of the payload.
    pub bytes: usize,
    /// Its fields in the order in which they stand on the wire.
    pub fields: Vec<Field>,
}

/// A named value of a header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name as the standard calls it, shortened.
    pub name: &'static str,
    /// Its value as a person reads it.
    pub value: String,
    /// The bytes that hold it, counted from the layer's first; empty where no bytes are its own.
    pub at: Range<usize>,
}

fn field(at: Range<usize>, name: &'static str, value: impl ToString) -> Field {
    Field {
        name,
        value: value.to_string(),
        at,
    }
}

/// The layers of a frame, Ethernet first. A VXLAN tunnel's inner frame follows its outer headers.
#[must_use]
pub fn of_frame(frame: &Frame) -> Vec<Layer> {
    placed(frame_layers(frame))
}

/// The layers of an IP packet, as they stand in its own bytes.
#[must_use]
pub fn of_packet(packet: &IpPacket) -> Vec<Layer> {
    placed(packet_layers(packet))
}

/// Puts each layer behind the one before it.
fn placed(mut layers: Vec<Layer>) -> Vec<Layer> {
    let mut next = 0;
    for layer in &mut layers {
        layer.start = next;
        next += layer.bytes;
    }
    layers
}

fn frame_layers(frame: &Frame) -> Vec<Layer> {
    // A tag stands before the type and takes it along.
    let bytes = if frame.vlan.is_some() { 12 } else { 14 };
    let mut layers = vec![layer(
        "Ethernet",
        format!("{} → {}", frame.src, frame.dst),
        bytes,
        vec![
            field(0..6, "dst", frame.dst),
            field(6..12, "src", frame.src),
        ],
    )];
    let ethertype = format!("{:#06x}", frame.ethertype());
    if let Some(tag) = frame.vlan {
        layers.push(layer(
            "802.1Q",
            format!("VLAN {}", tag.id),
            6,
            vec![
                field(0..2, "tag", "0x8100"),
                field(2..3, "priority", tag.priority),
                field(2..4, "vlan", tag.id),
                field(4..6, "type", ethertype),
            ],
        ));
    } else if let Some(ethernet) = layers.first_mut() {
        ethernet.fields.push(field(12..14, "type", ethertype));
    }
    match &frame.payload {
        Payload::Arp(arp) => layers.push(of_arp(arp)),
        Payload::Ip(packet) => layers.extend(packet_layers(packet)),
        Payload::Other { bytes, .. } => layers.push(data(bytes)),
    }
    layers
}

/// A layer that [`placed`] puts where it belongs.
fn layer(name: &'static str, summary: String, bytes: usize, fields: Vec<Field>) -> Layer {
    Layer {
        name,
        summary,
        start: 0,
        bytes,
        fields,
    }
}

fn of_arp(arp: &Arp) -> Layer {
    let (word, summary) = match arp.op {
        ArpOp::Request => (
            "request",
            format!("who has {}? tell {}", arp.target_ip, arp.sender_ip),
        ),
        ArpOp::Reply => (
            "reply",
            format!("{} is at {}", arp.sender_ip, arp.sender_mac),
        ),
    };
    layer(
        "ARP",
        summary,
        Arp::LEN,
        vec![
            field(6..8, "operation", word),
            field(8..14, "sender MAC", arp.sender_mac),
            field(14..18, "sender IP", arp.sender_ip),
            field(18..24, "target MAC", arp.target_mac),
            field(24..28, "target IP", arp.target_ip),
        ],
    )
}

fn packet_layers(packet: &IpPacket) -> Vec<Layer> {
    let v6 = packet.is_v6();
    let summary = format!("{} → {}", packet.src, packet.dst);
    let mut fields = if v6 {
        vec![
            field(4..6, "length", packet.len() - packet.header_len()),
            field(6..7, "protocol", packet.protocol()),
            field(7..8, "hop limit", packet.ttl),
            field(8..24, "src", packet.src),
            field(24..40, "dst", packet.dst),
        ]
    } else {
        vec![
            field(2..4, "length", packet.len()),
            field(4..6, "id", packet.ident),
            field(6..7, "don't fragment", packet.dont_fragment),
            field(8..9, "ttl", packet.ttl),
            field(9..10, "protocol", packet.protocol()),
            field(12..16, "src", packet.src),
            field(16..20, "dst", packet.dst),
        ]
    };
    if packet.is_fragment() {
        // IPv6 has an extension header for it.
        let at = if v6 { 42..44 } else { 6..8 };
        fields.push(field(at.clone(), "fragment offset", packet.fragment_offset));
        fields.push(field(at, "more fragments", packet.more_fragments));
    }
    let name = if v6 { "IPv6" } else { "IPv4" };
    let mut layers = vec![layer(name, summary, packet.header_len(), fields)];
    match &packet.transport {
        Transport::Tcp(segment) => layers.extend(of_tcp(segment)),
        Transport::Udp(datagram) => layers.extend(of_udp(datagram)),
        Transport::Icmp(message) => layers.push(of_icmp(message, packet)),
        Transport::Raw { bytes, .. } => layers.push(data(bytes)),
    }
    layers
}

fn of_tcp(segment: &TcpSegment) -> Vec<Layer> {
    let bytes = segment.len() - segment.payload.len();
    let options = TcpSegment::HEADER_LEN..bytes;
    let mut fields = vec![
        field(0..2, "src port", segment.src_port),
        field(2..4, "dst port", segment.dst_port),
        field(4..8, "seq", segment.seq),
        field(8..12, "ack", segment.ack),
        field(12..14, "flags", segment.flags),
        field(14..16, "window", segment.window),
    ];
    fields.extend(segment.mss.map(|mss| field(20..24, "mss", mss)));
    fields.extend(
        segment
            .window_scale
            .map(|scale| field(options, "window scale", scale)),
    );
    let summary = format!(
        "{} → {} [{}]",
        segment.src_port, segment.dst_port, segment.flags
    );
    let tcp = layer("TCP", summary, bytes, fields);
    if segment.payload.is_empty() {
        return vec![tcp];
    }
    vec![tcp, text(&segment.payload)]
}

fn of_udp(datagram: &UdpDatagram) -> Vec<Layer> {
    let udp = layer(
        "UDP",
        format!("{} → {}", datagram.src_port, datagram.dst_port),
        UdpDatagram::HEADER_LEN,
        vec![
            field(0..2, "src port", datagram.src_port),
            field(2..4, "dst port", datagram.dst_port),
            field(4..6, "length", datagram.len()),
        ],
    );
    let mut layers = vec![udp];
    if datagram.dst_port == vxlan::PORT
        && let Ok((vni, inner)) = vxlan::decapsulate(datagram.payload.clone())
    {
        layers.push(layer(
            "VXLAN",
            format!("network {vni}"),
            8,
            vec![field(4..7, "vni", vni)],
        ));
        layers.extend(frame_layers(&inner));
        return layers;
    }
    match Message::parse(datagram.payload.clone()) {
        Ok(message) if !message.questions.is_empty() => {
            layers.push(of_dns(&message, datagram.payload.len()));
        }
        _ if datagram.payload.is_empty() => {}
        _ => layers.push(text(&datagram.payload)),
    }
    layers
}

fn of_dns(message: &Message, bytes: usize) -> Layer {
    /// What every message begins with (RFC 1035 section 4.1.1).
    const HEADER: usize = 12;
    let question = message
        .questions
        .first()
        .map(|q| format!("{}? {}", q.rtype, q.name))
        .unwrap_or_default();
    // Names in records are compressed, so only where the first question ends is known: its labels stand as they are,
    // each behind its length, then the root, type and class.
    let asked = message.questions.first().map_or(0, |q| {
        let name = q.name.to_string();
        let labels = name.trim_end_matches('.').len();
        if labels == 0 { 5 } else { labels + 6 }
    });
    let records = (HEADER + asked).min(bytes)..bytes;
    let mut fields = vec![
        field(0..2, "id", message.id),
        field(2..4, "code", message.rcode),
        field(HEADER..records.start, "question", &question),
    ];
    for record in &message.answers {
        fields.push(field(records.clone(), "answer", answer_text(&record.data)));
    }
    let summary = if message.flags.qr {
        format!("answer to {question}: {}", message.rcode)
    } else {
        question
    };
    layer("DNS", summary, bytes, fields)
}

/// A record's data in a word or two.
#[must_use]
pub fn answer_text(data: &RecordData) -> String {
    match data {
        RecordData::A(ip) => ip.to_string(),
        RecordData::Aaaa(ip) => ip.to_string(),
        RecordData::Cname(name) | RecordData::Ptr(name) | RecordData::Ns(name) => name.to_string(),
        other => other.rtype().to_string(),
    }
}

fn of_icmp(message: &IcmpMessage, packet: &IpPacket) -> Layer {
    let v6 = packet.is_v6();
    let line = summary::packet_line(packet);
    let said = line
        .split_once(": ")
        .map_or(line.as_str(), |(_, rest)| rest);
    let (kind, code) = message.type_and_code(v6);
    let mut fields = vec![field(0..1, "type", kind), field(1..2, "code", code)];
    match message {
        IcmpMessage::EchoRequest { ident, seq, data }
        | IcmpMessage::EchoReply { ident, seq, data } => {
            fields.extend([
                field(4..6, "id", ident),
                field(6..8, "seq", seq),
                field(8..8 + data.len(), "data", format!("{} bytes", data.len())),
            ]);
        }
        IcmpMessage::Error { quoted, .. } => {
            // The packet that it is about follows, header first.
            let (src, dst) = if v6 {
                (16..32, 32..48)
            } else {
                (20..24, 24..28)
            };
            fields.extend([
                field(src, "quoted src", quoted.src),
                field(dst, "quoted dst", quoted.dst),
            ]);
        }
        IcmpMessage::Neighbour(_) | IcmpMessage::Other { .. } => {}
    }
    let name = if v6 { "ICMPv6" } else { "ICMP" };
    layer(name, said.to_owned(), message.len(v6), fields)
}

/// A payload: its first lines if it is text.
fn text(bytes: &Bytes) -> Layer {
    const MOST_LINES: usize = 40;
    let printable = |b: &u8| (0x20..0x7f).contains(b) || matches!(b, b'\r' | b'\n' | b'\t');
    if !bytes.iter().all(printable) {
        return data(bytes);
    }
    let all = String::from_utf8_lossy(bytes);
    let first = all.lines().next().unwrap_or_default().to_owned();
    let http = first.starts_with("HTTP/") || first.contains(" HTTP/1.");
    let mut start = 0;
    let fields = all
        .split_inclusive('\n')
        .take(MOST_LINES)
        .map(|line| {
            let at = start..start + line.len();
            start = at.end;
            field(at, "", line.trim_end_matches(['\r', '\n']))
        })
        .collect();
    layer(
        if http { "HTTP" } else { "Text" },
        first,
        bytes.len(),
        fields,
    )
}

fn data(bytes: &Bytes) -> Layer {
    layer(
        "Data",
        format!("{} bytes", bytes.len()),
        bytes.len(),
        Vec::new(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MacAddr, TcpFlags, VlanTag};

    fn syn(vlan: Option<VlanTag>) -> Frame {
        let mut segment = TcpSegment::new(40_000, 80, TcpFlags::SYN);
        segment.mss = Some(1460);
        segment.payload = Bytes::from_static(b"GET / HTTP/1.1\r\nHost: web\r\n\r\n");
        let packet = IpPacket::new(
            [10, 0, 0, 1].into(),
            [10, 0, 0, 2].into(),
            Transport::Tcp(segment),
        );
        Frame {
            dst: MacAddr([1, 2, 3, 4, 5, 6]),
            src: MacAddr([6, 5, 4, 3, 2, 1]),
            vlan,
            payload: Payload::Ip(packet),
        }
    }

    /// The bytes that a field of a frame stands for.
    fn bytes_of(frame: &Frame, layer: &str, field: &str) -> Vec<u8> {
        let layers = of_frame(frame);
        let layer = layers.iter().find(|l| l.name == layer).unwrap();
        let field = layer.fields.iter().find(|f| f.name == field).unwrap();
        frame.emit()[layer.start..][field.at.clone()].to_vec()
    }

    #[test]
    fn a_field_points_at_its_own_bytes() {
        let tag = VlanTag {
            id: 10,
            priority: 0,
        };
        for frame in [syn(None), syn(Some(tag))] {
            assert_eq!(bytes_of(&frame, "Ethernet", "src"), [6, 5, 4, 3, 2, 1]);
            assert_eq!(bytes_of(&frame, "IPv4", "dst"), [10, 0, 0, 2]);
            assert_eq!(bytes_of(&frame, "TCP", "dst port"), [0, 80]);
            assert_eq!(bytes_of(&frame, "TCP", "mss"), [2, 4, 0x05, 0xb4]);
            assert_eq!(bytes_of(&frame, "HTTP", ""), b"GET / HTTP/1.1\r\n");
        }
        assert_eq!(bytes_of(&syn(Some(tag)), "802.1Q", "vlan"), [0, 10]);
    }

    #[test]
    fn layers_cover_a_frame_without_a_gap() {
        for frame in [syn(None), syn(Some(VlanTag { id: 1, priority: 3 }))] {
            let layers = of_frame(&frame);
            let mut next = 0;
            for layer in &layers {
                assert_eq!(layer.start, next, "{}", layer.name);
                next += layer.bytes;
            }
            assert_eq!(next, frame.emit().len());
        }
    }
}
