//! UDP datagrams.

use std::net::IpAddr;

use bytes::Bytes;

use crate::checksum;
use crate::reader::Reader;
use crate::writer::{len16, put_u16, set_u16, since};
use crate::{ParseError, Proto};

/// A UDP datagram.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UdpDatagram {
    /// The sender's port.
    pub src_port: u16,
    /// The receiver's port.
    pub dst_port: u16,
    /// The data.
    pub payload: Bytes,
}

impl UdpDatagram {
    /// Bytes of the header.
    pub const HEADER_LEN: usize = 8;

    /// Bytes on the wire.
    #[must_use]
    pub const fn len(&self) -> usize {
        Self::HEADER_LEN + self.payload.len()
    }

    /// Whether it carries no data.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.payload.is_empty()
    }

    /// Appends the datagram's bytes, with the checksum for these addresses.
    pub fn emit_into(&self, src: IpAddr, dst: IpAddr, out: &mut Vec<u8>) {
        let start = out.len();
        put_u16(out, self.src_port);
        put_u16(out, self.dst_port);
        put_u16(out, len16(self.len()));
        put_u16(out, 0);
        out.extend_from_slice(&self.payload);
        let pseudo = checksum::pseudo_header(src, dst, Proto::UDP, self.len());
        let checksum = !checksum::add(pseudo, checksum::sum(since(out, start)));
        // Zero would say that there is none.
        set_u16(
            out,
            start + 6,
            if checksum == 0 { 0xffff } else { checksum },
        );
    }

    /// Reads a datagram. Errors: cut off, a wrong length, a checksum that does not verify, and in IPv6 a missing one.
    pub fn parse(src: IpAddr, dst: IpAddr, bytes: Bytes) -> Result<Self, ParseError> {
        let mut reader = Reader::new(bytes);
        let mut whole = reader.clone();
        let src_port = reader.u16()?;
        let dst_port = reader.u16()?;
        let len = usize::from(reader.u16()?);
        let checksum = reader.u16()?;
        let payload_len = len
            .checked_sub(Self::HEADER_LEN)
            .ok_or(ParseError::Length)?;
        let payload = reader.take(payload_len)?;
        let pseudo = checksum::pseudo_header(src, dst, Proto::UDP, len);
        let absent = checksum == 0 && !dst.is_ipv6();
        if !absent && checksum::add(pseudo, checksum::sum(&whole.take(len)?)) != 0xffff {
            return Err(ParseError::Checksum("UDP"));
        }
        Ok(Self {
            src_port,
            dst_port,
            payload,
        })
    }
}
