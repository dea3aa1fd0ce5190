//! `psql` and `pg_isready`.

use super::connect::{self, From as LocalEnd};
use super::pgwire::{self, Fields, Message, put_text};
use super::resolv;
use super::stream::Stream;
use crate::args::{self, Parsed};
use crate::io::Input;
use crate::server::postgres::SOCKET;
use kernel::Errno;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::Duration;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where to, and as whom.
struct Target {
    host: Option<String>,
    port: u16,
    user: String,
    database: String,
    timeout: Option<Duration>,
}

impl Target {
    fn read(sys: &Sys, parsed: &Parsed) -> Self {
        let setting = |letter: char, variable: &str| {
            parsed
                .value(letter)
                .map(str::to_owned)
                .or_else(|| sys.env(variable))
                .filter(|v| !v.is_empty())
        };
        let mut target = Self {
            host: setting('h', "PGHOST").filter(|h| !h.starts_with('/')),
            port: setting('p', "PGPORT")
                .and_then(|p| p.parse().ok())
                .unwrap_or(5432),
            user: String::new(),
            database: String::new(),
            timeout: sys
                .env("PGCONNECT_TIMEOUT")
                .and_then(|t| t.parse().ok())
                .filter(|t| *t > 0)
                .map(Duration::from_secs),
        };
        let mut user = setting('U', "PGUSER");
        let mut database = setting('d', "PGDATABASE");
        let mut operands = parsed.operands.iter();
        if let Some(first) = operands.next() {
            database = Some(first.clone());
            user = operands.next().cloned().or(user);
        }
        if let Some(rest) = database.as_deref().and_then(|d| {
            d.strip_prefix("postgresql://")
                .or_else(|| d.strip_prefix("postgres://"))
        }) {
            let rest = rest.split('?').next().unwrap_or_default().to_owned();
            let (authority, name) = rest.split_once('/').unwrap_or((&rest, ""));
            let (who, place) = authority
                .rsplit_once('@')
                .map_or((None, authority), |(w, p)| (w.split(':').next(), p));
            let (host, port) = place.split_once(':').unwrap_or((place, ""));
            target.host = Some(host.to_owned())
                .filter(|h| !h.is_empty())
                .or(target.host);
            target.port = port.parse().unwrap_or(target.port);
            user = who.map(str::to_owned).or(user);
            database = Some(name.to_owned()).filter(|n| !n.is_empty());
        }
        // `host=db user=me`, as a service's connection string.
        if let Some(text) = database.clone().filter(|text| text.contains('=')) {
            database = None;
            for (name, value) in text
                .split_whitespace()
                .filter_map(|word| word.split_once('='))
            {
                let value = value.trim_matches('\'').to_owned();
                match name {
                    "host" | "hostaddr" => target.host = Some(value),
                    "port" => target.port = value.parse().unwrap_or(target.port),
                    "user" => user = Some(value),
                    "dbname" => database = Some(value),
                    "connect_timeout" => {
                        let seconds = value.parse().ok().filter(|t| *t > 0);
                        target.timeout = seconds.map(Duration::from_secs);
                    }
                    _ => {}
                }
            }
        }
        target.user = user.unwrap_or_else(|| {
            if sys.me(|p| p.uid) == Some(0) {
                "root".to_owned()
            } else {
                "postgres".to_owned()
            }
        });
        target.database = database.unwrap_or_else(|| target.user.clone());
        target
    }

    /// Connects and opens a session. Errors: the sentence after `psql: error: `.
    async fn open(&self, sys: &Sys) -> Result<Stream, String> {
        let Some(host) = &self.host else {
            return self.open_local(sys).await;
        };
        let found = resolv::lookup(sys, host, None).await;
        let addresses = found
            .map_err(|e| {
                format!(
                    "could not translate host name \"{host}\" to address: {}",
                    e.text()
                )
            })?
            .addresses;
        let mut errors = Vec::new();
        for ip in addresses {
            let shown = if host.parse::<IpAddr>().is_ok() {
                String::new()
            } else {
                format!(" ({ip})")
            };
            let place = format!(
                "connection to server at \"{host}\"{shown}, port {} failed: ",
                self.port
            );
            match self.session(sys, SocketAddr::new(ip, self.port)).await {
                Ok(stream) => return Ok(stream),
                Err(Failure::Connect(Errno::ETIMEDOUT)) if self.timeout.is_some() => {
                    errors.push(format!("{place}timeout expired"));
                }
                Err(Failure::Connect(error)) => {
                    errors.push(format!("{place}{error}\n\tIs the server running on that host and accepting TCP/IP connections?"));
                }
                // A server that says no is not asked again at another address.
                Err(Failure::Told(text)) => return Err(format!("{place}{text}")),
            }
        }
        Err(errors.join("\n"))
    }

    /// There are no local sockets here: where the server says that it has one, its loopback address is used.
    async fn open_local(&self, sys: &Sys) -> Result<Stream, String> {
        let place = format!(
            "connection to server on socket \"/var/run/postgresql/.s.PGSQL.{}\" failed: ",
            self.port
        );
        let hint = "\n\tIs the server running locally and accepting connections on that socket?";
        if !sys.exists(SOCKET) {
            return Err(format!("{place}{}{hint}", Errno::ENOENT));
        }
        let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port);
        self.session(sys, loopback)
            .await
            .map_err(|failure| match failure {
                Failure::Connect(error) => format!("{place}{error}{hint}"),
                Failure::Told(text) => format!("{place}{text}"),
            })
    }

    async fn session(&self, sys: &Sys, to: SocketAddr) -> Result<Stream, Failure> {
        let fd = connect::tcp_within(sys, to, LocalEnd::default(), self.timeout)
            .await
            .map_err(Failure::Connect)?;
        let mut stream = Stream::new(sys, fd);
        let talk = self.handshake(&mut stream);
        let result = match self.timeout {
            Some(limit) => sys
                .timeout(limit, talk)
                .await
                .unwrap_or(Err(Failure::Connect(Errno::ETIMEDOUT))),
            None => talk.await,
        };
        result.map(|()| stream)
    }

    async fn handshake(&self, stream: &mut Stream) -> Result<(), Failure> {
        let closed = || {
            Failure::Told("server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.".to_owned())
        };
        let net = |e: Errno| Failure::Told(format!("could not receive data from server: {e}"));
        let request = [8u32.to_be_bytes(), pgwire::SSL_REQUEST.to_be_bytes()].concat();
        stream.write(&request).await.map_err(net)?;
        let answer = stream.exactly(1).await.map_err(net)?.ok_or_else(closed)?;
        if answer.as_ref() != b"N" {
            let text = format!(
                "received invalid response to SSL negotiation: {}",
                String::from_utf8_lossy(&answer)
            );
            return Err(Failure::Told(text));
        }
        let mut body = pgwire::VERSION_3.to_be_bytes().to_vec();
        for (key, value) in [
            ("user", self.user.as_str()),
            ("database", &self.database),
            ("application_name", "psql"),
            ("client_encoding", "UTF8"),
        ] {
            put_text(&mut body, key);
            put_text(&mut body, value);
        }
        body.push(0);
        let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
        stream
            .write(&[&length.to_be_bytes()[..], &body].concat())
            .await
            .map_err(net)?;
        while let Some(message) = Message::read(stream).await.map_err(net)? {
            match message.kind {
                b'Z' => return Ok(()),
                b'E' => {
                    let (severity, text, _) = error_fields(&message.body);
                    return Err(Failure::Told(format!("{severity}:  {text}")));
                }
                b'R' if message.body != [0; 4] => {
                    return Err(Failure::Told(crate::not_modelled!("psql", "passwords")));
                }
                _ => {}
            }
        }
        Err(closed())
    }
}

enum Failure {
    Connect(Errno),
    Told(String),
}

/// Severity, text and position of an error message.
fn error_fields(body: &[u8]) -> (String, String, Option<usize>) {
    let mut fields = Fields(body);
    let (mut severity, mut text, mut position) = (String::new(), String::new(), None);
    while let Some(kind) = fields.byte().filter(|k| *k != 0) {
        let value = fields.text().unwrap_or_default();
        match kind {
            b'S' => severity = value,
            b'M' => text = value,
            b'P' => position = value.parse().ok(),
            _ => {}
        }
    }
    (severity, text, position)
}

/// The `psql` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let long = [
        ("host", 'h'),
        ("port", 'p'),
        ("username", 'U'),
        ("dbname", 'd'),
        ("command", 'c'),
        ("tuples-only", 't'),
        ("no-align", 'A'),
        ("list", 'l'),
        ("quiet", 'q'),
        ("no-password", 'w'),
        ("no-psqlrc", 'X'),
        ("version", 'V'),
        ("file", 'f'),
    ];
    let parsed = match args::parse(&args, "h:p:U:d:c:tAlqwWXVf:v:F:R:P:1", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.has('V') {
        sys.out("psql (PostgreSQL) 18.6 (Debian 18.6-3)\n");
        return 0;
    }
    for letter in ['f', 'F', 'R', 'P', 'W'] {
        if parsed.has(letter) {
            return crate::not_modelled(&sys, "psql", &format!("-{letter}"));
        }
    }
    let target = Target::read(&sys, &parsed);
    let mut stream = match target.open(&sys).await {
        Ok(stream) => stream,
        Err(text) => {
            sys.err(&format!("psql: error: {text}\n"));
            return 2;
        }
    };
    let mut commands: Vec<String> = parsed.values('c').map(str::to_owned).collect();
    if parsed.has('l') {
        commands.insert(0, "\\l".to_owned());
    }
    let print = Print {
        tuples: parsed.has('t'),
        aligned: !parsed.has('A'),
    };
    let mut code = 0;
    if commands.is_empty() {
        let mut input = Input::new(&sys, Fd::STDIN);
        let prompt = sys.is_tty(Fd::STDIN);
        let mut pending = String::new();
        loop {
            if prompt {
                sys.out(&format!(
                    "{}{}# ",
                    target.database,
                    if pending.is_empty() { '=' } else { '-' }
                ));
            }
            let Some(line) = input.line().await else {
                break;
            };
            pending.push_str(&line.text);
            if matches!(pending.trim(), "\\q" | "exit" | "quit") {
                break;
            }
            if pending.trim_end().ends_with(';') || pending.starts_with('\\') {
                code = run(&sys, &mut stream, &std::mem::take(&mut pending), &print).await;
            } else if !pending.is_empty() {
                pending.push('\n');
            }
        }
        code = if prompt { 0 } else { code };
    }
    for command in commands {
        code = run(&sys, &mut stream, &command, &print).await;
        if code != 0 {
            break;
        }
    }
    let _ = stream.write(&Message::new(b'X', Vec::new()).emit()).await;
    code
}

struct Print {
    tuples: bool,
    aligned: bool,
}

async fn run(sys: &Sys, stream: &mut Stream, command: &str, print: &Print) -> i32 {
    if command.starts_with('\\') {
        let word = command.split_whitespace().next().unwrap_or_default();
        match word {
            // No table is ever made here.
            "\\dt" => sys.err("Did not find any tables.\n"),
            "\\d" => sys.err("Did not find any relations.\n"),
            "\\q" => {}
            _ => {
                sys.err(&format!("psql: {word} is not modelled in Drydock\n"));
                return 1;
            }
        }
        return 0;
    }
    let mut body = Vec::new();
    put_text(&mut body, command);
    if let Err(error) = stream.write(&Message::new(b'Q', body).emit()).await {
        sys.err(&format!("could not send data to server: {error}\n"));
        return 2;
    }
    let mut code = 0;
    let mut columns: Vec<(String, bool)> = Vec::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    loop {
        let Ok(Some(message)) = Message::read(stream).await else {
            sys.err("server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n");
            return 2;
        };
        let mut fields = Fields(&message.body);
        match message.kind {
            b'T' => {
                columns.clear();
                for _ in 0..fields.int16().unwrap_or(0) {
                    let name = fields.text().unwrap_or_default();
                    fields.bytes(6);
                    let number =
                        matches!(fields.int32(), Some(20 | 21 | 23 | 26 | 700 | 701 | 1700));
                    fields.bytes(8);
                    columns.push((name, number));
                }
            }
            b'D' => {
                let n = fields.int16().unwrap_or(0);
                let mut cell = || {
                    let length = fields.int32().filter(|l| *l != u32::MAX)?;
                    fields
                        .bytes(length as usize)
                        .map(|b| String::from_utf8_lossy(b).into_owned())
                };
                rows.push((0..n).map(|_| cell().unwrap_or_default()).collect());
            }
            b'C' => {
                let tag = fields.text().unwrap_or_default();
                let text = if tag.starts_with("SELECT") {
                    table(&columns, &rows, print)
                } else {
                    format!("{tag}\n")
                };
                rows.clear();
                sys.out(&text);
            }
            b'E' => {
                code = 1;
                let (severity, text, position) = error_fields(&message.body);
                let place = position
                    .map(|at| {
                        format!(
                            "LINE 1: {command}\n{}^\n",
                            " ".repeat("LINE 1: ".len() + at - at.min(1))
                        )
                    })
                    .unwrap_or_default();
                sys.err(&format!("{severity}:  {text}\n{place}"));
            }
            b'Z' => return code,
            _ => {}
        }
    }
}

/// A result as psql prints it.
fn table(columns: &[(String, bool)], rows: &[Vec<String>], print: &Print) -> String {
    let footer = format!(
        "({} row{})\n",
        rows.len(),
        if rows.len() == 1 { "" } else { "s" }
    );
    let mut out = String::new();
    if !print.aligned {
        if !print.tuples {
            out.push_str(
                &columns
                    .iter()
                    .map(|(n, _)| n.as_str())
                    .collect::<Vec<_>>()
                    .join("|"),
            );
            out.push('\n');
        }
        rows.iter()
            .for_each(|row| out.push_str(&format!("{}\n", row.join("|"))));
        return if print.tuples { out } else { out + &footer };
    }
    let cell = |n: usize| {
        rows.iter()
            .filter_map(move |row| row.get(n))
            .map(|c| c.chars().count())
    };
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(n, (name, _))| cell(n).max().unwrap_or(0).max(name.chars().count()))
        .collect();
    if !print.tuples {
        let heads: Vec<String> = columns
            .iter()
            .zip(&widths)
            .map(|((name, _), width)| format!(" {name:^width$} "))
            .collect();
        let lines: Vec<String> = widths.iter().map(|w| "-".repeat(w + 2)).collect();
        out.push_str(&format!("{}\n{}\n", heads.join("|"), lines.join("+")));
    }
    for row in rows {
        let cells = row.iter().zip(columns).zip(&widths).enumerate().map(
            |(n, ((text, (_, number)), width))| {
                let last = n + 1 == columns.len();
                match (number, last) {
                    (true, true) => format!(" {text:>width$}"),
                    (true, false) => format!(" {text:>width$} "),
                    (false, true) => format!(" {text}"),
                    (false, false) => format!(" {text:<width$} "),
                }
            },
        );
        out.push_str(&format!("{}\n", cells.collect::<Vec<_>>().join("|")));
    }
    if !print.tuples {
        out.push_str(&footer);
    }
    out + "\n"
}

/// The `pg_isready` program: 0 ready, 2 no answer.
pub async fn ready(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let long = [
        ("host", 'h'),
        ("port", 'p'),
        ("username", 'U'),
        ("dbname", 'd'),
        ("timeout", 't'),
        ("quiet", 'q'),
    ];
    let parsed = match args::parse(&args, "h:p:U:d:t:q", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut target = Target::read(&sys, &parsed);
    let limit = parsed.value('t').and_then(|t| t.parse().ok()).unwrap_or(3);
    target.timeout = Some(Duration::from_secs(limit)).filter(|t| !t.is_zero());
    let place = format!(
        "{}:{}",
        target.host.as_deref().unwrap_or("/var/run/postgresql"),
        target.port
    );
    // A server that refuses this user all the same accepts connections.
    let up = match target.open(&sys).await {
        Ok(_) => true,
        Err(text) => text.contains("FATAL:  "),
    };
    if !parsed.has('q') {
        sys.out(&format!(
            "{place} - {}\n",
            if up {
                "accepting connections"
            } else {
                "no response"
            }
        ));
    }
    if up { 0 } else { 2 }
}
