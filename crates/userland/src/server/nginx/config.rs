//! What a configuration means: servers, locations, upstreams, and the settings that they inherit.

use super::syntax::{self, ConfigError, Directive};
use crate::text::regex::Regex;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The format `combined`.
const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// Where an access log goes, and its format.
pub(super) type AccessLog = (String, String);

/// Settings that an inner block takes over from the outer one.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) root: String,
    pub(super) index: Vec<String>,
    pub(super) autoindex: bool,
    pub(super) default_type: String,
    pub(super) error_pages: Vec<ErrorPage>,
    /// Name, value, and whether errors get it too.
    pub(super) add_headers: Vec<(String, String, bool)>,
    pub(super) access_logs: Vec<AccessLog>,
    pub(super) max_body: u64,
    pub(super) proxy_headers: Vec<(String, String)>,
    pub(super) proxy_hidden: Vec<String>,
    pub(super) intercepts: bool,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) resolver: Vec<IpAddr>,
    /// What is kept of answers of the resolver, instead of what it says itself.
    pub(super) resolver_valid: Option<Duration>,
    /// Whether who comes from there may enter; the first that fits counts.
    pub(super) access: Vec<(bool, Option<(IpAddr, u8)>)>,
    pub(super) tokens: bool,
}

/// `error_page`.
#[derive(Debug, Clone)]
pub(super) struct ErrorPage {
    pub(super) codes: Vec<u16>,
    /// The status that is sent: another one, or that of the page itself for 0.
    pub(super) status: Option<u16>,
    pub(super) uri: String,
}

/// A step of rewriting.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Set(String, String),
    Rewrite {
        pattern: Regex,
        to: String,
        flag: String,
    },
    Return {
        status: u16,
        text: String,
    },
    Break,
    If {
        condition: Vec<String>,
        pattern: Option<Regex>,
        steps: Vec<Self>,
    },
}

/// What a location's path has to be.
#[derive(Debug, Clone)]
pub(super) enum Match {
    Exact,
    Prefix,
    /// `^~`: no expression is tried after it.
    Firm,
    Pattern(Regex),
    Named,
}

/// `proxy_pass`.
#[derive(Debug, Clone)]
pub(super) struct Proxy {
    /// What follows `http://`.
    pub(super) to: String,
    /// The group of servers, if it is known without looking at the request.
    pub(super) upstream: Option<usize>,
}

/// A `location`; a server is one too, for what stands in none.
#[derive(Debug, Clone)]
pub(super) struct Location {
    pub(super) name: String,
    pub(super) kind: Match,
    pub(super) scope: Scope,
    pub(super) alias: Option<String>,
    pub(super) steps: Vec<Step>,
    pub(super) try_files: Vec<String>,
    pub(super) proxy: Option<Proxy>,
    pub(super) internal: bool,
    pub(super) stub_status: bool,
    pub(super) inner: Vec<Self>,
}

/// A `server`.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Addresses, each with whether this server is the one for unknown names there.
    pub(super) listen: Vec<(SocketAddr, bool)>,
    pub(super) names: Vec<String>,
    pub(super) own: Location,
}

/// A group of servers: that of an `upstream`, or one host.
#[derive(Debug, Clone)]
pub(super) struct Upstream {
    pub(super) name: String,
    pub(super) peers: Vec<Peer>,
}

/// One host of an [`Upstream`].
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) backup: bool,
    pub(super) down: bool,
    pub(super) weight: usize,
    /// As the error about its name shows it.
    pub(super) shown: String,
    pub(super) place: String,
    /// Its addresses, as they were when nginx started.
    pub(super) addresses: Vec<SocketAddr>,
}

/// `map`.
#[derive(Debug, Clone)]
pub(super) struct Map {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cases: Vec<(String, Option<Regex>, String)>,
}

/// All of it.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) servers: Vec<Server>,
    pub(super) upstreams: Vec<Upstream>,
    pub(super) maps: Vec<Map>,
    pub(super) error_log: String,
    /// Whether notices are logged.
    pub(super) notices: bool,
    pub(super) workers: usize,
    pub(super) daemon: bool,
    /// The files that were read, for `-T`.
    pub(super) files: Vec<(String, String)>,
    formats: Vec<(String, String)>,
}

impl Default for Scope {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self {
            root: "/usr/share/nginx/html".into(),
            index: vec!["index.html".into()],
            autoindex: false,
            default_type: "text/plain".into(),
            error_pages: Vec::new(),
            add_headers: Vec::new(),
            access_logs: vec![("/var/log/nginx/access.log".into(), COMBINED.into())],
            max_body: 1 << 20,
            proxy_headers: Vec::new(),
            proxy_hidden: Vec::new(),
            intercepts: false,
            connect_timeout: minute,
            read_timeout: minute,
            resolver: Vec::new(),
            resolver_valid: None,
            access: Vec::new(),
            tokens: true,
        }
    }
}

impl Config {
    /// Reads the configuration, with the directives of `-g` before it.
    pub(super) fn load(sys: &Sys, path: &str, globals: &str) -> Result<Self, ConfigError> {
        let (all, files) = syntax::load(sys, path, globals)?;
        let mut config = Self {
            servers: Vec::new(),
            upstreams: Vec::new(),
            maps: Vec::new(),
            error_log: "/var/log/nginx/error.log".into(),
            notices: false,
            workers: 1,
            daemon: true,
            files,
            formats: vec![("combined".into(), COMBINED.into())],
        };
        for d in &all {
            match d.word(0) {
                "error_log" => {
                    d.word(1).clone_into(&mut config.error_log);
                    config.notices = matches!(d.word(2), "notice" | "info" | "debug");
                }
                "worker_processes" => config.workers = d.word(1).parse().unwrap_or(1).clamp(1, 64),
                "daemon" => config.daemon = d.word(1) != "off",
                _ => {}
            }
        }
        for http in all.iter().filter(|d| d.word(0) == "http") {
            config.http(http)?;
        }
        syntax::check_variables(&all)?;
        Ok(config)
    }

    fn http(&mut self, http: &Directive) -> Result<(), ConfigError> {
        for d in &http.inside {
            match d.word(0) {
                "log_format" => {
                    let text = d
                        .args()
                        .iter()
                        .skip(1)
                        .filter(|w| !w.starts_with("escape="));
                    self.formats
                        .push((d.word(1).to_owned(), text.cloned().collect()));
                }
                "upstream" => {
                    let upstream = upstream(d)?;
                    self.upstreams.push(upstream);
                }
                "map" => self.maps.push(map(d)?),
                _ => {}
            }
        }
        let scope = self.scope(&Scope::default(), &http.inside)?;
        for d in http.inside.iter().filter(|d| d.word(0) == "server") {
            let server = self.server(d, &scope)?;
            self.servers.push(server);
        }
        Ok(())
    }

    fn server(&mut self, d: &Directive, outer: &Scope) -> Result<Server, ConfigError> {
        let mut listening: Vec<(SocketAddr, bool)> = Vec::new();
        for d in d.inside.iter().filter(|d| d.word(0) == "listen") {
            let addr = listen(d)?;
            if listening.iter().any(|(known, _)| *known == addr) {
                return Err(d.error(&format!("a duplicate listen {addr}")));
            }
            listening.push((addr, d.words.iter().any(|w| w == "default_server")));
        }
        if listening.is_empty() {
            listening.push((
                SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 80),
                false,
            ));
        }
        let names = d.inside.iter().filter(|d| d.word(0) == "server_name");
        Ok(Server {
            listen: listening,
            names: names.flat_map(|d| d.args().to_vec()).collect(),
            own: self.location(d, "", Match::Prefix, outer)?,
        })
    }

    fn location(
        &mut self,
        d: &Directive,
        name: &str,
        kind: Match,
        outer: &Scope,
    ) -> Result<Location, ConfigError> {
        let scope = self.scope(outer, &d.inside)?;
        let mut location = Location {
            name: name.to_owned(),
            kind,
            alias: None,
            steps: steps(&d.inside)?,
            try_files: Vec::new(),
            proxy: None,
            internal: false,
            stub_status: false,
            inner: Vec::new(),
            scope,
        };
        for d in &d.inside {
            match d.word(0) {
                "alias" => location.alias = Some(d.word(1).to_owned()),
                "try_files" => location.try_files = d.args().to_vec(),
                "internal" => location.internal = true,
                "stub_status" => location.stub_status = true,
                "proxy_pass" => location.proxy = Some(self.proxy(d)?),
                "location" => {
                    let (kind, name) = matching(d)?;
                    let inner = self.location(d, &name, kind, &location.scope)?;
                    location.inner.push(inner);
                }
                _ => {}
            }
        }
        Ok(location)
    }

    fn scope(&self, outer: &Scope, inside: &[Directive]) -> Result<Scope, ConfigError> {
        let mut scope = outer.clone();
        let (mut pages, mut headers, mut proxied) = (Vec::new(), Vec::new(), Vec::new());
        let (mut logs, mut access, mut logged) = (Vec::new(), Vec::new(), false);
        for d in inside {
            let first = d.word(1);
            match d.word(0) {
                "root" => first.clone_into(&mut scope.root),
                "index" => scope.index = d.args().to_vec(),
                "autoindex" => scope.autoindex = first == "on",
                "default_type" => first.clone_into(&mut scope.default_type),
                "server_tokens" => scope.tokens = first != "off",
                "proxy_intercept_errors" => scope.intercepts = first == "on",
                "proxy_connect_timeout" => scope.connect_timeout = time(d)?,
                "proxy_read_timeout" => scope.read_timeout = time(d)?,
                "proxy_hide_header" => scope.proxy_hidden.push(first.to_ascii_lowercase()),
                "client_max_body_size" => {
                    let size = size(first).ok_or_else(|| {
                        d.error("\"client_max_body_size\" directive invalid value")
                    })?;
                    scope.max_body = if size == 0 { u64::MAX } else { size };
                }
                "resolver" => {
                    let servers = d.args().iter();
                    scope.resolver = servers
                        .filter_map(|w| w.split(':').next()?.parse().ok())
                        .collect();
                    let valid = d
                        .args()
                        .iter()
                        .find_map(|w| seconds(w.strip_prefix("valid=")?));
                    scope.resolver_valid = valid;
                }
                "error_page" => pages.push(error_page(d)),
                "add_header" => {
                    let always = d.word(3) == "always";
                    headers.push((first.to_owned(), d.word(2).to_owned(), always));
                }
                "proxy_set_header" => proxied.push((first.to_owned(), d.word(2).to_owned())),
                "allow" | "deny" => {
                    let allows = d.word(0) == "allow";
                    let (ip, bits) = first.split_once('/').unwrap_or((first, ""));
                    let net = ip.parse().ok().map(|ip: IpAddr| {
                        (
                            ip,
                            bits.parse().unwrap_or(if ip.is_ipv4() { 32 } else { 128 }),
                        )
                    });
                    if net.is_none() && first != "all" {
                        return Err(d.error(&format!("invalid parameter \"{first}\"")));
                    }
                    access.push((allows, net));
                }
                "access_log" => {
                    logged = true;
                    if first != "off" {
                        let name = Some(d.word(2))
                            .filter(|w| !w.is_empty())
                            .unwrap_or("combined");
                        let format = self.formats.iter().find(|(known, _)| known == name);
                        let format = format
                            .ok_or_else(|| d.error(&format!("unknown log format \"{name}\"")))?;
                        logs.push((first.to_owned(), format.1.clone()));
                    }
                }
                _ => {}
            }
        }
        if !pages.is_empty() {
            scope.error_pages = pages;
        }
        if !headers.is_empty() {
            scope.add_headers = headers;
        }
        if !proxied.is_empty() {
            scope.proxy_headers = proxied;
        }
        if !access.is_empty() {
            scope.access = access;
        }
        if logged {
            scope.access_logs = logs;
        }
        Ok(scope)
    }

    fn proxy(&mut self, d: &Directive) -> Result<Proxy, ConfigError> {
        let text = d.word(1);
        let Some(to) = text.strip_prefix("http://") else {
            return Err(d.error(&if text.starts_with("https://") {
                crate::not_modelled!("nginx", "proxy_pass https://")
            } else {
                "invalid URL prefix".to_owned()
            }));
        };
        let (authority, _) = split_target(to);
        let known = self.upstreams.iter().position(|u| u.name == authority);
        let upstream = match known {
            _ if authority.contains('$') => None,
            Some(at) => Some(at),
            None => {
                let mut peer = peer(authority, d)?;
                peer.shown.clone_from(&peer.host);
                self.upstreams.push(Upstream {
                    name: authority.to_owned(),
                    peers: vec![peer],
                });
                Some(self.upstreams.len() - 1)
            }
        };
        Ok(Proxy {
            to: to.to_owned(),
            upstream,
        })
    }
}

/// Host and port on the one hand, path on the other.
pub(super) fn split_target(to: &str) -> (&str, &str) {
    to.find('/').map_or((to, ""), |at| to.split_at(at))
}

fn peer(text: &str, d: &Directive) -> Result<Peer, ConfigError> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (text, Some(80)),
    };
    let port = port.ok_or_else(|| d.error(&format!("invalid port in upstream \"{text}\"")))?;
    let has = |word: &str| d.words.iter().any(|w| w == word);
    let weight = d
        .words
        .iter()
        .find_map(|w| w.strip_prefix("weight=")?.parse().ok());
    Ok(Peer {
        host: host.to_owned(),
        port,
        backup: has("backup"),
        down: has("down"),
        weight: weight.unwrap_or(1),
        shown: text.to_owned(),
        place: d.place(),
        addresses: Vec::new(),
    })
}

fn upstream(d: &Directive) -> Result<Upstream, ConfigError> {
    let servers = d.inside.iter().filter(|d| d.word(0) == "server");
    let peers = servers
        .map(|d| peer(d.word(1), d))
        .collect::<Result<Vec<_>, _>>()?;
    if peers.is_empty() {
        return Err(d.error("no servers are inside upstream"));
    }
    Ok(Upstream {
        name: d.word(1).to_owned(),
        peers,
    })
}

fn map(d: &Directive) -> Result<Map, ConfigError> {
    let mut cases = Vec::new();
    for case in &d.inside {
        let text = case.word(0);
        let pattern = match text.strip_prefix("~*") {
            Some(pattern) => Some(regex(pattern, true, case)?),
            None => text
                .strip_prefix('~')
                .map(|pattern| regex(pattern, false, case))
                .transpose()?,
        };
        cases.push((text.to_owned(), pattern, case.word(1).to_owned()));
    }
    let to = d.word(2).trim_start_matches('$').to_owned();
    Ok(Map {
        from: d.word(1).to_owned(),
        to,
        cases,
    })
}

fn regex(pattern: &str, ignore_case: bool, d: &Directive) -> Result<Regex, ConfigError> {
    Regex::perl(pattern, ignore_case)
        .map_err(|why| d.error(&format!("pcre2_compile() failed: {why} in \"{pattern}\"")))
}

fn matching(d: &Directive) -> Result<(Match, String), ConfigError> {
    let (modifier, name) = match d.args() {
        [modifier, name] => (modifier.as_str(), name.clone()),
        _ => ("", d.word(1).to_owned()),
    };
    let kind = match modifier {
        "=" => Match::Exact,
        "^~" => Match::Firm,
        "~" | "~*" => Match::Pattern(regex(&name, modifier == "~*", d)?),
        "" if name.starts_with('@') => Match::Named,
        "" => Match::Prefix,
        other => return Err(d.error(&format!("invalid location modifier \"{other}\""))),
    };
    Ok((kind, name))
}

fn steps(inside: &[Directive]) -> Result<Vec<Step>, ConfigError> {
    let mut out = Vec::new();
    for d in inside {
        match d.word(0) {
            "set" => {
                let name = d.word(1).strip_prefix('$');
                let name = name
                    .ok_or_else(|| d.error(&format!("invalid variable name \"{}\"", d.word(1))))?;
                out.push(Step::Set(name.to_owned(), d.word(2).to_owned()));
            }
            "rewrite" => out.push(Step::Rewrite {
                pattern: regex(d.word(1), false, d)?,
                to: d.word(2).to_owned(),
                flag: d.word(3).to_owned(),
            }),
            "break" => out.push(Step::Break),
            "return" => {
                let code = d.word(1).parse::<u16>().ok();
                out.push(Step::Return {
                    status: code.unwrap_or(302),
                    text: d.word(if code.is_some() { 2 } else { 1 }).to_owned(),
                });
            }
            "if" => {
                let whole = d.args().join("\u{0}");
                let inner = whole.strip_prefix('(').and_then(|w| w.strip_suffix(')'));
                let inner = inner
                    .ok_or_else(|| d.error(&format!("invalid condition \"{}\"", d.word(1))))?;
                let condition: Vec<String> = inner
                    .split('\u{0}')
                    .filter(|w| !w.is_empty())
                    .map(str::to_owned)
                    .collect();
                let pattern = match condition.as_slice() {
                    [_, operator, pattern] if operator.contains('~') => {
                        Some(regex(pattern, operator.ends_with('*'), d)?)
                    }
                    _ => None,
                };
                out.push(Step::If {
                    condition,
                    pattern,
                    steps: steps(&d.inside)?,
                });
            }
            _ => {}
        }
    }
    Ok(out)
}

fn error_page(d: &Directive) -> ErrorPage {
    let mut page = ErrorPage {
        codes: Vec::new(),
        status: None,
        uri: String::new(),
    };
    for word in d.args() {
        match (word.parse(), word.strip_prefix('=')) {
            (Ok(code), _) => page.codes.push(code),
            (_, Some(status)) => page.status = Some(status.parse().unwrap_or(0)),
            _ => page.uri.clone_from(word),
        }
    }
    page
}

/// A time such as `500ms`, `2s`, `1m`.
fn seconds(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    );
    let n: u64 = digits.parse().ok()?;
    match unit {
        "" | "s" => Some(Duration::from_secs(n)),
        "ms" => Some(Duration::from_millis(n)),
        "m" => Some(Duration::from_secs(n * 60)),
        "h" => Some(Duration::from_secs(n * 3600)),
        _ => None,
    }
}

fn time(d: &Directive) -> Result<Duration, ConfigError> {
    seconds(d.word(1)).ok_or_else(|| d.error(&format!("\"{}\" directive invalid value", d.word(0))))
}

/// A size such as `10m`.
fn size(text: &str) -> Option<u64> {
    let (digits, unit) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    );
    let n: u64 = digits.parse().ok()?;
    match unit {
        "" => Some(n),
        "k" | "K" => Some(n << 10),
        "m" | "M" => Some(n << 20),
        "g" | "G" => Some(n << 30),
        _ => None,
    }
}

fn listen(d: &Directive) -> Result<SocketAddr, ConfigError> {
    let text = d.word(1);
    if d.words
        .iter()
        .any(|w| matches!(w.as_str(), "ssl" | "quic" | "proxy_protocol"))
    {
        return Err(d.error(&crate::not_modelled!("nginx", "listen ssl")));
    }
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let port = text.parse().ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| {
            d.error(&format!(
                "invalid port in \"{text}\" of the \"listen\" directive"
            ))
        })?;
        return Ok(SocketAddr::new(any, port));
    }
    if let Ok(addr) = text
        .replace("*:", "0.0.0.0:")
        .replace("localhost:", "127.0.0.1:")
        .parse()
    {
        return Ok(addr);
    }
    let ip = text.trim_matches(['[', ']']).parse().ok();
    ip.map(|ip| SocketAddr::new(ip, 80)).ok_or_else(|| {
        d.error(&format!(
            "host not found in \"{text}\" of the \"listen\" directive"
        ))
    })
}

impl Location {
    /// The location for a path among the inner ones; this one if none fits. The groups of the expression that matched come
    /// with it.
    pub(super) fn inner_for(&self, path: &str) -> (&Self, Vec<String>) {
        let exact = self
            .inner
            .iter()
            .find(|l| matches!(l.kind, Match::Exact) && l.name == path);
        if let Some(exact) = exact {
            return (exact, Vec::new());
        }
        let is_prefix =
            |l: &&Self| matches!(l.kind, Match::Prefix | Match::Firm) && path.starts_with(&l.name);
        let longest = self
            .inner
            .iter()
            .filter(is_prefix)
            .max_by_key(|l| l.name.len());
        let firm = longest.is_some_and(|l| matches!(l.kind, Match::Firm));
        let deeper = longest.map(|l| l.inner_for(path));
        if let Some((found, groups)) = &deeper
            && matches!(found.kind, Match::Exact | Match::Pattern(_))
        {
            return (found, groups.clone());
        }
        for location in self.inner.iter().filter(|_| !firm) {
            if let Match::Pattern(pattern) = &location.kind
                && let Some(groups) = groups(pattern, path)
            {
                let (found, more) = location.inner_for(path);
                return (found, if more.is_empty() { groups } else { more });
            }
        }
        deeper.unwrap_or((self, Vec::new()))
    }

    /// The location of that name that starts with `@`.
    pub(super) fn named(&self, name: &str) -> Option<&Self> {
        self.inner
            .iter()
            .find(|l| matches!(l.kind, Match::Named) && l.name == name)
    }
}

/// What matched as a whole, and its groups.
pub(super) fn groups(pattern: &Regex, text: &str) -> Option<Vec<String>> {
    let found = pattern.groups_at(text, 0)?;
    let part = |bounds: &Option<(usize, usize)>| {
        bounds
            .and_then(|(from, to)| text.get(from..to))
            .unwrap_or_default()
            .to_owned()
    };
    Some(found.iter().map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(name: &str, kind: Match, inner: Vec<Location>) -> Location {
        Location {
            name: name.to_owned(),
            kind,
            scope: Scope::default(),
            alias: None,
            steps: Vec::new(),
            try_files: Vec::new(),
            proxy: None,
            internal: false,
            stub_status: false,
            inner,
        }
    }

    #[test]
    fn exact_comes_before_expressions_and_those_before_prefixes() {
        let pattern = |p: &str| Match::Pattern(Regex::perl(p, false).unwrap());
        let server = location(
            "",
            Match::Prefix,
            vec![
                location("/", Match::Prefix, Vec::new()),
                location("/api/", Match::Prefix, Vec::new()),
                location("/img/", Match::Firm, Vec::new()),
                location("(.+)\\.png$", pattern("(.+)\\.png$"), Vec::new()),
                location("/a.png", Match::Exact, Vec::new()),
            ],
        );
        let found = |path: &str| server.inner_for(path).0.name.clone();
        assert_eq!(found("/a.png"), "/a.png");
        assert_eq!(found("/api/x"), "/api/");
        assert_eq!(found("/api/x.png"), "(.+)\\.png$");
        assert_eq!(found("/img/x.png"), "/img/");
        assert_eq!(server.inner_for("/b.png").1, ["/b.png", "/b"]);
    }
}
