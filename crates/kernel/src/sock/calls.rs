//! The system calls on sockets.

use super::table::{Body, Socket};
use super::tcp::{Connection, Ends, State};
use super::{Family, Received, SockOpt, SockType, SocketInfo};
use crate::errno::Errno;
use crate::ids::{NetnsId, PacketId, ProcessId, SocketId};
use crate::net::SendOpts;
use crate::process::WaitKey;
use crate::sched::Event;
use crate::state::Kernel;
use crate::time::Instant;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use wire::{IcmpMessage, IpPacket, Proto, TcpSegment, Transport, UdpDatagram};

/// `net.ipv4.ip_local_port_range`.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32_768..=60_999;
/// `net.ipv4.ip_unprivileged_port_start`; containers are given 0 (moby `oci/defaults.go`), and hold CAP_NET_BIND_SERVICE anyway.
const FIRST_UNPRIVILEGED: u16 = 1024;
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
                connection.close(now, &mut out);
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

    /// Binds to a local address; port 0 picks one.
    /// # Errors
    /// `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EINVAL` if bound already.
    pub fn sock_bind(&mut self, id: SocketId, addr: SocketAddr) -> Result<(), Errno> {
        let socket = self.sock.get_mut(id)?;
        if socket.local.port() != 0 || matches!(socket.body, Body::Stream { .. }) {
            return Err(Errno::EINVAL);
        }
        let addr = socket.take(addr)?;
        let (ns, owner, kind, reuse) = (
            socket.ns,
            socket.owner,
            socket.kind,
            socket.options.reuse_addr,
        );
        let multicast =
            addr.ip().is_multicast() || matches!(addr.ip(), IpAddr::V4(ip) if ip.is_broadcast());
        if !addr.ip().is_unspecified() && !multicast && !self.is_local(ns, addr.ip()) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        if matches!(kind, SockType::Raw(_)) {
            self.sock.get_mut(id)?.local = addr;
            return Ok(());
        }
        let privileged =
            addr.port() != 0 && addr.port() < FIRST_UNPRIVILEGED && kind != SockType::Ping;
        if privileged
            && !owner
                .and_then(|o| self.proc.get(o))
                .is_none_or(|p| p.caps.net_bind)
        {
            return Err(Errno::EACCES);
        }
        let addr = if addr.port() == 0 {
            SocketAddr::new(addr.ip(), self.free_port(id, addr.ip())?)
        } else {
            addr
        };
        if self.sock.bind_conflict(id, addr)
            || kind == SockType::Stream && !reuse && self.in_time_wait(ns, addr)
        {
            return Err(Errno::EADDRINUSE);
        }
        self.sock.get_mut(id)?.local = addr;
        self.sock
            .ports_mut(ns, kind)
            .entry(addr.port())
            .or_default()
            .push(id);
        Ok(())
    }

    /// Whether some connection of an earlier socket still lingers on a local address.
    fn in_time_wait(&self, ns: NetnsId, addr: SocketAddr) -> bool {
        self.sock
            .namespace(ns)
            .into_iter()
            .flat_map(|n| n.all.iter())
            .filter_map(|s| self.sock.get(*s))
            .any(|s| {
                matches!(&s.body, Body::Stream { connection, .. } if connection.orphaned)
                    && s.local.port() == addr.port()
                    && (addr.ip().is_unspecified() || s.local.ip() == addr.ip())
            })
    }

    /// An unused port (or echo identifier) for `id`, tried from a random start.
    fn free_port(&mut self, id: SocketId, ip: IpAddr) -> Result<u16, Errno> {
        let span = EPHEMERAL.end() - EPHEMERAL.start() + 1;
        let start = u16::try_from(self.rng.below(u64::from(span))).unwrap_or(0);
        (0..span)
            .map(|i| EPHEMERAL.start() + (start + i) % span)
            .find(|port| !self.sock.bind_conflict(id, SocketAddr::new(ip, *port)))
            .ok_or(Errno::EADDRINUSE)
    }

    /// Takes connections from now on.
    /// # Errors
    /// `EOPNOTSUPP` for other than stream sockets, `EINVAL` for a connection.
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
                if socket.local.port() == 0 {
                    let any = SocketAddr::new(socket.family.any(), 0);
                    self.sock_bind(id, any)?;
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

    /// Connects. For streams the first call begins the handshake, and calling again says how it went.
    /// # Errors
    /// `EAGAIN` while the handshake runs; what the network reported; `EISCONN`.
    pub fn sock_connect(&mut self, id: SocketId, addr: SocketAddr) -> Result<(), Errno> {
        let socket = self.sock.get_mut(id)?;
        if let Some(error) = socket.error.take() {
            return Err(error);
        }
        match &mut socket.body {
            Body::Stream { connection, .. } => match connection.state {
                State::SynSent | State::SynReceived => {
                    self.proc.wait_on(WaitKey::Socket(id));
                    Err(Errno::EAGAIN)
                }
                State::Closed => Err(connection.error.take().unwrap_or(Errno::ECONNABORTED)),
                _ => Ok(()),
            },
            Body::Listener { .. } => Err(Errno::EISCONN),
            Body::Fresh => {
                self.stream_connect(id, addr)?;
                self.proc.wait_on(WaitKey::Socket(id));
                Err(Errno::EAGAIN)
            }
            Body::Messages { .. } => {
                let to = self.target(socket_ref(&self.sock, id)?, addr)?;
                let source = self.source_of(id, to.ip())?;
                self.autobind(id, source)?;
                let socket = self.sock.get_mut(id)?;
                socket.remote = Some(to);
                socket.local.set_ip(source);
                Ok(())
            }
        }
    }

    /// The address that a program means: any means this host.
    fn target(&self, socket: &Socket, addr: SocketAddr) -> Result<SocketAddr, Errno> {
        let to = socket.take(addr)?;
        if to.ip().is_unspecified() {
            let loopback = if to.is_ipv4() {
                IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)
            } else {
                IpAddr::V6(std::net::Ipv6Addr::LOCALHOST)
            };
            return Ok(SocketAddr::new(loopback, to.port()));
        }
        Ok(to)
    }

    /// The source address that packets of `id` to `dst` carry.
    fn source_of(&mut self, id: SocketId, dst: IpAddr) -> Result<IpAddr, Errno> {
        let socket = socket_ref(&self.sock, id)?;
        if !socket.local.ip().is_unspecified() && socket.local.is_ipv4() == dst.is_ipv4() {
            return Ok(socket.local.ip());
        }
        let (ns, device) = (socket.ns, socket.options.device);
        self.source_to_send(ns, dst, device)
    }

    fn autobind(&mut self, id: SocketId, source: IpAddr) -> Result<(), Errno> {
        let socket = self.sock.get_mut(id)?;
        if socket.local.port() != 0 || matches!(socket.kind, SockType::Raw(_) | SockType::Packet(_))
        {
            return Ok(());
        }
        let (ns, kind, ip) = (socket.ns, socket.kind, socket.local.ip());
        let port = self.free_port(id, source)?;
        self.sock.get_mut(id)?.local = SocketAddr::new(ip, port);
        self.sock
            .ports_mut(ns, kind)
            .entry(port)
            .or_default()
            .push(id);
        Ok(())
    }

    fn stream_connect(&mut self, id: SocketId, addr: SocketAddr) -> Result<(), Errno> {
        let remote = self.target(socket_ref(&self.sock, id)?, addr)?;
        let source = self.source_of(id, remote.ip())?;
        self.autobind(id, source)?;
        let mss = self.mss_for(socket_ref(&self.sock, id)?.ns, remote.ip());
        let iss = self.rng.next_u32();
        let now = self.now;
        let socket = self.sock.get_mut(id)?;
        socket.local.set_ip(source);
        socket.remote = Some(remote);
        let (ns, local) = (socket.ns, socket.local);
        if self.sock.connection(ns, local, remote).is_some() {
            return Err(Errno::EADDRNOTAVAIL);
        }
        let mut out = Vec::new();
        let connection = Connection::open(
            Ends {
                local: local.port(),
                remote: remote.port(),
                mss,
            },
            iss,
            now,
            &mut out,
        );
        self.sock.get_mut(id)?.body = Body::Stream {
            connection: Box::new(connection),
            listener: None,
            timer: None,
        };
        self.sock
            .namespace_mut(ns)
            .connections
            .insert((local, remote), id);
        self.sock_after(id, out);
        Ok(())
    }

    /// Largest payload of a segment to `dst`: the outgoing link's MTU less both headers.
    pub(super) fn mss_for(&self, ns: NetnsId, dst: IpAddr) -> u16 {
        let mtu = self.mtu_for(ns, dst);
        u16::try_from(mtu.saturating_sub(if dst.is_ipv4() { 40 } else { 60 })).unwrap_or(u16::MAX)
    }

    /// Writes to a stream, or one datagram to the connected peer.
    /// # Errors
    /// `EAGAIN` if the buffer is full, `EPIPE`, `ENOTCONN`, a reported error.
    pub fn sock_send(&mut self, id: SocketId, data: &[u8]) -> Result<usize, Errno> {
        let now = self.now;
        let socket = self.sock.get_mut(id)?;
        if let Some(error) = socket.error.take() {
            return Err(error);
        }
        match &mut socket.body {
            Body::Stream { connection, .. } => {
                if let Some(error) = connection.error.take() {
                    return Err(error);
                }
                match connection.state {
                    State::Established | State::CloseWait => {}
                    State::SynSent | State::SynReceived => {
                        self.proc.wait_on(WaitKey::Socket(id));
                        return Err(Errno::EAGAIN);
                    }
                    _ => return Err(Errno::EPIPE),
                }
                let mut out = Vec::new();
                let n = connection.write(data, now, &mut out);
                self.sock_after(id, out);
                if n == 0 && !data.is_empty() {
                    self.proc.wait_on(WaitKey::Socket(id));
                    return Err(Errno::EAGAIN);
                }
                Ok(n)
            }
            Body::Messages { .. } => {
                let to = socket.remote.ok_or(Errno::EDESTADDRREQ)?;
                self.sock_send_to(id, Bytes::copy_from_slice(data), to)
            }
            Body::Fresh | Body::Listener { .. } => Err(Errno::ENOTCONN),
        }
    }

    /// Sends one datagram or echo request.
    /// # Errors
    /// A reported error; `ENETUNREACH`, `EHOSTUNREACH`, `EMSGSIZE`, `EPERM`, `EACCES` for a broadcast without leave.
    pub fn sock_send_to(
        &mut self,
        id: SocketId,
        data: Bytes,
        to: SocketAddr,
    ) -> Result<usize, Errno> {
        let socket = self.sock.get_mut(id)?;
        if let Some(error) = socket.error.take() {
            return Err(error);
        }
        let to = self.target(socket_ref(&self.sock, id)?, to)?;
        if data.len() > 65_507 {
            return Err(Errno::EMSGSIZE);
        }
        let socket = socket_ref(&self.sock, id)?;
        if matches!(to.ip(), IpAddr::V4(ip) if ip.is_broadcast()) && !socket.options.broadcast {
            return Err(Errno::EACCES);
        }
        let source = self.source_of(id, to.ip())?;
        self.autobind(id, source)?;
        let socket = socket_ref(&self.sock, id)?;
        let n = data.len();
        let transport = match socket.kind {
            SockType::Datagram => {
                if to.port() == 0 {
                    return Err(Errno::EINVAL);
                }
                Transport::Udp(UdpDatagram {
                    src_port: socket.local.port(),
                    dst_port: to.port(),
                    payload: data,
                })
            }
            // A ping socket's program gives the sequence number in the address's port, and the kernel fills in the rest.
            SockType::Ping => Transport::Icmp(IcmpMessage::EchoRequest {
                ident: socket.local.port(),
                seq: to.port(),
                data,
            }),
            SockType::Raw(proto) => Transport::Raw { proto, bytes: data },
            SockType::Stream | SockType::Packet(_) => return Err(Errno::EOPNOTSUPP),
        };
        self.sock_transmit(id, IpPacket::new(source, to.ip(), transport))?;
        Ok(n)
    }

    /// Sends a whole packet by a raw socket.
    /// # Errors
    /// As [`Kernel::sock_send_to`].
    pub fn sock_send_packet(&mut self, id: SocketId, mut packet: IpPacket) -> Result<(), Errno> {
        if packet.src.is_unspecified() {
            packet.src = self.source_of(id, packet.dst)?;
        }
        self.sock_transmit(id, packet).map(|_| ())
    }

    fn sock_transmit(&mut self, id: SocketId, mut ip: IpPacket) -> Result<PacketId, Errno> {
        let socket = socket_ref(&self.sock, id)?;
        if let Some(ttl) = socket.options.ttl {
            ip.ttl = ttl;
        }
        if socket.options.dont_fragment {
            ip.dont_fragment = true;
        }
        let opts = SendOpts {
            by: socket.owner,
            socket: Some(id),
            cause: socket.cause,
            bind_device: socket.options.device,
            mark: socket.options.mark,
        };
        self.ip_send(socket.ns, ip, opts)
    }

    /// Reads from a stream, or the payload of one message.
    /// # Errors
    /// `EAGAIN`, `ENOTCONN`, a reported error.
    pub fn sock_recv(&mut self, id: SocketId, max: usize) -> Result<Bytes, Errno> {
        let now = self.now;
        let socket = self.sock.get_mut(id)?;
        let read_closed = socket.read_closed;
        match &mut socket.body {
            Body::Stream { connection, .. } => {
                if connection.readable() > 0 {
                    let mut out = Vec::new();
                    let data = connection.read(max, now, &mut out);
                    self.sock_after(id, out);
                    return Ok(data);
                }
                if let Some(error) = connection.error.take() {
                    return Err(error);
                }
                if read_closed || connection.at_end() {
                    return Ok(Bytes::new());
                }
                self.proc.wait_on(WaitKey::Socket(id));
                Err(Errno::EAGAIN)
            }
            Body::Messages { .. } => self
                .sock_recv_from(id)
                .map(|m| m.data.slice(..m.data.len().min(max))),
            Body::Fresh | Body::Listener { .. } => Err(Errno::ENOTCONN),
        }
    }

    /// Receives one message.
    /// # Errors
    /// `EAGAIN`, a reported error, `EOPNOTSUPP` for streams.
    pub fn sock_recv_from(&mut self, id: SocketId) -> Result<Received, Errno> {
        let socket = self.sock.get_mut(id)?;
        if let Some(error) = socket.error.take() {
            return Err(error);
        }
        let family = socket.family;
        let Body::Messages { queue, bytes, tap } = &mut socket.body else {
            return Err(Errno::EOPNOTSUPP);
        };
        if let Some(tap) = *tap {
            let Some(captured) = self.tap_read(tap)? else {
                self.proc.wait_on(WaitKey::Socket(id));
                return Err(Errno::EAGAIN);
            };
            return Ok(Received::captured(&captured));
        }
        let Some(mut message) = queue.pop_front() else {
            self.proc.wait_on(WaitKey::Socket(id));
            return Err(Errno::EAGAIN);
        };
        *bytes = bytes.saturating_sub(message.data.len());
        if family == Family::V6 {
            message.from = self.sock.get_mut(id)?.show(message.from);
        }
        Ok(message)
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
            connection.on_timer(now, &mut out);
        }
        self.sock_after(id, out);
    }

    /// After anything happened to a connection: sends its segments, sets its timer, tells its program or listener, and
    /// forgets it when it is over and nobody has it open.
    pub(super) fn sock_after(&mut self, id: SocketId, out: Vec<TcpSegment>) {
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
                if let Err(error) = self.sock_transmit(id, packet)
                    && let Ok(Socket {
                        body: Body::Stream { connection, .. },
                        ..
                    }) = self.sock.get_mut(id)
                {
                    connection.on_unreachable(error);
                }
            }
        }
        let Ok(socket) = self.sock.get_mut(id) else {
            return;
        };
        let Body::Stream {
            connection,
            listener,
            timer,
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

    /// A connection that a listener began has come further: into the accept queue, or to nothing.
    fn embryo_changed(&mut self, listener: SocketId, id: SocketId, state: State) {
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
                connection.unacknowledged(),
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
        }
    }
}

impl Received {
    fn captured(captured: &crate::net::Captured) -> Self {
        let sending = captured.direction == crate::net::TapDirection::Out;
        Self {
            at: captured.at,
            id: Some(captured.id),
            from: SocketAddr::new(Family::V4.any(), 0),
            data: Bytes::new(),
            packet: None,
            frame: Some((captured.link, sending, captured.frame.clone())),
            ttl: 0,
            to: Family::V4.any(),
            error: None,
            icmp_error: None,
        }
    }

    /// The packet's ICMP message, for ping and raw sockets.
    #[must_use]
    pub fn icmp(&self) -> Option<&IcmpMessage> {
        match &self.packet.as_deref()?.transport {
            Transport::Icmp(message) => Some(message),
            _ => None,
        }
    }

    /// What a datagram, ping or raw socket makes of a packet.
    pub(super) fn of_packet(at: Instant, id: PacketId, packet: &std::rc::Rc<IpPacket>) -> Self {
        let (port, data) = match &packet.transport {
            Transport::Udp(udp) => (udp.src_port, udp.payload.clone()),
            Transport::Icmp(
                IcmpMessage::EchoReply { data, .. } | IcmpMessage::EchoRequest { data, .. },
            ) => (0, data.clone()),
            Transport::Raw { bytes, .. } => (0, bytes.clone()),
            Transport::Tcp(_) | Transport::Icmp(_) => (0, Bytes::new()),
        };
        Self {
            at,
            id: Some(id),
            from: SocketAddr::new(packet.src, port),
            data,
            packet: Some(packet.clone()),
            frame: None,
            ttl: packet.ttl,
            to: packet.dst,
            error: None,
            icmp_error: None,
        }
    }
}

/// Protocol numbers that raw sockets can ask for: one of them asks for everything (`IPPROTO_RAW`).
pub(super) const ANY_PROTOCOL: Proto = Proto(255);
