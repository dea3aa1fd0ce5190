//! IPVS: connections to a virtual service are spread over real servers, by network address translation.
//!
//! It takes packets for this machine after INPUT's rules, and sends them on by way of OUTPUT and POSTROUTING; answers pass
//! FORWARD, where they get the virtual address as their source again. What becomes of a flow is kept with its entry of
//! connection tracking, as with the sysctl `net.ipv4.vs.conntrack`. Only round robin and masquerading are there.
//! Source: Linux `net/netfilter/ipvs`.

use super::conntrack::{Conntrack, TcpState, Tuple};
use super::model::RejectWith;
use super::nat::{self, Manip};
use crate::skb::{CtState, Direction, Skb};
use std::net::{IpAddr, SocketAddr};
use wire::{IcmpErrorKind, IcmpMessage, Proto, Transport};

/// What makes a packet one for a virtual service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServiceKey {
    /// Its mark (`-f`).
    Mark(u32),
    /// Its protocol and destination (`-t`, `-u`).
    Address(Proto, SocketAddr),
}

/// A virtual service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VirtualService {
    /// Which packets are for it.
    pub key: ServiceKey,
    /// Its servers; the one that was added last comes first.
    pub servers: Vec<RealServer>,
    /// The server that got the last connection.
    last: Option<usize>,
}

/// A real server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RealServer {
    /// Its address.
    pub addr: IpAddr,
    /// Its port; 0 for the one that the client asked for.
    pub port: u16,
    /// 0: it keeps the connections that it has and gets no new ones.
    pub weight: u32,
}

/// The virtual services of a namespace.
#[derive(Clone, Default, Debug)]
pub struct Ipvs {
    /// In the order of making.
    pub services: Vec<VirtualService>,
}

/// What a flow was given to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Balanced {
    key: ServiceKey,
    server: IpAddr,
}

/// What becomes of a packet.
pub(super) enum Fate {
    /// It is for nobody here, or on its way as it is.
    None,
    /// It was rewritten.
    Rewritten,
    /// The server that has its connection is gone.
    Lost,
    /// No server takes connections.
    Refused(RejectWith),
}

impl VirtualService {
    fn new(key: ServiceKey) -> Self {
        Self {
            key,
            servers: Vec::new(),
            last: None,
        }
    }

    /// The next server in turn that takes connections. Source: Linux `ip_vs_rr_schedule`.
    fn next(&mut self) -> Option<RealServer> {
        let count = self.servers.len();
        let first = self.last.map_or(0, |last| last + 1);
        let mut turns = (first..first + count).map(|at| at % count.max(1));
        let at = turns.find(|at| self.servers.get(*at).is_some_and(|s| s.weight > 0))?;
        self.last = Some(at);
        self.servers.get(at).copied()
    }

    /// Adds a server, or gives the one that is there another weight.
    pub fn set(&mut self, server: RealServer) {
        let same = |s: &&mut RealServer| (s.addr, s.port) == (server.addr, server.port);
        match self.servers.iter_mut().find(same) {
            Some(known) => known.weight = server.weight,
            None => {
                self.servers.insert(0, server);
                self.last = self.last.map(|last| last + 1);
            }
        }
    }

    /// Removes the servers that are not wanted.
    pub fn retain(&mut self, wanted: impl Fn(&RealServer) -> bool) {
        while let Some(at) = self.servers.iter().position(|s| !wanted(s)) {
            self.servers.remove(at);
            // The turn goes on behind the one before.
            self.last = match self.last {
                Some(last) if last >= at => last.checked_sub(1),
                last => last,
            };
        }
    }
}

impl Ipvs {
    /// The service with this key.
    #[must_use]
    pub fn service(&self, key: ServiceKey) -> Option<&VirtualService> {
        self.services.iter().find(|s| s.key == key)
    }

    /// The service with this key, to change it.
    pub fn service_mut(&mut self, key: ServiceKey) -> Option<&mut VirtualService> {
        self.services.iter_mut().find(|s| s.key == key)
    }

    /// Makes a service unless it is there.
    pub fn add(&mut self, key: ServiceKey) {
        if self.service(key).is_none() {
            self.services.push(VirtualService::new(key));
        }
    }

    /// The service that a packet is for. Source: Linux `ip_vs_service_find`.
    fn meant(&self, skb: &Skb) -> Option<ServiceKey> {
        let (_, port) = skb.ip.transport.ports()?;
        let to = ServiceKey::Address(skb.ip.protocol(), SocketAddr::new(skb.ip.dst, port));
        let marked = ServiceKey::Mark(skb.mark);
        let by_mark = self
            .services
            .iter()
            .find(|s| skb.mark != 0 && s.key == marked);
        by_mark
            .or_else(|| self.service(to))
            .map(|service| service.key)
    }

    /// A packet for this machine has passed INPUT's rules: it goes to a server if it is for a service.
    pub(super) fn take(&mut self, skb: &mut Skb, ct: &mut Conntrack) -> Fate {
        let Some(found) = skb.ct else {
            return Fate::None;
        };
        let Some(conn) = ct.get_mut(found.conn) else {
            return Fate::None;
        };
        if found.dir == Direction::Reply || found.state == CtState::Related {
            return Fate::None;
        }
        if let Some(to) = conn.balanced {
            let there = self
                .service(to.key)
                .is_some_and(|s| s.servers.iter().any(|s| s.addr == to.server));
            if !there {
                return Fate::Lost;
            }
        } else if conn.confirmed {
            return Fate::None;
        } else {
            let opens = match &skb.ip.transport {
                Transport::Tcp(segment) => segment.flags.syn() && !segment.flags.ack(),
                Transport::Udp(_) => true,
                Transport::Icmp(_) | Transport::Raw { .. } => false,
            };
            let Some(key) = self.meant(skb).filter(|_| opens) else {
                return Fate::None;
            };
            let Some(server) = self.service_mut(key).and_then(VirtualService::next) else {
                let why = RejectWith::Icmp(IcmpErrorKind::PortUnreachable);
                return Fate::Refused(why);
            };
            let mut to: Tuple = conn.reply.inverse();
            to.dst = server.addr;
            if server.port != 0 {
                to = to.with_dst_port(server.port);
            }
            conn.reply = to.inverse();
            conn.balanced = Some(Balanced {
                key,
                server: server.addr,
            });
        }
        nat::rewrite(&mut skb.ip, &conn.reply.inverse(), Manip::Dst);
        skb.ipvs = true;
        Fate::Rewritten
    }

    /// A packet on its way through: the answer of a server seems to come from the service.
    pub(super) fn give_back(skb: &mut Skb, ct: &Conntrack) {
        let found = skb.ct.filter(|found| found.dir == Direction::Reply);
        let Some(found) = found else { return };
        let conn = ct.get(found.conn).filter(|conn| conn.balanced.is_some());
        let Some(conn) = conn else { return };
        // An error about what was sent on is about the service for the client.
        if let (CtState::Related, Transport::Icmp(IcmpMessage::Error { quoted, .. })) =
            (found.state, &mut skb.ip.transport)
        {
            nat::rewrite_quoted(quoted, &conn.original, Manip::Dst);
        }
        nat::rewrite(&mut skb.ip, &conn.original.inverse(), Manip::Src);
        skb.ipvs = true;
    }

    /// How many connections a server has that are established, and how many others.
    #[must_use]
    pub fn load(key: ServiceKey, server: IpAddr, ct: &Conntrack) -> (usize, usize) {
        let to = Some(Balanced { key, server });
        let (mut active, mut inactive) = (0, 0);
        for conn in ct.live().filter(|conn| conn.balanced == to) {
            match conn.tcp_state() {
                Some(TcpState::Established) => active += 1,
                _ => inactive += 1,
            }
        }
        (active, inactive)
    }
}
