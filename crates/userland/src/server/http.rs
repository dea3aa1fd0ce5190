//! HTTP/1.1 as servers speak it: requests, answers, dates and kinds of files.

use crate::net::http::{Header, header};
use crate::net::stream::Stream;
use kernel::Errno;
use kernel::calendar::Calendar;

/// The largest body that is taken in, bytes.
const MAX_BODY: usize = 1 << 20;

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The whole first line.
    pub line: String,
    /// `GET`.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// `HTTP/1.1`; empty if the line had none.
    pub version: String,
    /// The header lines.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came instead of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRequest {
    /// The client went away.
    End,
    /// A first line that is none, as it came.
    Bad(String),
    /// What the network reported.
    Net(Errno),
}

impl From<Errno> for NoRequest {
    fn from(error: Errno) -> Self {
        Self::Net(error)
    }
}

impl Request {
    /// Reads a request.
    /// # Errors
    /// See [`NoRequest`].
    pub async fn read(stream: &mut Stream) -> Result<Self, NoRequest> {
        let line = stream.line().await?.ok_or(NoRequest::End)?;
        let words: Vec<&str> = line.split(' ').collect();
        let mut request = match words.as_slice() {
            [method, target, version] if version.starts_with("HTTP/") && !method.is_empty() => {
                Self {
                    method: (*method).to_owned(),
                    target: (*target).to_owned(),
                    version: (*version).to_owned(),
                    ..Self::default()
                }
            }
            // HTTP/0.9: no version, no headers.
            ["GET", target] if target.starts_with('/') => {
                return Ok(Self {
                    method: "GET".to_owned(),
                    target: (*target).to_owned(),
                    line: line.clone(),
                    ..Self::default()
                });
            }
            _ => return Err(NoRequest::Bad(line)),
        };
        request.line = line;
        while let Some(line) = stream.line().await? {
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            request
                .headers
                .push((name.trim().to_owned(), value.trim().to_owned()));
        }
        let length = request
            .header("Content-Length")
            .and_then(|v| v.parse().ok())
            .unwrap_or(0usize);
        if length > 0 {
            let body = stream.exactly(length.min(MAX_BODY)).await?;
            request.body = body.ok_or(NoRequest::End)?.to_vec();
        }
        Ok(request)
    }

    /// How many bytes it had.
    #[must_use]
    pub fn size(&self) -> usize {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + 4);
        self.line.len() + 4 + headers.sum::<usize>() + self.body.len()
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The host that is meant, without its port: that of an absolute target, or of `Host:`.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = match self.target.split_once("://") {
            Some((_, rest)) => rest.split(['/', '?']).next().unwrap_or_default(),
            None => self.header("Host").unwrap_or_default(),
        };
        match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => name,
            _ => host,
        }
    }

    /// The target without query, and without scheme and host as they are sent to proxies.
    #[must_use]
    pub fn path_of_target(&self) -> &str {
        let target = self.target.split('?').next().unwrap_or_default();
        match target.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
            None => target,
        }
    }

    /// The user's name in `Authorization: Basic`.
    #[must_use]
    pub fn basic_user(&self) -> Option<String> {
        let text = self.header("Authorization")?.strip_prefix("Basic ")?;
        let both = String::from_utf8(wire::base64::decode(text)?).ok()?;
        both.split(':').next().map(str::to_owned)
    }

    /// The path without query, percent-decoded, `.` and `..` resolved.
    #[must_use]
    pub fn path(&self) -> String {
        let raw = self.path_of_target();
        let mut parts: Vec<&str> = Vec::new();
        let decoded = decode(raw);
        for part in decoded.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        let slash = if decoded.ends_with('/') && !parts.is_empty() {
            "/"
        } else {
            ""
        };
        format!("/{}{slash}", parts.join("/"))
    }

    /// What stands after the question mark.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, q)| q)
    }

    /// Whether the client wants to go on after the answer.
    #[must_use]
    pub fn keep_alive(&self) -> bool {
        let wish = self
            .header("Connection")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if self.version == "HTTP/1.1" {
            wish != "close"
        } else {
            wish == "keep-alive"
        }
    }
}

/// Percent-decodes.
fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .and_then(|d| std::str::from_utf8(d).ok())
            .and_then(|d| u8::from_str_radix(d, 16).ok());
        if let (b'%', Some(byte)) = (*first, digits) {
            out.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `10/Nov/2025:09:00:00 +0000`: a moment as access logs have it.
#[must_use]
pub fn access_time(at: &Calendar) -> String {
    format!(
        "{:02}/{}/{}:{} +0000",
        at.day,
        at.month_name(),
        at.year,
        at.clock()
    )
}

/// The words for a status.
#[must_use]
pub const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Not Allowed",
        416 => "Requested Range Not Satisfiable",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

/// The media type of what no other is known for.
pub const UNKNOWN_MEDIA: &str = "application/octet-stream";

/// The media type of a file by its name.
#[must_use]
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" | "htm" => "text/html",
        "txt" => "text/plain",
        "css" => "text/css",
        "js" => "application/javascript",
        "json" => "application/json",
        "xml" => "text/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        _ => UNKNOWN_MEDIA,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_root() {
        let request = |target: &str| Request {
            target: target.to_owned(),
            ..Request::default()
        };
        assert_eq!(request("/a/../../etc/%70asswd?x").path(), "/etc/passwd");
        assert_eq!(request("/a/").path(), "/a/");
        assert_eq!(request("/").path(), "/");
    }
}
