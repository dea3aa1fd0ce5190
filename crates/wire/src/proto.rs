use std::fmt;

/// An IP protocol number (the IPv4 protocol, the last IPv6 next header).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Proto(pub u8);

impl Proto {
    /// ICMP for IPv4.
    pub const ICMP: Self = Self(1);
    /// Group membership of IPv4 hosts.
    pub const IGMP: Self = Self(2);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// ESP, which encrypted overlay networks use.
    pub const ESP: Self = Self(50);
    /// ICMP for IPv6.
    pub const ICMPV6: Self = Self(58);

    /// Whether this is ICMP of either family.
    #[must_use]
    pub const fn is_icmp(self) -> bool {
        matches!(self, Self::ICMP | Self::ICMPV6)
    }
}

/// Names as iptables prints them; the bare number for protocols without one here.
impl fmt::Display for Proto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ICMP => f.pad("icmp"),
            Self::IGMP => f.pad("igmp"),
            Self::TCP => f.pad("tcp"),
            Self::UDP => f.pad("udp"),
            Self::ESP => f.pad("esp"),
            Self::ICMPV6 => f.pad("ipv6-icmp"),
            Self(number) => fmt::Display::fmt(&number, f),
        }
    }
}
