//! Taps: where packet sockets listen to a device.

use super::Net;
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, PacketId, SocketId};
use crate::process::WaitKey;
use crate::state::Kernel;
use crate::time::Instant;
use std::collections::VecDeque;
use std::rc::Rc;
use wire::Frame;

/// Names a tap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TapId(pub u32);

/// Which way a captured frame went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TapDirection {
    /// Received by the device.
    In,
    /// Sent by the device.
    Out,
}

/// A captured frame.
#[derive(Clone, Debug)]
pub struct Captured {
    /// When.
    pub at: Instant,
    /// On which device.
    pub link: LinkId,
    /// Which way.
    pub direction: TapDirection,
    /// The packet's identity in the trace.
    pub id: PacketId,
    /// The frame.
    pub frame: Rc<Frame>,
}

/// How many frames a tap holds before it loses new ones, as a packet socket's buffer does.
const CAPACITY: usize = 4096;

/// All taps, and how many of them somebody listens to.
#[derive(Default)]
pub(crate) struct Taps(Vec<Option<Tap>>, usize);

struct Tap {
    ns: NetnsId,
    link: Option<LinkId>,
    socket: Option<SocketId>,
    queue: VecDeque<Captured>,
    lost: u64,
    /// Whoever listens wants frames for others, too.
    promisc: bool,
    /// The device is gone.
    detached: bool,
}

impl Taps {
    fn get_mut(&mut self, id: TapId) -> Option<&mut Tap> {
        self.0.get_mut(id.0 as usize)?.as_mut()
    }

    /// Notes that the device a tap listened to is gone.
    pub(super) fn detach(&mut self, id: TapId) {
        if let Some(tap) = self.get_mut(id) {
            tap.detached = true;
        }
    }
}

impl Net {
    /// Whether anybody listens to `link`: asked before a frame is handed to [`Kernel::tap_frame`].
    pub(super) fn tapped(&self, link: LinkId) -> bool {
        self.taps.1 > 0 && self.taps_of(link).next().is_some()
    }

    /// Whether `link` takes frames for others, too: because it was set so, or because somebody listens in that mode.
    pub(super) fn is_promiscuous(&self, link: LinkId) -> bool {
        let Some(found) = self.link(link) else {
            return false;
        };
        let wants =
            |id: &TapId| matches!(self.taps.0.get(id.0 as usize), Some(Some(tap)) if tap.promisc);
        found.promisc || found.taps.iter().any(wants)
    }

    fn taps_of(&self, link: LinkId) -> impl Iterator<Item = TapId> {
        let found = self.link(link);
        let ns = found.and_then(|l| self.netns(l.ns));
        let own = found.map_or(&[][..], |l| &l.taps);
        own.iter().chain(ns.map_or(&[][..], |ns| &ns.taps)).copied()
    }
}

impl Kernel {
    /// Listens to one device of `ns`, or to all. Tasks that wait for `socket` are woken whenever a frame is captured.
    /// # Errors
    /// `ENODEV`: no such device in that namespace.
    pub fn tap_add(
        &mut self,
        ns: NetnsId,
        link: Option<LinkId>,
        socket: Option<SocketId>,
    ) -> Result<TapId, Errno> {
        let id = TapId(u32::try_from(self.net.taps.0.len()).or(Err(Errno::ENOBUFS))?);
        match link {
            Some(link) => self
                .net
                .link_mut(link)
                .filter(|l| l.ns == ns)
                .ok_or(Errno::ENODEV)?
                .taps
                .push(id),
            None => self.net.netns_mut(ns).ok_or(Errno::ENODEV)?.taps.push(id),
        }
        self.net.taps.1 += 1;
        self.net.taps.0.push(Some(Tap {
            ns,
            link,
            socket,
            queue: VecDeque::new(),
            lost: 0,
            promisc: false,
            detached: false,
        }));
        Ok(id)
    }

    /// Lets the device of a tap take frames for others, too, for as long as the tap is there (`PACKET_MR_PROMISC`).
    pub(crate) fn tap_promisc(&mut self, id: TapId, on: bool) {
        if let Some(tap) = self.net.taps.get_mut(id) {
            tap.promisc = on;
        }
    }

    /// Stops listening.
    pub fn tap_remove(&mut self, id: TapId) {
        let Some(tap) = self
            .net
            .taps
            .0
            .get_mut(id.0 as usize)
            .and_then(Option::take)
        else {
            return;
        };
        self.net.taps.1 -= 1;
        match tap.link {
            Some(link) => {
                if let Some(found) = self.net.link_mut(link) {
                    found.taps.retain(|t| *t != id);
                }
            }
            None => {
                if let Some(netns) = self.net.netns_mut(tap.ns) {
                    netns.taps.retain(|t| *t != id);
                }
            }
        }
    }

    /// The oldest captured frame; `None` if there is none now.
    /// # Errors
    /// `EBADF`: no such tap. `ENETDOWN`: nothing is left and the device is gone.
    pub fn tap_read(&mut self, id: TapId) -> Result<Option<Captured>, Errno> {
        let tap = self.net.taps.get_mut(id).ok_or(Errno::EBADF)?;
        match tap.queue.pop_front() {
            None if tap.detached => Err(Errno::ENETDOWN),
            frame => Ok(frame),
        }
    }

    /// How many frames a tap lost because nobody read them in time (tcpdump's "dropped by kernel").
    pub fn tap_lost(&mut self, id: TapId) -> u64 {
        self.net.taps.get_mut(id).map_or(0, |tap| tap.lost)
    }

    /// Hands a frame to everybody who listens to `link`.
    pub(super) fn tap_frame(
        &mut self,
        link: LinkId,
        direction: TapDirection,
        id: PacketId,
        frame: &Rc<Frame>,
    ) {
        let taps: Vec<TapId> = self.net.taps_of(link).collect();
        for tap in taps {
            let Some(tap) = self.net.taps.get_mut(tap) else {
                continue;
            };
            if tap.queue.len() >= CAPACITY {
                tap.lost += 1;
                continue;
            }
            tap.queue.push_back(Captured {
                at: self.now,
                link,
                direction,
                id,
                frame: frame.clone(),
            });
            if let Some(socket) = tap.socket {
                self.proc.wake(WaitKey::Socket(socket));
            }
        }
    }
}
