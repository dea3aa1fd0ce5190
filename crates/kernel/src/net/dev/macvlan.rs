//! Macvlans: several devices with hardware addresses of their own on one lower device.
//!
//! The lower device itself never hears its macvlans, nor they it: what a macvlan sends goes to its siblings (in bridge
//! mode) or out by the lower device. Source: Linux `drivers/net/macvlan.c`.

use super::stack::{self, Port as StackPort};
use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::map::Lookup;
use crate::net::rx::RxFrame;
use crate::net::{Link, LinkKind, LinkSpec, timing};
use crate::skb::TracedFrame;
use crate::state::Kernel;
use crate::trace::{Checkpoint, DropReason};
use wire::MacAddr;

/// How macvlans of one lower device deal with each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MacvlanMode {
    /// Not at all.
    Private,
    /// By way of the switch outside, if it sends frames back (reflective relay). What the kernel takes if nothing is said.
    Vepa,
    /// Directly.
    Bridge,
    /// There is one only, which takes over the lower device's address and all of its frames.
    Passthru,
}

impl MacvlanMode {
    /// The word that `ip` uses.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Vepa => "vepa",
            Self::Bridge => "bridge",
            Self::Passthru => "passthru",
        }
    }
}

/// A macvlan.
#[derive(Debug)]
pub struct Macvlan {
    /// The device it stands on.
    pub lower: LinkId,
    /// How it deals with its siblings.
    pub mode: MacvlanMode,
}

/// The macvlans of one lower device.
#[derive(Debug, Default)]
pub(super) struct Port {
    pub(super) children: Vec<LinkId>,
    /// Those that are up, by address.
    macs: Lookup<MacAddr, LinkId>,
    passthru: bool,
    /// The lower device's address before a passthru one took it over; it gets it back.
    before: Option<MacAddr>,
}

impl Port {
    /// The address that the lower device gets back when its last macvlan leaves.
    pub(super) const fn restores(&self) -> Option<MacAddr> {
        self.before
    }
}

fn mode_of(k: &Kernel, link: LinkId) -> Option<MacvlanMode> {
    match &k.net.link(link)?.kind {
        LinkKind::Macvlan(macvlan) => Some(macvlan.mode),
        _ => None,
    }
}

fn port(k: &Kernel, lower: LinkId) -> Option<&Port> {
    match k.net.link(lower)?.port()? {
        StackPort::Macvlan(port) => Some(port),
        StackPort::Ipvlan(_) => None,
    }
}

fn port_mut(k: &mut Kernel, lower: LinkId) -> Option<&mut Port> {
    match stack::port_mut(k, lower)? {
        StackPort::Macvlan(port) => Some(port),
        StackPort::Ipvlan(_) => None,
    }
}

/// Makes one. On a macvlan means: on the device that one stands on.
pub(super) fn create(
    k: &mut Kernel,
    ns: NetnsId,
    spec: &LinkSpec,
    on: LinkId,
    mode: MacvlanMode,
) -> Result<LinkId, Errno> {
    let given = k.net.link(on).ok_or(Errno::ENODEV)?;
    let lower = match &given.kind {
        LinkKind::Macvlan(macvlan) => macvlan.lower,
        _ => on,
    };
    let below = k.net.link(lower).ok_or(Errno::ENODEV)?;
    if below.is_loopback() {
        return Err(Errno::EINVAL);
    }
    let taken = matches!(below.port(), Some(StackPort::Ipvlan(_)));
    if taken || below.master.is_some() {
        return Err(Errno::EBUSY);
    }
    let passthru = mode == MacvlanMode::Passthru;
    let alone = port(k, lower).is_none_or(|port| port.children.is_empty());
    if (passthru && !alone) || port(k, lower).is_some_and(|port| port.passthru) {
        return Err(Errno::EINVAL);
    }
    let (mac, mtu) = (below.mac, below.mtu);
    if spec.mtu.is_some_and(|asked| asked > mtu) {
        return Err(Errno::EINVAL);
    }
    let full = LinkSpec {
        mac: if passthru { Some(mac) } else { spec.mac },
        mtu: Some(spec.mtu.unwrap_or(mtu)),
        ..spec.clone()
    };
    let link = k.link_insert(ns, &full, LinkKind::Macvlan(Macvlan { lower, mode }))?;
    let stack = stack::of(k, lower)?;
    let port = stack
        .port
        .get_or_insert_with(|| StackPort::Macvlan(Port::default()));
    port.children().push(link);
    if let StackPort::Macvlan(port) = port {
        port.passthru = passthru;
        port.before = passthru.then_some(mac);
    }
    stack::enter(k, lower, link);
    Ok(link)
}

impl Link {
    /// How many reasons it has to take in all frames, as `ip -d link` counts them: somebody asked for it, it is a bridge
    /// port, or a macvlan that is up stands on it (virtual cables, and NICs here, cannot filter for several addresses).
    #[must_use]
    pub fn promiscuity(&self) -> u32 {
        let macvlans =
            matches!(self.port(), Some(StackPort::Macvlan(port)) if !port.macs.is_empty());
        u32::from(self.promisc) + u32::from(self.master.is_some()) + u32::from(macvlans)
    }
}

/// Two devices that are up cannot have one address. Source: Linux `macvlan_open`.
pub(super) fn may_go_up(k: &Kernel, link: &Link) -> Result<(), Errno> {
    let Some(lower) = link.lower().and_then(|lower| k.net.link(lower)) else {
        return Err(Errno::ENODEV);
    };
    let sibling = port(k, lower.id).and_then(|port| port.macs.get(&link.mac));
    let busy = sibling.is_some_and(|other| *other != link.id)
        || (lower.mac == link.mac && mode_of(k, link.id) != Some(MacvlanMode::Passthru));
    if busy { Err(Errno::EADDRINUSE) } else { Ok(()) }
}

/// It was set up or down.
pub(super) fn switched(k: &mut Kernel, link: LinkId, up: bool) {
    let Some((mac, Some(lower))) = k.net.link(link).map(|l| (l.mac, l.lower())) else {
        return;
    };
    if let Some(port) = port_mut(k, lower) {
        if up {
            port.macs.insert(mac, link);
        } else if port.macs.get(&mac) == Some(&link) {
            port.macs.remove(&mac);
        }
    }
}

/// Its own address was changed; in passthru mode the lower device takes the new one too.
pub(super) fn own_mac_changed(k: &mut Kernel, link: LinkId, old: MacAddr) {
    let (Some(mode), Some(found)) = (mode_of(k, link), k.net.link(link)) else {
        return;
    };
    let (mac, up, lower) = (found.mac, found.admin_up, found.lower());
    let Some(lower) = lower else { return };
    if let Some(port) = port_mut(k, lower)
        && up
        && port.macs.get(&old) == Some(&link)
    {
        port.macs.remove(&old);
        port.macs.insert(mac, link);
    }
    if mode == MacvlanMode::Passthru && k.net.link(lower).is_some_and(|l| l.mac != mac) {
        super::take_mac(k, lower, mac);
    }
}

/// Sends a frame: to a sibling in bridge mode, otherwise (and group frames as well) out by the lower device.
pub(super) fn xmit(
    k: &mut Kernel,
    link: LinkId,
    lower: LinkId,
    mode: MacvlanMode,
    frame: TracedFrame,
) {
    if mode == MacvlanMode::Bridge {
        let dst = frame.frame.dst;
        if dst.is_multicast() {
            for sibling in others(k, lower, Some(link), &[MacvlanMode::Bridge]) {
                k.schedule_frame(link, sibling, timing::VETH, frame.clone());
            }
        } else {
            let found = port(k, lower).and_then(|port| port.macs.get(&dst));
            if found.and_then(|sibling| mode_of(k, *sibling)) == Some(MacvlanMode::Bridge) {
                // The lower device sees it as if it had received it. Source: Linux `macvlan_queue_xmit`.
                k.schedule_frame(link, lower, timing::VETH, frame);
                return;
            }
        }
    }
    k.transmit(lower, frame);
}

/// The macvlans in one of these modes that are up, but for one.
fn others(k: &Kernel, lower: LinkId, but: Option<LinkId>, modes: &[MacvlanMode]) -> Vec<LinkId> {
    let children = port(k, lower).map_or(&[][..], |port| &port.children);
    let wanted = |child: &&LinkId| {
        Some(**child) != but
            && k.net.link(**child).is_some_and(|l| l.admin_up)
            && mode_of(k, **child).is_some_and(|mode| modes.contains(&mode))
    };
    children.iter().filter(wanted).copied().collect()
}

/// The lower device received a frame: it is a macvlan's, or the machine's own.
pub(super) fn receive(k: &mut Kernel, lower: LinkId, frame: RxFrame) -> Option<RxFrame> {
    use MacvlanMode::{Bridge, Passthru, Private, Vepa};
    let port = port(k, lower)?;
    let (dst, src) = (frame.frame.dst, frame.frame.src);
    if !dst.is_multicast() {
        let child = if port.passthru {
            port.children.first()
        } else {
            port.macs.get(&dst)
        };
        let Some(child) = child.copied() else {
            return Some(frame);
        };
        k.receive_on(child, frame);
        return None;
    }
    let source = port.macs.get(&src).copied();
    let takers = match source.and_then(|source| mode_of(k, source)) {
        None => others(k, lower, None, &[Private, Vepa, Passthru, Bridge]),
        // The switch sent a frame back to those who sent it. Bridge mode siblings had it on its way out.
        Some(Vepa) => others(k, lower, source, &[Vepa, Bridge]),
        Some(Bridge) => others(k, lower, source, &[Vepa]),
        Some(Private | Passthru) => {
            if let Some(ns) = k.net.link(lower).map(|l| l.ns) {
                let reason = Checkpoint::Drop(DropReason::SiblingsApart);
                k.trace.push(k.now, ns, frame.id, reason);
            }
            return None;
        }
    };
    for taker in takers {
        k.receive_on(taker, frame.clone());
    }
    Some(frame)
}
