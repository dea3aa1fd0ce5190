//! ICMP and ICMPv6 messages: one meaning, two numberings.

mod codec;
mod kind;
mod ndp;
mod quoted;

use bytes::Bytes;

pub use kind::IcmpErrorKind;
pub use ndp::NdpMessage;
pub use quoted::{Quoted, QuotedPorts};

/// An ICMP or ICMPv6 message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IcmpMessage {
    /// Asks for an answer.
    EchoRequest {
        /// Names the asking program.
        ident: u16,
        /// Counts its requests.
        seq: u16,
        /// What is to come back.
        data: Bytes,
    },
    /// The answer.
    EchoReply {
        /// As in the request.
        ident: u16,
        /// As in the request.
        seq: u16,
        /// As in the request.
        data: Bytes,
    },
    /// Something went wrong with a packet.
    Error {
        /// What.
        kind: IcmpErrorKind,
        /// The beginning of that packet.
        quoted: Box<Quoted>,
    },
    /// Neighbour discovery (IPv6 only).
    Neighbour(NdpMessage),
    /// Any other message.
    Other {
        /// The type.
        type_: u8,
        /// The code.
        code: u8,
        /// All bytes after the checksum.
        bytes: Bytes,
    },
}

impl IcmpMessage {
    /// Bytes of type, code, checksum and the four bytes after them.
    pub const HEADER_LEN: usize = 8;

    /// Bytes on the wire in the given family.
    #[must_use]
    pub const fn len(&self, v6: bool) -> usize {
        match self {
            Self::EchoRequest { data, .. } | Self::EchoReply { data, .. } => {
                Self::HEADER_LEN + data.len()
            }
            Self::Error {
                kind: kind @ IcmpErrorKind::Redirect { .. },
                quoted,
            } if v6 => {
                // The quoted packet lies in an option, whose length counts in units of 8.
                kind.prefix_len(v6) + quoted.len().next_multiple_of(8)
            }
            Self::Error { kind, quoted } => kind.prefix_len(v6) + quoted.len(),
            Self::Neighbour(message) => message.len(),
            Self::Other { bytes, .. } => 4 + bytes.len(),
        }
    }

    /// Whether it reports an error about another packet: such a message is never itself answered with an error.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Error { .. })
    }
}
