//! The conditions of a rule beyond addresses, interfaces and protocol.

use crate::netfilter::ctx::AddrType;
use crate::skb::Direction;
use crate::time::Instant;
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;
use wire::{MacAddr, Proto, TcpFlags};

use super::{HashLimit, Inv, Pattern, Quota, Recent};

/// One `-m` with its options.
#[derive(Clone, PartialEq, Debug)]
pub enum Match {
    /// `-m tcp`
    Tcp(TcpMatch),
    /// `-m udp`
    Udp(UdpMatch),
    /// `-m sctp`
    Sctp(UdpMatch),
    /// `-m icmp` or `-m icmp6`
    Icmp(Inv<IcmpType>),
    /// `-m multiport`
    Multiport {
        /// Which port is looked at.
        side: MultiportSide,
        /// The ports, at most 15 (a range counts as two).
        ports: Inv<Rc<[PortRange]>>,
    },
    /// `-m conntrack`
    Conntrack(Box<ConntrackMatch>),
    /// `-m state`
    State(Inv<CtStates>),
    /// `-m addrtype`
    AddrType {
        /// `--src-type`
        src: Option<Inv<AddrTypes>>,
        /// `--dst-type`
        dst: Option<Inv<AddrTypes>>,
        /// `--limit-iface-in`
        limit_in: bool,
        /// `--limit-iface-out`
        limit_out: bool,
    },
    /// `-m mark`
    Mark(Inv<MarkValue>),
    /// `-m connmark`
    Connmark(Inv<MarkValue>),
    /// `-m limit`
    Limit(Limit),
    /// `-m comment`; always holds.
    Comment(Rc<str>),
    /// `-m mac --mac-source`
    MacSource(Inv<MacAddr>),
    /// `-m length`
    Length(Inv<LengthRange>),
    /// `-m ttl`
    Ttl(TtlMatch),
    /// `-m hl`, the same of IPv6
    HopLimit(TtlMatch),
    /// `-m owner`
    Owner {
        /// `--gid-owner` and not `--uid-owner`.
        group: bool,
        /// The first and the last number.
        ids: Inv<(u32, u32)>,
    },
    /// `-m pkttype`
    PktType(Inv<PktType>),
    /// `-m statistic`
    Statistic(Statistic),
    /// `-m iprange`
    IpRange {
        /// `--src-range`
        src: Option<Inv<IpRange>>,
        /// `--dst-range`
        dst: Option<Inv<IpRange>>,
    },
    /// `-m physdev`
    Physdev(PhysdevMatch),
    /// `-m connlimit`
    ConnLimit(ConnLimit),
    /// `-m hashlimit`
    HashLimit(Box<HashLimit>),
    /// `-m recent`
    Recent(Box<Recent>),
    /// `-m string`
    Pattern(Box<Pattern>),
    /// `-m quota`
    Quota(Quota),
    /// `-m dscp`: the upper six bits of the type of service.
    Dscp(Inv<u8>),
    /// `-m tos`: the type of service, and the bits of it that count.
    Tos(Inv<(u8, u8)>),
    /// `-m ipvs --ipvs`: whether IPVS has rewritten the packet.
    Ipvs {
        /// Whether it must not have.
        not: bool,
    },
}

/// An interface name packed into a number, so that comparing costs nothing. Longer names than Linux allows are cut.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct IfName(u128);

impl IfName {
    /// Packs a name of at most 15 bytes.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut bytes = [0; 16];
        for (place, byte) in bytes.iter_mut().zip(name.bytes().take(15)) {
            *place = byte;
        }
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for IfName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.to_be_bytes();
        let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        f.pad(&String::from_utf8_lossy(name))
    }
}

impl fmt::Debug for IfName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An interface as `-i` and `-o` take it: a name, or the beginning of one with `+` behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct IfPattern {
    name: IfName,
    mask: u128,
}

impl IfPattern {
    /// Reads a name or pattern.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.strip_suffix('+') {
            Some(start) => {
                let bits = 8 * u32::try_from(start.len().min(15)).unwrap_or(15);
                Self {
                    name: IfName::new(start),
                    mask: !u128::MAX.checked_shr(bits).unwrap_or(0),
                }
            }
            None => Self {
                name: IfName::new(text),
                mask: u128::MAX,
            },
        }
    }

    /// Whether the name is meant; a packet without an interface has the empty name.
    #[must_use]
    pub const fn matches(&self, name: IfName) -> bool {
        name.0 & self.mask == self.name.0
    }

    /// Whether every name is meant (`+`).
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.mask == 0
    }
}

impl fmt::Display for IfPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mask == u128::MAX {
            f.pad(&self.name.to_string())
        } else {
            f.pad(&format!("{}+", self.name))
        }
    }
}

impl fmt::Debug for IfPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Ports from the first to the last, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PortRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl PortRange {
    /// One port.
    #[must_use]
    pub const fn one(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    /// Whether the port is in it.
    #[must_use]
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
}

impl From<u16> for PortRange {
    fn from(port: u16) -> Self {
        Self::one(port)
    }
}

impl From<(u16, u16)> for PortRange {
    fn from((first, last): (u16, u16)) -> Self {
        Self { first, last }
    }
}

/// The options of `-m tcp`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TcpMatch {
    /// `--sport`
    pub sport: Option<Inv<PortRange>>,
    /// `--dport`
    pub dport: Option<Inv<PortRange>>,
    /// `--tcp-flags` (or `--syn`): which flags are looked at, and which of them have to be set.
    pub flags: Option<Inv<(TcpFlags, TcpFlags)>>,
}

/// The options of `-m udp` and `-m sctp`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct UdpMatch {
    /// `--sport`
    pub sport: Option<Inv<PortRange>>,
    /// `--dport`
    pub dport: Option<Inv<PortRange>>,
}

/// An ICMP type and code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IcmpType {
    /// The type; `None` for any.
    pub type_: Option<u8>,
    /// The code; `None` for any.
    pub code: Option<u8>,
}

/// The port that `-m multiport` looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MultiportSide {
    /// `--sports`
    Source,
    /// `--dports`
    Destination,
    /// `--ports`
    Either,
}

/// A set of states of `--ctstate`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CtStates(pub u8);

impl CtStates {
    /// INVALID
    pub const INVALID: Self = Self(0x01);
    /// NEW
    pub const NEW: Self = Self(0x02);
    /// RELATED
    pub const RELATED: Self = Self(0x04);
    /// ESTABLISHED
    pub const ESTABLISHED: Self = Self(0x08);
    /// UNTRACKED
    pub const UNTRACKED: Self = Self(0x10);
    /// SNAT: the flow's source is translated.
    pub const SNAT: Self = Self(0x20);
    /// DNAT: the flow's destination is translated.
    pub const DNAT: Self = Self(0x40);

    /// The states and their names, in the order in which iptables prints them.
    pub const NAMES: [(Self, &'static str); 7] = [
        (Self::INVALID, "INVALID"),
        (Self::NEW, "NEW"),
        (Self::RELATED, "RELATED"),
        (Self::ESTABLISHED, "ESTABLISHED"),
        (Self::UNTRACKED, "UNTRACKED"),
        (Self::SNAT, "SNAT"),
        (Self::DNAT, "DNAT"),
    ];

    /// RELATED,ESTABLISHED
    pub const RELATED_ESTABLISHED: Self = Self::RELATED.with(Self::ESTABLISHED);

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they have a state in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A set of statuses of `--ctstatus`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CtStatuses(pub u8);

impl CtStatuses {
    /// Expected by a helper: never, there are none.
    pub const EXPECTED: Self = Self(0x01);
    /// Packets went both ways.
    pub const SEEN_REPLY: Self = Self(0x02);
    /// Not to be given up early.
    pub const ASSURED: Self = Self(0x04);
    /// Its first packet left.
    pub const CONFIRMED: Self = Self(0x08);

    /// The statuses and their names, in the order in which iptables prints them.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::EXPECTED, "EXPECTED"),
        (Self::SEEN_REPLY, "SEEN_REPLY"),
        (Self::ASSURED, "ASSURED"),
        (Self::CONFIRMED, "CONFIRMED"),
    ];

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The options of `-m conntrack`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ConntrackMatch {
    /// `--ctstate`
    pub state: Option<Inv<CtStates>>,
    /// `--ctproto`
    pub proto: Option<Inv<Proto>>,
    /// `--ctorigsrc`
    pub orig_src: Option<Inv<IpNet>>,
    /// `--ctorigdst`
    pub orig_dst: Option<Inv<IpNet>>,
    /// `--ctreplsrc`
    pub repl_src: Option<Inv<IpNet>>,
    /// `--ctrepldst`
    pub repl_dst: Option<Inv<IpNet>>,
    /// `--ctorigsrcport`
    pub orig_src_port: Option<Inv<PortRange>>,
    /// `--ctorigdstport`
    pub orig_dst_port: Option<Inv<PortRange>>,
    /// `--ctreplsrcport`
    pub repl_src_port: Option<Inv<PortRange>>,
    /// `--ctrepldstport`
    pub repl_dst_port: Option<Inv<PortRange>>,
    /// `--ctstatus`; an empty set stands for NONE.
    pub status: Option<Inv<CtStatuses>>,
    /// `--ctexpire`, seconds, first and last.
    pub expire: Option<Inv<(u32, u32)>>,
    /// `--ctdir`
    pub dir: Option<Direction>,
}

/// A set of address types.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct AddrTypes(u16);

impl AddrTypes {
    /// Adds a type.
    #[must_use]
    pub const fn with(self, kind: AddrType) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    /// Whether the type is in the set.
    #[must_use]
    pub const fn contains(self, kind: AddrType) -> bool {
        self.0 & 1 << kind as u16 != 0
    }

    /// The types and their names, in the order in which iptables prints them.
    pub const NAMES: [(AddrType, &'static str); 9] = [
        (AddrType::Unspec, "UNSPEC"),
        (AddrType::Unicast, "UNICAST"),
        (AddrType::Local, "LOCAL"),
        (AddrType::Broadcast, "BROADCAST"),
        (AddrType::Anycast, "ANYCAST"),
        (AddrType::Multicast, "MULTICAST"),
        (AddrType::Blackhole, "BLACKHOLE"),
        (AddrType::Unreachable, "UNREACHABLE"),
        (AddrType::Prohibit, "PROHIBIT"),
    ];
}

impl From<AddrType> for AddrTypes {
    fn from(kind: AddrType) -> Self {
        Self::default().with(kind)
    }
}

/// A mark and the bits of it that count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarkValue {
    /// What the bits have to be.
    pub value: u32,
    /// Which bits.
    pub mask: u32,
}

impl MarkValue {
    /// Whether the mark fits.
    #[must_use]
    pub const fn matches(self, mark: u32) -> bool {
        mark & self.mask == self.value
    }
}

/// State that a condition keeps between packets. It is no part of what the rule says, so any two are equal.
#[derive(Clone, Copy, Default, Debug)]
pub struct Volatile<T>(pub T);

impl<T> Eq for Volatile<T> {}

impl<T> PartialEq for Volatile<T> {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// A token bucket: `--limit` and `--limit-burst`.
#[derive(Clone, PartialEq, Debug)]
pub struct Limit {
    /// Packets per period.
    pub count: u32,
    /// The period, seconds: 1, 60, 3600 or 86400.
    pub period: u32,
    /// How many packets pass at once after a rest.
    pub burst: u32,
    /// What is left in the bucket, nanoseconds of credit, and when that was; `None` while it is still full.
    pub state: Volatile<Option<(u64, Instant)>>,
}

/// The options of `-m connlimit`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnLimit {
    /// How many connections at most.
    pub most: u32,
    /// Whether more are meant (`--connlimit-above`), and not so many (`--connlimit-upto`).
    pub above: bool,
    /// The length of the prefix within which addresses count as one.
    pub mask: u8,
    /// Whether clients are counted by the address they connect to (`--connlimit-daddr`).
    pub by_destination: bool,
}

/// Lengths of IP packets, bytes, first and last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LengthRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

/// A comparison with the time to live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TtlMatch {
    /// `--ttl-eq`
    Eq(Inv<u8>),
    /// `--ttl-lt`
    Less(u8),
    /// `--ttl-gt`
    Greater(u8),
}

/// How the link layer addressed a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PktType {
    /// To this station.
    Unicast,
    /// To everyone.
    Broadcast,
    /// To a group.
    Multicast,
}

/// The options of `-m statistic`.
#[derive(Clone, PartialEq, Debug)]
pub struct Statistic {
    /// How packets are picked.
    pub mode: StatisticMode,
    /// Whether all others are meant.
    pub not: bool,
}

/// How `-m statistic` picks packets.
#[derive(Clone, PartialEq, Debug)]
pub enum StatisticMode {
    /// Every `every`-th, the first time after `packet` others.
    Nth {
        /// `--every`, from 1.
        every: u32,
        /// `--packet`, from 0 to `every` - 1.
        packet: u32,
        /// Packets since the last one picked.
        seen: Volatile<Option<u32>>,
    },
    /// By chance, out of 2^31. Source: Linux xt_statistic.
    Random {
        /// `--probability` times 2^31.
        threshold: u32,
    },
}

/// Addresses from the first to the last, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IpRange {
    /// The lowest.
    pub first: IpAddr,
    /// The highest.
    pub last: IpAddr,
}

/// The options of `-m physdev`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct PhysdevMatch {
    /// `--physdev-in`
    pub in_if: Option<Inv<IfPattern>>,
    /// `--physdev-out`
    pub out_if: Option<Inv<IfPattern>>,
    /// `--physdev-is-in`; false asks for packets that did not come in by a bridge port.
    pub is_in: Option<bool>,
    /// `--physdev-is-out`
    pub is_out: Option<bool>,
    /// `--physdev-is-bridged`
    pub is_bridged: Option<bool>,
}
