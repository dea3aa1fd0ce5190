//! `ip`: iproute2's, and (in [`busybox`]) the applet of that name.
//!
//! Texts are those of iproute2 7. Each object has a file of its own; [`link`] and [`addr`] print, [`linkset`] and
//! [`addrset`] change.

mod addr;
mod addrset;
mod busybox;
mod details;
mod link;
mod linkset;
mod maddr;
mod monitor;
mod neigh;
mod netns;
mod prefix;
mod route;
mod routeset;
mod rule;
mod stacked;

use kernel::ids::{LinkId, NetnsId};
use kernel::net::Link;
use kernel::process::files::Fd;
use kernel::state::Kernel;
use kernel::sys::Sys;

use super::colour;
use super::json::Json;
use super::say::{Fail, Said, pick, say};
use crate::Flavour;

pub(crate) use link::{flags, lower_name, lower_name_v6};
pub(crate) use linkset::set_port;
pub(crate) use maddr::{groups, hardware_groups};

/// Words for completion.
pub const WORDS: &[&str] = &[
    "addr", "link", "route", "neigh", "netns", "rule", "show", "add", "del", "set", "get", "flush",
    "dev", "via", "master", "type", "up", "down", "-br", "-4", "-6", "-o", "-d", "-s", "-j", "-n",
];

/// What the global options say.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The namespace that is looked at.
    pub(crate) ns: NetnsId,
    /// Its name for others, with theirs.
    pub(crate) names: Vec<(String, NetnsId)>,
    /// `-4` and `-6`: whether only IPv6.
    pub(crate) v6: Option<bool>,
    /// `-0`: only the link layer.
    pub(crate) link_only: bool,
    pub(crate) brief: bool,
    pub(crate) oneline: bool,
    pub(crate) details: bool,
    pub(crate) stats: u8,
    pub(crate) json: bool,
    pub(crate) pretty: bool,
    /// `-color`.
    pub(crate) colour: bool,
    /// `-all`, for `netns exec` and `delete`.
    pub(crate) all: bool,
    /// `-N`: numbers instead of names.
    pub(crate) numeric: bool,
    /// `-t` and `-ts`: how `ip monitor` tells moments.
    pub(crate) stamp: monitor::Stamp,
    /// Whether the process may change anything.
    pub(crate) admin: bool,
}

impl Context {
    /// What holds without options.
    fn new(sys: &Sys, names: Vec<(String, NetnsId)>) -> Self {
        Self {
            ns: sys.netns(),
            names,
            v6: None,
            link_only: false,
            brief: false,
            oneline: false,
            details: false,
            stats: 0,
            json: false,
            pretty: false,
            colour: false,
            all: false,
            numeric: false,
            stamp: monitor::Stamp::None,
            admin: sys.has_net_admin(),
        }
    }

    /// Where iproute2 ends a line within an entry.
    pub(crate) const fn line(&self) -> &'static str {
        if self.oneline { "\\" } else { "\n" }
    }

    /// Whether addresses of this family are wanted.
    pub(crate) fn wants(&self, v6: bool) -> bool {
        self.v6.is_none_or(|only| only == v6) && !self.link_only
    }

    /// The list as JSON text.
    pub(crate) fn list(&self, items: Vec<Json>) -> String {
        Json::List(items).text(self.pretty)
    }

    /// What `-s` makes of a `flush`.
    pub(crate) fn flushed(&self, count: usize, what: &str) -> String {
        match (self.stats, count) {
            (0, _) => String::new(),
            (_, 0) => "Nothing to flush.\n".into(),
            (_, count) => format!(
                "\n*** Round 1, deleting {count} {what} ***\n*** Flush is complete after 1 round ***\n"
            ),
        }
    }

    /// Refuses a change without CAP_NET_ADMIN, as the kernel does.
    pub(crate) fn permit(&self) -> Result<(), Fail> {
        if self.admin {
            Ok(())
        } else {
            Err(Fail::netlink(kernel::Errno::EPERM))
        }
    }

    /// Whether `count` things may be flushed: all go in one request, and what is said of a refused one is different.
    /// Without anything to flush, nothing is requested. Source: iproute2 `flush_update`, recording 1822.
    ///
    /// # Errors
    /// The sentence, with the status that the object's command ends with.
    pub(crate) fn permit_flush(&self, count: usize, status: i32) -> Result<(), Fail> {
        if self.admin || count == 0 {
            return Ok(());
        }
        Err(Fail::new(
            status,
            format_args!(
                "Failed to send flush request: {}",
                kernel::Errno::EPERM.text()
            ),
        ))
    }
}

/// The device that a filter names, or iproute2's sentence for it.
pub(crate) fn shown_device(k: &Kernel, ns: NetnsId, name: &str) -> Result<LinkId, Fail> {
    k.link_by_name(ns, name)
        .ok_or_else(|| Fail::new(1, format_args!("Device \"{name}\" does not exist.")))
}

/// The device that a change names, or iproute2's sentence for it.
pub(crate) fn changed_device(k: &Kernel, ns: NetnsId, name: &str) -> Result<LinkId, Fail> {
    k.link_by_name(ns, name)
        .ok_or_else(|| Fail::no_device(name))
}

/// The devices of a namespace, by index.
pub(crate) fn devices(k: &Kernel, ns: NetnsId) -> Vec<&Link> {
    k.links(ns)
        .into_iter()
        .filter_map(|id| k.link(id))
        .collect()
}

/// A device's name; empty if it is gone.
pub(crate) fn device_name(k: &Kernel, link: Option<LinkId>) -> String {
    link.and_then(|id| k.link(id))
        .map(|l| l.name.to_string())
        .unwrap_or_default()
}

/// The `ip` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    if flavour == Flavour::Busybox {
        return busybox::main(sys, args).await;
    }
    match options(&sys, args.get(1..).unwrap_or_default()) {
        Ok((context, rest)) => dispatch(&sys, &context, &rest).await,
        Err(fail) => say(
            &sys,
            if fail.code == 0 {
                Ok(fail.text)
            } else {
                Err(fail)
            },
        ),
    }
}

fn options(sys: &Sys, args: &[String]) -> Result<(Context, Vec<String>), Fail> {
    let mut context = Context::new(sys, super::netns::named(sys));
    let mut rest = args.iter();
    while let Some(option) = rest.as_slice().first().filter(|word| word.starts_with('-')) {
        rest.next();
        let name = option
            .strip_prefix("--")
            .or_else(|| option.strip_prefix('-'))
            .unwrap_or_default();
        let missing = || Fail::new(255, "Command line is not complete. Try option \"help\"");
        match name {
            "4" => context.v6 = Some(false),
            "6" => context.v6 = Some(true),
            "0" => context.link_only = true,
            "br" | "brief" => context.brief = true,
            "j" | "js" | "json" => context.json = true,
            "p" | "pretty" => context.pretty = true,
            "V" | "Version" => {
                return Err(Fail {
                    text: "ip utility, iproute2-7.2.0, libbpf 1.7.0\n".into(),
                    code: 0,
                });
            }
            "N" | "Numeric" => context.numeric = true,
            "t" | "timestamp" => context.stamp = monitor::Stamp::Long,
            "ts" | "tshort" => context.stamp = monitor::Stamp::Short,
            "h" | "human" | "r" | "resolve" | "iec" => {}
            "a" | "all" => context.all = true,
            "help" | "H" => {
                return Err(Fail {
                    text: HELP.into(),
                    code: 255,
                });
            }
            "n" | "netns" => {
                let name = rest.next().ok_or_else(missing)?;
                context.ns = netns::enter(sys, name)?;
            }
            "f" | "family" => match rest.next().ok_or_else(missing)?.as_str() {
                "inet" => context.v6 = Some(false),
                "inet6" => context.v6 = Some(true),
                "link" => context.link_only = true,
                other => return Err(Fail::argument(other, "invalid protocol family")),
            },
            name if pick(name, &["statistics"]).is_some() => context.stats += 1,
            name if pick(name, &["details"]).is_some() => context.details = true,
            name if pick(name, &["oneline"]).is_some() => context.oneline = true,
            name if let Some(wanted) = colour::asked(name, sys.is_tty(Fd::STDOUT)) => {
                context.colour = wanted;
            }
            _ => {
                return Err(Fail::new(
                    255,
                    format_args!("Option \"{option}\" is unknown, try \"ip -help\"."),
                ));
            }
        }
    }
    Ok((context, rest.cloned().collect()))
}

const OBJECTS: &[&str] = &[
    "address",
    "addrlabel",
    "maddress",
    "route",
    "rule",
    "neighbor",
    "neighbour",
    "link",
    "tunnel",
    "netns",
    "monitor",
    "xfrm",
    "vrf",
    "nexthop",
    "tuntap",
    "mroute",
    "token",
    "ntable",
    "tcp_metrics",
    "netconf",
    "mptcp",
    "l2tp",
    "stats",
    "fou",
    "sr",
    "macsec",
    "ila",
    "ioam",
    "help",
];

async fn dispatch(sys: &Sys, context: &Context, args: &[String]) -> i32 {
    let Some(object) = args.first() else {
        return say(
            sys,
            Err(Fail {
                text: HELP.into(),
                code: 255,
            }),
        );
    };
    let rest = args.get(1..).unwrap_or_default();
    let said = match pick(object, OBJECTS) {
        Some("address") => addr::run(sys, context, rest),
        Some("link") => link::run(sys, context, rest),
        Some("route") => route::run(sys, context, rest),
        Some("rule") => rule::run(sys, context, rest),
        Some("neighbor" | "neighbour") => {
            let counts = context.stats > 0;
            let line = if counts {
                neigh::counted_line
            } else {
                neigh::line
            };
            neigh::run(sys, context, rest, line)
        }
        Some("maddress") => maddr::run(sys, context, rest),
        Some("monitor") => return monitor::run(sys, context, rest).await,
        Some("netns") => return netns::run(sys, context, rest).await,
        Some("help") => Err(Fail {
            text: HELP.into(),
            code: 255,
        }),
        Some(other) => Err(Fail::not_modelled("ip", other)),
        None => Err(Fail::new(
            1,
            format_args!("Object \"{object}\" is unknown, try \"ip help\"."),
        )),
    };
    let paints = context.colour && !context.json;
    let said = said.map(|text| match paints {
        true => colour::paint(&text, context.brief),
        false => text,
    });
    say(sys, said)
}

/// What iproute2 says about a command that its object does not have.
pub(crate) fn unknown_command(command: &str, object: &str) -> Said {
    Err(Fail::new(
        255,
        format_args!("Command \"{command}\" is unknown, try \"ip {object} help\"."),
    ))
}

const HELP: &str = "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | addrlabel | fou | help | ila | ioam | l2tp | link |
                   macsec | maddress | monitor | mptcp | mroute | mrule |
                   neighbor | neighbour | netconf | netns | nexthop | ntable |
                   ntbl | route | rule | sr | stats | tap | tcpmetrics |
                   token | tunnel | tuntap | vrf | xfrm }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -iec | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 | mpls | bridge | link } |
                    -4 | -6 | -M | -B | -0 |
                    -l[oops] { maximum-addr-flush-attempts } | -echo | -br[ief] |
                    -o[neline] | -t[imestamp] | -ts[hort] | -b[atch] [filename] |
                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |
                    -c[olor]}
";
