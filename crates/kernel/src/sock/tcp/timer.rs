//! When what was sent is sent again, and when to give up. Source: RFC 6298, with Linux's numbers (`include/net/tcp.h`).

use bytes::Bytes;
use wire::{TcpFlags, TcpSegment};

use super::{Connection, State, before};
use crate::errno::Errno;
use crate::time::{Duration, Instant};

/// `TCP_TIMEOUT_INIT`.
pub(super) const INITIAL_RTO: Duration = Duration::from_secs(1);
/// `TCP_RTO_MIN`.
const MIN_RTO: Duration = Duration::from_millis(200);
/// `TCP_RTO_MAX`.
const MAX_RTO: Duration = Duration::from_secs(120);
/// `net.ipv4.tcp_syn_retries`.
const SYN_RETRIES: u32 = 6;
/// `net.ipv4.tcp_syn_linear_timeouts`: so many SYNs more follow each other before the time between them doubles.
const SYN_LINEAR: u32 = 4;
/// What a timer of a second and more is late by: Linux keeps those in coarse slots and never calls them early, so that a
/// program which gives up after a second has sent one SYN. Source: Linux `kernel/time/timer.c`.
const TIMER_SLOT: Duration = Duration::from_millis(10);
/// `net.ipv4.tcp_synack_retries`.
const SYNACK_RETRIES: u32 = 5;
/// `net.ipv4.tcp_retries2`.
const DATA_RETRIES: u32 = 15;
/// `net.ipv4.tcp_orphan_retries` is 0, which means 8.
const ORPHAN_RETRIES: u32 = 8;
/// `TCP_TIMEWAIT_LEN` and `net.ipv4.tcp_fin_timeout`.
pub(super) const LINGER: Duration = Duration::from_secs(60);

impl Connection {
    /// Sets the time at which to send again, which doubles with each try.
    pub(super) fn arm(&mut self, now: Instant) {
        let late = match self.state {
            State::SynSent => TIMER_SLOT,
            _ => Duration::ZERO,
        };
        self.timer = Some(now + self.timeout() + late);
    }

    /// How long an acknowledgement is waited for.
    pub(super) fn timeout(&self) -> Duration {
        self.rto
            .saturating_mul(1 << self.doublings().min(16))
            .min(MAX_RTO)
    }

    /// How often that time has been doubled.
    pub(super) fn doublings(&self) -> u32 {
        let linear = match self.state {
            State::SynSent => SYN_LINEAR,
            _ => 0,
        };
        self.retries.saturating_sub(linear)
    }

    /// Learns from an acknowledgement how long the way takes.
    pub(super) fn measure(&mut self, ack: u32, now: Instant) {
        if let Some((seq, sent)) = self.timing
            && !before(ack, seq)
        {
            self.timing = None;
            let rtt = now - sent;
            let smoothed = self.smoothed.map_or(rtt, |old| (old * 7 + rtt) / 8);
            self.variation = self.smoothed.map_or(rtt / 2, |old| {
                (self.variation * 3 + old.max(rtt) - old.min(rtt)) / 4
            });
            self.smoothed = Some(smoothed);
            let room = self.variation.saturating_mul(4).max(MIN_RTO);
            self.rto = (smoothed + room).clamp(MIN_RTO, MAX_RTO);
            self.tally.fastest = Some(self.tally.fastest.map_or(rtt, |known| known.min(rtt)));
        }
    }

    /// How often in a row nothing was acknowledged in time.
    #[must_use]
    pub const fn backoff(&self) -> u32 {
        self.retries
    }

    /// How many of the segments that it makes now it has sent before; then it begins anew.
    pub const fn take_again(&mut self) -> u32 {
        std::mem::replace(&mut self.again, 0)
    }

    /// The time that [`Connection::deadline`] named has come.
    pub fn on_timer(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
        if self.late_ack.is_some_and(|at| at <= now) {
            self.late_ack = None;
            out.push(self.segment(TcpFlags::ACK, self.nxt, Bytes::new(), now));
        }
        if self.timer.is_none_or(|at| at > now) {
            return;
        }
        if matches!(self.state, State::TimeWait | State::FinWait2) {
            return self.end(None);
        }
        self.retries += 1;
        let limit = match self.state {
            State::SynSent => SYN_RETRIES + SYN_LINEAR,
            State::SynReceived => SYNACK_RETRIES,
            _ if self.orphaned => ORPHAN_RETRIES,
            _ => DATA_RETRIES,
        };
        if self.retries > limit {
            return self.end(Some(Errno::ETIMEDOUT));
        }
        self.timing = None;
        self.retransmit(now, out);
        self.arm(now);
    }

    /// Sends the first of what is not acknowledged once more.
    pub(super) fn retransmit(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
        let before = out.len();
        self.send_again(now, out);
        for segment in out.iter().skip(before) {
            self.tally.retransmissions += 1;
            self.again += 1;
            self.tally.bytes_retransmitted += segment.payload.len() as u64;
        }
    }

    fn send_again(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
        match self.state {
            State::SynSent | State::SynReceived => {
                let syn = self.syn(now);
                out.push(syn);
            }
            State::TimeWait | State::Closed => {}
            _ => {
                let n = self.buffer.len().min(usize::from(self.payload_limit()));
                if n > 0 {
                    let data: Bytes = self.buffer.range(..n).copied().collect();
                    if self.nxt == self.una {
                        // A probe of a shut window sends one byte that was never sent.
                        self.nxt = self.nxt.wrapping_add(1);
                        out.push(self.segment(TcpFlags::PSH_ACK, self.una, data.slice(..1), now));
                    } else {
                        out.push(self.segment(TcpFlags::PSH_ACK, self.una, data, now));
                    }
                } else if self.fin_sent {
                    out.push(self.segment(
                        TcpFlags::FIN_ACK,
                        self.nxt.wrapping_sub(1),
                        Bytes::new(),
                        now,
                    ));
                }
            }
        }
    }
}
