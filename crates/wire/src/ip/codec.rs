use std::net::IpAddr;

use bytes::Bytes;

use super::header::Header;
use super::{IpPacket, Transport};
use crate::reader::Reader;
use crate::{IcmpMessage, ParseError, Proto, TcpSegment, UdpDatagram};

impl IpPacket {
    pub(crate) const fn header(&self) -> Header {
        Header {
            src: self.src,
            dst: self.dst,
            proto: self.protocol(),
            ttl: self.ttl,
            tos: self.tos,
            ident: self.ident,
            dont_fragment: self.dont_fragment,
            more_fragments: self.more_fragments,
            fragment_offset: self.fragment_offset,
            total_len: self.len(),
        }
    }

    /// The packet's bytes, from its IP header on.
    #[must_use]
    pub fn emit(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.len());
        self.emit_into(&mut out);
        out.into()
    }

    /// Appends the packet's bytes.
    pub fn emit_into(&self, out: &mut Vec<u8>) {
        self.header().emit_into(out);
        self.transport.emit_into(self.src, self.dst, out);
    }

    /// Reads a packet; bytes behind its announced length are padding. Fragments and protocols without a form of their own
    /// become [`Transport::Raw`].
    pub fn parse(bytes: Bytes) -> Result<Self, ParseError> {
        let mut reader = Reader::new(bytes);
        let header = Header::parse(&mut reader)?;
        let payload_len = header
            .total_len
            .checked_sub(header.len())
            .ok_or(ParseError::Length)?;
        let payload = reader.take(payload_len)?;
        let transport = if header.is_fragment() {
            Transport::Raw {
                proto: header.proto,
                bytes: payload,
            }
        } else {
            Transport::parse(header.proto, header.src, header.dst, payload)?
        };
        Ok(Self {
            src: header.src,
            dst: header.dst,
            ttl: header.ttl,
            tos: header.tos,
            ident: header.ident,
            dont_fragment: header.dont_fragment,
            more_fragments: header.more_fragments,
            fragment_offset: header.fragment_offset,
            transport,
        })
    }
}

impl Transport {
    /// Appends the bytes behind an IP header with these addresses, which the checksum covers.
    pub fn emit_into(&self, src: IpAddr, dst: IpAddr, out: &mut Vec<u8>) {
        match self {
            Self::Tcp(segment) => segment.emit_into(src, dst, out),
            Self::Udp(datagram) => datagram.emit_into(src, dst, out),
            Self::Icmp(message) => message.emit_into(src, dst, out),
            Self::Raw { bytes, .. } => out.extend_from_slice(bytes),
        }
    }

    /// Reads what follows an IP header. Errors: a header that is cut off, or a checksum that does not verify.
    pub fn parse(proto: Proto, src: IpAddr, dst: IpAddr, bytes: Bytes) -> Result<Self, ParseError> {
        Ok(match (proto, dst.is_ipv6()) {
            (Proto::TCP, _) => Self::Tcp(TcpSegment::parse(src, dst, bytes)?),
            (Proto::UDP, _) => Self::Udp(UdpDatagram::parse(src, dst, bytes)?),
            (Proto::ICMP, false) | (Proto::ICMPV6, true) => {
                Self::Icmp(IcmpMessage::parse(src, dst, bytes)?)
            }
            _ => Self::Raw { proto, bytes },
        })
    }
}
