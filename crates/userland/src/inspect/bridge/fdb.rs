//! `bridge fdb`: which station is behind which port.

use super::{Wish, bridge_of, filter_device, no_device, refused};
use crate::inspect::ip::{device_name, devices, hardware_groups};
use crate::inspect::json::Json;
use crate::inspect::say::{Fail, Said, Words};
use kernel::net::dev::bridge::FdbKind;
use kernel::net::{Link, LinkKind};
use kernel::state::Kernel;
use kernel::sys::Sys;
use std::fmt::Write as _;
use std::net::IpAddr;
use wire::MacAddr;

/// A line of the forwarding table, as found.
struct Station {
    mac: MacAddr,
    dev: String,
    /// The bridge whose table it is in; a device's own filter has none.
    master: Option<String>,
    state: &'static str,
    /// Seconds since it was used.
    age: u64,
    /// The machine that it is behind, for a tunnel's, and the number of the namespace in which that is reached.
    dst: Option<(IpAddr, Option<u32>)>,
}

impl Station {
    /// Its words; `named`: with the device.
    fn line(&self, wish: &Wish, named: bool) -> String {
        let mut out = format!("{} ", self.mac);
        if named {
            let _ = write!(out, "dev {} ", self.dev);
        }
        if let Some((dst, under)) = self.dst {
            let _ = write!(out, "dst {dst} ");
            if let Some(under) = under {
                let _ = write!(out, "link-netnsid {under} ");
            }
        }
        match &self.master {
            Some(master) => {
                if wish.stats {
                    let _ = write!(out, "used {}/{} ", self.age, self.age);
                }
                let _ = write!(out, "master {master} ");
            }
            None => out.push_str("self "),
        }
        out + self.state + "\n"
    }

    fn json(self, named: bool) -> Json {
        let mut out: Vec<(&'static str, Json)> = vec![("mac", self.mac.to_string().into())];
        if named {
            out.push(("ifname", self.dev.into()));
        }
        if let Some((dst, under)) = self.dst {
            out.push(("dst", dst.to_string().into()));
            out.extend(under.map(|under| ("link_netnsid", under.into())));
        }
        let own = self.master.is_none().then(|| Json::from("self"));
        out.push(("flags", Json::List(own.into_iter().collect())));
        out.extend(self.master.map(|master| ("master", master.into())));
        out.push(("state", self.state.into()));
        Json::Map(out)
    }
}

/// What a device has in its bridge's table, and (a bridge first, others last) in its own filter.
fn stations(k: &Kernel, link: &Link) -> Vec<Station> {
    let is_bridge = bridge_of(link).is_some();
    let bridge = if is_bridge {
        Some(link.id)
    } else {
        link.master
    };
    let known = bridge.map(|id| k.fdb(id)).unwrap_or_default();
    let known = known
        .into_iter()
        .filter(|entry| entry.port.or(bridge) == Some(link.id))
        .map(|entry| Station {
            mac: entry.mac,
            dev: link.name.to_string(),
            master: Some(device_name(k, bridge)),
            state: match entry.kind {
                FdbKind::Learned => "",
                FdbKind::Static => "static",
                FdbKind::Local => "permanent",
            },
            age: k.now.since(entry.updated).as_secs(),
            dst: None,
        });
    if let LinkKind::Vxlan(_) = &link.kind {
        // A tunnel has a table of its own in the place of a filter.
        let under = k.link_netnsid(link.id);
        let behind = k.vxlan_stations(link.id).into_iter().map(|s| Station {
            mac: s.mac,
            dev: link.name.to_string(),
            master: None,
            state: if s.learned { "" } else { "permanent" },
            age: k.now.since(s.updated).as_secs(),
            dst: Some((s.dst, under)),
        });
        return known.chain(behind).collect();
    }
    let own = link.labels.filter.iter().copied();
    let own = own.chain(hardware_groups(link)).map(|mac| Station {
        mac,
        dev: link.name.to_string(),
        master: None,
        state: "permanent",
        age: 0,
        dst: None,
    });
    if is_bridge {
        own.chain(known).collect()
    } else {
        known.chain(own).collect()
    }
}

pub(super) fn show(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
    sys.kernel(|k| {
        let br = filter_device(k, wish.ns, args, "br", "bridge device")?;
        let port = filter_device(k, wish.ns, args, "brport", "bridge port device")?;
        let dev = filter_device(k, wish.ns, args, "dev", "device")?.or(port);
        let dynamic = args.iter().any(|word| word == "dynamic");
        let at = args.iter().position(|word| word == "state");
        let state = at
            .and_then(|at| args.get(at + 1))
            .map(String::as_str)
            .filter(|state| *state != "all");
        let fits = |station: &Station| match state {
            _ if dynamic => station.state.is_empty(),
            None => true,
            Some("reachable" | "stale" | "dynamic") => station.state.is_empty(),
            Some("temp") => station.state == "static",
            Some(state) => station.state == state,
        };
        let found: Vec<Station> = devices(k, wish.ns)
            .into_iter()
            .filter(|link| br.is_none_or(|br| link.id == br || link.master == Some(br)))
            .filter(|link| dev.is_none_or(|dev| dev == link.id))
            .flat_map(|link| stations(k, link))
            .filter(fits)
            .collect();
        let named = dev.is_none();
        Ok(if wish.json {
            wish.list(found.into_iter().map(|s| s.json(named)).collect())
        } else {
            found.iter().map(|s| s.line(wish, named)).collect()
        })
    })
}

pub(super) fn get(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
    let mac = args.iter().find_map(|word| word.parse::<MacAddr>().ok());
    let mac = mac.ok_or_else(|| Fail::new(255, "Address is a required argument."))?;
    sys.kernel(|k| {
        let br = filter_device(k, wish.ns, args, "br", "bridge device")?;
        let br = br.ok_or_else(|| Fail::new(255, "No bridge, port or device given."))?;
        let found = devices(k, wish.ns)
            .into_iter()
            .flat_map(|link| stations(k, link))
            .find(|s| s.mac == mac && s.master.as_deref() == Some(&*device_name(k, Some(br))));
        match found {
            Some(station) if wish.json => Ok(wish.list(vec![station.json(true)])),
            Some(station) => Ok(station.line(wish, true)),
            // What the library's -ENOENT leaves of an exit code.
            None => Err(Fail::new(254, "Error: Fdb entry not found.")),
        }
    })
}

pub(super) fn flush(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
    let admin = sys.may_admin_net();
    if let Some(word) = args
        .iter()
        .find(|word| matches!(word.as_str(), "vlan" | "vni" | "dst" | "port" | "brport"))
    {
        return Err(Fail::not_modelled("bridge", &format!("fdb flush {word}")));
    }
    sys.kernel(|k| {
        let dev = filter_device(k, wish.ns, args, "dev", "bridge device")?
            .ok_or_else(|| Fail::new(255, "Device is a required argument."))?;
        if !admin {
            return Err(refused(kernel::Errno::EPERM));
        }
        for entry in k.fdb(dev).into_iter().filter(|e| e.port.is_some()) {
            k.fdb_del(dev, entry.mac).map_err(refused)?;
        }
        Ok(String::new())
    })
}

pub(super) fn change(sys: &Sys, wish: &Wish, args: &[String], command: &str) -> Said {
    let mut words = Words::new(args);
    let (mut mac, mut dev) = (None, None);
    let (mut master, mut kind) = (false, FdbKind::Local);
    let mut dst = None;
    while let Some(word) = words.next() {
        match word {
            "dev" => dev = Some(words.value()?),
            "master" => master = true,
            "self" => {}
            "permanent" | "local" => kind = FdbKind::Local,
            "static" | "temp" => kind = FdbKind::Static,
            "dynamic" => kind = FdbKind::Learned,
            "dst" => {
                let text = words.value()?;
                let machine = text.parse::<IpAddr>().ok();
                dst = Some(machine.ok_or_else(|| {
                    let what =
                        format_args!("Error: any valid prefix is expected rather than \"{text}\".");
                    Fail::new(1, what)
                })?);
            }
            "vni" | "vlan" | "via" | "port" | "nhid" | "src_vni" | "use" | "router"
            | "extern_learn" | "sticky" => {
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
    let del = command.starts_with("del");
    sys.kernel(|k| {
        let link = k.link_by_name(wish.ns, dev).ok_or_else(|| no_device(dev))?;
        if !admin {
            return Err(refused(kernel::Errno::EPERM));
        }
        let bridge = k.link(link).and_then(|l| l.master);
        let is_tunnel = k
            .link(link)
            .is_some_and(|l| matches!(l.kind, LinkKind::Vxlan(_)));
        if is_tunnel && !master {
            let known = k.vxlan_stations(link).iter().any(|s| s.mac == mac);
            let done = match (command, dst) {
                _ if del => k.vxlan_del(link, mac, dst),
                // What comes to a station that is there already. Source: Linux `vxlan_fdb_update`.
                ("add", Some(_)) if known => Err(kernel::Errno::EEXIST),
                ("append", Some(_)) if known && mac != MacAddr::ZERO && !mac.is_multicast() => {
                    Err(kernel::Errno::EOPNOTSUPP)
                }
                (_, Some(dst)) => k.vxlan_add(link, mac, dst, command == "replace"),
                (_, None) => Err(kernel::Errno::EINVAL),
            };
            return done.map(|()| String::new()).map_err(refused);
        }
        if dst.is_some() {
            return Err(refused(kernel::Errno::EOPNOTSUPP));
        }
        let is_bridge = k
            .link(link)
            .is_some_and(|l| matches!(l.kind, LinkKind::Bridge(_)));
        let done = match bridge {
            // A bridge keeps what is its own in its table. Source: Linux `br_fdb_add`.
            _ if is_bridge && !master && del => k.fdb_del(link, mac),
            _ if is_bridge && !master => {
                k.fdb_add(link, mac, None, FdbKind::Local, command != "add")
            }
            // The device's own filter.
            _ if !master => {
                let mut done = Ok(());
                k.link_label(link, |labels| {
                    let at = labels.filter.iter().position(|known| *known == mac);
                    match at {
                        Some(at) if del => drop(labels.filter.remove(at)),
                        None if del => done = Err(kernel::Errno::ENOENT),
                        Some(_) if command == "add" => done = Err(kernel::Errno::EEXIST),
                        Some(_) => {}
                        None => labels.filter.push(mac),
                    }
                })
                .and(done)
            }
            None => Err(kernel::Errno::EOPNOTSUPP),
            Some(bridge) if del => k.fdb_del(bridge, mac),
            Some(bridge) => k.fdb_add(bridge, mac, Some(link), kind, command != "add"),
        };
        done.map(|()| String::new()).map_err(refused)
    })
}
