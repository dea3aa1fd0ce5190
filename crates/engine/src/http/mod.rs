//! The Engine API as it is spoken over the daemon's socket, for whoever asks without docker: `curl --unix-socket`.
//!
//! `docker` itself takes the short way through [`crate::Client`]; here a request is read, [`routes`] calls the same client,
//! and the answer is written as Go's HTTP server does.

mod routes;

use bytes::Bytes;
use kernel::process::Running;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use serde::Serialize;
use sorted::SortedMap;

use crate::api::ENGINE_VERSION;
use crate::client::Client;
use crate::clock;
use crate::daemon::{API, Engine};
use crate::error::Error;

/// The largest request, bytes.
const MOST: usize = 16 << 20;
/// From this size on Go's server does not know the length before it sends. Source: go `net/http`, `bufferBeforeChunkingSize`.
const UNKNOWN_LENGTH: usize = 2048;
/// The versions of the API that are spoken. Source: moby `daemon/config`.
const NEWEST: (u32, u32) = (1, 51);
const OLDEST: (u32, u32) = (1, 24);

/// A request.
struct Request {
    method: String,
    /// The parts of the path, without the version.
    path: Vec<String>,
    query: SortedMap<String, String>,
    headers: SortedMap<String, String>,
    body: Bytes,
}

/// An answer.
struct Answer {
    status: u16,
    kind: &'static str,
    /// Whether Go's server found out itself what kind it is.
    guessed: bool,
    /// Whether the request found its way to a part of the daemon, which says more of itself.
    routed: bool,
    /// Further headers.
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn empty(status: u16) -> Self {
        Self {
            status,
            kind: "",
            guessed: false,
            routed: true,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// As Go writes it: with the signs of HTML escaped, and a line's end behind.
    fn json(status: u16, value: &impl Serialize) -> Self {
        let text = serde_json::to_string(value).unwrap_or_default();
        let text = text
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026");
        Self {
            kind: "application/json",
            body: (text + "\n").into_bytes(),
            ..Self::empty(status)
        }
    }

    fn refusal(status: u16, message: &str) -> Self {
        #[derive(Serialize)]
        struct Refusal<'a> {
            message: &'a str,
        }
        Self::json(status, &Refusal { message })
    }

    /// The path leads nowhere.
    fn nowhere() -> Self {
        Self {
            routed: false,
            ..Self::refusal(404, "page not found")
        }
    }

    /// The bytes of it. Headers stand in the order of their names, but for what Go's server adds.
    fn emit(&self, sys: &Sys, with_body: bool) -> Vec<u8> {
        let mut headers = self.headers.clone();
        if self.routed {
            headers.push(("Api-Version", format!("{}.{}", NEWEST.0, NEWEST.1)));
            headers.push(("Docker-Experimental", "false".to_owned()));
            headers.push(("Ostype", "linux".to_owned()));
            headers.push(("Server", format!("Docker/{ENGINE_VERSION} (linux)")));
        }
        if !self.kind.is_empty() && !self.guessed {
            headers.push(("Content-Type", self.kind.to_owned()));
        }
        sorted::sort_by_key(&mut headers, |(name, _)| *name);
        headers.push(("Date", clock::http_date(sys.wall_clock().0)));
        let chunked = self.body.len() > UNKNOWN_LENGTH;
        let sized = headers.iter().any(|(name, _)| *name == "Content-Length");
        if chunked {
            headers.push(("Transfer-Encoding", "chunked".to_owned()));
        } else if !sized && !matches!(self.status, 204 | 304) {
            headers.push(("Content-Length", self.body.len().to_string()));
        }
        if self.guessed {
            headers.push(("Content-Type", self.kind.to_owned()));
        }
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        if with_body && chunked {
            bytes.extend(format!("{:x}\r\n", self.body.len()).bytes());
            bytes.extend(&self.body);
            bytes.extend(b"\r\n0\r\n\r\n");
        } else if with_body {
            bytes.extend(&self.body);
        }
        bytes
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        match error.class().status() {
            304 => Self::empty(304),
            status => Self::refusal(status, &error.to_string()),
        }
    }
}

/// Answers on one stream, until it ends. The daemon whose process this is has left it with itself under [`API`].
pub(crate) fn conversation(sys: Sys) -> Running {
    let left = sys.service(API);
    let left = left.and_then(|l| l.downcast_ref::<(Engine, Fd)>().cloned());
    Box::pin(async move {
        let Some((engine, fd)) = left else { return 1 };
        let client = Client::of(engine);
        let mut pending = Vec::new();
        while let Some(request) = next(&sys, fd, &mut pending).await {
            let answer = match request {
                Ok(request) => {
                    let with_body = request.method != "HEAD";
                    let answer = routes::answer(&client, request).await;
                    answer.emit(&sys, with_body)
                }
                Err(answer) => answer.emit(&sys, true),
            };
            if sys.write(fd, &answer).await.is_err() {
                break;
            }
        }
        sys.close(fd);
        0
    })
}

/// The next request of a stream; nothing at its end, and a refusal for a version that is not spoken.
async fn next(sys: &Sys, fd: Fd, pending: &mut Vec<u8>) -> Option<Result<Request, Answer>> {
    let end = loop {
        if let Some(at) = pending.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        more(sys, fd, pending).await?;
    };
    let head = String::from_utf8_lossy(pending.get(..end)?).into_owned();
    pending.drain(..end + 4);
    let (first, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
    let headers: SortedMap<String, String> = rest
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|l| l.parse().ok());
    let length: usize = length.unwrap_or(0);
    if length > MOST {
        return None;
    }
    while pending.len() < length {
        more(sys, fd, pending).await?;
    }
    let body = pending.drain(..length).collect();
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut path: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let version = path.first().and_then(|part| version(part));
    if version.is_some() {
        path.remove(0);
    }
    if let Some(refusal) = version.and_then(unspoken) {
        return Some(Err(refusal));
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let query = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    Some(Ok(Request {
        method,
        path,
        query: query.map(|(k, v)| (decoded(k), decoded(v))).collect(),
        headers,
        body,
    }))
}

async fn more(sys: &Sys, fd: Fd, pending: &mut Vec<u8>) -> Option<()> {
    let piece = sys.read(fd, 65_536).await.ok()?;
    pending.extend_from_slice(&piece);
    (!piece.is_empty() && pending.len() <= MOST).then_some(())
}

/// `v1.43`.
fn version(part: &str) -> Option<(u32, u32)> {
    let (major, minor) = part.strip_prefix('v')?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Source: moby `api/server/middleware/version.go`.
fn unspoken(version: (u32, u32)) -> Option<Answer> {
    let (major, minor) = version;
    let text = if version > NEWEST {
        format!(
            "client version {major}.{minor} is too new. Maximum supported API version is {}.{}",
            NEWEST.0, NEWEST.1
        )
    } else if version < OLDEST {
        format!(
            "client version {major}.{minor} is too old. Minimum supported API version is {}.{}, please upgrade your client to a newer version",
            OLDEST.0, OLDEST.1
        )
    } else {
        return None;
    };
    Some(Answer::refusal(400, &text))
}

/// A part of an address without its percent signs, which stand before two digits of a byte.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{decoded, unspoken, version};

    #[test]
    fn addresses_are_read_as_clients_write_them() {
        assert_eq!(
            decoded("%7B%22name%22%3A%5B%22a+b%22%5D%7D"),
            r#"{"name":["a b"]}"#
        );
        assert_eq!(decoded("50%25-%zz%4"), "50%-%zz%4");
    }

    #[test]
    fn versions_that_are_not_spoken_are_refused() {
        assert_eq!(version("v1.43"), Some((1, 43)));
        assert_eq!(version("volumes"), None);
        assert!(unspoken((1, 24)).is_none() && unspoken((1, 51)).is_none());
        assert!(unspoken((1, 23)).is_some() && unspoken((1, 52)).is_some());
    }
}
