//! What a project is called. Source: compose-go 2.9.1, cli/options.go and loader/loader.go.

use super::discover::Found;
use super::layers::read_file;
use super::{Files, LoadOptions};
use crate::error::LoadError;
use crate::go;
use crate::interpolate::substitute;
use crate::path::Path;
use crate::value::{Map, Value};
use crate::yaml;

/// Finds the name: of the flag, the environment, the files (the last that has one), or the directory.
pub(super) fn find(
    options: &LoadOptions,
    found: &Found,
    files: &dyn Files,
    warnings: &mut Vec<String>,
) -> Result<String, LoadError> {
    if let Some(name) = options
        .project_name
        .as_ref()
        .filter(|name| !name.is_empty())
    {
        return valid(name);
    }
    let in_files = name_in_files(options, found, files)?;
    let named = found.environment.get("COMPOSE_PROJECT_NAME");
    if let Some(name) = named.filter(|name| !name.is_empty()) {
        return valid(name);
    }
    if let Some(name) = in_files {
        let lookup = |name: &str| found.environment.get(name).cloned();
        let name = match options.skip.interpolation {
            true => name,
            false => substitute(&name, &lookup, warnings)
                .map_err(|fault| fault.at(&Path::ROOT.then("name")))?,
        };
        return match normalized(&name) {
            name if name.is_empty() => Err(LoadError::new("project name must not be empty")),
            name => Ok(name),
        };
    }
    let directory = found.working_dir.rsplit('/').next().unwrap_or_default();
    match normalized(directory) {
        name if name.is_empty() => Err(LoadError::new("project name must not be empty")),
        name => Ok(name),
    }
}

/// Reads the files' names. This is their first reading, so it tells of faults in the text, too.
fn name_in_files(
    options: &LoadOptions,
    found: &Found,
    files: &dyn Files,
) -> Result<Option<String>, LoadError> {
    let mut name = None;
    for file in &found.files {
        let text = read_file(file, files, &options.stdin)?;
        // This reading does not follow aliases; the next one does, and names the file.
        let documents = yaml::documents(&text).map_err(|fault| {
            match fault.text.starts_with("cycle detected") {
                true => LoadError {
                    text: format!("failed to parse {file}: {}", fault.text),
                    ..fault
                },
                false => fault,
            }
        })?;
        let Some(root) = documents.into_iter().next() else {
            continue;
        };
        root.check_top()?;
        let Ok(decoded) = root.decode() else { continue };
        match decoded.value.as_map().and_then(|map: &Map| map.get("name")) {
            Some(Value::Str(text)) if !text.is_empty() => name = Some(text.clone()),
            _ => {}
        }
    }
    Ok(name)
}

fn valid(name: &str) -> Result<String, LoadError> {
    if normalized(name) == name {
        return Ok(name.into());
    }
    Err(LoadError::new(format!(
        "invalid project name {}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number",
        go::quote(name)
    )))
}

/// Makes a name of any text: what may not be in one is left out.
fn normalized(text: &str) -> String {
    let kept: String = text
        .to_ascii_lowercase()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        .collect();
    kept.trim_start_matches(['_', '-']).into()
}
