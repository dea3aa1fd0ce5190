//! From a command line's wishes and a machine's files to a project.
//!
//! The steps, in order: [`discover`] finds the files and the environment, [`name`] the project's name; [`layers`] reads
//! each file and lays it over those before, with [`extends`] and [`include`]; [`defaults`], [`values`] and [`paths`]
//! finish the tree; [`normalize`] adds what is implied; then the model is made and [`consistency`] looks at the whole.

mod consistency;
mod defaults;
mod discover;
mod environment;
mod extends;
mod include;
mod layers;
mod name;
mod normalize;
pub(crate) mod paths;
mod profiles;
mod values;

use sorted::SortedMap;

use crate::error::LoadError;
use crate::model::{Project, drop_unused};
use crate::shape;
use crate::value::{Map, Value};
use layers::{Layers, Loader};

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
    pub environment: SortedMap<String, String>,
    /// Whether resources stay that no service uses: `--all-resources`.
    pub all_resources: bool,
    /// What `config` may leave out.
    pub skip: Skip,
}

/// Steps that are left out: by flags of `config`, and by commands that make no containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skip {
    /// `--no-interpolate`.
    pub interpolation: bool,
    /// `--no-normalize`.
    pub normalization: bool,
    /// `--no-consistency`.
    pub consistency: bool,
    /// Whether services may give containers the same name. Only commands that make containers, and `config`, mind.
    pub container_names: bool,
    /// `--no-path-resolution`.
    pub paths: bool,
    /// `--no-env-resolution`.
    pub environment: bool,
    /// Whether services go on naming files of variables that were read. `scale` alone forgets to take these away, so that to
    /// Compose every service with one is another than `up` made.
    pub clearing: bool,
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
    let project = project(options, files, &mut warnings);
    Loaded { warnings, project }
}

/// Loads only the merged tree, which has no model: what `config --no-interpolate` prints.
pub fn load_tree(
    options: &LoadOptions,
    files: &dyn Files,
) -> (Vec<String>, Result<Map, LoadError>) {
    let mut warnings = Vec::new();
    // What is printed as it stands is only named when it is made whole.
    let named = !options.skip.normalization;
    let tree = tree(options, files, &mut warnings, named).map(|(tree, _)| tree);
    (warnings, tree)
}

/// Returns the environment with the variables of Compose's own that environment files set: what the program goes by before
/// it reads any other file. Then its warnings.
pub fn settings(
    options: &LoadOptions,
    files: &dyn Files,
) -> (SortedMap<String, String>, Vec<String>) {
    discover::settings(options, files)
}

/// Reads an environment file's text that a command names, with what its variables may refer to. Errors: why it is none.
pub fn env_file(
    text: &str,
    known: &dyn Fn(&str) -> Option<String>,
    warnings: &mut Vec<String>,
) -> Result<SortedMap<String, String>, String> {
    crate::dotenv::parse(text, known, warnings)
}

/// Finds the project's name without loading it, for commands that need no file. Errors: the name is none.
pub fn project_name(options: &LoadOptions, files: &dyn Files) -> Result<String, LoadError> {
    let mut warnings = Vec::new();
    let found = discover::discover(options, files, &mut warnings)?;
    name::find(options, &found, files, &mut warnings)
}

fn project(
    options: &LoadOptions,
    files: &dyn Files,
    warnings: &mut Vec<String>,
) -> Result<Project, LoadError> {
    let (tree, found) = tree(options, files, warnings, true)?;
    let shaped = shape::file(tree)?;
    let mut project = Project::from_tree(shaped);
    project.working_dir = found.working_dir;
    project.compose_files = found.files;
    project.environment = found.environment;
    project
        .environment
        .entry("COMPOSE_PROJECT_NAME".into())
        .or_insert_with(|| project.name.clone());
    project.profiles = profiles::wanted(&options.profiles, &project.environment);
    profiles::apply(&mut project);
    if !options.skip.consistency {
        consistency::check(&mut project)?;
        if !options.skip.container_names {
            consistency::check_container_names(&project)?;
        }
    }
    if !options.skip.environment {
        environment::resolve(&mut project, files, warnings, !options.skip.clearing)?;
    }
    project.all_resources = options.all_resources;
    drop_unused(&mut project);
    Ok(project)
}

/// Reads and merges all files, and finishes the tree; a tree that is to be named gets the project's name. Faults that name
/// a value get its place.
fn tree(
    options: &LoadOptions,
    files: &dyn Files,
    warnings: &mut Vec<String>,
    named: bool,
) -> Result<(Map, discover::Found), LoadError> {
    let mut found = discover::discover(options, files, warnings)?;
    if found.files.is_empty() {
        return Err(LoadError::new("no configuration file provided: not found"));
    }
    let name = name::find(options, &found, files, warnings)?;
    if !found.environment.contains_key("COMPOSE_PROJECT_NAME") {
        found
            .environment
            .insert("COMPOSE_PROJECT_NAME".into(), name.clone());
    }
    let mut loader = Loader {
        files,
        stdin: &options.stdin,
        skip: options.skip,
        environment: found.environment.clone(),
        warnings,
        obsolete: Vec::new(),
    };
    let layers = Layers {
        files: found.files.clone(),
        working_dir: found.working_dir.clone(),
        included: Vec::new(),
        paths: !options.skip.paths,
    };
    let mut tree = loader.model(&layers)?;
    if tree.is_empty() {
        return Err(LoadError::new("empty compose file"));
    }
    if named {
        tree.insert("name".into(), Value::Str(name));
    }
    if !options.skip.normalization {
        normalize::normalize(&mut tree, &found.environment);
    }
    Ok((tree, found))
}
