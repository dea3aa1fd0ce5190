//! A packet meets connection tracking.

use super::tcp::Seen;
use super::{Conntrack, CtEventKind, NO_CONN, Tcp, Tracked, Tuple, at, opposite};
use crate::ids::ConnId;
use crate::skb::{CtRef, CtState, Direction};
use crate::time::{Duration, Instant};
use wire::{IcmpMessage, IpPacket, Transport};

/// For how long an answered UDP flow has to last to count as a stream. Source: Linux nf_conntrack_proto_udp.c.
const UDP_STREAM_AFTER: Duration = Duration::from_secs(2);

/// Marks a packet that is not to be tracked.
pub(in crate::netfilter) const UNTRACKED: CtRef = CtRef {
    conn: NO_CONN,
    dir: Direction::Original,
    state: CtState::Untracked,
};

/// What connection tracking says about a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::netfilter) enum Tracking {
    /// It belongs to this.
    Known(CtRef),
    /// It makes no sense; rules decide what to do with it.
    Invalid,
    /// There is no room for its flow; it has to be dropped.
    Full,
}

impl Conntrack {
    /// Finds or makes the packet's entry. `looped` is true for a packet that this namespace sent to itself by `lo`.
    pub(in crate::netfilter) fn track(
        &mut self,
        ip: &IpPacket,
        looped: bool,
        now: Instant,
    ) -> Tracking {
        if let Transport::Icmp(message) = &ip.transport {
            match message {
                IcmpMessage::Error { quoted, .. } => {
                    return self.track_error(ip, Tuple::of_quoted(quoted), looped, now);
                }
                // Neighbour discovery is none of its business. Source: Linux nf_conntrack_proto_icmpv6.c.
                IcmpMessage::Neighbour(_) => return Tracking::Known(UNTRACKED),
                IcmpMessage::Other {
                    type_: 130..=136 | 143,
                    ..
                } if ip.is_v6() => return Tracking::Known(UNTRACKED),
                IcmpMessage::EchoRequest { .. }
                | IcmpMessage::EchoReply { .. }
                | IcmpMessage::Other { .. } => {}
            }
        }
        let Some(tuple) = Tuple::of(ip) else {
            return self.invalid();
        };
        // A connection that is opened anew between the same ends takes a second turn.
        for _ in 0..2 {
            let (id, dir) = match self.find_packet(&tuple, looped, now) {
                Some(found) => found,
                None => match self.begin(tuple, ip, now) {
                    Ok(Some(id)) => (id, Direction::Original),
                    Ok(None) => return self.invalid(),
                    Err(full) => return full,
                },
            };
            let before = self.tcp_state(id);
            match self.see(id, dir, ip, now) {
                Seen::Reopens => self.remove(id, now),
                Seen::Invalid => return self.invalid(),
                Seen::Finished => {
                    let known = self.reference(id, dir);
                    self.remove(id, now);
                    return Tracking::Known(known);
                }
                Seen::Ignored => return Tracking::Known(self.reference(id, dir)),
                Seen::Valid { timeout, assured } => {
                    self.settle(id, dir, timeout, assured, ip.len() as u64, now);
                    if self.tcp_state(id) != before && self.get(id).is_some_and(|c| c.confirmed) {
                        self.note(CtEventKind::Update, id, now);
                    }
                    return Tracking::Known(self.reference(id, dir));
                }
            }
        }
        self.invalid()
    }

    /// A packet on `lo` has already been translated on its way out, so it looks like the opposite of the other direction.
    /// (Linux keeps the entry attached to the packet there; here packets lose it with the device.)
    fn find_packet(
        &self,
        tuple: &Tuple,
        looped: bool,
        now: Instant,
    ) -> Option<(ConnId, Direction)> {
        if let Some(found) = self.find(tuple, now) {
            return Some(found);
        }
        let (id, dir) = self.find(&tuple.inverse(), now).filter(|_| looped)?;
        Some((id, opposite(dir)))
    }

    fn invalid(&mut self) -> Tracking {
        self.stats.invalid += 1;
        Tracking::Invalid
    }

    fn reference(&mut self, id: ConnId, dir: Direction) -> CtRef {
        self.stats.found += 1;
        let replied = self.get(id).is_some_and(|conn| conn.seen_reply);
        let state = if replied || dir == Direction::Reply {
            CtState::Established
        } else {
            CtState::New
        };
        CtRef {
            conn: id,
            dir,
            state,
        }
    }

    /// Makes the entry for a first packet; `Ok(None)` if no flow begins so.
    fn begin(
        &mut self,
        tuple: Tuple,
        ip: &IpPacket,
        now: Instant,
    ) -> Result<Option<ConnId>, Tracking> {
        let proto = match &ip.transport {
            Transport::Tcp(segment) => match Tcp::begin(segment) {
                Some(tcp) if self.tcp_loose || segment.flags.syn() => Tracked::Tcp(tcp),
                _ => return Ok(None),
            },
            Transport::Udp(_) => Tracked::Udp {
                stream_from: now + UDP_STREAM_AFTER,
            },
            Transport::Icmp(IcmpMessage::EchoRequest { .. }) => Tracked::Icmp,
            Transport::Icmp(_) => return Ok(None),
            Transport::Raw { .. } => Tracked::Other,
        };
        self.make(tuple, proto, Duration::ZERO, now)
            .map(Some)
            .ok_or(Tracking::Full)
    }

    /// Lets the protocol's tracker look at the packet.
    fn see(&mut self, id: ConnId, dir: Direction, ip: &IpPacket, now: Instant) -> Seen {
        let timeouts = &self.timeouts;
        let Some(conn) = at(&mut self.conns, self.base, id) else {
            return Seen::Invalid;
        };
        let replied = conn.seen_reply;
        match (&mut conn.proto, &ip.transport) {
            (Tracked::Tcp(tcp), Transport::Tcp(segment)) => {
                tcp.see(dir, segment, replied, timeouts)
            }
            (Tracked::Udp { .. }, _) if !replied => Seen::Valid {
                timeout: timeouts.udp,
                assured: false,
            },
            (Tracked::Udp { stream_from }, _) if now > *stream_from => Seen::Valid {
                timeout: timeouts.udp_stream,
                assured: true,
            },
            (Tracked::Udp { .. }, _) => Seen::Valid {
                timeout: timeouts.udp,
                assured: false,
            },
            (Tracked::Icmp, _) => Seen::Valid {
                timeout: timeouts.icmp,
                assured: false,
            },
            (Tracked::Tcp(_) | Tracked::Other, _) => Seen::Valid {
                timeout: timeouts.generic,
                assured: false,
            },
        }
    }

    fn tcp_state(&self, id: ConnId) -> Option<super::TcpState> {
        self.get(id)?.tcp_state()
    }

    fn settle(
        &mut self,
        id: ConnId,
        dir: Direction,
        timeout: Duration,
        assured: bool,
        bytes: u64,
        now: Instant,
    ) {
        self.refresh(id, timeout, now);
        let Some(conn) = self.get_mut(id) else { return };
        if let Some(counters) = conn.counters.get_mut(dir as usize) {
            counters.add(bytes);
        }
        let replies = dir == Direction::Reply && !conn.seen_reply;
        let becomes_assured = assured && !conn.assured;
        conn.seen_reply |= replies;
        conn.assured |= assured;
        let is_tcp = matches!(conn.proto, Tracked::Tcp(_));
        // TCP notes its own changes of state.
        if !is_tcp && (replies || becomes_assured) {
            self.note(CtEventKind::Update, id, now);
        }
    }

    /// An ICMP error belongs to the flow whose packet it quotes.
    fn track_error(
        &mut self,
        ip: &IpPacket,
        quoted: Option<Tuple>,
        looped: bool,
        now: Instant,
    ) -> Tracking {
        let Some(quoted) = quoted else {
            return self.invalid();
        };
        // The quoted packet's answer comes the way of the error.
        let found = self.find(&quoted.inverse(), now);
        let found = found.or_else(|| {
            let (id, dir) = self.find(&quoted, now).filter(|_| looped)?;
            Some((id, opposite(dir)))
        });
        let Some((id, dir)) = found else {
            return self.invalid();
        };
        let meant_for = self.get(id).map(|conn| conn.tuple(dir).dst);
        if meant_for != Some(ip.dst) && !looped {
            return self.invalid();
        }
        Tracking::Known(CtRef {
            conn: id,
            dir,
            state: CtState::Related,
        })
    }
}
