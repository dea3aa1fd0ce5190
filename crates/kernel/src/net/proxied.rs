//! Addresses that a machine answers for on behalf of somebody else: `ip neigh add proxy`.
//! Sources: Linux `net/core/neighbour.c`, `pneigh_lookup`; `arp_process` in `net/ipv4/arp.c`; `ndisc_recv_ns` in `net/ipv6/ndisc.c`.

use crate::errno::Errno;
use crate::ids::{LinkId, NetnsId};
use crate::state::Kernel;
use std::net::{IpAddr, Ipv6Addr};

use super::ndp::solicited_node;

impl Kernel {
    /// Answers for an address on a device from now on; once more makes no difference.
    /// # Errors
    /// `ENODEV`: no such device there.
    pub fn proxied_add(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr) -> Result<(), Errno> {
        if self.net.link(link).is_none_or(|found| found.ns != ns) {
            return Err(Errno::ENODEV);
        }
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENODEV)?;
        netns.proxied.insert((link, ip));
        Ok(())
    }

    /// Answers for an address no longer.
    /// # Errors
    /// `ENOENT`: it did not.
    pub fn proxied_del(&mut self, ns: NetnsId, link: LinkId, ip: IpAddr) -> Result<(), Errno> {
        let netns = self.net.netns_mut(ns).ok_or(Errno::ENOENT)?;
        let was_there = netns.proxied.remove(&(link, ip));
        was_there.then_some(()).ok_or(Errno::ENOENT)
    }

    /// The addresses that a namespace answers for, with the device on which it does; on Linux a hash decides their order.
    #[must_use]
    pub fn proxied(&self, ns: NetnsId) -> Vec<(LinkId, IpAddr)> {
        let netns = self.net.netns(ns);
        netns.map_or_else(Vec::new, |ns| ns.proxied.iter().copied().collect())
    }

    /// A device that went down, or away, is answered on for nobody, or for nobody of one family.
    pub(super) fn proxied_forget_link(&mut self, ns: NetnsId, link: LinkId, v6: Option<bool>) {
        if let Some(netns) = self.net.netns_mut(ns) {
            let gone = |ip: &IpAddr| v6.is_none_or(|v6| ip.is_ipv6() == v6);
            netns.proxied.retain(|(at, ip)| *at != link || !gone(ip));
        }
    }

    /// Whether questions about an IPv6 address are answered for somebody else: only where the device forwards and the
    /// sysctl `proxy_ndp` is on.
    pub(super) fn answers_for6(&self, ns: NetnsId, link: LinkId, target: Ipv6Addr) -> bool {
        let (Some(netns), Some(found)) = (self.net.netns(ns), self.net.link(link)) else {
            return false;
        };
        found.conf6.forwarding != 0
            && (netns.conf6_all.proxy_ndp != 0 || found.conf6.proxy_ndp != 0)
            && netns.proxied.contains(&(link, target.into()))
    }

    /// Whether a device listens to a group for the sake of an address that it answers for.
    pub(super) fn proxied_in(&self, ns: NetnsId, link: LinkId, group: Ipv6Addr) -> bool {
        let of_group = |(at, ip): &(LinkId, IpAddr)| matches!(ip, IpAddr::V6(ip) if *at == link && solicited_node(*ip) == group);
        let netns = self.net.netns(ns);
        netns.is_some_and(|ns| ns.proxied.iter().any(of_group))
    }
}
