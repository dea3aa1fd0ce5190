//! curl's command line.

use super::table::{self, Found};
use kernel::time::Duration;

/// What the command line asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    pub(super) urls: Vec<String>,
    pub(super) outputs: Vec<Output>,
    pub(super) silent: bool,
    pub(super) show_error: bool,
    pub(super) include: bool,
    pub(super) head: bool,
    pub(super) verbose: bool,
    pub(super) fail: bool,
    pub(super) fail_with_body: bool,
    pub(super) location: bool,
    pub(super) create_dirs: bool,
    pub(super) progress_bar: bool,
    pub(super) no_meter: bool,
    pub(super) http10: bool,
    pub(super) get: bool,
    pub(super) method: Option<String>,
    pub(super) data: Option<Vec<u8>>,
    pub(super) json: bool,
    pub(super) headers: Vec<String>,
    pub(super) agent: Option<String>,
    pub(super) user: Option<String>,
    pub(super) referer: Option<String>,
    pub(super) cookie: Option<String>,
    pub(super) family: Option<kernel::sock::Family>,
    pub(super) max_time: Option<Duration>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) interface: Option<String>,
    /// The path of a socket that stands in for the network.
    pub(super) unix_socket: Option<String>,
    pub(super) local_port: u16,
    pub(super) resolve: Vec<String>,
    pub(super) connect_to: Vec<String>,
    pub(super) retry: u32,
    pub(super) retry_refused: bool,
    pub(super) retry_all: bool,
    pub(super) retry_delay: Option<Duration>,
    pub(super) write_out: Option<String>,
    pub(super) max_redirs: Option<i64>,
    pub(super) dump_header: Option<String>,
    pub(super) upload: Option<String>,
    pub(super) stderr: Option<String>,
    pub(super) parallel: bool,
    pub(super) fail_early: bool,
    pub(super) no_buffer: bool,
    pub(super) no_glob: bool,
    pub(super) path_as_is: bool,
    pub(super) compressed: bool,
    pub(super) range: Option<String>,
    pub(super) form: Vec<String>,
    pub(super) query: Vec<String>,
    pub(super) proxy: Option<String>,
    pub(super) no_proxy: Option<String>,
    pub(super) insecure: bool,
    pub(super) http2: bool,
    pub(super) most: Option<u64>,
    pub(super) output_dir: Option<String>,
    /// What is warned of before anything else happens.
    pub(super) warnings: Vec<&'static str>,
}

/// Where one address's body goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Output {
    File(String),
    RemoteName,
    Nowhere,
}

/// Why the command line was refused: what is printed after `curl: `.
pub(super) enum Wrong {
    Text(String),
    /// A file that cannot be read: its path, and the option.
    Unreadable(String, String),
    /// The same with a warning before it.
    Warned(&'static str, String),
    NotModelled(String),
    Version,
    Help,
}

/// Options that completion offers.
pub const WORDS: &[&str] = &[
    "-s",
    "-S",
    "-o",
    "-O",
    "-w",
    "-I",
    "-i",
    "-v",
    "-X",
    "-d",
    "-H",
    "-A",
    "-u",
    "-L",
    "-k",
    "-4",
    "-6",
    "-m",
    "-f",
    "--connect-timeout",
    "--fail",
    "--header",
    "--include",
    "--interface",
    "--unix-socket",
    "--max-time",
    "--output",
    "--request",
    "--resolve",
    "--retry",
    "--silent",
    "--show-error",
    "--verbose",
    "--write-out",
];

/// Reads the command line (the name first).
pub(super) fn parse(
    args: &[String],
    read_file: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<Options, Wrong> {
    let mut options = Options::default();
    let mut rest = args.iter().skip(1);
    let mut only_operands = false;
    while let Some(arg) = rest.next() {
        if only_operands || arg == "-" || !arg.starts_with('-') {
            options.urls.push(arg.clone());
        } else if arg == "--" {
            only_operands = true;
        } else if let Some(name) = arg.strip_prefix("--") {
            if let Some(plain) = name.strip_prefix("no-")
                && table::long(name).is_none()
                && let Some(known) = table::long(plain)
            {
                match known {
                    Found::Read((_, plain, false)) => {
                        options.set(plain, None, false, arg, &read_file)?;
                    }
                    Found::Read(_) => {
                        return Err(Wrong::Text(format!(
                            "option {arg}: the given option cannot be reversed with a --no- prefix"
                        )));
                    }
                    Found::LeftOut => return Err(Wrong::NotModelled(arg.clone())),
                }
                continue;
            }
            let (_, known, takes) = match table::long(name) {
                Some(Found::Read(known)) => known,
                Some(Found::LeftOut) => return Err(Wrong::NotModelled(arg.clone())),
                None => return Err(Wrong::Text(format!("option {arg}: is unknown"))),
            };
            let value = if takes {
                Some(rest.next().ok_or_else(|| missing(arg))?.as_str())
            } else {
                None
            };
            options.set(known, value, true, arg, &read_file)?;
        } else {
            let letters = arg.get(1..).unwrap_or_default();
            for (at, letter) in letters.char_indices() {
                let (_, known, takes) = match table::short(letter) {
                    Some(Found::Read(known)) => known,
                    Some(Found::LeftOut) => return Err(Wrong::NotModelled(format!("-{letter}"))),
                    None => return Err(Wrong::Text(format!("option {arg}: is unknown"))),
                };
                if takes {
                    let attached = letters.get(at + letter.len_utf8()..).unwrap_or_default();
                    let value = if attached.is_empty() {
                        rest.next().ok_or_else(|| missing(arg))?.as_str()
                    } else {
                        attached
                    };
                    options.set(known, Some(value), true, arg, &read_file)?;
                    break;
                }
                options.set(known, None, true, arg, &read_file)?;
            }
        }
    }
    if options.json {
        // Two headers like the user's own. Source: curl(1), `--json`.
        for line in ["Content-Type: application/json", "Accept: application/json"] {
            let name = line.split(':').next().unwrap_or_default();
            let given = |own: &String| {
                own.split([':', ';'])
                    .next()
                    .is_some_and(|n| n.eq_ignore_ascii_case(name))
            };
            if !options.headers.iter().any(given) {
                options.headers.push(line.to_owned());
            }
        }
    }
    Ok(options)
}

fn missing(arg: &str) -> Wrong {
    Wrong::Text(format!("option {arg}: requires parameter"))
}

fn unreadable(path: &str, arg: &str) -> Wrong {
    Wrong::Unreadable(path.to_owned(), arg.to_owned())
}

fn seconds(value: &str, arg: &str) -> Result<Duration, Wrong> {
    let seconds: f64 = value.parse::<f64>().ok().ok_or_else(|| not_a_number(arg))?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .ok_or_else(|| not_a_number(arg))
}

fn not_a_number(arg: &str) -> Wrong {
    Wrong::Text(format!(
        "option {arg}: expected a proper numerical parameter"
    ))
}

fn number<T: std::str::FromStr>(value: &str, arg: &str) -> Result<T, Wrong> {
    value.parse().ok().ok_or_else(|| not_a_number(arg))
}

impl Options {
    fn set(
        &mut self,
        name: &str,
        value: Option<&str>,
        on: bool,
        arg: &str,
        read_file: &impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), Wrong> {
        use kernel::sock::Family;
        let value = value.unwrap_or_default();
        let text = || Some(value.to_owned());
        match name {
            "http1.0" => self.http10 = on,
            "ipv4" => self.family = Some(Family::V4),
            "ipv6" => self.family = Some(Family::V6),
            "user-agent" => self.agent = text(),
            "cookie" => self.cookie = text(),
            "dump-header" => self.dump_header = text(),
            "data" | "data-ascii" | "data-binary" | "data-raw" | "json" | "data-urlencode" => {
                self.add_data(name, value, arg, read_file)?;
            }
            "referer" => self.referer = text(),
            "fail" => self.fail = on,
            "fail-with-body" => {
                if self.fail {
                    self.fail = false;
                    self.warnings.push("--fail-with-body deselects --fail here");
                }
                self.fail_with_body = on;
            }
            "no-buffer" => self.no_buffer = on,
            "globoff" => self.no_glob = on,
            "path-as-is" => self.path_as_is = on,
            "compressed" => self.compressed = on,
            "range" => self.range = text(),
            "form" => {
                if !value.contains('=') {
                    return Err(Wrong::Warned(
                        "Illegally formatted input field",
                        format!("option {arg}: is badly used here"),
                    ));
                }
                self.form.push(value.to_owned());
            }
            "url-query" => self.query.push(encode(value)),
            "proxy" => self.proxy = text(),
            "noproxy" => self.no_proxy = text(),
            "output-dir" => self.output_dir = text(),
            "out-null" => self.outputs.push(Output::Nowhere),
            "get" => self.get = on,
            "header" => match value.strip_prefix('@') {
                Some(path) => {
                    let data = read_file(path).ok_or_else(|| unreadable(path, arg))?;
                    let lines = String::from_utf8_lossy(&data);
                    self.headers.extend(lines.lines().map(str::to_owned));
                }
                None => self.headers.push(value.to_owned()),
            },
            "help" => return Err(Wrong::Help),
            "head" => self.head = on,
            "include" | "show-headers" => self.include = on,
            "location" | "location-trusted" => self.location = on,
            "max-time" => self.max_time = Some(seconds(value, arg)?).filter(|d| !d.is_zero()),
            "remote-name" => self.outputs.push(Output::RemoteName),
            "output" => self.outputs.push(Output::File(value.to_owned())),
            "show-error" => self.show_error = on,
            "silent" => self.silent = on,
            "upload-file" => self.upload = text(),
            "user" => self.user = text(),
            "version" => return Err(Wrong::Version),
            "verbose" => self.verbose = on,
            "write-out" => {
                self.write_out = Some(match value.strip_prefix('@') {
                    Some(path) => {
                        let data = read_file(path).ok_or_else(|| unreadable(path, arg))?;
                        String::from_utf8_lossy(&data).into_owned()
                    }
                    None => value.to_owned(),
                });
            }
            "request" if value.is_empty() => {
                return Err(Wrong::Text(format!(
                    "option {arg}: blank argument where content is expected"
                )));
            }
            "request" => self.method = text(),
            "insecure" => self.insecure = on,
            "http2" => self.http2 = on,
            "max-filesize" => self.most = Some(number(value, arg)?),
            "config" => self.add_config(value, arg, read_file)?,
            "parallel" => self.parallel = on,
            "progress-bar" => self.progress_bar = on,
            "no-progress-meter" => self.no_meter = on,
            "connect-timeout" => {
                self.connect_timeout = Some(seconds(value, arg)?).filter(|d| !d.is_zero());
            }
            "connect-to" => self.connect_to.push(value.to_owned()),
            "create-dirs" => self.create_dirs = on,
            "fail-early" => self.fail_early = on,
            "interface" => self.interface = text(),
            "unix-socket" => self.unix_socket = text(),
            "local-port" => {
                self.local_port = value
                    .split('-')
                    .next()
                    .and_then(|first| first.trim().parse().ok())
                    .ok_or_else(|| Wrong::Text(format!("option {arg}: is badly used here")))?;
            }
            "max-redirs" => {
                self.max_redirs = Some(number(value, arg)?);
                if self.max_redirs < Some(-1) {
                    return Err(not_a_number(arg));
                }
            }
            "resolve" => self.resolve.push(value.to_owned()),
            "retry" => self.retry = number(value, arg)?,
            "retry-all-errors" => self.retry_all = on,
            "retry-connrefused" => self.retry_refused = on,
            "retry-delay" => self.retry_delay = Some(seconds(value, arg)?),
            "stderr" => self.stderr = text(),
            "url" => self.urls.push(value.to_owned()),
            // They change nothing that can be seen here.
            "disable" | "netrc" | "http0.9" | "http1.1" | "keepalive-time" | "no-keepalive"
            | "tcp-nodelay" | "retry-max-time" | "post301" | "post302" | "proxy-header"
            | "limit-rate" | "speed-limit" | "speed-time" | "remote-header-name" => {}
            other => return Err(Wrong::NotModelled(format!("--{other}"))),
        }
        Ok(())
    }

    /// The options that stand in a file: `name = "value"`, `name value`, `-n value`.
    fn add_config(
        &mut self,
        path: &str,
        arg: &str,
        read_file: &impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), Wrong> {
        let data = read_file(path).ok_or_else(|| unreadable("", arg))?;
        let text = String::from_utf8_lossy(&data);
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let end = line.find(|c: char| c.is_whitespace() || matches!(c, '=' | ':'));
            let (name, value) = line.split_at(end.unwrap_or(line.len()));
            let value =
                value.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | ':'));
            let value = match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
                Some(quoted) => quoted
                    .replace("\\n", "\n")
                    .replace("\\t", "\t")
                    .replace("\\\"", "\"")
                    .replace("\\\\", "\\"),
                None => value.to_owned(),
            };
            let plain = name.trim_start_matches('-');
            let letter = plain
                .chars()
                .next()
                .filter(|_| name.len() == 2 && !name.starts_with("--"));
            let found = match letter {
                Some(letter) => table::short(letter),
                None => table::long(plain),
            };
            match found {
                Some(Found::Read((_, known, takes))) => {
                    self.set(
                        known,
                        Some(value.as_str()).filter(|_| takes),
                        true,
                        name,
                        read_file,
                    )?;
                }
                Some(Found::LeftOut) => return Err(Wrong::NotModelled(format!("--{plain}"))),
                None => return Err(Wrong::Text(format!("option {name}: is unknown"))),
            }
        }
        Ok(())
    }

    fn add_data(
        &mut self,
        name: &str,
        value: &str,
        arg: &str,
        read_file: &impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<(), Wrong> {
        let from_file = value
            .strip_prefix('@')
            .filter(|_| name != "data-raw" && name != "data-urlencode");
        let mut piece = match from_file {
            Some(path) => read_file(path).ok_or_else(|| unreadable(path, arg))?,
            None if name == "data-urlencode" => encode(value).into_bytes(),
            None => value.as_bytes().to_vec(),
        };
        if from_file.is_some() && matches!(name, "data" | "data-ascii") {
            piece.retain(|b| !matches!(b, b'\r' | b'\n'));
        }
        self.json |= name == "json";
        match &mut self.data {
            Some(data) => {
                if !self.json {
                    data.push(b'&');
                }
                data.extend_from_slice(&piece);
            }
            None => self.data = Some(piece),
        }
        Ok(())
    }
}

/// `name=content` with the content percent-encoded.
fn encode(value: &str) -> String {
    let (name, content) = value.split_once('=').map_or(("", value), |(n, c)| (n, c));
    let mut out = if name.is_empty() {
        String::new()
    } else {
        format!("{name}=")
    };
    for byte in content.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else if byte == b' ' {
            // As forms have it. Source: curl's `replace_url_encoded_space_by_plus`.
            out.push('+');
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_join_and_long_names_take_no() {
        let args: Vec<String> = "curl -sSo x -w%{http_code} --max-time 2.5 --no-silent http://a b"
            .split(' ')
            .map(str::to_owned)
            .collect();
        let Ok(o) = parse(&args, |_| None) else {
            panic!("refused")
        };
        assert!(!o.silent && o.show_error);
        assert_eq!(o.outputs, [Output::File("x".into())]);
        assert_eq!(o.write_out.as_deref(), Some("%{http_code}"));
        assert_eq!(o.max_time, Some(Duration::from_millis(2500)));
        assert_eq!(o.urls, ["http://a", "b"]);
    }
}
