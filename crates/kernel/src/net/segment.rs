//! LAN segments: what physical devices of several machines are plugged into.

use crate::errno::Errno;
use crate::ids::{LinkId, SegmentId};
use crate::state::Kernel;
use crate::time::Duration;
use std::rc::Rc;

/// A shared Ethernet segment. It behaves like a learning switch: a frame reaches the station it is addressed to, group
/// frames and those for unknown stations reach all.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its id.
    pub id: SegmentId,
    /// Its name in the picture.
    pub name: Rc<str>,
    /// Time from one station to another.
    pub delay: Duration,
    /// How many of a million frames get lost.
    pub loss_ppm: u32,
    /// The devices plugged in, in order.
    pub stations: Vec<LinkId>,
    /// Frames seen, for drawing lots about loss.
    pub(crate) frames: u64,
}

impl Kernel {
    /// Makes a segment.
    pub fn segment_add(&mut self, name: &str) -> SegmentId {
        let id = SegmentId(u32::try_from(self.net.segments.len()).unwrap_or(u32::MAX));
        self.net.segments.push(Segment {
            id,
            name: name.into(),
            delay: super::timing::SEGMENT,
            loss_ppm: 0,
            stations: Vec::new(),
            frames: 0,
        });
        id
    }

    /// Sets the delay and the loss (of a million frames) of a segment.
    /// # Errors
    /// `ENODEV`: no such segment. `EINVAL`: more than a million lost.
    pub fn segment_set(
        &mut self,
        segment: SegmentId,
        delay: Duration,
        loss_ppm: u32,
    ) -> Result<(), Errno> {
        let found = self
            .net
            .segments
            .get_mut(segment.index())
            .ok_or(Errno::ENODEV)?;
        if loss_ppm > 1_000_000 {
            return Err(Errno::EINVAL);
        }
        (found.delay, found.loss_ppm) = (delay, loss_ppm);
        Ok(())
    }

    /// Plugs a physical device into a segment, or pulls the plug.
    /// # Errors
    /// `ENODEV`: no such device or segment. `EOPNOTSUPP`: not a physical device.
    pub fn segment_attach(
        &mut self,
        link: LinkId,
        segment: Option<SegmentId>,
    ) -> Result<(), Errno> {
        super::dev::nic::attach(self, link, segment)
    }
}
