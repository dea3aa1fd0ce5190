//! `tc` (iproute2): the queueing discipline of a device, and with `netem` a slow and lossy network.
//!
//! Only the root of a device can be set; classes and filters there are none. `netem` reads and writes the words of that
//! discipline. Checked against iproute2 7.

mod netem;
mod units;

use kernel::Kernel;
use kernel::net::Link;
use kernel::net::qdisc::{Qdisc, QdiscError, QdiscSpec, Setting};
use kernel::sys::Sys;
use kernel::{Errno, ids::NetnsId};

use super::json::Json;
use super::netns::named_or_pid;
use super::say::{Fail, Said, Words, pick, say};
use crate::Flavour;

/// Words for completion.
pub(super) const WORDS: &[&str] = &[
    "qdisc",
    "show",
    "add",
    "change",
    "replace",
    "del",
    "dev",
    "root",
    "netem",
    "delay",
    "loss",
    "duplicate",
    "reorder",
    "rate",
    "limit",
    "-s",
];

const USAGE: &str = include_str!("usage.txt");
const QDISC: &str = include_str!("qdisc.txt");
const OBJECTS: &[&str] = &[
    "qdisc", "class", "filter", "chain", "action", "actions", "monitor", "exec", "help",
];
const COMMANDS: &[&str] = &[
    "add", "change", "replace", "link", "delete", "list", "show", "lst", "help",
];
/// Disciplines that Linux has and this kernel has not.
const KINDS: &[&str] = &[
    "cake",
    "choke",
    "clsact",
    "codel",
    "drr",
    "etf",
    "ets",
    "fq",
    "fq_codel",
    "fq_pie",
    "gred",
    "hfsc",
    "hhf",
    "htb",
    "ingress",
    "mq",
    "mqprio",
    "multiq",
    "pfifo_fast",
    "pfifo_head_drop",
    "pie",
    "plug",
    "prio",
    "qfq",
    "red",
    "sfb",
    "sfq",
    "skbprio",
    "taprio",
    "tbf",
];

/// How the answer is to look, and of which namespace it is.
#[derive(Default)]
struct Context {
    statistics: bool,
    json: bool,
    pretty: bool,
    netns: Option<NetnsId>,
}

/// The `tc` program.
pub(super) fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let said = run(&sys, args.get(1..).unwrap_or_default());
    say(&sys, said)
}

fn run(sys: &Sys, args: &[String]) -> Said {
    let mut context = Context::default();
    let mut words = Words::new(args);
    while let Some(option) = words.peek().filter(|word| word.starts_with('-')) {
        words.next();
        match option.trim_start_matches('-') {
            "s" | "stat" | "stats" | "statistics" => context.statistics = true,
            "j" | "json" => context.json = true,
            "p" | "pretty" => context.pretty = true,
            // Nothing here has more to tell, or colours.
            "d" | "details" | "r" | "raw" | "o" | "oneline" | "N" | "Numeric" | "c" | "color" => {}
            "V" | "Version" => {
                return Ok("tc utility, iproute2-7.2.0, libbpf 1.7.0\n".to_owned());
            }
            "h" | "help" => return Ok(USAGE.to_owned()),
            "n" | "net" | "netns" => {
                let name = words.value()?;
                let found = named_or_pid(sys, name).ok_or_else(|| {
                    Fail::new(
                        255,
                        format_args!(
                            "Cannot open network namespace \"{name}\": {}",
                            Errno::ENOENT
                        ),
                    )
                })?;
                context.netns = Some(found);
            }
            other @ ("b" | "batch" | "force" | "cf" | "conf" | "nm" | "names" | "echo") => {
                return Err(Fail::not_modelled("tc", &format!("-{other}")));
            }
            _ => {
                return Err(Fail::new(
                    255,
                    format_args!("Option \"{option}\" is unknown, try \"tc -help\"."),
                ));
            }
        }
    }
    let Some(object) = words.next() else {
        return Ok(USAGE.to_owned());
    };
    match pick(object, OBJECTS) {
        Some("qdisc") => qdisc(sys, &context, words.rest()),
        Some("help") => Ok(USAGE.to_owned()),
        Some(listed @ ("class" | "filter")) => {
            match words.next().map(|word| pick(word, COMMANDS)) {
                None | Some(Some("show" | "list" | "lst")) => Ok(String::new()),
                _ => Err(Fail::not_modelled("tc", listed)),
            }
        }
        Some(other) => Err(Fail::not_modelled("tc", other)),
        None => Err(Fail::new(
            255,
            format_args!("Object \"{object}\" is unknown, try \"tc help\"."),
        )),
    }
}

fn qdisc(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let rest = args.get(1..).unwrap_or_default();
    let Some(command) = args.first() else {
        return show(sys, context, &[]);
    };
    let how = match pick(command, COMMANDS) {
        Some("show" | "list" | "lst") => return show(sys, context, rest),
        Some("help") => return Ok(QDISC.to_owned()),
        Some("add") => Some(Setting::Add),
        Some("change") => Some(Setting::Change),
        Some("replace") => Some(Setting::Replace),
        Some("delete") => None,
        Some(_) => return Err(Fail::not_modelled("tc", "qdisc link")),
        None => {
            return Err(Fail::new(
                255,
                format_args!("Command \"{command}\" is unknown, try \"tc qdisc help\"."),
            ));
        }
    };
    modify(sys, context, how, rest)
}

/// What a change names.
#[derive(Default)]
struct Place {
    device: Option<String>,
    root: bool,
    handle: Option<u16>,
}

/// Sets a device's queueing discipline, or removes it if `how` is `None`.
fn modify(sys: &Sys, context: &Context, how: Option<Setting>, args: &[String]) -> Said {
    let mut place = Place::default();
    let mut words = Words::new(args);
    let kind = loop {
        match words.next() {
            Some("dev") => place.device = Some(words.value()?.to_owned()),
            Some("root") => place.root = true,
            Some("handle") => {
                let text = words.value()?;
                let major = text.strip_suffix(':').unwrap_or(text);
                let handle = u16::from_str_radix(major, 16);
                place.handle = Some(handle.or(Err(Fail::new(
                    1,
                    "Invalid qdisc ID: Numerical handle expected",
                )))?);
            }
            Some("help") => return Ok(QDISC.to_owned()),
            Some(other @ ("parent" | "estimator" | "stab" | "ingress_block" | "egress_block")) => {
                return Err(Fail::not_modelled("tc", other));
            }
            other => break other,
        }
    };
    let spec = kind.map(|kind| read(kind, &mut words)).transpose()?;
    let ns = context.netns.unwrap_or_else(|| sys.netns());
    let link = match &place.device {
        Some(name) => sys
            .kernel(|k| k.link_by_name(ns, name))
            .ok_or_else(|| Fail::no_device(name))?,
        None => return Err(Fail::netlink(Errno::ENODEV)),
    };
    if !sys.has_net_admin() {
        return Err(Fail::netlink(Errno::EPERM));
    }
    if !place.root {
        return Err(Fail::kernel(match how {
            Some(_) => "Handle cannot be zero.",
            None => "Failed to find qdisc with specified handle.",
        }));
    }
    let Some(how) = how else {
        let removed = sys.kernel(|k| k.qdisc_del(link, kind));
        return answer(removed);
    };
    match spec {
        Some(Some(spec)) => answer(sys.kernel(|k| k.qdisc_set(link, place.handle, spec, how))),
        _ => {
            // The kernel looks at what is there before it looks for the kind.
            let there = sys.kernel(|k| k.qdisc(link).is_some());
            match how {
                Setting::Change if !there => answer(Err(QdiscError::NotFound)),
                _ => Err(Fail::kernel("Specified qdisc kind is unknown.")),
            }
        }
    }
}

fn answer(done: Result<(), QdiscError>) -> Said {
    match done {
        Ok(()) => Ok(String::new()),
        Err(error) => Err(Fail::kernel(error.text())),
    }
}

/// Reads a discipline and its options; `None` for a kind that no kernel has.
fn read(kind: &str, words: &mut Words<'_>) -> Result<Option<QdiscSpec>, Fail> {
    match kind {
        "netem" => Ok(Some(QdiscSpec::Netem(netem::read(words)?))),
        "pfifo" | "bfifo" => {
            let bytes = kind == "bfifo";
            let mut limit = if bytes { 1_514_000 } else { 1000 };
            while let Some(word) = words.next() {
                let value = (word == "limit").then(|| words.value()).transpose()?;
                limit = value
                    .and_then(|value| value.parse().ok())
                    .ok_or_else(|| match value {
                        Some(_) => Fail::new(1, "Illegal \"limit\""),
                        None => Fail::new(
                            1,
                            format_args!(
                                "What is \"{word}\"?\nUsage: ... <[p|b]fifo> [ limit NUMBER ]"
                            ),
                        ),
                    })?;
            }
            Ok(Some(QdiscSpec::Fifo { bytes, limit }))
        }
        known if KINDS.contains(&known) => {
            Err(Fail::not_modelled("tc", &format!("the qdisc {known}")))
        }
        unknown => match words.next() {
            Some(option) => Err(Fail::new(
                1,
                format_args!(
                    "Unknown qdisc \"{unknown}\", hence option \"{option}\" is unparsable"
                ),
            )),
            None => Ok(None),
        },
    }
}

fn show(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let ns = context.netns.unwrap_or_else(|| sys.netns());
    let mut words = Words::new(args);
    let mut device = None;
    while let Some(word) = words.next() {
        match word {
            "dev" => device = Some(words.value()?),
            "root" | "invisible" => {}
            "help" => return Ok(QDISC.to_owned()),
            other => {
                return Err(Fail::new(
                    255,
                    format_args!("What is \"{other}\"? Try \"tc qdisc help\"."),
                ));
            }
        }
    }
    sys.kernel(|k| {
        let links = match device {
            None => k.links(ns),
            Some(name) => vec![
                k.link_by_name(ns, name)
                    .ok_or_else(|| Fail::no_device(name))?,
            ],
        };
        let links = links.into_iter().filter_map(|id| k.link(id));
        let named = device.is_none();
        if context.json {
            let all = links.map(|link| described(k, link, named)).collect();
            return Ok(Json::List(all).text(context.pretty));
        }
        Ok(links
            .map(|link| line(k, link, named, context.statistics))
            .collect())
    })
}

/// A device's discipline in words; `named`: its device is told, too.
fn line(k: &Kernel, link: &Link, named: bool, statistics: bool) -> String {
    let qdisc = k.qdisc(link.id);
    let device = if named {
        format!("dev {} ", link.name)
    } else {
        String::new()
    };
    let mut out = format!(
        "qdisc {} {:x}: {device}root refcnt 2 ",
        kind(link, qdisc),
        qdisc.map_or(0, |q| q.handle)
    );
    match qdisc.map(|q| (&q.spec, q)) {
        None => {}
        Some((QdiscSpec::Netem(netem), q)) => out += &netem::text(netem, q.seed),
        Some((QdiscSpec::Fifo { bytes, limit }, _)) => {
            out += &format!("limit {limit}{}", if *bytes { "b" } else { "p" });
        }
    }
    out.push('\n');
    if statistics {
        let counts = qdisc.map(Qdisc::counts).unwrap_or_default();
        out += &format!(
            " Sent {} bytes {} pkt (dropped {}, overlimits 0 requeues 0) \n backlog {}b {}p requeues 0\n",
            counts.bytes, counts.packets, counts.dropped, counts.waiting_bytes, counts.waiting
        );
        if let Some(q) = qdisc.filter(|q| matches!(q.spec, QdiscSpec::Netem(_))) {
            let done = q.emulated();
            out += &format!(
                "  delayed {} dropped {} corrupted 0 duplicated {} reordered {} ecn_marked 0\n",
                done.delayed, done.lost, done.duplicated, done.reordered
            );
        }
    }
    out
}

fn described(k: &Kernel, link: &Link, named: bool) -> Json {
    let qdisc = k.qdisc(link.id);
    let handle = qdisc.map_or(0, |q| q.handle);
    let mut members = vec![
        ("kind", kind(link, qdisc).into()),
        ("handle", format!("{handle:x}:").into()),
    ];
    if named {
        members.push(("dev", (*link.name).into()));
    }
    members.push(("root", Json::Bool(true)));
    members.push(("refcnt", 2u32.into()));
    let options = match qdisc.map(|q| (&q.spec, q)) {
        None => Vec::new(),
        Some((QdiscSpec::Netem(netem), q)) => netem::described(netem, q.seed),
        Some((QdiscSpec::Fifo { limit, .. }, _)) => vec![("limit", (*limit).into())],
    };
    members.push(("options", Json::Map(options)));
    Json::Map(members)
}

/// The name of a device's discipline: one is there once it has been up.
pub(crate) fn kind(link: &Link, qdisc: Option<&Qdisc>) -> &'static str {
    match qdisc {
        Some(qdisc) => qdisc.spec.kind(),
        None if link.was_up => "noqueue",
        None => "noop",
    }
}
