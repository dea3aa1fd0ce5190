//! Netfilter: tables of rules, connection tracking and NAT, one instance per namespace.
//!
//! [`Netfilter::hook`] is what the IP stack calls; it runs raw, connection tracking, mangle, nat and filter in the order of
//! Linux's priorities (`hook`).
//! Rules are data ([`model`]) in tables ([`table`]) that are validated as they are changed ([`validate`]) and walked in
//! order ([`walk`], [`matches`]). [`conntrack`] remembers flows, [`nat`] rewrites them, [`print`] says rules in words.

pub mod conntrack;
pub mod ctx;
pub mod ipvs;
pub mod model;
pub mod print;
pub mod table;
pub mod validate;

mod content;
mod counted;
mod hook;
mod index;
mod log;
mod matches;
mod nat;
mod walk;

pub use conntrack::{ConnInfo, Conntrack};
pub use ctx::{AddrType, HookCtx, HookEnv, Iface, Verdict};
pub use ipvs::{Ipvs, RealServer, ServiceKey, VirtualService};
pub use model::{Counters, Inv, Match, Rule, Target};
pub use table::{Chain, Policy, Table};
pub use validate::RuleError;

use crate::ids::LinkId;
use crate::rng::Rng;
use crate::skb::Skb;
use crate::time::Instant;
use crate::trace::Trace;
use sorted::SortedMap;
use std::net::IpAddr;
use std::rc::Rc;

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
    pub const ALL: [Self; 5] = [
        Self::Prerouting,
        Self::Input,
        Self::Forward,
        Self::Output,
        Self::Postrouting,
    ];

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
    /// Marks for security modules; its rules filter, too.
    Security,
}

impl TableName {
    /// All tables, in the order of this enum.
    pub const ALL: [Self; 5] = [
        Self::Raw,
        Self::Mangle,
        Self::Nat,
        Self::Filter,
        Self::Security,
    ];

    /// The name as in `iptables -t`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Mangle => "mangle",
            Self::Nat => "nat",
            Self::Filter => "filter",
            Self::Security => "security",
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
            Self::Nat => &[
                Hook::Prerouting,
                Hook::Input,
                Hook::Output,
                Hook::Postrouting,
            ],
            Self::Filter | Self::Security => &[Hook::Input, Hook::Forward, Hook::Output],
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

/// Netfilter in one namespace. Nothing is allocated until there is a table, so an untouched one can be taken and put back
/// at no cost, and its hooks return at once.
#[derive(Debug, Default)]
pub struct Netfilter {
    state: Option<Box<State>>,
}

/// Everything of a namespace that has tables.
#[derive(Debug, Default)]
struct State {
    v4: Tables,
    v6: Tables,
    ct: Conntrack,
    recent: model::RecentLists,
    lines: Vec<Rc<str>>,
    /// Virtual services, once there were any.
    ipvs: Option<Box<ipvs::Ipvs>>,
}

impl State {
    const fn tables(&self, family: Family) -> &Tables {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    const fn tables_mut(&mut self, family: Family) -> &mut Tables {
        match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        }
    }
}

/// The tables of one family; those that nobody has used yet do not exist.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    raw: Option<Table>,
    mangle: Option<Table>,
    nat: Option<Table>,
    filter: Option<Table>,
    security: Option<Table>,
}

impl Tables {
    /// A table, if it exists.
    #[must_use]
    pub const fn get(&self, name: TableName) -> Option<&Table> {
        match name {
            TableName::Raw => self.raw.as_ref(),
            TableName::Mangle => self.mangle.as_ref(),
            TableName::Nat => self.nat.as_ref(),
            TableName::Filter => self.filter.as_ref(),
            TableName::Security => self.security.as_ref(),
        }
    }

    /// A table to change; it is made with its built-in chains if it does not exist.
    pub fn get_mut(&mut self, name: TableName) -> &mut Table {
        self.slot(name).get_or_insert_with(|| Table::new(name))
    }

    /// Removes a table with all that is in it.
    pub fn remove(&mut self, name: TableName) {
        *self.slot(name) = None;
    }

    const fn slot(&mut self, name: TableName) -> &mut Option<Table> {
        match name {
            TableName::Raw => &mut self.raw,
            TableName::Mangle => &mut self.mangle,
            TableName::Nat => &mut self.nat,
            TableName::Filter => &mut self.filter,
            TableName::Security => &mut self.security,
        }
    }

    /// Whether connection tracking has to run: a nat table exists, or a rule asks about flows.
    fn needs_conntrack(&self) -> bool {
        TableName::ALL
            .iter()
            .any(|name| self.get(*name).is_some_and(Table::needs_conntrack))
    }
}

impl Netfilter {
    /// Runs a packet through a hook: raw, connection tracking, mangle, nat, filter, security, as far as the hook has them.
    ///
    /// Rewrites the packet where rules or an existing translation say so, counts, and notes in `trace` what happened.
    /// A drop is for the caller to note. The caller keeps `skb.ct` while the packet stays in this namespace, and sets it to
    /// `None` for a packet that comes in by a device (on `lo` both will do).
    pub fn hook(
        &mut self,
        ctx: &HookCtx<'_>,
        skb: &mut Skb,
        trace: &mut Trace,
        rng: &mut Rng,
    ) -> Verdict {
        match &mut self.state {
            Some(state) => hook::run(state, ctx, skb, trace, rng),
            None => Verdict::ACCEPT,
        }
    }

    /// Whether there is no table, nor ever was: packets then pass all hooks as they are.
    pub(crate) const fn is_untouched(&self) -> bool {
        self.state.is_none()
    }

    /// Whether fragments have to be put together before PREROUTING and OUTPUT, because flows are tracked.
    #[must_use]
    pub fn wants_whole_packets(&self, family: Family) -> bool {
        self.state
            .as_ref()
            .is_some_and(|state| state.tables(family).needs_conntrack())
    }

    /// Lets an answer that the stack makes (an ICMP error, a TCP reset) belong to the flow of the packet that caused it,
    /// so that it is translated back even if that packet never got through. Call it before OUTPUT.
    pub fn attach(&self, answer: &mut Skb, cause: &Skb) {
        let Some(ct) = cause.ct.filter(|ct| ct.conn != conntrack::NO_CONN) else {
            return;
        };
        let dir = conntrack::opposite(ct.dir);
        answer.ct = Some(crate::skb::CtRef {
            conn: ct.conn,
            dir,
            state: crate::skb::CtState::Related,
        });
    }

    /// The lists of `-m recent` that rules name, with the addresses in them.
    #[must_use]
    pub fn recent_lists(&self) -> SortedMap<Rc<str>, Vec<(IpAddr, &model::Listed)>> {
        let mut lists = SortedMap::new();
        let Some(state) = &self.state else {
            return lists;
        };
        let tables = [&state.v4, &state.v6].into_iter().flat_map(|tables| {
            TableName::ALL
                .into_iter()
                .filter_map(|name| tables.get(name))
        });
        let chains = tables.flat_map(Table::chains);
        let matches = chains
            .flat_map(table::Chain::rules)
            .flat_map(|entry| &entry.rule.matches);
        for wanted in matches {
            if let Match::Recent(recent) = wanted {
                let listed = state.recent.0.get(&recent.name).into_iter().flatten();
                let listed = listed.map(|(address, listed)| (*address, listed));
                lists.insert(recent.name.clone(), listed.collect());
            }
        }
        lists
    }

    /// A table, if somebody has used it.
    #[must_use]
    pub fn table(&self, family: Family, name: TableName) -> Option<&Table> {
        self.state.as_ref()?.tables(family).get(name)
    }

    /// A table to change; it is made with its built-in chains if it does not exist, as any change with iptables does.
    pub fn table_mut(&mut self, family: Family, name: TableName) -> &mut Table {
        self.state
            .get_or_insert_default()
            .tables_mut(family)
            .get_mut(name)
    }

    /// All tables of a family, to change them.
    pub fn tables_mut(&mut self, family: Family) -> &mut Tables {
        self.state.get_or_insert_default().tables_mut(family)
    }

    /// A copy of a family's tables, to make several changes that count only together ([`Netfilter::set_tables`]).
    #[must_use]
    pub fn tables(&self, family: Family) -> Tables {
        self.state
            .as_ref()
            .map(|state| state.tables(family).clone())
            .unwrap_or_default()
    }

    /// Puts changed tables in the place of the old ones.
    pub fn set_tables(&mut self, family: Family, tables: Tables) {
        *self.state.get_or_insert_default().tables_mut(family) = tables;
    }

    /// The flows, if there can be any.
    #[must_use]
    pub fn conntrack(&self) -> Option<&Conntrack> {
        self.state.as_ref().map(|state| &state.ct)
    }

    /// The flows and their settings, to change them.
    pub fn conntrack_mut(&mut self) -> &mut Conntrack {
        &mut self.state.get_or_insert_default().ct
    }

    /// The virtual services, if there ever were any.
    #[must_use]
    pub fn ipvs(&self) -> Option<&Ipvs> {
        self.state.as_ref()?.ipvs.as_deref()
    }

    /// The virtual services, to change them.
    pub fn ipvs_mut(&mut self) -> &mut Ipvs {
        self.state
            .get_or_insert_default()
            .ipvs
            .get_or_insert_default()
    }

    /// An address went away (or with `None` the whole device): flows masqueraded with it are forgotten.
    pub fn forget_masqueraded(&mut self, link: LinkId, address: Option<IpAddr>, now: Instant) {
        if let Some(state) = &mut self.state {
            state.ct.forget_masqueraded(link, address, now);
        }
    }

    /// The lines that LOG targets wrote since the last call, oldest first, for the machine's kernel log.
    pub fn take_log(&mut self) -> Vec<Rc<str>> {
        self.state
            .as_mut()
            .map(|state| std::mem::take(&mut state.lines))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
