//! The server as a whole: its settings, databases and clients.

use super::command::Call;
use super::store::{Bytes, Database, Stored};
use crate::net::resp::Value;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use std::net::SocketAddr;

/// A client, and where it came from and arrived.
pub(super) struct Client {
    /// Counted from 1.
    pub(super) id: u64,
    /// Its socket.
    pub(super) fd: Fd,
    /// Its address, and the server's that it came to.
    pub(super) ends: [SocketAddr; 2],
    /// When it came.
    pub(super) since: Instant,
    /// When it last asked for something, and what.
    pub(super) last: (Instant, String),
    /// The number of its database.
    pub(super) database: usize,
    /// As `CLIENT SETNAME` named it.
    pub(super) name: Bytes,
    /// Whether it gave the password.
    pub(super) trusted: bool,
    /// What `EXEC` will run; an error if one of it was refused.
    pub(super) queue: Option<Result<Vec<Vec<Bytes>>, ()>>,
    /// What `WATCH` saw.
    pub(super) watched: Vec<(usize, Bytes, Option<Stored>)>,
    /// Channels and patterns that it subscribed to.
    pub(super) channels: [Vec<Bytes>; 2],
    /// Whether it is told everything.
    pub(super) monitors: bool,
    /// The lists that it waits for, and whether it wants their first item.
    pub(super) waits: Option<(Vec<Bytes>, bool)>,
    /// How long it waits.
    pub(super) wait_limit: Option<Duration>,
}

impl Client {
    /// How many channels and patterns it has.
    pub(super) fn subscriptions(&self) -> usize {
        self.channels.iter().map(Vec::len).sum()
    }
}

/// See the module.
pub(super) struct State {
    /// Names and values, as `CONFIG GET` tells them.
    pub(super) settings: Vec<(&'static str, String)>,
    databases: Vec<Database>,
    /// Who is connected, the oldest first.
    pub(super) clients: Vec<Client>,
    /// How many came.
    pub(super) seen: u64,
    /// How many commands were asked for.
    pub(super) commands: u64,
    /// What other clients have to be told.
    pub(super) pushes: Vec<(Fd, Value)>,
    /// Stands in for what was asked for and is not there.
    nobody: (Client, Database),
}

/// How many databases there are.
pub(super) const DATABASES: usize = 16;

/// Settings and their defaults.
const SETTINGS: &[(&str, &str)] = &[
    ("appendfilename", "appendonly.aof"),
    ("appendfsync", "everysec"),
    ("appendonly", "no"),
    ("bind", "* -::*"),
    ("databases", "16"),
    ("dbfilename", "dump.rdb"),
    ("dir", "/data"),
    ("hz", "10"),
    ("io-threads", "1"),
    ("logfile", ""),
    ("loglevel", "notice"),
    ("maxclients", "10000"),
    ("maxmemory", "0"),
    ("maxmemory-clients", "0"),
    ("maxmemory-eviction-tenacity", "10"),
    ("maxmemory-policy", "noeviction"),
    ("maxmemory-samples", "5"),
    ("notify-keyspace-events", ""),
    ("port", "6379"),
    ("protected-mode", "no"),
    ("requirepass", ""),
    ("save", "3600 1 300 100 60 10000"),
    ("slowlog-log-slower-than", "10000"),
    ("slowlog-max-len", "128"),
    ("tcp-backlog", "511"),
    ("tcp-keepalive", "300"),
    ("timeout", "0"),
];

impl State {
    /// A server that nobody came to yet.
    pub(super) fn new(sys: &Sys) -> Self {
        let nowhere = SocketAddr::new(kernel::sock::Family::V4.any(), 0);
        let nobody = Self::client_of(sys, 0, Fd::STDIN, [nowhere, nowhere]);
        Self {
            settings: SETTINGS
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            databases: std::iter::repeat_with(Database::default)
                .take(DATABASES)
                .collect(),
            clients: Vec::new(),
            seen: 0,
            commands: 0,
            pushes: Vec::new(),
            nobody: (nobody, Database::default()),
        }
    }

    fn client_of(sys: &Sys, id: u64, fd: Fd, ends: [SocketAddr; 2]) -> Client {
        Client {
            id,
            fd,
            ends,
            since: sys.now(),
            last: (sys.now(), "NULL".to_owned()),
            database: 0,
            name: Vec::new(),
            trusted: false,
            queue: None,
            watched: Vec::new(),
            channels: [Vec::new(), Vec::new()],
            monitors: false,
            waits: None,
            wait_limit: None,
        }
    }

    /// Takes in a client and says which number it got.
    pub(super) fn welcome(&mut self, sys: &Sys, fd: Fd, ends: [SocketAddr; 2]) -> u64 {
        self.seen += 1;
        self.clients.push(Self::client_of(sys, self.seen, fd, ends));
        self.seen
    }

    /// What a setting says; nothing for one that is unknown.
    pub(super) fn setting(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Changes a setting; false if there is none of that name.
    pub(super) fn set(&mut self, name: &str, value: &str) -> bool {
        let found = self.settings.iter_mut().find(|(known, _)| *known == name);
        found.is_some_and(|(_, old)| {
            value.clone_into(old);
            true
        })
    }

    /// A database by its number.
    pub(super) fn database(&mut self, number: usize) -> &mut Database {
        self.databases.get_mut(number).unwrap_or(&mut self.nobody.1)
    }

    /// All databases.
    pub(super) fn databases(&mut self) -> &mut [Database] {
        &mut self.databases
    }

    /// A client by its place.
    pub(super) fn client(&mut self, at: usize) -> &mut Client {
        self.clients.get_mut(at).unwrap_or(&mut self.nobody.0)
    }

    /// Where the client with that number is.
    pub(super) fn place(&self, id: u64) -> Option<usize> {
        self.clients.iter().position(|client| client.id == id)
    }

    /// Gives an item of a list to who waits for it.
    pub(super) fn serve_waiting(&mut self, database: usize, key: &Bytes) {
        for at in 0..self.clients.len() {
            let client = self.client(at);
            let (fd, front) = match &client.waits {
                Some((keys, front)) if client.database == database && keys.contains(key) => {
                    (client.fd, *front)
                }
                _ => continue,
            };
            let Ok(Some(item)) = super::lists::take(self.database(database), key, front) else {
                return;
            };
            self.client(at).waits = None;
            let both = vec![Value::Bulk(key.clone()), Value::Bulk(item)];
            self.pushes.push((fd, Value::Array(both)));
        }
    }

    /// Tells those who monitor.
    pub(super) fn watch(&mut self, sys: &Sys, client: usize, words: &[Bytes]) {
        if !self.clients.iter().any(|client| client.monitors) {
            return;
        }
        let me = self.client(client);
        let (seconds, nanos) = sys.wall_clock();
        let quoted: String = words
            .iter()
            .map(|word| format!(" {}", crate::net::resp::quoted(word)))
            .collect();
        let [from, _] = me.ends;
        let line = format!(
            "{seconds}.{:06} [{} {from}]{quoted}",
            nanos / 1000,
            me.database
        );
        let told = self.clients.iter().filter(|client| client.monitors);
        self.pushes
            .extend(told.map(|client| (client.fd, Value::Simple(line.clone()))));
    }
}

impl Call<'_> {
    /// What keys hold now, for `WATCH` and `EXEC`.
    pub(super) fn seen_now(&mut self, database: usize, key: &[u8]) -> Option<Stored> {
        self.state.database(database).keys.get(key).cloned()
    }
}
