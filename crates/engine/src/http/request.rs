//! Reading requests, as Go's HTTP server does: it refuses what it cannot read before the daemon hears of it.
//! Source: Go `net/http/server.go`, `readRequest`, and `net/http/request.go`.

use bytes::{Bytes, BytesMut};
use kernel::process::files::Fd;
use kernel::sys::Sys;
use sorted::SortedMap;

/// The largest body, bytes.
const MOST: usize = 16 << 20;
/// The largest head, bytes. Source: `DefaultMaxHeaderBytes`, and what the server allows beyond.
const MOST_HEAD: usize = (1 << 20) + 4096;

/// A request.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path without its percent signs, and what stands behind its question mark.
    pub(super) target: (String, String),
    /// The parts of the path, without the version.
    pub(super) path: Vec<String>,
    /// The version of the API that is spoken, if the client says.
    pub(super) version: Option<ApiVersion>,
    pub(super) query: SortedMap<String, String>,
    pub(super) headers: SortedMap<String, String>,
    pub(super) body: Bytes,
    /// It speaks HTTP/1.0.
    pub(super) old: bool,
}

impl Request {
    /// Whether the connection ends with the answer, as far as this header's words go.
    pub(super) fn closes(&self) -> bool {
        let words = self.headers.get("connection").map_or("", String::as_str);
        let says = |word: &str| {
            let mut words = words.split(',');
            words.any(|w| w.trim().eq_ignore_ascii_case(word))
        };
        says("close") || self.old && !says("keep-alive")
    }

    /// Whether the client speaks this version of the API or a newer one.
    pub(super) fn speaks(&self, version: (u32, u32)) -> bool {
        let spoken = self.version.as_ref();
        spoken.is_none_or(|spoken| spoken.number >= version)
    }
}

/// A version of the API, as it stands in a path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ApiVersion {
    pub(super) number: (u32, u32),
    pub(super) text: String,
}

/// Why a request was not even read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: &'static str,
    text: &'static str,
}

const BAD: Refusal = refusal("400 Bad Request");

/// One whose status says it all.
const fn refusal(status: &'static str) -> Refusal {
    let text = status;
    Refusal { status, text }
}

impl Refusal {
    /// The bytes of the answer.
    pub(super) fn emit(self) -> Vec<u8> {
        let Self { status, text } = self;
        format!("HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{text}")
            .into_bytes()
    }
}

/// What comes on a stream.
pub(super) struct Reader<'a> {
    sys: &'a Sys,
    fd: Fd,
    pending: BytesMut,
    /// How many bytes the head may still have.
    left: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(sys: &'a Sys, fd: Fd) -> Self {
        let pending = BytesMut::new();
        let left = 0;
        Self {
            sys,
            fd,
            pending,
            left,
        }
    }

    /// The next request; nothing at the end of the stream.
    pub(super) async fn next(&mut self) -> Result<Option<Request>, Refusal> {
        self.left = MOST_HEAD;
        let Some(first) = self.line().await? else {
            return Ok(None);
        };
        let (mut request, newest) = request_line(&first)?;
        let mut hosts = 0;
        let mut named = true;
        loop {
            let line = self.line().await?.ok_or(BAD)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or(BAD)?;
            if name.is_empty() || name.ends_with([' ', '\t']) {
                return Err(BAD);
            }
            named &= name.bytes().all(is_token);
            let name = name.to_ascii_lowercase();
            hosts += usize::from(name == "host");
            let value = value.trim().to_owned();
            // Lengths that differ leave open where the next request begins.
            if let Some(before) = request.headers.insert(name.clone(), value.clone())
                && name == "content-length"
                && before != value
            {
                return Err(BAD);
            }
        }
        if hosts > 1 {
            return Err(BAD);
        }
        request.body = self.body(&request.headers).await?;
        if newest {
            return Err(refusal(
                "505 HTTP Version Not Supported: unsupported protocol version",
            ));
        }
        if hosts == 0 && !request.old {
            return Err(refusal("400 Bad Request: missing required Host header"));
        }
        if !named {
            return Err(refusal("400 Bad Request: invalid header name"));
        }
        Ok(Some(request))
    }

    async fn body(&mut self, headers: &SortedMap<String, String>) -> Result<Bytes, Refusal> {
        match headers.get("transfer-encoding").map(String::as_str) {
            None => {}
            Some(coding) if coding.eq_ignore_ascii_case("chunked") => return self.chunks().await,
            Some(_) => {
                return Err(Refusal {
                    status: "501 Not Implemented",
                    text: "Unsupported transfer encoding",
                });
            }
        }
        match headers.get("content-length") {
            None => Ok(Bytes::new()),
            Some(text) if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) => Err(BAD),
            Some(text) => self.exactly(text.parse().unwrap_or(usize::MAX)).await,
        }
    }

    async fn chunks(&mut self) -> Result<Bytes, Refusal> {
        let mut body = BytesMut::new();
        loop {
            self.left = MOST_HEAD;
            let line = self.line().await?.ok_or(BAD)?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let length = usize::from_str_radix(digits, 16).map_err(|_bad| BAD)?;
            if length == 0 {
                // What may follow are headers, which nobody here asks for.
                while !self.line().await?.ok_or(BAD)?.is_empty() {}
                return Ok(body.freeze());
            }
            if body.len().saturating_add(length) > MOST {
                return Err(BAD);
            }
            body.extend_from_slice(&self.exactly(length).await?);
            if self.line().await?.as_deref() != Some("") {
                return Err(BAD);
            }
        }
    }

    /// So many bytes, or what there is of them: the daemon finds out that some are missing.
    async fn exactly(&mut self, length: usize) -> Result<Bytes, Refusal> {
        if length > MOST {
            return Err(BAD);
        }
        while self.pending.len() < length && self.more().await {}
        let length = length.min(self.pending.len());
        Ok(self.pending.split_to(length).freeze())
    }

    /// A line without its end, or what stands before the end of the stream; nothing there.
    async fn line(&mut self) -> Result<Option<String>, Refusal> {
        let mut seen = 0;
        let end = loop {
            let fresh = self.pending.get(seen..).unwrap_or_default();
            if let Some(at) = fresh.iter().position(|b| *b == b'\n') {
                break seen + at + 1;
            }
            seen = self.pending.len();
            if seen > self.left {
                break seen;
            }
            if !self.more().await {
                break seen;
            }
        };
        if end > self.left {
            return Err(refusal("431 Request Header Fields Too Large"));
        }
        self.left -= end;
        let line = self.pending.split_to(end);
        let text = String::from_utf8_lossy(&line).into_owned();
        let bare = text.strip_suffix('\n').unwrap_or(&text);
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        Ok((!line.is_empty()).then(|| bare.to_owned()))
    }

    /// Waits until the client says that nothing more comes.
    pub(super) async fn gone(&mut self) {
        while self.more().await {}
    }

    /// What comes next, whatever it is; nothing at the end of the stream.
    pub(super) async fn piece(&mut self) -> Option<Bytes> {
        if self.pending.is_empty() && !self.more().await {
            return None;
        }
        Some(self.pending.split().freeze())
    }

    async fn more(&mut self) -> bool {
        let piece = self.sys.read(self.fd, 65_536).await.unwrap_or_default();
        self.pending.extend_from_slice(&piece);
        !piece.is_empty()
    }
}

/// `GET /v1.43/networks?filters=x HTTP/1.1`, and whether that version of HTTP is one that nobody speaks here.
fn request_line(line: &str) -> Result<(Request, bool), Refusal> {
    let (method, rest) = line.split_once(' ').ok_or(BAD)?;
    let (target, version) = rest.split_once(' ').ok_or(BAD)?;
    let digit = |text: &str| text.parse().ok().filter(|_| text.len() == 1);
    let version = version
        .strip_prefix("HTTP/")
        .and_then(|v| v.split_once('.'));
    let version: Option<(u8, u8)> = version.and_then(|(a, b)| Some((digit(a)?, digit(b)?)));
    let version = version.ok_or(BAD)?;
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err(BAD);
    }
    // As it is told to a proxy: behind the server's name.
    let behind = target.split_once("://").and_then(|(scheme, rest)| {
        let named = scheme.bytes().all(|b| b.is_ascii_alphabetic());
        named.then(|| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"))
    });
    let target = behind.unwrap_or(target);
    if !target.starts_with('/') && target != "*" {
        return Err(BAD);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = decoded(path).ok_or(BAD)?;
    let mut parts: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
    let api = parts.first().and_then(|part| api_version(part));
    if api.is_some() {
        parts.remove(0);
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let word = |text: &str| decoded(&text.replace('+', " ")).unwrap_or_else(|| text.to_owned());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let request = Request {
        method: method.to_owned(),
        target: (path, query.to_owned()),
        path: parts,
        version: api,
        query: pairs.map(|(k, v)| (word(k), word(v))).collect(),
        old: version == (1, 0),
        ..Request::default()
    };
    Ok((request, version.0 != 1))
}

/// Source: RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// `v1.43`, or anything of digits and points behind a `v`: what is no version at all is an old one.
/// Source: moby `api/server/server.go`, `versionMatcher`.
fn api_version(part: &str) -> Option<ApiVersion> {
    let text = part.strip_prefix('v')?;
    let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    fits.then(|| {
        let mut numbers = text.split('.').map(|n| n.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        ApiVersion {
            number: (next(), next()),
            text: text.to_owned(),
        }
    })
}

/// A part of an address without its percent signs, which stand before two digits of a byte.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
        let digits = Some(digits).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        bytes.push(u8::from_str_radix(digits?, 16).ok()?);
        rest = behind.get(2..).unwrap_or_default();
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines_are_read_as_clients_write_them() {
        let (request, _) = request_line("GET /v1.43/a%2fb/c+d?x=a+b%25&y HTTP/1.0").unwrap();
        assert_eq!(request.path, ["a", "b", "c+d"]);
        assert_eq!(request.version.as_ref().unwrap().number, (1, 43));
        assert_eq!(request.query.get("x").unwrap(), "a b%");
        assert_eq!(request.query.get("y").unwrap(), "");
        assert!(request.old && request.closes());
        let (request, newest) = request_line("GET http://localhost/volumes HTTP/2.0").unwrap();
        assert_eq!(
            (request.path, request.version),
            (vec!["volumes".to_owned()], None)
        );
        assert!(newest);
    }

    #[test]
    fn request_lines_that_are_none_are_refused() {
        for line in [
            "",
            "hello",
            "GET /",
            "GET  / HTTP/1.1",
            "GET / HTTP/1.x",
            "GET / HTTP/11.1",
            "GET / http/1.1",
            "G@T / HTTP/1.1",
            "GET x HTTP/1.1",
            "GET /%zz HTTP/1.1",
            "GET /%+1 HTTP/1.1",
            "GET /%4 HTTP/1.1",
        ] {
            assert_eq!(request_line(line).unwrap_err(), BAD, "{line}");
        }
    }
}
