//! Ranges of addresses as numbers, alike for both families.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// A range of addresses of one family, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// True for IPv6.
    pub(super) v6: bool,
    /// The first address.
    pub(super) first: u128,
    /// The last address.
    pub(super) last: u128,
}

impl Block {
    /// Returns the range that a subnet covers, whether or not host bits are set.
    pub(super) fn of(net: &IpNet) -> Self {
        Self {
            v6: matches!(net, IpNet::V6(_)),
            first: number(net.network()),
            last: number(last_address(net)),
        }
    }

    /// Returns whether the two ranges share an address.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.v6 == other.v6 && self.first <= other.last && other.first <= self.last
    }

    /// Returns the address of this family with the given number.
    pub(super) fn address(&self, n: u128) -> IpAddr {
        if self.v6 {
            IpAddr::V6(Ipv6Addr::from(n))
        } else {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(n).unwrap_or(u32::MAX)))
        }
    }
}

/// Returns the number that an address is.
pub(super) fn number(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(a) => u128::from(u32::from(a)),
        IpAddr::V6(a) => u128::from(a),
    }
}

/// Returns the last address of a subnet, which is the broadcast address in IPv4.
pub(super) fn last_address(net: &IpNet) -> IpAddr {
    match net {
        IpNet::V4(n) => IpAddr::V4(n.broadcast()),
        IpNet::V6(n) => IpAddr::V6(n.broadcast()),
    }
}
