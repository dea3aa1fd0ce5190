//! `ip addr show`.

use ipnet::IpNet;
use kernel::net::{AddrSpec, Link, Scope};
use kernel::state::Kernel;
use kernel::sys::Sys;
use std::fmt::Write as _;

use super::link::{self, Filter};
use super::{
    Context, Fail, Json, Said, devices, lower_name, lower_name_v6, pick, prefix, unknown_command,
};
use crate::inspect::say::Words;
use crate::shell::glob::Pattern;

/// Runs `ip addr ...`.
pub(super) fn run(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let rest = args.get(1..).unwrap_or_default();
    match args.first().map(String::as_str) {
        None => show(sys, context, &[]),
        Some(command) => match pick(
            command,
            &[
                "add", "change", "chg", "replace", "delete", "show", "list", "lst", "flush",
                "save", "restore", "help",
            ],
        ) {
            Some("show" | "list" | "lst") => show(sys, context, rest),
            Some("add") => super::addrset::add(sys, context, rest, false),
            Some("change" | "chg" | "replace") => super::addrset::add(sys, context, rest, true),
            Some("delete") => super::addrset::delete(sys, context, rest),
            Some("flush") => super::addrset::flush(sys, context, rest),
            Some("help") => Err(Fail::new(
                255,
                "Usage: ip address { show | add | change | replace | del | flush } ...",
            )),
            Some(other) => Err(Fail::not_modelled("ip", &format!("address {other}"))),
            None => unknown_command(command, "address"),
        },
    }
}

/// Which addresses are wanted.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) links: Filter,
    to: Option<IpNet>,
    scope: Option<Scope>,
    label: Option<String>,
    /// `primary`, `tentative` and the like: the mark, and whether it has to be there.
    mark: Option<(&'static str, bool)>,
}

/// The scope that a user names.
pub(super) fn scope(text: &str) -> Result<Scope, Fail> {
    Ok(match text {
        "global" | "universe" | "0" => Scope::Global,
        "site" | "200" => Scope::Site,
        "link" | "253" => Scope::Link,
        "host" | "254" => Scope::Host,
        "nowhere" | "255" => Scope::Nowhere,
        other => return Err(Fail::bad_argument(other, "invalid \"scope\"")),
    })
}

impl Wanted {
    pub(super) fn read(k: &Kernel, context: &Context, args: &[String]) -> Result<Self, Fail> {
        let mut wanted = Self::default();
        let mut words = Words::new(args);
        while let Some(word) = words.next() {
            match word {
                "to" => wanted.to = Some(prefix::parse(words.value()?, context.v6)?),
                "scope" => {
                    let value = words.value()?;
                    wanted.scope = if value == "all" {
                        None
                    } else {
                        Some(scope(value)?)
                    };
                }
                "label" => wanted.label = Some(words.value()?.to_owned()),
                "permanent" | "-dynamic" => wanted.mark = Some(("dynamic", false)),
                "dynamic" | "-permanent" => wanted.mark = Some(("dynamic", true)),
                "secondary" | "temporary" => wanted.mark = Some(("secondary", true)),
                "primary" => wanted.mark = Some(("secondary", false)),
                "deprecated" => wanted.mark = Some(("deprecated", true)),
                "-deprecated" => wanted.mark = Some(("deprecated", false)),
                "tentative" => wanted.mark = Some(("tentative", true)),
                "-tentative" => wanted.mark = Some(("tentative", false)),
                word => wanted.links.take(k, context.ns, word, &mut words)?,
            }
        }
        Ok(wanted)
    }

    /// Whether anything is asked of addresses, so that devices without any are left out.
    const fn asks(&self) -> bool {
        self.to.is_some() || self.scope.is_some() || self.label.is_some() || self.mark.is_some()
    }

    /// The family that was asked for, be it by the prefix.
    fn family(&self, context: &Context) -> Option<bool> {
        context.v6.or(self.to.map(|net| net.addr().is_ipv6()))
    }

    /// Whether the mark that was asked for is as it should be. Nothing here makes addresses with a lifetime.
    fn marked(&self, addr: &AddrSpec) -> bool {
        self.mark.is_none_or(|(mark, wanted)| {
            let has = match mark {
                "secondary" => addr.flags.secondary,
                "tentative" => addr.flags.tentative,
                _ => false,
            };
            has == wanted
        })
    }

    pub(super) fn passes(&self, context: &Context, link: &Link, addr: &AddrSpec) -> bool {
        let label = || addr.label.as_deref().unwrap_or(&link.name).to_owned();
        context.wants(addr.addr.is_ipv6())
            && self.to.is_none_or(|net| net.contains(&addr.addr))
            && self.scope.is_none_or(|scope| scope == addr.scope)
            && self
                .label
                .as_ref()
                .is_none_or(|wanted| Pattern::new(wanted).matches(&label()))
            && self.marked(addr)
    }
}

fn show(sys: &Sys, context: &Context, args: &[String]) -> Said {
    sys.kernel(|k| {
        let wanted = Wanted::read(k, context, args)?;
        let context = &Context {
            v6: wanted.family(context),
            ..context.clone()
        };
        let mut out = String::new();
        let mut items = Vec::new();
        for link in devices(k, context.ns)
            .into_iter()
            .filter(|link| wanted.links.passes(link))
        {
            let addrs: Vec<AddrSpec> = k
                .addrs(link.id)
                .into_iter()
                .filter(|addr| wanted.passes(context, link, addr))
                .collect();
            if addrs.is_empty() && (context.v6.is_some() || wanted.asks()) {
                continue;
            }
            if context.json {
                let mut members = link::json(k, context, link, false);
                if context.brief {
                    members = link::kept(members, &["link_index", "link", "ifname", "operstate"]);
                }
                members.push((
                    "addr_info",
                    Json::List(
                        addrs
                            .iter()
                            .map(|addr| {
                                if context.brief {
                                    short(addr)
                                } else {
                                    json(link, addr)
                                }
                            })
                            .collect(),
                    ),
                ));
                items.push(Json::Map(members));
            } else if context.brief {
                out.push_str(&brief(k, context, link, &addrs));
            } else if context.oneline {
                addrs.iter().for_each(|addr| {
                    out.push_str(&format!(
                        "{}: {}    {}",
                        link.index,
                        link.name,
                        full(context, link, addr)
                    ));
                });
            } else {
                // A label is a matter of addresses only.
                if wanted.label.is_none() {
                    out.push_str(&link::before_addresses(
                        k,
                        context,
                        link,
                        wanted.links.names_one(),
                    ));
                }
                addrs
                    .iter()
                    .for_each(|addr| out.push_str(&format!("    {}", full(context, link, addr))));
                if context.stats > 0 {
                    // The counters begin with the end of a line.
                    out.pop();
                    out += &link::counters(context, link);
                    out.push('\n');
                }
            }
        }
        Ok(if context.json {
            context.list(items)
        } else {
            out
        })
    })
}

fn brief(k: &Kernel, context: &Context, link: &Link, addrs: &[AddrSpec]) -> String {
    let lower = match context.v6 {
        Some(true) => lower_name_v6(k, link),
        _ => lower_name(k, link.id),
    };
    let name = format!("{}{lower}", link.name);
    let mut out = format!("{name:<16} {:<14} ", link.operstate.text());
    for addr in addrs {
        let _ = write!(out, "{} ", with_prefix(addr));
    }
    out + "\n"
}

/// `10.0.0.1/24`, or `10.0.0.1 peer 10.0.0.2/32`.
fn with_prefix(addr: &AddrSpec) -> String {
    match addr.peer {
        Some(peer) => format!("{} peer {peer}/{}", addr.addr, addr.prefix),
        None => format!("{}/{}", addr.addr, addr.prefix),
    }
}

fn marks(addr: &AddrSpec) -> Vec<&'static str> {
    let secondary = if addr.addr.is_ipv6() {
        "temporary"
    } else {
        "secondary"
    };
    let flags = addr.flags;
    [
        (flags.secondary, secondary),
        (flags.nodad, "nodad"),
        (flags.tentative, "tentative"),
        (flags.noprefixroute, "noprefixroute"),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .map(|(_, word)| word)
    .collect()
}

/// An address from `inet` on, both lines.
pub(super) fn full(context: &Context, link: &Link, addr: &AddrSpec) -> String {
    let mut out = format!(
        "{} {} ",
        if addr.addr.is_ipv6() { "inet6" } else { "inet" },
        with_prefix(addr)
    );
    if let Some(broadcast) = addr.broadcast {
        let _ = write!(out, "brd {broadcast} ");
    }
    let _ = write!(out, "scope {} ", addr.scope.text());
    for mark in marks(addr) {
        let _ = write!(out, "{mark} ");
    }
    if addr.addr.is_ipv4() {
        out.push_str(addr.label.as_deref().unwrap_or(&link.name));
    }
    format!(
        "{out}{}       valid_lft forever preferred_lft forever\n",
        context.line()
    )
}

/// What `-br` leaves of an address.
fn short(addr: &AddrSpec) -> Json {
    Json::Map(vec![
        ("local", addr.addr.to_string().into()),
        ("prefixlen", u64::from(addr.prefix).into()),
    ])
}

fn json(link: &Link, addr: &AddrSpec) -> Json {
    let mut out: Vec<(&'static str, Json)> = vec![
        (
            "family",
            if addr.addr.is_ipv6() { "inet6" } else { "inet" }.into(),
        ),
        ("local", addr.addr.to_string().into()),
    ];
    if let Some(peer) = addr.peer {
        out.push(("address", peer.to_string().into()));
    }
    out.push(("prefixlen", u32::from(addr.prefix).into()));
    if let Some(broadcast) = addr.broadcast {
        out.push(("broadcast", broadcast.to_string().into()));
    }
    out.push(("scope", addr.scope.text().into()));
    // The addresses that the kernel makes by itself say so. Source: Linux `IFA_PROTO`.
    match addr.scope {
        Scope::Link if addr.addr.is_ipv6() => out.push(("protocol", "kernel_ll".into())),
        Scope::Host if addr.addr.is_ipv6() => out.push(("protocol", "kernel_lo".into())),
        _ => {}
    }
    out.extend(marks(addr).into_iter().map(|mark| (mark, Json::Bool(true))));
    if addr.addr.is_ipv4() {
        out.push(("label", addr.label.as_deref().unwrap_or(&link.name).into()));
    }
    let forever = u64::from(u32::MAX);
    out.extend([
        ("valid_life_time", forever.into()),
        ("preferred_life_time", forever.into()),
    ]);
    Json::Map(out)
}
