//! Values that the schema cannot judge. Source: compose-go 2.9.1, validation.

use std::net::IpAddr;

use crate::error::LoadError;
use crate::go;
use crate::path::Path;
use crate::value::{Map, Value};

type Check = fn(&Map, &Path<'_>) -> Result<(), String>;

const CHECKS: [(&str, Check); 7] = [
    ("volumes.*", external),
    ("configs.*", |map, path| {
        file_object(map, path, &["file", "environment", "content"])
    }),
    ("secrets.*", |map, path| {
        file_object(map, path, &["file", "environment"])
    }),
    ("services.*.ports.*", address),
    ("services.*.develop.watch.*", watched),
    ("services.*.gpus.*", device),
    ("services.*.deploy.resources.reservations.devices.*", device),
];

/// Checks all values of a tree.
pub(super) fn check(tree: &Map) -> Result<(), LoadError> {
    within(tree, &Path::ROOT)
}

fn within(map: &Map, path: &Path<'_>) -> Result<(), LoadError> {
    if let Some((_, check)) = CHECKS.iter().find(|(pattern, _)| path.matches(pattern)) {
        check(map, path).map_err(|why| LoadError::along(why, path.parts()))?;
    }
    for (key, value) in map {
        let here = path.then(key);
        match value {
            Value::Map(map) => within(map, &here)?,
            Value::List(items) => {
                for item in items.iter().filter_map(Value::as_map) {
                    within(item, &here.then("[]"))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn external(map: &Map, path: &Path<'_>) -> Result<(), String> {
    if !map.get("external").is_some_and(Value::is_true) {
        return Ok(());
    }
    let odd =
        |key: &&String| !matches!(key.as_str(), "name" | "external") && !key.starts_with("x-");
    match map.keys().find(odd) {
        Some(key) => Err(format!(
            "{path}: conflicting parameters \"external\" and {} specified",
            go::quote(key)
        )),
        None => Ok(()),
    }
}

fn file_object(map: &Map, path: &Path<'_>, keys: &[&str]) -> Result<(), String> {
    let given = keys.iter().filter(|key| map.contains_key(**key)).count();
    if given > 1 {
        return Err(format!(
            "{path}: {} attributes are mutually exclusive",
            keys.join("|")
        ));
    }
    if map.get("external").is_some_and(Value::is_true) {
        return Ok(());
    }
    match given == 0 && !map.contains_key("driver") {
        true => Err(format!("{path}: one of {} must be set", keys.join("|"))),
        false => Ok(()),
    }
}

fn address(map: &Map, path: &Path<'_>) -> Result<(), String> {
    match map.get("host_ip") {
        Some(Value::Str(ip))
            if !ip.is_empty() && ip.parse::<IpAddr>().is_err() && !ip.contains('$') =>
        {
            Err(format!("{path}: invalid ip address: {ip}"))
        }
        _ => Ok(()),
    }
}

fn watched(map: &Map, path: &Path<'_>) -> Result<(), String> {
    match map.get("path").and_then(Value::as_str) {
        Some("") => Err(format!("{path}.path: value can't be blank")),
        _ => Ok(()),
    }
}

fn device(map: &Map, path: &Path<'_>) -> Result<(), String> {
    if map.contains_key("count") && map.contains_key("device_ids") {
        return Err(format!(
            "{path}: \"count\" and \"device_ids\" attributes are exclusive"
        ));
    }
    Ok(())
}
