//! Kinds of devices: the registry, and nothing else. Each kind has a file of its own; a new one is added here.

pub mod bridge;
pub mod dummy;
pub mod ipvlan;
pub mod loopback;
pub mod macvlan;
pub mod nic;
pub mod stack;
pub mod veth;
pub mod vlan;
pub mod vxlan;

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
    /// A device with an address of its own on another one.
    Macvlan(macvlan::Macvlan),
    /// A device that shares another one's address.
    Ipvlan(ipvlan::Ipvlan),
    /// A device for the frames with one tag on another one.
    Vlan(vlan::Vlan),
    /// A device whose frames travel in UDP datagrams.
    Vxlan(Box<vxlan::Vxlan>),
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
    /// A device with an address of its own.
    Macvlan {
        /// On which device.
        lower: LinkId,
        /// How it deals with its siblings.
        mode: macvlan::MacvlanMode,
    },
    /// A device that shares another one's address.
    Ipvlan {
        /// On which device.
        lower: LinkId,
        /// At which layer they meet.
        mode: ipvlan::IpvlanMode,
        /// How it deals with its siblings.
        flag: ipvlan::IpvlanFlag,
    },
    /// A device for the frames with one tag.
    Vlan {
        /// On which device.
        lower: LinkId,
        /// The tag.
        id: u16,
    },
    /// A device whose frames travel in UDP datagrams.
    Vxlan(vxlan::VxlanSpec),
}

impl LinkKind {
    /// The word for it in `ip link`'s `type`; empty for devices that have none.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match self {
            // The uplink of a machine that is a container itself is one end of a virtual cable.
            Self::Nic(nic) if nic.uplink_index.is_some() => "veth",
            Self::Loopback | Self::Nic(_) => "",
            Self::Veth(_) => "veth",
            Self::Bridge(_) => "bridge",
            Self::Dummy => "dummy",
            Self::Macvlan(_) => "macvlan",
            Self::Ipvlan(_) => "ipvlan",
            Self::Vlan(_) => "vlan",
            Self::Vxlan(_) => "vxlan",
        }
    }

    /// The MTU that a new device has, bytes.
    #[must_use]
    pub const fn default_mtu(&self) -> u32 {
        match self {
            Self::Loopback => 65536,
            Self::Veth(_)
            | Self::Bridge(_)
            | Self::Nic(_)
            | Self::Dummy
            | Self::Macvlan(_)
            | Self::Ipvlan(_)
            | Self::Vlan(_)
            | Self::Vxlan(_) => 1500,
        }
    }

    /// The smallest MTU it can be given.
    #[must_use]
    pub const fn min_mtu(&self) -> u32 {
        match self {
            Self::Loopback | Self::Dummy | Self::Vlan(_) => 0,
            Self::Veth(_)
            | Self::Bridge(_)
            | Self::Nic(_)
            | Self::Macvlan(_)
            | Self::Ipvlan(_)
            | Self::Vxlan(_) => 68,
        }
    }

    /// The largest MTU it can be given.
    #[must_use]
    pub const fn max_mtu(&self) -> u32 {
        match self {
            Self::Loopback | Self::Dummy => i32::MAX as u32,
            Self::Veth(_)
            | Self::Bridge(_)
            | Self::Nic(_)
            | Self::Macvlan(_)
            | Self::Ipvlan(_)
            | Self::Vlan(_)
            | Self::Vxlan(_) => 65535,
        }
    }

    /// Whether it reports an operational state; otherwise `ip link` says UNKNOWN.
    #[must_use]
    pub const fn tells_state(&self) -> bool {
        match self {
            Self::Loopback | Self::Dummy | Self::Ipvlan(_) | Self::Vxlan(_) => false,
            Self::Veth(_) | Self::Bridge(_) | Self::Nic(_) | Self::Macvlan(_) | Self::Vlan(_) => {
                true
            }
        }
    }

    /// Whether `ip link del` may remove it.
    #[must_use]
    pub const fn is_removable(&self) -> bool {
        match self {
            Self::Loopback | Self::Nic(_) => false,
            Self::Veth(_)
            | Self::Bridge(_)
            | Self::Dummy
            | Self::Macvlan(_)
            | Self::Ipvlan(_)
            | Self::Vlan(_)
            | Self::Vxlan(_) => true,
        }
    }

    /// Whether it may move to another namespace.
    #[must_use]
    pub const fn is_movable(&self) -> bool {
        match self {
            Self::Loopback | Self::Bridge(_) => false,
            Self::Veth(_)
            | Self::Nic(_)
            | Self::Dummy
            | Self::Macvlan(_)
            | Self::Ipvlan(_)
            | Self::Vlan(_)
            | Self::Vxlan(_) => true,
        }
    }

    /// Whether it outlives its namespace, by going back to the machine's own.
    #[must_use]
    pub const fn is_physical(&self) -> bool {
        match self {
            Self::Nic(_) => true,
            Self::Loopback
            | Self::Veth(_)
            | Self::Bridge(_)
            | Self::Dummy
            | Self::Macvlan(_)
            | Self::Ipvlan(_)
            | Self::Vlan(_)
            | Self::Vxlan(_) => false,
        }
    }

    /// Whether it resolves neighbours: false means frames need no hardware address (`NOARP`).
    #[must_use]
    pub const fn has_neighbours(&self) -> bool {
        match self {
            Self::Loopback | Self::Dummy => false,
            Self::Ipvlan(ipvlan) => ipvlan.arp,
            Self::Veth(_)
            | Self::Bridge(_)
            | Self::Nic(_)
            | Self::Macvlan(_)
            | Self::Vlan(_)
            | Self::Vxlan(_) => true,
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
        LinkSpecKind::Macvlan { lower, mode } => macvlan::create(k, ns, &spec, lower, mode),
        LinkSpecKind::Ipvlan { lower, mode, flag } => {
            ipvlan::create(k, ns, &spec, lower, (mode, flag))
        }
        LinkSpecKind::Vlan { lower, id } => vlan::create(k, ns, &spec, lower, id),
        LinkSpecKind::Vxlan(vxlan) => vxlan::create(k, ns, &spec, vxlan),
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
        Macvlan(LinkId, macvlan::MacvlanMode),
        Ipvlan(LinkId),
        Vlan(LinkId, u16),
        Vxlan,
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
        LinkKind::Macvlan(macvlan) => Way::Macvlan(macvlan.lower, macvlan.mode),
        LinkKind::Ipvlan(ipvlan) => Way::Ipvlan(ipvlan.lower),
        LinkKind::Vlan(vlan) => Way::Vlan(vlan.lower, vlan.id),
        LinkKind::Vxlan(_) => Way::Vxlan,
    };
    match way {
        Way::Loopback => loopback::xmit(k, link, frame),
        Way::Veth(peer) => veth::xmit(k, link, peer, frame),
        Way::Bridge => bridge::xmit(k, link, frame),
        Way::Nic(segment) => nic::xmit(k, link, segment, frame),
        Way::Dummy => dummy::xmit(k, link, &frame),
        Way::Macvlan(lower, mode) => macvlan::xmit(k, link, lower, mode, frame),
        Way::Ipvlan(lower) => ipvlan::xmit(k, link, lower, frame),
        Way::Vlan(lower, id) => vlan::xmit(k, lower, id, frame),
        Way::Vxlan => vxlan::xmit(k, link, frame),
    }
}

/// Lets what is stacked on a device look at a frame it received; gives the frame back if nobody took it.
pub(super) fn intercept(k: &mut Kernel, link: LinkId, frame: RxFrame) -> Option<RxFrame> {
    let frame = vlan::receive(k, link, frame)?;
    match k.net.link(link)?.master {
        Some(bridge) => bridge::receive(k, bridge, link, frame),
        None => stack::receive(k, link, frame),
    }
}

/// Whether the device could carry frames now.
pub(super) fn carrier(k: &Kernel, link: LinkId) -> bool {
    let Some(found) = k.net.link(link) else {
        return false;
    };
    match &found.kind {
        LinkKind::Loopback => found.admin_up,
        // It never loses it, so what stands on one that is down does not notice.
        LinkKind::Dummy | LinkKind::Vxlan(_) => true,
        LinkKind::Veth(veth) => veth::carrier(k, found, veth),
        LinkKind::Bridge(bridge) => bridge::carrier(k, found, bridge),
        LinkKind::Nic(nic) => found.admin_up && nic.segment.is_some(),
        LinkKind::Macvlan(_) | LinkKind::Ipvlan(_) | LinkKind::Vlan(_) => stack::carrier(k, found),
    }
}

/// The devices whose carrier may hang on this one's state.
pub(super) fn dependents(k: &Kernel, link: LinkId) -> Vec<LinkId> {
    let Some(found) = k.net.link(link) else {
        return Vec::new();
    };
    let peer = match &found.kind {
        LinkKind::Veth(veth) => Some(veth.peer),
        LinkKind::Loopback
        | LinkKind::Bridge(_)
        | LinkKind::Nic(_)
        | LinkKind::Dummy
        | LinkKind::Macvlan(_)
        | LinkKind::Ipvlan(_)
        | LinkKind::Vlan(_)
        | LinkKind::Vxlan(_) => None,
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
        LinkKind::Nic(nic) => nic.uplink_index.map(|index| (index, None)),
        // It stands on no device, and tells its own number where it is in another namespace than its datagrams.
        LinkKind::Vxlan(vxlan) => (vxlan.under != found.ns).then_some((found.index, None)),
        _ => {
            let other = k.net.link(below_or_opposite(found)?)?;
            Some((other.index, (other.ns == found.ns).then_some(other.id)))
        }
    }
}

/// The namespace of the device below or opposite, if it is another one.
pub(super) fn far_namespace(k: &Kernel, link: &Link) -> Option<NetnsId> {
    match &link.kind {
        // The switch at the other end of an uplink lies in no namespace that is modelled.
        LinkKind::Nic(nic) => nic.uplink_index.map(|_| NetnsId(u32::MAX)),
        LinkKind::Vxlan(vxlan) => Some(vxlan.under).filter(|under| *under != link.ns),
        _ => Some(k.net.link(below_or_opposite(link)?)?.ns).filter(|ns| *ns != link.ns),
    }
}

/// The other end of a cable, or the device that this one stands on.
const fn below_or_opposite(link: &Link) -> Option<LinkId> {
    match &link.kind {
        LinkKind::Veth(veth) => Some(veth.peer),
        _ => link.lower(),
    }
}

/// Tells everybody who keeps a device's hardware address that it changed.
pub(super) fn mac_changed(k: &mut Kernel, link: LinkId, old: MacAddr) {
    bridge::own_mac_changed(k, link);
    bridge::port_mac_changed(k, link, old);
    stack::mac_changed(k, link, old);
}

/// Gives a device another hardware address that it follows, without somebody having chosen it.
fn take_mac(k: &mut Kernel, link: LinkId, mac: MacAddr) {
    if let Some(found) = k.net.link_mut(link) {
        let old = std::mem::replace(&mut found.mac, mac);
        mac_changed(k, link, old);
    }
}

/// Tells everybody who follows a device's MTU that somebody set it.
pub(super) fn mtu_changed(k: &mut Kernel, link: LinkId) {
    bridge::mtu_changed(k, link);
    stack::mtu_changed(k, link);
}

/// The largest MTU that somebody may set: none above what the device below can carry.
/// Source: Linux `macvlan_change_mtu`, `vlan_dev_change_mtu`.
pub(super) fn mtu_room(k: &Kernel, link: &Link) -> u32 {
    match &link.kind {
        LinkKind::Macvlan(_) | LinkKind::Vlan(_) => link
            .lower()
            .and_then(|lower| k.net.link(lower))
            .map_or(0, |lower| lower.mtu),
        _ => u32::MAX,
    }
}

/// Whether a device may be set up.
pub(super) fn may_go_up(k: &mut Kernel, link: LinkId) -> Result<(), Errno> {
    vxlan::open(k, link)?;
    k.net
        .link(link)
        .map_or(Err(Errno::ENODEV), |found| stack::may_go_up(k, found))
}

/// Tells those who follow whether a device is up.
pub(super) fn switched(k: &mut Kernel, link: LinkId, up: bool) {
    stack::switched(k, link, up);
    if !up {
        vxlan::close(k, link);
    }
}

/// Cleans up after a device that has just left the arena.
pub(super) fn removed(k: &mut Kernel, gone: Link) {
    stack::leave(k, &gone);
    match gone.kind {
        LinkKind::Veth(veth) => k.link_destroy(veth.peer),
        LinkKind::Bridge(bridge) => bridge::removed(k, &bridge),
        LinkKind::Nic(nic) => nic::removed(k, gone.id, nic.segment),
        LinkKind::Loopback
        | LinkKind::Dummy
        | LinkKind::Macvlan(_)
        | LinkKind::Ipvlan(_)
        | LinkKind::Vlan(_) => {}
        LinkKind::Vxlan(vxlan) => vxlan::removed(k, gone.id, vxlan.under),
    }
}
