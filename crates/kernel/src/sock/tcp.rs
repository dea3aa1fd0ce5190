//! One TCP connection's state machine: segments and time in, segments out, nothing else.
//!
//! Read RFC 9293 section 3 first (states, sequence numbers), then RFC 6298 (retransmission timer).
//! Here is what a program does to a connection; `receive` has what the peer's segments do, `send` makes ours, and `timer`
//! repeats them: a SYN after 1, 2, 4 ... s as Linux does.
//! Not modelled: congestion control beyond the receiver's window, selective acknowledgement, and delayed acknowledgement of
//! data (the first segments of a Linux connection are acknowledged at once too, "quickack").

mod receive;
mod send;
mod state;
mod tally;
#[cfg(test)]
mod tests;
mod timer;

use std::collections::VecDeque;

use bytes::Bytes;
use sorted::SortedMap;
use wire::{TcpFlags, TcpSegment};

pub use self::receive::reset_for;
pub use self::state::State;
pub use self::tally::{Tally, TcpInfo};
use self::timer::{INITIAL_RTO, LINGER};
use crate::errno::Errno;
use crate::time::{Duration, Instant};

/// Bytes that a program may write ahead of the peer. Source: `net.ipv4.tcp_wmem` default.
const SEND_BUFFER: usize = 87_040;

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
    variation: Duration,
    retries: u32,
    timer: Option<Instant>,
    /// When the peer's FIN is acknowledged at the latest, unless something that is sent before says so too.
    late_ack: Option<Instant>,
    timing: Option<(u32, Instant)>,
    ts_recent: Option<u32>,
    /// The largest segment that we told the peer to send, bytes of data and options.
    advertised: u16,
    tally: Tally,
    /// Segments sent again that nobody has asked about.
    again: u32,
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

    fn new(ends: Ends, iss: u32, state: State) -> Self {
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
            variation: Duration::ZERO,
            retries: 0,
            timer: None,
            late_ack: None,
            timing: None,
            ts_recent: None,
            advertised: ends.mss,
            tally: Tally::default(),
            again: 0,
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
}
