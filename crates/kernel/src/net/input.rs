//! IP packets that come in: PREROUTING, the routing decision, and whether to believe the source address.

use super::hook::Around;
use super::lookup::RouteQuery;
use super::rx::RxFrame;
use super::{RouteAnswer, RouteKind};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::netfilter::Hook;
use crate::skb::Skb;
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason, RouteDecision};
use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;
use wire::{IcmpErrorKind, Payload};

impl Kernel {
    /// A frame with an IP packet is for this machine (or for everybody).
    pub(super) fn ip_receive(&mut self, ns: NetnsId, link: LinkId, frame: RxFrame) {
        let RxFrame { id, frame, nf } = frame;
        let (src_mac, broadcast) = (frame.src, frame.dst.is_multicast());
        let payload =
            Rc::try_unwrap(frame).map_or_else(|shared| shared.payload.clone(), |own| own.payload);
        let Payload::Ip(ip) = payload else { return };
        let mut skb = Skb {
            id,
            ip,
            mark: 0,
            ct: None,
            in_link: Some(link),
            phys_in: None,
            src_mac: Some(src_mac),
            broadcast,
            ipvs: false,
        };
        self.count(ns, |mib| mib.ip(skb.ip.dst).receive(&skb.ip, broadcast));
        if let Some(reason) = self.receive_refused(link, &skb) {
            self.count(ns, |mib| mib.v6.header_errors += 1);
            self.drop_skb(ns, &skb, reason);
            return;
        }
        if let Some(bridged) = nf {
            // It has been through PREROUTING on the bridge already.
            (skb.mark, skb.ct, skb.phys_in) = (bridged.mark, bridged.ct, Some(bridged.port));
        } else {
            let Some(whole) = self.whole_for_netfilter(ns, skb) else {
                return;
            };
            skb = whole;
            let around = Around {
                input: Some(link),
                ..Around::default()
            };
            if self
                .run_hook(ns, Hook::Prerouting, &mut skb, around)
                .is_none()
            {
                return;
            }
        }
        self.route_input(ns, link, skb);
    }

    /// Whether a packet is refused before any hook sees it. Source: Linux `ipv6_rcv`.
    fn receive_refused(&self, link: LinkId, skb: &Skb) -> Option<DropReason> {
        let found = self.net.link(link)?;
        let (IpAddr::V6(src), IpAddr::V6(dst)) = (skb.ip.src, skb.ip.dst) else {
            return None;
        };
        if found.conf6.disable_ipv6 != 0 {
            return Some(DropReason::UnknownProtocol);
        }
        let from_outside = !found.is_loopback() && (src.is_loopback() || dst.is_loopback());
        (from_outside || src.is_multicast() || dst.is_unspecified()).then_some(DropReason::Martian)
    }

    /// Decides where a packet that came in by `link` goes.
    pub(super) fn route_input(&mut self, ns: NetnsId, link: LinkId, skb: Skb) {
        if let Some(child) = super::dev::ipvlan::behind_hooks(self, link, skb.ip.dst) {
            self.deliver_behind_hooks(ns, link, child, skb);
            return;
        }
        let decided = match skb.ip.dst {
            IpAddr::V4(_) => self.route_input_v4(ns, link, &skb),
            IpAddr::V6(dst) => self.route_input_v6(ns, link, &skb, dst),
        };
        match decided {
            Ok(Way::Local { decision }) => {
                if self.trace.enabled() {
                    let what = Checkpoint::Route {
                        dst: skb.ip.dst,
                        decision,
                    };
                    self.trace.push(self.now, ns, skb.id, what);
                }
                self.local_deliver(ns, link, skb);
            }
            Ok(Way::Forward(route)) => {
                self.trace_route(ns, &skb, &route);
                self.ip_forward(ns, link, skb, &route);
            }
            Err((reason, error)) => {
                if self.trace.enabled() && reason == DropReason::NoRoute {
                    let what = Checkpoint::Route {
                        dst: skb.ip.dst,
                        decision: RouteDecision::Unreachable,
                    };
                    self.trace.push(self.now, ns, skb.id, what);
                }
                self.count(ns, |mib| match &reason {
                    DropReason::ReversePath => mib.tcp.reverse_path += 1,
                    reason => mib.ip(skb.ip.dst).refuse(reason),
                });
                self.drop_skb(ns, &skb, reason);
                if let Some(kind) = error
                    && self.may_tell_route_error(ns, skb.ip.src)
                {
                    self.icmp_error(ns, &skb, kind);
                }
            }
        }
    }

    /// Whether `src` may be told now that there is no way. IPv6 knows no such limit.
    fn may_tell_route_error(&mut self, ns: NetnsId, src: IpAddr) -> bool {
        let now = self.now;
        self.net
            .netns_mut(ns)
            .is_some_and(|netns| src.is_ipv6() || netns.icmp_limit.allow_route_error(src, now))
    }

    /// Notes a routing decision for a packet that leaves, or that stays on this machine by way of the loopback device.
    pub(super) fn trace_route(&mut self, ns: NetnsId, skb: &Skb, route: &RouteAnswer) {
        if self.trace.enabled() {
            let decision = match route.kind {
                RouteKind::Local => RouteDecision::Local { link: route.owner },
                RouteKind::Broadcast | RouteKind::Multicast => RouteDecision::Broadcast,
                _ => RouteDecision::Unicast {
                    link: route.link,
                    via: route.via,
                    prefix: route.prefix.clone(),
                },
            };
            self.trace.push(
                self.now,
                ns,
                skb.id,
                Checkpoint::Route {
                    dst: skb.ip.dst,
                    decision,
                },
            );
        }
    }

    fn route_input_v4(&self, ns: NetnsId, link: LinkId, skb: &Skb) -> Result<Way, Refusal> {
        let (IpAddr::V4(src), IpAddr::V4(dst)) = (skb.ip.src, skb.ip.dst) else {
            return Err((DropReason::Malformed, None));
        };
        let found = self.net.link(link).ok_or((DropReason::Gone, None))?;
        let (loopback, forwarding) = (found.is_loopback(), found.conf4.forwarding != 0);
        let to_group = dst.is_multicast() || dst.is_broadcast();
        // Source: Linux `ip_route_input_slow`.
        let source_wrong =
            src.is_multicast() || src.is_broadcast() || (src.octets()[0] == 0 && !to_group);
        let localnet = || self.net.conf4_or(link, |conf| conf.route_localnet);
        let strays = !loopback && (src.is_loopback() || dst.is_loopback()) && !localnet();
        if source_wrong || strays || dst.octets()[0] == 0 {
            return Err((DropReason::Martian, None));
        }
        if dst.is_multicast() {
            let all_hosts = dst == std::net::Ipv4Addr::new(224, 0, 0, 1);
            let joined = self
                .net
                .netns(ns)
                .is_some_and(|ns| ns.groups.contains(&(link, dst.into())));
            let here = all_hosts || joined || loopback;
            return if here {
                Ok(Way::Local {
                    decision: RouteDecision::Broadcast,
                })
            } else {
                Err((DropReason::OtherHost, None))
            };
        }
        let q = RouteQuery {
            src: Some(src.into()),
            iif: Some(link),
            mark: skb.mark,
            ..RouteQuery::to(dst.into())
        };
        let route = match self.net.route(ns, &q, false) {
            Ok(route) => route,
            // Who does not forward does not complain either. Source: Linux `ip_error`.
            Err(_) if !forwarding => return Err((DropReason::NoRoute, None)),
            Err(Errno::ENETUNREACH) => {
                return Err((DropReason::NoRoute, Some(IcmpErrorKind::NetUnreachable)));
            }
            Err(Errno::EHOSTUNREACH) => {
                return Err((DropReason::NoRoute, Some(IcmpErrorKind::HostUnreachable)));
            }
            Err(Errno::EACCES) => {
                return Err((DropReason::NoRoute, Some(IcmpErrorKind::AdminProhibited)));
            }
            Err(_) => return Err((DropReason::NoRoute, None)),
        };
        let unbelievable = if loopback {
            None
        } else {
            self.source_refused(ns, link, skb)
        };
        match route.kind {
            RouteKind::Local | RouteKind::Broadcast
                if unbelievable.is_some() && !src.is_unspecified() =>
            {
                Err((unbelievable.unwrap_or(DropReason::Martian), None))
            }
            RouteKind::Local => Ok(Way::Local {
                decision: RouteDecision::Local { link: route.owner },
            }),
            RouteKind::Broadcast | RouteKind::Multicast => Ok(Way::Local {
                decision: RouteDecision::Broadcast,
            }),
            _ if !forwarding => Err((DropReason::ForwardingOff, None)),
            _ => match unbelievable {
                Some(reason) => Err((reason, None)),
                None => Ok(Way::Forward(route)),
            },
        }
    }

    /// Whether the source address of a packet that came in by `link` is not to be believed.
    /// Source: Linux `fib_validate_source`.
    fn source_refused(&self, ns: NetnsId, link: LinkId, skb: &Skb) -> Option<DropReason> {
        let src = skb.ip.src;
        let own = self.is_local(ns, src);
        if own
            && !self.net.conf4_or(link, |conf| conf.accept_local)
            && !matches!(src, IpAddr::V4(a) if a.is_loopback())
        {
            return Some(DropReason::Martian);
        }
        let strictness = self.net.conf4_max(link, |conf| conf.rp_filter);
        if strictness == 0 || own || src.is_unspecified() {
            return None;
        }
        let mark = if self.net.conf4_or(link, |conf| conf.src_valid_mark) {
            skb.mark
        } else {
            0
        };
        let back = RouteQuery {
            src: Some(skb.ip.dst),
            mark,
            ..RouteQuery::to(src)
        };
        match self.net.route(ns, &back, false) {
            Ok(route) if route.kind != RouteKind::Unicast => Some(DropReason::Martian),
            Ok(route) if route.link == link || strictness == 2 => None,
            Ok(_) | Err(_) => Some(DropReason::ReversePath),
        }
    }

    fn route_input_v6(
        &self,
        ns: NetnsId,
        link: LinkId,
        skb: &Skb,
        dst: Ipv6Addr,
    ) -> Result<Way, Refusal> {
        let netns = self.net.netns(ns).ok_or((DropReason::Gone, None))?;
        let forwarding = netns.conf6_all.forwarding != 0;
        // The route to the loopback address is only for what comes by its device, also after NAT. Source: Linux
        // `net/ipv6/route.c`, `rt6_need_strict`.
        if dst.is_loopback()
            && self
                .net
                .link(link)
                .is_some_and(|found| !found.is_loopback())
        {
            return Err((DropReason::NoRoute, None));
        }
        if dst.is_multicast() {
            let here = self.listens_to(ns, link, dst);
            return if here {
                Ok(Way::Local {
                    decision: RouteDecision::Broadcast,
                })
            } else {
                Err((DropReason::OtherHost, None))
            };
        }
        // A link-local address means something only on its own link.
        let oif = dst
            .is_unicast_link_local()
            .then_some(link)
            .filter(|_| !self.net.link(link).is_some_and(super::Link::is_loopback));
        let q = RouteQuery {
            src: Some(skb.ip.src),
            iif: Some(link),
            oif,
            mark: skb.mark,
            ..RouteQuery::to(dst.into())
        };
        match self.net.route(ns, &q, false) {
            Ok(route) if route.kind == RouteKind::Local => Ok(Way::Local {
                decision: RouteDecision::Local { link: route.owner },
            }),
            Ok(_) if !forwarding => Err((DropReason::ForwardingOff, None)),
            // Back onto its own link such a packet goes, though. Source: Linux `ip6_forward`; RFC 4291 section 2.5.6.
            Ok(route) if matches!(skb.ip.src, IpAddr::V6(a) if a.is_unspecified() || (a.is_unicast_link_local() && route.link != link)) => {
                Err((DropReason::Martian, None))
            }
            Ok(route) => Ok(Way::Forward(route)),
            Err(_) if !forwarding => Err((DropReason::NoRoute, None)),
            Err(Errno::EACCES) => Err((DropReason::NoRoute, Some(IcmpErrorKind::AdminProhibited))),
            Err(_) => Err((DropReason::NoRoute, Some(IcmpErrorKind::NetUnreachable))),
        }
    }

    /// Whether this machine takes packets to an IPv6 group that come in by `link`.
    pub(super) fn listens_to(&self, ns: NetnsId, link: LinkId, group: Ipv6Addr) -> bool {
        let all_nodes = [0xff01, 0xff02].map(|first| Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 1));
        let all_routers = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);
        let Some(netns) = self.net.netns(ns) else {
            return false;
        };
        let own = |found: &super::Link| {
            found.is_loopback()
                || found.addrs.iter().any(
                    |a| matches!(a.addr, IpAddr::V6(ip) if super::ndp::solicited_node(ip) == group),
                )
        };
        all_nodes.contains(&group)
            || (group == all_routers && netns.conf6_all.forwarding != 0)
            || netns.groups.contains(&(link, group.into()))
            || self.net.link(link).is_some_and(own)
            || self.proxied_in(ns, link, group)
    }

    /// A program joins a group on a device (`IP_ADD_MEMBERSHIP`), or leaves it.
    pub fn group_set(&mut self, ns: NetnsId, link: LinkId, group: IpAddr, joined: bool) {
        let Some(netns) = self.net.netns_mut(ns) else {
            return;
        };
        let count = netns.groups.get(&(link, group)).copied().unwrap_or(0);
        match if joined {
            count.saturating_add(1)
        } else {
            count.saturating_sub(1)
        } {
            0 => {
                netns.groups.remove(&(link, group));
            }
            count => {
                netns.groups.insert((link, group), count);
            }
        }
    }
}

/// Where a packet that came in goes.
enum Way {
    Local { decision: RouteDecision },
    Forward(RouteAnswer),
}

/// Why it goes nowhere, and the error that is sent back.
type Refusal = (DropReason, Option<IcmpErrorKind>);
