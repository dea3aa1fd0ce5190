//! What sockets do when their time has come.

use super::table::{Body, Socket};
use super::tcp::State;
use crate::ids::SocketId;
use crate::process::WaitKey;
use crate::state::Kernel;

impl Kernel {
    /// A connection's timer may be due.
    pub fn sock_timer(&mut self, id: SocketId) {
        let now = self.now;
        let Ok(socket) = self.sock.get_mut(id) else {
            return;
        };
        let mut out = Vec::new();
        if let Body::Stream {
            connection, timer, ..
        } = &mut socket.body
        {
            *timer = None;
            let before = connection.backoff();
            connection.on_timer(now, &mut out);
            let ran_out = connection.backoff() > before;
            let ns = socket.ns;
            self.count(ns, |mib| mib.tcp.timeouts += u64::from(ran_out));
        }
        self.sock_after(id, out);
    }

    /// A connection that a listener began has come further: into the accept queue, or to nothing.
    pub(super) fn embryo_changed(&mut self, listener: SocketId, id: SocketId, state: State) {
        let Ok(Socket {
            body: Body::Listener { ready, embryos, .. },
            ..
        }) = self.sock.get_mut(listener)
        else {
            return;
        };
        match state {
            State::SynReceived => {}
            State::Closed => {
                embryos.retain(|s| *s != id);
                ready.retain(|s| *s != id);
            }
            _ => {
                if let Some(position) = embryos.iter().position(|s| *s == id) {
                    embryos.remove(position);
                    ready.push_back(id);
                    self.proc.wake(WaitKey::Socket(listener));
                }
            }
        }
    }
}
