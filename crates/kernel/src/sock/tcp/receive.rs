//! What a segment that arrives does. Source: RFC 9293 section 3.10.7, whose order of checks this keeps.

use bytes::Bytes;
use wire::{TcpFlags, TcpSegment};

use super::timer::LINGER;
use super::{Connection, State, before};
use crate::errno::Errno;
use crate::time::{Duration, Instant};

/// Bytes of receive buffer offered: the window of a Linux socket before any tuning.
const RECEIVE_BUFFER: usize = 65_535;
/// How long an acknowledgement that something else may carry waits. Source: Linux `TCP_DELACK_MIN`.
const DELAYED_ACK: Duration = Duration::from_millis(40);

impl Connection {
    /// A segment of this connection arrived.
    pub fn on_segment(&mut self, seg: &TcpSegment, now: Instant, out: &mut Vec<TcpSegment>) {
        self.count_received(seg, now);
        if self.state == State::SynSent {
            return self.on_segment_syn_sent(seg, now, out);
        }
        if self.state == State::Closed {
            return;
        }
        if let Some((ts, _)) = seg.timestamps
            && !before(self.rcv_nxt, seg.seq)
        {
            self.ts_recent = Some(ts);
        }
        // Acceptability (RFC 9293 section 3.10.7.4, first check).
        let len = u32::try_from(seg.payload.len()).unwrap_or(u32::MAX)
            + u32::from(seg.flags.fin())
            + u32::from(seg.flags.syn());
        let old = before(seg.seq.wrapping_add(len), self.rcv_nxt)
            || (len > 0 && seg.seq.wrapping_add(len) == self.rcv_nxt);
        let beyond = !before(
            seg.seq,
            self.rcv_nxt.wrapping_add(self.receive_window().max(1)),
        );
        if (old && len > 0) || beyond || (len == 0 && before(seg.seq, self.rcv_nxt)) {
            if seg.flags.rst() {
                return;
            }
            if self.state == State::SynReceived && seg.flags.syn() {
                // Our SYN-ACK was lost: say it again.
                let again = self.syn(now);
                out.push(again);
            } else if !seg.flags.ack() || len > 0 || beyond {
                out.push(self.segment(TcpFlags::ACK, self.nxt, Bytes::new(), now));
            }
            if !seg.flags.ack() || beyond {
                return;
            }
        } else if seg.flags.rst() {
            let error = match self.state {
                State::SynReceived => Errno::ECONNREFUSED,
                State::CloseWait => Errno::EPIPE,
                _ => Errno::ECONNRESET,
            };
            return self.end(Some(error));
        } else if seg.flags.syn() {
            // Challenge (RFC 5961).
            out.push(self.segment(TcpFlags::ACK, self.nxt, Bytes::new(), now));
            return;
        }
        if !seg.flags.ack() {
            return;
        }
        self.on_ack(seg, now);
        if self.state == State::Closed {
            return;
        }
        self.on_data(seg, now, out);
        self.transmit(now, out);
    }

    fn on_segment_syn_sent(&mut self, seg: &TcpSegment, now: Instant, out: &mut Vec<TcpSegment>) {
        if seg.flags.ack() && seg.ack != self.nxt {
            if !seg.flags.rst() {
                out.push(reset_for(seg));
            }
            return;
        }
        if seg.flags.rst() {
            if seg.flags.ack() {
                self.end(Some(Errno::ECONNREFUSED));
            }
            return;
        }
        if !seg.flags.syn() {
            return;
        }
        self.learn_options(seg);
        self.rcv_nxt = seg.seq.wrapping_add(1);
        self.window = u32::from(seg.window);
        if seg.flags.ack() {
            self.measure(seg.ack, now);
            self.una = seg.ack;
            self.established(now);
            self.retries = 0;
            self.timer = None;
            self.state = if self.closing {
                State::FinWait1
            } else {
                State::Established
            };
            let before_data = out.len();
            self.transmit(now, out);
            if out.len() == before_data {
                out.push(self.segment(TcpFlags::ACK, self.nxt, Bytes::new(), now));
            }
        } else {
            // Both opened at once.
            self.state = State::SynReceived;
            let syn = self.syn(now);
            out.push(syn);
        }
    }

    /// Takes what the peer's SYN says of itself.
    pub(super) fn learn_options(&mut self, syn: &TcpSegment) {
        self.ends.mss = self.ends.mss.min(syn.mss.unwrap_or(536));
        match syn.window_scale {
            Some(scale) => self.peer_scale = scale.min(14),
            None => self.scaling = false,
        }
        self.ts_recent = syn.timestamps.map(|(ts, _)| ts);
    }

    fn on_ack(&mut self, seg: &TcpSegment, now: Instant) {
        if before(self.nxt, seg.ack) || before(seg.ack, self.una) {
            return;
        }
        self.window = u32::from(seg.window) << if self.scaling { self.peer_scale } else { 0 };
        if seg.ack == self.una {
            return;
        }
        self.measure(seg.ack, now);
        let mut acked = seg.ack.wrapping_sub(self.una);
        if self.una == self.iss {
            acked -= 1;
        }
        let fin_acked = self.fin_sent && seg.ack == self.nxt;
        let bytes = (acked - u32::from(fin_acked)) as usize;
        self.buffer.drain(..bytes.min(self.buffer.len()));
        self.una = seg.ack;
        self.tally.bytes_acknowledged += u64::from(acked);
        self.retries = 0;
        if self.una == self.nxt {
            self.timer = None;
        } else {
            self.arm(now);
        }
        if self.state == State::SynReceived {
            self.established(now);
            self.state = if self.closing {
                State::FinWait1
            } else {
                State::Established
            };
        }
        if fin_acked {
            match self.state {
                State::FinWait1 => {
                    self.state = State::FinWait2;
                    self.timer = self.orphaned.then(|| now + LINGER);
                }
                State::Closing => self.enter_time_wait(now),
                State::LastAck => self.end(None),
                _ => {}
            }
        }
    }

    /// The handshake is over. Who was asked has counted both segments of the peer and none of its own, who asked also
    /// its SYN as a byte. Source: Linux `tcp_create_openreq_child`, `tcp_child_process`.
    const fn established(&mut self, now: Instant) {
        if matches!(self.state, State::SynReceived) {
            self.tally.segments_out = 0;
            self.tally.segments_in = 2;
        } else {
            self.tally.bytes_acknowledged = 1;
        }
        self.tally.last_sent = now;
        self.tally.last_received = now;
    }

    fn enter_time_wait(&mut self, now: Instant) {
        self.state = State::TimeWait;
        self.timer = Some(now + LINGER);
    }

    fn on_data(&mut self, seg: &TcpSegment, now: Instant, out: &mut Vec<TcpSegment>) {
        if seg.payload.is_empty() && !seg.flags.fin() {
            return;
        }
        if !matches!(
            self.state,
            State::Established | State::FinWait1 | State::FinWait2
        ) {
            return;
        }
        if self.orphaned && !seg.payload.is_empty() {
            // Nobody will read it (Linux resets such a connection, RFC 1122 section 4.2.2.13).
            return self.abort(now, out);
        }
        let mut fin_at = None;
        if seg.flags.fin() {
            fin_at = Some(
                seg.seq
                    .wrapping_add(u32::try_from(seg.payload.len()).unwrap_or(0)),
            );
        }
        if !seg.payload.is_empty() {
            self.out_of_order.insert(seg.seq, seg.payload.clone());
        }
        // Take everything that now follows without a gap.
        while let Some((&seq, data)) = self
            .out_of_order
            .iter()
            .find(|(seq, _)| !before(self.rcv_nxt, **seq))
        {
            let data = data.clone();
            self.out_of_order.remove(&seq);
            let known = self.rcv_nxt.wrapping_sub(seq) as usize;
            if let Some(fresh) = data.get(known..) {
                self.received.extend(fresh);
                self.tally.bytes_received += fresh.len() as u64;
                self.rcv_nxt = self
                    .rcv_nxt
                    .wrapping_add(u32::try_from(fresh.len()).unwrap_or(0));
            }
        }
        if fin_at == Some(self.rcv_nxt) {
            self.rcv_nxt = self.rcv_nxt.wrapping_add(1);
            self.tally.bytes_received += 1;
            self.peer_closed = true;
            match self.state {
                State::Established => self.state = State::CloseWait,
                State::FinWait1 => self.state = State::Closing,
                State::FinWait2 => self.enter_time_wait(now),
                _ => {}
            }
        }
        if self.state == State::CloseWait && seg.payload.is_empty() {
            // The program mostly closes at once, and its FIN says it too.
            self.late_ack.get_or_insert(now + DELAYED_ACK);
            return;
        }
        self.late_ack = None;
        out.push(self.segment(TcpFlags::ACK, self.nxt, Bytes::new(), now));
    }

    /// Bytes that may still come in.
    pub(super) fn receive_window(&self) -> u32 {
        u32::try_from(RECEIVE_BUFFER.saturating_sub(self.received.len())).unwrap_or(0)
    }
}

/// The reset that answers a segment for which there is no connection. Source: RFC 9293 section 3.10.7.1.
#[must_use]
pub fn reset_for(seg: &TcpSegment) -> TcpSegment {
    let mut rst = TcpSegment::new(seg.dst_port, seg.src_port, TcpFlags::RST);
    if seg.flags.ack() {
        rst.seq = seg.ack;
    } else {
        rst.flags = TcpFlags::RST_ACK;
        let len = u32::try_from(seg.payload.len()).unwrap_or(0)
            + u32::from(seg.flags.syn())
            + u32::from(seg.flags.fin());
        rst.ack = seg.seq.wrapping_add(len);
    }
    rst
}
