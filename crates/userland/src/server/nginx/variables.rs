//! Variables in configuration texts.

/// Variables that nginx sets itself.
pub(super) const KNOWN: &[&str] = &[
    "args",
    "body_bytes_sent",
    "bytes_sent",
    "connection",
    "connection_requests",
    "content_length",
    "content_type",
    "document_root",
    "document_uri",
    "gzip_ratio",
    "host",
    "hostname",
    "https",
    "is_args",
    "limit_rate",
    "msec",
    "nginx_version",
    "pid",
    "pipe",
    "proxy_add_x_forwarded_for",
    "proxy_host",
    "proxy_port",
    "query_string",
    "realpath_root",
    "remote_addr",
    "remote_port",
    "remote_user",
    "request",
    "request_body",
    "request_completion",
    "request_filename",
    "request_id",
    "request_length",
    "request_method",
    "request_time",
    "request_uri",
    "scheme",
    "server_addr",
    "server_name",
    "server_port",
    "server_protocol",
    "status",
    "time_iso8601",
    "time_local",
    "upstream_addr",
    "upstream_bytes_received",
    "upstream_cache_status",
    "upstream_connect_time",
    "upstream_header_time",
    "upstream_response_length",
    "upstream_response_time",
    "upstream_status",
    "uri",
];

/// Beginnings of families of variables.
pub(super) const FAMILIES: &[&str] = &[
    "arg_",
    "cookie_",
    "http_",
    "sent_http_",
    "upstream_http_",
    "ssl_",
];

/// A piece of a text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// `$name`, or `$1`.
    Variable(&'a str),
}

/// Cuts a text into pieces.
pub(super) fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    while let Some((before, after)) = text.split_once('$') {
        let (name, rest) = if let Some(inner) = after.strip_prefix('{') {
            inner.split_once('}').unwrap_or((inner, ""))
        } else {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            // A number is one digit.
            let end = match after.chars().next() {
                Some(c) if c.is_ascii_digit() => 1,
                _ => after.find(|c| !is_name(c)).unwrap_or(after.len()),
            };
            after.split_at(end)
        };
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        out.push(if name.is_empty() {
            Piece::Text("$")
        } else {
            Piece::Variable(name)
        });
        text = rest;
    }
    if !text.is_empty() {
        out.push(Piece::Text(text));
    }
    out
}

/// The text with every variable's value.
pub(super) fn expand(text: &str, value: &dyn Fn(&str) -> String) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Variable(name) => value(name),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_letters_do() {
        let shown = expand("$scheme://${host}x$1$2y/$", &|name| format!("<{name}>"));
        assert_eq!(shown, "<scheme>://<host>x<1><2>y/$");
    }
}
