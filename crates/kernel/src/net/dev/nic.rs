//! Physical devices and the segments they are plugged into.

use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, SegmentId};
use crate::net::{LinkKind, LinkSpec};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason};

/// A physical device.
#[derive(Debug)]
pub struct Nic {
    /// The segment it is plugged into.
    pub segment: Option<SegmentId>,
    /// The number of the switch port at the other end, if the machine can see it.
    pub uplink_index: Option<u32>,
}

/// Makes one.
pub(super) fn create(
    k: &mut Kernel,
    ns: NetnsId,
    spec: &LinkSpec,
    segment: Option<SegmentId>,
    uplink_index: Option<u32>,
) -> Result<LinkId, Errno> {
    if segment.is_some_and(|s| k.net.segment(s).is_none()) {
        return Err(Errno::ENODEV);
    }
    let spec = if spec.name.is_empty() {
        &LinkSpec {
            name: "eth0".into(),
            ..spec.clone()
        }
    } else {
        spec
    };
    let link = k.link_insert(
        ns,
        spec,
        LinkKind::Nic(Nic {
            segment: None,
            uplink_index,
        }),
    )?;
    k.netns_number_pair(link);
    attach(k, link, segment)?;
    Ok(link)
}

/// Plugs it into a segment, or pulls the plug.
pub(in crate::net) fn attach(
    k: &mut Kernel,
    link: LinkId,
    segment: Option<SegmentId>,
) -> Result<(), Errno> {
    if segment.is_some_and(|s| k.net.segment(s).is_none()) {
        return Err(Errno::ENODEV);
    }
    let found = k.net.link_mut(link).ok_or(Errno::ENODEV)?;
    let LinkKind::Nic(nic) = &mut found.kind else {
        return Err(Errno::EOPNOTSUPP);
    };
    let old = std::mem::replace(&mut nic.segment, segment);
    removed(k, link, old);
    if let Some(new) = segment.and_then(|s| k.net.segments.get_mut(s.index())) {
        new.stations.push(link);
    }
    k.link_refresh(link);
    Ok(())
}

/// Takes it off its segment.
pub(super) fn removed(k: &mut Kernel, link: LinkId, segment: Option<SegmentId>) {
    if let Some(segment) = segment.and_then(|s| k.net.segments.get_mut(s.index())) {
        segment.stations.retain(|station| *station != link);
    }
}

/// Sends the frame to the station it is addressed to, or to all.
///
/// The segment's switch is taken to know the stations themselves. A frame to another address (a macvlan, a container
/// behind a bridged port) reaches all of them, as an unlearned address would: their devices decide.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, segment: Option<SegmentId>, frame: TracedFrame) {
    let Some(segment) = segment.and_then(|s| k.net.segments.get_mut(s.index())) else {
        return;
    };
    segment.frames += 1;
    let (delay, stations) = (segment.delay, segment.stations.clone());
    if segment.loss_ppm > 0 {
        let loss = u64::from(segment.loss_ppm);
        if k.rng.below(1_000_000) < loss {
            if let Some(ns) = k.net.link(link).map(|l| l.ns) {
                k.trace
                    .push(k.now, ns, frame.id, Checkpoint::Drop(DropReason::Lost));
            }
            return;
        }
    }
    let dst = frame.frame.dst;
    let owner = stations
        .iter()
        .copied()
        .find(|s| k.net.link(*s).is_some_and(|l| l.mac == dst));
    match owner {
        Some(owner) if owner != link && !dst.is_multicast() => {
            k.schedule_frame(link, owner, delay, frame);
        }
        _ if stations.len() < 2 => {
            if let Some(ns) = k.net.link(link).map(|l| l.ns) {
                k.trace
                    .push(k.now, ns, frame.id, Checkpoint::Drop(DropReason::NoStation));
            }
        }
        _ => {
            for station in stations.into_iter().filter(|station| *station != link) {
                k.schedule_frame(link, station, delay, frame.clone());
            }
        }
    }
}
