//! `/etc/resolv.conf`. Source: resolv.conf(5).

use std::net::{IpAddr, Ipv4Addr};

use kernel::sys::Sys;
use kernel::time::Duration;

/// What `/etc/resolv.conf` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvConf {
    /// At most three servers, in order; the machine itself if none is given.
    pub servers: Vec<IpAddr>,
    /// Whether servers are given at all.
    pub named: bool,
    /// Domains that are tried after names.
    pub search: Vec<String>,
    /// A name with at least so many dots is tried as it is first.
    pub ndots: usize,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// How often to ask each server.
    pub attempts: u32,
}

impl Default for ResolvConf {
    fn default() -> Self {
        Self {
            servers: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            named: false,
            search: Vec::new(),
            ndots: 1,
            timeout: Duration::from_secs(5),
            attempts: 2,
        }
    }
}

impl ResolvConf {
    /// Reads the file's text; what makes no sense is passed over, as glibc does.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut conf = Self::default();
        let mut servers = Vec::new();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    servers.extend(words.next().and_then(|w| w.parse::<IpAddr>().ok()));
                }
                Some("search") => conf.search = words.map(str::to_owned).collect(),
                Some("domain") => conf.search = words.take(1).map(str::to_owned).collect(),
                Some("options") => words.for_each(|w| conf.option(w)),
                _ => {}
            }
        }
        servers.truncate(3);
        if !servers.is_empty() {
            conf.servers = servers;
            conf.named = true;
        }
        conf
    }

    fn option(&mut self, word: &str) {
        let Some((key, value)) = word.split_once(':') else {
            return;
        };
        let Ok(n) = value.parse::<u32>() else { return };
        match key {
            "ndots" => self.ndots = n.min(15) as usize,
            "timeout" => self.timeout = Duration::from_secs(u64::from(n.clamp(1, 30))),
            "attempts" => self.attempts = n.clamp(1, 5),
            _ => {}
        }
    }

    /// The process's own `/etc/resolv.conf`.
    #[must_use]
    pub fn load(sys: &Sys) -> Self {
        sys.read_text("/etc/resolv.conf")
            .map(|t| Self::parse(&t))
            .unwrap_or_default()
    }

    /// The names that are asked for, in order, when a program means `name`.
    #[must_use]
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(absolute) = name.strip_suffix('.') {
            return vec![absolute.to_owned()];
        }
        let dots = name.matches('.').count();
        let searched = self
            .search
            .iter()
            .filter(|d| *d != ".")
            .map(|domain| format!("{name}.{}", domain.trim_end_matches('.')));
        if dots >= self.ndots {
            std::iter::once(name.to_owned()).chain(searched).collect()
        } else {
            searched.chain(std::iter::once(name.to_owned())).collect()
        }
    }

    /// The same for BIND's tools, which search for no name that has dots enough. Source: bind9 `bin/dig/dighost.c`.
    #[must_use]
    pub fn bind_candidates(&self, name: &str) -> Vec<String> {
        let mut names = self.candidates(name);
        if name.matches('.').count() >= self.ndots {
            names.truncate(1);
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_domains_come_before_or_after_by_the_number_of_dots() {
        let conf = ResolvConf::parse(
            "search a.test b.test\nnameserver 10.0.0.1\nnameserver x\noptions ndots:1 timeout:2 rotate\n",
        );
        assert_eq!(conf.candidates("web"), ["web.a.test", "web.b.test", "web"]);
        assert_eq!(
            conf.candidates("web.x"),
            ["web.x", "web.x.a.test", "web.x.b.test"]
        );
        assert_eq!(conf.candidates("web."), ["web"]);
        assert_eq!(conf.servers, ["10.0.0.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(conf.timeout, Duration::from_secs(2));
        let docker = ResolvConf::parse("nameserver 127.0.0.11\nsearch a.test\noptions ndots:0\n");
        assert_eq!(docker.candidates("web"), ["web", "web.a.test"]);
    }
}
