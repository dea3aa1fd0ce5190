use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::checksum;
use crate::reader::Reader;
use crate::writer::{len16, put_u16, put_u32, set_u16, since};
use crate::{IpPacket, ParseError, Proto};

/// The fields of an IP header of either family, as packets and quoted packets share them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) src: IpAddr,
    pub(crate) dst: IpAddr,
    pub(crate) proto: Proto,
    pub(crate) ttl: u8,
    pub(crate) tos: u8,
    pub(crate) ident: u16,
    pub(crate) dont_fragment: bool,
    pub(crate) more_fragments: bool,
    pub(crate) fragment_offset: u16,
    /// Bytes of the whole packet, this header included.
    pub(crate) total_len: usize,
}

const DONT_FRAGMENT: u16 = 0x4000;
const MORE_FRAGMENTS: u16 = 0x2000;
const V6_FRAGMENT: u8 = 44;

impl Header {
    pub(crate) const fn is_fragment(&self) -> bool {
        self.more_fragments || self.fragment_offset != 0
    }

    pub(crate) fn emit_into(&self, out: &mut Vec<u8>) {
        if self.dst.is_ipv6() {
            self.emit_v6(out);
        } else {
            self.emit_v4(out);
        }
    }

    fn emit_v4(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let mut flags = self.fragment_offset >> 3;
        if self.dont_fragment {
            flags |= DONT_FRAGMENT;
        }
        if self.more_fragments {
            flags |= MORE_FRAGMENTS;
        }
        out.extend_from_slice(&[0x45, self.tos]);
        put_u16(out, len16(self.total_len));
        put_u16(out, self.ident);
        put_u16(out, flags);
        out.extend_from_slice(&[self.ttl, self.proto.0, 0, 0]);
        out.extend_from_slice(&v4(self.src).octets());
        out.extend_from_slice(&v4(self.dst).octets());
        let sum = checksum::sum(since(out, start));
        set_u16(out, start + 10, !sum);
    }

    fn emit_v6(&self, out: &mut Vec<u8>) {
        put_u32(out, 6 << 28 | u32::from(self.tos) << 20);
        put_u16(
            out,
            len16(self.total_len.saturating_sub(IpPacket::V6_HEADER_LEN)),
        );
        out.extend_from_slice(&[
            if self.is_fragment() {
                V6_FRAGMENT
            } else {
                self.proto.0
            },
            self.ttl,
        ]);
        out.extend_from_slice(&v6(self.src).octets());
        out.extend_from_slice(&v6(self.dst).octets());
        if self.is_fragment() {
            out.extend_from_slice(&[self.proto.0, 0]);
            put_u16(
                out,
                self.fragment_offset & !7 | u16::from(self.more_fragments),
            );
            put_u32(out, u32::from(self.ident));
        }
    }

    /// Reads a header and leaves the reader behind it. Whether all of `total_len` is there is the caller's question.
    pub(crate) fn parse(reader: &mut Reader) -> Result<Self, ParseError> {
        let whole = reader.clone();
        let first = reader.u8()?;
        match first >> 4 {
            4 => Self::parse_v4(first, reader, whole),
            6 => Self::parse_v6(first, reader),
            _ => Err(ParseError::Field("IP version")),
        }
    }

    fn parse_v4(first: u8, reader: &mut Reader, mut whole: Reader) -> Result<Self, ParseError> {
        let header_len = usize::from(first & 15) * 4;
        let options_len = header_len
            .checked_sub(IpPacket::V4_HEADER_LEN)
            .ok_or(ParseError::Length)?;
        if checksum::sum(&whole.take(header_len)?) != 0xffff {
            return Err(ParseError::Checksum("IP"));
        }
        let tos = reader.u8()?;
        let total_len = usize::from(reader.u16()?);
        let ident = reader.u16()?;
        let flags = reader.u16()?;
        let ttl = reader.u8()?;
        let proto = Proto(reader.u8()?);
        let _checksum: u16 = reader.u16()?;
        let src = IpAddr::from(reader.array::<4>()?);
        let dst = IpAddr::from(reader.array::<4>()?);
        let _options = reader.take(options_len)?;
        if total_len < header_len {
            return Err(ParseError::Length);
        }
        Ok(Self {
            src,
            dst,
            proto,
            ttl,
            tos,
            ident,
            dont_fragment: flags & DONT_FRAGMENT != 0,
            more_fragments: flags & MORE_FRAGMENTS != 0,
            fragment_offset: flags << 3,
            // As if the options had not been there: they are not kept.
            total_len: total_len - options_len,
        })
    }

    fn parse_v6(first: u8, reader: &mut Reader) -> Result<Self, ParseError> {
        let [second, ..] = reader.array::<3>()?;
        let mut payload_len = usize::from(reader.u16()?);
        let mut next = reader.u8()?;
        let ttl = reader.u8()?;
        let src = IpAddr::from(reader.array::<16>()?);
        let dst = IpAddr::from(reader.array::<16>()?);
        let mut header = Self {
            src,
            dst,
            proto: Proto(next),
            ttl,
            tos: first << 4 | second >> 4,
            ident: 0,
            dont_fragment: false,
            more_fragments: false,
            fragment_offset: 0,
            total_len: 0,
        };
        // Hop-by-hop options, routing and destination options; each step uses up bytes, so this ends.
        while let 0 | 43 | 60 = next {
            next = reader.u8()?;
            let words = usize::from(reader.u8()?);
            let _options = reader.take(6 + words * 8)?;
            payload_len = payload_len
                .checked_sub(8 + words * 8)
                .ok_or(ParseError::Length)?;
        }
        header.total_len = IpPacket::V6_HEADER_LEN + payload_len;
        if next == V6_FRAGMENT {
            next = reader.u8()?;
            let _reserved = reader.u8()?;
            let offset = reader.u16()?;
            let ident = reader.u32()?;
            header.fragment_offset = offset & !7;
            header.more_fragments = offset & 1 != 0;
            if header.is_fragment() {
                header.ident = ident as u16;
            } else {
                // A packet that is its own only fragment. Source: RFC 6946.
                header.total_len = header
                    .total_len
                    .saturating_sub(IpPacket::V6_FRAGMENT_HEADER_LEN);
            }
        }
        header.proto = Proto(next);
        Ok(header)
    }

    /// Bytes that this header takes when emitted.
    pub(crate) const fn len(&self) -> usize {
        len(self.dst.is_ipv6(), self.is_fragment())
    }
}

/// Bytes of a header.
pub(crate) const fn len(v6: bool, fragment: bool) -> usize {
    match (v6, fragment) {
        (false, _) => IpPacket::V4_HEADER_LEN,
        (true, false) => IpPacket::V6_HEADER_LEN,
        (true, true) => IpPacket::V6_HEADER_LEN + IpPacket::V6_FRAGMENT_HEADER_LEN,
    }
}

/// An address for an IPv4 header; one of the other family has no place there.
fn v4(ip: IpAddr) -> Ipv4Addr {
    match ip {
        IpAddr::V4(ip) => ip,
        IpAddr::V6(ip) => ip.to_ipv4_mapped().unwrap_or(Ipv4Addr::UNSPECIFIED),
    }
}

/// An address for an IPv6 header.
const fn v6(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}
