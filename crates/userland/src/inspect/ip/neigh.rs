//! `ip neigh`.

use std::net::IpAddr;

use kernel::Errno;
use kernel::ids::LinkId;
use kernel::net::{NeighState, NeighbourInfo};
use kernel::state::Kernel;
use kernel::sys::Sys;
use wire::MacAddr;

use super::{
    Context, Fail, Json, Said, changed_device, device_name, pick, prefix, unknown_command,
};
use crate::inspect::say::Words;

/// Source: iproute2 7.2.
const USAGE: &str = "Usage: ip neigh { add | del | change | replace }
                { ADDR [ lladdr LLADDR ] [ nud STATE ] proxy ADDR }
                [ dev DEV ] [ router ] [ use ] [ managed ] [ extern_learn ]
                [ extern_valid ] [ protocol PROTO ]

\tip neigh { show | flush } [ proxy ] [ to PREFIX ] [ dev DEV ] [ nud STATE ]
\t\t\t\t  [ vrf NAME ] [ nomaster ]
\tip neigh get { ADDR | proxy ADDR } dev DEV

STATE := { delay | failed | incomplete | noarp | none |
           permanent | probe | reachable | stale }";

/// How a neighbour's line is worded; the last argument: with its device.
pub(super) type Line = fn(&Kernel, &NeighbourInfo, bool) -> String;

/// Runs `ip neigh ...`, telling of a neighbour in the words of `line`.
pub(super) fn run(sys: &Sys, context: &Context, args: &[String], line: Line) -> Said {
    let rest = args.get(1..).unwrap_or_default();
    match args.first().map(String::as_str) {
        None => show(sys, context, &[], false, line),
        Some(command) => match pick(
            command,
            &[
                "add", "change", "chg", "replace", "delete", "get", "show", "list", "lst", "flush",
                "help",
            ],
        ) {
            Some("show" | "list" | "lst") => show(sys, context, rest, false, line),
            Some("flush") if rest.is_empty() => Err(Fail::new(1, "Flush requires arguments.")),
            Some("flush") => show(sys, context, rest, true, line),
            Some(command @ ("add" | "change" | "chg" | "replace" | "delete")) => {
                change(sys, context, rest, command)
            }
            Some("get") => get(sys, context, rest),
            Some("help") => Err(Fail::new(255, USAGE)),
            Some(other) => Err(Fail::not_modelled("ip", &format!("neigh {other}"))),
            None => unknown_command(command, "neigh"),
        },
    }
}

fn state(text: &str) -> Result<NeighState, Fail> {
    use NeighState::{Delay, Failed, Incomplete, Permanent, Probe, Reachable, Stale};
    let known = [
        Reachable, Stale, Delay, Probe, Permanent, Failed, Incomplete,
    ];
    known
        .into_iter()
        .find(|state| state.text().eq_ignore_ascii_case(text))
        .ok_or_else(|| Fail::argument(text, "nud state is bad"))
}

/// Lists neighbours, or forgets those that were learned.
fn show(sys: &Sys, context: &Context, args: &[String], flush: bool, line: Line) -> Said {
    sys.kernel(|k| {
        let mut named_state = false;
        let (mut dev, mut to, mut only, mut proxied) = (None, None, None, false);
        let mut words = Words::new(args);
        while let Some(word) = words.next() {
            match word {
                "proxy" if !flush => proxied = true,
                "dev" => dev = Some(changed_device(k, context.ns, words.value()?)?),
                "nud" => {
                    let value = words.value()?;
                    named_state = true;
                    only = if value == "all" {
                        None
                    } else {
                        Some(state(value)?)
                    };
                }
                "to" => to = Some(prefix::parse(words.value()?, context.v6)?),
                "proxy" | "master" | "vrf" | "nomaster" | "unused" => {
                    return Err(Fail::not_modelled("ip", &format!("neigh show {word}")));
                }
                "all" => {}
                word => to = Some(prefix::parse(word, context.v6)?),
            }
        }
        let meant = |link: LinkId, ip: IpAddr| {
            context.wants(ip.is_ipv6())
                && dev.is_none_or(|dev| link == dev)
                && to.is_none_or(|to| to.contains(&ip))
        };
        if proxied {
            let mut found = k.proxied(context.ns);
            found.retain(|(link, ip)| meant(*link, *ip));
            return Ok(proxies(k, context, &found, dev.is_none()));
        }
        let passes =
            |n: &NeighbourInfo| meant(n.link, n.ip) && only.is_none_or(|state| n.state == state);
        let mut found: Vec<NeighbourInfo> = k
            .neighbours(context.ns)
            .into_iter()
            .filter(passes)
            .collect();
        sorted::sort_by_key(&mut found, |n| n.ip.is_ipv6());
        if flush {
            found.retain(|n| named_state || n.state != NeighState::Permanent);
            context.permit_flush(found.len(), 1)?;
            let said = context.flushed(found.len(), "entries");
            for n in found {
                k.neigh_del(context.ns, n.link, n.ip)
                    .map_err(Fail::netlink)?;
            }
            return Ok(said);
        }
        if context.json {
            return Ok(context.list(found.iter().map(|n| json(k, n, dev.is_none())).collect()));
        }
        Ok(found.iter().map(|n| line(k, n, dev.is_none())).collect())
    })
}

/// The lines of addresses that are answered for; `named`: with their devices.
fn proxies(k: &Kernel, context: &Context, found: &[(LinkId, IpAddr)], named: bool) -> String {
    if context.json {
        let items = found.iter().map(|(link, ip)| {
            let mut item: Vec<(&'static str, Json)> = vec![("dst", ip.to_string().into())];
            if named {
                item.push(("dev", device_name(k, Some(*link)).into()));
            }
            item.push(("proxy", Json::Raw("null".to_owned())));
            Json::Map(item)
        });
        return context.list(items.collect());
    }
    let line = |(link, ip): &(LinkId, IpAddr)| match named {
        true => format!("{ip} dev {} proxy \n", device_name(k, Some(*link))),
        false => format!("{ip} proxy \n"),
    };
    found.iter().map(line).collect()
}

/// A neighbour's line; `named`: with its device.
pub(super) fn line(k: &Kernel, n: &NeighbourInfo, named: bool) -> String {
    worded(k, n, named, "")
}

/// The same with `-s`: when it was used, confirmed and updated last, in seconds, and how often it was asked for.
pub(super) fn counted_line(k: &Kernel, n: &NeighbourInfo, named: bool) -> String {
    let updated = n.updated.as_secs();
    // Nobody has confirmed a neighbour that was never heard: Linux begins as if it had been long ago.
    let confirmed = if known(n) {
        n.confirmed.min(n.updated).as_secs()
    } else {
        updated + 60
    };
    let counts = format!(
        "{} used {updated}/{confirmed}/{updated}probes {} ",
        if is_awaited(n) { " ref 1" } else { "" },
        n.probes
    );
    worded(k, n, named, &counts)
}

fn worded(k: &Kernel, n: &NeighbourInfo, named: bool, counts: &str) -> String {
    let dev = if named {
        format!("dev {} ", device_name(k, Some(n.link)))
    } else {
        String::new()
    };
    let mac = n
        .mac
        .map(|mac| format!("lladdr {mac} "))
        .filter(|_| known(n))
        .unwrap_or_default();
    format!(
        "{} {dev}{mac}{}{counts}{} \n",
        n.ip,
        if n.router { "router " } else { "" },
        n.state.text()
    )
}

/// Whether a timer runs for it, which holds the entry.
const fn is_awaited(n: &NeighbourInfo) -> bool {
    !matches!(
        n.state,
        NeighState::Stale | NeighState::Failed | NeighState::Permanent
    )
}

/// The same from busybox, which counts in units so large that the times are always none, and tells of what is waited for.
pub(super) fn busybox_line(k: &Kernel, n: &NeighbourInfo, named: bool) -> String {
    let dev = if named {
        format!("dev {} ", device_name(k, Some(n.link)))
    } else {
        String::new()
    };
    let mac = n.mac.filter(|_| known(n));
    let mac = mac.map_or_else(String::new, |mac| format!("lladdr {mac}"));
    format!(
        "{} {dev}{mac}{}{} used 0/0/0 probes {} {}\n",
        n.ip,
        if n.router { " router" } else { "" },
        if is_awaited(n) { " ref 1" } else { "" },
        n.probes,
        n.state.text()
    )
}

/// Runs `ip neigh get`.
fn get(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let (mut ip, mut dev) = (None, None);
    let mut words = Words::new(args);
    while let Some(word) = words.next() {
        match word {
            "dev" => dev = Some(words.value()?),
            "to" => ip = Some(prefix::single(words.value()?, context.v6)?),
            word => ip = Some(prefix::single(word, context.v6)?),
        }
    }
    let (Some(ip), Some(dev)) = (ip, dev) else {
        return Err(Fail::new(1, "Device and address are required arguments."));
    };
    sys.kernel(|k| {
        let link = changed_device(k, context.ns, dev)?;
        let found = k.neighbours(context.ns);
        let found = found.iter().find(|n| n.ip == ip && n.link == link);
        match found {
            Some(n) if context.json => Ok(context.list(vec![json(k, n, true)])),
            Some(n) => Ok(line(k, n, true)),
            None => Err(Fail::kernel("Neighbour entry not found.")),
        }
    })
}

/// Whether the hardware address is known.
const fn known(n: &NeighbourInfo) -> bool {
    !matches!(n.state, NeighState::Failed | NeighState::Incomplete)
}

fn json(k: &Kernel, n: &NeighbourInfo, named: bool) -> Json {
    let mut out: Vec<(&'static str, Json)> = vec![("dst", n.ip.to_string().into())];
    if named {
        out.push(("dev", device_name(k, Some(n.link)).into()));
    }
    if let Some(mac) = n.mac.filter(|_| known(n)) {
        out.push(("lladdr", mac.to_string().into()));
    }
    out.push(("state", Json::List(vec![n.state.text().into()])));
    Json::Map(out)
}

/// Runs `ip neigh add`, `change`, `replace` and `del`.
fn change(sys: &Sys, context: &Context, args: &[String], command: &str) -> Said {
    let (mut ip, mut mac, mut dev, mut kind) = (None, None, None, NeighState::Permanent);
    let mut proxied = false;
    let mut words = Words::new(args);
    while let Some(word) = words.next() {
        match word {
            "lladdr" => {
                let value = words.value()?;
                super::linkset::link_address(value)?;
                let bad = |_why| Fail::kernel("Invalid link address.");
                mac = Some(value.parse::<MacAddr>().map_err(bad)?);
            }
            "dev" => dev = Some(words.value()?.to_owned()),
            "nud" => kind = state(words.value()?)?,
            "to" => ip = Some(prefix::single(words.value()?, context.v6)?),
            "proxy" => {
                ip = Some(prefix::single(words.value()?, context.v6)?);
                proxied = true;
            }
            "router" | "managed" | "extern_learn" => {
                return Err(Fail::not_modelled("ip", &format!("neigh {word}")));
            }
            word => ip = Some(prefix::single(word, context.v6)?),
        }
    }
    let (Some(ip), Some(dev)) = (ip, dev) else {
        return Err(Fail::new(
            255,
            "Device and destination are required arguments.",
        ));
    };
    sys.kernel(|k| {
        let link = changed_device(k, context.ns, &dev)?;
        context.permit()?;
        if proxied {
            let done = match command {
                "delete" => k.proxied_del(context.ns, link, ip),
                _ => k.proxied_add(context.ns, link, ip),
            };
            return done.map(|()| String::new()).map_err(Fail::netlink);
        }
        let there = k
            .neighbours(context.ns)
            .iter()
            .any(|n| n.ip == ip && n.link == link);
        let done = match (command, mac) {
            ("delete", _) => k.neigh_del(context.ns, link, ip),
            ("add", _) if there => Err(Errno::EEXIST),
            ("change" | "chg", _) if !there => Err(Errno::ENOENT),
            (_, Some(mac)) => k.neigh_add(context.ns, link, ip, mac, kind),
            (_, None) => return Err(Fail::kernel("No link layer address given.")),
        };
        done.map(|()| String::new()).map_err(Fail::netlink)
    })
}
