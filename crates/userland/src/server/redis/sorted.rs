//! Commands about sorted sets.

use super::command::{Answer, Call, Command, count, syntax};
use super::store::{Sorted, float, number, wrong};
use crate::net::resp::Value;

/// The table.
pub(super) const COMMANDS: &[Command] = &[
    ("zadd", -4, add),
    ("zincrby", 4, |c| {
        let by = float(c.arg(1))?;
        let (key, member) = (c.arg(0).to_vec(), c.arg(2).to_vec());
        let members: &mut Sorted = c.db().make(&key)?;
        let old = members
            .iter()
            .find(|(known, _)| *known == member)
            .map_or(0.0, |(_, old)| *old);
        put(members, &member, old + by);
        Ok(score(old + by))
    }),
    ("zscore", 3, |c| {
        Ok(place(c)?.map_or(Value::Nil, |(_, _, found)| score(found)))
    }),
    ("zrank", -3, |c| {
        Ok(place(c)?.map_or(Value::Nil, |(at, ..)| count(at)))
    }),
    ("zrevrank", -3, |c| {
        Ok(place(c)?.map_or(Value::Nil, |(_, back, _)| count(back)))
    }),
    ("zcard", 2, |c| Ok(count(members(c)?.len()))),
    ("zcount", 4, |c| {
        let (low, high) = (bound(c.arg(1))?, bound(c.arg(2))?);
        Ok(count(between(members(c)?, low, high).len()))
    }),
    ("zrange", -4, range),
    ("zrevrange", -4, range),
    ("zrangebyscore", -4, range),
    ("zrevrangebyscore", -4, range),
    ("zrem", -3, |c| {
        let key = c.arg(0).to_vec();
        let gone = c.args.get(1..).unwrap_or_default();
        let Some(members) = c.db().find::<Sorted>(&key)? else {
            return Ok(Value::Integer(0));
        };
        let before = members.len();
        members.retain(|(member, _)| !gone.contains(member));
        let removed = before - members.len();
        c.db().tidy(&key);
        Ok(count(removed))
    }),
    ("zpopmin", -2, pop),
    ("zpopmax", -2, pop),
];

fn members(c: &mut Call<'_>) -> Result<Sorted, Value> {
    let key = c.arg(0).to_vec();
    Ok(c.db().find::<Sorted>(&key)?.cloned().unwrap_or_default())
}

fn score(score: f64) -> Value {
    Value::bulk(&score.to_string())
}

/// Whether it is new.
fn put(members: &mut Sorted, member: &[u8], score: f64) -> bool {
    let before = members.len();
    members.retain(|(known, _)| known != member);
    let new = members.len() == before;
    let at = members.partition_point(|(known, other)| {
        other
            .total_cmp(&score)
            .then_with(|| known.as_slice().cmp(member))
            .is_lt()
    });
    members.insert(at, (member.to_vec(), score));
    new
}

fn add(c: &mut Call<'_>) -> Answer {
    let mut at = 1;
    let (mut new_only, mut old_only, mut changed, mut sum) = (false, false, false, false);
    loop {
        match String::from_utf8_lossy(c.arg(at))
            .to_ascii_lowercase()
            .as_str()
        {
            "nx" => new_only = true,
            "xx" => old_only = true,
            "ch" => changed = true,
            "incr" => sum = true,
            "gt" | "lt" => {
                return Err(wrong(&crate::not_modelled!(
                    "redis-server",
                    "ZADD GT and LT"
                )));
            }
            _ => break,
        }
        at += 1;
    }
    let pairs = c.args.get(at..).unwrap_or_default();
    if pairs.is_empty() || !pairs.len().is_multiple_of(2) {
        return Err(syntax());
    }
    if new_only && old_only {
        return Err(wrong(
            "XX and NX options at the same time are not compatible",
        ));
    }
    let mut parsed = Vec::new();
    for pair in pairs.chunks(2) {
        if let [score, member] = pair {
            parsed.push((float(score)?, member));
        }
    }
    let key = c.arg(0).to_vec();
    let all: &mut Sorted = c.db().make(&key)?;
    let (mut told, mut last) = (0, Value::Nil);
    for (mut new, member) in parsed {
        let old = all
            .iter()
            .find(|(known, _)| known == member)
            .map(|(_, old)| *old);
        if old.is_some() && new_only || old.is_none() && old_only {
            continue;
        }
        if sum {
            new += old.unwrap_or(0.0);
        }
        last = score(new);
        put(all, member, new);
        told += i64::from(old.is_none() || changed && old != Some(new));
    }
    c.db().tidy(&key);
    Ok(if sum { last } else { Value::Integer(told) })
}

fn place(c: &mut Call<'_>) -> Result<Option<(usize, usize, f64)>, Value> {
    let member = c.arg(1).to_vec();
    let members = members(c)?;
    let at = members.iter().position(|(known, _)| *known == member);
    Ok(at.and_then(|at| Some((at, members.len() - at - 1, members.get(at)?.1))))
}

/// A score and whether it lies outside itself: `(5`, `-inf`.
fn bound(text: &[u8]) -> Result<(f64, bool), Value> {
    let (open, text) = match text.split_first() {
        Some((b'(', rest)) => (true, rest),
        _ => (false, text),
    };
    let value = float(text)
        .ok()
        .ok_or_else(|| wrong("min or max is not a float"))?;
    Ok((value, open))
}

fn between(members: Sorted, low: (f64, bool), high: (f64, bool)) -> Sorted {
    let fits = |n: f64| {
        (if low.1 { n > low.0 } else { n >= low.0 })
            && (if high.1 { n < high.0 } else { n <= high.0 })
    };
    members.into_iter().filter(|(_, n)| fits(*n)).collect()
}

fn range(c: &mut Call<'_>) -> Answer {
    let mut backwards = c.name.starts_with("zrev");
    let mut by_score = c.name.ends_with("score");
    let (mut with, mut limit) = (false, None);
    let mut at = 3;
    while at < c.args.len() {
        if c.is(at, "withscores") {
            with = true;
        } else if c.is(at, "rev") {
            backwards = true;
        } else if c.is(at, "byscore") {
            by_score = true;
        } else if c.is(at, "limit") {
            limit = Some((number(c.arg(at + 1))?, number(c.arg(at + 2))?));
            at += 2;
        } else {
            return Err(syntax());
        }
        at += 1;
    }
    let mut found = members(c)?;
    if by_score {
        let ends = (bound(c.arg(1))?, bound(c.arg(2))?);
        let (low, high) = if backwards { (ends.1, ends.0) } else { ends };
        found = between(found, low, high);
    }
    if backwards {
        found.reverse();
    }
    let (mut from, mut to) = (0, found.len());
    if by_score {
        if let Some((skip, most)) = limit {
            from = usize::try_from(skip).unwrap_or(usize::MAX);
            to = usize::try_from(most).map_or(to, |most| from.saturating_add(most));
        }
    } else {
        (from, to) = super::lists::range(c.arg(1), c.arg(2), found.len())?;
    }
    let parts = found
        .into_iter()
        .take(to)
        .skip(from)
        .flat_map(|(member, value)| {
            [Some(Value::Bulk(member)), with.then(|| score(value))]
                .into_iter()
                .flatten()
        });
    Ok(Value::Array(parts.collect()))
}

fn pop(c: &mut Call<'_>) -> Answer {
    let key = c.arg(0).to_vec();
    let lowest = c.name == "zpopmin";
    let Some(members) = c.db().find::<Sorted>(&key)? else {
        return Ok(Value::Array(Vec::new()));
    };
    let gone = if lowest && !members.is_empty() {
        Some(members.remove(0))
    } else {
        members.pop()
    };
    c.db().tidy(&key);
    let (member, value) = gone.unwrap_or_default();
    Ok(Value::Array(vec![Value::Bulk(member), score(value)]))
}
