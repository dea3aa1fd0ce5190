//! Commands about the server: settings, figures, saving.

use super::command::{Answer, Call, Command, count, how_many, ok, syntax, wrong_number};
use super::store::{Database, glob, wrong};
use crate::net::resp::Value;

/// The table.
pub(super) const COMMANDS: &[Command] = &[
    ("dbsize", 1, |c| Ok(count(c.db().keys.len()))),
    ("flushdb", -1, |c| {
        *c.db() = Database::default();
        Ok(ok())
    }),
    ("flushall", -1, |c| {
        c.state
            .databases()
            .iter_mut()
            .for_each(|database| *database = Database::default());
        Ok(ok())
    }),
    ("swapdb", 3, |c| {
        let (a, b) = (
            super::connection::database(c.arg(0))?,
            super::connection::database(c.arg(1))?,
        );
        c.state.databases().swap(a, b);
        Ok(ok())
    }),
    ("time", 1, |c| {
        let (seconds, nanos) = c.sys.wall_clock();
        let parts = [seconds, u64::from(nanos / 1000)];
        Ok(Value::Array(
            parts
                .iter()
                .map(|part| Value::bulk(&part.to_string()))
                .collect(),
        ))
    }),
    ("lastsave", 1, |c| Ok(Value::Integer(started(c)))),
    ("save", 1, |c| {
        if super::snapshot::save(c.sys, c.state) {
            let pid = super::own_number(c.sys);
            super::log(c.sys, pid, 'M', '*', "DB saved on disk");
            Ok(ok())
        } else {
            Err(Value::Error("ERR".into()))
        }
    }),
    ("bgsave", -1, |c| {
        super::snapshot::save(c.sys, c.state);
        Ok(Value::Simple("Background saving started".into()))
    }),
    ("bgrewriteaof", 1, |_| {
        Ok(Value::Simple(
            "Background append only file rewriting started".into(),
        ))
    }),
    ("role", 1, |_| {
        Ok(Value::Array(vec![
            Value::bulk("master"),
            Value::Integer(0),
            Value::Array(Vec::new()),
        ]))
    }),
    ("wait", 3, |_| Ok(Value::Integer(0))),
    ("debug", -2, |_| {
        Err(wrong(
            "DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.",
        ))
    }),
    ("command", -1, |c| match c.verb().as_str() {
        "count" => Ok(count(how_many())),
        _ => Ok(Value::Array(Vec::new())),
    }),
    ("memory", -2, |c| match c.verb().as_str() {
        "usage" if c.args.len() > 1 => {
            let key = c.arg(1).to_vec();
            let there = c.db().keys.contains_key(&key);
            Ok(if there {
                Value::Integer(56)
            } else {
                Value::Nil
            })
        }
        _ => Err(c.no_verb()),
    }),
    ("slowlog", -2, |c| match c.verb().as_str() {
        "get" => Ok(Value::Array(Vec::new())),
        "len" => Ok(Value::Integer(0)),
        "reset" => Ok(ok()),
        _ => Err(c.no_verb()),
    }),
    // The client's task ends the server.
    ("shutdown", -1, |c| match c.args {
        [] => Ok(Value::Several(Vec::new())),
        [how] if how.eq_ignore_ascii_case(b"nosave") || how.eq_ignore_ascii_case(b"save") => {
            Ok(Value::Several(Vec::new()))
        }
        _ => Err(syntax()),
    }),
    ("config", -2, config),
    ("info", -1, info),
];

/// When the server started, seconds since 1970.
fn started(c: &Call<'_>) -> i64 {
    let uptime = c.sys.me(|p| c.sys.now() - p.started).unwrap_or_default();
    let now = i64::try_from(c.sys.wall_clock().0).unwrap_or(0);
    now - i64::try_from(uptime.as_secs()).unwrap_or(0)
}

/// A size such as `100mb`.
fn bytes(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let (digits, unit) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    );
    let unit = match unit {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

fn config(c: &mut Call<'_>) -> Answer {
    match (c.verb().as_str(), c.args) {
        ("get", [_, patterns @ ..]) if !patterns.is_empty() => {
            let fits = |name: &str| {
                patterns
                    .iter()
                    .any(|p| glob(&p.to_ascii_lowercase(), name.as_bytes()))
            };
            let found = c.state.settings.iter().filter(|(name, _)| fits(name));
            let parts = found.flat_map(|(name, value)| [Value::bulk(name), Value::bulk(value)]);
            Ok(Value::Array(parts.collect()))
        }
        ("set", [_, pairs @ ..]) if !pairs.is_empty() && pairs.len().is_multiple_of(2) => {
            for pair in pairs.chunks(2) {
                let [name, value] = pair else { continue };
                let name = String::from_utf8_lossy(name);
                let mut value = String::from_utf8_lossy(value).into_owned();
                let old = c.state.setting(&name).to_owned();
                if !old.is_empty() && old.bytes().all(|b| b.is_ascii_digit()) {
                    value = match bytes(&value) {
                        Some(n) => n.to_string(),
                        None => {
                            let why = if name == "maxmemory" {
                                "argument must be a memory value"
                            } else {
                                "argument couldn't be parsed into an integer"
                            };
                            return Err(wrong(&format!(
                                "CONFIG SET failed (possibly related to argument '{name}') - {why}"
                            )));
                        }
                    };
                }
                if !c.state.set(&name.to_ascii_lowercase(), &value) {
                    return Err(wrong(&format!(
                        "Unknown option or number of arguments for CONFIG SET - '{name}'"
                    )));
                }
            }
            Ok(ok())
        }
        ("resetstat", [_]) => Ok(ok()),
        ("rewrite", [_]) => Err(wrong("The server is running without a config file")),
        (verb @ ("get" | "set" | "resetstat" | "rewrite"), _) => {
            Err(wrong_number(&format!("config|{verb}")))
        }
        _ => Err(c.no_verb()),
    }
}

/// What `INFO` says: a line without a value has 0, and `@` is filled in.
const INFO: &str = include_str!("info.txt");

fn figure(c: &mut Call<'_>, name: &str) -> String {
    let clients = &c.state.clients;
    let uptime = || {
        c.sys
            .me(|p| c.sys.now() - p.started)
            .unwrap_or_default()
            .as_secs()
    };
    match name {
        "os" => "Linux 6.12.0 x86_64".to_owned(),
        "process_id" => c.sys.me(|p| p.ns_pid).unwrap_or(1).to_string(),
        "run_id" | "master_replid" => {
            // An id of this process: the same at every look, another for another server.
            let seed = c
                .sys
                .me(|p| p.started.as_nanos() ^ u64::from(p.pid))
                .unwrap_or(1);
            let salt = name.len() as u64;
            let word = |n: u64| {
                seed.wrapping_add(salt + n)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            };
            format!("{:016x}{:016x}{:08x}", word(1), word(2), word(3) >> 32)
        }
        "tcp_port" => c.state.setting("port").to_owned(),
        "listener0" => {
            let bound = c.state.setting("bind").split_whitespace();
            let bound: String = bound.map(|word| format!("bind={word},")).collect();
            format!("name=tcp,{bound}port={}", c.state.setting("port"))
        }
        "server_time_usec" => {
            let (seconds, nanos) = c.sys.wall_clock();
            (seconds * 1_000_000 + u64::from(nanos / 1000)).to_string()
        }
        "uptime_in_seconds" => uptime().to_string(),
        "uptime_in_days" => (uptime() / 86_400).to_string(),
        "connected_clients" => clients
            .iter()
            .filter(|client| !client.monitors)
            .count()
            .to_string(),
        "blocked_clients" => clients
            .iter()
            .filter(|client| client.waits.is_some())
            .count()
            .to_string(),
        "pubsub_clients" => clients
            .iter()
            .filter(|client| client.subscriptions() > 0)
            .count()
            .to_string(),
        "pubsub_channels" | "pubsub_patterns" => {
            let kind = usize::from(name == "pubsub_patterns");
            let of = |client: &super::state::Client| {
                client.channels.get(kind).cloned().unwrap_or_default()
            };
            clients
                .iter()
                .flat_map(of)
                .collect::<sorted::SortedSet<_>>()
                .len()
                .to_string()
        }
        "maxclients" | "maxmemory" => c.state.setting(name).to_owned(),
        "maxmemory_policy" => c.state.setting("maxmemory-policy").to_owned(),
        "aof_enabled" => u8::from(c.state.setting("appendonly") == "yes").to_string(),
        "rdb_last_save_time" => started(c).to_string(),
        "io_thread_0" => format!(
            "clients={},reads={},writes={}",
            clients.len(),
            c.state.commands,
            c.state.commands.saturating_sub(1)
        ),
        "total_connections_received" => c.state.seen.to_string(),
        "total_commands_processed" => c.state.commands.saturating_sub(1).to_string(),
        _ => c.state.commands.to_string(),
    }
}

fn info(c: &mut Call<'_>) -> Answer {
    let asked: Vec<String> = c
        .args
        .iter()
        .map(|a| String::from_utf8_lossy(a).to_ascii_lowercase())
        .collect();
    let all = asked.is_empty()
        || asked
            .iter()
            .any(|a| ["all", "default", "everything"].contains(&a.as_str()));
    let mut out = Vec::new();
    // Figures of single commands are not kept.
    let bare = ["commandstats", "latencystats"]
        .into_iter()
        .filter(|title| asked.iter().any(|a| a == title));
    out.extend(bare.map(|title| {
        format!(
            "# {}{}\r\n",
            title.get(..1).unwrap_or_default().to_ascii_uppercase(),
            title.get(1..).unwrap_or_default()
        )
    }));
    for section in INFO.split("\n\n") {
        let title = section
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "))
            .unwrap_or_default();
        if !all && !asked.contains(&title.to_ascii_lowercase()) {
            continue;
        }
        let mut text = String::new();
        for line in section.lines() {
            match line.split_once(':') {
                Some((name, "@")) => text.push_str(&format!("{name}:{}\r\n", figure(c, name))),
                None if !line.starts_with('#') => text.push_str(&format!("{line}:0\r\n")),
                _ => text.push_str(&format!("{line}\r\n")),
            }
        }
        if title == "Keyspace" {
            for (at, database) in c.state.databases().iter().enumerate() {
                if !database.keys.is_empty() {
                    let (keys, ending) = (database.keys.len(), database.ends.len());
                    text.push_str(&format!(
                        "db{at}:keys={keys},expires={ending},avg_ttl=0,subexpiry=0\r\n"
                    ));
                }
            }
        }
        out.push(text);
    }
    Ok(Value::bulk(&out.join("\r\n")))
}
