//! What operators make of two values, and the parts of a value.

use std::cmp::Ordering;

use super::eval::MAX_VALUES;
use super::json::Json;

pub(super) fn operate(op: &str, a: &Json, b: &Json) -> Result<Json, String> {
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
        ("*", Json::Object(a), Json::Object(b)) => {
            let mut out = a.clone();
            for (key, value) in b {
                match out.iter_mut().find(|(known, _)| known == key) {
                    Some((_, old)) => {
                        *old = match (&*old, value) {
                            (Json::Object(_), Json::Object(_)) => arithmetic("*", old, value)?,
                            _ => value.clone(),
                        };
                    }
                    None => out.push((key.clone(), value.clone())),
                }
            }
            Ok(Json::Object(out))
        }
        ("*", Json::String(text), Json::Number(times))
        | ("*", Json::Number(times), Json::String(text)) => Ok(if *times <= 0.0 {
            Json::Null
        } else {
            let times = (*times as usize).max(1);
            if text.len().saturating_mul(times) > MAX_VALUES {
                return Err("Repeat string result too long".to_owned());
            }
            Json::String(text.repeat(times))
        }),
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

pub(super) fn position(number: f64, length: usize) -> Option<usize> {
    let at = number.floor();
    let at = if at < 0.0 { at + length as f64 } else { at };
    // Saturating: what is out of range finds nothing.
    (at >= 0.0).then_some(at as usize)
}

pub(super) fn index(value: &Json, key: &Json) -> Result<Json, String> {
    Ok(match (value, key) {
        (Json::Null, Json::String(_) | Json::Number(_) | Json::Null) => Json::Null,
        (Json::Object(_), Json::String(key)) => value.member(key).cloned().unwrap_or(Json::Null),
        (Json::Array(items), Json::Number(number)) => position(*number, items.len())
            .and_then(|at| items.get(at))
            .cloned()
            .unwrap_or(Json::Null),
        (value, Json::String(key)) => {
            return Err(format!(
                "Cannot index {} with string (\"{key}\")",
                value.kind()
            ));
        }
        (value, key) => {
            return Err(format!(
                "Cannot index {} with {}",
                value.kind(),
                described(key)
            ));
        }
    })
}

pub(super) fn slice(value: &Json, from: Option<f64>, to: Option<f64>) -> Result<Json, String> {
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
