//! The expressions by which `ss` filters sockets: conditions on addresses and ports, joined by words or signs.
//! Checked against iproute2 7 (`ss(8)`).

use std::net::{IpAddr, SocketAddr};

use super::super::say::Fail;
use crate::net::services;

/// How deeply parentheses and `not` may stand in one another.
const MAX_DEPTH: usize = 64;

/// The words of the grammar; every other is an address or a port.
const WORDS: [&str; 14] = [
    "(", ")", "!", "not", "and", "&", "&&", "or", "|", "||", "src", "dst", "sport", "dport",
];

/// How a port can be compared.
const SIGNS: [&str; 16] = [
    "=", "==", "eq", "!=", "ne", "neq", ">=", "ge", "geq", "<", "lt", "<=", "le", "leq", ">", "gt",
];

/// What a socket's two ends have to fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    /// The address of the local or the remote end lies in a prefix, and its port is this one, where given.
    Host {
        local: bool,
        prefix: Option<(IpAddr, u8)>,
        port: Option<u16>,
    },
    /// The port of the local or the remote end lies in a range.
    Port {
        local: bool,
        from: u16,
        to: u16,
    },
    /// The path of the local or the remote end is this one.
    Path {
        local: bool,
        at: String,
    },
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Filter {
    /// Reads the rest of a command line; `services` is the text of `/etc/services`.
    ///
    /// # Errors
    /// What `ss` says about an address, a port or the grammar.
    pub(super) fn read(words: &[&str], services: &str) -> Result<Self, Fail> {
        // A shell hands over the expression as one word or as many.
        let text = words.join(" ");
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let tokens: Vec<&str> = spaced.split_whitespace().collect();
        let mut reader = Reader {
            rest: &tokens,
            services,
        };
        let filter = reader.any(0)?;
        match reader.rest {
            [] => Ok(filter),
            _ => Err(reader.wrong()),
        }
    }

    /// True if a socket with these ends fulfils it.
    pub(super) fn takes(&self, local: SocketAddr, remote: SocketAddr) -> bool {
        let end = |is_local: &bool| if *is_local { local } else { remote };
        self.holds(&|condition| match condition {
            Self::Host {
                local,
                prefix,
                port,
            } => {
                let end = end(local);
                prefix.is_none_or(|prefix| lies_in(end.ip(), prefix))
                    && port.is_none_or(|port| port == end.port())
            }
            Self::Port { local, from, to } => (*from..=*to).contains(&end(local).port()),
            _ => false,
        })
    }

    /// True if a socket of AF_UNIX at this path fulfils it; `None` for one that has none.
    pub(super) fn takes_path(&self, path: Option<&str>) -> bool {
        self.holds(&|condition| match condition {
            Self::Path { local, at } => *local && path == Some(at),
            _ => false,
        })
    }

    /// Joins what its single conditions say.
    fn holds(&self, condition: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(condition),
            Self::All(parts) => parts.iter().all(|part| part.holds(condition)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(condition)),
            single => condition(single),
        }
    }
}

fn lies_in(addr: IpAddr, (net, len): (IpAddr, u8)) -> bool {
    let bits = |addr: IpAddr| match addr {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, true),
        IpAddr::V6(v6) => (v6.to_bits(), false),
    };
    let ((addr, a4), (net, n4)) = (bits(addr.to_canonical()), bits(net));
    let apart = (addr ^ net)
        .checked_shr(128 - u32::from(len))
        .unwrap_or_default();
    a4 == n4 && apart == 0
}

/// A walk along the tokens. Conditions bind tighter under `and` (or nothing between them) than under `or`.
struct Reader<'a> {
    rest: &'a [&'a str],
    services: &'a str,
}

impl<'a> Reader<'a> {
    /// What `ss` says if the grammar is not met. A word that is none of its own it has read as an address before.
    fn wrong(&self) -> Fail {
        let word = self.rest.first().filter(|word| !WORDS.contains(word));
        if let Some(Err(fail)) = word.map(|word| self.host(true, word)) {
            return fail;
        }
        Fail::new(
            255,
            "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.",
        )
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn next_if(&mut self, words: &[&str]) -> bool {
        let found = self.rest.first().is_some_and(|word| words.contains(word));
        if found {
            self.next();
        }
        found
    }

    fn any(&mut self, depth: usize) -> Result<Filter, Fail> {
        let mut parts = vec![self.all(depth)?];
        while self.next_if(&["or", "|", "||"]) {
            parts.push(self.all(depth)?);
        }
        Ok(Filter::Any(parts))
    }

    fn all(&mut self, depth: usize) -> Result<Filter, Fail> {
        let mut parts = vec![self.one(depth)?];
        loop {
            let joined = self.next_if(&["and", "&", "&&"]);
            if !joined && matches!(self.rest.first(), None | Some(&("or" | "|" | "||" | ")"))) {
                return Ok(Filter::All(parts));
            }
            parts.push(self.one(depth)?);
        }
    }

    fn one(&mut self, depth: usize) -> Result<Filter, Fail> {
        if depth > MAX_DEPTH {
            return Err(self.wrong());
        }
        if self.next_if(&["not", "!"]) {
            return Ok(Filter::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.next_if(&["("]) {
            let inner = self.any(depth + 1)?;
            return if self.next_if(&[")"]) {
                Ok(inner)
            } else {
                Err(self.wrong())
            };
        }
        match self.rest.first() {
            Some(&word @ ("src" | "dst")) => {
                self.next();
                let unequal = self.next_if(&["!=", "ne", "neq"]);
                if !unequal {
                    self.next_if(&["=", "==", "eq"]);
                }
                let value = self.next().ok_or_else(|| self.wrong())?;
                let host = self.host(word == "src", value)?;
                Ok(if unequal {
                    Filter::Not(Box::new(host))
                } else {
                    host
                })
            }
            Some(&word @ ("sport" | "dport")) => {
                self.next();
                self.port(word == "sport")
            }
            Some(&word @ ("dev" | "fwmark" | "cgroup" | "autobound" | "inode")) => Err(
                Fail::not_modelled("ss", &format!("the condition \"{word}\"")),
            ),
            _ => Err(self.wrong()),
        }
    }

    /// The comparison and the port after `sport` or `dport`.
    fn port(&mut self, local: bool) -> Result<Filter, Fail> {
        // A word in the place of the sign is read as a port before the grammar is missed.
        if let Some(word) = self.rest.first().filter(|word| !SIGNS.contains(word)) {
            self.port_number(word.rsplit(':').next().unwrap_or_default())?;
        }
        let sign = self.next().ok_or_else(|| self.wrong())?;
        let value = self.next().ok_or_else(|| self.wrong())?;
        let port = self.port_number(value.rsplit(':').next().unwrap_or_default())?;
        let range = |from, to| Filter::Port { local, from, to };
        let not = |inner| Filter::Not(Box::new(inner));
        Ok(match sign {
            "=" | "==" | "eq" => range(port, port),
            "!=" | "ne" | "neq" => not(range(port, port)),
            ">=" | "ge" | "geq" => range(port, u16::MAX),
            "<" | "lt" => not(range(port, u16::MAX)),
            "<=" | "le" | "leq" => range(0, port),
            ">" | "gt" => not(range(0, port)),
            _ => return Err(self.wrong()),
        })
    }

    fn port_number(&self, text: &str) -> Result<u16, Fail> {
        text.parse()
            .ok()
            .or_else(|| services::port(self.services, text))
            .ok_or_else(|| {
                Fail::new(
                    1,
                    format_args!(
                        "Error: \"{text}\" does not look like a port.\nCannot parse dst/src address."
                    ),
                )
            })
    }

    /// `ADDRESS[/LEN][:PORT]`, an IPv6 address with a port in brackets, `:PORT` or `*`; or a path.
    fn host(&self, local: bool, text: &str) -> Result<Filter, Fail> {
        let path = text.strip_prefix("unix:").unwrap_or(text);
        if path.starts_with('/') {
            let at = path.to_owned();
            return Ok(Filter::Path { local, at });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let prefix = match bare {
            "" | "*" => None,
            bare => Some(prefix(bare).ok_or_else(|| {
                Fail::new(
                    1,
                    format_args!(
                        "Error: an inet prefix is expected rather than \"{bare}\".\nCannot parse dst/src address."
                    ),
                )
            })?),
        };
        let port = match port {
            None | Some("" | "*") => None,
            Some(port) => Some(self.port_number(port)?),
        };
        Ok(Filter::Host {
            local,
            prefix,
            port,
        })
    }
}

fn prefix(text: &str) -> Option<(IpAddr, u8)> {
    let (addr, len) = text
        .split_once('/')
        .map_or((text, None), |(addr, len)| (addr, Some(len)));
    let addr: IpAddr = addr.parse().ok()?;
    let most = if addr.is_ipv4() { 32 } else { 128 };
    let len = len.map_or(Some(most), |len| len.parse().ok())?;
    (len <= most).then_some((addr, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(filter: &str) -> bool {
        let (local, remote) = ("10.0.0.2:80", "10.0.0.9:40000");
        Filter::read(&[filter], "http 80/tcp\n")
            .unwrap()
            .takes(local.parse().unwrap(), remote.parse().unwrap())
    }

    #[test]
    fn conditions_join_by_words_and_by_nothing() {
        for yes in [
            "sport = :80",
            "sport = :http",
            "(sport = :80)",
            "dport > :1024 and sport < :1024",
            "sport = :81 or dst 10.0.0.0/24",
            "not dst 10.0.1.0/24",
            "src 10.0.0.2:80 dst 10.0.0.9",
            "sport != 443",
        ] {
            assert!(takes(yes), "{yes}");
        }
        for no in [
            "sport = :81",
            "sport < :80",
            "src 10.0.0.2:81",
            "not ( sport = :81 or dst 10.0.0.0/24 )",
            "dst ::/0",
        ] {
            assert!(!takes(no), "{no}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let fail = |filter: &str| Filter::read(&[filter], "").unwrap_err();
        assert_eq!(fail("dport").code, 255);
        assert!(
            fail("dport = :nope")
                .text
                .starts_with("Error: \"nope\" does not look")
        );
        assert!(
            fail("nope")
                .text
                .starts_with("Error: an inet prefix is expected rather than \"nope\"")
        );
        let deep = "( ".repeat(10_000);
        assert_eq!(fail(&deep).code, 255);
    }
}
