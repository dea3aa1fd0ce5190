//! Netfilter: tables of rules, connection tracking and NAT, one instance per namespace.
//!
//! [`Netfilter::hook`] is what the IP stack calls; it runs raw, connection tracking, mangle, nat and filter in the order of
//! Linux's priorities.
//! Rules are data ([`model`]) in tables ([`table`]) that are validated as they are changed ([`validate`]) and walked in
//! order ([`walk`], [`matches`]). [`conntrack`] remembers flows, [`nat`] rewrites them, [`print`] says rules in words.

pub mod ctx;
pub mod model;

pub use ctx::{AddrType, HookCtx, HookEnv, Iface, Verdict};
pub use model::{Counters, Inv, Match, Rule, Target};

use crate::rng::Rng;
use crate::skb::Skb;
use crate::trace::Trace;

/// The places where a packet meets rules. Source: Linux `enum nf_inet_hooks`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hook {
    /// Just received, not yet routed.
    Prerouting,
    /// Routed to this machine.
    Input,
    /// Routed through this machine.
    Forward,
    /// Made by this machine, routed once.
    Output,
    /// About to leave.
    Postrouting,
}

impl Hook {
    /// All hooks, in the order in which iptables lists their chains.
    pub const ALL: [Self; 5] = [Self::Prerouting, Self::Input, Self::Forward, Self::Output, Self::Postrouting];

    /// The name of the built-in chain at this hook.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prerouting => "PREROUTING",
            Self::Input => "INPUT",
            Self::Forward => "FORWARD",
            Self::Output => "OUTPUT",
            Self::Postrouting => "POSTROUTING",
        }
    }
}

/// The tables, in the order in which a hook runs them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TableName {
    /// Before connection tracking.
    Raw,
    /// Packet marks and header fields.
    Mangle,
    /// Address translation; only the first packet of a flow comes by.
    Nat,
    /// Filtering.
    Filter,
}

impl TableName {
    /// All tables, in the order of this enum.
    pub const ALL: [Self; 4] = [Self::Raw, Self::Mangle, Self::Nat, Self::Filter];

    /// The name as in `iptables -t`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Mangle => "mangle",
            Self::Nat => "nat",
            Self::Filter => "filter",
        }
    }

    /// The table with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The hooks at which the table has a built-in chain.
    #[must_use]
    pub const fn hooks(self) -> &'static [Hook] {
        match self {
            Self::Raw => &[Hook::Prerouting, Hook::Output],
            Self::Mangle => &Hook::ALL,
            Self::Nat => &[Hook::Prerouting, Hook::Input, Hook::Output, Hook::Postrouting],
            Self::Filter => &[Hook::Input, Hook::Forward, Hook::Output],
        }
    }
}

/// The two families, each with tables of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// IPv4: `iptables`.
    V4,
    /// IPv6: `ip6tables`.
    V6,
}

/// Netfilter in one namespace. Nothing is allocated until there is a rule, so an untouched one can be taken and put
/// back at no cost.
#[derive(Debug, Default)]
pub struct Netfilter {
}

impl Netfilter {
    /// Runs a packet through a hook: raw, connection tracking, mangle, nat, filter, as far as the hook has them.
    ///
    /// Rewrites the packet where rules or an existing translation say so, counts, and notes in `trace` what happened.
    pub fn hook(&mut self, _ctx: &HookCtx<'_>, _skb: &mut Skb, _trace: &mut Trace, _rng: &mut Rng) -> Verdict {
        Verdict::ACCEPT
    }
}
