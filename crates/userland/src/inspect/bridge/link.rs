//! `bridge link`: ports.

use super::{SWITCHES, Wish, filter_device, path_cost, refused, usage};
use crate::inspect::ip::{device_name, devices, flags, set_port};
use crate::inspect::json::Json;
use crate::inspect::say::{Fail, Said, Words};
use kernel::net::Link;
use kernel::sys::Sys;
use std::fmt::Write as _;

/// A port's settings: the name, and the value.
fn settings(link: &Link) -> Vec<(&'static str, Json)> {
    let Some(port) = &link.port else {
        return Vec::new();
    };
    let is = Json::Bool;
    vec![
        ("hairpin", is(port.hairpin)),
        ("guard", is(false)),
        ("root_block", is(false)),
        ("fastleave", is(false)),
        ("learning", is(port.learning)),
        ("flood", is(port.flood)),
        ("mcast_flood", is(port.mcast_flood)),
        ("bcast_flood", is(port.bcast_flood)),
        ("mcast_router", 1_u32.into()),
        ("mcast_to_unicast", is(false)),
        ("neigh_suppress", is(false)),
        ("neigh_vlan_suppress", is(false)),
        ("vlan_tunnel", is(false)),
        ("isolated", is(port.isolated)),
        ("locked", is(false)),
        ("mab", is(false)),
        ("mcast_n_groups", 0_u32.into()),
        ("mcast_max_groups", 0_u32.into()),
    ]
}

pub(super) fn show(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
    sys.kernel(|k| {
        let ns = wish.ns;
        let dev = filter_device(k, ns, args, "dev", "device")?;
        let of = filter_device(k, ns, args, "master", "device")?;
        let mut out = String::new();
        let mut items = Vec::new();
        for link in devices(k, ns) {
            let (Some(_), Some(master)) = (&link.port, link.master) else {
                continue;
            };
            if dev.is_some_and(|dev| dev != link.id) || of.is_some_and(|of| of != master) {
                continue;
            }
            // The tool looks the other end's index up in its own namespace, whatever it finds there.
            let lower = k.link_lower(link.id).map(|(index, _)| {
                k.link_by_index(ns, index)
                    .map_or_else(|| format!("if{index}"), |id| device_name(k, Some(id)))
            });
            let bridge_runs = k.link(master).is_some_and(|bridge| bridge.admin_up);
            let runs = bridge_runs && link.is_running();
            let state = if runs { "forwarding" } else { "disabled" };
            let marks = flags(link, None);
            let settings = if wish.details {
                settings(link)
            } else {
                Vec::new()
            };
            if wish.json {
                let mut item: Vec<(&'static str, Json)> = vec![("ifindex", link.index.into())];
                item.extend(lower.map(|lower| ("link", lower.into())));
                item.extend([
                    ("ifname", (&*link.name).into()),
                    (
                        "flags",
                        Json::List(marks.into_iter().map(Json::from).collect()),
                    ),
                    ("mtu", link.mtu.into()),
                    ("master", device_name(k, link.master).into()),
                    ("state", state.into()),
                    ("priority", 32_u32.into()),
                    ("cost", path_cost(link).into()),
                ]);
                item.extend(settings);
                items.push(Json::Map(item));
                continue;
            }
            let lower = lower.map_or_else(String::new, |lower| format!("@{lower}"));
            let _ = writeln!(
                out,
                "{}: {}{lower}: <{}> mtu {} master {} state {state} priority 32 cost {} ",
                link.index,
                link.name,
                marks.join(","),
                link.mtu,
                device_name(k, link.master),
                path_cost(link)
            );
            if wish.details {
                out.push_str("    ");
                for (name, value) in settings {
                    let _ = match value {
                        Json::Bool(on) => write!(out, "{name} {} ", if on { "on" } else { "off" }),
                        Json::Number(number) => write!(out, "{name} {number} "),
                        _ => Ok(()),
                    };
                }
                out.push('\n');
            }
        }
        Ok(if wish.json { wish.list(items) } else { out })
    })
}

pub(super) fn set(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
    let mut words = Words::new(args);
    let mut dev = None;
    let mut changes = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "dev" => dev = Some(words.value()?),
            word if SWITCHES.contains(&word) => {
                let value = words.value()?;
                if !matches!(value, "on" | "off") {
                    // What the library's -EINVAL leaves of an exit code.
                    return Err(Fail::new(
                        234,
                        format_args!(
                            "Error: argument of \"{word}\" must be one of \"off\", \"on\", not \"{value}\""
                        ),
                    ));
                }
                changes.push((word, value == "on"));
            }
            "self" | "master" => {}
            "guard"
            | "root_block"
            | "fastleave"
            | "cost"
            | "priority"
            | "state"
            | "hwmode"
            | "learning_sync"
            | "mcast_router"
            | "mcast_to_unicast"
            | "mcast_max_groups"
            | "neigh_suppress"
            | "neigh_vlan_suppress"
            | "neigh_forward_grat"
            | "vlan_tunnel"
            | "locked"
            | "mab"
            | "backup_port"
            | "nobackup_port"
            | "backup_nhid" => {
                return Err(Fail::not_modelled("bridge", &format!("link set {word}")));
            }
            _ => {
                return Err(Fail::new(255, usage("link")));
            }
        }
    }
    let dev = dev.ok_or_else(|| Fail::new(255, "Device is a required argument."))?;
    let admin = sys.may_admin_net();
    sys.kernel(|k| {
        let link = k
            .link_by_name(wish.ns, dev)
            .ok_or_else(|| Fail::new(255, format_args!("Cannot find bridge device \"{dev}\"")))?;
        if !admin {
            return Err(refused(kernel::Errno::EPERM));
        }
        if k.link(link).is_some_and(|link| link.port.is_none()) {
            return Err(refused(kernel::Errno::EOPNOTSUPP));
        }
        changes
            .iter()
            .try_for_each(|(what, on)| set_port(k, link, what, *on))
            .map(|()| String::new())
            .map_err(refused)
    })
}
