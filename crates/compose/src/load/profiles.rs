//! Which services are on, and which resources they use. Source: compose-go 2.9.1, types/project.go.

use sorted::{SortedMap, SortedSet};

use crate::model::{Project, Service};
use crate::value::{Map, Value};

/// Returns the profiles that are on: the flags', or else those of `COMPOSE_PROFILES`.
pub(super) fn wanted(flags: &[String], environment: &SortedMap<String, String>) -> Vec<String> {
    if !flags.is_empty() {
        return flags.to_vec();
    }
    let named = environment
        .get("COMPOSE_PROFILES")
        .map_or("", String::as_str);
    let names = named
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// Turns off services of other profiles.
pub(super) fn apply(project: &mut Project) {
    let profiles = std::mem::take(&mut project.profiles);
    let all = profiles.iter().any(|profile| profile == "*");
    let is_on = |service: &Service| {
        all || service.profiles.is_empty()
            || service
                .profiles
                .iter()
                .any(|profile| profiles.contains(profile))
    };
    let services = std::mem::take(&mut project.services);
    for (name, service) in services {
        match is_on(&service) {
            true => project.services.insert(name, service),
            false => project.disabled_services.insert(name, service),
        };
    }
    project.profiles = profiles;
}

/// Drops networks, volumes, secrets and configs that no service uses.
pub(super) fn drop_unused(project: &mut Project) {
    let mut used: SortedMap<&str, SortedSet<String>> = SortedMap::new();
    for service in project.services.values() {
        let mut add = |section, name: &str| {
            used.entry(section).or_default().insert(name.to_owned());
        };
        for network in service.networks.keys() {
            add("networks", network);
        }
        for mount in &service.volumes {
            if let ("volume", Some(source)) = (mount.kind.as_str(), &mount.source) {
                add("volumes", source);
            }
        }
        for source in sources(&service.tree, "configs") {
            add("configs", &source);
        }
        for source in sources(&service.tree, "secrets") {
            add("secrets", &source);
        }
        if let Some(Value::Map(build)) = service.tree.get("build") {
            for source in sources(build, "secrets") {
                add("secrets", &source);
            }
        }
        if let Some(Value::Map(models)) = service.tree.get("models") {
            for model in models.keys() {
                add("models", model);
            }
        }
    }
    let is_used =
        |section: &str, name: &String| used.get(section).is_some_and(|names| names.contains(name));
    project.networks.retain(|name, _| is_used("networks", name));
    project.volumes.retain(|name, _| is_used("volumes", name));
    for section in ["secrets", "configs", "models"] {
        if let Some(Value::Map(map)) = project.tree.get_mut(section) {
            map.retain(|name, _| is_used(section, name));
            if map.is_empty() {
                project.tree.remove(section);
            }
        }
    }
}

fn sources(map: &Map, key: &str) -> Vec<String> {
    let items = map.get(key).and_then(Value::as_list).unwrap_or_default();
    let maps = items.iter().filter_map(Value::as_map);
    maps.filter_map(|item| item.get("source").map(Value::to_text))
        .collect()
}
