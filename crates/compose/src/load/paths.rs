//! Relative paths made absolute. Source: compose-go 2.9.1, paths.

use super::discover::absolute;
use crate::path::Path;
use crate::value::{Map, Value};

/// Which texts at a place are paths.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// All.
    File,
    /// All but addresses of other kinds: `https://...`, `git@...`, `service:...`.
    Context,
}

const PLACES: [(&str, Kind); 10] = [
    ("services.*.build", Kind::Context),
    ("services.*.build.context", Kind::Context),
    ("services.*.build.additional_contexts.*", Kind::Context),
    ("services.*.env_file", Kind::File),
    ("services.*.env_file.*", Kind::File),
    ("services.*.env_file.*.path", Kind::File),
    ("services.*.label_file.*", Kind::File),
    ("services.*.develop.watch.*.path", Kind::File),
    ("configs.*.file", Kind::File),
    ("secrets.*.file", Kind::File),
];

/// Makes the paths of a tree absolute.
pub(crate) fn resolve(tree: &mut Map, directory: &str, home: Option<&str>) {
    Paths { directory, home }.map(tree, &Path::ROOT);
}

struct Paths<'a> {
    directory: &'a str,
    home: Option<&'a str>,
}

impl Paths<'_> {
    fn map(&self, map: &mut Map, path: &Path<'_>) {
        if path.matches("services.*.volumes.*") {
            let is_bind = map.get("type").and_then(Value::as_str) == Some("bind");
            if let (true, Some(Value::Str(source))) = (is_bind, map.get_mut("source")) {
                *source = self.absolute(source);
            }
        }
        if path.matches("volumes.*.driver_opts")
            && map.get("o").and_then(Value::as_str) == Some("bind")
            && let Some(Value::Str(device)) = map.get_mut("device")
        {
            *device = self.absolute(device);
        }
        for (key, value) in map.iter_mut() {
            self.value(value, &path.then(key));
        }
    }

    fn value(&self, value: &mut Value, path: &Path<'_>) {
        match value {
            Value::Map(map) => self.map(map, path),
            Value::List(items) => {
                for item in items {
                    self.value(item, &path.then("[]"));
                }
            }
            Value::Str(text) => {
                let kind = PLACES.iter().find(|(pattern, _)| path.matches(pattern));
                let foreign = text.contains("://")
                    || text.starts_with("git@")
                    || text.starts_with("github.com/")
                    || text.starts_with("service:")
                    || text.starts_with("docker-image:");
                match kind {
                    Some((_, Kind::Context)) if foreign => {}
                    Some(_) => *text = self.absolute(text),
                    None => {}
                }
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Time(_) => {}
        }
    }

    fn absolute(&self, path: &str) -> String {
        match (path.strip_prefix('~'), self.home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                absolute("/", &format!("{home}{rest}"))
            }
            _ => absolute(self.directory, path),
        }
    }
}
