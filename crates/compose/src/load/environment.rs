//! The variables of a service's environment files, and the labels of its label files.

use super::Files;
use super::discover::absolute;
use crate::dotenv;
use crate::error::LoadError;
use crate::go;
use crate::model::{Project, Service};
use crate::value::{Map, Value};

/// Reads the environment and label files of all services; what the service itself says wins. With `clears`, no service
/// names its environment files any more.
pub(super) fn resolve(
    project: &mut Project,
    files: &dyn Files,
    warnings: &mut Vec<String>,
    clears: bool,
) -> Result<(), LoadError> {
    let outer = project.environment.clone();
    let directory = project.working_dir.clone();
    for service in project.services.values_mut() {
        let lookup = |name: &str| outer.get(name).cloned();
        let mut variables = dotenv::Variables::new();
        for file in list(&service.tree, "env_file") {
            let Some(file) = file.as_map() else { continue };
            let path = file.get("path").map(Value::to_text).unwrap_or_default();
            let path = absolute(&directory, &path);
            let required = file.get("required").is_none_or(Value::is_true);
            if !files.exists(&path) {
                if required {
                    return Err(LoadError::new(format!(
                        "env file {path} not found: stat {path}: no such file or directory"
                    )));
                }
                continue;
            }
            let text = read(&path, files)?;
            let raw = match file.get("format").and_then(Value::as_str) {
                Some("raw") => true,
                None | Some("") => false,
                Some(other) => {
                    let other = go::quote(other);
                    return Err(LoadError::new(format!(
                        "unsupported env_file format {other}"
                    )));
                }
            };
            let own = |name: &str| service.environment.get(name).cloned().flatten();
            let earlier = |name: &str| variables.get(name).cloned();
            let known = |name: &str| lookup(name).or_else(|| own(name)).or_else(|| earlier(name));
            let read = match raw {
                true => dotenv::raw(&text),
                false => dotenv::parse(&text, &known, warnings)
                    .map_err(|why| LoadError::new(format!("failed to read {path}: {why}")))?,
            };
            variables.extend(read);
        }
        for (name, value) in variables {
            // What the service leaves open stays open.
            service.environment.entry(name).or_insert(Some(value));
        }
        let mut labels = Map::new();
        for path in list(&service.tree, "label_file") {
            let path = absolute(&directory, &path.to_text());
            if !files.exists(&path) {
                return Err(LoadError::new(format!(
                    "label file {path} not found: stat {path}: no such file or directory"
                )));
            }
            let text = read(&path, files)?;
            let read = dotenv::parse(&text, &|_| None, warnings).map_err(|why| {
                LoadError::new(format!("failed to read {path}: {}", go::quote(&why)))
            })?;
            labels.extend(
                read.into_iter()
                    .map(|(name, value)| (name, Value::Str(value))),
            );
        }
        if clears {
            service.tree.remove("env_file");
        }
        write_back(service, labels);
    }
    Ok(())
}

fn list<'a>(tree: &'a Map, key: &str) -> &'a [Value] {
    tree.get(key).and_then(Value::as_list).unwrap_or_default()
}

fn read(path: &str, files: &dyn Files) -> Result<String, LoadError> {
    let bytes = files
        .read(path)
        .map_err(|why| LoadError::new(format!("open {path}: {why}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Brings the tree up to what the fields say now.
fn write_back(service: &mut Service, labels: Map) {
    service.tree.remove("label_file");
    if !service.environment.is_empty() {
        let variables = service.environment.iter();
        let variables = variables.map(|(name, value)| {
            let value = value
                .as_ref()
                .map_or(Value::Null, |value| value.as_str().into());
            (name.clone(), value)
        });
        let variables = Value::Map(variables.collect());
        service.tree.insert("environment".into(), variables);
    }
    if !labels.is_empty() {
        let all = service
            .tree
            .entry("labels".into())
            .or_insert_with(|| Value::Map(Map::new()));
        if let Value::Map(all) = all {
            for (name, value) in labels {
                all.entry(name.clone()).or_insert_with(|| value.clone());
                service
                    .labels
                    .entry(name)
                    .or_insert_with(|| value.to_text());
            }
        }
    }
}
