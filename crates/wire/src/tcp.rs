//! TCP segments with the options that Linux sends. Selective acknowledgement blocks are read over.

mod codec;

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use bytes::Bytes;

/// A TCP segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TcpSegment {
    /// The sender's port.
    pub src_port: u16,
    /// The receiver's port.
    pub dst_port: u16,
    /// The sequence number of the first payload byte, or of the SYN.
    pub seq: u32,
    /// The next sequence number expected, if the ACK flag is set.
    pub ack: u32,
    /// The control bits.
    pub flags: TcpFlags,
    /// The window as on the wire, not yet scaled.
    pub window: u16,
    /// Largest segment the sender takes, bytes of payload. Only in a SYN.
    pub mss: Option<u16>,
    /// By how many bits the sender's later windows are shifted. Only in a SYN.
    pub window_scale: Option<u8>,
    /// The sender understands selective acknowledgements. Only in a SYN.
    pub sack_permitted: bool,
    /// Timestamps: the sender's, and the one it echoes.
    pub timestamps: Option<(u32, u32)>,
    /// The data.
    pub payload: Bytes,
}

/// The control bits of a TCP segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No bit.
    pub const NONE: Self = Self(0);
    /// No more data from the sender.
    pub const FIN: Self = Self(0x01);
    /// Start of a connection.
    pub const SYN: Self = Self(0x02);
    /// The connection is aborted, or never was.
    pub const RST: Self = Self(0x04);
    /// Hand the data to the program now.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgement number counts.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x20);
    /// Congestion was met.
    pub const ECE: Self = Self(0x40);
    /// The congestion window was reduced.
    pub const CWR: Self = Self(0x80);
    /// SYN and ACK.
    pub const SYN_ACK: Self = Self(Self::SYN.0 | Self::ACK.0);
    /// FIN and ACK.
    pub const FIN_ACK: Self = Self(Self::FIN.0 | Self::ACK.0);
    /// RST and ACK.
    pub const RST_ACK: Self = Self(Self::RST.0 | Self::ACK.0);
    /// PSH and ACK.
    pub const PSH_ACK: Self = Self(Self::PSH.0 | Self::ACK.0);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether SYN is set.
    #[must_use]
    pub const fn syn(self) -> bool {
        self.contains(Self::SYN)
    }

    /// Whether ACK is set.
    #[must_use]
    pub const fn ack(self) -> bool {
        self.contains(Self::ACK)
    }

    /// Whether FIN is set.
    #[must_use]
    pub const fn fin(self) -> bool {
        self.contains(Self::FIN)
    }

    /// Whether RST is set.
    #[must_use]
    pub const fn rst(self) -> bool {
        self.contains(Self::RST)
    }
}

impl BitOr for TcpFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for TcpFlags {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// As tcpdump prints them: `S`, `S.`, `P.`, and `none`.
impl fmt::Display for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NONE {
            return f.write_str("none");
        }
        const LETTERS: [(TcpFlags, &str); 8] = [
            (TcpFlags::FIN, "F"),
            (TcpFlags::SYN, "S"),
            (TcpFlags::RST, "R"),
            (TcpFlags::PSH, "P"),
            (TcpFlags::ACK, "."),
            (TcpFlags::URG, "U"),
            (TcpFlags::ECE, "E"),
            (TcpFlags::CWR, "W"),
        ];
        for (flag, letter) in LETTERS {
            if self.contains(flag) {
                f.write_str(letter)?;
            }
        }
        Ok(())
    }
}

impl TcpSegment {
    /// Bytes of a header without options.
    pub const HEADER_LEN: usize = 20;

    /// A segment without options, data, acknowledgement or window.
    #[must_use]
    pub const fn new(src_port: u16, dst_port: u16, flags: TcpFlags) -> Self {
        Self {
            src_port,
            dst_port,
            seq: 0,
            ack: 0,
            flags,
            window: 0,
            mss: None,
            window_scale: None,
            sack_permitted: false,
            timestamps: None,
            payload: Bytes::new(),
        }
    }

    /// Bytes of the options, padded to whole words.
    #[must_use]
    pub const fn options_len(&self) -> usize {
        let mut len = 0;
        if self.mss.is_some() {
            len += 4;
        }
        // "SACK permitted" takes the place of the padding in front of the timestamps.
        if self.timestamps.is_some() {
            len += 12;
        } else if self.sack_permitted {
            len += 4;
        }
        if self.window_scale.is_some() {
            len += 4;
        }
        len
    }

    /// Bytes on the wire.
    #[must_use]
    pub const fn len(&self) -> usize {
        Self::HEADER_LEN + self.options_len() + self.payload.len()
    }

    /// Whether it carries no data.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.payload.is_empty()
    }

    /// How far it moves the sequence number: its data, and one each for SYN and FIN.
    #[must_use]
    pub const fn sequence_len(&self) -> u32 {
        self.payload.len() as u32 + self.flags.syn() as u32 + self.flags.fin() as u32
    }
}
