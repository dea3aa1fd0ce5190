//! Node and the packages that the browser tests use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian;
use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result, say};

/// Node, with the packages of `tests/browser` in place.
pub(crate) struct Node {
    program: PathBuf,
    folder: PathBuf,
}

impl Node {
    /// Installs node and the locked packages unless they are there.
    pub(crate) fn ready(project: &Project) -> Result<Self> {
        let node = Self {
            program: program("node", "nodejs")?,
            folder: project.browser_tests(),
        };
        node.install_packages()?;
        Ok(node)
    }

    /// The `node` program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// A command that runs a script of `tests/browser`.
    pub(crate) fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(name).current_dir(&self.folder);
        command
    }

    fn install_packages(&self) -> Result<()> {
        let lock_file = self.folder.join("package-lock.json");
        let lock = fs::read(&lock_file).context(|| format!("read {}", lock_file.display()))?;
        // A copy of the lock that was last installed in full: if it equals today's, nothing is to be done.
        let installed = self.folder.join("node_modules/.installed-lock.json");
        if fs::read(&installed).is_ok_and(|old| old == lock) {
            return Ok(());
        }
        let npm = program("npm", "npm")?;
        say(
            "the browser tests' node packages are missing or out of date: running npm ci in tests/browser",
        );
        process::run(
            Command::new(npm)
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&self.folder),
        )?;
        fs::write(&installed, lock).context(|| format!("write {}", installed.display()))
    }
}

fn program(name: &str, debian_package: &str) -> Result<PathBuf> {
    if let Some(found) = process::find(name) {
        return Ok(found);
    }
    debian::install(
        &[debian_package],
        &format!("`{name}`, which runs the browser tests,"),
    )?;
    process::find(name).ok_or_else(|| {
        Failure::new(format!(
            "{debian_package} is installed, yet `{name}` is not on the PATH"
        ))
    })
}
