use std::net::IpAddr;

use bytes::Bytes;

use super::codec::echo_type;
use crate::checksum;
use crate::ip::header::{self, Header};
use crate::reader::Reader;
use crate::writer::{len16, put_u16, set_u16};
use crate::{IpPacket, ParseError, Proto};

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
        let header_len = header::len(
            self.dst.is_ipv6(),
            self.more_fragments || self.fragment_offset != 0,
        );
        let ports = match self.ports {
            QuotedPorts::Ports { .. } => 4,
            QuotedPorts::Echo { .. } => 8,
            QuotedPorts::None => 0,
        };
        header_len + ports + self.rest.len()
    }
}

/// Where the checksum lies behind the ports.
const fn checksum_offset(proto: Proto) -> usize {
    match proto {
        Proto::UDP => 2,
        _ => 12,
    }
}

impl Quoted {
    /// Quotes a packet as Linux does: as much of it as keeps the error within 576 bytes, or 1280 in IPv6.
    /// Sources: RFC 1812 section 4.3.2.3, RFC 4443 section 2.4.
    #[must_use]
    pub fn new(packet: &IpPacket) -> Self {
        let room = if packet.is_v6() {
            1280 - 40 - 48
        } else {
            576 - 20 - 8
        };
        let header = packet.header();
        let mut bytes = Vec::with_capacity(packet.len());
        packet
            .transport
            .emit_into(packet.src, packet.dst, &mut bytes);
        bytes.truncate(room - header.len());
        Self::from_parts(&header, bytes.into())
    }

    fn header(&self) -> Header {
        Header {
            src: self.src,
            dst: self.dst,
            proto: self.proto,
            ttl: self.ttl,
            tos: self.tos,
            ident: self.ident,
            dont_fragment: self.dont_fragment,
            more_fragments: self.more_fragments,
            fragment_offset: self.fragment_offset,
            total_len: usize::from(self.total_len),
        }
    }

    /// Appends the quoted bytes.
    pub(super) fn emit_into(&self, out: &mut Vec<u8>) {
        self.header().emit_into(out);
        // A sum of 0 and one of 0xffff are the same number; UDP writes the checksum that is not zero.
        let checksum = match !checksum::add(self.residue, self.flow_sum()) {
            0 if self.proto == Proto::UDP => 0xffff,
            0xffff if self.proto != Proto::UDP => 0,
            other => other,
        };
        match self.ports {
            QuotedPorts::Ports { src, dst } => {
                put_u16(out, src);
                put_u16(out, dst);
                let start = out.len();
                out.extend_from_slice(&self.rest);
                set_u16(out, start + checksum_offset(self.proto), checksum);
            }
            QuotedPorts::Echo {
                request,
                ident,
                seq,
            } => {
                out.extend_from_slice(&[echo_type(request, self.dst.is_ipv6()), 0]);
                put_u16(out, checksum);
                put_u16(out, ident);
                put_u16(out, seq);
                out.extend_from_slice(&self.rest);
            }
            QuotedPorts::None => out.extend_from_slice(&self.rest),
        }
    }

    /// Reads a quoted packet, of which the end may be missing.
    pub(super) fn parse(mut reader: Reader) -> Result<Self, ParseError> {
        let header = Header::parse(&mut reader)?;
        let len = header
            .total_len
            .checked_sub(header.len())
            .ok_or(ParseError::Length)?;
        let len = len.min(reader.remaining());
        Ok(Self::from_parts(&header, reader.take(len)?))
    }

    fn from_parts(header: &Header, bytes: Bytes) -> Self {
        let mut quoted = Self {
            src: header.src,
            dst: header.dst,
            proto: header.proto,
            ttl: header.ttl,
            tos: header.tos,
            ident: header.ident,
            dont_fragment: header.dont_fragment,
            more_fragments: header.more_fragments,
            fragment_offset: header.fragment_offset,
            total_len: len16(header.total_len),
            ports: QuotedPorts::None,
            residue: 0,
            rest: bytes,
        };
        if header.fragment_offset == 0 {
            match header.proto {
                Proto::TCP | Proto::UDP => quoted.split_ports(),
                Proto::ICMP | Proto::ICMPV6 => quoted.split_echo(),
                _ => {}
            }
        }
        quoted
    }

    fn split_ports(&mut self) {
        let mut reader = Reader::new(self.rest.clone());
        let (Ok(src), Ok(dst)) = (reader.u16(), reader.u16()) else {
            return;
        };
        self.ports = QuotedPorts::Ports { src, dst };
        let mut rest = Vec::from(reader.rest());
        let at = checksum_offset(self.proto);
        if let Some(checksum) = rest
            .get(at..)
            .and_then(|bytes| bytes.first_chunk().copied())
        {
            self.set_residue(u16::from_be_bytes(checksum));
            set_u16(&mut rest, at, 0);
        }
        self.rest = rest.into();
    }

    fn split_echo(&mut self) {
        let mut reader = Reader::new(self.rest.clone());
        let v6 = self.dst.is_ipv6();
        let (Ok([type_, 0]), Ok(checksum), Ok(ident), Ok(seq)) =
            (reader.array(), reader.u16(), reader.u16(), reader.u16())
        else {
            return;
        };
        let request = type_ == echo_type(true, v6);
        if request || type_ == echo_type(false, v6) {
            self.ports = QuotedPorts::Echo {
                request,
                ident,
                seq,
            };
            self.set_residue(checksum);
            self.rest = reader.rest();
        }
    }

    fn set_residue(&mut self, checksum: u16) {
        let residue = checksum::sub(!checksum, self.flow_sum());
        self.residue = if residue == 0xffff { 0 } else { residue };
    }

    /// The part of the transport checksum's sum that rewriting may change.
    fn flow_sum(&self) -> u16 {
        let addresses = checksum::add(
            checksum::sum_address(self.src),
            checksum::sum_address(self.dst),
        );
        match self.ports {
            QuotedPorts::Ports { src, dst } => checksum::add(addresses, checksum::add(src, dst)),
            QuotedPorts::Echo {
                request,
                ident,
                seq,
            } => {
                let v6 = self.dst.is_ipv6();
                let first = u16::from_be_bytes([echo_type(request, v6), 0]);
                let own = checksum::add(first, checksum::add(ident, seq));
                if v6 {
                    checksum::add(addresses, own)
                } else {
                    own
                }
            }
            QuotedPorts::None => 0,
        }
    }
}
