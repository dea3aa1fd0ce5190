//! One transfer: connect or use the connection again, ask, receive, follow.

use super::dial::{self, Destination};
use super::meter::Meter;
use super::options::Options;
use super::sink::Sink;
use crate::net::http::{self, Answer, Header, ReadError, Url, UrlError};
use crate::net::pump;
use crate::net::stream::Stream;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use std::net::SocketAddr;

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
    pub(super) connects: u32,
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
pub(super) type Failure = (i32, String);

/// How far a transfer got: decides what a time-out is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Resolving,
    Connecting,
    Transferring,
    Telnet,
}

/// The connection that is kept for the next request, and how many there were.
#[derive(Default)]
pub(super) struct Pool {
    kept: Option<(Destination, Stream)>,
    opened: u32,
}

/// The beginning of a TLS handshake, as far as a server that does not speak TLS reads it: a record, a ClientHello of TLS 1.2.
const CLIENT_HELLO: &[u8] = b"\x16\x03\x01\x00\x2e\x01\x00\x00\x2a\x03\x03drydock drydock drydock drydock\x0a\x00\x00\x02\x13\x01\x01\x00";
/// How long a handshake may take. Source: `DEFAULT_CONNECT_TIMEOUT`.
const HANDSHAKE: Duration = Duration::from_secs(300);

pub(super) struct Transfer<'a> {
    pub(super) sys: &'a Sys,
    pub(super) options: &'a Options,
    pool: &'a mut Pool,
    started: Instant,
    pub(super) stage: Stage,
    pub(super) report: Report,
    meter: Meter,
    sink: Sink<'a>,
}

/// Carries out one transfer.
pub(super) async fn run<'a>(
    sys: &'a Sys,
    options: &'a Options,
    pool: &'a mut Pool,
    url: &str,
    sink: Sink<'a>,
) -> Report {
    let meter = Meter::new(sys, options, sink.is_elsewhere());
    let report = Report {
        url: url.to_owned(),
        effective: url.to_owned(),
        ..Report::default()
    };
    let mut transfer = Transfer {
        sys,
        options,
        pool,
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
    transfer.meter.end(result.is_err());
    if let Err((code, text)) = result {
        transfer.report.code = code;
        if code == 28 {
            transfer.note(&text);
            transfer.note("closing connection #0");
        }
        transfer.report.error = Some(text);
    }
    transfer.report
}

impl Transfer<'_> {
    pub(super) fn elapsed(&self) -> Duration {
        self.sys.now() - self.started
    }

    pub(super) fn note(&self, text: &str) {
        if self.options.verbose {
            self.sys.err(&format!("* {text}\n"));
        }
    }

    fn timed_out(&self) -> Failure {
        let ms = self.elapsed().as_millis();
        let text = match self.stage {
            Stage::Resolving => format!("Resolving timed out after {ms} milliseconds"),
            Stage::Connecting => format!("Connection timed out after {ms} milliseconds"),
            Stage::Telnet => "Time-out".to_owned(),
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
        if let Some(path) = url.strip_prefix("file://") {
            return self.file(path).await;
        }
        let mut url = self.parse(url)?;
        dial::seed_names(self.sys, &self.options.resolve, self.options.verbose)?;
        let mut method = self.method();
        loop {
            self.report.effective = url.to_string();
            self.report.method.clone_from(&method);
            let next = self.once(&url, &method).await?;
            let Some(location) = next else { return Ok(()) };
            let target = url.join(&location).ok().ok_or_else(malformed)?;
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
            self.note(&format!("Issue another request to this URL: '{target}'"));
            url = target;
        }
    }

    /// Reads an address, with what options add to its query and to its path.
    fn parse(&self, text: &str) -> Result<Url, Failure> {
        let mut url = Url::parse(text).map_err(|e| match e {
            UrlError::NoHost => (3, "URL rejected: No host present".to_owned()),
            UrlError::BadPort => (
                3,
                "URL rejected: Port number was not a decimal number between 0 and 65535".to_owned(),
            ),
            UrlError::Malformed => malformed(),
        })?;
        let o = self.options;
        if let Some(path) = &o.upload
            && url.target.ends_with('/')
        {
            url.target
                .push_str(path.rsplit('/').next().unwrap_or_default());
        }
        if !o.path_as_is {
            url.target = http::without_dots(&url.target);
        }
        let data = o.data.as_ref().filter(|_| o.get);
        let data = data.map(|data| String::from_utf8_lossy(data).into_owned());
        for more in data.iter().chain(&o.query) {
            url.target
                .push(if url.target.contains('?') { '&' } else { '?' });
            url.target.push_str(more);
        }
        Ok(url)
    }

    /// A file of this machine's own.
    async fn file(&mut self, path: &str) -> Result<(), Failure> {
        let path = path.strip_prefix("localhost").unwrap_or(path);
        self.report.method = "GET".to_owned();
        let Ok(data) = self.sys.read_file(path) else {
            let text = format!("Could not open file {path}");
            self.note(&text);
            return Err((37, text));
        };
        self.meter.received = data.len() as u64;
        let url = Url {
            scheme: "file".to_owned(),
            user: None,
            host: String::new(),
            port: 0,
            explicit_port: false,
            target: path.to_owned(),
        };
        self.tell_bytes('{', data.len());
        self.sink.write(&url, &data).await?;
        self.note("shutting down connection #0");
        Ok(())
    }

    /// Under `-v`, says how much data goes by that is not itself on the screen.
    fn tell_bytes(&self, direction: char, bytes: usize) {
        let seen = self.sys.is_tty(Fd::STDOUT) && !self.sink.is_elsewhere();
        if self.options.verbose && bytes > 0 && !seen {
            self.sys.err(&format!("{direction} [{bytes} bytes data]\n"));
        }
    }

    /// One request; the `Location:` of an answer that sends elsewhere.
    async fn once(&mut self, url: &Url, method: &str) -> Result<Option<String>, Failure> {
        if http::default_port(&url.scheme).is_none() {
            let text = format!("Protocol \"{}\" not supported", url.scheme);
            self.note(&text);
            return Err((1, text));
        }
        let to = Destination::of(self, url)?;
        let kept = self.pool.kept.take();
        let (mut stream, again) = match kept.filter(|(known, _)| *known == to) {
            Some((_, stream)) if url.scheme == "http" => {
                self.note(&format!(
                    "Reusing existing http: connection with host {}",
                    to.host
                ));
                self.stage = Stage::Transferring;
                self.report.remote = self.sys.peer_addr(stream.fd()).ok();
                self.report.local = self.sys.local_addr(stream.fd()).ok();
                (stream, true)
            }
            _ => (self.connect(url, &to).await?, false),
        };
        if url.scheme == "telnet" {
            return self.telnet(&stream).await.map(|()| None);
        }
        let (mut body, mut outcome) = self.exchange(url, method, &to, &mut stream).await;
        if again && matches!(outcome, Err((52 | 55 | 56, _))) {
            // The server had given the kept connection up in the meantime.
            stream = self.connect(url, &to).await?;
            (body, outcome) = self.exchange(url, method, &to, &mut stream).await;
        }
        self.report.sent = body;
        let number = self.pool.opened.saturating_sub(1);
        match outcome {
            Ok((location, true)) => {
                self.note(&format!(
                    "Connection #{number} to host {} left intact",
                    to.name(url)
                ));
                self.pool.kept = Some((to, stream));
                Ok(location)
            }
            Ok((location, false)) => {
                self.note(&format!("shutting down connection #{number}"));
                Ok(location)
            }
            Err((code, text)) => {
                // That of number 23 was told where it happened.
                if code != 23 {
                    self.note(&text);
                }
                let how = if code == 52 {
                    "shutting down"
                } else {
                    "closing"
                };
                self.note(&format!("{how} connection #{number}"));
                Err((code, text))
            }
        }
    }

    async fn connect(&mut self, url: &Url, to: &Destination) -> Result<Stream, Failure> {
        let fd = self.dial(to).await?;
        self.pool.opened += 1;
        let stream = Stream::new(self.sys, fd);
        if url.scheme == "https" {
            return Err(self.hello(stream).await);
        }
        if !matches!(url.scheme.as_str(), "http" | "telnet") {
            return Err((
                1,
                format!("{} is not modelled in Drydock, only http is", url.scheme),
            ));
        }
        self.meter.begin();
        Ok(stream)
    }

    /// Begins to speak TLS, and says what comes of it: no server here speaks it, and most say so in the clear.
    async fn hello(&self, mut stream: Stream) -> Failure {
        const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
        if !self.options.insecure && !self.sys.exists(AUTHORITIES) {
            return (
                77,
                format!("error adding trust anchors from file: {AUTHORITIES}"),
            );
        }
        if let Err(error) = stream.write(CLIENT_HELLO).await {
            return (35, format!("Send failure: {error}"));
        }
        let limit = self.options.max_time.unwrap_or(HANDSHAKE);
        match self.sys.timeout(limit, stream.some(1)).await {
            None => (28, "SSL connection timeout".to_owned()),
            Some(Err(error)) => (35, format!("Recv failure: {error}")),
            Some(Ok(data)) => match data.first() {
                None => (
                    35,
                    "TLS connect error: error:0A000126:SSL routines::unexpected eof while reading"
                        .to_owned(),
                ),
                // A handshake or an alert: somebody speaks TLS after all.
                Some(0x15 | 0x16) => (
                    1,
                    "https is not modelled in Drydock, only http is".to_owned(),
                ),
                Some(_) => (
                    35,
                    "TLS connect error: error:0A00010B:SSL routines::wrong version number"
                        .to_owned(),
                ),
            },
        }
    }

    /// Carries bytes both ways until the other end has had enough.
    async fn telnet(&mut self, stream: &Stream) -> Result<(), Failure> {
        self.stage = Stage::Telnet;
        let carried = pump::carry(self.sys, stream.fd(), pump::Rules::default()).await;
        self.meter.received = carried.received;
        self.note("shutting down connection #0");
        match carried.error {
            Some(error) => Err((56, format!("Recv failure: {error}"))),
            None => Ok(()),
        }
    }

    /// Sends a request and receives the answer: the size of what was sent, and where the answer points to with whether
    /// the connection can be used again.
    async fn exchange(
        &mut self,
        url: &Url,
        method: &str,
        to: &Destination,
        stream: &mut Stream,
    ) -> (u64, Result<(Option<String>, bool), Failure>) {
        let sent = match self.request(url, method, to.proxy, stream).await {
            Ok(sent) => sent,
            Err(failure) => return (0, Err(failure)),
        };
        (sent, self.answer(url, method, stream).await)
    }

    /// Sends the request; the size of its body.
    async fn request(
        &mut self,
        url: &Url,
        method: &str,
        proxied: bool,
        stream: &Stream,
    ) -> Result<u64, Failure> {
        let request = self.compose(url, method, proxied)?;
        if self.options.verbose {
            self.note("using HTTP/1.x");
            if let Some(user) = self.options.user.as_ref().or(url.user.as_ref()) {
                let name = user.split(':').next().unwrap_or_default();
                self.note(&format!("Server auth using Basic with user '{name}'"));
            }
            // Headers are shown as they travel, ends of lines included.
            let lines = request.head.lines();
            let shown: String = lines.map(|l| format!("> {l}\r\n")).collect();
            self.sys.err(&shown);
        }
        self.report.request_size += request.head.len();
        let body = request.body.unwrap_or_default();
        let mut all = request.head.into_bytes();
        all.extend_from_slice(&body);
        stream
            .write(&all)
            .await
            .map_err(|e| (55, format!("Send failure: {e}")))?;
        self.meter.sent = body.len() as u64;
        if body.is_empty() {
            self.note("Request completely sent off");
        } else {
            self.tell_bytes('}', body.len());
            self.note(&format!("upload completely sent off: {} bytes", body.len()));
        }
        Ok(body.len() as u64)
    }

    async fn answer(
        &mut self,
        url: &Url,
        method: &str,
        stream: &mut Stream,
    ) -> Result<(Option<String>, bool), Failure> {
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
        // Only `-I` makes curl expect no body: `-X HEAD` waits for one.
        let heads = method == "HEAD" && self.options.head;
        let mut body = answer.body(if heads { "HEAD" } else { "GET" });
        let said = answer.header("Connection").unwrap_or_default();
        let close = said.eq_ignore_ascii_case("close")
            || answer.version == "HTTP/1.0" && !said.eq_ignore_ascii_case("keep-alive");
        if self.options.verbose {
            let shown: String = head
                .lines()
                .filter(|line| !line.is_empty())
                .map(|line| format!("< {line}\r\n"))
                .collect();
            self.sys.err(&shown);
            if body == http::Body::ToEnd && !close {
                self.note("no chunk, no close, no size. Assume close to signal end");
            }
            self.sys.err("< \r\n");
        }
        let kept = !close && body != http::Body::ToEnd;
        if self.options.include || self.options.head {
            self.sink.write(url, head.as_bytes()).await?;
        }
        if let Some(path) = &self.options.dump_header {
            if path == "-" {
                self.sys.out(&head);
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
        self.meter.expected = match body {
            http::Body::Length(n) => Some(n),
            _ => None,
        };
        if self
            .meter
            .expected
            .zip(self.options.most)
            .is_some_and(|(size, most)| size > most)
        {
            return Err((63, "Maximum file size exceeded".to_owned()));
        }
        self.report.file = self.sink.path(url);
        let mut told = false;
        while let Some(piece) = body.next(stream).await.map_err(failure)? {
            if !std::mem::replace(&mut told, true) {
                self.tell_bytes('{', piece.len());
            }
            self.meter.received += piece.len() as u64;
            if !hidden {
                self.sink.write(url, &piece).await?;
            }
        }
        if !self.sink.is_open() && self.sink.path(url).is_some() && !hidden {
            self.sink.write(url, b"").await?;
        }
        if failing && self.options.fail_with_body {
            return Err((
                22,
                format!("The requested URL returned error: {}", answer.status),
            ));
        }
        Ok((location, kept))
    }
}

fn malformed() -> Failure {
    (
        3,
        "URL rejected: Malformed input to a URL function".to_owned(),
    )
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
