//! HTTP/1.1 as clients speak it: addresses, requests, answers and their bodies.

use super::stream::Stream;
use bytes::Bytes;
use kernel::Errno;

/// The parts of an `http://` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// `http`, or another word before `://`; `http` if there is none.
    pub scheme: String,
    /// `user:password`, if given.
    pub user: Option<String>,
    /// Host without brackets.
    pub host: String,
    /// The port, from the scheme if not given.
    pub port: u16,
    /// Whether the address says the port.
    pub explicit_port: bool,
    /// Path and query, beginning with a slash.
    pub target: String,
}

/// Why an address makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlError {
    /// Nothing between `//` and the path.
    NoHost,
    /// The port is not a number up to 65535.
    BadPort,
    /// Anything else: a space, an open bracket.
    Malformed,
}

/// The port that a scheme stands for.
#[must_use]
pub fn default_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        "ftp" => 21,
        "telnet" => 23,
        "gopher" => 70,
        "dict" => 2628,
        _ => return None,
    })
}

impl Url {
    /// Takes an address apart.
    /// # Errors
    /// See [`UrlError`].
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err(UrlError::Malformed);
        }
        let (scheme, rest) = text
            .split_once("://")
            .map_or(("http".to_owned(), text), |(s, r)| {
                (s.to_ascii_lowercase(), r)
            });
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let target = target.split('#').next().unwrap_or_default();
        let target = if target.starts_with('/') {
            target.to_owned()
        } else {
            format!("/{target}")
        };
        let (user, authority) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(u, a)| (Some(u.to_owned()), a));
        let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
            let (host, after) = inner.split_once(']').ok_or(UrlError::Malformed)?;
            (host, after.strip_prefix(':'))
        } else {
            authority
                .split_once(':')
                .map_or((authority, None), |(h, p)| (h, Some(p)))
        };
        if host.is_empty() {
            return Err(UrlError::NoHost);
        }
        let port = port
            .filter(|p| !p.is_empty())
            .map(|p| p.parse().ok().ok_or(UrlError::BadPort))
            .transpose()?;
        let known = default_port(&scheme).unwrap_or(80);
        Ok(Self {
            scheme,
            user,
            host: host.to_owned(),
            port: port.unwrap_or(known),
            explicit_port: port.is_some(),
            target,
        })
    }

    /// Host and, unless it is the scheme's own, port: what `Host:` says.
    #[must_use]
    pub fn host_header(&self) -> String {
        let host = self.bracketed_host();
        if default_port(&self.scheme) == Some(self.port) {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// The host, an IPv6 address in brackets.
    #[must_use]
    pub fn bracketed_host(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }

    /// The address that a `Location:` here means.
    /// # Errors
    /// See [`UrlError`].
    pub fn join(&self, location: &str) -> Result<Self, UrlError> {
        if location.contains("://") {
            return Self::parse(location);
        }
        let target = if let Some(rest) = location.strip_prefix("//") {
            return Self::parse(&format!("{}://{rest}", self.scheme));
        } else if location.starts_with('/') {
            location.to_owned()
        } else {
            let path = self.target.split('?').next().unwrap_or_default();
            let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
            format!("{dir}/{location}")
        };
        Ok(Self {
            target,
            ..self.clone()
        })
    }

    /// The last component of the path, without the query.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.target
            .split('?')
            .next()
            .unwrap_or_default()
            .rsplit('/')
            .next()
            .unwrap_or_default()
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.bracketed_host())?;
        if self.explicit_port {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.target)
    }
}

/// A header line.
pub type Header = (String, String);

/// The value of the first header of that name, in any case.
#[must_use]
pub fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_str())
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `HTTP/1.1`.
    pub version: String,
    /// 200.
    pub status: u16,
    /// The whole first line.
    pub status_line: String,
    /// The other lines.
    pub headers: Vec<Header>,
}

/// What went wrong while an answer was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// The connection ended before anything was said.
    Empty,
    /// What came is not HTTP/1.
    NotHttp,
    /// The connection ended in the middle.
    Cut {
        /// How many bytes were still to come, if that was said.
        missing: Option<u64>,
    },
    /// A chunk's size makes no sense.
    BadChunk,
    /// What the network reported.
    Net(Errno),
}

impl From<Errno> for ReadError {
    fn from(error: Errno) -> Self {
        Self::Net(error)
    }
}

impl Answer {
    /// Reads an answer's head.
    /// # Errors
    /// See [`ReadError`].
    pub async fn read(stream: &mut Stream) -> Result<Self, ReadError> {
        // Five bytes tell whether this is HTTP at all, even if no line ends.
        while stream.buffered().len() < 5 {
            if !stream.fill().await? {
                if stream.buffered().is_empty() {
                    return Err(ReadError::Empty);
                }
                break;
            }
        }
        if !stream.buffered().starts_with(b"HTTP/") {
            return Err(ReadError::NotHttp);
        }
        let status_line = stream.line().await?.ok_or(ReadError::Empty)?;
        let mut words = status_line.split_whitespace();
        let version = words.next().unwrap_or_default().to_owned();
        let status = words
            .next()
            .and_then(|w| w.parse().ok())
            .ok_or(ReadError::NotHttp)?;
        let mut headers = Vec::new();
        loop {
            let line = stream
                .line()
                .await?
                .ok_or(ReadError::Cut { missing: None })?;
            if line.is_empty() {
                return Ok(Self {
                    version,
                    status,
                    status_line,
                    headers,
                });
            }
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The head as it came, each line with `\r\n`, and the empty line.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\r\n", self.status_line);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text + "\r\n"
    }

    /// How the body ends, for an answer to `method`. Source: RFC 9112 section 6.3.
    #[must_use]
    pub fn body(&self, method: &str) -> Body {
        let none = method == "HEAD" || self.status / 100 == 1 || matches!(self.status, 204 | 304);
        let chunked = self
            .header("Transfer-Encoding")
            .is_some_and(|v| v.to_ascii_lowercase().contains("chunked"));
        let length = self.header("Content-Length").and_then(|v| v.parse().ok());
        match (none, chunked, length) {
            (true, _, _) => Body::Length(0),
            (_, true, _) => Body::Chunked {
                left: 0,
                first: true,
            },
            (_, _, Some(n)) => Body::Length(n),
            _ => Body::ToEnd,
        }
    }
}

/// What is still to come of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// That many bytes.
    Length(u64),
    /// Chunks; `left` bytes of the current one.
    Chunked {
        /// Bytes of the current chunk.
        left: u64,
        /// Whether no chunk was read yet.
        first: bool,
    },
    /// Everything until the connection ends.
    ToEnd,
    /// Nothing.
    Done,
}

impl Body {
    /// The next piece; `None` at the end.
    /// # Errors
    /// See [`ReadError`].
    pub async fn next(&mut self, stream: &mut Stream) -> Result<Option<Bytes>, ReadError> {
        match *self {
            Self::Done | Self::Length(0) => Ok(None),
            Self::Length(left) => {
                let piece = stream
                    .some(usize::try_from(left).unwrap_or(usize::MAX))
                    .await?;
                if piece.is_empty() {
                    return Err(ReadError::Cut {
                        missing: Some(left),
                    });
                }
                *self = Self::Length(left - piece.len() as u64);
                Ok(Some(piece))
            }
            Self::ToEnd => {
                let piece = stream.some(usize::MAX).await?;
                Ok((!piece.is_empty()).then_some(piece))
            }
            Self::Chunked { left, first } => {
                let mut left = left;
                if left == 0 {
                    if !first {
                        stream.line().await?;
                    }
                    let line = stream
                        .line()
                        .await?
                        .ok_or(ReadError::Cut { missing: None })?;
                    let digits = line.split(';').next().unwrap_or_default().trim();
                    left = u64::from_str_radix(digits, 16).or(Err(ReadError::BadChunk))?;
                    if left == 0 {
                        while stream.line().await?.is_some_and(|l| !l.is_empty()) {}
                        *self = Self::Done;
                        return Ok(None);
                    }
                }
                let piece = stream
                    .some(usize::try_from(left).unwrap_or(usize::MAX))
                    .await?;
                if piece.is_empty() {
                    return Err(ReadError::Cut { missing: None });
                }
                *self = Self::Chunked {
                    left: left - piece.len() as u64,
                    first: false,
                };
                Ok(Some(piece))
            }
        }
    }
}

/// A path, perhaps with a query, without its `.` and `..`. Source: RFC 3986 section 5.2.4.
#[must_use]
pub fn without_dots(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        // Dots may be written in another way. Source: curl's `dedotdotify`.
        match part.to_ascii_lowercase().replace("%2e", ".").as_str() {
            dots @ ("." | "..") => {
                if dots == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(part),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let url = Url::parse("localhost:8080?q=1#x").unwrap();
        assert_eq!(
            (url.host.as_str(), url.port, url.target.as_str()),
            ("localhost", 8080, "/?q=1")
        );
        assert_eq!(url.host_header(), "localhost:8080");
        let url = Url::parse("HTTP://me:pw@[2001:db8::1]/a/b?c").unwrap();
        assert_eq!(
            (url.host.as_str(), url.port, url.user.as_deref()),
            ("2001:db8::1", 80, Some("me:pw"))
        );
        assert_eq!(url.to_string(), "http://[2001:db8::1]/a/b?c");
        assert_eq!(url.join("d").unwrap().target, "/a/d");
        assert_eq!(Url::parse("http://:80"), Err(UrlError::NoHost));
        assert_eq!(Url::parse("http://a:99999"), Err(UrlError::BadPort));
    }

    #[test]
    fn dots_are_taken_out_of_paths() {
        assert_eq!(without_dots("/a/../b/./c?x=.."), "/b/c?x=..");
        assert_eq!(without_dots("/../x"), "/x");
        assert_eq!(without_dots("/a/.."), "/");
        assert_eq!(without_dots("/"), "/");
    }
}
