//! Whether a packet fulfils a rule's conditions.

use super::conntrack::{Conn, Conntrack, NO_CONN, TcpState};
use super::model::RecentLists;
use super::model::{
    ConnLimit, ConntrackMatch, CtStates, CtStatuses, IcmpType, IfName, IfPattern, Inv, Limit,
    Match, MultiportSide, PhysdevMatch, PktType, PortRange, Rule, Statistic, StatisticMode,
    TcpMatch, TtlMatch, UdpMatch, Volatile,
};
use super::{HookCtx, Iface, content, counted};
use crate::rng::Rng;
use crate::skb::{CtState, Skb};
use crate::time::Instant;
use ipnet::IpNet;
use std::net::IpAddr;
use wire::{IcmpErrorKind, IcmpMessage, IpPacket, NdpMessage, Proto, TcpFlags, Transport};

/// A packet and all that a condition may ask about it.
pub(super) struct Probe<'a, 'c> {
    pub(super) ctx: &'a HookCtx<'c>,
    pub(super) in_name: IfName,
    pub(super) out_name: IfName,
    pub(super) skb: &'a mut Skb,
    pub(super) ct: &'a mut Conntrack,
    pub(super) recent: &'a mut RecentLists,
    pub(super) rng: &'a mut Rng,
    /// Whether a condition couldn't be told, so that the packet goes no further (Linux's `hotdrop`).
    pub(super) lost: bool,
}

impl<'a, 'c> Probe<'a, 'c> {
    pub(super) fn new(
        ctx: &'a HookCtx<'c>,
        skb: &'a mut Skb,
        ct: &'a mut Conntrack,
        recent: &'a mut RecentLists,
        rng: &'a mut Rng,
    ) -> Self {
        let (in_name, out_name) = (name(ctx.in_if), name(ctx.out_if));
        Self {
            ctx,
            in_name,
            out_name,
            skb,
            ct,
            recent,
            rng,
            lost: false,
        }
    }
}

fn name(iface: Option<Iface>) -> IfName {
    iface.map(|iface| iface.name).unwrap_or_default()
}

/// Whether the rule is about this packet. Conditions that keep state take note of the packet.
pub(super) fn rule(rule: &mut Rule, p: &mut Probe<'_, '_>) -> bool {
    let ip = &p.skb.ip;
    holds(rule.in_if, |pattern| pattern.matches(p.in_name))
        && holds(rule.out_if, |pattern| pattern.matches(p.out_name))
        && holds(rule.proto, |proto| proto.0 == 0 || proto == ip.protocol())
        && holds(rule.dst, |net| covers(net, ip.dst))
        && holds(rule.src, |net| covers(net, ip.src))
        && holds(rule.fragment, |()| ip.fragment_offset != 0)
        && rule.matches.iter_mut().all(|condition| one(condition, p))
}

fn holds<T>(condition: Option<Inv<T>>, is: impl FnOnce(T) -> bool) -> bool {
    condition.is_none_or(|condition| check(condition, is))
}

fn check<T>(condition: Inv<T>, is: impl FnOnce(T) -> bool) -> bool {
    is(condition.value) != condition.not
}

/// Whether the address lies in the net: they agree in the bits of the prefix.
///
/// Every packet asks this once for each rule of every container, and `ipnet` works out the first and the last address for it.
fn covers(net: IpNet, ip: IpAddr) -> bool {
    let agreeing = match (net.addr(), ip) {
        (IpAddr::V4(net), IpAddr::V4(ip)) => (net.to_bits() ^ ip.to_bits()).leading_zeros(),
        (IpAddr::V6(net), IpAddr::V6(ip)) => (net.to_bits() ^ ip.to_bits()).leading_zeros(),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    agreeing >= u32::from(net.prefix_len())
}

fn one(condition: &mut Match, p: &mut Probe<'_, '_>) -> bool {
    let ip = &p.skb.ip;
    match condition {
        Match::Tcp(wanted) => tcp(wanted, ip),
        Match::Udp(wanted) => match &ip.transport {
            Transport::Udp(d) => ports(wanted, d.src_port, d.dst_port),
            Transport::Tcp(_) | Transport::Icmp(_) | Transport::Raw { .. } => false,
        },
        Match::Sctp(wanted) => match &ip.transport {
            Transport::Raw {
                proto: Proto(132),
                bytes,
            } => match bytes.get(..4) {
                Some(&[a, b, c, d]) => ports(
                    wanted,
                    u16::from_be_bytes([a, b]),
                    u16::from_be_bytes([c, d]),
                ),
                _ => false,
            },
            Transport::Tcp(_) | Transport::Udp(_) | Transport::Icmp(_) | Transport::Raw { .. } => {
                false
            }
        },
        Match::Icmp(wanted) => match &ip.transport {
            Transport::Icmp(message) => check(*wanted, |wanted| icmp(wanted, message, ip.is_v6())),
            Transport::Tcp(_) | Transport::Udp(_) | Transport::Raw { .. } => false,
        },
        Match::Multiport { side, ports } => {
            multiport(*side, &ports.value, ip).is_some_and(|is| is != ports.not)
        }
        Match::Conntrack(wanted) => conntrack(wanted, p),
        Match::State(wanted) => check(*wanted, |states| states.intersects(state(p.skb))),
        Match::AddrType {
            src,
            dst,
            limit_in,
            limit_out,
        } => {
            let link = match (limit_in, limit_out) {
                (true, _) => p.ctx.in_if,
                (_, true) => p.ctx.out_if,
                (false, false) => None,
            };
            let link = link.map(|iface| iface.link);
            holds(*src, |types| {
                types.contains(p.ctx.env.addr_type(ip.src, link))
            }) && holds(*dst, |types| {
                types.contains(p.ctx.env.addr_type(ip.dst, link))
            })
        }
        Match::Mark(wanted) => check(*wanted, |wanted| wanted.matches(p.skb.mark)),
        Match::Connmark(wanted) => match conn(p) {
            Some(conn) => check(*wanted, |wanted| wanted.matches(conn.mark)),
            None => false,
        },
        Match::Limit(limit) => within(limit, p.ctx.now),
        Match::Comment(_) => true,
        Match::MacSource(wanted) => p
            .skb
            .src_mac
            .is_some_and(|mac| check(*wanted, |wanted| wanted == mac)),
        Match::Length(wanted) => check(*wanted, |range| {
            (usize::from(range.first)..=usize::from(range.last)).contains(&ip.len())
        }),
        Match::Ttl(wanted) | Match::HopLimit(wanted) => match *wanted {
            TtlMatch::Eq(wanted) => check(wanted, |ttl| ip.ttl == ttl),
            TtlMatch::Less(ttl) => ip.ttl < ttl,
            TtlMatch::Greater(ttl) => ip.ttl > ttl,
        },
        // A user's own group has the user's number.
        Match::Owner { ids, .. } => match p.ctx.owner {
            Some(uid) => check(*ids, |(first, last)| (first..=last).contains(&uid)),
            None => false,
        },
        Match::PktType(wanted) => check(*wanted, |kind| kind == packet_type(p.skb)),
        Match::Statistic(wanted) => picked(wanted, p.rng),
        Match::IpRange { src, dst } => {
            holds(*src, |range| (range.first..=range.last).contains(&ip.src))
                && holds(*dst, |range| (range.first..=range.last).contains(&ip.dst))
        }
        Match::Physdev(wanted) => physdev(wanted, p.ctx),
        Match::ConnLimit(limit) => limited(*limit, p),
        Match::HashLimit(limit) => {
            let is = counted::hash_limit(limit, ip, p.ctx.now);
            p.lost |= is.is_none();
            is.unwrap_or(false)
        }
        Match::Recent(wanted) => {
            // Of what is forwarded one hop has been counted already.
            let forwarded = p.ctx.in_if.is_some() && p.ctx.out_if.is_some();
            let ttl = ip.ttl.saturating_add(u8::from(forwarded));
            counted::recent(p.recent, wanted, ip, ttl, p.ctx.now)
        }
        Match::Pattern(wanted) => content::pattern(wanted, ip),
        Match::Quota(wanted) => content::quota(wanted, ip),
        Match::Dscp(wanted) => check(*wanted, |dscp| ip.tos >> 2 == dscp),
        Match::Tos(wanted) => check(*wanted, |(value, mask)| ip.tos & mask == value),
        Match::Ipvs { not } => p.skb.ipvs != *not,
    }
}

fn ports(wanted: &UdpMatch, src: u16, dst: u16) -> bool {
    holds(wanted.sport, |range| range.contains(src))
        && holds(wanted.dport, |range| range.contains(dst))
}

fn tcp(wanted: &TcpMatch, ip: &IpPacket) -> bool {
    let Transport::Tcp(segment) = &ip.transport else {
        return false;
    };
    holds(wanted.sport, |range| range.contains(segment.src_port))
        && holds(wanted.dport, |range| range.contains(segment.dst_port))
        && holds(wanted.flags, |(mask, set)| {
            TcpFlags(segment.flags.0 & mask.0) == set
        })
}

fn icmp(wanted: IcmpType, message: &IcmpMessage, v6: bool) -> bool {
    let (type_, code) = type_and_code(message, v6);
    wanted.type_.is_none_or(|wanted| wanted == type_)
        && wanted.code.is_none_or(|wanted| wanted == code)
}

/// Type and code of an ICMP message as on the wire.
pub(super) const fn type_and_code(message: &IcmpMessage, v6: bool) -> (u8, u8) {
    match message {
        IcmpMessage::EchoRequest { .. } if v6 => (128, 0),
        IcmpMessage::EchoRequest { .. } => (8, 0),
        IcmpMessage::EchoReply { .. } if v6 => (129, 0),
        IcmpMessage::EchoReply { .. } => (0, 0),
        IcmpMessage::Error { kind, .. } => IcmpErrorKind::type_and_code(*kind, v6),
        IcmpMessage::Neighbour(NdpMessage::RouterSolicit { .. }) => (133, 0),
        IcmpMessage::Neighbour(NdpMessage::NeighbourSolicit { .. }) => (135, 0),
        IcmpMessage::Neighbour(NdpMessage::NeighbourAdvert { .. }) => (136, 0),
        IcmpMessage::Other { type_, code, .. } => (*type_, *code),
    }
}

fn multiport(side: MultiportSide, ports: &[PortRange], ip: &IpPacket) -> Option<bool> {
    let (src, dst) = ip.transport.ports()?;
    let any = |port: u16| ports.iter().any(|range| range.contains(port));
    Some(match side {
        MultiportSide::Source => any(src),
        MultiportSide::Destination => any(dst),
        MultiportSide::Either => any(src) || any(dst),
    })
}

fn conn<'a>(p: &'a Probe<'_, '_>) -> Option<&'a Conn> {
    p.ct.get(p.skb.ct.filter(|ct| ct.conn != NO_CONN)?.conn)
}

fn state(skb: &Skb) -> CtStates {
    match skb.ct.map(|ct| ct.state) {
        Some(CtState::New) => CtStates::NEW,
        Some(CtState::Established) => CtStates::ESTABLISHED,
        Some(CtState::Related) => CtStates::RELATED,
        Some(CtState::Untracked) => CtStates::UNTRACKED,
        Some(CtState::Invalid) | None => CtStates::INVALID,
    }
}

fn conntrack(wanted: &ConntrackMatch, p: &Probe<'_, '_>) -> bool {
    let conn = conn(p);
    let mut states = state(p.skb);
    if conn.is_some_and(|conn| conn.snat) {
        states = states.with(CtStates::SNAT);
    }
    if conn.is_some_and(|conn| conn.dnat) {
        states = states.with(CtStates::DNAT);
    }
    if !holds(wanted.state, |wanted| wanted.intersects(states)) {
        return false;
    }
    // Everything else asks about an entry.
    let only_state = ConntrackMatch {
        state: wanted.state,
        ..ConntrackMatch::default()
    };
    let Some(conn) = conn else {
        return *wanted == only_state;
    };
    let (original, reply) = (&conn.original, &conn.reply);
    let mut status = CtStatuses::default();
    for (flag, is) in [
        (CtStatuses::SEEN_REPLY, conn.seen_reply),
        (CtStatuses::ASSURED, conn.assured),
        (CtStatuses::CONFIRMED, conn.confirmed),
    ] {
        status = if is { status.with(flag) } else { status };
    }
    let remaining = u32::try_from(conn.remaining(p.ctx.now).as_secs()).unwrap_or(u32::MAX);
    wanted
        .dir
        .is_none_or(|dir| p.skb.ct.is_some_and(|ct| ct.dir == dir))
        && holds(wanted.proto, |proto| proto == original.proto)
        && holds(wanted.orig_src, |net| covers(net, original.src))
        && holds(wanted.orig_dst, |net| covers(net, original.dst))
        && holds(wanted.repl_src, |net| covers(net, reply.src))
        && holds(wanted.repl_dst, |net| covers(net, reply.dst))
        && holds(wanted.orig_src_port, |range| {
            range.contains(original.src_port())
        })
        && holds(wanted.orig_dst_port, |range| {
            range.contains(original.dst_port())
        })
        && holds(wanted.repl_src_port, |range| {
            range.contains(reply.src_port())
        })
        && holds(wanted.repl_dst_port, |range| {
            range.contains(reply.dst_port())
        })
        && holds(wanted.status, |wanted| {
            if wanted.0 == 0 {
                status.0 == 0
            } else {
                wanted.0 & status.0 != 0
            }
        })
        && holds(wanted.expire, |(first, last)| {
            (first..=last).contains(&remaining)
        })
}

fn packet_type(skb: &Skb) -> PktType {
    let multicast = skb.ip.dst.is_multicast();
    match (skb.broadcast, multicast) {
        (_, true) => PktType::Multicast,
        (true, false) => PktType::Broadcast,
        (false, false) => PktType::Unicast,
    }
}

/// Whether a packet's client has as many connections as the condition wants, this one among them.
/// Source: Linux xt_connlimit, nf_conncount.
fn limited(limit: ConnLimit, p: &Probe<'_, '_>) -> bool {
    let end = |conn: &Conn| {
        if limit.by_destination {
            conn.original.dst
        } else {
            conn.original.src
        }
    };
    let Some(this) = conn(p) else {
        return false;
    };
    let Ok(group) = IpNet::new(end(this), limit.mask) else {
        return false;
    };
    let over = |conn: &Conn| matches!(conn.tcp_state(), Some(TcpState::TimeWait | TcpState::Close));
    let others =
        p.ct.live()
            .filter(|conn| conn.id != this.id && !over(conn) && group.contains(&end(conn)))
            .count();
    (others + 1 > limit.most as usize) == limit.above
}

/// Takes a token out of the bucket if there is one.
pub(super) fn within(limit: &mut Limit, now: Instant) -> bool {
    let cost =
        u64::from(limit.period).saturating_mul(1_000_000_000) / u64::from(limit.count.max(1));
    let full = cost.saturating_mul(u64::from(limit.burst));
    let credit = match limit.state.0 {
        None => full,
        Some((credit, at)) => credit
            .saturating_add(now.as_nanos().saturating_sub(at.as_nanos()))
            .min(full),
    };
    let left = credit.checked_sub(cost);
    limit.state = Volatile(Some((left.unwrap_or(credit), now)));
    left.is_some()
}

fn picked(statistic: &mut Statistic, rng: &mut Rng) -> bool {
    let is = match &mut statistic.mode {
        StatisticMode::Nth {
            every,
            packet,
            seen,
        } => {
            let last = every.saturating_sub(1);
            // The first time comes after `packet` others. Source: Linux xt_statistic.
            let count = seen.0.unwrap_or_else(|| last.saturating_sub(*packet));
            let is = count >= last;
            *seen = Volatile(Some(if is { 0 } else { count + 1 }));
            is
        }
        StatisticMode::Random { threshold } => rng.next_u32() & 0x7fff_ffff < *threshold,
    };
    is != statistic.not
}

fn physdev(wanted: &PhysdevMatch, ctx: &HookCtx<'_>) -> bool {
    let asked = |condition: Option<Inv<IfPattern>>, port: Option<Iface>| {
        holds(condition, |pattern| pattern.matches(name(port)))
    };
    let (came, leaves) = (ctx.phys_in.is_some(), ctx.phys_out.is_some());
    wanted.is_in.is_none_or(|is| is == came)
        && wanted.is_out.is_none_or(|is| is == leaves)
        && wanted.is_bridged.is_none_or(|is| is == (came && leaves))
        && asked(wanted.in_if, ctx.phys_in)
        && asked(wanted.out_if, ctx.phys_out)
}
