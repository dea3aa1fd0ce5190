//! Address translation: deciding what a flow's addresses and ports become, and rewriting its packets.
//!
//! Only the first packet of a flow meets rules; what they decide is kept as the flow's reply tuple, from which every later
//! packet of both directions is rewritten. Source: Linux net/netfilter/nf_nat_core.c.

use super::conntrack::{Conn, Conntrack, L4, Tuple, opposite};
use super::model::NatTo;
use super::walk::NatOp;
use super::{Hook, HookCtx};
use crate::ids::ConnId;
use crate::rng::Rng;
use crate::skb::{CtRef, Direction, Skb};
use crate::time::Instant;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::{IcmpMessage, IpPacket, Quoted, QuotedPorts, Transport};

/// How many ports are tried before the search is begun anew elsewhere, half as long.
const MAX_ATTEMPTS: u32 = 128;

/// Which end is rewritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Manip {
    Src,
    Dst,
}

impl Manip {
    const fn other(self) -> Self {
        match self {
            Self::Src => Self::Dst,
            Self::Dst => Self::Src,
        }
    }
}

impl Conn {
    /// Whether it has been decided what becomes of this end.
    pub(super) const fn is_decided(&self, manip: Manip) -> bool {
        match manip {
            Manip::Src => self.snat_done,
            Manip::Dst => self.dnat_done,
        }
    }

    /// Whether packets of this direction are rewritten at this end: answers have it the other way round.
    const fn rewrites(&self, manip: Manip, dir: Direction) -> bool {
        match (manip, dir) {
            (Manip::Src, Direction::Original) | (Manip::Dst, Direction::Reply) => self.snat,
            (Manip::Dst, Direction::Original) | (Manip::Src, Direction::Reply) => self.dnat,
        }
    }
}

/// What a rule's target means for this packet; `None` if there is no address to take, which drops the packet.
pub(super) fn resolve(op: NatOp, ctx: &HookCtx<'_>, ip: &IpPacket, manip: Manip) -> Option<NatTo> {
    let one = |addr: IpAddr| Some((addr, addr));
    match op {
        NatOp::Dnat(to) | NatOp::Snat(to) => Some(to),
        NatOp::Masquerade(to) => {
            let addr = ctx.env.masquerade_source(ctx.out_if?.link, ip.dst)?;
            Some(NatTo {
                addrs: one(addr),
                ..to
            })
        }
        NatOp::Redirect(to) => {
            let addr = match ctx.hook {
                Hook::Output if ip.is_v6() => Ipv6Addr::LOCALHOST.into(),
                Hook::Output => Ipv4Addr::LOCALHOST.into(),
                Hook::Prerouting | Hook::Input | Hook::Forward | Hook::Postrouting => {
                    ctx.env.first_address(ctx.in_if?.link, ip.is_v6())?
                }
            };
            Some(NatTo {
                addrs: one(addr),
                ..to
            })
        }
        NatOp::Netmap(net) => {
            let old = if manip == Manip::Src { ip.src } else { ip.dst };
            Some(NatTo {
                addrs: one(mapped(net, old)),
                ..NatTo::default()
            })
        }
    }
}

fn mapped(net: IpNet, old: IpAddr) -> IpAddr {
    match (net, old) {
        (IpNet::V4(net), IpAddr::V4(old)) => {
            Ipv4Addr::from_bits(net.network().to_bits() | old.to_bits() & net.hostmask().to_bits())
                .into()
        }
        (IpNet::V6(net), IpAddr::V6(old)) => {
            Ipv6Addr::from_bits(net.network().to_bits() | old.to_bits() & net.hostmask().to_bits())
                .into()
        }
        (_, old) => old,
    }
}

impl Conntrack {
    /// Decides what becomes of one end of a flow. An empty `to` keeps it, unless the flow would look like another one.
    pub(super) fn set_up(
        &mut self,
        id: ConnId,
        manip: Manip,
        to: &NatTo,
        now: Instant,
        rng: &mut Rng,
    ) {
        let Some(current) = self.get(id).map(|conn| conn.reply.inverse()) else {
            return;
        };
        let new = self.unique_tuple(current, id, manip, to, now, rng);
        let Some(conn) = self.get_mut(id) else { return };
        let changed = new != current;
        if changed {
            conn.reply = new.inverse();
        }
        match manip {
            Manip::Src => {
                conn.snat_done = true;
                conn.snat |= changed;
            }
            Manip::Dst => {
                conn.dnat_done = true;
                conn.dnat |= changed;
            }
        }
    }

    /// Picks address and port. Keeps the port if the flow is then unlike all others, else searches the range given, or the
    /// class that the port belongs to (1-511, 600-1023, 1024-65535) from a random start. If all are taken the result is
    /// not unique, and the packet is dropped when it is to be confirmed.
    fn unique_tuple(
        &self,
        current: Tuple,
        id: ConnId,
        manip: Manip,
        to: &NatTo,
        now: Instant,
        rng: &mut Rng,
    ) -> Tuple {
        let free = |tuple: &Tuple| !self.is_taken(tuple, id, now);
        let in_ports = |port: u16| {
            to.ports
                .is_none_or(|(first, last)| (first..=last).contains(&port))
        };
        let (addr, port) = end(&current, manip);
        let in_addrs = to
            .addrs
            .is_none_or(|(first, last)| (first..=last).contains(&addr));
        if manip == Manip::Src && !to.random && in_addrs && in_ports(port) && free(&current) {
            return current;
        }
        let tuple = with_addr(current, manip, best_address(&current, to, manip));
        if !to.random {
            let kept = match to.ports {
                Some((first, last)) => in_ports(port) && (first == last || free(&tuple)),
                None => free(&tuple),
            };
            if kept {
                return tuple;
            }
        }
        let (min, max) = match (to.ports, current.l4) {
            (_, L4::None) => return tuple,
            (Some(range), _) => range,
            (None, L4::Icmp { .. }) => (0, u16::MAX),
            // A service's port is what the client asked for.
            (None, L4::Ports { .. }) if manip == Manip::Dst => return tuple,
            (None, L4::Ports { .. }) => match port {
                0..512 => (1, 511),
                512..1024 => (600, 1023),
                1024.. => (1024, u16::MAX),
            },
        };
        let size = u32::from(max.saturating_sub(min)) + 1;
        let random_start = to.random || manip == Manip::Src;
        let mut offset = if random_start {
            rng.next_u32() & 0xffff
        } else {
            0
        };
        let mut attempts = size.min(MAX_ATTEMPTS);
        let mut candidate = tuple;
        loop {
            for step in 0..attempts {
                let port = u32::from(min) + (offset + step) % size;
                candidate = with_port(tuple, manip, u16::try_from(port).unwrap_or(max));
                if free(&candidate) {
                    return candidate;
                }
            }
            if attempts >= size || attempts < 16 {
                return candidate;
            }
            attempts /= 2;
            offset = rng.next_u32() & 0xffff;
        }
    }

    /// Rewrites a packet as its flow says. The flow's tuple of the other direction says how it has to look.
    pub(super) fn translate(&self, skb: &mut Skb, ct: CtRef, manip: Manip) {
        let Some(conn) = self
            .get(ct.conn)
            .filter(|conn| conn.rewrites(manip, ct.dir))
        else {
            return;
        };
        let target = conn.tuple(opposite(ct.dir)).inverse();
        rewrite(&mut skb.ip, &target, manip);
    }

    /// Rewrites an ICMP error, and the packet that it quotes, which went the other way.
    pub(super) fn translate_error(&self, skb: &mut Skb, ct: CtRef, manip: Manip) {
        let Some(conn) = self
            .get(ct.conn)
            .filter(|conn| conn.rewrites(manip, ct.dir))
        else {
            return;
        };
        let there = conn.tuple(opposite(ct.dir));
        if let Transport::Icmp(IcmpMessage::Error { quoted, .. }) = &mut skb.ip.transport {
            rewrite_quoted(quoted, there, manip.other());
        }
        match manip {
            Manip::Src => skb.ip.src = there.dst,
            Manip::Dst => skb.ip.dst = there.src,
        }
    }
}

const fn end(tuple: &Tuple, manip: Manip) -> (IpAddr, u16) {
    match manip {
        Manip::Src => (tuple.src, tuple.src_port()),
        Manip::Dst => (tuple.dst, tuple.dst_port()),
    }
}

const fn with_addr(mut tuple: Tuple, manip: Manip, addr: IpAddr) -> Tuple {
    match manip {
        Manip::Src => tuple.src = addr,
        Manip::Dst => tuple.dst = addr,
    }
    tuple
}

const fn with_port(tuple: Tuple, manip: Manip, port: u16) -> Tuple {
    match manip {
        Manip::Src => tuple.with_src_port(port),
        Manip::Dst => tuple.with_dst_port(port),
    }
}

/// Spreads flows over a range of addresses: always the same one for the same two ends, or for the same client.
fn best_address(tuple: &Tuple, to: &NatTo, manip: Manip) -> IpAddr {
    let Some((first, last)) = to.addrs else {
        return end(tuple, manip).0;
    };
    if first == last {
        return first;
    }
    let other = if to.persistent { 0 } else { bits(tuple.dst) };
    let mixed = (bits(tuple.src) ^ other.rotate_left(32))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let size = bits(last).saturating_sub(bits(first)).saturating_add(1);
    let chosen = bits(first).saturating_add((mixed >> 64) % size);
    match first {
        IpAddr::V4(_) => Ipv4Addr::from_bits(u32::try_from(chosen).unwrap_or(u32::MAX)).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(chosen).into(),
    }
}

const fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_bits() as u128,
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

pub(super) fn rewrite(ip: &mut IpPacket, target: &Tuple, manip: Manip) {
    let (addr, port) = end(target, manip);
    match manip {
        Manip::Src => ip.src = addr,
        Manip::Dst => ip.dst = addr,
    }
    match (&mut ip.transport, manip) {
        (Transport::Tcp(segment), Manip::Src) => segment.src_port = port,
        (Transport::Tcp(segment), Manip::Dst) => segment.dst_port = port,
        (Transport::Udp(datagram), Manip::Src) => datagram.src_port = port,
        (Transport::Udp(datagram), Manip::Dst) => datagram.dst_port = port,
        (
            Transport::Icmp(
                IcmpMessage::EchoRequest { ident, .. } | IcmpMessage::EchoReply { ident, .. },
            ),
            _,
        ) => *ident = port,
        (Transport::Icmp(_) | Transport::Raw { .. }, _) => {}
    }
}

pub(super) fn rewrite_quoted(quoted: &mut Quoted, target: &Tuple, manip: Manip) {
    let (addr, port) = end(target, manip);
    match manip {
        Manip::Src => quoted.src = addr,
        Manip::Dst => quoted.dst = addr,
    }
    match (&mut quoted.ports, manip) {
        (QuotedPorts::Ports { src, .. }, Manip::Src) => *src = port,
        (QuotedPorts::Ports { dst, .. }, Manip::Dst) => *dst = port,
        (QuotedPorts::Echo { ident, .. }, _) => *ident = port,
        (QuotedPorts::None, _) => {}
    }
}
