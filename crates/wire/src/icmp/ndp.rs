use std::net::Ipv6Addr;

use crate::MacAddr;

/// A neighbour discovery message. Source: RFC 4861 section 4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NdpMessage {
    /// Asks for routers.
    RouterSolicit {
        /// The sender's hardware address; `None` if it has no address yet.
        source_mac: Option<MacAddr>,
    },
    /// Asks who has an address.
    NeighbourSolicit {
        /// The address asked for.
        target: Ipv6Addr,
        /// The sender's hardware address; `None` in a probe for duplicates.
        source_mac: Option<MacAddr>,
    },
    /// Tells who has an address.
    NeighbourAdvert {
        /// The address told about.
        target: Ipv6Addr,
        /// Its hardware address; may be left out in an answer to a unicast question.
        target_mac: Option<MacAddr>,
        /// The sender is a router.
        router: bool,
        /// This answers a question.
        solicited: bool,
        /// Replace what the receiver has cached.
        override_: bool,
    },
}

impl NdpMessage {
    /// Bytes on the wire.
    pub(super) const fn len(&self) -> usize {
        let (fixed, mac) = match self {
            Self::RouterSolicit { source_mac } => (8, source_mac),
            Self::NeighbourSolicit { source_mac, .. } => (24, source_mac),
            Self::NeighbourAdvert { target_mac, .. } => (24, target_mac),
        };
        fixed + if mac.is_some() { 8 } else { 0 }
    }
}
