//! VXLAN: a device whose frames travel in UDP datagrams of the namespace that it was made in.
//!
//! The device may live in another namespace, as those of overlay networks do. Which machine a station is behind says a table
//! of the device's own, by hand or learned. Sources: RFC 7348, Linux `drivers/net/vxlan/vxlan_core.c`.

use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId, SocketId};
use crate::net::rx::RxFrame;
use crate::net::{LinkKind, LinkSpec, NeighState, SendOpts, timing};
use crate::skb::{Skb, TracedFrame};
use crate::state::Kernel;
use crate::time::{Duration, Instant};
use crate::trace::{Checkpoint, DropReason};
use std::net::IpAddr;
use std::rc::Rc;
use wire::{Arp, ArpOp, Frame, IpPacket, MacAddr, Payload, Transport, UdpDatagram};

/// What is put around a frame: Ethernet, IPv4, UDP and VXLAN headers, bytes.
pub const OVERHEAD: u32 = 50;
/// How many datagrams may be under way before those that got lost are forgotten.
const UNDER_WAY: usize = 4096;

/// What a new VXLAN device shall be.
#[derive(Clone, Debug)]
pub struct VxlanSpec {
    /// The network identifier, 24 bits.
    pub id: u32,
    /// The UDP port that datagrams go to and are taken at.
    pub port: u16,
    /// The source address of datagrams; `None` for the route's.
    pub local: Option<IpAddr>,
    /// Where frames for unknown stations go.
    pub remote: Option<IpAddr>,
    /// The device of the machine that it is laid over, which only gives it its MTU.
    pub over: Option<LinkId>,
    /// Whether it learns which machine a station is behind.
    pub learning: bool,
    /// Whether it answers ARP for the neighbours that it knows, and lets no question out.
    pub proxy: bool,
    /// Whether it would tell of stations that it does not know.
    pub l2miss: bool,
    /// Whether it would tell of addresses that it does not know.
    pub l3miss: bool,
    /// How long a learned station is remembered.
    pub ageing: Duration,
}

impl VxlanSpec {
    /// A device as `ip link add type vxlan id ID dstport 4789` makes it.
    #[must_use]
    pub const fn new(id: u32) -> Self {
        Self {
            id,
            port: wire::vxlan::PORT,
            local: None,
            remote: None,
            over: None,
            learning: true,
            proxy: false,
            l2miss: false,
            l3miss: false,
            ageing: timing::BRIDGE_AGEING,
        }
    }
}

/// A VXLAN device.
#[derive(Debug)]
pub struct Vxlan {
    /// How it was made.
    pub spec: VxlanSpec,
    /// The namespace that its datagrams travel in.
    pub under: NetnsId,
    /// Which machines stations are behind, in the order of their coming.
    pub stations: Vec<Station>,
    /// The kernel's own socket, while the device is up.
    socket: Option<SocketId>,
}

/// A station that is behind another machine. The zero address stands for all that are not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Station {
    /// Its hardware address.
    pub mac: MacAddr,
    /// The machine.
    pub dst: IpAddr,
    /// Whether it was learned from a frame, and not set by hand.
    pub learned: bool,
    /// When a frame from it was last seen.
    pub updated: Instant,
}

impl Vxlan {
    /// The entries that are not too old.
    fn live(&self, now: Instant) -> impl Iterator<Item = &Station> {
        let ageing = self.spec.ageing;
        self.stations
            .iter()
            .filter(move |s| !s.learned || now.since(s.updated) < ageing)
    }

    /// The machines that a frame to `mac` goes to.
    fn machines(&self, mac: MacAddr, now: Instant) -> Vec<IpAddr> {
        let behind = |mac| {
            let known = self.live(now).filter(move |s| s.mac == mac);
            known.map(|s| s.dst).collect::<Vec<_>>()
        };
        match behind(mac) {
            none if none.is_empty() => behind(MacAddr::ZERO),
            some => some,
        }
    }
}

/// Makes one.
pub(super) fn create(
    k: &mut Kernel,
    ns: NetnsId,
    spec: &LinkSpec,
    vxlan: VxlanSpec,
) -> Result<LinkId, Errno> {
    if vxlan.id >= 1 << 24 {
        return Err(Errno::ERANGE);
    }
    let mut full = spec.clone();
    if let Some(over) = vxlan.over {
        let room = k
            .net
            .link(over)
            .ok_or(Errno::ENODEV)?
            .mtu
            .saturating_sub(OVERHEAD);
        full.mtu = Some(spec.mtu.unwrap_or(room).min(room));
    }
    let others = k.net.netns(ns).ok_or(Errno::ENODEV)?.tunnels.clone();
    let same = |link: &LinkId| {
        part(k, *link).is_some_and(|v| (v.spec.id, v.spec.port) == (vxlan.id, vxlan.port))
    };
    if others.iter().any(same) {
        return Err(Errno::EEXIST);
    }
    let everybody = vxlan.remote.map(|dst| Station {
        mac: MacAddr::ZERO,
        dst,
        learned: false,
        updated: k.now,
    });
    let kind = Vxlan {
        spec: vxlan,
        under: ns,
        stations: everybody.into_iter().collect(),
        socket: None,
    };
    let link = k.link_insert(ns, &full, LinkKind::Vxlan(Box::new(kind)))?;
    if let Some(netns) = k.net.netns_mut(ns) {
        netns.tunnels.push(link);
    }
    Ok(link)
}

fn part(k: &Kernel, link: LinkId) -> Option<&Vxlan> {
    match &k.net.link(link)?.kind {
        LinkKind::Vxlan(vxlan) => Some(vxlan),
        _ => None,
    }
}

fn part_mut(k: &mut Kernel, link: LinkId) -> Option<&mut Vxlan> {
    match &mut k.net.link_mut(link)?.kind {
        LinkKind::Vxlan(vxlan) => Some(vxlan),
        _ => None,
    }
}

/// The socket that another device of the same machine and port holds.
fn shared_socket(k: &Kernel, but: LinkId, under: NetnsId, port: u16) -> Option<SocketId> {
    let mut others = k.net.netns(under)?.tunnels.iter().filter(|t| **t != but);
    others.find_map(|t| part(k, *t).filter(|v| v.spec.port == port)?.socket)
}

/// Takes the UDP port when the device goes up, together with the others of the machine.
/// # Errors
/// `EADDRINUSE`: a program has it.
pub(super) fn open(k: &mut Kernel, link: LinkId) -> Result<(), Errno> {
    let Some((under, port)) = part(k, link)
        .filter(|v| v.socket.is_none())
        .map(|v| (v.under, v.spec.port))
    else {
        return Ok(());
    };
    let socket = match shared_socket(k, link, under, port) {
        Some(socket) => socket,
        None => k.sock_hold_port(under, port)?,
    };
    if let Some(vxlan) = part_mut(k, link) {
        vxlan.socket = Some(socket);
    }
    Ok(())
}

/// Gives the UDP port back if no other device needs it.
pub(super) fn close(k: &mut Kernel, link: LinkId) {
    let taken = part_mut(k, link).and_then(|v| Some((v.under, v.spec.port, v.socket.take()?)));
    if let Some((under, port, socket)) = taken
        && shared_socket(k, link, under, port).is_none()
    {
        k.sock_release_port(socket);
    }
}

/// Forgets a device that is gone.
pub(super) fn removed(k: &mut Kernel, link: LinkId, under: NetnsId) {
    if let Some(netns) = k.net.netns_mut(under) {
        netns.tunnels.retain(|tunnel| *tunnel != link);
    }
}

/// Sends a frame to the machine that its receiver is behind.
pub(super) fn xmit(k: &mut Kernel, link: LinkId, frame: TracedFrame) {
    let Some(ns) = k.net.link(link).map(|l| l.ns) else {
        return;
    };
    let Some(vxlan) = part(k, link) else { return };
    if let (true, Payload::Arp(arp)) = (vxlan.spec.proxy, &frame.frame.payload) {
        let arp = *arp;
        answer_arp(k, ns, link, &frame, &arp);
        return;
    }
    let machines = vxlan.machines(frame.frame.dst, k.now);
    let (under, id, port, local) = (
        vxlan.under,
        vxlan.spec.id,
        vxlan.spec.port,
        vxlan.spec.local,
    );
    if machines.is_empty() {
        if let Some(found) = k.net.link_mut(link) {
            found.stats.tx_dropped += 1;
        }
        k.trace
            .push(k.now, ns, frame.id, Checkpoint::Drop(DropReason::NoStation));
        return;
    }
    let datagram = UdpDatagram {
        src_port: source_port(&frame.frame),
        dst_port: port,
        payload: wire::vxlan::encapsulate(id, &frame.frame),
    };
    for machine in machines {
        let src = local.unwrap_or(match machine {
            IpAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
        });
        let ip = IpPacket {
            ttl: k.default_ttl(under, machine.is_ipv6()),
            ..IpPacket::new(src, machine, Transport::Udp(datagram.clone()))
        };
        let outer = k.trace.upcoming_packet();
        if k.net.under_way.len() >= UNDER_WAY {
            k.net.under_way.clear();
        }
        k.net.under_way.insert(outer, frame.id);
        k.trace.push(
            k.now,
            ns,
            frame.id,
            Checkpoint::Encapsulate {
                link,
                outer,
                to: machine,
            },
        );
        let opts = SendOpts {
            cause: Some(frame.id),
            ..SendOpts::default()
        };
        if let Err(error) = k.ip_send(under, ip, opts) {
            // A rule's refusal has been noted for the datagram.
            k.net.under_way.remove(&outer);
            let reason = match error {
                Errno::EPERM => continue,
                _ => DropReason::NoRoute,
            };
            k.trace.push(k.now, ns, frame.id, Checkpoint::Drop(reason));
        }
    }
}

/// The same port for all that goes between the same two ends. Source: Linux `udp_flow_src_port`.
fn source_port(frame: &Frame) -> u16 {
    const FIRST: u64 = 32_768;
    const RANGE: u64 = 28_232;
    let mut mixed = frame
        .dst
        .0
        .iter()
        .chain(&frame.src.0)
        .fold(0_u64, |sum, byte| sum.rotate_left(7) ^ u64::from(*byte));
    if let Some(ip) = frame.as_ip() {
        let (src, dst) = ip.transport.ports().unwrap_or_default();
        mixed ^= u64::from(ip.protocol().0) << 48 | u64::from(src) << 16 | u64::from(dst);
    }
    let hash = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    u16::try_from(FIRST + ((hash * RANGE) >> 32)).unwrap_or(u16::MAX)
}

/// Answers a question for a neighbour that was set by hand, in its name; what is not known stays unanswered.
/// Source: Linux `arp_reduce`.
fn answer_arp(k: &mut Kernel, ns: NetnsId, link: LinkId, frame: &TracedFrame, arp: &Arp) {
    k.trace
        .push(k.now, ns, frame.id, Checkpoint::Consume { what: "arp" });
    if arp.op != ArpOp::Request {
        return;
    }
    let Some(mac) = k.neigh_known(ns, link, IpAddr::V4(arp.target_ip)) else {
        return;
    };
    let reply = Arp {
        op: ArpOp::Reply,
        sender_mac: mac,
        sender_ip: arp.target_ip,
        target_mac: arp.sender_mac,
        target_ip: arp.sender_ip,
    };
    let id = k.trace.new_packet();
    let made = Checkpoint::Made {
        by: None,
        socket: None,
        cause: Some(frame.id),
        ip: None,
    };
    k.trace.push(k.now, ns, id, made);
    let frame = Rc::new(Frame::arp(arp.sender_mac, mac, reply));
    k.schedule_frame(link, link, timing::VETH, TracedFrame { id, frame });
}

impl Kernel {
    /// A datagram reached the port of this namespace's VXLAN devices: the one with its identifier receives the frame.
    pub(crate) fn vxlan_receive(&mut self, ns: NetnsId, skb: &Skb) {
        let Transport::Udp(udp) = &skb.ip.transport else {
            return;
        };
        let Ok((id, frame)) = wire::vxlan::decapsulate(udp.payload.clone()) else {
            self.drop_skb(ns, skb, DropReason::Malformed);
            return;
        };
        let tunnels = self.net.netns(ns).map(|n| n.tunnels.as_slice());
        let meant = |link: &&LinkId| {
            part(self, **link).is_some_and(|v| (v.spec.id, v.spec.port) == (id, udp.dst_port))
        };
        let Some(link) = tunnels.into_iter().flatten().find(meant).copied() else {
            self.drop_skb(ns, skb, DropReason::NoSocket);
            return;
        };
        let (now, src, from) = (self.now, frame.src, skb.ip.src);
        let inner = match self.net.under_way.remove(&skb.id) {
            Some(inner) => inner,
            None => self.trace.new_packet(),
        };
        self.trace
            .push(now, ns, skb.id, Checkpoint::Decapsulate { link, inner });
        let Some(home) = self.net.link(link).map(|l| l.ns) else {
            return;
        };
        if let Some(vxlan) = part_mut(self, link).filter(|v| v.spec.learning) {
            match vxlan.stations.iter_mut().find(|s| s.mac == src) {
                Some(known) if known.dst == from => known.updated = now,
                // A station that was set by hand does not move. Source: Linux `vxlan_snoop`.
                Some(known) if !known.learned => {
                    let why = Checkpoint::Drop(DropReason::PortSecurity { mac: src });
                    self.trace.push(now, home, inner, why);
                    return;
                }
                Some(known) => (known.dst, known.updated) = (from, now),
                None => vxlan.stations.push(Station {
                    mac: src,
                    dst: from,
                    learned: true,
                    updated: now,
                }),
            }
        }
        let frame = TracedFrame {
            id: inner,
            frame: Rc::new(frame),
        };
        self.receive_on(link, RxFrame::plain(frame));
    }

    /// The stations that a VXLAN device knows, in the order of their coming; none for other devices.
    #[must_use]
    pub fn vxlan_stations(&self, link: LinkId) -> Vec<Station> {
        let known = part(self, link).map(|v| v.live(self.now).copied().collect());
        known.unwrap_or_default()
    }

    /// Says that `mac` is behind the machine `dst`. `replace`: whatever was said of it before is forgotten.
    /// # Errors
    /// `EOPNOTSUPP`: no VXLAN device. `EEXIST`: that is known.
    pub fn vxlan_add(
        &mut self,
        link: LinkId,
        mac: MacAddr,
        dst: IpAddr,
        replace: bool,
    ) -> Result<(), Errno> {
        let now = self.now;
        let vxlan = part_mut(self, link).ok_or(Errno::EOPNOTSUPP)?;
        vxlan
            .stations
            .retain(|s| s.mac != mac || !(replace || s.learned));
        if vxlan.stations.iter().any(|s| (s.mac, s.dst) == (mac, dst)) {
            return Err(Errno::EEXIST);
        }
        vxlan.stations.push(Station {
            mac,
            dst,
            learned: false,
            updated: now,
        });
        Ok(())
    }

    /// Forgets that `mac` is behind `dst`, or with `None` behind any machine.
    /// # Errors
    /// `EOPNOTSUPP`: no VXLAN device. `ENOENT`: that was not known.
    pub fn vxlan_del(
        &mut self,
        link: LinkId,
        mac: MacAddr,
        dst: Option<IpAddr>,
    ) -> Result<(), Errno> {
        let vxlan = part_mut(self, link).ok_or(Errno::EOPNOTSUPP)?;
        let before = vxlan.stations.len();
        vxlan
            .stations
            .retain(|s| s.mac != mac || dst.is_some_and(|dst| dst != s.dst));
        match vxlan.stations.len() == before {
            true => Err(Errno::ENOENT),
            false => Ok(()),
        }
    }

    /// The hardware address of a neighbour that is known for sure.
    fn neigh_known(&self, ns: NetnsId, link: LinkId, ip: IpAddr) -> Option<MacAddr> {
        let known = self.neighbour(ns, link, ip)?;
        let sure = [
            NeighState::Permanent,
            NeighState::Reachable,
            NeighState::Delay,
            NeighState::Probe,
        ];
        known.mac.filter(|_| sure.contains(&known.state))
    }
}
