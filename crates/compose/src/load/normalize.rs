//! What a file implies: networks, names, dependencies. Source: compose-go 2.9.1, loader/normalize.go.

use sorted::SortedMap;

use crate::value::{Map, Value};

/// Adds what is implied.
pub(super) fn normalize(tree: &mut Map, environment: &SortedMap<String, String>) {
    networks(tree);
    let services = tree.get_mut("services").and_then(Value::as_map_mut);
    for service in services.into_iter().flat_map(Map::values_mut) {
        if let Some(service) = service.as_map_mut() {
            self::service(service, environment);
        }
    }
    names(tree);
}

/// Puts services without any network into the default one.
fn networks(tree: &mut Map) {
    let mut uses_default = false;
    let services = tree.get_mut("services").and_then(Value::as_map_mut);
    for service in services.into_iter().flat_map(Map::values_mut) {
        let Some(service) = service.as_map_mut() else {
            continue;
        };
        if service.contains_key("provider") || service.contains_key("network_mode") {
            continue;
        }
        let none = match service.get("networks") {
            None | Some(Value::Null) => true,
            Some(Value::Map(networks)) => {
                uses_default |= networks.contains_key("default");
                networks.is_empty()
            }
            Some(_) => false,
        };
        if none {
            let default = Map::from([("default".into(), Value::Null)]);
            service.insert("networks".into(), Value::Map(default));
            uses_default = true;
        }
    }
    let networks = tree
        .entry("networks".into())
        .or_insert_with(|| Value::Map(Map::new()));
    if let (true, Value::Map(networks)) = (uses_default, networks) {
        networks.entry("default".into()).or_default();
    }
}

fn service(service: &mut Map, environment: &SortedMap<String, String>) {
    if service.get("pull_policy").and_then(Value::as_str) == Some("if_not_present") {
        service.insert("pull_policy".into(), "missing".into());
    }
    if let Some(Value::Map(build)) = service.get_mut("build") {
        if !build.contains_key("dockerfile") && !build.contains_key("dockerfile_inline") {
            build.insert("dockerfile".into(), "Dockerfile".into());
        }
        if let Some(args) = build.get_mut("args") {
            fill_in(args, environment);
            forget_open(args);
        }
    }
    if let Some(variables) = service.get_mut("environment") {
        fill_in(variables, environment);
    }
    let mut needs = Vec::new();
    for link in texts(service.get("links")) {
        let name = link.split(':').next().unwrap_or_default();
        needs.push((name.to_owned(), true));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let place = service.get(key).and_then(Value::as_str);
        if let Some(name) = place.and_then(|place| place.strip_prefix("service:")) {
            needs.push((name.to_owned(), true));
        }
    }
    for from in texts(service.get("volumes_from")) {
        if !from.starts_with("container:") {
            let name = from.split(':').next().unwrap_or_default();
            needs.push((name.to_owned(), false));
        }
    }
    if needs.is_empty() {
        return;
    }
    let depends_on = service
        .entry("depends_on".into())
        .or_insert_with(|| Value::Map(Map::new()));
    if let Value::Map(depends_on) = depends_on {
        for (name, restart) in needs {
            let mut need = Map::from([
                ("condition".to_owned(), "service_started".into()),
                ("required".to_owned(), true.into()),
            ]);
            if restart {
                need.insert("restart".into(), true.into());
            }
            depends_on.entry(name).or_insert(Value::Map(need));
        }
    }
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_list).unwrap_or_default();
    items.iter().map(Value::to_text).collect()
}

/// Gives variables that are only named the value of the environment.
fn fill_in(variables: &mut Value, environment: &SortedMap<String, String>) {
    match variables {
        Value::Map(map) => {
            for (name, value) in map.iter_mut() {
                if let (Value::Null, Some(set)) = (&value, environment.get(name)) {
                    *value = set.as_str().into();
                }
            }
        }
        Value::List(items) => {
            for item in items {
                let name = item.to_text();
                if let (false, Some(set)) = (name.contains('='), environment.get(&name)) {
                    *item = Value::Str(format!("{name}={set}"));
                }
            }
        }
        _ => {}
    }
}

/// Drops what is named only.
fn forget_open(pairs: &mut Value) {
    match pairs {
        Value::Map(map) => map.retain(|_, value| *value != Value::Null),
        Value::List(items) => items.retain(|item| item.to_text().contains('=')),
        _ => {}
    }
}

/// Names resources: by their key for external ones, else by project and key.
fn names(tree: &mut Map) {
    let project = tree.get("name").map(Value::to_text).unwrap_or_default();
    for section in ["networks", "volumes", "configs", "secrets"] {
        let resources = tree.get_mut(section).and_then(Value::as_map_mut);
        for (key, resource) in resources.into_iter().flat_map(SortedMap::iter_mut) {
            if *resource == Value::Null {
                *resource = Value::Map(Map::new());
            }
            let Some(resource) = resource.as_map_mut() else {
                continue;
            };
            let external = resource.get("external").is_some_and(Value::is_true);
            let named = resource
                .get("name")
                .is_some_and(|name| *name != Value::Null);
            if !named {
                let name = match external {
                    true => key.clone(),
                    false => format!("{project}_{key}"),
                };
                resource.insert("name".into(), Value::Str(name));
            }
        }
    }
}
