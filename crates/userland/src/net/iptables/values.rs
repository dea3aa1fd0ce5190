//! Reading the values of options.

use ipnet::IpNet;
use kernel::netfilter::Family;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use wire::Proto;

use super::fail::Fail;
use super::numbers;

/// The protocols that have names, as in /etc/protocols.
const PROTOCOLS: &[(&str, u8)] = &[
    ("all", 0),
    ("icmp", 1),
    ("igmp", 2),
    ("tcp", 6),
    ("udp", 17),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("ipv6-icmp", 58),
    ("icmpv6", 58),
    ("ospf", 89),
    ("vrrp", 112),
    ("sctp", 132),
    ("udplite", 136),
];

/// The types of service that have names, and the bits that these are about. Source: iptables tos_values.c.
pub(crate) const TOS_NAMES: [(&str, u8); 5] = [
    ("Minimize-Delay", 0x10),
    ("Maximize-Throughput", 0x08),
    ("Maximize-Reliability", 0x04),
    ("Minimize-Cost", 0x02),
    ("Normal-Service", 0x00),
];
pub(crate) const TOS_MASK: u8 = 0x3f;

/// `0x10`, `0x10/0x3f` or a name: bits of the type of service, and which of them count.
pub(crate) fn tos(text: &str) -> Option<(u8, u8)> {
    let byte = |text: &str| u8::try_from(number(text)?).ok();
    let named = TOS_NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    match (named, text.split_once('/')) {
        (Some((_, value)), _) => Some((*value, TOS_MASK)),
        (None, Some((value, mask))) => Some((byte(value)?, byte(mask)?)),
        (None, None) => Some((byte(text)?, u8::MAX)),
    }
}

/// `0x2e`, or with `--dscp-class` a name.
pub(crate) fn dscp(text: &str, option: &str, name: &str) -> Result<u8, Fail> {
    if option.ends_with("class") {
        let bad = || Fail::parameter(format!("Invalid DSCP value `{text}'"));
        return dscp_class(text).ok_or_else(bad);
    }
    let read = number(text).and_then(|read| u8::try_from(read).ok());
    read.filter(|dscp| *dscp < 64).ok_or_else(|| {
        Fail::parameter(format!(
            "{name}: bad value for option \"--{option}\", or out of range (0-63).\n"
        ))
    })
}

/// What is said about a value that cannot be.
pub(crate) fn out_of_range(name: &str, option: &str, text: &str) -> Fail {
    Fail::parameter(format!(
        "{name}: bad value for option \"--{option}\", or out of range.\n\"{text}\""
    ))
}

/// A differentiated services class by its name. Source: iptables dscp_helper.c.
fn dscp_class(name: &str) -> Option<u8> {
    let digit = |at: usize| name.get(at..=at)?.parse::<u8>().ok();
    match (name.get(..2)?.to_ascii_uppercase().as_str(), name.len()) {
        ("CS", 3) => digit(2).filter(|class| *class < 8).map(|class| class * 8),
        ("AF", 4) => match (digit(2)?, digit(3)?) {
            (class @ 1..=4, drop @ 1..=3) => Some(class * 8 + drop * 2),
            _ => None,
        },
        ("BE", 2) => Some(0),
        ("EF", 2) => Some(46),
        _ => None,
    }
}

/// The name of a protocol in lists without `-n`.
pub(crate) fn protocol_name(proto: Proto) -> Option<&'static str> {
    PROTOCOLS
        .iter()
        .find(|(_, known)| *known == proto.0)
        .map(|(name, _)| *name)
}

/// A number as C writes it.
pub(crate) fn number(text: &str) -> Option<u32> {
    numbers::unsigned(text).and_then(|read| u32::try_from(read).ok())
}

pub(crate) fn protocol(text: &str) -> Result<Proto, Fail> {
    let lower = text.to_ascii_lowercase();
    let named = PROTOCOLS
        .iter()
        .find(|(name, _)| *name == lower)
        .map(|(_, number)| *number);
    let numbered = || text.parse().ok();
    named
        .or_else(numbered)
        .map(Proto)
        .ok_or_else(|| Fail::parameter(format!("unknown protocol \"{text}\" specified")))
}

/// `A-B` or `A`, each read by `FromStr`.
pub(crate) fn dashed<T: FromStr + Copy>(text: &str) -> Option<(T, T)> {
    match text.split_once('-') {
        Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)),
        None => text.parse().ok().map(|one| (one, one)),
    }
}

/// One address of the right family; `hosts` knows names.
fn address(
    text: &str,
    family: Family,
    hosts: &dyn Fn(&str) -> Option<IpAddr>,
) -> Result<IpAddr, Fail> {
    let found = text.parse().ok().or_else(|| hosts(text));
    let fits = |ip: &IpAddr| ip.is_ipv6() == (family == Family::V6);
    found
        .filter(fits)
        .ok_or_else(|| Fail::parameter(format!("host/network `{text}' not found")))
}

/// `-s` and `-d`: addresses with masks, separated by commas.
pub(crate) fn networks(
    text: &str,
    family: Family,
    hosts: &dyn Fn(&str) -> Option<IpAddr>,
) -> Result<Vec<IpNet>, Fail> {
    text.split(',')
        .map(|one| network(one, family, hosts))
        .collect()
}

fn network(
    text: &str,
    family: Family,
    hosts: &dyn Fn(&str) -> Option<IpAddr>,
) -> Result<IpNet, Fail> {
    let (addr, mask) = text
        .split_once('/')
        .map_or((text, None), |(addr, mask)| (addr, Some(mask)));
    let bad = || {
        Fail::parameter(format!(
            "invalid mask `{}' specified",
            mask.unwrap_or_default()
        ))
    };
    let addr = address(addr, family, hosts)?;
    let Some(mask) = mask else {
        return Ok(IpNet::from(addr));
    };
    let prefix = match mask.parse::<u8>() {
        Ok(prefix) => prefix,
        Err(_) => {
            let mask: Ipv4Addr = mask.parse().ok().ok_or_else(bad)?;
            // A mask with holes cannot be told as a prefix, and is not modelled.
            ipnet::ip_mask_to_prefix(mask.into()).ok().ok_or_else(bad)?
        }
    };
    IpNet::new(addr, prefix)
        .map(|net| net.trunc())
        .ok()
        .ok_or_else(bad)
}

/// The option that `given` means: itself, or the only one that begins so.
pub(crate) fn complete<'a>(options: &[&'a str], given: &str) -> Option<&'a str> {
    if let Some(exact) = options.iter().find(|option| **option == given) {
        return Some(exact);
    }
    let mut candidates = options.iter().filter(|option| option.starts_with(given));
    match (candidates.next(), candidates.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}
