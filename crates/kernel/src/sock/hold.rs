//! Ports that the kernel itself takes: those of tunnels.

use super::{Family, SockType};
use crate::errno::Errno;
use crate::ids::{NetnsId, SocketId};
use crate::state::Kernel;
use std::net::SocketAddr;

impl Kernel {
    /// Takes a UDP port of IPv4 for tunnels: what comes there is decapsulated.
    /// # Errors
    /// `EADDRINUSE`: somebody has it.
    pub(crate) fn sock_hold_port(&mut self, ns: NetnsId, port: u16) -> Result<SocketId, Errno> {
        let kind = SockType::Datagram;
        let id = self.sock.add(ns, None, Family::V4, kind);
        let addr = SocketAddr::new(Family::V4.any(), port);
        if self.sock.bind_conflict(id, addr) {
            self.sock.remove(id);
            return Err(Errno::EADDRINUSE);
        }
        let socket = self.sock.get_mut(id)?;
        (socket.local, socket.options.tunnel) = (addr, true);
        let ports = self.sock.ports_mut(ns, kind);
        ports.entry(port).or_default().push(id);
        Ok(id)
    }

    /// Gives such a port back.
    pub(crate) fn sock_release_port(&mut self, id: SocketId) {
        self.sock.remove(id);
    }
}
