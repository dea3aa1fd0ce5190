//! Packets that this machine sends: route, OUTPUT, perhaps another route, POSTROUTING.

use super::hook::Around;
use super::lookup::RouteQuery;
use super::{Net, RouteAnswer, RouteKind, timing};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, PacketId, ProcessId, SocketId};
use crate::netfilter::Hook;
use crate::skb::{Skb, TracedFrame};
use crate::state::Kernel;
use crate::time::Duration;
use crate::trace::{Checkpoint, DropReason, NO_PACKET, Note, RouteDecision};
use std::net::IpAddr;
use std::rc::Rc;
use wire::{Frame, IpPacket, MacAddr, Transport};

/// What goes with a packet that a program or the kernel itself sends.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SendOpts {
    /// The process that owns the socket.
    pub by: Option<ProcessId>,
    /// The socket.
    pub socket: Option<SocketId>,
    /// The packet that this one answers or was caused by.
    pub cause: Option<PacketId>,
    /// The device by which it must leave (`SO_BINDTODEVICE`).
    pub bind_device: Option<LinkId>,
    /// The mark (`SO_MARK`).
    pub mark: u32,
}

impl Net {
    /// The largest packet that reaches `dst`, as far as ICMP errors have told: at most `mtu`.
    pub(super) fn path_mtu(&self, ns: NetnsId, dst: IpAddr, mtu: u32) -> u32 {
        self.netns(ns)
            .and_then(|ns| ns.path_mtu.get(&dst))
            .map_or(mtu, |(known, _)| mtu.min(*known))
    }
}

impl Kernel {
    /// The largest packet that reaches `dst`, bytes: the device's MTU, or less if an ICMP error said so. 1500 without a route.
    #[must_use]
    pub fn mtu_for(&self, ns: NetnsId, dst: IpAddr) -> u32 {
        let mtu = self
            .net
            .route(ns, &RouteQuery::to(dst), false)
            .map_or(1500, |route| route.mtu);
        self.net.path_mtu(ns, dst, mtu)
    }

    /// What an ICMP error told about the path to `dst`: the MTU, and for how long that is believed.
    #[must_use]
    pub fn learned_mtu(&self, ns: NetnsId, dst: IpAddr) -> Option<(u32, Duration)> {
        let (mtu, since) = *self.net.netns(ns)?.path_mtu.get(&dst)?;
        let left = (since + timing::PATH_MTU_EXPIRES).since(self.now);
        Some((mtu, left)).filter(|_| left > Duration::ZERO)
    }

    /// The TTL, or hop limit, that this namespace's own packets begin with.
    #[must_use]
    pub fn default_ttl(&self, ns: NetnsId, v6: bool) -> u8 {
        let limit = |ns: &super::Netns| {
            if v6 {
                ns.conf6_all.hop_limit
            } else {
                ns.conf.ip.ip_default_ttl
            }
        };
        self.net
            .netns(ns)
            .and_then(|ns| u8::try_from(limit(ns)).ok())
            .filter(|ttl| *ttl > 0)
            .unwrap_or(64)
    }

    /// Sends a packet. An unspecified source is filled in.
    /// # Errors
    /// As [`Kernel::route_get`]; `EADDRNOTAVAIL`: no source address to use; `EMSGSIZE`: larger than the MTU and not to be
    /// fragmented; `EPERM`: a rule in OUTPUT dropped it; `EINVAL`: a loopback source cannot leave the machine.
    pub fn ip_send(
        &mut self,
        ns: NetnsId,
        ip: IpPacket,
        opts: SendOpts,
    ) -> Result<PacketId, Errno> {
        self.ip_answer(ns, ip, opts, None)
    }

    /// As [`Kernel::ip_send`], for what the stack itself sends about a packet: it belongs to that packet's connection.
    pub(super) fn ip_answer(
        &mut self,
        ns: NetnsId,
        mut ip: IpPacket,
        opts: SendOpts,
        about: Option<&Skb>,
    ) -> Result<PacketId, Errno> {
        let src = Some(ip.src).filter(|src| !src.is_unspecified());
        let q = RouteQuery {
            dst: ip.dst,
            src,
            iif: None,
            oif: opts.bind_device,
            mark: opts.mark,
        };
        let route = match self.net.route(ns, &q, true) {
            Ok(route) => route,
            Err(error) => {
                if opts.by.is_some() {
                    self.trace_not_sent(ns, ip.dst, error, 0);
                }
                self.count_no_route(ns, ip.dst, error);
                return Err(error);
            }
        };
        if src.is_none() {
            // DHCP clients and duplicate probes send from nowhere; anybody else needs an address.
            if route.src.is_unspecified() && route.kind == RouteKind::Unicast {
                return Err(Errno::EADDRNOTAVAIL);
            }
            ip.src = route.src;
        }
        let on_lo = self
            .net
            .link(route.link)
            .is_some_and(super::Link::is_loopback);
        let stray = matches!(ip.src, IpAddr::V4(a) if a.is_loopback()) && !on_lo;
        if stray && !self.net.conf4_or(route.link, |conf| conf.route_localnet) {
            return Err(Errno::EINVAL);
        }
        let mtu = self.net.path_mtu(ns, ip.dst, route.mtu);
        if ip.dont_fragment && ip.len() > mtu as usize {
            if opts.by.is_some() {
                self.trace_not_sent(ns, ip.dst, Errno::EMSGSIZE, mtu);
            }
            return Err(Errno::EMSGSIZE);
        }
        let id = self.trace.new_packet();
        if self.trace.enabled() {
            let SendOpts {
                by, socket, cause, ..
            } = opts;
            let what = Checkpoint::Made {
                by,
                socket,
                cause,
                ip: Some(Box::new(ip.clone())),
            };
            self.trace.push(self.now, ns, id, what);
        }
        let owner = opts
            .by
            .and_then(|by| self.proc.get(by))
            .map(|process| process.uid);
        let mut skb = Skb::local(id, ip);
        skb.mark = opts.mark;
        if let (Some(about), Some(netns)) = (about, self.net.netns(ns)) {
            netns.nf.attach(&mut skb, about);
        }
        self.output(ns, skb, route, owner).map(|()| id)
    }

    /// Runs a routed packet of this machine's own through OUTPUT and sends it.
    /// # Errors
    /// `EPERM`: a rule dropped it. `ENETUNREACH` and others: rewritten by a rule, it has no route; see [`led_astray`].
    pub(super) fn output(
        &mut self,
        ns: NetnsId,
        mut skb: Skb,
        mut route: RouteAnswer,
        owner: Option<u32>,
    ) -> Result<(), Errno> {
        self.count(ns, |mib| mib.request(&skb.ip));
        self.number_packet(ns, &mut skb);
        self.trace_route(ns, &skb, &route);
        let around = Around {
            output: Some(route.link),
            owner,
            ..Around::default()
        };
        match self.run_hook(ns, Hook::Output, &mut skb, around) {
            None => {
                // TCP sends it again and does not take it for discarded. Source: Linux `ip_send_skb`, `__ip_queue_xmit`.
                if !matches!(skb.ip.transport, Transport::Tcp(_)) {
                    self.count(ns, |mib| mib.ip(skb.ip.dst).out_discards += 1);
                }
                return Err(Errno::EPERM);
            }
            Some(false) => {}
            Some(true) => {
                // Source: Linux `ip_route_me_harder`.
                let q = RouteQuery {
                    src: Some(skb.ip.src),
                    mark: skb.mark,
                    ..RouteQuery::to(skb.ip.dst)
                };
                match self.net.route(ns, &q, false) {
                    Ok(again) if self.may_leave(&skb, &again) => {
                        self.trace_route(ns, &skb, &again);
                        route = again;
                    }
                    Ok(_) => {
                        self.drop_skb(ns, &skb, DropReason::Martian);
                        return Err(led_astray(&skb, Errno::EINVAL));
                    }
                    Err(error) => {
                        if self.trace.enabled() {
                            let what = Checkpoint::Route {
                                dst: skb.ip.dst,
                                decision: RouteDecision::Unreachable,
                            };
                            self.trace.push(self.now, ns, skb.id, what);
                        }
                        self.drop_skb(ns, &skb, DropReason::NoRoute);
                        return Err(led_astray(&skb, error));
                    }
                }
            }
        }
        if self.output_finish(ns, skb, &route) {
            Ok(())
        } else {
            Err(Errno::EPERM)
        }
    }

    /// As [`Kernel::source_for`], for a program that is about to send: if it cannot, that is noted.
    /// # Errors
    /// The same.
    pub fn source_to_send(
        &mut self,
        ns: NetnsId,
        dst: IpAddr,
        bind_device: Option<LinkId>,
    ) -> Result<IpAddr, Errno> {
        let found = self.source_for(ns, dst, bind_device);
        if let Err(error) = found {
            self.trace_not_sent(ns, dst, error, 0);
            self.count_no_route(ns, dst, error);
        }
        found
    }

    /// Something could not be sent to `dst`.
    fn count_no_route(&mut self, ns: NetnsId, dst: IpAddr, error: Errno) {
        if error == Errno::ENETUNREACH {
            self.count(ns, |mib| mib.ip(dst).out_no_routes += 1);
        }
    }

    /// Forgets what ICMP errors have told about the paths from this namespace, as `ip route flush cache` does.
    pub fn forget_path_mtus(&mut self, ns: NetnsId) {
        if let Some(netns) = self.net.netns_mut(ns) {
            netns.path_mtu = Default::default();
        }
    }

    /// Notes that a program could not even send.
    pub(crate) fn trace_not_sent(&mut self, ns: NetnsId, to: IpAddr, error: Errno, mtu: u32) {
        self.trace_note(ns, Note::NotSent { to, error, mtu });
    }

    /// Notes something that is about no packet.
    pub fn trace_note(&mut self, ns: NetnsId, note: Note) {
        if self.trace.enabled() {
            let what = Checkpoint::Note(Rc::new(note));
            self.trace.push(self.now, ns, NO_PACKET, what);
        }
    }

    /// Whether a packet with a loopback source may leave by the route: only where `route_localnet` is on.
    fn may_leave(&self, skb: &Skb, route: &RouteAnswer) -> bool {
        let stays = self
            .net
            .link(route.link)
            .is_some_and(super::Link::is_loopback);
        let stray = matches!(skb.ip.src, IpAddr::V4(a) if a.is_loopback());
        stays || !stray || self.net.conf4_or(route.link, |conf| conf.route_localnet)
    }

    /// Gives an IPv4 packet that may be fragmented its number; one that may not needs none.
    fn number_packet(&mut self, ns: NetnsId, skb: &mut Skb) {
        if skb.ip.is_v6() || skb.ip.dont_fragment || skb.ip.ident != 0 {
            return;
        }
        if let Some(netns) = self.net.netns_mut(ns) {
            skb.ip.ident = netns.new_ident();
        }
    }

    /// POSTROUTING, fragments if need be, and off to the next hop. False if a rule dropped the packet.
    pub(super) fn output_finish(&mut self, ns: NetnsId, mut skb: Skb, route: &RouteAnswer) -> bool {
        let around = Around {
            output: Some(route.link),
            ..Around::default()
        };
        if self
            .run_hook(ns, Hook::Postrouting, &mut skb, around)
            .is_none()
        {
            return false;
        }
        let next_hop = route.next_hop(skb.ip.dst);
        let mtu = self.net.path_mtu(ns, skb.ip.dst, route.mtu) as usize;
        if skb.ip.len() <= mtu {
            self.count(ns, |mib| mib.ip(skb.ip.dst).transmit(&skb.ip));
            self.neighbour_send(ns, route.link, route.kind, next_hop, skb);
            return true;
        }
        if skb.ip.ident == 0
            && let Some(netns) = self.net.netns_mut(ns)
        {
            skb.ip.ident = netns.new_ident();
        }
        let parts = skb.ip.fragments(mtu);
        self.count(ns, |mib| {
            let counts = mib.ip(skb.ip.dst);
            counts.fragmented += 1;
            counts.fragments_made += parts.len() as u64;
            for part in &parts {
                counts.transmit(part);
            }
        });
        for part in parts {
            let fragment = Skb {
                ip: part,
                ..skb.clone()
            };
            self.neighbour_send(ns, route.link, route.kind, next_hop, fragment);
        }
        true
    }

    /// Sends a packet of this machine's own straight to a neighbour on `link`, by way of OUTPUT and POSTROUTING but without
    /// asking the routing tables. `to`: its hardware address, if that is known better than by the neighbour table.
    pub(super) fn output_on_link(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        to: Option<MacAddr>,
        mut skb: Skb,
    ) {
        self.count(ns, |mib| {
            mib.request(&skb.ip);
            mib.ip(skb.ip.dst).transmit(&skb.ip);
        });
        let around = Around {
            output: Some(link),
            ..Around::default()
        };
        for hook in [Hook::Output, Hook::Postrouting] {
            if self.run_hook(ns, hook, &mut skb, around).is_none() {
                return;
            }
        }
        let (Some(dst), Some(src)) = (to, self.net.link(link).map(|l| l.mac)) else {
            let next_hop = skb.ip.dst;
            self.neighbour_send(ns, link, RouteKind::Unicast, next_hop, skb);
            return;
        };
        let frame = Rc::new(Frame::ip(dst, src, skb.ip));
        self.transmit(link, TracedFrame { id: skb.id, frame });
    }
}

/// What is told of a packet that a rule in OUTPUT has led where it cannot go: TCP takes it for lost, as one that a rule
/// dropped. Source: Linux `tcp_connect`, which only listens to a refusal.
fn led_astray(skb: &Skb, error: Errno) -> Errno {
    match skb.ip.transport {
        Transport::Tcp(_) => Errno::EPERM,
        Transport::Udp(_) | Transport::Icmp(_) | Transport::Raw { .. } => error,
    }
}
