//! `include`: other projects whose resources are taken over. Source: compose-go 2.9.1, loader/include.go.

use super::discover::{absolute, parent, read_variables};
use super::layers::{Layers, Loader};
use crate::error::LoadError;
use crate::value::{Map, Value};

const SECTIONS: [&str; 6] = [
    "services", "volumes", "networks", "secrets", "configs", "models",
];

/// How deeply includes may nest; a cycle ends earlier.
const DEEPEST: usize = 50;

impl Loader<'_> {
    /// Takes over what a file includes.
    pub(super) fn include(
        &mut self,
        tree: &mut Map,
        file: &str,
        layers: &Layers,
    ) -> Result<(), LoadError> {
        let entries = match tree.remove("include") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::List(entries)) => entries,
            Some(other) => {
                return Err(LoadError::along(
                    format!("`include` must be a list, got {}", as_text(&other)),
                    vec!["include".into()],
                ));
            }
        };
        let mut included = layers.included.clone();
        included.push(file.to_owned());
        for (index, entry) in entries.into_iter().enumerate() {
            let place = vec!["include".to_owned(), index.to_string()];
            if let Value::Int(_) | Value::Bool(_) | Value::Float(_) = entry {
                let kind = entry.type_name();
                return Err(LoadError::along(
                    format!(
                        "decoding failed due to the following error(s):\n\n'[{index}]' expected a map or struct, got \"{kind}\""
                    ),
                    place,
                ));
            }
            self.one(tree, &entry, layers, &included).map_err(|fault| {
                match fault.path.is_empty() {
                    true => LoadError {
                        path: place,
                        ..fault
                    },
                    false => fault,
                }
            })?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        tree: &mut Map,
        entry: &Value,
        layers: &Layers,
        included: &[String],
    ) -> Result<(), LoadError> {
        let texts = |key: &str| match entry.as_map().and_then(|map| map.get(key)) {
            Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
            Some(Value::Str(text)) => vec![text.clone()],
            _ => Vec::new(),
        };
        let paths = match entry {
            Value::Str(path) => vec![path.clone()],
            _ => texts("path"),
        };
        let files: Vec<_> = paths
            .iter()
            .map(|path| absolute(&layers.working_dir, path))
            .collect();
        let Some(main) = files.first() else {
            return Ok(());
        };
        if included.contains(main) || included.len() > DEEPEST {
            let (first, rest) = included
                .split_first()
                .map_or(("", [].as_slice()), |(first, rest)| (first, rest));
            let mut way = rest.to_vec();
            way.push(main.clone());
            return Err(LoadError::new(format!(
                "include cycle detected:\n{first}\n include {}",
                way.join("\n include ")
            )));
        }
        let directory = match texts("project_directory").first() {
            Some(directory) => absolute(&layers.working_dir, directory),
            None => parent(main),
        };
        let given = texts("env_file");
        let env_files: Vec<String> = if given.is_empty() {
            let usual = absolute(&directory, ".env");
            let there = self.files.exists(&usual) && !self.files.is_dir(&usual);
            there.then_some(usual).into_iter().collect()
        } else {
            given
                .iter()
                .filter(|path| *path != "/dev/null")
                .map(|path| absolute(&layers.working_dir, path))
                .collect()
        };
        for path in &env_files {
            if !self.files.exists(path) {
                return Err(LoadError::new(format!(
                    "stat {path}: no such file or directory"
                )));
            }
            if self.files.is_dir(path) {
                return Err(LoadError::new(format!("{path} is not a file")));
            }
        }
        let mut environment = self.environment.clone();
        for (name, value) in read_variables(&env_files, &environment, self.files, self.warnings)? {
            environment.entry(name).or_insert(value);
        }
        let outer = std::mem::replace(&mut self.environment, environment);
        let imported = self.model(&Layers {
            files,
            working_dir: directory,
            included: included.to_vec(),
            paths: true,
        });
        self.environment = outer;
        import(imported?, tree)
    }
}

/// Prints a value as Go's `%s` does, which expects a text.
fn as_text(value: &Value) -> String {
    match value {
        Value::Int(number) => format!("%!s(int={number})"),
        Value::Bool(flag) => format!("%!s(bool={flag})"),
        other => other.to_text(),
    }
}

/// Takes over resources. Errors: a resource of the same name that is not the same.
fn import(mut from: Map, into: &mut Map) -> Result<(), LoadError> {
    for section in SECTIONS {
        let Some(Value::Map(resources)) = from.remove(section) else {
            continue;
        };
        let target = into
            .entry(section.into())
            .or_insert_with(|| Value::Map(Map::new()));
        let Value::Map(target) = target else { continue };
        for (name, resource) in resources {
            if target.get(&name).is_some_and(|other| *other != resource) {
                return Err(LoadError::new(format!(
                    "{section}.{name} conflicts with imported resource"
                )));
            }
            target.insert(name, resource);
        }
    }
    Ok(())
}
