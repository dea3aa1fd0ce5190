//! One rule as the engine wants it; its text is that of `iptables -S`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::ports::Proto;

/// An address family, each with tables of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// iptables.
    V4,
    /// ip6tables.
    V6,
}

impl Family {
    /// Returns the family of an address.
    pub fn of(addr: IpAddr) -> Self {
        if addr.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

/// A table that the engine writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Before connection tracking.
    Raw,
    /// Address translation.
    Nat,
    /// Filtering.
    Filter,
}

/// Where in its chain a rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    Head,
    /// After all others.
    Tail,
}

/// A value that may be negated with `!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Is<T> {
    /// True for anything but the value.
    pub not: bool,
    /// The value.
    pub value: T,
}

/// What a packet must be like. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// Source network.
    pub source: Option<Is<IpNet>>,
    /// Destination network.
    pub destination: Option<Is<IpNet>>,
    /// Interface it came in by.
    pub input: Option<Is<String>>,
    /// Interface it leaves by.
    pub output: Option<Is<String>>,
    /// Protocol, with a source or destination port.
    pub proto: Option<PortMatch>,
    /// Any ICMP of the family.
    pub icmp: bool,
    /// Part of a connection that is known, or related to one.
    pub established: bool,
    /// Destination is an address of the machine.
    pub to_local: bool,
    /// Source is an address of the machine.
    pub from_local: bool,
}

/// A transport protocol and a port of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortMatch {
    /// The protocol.
    pub proto: Proto,
    /// Source port.
    pub sport: Option<u16>,
    /// Destination port.
    pub dport: Option<u16>,
}

/// What happens to a packet that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Let it pass.
    Accept,
    /// Lose it.
    Drop,
    /// Go back to the calling chain.
    Return,
    /// Go on in another chain.
    Jump(&'static str),
    /// Take the address of the outgoing interface as source.
    Masquerade,
    /// Take this address as source; `None` keeps it.
    Snat(Option<IpAddr>, Option<u16>),
    /// Send it there instead.
    Dnat(SocketAddr),
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which packets.
    pub matches: Match,
    /// What becomes of them.
    pub target: Target,
}

/// A rule and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The family.
    pub family: Family,
    /// The table.
    pub table: Table,
    /// The chain.
    pub chain: &'static str,
    /// Where in it.
    pub place: Place,
    /// The rule.
    pub rule: Rule,
    /// What an error begins with if it cannot be written; empty where that is passed over.
    pub failure: &'static str,
    /// True if it is of the step that sets a network up, which the engine does not undo when it fails half-way.
    /// Source: moby `libnetwork/drivers/bridge/internal/iptabler/network.go`.
    pub in_setup: bool,
}

impl Placed {
    /// Returns the arguments with which the engine would call iptables; they are not in the order of [`Rule`]'s text.
    fn command(&self) -> String {
        let tool = match self.family {
            Family::V4 => "iptables",
            Family::V6 => "ip6tables",
        };
        let place = match self.place {
            Place::Head => "-I",
            Place::Tail => "-A",
        };
        let table = match self.table {
            Table::Raw => "raw",
            Table::Nat => "nat",
            Table::Filter => "filter",
        };
        let m = &self.rule.matches;
        let mut words = vec![format!("{tool} --wait -t {table} {place} {}", self.chain)];
        let net = |net: &IpNet| match net.prefix_len() == net.max_prefix_len() {
            true => net.addr().to_string(),
            false => net.to_string(),
        };
        let interfaces = [("-i", m.input.as_ref()), ("-o", m.output.as_ref())];
        let interfaces = interfaces.map(|(flag, name)| option(flag, name, String::clone));
        let source = option("-s", m.source.as_ref(), net);
        let translates = matches!(self.rule.target, Target::Dnat(_));
        // What leaves is matched by where it comes from first.
        let leaving = self.table == Table::Nat && !translates;
        if leaving {
            words.extend(source.clone());
        }
        if !translates {
            words.extend(interfaces.iter().flatten().cloned());
        }
        if let Some(p) = &m.proto {
            words.push(format!("-p {}", p.proto));
        }
        if m.icmp {
            words.push(match self.family {
                Family::V4 => "-p icmp".to_owned(),
                Family::V6 => "-p icmpv6".to_owned(),
            });
        }
        if translates {
            let to = option("-d", m.destination.as_ref(), net);
            words.push(to.unwrap_or_else(|| "-d 0/0".to_owned()));
        } else {
            words.extend(source.clone().filter(|_| !leaving));
            words.extend(option("-d", m.destination.as_ref(), net));
        }
        for (flag, port) in [
            ("--sport", m.proto.and_then(|p| p.sport)),
            ("--dport", m.proto.and_then(|p| p.dport)),
        ] {
            words.extend(port.map(|port| format!("{flag} {port}")));
        }
        if m.established {
            words.push("-m conntrack --ctstate RELATED,ESTABLISHED".to_owned());
        }
        words.push(format!("-j {}", self.rule.target));
        if translates {
            words.extend(interfaces.into_iter().flatten());
            words.extend(source);
        }
        words.join(" ")
    }

    /// Returns what the engine says when iptables answers `answer` and ends with `status`.
    pub(super) fn refused(&self, answer: &str, status: u8) -> String {
        let step = match self.in_setup {
            true => "Failed to Setup IP tables: ",
            false => "",
        };
        format!(
            "{step}{}:  (iptables failed: {}: {answer}\n (exit status {status}))",
            self.failure,
            self.command()
        )
    }
}

/// Says a condition as an option of iptables.
fn option<T>(flag: &str, is: Option<&Is<T>>, text: impl Fn(&T) -> String) -> Option<String> {
    let is = is?;
    let not = if is.not { "! " } else { "" };
    Some(format!("{not}{flag} {}", text(&is.value)))
}

/// Makes a value that must hold.
pub(super) fn is<T, U: Into<T>>(value: U) -> Option<Is<T>> {
    Some(Is {
        not: false,
        value: value.into(),
    })
}

/// Makes a value that must not hold.
pub(super) fn not<T, U: Into<T>>(value: U) -> Option<Is<T>> {
    Some(Is {
        not: true,
        value: value.into(),
    })
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let m = &self.matches;
        let mut words: Vec<String> = Vec::new();
        let mut option = |flag: &str, not: bool, value: String| {
            words.push(format!("{}{flag} {value}", if not { "! " } else { "" }));
        };
        if let Some(s) = &m.source {
            option("-s", s.not, s.value.to_string());
        }
        if let Some(d) = &m.destination {
            option("-d", d.not, d.value.to_string());
        }
        if let Some(i) = &m.input {
            option("-i", i.not, i.value.clone());
        }
        if let Some(o) = &m.output {
            option("-o", o.not, o.value.clone());
        }
        if m.icmp {
            option("-p", false, "icmp".to_owned());
        }
        if let Some(p) = &m.proto {
            option("-p", false, format!("{0} -m {0}", p.proto));
            for (flag, port) in [("--sport", p.sport), ("--dport", p.dport)] {
                if let Some(port) = port {
                    option(flag, false, port.to_string());
                }
            }
        }
        if m.established {
            option(
                "-m",
                false,
                "conntrack --ctstate RELATED,ESTABLISHED".to_owned(),
            );
        }
        if m.from_local {
            option("-m", false, "addrtype --src-type LOCAL".to_owned());
        }
        if m.to_local {
            option("-m", false, "addrtype --dst-type LOCAL".to_owned());
        }
        words.push(format!("-j {}", self.target));
        f.write_str(&words.join(" "))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("ACCEPT"),
            Self::Drop => f.write_str("DROP"),
            Self::Return => f.write_str("RETURN"),
            Self::Jump(chain) => f.write_str(chain),
            Self::Masquerade => f.write_str("MASQUERADE"),
            Self::Snat(addr, port) => {
                f.write_str("SNAT --to-source ")?;
                if let Some(addr) = addr {
                    write!(f, "{addr}")?;
                }
                port.map_or(Ok(()), |port| write!(f, ":{port}"))
            }
            Self::Dnat(to) => write!(f, "DNAT --to-destination {to}"),
        }
    }
}
