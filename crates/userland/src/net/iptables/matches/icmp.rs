//! The types of ICMP and ICMPv6 by name and by number.

use kernel::netfilter::model::IcmpType;

use super::super::fail::Fail;
use super::super::values;

/// A name with its type, and its code if it means only one.
type Named = (&'static str, u8, Option<u8>);

/// The names of ICMP's types, an older name behind the one that lists show. Source: iptables libxt_icmp.h.
pub(crate) const ICMP_NAMES: &[Named] = &[
    ("echo-reply", 0, None),
    ("pong", 0, None),
    ("destination-unreachable", 3, None),
    ("network-unreachable", 3, Some(0)),
    ("host-unreachable", 3, Some(1)),
    ("protocol-unreachable", 3, Some(2)),
    ("port-unreachable", 3, Some(3)),
    ("fragmentation-needed", 3, Some(4)),
    ("source-route-failed", 3, Some(5)),
    ("network-unknown", 3, Some(6)),
    ("host-unknown", 3, Some(7)),
    ("network-prohibited", 3, Some(9)),
    ("host-prohibited", 3, Some(10)),
    ("TOS-network-unreachable", 3, Some(11)),
    ("TOS-host-unreachable", 3, Some(12)),
    ("communication-prohibited", 3, Some(13)),
    ("host-precedence-violation", 3, Some(14)),
    ("precedence-cutoff", 3, Some(15)),
    ("source-quench", 4, None),
    ("redirect", 5, None),
    ("network-redirect", 5, Some(0)),
    ("host-redirect", 5, Some(1)),
    ("TOS-network-redirect", 5, Some(2)),
    ("TOS-host-redirect", 5, Some(3)),
    ("echo-request", 8, None),
    ("ping", 8, None),
    ("router-advertisement", 9, None),
    ("router-solicitation", 10, None),
    ("time-exceeded", 11, None),
    ("ttl-exceeded", 11, None),
    ("ttl-zero-during-transit", 11, Some(0)),
    ("ttl-zero-during-reassembly", 11, Some(1)),
    ("parameter-problem", 12, None),
    ("ip-header-bad", 12, Some(0)),
    ("required-option-missing", 12, Some(1)),
    ("timestamp-request", 13, None),
    ("timestamp-reply", 14, None),
    ("info-request", 15, None),
    ("info-reply", 16, None),
    ("address-mask-request", 17, None),
    ("address-mask-reply", 18, None),
];

/// The same of ICMPv6.
pub(crate) const ICMPV6_NAMES: &[Named] = &[
    ("destination-unreachable", 1, None),
    ("no-route", 1, Some(0)),
    ("communication-prohibited", 1, Some(1)),
    ("beyond-scope", 1, Some(2)),
    ("address-unreachable", 1, Some(3)),
    ("port-unreachable", 1, Some(4)),
    ("failed-policy", 1, Some(5)),
    ("reject-route", 1, Some(6)),
    ("packet-too-big", 2, None),
    ("time-exceeded", 3, None),
    ("ttl-exceeded", 3, None),
    ("ttl-zero-during-transit", 3, Some(0)),
    ("ttl-zero-during-reassembly", 3, Some(1)),
    ("parameter-problem", 4, None),
    ("bad-header", 4, Some(0)),
    ("unknown-header-type", 4, Some(1)),
    ("unknown-option", 4, Some(2)),
    ("echo-request", 128, None),
    ("ping", 128, None),
    ("echo-reply", 129, None),
    ("pong", 129, None),
    ("mld-listener-query", 130, None),
    ("mld-listener-report", 131, None),
    ("mld-listener-done", 132, None),
    ("mld-listener-reduction", 132, None),
    ("router-solicitation", 133, None),
    ("router-advertisement", 134, None),
    ("neighbour-solicitation", 135, None),
    ("neighbor-solicitation", 135, None),
    ("neighbour-advertisement", 136, None),
    ("neighbor-advertisement", 136, None),
    ("redirect", 137, None),
];

/// Reads a type by its name or the only beginning of one, or as numbers: `8`, `3/1`. Source: iptables libxt_icmp.h,
/// `ipt_parse_icmp`.
pub(super) fn icmp_type(text: &str, v6: bool) -> Result<IcmpType, Fail> {
    let (kind, names) = match v6 {
        true => ("ICMPv6", ICMPV6_NAMES),
        false => ("ICMP", ICMP_NAMES),
    };
    let begins = |name: &str| {
        let head = name.get(..text.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(text))
    };
    let any = (!v6 && begins("any")).then_some(("any", None));
    let named = names.iter().filter(|(name, ..)| begins(name));
    let known = named.map(|(name, type_, code)| (*name, Some((*type_, *code))));
    let mut candidates = any.into_iter().chain(known);
    match (candidates.next(), candidates.next()) {
        (Some((_, meant)), None) => {
            return Ok(IcmpType {
                type_: meant.map(|(type_, _)| type_),
                code: meant.and_then(|(_, code)| code),
            });
        }
        (Some((first, _)), Some((second, _))) => {
            return Err(Fail::parameter(format!(
                "Ambiguous {kind} type `{text}': `{first}' or `{second}'?"
            )));
        }
        _ => {}
    }
    let byte = |part: &str, what: &str| {
        let bad = || Fail::parameter(format!("Unknown {kind} {what} `{text}'"));
        let read = values::number(part).and_then(|number| u8::try_from(number).ok());
        read.ok_or_else(bad)
    };
    let (type_, code) = text
        .split_once('/')
        .map_or((text, None), |(type_, code)| (type_, Some(code)));
    Ok(IcmpType {
        type_: Some(byte(type_, "type")?),
        code: code.map(|code| byte(code, "code")).transpose()?,
    })
}
