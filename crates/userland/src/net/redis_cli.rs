//! `redis-cli`.

use super::connect::{self, From as LocalEnd};
use super::resolv;
use super::resp::{ReadError, Value};
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
        "+h:p:a:n:t:r:i:u:x",
        &[
            ("raw", 'R'),
            ("no-raw", 'N'),
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
    let uri = parsed.value('u').and_then(|uri| uri.split_once("://"));
    let (place, path) = uri.map_or(("", ""), |(_, rest)| {
        rest.split_once('/').unwrap_or((rest, ""))
    });
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
    let password = parsed
        .value('a')
        .or(login.rsplit(':').next())
        .filter(|text| !text.is_empty());
    if password.is_some() && !parsed.has('W') {
        sys.err("Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n");
    }
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
    for (name, value) in [("AUTH", password), ("SELECT", database)] {
        let Some(value) = value else { continue };
        match ask(&mut stream, &[name.to_owned(), value.to_owned()]).await {
            Ok(Value::Error(error)) if name == "AUTH" => {
                sys.err(&format!("AUTH failed: {error}\n"));
            }
            Ok(Value::Error(error)) => sys.err(&format!("SELECT {value} failed: {error}\n")),
            _ => {}
        }
    }
    let pretty = sys.is_tty(Fd::STDOUT) && !parsed.has('R') || parsed.has('N');
    if !parsed.operands.is_empty() {
        let times = parsed
            .value('r')
            .and_then(|r| r.parse::<i64>().ok())
            .unwrap_or(1);
        for _ in 0..times.clamp(1, 10_000) {
            if let Err(code) = command(&sys, &mut stream, &parsed.operands, pretty).await {
                return code;
            }
        }
        return 0;
    }
    let mut input = Input::new(&sys, Fd::STDIN);
    let prompt = sys.is_tty(Fd::STDIN);
    loop {
        if prompt {
            sys.out(&format!("{host}:{port}> "));
        }
        let Some(line) = input.line().await else {
            return 0;
        };
        let words: Vec<String> = line
            .text
            .split_whitespace()
            .map(|w| w.trim_matches(['"', '\'']).to_owned())
            .collect();
        match words.first().map(String::as_str) {
            None => {}
            Some("quit" | "exit") => return 0,
            Some(_) => {
                if let Err(code) = command(&sys, &mut stream, &words, pretty).await {
                    return code;
                }
            }
        }
    }
}

async fn ask(stream: &mut Stream, words: &[String]) -> Result<Value, ReadError> {
    let mut bytes = Vec::new();
    Value::Array(words.iter().map(|w| Value::bulk(w)).collect()).emit(&mut bytes);
    stream.write(&bytes).await?;
    Value::read(stream).await
}

async fn command(
    sys: &Sys,
    stream: &mut Stream,
    words: &[String],
    pretty: bool,
) -> Result<(), i32> {
    let answer = match ask(stream, words).await {
        Ok(answer) => answer,
        Err(error) => {
            let text = match error {
                ReadError::Closed => "Server closed the connection".to_owned(),
                ReadError::BadType(c) => format!("Protocol error, got \"{c}\" as reply type byte"),
                ReadError::Net(error) => error.to_string(),
            };
            sys.err(&format!("Error: {text}\n"));
            return Err(1);
        }
    };
    let text = if pretty {
        shown(&answer, "")
    } else {
        raw(&answer)
    };
    sys.out(&text);
    // An error is followed by an empty line when it is not for people's eyes.
    if !pretty && matches!(answer, Value::Error(_)) {
        sys.out("\n");
    }
    Ok(())
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
        Value::Array(items) => items.iter().map(raw).collect(),
    }
}

fn shown(value: &Value, indent: &str) -> String {
    match value {
        Value::Simple(text) => format!("{text}\n"),
        Value::Error(text) => format!("(error) {text}\n"),
        Value::Integer(n) => format!("(integer) {n}\n"),
        Value::Bulk(data) => {
            let text = String::from_utf8_lossy(data);
            if text.contains('\n') {
                text.replace("\r\n", "\n")
            } else {
                format!("\"{}\"\n", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
        }
        Value::Nil => "(nil)\n".to_owned(),
        Value::Array(items) if items.is_empty() => "(empty array)\n".to_owned(),
        Value::Array(items) => {
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
