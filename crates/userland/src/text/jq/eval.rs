//! Running a jq filter: each gives any number of values.

use std::cmp::Ordering;

use super::super::regex::Regex;
use super::json::Json;
use super::parse::Filter;

/// Values that one filter may give, so that a cross product can't fill memory.
const MAX_VALUES: usize = 1_000_000;

type Values = Result<Vec<Json>, String>;

/// Variables that are bound, innermost last.
pub(super) type Scope = Vec<(String, Json)>;

/// Runs a filter on a value.
pub(super) fn run(filter: &Filter, input: &Json, scope: &Scope) -> Values {
    let each = |values: Vec<Json>, next: &dyn Fn(&Json) -> Values| -> Values {
        let mut out = Vec::new();
        for value in values {
            out.append(&mut next(&value)?);
            if out.len() > MAX_VALUES {
                return Err("too many values".to_owned());
            }
        }
        Ok(out)
    };
    let one = |value: Json| Ok(vec![value]);
    match filter {
        Filter::Identity => one(input.clone()),
        Filter::Recurse => {
            let mut out = Vec::new();
            recurse(input, &mut out);
            Ok(out)
        }
        Filter::Literal(value) => one(value.clone()),
        Filter::Interpolated(parts) => {
            let mut out = vec![String::new()];
            for (text, inner) in parts {
                let values = match inner {
                    Some(inner) => run(inner, input, scope)?.iter().map(plain).collect(),
                    None => vec![String::new()],
                };
                out = out
                    .iter()
                    .flat_map(|before| {
                        values
                            .iter()
                            .map(move |value| format!("{before}{text}{value}"))
                    })
                    .collect();
            }
            Ok(out.into_iter().map(Json::String).collect())
        }
        Filter::Index(base, key) => {
            let keys = run(key, input, scope)?;
            each(run(base, input, scope)?, &|value| {
                keys.iter().map(|key| index(value, key)).collect()
            })
        }
        Filter::Slice(base, from, to) => {
            let bound = |part: &Option<Box<Filter>>| -> Result<Option<f64>, String> {
                match part {
                    None => Ok(None),
                    Some(part) => match run(part, input, scope)?.first() {
                        Some(Json::Number(number)) => Ok(Some(*number)),
                        Some(Json::Null) | None => Ok(None),
                        Some(_) => {
                            Err("Start and end indices of an array slice must be numbers"
                                .to_owned())
                        }
                    },
                }
            };
            let (from, to) = (bound(from)?, bound(to)?);
            each(run(base, input, scope)?, &|value| {
                slice(value, from, to).map(|value| vec![value])
            })
        }
        Filter::Each(base) => each(run(base, input, scope)?, &|value| match value {
            Json::Array(items) => Ok(items.clone()),
            Json::Object(members) => Ok(members.iter().map(|(_, value)| value.clone()).collect()),
            other => Err(format!("Cannot iterate over {}", described(other))),
        }),
        Filter::Try(inner) => Ok(run(inner, input, scope).unwrap_or_default()),
        Filter::Pipe(first, second) => each(run(first, input, scope)?, &|value| {
            run(second, value, scope)
        }),
        Filter::Comma(first, second) => {
            let mut out = run(first, input, scope)?;
            out.append(&mut run(second, input, scope)?);
            Ok(out)
        }
        Filter::Binary(op, left, right) => binary(op, left, right, input, scope),
        Filter::Negate(inner) => each(run(inner, input, scope)?, &|value| match value {
            Json::Number(number) => one(Json::Number(-number)),
            other => Err(format!("{} cannot be negated", described(other))),
        }),
        Filter::Array(None) => one(Json::Array(Vec::new())),
        Filter::Array(Some(inner)) => Ok(vec![Json::Array(run(inner, input, scope)?)]),
        Filter::Object(members) => object(members, input, scope),
        Filter::If(branches, otherwise) => {
            conditional(branches, otherwise.as_deref(), input, scope)
        }
        Filter::Call(name, arguments) => super::builtins::call(name, arguments, input, scope),
        Filter::Format(name) => {
            super::builtins::format(name, input).map(|text| vec![Json::String(text)])
        }
        Filter::Variable(name) => match scope.iter().rev().find(|(known, _)| known == name) {
            Some((_, value)) => one(value.clone()),
            None => Err(format!("${name} is not defined")),
        },
        Filter::Bind(source, name, body) => each(run(source, input, scope)?, &|value| {
            let mut inner = scope.clone();
            inner.push((name.clone(), value.clone()));
            run(body, input, &inner)
        }),
    }
}

fn recurse(value: &Json, out: &mut Vec<Json>) {
    out.push(value.clone());
    match value {
        Json::Array(items) => items.iter().for_each(|item| recurse(item, out)),
        Json::Object(members) => members.iter().for_each(|(_, value)| recurse(value, out)),
        _ => {}
    }
}

fn conditional(
    branches: &[(Filter, Filter)],
    otherwise: Option<&Filter>,
    input: &Json,
    scope: &Scope,
) -> Values {
    let Some(((test, body), rest)) = branches.split_first() else {
        return otherwise.map_or_else(
            || Ok(vec![input.clone()]),
            |filter| run(filter, input, scope),
        );
    };
    let mut out = Vec::new();
    for value in run(test, input, scope)? {
        out.append(&mut if value.truthy() {
            run(body, input, scope)?
        } else {
            conditional(rest, otherwise, input, scope)?
        });
    }
    Ok(out)
}

fn object(members: &[(Filter, Filter)], input: &Json, scope: &Scope) -> Values {
    let mut out: Vec<Vec<(String, Json)>> = vec![Vec::new()];
    for (key, value) in members {
        let (keys, values) = (run(key, input, scope)?, run(value, input, scope)?);
        let mut next = Vec::new();
        for before in &out {
            for key in &keys {
                let Json::String(key) = key else {
                    return Err(format!(
                        "Object keys must be strings, not {}",
                        described(key)
                    ));
                };
                for value in &values {
                    let mut members = before.clone();
                    members.retain(|(known, _)| known != key);
                    members.push((key.clone(), value.clone()));
                    next.push(members);
                }
            }
        }
        if next.len() > MAX_VALUES {
            return Err("too many values".to_owned());
        }
        out = next;
    }
    Ok(out.into_iter().map(Json::Object).collect())
}

fn binary(op: &str, left: &Filter, right: &Filter, input: &Json, scope: &Scope) -> Values {
    if op == "//" {
        let kept: Vec<Json> = run(left, input, scope)
            .unwrap_or_default()
            .into_iter()
            .filter(Json::truthy)
            .collect();
        return if kept.is_empty() {
            run(right, input, scope)
        } else {
            Ok(kept)
        };
    }
    let mut out = Vec::new();
    if op == "and" || op == "or" {
        for a in run(left, input, scope)? {
            if a.truthy() == (op == "or") {
                out.push(Json::Bool(op == "or"));
            } else {
                out.extend(
                    run(right, input, scope)?
                        .iter()
                        .map(|b| Json::Bool(b.truthy())),
                );
            }
        }
        return Ok(out);
    }
    let lefts = run(left, input, scope)?;
    for b in run(right, input, scope)? {
        for a in &lefts {
            out.push(operate(op, a, &b)?);
        }
    }
    Ok(out)
}

fn operate(op: &str, a: &Json, b: &Json) -> Result<Json, String> {
    let order = a.order(b);
    Ok(match op {
        "==" => Json::Bool(order == Ordering::Equal),
        "!=" => Json::Bool(order != Ordering::Equal),
        "<" => Json::Bool(order == Ordering::Less),
        "<=" => Json::Bool(order != Ordering::Greater),
        ">" => Json::Bool(order == Ordering::Greater),
        ">=" => Json::Bool(order != Ordering::Less),
        _ => return arithmetic(op, a, b),
    })
}

/// `+ - * / %` on whatever types jq allows.
pub(super) fn arithmetic(op: &str, a: &Json, b: &Json) -> Result<Json, String> {
    match (op, a, b) {
        ("+", Json::Null, other) | ("+", other, Json::Null) => Ok(other.clone()),
        ("+", Json::Number(a), Json::Number(b)) => Ok(Json::Number(a + b)),
        ("+", Json::String(a), Json::String(b)) => Ok(Json::String(format!("{a}{b}"))),
        ("+", Json::Array(a), Json::Array(b)) => {
            Ok(Json::Array([a.as_slice(), b.as_slice()].concat()))
        }
        ("+", Json::Object(a), Json::Object(b)) => {
            let mut out = a.clone();
            for (key, value) in b {
                match out.iter_mut().find(|(known, _)| known == key) {
                    Some((_, old)) => *old = value.clone(),
                    None => out.push((key.clone(), value.clone())),
                }
            }
            Ok(Json::Object(out))
        }
        ("-", Json::Number(a), Json::Number(b)) => Ok(Json::Number(a - b)),
        ("-", Json::Array(a), Json::Array(b)) => Ok(Json::Array(
            a.iter().filter(|item| !b.contains(item)).cloned().collect(),
        )),
        ("*", Json::Number(a), Json::Number(b)) => Ok(Json::Number(a * b)),
        ("/", Json::Number(a), Json::Number(b)) if *b != 0.0 => Ok(Json::Number(a / b)),
        ("%", Json::Number(a), Json::Number(b)) if b.trunc() != 0.0 => {
            Ok(Json::Number(a.trunc() % b.trunc()))
        }
        ("/", Json::String(a), Json::String(b)) => Ok(Json::Array(
            a.split(b.as_str())
                .map(|part| Json::String(part.to_owned()))
                .collect(),
        )),
        ("/" | "%", Json::Number(_), Json::Number(_)) => Err(format!(
            "{} and {} cannot be divided because the divisor is zero",
            described(a),
            described(b)
        )),
        _ => {
            let verb = match op {
                "+" => "added",
                "-" => "subtracted",
                "*" => "multiplied",
                _ => "divided",
            };
            Err(format!(
                "{} and {} cannot be {verb}",
                described(a),
                described(b)
            ))
        }
    }
}

/// A value as jq's messages show it: its type, and itself if that is short.
pub(super) fn described(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        value => {
            let text = value.text(None, false);
            let shown = if text.chars().count() > 11 {
                format!("{}...", text.chars().take(10).collect::<String>())
            } else {
                text
            };
            format!("{} ({shown})", value.kind())
        }
    }
}

/// A value as text: strings without quotes.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.text(None, false),
    }
}

fn position(number: f64, length: usize) -> Option<usize> {
    let at = number.floor();
    let at = if at < 0.0 { at + length as f64 } else { at };
    // Saturating: what is out of range finds nothing.
    (at >= 0.0).then_some(at as usize)
}

fn index(value: &Json, key: &Json) -> Result<Json, String> {
    Ok(match (value, key) {
        (Json::Null, Json::String(_) | Json::Number(_) | Json::Null) => Json::Null,
        (Json::Object(_), Json::String(key)) => value.member(key).cloned().unwrap_or(Json::Null),
        (Json::Array(items), Json::Number(number)) => position(*number, items.len())
            .and_then(|at| items.get(at))
            .cloned()
            .unwrap_or(Json::Null),
        (value, Json::String(key)) => {
            return Err(format!("Cannot index {} with \"{key}\"", value.kind()));
        }
        (value, key) => return Err(format!("Cannot index {} with {}", value.kind(), key.kind())),
    })
}

fn slice(value: &Json, from: Option<f64>, to: Option<f64>) -> Result<Json, String> {
    let bounds = |length: usize| {
        let place = |number: f64| position(number, length).unwrap_or(0).min(length);
        let start = from.map_or(0, place);
        (start, to.map_or(length, place).max(start))
    };
    match value {
        Json::Null => Ok(Json::Null),
        Json::Array(items) => {
            let (start, end) = bounds(items.len());
            Ok(Json::Array(
                items.get(start..end).unwrap_or_default().to_vec(),
            ))
        }
        Json::String(text) => {
            let (start, end) = bounds(text.chars().count());
            Ok(Json::String(
                text.chars().skip(start).take(end - start).collect(),
            ))
        }
        other => Err(format!("Cannot index {} with object", other.kind())),
    }
}

/// Compiles the pattern of `test` and `sub`.
pub(super) fn regex(pattern: &Json, flags: &str) -> Result<Regex, String> {
    match pattern {
        Json::String(pattern) => Regex::extended(pattern, flags.contains('i'))
            .map_err(|error| format!("{pattern} (at offset 0) is not a valid regex: {error}")),
        other => Err(format!(
            "{} cannot be matched, as it is not a string",
            described(other)
        )),
    }
}
