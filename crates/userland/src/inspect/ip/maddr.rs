//! `ip maddr`: the groups that a device listens to.

use kernel::net::{Link, LinkKind};
use kernel::sys::Sys;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::MacAddr;

use super::{Context, Fail, Json, Said, devices, pick, unknown_command};

/// Runs `ip maddr ...`.
pub(super) fn run(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let rest = args.get(1..).unwrap_or_default();
    match args.first().map(String::as_str) {
        None => show(sys, context, &[]),
        Some(command) => match pick(command, &["add", "delete", "show", "list", "lst", "help"]) {
            Some("show" | "list" | "lst") => show(sys, context, rest),
            Some(other) => Err(Fail::not_modelled("ip", &format!("maddress {other}"))),
            None => unknown_command(command, "maddr"),
        },
    }
}

/// The IPv6 groups of a device: the solicited-node group of each address, newest first, and all nodes.
fn groups6(link: &Link) -> Vec<Ipv6Addr> {
    let mut out = Vec::new();
    let mut put = |group| {
        if !out.contains(&group) {
            out.push(group);
        }
    };
    for addr in link.addrs.iter().filter(|_| !link.is_loopback()) {
        if let IpAddr::V6(ip) = addr.addr {
            let [.., a, b, c] = ip.octets();
            let low = u16::from_be_bytes([b, c]);
            put(Ipv6Addr::new(
                0xff02,
                0,
                0,
                0,
                0,
                1,
                0xff00 + u16::from(a),
                low,
            ));
        }
    }
    if snoops(link) {
        put(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x6a));
    }
    put(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1));
    put(Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0, 1));
    out
}

/// The IPv4 groups of a device that is up, the first one joined first.
fn groups4(link: &Link) -> Vec<Ipv4Addr> {
    let mut out = Vec::new();
    if link.admin_up {
        out.push(Ipv4Addr::new(224, 0, 0, 1));
    }
    if snoops(link) {
        out.push(Ipv4Addr::new(224, 0, 0, 106));
    }
    out
}

/// The groups of one family that a device listens to, as the files of /proc list them: the last one joined first.
pub(crate) fn groups(link: &Link, v6: bool) -> Vec<IpAddr> {
    if v6 {
        groups6(link).into_iter().map(IpAddr::V6).collect()
    } else {
        groups4(link).into_iter().rev().map(IpAddr::V4).collect()
    }
}

/// A bridge that is up listens to other snoopers. Source: Linux `br_multicast_join_snoopers`.
fn snoops(link: &Link) -> bool {
    link.admin_up && matches!(link.kind, LinkKind::Bridge(_))
}

/// The groups in an Ethernet device's filter, in the order in which Linux puts them there.
pub(crate) fn hardware_groups(link: &Link) -> Vec<MacAddr> {
    let mut out = Vec::new();
    if link.is_loopback() || !link.admin_up {
        return out;
    }
    out.push(MacAddr([0x33, 0x33, 0, 0, 0, 1]));
    if snoops(link) {
        out.push(MacAddr([1, 0, 0x5e, 0, 0, 0x6a]));
        out.push(MacAddr([0x33, 0x33, 0, 0, 0, 0x6a]));
    }
    out.push(MacAddr([1, 0, 0x5e, 0, 0, 1]));
    for group in groups6(link) {
        let [.., high, a, b, c] = group.octets();
        if high == 0xff {
            out.push(MacAddr([0x33, 0x33, high, a, b, c]));
        }
    }
    out
}

fn show(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let name = args.iter().find(|word| *word != "dev");
    sys.kernel(|k| {
        let mut out = String::new();
        let mut items = Vec::new();
        for link in devices(k, context.ns)
            .into_iter()
            .filter(|link| name.is_none_or(|name| *link.name == **name))
        {
            let mut found: Vec<(&'static str, String)> = Vec::new();
            if context.v6.is_none() {
                let macs = hardware_groups(link);
                found.extend(macs.iter().map(|mac| ("link", mac.to_string())));
            }
            if context.wants(false) {
                found.extend(groups4(link).iter().map(|ip| ("inet", ip.to_string())));
            }
            if context.wants(true) {
                found.extend(groups6(link).iter().map(|ip| ("inet6", ip.to_string())));
            }
            if context.json {
                let item = |(family, group): (&'static str, String)| match family {
                    "link" => Json::Map(vec![("link", group.into())]),
                    family => Json::Map(vec![("family", family.into()), ("address", group.into())]),
                };
                items.push(Json::Map(vec![
                    ("ifindex", link.index.into()),
                    ("ifname", (&*link.name).into()),
                    ("maddr", Json::List(found.into_iter().map(item).collect())),
                ]));
                continue;
            }
            let _ = writeln!(out, "{}:\t{}", link.index, link.name);
            for (family, group) in found {
                let _ = writeln!(out, "\t{family:<5} {group}");
            }
        }
        Ok(if context.json {
            context.list(items)
        } else {
            out
        })
    })
}
