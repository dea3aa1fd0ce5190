//! One transfer: resolve, connect, ask, receive, follow.

use super::VERSION;
use super::meter::Meter;
use super::options::{Options, Output};
use crate::net::connect::{self, From as LocalEnd};
use crate::net::http::{self, Answer, Header, ReadError, Url, UrlError};
use crate::net::resolv;
use crate::net::stream::Stream;
use bytes::Bytes;
use kernel::Errno;
use kernel::process::files::{Fd, OpenOptions};
use kernel::sock::Family;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What became of a transfer: all that `-w` can tell.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    pub(super) code: i32,
    pub(super) error: Option<String>,
    pub(super) url: String,
    pub(super) effective: String,
    pub(super) method: String,
    pub(super) status: u16,
    pub(super) version: String,
    pub(super) headers: Vec<Header>,
    pub(super) header_size: usize,
    pub(super) request_size: usize,
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) redirects: u32,
    pub(super) redirect_url: String,
    pub(super) resolved: Option<Duration>,
    pub(super) connected: Option<Duration>,
    pub(super) first_byte: Option<Duration>,
    pub(super) total: Duration,
    pub(super) remote: Option<SocketAddr>,
    pub(super) local: Option<SocketAddr>,
    pub(super) file: Option<String>,
}

/// An error number of curl with its text.
type Failure = (i32, String);

/// Where the body goes; a file is made when the first byte arrives.
pub(super) struct Sink {
    sys: Sys,
    output: Option<Output>,
    create_dirs: bool,
    silent: bool,
    fd: Option<Fd>,
}

impl Sink {
    pub(super) fn new(sys: &Sys, options: &Options, output: Option<&Output>) -> Self {
        let output = output
            .cloned()
            .filter(|o| *o != Output::File("-".to_owned()));
        Self {
            sys: sys.clone(),
            output,
            create_dirs: options.create_dirs,
            silent: options.silent,
            fd: None,
        }
    }

    fn path(&self, url: &Url) -> Option<String> {
        match self.output.as_ref()? {
            Output::File(path) => Some(path.clone()),
            Output::RemoteName => {
                let name = Some(url.file_name()).filter(|name| !name.is_empty());
                Some(name.unwrap_or("curl_response").to_owned())
            }
        }
    }

    async fn write(&mut self, url: &Url, data: &[u8]) -> Result<(), Failure> {
        if self.fd.is_none() {
            let Some(path) = self.path(url) else {
                return self
                    .sys
                    .write(Fd::STDOUT, data)
                    .await
                    .ok()
                    .ok_or_else(|| failed_write(data.len()));
            };
            if self.create_dirs {
                make_directories(&self.sys, &path);
            }
            match self.sys.open(&path, OpenOptions::WRITE) {
                Ok(fd) => self.fd = Some(fd),
                Err(error) => {
                    if !self.silent {
                        self.sys
                            .err(&format!(
                                "Warning: Failed to open the file {path}: {error}\n"
                            ))
                            .await;
                    }
                    return Err(failed_write(data.len()));
                }
            }
        }
        match self.fd {
            Some(fd) => self
                .sys
                .write(fd, data)
                .await
                .ok()
                .ok_or_else(|| failed_write(data.len())),
            None => Ok(()),
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(fd) = self.fd {
            self.sys.close(fd);
        }
    }
}

fn failed_write(bytes: usize) -> Failure {
    (
        23,
        format!("client returned ERROR on write of {bytes} bytes"),
    )
}

fn make_directories(sys: &Sys, path: &str) {
    for (at, _) in path.match_indices('/').skip_while(|(at, _)| *at == 0) {
        let _ = sys.make_node(
            path.get(..at).unwrap_or_default(),
            kernel::fs::Node::Dir,
            0o750,
        );
    }
}

/// How far a transfer got: decides what a time-out is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Resolving,
    Connecting,
    Transferring,
}

struct Transfer<'a> {
    sys: &'a Sys,
    options: &'a Options,
    started: Instant,
    stage: Stage,
    report: Report,
    meter: Meter,
    sink: Sink,
}

/// Carries out one transfer.
pub(super) async fn run(sys: &Sys, options: &Options, url: &str, sink: Sink) -> Report {
    let meter = Meter::new(sys, options, sink.output.is_some());
    let report = Report {
        url: url.to_owned(),
        effective: url.to_owned(),
        ..Report::default()
    };
    let mut transfer = Transfer {
        sys,
        options,
        started: sys.now(),
        stage: Stage::Resolving,
        report,
        meter,
        sink,
    };
    let result = match options.max_time {
        Some(limit) => match sys.timeout(limit, transfer.follow(url)).await {
            Some(result) => result,
            None => Err(transfer.timed_out()),
        },
        None => transfer.follow(url).await,
    };
    transfer.report.total = sys.now() - transfer.started;
    transfer.report.received = transfer.meter.received;
    transfer.meter.end().await;
    if let Err((code, text)) = result {
        transfer.report.code = code;
        if options.verbose && code == 28 {
            sys.err(&format!("* {text}\n* closing connection #0\n"))
                .await;
        }
        transfer.report.error = Some(text);
    }
    transfer.report
}

impl Transfer<'_> {
    fn elapsed(&self) -> Duration {
        self.sys.now() - self.started
    }

    async fn note(&self, text: &str) {
        if self.options.verbose {
            self.sys.err(&format!("* {text}\n")).await;
        }
    }

    fn timed_out(&self) -> Failure {
        let ms = self.elapsed().as_millis();
        let text = match self.stage {
            Stage::Resolving => format!("Resolving timed out after {ms} milliseconds"),
            Stage::Connecting => format!("Connection timed out after {ms} milliseconds"),
            Stage::Transferring => match self.meter.expected {
                Some(n) => format!(
                    "Operation timed out after {ms} milliseconds with {} out of {n} bytes received",
                    self.meter.received
                ),
                None => format!(
                    "Operation timed out after {ms} milliseconds with {} bytes received",
                    self.meter.received
                ),
            },
        };
        (28, text)
    }

    /// The transfer, and those that answers send it to.
    async fn follow(&mut self, url: &str) -> Result<(), Failure> {
        let mut url = Url::parse(url).map_err(|e| {
            let text = match e {
                UrlError::NoHost => "URL rejected: No host present",
                UrlError::BadPort => {
                    "URL rejected: Port number was not a decimal number between 0 and 65535"
                }
                UrlError::Malformed => "URL rejected: Malformed input to a URL function",
            };
            (3, text.to_owned())
        })?;
        let mut method = self.method();
        loop {
            self.report.effective = url.to_string();
            self.report.method.clone_from(&method);
            let next = self.once(&url, &method).await?;
            let Some(location) = next else { return Ok(()) };
            let target = url.join(&location).ok().ok_or_else(|| {
                (
                    3,
                    "URL rejected: Malformed input to a URL function".to_owned(),
                )
            })?;
            if !self.options.location {
                self.report.redirect_url = target.to_string();
                return Ok(());
            }
            let limit = self.options.max_redirs.unwrap_or(50);
            if limit >= 0 && i64::from(self.report.redirects) >= limit {
                return Err((47, format!("Maximum ({limit}) redirects followed")));
            }
            self.report.redirects += 1;
            if method == "POST"
                && self.options.method.is_none()
                && matches!(self.report.status, 301..=303)
            {
                method = "GET".to_owned();
            }
            self.note(&format!("Issue another request to this URL: '{target}'"))
                .await;
            url = target;
        }
    }

    fn method(&self) -> String {
        let o = self.options;
        o.method.clone().unwrap_or_else(|| {
            let word = if o.head {
                "HEAD"
            } else if o.upload.is_some() {
                "PUT"
            } else if o.data.is_some() && !o.get {
                "POST"
            } else {
                "GET"
            };
            word.to_owned()
        })
    }

    /// One request; the `Location:` of an answer that sends elsewhere.
    async fn once(&mut self, url: &Url, method: &str) -> Result<Option<String>, Failure> {
        if http::default_port(&url.scheme).is_none() {
            return Err((1, format!("Protocol \"{}\" not supported", url.scheme)));
        }
        let fd = self.open(url).await?;
        if url.scheme != "http" {
            self.sys.close(fd);
            return Err((
                1,
                format!("{} is not modelled in Drydock, only http is", url.scheme),
            ));
        }
        let mut stream = Stream::new(self.sys, fd);
        self.meter.begin().await;
        let body = self.request(url, method, &stream).await?;
        self.report.sent = body;
        let location = self.answer(url, method, &mut stream).await?;
        self.note(&format!(
            "Connection #0 to host {}:{} left intact",
            url.host, url.port
        ))
        .await;
        Ok(location)
    }

    /// Finds the addresses and connects to one of them, within `--connect-timeout`.
    async fn open(&mut self, url: &Url) -> Result<Fd, Failure> {
        let begun = self.sys.now();
        let limit = self.options.connect_timeout;
        let sys = self.sys;
        let (stage, outcome) = {
            let mut stage = Stage::Resolving;
            let work = self.resolve_and_connect(url, &mut stage);
            let outcome = match limit {
                Some(limit) => sys.timeout(limit, work).await,
                None => Some(work.await),
            };
            (stage, outcome)
        };
        match outcome {
            Some(Ok(fd)) => Ok(fd),
            Some(Err(failure)) => Err(failure),
            None => {
                let ms = (sys.now() - begun).as_millis();
                let what = if stage == Stage::Resolving {
                    "Resolving"
                } else {
                    "Connection"
                };
                Err((28, format!("{what} timed out after {ms} milliseconds")))
            }
        }
    }

    async fn resolve_and_connect(&mut self, url: &Url, stage: &mut Stage) -> Result<Fd, Failure> {
        self.stage = Stage::Resolving;
        let (host, port) = self.destination(url);
        let literal = host.parse::<IpAddr>().is_ok();
        let addresses = self.resolve(&host, port).await?;
        self.report.resolved = Some(self.elapsed());
        (self.stage, *stage) = (Stage::Connecting, Stage::Connecting);
        if self.options.verbose && !literal {
            let of = |v4: bool| {
                let list: Vec<String> = addresses
                    .iter()
                    .filter(|a| a.is_ipv4() == v4)
                    .map(ToString::to_string)
                    .collect();
                if list.is_empty() {
                    "(none)".to_owned()
                } else {
                    list.join(", ")
                }
            };
            let text = format!(
                "* Host {host}:{port} was resolved.\n* IPv6: {}\n* IPv4: {}\n",
                of(false),
                of(true)
            );
            self.sys.err(&text).await;
        }
        let targets: Vec<SocketAddr> = addresses
            .iter()
            .map(|ip| SocketAddr::new(*ip, port))
            .collect();
        if self.options.verbose
            && let Some(first) = targets.first()
        {
            self.sys.err(&format!("*   Trying {first}...\n")).await;
        }
        let from = self.local_end(url)?;
        let begun = self.sys.now();
        match connect::happy(self.sys, &targets, from).await {
            Ok((fd, remote)) => {
                self.report.connected = Some(self.elapsed());
                self.report.remote = Some(remote);
                self.report.local = self.sys.local_addr(fd).ok();
                if let Some(local) = self.report.local {
                    let name = if literal {
                        remote.ip().to_string()
                    } else {
                        url.host.clone()
                    };
                    let text = format!(
                        "Established connection to {name} ({} port {port}) from {} port {} ",
                        remote.ip(),
                        local.ip(),
                        local.port()
                    );
                    self.note(&text).await;
                }
                self.stage = Stage::Transferring;
                Ok(fd)
            }
            Err(failures) => {
                for (to, error) in &failures {
                    self.note(&format!(
                        "connect to {} port {} failed: {error}",
                        to.ip(),
                        to.port()
                    ))
                    .await;
                }
                let ms = (self.sys.now() - begun).as_millis();
                let text = if failures.iter().any(|(_, e)| *e == Errno::EADDRNOTAVAIL)
                    && from.source.is_some()
                {
                    return Err((
                        45,
                        format!("bind failed with errno 99: {}", Errno::EADDRNOTAVAIL),
                    ));
                } else {
                    format!(
                        "Failed to connect to {}:{} after {ms} ms: Could not connect to server",
                        url.host, url.port
                    )
                };
                self.note(&text).await;
                self.note("closing connection #0").await;
                Err((7, text))
            }
        }
    }

    /// Host and port to connect to: those of the address, or what `--connect-to` puts in their place.
    fn destination(&self, url: &Url) -> (String, u16) {
        for entry in &self.options.connect_to {
            let parts: Vec<&str> = entry.splitn(4, ':').collect();
            let [host, port, to_host, to_port] = parts.as_slice() else {
                continue;
            };
            let fits = (host.is_empty() || host.eq_ignore_ascii_case(&url.host))
                && (port.is_empty() || port.parse() == Ok(url.port));
            if fits {
                let host = if to_host.is_empty() {
                    url.host.clone()
                } else {
                    (*to_host).to_owned()
                };
                return (host, to_port.parse().unwrap_or(url.port));
            }
        }
        (url.host.clone(), url.port)
    }

    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<IpAddr>, Failure> {
        let wanted = |ip: &IpAddr| self.options.family.is_none_or(|f| Family::of(*ip) == f);
        for entry in &self.options.resolve {
            let mut parts = entry.trim_start_matches('+').splitn(3, ':');
            let (Some(name), Some(p), Some(list)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            if (name == "*" || name.eq_ignore_ascii_case(host)) && p.parse() == Ok(port) {
                let clean = |a: &str| a.trim_matches(['[', ']']).parse().ok();
                return Ok(list.split(',').filter_map(clean).filter(wanted).collect());
            }
        }
        if host.eq_ignore_ascii_case("localhost") {
            // libcurl knows this name by itself (hostip.c).
            let both = [
                IpAddr::V6(Ipv6Addr::LOCALHOST),
                IpAddr::V4(Ipv4Addr::LOCALHOST),
            ];
            return Ok(both.into_iter().filter(wanted).collect());
        }
        if let Ok(literal) = host.parse() {
            return Ok(vec![literal]);
        }
        match resolv::lookup(self.sys, host, self.options.family).await {
            Ok(found) => Ok(found.addresses),
            Err(_) => {
                let text = format!("Could not resolve host: {host}");
                self.note(&text).await;
                self.note("closing connection #0").await;
                Err((6, text))
            }
        }
    }

    fn local_end(&self, url: &Url) -> Result<LocalEnd, Failure> {
        let mut from = LocalEnd::default();
        if let Some(text) = &self.options.interface {
            let name = text
                .strip_prefix("if!")
                .or_else(|| text.strip_prefix("host!"))
                .unwrap_or(text);
            from = LocalEnd::parse(self.sys, name)
                .ok_or_else(|| {
                let (host, port) = (&url.host, url.port);
                (45, format!("Failed to connect to {host}:{port} after 0 ms: Failed binding local connection end"))
            })?;
        }
        from.port = self.options.local_port;
        Ok(from)
    }

    /// Sends the request; the size of its body.
    async fn request(&mut self, url: &Url, method: &str, stream: &Stream) -> Result<u64, Failure> {
        let o = self.options;
        let mut target = url.target.clone();
        if o.get
            && let Some(data) = &o.data
        {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&String::from_utf8_lossy(data));
        }
        let body: Option<Bytes> = match &o.upload {
            Some(path) => Some(self.sys.read_file(path).ok().ok_or_else(|| {
                (
                    26,
                    format!("Failed to open/read local data from file/application: {path}"),
                )
            })?),
            None => o.data.clone().filter(|_| !o.get).map(Bytes::from),
        };
        let version = if o.http10 { "1.0" } else { "1.1" };
        let mut headers: Vec<Header> = vec![("Host".into(), url.host_header())];
        if let Some(user) = o.user.as_ref().or(url.user.as_ref()) {
            headers.push((
                "Authorization".into(),
                format!("Basic {}", http::base64(user.as_bytes())),
            ));
        }
        headers.push((
            "User-Agent".into(),
            o.agent.clone().unwrap_or_else(|| format!("curl/{VERSION}")),
        ));
        headers.push((
            "Accept".into(),
            if o.json { "application/json" } else { "*/*" }.into(),
        ));
        headers.extend(o.referer.iter().map(|r| ("Referer".into(), r.clone())));
        headers.extend(o.cookie.iter().map(|c| ("Cookie".into(), c.clone())));
        if let Some(body) = &body {
            headers.push(("Content-Length".into(), body.len().to_string()));
            if o.upload.is_none() {
                let kind = if o.json {
                    "application/json"
                } else {
                    "application/x-www-form-urlencoded"
                };
                headers.push(("Content-Type".into(), kind.into()));
            }
        }
        for line in &o.headers {
            let (name, value) = line
                .split_once(':')
                .or_else(|| line.split_once(';'))
                .unwrap_or((line, ""));
            headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
            if !value.trim().is_empty() {
                let header = (name.to_owned(), value.trim().to_owned());
                if name.eq_ignore_ascii_case("host") {
                    headers.insert(0, header);
                } else {
                    headers.push(header);
                }
            }
        }
        let mut text = format!("{method} {target} HTTP/{version}\r\n");
        headers
            .iter()
            .for_each(|(n, v)| text.push_str(&format!("{n}: {v}\r\n")));
        text.push_str("\r\n");
        if o.verbose {
            let shown: String = text.lines().map(|l| format!("> {l}\n")).collect();
            self.sys.err(&format!("* using HTTP/1.x\n{shown}")).await;
        }
        self.report.request_size += text.len();
        let sent = body.as_ref().map_or(0, Bytes::len) as u64;
        let mut all = text.into_bytes();
        all.extend_from_slice(&body.unwrap_or_default());
        stream
            .write(&all)
            .await
            .map_err(|e| (55, format!("Send failure: {e}")))?;
        self.meter.sent = sent;
        self.note("Request completely sent off").await;
        Ok(sent)
    }

    async fn answer(
        &mut self,
        url: &Url,
        method: &str,
        stream: &mut Stream,
    ) -> Result<Option<String>, Failure> {
        let answer = loop {
            let answer = Answer::read(stream).await.map_err(failure)?;
            if answer.status / 100 != 1 {
                break answer;
            }
        };
        self.report.first_byte = Some(self.elapsed());
        self.report.status = answer.status;
        self.report.version.clone_from(&answer.version);
        self.report.headers.clone_from(&answer.headers);
        let head = answer.text();
        self.report.header_size += head.len();
        if self.options.verbose {
            let shown: String = head.lines().map(|l| format!("< {l}\n")).collect();
            self.sys.err(&shown).await;
        }
        if self.options.include || self.options.head {
            self.sink.write(url, head.as_bytes()).await?;
        }
        if let Some(path) = &self.options.dump_header {
            if path == "-" {
                self.sys.out(&head).await;
            } else {
                let _ = self.sys.write_file(path, head.as_bytes());
            }
        }
        let failing = answer.status >= 400;
        if failing && self.options.fail {
            return Err((
                22,
                format!("The requested URL returned error: {}", answer.status),
            ));
        }
        let location = answer
            .header("Location")
            .filter(|_| answer.status / 100 == 3)
            .map(str::to_owned);
        let hidden = location.is_some() && self.options.location;
        let mut body = answer.body(method);
        self.meter.expected = match body {
            http::Body::Length(n) => Some(n),
            _ => None,
        };
        self.report.file = self.sink.path(url);
        while let Some(piece) = body.next(stream).await.map_err(failure)? {
            self.meter.received += piece.len() as u64;
            if !hidden {
                self.sink.write(url, &piece).await?;
            }
        }
        if self.sink.fd.is_none() && self.sink.path(url).is_some() && !hidden {
            self.sink.write(url, b"").await?;
        }
        if failing && self.options.fail_with_body {
            return Err((
                22,
                format!("The requested URL returned error: {}", answer.status),
            ));
        }
        Ok(location)
    }
}

fn failure(error: ReadError) -> Failure {
    match error {
        ReadError::Empty => (52, "Empty reply from server".to_owned()),
        ReadError::NotHttp => (1, "Received HTTP/0.9 when not allowed".to_owned()),
        ReadError::Cut { missing: Some(n) } => {
            (18, format!("end of response with {n} bytes missing"))
        }
        ReadError::Cut { missing: None } => (
            18,
            "transfer closed with outstanding read data remaining".to_owned(),
        ),
        ReadError::BadChunk => (56, "chunk hex-length char not a hex digit".to_owned()),
        ReadError::Net(error) => (56, format!("Recv failure: {error}")),
    }
}
