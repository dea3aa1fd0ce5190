//! `getent` for hosts, passwd, group and services.

use crate::net::resolv::{self, LookupError};
use crate::net::services;
use kernel::sock::Family;
use kernel::sys::Sys;
use std::net::IpAddr;

const HINT: &str = "Try `getent --help' or `getent --usage' for more information.\n";

/// The key was not found.
const NOT_FOUND: i32 = 2;

/// The first option and its place; one may stand behind what is asked for.
fn next_option(args: &[String]) -> Option<(usize, String)> {
    let mut words = args.iter().enumerate().skip(1);
    let found = words.find(|(_, word)| word.starts_with('-') && word.len() > 1);
    found.map(|(at, word)| (at, word.clone()))
}

/// The `getent` program.
pub async fn main(sys: Sys, mut args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    while let Some((at, option)) = next_option(&args) {
        match option.as_str() {
            // The one service that there is besides files.
            "-s" | "--service" => {
                args.drain(at..args.len().min(at + 2));
            }
            "-i" | "--no-idn" | "-A" | "--no-addrconfig" => {
                args.remove(at);
            }
            "-?" | "--help" | "--usage" | "-V" | "--version" => {
                return crate::not_modelled(&sys, "getent", &option);
            }
            _ => {
                let what = match option.strip_prefix("--") {
                    Some(_) => format!("unrecognized option '{option}'"),
                    None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
                };
                sys.err(&format!("getent: {what}\n{HINT}"));
                return 64;
            }
        }
    }
    let Some(database) = args.get(1) else {
        sys.err(&format!("getent: wrong number of arguments\n{HINT}"));
        return 1;
    };
    let keys = args.get(2..).unwrap_or_default();
    let mut code = 0;
    match database.as_str() {
        "hosts" if keys.is_empty() => all_hosts(&sys),
        "hosts" => {
            for key in keys {
                code = hosts(&sys, key).await.max(code);
            }
        }
        "ahosts" | "ahostsv4" | "ahostsv6" if keys.is_empty() => all_hosts(&sys),
        "ahosts" | "ahostsv4" | "ahostsv6" => {
            let family = match database.as_str() {
                "ahostsv4" => Some(Family::V4),
                "ahostsv6" => Some(Family::V6),
                _ => None,
            };
            for key in keys {
                code = ahosts(&sys, key, family).await.max(code);
            }
        }
        "passwd" | "group" => code = colon_file(&sys, &format!("/etc/{database}"), keys),
        "aliases" | "ethers" | "gshadow" | "initgroups" | "netgroup" | "networks" | "protocols"
        | "rpc" | "shadow" => {
            let what = crate::not_modelled!("getent", "the database {}", database);
            sys.err(&format!("getent: {what}\n"));
            code = 1;
        }
        "services" => code = services(&sys, keys),
        other => {
            sys.out(&format!("Unknown database: {other}\n{HINT}"));
            code = 1;
        }
    }
    code
}

fn all_hosts(sys: &Sys) {
    let text = sys.read_text("/etc/hosts").unwrap_or_default();
    for (ip, names) in resolv::entries(&text) {
        // An enumeration knows only IPv4; the loopback of IPv6 is shown as that of IPv4 (glibc nss_files).
        let ip = match ip {
            IpAddr::V6(ip) if ip.is_loopback() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => continue,
            ip => ip,
        };
        sys.out(&format!("{:<15} {}\n", ip.to_string(), names.join(" ")));
    }
}

/// IPv6 is asked for first, as gethostbyname2 is called for both in turn.
async fn hosts(sys: &Sys, key: &str) -> i32 {
    if let Ok(ip) = key.parse::<IpAddr>() {
        let text = sys.read_text("/etc/hosts").unwrap_or_default();
        let names = resolv::entries(&text)
            .find(|(i, _)| *i == ip)
            .map(|(_, names)| names.join(" "));
        let names = match names {
            Some(names) => Some(names),
            None => resolv::reverse(sys, ip).await,
        };
        let Some(names) = names else { return NOT_FOUND };
        sys.out(&format!("{:<15} {names}\n", ip.to_string()));
        return 0;
    }
    let most = match resolv::all_lines_count(sys) {
        true => usize::MAX,
        false => 1,
    };
    for family in [Family::V6, Family::V4] {
        let text = sys.read_text("/etc/hosts").unwrap_or_default();
        let of_family = |ip: &IpAddr| Family::of(*ip) == family;
        let lines: Vec<(IpAddr, String)> = resolv::entries(&text)
            .filter(|(ip, names)| {
                of_family(ip) && names.iter().any(|n| n.eq_ignore_ascii_case(key))
            })
            .take(most)
            .map(|(ip, names)| (ip, names.join(" ")))
            .collect();
        let lines = if lines.is_empty() {
            match resolv::lookup(sys, key, Some(family)).await {
                Ok(found) => {
                    let alias = found.alias.map(|alias| format!(" {alias}"));
                    let alias = alias.unwrap_or_default();
                    found
                        .addresses
                        .iter()
                        .map(|ip| (*ip, format!("{}{alias}", found.canonical)))
                        .collect()
                }
                Err(
                    LookupError::NoName
                    | LookupError::NoData
                    | LookupError::TryAgain
                    | LookupError::WrongFamily,
                ) => Vec::new(),
            }
        } else {
            lines
        };
        if !lines.is_empty() {
            for (ip, names) in lines {
                sys.out(&format!("{:<15} {names}\n", ip.to_string()));
            }
            return 0;
        }
    }
    NOT_FOUND
}

async fn ahosts(sys: &Sys, key: &str, family: Option<Family>) -> i32 {
    // A family without an address of its own besides the loopback's is left out (AI_ADDRCONFIG).
    let ns = sys.netns();
    let has_v6 = sys.kernel(|k| {
        let own = |link| k.addrs(link).into_iter().map(|spec| spec.addr);
        let mut addrs = k.links(ns).into_iter().flat_map(own);
        addrs.any(|ip| ip.is_ipv6() && !ip.is_loopback())
    });
    let asked = match (family, has_v6) {
        (None, false) => Some(Family::V4),
        (family, _) => family,
    };
    // Files are read to the end before anybody is asked.
    let text = sys.read_text("/etc/hosts").unwrap_or_default();
    let named = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(key));
    let mut in_file = resolv::entries(&text).filter(|(_, names)| named(names));
    let only_v4 =
        in_file.next().is_some_and(|(ip, _)| ip.is_ipv4()) && !in_file.any(|(ip, _)| ip.is_ipv6());
    let mut found = if only_v4 && family == Some(Family::V6) {
        Err(LookupError::NoData)
    } else {
        resolv::lookup(sys, key, asked).await
    };
    if found.is_err() && has_v6 && family == Some(Family::V6) {
        // Where there is none of IPv6, those of IPv4 are shown as mapped (AI_V4MAPPED).
        found = resolv::lookup(sys, key, Some(Family::V4)).await;
        for ip in found.iter_mut().flat_map(|found| &mut found.addresses) {
            if let IpAddr::V4(v4) = *ip {
                *ip = IpAddr::V6(v4.to_ipv6_mapped());
            }
        }
    }
    let Ok(found) = found else {
        return NOT_FOUND;
    };
    if !has_v6 && asked != Some(Family::V4) {
        if let Some(ip) = found.addresses.first() {
            sys.left_out(key, *ip);
        }
        return NOT_FOUND;
    }
    let mut code = NOT_FOUND;
    for (n, ip) in found.addresses.iter().enumerate() {
        code = 0;
        for kind in ["STREAM", "DGRAM", "RAW"] {
            let name = if n == 0 && kind == "STREAM" {
                found.canonical.as_str()
            } else {
                ""
            };
            sys.out(&format!("{:<15} {kind:<6} {name}\n", ip.to_string()));
        }
    }
    code
}

fn colon_file(sys: &Sys, path: &str, keys: &[String]) -> i32 {
    let text = sys.read_text(path).unwrap_or_default();
    if keys.is_empty() {
        sys.out(&text);
        return 0;
    }
    let mut code = 0;
    for key in keys {
        let fits = |line: &&str| {
            let mut fields = line.split(':');
            fields.next() == Some(key) || fields.nth(1) == Some(key)
        };
        match text.lines().find(fits) {
            Some(line) => sys.out(&format!("{line}\n")),
            None => code = NOT_FOUND,
        }
    }
    code
}

fn services(sys: &Sys, keys: &[String]) -> i32 {
    let list = services::read(sys);
    let mut code = 0;
    type Entry<'a> = (&'a str, u16, &'a str, std::str::SplitWhitespace<'a>);
    let show = |(name, port, proto, others): Entry<'_>| {
        let others: String = others.map(|other| format!(" {other}")).collect();
        format!("{name:<21} {port}/{proto}{others}\n")
    };
    if keys.is_empty() {
        sys.out(&services::entries(&list).map(show).collect::<String>());
    }
    for key in keys {
        let (wanted, with) = key
            .split_once('/')
            .map_or((key.as_str(), None), |(n, p)| (n, Some(p)));
        let number = wanted.parse().ok();
        let found = services::entries(&list).find(|(name, port, proto, others)| {
            (number == Some(*port)
                || *name == wanted
                || others.clone().any(|other| other == wanted))
                && with.is_none_or(|with| with == *proto)
        });
        match found {
            Some(entry) => sys.out(&show(entry)),
            None => code = NOT_FOUND,
        }
    }
    code
}
