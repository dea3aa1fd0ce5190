//! What could come next on a command line: programs, docker's commands and flags, names of things, files.

use crate::files::Draft;
use crate::names::Directory;
use crate::scenario::login_environment;
use crate::view::{Completion, Completions};
use cli::complete::Subject;
use cli::docker::DOCKER;
use compose::LoadOptions;
use engine::survey::Survey;
use kernel::Kernel;
use kernel::fs::{Node, path};
use kernel::ids::ProcessId;

/// How many are offered.
const LIMIT: usize = 200;

/// Completes the word at `cursor` (in characters) of a line typed to `shell`.
pub(crate) fn complete(
    kernel: &Kernel,
    shell: ProcessId,
    machine: &str,
    line: &str,
    cursor: usize,
) -> Completions {
    let typed: String = line.chars().take(cursor).collect();
    // Only the command at the cursor counts, not those before it in the line.
    let start = typed
        .rfind(['|', ';', '&', '(', '\n'])
        .map_or(0, |at| at + 1);
    let command = typed.get(start..).unwrap_or_default();
    let mut words: Vec<&str> = command.split_whitespace().collect();
    let current = if command.ends_with(char::is_whitespace) || command.is_empty() {
        ""
    } else {
        words.pop().unwrap_or_default()
    };
    let from = cursor.saturating_sub(current.chars().count());
    let mut items = match words.split_first() {
        None => programs(kernel, shell, current),
        Some((&"docker", rest)) => docker(kernel, (machine, shell), rest, current),
        Some((&"docker-compose", rest)) => {
            let rest = [&["compose"], rest].concat();
            docker(kernel, (machine, shell), &rest, current)
        }
        Some((program, _)) => {
            let mut items = options(program, current);
            items.extend(files(kernel, shell, current));
            items
        }
    };
    items.truncate(LIMIT);
    Completions { from, items }
}

fn item(text: impl Into<String>, description: impl Into<String>) -> Completion {
    Completion {
        text: text.into(),
        description: description.into(),
        space: true,
    }
}

fn programs(kernel: &Kernel, shell: ProcessId, current: &str) -> Vec<Completion> {
    if current.contains('/') {
        return files(kernel, shell, current);
    }
    let Some(tree) = kernel.proc.get(shell).map(|p| p.mount) else {
        return Vec::new();
    };
    let mut names: Vec<String> = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]
        .iter()
        .flat_map(|dir| kernel.list(tree, dir))
        .map(|entry| entry.name)
        .filter(|name| name.starts_with(current))
        .collect();
    sorted::sort(&mut names);
    names.dedup();
    let about = |name: &str| match name {
        "docker" => DOCKER.short,
        "docker-compose" => "Docker Compose",
        _ => userland::registry::find(name).map_or("", |entry| entry.about),
    };
    names
        .into_iter()
        .map(|name| item(name.clone(), about(&name)))
        .collect()
}

fn options(program: &str, current: &str) -> Vec<Completion> {
    let words = userland::registry::find(program).map_or(&[][..], |entry| entry.words);
    words
        .iter()
        .filter(|w| w.starts_with(current))
        .map(|w| item(*w, ""))
        .collect()
}

fn files(kernel: &Kernel, shell: ProcessId, current: &str) -> Vec<Completion> {
    let Some(process) = kernel.proc.get(shell) else {
        return Vec::new();
    };
    let (dir, name) = current
        .rsplit_once('/')
        .map_or(("", current), |(dir, name)| {
            (if dir.is_empty() { "/" } else { dir }, name)
        });
    let shown = if current.contains('/') {
        current.strip_suffix(name).unwrap_or_default()
    } else {
        ""
    };
    let Ok(dir) = kernel.resolve(process.mount, &path::absolute(&process.cwd, dir), true) else {
        return Vec::new();
    };
    kernel
        .list(process.mount, &dir)
        .into_iter()
        .filter(|e| e.name.starts_with(name) && (name.starts_with('.') || !e.name.starts_with('.')))
        .map(|e| {
            let folder = matches!(e.meta.node, Node::Dir);
            let text = format!("{shown}{}{}", e.name, if folder { "/" } else { "" });
            Completion {
                text,
                description: String::new(),
                space: !folder,
            }
        })
        .collect()
}

/// The services of the Compose project that a command line is about; none if it is not one of Compose.
fn services(kernel: &Kernel, (machine, shell): (&str, ProcessId), words: &[&str]) -> Vec<String> {
    let mut words = words.iter().skip_while(|word| **word != "compose");
    let (Some(_), Some(process)) = (words.next(), kernel.proc.get(shell)) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    // What stands behind the verb is its own.
    while let Some(flag) = words.next().filter(|word| word.starts_with('-')) {
        match *flag {
            "-f" | "--file" => files.extend(words.next().map(|file| (*file).to_owned())),
            "-p" | "--project-name" | "--profile" | "--env-file" => drop(words.next()),
            _ => {}
        }
    }
    let options = LoadOptions {
        current_dir: process.cwd.clone(),
        files,
        profiles: vec!["*".to_owned()],
        environment: login_environment().into_iter().collect(),
        ..LoadOptions::default()
    };
    let project = compose::load(&options, &Draft::new(kernel, machine, "", "")).project;
    project.map_or_else(
        |_| Vec::new(),
        |project| project.services.into_keys().collect(),
    )
}

/// What `docker` itself offers, its objects described by what the machine's engine knows of them.
fn docker(
    kernel: &Kernel,
    (machine, shell): (&str, ProcessId),
    words: &[&str],
    current: &str,
) -> Vec<Completion> {
    let directory = Directory::new(kernel);
    let empty = Survey::default();
    let survey = directory.survey(machine).unwrap_or(&empty);
    let containers = |keep: fn(bool) -> bool| {
        let fits = survey
            .containers
            .iter()
            .filter(|c| keep(c.status == "running"));
        fits.map(|c| c.name.clone()).collect::<Vec<_>>()
    };
    let networks = || survey.networks.iter().map(|n| n.name.clone());
    // Of several containers among the words, the last one is meant.
    let program_names = || {
        let inside = words.iter().rev().find_map(|word| {
            let container = survey.containers.iter().find(|c| c.name == *word)?;
            container.process
        });
        let found = inside.map(|process| programs(kernel, process, current));
        let found = found.unwrap_or_default().into_iter();
        found.map(|program| program.text).collect::<Vec<_>>()
    };
    let names = |subject: Subject| match subject {
        Subject::Program => program_names(),
        Subject::Service => services(kernel, (machine, shell), words),
        Subject::Container => containers(|_| true),
        Subject::RunningContainer => containers(|running| running),
        Subject::StoppedContainer => containers(|running| !running),
        Subject::Network => networks().collect(),
        Subject::Image => survey.images.clone(),
        Subject::Node => survey.swarm.nodes.clone(),
        Subject::SwarmService => survey.swarm.services.clone(),
        Subject::Stack => survey.swarm.stacks.clone(),
        Subject::Secret => survey.swarm.secrets.clone(),
        Subject::Config => survey.swarm.configs.clone(),
        Subject::Anything => containers(|_| true).into_iter().chain(networks()).collect(),
    };
    let described = |word: &str| {
        let container = survey.containers.iter().find(|c| c.name == word);
        let network = survey.networks.iter().find(|n| n.name == word);
        container
            .map(|c| format!("{}, {}", c.image, c.status))
            .or_else(|| network.map(|n| n.driver.clone()))
            .or_else(|| userland::registry::find(word).map(|p| p.about.to_owned()))
    };
    cli::complete::complete(words, current, names)
        .into_iter()
        .map(|candidate| {
            let about = if candidate.about.is_empty() {
                described(&candidate.word)
            } else {
                None
            };
            item(candidate.word, about.unwrap_or(candidate.about))
        })
        .collect()
}
