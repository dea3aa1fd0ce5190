//! The classic capture file, as tcpdump writes it. Source: draft-ietf-opsawg-pcap.

use crate::ParseError;

/// What kind of header a file's packets begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkType(pub u32);

impl LinkType {
    /// An Ethernet header.
    pub const ETHERNET: Self = Self(1);
    /// Linux's "cooked" header, version 2: what a capture on all devices has.
    pub const LINUX_SLL2: Self = Self(276);
}

/// Timestamps count microseconds.
const MAGIC_MICROS: u32 = 0xa1b2_c3d4;
/// Timestamps count nanoseconds.
const MAGIC_NANOS: u32 = 0xa1b2_3c4d;
/// What is kept of a packet at most, bytes: tcpdump's default.
pub const SNAPLEN: u32 = 262_144;

/// When a packet was seen: seconds since 1970 and microseconds.
pub type Stamp = (u32, u32);

/// The beginning of a file.
#[must_use]
pub fn file_header(link_type: LinkType) -> Vec<u8> {
    let mut out = Vec::with_capacity(24);
    out.extend_from_slice(&MAGIC_MICROS.to_le_bytes());
    out.extend_from_slice(&2u16.to_le_bytes());
    out.extend_from_slice(&4u16.to_le_bytes());
    for word in [0, 0, SNAPLEN, link_type.0] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out
}

/// A packet's bytes with what stands before them in a file.
#[must_use]
pub fn record((seconds, micros): Stamp, bytes: &[u8]) -> Vec<u8> {
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(16 + bytes.len());
    for word in [seconds, micros, len, len] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(bytes);
    out
}

/// A capture file, read packet by packet.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    big_endian: bool,
    nanos: bool,
    /// What the packets begin with.
    pub link_type: LinkType,
}

impl<'a> Reader<'a> {
    /// Begins to read.
    ///
    /// # Errors
    /// The file is cut short, or is no capture.
    pub fn new(file: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Self {
            rest: file,
            big_endian: false,
            nanos: false,
            link_type: LinkType::ETHERNET,
        };
        let magic = reader.word().ok_or(ParseError::Truncated)?;
        reader.big_endian = matches!(magic.swap_bytes(), MAGIC_MICROS | MAGIC_NANOS);
        let magic = if reader.big_endian {
            magic.swap_bytes()
        } else {
            magic
        };
        if !matches!(magic, MAGIC_MICROS | MAGIC_NANOS) {
            return Err(ParseError::Field("magic number"));
        }
        reader.nanos = magic == MAGIC_NANOS;
        for _ in 0..4 {
            reader.word().ok_or(ParseError::Truncated)?;
        }
        reader.link_type = LinkType(reader.word().ok_or(ParseError::Truncated)?);
        Ok(reader)
    }

    fn word(&mut self) -> Option<u32> {
        let (word, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(if self.big_endian {
            u32::from_be_bytes(*word)
        } else {
            u32::from_le_bytes(*word)
        })
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = (Stamp, &'a [u8]);

    /// The next packet; `None` at the end, also where the file is cut short.
    fn next(&mut self) -> Option<Self::Item> {
        let (seconds, fraction) = (self.word()?, self.word()?);
        let (kept, _) = (self.word()?, self.word()?);
        let (bytes, rest) = self.rest.split_at_checked(usize::try_from(kept).ok()?)?;
        self.rest = rest;
        let micros = if self.nanos {
            fraction / 1000
        } else {
            fraction
        };
        Some(((seconds, micros), bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut file = file_header(LinkType::LINUX_SLL2);
        file.extend(record((5, 7), b"one"));
        file.extend(record((6, 8), b""));
        let reader = Reader::new(&file).unwrap();
        assert_eq!(reader.link_type, LinkType::LINUX_SLL2);
        let packets: Vec<_> = reader.collect();
        assert_eq!(packets, [((5, 7), &b"one"[..]), ((6, 8), &b""[..])]);
        assert_eq!(Reader::new(&file[..file.len() - 20]).unwrap().count(), 0);
        assert!(Reader::new(b"foo\n").is_err() && Reader::new(b"foobar\n").is_err());
    }

    #[test]
    fn files_of_the_other_byte_order_are_read() {
        let mut file = Vec::new();
        for word in [MAGIC_NANOS, 0x0002_0004, 0, 0, 96, 1, 1, 2000, 1, 1] {
            file.extend_from_slice(&word.to_be_bytes());
        }
        file.push(9);
        let packets: Vec<_> = Reader::new(&file).unwrap().collect();
        assert_eq!(packets, [((1, 2), &[9][..])]);
    }
}
