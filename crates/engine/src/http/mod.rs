//! The Engine API as it is spoken over the daemon's socket, for whoever asks without docker: `curl --unix-socket`.
//!
//! `docker` itself takes the short way through [`crate::Client`]; here a request is read, [`routes`] calls the same client,
//! and the answer is written as Go's HTTP server does.

mod archive;
mod body;
mod flow;
mod go_types;
mod images;
mod query;
mod request;
mod routes;
mod streams;
mod unmarshal;
mod usage;

use kernel::process::Running;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use serde::Serialize;

use crate::api::ENGINE_VERSION;
use crate::client::Client;
use crate::daemon::{API, Engine};
use crate::error::Error;
use crate::go_json;
use flow::{Flow, Taken};
use request::{ApiVersion, Reader, Request};

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
    /// What comes after the head piece by piece, instead of a body.
    flow: Option<Flow>,
}

/// What comes of a request.
enum Outcome {
    Answer(Answer),
    /// The connection is a process's from now on.
    Taken(Taken),
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
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

impl Told {
    fn headers(self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if self != Self::Nothing {
            headers.push(("Api-Version", format!("{}.{}", NEWEST.0, NEWEST.1)));
            headers.push(("Ostype", "linux".to_owned()));
            headers.push(("Server", format!("Docker/{ENGINE_VERSION} (linux)")));
        }
        if self == Self::All {
            headers.push(("Docker-Experimental", "false".to_owned()));
        }
        headers
    }
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
            flow: None,
        }
    }

    /// One whose body comes piece by piece.
    fn flowing(kind: &'static str, flow: Flow) -> Self {
        Self {
            kind,
            flow: Some(flow),
            ..Self::empty(200)
        }
    }

    /// As Go writes it: with the signs of HTML escaped, and a line's end behind.
    fn json(status: u16, value: &impl Serialize) -> Self {
        Self {
            kind: "application/json",
            body: go_json::line(value),
            ..Self::empty(status)
        }
    }

    fn bytes(kind: &'static str, body: Vec<u8>) -> Self {
        Self {
            kind,
            body,
            ..Self::empty(200)
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

    /// Whether its length is not known before it is sent.
    fn is_long(&self) -> bool {
        self.body.len() > UNKNOWN_LENGTH || self.flow.is_some()
    }

    /// The bytes of it, but for what comes piece by piece. Headers stand in the order of their names, but for what Go's server adds.
    fn emit(&self, sys: &Sys, request: &Request) -> Vec<u8> {
        let mut headers = self.headers.clone();
        headers.extend(self.told.headers());
        if !self.kind.is_empty() && !self.guessed {
            headers.push(("Content-Type", self.kind.to_owned()));
        }
        sorted::sort_by_key(&mut headers, |(name, _)| *name);
        headers.push(("Date", sys.calendar().http()));
        let long = self.is_long();
        let sized = headers.iter().any(|(name, _)| *name == "Content-Length");
        let silent = request.method == "HEAD" && self.body.is_empty();
        if !long && !sized && !silent && !matches!(self.status, 204 | 304) {
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
        text.push_str(&lines(&headers));
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        if request.method == "HEAD" || self.flow.is_some() {
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

/// The lines of headers.
fn lines(headers: &[(&str, String)]) -> String {
    let line = |(name, value): &(&str, String)| format!("{name}: {value}\r\n");
    headers.iter().map(line).collect()
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
            let request = match reader.next().await {
                Ok(None) => break,
                Ok(Some(request)) => request,
                Err(refusal) => {
                    let _ = sys.write(fd, &refusal.emit()).await;
                    break;
                }
            };
            let answer = match routes::answer(&client, &request).await {
                Outcome::Answer(answer) => answer,
                Outcome::Taken(taken) => {
                    taken.run(&sys, fd, &mut reader).await;
                    break;
                }
            };
            if sys.write(fd, &answer.emit(&sys, &request)).await.is_err() {
                break;
            }
            // Without its length, only the end says where it ends.
            let mut goes_on = !(request.closes() || request.old && answer.is_long());
            if let Some(flow) = answer.flow {
                goes_on &= flow.pour(&sys, fd, &mut reader, !request.old).await;
            }
            if !goes_on {
                break;
            }
        }
        sys.close(fd);
        0
    })
}

/// Source: moby `api/server/middleware/version.go`.
fn unspoken(version: &ApiVersion) -> Option<Answer> {
    let ApiVersion { number, text } = version;
    let text = if *number > NEWEST {
        format!(
            "client version {text} is too new. Maximum supported API version is {}.{}",
            NEWEST.0, NEWEST.1
        )
    } else if *number < OLDEST {
        format!(
            "client version {text} is too old. Minimum supported API version is {}.{}, please upgrade your client to a newer version",
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
    Some(match *number < OLDEST {
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
    use super::{ApiVersion, unspoken};

    #[test]
    fn versions_that_are_not_spoken_are_refused() {
        let refused = |number| {
            let text = String::new();
            unspoken(&ApiVersion { number, text }).is_some()
        };
        assert!(!refused((1, 24)) && !refused((1, 51)));
        assert!(refused((1, 23)) && refused((1, 52)));
    }
}
