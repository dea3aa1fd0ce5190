//! What happens to connections, as the namespace's counters see it ([`crate::net::mib`]).

use super::table::{Body, Socket};
use super::tcp::State;
use crate::ids::SocketId;
use crate::state::Kernel;
use wire::TcpSegment;

impl Kernel {
    /// A connection is about to send.
    pub(super) fn count_segments(&mut self, id: SocketId, segments: &[TcpSegment]) {
        if segments.is_empty() {
            return;
        }
        let now = self.now;
        let Ok(socket) = self.sock.get_mut(id) else {
            return;
        };
        let ns = socket.ns;
        let Body::Stream { connection, .. } = &mut socket.body else {
            return;
        };
        connection.count_sent(segments, now);
        let again = u64::from(connection.take_again());
        let handshake = matches!(connection.state, State::SynSent | State::SynReceived);
        let resets = segments.iter().filter(|segment| segment.flags.rst());
        let resets = resets.count() as u64;
        let original = segments
            .iter()
            .filter(|segment| !segment.payload.is_empty() || segment.flags.fin());
        let original = (original.count() as u64).saturating_sub(again);
        self.count(ns, |mib| {
            // What is sent again is not counted twice. Source: Linux `__tcp_transmit_skb`.
            mib.tcp.segments_out += (segments.len() as u64).saturating_sub(again);
            mib.tcp.data_out += original;
            mib.tcp.retransmitted += again;
            mib.tcp.syn_retransmitted += if handshake { again } else { 0 };
            mib.tcp.resets_out += resets;
        });
    }

    /// A connection may have come to another state. Source: Linux `tcp_set_state`, `tcp_done`, `tcp_check_req`.
    pub(super) fn count_state(&mut self, id: SocketId) {
        let Ok(Socket {
            ns,
            body:
                Body::Stream {
                    connection,
                    counted,
                    ..
                },
            ..
        }) = self.sock.get_mut(id)
        else {
            return;
        };
        let (ns, before, after) = (*ns, *counted, connection.state);
        let failed = connection.error.is_some();
        if before == after {
            return;
        }
        *counted = after;
        self.count(ns, |mib| match (before, after) {
            // A program that gives up has not failed.
            (State::SynSent | State::SynReceived, State::Closed) => {
                mib.tcp.attempt_fails += u64::from(failed);
            }
            (State::SynReceived, _) => mib.tcp.passive_opens += 1,
            (State::Established | State::CloseWait, State::Closed) => mib.tcp.resets += 1,
            (_, State::TimeWait) => mib.tcp.time_waits += 1,
            _ => {}
        });
    }
}
