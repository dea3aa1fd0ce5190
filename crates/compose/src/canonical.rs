//! Short forms spelled out, so that files can be merged and read without asking which form they used.
//! Source: compose-go 2.9.1, transform.

use crate::error::LoadError;
use crate::merge::{context, keyed, started};
use crate::mount;
use crate::path::Path;
use crate::ports;
use crate::value::{Map, Value};

/// What the rules need to know.
struct Canonical<'a> {
    /// Leave texts that do not read as short forms as they are: variables are still in them.
    lenient: bool,
    warnings: &'a mut Vec<String>,
}

type Rule = fn(&mut Canonical<'_>, Value, &Path<'_>) -> Result<Value, LoadError>;

const RULES: [(&str, Rule); 21] = [
    ("services.*.build", |_, value, _| Ok(context(value))),
    ("services.*.build.secrets.*", |_, value, _| {
        Ok(named(value, "source"))
    }),
    ("services.*.build.additional_contexts", |_, value, _| {
        Ok(pairs(value))
    }),
    ("services.*.depends_on", |_, value, _| {
        Ok(dependencies(value))
    }),
    ("services.*.env_file", |_, value, _| Ok(list(value))),
    ("services.*.env_file.*", |_, value, _| Ok(env_file(value))),
    ("services.*.label_file", |_, value, _| Ok(list(value))),
    ("services.*.extends", |_, value, _| {
        Ok(named(value, "service"))
    }),
    ("services.*.gpus", |_, value, _| Ok(gpus(value))),
    ("services.*.networks", |_, value, _| {
        Ok(keyed(value, &Value::Null))
    }),
    ("services.*.volumes.*", volume),
    ("services.*.dns", |_, value, _| {
        Ok(without_blanks(list(value)))
    }),
    ("services.*.devices.*", device),
    ("services.*.secrets.*", |_, value, _| {
        Ok(named(value, "source"))
    }),
    ("services.*.configs.*", |_, value, _| {
        Ok(named(value, "source"))
    }),
    ("services.*.ports", ports_of),
    ("services.*.models", |_, value, _| {
        Ok(keyed(value, &Value::Null))
    }),
    ("volumes.*", external),
    ("networks.*", external),
    ("secrets.*", external),
    ("configs.*", external),
];

/// Spells out all short forms of a tree.
pub(crate) fn canonical(
    tree: Map,
    lenient: bool,
    warnings: &mut Vec<String>,
) -> Result<Map, LoadError> {
    Canonical { lenient, warnings }.map(tree, &Path::ROOT)
}

impl Canonical<'_> {
    fn map(&mut self, map: Map, path: &Path<'_>) -> Result<Map, LoadError> {
        map.into_iter()
            .map(|(key, value)| {
                let value = self.value(value, &path.then(&key))?;
                Ok((key, value))
            })
            .collect()
    }

    fn value(&mut self, value: Value, path: &Path<'_>) -> Result<Value, LoadError> {
        let rule = RULES.iter().find(|(pattern, _)| path.matches(pattern));
        let value = match rule {
            Some((_, rule)) => rule(self, value, path)?,
            None => value,
        };
        match value {
            Value::Map(map) => self.map(map, path).map(Value::Map),
            Value::List(items) => items
                .into_iter()
                .map(|item| self.value(item, &path.then("[]")))
                .collect::<Result<_, _>>()
                .map(Value::List),
            scalar => Ok(scalar),
        }
    }
}

/// Spells out a text as a mapping with this one key.
fn named(value: Value, key: &str) -> Value {
    match value {
        Value::Str(text) => Value::Map(Map::from([(key.into(), Value::Str(text))])),
        other => other,
    }
}

fn list(value: Value) -> Value {
    match value {
        text @ Value::Str(_) => Value::List(vec![text]),
        other => other,
    }
}

/// Drops blank items, which interpolation leaves where a variable is not set.
fn without_blanks(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(
            items
                .into_iter()
                .filter(|item| *item != "".into())
                .collect(),
        ),
        other => other,
    }
}

fn pairs(value: Value) -> Value {
    match value {
        Value::List(items) => Value::Map(
            items
                .iter()
                .map(|item| {
                    let text = item.to_text();
                    let (key, value) = text.split_once('=').unwrap_or((&text, ""));
                    (key.to_owned(), value.into())
                })
                .collect(),
        ),
        other => other,
    }
}

fn dependencies(value: Value) -> Value {
    let mut value = keyed(value, &started());
    for dependency in value.as_map_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(dependency) = dependency.as_map_mut() {
            dependency.entry("required".into()).or_insert(true.into());
        }
    }
    value
}

fn env_file(value: Value) -> Value {
    let mut value = named(value, "path");
    if let Some(file) = value.as_map_mut() {
        file.entry("required".into()).or_insert(true.into());
    }
    value
}

fn gpus(value: Value) -> Value {
    match value {
        Value::Str(text) if text == "all" => Value::List(vec![Value::Map(Map::from([(
            "count".into(),
            "all".into(),
        )]))]),
        other => other,
    }
}

fn volume(this: &mut Canonical<'_>, value: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    match value {
        Value::Str(spec) => match mount::parse(&spec) {
            Ok(mount) => Ok(Value::Map(mount)),
            Err(_) if this.lenient => Ok(Value::Str(spec)),
            Err(why) => Err(LoadError::along(why, path.parts())),
        },
        Value::Map(mut mount) => {
            if let Some(Value::Str(target)) = mount.get_mut("target") {
                *target = mount::clean(target);
            }
            Ok(Value::Map(mount))
        }
        other => Ok(other),
    }
}

fn device(this: &mut Canonical<'_>, value: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    let Value::Str(spec) = value else {
        return Ok(value);
    };
    let parts: Vec<_> = spec.split(':').collect();
    let (source, target, permissions) = match parts.as_slice() {
        [path] => (path, path, &"rwm"),
        [source, target] => (source, target, &"rwm"),
        [source, target, permissions] => (source, target, permissions),
        _ if this.lenient => return Ok(Value::Str(spec)),
        _ => {
            return Err(LoadError::along(
                format!("confusing device mapping, please use long syntax: {spec}"),
                path.parts(),
            ));
        }
    };
    Ok(Value::Map(Map::from([
        ("source".into(), (*source).into()),
        ("target".into(), (*target).into()),
        ("permissions".into(), (*permissions).into()),
    ])))
}

/// Spells out each port; a range becomes several.
fn ports_of(this: &mut Canonical<'_>, value: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    let Value::List(items) = value else {
        return Ok(value);
    };
    let mut ports = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let spec = match &item {
            Value::Int(_) | Value::Str(_) => item.to_text(),
            Value::Float(_) => {
                let why = format!("{path}: invalid type float64 for port");
                return Err(LoadError::along(why, path.parts()));
            }
            _ => {
                ports.push(item);
                continue;
            }
        };
        match ports::mappings(&spec) {
            Ok(mappings) => ports.extend(mappings.into_iter().map(port)),
            Err(_) if this.lenient => ports.push(item),
            Err(why) => {
                let mut place = path.parts();
                place.push(index.to_string());
                return Err(LoadError::along(why, place));
            }
        }
    }
    Ok(Value::List(ports))
}

fn port(mapping: ports::Mapping) -> Value {
    let mut port = Map::from([
        ("mode".into(), "ingress".into()),
        ("protocol".into(), mapping.protocol.into()),
    ]);
    if mapping.target != 0 {
        port.insert("target".into(), Value::Int(mapping.target.into()));
    }
    if !mapping.host_ip.is_empty() {
        port.insert("host_ip".into(), mapping.host_ip.into());
    }
    if !mapping.published.is_empty() {
        port.insert("published".into(), mapping.published.into());
    }
    Value::Map(port)
}

/// Gives `external: {name: ...}`, the old form, its new one.
fn external(this: &mut Canonical<'_>, value: Value, path: &Path<'_>) -> Result<Value, LoadError> {
    let Value::Map(mut resource) = value else {
        return Ok(value);
    };
    if let Some(Value::Map(external)) = resource.get("external").cloned() {
        resource.insert("external".into(), true.into());
        if let Some(name) = external.get("name") {
            this.warnings.push(format!(
                "{path}: external.name is deprecated. Please set name and external: true"
            ));
            if resource.get("name").is_some_and(|other| other != name) {
                return Err(LoadError::along(
                    format!("{path}: name and external.name conflict; only use name"),
                    path.parts(),
                ));
            }
            resource.insert("name".into(), name.clone());
        }
    }
    Ok(Value::Map(resource))
}
