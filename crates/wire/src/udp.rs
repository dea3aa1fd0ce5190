//! UDP datagrams.

use bytes::Bytes;

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
}
