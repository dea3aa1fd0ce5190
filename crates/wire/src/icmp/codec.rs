use std::net::IpAddr;

use bytes::Bytes;

use super::{IcmpErrorKind, IcmpMessage, NdpMessage, Quoted};
use crate::checksum;
use crate::reader::Reader;
use crate::writer::{len16, put_u16, put_u32, set_u16, since};
use crate::{ParseError, Proto};

/// The option of an IPv6 redirect that holds the packet which caused it. Source: RFC 4861 section 4.6.3.
const REDIRECTED_HEADER: u8 = 4;

impl IcmpMessage {
    /// Type and code on the wire in the given family.
    #[must_use]
    pub const fn type_and_code(&self, v6: bool) -> (u8, u8) {
        match self {
            Self::EchoRequest { .. } => (echo_type(true, v6), 0),
            Self::EchoReply { .. } => (echo_type(false, v6), 0),
            Self::Error { kind, .. } => kind.type_and_code(v6),
            Self::Neighbour(message) => (message.type_(), 0),
            Self::Other { type_, code, .. } => (*type_, *code),
        }
    }

    /// Appends the message's bytes: as ICMPv6 if the addresses are IPv6, else as ICMP.
    pub fn emit_into(&self, src: IpAddr, dst: IpAddr, out: &mut Vec<u8>) {
        let v6 = dst.is_ipv6();
        let start = out.len();
        let (type_, code) = self.type_and_code(v6);
        out.extend_from_slice(&[type_, code, 0, 0]);
        match self {
            Self::EchoRequest { ident, seq, data } | Self::EchoReply { ident, seq, data } => {
                put_u16(out, *ident);
                put_u16(out, *seq);
                out.extend_from_slice(data);
            }
            Self::Error { kind, quoted } => emit_error(*kind, quoted, v6, out),
            Self::Neighbour(message) => message.emit_into(out),
            Self::Other { bytes, .. } => out.extend_from_slice(bytes),
        }
        let message = since(out, start);
        let sum = checksum::add(
            pseudo_header(src, dst, message.len()),
            checksum::sum(message),
        );
        set_u16(out, start + 2, !sum);
    }

    /// Reads a message; one that has no form here, or does not keep to its own, becomes [`IcmpMessage::Other`].
    /// Errors: cut off before its checksum, or the checksum does not verify.
    pub fn parse(src: IpAddr, dst: IpAddr, bytes: Bytes) -> Result<Self, ParseError> {
        let v6 = dst.is_ipv6();
        let sum = checksum::add(pseudo_header(src, dst, bytes.len()), checksum::sum(&bytes));
        let mut reader = Reader::new(bytes);
        let [type_, code] = reader.array()?;
        let _checksum: u16 = reader.u16()?;
        if sum != 0xffff {
            return Err(ParseError::Checksum("ICMP"));
        }
        let body = reader.clone();
        let known = if code == 0 && type_ == echo_type(true, v6) {
            parse_echo(reader).map(|(ident, seq, data)| Self::EchoRequest { ident, seq, data })
        } else if code == 0 && type_ == echo_type(false, v6) {
            parse_echo(reader).map(|(ident, seq, data)| Self::EchoReply { ident, seq, data })
        } else if v6 && code == 0 && NdpMessage::TYPES.contains(&type_) {
            NdpMessage::parse(type_, reader).map(Self::Neighbour)
        } else {
            parse_error(type_, code, v6, reader)
        };
        Ok(known.unwrap_or_else(|_| Self::Other {
            type_,
            code,
            bytes: body.rest(),
        }))
    }
}

/// The type of an echo message.
pub(super) const fn echo_type(request: bool, v6: bool) -> u8 {
    match (request, v6) {
        (true, false) => 8,
        (false, false) => 0,
        (true, true) => 128,
        (false, true) => 129,
    }
}

/// ICMPv6 covers its addresses, ICMP does not.
fn pseudo_header(src: IpAddr, dst: IpAddr, len: usize) -> u16 {
    if dst.is_ipv6() {
        checksum::pseudo_header(src, dst, Proto::ICMPV6, len)
    } else {
        0
    }
}

fn parse_echo(mut reader: Reader) -> Result<(u16, u16, Bytes), ParseError> {
    Ok((reader.u16()?, reader.u16()?, reader.rest()))
}

fn emit_error(kind: IcmpErrorKind, quoted: &Quoted, v6: bool, out: &mut Vec<u8>) {
    match (kind, v6) {
        (
            IcmpErrorKind::Redirect {
                gateway: IpAddr::V4(gateway),
            },
            false,
        ) => out.extend_from_slice(&gateway.octets()),
        (
            IcmpErrorKind::Redirect {
                gateway: IpAddr::V6(gateway),
            },
            true,
        ) => {
            put_u32(out, 0);
            out.extend_from_slice(&gateway.octets());
            if let IpAddr::V6(dst) = quoted.dst {
                out.extend_from_slice(&dst.octets());
            }
            let len = quoted.len().next_multiple_of(8);
            let words = u8::try_from(1 + len / 8).unwrap_or(u8::MAX);
            out.extend_from_slice(&[REDIRECTED_HEADER, words, 0, 0, 0, 0, 0, 0]);
            let end = out.len() + len;
            quoted.emit_into(out);
            out.resize(end, 0);
            return;
        }
        (IcmpErrorKind::FragNeeded { mtu }, true) => put_u32(out, mtu),
        (IcmpErrorKind::FragNeeded { mtu }, false) => put_u32(out, u32::from(len16(mtu as usize))),
        // The pointer to the field that was not understood: next header.
        (IcmpErrorKind::ProtoUnreachable, true) => put_u32(out, 6),
        _ => put_u32(out, 0),
    }
    quoted.emit_into(out);
}

fn parse_error(
    type_: u8,
    code: u8,
    v6: bool,
    mut reader: Reader,
) -> Result<IcmpMessage, ParseError> {
    let word = reader.u32()?;
    let kind = if v6 {
        match (type_, code) {
            (1, 0) => IcmpErrorKind::NetUnreachable,
            (1, 1) => IcmpErrorKind::AdminProhibited,
            (1, 3) => IcmpErrorKind::HostUnreachable,
            (1, 4) => IcmpErrorKind::PortUnreachable,
            (1, 5) => IcmpErrorKind::PolicyFail,
            (1, 6) => IcmpErrorKind::RejectRoute,
            (2, _) => IcmpErrorKind::FragNeeded { mtu: word },
            (3, 0) => IcmpErrorKind::TtlExceeded,
            (3, 1) => IcmpErrorKind::ReassemblyExceeded,
            (4, 1) => IcmpErrorKind::ProtoUnreachable,
            (137, 0) => {
                let gateway = IpAddr::from(reader.array::<16>()?);
                let _destination = reader.array::<16>()?;
                reader = redirected_header(reader)?;
                IcmpErrorKind::Redirect { gateway }
            }
            _ => return Err(ParseError::Field("ICMP type")),
        }
    } else {
        match (type_, code) {
            (3, 0) => IcmpErrorKind::NetUnreachable,
            (3, 1) => IcmpErrorKind::HostUnreachable,
            (3, 2) => IcmpErrorKind::ProtoUnreachable,
            (3, 3) => IcmpErrorKind::PortUnreachable,
            (3, 4) => IcmpErrorKind::FragNeeded { mtu: word & 0xffff },
            (3, 9) => IcmpErrorKind::NetProhibited,
            (3, 10) => IcmpErrorKind::HostProhibited,
            (3, 13) => IcmpErrorKind::AdminProhibited,
            (5, 0 | 1) => IcmpErrorKind::Redirect {
                gateway: IpAddr::from(word.to_be_bytes()),
            },
            (11, 0) => IcmpErrorKind::TtlExceeded,
            (11, 1) => IcmpErrorKind::ReassemblyExceeded,
            _ => return Err(ParseError::Field("ICMP type")),
        }
    };
    let quoted = Quoted::parse(reader)?;
    if quoted.dst.is_ipv6() != v6 {
        return Err(ParseError::Field("IP version"));
    }
    Ok(IcmpMessage::Error {
        kind,
        quoted: Box::new(quoted),
    })
}

/// Finds the option that holds the packet among those of an IPv6 redirect.
fn redirected_header(mut reader: Reader) -> Result<Reader, ParseError> {
    loop {
        let [option, words] = reader.array()?;
        let len = (usize::from(words) * 8)
            .checked_sub(2)
            .ok_or(ParseError::Length)?;
        let mut value = Reader::new(reader.take(len)?);
        if option == REDIRECTED_HEADER {
            let _reserved = value.array::<6>()?;
            return Ok(value);
        }
    }
}
