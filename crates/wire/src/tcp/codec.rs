use std::net::IpAddr;

use bytes::Bytes;

use super::{TcpFlags, TcpSegment};
use crate::checksum;
use crate::reader::Reader;
use crate::writer::{put_u16, put_u32, set_u16, since};
use crate::{ParseError, Proto};

/// Option kinds. Sources: RFC 9293 section 3.1, RFC 7323, RFC 2018.
mod kind {
    pub(super) const END: u8 = 0;
    pub(super) const NOP: u8 = 1;
    pub(super) const MSS: u8 = 2;
    pub(super) const WINDOW_SCALE: u8 = 3;
    pub(super) const SACK_PERMITTED: u8 = 4;
    pub(super) const TIMESTAMPS: u8 = 8;
}

impl TcpSegment {
    /// Appends the segment's bytes, with the checksum for these addresses.
    pub fn emit_into(&self, src: IpAddr, dst: IpAddr, out: &mut Vec<u8>) {
        let start = out.len();
        put_u16(out, self.src_port);
        put_u16(out, self.dst_port);
        put_u32(out, self.seq);
        put_u32(out, self.ack);
        let header_words = ((Self::HEADER_LEN + self.options_len()) / 4) as u8;
        out.extend_from_slice(&[header_words << 4, self.flags.0]);
        put_u16(out, self.window);
        // Checksum and urgent pointer.
        put_u32(out, 0);
        self.emit_options(out);
        out.extend_from_slice(&self.payload);
        let pseudo = checksum::pseudo_header(src, dst, Proto::TCP, self.len());
        let sum = checksum::add(pseudo, checksum::sum(since(out, start)));
        set_u16(out, start + 16, !sum);
    }

    /// The options in the order and with the padding of Linux (`tcp_options_write`).
    fn emit_options(&self, out: &mut Vec<u8>) {
        if let Some(mss) = self.mss {
            out.extend_from_slice(&[kind::MSS, 4]);
            put_u16(out, mss);
        }
        if self.sack_permitted {
            if self.timestamps.is_none() {
                out.extend_from_slice(&[kind::NOP, kind::NOP]);
            }
            out.extend_from_slice(&[kind::SACK_PERMITTED, 2]);
        }
        if let Some((value, echo)) = self.timestamps {
            if !self.sack_permitted {
                out.extend_from_slice(&[kind::NOP, kind::NOP]);
            }
            out.extend_from_slice(&[kind::TIMESTAMPS, 10]);
            put_u32(out, value);
            put_u32(out, echo);
        }
        if let Some(shift) = self.window_scale {
            out.extend_from_slice(&[kind::NOP, kind::WINDOW_SCALE, 3, shift]);
        }
    }

    /// Reads a segment. Errors: cut off, a wrong header length, a checksum that does not verify.
    pub fn parse(src: IpAddr, dst: IpAddr, bytes: Bytes) -> Result<Self, ParseError> {
        let pseudo = checksum::pseudo_header(src, dst, Proto::TCP, bytes.len());
        let verifies = checksum::add(pseudo, checksum::sum(&bytes)) == 0xffff;
        let mut reader = Reader::new(bytes);
        let mut segment = Self::new(reader.u16()?, reader.u16()?, TcpFlags::NONE);
        segment.seq = reader.u32()?;
        segment.ack = reader.u32()?;
        let header_len = usize::from(reader.u8()? >> 4) * 4;
        segment.flags = TcpFlags(reader.u8()?);
        segment.window = reader.u16()?;
        let _checksum: u16 = reader.u16()?;
        let _urgent: u16 = reader.u16()?;
        let options_len = header_len
            .checked_sub(Self::HEADER_LEN)
            .ok_or(ParseError::Length)?;
        let options = reader.take(options_len)?;
        if !verifies {
            return Err(ParseError::Checksum("TCP"));
        }
        // What is wrong among the options ends them, as in Linux (`tcp_parse_options`); the segment still counts.
        let _malformed: Result<(), ParseError> = segment.parse_options(Reader::new(options));
        segment.payload = reader.rest();
        Ok(segment)
    }

    fn parse_options(&mut self, mut reader: Reader) -> Result<(), ParseError> {
        while reader.remaining() > 0 {
            let option = reader.u8()?;
            match option {
                kind::END => break,
                kind::NOP => continue,
                _ => {}
            }
            let len = usize::from(reader.u8()?)
                .checked_sub(2)
                .ok_or(ParseError::Length)?;
            let mut value = Reader::new(reader.take(len)?);
            match (option, len) {
                (kind::MSS, 2) => self.mss = Some(value.u16()?),
                (kind::WINDOW_SCALE, 1) => self.window_scale = Some(value.u8()?),
                (kind::SACK_PERMITTED, 0) => self.sack_permitted = true,
                (kind::TIMESTAMPS, 8) => self.timestamps = Some((value.u32()?, value.u32()?)),
                _ => {}
            }
        }
        Ok(())
    }
}
