//! `postgres`: the protocol and the log of a PostgreSQL server, over a very small SQL.

mod aggregates;
mod catalog;
mod definitions;
mod expression;
mod select;
mod sql;
mod store;
mod tables;
mod tokens;
mod value;
mod verbs;
mod views;

use super::listen;
use crate::net::pgwire::{self, Fields, Message, put_text};
use crate::net::stream::Stream;
use catalog::Catalog;
use kernel::Errno;
use kernel::calendar::Calendar;
use kernel::ids::ProcessId;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sock::Family;
use kernel::sys::Sys;
use kernel::time::Duration;
use sql::{Note, Outcome, Session, SqlError};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use value::Value;

const VERSION: &str = "PostgreSQL 18.6 (Debian 18.6-3) on x86_64-pc-linux-gnu, compiled by x86_64-linux-gnu-gcc (Debian 16.2.0-1) 16.2.0, 64-bit";
/// Twice `max_connections`, as PostgreSQL asks for.
const BACKLOG: u32 = 200;
/// Marks where the local socket would be. Local clients come by 127.0.0.1 instead (see `psql`).
pub const SOCKET: &str = "/var/run/postgresql/.s.PGSQL.5432";

/// The processes beside the one that listens, in the order in which they start. Seen: version 18.6.
const HELPERS: [&str; 8] = [
    "io worker 0",
    "io worker 1",
    "io worker 2",
    "checkpointer",
    "background writer",
    "walwriter",
    "autovacuum launcher",
    "logical replication launcher",
];

struct Server {
    sys: Sys,
    catalog: RefCell<Catalog>,
    /// How many sessions there were.
    sessions: Cell<u32>,
}

/// The `postgres` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    if args.iter().any(|a| a == "--version" || a == "-V") {
        sys.out("postgres (PostgreSQL) 18.6 (Debian 18.6-3)\n");
        return 0;
    }
    let port: u16 = args
        .iter()
        .skip_while(|a| *a != "-p")
        .nth(1)
        .and_then(|p| p.parse().ok())
        .unwrap_or(5432);
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
        sys.catch(signal);
    }
    sys.ignore(Signal::PIPE);
    let user = sys
        .env("POSTGRES_USER")
        .filter(|u| !u.is_empty())
        .unwrap_or_else(|| "postgres".to_owned());
    let database = sys
        .env("POSTGRES_DB")
        .filter(|d| !d.is_empty())
        .unwrap_or_else(|| user.clone());
    let mut catalog = Catalog::new(&user, &database);
    store::load(&sys, &mut catalog);
    let server = Rc::new(Server {
        sys: sys.clone(),
        catalog: RefCell::new(catalog),
        sessions: Cell::new(0),
    });
    let short = VERSION.split(" on ").next().unwrap_or(VERSION);
    server.log(
        "LOG",
        &format!(
            "starting {short}{}",
            VERSION.strip_prefix(short).unwrap_or_default()
        ),
    );
    let mut open = 0;
    for ip in [Family::V4.any(), Family::V6.any()] {
        let name = if ip.is_ipv4() { "IPv4" } else { "IPv6" };
        match listen::tcp(&sys, SocketAddr::new(ip, port), true, BACKLOG) {
            Ok(fd) => {
                open += 1;
                server.log(
                    "LOG",
                    &format!("listening on {name} address \"{ip}\", port {port}"),
                );
                let (task, server) = (sys.clone(), server.clone());
                sys.spawn_task(async move {
                    listen::serve(&task, fd, |sys, fd, from| {
                        let server = server.clone();
                        async move { server.client(sys, fd, from).await }
                    })
                    .await;
                });
            }
            Err(error) => {
                server.log(
                    "LOG",
                    &format!("could not bind {name} address \"{ip}\": {error}"),
                );
                server.log("HINT", &format!("Is another postmaster already running on port {port}? If not, wait a few seconds and retry."));
            }
        }
    }
    if open == 0 {
        server.log("WARNING", "could not create listen socket for \"*\"");
        server.log("FATAL", "could not create any TCP/IP sockets");
        server.log("LOG", "database system is shut down");
        return 1;
    }
    if sys.write_file(SOCKET, b"").is_ok() {
        server.log("LOG", &format!("listening on Unix socket \"{SOCKET}\""));
    }
    // The image's data was made, and its server stopped, before the machine started.
    let c = Calendar::new(sys.kernel(|k| k.epoch).cast_signed());
    server.log(
        "LOG",
        &format!(
            "database system was shut down at {} {} UTC",
            c.date(),
            c.clock()
        ),
    );
    server.log("LOG", "database system is ready to accept connections");
    let helpers: Vec<ProcessId> = HELPERS
        .iter()
        .filter_map(|name| start_helper(&sys, name))
        .collect();
    let kind = match sys.signal().await {
        Signal::TERM => "smart",
        Signal::QUIT => "immediate",
        _ => "fast",
    };
    server.log("LOG", &format!("received {kind} shutdown request"));
    if kind == "fast" {
        server.log("LOG", "aborting any active transactions");
    }
    if let Some(launcher) = helpers.last().and_then(|id| shown_pid(&sys, *id)) {
        server.log(
            "LOG",
            &format!("background worker \"logical replication launcher\" (PID {launcher}) exited with exit code 1"),
        );
    }
    for helper in helpers {
        let _ = sys.kill(helper, Signal::KILL);
    }
    server.log("LOG", "shutting down");
    server.log("LOG", "checkpoint starting: shutdown immediate");
    // Its checkpoint.
    let _ = sys.sleep(Duration::from_millis(30)).await;
    let _ = sys.remove(SOCKET);
    server.log("LOG", "checkpoint complete: wrote 0 buffers (0.0%), wrote 3 SLRU buffers; 0 WAL file(s) added, 0 removed, 0 recycled; write=0.001 s, sync=0.001 s, total=0.003 s; sync files=2, longest=0.001 s, average=0.001 s; distance=0 kB, estimate=0 kB; lsn=0/17B4A58, redo lsn=0/17B4A58");
    server.log("LOG", "database system is shut down");
    0
}

/// Starts one of the processes beside; it only waits here.
fn start_helper(sys: &Sys, name: &str) -> Option<ProcessId> {
    let mut spawn = sys.child(vec![format!("postgres: {name}")])?;
    spawn.fds.retain(|fd, _| *fd <= Fd::STDERR);
    sys.fork(spawn, |child| {
        Box::pin(async move {
            loop {
                child.signal().await;
            }
        })
    })
    .ok()
}

/// A process's number as its own namespace counts.
fn shown_pid(sys: &Sys, id: ProcessId) -> Option<u32> {
    sys.kernel(|k| {
        let process = k.proc.get(id)?;
        Some(match process.pid_ns {
            Some(_) => process.ns_pid,
            None => process.pid,
        })
    })
}

/// An error that ends a session, with its code.
type Fatal = (&'static str, String);

impl Server {
    fn log(&self, level: &str, text: &str) {
        let (seconds, nanos) = self.sys.wall_clock();
        let c = Calendar::new(seconds.cast_signed());
        let pid = shown_pid(&self.sys, self.sys.id()).unwrap_or(1);
        let stamp = format!("{} {}.{:03} UTC", c.date(), c.clock(), nanos / 1_000_000);
        self.sys.err(&format!("{stamp} [{pid}] {level}:  {text}\n"));
    }

    fn now(&self) -> String {
        let (seconds, nanos) = self.sys.wall_clock();
        let c = Calendar::new(seconds.cast_signed());
        format!("{} {}.{:06}+00", c.date(), c.clock(), nanos / 1000)
    }

    async fn client(&self, sys: Sys, fd: Fd, from: SocketAddr) {
        let local = sys.local_addr(fd).ok();
        let mut stream = Stream::new(&sys, fd);
        // Whatever the network reports, this session is over.
        let _ = self.session(&mut stream, from, local).await;
    }

    async fn session(
        &self,
        stream: &mut Stream,
        from: SocketAddr,
        local: Option<SocketAddr>,
    ) -> Result<(), Errno> {
        let Some((user, database)) = self.startup(stream).await? else {
            return Ok(());
        };
        if let Err((code, text)) = self.admit(&user, &database) {
            self.log("FATAL", &text);
            return stream
                .write(&said(b'E', "FATAL", &SqlError::new(code, text)))
                .await;
        }
        let mut out = Message::new(b'R', vec![0; 4]).emit();
        for (name, value) in [
            ("server_version", "18.6 (Debian 18.6-3)"),
            ("client_encoding", "UTF8"),
            ("server_encoding", "UTF8"),
            ("TimeZone", "Etc/UTC"),
        ] {
            let mut body = Vec::new();
            put_text(&mut body, name);
            put_text(&mut body, value);
            out.extend(Message::new(b'S', body).emit());
        }
        self.sessions.set(self.sessions.get() + 1);
        let own = self.sys.me(|p| p.ns_pid).unwrap_or(1);
        let backend = own + 60 + self.sessions.get();
        let key = [backend.to_be_bytes(), [0; 4]].concat();
        out.extend(Message::new(b'K', key).emit());
        out.extend(ready());
        stream.write(&out).await?;
        while let Some(message) = Message::read(stream).await? {
            match message.kind {
                b'X' => return Ok(()),
                b'Q' => {
                    let query = Fields(&message.body).text().unwrap_or_default();
                    let session = Session {
                        user: user.clone(),
                        database: database.clone(),
                        now: self.now(),
                        version: VERSION.to_owned(),
                        server: local,
                        client: Some(from),
                    };
                    let mut out = self.answer(&query, &session);
                    out.extend(ready());
                    stream.write(&out).await?;
                }
                _ => {
                    let text = crate::not_modelled!("postgres", "the extended query protocol");
                    let mut out = said(b'E', "ERROR", &SqlError::new("0A000", text));
                    if message.kind == b'S' {
                        out.extend(ready());
                    }
                    stream.write(&out).await?;
                }
            }
        }
        Ok(())
    }

    /// The opening: a wish for TLS is declined; user and database.
    async fn startup(&self, stream: &mut Stream) -> Result<Option<(String, String)>, Errno> {
        loop {
            let Some(head) = stream.exactly(8).await? else {
                return Ok(None);
            };
            let mut fields = Fields(&head);
            let (length, version) = (fields.int32().unwrap_or(0), fields.int32().unwrap_or(0));
            if version == pgwire::SSL_REQUEST {
                stream.write(b"N").await?;
                continue;
            }
            if version != pgwire::VERSION_3 || !(9..=10_000).contains(&length) {
                self.log("LOG", "invalid length of startup packet");
                return Ok(None);
            }
            let Some(body) = stream.exactly(length as usize - 8).await? else {
                return Ok(None);
            };
            let mut fields = Fields(&body);
            let (mut user, mut database) = (String::new(), String::new());
            while let (Some(key), Some(value)) =
                (fields.text().filter(|k| !k.is_empty()), fields.text())
            {
                match key.as_str() {
                    "user" => user = value,
                    "database" => database = value,
                    _ => {}
                }
            }
            if database.is_empty() {
                database.clone_from(&user);
            }
            return Ok(Some((user, database)));
        }
    }

    fn admit(&self, user: &str, database: &str) -> Result<(), Fatal> {
        let catalog = self.catalog.borrow();
        let refused = |text: &str| Err(("28000", format!("role \"{user}\" {text}")));
        match catalog.may_log_in(user) {
            None => return refused("does not exist"),
            Some(false) => return refused("is not permitted to log in"),
            Some(true) => {}
        }
        if !catalog.has_database(database) {
            return Err(("3D000", format!("database \"{database}\" does not exist")));
        }
        Ok(())
    }

    fn answer(&self, query: &str, session: &Session) -> Vec<u8> {
        let mut out = Vec::new();
        let mut changes = false;
        let statements = tokens::statements(query);
        let any = !statements.is_empty();
        // What is sent together is done together, or not at all.
        let before = match statements.len() {
            0 | 1 => None,
            _ => Some(self.catalog.borrow().tables.clone()),
        };
        for statement in statements {
            // The catalogue is free again when errors give back what it held.
            let outcome = sql::execute(statement, session, &mut self.catalog.borrow_mut());
            match outcome {
                Ok(Outcome::Empty) => out.extend(Message::new(b'I', Vec::new()).emit()),
                Ok(Outcome::Done(tag)) => {
                    changes |= tag != "SET" && tag != "BEGIN";
                    out.extend(complete(&tag));
                }
                Ok(Outcome::Noted(notice, tag)) => {
                    out.extend(said(b'N', "NOTICE", &SqlError::new("42P07", notice)));
                    out.extend(complete(&tag));
                }
                Ok(Outcome::Rows(names, rows)) => out.extend(result(&names, &rows)),
                Err(error) => {
                    let text = &error.text;
                    self.log(
                        "ERROR",
                        &error
                            .position
                            .map_or_else(|| text.clone(), |at| format!("{text} at character {at}")),
                    );
                    match &error.note {
                        Some(Note::Detail(detail)) => self.log("DETAIL", detail),
                        Some(Note::Hint(hint)) => self.log("HINT", hint),
                        None => {}
                    }
                    self.log("STATEMENT", query);
                    out.extend(said(b'E', "ERROR", &error));
                    let mut catalog = self.catalog.borrow_mut();
                    if let Some(before) = before.filter(|_| !catalog.is_open()) {
                        catalog.tables = before;
                    }
                    return out;
                }
            }
        }
        if !any {
            out.extend(Message::new(b'I', Vec::new()).emit());
        }
        let catalog = self.catalog.borrow();
        if changes && !catalog.is_open() {
            store::save(&self.sys, &catalog);
        }
        out
    }
}

/// A result: its columns, its rows, and how many there are.
fn result(names: &[String], rows: &[Vec<Value>]) -> Vec<u8> {
    let count = u16::try_from(names.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut head = count.to_vec();
    for (at, name) in names.iter().enumerate() {
        let mut values = rows.iter().filter_map(|row| row.get(at));
        let kind = values
            .find(|value| **value != Value::Null)
            .unwrap_or(&Value::Null);
        put_text(&mut head, name);
        head.extend([0; 6]);
        head.extend(kind.oid().to_be_bytes());
        head.extend([0xff; 6]);
        head.extend([0; 2]);
    }
    let mut out = Message::new(b'T', head).emit();
    for row in rows {
        let mut data = count.to_vec();
        for value in row {
            match value.text() {
                Some(text) => {
                    data.extend(u32::try_from(text.len()).unwrap_or(0).to_be_bytes());
                    data.extend(text.as_bytes());
                }
                None => data.extend(u32::MAX.to_be_bytes()),
            }
        }
        out.extend(Message::new(b'D', data).emit());
    }
    out.extend(complete(&format!("SELECT {}", rows.len())));
    out
}

fn ready() -> Vec<u8> {
    Message::new(b'Z', vec![b'I']).emit()
}

fn complete(tag: &str) -> Vec<u8> {
    let mut body = Vec::new();
    put_text(&mut body, tag);
    Message::new(b'C', body).emit()
}

/// An error or a notice, as it travels.
fn said(kind: u8, severity: &str, error: &SqlError) -> Vec<u8> {
    let mut body = Vec::new();
    let position = error.position.map(|p| p.to_string());
    let (detail, hint) = match &error.note {
        Some(Note::Detail(text)) => (Some(text.as_str()), None),
        Some(Note::Hint(text)) => (None, Some(text.as_str())),
        None => (None, None),
    };
    let fields = [
        (b'S', Some(severity)),
        (b'V', Some(severity)),
        (b'C', Some(error.code)),
        (b'M', Some(error.text.as_str())),
        (b'D', detail),
        (b'H', hint),
        (b'P', position.as_deref()),
    ];
    for (kind, text) in fields {
        if let Some(text) = text {
            body.push(kind);
            put_text(&mut body, text);
        }
    }
    body.push(0);
    Message::new(kind, body).emit()
}
