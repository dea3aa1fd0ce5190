//! Physical devices and the segments they are plugged into.

use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, SegmentId};
use crate::net::{LinkKind, LinkSpec, timing};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason};
use wire::MacAddr;

/// A physical device.
#[derive(Debug)]
pub struct Nic {
    /// The segment it is plugged into.
    pub segment: Option<SegmentId>,
    /// The number of the switch port at the other end, if the machine can see it.
    pub uplink_index: Option<u32>,
    /// The address that it was made with: the one that a switch knows which lets no others in.
    pub hardware: MacAddr,
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
    let hardware = match spec.mac {
        Some(mac) => mac,
        None => k.random_mac(),
    };
    let spec = &LinkSpec {
        mac: Some(hardware),
        ..spec.clone()
    };
    let link = k.link_insert(
        ns,
        spec,
        LinkKind::Nic(Nic {
            segment: None,
            uplink_index,
            hardware,
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
        segment.fdb.forget_port(link);
    }
}

/// Sends the frame to the station it is addressed to, or to all.
///
/// The segment's switch knows the stations themselves and learns what else is behind them (a macvlan, a container behind
/// a bridged port); a frame to an address it has not heard of reaches all stations, whose devices decide.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, segment: Option<SegmentId>, frame: TracedFrame) {
    let (dst, src) = (frame.frame.dst, frame.frame.src);
    let own = match k.net.link(link).map(|l| &l.kind) {
        Some(LinkKind::Nic(nic)) => nic.hardware,
        _ => return,
    };
    let Some(segment) = segment.and_then(|s| k.net.segments.get_mut(s.index())) else {
        return;
    };
    segment.frames += 1;
    let (delay, switch) = (segment.delay, segment.switch);
    let lost = segment.loss_ppm > 0 && k.rng.below(1_000_000) < u64::from(segment.loss_ppm);
    let strange = switch.refuses_unknown && src != own;
    if !strange && !src.is_multicast() {
        segment.fdb.learn(src, link, k.now);
    }
    let learned = segment.fdb.find(dst, k.now, timing::BRIDGE_AGEING);
    let learned = learned.and_then(|entry| entry.port);
    let mut stations = segment.stations.clone();
    let owner = stations
        .iter()
        .copied()
        .find(|s| k.net.link(*s).is_some_and(|l| l.mac == dst))
        .or(learned);
    if !switch.reflective_relay {
        stations.retain(|station| *station != link);
    }
    let known = owner.filter(|_| !dst.is_multicast());
    let reason = match known {
        _ if lost => Some(DropReason::Lost),
        _ if strange => Some(DropReason::PortSecurity { mac: src }),
        // A switch does not send a frame back by the port it came from.
        Some(owner) if owner == link && !switch.reflective_relay => Some(DropReason::SamePort),
        None if stations.is_empty() => Some(DropReason::NoStation),
        _ => None,
    };
    if let (Some(reason), Some(ns)) = (&reason, k.net.link(link).map(|l| l.ns)) {
        k.trace
            .push(k.now, ns, frame.id, Checkpoint::Drop(reason.clone()));
        return;
    }
    match known {
        Some(owner) => k.schedule_frame(link, owner, delay, frame),
        None => {
            for station in stations {
                k.schedule_frame(link, station, delay, frame.clone());
            }
        }
    }
}
