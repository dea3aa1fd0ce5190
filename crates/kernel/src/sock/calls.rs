//! The system calls on sockets: opening, listening, options, closing. Addresses are in [`super::binding`], bytes in [`super::data`].

use super::table::{Body, Socket};
use super::tcp::{State, TcpInfo};
use super::{Family, SockOpt, SockType, SocketInfo};
use crate::errno::Errno;
use crate::ids::{NetnsId, ProcessId, SocketId};
use crate::process::WaitKey;
use crate::sched::Event;
use crate::state::Kernel;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use wire::{IpPacket, Proto, TcpSegment, Transport};

/// `net.core.somaxconn`.
const SOMAXCONN: u32 = 4096;

impl Kernel {
    /// A new socket in namespace `ns`.
    /// # Errors
    /// `EAFNOSUPPORT` for ICMP of the other family.
    pub fn sock_open(
        &mut self,
        ns: NetnsId,
        owner: Option<ProcessId>,
        family: Family,
        kind: SockType,
    ) -> Result<SocketId, Errno> {
        let tap = match kind {
            SockType::Packet(link) => Some(link),
            _ => None,
        };
        let id = self.sock.add(ns, owner, family, kind);
        if let Some(link) = tap {
            let tap_id = self.tap_add(ns, link, Some(id))?;
            if let Body::Messages { tap, .. } = &mut self.sock.get_mut(id)?.body {
                *tap = Some(tap_id);
            }
        }
        if matches!(kind, SockType::Raw(_)) {
            self.sock.namespace_mut(ns).raw.push(id);
        }
        Ok(id)
    }

    /// The last descriptor is closed.
    pub fn sock_close(&mut self, id: SocketId) {
        let now = self.now;
        let Ok(socket) = self.sock.get_mut(id) else {
            return;
        };
        socket.owner = None;
        match &mut socket.body {
            Body::Stream { connection, .. } => {
                let mut out = Vec::new();
                let ns = socket.ns;
                let unread = connection.readable() > 0;
                connection.close(now, &mut out);
                self.count(ns, |mib| mib.tcp.aborted_on_close += u64::from(unread));
                self.sock_after(id, out);
            }
            Body::Listener { ready, embryos, .. } => {
                let children: Vec<_> = ready.drain(..).chain(embryos.drain(..)).collect();
                self.sock.remove(id);
                for child in children {
                    let mut out = Vec::new();
                    if let Ok(Socket {
                        body: Body::Stream { connection, .. },
                        ..
                    }) = self.sock.get_mut(child)
                    {
                        connection.abort(now, &mut out);
                        connection.orphaned = true;
                    }
                    self.sock_after(child, out);
                }
            }
            Body::Messages { tap, .. } => {
                if let Some(tap) = tap.take() {
                    self.tap_remove(tap);
                }
                self.sock.remove(id);
            }
            Body::Fresh => {
                self.sock.remove(id);
            }
        }
    }

    /// Takes connections from now on.
    /// # Errors
    /// `EOPNOTSUPP` for other than stream sockets, `EINVAL` for a connection, `EADDRINUSE` beside another listener.
    pub fn sock_listen(&mut self, id: SocketId, backlog: u32) -> Result<(), Errno> {
        let socket = self.sock.get_mut(id)?;
        if socket.kind != SockType::Stream {
            return Err(Errno::EOPNOTSUPP);
        }
        let limit = backlog.min(SOMAXCONN) as usize;
        match &mut socket.body {
            Body::Listener { backlog, .. } => *backlog = limit,
            Body::Stream { .. } => return Err(Errno::EINVAL),
            _ => {
                let local = socket.local;
                if local.port() == 0 {
                    let any = SocketAddr::new(socket.family.any(), 0);
                    self.sock_bind(id, any)?;
                } else if self.sock.bind_conflict(id, local) {
                    // Two that allowed sharing while bound may not both listen.
                    return Err(Errno::EADDRINUSE);
                }
                self.sock.get_mut(id)?.body = Body::Listener {
                    backlog: limit,
                    ready: VecDeque::new(),
                    embryos: Vec::new(),
                };
            }
        }
        Ok(())
    }

    /// Takes an established connection from a listener's queue.
    /// # Errors
    /// `EAGAIN` if there is none, `EINVAL` if not listening.
    pub fn sock_accept(&mut self, id: SocketId) -> Result<(SocketId, SocketAddr), Errno> {
        let socket = self.sock.get_mut(id)?;
        let owner = socket.owner;
        let Body::Listener { ready, .. } = &mut socket.body else {
            return Err(Errno::EINVAL);
        };
        let Some(child) = ready.pop_front() else {
            self.proc.wait_on(WaitKey::Socket(id));
            return Err(Errno::EAGAIN);
        };
        let conn = self.sock.get_mut(child)?;
        conn.owner = owner;
        if let Body::Stream { listener, .. } = &mut conn.body {
            *listener = None;
        }
        let from = conn.remote.map_or(conn.local, |r| conn.show(r));
        Ok((child, from))
    }

    /// Largest payload of a segment to `dst`: the outgoing link's MTU less both headers.
    pub(super) fn mss_for(&self, ns: NetnsId, dst: IpAddr) -> u16 {
        let mtu = self.mtu_for(ns, dst);
        u16::try_from(mtu.saturating_sub(if dst.is_ipv4() { 40 } else { 60 })).unwrap_or(u16::MAX)
    }

    /// Half or wholly closes a connection.
    /// # Errors
    /// `ENOTCONN`.
    pub fn sock_shutdown(&mut self, id: SocketId, read: bool, write: bool) -> Result<(), Errno> {
        let now = self.now;
        let socket = self.sock.get_mut(id)?;
        socket.read_closed |= read;
        let mut out = Vec::new();
        match &mut socket.body {
            Body::Stream { connection, .. } if write => connection.close_write(now, &mut out),
            Body::Fresh => return Err(Errno::ENOTCONN),
            _ => {}
        }
        self.sock_after(id, out);
        Ok(())
    }

    /// Sets an option.
    /// # Errors
    /// `EINVAL` for V6Only on an IPv4 or bound socket.
    pub fn sock_set(&mut self, id: SocketId, option: SockOpt) -> Result<(), Errno> {
        let socket = self.sock.get_mut(id)?;
        match option {
            SockOpt::V6Only(_) if socket.family == Family::V4 || socket.local.port() != 0 => {
                return Err(Errno::EINVAL);
            }
            SockOpt::V6Only(on) => socket.options.v6_only = on,
            SockOpt::ReuseAddr(on) => socket.options.reuse_addr = on,
            SockOpt::ReusePort(on) => socket.options.reuse_port = on,
            SockOpt::BindToDevice(device) => socket.options.device = device,
            SockOpt::Ttl(ttl) => socket.options.ttl = Some(ttl),
            SockOpt::DontFragment(on) => socket.options.dont_fragment = on,
            SockOpt::Broadcast(on) => socket.options.broadcast = on,
            SockOpt::RecvErr(on) => socket.options.recv_err = on,
            SockOpt::Mark(mark) => socket.options.mark = mark,
            // Nothing here lives long enough without traffic for a probe to be due (two hours).
            SockOpt::KeepAlive(_) => {}
            SockOpt::Promiscuous(on) => {
                if let Body::Messages { tap: Some(tap), .. } = socket.body {
                    self.tap_promisc(tap, on);
                }
            }
        }
        Ok(())
    }

    /// The local address.
    /// # Errors
    /// `EBADF`.
    pub fn sock_local(&self, id: SocketId) -> Result<SocketAddr, Errno> {
        let s = socket_ref(&self.sock, id)?;
        Ok(s.show(s.local))
    }

    /// The peer's address.
    /// # Errors
    /// `ENOTCONN`.
    pub fn sock_peer(&self, id: SocketId) -> Result<SocketAddr, Errno> {
        let s = socket_ref(&self.sock, id)?;
        s.remote.map(|r| s.show(r)).ok_or(Errno::ENOTCONN)
    }

    /// The namespace that a socket is in.
    #[must_use]
    pub fn sock_netns(&self, id: SocketId) -> Option<NetnsId> {
        self.sock.get(id).map(|socket| socket.ns)
    }

    /// What a connection tells of itself; `None` for what is none.
    #[must_use]
    pub fn sock_tcp_info(&self, id: SocketId) -> Option<TcpInfo> {
        match &self.sock.get(id)?.body {
            Body::Stream { connection, .. } => Some(connection.info()),
            Body::Fresh | Body::Listener { .. } | Body::Messages { .. } => None,
        }
    }

    /// Ends a connection, a listener or another socket whatever its program thinks of it (`SOCK_DESTROY`). Who waits for it
    /// or uses it next gets `ECONNABORTED`. Source: Linux `tcp_abort`, `udp_abort`, `raw_abort`.
    pub fn sock_destroy(&mut self, id: SocketId) {
        let now = self.now;
        let Ok(socket) = self.sock.get_mut(id) else {
            return;
        };
        match &mut socket.body {
            Body::Stream { connection, .. } => {
                let mut out = Vec::new();
                connection.abort(now, &mut out);
                connection.error.get_or_insert(Errno::ECONNABORTED);
                self.sock_after(id, out);
            }
            Body::Fresh | Body::Listener { .. } | Body::Messages { .. } => {
                socket.error = Some(Errno::ECONNABORTED);
                self.sock.unlist(id);
                self.proc.wake(WaitKey::Socket(id));
            }
        }
    }

    /// All sockets of a namespace, in order of making.
    #[must_use]
    pub fn sock_list(&self, ns: NetnsId) -> Vec<SocketInfo> {
        let all = self
            .sock
            .namespace(ns)
            .into_iter()
            .flat_map(|n| n.all.iter());
        all.filter_map(|id| self.sock.get(*id))
            .map(Socket::info)
            .collect()
    }

    /// The ports on which a namespace's stream sockets listen, each with the socket's owner.
    pub fn sock_listeners(
        &self,
        ns: NetnsId,
    ) -> impl Iterator<Item = (u16, Option<ProcessId>)> + '_ {
        let all = self.sock.namespace(ns).into_iter();
        all.flat_map(|n| n.all.iter())
            .filter_map(|id| self.sock.get(*id))
            .filter(|s| matches!(s.body, Body::Listener { .. }))
            .map(|s| (s.local.port(), s.owner))
    }

    /// After anything happened to a connection: sends its segments, sets its timer, tells its program or listener, and
    /// forgets it when it is over and nobody has it open.
    pub(super) fn sock_after(&mut self, id: SocketId, out: Vec<TcpSegment>) {
        self.count_segments(id, &out);
        let Ok(socket) = self.sock.get_mut(id) else {
            return;
        };
        let (local, remote) = (socket.local, socket.remote);
        if let Some(remote) = remote {
            for seg in out {
                let packet = IpPacket {
                    dont_fragment: true,
                    ..IpPacket::new(local.ip(), remote.ip(), Transport::Tcp(seg))
                };
                // What the own filter drops is sent again in its time, as if it had been lost. Source: Linux `tcp_connect`.
                if let Err(error) = self.sock_transmit(id, packet)
                    && error != Errno::EPERM
                    && let Ok(Socket {
                        body: Body::Stream { connection, .. },
                        ..
                    }) = self.sock.get_mut(id)
                {
                    connection.on_unreachable(error);
                }
            }
        }
        self.count_state(id);
        let Ok(socket) = self.sock.get_mut(id) else {
            return;
        };
        let Body::Stream {
            connection,
            listener,
            timer,
            ..
        } = &mut socket.body
        else {
            return;
        };
        let (state, orphaned, listener) = (connection.state, connection.orphaned, *listener);
        if let Some(deadline) = connection.deadline()
            && timer.is_none_or(|at| at > deadline)
        {
            *timer = Some(deadline);
            self.queue.schedule(deadline, Event::Socket { socket: id });
        }
        if let Some(listener) = listener {
            self.embryo_changed(listener, id, state);
        }
        self.proc.wake(WaitKey::Socket(id));
        if state == State::Closed && (orphaned || listener.is_some()) {
            self.sock.remove(id);
        }
    }
}

pub(super) fn socket_ref(sockets: &super::Sockets, id: SocketId) -> Result<&Socket, Errno> {
    sockets.get(id).ok_or(Errno::EBADF)
}

impl Socket {
    fn info(&self) -> SocketInfo {
        let (state, recv_queue, send_queue) = match &self.body {
            Body::Fresh => ("UNCONN", 0, 0),
            Body::Listener { backlog, ready, .. } => ("LISTEN", ready.len(), *backlog),
            Body::Stream { connection, .. } => (
                connection.state.name(),
                connection.readable(),
                connection.send_queue(),
            ),
            Body::Messages { bytes, .. } => (
                if self.remote.is_some() {
                    "ESTAB"
                } else {
                    "UNCONN"
                },
                *bytes,
                0,
            ),
        };
        SocketInfo {
            id: self.id,
            family: self.family,
            kind: self.kind,
            state,
            recv_queue,
            send_queue,
            local: self.show(self.local),
            remote: self
                .remote
                .map_or_else(|| SocketAddr::new(self.family.any(), 0), |r| self.show(r)),
            v6_only: self.options.v6_only,
            device: self.options.device,
            owner: self.owner,
            timer: match &self.body {
                Body::Stream { connection, .. } => connection.timer(),
                Body::Fresh | Body::Listener { .. } | Body::Messages { .. } => None,
            },
        }
    }
}

/// Protocol numbers that raw sockets can ask for: one of them asks for everything (`IPPROTO_RAW`).
pub(super) const ANY_PROTOCOL: Proto = Proto(255);
