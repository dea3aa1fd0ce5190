//! `redis-server`: an in-memory store behind RESP, with the log lines of Redis.

mod command;
mod connection;
mod hashes;
mod keys;
mod lists;
mod server;
mod sets;
mod snapshot;
mod sorted;
mod state;
mod store;
mod strings;

use super::{listen, set_title};
use crate::net::resp::{ReadError, Value, words_of};
use crate::net::stream::Stream;
use kernel::Errno;
use kernel::calendar::Calendar;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sock::Family;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use state::State;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

const VERSION: &str = "8.0.6";
/// `tcp-backlog`.
const BACKLOG: u32 = 511;
/// How long after one warning about an attack the next is kept back.
const QUIET: Duration = Duration::from_secs(60);

/// The server: its process's number, and what it holds.
struct Server {
    sys: Sys,
    pid: u32,
    state: RefCell<State>,
    /// When it last warned of an attack.
    warned: Cell<Option<Instant>>,
}

/// Settings from a file and from the command line, each with its words.
fn directives(sys: &Sys, args: &[String]) -> Result<Vec<Vec<String>>, String> {
    let mut out: Vec<Vec<String>> = Vec::new();
    for (at, word) in args.iter().enumerate() {
        match (word.strip_prefix("--"), out.last_mut()) {
            (Some(name), _) => out.push(vec![name.to_ascii_lowercase()]),
            (None, Some(directive)) if at > 0 => directive.push(word.clone()),
            _ => {
                let text = sys.read_text(word).map_err(|error| {
                    format!("Fatal error, can't open config file '{word}': {error}")
                })?;
                for line in text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with('#'))
                {
                    let words = words_of(line).unwrap_or_default();
                    let words = words
                        .iter()
                        .map(|w| String::from_utf8_lossy(w).into_owned());
                    out.push(words.collect());
                }
                out.retain(|words| !words.is_empty());
            }
        }
    }
    Ok(out)
}

/// The `redis-server` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let args = args.get(1..).unwrap_or_default();
    if matches!(args.first().map(String::as_str), Some("-v" | "--version")) {
        sys.out(&format!(
            "Redis server v={VERSION} sha=00000000:0 malloc=jemalloc-5.3.1 bits=64 build=4ff5c8d39231b5d1\n"
        ));
        return 0;
    }
    let pid = own_number(&sys);
    let mut state = State::new(&sys);
    let found = match directives(&sys, args) {
        Ok(found) => found,
        Err(text) => {
            log(&sys, pid, 'C', '#', &text);
            return 1;
        }
    };
    for (at, words) in found.iter().enumerate() {
        let Some((name, values)) = words.split_first() else {
            continue;
        };
        let line = format!(
            "{name} {}",
            values
                .iter()
                .map(|v| format!("\"{v}\""))
                .collect::<Vec<_>>()
                .join(" ")
        );
        let why = if values.is_empty() {
            Some("wrong number of arguments")
        } else if name == "port" && values.concat().parse::<u16>().is_err() {
            let number = values.concat().parse::<u64>().is_ok();
            Some(if number {
                "argument must be between 0 and 65535 inclusive"
            } else {
                "argument couldn't be parsed into an integer"
            })
        } else if !state.set(name, &values.join(" ")) {
            Some("Bad directive or wrong number of arguments")
        } else {
            None
        };
        if let Some(why) = why {
            sys.err(&format!(
                "\n*** FATAL CONFIG FILE ERROR (Redis {VERSION}) ***\nReading the configuration file, at line {}\n>>> '{}'\n{why}\n",
                at + 1,
                line.trim_end()
            ));
            return 1;
        }
    }
    let port: u16 = state.setting("port").parse().unwrap_or(6379);
    for signal in [Signal::TERM, Signal::INT] {
        sys.catch(signal);
    }
    sys.ignore(Signal::PIPE);
    let overcommit = sys
        .read_text("/proc/sys/vm/overcommit_memory")
        .unwrap_or_default();
    if overcommit.trim() != "1" {
        log(
            &sys,
            pid,
            'C',
            '#',
            "WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition. Being disabled, it can also cause failures without low memory condition, see https://github.com/jemalloc/jemalloc/issues/1328. To fix this issue add 'vm.overcommit_memory = 1' to /etc/sysctl.conf and then reboot or run the command 'sysctl vm.overcommit_memory=1' for this to take effect.",
        );
    }
    let configured = if found.is_empty() {
        "Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf"
    } else {
        "Configuration loaded"
    };
    for text in [
        "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
        &format!(
            "Redis version={VERSION}, bits=64, commit=00000000, modified=0, pid={pid}, just started"
        ),
        configured,
    ] {
        log(&sys, pid, 'C', '*', text);
    }
    log(&sys, pid, 'M', '*', "monotonic clock: POSIX clock_gettime");
    let server = Rc::new(Server {
        sys: sys.clone(),
        pid,
        state: RefCell::new(state),
        warned: Cell::new(None),
    });
    if !server.open(port) {
        server.log(
            '#',
            &format!("Failed listening on port {port} (tcp), aborting."),
        );
        return 1;
    }
    let first = {
        let state = server.state.borrow();
        let first = state.setting("bind").split_whitespace().next();
        first.unwrap_or("*").to_owned()
    };
    set_title(&sys, &format!("redis-server {first}:{port}"));
    server.log('*', &format!("Running mode=standalone, port={port}."));
    server.log('*', "Server initialized");
    if !server.remember() {
        return 1;
    }
    server.log('*', "Ready to accept connections tcp");
    let signal = sys.signal().await;
    sys.out(&format!(
        "{pid}:signal-handler ({}) Received SIG{} scheduling shutdown...\n",
        sys.wall_clock().0,
        signal.name()
    ));
    server.farewell(true);
    0
}

/// The server's number, as its own processes see it.
fn own_number(sys: &Sys) -> u32 {
    let number = sys.me(|p| if p.pid_ns.is_some() { p.ns_pid } else { p.pid });
    number.unwrap_or(1)
}

fn log(sys: &Sys, pid: u32, role: char, level: char, text: &str) {
    let (seconds, nanos) = sys.wall_clock();
    let c = Calendar::new(seconds.cast_signed());
    sys.out(&format!(
        "{pid}:{role} {:02} {} {} {}.{:03} {level} {text}\n",
        c.day,
        c.month_name(),
        c.year,
        c.clock(),
        nanos / 1_000_000
    ));
}

/// The address that a word of `bind` stands for, the dash of an optional one left out.
fn bound_ip(word: &str) -> Option<IpAddr> {
    match word {
        "*" => Some(Family::V4.any()),
        "::*" => Some(Family::V6.any()),
        word => word.parse().ok(),
    }
}

impl Server {
    fn log(&self, level: char, text: &str) {
        log(&self.sys, self.pid, 'M', level, text);
    }

    /// Opens the sockets at the addresses that it is bound to. One that a dash makes optional, and that the machine does
    /// not have, may be missing; at any other failure, those that are open already are closed again, and the answer is
    /// false. Source: redis `server.c`, `listenToPort`.
    fn open(self: &Rc<Self>, port: u16) -> bool {
        let mut open = Vec::new();
        let bound = self.state.borrow().setting("bind").to_owned();
        for given in bound.split_whitespace() {
            let optional = given.starts_with('-');
            let shown = given.trim_start_matches('-');
            let made = bound_ip(shown).ok_or(None).and_then(|ip| {
                listen::tcp(&self.sys, SocketAddr::new(ip, port), true, BACKLOG).map_err(Some)
            });
            match made {
                Ok(fd) => open.push(fd),
                Err(error) => {
                    let why = error.map_or_else(
                        || "Name or service not known".to_owned(),
                        |error: Errno| format!("bind: {error}"),
                    );
                    self.log('#', &format!("Warning: Could not create server TCP listening socket {shown}:{port}: {why}"));
                    let absent = optional && error == Some(Errno::EADDRNOTAVAIL);
                    if !absent && error != Some(Errno::EAFNOSUPPORT) {
                        open.iter().for_each(|fd| self.sys.close(*fd));
                        return false;
                    }
                }
            }
        }
        for fd in &open {
            let (server, fd) = (self.clone(), *fd);
            self.sys.spawn_task(async move {
                listen::serve(&server.sys, fd, |_, fd, from| {
                    server.clone().client(fd, from)
                })
                .await;
            });
        }
        !open.is_empty()
    }

    /// Takes in what an earlier server left; false if that cannot be read.
    fn remember(&self) -> bool {
        match snapshot::load(&self.sys, &mut self.state.borrow_mut()) {
            Ok(told) => {
                for text in told {
                    self.log('*', &text);
                }
                true
            }
            Err(text) => {
                self.log('#', &format!("{text}. Exiting."));
                false
            }
        }
    }

    fn farewell(&self, saves: bool) {
        self.log('*', "User requested shutdown...");
        let mut state = self.state.borrow_mut();
        if saves && !state.setting("save").is_empty() {
            self.log('*', "Saving the final RDB snapshot before exiting.");
            if snapshot::save(&self.sys, &mut state) {
                self.log('*', "DB saved on disk");
            }
        }
        self.log('#', "Redis is now ready to exit, bye bye...");
    }

    async fn client(self: Rc<Self>, fd: Fd, from: SocketAddr) {
        let sys = &self.sys;
        let mut stream = Stream::new(sys, fd);
        let ends = [from, sys.local_addr(fd).unwrap_or(from)];
        let id = self.state.borrow_mut().welcome(sys, fd, ends);
        let mut bytes = Vec::new();
        loop {
            let words = match self.next_command(&mut stream, from).await {
                Ok(words) => words,
                Err(None) => break,
                Err(Some(text)) => {
                    Value::Error(format!("ERR Protocol error: {text}")).emit(&mut bytes);
                    let _ = stream.write(&bytes).await;
                    break;
                }
            };
            let Some(name) = words.first().map(|name| name.to_ascii_lowercase()) else {
                continue;
            };
            let pushes = {
                let mut state = self.state.borrow_mut();
                let Some(place) = state.place(id) else { break };
                let verb = words
                    .get(1)
                    .filter(|_| matches!(name.as_slice(), b"client" | b"config"));
                let shown =
                    verb.map_or_else(|| name.clone(), |verb| [&name, verb.as_slice()].join(&b'|'));
                state.client(place).last = (
                    sys.now(),
                    String::from_utf8_lossy(&shown).to_ascii_lowercase(),
                );
                command::run(sys, &mut state, place, &words).emit(&mut bytes);
                if let Some(limit) = state.client(place).wait_limit.take() {
                    self.clone().give_up_after(id, limit);
                }
                std::mem::take(&mut state.pushes)
            };
            if name == b"shutdown" && bytes.is_empty() {
                self.farewell(
                    words
                        .get(1)
                        .is_none_or(|how| !how.eq_ignore_ascii_case(b"nosave")),
                );
                sys.exit(0).await;
            }
            for (fd, value) in pushes {
                let mut told = Vec::new();
                value.emit(&mut told);
                let _ = sys.write(fd, &told).await;
            }
            // What came together is answered together.
            if name != b"quit" && !stream.buffered().is_empty() {
                continue;
            }
            if stream.write(&bytes).await.is_err() || name == b"quit" {
                break;
            }
            bytes.clear();
        }
        self.state
            .borrow_mut()
            .clients
            .retain(|client| client.id != id);
    }

    /// Answers a client that still waits after that time.
    fn give_up_after(self: Rc<Self>, id: u64, limit: Duration) {
        let task = self.sys.clone();
        task.spawn_task(async move {
            let _ = self.sys.sleep(limit).await;
            let fd = {
                let mut state = self.state.borrow_mut();
                let Some(place) = state.place(id) else { return };
                let client = state.client(place);
                client.waits.take().map(|_| client.fd)
            };
            if let Some(fd) = fd {
                let _ = self.sys.write(fd, b"*-1\r\n").await;
            }
        });
    }

    /// A command as an array, or as a plain line of words. An error ends the connection, with a text or without.
    async fn next_command(
        &self,
        stream: &mut Stream,
        from: SocketAddr,
    ) -> Result<Vec<Vec<u8>>, Option<String>> {
        if stream.buffered().is_empty() && !stream.fill().await.ok().ok_or(None)? {
            return Err(None);
        }
        if stream.buffered().first() == Some(&b'*') {
            let value = Value::read(stream).await.map_err(|error| match error {
                ReadError::Count => Some("invalid multibulk length".to_owned()),
                ReadError::BadType(c) => Some(format!("expected '$', got '{c}'")),
                ReadError::Closed | ReadError::Net(_) => None,
            })?;
            let Value::Array(items) = value else {
                return Ok(Vec::new());
            };
            let bulk = |item| {
                if let Value::Bulk(data) = item {
                    Some(data)
                } else {
                    None
                }
            };
            return Ok(items.into_iter().filter_map(bulk).collect());
        }
        let line = stream.line().await.ok().flatten().ok_or(None)?;
        let words =
            words_of(&line).ok_or_else(|| Some("unbalanced quotes in request".to_owned()))?;
        let first = words
            .first()
            .map(|w| w.to_ascii_lowercase())
            .unwrap_or_default();
        if first == b"post" || first == b"host:" {
            let now = self.sys.now();
            if self.warned.get().is_none_or(|before| now - before > QUIET) {
                self.warned.set(Some(now));
                self.log('#', &format!("Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection from {from} aborted."));
            }
            return Err(None);
        }
        // A first line of HTTP is a command that does not exist; its answer is not waited for here.
        if first == b"get" && words.len() == 3 {
            return Box::pin(self.next_command(stream, from)).await;
        }
        Ok(words)
    }
}
