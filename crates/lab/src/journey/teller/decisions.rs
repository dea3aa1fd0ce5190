//! What was decided about a packet: its addresses rewritten, its route, its end.

use super::Teller;
use crate::journey::words::{self, tag};
use crate::names::short;
use crate::places::Space;
use crate::view::{Change, Tone};
use kernel::trace::{DropReason, Endpoint, RouteDecision, TraceEvent};
use wire::{IpPacket, Transport};

impl Teller<'_> {
    pub(super) fn nat(
        &mut self,
        event: &TraceEvent,
        space: &Space,
        hook: &str,
        reply: bool,
        src: (Endpoint, Endpoint),
        dst: (Endpoint, Endpoint),
    ) {
        let place = space.hook(hook);
        let index = match self.current.get(&event.ns).and_then(|i| self.hops.get(*i)) {
            Some(hop) if hop.title == hook => {
                self.current.get(&event.ns).copied().unwrap_or_default()
            }
            _ => self.hop(event, space, place, hook.to_owned(), String::new()),
        };
        // Only the first packet of a connection meets the rules of the nat table.
        self.change(index, |hop| {
            if hop
                .rules
                .iter()
                .all(|rule| rule.table != "nat" || rule.number == 0)
            {
                let known = if hook == "INPUT" && dst.0 != dst.1 {
                    "IPVS gives the connection to a task of the service"
                } else {
                    "conntrack knows the connection"
                };
                known.clone_into(&mut hop.detail);
            }
        });
        if let Some(ip) = &mut self.ip {
            rewrite(ip, src.1, dst.1);
        }
        self.carry(index, self.packet());
        let Some(hop) = self.hops.get_mut(index) else {
            return;
        };
        for (field, (before, after)) in [("dst", dst), ("src", src)] {
            if before != after {
                hop.changes.push(Change {
                    field: field.to_owned(),
                    before: end(before),
                    after: end(after),
                });
            }
        }
        hop.verdict = tag("rewritten", Tone::Changed);
        if reply {
            hop.reason = "It belongs to a connection whose addresses were rewritten, so the rewriting is undone.".to_owned();
        }
    }

    pub(super) fn route(&mut self, event: &TraceEvent, space: &Space, decision: &RouteDecision) {
        let text = words::route(decision, |link| self.device(link).0);
        let unreachable = matches!(decision, RouteDecision::Unreachable);
        if space.opened {
            let index = self.hop(
                event,
                space,
                space.hook("ROUTE"),
                "routing".to_owned(),
                text,
            );
            if unreachable {
                self.change(index, |hop| hop.verdict = tag("no route", Tone::Bad));
            }
        } else if let Some(hop) = self
            .current
            .get(&event.ns)
            .and_then(|i| self.hops.get_mut(*i))
            && hop.reason.is_empty()
            && !matches!(decision, RouteDecision::Local { .. })
        {
            hop.reason = format!("Route: {text}.");
        }
    }

    pub(super) fn dropped(&mut self, event: &TraceEvent, space: &Space, reason: &DropReason) {
        // A station that ignores a frame for somebody else is no loss.
        if matches!(reason, DropReason::OtherHost) {
            if let Some(hop) = self
                .current
                .get(&event.ns)
                .and_then(|i| self.hops.get_mut(*i))
            {
                hop.verdict = tag("not mine", Tone::Plain);
                hop.reason = words::drop_reason(reason, short(&space.name));
            }
            return;
        }
        let index = match self.current.get(&event.ns) {
            Some(index) => *index,
            None => self.hop(
                event,
                space,
                space.inside(),
                "the packet ends".to_owned(),
                String::new(),
            ),
        };
        let Some(hop) = self.hops.get_mut(index) else {
            return;
        };
        hop.reason = words::drop_reason(reason, short(&space.name));
        let word = match reason {
            DropReason::NoSocket => "refused",
            DropReason::Netfilter { .. } if hop.verdict.text == "rejected" => "rejected",
            _ => "dropped",
        };
        hop.verdict = tag(word, Tone::Bad);
    }
}

fn end(e: Endpoint) -> String {
    match (e.ip, e.port) {
        (ip, 0) => ip.to_string(),
        (std::net::IpAddr::V6(ip), port) => format!("[{ip}]:{port}"),
        (ip, port) => format!("{ip}:{port}"),
    }
}

/// The packet with its ends replaced, as the translation left it.
fn rewrite(ip: &mut IpPacket, src: Endpoint, dst: Endpoint) {
    ip.src = src.ip;
    ip.dst = dst.ip;
    match &mut ip.transport {
        Transport::Tcp(segment) => {
            segment.src_port = src.port;
            segment.dst_port = dst.port;
        }
        Transport::Udp(datagram) => {
            datagram.src_port = src.port;
            datagram.dst_port = dst.port;
        }
        Transport::Icmp(_) | Transport::Raw { .. } => {}
    }
}
