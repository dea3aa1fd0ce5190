//! `docs/not-modelled.md`: what the programs say they leave out, read from where they say it.
//!
//! Three forms are known in the source: calls of `not_modelled` with the program's name, sentences that hold the words
//! "not modelled", and entries of `docker`'s tables whose action is `NotModelled`. Values in a sentence become words in
//! capitals.

mod idle;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::Project;
use crate::report::{Context as _, Result};

/// Where the list stands, from the root of the repository.
const FILE: &str = "docs/not-modelled.md";

const HEAD: &str = "# What is known and not modelled

This list is made from the source by `cargo xtask docs`; `cargo xtask test tidy` fails when it is out of date.
Each of these says so itself when it is asked for.
An option that a program does not know at all is refused with its name.
Words in capitals stand for what was typed.
";

/// Writes the list.
pub(crate) fn write(project: &Project) -> Result<()> {
    let path = project.root().join(FILE);
    let text = whole(project)?;
    fs::write(&path, text).context(|| format!("write {}", path.display()))
}

/// What is wrong with the list, if it is not what the source says.
pub(crate) fn faults(project: &Project) -> Result<Vec<String>> {
    let there = fs::read_to_string(project.root().join(FILE)).unwrap_or_default();
    let current = whole(project)? == there;
    let fault = format!("{FILE} is out of date: run `cargo xtask docs`");
    Ok(if current { Vec::new() } else { vec![fault] })
}

/// The list, of programs and of Compose's keys.
fn whole(project: &Project) -> Result<String> {
    Ok(render(&sources(project)?) + &idle::section(project)?)
}

/// The sources of the programs, by path.
fn sources(project: &Project) -> Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for room in ["userland", "cli", "engine"] {
        gather(
            &project.root().join("crates").join(room).join("src"),
            &mut found,
        )?;
    }
    found.sort();
    Ok(found)
}

fn gather(folder: &Path, found: &mut Vec<(PathBuf, String)>) -> Result<()> {
    let entries = fs::read_dir(folder).context(|| format!("list {}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, found)?;
        } else if path.extension().is_some_and(|kind| kind == "rs")
            && !path.to_string_lossy().contains("tests")
        {
            let text = fs::read_to_string(&path).context(|| format!("read {}", path.display()))?;
            found.push((path, text));
        }
    }
    Ok(())
}

fn render(sources: &[(PathBuf, String)]) -> String {
    let mut items: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, text) in sources {
        // Tests stand at the end of a file.
        let code = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        calls(path, code, &mut items);
        sentences(path, code, &mut items);
        commands(path, code, &mut items);
    }
    let mut out = HEAD.to_owned();
    let mut program = "";
    for (of, what) in &items {
        if of != program {
            out += &format!("\n## {of}\n\n");
            program = of;
        }
        out += &format!("- {what}\n");
    }
    out
}

/// The next string literal and what follows it.
fn literal(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once('"')?;
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return Some((rest.get(..at)?, rest.get(at + 1..)?)),
            _ => escaped = false,
        }
    }
    None
}

/// `not_modelled!("PROGRAM", "WHAT")` and `not_modelled(&sys, "PROGRAM", "WHAT")`.
fn calls(path: &Path, code: &str, items: &mut BTreeSet<(String, String)>) {
    for call in code.split("not_modelled").skip(1) {
        let Some(arguments) = call.strip_prefix("!(").or_else(|| call.strip_prefix('(')) else {
            continue;
        };
        let arguments = arguments.split(';').next().unwrap_or_default();
        let first = arguments
            .trim_start()
            .trim_start_matches("&sys,")
            .trim_start();
        let Some((program, rest)) = literal(arguments).filter(|_| first.starts_with('"')) else {
            continue;
        };
        if program.contains(' ') {
            items.insert((program_of(path), plain(program)));
            continue;
        }
        // A name from elsewhere is any option or word.
        let next = rest.trim_start_matches([',', ' ', '\n']);
        let spelled = next.starts_with('"') || next.starts_with("&format!(");
        match literal(rest).filter(|_| spelled) {
            Some((what, _)) => items.insert((program.to_owned(), plain(what))),
            None => items.insert((
                program.to_owned(),
                "other options and words that it knows".to_owned(),
            )),
        };
    }
}

/// The program that a source file belongs to, by its place.
fn program_of(path: &Path) -> String {
    let names: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    // What the folder is called that the project lies in says nothing.
    let crates = names.iter().rposition(|part| part == "crates");
    let names = names.get(crates.unwrap_or(0)..).unwrap_or_default();
    let within = |name: &str| names.iter().any(|part| part == name);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let parent = names.iter().rev().nth(1).cloned().unwrap_or_default();
    match () {
        () if within("cli") && within("compose") => "docker compose".to_owned(),
        () if within("cli") => "docker".to_owned(),
        () if within("engine") => "dockerd".to_owned(),
        () if within("shell") => "the shell".to_owned(),
        () if ["src", "net", "system", "text", "server", "inspect"].contains(&&*parent) => {
            stem.into_owned()
        }
        () => parent.into_owned(),
    }
}

/// `"... not modelled ..."` as it stands.
fn sentences(path: &Path, code: &str, items: &mut BTreeSet<(String, String)>) {
    let own = program_of(path);
    for line in code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        let Some((text, _)) = literal(line) else {
            continue;
        };
        let Some((before, _)) = text.split_once("not modelled in") else {
            continue;
        };
        let what = before
            .trim_end_matches([' ', ':'])
            .trim_end_matches(" is")
            .trim_end_matches(" are");
        let named = what
            .split_once(": ")
            .filter(|(name, _)| !name.contains([' ', '{']));
        let (program, what) = named.unwrap_or((&own, what));
        if !what.is_empty()
            && !matches!(
                what,
                "{what}" | "{tool}: {what}" | "{name}: option {option}" | "{}"
            )
        {
            items.insert((program.to_owned(), plain(what)));
        }
    }
}

/// Commands of `docker` that are there for their help alone.
fn commands(path: &Path, code: &str, items: &mut BTreeSet<(String, String)>) {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let folder = path
        .parent()
        .and_then(Path::file_name)
        .unwrap_or_default()
        .to_string_lossy();
    let group = match &*stem {
        "absent" | "mod" => folder,
        _ => stem,
    };
    for command in code.split("Command {").skip(1) {
        let command = command.split("..Command::BLANK").next().unwrap_or_default();
        let without = ["NotModelled", "Experimental"];
        let does_nothing = |action| command.contains(&format!("action: Action::{action}"));
        if !without.into_iter().any(does_nothing) {
            continue;
        }
        if let Some((name, _)) = command
            .split_once("name:")
            .and_then(|(_, rest)| literal(rest))
        {
            items.insert((format!("docker {group}"), format!("the command `{name}`")));
        }
    }
}

/// A format string for readers: `{word}` becomes WORD, `{}` becomes ANYTHING.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or(("", after));
        out += before;
        out += &match name {
            "" => "ANYTHING".to_owned(),
            name => name.to_uppercase(),
        };
        rest = after;
    }
    (out + rest).replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_found() {
        let code = r#"
            return crate::not_modelled(&sys, "seq", text).await;
            Err(crate::not_modelled!("ufw", "app {what}"))
            Fail::not_modelled("ip", &format!("link {other}"))
            sys.err("date: setting the clock is not modelled in Drydock\n")
            static A: Command = Command { name: "build", action: Action::NotModelled, ..Command::BLANK };
        "#;
        let group = "static E: Command = Command { name: \"export\", action: Action::NotModelled, ..Command::BLANK };";
        let text = render(&[
            (PathBuf::from("image/absent.rs"), code.to_owned()),
            (PathBuf::from("context/mod.rs"), group.to_owned()),
        ]);
        for part in [
            "## docker context\n\n- the command `export`",
            "## seq\n\n- other options",
            "## ufw\n\n- app WHAT",
            "## ip\n\n- link OTHER",
            "## date\n\n- setting the clock",
            "## docker image\n\n- the command `build`",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn the_folder_above_the_crates_says_nothing() {
        let path = Path::new("/srv/compose/crates/cli/src/network/create.rs");
        assert_eq!(program_of(path), "docker");
        let path = Path::new("crates/userland/src/net/wget.rs");
        assert_eq!(program_of(path), "wget");
    }
}
