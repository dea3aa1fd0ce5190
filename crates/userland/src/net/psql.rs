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
    /// The number of the server's process for this session.
    backend: std::cell::Cell<u32>,
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
            backend: std::cell::Cell::new(0),
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
                b'K' => self.backend.set(Fields(&message.body).int32().unwrap_or(0)),
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
        ("expanded", 'x'),
        ("csv", 'C'),
        ("field-separator", 'F'),
        ("pset", 'P'),
        ("set", 'v'),
        ("variable", 'v'),
        ("echo-queries", 'e'),
        ("no-readline", 'n'),
    ];
    let parsed = match args::parse(&args, "h:p:U:d:c:tAlqwWXVf:v:F:R:P:1xCaen", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return refuse(&sys, "psql", wrong, 1),
    };
    if parsed.has('V') {
        sys.out("psql (PostgreSQL) 18.6 (Debian 18.6-3)\n");
        return 0;
    }
    for letter in ['f', 'R', 'W'] {
        if parsed.has(letter) {
            return crate::not_modelled(&sys, "psql", &format!("-{letter}"));
        }
    }
    let mut target = Target::read(&sys, &parsed);
    if let Some(port) = parsed.value('p').filter(|p| p.parse::<u16>().is_err()) {
        sys.err(&format!(
            "psql: error: invalid integer value \"{port}\" for connection option \"port\"\n"
        ));
        return 2;
    }
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
    let mut print = Print {
        tuples: parsed.has('t'),
        aligned: !parsed.has('A') && !parsed.has('C'),
        expanded: parsed.has('x'),
        csv: parsed.has('C'),
        separator: parsed.value('F').unwrap_or("|").to_owned(),
        null: String::new(),
        border: 1,
        quiet: parsed.has('q'),
    };
    for setting in parsed.values('P') {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        if !print.set(name, value) {
            sys.err(&format!(
                "psql: error: could not set printing parameter \"{name}\"\n"
            ));
            return 1;
        }
    }
    let stops = parsed.values('v').any(|v| {
        v.eq_ignore_ascii_case("ON_ERROR_STOP=1") || v.eq_ignore_ascii_case("ON_ERROR_STOP=on")
    });
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
                let command = std::mem::take(&mut pending);
                code = run(&sys, &mut stream, &command, &mut print, &mut target).await;
                if code == 2 || stops && code != 0 {
                    return if code == 2 { 2 } else { 3 };
                }
            } else if !pending.is_empty() {
                pending.push('\n');
            }
        }
        // What a script's statements came to does not count.
        code = 0;
        if !pending.trim().is_empty() {
            run(&sys, &mut stream, &pending, &mut print, &mut target).await;
        }
    }
    for command in commands {
        code = run(&sys, &mut stream, &command, &mut print, &mut target).await;
        if code != 0 {
            break;
        }
    }
    let _ = stream.write(&Message::new(b'X', Vec::new()).emit()).await;
    code
}

/// Refuses a command line in PostgreSQL's words.
fn refuse(sys: &Sys, program: &str, wrong: args::Wrong, code: i32) -> i32 {
    let path = format!("/usr/lib/postgresql/18/bin/{program}");
    let what = match wrong {
        args::Wrong::Unknown(option) => match option.strip_prefix("--") {
            Some(_) => format!("unrecognized option '{option}'"),
            None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
        },
        args::Wrong::Missing(letter) => format!("option requires an argument -- '{letter}'"),
    };
    sys.err(&format!(
        "{path}: {what}\n{program}: hint: Try \"{program} --help\" for more information.\n"
    ));
    code
}

/// How results are shown.
struct Print {
    tuples: bool,
    aligned: bool,
    expanded: bool,
    csv: bool,
    separator: String,
    null: String,
    border: u8,
    quiet: bool,
}

impl Print {
    /// Changes a parameter of `\pset`; false if there is none of that name.
    fn set(&mut self, name: &str, value: &str) -> bool {
        let on = !matches!(value, "off" | "0" | "false");
        match name {
            "border" => self.border = value.parse().unwrap_or(1),
            "tuples_only" | "t" => self.tuples = on,
            "expanded" | "x" => self.expanded = on,
            "null" => value.trim_matches('\'').clone_into(&mut self.null),
            "fieldsep" => value.clone_into(&mut self.separator),
            "format" => {
                self.aligned = value == "aligned";
                self.csv = value == "csv";
            }
            "pager" | "footer" | "linestyle" | "title" => {}
            _ => return false,
        }
        true
    }
}

/// What a backslash command asks the server for, and how its answer is shown.
struct Listing {
    command: &'static str,
    query: &'static str,
    title: &'static str,
    counted: bool,
}

/// The server's own commands for these are longer; what comes back is the same.
const LISTINGS: &[Listing] = &[
    Listing {
        command: "\\l",
        query: "TABLE drydock_databases",
        title: "List of databases",
        counted: true,
    },
    Listing {
        command: "\\du",
        query: "TABLE drydock_roles",
        title: "List of roles",
        counted: false,
    },
    Listing {
        command: "\\dg",
        query: "TABLE drydock_roles",
        title: "List of roles",
        counted: false,
    },
    Listing {
        command: "\\dn",
        query: "TABLE drydock_schemas",
        title: "List of schemas",
        counted: true,
    },
];

async fn run(
    sys: &Sys,
    stream: &mut Stream,
    command: &str,
    print: &mut Print,
    target: &mut Target,
) -> i32 {
    if !command.starts_with('\\') {
        return query(sys, stream, command, print, None).await;
    }
    let mut words = command.split_whitespace();
    let word = words.next().unwrap_or_default().trim_end_matches('+');
    let rest: Vec<&str> = words.collect();
    if let Some(listing) = LISTINGS.iter().find(|listing| listing.command == word) {
        return query(sys, stream, listing.query, print, Some(listing)).await;
    }
    let on_off = |on: bool| if on { "on" } else { "off" };
    match (word, rest.as_slice()) {
        // No table is ever made here.
        ("\\dt", []) => sys.err("Did not find any tables.\n"),
        ("\\d", []) => sys.err("Did not find any relations.\n"),
        ("\\dt", [name]) => sys.err(&format!("Did not find any tables named \"{name}\".\n")),
        ("\\d", [name]) => {
            sys.err(&format!("Did not find any relation named \"{name}\".\n"));
            return 1;
        }
        ("\\q" | "\\timing" | "\\set", _) => {}
        ("\\echo", words) => sys.out(&format!("{}\n", words.join(" "))),
        ("\\x", _) => {
            print.expanded = !print.expanded;
            sys.out(&format!(
                "Expanded display is {}.\n",
                on_off(print.expanded)
            ));
        }
        ("\\t", _) => {
            print.tuples = !print.tuples;
            sys.out(&format!("Tuples only is {}.\n", on_off(print.tuples)));
        }
        ("\\a", _) => {
            print.aligned = !print.aligned;
            let format = if print.aligned {
                "aligned"
            } else {
                "unaligned"
            };
            sys.out(&format!("Output format is {format}.\n"));
        }
        ("\\pset", [name, value]) if print.set(name, value) => match *name {
            "null" => sys.out(&format!("Null display is \"{}\".\n", print.null)),
            "border" => sys.out(&format!("Border style is {}.\n", print.border)),
            "format" => sys.out(&format!("Output format is {value}.\n")),
            _ => {}
        },
        ("\\c" | "\\connect", [database, ..]) => {
            let before = std::mem::replace(&mut target.database, (*database).to_owned());
            match target.open(sys).await {
                Ok(open) => {
                    *stream = open;
                    sys.out(&format!(
                        "You are now connected to database \"{database}\" as user \"{}\".\n",
                        target.user
                    ));
                }
                Err(text) => {
                    target.database = before;
                    sys.err(&format!("\\connect: {text}\n"));
                    // Without anybody to ask, that is the end.
                    return if sys.is_tty(Fd::STDIN) { 1 } else { 2 };
                }
            }
        }
        ("\\conninfo", _) => {
            let (name, value) = match &target.host {
                Some(host) => ("Host", host.clone()),
                None => ("Socket Directory", "/var/run/postgresql".to_owned()),
            };
            let rows = [
                ("Database", target.database.clone()),
                ("Client User", target.user.clone()),
                (name, value),
                ("Server Port", target.port.to_string()),
                ("Options", String::new()),
                ("Protocol Version", "3.0".to_owned()),
                ("Password Used", "false".to_owned()),
                ("GSSAPI Authenticated", "false".to_owned()),
                ("Backend PID", target.backend.get().to_string()),
                ("SSL Connection", "false".to_owned()),
                ("Superuser", "on".to_owned()),
                ("Hot Standby", "off".to_owned()),
            ];
            let rows: Vec<Vec<String>> = rows
                .into_iter()
                .map(|(name, value)| vec![name.to_owned(), value])
                .collect();
            let columns = [("Parameter".to_owned(), false), ("Value".to_owned(), false)];
            sys.out(&titled(
                "Connection Information",
                table(&columns, &rows, print),
                &columns,
                &rows,
                print,
            ));
        }
        _ => {
            sys.err(&format!("invalid command {word}\n"));
            return 1;
        }
    }
    0
}

/// Puts a title over a table.
fn titled(
    title: &str,
    text: String,
    columns: &[(String, bool)],
    rows: &[Vec<String>],
    print: &Print,
) -> String {
    if print.tuples || print.csv {
        return text;
    }
    let width: usize = widths(columns, rows)
        .iter()
        .map(|w| w + 3)
        .sum::<usize>()
        .saturating_sub(1);
    let indent = if print.aligned {
        width.saturating_sub(title.len()) / 2
    } else {
        0
    };
    format!("{}{title}\n{text}", " ".repeat(indent))
}

async fn query(
    sys: &Sys,
    stream: &mut Stream,
    command: &str,
    print: &Print,
    listing: Option<&Listing>,
) -> i32 {
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
                rows.push(
                    (0..n)
                        .map(|_| cell().unwrap_or_else(|| print.null.clone()))
                        .collect(),
                );
            }
            b'C' => {
                let tag = fields.text().unwrap_or_default();
                let text = match listing {
                    _ if !tag.starts_with("SELECT") && print.quiet => String::new(),
                    _ if !tag.starts_with("SELECT") => format!("{tag}\n"),
                    None => table(&columns, &rows, print),
                    Some(listing) => {
                        let mut text = table(&columns, &rows, print);
                        if !listing.counted
                            && !print.tuples
                            && let Some(at) = text.rfind('(')
                        {
                            text.truncate(at);
                            text.push_str(if print.aligned { "\n" } else { "" });
                        }
                        titled(listing.title, text, &columns, &rows, print)
                    }
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

/// How wide each column is.
fn widths(columns: &[(String, bool)], rows: &[Vec<String>]) -> Vec<usize> {
    let cells = |n: usize| {
        let lines = rows
            .iter()
            .filter_map(move |row| row.get(n))
            .flat_map(|cell| cell.split('\n'));
        lines.map(|line| line.chars().count()).max().unwrap_or(0)
    };
    let wide = |(n, (name, _)): (usize, &(String, bool))| cells(n).max(name.chars().count());
    columns.iter().enumerate().map(wide).collect()
}

/// A value as CSV has it.
fn in_csv(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// A result as psql prints it.
fn table(columns: &[(String, bool)], rows: &[Vec<String>], print: &Print) -> String {
    let footer = format!(
        "({} row{})\n",
        rows.len(),
        if rows.len() == 1 { "" } else { "s" }
    );
    let names = || columns.iter().map(|(name, _)| name.clone());
    if print.expanded && !print.csv {
        return records(columns, rows, print);
    }
    if print.csv || !print.aligned {
        let line = |cells: Vec<String>| {
            let cells: Vec<String> = if print.csv {
                cells.iter().map(|c| in_csv(c)).collect()
            } else {
                cells
            };
            cells.join(if print.csv { "," } else { &print.separator }) + "\n"
        };
        let head = if print.tuples {
            String::new()
        } else {
            line(names().collect())
        };
        let body: String = rows.iter().map(|row| line(row.clone())).collect();
        let end = if print.tuples || print.csv {
            ""
        } else {
            &footer
        };
        return format!("{head}{body}{end}");
    }
    let widths = widths(columns, rows);
    // What stands left, between and right of cells, and the same in lines.
    let (left, between, right) = match print.border {
        0 => ("", " ", ""),
        1 => (" ", " | ", ""),
        _ => ("| ", " | ", " |"),
    };
    let rule = || {
        let dashes: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
        match print.border {
            0 => dashes.join(" ") + "\n",
            1 => format!("-{}-\n", dashes.join("-+-")),
            _ => format!("+-{}-+\n", dashes.join("-+-")),
        }
    };
    let mut out = String::new();
    if print.border > 1 {
        out.push_str(&rule());
    }
    if !print.tuples {
        let heads: Vec<String> = names()
            .zip(&widths)
            .map(|(name, width)| format!("{name:^width$}"))
            .collect();
        let end = if print.border == 1 { " " } else { right };
        out.push_str(&format!("{left}{}{end}\n{}", heads.join(between), rule()));
    }
    for row in rows {
        let cells: Vec<Vec<&str>> = row.iter().map(|cell| cell.split('\n').collect()).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(1);
        for at in 0..height {
            let mut line = left.to_owned();
            for (n, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                let last = n + 1 == columns.len();
                let text = cell.get(at).copied().unwrap_or_default();
                let goes_on = cell.len() > at + 1;
                let number = columns.get(n).is_some_and(|(_, number)| *number);
                if number {
                    line.push_str(&format!("{text:>width$}"));
                } else if last && print.border < 2 && !goes_on {
                    line.push_str(text);
                } else {
                    line.push_str(&format!("{text:<width$}"));
                }
                let gap = if last { right } else { between };
                line.push_str(&if goes_on {
                    gap.replacen(' ', "+", 1)
                } else {
                    gap.to_owned()
                });
                if goes_on && last && gap.is_empty() {
                    line.push('+');
                }
            }
            out.push_str(&format!("{line}\n"));
        }
    }
    if print.border > 1 {
        out.push_str(&rule());
    }
    if !print.tuples {
        out.push_str(&footer);
    }
    out + "\n"
}

/// A result with a line for each value.
fn records(columns: &[(String, bool)], rows: &[Vec<String>], print: &Print) -> String {
    let wide = columns
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let value_width = rows
        .iter()
        .flatten()
        .map(|cell| cell.chars().count())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    if rows.is_empty() {
        return "(0 rows)\n\n".to_owned();
    }
    for (at, row) in rows.iter().enumerate() {
        if !print.aligned {
            out.push_str(if at > 0 { "\n" } else { "" });
        } else if !print.tuples {
            let title = format!("-[ RECORD {} ]", at + 1);
            let lead = wide + 1;
            let rest = value_width + 1;
            // The line goes on as far as names and values do, with a cross where they meet.
            let mut line: Vec<char> = "-".repeat(lead + 1 + rest).chars().collect();
            if let Some(cross) = line.get_mut(lead) {
                *cross = '+';
            }
            let tail: String = line.into_iter().skip(title.len()).collect();
            out.push_str(&format!("{title}{tail}\n"));
        }
        for ((name, _), cell) in columns.iter().zip(row) {
            out.push_str(&if print.aligned {
                format!("{name:<wide$} | {cell}\n")
            } else {
                format!("{name}{}{cell}\n", print.separator)
            });
        }
    }
    if print.aligned { out + "\n" } else { out }
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
        Err(wrong) => return refuse(&sys, "pg_isready", wrong, 3),
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
