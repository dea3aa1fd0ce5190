//! `bridge` (iproute2) and `brctl` (bridge-utils).

use kernel::ids::{LinkId, NetnsId};
use kernel::net::dev::bridge::{Bridge, FdbKind};
use kernel::net::{Link, LinkKind, LinkSpec, LinkSpecKind};
use kernel::state::Kernel;
use kernel::sys::Sys;
use std::fmt::Write as _;
use wire::MacAddr;

use super::ip::{device_name, devices, flags, set_port, shown_device};
use super::say::{Fail, Said, Words, pick, say};
use crate::Flavour;

/// Words for completion.
pub const WORDS: &[&str] = &["link", "fdb", "vlan", "show", "br", "dev", "-d"];
/// The same for `brctl`.
pub const BRCTL_WORDS: &[&str] = &["show", "showmacs", "addbr", "delbr", "addif", "delif"];

fn bridge_of(link: &Link) -> Option<&Bridge> {
    match &link.kind {
        LinkKind::Bridge(bridge) => Some(bridge),
        _ => None,
    }
}

/// The `bridge` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let said = run(&sys, args.get(1..).unwrap_or_default());
    say(&sys, said).await
}

fn run(sys: &Sys, args: &[String]) -> Said {
    let mut details = false;
    let mut ns = sys.netns();
    let mut words = Words::new(args);
    while let Some(option) = words.peek().filter(|word| word.starts_with('-')) {
        words.next();
        match option.trim_start_matches('-') {
            "d" | "details" => details = true,
            "n" | "netns" => {
                let name = words.value()?;
                ns = super::netns::named_or_pid(sys, name).ok_or_else(|| {
                    Fail::new(
                        255,
                        format_args!(
                            "Cannot open network namespace \"{name}\": No such file or directory"
                        ),
                    )
                })?;
            }
            "V" | "Version" => return Ok("bridge utility, iproute2-7.2.0\n".into()),
            "o" | "s" | "c" | "compressvlans" | "statistics" | "oneline" | "color" => {}
            _ => {
                return Err(Fail::new(
                    255,
                    format_args!("Option \"{option}\" is unknown, try \"bridge help\"."),
                ));
            }
        }
    }
    let object = words.next().unwrap_or("help");
    let rest = words.rest();
    let command = rest.first().map_or("show", String::as_str);
    let after = rest.get(1..).unwrap_or_default();
    match (
        pick(
            object,
            &[
                "link", "fdb", "mdb", "vlan", "vni", "mst", "monitor", "help",
            ],
        ),
        command,
    ) {
        (Some("link"), "show" | "list" | "lst") => link_show(sys, ns, details, after),
        (Some("link"), "set") => link_set(sys, ns, after),
        (Some("fdb"), "show" | "list" | "lst") => fdb_show(sys, ns, after),
        (Some("fdb"), "add" | "append" | "replace" | "del" | "delete") => {
            fdb_change(sys, ns, after, command.starts_with("del"))
        }
        (Some("vlan"), "show" | "list" | "lst") => Ok("port              vlan-id  \n".into()),
        (Some("help"), _) => Err(Fail::new(
            255,
            "Usage: bridge [ OPTIONS ] { link | fdb | vlan } { COMMAND | help }",
        )),
        (Some(object @ ("link" | "fdb")), other) => Err(Fail::new(
            255,
            format_args!("Command \"{other}\" is unknown, try \"bridge {object} help\"."),
        )),
        (Some(object), other) => Err(Fail::not_modelled("bridge", &format!("{object} {other}"))),
        (None, _) => Err(Fail::new(
            255,
            format_args!("Object \"{object}\" is unknown, try \"bridge help\"."),
        )),
    }
}

fn filter_device(
    k: &Kernel,
    ns: NetnsId,
    args: &[String],
    key: &str,
) -> Result<Option<LinkId>, Fail> {
    let at = args
        .iter()
        .position(|word| word == key)
        .and_then(|at| args.get(at + 1));
    at.map(|name| {
        k.link_by_name(ns, name)
            .ok_or_else(|| Fail::no_device(name))
    })
    .transpose()
}

fn link_show(sys: &Sys, ns: NetnsId, details: bool, args: &[String]) -> Said {
    sys.kernel(|k| {
        let dev = filter_device(k, ns, args, "dev")?;
        let mut out = String::new();
        for link in devices(k, ns).into_iter().filter(|link| dev.is_none_or(|dev| dev == link.id)) {
            let (Some(port), Some(master)) = (&link.port, link.master) else { continue };
            // The tool looks the other end's index up in its own namespace, whatever it finds there.
            let lower = k.link_lower(link.id).map_or_else(String::new, |(index, _)| {
                format!("@{}", k.link_by_index(ns, index).map_or_else(|| format!("if{index}"), |id| device_name(k, Some(id))))
            });
            let bridge_runs = k.link(master).is_some_and(|bridge| bridge.admin_up);
            let state = if bridge_runs && link.is_running() { "forwarding" } else { "disabled" };
            let marks = flags(link, None).join(",");
            let _ = writeln!(out, "{}: {}{lower}: <{marks}> mtu {} master {} state {state} priority 32 cost 2 ", link.index, link.name, link.mtu, device_name(k, link.master));
            if details {
                let on = |is: bool| if is { "on" } else { "off" };
                let _ = writeln!(
                    out,
                    "    hairpin {} guard off root_block off fastleave off learning {} flood {} mcast_flood {} bcast_flood {} mcast_router 1 mcast_to_unicast off neigh_suppress off neigh_vlan_suppress off vlan_tunnel off isolated {} locked off mab off mcast_n_groups 0 mcast_max_groups 0 ",
                    on(port.hairpin),
                    on(port.learning),
                    on(port.flood),
                    on(port.mcast_flood),
                    on(port.bcast_flood),
                    on(port.isolated),
                );
            }
        }
        Ok(out)
    })
}

fn link_set(sys: &Sys, ns: NetnsId, args: &[String]) -> Said {
    let mut words = Words::new(args);
    let mut dev = None;
    let mut changes = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "dev" => dev = Some(words.value()?),
            "hairpin" | "isolated" | "learning" | "flood" | "mcast_flood" | "bcast_flood" => {
                changes.push((word, words.value()? == "on"));
            }
            other => return Err(Fail::not_modelled("bridge", &format!("link set {other}"))),
        }
    }
    let dev = dev.ok_or_else(|| Fail::new(255, "Device is a required argument."))?;
    let admin = sys.may_admin_net();
    sys.kernel(|k| {
        let link = shown_device(k, ns, dev)
            .ok()
            .ok_or_else(|| Fail::no_device(dev))?;
        if !admin {
            return Err(Fail::netlink(kernel::Errno::EPERM));
        }
        changes
            .iter()
            .try_for_each(|(what, on)| set_port(k, link, what, *on))
            .map(|()| String::new())
            .map_err(Fail::netlink)
    })
}

/// The groups that every Ethernet device listens to, as its hardware filter lists them.
fn own_groups(link: &Link) -> Vec<MacAddr> {
    let v6 = link.conf6.disable_ipv6 == 0;
    let mut out = Vec::new();
    if v6 {
        out.push(MacAddr([0x33, 0x33, 0, 0, 0, 1]));
    }
    out.push(MacAddr([1, 0, 0x5e, 0, 0, 1]));
    out.extend(
        link.addrs
            .iter()
            .filter(|addr| addr.addr.is_ipv6() && v6)
            .map(|addr| match addr.addr {
                std::net::IpAddr::V6(ip) => {
                    let [.., a, b, c] = ip.octets();
                    MacAddr([0x33, 0x33, 0xff, a, b, c])
                }
                std::net::IpAddr::V4(_) => MacAddr::ZERO,
            }),
    );
    out.dedup();
    out
}

fn fdb_show(sys: &Sys, ns: NetnsId, args: &[String]) -> Said {
    sys.kernel(|k| {
        let br = filter_device(k, ns, args, "br")?;
        let only_port = filter_device(k, ns, args, "brport")?;
        let dev = filter_device(k, ns, args, "dev")?.or(only_port);
        let mut out = String::new();
        for link in devices(k, ns)
            .into_iter()
            .filter(|link| !link.is_loopback())
        {
            let of_bridge = br.is_none_or(|br| link.id == br || link.master == Some(br));
            if !of_bridge || dev.is_some_and(|dev| dev != link.id) {
                continue;
            }
            let bridge = if bridge_of(link).is_some() {
                Some(link.id)
            } else {
                link.master
            };
            for entry in bridge.map(|id| k.fdb(id)).unwrap_or_default() {
                if entry.port.unwrap_or(bridge.unwrap_or(link.id)) != link.id {
                    continue;
                }
                let master = format!("master {} ", device_name(k, bridge));
                let named = if dev.is_some() {
                    String::new()
                } else {
                    format!("dev {} ", link.name)
                };
                let kind = match entry.kind {
                    FdbKind::Learned => "",
                    FdbKind::Static => "static",
                    FdbKind::Local => "permanent",
                };
                let _ = writeln!(out, "{} {named}{master}{kind}", entry.mac);
            }
            if link.admin_up && only_port.is_none() {
                for group in own_groups(link) {
                    let named = if dev.is_some() {
                        String::new()
                    } else {
                        format!("dev {} ", link.name)
                    };
                    let _ = writeln!(out, "{group} {named}self permanent");
                }
            }
        }
        Ok(out)
    })
}

fn fdb_change(sys: &Sys, ns: NetnsId, args: &[String], del: bool) -> Said {
    let mut words = Words::new(args);
    let (mut mac, mut dev) = (None, None);
    while let Some(word) = words.next() {
        match word {
            "dev" => dev = Some(words.value()?),
            "master" | "static" | "permanent" | "local" | "self" | "temp" => {}
            "dst" | "vni" | "vlan" | "via" | "port" => {
                return Err(Fail::not_modelled("bridge", &format!("fdb {word}")));
            }
            word => {
                mac =
                    Some(word.parse::<MacAddr>().ok().ok_or_else(|| {
                        Fail::new(255, format_args!("Invalid mac address {word}"))
                    })?);
            }
        }
    }
    let (Some(mac), Some(dev)) = (mac, dev) else {
        return Err(Fail::new(255, "Device and address are required arguments."));
    };
    let admin = sys.may_admin_net();
    sys.kernel(|k| {
        let link = k
            .link_by_name(ns, dev)
            .ok_or_else(|| Fail::no_device(dev))?;
        if !admin {
            return Err(Fail::netlink(kernel::Errno::EPERM));
        }
        let master = k.link(link).and_then(|l| l.master);
        let (bridge, port) = master.map_or((link, None), |master| (master, Some(link)));
        let done = if del {
            k.fdb_del(bridge, mac)
        } else {
            k.fdb_add(bridge, mac, port)
        };
        done.map(|()| String::new()).map_err(Fail::netlink)
    })
}

/// The `brctl` program.
pub async fn brctl(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let said = brctl_run(&sys, args.get(1..).unwrap_or_default());
    say(&sys, said).await
}

fn brctl_run(sys: &Sys, args: &[String]) -> Said {
    let ns = sys.netns();
    let word = |at: usize| args.get(at).map(String::as_str);
    let admin = || {
        if sys.may_admin_net() {
            Ok(())
        } else {
            Err(Fail::new(
                1,
                format_args!("{}: Operation not permitted", word(0).unwrap_or_default()),
            ))
        }
    };
    match (word(0), word(1), word(2)) {
        (Some("show"), only, _) => sys.kernel(|k| brctl_show(k, ns, only)),
        (Some("showmacs"), Some(bridge), _) => sys.kernel(|k| brctl_macs(k, ns, bridge)),
        (Some("addbr"), Some(name), _) => {
            admin()?;
            let made = sys.kernel(|k| k.link_add(ns, LinkSpec::new(name, LinkSpecKind::Bridge)));
            made.map(|_| String::new()).map_err(|error| match error {
                kernel::Errno::EEXIST => Fail::new(
                    1,
                    format_args!(
                        "device {name} already exists; can't create bridge with the same name"
                    ),
                ),
                error => Fail::new(1, format_args!("add bridge failed: {error}")),
            })
        }
        (Some("delbr"), Some(name), _) => {
            admin()?;
            sys.kernel(|k| {
                let link = k.link_by_name(ns, name).ok_or_else(|| {
                    Fail::new(
                        1,
                        format_args!("bridge {name} doesn't exist; can't delete it"),
                    )
                })?;
                if k.link(link).is_some_and(|l| l.admin_up) {
                    return Err(Fail::new(
                        1,
                        format_args!("bridge {name} is still up; can't delete it"),
                    ));
                }
                k.link_del(link).map(|()| String::new()).map_err(|error| {
                    Fail::new(1, format_args!("can't delete bridge {name}: {error}"))
                })
            })
        }
        (Some(command @ ("addif" | "delif")), Some(bridge), Some(dev)) => {
            admin()?;
            sys.kernel(|k| {
                let master = k.link_by_name(ns, bridge).ok_or_else(|| Fail::new(1, format_args!("bridge {bridge} does not exist!")))?;
                let link = k.link_by_name(ns, dev).ok_or_else(|| Fail::new(1, format_args!("interface {dev} does not exist!")))?;
                let current = k.link(link).and_then(|l| l.master);
                let done = match command {
                    "addif" if current.is_some() => return Err(Fail::new(1, format_args!("device {dev} is already a member of a bridge; can't enslave it to bridge {bridge}."))),
                    "addif" => k.link_set_master(link, Some(master)),
                    _ if current != Some(master) => return Err(Fail::new(1, format_args!("device {dev} is not a slave of {bridge}"))),
                    _ => k.link_set_master(link, None),
                };
                done.map(|()| String::new()).map_err(|error| Fail::new(1, format_args!("can't change {dev}: {error}")))
            })
        }
        (Some("stp" | "setageing" | "setfd" | "sethello" | "showstp" | "hairpin"), ..) => {
            Err(Fail::not_modelled("brctl", word(0).unwrap_or_default()))
        }
        (Some("showmacs" | "addbr" | "delbr" | "addif" | "delif"), ..) => {
            Err(Fail::new(1, "Incorrect number of arguments for command"))
        }
        (Some(other), ..) => Err(Fail::new(
            1,
            format_args!("never heard of command [{other}]"),
        )),
        (None, ..) => Err(Fail::new(
            1,
            "Usage: brctl [commands]\ncommands: addbr delbr addif delif show showmacs",
        )),
    }
}

fn brctl_show(k: &Kernel, ns: NetnsId, only: Option<&str>) -> Said {
    let mut bridges: Vec<&Link> = devices(k, ns)
        .into_iter()
        .filter(|link| bridge_of(link).is_some() && only.is_none_or(|name| *link.name == *name))
        .collect();
    if let (Some(name), true) = (only, bridges.is_empty()) {
        return Err(Fail::new(1, format_args!("bridge {name} does not exist!")));
    }
    sorted::sort_by(&mut bridges, |a, b| a.name.cmp(&b.name));
    let mut out = String::from("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n");
    for link in bridges {
        let Some(bridge) = bridge_of(link) else {
            continue;
        };
        let id: String = link
            .mac
            .0
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let _ = write!(
            out,
            "{}\t\t8000.{id}\t{}\t\t",
            link.name,
            if bridge.stp { "yes" } else { "no" }
        );
        let mut ports: Vec<String> = bridge
            .ports
            .iter()
            .map(|port| device_name(k, Some(*port)))
            .collect();
        sorted::sort(&mut ports);
        let _ = writeln!(out, "{}", ports.join("\n\t\t\t\t\t\t\t"));
    }
    Ok(out)
}

fn brctl_macs(k: &Kernel, ns: NetnsId, name: &str) -> Said {
    let found = k
        .link_by_name(ns, name)
        .filter(|id| k.link(*id).is_some_and(|link| bridge_of(link).is_some()));
    let bridge =
        found.ok_or_else(|| Fail::new(1, format_args!("bridge {name} does not exist!")))?;
    let mut out = String::from("port no\tmac addr\t\tis local?\tageing timer\n");
    for entry in k.fdb(bridge) {
        let Some(port) = entry.port.and_then(|id| k.link(id)) else {
            continue;
        };
        let number = port.port.as_ref().map_or(0, |port| port.number);
        let local = entry.kind == FdbKind::Local;
        let age = if local {
            0
        } else {
            k.now.since(entry.updated).as_millis() / 10
        };
        let _ = writeln!(
            out,
            "{number:>3}\t{}\t{}\t\t{:>4}.{:02}",
            entry.mac,
            if local { "yes" } else { "no" },
            age / 100,
            age % 100
        );
    }
    Ok(out)
}
