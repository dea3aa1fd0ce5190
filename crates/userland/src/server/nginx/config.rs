//! nginx's configuration language, and the few directives that are understood of it.

use kernel::Errno;
use kernel::sys::Sys;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// A directive with its words and, for a block, what is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Directive {
    words: Vec<String>,
    inside: Vec<Self>,
    file: String,
    line: usize,
}

/// A configuration error, as nginx words it after `[emerg] `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConfigError(pub(super) String);

/// What a location does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Files below a directory.
    Files { root: String, index: Vec<String> },
    /// A fixed answer.
    Return { status: u16, text: String },
    /// Another server answers.
    Proxy {
        host: String,
        port: u16,
        target: String,
        place: String,
    },
}

/// A `location`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) prefix: String,
    pub(super) exact: bool,
    pub(super) action: Action,
}

/// A `server`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) listen: Vec<SocketAddr>,
    pub(super) names: Vec<String>,
    pub(super) locations: Vec<Location>,
}

/// All that is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) servers: Vec<Server>,
    pub(super) error_log: String,
    pub(super) access_log: Option<String>,
    pub(super) workers: usize,
    pub(super) daemon: bool,
}

/// Cuts a text into words, `{`, `}` and `;`, each with its line.
fn tokens(text: &str) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut comment = false;
    let mut escaped = false;
    let mut line = 1;
    for c in text.chars() {
        let at = line;
        line += usize::from(c == '\n');
        if comment {
            comment = c != '\n';
        } else if std::mem::take(&mut escaped) {
            // What else follows a backslash keeps it, as regular expressions need.
            match c {
                'n' => word.push('\n'),
                't' => word.push('\t'),
                'r' => word.push('\r'),
                '"' | '\'' | '\\' => word.push(c),
                _ => word.extend(['\\', c]),
            }
        } else if c == '\\' {
            escaped = true;
        } else if let Some(q) = quote {
            if c == q {
                quote = None;
                out.push((std::mem::take(&mut word), at));
            } else {
                word.push(c);
            }
        } else if word.is_empty() && matches!(c, '"' | '\'') {
            quote = Some(c);
        } else if word.is_empty() && c == '#' {
            comment = true;
        } else if c.is_whitespace() || matches!(c, '{' | '}' | ';') {
            if !word.is_empty() {
                out.push((std::mem::take(&mut word), at));
            }
            if !c.is_whitespace() {
                out.push((c.to_string(), at));
            }
        } else {
            word.push(c);
        }
    }
    out
}

/// How deep blocks and included files may nest. The real server has no limit for blocks; a file that includes itself ends
/// where its process may open no more files.
const MAX_DEPTH: usize = 100;

/// Reads directives up to the end of the file, or of the block if the depth is not 0.
fn parse(
    tokens: &mut std::iter::Peekable<std::vec::IntoIter<(String, usize)>>,
    file: &str,
    depth: usize,
) -> Result<Vec<Directive>, ConfigError> {
    let inner = depth > 0;
    let mut out = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut last = 1;
    while let Some((token, line)) = tokens.next() {
        last = line;
        match token.as_str() {
            ";" => out.push(Directive {
                words: std::mem::take(&mut words),
                inside: Vec::new(),
                file: file.to_owned(),
                line,
            }),
            "{" => {
                if depth == MAX_DEPTH {
                    return Err(ConfigError(format!(
                        "blocks nest too deep in {file}:{line}"
                    )));
                }
                let inside = parse(tokens, file, depth + 1)?;
                out.push(Directive {
                    words: std::mem::take(&mut words),
                    inside,
                    file: file.to_owned(),
                    line,
                });
            }
            "}" if inner && words.is_empty() => return Ok(out),
            "}" => return Err(ConfigError(format!("unexpected \"}}\" in {file}:{line}"))),
            _ => words.push(token),
        }
    }
    if inner || !words.is_empty() {
        let wanted = if words.is_empty() {
            "expecting \"}\""
        } else {
            "expecting \";\" or \"}\""
        };
        return Err(ConfigError(format!(
            "unexpected end of file, {wanted} in {file}:{last}"
        )));
    }
    Ok(out)
}

fn read(sys: &Sys, path: &str, depth: usize) -> Result<Vec<Directive>, ConfigError> {
    if depth == MAX_DEPTH {
        let (number, error) = (Errno::EMFILE.number(), Errno::EMFILE);
        return Err(ConfigError(format!(
            "open() \"{path}\" failed ({number}: {error})"
        )));
    }
    let text = sys
        .read_text(path)
        .map_err(|e| ConfigError(format!("open() \"{path}\" failed ({}: {e})", e.number())))?;
    let directives = parse(&mut tokens(&text).into_iter().peekable(), path, 0)?;
    include(sys, directives, depth)
}

/// Puts included files in the place of `include`.
fn include(
    sys: &Sys,
    directives: Vec<Directive>,
    depth: usize,
) -> Result<Vec<Directive>, ConfigError> {
    let mut out = Vec::new();
    for mut directive in directives {
        directive.inside = include(sys, directive.inside, depth)?;
        let [name, pattern] = directive.words.as_slice() else {
            out.push(directive);
            continue;
        };
        if name != "include" {
            out.push(directive);
        } else if let Some((dir, last)) = pattern
            .rsplit_once('/')
            .filter(|(_, last)| last.contains('*'))
        {
            let (head, tail) = last.split_once('*').unwrap_or((last, ""));
            for entry in sys.read_dir(dir).unwrap_or_default() {
                if entry.name.starts_with(head) && entry.name.ends_with(tail) {
                    out.extend(read(sys, &format!("{dir}/{}", entry.name), depth + 1)?);
                }
            }
        } else if !pattern.ends_with("mime.types") {
            let path = if pattern.starts_with('/') {
                pattern.clone()
            } else {
                format!("/etc/nginx/{pattern}")
            };
            out.extend(read(sys, &path, depth + 1)?);
        }
    }
    Ok(out)
}

impl Config {
    /// Reads the configuration, with the directives of `-g` before it.
    pub(super) fn load(sys: &Sys, path: &str, globals: &str) -> Result<Self, ConfigError> {
        let mut all = parse(
            &mut tokens(globals).into_iter().peekable(),
            "command line",
            0,
        )?;
        all.extend(read(sys, path, 0)?);
        let mut config = Self {
            servers: Vec::new(),
            error_log: "/var/log/nginx/error.log".into(),
            access_log: Some("/var/log/nginx/access.log".into()),
            workers: 1,
            daemon: true,
        };
        for d in &all {
            match d.words.first().map(String::as_str) {
                Some("http") => config.http(d)?,
                Some("error_log") => config.error_log = d.word(1),
                Some("worker_processes") => {
                    config.workers = d.word(1).parse().unwrap_or(1).clamp(1, 64);
                }
                Some("daemon") => config.daemon = d.word(1) != "off",
                Some("user" | "pid" | "events" | "load_module" | "master_process") => {}
                Some(other) => return Err(d.unknown(other)),
                None => {}
            }
        }
        Ok(config)
    }

    fn http(&mut self, http: &Directive) -> Result<(), ConfigError> {
        let mut upstreams = Vec::new();
        for d in &http.inside {
            match d.words.first().map(String::as_str) {
                Some("server") => self.servers.push(Server::read(d, &upstreams)?),
                Some("upstream") => {
                    let first = d
                        .inside
                        .iter()
                        .find(|s| s.word(0) == "server")
                        .map(|s| s.word(1))
                        .unwrap_or_default();
                    upstreams.push((d.word(1), first));
                }
                Some("access_log") => self.access_log = Some(d.word(1)).filter(|w| w != "off"),
                Some("error_log") => self.error_log = d.word(1),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Directive {
    fn word(&self, n: usize) -> String {
        self.words.get(n).cloned().unwrap_or_default()
    }

    fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    fn unknown(&self, name: &str) -> ConfigError {
        ConfigError(format!("unknown directive \"{name}\" in {}", self.place()))
    }
}

impl Server {
    fn read(server: &Directive, upstreams: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut out = Self {
            listen: Vec::new(),
            names: Vec::new(),
            locations: Vec::new(),
        };
        let mut files = (
            "/usr/share/nginx/html".to_owned(),
            vec!["index.html".to_owned()],
        );
        let mut answer = None;
        for d in &server.inside {
            match d.word(0).as_str() {
                "listen" => out.listen.push(listen(d)?),
                "server_name" => out.names = d.words.get(1..).unwrap_or_default().to_vec(),
                "root" => files.0 = d.word(1),
                "index" => files.1 = d.words.get(1..).unwrap_or_default().to_vec(),
                "return" => answer = Some(fixed(d)),
                _ => {}
            }
        }
        for d in server.inside.iter().filter(|d| d.word(0) == "location") {
            out.locations.push(location(d, &files, upstreams)?);
        }
        if let Some(action) = answer {
            out.locations = vec![Location {
                prefix: "/".into(),
                exact: false,
                action,
            }];
        }
        if !out.locations.iter().any(|l| l.prefix == "/") {
            let action = Action::Files {
                root: files.0,
                index: files.1,
            };
            out.locations.push(Location {
                prefix: "/".into(),
                exact: false,
                action,
            });
        }
        if out.listen.is_empty() {
            out.listen
                .push(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 80));
        }
        Ok(out)
    }

    /// The location for a path: an exact one, else the longest prefix.
    pub(super) fn location(&self, path: &str) -> Option<&Location> {
        let exact = self.locations.iter().find(|l| l.exact && l.prefix == path);
        exact.or_else(|| {
            self.locations
                .iter()
                .filter(|l| !l.exact && path.starts_with(&l.prefix))
                .max_by_key(|l| l.prefix.len())
        })
    }
}

fn listen(d: &Directive) -> Result<SocketAddr, ConfigError> {
    let text = d.word(1);
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let parsed = if let Ok(port) = text.parse() {
        Some(SocketAddr::new(any, port))
    } else if let Ok(addr) = text.replace("*:", "0.0.0.0:").parse() {
        Some(addr)
    } else {
        text.trim_matches(['[', ']'])
            .parse()
            .ok()
            .map(|ip| SocketAddr::new(ip, 80))
    };
    parsed.ok_or_else(|| {
        ConfigError(format!(
            "host not found in \"{text}\" of the \"listen\" directive in {}",
            d.place()
        ))
    })
}

fn fixed(d: &Directive) -> Action {
    let status = d.word(1).parse().unwrap_or(302);
    Action::Return {
        status,
        text: if d.word(1).parse::<u16>().is_ok() {
            d.word(2)
        } else {
            d.word(1)
        },
    }
}

fn location(
    d: &Directive,
    files: &(String, Vec<String>),
    upstreams: &[(String, String)],
) -> Result<Location, ConfigError> {
    let words = d.words.get(1..).unwrap_or_default();
    let (modifier, prefix) = match words {
        [prefix] => ("", prefix.clone()),
        [modifier, prefix, ..] => (modifier.as_str(), prefix.clone()),
        [] => {
            return Err(ConfigError(format!(
                "invalid number of arguments in \"location\" directive in {}",
                d.place()
            )));
        }
    };
    if modifier.starts_with('~') {
        return Err(ConfigError(format!(
            "locations by regular expression are not modelled in Drydock, in {}",
            d.place()
        )));
    }
    let (mut root, mut index) = files.clone();
    let mut action = None;
    for d in &d.inside {
        match d.word(0).as_str() {
            "root" => root = d.word(1),
            "alias" => {
                return Err(ConfigError(format!(
                    "\"alias\" is not modelled in Drydock, in {}",
                    d.place()
                )));
            }
            "index" => index = d.words.get(1..).unwrap_or_default().to_vec(),
            "return" => action = Some(fixed(d)),
            "proxy_pass" => action = Some(proxy(d, upstreams)?),
            _ => {}
        }
    }
    Ok(Location {
        prefix,
        exact: modifier == "=",
        action: action.unwrap_or(Action::Files { root, index }),
    })
}

fn proxy(d: &Directive, upstreams: &[(String, String)]) -> Result<Action, ConfigError> {
    let text = d.word(1);
    let rest = text
        .strip_prefix("http://")
        .ok_or_else(|| ConfigError(format!("invalid URL prefix in {}", d.place())))?;
    let (authority, target) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let named = upstreams
        .iter()
        .find(|(name, _)| name == authority)
        .map(|(_, to)| to.as_str());
    let authority = named.unwrap_or(authority);
    let (host, port) = authority
        .rsplit_once(':')
        .map_or((authority, Ok(80)), |(h, p)| (h, p.parse()));
    let port = port.ok().ok_or_else(|| {
        ConfigError(format!(
            "invalid port in upstream \"{authority}\" in {}",
            d.place()
        ))
    })?;
    Ok(Action::Proxy {
        host: host.to_owned(),
        port,
        target: target.to_owned(),
        place: d.place(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_listen_and_locations_match_by_longest_prefix() {
        let text = "server {\n listen 80; # all\n listen [::]:80;\n location / { root '/srv'; }\n location /api/ { proxy_pass http://back:3000; }\n}\n";
        let parsed = parse(&mut tokens(text).into_iter().peekable(), "f", 0).unwrap();
        let server = Server::read(&parsed[0], &[]).unwrap();
        assert_eq!(
            server.listen,
            ["0.0.0.0:80".parse().unwrap(), "[::]:80".parse().unwrap()]
        );
        assert!(
            matches!(&server.location("/api/x").unwrap().action, Action::Proxy { host, port: 3000, .. } if host == "back")
        );
        assert!(
            matches!(&server.location("/x").unwrap().action, Action::Files { root, .. } if root == "/srv")
        );
        let open = parse(
            &mut tokens("server {\n listen 80").into_iter().peekable(),
            "f",
            0,
        );
        assert_eq!(
            open,
            Err(ConfigError(
                "unexpected end of file, expecting \";\" or \"}\" in f:2".into()
            ))
        );
    }

    #[test]
    fn blocks_nest_only_so_deep() {
        let text = "a {".repeat(MAX_DEPTH + 1);
        let parsed = parse(&mut tokens(&text).into_iter().peekable(), "f", 0);
        assert_eq!(
            parsed,
            Err(ConfigError("blocks nest too deep in f:1".into()))
        );
    }
}
