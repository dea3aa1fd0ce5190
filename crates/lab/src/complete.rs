//! What could come next on a command line: programs, docker's commands and flags, names of things, files.

use crate::names::Directory;
use crate::view::{Completion, Completions};
use cli::args::{Command, Kind};
use cli::docker::DOCKER;
use kernel::Kernel;
use kernel::fs::{Node, path};
use kernel::ids::ProcessId;

/// How many are offered.
const LIMIT: usize = 200;

/// Completes the word at `cursor` (in characters) of a line typed to `shell`.
pub(crate) fn complete(kernel: &Kernel, shell: ProcessId, machine: &str, line: &str, cursor: usize) -> Completions {
    let typed: String = line.chars().take(cursor).collect();
    // Only the command at the cursor counts, not those before it in the line.
    let start = typed.rfind(['|', ';', '&', '(', '\n']).map_or(0, |at| at + 1);
    let command = typed.get(start..).unwrap_or_default();
    let mut words: Vec<&str> = command.split_whitespace().collect();
    let current = if command.ends_with(char::is_whitespace) || command.is_empty() { "" } else { words.pop().unwrap_or_default() };
    let from = cursor.saturating_sub(current.chars().count());
    let mut items = match words.split_first() {
        None => programs(kernel, shell, current),
        Some((&"docker", rest)) => docker(kernel, machine, rest, current),
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
    Completion { text: text.into(), description: description.into(), space: true }
}

fn programs(kernel: &Kernel, shell: ProcessId, current: &str) -> Vec<Completion> {
    if current.contains('/') {
        return files(kernel, shell, current);
    }
    let Some(tree) = kernel.proc.get(shell).and_then(|p| kernel.tree(p.mount)) else { return Vec::new() };
    let mut names: Vec<String> = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]
        .iter()
        .flat_map(|dir| tree.list(dir))
        .map(|entry| entry.name)
        .filter(|name| name.starts_with(current))
        .collect();
    names.sort();
    names.dedup();
    let about = |name: &str| match name {
        "docker" => DOCKER.short,
        _ => userland::registry::find(name).map_or("", |entry| entry.about),
    };
    names.into_iter().map(|name| item(name.clone(), about(&name))).collect()
}

fn options(program: &str, current: &str) -> Vec<Completion> {
    let words = userland::registry::find(program).map_or(&[][..], |entry| entry.words);
    words.iter().filter(|w| w.starts_with(current)).map(|w| item(*w, "")).collect()
}

fn files(kernel: &Kernel, shell: ProcessId, current: &str) -> Vec<Completion> {
    let Some(process) = kernel.proc.get(shell) else { return Vec::new() };
    let (dir, name) = current.rsplit_once('/').map_or(("", current), |(dir, name)| (if dir.is_empty() { "/" } else { dir }, name));
    let shown = if current.contains('/') { current.strip_suffix(name).unwrap_or_default() } else { "" };
    let Some(tree) = kernel.tree(process.mount) else { return Vec::new() };
    let Ok(dir) = tree.resolve(&path::absolute(&process.cwd, dir), true) else { return Vec::new() };
    tree.list(&dir)
        .into_iter()
        .filter(|e| e.name.starts_with(name) && (name.starts_with('.') || !e.name.starts_with('.')))
        .map(|e| {
            let folder = matches!(e.meta.node, Node::Dir);
            let text = format!("{shown}{}{}", e.name, if folder { "/" } else { "" });
            Completion { text, description: String::new(), space: !folder }
        })
        .collect()
}

fn docker(kernel: &Kernel, machine: &str, words: &[&str], current: &str) -> Vec<Completion> {
    let mut command: &Command = &DOCKER;
    let mut positionals = 0;
    let mut skip_value = false;
    let mut foreign = false;
    for word in words {
        if std::mem::take(&mut skip_value) {
            continue;
        }
        if let Some(name) = word.strip_prefix('-') {
            skip_value = !word.contains('=') && takes_value(command, name.trim_start_matches('-'));
            continue;
        }
        match subcommands(command).find(|c| c.name == *word || c.aliases.contains(word)) {
            Some(next) if positionals == 0 => command = next,
            _ => {
                positionals += 1;
                foreign = !command.interspersed;
            }
        }
    }
    if foreign && positionals > 0 && command.name != "docker" {
        return Vec::new();
    }
    if skip_value {
        let flag = words.last().map_or("", |w| w.trim_start_matches('-'));
        return flag_values(kernel, machine, flag, current);
    }
    if current.starts_with('-') {
        let flags = command.flags.iter().copied().flatten().filter(|f| !f.hidden && f.deprecated.is_empty());
        let mut items: Vec<Completion> = flags
            .map(|f| item(format!("--{}", f.name), f.usage))
            .filter(|c| c.text.starts_with(current))
            .collect();
        items.sort_by(|a, b| a.text.cmp(&b.text));
        return items;
    }
    if !command.sections.is_empty() {
        return subcommands(command)
            .filter(|c| !c.hidden && c.name.starts_with(current))
            .map(|c| item(c.name, c.short))
            .collect();
    }
    objects(kernel, machine, subject(command.usage, positionals), current)
}

/// What an argument names, in the words of the usage line: `[OPTIONS] NETWORK CONTAINER` says it for both.
fn subject(usage: &str, position: usize) -> &str {
    let mut words = usage.split(|c: char| !c.is_ascii_uppercase()).filter(|w| w.len() > 1 && *w != "OPTIONS");
    let mut last = "";
    for _ in 0..=position {
        match words.next() {
            Some(word) => last = word,
            None => break,
        }
    }
    last
}

fn subcommands(command: &'static Command) -> impl Iterator<Item = &'static Command> {
    command.sections.iter().flat_map(|s| s.commands.iter().copied())
}

fn takes_value(command: &Command, name: &str) -> bool {
    let flags = || command.flags.iter().copied().flatten();
    let long = flags().find(|f| f.name == name);
    let short = name.chars().last().and_then(|c| flags().find(|f| f.short == Some(c)));
    long.or(short).is_some_and(|f| !matches!(f.kind, Kind::Bool))
}

fn flag_values(kernel: &Kernel, machine: &str, flag: &str, current: &str) -> Vec<Completion> {
    match flag {
        "network" | "net" => objects(kernel, machine, "NETWORK", current),
        "link" | "volumes-from" => objects(kernel, machine, "CONTAINER", current),
        _ => Vec::new(),
    }
}

fn objects(kernel: &Kernel, machine: &str, subject: &str, current: &str) -> Vec<Completion> {
    let directory = Directory::new(kernel);
    let Some(survey) = directory.survey(machine) else { return Vec::new() };
    let containers = || survey.containers.iter().map(|c| item(c.name.clone(), format!("{}, {}", c.image, c.status)));
    let networks = || survey.networks.iter().map(|n| item(n.name.clone(), n.driver.clone()));
    let all: Vec<Completion> = match subject {
        "CONTAINER" => containers().collect(),
        "NETWORK" => networks().collect(),
        "IMAGE" => survey.images.iter().map(|name| item(name.clone(), "image")).collect(),
        "NAME" => containers().chain(networks()).collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|c| c.text.starts_with(current)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usage_line_says_what_an_argument_names() {
        assert_eq!(subject("[OPTIONS] NETWORK CONTAINER", 0), "NETWORK");
        assert_eq!(subject("[OPTIONS] NETWORK CONTAINER", 1), "CONTAINER");
        assert_eq!(subject("[OPTIONS] CONTAINER [CONTAINER...]", 5), "CONTAINER");
        assert_eq!(subject("[OPTIONS] IMAGE [COMMAND] [ARG...]", 0), "IMAGE");
    }
}
