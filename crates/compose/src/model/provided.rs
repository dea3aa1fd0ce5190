//! Configs and secrets: files that a project puts into containers.

use super::project::Project;
use super::read::Reader;
use super::service::Service;
use crate::value::{Map, Value};

/// A file that a config or a secret is in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provided {
    /// `config` or `secret`.
    pub kind: &'static str,
    /// The key in the file.
    pub key: String,
    /// The name of the whole project's.
    pub name: String,
    /// Where it is seen, absolute.
    pub target: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Permission bits, if any are given.
    pub mode: Option<u32>,
    /// The owner, if one is given.
    pub uid: Option<u32>,
    /// Whether an owner, a group or permission bits are given.
    pub is_owned: bool,
}

/// Where a config or a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file of the machine.
    File(String),
    /// Text that stands in the project.
    Text(String),
    /// A variable.
    Variable(String),
    /// Elsewhere.
    External,
}

impl Project {
    /// Returns the files that a service's containers are given: secrets, then configs.
    pub fn provided(&self, service: &Service) -> Vec<Provided> {
        let mut found = Vec::new();
        for (kind, section, dir) in [
            ("secret", "secrets", "/run/secrets/"),
            ("config", "configs", "/"),
        ] {
            let defined = self.tree.get(section).and_then(Value::as_map);
            for given in Reader(&service.tree).maps(section) {
                let key = given.text("source").unwrap_or_default();
                let definition = defined.and_then(|d| d.get(&key)?.as_map());
                let Some(origin) = definition.map(origin) else {
                    continue;
                };
                let target = given.text("target").unwrap_or_else(|| key.clone());
                let number = |key: &str| u32::try_from(given.number(key)?).ok();
                found.push(Provided {
                    kind,
                    name: definition
                        .and_then(|d| Reader(d).text("name"))
                        .unwrap_or_default(),
                    target: match target.starts_with('/') {
                        true => target,
                        false => format!("{dir}{target}"),
                    },
                    origin,
                    mode: given.mode("mode"),
                    uid: number("uid"),
                    is_owned: ["uid", "gid", "mode"]
                        .iter()
                        .any(|key| given.get(key).is_some()),
                    key,
                });
            }
        }
        found
    }
}

fn origin(definition: &Map) -> Origin {
    let read = Reader(definition);
    if read.is_set("external") {
        return Origin::External;
    }
    match (read.text("environment"), read.text("content")) {
        (Some(name), _) => Origin::Variable(name),
        (None, Some(text)) => Origin::Text(text),
        (None, None) => Origin::File(read.text("file").unwrap_or_default()),
    }
}
