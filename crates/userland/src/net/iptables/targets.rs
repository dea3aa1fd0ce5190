//! The options of `-j`.

use kernel::netfilter::model::{ConnmarkOp, Log, NatTo, RejectWith, TcpMss, TtlChange};
use kernel::netfilter::{Family, Target};
use std::net::IpAddr;
use wire::{IcmpErrorKind, Proto};

use super::fail::Fail;
use super::matches::Value;
use super::{allowed, numbers, ports, values};

/// A target whose options are being read.
#[derive(Debug, Clone)]
pub(crate) struct Loading {
    name: String,
    target: Target,
    /// The option that has to be given and has not been.
    needs: Option<&'static str>,
    /// The options so far.
    given: Vec<&'static str>,
}

/// How many bytes of a prefix LOG keeps. Source: Linux `xt_LOG.h`, `xt_log_info`.
const LOG_PREFIX: usize = 29;

/// Target names that a chain may not have.
pub(crate) const NAMES: [&str; 20] = [
    "ACCEPT",
    "DROP",
    "RETURN",
    "QUEUE",
    "REJECT",
    "DNAT",
    "SNAT",
    "MASQUERADE",
    "REDIRECT",
    "NETMAP",
    "MARK",
    "CONNMARK",
    "LOG",
    "NOTRACK",
    "CT",
    "TCPMSS",
    "TTL",
    "HL",
    "DSCP",
    "TOS",
];

impl Loading {
    /// Loads a target; `None` if the name must be a chain's.
    pub(crate) fn load(name: &str, family: Family) -> Option<Self> {
        let any = NatTo::default();
        let (target, needs) = match name {
            "ACCEPT" => (Target::Accept, None),
            "DROP" => (Target::Drop, None),
            "RETURN" => (Target::Return, None),
            "REJECT" => (
                Target::Reject(RejectWith::Icmp(IcmpErrorKind::PortUnreachable)),
                None,
            ),
            "DNAT" => (Target::Dnat(any), Some("to-destination")),
            "SNAT" => (Target::Snat(any), Some("to-source")),
            "MASQUERADE" => (Target::Masquerade(any), None),
            "REDIRECT" => (Target::Redirect(any), None),
            "NETMAP" => (Target::None, Some("to")),
            "MARK" => (Target::None, Some("set-xmark")),
            "CONNMARK" => (Target::None, Some("set-xmark")),
            "LOG" => (
                Target::Log(Log {
                    prefix: "".into(),
                    level: 4,
                    flags: 0,
                }),
                None,
            ),
            "NOTRACK" => (Target::NoTrack { as_ct: false }, None),
            "CT" => (Target::NoTrack { as_ct: true }, None),
            "TCPMSS" => (Target::None, Some("clamp-mss-to-pmtu")),
            "TTL" if family == Family::V4 => (Target::None, Some("ttl-set")),
            "HL" if family == Family::V6 => (Target::None, Some("hl-set")),
            "DSCP" => (Target::None, Some("set-dscp")),
            "TOS" => (Target::None, Some("set-tos")),
            _ => return None,
        };
        Some(Self {
            name: name.to_owned(),
            target,
            needs,
            given: Vec::new(),
        })
    }

    /// The target with its options.
    pub(crate) fn finish(self, proto: Option<Proto>) -> Result<Target, Fail> {
        if let Some(option) = self.needs {
            let name = &self.name;
            return Err(Fail::parameter(match name.as_str() {
                "MARK" => "MARK target: Parameter --set/and/or/xor-mark is required".to_owned(),
                "CONNMARK" => "CONNMARK target: No operation specified".to_owned(),
                "TCPMSS" => "TCPMSS target: At least one parameter is required".to_owned(),
                "TTL" | "HL" => format!("{name}: You must specify an action"),
                "DSCP" => "DSCP target: Parameter --set-dscp is required".to_owned(),
                "TOS" => "TOS: An action is required".to_owned(),
                _ => format!("{name}: option \"--{option}\" must be specified\n"),
            }));
        }
        let ports = match &self.target {
            Target::Dnat(to) | Target::Snat(to) | Target::Masquerade(to) | Target::Redirect(to) => {
                to.ports
            }
            _ => None,
        };
        // An echo's id counts as a port.
        let has_ports = matches!(
            proto,
            Some(Proto::TCP | Proto::UDP | Proto::ICMP | Proto::ICMPV6 | Proto(132 | 33))
        );
        if ports.is_some() && !has_ports {
            return Err(Fail::parameter(
                "Need TCP, UDP, SCTP or DCCP with port specification",
            ));
        }
        Ok(self.target)
    }

    fn options(&self) -> &'static [&'static str] {
        match self.name.as_str() {
            "REJECT" => &["reject-with"],
            "DNAT" => &["to-destination", "random", "persistent"],
            "SNAT" => &["to-source", "random", "random-fully", "persistent"],
            "MASQUERADE" => &["to-ports", "random", "random-fully"],
            "REDIRECT" => &["to-ports", "random"],
            "NETMAP" => &["to"],
            "MARK" => &["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"],
            "CONNMARK" => &[
                "set-xmark",
                "set-mark",
                "save-mark",
                "restore-mark",
                "nfmask",
                "ctmask",
                "mask",
            ],
            "LOG" => &[
                "log-prefix",
                "log-level",
                "log-tcp-sequence",
                "log-tcp-options",
                "log-ip-options",
                "log-uid",
                "log-macdecode",
            ],
            "CT" => &["notrack"],
            "TCPMSS" => &["clamp-mss-to-pmtu", "set-mss"],
            "TTL" => &["ttl-set", "ttl-inc", "ttl-dec"],
            "HL" => &["hl-set", "hl-inc", "hl-dec"],
            "DSCP" => &["set-dscp", "set-dscp-class"],
            "TOS" => &["set-tos", "and-tos", "or-tos", "xor-tos"],
            _ => &[],
        }
    }

    /// Takes an option if it is one of this target's; `Ok(false)` if it is not.
    pub(crate) fn option(&mut self, name: &str, value: Value<'_>) -> Result<bool, Fail> {
        let Some(option) = values::complete(self.options(), name) else {
            return Ok(false);
        };
        allowed::once(&self.name, &self.given, option)?;
        self.given.push(option);
        match &mut self.target {
            Target::Reject(with) => *with = reject_with(&value()?)?,
            Target::Dnat(to) | Target::Snat(to) | Target::Masquerade(to) | Target::Redirect(to) => {
                match option {
                    "random" => to.random = true,
                    "random-fully" => (to.random, to.random_fully) = (true, true),
                    "persistent" => to.persistent = true,
                    "to-ports" => to.ports = Some(ports::dashed(&value()?)?),
                    _ => {
                        let read = nat_to(&value()?)?;
                        (to.addrs, to.ports) = (read.addrs, read.ports);
                        self.needs = None;
                    }
                }
            }
            Target::Log(log) => match option {
                "log-prefix" => {
                    let prefix = value()?;
                    if prefix.is_empty() {
                        return Err(Fail::parameter(
                            "Argument must have a minimum length of 1 characters\n",
                        ));
                    }
                    let (kept, _) = prefix.split_at(prefix.floor_char_boundary(LOG_PREFIX));
                    log.prefix = kept.into();
                }
                "log-level" => log.level = log_level(&value()?)?,
                option => {
                    let asked = Log::FLAGS.iter().filter(|(_, name)| option.ends_with(name));
                    log.flags |= asked.map(|(bit, _)| bit).sum::<u8>();
                }
            },
            Target::NoTrack { .. } => {}
            _ => self.operation(option, value)?,
        }
        Ok(true)
    }

    /// Targets that are nothing without an option.
    fn operation(&mut self, option: &str, value: Value<'_>) -> Result<(), Fail> {
        let full = u32::MAX;
        let old = match &self.target {
            Target::Connmark(op) => Some(*op),
            _ => None,
        };
        self.target = match (self.name.as_str(), option) {
            ("NETMAP", _) => {
                let text = value()?;
                let bad = || Fail::parameter(format!("Bad network \"{text}\""));
                Target::Netmap(text.parse().ok().ok_or_else(bad)?)
            }
            ("TCPMSS", "set-mss") => {
                let text = value()?;
                let bad = || {
                    Fail::parameter(format!(
                        "TCPMSS: bad value for option \"--set-mss\": \"{text}\""
                    ))
                };
                Target::TcpMss(TcpMss::Set(text.parse().ok().ok_or_else(bad)?))
            }
            ("TCPMSS", _) => Target::TcpMss(TcpMss::ClampToPmtu),
            ("TTL" | "HL", option) => {
                let text = value()?;
                let least = u8::from(!option.ends_with("set"));
                let read: Option<u8> = text.parse().ok();
                let by = read.filter(|by| *by >= least).ok_or_else(|| {
                    Fail::parameter(format!(
                        "{}: bad value for option \"--{option}\", or out of range ({least}-255).\n",
                        self.name
                    ))
                })?;
                let change = match option.split_once('-') {
                    Some((_, "inc")) => TtlChange::Increment(by),
                    Some((_, "dec")) => TtlChange::Decrement(by),
                    _ => TtlChange::Set(by),
                };
                match self.name.as_str() {
                    "TTL" => Target::Ttl(change),
                    _ => Target::HopLimit(change),
                }
            }
            ("DSCP", option) => Target::Dscp(values::dscp(&value()?, option, "DSCP")?),
            ("TOS", option) => {
                let text = value()?;
                let bad = || values::out_of_range("TOS", option, &text);
                let (value, mask) = values::tos(&text).ok_or_else(bad)?;
                match option {
                    "and-tos" => Target::Tos {
                        value: 0,
                        mask: !value,
                    },
                    "or-tos" => Target::Tos { value, mask: value },
                    "xor-tos" => Target::Tos { value, mask: 0 },
                    _ => Target::Tos { value, mask },
                }
            }
            ("CONNMARK", "save-mark") => Target::Connmark(ConnmarkOp::Save {
                nfmask: full,
                ctmask: full,
            }),
            ("CONNMARK", "restore-mark") => Target::Connmark(ConnmarkOp::Restore {
                nfmask: full,
                ctmask: full,
            }),
            ("CONNMARK", "nfmask" | "ctmask" | "mask") => {
                let mask = numbers::mark(&value()?, "CONNMARK", option)?.0;
                let (nf, ct) = (option != "ctmask", option != "nfmask");
                Target::Connmark(match old {
                    Some(ConnmarkOp::Save { nfmask, ctmask }) => ConnmarkOp::Save {
                        nfmask: if nf { mask } else { nfmask },
                        ctmask: if ct { mask } else { ctmask },
                    },
                    Some(ConnmarkOp::Restore { nfmask, ctmask }) => ConnmarkOp::Restore {
                        nfmask: if nf { mask } else { nfmask },
                        ctmask: if ct { mask } else { ctmask },
                    },
                    _ => {
                        return Err(Fail::parameter(
                            "CONNMARK target: mask only with --save-mark or --restore-mark",
                        ));
                    }
                })
            }
            (name, option) => {
                let (given, mask) = numbers::mark(&value()?, name, option)?;
                let (value, mask) = match option {
                    "set-xmark" => (given, mask.unwrap_or(full)),
                    "and-mark" => (0, !given),
                    "or-mark" => (given, given),
                    "xor-mark" => (given, 0),
                    _ => (given, mask.map_or(full, |mask| mask | given)),
                };
                if name == "MARK" {
                    Target::Mark { value, mask }
                } else {
                    Target::Connmark(ConnmarkOp::Set { value, mask })
                }
            }
        };
        self.needs = None;
        Ok(())
    }
}

fn reject_with(text: &str) -> Result<RejectWith, Fail> {
    const KINDS: [(&str, IcmpErrorKind); 21] = [
        ("icmp-net-unreachable", IcmpErrorKind::NetUnreachable),
        ("net-unreach", IcmpErrorKind::NetUnreachable),
        ("icmp-host-unreachable", IcmpErrorKind::HostUnreachable),
        ("host-unreach", IcmpErrorKind::HostUnreachable),
        ("icmp-proto-unreachable", IcmpErrorKind::ProtoUnreachable),
        ("proto-unreach", IcmpErrorKind::ProtoUnreachable),
        ("icmp-port-unreachable", IcmpErrorKind::PortUnreachable),
        ("port-unreach", IcmpErrorKind::PortUnreachable),
        ("icmp-net-prohibited", IcmpErrorKind::NetProhibited),
        ("net-prohib", IcmpErrorKind::NetProhibited),
        ("icmp-host-prohibited", IcmpErrorKind::HostProhibited),
        ("host-prohib", IcmpErrorKind::HostProhibited),
        ("icmp-admin-prohibited", IcmpErrorKind::AdminProhibited),
        ("admin-prohib", IcmpErrorKind::AdminProhibited),
        ("icmp6-no-route", IcmpErrorKind::NetUnreachable),
        ("icmp6-adm-prohibited", IcmpErrorKind::AdminProhibited),
        ("adm-prohibited", IcmpErrorKind::AdminProhibited),
        ("icmp6-addr-unreachable", IcmpErrorKind::HostUnreachable),
        ("icmp6-port-unreachable", IcmpErrorKind::PortUnreachable),
        ("icmp6-policy-fail", IcmpErrorKind::PolicyFail),
        ("icmp6-reject-route", IcmpErrorKind::RejectRoute),
    ];
    if text == "tcp-reset" || text == "tcp-rst" {
        return Ok(RejectWith::TcpReset);
    }
    let known = KINDS.iter().find(|(name, _)| *name == text);
    known
        .map(|(_, kind)| RejectWith::Icmp(*kind))
        .ok_or_else(|| Fail::parameter(format!("unknown reject type \"{text}\"")))
}

/// The names of syslog's levels, from 0.
pub(crate) const LOG_LEVELS: [&str; 8] = [
    "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug",
];

fn log_level(text: &str) -> Result<u8, Fail> {
    let named = LOG_LEVELS.iter().position(|name| match *name {
        "warn" => text == "warning",
        name => text == name,
    });
    let numbered = text.parse().ok().filter(|level| *level < 8);
    let level = named
        .or(numbered)
        .and_then(|level| u8::try_from(level).ok());
    level.ok_or_else(|| Fail::parameter(format!("log level \"{text}\" unknown\n")))
}

/// `1.2.3.4`, `1.2.3.4-1.2.3.9:80-90`, `:53`, `[fd00::2]:80`.
fn nat_to(text: &str) -> Result<NatTo, Fail> {
    let (addrs, ports) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((addrs, after)) => (addrs, after.strip_prefix(':')),
        None if text.matches(':').count() == 1 => text
            .split_once(':')
            .map_or((text, None), |(addrs, ports)| (addrs, Some(ports))),
        None => (text, None),
    };
    let bad = || Fail::parameter(format!("Bad IP address \"{addrs}\""));
    let addrs: Option<(IpAddr, IpAddr)> = if addrs.is_empty() {
        None
    } else {
        Some(values::dashed(addrs).ok_or_else(bad)?)
    };
    let ports = ports.map(ports::dashed).transpose()?;
    Ok(NatTo {
        addrs,
        ports,
        ..NatTo::default()
    })
}
