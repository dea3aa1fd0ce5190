//! Busybox's `ip`, which prints less than iproute2's and knows fewer options.

use kernel::net::{AddrSpec, Link, RouteKind, TableId};
use kernel::state::Kernel;
use kernel::sys::Sys;
use std::fmt::Write as _;

use super::{Context, Fail, Said, device_name, devices, flags, link, pick, prefix, shown_device};
use crate::inspect::say::{Words, say};
use crate::inspect::tc;

/// Runs it.
pub(super) async fn main(sys: Sys, args: Vec<String>) -> i32 {
    let said = run(&sys, args.get(1..).unwrap_or_default());
    match said {
        Ok(text) => {
            sys.out(&text);
            0
        }
        Err(Some(fail)) => say(&sys, Err(fail)),
        Err(None) => {
            sys.err(USAGE);
            1
        }
    }
}

/// An error, or `None` for the usage text.
type Wrong = Option<Fail>;

fn run(sys: &Sys, args: &[String]) -> Result<String, Wrong> {
    let mut context = Context::new(sys, Vec::new());
    let mut words = Words::new(args);
    while let Some(option) = words.peek().filter(|word| word.starts_with('-')) {
        words.next();
        match option.trim_start_matches('-') {
            "4" => context.v6 = Some(false),
            "6" => context.v6 = Some(true),
            "0" => context.link_only = true,
            "o" | "oneline" => context.oneline = true,
            "f" | "family" => match words.next() {
                Some("inet") => context.v6 = Some(false),
                Some("inet6") => context.v6 = Some(true),
                Some("link") => context.link_only = true,
                Some(other) => {
                    return Err(Some(Fail::new(
                        1,
                        format_args!("ip: invalid argument '{other}' to 'protocol family'"),
                    )));
                }
                None => return Err(None),
            },
            _ => return Err(None),
        }
    }
    let object = words.next().ok_or(None)?;
    let rest = words.rest();
    let command = rest.first().map_or("show", String::as_str);
    let after = rest.get(1..).unwrap_or_default();
    let said = match pick(
        object,
        &[
            "address",
            "route",
            "link",
            "tunnel",
            "tunl",
            "rule",
            "neighbor",
            "neighbour",
        ],
    ) {
        Some("address") => match pick(
            command,
            &[
                "add", "change", "chg", "replace", "delete", "list", "show", "lst", "flush",
            ],
        ) {
            Some("list" | "show" | "lst") => show(sys, &context, after, true),
            Some(_) => super::addr::run(sys, &context, rest),
            None => Err(Fail::new(
                1,
                format_args!("ip: invalid argument '{command}' to 'ip'"),
            )),
        },
        Some("link") => match pick(command, &["add", "delete", "set", "show", "lst", "list"]) {
            Some("list" | "show" | "lst") => show(sys, &context, after, false),
            Some("set") => {
                super::link::run(sys, &context, rest).map_err(|fail| by_ioctl(fail, after))
            }
            Some(_) => super::link::run(sys, &context, rest),
            None => Err(Fail::new(
                1,
                format_args!("ip: invalid argument '{command}' to 'ip'"),
            )),
        },
        Some("route") => match pick(
            command,
            &[
                "list", "show", "lst", "add", "append", "change", "chg", "delete", "get", "flush",
                "prepend", "replace", "test",
            ],
        ) {
            Some("list" | "show" | "lst") if context.v6.is_none() && is_any_prefix(after) => {
                routes(sys, &context, &[])
            }
            Some("list" | "show" | "lst") => routes(sys, &context, after),
            Some("get") => {
                super::route::run(sys, &context, rest).map(|text| get_text(&context, &text))
            }
            Some(_) => super::route::run(sys, &context, rest),
            None => Err(Fail::new(
                1,
                format_args!("ip: invalid argument '{command}' to 'ip'"),
            )),
        },
        Some("neighbor" | "neighbour") => {
            super::neigh::run(sys, &context, rest, super::neigh::busybox_line)
        }
        // There are none.
        Some("tunnel") if matches!(rest.first().map(String::as_str), None | Some("show")) => {
            Ok(String::new())
        }
        Some("rule") => super::rule::run(sys, &context, rest)
            .map(|text| text.lines().map(|line| format!("{line} \n")).collect()),
        _ => return Err(None),
    };
    said.map_err(|fail| Some(own_words(fail)))
}

/// Whether a route's destination may be any. Such a word takes its family from `-4` or `-6`, and a prefix without a family
/// selects nothing, where iproute2 shows the default routes. Source: busybox 1.38 `networking/libiproute/utils.c`,
/// `get_prefix_1`.
fn is_any_prefix(words: &[String]) -> bool {
    let any = |word: &String| matches!(word.as_str(), "default" | "any" | "all");
    match words {
        [word] => any(word),
        [kind, word] => matches!(kind.as_str(), "root" | "match" | "exact") && any(word),
        _ => false,
    }
}

/// What the applet says when a device cannot be changed: most settings go by an ioctl of their own, in this order.
fn by_ioctl(fail: Fail, words: &[String]) -> Fail {
    const CALLS: [(&[&str], &str); 5] = [
        (&["address"], "socket"),
        (&["name"], "SIOCSIFNAME"),
        (&["qlen"], "SIOCSIFTXQLEN"),
        (&["mtu"], "SIOCSIFMTU"),
        (
            &["up", "down", "arp", "multicast", "promisc"],
            "SIOCSIFFLAGS",
        ),
    ];
    let asked = |keys: &[&str]| words.iter().any(|word| keys.contains(&&**word));
    let call = CALLS.iter().find(|(keys, _)| asked(keys));
    let Some((_, call)) = call else {
        return fail;
    };
    if let Some(why) = fail.text.strip_prefix("RTNETLINK answers: ") {
        return Fail::new(2, format_args!("ip: {call}: {}", why.trim_end()));
    }
    if fail.text.starts_with("Cannot find device") {
        let call = call.replace("SIOCSIFFLAGS", "SIOCGIFFLAGS");
        return Fail::new(2, format_args!("ip: {call}: {}", kernel::Errno::ENODEV));
    }
    fail
}

/// Busybox's own form of what iproute2 says about devices, addresses and refusals.
fn own_words(fail: Fail) -> Fail {
    let text = fail.text;
    let quoted = || text.split('"').nth(1).unwrap_or_default().to_owned();
    if text.starts_with("Cannot find device") || text.starts_with("Device \"") {
        return Fail::new(1, format_args!("ip: can't find device '{}'", quoted()));
    }
    if let Some((_, value)) = text.split_once(" prefix is expected rather than ") {
        return Fail::new(
            1,
            format_args!(
                "ip: invalid argument {} to 'prefix'",
                value.trim_end().trim_end_matches('.').replace('"', "'")
            ),
        );
    }
    let refused = text.strip_prefix("RTNETLINK answers: ").map(str::to_owned);
    // The applet prints the number's name only, not the kernel's own sentence.
    let refused = refused.or_else(|| {
        let sentence = text.strip_prefix("Error: ")?;
        let name = match sentence.trim_end() {
            "ipv4: Address already assigned." | "ipv6: address already assigned." => "File exists",
            "ipv4: Address not found." | "ipv6: address not found." => {
                "Cannot assign requested address"
            }
            "Nexthop has invalid gateway." => "Network is unreachable",
            "Device for nexthop is not up." => "Network is down",
            _ => return None,
        };
        Some(format!("{name}\n"))
    });
    match refused {
        Some(reason) => Fail {
            text: format!("ip: RTNETLINK answers: {reason}"),
            code: 2,
        },
        None => Fail {
            text,
            code: if fail.code == 255 { 1 } else { fail.code },
        },
    }
}

/// What follows a device's name. The index is looked up here even if it belongs to another namespace.
fn lower(k: &Kernel, link: &Link) -> (String, bool) {
    let Some((index, _)) = k.link_lower(link.id) else {
        return (String::new(), false);
    };
    match k.link_by_index(link.ns, index).and_then(|id| k.link(id)) {
        Some(found) => (format!("@{}", found.name), !found.admin_up),
        None => (format!("@if{index}"), true),
    }
}

fn show(sys: &Sys, context: &Context, args: &[String], addresses: bool) -> Said {
    sys.kernel(|k| {
        let (mut dev, mut up, mut to, mut scope) = (None, false, None, None);
        let mut words = Words::new(args);
        while let Some(word) = words.next() {
            match word {
                "up" => up = true,
                "dev" => dev = Some(shown_device(k, context.ns, words.value()?)?),
                "to" => to = Some(prefix::parse(words.value()?, context.v6)?),
                "scope" => scope = Some(words.value()?.to_owned()),
                "label" => {
                    return Err(Fail::not_modelled("ip", &format!("addr show {word}")));
                }
                name => dev = Some(shown_device(k, context.ns, name)?),
            }
        }
        let mut out = String::new();
        for link in devices(k, context.ns)
            .into_iter()
            .filter(|link| dev.is_none_or(|id| id == link.id) && (!up || link.admin_up))
        {
            let passes = |addr: &AddrSpec| {
                addresses
                    && context.wants(addr.addr.is_ipv6())
                    && to.is_none_or(|net: ipnet::IpNet| net.contains(&addr.addr))
                    && scope.as_ref().is_none_or(|name| addr.scope.text() == name)
            };
            let addrs: Vec<AddrSpec> = k.addrs(link.id).into_iter().filter(passes).collect();
            if addresses
                && addrs.is_empty()
                && (context.v6.is_some() || to.is_some() || scope.is_some())
            {
                continue;
            }
            if !addresses || !context.oneline {
                out.push_str(&head(k, context, link, addresses));
            }
            for addr in &addrs {
                out.push_str(&address(context, link, addr));
            }
        }
        Ok(out)
    })
}

/// A device's first line, and the second if no family is asked for. Of IPv6's devices the kernel does not tell the queue.
fn head(k: &Kernel, context: &Context, link: &Link, addresses: bool) -> String {
    let (name, lower_is_down) = lower(k, link);
    let marks = flags(link, Some(!lower_is_down)).join(",");
    let mut out = format!(
        "{}: {}{name}: <{marks}> mtu {} ",
        link.index, link.name, link.mtu
    );
    if context.v6 != Some(true) || !addresses {
        let _ = write!(out, "qdisc {} ", tc::kind(link, k.qdisc(link.id)));
    }
    if link.master.is_some() {
        let _ = write!(out, "master {} ", device_name(k, link.master));
    }
    if link.txqlen > 0 {
        let _ = write!(out, "qlen {}", link.txqlen);
    }
    if context.v6.is_none() || !addresses {
        let _ = write!(out, "{}    {}", context.line(), link::hardware(link));
    }
    out + "\n"
}

fn address(context: &Context, link: &Link, addr: &AddrSpec) -> String {
    let v6 = addr.addr.is_ipv6();
    let mut out = if context.oneline {
        format!("{}: {}", link.index, link.name)
    } else {
        String::new()
    };
    let _ = write!(
        out,
        "    {} {}",
        if v6 { "inet6" } else { "inet" },
        addr.addr
    );
    if let Some(peer) = addr.peer {
        let _ = write!(out, " peer {peer}");
    }
    let _ = write!(out, "/{} ", addr.prefix);
    if let Some(broadcast) = addr.broadcast {
        let _ = write!(out, "brd {broadcast} ");
    }
    let _ = write!(out, "scope {} ", addr.scope.text());
    if addr.flags.secondary {
        out.push_str("secondary ");
    }
    if addr.flags.tentative {
        out.push_str("tentative ");
    }
    // The applet knows few marks by name and prints the rest as a number.
    if addr.flags.nodad && v6 {
        out.push_str("flags 02 ");
    }
    if !v6 {
        out.push_str(addr.label.as_deref().unwrap_or(&link.name));
    }
    format!(
        "{out}{}       valid_lft forever preferred_lft forever\n",
        context.line()
    )
}

fn routes(sys: &Sys, context: &Context, args: &[String]) -> Said {
    sys.kernel(|k| {
        let wanted = super::route::Wanted::read(k, context, args)?;
        let mut out = String::new();
        for route in wanted.list(k, context) {
            let v6 = route.dst.addr().is_ipv6();
            if route.kind != RouteKind::Unicast {
                let _ = write!(out, "{} ", route.kind.text());
            }
            let _ = write!(out, "{} ", route.prefix_text());
            if let Some(via) = route.via {
                let _ = write!(out, "via {via} ");
            }
            if route.link.is_some() && wanted.dev.is_none() {
                let _ = write!(out, "dev {} ", device_name(k, route.link));
            }
            if route.table != TableId::MAIN {
                let _ = write!(out, "table {} ", super::route::table_name(route.table));
            }
            if !v6 && route.scope != kernel::net::Scope::Global {
                let _ = write!(out, "scope {} ", route.scope.text());
            }
            if let Some(src) = route.src {
                let _ = write!(out, " src {src} ");
            }
            if route.metric != 0 {
                let _ = write!(out, " metric {} ", route.metric);
            }
            out.push('\n');
        }
        Ok(out)
    })
}

/// Busybox's answer to `ip route get` tells no `uid`, and of the cache only that it is one.
fn get_text(context: &Context, text: &str) -> String {
    let first = text.split(['\n', '\\']).next().unwrap_or_default();
    format!(
        "{} {}    cache \n",
        first
            .trim_end()
            .trim_end_matches("uid 0")
            .trim_end()
            .replace(" src ", "  src "),
        context.line()
    )
}

const USAGE: &str = "BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]

ip addr add|del IFADDR dev IFACE | show|flush [dev IFACE] [to PREFIX]
ip route list|flush|add|del|change|append|replace|test ROUTE
ip link set IFACE [up|down] [arp on|off] [multicast on|off]
	[promisc on|off] [mtu NUM] [name NAME] [qlen NUM] [address MAC]
	[master IFACE | nomaster] [netns PID] [type TYPE ARGS]
ip tunnel add|change|del|show [NAME]
	[mode ipip|gre|sit] [remote ADDR] [local ADDR] [ttl TTL]
ip neigh show|flush [to PREFIX] [dev DEV] [nud STATE]
ip rule [list] | add|del SELECTOR ACTION
";
