//! `-w`: a report by a format.

use super::transfer::Report;
use kernel::time::Duration;

/// What a format makes, by stream.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) out: String,
    pub(super) err: String,
}

/// Fills a format in. Source: `curl(1)`, `--write-out`.
pub(super) fn render(format: &str, report: &Report) -> Written {
    let mut written = Written::default();
    let mut to_err = false;
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
                    text.push('%');
                    continue;
                };
                rest = tail;
                match name {
                    _ if is_header => {
                        text = super::super::http::header(&report.headers, name)
                            .unwrap_or_default()
                            .to_owned();
                    }
                    "stderr" => to_err = true,
                    "stdout" => to_err = false,
                    "onerror" if report.code == 0 => break,
                    "onerror" => {}
                    name => text = variable(name, report).unwrap_or_default(),
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
        if to_err {
            &mut written.err
        } else {
            &mut written.out
        }
        .push_str(&text);
    }
    written
}

fn seconds(at: Option<Duration>) -> String {
    format!("{:.6}", at.unwrap_or_default().as_secs_f64())
}

fn variable(name: &str, r: &Report) -> Option<String> {
    let ip = |a: Option<std::net::SocketAddr>| a.map(|a| a.ip().to_string()).unwrap_or_default();
    let port = |a: Option<std::net::SocketAddr>| a.map_or(0, |a| a.port()).to_string();
    Some(match name {
        "http_code" | "response_code" => format!("{:03}", r.status),
        "http_connect" => "000".to_owned(),
        "http_version" => r
            .version
            .trim_start_matches("HTTP/")
            .trim_end_matches(".0")
            .to_owned(),
        "size_download" => r.received.to_string(),
        "size_header" => r.header_size.to_string(),
        "size_request" => r.request_size.to_string(),
        "size_upload" => r.sent.to_string(),
        "speed_download" => rate(r.received, r.total),
        "speed_upload" => rate(r.sent, r.total),
        "time_namelookup" => seconds(r.resolved),
        "time_connect" => seconds(r.connected),
        "time_appconnect" | "time_redirect" => seconds(None),
        "time_pretransfer" => seconds(r.connected),
        "time_starttransfer" => seconds(r.first_byte),
        "time_total" => seconds(Some(r.total)),
        "remote_ip" => ip(r.remote),
        "remote_port" => port(r.remote),
        "local_ip" => ip(r.local),
        "local_port" => port(r.local),
        "num_connects" => u32::from(r.remote.is_some()).to_string(),
        "num_redirects" => r.redirects.to_string(),
        "num_headers" => r.headers.len().to_string(),
        "url" => r.url.clone(),
        "url_effective" => r.effective.clone(),
        "redirect_url" => r.redirect_url.clone(),
        "method" => r.method.clone(),
        "content_type" => super::super::http::header(&r.headers, "Content-Type")
            .unwrap_or_default()
            .to_owned(),
        "errormsg" => r.error.clone().unwrap_or_default(),
        "exitcode" => r.code.to_string(),
        "scheme" => "http".to_owned(),
        "filename_effective" => r.file.clone().unwrap_or_default(),
        "urlnum" => "0".to_owned(),
        _ => return None,
    })
}

fn rate(bytes: u64, time: Duration) -> String {
    ((bytes as f64 / time.max(Duration::from_micros(1)).as_secs_f64()) as u64).to_string()
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
        let written = render(
            r"%{http_code} %{size_download}%%\n%{stderr}x%{stdout}y%{onerror}z",
            &report,
        );
        assert_eq!(
            (written.out.as_str(), written.err.as_str()),
            ("200 615%\ny", "x")
        );
        assert_eq!(render("%{http_code}", &Report::default()).out, "000");
    }
}
