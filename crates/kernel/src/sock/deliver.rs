//! From the IP layer to sockets.

use super::calls::ANY_PROTOCOL;
use super::table::{Body, Socket};
use super::tcp::{Connection, Ends, State, reset_for};
use super::{Received, SockType};
use crate::errno::Errno;
use crate::ids::{NetnsId, SocketId};
use crate::net::SendOpts;
use crate::process::WaitKey;
use crate::skb::Skb;
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use wire::{
    IcmpErrorKind, IcmpMessage, IpPacket, Proto, Quoted, QuotedPorts, TcpSegment, Transport,
};

impl Kernel {
    /// A packet for this namespace. True if some socket took it, or if the transport answered by itself (a TCP reset);
    /// false lets the IP layer answer "port unreachable".
    pub fn sock_deliver(&mut self, ns: NetnsId, skb: &Skb) -> bool {
        let raw = self.deliver_raw(ns, skb);
        match &skb.ip.transport {
            Transport::Tcp(_) => {
                self.deliver_stream(ns, skb);
                true
            }
            Transport::Udp(udp) => {
                let local = SocketAddr::new(skb.ip.dst, udp.dst_port);
                let remote = SocketAddr::new(skb.ip.src, udp.src_port);
                if broadcast(skb) {
                    return self.deliver_to_all(ns, skb, local) || raw;
                }
                match self
                    .sock
                    .best_match(ns, SockType::Datagram, local, remote, skb.in_link)
                {
                    Some(socket) => self.deliver_message(ns, socket, skb),
                    None => raw,
                }
            }
            Transport::Icmp(IcmpMessage::EchoReply { ident, .. }) => {
                let local = SocketAddr::new(skb.ip.dst, *ident);
                let remote = SocketAddr::new(skb.ip.src, 0);
                match self
                    .sock
                    .best_match(ns, SockType::Ping, local, remote, skb.in_link)
                {
                    Some(socket) => self.deliver_message(ns, socket, skb),
                    None => raw,
                }
            }
            Transport::Icmp(_) | Transport::Raw { .. } => raw,
        }
    }

    /// Gives a copy to every raw socket of the packet's protocol.
    fn deliver_raw(&mut self, ns: NetnsId, skb: &Skb) -> bool {
        let Some(space) = self.sock.namespace(ns) else {
            return false;
        };
        if space.raw.is_empty() {
            return false;
        }
        let proto = skb.ip.protocol();
        let takers: Vec<SocketId> = space
            .raw
            .iter()
            .copied()
            .filter(|id| {
                self.sock.get(*id).is_some_and(|s| {
                    (s.kind == SockType::Raw(proto) || s.kind == SockType::Raw(ANY_PROTOCOL))
                        && (s.local.ip().is_unspecified() || s.local.ip() == skb.ip.dst)
                        && (s.family == super::Family::V4) == skb.ip.dst.is_ipv4()
                })
            })
            .collect();
        for id in &takers {
            self.deliver_message(ns, *id, skb);
        }
        !takers.is_empty()
    }

    fn deliver_to_all(&mut self, ns: NetnsId, skb: &Skb, local: SocketAddr) -> bool {
        let takers: Vec<SocketId> = self
            .sock
            .namespace(ns)
            .and_then(|n| n.datagram_ports.get(&local.port()))
            .into_iter()
            .flatten()
            .copied()
            .filter(|id| {
                self.sock
                    .get(*id)
                    .is_some_and(|s| s.local.ip().is_unspecified() || s.local.ip() == local.ip())
            })
            .collect();
        for id in &takers {
            self.deliver_message(ns, *id, skb);
        }
        !takers.is_empty()
    }

    fn deliver_message(&mut self, ns: NetnsId, id: SocketId, skb: &Skb) -> bool {
        let now = self.now;
        let Ok(socket) = self.sock.get_mut(id) else {
            return false;
        };
        if socket.options.tunnel {
            self.vxlan_receive(ns, skb);
            return true;
        }
        let message = Received::of_packet(now, skb.id, &Rc::new(skb.ip.clone()));
        let size = message.data.len();
        socket.cause = Some(skb.id);
        let owner = socket.owner;
        let fact = if socket.enqueue(message, size) {
            Checkpoint::Deliver {
                socket: id,
                process: owner,
            }
        } else {
            if socket.kind == SockType::Datagram {
                self.count(ns, |mib| mib.udp(skb.ip.dst).buffer_errors += 1);
            }
            Checkpoint::Drop(DropReason::QueueFull)
        };
        self.trace.push(now, ns, skb.id, fact);
        self.proc.wake(WaitKey::Socket(id));
        true
    }

    fn deliver_stream(&mut self, ns: NetnsId, skb: &Skb) {
        let now = self.now;
        let Transport::Tcp(seg) = &skb.ip.transport else {
            return;
        };
        self.count(ns, |mib| mib.tcp.segments_in += 1);
        let local = SocketAddr::new(skb.ip.dst, seg.dst_port);
        let remote = SocketAddr::new(skb.ip.src, seg.src_port);
        let mut found = self.sock.connection(ns, local, remote);
        if let Some(id) = found
            && seg.flags.syn()
            && !seg.flags.ack()
            && self.reopens(id)
        {
            // A new connection may reuse a pair that only waits for stragglers (RFC 9293 section 3.10.7.4, TIME-WAIT).
            self.sock.remove(id);
            found = None;
        }
        if let Some(id) = found {
            let owner = self.sock.get(id).and_then(|s| s.owner);
            self.trace.push(
                now,
                ns,
                skb.id,
                Checkpoint::Deliver {
                    socket: id,
                    process: owner,
                },
            );
            let mut out = Vec::new();
            if let Ok(socket) = self.sock.get_mut(id) {
                socket.cause = Some(skb.id);
                if let Body::Stream { connection, .. } = &mut socket.body {
                    connection.on_segment(seg, now, &mut out);
                }
            }
            return self.sock_after(id, out);
        }
        let opening = seg.flags.syn() && !seg.flags.ack() && !seg.flags.rst();
        let listener = self
            .sock
            .best_match(ns, SockType::Stream, local, remote, skb.in_link);
        match listener {
            Some(listener) if opening => self.begin_connection(ns, listener, local, remote, skb),
            _ => {
                self.trace
                    .push(now, ns, skb.id, Checkpoint::Drop(DropReason::NoSocket));
                if !seg.flags.rst() {
                    self.count(ns, |mib| {
                        mib.tcp.segments_out += 1;
                        mib.tcp.resets_out += 1;
                    });
                    let rst = IpPacket {
                        dont_fragment: true,
                        ..IpPacket::new(skb.ip.dst, skb.ip.src, Transport::Tcp(reset_for(seg)))
                    };
                    let _ = self.ip_send(
                        ns,
                        rst,
                        SendOpts {
                            cause: Some(skb.id),
                            ..SendOpts::default()
                        },
                    );
                }
            }
        }
    }

    fn reopens(&self, id: SocketId) -> bool {
        matches!(self.sock.get(id).map(|s| &s.body), Some(Body::Stream { connection, .. }) if connection.state == super::tcp::State::TimeWait)
    }

    fn begin_connection(
        &mut self,
        ns: NetnsId,
        listener: SocketId,
        local: SocketAddr,
        remote: SocketAddr,
        skb: &Skb,
    ) {
        let now = self.now;
        let Transport::Tcp(seg) = &skb.ip.transport else {
            return;
        };
        let Ok(l) = self.sock.get_mut(listener) else {
            return;
        };
        let (owner, family, options) = (l.owner, l.family, l.options.clone());
        let Body::Listener {
            backlog,
            ready,
            embryos,
        } = &l.body
        else {
            return;
        };
        // Linux takes one connection more than the backlog says.
        if ready.len() > *backlog || embryos.len() > *backlog {
            self.count(ns, |mib| mib.tcp.listen_overflows += 1);
            self.trace
                .push(now, ns, skb.id, Checkpoint::Drop(DropReason::QueueFull));
            return;
        }
        self.trace.push(
            now,
            ns,
            skb.id,
            Checkpoint::Deliver {
                socket: listener,
                process: owner,
            },
        );
        let mss = self.mss_for(ns, remote.ip());
        let iss = self.rng.next_u32();
        let mut out: Vec<TcpSegment> = Vec::new();
        let connection = Connection::accept(
            Ends {
                local: local.port(),
                remote: remote.port(),
                mss,
            },
            iss,
            seg,
            now,
            &mut out,
        );
        let id = self.sock.add(ns, owner, family, SockType::Stream);
        if let Ok(socket) = self.sock.get_mut(id) {
            socket.local = local;
            socket.remote = Some(remote);
            socket.options = options;
            socket.cause = Some(skb.id);
            socket.body = Body::Stream {
                connection: Box::new(connection),
                listener: Some(listener),
                timer: None,
                counted: State::SynReceived,
            };
        }
        self.sock
            .namespace_mut(ns)
            .connections
            .insert((local, remote), id);
        if let Ok(Socket {
            body: Body::Listener { embryos, .. },
            ..
        }) = self.sock.get_mut(listener)
        {
            embryos.push(id);
        }
        self.sock_after(id, out);
    }

    /// An ICMP error from `from` that quotes a packet which this namespace sent.
    pub fn sock_icmp_error(
        &mut self,
        ns: NetnsId,
        from: IpAddr,
        kind: &IcmpErrorKind,
        quoted: &Quoted,
    ) {
        let now = self.now;
        let error = errno_of(*kind);
        match (quoted.proto, quoted.ports) {
            (Proto::TCP, QuotedPorts::Ports { src, dst }) => {
                let local = SocketAddr::new(quoted.src, src);
                let Some(id) = self
                    .sock
                    .connection(ns, local, SocketAddr::new(quoted.dst, dst))
                else {
                    return;
                };
                let narrower = match kind {
                    IcmpErrorKind::FragNeeded { mtu } => {
                        Some(mtu.saturating_sub(if quoted.src.is_ipv4() { 40 } else { 60 }))
                    }
                    _ => None,
                };
                let mut out = Vec::new();
                if let Ok(Socket {
                    body: Body::Stream { connection, .. },
                    ..
                }) = self.sock.get_mut(id)
                {
                    match narrower {
                        Some(mss) => connection.on_too_big(
                            u16::try_from(mss).unwrap_or(u16::MAX),
                            now,
                            &mut out,
                        ),
                        None => connection.on_unreachable(error),
                    }
                }
                self.sock_after(id, out);
            }
            (Proto::UDP, QuotedPorts::Ports { src, dst }) => {
                let (local, remote) = (
                    SocketAddr::new(quoted.src, src),
                    SocketAddr::new(quoted.dst, dst),
                );
                if let Some(id) = self
                    .sock
                    .best_match(ns, SockType::Datagram, local, remote, None)
                {
                    self.report_error(id, from, remote, *kind);
                }
            }
            (Proto::ICMP | Proto::ICMPV6, QuotedPorts::Echo { ident, seq, .. }) => {
                let (local, remote) = (
                    SocketAddr::new(quoted.src, ident),
                    SocketAddr::new(quoted.dst, seq),
                );
                if let Some(id) = self.sock.best_match(
                    ns,
                    SockType::Ping,
                    local,
                    SocketAddr::new(quoted.dst, 0),
                    None,
                ) {
                    self.report_error(id, from, remote, *kind);
                }
            }
            _ => {}
        }
    }

    /// Sockets that asked to hear of errors hear of all, others of those that are final, if they are connected
    /// (RFC 1122 section 4.1.3.3; ip(7); Linux net/ipv4/udp.c, `__udp4_lib_err`).
    fn report_error(
        &mut self,
        id: SocketId,
        from: IpAddr,
        remote: SocketAddr,
        kind: IcmpErrorKind,
    ) {
        let error = errno_of(kind);
        let now = self.now;
        let Ok(socket) = self.sock.get_mut(id) else {
            return;
        };
        if socket.options.recv_err {
            let report = Received {
                at: now,
                id: None,
                from: SocketAddr::new(from, remote.port()),
                data: bytes::Bytes::new(),
                packet: None,
                frame: None,
                ttl: 0,
                to: remote.ip(),
                error: Some(error),
                icmp_error: Some(kind),
            };
            socket.enqueue(report, 0);
        } else if socket.remote == Some(remote) && is_final(kind) {
            socket.error = Some(error);
        }
        self.proc.wake(WaitKey::Socket(id));
    }

    /// The namespace is going away, and its sockets with it.
    pub fn sock_netns_gone(&mut self, ns: NetnsId) {
        let all: Vec<SocketId> = self
            .sock
            .namespace(ns)
            .into_iter()
            .flat_map(|n| n.all.iter().copied())
            .collect();
        for id in all {
            self.sock.remove(id);
            self.proc.wake(WaitKey::Socket(id));
        }
    }
}

fn broadcast(skb: &Skb) -> bool {
    skb.broadcast
        || skb.ip.dst.is_multicast()
        || matches!(skb.ip.dst, IpAddr::V4(ip) if ip.is_broadcast())
}

/// Whether nothing will come of trying again. Source: Linux `icmp_err_convert` and `tab_unreach`, `fatal`.
const fn is_final(kind: IcmpErrorKind) -> bool {
    matches!(
        kind,
        IcmpErrorKind::PortUnreachable
            | IcmpErrorKind::ProtoUnreachable
            | IcmpErrorKind::NetProhibited
            | IcmpErrorKind::HostProhibited
            | IcmpErrorKind::AdminProhibited
            | IcmpErrorKind::PolicyFail
            | IcmpErrorKind::RejectRoute
    )
}

/// What an ICMP error means to a program. Source: Linux `icmp_err_convert`, net/ipv4/icmp.c.
#[must_use]
pub fn errno_of(kind: IcmpErrorKind) -> Errno {
    match kind {
        IcmpErrorKind::NetUnreachable | IcmpErrorKind::NetProhibited => Errno::ENETUNREACH,
        IcmpErrorKind::HostUnreachable
        | IcmpErrorKind::HostProhibited
        | IcmpErrorKind::AdminProhibited
        | IcmpErrorKind::TtlExceeded
        | IcmpErrorKind::ReassemblyExceeded => Errno::EHOSTUNREACH,
        IcmpErrorKind::ProtoUnreachable => Errno::ENOPROTOOPT,
        IcmpErrorKind::PortUnreachable => Errno::ECONNREFUSED,
        IcmpErrorKind::FragNeeded { .. } => Errno::EMSGSIZE,
        IcmpErrorKind::PolicyFail | IcmpErrorKind::RejectRoute => Errno::EACCES,
        IcmpErrorKind::Redirect { .. } => Errno::EPROTO,
    }
}
