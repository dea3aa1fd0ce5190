//! Devices and the IP stack: how a packet travels through namespaces.
//!
//! A frame reaches a device as an event ([`rx`]); the device's kind ([`dev`]) may keep it (a bridge port hands it to its
//! bridge), otherwise the IP layer takes it: [`input`], then local delivery ([`local`]) or [`forward`].
//! What a machine sends itself starts in [`output`]; both ways meet in [`transmit`], where the neighbour table
//! ([`neigh`], with [`arp`] and [`ndp`]) supplies the hardware address and the device takes the frame.
//! Tables that decide: [`addr`], [`route`] with [`rule`] and [`lookup`], [`sysctl`]. All operations are methods of
//! [`Kernel`](crate::state::Kernel); errors are those that RTNETLINK would answer with.
//!
//! Known differences from Linux: duplicate address detection is skipped (addresses are never tentative), there are no
//! router advertisements, ICMP redirects or multicast group messages, a sender does not hear its own broadcasts and
//! multicasts, links have no bandwidth, and IPv4 options are not kept.

pub mod addr;
pub mod dev;
pub mod link;
pub mod netns;
pub mod segment;

pub mod lookup;
pub mod neigh;
pub mod route;
pub mod rule;
pub mod sysctl;
pub mod tap;

pub mod arp;
pub mod forward;
pub mod fragment;
pub mod hook;
pub mod icmp;
pub mod input;
pub mod ipvs;
pub mod local;
pub mod mib;
pub mod ndp;
pub mod output;
pub mod proxied;
pub mod qdisc;
pub mod rx;
pub mod transmit;

pub mod timing;

#[cfg(any(test, feature = "testutil"))]
pub mod testutil;

#[cfg(test)]
mod tests;

pub use addr::{AddrFlags, AddrSpec, Scope};
pub use dev::ipvlan::{IpvlanFlag, IpvlanMode};
pub use dev::macvlan::MacvlanMode;
pub use dev::vxlan::{Station, Vxlan, VxlanSpec};
pub use dev::{LinkKind, LinkSpecKind};
pub use link::{Link, LinkLabels, LinkSpec, LinkStats, OperState};
pub use lookup::{RouteAnswer, RouteQuery};
pub use neigh::{NeighState, NeighbourInfo};
pub use netns::Netns;
pub use output::SendOpts;
pub use route::{Route, RouteKind, RouteProto, TableId};
pub use rule::{Rule, RuleAction};
pub use segment::{Segment, SwitchSettings};
pub use tap::{Captured, TapDirection, TapId};

use crate::ids::{LinkId, NetnsId, PacketId, SegmentId};
use crate::map::Lookup;
use crate::state::Kernel;

/// The arenas of everything that has to do with the network. Slots are never reused, so an old id names nothing.
#[derive(Default)]
pub struct Net {
    pub(crate) namespaces: Vec<Option<Box<Netns>>>,
    pub(crate) links: Vec<Option<Box<Link>>>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) taps: tap::Taps,
    /// In which namespace a device was that is gone, for frames that still travel to it.
    pub(crate) graves: Lookup<LinkId, NetnsId>,
    /// The packets within datagrams of tunnels that are under way, by the datagram.
    pub(crate) under_way: Lookup<PacketId, PacketId>,
}

impl Net {
    /// How many devices and namespaces there ever were: changes whenever one is made.
    #[must_use]
    pub fn made(&self) -> (usize, usize) {
        (self.links.len(), self.namespaces.len())
    }

    /// The namespace `id`, if it still exists.
    #[must_use]
    pub fn netns(&self, id: NetnsId) -> Option<&Netns> {
        self.namespaces.get(id.index())?.as_deref()
    }

    /// The namespace `id`, to change it.
    pub fn netns_mut(&mut self, id: NetnsId) -> Option<&mut Netns> {
        self.namespaces.get_mut(id.index())?.as_deref_mut()
    }

    /// The device `id`, if it still exists.
    #[must_use]
    pub fn link(&self, id: LinkId) -> Option<&Link> {
        self.links.get(id.index())?.as_deref()
    }

    /// The device `id`, to change it.
    pub(crate) fn link_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        self.links.get_mut(id.index())?.as_deref_mut()
    }

    /// The segment `id`.
    #[must_use]
    pub fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.segments.get(id.index())
    }

    /// All segments, in order of making.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter()
    }

    /// All namespaces that exist, in order of making.
    pub fn all_netns(&self) -> impl Iterator<Item = &Netns> {
        self.namespaces.iter().flatten().map(|ns| &**ns)
    }

    /// All devices that exist, in order of making.
    pub fn all_links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().flatten().map(|link| &**link)
    }
}

impl Kernel {
    /// The device `id`, if it still exists.
    #[must_use]
    pub fn link(&self, id: LinkId) -> Option<&Link> {
        self.net.link(id)
    }

    /// The namespace `id`, if it still exists.
    #[must_use]
    pub fn netns(&self, id: NetnsId) -> Option<&Netns> {
        self.net.netns(id)
    }
}
