//! A request on its way through the phases: rewriting, location, access, content, error pages; and its variables.

use super::config::{Location, Match, Server, Step, groups, split_target};
use super::page::{Page, media_type};
use super::variables::expand;
use super::worker::Client;
use crate::server::http::{Request, access_time};
use kernel::time::Instant;
use std::net::IpAddr;

/// So often a request may be sent on inside the server. Source: `NGX_HTTP_MAX_URI_CHANGES`.
const MAX_CHANGES: usize = 10;

/// A request being answered.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a Client,
    pub(super) request: &'a Request,
    pub(super) server: &'a Server,
    /// The path as it is now, decoded.
    pub(super) uri: String,
    pub(super) args: String,
    /// The location that it came to.
    pub(super) location: &'a Location,
    /// The groups of the last expression that matched, the whole first.
    pub(super) groups: Vec<String>,
    /// What `set` set.
    pub(super) set: Vec<(String, String)>,
    /// Who was asked, each with the status it gave and how long it took, seconds.
    pub(super) asked: Vec<(String, u16, f64)>,
    pub(super) since: Instant,
    pub(super) internal: bool,
    /// Status and bytes, once it is answered.
    pub(super) result: (u16, usize, usize),
}

/// What a step of rewriting leads to.
enum Turn {
    On,
    /// The path changed, and the location is looked for anew.
    Again,
    /// No further step.
    Stop,
    Answer(Page),
    /// No answer at all: the connection is closed.
    Close,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(client: &'a Client, request: &'a Request, server: &'a Server) -> Self {
        Self {
            client,
            request,
            server,
            uri: request.path(),
            args: request.query().to_owned(),
            location: &server.own,
            groups: Vec::new(),
            set: Vec::new(),
            asked: Vec::new(),
            since: client.sys.now(),
            internal: false,
            result: (0, 0, 0),
        }
    }

    /// A text with the values of its variables.
    pub(super) fn fill(&self, text: &str) -> String {
        if !text.contains('$') {
            return text.to_owned();
        }
        expand(text, &|name| self.variable(name))
    }

    /// The answer; `None` if the connection is to be closed without one.
    pub(super) async fn answer(&mut self) -> Option<Page> {
        let page = self.content(true).await?;
        Some(self.with_error_page(page).await)
    }

    /// Puts the page that `error_page` names in the place of an error.
    async fn with_error_page(&mut self, page: Page) -> Page {
        let scope = &self.location.scope;
        let own = !page.foreign || scope.intercepts;
        let fits = |e: &&super::config::ErrorPage| e.codes.contains(&page.status);
        let found = scope
            .error_pages
            .iter()
            .find(fits)
            .filter(|_| own && page.status >= 300);
        let Some(found) = found.cloned() else {
            return page;
        };
        self.internal = true;
        let uri = self.fill(&found.uri);
        if uri.starts_with("http") {
            let mut moved =
                Page::error(found.status.filter(|s| *s > 0).unwrap_or(302), scope.tokens);
            moved.headers.push(("Location".into(), uri));
            return moved;
        }
        let next = if uri.starts_with('@') {
            let Some(named) = self.server.own.named(&uri) else {
                return page;
            };
            self.location = named;
            Box::pin(self.inside(false)).await
        } else {
            self.go(&uri);
            Box::pin(self.content(false)).await
        };
        match (next, found.status) {
            (Some(next), Some(0)) => next,
            (Some(next), status) if next.status < 400 || next.status == page.status => Page {
                status: status.unwrap_or(page.status),
                reason: None,
                ..next
            },
            // The page itself cannot be given.
            (Some(next), _) if next.status == 404 && page.status != 404 => next,
            _ => page,
        }
    }

    /// Changes path and query.
    fn go(&mut self, uri: &str) {
        let (path, args) = uri.split_once('?').unwrap_or((uri, ""));
        path.clone_into(&mut self.uri);
        args.clone_into(&mut self.args);
        self.internal = true;
    }

    async fn content(&mut self, first: bool) -> Option<Page> {
        let own = &self.server.own;
        self.location = own;
        if first {
            match self.walk(&own.steps) {
                Turn::Answer(page) => return Some(page),
                Turn::Close => return None,
                _ => {}
            }
        }
        for _ in 0..=MAX_CHANGES {
            let (location, groups) = own.inner_for(&self.uri);
            self.location = location;
            if !groups.is_empty() {
                self.groups = groups;
            }
            if location.internal && !self.internal {
                return Some(self.error(404));
            }
            let steps: &'a [Step] = if std::ptr::eq(location, own) {
                &[]
            } else {
                &location.steps
            };
            match self.walk(steps) {
                Turn::Again => continue,
                Turn::Answer(page) => return Some(page),
                Turn::Close => return None,
                Turn::On | Turn::Stop => {}
            }
            return self.inside(true).await;
        }
        self.complain(
            "error",
            &format!(
                "rewrite or internal redirection cycle while processing \"{}\"",
                self.uri
            ),
        )
        .await;
        Some(self.error(500))
    }

    /// What the location that was found gives.
    async fn inside(&mut self, limits: bool) -> Option<Page> {
        let location = self.location;
        let length = self
            .request
            .header("Content-Length")
            .and_then(|l| l.parse().ok())
            .unwrap_or(0u64);
        if limits && length > location.scope.max_body {
            self.complain(
                "error",
                &format!("client intended to send too large body: {length} bytes"),
            )
            .await;
            return Some(self.error(413));
        }
        let fits = |net: &Option<(IpAddr, u8)>| {
            net.is_none_or(|(ip, bits)| within(self.client.from, ip, bits))
        };
        let rule = location.scope.access.iter().find(|(_, net)| fits(net));
        if rule.is_some_and(|(allows, _)| !allows) {
            self.complain("error", "access forbidden by rule").await;
            return Some(self.error(403));
        }
        if let Some((last, tries)) = location.try_files.split_last() {
            let mut found = None;
            for text in tries {
                let name = self.fill(text);
                let file = self.file_of(&name);
                let wants_dir = name.ends_with('/');
                if self.client.sys.exists(&file) && self.client.sys.is_dir(&file) == wants_dir {
                    found = Some(name);
                    break;
                }
            }
            match found {
                Some(name) => self.uri = name,
                None => {
                    let last = self.fill(last);
                    if let Some(code) = last.strip_prefix('=') {
                        return Some(self.error(code.parse().unwrap_or(404)));
                    }
                    if last.starts_with('@') {
                        let Some(named) = self.server.own.named(&last) else {
                            return Some(self.error(500));
                        };
                        self.location = named;
                        return Box::pin(self.inside(false)).await;
                    }
                    self.go(&last);
                    return Box::pin(self.content(false)).await;
                }
            }
        }
        if self.location.stub_status {
            let n = self.client.number;
            let text = format!(
                "Active connections: 1 \nserver accepts handled requests\n {n} {n} {n} \nReading: 0 Writing: 1 Waiting: 0 \n"
            );
            return Some(Page::text(200, "text/plain", text.into_bytes()));
        }
        if self.location.proxy.is_some() {
            return Some(self.pass().await);
        }
        match self.file().await {
            Ok(page) => Some(page),
            Err(index) => {
                self.go(&index);
                Box::pin(self.content(false)).await
            }
        }
    }

    /// nginx's page for a status.
    pub(super) fn error(&self, status: u16) -> Page {
        Page::error(status, self.location.scope.tokens)
    }

    /// The file that a path means here.
    pub(super) fn file_of(&self, path: &str) -> String {
        let location = self.location;
        match &location.alias {
            Some(alias) => {
                let rest = match location.kind {
                    Match::Pattern(_) => "",
                    _ => path
                        .strip_prefix(location.name.as_str())
                        .unwrap_or_default(),
                };
                format!("{}{rest}", self.fill(alias))
            }
            None => format!(
                "{}{path}",
                self.fill(&location.scope.root).trim_end_matches('/')
            ),
        }
    }

    fn walk(&mut self, steps: &[Step]) -> Turn {
        let mut changed = false;
        for step in steps {
            match step {
                Step::Set(name, value) => {
                    let value = self.fill(value);
                    self.set.retain(|(known, _)| known != name);
                    self.set.push((name.clone(), value));
                }
                Step::Break => return Turn::Stop,
                Step::Return { status: 444, .. } => return Turn::Close,
                Step::Return { status, text } => return Turn::Answer(self.fixed(*status, text)),
                Step::If {
                    condition,
                    pattern,
                    steps,
                } => {
                    let (left, right) = (condition.first(), condition.get(2));
                    let left = self.fill(left.map_or("", String::as_str));
                    let operator = condition.get(1).map_or("", String::as_str);
                    let holds = match (pattern, operator) {
                        (Some(pattern), operator) => {
                            let found = groups(pattern, &left);
                            let holds = found.is_some();
                            self.groups = found.unwrap_or_default();
                            holds != operator.starts_with('!')
                        }
                        (None, "=") => left == self.fill(right.map_or("", String::as_str)),
                        (None, "!=") => left != self.fill(right.map_or("", String::as_str)),
                        (None, "") => !left.is_empty() && left != "0",
                        (None, file) => {
                            let sys = &self.client.sys;
                            let file_holds = match left.trim_start_matches('!') {
                                "-f" => {
                                    sys.exists(&self.fill(file)) && !sys.is_dir(&self.fill(file))
                                }
                                "-d" => sys.is_dir(&self.fill(file)),
                                _ => sys.exists(&self.fill(file)),
                            };
                            file_holds != left.starts_with('!')
                        }
                    };
                    if holds {
                        match self.walk(steps) {
                            Turn::On => {}
                            other => return other,
                        }
                    }
                }
                Step::Rewrite { pattern, to, flag } => {
                    let Some(found) = groups(pattern, &self.uri) else {
                        continue;
                    };
                    self.groups = found;
                    let to = self.fill(to);
                    let code = match flag.as_str() {
                        "permanent" => 301,
                        "redirect" => 302,
                        _ if to.starts_with("http://") || to.starts_with("https://") => 302,
                        _ => 0,
                    };
                    if code > 0 {
                        return Turn::Answer(self.fixed(code, &to));
                    }
                    let args = std::mem::take(&mut self.args);
                    let before = self.internal;
                    self.go(to.trim_end_matches('?'));
                    self.internal = before;
                    if !to.ends_with('?') && !args.is_empty() {
                        self.args = if self.args.is_empty() {
                            args
                        } else {
                            format!("{}&{args}", self.args)
                        };
                    }
                    match flag.as_str() {
                        "last" => return Turn::Again,
                        "break" => return Turn::Stop,
                        _ => changed = true,
                    }
                }
            }
        }
        if changed { Turn::Again } else { Turn::On }
    }

    /// What `return` gives.
    fn fixed(&self, status: u16, text: &str) -> Page {
        let text = self.fill(text);
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            let mut page = self.error(status);
            if text.starts_with('/') {
                page.location = Some(self.here(&text));
            } else {
                page.headers.push(("Location".into(), text));
            }
            return page;
        }
        if text.is_empty() && status != 200 {
            return self.error(status);
        }
        let kind = media_type(&self.uri).unwrap_or(&self.location.scope.default_type);
        Page::text(status, kind, text.into_bytes())
    }

    /// A path as a whole address of this server: the name that was asked for without its port, and the port only if this
    /// server itself is on another than 80. What a client came to from elsewhere, such as a published port, is lost
    /// (nginx, `port_in_redirect`).
    pub(super) fn here(&self, path: &str) -> String {
        let port = match self.client.local.port() {
            80 => String::new(),
            port => format!(":{port}"),
        };
        format!("http://{}{port}{path}", self.request.host())
    }

    /// Writes to the error log what went wrong.
    pub(super) async fn complain(&self, level: &str, what: &str) {
        self.client
            .complain(level, self.request, Some(self.server), what)
            .await;
    }

    fn asked_text(&self, shown: impl Fn(&(String, u16, f64)) -> String) -> String {
        self.asked.iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    /// The value of a variable; nothing for one that has none.
    #[expect(clippy::too_many_lines, reason = "a table of names")]
    fn variable(&self, name: &str) -> String {
        let request = self.request;
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let dashes = |name: &str| name.replace('_', "-");
        if let Ok(at) = name.parse::<usize>() {
            return self.groups.get(at).cloned().unwrap_or_default();
        }
        if let Some((_, value)) = self.set.iter().find(|(known, _)| known == name) {
            return value.clone();
        }
        if let Some(map) = self
            .client
            .shared
            .config
            .maps
            .iter()
            .find(|map| map.to == name)
        {
            let from = self.fill(&map.from);
            let fits =
                |(text, pattern, _): &&(String, Option<crate::text::regex::Regex>, String)| {
                    pattern
                        .as_ref()
                        .map_or(*text == from, |pattern| pattern.is_match(&from))
                };
            let default = || map.cases.iter().find(|(text, ..)| text == "default");
            let case = map.cases.iter().find(fits).or_else(default);
            return case
                .map(|(_, _, value)| self.fill(value))
                .unwrap_or_default();
        }
        if let Some(rest) = name.strip_prefix("http_") {
            return header(&dashes(rest));
        }
        if let Some(rest) = name.strip_prefix("arg_") {
            let pairs = self.args.split('&').filter_map(|pair| pair.split_once('='));
            return pairs
                .into_iter()
                .find(|(n, _)| *n == rest)
                .map_or("", |(_, v)| v)
                .to_owned();
        }
        if let Some(rest) = name.strip_prefix("cookie_") {
            let cookies = header("Cookie");
            let found = cookies
                .split("; ")
                .filter_map(|pair| pair.split_once('='))
                .find(|(n, _)| *n == rest);
            return found.map_or("", |(_, v)| v).to_owned();
        }
        let sys = &self.client.sys;
        let calendar = || sys.calendar();
        let (seconds, nanos) = sys.wall_clock();
        let listener = self.client.local;
        match name {
            "args" | "query_string" => self.args.clone(),
            "is_args" => if self.args.is_empty() { "" } else { "?" }.to_owned(),
            "uri" | "document_uri" => self.uri.clone(),
            "request_uri" => request.target.clone(),
            "request" => request.line.clone(),
            "request_method" => request.method.clone(),
            "request_filename" => self.file_of(&self.uri),
            "request_body" => String::from_utf8_lossy(&request.body).into_owned(),
            "request_length" => request.size().to_string(),
            "request_time" => format!("{:.3}", (sys.now() - self.since).as_secs_f64()),
            "request_completion" => "OK".to_owned(),
            "document_root" | "realpath_root" => self.fill(&self.location.scope.root),
            "host" => match request.host() {
                "" => self.server.names.first().cloned().unwrap_or_default(),
                host => host.to_ascii_lowercase(),
            },
            "hostname" => sys.hostname(),
            "scheme" => "http".to_owned(),
            "remote_addr" => self.client.from.to_string(),
            "remote_port" => self.client.port.to_string(),
            "remote_user" => request.basic_user().unwrap_or_default(),
            "server_addr" => self.client.met.to_string(),
            "server_port" => listener.port().to_string(),
            "server_name" => self.server.names.first().cloned().unwrap_or_default(),
            "server_protocol" => if request.version.is_empty() {
                "HTTP/0.9"
            } else {
                &request.version
            }
            .to_owned(),
            "connection" => self.client.number.to_string(),
            "connection_requests" => self.client.requests.get().to_string(),
            "content_type" => header("Content-Type"),
            "content_length" => header("Content-Length"),
            "status" => format!("{:03}", self.result.0),
            "body_bytes_sent" => self.result.1.to_string(),
            "bytes_sent" => self.result.2.to_string(),
            "time_local" => access_time(&calendar()),
            "time_iso8601" => {
                let c = calendar();
                format!("{}T{}+00:00", c.date(), c.clock())
            }
            "msec" => format!("{seconds}.{:03}", nanos / 1_000_000),
            "nginx_version" => super::VERSION.trim_start_matches("nginx/").to_owned(),
            "pid" => super::shown_pid(sys).to_string(),
            "pipe" => ".".to_owned(),
            "upstream_addr" => self.asked_text(|(addr, ..)| addr.clone()),
            "upstream_status" => self.asked_text(|(_, status, _)| status.to_string()),
            "upstream_response_time" | "upstream_header_time" | "upstream_connect_time" => {
                self.asked_text(|(_, _, time)| format!("{time:.3}"))
            }
            "proxy_add_x_forwarded_for" => match header("X-Forwarded-For") {
                before if before.is_empty() => self.client.from.to_string(),
                before => format!("{before}, {}", self.client.from),
            },
            "proxy_host" | "proxy_port" => {
                let to = self
                    .location
                    .proxy
                    .as_ref()
                    .map(|proxy| self.fill(&proxy.to))
                    .unwrap_or_default();
                let (authority, _) = split_target(&to);
                if name == "proxy_host" {
                    return authority.to_owned();
                }
                authority
                    .rsplit_once(':')
                    .map_or("80", |(_, port)| port)
                    .to_owned()
            }
            _ => String::new(),
        }
    }
}

/// Whether an address lies in a net.
fn within(ip: IpAddr, net: IpAddr, bits: u8) -> bool {
    let bits = u32::from(bits);
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            (ip.to_bits() ^ net.to_bits()).leading_zeros() >= bits.min(32)
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => {
            (ip.to_bits() ^ net.to_bits()).leading_zeros() >= bits.min(128)
        }
        _ => false,
    }
}
