//! What the embedded DNS server of a container knows by itself: the names of its neighbours.
//!
//! Pure. Source: moby `libnetwork/sandbox.go`, `ResolveName`, and `network.go`.

use std::net::IpAddr;

/// One container on a network.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// Its names there; the first is what its addresses stand for.
    pub names: Vec<String>,
    /// Its addresses there.
    pub addrs: Vec<IpAddr>,
}

/// One network of the asking container.
#[derive(Clone, Debug, Default)]
pub struct NetworkNames {
    /// The network's name.
    pub name: String,
    /// Everybody on it, the asker included.
    pub peers: Vec<Peer>,
    /// Names of services, whose addresses stand for none of them.
    pub services: Vec<Peer>,
    /// The asker's own names for others: alias to name.
    pub links: Vec<(String, String)>,
}

/// What is known of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Its addresses of the family asked for; none if it only has others.
    Addresses(Vec<IpAddr>),
    /// Nothing.
    Unknown,
}

/// Looks a name up on the asker's networks, which come in gateway order. The first network that knows it answers.
///
/// Tried are `a.b.c` as a name on every network, then `a.b` on network `c`, then `a` on network `b.c`.
pub fn resolve(networks: &[NetworkNames], name: &str, v6: bool) -> Known {
    let dots = name.rmatch_indices('.').map(|(at, _)| at);
    let split = dots.filter_map(|at| Some((name.get(..at)?, Some(name.get(at + 1..)?))));
    for (host, network) in std::iter::once((name, None)).chain(split) {
        for n in networks {
            if network.is_some_and(|wanted| n.name != wanted) {
                continue;
            }
            let linked = n
                .links
                .iter()
                .find(|(alias, _)| alias.eq_ignore_ascii_case(host));
            let host = linked.map_or(host, |(_, target)| target.as_str());
            let is_meant = |p: &&Peer| p.names.iter().any(|known| known.eq_ignore_ascii_case(host));
            let mut meant = n
                .peers
                .iter()
                .chain(&n.services)
                .filter(is_meant)
                .peekable();
            if meant.peek().is_some() {
                let addrs = meant.flat_map(|p| p.addrs.iter().copied());
                return Known::Addresses(addrs.filter(|a| a.is_ipv6() == v6).collect());
            }
        }
    }
    Known::Unknown
}

/// Returns the name that an address stands for, as `name.network`.
pub fn reverse(networks: &[NetworkNames], addr: IpAddr) -> Option<String> {
    networks.iter().find_map(|n| {
        let peer = n.peers.iter().find(|p| p.addrs.contains(&addr))?;
        Some(format!("{}.{}", peer.names.first()?, n.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn peer(names: &[&str], addr: &str) -> Peer {
        Peer {
            names: names.iter().map(ToString::to_string).collect(),
            addrs: vec![ip(addr)],
        }
    }

    fn networks() -> Vec<NetworkNames> {
        vec![
            NetworkNames {
                name: "front".into(),
                peers: vec![
                    peer(&["web", "www"], "172.18.0.2"),
                    peer(&["api", "www"], "172.18.0.3"),
                ],
                services: vec![peer(&["mesh", "tasks.web"], "172.18.0.9")],
                links: vec![("store".into(), "api".into())],
            },
            NetworkNames {
                name: "back.net".into(),
                peers: vec![peer(&["web"], "172.19.0.2")],
                services: vec![],
                links: vec![],
            },
        ]
    }

    #[test]
    fn names_are_found_without_regard_to_case_on_the_first_network_that_knows_them() {
        let found = |name: &str| resolve(&networks(), name, false);
        assert_eq!(found("WEB"), Known::Addresses(vec![ip("172.18.0.2")]));
        assert_eq!(
            found("www"),
            Known::Addresses(vec![ip("172.18.0.2"), ip("172.18.0.3")])
        );
        assert_eq!(
            found("web.back.net"),
            Known::Addresses(vec![ip("172.19.0.2")])
        );
        assert_eq!(found("web.nowhere"), Known::Unknown);
        assert_eq!(found("store"), Known::Addresses(vec![ip("172.18.0.3")]));
        assert_eq!(resolve(&networks(), "web", true), Known::Addresses(vec![]));
    }

    #[test]
    fn addresses_stand_for_the_first_name() {
        assert_eq!(
            reverse(&networks(), ip("172.18.0.3")).as_deref(),
            Some("api.front")
        );
        assert_eq!(reverse(&networks(), ip("10.0.0.1")), None);
        assert_eq!(reverse(&networks(), ip("172.18.0.9")), None);
        let mesh = Known::Addresses(vec![ip("172.18.0.9")]);
        assert_eq!(resolve(&networks(), "mesh", false), mesh);
    }
}
