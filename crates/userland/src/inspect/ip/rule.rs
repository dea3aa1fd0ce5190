//! `ip rule`.

use kernel::net::{Rule, RuleAction, TableId};
use kernel::sys::Sys;

use super::route::{table, table_name};
use super::{Context, Fail, Json, Said, pick, prefix, unknown_command};
use crate::inspect::say::Words;

/// Runs `ip rule ...`.
pub(super) fn run(sys: &Sys, context: &Context, args: &[String]) -> Said {
    let rest = args.get(1..).unwrap_or_default();
    let v6 = context.v6 == Some(true);
    match args.first().map(String::as_str) {
        None => show(sys, context, v6, &[]),
        Some(command) => match pick(
            command,
            &[
                "list", "lst", "show", "add", "delete", "flush", "save", "help",
            ],
        ) {
            Some("show" | "list" | "lst") => show(sys, context, v6, rest),
            Some(command @ ("add" | "delete")) if rest.is_empty() => {
                let command = if command == "add" { "add" } else { "del" };
                Err(Fail::new(
                    1,
                    format_args!("\"ip rule {command}\" requires arguments."),
                ))
            }
            Some("flush") => {
                let asked = read(context, rest, v6)?;
                context.permit()?;
                // The first one stays.
                let goes = |rule: &Rule| rule.v6 == v6 && rule.pref > 0 && asked.passes(rule);
                while sys.kernel(|k| k.rule_del(context.ns, goes)).is_ok() {}
                Ok(String::new())
            }
            Some("add") => change(sys, context, rest, v6, true),
            Some("delete") => change(sys, context, rest, v6, false),
            Some("help") => Err(Fail::new(255, "Usage: ip rule { show | add | del } ...")),
            Some(other) => Err(Fail::not_modelled("ip", &format!("rule {other}"))),
            None => unknown_command(command, "rule"),
        },
    }
}

fn show(sys: &Sys, context: &Context, v6: bool, args: &[String]) -> Said {
    let asked = read(context, args, v6)?;
    sys.kernel(|k| {
        let mut rules = k.rules(context.ns, v6);
        rules.retain(|rule| asked.passes(rule));
        let detached = |name: &str| k.link_by_name(context.ns, name).is_none();
        if context.json {
            let items = rules.iter().map(|rule| json(rule, &detached));
            return Ok(context.list(items.collect()));
        }
        let lines = rules.iter().map(|rule| line(context, rule, &detached));
        Ok(lines.collect())
    })
}

/// `detached` tells of a device's name that there is no such device.
fn json(rule: &Rule, detached: &dyn Fn(&str) -> bool) -> Json {
    let mut out: Vec<(&'static str, Json)> = vec![("priority", rule.pref.into())];
    if rule.not {
        out.push(("not", Json::Raw("null".into())));
    }
    let mut put = |key, net: &ipnet::IpNet, len| {
        out.push((key, net.addr().to_string().into()));
        if net.prefix_len() != net.max_prefix_len() {
            out.push((len, u32::from(net.prefix_len()).into()));
        }
    };
    match &rule.from {
        Some(net) => put("src", net, "srclen"),
        None => out.push(("src", "all".into())),
    }
    if let Some(net) = &rule.to {
        out.push(("dst", net.addr().to_string().into()));
        if net.prefix_len() != net.max_prefix_len() {
            out.push(("dstlen", u32::from(net.prefix_len()).into()));
        }
    }
    if let Some((mark, mask)) = rule.mark {
        out.push(("fwmark", format!("0x{mark:x}").into()));
        if mask != u32::MAX {
            out.push(("fwmask", format!("0x{mask:x}").into()));
        }
    }
    for (key, lost, name) in [
        ("iif", "iif_detached", &rule.iif),
        ("oif", "oif_detached", &rule.oif),
    ] {
        if let Some(name) = name {
            out.push((key, name.to_string().into()));
            if detached(name) {
                out.push((lost, Json::Raw("null".into())));
            }
        }
    }
    out.push(match rule.action {
        RuleAction::Lookup(table) => ("table", table_name(table).to_string().into()),
        RuleAction::Unreachable => ("action", "unreachable".into()),
        RuleAction::Blackhole => ("action", "blackhole".into()),
        RuleAction::Prohibit => ("action", "prohibit".into()),
    });
    Json::Map(out)
}

fn line(context: &Context, rule: &Rule, detached: &dyn Fn(&str) -> bool) -> String {
    let mut out = format!(
        "{}:\t{}from {}",
        rule.pref,
        if rule.not { "not " } else { "" },
        rule.from.map_or("all".into(), |net| bare(&net))
    );
    if let Some(to) = rule.to {
        out += &format!(" to {}", bare(&to));
    }
    match rule.mark {
        Some((mark, u32::MAX)) => out += &format!(" fwmark 0x{mark:x}"),
        Some((mark, mask)) => out += &format!(" fwmark 0x{mark:x}/0x{mask:x}"),
        None => {}
    }
    for (word, name) in [("iif", &rule.iif), ("oif", &rule.oif)] {
        if let Some(name) = name {
            out += &format!(" {word} {name}");
            if detached(name) {
                out += " [detached]";
            }
        }
    }
    out += &match rule.action {
        RuleAction::Lookup(table) if context.numeric => format!(" lookup {}", table.0),
        RuleAction::Lookup(table) => format!(" lookup {}", table_name(table)),
        RuleAction::Unreachable => " unreachable".into(),
        RuleAction::Blackhole => " blackhole".into(),
        RuleAction::Prohibit => " prohibit".into(),
    };
    // The kernel's own three.
    if context.details && matches!(rule.pref, 0 | 32_766 | 32_767) {
        out += " proto kernel";
    }
    out + "\n"
}

/// A prefix, or an address alone.
fn bare(net: &ipnet::IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}

/// Whether a rule's prefix is one of those asked for, or lies in it.
fn within(has: Option<ipnet::IpNet>, asked: Option<ipnet::IpNet>) -> bool {
    asked.is_none_or(|asked| has.is_some_and(|has| asked.contains(&has)))
}

/// What a user says of a rule.
struct Given {
    rule: Rule,
    pref: Option<u32>,
    /// Whether a table was named.
    lookup: bool,
}

impl Given {
    /// Whether a rule is one of those that `ip rule show` was asked for.
    fn passes(&self, rule: &Rule) -> bool {
        self.pref.is_none_or(|pref| pref == rule.pref)
            && within(rule.from, self.rule.from)
            && within(rule.to, self.rule.to)
            && (self.rule.mark.is_none() || self.rule.mark == rule.mark)
            && (self.rule.iif.is_none() || self.rule.iif == rule.iif)
            && (self.rule.oif.is_none() || self.rule.oif == rule.oif)
            && (!self.lookup || self.rule.action == rule.action)
    }
}

fn read(context: &Context, args: &[String], v6: bool) -> Result<Given, Fail> {
    let mut rule = Rule::new(0, v6, TableId::MAIN);
    let mut pref = None;
    let mut words = Words::new(args);
    let hex = |text: &str| {
        text.strip_prefix("0x").map_or_else(
            || text.parse().ok(),
            |digits| u32::from_str_radix(digits, 16).ok(),
        )
    };
    while let Some(word) = words.next() {
        match word {
            "not" => rule.not = true,
            "from" => {
                rule.from = Some(prefix::parse(
                    words.value()?,
                    Some(v6).filter(|_| context.v6.is_some()),
                )?)
                .filter(|net| net.prefix_len() > 0);
            }
            "to" => {
                rule.to = Some(prefix::parse(
                    words.value()?,
                    Some(v6).filter(|_| context.v6.is_some()),
                )?)
                .filter(|net| net.prefix_len() > 0);
            }
            "pref" | "preference" | "prio" | "priority" | "order" => {
                let value = words.value()?;
                pref = Some(
                    value
                        .parse()
                        .ok()
                        .ok_or_else(|| Fail::bad_argument(value, "preference value is invalid"))?,
                );
            }
            "fwmark" => {
                let value = words.value()?;
                let (mark, mask) = value
                    .split_once('/')
                    .map_or((hex(value), Some(u32::MAX)), |(mark, mask)| {
                        (hex(mark), hex(mask))
                    });
                rule.mark = Some(
                    mark.zip(mask)
                        .ok_or_else(|| Fail::bad_argument(value, "fwmark value is invalid"))?,
                );
            }
            "iif" | "dev" => rule.iif = Some(words.value()?.into()),
            "oif" => rule.oif = Some(words.value()?.into()),
            "table" | "lookup" => {
                let value = words.value()?;
                let found = table(value).ok().flatten();
                rule.action = RuleAction::Lookup(
                    found.ok_or_else(|| Fail::bad_argument(value, "invalid table ID"))?,
                );
            }
            "unreachable" => rule.action = RuleAction::Unreachable,
            "blackhole" => rule.action = RuleAction::Blackhole,
            "prohibit" => rule.action = RuleAction::Prohibit,
            "tos"
            | "dsfield"
            | "ipproto"
            | "sport"
            | "dport"
            | "uidrange"
            | "goto"
            | "nat"
            | "realms"
            | "suppress_prefixlength"
            | "suppress_ifgroup"
            | "l3mdev"
            | "protocol"
            | "tun_id" => return Err(Fail::not_modelled("ip", &format!("rule {word}"))),
            other => return Err(Fail::argument(other, "Failed to parse rule type")),
        }
    }
    Ok(Given {
        rule,
        pref,
        lookup: words_name_table(args),
    })
}

fn change(sys: &Sys, context: &Context, args: &[String], v6: bool, add: bool) -> Said {
    let Given { rule, pref, lookup } = read(context, args, v6)?;
    sys.kernel(|k| {
        context.permit()?;
        let done = if add {
            k.rule_add(context.ns, rule, pref)
        } else {
            k.rule_del(context.ns, |known| {
                let same = known.from == rule.from
                    && known.to == rule.to
                    && known.mark == rule.mark
                    && known.iif == rule.iif
                    && known.oif == rule.oif;
                let alone = args.len() == 2 && (pref.is_some() || lookup);
                known.v6 == v6
                    && pref.is_none_or(|pref| pref == known.pref)
                    && (alone || same)
                    && (!lookup || known.action == rule.action)
            })
        };
        done.map(|()| String::new()).map_err(Fail::netlink)
    })
}

fn words_name_table(args: &[String]) -> bool {
    args.iter()
        .any(|word| matches!(word.as_str(), "table" | "lookup"))
}
