//! Running other programs.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
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
            return Err(too_long(command, limit));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a command, hands each line of its standard output to `each` as it comes, and returns whether it succeeded.
pub(crate) fn lines(command: &mut Command, each: impl FnMut(&str)) -> Result<bool> {
    lines_within(command, Duration::MAX, each)
}

/// The same, and ends it after `limit`; that is a failure.
pub(crate) fn lines_within(
    command: &mut Command,
    limit: Duration,
    mut each: impl FnMut(&str),
) -> Result<bool> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context(|| format!("start `{}`", line(command)))?;
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
                let text = String::from_utf8_lossy(&bytes);
                let _ = sender.send(text.trim_end_matches(['\n', '\r']).to_owned());
                bytes.clear();
            }
        });
    }
    let begun = Instant::now();
    loop {
        match receiver.recv_timeout(limit.saturating_sub(begun.elapsed())) {
            Ok(text) => each(&text),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child
                    .kill()
                    .and_then(|()| child.wait())
                    .context(|| format!("stop `{}`", line(command)))?;
                return Err(too_long(command, limit));
            }
        }
    }
    let status = child
        .wait()
        .context(|| format!("wait for `{}`", line(command)))?;
    Ok(status.success())
}

fn too_long(command: &Command, limit: Duration) -> Failure {
    Failure::new(format!(
        "`{}` took longer than {} s",
        line(command),
        limit.as_secs()
    ))
}

/// Finds a program on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_one_by_one_and_a_command_that_goes_on_is_ended() {
        let mut lines = Vec::new();
        let mut script = Command::new("sh");
        script.args(["-c", "echo one; echo two; exit 3"]);
        let succeeded = lines_within(&mut script, Duration::MAX, |l| lines.push(l.to_owned()));
        assert!(!succeeded.unwrap());
        assert_eq!(lines, ["one", "two"]);
        let mut lines = Vec::new();
        let mut endless = Command::new("sh");
        endless.args(["-c", "echo begun; exec sleep 600"]);
        let limit = Duration::from_millis(300);
        let ended = lines_within(&mut endless, limit, |l| lines.push(l.to_owned()));
        assert!(ended.unwrap_err().to_string().contains("took longer"));
        assert_eq!(lines, ["begun"]);
    }
}
