//! Tuples: what tells one flow from another.

use std::net::IpAddr;
use wire::{IcmpMessage, IpPacket, Proto, Quoted, QuotedPorts, Transport};

/// One direction of a flow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tuple {
    /// The sender.
    pub src: IpAddr,
    /// The receiver.
    pub dst: IpAddr,
    /// The protocol.
    pub proto: Proto,
    /// What tells flows between the same two addresses apart.
    pub l4: L4,
}

/// The transport's part of a tuple.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum L4 {
    /// TCP and UDP.
    Ports {
        /// The sender's port.
        src: u16,
        /// The receiver's port.
        dst: u16,
    },
    /// ICMP queries of either family.
    Icmp {
        /// The type.
        kind: u8,
        /// The code.
        code: u8,
        /// The identifier.
        id: u16,
    },
    /// Other protocols: one flow per pair of addresses.
    None,
}

impl Tuple {
    /// The tuple of a packet; `None` if it cannot have one: an ICMP message that is neither question nor answer.
    #[must_use]
    pub fn of(ip: &IpPacket) -> Option<Self> {
        let v6 = ip.is_v6();
        let echo = |request: bool, id: u16| L4::Icmp {
            kind: echo_type(v6, request),
            code: 0,
            id,
        };
        let l4 = match &ip.transport {
            Transport::Tcp(segment) => L4::Ports {
                src: segment.src_port,
                dst: segment.dst_port,
            },
            Transport::Udp(datagram) => L4::Ports {
                src: datagram.src_port,
                dst: datagram.dst_port,
            },
            Transport::Icmp(IcmpMessage::EchoRequest { ident, .. }) => echo(true, *ident),
            Transport::Icmp(IcmpMessage::EchoReply { ident, .. }) => echo(false, *ident),
            Transport::Icmp(_) => return None,
            Transport::Raw { .. } => L4::None,
        };
        Some(Self {
            src: ip.src,
            dst: ip.dst,
            proto: ip.protocol(),
            l4,
        })
    }

    /// The tuple of the packet that an ICMP error quotes.
    #[must_use]
    pub fn of_quoted(quoted: &Quoted) -> Option<Self> {
        let l4 = match quoted.ports {
            QuotedPorts::Ports { src, dst } => L4::Ports { src, dst },
            QuotedPorts::Echo { request, ident, .. } => L4::Icmp {
                kind: echo_type(quoted.dst.is_ipv6(), request),
                code: 0,
                id: ident,
            },
            QuotedPorts::None
                if matches!(quoted.proto, Proto::TCP | Proto::UDP) || quoted.proto.is_icmp() =>
            {
                return None;
            }
            QuotedPorts::None => L4::None,
        };
        Some(Self {
            src: quoted.src,
            dst: quoted.dst,
            proto: quoted.proto,
            l4,
        })
    }

    /// The tuple of the answer.
    #[must_use]
    pub const fn inverse(self) -> Self {
        let l4 = match self.l4 {
            L4::Ports { src, dst } => L4::Ports { src: dst, dst: src },
            L4::Icmp { kind, code, id } => L4::Icmp {
                kind: answer_type(kind),
                code,
                id,
            },
            L4::None => L4::None,
        };
        Self {
            src: self.dst,
            dst: self.src,
            proto: self.proto,
            l4,
        }
    }

    /// The sender's port, or the identifier of a query; 0 for other protocols.
    #[must_use]
    pub const fn src_port(&self) -> u16 {
        match self.l4 {
            L4::Ports { src, .. } => src,
            L4::Icmp { id, .. } => id,
            L4::None => 0,
        }
    }

    /// The receiver's port, or the identifier of a query; 0 for other protocols.
    #[must_use]
    pub const fn dst_port(&self) -> u16 {
        match self.l4 {
            L4::Ports { dst, .. } => dst,
            L4::Icmp { id, .. } => id,
            L4::None => 0,
        }
    }

    pub(in crate::netfilter) const fn with_src_port(mut self, port: u16) -> Self {
        match &mut self.l4 {
            L4::Ports { src, .. } => *src = port,
            L4::Icmp { id, .. } => *id = port,
            L4::None => {}
        }
        self
    }

    pub(in crate::netfilter) const fn with_dst_port(mut self, port: u16) -> Self {
        match &mut self.l4 {
            L4::Ports { dst, .. } => *dst = port,
            L4::Icmp { id, .. } => *id = port,
            L4::None => {}
        }
        self
    }
}

const fn echo_type(v6: bool, request: bool) -> u8 {
    match (v6, request) {
        (false, true) => 8,
        (false, false) => 0,
        (true, true) => 128,
        (true, false) => 129,
    }
}

const fn answer_type(kind: u8) -> u8 {
    match kind {
        8 => 0,
        0 => 8,
        128 => 129,
        129 => 128,
        other => other,
    }
}
