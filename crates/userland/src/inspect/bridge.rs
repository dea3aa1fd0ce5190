//! `bridge` (iproute2). Checked against iproute2 7.

mod fdb;
mod link;
mod mdb;

use super::json::Json;
use super::say::{Fail, Said, Words, pick, say};
use crate::Flavour;
use kernel::ids::{LinkId, NetnsId};
use kernel::net::dev::bridge::Bridge;
use kernel::net::{Link, LinkKind};
use kernel::state::Kernel;
use kernel::sys::Sys;

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
        (Some("link"), "show" | "list" | "lst") => link::show(sys, &wish, after),
        (Some("link"), "set" | "change") => link::set(sys, &wish, after),
        (Some("fdb"), "show" | "list" | "lst") => fdb::show(sys, &wish, after),
        (Some("fdb"), "get") => fdb::get(sys, &wish, after),
        (Some("fdb"), "flush") => fdb::flush(sys, &wish, after),
        (Some("fdb"), "add" | "append" | "replace" | "del" | "delete") => {
            fdb::change(sys, &wish, after, command)
        }
        (Some("vlan"), "show" | "list" | "lst") if wish.json => Ok(wish.list(Vec::new())),
        (Some("vlan"), "show" | "list" | "lst") => Ok("port              vlan-id  \n".into()),
        (Some("mdb"), "show" | "list" | "lst") => mdb::show(sys, &wish, after),
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
