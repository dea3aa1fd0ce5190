//! jq's functions and string formats.

use std::cmp::Ordering;

use super::eval::{Scope, Stop, Values, arithmetic, described, each, plain, regex, run, values};
use super::json::{Json, Reader};
use super::parse::Filter;

/// Rounds of a loop, and values of `recurse`, that are made at most.
const MAX_ROUNDS: usize = 100_000;

/// What is defined in jq's own language.
pub(super) const LIBRARY: &str = r#"
def isempty(g): first((g | false), true);
def any(g; c): isempty(first(g | c | select(.))) | not;
def all(g; c): isempty(first(g | c | select(. | not)));
def match(re): match(re; null);
def test(re): test(re; null);
def capture(re; flags): match(re; flags) | [.captures | .[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def capture(re): capture(re; null);
def scalars: select(type | . != "array" and . != "object");
def iterables: select(type | . == "array" or . == "object");
def paths: path(..) | select(length > 0);
def paths(f): . as $x | paths | select(. as $p | $x | getpath($p) | f);
def del(f): delpaths([path(f)]);
def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;
def in(xs): . as $x | xs | has($x);
def nth($n): .[$n];
def nth($n; f): last(limit($n + 1; f));
def IN(s): any(s == .; .);
def IN(a; s): any(a == s; .);
def pick(f): . as $in | reduce path(f) as $p (null; setpath($p; $in | getpath($p)));
def abs: if type == "number" and . < 0 then -. else . end;
def toarray: if type == "array" then . else [.] end;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdate: fromdateiso8601;
def scan(re): match(re; "g") | if (.captures | length) > 0 then [.captures | .[] | .string] else .string end;
def splits($re): split($re; null) | .[];
def splits($re; flags): split($re; flags) | .[];
def transpose: if . == [] then [] else . as $in | (map(length) | max) as $max | [range(0; $max) as $j | [range(0; $in | length) as $i | $in[$i][$j]]] end;
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def tostream: path(def r: (.[]?|r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def env: $ENV;
def add(f): reduce f as $x (null; . + $x);
def skip($n; f): foreach f as $x ($n + 1; if . > 0 then . - 1 else . end; if . == 0 then $x else empty end);
def have_literal_numbers: true;
def have_decnum: false;
"#;

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
            Json::Bool(_) => return Err(Stop::from(format!("{} has no length", described(input)))),
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
            other => Err(Stop::from(format!("{} has no keys", described(other)))),
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
                Err(error) => Err(Stop::from(format!(
                    "{error} (while parsing '{}')",
                    plain(input)
                ))),
            }
        }
        "tonumber" => match input {
            Json::Number(_) => one(input.clone()),
            Json::String(text) => match text.trim().parse() {
                Ok(number) => one(Json::Number(number)),
                Err(_) => Err(Stop::from(format!(
                    "{} cannot be parsed as a number",
                    described(input)
                ))),
            },
            other => Err(Stop::from(format!(
                "{} cannot be parsed as a number",
                described(other)
            ))),
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
            other => Err(Stop::from(format!("{} has no keys", described(other)))),
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
                &Scope::default(),
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
            let mut out = Vec::new();
            flat(items(input, "flattened")?, usize::MAX, &mut out);
            one(Json::Array(out))
        }
        "trim" | "ltrim" | "rtrim" => {
            let text = string(input, "cannot be trimmed")?;
            one(Json::String(
                match name {
                    "trim" => text.trim(),
                    "ltrim" => text.trim_start(),
                    _ => text.trim_end(),
                }
                .to_owned(),
            ))
        }
        "explode" => {
            let text = string(input, "cannot be exploded")?;
            let numbers = text.chars().map(|c| Json::Number(f64::from(u32::from(c))));
            one(Json::Array(numbers.collect()))
        }
        "implode" => {
            let mut text = String::new();
            for item in items(input, "imploded")? {
                let Json::Number(number) = item else {
                    return Err(Stop::from("Unicode codepoint must be numeric".to_owned()));
                };
                text.push(char::from_u32(*number as u32).unwrap_or('\u{fffd}'));
            }
            one(Json::String(text))
        }
        "utf8bytelength" => one(Json::Number(
            string(input, "only strings have UTF-8 byte length")?.len() as f64,
        )),
        "infinite" => one(Json::Number(f64::INFINITY)),
        "nan" => one(Json::Number(f64::NAN)),
        "isnan" => one(Json::Bool(matches!(input, Json::Number(n) if n.is_nan()))),
        "isinfinite" => one(Json::Bool(
            matches!(input, Json::Number(n) if n.is_infinite()),
        )),
        "fromdateiso8601" => {
            match crate::system::date::parse(string(input, "cannot be parsed as a date")?) {
                Some(at) => one(Json::Number(at as f64)),
                None => Err(Stop::from(format!(
                    "date \"{}\" does not match format \"%Y-%m-%dT%H:%M:%SZ\"",
                    plain(input)
                ))),
            }
        }
        "floor" | "ceil" | "round" | "fabs" | "sqrt" | "trunc" | "log" | "log2" | "log10"
        | "exp" => match input {
            Json::Number(number) => one(Json::Number(match name {
                "floor" => number.floor(),
                "ceil" => number.ceil(),
                "round" => number.round(),
                "sqrt" => number.sqrt(),
                "trunc" => number.trunc(),
                "log" => number.ln(),
                "log2" => number.log2(),
                "log10" => number.log10(),
                "exp" => number.exp(),
                _ => number.abs(),
            })),
            other => Err(Stop::from(format!("{} number required", described(other)))),
        },
        "ascii_downcase" => one(Json::String(
            string(input, "cannot be downcased")?.to_ascii_lowercase(),
        )),
        "ascii_upcase" => one(Json::String(
            string(input, "cannot be upcased")?.to_ascii_uppercase(),
        )),
        "recurse" => run(&Filter::Recurse, input, &Scope::default()),
        "error" => Err(Stop::from(input.clone())),
        "strings" | "numbers" | "arrays" | "objects" | "booleans" | "nulls" => {
            Ok(if input.kind() == name.trim_end_matches('s') {
                vec![input.clone()]
            } else {
                Vec::new()
            })
        }
        other => Err(Stop::from(format!("{other}/0 is not defined"))),
    }
}

fn with_filter(name: &str, argument: &Filter, input: &Json, scope: &Scope) -> Values {
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
            super::paths::places(argument, &(Vec::new(), input.clone()), scope)?
                .into_iter()
                .map(|(path, _)| Json::Array(path))
                .collect(),
        ),
        "getpath" | "delpaths" => each(values(), &mut |way| {
            let Json::Array(keys) = way else {
                return Err("Path must be specified as an array".to_owned().into());
            };
            Ok(vec![if name == "getpath" {
                super::paths::getpath(input, keys)?
            } else {
                super::paths::delpaths(input, keys)?
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

fn flat(items: &[Json], depth: usize, out: &mut Vec<Json>) {
    for item in items {
        match item {
            Json::Array(inner) if depth > 0 => flat(inner, depth - 1, out),
            other => out.push(other.clone()),
        }
    }
}

/// The matches of a pattern, as `match` gives them.
fn matches(input: &Json, pattern: &Json, flags: &str) -> Result<Vec<Json>, String> {
    let text = string(input, "cannot be matched, as it is not a string")?;
    let (names, pattern) = match pattern {
        Json::String(pattern) => named_groups(pattern),
        other => (Vec::new(), other.clone()),
    };
    let found = regex(&pattern, flags)?;
    let counted = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(groups) = found.groups_at(text, at) {
        let describe = |group: Option<(usize, usize)>| match group {
            Some((start, end)) => {
                let part = text.get(start..end).unwrap_or_default();
                vec![
                    ("offset", Json::Number(counted(start) as f64)),
                    ("length", Json::Number(part.chars().count() as f64)),
                    ("string", Json::String(part.to_owned())),
                ]
            }
            None => vec![
                ("offset", Json::Number(-1.0)),
                ("length", Json::Number(0.0)),
                ("string", Json::Null),
            ],
        };
        let whole = groups.first().copied().flatten();
        let captures = groups.iter().skip(1).enumerate().map(|(index, group)| {
            let mut members = describe(*group);
            let name = names.get(index).cloned().flatten();
            members.push(("name", name.map_or(Json::Null, Json::String)));
            object_of(members)
        });
        let mut members = describe(whole);
        members.push(("captures", Json::Array(captures.collect())));
        out.push(object_of(members));
        let Some((start, end)) = whole.filter(|_| flags.contains('g')) else {
            break;
        };
        at = if end == start {
            let step = text.get(end..).and_then(|rest| rest.chars().next());
            match step {
                Some(c) => end + c.len_utf8(),
                None => break,
            }
        } else {
            end
        };
        if at > text.len() {
            break;
        }
    }
    Ok(out)
}

/// A pattern without its groups' names, and those names.
fn named_groups(pattern: &str) -> (Vec<Option<String>>, Json) {
    let mut names = Vec::new();
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        out.push(c);
        match c {
            '\\' => {
                if let Some(next) = rest.chars().next() {
                    out.push(next);
                    rest = rest.get(next.len_utf8()..).unwrap_or_default();
                }
            }
            '(' => match rest
                .strip_prefix("?<")
                .and_then(|after| after.split_once('>'))
            {
                Some((name, after)) => {
                    names.push(Some(name.to_owned()));
                    rest = after;
                }
                None => names.push(None),
            },
            _ => {}
        }
    }
    (names, Json::String(out))
}

/// `sub` and `gsub`: the replacement sees the named groups.
fn substituted(
    input: &Json,
    (pattern, flags): (&Json, &str),
    with: &Filter,
    scope: &Scope,
) -> Values {
    let text = string(input, "cannot be matched, as it is not a string")?;
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    for found in matches(input, pattern, flags)? {
        let number = |name: &str| match found.member(name) {
            Some(Json::Number(number)) => *number as usize,
            _ => 0,
        };
        let mut groups = Vec::new();
        for capture in found
            .member("captures")
            .map(|c| items(c, "iterated over"))
            .transpose()?
            .unwrap_or_default()
        {
            if let (Some(Json::String(name)), Some(value)) =
                (capture.member("name"), capture.member("string"))
            {
                groups.push((name.clone(), value.clone()));
            }
        }
        let (start, length) = (number("offset"), number("length"));
        out.extend(chars.get(at..start).unwrap_or_default());
        let made = values(with, &Json::Object(groups), scope)?;
        out.push_str(&made.first().map(plain).unwrap_or_default());
        at = start + length;
    }
    out.extend(chars.get(at..).unwrap_or_default());
    Ok(vec![Json::String(out)])
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
        "sh" => {
            let one = |value: &Json| match value {
                Json::String(text) => format!("'{}'", text.replace('\'', "'\\''")),
                other => plain(other),
            };
            Ok(match input {
                Json::Array(items) => items.iter().map(one).collect::<Vec<_>>().join(" "),
                other => one(other),
            })
        }
        "html" => Ok(plain(input)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('\'', "&#39;")
            .replace('"', "&quot;")),
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
