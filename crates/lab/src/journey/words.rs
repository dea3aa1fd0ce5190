//! What packets, verdicts and reasons are called.

use crate::view::{self, Protocol, Tag, Tone};
use kernel::trace::{DropReason, RouteDecision, RuleHit};
use wire::dns::{Message, Rcode};
use wire::layers;
use wire::{
    ArpOp, Frame, IcmpErrorKind, IcmpMessage, IpPacket, NdpMessage, Payload, TcpFlags, Transport,
};

/// What a packet is, for its shape and its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) protocol: Protocol,
    pub(crate) label: String,
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) flow: String,
    /// Whether nobody asked for it: engines of a swarm talk to each other, or somebody says where it is.
    pub(crate) chatter: bool,
    /// Set if the packet itself is bad news: a reset, an ICMP error, a negative answer.
    pub(crate) bad: Option<&'static str>,
}

impl Identity {
    /// What is sent, as a sentence wants it; ARP's labels are halves of a dialogue.
    pub(crate) fn sent(&self) -> &str {
        match self.protocol {
            Protocol::Arp => "ARP",
            _ => &self.label,
        }
    }
}

fn identity(protocol: Protocol, label: impl Into<String>, name: impl Into<String>) -> Identity {
    Identity {
        protocol,
        label: label.into(),
        name: name.into(),
        ..Identity::default()
    }
}

/// What a frame is.
pub(crate) fn of_frame(frame: &Frame) -> Identity {
    match &frame.payload {
        Payload::Ip(packet) => of_packet(packet),
        Payload::Arp(arp) => {
            let (label, name) = match arp.op {
                ArpOp::Request if arp.sender_ip == arp.target_ip => {
                    ("here", format!("{} announces itself", arp.sender_ip))
                }
                ArpOp::Request => ("who", format!("who has {}?", arp.target_ip)),
                ArpOp::Reply => ("is", format!("{} is at {}", arp.sender_ip, arp.sender_mac)),
            };
            let mut id = identity(Protocol::Arp, label, name);
            id.summary = format!("{} to {}", frame.src, frame.dst);
            let (a, b) = (
                arp.sender_ip.min(arp.target_ip),
                arp.sender_ip.max(arp.target_ip),
            );
            id.flow = format!("arp {a} {b}");
            id.chatter = label == "here";
            id
        }
        Payload::Other { ethertype, .. } => {
            identity(Protocol::Other, format!("{ethertype:04x}"), "unknown frame")
        }
    }
}

/// What a packet is.
pub(crate) fn of_packet(packet: &IpPacket) -> Identity {
    let ports = packet.transport.ports();
    let end = |ip: std::net::IpAddr, port: Option<u16>| match (ip, port) {
        (std::net::IpAddr::V6(ip), Some(port)) => format!("[{ip}]:{port}"),
        (ip, Some(port)) => format!("{ip}:{port}"),
        (ip, None) => ip.to_string(),
    };
    let (src, dst) = (
        end(packet.src, ports.map(|p| p.0)),
        end(packet.dst, ports.map(|p| p.1)),
    );
    let tunnel = ports.is_some_and(|(_, to)| to == wire::vxlan::PORT);
    let mut id = match &packet.transport {
        Transport::Udp(datagram) if tunnel => in_tunnel(datagram),
        Transport::Tcp(segment) => of_tcp(segment.flags, &segment.payload),
        Transport::Udp(datagram) => match dns(packet) {
            Some(message) => of_dns(&message),
            None => identity(
                Protocol::Udp,
                "UDP",
                format!("UDP to port {}", datagram.dst_port),
            ),
        },
        Transport::Icmp(message) => of_icmp(message),
        Transport::Raw { proto, .. } if packet.is_fragment() => {
            identity(Protocol::Other, "frag", format!("{proto} fragment"))
        }
        Transport::Raw { proto, .. } => identity(
            Protocol::Other,
            proto.to_string(),
            format!("protocol {proto}"),
        ),
    };
    let (a, b) = if src <= dst {
        (&src, &dst)
    } else {
        (&dst, &src)
    };
    // Echo messages have no ports: what tells two programs' apart is the identifier.
    let ident = match &packet.transport {
        Transport::Icmp(
            IcmpMessage::EchoRequest { ident, .. } | IcmpMessage::EchoReply { ident, .. },
        ) => format!(" {ident}"),
        _ => String::new(),
    };
    id.flow = format!("{} {a} {b}{ident}", packet.protocol());
    id.summary = format!("{src} to {dst}");
    let announces = matches!(
        &packet.transport,
        Transport::Icmp(IcmpMessage::Neighbour(NdpMessage::NeighbourAdvert {
            solicited: false,
            ..
        }))
    );
    id.chatter = announces || is_chatter(packet);
    id
}

/// The ports at which the engines of a swarm listen for each other.
const SWARM: [u16; 2] = [2377, 7946];

/// Whether a packet is what engines of a swarm say to each other.
pub(crate) fn is_chatter(packet: &IpPacket) -> bool {
    let ports = packet.transport.ports();
    ports.is_some_and(|(from, to)| SWARM.contains(&from) || SWARM.contains(&to))
}

/// A datagram that carries a frame to another machine.
fn in_tunnel(datagram: &wire::UdpDatagram) -> Identity {
    let inner = wire::vxlan::decapsulate(datagram.payload.clone());
    let name = inner.map_or_else(
        |_| "UDP to port 4789".to_owned(),
        |(_, frame)| format!("VXLAN with {}", of_frame(&frame).name),
    );
    identity(Protocol::Udp, "VXLAN", name)
}

/// The DNS message in a packet, if it is one: by its port, as a sniffer tells.
pub(crate) fn dns(packet: &IpPacket) -> Option<Message> {
    let Transport::Udp(datagram) = &packet.transport else {
        return None;
    };
    let loopback = packet.src.is_loopback() && packet.dst.is_loopback();
    if datagram.src_port != 53 && datagram.dst_port != 53 && !loopback {
        return None;
    }
    Message::parse(datagram.payload.clone())
        .ok()
        .filter(|m| !m.questions.is_empty())
}

fn of_tcp(flags: TcpFlags, payload: &wire::Bytes) -> Identity {
    let first = payload
        .split(|b| *b == b'\r' || *b == b'\n')
        .next()
        .unwrap_or_default();
    let first =
        String::from_utf8_lossy(first.get(..first.len().min(80)).unwrap_or_default()).into_owned();
    let mut words = first.split_whitespace();
    let http =
        first.starts_with("HTTP/") || first.ends_with(" HTTP/1.1") || first.ends_with(" HTTP/1.0");
    if flags.rst() {
        return Identity {
            bad: Some("refused"),
            ..identity(Protocol::Tcp, "RST", "reset")
        };
    }
    if flags.syn() {
        return if flags.ack() {
            identity(Protocol::Tcp, "SYN-ACK", "SYN-ACK")
        } else {
            identity(Protocol::Tcp, "SYN", "SYN")
        };
    }
    if http && first.starts_with("HTTP/") {
        let code = words.nth(1).unwrap_or("HTTP").to_owned();
        return identity(
            Protocol::Tcp,
            code,
            first
                .split_once(' ')
                .map_or(first.as_str(), |(_, rest)| rest),
        );
    }
    if http {
        return identity(
            Protocol::Tcp,
            words.next().unwrap_or("HTTP"),
            first.rsplit_once(' ').map_or(first.as_str(), |(f, _)| f),
        );
    }
    if !payload.is_empty() {
        return identity(
            Protocol::Tcp,
            "DATA",
            format!("{} bytes of data", payload.len()),
        );
    }
    if flags.fin() {
        return identity(Protocol::Tcp, "FIN", "FIN");
    }
    identity(Protocol::Tcp, "ACK", "ACK")
}

fn of_dns(message: &Message) -> Identity {
    let question = message.questions.first();
    let kind = question.map(|q| q.rtype.to_string()).unwrap_or_default();
    let name = question
        .map(|q| q.name.to_string().trim_end_matches('.').to_owned())
        .unwrap_or_default();
    if !message.flags.qr {
        return identity(
            Protocol::DnsQuestion,
            format!("{kind}?"),
            format!("{kind}? {name}"),
        );
    }
    let bad = match message.rcode {
        Rcode::NOERROR => None,
        Rcode::NXDOMAIN => Some("NXDOMAIN"),
        Rcode::REFUSED => Some("REFUSED"),
        _ => Some("SERVFAIL"),
    };
    let answers: Vec<String> = message
        .answers
        .iter()
        .map(|r| layers::answer_text(&r.data))
        .collect();
    let said = match bad {
        Some(code) => code.to_owned(),
        None if answers.is_empty() => "no record of this type".to_owned(),
        None => answers.join(", "),
    };
    let label = match bad {
        Some("NXDOMAIN") => "NX".to_owned(),
        Some(_) => "FAIL".to_owned(),
        None if answers.is_empty() => "none".to_owned(),
        None => kind.clone(),
    };
    Identity {
        bad,
        ..identity(Protocol::DnsAnswer, label, format!("{kind} {name}: {said}"))
    }
}

fn of_icmp(message: &IcmpMessage) -> Identity {
    match message {
        IcmpMessage::EchoRequest { seq, .. } => identity(
            Protocol::Icmp,
            format!("echo {seq}"),
            format!("echo request {seq}"),
        ),
        IcmpMessage::EchoReply { seq, .. } => identity(
            Protocol::Icmp,
            format!("reply {seq}"),
            format!("echo reply {seq}"),
        ),
        IcmpMessage::Error { kind, .. } => {
            let text = error_text(*kind);
            Identity {
                bad: Some("unreachable"),
                ..identity(Protocol::Icmp, "unreach", text)
            }
        }
        IcmpMessage::Neighbour(NdpMessage::NeighbourSolicit { target, .. }) => {
            identity(Protocol::Arp, "who", format!("who has {target}?"))
        }
        IcmpMessage::Neighbour(NdpMessage::NeighbourAdvert { target, .. }) => {
            identity(Protocol::Arp, "is", format!("{target} is here"))
        }
        IcmpMessage::Neighbour(NdpMessage::RouterSolicit { .. }) => {
            identity(Protocol::Icmp, "RS", "looks for routers")
        }
        IcmpMessage::Other { type_, .. } => {
            identity(Protocol::Icmp, "ICMP", format!("ICMP type {type_}"))
        }
    }
}

/// What an ICMP error says.
pub(crate) fn error_text(kind: IcmpErrorKind) -> String {
    match kind {
        IcmpErrorKind::NetUnreachable => "network unreachable".into(),
        IcmpErrorKind::HostUnreachable | IcmpErrorKind::RejectRoute => "host unreachable".into(),
        IcmpErrorKind::ProtoUnreachable => "protocol unreachable".into(),
        IcmpErrorKind::PortUnreachable => "port unreachable".into(),
        IcmpErrorKind::FragNeeded { mtu } => format!("too big, the next link takes {mtu} bytes"),
        IcmpErrorKind::NetProhibited
        | IcmpErrorKind::HostProhibited
        | IcmpErrorKind::AdminProhibited
        | IcmpErrorKind::PolicyFail => "prohibited by a filter".into(),
        IcmpErrorKind::TtlExceeded => "TTL ran out".into(),
        IcmpErrorKind::ReassemblyExceeded => "a fragment went missing".into(),
        IcmpErrorKind::Redirect { gateway } => format!("better router: {gateway}"),
    }
}

/// A tag.
pub(crate) fn tag(text: impl Into<String>, tone: Tone) -> Tag {
    Tag {
        text: text.into(),
        tone,
    }
}

/// A hook's name as iptables writes it.
pub(crate) const fn hook(hook: kernel::netfilter::Hook) -> &'static str {
    use kernel::netfilter::Hook;
    match hook {
        Hook::Prerouting => "PREROUTING",
        Hook::Input => "INPUT",
        Hook::Forward => "FORWARD",
        Hook::Output => "OUTPUT",
        Hook::Postrouting => "POSTROUTING",
    }
}

/// A table's name.
pub(crate) const fn table(table: kernel::netfilter::TableName) -> &'static str {
    use kernel::netfilter::TableName;
    match table {
        TableName::Raw => "raw",
        TableName::Security => "security",
        TableName::Mangle => "mangle",
        TableName::Nat => "nat",
        TableName::Filter => "filter",
    }
}

/// Where a rule stands.
pub(crate) fn rule_place(hit: &RuleHit) -> String {
    if hit.number == 0 {
        format!("{} table, policy of {}", table(hit.table), hit.chain)
    } else {
        format!(
            "{} table, chain {}, rule {}",
            table(hit.table),
            hit.chain,
            hit.number
        )
    }
}

/// What decided at a hook: the last rule that matched, or that none did.
pub(crate) fn decision(matched: &[RuleHit]) -> String {
    match (
        matched.iter().rev().find(|hit| hit.number > 0),
        matched.last(),
    ) {
        (Some(hit), _) => format!("{} matched", rule_place(hit)),
        (None, Some(policy)) => {
            let word = policy.text.rsplit(' ').next().unwrap_or_default();
            format!("no rule matches, the policy of {} is {word}", policy.chain)
        }
        (None, None) => "no rule matches".to_owned(),
    }
}

/// A routing decision in a line.
pub(crate) fn route(
    decision: &RouteDecision,
    device: impl Fn(kernel::ids::LinkId) -> String,
) -> String {
    match decision {
        RouteDecision::Local { .. } => "for this machine itself".into(),
        RouteDecision::Broadcast => "broadcast, taken here".into(),
        RouteDecision::Unicast {
            link,
            via: Some(router),
            prefix,
        } => format!("{prefix} via {router}, by {}", device(*link)),
        RouteDecision::Unicast {
            link,
            via: None,
            prefix,
        } => format!("{prefix} by {}", device(*link)),
        RouteDecision::Unreachable => "no route".into(),
    }
}

/// Which part of a kernel or a wire it was that dropped a packet, for reasons that have no more to say.
pub(crate) const fn decided_by(reason: &DropReason) -> &'static str {
    match reason {
        DropReason::SamePort | DropReason::PortSecurity { .. } => "the switch",
        DropReason::Lost | DropReason::NoStation => "the wire",
        DropReason::BridgePort => "the bridge: its ports are isolated",
        DropReason::SiblingsApart | DropReason::NoBroadcast => "the parent's mode",
        DropReason::QueueFull => "the socket: its queue is full",
        DropReason::Conntrack => "connection tracking",
        DropReason::LinkDown { .. } | DropReason::Gone => "the link",
        DropReason::Queue { .. } => "the queueing discipline",
        _ => "the packet's header",
    }
}

/// Why a packet ended, in a sentence.
pub(crate) fn drop_reason(reason: &DropReason, machine: &str) -> String {
    match reason {
        DropReason::Netfilter {
            rule: Some(hit),
            hook: at,
        } if hit.number == 0 => {
            format!(
                "Dropped in {machine}, {}: no rule accepted it, and the policy of {} is DROP.",
                hook(*at),
                hit.chain
            )
        }
        DropReason::Netfilter {
            rule: Some(hit),
            hook: at,
        } => format!(
            "Dropped in {machine}, {}, table {}, chain {}, rule {}: {}",
            hook(*at),
            table(hit.table),
            hit.chain,
            hit.number,
            hit.text
        ),
        DropReason::Netfilter {
            rule: None,
            hook: at,
        } => format!("Dropped in {machine}, {}.", hook(*at)),
        DropReason::NoRoute => format!("{machine} has no route to the destination."),
        DropReason::ForwardingOff => {
            format!("{machine} does not forward packets: net.ipv4.ip_forward is 0.")
        }
        DropReason::OtherHost => {
            "The frame is addressed to another station, so it is ignored.".into()
        }
        DropReason::TtlExpired => "Its time to live ran out.".into(),
        DropReason::ReversePath => {
            "The answer would not leave by the interface it came in by (rp_filter).".into()
        }
        DropReason::Martian => "An address that must not appear on this interface.".into(),
        DropReason::NeighbourFailed { next_hop } => format!("Nobody answered for {next_hop}."),
        DropReason::LinkDown { .. } => "The interface is down.".into(),
        DropReason::Queue { .. } => {
            "The interface's queueing discipline (tc qdisc) dropped it.".into()
        }
        DropReason::TooBig { mtu } => {
            format!("Larger than the link's {mtu} bytes, and not to be fragmented.")
        }
        DropReason::NoSocket => format!("Nothing in {machine} listens on that port."),
        DropReason::QueueFull => "The receiver's queue is full.".into(),
        DropReason::Conntrack => "Connection tracking could not take it.".into(),
        DropReason::NoServer => {
            "No task of the service takes connections: the balancer has nobody to give it to.".into()
        }
        DropReason::Malformed => "A header that makes no sense.".into(),
        DropReason::BridgePort => "The bridge's ports may not talk to each other.".into(),
        DropReason::Lost => "Lost on the wire.".into(),
        DropReason::NoStation => "Nobody there has that hardware address.".into(),
        DropReason::SamePort => {
            "The switch sends no frame back by the port it came from, and the destination is behind it.".into()
        }
        DropReason::PortSecurity { mac } => {
            format!("The switch lets only stations' own hardware addresses in, and {mac} is none.")
        }
        DropReason::SiblingsApart => {
            "The parent's mode keeps its children apart: what one sends does not reach another.".into()
        }
        DropReason::NoBroadcast => {
            "An ipvlan in a layer 3 mode sends no broadcasts, multicasts or ARP.".into()
        }
        DropReason::UnknownProtocol => "Nobody handles that protocol.".into(),
        DropReason::Gone => "The namespace or interface went away meanwhile.".into(),
    }
}

/// Layers for the screen.
pub(crate) fn layers(of: Vec<layers::Layer>) -> Vec<view::Layer> {
    of.into_iter()
        .map(|layer| view::Layer {
            name: layer.name.to_owned(),
            summary: layer.summary,
            start: narrow(layer.start),
            bytes: narrow(layer.bytes),
            fields: layer
                .fields
                .into_iter()
                .map(|f| view::Field {
                    name: f.name.to_owned(),
                    value: f.value,
                    start: narrow(layer.start + f.at.start),
                    bytes: narrow(f.at.len()),
                    changed: false,
                })
                .collect(),
        })
        .collect()
}

/// A count of bytes for the screen; no packet is longer than it can say.
fn narrow(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
