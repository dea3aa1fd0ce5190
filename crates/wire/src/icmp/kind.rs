use std::net::IpAddr;

/// What went wrong with a packet. The names are IPv4's; each has its number in both families.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IcmpErrorKind {
    /// No route to the network (3/0; IPv6: no route to destination, 1/0).
    NetUnreachable,
    /// The last router got no answer from the host (3/1; IPv6: address unreachable, 1/3).
    HostUnreachable,
    /// The host does not speak the protocol (3/2; IPv6: unrecognised next header, 4/1).
    ProtoUnreachable,
    /// Nobody listens on the port (3/3; IPv6 1/4).
    PortUnreachable,
    /// Too large for the next link (3/4; IPv6: packet too big, 2/0).
    FragNeeded {
        /// What the next link takes, bytes.
        mtu: u32,
    },
    /// Forbidden by a filter (3/9; IPv6 as [`Self::AdminProhibited`]).
    NetProhibited,
    /// Forbidden by a filter (3/10; IPv6 as [`Self::AdminProhibited`]).
    HostProhibited,
    /// Forbidden by a filter (3/13; IPv6 1/1).
    AdminProhibited,
    /// Source address failed the policy (IPv6 1/5; IPv4 as [`Self::AdminProhibited`]).
    PolicyFail,
    /// A route says to reject (IPv6 1/6; IPv4 as [`Self::HostUnreachable`]).
    RejectRoute,
    /// TTL or hop limit ran out on the way (11/0; IPv6 3/0).
    TtlExceeded,
    /// A fragment went missing (11/1; IPv6 3/1).
    ReassemblyExceeded,
    /// There is a better first router (5/1; IPv6 137/0).
    Redirect {
        /// That router.
        gateway: IpAddr,
    },
}

impl IcmpErrorKind {
    /// Type and code on the wire in the given family.
    #[must_use]
    pub const fn type_and_code(self, v6: bool) -> (u8, u8) {
        let (v4_number, v6_number) = match self {
            Self::NetUnreachable => ((3, 0), (1, 0)),
            Self::HostUnreachable => ((3, 1), (1, 3)),
            Self::ProtoUnreachable => ((3, 2), (4, 1)),
            Self::PortUnreachable => ((3, 3), (1, 4)),
            Self::FragNeeded { .. } => ((3, 4), (2, 0)),
            Self::NetProhibited => ((3, 9), (1, 1)),
            Self::HostProhibited => ((3, 10), (1, 1)),
            Self::AdminProhibited => ((3, 13), (1, 1)),
            Self::PolicyFail => ((3, 13), (1, 5)),
            Self::RejectRoute => ((3, 1), (1, 6)),
            Self::TtlExceeded => ((11, 0), (3, 0)),
            Self::ReassemblyExceeded => ((11, 1), (3, 1)),
            Self::Redirect { .. } => ((5, 1), (137, 0)),
        };
        if v6 { v6_number } else { v4_number }
    }

    /// Bytes in front of the quoted packet.
    pub(super) const fn prefix_len(self, v6: bool) -> usize {
        match self {
            // Two addresses, and the head of the option that holds the quoted packet. Source: RFC 4861 section 4.5.
            Self::Redirect { .. } if v6 => 8 + 32 + 8,
            _ => 8,
        }
    }
}
