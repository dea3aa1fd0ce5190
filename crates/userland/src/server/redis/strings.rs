//! Commands about strings.

use super::command::{Answer, Call, Command, count, ok, syntax, wrong_number};
use super::store::{Bytes, float, integer, number, wrong};
use crate::net::resp::Value;
use kernel::time::Duration;

/// The table.
pub(super) const COMMANDS: &[Command] = &[
    ("get", 2, |c| get(c)),
    ("set", -3, set),
    ("setnx", 3, |c| {
        let key = c.arg(0);
        let free = !c.db().keys.contains_key(key);
        if free {
            put(c, 0, 1);
        }
        Ok(Value::Integer(i64::from(free)))
    }),
    ("setex", 4, set_ending),
    ("psetex", 4, set_ending),
    ("getset", 3, |c| {
        let old = get(c)?;
        put(c, 0, 1);
        Ok(old)
    }),
    ("getdel", 2, |c| {
        let old = get(c)?;
        let key = c.arg(0).to_vec();
        c.db().remove(&key);
        Ok(old)
    }),
    ("getex", -2, |c| {
        let old = get(c)?;
        let key = c.arg(0).to_vec();
        if c.args.len() > 1 {
            if c.is(1, "persist") {
                c.db().ends.remove(&key);
            } else {
                let after = ending(c, 1)?.ok_or_else(syntax)?;
                if old != Value::Nil {
                    let end = c.sys.now() + after;
                    c.db().ends.insert(key, end);
                }
            }
        }
        Ok(old)
    }),
    ("mget", -2, |c| {
        let mut values = Vec::new();
        for key in c.args {
            values.push(text(c, key).ok().flatten().map_or(Value::Nil, Value::Bulk));
        }
        Ok(Value::Array(values))
    }),
    ("mset", -3, |c| many(c).map(|_| ok())),
    ("msetnx", -3, |c| {
        let keys: Vec<Bytes> = c.args.iter().step_by(2).cloned().collect();
        if keys.iter().any(|key| c.db().keys.contains_key(key)) {
            return Ok(Value::Integer(0));
        }
        many(c).map(|()| Value::Integer(1))
    }),
    ("append", 3, |c| {
        let more = c.arg(1).to_vec();
        let key = c.arg(0).to_vec();
        let text: &mut Bytes = c.db().make(&key)?;
        text.extend_from_slice(&more);
        Ok(count(text.len()))
    }),
    ("strlen", 2, |c| {
        Ok(count(text(c, c.arg(0))?.map_or(0, |t| t.len())))
    }),
    ("incr", 2, |c| add(c, 1)),
    ("decr", 2, |c| add(c, -1)),
    ("incrby", 3, |c| add(c, number(c.arg(1))?)),
    ("decrby", 3, |c| add(c, number(c.arg(1))?.saturating_neg())),
    ("incrbyfloat", 3, |c| {
        let key = c.arg(0).to_vec();
        let by = float(c.arg(1))?;
        let old: &mut Bytes = c.db().make(&key)?;
        let sum = if old.is_empty() { by } else { float(old)? + by };
        *old = sum.to_string().into_bytes();
        Ok(Value::Bulk(old.clone()))
    }),
    ("getrange", 4, part),
    ("substr", 4, part),
    ("setrange", 4, |c| {
        let at = number(c.arg(1))?;
        let at = usize::try_from(at)
            .ok()
            .ok_or_else(|| wrong("offset is out of range"))?;
        let (key, new) = (c.arg(0).to_vec(), c.arg(2).to_vec());
        if at + new.len() > 1 << 20 {
            return Err(wrong(
                "string exceeds maximum allowed size (proto-max-bulk-len)",
            ));
        }
        let text: &mut Bytes = c.db().make(&key)?;
        let end = (at + new.len()).max(text.len());
        text.resize(end, 0);
        text.splice(at..at + new.len(), new);
        Ok(count(text.len()))
    }),
    ("setbit", 4, |c| {
        let (byte, bit) = bit_place(c)?;
        let on = match c.arg(2) {
            b"0" => false,
            b"1" => true,
            _ => return Err(wrong("bit is not an integer or out of range")),
        };
        let key = c.arg(0).to_vec();
        let text: &mut Bytes = c.db().make(&key)?;
        text.resize(text.len().max(byte + 1), 0);
        let mut old = 0;
        if let Some(byte) = text.get_mut(byte) {
            old = i64::from(*byte & bit != 0);
            *byte = if on { *byte | bit } else { *byte & !bit };
        }
        Ok(Value::Integer(old))
    }),
    ("getbit", 3, |c| {
        let (byte, bit) = bit_place(c)?;
        let text = text(c, c.arg(0))?.unwrap_or_default();
        Ok(Value::Integer(i64::from(
            text.get(byte).is_some_and(|b| b & bit != 0),
        )))
    }),
    ("bitcount", -2, |c| {
        let text = text(c, c.arg(0))?.unwrap_or_default();
        Ok(Value::Integer(
            text.iter().map(|b| i64::from(b.count_ones())).sum(),
        ))
    }),
];

fn text(c: &mut Call<'_>, key: &[u8]) -> Result<Option<Bytes>, Value> {
    Ok(c.db().find::<Bytes>(key)?.cloned())
}

fn get(c: &mut Call<'_>) -> Answer {
    Ok(text(c, c.arg(0))?.map_or(Value::Nil, Value::Bulk))
}

fn put(c: &mut Call<'_>, key: usize, value: usize) {
    let (key, value) = (c.arg(key).to_vec(), c.arg(value).to_vec());
    c.db().set(&key, value);
}

fn many(c: &mut Call<'_>) -> Result<(), Value> {
    if !c.args.len().is_multiple_of(2) {
        return Err(wrong_number(c.name));
    }
    for at in (0..c.args.len()).step_by(2) {
        put(c, at, at + 1);
    }
    Ok(())
}

fn add(c: &mut Call<'_>, by: i64) -> Answer {
    let key = c.arg(0).to_vec();
    let old = c
        .db()
        .find::<Bytes>(&key)?
        .cloned()
        .unwrap_or_else(|| b"0".to_vec());
    let new = number(&old)?
        .checked_add(by)
        .ok_or_else(|| wrong("increment or decrement would overflow"))?;
    *c.db().make::<Bytes>(&key)? = new.to_string().into_bytes();
    Ok(Value::Integer(new))
}

fn bit_place(c: &Call<'_>) -> Result<(usize, u8), Value> {
    let at = integer(c.arg(1))
        .and_then(|at| usize::try_from(at).ok())
        .filter(|at| *at < 1 << 23);
    let at = at.ok_or_else(|| wrong("bit offset is not an integer or out of range"))?;
    Ok((at / 8, 0x80 >> (at % 8)))
}

fn part(c: &mut Call<'_>) -> Answer {
    let text = text(c, c.arg(0))?.unwrap_or_default();
    let (from, to) = super::lists::range(c.arg(1), c.arg(2), text.len())?;
    Ok(Value::Bulk(text.get(from..to).unwrap_or_default().to_vec()))
}

/// When a key ends by `EX 10`, `PX 10000`, `EXAT` or `PXAT`, from now; `None` if it is another option.
fn ending(c: &Call<'_>, at: usize) -> Result<Option<Duration>, Value> {
    let unit = ["ex", "px", "exat", "pxat"]
        .into_iter()
        .find(|unit| c.is(at, unit));
    let Some(unit) = unit else { return Ok(None) };
    let time = number(c.args.get(at + 1).ok_or_else(syntax)?)?;
    let mut ms = if unit.starts_with('p') {
        time
    } else {
        time.saturating_mul(1000)
    };
    if unit.ends_with("at") {
        ms -= i64::try_from(c.sys.wall_clock().0)
            .unwrap_or(0)
            .saturating_mul(1000);
    }
    match u64::try_from(ms) {
        Ok(ms) if ms > 0 => Ok(Some(Duration::from_millis(ms))),
        _ => Err(wrong(&format!(
            "invalid expire time in '{}' command",
            c.name
        ))),
    }
}

fn set_ending(c: &mut Call<'_>) -> Answer {
    let time = number(c.arg(1))?;
    let time = u64::try_from(time).ok().filter(|time| *time > 0);
    let time =
        time.ok_or_else(|| wrong(&format!("invalid expire time in '{}' command", c.name)))?;
    let after = if c.name == "setex" {
        Duration::from_secs(time)
    } else {
        Duration::from_millis(time)
    };
    put(c, 0, 2);
    let (key, end) = (c.arg(0).to_vec(), c.sys.now() + after);
    c.db().ends.insert(key, end);
    Ok(ok())
}

fn set(c: &mut Call<'_>) -> Answer {
    let (mut when, mut tell, mut keep, mut end) = (None, false, false, None);
    let mut at = 2;
    while at < c.args.len() {
        if c.is(at, "nx") || c.is(at, "xx") {
            if when.is_some() {
                return Err(syntax());
            }
            when = Some(c.is(at, "xx"));
        } else if c.is(at, "get") {
            tell = true;
        } else if c.is(at, "keepttl") {
            keep = true;
        } else if let Some(after) = ending(c, at)? {
            end = Some(c.sys.now() + after);
            at += 1;
        } else {
            return Err(syntax());
        }
        at += 1;
    }
    let key = c.arg(0).to_vec();
    let old = if tell { get(c)? } else { Value::Nil };
    if when.is_some_and(|there| there != c.db().keys.contains_key(&key)) {
        return Ok(old);
    }
    let before = c.db().ends.get(&key).copied().filter(|_| keep);
    put(c, 0, 1);
    if let Some(end) = end.or(before) {
        c.db().ends.insert(key, end);
    }
    Ok(if tell { old } else { ok() })
}
