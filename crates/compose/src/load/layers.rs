//! One file laid over another. Source: compose-go 2.9.1, loader/loader.go.

use sorted::SortedMap;

use super::{Files, Skip, defaults, paths, values};
use crate::canonical::canonical;
use crate::error::LoadError;
use crate::interpolate;
use crate::merge;
use crate::schema;
use crate::value::{Map, Value};
use crate::yaml::{self, Decoded, Edit, Node};

/// What all files of one load share.
pub(super) struct Loader<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) stdin: &'a [u8],
    pub(super) skip: Skip,
    /// What interpolation sees; an included project sees its own.
    pub(super) environment: SortedMap<String, String>,
    pub(super) warnings: &'a mut Vec<String>,
    /// The files that were warned about for their `version`.
    pub(super) obsolete: Vec<String>,
}

/// Files that make one tree.
pub(super) struct Layers {
    /// The files, absolute, in order.
    pub(super) files: Vec<String>,
    /// What their relative paths start from.
    pub(super) working_dir: String,
    /// The files that led here by `include`.
    pub(super) included: Vec<String>,
    /// Whether relative paths are resolved.
    pub(super) paths: bool,
}

/// Which steps a file goes through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Steps {
    /// All of them.
    All,
    /// None that depends on the whole: it is read for a service to extend.
    Base,
}

impl Loader<'_> {
    /// Reads and merges files, fills in defaults, checks values.
    pub(super) fn model(&mut self, layers: &Layers) -> Result<Map, LoadError> {
        let mut tree = Map::new();
        for file in &layers.files {
            tree = self.file(file, layers, tree, Steps::All)?;
        }
        defaults::fill(&mut tree);
        values::check(&tree)?;
        if layers.paths {
            let home = self.environment.get("HOME").cloned();
            paths::resolve(&mut tree, &layers.working_dir, home.as_deref());
        }
        Ok(tree)
    }

    /// Lays one file over a tree.
    pub(super) fn file(
        &mut self,
        file: &str,
        layers: &Layers,
        mut tree: Map,
        steps: Steps,
    ) -> Result<Map, LoadError> {
        let text = read_file(file, self.files, self.stdin)?;
        let parse = |fault: LoadError| LoadError {
            text: format!("failed to parse {file}: {}", fault.text),
            ..fault
        };
        for document in yaml::documents(&text).map_err(parse)? {
            let decoded = document.decode().map_err(parse)?;
            tree = self
                .document(decoded, file, layers, tree, steps)
                .map_err(|fault| located(fault, &document))?;
        }
        Ok(tree)
    }

    fn document(
        &mut self,
        decoded: Decoded,
        file: &str,
        layers: &Layers,
        mut tree: Map,
        steps: Steps,
    ) -> Result<Map, LoadError> {
        if let Some((path, key, at)) = decoded.odd_key {
            return Err(odd_key(&path, &key, at));
        }
        let Value::Map(mut over) = decoded.value else {
            return Err(LoadError::new("top-level object must be a mapping"));
        };
        for (path, edit) in &decoded.edits {
            if *edit == Edit::Reset {
                remove(&mut over, path);
            }
        }
        if !self.skip.interpolation {
            let environment = &self.environment;
            let lookup = |name: &str| environment.get(name).cloned();
            over = interpolate::interpolate(over, &lookup, self.warnings)?;
        }
        if steps == Steps::All {
            self.extend_services(&mut over, file, layers, &decoded.edits)?;
        }
        for (path, _) in &decoded.edits {
            remove(&mut tree, path);
        }
        if steps == Steps::All {
            self.include(&mut over, file, layers)?;
        }
        tree = merge::unique(merge::files(tree, over)?)?;
        if steps == Steps::All {
            self.check(&mut tree, file)?;
        }
        tree = canonical(tree, self.skip.interpolation, self.warnings)?;
        merge::unique(tree)
    }

    /// Holds the tree against the schema.
    fn check(&mut self, tree: &mut Map, file: &str) -> Result<(), LoadError> {
        let faults = schema::faults(tree);
        // The first of the most specific ones, as Compose chooses.
        let most = faults.iter().map(|fault| fault.specificity).max();
        // A date ends the search at once.
        let date = faults.iter().find(|fault| fault.why == schema::DATE);
        let deepest = faults.iter().find(|fault| Some(fault.specificity) == most);
        if let Some(fault) = date.or(deepest) {
            let mut path = fault.path.clone();
            path.extend(fault.unknown.first().cloned());
            return Err(LoadError::along(
                format!("validating {file}: {}", fault.text()),
                path,
            ));
        }
        if tree.remove("version").is_some() && !self.obsolete.iter().any(|other| other == file) {
            self.obsolete.push(file.to_owned());
            self.warnings.push(format!(
                "{file}: the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion"
            ));
        }
        Ok(())
    }
}

/// Reads a file as text.
pub(super) fn read_file(file: &str, files: &dyn Files, stdin: &[u8]) -> Result<String, LoadError> {
    let bytes = match file {
        "-" => stdin.to_vec(),
        file => files.read(file).map_err(|why| {
            let verb = match why.as_str() {
                "is a directory" => "read",
                _ => "open",
            };
            LoadError::new(format!("{verb} {file}: {why}"))
        })?,
    };
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Gives a fault the place of its value.
fn located(mut fault: LoadError, document: &Node) -> LoadError {
    if fault.at.is_none() && !fault.path.is_empty() {
        fault.at = Some(document.locate(&fault.path));
    }
    fault
}

fn odd_key(path: &[String], key: &str, at: crate::Position) -> LoadError {
    let place = match path {
        [] => "at top level".to_owned(),
        [first, rest @ ..] => {
            let mut place = format!("in {first}");
            for part in rest {
                if !part.starts_with('[') {
                    place.push('.');
                }
                place.push_str(part);
            }
            place
        }
    };
    LoadError::at(format!("non-string key {place}: {key}"), at)
}

/// Removes what is at a path.
pub(super) fn remove(map: &mut Map, path: &[String]) {
    match path {
        [] => map.clear(),
        [key] => {
            map.remove(key);
        }
        [key, rest @ ..] => {
            if let Some(inner) = map.get_mut(key).and_then(Value::as_map_mut) {
                remove(inner, rest);
            }
        }
    }
}
