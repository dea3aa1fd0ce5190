//! The Engine API as it is spoken over the daemon's socket, for whoever asks without docker: `curl --unix-socket`.
//!
//! `docker` itself takes the short way through [`crate::Client`]; here a request is read, [`routes`] calls the same client,
//! and the answer is written as Go's HTTP server does.

mod request;
mod routes;

use kernel::process::Running;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use serde::Serialize;

use crate::api::ENGINE_VERSION;
use crate::client::Client;
use crate::daemon::{API, Engine};
use crate::error::Error;
use request::{Reader, Request};

/// From this size on Go's server does not know the length before it sends. Source: go `net/http`, `bufferBeforeChunkingSize`.
const UNKNOWN_LENGTH: usize = 2048;
/// The versions of the API that are spoken. Source: moby `daemon/config`.
const NEWEST: (u32, u32) = (1, 51);
const OLDEST: (u32, u32) = (1, 24);

/// An answer.
struct Answer {
    status: u16,
    kind: &'static str,
    /// Whether Go's server found out itself what kind it is.
    guessed: bool,
    /// What the daemon says of itself.
    told: Told,
    /// Further headers.
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// How much the daemon says of itself in the headers of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Nothing: the request found no way to a part of it.
    Nothing,
    /// Its version, to who speaks another one.
    Version,
    /// All.
    All,
}

impl Answer {
    fn empty(status: u16) -> Self {
        Self {
            status,
            kind: "",
            guessed: false,
            told: Told::All,
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

    /// To who asks for what the server can do as a whole.
    fn options() -> Self {
        Self {
            told: Told::Nothing,
            ..Self::empty(200)
        }
    }

    /// What was asked for is at another path.
    fn moved(to: String) -> Self {
        Self {
            told: Told::Nothing,
            headers: vec![("Location", to)],
            ..Self::empty(301)
        }
    }

    /// The path leads nowhere.
    fn nowhere() -> Self {
        Self {
            told: Told::Nothing,
            ..Self::refusal(404, "page not found")
        }
    }

    /// The bytes of it. Headers stand in the order of their names, but for what Go's server adds.
    fn emit(&self, sys: &Sys, request: &Request) -> Vec<u8> {
        let mut headers = self.headers.clone();
        if self.told != Told::Nothing {
            headers.push(("Api-Version", format!("{}.{}", NEWEST.0, NEWEST.1)));
            headers.push(("Ostype", "linux".to_owned()));
            headers.push(("Server", format!("Docker/{ENGINE_VERSION} (linux)")));
        }
        if self.told == Told::All {
            headers.push(("Docker-Experimental", "false".to_owned()));
        }
        if !self.kind.is_empty() && !self.guessed {
            headers.push(("Content-Type", self.kind.to_owned()));
        }
        sorted::sort_by_key(&mut headers, |(name, _)| *name);
        headers.push(("Date", sys.calendar().http()));
        let long = self.body.len() > UNKNOWN_LENGTH;
        let sized = headers.iter().any(|(name, _)| *name == "Content-Length");
        if !long && !sized && !matches!(self.status, 204 | 304) {
            headers.push(("Content-Length", self.body.len().to_string()));
        }
        if self.guessed {
            headers.push(("Content-Type", self.kind.to_owned()));
        }
        match (request.old, request.closes()) {
            (false, true) => headers.push(("Connection", "close".to_owned())),
            (true, false) => headers.push(("Connection", "keep-alive".to_owned())),
            _ => {}
        }
        let chunked = long && !request.old;
        if chunked {
            headers.push(("Transfer-Encoding", "chunked".to_owned()));
        }
        let version = if request.old { "1.0" } else { "1.1" };
        let mut text = format!("HTTP/{version} {} {}\r\n", self.status, reason(self.status));
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        if request.method == "HEAD" {
            return bytes;
        }
        if chunked {
            bytes.extend(format!("{:x}\r\n", self.body.len()).bytes());
        }
        bytes.extend(&self.body);
        if chunked {
            bytes.extend(b"\r\n0\r\n\r\n");
        }
        bytes
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
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
        let mut reader = Reader::new(&sys, fd);
        loop {
            let (answer, last) = match reader.next().await {
                Ok(None) => break,
                Ok(Some(request)) => {
                    let answer = routes::answer(&client, &request).await;
                    // Without its length, only the end says where it ends.
                    let endless = request.old && answer.body.len() > UNKNOWN_LENGTH;
                    (answer.emit(&sys, &request), endless || request.closes())
                }
                Err(refusal) => (refusal.emit(), true),
            };
            if sys.write(fd, &answer).await.is_err() || last {
                break;
            }
        }
        sys.close(fd);
        0
    })
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
    let refusal = Answer {
        told: Told::Version,
        ..Answer::refusal(400, &text)
    };
    // Old clients get plain text. Source: moby `api/server/httputils/httputils.go`.
    Some(match version < OLDEST {
        true => Answer {
            kind: "text/plain; charset=utf-8",
            body: format!("{text}\n").into_bytes(),
            ..refusal
        },
        false => refusal,
    })
}

#[cfg(test)]
mod tests {
    use super::unspoken;

    #[test]
    fn versions_that_are_not_spoken_are_refused() {
        assert!(unspoken((1, 24)).is_none() && unspoken((1, 51)).is_none());
        assert!(unspoken((1, 23)).is_some() && unspoken((1, 52)).is_some());
    }
}
