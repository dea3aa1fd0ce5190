//! `bridge` (iproute2). Checked against iproute2 7.

use kernel::ids::{LinkId, NetnsId};
use kernel::net::dev::bridge::{Bridge, FdbKind};
use kernel::net::{Link, LinkKind};
use kernel::state::Kernel;
use kernel::sys::Sys;
use std::fmt::Write as _;
use std::net::IpAddr;
use wire::MacAddr;

use super::ip::{device_name, devices, flags, groups, hardware_groups, set_port};
use super::json::Json;
use super::say::{Fail, Said, Words, pick, say};
use crate::Flavour;

/// Words for completion.
pub const WORDS: &[&str] = &[
    "link", "fdb", "vlan", "show", "set", "get", "flush", "br", "dev", "-d", "-j", "-s",
];

const USAGE: &str = "Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
       bridge [ -force ] -batch filename
where  OBJECT := { link | fdb | mdb | mst | vlan | vni | monitor }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] |
                    -o[neline] | -t[imestamp] | -n[etns] name |
                    -com[pressvlans] -c[olor] -p[retty] -j[son] }";

/// How each object is used, a part for each. Source: iproute2 7.2.
const USAGES: &str = include_str!("bridge.txt");

/// How an object is used.
fn usage(object: &str) -> &'static str {
    let mut parts = USAGES.split("\n=").map(|part| part.trim_start_matches('='));
    let own = parts.find_map(|part| part.strip_prefix(object)?.strip_prefix('\n'));
    own.unwrap_or(USAGE).trim_end()
}

/// The switches of a bridge port that are modelled.
const SWITCHES: [&str; 6] = [
    "hairpin",
    "isolated",
    "learning",
    "flood",
    "mcast_flood",
    "bcast_flood",
];

pub(super) fn bridge_of(link: &Link) -> Option<&Bridge> {
    match &link.kind {
        LinkKind::Bridge(bridge) => Some(bridge),
        _ => None,
    }
}

/// What the options say.
struct Wish {
    ns: NetnsId,
    details: bool,
    stats: bool,
    json: bool,
    pretty: bool,
}

impl Wish {
    fn list(&self, items: Vec<Json>) -> String {
        Json::List(items).text(self.pretty)
    }
}

/// The `bridge` program.
pub fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let said = run(&sys, args.get(1..).unwrap_or_default());
    say(&sys, said)
}

/// What this tool says when the kernel refuses.
fn refused(error: kernel::Errno) -> Fail {
    Fail::new(255, format_args!("RTNETLINK answers: {error}"))
}

fn no_device(name: &str) -> Fail {
    Fail::new(255, format_args!("Cannot find device \"{name}\""))
}

fn run(sys: &Sys, args: &[String]) -> Said {
    let mut wish = Wish {
        ns: sys.netns(),
        details: false,
        stats: false,
        json: false,
        pretty: false,
    };
    let mut words = Words::new(args);
    while let Some(option) = words.peek().filter(|word| word.starts_with('-')) {
        words.next();
        let name = option.strip_prefix("--").or(option.strip_prefix('-'));
        let known = [
            "details",
            "statistics",
            "json",
            "pretty",
            "netns",
            "Version",
            "help",
            "oneline",
            "timestamp",
            "compressvlans",
            "color",
        ];
        match name.and_then(|name| pick(name, &known)) {
            Some("details") => wish.details = true,
            Some("statistics") => wish.stats = true,
            Some("json") => wish.json = true,
            Some("pretty") => wish.pretty = true,
            Some("netns") => {
                let name = words.value()?;
                wish.ns = super::netns::named_or_pid(sys, name).ok_or_else(|| {
                    Fail::new(
                        255,
                        format_args!(
                            "Cannot open network namespace \"{name}\": No such file or directory"
                        ),
                    )
                })?;
            }
            Some("Version") => return Ok("bridge utility, 7.2.0\n".into()),
            Some("help") => return Err(Fail::new(255, USAGE)),
            Some(_) => {}
            None => {
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
    let objects = [
        "link", "fdb", "mdb", "vlan", "vni", "mst", "monitor", "help",
    ];
    match (pick(object, &objects), command) {
        (Some("link"), "show" | "list" | "lst") => link_show(sys, &wish, after),
        (Some("link"), "set" | "change") => link_set(sys, &wish, after),
        (Some("fdb"), "show" | "list" | "lst") => fdb_show(sys, &wish, after),
        (Some("fdb"), "get") => fdb_get(sys, &wish, after),
        (Some("fdb"), "flush") => fdb_flush(sys, &wish, after),
        (Some("fdb"), "add" | "append" | "replace" | "del" | "delete") => {
            fdb_change(sys, &wish, after, command)
        }
        (Some("vlan"), "show" | "list" | "lst") if wish.json => Ok(wish.list(Vec::new())),
        (Some("vlan"), "show" | "list" | "lst") => Ok("port              vlan-id  \n".into()),
        (Some("mdb"), "show" | "list" | "lst") => mdb_show(sys, &wish, after),
        (Some("help"), _) => Err(Fail::new(255, USAGE)),
        (Some(object), "help") => Err(Fail::new(255, usage(object))),
        (Some("monitor"), other)
            if !rest.is_empty()
                && !["all", "file", "link", "fdb", "mdb", "vlan", "vni"].contains(&other) =>
        {
            Err(Fail::new(
                255,
                format_args!("Argument \"{other}\" is unknown, try \"bridge monitor help\"."),
            ))
        }
        (Some(object @ ("link" | "fdb" | "vlan" | "mdb")), other)
            if !matches!(
                (object, other),
                ("vlan", "add" | "del" | "set" | "global" | "tunnelshow")
                    | ("mdb", "add" | "del" | "replace" | "get" | "flush")
            ) =>
        {
            Err(Fail::new(
                255,
                format_args!("Command \"{other}\" is unknown, try \"bridge {object} help\"."),
            ))
        }
        (Some(object), other) => Err(Fail::not_modelled("bridge", &format!("{object} {other}"))),
        (None, _) => Err(Fail::new(
            255,
            format_args!("Object \"{object}\" is unknown, try \"bridge help\"."),
        )),
    }
}

/// The device that follows `key`; `missing` makes the sentence if there is no such device.
fn filter_device(
    k: &Kernel,
    ns: NetnsId,
    args: &[String],
    key: &str,
    what: &str,
) -> Result<Option<LinkId>, Fail> {
    let at = args.iter().position(|word| word == key);
    let unfinished = || Fail::new(255, "Command line is not complete. Try option \"help\"");
    let named = at.map(|at| args.get(at + 1).ok_or_else(unfinished));
    named
        .transpose()?
        .map(|name| {
            k.link_by_name(ns, name)
                .ok_or_else(|| Fail::new(255, format_args!("Cannot find {what} \"{name}\"")))
        })
        .transpose()
}

/// What the spanning tree thinks of a port: a tunnel tells no speed. Source: Linux `port_cost`.
pub(super) const fn path_cost(link: &Link) -> u32 {
    match &link.kind {
        LinkKind::Vxlan(_) => 100,
        _ => 2,
    }
}

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

fn link_show(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
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

/// The groups that a bridge knows of: those that it has joined itself, since nobody else tells of any here.
fn mdb_show(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
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

fn link_set(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
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

fn fdb_show(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
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

fn fdb_get(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
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

fn fdb_flush(sys: &Sys, wish: &Wish, args: &[String]) -> Said {
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

fn fdb_change(sys: &Sys, wish: &Wish, args: &[String], command: &str) -> Said {
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
        let done = match bridge {
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
