//! Processes of the shell: programs, pipelines, subshells, background jobs.

use std::rc::Rc;

use kernel::Errno;
use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::exec::Spawn;
use kernel::process::files::{Fd, OpenOptions};
use kernel::process::signal::Signal;
use kernel::time::Duration;

use super::Flavour;
use super::ast::{
    Assigned, Assignment, Command, CommandKind, Item, Redirect, RedirectKind, Script, Word,
};
use super::exec::traced;
use super::signals::signal_text;
use super::state::{Abort, Boxed, Flow, Job, Shell};

/// How long bash waits before it tries again to fork, seconds. Source: bash `jobs.c`, `FORKSLEEP_MAX`.
const FORK_PAUSES: [u64; 4] = [1, 2, 4, 8];

/// What the output of `$(...)` may hold, bytes.
const MAX_SUBSTITUTION: usize = 4 << 20;

impl Shell {
    /// Runs a simple command: assignments, a function, a builtin or a program.
    pub(crate) fn simple<'a>(
        &'a mut self,
        assignments: &'a [Assignment],
        words: &'a [Word],
        redirects: &'a [Redirect],
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let arguments = match self.words(words).await {
                Ok(arguments) => self.unaliased(words, arguments),
                Err(Abort) => return self.abandon(),
            };
            let mut values = Vec::new();
            let mut shown = Vec::new();
            for assignment in assignments.iter().filter(|assignment| !assignment.late) {
                // Later assignments see earlier ones when there is no command.
                if arguments.is_empty() {
                    match self.assignment(assignment).await {
                        Ok(text) => shown.push(text),
                        Err(Abort) => return self.abandon(),
                    }
                    continue;
                }
                let Ok((name, value)) = self.temporary(assignment).await else {
                    return self.abandon();
                };
                shown.push(format!("{name}={}", super::quote::shell(&value)));
                values.push((name, value));
            }
            if self.options.xtrace {
                self.trace(shown, &arguments);
            }
            let status = self.substituted.unwrap_or(0);
            let saved = match self.redirect(redirects).await {
                Ok(saved) => saved,
                Err(Abort) => return Flow::Next,
            };
            let Some(name) = arguments.first().cloned() else {
                self.restore(saved);
                self.status = status;
                return Flow::Next;
            };
            if let Some(body) = self.functions.get(&name).cloned() {
                let before = self.cover(&values);
                let flow = self
                    .call(&name, &body, arguments.into_iter().skip(1).collect())
                    .await;
                self.uncover(before);
                self.restore(saved);
                return flow;
            }
            if super::builtins::is_builtin(&name, self.flavour) {
                // `exec` without a command keeps its redirections.
                let keep = name == "exec" && arguments.len() == 1;
                let before = self.cover(&values);
                let mut flow = self.builtin(&name, &arguments).await;
                for assignment in assignments.iter().filter(|assignment| assignment.late) {
                    if self.declare_list(assignment).await.is_err() {
                        flow = self.abandon();
                    }
                }
                self.uncover(before);
                if keep {
                    self.forget(saved);
                } else {
                    self.restore(saved);
                }
                return flow;
            }
            self.program(arguments, values).await;
            self.restore(saved);
            if self.interactive && self.interrupted() {
                Flow::Abandon
            } else {
                Flow::Next
            }
        })
    }

    /// The value that an assignment gives to one command.
    async fn temporary(&mut self, assignment: &Assignment) -> Result<(String, String), Abort> {
        let Assigned::Word(word) = &assignment.value else {
            return Ok((assignment.name.clone(), String::new()));
        };
        let mut value = self.single(word).await?;
        if assignment.append {
            value.insert_str(0, &self.variable(&assignment.name).unwrap_or_default());
        }
        Ok((assignment.name.clone(), value))
    }

    /// Assigns the list of a declaration that has run; what was declared read-only is so from now on.
    async fn declare_list(&mut self, assignment: &Assignment) -> Result<(), Abort> {
        let name = assignment.name.as_str();
        let fixed = self.is_readonly(name);
        let fix = |shell: &mut Self, on| {
            if let Some(variable) = shell.variables.get_mut(name).filter(|_| fixed) {
                variable.readonly = on;
            }
        };
        fix(self, false);
        let done = self.assignment(assignment).await;
        fix(self, true);
        done.map(|_shown| ())
    }

    /// Shows a command before it runs, as `set -x` asks.
    fn trace(&self, mut shown: Vec<String>, arguments: &[String]) {
        if self.flavour == Flavour::Bash {
            // bash shows each assignment on a line of its own.
            for assignment in shown.drain(..) {
                self.show(&assignment);
            }
        }
        if !arguments.is_empty() {
            shown.push(traced(arguments, self.flavour));
        }
        if !shown.is_empty() {
            self.show(&shown.join(" "));
        }
    }

    /// A line of `set -x`, marked by how deep in `$(...)` it is.
    pub(super) fn show(&self, text: &str) {
        let mark = self.variable("PS4").unwrap_or_else(|| "+ ".to_owned());
        let first: String = mark.chars().take(1).collect();
        let again = first.repeat(self.trace_level);
        self.sys.err(&format!("{again}{mark}{text}\n"));
    }

    fn unaliased(&self, words: &[Word], arguments: Vec<String>) -> Vec<String> {
        let Some(alias) = words
            .first()
            .and_then(Word::as_bare)
            .filter(|_| self.interactive)
            .and_then(|name| self.aliases.get(name))
        else {
            return arguments;
        };
        alias
            .split_whitespace()
            .map(str::to_owned)
            .chain(arguments.into_iter().skip(1))
            .collect()
    }

    /// Sets variables for one command; gives what they were.
    fn cover(
        &mut self,
        values: &[(String, String)],
    ) -> Vec<(String, Option<super::state::Variable>)> {
        let mut before = Vec::new();
        for (name, value) in values {
            before.push((name.clone(), self.variables.get(name).cloned()));
            self.put(name, value.clone(), Some(true));
        }
        before
    }

    fn uncover(&mut self, before: Vec<(String, Option<super::state::Variable>)>) {
        for (name, variable) in before.into_iter().rev() {
            match variable {
                Some(variable) => self.variables.insert(name, variable),
                None => self.variables.remove(&name),
            };
        }
    }

    /// Starts a program and waits for it.
    async fn program(&mut self, arguments: Vec<String>, values: Vec<(String, String)>) {
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

    fn child(&self, arguments: Vec<String>, values: Vec<(String, String)>) -> Option<Spawn> {
        let mut spawn = self.sys.child(arguments)?;
        spawn.env = self.environment();
        for (name, value) in values {
            match spawn.env.iter_mut().find(|(known, _)| *known == name) {
                Some((_, old)) => *old = value,
                None => spawn.env.push((name, value)),
            }
        }
        spawn.fds = self.inherited();
        Some(spawn)
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
        let slash = name.contains('/');
        let exists = slash && self.sys.exists(name);
        let (text, status) = match (self.flavour, error) {
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
            (Flavour::Bash, Errno::EAGAIN) => (format!("fork: {error}"), 254),
            (Flavour::Dash, Errno::EAGAIN) => ("Cannot fork".to_owned(), 2),
            (Flavour::Ash, Errno::EAGAIN) => (format!("can't fork: {error}"), 2),
            (_, error) => (format!("{name}: {error}"), 126),
        };
        self.complain(&text);
        status
    }

    /// The pid that this shell's users see.
    pub(crate) fn pid_of(&self, id: ProcessId) -> u32 {
        self.sys.kernel(|k| k.proc.get(id).map_or(0, |p| p.ns_pid))
    }

    /// Gives the terminal to a job's group, or takes it back.
    fn foreground(&self, group: Option<ProcessId>) {
        if !self.interactive {
            return;
        }
        let Some((tty, own)) = self.sys.me(|p| (p.tty, p.group)) else {
            return;
        };
        if let Some(tty) = tty {
            self.sys.kernel(|k| {
                if let Some(tty) = k.tty_mut(tty) {
                    tty.foreground = Some(group.unwrap_or(own));
                }
            });
        }
    }

    /// The same, trying again a few times when there is no room for another process, as bash does.
    async fn fork_patiently(
        &mut self,
        command: &Rc<Command>,
        spawn: Spawn,
    ) -> Result<ProcessId, Errno> {
        for seconds in FORK_PAUSES {
            let started = self.fork_command(command, spawn.clone());
            if started != Err(Errno::EAGAIN) || self.flavour != Flavour::Bash {
                return self.report_fork(started);
            }
            // This one names no line.
            let text = format!("{}: fork: retry: {}\n", self.name, Errno::EAGAIN);
            self.sys.err(&text);
            if self.sys.sleep(Duration::from_secs(seconds)).await.is_err() {
                self.note_signals();
                return started;
            }
        }
        let started = self.fork_command(command, spawn);
        self.report_fork(started)
    }

    fn report_fork(&self, started: Result<ProcessId, Errno>) -> Result<ProcessId, Errno> {
        if let Err(error) = started {
            let text = match self.flavour {
                Flavour::Bash => format!("fork: {error}"),
                Flavour::Dash => "Cannot fork".to_owned(),
                Flavour::Ash => format!("can't fork: {error}"),
            };
            self.complain(&text);
        }
        started
    }

    /// Forks a child that runs `command`, which may replace itself by a program.
    fn fork_command(&self, command: &Rc<Command>, spawn: Spawn) -> Result<ProcessId, Errno> {
        let shell = self.clone();
        let command = Rc::clone(command);
        self.sys.fork(spawn, move |sys| {
            let mut shell = shell.forked(sys);
            Box::pin(async move { shell.run_forked(&command).await })
        })
    }

    /// Runs one command as the whole of a child process, and gives its exit code.
    pub(super) async fn run_forked(&mut self, command: &Command) -> i32 {
        if let CommandKind::Simple { assignments, words } = &command.kind
            && let Some(code) = self.become_program(command, assignments, words).await
        {
            return code;
        }
        let flow = self.command(command).await;
        self.finish(flow).await
    }

    /// Replaces this process by the program, if the command is one; returns only if not, or on failure with the status.
    async fn become_program(
        &mut self,
        command: &Command,
        assignments: &[Assignment],
        words: &[Word],
    ) -> Option<i32> {
        // Expanding twice would run substitutions twice, so only plain words are looked at here.
        let name = words.first()?.as_literal()?;
        if self.functions.contains_key(&name)
            || super::builtins::is_builtin(&name, self.flavour)
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
        Some(self.exec(arguments, values).await)
    }

    /// Replaces this process by a program; returns the status if that fails.
    pub(crate) async fn exec(
        &mut self,
        arguments: Vec<String>,
        values: Vec<(String, String)>,
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
        self.cannot_run(&name, error)
    }

    /// Runs the commands of a pipeline side by side.
    pub(crate) fn stages<'a>(
        &'a mut self,
        stages: &'a [Command],
        text: &'a Rc<str>,
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let Some(processes) = self.launch(stages, false).await else {
                self.status = 1;
                return Flow::Next;
            };
            self.foreground(processes.first().copied());
            let interrupts = self.keyboard_interrupts();
            let mut statuses = Vec::new();
            let mut interrupted = false;
            for process in &processes {
                let pid = self.pid_of(*process);
                let status = self.wait_for(*process).await;
                interrupted |= status == ExitStatus::Signal(Signal::INT);
                let last = statuses.len() + 1 == processes.len();
                statuses.push(if last {
                    self.ended(status, pid, text, true)
                } else {
                    status.code()
                });
            }
            self.foreground(None);
            self.note_job_interrupt(interrupts, interrupted);
            self.status = statuses.last().copied().unwrap_or(0);
            self.pipestatus.clone_from(&statuses);
            if self.options.pipefail {
                self.status = statuses
                    .iter()
                    .rev()
                    .copied()
                    .find(|status| *status != 0)
                    .unwrap_or(0);
            }
            if self.interactive && self.interrupted() {
                Flow::Abandon
            } else {
                Flow::Next
            }
        })
    }

    /// Starts the commands of a pipeline, each a process.
    async fn launch(&mut self, stages: &[Command], background: bool) -> Option<Vec<ProcessId>> {
        let mut processes: Vec<ProcessId> = Vec::new();
        let mut input: Option<Fd> = None;
        for (index, command) in stages.iter().enumerate() {
            let mut spawn = self.child(self.sys.args(), Vec::new())?;
            spawn.env = self.sys.me(|p| p.env.clone()).unwrap_or_default();
            if self.interactive {
                spawn.group = processes.first().copied();
            }
            let pipe = if index + 1 < stages.len() {
                Some(self.hidden_pipe().ok()?)
            } else {
                None
            };
            if let Some(input) = input {
                spawn.fds.insert(Fd::STDIN, self.sys.handle(input).ok()?);
            } else if background && !self.interactive {
                // A background job of a script must not eat the script's input, nor be stopped with it.
                let null = self
                    .sys
                    .open("/dev/null", OpenOptions::READ)
                    .map(|fd| self.hide(fd));
                if let Ok(null) = null {
                    spawn.fds.insert(Fd::STDIN, self.sys.handle(null).ok()?);
                    input = Some(null);
                }
            }
            if background && !self.interactive {
                spawn.ignored.insert(Signal::INT);
            }
            if let Some((_, writer)) = pipe {
                spawn.fds.insert(Fd::STDOUT, self.sys.handle(writer).ok()?);
            }
            let started = self.fork_patiently(&Rc::new(command.clone()), spawn).await;
            if let Some(input) = input {
                self.sys.close(input);
            }
            input = pipe.map(|(reader, writer)| {
                self.sys.close(writer);
                reader
            });
            processes.push(started.ok()?);
        }
        Some(processes)
    }

    /// Runs `( ... )` in a child and waits.
    pub(crate) async fn subshell(&mut self, script: &Rc<Script>) -> Flow {
        let command = Command {
            kind: CommandKind::Group(Rc::clone(script)),
            redirects: Vec::new(),
            line: self.line,
        };
        self.stages(std::slice::from_ref(&command), &Rc::from("(...)"))
            .await
    }

    /// Starts a background job.
    pub(crate) fn background<'a>(&'a mut self, item: &'a Item) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let single =
                item.list.rest.is_empty() && !item.list.first.negated && !item.list.first.timed;
            let stages = if single {
                item.list.first.stages.clone()
            } else {
                let list = Item {
                    background: false,
                    ..item.clone()
                };
                let kind = CommandKind::Group(Rc::new(Script { items: vec![list] }));
                vec![Command {
                    kind,
                    redirects: Vec::new(),
                    line: self.line,
                }]
            };
            if let Some(command) = stages.first() {
                self.line = command.line;
            }
            let Some(processes) = self.launch(&stages, true).await else {
                self.status = 1;
                return Flow::Next;
            };
            if let Some(last) = processes.last().copied() {
                let pid = self.pid_of(last);
                let number = self
                    .jobs
                    .iter()
                    .map(|job| job.number)
                    .max()
                    .unwrap_or(0)
                    .saturating_add(1);
                let group = processes.first().copied().filter(|_| self.interactive);
                self.jobs.push(Job {
                    number,
                    processes,
                    last,
                    pid,
                    group,
                    text: Rc::clone(&item.text),
                    status: None,
                });
                self.last_background = Some(pid);
                if self.interactive && self.flavour == Flavour::Bash {
                    self.sys.err(&format!("[{number}] {pid}\n"));
                }
            }
            self.status = 0;
            Flow::Next
        })
    }

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
            let command = command.unwrap_or_else(|| Command {
                kind: CommandKind::Group(Rc::clone(script)),
                redirects: Vec::new(),
                line: self.line,
            });
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
            let text = String::from_utf8_lossy(&out).replace('\0', "");
            Ok(text.trim_end_matches('\n').to_owned())
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
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).replace('\0', "");
        Ok(text.trim_end_matches('\n').to_owned())
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
        let command = Command {
            kind: CommandKind::Group(Rc::clone(script)),
            redirects: Vec::new(),
            line: self.line,
        };
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

    /// Notes which background processes have ended.
    pub(crate) async fn reap(&mut self) {
        for index in 0..self.jobs.len() {
            let processes = self
                .jobs
                .get(index)
                .map(|job| job.processes.clone())
                .unwrap_or_default();
            for process in processes {
                let ended = self.sys.kernel(|k| {
                    k.proc
                        .get(process)
                        .is_none_or(|p| matches!(p.state, kernel::process::ProcessState::Zombie(_)))
                });
                if ended {
                    let status = self.wait_for(process).await;
                    self.note_end(process, status);
                }
            }
        }
    }

    /// Books a background process's end.
    pub(crate) fn note_end(&mut self, process: ProcessId, status: ExitStatus) {
        for job in &mut self.jobs {
            job.processes.retain(|own| *own != process);
            if job.last == process {
                job.status = Some(status);
            }
        }
    }

    /// Prints which jobs are done, before a prompt.
    pub(crate) async fn job_notices(&mut self) {
        self.reap().await;
        let done: Vec<Job> = self
            .jobs
            .iter()
            .filter(|job| job.processes.is_empty())
            .cloned()
            .collect();
        for job in &done {
            let line = self.job_line(job, false);
            self.sys.err(&format!("{line}\n"));
        }
        self.jobs.retain(|job| !job.processes.is_empty());
    }

    /// A job as `jobs` shows it, with its pid if that is asked for.
    pub(crate) fn job_line(&self, job: &Job, with_pid: bool) -> String {
        let order: Vec<u32> = self.jobs.iter().map(|job| job.number).collect();
        let mark = match order.iter().rev().position(|number| *number == job.number) {
            Some(0) => '+',
            Some(1) => '-',
            _ => ' ',
        };
        let (state, end) = match job.status {
            None => ("Running".to_owned(), " &"),
            Some(ExitStatus::Code(0)) => ("Done".to_owned(), ""),
            Some(ExitStatus::Code(code)) if self.flavour == Flavour::Bash => {
                (format!("Exit {code}"), "")
            }
            Some(ExitStatus::Code(code)) => (format!("Done({code})"), ""),
            Some(ExitStatus::Signal(signal)) => (signal_text(signal), ""),
        };
        // Without job control dash and ash do not keep what was typed.
        let text = if self.interactive { &*job.text } else { "" };
        let pid = if with_pid {
            format!("{:5} ", job.pid)
        } else {
            String::new()
        };
        match self.flavour {
            Flavour::Bash if with_pid => {
                format!("[{}]{mark} {pid}{state:<27}{}{end}", job.number, job.text)
            }
            Flavour::Bash => format!("[{}]{mark}  {state:<27}{}{end}", job.number, job.text),
            Flavour::Dash => format!("[{}] {mark} {pid}{state:<27}{text}", job.number),
            Flavour::Ash => format!("[{}]{mark}  {pid}{state:<27}{text}", job.number),
        }
    }
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
