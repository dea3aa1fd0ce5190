//! A packet on its way through a kernel: the frame, and what the kernel has noted about it.

use crate::ids::{ConnId, LinkId, PacketId};
use std::rc::Rc;
use wire::{Frame, IpPacket, MacAddr};

/// What connection tracking says about a packet. Source: Linux `enum ip_conntrack_info`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CtState {
    /// The first packet of a flow, or another one before any reply.
    New,
    /// Part of a flow that has been seen in both directions.
    Established,
    /// The start of something that belongs to another flow: an ICMP error.
    Related,
    /// Not to be made sense of.
    Invalid,
    /// Exempted by the raw table's NOTRACK.
    Untracked,
}

/// Which way a packet goes with regard to its connection's first packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Direction {
    /// As the first packet went.
    Original,
    /// Back.
    Reply,
}

/// A packet's link to its connection-tracking entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CtRef {
    /// The entry.
    pub conn: ConnId,
    /// The packet's direction in it.
    pub dir: Direction,
    /// The state that rules match on.
    pub state: CtState,
}

/// A packet in the IP layer of one namespace.
#[derive(Clone, Debug)]
pub struct Skb {
    /// Its identity in the trace.
    pub id: PacketId,
    /// The packet itself.
    pub ip: IpPacket,
    /// The netfilter mark. Cleared whenever the packet crosses into another namespace.
    pub mark: u32,
    /// Its connection, once connection tracking has seen it in this namespace.
    pub ct: Option<CtRef>,
    /// The device it came in by; `None` for a packet made on this machine.
    pub in_link: Option<LinkId>,
    /// For bridged packets that are shown to iptables: the bridge port it came in by.
    pub phys_in: Option<LinkId>,
    /// The source hardware address, for `-m mac` and for answers.
    pub src_mac: Option<MacAddr>,
    /// Whether the frame it came in was addressed to everyone: such a packet is never answered with an ICMP error.
    pub broadcast: bool,
    /// Whether IPVS has rewritten it, for `-m ipvs`.
    pub ipvs: bool,
}

impl Skb {
    /// A packet that this machine makes itself.
    #[must_use]
    pub fn local(id: PacketId, ip: IpPacket) -> Self {
        Self {
            id,
            ip,
            mark: 0,
            ct: None,
            in_link: None,
            phys_in: None,
            src_mac: None,
            broadcast: false,
            ipvs: false,
        }
    }
}

/// A frame on a device, with its identity.
#[derive(Clone, Debug)]
pub struct TracedFrame {
    /// Its identity in the trace.
    pub id: PacketId,
    /// The frame itself. Shared: a flooding bridge, the trace and captures hold the same one.
    pub frame: Rc<Frame>,
}
