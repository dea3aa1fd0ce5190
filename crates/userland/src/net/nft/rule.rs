//! Rules in nft's language.

use ipnet::IpNet;
use kernel::netfilter::model::{
    CtStates, IfPattern, IpRange, LengthRange, Limit, MarkValue, MultiportSide, PktType, PortRange,
    RejectWith, StatisticMode, TcpMss, TtlMatch,
};
use kernel::netfilter::table::Entry;
use kernel::netfilter::{Family, Inv, Match, Target, print};
use wire::{IcmpErrorKind, Proto, TcpFlags};

/// A rule's text, and whether it has an extension of iptables that nft has no words of its own for in the kernel.
pub(super) fn text(entry: &Entry, family: Family, stateless: bool) -> (String, bool) {
    let rule = &entry.rule;
    let ip = match family {
        Family::V4 => "ip",
        Family::V6 => "ip6",
    };
    let mut words: Vec<String> = Vec::new();
    let mut compat = false;
    for (name, net) in [("saddr", rule.src), ("daddr", rule.dst)] {
        if let Some(net) = net {
            words.push(format!("{ip} {name} {}{}", not(net.not), prefix(net.value)));
        }
    }
    for (name, device) in [("iifname", rule.in_if), ("oifname", rule.out_if)] {
        if let Some(device) = device.filter(|device| !device.value.is_any()) {
            words.push(format!(
                "{name} {}\"{}\"",
                not(device.not),
                pattern(device.value)
            ));
        }
    }
    if let Some(fragment) = &rule.fragment {
        let sign = if fragment.not { "==" } else { "!=" };
        words.push(format!("ip frag-off & 0x1fff {sign} 0x0"));
    }
    // Naming a port or a flag says the protocol, too.
    let implied = rule.matches.iter().any(|m| match m {
        Match::Tcp(m) => m.sport.is_some() || m.dport.is_some() || m.flags.is_some(),
        Match::Udp(m) | Match::Sctp(m) => m.sport.is_some() || m.dport.is_some(),
        _ => false,
    });
    if let Some(proto) = rule.proto.filter(|proto| proto.not || !implied) {
        let key = match family {
            Family::V4 => "ip protocol",
            Family::V6 => "meta l4proto",
        };
        words.push(format!("{key} {}{}", not(proto.not), protocol(proto.value)));
    }
    for one in &rule.matches {
        let (text, foreign) = condition(one, ip, rule.proto.map(|proto| proto.value));
        compat |= foreign;
        words.extend(text);
    }
    words.push(if stateless {
        "counter".to_owned()
    } else {
        let counters = entry.counters;
        format!(
            "counter packets {} bytes {}",
            counters.packets, counters.bytes
        )
    });
    let (action, foreign) = target(&rule.target, family);
    compat |= foreign;
    words.extend(action);
    (words.join(" "), compat)
}

const fn not(not: bool) -> &'static str {
    if not { "!= " } else { "" }
}

fn prefix(net: IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}

fn pattern(device: IfPattern) -> String {
    let text = device.to_string();
    text.strip_suffix('+')
        .map_or(text.clone(), |start| format!("{start}*"))
}

fn protocol(proto: Proto) -> String {
    match proto {
        Proto::ICMPV6 => "ipv6-icmp".to_owned(),
        Proto(47) => "gre".to_owned(),
        Proto(50) => "esp".to_owned(),
        other => print::protocol(other),
    }
}

fn ports(range: PortRange) -> String {
    print::dashed((range.first, range.last))
}

/// `tcp sport 80`, `tcp dport != 22`.
fn port_words(
    proto: &str,
    sport: Option<Inv<PortRange>>,
    dport: Option<Inv<PortRange>>,
) -> Vec<String> {
    [("sport", sport), ("dport", dport)]
        .into_iter()
        .filter_map(|(name, range)| {
            let range = range?;
            Some(format!(
                "{proto} {name} {}{}",
                not(range.not),
                ports(range.value)
            ))
        })
        .collect()
}

/// A condition's words, and whether it is one of iptables' own.
fn condition(condition: &Match, ip: &str, proto: Option<Proto>) -> (Vec<String>, bool) {
    let native = |text: String| (vec![text], false);
    let foreign = |text: String| (vec![text], true);
    match condition {
        Match::Tcp(m) => {
            let mut words = port_words("tcp", m.sport, m.dport);
            if let Some(flags) = m.flags {
                let (mask, set) = flags.value;
                let sign = if flags.not { "!=" } else { "==" };
                words.push(format!(
                    "tcp flags & ({}) {sign} {}",
                    tcp_flags(mask),
                    tcp_flags(set)
                ));
            }
            (words, false)
        }
        Match::Udp(m) => (port_words("udp", m.sport, m.dport), false),
        Match::Sctp(m) => (port_words("sctp", m.sport, m.dport), false),
        Match::Icmp(kind) => {
            let name = if ip == "ip" { "icmp" } else { "icmpv6" };
            let Some(type_) = kind.value.type_ else {
                return (Vec::new(), true);
            };
            let mut words = format!(
                "{name} type {}{}",
                not(kind.not),
                icmp_type(ip == "ip", type_)
            );
            if let Some(code) = kind.value.code {
                words.push_str(&format!(" {name} code {code}"));
            }
            foreign(words)
        }
        Match::Multiport { side, ports: list } => {
            let proto = proto.map(print::protocol).unwrap_or_default();
            let side = match side {
                MultiportSide::Source => "sport",
                MultiportSide::Destination => "dport",
                MultiportSide::Either => "port",
            };
            let all: Vec<String> = list.value.iter().map(|range| ports(*range)).collect();
            let set = match all.as_slice() {
                [one] => one.clone(),
                all => format!("{{ {} }}", all.join(", ")),
            };
            foreign(format!("{proto} {side} {}{set}", not(list.not)))
        }
        Match::Conntrack(m) => {
            let mut words = Vec::new();
            if let Some(state) = m.state {
                words.push(ct_state(state));
            }
            let other = **m
                != kernel::netfilter::model::ConntrackMatch {
                    state: m.state,
                    ..Default::default()
                };
            if other {
                words.push("xt match \"conntrack\"".to_owned());
            }
            (words, true)
        }
        Match::State(state) => foreign(ct_state(*state)),
        Match::AddrType {
            src,
            dst,
            limit_in,
            limit_out,
        } => {
            let device = match (limit_in, limit_out) {
                (true, _) => " . iif",
                (_, true) => " . oif",
                _ => "",
            };
            let words = [("saddr", src), ("daddr", dst)]
                .into_iter()
                .filter_map(|(name, types)| {
                    let types = types.as_ref()?;
                    let names = print::addr_types(types.value).to_ascii_lowercase();
                    Some(format!("fib {name}{device} type {}{names}", not(types.not)))
                });
            (words.collect(), true)
        }
        Match::Mark(mark) => native(format!("meta mark {}", mark_words(*mark))),
        Match::Connmark(mark) => foreign(format!("ct mark {}", mark_words(*mark))),
        Match::Limit(limit) => native(rate(limit)),
        Match::Comment(text) => foreign(format!("comment \"{text}\"")),
        Match::MacSource(mac) => native(format!("ether saddr {}{}", not(mac.not), mac.value)),
        Match::Length(Inv {
            value: LengthRange { first, last },
            not: turned,
        }) => native(format!(
            "meta length {}{}",
            not(*turned),
            print::dashed((*first, *last))
        )),
        Match::Ttl(ttl) | Match::HopLimit(ttl) => {
            let key = if ip == "ip" { "ip ttl" } else { "ip6 hoplimit" };
            native(match ttl {
                TtlMatch::Eq(value) => format!("{key} {}{}", not(value.not), value.value),
                TtlMatch::Less(value) => format!("{key} lt {value}"),
                TtlMatch::Greater(value) => format!("{key} gt {value}"),
            })
        }
        Match::Owner { group, ids } => {
            let (first, last) = ids.value;
            let range = if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            };
            foreign(format!(
                "sk{}id {}{range}",
                if *group { "g" } else { "u" },
                not(ids.not)
            ))
        }
        Match::PktType(kind) => {
            let name = match kind.value {
                PktType::Unicast => "host",
                PktType::Broadcast => "broadcast",
                PktType::Multicast => "multicast",
            };
            native(format!("meta pkttype {}{name}", not(kind.not)))
        }
        Match::Statistic(s) => match s.mode {
            StatisticMode::Random { threshold } => {
                let sign = if s.not { ">=" } else { "<" };
                native(format!("meta random & 2147483647 {sign} {threshold}"))
            }
            StatisticMode::Nth { every, packet, .. } => {
                native(format!("numgen inc mod {every} {}{packet}", not(s.not)))
            }
        },
        Match::IpRange { src, dst } => {
            let words = [("saddr", src), ("daddr", dst)]
                .into_iter()
                .filter_map(|(name, range)| {
                    let Inv {
                        value: IpRange { first, last },
                        not: turned,
                    } = range.as_ref()?;
                    Some(format!("{ip} {name} {}{first}-{last}", not(*turned)))
                });
            (words.collect(), false)
        }
        Match::Physdev(_) => foreign("xt match \"physdev\"".to_owned()),
        Match::HashLimit(_) => foreign("xt match \"hashlimit\"".to_owned()),
        Match::Recent(_) => foreign("xt match \"recent\"".to_owned()),
        Match::Pattern(_) => foreign("xt match \"string\"".to_owned()),
        Match::Quota(_) => foreign("xt match \"quota\"".to_owned()),
        Match::Dscp(dscp) => native(format!("{ip} dscp {}{:#04x}", not(dscp.not), dscp.value)),
        Match::Tos(_) => foreign("xt match \"tos\"".to_owned()),
        Match::ConnLimit(_) => foreign("xt match \"connlimit\"".to_owned()),
        Match::Ipvs { .. } => foreign("xt match \"ipvs\"".to_owned()),
    }
}

fn ct_state(state: Inv<CtStates>) -> String {
    let names = print::ct_states(state.value).to_ascii_lowercase();
    format!("ct state {}{names}", not(state.not))
}

fn mark_words(mark: Inv<MarkValue>) -> String {
    let MarkValue { value, mask } = mark.value;
    let sign = if mark.not { "!=" } else { "==" };
    if mask == u32::MAX {
        format!("{}0x{value:08x}", not(mark.not))
    } else {
        format!("& 0x{mask:08x} {sign} 0x{value:08x}")
    }
}

fn rate(limit: &Limit) -> String {
    let period = match limit.period {
        1 => "second",
        60 => "minute",
        3600 => "hour",
        _ => "day",
    };
    format!(
        "limit rate {}/{period} burst {} packets",
        limit.count, limit.burst
    )
}

fn tcp_flags(flags: TcpFlags) -> String {
    match print::tcp_flags(flags).as_str() {
        "NONE" => "0x0".to_owned(),
        names => names.to_ascii_lowercase().replace(',', " | "),
    }
}

fn icmp_type(v4: bool, type_: u8) -> String {
    let name = match (v4, type_) {
        (true, 0) | (false, 129) => "echo-reply",
        (true, 3) | (false, 1) => "destination-unreachable",
        (true, 5) => "redirect",
        (true, 8) | (false, 128) => "echo-request",
        (true, 11) | (false, 3) => "time-exceeded",
        (true, 12) | (false, 4) => "parameter-problem",
        (false, 2) => "packet-too-big",
        (false, 133) => "nd-router-solicit",
        (false, 134) => "nd-router-advert",
        (false, 135) => "nd-neighbor-solicit",
        (false, 136) => "nd-neighbor-advert",
        _ => return type_.to_string(),
    };
    name.to_owned()
}

/// A target's words, and whether it is one of iptables' own.
fn target(target: &Target, family: Family) -> (Option<String>, bool) {
    let native = |text: String| (Some(text), false);
    let foreign = |text: String| (Some(text), true);
    match target {
        Target::None => (None, false),
        Target::Accept => native("accept".to_owned()),
        Target::Drop => native("drop".to_owned()),
        Target::Return => native("return".to_owned()),
        Target::Jump(chain) => native(format!("jump {chain}")),
        Target::Goto(chain) => native(format!("goto {chain}")),
        Target::Reject(with) => foreign(reject(*with, family)),
        Target::Dnat(to) => foreign(format!("dnat to {}", print::nat_to(to))),
        Target::Snat(to) => foreign(format!("snat to {}", print::nat_to(to))),
        Target::Masquerade(to) if to.ports.is_none() => foreign("masquerade".to_owned()),
        Target::Masquerade(to) => foreign(format!("masquerade to {}", print::nat_to(to))),
        Target::Redirect(to) if to.ports.is_none() => foreign("redirect".to_owned()),
        Target::Redirect(to) => foreign(format!("redirect to {}", print::nat_to(to))),
        Target::Mark { value, mask } if *mask == u32::MAX => {
            foreign(format!("meta mark set 0x{value:x}"))
        }
        Target::Mark { value, mask } => foreign(format!(
            "meta mark set mark and 0x{:x} xor 0x{value:x}",
            !mask
        )),
        Target::Log(log) => {
            let prefix = if log.prefix.is_empty() {
                String::new()
            } else {
                format!(" prefix \"{}\"", log.prefix)
            };
            let level = match log.level {
                4 => "",
                0 => " level emerg",
                1 => " level alert",
                2 => " level crit",
                3 => " level err",
                5 => " level notice",
                6 => " level info",
                _ => " level debug",
            };
            foreign(format!("log{prefix}{level}"))
        }
        Target::NoTrack { .. } => foreign("notrack".to_owned()),
        Target::TcpMss(TcpMss::Set(size)) => foreign(format!("tcp option maxseg size set {size}")),
        Target::TcpMss(TcpMss::ClampToPmtu) => {
            foreign("tcp option maxseg size set rt mtu".to_owned())
        }
        Target::Dscp(dscp) => {
            let ip = if family == Family::V6 { "ip6" } else { "ip" };
            foreign(format!("{ip} dscp set {dscp:#04x}"))
        }
        // nft takes these bits for those of IPv6's traffic class.
        Target::Tos { value, mask } if value == mask => {
            foreign(format!("ip6 dscp set ip6 dscp or {:#04x}", value >> 2))
        }
        Target::Tos { value, .. } => foreign(format!("ip6 dscp set {:#04x}", value >> 2)),
        Target::Netmap(_) | Target::Connmark(_) | Target::Ttl(_) | Target::HopLimit(_) => {
            foreign(format!("xt target \"{}\"", target.name()))
        }
    }
}

fn reject(with: RejectWith, family: Family) -> String {
    match with {
        RejectWith::TcpReset => "reject with tcp reset".to_owned(),
        RejectWith::Icmp(IcmpErrorKind::PortUnreachable) => "reject".to_owned(),
        with => {
            let v6 = family == Family::V6;
            let name = print::reject_with(with, v6);
            let (kind, name) = if v6 {
                ("icmpv6", name.trim_start_matches("icmp6-"))
            } else {
                ("icmp", name.trim_start_matches("icmp-"))
            };
            let name = match name {
                "adm-prohibited" => "admin-prohibited",
                name => name,
            };
            format!("reject with {kind} {name}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::netfilter::{Rule, Table, TableName};
    use std::net::IpAddr;

    #[test]
    fn rules_read_as_nft_prints_them() {
        let ip: IpAddr = "172.17.0.2".parse().unwrap();
        let tcp = || Rule::new().proto(Proto::TCP);
        for (rule, expected, compat) in [
            (
                tcp()
                    .dst(IpNet::from(ip))
                    .not_in_if("docker0")
                    .dport(80)
                    .target(Target::Accept),
                "ip daddr 172.17.0.2 iifname != \"docker0\" tcp dport 80 counter accept",
                false,
            ),
            (
                Rule::new()
                    .out_if("eth+")
                    .ctstate(CtStates::RELATED_ESTABLISHED),
                "oifname \"eth*\" ct state related,established counter",
                true,
            ),
            (
                tcp().target(Target::Drop),
                "ip protocol tcp counter drop",
                false,
            ),
            (
                tcp().comment("hello world").target(Target::Return),
                "ip protocol tcp comment \"hello world\" counter return",
                true,
            ),
        ] {
            let mut table = Table::new(TableName::Filter);
            table.append("FORWARD", rule).unwrap();
            let entry = &table.chain("FORWARD").unwrap().rules()[0];
            assert_eq!(text(entry, Family::V4, true), (expected.to_owned(), compat));
        }
    }
}
