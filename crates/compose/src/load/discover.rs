//! Which files, which directory, which environment. Source: compose-go 2.9.1, cli/options.go.

use sorted::SortedMap;

use super::{Files, LoadOptions};
use crate::dotenv;
use crate::error::LoadError;
use crate::mount::clean;

const NAMES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// What a load begins with.
pub(super) struct Found {
    /// The files, absolute; `-` for standard input. None, if there is none to be found.
    pub(super) files: Vec<String>,
    /// The project's directory, absolute.
    pub(super) working_dir: String,
    /// The command's environment with that of environment files.
    pub(super) environment: SortedMap<String, String>,
}

/// Returns the environment, with what environment files say of the program itself, and the warnings. A file that cannot be
/// read says nothing.
pub(super) fn settings(
    options: &LoadOptions,
    files: &dyn Files,
) -> (SortedMap<String, String>, Vec<String>) {
    let mut environment = options.environment.clone();
    let from = options.project_directory.as_ref();
    let directory = match (from, options.files.iter().find(|path| *path != "-")) {
        (Some(directory), _) => absolute(&options.current_dir, directory),
        (None, Some(path)) => parent(&absolute(&options.current_dir, path)),
        (None, None) => options.current_dir.clone(),
    };
    let mut read = environment.clone();
    let mut warnings = Vec::new();
    if read_env_files(options, &directory, files, &mut read, &mut warnings).is_ok() {
        // Compose reads them twice before it begins.
        warnings.extend_from_within(..);
        read.retain(|name, _| name.starts_with("COMPOSE_"));
        for (name, value) in read {
            environment.entry(name).or_insert(value);
        }
    }
    (environment, warnings)
}

/// Finds files and environment.
pub(super) fn discover(
    options: &LoadOptions,
    files: &dyn Files,
    warnings: &mut Vec<String>,
) -> Result<Found, LoadError> {
    let mut environment = options.environment.clone();
    let from_directory = options
        .project_directory
        .as_ref()
        .map(|directory| absolute(&options.current_dir, directory));
    let directory_of = |paths: &[String]| {
        let first = paths.iter().find(|path| *path != "-");
        match (&from_directory, first) {
            (Some(directory), _) => directory.clone(),
            (None, Some(path)) => parent(&absolute(&options.current_dir, path)),
            (None, None) => options.current_dir.clone(),
        }
    };
    // The environment may name the files, and the files' directory may hold the environment.
    read_env_files(
        options,
        &directory_of(&options.files),
        files,
        &mut environment,
        warnings,
    )?;
    let mut paths = options.files.clone();
    if paths.is_empty()
        && let Some(named) = environment.get("COMPOSE_FILE")
    {
        let separator = match environment.get("COMPOSE_PATH_SEPARATOR") {
            Some(separator) if !separator.is_empty() => separator.as_str(),
            _ => ":",
        };
        paths = named.split(separator).map(str::to_owned).collect();
        // Those are looked for before any is read, unlike those that flags name. Seen.
        let mut whole = paths
            .iter()
            .filter(|path| *path != "-")
            .map(|path| absolute(&options.current_dir, path));
        if let Some(missing) = whole.find(|path| !files.exists(path)) {
            let why = format!("stat {missing}: no such file or directory");
            return Err(LoadError::new(why));
        }
    }
    if paths.is_empty() {
        paths = search(&directory_of(&[]), files, warnings);
    }
    let working_dir = directory_of(&paths);
    read_env_files(options, &working_dir, files, &mut environment, warnings)?;
    let absolute = |path: &String| match path.as_str() {
        "-" => "-".to_owned(),
        path => absolute(&options.current_dir, path),
    };
    Ok(Found {
        files: paths.iter().map(absolute).collect(),
        working_dir,
        environment,
    })
}

/// Looks for the usual names in a directory and those above it.
fn search(from: &str, files: &dyn Files, warnings: &mut Vec<String>) -> Vec<String> {
    let mut directory = from.to_owned();
    loop {
        let there = |names: &[&str]| -> Vec<String> {
            let paths = names.iter().map(|name| absolute(&directory, name));
            paths.filter(|path| files.exists(path)).collect()
        };
        let found = there(&NAMES);
        if let Some(winner) = found.first() {
            if found.len() > 1 {
                warnings.push(format!(
                    "Found multiple config files with supported names: {}",
                    found.join(", ")
                ));
                warnings.push(format!("Using {winner}"));
            }
            let overrides = there(&OVERRIDES);
            if let (Some(first), true) = (overrides.first(), overrides.len() > 1) {
                warnings.push(format!(
                    "Found multiple override files with supported names: {}",
                    overrides.join(", ")
                ));
                warnings.push(format!("Using {first}"));
            }
            let chosen = [Some(winner), overrides.first()];
            return chosen.into_iter().flatten().cloned().collect();
        }
        let above = parent(&directory);
        if above == directory {
            return Vec::new();
        }
        directory = above;
    }
}

/// Adds what environment files say and the environment does not.
fn read_env_files(
    options: &LoadOptions,
    directory: &str,
    files: &dyn Files,
    environment: &mut SortedMap<String, String>,
    warnings: &mut Vec<String>,
) -> Result<(), LoadError> {
    let paths: Vec<String> = if options.env_files.is_empty() {
        let usual = absolute(directory, ".env");
        let disabled = environment
            .get("COMPOSE_DISABLE_ENV_FILE")
            .is_some_and(|value| {
                matches!(value.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True")
            });
        let there = files.exists(&usual) && !files.is_dir(&usual) && !disabled;
        there.then_some(usual).into_iter().collect()
    } else {
        let given = options.env_files.iter();
        given
            .map(|path| absolute(&options.current_dir, path))
            .collect()
    };
    let variables = read_variables(&paths, environment, files, warnings)?;
    for (name, value) in variables {
        environment.entry(name).or_insert(value);
    }
    Ok(())
}

/// Reads environment files, a later one over an earlier one; what is set outside wins within them.
pub(super) fn read_variables(
    paths: &[String],
    environment: &SortedMap<String, String>,
    files: &dyn Files,
    warnings: &mut Vec<String>,
) -> Result<SortedMap<String, String>, LoadError> {
    let mut variables = SortedMap::new();
    for path in paths {
        if !files.exists(path) {
            return Err(LoadError::new(format!("couldn't find env file: {path}")));
        }
        if files.is_dir(path) {
            return Err(LoadError::new(format!("{path} is a directory")));
        }
        let bytes = files
            .read(path)
            .map_err(|why| LoadError::new(format!("open {path}: {why}")))?;
        let text = String::from_utf8_lossy(&bytes);
        let known = |name: &str| {
            environment
                .get(name)
                .or_else(|| variables.get(name))
                .cloned()
        };
        let read = dotenv::parse(&text, &known, warnings)
            .map_err(|why| LoadError::new(format!("failed to read {path}: {why}")))?;
        variables.extend(read);
    }
    Ok(variables)
}

/// Makes a path absolute.
pub(super) fn absolute(directory: &str, path: &str) -> String {
    match path.starts_with('/') {
        true => clean(path),
        false => clean(&format!("{directory}/{path}")),
    }
}

/// Returns the directory that a path is in.
pub(super) fn parent(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/".into(),
        Some((directory, _)) => directory.into(),
    }
}
