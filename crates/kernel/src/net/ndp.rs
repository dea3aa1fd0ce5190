//! Neighbour discovery: ARP's task for IPv6, by ICMPv6. Sources: RFC 4861, Linux `ndisc.c`.

use super::neigh::Heard;
use crate::ids::{LinkId, NetnsId, PacketId};
use crate::skb::Skb;
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason};
use std::net::{IpAddr, Ipv6Addr};
use wire::{IcmpMessage, IpPacket, MacAddr, NdpMessage, Transport};

/// All nodes on the link.
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// The group that a station with this address listens to. Source: RFC 4291 section 2.7.1.
#[must_use]
pub fn solicited_node(ip: Ipv6Addr) -> Ipv6Addr {
    let [.., x, y] = ip.segments();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | (x & 0xff), y)
}

impl Kernel {
    /// Sends a neighbour discovery message by way of the OUTPUT hook, as Linux does.
    fn ndp_send(
        &mut self,
        (ns, link): (NetnsId, LinkId),
        (src, dst): (Ipv6Addr, Ipv6Addr),
        to: Option<MacAddr>,
        message: NdpMessage,
        cause: Option<PacketId>,
    ) {
        let transport = Transport::Icmp(IcmpMessage::Neighbour(message));
        let ip = IpPacket {
            ttl: 255,
            ..IpPacket::new(src.into(), dst.into(), transport)
        };
        let id = self.trace.new_packet();
        if self.trace.enabled() {
            let ip = Some(Box::new(ip.clone()));
            self.trace.push(
                self.now,
                ns,
                id,
                Checkpoint::Made {
                    by: None,
                    socket: None,
                    cause,
                    ip,
                },
            );
        }
        self.output_on_link(ns, link, to, Skb::local(id, ip));
    }

    /// Asks who has `ip`. `src` is the source of the packet that waits, if one does.
    pub(super) fn ndp_solicit(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        ip: Ipv6Addr,
        to: Option<MacAddr>,
        src: Option<IpAddr>,
        cause: Option<PacketId>,
    ) {
        let Some(found) = self.net.link(link) else {
            return;
        };
        let mac = found.mac;
        let own = src.filter(|src| found.addrs.iter().any(|a| a.addr == *src));
        let chosen = own.unwrap_or_else(|| {
            self.net
                .source_address(ns, link, ip.into(), super::Scope::Link)
        });
        let IpAddr::V6(src) = chosen else { return };
        let dst = if to.is_some() { ip } else { solicited_node(ip) };
        let message = NdpMessage::NeighbourSolicit {
            target: ip,
            source_mac: Some(mac),
        };
        self.ndp_send((ns, link), (src, dst), to, message, cause);
    }

    /// Tells everybody on the link that `ip` is here.
    pub(super) fn ndp_announce(&mut self, ns: NetnsId, link: LinkId, ip: Ipv6Addr) {
        let Some(mac) = self.net.link(link).map(|l| l.mac) else {
            return;
        };
        let router = self
            .net
            .netns(ns)
            .is_some_and(|ns| ns.conf6_all.forwarding != 0);
        let target_mac = Some(mac);
        let message = NdpMessage::NeighbourAdvert {
            target: ip,
            target_mac,
            router,
            solicited: false,
            override_: true,
        };
        self.ndp_send((ns, link), (ip, ALL_NODES), None, message, None);
    }

    /// A neighbour discovery message reached this machine.
    pub(super) fn ndp_receive(&mut self, ns: NetnsId, skb: &Skb, message: NdpMessage) {
        let (Some(link), IpAddr::V6(src)) = (skb.in_link, skb.ip.src) else {
            return;
        };
        // A hop limit of 255 proves that no router was in between.
        if skb.ip.ttl != 255 {
            self.drop_skb(ns, skb, DropReason::Malformed);
            return;
        }
        self.trace
            .push(self.now, ns, skb.id, Checkpoint::Consume { what: "ndp" });
        match message {
            NdpMessage::RouterSolicit { .. } => {}
            NdpMessage::NeighbourSolicit { target, source_mac } => {
                let Some(found) = self.net.link(link) else {
                    return;
                };
                let own = found.mac;
                let here = found.addrs.iter().any(|a| a.addr == IpAddr::V6(target));
                if !here && !self.answers_for6(ns, link, target) {
                    return;
                }
                if let (Some(mac), false) = (source_mac, src.is_unspecified()) {
                    let heard = Heard {
                        mac,
                        confirmed: false,
                        replace: true,
                        create: true,
                        router: None,
                    };
                    self.neigh_heard(ns, link, src.into(), heard);
                }
                let forwards = |ns: &super::Netns| ns.conf6_all.forwarding != 0;
                let router = here && self.net.netns(ns).is_some_and(forwards);
                let solicited = !src.is_unspecified();
                let dst = if solicited { src } else { ALL_NODES };
                let target_mac = Some(own);
                // Who answers for somebody else says so in its own name, and gives way to whom the address belongs.
                let scope = super::Scope::Link;
                let sender = match here {
                    true => IpAddr::V6(target),
                    false => self.net.source_address(ns, link, dst.into(), scope),
                };
                let IpAddr::V6(sender) = sender else { return };
                let advert = NdpMessage::NeighbourAdvert {
                    target,
                    target_mac,
                    router,
                    solicited,
                    override_: here,
                };
                self.ndp_send((ns, link), (sender, dst), None, advert, Some(skb.id));
            }
            NdpMessage::NeighbourAdvert {
                target,
                target_mac,
                router,
                solicited,
                override_,
            } => {
                let Some(mac) = target_mac else { return };
                let replace = override_;
                let heard = Heard {
                    mac,
                    confirmed: solicited,
                    replace,
                    create: false,
                    router: Some(router),
                };
                self.neigh_heard(ns, link, target.into(), heard);
            }
        }
    }
}
