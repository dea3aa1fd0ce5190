//! Commands about keys of any type.

use super::command::{Answer, Call, Command, count, ok, syntax};
use super::store::{glob, number, wrong};
use crate::net::resp::Value;
use kernel::time::Duration;

/// The table.
pub(super) const COMMANDS: &[Command] = &[
    ("del", -2, delete),
    ("unlink", -2, delete),
    ("exists", -2, present),
    ("touch", -2, present),
    ("type", 2, |c| {
        let key = c.arg(0).to_vec();
        let kind = c
            .db()
            .keys
            .get(&key)
            .map_or("none", super::store::Stored::kind);
        Ok(Value::Simple(kind.into()))
    }),
    ("keys", 2, |c| {
        let pattern = c.arg(0).to_vec();
        let keys = c.db().keys.keys().filter(|key| glob(&pattern, key));
        Ok(Value::Array(keys.cloned().map(Value::Bulk).collect()))
    }),
    ("scan", -2, scan),
    ("randomkey", 1, |c| {
        let first = c.db().keys.keys().next().cloned();
        Ok(first.map_or(Value::Nil, Value::Bulk))
    }),
    ("rename", 3, |c| rename(c).map(|()| ok())),
    ("renamenx", 3, |c| {
        let to = c.arg(1).to_vec();
        if c.db().keys.contains_key(&to) {
            return Ok(Value::Integer(0));
        }
        rename(c).map(|()| Value::Integer(1))
    }),
    ("copy", -3, |c| {
        let (from, to) = (c.arg(0).to_vec(), c.arg(1).to_vec());
        if from == to {
            return Err(wrong("source and destination objects are the same"));
        }
        let replace = c.is(2, "replace");
        let Some(stored) = c.db().keys.get(&from).cloned() else {
            return Ok(Value::Integer(0));
        };
        if c.db().keys.contains_key(&to) && !replace {
            return Ok(Value::Integer(0));
        }
        c.db().keys.insert(to, stored);
        Ok(Value::Integer(1))
    }),
    ("move", 3, |c| {
        let (key, to) = (c.arg(0).to_vec(), super::connection::database(c.arg(1))?);
        if to == c.me().database {
            return Err(wrong("source and destination objects are the same"));
        }
        if !c.db().keys.contains_key(&key) || c.state.database(to).keys.contains_key(&key) {
            return Ok(Value::Integer(0));
        }
        if let Some(stored) = c.db().remove(&key) {
            c.state.database(to).keys.insert(key, stored);
        }
        Ok(Value::Integer(1))
    }),
    ("expire", -3, |c| expire(c, 1000, false)),
    ("pexpire", -3, |c| expire(c, 1, false)),
    ("expireat", -3, |c| expire(c, 1000, true)),
    ("pexpireat", -3, |c| expire(c, 1, true)),
    ("ttl", 2, |c| left(c, 1000, false)),
    ("pttl", 2, |c| left(c, 1, false)),
    ("expiretime", 2, |c| left(c, 1000, true)),
    ("pexpiretime", 2, |c| left(c, 1, true)),
    ("persist", 2, |c| {
        let key = c.arg(0).to_vec();
        Ok(Value::Integer(i64::from(
            c.db().ends.remove(&key).is_some(),
        )))
    }),
    ("object", -2, object),
];

fn delete(c: &mut Call<'_>) -> Answer {
    Ok(count(
        c.args
            .iter()
            .filter(|key| c.db().remove(key).is_some())
            .count(),
    ))
}

fn present(c: &mut Call<'_>) -> Answer {
    Ok(count(
        c.args
            .iter()
            .filter(|key| c.db().keys.contains_key(*key))
            .count(),
    ))
}

fn rename(c: &mut Call<'_>) -> Result<(), Value> {
    let (from, to) = (c.arg(0).to_vec(), c.arg(1).to_vec());
    let end = c.db().ends.get(&from).copied();
    let stored = c.db().remove(&from).ok_or_else(|| wrong("no such key"))?;
    c.db().remove(&to);
    c.db().keys.insert(to.clone(), stored);
    if let Some(end) = end {
        c.db().ends.insert(to, end);
    }
    Ok(())
}

/// All is told at once: the cursor that comes back is always 0.
fn scan(c: &mut Call<'_>) -> Answer {
    if super::store::integer(c.arg(0)).is_none_or(|cursor| cursor < 0) {
        return Err(wrong("invalid cursor"));
    }
    let (mut pattern, mut kind) = (b"*".to_vec(), None);
    for at in (1..c.args.len()).step_by(2) {
        let value = c.args.get(at + 1).ok_or_else(syntax)?;
        if c.is(at, "match") {
            pattern.clone_from(value);
        } else if c.is(at, "type") {
            kind = Some(String::from_utf8_lossy(value).to_ascii_lowercase());
        } else if c.is(at, "count") {
            number(value)?;
        } else {
            return Err(syntax());
        }
    }
    let keys = c.db().keys.iter().filter(|(key, stored)| {
        glob(&pattern, key) && kind.as_ref().is_none_or(|kind| stored.kind() == kind)
    });
    let keys = keys.map(|(key, _)| Value::Bulk(key.clone())).collect();
    Ok(Value::Array(vec![Value::bulk("0"), Value::Array(keys)]))
}

fn expire(c: &mut Call<'_>, unit: i64, absolute: bool) -> Answer {
    let time = number(c.arg(1))?;
    let key = c.arg(0).to_vec();
    let old = c.db().ends.get(&key).copied();
    let now = i64::try_from(c.sys.wall_clock().0)
        .unwrap_or(0)
        .saturating_mul(1000);
    let ms = time.saturating_mul(unit) - if absolute { now } else { 0 };
    let end = c.sys.now() + Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    for at in 2..c.args.len() {
        let fits = match String::from_utf8_lossy(c.arg(at))
            .to_ascii_lowercase()
            .as_str()
        {
            "nx" => old.is_none(),
            "xx" => old.is_some(),
            "gt" => old.is_some_and(|old| end > old),
            "lt" => old.is_none_or(|old| end < old),
            other => return Err(wrong(&format!("Unsupported option {other}"))),
        };
        if !fits {
            return Ok(Value::Integer(0));
        }
    }
    if !c.db().keys.contains_key(&key) {
        return Ok(Value::Integer(0));
    }
    if ms > 0 {
        c.db().ends.insert(key, end);
    } else {
        c.db().remove(&key);
    }
    Ok(Value::Integer(1))
}

fn left(c: &mut Call<'_>, unit: i64, absolute: bool) -> Answer {
    let key = c.arg(0).to_vec();
    let now = c.sys.now();
    let wall = i64::try_from(c.sys.wall_clock().0)
        .unwrap_or(0)
        .saturating_mul(1000);
    let db = c.db();
    Ok(Value::Integer(match db.ends.get(&key) {
        _ if !db.keys.contains_key(&key) => -2,
        None => -1,
        Some(end) => {
            let ms = i64::try_from((*end - now).as_millis()).unwrap_or(i64::MAX);
            let ms = if absolute {
                ms.saturating_add(wall)
            } else {
                ms
            };
            (ms + unit / 2) / unit
        }
    }))
}

fn object(c: &mut Call<'_>) -> Answer {
    let verb = c.verb();
    if verb == "help" {
        return Ok(Value::Array(
            HELP.lines()
                .map(|line| Value::Simple(line.into()))
                .collect(),
        ));
    }
    if !["encoding", "refcount", "idletime", "freq"].contains(&verb.as_str()) {
        return Err(c.no_verb());
    }
    if c.args.len() != 2 {
        return Err(super::command::wrong_number(&format!("object|{verb}")));
    }
    let key = c.arg(1).to_vec();
    let Some(stored) = c.db().keys.get(&key) else {
        return Ok(Value::Nil);
    };
    match verb.as_str() {
        "encoding" => Ok(Value::bulk(stored.encoding())),
        "refcount" => Ok(Value::Integer(1)),
        "idletime" => Ok(Value::Integer(0)),
        _ => Err(wrong(
            "An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
        )),
    }
}

const HELP: &str = "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
ENCODING <key>
    Return the kind of internal representation used in order to store the value
    associated with a <key>.
FREQ <key>
    Return the access frequency index of the <key>. The returned integer is
    proportional to the logarithm of the recent access frequency of the key.
IDLETIME <key>
    Return the idle time of the <key>, that is the approximated number of
    seconds elapsed since the last access to the key.
REFCOUNT <key>
    Return the number of references of the value associated with the specified
    <key>.
HELP
    Print this help.";
