//! Addresses of sockets: bind, connect, and the ports that are given out.

use super::SockType;
use super::calls::socket_ref;
use super::table::{Body, Socket};
use super::tcp::{Connection, Ends, State};
use crate::errno::Errno;
use crate::ids::{NetnsId, SocketId};
use crate::process::WaitKey;
use crate::state::Kernel;
use crate::trace::Note;
use std::net::{IpAddr, SocketAddr};

/// The sysctl that says which ports are given to those who ask for any.
const EPHEMERAL: &str = "net.ipv4.ip_local_port_range";

impl Kernel {
    /// Binds to a local address; port 0 picks one.
    /// # Errors
    /// `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EINVAL` if bound already or for a link-local address without its link.
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
        // Source: Linux net/ipv6/af_inet6.c, `__inet6_bind`.
        if socket.lacks_link(addr.ip()) {
            return Err(Errno::EINVAL);
        }
        let multicast =
            addr.ip().is_multicast() || matches!(addr.ip(), IpAddr::V4(ip) if ip.is_broadcast());
        let anywhere =
            addr.ip().is_unspecified() || multicast || self.binds_nonlocal(ns, addr.ip());
        if !anywhere && !self.is_local(ns, addr.ip()) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        if matches!(kind, SockType::Raw(_)) {
            self.sock.get_mut(id)?.local = addr;
            return Ok(());
        }
        let settings = self.net.netns(ns).map(|ns| &ns.conf.ip);
        let free = settings.map_or(0, |conf| conf.ip_unprivileged_port_start);
        let privileged =
            addr.port() != 0 && i32::from(addr.port()) < free && kind != SockType::Ping;
        if privileged
            && !owner
                .and_then(|o| self.proc.get(o))
                .is_none_or(|p| p.caps.net_bind)
        {
            self.trace_note(ns, Note::Lacks("NET_BIND_SERVICE"));
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
    pub(super) fn in_time_wait(&self, ns: NetnsId, addr: SocketAddr) -> bool {
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
    pub(super) fn free_port(&mut self, id: SocketId, ip: IpAddr) -> Result<u16, Errno> {
        let ns = self.sock.get_mut(id)?.ns;
        let (first, last) = self.local_port_range(ns);
        let span = u32::from(last - first) + 1;
        let start = u32::try_from(self.rng.below(u64::from(span))).unwrap_or(0);
        (0..span)
            .filter_map(|i| u16::try_from(u32::from(first) + (start + i) % span).ok())
            .find(|port| !self.sock.bind_conflict(id, SocketAddr::new(ip, *port)))
            .ok_or(Errno::EADDRINUSE)
    }

    /// First and last of the ports that are given to those who ask for any; those of Linux where the sysctl makes no sense.
    fn local_port_range(&self, ns: NetnsId) -> (u16, u16) {
        let text = self.sysctl_get(ns, EPHEMERAL).unwrap_or_default();
        let mut numbers = text.split_ascii_whitespace().map(str::parse::<u16>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(first)), Some(Ok(last))) if 0 < first && first <= last => (first, last),
            _ => (32_768, 60_999),
        }
    }

    /// Whether sockets may be bound to addresses that nobody has. Source: Linux `ip-sysctl.rst`, `ip_nonlocal_bind`.
    fn binds_nonlocal(&self, ns: NetnsId, ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(_) => self
                .net
                .netns(ns)
                .is_some_and(|ns| ns.conf.ip.ip_nonlocal_bind != 0),
            IpAddr::V6(_) => self.sysctl_number(ns, "net.ipv6.ip_nonlocal_bind", 0) != 0,
        }
    }

    /// Notes that an address of every link was asked for without the link, and returns the error that says no more than that.
    pub(super) fn refuse_zoneless(&mut self, id: SocketId, to: IpAddr) -> Errno {
        if let Ok(socket) = self.sock.get_mut(id) {
            let ns = socket.ns;
            self.trace_note(ns, Note::NoZone(to));
        }
        Errno::EINVAL
    }

    /// Connects. For streams the first call begins the handshake, and calling again says how it went.
    /// # Errors
    /// `EAGAIN` while the handshake runs; what the network reported; `EISCONN`.
    pub fn sock_connect(&mut self, id: SocketId, addr: SocketAddr) -> Result<(), Errno> {
        let socket = self.sock.get_mut(id)?;
        if let Some(error) = socket.error.take() {
            return Err(error);
        }
        // Source: Linux net/ipv6/tcp_ipv6.c, `tcp_v6_connect`; net/ipv6/datagram.c, `__ip6_datagram_connect`.
        if matches!(socket.body, Body::Fresh | Body::Messages { .. })
            && socket.lacks_link(addr.ip())
        {
            return Err(self.refuse_zoneless(id, addr.ip()));
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
    pub(super) fn target(&self, socket: &Socket, addr: SocketAddr) -> Result<SocketAddr, Errno> {
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
    pub(super) fn source_of(&mut self, id: SocketId, dst: IpAddr) -> Result<IpAddr, Errno> {
        let socket = socket_ref(&self.sock, id)?;
        if !socket.local.ip().is_unspecified() && socket.local.is_ipv4() == dst.is_ipv4() {
            return Ok(socket.local.ip());
        }
        let (ns, device) = (socket.ns, socket.options.device);
        self.source_to_send(ns, dst, device)
    }

    pub(super) fn autobind(&mut self, id: SocketId, source: IpAddr) -> Result<(), Errno> {
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

    pub(super) fn stream_connect(&mut self, id: SocketId, addr: SocketAddr) -> Result<(), Errno> {
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
            counted: State::SynSent,
        };
        self.count(ns, |mib| mib.tcp.active_opens += 1);
        self.sock
            .namespace_mut(ns)
            .connections
            .insert((local, remote), id);
        self.sock_after(id, out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sock::Family;

    fn open(k: &mut Kernel, ns: NetnsId) -> SocketId {
        k.sock_open(ns, None, Family::V4, SockType::Stream).unwrap()
    }

    #[test]
    fn sockets_are_bound_to_addresses_of_others_where_the_sysctl_allows_it() {
        let mut k = Kernel::new(1);
        let m = k.add_machine("a");
        let root = k.machine(m).unwrap().root_ns;
        let elsewhere = "192.0.2.1:80".parse().unwrap();
        let id = open(&mut k, root);
        assert_eq!(k.sock_bind(id, elsewhere), Err(Errno::EADDRNOTAVAIL));
        k.sysctl_set(root, "net.ipv4.ip_nonlocal_bind", "1")
            .unwrap();
        assert_eq!(k.sock_bind(id, elsewhere), Ok(()));
    }

    #[test]
    fn ports_for_those_who_ask_for_any_come_from_the_range_of_the_sysctl() {
        let mut k = Kernel::new(1);
        let m = k.add_machine("a");
        let root = k.machine(m).unwrap().root_ns;
        let anywhere = "0.0.0.0:0".parse().unwrap();
        let name = "net.ipv4.ip_local_port_range";
        k.sysctl_set(root, name, "65534 65535").unwrap();
        let mut ports: Vec<u16> = Vec::new();
        for _ in 0..2 {
            let id = open(&mut k, root);
            k.sock_bind(id, anywhere).unwrap();
            ports.push(k.sock_local(id).unwrap().port());
        }
        assert!(ports.contains(&65_534) && ports.contains(&65_535));
        let id = open(&mut k, root);
        assert_eq!(k.sock_bind(id, anywhere), Err(Errno::EADDRINUSE));
        k.sysctl_set(root, name, "5 4").unwrap();
        assert_eq!(k.sock_bind(id, anywhere), Ok(()));
    }
}
