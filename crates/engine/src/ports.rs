//! Which ports of the machine are given out to containers. Source: moby `libnetwork/portallocator`.
//!
//! Pure bookkeeping: whether some other process of the machine holds a port shows only when it is bound.

use sorted::{SortedMap, SortedSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

use crate::api::ContainerConfig;

/// A transport protocol that ports belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proto {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl fmt::Display for Proto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        })
    }
}

impl FromStr for Proto {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_ascii_lowercase().as_str() {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            "sctp" => Ok(Self::Sctp),
            _ => Err(()),
        }
    }
}

/// A port inside a container, written `80/tcp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerPort {
    /// The number.
    pub port: u16,
    /// The protocol.
    pub proto: Proto,
}

impl fmt::Display for ContainerPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.port, self.proto)
    }
}

impl FromStr for ContainerPort {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (port, proto) = text.split_once('/').unwrap_or((text, "tcp"));
        Ok(Self {
            port: port.parse().map_err(|_bad| ())?,
            proto: proto.parse()?,
        })
    }
}

/// Why a port cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// Another container has it, on the address named.
    #[error("Bind for {addr}:{port} failed: port is already allocated")]
    Taken {
        /// Where the other one is published.
        addr: IpAddr,
        /// The port.
        port: u16,
    },
    /// No port of the range is free.
    #[error("all ports are allocated")]
    AllTaken,
}

/// A range of ports, both ends included.
pub type Range = (u16, u16);

/// The ports given out on one machine.
#[derive(Clone, Debug)]
pub struct Allocator {
    /// Range that unnamed ports come from, as the machine had it when the first port was asked for.
    ephemeral: Option<Range>,
    taken: SortedMap<(Proto, bool, u16), SortedSet<IpAddr>>,
    last: SortedMap<(IpAddr, Proto, Range), u16>,
}

impl Default for Allocator {
    fn default() -> Self {
        Self {
            ephemeral: None,
            taken: SortedMap::new(),
            last: SortedMap::new(),
        }
    }
}

impl Allocator {
    /// Counts from the first port of every range again, as an engine that has just started does.
    pub fn start(&mut self) {
        self.ephemeral = None;
        self.last.clear();
    }

    /// Tells the machine's own range, which counts if none was told before.
    pub fn draw_from(&mut self, range: Range) {
        self.ephemeral.get_or_insert(range);
    }

    /// Takes one port that is free on all of `addrs`: the one named if the range holds just one, else the next after
    /// the last one given from the same range, so that a port just freed is not given at once. `None` is the ephemeral
    /// range. Errors: `Taken` for a single port, `AllTaken` for a range.
    pub fn request(
        &mut self,
        addrs: &[IpAddr],
        proto: Proto,
        range: Option<Range>,
    ) -> Result<u16, Error> {
        let range = range.or(self.ephemeral).unwrap_or((32768, 60999));
        let (first, last) = range;
        if first == last {
            return match addrs.iter().find_map(|a| self.holder(*a, proto, first)) {
                Some(addr) => Err(Error::Taken { addr, port: first }),
                None => {
                    self.take(addrs, proto, first);
                    Ok(first)
                }
            };
        }
        let given = addrs
            .first()
            .and_then(|a| self.last.get(&(*a, proto, range)))
            .copied()
            .unwrap_or(last);
        let after = (first..=last).skip_while(|p| *p <= given);
        let before = (first..=last).take_while(|p| *p <= given);
        let free = |port: &u16| {
            addrs
                .iter()
                .all(|a| self.holder(*a, proto, *port).is_none())
        };
        let port = after.chain(before).find(free).ok_or(Error::AllTaken)?;
        for addr in addrs {
            self.last.insert((*addr, proto, range), port);
        }
        self.take(addrs, proto, port);
        Ok(port)
    }

    /// Gives one port back.
    pub fn release(&mut self, addr: IpAddr, proto: Proto, port: u16) {
        let key = (proto, addr.is_ipv6(), port);
        if let Some(addrs) = self.taken.get_mut(&key) {
            addrs.remove(&addr);
            if addrs.is_empty() {
                self.taken.remove(&key);
            }
        }
    }

    fn take(&mut self, addrs: &[IpAddr], proto: Proto, port: u16) {
        for addr in addrs {
            self.taken
                .entry((proto, addr.is_ipv6(), port))
                .or_default()
                .insert(*addr);
        }
    }

    /// Returns the address that keeps `addr` from having the port: itself, the wildcard, or any one if it is that.
    fn holder(&self, addr: IpAddr, proto: Proto, port: u16) -> Option<IpAddr> {
        let addrs = self.taken.get(&(proto, addr.is_ipv6(), port))?;
        addrs
            .iter()
            .find(|held| addr.is_unspecified() || held.is_unspecified() || **held == addr)
            .copied()
    }
}

/// The ports that a container exposes, by their full names: `80` and `80/tcp` are one. What is no number, such as a range
/// that a client left as it was, counts as port 0. Source: docker/go-connections `nat.Port.Int`.
pub(crate) fn exposed(config: &ContainerConfig) -> SortedMap<String, ContainerPort> {
    let ports = config.exposed_ports.keys();
    let ports = ports.filter_map(|text| {
        let (port, proto) = text.split_once('/').unwrap_or((text, "tcp"));
        Some(ContainerPort {
            port: port.parse().unwrap_or(0),
            proto: proto.parse().ok()?,
        })
    });
    ports.map(|port| (port.to_string(), port)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn both() -> [IpAddr; 2] {
        [ip("0.0.0.0"), ip("::")]
    }

    #[test]
    fn ephemeral_ports_count_up_even_past_freed_ones() {
        let mut ports = Allocator::default();
        assert_eq!(ports.request(&both(), Proto::Tcp, None), Ok(32768));
        assert_eq!(ports.request(&both(), Proto::Tcp, None), Ok(32769));
        ports.release(both()[0], Proto::Tcp, 32768);
        ports.release(both()[1], Proto::Tcp, 32768);
        assert_eq!(ports.request(&both(), Proto::Tcp, None), Ok(32770));
        assert_eq!(ports.request(&both(), Proto::Udp, None), Ok(32768));
    }

    #[test]
    fn a_started_engine_counts_from_the_first_port() {
        let mut ports = Allocator::default();
        assert_eq!(ports.request(&both(), Proto::Tcp, None), Ok(32768));
        for addr in both() {
            ports.release(addr, Proto::Tcp, 32768);
        }
        ports.start();
        ports.draw_from((40000, 40010));
        ports.draw_from((50000, 50010));
        assert_eq!(ports.request(&both(), Proto::Tcp, None), Ok(40000));
    }

    #[test]
    fn a_range_comes_round_and_runs_out() {
        let mut ports = Allocator::default();
        let range = Some((8000, 8001));
        assert_eq!(ports.request(&both(), Proto::Tcp, range), Ok(8000));
        assert_eq!(ports.request(&both(), Proto::Tcp, range), Ok(8001));
        assert_eq!(
            ports.request(&both(), Proto::Tcp, range),
            Err(Error::AllTaken)
        );
        for addr in both() {
            ports.release(addr, Proto::Tcp, 8000);
        }
        assert_eq!(ports.request(&both(), Proto::Tcp, range), Ok(8000));
    }

    #[test]
    fn the_wildcard_collides_with_every_address_of_its_family_only() {
        let mut ports = Allocator::default();
        let one = Some((8081, 8081));
        ports
            .request(&[ip("192.168.1.10")], Proto::Tcp, one)
            .unwrap();
        let err = ports.request(&both(), Proto::Tcp, one).unwrap_err();
        assert_eq!(
            err.to_string(),
            "Bind for 192.168.1.10:8081 failed: port is already allocated"
        );
        assert_eq!(ports.request(&[ip("127.0.0.1")], Proto::Tcp, one), Ok(8081));
        assert_eq!(ports.request(&[ip("::")], Proto::Tcp, one), Ok(8081));
        let err = ports.request(&[ip("::1")], Proto::Tcp, one).unwrap_err();
        assert_eq!(
            err.to_string(),
            "Bind for :::8081 failed: port is already allocated"
        );
    }
}
