//! `redis-server`: an in-memory store behind RESP, with the log lines of Redis.

use super::http::Calendar;
use super::listen;
use crate::net::resp::{ReadError, Value};
use crate::net::stream::Stream;
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::time::Duration;
use sorted::SortedMap;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;

const VERSION: &str = "8.0.6";
/// `tcp-backlog`.
const BACKLOG: u32 = 511;

enum Stored {
    Text(Vec<u8>),
    List(VecDeque<Vec<u8>>),
}

#[derive(Default)]
struct Store {
    keys: SortedMap<Vec<u8>, Stored>,
    clients: usize,
    commands: u64,
}

/// The `redis-server` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let mut port: u16 = 6379;
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--port" => port = words.next().and_then(|p| p.parse().ok()).unwrap_or(port),
            "-v" | "--version" => {
                sys.out(&format!("Redis server v={VERSION} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0\n"));
                return 0;
            }
            "--protected-mode" | "--appendonly" | "--save" | "--maxmemory"
            | "--maxmemory-policy" | "--loglevel" | "--bind" | "--dir" => drop(words.next()),
            other if other.starts_with("--") => {
                return crate::not_modelled(&sys, "redis-server", other);
            }
            _ => {}
        }
    }
    for signal in [Signal::TERM, Signal::INT] {
        sys.catch(signal);
    }
    sys.ignore(Signal::PIPE);
    let pid = sys
        .me(|p| if p.pid_ns.is_some() { p.ns_pid } else { p.pid })
        .unwrap_or(1);
    log(
        &sys,
        pid,
        'C',
        '*',
        "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
    );
    log(
        &sys,
        pid,
        'C',
        '*',
        &format!(
            "Redis version={VERSION}, bits=64, commit=00000000, modified=0, pid={pid}, just started"
        ),
    );
    log(&sys, pid, 'C', '*', "Configuration loaded");
    log(&sys, pid, 'M', '*', "monotonic clock: POSIX clock_gettime");
    let store = Rc::new(RefCell::new(Store::default()));
    let mut open = 0;
    for ip in [
        kernel::sock::Family::V4.any(),
        kernel::sock::Family::V6.any(),
    ] {
        match listen::tcp(&sys, SocketAddr::new(ip, port), true, BACKLOG) {
            Ok(fd) => {
                open += 1;
                let (task, store) = (sys.clone(), store.clone());
                sys.spawn_task(async move {
                    listen::serve(&task, fd, |sys, fd, from| {
                        client(sys, fd, from, store.clone(), pid)
                    })
                    .await;
                });
            }
            Err(error) => {
                let shown = if ip.is_ipv4() { "*" } else { "-::*" };
                log(
                    &sys,
                    pid,
                    'M',
                    '#',
                    &format!(
                        "Warning: Could not create server TCP listening socket {shown}:{port}: bind: {error}"
                    ),
                );
            }
        }
    }
    if open == 0 {
        log(
            &sys,
            pid,
            'M',
            '#',
            &format!("Failed listening on port {port} (tcp), aborting."),
        );
        return 1;
    }
    log(
        &sys,
        pid,
        'M',
        '*',
        &format!("Running mode=standalone, port={port}."),
    );
    log(&sys, pid, 'M', '*', "Server initialized");
    log(&sys, pid, 'M', '*', "Ready to accept connections tcp");
    let signal = sys.signal().await;
    sys.out(&format!(
        "{pid}:signal-handler ({}) Received SIG{} scheduling shutdown...\n",
        sys.wall_clock().0,
        signal.name()
    ));
    // The server looks after it ten times a second.
    let _ = sys.sleep(Duration::from_millis(50)).await;
    log(&sys, pid, 'M', '*', "User requested shutdown...");
    log(
        &sys,
        pid,
        'M',
        '*',
        "Saving the final RDB snapshot before exiting.",
    );
    log(&sys, pid, 'M', '*', "DB saved on disk");
    log(
        &sys,
        pid,
        'M',
        '#',
        "Redis is now ready to exit, bye bye...",
    );
    0
}

fn log(sys: &Sys, pid: u32, role: char, level: char, text: &str) {
    let (seconds, nanos) = sys.wall_clock();
    let c = Calendar::new(seconds);
    sys.out(&format!(
        "{pid}:{role} {:02} {} {} {}.{:03} {level} {text}\n",
        c.day,
        c.month_name(),
        c.year,
        c.clock(),
        nanos / 1_000_000
    ));
}

async fn client(
    sys: Sys,
    fd: kernel::process::files::Fd,
    from: SocketAddr,
    store: Rc<RefCell<Store>>,
    pid: u32,
) {
    let mut stream = Stream::new(&sys, fd);
    store.borrow_mut().clients += 1;
    while let Some(words) = next_command(&sys, &mut stream, from, pid).await {
        let Some(name) = words
            .first()
            .map(|n| String::from_utf8_lossy(n).to_ascii_lowercase())
        else {
            continue;
        };
        store.borrow_mut().commands += 1;
        let answer = store
            .borrow_mut()
            .execute(&sys, &name, words.get(1..).unwrap_or_default());
        let mut bytes = Vec::new();
        answer.emit(&mut bytes);
        if stream.write(&bytes).await.is_err() || name == "quit" {
            break;
        }
    }
    let mut store = store.borrow_mut();
    store.clients = store.clients.saturating_sub(1);
}

/// A command as an array, or as a plain line of words. `None` ends the connection.
async fn next_command(
    sys: &Sys,
    stream: &mut Stream,
    from: SocketAddr,
    pid: u32,
) -> Option<Vec<Vec<u8>>> {
    if stream.buffered().is_empty() && !stream.fill().await.ok()? {
        return None;
    }
    if stream.buffered().first() == Some(&b'*') {
        return match Value::read(stream).await {
            Ok(Value::Array(items)) => Some(
                items
                    .into_iter()
                    .filter_map(|i| {
                        if let Value::Bulk(data) = i {
                            Some(data)
                        } else {
                            None
                        }
                    })
                    .collect(),
            ),
            Ok(_) | Err(ReadError::Closed | ReadError::BadType(_) | ReadError::Net(_)) => None,
        };
    }
    let line = stream.line().await.ok()??;
    let words: Vec<Vec<u8>> = line
        .split_whitespace()
        .map(|w| w.as_bytes().to_vec())
        .collect();
    let first = words
        .first()
        .map(|w| w.to_ascii_lowercase())
        .unwrap_or_default();
    if first == b"post" || first == b"host:" {
        let text = format!(
            "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection from {from} aborted."
        );
        log(sys, pid, 'M', '#', &text);
        return None;
    }
    // A first line of HTTP is a command that does not exist; its answer is not waited for here.
    if first == b"get" && words.len() == 3 {
        return Box::pin(next_command(sys, stream, from, pid)).await;
    }
    Some(words)
}

fn ok() -> Value {
    Value::Simple("OK".into())
}

impl Store {
    fn text(&self, key: &[u8]) -> Result<Option<&Vec<u8>>, Value> {
        match self.keys.get(key) {
            Some(Stored::Text(text)) => Ok(Some(text)),
            Some(Stored::List(_)) => Err(Value::Error(
                "WRONGTYPE Operation against a key holding the wrong kind of value".into(),
            )),
            None => Ok(None),
        }
    }

    fn add(&mut self, key: &[u8], by: i64) -> Value {
        let old = match self.text(key) {
            Ok(text) => text.map_or(Some(0), |t| {
                std::str::from_utf8(t).ok()?.parse::<i64>().ok()
            }),
            Err(error) => return error,
        };
        let Some(new) = old.and_then(|old| old.checked_add(by)) else {
            return Value::Error("ERR value is not an integer or out of range".into());
        };
        self.keys
            .insert(key.to_vec(), Stored::Text(new.to_string().into_bytes()));
        Value::Integer(new)
    }

    fn execute(&mut self, sys: &Sys, name: &str, args: &[Vec<u8>]) -> Value {
        let wrong_number = || {
            Value::Error(format!(
                "ERR wrong number of arguments for '{name}' command"
            ))
        };
        match (name, args) {
            ("ping", []) => Value::Simple("PONG".into()),
            ("ping" | "echo", [text]) => Value::Bulk(text.clone()),
            ("set", [key, value, ..]) => {
                self.keys.insert(key.clone(), Stored::Text(value.clone()));
                ok()
            }
            ("get", [key]) => match self.text(key) {
                Ok(text) => text.map_or(Value::Nil, |t| Value::Bulk(t.clone())),
                Err(error) => error,
            },
            ("incr", [key]) => self.add(key, 1),
            ("decr", [key]) => self.add(key, -1),
            ("incrby" | "decrby", [key, by]) => match std::str::from_utf8(by)
                .ok()
                .and_then(|b| b.parse::<i64>().ok())
            {
                Some(by) => self.add(
                    key,
                    if name == "incrby" {
                        by
                    } else {
                        by.saturating_neg()
                    },
                ),
                None => Value::Error("ERR value is not an integer or out of range".into()),
            },
            ("del" | "unlink", [_, ..]) => Value::Integer(
                args.iter()
                    .filter(|k| self.keys.remove(*k).is_some())
                    .count() as i64,
            ),
            ("exists", [_, ..]) => {
                Value::Integer(args.iter().filter(|k| self.keys.contains_key(*k)).count() as i64)
            }
            ("keys", [pattern]) => {
                let fits = |key: &&Vec<u8>| glob(pattern, key);
                Value::Array(
                    self.keys
                        .keys()
                        .filter(fits)
                        .map(|k| Value::Bulk(k.clone()))
                        .collect(),
                )
            }
            ("dbsize", []) => Value::Integer(self.keys.len() as i64),
            ("flushall" | "flushdb", _) => {
                self.keys.clear();
                ok()
            }
            ("lpush" | "rpush", [key, _, ..]) => {
                let list = self
                    .keys
                    .entry(key.clone())
                    .or_insert_with(|| Stored::List(VecDeque::new()));
                let Stored::List(list) = list else {
                    return Value::Error(
                        "WRONGTYPE Operation against a key holding the wrong kind of value".into(),
                    );
                };
                for item in args.iter().skip(1) {
                    if name == "lpush" {
                        list.push_front(item.clone());
                    } else {
                        list.push_back(item.clone());
                    }
                }
                Value::Integer(list.len() as i64)
            }
            ("lrange", [key, from, to]) => {
                let Some(Stored::List(list)) = self.keys.get(key) else {
                    return Value::Array(Vec::new());
                };
                let n = list.len() as i64;
                let index = |text: &[u8]| {
                    std::str::from_utf8(text)
                        .ok()
                        .and_then(|t| t.parse::<i64>().ok())
                        .map(|i| if i < 0 { n + i } else { i })
                };
                let (Some(from), Some(to)) = (index(from), index(to)) else {
                    return Value::Error("ERR value is not an integer or out of range".into());
                };
                let chosen = list
                    .iter()
                    .zip(0..)
                    .filter(|(_, i)| (from..=to).contains(i));
                Value::Array(chosen.map(|(item, _)| Value::Bulk(item.clone())).collect())
            }
            ("info", _) => Value::bulk(
                &self.info(
                    sys,
                    args.first()
                        .map(|a| String::from_utf8_lossy(a).to_ascii_lowercase())
                        .as_deref(),
                ),
            ),
            ("select" | "quit" | "auth", _) | ("client", _) => ok(),
            ("command" | "config", _) => Value::Array(Vec::new()),
            ("hello", _) => Value::Error("NOPROTO unsupported protocol version".into()),
            (
                "echo" | "set" | "get" | "incr" | "decr" | "incrby" | "decrby" | "del" | "unlink"
                | "exists" | "keys" | "dbsize" | "lpush" | "rpush" | "lrange" | "ping",
                _,
            ) => wrong_number(),
            _ => {
                let list: String = args
                    .iter()
                    .map(|a| format!("'{}' ", String::from_utf8_lossy(a)))
                    .collect();
                Value::Error(format!(
                    "ERR unknown command '{name}', with args beginning with: {list}"
                ))
            }
        }
    }

    fn info(&self, sys: &Sys, section: Option<&str>) -> String {
        let pid = sys.me(|p| p.ns_pid).unwrap_or(1);
        let uptime = sys
            .me(|p| sys.now() - p.started)
            .unwrap_or_default()
            .as_secs();
        let sections = [
            (
                "server",
                format!(
                    "# Server\r\nredis_version:{VERSION}\r\nredis_mode:standalone\r\nos:Linux x86_64\r\narch_bits:64\r\nprocess_id:{pid}\r\ntcp_port:6379\r\nuptime_in_seconds:{uptime}\r\nuptime_in_days:0\r\n"
                ),
            ),
            (
                "clients",
                format!(
                    "# Clients\r\nconnected_clients:{}\r\nmaxclients:10000\r\nblocked_clients:0\r\n",
                    self.clients
                ),
            ),
            (
                "stats",
                format!("# Stats\r\ntotal_commands_processed:{}\r\n", self.commands),
            ),
            (
                "replication",
                "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n".to_owned(),
            ),
            (
                "keyspace",
                if self.keys.is_empty() {
                    "# Keyspace\r\n".to_owned()
                } else {
                    format!(
                        "# Keyspace\r\ndb0:keys={},expires=0,avg_ttl=0\r\n",
                        self.keys.len()
                    )
                },
            ),
        ];
        let chosen: Vec<&str> = sections
            .iter()
            .filter(|(n, _)| section.is_none_or(|s| s == *n || s == "all" || s == "default"))
            .map(|(_, t)| t.as_str())
            .collect();
        chosen.join("\r\n")
    }
}

/// Redis's patterns: `*` and `?`.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            glob(rest, text) || text.split_first().is_some_and(|(_, t)| glob(pattern, t))
        }
        (Some((b'?', rest)), Some((_, t))) => glob(rest, t),
        (Some((a, rest)), Some((b, t))) => a == b && glob(rest, t),
        _ => false,
    }
}
