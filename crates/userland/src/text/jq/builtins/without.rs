//! Functions of the input alone.

use std::cmp::Ordering;

use super::super::eval::{Scope, Stop, Values, run};
use super::super::filter::Filter;
use super::super::json::Json;
use super::super::operators::{arithmetic, described, plain};
use super::super::reader::Reader;
use super::{flat, items, object_of, string};

pub(super) fn without(name: &str, input: &Json) -> Values {
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
