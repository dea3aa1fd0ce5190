//! A worker: takes connections and answers requests.

use super::Logs;
use super::config::{Config, Server};
use super::exchange::Exchange;
use super::page::Page;
use super::proxy::Memory;
use crate::net::stream::Stream;
use crate::server::http::{NoRequest, Request};
use crate::server::listen;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sys::{Sys, race};
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// What is logged of a connection that the configuration closes without an answer.
const CLOSED: u16 = 444;
/// What is logged of a client that did not wait for its answer.
const GIVEN_UP: u16 = 499;

/// What all workers know.
pub(super) struct Shared {
    pub(super) config: Config,
}

/// A worker's whole life.
pub(super) async fn run(
    sys: &Sys,
    logs: Logs,
    listeners: &[(Fd, SocketAddr)],
    shared: Rc<Shared>,
) -> i32 {
    sys.catch(Signal::QUIT);
    sys.catch(Signal::TERM);
    sys.ignore(Signal::INT);
    sys.ignore(Signal::PIPE);
    let number = Rc::new(Cell::new(0));
    let memory = Rc::new(RefCell::new(Memory::default()));
    for (fd, addr) in listeners {
        let (sys, fd, local) = (sys.clone(), *fd, *addr);
        let (logs, shared, number) = (logs.clone(), shared.clone(), number.clone());
        let memory = memory.clone();
        let serving = sys.clone();
        serving.spawn_task(async move {
            listen::serve(&sys, fd, move |sys, fd, from| {
                let client = Client {
                    sys: sys.clone(),
                    logs: logs.clone(),
                    shared: shared.clone(),
                    from: listen::plain(from.ip()),
                    port: from.port(),
                    met: sys
                        .local_addr(fd)
                        .map_or(local.ip(), |a| listen::plain(a.ip())),
                    local,
                    number: count(&number),
                    connections: number.clone(),
                    requests: Cell::new(0),
                    memory: memory.clone(),
                };
                async move {
                    let _ = client.serve(Stream::new(&sys, fd)).await;
                }
            })
            .await;
        });
    }
    let signal = sys.signal().await;
    if signal == Signal::QUIT {
        logs.notice("gracefully shutting down").await;
    }
    logs.notice("exiting").await;
    logs.notice("exit").await;
    0
}

/// Who is connected.
pub(super) struct Client {
    pub(super) sys: Sys,
    pub(super) logs: Logs,
    pub(super) shared: Rc<Shared>,
    pub(super) from: IpAddr,
    pub(super) port: u16,
    /// The address that it came to.
    pub(super) met: IpAddr,
    /// The address that is listened at.
    pub(super) local: SocketAddr,
    /// Its connection's number in the worker's life.
    pub(super) number: u64,
    /// How many connections there have been, from clients and to servers.
    connections: Rc<Cell<u64>>,
    pub(super) requests: Cell<u64>,
    pub(super) memory: Rc<RefCell<Memory>>,
}

/// Why a request is not even looked at, and whether its headers were. Source: ngx_http_parse.c, ngx_http_request.c.
fn unfit(request: &Request) -> Option<(u16, bool)> {
    let major = request
        .version
        .strip_prefix("HTTP/")
        .and_then(|v| v.split('.').next());
    let mut depth = 0i32;
    let above_root = request.path_of_target().split('/').any(|part| {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        depth < 0
    });
    match major {
        _ if above_root => Some((400, false)),
        Some("1") if request.version == "HTTP/1.1" && request.header("Host").is_none() => {
            Some((400, true))
        }
        Some("0" | "1") | None => None,
        Some(_) => Some((505, false)),
    }
}

/// Counts one more.
fn count(counter: &Cell<u64>) -> u64 {
    counter.set(counter.get() + 1);
    counter.get()
}

impl Client {
    /// A connection to a server that is proxied to has a number, too.
    pub(super) fn count_upstream(&self) {
        count(&self.connections);
    }

    async fn serve(&self, mut stream: Stream) -> Result<(), Errno> {
        loop {
            let mut refused = None;
            let mut request = match Request::read(&mut stream).await {
                Ok(request) => request,
                Err(NoRequest::End) => return Ok(()),
                Err(NoRequest::Net(error)) => return Err(error),
                Err(NoRequest::Bad(line)) => {
                    refused = Some(400);
                    Request {
                        line,
                        ..Request::default()
                    }
                }
            };
            self.requests.set(self.requests.get() + 1);
            if let Some((status, looked)) = unfit(&request).filter(|_| refused.is_none()) {
                refused = Some(status);
                if !looked {
                    request.headers.clear();
                }
            }
            let Some(server) = self.server(&request) else {
                return Ok(());
            };
            let mut exchange = Exchange::new(self, &request, server);
            let keep = refused.is_none() && request.keep_alive();
            let page = match refused {
                Some(status) => Ok(exchange.error(status)),
                None => {
                    let answer = async { exchange.answer().await.ok_or(CLOSED) };
                    let end = async {
                        while matches!(stream.fill().await, Ok(true)) {}
                        Err(GIVEN_UP)
                    };
                    race(answer, end).await
                }
            };
            let page = match page {
                Ok(page) => page,
                Err(status) => {
                    exchange.result = (status, 0, 0);
                    self.log(&exchange).await;
                    return Ok(());
                }
            };
            // What was not taken in of a body that is too large would be read as the next request.
            let keep = keep && page.status != 413;
            self.send(&stream, exchange, page, keep).await?;
            if !keep {
                return Ok(());
            }
        }
    }

    /// The server for the address and name that were asked.
    fn server(&self, request: &Request) -> Option<&Server> {
        let host = request.host().to_ascii_lowercase();
        let here = || {
            let servers = self.shared.config.servers.iter();
            servers.filter(|s| s.listen.iter().any(|(addr, _)| *addr == self.local))
        };
        let wildcard = |name: &str| {
            name.strip_prefix('*')
                .is_some_and(|end| host.ends_with(end))
                || name
                    .strip_prefix('.')
                    .is_some_and(|end| host == end || host.ends_with(name))
                || name
                    .strip_suffix('*')
                    .is_some_and(|start| host.starts_with(start))
        };
        let pattern = |name: &str| {
            let pattern = name.strip_prefix('~');
            pattern.is_some_and(|p| {
                crate::text::regex::Regex::perl(p, true).is_ok_and(|p| p.is_match(&host))
            })
        };
        let named = |fits: &dyn Fn(&str) -> bool| here().find(|s| s.names.iter().any(|n| fits(n)));
        named(&|name| name.eq_ignore_ascii_case(&host))
            .or_else(|| named(&wildcard))
            .or_else(|| named(&pattern))
            .or_else(|| here().find(|s| s.listen.contains(&(self.local, true))))
            .or_else(|| here().next())
    }

    /// Writes to the error log.
    pub(super) async fn complain(
        &self,
        level: &str,
        request: &Request,
        server: Option<&Server>,
        what: &str,
    ) {
        self.complain_of(level, request, server, what, "").await;
    }

    /// The same, with something said between the request and the host.
    pub(super) async fn complain_of(
        &self,
        level: &str,
        request: &Request,
        server: Option<&Server>,
        what: &str,
        more: &str,
    ) {
        let name = server
            .and_then(|s| s.names.first())
            .cloned()
            .unwrap_or_default();
        let host = request
            .header("Host")
            .map(|h| format!(", host: \"{h}\""))
            .unwrap_or_default();
        let referrer = request
            .header("Referer")
            .map(|h| format!(", referrer: \"{h}\""))
            .unwrap_or_default();
        let text = format!(
            "*{} {what}, client: {}, server: {name}, request: \"{}\"{more}{host}{referrer}",
            self.number, self.from, request.line
        );
        self.logs.error(level, &text).await;
    }

    async fn send(
        &self,
        stream: &Stream,
        mut exchange: Exchange<'_>,
        mut page: Page,
        keep: bool,
    ) -> Result<(), Errno> {
        let request = exchange.request;
        let scope = &exchange.location.scope;
        exchange.result.0 = page.status;
        // Which answers get headers without `always`. Source: ngx_http_headers_filter_module.c.
        let fine = matches!(page.status, 200 | 201 | 204 | 206 | 301..=304 | 307 | 308);
        for (name, value, always) in scope
            .add_headers
            .iter()
            .filter(|(.., always)| *always || fine)
        {
            let value = exchange.fill(value);
            if !value.is_empty() || *always {
                page.headers.push((name.clone(), value));
            }
        }
        let chunks = request.version == "HTTP/1.1";
        let head = page.head(&self.sys, scope.tokens, keep, chunks);
        // HTTP/0.9 knows no heads.
        let bare = request.version.is_empty() && request.method == "GET";
        let mut all = if bare { Vec::new() } else { head.into_bytes() };
        let body = if request.method == "HEAD" {
            &[]
        } else {
            page.body.as_slice()
        };
        let chunked = page.chunked && chunks && !bare && request.method != "HEAD";
        let before = all.len();
        if chunked {
            if !body.is_empty() {
                all.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
                all.extend_from_slice(body);
                all.extend_from_slice(b"\r\n");
            }
            all.extend_from_slice(b"0\r\n\r\n");
        } else {
            all.extend_from_slice(body);
        }
        exchange.result = (page.status, all.len() - before, all.len());
        let sent = stream.write(&all).await;
        self.log(&exchange).await;
        sent
    }

    async fn log(&self, exchange: &Exchange<'_>) {
        for (path, format) in &exchange.location.scope.access_logs {
            let line = super::variables::expand(format, &|name| {
                let value = exchange.fill(&format!("${{{name}}}"));
                if value.is_empty() {
                    "-".to_owned()
                } else {
                    escaped(&value)
                }
            });
            self.logs.access(path, &format!("{line}\n")).await;
        }
    }
}

/// As values stand in access logs.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' | '\0'..='\x1f' | '\x7f' => {
                out.push_str(&format!("\\x{:02X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}
