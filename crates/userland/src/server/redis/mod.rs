//! `redis-server`: an in-memory store behind RESP, with the log lines of Redis.

use super::http::Calendar;
use super::listen;
use crate::net::resp::{ReadError, Value};
use crate::net::stream::Stream;
use kernel::process::signal::Signal;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
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
    /// Fields and values in the order in which they came; a set's members have no values.
    Hash(Fields),
}

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

type Keys = SortedMap<Vec<u8>, Stored>;

/// How many databases there are.
const DATABASES: usize = 16;

const WRONG_TYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_A_NUMBER: &str = "ERR value is not an integer or out of range";

/// A client, and where it came from and arrived.
struct Client {
    id: u64,
    ends: [SocketAddr; 2],
    since: Instant,
    database: usize,
    name: Vec<u8>,
}

#[derive(Default)]
struct Store {
    /// The database of the client whose command runs; it is taken from `databases` meanwhile.
    keys: Keys,
    databases: Vec<Keys>,
    /// When keys end.
    ends: Vec<(Vec<u8>, Instant)>,
    clients: Vec<Client>,
    seen: u64,
    commands: u64,
}

/// What `CONFIG GET` knows.
const CONFIG: &[(&str, &str)] = &[
    ("maxmemory", "0"),
    ("maxmemory-policy", "noeviction"),
    ("maxclients", "10000"),
    ("bind", "* -::*"),
    ("port", "6379"),
    ("databases", "16"),
    ("appendonly", "no"),
    ("save", "3600 1 300 100 60 10000"),
    ("timeout", "0"),
    ("tcp-keepalive", "300"),
    ("protected-mode", "no"),
    ("requirepass", ""),
    ("dir", "/data"),
];

/// The commands that are known, with the least number of arguments, for the error about a wrong number.
const KNOWN: &str = " append auth client command config dbsize decr decrby del echo exists expire flushall flushdb get getset hget hgetall hset incr incrby info keys lastsave llen lpop lpush lrange mget mset object persist ping publish role rpop rpush sadd select set setnx sismember smembers strlen time ttl type unlink ";

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
    let id = {
        let mut store = store.borrow_mut();
        store.seen += 1;
        store.databases.resize_with(DATABASES, Keys::default);
        let client = Client {
            id: store.seen,
            ends: [from, sys.local_addr(fd).unwrap_or(from)],
            since: sys.now(),
            database: 0,
            name: Vec::new(),
        };
        store.clients.push(client);
        store.seen
    };
    let mut bytes = Vec::new();
    while let Some(words) = next_command(&sys, &mut stream, from, pid).await {
        let Some(name) = words
            .first()
            .map(|n| String::from_utf8_lossy(n).to_ascii_lowercase())
        else {
            continue;
        };
        store.borrow_mut().commands += 1;
        let answer = store.borrow_mut().answer(&sys, &name, &words, id);
        answer.emit(&mut bytes);
        // What came together is answered together.
        if name != "quit" && !stream.buffered().is_empty() {
            continue;
        }
        if stream.write(&bytes).await.is_err() || name == "quit" {
            break;
        }
        bytes.clear();
    }
    store.borrow_mut().clients.retain(|client| client.id != id);
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
            Some(_) => Err(Value::Error(WRONG_TYPE.into())),
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
            return Value::Error(NOT_A_NUMBER.into());
        };
        self.keys
            .insert(key.to_vec(), Stored::Text(new.to_string().into_bytes()));
        Value::Integer(new)
    }

    /// Runs a command in the client's database.
    fn answer(&mut self, sys: &Sys, name: &str, words: &[Vec<u8>], client: u64) -> Value {
        let args = words.get(1..).unwrap_or_default();
        let at = self.clients.iter().position(|known| known.id == client);
        let database = at
            .and_then(|at| self.clients.get(at))
            .map_or(0, |client| client.database);
        if name == "select" {
            let chosen = args.first().and_then(|text| number(text));
            return match (chosen.and_then(|n| usize::try_from(n).ok()), chosen) {
                (Some(chosen), _) if chosen < DATABASES => {
                    if let Some(client) = at.and_then(|at| self.clients.get_mut(at)) {
                        client.database = chosen;
                    }
                    ok()
                }
                (_, Some(_)) => Value::Error("ERR DB index is out of range".into()),
                _ if args.len() == 1 => Value::Error("ERR invalid DB index".into()),
                _ => wrong_number(name),
            };
        }
        if name == "client" {
            return self.about_clients(sys, args, at);
        }
        if let Some(keys) = self.databases.get_mut(database) {
            std::mem::swap(&mut self.keys, keys);
        }
        let now = sys.now();
        for (key, _) in self.ends.iter().filter(|(_, end)| *end <= now) {
            self.keys.remove(key);
        }
        let Self { keys, ends, .. } = self;
        ends.retain(|(key, end)| *end > now && keys.contains_key(key));
        let answer = self.execute(sys, name, args, words.first());
        if let Some(keys) = self.databases.get_mut(database) {
            std::mem::swap(&mut self.keys, keys);
        }
        answer
    }

    fn about_clients(&mut self, sys: &Sys, args: &[Vec<u8>], at: Option<usize>) -> Value {
        let verb = args
            .first()
            .map(|word| String::from_utf8_lossy(word).to_ascii_lowercase())
            .unwrap_or_default();
        let me = at.and_then(|at| self.clients.get_mut(at));
        match (verb.as_str(), me, args) {
            ("getname", Some(me), _) if me.name.is_empty() => Value::Nil,
            ("getname", Some(me), _) => Value::Bulk(me.name.clone()),
            ("setname", Some(me), [_, name]) => {
                me.name.clone_from(name);
                ok()
            }
            ("id", Some(me), _) => Value::Integer(me.id as i64),
            ("list", ..) => {
                let line = |client: &Client| {
                    let [from, to] = client.ends;
                    format!(
                        "id={} addr={from} laddr={to} fd={} name={} age={} idle=0 flags=N db={} sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=0 tot-mem=37786 events=r cmd=client|list user=default redir=-1 resp=2 lib-name= lib-ver= io-thread=0\n",
                        client.id,
                        client.id + 7,
                        String::from_utf8_lossy(&client.name),
                        (sys.now() - client.since).as_secs(),
                        client.database
                    )
                };
                Value::bulk(&self.clients.iter().map(line).collect::<String>())
            }
            _ => ok(),
        }
    }

    /// When a key ends, in seconds from now.
    fn left(&self, sys: &Sys, key: &[u8]) -> i64 {
        match self.ends.iter().find(|(known, _)| known == key) {
            _ if !self.keys.contains_key(key) => -2,
            None => -1,
            Some((_, end)) => (*end - sys.now()).as_secs_f64().round() as i64,
        }
    }

    fn end_at(&mut self, sys: &Sys, key: &[u8], seconds: i64) {
        self.ends.retain(|(known, _)| known != key);
        let after = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        self.ends.push((key.to_vec(), sys.now() + after));
    }

    /// The fields of a hash or the members of a set, which are made if `make` says so.
    fn hash(&mut self, key: &[u8], make: bool) -> Result<&mut Fields, Value> {
        if !self.keys.contains_key(key) {
            if !make {
                return Err(Value::Nil);
            }
            self.keys.insert(key.to_vec(), Stored::Hash(Vec::new()));
        }
        match self.keys.get_mut(key) {
            Some(Stored::Hash(fields)) => Ok(fields),
            _ => Err(Value::Error(WRONG_TYPE.into())),
        }
    }

    fn execute(
        &mut self,
        sys: &Sys,
        name: &str,
        args: &[Vec<u8>],
        typed: Option<&Vec<u8>>,
    ) -> Value {
        match (name, args) {
            ("ping", []) => Value::Simple("PONG".into()),
            ("ping" | "echo", [text]) => Value::Bulk(text.clone()),
            ("set", [key, value, rest @ ..]) => {
                self.ends.retain(|(known, _)| known != key);
                match rest {
                    [] => {}
                    [unit, time] if unit.eq_ignore_ascii_case(b"ex") => match number(time) {
                        Some(seconds) if seconds > 0 => self.end_at(sys, key, seconds),
                        _ => return Value::Error(NOT_A_NUMBER.into()),
                    },
                    [when] if when.eq_ignore_ascii_case(b"nx") => {
                        if self.keys.contains_key(key) {
                            return Value::Nil;
                        }
                    }
                    [when] if when.eq_ignore_ascii_case(b"xx") => {
                        if !self.keys.contains_key(key) {
                            return Value::Nil;
                        }
                    }
                    _ => return Value::Error("ERR syntax error".into()),
                }
                self.keys.insert(key.clone(), Stored::Text(value.clone()));
                ok()
            }
            ("setnx", [key, value]) => {
                let free = !self.keys.contains_key(key);
                if free {
                    self.keys.insert(key.clone(), Stored::Text(value.clone()));
                }
                Value::Integer(i64::from(free))
            }
            ("mset", [_, _, ..]) if args.len().is_multiple_of(2) => {
                for pair in args.chunks(2) {
                    if let [key, value] = pair {
                        self.keys.insert(key.clone(), Stored::Text(value.clone()));
                    }
                }
                ok()
            }
            ("mget", [_, ..]) => Value::Array(
                args.iter()
                    .map(|key| match self.text(key) {
                        Ok(Some(text)) => Value::Bulk(text.clone()),
                        _ => Value::Nil,
                    })
                    .collect(),
            ),
            ("getset", [key, value]) => {
                let old = match self.text(key) {
                    Ok(old) => old.map_or(Value::Nil, |old| Value::Bulk(old.clone())),
                    Err(error) => return error,
                };
                self.keys.insert(key.clone(), Stored::Text(value.clone()));
                old
            }
            ("append", [key, more]) => {
                let mut text = match self.text(key) {
                    Ok(text) => text.cloned().unwrap_or_default(),
                    Err(error) => return error,
                };
                text.extend_from_slice(more);
                let length = text.len() as i64;
                self.keys.insert(key.clone(), Stored::Text(text));
                Value::Integer(length)
            }
            ("strlen", [key]) => match self.text(key) {
                Ok(text) => Value::Integer(text.map_or(0, Vec::len) as i64),
                Err(error) => error,
            },
            ("type", [key]) => Value::Simple(
                match self.keys.get(key) {
                    None => "none",
                    Some(Stored::Text(_)) => "string",
                    Some(Stored::List(_)) => "list",
                    Some(Stored::Hash(fields)) if fields.iter().all(|(_, v)| v.is_empty()) => "set",
                    Some(Stored::Hash(_)) => "hash",
                }
                .into(),
            ),
            ("expire", [key, time]) => match number(time) {
                None => Value::Error(NOT_A_NUMBER.into()),
                Some(_) if !self.keys.contains_key(key) => Value::Integer(0),
                Some(seconds) => {
                    self.end_at(sys, key, seconds);
                    Value::Integer(1)
                }
            },
            ("ttl", [key]) => Value::Integer(self.left(sys, key)),
            ("persist", [key]) => {
                let before = self.ends.len();
                self.ends.retain(|(known, _)| known != key);
                Value::Integer(i64::from(self.ends.len() < before))
            }
            ("hset", [key, pairs @ ..]) if !pairs.is_empty() && pairs.len().is_multiple_of(2) => {
                let fields = match self.hash(key, true) {
                    Ok(fields) => fields,
                    Err(error) => return error,
                };
                let before = fields.len();
                for pair in pairs.chunks(2) {
                    let [name, value] = pair else { continue };
                    match fields.iter_mut().find(|(known, _)| known == name) {
                        Some((_, old)) => old.clone_from(value),
                        None => fields.push((name.clone(), value.clone())),
                    }
                }
                Value::Integer((fields.len() - before) as i64)
            }
            ("sadd", [key, members @ ..]) if !members.is_empty() => {
                let fields = match self.hash(key, true) {
                    Ok(fields) => fields,
                    Err(error) => return error,
                };
                let before = fields.len();
                for member in members {
                    if !fields.iter().any(|(known, _)| known == member) {
                        fields.push((member.clone(), Vec::new()));
                    }
                }
                Value::Integer((fields.len() - before) as i64)
            }
            ("hget", [key, _]) | ("hgetall" | "smembers", [key]) | ("sismember", [key, _]) => {
                let fields = match self.hash(key, false) {
                    Ok(fields) => fields,
                    Err(Value::Nil) => &mut Vec::new(),
                    Err(error) => return error,
                };
                let wanted = args.get(1);
                let found = fields.iter().find(|(known, _)| Some(known) == wanted);
                match name {
                    "hget" => found.map_or(Value::Nil, |(_, value)| Value::Bulk(value.clone())),
                    "sismember" => Value::Integer(i64::from(found.is_some())),
                    _ => Value::Array(
                        fields
                            .iter()
                            .flat_map(|(known, value)| [known, value])
                            .step_by(if name == "hgetall" { 1 } else { 2 })
                            .map(|part| Value::Bulk(part.clone()))
                            .collect(),
                    ),
                }
            }
            ("llen", [key]) => match self.keys.get(key) {
                None => Value::Integer(0),
                Some(Stored::List(list)) => Value::Integer(list.len() as i64),
                Some(_) => Value::Error(WRONG_TYPE.into()),
            },
            ("lpop" | "rpop", [key]) => match self.keys.get_mut(key) {
                None => Value::Nil,
                Some(Stored::List(list)) => {
                    let item = if name == "lpop" {
                        list.pop_front()
                    } else {
                        list.pop_back()
                    };
                    if list.is_empty() {
                        self.keys.remove(key);
                    }
                    item.map_or(Value::Nil, Value::Bulk)
                }
                Some(_) => Value::Error(WRONG_TYPE.into()),
            },
            ("publish", [_, _]) => Value::Integer(0),
            ("role", []) => Value::Array(vec![
                Value::bulk("master"),
                Value::Integer(0),
                Value::Array(Vec::new()),
            ]),
            ("time", []) => {
                let (seconds, nanos) = sys.wall_clock();
                Value::Array(vec![
                    Value::bulk(&seconds.to_string()),
                    Value::bulk(&(nanos / 1000).to_string()),
                ])
            }
            ("lastsave", []) => {
                let uptime = sys.me(|p| sys.now() - p.started).unwrap_or_default();
                Value::Integer(sys.wall_clock().0 as i64 - uptime.as_secs() as i64)
            }
            ("auth", [_, ..]) => Value::Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?".into()),
            ("config", [verb, pattern]) if verb.eq_ignore_ascii_case(b"get") => Value::Array(
                CONFIG
                    .iter()
                    .filter(|(name, _)| glob(pattern, name.as_bytes()))
                    .flat_map(|(name, value)| [Value::bulk(name), Value::bulk(value)])
                    .collect(),
            ),
            ("config", [verb, _, _]) if verb.eq_ignore_ascii_case(b"set") => ok(),
            ("debug", _) => Value::Error("ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.".into()),
            ("object", [_, key]) => match self.keys.get(key) {
                None => Value::Nil,
                Some(Stored::Text(text)) if number(text).is_some() => Value::bulk("int"),
                Some(Stored::Text(text)) if text.len() < 45 => Value::bulk("embstr"),
                Some(Stored::Text(_)) => Value::bulk("raw"),
                Some(_) => Value::bulk("listpack"),
            },
            ("command", [_]) => Value::Integer(KNOWN.split_whitespace().count() as i64),
            ("get", [key]) => match self.text(key) {
                Ok(text) => text.map_or(Value::Nil, |t| Value::Bulk(t.clone())),
                Err(error) => error,
            },
            ("incr", [key]) => self.add(key, 1),
            ("decr", [key]) => self.add(key, -1),
            ("incrby" | "decrby", [key, by]) => match number(by) {
                Some(by) => self.add(
                    key,
                    if name == "incrby" {
                        by
                    } else {
                        by.saturating_neg()
                    },
                ),
                None => Value::Error(NOT_A_NUMBER.into()),
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
                    return Value::Error(WRONG_TYPE.into());
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
                let index = |text: &[u8]| number(text).map(|i| if i < 0 { n + i } else { i });
                let (Some(from), Some(to)) = (index(from), index(to)) else {
                    return Value::Error(NOT_A_NUMBER.into());
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
            ("quit", _) => ok(),
            ("command" | "config", _) => Value::Array(Vec::new()),
            ("hello", _) => Value::Error("NOPROTO unsupported protocol version".into()),
            _ if KNOWN.contains(&format!(" {name} ")) => wrong_number(name),
            _ => {
                let name = typed.map_or(name.into(), |typed| String::from_utf8_lossy(typed));
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
                    "# Clients\r\nconnected_clients:{}\r\ncluster_connections:0\r\nmaxclients:10000\r\nblocked_clients:0\r\n",
                    self.clients.len()
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
                        "# Keyspace\r\ndb0:keys={},expires={},avg_ttl=0,subexpiry=0\r\n",
                        self.keys.len(),
                        self.ends.len()
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

fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn wrong_number(name: &str) -> Value {
    Value::Error(format!(
        "ERR wrong number of arguments for '{name}' command"
    ))
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
