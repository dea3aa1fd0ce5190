//! Network devices as one sees them with `ip link`: making, changing, removing, and when they have carrier.

mod set;

use super::dev::bridge::BridgePort;
use super::dev::stack::Stack;
use super::dev::{self, LinkKind, LinkSpecKind};
use super::qdisc::Qdisc;
use super::sysctl::{Conf4, Conf6};
use super::{AddrSpec, TapId};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::netfilter::model::IfName;
use crate::state::Kernel;
use crate::time::Instant;
use std::collections::VecDeque;
use std::rc::Rc;
use wire::MacAddr;

/// The longest name that a device may have, bytes. Source: Linux `IFNAMSIZ`, less the final zero.
pub const MAX_NAME: usize = 15;

/// A network device.
#[derive(Debug)]
pub struct Link {
    /// Its id in the world.
    pub id: LinkId,
    /// The namespace it is in.
    pub ns: NetnsId,
    /// Its number in that namespace.
    pub index: u32,
    /// Its name in that namespace.
    pub name: Rc<str>,
    /// The same name as rules compare it.
    pub(crate) rule_name: IfName,
    /// Its hardware address; zero for the loopback device.
    pub mac: MacAddr,
    /// Whether somebody chose the address: a bridge then stops following its ports.
    pub mac_set: bool,
    /// The largest IP packet it takes, bytes.
    pub mtu: u32,
    /// What it is, with what only that kind has.
    pub kind: LinkKind,
    /// Whether it was set up (`UP`).
    pub admin_up: bool,
    /// Whether it ever was: its queueing discipline is there since.
    pub was_up: bool,
    /// Whether it could carry frames if it is up (`LOWER_UP`; false is `NO-CARRIER`).
    pub carrier: bool,
    /// The state that `ip link` shows.
    pub operstate: OperState,
    /// The bridge it is a port of.
    pub master: Option<LinkId>,
    /// Its settings as a bridge port; `Some` while it has a master.
    pub port: Option<Box<BridgePort>>,
    /// Devices that are stacked on this one and look at its frames first, in order of making.
    pub uppers: Vec<LinkId>,
    /// How their frames are told apart; `None` while nothing is stacked on it.
    pub(crate) stack: Option<Box<Stack>>,
    /// Length of the transmit queue; only shown.
    pub txqlen: u32,
    /// Whether `ip link set promisc on` was given.
    pub promisc: bool,
    /// What is only shown.
    pub labels: LinkLabels,
    /// Counters.
    pub stats: LinkStats,
    /// Addresses, in the order in which `ip addr` lists each family.
    pub addrs: Vec<AddrSpec>,
    /// `net.ipv4.conf.NAME`.
    pub conf4: Conf4,
    /// `net.ipv6.conf.NAME`.
    pub conf6: Conf6,
    pub(crate) taps: Vec<TapId>,
    /// Its queueing discipline, if it was given one.
    pub(crate) qdisc: Option<Box<Qdisc>>,
    /// When the last frame it sent arrives: later ones never overtake it.
    pub(crate) last_arrival: Instant,
}

/// What somebody wrote on a device; it changes no packet's way here.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct LinkLabels {
    /// `ip link set alias`; empty for none.
    pub alias: Rc<str>,
    /// `ip link set group`.
    pub group: u32,
    /// `ip link set allmulticast on`.
    pub allmulti: bool,
    /// `ip link set multicast off`.
    pub no_multicast: bool,
    /// `ip link set dynamic on`.
    pub dynamic: bool,
    /// Addresses that the device takes besides its own (`bridge fdb add ... self`).
    pub filter: Vec<MacAddr>,
}

/// What `ip -s link` counts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LinkStats {
    /// Frames received.
    pub rx_packets: u64,
    /// Bytes received.
    pub rx_bytes: u64,
    /// Frames received and dropped by the device.
    pub rx_dropped: u64,
    /// Group frames received.
    pub multicast: u64,
    /// Frames sent.
    pub tx_packets: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Frames that could not be sent.
    pub tx_dropped: u64,
}

/// The operational state of a device. Source: RFC 2863, Linux `Documentation/networking/operstates.rst`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperState {
    /// The device does not tell (loopback, dummy).
    Unknown,
    /// Not set up, or without carrier.
    Down,
    /// Without carrier because the device below or opposite is down.
    LowerLayerDown,
    /// Ready.
    Up,
}

impl OperState {
    /// The word that `ip link` prints.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Down => "DOWN",
            Self::LowerLayerDown => "LOWERLAYERDOWN",
            Self::Up => "UP",
        }
    }
}

/// What a new device shall be.
#[derive(Clone, Debug)]
pub struct LinkSpec {
    /// Its name; empty for the kind's own name with the lowest free number.
    pub name: String,
    /// What it is.
    pub kind: LinkSpecKind,
    /// Its hardware address; `None` for a random one.
    pub mac: Option<MacAddr>,
    /// Its MTU; `None` for the kind's default.
    pub mtu: Option<u32>,
    /// Its index; `None` for the namespace's next.
    pub index: Option<u32>,
    /// Its queue length; `None` for 1000.
    pub txqlen: Option<u32>,
}

impl LinkSpec {
    /// A device with nothing special about it.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: LinkSpecKind) -> Self {
        Self {
            name: name.into(),
            kind,
            mac: None,
            mtu: None,
            index: None,
            txqlen: None,
        }
    }
}

impl Link {
    /// Whether frames can pass: set up and with carrier.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.admin_up && self.carrier
    }

    /// Whether it is the loopback device.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        matches!(self.kind, LinkKind::Loopback)
    }
}

/// Whether a device may be called `name`. Source: Linux `dev_valid_name`.
#[must_use]
pub fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && name != "."
        && name != ".."
        && !name
            .bytes()
            .any(|b| b == b'/' || b == b':' || b.is_ascii_whitespace())
}

impl Kernel {
    /// Makes a device in `ns`. A veth comes with its peer.
    /// # Errors
    /// `EEXIST`: the name is taken. `EBUSY`: the index is. `EINVAL`: name, address or MTU make no sense. `ENODEV`: a
    /// device or segment it refers to is not there. `EOPNOTSUPP`: the kind cannot be made.
    pub fn link_add(&mut self, ns: NetnsId, spec: LinkSpec) -> Result<LinkId, Errno> {
        dev::create(self, ns, spec)
    }

    /// Puts a device into the arena and its namespace, down and without carrier. `dev` calls it for every kind.
    pub(super) fn link_insert(
        &mut self,
        ns: NetnsId,
        spec: &LinkSpec,
        kind: LinkKind,
    ) -> Result<LinkId, Errno> {
        let name = self.free_name(ns, &spec.name, kind.text())?;
        if spec
            .mtu
            .is_some_and(|mtu| mtu < kind.min_mtu() || mtu > kind.max_mtu())
        {
            return Err(Errno::EINVAL);
        }
        if spec.mac.is_some_and(|mac| {
            mac.is_multicast() || (mac == MacAddr::ZERO && !matches!(kind, LinkKind::Loopback))
        }) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        let mac = match (spec.mac, &kind) {
            (Some(mac), _) => mac,
            (None, LinkKind::Loopback) => MacAddr::ZERO,
            (None, _) => self.random_mac(),
        };
        let id = LinkId(u32::try_from(self.net.links.len()).or(Err(Errno::ENOMEM))?);
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENODEV)?;
        let index = match spec.index {
            Some(index) if index == 0 || index > i32::MAX as u32 => return Err(Errno::EINVAL),
            Some(index) if netns.by_index.contains_key(&index) => return Err(Errno::EBUSY),
            Some(index) => index,
            None => netns.new_index(),
        };
        let name: Rc<str> = name.into();
        netns.by_index.insert(index, id);
        netns.by_name.insert(name.clone(), id);
        let default = &netns.conf6_default;
        let conf6 = if matches!(kind, LinkKind::Loopback) {
            Conf6::for_loopback(default)
        } else {
            default.clone()
        };
        let link = Link {
            id,
            ns,
            index,
            rule_name: IfName::new(&name),
            name,
            mac,
            mac_set: spec.mac.is_some(),
            mtu: spec.mtu.unwrap_or_else(|| kind.default_mtu()),
            kind,
            admin_up: false,
            was_up: false,
            carrier: false,
            operstate: OperState::Down,
            master: None,
            port: None,
            uppers: Vec::new(),
            stack: None,
            txqlen: spec.txqlen.unwrap_or(1000),
            promisc: false,
            labels: LinkLabels::default(),
            stats: LinkStats::default(),
            addrs: Vec::new(),
            conf4: netns.conf4_default.clone(),
            conf6,
            taps: Vec::new(),
            qdisc: None,
            last_arrival: Instant::ZERO,
        };
        self.net.links.push(Some(Box::new(link)));
        self.link_refresh(id);
        Ok(id)
    }

    /// A free name: `wanted`, or `prefix` and the lowest free number.
    fn free_name(&self, ns: NetnsId, wanted: &str, prefix: &str) -> Result<String, Errno> {
        let netns = self.net.netns(ns).ok_or(Errno::ENODEV)?;
        if !wanted.is_empty() {
            return match netns.by_name.contains_key(wanted) {
                _ if !valid_name(wanted) => Err(Errno::EINVAL),
                true => Err(Errno::EEXIST),
                false => Ok(wanted.to_owned()),
            };
        }
        let free = (0..u32::MAX)
            .map(|n| format!("{prefix}{n}"))
            .find(|name| !netns.by_name.contains_key(name.as_str()));
        free.ok_or(Errno::ENOSPC)
    }

    /// A random, locally administered unicast hardware address.
    pub fn random_mac(&mut self) -> MacAddr {
        let mut bytes = [0; 6];
        self.rng.fill(&mut bytes);
        bytes[0] = (bytes[0] & 0xfe) | 0x02;
        MacAddr(bytes)
    }

    /// Removes a device, its addresses and routes; a veth's peer goes with it.
    /// # Errors
    /// `ENODEV`: no such device. `EOPNOTSUPP`: the loopback device and physical ones stay.
    pub fn link_del(&mut self, link: LinkId) -> Result<(), Errno> {
        if !self
            .net
            .link(link)
            .ok_or(Errno::ENODEV)?
            .kind
            .is_removable()
        {
            return Err(Errno::EOPNOTSUPP);
        }
        self.link_destroy(link);
        Ok(())
    }

    /// Takes a device out of the world, whatever its kind, with all that hangs on it.
    pub(super) fn link_destroy(&mut self, link: LinkId) {
        let Some(found) = self.net.link(link) else {
            return;
        };
        let (ns, index, name, taps) = (
            found.ns,
            found.index,
            found.name.clone(),
            found.taps.clone(),
        );
        let uppers = found.uppers.clone();
        let _ = self.link_set_down(link);
        let _ = self.link_set_master(link, None);
        for upper in uppers {
            self.link_destroy(upper);
        }
        self.addr_flush(link, None);
        self.route_flush_link(ns, link, true);
        self.neigh_forget_link(ns, link);
        for tap in taps {
            self.net.taps.detach(tap);
        }
        let dependents = dev::dependents(self, link);
        let gone = self.net.links.get_mut(link.index()).and_then(Option::take);
        if let Some(netns) = self.net.netns_mut(ns) {
            netns.by_index.remove(&index);
            netns.by_name.remove(&name);
        }
        self.net.graves.insert(link, ns);
        if let Some(gone) = gone {
            dev::removed(self, *gone);
        }
        for other in dependents {
            self.link_refresh(other);
        }
    }

    /// The device that `ns` calls `name`.
    #[must_use]
    pub fn link_by_name(&self, ns: NetnsId, name: &str) -> Option<LinkId> {
        self.net.netns(ns)?.by_name.get(name).copied()
    }

    /// The device with this index in `ns`.
    #[must_use]
    pub fn link_by_index(&self, ns: NetnsId, index: u32) -> Option<LinkId> {
        self.net.netns(ns)?.by_index.get(&index).copied()
    }

    /// The devices of `ns`, by index.
    #[must_use]
    pub fn links(&self, ns: NetnsId) -> Vec<LinkId> {
        self.net
            .netns(ns)
            .map(|netns| netns.by_index.values().copied().collect())
            .unwrap_or_default()
    }

    /// The devices of `ns`, by index, that were made since there had been so many in the world (see
    /// [`Net::made`](super::Net::made)).
    pub fn links_since(&self, ns: NetnsId, made: usize) -> impl Iterator<Item = &Link> {
        let netns = self.net.netns(ns);
        let all = netns.into_iter().flat_map(|ns| ns.by_index.values());
        all.filter(move |id| id.index() >= made)
            .filter_map(|id| self.net.link(*id))
    }

    /// The index of the device below or opposite, as `ip link` shows it behind the `@` (`eth0@if4`), and the device
    /// itself if it exists here. `None` for a device that stands on its own.
    #[must_use]
    pub fn link_lower(&self, link: LinkId) -> Option<(u32, Option<LinkId>)> {
        dev::lower(self, link)
    }

    /// Recomputes carrier and state of a device; if its carrier changed, tells what lies above it.
    pub(super) fn link_refresh(&mut self, link: LinkId) {
        let mut todo = VecDeque::from([link]);
        while let Some(id) = todo.pop_front() {
            let carrier = dev::carrier(self, id);
            // Linux looks the lower device's index up in this namespace, even if that device is in another: so a
            // container's end that is down makes the other end DOWN here, not LOWERLAYERDOWN. Source: `default_operstate`.
            let namesake = dev::lower(self, id)
                .and_then(|(index, _)| self.link_by_index(self.net.link(id)?.ns, index));
            let lower_is_down = namesake
                .and_then(|other| self.net.link(other))
                .is_some_and(|other| !other.carrier);
            let Some(found) = self.net.link_mut(id) else {
                continue;
            };
            let was_judged = match &found.kind {
                LinkKind::Bridge(bridge) => bridge.judged,
                _ => true,
            };
            let (ns, changed) = (found.ns, found.carrier != carrier);
            found.carrier = carrier;
            found.operstate = if !found.admin_up {
                OperState::Down
            } else if !found.kind.tells_state() || (carrier && !was_judged) {
                OperState::Unknown
            } else if carrier {
                OperState::Up
            } else if lower_is_down {
                OperState::LowerLayerDown
            } else {
                OperState::Down
            };
            if changed {
                if carrier {
                    self.addrs_on_carrier(id);
                } else {
                    // Source: Linux `arp_netdev_event`, `neigh_carrier_down`.
                    self.neigh_flush(ns, Some(id));
                }
                todo.extend(dev::dependents(self, id));
            }
        }
    }

    /// Recomputes a device and what lies above or opposite.
    pub(super) fn link_refresh_all(&mut self, link: LinkId) {
        self.link_refresh(link);
        for other in dev::dependents(self, link) {
            self.link_refresh(other);
        }
        self.addrs_on_carrier(link);
    }
}
