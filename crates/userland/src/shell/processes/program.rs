//! Running programs: finding them, starting them, becoming them, and what is said when that fails.

use std::rc::Rc;

use kernel::Errno;
use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::exec::Spawn;
use kernel::process::signal::Signal;

use crate::shell::Flavour;
use crate::shell::ast::{Assignment, Command, Word};
use crate::shell::builtins;
use crate::shell::state::Shell;

impl Shell {
    /// Starts a program and waits for it.
    pub(in crate::shell) async fn program(
        &mut self,
        arguments: Vec<String>,
        values: Vec<(String, String)>,
    ) {
        let text = Rc::clone(&self.text);
        let Some(mut spawn) = self.child(arguments, values) else {
            self.status = 126;
            return;
        };
        spawn.group = if self.interactive { None } else { spawn.group };
        match self.start(spawn).await {
            Ok(id) => {
                let pid = self.pid_of(id);
                self.foreground(Some(id));
                let interrupts = self.keyboard_interrupts();
                let status = self.wait_for(id).await;
                self.foreground(None);
                self.note_job_interrupt(interrupts, status == ExitStatus::Signal(Signal::INT));
                self.status = self.ended(status, pid, &text, true);
            }
            Err(status) => self.status = status,
        }
    }

    /// Starts a program; if that fails, prints why and gives the status.
    async fn start(&mut self, spawn: Spawn) -> Result<ProcessId, i32> {
        let arguments = spawn.argv.clone();
        let name = arguments.first().cloned().unwrap_or_default();
        let fallback = spawn.clone();
        match self.sys.spawn(spawn) {
            Ok(id) => Ok(id),
            Err(Errno::ENOEXEC)
                if self
                    .sys
                    .read_text(&self.located(&name))
                    .is_ok_and(|text| !text.starts_with("#!") && !text.starts_with('\u{7f}')) =>
            {
                // A file without `#!` is read by the shell that found it.
                let mut shell = self.clone();
                let path = self.located(&name);
                let forked = self.sys.fork(fallback, move |sys| {
                    Box::pin(async move {
                        shell = shell.forked(sys);
                        shell.name = path.clone();
                        shell.positional = arguments.into_iter().skip(1).collect();
                        shell.run_file(&path).await
                    })
                });
                forked.map_err(|_gone| 126)
            }
            Err(error) => Err(self.cannot_run(&name, error)),
        }
    }

    /// Where a command lies, as found along `PATH`.
    pub(crate) fn located(&self, name: &str) -> String {
        self.find(name).unwrap_or_else(|_| name.to_owned())
    }

    /// Looks a command up along `PATH`; the path is as `PATH` gives it, links not followed.
    pub(crate) fn find(&self, name: &str) -> Result<String, Errno> {
        let path = self.variable("PATH").unwrap_or_default();
        crate::process::find_program(&self.sys, &path, name)
    }

    fn cannot_run(&mut self, name: &str, error: Errno) -> i32 {
        let (text, status) = self.why_not(name, error);
        self.complain(&text);
        status
    }

    /// The same for the builtin `exec`, which names itself; bash does so only for what it does not find.
    fn cannot_become(&mut self, name: &str, error: Errno) -> i32 {
        let (text, status) = self.why_not(name, error);
        match (self.flavour, error) {
            (Flavour::Bash, Errno::ENOENT) if !name.contains('/') => {
                self.complain_as("exec", &format!("{name}: not found"));
            }
            (Flavour::Bash, _) => self.complain(&text),
            _ => self.complain_as("exec", &text),
        }
        status
    }

    fn why_not(&self, name: &str, error: Errno) -> (String, i32) {
        let slash = name.contains('/');
        let exists = slash && self.sys.exists(name);
        match (self.flavour, error) {
            (Flavour::Bash, Errno::ENOENT) if exists => (
                format!("{name}: cannot execute: required file not found"),
                127,
            ),
            (Flavour::Bash, Errno::ENOENT) if slash => (format!("{name}: {error}"), 127),
            (Flavour::Bash, Errno::ENOENT) => (format!("{name}: command not found"), 127),
            (_, Errno::ENOENT) => (format!("{name}: not found"), 127),
            (Flavour::Bash, Errno::EACCES) if self.sys.is_dir(name) => {
                (format!("{name}: Is a directory"), 126)
            }
            // Running a program begins with a fork, and that is what there is no room for.
            (Flavour::Bash, Errno::EAGAIN) => (self.no_fork(error), 254),
            (_, Errno::EAGAIN) => (self.no_fork(error), 2),
            (_, error) => (format!("{name}: {error}"), 126),
        }
    }

    /// Replaces this process by the program, if the command is one; returns only if not, or on failure with the status.
    pub(super) async fn become_program(
        &mut self,
        command: &Command,
        assignments: &[Assignment],
        words: &[Word],
    ) -> Option<i32> {
        // Expanding twice would run substitutions twice, so only plain words are looked at here.
        let name = words.first()?.as_literal()?;
        if self.functions.contains_key(&name)
            || builtins::is_builtin(&name, self.flavour)
            || self.options.xtrace
        {
            return None;
        }
        self.line = command.line;
        let Ok(arguments) = self.words(words).await else {
            return Some(self.status);
        };
        let mut values = Vec::new();
        for assignment in assignments {
            let Ok(value) = self.temporary(assignment).await else {
                return Some(self.status);
            };
            values.push(value);
        }
        if self.redirect(&command.redirects).await.is_err() {
            return Some(self.status);
        }
        Some(self.exec(arguments, values, false).await)
    }

    /// Replaces this process by a program; returns the status if that fails. `by_builtin` for the word `exec`.
    pub(crate) async fn exec(
        &mut self,
        arguments: Vec<String>,
        values: Vec<(String, String)>,
        by_builtin: bool,
    ) -> i32 {
        let Some(spawn) = self.child(arguments, values) else {
            return 126;
        };
        let name = spawn.argv.first().cloned().unwrap_or_default();
        let hidden = self.sys.me(|p| {
            p.fds
                .keys()
                .copied()
                .filter(|fd| !spawn.fds.contains_key(fd))
                .collect::<Vec<_>>()
        });
        // A failing exec leaves the shell alive, so its own descriptors are closed only for a file that is there.
        if self.find(&name).is_ok() {
            for fd in hidden.unwrap_or_default() {
                self.sys.close(fd);
            }
        }
        let (argv, env) = (spawn.argv.clone(), spawn.env.clone());
        let error = self.sys.exec(argv.clone(), env).await;
        if error == Errno::ENOEXEC {
            let path = self.located(&name);
            self.name = path.clone();
            self.positional = argv.into_iter().skip(1).collect();
            return self.run_file(&path).await;
        }
        match by_builtin {
            true => self.cannot_become(&name, error),
            false => self.cannot_run(&name, error),
        }
    }
}
