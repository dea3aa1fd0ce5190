//! A worker: takes connections and answers requests.

use super::config::{Action, Config, Server};
use super::{Logs, VERSION};
use crate::net::connect::{self, From as LocalEnd};
use crate::net::http::{Answer, Header};
use crate::net::resolv;
use crate::net::stream::Stream;
use crate::server::http::{Calendar, NoRequest, Request, media_type, reason};
use crate::server::listen;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::time::Duration;
use sorted::SortedMap;
use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// `proxy_connect_timeout`.
const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(60);

/// What all workers know.
pub(super) struct Shared {
    pub(super) config: Config,
    /// The addresses of upstream hosts, as they were when nginx started.
    pub(super) upstreams: SortedMap<String, Vec<IpAddr>>,
}

/// Looks up every host that is proxied to. nginx does this once, before it starts.
pub(super) async fn resolve_upstreams(
    sys: &Sys,
    config: &Config,
) -> Result<SortedMap<String, Vec<IpAddr>>, String> {
    let mut found = SortedMap::new();
    for location in config.servers.iter().flat_map(|s| &s.locations) {
        if let Action::Proxy { host, place, .. } = &location.action {
            match resolv::lookup(sys, host, None).await {
                Ok(addresses) => found.insert(host.clone(), addresses.addresses),
                Err(_) => return Err(format!("host not found in upstream \"{host}\" in {place}")),
            };
        }
    }
    Ok(found)
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
    for (fd, addr) in listeners {
        let (sys, fd, local) = (sys.clone(), *fd, *addr);
        let (logs, shared, number) = (logs.clone(), shared.clone(), number.clone());
        let serving = sys.clone();
        serving.spawn_task(async move {
            listen::serve(&sys, fd, move |sys, fd, from| {
                number.set(number.get() + 1);
                let client = Client {
                    sys: sys.clone(),
                    logs: logs.clone(),
                    shared: shared.clone(),
                    from: listen::plain(from.ip()),
                    local,
                    number: number.get(),
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

struct Client {
    sys: Sys,
    logs: Logs,
    shared: Rc<Shared>,
    from: IpAddr,
    local: SocketAddr,
    number: u64,
}

/// An answer made here.
struct Page {
    status: u16,
    headers: Vec<Header>,
    body: Vec<u8>,
}

impl Page {
    /// The one part that `Range:` asks for; several parts, or what makes no sense, give the whole.
    fn part(mut self, range: &str) -> Self {
        let size = self.body.len();
        let Some((from, to)) = range
            .strip_prefix("bytes=")
            .and_then(|range| range.split_once('-'))
        else {
            return self;
        };
        let bounds = match (from.parse::<usize>(), to.parse::<usize>()) {
            (Ok(from), Ok(to)) if from <= to => (from, to.saturating_add(1).min(size)),
            (Ok(from), Err(_)) if to.is_empty() => (from, size),
            (Err(_), Ok(last)) if from.is_empty() => (size.saturating_sub(last), size),
            _ => return self,
        };
        let Some(part) = self
            .body
            .get(bounds.0..bounds.1)
            .filter(|part| !part.is_empty())
        else {
            let mut page = Self::error(416);
            page.headers
                .push(("Content-Range".into(), format!("bytes */{size}")));
            return page;
        };
        let about = format!("bytes {}-{}/{size}", bounds.0, bounds.1 - 1);
        self.body = part.to_vec();
        self.status = 206;
        self.headers.retain(|(name, _)| name != "Accept-Ranges");
        self.headers.push(("Content-Range".into(), about));
        self
    }

    fn error(status: u16) -> Self {
        let title = format!(
            "{status} {}",
            match status {
                502 => "Bad Gateway",
                504 => "Gateway Time-out",
                405 => "Not Allowed",
                status => reason(status),
            }
        );
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>{VERSION}</center>\r\n</body>\r\n</html>\r\n"
        );
        Self {
            status,
            headers: vec![("Content-Type".into(), "text/html".into())],
            body: body.into_bytes(),
        }
    }
}

/// Why a request is not even looked at. Source: ngx_http_parse.c, ngx_http_request.c.
fn unfit(request: &Request) -> Option<u16> {
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
        Some("1") if request.version == "HTTP/1.1" && request.header("Host").is_none() => Some(400),
        _ if above_root => Some(400),
        Some("0" | "1") | None => None,
        Some(_) => Some(505),
    }
}

impl Client {
    async fn serve(&self, mut stream: Stream) -> Result<(), Errno> {
        loop {
            let request = match Request::read(&mut stream).await {
                Ok(request) => request,
                Err(NoRequest::End) => return Ok(()),
                Err(NoRequest::Net(error)) => return Err(error),
                Err(NoRequest::Bad(line)) => {
                    let bad = Request {
                        line,
                        ..Request::default()
                    };
                    return self.send(&stream, &bad, Page::error(400), false).await;
                }
            };
            if let Some(status) = unfit(&request) {
                let mut bare = request;
                bare.headers.clear();
                return self.send(&stream, &bare, Page::error(status), false).await;
            }
            let keep = request.keep_alive();
            let server = self.server(&request);
            let location = server.and_then(|s| s.location(&request.path()).map(|l| &l.action));
            match location {
                Some(Action::Proxy {
                    host, port, target, ..
                }) => {
                    self.proxy(&mut stream, &request, (host, *port, target), keep)
                        .await?;
                }
                Some(Action::Return { status, text }) => {
                    let kind = if status / 100 == 3 {
                        ("Location".to_owned(), text.clone())
                    } else {
                        (
                            "Content-Type".to_owned(),
                            "application/octet-stream".to_owned(),
                        )
                    };
                    let page = if status / 100 == 3 {
                        let mut page = Page::error(*status);
                        page.headers.push(kind);
                        page
                    } else {
                        Page {
                            status: *status,
                            headers: vec![kind],
                            body: text.clone().into_bytes(),
                        }
                    };
                    self.send(&stream, &request, page, keep).await?;
                }
                Some(Action::Files { root, index }) => {
                    let page = self.file(&request, root, index, server).await;
                    self.send(&stream, &request, page, keep).await?;
                }
                None => self.send(&stream, &request, Page::error(404), keep).await?,
            }
            if !keep {
                return Ok(());
            }
        }
    }

    /// The server for the address and name that were asked; the first one is for all other names.
    fn server(&self, request: &Request) -> Option<&Server> {
        let host = request.host();
        let here = || {
            self.shared
                .config
                .servers
                .iter()
                .filter(|s| s.listen.contains(&self.local))
        };
        here()
            .find(|s| s.names.iter().any(|n| n.eq_ignore_ascii_case(host)))
            .or_else(|| here().next())
    }

    async fn complain(&self, request: &Request, server: Option<&Server>, what: &str) {
        let name = server
            .and_then(|s| s.names.first())
            .cloned()
            .unwrap_or_default();
        let host = request
            .header("Host")
            .map(|h| format!(", host: \"{h}\""))
            .unwrap_or_default();
        let text = format!(
            "*{} {what}, client: {}, server: {name}, request: \"{}\"{host}",
            self.number, self.from, request.line
        );
        self.logs.error("error", &text).await;
    }

    async fn file(
        &self,
        request: &Request,
        root: &str,
        index: &[String],
        server: Option<&Server>,
    ) -> Page {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Page::error(405);
        }
        let path = request.path();
        let mut file = format!("{}{path}", root.trim_end_matches('/'));
        if path.ends_with('/') {
            let found = index
                .iter()
                .map(|name| format!("{file}{name}"))
                .find(|f| self.sys.exists(f));
            match found {
                Some(found) => file = found,
                None if self.sys.is_dir(&file) => {
                    self.complain(
                        request,
                        server,
                        &format!("directory index of \"{file}\" is forbidden"),
                    )
                    .await;
                    return Page::error(403);
                }
                None => file.push_str(index.first().map_or("index.html", String::as_str)),
            }
        } else if self.sys.is_dir(&file) {
            let mut page = Page::error(301);
            // Host without its port, and the port only if this server itself is on another than 80: what a client came to
            // from elsewhere, such as a published port, is lost (nginx, `port_in_redirect`).
            let host = request.host();
            let port = match self.local.port() {
                80 => String::new(),
                port => format!(":{port}"),
            };
            page.headers
                .push(("Location".into(), format!("http://{host}{port}{path}/")));
            return page;
        }
        match self.sys.read_file(&file) {
            Ok(data) => {
                let written = self
                    .sys
                    .stat(&file, true)
                    .map_or(0, |m| m.modified.as_nanos() / 1_000_000_000);
                let modified = self.sys.kernel(|k| k.epoch) + written;
                let headers = vec![
                    ("Content-Type".into(), media_type(&file).into()),
                    ("Last-Modified".into(), Calendar::new(modified).http()),
                    ("ETag".into(), format!("\"{modified:x}-{:x}\"", data.len())),
                    ("Accept-Ranges".into(), "bytes".into()),
                ];
                let page = Page {
                    status: 200,
                    headers,
                    body: data.to_vec(),
                };
                match request.header("Range") {
                    Some(range) => page.part(range),
                    None => page,
                }
            }
            Err(error) => {
                self.complain(
                    request,
                    server,
                    &format!("open() \"{file}\" failed ({}: {error})", error.number()),
                )
                .await;
                Page::error(if error == Errno::EACCES { 403 } else { 404 })
            }
        }
    }

    async fn send(
        &self,
        stream: &Stream,
        request: &Request,
        page: Page,
        keep: bool,
    ) -> Result<(), Errno> {
        let mut text = format!(
            "HTTP/1.1 {} {}\r\nServer: {VERSION}\r\nDate: {}\r\n",
            page.status,
            status_text(page.status),
            Calendar::now(&self.sys).http()
        );
        let after_length = |name: &str| {
            matches!(
                name,
                "ETag" | "Accept-Ranges" | "Last-Modified" | "Location" | "Content-Range"
            )
        };
        for (name, value) in page.headers.iter().filter(|(n, _)| !after_length(n)) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n", page.body.len()));
        let connection = if keep { "keep-alive" } else { "close" };
        let mut connection = Some(format!("Connection: {connection}\r\n"));
        for (name, value) in page.headers.iter().filter(|(n, _)| after_length(n)) {
            if !matches!(name.as_str(), "Last-Modified" | "Location")
                && let Some(line) = connection.take()
            {
                text.push_str(&line);
            }
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&connection.unwrap_or_default());
        text.push_str("\r\n");
        // HTTP/0.9 knows no heads.
        let bare = request.version.is_empty() && request.method == "GET";
        let mut all = if bare { Vec::new() } else { text.into_bytes() };
        let body = if request.method == "HEAD" {
            0
        } else {
            page.body.len()
        };
        if body > 0 {
            all.extend_from_slice(&page.body);
        }
        let sent = stream.write(&all).await;
        self.log(request, page.status, body).await;
        sent
    }

    async fn log(&self, request: &Request, status: u16, bytes: usize) {
        let field = |name: &str| request.header(name).unwrap_or("-").to_owned();
        let user = request.basic_user();
        let line = format!(
            "{} - {} [{}] \"{}\" {status} {bytes} \"{}\" \"{}\"\n",
            self.from,
            user.as_deref().unwrap_or("-"),
            Calendar::now(&self.sys).access_log(),
            request.line,
            field("Referer"),
            field("User-Agent")
        );
        self.logs.access(&line).await;
    }

    /// Asks another server and passes its answer on.
    async fn proxy(
        &self,
        stream: &mut Stream,
        request: &Request,
        to: (&str, u16, &str),
        keep: bool,
    ) -> Result<(), Errno> {
        let (host, port, target) = to;
        let server = self.server(request);
        let targets: Vec<SocketAddr> = self
            .shared
            .upstreams
            .get(host)
            .into_iter()
            .flatten()
            .map(|ip| SocketAddr::new(*ip, port))
            .collect();
        let connecting = connect::any(&self.sys, &targets, LocalEnd::default());
        let outcome = self.sys.timeout(UPSTREAM_TIMEOUT, connecting).await;
        let fd = match outcome {
            Some(Ok((fd, _))) => fd,
            Some(Err(failures)) => {
                for (addr, error) in failures {
                    self.complain(request, server, &format!("connect() failed ({}: {error}) while connecting to upstream, upstream: \"http://{addr}{}\"", error.number(), request.target)).await;
                }
                return self.send(stream, request, Page::error(502), keep).await;
            }
            None => {
                self.complain(request, server, &format!("upstream timed out (110: Connection timed out) while connecting to upstream, upstream: \"http://{host}:{port}{}\"", request.target)).await;
                return self.send(stream, request, Page::error(504), keep).await;
            }
        };
        let mut upstream = Stream::new(&self.sys, fd);
        let path = if target.is_empty() {
            request.target.clone()
        } else {
            self.rewritten(request, target, server)
        };
        let port_text = if port == 80 {
            String::new()
        } else {
            format!(":{port}")
        };
        let mut text = format!(
            "{} {path} HTTP/1.0\r\nHost: {host}{port_text}\r\nConnection: close\r\n",
            request.method
        );
        for (name, value) in &request.headers {
            if !name.eq_ignore_ascii_case("host") && !name.eq_ignore_ascii_case("connection") {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        text.push_str("\r\n");
        upstream
            .write(&[text.as_bytes(), &request.body].concat())
            .await?;
        let Ok(answer) = Answer::read(&mut upstream).await else {
            self.complain(request, server, &format!("upstream prematurely closed connection while reading response header from upstream, upstream: \"http://{host}{port_text}{path}\"")).await;
            return self.send(stream, request, Page::error(502), keep).await;
        };
        let mut reading = answer.body(&request.method);
        let mut body = Vec::new();
        while let Ok(Some(piece)) = reading.next(&mut upstream).await {
            body.extend_from_slice(&piece);
        }
        let dropped = [
            "connection",
            "content-length",
            "transfer-encoding",
            "server",
            "date",
        ];
        let headers = answer
            .headers
            .iter()
            .filter(|(n, _)| !dropped.contains(&n.to_ascii_lowercase().as_str()))
            .cloned()
            .collect();
        self.send(
            stream,
            request,
            Page {
                status: answer.status,
                headers,
                body,
            },
            keep,
        )
        .await
    }

    /// With a path in `proxy_pass`, that path takes the place of the location's prefix.
    fn rewritten(&self, request: &Request, target: &str, server: Option<&Server>) -> String {
        let prefix = server
            .and_then(|s| s.location(&request.path()))
            .map_or("/", |l| l.prefix.as_str());
        format!(
            "{target}{}",
            request.target.strip_prefix(prefix).unwrap_or_default()
        )
    }
}

fn status_text(status: u16) -> &'static str {
    match status {
        502 => "Bad Gateway",
        504 => "Gateway Time-out",
        other => reason(other),
    }
}
