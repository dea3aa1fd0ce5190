//! The text of a container's `/etc/resolv.conf`. Source: moby `libnetwork/internal/resolvconf`.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

/// Address of the embedded DNS server inside a container.
pub const EMBEDDED_SERVER: &str = "127.0.0.11";

/// Where a machine says how it resolves names.
pub const FILE: &str = "/etc/resolv.conf";

const DEFAULT_SERVERS_V4: [&str; 2] = ["8.8.8.8", "8.8.4.4"];
const DEFAULT_SERVERS_V6: [&str; 2] = ["2001:4860:4860::8888", "2001:4860:4860::8844"];

/// A name server that the embedded one asks about names that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtServer {
    /// Its address.
    pub addr: IpAddr,
    /// True if it comes from the machine's own file: it is asked from the machine then.
    pub from_host: bool,
}

/// A name server as a file names it: the zone of an address that is only valid on one link goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Server {
    addr: IpAddr,
    zone: Option<String>,
}

impl Server {
    /// Source: go `net/netip`, `ParseAddr`: only IPv6 has zones, and none is empty.
    fn parse(text: &str) -> Option<Self> {
        let (addr, zone) = match text.split_once('%') {
            Some((addr, zone)) => (addr, Some(zone)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().ok()?;
        (zone.is_none_or(|z| addr.is_ipv6() && !z.is_empty())).then(|| Self {
            addr,
            zone: zone.map(str::to_owned),
        })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.zone {
            Some(zone) => write!(f, "{}%{zone}", self.addr),
            None => write!(f, "{}", self.addr),
        }
    }
}

/// What a resolv.conf says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvConf {
    /// The machine's file, empty if it has none.
    path: &'static str,
    servers: Vec<Server>,
    /// What stands in a server's place and is no address.
    invalid: Vec<String>,
    search: Vec<String>,
    options: Vec<String>,
    other: Vec<String>,
    overridden: Vec<&'static str>,
    ndots_from: Option<&'static str>,
}

/// Whose `ndots` it is that the engine adds.
const INTERNAL: &str = "internal";

/// The value of an option that is `ndots`, empty if it has none.
fn ndots(option: &str) -> Option<&str> {
    let (name, value) = option.split_once(':').unwrap_or((option, ""));
    (name == "ndots").then_some(value)
}

/// What the user gave to replace the machine's settings; empty leaves them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides<'a> {
    /// Name servers, `--dns`.
    pub servers: &'a [String],
    /// Search domains, `--dns-search`; a single `.` empties the list.
    pub search: &'a [String],
    /// Options, `--dns-option`.
    pub options: &'a [String],
}

impl ResolvConf {
    /// Reads the machine's file. Lines it does not know are carried along.
    pub fn parse(text: &str) -> Self {
        let mut conf = Self {
            path: FILE,
            ..Self::default()
        };
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let Some(keyword) = words.next() else {
                continue;
            };
            if keyword.starts_with(['#', ';']) {
                continue;
            }
            let rest = words.map(str::to_owned);
            match keyword {
                "nameserver" => {
                    for server in rest.take(1) {
                        match Server::parse(&server) {
                            Some(server) => conf.servers.push(server),
                            None => conf.invalid.push(server),
                        }
                    }
                }
                "domain" => conf.search = rest.take(1).collect(),
                "search" => conf.search = rest.collect(),
                "options" => conf.options.extend(rest),
                _ => conf.other.push(line.to_owned()),
            }
        }
        if conf.has_ndots() {
            conf.ndots_from = Some("host");
        }
        conf
    }

    /// Returns the addresses of the name servers.
    pub fn servers(&self) -> impl Iterator<Item = IpAddr> {
        self.servers.iter().map(|server| server.addr)
    }

    /// Returns the search domains.
    pub fn search(&self) -> &[String] {
        &self.search
    }

    /// Puts the user's settings in place of the machine's.
    #[must_use]
    pub fn with(mut self, overrides: Overrides<'_>) -> Self {
        if !overrides.servers.is_empty() {
            self.servers = overrides
                .servers
                .iter()
                .filter_map(|a| Server::parse(a))
                .collect();
            self.overridden.push("nameservers");
        }
        if !overrides.search.is_empty() {
            self.search = overrides
                .search
                .iter()
                .filter(|d| *d != ".")
                .cloned()
                .collect();
            self.overridden.push("search");
        }
        if !overrides.options.is_empty() {
            self.options = overrides.options.to_vec();
            self.overridden.push("options");
            self.ndots_from = self.has_ndots().then_some("override");
        }
        self
    }

    /// Returns the file of a container in host mode: the machine's, untouched but for the user's settings.
    pub fn plain(&self) -> String {
        self.text(&self.servers, &self.options, self.ndots_from, "", &[])
    }

    /// Returns the file of a container without embedded DNS: loopback servers are left out, since they mean the
    /// machine's, and public ones stand in if none remain.
    pub fn legacy(&self, ipv6: bool) -> String {
        if self.overridden.contains(&"nameservers") {
            return self.text(
                &self.servers,
                &self.options,
                self.ndots_from,
                " (legacy)",
                &[],
            );
        }
        let usable = |s: &&Server| !s.addr.is_loopback() && (ipv6 || s.addr.is_ipv4());
        let mut servers: Vec<Server> = self.servers.iter().filter(usable).cloned().collect();
        let mut notes = Vec::new();
        if servers.is_empty() {
            let defaults = DEFAULT_SERVERS_V4
                .iter()
                .chain(DEFAULT_SERVERS_V6.iter().filter(|_| ipv6));
            servers = defaults.filter_map(|a| Server::parse(a)).collect();
            notes.push("# Used default nameservers.".to_owned());
        }
        self.text(
            &servers,
            &self.options,
            self.ndots_from,
            " (legacy)",
            &notes,
        )
    }

    /// Returns the file of a container with embedded DNS, and the servers that it asks in turn.
    pub fn internal(&self) -> (String, Vec<ExtServer>) {
        let from_host = !self.overridden.contains(&"nameservers");
        let mut ext: Vec<ExtServer> = self
            .servers
            .iter()
            .map(|server| ExtServer {
                addr: server.addr,
                from_host,
            })
            .collect();
        let (options, ndots_from) = self.options_with_ndots();
        let note = if ext.is_empty() {
            "# NO EXTERNAL NAMESERVERS DEFINED".to_owned()
        } else {
            let shown: Vec<_> = self
                .servers
                .iter()
                .map(|server| match from_host {
                    true => format!("host({server})"),
                    false => server.to_string(),
                })
                .collect();
            format!("# ExtServers: [{}]", shown.join(" "))
        };
        // The server does not ask itself, though it is told of here.
        ext.retain(|s| s.addr.to_string() != EMBEDDED_SERVER);
        let embedded: Vec<Server> = Server::parse(EMBEDDED_SERVER).into_iter().collect();
        (
            self.text(
                &embedded,
                &options,
                Some(ndots_from),
                " (internal resolver)",
                &[note],
            ),
            ext,
        )
    }

    /// Returns whether the `ndots` in force comes from the user or the machine rather than from the engine.
    pub fn ndots_is_given(&self) -> bool {
        self.options_with_ndots().1 != INTERNAL
    }

    /// Adds `ndots:0` unless a valid one is there; invalid ones go. Says where the one in force comes from.
    fn options_with_ndots(&self) -> (Vec<String>, &'static str) {
        let valid = |o: &&String| ndots(o).is_none_or(|n| n.parse::<u32>().is_ok());
        let mut options: Vec<String> = self.options.iter().filter(valid).cloned().collect();
        match self.ndots_from {
            Some(from) if options.iter().any(|o| ndots(o).is_some()) => (options, from),
            _ => {
                options.push("ndots:0".to_owned());
                (options, INTERNAL)
            }
        }
    }

    /// Returns whether there is an `ndots`, valid or not.
    fn has_ndots(&self) -> bool {
        self.options.iter().any(|o| ndots(o).is_some())
    }

    fn text(
        &self,
        servers: &[Server],
        options: &[String],
        ndots_from: Option<&str>,
        form: &str,
        notes: &[String],
    ) -> String {
        let mut text = String::from(
            "# Generated by Docker Engine.\n\
             # This file can be edited; Docker Engine will not make further changes once it\n\
             # has been modified.\n\n",
        );
        for server in servers {
            let _ = writeln!(text, "nameserver {server}");
        }
        if !self.search.is_empty() {
            let _ = writeln!(text, "search {}", self.search.join(" "));
        }
        if !options.is_empty() {
            let _ = writeln!(text, "options {}", options.join(" "));
        }
        for line in &self.other {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "\n# Based on host file: '{}'{form}", self.path);
        for note in notes {
            let _ = writeln!(text, "{note}");
        }
        if !self.invalid.is_empty() {
            let invalid = self.invalid.join(" ");
            let _ = writeln!(text, "# Invalid nameservers: [{invalid}]");
        }
        let _ = writeln!(text, "# Overrides: [{}]", self.overridden.join(" "));
        if let Some(from) = ndots_from {
            let _ = writeln!(text, "# Option ndots from: {from}");
        }
        text
    }
}

/// Rejects what is not a search domain; `.` is the empty list. Source: moby `opts/opts.go`,
/// `ValidateDNSSearch`.
pub fn search_domain(text: &str) -> Result<(), String> {
    let domain = text.trim();
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let valid = domain == "."
        || (domain.len() <= 255
            && domain.chars().any(|c| c.is_ascii_alphabetic())
            && domain
                .strip_suffix('.')
                .unwrap_or(domain)
                .split('.')
                .all(label));
    match valid {
        true => Ok(()),
        false => Err(format!("{domain} is not a valid domain")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "# Generated by Docker Engine.\n\
        # This file can be edited; Docker Engine will not make further changes once it\n\
        # has been modified.\n\n";

    fn body(text: &str) -> &str {
        text.strip_prefix(HEAD).unwrap()
    }

    #[test]
    fn embedded_dns_hides_the_servers_and_adds_ndots() {
        let (text, ext) = ResolvConf::parse(
            "search example.test corp.test\nnameserver 192.168.1.1\noptions timeout:2\n",
        )
        .internal();
        assert_eq!(
            body(&text),
            "nameserver 127.0.0.11\nsearch example.test corp.test\noptions timeout:2 ndots:0\n\n\
             # Based on host file: '/etc/resolv.conf' (internal resolver)\n# ExtServers: [host(192.168.1.1)]\n\
             # Overrides: []\n# Option ndots from: internal\n"
        );
        assert_eq!(
            ext,
            [ExtServer {
                addr: "192.168.1.1".parse().unwrap(),
                from_host: true
            }]
        );
    }

    #[test]
    fn a_given_ndots_stays_and_a_wrong_one_goes() {
        let of = |text: &str| ResolvConf::parse(text).internal().0;
        let text = of("nameserver 1.1.1.1\noptions ndots:5 rotate\n");
        assert!(
            text.contains("options ndots:5 rotate\n") && text.contains("ndots from: host"),
            "{text}"
        );
        let text = of("options ndots:-1 foo:bar ndots ndots:\n");
        assert!(
            text.contains("options foo:bar ndots:0\n") && text.contains("ndots from: internal"),
            "{text}"
        );
        assert!(
            text.contains("# NO EXTERNAL NAMESERVERS DEFINED\n"),
            "{text}"
        );
        let options = ["ndots:1".to_owned()];
        let text = ResolvConf::parse("")
            .with(Overrides {
                options: &options,
                ..Overrides::default()
            })
            .internal()
            .0;
        assert!(
            text.contains("# Overrides: [options]\n# Option ndots from: override\n"),
            "{text}"
        );
    }

    #[test]
    fn the_default_bridge_gets_no_loopback_server() {
        let host = "domain lan.test\nnameserver 127.0.0.1\nnameserver 192.168.1.1\nnameserver fd00:1::53\n";
        assert_eq!(
            body(&ResolvConf::parse(host).legacy(false)),
            "nameserver 192.168.1.1\nsearch lan.test\n\n# Based on host file: '/etc/resolv.conf' (legacy)\n# Overrides: []\n"
        );
        assert_eq!(
            body(&ResolvConf::parse("nameserver 127.0.0.53").legacy(false)),
            "nameserver 8.8.8.8\nnameserver 8.8.4.4\n\n# Based on host file: '/etc/resolv.conf' (legacy)\n\
             # Used default nameservers.\n# Overrides: []\n"
        );
    }

    #[test]
    fn the_users_servers_are_asked_from_the_container() {
        let servers = ["192.168.1.1".to_owned()];
        let search = [".".to_owned()];
        let conf = ResolvConf::parse("search a.test\nnameserver 10.0.0.1").with(Overrides {
            servers: &servers,
            search: &search,
            options: &[],
        });
        let (text, _) = conf.internal();
        assert!(
            text.contains("# ExtServers: [192.168.1.1]\n# Overrides: [nameservers search]\n"),
            "{text}"
        );
        assert!(!text.contains("a.test"), "{text}");
    }

    #[test]
    fn what_is_no_address_is_told() {
        let text = "nameserver nonsense\nnameserver\nnameserver 10.0.0.1\n";
        let (text, ext) = ResolvConf::parse(text).internal();
        assert!(text.contains("# ExtServers: [host(10.0.0.1)]\n# Invalid nameservers: [nonsense]\n# Overrides: []\n"), "{text}");
        assert_eq!(ext.len(), 1);
    }
}
