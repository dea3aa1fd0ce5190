//! Commands about lists.

use super::command::{Answer, Call, Command, count, ok, syntax};
use super::store::{Bytes, Database, List, float, number, wrong};
use crate::net::resp::Value;
use kernel::time::Duration;

/// The table.
pub(super) const COMMANDS: &[Command] = &[
    ("lpush", -3, |c| push(c, true)),
    ("rpush", -3, |c| push(c, true)),
    ("lpushx", -3, |c| push(c, false)),
    ("rpushx", -3, |c| push(c, false)),
    ("lpop", -2, pop),
    ("rpop", -2, pop),
    ("llen", 2, |c| {
        let key = c.arg(0).to_vec();
        Ok(count(
            c.db().find::<List>(&key)?.map_or(0, |list| list.len()),
        ))
    }),
    ("lrange", 4, |c| {
        let list = list(c)?;
        let (from, to) = range(c.arg(1), c.arg(2), list.len())?;
        let items = list.into_iter().take(to).skip(from);
        Ok(Value::Array(items.map(Value::Bulk).collect()))
    }),
    ("lindex", 3, |c| {
        let at = number(c.arg(1))?;
        let list = list(c)?;
        let at = index(at, list.len());
        Ok(at
            .and_then(|at| list.get(at))
            .map_or(Value::Nil, |item| Value::Bulk(item.clone())))
    }),
    ("lset", 4, |c| {
        let (key, new) = (c.arg(0).to_vec(), c.arg(2).to_vec());
        let at = number(c.arg(1));
        let list: &mut List = c.db().find(&key)?.ok_or_else(|| wrong("no such key"))?;
        let at = index(at?, list.len()).and_then(|at| list.get_mut(at));
        *at.ok_or_else(|| wrong("index out of range"))? = new;
        Ok(ok())
    }),
    ("lrem", 4, |c| {
        let (key, item) = (c.arg(0).to_vec(), c.arg(2).to_vec());
        let wanted = number(c.arg(1))?;
        let mut limit = if wanted == 0 {
            u64::MAX
        } else {
            wanted.unsigned_abs()
        };
        let Some(list) = c.db().find::<List>(&key)? else {
            return Ok(Value::Integer(0));
        };
        let before = list.len();
        let mut keep = |known: &Bytes| {
            let goes = limit > 0 && *known == item;
            limit -= u64::from(goes);
            !goes
        };
        if wanted < 0 {
            let mut rest: Vec<Bytes> = list.drain(..).rev().filter(|known| keep(known)).collect();
            rest.reverse();
            list.extend(rest);
        } else {
            list.retain(|known| keep(known));
        }
        let gone = before - list.len();
        c.db().tidy(&key);
        Ok(count(gone))
    }),
    ("linsert", 5, |c| {
        let after = match (c.is(1, "before"), c.is(1, "after")) {
            (true, _) => 0,
            (_, true) => 1,
            _ => return Err(syntax()),
        };
        let (key, pivot, item) = (c.arg(0).to_vec(), c.arg(2).to_vec(), c.arg(3).to_vec());
        let Some(list) = c.db().find::<List>(&key)? else {
            return Ok(Value::Integer(0));
        };
        let Some(at) = list.iter().position(|known| *known == pivot) else {
            return Ok(Value::Integer(-1));
        };
        list.insert(at + after, item);
        Ok(count(list.len()))
    }),
    ("ltrim", 4, |c| {
        let key = c.arg(0).to_vec();
        let ends = range(c.arg(1), c.arg(2), list(c)?.len())?;
        if let Some(list) = c.db().find::<List>(&key)? {
            list.truncate(ends.1);
            list.drain(..ends.0.min(list.len()));
        }
        c.db().tidy(&key);
        Ok(ok())
    }),
    ("rpoplpush", 3, |c| shift(c, false, true)),
    ("lmove", 5, |c| {
        let side = |at: usize| match (c.is(at, "left"), c.is(at, "right")) {
            (true, _) => Ok(true),
            (_, true) => Ok(false),
            _ => Err(syntax()),
        };
        let (from, to) = (side(2)?, side(3)?);
        shift(c, from, to)
    }),
    ("blpop", -3, wait),
    ("brpop", -3, wait),
];

fn list(c: &mut Call<'_>) -> Result<List, Value> {
    let key = c.arg(0).to_vec();
    Ok(c.db().find::<List>(&key)?.cloned().unwrap_or_default())
}

fn index(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if at < 0 { length + at } else { at }).ok()
}

/// First and one past the last of `from` to `to`, which count from the end if negative.
/// # Errors
/// That one is no number.
pub(super) fn range(from: &[u8], to: &[u8], length: usize) -> Result<(usize, usize), Value> {
    let (from, to) = (number(from)?, number(to)?);
    let end = index(to, length).map_or(0, |to| to.saturating_add(1).min(length));
    Ok((index(from, length).unwrap_or(0).min(end), end))
}

fn push(c: &mut Call<'_>, make: bool) -> Answer {
    let key = c.arg(0).to_vec();
    let items = c.args.get(1..).unwrap_or_default();
    if !make && c.db().find::<List>(&key)?.is_none() {
        return Ok(Value::Integer(0));
    }
    let front = c.name.starts_with('l');
    let list: &mut List = c.db().make(&key)?;
    for item in items {
        if front {
            list.push_front(item.clone());
        } else {
            list.push_back(item.clone());
        }
    }
    let length = list.len();
    let database = c.me().database;
    c.state.serve_waiting(database, &key);
    Ok(count(length))
}

/// Takes an item from one end.
/// # Errors
/// That of a wrong type.
pub(super) fn take(db: &mut Database, key: &[u8], front: bool) -> Result<Option<Bytes>, Value> {
    let Some(list) = db.find::<List>(key)? else {
        return Ok(None);
    };
    let item = if front {
        list.pop_front()
    } else {
        list.pop_back()
    };
    db.tidy(key);
    Ok(item)
}

fn pop(c: &mut Call<'_>) -> Answer {
    let key = c.arg(0).to_vec();
    let front = c.name == "lpop";
    let Some(limit) = c.args.get(1) else {
        return Ok(take(c.db(), &key, front)?.map_or(Value::Nil, Value::Bulk));
    };
    let limit = super::store::integer(limit).and_then(|n| usize::try_from(n).ok());
    let limit = limit.ok_or_else(|| wrong("value is out of range, must be positive"))?;
    let mut items = Vec::new();
    while items.len() < limit
        && let Some(item) = take(c.db(), &key, front)?
    {
        items.push(Value::Bulk(item));
    }
    Ok(if items.is_empty() {
        Value::Nil
    } else {
        Value::Array(items)
    })
}

fn shift(c: &mut Call<'_>, from_front: bool, to_front: bool) -> Answer {
    let (from, to) = (c.arg(0).to_vec(), c.arg(1).to_vec());
    c.db().find::<List>(&to)?;
    let Some(item) = take(c.db(), &from, from_front)? else {
        return Ok(Value::Nil);
    };
    let list: &mut List = c.db().make(&to)?;
    if to_front {
        list.push_front(item.clone());
    } else {
        list.push_back(item.clone());
    }
    Ok(Value::Bulk(item))
}

/// Takes from the first list that has something, or has the client wait for one.
fn wait(c: &mut Call<'_>) -> Answer {
    let (limit, keys) = c.args.split_last().ok_or_else(syntax)?;
    let seconds = float(limit)
        .ok()
        .ok_or_else(|| wrong("timeout is not a float or out of range"))?;
    if seconds < 0.0 {
        return Err(wrong("timeout is negative"));
    }
    let front = c.name == "blpop";
    for key in keys {
        if let Some(item) = take(c.db(), key, front)? {
            return Ok(Value::Array(vec![
                Value::Bulk(key.clone()),
                Value::Bulk(item),
            ]));
        }
    }
    let limit = (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(1e9)));
    c.me().waits = Some((keys.to_vec(), front));
    c.me().wait_limit = limit;
    Ok(Value::Several(Vec::new()))
}
