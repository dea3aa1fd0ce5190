//! `redis-cli`.

use super::connect::{self, From as LocalEnd};
use super::resolv;
use super::resp::{ReadError, Value, quoted, words_of};
use super::stream::Stream;
use crate::args;
use crate::io::Input;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::SocketAddr;

/// The `redis-cli` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "+h:p:a:n:t:r:i:u:d:xev46RNU:WCJ",
        &[
            ("raw", 'R'),
            ("no-raw", 'N'),
            ("csv", 'C'),
            ("json", 'J'),
            ("pass", 'a'),
            ("user", 'U'),
            ("no-auth-warning", 'W'),
            ("version", 'v'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(args::Wrong::Unknown(option)) => {
            sys.err(&format!(
                "Unrecognized option or bad number of args for: '{option}'\n"
            ));
            return 1;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('v') {
        sys.out("redis-cli 8.0.6\n");
        return 0;
    }
    // redis://user:password@host:port/database
    let uri = match parsed.value('u').map(|uri| uri.strip_prefix("redis://")) {
        Some(None) => {
            sys.err("Invalid URI scheme\n");
            return 1;
        }
        uri => uri.flatten(),
    };
    let (place, path) = uri.map_or(("", ""), |rest| rest.split_once('/').unwrap_or((rest, "")));
    let (login, place) = place.rsplit_once('@').unwrap_or(("", place));
    let (uri_host, uri_port) = place.split_once(':').unwrap_or((place, ""));
    let host = Some(parsed.value('h').unwrap_or(uri_host))
        .filter(|host| !host.is_empty())
        .unwrap_or("127.0.0.1");
    let port: u16 = parsed
        .value('p')
        .unwrap_or(uri_port)
        .parse()
        .unwrap_or(6379);
    let database = Some(parsed.value('n').unwrap_or(path)).filter(|text| !text.is_empty());
    let (uri_user, uri_password) = login.split_once(':').unwrap_or(("", login));
    let from_environment = sys.env("REDISCLI_AUTH");
    let typed = parsed
        .value('a')
        .or(Some(uri_password))
        .filter(|text| !text.is_empty());
    if typed.is_some() && !parsed.has('W') {
        sys.err("Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n");
    }
    let user = parsed.value('U').unwrap_or(uri_user);
    let login = typed.or(from_environment.as_deref()).map(|password| {
        let words = [user, password].into_iter().filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    });
    let limit = parsed
        .value('t')
        .and_then(|t| t.parse().ok())
        .and_then(|t| Duration::try_from_secs_f64(t).ok());
    let complain = |why: String| format!("Could not connect to Redis at {host}:{port}: {why}\n");
    let addresses = match resolv::lookup(&sys, host, None).await {
        Ok(found) => found.addresses,
        Err(error) => {
            sys.err(&complain(error.text().to_owned()));
            return 1;
        }
    };
    let mut fd = Err(kernel::Errno::EHOSTUNREACH);
    for ip in addresses {
        fd = connect::tcp_within(&sys, SocketAddr::new(ip, port), LocalEnd::default(), limit).await;
        if fd.is_ok() {
            break;
        }
    }
    let fd = match fd {
        Ok(fd) => fd,
        Err(error) => {
            sys.err(&complain(error.to_string()));
            return 1;
        }
    };
    let mut stream = Stream::new(&sys, fd);
    for (name, value) in [("AUTH", login.as_deref()), ("SELECT", database)] {
        let Some(value) = value else { continue };
        let words: Vec<String> = [name]
            .into_iter()
            .chain(value.split(' '))
            .map(str::to_owned)
            .collect();
        match ask(&mut stream, &words).await {
            Ok(Value::Error(error)) if name == "AUTH" => {
                sys.err(&format!("AUTH failed: {error}\n"));
            }
            Ok(Value::Error(error)) => sys.err(&format!("SELECT {value} failed: {error}\n")),
            _ => {}
        }
    }
    let style = match parsed.last_of("RNCJ") {
        Some('N') => Style::Pretty,
        Some('C') => Style::Csv,
        Some('J') => Style::Json,
        None if sys.is_tty(Fd::STDOUT) => Style::Pretty,
        _ => Style::Raw,
    };
    let delimiter = parsed.value('d').unwrap_or("\n").to_owned();
    let mut client = Client {
        sys: &sys,
        stream,
        style,
        delimiter,
        strict: parsed.has('e'),
    };
    let mut input = Input::new(&sys, Fd::STDIN);
    if !parsed.operands.is_empty() {
        let mut words = parsed.operands.clone();
        if parsed.has('x') {
            let last = sys.read_all(Fd::STDIN, 1 << 20).await.unwrap_or_default();
            words.push(String::from_utf8_lossy(&last).into_owned());
        }
        let times = parsed
            .value('r')
            .and_then(|r| r.parse::<i64>().ok())
            .unwrap_or(1);
        let pause = parsed.value('i').and_then(|i| i.parse().ok());
        let pause = pause.and_then(|i| Duration::try_from_secs_f64(i).ok());
        let mut left = if times < 0 { i64::MAX } else { times };
        while left > 0 {
            if let Err(code) = client.command(&words).await {
                return code;
            }
            left -= 1;
            if let Some(pause) = pause.filter(|_| left > 0) {
                let _ = sys.sleep(pause).await;
            }
        }
        return 0;
    }
    let prompt = sys.is_tty(Fd::STDIN);
    let mut shown = database.unwrap_or("0").to_owned();
    loop {
        if prompt {
            let database = if shown == "0" {
                String::new()
            } else {
                format!("[{shown}]")
            };
            sys.out(&format!("{host}:{port}{database}> "));
        }
        let Some(line) = input.line().await else {
            return 0;
        };
        let Some(words) = words_of(&line.text) else {
            sys.out("Invalid argument(s)\n");
            continue;
        };
        let words: Vec<String> = words
            .iter()
            .map(|w| String::from_utf8_lossy(w).into_owned())
            .collect();
        match words.first().map(String::as_str) {
            None => {}
            Some("quit" | "exit") => return 0,
            Some("clear") => {}
            Some(name) => {
                if name.eq_ignore_ascii_case("select") {
                    shown = words.get(1).cloned().unwrap_or_default();
                }
                if let Err(code) = client.command(&words).await {
                    return code;
                }
            }
        }
    }
}

/// How answers are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Raw,
    Pretty,
    Csv,
    Json,
}

/// An open connection, and how its answers are shown.
struct Client<'a> {
    sys: &'a Sys,
    stream: Stream,
    style: Style,
    delimiter: String,
    strict: bool,
}

async fn ask(stream: &mut Stream, words: &[String]) -> Result<Value, ReadError> {
    let mut bytes = Vec::new();
    Value::Array(words.iter().map(|w| Value::bulk(w)).collect()).emit(&mut bytes);
    stream.write(&bytes).await?;
    Value::read(stream).await
}

impl Client<'_> {
    /// Asks and shows what comes; what subscribes or monitors is shown until the end.
    async fn command(&mut self, words: &[String]) -> Result<(), i32> {
        let name = words
            .first()
            .map(|name| name.to_ascii_lowercase())
            .unwrap_or_default();
        let endless = ["subscribe", "psubscribe", "monitor"].contains(&name.as_str());
        if endless && self.sys.is_tty(Fd::STDIN) && name != "monitor" {
            self.sys
                .out("Reading messages... (press Ctrl-C to quit or any key to type command)\n");
        }
        let mut answer = ask(&mut self.stream, words).await;
        loop {
            match answer {
                Ok(answer) => {
                    let refused = matches!(answer, Value::Error(_));
                    match &answer {
                        // What is a text for people is shown as it is.
                        Value::Bulk(data) if name == "info" => {
                            self.sys.out(&String::from_utf8_lossy(data));
                        }
                        answer => self.show(answer),
                    }
                    if refused && self.strict {
                        return Err(1);
                    }
                    if refused || !endless {
                        return Ok(());
                    }
                }
                // A server that goes down says nothing more.
                Err(ReadError::Closed) if name == "shutdown" => return Ok(()),
                Err(error) => {
                    let text = match error {
                        ReadError::Closed => "Server closed the connection".to_owned(),
                        ReadError::BadType(c) => {
                            format!("Protocol error, got \"{c}\" as reply type byte")
                        }
                        ReadError::Count => "Protocol error, invalid multibulk length".to_owned(),
                        ReadError::Net(error) => error.to_string(),
                    };
                    self.sys.err(&format!("Error: {text}\n"));
                    return Err(1);
                }
            }
            answer = Value::read(&mut self.stream).await;
        }
    }

    fn show(&self, answer: &Value) {
        let text = match self.style {
            Style::Pretty => shown(answer, ""),
            Style::Raw if self.delimiter == "\n" => raw(answer),
            Style::Raw => {
                let parts = raw(answer);
                parts.trim_end_matches('\n').replace('\n', &self.delimiter) + "\n"
            }
            Style::Csv => csv(answer) + "\n",
            Style::Json => json(answer) + "\n",
        };
        if matches!(answer, Value::Error(_)) && self.strict {
            return self.sys.err(&text);
        }
        self.sys.out(&text);
        // An error is followed by an empty line when it is not for people's eyes.
        if self.style == Style::Raw && matches!(answer, Value::Error(_)) {
            self.sys.out("\n");
        }
    }
}

fn csv(value: &Value) -> String {
    match value {
        Value::Simple(text) => quoted(text.as_bytes()),
        Value::Error(text) => format!("ERROR,{}", quoted(text.as_bytes())),
        Value::Integer(n) => n.to_string(),
        Value::Bulk(data) => quoted(data),
        Value::Nil => "NULL".to_owned(),
        Value::Array(items) | Value::Several(items) => {
            items.iter().map(csv).collect::<Vec<_>>().join(",")
        }
    }
}

fn json(value: &Value) -> String {
    match value {
        Value::Error(text) => format!("error:{}", quoted(text.as_bytes())),
        Value::Nil => "null".to_owned(),
        Value::Array(items) | Value::Several(items) => {
            format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(","))
        }
        other => csv(other),
    }
}

fn raw(value: &Value) -> String {
    match value {
        Value::Simple(text) | Value::Error(text) => format!("{text}\n"),
        Value::Integer(n) => format!("{n}\n"),
        Value::Bulk(data) => {
            let text = String::from_utf8_lossy(data);
            // INFO and its like bring their own line ends.
            if text.ends_with('\n') {
                text.replace("\r\n", "\n")
            } else {
                format!("{text}\n")
            }
        }
        Value::Nil => "\n".to_owned(),
        Value::Array(items) if items.is_empty() => "\n".to_owned(),
        Value::Array(items) | Value::Several(items) => items.iter().map(raw).collect(),
    }
}

fn shown(value: &Value, indent: &str) -> String {
    match value {
        Value::Simple(text) => format!("{text}\n"),
        Value::Error(text) => format!("(error) {text}\n"),
        Value::Integer(n) => format!("(integer) {n}\n"),
        Value::Bulk(data) => {
            let text = String::from_utf8_lossy(data);
            // INFO and its like are shown as they are.
            if text.contains('\n') {
                text.replace("\r\n", "\n")
            } else {
                quoted(data) + "\n"
            }
        }
        Value::Nil => "(nil)\n".to_owned(),
        Value::Array(items) if items.is_empty() => "(empty array)\n".to_owned(),
        Value::Array(items) | Value::Several(items) => {
            let width = items.len().to_string().len();
            let deeper = format!("{indent}{}", " ".repeat(width + 2));
            let line = |(n, item): (usize, &Value)| {
                format!(
                    "{}{:>width$}) {}",
                    if n == 0 { "" } else { indent },
                    n + 1,
                    shown(item, &deeper)
                )
            };
            items.iter().enumerate().map(line).collect()
        }
    }
}
