//! The table that `iptables -L` prints.

use ipnet::IpNet;
use kernel::netfilter::model::{
    ConnmarkOp, IcmpType, Log, NatTo, PortRange, StatisticMode, TcpMss, TtlChange, TtlMatch,
};
use kernel::netfilter::table::Entry;
use kernel::netfilter::{Chain, Counters, Family, Inv, Match, Rule, Target, print};
use std::fmt::Display;
use std::net::IpAddr;
use wire::Proto;

use super::{matches, targets, values};
use crate::net::services;

mod counted;

/// How to list.
pub(crate) struct Style<'a> {
    pub(crate) family: Family,
    /// `-n`: addresses and ports as numbers.
    pub(crate) numeric: bool,
    /// `-v`: counters and interfaces.
    pub(crate) verbose: bool,
    /// `-x`: counters in full.
    pub(crate) exact: bool,
    /// `--line-numbers`
    pub(crate) line_numbers: bool,
    /// The name of an address, where it has one.
    pub(crate) name_of: &'a dyn Fn(IpAddr) -> Option<String>,
}

impl Style<'_> {
    /// A chain's head, its columns and its rules.
    pub(crate) fn chain(&self, chain: &Chain) -> String {
        let mut out = format!("Chain {} (", chain.name);
        match chain.hook {
            Some(_) if self.verbose => {
                let (packets, bytes) = (
                    self.amount(chain.counters.packets),
                    self.amount(chain.counters.bytes),
                );
                out += &format!(
                    "policy {} {packets} packets, {bytes} bytes)\n",
                    chain.policy.name()
                );
            }
            Some(_) => out += &format!("policy {})\n", chain.policy.name()),
            None => out += &format!("{} references)\n", chain.references()),
        }
        if self.line_numbers {
            out += &format!("{:<4} ", "num");
        }
        if self.verbose {
            out += &if self.exact {
                format!("{:>8} {:>10} ", "pkts", "bytes")
            } else {
                format!("{:>5} {:>5} ", "pkts", "bytes")
            };
        }
        out += &format!("{:<9}  {:<4} opt", "target", "prot");
        if self.verbose {
            out += &format!(" {:<6} {:<6} ", "in", "out");
        }
        out += &format!(" {:<19}  {:<19} \n", "source", "destination");
        for (at, entry) in chain.rules().iter().enumerate() {
            out += &self.entry(at + 1, entry);
        }
        out
    }

    /// One line.
    pub(crate) fn entry(&self, number: usize, entry: &Entry) -> String {
        let rule = &entry.rule;
        let mut out = String::new();
        if self.line_numbers {
            out += &format!("{number:<4} ");
        }
        if self.verbose {
            out += &self.counters(entry.counters);
        }
        out += &format!("{:<9} ", rule.target.name());
        let not = |not: bool| if not { '!' } else { ' ' };
        let proto = rule
            .proto
            .map_or((false, Proto(0)), |proto| (proto.not, proto.value));
        out += &format!("{}{:<4} ", not(proto.0), self.protocol(proto.1));
        out += match rule.fragment {
            Some(Inv { not: true, .. }) => "!f ",
            Some(_) => "-f ",
            None => "-- ",
        };
        if self.verbose {
            let name = |pattern: &Option<Inv<kernel::netfilter::model::IfPattern>>| match pattern {
                Some(pattern) => format!("{}{}", if pattern.not { "!" } else { "" }, pattern.value),
                None => "*".to_owned(),
            };
            out += &format!(" {:<6} {:<6} ", name(&rule.in_if), name(&rule.out_if));
        }
        out += &format!(
            "{}{:<19} ",
            not(rule.src.is_some_and(|net| net.not)),
            self.network(rule.src)
        );
        out += &format!(
            "{}{:<19} ",
            not(rule.dst.is_some_and(|net| net.not)),
            self.network(rule.dst)
        );
        if matches!(rule.target, Target::Goto(_)) {
            out += "[goto] ";
        }
        out += &self.extras(rule);
        out.push('\n');
        out
    }

    /// What `-v` says about a rule that is added.
    pub(crate) fn added(&self, rule: &Rule) -> String {
        let name = |pattern: &Option<Inv<kernel::netfilter::model::IfPattern>>| match pattern {
            Some(pattern) => format!("{}{}", if pattern.not { "!" } else { "" }, pattern.value),
            None => "*".to_owned(),
        };
        let net = |net: Option<Inv<IpNet>>| {
            format!(
                "{}{}",
                if net.is_some_and(|net| net.not) {
                    "!"
                } else {
                    ""
                },
                self.network(net)
            )
        };
        let proto = rule.proto.map_or(Proto(0), |proto| proto.value);
        let (target, proto) = (rule.target.name(), self.protocol(proto));
        let (input, output) = (name(&rule.in_if), name(&rule.out_if));
        format!(
            "{target}  {proto} opt -- in {input} out {output}  {}  -> {}  {}\n",
            net(rule.src),
            net(rule.dst),
            self.extras(rule)
        )
    }

    fn extras(&self, rule: &Rule) -> String {
        let matches: String = rule
            .matches
            .iter()
            .map(|condition| self.condition(condition))
            .collect();
        matches + &self.target(&rule.target)
    }

    fn counters(&self, counters: Counters) -> String {
        if self.exact {
            return format!("{:>8} {:>8} ", counters.packets, counters.bytes);
        }
        format!(
            "{:>5} {:>5} ",
            self.amount(counters.packets),
            self.amount(counters.bytes)
        )
    }

    /// A number in at most five letters, as K, M, G or T of a thousand.
    fn amount(&self, number: u64) -> String {
        if self.exact || number <= 99_999 {
            return number.to_string();
        }
        let mut shown = number;
        for unit in ["K", "M", "G"] {
            shown = (shown + 500) / 1000;
            if shown <= 9999 {
                return format!("{shown}{unit}");
            }
        }
        format!("{}T", (shown + 500) / 1000)
    }

    fn protocol(&self, proto: Proto) -> String {
        match proto.0 {
            0 => "all".into(),
            // Without `-n` more of them have names.
            _ if !self.numeric => {
                values::protocol_name(proto).map_or_else(|| print::protocol(proto), str::to_owned)
            }
            _ => print::protocol(proto),
        }
    }

    fn network(&self, net: Option<Inv<IpNet>>) -> String {
        let all = match self.family {
            Family::V4 => "0.0.0.0/0",
            Family::V6 => "::/0",
        };
        let Some(net) = net.map(|net| net.value).filter(|net| net.prefix_len() > 0) else {
            return if self.numeric {
                all.into()
            } else {
                "anywhere".into()
            };
        };
        if net.prefix_len() < net.max_prefix_len() {
            return net.to_string();
        }
        let named = if self.numeric {
            None
        } else {
            (self.name_of)(net.addr())
        };
        named.unwrap_or_else(|| net.addr().to_string())
    }

    fn port(&self, port: u16) -> String {
        let named = if self.numeric {
            None
        } else {
            let list = services::LIST;
            services::name(list, port, "tcp").or_else(|| services::name(list, port, "udp"))
        };
        named.map_or_else(|| port.to_string(), str::to_owned)
    }

    fn range(&self, range: PortRange) -> String {
        if range.first == range.last {
            return self.port(range.first);
        }
        format!("{}:{}", self.port(range.first), self.port(range.last))
    }

    fn ports(&self, name: &str, ports: Option<Inv<PortRange>>) -> String {
        let Some(ports) = ports else {
            return String::new();
        };
        let plural = if ports.value.first == ports.value.last {
            ""
        } else {
            "s"
        };
        format!(
            " {name}{plural}:{}{}",
            bang(ports.not),
            self.range(ports.value)
        )
    }

    fn condition(&self, condition: &Match) -> String {
        match condition {
            Match::Tcp(m) => {
                let flags = m.flags.map(|flags| {
                    let (mask, set) = flags.value;
                    let text = if self.numeric {
                        format!("0x{:02X}/0x{:02X}", mask.0, set.0)
                    } else {
                        format!("{}/{}", print::tcp_flags(mask), print::tcp_flags(set))
                    };
                    format!(" flags:{}{text}", bang(flags.not))
                });
                format!(
                    " tcp{}{}{}",
                    self.ports("spt", m.sport),
                    self.ports("dpt", m.dport),
                    flags.unwrap_or_default()
                )
            }
            Match::Udp(m) => format!(
                " udp{}{}",
                self.ports("spt", m.sport),
                self.ports("dpt", m.dport)
            ),
            Match::Sctp(m) => format!(
                " sctp{}{}",
                self.ports("spt", m.sport),
                self.ports("dpt", m.dport)
            ),
            Match::Icmp(wanted) => self.icmp(*wanted),
            Match::Multiport { side, ports } => {
                let name = match side {
                    kernel::netfilter::model::MultiportSide::Source => "sports",
                    kernel::netfilter::model::MultiportSide::Destination => "dports",
                    kernel::netfilter::model::MultiportSide::Either => "ports",
                };
                let list = ports
                    .value
                    .iter()
                    .map(|range| self.range(*range))
                    .collect::<Vec<_>>()
                    .join(",");
                format!(
                    " multiport {name} {}{list}",
                    if ports.not { " !" } else { "" }
                )
            }
            Match::Conntrack(m) => {
                let options = print::conntrack_options(m);
                let text = options.iter().map(|(name, text)| {
                    format!(" {}{} {text}", if name.not { "! " } else { "" }, name.value)
                });
                text.collect()
            }
            Match::State(states) => format!(
                " {}state {}",
                if states.not { "! " } else { "" },
                print::ct_states(states.value)
            ),
            Match::AddrType {
                src,
                dst,
                limit_in,
                limit_out,
            } => {
                let kind =
                    |name: &str, types: &Option<Inv<kernel::netfilter::model::AddrTypes>>| {
                        match types {
                            Some(types) => format!(
                                " {name} {}{}",
                                bang(types.not),
                                print::addr_types(types.value)
                            ),
                            None => String::new(),
                        }
                    };
                let limits = [(*limit_in, " limit-in"), (*limit_out, " limit-out")];
                let limits: String = limits
                    .iter()
                    .filter(|(on, _)| *on)
                    .map(|(_, text)| *text)
                    .collect();
                format!(
                    " ADDRTYPE match{}{}{limits}",
                    kind("src-type", src),
                    kind("dst-type", dst)
                )
            }
            Match::Mark(mark) => {
                format!(" mark match {}{}", bang(mark.not), print::mark(mark.value))
            }
            Match::Connmark(mark) => format!(
                " connmark match  {}{}",
                bang(mark.not),
                print::mark(mark.value)
            ),
            Match::Limit(limit) => {
                format!(" limit: avg {} burst {}", print::rate(limit), limit.burst)
            }
            Match::Comment(text) => format!(" /* {text} */"),
            Match::MacSource(mac) => format!(" MAC {}{}", bang(mac.not), mac.value),
            Match::Length(range) => {
                let ports = PortRange {
                    first: range.value.first,
                    last: range.value.last,
                };
                format!(" length {}{}", bang(range.not), print::ports(ports))
            }
            Match::Ttl(ttl) => ttl_match("TTL", *ttl),
            Match::HopLimit(ttl) => ttl_match("HL", *ttl),
            Match::Owner { group, ids } => {
                let (first, last) = ids.value;
                let text = if first == last {
                    first.to_string()
                } else {
                    format!("{first}-{last}")
                };
                format!(
                    " {}owner {}ID match {text}",
                    if ids.not { "! " } else { "" },
                    if *group { "G" } else { "U" }
                )
            }
            Match::PktType(kind) => format!(
                " PKTTYPE {}= {}",
                bang(kind.not),
                print::pkt_type(kind.value)
            ),
            Match::Statistic(statistic) => match &statistic.mode {
                StatisticMode::Nth { every, packet, .. } => {
                    let packet = if *packet > 0 {
                        format!(" packet {packet}")
                    } else {
                        String::new()
                    };
                    format!(
                        " statistic mode nth{} every {every}{packet}",
                        if statistic.not { " !" } else { "" }
                    )
                }
                StatisticMode::Random { threshold } => {
                    let not = if statistic.not { " !" } else { "" };
                    format!(
                        " statistic mode random{not} probability {}",
                        print::probability(*threshold)
                    )
                }
            },
            Match::IpRange { src, dst } => {
                let range = |name: &str, range: &Option<Inv<kernel::netfilter::model::IpRange>>| {
                    match range {
                        Some(range) => format!(
                            " {name} IP range {}{}",
                            bang(range.not),
                            print::ip_range(range.value)
                        ),
                        None => String::new(),
                    }
                };
                range("source", src) + &range("destination", dst)
            }
            Match::Physdev(m) => format!(" PHYSDEV match {}", print::physdev_options(m)),
            Match::ConnLimit(limit) => format!(
                " #conn {}/{} {} {}",
                if limit.by_destination { "dst" } else { "src" },
                limit.mask,
                if limit.above { ">" } else { "<=" },
                limit.most
            ),
            Match::HashLimit(limit) => counted::hash_limit(limit),
            Match::Recent(recent) => counted::recent(recent),
            Match::Pattern(pattern) => {
                let mut text = format!(
                    " STRING match {} {} ALGO name {}",
                    if pattern.not { "!" } else { "" },
                    print::pattern_text(&pattern.bytes).1,
                    pattern.algorithm
                );
                if pattern.from > 0 {
                    text += &format!(" FROM {}", pattern.from);
                }
                if pattern.to < u16::MAX {
                    text += &format!(" TO {}", pattern.to);
                }
                text + if pattern.any_case { " ICASE" } else { "" }
            }
            Match::Quota(quota) => format!(" quota: {} bytes", quota.bytes),
            Match::Dscp(dscp) => format!(" DSCP match {}{:#04x}", bang(dscp.not), dscp.value),
            Match::Tos(tos) => {
                // Without a blank, as libxt_tos has it.
                let text = self
                    .tos(tos.value)
                    .unwrap_or_else(|| print::bits(tos.value));
                format!(" tos match{}{text}", bang(tos.not))
            }
            Match::Ipvs { not } => format!(" {}ipvs", if *not { "! " } else { "" }),
        }
    }

    fn icmp(&self, wanted: Inv<IcmpType>) -> String {
        let v6 = self.family == Family::V6;
        let names = if v6 {
            matches::ICMPV6_NAMES
        } else {
            matches::ICMP_NAMES
        };
        let prefix = if v6 { "ipv6-icmp" } else { "icmp" };
        let Some(type_) = wanted.value.type_ else {
            return match self.numeric {
                true => format!(" {prefix}type 255"),
                false => format!(" {prefix} any"),
            };
        };
        let named = names
            .iter()
            .find(|(_, known, code)| *known == type_ && *code == wanted.value.code);
        match named {
            Some((name, _, _)) if !self.numeric => format!(" {prefix} {}{name}", bang(wanted.not)),
            _ => {
                let code = wanted
                    .value
                    .code
                    .map(|code| format!(" code {code}"))
                    .unwrap_or_default();
                format!(" {prefix}type {}{type_}{code}", bang(wanted.not))
            }
        }
    }

    /// The name of a type of service, where names are wanted and it has one.
    fn tos(&self, (value, mask): (u8, u8)) -> Option<String> {
        let mut names = values::TOS_NAMES.iter();
        let (name, _) = names.find(|(_, known)| *known == value)?;
        (!self.numeric && mask == values::TOS_MASK).then(|| (*name).to_owned())
    }

    fn target(&self, target: &Target) -> String {
        match target {
            Target::Reject(with) => format!(
                " reject-with {}",
                print::reject_with(*with, self.family == Family::V6)
            ),
            Target::Dnat(to) | Target::Snat(to) => {
                format!(" to:{}{}", print::nat_to(to), flags(to))
            }
            Target::Masquerade(to) => format!("{}{}", ports(" masq ports: ", to), flags(to)),
            Target::Redirect(to) => format!("{}{}", ports(" redir ports ", to), flags(to)),
            Target::Netmap(net) => format!(" to:{net}"),
            Target::Mark { value, mask } => format!(" MARK {}", mark_change(*value, *mask)),
            Target::Connmark(op) => match op {
                ConnmarkOp::Set { value, mask } => {
                    format!(" CONNMARK {}", mark_change(*value, *mask))
                }
                ConnmarkOp::Save { .. } => " CONNMARK save".into(),
                ConnmarkOp::Restore { .. } => " CONNMARK restore".into(),
            },
            Target::Log(log) => {
                let level = targets::LOG_LEVELS
                    .get(usize::from(log.level))
                    .copied()
                    .unwrap_or("warn");
                let head = if self.numeric {
                    format!(" LOG flags {} level {}", log.flags, log.level)
                } else {
                    let given = Log::FLAGS.iter().filter(|(bit, _)| log.flags & bit != 0);
                    let given: String = given.map(|(_, name)| format!(" {name}")).collect();
                    format!(" LOG level {level}{given}")
                };
                if log.prefix.is_empty() {
                    head
                } else {
                    format!("{head} prefix \"{}\"", log.prefix)
                }
            }
            Target::NoTrack { as_ct: true } => " CT notrack".into(),
            Target::TcpMss(TcpMss::Set(mss)) => format!(" TCPMSS set {mss}"),
            Target::TcpMss(TcpMss::ClampToPmtu) => " TCPMSS clamp to PMTU".into(),
            Target::Ttl(change) => ttl_change("TTL", *change),
            Target::HopLimit(change) => ttl_change("HL", *change),
            Target::Dscp(dscp) => format!(" DSCP set {dscp:#04x}"),
            Target::Tos { value, mask } => match (self.tos((*value, *mask)), value, mask) {
                (Some(name), ..) => format!("  TOS set{name}"),
                _ if self.numeric => format!(" TOS set {}", print::bits((*value, *mask))),
                (None, 0, mask) => format!(" TOS and {:#04x}", !mask),
                (None, value, mask) if value == mask => format!(" TOS or {value:#04x}"),
                (None, value, 0) => format!(" TOS xor {value:#04x}"),
                (None, ..) => format!(" TOS set {}", print::bits((*value, *mask))),
            },
            Target::None
            | Target::Accept
            | Target::Drop
            | Target::Return
            | Target::Jump(_)
            | Target::Goto(_)
            | Target::NoTrack { as_ct: false } => String::new(),
        }
    }
}

fn ttl_change(name: &str, change: TtlChange) -> String {
    match change {
        TtlChange::Set(ttl) => format!(" {name} set to {ttl}"),
        TtlChange::Increment(by) => format!(" {name} increment by {by}"),
        TtlChange::Decrement(by) => format!(" {name} decrement by {by}"),
    }
}

const fn bang(not: bool) -> &'static str {
    if not { "!" } else { "" }
}

fn ttl_match(name: &str, wanted: TtlMatch) -> String {
    match wanted {
        TtlMatch::Eq(Inv { value, not }) => format!(
            " {name} match {name} {} {value}",
            if not { "!=" } else { "==" }
        ),
        TtlMatch::Less(ttl) => format!(" {name} match {name} < {ttl}"),
        TtlMatch::Greater(ttl) => format!(" {name} match {name} > {ttl}"),
    }
}

fn ports(head: &str, to: &NatTo) -> String {
    to.ports
        .map(|ports| format!("{head}{}", print::dashed(ports)))
        .unwrap_or_default()
}

fn flags(to: &NatTo) -> impl Display {
    let random = match (to.random, to.random_fully) {
        (_, true) => " random-fully",
        (true, false) => " random",
        (false, false) => "",
    };
    let persistent = if to.persistent { " persistent" } else { "" };
    format!("{random}{persistent}")
}

fn mark_change(value: u32, mask: u32) -> String {
    match (value, mask) {
        (0, _) => format!("and {:#x}", !mask),
        _ if value == mask => format!("or {value:#x}"),
        (_, 0) => format!("xor {value:#x}"),
        (_, u32::MAX) => format!("set {value:#x}"),
        _ => format!("xset {value:#x}/{mask:#x}"),
    }
}
