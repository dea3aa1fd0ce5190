//! Network namespaces: what one holds, and making and removing them.

use super::TapId;
use super::dev::LinkKind;
use super::fragment::Reassembly;
use super::icmp::RateLimit;
use super::link::LinkSpec;
use super::mib::Mib;
use super::neigh::Neighbours;
use super::route::Tables;
use super::rule::Rules;
use super::sysctl::{Conf4, Conf6, NsConf};
use crate::ids::{LinkId, MachineId, NetnsId};
use crate::map::Lookup;
use crate::netfilter::Netfilter;
use crate::state::Kernel;
use crate::time::Instant;
use sorted::{SortedMap, SortedSet};
use std::net::IpAddr;
use std::rc::Rc;

/// A network namespace.
pub struct Netns {
    /// Its id in the world.
    pub id: NetnsId,
    /// The machine it is on.
    pub machine: MachineId,
    /// Whether it is the machine's own, from which new ones take their IPv4 settings.
    pub is_root: bool,
    /// Its loopback device.
    pub lo: LinkId,
    /// Rules and connections.
    pub nf: Netfilter,
    /// `net.ipv4.*` and others that belong to the namespace as a whole.
    pub conf: NsConf,
    /// `net.ipv4.conf.all`.
    pub conf4_all: Conf4,
    /// `net.ipv4.conf.default`: what new devices begin with.
    pub conf4_default: Conf4,
    /// `net.ipv6.conf.all`.
    pub conf6_all: Conf6,
    /// `net.ipv6.conf.default`: what new devices begin with.
    pub conf6_default: Conf6,
    /// Routing tables.
    pub tables: Tables,
    /// Policy routing.
    pub rules: Rules,
    /// ARP and neighbour discovery.
    pub(crate) neigh: Neighbours,
    /// Addresses of others that are answered for on a device.
    pub(crate) proxied: SortedSet<(LinkId, IpAddr)>,
    pub(crate) by_index: SortedMap<u32, LinkId>,
    pub(crate) by_name: SortedMap<Rc<str>, LinkId>,
    /// Groups that programs joined, with how many did.
    pub(crate) groups: Lookup<(LinkId, IpAddr), u32>,
    pub(crate) taps: Vec<TapId>,
    /// VXLAN devices whose datagrams travel here, wherever they are themselves.
    pub(crate) tunnels: Vec<LinkId>,
    pub(crate) reassembly: Reassembly,
    next_ident: u16,
    /// What ICMP errors have told about the way to an address.
    pub(crate) path_mtu: Lookup<IpAddr, (u32, Instant)>,
    pub(crate) icmp_limit: RateLimit,
    next_index: u32,
    /// What its protocols have counted.
    pub mib: Mib,
    /// The small numbers by which this namespace calls others (`link-netnsid`).
    nsids: SortedMap<NetnsId, u32>,
    nsids_taken: SortedSet<u32>,
}

impl Netns {
    /// A number for a packet that may be fragmented.
    pub(super) fn new_ident(&mut self) -> u16 {
        let ident = self.next_ident;
        self.next_ident = ident.wrapping_add(1).max(1);
        ident
    }

    /// The next free device index. They count up and are not reused. Source: Linux `dev_index_reserve`.
    pub(super) fn new_index(&mut self) -> u32 {
        while self.by_index.contains_key(&self.next_index) {
            self.next_index = self.next_index.wrapping_add(1).max(1);
        }
        let index = self.next_index;
        self.next_index = index.wrapping_add(1).max(1);
        index
    }
}

impl Kernel {
    /// Makes a namespace with a loopback device, which is down, except in a machine's first (root) namespace.
    pub fn netns_add(&mut self, machine: MachineId) -> NetnsId {
        let id = NetnsId(u32::try_from(self.net.namespaces.len()).unwrap_or(u32::MAX));
        let root = self
            .machine(machine)
            .and_then(|m| self.net.netns(m.root_ns));
        let is_root = root.is_none();
        // IPv4 settings are inherited from the root namespace, IPv6 ones are not.
        // Source: Linux Documentation/admin-guide/sysctl/net.rst, devconf_inherit_init_net = 0.
        let (conf4_all, conf4_default) = root.map_or_else(
            || (Conf4::for_all(), Conf4::default()),
            |ns| (ns.conf4_all.clone(), ns.conf4_default.clone()),
        );
        self.net.namespaces.push(Some(Box::new(Netns {
            id,
            machine,
            is_root,
            lo: LinkId(u32::MAX),
            nf: Netfilter::default(),
            conf: NsConf::default(),
            conf4_all,
            conf4_default,
            conf6_all: Conf6::for_all(),
            conf6_default: Conf6::default(),
            tables: Tables::default(),
            rules: Rules::default(),
            neigh: Neighbours::default(),
            proxied: SortedSet::new(),
            by_index: SortedMap::new(),
            by_name: SortedMap::new(),
            groups: Lookup::default(),
            taps: Vec::new(),
            tunnels: Vec::new(),
            reassembly: Reassembly::default(),
            next_ident: 1,
            path_mtu: Lookup::default(),
            icmp_limit: RateLimit::default(),
            next_index: 1,
            mib: Mib::default(),
            nsids: SortedMap::new(),
            nsids_taken: SortedSet::new(),
        })));
        let spec = LinkSpec::new("lo", super::LinkSpecKind::Dummy);
        if let Ok(lo) = self.link_insert(id, &spec, LinkKind::Loopback) {
            if let Some(ns) = self.net.netns_mut(id) {
                ns.lo = lo;
            }
            if is_root {
                let _ = self.link_set_up(lo);
            }
        }
        id
    }

    /// Removes a namespace with its devices, and their peers in other namespaces. Physical devices go back to the
    /// machine's root namespace.
    pub fn netns_del(&mut self, ns: NetnsId) {
        let Some(netns) = self.net.netns(ns) else {
            return;
        };
        let (machine, tunnels) = (netns.machine, netns.tunnels.clone());
        for tunnel in tunnels {
            self.link_destroy(tunnel);
        }
        let home = self
            .machine(machine)
            .map(|m| m.root_ns)
            .filter(|home| *home != ns);
        for link in self.links(ns).into_iter().rev() {
            let physical = self.net.link(link).is_some_and(|l| l.kind.is_physical());
            let moved =
                physical && home.is_some_and(|home| self.link_set_netns(link, home).is_ok());
            if !moved {
                self.link_destroy(link);
            }
        }
        self.sock_netns_gone(ns);
        if let Some(slot) = self.net.namespaces.get_mut(ns.index()) {
            *slot = None;
        }
        for other in self.net.namespaces.iter_mut().flatten() {
            if let Some(number) = other.nsids.remove(&ns) {
                other.nsids_taken.remove(&number);
            }
        }
    }

    /// The number by which the namespace of `link` calls the namespace of the device below or opposite, if that is
    /// another one: `link-netnsid` of `ip link`.
    #[must_use]
    pub fn link_netnsid(&self, link: LinkId) -> Option<u32> {
        let found = self.net.link(link)?;
        let other = super::dev::far_namespace(self, found)?;
        self.net.netns(found.ns)?.nsids.get(&other).copied()
    }

    /// The number by which `ns` calls another namespace, if it has one for it.
    #[must_use]
    pub fn netns_nsid(&self, ns: NetnsId, other: NetnsId) -> Option<u32> {
        self.net.netns(ns)?.nsids.get(&other).copied()
    }

    /// The namespaces that `ns` has numbers for, by number.
    #[must_use]
    pub fn netns_numbers(&self, ns: NetnsId) -> Vec<(u32, NetnsId)> {
        let known = self.net.netns(ns).map(|found| &found.nsids);
        let known = known.into_iter().flatten();
        let mut numbers: Vec<_> = known.map(|(other, number)| (*number, *other)).collect();
        sorted::sort(&mut numbers);
        numbers
    }

    /// Gives numbers to the two namespaces that a device joins, each in the other, if they have none yet.
    pub(super) fn netns_number_pair(&mut self, link: LinkId) {
        let Some(found) = self.net.link(link) else {
            return;
        };
        let ns = found.ns;
        let Some(other) = super::dev::far_namespace(self, found) else {
            return;
        };
        self.netns_number(ns, other);
        self.netns_number(other, ns);
    }

    fn netns_number(&mut self, ns: NetnsId, other: NetnsId) {
        let Some(netns) = self.net.netns_mut(ns) else {
            return;
        };
        if !netns.nsids.contains_key(&other) {
            // The lowest: they stand in order, so those before it are as many as it says.
            let taken = netns.nsids_taken.iter().zip(0..);
            let before = taken.take_while(|(id, at)| *id == at).count();
            let free = u32::try_from(before).unwrap_or(u32::MAX);
            netns.nsids_taken.insert(free);
            netns.nsids.insert(other, free);
        }
    }
}
