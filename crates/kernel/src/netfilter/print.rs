//! Rules in words, as `iptables -S` prints them.

use super::Family;
use super::model::{
    AddrTypes, ConntrackMatch, CtStates, CtStatuses, IcmpType, IfPattern, Inv, IpRange, Limit,
    MarkValue, Match, MultiportSide, NatTo, PhysdevMatch, PktType, PortRange, RejectWith, Rule,
    StatisticMode, TtlMatch,
};
use crate::skb::Direction;
use ipnet::IpNet;
use std::fmt::{self, Write as _};
use wire::{IcmpErrorKind, Proto, TcpFlags};

pub use content::pattern_text;
pub use counted::{HASH_TABLE, hash_mode};

mod content;
mod counted;
mod target;

/// The whole line: `-A CHAIN ...`. Errors of REJECT have other names in IPv6.
#[must_use]
pub fn rule(chain: &str, rule: &Rule, family: Family) -> String {
    let mut out = format!("-A {chain}");
    // Writing to a string cannot fail.
    let _ = conditions(&mut out, rule);
    let _ = target::target(&mut out, &rule.target, family == Family::V6);
    out
}

/// The words for TCP flags: `FIN,SYN`, `ALL` or `NONE`.
#[must_use]
pub fn tcp_flags(flags: TcpFlags) -> String {
    const NAMES: [(TcpFlags, &str); 6] = [
        (TcpFlags::FIN, "FIN"),
        (TcpFlags::SYN, "SYN"),
        (TcpFlags::RST, "RST"),
        (TcpFlags::PSH, "PSH"),
        (TcpFlags::ACK, "ACK"),
        (TcpFlags::URG, "URG"),
    ];
    let names: Vec<&str> = NAMES
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .map(|(_, name)| *name)
        .collect();
    match names.len() {
        0 => "NONE".into(),
        _ => names.join(","),
    }
}

/// The names of a set of states.
#[must_use]
pub fn ct_states(states: CtStates) -> String {
    let is_in = CtStates::NAMES
        .iter()
        .filter(|(state, _)| states.intersects(*state));
    is_in.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
}

/// The names of a set of statuses.
#[must_use]
pub fn ct_statuses(statuses: CtStatuses) -> String {
    if statuses.0 == 0 {
        return "NONE".into();
    }
    let is_in = CtStatuses::NAMES
        .iter()
        .filter(|(status, _)| statuses.0 & status.0 != 0);
    is_in.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
}

/// The names of a set of address types.
#[must_use]
pub fn addr_types(types: AddrTypes) -> String {
    let is_in = AddrTypes::NAMES
        .iter()
        .filter(|(kind, _)| types.contains(*kind));
    is_in.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
}

/// `80` or `8000:8010`.
#[must_use]
pub fn ports(range: PortRange) -> String {
    if range.first == range.last {
        range.first.to_string()
    } else {
        format!("{}:{}", range.first, range.last)
    }
}

/// What the error that REJECT sends is called.
#[must_use]
pub const fn reject_with(with: RejectWith, v6: bool) -> &'static str {
    match (with, v6) {
        (RejectWith::TcpReset, _) => "tcp-reset",
        (RejectWith::Icmp(kind), false) => match kind {
            IcmpErrorKind::NetUnreachable => "icmp-net-unreachable",
            IcmpErrorKind::HostUnreachable => "icmp-host-unreachable",
            IcmpErrorKind::ProtoUnreachable => "icmp-proto-unreachable",
            IcmpErrorKind::NetProhibited => "icmp-net-prohibited",
            IcmpErrorKind::HostProhibited => "icmp-host-prohibited",
            IcmpErrorKind::AdminProhibited => "icmp-admin-prohibited",
            _ => "icmp-port-unreachable",
        },
        (RejectWith::Icmp(kind), true) => match kind {
            IcmpErrorKind::NetUnreachable => "icmp6-no-route",
            IcmpErrorKind::AdminProhibited => "icmp6-adm-prohibited",
            IcmpErrorKind::HostUnreachable => "icmp6-addr-unreachable",
            IcmpErrorKind::PolicyFail => "icmp6-policy-fail",
            IcmpErrorKind::RejectRoute => "icmp6-reject-route",
            _ => "icmp6-port-unreachable",
        },
    }
}

/// Where NAT leads: `1.2.3.4-1.2.3.9:80-90`, `[fd00::2]:80`, `:53`.
#[must_use]
pub fn nat_to(to: &NatTo) -> String {
    let mut out = String::new();
    if let Some((first, last)) = to.addrs {
        let bracket = first.is_ipv6() && to.ports.is_some();
        let (open, close) = if bracket { ("[", "]") } else { ("", "") };
        out = if first == last {
            format!("{open}{first}{close}")
        } else {
            format!("{open}{first}-{last}{close}")
        };
    }
    if let Some(ports) = to.ports {
        out.push(':');
        out.push_str(&dashed(ports));
    }
    out
}

/// `80` or `80-90`.
#[must_use]
pub fn dashed((first, last): (u16, u16)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

/// `5/min`, as iptables prints a rate: in the shortest unit that loses nothing of it. Source: iptables libxt_limit.c,
/// `print_rate`.
#[must_use]
pub fn rate(limit: &Limit) -> String {
    const SCALE: u64 = 10_000;
    let each = (SCALE * u64::from(limit.period) / u64::from(limit.count.max(1))).max(1);
    let mut chosen = (86_400, "day");
    for unit in [(3600, "hour"), (60, "min"), (1, "sec")] {
        let length = unit.0 * SCALE;
        if each > length || length / each < length % each {
            break;
        }
        chosen = unit;
    }
    format!("{}/{}", chosen.0 * SCALE / each, chosen.1)
}

/// `--probability` in the decimals that iptables prints.
#[must_use]
pub fn probability(threshold: u32) -> String {
    format!("{:.11}", f64::from(threshold) / 2_147_483_648.0)
}

fn not<T>(condition: &Inv<T>) -> &'static str {
    if condition.not { "! " } else { "" }
}

fn option<T: Copy>(
    out: &mut String,
    name: &str,
    condition: Option<Inv<T>>,
    text: impl FnOnce(T) -> String,
) -> fmt::Result {
    match condition {
        Some(condition) => write!(out, " {}{name} {}", not(&condition), text(condition.value)),
        None => Ok(()),
    }
}

fn conditions(out: &mut String, rule: &Rule) -> fmt::Result {
    let any = |net: &Inv<IpNet>| net.value.prefix_len() == 0 && !net.not;
    option(out, "-s", rule.src.filter(|net| !any(net)), |net| {
        net.to_string()
    })?;
    option(out, "-d", rule.dst.filter(|net| !any(net)), |net| {
        net.to_string()
    })?;
    let all = |pattern: &Inv<IfPattern>| pattern.value.is_any() && !pattern.not;
    option(out, "-i", rule.in_if.filter(|name| !all(name)), |name| {
        name.to_string()
    })?;
    option(out, "-o", rule.out_if.filter(|name| !all(name)), |name| {
        name.to_string()
    })?;
    option(
        out,
        "-p",
        rule.proto.filter(|proto| proto.value.0 != 0),
        protocol,
    )?;
    if let Some(fragment) = &rule.fragment {
        write!(out, " {}-f", not(fragment))?;
    }
    for one in &rule.matches {
        condition(out, one, rule.proto)?;
    }
    Ok(())
}

/// A protocol's name as iptables prints it.
#[must_use]
pub fn protocol(proto: Proto) -> String {
    match proto.0 {
        132 => "sctp".into(),
        136 => "udplite".into(),
        51 => "ah".into(),
        _ => proto.to_string(),
    }
}

fn condition(out: &mut String, condition: &Match, proto: Option<Inv<Proto>>) -> fmt::Result {
    match condition {
        Match::Tcp(m) => {
            out.push_str(" -m tcp");
            option(out, "--sport", m.sport, ports)?;
            option(out, "--dport", m.dport, ports)?;
            option(out, "--tcp-flags", m.flags, |(mask, set)| {
                format!("{} {}", tcp_flags(mask), tcp_flags(set))
            })
        }
        Match::Udp(m) | Match::Sctp(m) => {
            out.push_str(if matches!(condition, Match::Udp(_)) {
                " -m udp"
            } else {
                " -m sctp"
            });
            option(out, "--sport", m.sport, ports)?;
            option(out, "--dport", m.dport, ports)
        }
        Match::Icmp(wanted) => {
            let v6 = proto.is_some_and(|proto| proto.value == Proto::ICMPV6);
            let (name, flag) = if v6 {
                ("icmp6", "--icmpv6-type")
            } else {
                ("icmp", "--icmp-type")
            };
            write!(out, " -m {name}")?;
            option(out, flag, Some(*wanted), icmp_type)
        }
        Match::Multiport { side, ports: list } => {
            let flag = match side {
                MultiportSide::Source => "--sports",
                MultiportSide::Destination => "--dports",
                MultiportSide::Either => "--ports",
            };
            let list_text = list
                .value
                .iter()
                .map(|range| ports(*range))
                .collect::<Vec<_>>()
                .join(",");
            write!(out, " -m multiport {}{flag} {list_text}", not(list))
        }
        Match::Conntrack(m) => conntrack(out, m),
        Match::State(states) => {
            out.push_str(" -m state");
            option(out, "--state", Some(*states), ct_states)
        }
        Match::AddrType {
            src,
            dst,
            limit_in,
            limit_out,
        } => {
            out.push_str(" -m addrtype");
            option(out, "--src-type", *src, addr_types)?;
            option(out, "--dst-type", *dst, addr_types)?;
            out.push_str(if *limit_in { " --limit-iface-in" } else { "" });
            out.push_str(if *limit_out { " --limit-iface-out" } else { "" });
            Ok(())
        }
        Match::Mark(wanted) => {
            out.push_str(" -m mark");
            option(out, "--mark", Some(*wanted), mark)
        }
        Match::Connmark(wanted) => {
            out.push_str(" -m connmark");
            option(out, "--mark", Some(*wanted), mark)
        }
        Match::Limit(limit) => {
            write!(out, " -m limit --limit {}", rate(limit))?;
            // 5 is what one gets without saying.
            if limit.burst == 5 {
                Ok(())
            } else {
                write!(out, " --limit-burst {}", limit.burst)
            }
        }
        Match::Comment(text) => write!(out, " -m comment --comment {}", quoted(text)),
        other => more(out, other),
    }
}

fn more(out: &mut String, condition: &Match) -> fmt::Result {
    match condition {
        Match::MacSource(mac) => {
            out.push_str(" -m mac");
            option(out, "--mac-source", Some(*mac), |mac| mac.to_string())
        }
        Match::Length(range) => {
            out.push_str(" -m length");
            option(out, "--length", Some(*range), |range| {
                ports(PortRange {
                    first: range.first,
                    last: range.last,
                })
            })
        }
        Match::Ttl(ttl) => ttl_match(out, "ttl", *ttl),
        Match::HopLimit(ttl) => ttl_match(out, "hl", *ttl),
        Match::Owner { group, ids } => {
            out.push_str(" -m owner");
            let text = |(first, last)| {
                if first == last {
                    format!("{first}")
                } else {
                    format!("{first}-{last}")
                }
            };
            let name = if *group { "--gid-owner" } else { "--uid-owner" };
            option(out, name, Some(*ids), text)
        }
        Match::PktType(kind) => {
            out.push_str(" -m pkttype");
            option(out, "--pkt-type", Some(*kind), |kind| pkt_type(kind).into())
        }
        Match::Statistic(statistic) => {
            let not = if statistic.not { "! " } else { "" };
            match &statistic.mode {
                StatisticMode::Nth { every, packet, .. } => {
                    write!(
                        out,
                        " -m statistic --mode nth {not}--every {every} --packet {packet}"
                    )
                }
                StatisticMode::Random { threshold } => {
                    write!(
                        out,
                        " -m statistic --mode random {not}--probability {}",
                        probability(*threshold)
                    )
                }
            }
        }
        Match::IpRange { src, dst } => {
            out.push_str(" -m iprange");
            option(out, "--src-range", *src, ip_range)?;
            option(out, "--dst-range", *dst, ip_range)
        }
        Match::Physdev(m) => physdev(out, m),
        Match::ConnLimit(limit) => write!(
            out,
            " -m connlimit --connlimit-{} {} --connlimit-mask {} --connlimit-{}",
            if limit.above { "above" } else { "upto" },
            limit.most,
            limit.mask,
            if limit.by_destination {
                "daddr"
            } else {
                "saddr"
            }
        ),
        Match::HashLimit(limit) => counted::hash_limit(out, limit),
        Match::Recent(recent) => counted::recent(out, recent),
        Match::Pattern(pattern) => content::pattern(out, pattern),
        Match::Quota(quota) => {
            let not = if quota.not { "! " } else { "" };
            write!(out, " -m quota {not}--quota {}", quota.bytes)
        }
        Match::Dscp(dscp) => {
            out.push_str(" -m dscp");
            option(out, "--dscp", Some(*dscp), |dscp| format!("{dscp:#04x}"))
        }
        Match::Tos(tos) => {
            out.push_str(" -m tos");
            option(out, "--tos", Some(*tos), bits)
        }
        Match::Ipvs { not } => {
            out.push_str(" -m ipvs");
            write!(out, "{} --ipvs", if *not { " !" } else { "" })
        }
        _ => Ok(()),
    }
}

fn ttl_match(out: &mut String, name: &str, wanted: TtlMatch) -> fmt::Result {
    write!(out, " -m {name}")?;
    match wanted {
        TtlMatch::Eq(Inv { value, not }) => {
            let not = if not { "! " } else { "" };
            write!(out, " {not}--{name}-eq {value}")
        }
        TtlMatch::Less(ttl) => write!(out, " --{name}-lt {ttl}"),
        TtlMatch::Greater(ttl) => write!(out, " --{name}-gt {ttl}"),
    }
}

/// `0x10/0x3f`: bits of the type of service, and which of them count.
#[must_use]
pub fn bits((value, mask): (u8, u8)) -> String {
    format!("{value:#04x}/{mask:#04x}")
}

/// `10.0.0.1-10.0.0.9`
#[must_use]
pub fn ip_range(range: IpRange) -> String {
    format!("{}-{}", range.first, range.last)
}

/// `unicast`, `broadcast` or `multicast`.
#[must_use]
pub const fn pkt_type(kind: PktType) -> &'static str {
    match kind {
        PktType::Unicast => "unicast",
        PktType::Broadcast => "broadcast",
        PktType::Multicast => "multicast",
    }
}

fn icmp_type(wanted: IcmpType) -> String {
    match (wanted.type_, wanted.code) {
        (None, _) => "any".into(),
        (Some(type_), None) => type_.to_string(),
        (Some(type_), Some(code)) => format!("{type_}/{code}"),
    }
}

/// `0x1` or `0x1/0xff`.
#[must_use]
pub fn mark(mark: MarkValue) -> String {
    if mark.mask == u32::MAX {
        format!("{:#x}", mark.value)
    } else {
        format!("{:#x}/{:#x}", mark.value, mark.mask)
    }
}

/// An address as the conntrack match prints networks: without the prefix of a single address.
fn address(net: IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}

fn conntrack(out: &mut String, m: &ConntrackMatch) -> fmt::Result {
    out.push_str(" -m conntrack");
    for (name, text) in conntrack_options(m) {
        write!(
            out,
            " {}--{} {text}",
            if name.not { "! " } else { "" },
            name.value
        )?;
    }
    Ok(())
}

/// The options of `-m conntrack` in the order in which iptables prints them, with their values.
#[must_use]
pub fn conntrack_options(m: &ConntrackMatch) -> Vec<(Inv<&'static str>, String)> {
    fn add<T: Copy>(
        list: &mut Vec<(Inv<&'static str>, String)>,
        name: &'static str,
        wanted: Option<Inv<T>>,
        text: impl Fn(T) -> String,
    ) {
        list.extend(wanted.map(|wanted| {
            (
                Inv {
                    value: name,
                    not: wanted.not,
                },
                text(wanted.value),
            )
        }));
    }
    let mut list = Vec::new();
    add(&mut list, "ctstate", m.state, ct_states);
    add(&mut list, "ctproto", m.proto, |proto| proto.0.to_string());
    add(&mut list, "ctorigsrc", m.orig_src, address);
    add(&mut list, "ctorigdst", m.orig_dst, address);
    add(&mut list, "ctreplsrc", m.repl_src, address);
    add(&mut list, "ctrepldst", m.repl_dst, address);
    add(&mut list, "ctorigsrcport", m.orig_src_port, ports);
    add(&mut list, "ctorigdstport", m.orig_dst_port, ports);
    add(&mut list, "ctreplsrcport", m.repl_src_port, ports);
    add(&mut list, "ctrepldstport", m.repl_dst_port, ports);
    add(&mut list, "ctstatus", m.status, ct_statuses);
    let seconds = |(first, last)| {
        if first == last {
            format!("{first}")
        } else {
            format!("{first}:{last}")
        }
    };
    add(&mut list, "ctexpire", m.expire, seconds);
    let dir = m.dir.map(|dir| match dir {
        Direction::Original => "ORIGINAL",
        Direction::Reply => "REPLY",
    });
    add(&mut list, "ctdir", dir.map(Inv::is), str::to_owned);
    list
}

fn physdev(out: &mut String, m: &PhysdevMatch) -> fmt::Result {
    out.push_str(" -m physdev ");
    out.push_str(&physdev_options(m));
    Ok(())
}

/// The options of `-m physdev`.
#[must_use]
pub fn physdev_options(m: &PhysdevMatch) -> String {
    let flag = |wanted: Option<bool>, name: &str| {
        wanted.map(|is| format!("{}{name}", if is { "" } else { "! " }))
    };
    let name = |wanted: Option<Inv<IfPattern>>, flag: &str| {
        wanted.map(|wanted| format!("{}{flag} {}", not(&wanted), wanted.value))
    };
    let parts = [
        flag(m.is_in, "--physdev-is-in"),
        name(m.in_if, "--physdev-in"),
        flag(m.is_out, "--physdev-is-out"),
        name(m.out_if, "--physdev-out"),
        flag(m.is_bridged, "--physdev-is-bridged"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Text in quotes if it has letters that a shell might take for something else.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !text.is_empty() && text.chars().all(plain) {
        return text.into();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '\'') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
