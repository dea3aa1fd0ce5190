//! Sequences in which a later item replaces an earlier one of the same meaning.

use crate::error::LoadError;
use crate::mount;
use crate::path::Path;
use crate::value::{Map, Value};

/// What makes two items the same.
#[derive(Clone, Copy)]
enum By {
    /// The text before the first `=`.
    Key,
    /// The whole text.
    Text,
    /// The path of an environment file.
    Path,
    /// Addresses, ports and protocol.
    Port,
    /// The path inside the container.
    Target,
    /// The path inside the container, by default below this one.
    File(&'static str),
}

const PLACES: [(&str, By); 28] = [
    ("networks.*.labels", By::Key),
    ("services.*.annotations", By::Key),
    ("services.*.build.args", By::Key),
    ("services.*.build.additional_contexts", By::Key),
    ("services.*.build.platforms", By::Key),
    ("services.*.build.tags", By::Key),
    ("services.*.build.labels", By::Key),
    ("services.*.cap_add", By::Key),
    ("services.*.cap_drop", By::Key),
    ("services.*.devices", By::Target),
    ("services.*.configs", By::File("")),
    ("services.*.deploy.labels", By::Key),
    ("services.*.dns", By::Key),
    ("services.*.dns_opt", By::Key),
    ("services.*.dns_search", By::Key),
    ("services.*.environment", By::Key),
    ("services.*.env_file", By::Path),
    ("services.*.expose", By::Text),
    ("services.*.labels", By::Key),
    ("services.*.links", By::Key),
    ("services.*.networks.*.aliases", By::Key),
    ("services.*.networks.*.link_local_ips", By::Key),
    ("services.*.ports", By::Port),
    ("services.*.profiles", By::Key),
    ("services.*.secrets", By::File("/run/secrets")),
    ("services.*.sysctls", By::Key),
    ("services.*.tmpfs", By::Key),
    ("services.*.volumes", By::Target),
];

/// Removes what is replaced, in the whole tree.
pub(crate) fn unique(tree: Map) -> Result<Map, LoadError> {
    within(tree, &Path::ROOT)
}

fn within(map: Map, path: &Path<'_>) -> Result<Map, LoadError> {
    map.into_iter()
        .map(|(key, value)| {
            let here = path.then(&key);
            let value = match value {
                Value::Map(map) => Value::Map(within(map, &here)?),
                Value::List(items) => Value::List(match place(&here) {
                    Some(by) => last_of_each(items, by, &here)?,
                    None => items,
                }),
                other => other,
            };
            Ok((key, value))
        })
        .collect()
}

fn place(path: &Path<'_>) -> Option<By> {
    let found = PLACES.iter().find(|(pattern, _)| path.matches(pattern));
    found.map(|(_, by)| *by)
}

/// Keeps the last of equal items, where the first of them stood.
fn last_of_each(items: Vec<Value>, by: By, path: &Path<'_>) -> Result<Vec<Value>, LoadError> {
    let mut places = sorted::SortedMap::new();
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let key = identity(&item, by, path, index)?;
        match places
            .get(&key)
            .and_then(|place: &usize| kept.get_mut(*place))
        {
            Some(earlier) => *earlier = item,
            None => {
                places.insert(key, kept.len());
                kept.push(item);
            }
        }
    }
    Ok(kept)
}

fn identity(item: &Value, by: By, path: &Path<'_>, index: usize) -> Result<String, LoadError> {
    let text = |map: &Map, key: &str| map.get(key).map(Value::to_text);
    let missing = |what: &str| {
        let mut parts = path.parts();
        parts.push(index.to_string());
        LoadError::along(
            format!(
                "service {} {path}.[{index}] is missing a {what}",
                path.key()
            ),
            parts,
        )
    };
    Ok(match (by, item) {
        (By::Port, Value::Map(port)) => {
            let Some(Value::Int(target)) = port.get("target") else {
                return Err(missing("target port"));
            };
            format!(
                "{}:{}:{target}/{}",
                text(port, "host_ip").unwrap_or_else(|| "0.0.0.0".into()),
                text(port, "published").unwrap_or_default(),
                text(port, "protocol").unwrap_or_else(|| "tcp".into()),
            )
        }
        (By::Target, Value::Map(mount)) => match mount.get("target") {
            Some(Value::Str(target)) => target.clone(),
            _ if path.key() == "volumes" => {
                return Err(LoadError::along(
                    format!("service volume {path}.[{index}] is missing a mount target"),
                    path.parts(),
                ));
            }
            _ => text(mount, "source").unwrap_or_default(),
        },
        (By::Target, Value::Str(spec)) if path.key() == "volumes" => mount::parse(spec)
            .map_err(|why| LoadError::along(why, path.parts()))?
            .get("target")
            .map(Value::to_text)
            .unwrap_or_default(),
        (By::Target, Value::Str(spec)) => spec.split(':').nth(1).unwrap_or(spec).to_owned(),
        (By::Path, Value::Map(file)) => text(file, "path").ok_or_else(|| {
            let mut parts = path.parts();
            parts.push(index.to_string());
            let why = format!("environment path attribute {path}.[{index}] is missing");
            LoadError::along(why, parts)
        })?,
        (By::File(below), Value::Map(file)) => match text(file, "target") {
            Some(target) => target,
            None => format!("{below}/{}", text(file, "source").unwrap_or_default()),
        },
        (By::File(below), item) => format!("{below}/{}", item.to_text()),
        (By::Key, Value::Str(pair)) => pair.split('=').next().unwrap_or_default().to_owned(),
        (By::Key, item) => {
            let mut place = path.parts();
            place.push(index.to_string());
            let kind = item.type_name();
            let why = format!("{path}.[{index}]: unexpected type {kind}");
            return Err(LoadError::along(why, place));
        }
        (_, item) => item.to_text(),
    })
}
