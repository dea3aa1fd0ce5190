//! `ip route show` and `get`.

use ipnet::IpNet;
use kernel::errno::Errno;
use kernel::net::{Route, RouteAnswer, RouteKind, RouteProto, RouteQuery, Scope, TableId};
use kernel::state::Kernel;
use kernel::sys::Sys;
use std::fmt::Write as _;
use std::net::IpAddr;

use super::{
    Context, Fail, Json, Said, changed_device, device_name, pick, prefix, unknown_command,
};
use crate::inspect::say::Words;

/// Runs `ip route ...`.
pub(super) fn run(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let rest = args.get(1..).unwrap_or_default();
    let commands = [
        "list", "show", "lst", "get", "add", "change", "chg", "replace", "append", "prepend",
        "delete", "flush", "save", "help",
    ];
    match args.first().map(String::as_str) {
        None => show(sys, context, &[]),
        Some(command) => match pick(command, &commands) {
            Some("show" | "list" | "lst") => show(sys, context, rest),
            Some("get") => get(sys, context, rest),
            Some("chg") => super::routeset::add(sys, context, rest, "change"),
            Some(command @ ("add" | "append" | "prepend" | "change" | "replace")) => {
                super::routeset::add(sys, context, rest, command)
            }
            Some("delete") => super::routeset::delete(sys, context, rest),
            Some("flush") => super::routeset::flush(sys, context, rest),
            Some("help") => Err(Fail::new(
                255,
                "Usage: ip route { show | get | add | change | replace | del | flush } ...",
            )),
            Some(other) => Err(Fail::not_modelled("ip", &format!("route {other}"))),
            None => unknown_command(command, "route"),
        },
    }
}

/// A table as a user names it; `None` for all.
pub(super) fn table(text: &str) -> Result<Option<TableId>, Fail> {
    Ok(Some(match text {
        "all" => return Ok(None),
        "main" => TableId::MAIN,
        "local" => TableId::LOCAL,
        "default" => TableId::DEFAULT,
        number => TableId(
            number
                .parse()
                .ok()
                .ok_or_else(|| Fail::bad_argument(number, "table id value is invalid"))?,
        ),
    }))
}

/// A table's name.
pub(super) fn table_name(table: TableId) -> String {
    match table {
        TableId::MAIN => "main".into(),
        TableId::LOCAL => "local".into(),
        TableId::DEFAULT => "default".into(),
        TableId(number) => number.to_string(),
    }
}

fn proto_name(proto: RouteProto) -> String {
    match proto {
        RouteProto::KERNEL => "kernel".into(),
        RouteProto::BOOT => "boot".into(),
        RouteProto::STATIC => "static".into(),
        RouteProto::RA => "ra".into(),
        RouteProto::DHCP => "dhcp".into(),
        RouteProto(number) => number.to_string(),
    }
}

/// Who made a route, as a user names it.
pub(super) fn proto(text: &str) -> Result<RouteProto, Fail> {
    let known = [
        RouteProto::KERNEL,
        RouteProto::BOOT,
        RouteProto::STATIC,
        RouteProto::RA,
        RouteProto::DHCP,
    ];
    let named = known.into_iter().find(|proto| proto_name(*proto) == text);
    named
        .or_else(|| text.parse().ok().map(RouteProto))
        .ok_or_else(|| Fail::bad_argument(text, "\"protocol\" value is invalid"))
}

/// The kind of route that a word names.
pub(super) fn kind(word: &str) -> Option<RouteKind> {
    use RouteKind::{
        Blackhole, Broadcast, Local, Multicast, Prohibit, Throw, Unicast, Unreachable,
    };
    if word == "unicast" {
        return Some(Unicast);
    }
    [
        Local,
        Broadcast,
        Multicast,
        Unreachable,
        Blackhole,
        Prohibit,
        Throw,
    ]
    .into_iter()
    .find(|kind| kind.text() == word)
}

/// Which routes are wanted.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) v6: bool,
    both: bool,
    table: Option<TableId>,
    pub(super) dev: Option<kernel::ids::LinkId>,
    exact: Option<IpNet>,
    within: Option<IpNet>,
    covering: Option<IpNet>,
    via: Option<IpAddr>,
    proto: Option<RouteProto>,
    scope: Option<Scope>,
    src: Option<IpAddr>,
    kind: Option<RouteKind>,
}

impl Wanted {
    pub(super) fn read(k: &Kernel, context: &Context, args: &[String]) -> Result<Self, Fail> {
        let mut wanted = Self {
            v6: context.v6 == Some(true),
            table: Some(TableId::MAIN),
            ..Self::default()
        };
        let mut words = Words::new(args);
        while let Some(word) = words.next() {
            match word {
                "table" => {
                    wanted.table = table(words.value()?)?;
                    wanted.both = wanted.table.is_none() && context.v6.is_none();
                }
                "dev" | "oif" | "iif" => {
                    wanted.dev = Some(changed_device(k, context.ns, words.value()?)?);
                }
                "via" => {
                    let value = words.value()?;
                    let value = if value == "inet" || value == "inet6" {
                        words.value()?
                    } else {
                        value
                    };
                    wanted.via = Some(prefix::single(value, None)?);
                }
                "proto" | "protocol" => {
                    let value = words.value()?;
                    let bad = |_why| Fail::bad_argument(value, "invalid \"protocol\"");
                    wanted.proto = Some(proto(value).map_err(bad)?);
                }
                "scope" => wanted.scope = Some(super::addr::scope(words.value()?)?),
                "src" => wanted.src = Some(prefix::single(words.value()?, None)?),
                "type" => {
                    let value = words.value()?;
                    wanted.kind = Some(
                        kind(value)
                            .ok_or_else(|| Fail::argument(value, "node type value is invalid"))?,
                    );
                }
                "root" => wanted.within = Some(prefix::parse(words.value()?, context.v6)?),
                "match" => wanted.covering = Some(prefix::parse(words.value()?, context.v6)?),
                // Says what follows.
                "to" if matches!(words.peek(), Some("root" | "match" | "exact")) => {}
                "exact" | "to" => wanted.exact = Some(prefix::parse(words.value()?, context.v6)?),
                "cached" | "cloned" | "metric" | "realms" | "vrf" | "nhid" => {
                    return Err(Fail::not_modelled("ip", &format!("route show {word}")));
                }
                word => match kind(word) {
                    Some(kind) => wanted.kind = Some(kind),
                    None => wanted.exact = Some(prefix::parse(word, context.v6)?),
                },
            }
        }
        let given = wanted
            .exact
            .or(wanted.within)
            .or(wanted.covering)
            .map(|net| net.addr().is_ipv6())
            .or(wanted.via.map(|via| via.is_ipv6()));
        wanted.v6 = given.filter(|_| context.v6.is_none()).unwrap_or(wanted.v6);
        Ok(wanted)
    }

    fn passes(&self, route: &Route) -> bool {
        self.dev.is_none_or(|dev| route.link == Some(dev))
            && self.exact.is_none_or(|net| route.dst == net)
            && self.within.is_none_or(|net| net.contains(&route.dst))
            && self.covering.is_none_or(|net| route.dst.contains(&net))
            && self.via.is_none_or(|via| route.via == Some(via))
            && self.proto.is_none_or(|proto| route.proto == proto)
            && self.scope.is_none_or(|scope| route.scope == scope)
            && self.src.is_none_or(|src| route.src == Some(src))
            && self.kind.is_none_or(|kind| route.kind == kind)
    }

    /// Refuses a table that was never written to, the main one only if it was `named`.
    pub(super) fn check_table(
        &self,
        k: &Kernel,
        context: &Context,
        named: bool,
        what: &str,
    ) -> Result<(), Fail> {
        let missing = |table| {
            (named || table != TableId::MAIN) && !k.route_table_exists(context.ns, self.v6, table)
        };
        if !self.table.is_some_and(missing) {
            return Ok(());
        }
        let family = if self.v6 { "ipv6" } else { "ipv4" };
        Err(Fail::kernel(&format!(
            "{family}: FIB table does not exist.\n{what} terminated"
        )))
    }

    pub(super) fn list(&self, k: &Kernel, context: &Context) -> Vec<Route> {
        let families: &[bool] = if self.both {
            &[false, true]
        } else {
            std::slice::from_ref(&self.v6)
        };
        let all = families.iter().flat_map(|v6| {
            let mut found = k.routes(context.ns, *v6, self.table);
            if self.table.is_none() {
                // The kernel keeps the main table first in no family; Linux lists by its hash, with main before local.
                sorted::sort_by_key(&mut found, |route| route.table == TableId::LOCAL);
            }
            found
        });
        all.filter(|route| self.passes(route)).collect()
    }
}

fn show(sys: &Sys, context: &Context, args: &[String]) -> Said {
    sys.kernel(|k| {
        let wanted = Wanted::read(k, context, args)?;
        wanted.check_table(k, context, false, "Dump")?;
        let routes = wanted.list(k, context);
        if context.json {
            return Ok(context.list(
                routes
                    .iter()
                    .map(|route| json(k, context, &wanted, route))
                    .collect(),
            ));
        }
        Ok(routes
            .iter()
            .map(|route| line(k, context, &wanted, route))
            .collect())
    })
}

/// Whether a route's device has no carrier.
fn linkdown(k: &Kernel, route: &Route) -> bool {
    route.kind != RouteKind::Local
        && route
            .link
            .and_then(|id| k.link(id))
            .is_some_and(|link| link.admin_up && !link.carrier)
}

/// What is said of a route between its destination and its flags: the word before it, its name in JSON, and itself.
/// What was asked for by the same word (`dev eth0`) is left out. Source: iproute2 `ip/iproute.c`, `print_route`.
fn attributes(
    k: &Kernel,
    context: &Context,
    wanted: &Wanted,
    route: &Route,
) -> Vec<(&'static str, &'static str, String)> {
    let v6 = route.dst.addr().is_ipv6();
    let mut out = Vec::new();
    if let Some(via) = route.via.filter(|via| wanted.via != Some(*via)) {
        let other_family = via.is_ipv6() && !v6;
        let word = if other_family { "via inet6" } else { "via" };
        out.push((word, "gateway", via.to_string()));
    }
    if route.link.is_some() && wanted.dev.is_none() {
        out.push(("dev", "dev", device_name(k, route.link).to_owned()));
    }
    if wanted.table.is_none() && route.table != TableId::MAIN {
        out.push(("table", "table", table_name(route.table)));
    }
    if (route.proto != RouteProto::BOOT || context.details) && wanted.proto.is_none() {
        out.push(("proto", "protocol", proto_name(route.proto)));
    }
    let wide = v6 || route.scope == Scope::Global;
    if (!wide || context.details) && wanted.scope.is_none() {
        out.push(("scope", "scope", route.scope.text().to_owned()));
    }
    if let Some(src) = route.src.filter(|src| wanted.src != Some(*src)) {
        out.push(("src", "prefsrc", src.to_string()));
    }
    if route.metric != 0 || v6 {
        out.push(("metric", "metric", route.metric.to_string()));
    }
    out
}

/// The word of a route's kind, where it is said.
fn shown_kind(context: &Context, route: &Route) -> Option<&'static str> {
    let text = route.kind.text();
    (route.kind != RouteKind::Unicast || context.details).then_some(if text.is_empty() {
        "unicast"
    } else {
        text
    })
}

fn flags(k: &Kernel, route: &Route) -> impl Iterator<Item = &'static str> {
    let flags = [(route.onlink, "onlink"), (linkdown(k, route), "linkdown")];
    flags
        .into_iter()
        .filter_map(|(is, word)| is.then_some(word))
}

pub(super) fn line(k: &Kernel, context: &Context, wanted: &Wanted, route: &Route) -> String {
    let mut out = String::new();
    if let Some(kind) = shown_kind(context, route) {
        let _ = write!(out, "{kind} ");
    }
    let _ = write!(out, "{} ", route.prefix_text());
    for (word, _, value) in attributes(k, context, wanted, route) {
        let _ = write!(out, "{word} {value} ");
    }
    for flag in flags(k, route) {
        let _ = write!(out, "{flag} ");
    }
    if let Some(mtu) = route.mtu {
        let _ = write!(out, "mtu {mtu} ");
    }
    if route.dst.addr().is_ipv6() {
        out.push_str("pref medium");
    }
    out + "\n"
}

fn json(k: &Kernel, context: &Context, wanted: &Wanted, route: &Route) -> Json {
    let mut out: Vec<(&'static str, Json)> = Vec::new();
    if let Some(kind) = shown_kind(context, route) {
        out.push(("type", kind.into()));
    }
    out.push(("dst", (&*route.prefix_text()).into()));
    for (_, name, value) in attributes(k, context, wanted, route) {
        let value = if name == "metric" {
            Json::Raw(value)
        } else {
            Json::Text(value)
        };
        out.push((name, value));
    }
    out.push((
        "flags",
        Json::List(flags(k, route).map(Json::from).collect()),
    ));
    if let Some(mtu) = route.mtu {
        let metrics = Json::Map(vec![("mtu", mtu.into())]);
        out.push(("metrics", Json::List(vec![metrics])));
    }
    if route.dst.addr().is_ipv6() {
        out.push(("pref", "medium".into()));
    }
    Json::Map(out)
}

/// The route that an answer comes from, as it stands in its table.
fn matching(k: &Kernel, context: &Context, dst: IpAddr, answer: &RouteAnswer) -> String {
    let routes = k.routes(context.ns, dst.is_ipv6(), Some(answer.table));
    let fits =
        |route: &&Route| route.prefix_text() == answer.prefix && route.metric == answer.metric;
    let found = routes.iter().find(fits);
    let wanted = Wanted::default();
    match found {
        Some(route) if context.json => context.list(vec![json(k, context, &wanted, route)]),
        Some(route) => line(k, context, &wanted, route),
        None => String::new(),
    }
}

fn get(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let mut dst = None;
    let (mut from, mut iif, mut oif, mut mark) = (None, None, None, 0);
    let mut uid = 0_u32;
    let mut fibmatch = false;
    let mut words = Words::new(args);
    while let Some(word) = words.next() {
        match word {
            "to" => dst = Some(prefix::parse(words.value()?, context.v6)?.addr()),
            "from" => {
                let v6 = dst.map(|dst: IpAddr| dst.is_ipv6()).or(context.v6);
                from = Some(prefix::parse(words.value()?, v6)?.addr());
            }
            "iif" => iif = Some(words.value()?.to_owned()),
            "oif" | "dev" => oif = Some(words.value()?.to_owned()),
            "mark" => {
                let value = words.value()?;
                let digits = value
                    .strip_prefix("0x")
                    .map(|hex| u32::from_str_radix(hex, 16));
                let read = digits.unwrap_or_else(|| value.parse());
                mark = read.map_err(|_why| Fail::argument(value, "invalid mark value"))?;
            }
            "uid" => uid = words.value()?.parse().unwrap_or(0),
            // Rules do not look at these here, so that they lead to the same route.
            "ipproto" | "sport" | "dport" | "tos" | "dsfield" => {
                words.value()?;
            }
            "fibmatch" => fibmatch = true,
            "vrf" => {
                return Err(Fail::not_modelled("ip", "route get vrf"));
            }
            word if dst.is_some() => {
                return Err(Fail::new(
                    1,
                    format_args!("Error: inet prefix is expected rather than \"{word}\"."),
                ));
            }
            word => {
                dst = Some(prefix::parse(word, context.v6)?.addr());
            }
        }
    }
    let Some(dst) = dst else {
        return Err(Fail::new(1, "need at least a destination address"));
    };
    sys.kernel(|k| {
        let device = |name: &Option<String>| {
            name.as_ref()
                .map(|name| changed_device(k, context.ns, name))
                .transpose()
        };
        let query = RouteQuery {
            dst,
            src: from,
            iif: device(&iif)?,
            oif: device(&oif)?,
            mark,
        };
        // What is asked about as sent from here has to come from an address of this machine (Linux `ip_route_output_key`).
        if let Some(src) = from.filter(|src| src.is_ipv4() && iif.is_none()) {
            let own = k.route_get(context.ns, &RouteQuery::to(src));
            if own.map_or(true, |own| own.kind != RouteKind::Local) {
                return Err(Fail::netlink(Errno::ENETUNREACH));
            }
        }
        let answer = k.route_get(context.ns, &query).map_err(Fail::netlink)?;
        if fibmatch {
            return Ok(matching(k, context, dst, &answer));
        }
        if context.json {
            let mut out: Vec<(&'static str, Json)> = Vec::new();
            if answer.kind != RouteKind::Unicast {
                out.push(("type", answer.kind.text().into()));
            }
            out.push(("dst", dst.to_string().into()));
            if let Some(via) = answer.via {
                out.push(("gateway", via.to_string().into()));
            }
            out.extend([
                ("dev", device_name(k, Some(answer.link)).into()),
                ("prefsrc", answer.src.to_string().into()),
            ]);
            let cached = match answer.kind {
                RouteKind::Local => vec!["local".into()],
                RouteKind::Broadcast => vec!["local".into(), "brd".into()],
                _ => Vec::new(),
            };
            out.extend([
                ("flags", Json::List(Vec::new())),
                ("uid", uid.into()),
                ("cache", Json::List(cached)),
            ]);
            return Ok(context.list(vec![Json::Map(out)]));
        }
        let mut out = String::new();
        if answer.kind != RouteKind::Unicast || context.details {
            let text = answer.kind.text();
            let _ = write!(out, "{} ", if text.is_empty() { "unicast" } else { text });
        }
        let _ = write!(out, "{dst} ");
        match from {
            Some(from) => {
                let _ = write!(out, "from {from} ");
            }
            None if dst.is_ipv6() => out.push_str("from :: "),
            None => {}
        }
        if let Some(via) = answer.via {
            let _ = write!(out, "via {via} ");
        }
        let _ = write!(out, "dev {} ", device_name(k, Some(answer.link)));
        let usual = match dst {
            IpAddr::V4(_) => match answer.table {
                TableId::LOCAL => !k.local_table_is_apart(context.ns),
                table => table == TableId::MAIN,
            },
            IpAddr::V6(_) => answer.table == TableId::MAIN,
        };
        if context.details || !usual {
            let _ = write!(out, "table {} ", table_name(answer.table));
        }
        if dst.is_ipv6() {
            if answer.proto != RouteProto::BOOT {
                let _ = write!(out, "proto {} ", proto_name(answer.proto));
            }
            let _ = writeln!(
                out,
                "src {} metric {} pref medium",
                answer.src, answer.metric
            );
            return Ok(out);
        }
        if from.is_none() {
            let _ = write!(out, "src {} ", answer.src);
        }
        if mark != 0 {
            let _ = if mark < 16 {
                write!(out, "mark {mark} ")
            } else {
                write!(out, "mark {mark:#x} ")
            };
        }
        if query.iif.is_none() {
            let _ = write!(out, "uid {uid} ");
        }
        let mut cache = String::from("cache ");
        match answer.kind {
            RouteKind::Local => cache.push_str("<local> "),
            RouteKind::Broadcast => cache.push_str("<local,brd> "),
            RouteKind::Multicast => cache.push_str("<local,mc> "),
            _ => {}
        }
        if let Some(name) = &iif {
            let _ = write!(cache, "iif {name} ");
        }
        if let Some((mtu, left)) = k.learned_mtu(context.ns, dst) {
            let _ = write!(cache, "expires {}sec mtu {mtu} ", left.as_secs());
        }
        let _ = writeln!(out, "{}    {cache}", context.line());
        Ok(out)
    })
}
