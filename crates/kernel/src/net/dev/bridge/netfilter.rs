//! `bridge-nf-call-iptables`: bridged packets go through PREROUTING, FORWARD and POSTROUTING as if they were routed.
//!
//! Rules see the bridge as the device and the ports by `-m physdev`. Source: Linux `br_netfilter_hooks.c`.

use crate::ids::{LinkId, NetnsId};
use crate::net::hook::Around;
use crate::net::rx::{Bridged, RxFrame};
use crate::netfilter::Hook;
use crate::skb::Skb;
use crate::state::Kernel;
use std::rc::Rc;
use wire::{Frame, Payload};

/// Whether a frame that is bridged in `ns` meets netfilter. The settings are the machine's, in its root namespace.
pub(super) fn wanted(k: &Kernel, ns: NetnsId, frame: &Frame) -> bool {
    let Payload::Ip(ip) = &frame.payload else {
        return false;
    };
    let Some(netns) = k.net.netns(ns) else {
        return false;
    };
    let root = if netns.is_root {
        Some(netns)
    } else {
        k.machine(netns.machine)
            .and_then(|m| k.net.netns(m.root_ns))
    };
    root.is_some_and(|root| {
        if ip.is_v6() {
            root.conf.bridge_nf_v6
        } else {
            root.conf.bridge_nf_v4
        }
    })
}

/// The packet in a frame, as hooks want it.
fn open(frame: &RxFrame, link: LinkId, port: LinkId) -> Option<Skb> {
    let ip = frame.frame.as_ip()?.clone();
    let mut skb = Skb::local(frame.id, ip);
    (skb.in_link, skb.phys_in) = (Some(link), Some(port));
    (skb.src_mac, skb.broadcast) = (Some(frame.frame.src), frame.frame.dst.is_multicast());
    if let Some(nf) = &frame.nf {
        (skb.mark, skb.ct) = (nf.mark, nf.ct);
    }
    Some(skb)
}

/// The frame with the packet as the hooks left it.
fn close(frame: RxFrame, skb: Skb, port: LinkId) -> RxFrame {
    let nf = Some(Box::new(Bridged {
        mark: skb.mark,
        ct: skb.ct,
        port,
    }));
    if frame.frame.as_ip() == Some(&skb.ip) {
        return RxFrame { nf, ..frame };
    }
    let Frame { dst, src, vlan, .. } = *frame.frame;
    RxFrame {
        id: frame.id,
        frame: Rc::new(Frame {
            dst,
            src,
            vlan,
            payload: Payload::Ip(skb.ip),
        }),
        nf,
    }
}

/// PREROUTING for a frame that came in by `port`. A packet whose destination was translated is handed to the machine's own
/// routing, which may send it back through the same bridge; all others are bridged on.
pub(super) fn receive(
    k: &mut Kernel,
    link: LinkId,
    port: LinkId,
    frame: RxFrame,
) -> Option<RxFrame> {
    let ns = k.net.link(link)?.ns;
    let mut skb = k.whole_for_netfilter(ns, open(&frame, link, port)?)?;
    let before = skb.ip.dst;
    let around = Around {
        input: Some(link),
        ..Around::default()
    };
    k.run_hook(ns, Hook::Prerouting, &mut skb, around)?;
    let translated = skb.ip.dst != before;
    let frame = close(frame, skb, port);
    if translated {
        let own = k.net.link(link)?.mac;
        let Frame {
            src, vlan, payload, ..
        } = (*frame.frame).clone();
        let frame = RxFrame {
            frame: Rc::new(Frame {
                dst: own,
                src,
                vlan,
                payload,
            }),
            ..frame
        };
        super::pass_up(k, link, frame);
    } else {
        super::forward(k, link, port, frame);
    }
    None
}

/// FORWARD and POSTROUTING for a frame that leaves by `port`.
pub(super) fn forward(
    k: &mut Kernel,
    link: LinkId,
    from: LinkId,
    port: LinkId,
    frame: RxFrame,
) -> Option<RxFrame> {
    let ns = k.net.link(link)?.ns;
    let mut skb = open(&frame, link, from)?;
    let around = Around {
        input: Some(link),
        output: Some(link),
        phys_out: Some(port),
        ..Around::default()
    };
    k.run_hook(ns, Hook::Forward, &mut skb, around)?;
    let around = Around {
        output: Some(link),
        phys_out: Some(port),
        ..Around::default()
    };
    k.run_hook(ns, Hook::Postrouting, &mut skb, around)?;
    Some(close(frame, skb, from))
}
