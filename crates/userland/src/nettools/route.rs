//! `route`, and the table of routes for `netstat -r`.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use kernel::Errno;
use kernel::net::route::RouteMatch;
use kernel::net::{Route, RouteKind, TableId};
use kernel::sock::Family;
use kernel::sys::Sys;

use super::{Hosts, netmask};
use crate::Flavour;
use crate::net::resolv;
use crate::usage;

/// The `route` program.
pub(super) async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let busybox = flavour == Flavour::Busybox;
    let (mut numeric, mut extended, mut v6) = (false, false, false);
    let mut words = args.iter().skip(1).peekable();
    while let Some(word) = words.next_if(|word| word.starts_with('-')) {
        match word.as_str() {
            "--help" if busybox => return usage::refuse(&sys, "route", "--help"),
            "--inet" => {}
            "--inet6" => v6 = true,
            "-A" => v6 = words.next().is_some_and(|family| family == "inet6"),
            letters => {
                for letter in letters.chars().skip(1) {
                    match letter {
                        'n' => numeric = true,
                        'e' => extended = true,
                        '6' => v6 = true,
                        '4' | 'v' | 'F' => {}
                        other if busybox => {
                            let option = format!("-{other}");
                            return usage::refuse(&sys, "route", &option);
                        }
                        other => {
                            return crate::not_modelled(&sys, "route", &format!("-{other}"));
                        }
                    }
                }
            }
        }
    }
    let rest: Vec<&str> = words.map(String::as_str).collect();
    let Some((verb, rest)) = rest.split_first() else {
        if v6 {
            return crate::not_modelled(&sys, "route", "-6 (use ip -6 route)");
        }
        table(&sys, numeric, extended, busybox).await;
        return 0;
    };
    let add = match *verb {
        "add" => true,
        "del" | "delete" => false,
        other => {
            let text = format!("route: unknown command '{other}': known are add and del\n");
            sys.err(&text);
            return if busybox { 1 } else { 4 };
        }
    };
    let call = if add { "SIOCADDRT" } else { "SIOCDELRT" };
    let said = match change(&sys, add, rest).await {
        Ok(()) => return 0,
        Err(Refused::Kernel(error)) if busybox => format!("route: {call}: {error}\n"),
        Err(Refused::Kernel(error)) => format!("{call}: {error}\n"),
        Err(Refused::Said(text)) => format!("{text}\n"),
    };
    sys.err(&said);
    if busybox { 1 } else { 7 }
}

enum Refused {
    Kernel(Errno),
    Said(String),
}

/// The address of a host, by name or number.
async fn address(sys: &Sys, name: &str) -> Result<Ipv4Addr, Refused> {
    if let Ok(ip) = name.parse() {
        return Ok(ip);
    }
    let found = resolv::lookup(sys, name, Some(Family::V4)).await;
    match found
        .ok()
        .and_then(|found| found.addresses.first().copied())
    {
        Some(IpAddr::V4(ip)) => Ok(ip),
        _ => Err(Refused::Said(format!("{name}: Unknown host"))),
    }
}

/// The prefix of a network that was given without one: by its class, as in the old days.
fn class_prefix(ip: Ipv4Addr) -> u8 {
    match ip.octets() {
        [0, ..] => 0,
        [1..=127, ..] => 8,
        [128..=191, ..] => 16,
        _ => 24,
    }
}

async fn change(sys: &Sys, add: bool, words: &[&str]) -> Result<(), Refused> {
    let mut words = words.iter().copied().peekable();
    let kind = words.next_if(|word| matches!(*word, "-net" | "-host"));
    let missing = || Refused::Said("route: a target is missing".to_owned());
    let target = words.next().ok_or_else(missing)?;
    let (mut via, mut metric, mut device, mut mask, mut reject) = (None, 0, None, None, false);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(missing);
        match word {
            "gw" | "gateway" => via = Some(address(sys, value()?).await?),
            "netmask" => {
                let text = value()?;
                let given = text.parse::<Ipv4Addr>().ok();
                let len = given.and_then(|m| Ipv4Net::with_netmask(Ipv4Addr::UNSPECIFIED, m).ok());
                let len =
                    len.ok_or_else(|| Refused::Said(format!("route: bogus netmask {text}")))?;
                mask = Some(len.prefix_len());
            }
            "metric" => metric = value()?.parse().unwrap_or(0),
            "mss" | "window" | "irtt" => {
                value()?;
            }
            "reject" => reject = true,
            "dev" => device = Some(value()?),
            name => device = Some(name),
        }
    }
    let (ip, len) = match target.split_once('/') {
        _ if target == "default" => (Ipv4Addr::UNSPECIFIED, 0),
        Some((ip, len)) => {
            let len = len.parse().ok().filter(|len| *len <= 32);
            let wrong = || Refused::Said(format!("{target}: Unknown host"));
            (address(sys, ip).await?, len.ok_or_else(wrong)?)
        }
        None => {
            let ip = address(sys, target).await?;
            let whole = kind != Some("-net") && ip != Ipv4Addr::UNSPECIFIED;
            (
                ip,
                mask.unwrap_or(if whole { 32 } else { class_prefix(ip) }),
            )
        }
    };
    let net = Ipv4Net::new(ip, len).or(Err(Refused::Kernel(Errno::EINVAL)))?;
    if net.network() != ip {
        return Err(Refused::Said(
            "route: netmask doesn't match route address".to_owned(),
        ));
    }
    if !sys.may_admin_net() {
        return Err(Refused::Kernel(Errno::EPERM));
    }
    let ns = sys.netns();
    sys.kernel(|k| {
        let link = match device {
            None => None,
            Some(name) => Some(k.link_by_name(ns, name).ok_or(Errno::ENODEV)?),
        };
        let kind = if reject {
            RouteKind::Unreachable
        } else {
            RouteKind::Unicast
        };
        if !add {
            return k.route_del(
                ns,
                &RouteMatch {
                    via: via.map(IpAddr::V4),
                    link,
                    ..RouteMatch::new(IpNet::V4(net))
                },
            );
        }
        if via.is_none() && link.is_none() && !reject {
            return Err(Errno::ENODEV);
        }
        k.route_add(
            ns,
            Route {
                kind,
                via: via.map(IpAddr::V4),
                link,
                metric,
                scope: if via.is_some() || reject {
                    kernel::net::Scope::Global
                } else {
                    kernel::net::Scope::Link
                },
                ..Route::new(IpNet::V4(net))
            },
        )
    })
    .map_err(Refused::Kernel)
}

/// Prints the main table of IPv4.
pub(super) async fn table(sys: &Sys, numeric: bool, extended: bool, busybox: bool) {
    let ns = sys.netns();
    let rows: Vec<(Ipv4Net, Option<IpAddr>, String, u32, bool)> = sys.kernel(|k| {
        let routes = k.routes(ns, false, Some(TableId::MAIN)).into_iter();
        routes
            .filter_map(|route| {
                let IpNet::V4(dst) = route.dst else {
                    return None;
                };
                let device = route.link.and_then(|id| k.link(id));
                let device = device.map_or_else(|| "*".to_owned(), |link| link.name.to_string());
                let refused = route.kind != RouteKind::Unicast;
                Some((dst, route.via, device, route.metric, refused))
            })
            .collect()
    });
    let tail = if extended {
        "Flags   MSS Window  irtt Iface"
    } else {
        "Flags Metric Ref    Use Iface"
    };
    sys.out(&format!(
        "Kernel IP routing table\nDestination     Gateway         Genmask         {tail}\n"
    ));
    let mut hosts = Hosts::new(numeric);
    for (dst, via, device, metric, refused) in rows {
        let to = match dst.prefix_len() {
            0 if !numeric => "default".to_owned(),
            32 => hosts
                .name(sys, dst.addr().into())
                .await
                .unwrap_or_else(|| dst.addr().to_string()),
            _ => dst.network().to_string(),
        };
        let gateway = match via {
            Some(ip) => hosts.name(sys, ip).await.unwrap_or_else(|| ip.to_string()),
            None if refused => "-".to_owned(),
            None if busybox && !numeric => "*".to_owned(),
            None => Ipv4Addr::UNSPECIFIED.to_string(),
        };
        let mut flags = String::from(if refused { "!" } else { "U" });
        flags.push_str(if via.is_some() { "G" } else { "" });
        flags.push_str(if dst.prefix_len() == 32 { "H" } else { "" });
        let mask = netmask(dst.prefix_len());
        let rest = if extended {
            format!("{:>5} {:<5} {:>6} {device}", 0, 0, 0)
        } else {
            format!("{metric:<6} {:<2} {:>7} {device}", 0, 0)
        };
        sys.out(&format!(
            "{to:<15.15} {gateway:<15.15} {:<15} {flags:<5} {rest}\n",
            mask.to_string()
        ));
    }
}
