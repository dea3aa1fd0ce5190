//! A valid tree brought into the model's form: lists of pairs become mappings, texts become durations and sizes, what
//! says nothing disappears. The table says what is what.

use std::fmt::Write as _;

use crate::duration;
use crate::error::LoadError;
use crate::path::Path;
use crate::schema::{Object, Shape};
use crate::units;
use crate::value::{Map, Value};
use crate::words;

/// Brings a whole file into the model's form.
pub(crate) fn file(tree: Map) -> Result<Map, LoadError> {
    object(tree, &crate::schema::table::FILE, &Path::ROOT)
}

fn object(map: Map, object: &Object, path: &Path<'_>) -> Result<Map, LoadError> {
    let mut out = Map::new();
    let mut faults = Ok(());
    for (key, value) in map {
        let field = object.fields.iter().find(|field| field.key == key);
        let value = match field {
            Some(field) => gathered(shaped(value, &field.shape, &path.then(&key)), &mut faults),
            None => Some(value),
        };
        if let Some(value) = value {
            out.insert(key, value);
        }
    }
    faults.map(|()| out)
}

/// Adds a fault to those before, each on a line of its own: the real decoder tells all of them.
fn gathered(
    shaped: Result<Option<Value>, LoadError>,
    faults: &mut Result<(), LoadError>,
) -> Option<Value> {
    match (shaped, faults) {
        (Ok(value), _) => return value,
        (Err(fault), Err(first)) => {
            let lines = fault.text.strip_prefix(UNDECODED).unwrap_or(&fault.text);
            let _ = write!(first.text, "\n{lines}");
        }
        (Err(fault), faults) => *faults = Err(fault),
    }
    None
}

/// What the real decoder says when it gives up.
const UNDECODED: &str = "decoding failed due to the following error(s):\n\n";

/// Returns `None` for what says nothing.
fn shaped(value: Value, shape: &Shape, path: &Path<'_>) -> Result<Option<Value>, LoadError> {
    let fault = |why: String| undecoded(path, &why);
    if value == Value::Null {
        return Ok(None);
    }
    Ok(match (shape, value) {
        (Shape::Any, value) => Some(value),
        (Shape::Text, value) => Some(value.to_text())
            .filter(|text| !text.is_empty())
            .map(Value::Str),
        (Shape::Flag, value) => value.is_true().then_some(value),
        (Shape::OptFlag | Shape::EachFlag, value) => Some(value),
        (Shape::Int, value) => whole(value).filter(|value| *value != Value::Int(0)),
        (Shape::OptInt, value) => whole(value),
        (Shape::Float, Value::Str(text)) => {
            Some(Value::Float(crate::go::parse_float(&text).map_err(fault)?))
        }
        (Shape::Float, Value::Int(number)) => (number != 0).then_some(Value::Int(number)),
        (Shape::Float, value) => Some(value).filter(|value| *value != Value::Float(0.0)),
        (Shape::Bytes, value) => {
            let size = match value {
                Value::Int(number) => number,
                value => units::size(&value.to_text()).map_err(fault)?,
            };
            (size != 0).then(|| Value::Str(size.to_string()))
        }
        (Shape::Duration, value) => {
            let text = value.to_text();
            let duration = duration::parse(&text).map_err(fault)?;
            Some(Value::Str(duration::print(duration)))
        }
        (Shape::Mode, Value::Int(mode)) => Some(Value::Str(format!("0{mode:o}"))),
        (Shape::Mode, value) => {
            let text = value.to_text();
            let mode = i64::from_str_radix(&text, 8).map_err(|_invalid| {
                fault(format!(
                    "strconv.ParseInt: parsing {}: invalid syntax",
                    crate::go::quote(&text)
                ))
            })?;
            Some(Value::Str(format!("0{mode:o}")))
        }
        (Shape::Texts, Value::List(items)) => {
            let items: Vec<_> = items
                .iter()
                .map(|item| Value::Str(item.to_text()))
                .collect();
            (!items.is_empty()).then_some(Value::List(items))
        }
        (Shape::Texts, value) => Some(Value::List(vec![Value::Str(value.to_text())])),
        (Shape::Command, Value::Str(text)) => {
            let words = words::split(&text).map_err(fault)?;
            Some(Value::List(words.into_iter().map(Value::Str).collect()))
        }
        (Shape::Test, Value::Str(text)) => {
            Some(Value::List(vec!["CMD-SHELL".into(), Value::Str(text)]))
        }
        (Shape::Test, Value::List(items)) if items.is_empty() => None,
        (Shape::Command | Shape::Test, value) => Some(value),
        (Shape::Dropped, _) => None,
        (Shape::Pairs, value) => pairs(value, || "".into()),
        (Shape::OpenPairs, value) => pairs(value, || Value::Null),
        (Shape::Hosts, value) => hosts(value, path)?,
        (Shape::Keys, Value::Map(map)) => Some(Value::List(
            map.iter()
                .map(|(key, value)| match value {
                    Value::Null => key.as_str().into(),
                    value => Value::Str(format!("{key}={}", value.to_text())),
                })
                .collect(),
        )),
        (Shape::Keys, value) => Some(value),
        (Shape::Count, Value::Str(text)) if text == "all" => Some(Value::Int(-1)),
        (Shape::Count, value) => whole(value),
        (Shape::Limit, Value::Map(map)) => Some(Value::Map(
            map.into_iter()
                .filter_map(|(key, value)| Some((key, whole(value)?)))
                .collect(),
        )),
        (Shape::Limit, value) => whole(value),
        (Shape::Map(inner), Value::Map(map)) => {
            let mut out = Map::new();
            let mut faults = Ok(());
            for (key, value) in map {
                let value = gathered(shaped(value, inner, &path.then(&key)), &mut faults);
                out.insert(key, value.unwrap_or_default());
            }
            faults?;
            // A file without services is told from one whose services are none.
            (!out.is_empty() || path.key() == "services").then_some(Value::Map(out))
        }
        (Shape::List(inner), Value::List(items)) => {
            let mut out = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                let place = index.to_string();
                out.extend(shaped(item, inner, &path.then(&place))?);
            }
            (!out.is_empty()).then_some(Value::List(out))
        }
        (Shape::Part(inner), Value::Map(map)) => {
            let map = object(map, inner, path)?;
            (!map.is_empty()).then_some(Value::Map(map))
        }
        (Shape::Struct(inner), Value::Map(map)) => Some(Value::Map(object(map, inner, path)?)),
        (Shape::Map(_) | Shape::List(_) | Shape::Struct(_) | Shape::Part(_), value) => Some(value),
    })
}

fn whole(value: Value) -> Option<Value> {
    match value {
        Value::Float(number) => Some(Value::Int(number as i64)),
        Value::Str(text) => text.parse().ok().map(Value::Int),
        value => Some(value),
    }
}

fn pairs(value: Value, open: fn() -> Value) -> Option<Value> {
    let map: Map = match value {
        Value::Map(map) => map
            .into_iter()
            .map(|(key, value)| match value {
                Value::Null => (key, open()),
                value => (key, Value::Str(value.to_text())),
            })
            .collect(),
        Value::List(items) => items
            .iter()
            .map(|item| {
                let text = item.to_text();
                match text.split_once('=') {
                    Some((key, value)) => (key.to_owned(), value.into()),
                    None => (text, open()),
                }
            })
            .collect(),
        _ => return None,
    };
    (!map.is_empty()).then_some(Value::Map(map))
}

/// Reads `host=address` and `host:address`, where addresses have commas between them, and mappings of either one address
/// or several.
fn hosts(value: Value, path: &Path<'_>) -> Result<Option<Value>, LoadError> {
    let mut hosts = Map::new();
    let mut add = |host: &str, address: &str| {
        let address = address.trim_start_matches('[').trim_end_matches(']');
        if let Value::List(addresses) = hosts
            .entry(host.to_owned())
            .or_insert_with(|| Value::List(Vec::new()))
        {
            addresses.push(address.into());
        }
    };
    match value {
        Value::Map(map) => {
            for (host, value) in &map {
                match value {
                    Value::List(items) => items.iter().for_each(|item| add(host, &item.to_text())),
                    Value::Null => {}
                    value => add(host, &value.to_text()),
                }
            }
        }
        Value::List(items) => {
            for item in items {
                let text = item.to_text();
                let Some((host, address)) = text.split_once('=').or_else(|| text.split_once(':'))
                else {
                    let why = format!("invalid additional host, missing IP: {text}");
                    return Err(undecoded(path, &why));
                };
                address.split(',').for_each(|one| add(host, one));
            }
        }
        _ => {}
    }
    Ok((!hosts.is_empty()).then_some(Value::Map(hosts)))
}

/// Words what the real decoder says when it gives up.
fn undecoded(path: &Path<'_>, why: &str) -> LoadError {
    LoadError::along(
        format!("{UNDECODED}'{}' {why}", bracketed(path)),
        path.parts(),
    )
}

/// Writes a place as the decoder's errors do: `services[web].secrets[0].mode`.
fn bracketed(path: &Path<'_>) -> String {
    let mut out = String::new();
    for (index, part) in path.parts().iter().enumerate() {
        match index {
            0 => out.push_str(part),
            _ if index == 1 || part.parse::<usize>().is_ok() => {
                let _ = write!(out, "[{part}]");
            }
            _ => {
                let _ = write!(out, ".{part}");
            }
        }
    }
    out
}
