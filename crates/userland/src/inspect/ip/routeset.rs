//! `ip route add`, `change`, `replace`, `del` and `flush`.

use kernel::Errno;
use kernel::fs::procfs;
use kernel::net::route::RouteMatch;
use kernel::net::{Route, RouteKind, TableId};
use kernel::state::Kernel;
use kernel::sys::Sys;

use super::route::{Wanted, kind, proto, table};
use super::{Context, Fail, Said, changed_device, prefix};
use crate::inspect::say::Words;

/// A route as given, with what was really said about kind and table.
struct Given {
    route: Route,
    kind: Option<RouteKind>,
    metric: Option<u32>,
}

fn read(k: &Kernel, context: &Context, args: &[String]) -> Result<Given, Fail> {
    let mut words = Words::new(args);
    let mut said = None;
    let mut dst = None;
    let mut metric = None;
    let mut device = None;
    let mut route = Route::new(ipnet::IpNet::default());
    let mut chosen_scope = None;
    let number = |text: &str, what: &str| {
        text.parse::<u32>()
            .ok()
            .ok_or_else(|| Fail::bad_argument(text, &format!("\"{what}\" value is invalid")))
    };
    while let Some(word) = words.next() {
        match word {
            "via" => {
                let value = words.value()?;
                let named = value == "inet" || value == "inet6";
                let value = if named { words.value()? } else { value };
                let v6 = dst.map(|dst: ipnet::IpNet| dst.addr().is_ipv6());
                route.via = Some(prefix::single(value, v6.filter(|_| !named))?);
            }
            "dev" | "oif" => device = Some(words.value()?),
            "src" => {
                let v6 = dst.map(|dst: ipnet::IpNet| dst.addr().is_ipv6());
                route.src = Some(prefix::single(words.value()?, v6)?);
            }
            "metric" | "priority" | "preference" => {
                metric = Some(number(words.value()?, "metric")?);
            }
            "table" => {
                let value = words.value()?;
                let bad = |_why| Fail::bad_argument(value, "\"table\" value is invalid");
                route.table = table(value).map_err(bad)?.unwrap_or(TableId::MAIN);
            }
            "proto" | "protocol" => route.proto = proto(words.value()?)?,
            "scope" => {
                let value = words.value()?;
                let bad = |_why| Fail::bad_argument(value, "invalid \"scope\" value");
                chosen_scope = Some(super::addr::scope(value).map_err(bad)?);
            }
            "mtu" => {
                let value = words.value()?;
                let value = if value == "lock" {
                    words.value()?
                } else {
                    value
                };
                route.mtu = Some(number(value, "mtu")?);
            }
            "onlink" => route.onlink = true,
            "to" => dst = Some(prefix::parse(words.value()?, context.v6)?),
            "tos" | "dsfield" => {
                let value = words.value()?;
                let bad = || Fail::bad_argument(value, "\"tos\" value is invalid");
                let digits = value.strip_prefix("0x").unwrap_or(value);
                if u8::from_str_radix(digits, 16).ok().ok_or_else(bad)? != 0 {
                    return Err(Fail::not_modelled("ip", "route tos"));
                }
            }
            "nexthop" | "encap" | "advmss" | "rtt" | "window" | "pref" | "realms" | "nhid"
            | "initcwnd" | "quickack" => {
                return Err(Fail::not_modelled("ip", &format!("route {word}")));
            }
            word => match kind(word) {
                Some(kind) if dst.is_none() => said = Some(kind),
                _ if dst.is_some() => {
                    return Err(Fail::new(
                        255,
                        format_args!(
                            "Error: either \"to\" is duplicate, or \"{word}\" is garbage."
                        ),
                    ));
                }
                _ => {
                    // `default` takes the family of the router.
                    let routed = words
                        .rest()
                        .windows(2)
                        .find(|pair| pair.first().is_some_and(|w| w == "via"))
                        .and_then(|pair| pair.get(1));
                    let v6 = context.v6.or_else(|| {
                        routed
                            .map(|via| via.contains(':'))
                            .filter(|_| word == "default")
                    });
                    dst = Some(prefix::parse(word, v6)?);
                }
            },
        }
    }
    let Some(dst) = dst else {
        return Err(Fail::new(
            255,
            "Command line is not complete. Try option \"help\"",
        ));
    };
    if let Some(device) = device {
        route.link = Some(changed_device(k, context.ns, device)?);
    }
    if dst.trunc() != dst && dst.addr().is_ipv4() {
        return Err(Fail::kernel("Invalid prefix for given prefix length."));
    }
    // IPv6 cuts off what is too much.
    route.dst = dst.trunc();
    route.kind = said.unwrap_or(RouteKind::Unicast);
    route.metric = metric.unwrap_or(0);
    route.scope = chosen_scope.unwrap_or(route.scope);
    Ok(Given {
        route,
        kind: said,
        metric,
    })
}

/// Runs `ip route add` and the commands that are like it.
pub(super) fn add(sys: &Sys, context: &Context, args: &[String], command: &str) -> Said {
    sys.kernel(|k| {
        let Given { route, kind, .. } = read(k, context, args)?;
        context.permit()?;
        let v6 = route.dst.addr().is_ipv6();
        let nowhere = kind.is_some_and(|kind| !kind.has_device());
        if nowhere && !v6 && (route.link.is_some() || route.via.is_some()) {
            return Err(Fail::kernel(
                "Gateway, device and multipath can not be specified for this route type.",
            ));
        }
        if route.onlink && route.via.is_none() && !v6 {
            return Err(Fail::kernel(
                "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set.",
            ));
        }
        let local_router =
            matches!(route.via, Some(std::net::IpAddr::V6(via)) if via.is_unicast_link_local());
        if local_router && route.link.is_none() {
            return Err(Fail::kernel("Egress device not specified."));
        }
        let (routed, sourced) = (
            route.via.is_some(),
            route.src.is_some_and(|src| !k.is_local(context.ns, src)),
        );
        let metric = if v6 && route.metric == 0 {
            1024
        } else {
            route.metric
        };
        let alike = |k: &Kernel| {
            k.routes(context.ns, v6, Some(route.table))
                .iter()
                .any(|r| r.dst == route.dst && r.metric == metric)
        };
        let done = match command {
            "append" | "prepend" if v6 && alike(k) => {
                return Err(Fail::not_modelled(
                    "ip",
                    "route with several routers (IPv6)",
                ));
            }
            "append" | "prepend" => k.route_beside(context.ns, route, command == "prepend"),
            "change" if !alike(k) => k.route_entered(context.ns, route).and(Err(Errno::ENOENT)),
            "change" | "replace" => k.route_replace(context.ns, route),
            _ => k.route_add(context.ns, route),
        };
        done.map(|()| String::new()).map_err(|error| match error {
            Errno::ENETUNREACH if v6 => Fail::netlink(Errno::EHOSTUNREACH),
            Errno::ENETUNREACH => Fail::kernel("Nexthop has invalid gateway."),
            Errno::ENETDOWN => Fail::kernel("Device for nexthop is not up."),
            Errno::EINVAL if sourced => Fail::kernel("Invalid prefsrc address."),
            Errno::EINVAL if routed => Fail::kernel("Nexthop has invalid gateway."),
            error => Fail::netlink(error),
        })
    })
}

/// Runs `ip route del`.
pub(super) fn delete(sys: &Sys, context: &Context, args: &[String]) -> Said {
    sys.kernel(|k| {
        let Given {
            route,
            kind,
            metric,
        } = read(k, context, args)?;
        context.permit()?;
        let which = RouteMatch {
            table: Some(route.table),
            kind,
            via: route.via,
            link: route.link,
            metric,
            src: route.src,
            ..RouteMatch::new(route.dst)
        };
        let v6 = route.dst.addr().is_ipv6();
        if !k.route_table_exists(context.ns, v6, route.table) {
            return Err(Fail::kernel("FIB table does not exist."));
        }
        let unmentioned = which.via.is_none() && which.link.is_none() && which.metric.is_none();
        k.route_del(context.ns, &which)
            .map(|()| String::new())
            .map_err(|error| match error {
                // IPv6's root is never empty: what stands there for no route is met, and may not go. Source: Linux
                // `ip6_route_del`, `__ip6_del_rt`.
                Errno::ESRCH if v6 && route.dst.prefix_len() == 0 && unmentioned => {
                    Fail::netlink(Errno::ENOENT)
                }
                error => Fail::netlink(error),
            })
    })
}

/// Runs `ip route flush cache`: that is a file which is written to, on the same mount as all settings.
fn flush_cache(sys: &Sys, context: &Context) -> Said {
    let me = sys.id();
    let written = sys.kernel(|k| procfs::may_write(k, me, "/proc/sys/net/ipv4/ip_forward"));
    if let Err(why) = written {
        let text = format!(
            "Cannot open \"/proc/sys/net/ipv4/route/flush\": {}",
            why.text()
        );
        return Err(Fail::new(1, text));
    }
    sys.kernel(|k| k.forget_path_mtus(context.ns));
    Ok(String::new())
}

/// Runs `ip route flush`.
pub(super) fn flush(sys: &Sys, context: &Context, args: &[String]) -> Said {
    if args.is_empty() {
        return Err(Fail::new(1, "\"ip route flush\" requires arguments."));
    }
    if args.first().is_some_and(|word| word == "cache") {
        return flush_cache(sys, context);
    }
    sys.kernel(|k| {
        let wanted = Wanted::read(k, context, args)?;
        let named = args.iter().any(|word| word == "table");
        wanted.check_table(k, context, named, "Flush")?;
        let routes = wanted.list(k, context);
        context.permit_flush(routes.len(), 2)?;
        let said = context.flushed(routes.len(), "entries");
        for route in routes {
            let which = RouteMatch {
                table: Some(route.table),
                kind: Some(route.kind),
                via: route.via,
                link: route.link,
                metric: Some(route.metric),
                src: route.src,
                ..RouteMatch::new(route.dst)
            };
            k.route_del(context.ns, &which).map_err(Fail::netlink)?;
        }
        Ok(said)
    })
}
