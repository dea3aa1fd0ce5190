//! LAN segments: what physical devices of several machines are plugged into.

use super::dev::bridge::Fdb;
use crate::errno::Errno;
use crate::ids::{LinkId, SegmentId};
use crate::state::Kernel;
use crate::time::Duration;
use std::rc::Rc;

/// A shared Ethernet segment. It behaves like a learning switch: a frame reaches the station it is addressed to, group
/// frames and those for unknown stations reach all.
#[derive(Debug)]
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
    /// What its switch does beside switching.
    pub switch: SwitchSettings,
    /// Which other addresses are behind which station.
    pub(crate) fdb: Fdb,
    /// Frames seen, for drawing lots about loss.
    pub(crate) frames: u64,
}

/// What the switch of a segment does beside switching. Nothing by default.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SwitchSettings {
    /// Lets only frames in whose source is the station's own hardware address, as port security does, and a Wi-Fi access
    /// point, which knows the addresses that have signed in and no others.
    pub refuses_unknown: bool,
    /// Sends a frame back to the station it came from if its destination is there: reflective relay (IEEE 802.1Qbg).
    pub reflective_relay: bool,
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
            switch: SwitchSettings::default(),
            fdb: Fdb::default(),
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

    /// Configures the switch of a segment.
    /// # Errors
    /// `ENODEV`: no such segment.
    pub fn segment_set_switch(
        &mut self,
        segment: SegmentId,
        switch: SwitchSettings,
    ) -> Result<(), Errno> {
        self.net
            .segments
            .get_mut(segment.index())
            .map(|found| found.switch = switch)
            .ok_or(Errno::ENODEV)
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
