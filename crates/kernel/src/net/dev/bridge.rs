//! The bridge device: learning, forwarding, flooding, and its ports.

mod fdb;
mod netfilter;

pub use fdb::{Fdb, FdbEntry, FdbKind};

use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::net::rx::RxFrame;
use crate::net::{Link, LinkKind, LinkSpec, timing};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use crate::time::Duration;
use crate::trace::{BridgeDecision, Checkpoint, DropReason};
use std::rc::Rc;
use wire::{Frame, MacAddr, Payload};

/// Port numbers lie below this, so a bridge has at most 1023 ports. Source: Linux `BR_MAX_PORTS`.
const MAX_PORTS: u16 = 1024;

/// A bridge.
#[derive(Debug)]
pub struct Bridge {
    /// Its ports, in the order in which they joined.
    pub ports: Vec<LinkId>,
    /// Which station is behind which port.
    pub fdb: Fdb,
    /// How long a station is remembered.
    pub ageing: Duration,
    /// Whether somebody chose the MTU: it then stops following its ports.
    pub mtu_set: bool,
    /// The spanning tree protocol; only shown, ports always forward.
    pub stp: bool,
    /// Whether Linux ever had a reason to look at its ports' states: until then it has carrier without any.
    pub(crate) judged: bool,
}

impl Default for Bridge {
    fn default() -> Self {
        Self {
            ports: Vec::new(),
            fdb: Fdb::default(),
            ageing: timing::BRIDGE_AGEING,
            mtu_set: false,
            stp: false,
            judged: false,
        }
    }
}

/// What `bridge link set` can set for a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BridgePort {
    /// Its number, from 1.
    pub number: u16,
    /// Frames may leave by the port they came in by.
    pub hairpin: bool,
    /// It talks only to ports that are not isolated.
    pub isolated: bool,
    /// Stations behind it are learned.
    pub learning: bool,
    /// Frames for unknown stations leave by it.
    pub flood: bool,
    /// Multicasts leave by it.
    pub mcast_flood: bool,
    /// Broadcasts leave by it.
    pub bcast_flood: bool,
}

impl BridgePort {
    const fn new(number: u16) -> Self {
        Self {
            number,
            hairpin: false,
            isolated: false,
            learning: true,
            flood: true,
            mcast_flood: true,
            bcast_flood: true,
        }
    }
}

/// Makes a bridge without ports.
pub(super) fn create(k: &mut Kernel, ns: NetnsId, spec: &LinkSpec) -> Result<LinkId, Errno> {
    let bridge = Bridge {
        mtu_set: spec.mtu.is_some(),
        judged: spec.mac.is_some(),
        ..Bridge::default()
    };
    let link = k.link_insert(ns, spec, LinkKind::Bridge(Box::new(bridge)))?;
    own_mac_changed(k, link);
    Ok(link)
}

/// The bridge part of a device, if it is a bridge.
fn part(k: &mut Kernel, link: LinkId) -> Option<&mut Bridge> {
    match &mut k.net.link_mut(link)?.kind {
        LinkKind::Bridge(bridge) => Some(bridge),
        _ => None,
    }
}

/// A bridge has carrier while one of its ports forwards. A new one has it as well, until its ports or its address change:
/// nothing has taken it away. Source: Linux `br_port_state_selection`, which `br_stp_change_bridge_id` calls.
pub(super) fn carrier(k: &Kernel, link: &Link, bridge: &Bridge) -> bool {
    link.admin_up
        && (!bridge.judged
            || bridge
                .ports
                .iter()
                .any(|port| k.net.link(*port).is_some_and(Link::is_running)))
}

/// Makes `link` a port of `master`, or takes it off its bridge.
pub(in crate::net) fn set_master(
    k: &mut Kernel,
    link: LinkId,
    master: Option<LinkId>,
) -> Result<(), Errno> {
    let found = k.net.link(link).ok_or(Errno::ENODEV)?;
    let (ns, mac, old) = (found.ns, found.mac, found.master);
    if let Some(master) = master {
        let target = k.net.link(master).ok_or(Errno::ENODEV)?;
        match (&target.kind, &found.kind) {
            (LinkKind::Bridge(_), LinkKind::Bridge(_)) => return Err(Errno::ELOOP),
            (LinkKind::Bridge(_), LinkKind::Loopback) => return Err(Errno::EINVAL),
            (LinkKind::Bridge(_), _) if target.ns != ns => return Err(Errno::EINVAL),
            (LinkKind::Bridge(_), _) if !found.uppers.is_empty() => return Err(Errno::EBUSY),
            (LinkKind::Bridge(_), _) => {}
            _ => return Err(Errno::EOPNOTSUPP),
        }
    }
    if old == master {
        return Ok(());
    }
    let number = master
        .map(|master| free_port_number(k, master))
        .transpose()?;
    if let Some(old) = old {
        if let Some(bridge) = part(k, old) {
            bridge.ports.retain(|port| *port != link);
            bridge.fdb.forget_port(link);
        }
        if let Some(found) = k.net.link_mut(link) {
            (found.master, found.port) = (None, None);
        }
        follow_ports(k, old);
        k.link_refresh(old);
    }
    if let Some(master) = master {
        if let Some(bridge) = part(k, master) {
            bridge.ports.push(link);
            bridge.fdb.add(mac, Some(link), FdbKind::Local);
        }
        if let (Some(found), Some(number)) = (k.net.link_mut(link), number) {
            (found.master, found.port) = (Some(master), Some(Box::new(BridgePort::new(number))));
        }
        follow_ports(k, master);
        k.link_refresh(master);
    }
    Ok(())
}

/// The lowest free port number. A full bridge says `EXFULL`.
fn free_port_number(k: &Kernel, master: LinkId) -> Result<u16, Errno> {
    let Some(LinkKind::Bridge(bridge)) = k.net.link(master).map(|l| &l.kind) else {
        return Err(Errno::EOPNOTSUPP);
    };
    let mut taken = [false; MAX_PORTS as usize];
    // No port has it.
    taken[0] = true;
    for port in &bridge.ports {
        let port = k.net.link(*port).and_then(|link| link.port.as_ref());
        if let Some(place) = port.and_then(|port| taken.get_mut(usize::from(port.number))) {
            *place = true;
        }
    }
    let free = (0..MAX_PORTS).zip(taken).find(|(_, taken)| !taken);
    free.map(|(number, _)| number).ok_or(Errno::EXFULL)
}

/// Lets a bridge take the lowest hardware address and the lowest MTU of its ports, unless it was given its own.
/// Source: Linux `br_stp_recalculate_bridge_id`, `br_mtu_auto_adjust`.
pub(in crate::net) fn follow_ports(k: &mut Kernel, link: LinkId) {
    let Some(found) = k.net.link(link) else {
        return;
    };
    let LinkKind::Bridge(bridge) = &found.kind else {
        return;
    };
    let ports = || bridge.ports.iter().filter_map(|port| k.net.link(*port));
    // Without ports it has no address to follow. Source: Linux `br_stp_recalculate_bridge_id`.
    let mac = if found.mac_set {
        None
    } else {
        Some(ports().map(|port| port.mac).min().unwrap_or(MacAddr::ZERO))
    };
    let mtu = if bridge.mtu_set {
        None
    } else {
        Some(ports().map(|port| port.mtu).min().unwrap_or(1500))
    };
    if let Some(found) = k.net.link_mut(link) {
        found.mac = mac.unwrap_or(found.mac);
        found.mtu = mtu.unwrap_or(found.mtu);
    }
    if let Some(bridge) = part(k, link) {
        bridge.judged = true;
    }
    own_mac_changed(k, link);
}

/// Somebody set the MTU of a bridge, which then stops following its ports, or of a port, which its bridge may follow.
pub(super) fn mtu_changed(k: &mut Kernel, link: LinkId) {
    if let Some(bridge) = part(k, link) {
        bridge.mtu_set = true;
    }
    if let Some(master) = k.net.link(link).and_then(|l| l.master) {
        follow_ports(k, master);
    }
}

/// Keeps the bridge's own address in its table.
pub(super) fn own_mac_changed(k: &mut Kernel, link: LinkId) {
    let Some(mac) = k.net.link(link).map(|l| l.mac) else {
        return;
    };
    if let Some(bridge) = part(k, link) {
        if bridge
            .fdb
            .get(mac)
            .is_some_and(|e| e.kind == FdbKind::Local && e.port.is_none())
        {
            return;
        }
        bridge.fdb.forget_own();
        // A port that has the same address keeps its entry. Source: Linux `fdb_add_local`.
        if bridge
            .fdb
            .get(mac)
            .is_some_and(|e| e.kind == FdbKind::Local)
        {
            return;
        }
        bridge.fdb.add(mac, None, FdbKind::Local);
    }
    // The entry that went may have stood for a port with the same address as well.
    let Some(LinkKind::Bridge(bridge)) = k.net.link(link).map(|l| &l.kind) else {
        return;
    };
    let missing = |port: &LinkId| {
        let mac = k.net.link(*port)?.mac;
        bridge.fdb.get(mac).is_none().then_some((mac, *port))
    };
    let missing: Vec<_> = bridge.ports.iter().filter_map(missing).collect();
    if let Some(bridge) = part(k, link) {
        for (mac, port) in missing {
            bridge.fdb.add(mac, Some(port), FdbKind::Local);
        }
    }
}

/// Keeps a port's own address in its bridge's table.
pub(super) fn port_mac_changed(k: &mut Kernel, port: LinkId, old: MacAddr) {
    let Some(found) = k.net.link(port) else {
        return;
    };
    let (mac, master) = (found.mac, found.master);
    let Some(master) = master else { return };
    if let Some(bridge) = part(k, master) {
        bridge.fdb.remove(old);
        bridge.fdb.add(mac, Some(port), FdbKind::Local);
    }
    follow_ports(k, master);
}

/// Releases the ports of a bridge that is gone.
pub(super) fn removed(k: &mut Kernel, bridge: &Bridge) {
    for port in &bridge.ports {
        if let Some(found) = k.net.link_mut(*port) {
            (found.master, found.port) = (None, None);
        }
    }
}

/// Where a frame goes.
enum Target {
    /// To the machine itself only.
    Local,
    /// To one port.
    Port(LinkId),
    /// To all ports, and to the machine itself as well if it is a group frame.
    Flood { local: bool },
}

fn target(k: &Kernel, bridge: &Bridge, dst: MacAddr) -> Target {
    if dst.is_multicast() {
        return Target::Flood { local: true };
    }
    match bridge.fdb.find(dst, k.now, bridge.ageing) {
        Some(entry) if entry.kind == FdbKind::Local => Target::Local,
        Some(FdbEntry {
            port: Some(port), ..
        }) => Target::Port(*port),
        Some(_) => Target::Local,
        None => Target::Flood { local: false },
    }
}

/// Whether a frame that came by `from` may leave by `port`. Source: Linux `should_deliver`, `br_flood`.
fn may_leave(k: &Kernel, from: Option<LinkId>, port: LinkId) -> bool {
    let from = from.and_then(|from| k.net.link(from));
    k.net.link(port).is_some_and(|port| lets_out(port, from))
}

/// The same of the devices themselves.
fn lets_out(port: &Link, from: Option<&Link>) -> bool {
    let Some(out) = port.port.as_deref() else {
        return false;
    };
    let back = from.is_some_and(|from| from.id == port.id);
    let apart = |from: &Link| from.port.as_deref().is_some_and(|from| from.isolated);
    (!back || out.hairpin) && !(out.isolated && from.is_some_and(apart)) && port.is_running()
}

/// The ports by which a frame leaves when it goes to all.
fn flood_ports(k: &Kernel, bridge: &Bridge, from: Option<LinkId>, dst: MacAddr) -> Vec<LinkId> {
    let wanted = |settings: &BridgePort| {
        if dst.is_broadcast() {
            settings.bcast_flood
        } else if dst.is_multicast() {
            settings.mcast_flood
        } else {
            settings.flood
        }
    };
    let from = from.and_then(|from| k.net.link(from));
    let ports = bridge.ports.iter().filter_map(|port| k.net.link(*port));
    ports
        .filter(|port| port.port.as_deref().is_some_and(wanted) && lets_out(port, from))
        .map(|port| port.id)
        .collect()
}

/// A frame came in by `port` of `link`. Always takes it, except while the bridge itself is down.
pub(super) fn receive(
    k: &mut Kernel,
    link: LinkId,
    port: LinkId,
    frame: RxFrame,
) -> Option<RxFrame> {
    let (now, id, src) = (k.now, frame.id, frame.frame.src);
    let found = k.net.link(link)?;
    let ns = found.ns;
    if !found.admin_up {
        k.trace
            .push(now, ns, id, Checkpoint::Drop(DropReason::LinkDown { link }));
        return None;
    }
    // Group addresses that bridges keep to themselves (spanning tree and the like). Source: IEEE 802.1D table 7-10.
    let [a, b, c, d, e, f] = frame.frame.dst.0;
    if src.is_multicast() || ([a, b, c, d, e] == [0x01, 0x80, 0xc2, 0, 0] && f < 0x10) {
        k.trace
            .push(now, ns, id, Checkpoint::Drop(DropReason::BridgePort));
        return None;
    }
    let learning = k
        .net
        .link(port)
        .and_then(|l| l.port.as_deref())
        .is_some_and(|p| p.learning);
    if learning && let Some(bridge) = part(k, link) {
        bridge.fdb.learn(src, port, now);
    }
    if netfilter::wanted(k, ns, &frame.frame) {
        return netfilter::receive(k, link, port, frame);
    }
    forward(k, link, port, frame);
    None
}

/// Sends a frame that came in by `from` where it belongs.
fn forward(k: &mut Kernel, link: LinkId, from: LinkId, frame: RxFrame) {
    let Some(found) = k.net.link(link) else {
        return;
    };
    let (ns, promisc) = (found.ns, k.net.is_promiscuous(link));
    let LinkKind::Bridge(bridge) = &found.kind else {
        return;
    };
    let dst = frame.frame.dst;
    let (ports, mut local) = match target(k, bridge, dst) {
        Target::Local => (Vec::new(), true),
        Target::Flood { local } => (flood_ports(k, bridge, Some(from), dst), local),
        Target::Port(port) => {
            if !may_leave(k, Some(from), port) {
                let isolated = port != from && k.net.link(port).is_some_and(Link::is_running);
                if k.trace.enabled() {
                    let decision = if port == from {
                        BridgeDecision::SamePort
                    } else {
                        BridgeDecision::Forward(port)
                    };
                    k.trace.push(
                        k.now,
                        ns,
                        frame.id,
                        Checkpoint::Bridge {
                            bridge: link,
                            from: Some(from),
                            decision,
                        },
                    );
                    let reason = if isolated || port == from {
                        DropReason::BridgePort
                    } else {
                        DropReason::LinkDown { link: port }
                    };
                    k.trace.push(k.now, ns, frame.id, Checkpoint::Drop(reason));
                }
                return;
            }
            note(k, ns, link, Some(from), &frame, || {
                BridgeDecision::Forward(port)
            });
            if promisc {
                pass_up(k, link, frame.clone());
            }
            send(k, link, Some(from), port, frame);
            return;
        }
    };
    if !ports.is_empty() {
        note(k, ns, link, Some(from), &frame, || {
            BridgeDecision::Flood(ports.clone())
        });
    } else if !local {
        note(k, ns, link, Some(from), &frame, || {
            BridgeDecision::Flood(Vec::new())
        });
        k.trace
            .push(k.now, ns, frame.id, Checkpoint::Drop(DropReason::NoStation));
    }
    for port in ports {
        send(k, link, Some(from), port, frame.clone());
    }
    local |= promisc;
    if local {
        note(k, ns, link, Some(from), &frame, || BridgeDecision::Local);
        pass_up(k, link, frame);
    }
}

fn note(
    k: &mut Kernel,
    ns: NetnsId,
    bridge: LinkId,
    from: Option<LinkId>,
    frame: &RxFrame,
    decision: impl FnOnce() -> BridgeDecision,
) {
    if k.trace.enabled() {
        k.trace.push(
            k.now,
            ns,
            frame.id,
            Checkpoint::Bridge {
                bridge,
                from,
                decision: decision(),
            },
        );
    }
}

/// Lets a frame leave by a port, by way of the FORWARD and POSTROUTING hooks if those want to see it.
fn send(k: &mut Kernel, link: LinkId, from: Option<LinkId>, port: LinkId, frame: RxFrame) {
    let frame = match (from, frame.nf.is_some()) {
        (Some(from), true) => match netfilter::forward(k, link, from, port, frame) {
            Some(frame) => frame,
            None => return,
        },
        _ => frame,
    };
    let Some(found) = k.net.link(port) else {
        return;
    };
    let (ns, mtu) = (found.ns, found.mtu);
    if frame.frame.payload.len() <= mtu as usize {
        k.transmit(
            port,
            TracedFrame {
                id: frame.id,
                frame: frame.frame,
            },
        );
        return;
    }
    // A bridge does not fragment, but what it put together itself for netfilter it takes apart again.
    match frame.frame.as_ip() {
        Some(ip) if frame.nf.is_some() && !ip.dont_fragment => {
            let Frame { dst, src, vlan, .. } = *frame.frame;
            for part in ip.fragments(mtu as usize) {
                let part = Rc::new(Frame {
                    dst,
                    src,
                    vlan,
                    payload: Payload::Ip(part),
                });
                k.transmit(
                    port,
                    TracedFrame {
                        id: frame.id,
                        frame: part,
                    },
                );
            }
        }
        _ => k.trace.push(
            k.now,
            ns,
            frame.id,
            Checkpoint::Drop(DropReason::TooBig { mtu }),
        ),
    }
}

/// The machine itself receives the frame on the bridge device.
fn pass_up(k: &mut Kernel, link: LinkId, frame: RxFrame) {
    k.receive_on(link, frame);
}

/// The machine itself sends by the bridge device.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, frame: TracedFrame) {
    let Some(found) = k.net.link(link) else {
        return;
    };
    let ns = found.ns;
    let LinkKind::Bridge(bridge) = &found.kind else {
        return;
    };
    let dst = frame.frame.dst;
    let frame = RxFrame::plain(frame);
    let ports = match target(k, bridge, dst) {
        Target::Local => {
            note(k, ns, link, None, &frame, || BridgeDecision::Local);
            pass_up(k, link, frame);
            return;
        }
        Target::Port(port) if may_leave(k, None, port) => {
            note(k, ns, link, None, &frame, || BridgeDecision::Forward(port));
            send(k, link, None, port, frame);
            return;
        }
        Target::Port(port) => {
            note(k, ns, link, None, &frame, || BridgeDecision::Forward(port));
            k.trace.push(
                k.now,
                ns,
                frame.id,
                Checkpoint::Drop(DropReason::LinkDown { link: port }),
            );
            return;
        }
        Target::Flood { .. } => flood_ports(k, bridge, None, dst),
    };
    note(k, ns, link, None, &frame, || {
        BridgeDecision::Flood(ports.clone())
    });
    if ports.is_empty() {
        k.trace
            .push(k.now, ns, frame.id, Checkpoint::Drop(DropReason::NoStation));
    }
    for port in ports {
        send(k, link, None, port, frame.clone());
    }
}

impl Kernel {
    /// The table of a bridge: stations in the order of their addresses, expired ones left out.
    #[must_use]
    pub fn fdb(&self, link: LinkId) -> Vec<FdbEntry> {
        match self.net.link(link).map(|l| &l.kind) {
            Some(LinkKind::Bridge(bridge)) => bridge.fdb.list(self.now, bridge.ageing),
            _ => Vec::new(),
        }
    }

    /// Adds a lasting entry to a bridge's table: `mac` is behind `port`, or is the machine itself.
    /// # Errors
    /// `ENODEV`: not a bridge, or not its port. `EINVAL`: a group address. `EEXIST`: the entry exists.
    pub fn fdb_add(
        &mut self,
        link: LinkId,
        mac: MacAddr,
        port: Option<LinkId>,
        kind: FdbKind,
        replace: bool,
    ) -> Result<(), Errno> {
        let now = self.now;
        let bridge = part(self, link).ok_or(Errno::ENODEV)?;
        if port.is_some_and(|port| !bridge.ports.contains(&port)) {
            return Err(Errno::ENODEV);
        }
        let there = bridge.fdb.get(mac);
        if !replace && there.is_some_and(|entry| entry.kind != FdbKind::Learned) {
            return Err(Errno::EEXIST);
        }
        bridge.fdb.remove(mac);
        match port {
            Some(port) if kind == FdbKind::Learned => bridge.fdb.learn(mac, port, now),
            port => bridge.fdb.add(mac, port, kind),
        }
        Ok(())
    }

    /// Removes an entry from a bridge's table.
    /// # Errors
    /// `ENODEV`: not a bridge. `ENOENT`: no such entry.
    pub fn fdb_del(&mut self, link: LinkId, mac: MacAddr) -> Result<(), Errno> {
        let bridge = part(self, link).ok_or(Errno::ENODEV)?;
        if bridge.fdb.remove(mac) {
            Ok(())
        } else {
            Err(Errno::ENOENT)
        }
    }

    /// Changes the settings of a bridge port.
    /// # Errors
    /// `EINVAL`: the device is no port.
    pub fn bridge_port_set(
        &mut self,
        port: LinkId,
        change: impl FnOnce(&mut BridgePort),
    ) -> Result<(), Errno> {
        let settings = self
            .net
            .link_mut(port)
            .and_then(|l| l.port.as_deref_mut())
            .ok_or(Errno::EINVAL)?;
        change(settings);
        Ok(())
    }
}
