//! Commands about sets.

use super::command::{Answer, Call, Command, count};
use super::store::{Bytes, Set, integer};
use crate::net::resp::Value;

/// The table.
pub(super) const COMMANDS: &[Command] = &[
    ("sadd", -3, |c| {
        let key = c.arg(0).to_vec();
        let new = c.args.get(1..).unwrap_or_default();
        let members: &mut Set = c.db().make(&key)?;
        let before = members.len();
        for member in new {
            if !members.contains(member) {
                members.push(member.clone());
            }
        }
        let added = members.len() - before;
        // A set of nothing but integers is kept in their order.
        if members.iter().all(|member| integer(member).is_some()) {
            members.sort_by_key(|member| integer(member));
        }
        Ok(count(added))
    }),
    ("srem", -3, |c| {
        let key = c.arg(0).to_vec();
        let gone = c.args.get(1..).unwrap_or_default();
        let Some(members) = c.db().find::<Set>(&key)? else {
            return Ok(Value::Integer(0));
        };
        let before = members.len();
        members.retain(|member| !gone.contains(member));
        let removed = before - members.len();
        c.db().tidy(&key);
        Ok(count(removed))
    }),
    ("scard", 2, |c| Ok(count(members(c, c.arg(0))?.len()))),
    ("smembers", 2, |c| Ok(told(members(c, c.arg(0))?))),
    ("sismember", 3, |c| {
        has(c).map(|mut found| found.pop().unwrap_or(Value::Integer(0)))
    }),
    ("smismember", -3, |c| has(c).map(Value::Array)),
    ("sinter", -2, |c| combined(c, 0).map(told)),
    ("sunion", -2, |c| combined(c, 0).map(told)),
    ("sdiff", -2, |c| combined(c, 0).map(told)),
    ("sinterstore", -3, store),
    ("sunionstore", -3, store),
    ("sdiffstore", -3, store),
    ("spop", -2, |c| {
        let key = c.arg(0).to_vec();
        let Some(members) = c.db().find::<Set>(&key)? else {
            return Ok(Value::Nil);
        };
        let member = members.pop();
        c.db().tidy(&key);
        Ok(member.map_or(Value::Nil, Value::Bulk))
    }),
    ("srandmember", -2, |c| {
        let member = members(c, c.arg(0))?.pop();
        Ok(member.map_or(Value::Nil, Value::Bulk))
    }),
    ("smove", 4, |c| {
        let (from, to, member) = (c.arg(0).to_vec(), c.arg(1).to_vec(), c.arg(2).to_vec());
        c.db().find::<Set>(&to)?;
        let Some(members) = c.db().find::<Set>(&from)? else {
            return Ok(Value::Integer(0));
        };
        let Some(at) = members.iter().position(|known| *known == member) else {
            return Ok(Value::Integer(0));
        };
        members.remove(at);
        c.db().tidy(&from);
        let members: &mut Set = c.db().make(&to)?;
        if !members.contains(&member) {
            members.push(member);
        }
        Ok(Value::Integer(1))
    }),
];

fn members(c: &mut Call<'_>, key: &[u8]) -> Result<Set, Value> {
    Ok(c.db().find::<Set>(key)?.cloned().unwrap_or_default())
}

fn told(members: Vec<Bytes>) -> Value {
    Value::Array(members.into_iter().map(Value::Bulk).collect())
}

fn has(c: &mut Call<'_>) -> Result<Vec<Value>, Value> {
    let members = members(c, c.arg(0))?;
    let asked = c.args.iter().skip(1);
    Ok(asked
        .map(|member| Value::Integer(i64::from(members.contains(member))))
        .collect())
}

/// The sets that the arguments from `first` on name, combined as the command says.
fn combined(c: &mut Call<'_>, first: usize) -> Result<Set, Value> {
    let keys = c.args.get(first..).unwrap_or_default();
    let mut result: Option<Set> = None;
    for key in keys {
        let next = members(c, key)?;
        result = Some(match result {
            None => next,
            Some(mut so_far) => {
                match c.name.get(..4) {
                    Some("sint") => so_far.retain(|member| next.contains(member)),
                    Some("sdif") => so_far.retain(|member| !next.contains(member)),
                    _ => {
                        for member in next {
                            if !so_far.contains(&member) {
                                so_far.push(member);
                            }
                        }
                    }
                }
                so_far
            }
        });
    }
    Ok(result.unwrap_or_default())
}

fn store(c: &mut Call<'_>) -> Answer {
    let members = combined(c, 1)?;
    let (key, size) = (c.arg(0).to_vec(), members.len());
    c.db().remove(&key);
    *c.db().make::<Set>(&key)? = members;
    c.db().tidy(&key);
    Ok(count(size))
}
