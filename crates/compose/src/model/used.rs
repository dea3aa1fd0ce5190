//! Which of a project's resources its services use. Source: compose-go 2.9.1, types/project.go.

use sorted::{SortedMap, SortedSet};

use super::Project;
use crate::value::{Map, Value};

/// Drops networks, volumes, secrets, configs and models that no service uses, unless all were asked for.
pub(crate) fn drop_unused(project: &mut Project) {
    if project.all_resources {
        return;
    }
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
