//! Settings that an inner block takes over from the outer one.

use super::values::{seconds, size, time};
use super::{COMBINED, Config};
use crate::server::nginx::syntax::{ConfigError, Directive};
use kernel::time::Duration;
use std::net::IpAddr;

/// Where an access log goes, and its format.
pub(in crate::server::nginx) type AccessLog = (String, String);

/// Settings that an inner block takes over from the outer one.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) struct Scope {
    pub(in crate::server::nginx) root: String,
    pub(in crate::server::nginx) index: Vec<String>,
    pub(in crate::server::nginx) autoindex: bool,
    pub(in crate::server::nginx) default_type: String,
    pub(in crate::server::nginx) error_pages: Vec<ErrorPage>,
    /// Name, value, and whether errors get it too.
    pub(in crate::server::nginx) add_headers: Vec<(String, String, bool)>,
    pub(in crate::server::nginx) access_logs: Vec<AccessLog>,
    pub(in crate::server::nginx) max_body: u64,
    pub(in crate::server::nginx) proxy_headers: Vec<(String, String)>,
    pub(in crate::server::nginx) proxy_hidden: Vec<String>,
    pub(in crate::server::nginx) intercepts: bool,
    pub(in crate::server::nginx) connect_timeout: Duration,
    pub(in crate::server::nginx) read_timeout: Duration,
    pub(in crate::server::nginx) resolver: Vec<IpAddr>,
    /// What is kept of answers of the resolver, instead of what it says itself.
    pub(in crate::server::nginx) resolver_valid: Option<Duration>,
    /// Whether who comes from there may enter; the first that fits counts.
    pub(in crate::server::nginx) access: Vec<(bool, Option<(IpAddr, u8)>)>,
    pub(in crate::server::nginx) tokens: bool,
}

/// `error_page`.
#[derive(Debug, Clone)]
pub(in crate::server::nginx) struct ErrorPage {
    pub(in crate::server::nginx) codes: Vec<u16>,
    /// The status that is sent: another one, or that of the page itself for 0.
    pub(in crate::server::nginx) status: Option<u16>,
    pub(in crate::server::nginx) uri: String,
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
    pub(super) fn scope(&self, outer: &Scope, inside: &[Directive]) -> Result<Scope, ConfigError> {
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
