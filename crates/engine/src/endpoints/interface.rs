//! What an endpoint's interface is given in its namespace: a name, addresses, sysctls.

use std::net::IpAddr;

use ipnet::IpNet;
use kernel::ids::{LinkId, NetnsId};
use kernel::net::{AddrSpec, Route, TableId};

use crate::drivers::{EndpointSpec, adding, os_error};
use crate::error::{Error, Result};

/// Gives a new interface its addresses.
pub(crate) fn give_addresses(
    kernel: &mut kernel::Kernel,
    netns: NetnsId,
    link: LinkId,
    (source, name): (&str, &str),
    spec: &EndpointSpec,
) -> Result<()> {
    for addr in &spec.addrs {
        no_route_yet(kernel, netns, *addr).map_err(|e| {
            let ip = if addr.addr().is_ipv6() { "IPv6" } else { "IP" };
            let setting = format!("error setting interface \"{source}\" {ip} to {addr}");
            e.within(setting).within(adding(source))
        })?;
    }
    let has_v6 = spec.addrs.iter().any(|a: &IpNet| a.addr().is_ipv6());
    // Without IPv6 on its network an interface has not even a link-local address.
    let disable = if has_v6 { "0" } else { "1" };
    let _ = kernel.sysctl_set(
        netns,
        &format!("net.ipv6.conf.{name}.disable_ipv6"),
        disable,
    );
    for addr in spec.addrs.iter().chain(&spec.link_local) {
        let mut given = AddrSpec::new(addr.addr(), addr.prefix_len()).with_broadcast();
        // Link-local addresses are asked after like anybody's. Source: moby `libnetwork/osl/interface_linux.go`.
        given.flags.nodad = addr.addr().is_ipv6() && !spec.link_local.contains(addr);
        let Err(error) = kernel.addr_add(link, given) else {
            continue;
        };
        if !spec.link_local.contains(addr) {
            return Err(os_error("failed to set interface address", error));
        }
        let setting = format!("error setting interface \"{source}\" link local IPs to [{addr}]");
        return Err(os_error(&setting, error).within(adding(source)));
    }
    Ok(())
}

/// Refuses an address where a route leads already: two networks of one subnet are not for one container. Source: moby
/// `libnetwork/osl/interface_linux.go`, `checkRouteConflict`.
fn no_route_yet(kernel: &kernel::Kernel, netns: NetnsId, addr: IpNet) -> Result<()> {
    let routes = kernel.routes(netns, addr.addr().is_ipv6(), Some(TableId::MAIN));
    let clashes = |r: &&Route| {
        !r.dst.addr().is_unspecified()
            && (r.dst.contains(&addr.addr()) || addr.contains(&r.dst.addr()))
    };
    let Some(route) = routes.iter().find(clashes) else {
        return Ok(());
    };
    let link = route.link.and_then(|link| kernel.link(link));
    let shown = |ip: Option<IpAddr>| ip.map_or_else(|| "<nil>".to_owned(), |ip| ip.to_string());
    Err(Error::internal(format!(
        "cannot program address {addr} in sandbox interface because it conflicts with existing route {{Ifindex: {} Dst: {} \
         Src: {} Gw: {} Flags: [] Table: 254 Realm: 0}}",
        link.map_or(0, |link| link.index),
        route.dst,
        shown(route.src),
        shown(route.via)
    )))
}

/// Sets an interface's own sysctls, given as `net.X.Y.IFNAME.Z=V` with commas between. What holds already is not written.
/// Source: moby `libnetwork/osl/interface_linux.go`.
pub(super) fn set_sysctls(
    kernel: &mut kernel::Kernel,
    netns: NetnsId,
    interface: &str,
    list: &str,
) -> Result<()> {
    for given in list.split(',').filter(|s| !s.is_empty()) {
        let (name, value) = given.split_once('=').ok_or_else(|| {
            Error::internal(format!(
                "expected sysctl '{given}' to have format name=value"
            ))
        })?;
        let mut parts: Vec<&str> = name.split('.').collect();
        let [_, _, _, device, _] = parts.as_mut_slice() else {
            return Err(Error::internal(format!(
                "expected sysctl '{given}' to have format net.X.Y.IFNAME.Z"
            )));
        };
        *device = interface;
        // Slashes, as an interface's name may hold dots.
        let path = parts.join("/");
        match kernel.sysctl_get(netns, &path) {
            None => {
                return Err(Error::internal(format!(
                    "/proc/sys/{path} is not a sysctl file"
                )));
            }
            Some(now) if now == value => {}
            Some(_) => kernel.sysctl_set(netns, &path, value).map_err(|e| {
                let file = format!("/proc/sys/{path}");
                os_error(&format!("unable to write to '{file}': write {file}"), e)
            })?,
        }
    }
    Ok(())
}

/// Returns the first free interface name with a prefix.
pub(crate) fn free_name(kernel: &kernel::Kernel, netns: NetnsId, prefix: &str) -> String {
    let names = (0..u32::MAX).map(|n| format!("{prefix}{n}"));
    names
        .into_iter()
        .find(|name| kernel.link_by_name(netns, name).is_none())
        .unwrap_or_default()
}
