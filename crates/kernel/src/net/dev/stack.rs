//! Devices that stand on another one: VLANs, and macvlans or ipvlans.
//!
//! The lower device holds a [`Stack`]: who of those above it takes a frame it received. VLANs are told apart by their tags
//! and come first, as in Linux `__netif_receive_skb_core`; of macvlans and ipvlans a device has only one kind, which Linux
//! ensures by having one receive handler for a device (a bridge port has that place taken, too).

use super::{LinkKind, ipvlan, macvlan, vlan};
use crate::errno::Errno;
use crate::ids::LinkId;
use crate::map::Lookup;
use crate::net::Link;
use crate::net::rx::RxFrame;
use crate::state::Kernel;

/// What stands on a device.
#[derive(Debug, Default)]
pub struct Stack {
    /// VLANs by tag.
    pub(super) vlans: Lookup<u16, LinkId>,
    /// Macvlans or ipvlans.
    pub(super) port: Option<Port>,
}

/// The one kind of device that shares a lower device's frames.
#[derive(Debug)]
pub(super) enum Port {
    Macvlan(macvlan::Port),
    Ipvlan(ipvlan::Port),
}

impl Port {
    /// The devices of that kind, in order of making.
    pub(super) fn children(&mut self) -> &mut Vec<LinkId> {
        match self {
            Self::Macvlan(port) => &mut port.children,
            Self::Ipvlan(port) => &mut port.children,
        }
    }
}

impl Link {
    /// The device that this one stands on.
    #[must_use]
    pub const fn lower(&self) -> Option<LinkId> {
        match &self.kind {
            LinkKind::Macvlan(macvlan) => Some(macvlan.lower),
            LinkKind::Ipvlan(ipvlan) => Some(ipvlan.lower),
            LinkKind::Vlan(vlan) => Some(vlan.lower),
            LinkKind::Loopback
            | LinkKind::Veth(_)
            | LinkKind::Bridge(_)
            | LinkKind::Nic(_)
            | LinkKind::Dummy
            | LinkKind::Vxlan(_) => None,
        }
    }

    /// What tells it from others with the same hardware address; 0 for those that share none. Source: Linux
    /// `net_device.dev_id`.
    #[must_use]
    pub const fn dev_id(&self) -> u16 {
        match &self.kind {
            LinkKind::Ipvlan(ipvlan) => ipvlan.id,
            _ => 0,
        }
    }

    pub(super) fn port(&self) -> Option<&Port> {
        self.stack.as_ref()?.port.as_ref()
    }
}

/// Notes that `upper` stands on `lower`.
pub(super) fn enter(k: &mut Kernel, lower: LinkId, upper: LinkId) {
    if let Some(found) = k.net.link_mut(lower) {
        found.uppers.push(upper);
    }
    k.netns_number_pair(upper);
    k.link_refresh(upper);
}

/// What stands on `lower`, made if nothing does yet.
pub(super) fn of(k: &mut Kernel, lower: LinkId) -> Result<&mut Stack, Errno> {
    let found = k.net.link_mut(lower).ok_or(Errno::ENODEV)?;
    Ok(found.stack.get_or_insert_with(Box::default))
}

/// The port of `lower`, to change it.
pub(super) fn port_mut(k: &mut Kernel, lower: LinkId) -> Option<&mut Port> {
    k.net.link_mut(lower)?.stack.as_mut()?.port.as_mut()
}

/// Takes a device that is gone off the one it stood on.
pub(super) fn leave(k: &mut Kernel, gone: &Link) {
    let Some(found) = gone.lower().and_then(|lower| k.net.link_mut(lower)) else {
        return;
    };
    found.uppers.retain(|upper| *upper != gone.id);
    let Some(stack) = &mut found.stack else {
        return;
    };
    if let LinkKind::Vlan(vlan) = &gone.kind {
        stack.vlans.remove(&vlan.id);
    } else if let Some(port) = &mut stack.port {
        port.children().retain(|child| *child != gone.id);
        if port.children().is_empty() {
            let before = match stack.port.take() {
                Some(Port::Macvlan(port)) => port.restores(),
                Some(Port::Ipvlan(_)) | None => None,
            };
            let (lower, own) = (found.id, found.mac);
            if let Some(before) = before.filter(|before| *before != own) {
                super::take_mac(k, lower, before);
            }
        }
    }
}

/// Lets what stands on `link` take a frame; gives it back if the machine's own protocols are to have it.
pub(super) fn receive(k: &mut Kernel, link: LinkId, frame: RxFrame) -> Option<RxFrame> {
    match k.net.link(link)?.port() {
        Some(Port::Macvlan(_)) => macvlan::receive(k, link, frame),
        Some(Port::Ipvlan(_)) => ipvlan::receive(k, link, frame),
        None => Some(frame),
    }
}

/// A device that stands on another has carrier while that one has. Source: Linux `netif_stacked_transfer_operstate`.
pub(super) fn carrier(k: &Kernel, link: &Link) -> bool {
    let lower = link.lower().and_then(|lower| k.net.link(lower));
    link.admin_up && lower.is_some_and(|lower| lower.carrier)
}

/// Whether `link` may be set up.
pub(super) fn may_go_up(k: &Kernel, link: &Link) -> Result<(), Errno> {
    match &link.kind {
        LinkKind::Vlan(_) => vlan::may_go_up(k, link),
        LinkKind::Macvlan(_) => macvlan::may_go_up(k, link),
        LinkKind::Ipvlan(_)
        | LinkKind::Loopback
        | LinkKind::Veth(_)
        | LinkKind::Bridge(_)
        | LinkKind::Nic(_)
        | LinkKind::Dummy
        | LinkKind::Vxlan(_) => Ok(()),
    }
}

/// A device was set up or down: it takes its place on the lower device or leaves it, and its own VLANs follow it.
pub(super) fn switched(k: &mut Kernel, link: LinkId, up: bool) {
    let Some(found) = k.net.link(link) else {
        return;
    };
    match &found.kind {
        LinkKind::Macvlan(_) => macvlan::switched(k, link, up),
        LinkKind::Ipvlan(_) => ipvlan::switched(k, link, up),
        LinkKind::Vlan(_)
        | LinkKind::Loopback
        | LinkKind::Veth(_)
        | LinkKind::Bridge(_)
        | LinkKind::Nic(_)
        | LinkKind::Dummy
        | LinkKind::Vxlan(_) => {}
    }
    for upper in uppers(k, link) {
        if matches!(k.net.link(upper).map(|l| &l.kind), Some(LinkKind::Vlan(_))) {
            // Source: Linux `vlan_device_event`.
            let _ = if up {
                k.link_set_up(upper)
            } else {
                k.link_set_down(upper)
            };
        }
    }
}

/// The devices that stand on `link`.
pub(super) fn uppers(k: &Kernel, link: LinkId) -> Vec<LinkId> {
    k.net
        .link(link)
        .map(|l| l.uppers.clone())
        .unwrap_or_default()
}

/// The hardware address of `link` is another one: those who share it take the new one.
pub(super) fn mac_changed(k: &mut Kernel, link: LinkId, old: wire::MacAddr) {
    macvlan::own_mac_changed(k, link, old);
    let Some(mac) = k.net.link(link).map(|l| l.mac) else {
        return;
    };
    for upper in uppers(k, link) {
        let shares = k.net.link(upper).is_some_and(|found| match &found.kind {
            LinkKind::Ipvlan(_) => true,
            LinkKind::Vlan(_) => !found.mac_set,
            LinkKind::Macvlan(macvlan) => macvlan.mode == macvlan::MacvlanMode::Passthru,
            LinkKind::Loopback
            | LinkKind::Veth(_)
            | LinkKind::Bridge(_)
            | LinkKind::Nic(_)
            | LinkKind::Dummy
            | LinkKind::Vxlan(_) => false,
        });
        let differs = k.net.link(upper).is_some_and(|found| found.mac != mac);
        if shares && differs {
            super::take_mac(k, upper, mac);
        }
    }
}

/// The MTU of `link` is another one: an ipvlan takes it, others do not stay above it.
/// Source: Linux `ipvlan_device_event`, `macvlan_device_event`, `vlan_device_event`.
pub(super) fn mtu_changed(k: &mut Kernel, link: LinkId) {
    let Some(mtu) = k.net.link(link).map(|l| l.mtu) else {
        return;
    };
    for upper in uppers(k, link) {
        let follows = k
            .net
            .link(upper)
            .is_some_and(|found| found.mtu > mtu || matches!(found.kind, LinkKind::Ipvlan(_)));
        if follows {
            let _ = k.link_set_mtu(upper, mtu);
        }
    }
}
