//! The options of `-m`.

use kernel::netfilter::model::{
    ConnLimit, ConntrackMatch, HashLimit, IcmpType, IfPattern, IpRange, LengthRange, Limit,
    MultiportSide, Pattern, PhysdevMatch, PktType, PortRange, Quota, Recent, Statistic,
    StatisticMode, TcpMatch, TtlMatch, UdpMatch, Volatile,
};
use kernel::netfilter::{Family, Inv, Match};
use std::net::IpAddr;
use wire::{Proto, TcpFlags};

use super::fail::Fail;
use super::{allowed, numbers, ports, values};
use icmp::icmp_type;
pub(crate) use icmp::{ICMP_NAMES, ICMPV6_NAMES};
use words::{SYN_MASK, addr_types, conntrack, flags, mark, plain_states, ports, rate};

mod content;
mod counted;
mod icmp;
mod words;

/// How long a comment can be, in bytes. Source: Linux `XT_MAX_COMMENT_LEN`, less its end.
const COMMENT: usize = 255;

/// A match whose options are being read: the parts that are missing so far are `None`.
#[derive(Debug, Clone)]
pub(crate) struct Loading {
    pub(crate) name: &'static str,
    state: State,
    /// The options so far.
    given: Vec<&'static str>,
}

#[derive(Debug, Clone)]
enum State {
    /// Complete as it stands, perhaps without any option.
    Ready(Match),
    /// Needs at least one more option; the text is what iptables says without it.
    Needs(&'static str),
    Conntrack(ConntrackMatch),
    HashLimit(HashLimit),
    /// Whether it was said what is done with the list.
    Recent((Recent, bool)),
    /// The way of searching is missing until it is given.
    Pattern(Pattern, bool),
    Limit(Limit),
    /// The number is missing until it is given.
    ConnLimit(ConnLimit, bool),
    Statistic {
        mode: Option<bool>,
        every: Option<u32>,
        packet: u32,
        threshold: Option<u32>,
        not: bool,
    },
}

/// Reads the value that belongs to an option.
pub(crate) type Value<'a> = &'a mut dyn FnMut() -> Result<String, Fail>;

const NAMES: [&str; 21] = [
    "tcp",
    "udp",
    "sctp",
    "icmp",
    "icmp6",
    "multiport",
    "conntrack",
    "state",
    "addrtype",
    "mark",
    "connmark",
    "limit",
    "comment",
    "mac",
    "length",
    "ttl",
    "hl",
    "owner",
    "pkttype",
    "statistic",
    "iprange",
];

impl Loading {
    /// Loads a match; `None` if there is none of that name (or not for this family).
    pub(crate) fn load(name: &str, family: Family) -> Option<Self> {
        let name = NAMES
            .iter()
            .chain(&[
                "physdev",
                "ipvs",
                "connlimit",
                "hashlimit",
                "recent",
                "string",
                "quota",
                "dscp",
                "tos",
            ])
            .find(|known| **known == name)?;
        let state = match *name {
            "tcp" => State::Ready(Match::Tcp(TcpMatch::default())),
            "udp" => State::Ready(Match::Udp(UdpMatch::default())),
            "sctp" => State::Ready(Match::Sctp(UdpMatch::default())),
            "icmp" if family == Family::V6 => return None,
            "icmp6" if family == Family::V4 => return None,
            "icmp" | "icmp6" => State::Ready(Match::Icmp(Inv::is(IcmpType {
                type_: None,
                code: None,
            }))),
            "conntrack" => State::Conntrack(ConntrackMatch::default()),
            "limit" => State::Limit(Limit {
                count: 3,
                period: 3600,
                burst: 5,
                state: Volatile::default(),
            }),
            "statistic" => State::Statistic {
                mode: None,
                every: None,
                packet: 0,
                threshold: None,
                not: false,
            },
            "connlimit" => {
                let limit = ConnLimit {
                    most: 0,
                    above: true,
                    mask: if family == Family::V6 { 128 } else { 32 },
                    by_destination: false,
                };
                State::ConnLimit(limit, false)
            }
            "hashlimit" => State::HashLimit(counted::new_hash_limit()),
            "recent" => State::Recent(counted::new_recent(family)),
            "string" => State::Pattern(content::new_pattern(), false),
            "quota" => State::Needs("quota: option \"--quota\" must be specified\n"),
            "dscp" => State::Needs("DSCP match: Parameter --dscp is required"),
            "tos" => State::Needs("tos: option \"--tos\" must be specified\n"),
            "multiport" => State::Needs("no ports specified"),
            "state" => State::Needs("state: option \"--state\" must be specified\n"),
            "addrtype" => State::Needs("addrtype: you must specify --src-type or --dst-type"),
            "mark" => State::Needs("mark: option \"--mark\" must be specified\n"),
            "connmark" => State::Needs("connmark: option \"--mark\" must be specified\n"),
            "comment" => State::Needs("comment: option \"--comment\" must be specified\n"),
            "mac" => State::Needs("mac: option \"--mac-source\" must be specified\n"),
            "length" => State::Needs("length: option \"--length\" must be specified\n"),
            "ttl" | "hl" => State::Needs(
                "TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt'",
            ),
            "owner" => State::Needs(
                "owner: At least one of --uid-owner, --gid-owner or --socket-exists is required",
            ),
            "pkttype" => State::Needs("pkttype: option \"--pkt-type\" must be specified\n"),
            "iprange" => {
                State::Needs("iprange match: You must specify `--src-range' or `--dst-range'")
            }
            "ipvs" => State::Needs("IPVS: At least one option is required"),
            _ => State::Needs("PHYSDEV: no physdev option specified"),
        };
        Some(Self {
            name,
            state,
            given: Vec::new(),
        })
    }

    /// The match that `-p` loads when one of its options is used without `-m`.
    pub(crate) fn implied(proto: Option<Proto>, family: Family) -> Option<Self> {
        let name = match proto? {
            Proto::TCP => "tcp",
            Proto::UDP => "udp",
            Proto(132) => "sctp",
            Proto::ICMP => "icmp",
            Proto::ICMPV6 => "icmp6",
            _ => return None,
        };
        Self::load(name, family)
    }

    /// The match with its options.
    pub(crate) fn finish(self) -> Result<Match, Fail> {
        match self.state {
            State::Ready(done) => Ok(done),
            State::Needs(what) => Err(Fail::parameter(what)),
            State::Conntrack(m) if m == ConntrackMatch::default() => Err(Fail::parameter(
                "conntrack: At least one option is required",
            )),
            State::Conntrack(m) => Ok(Match::Conntrack(Box::new(m))),
            State::HashLimit(limit) => counted::finish_hash_limit(limit),
            State::Recent(recent) => counted::finish_recent(recent),
            State::Pattern(pattern, complete) => content::finish_pattern(pattern, complete),
            State::Limit(limit) => Ok(Match::Limit(limit)),
            State::ConnLimit(limit, true) => Ok(Match::ConnLimit(limit)),
            State::ConnLimit(..) => Err(Fail::parameter(
                "You must specify either \"--connlimit-above\" or \"--connlimit-upto\".",
            )),
            State::Statistic {
                mode,
                every,
                packet,
                threshold,
                not,
            } => {
                // Chance is what it takes if nothing is said. Source: iptables 1.8, `statistic_mt_check`.
                let mode = match mode {
                    Some(true) => StatisticMode::Nth {
                        every: every.ok_or_else(|| {
                            Fail::parameter(
                                "--every and --packet must be specified when using nth mode",
                            )
                        })?,
                        packet,
                        seen: Volatile::default(),
                    },
                    Some(false) | None => StatisticMode::Random {
                        threshold: threshold.ok_or_else(|| {
                            Fail::parameter(
                                "--probability must be specified when using random mode",
                            )
                        })?,
                    },
                };
                Ok(Match::Statistic(Statistic { mode, not }))
            }
        }
    }

    /// Takes an option if it is one of this match's; `Ok(false)` if it is not. `proto` is what `-p` has said so far.
    pub(crate) fn option(
        &mut self,
        name: &str,
        not: bool,
        proto: Option<Inv<Proto>>,
        value: Value<'_>,
    ) -> Result<bool, Fail> {
        let Some(option) = values::complete(self.options(), name) else {
            return Ok(false);
        };
        match self.name {
            "tcp" => allowed::once_of_tcp(&self.given, option)?,
            "multiport" => allowed::alone_of_multiport(&self.given, option, proto)?,
            name => allowed::once(name, &self.given, option)?,
        }
        self.given.push(option);
        let named = proto.and_then(|proto| values::protocol_name(proto.value));
        match &mut self.state {
            State::Ready(Match::Tcp(m)) => match option {
                "sport" | "source-port" => m.sport = ports(self.name, option, not, value)?,
                "dport" | "destination-port" => m.dport = ports(self.name, option, not, value)?,
                "syn" => {
                    m.flags = Some(Inv {
                        value: (SYN_MASK, TcpFlags::SYN),
                        not,
                    });
                }
                _ => {
                    let looked_at = flags(&value()?)?;
                    let set = value()
                        .map_err(|_none| Fail::parameter("--tcp-flags requires two args."))?;
                    m.flags = Some(Inv {
                        value: (looked_at, flags(&set)?),
                        not,
                    });
                }
            },
            State::Ready(Match::Udp(m) | Match::Sctp(m)) => match option {
                "sport" | "source-port" => m.sport = ports(self.name, option, not, value)?,
                _ => m.dport = ports(self.name, option, not, value)?,
            },
            State::Ready(Match::Icmp(m)) => {
                *m = Inv {
                    value: icmp_type(&value()?, self.name == "icmp6")?,
                    not,
                }
            }
            State::Conntrack(m) => conntrack(m, option, not, value)?,
            State::HashLimit(limit) => counted::hash_limit(limit, option, not, value)?,
            State::Recent(m) => counted::recent(m, option, not, value)?,
            State::Pattern(m, complete) => {
                *complete |= content::pattern(m, option, not, value)?;
            }
            State::Limit(limit) if option == "limit" => {
                (limit.count, limit.period) = rate(&value()?)?;
            }
            State::Limit(limit) => {
                let burst = numbers::one(&value()?, "limit", option, 10_000)?;
                // None is as good as unsaid. Source: Linux nft_limit.c, `nft_limit_init`.
                limit.burst = u32::try_from(burst).ok().filter(|it| *it > 0).unwrap_or(5);
            }
            State::ConnLimit(limit, given) => match option {
                "connlimit-saddr" => limit.by_destination = false,
                "connlimit-daddr" => limit.by_destination = true,
                _ => {
                    let text = value()?;
                    let bad = || {
                        Fail::parameter(format!(
                            "connlimit: bad value for option \"--{option}\", or out of range (0-{}).\n\"{text}\"",
                            if option == "connlimit-mask" {
                                128
                            } else {
                                u32::MAX
                            }
                        ))
                    };
                    let number: u32 = text.parse().ok().ok_or_else(bad)?;
                    if option == "connlimit-mask" {
                        limit.mask = u8::try_from(number).ok().ok_or_else(bad)?;
                    } else {
                        *given = true;
                        limit.most = number;
                        limit.above = (option == "connlimit-above") != not;
                    }
                }
            },
            State::Statistic {
                mode,
                every,
                packet,
                threshold,
                not: turned,
            } => {
                let text = value()?;
                let bad = || Fail::parameter(format!("Bad statistic value \"{text}\""));
                match option {
                    "mode" => {
                        *mode = Some(match text.as_str() {
                            "nth" => true,
                            "random" => false,
                            _ => return Err(Fail::parameter(format!("Bad mode \"{text}\""))),
                        });
                    }
                    "probability" => {
                        let share: f64 = text.parse().ok().ok_or_else(bad)?;
                        if !(0.0..=1.0).contains(&share) {
                            return Err(bad());
                        }
                        *threshold = Some((share * 2_147_483_648.0).round() as u32);
                        *turned = not;
                    }
                    "every" => {
                        *every = Some(
                            text.parse()
                                .ok()
                                .filter(|every| *every > 0)
                                .ok_or_else(bad)?,
                        );
                        *turned = not;
                    }
                    _ => *packet = text.parse().ok().ok_or_else(bad)?,
                }
            }
            State::Needs(_) | State::Ready(_) => self.simple(option, not, named, value)?,
        }
        Ok(true)
    }

    fn options(&self) -> &'static [&'static str] {
        match self.name {
            "tcp" => &[
                "sport",
                "source-port",
                "dport",
                "destination-port",
                "syn",
                "tcp-flags",
            ],
            "udp" | "sctp" => &["sport", "source-port", "dport", "destination-port"],
            "icmp" => &["icmp-type"],
            "icmp6" => &["icmpv6-type"],
            "multiport" => &[
                "sports",
                "source-ports",
                "dports",
                "destination-ports",
                "ports",
            ],
            "conntrack" => &[
                "ctstate",
                "ctproto",
                "ctorigsrc",
                "ctorigdst",
                "ctreplsrc",
                "ctrepldst",
                "ctorigsrcport",
                "ctorigdstport",
                "ctreplsrcport",
                "ctrepldstport",
                "ctstatus",
                "ctexpire",
                "ctdir",
            ],
            "state" => &["state"],
            "addrtype" => &["src-type", "dst-type", "limit-iface-in", "limit-iface-out"],
            "mark" | "connmark" => &["mark"],
            "limit" => &["limit", "limit-burst"],
            "hashlimit" => counted::HASHLIMIT,
            "recent" => counted::RECENT,
            "string" => content::STRING,
            "quota" => &["quota"],
            "dscp" => &["dscp", "dscp-class"],
            "tos" => &["tos"],
            "comment" => &["comment"],
            "mac" => &["mac-source"],
            "length" => &["length"],
            "ttl" => &["ttl-eq", "ttl-lt", "ttl-gt", "ttl"],
            "hl" => &["hl-eq", "hl-lt", "hl-gt"],
            "owner" => &["uid-owner", "gid-owner"],
            "pkttype" => &["pkt-type"],
            "statistic" => &["mode", "probability", "every", "packet"],
            "iprange" => &["src-range", "dst-range"],
            "ipvs" => &["ipvs"],
            "connlimit" => &[
                "connlimit-above",
                "connlimit-upto",
                "connlimit-mask",
                "connlimit-saddr",
                "connlimit-daddr",
            ],
            _ => &[
                "physdev-in",
                "physdev-out",
                "physdev-is-in",
                "physdev-is-out",
                "physdev-is-bridged",
            ],
        }
    }

    /// Matches whose one option says everything.
    fn simple(
        &mut self,
        option: &'static str,
        not: bool,
        proto: Option<&str>,
        value: Value<'_>,
    ) -> Result<(), Fail> {
        let done = match self.name {
            "addrtype" | "iprange" | "physdev" => return self.composed(option, not, value),
            "multiport" => {
                let side = match option {
                    "sports" | "source-ports" => MultiportSide::Source,
                    "dports" | "destination-ports" => MultiportSide::Destination,
                    _ => MultiportSide::Either,
                };
                let list: Result<Vec<PortRange>, Fail> = value()?
                    .split(',')
                    .map(|one| ports::closed_range(one, proto))
                    .collect();
                let list = list?;
                let used: usize = list
                    .iter()
                    .map(|range| if range.first == range.last { 1 } else { 2 })
                    .sum();
                if used > 15 {
                    return Err(Fail::parameter("too many ports specified"));
                }
                Match::Multiport {
                    side,
                    ports: Inv {
                        value: list.into(),
                        not,
                    },
                }
            }
            "state" => Match::State(Inv {
                value: plain_states(&value()?)?,
                not,
            }),
            "mark" | "connmark" => {
                let mark = Inv {
                    value: mark(&value()?, self.name)?,
                    not,
                };
                if self.name == "mark" {
                    Match::Mark(mark)
                } else {
                    Match::Connmark(mark)
                }
            }
            "comment" => {
                let text = value()?;
                let (kept, _) = text.split_at(text.floor_char_boundary(COMMENT));
                Match::Comment(kept.into())
            }
            "quota" => {
                let bytes = content::quota(&value()?)?;
                Match::Quota(Quota {
                    bytes,
                    not,
                    used: Volatile::default(),
                })
            }
            "dscp" => {
                let value = values::dscp(&value()?, option, "dscp")?;
                Match::Dscp(Inv { value, not })
            }
            "tos" => {
                let text = value()?;
                let value =
                    values::tos(&text).ok_or_else(|| values::out_of_range("tos", option, &text))?;
                Match::Tos(Inv { value, not })
            }
            "ipvs" => Match::Ipvs { not },
            "mac" => {
                let text = value()?;
                let mac = Some(&text).filter(|text| !text.contains('-'));
                let mac = mac
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| Fail::parameter("Invalid MAC address specified."))?;
                Match::MacSource(Inv { value: mac, not })
            }
            "length" => {
                let most = u64::from(u16::MAX);
                let (first, last) = numbers::range(&value()?, "length", option, most)?;
                let bytes = |number| u16::try_from(number).unwrap_or(u16::MAX);
                Match::Length(Inv {
                    value: LengthRange {
                        first: bytes(first),
                        last: bytes(last),
                    },
                    not,
                })
            }
            "ttl" | "hl" => {
                let ttl = numbers::one(&value()?, self.name, option, u64::from(u8::MAX))?;
                let ttl = u8::try_from(ttl).unwrap_or(u8::MAX);
                let wanted = match option {
                    "ttl-lt" | "hl-lt" => TtlMatch::Less(ttl),
                    "ttl-gt" | "hl-gt" => TtlMatch::Greater(ttl),
                    _ => TtlMatch::Eq(Inv { value: ttl, not }),
                };
                if self.name == "hl" {
                    Match::HopLimit(wanted)
                } else {
                    Match::Ttl(wanted)
                }
            }
            "owner" => {
                let text = value()?;
                let uid = if text == "root" {
                    Some((0, 0))
                } else {
                    values::dashed(&text)
                };
                let bad = || {
                    Fail::parameter(format!(
                        "owner: Bad value for \"--{option}\" option: \"{text}\""
                    ))
                };
                Match::Owner {
                    group: option == "gid-owner",
                    ids: Inv {
                        value: uid.ok_or_else(bad)?,
                        not,
                    },
                }
            }
            _ => {
                let text = value()?;
                let kind = match text.to_ascii_lowercase().as_str() {
                    "unicast" | "host" => PktType::Unicast,
                    "broadcast" | "bcast" => PktType::Broadcast,
                    "multicast" | "mcast" => PktType::Multicast,
                    _ => return Err(Fail::parameter(format!("Bad packet type '{text}'"))),
                };
                Match::PktType(Inv { value: kind, not })
            }
        };
        self.state = State::Ready(done);
        Ok(())
    }

    /// Matches that several options make up.
    fn composed(&mut self, option: &'static str, not: bool, value: Value<'_>) -> Result<(), Fail> {
        let mut m = match (&self.state, self.name) {
            (State::Ready(m), _) => m.clone(),
            (_, "addrtype") => Match::AddrType {
                src: None,
                dst: None,
                limit_in: false,
                limit_out: false,
            },
            (_, "iprange") => Match::IpRange {
                src: None,
                dst: None,
            },
            _ => Match::Physdev(PhysdevMatch::default()),
        };
        match &mut m {
            Match::AddrType {
                src,
                dst,
                limit_in,
                limit_out,
            } => match option {
                "src-type" => {
                    *src = Some(Inv {
                        value: addr_types(&value()?)?,
                        not,
                    });
                }
                "dst-type" => {
                    *dst = Some(Inv {
                        value: addr_types(&value()?)?,
                        not,
                    });
                }
                "limit-iface-in" => *limit_in = true,
                _ => *limit_out = true,
            },
            Match::IpRange { src, dst } => {
                let text = value()?;
                let (first, last) = text.split_once('-').unwrap_or((&text, &text));
                let address = |text: &str| {
                    let bad = || {
                        Fail::parameter(format!(
                            "iprange: Bad value for \"--{option}\" option: \"{text}\""
                        ))
                    };
                    text.parse::<IpAddr>().ok().ok_or_else(bad)
                };
                let (first, last) = (address(first)?, address(last)?);
                let range = Some(Inv {
                    value: IpRange { first, last },
                    not,
                });
                if option == "src-range" {
                    *src = range;
                } else {
                    *dst = range;
                }
            }
            Match::Physdev(p) => match option {
                "physdev-in" => {
                    p.in_if = Some(Inv {
                        value: IfPattern::new(&value()?),
                        not,
                    });
                }
                "physdev-out" => {
                    p.out_if = Some(Inv {
                        value: IfPattern::new(&value()?),
                        not,
                    });
                }
                "physdev-is-in" => p.is_in = Some(!not),
                "physdev-is-out" => p.is_out = Some(!not),
                _ => p.is_bridged = Some(!not),
            },
            _ => {}
        }
        self.state = State::Ready(m);
        Ok(())
    }
}
