//! Files and listings of directories.

use super::exchange::Exchange;
use super::page::{Page, media_type};
use kernel::Errno;
use kernel::calendar::Calendar;

/// A listing's names are cut after so many characters. Source: `NGX_HTTP_AUTOINDEX_NAME_LEN`.
const NAME_WIDTH: usize = 50;

impl Exchange<'_> {
    /// When a file was written, seconds since 1970.
    fn written(&self, file: &str) -> u64 {
        let sys = &self.client.sys;
        let since = sys
            .stat(file, true)
            .map_or(0, |m| m.modified.as_nanos() / 1_000_000_000);
        sys.kernel(|k| k.epoch) + since
    }

    /// The file or listing that the path means; an error is the path of an index file, which is asked for anew.
    pub(super) async fn file(&self) -> Result<Page, String> {
        let scope = &self.location.scope;
        if !matches!(self.request.method.as_str(), "GET" | "HEAD") && !self.internal {
            return Ok(self.error(405));
        }
        let sys = &self.client.sys;
        let path = &self.uri;
        let file = self.file_of(path);
        if path.ends_with('/') {
            for name in &scope.index {
                let found = if name.starts_with('/') {
                    name.clone()
                } else {
                    format!("{file}{name}")
                };
                if sys.exists(&found) {
                    return Err(if name.starts_with('/') {
                        name.clone()
                    } else {
                        format!("{path}{name}")
                    });
                }
            }
            if sys.is_dir(&file) {
                if scope.autoindex {
                    return Ok(self.listing(&file));
                }
                self.complain(
                    "error",
                    &format!("directory index of \"{file}\" is forbidden"),
                )
                .await;
                return Ok(self.error(403));
            }
            let name = scope.index.first().map_or("index.html", String::as_str);
            return Ok(self.missing(&format!("{file}{name}"), Errno::ENOENT).await);
        }
        if sys.is_dir(&file) {
            let mut page = self.error(301);
            let args = if self.args.is_empty() {
                String::new()
            } else {
                format!("?{}", self.args)
            };
            page.location = Some(self.here(&format!("{path}/{args}")));
            return Ok(page);
        }
        let data = match sys.read_file(&file) {
            Ok(data) => data,
            Err(error) => return Ok(self.missing(&file, error).await),
        };
        let written = self.written(&file);
        let (modified, tag) = (
            Calendar::new(written.cast_signed()).http(),
            format!("\"{written:x}-{:x}\"", data.len()),
        );
        let mut page = Page {
            status: 200,
            kind: Some(media_type(&file).unwrap_or(&scope.default_type).to_owned()),
            modified: Some(modified.clone()),
            headers: vec![("ETag".into(), tag.clone())],
            body: data.to_vec(),
            ..Page::default()
        };
        let asked = |name: &str| self.request.header(name);
        let same = match (asked("If-None-Match"), asked("If-Modified-Since")) {
            (Some(tags), _) => {
                tags == "*" || tags.split(", ").any(|t| t.trim_start_matches("W/") == tag)
            }
            (None, since) => since == Some(&modified),
        };
        if same {
            (page.status, page.body, page.kind) = (304, Vec::new(), None);
            return Ok(page);
        }
        page.headers.push(("Accept-Ranges".into(), "bytes".into()));
        Ok(match asked("Range") {
            Some(range) => page.part(range, scope.tokens),
            None => page,
        })
    }

    async fn missing(&self, file: &str, error: Errno) -> Page {
        self.complain(
            "error",
            &format!("open() \"{file}\" failed ({}: {error})", error.number()),
        )
        .await;
        self.error(if error == Errno::EACCES { 403 } else { 404 })
    }

    fn listing(&self, dir: &str) -> Page {
        let sys = &self.client.sys;
        let title = format!("Index of {}", self.uri);
        let mut text = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<h1>{title}</h1><hr><pre><a href=\"../\">../</a>\r\n"
        );
        let mut entries: Vec<(bool, String)> = sys
            .read_dir(dir)
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| !entry.name.starts_with('.'))
            .map(|entry| (!sys.is_dir(&format!("{dir}{}", entry.name)), entry.name))
            .collect();
        entries.sort();
        for (is_file, name) in entries {
            let file = format!("{dir}{name}");
            let shown = if is_file { name } else { format!("{name}/") };
            let cut = if shown.chars().count() > NAME_WIDTH {
                shown.chars().take(NAME_WIDTH - 3).collect::<String>() + "..>"
            } else {
                shown.clone()
            };
            let gap = " ".repeat(NAME_WIDTH.saturating_sub(cut.chars().count()));
            let c = Calendar::new(self.written(&file).cast_signed());
            let clock = c.clock();
            let time = format!(
                "{:02}-{}-{} {}",
                c.day,
                c.month_name(),
                c.year,
                clock.get(..5).unwrap_or_default()
            );
            let size = if is_file {
                sys.read_file(&file)
                    .map_or(0, |data| data.len())
                    .to_string()
            } else {
                "-".to_owned()
            };
            text.push_str(&format!(
                "<a href=\"{shown}\">{cut}</a>{gap} {time} {size:>19}\r\n"
            ));
        }
        text.push_str("</pre><hr></body>\r\n</html>\r\n");
        Page {
            chunked: true,
            ..Page::text(200, "text/html", text.into_bytes())
        }
    }
}
