//! What a rule does with a packet.

use ipnet::IpNet;
use std::net::IpAddr;
use std::rc::Rc;
use wire::IcmpErrorKind;

/// What happens to a packet that fulfils a rule's conditions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Target {
    /// Nothing: the rule only counts. The walk goes on.
    #[default]
    None,
    /// Ends the table's walk; the packet goes on. Same as ACCEPT.
    Accept,
    /// Ends the packet. Same as DROP.
    Drop,
    /// Goes back to the calling chain, or to the policy. Same as RETURN.
    Return,
    /// Walks another chain and comes back. Same as `-j CHAIN`.
    Jump(Rc<str>),
    /// Walks another chain and comes back to where this one was called from. Same as `-g CHAIN`.
    Goto(Rc<str>),
    /// Ends the packet and sends an error back. Only in filter and mangle, at INPUT, FORWARD and OUTPUT. Same as REJECT.
    Reject(RejectWith),
    /// Rewrites the destination. Only in nat PREROUTING and OUTPUT. Ends the nat walk. Same as DNAT.
    Dnat(NatTo),
    /// Rewrites the source. Only in nat POSTROUTING and INPUT. Ends the nat walk. Same as SNAT.
    Snat(NatTo),
    /// Rewrites the source to the leaving interface's address. Only in nat POSTROUTING. Ends the nat walk. Same as
    /// MASQUERADE. Only the ports of the range are used.
    Masquerade(NatTo),
    /// Rewrites the destination to this machine. Only in nat PREROUTING and OUTPUT. Ends the nat walk. Same as REDIRECT.
    /// Only the ports of the range are used.
    Redirect(NatTo),
    /// Maps one network onto another, one to one. Only in nat. Ends the nat walk. Same as NETMAP.
    Netmap(IpNet),
    /// Sets the packet's mark to `(mark & !mask) ^ value`. The walk goes on. Same as `MARK --set-xmark`.
    Mark {
        /// Bits to flip afterwards.
        value: u32,
        /// Bits to clear first.
        mask: u32,
    },
    /// Moves marks between packet and connection. The walk goes on. Same as CONNMARK.
    Connmark(ConnmarkOp),
    /// Writes a line to the kernel's log. The walk goes on. Same as LOG.
    Log(Log),
    /// Keeps connection tracking away from the packet. Only in raw. Same as `CT --notrack` or NOTRACK.
    NoTrack {
        /// Whether it was written as an option of CT.
        as_ct: bool,
    },
    /// Changes the MSS option of a SYN. The walk goes on. Same as TCPMSS.
    TcpMss(TcpMss),
    /// Changes the time to live. The walk goes on. Only in mangle. Same as TTL.
    Ttl(TtlChange),
    /// The same of IPv6. Same as HL.
    HopLimit(TtlChange),
    /// Sets the upper six bits of the type of service. The walk goes on. Only in mangle. Same as DSCP.
    Dscp(u8),
    /// Sets the type of service to `(tos & !mask) ^ value`. The walk goes on. Only in mangle. Same as TOS.
    Tos {
        /// Bits to flip afterwards.
        value: u8,
        /// Bits to clear first.
        mask: u8,
    },
}

impl Target {
    /// MASQUERADE without options.
    #[must_use]
    pub fn masquerade() -> Self {
        Self::Masquerade(NatTo::default())
    }

    /// `DNAT --to-destination ip:port`.
    #[must_use]
    pub fn dnat(ip: IpAddr, port: Option<u16>) -> Self {
        Self::Dnat(NatTo::new(Some(ip), port))
    }

    /// `SNAT --to-source`; either part may be missing.
    #[must_use]
    pub const fn snat(ip: Option<IpAddr>, port: Option<u16>) -> Self {
        Self::Snat(NatTo::new(ip, port))
    }

    /// The name that iptables lists; for jumps the chain's.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::None => "",
            Self::Accept => "ACCEPT",
            Self::Drop => "DROP",
            Self::Return => "RETURN",
            Self::Jump(chain) | Self::Goto(chain) => chain,
            Self::Reject(_) => "REJECT",
            Self::Dnat(_) => "DNAT",
            Self::Snat(_) => "SNAT",
            Self::Masquerade(_) => "MASQUERADE",
            Self::Redirect(_) => "REDIRECT",
            Self::Netmap(_) => "NETMAP",
            Self::Mark { .. } => "MARK",
            Self::Connmark(_) => "CONNMARK",
            Self::Log(_) => "LOG",
            Self::NoTrack { as_ct: true } => "CT",
            Self::NoTrack { as_ct: false } => "NOTRACK",
            Self::TcpMss(_) => "TCPMSS",
            Self::Ttl(_) => "TTL",
            Self::HopLimit(_) => "HL",
            Self::Dscp(_) => "DSCP",
            Self::Tos { .. } => "TOS",
        }
    }

    /// The chain that is walked next, if any.
    #[must_use]
    pub const fn chain(&self) -> Option<&Rc<str>> {
        match self {
            Self::Jump(chain) | Self::Goto(chain) => Some(chain),
            _ => None,
        }
    }
}

/// What an address and port become.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NatTo {
    /// First and last address; `None` keeps the address (or leaves the choice to the target).
    pub addrs: Option<(IpAddr, IpAddr)>,
    /// First and last port; `None` keeps the port if it is free.
    pub ports: Option<(u16, u16)>,
    /// `--random` or `--random-fully`: ports are drawn, not kept.
    pub random: bool,
    /// `--random-fully`, which comes to the same here and is shown as it was written.
    pub random_fully: bool,
    /// `--persistent`: one client always gets the same address of a range.
    pub persistent: bool,
}

impl NatTo {
    /// One address and one port; either may be missing.
    #[must_use]
    pub const fn new(ip: Option<IpAddr>, port: Option<u16>) -> Self {
        let addrs = match ip {
            Some(ip) => Some((ip, ip)),
            None => None,
        };
        let ports = match port {
            Some(port) => Some((port, port)),
            None => None,
        };
        Self {
            addrs,
            ports,
            random: false,
            random_fully: false,
            persistent: false,
        }
    }
}

/// The error that REJECT sends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RejectWith {
    /// An ICMP or ICMPv6 error.
    Icmp(IcmpErrorKind),
    /// A TCP reset.
    TcpReset,
}

/// What CONNMARK does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConnmarkOp {
    /// Sets the connection's mark to `(mark & !mask) ^ value`.
    Set {
        /// Bits to flip afterwards.
        value: u32,
        /// Bits to clear first.
        mask: u32,
    },
    /// Copies the packet's mark to the connection: `(ctmark & !ctmask) ^ (nfmark & nfmask)`.
    Save {
        /// Bits of the packet's mark.
        nfmask: u32,
        /// Bits of the connection's mark to clear.
        ctmask: u32,
    },
    /// Copies the connection's mark to the packet: `(nfmark & !nfmask) ^ (ctmark & ctmask)`.
    Restore {
        /// Bits of the packet's mark to clear.
        nfmask: u32,
        /// Bits of the connection's mark.
        ctmask: u32,
    },
}

/// How LOG writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    /// What the line begins with, at most 127 letters.
    pub prefix: Rc<str>,
    /// The syslog level, 0 to 7; 4 (warning) unless said otherwise.
    pub level: u8,
    /// What is asked for beside, which adds nothing to the line here: [`Log::FLAGS`].
    pub flags: u8,
}

impl Log {
    /// The bits of `flags` and their options (`--log-...`).
    pub const FLAGS: [(u8, &'static str); 5] = [
        (1, "tcp-sequence"),
        (2, "tcp-options"),
        (4, "ip-options"),
        (8, "uid"),
        (32, "macdecode"),
    ];
}

/// What TTL and HL do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TtlChange {
    /// `--ttl-set`
    Set(u8),
    /// `--ttl-inc`; 255 is the most.
    Increment(u8),
    /// `--ttl-dec`; 0 is the least.
    Decrement(u8),
}

impl TtlChange {
    /// What becomes of a time to live.
    #[must_use]
    pub const fn of(self, ttl: u8) -> u8 {
        match self {
            Self::Set(ttl) => ttl,
            Self::Increment(by) => ttl.saturating_add(by),
            Self::Decrement(by) => ttl.saturating_sub(by),
        }
    }
}

/// What TCPMSS writes into a SYN.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TcpMss {
    /// This many bytes.
    Set(u16),
    /// What the path carries, less the headers; never more than there was.
    ClampToPmtu,
}
