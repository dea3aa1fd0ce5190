//! One run of `docker compose` as its verbs see it: its flags, the project they speak of, and what the engine holds of it.

use sorted::SortedMap;
use std::cell::RefCell;
use std::rc::Rc;

use compose::model::Project;
use compose::plan::{self, Container, Reach, labels};
use compose::value::Map;
use compose::{Files, LoadOptions, Skip};
use engine::Client;
use engine::api::{ContainerListOptions, ContainerSummary};
use kernel::sys::Sys;

use super::log;
use super::printer::Printer;
use super::progress::{Mode, Progress, STDERR};
use crate::args::Parsed;
use crate::session::{Failure, STDIN, STDOUT, Session, complaint, refused};

/// One run.
#[derive(Clone)]
pub(super) struct Compose {
    /// The program's run.
    pub(super) session: Session,
    /// The flags before the verb.
    pub(super) globals: Rc<Parsed>,
    /// True if nothing is to be changed.
    pub(super) dry: bool,
    /// Where steps are told.
    pub(super) progress: Progress,
    /// The environment, with the variables of Compose's own that environment files set.
    settings: Rc<SortedMap<String, String>>,
    /// Who shows what hooks print, if anybody does.
    pub(super) printer: Option<Printer>,
    /// What a dry run would have made.
    pretended: Rc<RefCell<Vec<Container>>>,
}

/// Which containers of a project are meant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scope {
    /// Those that do not run too.
    pub(super) stopped: bool,
    /// Those of `run` too.
    pub(super) one_off: bool,
}

impl Scope {
    /// The services' own, running or not.
    pub(super) const ALL: Self = Self {
        stopped: true,
        one_off: false,
    };
    /// Everything.
    pub(super) const WITH_ONE_OFF: Self = Self {
        stopped: true,
        one_off: true,
    };
    /// The services' own that run.
    pub(super) const RUNNING: Self = Self {
        stopped: false,
        one_off: false,
    };
}

/// What is there already needs no variables, and does not mind names.
const ONLY_SEEN: Skip = Skip {
    interpolation: false,
    normalization: false,
    consistency: false,
    container_names: true,
    paths: false,
    environment: true,
    clearing: false,
};

/// A project as a verb knows it: perhaps only by name.
pub(super) struct Named {
    /// The file, unless `-p` named a project and no file was given.
    pub(super) project: Option<Project>,
    /// The name.
    pub(super) name: String,
}

impl Compose {
    /// Reads the flags that all verbs share.
    pub(super) fn new(session: Session, parsed: &Parsed) -> Result<Self, Failure> {
        let globals = parsed
            .above
            .clone()
            .unwrap_or_else(|| Rc::new(parsed.clone()));
        let dry = globals.on("dry-run") || parsed.on("dry-run");
        let told = options_of(&session.sys, &globals);
        let (settings, warnings) = compose::settings(&told, &MachineFiles(&session.sys));
        for warning in &warnings {
            log::warn(&session, warning);
        }
        // The first is not looked for in environment files. Seen.
        let progress = (session.sys.env("COMPOSE_PROGRESS"), "progress");
        let ansi = (settings.get("COMPOSE_ANSI").cloned(), "ansi");
        let [progress, ansi] = [progress, ansi].map(|(set, flag)| {
            let given = globals.given_text(flag).map(str::to_owned);
            let set = set.filter(|set| !set.is_empty());
            given
                .or(set)
                .unwrap_or_else(|| globals.text(flag).to_owned())
        });
        for (flag, instead) in [("workdir", "project-directory"), ("no-ansi", "ansi")] {
            if globals.given(flag) {
                let text = deprecated(flag, instead);
                session.sys.err(&text);
            }
        }
        let mode = Mode::choose(&session, &progress, &ansi).map_err(complaint)?;
        if let Some(limit) = settings.get("COMPOSE_PARALLEL_LIMIT")
            && !globals.given("parallel")
            && limit.parse::<i64>().is_err()
        {
            let limit = crate::go::quote(limit);
            return Err(complaint(format!(
                "COMPOSE_PARALLEL_LIMIT must be an integer (found: {limit})"
            )));
        }
        let fd = match is_true(settings.get("COMPOSE_STATUS_STDOUT")) {
            true => STDOUT,
            false => STDERR,
        };
        Ok(Self {
            progress: Progress::new(&session, mode, dry, fd),
            session,
            globals,
            dry,
            settings: Rc::new(settings),
            printer: None,
            pretended: Rc::default(),
        })
    }

    /// The same run, telling nothing of what it does.
    pub(super) fn silent(&self) -> Self {
        Self {
            progress: self.progress.silent(),
            ..self.clone()
        }
    }

    /// The same run, showing what hooks print.
    pub(super) fn showing(&self, printer: &Printer) -> Self {
        Self {
            printer: Some(printer.clone()),
            ..self.clone()
        }
    }

    /// Connects to the engine.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        self.session.client()
    }

    /// What stands between the parts of a container's name.
    pub(super) fn separator(&self) -> char {
        match self.is_compatible() {
            true => '_',
            false => '-',
        }
    }

    /// Whether names, and what `config` prints, are those of Compose's first generation.
    pub(super) fn is_compatible(&self) -> bool {
        self.globals.on("compatibility")
    }

    /// Returns whether a variable of Compose's own says yes.
    pub(super) fn is_set(&self, variable: &str) -> bool {
        is_true(self.settings.get(variable))
    }

    /// Returns the environment files that were named.
    pub(super) fn env_files(&self) -> Vec<String> {
        env_files(&self.session.sys, &self.globals)
    }

    /// Returns what the flags and the environment ask to load.
    pub(super) async fn load_options(&self) -> LoadOptions {
        let sys = &self.session.sys;
        let mut options = options_of(sys, &self.globals);
        if options.files.iter().any(|file| file == "-") {
            options.stdin = read_stdin(sys).await;
        }
        options
    }

    /// Loads the project with these options, printing its warnings.
    pub(super) fn load(&self, options: &LoadOptions) -> Result<Project, Failure> {
        let loaded = compose::load(options, &MachineFiles(&self.session.sys));
        for warning in &loaded.warnings {
            log::warn(&self.session, warning);
        }
        loaded.project.map_err(|e| complaint(e.text))
    }

    /// Loads the merged tree of the files, printing its warnings.
    pub(super) fn load_tree(&self, options: &LoadOptions) -> Result<Map, Failure> {
        let (warnings, tree) = compose::load_tree(options, &MachineFiles(&self.session.sys));
        for warning in &warnings {
            log::warn(&self.session, warning);
        }
        tree.map_err(|e| complaint(e.text))
    }

    /// Loads the project and keeps the services named and what they need.
    pub(super) async fn project(&self, services: &[String]) -> Result<Project, Failure> {
        self.selected(services, Skip::default()).await
    }

    /// The same for commands that make no containers of services, which do not mind what these are to be named.
    pub(super) async fn seen_project(&self, services: &[String]) -> Result<Project, Failure> {
        let skip = Skip {
            container_names: true,
            ..Skip::default()
        };
        self.selected(services, skip).await
    }

    /// The same for `scale`.
    pub(super) async fn scaled_project(&self, services: &[String]) -> Result<Project, Failure> {
        let skip = Skip {
            clearing: true,
            ..Skip::default()
        };
        self.selected(services, skip).await
    }

    /// The same for commands about images, which read no environment files of services.
    pub(super) async fn project_of_images(&self, services: &[String]) -> Result<Project, Failure> {
        let skip = Skip {
            container_names: true,
            environment: true,
            ..Skip::default()
        };
        self.selected(services, skip).await
    }

    async fn selected(&self, services: &[String], skip: Skip) -> Result<Project, Failure> {
        let mut options = self.load_options().await;
        options.skip = skip;
        let mut project = self.load(&options)?;
        plan::select(&mut project, services, Reach::Dependencies).map_err(complaint)?;
        Ok(project)
    }

    /// Loads the project, unless `-p` names one and no file is given.
    pub(super) async fn named(&self, services: &[String]) -> Result<Named, Failure> {
        if let Some(name) = name_flag(&self.globals)
            && self.globals.all("file").is_empty()
        {
            return Ok(Named {
                project: None,
                name: name.to_ascii_lowercase(),
            });
        }
        match self.selected(services, ONLY_SEEN).await {
            Ok(project) => Ok(Named {
                name: project.name.clone(),
                project: Some(project),
            }),
            Err(failure) => match self.session.sys.env("COMPOSE_PROJECT_NAME") {
                Some(name) if !name.is_empty() => Ok(Named {
                    project: None,
                    name,
                }),
                _ => Err(failure),
            },
        }
    }

    /// Returns the project's name, from a flag, the environment or the file.
    pub(super) async fn name(&self) -> Result<String, Failure> {
        if let Some(name) = name_flag(&self.globals) {
            return Ok(name.to_ascii_lowercase());
        }
        match self.session.sys.env("COMPOSE_PROJECT_NAME") {
            Some(name) if !name.is_empty() => Ok(name),
            // For a name alone, the whole file is read.
            _ => Ok(self.seen_project(&[]).await?.name),
        }
    }

    /// Lists the project's containers, newest first, as the engine tells of them.
    pub(super) fn summaries(
        &self,
        project: &str,
        scope: Scope,
    ) -> Result<Vec<ContainerSummary>, Failure> {
        let mut wanted = vec![format!("{}={project}", labels::PROJECT)];
        wanted.push(labels::CONFIG_HASH.into());
        if !scope.one_off {
            wanted.push(format!("{}=False", labels::ONE_OFF));
        }
        let options = ContainerListOptions {
            all: scope.stopped,
            limit: None,
            filters: SortedMap::from([("label".into(), wanted)]),
        };
        self.client()?.container_list(options).map_err(refused)
    }

    /// Lists the project's containers, newest first.
    pub(super) fn containers(
        &self,
        project: &str,
        scope: Scope,
    ) -> Result<Vec<Container>, Failure> {
        let summaries = self.summaries(project, scope)?;
        let mut all: Vec<Container> = summaries.iter().map(seen).collect();
        all.extend(self.pretended.borrow().iter().cloned());
        Ok(all)
    }

    /// Notes what a dry run would have made.
    pub(super) fn pretend(&self, container: Container) {
        self.pretended.borrow_mut().push(container);
    }

    /// Returns one container of a service, those of `run` last. Errors: none runs.
    pub(super) fn target(
        &self,
        project: &str,
        service: &str,
        index: i64,
        scope: Scope,
    ) -> Result<Container, Failure> {
        let mut found = self.containers(project, scope)?;
        found.retain(|c| c.service == service && (index == 0 || c.number == index));
        sorted::sort_by_key(&mut found, |c| (c.one_off, c.number));
        found.into_iter().next().ok_or_else(|| {
            complaint(match index {
                0 => format!("service \"{service}\" is not running"),
                _ => format!("service \"{service}\" is not running container #{index}"),
            })
        })
    }
}

/// Returns what matters about a container.
pub(super) fn seen(summary: &ContainerSummary) -> Container {
    let label = |label: &str| summary.labels.get(label).cloned().unwrap_or_default();
    let names = summary
        .names
        .iter()
        .map(|name| name.trim_start_matches('/'));
    Container {
        id: summary.id.clone(),
        // Links give a container further names, which hold a slash.
        name: names
            .min_by_key(|name| name.matches('/').count())
            .unwrap_or_default()
            .to_owned(),
        service: label(labels::SERVICE),
        number: label(labels::NUMBER).parse().unwrap_or(0),
        state: summary.state.clone(),
        config_hash: label(labels::CONFIG_HASH),
        image: label(labels::IMAGE),
        networks: summary
            .network_settings
            .networks
            .values()
            .map(|endpoint| endpoint.network_id.clone())
            .collect(),
        created: summary.created,
        one_off: label(labels::ONE_OFF) == "True",
    }
}

/// The project's name, if a flag gives one; an empty one is none.
fn name_flag(globals: &Parsed) -> Option<&str> {
    let given = globals.given_text("project-name");
    given.filter(|name| !name.is_empty())
}

/// What the flags and the environment ask to load.
fn options_of(sys: &Sys, globals: &Parsed) -> LoadOptions {
    let given = |flag: &str| globals.given_text(flag).map(str::to_owned);
    LoadOptions {
        current_dir: sys.cwd(),
        files: globals.all("file").to_vec(),
        project_directory: given("project-directory").or_else(|| given("workdir")),
        project_name: name_flag(globals).map(str::to_owned),
        profiles: globals.all("profile").to_vec(),
        env_files: env_files(sys, globals),
        environment: environment(sys),
        all_resources: globals.on("all-resources"),
        ..LoadOptions::default()
    }
}

/// The environment files that flags name, or else a variable.
fn env_files(sys: &Sys, globals: &Parsed) -> Vec<String> {
    let given = globals.all("env-file");
    match sys.env("COMPOSE_ENV_FILES") {
        Some(names) if given.is_empty() && !names.is_empty() => {
            names.split(',').map(str::to_owned).collect()
        }
        _ => given.to_vec(),
    }
}

/// What is said of flags of old.
fn deprecated(flag: &str, instead: &str) -> String {
    match flag {
        "workdir" => format!(
            "\u{1b}[31moption '--{flag}' is DEPRECATED at root level! Please use '--{instead}' instead.\n\u{1b}[0m"
        ),
        _ => format!("option '--{flag}' is DEPRECATED ! Please use '--{instead}' instead.\n"),
    }
}

fn is_true(value: Option<&String>) -> bool {
    value.is_some_and(|value| crate::go::parse_bool(value).unwrap_or(false))
}

/// Returns all variables of the command.
pub(crate) fn environment(sys: &Sys) -> sorted::SortedMap<String, String> {
    sys.me(|process| process.env.iter().cloned().collect())
        .unwrap_or_default()
}

async fn read_stdin(sys: &Sys) -> Vec<u8> {
    let mut all = Vec::new();
    while let Ok(piece) = sys.read(STDIN, 4096).await {
        if piece.is_empty() {
            break;
        }
        all.extend_from_slice(&piece);
    }
    all
}

/// The files of the machine, as the loader reads them.
struct MachineFiles<'a>(&'a Sys);

impl Files for MachineFiles<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0
            .read_file(path)
            .map(|bytes| bytes.to_vec())
            .map_err(|e| e.to_string().to_ascii_lowercase())
    }

    fn exists(&self, path: &str) -> bool {
        self.0.exists(path)
    }

    fn is_dir(&self, path: &str) -> bool {
        self.0.is_dir(path)
    }
}
