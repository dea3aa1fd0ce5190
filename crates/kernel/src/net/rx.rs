//! A frame reaches a device: counted, traced, shown to taps, and handed to whoever takes it.

use super::tap::TapDirection;
use super::{LinkKind, dev, timing};
use crate::ids::{LinkId, PacketId};
use crate::sched::Event;
use crate::skb::{CtRef, TracedFrame};
use crate::state::Kernel;
use crate::time::Duration;
use crate::trace::{Checkpoint, DropReason};
use std::rc::Rc;
use wire::{Frame, Payload};

/// A received frame on its way up.
#[derive(Clone, Debug)]
pub(super) struct RxFrame {
    /// Its identity in the trace.
    pub(super) id: PacketId,
    /// The frame.
    pub(super) frame: Rc<Frame>,
    /// What netfilter noted while it was bridged; `Some` means that it has passed PREROUTING.
    pub(super) nf: Option<Box<Bridged>>,
}

/// What stays with a packet that met netfilter on a bridge.
#[derive(Clone, Debug)]
pub(super) struct Bridged {
    pub(super) mark: u32,
    pub(super) ct: Option<CtRef>,
    /// The port it came in by.
    pub(super) port: LinkId,
}

impl RxFrame {
    pub(super) fn plain(frame: TracedFrame) -> Self {
        Self {
            id: frame.id,
            frame: frame.frame,
            nf: None,
        }
    }
}

impl Kernel {
    /// Lets `frame`, sent by `from`, reach `to` after about `delay`. Frames of one sender do not overtake each other.
    pub(super) fn schedule_frame(
        &mut self,
        from: LinkId,
        to: LinkId,
        delay: Duration,
        frame: TracedFrame,
    ) {
        // Varies with the packet, without drawing on the world's random numbers: traffic must not change who gets which id.
        let spread = frame
            .id
            .0
            .wrapping_add(u64::from(from.0))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            >> 32;
        let jitter = Duration::from_nanos((spread * timing::JITTER_NANOS) >> 32);
        let mut at = self.now + delay + jitter;
        if let Some(link) = self.net.link_mut(from) {
            at = at.max(link.last_arrival);
            link.last_arrival = at;
        }
        self.queue.schedule(at, Event::Frame { link: to, frame });
    }

    /// A frame reaches `link`.
    pub fn net_frame(&mut self, link: LinkId, frame: TracedFrame) {
        self.receive_on(link, RxFrame::plain(frame));
    }

    /// A device's own timer: what waits in its queueing discipline may be due.
    pub fn net_device_timer(&mut self, link: LinkId, _token: u32) {
        self.qdisc_dequeue(link);
    }

    /// `link` has received `frame`, from a wire or (a bridge) from one of its ports.
    pub(super) fn receive_on(&mut self, link: LinkId, frame: RxFrame) {
        let now = self.now;
        let Some(found) = self.net.link_mut(link) else {
            if let Some(ns) = self.net.graves.get(&link) {
                self.trace
                    .push(now, *ns, frame.id, Checkpoint::Drop(DropReason::Gone));
            }
            return;
        };
        let (ns, up) = (found.ns, found.admin_up);
        // A tag's room is granted on top; what came in by a bridge's port is not measured again. Source: Linux
        // `__is_skb_forwardable`, `br_pass_frame_up`.
        let mtu = found.mtu;
        let fits = frame.frame.payload.len() <= mtu as usize + 4
            || found.is_loopback()
            || matches!(found.kind, LinkKind::Bridge(_));
        if up && fits {
            found.stats.rx_packets += 1;
            found.stats.rx_bytes += frame.frame.len() as u64;
            found.stats.multicast += u64::from(frame.frame.dst.is_multicast());
        } else {
            found.stats.rx_dropped += 1;
        }
        if !up || !fits {
            let reason = if up {
                DropReason::TooBig { mtu }
            } else {
                DropReason::LinkDown { link }
            };
            self.trace.push(now, ns, frame.id, Checkpoint::Drop(reason));
            return;
        }
        if self.trace.enabled() {
            self.trace.push(
                now,
                ns,
                frame.id,
                Checkpoint::Receive {
                    link,
                    frame: frame.frame.clone(),
                },
            );
        }
        if self.net.tapped(link) {
            self.tap_frame(link, TapDirection::In, frame.id, &frame.frame);
        }
        let Some(frame) = dev::intercept(self, link, frame) else {
            return;
        };
        self.receive_above(ns, link, frame);
    }

    /// Nothing stacked on the device took the frame: the protocols of the machine itself do.
    fn receive_above(&mut self, ns: crate::ids::NetnsId, link: LinkId, frame: RxFrame) {
        let Some(found) = self.net.link(link) else {
            return;
        };
        let for_us =
            frame.frame.dst == found.mac || frame.frame.dst.is_multicast() || found.is_loopback();
        if !for_us || frame.frame.vlan.is_some() {
            self.trace.push(
                self.now,
                ns,
                frame.id,
                Checkpoint::Drop(DropReason::OtherHost),
            );
            return;
        }
        match &frame.frame.payload {
            Payload::Arp(arp) => {
                let to_us = frame.frame.dst == found.mac;
                self.arp_receive(ns, link, frame.id, arp, to_us);
            }
            Payload::Ip(_) => self.ip_receive(ns, link, frame),
            Payload::Other { .. } => {
                self.trace.push(
                    self.now,
                    ns,
                    frame.id,
                    Checkpoint::Drop(DropReason::UnknownProtocol),
                );
            }
        }
    }
}
