//! The table of commands, and what decides whether one is run: arguments, passwords, transactions.

use super::state::{Client, State};
use super::store::{Bytes, Database};
use super::{connection, hashes, keys, lists, server, sets, sorted, strings};
use crate::net::resp::Value;
use kernel::sys::Sys;

/// A command being run.
pub(super) struct Call<'a> {
    /// The world.
    pub(super) sys: &'a Sys,
    /// The whole server.
    pub(super) state: &'a mut State,
    /// Who asks, as an index into [`State::clients`].
    pub(super) client: usize,
    /// Its name in lower case.
    pub(super) name: &'a str,
    /// What follows the name.
    pub(super) args: &'a [Bytes],
}

/// What a command answers.
pub(super) type Answer = Result<Value, Value>;

/// A command: its name, its number of words (at least so many if negative), and what runs it.
pub(super) type Command = (&'static str, i8, fn(&mut Call<'_>) -> Answer);

/// All tables.
const TABLES: &[&[Command]] = &[
    strings::COMMANDS,
    keys::COMMANDS,
    lists::COMMANDS,
    hashes::COMMANDS,
    sets::COMMANDS,
    sorted::COMMANDS,
    connection::COMMANDS,
    server::COMMANDS,
];

/// Commands that Redis knows and that are left out here.
const LEFT_OUT: &[&str] = &[
    "acl",
    "bitfield",
    "bitop",
    "bitpos",
    "cluster",
    "dump",
    "eval",
    "evalsha",
    "failover",
    "fcall",
    "function",
    "geoadd",
    "geodist",
    "geopos",
    "geosearch",
    "latency",
    "lcs",
    "lolwut",
    "lpos",
    "migrate",
    "pfadd",
    "pfcount",
    "psync",
    "replicaof",
    "restore",
    "script",
    "slaveof",
    "sort",
    "vadd",
    "xack",
    "xadd",
    "xdel",
    "xgroup",
    "xlen",
    "xrange",
    "xread",
    "xreadgroup",
    "zinterstore",
    "zunionstore",
];

impl<'a> Call<'a> {
    /// An argument; nothing stands for one that is missing.
    pub(super) fn arg(&self, at: usize) -> &'a [u8] {
        self.args.get(at).map_or(&[], Vec::as_slice)
    }

    /// Whether an argument is that word.
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.arg(at).eq_ignore_ascii_case(word.as_bytes())
    }

    /// The database of the client.
    pub(super) fn db(&mut self) -> &mut Database {
        let number = self.me().database;
        self.state.database(number)
    }

    /// The client.
    pub(super) fn me(&mut self) -> &mut Client {
        self.state.client(self.client)
    }

    /// What the subcommand is, in lower case.
    pub(super) fn verb(&self) -> String {
        String::from_utf8_lossy(self.arg(0)).to_ascii_lowercase()
    }

    /// The error for a subcommand that is none.
    pub(super) fn no_verb(&self) -> Value {
        Value::Error(format!(
            "ERR unknown subcommand '{}'. Try {} HELP.",
            String::from_utf8_lossy(self.arg(0)),
            self.name.to_ascii_uppercase()
        ))
    }
}

/// `+OK`.
pub(super) fn ok() -> Value {
    Value::Simple("OK".into())
}

/// A count.
pub(super) fn count(n: usize) -> Value {
    Value::Integer(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The error for a number of arguments that cannot be.
pub(super) fn wrong_number(name: &str) -> Value {
    Value::Error(format!(
        "ERR wrong number of arguments for '{name}' command"
    ))
}

/// The error for options that cannot be.
pub(super) fn syntax() -> Value {
    Value::Error("ERR syntax error".into())
}

/// How many commands there are.
pub(super) fn how_many() -> usize {
    TABLES.iter().map(|table| table.len()).sum()
}

fn find(name: &str) -> Option<&'static Command> {
    TABLES
        .iter()
        .flat_map(|table| table.iter())
        .find(|(known, ..)| *known == name)
}

/// What keeps a command from being run.
fn refusal(name: &str, words: &[Bytes], client: &Client, locked: bool) -> Option<Value> {
    let typed = words
        .first()
        .map(|typed| String::from_utf8_lossy(typed))
        .unwrap_or_default();
    let Some((_, arity, _)) = find(name) else {
        if LEFT_OUT.contains(&name) {
            return Some(Value::Error(format!(
                "ERR {}",
                crate::not_modelled!("redis-server", "{name}")
            )));
        }
        let args: String = words
            .iter()
            .skip(1)
            .map(|word| format!("'{}' ", String::from_utf8_lossy(word)))
            .collect();
        return Some(Value::Error(format!(
            "ERR unknown command '{typed}', with args beginning with: {args}"
        )));
    };
    let wanted = usize::from(arity.unsigned_abs());
    if words.len() < wanted || *arity > 0 && words.len() > wanted {
        return Some(wrong_number(name));
    }
    if locked && !client.trusted && !matches!(name, "auth" | "hello" | "quit" | "reset") {
        return Some(Value::Error("NOAUTH Authentication required.".into()));
    }
    let free = ["ping", "quit", "reset"].contains(&name) || name.ends_with("subscribe");
    (client.subscriptions() > 0 && !free).then(|| {
        Value::Error(format!(
            "ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
        ))
    })
}

/// Runs a command of a client, or keeps it for `EXEC`.
pub(super) fn run(sys: &Sys, state: &mut State, client: usize, words: &[Bytes]) -> Value {
    let name = words
        .first()
        .map(|name| String::from_utf8_lossy(name).to_ascii_lowercase())
        .unwrap_or_default();
    state.commands += 1;
    let locked = !state.setting("requirepass").is_empty();
    let refused = refusal(&name, words, state.client(client), locked);
    if let Some(error) = refused {
        let me = state.client(client);
        if let Some(queue) = &mut me.queue {
            if name == "exec" {
                me.queue = None;
                return Value::Error(format!(
                    "EXECABORT Transaction discarded because of: wrong number of arguments for '{name}' command"
                ));
            }
            *queue = Err(());
        }
        return error;
    }
    let at_once = matches!(
        name.as_str(),
        "exec" | "discard" | "multi" | "watch" | "quit" | "reset"
    );
    if !at_once && let Some(queue) = &mut state.client(client).queue {
        if let Ok(queue) = queue {
            queue.push(words.to_vec());
        }
        return Value::Simple("QUEUED".into());
    }
    execute(sys, state, client, &name, words)
}

/// Runs a command that nothing refuses.
pub(super) fn execute(
    sys: &Sys,
    state: &mut State,
    client: usize,
    name: &str,
    words: &[Bytes],
) -> Value {
    let now = sys.now();
    let database = state.client(client).database;
    state.database(database).expire(now);
    state.watch(sys, client, words);
    let Some((_, _, run)) = find(name) else {
        return syntax();
    };
    let args = words.get(1..).unwrap_or_default();
    let mut call = Call {
        sys,
        state,
        client,
        name,
        args,
    };
    let answer = run(&mut call);
    answer.unwrap_or_else(|error| error)
}
