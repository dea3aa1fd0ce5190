//! The old network tools, as net-tools 2.10 and as busybox 1.38 have them: `arp`, `route`, `ifconfig`, `netstat`, and psmisc's `fuser`.
//!
//! Both print nearly the same tables; where they differ, [`crate::Flavour`] decides.

mod arp;
mod fuser;
mod ifconfig;
mod netstat;
mod route;

use sorted::SortedMap;
use std::net::IpAddr;

use kernel::net::Link;
use kernel::sys::Sys;

use crate::net::resolv;

crate::programs! {
    /// The programs of this group.
    pub const PROGRAMS;
    both "arp", "show and change neighbours, the old way", &["-n", "-a", "-d", "-s", "-i"], arp::main;
    both "route", "show and change routes, the old way", &["-n", "add", "del"], route::main;
    plain both "ifconfig", "show and change devices, the old way", &["-a", "-s", "up", "down"], ifconfig::main;
    plain gnu "fuser", "show which processes hold a port", &["-v", "-n", "-k"], fuser::main;
    both "netstat", "list sockets, routes and devices, the old way", &["-tulpn", "-rn", "-i", "-ant"], netstat::main;
}

/// Names of addresses, asked for once each.
struct Hosts {
    numeric: bool,
    known: SortedMap<IpAddr, Option<String>>,
}

impl Hosts {
    const fn new(numeric: bool) -> Self {
        Self {
            numeric,
            known: SortedMap::new(),
        }
    }

    /// The name of an address; `None` if it has none or none is wanted.
    async fn name(&mut self, sys: &Sys, ip: IpAddr) -> Option<String> {
        if self.numeric {
            return None;
        }
        if let Some(known) = self.known.get(&ip) {
            return known.clone();
        }
        let name = resolv::reverse(sys, ip).await;
        self.known.insert(ip, name.clone());
        name
    }
}

/// The devices of the program's namespace, sorted by name as these tools do.
fn devices<T>(sys: &Sys, mut row: impl FnMut(&Link) -> T) -> Vec<T> {
    let ns = sys.netns();
    sys.kernel(|k| {
        let mut links: Vec<&Link> = k
            .links(ns)
            .into_iter()
            .filter_map(|id| k.link(id))
            .collect();
        sorted::sort_by(&mut links, |a, b| a.name.cmp(&b.name));
        links.into_iter().map(&mut row).collect()
    })
}

/// A device's flags, as the kernel numbers them, with the words of `ifconfig`. Source: Linux `include/uapi/linux/if.h`.
fn device_flags(link: &Link) -> Vec<(u32, &'static str)> {
    let lo = link.is_loopback();
    [
        (link.admin_up, 1, "UP"),
        (!lo, 2, "BROADCAST"),
        (lo, 8, "LOOPBACK"),
        (link.is_running(), 64, "RUNNING"),
        (link.promisc, 256, "PROMISC"),
        (!lo && link.kind.text() != "dummy", 4096, "MULTICAST"),
    ]
    .into_iter()
    .filter_map(|(set, bit, word)| set.then_some((bit, word)))
    .collect()
}

/// An IPv4 netmask.
fn netmask(prefix: u8) -> std::net::Ipv4Addr {
    let bits = u32::MAX
        .checked_shl(32 - u32::from(prefix.min(32)))
        .unwrap_or(0);
    bits.into()
}
