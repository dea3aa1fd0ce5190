//! Delivery on this machine: the INPUT hook, then ICMP, sockets, or an error back.

use super::hook::Around;
use super::lookup::RouteQuery;
use crate::ids::{LinkId, NetnsId};
use crate::netfilter::Hook;
use crate::skb::Skb;
use crate::state::Kernel;
use crate::trace::DropReason;
use wire::{IcmpErrorKind, Transport};

impl Kernel {
    /// A packet is for this machine.
    pub(super) fn local_deliver(&mut self, ns: NetnsId, link: LinkId, skb: Skb) {
        let Some(mut skb) = self.reassemble(ns, skb) else {
            return;
        };
        let around = Around {
            input: Some(link),
            ..Around::default()
        };
        match self.run_hook(ns, Hook::Input, &mut skb, around) {
            Some(false) => self.hand_over(ns, &skb),
            Some(true) => self.send_to_server(ns, skb),
            None => {}
        }
    }

    /// IPVS has found a server for a packet that was for this machine. Source: Linux `ip_vs_nat_xmit`.
    fn send_to_server(&mut self, ns: NetnsId, mut skb: Skb) {
        let q = RouteQuery {
            mark: skb.mark,
            ..RouteQuery::to(skb.ip.dst)
        };
        let Ok(route) = self.net.route(ns, &q, false) else {
            self.drop_skb(ns, &skb, DropReason::NoRoute);
            self.icmp_error(ns, &skb, IcmpErrorKind::HostUnreachable);
            return;
        };
        if skb.ip.ttl <= 1 {
            self.count(ns, |mib| mib.ip(skb.ip.dst).header_errors += 1);
            self.drop_skb(ns, &skb, DropReason::TtlExpired);
            self.icmp_error(ns, &skb, IcmpErrorKind::TtlExceeded);
            return;
        }
        skb.ip.ttl -= 1;
        let _ = self.output(ns, skb, route, None);
    }

    /// A packet is for an ipvlan in L3S mode: the hooks that it passes are those of the machine below, `ns`; then it is the
    /// namespace of the ipvlan that takes it, without hooks of its own.
    pub(super) fn deliver_behind_hooks(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        child: LinkId,
        skb: Skb,
    ) {
        let Some(mut skb) = self.reassemble(ns, skb) else {
            return;
        };
        let around = Around {
            input: Some(link),
            ..Around::default()
        };
        let passed = self.run_hook(ns, Hook::Input, &mut skb, around).is_some();
        let Some(inner) = self.net.link(child).map(|l| l.ns).filter(|_| passed) else {
            return;
        };
        (skb.in_link, skb.ct) = (Some(child), None);
        self.hand_over(inner, &skb);
    }

    /// Gives a packet to the protocol it carries.
    fn hand_over(&mut self, ns: NetnsId, skb: &Skb) {
        let known = !matches!(skb.ip.transport, Transport::Raw { .. });
        self.count(ns, |mib| mib.ip(skb.ip.dst).delivered += u64::from(known));
        let answer = match &skb.ip.transport {
            Transport::Icmp(message) => {
                self.count(ns, |mib| mib.icmp_received(&skb.ip, message));
                self.icmp_receive(ns, skb);
                return;
            }
            // TCP answers for itself: whoever knocks at a closed port gets a reset from there.
            Transport::Tcp(_) => None,
            Transport::Udp(_) => Some((DropReason::NoSocket, IcmpErrorKind::PortUnreachable)),
            Transport::Raw { .. } => {
                Some((DropReason::UnknownProtocol, IcmpErrorKind::ProtoUnreachable))
            }
        };
        let Some((reason, kind)) = answer else {
            self.sock_deliver(ns, skb);
            return;
        };
        if self.sock_deliver(ns, skb) {
            self.count(ns, |mib| mib.ip(skb.ip.dst).delivered += u64::from(!known));
        } else {
            self.count(ns, |mib| {
                if known {
                    mib.udp(skb.ip.dst).no_ports += 1;
                } else {
                    mib.ip(skb.ip.dst).unknown_protocols += 1;
                }
            });
            self.drop_skb(ns, skb, reason);
            self.icmp_error(ns, skb, kind);
        }
    }
}
