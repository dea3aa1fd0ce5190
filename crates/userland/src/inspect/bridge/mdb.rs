//! `bridge mdb`: multicast groups.

use super::{Wish, bridge_of, filter_device};
use crate::inspect::ip::{devices, groups};
use crate::inspect::json::Json;
use crate::inspect::say::Said;
use kernel::sys::Sys;
use std::fmt::Write as _;
use std::net::IpAddr;

/// The groups that a bridge knows of: those that it has joined itself, since nobody else tells of any here.
pub(super) fn show(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
    sys.kernel(|k| {
        let dev = filter_device(k, wish.ns, args, "dev", "device")?;
        let mut out = String::new();
        let mut items = Vec::new();
        for link in devices(k, wish.ns) {
            let other = dev.is_some_and(|dev| dev != link.id);
            if other || bridge_of(link).is_none() || !link.is_running() {
                continue;
            }
            // What every station listens to is no member's own.
            let everybody = [1, 2].map(|scope| IpAddr::from([0xff00 + scope, 0, 0, 0, 0, 0, 0, 1]));
            let own = groups(link, true).into_iter().rev();
            for group in own.filter(|group| !everybody.contains(group)) {
                let (name, group) = (link.name.to_string(), group.to_string());
                if wish.json {
                    items.push(Json::Map(vec![
                        ("index", link.index.into()),
                        ("dev", name.clone().into()),
                        ("port", name.into()),
                        ("grp", group.into()),
                        ("state", "temp".into()),
                        ("flags", Json::List(Vec::new())),
                    ]));
                } else {
                    let _ = writeln!(out, "dev {name} port {name} grp {group} temp");
                }
            }
        }
        Ok(if wish.json {
            wish.list(vec![Json::Map(vec![
                ("mdb", Json::List(items)),
                ("router", Json::Map(Vec::new())),
            ])])
        } else {
            out
        })
    })
}
