//! A frame opened up: its layers from the outside in, each with its fields, for people who look into packets.

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
}

fn field(name: &'static str, value: impl ToString) -> Field {
    Field {
        name,
        value: value.to_string(),
    }
}

/// The layers of a frame, Ethernet first. A VXLAN tunnel's inner frame follows its outer headers.
#[must_use]
pub fn of_frame(frame: &Frame) -> Vec<Layer> {
    let mut layers = vec![Layer {
        name: "Ethernet",
        summary: format!("{} → {}", frame.src, frame.dst),
        bytes: frame.len() - frame.payload.len(),
        fields: vec![
            field("dst", frame.dst),
            field("src", frame.src),
            field("type", format!("{:#06x}", frame.ethertype())),
        ],
    }];
    if let Some(tag) = frame.vlan {
        layers.push(Layer {
            name: "802.1Q",
            summary: format!("VLAN {}", tag.id),
            bytes: 0,
            fields: vec![field("vlan", tag.id), field("priority", tag.priority)],
        });
    }
    match &frame.payload {
        Payload::Arp(arp) => layers.push(of_arp(arp)),
        Payload::Ip(packet) => layers.extend(of_packet(packet)),
        Payload::Other { bytes, .. } => layers.push(data(bytes)),
    }
    layers
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
    Layer {
        name: "ARP",
        summary,
        bytes: Arp::LEN,
        fields: vec![
            field("operation", word),
            field("sender MAC", arp.sender_mac),
            field("sender IP", arp.sender_ip),
            field("target MAC", arp.target_mac),
            field("target IP", arp.target_ip),
        ],
    }
}

/// The layers of an IP packet.
#[must_use]
pub fn of_packet(packet: &IpPacket) -> Vec<Layer> {
    let v6 = packet.is_v6();
    let mut fields = vec![
        field("src", packet.src),
        field("dst", packet.dst),
        field(if v6 { "hop limit" } else { "ttl" }, packet.ttl),
        field("protocol", packet.protocol()),
        field("length", packet.len()),
    ];
    if !v6 {
        fields.push(field("id", packet.ident));
        fields.push(field("don't fragment", packet.dont_fragment));
    }
    if packet.is_fragment() {
        fields.push(field("fragment offset", packet.fragment_offset));
        fields.push(field("more fragments", packet.more_fragments));
    }
    let mut layers = vec![Layer {
        name: if v6 { "IPv6" } else { "IPv4" },
        summary: format!("{} → {}", packet.src, packet.dst),
        bytes: packet.header_len(),
        fields,
    }];
    match &packet.transport {
        Transport::Tcp(segment) => layers.extend(of_tcp(segment)),
        Transport::Udp(datagram) => layers.extend(of_udp(datagram)),
        Transport::Icmp(message) => layers.push(of_icmp(message, packet)),
        Transport::Raw { bytes, .. } => layers.push(data(bytes)),
    }
    layers
}

fn of_tcp(segment: &TcpSegment) -> Vec<Layer> {
    let mut fields = vec![
        field("src port", segment.src_port),
        field("dst port", segment.dst_port),
        field("seq", segment.seq),
        field("ack", segment.ack),
        field("flags", segment.flags),
        field("window", segment.window),
    ];
    fields.extend(segment.mss.map(|mss| field("mss", mss)));
    fields.extend(
        segment
            .window_scale
            .map(|scale| field("window scale", scale)),
    );
    let tcp = Layer {
        name: "TCP",
        summary: format!(
            "{} → {} [{}]",
            segment.src_port, segment.dst_port, segment.flags
        ),
        bytes: TcpSegment::HEADER_LEN,
        fields,
    };
    if segment.payload.is_empty() {
        return vec![tcp];
    }
    vec![tcp, text(&segment.payload)]
}

fn of_udp(datagram: &UdpDatagram) -> Vec<Layer> {
    let udp = Layer {
        name: "UDP",
        summary: format!("{} → {}", datagram.src_port, datagram.dst_port),
        bytes: UdpDatagram::HEADER_LEN,
        fields: vec![
            field("src port", datagram.src_port),
            field("dst port", datagram.dst_port),
            field("length", datagram.len()),
        ],
    };
    let mut layers = vec![udp];
    if datagram.dst_port == vxlan::PORT
        && let Ok((vni, inner)) = vxlan::decapsulate(datagram.payload.clone())
    {
        layers.push(Layer {
            name: "VXLAN",
            summary: format!("network {vni}"),
            bytes: 8,
            fields: vec![field("vni", vni)],
        });
        layers.extend(of_frame(&inner));
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
    let question = message
        .questions
        .first()
        .map(|q| format!("{}? {}", q.rtype, q.name))
        .unwrap_or_default();
    let mut fields = vec![
        field("id", message.id),
        field("question", &question),
        field("code", message.rcode),
    ];
    for record in &message.answers {
        fields.push(field("answer", answer_text(&record.data)));
    }
    let summary = if message.flags.qr {
        format!("answer to {question}: {}", message.rcode)
    } else {
        question
    };
    Layer {
        name: "DNS",
        summary,
        bytes,
        fields,
    }
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
    let mut fields = Vec::new();
    match message {
        IcmpMessage::EchoRequest { ident, seq, data }
        | IcmpMessage::EchoReply { ident, seq, data } => {
            fields.extend([
                field("id", ident),
                field("seq", seq),
                field("data", format!("{} bytes", data.len())),
            ]);
        }
        IcmpMessage::Error { kind, quoted } => {
            let (kind, code) = kind.type_and_code(v6);
            fields.extend([
                field("type", kind),
                field("code", code),
                field("quoted src", quoted.src),
                field("quoted dst", quoted.dst),
            ]);
        }
        IcmpMessage::Neighbour(_) | IcmpMessage::Other { .. } => {}
    }
    Layer {
        name: if v6 { "ICMPv6" } else { "ICMP" },
        summary: said.to_owned(),
        bytes: message.len(v6),
        fields,
    }
}

/// A payload: its first line if it is text.
fn text(bytes: &Bytes) -> Layer {
    let printable = |b: &u8| (0x20..0x7f).contains(b) || matches!(b, b'\r' | b'\n' | b'\t');
    if bytes.iter().all(printable) {
        let all = String::from_utf8_lossy(bytes);
        let first = all.lines().next().unwrap_or_default().to_owned();
        let http = first.starts_with("HTTP/") || first.contains(" HTTP/1.");
        return Layer {
            name: if http { "HTTP" } else { "Text" },
            summary: first,
            bytes: bytes.len(),
            fields: all.lines().take(40).map(|line| field("", line)).collect(),
        };
    }
    data(bytes)
}

fn data(bytes: &Bytes) -> Layer {
    Layer {
        name: "Data",
        summary: format!("{} bytes", bytes.len()),
        bytes: bytes.len(),
        fields: Vec::new(),
    }
}
