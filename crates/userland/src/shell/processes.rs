//! The shell's child processes: forking them, giving them the terminal, waiting for them.

use std::rc::Rc;

use kernel::Errno;
use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::exec::Spawn;
use kernel::process::signal::Signal;
use kernel::time::Duration;

use super::Flavour;
use super::ast::{Command, CommandKind, Script};
use super::signals::signal_text;
use super::state::Shell;

mod pipeline;
mod program;
mod substitution;

/// How long bash waits before it tries again to fork, seconds. Source: bash `jobs.c`, `FORKSLEEP_MAX`.
const FORK_PAUSES: [u64; 4] = [1, 2, 4, 8];

impl Shell {
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

    /// A script as one command, to be run by a child.
    pub(super) fn grouped(&self, script: Rc<Script>) -> Command {
        Command {
            kind: CommandKind::Group(script),
            redirects: Vec::new(),
            line: self.line,
        }
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
            self.complain(&self.no_fork(error));
        }
        started
    }

    /// What is said when there is no room for another process.
    fn no_fork(&self, error: Errno) -> String {
        match self.flavour {
            Flavour::Bash => format!("fork: {error}"),
            Flavour::Dash => "Cannot fork".to_owned(),
            Flavour::Ash => format!("can't fork: {error}"),
        }
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

    /// Waits for a child; caught signals are kept for their traps.
    pub(crate) async fn wait_for(&mut self, child: ProcessId) -> ExitStatus {
        loop {
            match self.sys.wait(Some(child)).await {
                Ok((_, status)) => return status,
                Err(kernel::Errno::EINTR) => self.note_signals(),
                Err(_) => return ExitStatus::Code(127),
            }
        }
    }

    /// The status that a process's end gives, after a line about it if a signal ended it.
    pub(crate) fn ended(&self, status: ExitStatus, pid: u32, text: &str, foreground: bool) -> i32 {
        let ExitStatus::Signal(signal) = status else {
            return status.code();
        };
        if self.subshell || matches!(signal, Signal::INT | Signal::PIPE) {
            return status.code();
        }
        let what = signal_text(signal);
        let line = match self.flavour {
            // A script's own `kill` of a job is no news, and that of a program is told without a place.
            Flavour::Bash if !self.interactive && signal == Signal::TERM => {
                if !foreground {
                    return status.code();
                }
                format!("{what:<27}{text}\n")
            }
            Flavour::Bash if !self.interactive => {
                format!("{}{pid:5} {what:<27}{text}\n", self.prefix())
            }
            Flavour::Bash | Flavour::Dash | Flavour::Ash => format!("{what}\n"),
        };
        self.sys.err(&line);
        status.code()
    }
}
