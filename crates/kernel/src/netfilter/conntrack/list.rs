//! What the `conntrack` tool and the views above can see and do.

use super::{Conn, Conntrack, TcpState, Tracked, Tuple};
use crate::ids::ConnId;
use crate::netfilter::Counters;
use crate::time::{Duration, Instant};

/// How many events are kept for whoever listens.
const MAX_EVENTS: usize = 4096;

/// A flow as `conntrack -L` shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnInfo {
    /// Its id, as in traces.
    pub id: ConnId,
    /// How its first packet looked.
    pub original: Tuple,
    /// How an answer looks.
    pub reply: Tuple,
    /// The state, for TCP.
    pub tcp: Option<TcpState>,
    /// Until it is forgotten.
    pub remaining: Duration,
    /// Whether an answer was seen; `[UNREPLIED]` if not.
    pub seen_reply: bool,
    /// `[ASSURED]`
    pub assured: bool,
    /// Its mark.
    pub mark: u32,
    /// Whether its source is translated.
    pub snat: bool,
    /// Whether its destination is translated.
    pub dnat: bool,
    /// Packets and bytes of each direction.
    pub counters: [Counters; 2],
}

/// What `conntrack -S` counts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CtStats {
    /// Packets whose flow was found or made.
    pub found: u64,
    /// Packets without meaning.
    pub invalid: u64,
    /// Flows made.
    pub insert: u64,
    /// Flows that looked like another one.
    pub insert_failed: u64,
    /// Flows removed.
    pub delete: u64,
    /// Packets dropped.
    pub drop: u64,
    /// Flows given up for others because the table was full.
    pub early_drop: u64,
}

/// Something that happened to a flow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CtEvent {
    /// Its number, counting up.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// What.
    pub kind: CtEventKind,
    /// The flow as it is then.
    pub conn: ConnInfo,
}

/// What can happen to a flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CtEventKind {
    /// It was made.
    New,
    /// It changed.
    Update,
    /// It was removed.
    Destroy,
}

impl Conntrack {
    /// All flows, oldest first.
    pub fn list(&mut self, now: Instant) -> Vec<ConnInfo> {
        self.expire(now);
        self.conns
            .iter()
            .flatten()
            .filter(|conn| conn.confirmed && !conn.dying)
            .map(|conn| info(conn, now))
            .collect()
    }

    /// One flow, also one that was removed a moment ago.
    #[must_use]
    pub fn info(&self, id: ConnId, now: Instant) -> Option<ConnInfo> {
        self.get(id).map(|conn| info(conn, now))
    }

    /// Removes a flow (`conntrack -D`). False if there is no such flow.
    pub fn delete(&mut self, id: ConnId, now: Instant) -> bool {
        let exists = self
            .get(id)
            .is_some_and(|conn| conn.confirmed && !conn.dying);
        self.remove(id, now);
        exists
    }

    /// Removes all flows (`conntrack -F`).
    pub fn flush(&mut self, now: Instant) {
        for conn in self.list(now) {
            self.remove(conn.id, now);
        }
    }

    /// What was counted.
    #[must_use]
    pub const fn stats(&self) -> CtStats {
        self.stats
    }

    /// The kept events from number `seq` on; nothing is kept until [`Conntrack::events_wanted`] is set.
    pub fn events_since(&self, seq: u64) -> impl Iterator<Item = &CtEvent> {
        self.events.iter().filter(move |event| event.seq >= seq)
    }

    /// The number of the next event.
    #[must_use]
    pub const fn next_event(&self) -> u64 {
        self.next_event
    }

    pub(super) fn note(&mut self, kind: CtEventKind, id: ConnId, at: Instant) {
        if !self.events_wanted {
            return;
        }
        let Some(conn) = self.info(id, at) else {
            return;
        };
        if self.events.len() >= MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(CtEvent {
            seq: self.next_event,
            at,
            kind,
            conn,
        });
        self.next_event += 1;
    }
}

fn info(conn: &Conn, now: Instant) -> ConnInfo {
    let tcp = match conn.proto {
        Tracked::Tcp(tcp) => Some(tcp.state),
        Tracked::Udp { .. } | Tracked::Icmp | Tracked::Other => None,
    };
    ConnInfo {
        id: conn.id,
        original: conn.original,
        reply: conn.reply,
        tcp,
        remaining: conn.remaining(now),
        seen_reply: conn.seen_reply,
        assured: conn.assured,
        mark: conn.mark,
        snat: conn.snat,
        dnat: conn.dnat,
        counters: conn.counters,
    }
}
