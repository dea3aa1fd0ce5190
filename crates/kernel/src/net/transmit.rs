//! The last steps of a packet that leaves: the neighbour's hardware address, the frame, the device.

use super::neigh::Resolve;
use super::tap::TapDirection;
use super::{Link, RouteKind, SendOpts, dev};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, PacketId};
use crate::skb::{Skb, TracedFrame};
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason};
use std::net::IpAddr;
use std::rc::Rc;
use wire::{Frame, MacAddr};

impl Kernel {
    /// Sends a routed packet to its next hop: at once if the neighbour is known, later or never otherwise.
    pub(super) fn neighbour_send(
        &mut self,
        ns: NetnsId,
        link: LinkId,
        kind: RouteKind,
        next_hop: IpAddr,
        skb: Skb,
    ) {
        let Some(found) = self.net.link(link) else {
            self.drop_skb(ns, &skb, DropReason::Gone);
            return;
        };
        let own = found.mac;
        let mac = match kind {
            _ if !found.kind.has_neighbours() => own,
            RouteKind::Broadcast => MacAddr::BROADCAST,
            _ if next_hop.is_multicast() => MacAddr::multicast_for(next_hop),
            _ => match self.neigh_resolve(ns, link, next_hop, skb.ip.src, skb.id) {
                Resolve::Known(mac) => {
                    if self.trace.enabled() {
                        let what = Checkpoint::Neighbour {
                            next_hop,
                            link,
                            mac: Some(mac),
                        };
                        self.trace.push(self.now, ns, skb.id, what);
                    }
                    mac
                }
                Resolve::Wait => {
                    if self.trace.enabled() {
                        let what = Checkpoint::Neighbour {
                            next_hop,
                            link,
                            mac: None,
                        };
                        self.trace.push(self.now, ns, skb.id, what);
                    }
                    self.neigh_queue(ns, link, next_hop, skb);
                    return;
                }
            },
        };
        let frame = Rc::new(Frame::ip(mac, own, skb.ip));
        self.transmit(link, TracedFrame { id: skb.id, frame });
    }

    /// Sends a frame as it stands, for packet sockets. Its identity in the trace is returned.
    /// # Errors
    /// `ENXIO`: no such device. `ENETDOWN`: it is not up. `EMSGSIZE`: larger than its MTU.
    pub fn frame_send(
        &mut self,
        link: LinkId,
        frame: Frame,
        opts: SendOpts,
    ) -> Result<PacketId, Errno> {
        let found = self.net.link(link).ok_or(Errno::ENXIO)?;
        if !found.admin_up {
            return Err(Errno::ENETDOWN);
        }
        if frame.payload.len() > found.mtu as usize {
            return Err(Errno::EMSGSIZE);
        }
        let ns = found.ns;
        let id = self.trace.new_packet();
        if self.trace.enabled() {
            let SendOpts {
                by, socket, cause, ..
            } = opts;
            let ip = frame.as_ip().cloned().map(Box::new);
            self.trace.push(
                self.now,
                ns,
                id,
                Checkpoint::Made {
                    by,
                    socket,
                    cause,
                    ip,
                },
            );
        }
        self.transmit(
            link,
            TracedFrame {
                id,
                frame: Rc::new(frame),
            },
        );
        Ok(id)
    }

    /// Gives a frame to a device to send, by way of its queueing discipline.
    pub fn transmit(&mut self, link: LinkId, frame: TracedFrame) {
        let queues = |found: &Link| found.qdisc.is_some() && found.is_running();
        let frame = if self.net.link(link).is_some_and(queues) {
            self.qdisc_enqueue(link, frame)
        } else {
            Some(frame)
        };
        if let Some(frame) = frame {
            self.transmit_now(link, frame);
        }
    }

    /// Lets a device send a frame.
    pub(super) fn transmit_now(&mut self, link: LinkId, frame: TracedFrame) {
        let now = self.now;
        let Some(found) = self.net.link_mut(link) else {
            return;
        };
        let ns = found.ns;
        if !found.is_running() {
            found.stats.tx_dropped += 1;
            self.trace.push(
                now,
                ns,
                frame.id,
                Checkpoint::Drop(DropReason::LinkDown { link }),
            );
            return;
        }
        found.stats.tx_packets += 1;
        found.stats.tx_bytes += frame.frame.len() as u64;
        if self.trace.enabled() {
            self.trace.push(
                now,
                ns,
                frame.id,
                Checkpoint::Transmit {
                    link,
                    frame: frame.frame.clone(),
                },
            );
        }
        if self.net.tapped(link) {
            self.tap_frame(link, TapDirection::Out, frame.id, &frame.frame);
        }
        dev::xmit(self, link, frame);
    }

    /// Notes that a packet ends here.
    pub(super) fn drop_skb(&mut self, ns: NetnsId, skb: &Skb, reason: DropReason) {
        self.trace
            .push(self.now, ns, skb.id, Checkpoint::Drop(reason));
    }
}
