//! Kinds of devices: the registry, and nothing else. Each kind has a file of its own; a new one is added here.

pub mod bridge;
pub mod dummy;
pub mod loopback;
pub mod nic;
pub mod veth;

use super::link::{Link, LinkSpec};
use super::rx::RxFrame;
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, SegmentId};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use wire::MacAddr;

/// What a device is, with what only that kind has.
#[derive(Debug)]
pub enum LinkKind {
    /// `lo`: what is sent comes back.
    Loopback,
    /// One end of a virtual cable.
    Veth(veth::Veth),
    /// A learning bridge.
    Bridge(Box<bridge::Bridge>),
    /// A physical device, plugged into a segment or not.
    Nic(nic::Nic),
    /// A device that swallows what is sent.
    Dummy,
}

/// What a new device shall be.
#[derive(Clone, Debug)]
pub enum LinkSpecKind {
    /// A virtual cable; the other end is made with it.
    Veth {
        /// The other end's name; empty for an automatic one.
        peer_name: String,
        /// The other end's namespace.
        peer_ns: NetnsId,
        /// The other end's hardware address; `None` for a random one.
        peer_mac: Option<MacAddr>,
    },
    /// A bridge without ports.
    Bridge,
    /// A physical device.
    Nic {
        /// The segment it is plugged into.
        segment: Option<SegmentId>,
        /// The number of the switch port at the other end, which `ip link` shows as `eth0@if3`, as for a virtual
        /// machine or a container whose uplink is a veth. `None` for a device that shows nothing.
        uplink_index: Option<u32>,
    },
    /// A device that swallows what is sent.
    Dummy,
}

impl LinkKind {
    /// The word for it in `ip link`'s `type`; empty for devices that have none.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match self {
            Self::Loopback | Self::Nic(_) => "",
            Self::Veth(_) => "veth",
            Self::Bridge(_) => "bridge",
            Self::Dummy => "dummy",
        }
    }

    /// The MTU that a new device has, bytes.
    #[must_use]
    pub const fn default_mtu(&self) -> u32 {
        match self {
            Self::Loopback => 65536,
            Self::Veth(_) | Self::Bridge(_) | Self::Nic(_) | Self::Dummy => 1500,
        }
    }

    /// The smallest MTU it can be given.
    #[must_use]
    pub const fn min_mtu(&self) -> u32 {
        match self {
            Self::Loopback | Self::Dummy => 0,
            Self::Veth(_) | Self::Bridge(_) | Self::Nic(_) => 68,
        }
    }

    /// The largest MTU it can be given.
    #[must_use]
    pub const fn max_mtu(&self) -> u32 {
        match self {
            Self::Loopback | Self::Dummy => i32::MAX as u32,
            Self::Veth(_) | Self::Bridge(_) | Self::Nic(_) => 65535,
        }
    }

    /// Whether it reports an operational state; otherwise `ip link` says UNKNOWN.
    #[must_use]
    pub const fn tells_state(&self) -> bool {
        match self {
            Self::Loopback | Self::Dummy => false,
            Self::Veth(_) | Self::Bridge(_) | Self::Nic(_) => true,
        }
    }

    /// Whether `ip link del` may remove it.
    #[must_use]
    pub const fn is_removable(&self) -> bool {
        match self {
            Self::Loopback | Self::Nic(_) => false,
            Self::Veth(_) | Self::Bridge(_) | Self::Dummy => true,
        }
    }

    /// Whether it may move to another namespace.
    #[must_use]
    pub const fn is_movable(&self) -> bool {
        match self {
            Self::Loopback | Self::Bridge(_) => false,
            Self::Veth(_) | Self::Nic(_) | Self::Dummy => true,
        }
    }

    /// Whether it outlives its namespace, by going back to the machine's own.
    #[must_use]
    pub const fn is_physical(&self) -> bool {
        match self {
            Self::Nic(_) => true,
            Self::Loopback | Self::Veth(_) | Self::Bridge(_) | Self::Dummy => false,
        }
    }

    /// Whether it resolves neighbours: false means frames need no hardware address (`NOARP`).
    #[must_use]
    pub const fn has_neighbours(&self) -> bool {
        match self {
            Self::Loopback | Self::Dummy => false,
            Self::Veth(_) | Self::Bridge(_) | Self::Nic(_) => true,
        }
    }
}

/// Makes a device.
pub(super) fn create(k: &mut Kernel, ns: NetnsId, spec: LinkSpec) -> Result<LinkId, Errno> {
    match spec.kind.clone() {
        LinkSpecKind::Veth {
            peer_name,
            peer_ns,
            peer_mac,
        } => veth::create(k, ns, &spec, (peer_ns, peer_name, peer_mac)),
        LinkSpecKind::Bridge => bridge::create(k, ns, &spec),
        LinkSpecKind::Nic {
            segment,
            uplink_index,
        } => nic::create(k, ns, &spec, segment, uplink_index),
        LinkSpecKind::Dummy => dummy::create(k, ns, &spec),
    }
}

/// Sends a frame that the device's own layer has accepted, counted and traced.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, frame: TracedFrame) {
    enum Way {
        Loopback,
        Veth(LinkId),
        Bridge,
        Nic(Option<SegmentId>),
        Dummy,
    }
    let Some(found) = k.net.link(link) else {
        return;
    };
    let way = match &found.kind {
        LinkKind::Loopback => Way::Loopback,
        LinkKind::Veth(veth) => Way::Veth(veth.peer),
        LinkKind::Bridge(_) => Way::Bridge,
        LinkKind::Nic(nic) => Way::Nic(nic.segment),
        LinkKind::Dummy => Way::Dummy,
    };
    match way {
        Way::Loopback => loopback::xmit(k, link, frame),
        Way::Veth(peer) => veth::xmit(k, link, peer, frame),
        Way::Bridge => bridge::xmit(k, link, frame),
        Way::Nic(segment) => nic::xmit(k, link, segment, frame),
        Way::Dummy => dummy::xmit(k, link, &frame),
    }
}

/// Lets what is stacked on a device look at a frame it received; gives the frame back if nobody took it.
pub(super) fn intercept(k: &mut Kernel, link: LinkId, frame: RxFrame) -> Option<RxFrame> {
    match k.net.link(link)?.master {
        Some(bridge) => bridge::receive(k, bridge, link, frame),
        None => Some(frame),
    }
}

/// Whether the device could carry frames now.
pub(super) fn carrier(k: &Kernel, link: LinkId) -> bool {
    let Some(found) = k.net.link(link) else {
        return false;
    };
    match &found.kind {
        LinkKind::Loopback | LinkKind::Dummy => found.admin_up,
        LinkKind::Veth(veth) => veth::carrier(k, found, veth),
        LinkKind::Bridge(bridge) => bridge::carrier(k, found, bridge),
        LinkKind::Nic(nic) => found.admin_up && nic.segment.is_some(),
    }
}

/// The devices whose carrier may hang on this one's state.
pub(super) fn dependents(k: &Kernel, link: LinkId) -> Vec<LinkId> {
    let Some(found) = k.net.link(link) else {
        return Vec::new();
    };
    let peer = match &found.kind {
        LinkKind::Veth(veth) => Some(veth.peer),
        LinkKind::Loopback | LinkKind::Bridge(_) | LinkKind::Nic(_) | LinkKind::Dummy => None,
    };
    peer.into_iter()
        .chain(found.master)
        .chain(found.uppers.iter().copied())
        .collect()
}

/// The index of the device below or opposite, and that device if it is in the same namespace.
pub(super) fn lower(k: &Kernel, link: LinkId) -> Option<(u32, Option<LinkId>)> {
    let found = k.net.link(link)?;
    match &found.kind {
        LinkKind::Veth(veth) => {
            let peer = k.net.link(veth.peer)?;
            Some((peer.index, (peer.ns == found.ns).then_some(peer.id)))
        }
        LinkKind::Nic(nic) => nic.uplink_index.map(|index| (index, None)),
        LinkKind::Loopback | LinkKind::Bridge(_) | LinkKind::Dummy => None,
    }
}

/// The namespace of the device below or opposite, if it is another one.
pub(super) fn far_namespace(k: &Kernel, link: &Link) -> Option<NetnsId> {
    match &link.kind {
        LinkKind::Veth(veth) => Some(k.net.link(veth.peer)?.ns).filter(|ns| *ns != link.ns),
        // The switch at the other end of an uplink lies in no namespace that is modelled.
        LinkKind::Nic(nic) => nic.uplink_index.map(|_| NetnsId(u32::MAX)),
        LinkKind::Loopback | LinkKind::Bridge(_) | LinkKind::Dummy => None,
    }
}

/// Tells everybody who keeps a device's hardware address that it changed.
pub(super) fn mac_changed(k: &mut Kernel, link: LinkId, old: MacAddr) {
    bridge::own_mac_changed(k, link);
    bridge::port_mac_changed(k, link, old);
}

/// Tells everybody who follows a device's MTU that somebody set it.
pub(super) fn mtu_changed(k: &mut Kernel, link: LinkId) {
    bridge::mtu_changed(k, link);
}

/// Cleans up after a device that has just left the arena.
pub(super) fn removed(k: &mut Kernel, gone: Link) {
    match gone.kind {
        LinkKind::Veth(veth) => k.link_destroy(veth.peer),
        LinkKind::Bridge(bridge) => bridge::removed(k, &bridge),
        LinkKind::Nic(nic) => nic::removed(k, gone.id, nic.segment),
        LinkKind::Loopback | LinkKind::Dummy => {}
    }
}
