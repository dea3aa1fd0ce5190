//! `brctl` (bridge-utils).

use kernel::ids::NetnsId;
use kernel::net::dev::bridge::FdbKind;
use kernel::net::{Link, LinkSpec, LinkSpecKind};
use kernel::state::Kernel;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::fmt::Write as _;

use super::bridge::{bridge_of, path_cost};
use super::ip::{device_name, devices, set_port};
use super::say::{Fail, Said, say};
use crate::Flavour;

/// Words for completion.
pub const WORDS: &[&str] = &[
    "show", "showmacs", "showstp", "addbr", "delbr", "addif", "delif",
];

/// The `brctl` program.
pub fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let said = run(&sys, args.get(1..).unwrap_or_default());
    say(&sys, said)
}

fn run(sys: &Sys, args: &[String]) -> Said {
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
        (Some("show"), only, _) => sys.kernel(|k| show(k, ns, only)),
        (Some("showmacs"), Some(bridge), _) => sys.kernel(|k| macs(k, ns, bridge)),
        (Some("showstp"), Some(bridge), _) => sys.kernel(|k| tree(k, ns, bridge)),
        (Some("setageing"), Some(bridge), Some(time)) => {
            admin()?;
            let seconds = time.parse().ok().filter(|seconds: &f64| *seconds >= 0.0);
            let ageing = seconds
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .ok_or_else(|| Fail::new(1, "bad ageing time value"))?;
            sys.kernel(|k| {
                let link = k.link_by_name(ns, bridge).ok_or(kernel::Errno::ENODEV);
                link.and_then(|link| k.bridge_set_ageing(link, ageing))
            })
            .map(|()| String::new())
            .map_err(|error| Fail::new(1, format_args!("set ageing time failed: {error}")))
        }
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
                    "addif" if current.is_some() => return Err(Fail::new(1, format_args!("device {dev} is already a member of a bridge; can't add it to bridge {bridge}."))),
                    "addif" => k.link_set_master(link, Some(master)),
                    _ if current != Some(master) => return Err(Fail::new(1, format_args!("device {dev} is not a port of {bridge}"))),
                    _ => k.link_set_master(link, None),
                };
                done.map(|()| String::new()).map_err(|error| Fail::new(1, format_args!("can't change {dev}: {error}")))
            })
        }
        (Some("--version" | "-V"), ..) => Ok("bridge-utils, 1.7\n".into()),
        (Some("hairpin"), Some(bridge), Some(port)) if args.len() == 4 => {
            admin()?;
            let on = word(3) == Some("on") || word(3) == Some("yes");
            sys.kernel(|k| {
                let found = k.link_by_name(ns, port).ok_or_else(|| {
                    Fail::new(1, format_args!("interface {port} does not exist!"))
                })?;
                set_port(k, found, "hairpin", on)
                    .map(|()| String::new())
                    .map_err(|error| Fail::new(1, format_args!("can't set {bridge}: {error}")))
            })
        }
        (Some("stp"), Some(bridge), Some(state)) => {
            admin()?;
            let on = match state {
                "on" | "yes" | "1" => true,
                "off" | "no" | "0" => false,
                _ => return Err(Fail::new(1, "expect on/off for argument")),
            };
            sys.kernel(|k| {
                let link = k.link_by_name(ns, bridge).ok_or(kernel::Errno::ENODEV);
                link.and_then(|link| k.bridge_set_stp(link, on))
            })
            .map(|()| String::new())
            .map_err(|error| Fail::new(1, format_args!("set stp status failed: {error}")))
        }
        (
            Some(
                "setbridgeprio" | "setfd" | "sethello" | "setmaxage" | "setpathcost"
                | "setportprio",
            ),
            Some(_),
            Some(_),
        ) => Err(Fail::not_modelled("brctl", word(0).unwrap_or_default())),
        (Some(command), ..) if usage(command).is_some() => Err(Fail::new(
            1,
            format_args!(
                "Incorrect number of arguments for command\nUsage: brctl {}",
                usage(command).unwrap_or_default()
            ),
        )),
        (Some(other), ..) => Err(Fail::new(
            1,
            format_args!("never heard of command [{other}]\n{}", overview()),
        )),
        (None, ..) => Err(Fail::new(1, overview())),
    }
}

/// The commands: name, arguments, and what they do.
const COMMANDS: [(&str, &str, &str); 16] = [
    ("addbr", "<bridge>", "add bridge"),
    ("delbr", "<bridge>", "delete bridge"),
    ("addif", "<bridge> <device>", "add interface to bridge"),
    ("delif", "<bridge> <device>", "delete interface from bridge"),
    ("hairpin", "<bridge> <port> {on|off}", "turn hairpin on/off"),
    ("setageing", "<bridge> <time>", "set ageing time"),
    ("setbridgeprio", "<bridge> <prio>", "set bridge priority"),
    ("setfd", "<bridge> <time>", "set bridge forward delay"),
    ("sethello", "<bridge> <time>", "set hello time"),
    ("setmaxage", "<bridge> <time>", "set max message age"),
    ("setpathcost", "<bridge> <port> <cost>", "set path cost"),
    ("setportprio", "<bridge> <port> <prio>", "set port priority"),
    ("show", "[ <bridge> ]", "show a list of bridges"),
    ("showmacs", "<bridge>", "show a list of mac addrs"),
    ("showstp", "<bridge>", "show bridge stp info"),
    ("stp", "<bridge> {on|off}", "turn stp on/off"),
];

/// A command's line of help.
fn usage(command: &str) -> Option<String> {
    let (name, args, help) = COMMANDS.iter().find(|(name, ..)| *name == command)?;
    Some(format!("{name} {args}\t\t{help}"))
}

fn overview() -> String {
    let lines =
        COMMANDS.map(|(name, args, help)| format!("\n\t{name:<10}\t{args}\t{}{help}", tabs(args)));
    format!("Usage: brctl [commands]\ncommands:{}", lines.concat())
}

/// Short arguments are followed by two tabs.
fn tabs(args: &str) -> &'static str {
    if args.len() <= 15 { "\t" } else { "" }
}

fn show(k: &Kernel, ns: NetnsId, only: Option<&str>) -> Said {
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

/// What the spanning tree thinks of a bridge and of its ports: nobody contests a bridge's being the root.
fn tree(k: &Kernel, ns: NetnsId, name: &str) -> Said {
    let link = k
        .link_by_name(ns, name)
        .and_then(|id| k.link(id))
        .ok_or_else(|| Fail::new(1, format_args!("bridge {name} does not exist!")))?;
    let bridge = bridge_of(link)
        .ok_or_else(|| Fail::new(1, format_args!("device {name} is not a bridge!")))?;
    let id = format!("8000.{}", link.mac).replace(':', "");
    // Four figures before the point, in hundredths.
    let time = |hundredths: u128| format!("{:>4}.{:02}", hundredths / 100, hundredths % 100);
    let ageing = bridge.ageing.as_millis() / 10;
    let since_collected = u128::from(k.now.as_nanos() / 10_000_000) % ageing.max(1);
    let mut out = format!(
        "{name}\n bridge id\t\t{id}\n designated root\t{id}\n root port\t\t   0\t\t\tpath cost\t\t   0\n \
         max age\t\t{}\t\t\tbridge max age\t\t{}\n hello time\t\t{}\t\t\tbridge hello time\t{}\n \
         forward delay\t\t{}\t\t\tbridge forward delay\t{}\n ageing time\t\t{}\n \
         hello timer\t\t{}\t\t\ttcn timer\t\t{}\n topology change timer\t{}\t\t\tgc timer\t\t{}\n flags\t\t\t\n\n\n",
        time(2000),
        time(2000),
        time(200),
        time(200),
        time(1500),
        time(1500),
        time(ageing),
        time(0),
        time(0),
        time(0),
        time(ageing - since_collected),
    );
    let mut ports: Vec<&Link> = bridge.ports.iter().filter_map(|id| k.link(*id)).collect();
    sorted::sort_by(&mut ports, |a, b| a.name.cmp(&b.name));
    for port in ports {
        let number = port.port.as_ref().map_or(0, |port| port.number);
        let state = if port.is_running() && link.admin_up {
            "forwarding"
        } else {
            "disabled"
        };
        let _ = write!(
            out,
            "{} ({number})\n port id\t\t{:04x}\t\t\tstate\t\t{state:>15}\n \
             designated root\t{id}\tpath cost\t\t{:>4}\n designated bridge\t{id}\tmessage age timer\t{}\n \
             designated port\t{:04x}\t\t\tforward delay timer\t{}\n designated cost\t{:>4}\t\t\thold timer\t\t{}\n \
             flags\t\t\t\n\n",
            port.name,
            0x8000 + u32::from(number),
            path_cost(port),
            time(0),
            0x8000 + u32::from(number),
            time(0),
            0,
            time(0),
        );
    }
    Ok(out)
}

fn macs(k: &Kernel, ns: NetnsId, name: &str) -> Said {
    let found = k
        .link_by_name(ns, name)
        .filter(|id| k.link(*id).is_some_and(|link| bridge_of(link).is_some()));
    let bridge =
        found.ok_or_else(|| Fail::new(1, "read of forward table failed: No such device"))?;
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
