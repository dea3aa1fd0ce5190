//! Netfilter rules and tracked connections for the screen.

use crate::journey::words;
use crate::view::{Connection, RuleChain, RuleRow, RuleTable, Ruleset};
use ipnet::IpNet;
use kernel::Kernel;
use kernel::ids::NetnsId;
use kernel::netfilter::conntrack::{ConnInfo, Tuple};
use kernel::netfilter::table::{Chain, Entry, Policy};
use kernel::netfilter::{Family, Inv, Rule, TableName, print};

/// The rules and tracked connections of a machine's root namespace.
pub(crate) fn of_machine(kernel: &mut Kernel, machine: &str) -> Ruleset {
    match kernel.machine_named(machine).map(|m| m.root_ns) {
        Some(ns) => rules(kernel, machine, ns),
        None => Ruleset::default(),
    }
}

/// All rules of a namespace.
pub(crate) fn rules(kernel: &mut Kernel, machine: &str, ns: NetnsId) -> Ruleset {
    let now = kernel.now;
    let Some(netns) = kernel.net.netns_mut(ns) else {
        return Ruleset::default();
    };
    let mut tables = Vec::new();
    let mut saved = String::new();
    for family in [Family::V4, Family::V6] {
        for name in TableName::ALL {
            let Some(table) = netns.nf.table(family, name) else {
                continue;
            };
            let chains: Vec<&Chain> = table.chains().collect();
            // One that lets everything pass is as good as none.
            let passes =
                |c: &&Chain| c.rules().is_empty() && c.hook.is_some() && c.policy == Policy::Accept;
            if chains.iter().all(passes) {
                continue;
            }
            saved.push_str(&format!("*{}\n", words::table(name)));
            for chain in &chains {
                for entry in chain.rules() {
                    saved.push_str(&print::rule(&chain.name, &entry.rule, family));
                    saved.push('\n');
                }
            }
            tables.push(RuleTable {
                name: words::table(name).to_owned(),
                family: if family == Family::V4 { "IPv4" } else { "IPv6" }.to_owned(),
                chains: chains.into_iter().map(|c| chain_view(c, family)).collect(),
            });
        }
    }
    let connections = if netns.nf.conntrack().is_some() {
        netns.nf.conntrack_mut().list(now)
    } else {
        Vec::new()
    };
    let connections = connections.iter().map(connection).collect();
    Ruleset {
        machine: machine.to_owned(),
        tables,
        saved,
        connections,
    }
}

/// An entry of connection tracking.
pub(crate) fn connection(c: &ConnInfo) -> Connection {
    Connection {
        protocol: c.original.proto.to_string(),
        state: c.tcp.map(|s| s.name().to_owned()).unwrap_or_default(),
        original: tuple(&c.original),
        reply: tuple(&c.reply),
        expires_s: c.remaining.as_secs(),
    }
}

fn tuple(t: &Tuple) -> String {
    let end = |ip: std::net::IpAddr, port: u16| {
        if port == 0 {
            ip.to_string()
        } else {
            std::net::SocketAddr::new(ip, port).to_string()
        }
    };
    format!(
        "{} → {}",
        end(t.src, t.src_port()),
        end(t.dst, t.dst_port())
    )
}

fn chain_view(chain: &Chain, family: Family) -> RuleChain {
    let note = if chain.hook.is_some() {
        let n = chain.counters.packets;
        format!(
            "policy {}, {n} packet{}",
            chain.policy.name(),
            if n == 1 { "" } else { "s" }
        )
    } else {
        let n = chain.references();
        format!("{n} reference{}", if n == 1 { "" } else { "s" })
    };
    let rules = chain
        .rules()
        .iter()
        .enumerate()
        .map(|(i, entry)| row(i, entry, family))
        .collect();
    RuleChain {
        name: chain.name.to_string(),
        note,
        rules,
    }
}

fn row(index: usize, entry: &Entry, family: Family) -> RuleRow {
    let rule = &entry.rule;
    let net = |n: &Option<Inv<IpNet>>| {
        inverted(n.as_ref(), |n| {
            if n.prefix_len() == n.max_prefix_len() {
                n.addr().to_string()
            } else {
                n.to_string()
            }
        })
    };
    let any = |text: String, any: &str| {
        if text.is_empty() {
            any.to_owned()
        } else {
            text
        }
    };
    let anywhere = if family == Family::V4 {
        "0.0.0.0/0"
    } else {
        "::/0"
    };
    RuleRow {
        number: u32::try_from(index + 1).unwrap_or(u32::MAX),
        packets: entry.counters.packets,
        bytes: entry.counters.bytes,
        target: rule.target.name().to_owned(),
        input: any(inverted(rule.in_if.as_ref(), ToString::to_string), "*"),
        output: any(inverted(rule.out_if.as_ref(), ToString::to_string), "*"),
        source: any(net(&rule.src), anywhere),
        destination: any(net(&rule.dst), anywhere),
        matches: matches(rule, family),
    }
}

fn inverted<T>(condition: Option<&Inv<T>>, text: impl Fn(&T) -> String) -> String {
    condition
        .map(|c| format!("{}{}", if c.not { "!" } else { "" }, text(&c.value)))
        .unwrap_or_default()
}

/// The protocol, the matches and the target's options: the rule without what has a column of its own.
fn matches(rule: &Rule, family: Family) -> String {
    let rest = Rule {
        src: None,
        dst: None,
        in_if: None,
        out_if: None,
        ..rule.clone()
    };
    let text = print::rule("", &rest, family);
    let jump = |flag: &str| format!("{flag} {}", rule.target.name());
    text.trim_start_matches("-A")
        .replace(&jump("-j"), "")
        .replace(&jump("-g"), "")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
