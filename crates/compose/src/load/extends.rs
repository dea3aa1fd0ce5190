//! `extends`: a service that begins as another. Source: compose-go 2.9.1, loader/extends.go.

use super::discover::{absolute, parent};
use super::layers::{Layers, Loader, Steps, remove};
use super::paths;
use crate::error::LoadError;
use crate::go;
use crate::merge;
use crate::value::{Map, Value};
use crate::yaml::Edit;

/// How long a chain of services may be; the real one's end is that of memory.
const LONGEST: usize = 100;

/// Services on the way, each with its file.
type Chain = Vec<(String, String)>;

impl Loader<'_> {
    /// Merges each service of a file over the one that it extends.
    pub(super) fn extend_services(
        &mut self,
        file: &mut Map,
        name: &str,
        layers: &Layers,
        edits: &[(Vec<String>, Edit)],
    ) -> Result<(), LoadError> {
        let mut services = match file.remove("services") {
            None => return Ok(()),
            Some(Value::Map(services)) => services,
            Some(_) => {
                return Err(LoadError::along(
                    "services must be a mapping",
                    vec!["services".into()],
                ));
            }
        };
        let names: Vec<_> = services.keys().cloned().collect();
        for service in names {
            let extended = self.extend(
                &service,
                &services,
                name,
                &layers.working_dir,
                edits,
                &Chain::new(),
            )?;
            services.insert(service, extended);
        }
        file.insert("services".into(), Value::Map(services));
        Ok(())
    }

    fn extend(
        &mut self,
        name: &str,
        services: &Map,
        file: &str,
        working_dir: &str,
        edits: &[(Vec<String>, Edit)],
        chain: &Chain,
    ) -> Result<Value, LoadError> {
        let place = vec!["services".to_owned(), name.to_owned()];
        let mut service = match services.get(name) {
            Some(Value::Map(service)) => service.clone(),
            Some(Value::Null) | None => return Ok(Value::Null),
            Some(_) => {
                return Err(LoadError::along(
                    format!("services.{name} must be a mapping"),
                    place,
                ));
            }
        };
        let at_extends = [place.as_slice(), &["extends".to_owned()]].concat();
        let fault = |text: String| LoadError::along(text, at_extends.clone());
        let (base_name, base_file) = match service.get("extends") {
            None => return Ok(Value::Map(service)),
            Some(Value::Str(base)) => (base.clone(), None),
            Some(Value::Map(extends)) => {
                let Some(Value::Str(base)) = extends.get("service") else {
                    return Err(fault(format!("extends.{name}.service is required")));
                };
                (base.clone(), extends.get("file").map(Value::to_text))
            }
            Some(_) => (String::new(), None),
        };
        let (base_services, base_file, base_dir) = match &base_file {
            Some(other) => {
                let other_path = absolute(working_dir, other);
                let others = self.services_of(name, &base_name, file, other, &other_path)?;
                (others, other.clone(), parent(&other_path))
            }
            None if services.contains_key(&base_name) => {
                (services.clone(), file.to_owned(), working_dir.to_owned())
            }
            None => {
                return Err(fault(format!(
                    "cannot extend service {} in {file}: service {} not found",
                    go::quote(name),
                    go::quote(&base_name),
                )));
            }
        };
        let link = (base_file.clone(), name.to_owned());
        let mut chain = chain.clone();
        chain.push(link.clone());
        if chain.iter().filter(|other| **other == link).count() > 1 || chain.len() > LONGEST {
            return Err(fault(circle(&chain)));
        }
        let base = self.extend(
            &base_name,
            &base_services,
            &base_file,
            &base_dir,
            edits,
            &chain,
        )?;
        let Value::Map(mut base) = base else {
            return Ok(Value::Map(service));
        };
        for (path, _) in edits {
            if let [services, owner, rest @ ..] = path.as_slice()
                && services == "services"
                && owner == name
                && !rest.is_empty()
            {
                remove(&mut base, rest);
            }
        }
        service.remove("extends");
        let mut merged = merge::services(base, service)?;
        merged.remove("extends");
        Ok(Value::Map(merged))
    }

    /// Reads the services of another file, with paths that start from that file's directory.
    fn services_of(
        &mut self,
        name: &str,
        base: &str,
        file: &str,
        other: &str,
        other_path: &str,
    ) -> Result<Map, LoadError> {
        let layers = Layers {
            files: Vec::new(),
            working_dir: parent(other_path),
            included: Vec::new(),
            paths: false,
        };
        let mut tree = self.file(other_path, &layers, Map::new(), Steps::Base)?;
        let fault = |why: &str| {
            Err(LoadError::new(format!(
                "cannot extend service {} in {other_path}: {why}",
                go::quote(name)
            )))
        };
        match tree.get("services") {
            Some(Value::Map(services)) if services.contains_key(base) => {}
            Some(Value::Map(_)) => {
                return Err(LoadError::new(format!(
                    "cannot extend service {} in {file}: service {} not found in {other}",
                    go::quote(name),
                    go::quote(base),
                )));
            }
            Some(_) => return fault("services must be a mapping"),
            None => return fault("no services section"),
        }
        let home = self.environment.get("HOME").cloned();
        paths::resolve(&mut tree, &layers.working_dir, home.as_deref());
        Ok(tree
            .get("services")
            .and_then(Value::as_map)
            .cloned()
            .unwrap_or_default())
    }
}

fn circle(chain: &Chain) -> String {
    let mut lines = vec!["Circular reference:".to_owned()];
    for (index, (file, service)) in chain.iter().enumerate() {
        let verb = if index == 0 { "" } else { "extends " };
        lines.push(format!("  {verb}{service} in {file}"));
    }
    lines.join("\n")
}
