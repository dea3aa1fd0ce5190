//! ICMP and ICMPv6: echo, errors received, and errors sent.

use super::lookup::RouteQuery;
use super::output::SendOpts;
use crate::errno::Errno;
use crate::ids::NetnsId;
use crate::map::Lookup;
use crate::skb::Skb;
use crate::state::Kernel;
use crate::time::Instant;
use crate::trace::{Checkpoint, DropReason};
use std::net::IpAddr;
use wire::{IcmpErrorKind, IcmpMessage, IpPacket, Quoted, Transport};

/// How many errors may go to one receiver at once after a pause. Source: Linux `XRLIM_BURST_FACTOR`.
const BURST: u64 = 6;

/// How many errors each receiver may still get: a bucket that fills by one error per `icmp_ratelimit` milliseconds.
#[derive(Default, Debug)]
pub(crate) struct RateLimit(Lookup<IpAddr, (Instant, u64)>);

impl RateLimit {
    /// Whether an error may be sent to `dst` now.
    fn allow(&mut self, dst: IpAddr, now: Instant, interval_ms: u64) -> bool {
        let interval = interval_ms.saturating_mul(1_000_000);
        interval == 0 || self.take(dst, now, interval, BURST)
    }

    /// Whether a route's error may be told to `dst` now, for which it pays besides what each error costs.
    /// Source: Linux `ip_error`, `ip_rt_error_cost` and `ip_rt_error_burst`.
    pub(super) fn allow_route_error(&mut self, dst: IpAddr, now: Instant) -> bool {
        self.take(dst, now, 1_000_000_000, 5)
    }

    /// Takes `interval` out of a receiver's bucket, which holds no more than `burst` times that, if it is there.
    fn take(&mut self, dst: IpAddr, now: Instant, interval: u64, burst: u64) -> bool {
        let full = interval.saturating_mul(burst);
        let (last, tokens) = self.0.or_insert_with(dst, || (now, full));
        *tokens = tokens
            .saturating_add(now.0.saturating_sub(last.0))
            .min(full);
        *last = now;
        let enough = *tokens >= interval;
        if enough {
            *tokens -= interval;
        }
        enough
    }
}

impl Kernel {
    /// An ICMP message reached this machine.
    pub(super) fn icmp_receive(&mut self, ns: NetnsId, skb: &Skb) {
        let Transport::Icmp(message) = &skb.ip.transport else {
            return;
        };
        match message {
            IcmpMessage::EchoRequest { ident, seq, data } => {
                let (ident, seq, data) = (*ident, *seq, data.clone());
                // Raw sockets get a copy of everything.
                self.sock_deliver(ns, skb);
                self.echo_reply(ns, skb, IcmpMessage::EchoReply { ident, seq, data });
            }
            IcmpMessage::Error { kind, quoted } => {
                self.error_received(ns, skb, *kind, quoted);
            }
            IcmpMessage::Neighbour(message) => {
                self.ndp_receive(ns, skb, *message);
            }
            IcmpMessage::EchoReply { .. } | IcmpMessage::Other { .. } => {
                if !self.sock_deliver(ns, skb) {
                    self.drop_skb(ns, skb, DropReason::NoSocket);
                }
            }
        }
    }

    fn echo_reply(&mut self, ns: NetnsId, request: &Skb, reply: IcmpMessage) {
        let Some(netns) = self.net.netns(ns) else {
            return;
        };
        let conf = &netns.conf.ip;
        let group = request.broadcast || request.ip.dst.is_multicast();
        let ignored = request.ip.dst.is_ipv4()
            && (conf.icmp_echo_ignore_all != 0 || (group && conf.icmp_echo_ignore_broadcasts != 0));
        if ignored {
            self.drop_skb(ns, request, DropReason::NoSocket);
            return;
        }
        self.trace.push(
            self.now,
            ns,
            request.id,
            Checkpoint::Consume { what: "echo" },
        );
        let src = if group || !self.is_local(ns, request.ip.dst) {
            super::lookup::unspecified(request.ip.is_v6())
        } else {
            request.ip.dst
        };
        // An IPv4 reply may be fragmented only if the request might be; Linux leaves "don't fragment" off.
        let ttl = self.default_ttl(ns, request.ip.is_v6());
        let ip = IpPacket {
            ttl,
            tos: request.ip.tos,
            ..IpPacket::new(src, request.ip.src, Transport::Icmp(reply))
        };
        let link_local = matches!(request.ip.src, IpAddr::V6(a) if a.is_unicast_link_local());
        let bind_device = request.in_link.filter(|_| link_local);
        let sent = self.ip_send(
            ns,
            ip,
            SendOpts {
                cause: Some(request.id),
                bind_device,
                ..SendOpts::default()
            },
        );
        // Whoever asked hears nothing, and nothing else tells why.
        if let Err(error @ Errno::ENETUNREACH) = sent {
            self.trace_not_sent(ns, request.ip.src, error, 0);
        }
    }

    /// An ICMP error reached this machine: the socket whose packet it quotes is told.
    fn error_received(&mut self, ns: NetnsId, skb: &Skb, kind: IcmpErrorKind, quoted: &Quoted) {
        let from = skb.ip.src;
        if let IcmpErrorKind::FragNeeded { mtu } = kind
            && let Some(netns) = self.net.netns_mut(ns)
        {
            // Nobody may talk the path down to nothing. Sources: RFC 8200 section 5, Linux `ip_rt_min_pmtu`.
            let least = if quoted.dst.is_ipv6() { 1280 } else { 552 };
            netns
                .path_mtu
                .insert(quoted.dst, (mtu.max(least), self.now));
        }
        self.trace
            .push(self.now, ns, skb.id, Checkpoint::Consume { what: "error" });
        self.sock_deliver(ns, skb);
        self.sock_icmp_error(ns, from, &kind, quoted);
    }

    /// Sends an ICMP error about a packet back to where it came from, unless that must not be done.
    ///
    /// Sources: RFC 1122 section 3.2.2, RFC 4443 section 2.4, Linux `icmp_send`.
    pub fn icmp_error(&mut self, ns: NetnsId, skb: &Skb, kind: IcmpErrorKind) {
        let (src, dst, v6) = (skb.ip.src, skb.ip.dst, skb.ip.is_v6());
        let about_error = match &skb.ip.transport {
            Transport::Icmp(IcmpMessage::Error { .. }) => true,
            // Neighbour discovery is never answered with an error, so that one lost neighbour is not two.
            Transport::Icmp(IcmpMessage::Neighbour(_)) => true,
            _ => false,
        };
        let too_big = matches!(kind, IcmpErrorKind::FragNeeded { .. });
        let to_group = (skb.broadcast || dst.is_multicast()) && !(v6 && too_big);
        let from_nobody = src.is_unspecified() || src.is_multicast();
        if about_error || to_group || from_nobody || skb.ip.fragment_offset != 0 {
            return;
        }
        let Ok(route) = self.net.route(ns, &RouteQuery::to(src), false) else {
            return;
        };
        let Some(netns) = self.net.netns_mut(ns) else {
            return;
        };
        // Not limited: errors to oneself, and "too big", without which the path's MTU stays unknown.
        let limited = route.kind != super::RouteKind::Local && !too_big;
        let interval = u64::try_from(netns.conf.ip.icmp_ratelimit).unwrap_or(0);
        if limited && !netns.icmp_limit.allow(src, self.now, interval) {
            return;
        }
        // The receiver speaks for itself; a router with the address that it sends by.
        let own = if self.is_local(ns, dst) {
            dst
        } else {
            super::lookup::unspecified(v6)
        };
        let quoted = Box::new(Quoted::new(&skb.ip));
        let transport = Transport::Icmp(IcmpMessage::Error { kind, quoted });
        // Internetwork control for routers' words. Source: Linux `RT_TOS`, `IPTOS_PREC_INTERNETCONTROL`.
        let tos = if v6 { 0 } else { (skb.ip.tos & 0x1e) | 0xc0 };
        let ip = IpPacket {
            ttl: self.default_ttl(ns, v6),
            tos,
            ..IpPacket::new(own, src, transport)
        };
        let link_local = matches!(src, IpAddr::V6(a) if a.is_unicast_link_local());
        let bind_device = skb.in_link.filter(|_| link_local);
        let opts = SendOpts {
            cause: Some(skb.id),
            bind_device,
            ..SendOpts::default()
        };
        let _ = self.ip_answer(ns, ip, opts, Some(skb));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn an_error_of_a_route_costs_twice() {
        let mut limit = RateLimit::default();
        let to = IpAddr::from([10, 0, 0, 1]);
        let mut tell =
            |now: Instant| limit.allow_route_error(to, now) && limit.allow(to, now, 1000);
        let start = Instant::ZERO;
        let told = (0..4).filter(|_| tell(start)).count();
        assert_eq!(told, 2);
        assert!(!tell(start + Duration::from_millis(500)));
        assert!(tell(start + Duration::from_secs(3)));
    }
}
