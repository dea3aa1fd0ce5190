//! Sending and receiving.

use super::calls::socket_ref;
use super::table::Body;
use super::tcp::State;
use super::{Family, Received, SockType};
use crate::errno::Errno;
use crate::ids::{PacketId, SocketId};
use crate::net::SendOpts;
use crate::process::WaitKey;
use crate::state::Kernel;
use crate::time::Instant;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};
use wire::{IcmpMessage, IpPacket, Transport, UdpDatagram};

/// What a datagram holds at the most, in bytes: what fits an IPv4 packet beside its own and the datagram's header.
const LONGEST: usize = 65_507;

impl Kernel {
    /// Whether a program may give more to be sent, or be told that nobody takes it.
    pub(crate) fn sock_has_room(&self, id: SocketId) -> bool {
        match self.sock.get(id).map(|socket| &socket.body) {
            Some(Body::Stream { connection, .. }) => connection.has_room(),
            _ => true,
        }
    }

    /// Writes to a stream, as much as there is room for or `all`, or one datagram to the connected peer.
    /// # Errors
    /// `EAGAIN` if the buffer is full, `EPIPE`, `ENOTCONN`, a reported error.
    pub fn sock_send(&mut self, id: SocketId, data: &[u8], all: bool) -> Result<usize, Errno> {
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
                let n = connection.write(data, all, now, &mut out);
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
        if data.len() > LONGEST {
            let ns = socket_ref(&self.sock, id)?.ns;
            self.trace_not_sent(ns, to.ip(), Errno::EMSGSIZE, u32::from(u16::MAX));
            return Err(Errno::EMSGSIZE);
        }
        let socket = socket_ref(&self.sock, id)?;
        if matches!(to.ip(), IpAddr::V4(ip) if ip.is_broadcast()) && !socket.options.broadcast {
            return Err(Errno::EACCES);
        }
        // Others take the route's link. Source: Linux net/ipv6/ping.c, `ping_v6_sendmsg`.
        if socket.kind == SockType::Ping && socket.lacks_link(to.ip()) {
            return Err(self.refuse_zoneless(id, to.ip()));
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
        let (ns, kind) = (socket.ns, socket.kind);
        self.sock_transmit(id, IpPacket::new(source, to.ip(), transport))?;
        if kind == SockType::Datagram {
            self.count(ns, |mib| mib.udp(to.ip()).sent += 1);
        }
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

    pub(super) fn sock_transmit(
        &mut self,
        id: SocketId,
        mut ip: IpPacket,
    ) -> Result<PacketId, Errno> {
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
        if socket.kind == SockType::Datagram && message.id.is_some() {
            let (ns, of) = (socket.ns, message.to);
            self.count(ns, |mib| mib.udp(of).received += 1);
        }
        if family == Family::V6 {
            message.from = self.sock.get_mut(id)?.show(message.from);
        }
        Ok(message)
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
