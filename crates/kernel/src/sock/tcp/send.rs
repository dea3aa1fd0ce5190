//! Making segments: as much as the peer's window takes.

use bytes::Bytes;
use wire::{TcpFlags, TcpSegment};

use super::{Connection, State};
use crate::time::Instant;

/// By how many bits our window is shifted.
pub(super) const WINDOW_SCALE: u8 = 7;

impl Connection {
    /// The SYN, or the SYN-ACK of an end that was asked.
    pub(super) fn syn(&self, now: Instant) -> TcpSegment {
        let flags = if self.state == State::SynReceived {
            TcpFlags::SYN_ACK
        } else {
            TcpFlags::SYN
        };
        let mut seg = self.segment(flags, self.iss, Bytes::new(), now);
        // As many whole segments as 16 bits can tell of, those of an answer with their timestamps.
        // Source: Linux `tcp_select_initial_window`.
        let whole = match (self.state, self.ts_recent) {
            (State::SynReceived, Some(_)) => self.ends.mss.saturating_sub(12),
            _ => self.ends.mss,
        };
        seg.window = u16::MAX - u16::MAX.checked_rem(whole).unwrap_or(0);
        seg.mss = Some(self.ends.mss);
        seg.window_scale = self.scaling.then_some(WINDOW_SCALE);
        seg.sack_permitted = true;
        seg
    }

    /// A segment that says how far we have read, and how much more we take.
    pub(super) fn segment(
        &self,
        flags: TcpFlags,
        seq: u32,
        payload: Bytes,
        now: Instant,
    ) -> TcpSegment {
        let mut seg = TcpSegment::new(self.ends.local, self.ends.remote, flags);
        seg.seq = seq;
        seg.ack = if flags.ack() { self.rcv_nxt } else { 0 };
        let shift = if self.scaling { WINDOW_SCALE } else { 0 };
        seg.window = u16::try_from(self.receive_window() >> shift).unwrap_or(u16::MAX);
        let ms = u32::try_from(now.as_nanos() / 1_000_000 % (1 << 32)).unwrap_or(0);
        seg.timestamps = if flags == TcpFlags::SYN {
            Some((ms, 0))
        } else {
            self.ts_recent.map(|theirs| (ms, theirs))
        };
        seg.payload = payload;
        seg
    }

    /// Sends what the peer's window allows, and the FIN after the last byte.
    pub(super) fn transmit(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
        if !self.state.synchronised() || self.state == State::TimeWait {
            return;
        }
        loop {
            let in_flight = self.in_flight();
            if self.fin_sent {
                return;
            }
            let unsent = self.buffer.len().saturating_sub(in_flight);
            let room = (self.window as usize).saturating_sub(in_flight);
            let n = unsent.min(room).min(usize::from(self.payload_limit()));
            if n > 0 {
                let data: Bytes = self
                    .buffer
                    .range(in_flight..in_flight + n)
                    .copied()
                    .collect();
                let flags = if n == unsent {
                    TcpFlags::PSH_ACK
                } else {
                    TcpFlags::ACK
                };
                self.send_new(flags, data, now, out);
            } else if unsent == 0 && self.closing && !self.fin_sent {
                self.fin_sent = true;
                self.send_new(TcpFlags::FIN_ACK, Bytes::new(), now, out);
                return;
            } else {
                if unsent > 0 && in_flight == 0 && self.timer.is_none() {
                    // The window is shut: probe it.
                    self.arm(now);
                }
                return;
            }
        }
    }

    /// Bytes that one segment may carry beside its options.
    pub(super) fn payload_limit(&self) -> u16 {
        self.ends
            .mss
            .saturating_sub(if self.ts_recent.is_some() { 12 } else { 0 })
            .max(1)
    }

    fn send_new(&mut self, flags: TcpFlags, data: Bytes, now: Instant, out: &mut Vec<TcpSegment>) {
        // A pure acknowledgement that is already on its way says the same: let the data carry it.
        if let Some(last) = out.last()
            && last.flags == TcpFlags::ACK
            && last.payload.is_empty()
            && last.src_port == self.ends.local
        {
            out.pop();
        }
        self.late_ack = None;
        let len = u32::try_from(data.len()).unwrap_or(0) + u32::from(flags.fin());
        out.push(self.segment(flags, self.nxt, data, now));
        self.nxt = self.nxt.wrapping_add(len);
        if self.timing.is_none() {
            self.timing = Some((self.nxt, now));
        }
        if self.timer.is_none() {
            self.arm(now);
        }
    }
}
