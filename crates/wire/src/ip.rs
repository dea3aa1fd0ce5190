//! IP packets of both families.
//!
//! IPv4 options and IPv6 extension headers other than the fragment header are read over and not kept.

mod codec;
mod fragment;
pub(crate) mod header;

use std::net::IpAddr;

use bytes::Bytes;

use crate::{IcmpMessage, Proto, TcpSegment, UdpDatagram};

/// An IP packet. Both addresses are of one family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IpPacket {
    /// The sender.
    pub src: IpAddr,
    /// The receiver.
    pub dst: IpAddr,
    /// Time to live; the hop limit in IPv6.
    pub ttl: u8,
    /// Type of service (DSCP and ECN); the traffic class in IPv6.
    pub tos: u8,
    /// Names the packet that fragments belong to. In IPv6 only on the wire for fragments, otherwise 0.
    pub ident: u16,
    /// Routers may not fragment it. False in IPv6, where routers never do.
    pub dont_fragment: bool,
    /// Further fragments follow this one.
    pub more_fragments: bool,
    /// Where this fragment belongs, in bytes: a multiple of 8.
    pub fragment_offset: u16,
    /// What it carries.
    pub transport: Transport,
}

/// What an IP packet carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Transport {
    /// A TCP segment.
    Tcp(TcpSegment),
    /// A UDP datagram.
    Udp(UdpDatagram),
    /// An ICMP or ICMPv6 message, by the packet's family.
    Icmp(IcmpMessage),
    /// Another protocol, or a fragment of any protocol.
    Raw {
        /// The protocol.
        proto: Proto,
        /// The bytes behind the IP header.
        bytes: Bytes,
    },
}

impl IpPacket {
    /// Bytes of an IPv4 header without options.
    pub const V4_HEADER_LEN: usize = 20;
    /// Bytes of an IPv6 header.
    pub const V6_HEADER_LEN: usize = 40;
    /// Bytes of the IPv6 fragment header.
    pub const V6_FRAGMENT_HEADER_LEN: usize = 8;

    /// A whole packet with a TTL of 64 and nothing special about it.
    #[must_use]
    pub const fn new(src: IpAddr, dst: IpAddr, transport: Transport) -> Self {
        Self {
            src,
            dst,
            ttl: 64,
            tos: 0,
            ident: 0,
            dont_fragment: false,
            more_fragments: false,
            fragment_offset: 0,
            transport,
        }
    }

    /// Whether this is an IPv6 packet.
    #[must_use]
    pub const fn is_v6(&self) -> bool {
        self.dst.is_ipv6()
    }

    /// The protocol it carries.
    #[must_use]
    pub const fn protocol(&self) -> Proto {
        match &self.transport {
            Transport::Tcp(_) => Proto::TCP,
            Transport::Udp(_) => Proto::UDP,
            Transport::Icmp(_) if self.is_v6() => Proto::ICMPV6,
            Transport::Icmp(_) => Proto::ICMP,
            Transport::Raw { proto, .. } => *proto,
        }
    }

    /// Whether it is a part of a larger packet.
    #[must_use]
    pub const fn is_fragment(&self) -> bool {
        self.more_fragments || self.fragment_offset != 0
    }

    /// Bytes of its headers up to the transport's.
    #[must_use]
    pub const fn header_len(&self) -> usize {
        header::len(self.is_v6(), self.is_fragment())
    }

    /// Bytes on the wire: what is compared with an MTU.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.header_len() + self.transport.len(self.is_v6())
    }

    /// Always false: a packet has at least its header.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }
}

impl Transport {
    /// Bytes on the wire, header and payload. An ICMP error's depends on the family.
    #[must_use]
    pub const fn len(&self, v6: bool) -> usize {
        match self {
            Self::Tcp(segment) => segment.len(),
            Self::Udp(datagram) => datagram.len(),
            Self::Icmp(message) => message.len(v6),
            Self::Raw { bytes, .. } => bytes.len(),
        }
    }

    /// Source and destination port, if the protocol has them.
    #[must_use]
    pub const fn ports(&self) -> Option<(u16, u16)> {
        match self {
            Self::Tcp(segment) => Some((segment.src_port, segment.dst_port)),
            Self::Udp(datagram) => Some((datagram.src_port, datagram.dst_port)),
            Self::Icmp(_) | Self::Raw { .. } => None,
        }
    }
}
