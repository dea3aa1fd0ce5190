//! From a command line's wishes and a machine's files to a project.

use std::collections::BTreeMap;

use crate::error::LoadError;
use crate::model::Project;
use crate::value::{Map, Value};

/// The files that a load may read.
pub trait Files {
    /// Returns a file's bytes by its absolute path. Errors: what the machine says, as Go words it
    /// (`no such file or directory`, `is a directory`).
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// Returns whether something is at this absolute path.
    fn exists(&self, path: &str) -> bool;

    /// Returns whether a directory is at this absolute path.
    fn is_dir(&self, path: &str) -> bool;
}

/// What the flags and the environment of `docker compose` ask for.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The directory that the command was started in, absolute.
    pub current_dir: String,
    /// `-f`, in order; `-` is standard input, whose text is in `stdin`. Empty: look for a file.
    pub files: Vec<String>,
    /// What standard input held, for `-f -`.
    pub stdin: Vec<u8>,
    /// `--project-directory`.
    pub project_directory: Option<String>,
    /// `-p`.
    pub project_name: Option<String>,
    /// `--profile`, in order; `*` is all of them.
    pub profiles: Vec<String>,
    /// `--env-file`, in order. Empty: `.env` beside the Compose file.
    pub env_files: Vec<String>,
    /// The environment of the command. `COMPOSE_FILE`, `COMPOSE_PROJECT_NAME`, `COMPOSE_PROFILES` and their like are
    /// read from it.
    pub environment: BTreeMap<String, String>,
    /// What `config` may leave out.
    pub skip: Skip,
}

/// Steps that flags of `config` leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skip {
    /// `--no-interpolate`.
    pub interpolation: bool,
    /// `--no-normalize`.
    pub normalization: bool,
    /// `--no-consistency`.
    pub consistency: bool,
    /// `--no-path-resolution`.
    pub paths: bool,
    /// `--no-env-resolution`.
    pub environment: bool,
}

/// What a load came to.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Warnings, in order: the bare message of each, which Compose prints as a log line of level `warning`, before the
    /// outcome.
    pub warnings: Vec<String>,
    /// The project, or why there is none.
    pub project: Result<Project, LoadError>,
}

/// Loads a project.
pub fn load(options: &LoadOptions, files: &dyn Files) -> Loaded {
    let mut warnings = Vec::new();
    let project = read(options, files, &mut warnings);
    Loaded { warnings, project }
}

fn read(
    options: &LoadOptions,
    files: &dyn Files,
    _warnings: &mut Vec<String>,
) -> Result<Project, LoadError> {
    let Some(file) = options.files.first() else {
        return Err(LoadError::new("no configuration file provided: not found"));
    };
    let bytes = files
        .read(file)
        .map_err(|why| LoadError::new(format!("open {file}: {why}")))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut tree = Map::new();
    for document in crate::yaml::documents(&text)? {
        let decoded = document.decode()?;
        let Value::Map(map) = decoded.value else {
            return Err(LoadError::new("top-level object must be a mapping"));
        };
        tree.extend(map);
    }
    Ok(Project::from_tree(tree))
}
