//! Addresses of devices, and the routes that come and go with them.
//!
//! Sources: Linux `devinet.c`, `fib_frontend.c` (`fib_add_ifaddr`), `addrconf.c`.

use super::route::{Route, RouteKind, RouteProto, TableId};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::state::Kernel;
use crate::time::{Duration, Instant};
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;
use wire::MacAddr;

/// How far an address or route is valid: the larger the number, the nearer. Source: Linux `enum rt_scope_t`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// Everywhere.
    Global = 0,
    /// Inside a site (IPv6, historic).
    Site = 200,
    /// On the link.
    Link = 253,
    /// On this machine.
    Host = 254,
    /// Nowhere.
    Nowhere = 255,
}

impl Scope {
    /// The word that `ip` prints.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Site => "site",
            Self::Link => "link",
            Self::Host => "host",
            Self::Nowhere => "nowhere",
        }
    }

    /// The scope that an address has by itself.
    #[must_use]
    pub const fn of(addr: IpAddr) -> Self {
        match addr {
            IpAddr::V4(a) if a.is_loopback() => Self::Host,
            IpAddr::V4(_) => Self::Global,
            IpAddr::V6(a) if a.is_loopback() => Self::Host,
            IpAddr::V6(a) if a.is_unicast_link_local() => Self::Link,
            IpAddr::V6(_) => Self::Global,
        }
    }
}

/// How long an IPv6 address is tentative. A real kernel takes one to two seconds; what people type takes that long there, too,
/// and moments here.
const DETECTION: Duration = Duration::from_millis(20);

/// Marks of an address.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct AddrFlags {
    /// Another address of the same subnet was there first.
    pub secondary: bool,
    /// No connected route comes with it.
    pub noprefixroute: bool,
    /// No duplicate address detection.
    pub nodad: bool,
    /// Whether that is still going on; told by [`Kernel::addrs`].
    pub tentative: bool,
}

/// An address of a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddrSpec {
    /// The address.
    pub addr: IpAddr,
    /// Length of the subnet's prefix, bits.
    pub prefix: u8,
    /// The address of the other end, on point-to-point links.
    pub peer: Option<IpAddr>,
    /// The broadcast address (IPv4).
    pub broadcast: Option<Ipv4Addr>,
    /// How far it is valid.
    pub scope: Scope,
    /// The label (IPv4); `None` for the device's name.
    pub label: Option<Rc<str>>,
    /// Marks.
    pub flags: AddrFlags,
    /// When duplicate address detection is over; `None` if there is none.
    detected: Option<Instant>,
}

impl AddrSpec {
    /// An address as `ip addr add ADDR/PREFIX` makes it: no broadcast address, the scope that it has by itself.
    #[must_use]
    pub const fn new(addr: IpAddr, prefix: u8) -> Self {
        Self {
            addr,
            prefix,
            peer: None,
            broadcast: None,
            scope: Scope::of(addr),
            label: None,
            flags: AddrFlags {
                secondary: false,
                noprefixroute: false,
                nodad: false,
                tentative: false,
            },
            detected: None,
        }
    }

    /// The same with the subnet's broadcast address, as `brd +` gives it.
    #[must_use]
    pub fn with_broadcast(mut self) -> Self {
        if let (IpAddr::V4(addr), true) = (self.addr, self.prefix < 31) {
            self.broadcast = Ipv4Net::new(addr, self.prefix)
                .ok()
                .map(|net| net.broadcast());
        }
        self
    }

    /// The subnet: of the peer, if there is one.
    #[must_use]
    pub fn subnet(&self) -> Option<IpNet> {
        IpNet::new(self.peer.unwrap_or(self.addr), self.prefix)
            .ok()
            .map(|net| net.trunc())
    }
}

/// The link-local address that follows from a hardware address, and from what tells devices that share it apart (0 where
/// none do). Source: RFC 4291 appendix A, Linux `addrconf_ifid_eui48`.
#[must_use]
pub fn eui64(mac: MacAddr, dev_id: u16) -> Ipv6Addr {
    let [a, b, c, d, e, f] = mac.0;
    // Only an address that the hardware alone decides is marked as the world's one of its kind.
    let (a, [high, low]) = match dev_id {
        0 => (a ^ 2, [0xff, 0xfe]),
        id => (a, id.to_be_bytes()),
    };
    Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a, b, c, high, low, d, e, f])
}

impl Kernel {
    /// Gives a device an address, and the routes that come with it.
    /// # Errors
    /// `ENODEV`: no such device. `EEXIST`: it has the address already. `EINVAL`: prefix too long. `EACCES`: IPv6 is
    /// disabled on the device. `EADDRINUSE`: a sibling of an ipvlan has it. `EADDRNOTAVAIL`: a multicast or unspecified IPv6 address.
    pub fn addr_add(&mut self, link: LinkId, mut spec: AddrSpec) -> Result<(), Errno> {
        let found = self.net.link_mut(link).ok_or(Errno::ENODEV)?;
        let subnet = spec.subnet().ok_or(Errno::EINVAL)?;
        let same_family = |a: &AddrSpec| a.addr.is_ipv6() == spec.addr.is_ipv6();
        if found
            .addrs
            .iter()
            .any(|a| a.addr == spec.addr && (spec.addr.is_ipv6() || a.prefix == spec.prefix))
        {
            return Err(Errno::EEXIST);
        }
        if !super::dev::ipvlan::may_have(self, link, spec.addr) {
            return Err(Errno::EADDRINUSE);
        }
        let now = self.now;
        let found = self.net.link_mut(link).ok_or(Errno::ENODEV)?;
        let at = if spec.addr.is_ipv4() {
            spec.flags.secondary = found
                .addrs
                .iter()
                .any(|a| same_family(a) && a.subnet() == Some(subnet));
            // Primaries stand before secondaries, nearer scopes before wider ones. Source: Linux `__inet_insert_ifa`.
            let behind = found
                .addrs
                .iter()
                .rposition(|a| same_family(a) && !a.flags.secondary && a.scope >= spec.scope);
            if spec.flags.secondary {
                None
            } else {
                Some(behind.map_or(0, |at| at + 1))
            }
        } else {
            if found.conf6.disable_ipv6 != 0 {
                return Err(Errno::EACCES);
            }
            if spec.addr.is_multicast() || spec.addr.is_unspecified() {
                return Err(Errno::EADDRNOTAVAIL);
            }
            let detects = found.conf6.accept_dad > 0 && found.conf6.dad_transmits > 0;
            if detects && !spec.flags.nodad && !found.is_loopback() {
                spec.detected = Some(now + DETECTION);
            }
            // Wider scopes first, the newest of a scope first. Source: Linux `ipv6_link_dev_addr`.
            found
                .addrs
                .iter()
                .position(|a| same_family(a) && a.scope >= spec.scope)
        };
        found
            .addrs
            .insert(at.unwrap_or(found.addrs.len()), spec.clone());
        let (ns, up) = (found.ns, found.admin_up);
        for route in self.addr_routes(link, &spec) {
            // An IPv4 address is the machine's own even while its device is down.
            if up || (route.kind == RouteKind::Local && spec.addr.is_ipv4()) {
                self.route_append(ns, route);
            }
        }
        super::dev::ipvlan::address_changed(self, link, spec.addr, true);
        Ok(())
    }

    /// Takes an address away, with its routes; an IPv4 primary takes its secondaries with it (`promote_secondaries` off)
    /// or leaves its place to the first of them.
    /// # Errors
    /// `ENODEV`: no such device. `EADDRNOTAVAIL`: the device does not have it.
    pub fn addr_del(&mut self, link: LinkId, addr: IpAddr, prefix: u8) -> Result<(), Errno> {
        let found = self.net.link_mut(link).ok_or(Errno::ENODEV)?;
        let at = found
            .addrs
            .iter()
            .position(|a| a.addr == addr && a.prefix == prefix)
            .ok_or(Errno::EADDRNOTAVAIL)?;
        let gone = found.addrs.remove(at);
        let ns = found.ns;
        super::dev::ipvlan::address_changed(self, link, addr, false);
        for route in self.addr_routes(link, &gone) {
            self.route_withdraw(ns, &route);
        }
        self.route_flush_source(ns, addr);
        let now = self.now;
        if let Some(netns) = self.net.netns_mut(ns) {
            netns.nf.forget_masqueraded(link, Some(addr), now);
        }
        if gone.addr.is_ipv4() && !gone.flags.secondary {
            self.primary_gone(link, &gone);
        }
        if gone.addr.is_ipv4() {
            self.last_gone(ns, link);
        }
        Ok(())
    }

    /// A device without any IPv4 address has no IPv4 routes and neighbours either. Source: Linux `fib_disable_ip`.
    fn last_gone(&mut self, ns: NetnsId, link: LinkId) {
        let has = |found: &super::Link| found.addrs.iter().any(|a| a.addr.is_ipv4());
        if self.net.link(link).is_some_and(|found| !has(found)) {
            self.route_flush_family(ns, link, false);
            self.neigh_forget_family(ns, link, false);
        }
    }

    /// The routes that come with an address of a device. Those of an IPv4 secondary name the primary as their source.
    /// Source: Linux `fib_add_ifaddr`.
    fn addr_routes(&self, link: LinkId, addr: &AddrSpec) -> Vec<Route> {
        let Some(found) = self.net.link(link) else {
            return Vec::new();
        };
        let primary = |a: &&AddrSpec| !a.flags.secondary && a.subnet() == addr.subnet();
        let primary = found
            .addrs
            .iter()
            .find(primary)
            .filter(|_| addr.flags.secondary);
        let source = primary.map_or(addr.addr, |primary| primary.addr);
        let mut routes = addr_routes(link, addr, found.is_loopback(), source);
        // What the primary has brought is there once.
        if primary.is_some_and(|primary| primary.broadcast == addr.broadcast) {
            routes.retain(|route| route.kind != RouteKind::Broadcast);
        }
        routes
    }

    fn primary_gone(&mut self, link: LinkId, gone: &AddrSpec) {
        let promote = self.net.conf4_or(link, |conf| conf.promote_secondaries);
        let Some(found) = self.net.link_mut(link) else {
            return;
        };
        let (subnet, up) = (gone.subnet(), found.admin_up);
        let mut followers: Vec<AddrSpec> = found
            .addrs
            .iter()
            .filter(|a| a.flags.secondary && a.subnet() == subnet)
            .cloned()
            .collect();
        if promote && !followers.is_empty() {
            let first = followers.remove(0);
            let ns = found.ns;
            let Some(at) = found.addrs.iter().position(|a| *a == first) else {
                return;
            };
            let mut first = found.addrs.remove(at);
            first.flags.secondary = false;
            let place = found
                .addrs
                .iter()
                .position(|a| a.addr.is_ipv4() && a.flags.secondary);
            found
                .addrs
                .insert(place.unwrap_or(found.addrs.len()), first.clone());
            // The routes of all went with the address that they named as their source.
            for addr in std::iter::once(&first).chain(&followers) {
                for route in self.addr_routes(link, addr) {
                    if up || route.kind == RouteKind::Local {
                        self.route_append(ns, route);
                    }
                }
            }
            return;
        }
        for follower in followers {
            let _ = self.addr_del(link, follower.addr, follower.prefix);
        }
    }

    /// Takes all addresses away, or those of one family (`Some(true)` for IPv6).
    pub fn addr_flush(&mut self, link: LinkId, v6: Option<bool>) {
        for addr in self.addrs(link) {
            if v6.is_none_or(|v6| addr.addr.is_ipv6() == v6) {
                let _ = self.addr_del(link, addr.addr, addr.prefix);
            }
        }
    }

    /// The addresses of a device: IPv4 first, then IPv6, each in the order in which `ip addr` lists them.
    #[must_use]
    pub fn addrs(&self, link: LinkId) -> Vec<AddrSpec> {
        let Some(found) = self.net.link(link) else {
            return Vec::new();
        };
        let family = |v6: bool| found.addrs.iter().filter(move |a| a.addr.is_ipv6() == v6);
        let mut all: Vec<AddrSpec> = family(false).chain(family(true)).cloned().collect();
        for addr in &mut all {
            addr.flags.tentative = addr.detected.is_some_and(|end| self.now < end);
        }
        all
    }

    /// Whether packets to `ip` end in this namespace: one of its own addresses, or 127.0.0.0/8.
    #[must_use]
    pub fn is_local(&self, ns: NetnsId, ip: IpAddr) -> bool {
        self.net.netns(ns).is_some_and(|ns| ns.tables.is_local(ip))
    }

    /// The device came up: loopback addresses appear, connected routes come back.
    pub(super) fn addrs_on_up(&mut self, link: LinkId) {
        let Some(found) = self.net.link(link) else {
            return;
        };
        let (ns, loopback) = (found.ns, found.is_loopback());
        if loopback {
            if !found.addrs.iter().any(|a| a.addr.is_ipv4()) {
                let _ = self.addr_add(link, AddrSpec::new(Ipv4Addr::LOCALHOST.into(), 8));
            }
            let _ = self.addr_add(link, AddrSpec::new(Ipv6Addr::LOCALHOST.into(), 128));
        }
        for addr in self.addrs(link) {
            for route in self.addr_routes(link, &addr) {
                self.route_append(ns, route);
            }
        }
    }

    /// The device went down: IPv6 addresses go, unless `keep_addr_on_down` says otherwise.
    pub(super) fn addrs_on_down(&mut self, link: LinkId) {
        if self
            .net
            .link(link)
            .is_some_and(|l| l.conf6.keep_addr_on_down <= 0)
        {
            self.addr_flush(link, Some(true));
        }
    }

    /// The device can carry frames: IPv6 gives it a link-local address.
    pub(super) fn addrs_on_carrier(&mut self, link: LinkId) {
        let Some(found) = self.net.link(link) else {
            return;
        };
        let ready = found.is_running() && !found.is_loopback() && found.conf6.disable_ipv6 == 0;
        // A bridge port is no interface of the IP layer, but Linux gives it an address all the same. Others of that scope, given
        // by hand, are no reason to go without the one that the hardware address stands for.
        let has = |addr: Option<Ipv6Addr>| {
            let mut given = found.addrs.iter().filter(|a| a.scope == Scope::Link);
            given.any(|a| match addr {
                Some(addr) => a.addr == addr,
                None => a.addr.is_ipv6(),
            })
        };
        if !ready {
            return;
        }
        let (ns, mac, dev_id) = (found.ns, found.mac, found.dev_id());
        let mode = found.conf6.addr_gen_mode;
        let own = (mode == 0).then(|| eui64(mac, dev_id));
        let has_one = has(own);
        self.route_append(ns, multicast_route(link));
        if has_one || mode == 1 {
            return;
        }
        // Stable-privacy and random addresses are both drawn from the world's seed.
        let addr = own.unwrap_or_else(|| {
            let mut low = [0; 8];
            self.rng.fill(&mut low);
            let [a, b, c, d, e, f, g, h] = low;
            Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a, b, c, d, e, f, g, h])
        });
        let _ = self.addr_add(link, AddrSpec::new(addr.into(), 64));
    }

    /// `disable_ipv6` of the device was changed.
    pub(super) fn addrs_on_ipv6_switched(&mut self, link: LinkId, on: bool) {
        let Some(found) = self.net.link(link) else {
            return;
        };
        let (ns, up, loopback) = (found.ns, found.admin_up, found.is_loopback());
        if !on {
            self.addr_flush(link, Some(true));
            self.route_flush_family(ns, link, true);
        } else if up && loopback {
            let _ = self.addr_add(link, AddrSpec::new(Ipv6Addr::LOCALHOST.into(), 128));
        } else {
            self.addrs_on_carrier(link);
        }
    }
}

fn kernel_route(
    link: LinkId,
    dst: IpNet,
    table: TableId,
    kind: RouteKind,
    scope: Scope,
    src: Option<IpAddr>,
) -> Route {
    Route {
        link: Some(link),
        table,
        kind,
        scope,
        src,
        proto: RouteProto::KERNEL,
        ..Route::new(dst)
    }
}

/// The route for IPv6 multicast by a device.
fn multicast_route(link: LinkId) -> Route {
    let dst = IpNet::new(Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0).into(), 8).unwrap_or_default();
    let route = kernel_route(
        link,
        dst,
        TableId::LOCAL,
        RouteKind::Multicast,
        Scope::Global,
        None,
    );
    Route {
        metric: 256,
        ..route
    }
}

/// The routes that come with an address while its device is up; `source` is what those of IPv4 name as their source.
fn addr_routes(link: LinkId, addr: &AddrSpec, loopback: bool, source: IpAddr) -> Vec<Route> {
    let host = IpNet::from(addr.addr);
    let Some(subnet) = addr.subnet() else {
        return Vec::new();
    };
    let plain = subnet.prefix_len() < subnet.max_prefix_len();
    let mut routes = Vec::new();
    if addr.addr.is_ipv6() {
        let local = kernel_route(
            link,
            host,
            TableId::LOCAL,
            RouteKind::Local,
            Scope::Global,
            None,
        );
        routes.push(Route { metric: 0, ..local });
        if !addr.flags.noprefixroute && !loopback {
            let kind = RouteKind::Unicast;
            let prefix = kernel_route(link, subnet, TableId::MAIN, kind, Scope::Global, None);
            routes.push(Route {
                metric: 256,
                ..prefix
            });
        }
        return routes;
    }
    let src = Some(source);
    routes.push(kernel_route(
        link,
        host,
        TableId::LOCAL,
        RouteKind::Local,
        Scope::Host,
        src,
    ));
    let broadcast = |ip: Ipv4Addr| {
        kernel_route(
            link,
            IpNet::from(IpAddr::from(ip)),
            TableId::LOCAL,
            RouteKind::Broadcast,
            Scope::Link,
            src,
        )
    };
    let explicit = addr.broadcast.filter(|b| !b.is_broadcast());
    routes.extend(explicit.map(broadcast));
    if !addr.flags.secondary && (plain || addr.peer.is_some()) {
        if !addr.flags.noprefixroute {
            let (table, kind, scope) = if loopback {
                (TableId::LOCAL, RouteKind::Local, Scope::Host)
            } else {
                (TableId::MAIN, RouteKind::Unicast, Scope::Link)
            };
            routes.push(kernel_route(link, subnet, table, kind, scope, src));
        }
        if let (IpAddr::V4(last), true) = (subnet.broadcast(), subnet.prefix_len() < 31)
            && explicit != Some(last)
        {
            routes.push(broadcast(last));
        }
    }
    routes
}
