//! Connection tracking: the flows of one namespace, and what translation applies to them.
//!
//! A flow has two tuples, that of its first packet and that of the answer it expects; translation edits the second.
//! An entry is made when a flow's first packet comes by, but is found by others only once that packet has passed all
//! hooks ([`Conntrack::confirm`]). Source: Linux net/netfilter/nf_conntrack_core.c.

mod list;
pub(super) mod packet;
mod tcp;
mod timeouts;
mod tuple;

pub use list::{ConnInfo, CtEvent, CtEventKind, CtStats};
pub use tcp::TcpState;
pub use timeouts::Timeouts;
pub use tuple::{L4, Tuple};

use crate::ids::{ConnId, LinkId};
use crate::map::Lookup;
use crate::netfilter::Counters;
use crate::skb::Direction;
use crate::time::{Duration, Instant};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::net::IpAddr;
use tcp::Tcp;

/// Stands for "no entry" in packets that are exempt from tracking.
pub const NO_CONN: ConnId = ConnId(u32::MAX);

/// For how long an entry is kept that was never confirmed or is already removed: its packet may still be on its way
/// through the hooks.
const LIMBO: Duration = Duration::from_secs(1);

/// The other direction.
pub(super) const fn opposite(dir: Direction) -> Direction {
    match dir {
        Direction::Original => Direction::Reply,
        Direction::Reply => Direction::Original,
    }
}

/// A flow.
#[derive(Clone, Debug)]
pub(super) struct Conn {
    pub(super) id: ConnId,
    pub(super) original: Tuple,
    pub(super) reply: Tuple,
    pub(super) proto: Tracked,
    pub(super) mark: u32,
    pub(super) confirmed: bool,
    pub(super) dying: bool,
    pub(super) seen_reply: bool,
    pub(super) assured: bool,
    /// The source, or the destination, is really translated.
    pub(super) snat: bool,
    pub(super) dnat: bool,
    /// It has been decided whether it is.
    pub(super) snat_done: bool,
    pub(super) dnat_done: bool,
    /// The device whose address a masqueraded flow uses.
    pub(super) masquerade: Option<LinkId>,
    /// The server that IPVS gave it to.
    pub(super) balanced: Option<super::ipvs::Balanced>,
    pub(super) counters: [Counters; 2],
    /// While unconfirmed: when it would be confirmed now, it would live this long.
    timeout: Duration,
    expires: Instant,
    /// The earliest instant at which the queue of expiries looks at it.
    queued: Instant,
}

/// What a protocol's tracker remembers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tracked {
    Tcp(Tcp),
    /// UDP: from when on an answered flow counts as a stream.
    Udp {
        stream_from: Instant,
    },
    Icmp,
    Other,
}

impl Conn {
    /// The tuple of the packets that go this way.
    pub(super) const fn tuple(&self, dir: Direction) -> &Tuple {
        match dir {
            Direction::Original => &self.original,
            Direction::Reply => &self.reply,
        }
    }

    /// The state of a TCP connection.
    pub(super) const fn tcp_state(&self) -> Option<TcpState> {
        match &self.proto {
            Tracked::Tcp(tcp) => Some(tcp.state),
            Tracked::Udp { .. } | Tracked::Icmp | Tracked::Other => None,
        }
    }

    /// Until it expires.
    pub(super) const fn remaining(&self, now: Instant) -> Duration {
        self.expires.since(now)
    }
}

/// The flows of one namespace.
#[derive(Clone, Debug)]
pub struct Conntrack {
    /// How long entries live.
    pub timeouts: Timeouts,
    /// How many there may be (`nf_conntrack_max`).
    pub max: usize,
    /// Whether a connection may be taken up in its middle (`nf_conntrack_tcp_loose`).
    pub tcp_loose: bool,
    /// Whether events are kept for `conntrack -E`.
    pub events_wanted: bool,
    /// Ids count up and are never used again; the window holds those from `base` on.
    conns: VecDeque<Option<Box<Conn>>>,
    base: u32,
    index: Lookup<Tuple, (ConnId, Direction)>,
    confirmed: usize,
    expiry: BinaryHeap<Reverse<(Instant, ConnId)>>,
    limbo: VecDeque<(Instant, ConnId)>,
    events: VecDeque<CtEvent>,
    next_event: u64,
    stats: CtStats,
}

impl Default for Conntrack {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            // nf_conntrack_max of a machine with a few gigabytes, as the sysctl shows it.
            max: 262_144,
            tcp_loose: true,
            events_wanted: false,
            conns: VecDeque::new(),
            base: 1,
            index: Lookup::default(),
            confirmed: 0,
            expiry: BinaryHeap::new(),
            limbo: VecDeque::new(),
            events: VecDeque::new(),
            next_event: 0,
            stats: CtStats::default(),
        }
    }
}

/// A flow in the window of those from number `base` on.
fn at(conns: &mut VecDeque<Option<Box<Conn>>>, base: u32, id: ConnId) -> Option<&mut Conn> {
    let place = id.0.checked_sub(base)?;
    conns.get_mut(place as usize)?.as_deref_mut()
}

impl Conntrack {
    pub(super) fn get(&self, id: ConnId) -> Option<&Conn> {
        self.conns
            .get(id.0.checked_sub(self.base)? as usize)?
            .as_deref()
    }

    pub(super) fn get_mut(&mut self, id: ConnId) -> Option<&mut Conn> {
        at(&mut self.conns, self.base, id)
    }

    /// The live flow whose packets look like this.
    pub(super) fn find(&self, tuple: &Tuple, now: Instant) -> Option<(ConnId, Direction)> {
        let found = *self.index.get(tuple)?;
        self.get(found.0).filter(|conn| conn.expires > now)?;
        Some(found)
    }

    /// Whether another flow already has packets that look like the answers to `tuple`.
    pub(super) fn is_taken(&self, tuple: &Tuple, by_other_than: ConnId, now: Instant) -> bool {
        self.find(&tuple.inverse(), now)
            .is_some_and(|(conn, _)| conn != by_other_than)
    }

    /// Does what the sysctl `net.netfilter.nf_conntrack_NAME` says. Those that change nothing here are passed over.
    pub(crate) fn set(&mut self, name: &str, value: u64) {
        match name {
            "max" => self.max = usize::try_from(value).unwrap_or(usize::MAX),
            "tcp_loose" => self.tcp_loose = value != 0,
            _ => {
                if let Some(time) = self.timeouts.named(name) {
                    *time = Duration::from_secs(value);
                }
            }
        }
    }

    /// The flows that are there.
    pub(super) fn live(&self) -> impl Iterator<Item = &Conn> {
        let conns = self.conns.iter().flatten().map(|conn| &**conn);
        conns.filter(|conn| conn.confirmed && !conn.dying)
    }

    /// How many flows there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.confirmed
    }

    /// Makes an entry that only its packet knows; `None` if the table is full.
    fn make(
        &mut self,
        tuple: Tuple,
        proto: Tracked,
        timeout: Duration,
        now: Instant,
    ) -> Option<ConnId> {
        if self.confirmed >= self.max && !self.drop_one_early(now) {
            self.stats.drop += 1;
            return None;
        }
        let id = ConnId(
            self.base
                .checked_add(u32::try_from(self.conns.len()).ok()?)?,
        );
        self.conns.push_back(Some(Box::new(Conn {
            id,
            original: tuple,
            reply: tuple.inverse(),
            proto,
            mark: 0,
            confirmed: false,
            dying: false,
            seen_reply: false,
            assured: false,
            snat: false,
            dnat: false,
            snat_done: false,
            dnat_done: false,
            masquerade: None,
            balanced: None,
            counters: [Counters::default(); 2],
            timeout,
            expires: Instant::MAX,
            queued: Instant::MAX,
        })));
        self.limbo.push_back((now + LIMBO, id));
        Some(id)
    }

    /// Gives up a flow that was never really used, for a new one. Linux looks at a few at random.
    fn drop_one_early(&mut self, now: Instant) -> bool {
        const LOOK_AT: usize = 64;
        let mut seen = self
            .conns
            .iter()
            .flatten()
            .filter(|conn| conn.confirmed && !conn.dying)
            .take(LOOK_AT);
        let Some(victim) = seen.find(|conn| !conn.assured).map(|conn| conn.id) else {
            return false;
        };
        self.stats.early_drop += 1;
        self.remove(victim, now);
        true
    }

    /// The flow's first packet has passed all hooks: others find the flow from now on. False if its packets would look
    /// like those of another flow; the packet has to be dropped then.
    pub(super) fn confirm(&mut self, id: ConnId, now: Instant) -> bool {
        let Some(conn) = self.get(id) else {
            return true;
        };
        if conn.confirmed || conn.dying {
            return true;
        }
        let (original, reply) = (conn.original, conn.reply);
        if self.find(&original, now).is_some() || self.find(&reply, now).is_some() {
            self.stats.insert_failed += 1;
            self.stats.drop += 1;
            return false;
        }
        for tuple in [original, reply] {
            // Only an entry whose time is over can still be in the way.
            if let Some((old, _)) = self.index.get(&tuple).copied() {
                self.remove(old, now);
            }
        }
        self.index.insert(original, (id, Direction::Original));
        self.index.insert(reply, (id, Direction::Reply));
        self.confirmed += 1;
        self.stats.insert += 1;
        if let Some(conn) = self.get_mut(id) {
            conn.confirmed = true;
            let timeout = conn.timeout;
            self.refresh(id, timeout, now);
        }
        self.note(CtEventKind::New, id, now);
        true
    }

    /// Lets the flow live for `timeout` from now on.
    fn refresh(&mut self, id: ConnId, timeout: Duration, now: Instant) {
        let Some(conn) = self.get_mut(id) else { return };
        conn.timeout = timeout;
        if !conn.confirmed {
            return;
        }
        conn.expires = now + timeout;
        // Later expiries are noticed when the queue gets there; only earlier ones need another place in it.
        if conn.expires < conn.queued {
            conn.queued = conn.expires;
            let entry = (conn.expires, id);
            self.expiry.push(Reverse(entry));
        }
    }

    /// Removes a flow. Its packet, if one is still on its way through the hooks, keeps what it needs.
    pub(super) fn remove(&mut self, id: ConnId, now: Instant) {
        let Some(conn) = self.get_mut(id) else { return };
        if conn.dying {
            return;
        }
        conn.dying = true;
        let was_confirmed = conn.confirmed;
        let tuples = [conn.original, conn.reply];
        if was_confirmed {
            for tuple in tuples {
                if self
                    .index
                    .get(&tuple)
                    .is_some_and(|(owner, _)| *owner == id)
                {
                    self.index.remove(&tuple);
                }
            }
            self.confirmed = self.confirmed.saturating_sub(1);
            self.stats.delete += 1;
            self.note(CtEventKind::Destroy, id, now);
            self.limbo.push_back((now + LIMBO, id));
        }
    }

    pub(super) fn forget_masqueraded(
        &mut self,
        link: LinkId,
        address: Option<IpAddr>,
        now: Instant,
    ) {
        let uses = |conn: &Conn| {
            conn.masquerade == Some(link) && address.is_none_or(|gone| conn.reply.dst == gone)
        };
        let gone: Vec<ConnId> = self
            .conns
            .iter()
            .flatten()
            .filter(|conn| uses(conn))
            .map(|conn| conn.id)
            .collect();
        for id in gone {
            self.remove(id, now);
        }
    }

    /// Removes what has expired, and what was only kept for a packet that is long gone.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some(Reverse((at, id))) = self.expiry.peek().copied() {
            if at > now {
                break;
            }
            self.expiry.pop();
            let Some(conn) = self.get_mut(id) else {
                continue;
            };
            if conn.queued != at || conn.dying {
                continue;
            }
            if conn.expires <= now {
                self.remove(id, at);
            } else {
                conn.queued = conn.expires;
                let entry = (conn.expires, id);
                self.expiry.push(Reverse(entry));
            }
        }
        while let Some((at, id)) = self.limbo.front().copied() {
            if at > now {
                break;
            }
            self.limbo.pop_front();
            if self
                .get(id)
                .is_some_and(|conn| conn.dying || !conn.confirmed)
            {
                let slot =
                    id.0.checked_sub(self.base)
                        .and_then(|at| self.conns.get_mut(at as usize));
                if let Some(slot) = slot {
                    *slot = None;
                }
            }
        }
        while matches!(self.conns.front(), Some(None)) {
            self.conns.pop_front();
            self.base = self.base.saturating_add(1);
        }
    }
}
