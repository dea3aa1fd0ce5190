//! Which socket a packet belongs to.

use super::tcp::{Connection, State};
use super::{Family, Received, SockType};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, PacketId, ProcessId, SocketId};
use crate::map::Lookup;
use crate::net::TapId;
use crate::time::Instant;
use sorted::SortedMap;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A socket.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(super) id: SocketId,
    pub(super) ns: NetnsId,
    pub(super) owner: Option<ProcessId>,
    pub(super) family: Family,
    pub(super) kind: SockType,
    /// Unspecified address: any; port 0: not bound.
    pub(super) local: SocketAddr,
    pub(super) remote: Option<SocketAddr>,
    pub(super) options: Options,
    /// An error to be reported by the next call, once.
    pub(super) error: Option<Errno>,
    /// Reading was shut down.
    pub(super) read_closed: bool,
    pub(super) body: Body,
    /// The packet that last came in: what is sent next answers it.
    pub(super) cause: Option<PacketId>,
}

/// What [`super::SockOpt`]s set.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) v6_only: bool,
    pub(super) reuse_addr: bool,
    pub(super) reuse_port: bool,
    pub(super) device: Option<LinkId>,
    pub(super) ttl: Option<u8>,
    pub(super) dont_fragment: bool,
    pub(super) broadcast: bool,
    pub(super) recv_err: bool,
    pub(super) mark: u32,
    /// What comes is for the kernel's tunnels.
    pub(super) tunnel: bool,
}

/// The part that depends on the kind of socket and on what it does.
#[derive(Debug)]
pub(super) enum Body {
    /// A stream socket that neither listens nor connects.
    Fresh,
    /// A listening socket: connections that are established and not yet accepted.
    Listener {
        backlog: usize,
        ready: VecDeque<SocketId>,
        embryos: Vec<SocketId>,
    },
    /// A connection.
    Stream {
        connection: Box<Connection>,
        listener: Option<SocketId>,
        timer: Option<Instant>,
        /// The state as the namespace's counters know it.
        counted: State,
    },
    /// A queue of whole messages.
    Messages {
        queue: VecDeque<Received>,
        bytes: usize,
        tap: Option<TapId>,
    },
}

/// Bytes of datagrams that wait for a reader. Source: `net.core.rmem_default`.
pub(super) const MESSAGE_BUFFER: usize = 212_992;

/// The sockets of one namespace, by what packets carry.
#[derive(Debug, Default)]
pub(super) struct Namespace {
    /// Connections by (local, remote).
    pub(super) connections: Lookup<(SocketAddr, SocketAddr), SocketId>,
    /// Stream sockets that are bound or listen, by port.
    pub(super) stream_ports: SortedMap<u16, Vec<SocketId>>,
    /// Datagram sockets by port.
    pub(super) datagram_ports: SortedMap<u16, Vec<SocketId>>,
    /// Ping sockets by identifier.
    pub(super) ping_idents: SortedMap<u16, Vec<SocketId>>,
    /// Raw sockets.
    pub(super) raw: Vec<SocketId>,
    /// All, in order of making.
    pub(super) all: sorted::SortedSet<SocketId>,
}

/// The sockets of the world. Slots are never reused, so an old id names nothing.
#[derive(Debug, Default)]
pub struct Sockets {
    arena: Vec<Option<Box<Socket>>>,
    namespaces: Lookup<NetnsId, Namespace>,
}

impl Sockets {
    pub(super) fn get(&self, id: SocketId) -> Option<&Socket> {
        self.arena.get(id.index())?.as_deref()
    }

    pub(super) fn get_mut(&mut self, id: SocketId) -> Result<&mut Socket, Errno> {
        self.arena
            .get_mut(id.index())
            .and_then(Option::as_deref_mut)
            .ok_or(Errno::EBADF)
    }

    pub(super) fn namespace(&self, ns: NetnsId) -> Option<&Namespace> {
        self.namespaces.get(&ns)
    }

    pub(super) fn namespace_mut(&mut self, ns: NetnsId) -> &mut Namespace {
        self.namespaces.or_insert_with(ns, Namespace::default)
    }

    pub(super) fn add(
        &mut self,
        ns: NetnsId,
        owner: Option<ProcessId>,
        family: Family,
        kind: SockType,
    ) -> SocketId {
        let id = SocketId(u32::try_from(self.arena.len()).unwrap_or(u32::MAX));
        let body = match kind {
            SockType::Stream => Body::Fresh,
            _ => Body::Messages {
                queue: VecDeque::new(),
                bytes: 0,
                tap: None,
            },
        };
        self.arena.push(Some(Box::new(Socket {
            id,
            ns,
            owner,
            family,
            kind,
            local: SocketAddr::new(family.any(), 0),
            remote: None,
            options: Options::default(),
            error: None,
            read_closed: false,
            body,
            cause: None,
        })));
        self.namespace_mut(ns).all.insert(id);
        id
    }

    /// Takes a socket out of the arena and of every index.
    pub(super) fn remove(&mut self, id: SocketId) -> Option<Box<Socket>> {
        self.unlist(id);
        let socket = self.arena.get_mut(id.index())?.take()?;
        self.namespace_mut(socket.ns).all.remove(&id);
        Some(socket)
    }

    /// Takes a socket out of what packets are looked up in.
    pub(super) fn unlist(&mut self, id: SocketId) {
        let Some(Some(socket)) = self.arena.get(id.index()) else {
            return;
        };
        let (ns, local, remote) = (socket.ns, socket.local, socket.remote);
        let space = self.namespace_mut(ns);
        space.raw.retain(|s| *s != id);
        if let Some(remote) = remote {
            let key = (local, remote);
            if space.connections.get(&key) == Some(&id) {
                space.connections.remove(&key);
            }
        }
        for ports in [
            &mut space.stream_ports,
            &mut space.datagram_ports,
            &mut space.ping_idents,
        ] {
            if let Some(list) = ports.get_mut(&local.port()) {
                list.retain(|s| *s != id);
                if list.is_empty() {
                    ports.remove(&local.port());
                }
            }
        }
    }

    fn ports(&self, ns: NetnsId, kind: SockType) -> Option<&SortedMap<u16, Vec<SocketId>>> {
        let space = self.namespaces.get(&ns)?;
        Some(match kind {
            SockType::Stream => &space.stream_ports,
            SockType::Ping => &space.ping_idents,
            _ => &space.datagram_ports,
        })
    }

    pub(super) fn ports_mut(
        &mut self,
        ns: NetnsId,
        kind: SockType,
    ) -> &mut SortedMap<u16, Vec<SocketId>> {
        let space = self.namespace_mut(ns);
        match kind {
            SockType::Stream => &mut space.stream_ports,
            SockType::Ping => &mut space.ping_idents,
            _ => &mut space.datagram_ports,
        }
    }

    /// Whether `id` may be bound to `addr` beside those that are. Source: Linux `inet_csk_bind_conflict`, `udp_lib_lport_inuse`.
    pub(super) fn bind_conflict(&self, id: SocketId, addr: SocketAddr) -> bool {
        let Some(me) = self.get(id) else { return true };
        let others = self.ports(me.ns, me.kind).and_then(|p| p.get(&addr.port()));
        others.into_iter().flatten().filter(|o| **o != id).filter_map(|o| self.get(*o)).any(|other| {
            let device_apart = matches!((me.options.device, other.options.device), (Some(a), Some(b)) if a != b);
            let listening = matches!(other.body, Body::Listener { .. });
            let shared = me.options.reuse_port && other.options.reuse_port
                || me.options.reuse_addr && other.options.reuse_addr && !listening && me.kind != SockType::Datagram
                || me.options.reuse_addr && other.options.reuse_addr && me.kind == SockType::Datagram;
            !device_apart && !shared && overlap((me, addr.ip()), (other, other.local.ip()))
        })
    }

    /// The connection that a segment from `remote` to `local` belongs to.
    pub(super) fn connection(
        &self,
        ns: NetnsId,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> Option<SocketId> {
        self.namespaces
            .get(&ns)?
            .connections
            .get(&(local, remote))
            .copied()
    }

    /// The listener or unconnected socket that fits best: a given address beats any, IPv4 beats dual-stack IPv6.
    pub(super) fn best_match(
        &self,
        ns: NetnsId,
        kind: SockType,
        local: SocketAddr,
        remote: SocketAddr,
        device: Option<LinkId>,
    ) -> Option<SocketId> {
        let candidates = self.ports(ns, kind)?.get(&local.port())?;
        let mut best: Option<(u32, SocketId)> = None;
        for id in candidates {
            let Some(s) = self.get(*id) else { continue };
            if kind == SockType::Stream && !matches!(s.body, Body::Listener { .. }) {
                continue;
            }
            let Some(score) = s.score(local, remote, device) else {
                continue;
            };
            if best.is_none_or(|(b, _)| score > b) {
                best = Some((score, *id));
            }
        }
        best.map(|(_, id)| id)
    }
}

fn overlap((a, a_ip): (&Socket, IpAddr), (b, b_ip): (&Socket, IpAddr)) -> bool {
    let takes = |s: &Socket, ip: IpAddr, v4: bool| match (ip, v4) {
        (IpAddr::V4(_), true) => true,
        (IpAddr::V6(ip), true) => {
            ip.is_unspecified() && s.family == Family::V6 && !s.options.v6_only
        }
        (ip, false) => ip.is_ipv6(),
    };
    [true, false].into_iter().any(|v4| {
        takes(a, a_ip, v4)
            && takes(b, b_ip, v4)
            && (a_ip.is_unspecified() || b_ip.is_unspecified() || a_ip == b_ip)
    })
}

impl Socket {
    /// Whether an address means nothing without a link, which nobody told this socket.
    pub(super) fn lacks_link(&self, ip: IpAddr) -> bool {
        let of_a_link = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        of_a_link && self.options.device.is_none()
    }

    /// How well this socket fits a packet to `local` from `remote`; `None` if not at all.
    fn score(&self, local: SocketAddr, remote: SocketAddr, device: Option<LinkId>) -> Option<u32> {
        let mut score = 1;
        if self.family == Family::V4 && local.is_ipv6() {
            return None;
        }
        if self.family == Family::V6
            && local.is_ipv4()
            && (self.options.v6_only || !self.local.ip().is_unspecified() && self.local.is_ipv6())
        {
            return None;
        }
        if (self.family == Family::V4) == local.is_ipv4() {
            score += 1;
        }
        if !self.local.ip().is_unspecified() {
            if self.local.ip() != local.ip() {
                return None;
            }
            score += 2;
        }
        if let Some(peer) = self.remote {
            if peer != remote {
                return None;
            }
            score += 4;
        }
        if let Some(bound) = self.options.device {
            if device != Some(bound) {
                return None;
            }
            score += 4;
        }
        Some(score)
    }

    /// An address as this socket's program sees it: IPv4 is mapped into IPv6 for a V6 socket.
    pub(super) fn show(&self, addr: SocketAddr) -> SocketAddr {
        match (self.family, addr.ip()) {
            (Family::V6, IpAddr::V4(ip)) if ip.is_unspecified() => {
                SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), addr.port())
            }
            (Family::V6, IpAddr::V4(ip)) => {
                SocketAddr::new(ip.to_ipv6_mapped().into(), addr.port())
            }
            _ => addr,
        }
    }

    /// An address that the program gave, with IPv4-mapped ones made plain.
    /// # Errors
    /// `EAFNOSUPPORT` for IPv6 on an IPv4 socket, `ENETUNREACH` for IPv4 on one that is only IPv6.
    pub(super) fn take(&self, addr: SocketAddr) -> Result<SocketAddr, Errno> {
        let ip = match (self.family, addr.ip()) {
            (Family::V4, IpAddr::V6(_)) => return Err(Errno::EAFNOSUPPORT),
            (Family::V6, IpAddr::V6(ip)) => match ip.to_ipv4_mapped() {
                Some(_) if self.options.v6_only => return Err(Errno::ENETUNREACH),
                Some(v4) => IpAddr::V4(v4),
                None => IpAddr::V6(ip),
            },
            (_, ip) => ip,
        };
        Ok(SocketAddr::new(ip, addr.port()))
    }

    /// Queues a message unless the buffer is full; says whether it fitted.
    pub(super) fn enqueue(&mut self, message: Received, size: usize) -> bool {
        let Body::Messages { queue, bytes, .. } = &mut self.body else {
            return false;
        };
        if self.read_closed || *bytes + size > MESSAGE_BUFFER {
            return false;
        }
        *bytes += size;
        queue.push_back(message);
        true
    }
}

impl Family {
    /// Any address of the family.
    #[must_use]
    pub const fn any(self) -> IpAddr {
        match self {
            Self::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Self::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        }
    }

    /// The family of an address.
    #[must_use]
    pub const fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}
