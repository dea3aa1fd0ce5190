//! The names of ports, as `/etc/services` lists them.

/// Debian's list. Source: netbase 6.5, without most of its comments.
pub const LIST: &str = include_str!("services.txt");

/// The entries of a list: name, port, protocol and other names.
pub fn entries(
    list: &str,
) -> impl Iterator<Item = (&str, u16, &str, std::str::SplitWhitespace<'_>)> {
    list.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let name = words.next()?;
        let (port, proto) = words.next()?.split_once('/')?;
        Some((name, port.parse().ok()?, proto, words))
    })
}

/// The name of a port.
#[must_use]
pub fn name<'a>(list: &'a str, port: u16, proto: &str) -> Option<&'a str> {
    entries(list)
        .find(|(_, known, with, _)| *known == port && *with == proto)
        .map(|(name, ..)| name)
}

/// The port that goes by a name, whatever the protocol.
#[must_use]
pub fn port(list: &str, wanted: &str) -> Option<u16> {
    port_of(list, wanted, None)
}

/// The port that goes by a name with `proto`, if that is known.
#[must_use]
pub fn port_of(list: &str, wanted: &str, proto: Option<&str>) -> Option<u16> {
    entries(list)
        .filter(|(_, _, with, _)| proto.is_none_or(|proto| *with == proto))
        .find(|(name, _, _, others)| *name == wanted || others.clone().any(|n| n == wanted))
        .map(|(_, port, ..)| port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_have_names_and_names_ports() {
        assert_eq!(name(LIST, 8081, "tcp"), Some("tproxy"));
        assert_eq!(name(LIST, 53, "udp"), Some("domain"));
        assert_eq!(name(LIST, 53, "sctp"), None);
        assert_eq!(port(LIST, "www"), Some(80));
        assert_eq!(port(LIST, "nosuch"), None);
        assert_eq!(port_of(LIST, "ntp", Some("udp")), Some(123));
        assert_eq!(port_of(LIST, "ntp", Some("tcp")), None);
    }
}
