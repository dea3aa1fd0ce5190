//! Asking the routing tables: what `ip route get` shows, and what every packet asks.

use super::route::{Entry, Route, RouteKind, TableId};
use super::rule::RuleAction;
use super::{Link, Net, RouteProto, Scope};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::state::Kernel;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

/// A question to the routing tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RouteQuery {
    /// Where to.
    pub dst: IpAddr,
    /// From which address; `None` to have one chosen.
    pub src: Option<IpAddr>,
    /// For a packet that came in: by which device.
    pub iif: Option<LinkId>,
    /// By which device it must leave (a socket bound to it).
    pub oif: Option<LinkId>,
    /// The packet's mark.
    pub mark: u32,
}

impl RouteQuery {
    /// A question about a packet of this machine's own with nothing special about it.
    #[must_use]
    pub const fn to(dst: IpAddr) -> Self {
        Self {
            dst,
            src: None,
            iif: None,
            oif: None,
            mark: 0,
        }
    }
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteAnswer {
    /// Unicast, local, broadcast or multicast; the other kinds are errors.
    pub kind: RouteKind,
    /// The device by which it leaves; for a local destination the loopback device.
    pub link: LinkId,
    /// For a local destination, the device that has the address; otherwise the same as `link`.
    pub owner: LinkId,
    /// The router; `None` if the destination is on the link.
    pub via: Option<IpAddr>,
    /// The source address to use.
    pub src: IpAddr,
    /// The route's prefix as `ip route` prints it.
    pub prefix: Rc<str>,
    /// The table it was found in.
    pub table: TableId,
    /// Its metric.
    pub metric: u32,
    /// Who made it.
    pub proto: RouteProto,
    /// The largest packet that fits, bytes: the route's own limit or the device's.
    pub mtu: u32,
}

impl RouteAnswer {
    /// The neighbour to send to.
    #[must_use]
    pub fn next_hop(&self, dst: IpAddr) -> IpAddr {
        self.via.unwrap_or(dst)
    }
}

/// Whether an address says nothing: 0.0.0.0 or ::.
pub(super) const fn unspecified(v6: bool) -> IpAddr {
    if v6 {
        IpAddr::V6(Ipv6Addr::UNSPECIFIED)
    } else {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED)
    }
}

impl Net {
    /// The route that rules and tables give.
    fn find_route(&self, ns: NetnsId, q: &RouteQuery) -> Result<&Rc<Entry>, Errno> {
        let netns = self.netns(ns).ok_or(Errno::ENETUNREACH)?;
        let fits = |route: &Route| {
            let by_device = q.oif.is_none() || route.link == q.oif;
            // Cheapest question first: link-local prefixes have a route by every device.
            let dead = || {
                route.link.is_some_and(|link| {
                    self.link(link).is_some_and(|l| !l.carrier)
                        && self.conf4_or(link, |conf| conf.ignore_routes_with_linkdown)
                })
            };
            by_device && !dead()
        };
        for action in netns.rules.matching(self, q) {
            let table = match action {
                RuleAction::Lookup(table) => table,
                // Other than a route's. Source: Linux `fib4_rule_action`.
                RuleAction::Unreachable => return Err(Errno::ENETUNREACH),
                RuleAction::Blackhole => return Err(Errno::EINVAL),
                RuleAction::Prohibit => return Err(Errno::EACCES),
            };
            match netns.tables.find(table, q.dst, fits) {
                None => {}
                Some(entry) => match entry.route.kind {
                    RouteKind::Throw => {}
                    RouteKind::Unreachable => return Err(Errno::EHOSTUNREACH),
                    RouteKind::Blackhole => return Err(Errno::EINVAL),
                    RouteKind::Prohibit => return Err(Errno::EACCES),
                    RouteKind::Unicast
                    | RouteKind::Local
                    | RouteKind::Broadcast
                    | RouteKind::Multicast => {
                        return Ok(entry);
                    }
                },
            }
        }
        Err(Errno::ENETUNREACH)
    }

    /// Asks the tables. `need_src` is false where nobody looks at the source (forwarding), which saves choosing one.
    /// # Errors
    /// `ENETUNREACH`: no route. `EHOSTUNREACH`, `EACCES`, `EINVAL`: an unreachable, prohibit or blackhole route.
    pub(super) fn route(
        &self,
        ns: NetnsId,
        q: &RouteQuery,
        need_src: bool,
    ) -> Result<RouteAnswer, Errno> {
        let v6 = q.dst.is_ipv6();
        let group = match q.dst {
            IpAddr::V4(a) => a.is_multicast() || a.is_broadcast(),
            IpAddr::V6(_) => false,
        };
        // Link-wide IPv4 destinations need no route if the device is given.
        if let (true, Some(link)) = (
            group,
            q.oif.or(if q.dst == IpAddr::V4(Ipv4Addr::BROADCAST) {
                q.iif
            } else {
                None
            }),
        ) {
            return self.on_link(ns, q, link);
        }
        let entry = match self.find_route(ns, q) {
            Ok(entry) => entry,
            // A device given and no route by it: taken to be on the link. Source: Linux `ip_route_output_key_hash_rcu`.
            Err(Errno::ENETUNREACH) if !v6 && q.iif.is_none() && q.oif.is_some() => {
                return self.on_link(ns, q, q.oif.ok_or(Errno::ENETUNREACH)?);
            }
            Err(error) => return Err(error),
        };
        let route = &entry.route;
        let owner = route.link.ok_or(Errno::ENETUNREACH)?;
        let netns = self.netns(ns).ok_or(Errno::ENETUNREACH)?;
        let link = if route.kind == RouteKind::Local {
            netns.lo
        } else {
            owner
        };
        let found = self.link(link).ok_or(Errno::ENETUNREACH)?;
        let src = match q.src.filter(|src| !src.is_unspecified()).or(route.src) {
            Some(src) => src,
            None if !need_src => unspecified(v6),
            None if route.kind == RouteKind::Local => q.dst,
            None => self.source_address(ns, owner, route.via.unwrap_or(q.dst), route.scope),
        };
        let kind = if group && route.kind == RouteKind::Unicast {
            if q.dst == IpAddr::V4(Ipv4Addr::BROADCAST) {
                RouteKind::Broadcast
            } else {
                RouteKind::Multicast
            }
        } else {
            route.kind
        };
        Ok(RouteAnswer {
            kind,
            link,
            owner,
            via: if group { None } else { route.via },
            src,
            prefix: entry.text.clone(),
            table: route.table,
            metric: route.metric,
            proto: route.proto,
            mtu: route.mtu.unwrap_or(found.mtu).min(found.mtu),
        })
    }

    /// The answer for a destination that is taken to be on `link`.
    fn on_link(&self, ns: NetnsId, q: &RouteQuery, link: LinkId) -> Result<RouteAnswer, Errno> {
        let found = self
            .link(link)
            .filter(|l| l.ns == ns)
            .ok_or(Errno::ENODEV)?;
        let kind = match q.dst {
            IpAddr::V4(a) if a.is_broadcast() => RouteKind::Broadcast,
            dst if dst.is_multicast() => RouteKind::Multicast,
            _ => RouteKind::Unicast,
        };
        let src = q
            .src
            .unwrap_or_else(|| self.source_address(ns, link, q.dst, Scope::Link));
        Ok(RouteAnswer {
            kind,
            link,
            owner: link,
            via: None,
            src,
            prefix: q.dst.to_string().into(),
            table: TableId::MAIN,
            metric: 0,
            proto: RouteProto::BOOT,
            mtu: found.mtu,
        })
    }

    /// The device by which a router is on a link: what a new route with that router uses.
    pub(super) fn gateway_link(
        &self,
        ns: NetnsId,
        via: IpAddr,
        link: Option<LinkId>,
    ) -> Option<LinkId> {
        if let IpAddr::V6(via6) = via
            && via6.is_unicast_link_local()
        {
            return link;
        }
        let q = RouteQuery {
            oif: link,
            ..RouteQuery::to(via)
        };
        let entry = self.find_route(ns, &q).ok()?;
        let reached = match entry.route.kind {
            RouteKind::Unicast => entry.route.via.is_none(),
            RouteKind::Local => via.is_ipv4(),
            _ => false,
        };
        reached.then_some(entry.route.link?)
    }

    /// The address that a packet by `link` to `dst` gets as its source.
    ///
    /// IPv4: the first address of the device in the subnet of `dst`, else its first one of at most this scope, else one of
    /// another device (Linux `inet_select_addr`). IPv6: RFC 6724 section 5, rules 1, 2, 5 and 8.
    pub(super) fn source_address(
        &self,
        ns: NetnsId,
        link: LinkId,
        dst: IpAddr,
        scope: Scope,
    ) -> IpAddr {
        let own = self
            .link(link)
            .map(|l| l.addrs.as_slice())
            .unwrap_or_default();
        if dst.is_ipv6() {
            return self.source_address_v6(ns, link, dst);
        }
        let usable = |a: &&super::AddrSpec| {
            a.addr.is_ipv4() && !a.flags.secondary && a.scope <= scope.min(Scope::Link)
        };
        let near = own
            .iter()
            .filter(usable)
            .find(|a| a.subnet().is_some_and(|net| net.contains(&dst)));
        if let Some(addr) = near.or_else(|| own.iter().find(usable)) {
            return addr.addr;
        }
        let mut all = self.links_of(ns).flat_map(|l| l.addrs.iter());
        all.find(|a| usable(a) && a.scope != Scope::Link)
            .map_or(unspecified(false), |a| a.addr)
    }

    fn links_of(&self, ns: NetnsId) -> impl Iterator<Item = &Link> {
        let links = self
            .netns(ns)
            .into_iter()
            .flat_map(|ns| ns.by_index.values());
        links.filter_map(|id| self.link(*id))
    }

    fn has_v6_address(&self, ns: NetnsId) -> bool {
        let mut addrs = self.links_of(ns).flat_map(|link| link.addrs.iter());
        addrs.any(|a| a.addr.is_ipv6())
    }

    fn source_address_v6(&self, ns: NetnsId, link: LinkId, dst: IpAddr) -> IpAddr {
        let links = self.links_of(ns);
        let candidates = links.flat_map(|l| l.addrs.iter().map(move |a| (l.id == link, a)));
        let wanted = match dst {
            IpAddr::V6(a) if a.is_multicast() && a.octets()[1] & 0x0f <= 2 => Scope::Link,
            dst => Scope::of(dst),
        };
        let common = |a: IpAddr| match (a, dst) {
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => 0,
        };
        let mut best: Option<((bool, bool, bool, u32), IpAddr)> = None;
        for (here, a) in
            candidates.filter(|(here, a)| a.addr.is_ipv6() && (*here || a.scope == Scope::Global))
        {
            let wide_enough = a.scope <= wanted;
            let rank = (
                a.addr == dst,
                wide_enough && (a.scope == wanted || wanted == Scope::Host),
                here,
                common(a.addr),
            );
            if best.is_none_or(|(old, _)| rank > old) {
                best = Some((rank, a.addr));
            }
        }
        best.map_or(unspecified(true), |(_, addr)| addr)
    }
}

impl Kernel {
    /// Asks the routing tables as `ip route get` does.
    /// # Errors
    /// `ENETUNREACH`: no route. `EHOSTUNREACH`: an unreachable route, or (for a packet that came in) forwarding is off.
    /// `EACCES`: a prohibit route. `EINVAL`: a blackhole route.
    pub fn route_get(&self, ns: NetnsId, q: &RouteQuery) -> Result<RouteAnswer, Errno> {
        self.net.route(ns, q, true)
    }

    /// The address that a socket gets which connects to `dst`, perhaps bound to a device.
    /// # Errors
    /// As [`Kernel::route_get`]; `EADDRNOTAVAIL` if there is a route but no address to use, and for IPv6 if the namespace has no
    /// address at all, which is looked at before the route. Source: Linux `net/ipv6/ip6_output.c`, `ip6_dst_lookup_tail`.
    pub fn source_for(
        &self,
        ns: NetnsId,
        dst: IpAddr,
        bind_device: Option<LinkId>,
    ) -> Result<IpAddr, Errno> {
        if dst.is_ipv6() && !self.net.has_v6_address(ns) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        let answer = self.net.route(
            ns,
            &RouteQuery {
                oif: bind_device,
                ..RouteQuery::to(dst)
            },
            true,
        )?;
        if answer.src.is_unspecified() {
            Err(Errno::EADDRNOTAVAIL)
        } else {
            Ok(answer.src)
        }
    }
}
