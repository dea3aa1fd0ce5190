//! Ports and ranges of them, in the three ways that iptables' extensions read them.

use kernel::netfilter::model::PortRange;

use super::fail::Fail;
use super::numbers;
use crate::net::services;

/// One port: a number as C writes it or a service, of `proto` if that is known. Source: iptables xtables.c,
/// `xtables_parse_port`.
pub(crate) fn port(text: &str, proto: Option<&str>) -> Result<u16, Fail> {
    let named = || services::port_of(services::LIST, text, proto);
    let bad = || Fail::parameter(format!("invalid port/service `{text}' specified"));
    let number = numbers::unsigned(text).and_then(|read| u16::try_from(read).ok());
    number.or_else(named).ok_or_else(bad)
}

/// `80`, `80:90`, `:90` or `80:` for tcp and sctp. Source: iptables libxt_tcp.c, `parse_tcp_ports`.
pub(crate) fn range(text: &str, proto: &str) -> Result<PortRange, Fail> {
    let Some((first, last)) = text.split_once(':') else {
        return port(text, Some(proto)).map(PortRange::one);
    };
    let end = |text: &str, open| match text {
        "" => Ok(open),
        text => port(text, Some(proto)),
    };
    let (first, last) = (end(first, 0)?, end(last, u16::MAX)?);
    if first > last {
        return Err(Fail::parameter("invalid portrange (min > max)"));
    }
    Ok(PortRange { first, last })
}

/// One of multiport's, which has no open ranges. Source: iptables libxt_multiport.c, `parse_multi_ports_v1`.
pub(crate) fn closed_range(text: &str, proto: Option<&str>) -> Result<PortRange, Fail> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let (first, last) = (port(first, proto)?, port(last, proto)?);
    if first > last {
        return Err(Fail::parameter("invalid portrange specified"));
    }
    Ok(PortRange { first, last })
}

/// What udp and conntrack make of the value of `name`'s option `option`: the resolver reads their ports, which wraps numbers
/// that are too large. Source: iptables xtoptions.c, `xtopt_parse_mport`; glibc `getaddrinfo`.
pub(crate) fn resolved_range(text: &str, name: &str, option: &str) -> Result<PortRange, Fail> {
    let parts: Vec<&str> = text.split(':').collect();
    let (first, last) = match parts.as_slice() {
        [one] => (resolved(one, 0)?, resolved(one, 0)?),
        [first, last] => (resolved(first, 0)?, resolved(last, u16::MAX)?),
        _ => {
            return Err(Fail::parameter(format!(
                "{name}: Too many components for option \"--{option}\" (max: 2)\n"
            )));
        }
    };
    if first > last {
        return Err(Fail::parameter(format!(
            "Port range {first}-{last} is negative.\n"
        )));
    }
    Ok(PortRange { first, last })
}

fn resolved(text: &str, open: u16) -> Result<u16, Fail> {
    if text.is_empty() {
        return Ok(open);
    }
    let wrapped = |number: u64| u16::try_from(number % (1 << 16)).ok();
    let named = || services::port_of(services::LIST, text, None);
    let bad = || Fail::parameter(format!("Port \"{text}\" does not resolve to anything.\n"));
    let number = text.trim_ascii_start().parse().ok().and_then(wrapped);
    number.or_else(named).ok_or_else(bad)
}

/// `80` or `80-90`, to which packets are sent on. Source: iptables libxt_NAT.c, `parse_ports`.
pub(crate) fn dashed(text: &str) -> Result<(u16, u16), Fail> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let one = |text: &str| {
        let bad = |_why| Fail::parameter(format!("Port `{text}' not valid"));
        port(text, None).map_err(bad)
    };
    let (from, to) = (one(first)?, one(last)?);
    if from > to {
        return Err(Fail::parameter(format!("Port range `{last}' funky")));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_extension_reads_ports_its_own_way() {
        let tcp = |text| range(text, "tcp").ok().map(|r| (r.first, r.last));
        assert_eq!(tcp("0x50"), Some((80, 80)));
        assert_eq!(tcp(" +80"), Some((80, 80)));
        assert_eq!(tcp("010:"), Some((8, u16::MAX)));
        for bad in ["080", "ntp", "", "-80", "++8", "70000", "9:8", "1:2:3"] {
            assert_eq!(tcp(bad), None, "{bad}");
        }
        let udp = |text| {
            let read = resolved_range(text, "udp", "destination-port");
            read.ok().map(|r| (r.first, r.last))
        };
        assert_eq!(udp("65617"), Some((81, 81)));
        assert_eq!(udp(" 080"), Some((80, 80)));
        assert_eq!(udp(""), Some((0, 0)));
        assert_eq!(udp("http"), Some((80, 80)));
        for bad in ["0x50", "9:8", "1:2:3", "-1"] {
            assert_eq!(udp(bad), None, "{bad}");
        }
        assert!(closed_range("80:", None).is_err());
        assert_eq!(dashed("http-0x51").ok(), Some((80, 81)));
        assert!(dashed("90-80").is_err());
    }
}
