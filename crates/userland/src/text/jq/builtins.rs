//! jq's functions and string formats.

use std::cmp::Ordering;

use super::eval::{Scope, arithmetic, described, plain, regex, run};
use super::json::{Json, Reader};
use super::parse::Filter;

type Values = Result<Vec<Json>, String>;

fn object_of(pairs: Vec<(&str, Json)>) -> Json {
    Json::Object(
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn items<'a>(value: &'a Json, what: &str) -> Result<&'a [Json], String> {
    match value {
        Json::Array(items) => Ok(items),
        other => Err(format!(
            "{} cannot be {what}, as it is not an array",
            described(other)
        )),
    }
}

fn string<'a>(value: &'a Json, what: &str) -> Result<&'a str, String> {
    match value {
        Json::String(text) => Ok(text),
        other => Err(format!("{} {what}", described(other))),
    }
}

/// Calls a function.
pub(super) fn call(name: &str, arguments: &[Filter], input: &Json, scope: &Scope) -> Values {
    match arguments {
        [] => without(name, input),
        [argument] => with_filter(name, argument, input, scope),
        [first, second] => match name {
            "sub" | "gsub" => {
                let text = string(input, "cannot be matched, as it is not a string")?.to_owned();
                let pattern = run(first, input, scope)?;
                let with = run(second, input, scope)?;
                let (Some(pattern), Some(with)) = (pattern.first(), with.first()) else {
                    return Ok(Vec::new());
                };
                let found = regex(pattern, "")?;
                let with = plain(with);
                let mut out = String::new();
                let mut at = 0;
                while let Some((start, end)) = found.find_at(&text, at) {
                    out.push_str(text.get(at..start).unwrap_or_default());
                    out.push_str(&with);
                    at = end;
                    if end == start || name == "sub" {
                        break;
                    }
                }
                out.push_str(text.get(at..).unwrap_or_default());
                Ok(vec![Json::String(out)])
            }
            "range" => range(&run(first, input, scope)?, &run(second, input, scope)?),
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
            _ => Err(crate::not_modelled!("jq", "{name}/2")),
        },
        many => Err(crate::not_modelled!("jq", "{name}/{}", many.len())),
    }
}

fn range(from: &[Json], to: &[Json]) -> Values {
    let mut out = Vec::new();
    for from in from {
        for to in to {
            let (Json::Number(from), Json::Number(to)) = (from, to) else {
                return Err("Range bounds must be numeric".to_owned());
            };
            let mut value = *from;
            while value < *to && out.len() < 100_000 {
                out.push(Json::Number(value));
                value += 1.0;
            }
        }
    }
    Ok(out)
}

fn without(name: &str, input: &Json) -> Values {
    let one = |value: Json| Ok(vec![value]);
    match name {
        "empty" => Ok(Vec::new()),
        "not" => one(Json::Bool(!input.truthy())),
        "length" => one(Json::Number(match input {
            Json::Null => 0.0,
            Json::Number(number) => number.abs(),
            Json::String(text) => text.chars().count() as f64,
            Json::Array(items) => items.len() as f64,
            Json::Object(members) => members.len() as f64,
            Json::Bool(_) => return Err(format!("{} has no length", described(input))),
        })),
        "keys" | "keys_unsorted" => match input {
            Json::Object(members) => {
                let mut keys: Vec<String> = members.iter().map(|(key, _)| key.clone()).collect();
                if name == "keys" {
                    sorted::sort(&mut keys);
                }
                one(Json::Array(keys.into_iter().map(Json::String).collect()))
            }
            Json::Array(items) => one(Json::Array(
                (0..items.len())
                    .map(|index| Json::Number(index as f64))
                    .collect(),
            )),
            other => Err(format!("{} has no keys", described(other))),
        },
        "values" => Ok(if *input == Json::Null {
            Vec::new()
        } else {
            vec![input.clone()]
        }),
        "type" => one(Json::String(input.kind().to_owned())),
        "tostring" => one(Json::String(plain(input))),
        "tojson" => one(Json::String(input.text(None, false))),
        "fromjson" => {
            match Reader::new(string(input, "cannot be parsed, as it is not a string")?).next() {
                Ok(Some(value)) => one(value),
                Ok(None) => one(Json::Null),
                Err(error) => Err(format!("{error} (while parsing '{}')", plain(input))),
            }
        }
        "tonumber" => match input {
            Json::Number(_) => one(input.clone()),
            Json::String(text) => match text.trim().parse() {
                Ok(number) => one(Json::Number(number)),
                Err(_) => Err(format!("{} cannot be parsed as a number", described(input))),
            },
            other => Err(format!("{} cannot be parsed as a number", described(other))),
        },
        "to_entries" => match input {
            Json::Object(members) => one(Json::Array(
                members
                    .iter()
                    .map(|(key, value)| {
                        object_of(vec![
                            ("key", Json::String(key.clone())),
                            ("value", value.clone()),
                        ])
                    })
                    .collect(),
            )),
            other => Err(format!("{} has no keys", described(other))),
        },
        "from_entries" => {
            let mut members = Vec::new();
            for item in items(input, "iterated over")? {
                let key = ["key", "k", "name", "Name", "Key"]
                    .iter()
                    .find_map(|key| item.member(key))
                    .map(plain)
                    .unwrap_or_default();
                let value = ["value", "v", "Value"]
                    .iter()
                    .find_map(|key| item.member(key))
                    .cloned()
                    .unwrap_or(Json::Null);
                members.push((key, value));
            }
            one(Json::Object(members))
        }
        "add" => {
            let values = run(
                &Filter::Each(Box::new(Filter::Identity)),
                input,
                &Scope::new(),
            )?;
            let mut sum = Json::Null;
            for value in &values {
                sum = arithmetic("+", &sum, value)?;
            }
            one(sum)
        }
        "any" | "all" => {
            let values = items(input, "iterated over")?;
            one(Json::Bool(if name == "any" {
                values.iter().any(Json::truthy)
            } else {
                values.iter().all(Json::truthy)
            }))
        }
        "first" => one(items(input, "indexed")?
            .first()
            .cloned()
            .unwrap_or(Json::Null)),
        "last" => one(items(input, "indexed")?
            .last()
            .cloned()
            .unwrap_or(Json::Null)),
        "reverse" => match input {
            Json::String(text) => one(Json::String(text.chars().rev().collect())),
            Json::Null => one(Json::Array(Vec::new())),
            other => one(Json::Array(
                items(other, "reversed")?.iter().rev().cloned().collect(),
            )),
        },
        "sort" | "unique" => {
            let mut values = items(input, "sorted")?.to_vec();
            sorted::sort_by(&mut values, Json::order);
            if name == "unique" {
                values.dedup_by(|a, b| a.order(b) == Ordering::Equal);
            }
            one(Json::Array(values))
        }
        "min" => one(items(input, "compared")?
            .iter()
            .min_by(|a, b| a.order(b))
            .cloned()
            .unwrap_or(Json::Null)),
        "max" => one(items(input, "compared")?
            .iter()
            .max_by(|a, b| a.order(b))
            .cloned()
            .unwrap_or(Json::Null)),
        "flatten" => {
            fn flat(items: &[Json], out: &mut Vec<Json>) {
                for item in items {
                    match item {
                        Json::Array(inner) => flat(inner, out),
                        other => out.push(other.clone()),
                    }
                }
            }
            let mut out = Vec::new();
            flat(items(input, "flattened")?, &mut out);
            one(Json::Array(out))
        }
        "floor" | "ceil" | "round" | "fabs" => match input {
            Json::Number(number) => one(Json::Number(match name {
                "floor" => number.floor(),
                "ceil" => number.ceil(),
                "round" => number.round(),
                _ => number.abs(),
            })),
            other => Err(format!("{} number required", described(other))),
        },
        "ascii_downcase" => one(Json::String(
            string(input, "cannot be downcased")?.to_ascii_lowercase(),
        )),
        "ascii_upcase" => one(Json::String(
            string(input, "cannot be upcased")?.to_ascii_uppercase(),
        )),
        "recurse" => run(&Filter::Recurse, input, &Scope::new()),
        "error" => Err(plain(input)),
        "strings" | "numbers" | "arrays" | "objects" | "booleans" | "nulls" => {
            Ok(if input.kind() == name.trim_end_matches('s') {
                vec![input.clone()]
            } else {
                Vec::new()
            })
        }
        other => Err(format!("{other}/0 is not defined")),
    }
}

fn with_filter(name: &str, argument: &Filter, input: &Json, scope: &Scope) -> Values {
    let one = |value: Json| Ok(vec![value]);
    let values = || run(argument, input, scope);
    let keyed = |input: &Json| -> Result<Vec<(Json, Json)>, String> {
        let mut out = Vec::new();
        for item in items(input, "sorted")? {
            out.push((Json::Array(run(argument, item, scope)?), item.clone()));
        }
        Ok(out)
    };
    match name {
        "select" => Ok(values()?
            .iter()
            .filter(|value| value.truthy())
            .map(|_| input.clone())
            .collect()),
        "map" => {
            let mut out = Vec::new();
            for item in run(&Filter::Each(Box::new(Filter::Identity)), input, scope)? {
                out.append(&mut run(argument, &item, scope)?);
            }
            one(Json::Array(out))
        }
        "map_values" => match input {
            Json::Object(members) => {
                let mut out = Vec::new();
                for (key, value) in members {
                    if let Some(value) = run(argument, value, scope)?.into_iter().next() {
                        out.push((key.clone(), value));
                    }
                }
                one(Json::Object(out))
            }
            other => {
                let mut out = Vec::new();
                for item in items(other, "iterated over")? {
                    out.extend(run(argument, item, scope)?.into_iter().next());
                }
                one(Json::Array(out))
            }
        },
        "with_entries" => {
            let mut entries = Vec::new();
            for entry in without("to_entries", input)? {
                for item in items(&entry, "iterated over")? {
                    entries.append(&mut run(argument, item, scope)?);
                }
            }
            without("from_entries", &Json::Array(entries))
        }
        "has" => values()?
            .iter()
            .map(|key| match (input, key) {
                (Json::Object(_), Json::String(key)) => Ok(Json::Bool(input.member(key).is_some())),
                (Json::Array(items), Json::Number(index)) => {
                    Ok(Json::Bool(*index >= 0.0 && *index < items.len() as f64))
                }
                _ => Err(format!(
                    "Cannot check whether {} has a {} key",
                    input.kind(),
                    key.kind()
                )),
            })
            .collect(),
        "join" => {
            let joiner = values()?.first().map(plain).unwrap_or_default();
            let parts: Vec<String> = items(input, "iterated over")?
                .iter()
                .map(|item| {
                    if *item == Json::Null {
                        String::new()
                    } else {
                        plain(item)
                    }
                })
                .collect();
            one(Json::String(parts.join(&joiner)))
        }
        "split" => arithmetic("/", input, values()?.first().unwrap_or(&Json::Null))
            .map(|value| vec![value]),
        "startswith" | "endswith" | "ltrimstr" | "rtrimstr" | "test" | "contains" | "inside" => {
            values()?
                .iter()
                .map(|other| {
                    let text = plain(input);
                    let part = plain(other);
                    Ok(match name {
                        "contains" => Json::Bool(contains(input, other)),
                        "inside" => Json::Bool(contains(other, input)),
                        "test" => {
                            Json::Bool(regex(other, "")?.is_match(string(
                                input,
                                "cannot be matched, as it is not a string",
                            )?))
                        }
                        "startswith" => Json::Bool(
                            string(input, "startswith() requires string inputs")?
                                .starts_with(&part),
                        ),
                        "endswith" => Json::Bool(
                            string(input, "endswith() requires string inputs")?.ends_with(&part),
                        ),
                        "ltrimstr" => text
                            .strip_prefix(&part)
                            .map_or_else(|| input.clone(), |rest| Json::String(rest.to_owned())),
                        _ => text
                            .strip_suffix(&part)
                            .map_or_else(|| input.clone(), |rest| Json::String(rest.to_owned())),
                    })
                })
                .collect()
        }
        "sort_by" | "group_by" | "unique_by" | "min_by" | "max_by" => {
            let mut pairs = keyed(input)?;
            sorted::sort_by(&mut pairs, |a, b| a.0.order(&b.0));
            match name {
                "min_by" => {
                    return one(pairs
                        .into_iter()
                        .next()
                        .map_or(Json::Null, |(_, item)| item));
                }
                "max_by" => {
                    return one(pairs
                        .into_iter()
                        .next_back()
                        .map_or(Json::Null, |(_, item)| item));
                }
                "unique_by" => pairs.dedup_by(|a, b| a.0.order(&b.0) == Ordering::Equal),
                _ => {}
            }
            if name != "group_by" {
                return one(Json::Array(
                    pairs.into_iter().map(|(_, item)| item).collect(),
                ));
            }
            let mut groups: Vec<(Json, Vec<Json>)> = Vec::new();
            for (key, item) in pairs {
                match groups.last_mut() {
                    Some((last, group)) if last.order(&key) == Ordering::Equal => group.push(item),
                    _ => groups.push((key, vec![item])),
                }
            }
            one(Json::Array(
                groups
                    .into_iter()
                    .map(|(_, group)| Json::Array(group))
                    .collect(),
            ))
        }
        "any" | "all" => {
            let mut truths = Vec::new();
            for item in items(input, "iterated over")? {
                truths.extend(run(argument, item, scope)?.iter().map(Json::truthy));
            }
            one(Json::Bool(if name == "any" {
                truths.contains(&true)
            } else {
                !truths.contains(&false)
            }))
        }
        "first" => Ok(values()?.into_iter().take(1).collect()),
        "last" => Ok(values()?.into_iter().next_back().into_iter().collect()),
        "add" => without("add", &Json::Array(values()?)),
        "range" => range(&[Json::Number(0.0)], &values()?),
        "error" => Err(values()?.first().map(plain).unwrap_or_default()),
        "index" => {
            let part = values()?.first().map(plain).unwrap_or_default();
            one(plain(input)
                .find(&part)
                .map_or(Json::Null, |at| Json::Number(at as f64)))
        }
        "del" => delete(argument, input).map(|value| vec![value]),
        other => Err(format!("{other}/1 is not defined")),
    }
}

/// `del(.a, .b.c, .[0])`: plain paths only.
fn delete(path: &Filter, input: &Json) -> Result<Json, String> {
    match path {
        Filter::Comma(first, second) => delete(second, &delete(first, input)?),
        Filter::Index(base, key) => {
            let Filter::Literal(key) = key.as_ref() else {
                return Err(crate::not_modelled!("jq", "del with a computed path"));
            };
            edit(base, input, &|value| match (value, key) {
                (Json::Object(members), Json::String(key)) => Json::Object(
                    members
                        .iter()
                        .filter(|(known, _)| known != key)
                        .cloned()
                        .collect(),
                ),
                (Json::Array(items), Json::Number(at)) => Json::Array(
                    items
                        .iter()
                        .enumerate()
                        .filter(|(index, _)| *index as f64 != *at)
                        .map(|(_, item)| item.clone())
                        .collect(),
                ),
                (other, _) => other.clone(),
            })
        }
        _ => Err(crate::not_modelled!("jq", "del with a computed path")),
    }
}

fn edit(path: &Filter, input: &Json, change: &dyn Fn(&Json) -> Json) -> Result<Json, String> {
    match path {
        Filter::Identity => Ok(change(input)),
        Filter::Each(base) => edit(base, input, &|value| match value {
            Json::Array(items) => Json::Array(items.iter().map(change).collect()),
            Json::Object(members) => Json::Object(
                members
                    .iter()
                    .map(|(key, value)| (key.clone(), change(value)))
                    .collect(),
            ),
            other => other.clone(),
        }),
        Filter::Index(base, key) => match key.as_ref() {
            Filter::Literal(Json::String(key)) => edit(base, input, &|value| match value {
                Json::Object(members) => Json::Object(
                    members
                        .iter()
                        .map(|(known, value)| {
                            (
                                known.clone(),
                                if known == key {
                                    change(value)
                                } else {
                                    value.clone()
                                },
                            )
                        })
                        .collect(),
                ),
                other => other.clone(),
            }),
            _ => Err(crate::not_modelled!("jq", "del with a computed path")),
        },
        _ => Err(crate::not_modelled!("jq", "del with a computed path")),
    }
}

fn contains(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        (Json::String(whole), Json::String(part)) => whole.contains(part.as_str()),
        (Json::Array(whole), Json::Array(part)) => part
            .iter()
            .all(|part| whole.iter().any(|whole| contains(whole, part))),
        (Json::Object(_), Json::Object(part)) => part
            .iter()
            .all(|(key, part)| whole.member(key).is_some_and(|whole| contains(whole, part))),
        (whole, part) => whole == part,
    }
}

/// `@csv`, `@tsv`, `@base64`, `@json`, `@text`, `@sh`, `@uri`, `@html`.
pub(super) fn format(name: &str, input: &Json) -> Result<String, String> {
    let row = |text: &dyn Fn(&Json) -> String, joiner: &str| -> Result<String, String> {
        let cells: Vec<String> = items(input, "formatted as a row")?
            .iter()
            .map(text)
            .collect();
        Ok(cells.join(joiner))
    };
    let cell = |value: &Json| {
        if *value == Json::Null {
            String::new()
        } else {
            plain(value)
        }
    };
    match name {
        "csv" => row(
            &|value| {
                if let Json::String(text) = value {
                    format!("\"{}\"", text.replace('"', "\"\""))
                } else {
                    cell(value)
                }
            },
            ",",
        ),
        "tsv" => row(
            &|value| {
                cell(value)
                    .replace('\\', "\\\\")
                    .replace('\t', "\\t")
                    .replace('\n', "\\n")
            },
            "\t",
        ),
        "json" => Ok(input.text(None, false)),
        "text" => Ok(plain(input)),
        "base64" => Ok(super::super::seq::encode64(plain(input).as_bytes())),
        "base64d" => match super::super::seq::decode64(&plain(input)) {
            Some(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            None => Err(format!("{} is not valid base64 data", described(input))),
        },
        "sh" => Ok(format!("'{}'", plain(input).replace('\'', "'\\''"))),
        "uri" => Ok(plain(input)
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect()),
        other => Err(format!("{other} is not a valid format")),
    }
}
