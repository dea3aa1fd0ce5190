//! The values of matches' options.

use ipnet::IpNet;
use kernel::netfilter::Inv;
use kernel::netfilter::model::{
    AddrTypes, ConntrackMatch, CtStates, CtStatuses, IcmpType, MarkValue, PortRange,
};
use kernel::skb::Direction;
use std::net::IpAddr;
use wire::TcpFlags;

use super::super::fail::Fail;
use super::super::values;
use super::Value;

/// What `--syn` looks at.
pub(super) const SYN_MASK: TcpFlags = TcpFlags(0x17);

pub(super) fn ports(not: bool, value: Value<'_>) -> Result<Option<Inv<PortRange>>, Fail> {
    Ok(Some(Inv {
        value: values::ports(&value()?)?,
        not,
    }))
}

pub(super) fn flags(text: &str) -> Result<TcpFlags, Fail> {
    let mut all = TcpFlags::NONE;
    for name in text.split(',') {
        all |= match name.to_ascii_uppercase().as_str() {
            "FIN" => TcpFlags::FIN,
            "SYN" => TcpFlags::SYN,
            "RST" => TcpFlags::RST,
            "PSH" => TcpFlags::PSH,
            "ACK" => TcpFlags::ACK,
            "URG" => TcpFlags::URG,
            "ALL" => TcpFlags(0x3f),
            "NONE" => TcpFlags::NONE,
            _ => return Err(Fail::parameter(format!("Unknown TCP flag `{name}'"))),
        };
    }
    Ok(all)
}

/// The ICMP types that have names, with type and code.
pub(crate) const ICMP_NAMES: [(&str, u8, Option<u8>); 16] = [
    ("echo-reply", 0, None),
    ("destination-unreachable", 3, None),
    ("network-unreachable", 3, Some(0)),
    ("host-unreachable", 3, Some(1)),
    ("protocol-unreachable", 3, Some(2)),
    ("port-unreachable", 3, Some(3)),
    ("fragmentation-needed", 3, Some(4)),
    ("communication-prohibited", 3, Some(13)),
    ("redirect", 5, None),
    ("echo-request", 8, None),
    ("ping", 8, None),
    ("pong", 0, None),
    ("time-exceeded", 11, None),
    ("ttl-zero-during-transit", 11, Some(0)),
    ("timestamp-request", 13, None),
    ("timestamp-reply", 14, None),
];

/// The ICMPv6 types that have names, with type and code.
pub(crate) const ICMPV6_NAMES: [(&str, u8, Option<u8>); 14] = [
    ("destination-unreachable", 1, None),
    ("no-route", 1, Some(0)),
    ("communication-prohibited", 1, Some(1)),
    ("address-unreachable", 1, Some(3)),
    ("port-unreachable", 1, Some(4)),
    ("packet-too-big", 2, None),
    ("time-exceeded", 3, None),
    ("echo-request", 128, None),
    ("echo-reply", 129, None),
    ("router-solicitation", 133, None),
    ("router-advertisement", 134, None),
    ("neighbour-solicitation", 135, None),
    ("neighbour-advertisement", 136, None),
    ("redirect", 137, None),
];

pub(super) fn icmp_type(text: &str, v6: bool) -> Result<IcmpType, Fail> {
    let names: &[(&str, u8, Option<u8>)] = if v6 { &ICMPV6_NAMES } else { &ICMP_NAMES };
    if text == "any" {
        return Ok(IcmpType {
            type_: None,
            code: None,
        });
    }
    let lower = text.to_ascii_lowercase();
    if let Some((_, type_, code)) = names.iter().find(|(name, _, _)| *name == lower) {
        return Ok(IcmpType {
            type_: Some(*type_),
            code: *code,
        });
    }
    let (type_, code) = text
        .split_once('/')
        .map_or((text, None), |(type_, code)| (type_, Some(code)));
    let kind = if v6 { "ICMPv6" } else { "ICMP" };
    let bad = || Fail::parameter(format!("Unknown {kind} type `{text}'"));
    let type_ = type_.parse().ok().ok_or_else(bad)?;
    let code = code.map(str::parse).transpose().ok().ok_or_else(bad)?;
    Ok(IcmpType {
        type_: Some(type_),
        code,
    })
}

pub(super) fn states(text: &str, what: &str) -> Result<CtStates, Fail> {
    let mut all = CtStates::default();
    for name in text.split(',') {
        let known = CtStates::NAMES
            .iter()
            .find(|(_, known)| name.eq_ignore_ascii_case(known));
        let bad = || Fail::parameter(format!("Bad {what} \"{name}\""));
        all = all.with(known.ok_or_else(bad)?.0);
    }
    Ok(all)
}

pub(super) fn addr_types(text: &str) -> Result<AddrTypes, Fail> {
    let mut all = AddrTypes::default();
    for name in text.split(',') {
        let known = AddrTypes::NAMES
            .iter()
            .find(|(_, known)| name.eq_ignore_ascii_case(known));
        let bad = || Fail::parameter(format!("addrtype: bad type `{name}'"));
        all = all.with(known.ok_or_else(bad)?.0);
    }
    Ok(all)
}

pub(super) fn mark(text: &str, what: &str) -> Result<MarkValue, Fail> {
    let (value, mask) = text
        .split_once('/')
        .map_or((text, None), |(value, mask)| (value, Some(mask)));
    let bad = || {
        Fail::parameter(format!(
            "{what}: bad mark value for option \"--mark\", or out of range."
        ))
    };
    let value = values::number(value).ok_or_else(bad)?;
    let mask = mask
        .map_or(Some(u32::MAX), values::number)
        .ok_or_else(bad)?;
    Ok(MarkValue { value, mask })
}

pub(super) fn rate(text: &str) -> Result<(u32, u32), Fail> {
    let bad = || Fail::parameter(format!("bad rate \"{text}\"'"));
    let (count, unit) = text.split_once('/').unwrap_or((text, "s"));
    let count: u32 = count
        .parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(bad)?;
    let units = [
        ("second", 1),
        ("minute", 60),
        ("hour", 3600),
        ("day", 86400),
    ];
    let unit = units
        .iter()
        .find(|(name, _)| !unit.is_empty() && name.starts_with(&unit.to_ascii_lowercase()));
    Ok((count, unit.ok_or_else(bad)?.1))
}

pub(super) fn conntrack(
    m: &mut ConntrackMatch,
    option: &str,
    not: bool,
    value: Value<'_>,
) -> Result<(), Fail> {
    let text = value()?;
    let bad = || {
        Fail::parameter(format!(
            "conntrack: Bad value for \"--{option}\" option: \"{text}\""
        ))
    };
    let net = || -> Result<Option<Inv<IpNet>>, Fail> {
        let net = text
            .parse()
            .ok()
            .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        Ok(Some(Inv {
            value: net.ok_or_else(bad)?,
            not,
        }))
    };
    let range = || -> Result<Option<Inv<PortRange>>, Fail> {
        Ok(Some(Inv {
            value: values::ports(&text)?,
            not,
        }))
    };
    match option {
        "ctstate" => {
            m.state = Some(Inv {
                value: states(&text, "ctstate")?,
                not,
            });
        }
        "ctproto" => {
            m.proto = Some(Inv {
                value: values::protocol(&text)?,
                not,
            });
        }
        "ctorigsrc" => m.orig_src = net()?,
        "ctorigdst" => m.orig_dst = net()?,
        "ctreplsrc" => m.repl_src = net()?,
        "ctrepldst" => m.repl_dst = net()?,
        "ctorigsrcport" => m.orig_src_port = range()?,
        "ctorigdstport" => m.orig_dst_port = range()?,
        "ctreplsrcport" => m.repl_src_port = range()?,
        "ctrepldstport" => m.repl_dst_port = range()?,
        "ctstatus" => {
            let mut all = CtStatuses::default();
            for name in text
                .split(',')
                .filter(|name| !name.eq_ignore_ascii_case("NONE"))
            {
                let known = CtStatuses::NAMES
                    .iter()
                    .find(|(_, known)| name.eq_ignore_ascii_case(known));
                let bad = || Fail::parameter(format!("Bad ctstatus \"{name}\""));
                all = all.with(known.ok_or_else(bad)?.0);
            }
            m.status = Some(Inv { value: all, not });
        }
        "ctexpire" => {
            let (first, last) = text.split_once(':').unwrap_or((&text, &text));
            let seconds = |text: &str| text.parse().ok().ok_or_else(bad);
            m.expire = Some(Inv {
                value: (seconds(first)?, seconds(last)?),
                not,
            });
        }
        _ => {
            m.dir = Some(match text.to_ascii_uppercase().as_str() {
                "ORIGINAL" => Direction::Original,
                "REPLY" => Direction::Reply,
                _ => return Err(bad()),
            });
        }
    }
    Ok(())
}
