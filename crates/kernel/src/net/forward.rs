//! Forwarding: TTL, size, the FORWARD hook. Sources: Linux `ip_forward`, `ip6_forward`.

use super::RouteAnswer;
use super::hook::Around;
use crate::ids::{LinkId, NetnsId};
use crate::netfilter::Hook;
use crate::skb::Skb;
use crate::state::Kernel;
use crate::trace::DropReason;
use wire::IcmpErrorKind;

impl Kernel {
    /// A packet that came in by `link` goes on by `route`.
    pub(super) fn ip_forward(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        mut skb: Skb,
        route: &RouteAnswer,
    ) {
        if skb.broadcast {
            self.drop_skb(ns, &skb, DropReason::OtherHost);
            return;
        }
        if skb.ip.ttl <= 1 {
            self.count(ns, |mib| mib.ip(skb.ip.dst).header_errors += 1);
            self.drop_skb(ns, &skb, DropReason::TtlExpired);
            self.icmp_error(ns, &skb, IcmpErrorKind::TtlExceeded);
            return;
        }
        let mtu = route.mtu;
        let whole = skb.ip.dont_fragment || skb.ip.is_v6();
        if whole && skb.ip.len() > mtu as usize {
            self.count(ns, |mib| {
                let counts = mib.ip(skb.ip.dst);
                counts.fragment_failed += 1;
                counts.too_big += 1;
            });
            self.drop_skb(ns, &skb, DropReason::TooBig { mtu });
            self.icmp_error(ns, &skb, IcmpErrorKind::FragNeeded { mtu });
            return;
        }
        skb.ip.ttl -= 1;
        let around = Around {
            input: Some(link),
            output: Some(route.link),
            ..Around::default()
        };
        if self.run_hook(ns, Hook::Forward, &mut skb, around).is_none() {
            return;
        }
        self.count(ns, |mib| mib.ip(skb.ip.dst).forwarded += 1);
        self.output_finish(ns, skb, route);
    }
}
