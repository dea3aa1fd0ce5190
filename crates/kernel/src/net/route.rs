//! Routing tables: what they hold, and adding and removing routes.

use super::Scope;
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::map::Lookup;
use crate::state::Kernel;
use ipnet::IpNet;
use sorted::SortedMap;
use std::cmp::Ordering;
use std::net::IpAddr;
use std::rc::Rc;

/// A routing table's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TableId(pub u32);

impl TableId {
    /// Own addresses and broadcasts; kept by the kernel.
    pub const LOCAL: Self = Self(255);
    /// Where routes usually go.
    pub const MAIN: Self = Self(254);
    /// Asked last (IPv4 only), usually empty.
    pub const DEFAULT: Self = Self(253);
}

/// Who made a route.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RouteProto(pub u8);

impl RouteProto {
    /// The kernel, with an address.
    pub const KERNEL: Self = Self(2);
    /// Somebody, by hand, without saying who: `ip route` does not print it.
    pub const BOOT: Self = Self(3);
    /// An administrator.
    pub const STATIC: Self = Self(4);
    /// A router advertisement.
    pub const RA: Self = Self(9);
    /// A DHCP client.
    pub const DHCP: Self = Self(16);
}

/// What a route does with packets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RouteKind {
    /// Sends them on.
    Unicast,
    /// They are for this machine.
    Local,
    /// They are for everybody on the link.
    Broadcast,
    /// They are for a group.
    Multicast,
    /// Says "no route to host".
    Unreachable,
    /// Drops them silently.
    Blackhole,
    /// Says "forbidden".
    Prohibit,
    /// Pretends that this table has no route.
    Throw,
}

impl RouteKind {
    /// The word that `ip route` prints in front of the prefix; empty for unicast.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unicast => "",
            Self::Local => "local",
            Self::Broadcast => "broadcast",
            Self::Multicast => "multicast",
            Self::Unreachable => "unreachable",
            Self::Blackhole => "blackhole",
            Self::Prohibit => "prohibit",
            Self::Throw => "throw",
        }
    }

    /// Whether it needs a device.
    #[must_use]
    pub const fn has_device(self) -> bool {
        matches!(
            self,
            Self::Unicast | Self::Local | Self::Broadcast | Self::Multicast
        )
    }
}

/// A route.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The table it is in.
    pub table: TableId,
    /// What it does.
    pub kind: RouteKind,
    /// Which destinations it is for.
    pub dst: IpNet,
    /// The router; `None` if the destinations are on the link.
    pub via: Option<IpAddr>,
    /// The device. For a new route with a router it may be left out.
    pub link: Option<LinkId>,
    /// The source address that packets get which have none.
    pub src: Option<IpAddr>,
    /// Of several routes for one prefix the one with the lowest number is used. IPv6 makes 1024 of 0 in user routes.
    pub metric: u32,
    /// Who made it.
    pub proto: RouteProto,
    /// How far away the destinations are. IPv6 does not use it.
    pub scope: Scope,
    /// The router counts as on the link although no route says so.
    pub onlink: bool,
    /// The MTU to use instead of the device's.
    pub mtu: Option<u32>,
}

impl Route {
    /// An on-link unicast route in the main table, by hand; set what differs.
    #[must_use]
    pub const fn new(dst: IpNet) -> Self {
        Self {
            table: TableId::MAIN,
            kind: RouteKind::Unicast,
            dst,
            via: None,
            link: None,
            src: None,
            metric: 0,
            proto: RouteProto::BOOT,
            scope: Scope::Global,
            onlink: false,
            mtu: None,
        }
    }

    /// The prefix as `ip route` prints it: `default`, `10.0.0.0/8`, or a bare address.
    #[must_use]
    pub fn prefix_text(&self) -> Rc<str> {
        if self.dst.prefix_len() == 0 {
            "default".into()
        } else if self.dst.prefix_len() == self.dst.max_prefix_len() {
            self.dst.addr().to_string().into()
        } else {
            self.dst.to_string().into()
        }
    }
}

/// A route in a table, with what is printed in every trace.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) route: Route,
    pub(super) text: Rc<str>,
}

/// Routes of one prefix length, by their bits; each list by metric.
#[derive(Debug)]
struct Bucket {
    len: u8,
    routes: Lookup<u128, Vec<Rc<Entry>>>,
}

/// A table of one family.
#[derive(Default, Debug)]
struct Fib {
    /// In the order in which `ip route` lists them.
    rows: Vec<Rc<Entry>>,
    /// Longest prefixes first.
    buckets: Vec<Bucket>,
}

/// An address as a number, and how many bits its family has.
const fn bits(ip: IpAddr) -> (u128, u8) {
    match ip {
        IpAddr::V4(a) => (a.to_bits() as u128, 32),
        IpAddr::V6(a) => (a.to_bits(), 128),
    }
}

fn key(ip: IpAddr, len: u8) -> u128 {
    let (bits, width) = bits(ip);
    if len == 0 {
        0
    } else {
        bits >> u32::from(width.saturating_sub(len))
    }
}

/// The order of a listing. IPv4: by address, then the longer prefix. IPv6: a prefix comes after all that it contains.
/// Sources: Linux `fib_trie.c` (`fn_trie_dump_leaf`), `ip6_fib.c` (`fib6_walk`, children before the node itself).
fn listing_order(a: &Route, b: &Route) -> Ordering {
    let by_prefix = if a.dst == b.dst {
        Ordering::Equal
    } else if a.dst.max_prefix_len() == 128 && a.dst.contains(&b.dst) {
        Ordering::Greater
    } else if a.dst.max_prefix_len() == 128 && b.dst.contains(&a.dst) {
        Ordering::Less
    } else {
        a.dst
            .addr()
            .cmp(&b.dst.addr())
            .then(b.dst.prefix_len().cmp(&a.dst.prefix_len()))
    };
    by_prefix.then(a.metric.cmp(&b.metric))
}

impl Fib {
    /// Puts a route behind those of the same prefix and metric.
    fn insert(&mut self, route: Route) {
        let text = route.prefix_text();
        let entry = Rc::new(Entry { route, text });
        let row = self
            .rows
            .partition_point(|r| listing_order(&r.route, &entry.route) != Ordering::Greater);
        self.rows.insert(row, entry.clone());
        let len = entry.route.dst.prefix_len();
        let at = self.buckets.partition_point(|b| b.len > len);
        if self.buckets.get(at).is_none_or(|b| b.len != len) {
            self.buckets.insert(
                at,
                Bucket {
                    len,
                    routes: Lookup::default(),
                },
            );
        }
        if let Some(bucket) = self.buckets.get_mut(at) {
            let list = bucket
                .routes
                .or_insert_with(key(entry.route.dst.addr(), len), Vec::new);
            let place = list.partition_point(|r| r.route.metric <= entry.route.metric);
            list.insert(place, entry);
        }
    }

    /// Removes the routes that `gone` points at, at most `limit`; returns how many there were.
    /// Takes out the routes with the prefix and the metric of `route`, in order.
    fn take_like(&mut self, route: &Route) -> Vec<Route> {
        let alike = |r: &Route| r.dst == route.dst && r.metric == route.metric;
        let rows = self.rows.iter().map(|entry| &entry.route);
        let found: Vec<Route> = rows.filter(|r| alike(r)).cloned().collect();
        self.remove(found.len(), alike);
        found
    }

    fn remove(&mut self, limit: usize, gone: impl Fn(&Route) -> bool) -> usize {
        let mut removed: Vec<Rc<Entry>> = Vec::new();
        self.rows.retain(|entry| {
            let hit = removed.len() < limit && gone(&entry.route);
            if hit {
                removed.push(entry.clone());
            }
            !hit
        });
        for entry in &removed {
            let (addr, len) = (entry.route.dst.addr(), entry.route.dst.prefix_len());
            let Some(bucket) = self.buckets.iter_mut().find(|b| b.len == len) else {
                continue;
            };
            let bits = key(addr, len);
            if let Some(list) = bucket.routes.get_mut(&bits) {
                list.retain(|e| !Rc::ptr_eq(e, entry));
                if list.is_empty() {
                    bucket.routes.remove(&bits);
                }
            }
        }
        self.buckets.retain(|b| !b.routes.is_empty());
        removed.len()
    }

    /// The first route for `dst` that `fits`: longest prefix first, lowest metric first.
    fn find(&self, dst: IpAddr, fits: impl Fn(&Route) -> bool) -> Option<&Rc<Entry>> {
        self.buckets.iter().find_map(|bucket| {
            let routes = bucket.routes.get(&key(dst, bucket.len))?;
            routes.iter().find(|entry| fits(&entry.route))
        })
    }
}

/// The routing tables of a namespace.
#[derive(Default, Debug)]
pub struct Tables {
    fibs: SortedMap<(TableId, bool), Fib>,
    /// Whether IPv4's local table is one of its own: it shares a tree with the main one until somebody changes the rules.
    /// Source: Linux `fib_unmerge`.
    pub(super) apart: bool,
}

impl Tables {
    fn fib_mut(&mut self, route: &Route) -> &mut Fib {
        self.fibs
            .entry((route.table, route.dst.addr().is_ipv6()))
            .or_default()
    }

    /// The first route of `table` for `dst` that `fits`: longest prefix first, lowest metric first. Of two tables that share
    /// a tree, the longer prefix wins.
    pub(super) fn find(
        &self,
        table: TableId,
        dst: IpAddr,
        fits: impl Fn(&Route) -> bool,
    ) -> Option<&Rc<Entry>> {
        let found = |table, fits| self.fibs.get(&(table, dst.is_ipv6()))?.find(dst, fits);
        let first = found(table, &fits)?;
        let length = first.route.dst.prefix_len();
        if table != TableId::LOCAL || self.apart || dst.is_ipv6() || length == 32 {
            return Some(first);
        }
        match found(TableId::MAIN, &fits) {
            Some(main) if main.route.dst.prefix_len() > length => Some(main),
            _ => Some(first),
        }
    }

    /// Whether packets to `ip` end here.
    pub(super) fn is_local(&self, ip: IpAddr) -> bool {
        self.find(TableId::LOCAL, ip, |_| true)
            .is_some_and(|e| e.route.kind == RouteKind::Local)
    }

    fn remove_everywhere(&mut self, gone: impl Fn(&Route) -> bool) {
        for fib in self.fibs.values_mut() {
            fib.remove(usize::MAX, &gone);
        }
    }
}

/// Which routes `ip route del` means: what is `None` or left at its default does not matter.
#[derive(Clone, Debug)]
pub struct RouteMatch {
    /// The prefix.
    pub dst: IpNet,
    /// The table; `None` for main.
    pub table: Option<TableId>,
    /// The kind.
    pub kind: Option<RouteKind>,
    /// The router.
    pub via: Option<IpAddr>,
    /// The device.
    pub link: Option<LinkId>,
    /// The metric.
    pub metric: Option<u32>,
    /// The source address.
    pub src: Option<IpAddr>,
}

impl RouteMatch {
    /// Any route for a prefix.
    #[must_use]
    pub const fn new(dst: IpNet) -> Self {
        Self {
            dst,
            table: None,
            kind: None,
            via: None,
            link: None,
            metric: None,
            src: None,
        }
    }

    fn matches(&self, route: &Route) -> bool {
        route.dst == self.dst
            && self.kind.is_none_or(|kind| route.kind == kind)
            && self.via.is_none_or(|via| route.via == Some(via))
            && self.link.is_none_or(|link| route.link == Some(link))
            && self.metric.is_none_or(|metric| route.metric == metric)
            && self.src.is_none_or(|src| route.src == Some(src))
    }
}

impl Kernel {
    /// Adds a route as `ip route add` does.
    ///
    /// The device is found from the router if it is left out, an on-link route gets link scope.
    /// # Errors
    /// `EEXIST`: a route for that prefix and metric exists. `ENETUNREACH`: the router is not on a link. `ENETDOWN`: the
    /// device is down. `ENODEV`: no such device or none given. `EINVAL`: the address families differ, host bits are set,
    /// or the source is not an own address.
    pub fn route_add(&mut self, ns: NetnsId, route: Route) -> Result<(), Errno> {
        let route = self.route_entered(ns, route)?;
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENODEV)?;
        let fib = netns.tables.fib_mut(&route);
        if fib
            .rows
            .iter()
            .any(|r| r.route.dst == route.dst && r.route.metric == route.metric)
        {
            return Err(Errno::EEXIST);
        }
        fib.insert(route);
        Ok(())
    }

    /// Puts a route beside those with the same prefix and metric, after them or before them, as `ip route append` and
    /// `prepend` do.
    /// # Errors
    /// As [`Kernel::route_add`]; `EEXIST` only for the very same route.
    pub fn route_beside(&mut self, ns: NetnsId, route: Route, first: bool) -> Result<(), Errno> {
        let route = self.route_entered(ns, route)?;
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENODEV)?;
        let fib = netns.tables.fib_mut(&route);
        let mut there = fib.take_like(&route);
        let known = there.contains(&route);
        if !known {
            there.insert(if first { 0 } else { there.len() }, route);
        }
        there.into_iter().for_each(|route| fib.insert(route));
        if known { Err(Errno::EEXIST) } else { Ok(()) }
    }

    /// Whether a table was ever written to; IPv6's main and local ones are there from the start, and IPv4's are made
    /// together. Source: Linux `fib_new_table`, `fib6_tables_init`.
    #[must_use]
    pub fn route_table_exists(&self, ns: NetnsId, v6: bool, table: TableId) -> bool {
        let Some(netns) = self.net.netns(ns) else {
            return false;
        };
        let written = |table| netns.tables.fibs.contains_key(&(table, v6));
        match table {
            TableId::MAIN | TableId::LOCAL => {
                v6 || written(TableId::MAIN) || written(TableId::LOCAL)
            }
            table => written(table),
        }
    }

    /// Makes a route's table, which is there from then on even if the route is refused, and checks the route.
    /// # Errors
    /// As [`Kernel::route_add`], except `EEXIST`.
    pub fn route_entered(&mut self, ns: NetnsId, route: Route) -> Result<Route, Errno> {
        if let Some(netns) = self.net.netns_mut(ns) {
            netns.tables.fib_mut(&route);
        }
        self.route_checked(ns, route)
    }

    /// Puts a route in place of those with the same prefix and metric, as `ip route replace` does.
    /// # Errors
    /// As [`Kernel::route_add`], except `EEXIST`.
    pub fn route_replace(&mut self, ns: NetnsId, route: Route) -> Result<(), Errno> {
        let route = self.route_entered(ns, route)?;
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENODEV)?;
        let fib = netns.tables.fib_mut(&route);
        // The first of them makes place, and the new one stands there.
        let there = fib.take_like(&route);
        std::iter::once(route)
            .chain(there.into_iter().skip(1))
            .for_each(|route| fib.insert(route));
        Ok(())
    }

    /// Removes the first route that fits, as `ip route del` does.
    /// # Errors
    /// `ESRCH`: there is none. `ENODEV`: no such namespace.
    pub fn route_del(&mut self, ns: NetnsId, which: &RouteMatch) -> Result<(), Errno> {
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENODEV)?;
        let key = (
            which.table.unwrap_or(TableId::MAIN),
            which.dst.addr().is_ipv6(),
        );
        let fib = netns.tables.fibs.get_mut(&key).ok_or(Errno::ESRCH)?;
        if fib.remove(1, |route| which.matches(route)) == 0 {
            Err(Errno::ESRCH)
        } else {
            Ok(())
        }
    }

    /// The routes of one family, of one table or of all by number, in the order in which `ip route` lists them.
    #[must_use]
    pub fn routes(&self, ns: NetnsId, v6: bool, table: Option<TableId>) -> Vec<Route> {
        let Some(netns) = self.net.netns(ns) else {
            return Vec::new();
        };
        let wanted = |id: &TableId| table.is_none_or(|t| t == *id);
        let fibs = netns
            .tables
            .fibs
            .iter()
            .filter(|((id, family), _)| *family == v6 && wanted(id));
        fibs.flat_map(|(_, fib)| fib.rows.iter().map(|entry| entry.route.clone()))
            .collect()
    }

    /// Fills in what a new route leaves open and refuses what makes no sense. Source: Linux `fib_check_nh`.
    fn route_checked(&self, ns: NetnsId, mut route: Route) -> Result<Route, Errno> {
        let v6 = route.dst.addr().is_ipv6();
        if route.dst.trunc() != route.dst
            || route
                .via
                .is_some_and(|via| via.is_ipv6() != v6 && !via.is_ipv6())
        {
            return Err(Errno::EINVAL);
        }
        if v6 && route.metric == 0 {
            route.metric = 1024;
        }
        let foreign = |src: IpAddr| src.is_ipv6() != v6 || !self.is_local(ns, src);
        let sourced_well = match route.src.is_some_and(foreign) {
            true => Err(Errno::EINVAL),
            false => Ok(()),
        };
        if !route.kind.has_device() {
            sourced_well?;
            // Linux shows such an IPv6 route as standing on lo.
            route.link = if v6 {
                self.net.netns(ns).map(|ns| ns.lo)
            } else {
                None
            };
            return Ok(route);
        }
        if let Some(via) = route.via {
            // Linux takes an IPv4 address of the machine's own, too: the lookup of the router may end locally.
            if v6 && self.is_local(ns, via) {
                return Err(Errno::EINVAL);
            }
            if route.onlink {
                route.link.ok_or(Errno::ENODEV)?;
            } else {
                let way = self
                    .net
                    .gateway_link(ns, via, route.link)
                    .ok_or(Errno::ENETUNREACH)?;
                route.link = route.link.or(Some(way));
            }
        } else if route.kind == RouteKind::Unicast && !v6 && route.scope == Scope::Global {
            route.scope = Scope::Link;
        }
        if route.kind == RouteKind::Local {
            (route.scope, route.table) = (Scope::Host, route.table);
        }
        let link = self
            .net
            .link(route.link.ok_or(Errno::ENODEV)?)
            .ok_or(Errno::ENODEV)?;
        if link.ns != ns {
            return Err(Errno::ENODEV);
        }
        if !link.admin_up {
            return Err(Errno::ENETDOWN);
        }
        if v6 && link.conf6.disable_ipv6 != 0 {
            return Err(Errno::EACCES);
        }
        sourced_well.and(Ok(route))
    }

    /// Adds a route that comes with an address; it may stand beside others for the same prefix.
    pub(super) fn route_append(&mut self, ns: NetnsId, route: Route) {
        let Some(netns) = self.net.netns_mut(ns) else {
            return;
        };
        let fib = netns.tables.fib_mut(&route);
        if fib.find(route.dst.addr(), |r| *r == route).is_none() {
            fib.insert(route);
        }
    }

    /// Removes a route that came with an address.
    pub(super) fn route_withdraw(&mut self, ns: NetnsId, route: &Route) {
        if let Some(netns) = self.net.netns_mut(ns) {
            netns.tables.fib_mut(route).remove(1, |r| r == route);
        }
    }

    /// Removes the routes that name `src` as their source, as Linux does when the address goes.
    pub(super) fn route_flush_source(&mut self, ns: NetnsId, src: IpAddr) {
        let Some(netns) = self.net.netns_mut(ns) else {
            return;
        };
        if !netns.tables.is_local(src) {
            netns
                .tables
                .remove_everywhere(|route| route.src == Some(src));
        }
    }

    /// Removes the routes by a device: all, or (when it goes down) all but those that make its IPv4 addresses local.
    pub(super) fn route_flush_link(&mut self, ns: NetnsId, link: LinkId, all: bool) {
        if let Some(netns) = self.net.netns_mut(ns) {
            let keep = |route: &Route| route.kind == RouteKind::Local && route.dst.addr().is_ipv4();
            netns
                .tables
                .remove_everywhere(|route| route.link == Some(link) && (all || !keep(route)));
        }
    }

    /// Removes the routes of one family by a device.
    pub(super) fn route_flush_family(&mut self, ns: NetnsId, link: LinkId, v6: bool) {
        if let Some(netns) = self.net.netns_mut(ns) {
            let gone = |route: &Route| route.link == Some(link) && route.dst.addr().is_ipv6() == v6;
            netns.tables.remove_everywhere(gone);
        }
    }
}
