//! Background jobs: starting them, booking their end, telling of them.

use std::rc::Rc;

use kernel::ids::ProcessId;
use kernel::process::ExitStatus;

use super::Flavour;
use super::ast::{Item, Script};
use super::signals::signal_text;
use super::state::{Boxed, Flow, Job, Shell};

impl Shell {
    /// Starts a background job.
    pub(crate) fn background<'a>(&'a mut self, item: &'a Item) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let single = item.list.rest.is_empty()
                && !item.list.first.negated
                && item.list.first.timed.is_none();
            let stages = if single {
                item.list.first.stages.clone()
            } else {
                let list = Item {
                    background: false,
                    ..item.clone()
                };
                vec![self.grouped(Rc::new(Script { items: vec![list] }))]
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
