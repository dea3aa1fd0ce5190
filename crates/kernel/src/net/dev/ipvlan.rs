//! Ipvlans: several devices that share their lower device's hardware address, told apart by their IP addresses.
//!
//! In layer 2 mode they resolve neighbours themselves; in layer 3 modes the lower device's machine routes what they send,
//! and there is neither ARP nor broadcast. Source: Linux `drivers/net/ipvlan`.

use super::stack::{self, Port as StackPort};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::map::Lookup;
use crate::net::rx::RxFrame;
use crate::net::{LinkKind, LinkSpec, RouteKind, RouteQuery, timing};
use crate::skb::{Skb, TracedFrame};
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason};
use std::net::IpAddr;
use wire::{Frame, Payload};

/// At which layer ipvlans and their lower device meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IpvlanMode {
    /// Frames.
    L2,
    /// Packets. What the kernel takes if nothing is said.
    L3,
    /// Packets, and what comes in passes the hooks of the lower device's machine.
    L3S,
}

impl IpvlanMode {
    /// The word that `ip` uses.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::L2 => "l2",
            Self::L3 => "l3",
            Self::L3S => "l3s",
        }
    }
}

/// How ipvlans of one lower device deal with each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IpvlanFlag {
    /// Directly.
    Bridge,
    /// Not at all.
    Private,
    /// By way of the switch outside.
    Vepa,
}

impl IpvlanFlag {
    /// The word that `ip` uses.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Private => "private",
            Self::Vepa => "vepa",
        }
    }
}

/// An ipvlan. Mode and flag are the lower device's: the last one that is made sets them for all.
#[derive(Debug)]
pub struct Ipvlan {
    /// The device it stands on.
    pub lower: LinkId,
    /// Whether it speaks ARP and neighbour discovery: not in layer 3 modes.
    pub arp: bool,
    /// What tells it from the others of its lower device, whose hardware address they share: their addresses of link scope
    /// hold it, and `/sys/class/net/*/dev_id` shows it. From 1.
    pub id: u16,
}

/// The ipvlans of one lower device.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) children: Vec<LinkId>,
    mode: IpvlanMode,
    flag: IpvlanFlag,
    /// What the newest was told apart by.
    last_id: u16,
    /// Those that are up, by address.
    addrs: Lookup<IpAddr, LinkId>,
}

fn port(k: &Kernel, lower: LinkId) -> Option<&Port> {
    match k.net.link(lower)?.port()? {
        StackPort::Ipvlan(port) => Some(port),
        StackPort::Macvlan(_) => None,
    }
}

fn port_mut(k: &mut Kernel, lower: LinkId) -> Option<&mut Port> {
    match stack::port_mut(k, lower)? {
        StackPort::Ipvlan(port) => Some(port),
        StackPort::Macvlan(_) => None,
    }
}

impl Kernel {
    /// The mode and flag of an ipvlan; `None` for other devices.
    #[must_use]
    pub fn ipvlan_settings(&self, link: LinkId) -> Option<(IpvlanMode, IpvlanFlag)> {
        let LinkKind::Ipvlan(ipvlan) = &self.net.link(link)?.kind else {
            return None;
        };
        port(self, ipvlan.lower).map(|port| (port.mode, port.flag))
    }
}

/// Makes one, and sets the mode and flag of all ipvlans of that lower device.
pub(super) fn create(
    k: &mut Kernel,
    ns: NetnsId,
    spec: &LinkSpec,
    on: LinkId,
    (mode, flag): (IpvlanMode, IpvlanFlag),
) -> Result<LinkId, Errno> {
    let given = k.net.link(on).ok_or(Errno::ENODEV)?;
    let lower = match &given.kind {
        LinkKind::Ipvlan(ipvlan) => ipvlan.lower,
        _ => on,
    };
    let below = k.net.link(lower).ok_or(Errno::ENODEV)?;
    if below.is_loopback() {
        return Err(Errno::EINVAL);
    }
    let taken = matches!(below.port(), Some(StackPort::Macvlan(_)));
    if taken || below.master.is_some() {
        return Err(Errno::EBUSY);
    }
    let full = LinkSpec {
        mac: Some(below.mac),
        mtu: Some(spec.mtu.unwrap_or(below.mtu)),
        ..spec.clone()
    };
    let others = port(k, lower).map_or_else(Vec::new, |port| port.children.clone());
    let id = free_id(k, lower, &others).ok_or(Errno::ENOSPC)?;
    // Its own mark follows the mode when it is set up. Source: Linux `ipvlan_open`.
    let arp = true;
    let link = k.link_insert(ns, &full, LinkKind::Ipvlan(Ipvlan { lower, arp, id }))?;
    let stack = stack::of(k, lower)?;
    let new = || {
        StackPort::Ipvlan(Port {
            children: Vec::new(),
            mode,
            flag,
            last_id: 0,
            addrs: Lookup::default(),
        })
    };
    if let StackPort::Ipvlan(port) = stack.port.get_or_insert_with(new) {
        (port.mode, port.flag, port.last_id) = (mode, flag, id);
        port.children.push(link);
    }
    for other in others {
        set_arp(k, other, mode);
    }
    stack::enter(k, lower, link);
    Ok(link)
}

/// The next number that none of `others`, the ipvlans of the same lower device, is told apart by.
/// Source: Linux `ipvlan_link_new`.
fn free_id(k: &Kernel, lower: LinkId, others: &[LinkId]) -> Option<u16> {
    const HIGHEST: u16 = 0xfffd;
    let last = port(k, lower).map_or(0, |port| port.last_id);
    let taken = |id: &u16| {
        let mut links = others.iter().filter_map(|other| k.net.link(*other));
        links.any(|link| link.dev_id() == *id)
    };
    (last + 1..=HIGHEST).chain(1..=last).find(|id| !taken(id))
}

/// Makes an ipvlan speak ARP, or not, as the mode says.
fn set_arp(k: &mut Kernel, link: LinkId, mode: IpvlanMode) {
    if let Some(LinkKind::Ipvlan(ipvlan)) = k.net.link_mut(link).map(|l| &mut l.kind) {
        ipvlan.arp = mode == IpvlanMode::L2;
    }
}

/// Whether `link` may have `ip`: siblings cannot share an address. Source: Linux `ipvlan_addr4_validator_event`.
pub(in crate::net) fn may_have(k: &Kernel, link: LinkId, ip: IpAddr) -> bool {
    let lower = k.net.link(link).and_then(crate::net::Link::lower);
    let holder = lower.and_then(|lower| port(k, lower)?.addrs.get(&ip));
    holder.is_none_or(|holder| *holder == link)
}

/// A device that is up was given an address, or lost one.
pub(in crate::net) fn address_changed(k: &mut Kernel, link: LinkId, ip: IpAddr, has: bool) {
    let Some(found) = k.net.link(link) else {
        return;
    };
    let (LinkKind::Ipvlan(ipvlan), true) = (&found.kind, found.admin_up) else {
        return;
    };
    let lower = ipvlan.lower;
    if let Some(port) = port_mut(k, lower) {
        if has {
            port.addrs.insert(ip, link);
        } else if port.addrs.get(&ip) == Some(&link) {
            port.addrs.remove(&ip);
        }
    }
}

/// It was set up or down: its addresses can be reached, or not.
pub(super) fn switched(k: &mut Kernel, link: LinkId, up: bool) {
    let Some(lower) = k.net.link(link).and_then(crate::net::Link::lower) else {
        return;
    };
    if let Some(mode) = port(k, lower).map(|port| port.mode)
        && up
    {
        set_arp(k, link, mode);
    }
    for addr in k.addrs(link) {
        if let Some(port) = port_mut(k, lower) {
            if up {
                port.addrs.insert(addr.addr, link);
            } else if port.addrs.get(&addr.addr) == Some(&link) {
                port.addrs.remove(&addr.addr);
            }
        }
    }
}

/// The address that a frame is for, or from.
fn address(frame: &Frame, of_destination: bool) -> Option<IpAddr> {
    match &frame.payload {
        Payload::Arp(arp) if of_destination => Some(arp.target_ip.into()),
        Payload::Arp(arp) => Some(arp.sender_ip.into()),
        Payload::Ip(ip) if of_destination => Some(ip.dst),
        Payload::Ip(ip) => Some(ip.src),
        Payload::Other { .. } => None,
    }
}

fn child_for(port: &Port, frame: &Frame) -> Option<LinkId> {
    address(frame, true).and_then(|ip| port.addrs.get(&ip).copied())
}

/// Sends a frame.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, lower: LinkId, frame: TracedFrame) {
    let Some(port) = port(k, lower) else {
        return;
    };
    let (mode, flag) = (port.mode, port.flag);
    let layer_2 = mode == IpvlanMode::L2;
    let inside = frame.frame.dst == frame.frame.src;
    let sibling =
        child_for(port, &frame.frame).filter(|_| flag != IpvlanFlag::Vepa && (inside || !layer_2));
    match sibling {
        Some(_) if flag == IpvlanFlag::Private => drop(k, link, &frame, DropReason::SiblingsApart),
        Some(sibling) => k.schedule_frame(link, sibling, timing::VETH, frame),
        None if !layer_2 => route(k, link, lower, frame),
        // For the machine below itself, which its address stands for too.
        None if inside && flag != IpvlanFlag::Vepa => {
            k.schedule_frame(link, lower, timing::VETH, frame);
        }
        None => {
            if frame.frame.dst.is_multicast() {
                for sibling in others(k, lower, Some(link)) {
                    k.schedule_frame(link, sibling, timing::VETH, frame.clone());
                }
            }
            k.transmit(lower, frame);
        }
    }
}

fn others(k: &Kernel, lower: LinkId, but: Option<LinkId>) -> Vec<LinkId> {
    let children = port(k, lower).map_or(&[][..], |port| &port.children);
    let up =
        |child: &&LinkId| Some(**child) != but && k.net.link(**child).is_some_and(|l| l.admin_up);
    children.iter().filter(up).copied().collect()
}

fn drop(k: &mut Kernel, link: LinkId, frame: &TracedFrame, reason: DropReason) {
    if let Some(ns) = k.net.link(link).map(|l| l.ns) {
        k.trace.push(k.now, ns, frame.id, Checkpoint::Drop(reason));
    }
}

/// In layer 3 modes the machine of the lower device routes what its ipvlans send, by that device only, by way of its OUTPUT
/// and POSTROUTING hooks. Source: Linux `ipvlan_process_outbound`.
fn route(k: &mut Kernel, link: LinkId, lower: LinkId, frame: TracedFrame) {
    let (Some(ip), false) = (frame.frame.as_ip(), frame.frame.dst.is_multicast()) else {
        drop(k, link, &frame, DropReason::NoBroadcast);
        return;
    };
    let Some(ns) = k.net.link(lower).map(|l| l.ns) else {
        return;
    };
    let query = RouteQuery {
        src: Some(ip.src),
        oif: Some(lower),
        ..RouteQuery::to(ip.dst)
    };
    let skb = Skb::local(frame.id, ip.clone());
    match k.net.route(ns, &query, false) {
        Ok(route) if matches!(route.kind, RouteKind::Unicast | RouteKind::Local) => {
            // A rule that drops it has said so in the trace.
            let _ = k.output(ns, skb, route, None);
        }
        _ => k.drop_skb(ns, &skb, DropReason::NoRoute),
    }
}

/// The lower device received a frame: it is an ipvlan's, or the machine's own.
pub(super) fn receive(k: &mut Kernel, lower: LinkId, frame: RxFrame) -> Option<RxFrame> {
    let own = k.net.link(lower)?.mac;
    let port = port(k, lower)?;
    if port.mode == IpvlanMode::L3S {
        return Some(frame);
    }
    if port.mode == IpvlanMode::L2 && frame.frame.dst.is_multicast() {
        let sender = address(&frame.frame, false).and_then(|ip| port.addrs.get(&ip));
        let external = frame.frame.src != own || sender.is_none();
        if external {
            for taker in others(k, lower, None) {
                k.receive_on(taker, frame.clone());
            }
        }
        return Some(frame);
    }
    match child_for(port, &frame.frame) {
        Some(child) => {
            k.receive_on(child, frame);
            None
        }
        None => Some(frame),
    }
}

/// The ipvlan to which the lower device's machine hands a packet for `dst` after its own PREROUTING, in L3S mode.
/// Source: Linux `ipvlan_l3s.c`.
pub(in crate::net) fn behind_hooks(k: &Kernel, lower: LinkId, dst: IpAddr) -> Option<LinkId> {
    let port = port(k, lower).filter(|port| port.mode == IpvlanMode::L3S)?;
    port.addrs.get(&dst).copied()
}
