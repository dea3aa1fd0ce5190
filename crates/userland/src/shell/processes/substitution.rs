//! Scripts whose output or input is a word: `$(...)`, `<(...)`, `>(...)`.

use std::rc::Rc;

use kernel::Errno;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;

use crate::shell::Flavour;
use crate::shell::ast::{CommandKind, Redirect, RedirectKind, Script};
use crate::shell::state::{Abort, Boxed, Shell};

/// What the output of `$(...)` may hold, bytes.
const MAX_SUBSTITUTION: usize = 4 << 20;

impl Shell {
    /// Runs `$(...)` and gives its output without trailing newlines.
    pub(crate) fn substitute<'a>(
        &'a mut self,
        script: &'a Rc<Script>,
    ) -> Boxed<'a, Result<String, Abort>> {
        Box::pin(async move {
            let failed = |shell: &mut Self| {
                shell.status = 1;
                Err(Abort)
            };
            let Ok((reader, writer)) = self.hidden_pipe() else {
                return failed(self);
            };
            let (Some(mut spawn), Ok(file)) = (
                self.child(self.sys.args(), Vec::new()),
                self.sys.handle(writer),
            ) else {
                return failed(self);
            };
            spawn.fds.insert(Fd::STDOUT, file);
            if let Some(redirects) = only_reads(script, self.flavour) {
                self.sys.close(reader);
                self.sys.close(writer);
                return self.contents(redirects).await;
            }
            let command = match script.items.as_slice() {
                // A lone command may replace the child.
                [item]
                    if !item.background
                        && item.list.rest.is_empty()
                        && !item.list.first.negated
                        && item.list.first.stages.len() == 1 =>
                {
                    item.list.first.stages.first().cloned()
                }
                _ => None,
            };
            let command = command.unwrap_or_else(|| self.grouped(Rc::clone(script)));
            self.trace_level += usize::from(self.flavour == Flavour::Bash);
            let started = self.fork_patiently(&Rc::new(command), spawn).await;
            self.trace_level -= usize::from(self.flavour == Flavour::Bash);
            self.sys.close(writer);
            let Ok(child) = started else {
                self.sys.close(reader);
                return failed(self);
            };
            let mut out = Vec::new();
            loop {
                match self.sys.read(reader, MAX_SUBSTITUTION).await {
                    Ok(data) if data.is_empty() => break,
                    Ok(data) if out.len() + data.len() <= MAX_SUBSTITUTION => {
                        out.extend_from_slice(&data);
                    }
                    Ok(_) => {
                        let _: Result<(), Errno> = self.sys.kill(child, Signal::KILL);
                        self.complain("command substitution: output too long");
                        break;
                    }
                    Err(Errno::EINTR) => {
                        self.note_signals();
                        if self.interactive && self.caught.contains(&Signal::INT) {
                            let _: Result<(), Errno> = self.sys.kill(child, Signal::INT);
                        }
                    }
                    Err(_) => break,
                }
            }
            self.sys.close(reader);
            let status = self.wait_for(child).await.code();
            self.substituted = Some(status);
            self.status = status;
            if self.interactive && self.interrupted() {
                return Err(Abort);
            }
            Ok(replacement(&out))
        })
    }

    /// What `$(< file)` gives: the file, without a program that reads it.
    async fn contents(&mut self, redirects: &[Redirect]) -> Result<String, Abort> {
        let Ok(saved) = self.redirect(redirects).await else {
            self.substituted = Some(self.status);
            return Ok(String::new());
        };
        let text = self.sys.read_all(Fd::STDIN, MAX_SUBSTITUTION).await;
        self.restore(saved);
        self.substituted = Some(0);
        Ok(replacement(&text.unwrap_or_default()))
    }

    /// Starts a script with a pipe to or from it, and gives the pipe's name.
    pub(crate) async fn substitute_process(
        &mut self,
        read: bool,
        script: &Rc<Script>,
    ) -> Result<String, Abort> {
        let failed = |shell: &mut Self| {
            shell.status = 1;
            Err(Abort)
        };
        let Ok((reader, writer)) = self.hidden_pipe() else {
            return failed(self);
        };
        let (theirs, ours, fd) = if read {
            (writer, reader, Fd::STDOUT)
        } else {
            (reader, writer, Fd::STDIN)
        };
        let (Some(mut spawn), Ok(file)) = (
            self.child(self.sys.args(), Vec::new()),
            self.sys.handle(theirs),
        ) else {
            return failed(self);
        };
        spawn.fds.insert(fd, file);
        let command = self.grouped(Rc::clone(script));
        let started = self.fork_patiently(&Rc::new(command), spawn).await;
        self.sys.close(theirs);
        let ours = self.offer(ours);
        self.substitutions.push(ours);
        let Ok(child) = started else {
            return failed(self);
        };
        self.last_background = Some(self.pid_of(child));
        Ok(format!("/dev/fd/{}", ours.0))
    }

    /// Closes the pipes of process substitutions that were made after the first `kept`.
    pub(crate) fn close_substitutions(&mut self, kept: usize) {
        for fd in self
            .substitutions
            .split_off(kept.min(self.substitutions.len()))
        {
            self.sys.close(fd);
        }
    }
}

/// What output becomes as a part of a word.
fn replacement(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output).replace('\0', "");
    text.trim_end_matches('\n').to_owned()
}

/// The redirection of `$(< file)`, which bash knows as a way to read the file.
fn only_reads(script: &Script, flavour: Flavour) -> Option<&[Redirect]> {
    let [item] = script.items.as_slice() else {
        return None;
    };
    let [command] = item.list.first.stages.as_slice() else {
        return None;
    };
    match (&command.kind, command.redirects.as_slice()) {
        (CommandKind::Simple { assignments, words }, [one])
            if flavour == Flavour::Bash
                && item.is_plain()
                && assignments.is_empty()
                && words.is_empty()
                && matches!(one.kind, RedirectKind::Read(_))
                && one.fd == 0 =>
        {
            Some(&command.redirects)
        }
        _ => None,
    }
}
