//! Capture files that Wireshark and tcpdump open. Source: draft-ietf-opsawg-pcapng.

use crate::Frame;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const LINKTYPE_ETHERNET: u16 = 1;

const OPT_END: u16 = 0;
const OPT_COMMENT: u16 = 1;
const OPT_IF_NAME: u16 = 2;
const OPT_IF_DESCRIPTION: u16 = 3;
const OPT_IF_TSRESOL: u16 = 9;
const OPT_SHB_USERAPPL: u16 = 4;

/// An interface of a capture, as [`Writer::interface`] numbers them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InterfaceId(u32);

/// Writes a capture into memory. Interfaces come before the packets seen on them.
#[derive(Clone, Debug)]
pub struct Writer {
    out: Vec<u8>,
    interfaces: u32,
}

impl Writer {
    /// A capture that names the program which made it.
    #[must_use]
    pub fn new(application: &str) -> Self {
        let mut writer = Self {
            out: Vec::new(),
            interfaces: 0,
        };
        writer.block(SECTION_HEADER, |out| {
            out.extend_from_slice(&0x1a2b_3c4d_u32.to_le_bytes());
            out.extend_from_slice(&1u16.to_le_bytes());
            out.extend_from_slice(&0u16.to_le_bytes());
            // The length of the section is not said: it ends with the file.
            out.extend_from_slice(&u64::MAX.to_le_bytes());
            option(out, OPT_SHB_USERAPPL, application.as_bytes());
            option(out, OPT_END, &[]);
        });
        writer
    }

    /// Adds an Ethernet interface; timestamps on it count nanoseconds.
    pub fn interface(&mut self, name: &str, description: &str) -> InterfaceId {
        self.block(INTERFACE_DESCRIPTION, |out| {
            out.extend_from_slice(&LINKTYPE_ETHERNET.to_le_bytes());
            out.extend_from_slice(&0u16.to_le_bytes());
            // No limit to the bytes kept of a packet.
            out.extend_from_slice(&0u32.to_le_bytes());
            option(out, OPT_IF_NAME, name.as_bytes());
            if !description.is_empty() {
                option(out, OPT_IF_DESCRIPTION, description.as_bytes());
            }
            option(out, OPT_IF_TSRESOL, &[9]);
            option(out, OPT_END, &[]);
        });
        let id = InterfaceId(self.interfaces);
        self.interfaces = self.interfaces.saturating_add(1);
        id
    }

    /// Adds a frame seen at `at_ns`, nanoseconds since 1970, with a comment unless that is empty.
    pub fn packet(&mut self, interface: InterfaceId, at_ns: u64, frame: &Frame, comment: &str) {
        self.packet_bytes(interface, at_ns, &frame.emit(), comment);
    }

    /// Adds a frame's bytes, as [`Writer::packet`] does.
    pub fn packet_bytes(
        &mut self,
        interface: InterfaceId,
        at_ns: u64,
        bytes: &[u8],
        comment: &str,
    ) {
        self.block(ENHANCED_PACKET, |out| {
            let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            for word in [interface.0, (at_ns >> 32) as u32, at_ns as u32, len, len] {
                out.extend_from_slice(&word.to_le_bytes());
            }
            out.extend_from_slice(bytes);
            pad(out, bytes.len());
            if !comment.is_empty() {
                option(out, OPT_COMMENT, comment.as_bytes());
                option(out, OPT_END, &[]);
            }
        });
    }

    /// The capture file so far.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// Appends a block: type, length, body, and the length again.
    fn block(&mut self, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
        let start = self.out.len();
        self.out.extend_from_slice(&kind.to_le_bytes());
        self.out.extend_from_slice(&[0; 4]);
        body(&mut self.out);
        let len = u32::try_from(self.out.len() - start + 4)
            .unwrap_or(u32::MAX)
            .to_le_bytes();
        self.out.extend_from_slice(&len);
        if let Some(place) = self
            .out
            .get_mut(start + 4..)
            .and_then(<[u8]>::first_chunk_mut)
        {
            *place = len;
        }
    }
}

/// Appends an option; a value longer than its length field is cut.
fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&(value.len() as u16).to_le_bytes());
    out.extend_from_slice(value);
    pad(out, value.len());
}

/// Fills up to whole words of 32 bits.
fn pad(out: &mut Vec<u8>, len: usize) {
    out.resize(out.len() + (len.next_multiple_of(4) - len), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_say_their_length_at_both_ends_and_fill_whole_words() {
        let mut writer = Writer::new("test");
        let eth0 = writer.interface("eth0", "hostA");
        writer.packet_bytes(eth0, 5_000_000_001, &[1, 2, 3, 4, 5], "seen");
        let file = writer.finish();
        let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        let mut kinds = Vec::new();
        let mut at = 0;
        while at < file.len() {
            let len = word(at + 4) as usize;
            assert_eq!(len % 4, 0);
            assert_eq!(word(at + len - 4) as usize, len);
            kinds.push((word(at), at));
            at += len;
        }
        assert_eq!(
            kinds.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            [SECTION_HEADER, 1, 6]
        );
        let packet = kinds[2].1;
        assert_eq!(
            (word(packet + 12), word(packet + 16), word(packet + 20)),
            (1, 705_032_705, 5)
        );
        assert_eq!(&file[packet + 28..packet + 36], &[1, 2, 3, 4, 5, 0, 0, 0]);
    }
}
