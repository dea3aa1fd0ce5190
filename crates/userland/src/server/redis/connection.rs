//! Commands about the client itself: who it is, what it listens to, its transactions.

use super::command::{Answer, Call, Command, count, execute, ok, syntax, wrong_number};
use super::state::{Client, DATABASES};
use super::store::{glob, integer, number, wrong};
use crate::net::resp::Value;

/// The table.
pub(super) const COMMANDS: &[Command] = &[
    ("ping", -1, |c| match c.args {
        _ if c
            .state
            .clients
            .get(c.client)
            .is_some_and(|me| me.subscriptions() > 0) =>
        {
            Ok(Value::Array(vec![
                Value::bulk("pong"),
                Value::Bulk(c.arg(0).to_vec()),
            ]))
        }
        [] => Ok(Value::Simple("PONG".into())),
        [text] => Ok(Value::Bulk(text.clone())),
        _ => Err(wrong_number(c.name)),
    }),
    ("echo", 2, |c| Ok(Value::Bulk(c.arg(0).to_vec()))),
    ("quit", -1, |_| Ok(ok())),
    ("select", 2, |c| {
        c.me().database = database(c.arg(0))?;
        Ok(ok())
    }),
    ("auth", -2, |c| match c.args {
        [password] => auth(c, b"default", password),
        [user, password] => auth(c, user, password),
        _ => Err(syntax()),
    }),
    ("hello", -1, hello),
    ("reset", 1, |c| {
        let me = c.me();
        (me.database, me.queue, me.trusted, me.monitors) = (0, None, false, false);
        (me.name, me.channels) = (Vec::new(), [Vec::new(), Vec::new()]);
        Ok(Value::Simple("RESET".into()))
    }),
    ("client", -2, client),
    ("subscribe", -2, subscribe),
    ("psubscribe", -2, subscribe),
    ("unsubscribe", -1, unsubscribe),
    ("punsubscribe", -1, unsubscribe),
    ("publish", 3, publish),
    ("pubsub", -2, pubsub),
    ("monitor", 1, |c| {
        c.me().monitors = true;
        Ok(ok())
    }),
    ("multi", 1, |c| {
        if c.me().queue.is_some() {
            return Err(wrong("MULTI calls can not be nested"));
        }
        c.me().queue = Some(Ok(Vec::new()));
        Ok(ok())
    }),
    ("exec", 1, exec),
    ("discard", 1, |c| {
        c.me().watched.clear();
        let queue = c.me().queue.take();
        queue
            .map(|_| ok())
            .ok_or_else(|| wrong("DISCARD without MULTI"))
    }),
    ("watch", -2, |c| {
        if c.me().queue.is_some() {
            return Err(wrong("WATCH inside MULTI is not allowed"));
        }
        for key in c.args {
            let database = c.me().database;
            let now = c.seen_now(database, key);
            c.me().watched.push((database, key.clone(), now));
        }
        Ok(ok())
    }),
    ("unwatch", 1, |c| {
        c.me().watched.clear();
        Ok(ok())
    }),
];

/// The number of a database.
/// # Errors
/// That it is no number, or too large.
pub(super) fn database(text: &[u8]) -> Result<usize, Value> {
    let chosen = usize::try_from(number(text)?).ok();
    chosen
        .filter(|chosen| *chosen < DATABASES)
        .ok_or_else(|| wrong("DB index is out of range"))
}

fn auth(c: &mut Call<'_>, user: &[u8], password: &[u8]) -> Answer {
    let wanted = c.state.setting("requirepass");
    if wanted.is_empty() && c.args.len() == 1 {
        return Err(wrong(
            "AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
        ));
    }
    if user != b"default" || !wanted.is_empty() && wanted.as_bytes() != password {
        return Err(Value::Error(
            "WRONGPASS invalid username-password pair or user is disabled.".into(),
        ));
    }
    c.me().trusted = true;
    Ok(ok())
}

fn hello(c: &mut Call<'_>) -> Answer {
    if !c.args.is_empty() && !c.is(0, "2") {
        return Err(match integer(c.arg(0)) {
            Some(_) => Value::Error("NOPROTO unsupported protocol version".into()),
            None => wrong("Protocol version is not an integer or out of range"),
        });
    }
    let id = Value::Integer(i64::try_from(c.me().id).unwrap_or(0));
    let parts = [
        ("server", Value::bulk("redis")),
        ("version", Value::bulk(super::VERSION)),
        ("proto", Value::Integer(2)),
        ("id", id),
        ("mode", Value::bulk("standalone")),
        ("role", Value::bulk("master")),
        ("modules", Value::Array(Vec::new())),
    ];
    let parts = parts
        .into_iter()
        .flat_map(|(name, value)| [Value::bulk(name), value]);
    Ok(Value::Array(parts.collect()))
}

/// A client's line in `CLIENT LIST`.
fn line(c: &Call<'_>, client: &Client, asks: bool) -> String {
    let [from, to] = client.ends;
    let now = c.sys.now();
    let [channels, patterns] = &client.channels;
    let (flags, buffers) = match (client.subscriptions() > 0, client.monitors) {
        (true, _) => ("P", "rbs=1024 rbp=0"),
        (_, true) => ("O", "rbs=1024 rbp=0"),
        _ => ("N", "rbs=16384 rbp=16384"),
    };
    format!(
        "id={} addr={from} laddr={to} fd={} name={} age={} idle={} flags={flags} db={} sub={} psub={} ssub=0 multi={} watch={} qbuf={} qbuf-free={} argv-mem={} multi-mem=0 {buffers} obl=0 oll=0 omem=0 tot-mem={} events=r cmd={} user=default redir=-1 resp=2 lib-name= lib-ver= io-thread=0\n",
        client.id,
        client.id + 7,
        String::from_utf8_lossy(&client.name),
        (now - client.since).as_secs(),
        (now - client.last.0).as_secs(),
        client.database,
        channels.len(),
        patterns.len(),
        match &client.queue {
            Some(Ok(queue)) => queue.len() as i64,
            _ => -1,
        },
        client.watched.len(),
        if asks { 26 } else { 0 },
        if asks { 20448 } else { 0 },
        if asks { 10 } else { 0 },
        if asks { 37786 } else { 1928 },
        client.last.1,
    )
}

fn client(c: &mut Call<'_>) -> Answer {
    let verb = c.verb();
    match (verb.as_str(), c.args) {
        ("getname", [_]) => {
            let name = c.me().name.clone();
            Ok(if name.is_empty() {
                Value::Nil
            } else {
                Value::Bulk(name)
            })
        }
        ("setname", [_, name]) => {
            if name.iter().any(|b| !(b'!'..=b'~').contains(b)) {
                return Err(wrong(
                    "Client names cannot contain spaces, newlines or special characters.",
                ));
            }
            c.me().name.clone_from(name);
            Ok(ok())
        }
        ("id", [_]) => Ok(Value::Integer(i64::try_from(c.me().id).unwrap_or(0))),
        ("info", [_]) | ("list", _) => {
            if !matches!(c.args, [_] | [_, _, _]) {
                return Err(syntax());
            }
            let me = c.client;
            let clients = c.state.clients.iter().enumerate();
            let shown = clients.filter(|(at, _)| verb == "list" || *at == me);
            Ok(Value::bulk(
                &shown
                    .map(|(at, client)| line(c, client, at == me))
                    .collect::<String>(),
            ))
        }
        ("setinfo" | "no-evict" | "no-touch" | "reply", [_, _, ..]) => Ok(ok()),
        ("kill", [_, ..]) => Err(wrong(&crate::not_modelled!("redis-server", "CLIENT KILL"))),
        ("getname" | "setname" | "id" | "info", _) => Err(wrong_number(&format!("client|{verb}"))),
        _ => Err(c.no_verb()),
    }
}

/// What subscribing and leaving answers: the verb, the channel and how many there are now.
fn told(c: &mut Call<'_>, channel: Value) -> Value {
    let n = count(c.me().subscriptions());
    Value::Array(vec![Value::bulk(c.name), channel, n])
}

fn subscribe(c: &mut Call<'_>) -> Answer {
    let kind = usize::from(c.name.starts_with('p'));
    let mut answers = Vec::new();
    for channel in c.args {
        if let Some(channels) = c.me().channels.get_mut(kind)
            && !channels.contains(channel)
        {
            channels.push(channel.clone());
        }
        answers.push(told(c, Value::Bulk(channel.clone())));
    }
    Ok(Value::Several(answers))
}

fn unsubscribe(c: &mut Call<'_>) -> Answer {
    let kind = usize::from(c.name.starts_with('p'));
    let all = c.me().channels.get(kind).cloned().unwrap_or_default();
    let left = if c.args.is_empty() {
        all
    } else {
        c.args.to_vec()
    };
    let mut answers = Vec::new();
    for channel in left {
        if let Some(channels) = c.me().channels.get_mut(kind) {
            channels.retain(|known| *known != channel);
        }
        answers.push(told(c, Value::Bulk(channel)));
    }
    if answers.is_empty() {
        answers.push(told(c, Value::Nil));
    }
    Ok(Value::Several(answers))
}

fn publish(c: &mut Call<'_>) -> Answer {
    let (channel, message) = (c.arg(0), Value::Bulk(c.arg(1).to_vec()));
    let mut told = Vec::new();
    for client in &c.state.clients {
        let [channels, patterns] = &client.channels;
        if channels.iter().any(|known| known == channel) {
            let parts = vec![
                Value::bulk("message"),
                Value::Bulk(channel.to_vec()),
                message.clone(),
            ];
            told.push((client.fd, Value::Array(parts)));
        }
        for pattern in patterns.iter().filter(|pattern| glob(pattern, channel)) {
            let parts = vec![
                Value::bulk("pmessage"),
                Value::Bulk(pattern.clone()),
                Value::Bulk(channel.to_vec()),
                message.clone(),
            ];
            told.push((client.fd, Value::Array(parts)));
        }
    }
    let n = count(told.len());
    c.state.pushes.extend(told);
    Ok(n)
}

fn pubsub(c: &mut Call<'_>) -> Answer {
    let all = |kind: usize| {
        let of = |client: &Client| client.channels.get(kind).cloned().unwrap_or_default();
        c.state.clients.iter().flat_map(of).collect::<Vec<_>>()
    };
    match c.verb().as_str() {
        "channels" => {
            let mut channels = all(0);
            channels.retain(|channel| c.args.len() < 2 || glob(c.arg(1), channel));
            channels.sort();
            channels.dedup();
            Ok(Value::Array(
                channels.into_iter().map(Value::Bulk).collect(),
            ))
        }
        "numsub" => {
            let channels = all(0);
            let asked = c.args.iter().skip(1).flat_map(|asked| {
                let n = channels.iter().filter(|channel| *channel == asked).count();
                [Value::Bulk(asked.clone()), count(n)]
            });
            Ok(Value::Array(asked.collect()))
        }
        "numpat" => Ok(count(all(1).len())),
        _ => Err(c.no_verb()),
    }
}

fn exec(c: &mut Call<'_>) -> Answer {
    let queue = c
        .me()
        .queue
        .take()
        .ok_or_else(|| wrong("EXEC without MULTI"))?;
    let watched = std::mem::take(&mut c.me().watched);
    let Ok(queue) = queue else {
        return Err(Value::Error(
            "EXECABORT Transaction discarded because of previous errors.".into(),
        ));
    };
    if watched
        .iter()
        .any(|(database, key, before)| c.seen_now(*database, key) != *before)
    {
        return Ok(Value::Nil);
    }
    let mut answers = Vec::new();
    for words in queue {
        let name = words
            .first()
            .map(|name| String::from_utf8_lossy(name).to_ascii_lowercase());
        answers.push(execute(
            c.sys,
            c.state,
            c.client,
            &name.unwrap_or_default(),
            &words,
        ));
    }
    Ok(Value::Array(answers))
}
