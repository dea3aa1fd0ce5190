//! One TCP connection's state machine: segments and time in, segments out, nothing else.
//!
//! Read RFC 9293 section 3 first (states, sequence numbers), then RFC 6298 (retransmission timer).
//! Numbers are those of Linux (`include/net/tcp.h`): a SYN is repeated after 1, 2, 4 ... s, six times.
//! Not modelled: congestion control beyond the receiver's window, selective acknowledgement, delayed acknowledgement (the
//! first segments of a Linux connection are acknowledged at once too, "quickack").

use crate::errno::Errno;
use crate::time::{Duration, Instant};
use bytes::Bytes;
use sorted::SortedMap;
use std::collections::VecDeque;
use wire::{TcpFlags, TcpSegment};

/// Where a connection is. Source: RFC 9293 section 3.3.2; names as `ss` prints them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the RFC's own names")]
pub enum State {
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    Closed,
}

impl State {
    /// As `ss` spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SynSent => "SYN-SENT",
            Self::SynReceived => "SYN-RECV",
            Self::Established => "ESTAB",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::CloseWait => "CLOSE-WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST-ACK",
            Self::TimeWait => "TIME-WAIT",
            Self::Closed => "CLOSE",
        }
    }

    const fn synchronised(self) -> bool {
        !matches!(self, Self::SynSent | Self::SynReceived | Self::Closed)
    }
}

/// `TCP_TIMEOUT_INIT`.
const INITIAL_RTO: Duration = Duration::from_secs(1);
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
const LINGER: Duration = Duration::from_secs(60);
/// Bytes of receive buffer offered: the window of a Linux socket before any tuning.
const RECEIVE_BUFFER: usize = 65_535;
/// Bytes that a program may write ahead of the peer. Source: `net.ipv4.tcp_wmem` default.
const SEND_BUFFER: usize = 87_040;
const WINDOW_SCALE: u8 = 7;
/// How long an acknowledgement that something else may carry waits. Source: Linux `TCP_DELACK_MIN`.
const DELAYED_ACK: Duration = Duration::from_millis(40);

/// Which ends of a connection are where, and what they may send.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Our port.
    pub local: u16,
    /// Their port.
    pub remote: u16,
    /// Largest payload that the way out takes, bytes.
    pub mss: u16,
}

/// A connection.
#[derive(Debug)]
pub struct Connection {
    /// Where it is.
    pub state: State,
    ends: Ends,
    /// Why it ended, for the next call of the program; taken once.
    pub error: Option<Errno>,
    /// Nobody has the socket open any more.
    pub orphaned: bool,
    // Sending: `sent` begins at `una`; what is not yet sent follows it in `buffer`.
    iss: u32,
    una: u32,
    nxt: u32,
    window: u32,
    peer_scale: u8,
    buffer: VecDeque<u8>,
    /// The program will write no more: a FIN follows the buffer.
    closing: bool,
    fin_sent: bool,
    // Receiving.
    rcv_nxt: u32,
    received: VecDeque<u8>,
    out_of_order: SortedMap<u32, Bytes>,
    peer_closed: bool,
    scaling: bool,
    // Timing.
    rto: Duration,
    smoothed: Option<Duration>,
    retries: u32,
    timer: Option<Instant>,
    /// When the peer's FIN is acknowledged at the latest, unless something that is sent before says so too.
    late_ack: Option<Instant>,
    timing: Option<(u32, Instant)>,
    ts_recent: Option<u32>,
}

const fn before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

impl Connection {
    /// Begins a connection: the SYN is in `out`.
    pub fn open(ends: Ends, iss: u32, now: Instant, out: &mut Vec<TcpSegment>) -> Self {
        let mut c = Self::new(ends, iss, State::SynSent);
        out.push(c.syn(now));
        c.nxt = iss.wrapping_add(1);
        c.timing = Some((c.nxt, now));
        c.arm(now);
        c
    }

    /// Answers a SYN that came to a listener: the SYN-ACK is in `out`.
    pub fn accept(
        ends: Ends,
        iss: u32,
        syn: &TcpSegment,
        now: Instant,
        out: &mut Vec<TcpSegment>,
    ) -> Self {
        let mut c = Self::new(ends, iss, State::SynReceived);
        c.learn_options(syn);
        c.rcv_nxt = syn.seq.wrapping_add(1);
        c.window = u32::from(syn.window);
        out.push(c.syn(now));
        c.nxt = iss.wrapping_add(1);
        c.timing = Some((c.nxt, now));
        c.arm(now);
        c
    }

    const fn new(ends: Ends, iss: u32, state: State) -> Self {
        Self {
            state,
            ends,
            error: None,
            orphaned: false,
            iss,
            una: iss,
            nxt: iss,
            window: 0,
            peer_scale: 0,
            buffer: VecDeque::new(),
            closing: false,
            fin_sent: false,
            rcv_nxt: 0,
            received: VecDeque::new(),
            out_of_order: SortedMap::new(),
            peer_closed: false,
            scaling: true,
            rto: INITIAL_RTO,
            smoothed: None,
            retries: 0,
            timer: None,
            late_ack: None,
            timing: None,
            ts_recent: None,
        }
    }

    /// When [`Connection::on_timer`] wants to be called.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let (Some(timer), Some(ack)) = (self.timer, self.late_ack) else {
            return self.timer.or(self.late_ack);
        };
        Some(timer.min(ack))
    }

    /// Bytes that wait to be read.
    #[must_use]
    pub fn readable(&self) -> usize {
        self.received.len()
    }

    /// Bytes that were written and not yet acknowledged.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        self.buffer.len()
    }

    /// How much was sent and not acknowledged, or waits to be sent: a SYN counts as a byte.
    #[must_use]
    pub fn send_queue(&self) -> usize {
        self.buffer.len() + usize::from(self.state == State::SynSent)
    }

    /// The timer that runs: its name, when it ends, and how often it has.
    #[must_use]
    pub fn timer(&self) -> Option<(&'static str, Instant, u32)> {
        let name = if matches!(self.state, State::TimeWait | State::FinWait2) {
            "timewait"
        } else {
            "on"
        };
        self.timer.map(|at| (name, at, self.retries))
    }

    /// The peer sent its FIN, or the connection is over.
    #[must_use]
    pub fn at_end(&self) -> bool {
        self.peer_closed || self.state == State::Closed
    }

    /// Takes up to `max` received bytes; tells the peer if that opens a window that was shut.
    pub fn read(&mut self, max: usize, now: Instant, out: &mut Vec<TcpSegment>) -> Bytes {
        let shut = self.receive_window() < u32::from(self.ends.mss);
        let n = self.received.len().min(max);
        let data: Bytes = self.received.drain(..n).collect();
        if shut && n > 0 && self.state.synchronised() {
            out.push(self.segment(TcpFlags::ACK, self.nxt, Bytes::new(), now));
        }
        data
    }

    /// Whether a program may give more to be sent, or be told that nobody takes it.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.buffer.len() < SEND_BUFFER || self.state == State::Closed
    }

    /// Queues bytes to be sent, those that the buffer has room for or all; says how many were taken. 0 means that it is full.
    pub fn write(
        &mut self,
        data: &[u8],
        all: bool,
        now: Instant,
        out: &mut Vec<TcpSegment>,
    ) -> usize {
        let room = SEND_BUFFER.saturating_sub(self.buffer.len());
        let n = if all {
            data.len()
        } else {
            room.min(data.len())
        };
        self.buffer.extend(data.iter().take(n));
        self.transmit(now, out);
        n
    }

    /// The program will write no more (`shutdown`, `close`).
    pub fn close_write(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
        if self.closing {
            return;
        }
        self.closing = true;
        match self.state {
            State::SynSent => self.end(None),
            State::SynReceived | State::Established => self.state = State::FinWait1,
            State::CloseWait => self.state = State::LastAck,
            _ => {}
        }
        self.transmit(now, out);
    }

    /// The last descriptor is closed: an orderly end, or a reset if the program left data unread.
    pub fn close(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
        self.orphaned = true;
        if !self.received.is_empty() && self.state.synchronised() && self.state != State::TimeWait {
            self.abort(now, out);
        } else {
            self.close_write(now, out);
            if self.state == State::FinWait2 {
                self.timer = Some(now + LINGER);
            }
        }
    }

    /// Ends it at once with a reset.
    pub fn abort(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
        if self.state.synchronised() || self.state == State::SynReceived {
            out.push(self.segment(TcpFlags::RST_ACK, self.nxt, Bytes::new(), now));
        }
        self.end(None);
    }

    fn end(&mut self, error: Option<Errno>) {
        self.state = State::Closed;
        self.timer = None;
        self.late_ack = None;
        if self.error.is_none() {
            self.error = error;
        }
    }

    /// The network reported that what was sent cannot get there. Fatal only while connecting (RFC 5461).
    pub fn on_unreachable(&mut self, error: Errno) {
        if matches!(self.state, State::SynSent | State::SynReceived) {
            self.end(Some(error));
        }
    }

    /// The way turned out to be narrower: segments are made smaller and sent again.
    pub fn on_too_big(&mut self, mss: u16, now: Instant, out: &mut Vec<TcpSegment>) {
        if mss < self.ends.mss {
            self.ends.mss = mss.max(88);
            self.retransmit(now, out);
        }
    }

    // ---- receiving

    /// A segment of this connection arrived.
    pub fn on_segment(&mut self, seg: &TcpSegment, now: Instant, out: &mut Vec<TcpSegment>) {
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

    fn learn_options(&mut self, syn: &TcpSegment) {
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
        self.retries = 0;
        if self.una == self.nxt {
            self.timer = None;
        } else {
            self.arm(now);
        }
        if self.state == State::SynReceived {
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
                self.rcv_nxt = self
                    .rcv_nxt
                    .wrapping_add(u32::try_from(fresh.len()).unwrap_or(0));
            }
        }
        if fin_at == Some(self.rcv_nxt) {
            self.rcv_nxt = self.rcv_nxt.wrapping_add(1);
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

    fn receive_window(&self) -> u32 {
        u32::try_from(RECEIVE_BUFFER.saturating_sub(self.received.len())).unwrap_or(0)
    }

    // ---- sending

    fn syn(&self, now: Instant) -> TcpSegment {
        let flags = if self.state == State::SynReceived {
            TcpFlags::SYN_ACK
        } else {
            TcpFlags::SYN
        };
        let mut seg = self.segment(flags, self.iss, Bytes::new(), now);
        seg.window = if self.state == State::SynReceived {
            65_160
        } else {
            64_240
        };
        seg.mss = Some(self.ends.mss);
        seg.window_scale = self.scaling.then_some(WINDOW_SCALE);
        seg.sack_permitted = true;
        seg
    }

    fn segment(&self, flags: TcpFlags, seq: u32, payload: Bytes, now: Instant) -> TcpSegment {
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
    fn transmit(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
        if !self.state.synchronised() || self.state == State::TimeWait {
            return;
        }
        loop {
            let in_flight = self.nxt.wrapping_sub(self.una) as usize;
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

    fn payload_limit(&self) -> u16 {
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

    // ---- time

    fn arm(&mut self, now: Instant) {
        let (linear, late) = match self.state {
            State::SynSent => (SYN_LINEAR, TIMER_SLOT),
            _ => (0, Duration::ZERO),
        };
        let doubled = self.retries.saturating_sub(linear).min(16);
        let backoff = self.rto.saturating_mul(1 << doubled).min(MAX_RTO);
        self.timer = Some(now + backoff + late);
    }

    fn measure(&mut self, ack: u32, now: Instant) {
        if let Some((seq, sent)) = self.timing
            && !before(ack, seq)
        {
            self.timing = None;
            let rtt = now - sent;
            let smoothed = self.smoothed.map_or(rtt, |old| (old * 7 + rtt) / 8);
            self.smoothed = Some(smoothed);
            self.rto = (smoothed + MIN_RTO).clamp(MIN_RTO, MAX_RTO);
        }
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

    fn retransmit(&mut self, now: Instant, out: &mut Vec<TcpSegment>) {
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

#[cfg(test)]
mod tests;
