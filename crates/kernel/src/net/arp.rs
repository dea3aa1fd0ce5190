//! ARP: asking for the hardware address of an IPv4 neighbour, and answering. Sources: RFC 826, Linux `arp.c`.

use super::Scope;
use super::neigh::Heard;
use crate::ids::{LinkId, NetnsId, PacketId};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use crate::trace::Checkpoint;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use wire::{Arp, ArpOp, Frame, MacAddr};

impl Kernel {
    /// Sends an ARP packet of this machine's own.
    fn arp_send(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        dst: MacAddr,
        arp: Arp,
        cause: Option<PacketId>,
    ) {
        let id = self.trace.new_packet();
        self.trace.push(
            self.now,
            ns,
            id,
            Checkpoint::Made {
                by: None,
                socket: None,
                cause,
                ip: None,
            },
        );
        self.transmit(
            link,
            TracedFrame {
                id,
                frame: Rc::new(Frame::arp(dst, arp.sender_mac, arp)),
            },
        );
    }

    /// Asks who has `ip`. `src` is the source of the packet that waits, if one does.
    pub(super) fn arp_request(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        ip: Ipv4Addr,
        to: Option<MacAddr>,
        src: Option<IpAddr>,
        cause: Option<PacketId>,
    ) {
        let Some(sender_mac) = self.net.link(link).map(|l| l.mac) else {
            return;
        };
        // Which of the own addresses asks. Source: Linux Documentation/networking/ip-sysctl.rst, arp_announce.
        let announce = self.net.conf4_max(link, |conf| conf.arp_announce);
        let same_net = |src: &IpAddr| {
            let addrs = self
                .net
                .link(link)
                .map(|l| l.addrs.as_slice())
                .unwrap_or_default();
            addrs.iter().any(|a| {
                a.subnet()
                    .is_some_and(|net| net.contains(src) && net.contains(&IpAddr::V4(ip)))
            })
        };
        let from_packet = match announce {
            0 => src.filter(|src| self.is_local(ns, *src)),
            1 => src.filter(|src| self.is_local(ns, *src)).filter(same_net),
            _ => None,
        };
        let sender = from_packet
            .unwrap_or_else(|| self.net.source_address(ns, link, ip.into(), Scope::Link));
        let sender_ip = if let IpAddr::V4(sender) = sender {
            sender
        } else {
            Ipv4Addr::UNSPECIFIED
        };
        let arp = Arp {
            op: ArpOp::Request,
            sender_mac,
            sender_ip,
            target_mac: MacAddr::ZERO,
            target_ip: ip,
        };
        self.arp_send(ns, link, to.unwrap_or(MacAddr::BROADCAST), arp, cause);
    }

    /// Tells everybody on the link that `ip` is here: a gratuitous ARP request, or an unsolicited advertisement for IPv6.
    pub fn announce(&mut self, link: LinkId, ip: IpAddr) {
        let Some(found) = self.net.link(link) else {
            return;
        };
        let (ns, sender_mac) = (found.ns, found.mac);
        match ip {
            IpAddr::V4(ip) => {
                let target_mac = MacAddr::ZERO;
                let arp = Arp {
                    op: ArpOp::Request,
                    sender_mac,
                    sender_ip: ip,
                    target_mac,
                    target_ip: ip,
                };
                self.arp_send(ns, link, MacAddr::BROADCAST, arp, None);
            }
            IpAddr::V6(ip) => self.ndp_announce(ns, link, ip),
        }
    }

    /// An ARP packet came in by `link`. `to_us`: its frame was addressed to this device alone.
    pub(super) fn arp_receive(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        id: PacketId,
        arp: &Arp,
        to_us: bool,
    ) {
        self.trace
            .push(self.now, ns, id, Checkpoint::Consume { what: "arp" });
        let sender = IpAddr::V4(arp.sender_ip);
        let target = IpAddr::V4(arp.target_ip);
        let gratuitous = arp.sender_ip == arp.target_ip;
        if self.net.link(link).is_none_or(|l| !l.kind.has_neighbours())
            || arp.target_ip.is_multicast()
        {
            return;
        }
        let create = gratuitous && self.net.conf4_or(link, |conf| conf.arp_accept);
        // What somebody announces is nothing to those who do not know him.
        if gratuitous && !create && !self.neigh_knows(ns, link, sender) {
            return;
        }
        let asked = arp.op == ArpOp::Request && self.arp_answers_for(ns, link, sender, target);
        if asked {
            // A question with an unspecified sender looks for duplicates: answered, nothing learned (RFC 5227).
            if !arp.sender_ip.is_unspecified() && !gratuitous {
                let heard = Heard {
                    mac: arp.sender_mac,
                    confirmed: false,
                    replace: true,
                    create: true,
                    router: None,
                };
                self.neigh_heard(ns, link, sender, heard);
            }
            let Some(own) = self.net.link(link).map(|l| l.mac) else {
                return;
            };
            if !gratuitous {
                let reply = Arp {
                    op: ArpOp::Reply,
                    sender_mac: own,
                    sender_ip: arp.target_ip,
                    target_mac: arp.sender_mac,
                    target_ip: arp.sender_ip,
                };
                self.arp_send(ns, link, arp.sender_mac, reply, Some(id));
            }
            return;
        }
        let confirmed = arp.op == ArpOp::Reply && to_us;
        let heard = Heard {
            mac: arp.sender_mac,
            confirmed,
            replace: gratuitous,
            create,
            router: None,
        };
        self.neigh_heard(ns, link, sender, heard);
    }

    /// Whether this machine answers a question for `target`. Source: ip-sysctl.rst, arp_ignore and proxy_arp.
    fn arp_answers_for(&self, ns: NetnsId, link: LinkId, sender: IpAddr, target: IpAddr) -> bool {
        if !self.is_local(ns, target) || matches!(target, IpAddr::V4(a) if a.is_loopback()) {
            let entry = |ns: &super::Netns| ns.proxied.contains(&(link, target));
            let proxy = self.net.conf4_or(link, |conf| conf.proxy_arp)
                || self.net.netns(ns).is_some_and(entry);
            let way = || self.net.route(ns, &super::RouteQuery::to(target), false);
            return proxy
                && self.net.link(link).is_some_and(|l| l.conf4.forwarding != 0)
                && way().is_ok_and(|r| r.link != link);
        }
        let addrs = self
            .net
            .link(link)
            .map(|l| l.addrs.as_slice())
            .unwrap_or_default();
        let on_link = addrs.iter().find(|a| a.addr == target);
        match self.net.conf4_max(link, |conf| conf.arp_ignore) {
            0 => true,
            1 => on_link.is_some(),
            2 => on_link.is_some_and(|a| a.subnet().is_some_and(|net| net.contains(&sender))),
            3 => on_link.is_none_or(|a| a.scope != Scope::Host),
            _ => false,
        }
    }
}
