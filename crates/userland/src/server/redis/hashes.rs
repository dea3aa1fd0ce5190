//! Commands about hashes.

use super::command::{Answer, Call, Command, count, ok, wrong_number};
use super::store::{Bytes, Hash, float, integer, number, wrong};
use crate::net::resp::Value;

/// The table.
pub(super) const COMMANDS: &[Command] = &[
    ("hset", -4, |c| set(c).map(count)),
    ("hmset", -4, |c| set(c).map(|_| ok())),
    ("hsetnx", 4, |c| {
        if value(c, 1)?.is_some() {
            return Ok(Value::Integer(0));
        }
        set(c).map(count)
    }),
    ("hget", 3, |c| {
        Ok(value(c, 1)?.map_or(Value::Nil, Value::Bulk))
    }),
    ("hmget", -3, |c| {
        let found: Result<Vec<_>, Value> = (1..c.args.len()).map(|at| value(c, at)).collect();
        Ok(Value::Array(
            found?
                .into_iter()
                .map(|v| v.map_or(Value::Nil, Value::Bulk))
                .collect(),
        ))
    }),
    ("hgetall", 2, |c| tell(c, true, true)),
    ("hkeys", 2, |c| tell(c, true, false)),
    ("hvals", 2, |c| tell(c, false, true)),
    ("hlen", 2, |c| Ok(count(hash(c)?.len()))),
    ("hexists", 3, |c| {
        Ok(Value::Integer(i64::from(value(c, 1)?.is_some())))
    }),
    ("hstrlen", 3, |c| {
        Ok(count(value(c, 1)?.map_or(0, |value| value.len())))
    }),
    ("hdel", -3, |c| {
        let key = c.arg(0).to_vec();
        let names = c.args.get(1..).unwrap_or_default();
        let Some(fields) = c.db().find::<Hash>(&key)? else {
            return Ok(Value::Integer(0));
        };
        let before = fields.len();
        fields.retain(|(name, _)| !names.contains(name));
        let gone = before - fields.len();
        c.db().tidy(&key);
        Ok(count(gone))
    }),
    ("hincrby", 4, |c| {
        let by = number(c.arg(2))?;
        let old = value(c, 1)?.unwrap_or_else(|| b"0".to_vec());
        let old = integer(&old).ok_or_else(|| wrong("hash value is not an integer"))?;
        let new = old
            .checked_add(by)
            .ok_or_else(|| wrong("increment or decrement would overflow"))?;
        put(c, new.to_string())?;
        Ok(Value::Integer(new))
    }),
    ("hincrbyfloat", 4, |c| {
        let by = float(c.arg(2))?;
        let old = value(c, 1)?.unwrap_or_else(|| b"0".to_vec());
        let new = (float(&old)
            .ok()
            .ok_or_else(|| wrong("hash value is not a float"))?
            + by)
            .to_string();
        put(c, new.clone())?;
        Ok(Value::bulk(&new))
    }),
];

fn hash(c: &mut Call<'_>) -> Result<Hash, Value> {
    let key = c.arg(0).to_vec();
    Ok(c.db().find::<Hash>(&key)?.cloned().unwrap_or_default())
}

fn value(c: &mut Call<'_>, at: usize) -> Result<Option<Bytes>, Value> {
    let name = c.arg(at).to_vec();
    Ok(hash(c)?
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value))
}

fn put(c: &mut Call<'_>, new: String) -> Result<(), Value> {
    let (key, name) = (c.arg(0).to_vec(), c.arg(1).to_vec());
    insert(c.db().make(&key)?, &name, new.as_bytes());
    Ok(())
}

/// Whether it is new.
fn insert(fields: &mut Hash, name: &[u8], value: &[u8]) -> bool {
    let old = fields.iter_mut().find(|(known, _)| known == name);
    let new = old.is_none();
    match old {
        Some((_, old)) => *old = value.to_vec(),
        None => fields.push((name.to_vec(), value.to_vec())),
    }
    new
}

fn set(c: &mut Call<'_>) -> Result<usize, Value> {
    let pairs = c.args.get(1..).unwrap_or_default();
    if !pairs.len().is_multiple_of(2) {
        return Err(wrong_number(c.name));
    }
    let key = c.arg(0).to_vec();
    let fields: &mut Hash = c.db().make(&key)?;
    let mut new = 0;
    for pair in pairs.chunks(2) {
        if let [name, value] = pair {
            new += usize::from(insert(fields, name, value));
        }
    }
    Ok(new)
}

fn tell(c: &mut Call<'_>, names: bool, values: bool) -> Answer {
    let parts = hash(c)?.into_iter().flat_map(|(name, value)| {
        [names.then_some(name), values.then_some(value)]
            .into_iter()
            .flatten()
    });
    Ok(Value::Array(parts.map(Value::Bulk).collect()))
}
