//! Where values are: `path(f)`, and what changes a value at a path.

use super::eval::{Scope, Stop, Values, bound, called, run, values};
use super::filter::Filter;
use super::json::Json;
use super::operators::{arithmetic, described, index, position, slice};

/// A value and the way to it.
type Place = (Vec<Json>, Json);

type Places = Result<Vec<Place>, Stop>;

/// The places that a filter leads to from one.
pub(super) fn places(filter: &Filter, at: &Place, scope: &Scope) -> Places {
    let (path, value) = at;
    let below = |key: Json, value: Json| -> Place {
        let mut path = path.clone();
        path.push(key);
        (path, value)
    };
    match filter {
        Filter::Identity => Ok(vec![at.clone()]),
        Filter::Recurse => {
            let mut out = vec![at.clone()];
            for (key, item) in children(value) {
                out.append(&mut places(filter, &below(key, item), scope)?);
            }
            Ok(out)
        }
        Filter::Index(base, key) => {
            let keys = values(key, value, scope)?;
            let mut out = Vec::new();
            for (path, value) in places(base, at, scope)? {
                for key in &keys {
                    let item = index(&value, key)?;
                    let mut path = path.clone();
                    path.push(key.clone());
                    out.push((path, item));
                }
            }
            Ok(out)
        }
        Filter::Slice(base, from, to) => {
            let bound = |part: &Option<Box<Filter>>| -> Result<Json, Stop> {
                match part {
                    None => Ok(Json::Null),
                    Some(part) => Ok(values(part, value, scope)?
                        .into_iter()
                        .next()
                        .unwrap_or(Json::Null)),
                }
            };
            let key = Json::Object(vec![
                ("start".to_owned(), bound(from)?),
                ("end".to_owned(), bound(to)?),
            ]);
            let mut out = Vec::new();
            for (mut path, value) in places(base, at, scope)? {
                let item = get(&value, &key)?;
                path.push(key.clone());
                out.push((path, item));
            }
            Ok(out)
        }
        Filter::Each(base) => {
            let mut out = Vec::new();
            for (path, value) in places(base, at, scope)? {
                if !matches!(value, Json::Array(_) | Json::Object(_)) {
                    return Err(format!("Cannot iterate over {}", described(&value)).into());
                }
                for (key, item) in children(&value) {
                    let mut path = path.clone();
                    path.push(key);
                    out.push((path, item));
                }
            }
            Ok(out)
        }
        Filter::Try(inner) => match places(inner, at, scope) {
            Err(stop) if stop.label.is_none() => Ok(Vec::new()),
            result => result,
        },
        Filter::Pipe(first, second) => {
            let mut out = Vec::new();
            for place in places(first, at, scope)? {
                out.append(&mut places(second, &place, scope)?);
            }
            Ok(out)
        }
        Filter::Comma(first, second) => {
            let mut out = places(first, at, scope)?;
            out.append(&mut places(second, at, scope)?);
            Ok(out)
        }
        Filter::Binary("//", left, right) => {
            let mut kept = places(left, at, scope).unwrap_or_default();
            kept.retain(|(_, value)| value.truthy());
            if kept.is_empty() {
                places(right, at, scope)
            } else {
                Ok(kept)
            }
        }
        Filter::If(branches, otherwise) => {
            for (test, body) in branches {
                if values(test, value, scope)?
                    .first()
                    .is_some_and(Json::truthy)
                {
                    return places(body, at, scope);
                }
            }
            match otherwise {
                Some(otherwise) => places(otherwise, at, scope),
                None => Ok(vec![at.clone()]),
            }
        }
        Filter::Bind(source, pattern, body) => {
            let mut out = Vec::new();
            for found in values(source, value, scope)? {
                for inner in bound(pattern, &found, scope)? {
                    out.append(&mut places(body, at, &inner)?);
                }
            }
            Ok(out)
        }
        Filter::Def(definition, rest) => {
            let mut scope = scope.clone();
            scope.define(vec![std::rc::Rc::clone(definition)]);
            places(rest, at, &scope)
        }
        Filter::Call(name, arguments) => match called(name, arguments, value, scope)? {
            Some((body, homes)) => {
                let mut out = Vec::new();
                for home in &homes {
                    out.append(&mut places(&body, at, home)?);
                }
                Ok(out)
            }
            None => call(name, arguments, at, scope),
        },
        _ => {
            let found = values(filter, value, scope)?;
            match found.first() {
                None => Ok(Vec::new()),
                Some(Json::Null) if path.is_empty() => Ok(vec![(Vec::new(), Json::Null)]),
                Some(found) => {
                    Err(format!("Invalid path expression with result {}", short(found)).into())
                }
            }
        }
    }
}

/// A value as the message about paths shows it.
fn short(value: &Json) -> String {
    let text = value.text(None, false);
    if text.chars().count() > 29 {
        return text.chars().take(26).collect::<String>() + "...";
    }
    text
}

/// The built-in functions that lead on from where they are.
fn call(name: &str, arguments: &[Filter], at: &Place, scope: &Scope) -> Places {
    match (name, arguments) {
        ("empty", []) => Ok(Vec::new()),
        ("select", [test]) => {
            let found = values(test, &at.1, scope)?;
            Ok(found
                .iter()
                .filter(|value| value.truthy())
                .map(|_| at.clone())
                .collect())
        }
        ("recurse", []) => places(&Filter::Recurse, at, scope),
        ("first", [inner]) => Ok(places(inner, at, scope)?.into_iter().take(1).collect()),
        ("last", [inner]) => Ok(places(inner, at, scope)?
            .into_iter()
            .next_back()
            .into_iter()
            .collect()),
        ("first" | "last", []) => {
            let end = if name == "first" { 0.0 } else { -1.0 };
            let key = Filter::Literal(Json::Number(end));
            places(
                &Filter::Index(Box::new(Filter::Identity), Box::new(key)),
                at,
                scope,
            )
        }
        ("limit", [count, inner]) => {
            let count = match values(count, &at.1, scope)?.first() {
                Some(Json::Number(count)) => *count as usize,
                _ => 0,
            };
            Ok(places(inner, at, scope)?.into_iter().take(count).collect())
        }
        ("getpath", [wanted]) => {
            let mut out = Vec::new();
            for way in values(wanted, &at.1, scope)? {
                let Json::Array(keys) = &way else {
                    return Err("Path must be specified as an array".to_owned().into());
                };
                let item = getpath(&at.1, keys)?;
                out.push(([at.0.as_slice(), keys].concat(), item));
            }
            Ok(out)
        }
        (
            "values" | "strings" | "numbers" | "arrays" | "objects" | "booleans" | "nulls"
            | "scalars" | "iterables",
            [],
        ) => {
            let call = Filter::Call(name.to_owned(), Vec::new());
            Ok(run(&call, &at.1, scope)?
                .iter()
                .map(|_| at.clone())
                .collect())
        }
        _ => {
            let call = Filter::Call(name.to_owned(), arguments.to_vec());
            match values(&call, &at.1, scope)?.first() {
                None => Ok(Vec::new()),
                Some(found) => {
                    Err(format!("Invalid path expression with result {}", short(found)).into())
                }
            }
        }
    }
}

fn children(value: &Json) -> Vec<(Json, Json)> {
    match value {
        Json::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered
                .map(|(at, item)| (Json::Number(at as f64), item.clone()))
                .collect()
        }
        Json::Object(members) => {
            let named = members.iter();
            named
                .map(|(key, item)| (Json::String(key.clone()), item.clone()))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn get(value: &Json, key: &Json) -> Result<Json, String> {
    match key {
        Json::Object(_) => {
            let end = |name: &str| match key.member(name) {
                Some(Json::Number(number)) => Some(*number),
                _ => None,
            };
            slice(value, end("start"), end("end"))
        }
        key => index(value, key),
    }
}

/// What is at a path; null where there is nothing.
pub(super) fn getpath(value: &Json, path: &[Json]) -> Result<Json, String> {
    let mut value = value.clone();
    for key in path {
        value = match value {
            Json::Null => Json::Null,
            value => get(&value, key)?,
        };
    }
    Ok(value)
}

/// The value with another one at a path.
pub(super) fn setpath(value: &Json, path: &[Json], new: Json) -> Result<Json, String> {
    let Some((key, rest)) = path.split_first() else {
        return Ok(new);
    };
    let old = match value {
        Json::Null => Json::Null,
        value => get(value, key)?,
    };
    let inner = setpath(&old, rest, new)?;
    match (value, key) {
        (Json::Null | Json::Object(_), Json::String(key)) => {
            let mut members = match value {
                Json::Object(members) => members.clone(),
                _ => Vec::new(),
            };
            match members.iter_mut().find(|(known, _)| known == key) {
                Some((_, old)) => *old = inner,
                None => members.push((key.clone(), inner)),
            }
            Ok(Json::Object(members))
        }
        (Json::Null | Json::Array(_), Json::Number(number)) => {
            let mut items = match value {
                Json::Array(items) => items.clone(),
                _ => Vec::new(),
            };
            let Some(at) = position(*number, items.len()) else {
                return Err("Out of bounds negative array index".to_owned());
            };
            if at > 100_000 {
                return Err("Array index too large".to_owned());
            }
            if items.len() <= at {
                items.resize(at + 1, Json::Null);
            }
            if let Some(slot) = items.get_mut(at) {
                *slot = inner;
            }
            Ok(Json::Array(items))
        }
        (Json::Null | Json::Array(_), Json::Object(_)) => {
            let items: &[Json] = match value {
                Json::Array(items) => items,
                _ => &[],
            };
            let Json::Array(new) = inner else {
                return Err("A slice of an array can only be assigned another array".to_owned());
            };
            let place = |name: &str, missing: usize| match key.member(name) {
                Some(Json::Number(number)) => {
                    position(*number, items.len()).unwrap_or(0).min(items.len())
                }
                _ => missing,
            };
            let start = place("start", 0);
            let end = place("end", items.len()).max(start);
            let (head, tail) = (items.get(..start), items.get(end..));
            Ok(Json::Array(
                [head.unwrap_or_default(), &new, tail.unwrap_or_default()].concat(),
            ))
        }
        (value, key) => Err(format!(
            "Cannot index {} with {}",
            value.kind(),
            described(key)
        )),
    }
}

/// The value without what is at these paths.
pub(super) fn delpaths(value: &Json, paths: &[Json]) -> Result<Json, String> {
    let mut ways: Vec<&Json> = paths.iter().collect();
    sorted::sort_by(&mut ways, |a, b| b.order(a));
    let mut value = value.clone();
    for way in ways {
        let Json::Array(keys) = way else {
            return Err("Path must be specified as an array".to_owned());
        };
        value = delete(&value, keys)?;
    }
    Ok(value)
}

fn delete(value: &Json, path: &[Json]) -> Result<Json, String> {
    let Some((key, rest)) = path.split_first() else {
        return Ok(Json::Null);
    };
    if *value == Json::Null {
        return Ok(Json::Null);
    }
    if !rest.is_empty() {
        let inner = get(value, key)?;
        if inner == Json::Null {
            return Ok(value.clone());
        }
        return setpath(value, std::slice::from_ref(key), delete(&inner, rest)?);
    }
    match (value, key) {
        (Json::Object(members), Json::String(key)) => Ok(Json::Object(
            members
                .iter()
                .filter(|(known, _)| known != key)
                .cloned()
                .collect(),
        )),
        (Json::Array(items), Json::Number(number)) => {
            let mut items = items.clone();
            if let Some(at) = position(*number, items.len()).filter(|at| *at < items.len()) {
                items.remove(at);
            }
            Ok(Json::Array(items))
        }
        (Json::Array(_), Json::Object(_)) => {
            setpath(value, std::slice::from_ref(key), Json::Array(Vec::new()))
        }
        (value, key) => Err(format!(
            "Cannot delete field at {} index of {}",
            key.kind(),
            value.kind()
        )),
    }
}

/// Carries out an assignment.
pub(super) fn assign(
    op: &str,
    left: &Filter,
    right: &Filter,
    input: &Json,
    scope: &Scope,
) -> Values {
    let found = places(left, &(Vec::new(), input.clone()), scope)?;
    if op == "|=" {
        let mut out = input.clone();
        let mut gone = Vec::new();
        for (path, _) in found {
            let old = getpath(&out, &path)?;
            match values(right, &old, scope)?.into_iter().next() {
                Some(new) => out = setpath(&out, &path, new)?,
                None => gone.push(Json::Array(path)),
            }
        }
        return Ok(vec![delpaths(&out, &gone)?]);
    }
    let mut results = Vec::new();
    for new in values(right, input, scope)? {
        let mut out = input.clone();
        for (path, _) in &found {
            let old = getpath(&out, path)?;
            let value = match op {
                "=" => new.clone(),
                "//=" if old.truthy() => old,
                "//=" => new.clone(),
                op => arithmetic(op.trim_end_matches('='), &old, &new)?,
            };
            out = setpath(&out, path, value)?;
        }
        results.push(out);
    }
    Ok(results)
}
