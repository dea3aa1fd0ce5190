//! Policy routing: which routing tables are asked, and for whom. Source: ip-rule(8), Linux `fib_rules.c`.

use super::lookup::RouteQuery;
use super::route::TableId;
use crate::errno::Errno;
use crate::ids::NetnsId;
use crate::state::Kernel;
use ipnet::IpNet;
use std::rc::Rc;

/// What a rule does with a packet it matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleAction {
    /// Asks a table; if that has no route, the next rule is tried.
    Lookup(TableId),
    /// Says "no route to host".
    Unreachable,
    /// Drops silently.
    Blackhole,
    /// Says "forbidden".
    Prohibit,
}

/// A rule of one family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its place: lower numbers are asked first.
    pub pref: u32,
    /// Whether it is for IPv6.
    pub v6: bool,
    /// Whether what follows must not match.
    pub not: bool,
    /// The source must be in this prefix.
    pub from: Option<IpNet>,
    /// The destination must be in this prefix.
    pub to: Option<IpNet>,
    /// The packet's mark must be this, of the bits in the second number.
    pub mark: Option<(u32, u32)>,
    /// The packet must have come in by the device of this name.
    pub iif: Option<Rc<str>>,
    /// The socket must be bound to the device of this name.
    pub oif: Option<Rc<str>>,
    /// What then happens.
    pub action: RuleAction,
}

impl Rule {
    /// A rule for every packet.
    #[must_use]
    pub const fn new(pref: u32, v6: bool, table: TableId) -> Self {
        let action = RuleAction::Lookup(table);
        Self {
            pref,
            v6,
            not: false,
            from: None,
            to: None,
            mark: None,
            iif: None,
            oif: None,
            action,
        }
    }

    /// Whether it looks at nothing.
    const fn is_for_all(&self) -> bool {
        self.from.is_none()
            && self.to.is_none()
            && self.mark.is_none()
            && self.iif.is_none()
            && self.oif.is_none()
            && !self.not
    }

    fn matches(&self, k: &super::Net, q: &RouteQuery) -> bool {
        if self.is_for_all() {
            return true;
        }
        let named = |link: Option<crate::ids::LinkId>, name: &Rc<str>| {
            link.and_then(|id| k.link(id))
                .is_some_and(|found| found.name == *name)
        };
        // A packet that the machine makes itself counts as coming in by lo.
        let came_by = |name: &Rc<str>| named(q.iif, name) || (q.iif.is_none() && &**name == "lo");
        let hit = self
            .from
            .is_none_or(|net| q.src.is_some_and(|src| net.contains(&src)))
            && self.to.is_none_or(|net| net.contains(&q.dst))
            && self
                .mark
                .is_none_or(|(mark, mask)| q.mark & mask == mark & mask)
            && self.iif.as_ref().is_none_or(came_by)
            && self.oif.as_ref().is_none_or(|name| named(q.oif, name));
        hit != self.not
    }
}

/// The rules of a namespace, both families, by place.
#[derive(Clone, Debug)]
pub struct Rules(Vec<Rule>);

impl Default for Rules {
    fn default() -> Self {
        let v4 = [
            (0, TableId::LOCAL),
            (32766, TableId::MAIN),
            (32767, TableId::DEFAULT),
        ];
        let v6 = [(0, TableId::LOCAL), (32766, TableId::MAIN)];
        let v4 = v4
            .into_iter()
            .map(|(pref, table)| Rule::new(pref, false, table));
        let v6 = v6
            .into_iter()
            .map(|(pref, table)| Rule::new(pref, true, table));
        Self(v4.chain(v6).collect())
    }
}

impl Rules {
    /// What the rules that match `q` do, in order.
    pub(super) fn matching<'a>(
        &'a self,
        net: &'a super::Net,
        q: &'a RouteQuery,
    ) -> impl Iterator<Item = RuleAction> + 'a {
        self.0
            .iter()
            .filter(|rule| rule.v6 == q.dst.is_ipv6() && rule.matches(net, q))
            .map(|rule| rule.action)
    }
}

impl Kernel {
    /// The rules of one family, by place.
    #[must_use]
    pub fn rules(&self, ns: NetnsId, v6: bool) -> Vec<Rule> {
        let all = self
            .net
            .netns(ns)
            .map(|ns| ns.rules.0.as_slice())
            .unwrap_or_default();
        all.iter().filter(|rule| rule.v6 == v6).cloned().collect()
    }

    /// Adds a rule; `None` as its place puts it in front of all but the first, as `ip rule add` does.
    /// # Errors
    /// `ENODEV`: no such namespace. `EEXIST`: the same rule exists.
    pub fn rule_add(
        &mut self,
        ns: NetnsId,
        mut rule: Rule,
        pref: Option<u32>,
    ) -> Result<(), Errno> {
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENODEV)?;
        let list = &mut netns.rules.0;
        let second = list
            .iter()
            .filter(|r| r.v6 == rule.v6)
            .nth(1)
            .map_or(32766, |r| r.pref);
        rule.pref = pref.unwrap_or(second.saturating_sub(1));
        if list.contains(&rule) {
            return Err(Errno::EEXIST);
        }
        let at = list
            .iter()
            .position(|r| r.v6 == rule.v6 && r.pref > rule.pref)
            .unwrap_or(list.len());
        netns.tables.apart |= !rule.v6;
        list.insert(at, rule);
        Ok(())
    }

    /// Removes the first rule that `is_it` points at.
    /// # Errors
    /// `ENODEV`: no such namespace. `ENOENT`: no such rule.
    pub fn rule_del(&mut self, ns: NetnsId, is_it: impl Fn(&Rule) -> bool) -> Result<(), Errno> {
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENODEV)?;
        let list = &mut netns.rules.0;
        let at = list.iter().position(is_it).ok_or(Errno::ENOENT)?;
        netns.tables.apart |= !list.remove(at).v6;
        Ok(())
    }

    /// Whether IPv4's local table is one of its own, and told of as such.
    #[must_use]
    pub fn local_table_is_apart(&self, ns: NetnsId) -> bool {
        self.net.netns(ns).is_some_and(|ns| ns.tables.apart)
    }
}
