//! `ip link show`, and the first lines of `ip addr`.

use kernel::ids::{LinkId, NetnsId};
use kernel::net::Link;
use kernel::state::Kernel;
use kernel::sys::Sys;
use std::fmt::Write as _;

use super::{
    Context, Fail, Json, Said, details, device_name, devices, pick, shown_device, unknown_command,
};
use crate::inspect::say::Words;
use crate::inspect::tc;

/// Runs `ip link ...`.
pub(super) fn run(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let rest = args.get(1..).unwrap_or_default();
    match args.first().map(String::as_str) {
        None => show(sys, context, &[]),
        Some(command) => match pick(
            command,
            &[
                "add", "set", "change", "replace", "delete", "show", "list", "lst", "xstats",
                "help",
            ],
        ) {
            Some("show" | "list" | "lst") => show(sys, context, rest),
            Some("add") => super::linkset::add(sys, context, rest),
            Some("set" | "change") => super::linkset::set(sys, context, rest),
            Some("delete") => super::linkset::delete(sys, context, rest),
            Some("help") => Err(Fail::new(
                255,
                "Usage: ip link { show | add | set | delete } ...",
            )),
            Some(other) => Err(Fail::not_modelled("ip", &format!("link {other}"))),
            None => unknown_command(command, "link"),
        },
    }
}

/// Which devices are wanted.
#[derive(Default, Debug)]
pub(super) struct Filter {
    dev: Option<LinkId>,
    master: Option<LinkId>,
    without_master: bool,
    kind: Option<String>,
    up: bool,
    down: bool,
    group: Option<u32>,
}

impl Filter {
    /// Whether one device is named: the kernel then tells all of it, and else only what belongs to a family.
    pub(super) fn names_one(&self) -> bool {
        self.dev.is_some()
    }

    /// Takes a word if it is one of a device filter; a word that nobody knows is a device's name.
    pub(super) fn take(
        &mut self,
        k: &Kernel,
        ns: NetnsId,
        word: &str,
        words: &mut Words<'_>,
    ) -> Result<(), Fail> {
        match word {
            "up" => self.up = true,
            "down" => self.down = true,
            "master" => {
                let name = words.value()?;
                let found = k.link_by_name(ns, name);
                self.master =
                    Some(found.ok_or_else(|| Fail::bad_argument(name, "Device does not exist"))?);
            }
            "nomaster" => self.without_master = true,
            "type" => self.kind = Some(words.value()?.to_owned()),
            "group" => self.group = Some(group(words.value()?)?),
            "dev" => self.dev = Some(shown_device(k, ns, words.value()?)?),
            name if self.dev.is_none() => self.dev = Some(shown_device(k, ns, name)?),
            name => {
                return Err(Fail::new(
                    255,
                    format_args!("Error: either \"dev\" is duplicate, or \"{name}\" is garbage."),
                ));
            }
        }
        Ok(())
    }

    /// Whether a device passes.
    pub(super) fn passes(&self, link: &Link) -> bool {
        let kind = |wanted: &str| match wanted {
            "bridge_slave" => link.port.is_some(),
            wanted => link.kind.text() == wanted,
        };
        self.dev.is_none_or(|id| id == link.id)
            && self.master.is_none_or(|id| link.master == Some(id))
            && !(self.without_master && link.master.is_some())
            && self.kind.as_deref().is_none_or(kind)
            && (!self.up || link.admin_up)
            && !(self.down && link.admin_up)
            && self.group.is_none_or(|group| group == link.labels.group)
    }
}

/// A group of devices as a user names it.
pub(super) fn group(text: &str) -> Result<u32, Fail> {
    match text {
        "default" => Ok(0),
        text => text
            .parse()
            .ok()
            .ok_or_else(|| Fail::bad_argument(text, "Invalid \"group\" value")),
    }
}

fn group_name(group: u32) -> String {
    if group == 0 {
        "default".into()
    } else {
        group.to_string()
    }
}

fn show(sys: &Sys, context: &Context, args: &[String]) -> Said {
    sys.kernel(|k| {
        let mut filter = Filter::default();
        let mut words = Words::new(args);
        while let Some(word) = words.next() {
            filter.take(k, context.ns, word, &mut words)?;
        }
        let found: Vec<&Link> = devices(k, context.ns)
            .into_iter()
            .filter(|link| filter.passes(link))
            .collect();
        if context.json {
            return Ok(context.list(
                found
                    .into_iter()
                    .map(|link| {
                        let members = json(k, context, link, true);
                        Json::Map(match context.brief {
                            true => kept(members, &BRIEF),
                            false => members,
                        })
                    })
                    .collect(),
            ));
        }
        Ok(found
            .into_iter()
            .map(|link| {
                if context.brief {
                    brief(k, link)
                } else {
                    full(k, context, link, true)
                }
            })
            .collect())
    })
}

/// The marks between `<` and `>`. `below` tells of the device below: `Some(false)` if it is down.
pub(crate) fn flags(link: &Link, below: Option<bool>) -> Vec<&'static str> {
    let mut out = Vec::new();
    let dummy = link.kind.text() == "dummy";
    let mut put = |is: bool, word| {
        if is {
            out.push(word);
        }
    };
    put(link.admin_up && !link.carrier, "NO-CARRIER");
    put(link.is_loopback(), "LOOPBACK");
    put(!link.is_loopback(), "BROADCAST");
    put(
        !link.is_loopback() && !dummy && !link.labels.no_multicast,
        "MULTICAST",
    );
    put(!link.is_loopback() && !link.kind.has_neighbours(), "NOARP");
    put(link.labels.allmulti, "ALLMULTI");
    put(link.promisc, "PROMISC");
    put(link.labels.dynamic, "DYNAMIC");
    put(link.admin_up, "UP");
    put(link.is_running(), "LOWER_UP");
    put(below == Some(false), "M-DOWN");
    out
}

/// What `ip -6` writes after a device's name: the kernel does not say there which namespace the number belongs to, so that it
/// is looked up in this one. Seen.
pub(crate) fn lower_name_v6(k: &Kernel, link: &Link) -> String {
    let Some((index, _)) = k.link_lower(link.id) else {
        return String::new();
    };
    match k.link_by_index(link.ns, index) {
        found @ Some(_) => format!("@{}", device_name(k, found)),
        None => format!("@if{index}"),
    }
}

/// What follows a device's name: `@if4`, `@eth0`, or nothing.
pub(crate) fn lower_name(k: &Kernel, link: LinkId) -> String {
    match k.link_lower(link) {
        Some((_, Some(lower))) => format!("@{}", device_name(k, Some(lower))),
        Some((index, None)) => format!("@if{index}"),
        None => String::new(),
    }
}

/// Whether the device below is up; `None` if there is none in this namespace.
fn below(k: &Kernel, link: &Link) -> Option<bool> {
    let (_, lower) = k.link_lower(link.id)?;
    lower.and_then(|id| k.link(id)).map(|lower| lower.admin_up)
}

/// A line of `ip -br link`.
fn brief(k: &Kernel, link: &Link) -> String {
    let name = format!("{}{}", link.name, lower_name(k, link.id));
    let flags = flags(link, below(k, link)).join(",");
    format!(
        "{name:<16} {:<14} {} <{flags}> \n",
        link.operstate.text(),
        link.mac
    )
}

/// The lines of a device, with `mode` as in `ip link`.
pub(super) fn full(k: &Kernel, context: &Context, link: &Link, mode: bool) -> String {
    let mut out = head(k, link, mode);
    out.push_str(context.line());
    out.push_str("    ");
    out.push_str(&hardware(link));
    out.push_str(&peer_namespace(k, context, link));
    if context.details {
        out.push_str(&details::text(k, context, link, mode));
    }
    if !link.labels.alias.is_empty() {
        let _ = write!(out, "{}    alias {}", context.line(), link.labels.alias);
    }
    // Behind the addresses, if there are any.
    if mode {
        out.push_str(&counters(context, link));
    }
    out.push('\n');
    out
}

/// What `ip addr` writes of a device before its addresses. With a family the kernel is asked for less.
pub(super) fn before_addresses(k: &Kernel, context: &Context, link: &Link, whole: bool) -> String {
    match context.v6 {
        Some(true) if !context.details && !whole => {
            let marks = flags(link, below(k, link)).join(",");
            format!(
                "{}: {}{}: <{marks}> mtu {} state {} \n",
                link.index,
                link.name,
                lower_name_v6(k, link),
                link.mtu,
                link.operstate.text(),
            )
        }
        Some(_) if !context.details => {
            head(k, link, false) + &peer_namespace(k, context, link) + "\n"
        }
        _ => full(k, context, link, false),
    }
}

/// The first line of a device, without its end.
pub(super) fn head(k: &Kernel, link: &Link, mode: bool) -> String {
    let mut out = format!(
        "{}: {}{}: <{}> mtu {} qdisc {} ",
        link.index,
        link.name,
        lower_name(k, link.id),
        flags(link, below(k, link)).join(","),
        link.mtu,
        tc::kind(link, k.qdisc(link.id))
    );
    if link.master.is_some() {
        let _ = write!(out, "master {} ", device_name(k, link.master));
    }
    let _ = write!(out, "state {} ", link.operstate.text());
    if mode {
        out.push_str("mode DEFAULT ");
    }
    let group = group_name(link.labels.group);
    let _ = write!(out, "group {group} qlen {}", link.txqlen);
    out
}

/// What kind of hardware a device passes for, and its broadcast address.
fn hardware_words(link: &Link) -> (&'static str, &'static str) {
    if link.is_loopback() {
        ("loopback", "00:00:00:00:00:00")
    } else {
        ("ether", "ff:ff:ff:ff:ff:ff")
    }
}

/// `link/ether ... brd ...`
pub(super) fn hardware(link: &Link) -> String {
    let (kind, broadcast) = hardware_words(link);
    format!("link/{kind} {} brd {broadcast}", link.mac)
}

pub(super) fn peer_namespace(k: &Kernel, context: &Context, link: &Link) -> String {
    let Some(number) = k.link_netnsid(link.id) else {
        return String::new();
    };
    match context
        .names
        .iter()
        .find(|(_, ns)| k.netns_nsid(link.ns, *ns) == Some(number))
    {
        Some((name, _)) => format!(" link-netns {name}"),
        None => format!(" link-netnsid {number}"),
    }
}

/// What `-s` adds, and `-s -s`.
pub(super) fn counters(context: &Context, link: &Link) -> String {
    if context.stats == 0 {
        return String::new();
    }
    let s = &link.stats;
    let table = |name: &str, last: [&str; 2], values: [u64; 6]| {
        let heads = ["bytes", "packets", "errors", "dropped", last[0], last[1]];
        let least = [6, 7, 6, 7, 7, 7];
        let mut top = format!("    {name}:");
        let mut row = String::from("       ");
        for ((head, value), least) in heads.iter().zip(values).zip(least) {
            let width = least.max(value.to_string().len());
            let _ = write!(top, " {head:>width$}");
            let _ = write!(row, " {value:>width$}");
        }
        format!("{}{top}           {}{row} ", context.line(), context.line())
    };
    let rx = table(
        "RX",
        ["missed", "mcast"],
        [s.rx_bytes, s.rx_packets, 0, s.rx_dropped, 0, s.multicast],
    );
    let tx = table(
        "TX",
        ["carrier", "collsns"],
        [s.tx_bytes, s.tx_packets, 0, s.tx_dropped, 0, 0],
    );
    // Simulated devices know no errors of hardware.
    let none = |heads: &str| {
        if context.stats < 2 {
            return String::new();
        }
        let line = context.line();
        format!("{line}    {heads}{line}                     0      0       0       0       0 ")
    };
    rx + &none("RX errors:  length    crc   frame    fifo overrun")
        + &tx
        + &none("TX errors: aborted   fifo  window heartbt transns")
}

/// The members of a device's object.
/// What `-br` keeps of a device.
const BRIEF: [&str; 6] = [
    "link_index",
    "link",
    "ifname",
    "operstate",
    "address",
    "flags",
];

/// Of a device's members those that `-br` keeps, in its order.
pub(super) fn kept(
    members: Vec<(&'static str, Json)>,
    names: &[&str],
) -> Vec<(&'static str, Json)> {
    let found = |name: &&str| members.iter().find(|(known, _)| known == name).cloned();
    names.iter().filter_map(found).collect()
}

pub(super) fn json(
    k: &Kernel,
    context: &Context,
    link: &Link,
    mode: bool,
) -> Vec<(&'static str, Json)> {
    let mut out: Vec<(&'static str, Json)> = vec![("ifindex", link.index.into())];
    match k.link_lower(link.id) {
        Some((_, Some(lower))) => out.push(("link", device_name(k, Some(lower)).into())),
        Some((index, None)) => out.push(("link_index", index.into())),
        None => {}
    }
    out.push(("ifname", (&*link.name).into()));
    out.push((
        "flags",
        Json::List(
            flags(link, below(k, link))
                .into_iter()
                .map(Json::from)
                .collect(),
        ),
    ));
    out.push(("mtu", link.mtu.into()));
    out.push(("qdisc", tc::kind(link, k.qdisc(link.id)).into()));
    if link.master.is_some() {
        out.push(("master", device_name(k, link.master).into()));
    }
    out.push(("operstate", link.operstate.text().into()));
    if mode {
        out.push(("linkmode", "DEFAULT".into()));
    }
    out.push(("group", group_name(link.labels.group).into()));
    out.push(("txqlen", link.txqlen.into()));
    let (kind, broadcast) = hardware_words(link);
    if context.v6.is_none() || context.details {
        out.push(("link_type", kind.into()));
        out.push(("address", link.mac.to_string().into()));
        out.push(("broadcast", broadcast.into()));
    }
    if let Some(number) = k.link_netnsid(link.id) {
        out.push(("link_netnsid", number.into()));
    }
    if context.details {
        details::json(k, link, &mut out, mode);
    }
    if !link.labels.alias.is_empty() {
        out.push(("ifalias", (&*link.labels.alias).into()));
    }
    if context.stats > 0 {
        let s = &link.stats;
        let side = |bytes: u64, packets: u64, dropped: u64, last: [(&'static str, u64); 2]| {
            let mut side: Vec<(&'static str, Json)> = vec![
                ("bytes", bytes.into()),
                ("packets", packets.into()),
                ("errors", 0_u64.into()),
                ("dropped", dropped.into()),
            ];
            side.extend(last.map(|(name, value)| (name, value.into())));
            Json::Map(side)
        };
        let received = [("over_errors", 0), ("multicast", s.multicast)];
        let sent = [("carrier_errors", 0), ("collisions", 0)];
        let sides = vec![
            ("rx", side(s.rx_bytes, s.rx_packets, s.rx_dropped, received)),
            ("tx", side(s.tx_bytes, s.tx_packets, s.tx_dropped, sent)),
        ];
        out.push(("stats64", Json::Map(sides)));
    }
    out
}
