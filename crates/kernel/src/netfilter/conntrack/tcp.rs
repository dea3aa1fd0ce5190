//! TCP as connection tracking sees it: a state for the pair of ends. Source: Linux net/netfilter/nf_conntrack_proto_tcp.c.
//!
//! Sequence numbers are not checked against windows; they only tell whether data waits to be acknowledged.

use super::Timeouts;
use crate::skb::Direction;
use crate::time::Duration;
use wire::{TcpFlags, TcpSegment};

/// The state of a TCP connection. The names are those that `conntrack -L` prints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TcpState {
    /// Not seen yet.
    None,
    /// SYN.
    SynSent,
    /// SYN and its acknowledgement.
    SynRecv,
    /// The handshake is complete.
    Established,
    /// One side has ended.
    FinWait,
    /// The end is acknowledged, the other side goes on.
    CloseWait,
    /// Both have ended.
    LastAck,
    /// Both ends are acknowledged.
    TimeWait,
    /// A reset was seen.
    Close,
    /// SYN from both sides.
    SynSent2,
}

impl TcpState {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::SynSent => "SYN_SENT",
            Self::SynRecv => "SYN_RECV",
            Self::Established => "ESTABLISHED",
            Self::FinWait => "FIN_WAIT",
            Self::CloseWait => "CLOSE_WAIT",
            Self::LastAck => "LAST_ACK",
            Self::TimeWait => "TIME_WAIT",
            Self::Close => "CLOSE",
            Self::SynSent2 => "SYN_SENT2",
        }
    }
}

/// What a segment means to the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Syn,
    SynAck,
    Fin,
    Ack,
    Rst,
    Nothing,
}

impl Kind {
    fn of(flags: TcpFlags) -> Self {
        if flags.rst() {
            Self::Rst
        } else if flags.syn() {
            if flags.ack() { Self::SynAck } else { Self::Syn }
        } else if flags.fin() {
            Self::Fin
        } else if flags.ack() {
            Self::Ack
        } else {
            Self::Nothing
        }
    }
}

/// What becomes of the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    To(TcpState),
    /// The segment belongs to the connection but says nothing about its state.
    Ignore,
    Invalid,
}

fn next(dir: Direction, kind: Kind, from: TcpState) -> Next {
    use TcpState as S;
    let original = dir == Direction::Original;
    let to = match (kind, from) {
        (Kind::Nothing, _) | (Kind::Rst, S::None) => return Next::Invalid,
        (Kind::Rst, _) => S::Close,

        (Kind::Syn, S::None | S::SynSent) if original => S::SynSent,
        (Kind::Syn, S::SynSent | S::SynSent2) => S::SynSent2,
        (Kind::Syn, S::TimeWait) => S::SynSent,
        (Kind::Syn, S::Close) if original => S::SynSent,
        (Kind::Syn, _) if original => return Next::Ignore,
        (Kind::Syn, _) => return Next::Invalid,

        (Kind::SynAck, S::SynRecv | S::SynSent2) if original => S::SynRecv,
        (Kind::SynAck, _) if original => return Next::Invalid,
        (Kind::SynAck, S::None) => return Next::Invalid,
        (Kind::SynAck, S::SynSent | S::SynSent2) => S::SynRecv,
        (Kind::SynAck, _) => return Next::Ignore,

        (Kind::Fin, S::SynRecv | S::Established) => S::FinWait,
        (Kind::Fin, S::FinWait | S::CloseWait | S::LastAck) => S::LastAck,
        (Kind::Fin | Kind::Ack, S::TimeWait) => S::TimeWait,
        (Kind::Fin | Kind::Ack, S::Close) => S::Close,
        (Kind::Fin, _) => return Next::Invalid,

        // A flow that began before it could be seen is taken up where it is (nf_conntrack_tcp_loose).
        (Kind::Ack, S::None) if original => S::Established,
        (Kind::Ack, S::SynRecv) if original => S::Established,
        (Kind::Ack, S::SynRecv) => S::SynRecv,
        (Kind::Ack, S::Established) => S::Established,
        (Kind::Ack, S::FinWait | S::CloseWait) => S::CloseWait,
        (Kind::Ack, S::LastAck) => S::TimeWait,
        (Kind::Ack, S::None) => return Next::Invalid,
        (Kind::Ack, S::SynSent | S::SynSent2) if original => return Next::Invalid,
        (Kind::Ack, S::SynSent | S::SynSent2) => return Next::Ignore,
    };
    Next::To(to)
}

/// What is remembered about a TCP connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::netfilter) struct Tcp {
    pub(super) state: TcpState,
    /// The sequence number after the last byte that each side sent, once it has sent.
    end: [Option<u32>; 2],
    /// Whether each side waits for an acknowledgement.
    unacknowledged: [bool; 2],
}

/// What a segment does to its entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Seen {
    /// It counts; the entry lives on for this long.
    Valid {
        /// Until it expires.
        timeout: Duration,
        /// Whether the connection is now one that was really used.
        assured: bool,
    },
    /// It belongs to the connection but changes nothing.
    Ignored,
    /// A reset in answer to a SYN: the entry is of no further use.
    Finished,
    /// It opens a new connection between the same ends: the entry has to make way.
    Reopens,
    /// It makes no sense here.
    Invalid,
}

impl Tcp {
    /// The state for a first segment; `None` if no connection begins so.
    pub(super) fn begin(segment: &TcpSegment) -> Option<Self> {
        match next(Direction::Original, Kind::of(segment.flags), TcpState::None) {
            Next::To(_) => Some(Self {
                state: TcpState::None,
                end: [None; 2],
                unacknowledged: [false; 2],
            }),
            Next::Ignore | Next::Invalid => None,
        }
    }

    /// Takes a segment into account.
    pub(super) fn see(
        &mut self,
        dir: Direction,
        segment: &TcpSegment,
        replied: bool,
        timeouts: &Timeouts,
    ) -> Seen {
        let kind = Kind::of(segment.flags);
        let to = match next(dir, kind, self.state) {
            Next::To(state) => state,
            Next::Ignore => return Seen::Ignored,
            Next::Invalid => return Seen::Invalid,
        };
        if to == TcpState::SynSent && matches!(self.state, TcpState::TimeWait | TcpState::Close) {
            return Seen::Reopens;
        }
        self.note_sequence(dir, segment);
        let from = std::mem::replace(&mut self.state, to);
        if kind == Kind::Rst && !replied {
            return Seen::Finished;
        }
        let mut timeout = timeouts.tcp(to);
        let taken_up = to == TcpState::Established && !replied;
        if taken_up || self.unacknowledged != [false; 2] {
            timeout = timeout.min(timeouts.tcp_unacknowledged);
        }
        let settled = matches!(from, TcpState::SynRecv | TcpState::Established);
        Seen::Valid {
            timeout,
            assured: replied && settled && to == TcpState::Established,
        }
    }

    fn note_sequence(&mut self, dir: Direction, segment: &TcpSegment) {
        let [mine, theirs] = match dir {
            Direction::Original => [0, 1],
            Direction::Reply => [1, 0],
        };
        let end = segment.seq.wrapping_add(segment.sequence_len());
        if let (Some(known), Some(waits)) =
            (self.end.get_mut(mine), self.unacknowledged.get_mut(mine))
        {
            let newer = known.is_none_or(|known| (end.wrapping_sub(known) as i32) > 0);
            if newer {
                // The very first segment only says where the sender begins.
                *waits = known.is_some();
                *known = Some(end);
            }
        }
        if segment.flags.ack()
            && self.end.get(theirs) == Some(&Some(segment.ack))
            && let Some(waits) = self.unacknowledged.get_mut(theirs)
        {
            *waits = false;
        }
    }
}
