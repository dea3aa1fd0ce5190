//! What curl asks: the method, the headers in its order, and the body.

use super::VERSION;
use super::transfer::{Failure, Transfer};
use crate::net::http::{Header, Url};
use bytes::Bytes;

/// A request, ready to be sent.
pub(super) struct Request {
    /// Request line and headers, with the empty line.
    pub(super) head: String,
    pub(super) body: Option<Bytes>,
}

/// A multipart body and its boundary.
fn multipart(transfer: &Transfer<'_>) -> Result<(String, Vec<u8>), Failure> {
    let digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let seed = transfer.sys.kernel(|k| k.rng.next_u64());
    let boundary: String = "-"
        .repeat(24)
        .chars()
        .chain((0..22).map(|at| {
            let pick = seed.rotate_left(at * 11) % digits.len() as u64;
            digits.chars().nth(pick as usize).unwrap_or('0')
        }))
        .collect();
    let mut body = Vec::new();
    for part in &transfer.options.form {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let mut about = String::new();
        let data = if let Some(path) = value.strip_prefix(['@', '<']) {
            if value.starts_with('@') {
                let file = path.rsplit('/').next().unwrap_or_default();
                about = format!("; filename=\"{file}\"\r\nContent-Type: application/octet-stream");
            }
            transfer
                .sys
                .read_file(path)
                .ok()
                .ok_or_else(unreadable)?
                .to_vec()
        } else {
            value.as_bytes().to_vec()
        };
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{about}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&data);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((boundary, body))
}

fn unreadable() -> Failure {
    (
        26,
        "Failed to open/read local data from file/application".to_owned(),
    )
}

impl Transfer<'_> {
    /// The method: that of `-X`, or what the other options stand for.
    pub(super) fn method(&self) -> String {
        let o = self.options;
        o.method.clone().unwrap_or_else(|| {
            let word = if o.head {
                "HEAD"
            } else if o.upload.is_some() {
                "PUT"
            } else if !o.form.is_empty() || o.data.is_some() && !o.get {
                "POST"
            } else {
                "GET"
            };
            word.to_owned()
        })
    }

    /// Puts a request together. The order of headers is libcurl's (http.c).
    pub(super) fn compose(
        &self,
        url: &Url,
        method: &str,
        proxied: bool,
    ) -> Result<Request, Failure> {
        let o = self.options;
        let mut kind = Some("application/x-www-form-urlencoded".to_owned());
        let body: Option<Bytes> = match &o.upload {
            Some(path) => {
                kind = None;
                Some(self.sys.read_file(path).ok().ok_or_else(unreadable)?)
            }
            None if !o.form.is_empty() => {
                let (boundary, body) = multipart(self)?;
                kind = Some(format!("multipart/form-data; boundary={boundary}"));
                Some(body.into())
            }
            None => o.data.clone().filter(|_| !o.get).map(Bytes::from),
        };
        let mut headers: Vec<Header> = vec![("Host".into(), url.host_header())];
        let mut add = |name: &str, value: Option<String>| {
            headers.extend(value.map(|value| (name.to_owned(), value)));
        };
        let user = o.user.as_ref().or(url.user.as_ref());
        add(
            "Authorization",
            user.map(|user| format!("Basic {}", wire::base64::encode(user.as_bytes()))),
        );
        add(
            "Range",
            o.range.as_ref().map(|range| format!("bytes={range}")),
        );
        let agent = o.agent.clone();
        add(
            "User-Agent",
            Some(agent.unwrap_or_else(|| format!("curl/{VERSION}"))),
        );
        add("Accept", Some("*/*".to_owned()));
        if o.http2 && !o.http10 {
            for (name, value) in [
                ("Upgrade", "h2c"),
                ("HTTP2-Settings", "AAMAAABkAAQAAQAAAAIAAAAA"),
                ("Connection", "Upgrade, HTTP2-Settings"),
            ] {
                add(name, Some(value.to_owned()));
            }
        }
        add(
            "Accept-Encoding",
            o.compressed.then(|| "deflate, gzip, br, zstd".to_owned()),
        );
        add("Referer", o.referer.clone());
        add("Proxy-Connection", proxied.then(|| "Keep-Alive".to_owned()));
        add("Cookie", o.cookie.clone());
        let own_from = headers.len();
        if let Some(body) = &body {
            headers.push(("Content-Length".into(), body.len().to_string()));
            headers.extend(kind.map(|kind| ("Content-Type".to_owned(), kind)));
        }
        let mut own_at = own_from;
        for line in &o.headers {
            let (name, value) = line
                .split_once(':')
                .or_else(|| line.split_once(';'))
                .unwrap_or((line, ""));
            let value = value.trim();
            let before = headers.iter().take(own_at);
            own_at -= before.filter(|(n, _)| n.eq_ignore_ascii_case(name)).count();
            headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
            // `Name:` takes a header away, `Name;` sends it empty.
            if value.is_empty() && line.contains(':') {
                continue;
            }
            let header = (name.to_owned(), value.to_owned());
            let at = if name.eq_ignore_ascii_case("host") {
                0
            } else {
                own_at
            };
            headers.insert(at.min(headers.len()), header);
            own_at += 1;
        }
        let target = if proxied {
            url.to_string()
        } else {
            url.target.clone()
        };
        let version = if o.http10 { "1.0" } else { "1.1" };
        let mut head = format!("{method} {target} HTTP/{version}\r\n");
        for (name, value) in &headers {
            head.push_str(format!("{name}: {value}").trim_end());
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        Ok(Request { head, body })
    }
}
