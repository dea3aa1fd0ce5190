//! Functions of the input and one filter.

use std::cmp::Ordering;

use super::super::eval::{Scope, Stop, Values, each, run, values};
use super::super::filter::Filter;
use super::super::json::Json;
use super::super::matching::regex;
use super::super::operators::{arithmetic, plain};
use super::super::paths;
use super::without::without;
use super::{MAX_ROUNDS, flat, items, range, string};

pub(super) fn with_filter(name: &str, argument: &Filter, input: &Json, scope: &Scope) -> Values {
    let one = |value: Json| Ok(vec![value]);
    let values = || values(argument, input, scope);
    let keyed = |input: &Json| -> Result<Vec<(Json, Json)>, Stop> {
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
                _ => Err(Stop::from(format!(
                    "Cannot check whether {} has a {} key",
                    input.kind(),
                    key.kind()
                ))),
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
        "split" => match (input, values()?.first()) {
            (Json::String(_), Some(separator @ Json::String(_))) => {
                one(arithmetic("/", input, separator)?)
            }
            _ => {
                let text = "split input and separator must be strings";
                Err(Stop::from(text.to_owned()))
            }
        },
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
        "range" => range(&[Json::Number(0.0)], &values()?, &[Json::Number(1.0)]),
        "error" => each(values(), &mut |value| Err(Stop::from(value.clone()))),
        "index" => each(values(), &mut |wanted| match indices(input, wanted) {
            Json::Array(found) => Ok(vec![found.first().cloned().unwrap_or(Json::Null)]),
            _ => Ok(vec![Json::Null]),
        }),
        "recurse" => {
            let mut out = Vec::new();
            let mut left = vec![input.clone()];
            while let Some(value) = left.pop() {
                if out.len() > MAX_ROUNDS {
                    return Err(Stop::from("too many values".to_owned()));
                }
                left.extend(run(argument, &value, scope)?.into_iter().rev());
                out.push(value);
            }
            Ok(out)
        }
        "path" => Ok(
            paths::places(argument, &(Vec::new(), input.clone()), scope)?
                .into_iter()
                .map(|(path, _)| Json::Array(path))
                .collect(),
        ),
        "getpath" | "delpaths" => each(values(), &mut |way| {
            let Json::Array(keys) = way else {
                return Err("Path must be specified as an array".to_owned().into());
            };
            Ok(vec![if name == "getpath" {
                paths::getpath(input, keys)?
            } else {
                paths::delpaths(input, keys)?
            }])
        }),
        "flatten" => match values()?.first() {
            Some(Json::Number(depth)) => {
                let mut out = Vec::new();
                flat(items(input, "flattened")?, *depth as usize, &mut out);
                one(Json::Array(out))
            }
            _ => Err(Stop::from("flatten depth must not be negative".to_owned())),
        },
        "trimstr" => each(values(), &mut |part| {
            let (text, part) = (plain(input), plain(part));
            let text = text.strip_prefix(&part).unwrap_or(&text);
            Ok(vec![Json::String(
                text.strip_suffix(&part).unwrap_or(text).to_owned(),
            )])
        }),
        "strftime" => match (input, values()?.first()) {
            (Json::Number(at), Some(Json::String(form))) => one(Json::String(
                crate::system::date::format(form, at.floor() as i64, 0),
            )),
            _ => Err(Stop::from(
                "strftime/1 requires parsed datetime inputs".to_owned(),
            )),
        },
        "indices" => each(values(), &mut |wanted| Ok(vec![indices(input, wanted)])),
        "rindex" => each(values(), &mut |wanted| match indices(input, wanted) {
            Json::Array(found) => Ok(vec![found.last().cloned().unwrap_or(Json::Null)]),
            _ => Ok(vec![Json::Null]),
        }),
        "bsearch" => each(values(), &mut |wanted| {
            let items = items(input, "searched from")?;
            let place = items.binary_search_by(|item| item.order(wanted));
            Ok(vec![Json::Number(match place {
                Ok(at) => at as f64,
                Err(at) => -1.0 - at as f64,
            })])
        }),
        other => Err(Stop::from(format!("{other}/1 is not defined"))),
    }
}

/// Where a value stands in an array, one array in another, or one text in another.
fn indices(input: &Json, wanted: &Json) -> Json {
    let numbers = |found: Vec<usize>| {
        Json::Array(
            found
                .into_iter()
                .map(|at| Json::Number(at as f64))
                .collect(),
        )
    };
    match (input, wanted) {
        (Json::String(text), Json::String(part)) if !part.is_empty() => {
            let starts = text.char_indices().enumerate();
            let found = starts.filter(|(_, (byte, _))| {
                text.get(*byte..)
                    .is_some_and(|rest| rest.starts_with(part.as_str()))
            });
            numbers(found.map(|(at, _)| at).collect())
        }
        (Json::Array(items), Json::Array(part)) if !part.is_empty() => {
            let windows = items.windows(part.len()).enumerate();
            numbers(
                windows
                    .filter(|(_, window)| *window == part.as_slice())
                    .map(|(at, _)| at)
                    .collect(),
            )
        }
        (Json::Array(items), wanted) => {
            let each = items.iter().enumerate();
            numbers(
                each.filter(|(_, item)| *item == wanted)
                    .map(|(at, _)| at)
                    .collect(),
            )
        }
        _ => Json::Null,
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
