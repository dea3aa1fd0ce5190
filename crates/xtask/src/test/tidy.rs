//! Order in the house: arrows between crates, lints, lengths of files, and no path of anyone's machine anywhere.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{arrows, judge};
use crate::left_out;
use crate::metadata::Metadata;
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Result, Tally, say};

/// Longer files are named, as a nudge to split them.
const LONG: usize = 700;

/// Checks the workspace's shape and every file that git knows.
pub(super) fn run(project: &Project) -> Result<Tally> {
    let metadata = Metadata::read(project)?;
    let files = texts(project)?;
    for (file, text) in files
        .iter()
        .filter(|(file, _)| file.extension().is_some_and(|kind| kind == "rs"))
    {
        let lines = text.lines().count();
        if lines > LONG {
            say(format_args!(
                "note: {} has {lines} lines; {LONG} is the ceiling",
                file.display()
            ));
        }
    }
    let mut tally = Tally::default();
    for (check, faults) in [
        ("arrows", arrows::faults(&metadata)),
        ("lints", without_shared_lints(&metadata)?),
        (
            "machine paths",
            machine_paths(&files, &machine_folders(project)),
        ),
        ("lock file", registry_addresses(&files)),
        ("not-modelled list", left_out::faults(project)?),
    ] {
        tally.add(judge(check, &faults));
    }
    Ok(tally)
}

/// All text files that git tracks or would track, by their path in the repository.
fn texts(project: &Project) -> Result<Vec<(PathBuf, String)>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(project.root());
    let names = process::output(&mut git)?;
    let read = |name: &str| {
        Some((
            PathBuf::from(name),
            fs::read_to_string(project.root().join(name)).ok()?,
        ))
    };
    Ok(names.lines().filter_map(read).collect())
}

fn without_shared_lints(metadata: &Metadata) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for package in metadata.own() {
        let text = fs::read_to_string(&package.manifest)
            .context(|| format!("read {}", package.manifest))?;
        let manifest: toml::Table = text
            .parse()
            .context(|| format!("read {}", package.manifest))?;
        let shared = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(toml::Value::as_bool);
        if shared != Some(true) {
            faults.push(format!(
                "{} does not say `lints.workspace = true`",
                package.name
            ));
        }
    }
    Ok(faults)
}

/// The folders of this machine that have no business in a file: of this checkout, of cargo and of rustup.
fn machine_folders(project: &Project) -> Vec<String> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let in_home = |name: &str| home.as_ref().map(|home| home.join(name));
    let folders = [
        Some(project.root().to_path_buf()),
        in_home(".cargo"),
        in_home(".rustup"),
    ];
    let named = folders
        .into_iter()
        .flatten()
        .filter(|folder| folder.components().count() > 2);
    named.map(|folder| folder.display().to_string()).collect()
}

fn machine_paths(files: &[(PathBuf, String)], folders: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for (file, text) in files {
        for (number, line) in (1..).zip(text.lines()) {
            if folders.iter().any(|folder| line.contains(folder.as_str())) {
                faults.push(format!(
                    "{}:{number} names a folder of this machine",
                    file.display()
                ));
            }
        }
    }
    faults
}

/// npm writes the registry's address beside each package unless told not to; other machines may use another one.
fn registry_addresses(files: &[(PathBuf, String)]) -> Vec<String> {
    let lock = Path::new("tests/browser/package-lock.json");
    let named = files
        .iter()
        .any(|(file, text)| file == lock && text.contains("\"resolved\""));
    if named {
        vec![format!(
            "{} names a registry (\"resolved\")",
            lock.display()
        )]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_found_with_their_line() {
        let files = [(
            PathBuf::from("a.md"),
            "fine\nsee /somebody/checkout/x\n".to_owned(),
        )];
        let faults = machine_paths(&files, &["/somebody/checkout".to_owned()]);
        assert_eq!(faults, ["a.md:2 names a folder of this machine"]);
    }
}
