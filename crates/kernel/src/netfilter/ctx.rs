//! What a hook is told about a packet's surroundings, and what it answers.

use super::Hook;
use super::model::{IfName, RejectWith};
use crate::ids::{LinkId, NetnsId};
use crate::time::Instant;
use crate::trace::DropReason;
use std::net::IpAddr;
use std::rc::Rc;

/// A device as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Iface {
    /// The device.
    pub link: LinkId,
    /// Its name, packed for comparison.
    pub name: IfName,
}

impl Iface {
    /// A device and its name.
    #[must_use]
    pub fn new(link: LinkId, name: &str) -> Self {
        Self {
            link,
            name: IfName::new(name),
        }
    }
}

/// What an address is to a namespace. Source: Linux `RTN_*`, as `-m addrtype` names them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AddrType {
    /// 0.0.0.0 or ::.
    Unspec,
    /// Somebody else's.
    Unicast,
    /// This namespace's own (all of 127.0.0.0/8 too).
    Local,
    /// A broadcast address.
    Broadcast,
    /// An anycast address.
    Anycast,
    /// A multicast group.
    Multicast,
    /// A blackhole route covers it.
    Blackhole,
    /// No route, or one that says unreachable.
    Unreachable,
    /// A prohibit route covers it.
    Prohibit,
}

/// What netfilter asks the IP stack, so that it need not know routes and addresses itself.
pub trait HookEnv {
    /// What `ip` is to this namespace; with a link, only that device's addresses and routes count.
    fn addr_type(&self, ip: IpAddr, link: Option<LinkId>) -> AddrType;

    /// The source address that `out` would use towards `dst`, for MASQUERADE; `None` drops the packet.
    fn masquerade_source(&self, out: LinkId, dst: IpAddr) -> Option<IpAddr>;

    /// The first address of `link` in the given family, for REDIRECT of a packet that came in by it.
    fn first_address(&self, link: LinkId, v6: bool) -> Option<IpAddr>;

    /// The largest packet towards `dst`, bytes, for TCPMSS --clamp-mss-to-pmtu; `None` if there is no route.
    fn path_mtu(&self, dst: IpAddr) -> Option<u32>;
}

/// Where a packet is when it meets a hook.
///
/// A packet has an incoming device at PREROUTING, INPUT and FORWARD, an outgoing one at FORWARD, OUTPUT and POSTROUTING.
/// A bridged packet that is shown to iptables (`bridge-nf-call-iptables`) has the bridge in these and the ports in
/// `phys_in` and `phys_out`.
#[derive(Clone, Copy)]
pub struct HookCtx<'a> {
    /// Which hook.
    pub hook: Hook,
    /// The virtual time.
    pub now: Instant,
    /// The namespace.
    pub ns: NetnsId,
    /// The device it came in by.
    pub in_if: Option<Iface>,
    /// The device it leaves by.
    pub out_if: Option<Iface>,
    /// The bridge port it came in by.
    pub phys_in: Option<Iface>,
    /// The bridge port it leaves by.
    pub phys_out: Option<Iface>,
    /// The user that owns the sending socket, if the packet was made here and has one.
    pub owner: Option<u32>,
    /// Answers from the IP stack.
    pub env: &'a dyn HookEnv,
}

/// What a hook says about a packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It goes on.
    Accept {
        /// Whether a field changed that the route depends on: the destination, or at OUTPUT the mark. A packet at OUTPUT
        /// has to be routed again; one at PREROUTING is routed afterwards anyway (a bridge has to look, though).
        reroute: bool,
    },
    /// It ends here.
    Drop(DropReason),
    /// It ends here and the stack sends an error back.
    Reject {
        /// Which error.
        with: RejectWith,
        /// The reason to note in the trace.
        reason: DropReason,
    },
}

impl Verdict {
    /// On it goes, unchanged.
    pub const ACCEPT: Self = Self::Accept { reroute: false };
}

/// A line for the kernel's log, from a LOG target.
pub type LogLine = Rc<str>;
