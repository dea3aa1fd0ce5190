//! 802.1Q VLANs: a device that sends and receives what carries its tag. Source: Linux `net/8021q`.

use super::stack;
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::net::rx::RxFrame;
use crate::net::{Link, LinkKind, LinkSpec};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use std::rc::Rc;
use wire::{Frame, VlanTag};

/// The largest tag that can be used. Source: IEEE 802.1Q; 4095 is reserved.
pub const MAX_ID: u16 = 4094;

/// A VLAN.
#[derive(Debug)]
pub struct Vlan {
    /// The device whose frames carry the tag.
    pub lower: LinkId,
    /// The tag.
    pub id: u16,
}

/// Makes one, with the address and the MTU of the device below unless it is given others.
pub(super) fn create(
    k: &mut Kernel,
    ns: NetnsId,
    spec: &LinkSpec,
    lower: LinkId,
    id: u16,
) -> Result<LinkId, Errno> {
    let below = k.net.link(lower).ok_or(Errno::ENODEV)?;
    // One tag is all that a frame holds here, so a VLAN within a VLAN is refused like one on the loopback device.
    if below.is_loopback() || matches!(below.kind, LinkKind::Vlan(_)) {
        return Err(Errno::EOPNOTSUPP);
    }
    if id > MAX_ID {
        return Err(Errno::ERANGE);
    }
    let (mac, mtu) = (below.mac, below.mtu);
    if stack::of(k, lower)?.vlans.contains(&id) {
        return Err(Errno::EEXIST);
    }
    let full = LinkSpec {
        mac: Some(spec.mac.unwrap_or(mac)),
        mtu: Some(spec.mtu.unwrap_or(mtu)),
        ..spec.clone()
    };
    let link = k.link_insert(ns, &full, LinkKind::Vlan(Vlan { lower, id }))?;
    if let Some(found) = k.net.link_mut(link) {
        found.mac_set = spec.mac.is_some();
    }
    stack::of(k, lower)?.vlans.insert(id, link);
    stack::enter(k, lower, link);
    Ok(link)
}

/// A VLAN is up only while the device below is. Source: Linux `vlan_dev_open`.
pub(super) fn may_go_up(k: &Kernel, link: &Link) -> Result<(), Errno> {
    let lower = link.lower().and_then(|lower| k.net.link(lower));
    if lower.is_some_and(|lower| lower.admin_up) {
        Ok(())
    } else {
        Err(Errno::ENETDOWN)
    }
}

/// Sends the frame, tagged, by the device below.
pub(super) fn xmit(k: &mut Kernel, lower: LinkId, id: u16, frame: TracedFrame) {
    let tag = Some(VlanTag { id, priority: 0 });
    k.transmit(
        lower,
        TracedFrame {
            id: frame.id,
            frame: with_tag(&frame.frame, tag),
        },
    );
}

fn with_tag(frame: &Frame, vlan: Option<VlanTag>) -> Rc<Frame> {
    Rc::new(Frame {
        vlan,
        ..frame.clone()
    })
}

/// Takes a frame whose tag is that of a VLAN on `link`. A tag of 0 says only how urgent a frame is, and is taken off.
pub(super) fn receive(k: &mut Kernel, link: LinkId, frame: RxFrame) -> Option<RxFrame> {
    let Some(tag) = frame.frame.vlan else {
        return Some(frame);
    };
    let untagged = |frame: RxFrame| RxFrame {
        frame: with_tag(&frame.frame, None),
        ..frame
    };
    let stack = k.net.link(link)?.stack.as_ref();
    match stack.and_then(|stack| stack.vlans.get(&tag.id)).copied() {
        Some(upper) => {
            k.receive_on(upper, untagged(frame));
            None
        }
        None if tag.id == 0 => Some(untagged(frame)),
        None => Some(frame),
    }
}
