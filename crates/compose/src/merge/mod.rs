//! What a later file, or a service that extends another, does to what was there before.
//!
//! Mappings are merged key by key, sequences are appended, anything else is replaced; [`SPECIAL`] names the places with
//! rules of their own, [`unique`] the sequences whose items replace each other. Source: compose-go 2.9.1, override.

mod unique;

pub(crate) use unique::unique;

use crate::error::LoadError;
use crate::path::Path;
use crate::value::{Map, Value};

type Rule = fn(Value, Value, &Path<'_>) -> Result<Value, LoadError>;

const SPECIAL: [(&str, Rule); 28] = [
    ("networks.*.ipam.config", pools),
    ("networks.*.labels", sequences),
    ("volumes.*.labels", sequences),
    ("services.*.annotations", sequences),
    ("services.*.build", build),
    ("services.*.build.args", sequences),
    ("services.*.build.additional_contexts", sequences),
    ("services.*.build.extra_hosts", hosts),
    ("services.*.build.labels", sequences),
    ("services.*.command", replace),
    ("services.*.depends_on", dependencies),
    ("services.*.deploy.labels", sequences),
    ("services.*.dns", sequences),
    ("services.*.dns_opt", sequences),
    ("services.*.dns_search", sequences),
    ("services.*.entrypoint", replace),
    ("services.*.env_file", sequences),
    ("services.*.label_file", sequences),
    ("services.*.environment", sequences),
    ("services.*.extra_hosts", hosts),
    ("services.*.healthcheck.test", replace),
    ("services.*.labels", sequences),
    ("services.*.logging", logging),
    ("services.*.models", named),
    ("services.*.networks", named),
    ("services.*.sysctls", sequences),
    ("services.*.tmpfs", sequences),
    ("services.*.ulimits.*", limit),
];

/// Merges a whole file over another.
pub(crate) fn files(base: Map, over: Map) -> Result<Map, LoadError> {
    mappings(base, over, &Path::ROOT)
}

/// Merges a service over the one that it extends.
pub(crate) fn services(base: Map, over: Map) -> Result<Map, LoadError> {
    let services = Path::ROOT.then("services");
    mappings(base, over, &services.then("x"))
}

fn mappings(mut base: Map, over: Map, path: &Path<'_>) -> Result<Map, LoadError> {
    for (key, value) in over {
        let merged = match base.remove(&key) {
            Some(before) if !key.starts_with("x-") => values(before, value, &path.then(&key))?,
            _ => value,
        };
        base.insert(key, merged);
    }
    Ok(base)
}

fn values(base: Value, over: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    if let Some((_, rule)) = SPECIAL.iter().find(|(pattern, _)| path.matches(pattern)) {
        return rule(base, over, path);
    }
    match (base, over) {
        (base @ (Value::Map(_) | Value::List(_)), Value::Null) => Ok(base),
        (Value::Map(base), Value::Map(over)) => mappings(base, over, path).map(Value::Map),
        (Value::List(mut base), Value::List(over)) => {
            base.extend(over);
            Ok(Value::List(base))
        }
        (Value::Map(_) | Value::List(_), _) => Err(cannot(path)),
        (_, over) => Ok(over),
    }
}

fn cannot(path: &Path<'_>) -> LoadError {
    LoadError::along(format!("cannot override {path}"), path.parts())
}

fn replace(_: Value, over: Value, _: &Path<'_>) -> Result<Value, LoadError> {
    Ok(over)
}

/// Appends one to the other, both as sequences.
fn sequences(base: Value, over: Value, _: &Path<'_>) -> Result<Value, LoadError> {
    let mut items = sequence(base, '=');
    items.extend(sequence(over, '='));
    Ok(Value::List(items))
}

/// Appends hosts that are not there yet.
fn hosts(base: Value, over: Value, _: &Path<'_>) -> Result<Value, LoadError> {
    let mut items = sequence(base, '=');
    for host in sequence(over, '=') {
        if !items.contains(&host) {
            items.push(host);
        }
    }
    Ok(Value::List(items))
}

/// Turns a mapping into a sequence of `key=value`; a key whose value is a list comes once for each.
fn sequence(value: Value, sign: char) -> Vec<Value> {
    match value {
        Value::List(items) => items,
        Value::Map(map) => map
            .into_iter()
            .flat_map(|(key, value)| match value {
                Value::Null => vec![Value::Str(key)],
                Value::List(items) => items
                    .iter()
                    .map(|item| Value::Str(format!("{key}{sign}{}", item.to_text())))
                    .collect(),
                value => vec![Value::Str(format!("{key}{sign}{}", value.to_text()))],
            })
            .collect(),
        Value::Str(text) => vec![Value::Str(text)],
        _ => Vec::new(),
    }
}

/// Turns a sequence of names into a mapping, each with the same value.
pub(crate) fn keyed(value: Value, default: &Value) -> Value {
    match value {
        Value::List(items) => Value::Map(
            items
                .iter()
                .map(|item| (item.to_text(), default.clone()))
                .collect(),
        ),
        other => other,
    }
}

fn merge_maps(base: Value, over: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    match (base, over) {
        (Value::Map(base), Value::Map(over)) => mappings(base, over, path).map(Value::Map),
        // What is neither a mapping nor a list of names says nothing here.
        (base @ Value::Map(_), _) => Ok(base),
        (_, over) => Ok(over),
    }
}

fn named(base: Value, over: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    merge_maps(keyed(base, &Value::Null), keyed(over, &Value::Null), path)
}

fn dependencies(base: Value, over: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    let default = started();
    merge_maps(keyed(base, &default), keyed(over, &default), path)
}

/// Returns what a dependency is that is only named.
pub(crate) fn started() -> Value {
    Value::Map(Map::from([
        ("condition".into(), "service_started".into()),
        ("required".into(), true.into()),
    ]))
}

fn build(base: Value, over: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    merge_maps(context(base), context(over), path)
}

/// Spells out a build that is only its context.
pub(crate) fn context(build: Value) -> Value {
    match build {
        Value::Str(context) => Value::Map(Map::from([("context".into(), Value::Str(context))])),
        other => other,
    }
}

/// Merges the options of one driver, or takes over another driver's.
fn logging(base: Value, over: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    let driver = |value: &Value| value.as_map().and_then(|map| map.get("driver")).cloned();
    match (driver(&base), driver(&over)) {
        (Some(before), Some(after)) if before != after => Ok(over),
        _ => merge_maps(base, over, path),
    }
}

fn limit(base: Value, over: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    match (base, over) {
        (Value::Map(base), Value::Map(over)) => mappings(base, over, path).map(Value::Map),
        (_, over) => Ok(over),
    }
}

/// Merges pools of the same subnet, and appends the others.
fn pools(base: Value, over: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    let (Value::List(mut pools), Value::List(over)) = (base, over) else {
        return Err(cannot(path));
    };
    let subnet = |pool: &Value| pool.as_map().and_then(|map| map.get("subnet")).cloned();
    for pool in over {
        match pools
            .iter_mut()
            .find(|before| subnet(before) == subnet(&pool))
        {
            Some(before) => *before = merge_maps(std::mem::take(before), pool, path)?,
            None => pools.push(pool),
        }
    }
    Ok(Value::List(pools))
}
