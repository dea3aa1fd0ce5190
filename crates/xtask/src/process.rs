//! Running other programs.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::project::Project;
use crate::report::{Context as _, Failure, Result};

/// Starts a cargo command line, in the repository, with the cargo that started us.
pub(crate) fn cargo(project: &Project, arguments: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(project.root());
    command
}

/// Renders a command as a person would have typed it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// Runs a command on the terminal; anything but success is a failure.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .context(|| format!("start `{}`", line(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "`{}` failed ({status})",
            line(command)
        )))
    }
}

/// Runs a command and returns what it wrote to standard output, without the last line's end.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .context(|| format!("start `{}`", line(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!(
            "`{}` failed ({}): {}",
            line(command),
            output.status,
            said.trim()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}

/// Runs a command on the terminal and ends it after `limit`; that, too, is a failure.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command
        .spawn()
        .context(|| format!("start `{}`", line(command)))?;
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child
            .try_wait()
            .context(|| format!("wait for `{}`", line(command)))?
        {
            let failed = || Failure::new(format!("`{}` failed ({status})", line(command)));
            return if status.success() {
                Ok(())
            } else {
                Err(failed())
            };
        }
        if Instant::now() > deadline {
            child
                .kill()
                .context(|| format!("stop `{}`", line(command)))?;
            child
                .wait()
                .context(|| format!("wait for `{}`", line(command)))?;
            return Err(Failure::new(format!(
                "`{}` took longer than {} s",
                line(command),
                limit.as_secs()
            )));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a command, hands each line of its standard output to `each` as it comes, and returns whether it succeeded.
pub(crate) fn lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context(|| format!("start `{}`", line(command)))?;
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut bytes = Vec::new();
        while reader
            .read_until(b'\n', &mut bytes)
            .context(|| format!("read from `{}`", line(command)))?
            > 0
        {
            each(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']));
            bytes.clear();
        }
    }
    let status = child
        .wait()
        .context(|| format!("wait for `{}`", line(command)))?;
    Ok(status.success())
}

/// Finds a program on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}
