use std::net::IpAddr;

use bytes::Bytes;

use crate::{IpPacket, Proto};

/// The beginning of a packet, as an ICMP error quotes it.
///
/// Addresses and ports may be rewritten, as NAT does; the quoted transport checksum follows them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quoted {
    /// The quoted packet's sender.
    pub src: IpAddr,
    /// The quoted packet's receiver.
    pub dst: IpAddr,
    /// The quoted packet's protocol.
    pub proto: Proto,
    /// Its remaining time to live when it was quoted.
    pub ttl: u8,
    /// Its type of service.
    pub tos: u8,
    /// Its identification.
    pub ident: u16,
    /// Whether it might not be fragmented.
    pub dont_fragment: bool,
    /// Whether further fragments followed it.
    pub more_fragments: bool,
    /// Where the fragment belonged, in bytes.
    pub fragment_offset: u16,
    /// Bytes of the whole packet, with its header.
    pub total_len: u16,
    /// Its ports or echo identifier.
    pub ports: QuotedPorts,
    /// What the quoted transport checksum says about all that is not an address or a port.
    pub(super) residue: u16,
    /// The quoted bytes behind `ports`; the place of the checksum in them is zero.
    pub(super) rest: Bytes,
}

/// The part of a quoted transport header by which its flow is found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum QuotedPorts {
    /// TCP or UDP.
    Ports {
        /// The sender's port.
        src: u16,
        /// The receiver's port.
        dst: u16,
    },
    /// An echo message.
    Echo {
        /// A request, not a reply.
        request: bool,
        /// Its identifier.
        ident: u16,
        /// Its sequence number.
        seq: u16,
    },
    /// Another protocol, a later fragment, or too few bytes to tell.
    None,
}

impl Quoted {
    /// Bytes on the wire.
    pub(super) const fn len(&self) -> usize {
        let header = if !self.dst.is_ipv6() {
            IpPacket::V4_HEADER_LEN
        } else if self.more_fragments || self.fragment_offset != 0 {
            IpPacket::V6_HEADER_LEN + IpPacket::V6_FRAGMENT_HEADER_LEN
        } else {
            IpPacket::V6_HEADER_LEN
        };
        let ports = match self.ports {
            QuotedPorts::Ports { .. } => 4,
            QuotedPorts::Echo { .. } => 8,
            QuotedPorts::None => 0,
        };
        header + ports + self.rest.len()
    }
}
