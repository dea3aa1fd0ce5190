//! The neighbour table: which hardware address a next hop has, for ARP and neighbour discovery alike.
//!
//! States and times follow Linux `neighbour.c`. An entry that is not used needs no timer: whether it is still reachable
//! is worked out when somebody asks.

use super::timing;
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, PacketId};
use crate::map::Lookup;
use crate::sched::Event;
use crate::skb::Skb;
use crate::state::Kernel;
use crate::time::{Duration, Instant};
use crate::trace::DropReason;
use std::collections::VecDeque;
use std::net::IpAddr;
use wire::{IcmpErrorKind, MacAddr};

/// What is known about a neighbour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NeighState {
    /// Asked for, no answer yet.
    Incomplete,
    /// Confirmed not long ago.
    Reachable,
    /// Known, not confirmed lately.
    Stale,
    /// In use though stale; soon to be probed.
    Delay,
    /// Being probed.
    Probe,
    /// Did not answer.
    Failed,
    /// Set by hand.
    Permanent,
}

impl NeighState {
    /// The word that `ip neigh` prints.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Incomplete => "INCOMPLETE",
            Self::Reachable => "REACHABLE",
            Self::Stale => "STALE",
            Self::Delay => "DELAY",
            Self::Probe => "PROBE",
            Self::Failed => "FAILED",
            Self::Permanent => "PERMANENT",
        }
    }
}

/// A neighbour as `ip neigh` lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NeighbourInfo {
    /// Its address.
    pub ip: IpAddr,
    /// The device it is on.
    pub link: LinkId,
    /// Its hardware address, if known.
    pub mac: Option<MacAddr>,
    /// What is known about it.
    pub state: NeighState,
    /// Whether it says that it is a router (IPv6).
    pub router: bool,
    /// How often it was asked for, as Linux counts: a first question is the fourth, after three that it skips.
    pub probes: u32,
    /// How long ago it was last heard to be there.
    pub confirmed: Duration,
    /// How long ago its hardware address or state last changed.
    pub updated: Duration,
}

/// An answer of the table.
pub(super) enum Resolve {
    /// Send there.
    Known(MacAddr),
    /// Put the packet into the queue.
    Wait,
}

/// What a message says about a neighbour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub(super) mac: MacAddr,
    /// It answers a question of ours, which proves that the neighbour hears us.
    pub(super) confirmed: bool,
    /// It may replace another hardware address.
    pub(super) replace: bool,
    /// An entry is made if there is none.
    pub(super) create: bool,
    /// What it says about being a router.
    pub(super) router: Option<bool>,
}

#[derive(Debug)]
struct Entry {
    state: NeighState,
    mac: Option<MacAddr>,
    updated: Instant,
    confirmed: Instant,
    reachable_for: Duration,
    probes: u32,
    /// Questions to the neighbour itself that were skipped since its hardware address was not known.
    skipped: u32,
    /// When its timer runs out; an event for another instant is an old one.
    timer: Option<Instant>,
    queue: VecDeque<Skb>,
    router: bool,
}

impl Entry {
    const fn new(now: Instant) -> Self {
        Self {
            state: NeighState::Failed,
            mac: None,
            updated: now,
            confirmed: Instant::ZERO,
            reachable_for: Duration::ZERO,
            probes: 0,
            skipped: 0,
            timer: None,
            queue: VecDeque::new(),
            router: false,
        }
    }

    /// The state now: reachable does not last.
    fn state(&self, now: Instant) -> NeighState {
        if self.state == NeighState::Reachable && now.since(self.confirmed) >= self.reachable_for {
            NeighState::Stale
        } else {
            self.state
        }
    }
}

/// The table of a namespace.
#[derive(Default, Debug)]
pub(crate) struct Neighbours {
    entries: Lookup<(LinkId, IpAddr), Entry>,
    /// In the order of their coming.
    order: Vec<(LinkId, IpAddr)>,
}

impl Neighbours {
    fn entry(&mut self, key: (LinkId, IpAddr), now: Instant) -> &mut Entry {
        if !self.entries.contains(&key) {
            if self.order.len() >= timing::NEIGH_TABLE {
                self.collect(now);
            }
            self.order.push(key);
        }
        self.entries.or_insert_with(key, || Entry::new(now))
    }

    /// The hardware address to send to, if it need not be asked for or proved first.
    fn known(&self, key: &(LinkId, IpAddr), now: Instant) -> Option<MacAddr> {
        let entry = self.entries.get(key)?;
        let usable = matches!(
            entry.state(now),
            NeighState::Reachable | NeighState::Delay | NeighState::Probe | NeighState::Permanent
        );
        entry.mac.filter(|_| usable)
    }

    /// Makes room in a full table: what failed goes, and what is stale.
    fn collect(&mut self, now: Instant) {
        let useless = |e: &Entry| {
            matches!(e.state(now), NeighState::Failed | NeighState::Stale) && e.queue.is_empty()
        };
        let gone: Vec<_> = self
            .order
            .iter()
            .filter(|key| self.entries.get(key).is_some_and(useless))
            .copied()
            .collect();
        for key in gone {
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &(LinkId, IpAddr)) -> Option<Entry> {
        self.order.retain(|other| other != key);
        self.entries.remove(key)
    }
}

/// Between half and one and a half times the base, by entry and time rather than from the world's random numbers.
fn reachable_time(link: LinkId, now: Instant) -> Duration {
    let base = timing::NEIGH_REACHABLE.as_millis() as u64;
    let hash = (now.0 ^ (u64::from(link.0) << 40)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    Duration::from_millis(base / 2 + ((hash * base) >> 32))
}

impl Kernel {
    /// The hardware address of `ip`; begins asking for it if nothing is known.
    pub(super) fn neigh_resolve(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        ip: IpAddr,
        src: IpAddr,
        cause: PacketId,
    ) -> Resolve {
        let now = self.now;
        let Some(netns) = self.net.netns_mut(ns) else {
            return Resolve::Wait;
        };
        if let Some(mac) = netns.neigh.known(&(link, ip), now) {
            return Resolve::Known(mac);
        }
        let entry = netns.neigh.entry((link, ip), now);
        match (entry.state(now), entry.mac) {
            (NeighState::Stale, Some(mac)) => {
                entry.state = NeighState::Delay;
                self.neigh_timer(ns, link, ip, timing::NEIGH_DELAY);
                Resolve::Known(mac)
            }
            (NeighState::Incomplete, _) => Resolve::Wait,
            _ => {
                (entry.state, entry.probes) = (NeighState::Incomplete, 1);
                entry.skipped = timing::NEIGH_PROBES;
                self.neigh_timer(ns, link, ip, timing::NEIGH_RETRANS);
                self.neigh_ask(ns, link, ip, None, Some(src), Some(cause));
                Resolve::Wait
            }
        }
    }

    /// Lets a packet wait for its neighbour; the oldest gives way if too many do.
    pub(super) fn neigh_queue(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr, skb: Skb) {
        let now = self.now;
        let Some(netns) = self.net.netns_mut(ns) else {
            return;
        };
        let entry = netns.neigh.entry((link, ip), now);
        entry.queue.push_back(skb);
        let lost = if entry.queue.len() > timing::NEIGH_QUEUE {
            entry.queue.pop_front()
        } else {
            None
        };
        if let Some(lost) = lost {
            self.drop_skb(ns, &lost, DropReason::QueueFull);
        }
    }

    fn neigh_timer(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr, after: Duration) {
        let at = self.now + after;
        let Some(entry) = self
            .net
            .netns_mut(ns)
            .and_then(|ns| ns.neigh.entries.get_mut(&(link, ip)))
        else {
            return;
        };
        entry.timer = Some(at);
        self.queue.schedule(at, Event::Neighbour { ns, link, ip });
    }

    /// Asks for a neighbour, by multicast or (`to`) by unicast.
    fn neigh_ask(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        ip: IpAddr,
        to: Option<MacAddr>,
        src: Option<IpAddr>,
        cause: Option<PacketId>,
    ) {
        match ip {
            IpAddr::V4(ip) => self.arp_request(ns, link, ip, to, src, cause),
            IpAddr::V6(ip) => self.ndp_solicit(ns, link, ip, to, src, cause),
        }
    }

    /// A neighbour's timer ran out: probe it, ask again, or give up.
    pub fn net_neighbour_timer(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr) {
        let now = self.now;
        let Some(entry) = self
            .net
            .netns_mut(ns)
            .and_then(|ns| ns.neigh.entries.get_mut(&(link, ip)))
        else {
            return;
        };
        if entry.timer != Some(now) {
            return;
        }
        entry.timer = None;
        match entry.state {
            NeighState::Delay if now.since(entry.confirmed) <= timing::NEIGH_DELAY => {
                entry.state = NeighState::Reachable;
            }
            NeighState::Delay => {
                (entry.state, entry.probes, entry.skipped) = (NeighState::Probe, 0, 0);
                self.neigh_probe(ns, link, ip);
            }
            NeighState::Probe | NeighState::Incomplete => self.neigh_probe(ns, link, ip),
            NeighState::Reachable
            | NeighState::Stale
            | NeighState::Failed
            | NeighState::Permanent => {}
        }
    }

    fn neigh_probe(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr) {
        let Some(entry) = self
            .net
            .netns_mut(ns)
            .and_then(|ns| ns.neigh.entries.get_mut(&(link, ip)))
        else {
            return;
        };
        if entry.probes >= timing::NEIGH_PROBES {
            self.neigh_failed(ns, link, ip);
            return;
        }
        entry.probes += 1;
        let to = if entry.state == NeighState::Probe {
            entry.mac
        } else {
            None
        };
        let first = entry.queue.front().map(|skb| (skb.ip.src, skb.id));
        self.neigh_timer(ns, link, ip, timing::NEIGH_RETRANS);
        self.neigh_ask(
            ns,
            link,
            ip,
            to,
            first.map(|(src, _)| src),
            first.map(|(_, id)| id),
        );
    }

    /// Nobody answered: each waiting packet's sender is told, be it this machine or another.
    fn neigh_failed(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr) {
        let Some(entry) = self
            .net
            .netns_mut(ns)
            .and_then(|ns| ns.neigh.entries.get_mut(&(link, ip)))
        else {
            return;
        };
        (entry.state, entry.mac) = (NeighState::Failed, None);
        for skb in std::mem::take(&mut entry.queue) {
            self.drop_skb(ns, &skb, DropReason::NeighbourFailed { next_hop: ip });
            self.icmp_error(ns, &skb, IcmpErrorKind::HostUnreachable);
        }
    }

    /// Whether there is an entry for a neighbour, in whatever state.
    pub(super) fn neigh_knows(&self, ns: NetnsId, link: LinkId, ip: IpAddr) -> bool {
        let netns = self.net.netns(ns);
        netns.is_some_and(|netns| netns.neigh.entries.get(&(link, ip)).is_some())
    }

    /// Takes in what a message says about a neighbour. Source: Linux `neigh_update`.
    pub(super) fn neigh_heard(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr, heard: Heard) {
        let now = self.now;
        let Some(netns) = self.net.netns_mut(ns) else {
            return;
        };
        let entry = match netns.neigh.entries.get_mut(&(link, ip)) {
            Some(entry) => entry,
            None if heard.create => netns.neigh.entry((link, ip), now),
            None => return,
        };
        let old = entry.state(now);
        if let Some(router) = heard.router {
            entry.router = router;
        }
        let differs = entry.mac.is_some_and(|mac| mac != heard.mac);
        if old == NeighState::Permanent
            || (differs && !heard.replace && !now.since(entry.updated).gt(&timing::NEIGH_LOCK))
        {
            return;
        }
        // Hearing the same again without proof changes nothing.
        if !heard.confirmed && entry.mac == Some(heard.mac) {
            return;
        }
        (entry.mac, entry.updated) = (Some(heard.mac), now);
        entry.timer = None;
        if heard.confirmed {
            (entry.state, entry.confirmed) = (NeighState::Reachable, now);
            entry.reachable_for = reachable_time(link, now);
        } else {
            entry.state = NeighState::Stale;
        }
        for skb in std::mem::take(&mut entry.queue) {
            self.neighbour_send(ns, link, super::RouteKind::Unicast, ip, skb);
        }
    }

    /// A reply of a higher protocol proves that the way to `dst` works: its next hop need not be probed.
    pub fn neigh_confirm(&mut self, ns: NetnsId, dst: IpAddr) {
        let Ok(route) = self.net.route(ns, &super::RouteQuery::to(dst), false) else {
            return;
        };
        let (now, next_hop) = (self.now, route.next_hop(dst));
        let Some(entry) = self
            .net
            .netns_mut(ns)
            .and_then(|ns| ns.neigh.entries.get_mut(&(route.link, next_hop)))
        else {
            return;
        };
        match entry.state(now) {
            NeighState::Reachable | NeighState::Stale | NeighState::Delay | NeighState::Probe => {
                (entry.state, entry.confirmed, entry.timer) = (NeighState::Reachable, now, None);
                entry.reachable_for = reachable_time(route.link, now);
            }
            NeighState::Incomplete | NeighState::Failed | NeighState::Permanent => {}
        }
    }

    /// Sets a neighbour by hand: lasting with `Permanent`, otherwise as if it had been learned.
    /// # Errors
    /// `ENODEV`: no such device there. `EINVAL`: the device has no neighbours.
    pub fn neigh_add(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        ip: IpAddr,
        mac: MacAddr,
        state: NeighState,
    ) -> Result<(), Errno> {
        let found = self
            .net
            .link(link)
            .filter(|l| l.ns == ns)
            .ok_or(Errno::ENODEV)?;
        if !found.kind.has_neighbours() {
            return Err(Errno::EINVAL);
        }
        let now = self.now;
        let entry = self
            .net
            .netns_mut(ns)
            .ok_or(Errno::ENODEV)?
            .neigh
            .entry((link, ip), now);
        (
            entry.state,
            entry.mac,
            entry.updated,
            entry.confirmed,
            entry.timer,
        ) = (state, Some(mac), now, now, None);
        entry.reachable_for = reachable_time(link, now);
        for skb in std::mem::take(&mut entry.queue) {
            self.neighbour_send(ns, link, super::RouteKind::Unicast, ip, skb);
        }
        Ok(())
    }

    /// Removes a neighbour.
    /// # Errors
    /// `ENOENT`: it is not known.
    pub fn neigh_del(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr) -> Result<(), Errno> {
        let gone = self
            .net
            .netns_mut(ns)
            .and_then(|ns| ns.neigh.remove(&(link, ip)))
            .ok_or(Errno::ENOENT)?;
        self.neigh_drop_queue(ns, ip, gone);
        Ok(())
    }

    fn neigh_drop_queue(&mut self, ns: NetnsId, next_hop: IpAddr, gone: Entry) {
        for skb in gone.queue {
            self.drop_skb(ns, &skb, DropReason::NeighbourFailed { next_hop });
        }
    }

    /// Removes what was learned (`ip neigh flush`): on one device or on all; permanent entries stay.
    pub fn neigh_flush(&mut self, ns: NetnsId, link: Option<LinkId>) {
        self.neigh_remove_where(ns, |at, _, entry| {
            link.is_none_or(|link| link == at) && entry.state != NeighState::Permanent
        });
    }

    /// Removes what is known on a device of one family.
    pub(super) fn neigh_forget_family(&mut self, ns: NetnsId, link: LinkId, v6: bool) {
        self.neigh_remove_where(ns, |at, ip, _| at == link && ip.is_ipv6() == v6);
        self.proxied_forget_link(ns, link, Some(v6));
    }

    /// Removes what is known on a device that has another hardware address now; what it answers for stays.
    pub(super) fn neigh_forget_changed(&mut self, ns: NetnsId, link: LinkId) {
        self.neigh_remove_where(ns, |at, _, _| at == link);
    }

    /// Removes everything known on a device.
    pub(super) fn neigh_forget_link(&mut self, ns: NetnsId, link: LinkId) {
        self.neigh_remove_where(ns, |at, _, _| at == link);
        self.proxied_forget_link(ns, link, None);
    }

    fn neigh_remove_where(&mut self, ns: NetnsId, gone: impl Fn(LinkId, IpAddr, &Entry) -> bool) {
        let Some(netns) = self.net.netns_mut(ns) else {
            return;
        };
        let table = &netns.neigh;
        let keys: Vec<_> = table
            .order
            .iter()
            .filter(|key| {
                table
                    .entries
                    .get(key)
                    .is_some_and(|e| gone(key.0, key.1, e))
            })
            .copied()
            .collect();
        for (link, ip) in keys {
            let _ = self.neigh_del(ns, link, ip);
        }
    }

    /// The neighbours of a namespace in the order of their coming; on Linux a hash decides.
    #[must_use]
    pub fn neighbours(&self, ns: NetnsId) -> Vec<NeighbourInfo> {
        let Some(netns) = self.net.netns(ns) else {
            return Vec::new();
        };
        let info = |(link, ip): &(LinkId, IpAddr)| self.neighbour(ns, *link, *ip);
        netns.neigh.order.iter().filter_map(info).collect()
    }

    /// What is known of one neighbour.
    #[must_use]
    pub fn neighbour(&self, ns: NetnsId, link: LinkId, ip: IpAddr) -> Option<NeighbourInfo> {
        let entry = self.net.netns(ns)?.neigh.entries.get(&(link, ip))?;
        Some(NeighbourInfo {
            ip,
            link,
            mac: entry.mac,
            state: entry.state(self.now),
            router: entry.router,
            probes: entry.probes + entry.skipped,
            confirmed: self.now.since(entry.confirmed),
            updated: self.now.since(entry.updated),
        })
    }
}
