//! What a rule is: data, in iptables' terms.
//!
//! ```
//! use kernel::netfilter::{AddrType, Rule, Target};
//! use wire::Proto;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let container: std::net::IpAddr = "172.17.0.2".parse()?;
//! let subnet: ipnet::IpNet = "172.17.0.0/16".parse()?;
//! let jump = Rule::new().dst_type(AddrType::Local).jump("DOCKER");
//! let publish = Rule::new().not_in_if("docker0").proto(Proto::TCP).dport(8080).target(Target::dnat(container, Some(80)));
//! let masquerade = Rule::new().src(subnet).not_out_if("docker0").target(Target::masquerade());
//! # Ok(())
//! # }
//! ```

mod build;
mod content;
mod counted;
mod matching;
mod target;

pub use content::{Pattern, Quota};
pub use counted::{HashGroup, HashLimit, HashMode, Listed, Recent, RecentAction, RecentLists};
pub use matching::{
    AddrTypes, ConnLimit, ConntrackMatch, CtStates, CtStatuses, IcmpType, IfName, IfPattern,
    IpRange, LengthRange, Limit, MarkValue, Match, MultiportSide, PhysdevMatch, PktType, PortRange,
    Statistic, StatisticMode, TcpMatch, TtlMatch, UdpMatch, Volatile,
};
pub use target::{ConnmarkOp, Log, NatTo, RejectWith, Target, TcpMss, TtlChange};

use ipnet::IpNet;
use wire::Proto;

/// A condition that may be turned round with `!`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inv<T> {
    /// What is asked for.
    pub value: T,
    /// Whether everything else is asked for instead.
    pub not: bool,
}

impl<T> Inv<T> {
    /// The plain condition.
    #[must_use]
    pub const fn is(value: T) -> Self {
        Self { value, not: false }
    }

    /// The condition turned round.
    #[must_use]
    pub const fn not(value: T) -> Self {
        Self { value, not: true }
    }
}

/// Packets and bytes that matched.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counters {
    /// Packets.
    pub packets: u64,
    /// Bytes of IP packets, headers included.
    pub bytes: u64,
}

impl Counters {
    /// Counts one packet of this many bytes.
    pub const fn add(&mut self, bytes: u64) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// A rule. All its conditions have to hold for its target to act.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rule {
    /// `-s`
    pub src: Option<Inv<IpNet>>,
    /// `-d`
    pub dst: Option<Inv<IpNet>>,
    /// `-i`
    pub in_if: Option<Inv<IfPattern>>,
    /// `-o`
    pub out_if: Option<Inv<IfPattern>>,
    /// `-p`
    pub proto: Option<Inv<Proto>>,
    /// `-f`: second and further fragments (IPv4 only).
    pub fragment: Option<Inv<()>>,
    /// `-m ...`, in order.
    pub matches: Vec<Match>,
    /// `-j`, `-g` or nothing.
    pub target: Target,
}

impl Rule {
    /// Whether the rule makes no sense without connection tracking, so that its presence turns it on.
    #[must_use]
    pub fn needs_conntrack(&self) -> bool {
        let matches = self.matches.iter().any(|m| {
            matches!(
                m,
                Match::Conntrack(_) | Match::State(_) | Match::Connmark(_)
            )
        });
        matches || matches!(self.target, Target::Connmark(_))
    }
}
