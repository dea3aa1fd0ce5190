//! What a connection counts and measures of itself, as `TCP_INFO` tells of it. Source: Linux `include/uapi/linux/tcp.h`.

use wire::TcpSegment;

use super::{Connection, State};
use crate::time::{Duration, Instant};

/// The least that a receiver takes the peer's segments to hold. Source: Linux `tcp_initialize_rcv_mss`.
const LEAST_RECEIVED: u16 = 536;

/// Bytes of data that a segment may carry before the peer has said: 536, less the timestamps. Source: `TCP_MSS_DEFAULT`.
const UNKNOWN_SEGMENT: u16 = 524;

/// What was sent and received so far.
#[derive(Clone, Copy, Default, Debug)]
pub struct Tally {
    /// Segments sent.
    pub segments_out: u32,
    /// Segments received.
    pub segments_in: u32,
    /// Segments sent with data.
    pub data_segments_out: u32,
    /// Segments received with data.
    pub data_segments_in: u32,
    /// Bytes of data sent, also those sent again.
    pub bytes_sent: u64,
    /// Bytes of data sent again.
    pub bytes_retransmitted: u64,
    /// What the peer acknowledged: bytes of data, and one each for a SYN and a FIN.
    pub bytes_acknowledged: u64,
    /// Bytes of data that came in, in order, and one for the peer's FIN.
    pub bytes_received: u64,
    /// Segments sent again.
    pub retransmissions: u32,
    /// The largest segment that came in, bytes of data.
    pub largest_in: u16,
    /// The shortest round trip.
    pub fastest: Option<Duration>,
    /// When data was last sent.
    pub last_sent: Instant,
    /// When data last came in.
    pub last_received: Instant,
    /// When an acknowledgement last came in.
    pub last_acknowledged: Instant,
}

/// What a connection tells of itself.
#[derive(Clone, Copy, Debug)]
pub struct TcpInfo {
    /// Whether both ends send timestamps.
    pub timestamps: bool,
    /// By how many bits the peer's window and ours are shifted; `None` if they are not.
    pub scales: Option<(u8, u8)>,
    /// How long an acknowledgement is waited for.
    pub timeout: Duration,
    /// How often that has been doubled.
    pub backoff: u32,
    /// Whether something has been sent again and is still not acknowledged.
    pub pending: bool,
    /// The round trip's smoothed time and how much it varies.
    pub round_trip: Option<(Duration, Duration)>,
    /// Bytes of data that a segment may carry.
    pub segment: u16,
    /// The same as we told the peer.
    pub advertised: u16,
    /// The same as the peer seems to use.
    pub received_segment: u16,
    /// Bytes that the peer takes beyond what it has acknowledged.
    pub send_window: u32,
    /// Bytes that we take.
    pub receive_window: u32,
    /// Segments under way: sent and not acknowledged.
    pub unacknowledged: u32,
    /// Bytes that wait to be sent for the first time.
    pub unsent: usize,
    /// Counters.
    pub tally: Tally,
}

impl Connection {
    /// Segments are on their way.
    pub(in crate::sock) fn count_sent(&mut self, segments: &[TcpSegment], now: Instant) {
        for segment in segments {
            self.tally.segments_out += 1;
            if !segment.payload.is_empty() {
                self.tally.data_segments_out += 1;
                self.tally.bytes_sent += segment.payload.len() as u64;
                self.tally.last_sent = now;
            }
        }
    }

    /// A segment has come in.
    pub(super) fn count_received(&mut self, segment: &TcpSegment, now: Instant) {
        self.tally.segments_in += 1;
        if segment.flags.ack() {
            self.tally.last_acknowledged = now;
        }
        if !segment.payload.is_empty() {
            self.tally.data_segments_in += 1;
            self.tally.last_received = now;
            let length = u16::try_from(segment.payload.len()).unwrap_or(u16::MAX);
            self.tally.largest_in = self.tally.largest_in.max(length);
        }
    }

    /// Sent and not acknowledged, bytes.
    pub(super) const fn in_flight(&self) -> usize {
        self.nxt.wrapping_sub(self.una) as usize
    }

    /// What it tells of itself.
    #[must_use]
    pub fn info(&self) -> TcpInfo {
        let waits = self.state == State::SynSent;
        let options = self.ends.mss - self.payload_limit();
        let in_flight = self.in_flight().min(self.buffer.len());
        TcpInfo {
            timestamps: self.ts_recent.is_some(),
            scales: self
                .scaling
                .then_some((self.peer_scale, super::send::WINDOW_SCALE)),
            timeout: self.timeout(),
            backoff: self.doublings(),
            pending: self.retries > 0,
            round_trip: self.smoothed.map(|smoothed| (smoothed, self.variation)),
            segment: if waits {
                UNKNOWN_SEGMENT
            } else {
                self.payload_limit()
            },
            advertised: self.advertised.saturating_sub(options),
            received_segment: self
                .tally
                .largest_in
                .max(if waits { 88 } else { LEAST_RECEIVED }),
            send_window: self.window,
            receive_window: self.receive_window(),
            unacknowledged: u32::try_from(
                self.in_flight()
                    .div_ceil(usize::from(self.payload_limit()).max(1)),
            )
            .unwrap_or(u32::MAX),
            unsent: self.buffer.len() - in_flight,
            tally: self.tally,
        }
    }
}
