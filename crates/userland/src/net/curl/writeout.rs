//! `-w`: a report by a format.

use super::VERSION;
use super::transfer::Report;
use crate::net::http::{self, Url};
use kernel::time::Duration;
use std::net::SocketAddr;

/// A piece of what a format makes, and where it goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Out(String),
    Err(String),
}

/// All variables, in the order of `%{json}`.
const NAMES: &str = "certs conn_id content_type errormsg exitcode filename_effective ftp_entry_path http_code \
http_connect http_version local_ip local_port method num_certs num_connects num_headers num_redirects num_retries \
proxy_ssl_verify_result proxy_used redirect_url referer remote_ip remote_port response_code scheme size_delivered \
size_download size_header size_request size_upload speed_download speed_upload ssl_verify_result time_appconnect \
time_connect time_namelookup time_posttransfer time_pretransfer time_queue time_redirect time_starttransfer time_total \
tls_earlydata url url.fragment url.host url.options url.password url.path url.port url.query url.scheme url.user \
url.zoneid url_effective urle.fragment urle.host urle.options urle.password urle.path urle.port urle.query urle.scheme \
urle.user urle.zoneid urlnum xfer_id";

/// Fills a format in. Source: `curl(1)`, `--write-out`.
pub(super) fn render(format: &str, report: &Report) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut to_err = false;
    let mut add = |to_err: bool, text: &str| match (pieces.last_mut(), to_err) {
        (Some(Piece::Out(last)), false) | (Some(Piece::Err(last)), true) => last.push_str(text),
        (_, false) => pieces.push(Piece::Out(text.to_owned())),
        (_, true) => pieces.push(Piece::Err(text.to_owned())),
    };
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let mut text = String::new();
        rest = after;
        match c {
            '%' if after.starts_with('%') => {
                text.push('%');
                rest = after.get(1..).unwrap_or_default();
            }
            '%' if after.starts_with("header{") || after.starts_with('{') => {
                let is_header = after.starts_with('h');
                let inner = after
                    .get(if is_header { 7 } else { 1 }..)
                    .unwrap_or_default();
                let Some((name, tail)) = inner.split_once('}') else {
                    add(to_err, "%");
                    continue;
                };
                rest = tail;
                match name {
                    _ if is_header => {
                        text = http::header(&report.headers, name)
                            .unwrap_or_default()
                            .to_owned();
                    }
                    "stderr" => to_err = true,
                    "stdout" => to_err = false,
                    "onerror" if report.code == 0 => break,
                    "onerror" => {}
                    "json" => text = json(report),
                    "header_json" => text = header_json(report),
                    name => match variable(name, report) {
                        Some(Value::Text(value)) => text = value.unwrap_or_default(),
                        Some(Value::Number(value)) => text = value,
                        None => add(
                            true,
                            &format!("curl: unknown --write-out variable: '{name}'\n"),
                        ),
                    },
                }
            }
            '\\' => {
                let escape = after.chars().next();
                rest = after
                    .get(escape.map_or(0, char::len_utf8)..)
                    .unwrap_or_default();
                match escape {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    other => {
                        text.push('\\');
                        text.extend(other);
                    }
                }
            }
            c => text.push(c),
        }
        if !text.is_empty() {
            add(to_err, &text);
        }
    }
    pieces
}

/// What a variable holds: JSON puts texts into quotes.
enum Value {
    Text(Option<String>),
    Number(String),
}

fn json(report: &Report) -> String {
    let mut out = String::from("{");
    for name in NAMES.split_whitespace() {
        let value = match variable(name, report) {
            Some(Value::Number(value)) => value.trim_start_matches('0').to_owned(),
            Some(Value::Text(Some(value))) => quoted(&value),
            _ => "null".to_owned(),
        };
        let value = match value.as_str() {
            "" => "0",
            value if value.starts_with('.') => &format!("0{value}"),
            value => value,
        };
        out.push_str(&format!("\"{name}\":{value},"));
    }
    out.push_str(&format!("\"curl_version\":\"libcurl/{VERSION}\"}}"));
    out
}

fn header_json(report: &Report) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for (name, _) in &report.headers {
        let name = name.to_ascii_lowercase();
        if told.contains(&name) {
            continue;
        }
        let values: Vec<String> = report
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(&name))
            .map(|(_, value)| quoted(value))
            .collect();
        lines.push(format!("\"{name}\":[{}]", values.join(",")));
        told.push(name);
    }
    format!("{{{}\n}}", lines.join(",\n"))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn seconds(at: Option<Duration>) -> Value {
    Value::Number(format!("{:.6}", at.unwrap_or_default().as_secs_f64()))
}

fn variable(name: &str, r: &Report) -> Option<Value> {
    let text = |text: String| Value::Text(Some(text));
    let some = |text: &str| Value::Text(Some(text.to_owned()).filter(|text| !text.is_empty()));
    let ip = |a: Option<SocketAddr>| text(a.map(|a| a.ip().to_string()).unwrap_or_default());
    let port = |a: Option<SocketAddr>| {
        Value::Number(a.map_or_else(|| "-1".to_owned(), |a| a.port().to_string()))
    };
    let count = |n: u64| Value::Number(n.to_string());
    if let Some(part) = name.strip_prefix("url.") {
        return url_part(part, &r.url);
    }
    if let Some(part) = name.strip_prefix("urle.") {
        return url_part(part, &r.effective);
    }
    Some(match name {
        "http_code" | "response_code" => Value::Number(format!("{:03}", r.status)),
        "http_connect" => Value::Number("000".to_owned()),
        "http_version" => text(match r.version.trim_start_matches("HTTP/") {
            "" => "0".to_owned(),
            version => version.to_owned(),
        }),
        "certs" => text(String::new()),
        "size_delivered" | "size_download" => count(r.received),
        "size_header" => count(r.header_size as u64),
        "size_request" => count(r.request_size as u64),
        "size_upload" => count(r.sent),
        "speed_download" => rate(r.received, r.total),
        "speed_upload" => rate(r.sent, r.total),
        "time_namelookup" => seconds(r.resolved),
        "time_connect" => seconds(r.connected),
        "time_appconnect" | "time_redirect" | "time_queue" => seconds(None),
        "time_pretransfer" | "time_posttransfer" => seconds(r.connected),
        "time_starttransfer" => seconds(r.first_byte),
        "time_total" => seconds(Some(r.total)),
        "remote_ip" => ip(r.remote),
        "remote_port" => port(r.remote),
        "local_ip" => ip(r.local),
        "local_port" => port(r.local),
        "num_connects" => count(u64::from(r.connects)),
        "num_redirects" => count(u64::from(r.redirects)),
        "num_headers" => count(r.headers.len() as u64),
        "num_certs"
        | "num_retries"
        | "proxy_ssl_verify_result"
        | "proxy_used"
        | "ssl_verify_result"
        | "tls_earlydata"
        | "urlnum"
        | "xfer_id"
        | "conn_id" => count(0),
        "url" => text(r.url.clone()),
        "url_effective" => text(r.effective.clone()),
        "redirect_url" => some(&r.redirect_url),
        "method" => text(r.method.clone()),
        "content_type" => some(http::header(&r.headers, "Content-Type").unwrap_or_default()),
        "errormsg" => Value::Text(r.error.clone()),
        "exitcode" => Value::Number(r.code.to_string()),
        "scheme" => text(match r.effective.split_once("://") {
            Some((scheme, _)) => scheme.to_ascii_lowercase(),
            None => "http".to_owned(),
        }),
        "filename_effective" => Value::Text(r.file.clone()),
        "ftp_entry_path" | "referer" => Value::Text(None),
        _ => return None,
    })
}

/// `%{url.host}` and the like.
fn url_part(part: &str, url: &str) -> Option<Value> {
    let parsed = Url::parse(url).ok();
    let of = |get: &dyn Fn(&Url) -> Option<String>| parsed.as_ref().and_then(get);
    let user = |at: usize| {
        of(&|u| {
            let mut parts = u.user.as_deref()?.splitn(2, ':');
            parts.nth(at).map(str::to_owned)
        })
    };
    Some(Value::Text(match part {
        "scheme" => of(&|u| Some(u.scheme.clone())),
        "host" => of(&|u| Some(u.bracketed_host())),
        "port" => of(&|u| Some(u.port.to_string())),
        "path" => of(&|u| u.target.split('?').next().map(str::to_owned)),
        "query" => of(&|u| u.target.split_once('?').map(|(_, query)| query.to_owned())),
        "fragment" => url.split_once('#').map(|(_, fragment)| fragment.to_owned()),
        "user" => user(0),
        "password" => user(1),
        "options" | "zoneid" => None,
        _ => return None,
    }))
}

fn rate(bytes: u64, time: Duration) -> Value {
    let rate = bytes as f64 / time.max(Duration::from_micros(1)).as_secs_f64();
    Value::Number((rate as u64).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_know_variables_escapes_and_streams() {
        let report = Report {
            status: 200,
            code: 0,
            received: 615,
            ..Report::default()
        };
        let format = r"%{http_code} %{size_download}%%\n%{stderr}x%{nosuch}%{stdout}y%{onerror}z";
        assert_eq!(
            render(format, &report),
            [
                Piece::Out("200 615%\n".to_owned()),
                Piece::Err("xcurl: unknown --write-out variable: 'nosuch'\n".to_owned()),
                Piece::Out("y".to_owned()),
            ]
        );
        assert_eq!(
            render("%{http_code}", &Report::default()),
            [Piece::Out("000".to_owned())]
        );
        assert!(json(&report).contains("\"num_connects\":0,"));
    }
}
