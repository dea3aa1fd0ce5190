//! The values of matches' options.

use ipnet::IpNet;
use kernel::netfilter::Inv;
use kernel::netfilter::model::{
    AddrTypes, ConntrackMatch, CtStates, CtStatuses, MarkValue, PortRange,
};
use kernel::skb::Direction;
use std::net::IpAddr;
use wire::TcpFlags;

use super::super::fail::Fail;
use super::super::{numbers, ports, values};
use super::Value;

/// What `--syn` looks at.
pub(super) const SYN_MASK: TcpFlags = TcpFlags(0x17);

/// The ports of a protocol's match; none are asked for if all will do.
pub(super) fn ports(
    name: &str,
    option: &str,
    not: bool,
    value: Value<'_>,
) -> Result<Option<Inv<PortRange>>, Fail> {
    let text = value()?;
    let value = match (name, option) {
        ("udp", "sport") => ports::resolved_range(&text, name, "source-port")?,
        ("udp", "dport") => ports::resolved_range(&text, name, "destination-port")?,
        ("udp", _) => ports::resolved_range(&text, name, option)?,
        _ => ports::range(&text, name)?,
    };
    let PortRange { first, last } = value;
    // What nf_tables keeps of a range that begins or ends where ports do is one comparison, and read back so.
    let (value, not) = match (first, last.checked_add(1)) {
        (0, None) if !not => return Ok(None),
        (0, Some(first)) if not && last > 0 => (
            PortRange {
                first,
                last: u16::MAX,
            },
            false,
        ),
        _ => (value, not),
    };
    Ok(Some(Inv { value, not }))
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

/// `-m state`'s states, which know nothing of NAT.
pub(super) fn plain_states(text: &str) -> Result<CtStates, Fail> {
    if text.is_empty() || text.ends_with(',') {
        return Err(Fail::parameter(
            "\"--state\" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED",
        ));
    }
    let about_nat = |name: &&str| {
        ["SNAT", "DNAT"]
            .iter()
            .any(|nat| name.eq_ignore_ascii_case(nat))
    };
    match text.split(',').find(about_nat) {
        Some(name) => Err(Fail::parameter(format!("Bad state \"{name}\""))),
        None => states(text, "state"),
    }
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
            .find(|(_, known)| !name.is_empty() && known.starts_with(&name.to_ascii_uppercase()));
        let bad = || Fail::parameter(format!("addrtype: bad type \"{name}\""));
        all = all.with(known.ok_or_else(bad)?.0);
    }
    Ok(all)
}

pub(super) fn mark(text: &str, what: &str) -> Result<MarkValue, Fail> {
    let (value, mask) = numbers::mark(text, what, "mark")?;
    let mask = mask.unwrap_or(u32::MAX);
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
    let (_, period) = unit.ok_or_else(bad)?;
    // The kernel would count ten-thousandths of seconds between two packets.
    if u64::from(count) > 10_000 * u64::from(*period) {
        return Err(Fail::parameter(format!("Rate too fast \"{text}\"")));
    }
    Ok((count, *period))
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
            value: ports::resolved_range(&text, "conntrack", option)?,
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
            let seconds = numbers::range(&text, "conntrack", option, u64::from(u32::MAX))?;
            let (first, last) = (u32::try_from(seconds.0), u32::try_from(seconds.1));
            m.expire = Some(Inv {
                value: (first.unwrap_or(u32::MAX), last.unwrap_or(u32::MAX)),
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
