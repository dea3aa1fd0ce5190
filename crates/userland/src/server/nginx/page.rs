//! Answers: pages made here, their heads in nginx's order, and nginx's words for statuses.

use super::VERSION;
use crate::net::http::Header;
use kernel::sys::Sys;

/// The words for a status: in the first line and, if they differ, in the page. Source: ngx_http_header_filter_module.c
/// and ngx_http_special_response.c.
const WORDS: &[(u16, &str, &str)] = &[
    (200, "OK", ""),
    (201, "Created", ""),
    (202, "Accepted", ""),
    (204, "No Content", ""),
    (206, "Partial Content", ""),
    (301, "Moved Permanently", "Moved Permanently"),
    (302, "Moved Temporarily", "Found"),
    (303, "See Other", "See Other"),
    (304, "Not Modified", ""),
    (307, "Temporary Redirect", "Temporary Redirect"),
    (308, "Permanent Redirect", "Permanent Redirect"),
    (400, "Bad Request", "Bad Request"),
    (401, "Unauthorized", "Authorization Required"),
    (402, "Payment Required", "Payment Required"),
    (403, "Forbidden", "Forbidden"),
    (404, "Not Found", "Not Found"),
    (405, "Not Allowed", "Not Allowed"),
    (406, "Not Acceptable", "Not Acceptable"),
    (408, "Request Time-out", "Request Time-out"),
    (409, "Conflict", "Conflict"),
    (410, "Gone", "Gone"),
    (411, "Length Required", "Length Required"),
    (412, "Precondition Failed", "Precondition Failed"),
    (413, "Request Entity Too Large", "Request Entity Too Large"),
    (414, "Request-URI Too Large", "Request-URI Too Large"),
    (415, "Unsupported Media Type", "Unsupported Media Type"),
    (
        416,
        "Requested Range Not Satisfiable",
        "Requested Range Not Satisfiable",
    ),
    (429, "Too Many Requests", "Too Many Requests"),
    (500, "Internal Server Error", "Internal Server Error"),
    (501, "Not Implemented", "Not Implemented"),
    (502, "Bad Gateway", "Bad Gateway"),
    (
        503,
        "Service Temporarily Unavailable",
        "Service Temporarily Unavailable",
    ),
    (504, "Gateway Time-out", "Gateway Time-out"),
    (
        505,
        "HTTP Version Not Supported",
        "HTTP Version Not Supported",
    ),
    (507, "Insufficient Storage", "Insufficient Storage"),
];

/// An answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) status: u16,
    /// What another server called the status.
    pub(super) reason: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) modified: Option<String>,
    /// A redirection to this server itself.
    pub(super) location: Option<String>,
    /// What follows the fixed lines.
    pub(super) headers: Vec<Header>,
    pub(super) body: Vec<u8>,
    /// Whether its length is not known beforehand.
    pub(super) chunked: bool,
    /// Whether another server made it, whose errors are its own.
    pub(super) foreign: bool,
}

impl Page {
    /// A text with that status.
    pub(super) fn text(status: u16, kind: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            kind: Some(kind.to_owned()),
            body,
            ..Self::default()
        }
    }

    /// nginx's own page for a status.
    pub(super) fn error(status: u16, tokens: bool) -> Self {
        let words = WORDS
            .iter()
            .find(|(code, _, page)| *code == status && !page.is_empty());
        let Some((_, _, words)) = words else {
            return Self {
                status,
                ..Self::default()
            };
        };
        let title = format!("{status} {words}");
        let server = if tokens { VERSION } else { "nginx" };
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>{server}</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::text(status, "text/html", body.into_bytes())
    }

    /// The one part that `Range:` asks for; several parts, or what makes no sense, give the whole.
    pub(super) fn part(mut self, range: &str, tokens: bool) -> Self {
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
            let mut page = Self::error(416, tokens);
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

    /// The head. `chunks` says whether the client takes chunks.
    pub(super) fn head(&self, sys: &Sys, tokens: bool, keep: bool, chunks: bool) -> String {
        let known = WORDS.iter().find(|(code, ..)| *code == self.status);
        let words = self
            .reason
            .as_deref()
            .or(known.map(|(_, words, _)| *words))
            .unwrap_or_default();
        let server = if tokens { VERSION } else { "nginx" };
        let mut text = format!(
            "HTTP/1.1 {} {words}\r\nServer: {server}\r\nDate: {}\r\n",
            self.status,
            sys.calendar().http()
        );
        let mut line = |name: &str, value: &str| text.push_str(&format!("{name}: {value}\r\n"));
        let bare = matches!(self.status, 204 | 304);
        if let Some(kind) = self.kind.as_ref().filter(|_| !bare) {
            line("Content-Type", kind);
        }
        if !bare && !self.chunked {
            line("Content-Length", &self.body.len().to_string());
        }
        if let Some(modified) = &self.modified {
            line("Last-Modified", modified);
        }
        if let Some(location) = &self.location {
            line("Location", location);
        }
        if self.chunked && chunks && !bare {
            line("Transfer-Encoding", "chunked");
        }
        line("Connection", if keep { "keep-alive" } else { "close" });
        for (name, value) in &self.headers {
            line(name, value);
        }
        text + "\r\n"
    }
}

/// The media type by a name's ending. Source: nginx's mime.types, in parts.
pub(super) fn media_type(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "html" | "htm" | "shtml" => "text/html",
        "css" => "text/css",
        "xml" => "text/xml",
        "gif" => "image/gif",
        "jpeg" | "jpg" => "image/jpeg",
        "js" => "application/javascript",
        "txt" => "text/plain",
        "png" => "image/png",
        "svg" | "svgz" => "image/svg+xml",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "woff2" => "font/woff2",
        "mp4" => "video/mp4",
        _ => return None,
    })
}
