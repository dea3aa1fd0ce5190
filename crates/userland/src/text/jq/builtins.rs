//! jq's functions, by how many arguments they have.

use super::eval::{Scope, Stop, Values, each, run, values};
use super::filter::Filter;
use super::json::Json;
use super::matching::{matches, regex, substituted};
use super::operators::{described, plain};

mod with_filter;
mod without;

use with_filter::with_filter;
use without::without;

/// Rounds of a loop, and values of `recurse`, that are made at most.
const MAX_ROUNDS: usize = 100_000;

pub(super) fn object_of(pairs: Vec<(&str, Json)>) -> Json {
    Json::Object(
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

pub(super) fn items<'a>(value: &'a Json, what: &str) -> Result<&'a [Json], String> {
    match value {
        Json::Array(items) => Ok(items),
        other => Err(format!(
            "{} cannot be {what}, as it is not an array",
            described(other)
        )),
    }
}

pub(super) fn string<'a>(value: &'a Json, what: &str) -> Result<&'a str, String> {
    match value {
        Json::String(text) => Ok(text),
        other => Err(format!("{} {what}", described(other))),
    }
}

/// Calls a function.
pub(super) fn call(name: &str, arguments: &[Filter], input: &Json, scope: &Scope) -> Values {
    match arguments {
        [] if matches!(name, "input" | "inputs" | "debug" | "input_line_number") => {
            beyond(name, input, scope)
        }
        [message] if name == "debug" => {
            for message in run(message, input, scope)? {
                beyond("debug", &message, scope)?;
            }
            Ok(vec![input.clone()])
        }
        [] => without(name, input),
        [argument] => with_filter(name, argument, input, scope),
        [first, second] => match name {
            "sub" | "gsub" => each(values(first, input, scope), &mut |pattern| {
                let flags = if name == "gsub" { "g" } else { "" };
                substituted(input, (pattern, flags), second, scope)
            }),
            "limit" => {
                let count = match values(first, input, scope)?.first() {
                    Some(Json::Number(count)) => *count as usize,
                    _ => return Err(Stop::from("Limit must be a number".to_owned())),
                };
                if count == 0 {
                    return Ok(Vec::new());
                }
                // What comes after the last value wanted is never reached.
                match run(second, input, scope) {
                    Err(stop) if stop.given.len() < count => Err(stop),
                    Ok(mut given) | Err(Stop { mut given, .. }) => {
                        given.truncate(count);
                        Ok(given)
                    }
                }
            }
            "until" | "while" => {
                let mut state = input.clone();
                let mut out = Vec::new();
                for _ in 0..MAX_ROUNDS {
                    let holds = values(first, &state, scope)?
                        .first()
                        .is_some_and(Json::truthy);
                    if holds == (name == "until") {
                        if holds {
                            out.push(state);
                        }
                        return Ok(out);
                    }
                    let next = values(second, &state, scope)?.into_iter().next();
                    if name == "while" {
                        out.push(state);
                    }
                    match next {
                        Some(next) => state = next,
                        None => return Ok(out),
                    }
                }
                Err(Stop::from("too many rounds".to_owned()))
            }
            "setpath" => each(values(first, input, scope), &mut |way| {
                let Json::Array(keys) = way else {
                    return Err("Path must be specified as an array".to_owned().into());
                };
                let mut out = Vec::new();
                for new in values(second, input, scope)? {
                    out.push(super::paths::setpath(input, keys, new)?);
                }
                Ok(out)
            }),
            "match" | "split" => {
                let flags = values(second, input, scope)?
                    .first()
                    .map(plain)
                    .unwrap_or_default();
                each(values(first, input, scope), &mut |pattern| {
                    if name == "match" {
                        return Ok(matches(input, pattern, &flags)?);
                    }
                    let text = string(input, "cannot be matched, as it is not a string")?;
                    let found = regex(pattern, &flags)?;
                    let mut parts = Vec::new();
                    let mut at = 0;
                    while let Some((start, end)) =
                        found.find_at(text, at).filter(|(start, end)| end > start)
                    {
                        parts.push(Json::String(
                            text.get(at..start).unwrap_or_default().to_owned(),
                        ));
                        at = end;
                    }
                    parts.push(Json::String(text.get(at..).unwrap_or_default().to_owned()));
                    Ok(vec![Json::Array(parts)])
                })
            }
            "pow" => {
                let mut out = Vec::new();
                for exponent in values(second, input, scope)? {
                    for base in values(first, input, scope)? {
                        let (Json::Number(base), Json::Number(exponent)) = (base, &exponent) else {
                            return Err(Stop::from("pow requires numbers".to_owned()));
                        };
                        out.push(Json::Number(base.powf(*exponent)));
                    }
                }
                Ok(out)
            }
            "range" => range(
                &values(first, input, scope)?,
                &values(second, input, scope)?,
                &[Json::Number(1.0)],
            ),
            "test" => {
                let flags = run(second, input, scope)?
                    .first()
                    .map(plain)
                    .unwrap_or_default();
                let pattern = run(first, input, scope)?
                    .first()
                    .cloned()
                    .unwrap_or(Json::Null);
                Ok(vec![Json::Bool(regex(&pattern, &flags)?.is_match(string(
                    input,
                    "cannot be matched, as it is not a string",
                )?))])
            }
            _ => Err(Stop::from(crate::not_modelled!("jq", "{name}/2"))),
        },
        [from, to, step] if name == "range" => range(
            &values(from, input, scope)?,
            &values(to, input, scope)?,
            &values(step, input, scope)?,
        ),
        [pattern, with, flags] if matches!(name, "sub" | "gsub") => {
            let mut flags = values(flags, input, scope)?
                .first()
                .map(plain)
                .unwrap_or_default();
            if name == "gsub" {
                flags.push('g');
            }
            each(values(pattern, input, scope), &mut |pattern| {
                substituted(input, (pattern, &flags), with, scope)
            })
        }
        many => Err(Stop::from(crate::not_modelled!(
            "jq",
            "{name}/{}",
            many.len()
        ))),
    }
}

fn range(from: &[Json], to: &[Json], step: &[Json]) -> Values {
    let mut out = Vec::new();
    for from in from {
        for to in to {
            for step in step {
                let (Json::Number(from), Json::Number(to), Json::Number(step)) = (from, to, step)
                else {
                    return Err(Stop::from("Range bounds must be numeric".to_owned()));
                };
                let mut value = *from;
                let goes =
                    |value: f64| (*step > 0.0 && value < *to) || (*step < 0.0 && value > *to);
                while goes(value) && out.len() < 100_000 {
                    out.push(Json::Number(value));
                    value += step;
                }
            }
        }
    }
    Ok(out)
}

fn flat(items: &[Json], depth: usize, out: &mut Vec<Json>) {
    for item in items {
        match item {
            Json::Array(inner) if depth > 0 => flat(inner, depth - 1, out),
            other => out.push(other.clone()),
        }
    }
}

/// The functions that reach beyond the input: the next ones, and standard error.
fn beyond(name: &str, input: &Json, scope: &Scope) -> Values {
    let mut outside = scope.outside.borrow_mut();
    match name {
        "input" => match outside.next() {
            Some(value) => Ok(vec![value]),
            None => Err(Stop::from("break".to_owned())),
        },
        "inputs" => Ok(std::iter::from_fn(|| outside.next()).collect()),
        "input_line_number" => Ok(vec![Json::Number(outside.line as f64)]),
        _ => {
            let text = input.text(None, false);
            outside.said.push_str(&format!("[\"DEBUG:\",{text}]\n"));
            Ok(vec![input.clone()])
        }
    }
}
