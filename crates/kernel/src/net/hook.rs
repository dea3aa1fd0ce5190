//! Between the IP layer and netfilter: runs hooks, answers netfilter's questions, carries out its verdicts.

use super::lookup::RouteQuery;
use super::output::SendOpts;
use super::{Net, RouteKind, Scope};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::netfilter::model::RejectWith;
use crate::netfilter::{AddrType, Hook, HookCtx, HookEnv, Iface, Verdict};
use crate::skb::Skb;
use crate::state::Kernel;
use std::net::IpAddr;
use wire::{IpPacket, TcpFlags, TcpSegment, Transport};

/// The devices around a packet at a hook.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Around {
    pub(super) input: Option<LinkId>,
    pub(super) output: Option<LinkId>,
    /// The bridge port by which a bridged packet leaves.
    pub(super) phys_out: Option<LinkId>,
    /// The user that owns the sending socket.
    pub(super) owner: Option<u32>,
}

/// What netfilter may ask.
struct Answers<'a> {
    net: &'a Net,
    ns: NetnsId,
}

impl HookEnv for Answers<'_> {
    fn addr_type(&self, ip: IpAddr, link: Option<LinkId>) -> AddrType {
        match ip {
            ip if ip.is_unspecified() => return AddrType::Unspec,
            ip if ip.is_multicast() => return AddrType::Multicast,
            IpAddr::V4(a) if a.is_broadcast() => return AddrType::Broadcast,
            _ => {}
        }
        let q = RouteQuery {
            oif: link,
            ..RouteQuery::to(ip)
        };
        match self.net.route(self.ns, &q, false).map(|route| route.kind) {
            Ok(RouteKind::Local) => AddrType::Local,
            Ok(RouteKind::Broadcast) => AddrType::Broadcast,
            Ok(RouteKind::Multicast) => AddrType::Multicast,
            Err(Errno::EINVAL) => AddrType::Blackhole,
            Err(Errno::EACCES) => AddrType::Prohibit,
            Err(Errno::EHOSTUNREACH) => AddrType::Unreachable,
            // Without a route an address still is somebody's. Source: Linux `__inet_dev_addr_type`.
            _ => AddrType::Unicast,
        }
    }

    fn masquerade_source(&self, out: LinkId, dst: IpAddr) -> Option<IpAddr> {
        let q = RouteQuery {
            oif: Some(out),
            ..RouteQuery::to(dst)
        };
        let near = self
            .net
            .route(self.ns, &q, false)
            .ok()
            .and_then(|route| route.via)
            .unwrap_or(dst);
        Some(self.net.source_address(self.ns, out, near, Scope::Global))
            .filter(|src| !src.is_unspecified())
    }

    fn first_address(&self, link: LinkId, v6: bool) -> Option<IpAddr> {
        self.net
            .link(link)?
            .addrs
            .iter()
            .map(|a| a.addr)
            .find(|addr| addr.is_ipv6() == v6)
    }

    fn path_mtu(&self, dst: IpAddr) -> Option<u32> {
        let route = self.net.route(self.ns, &RouteQuery::to(dst), false).ok()?;
        Some(self.net.path_mtu(self.ns, dst, route.mtu))
    }
}

impl Net {
    fn iface(&self, link: Option<LinkId>) -> Option<Iface> {
        self.link(link?).map(|found| Iface {
            link: found.id,
            name: found.rule_name,
        })
    }
}

impl Kernel {
    /// Runs a packet through a hook. `Some(reroute)` if it goes on; `None` if it ended here, which has been traced and
    /// answered as the rules say.
    pub(super) fn run_hook(
        &mut self,
        ns: NetnsId,
        hook: Hook,
        skb: &mut Skb,
        around: Around,
    ) -> Option<bool> {
        let netns = self.net.netns_mut(ns)?;
        if netns.nf.is_untouched() {
            return Some(false);
        }
        let mut nf = std::mem::take(&mut netns.nf);
        let ctx = HookCtx {
            hook,
            now: self.now,
            ns,
            in_if: self.net.iface(around.input),
            out_if: self.net.iface(around.output),
            phys_in: self.net.iface(skb.phys_in),
            phys_out: self.net.iface(around.phys_out),
            owner: around.owner,
            env: &Answers { net: &self.net, ns },
        };
        let verdict = nf.hook(&ctx, skb, &mut self.trace, &mut self.rng);
        let lines = nf.take_log();
        if let Some(netns) = self.net.netns_mut(ns) {
            netns.nf = nf;
            if let (false, Some(machine)) = (
                lines.is_empty(),
                self.machines.get_mut(netns.machine.index()),
            ) {
                let now = self.now;
                machine
                    .kernel_log
                    .extend(lines.iter().map(|line| (now, line.to_string())));
            }
        }
        match verdict {
            Verdict::Accept { reroute } => Some(reroute),
            Verdict::Drop(reason) => {
                self.drop_skb(ns, skb, reason);
                None
            }
            Verdict::Reject { with, reason } => {
                self.drop_skb(ns, skb, reason);
                match with {
                    RejectWith::Icmp(kind) => self.icmp_error(ns, skb, kind),
                    RejectWith::TcpReset => self.tcp_reset(ns, skb),
                }
                None
            }
        }
    }

    /// Answers a TCP segment with a reset in the name of its receiver. Source: Linux `nf_send_reset`.
    fn tcp_reset(&mut self, ns: NetnsId, skb: &Skb) {
        let Transport::Tcp(tcp) = &skb.ip.transport else {
            return;
        };
        if tcp.flags.rst() || skb.broadcast {
            return;
        }
        let mut reset = TcpSegment::new(tcp.dst_port, tcp.src_port, TcpFlags::RST);
        if tcp.flags.ack() {
            reset.seq = tcp.ack;
        } else {
            reset.flags = TcpFlags::RST_ACK;
            reset.ack = tcp.seq.wrapping_add(tcp.sequence_len());
        }
        let ip = IpPacket {
            dont_fragment: true,
            ..IpPacket::new(skb.ip.dst, skb.ip.src, Transport::Tcp(reset))
        };
        let _ = self.ip_answer(
            ns,
            ip,
            SendOpts {
                cause: Some(skb.id),
                ..SendOpts::default()
            },
            Some(skb),
        );
    }
}
