//! Commands side by side: pipelines, and the subshell as a pipeline of one.

use std::rc::Rc;

use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::files::{Fd, OpenOptions};
use kernel::process::signal::Signal;

use crate::shell::ast::{Command, Script};
use crate::shell::state::{Boxed, Flow, Shell};

impl Shell {
    /// Runs `( ... )` in a child and waits.
    pub(crate) async fn subshell(&mut self, script: &Rc<Script>) -> Flow {
        let command = self.grouped(Rc::clone(script));
        self.stages(std::slice::from_ref(&command), &Rc::from("(...)"))
            .await
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
            self.interruption().unwrap_or(Flow::Next)
        })
    }

    /// Starts the commands of a pipeline, each a process.
    pub(in crate::shell) async fn launch(
        &mut self,
        stages: &[Command],
        background: bool,
    ) -> Option<Vec<ProcessId>> {
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
}
