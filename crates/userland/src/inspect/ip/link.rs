//! `ip link show`, and the first lines of `ip addr`.

use kernel::ids::{LinkId, NetnsId};
use kernel::net::{Link, LinkKind};
use kernel::state::Kernel;
use kernel::sys::Sys;
use std::fmt::Write as _;

use super::{
    Context, Fail, Json, Said, device_name, devices, pick, shown_device, stacked, unknown_command,
};
use crate::inspect::say::Words;

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
}

impl Filter {
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
            "master" => {
                let name = words.value()?;
                let found = k.link_by_name(ns, name);
                self.master =
                    Some(found.ok_or_else(|| Fail::argument(name, "Device does not exist"))?);
            }
            "nomaster" => self.without_master = true,
            "type" => self.kind = Some(words.value()?.to_owned()),
            "group" => {
                words.value()?;
            }
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
                    .map(|link| Json::Map(json(k, context, link, true)))
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
    put(!link.is_loopback() && !dummy, "MULTICAST");
    put(!link.is_loopback() && !link.kind.has_neighbours(), "NOARP");
    put(link.promisc, "PROMISC");
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

/// A queueing discipline is there once a device has been up.
fn qdisc(link: &Link) -> &'static str {
    if link.was_up { "noqueue" } else { "noop" }
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
        out.push_str(&details(k, context, link));
    }
    if context.stats > 0 {
        out.push_str(&counters(context, link));
    }
    out.push('\n');
    out
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
        qdisc(link)
    );
    if link.master.is_some() {
        let _ = write!(out, "master {} ", device_name(k, link.master));
    }
    let _ = write!(out, "state {} ", link.operstate.text());
    if mode {
        out.push_str("mode DEFAULT ");
    }
    let _ = write!(out, "group default qlen {}", link.txqlen);
    out
}

/// `link/ether ... brd ...`
pub(super) fn hardware(link: &Link) -> String {
    let (kind, broadcast) = if link.is_loopback() {
        ("loopback", "00:00:00:00:00:00")
    } else {
        ("ether", "ff:ff:ff:ff:ff:ff")
    };
    format!("link/{kind} {} brd {broadcast}", link.mac)
}

fn peer_namespace(k: &Kernel, context: &Context, link: &Link) -> String {
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

/// A bridge's id as `ip` writes it: hardware address bytes without leading zeros.
fn bridge_id(link: &Link) -> String {
    let bytes: Vec<String> = link.mac.0.iter().map(|byte| format!("{byte:x}")).collect();
    format!("8000.{}", bytes.join(":"))
}

/// What `-d` adds. Of a kind's settings those that are modelled are told.
fn details(k: &Kernel, context: &Context, link: &Link) -> String {
    let (least, most) = mtu_limits(link);
    let mut out = format!(
        " promiscuity {} allmulti 0 minmtu {least} maxmtu {most} ",
        link.promiscuity()
    );
    let kind = link.kind.text();
    if !kind.is_empty() {
        let _ = write!(out, "{}    {kind} ", context.line());
    }
    out.push_str(&stacked::details(k, link).unwrap_or_default());
    if let LinkKind::Bridge(bridge) = &link.kind {
        let id = bridge_id(link);
        let _ = write!(
            out,
            "forward_delay 1500 hello_time 200 max_age 2000 ageing_time {} stp_state {} priority 32768 vlan_filtering 0 bridge_id {id} designated_root {id} root_port 0 root_path_cost 0 ",
            bridge.ageing.as_millis() / 10,
            u8::from(bridge.stp),
        );
    }
    if let Some(port) = &link.port {
        let on = |is: bool| if is { "on" } else { "off" };
        let state = if link.is_running() {
            "forwarding"
        } else {
            "disabled"
        };
        let _ = write!(
            out,
            "{}    bridge_slave state {state} priority 32 cost 2 hairpin {} guard off root_block off fastleave off learning {} flood {} port_id 0x80{:02x} port_no 0x{:x} isolated {} ",
            context.line(),
            on(port.hairpin),
            on(port.learning),
            on(port.flood),
            port.number,
            port.number,
            on(port.isolated),
        );
    }
    // A dummy has the old limit of one packet, others that of the stack. Seen on Linux 6.19.
    let tso = if matches!(link.kind, LinkKind::Dummy) {
        65_536
    } else {
        524_280
    };
    let _ = write!(
        out,
        "addrgenmode eui64 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size {tso} tso_max_segs 65535 gro_max_size 65536 gso_ipv4_max_size 65536 gro_ipv4_max_size 65536 "
    );
    out
}

/// The least and the largest MTU as `ip` shows them: 0 for a kind that sets no upper limit.
const fn mtu_limits(link: &Link) -> (u32, u32) {
    let most = link.kind.max_mtu();
    (
        link.kind.min_mtu(),
        if most == i32::MAX as u32 { 0 } else { most },
    )
}

/// What `-s` adds.
fn counters(context: &Context, link: &Link) -> String {
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
    rx + &table(
        "TX",
        ["carrier", "collsns"],
        [s.tx_bytes, s.tx_packets, 0, s.tx_dropped, 0, 0],
    )
}

/// The members of a device's object.
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
    out.push(("qdisc", qdisc(link).into()));
    if link.master.is_some() {
        out.push(("master", device_name(k, link.master).into()));
    }
    out.push(("operstate", link.operstate.text().into()));
    if mode {
        out.push(("linkmode", "DEFAULT".into()));
    }
    out.push(("group", "default".into()));
    out.push(("txqlen", link.txqlen.into()));
    out.push((
        "link_type",
        if link.is_loopback() {
            "loopback"
        } else {
            "ether"
        }
        .into(),
    ));
    out.push(("address", link.mac.to_string().into()));
    out.push((
        "broadcast",
        if link.is_loopback() {
            "00:00:00:00:00:00"
        } else {
            "ff:ff:ff:ff:ff:ff"
        }
        .into(),
    ));
    if let Some(number) = k.link_netnsid(link.id) {
        out.push(("link_netnsid", number.into()));
    }
    if context.details {
        let (least, most) = mtu_limits(link);
        out.extend([
            ("promiscuity", link.promiscuity().into()),
            ("allmulti", 0_u32.into()),
            ("min_mtu", least.into()),
            ("max_mtu", most.into()),
        ]);
    }
    if context.details && !link.kind.text().is_empty() {
        let kind = [("info_kind", link.kind.text().into())];
        let data = stacked::data(k, link).map(|data| ("info_data", data));
        out.push((
            "linkinfo",
            Json::Map(kind.into_iter().chain(data).collect()),
        ));
    }
    if context.stats > 0 {
        let s = &link.stats;
        let side = |bytes: u64, packets: u64, dropped: u64| {
            Json::Map(vec![
                ("bytes", bytes.into()),
                ("packets", packets.into()),
                ("errors", 0_u64.into()),
                ("dropped", dropped.into()),
            ])
        };
        let sides = vec![
            ("rx", side(s.rx_bytes, s.rx_packets, s.rx_dropped)),
            ("tx", side(s.tx_bytes, s.tx_packets, s.tx_dropped)),
        ];
        out.push(("stats64", Json::Map(sides)));
    }
    out
}
