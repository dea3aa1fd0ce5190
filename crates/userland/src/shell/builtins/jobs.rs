//! Builtins about jobs and signals.

use kernel::Errno;
use kernel::process::ExitStatus;
use kernel::process::signal::Signal;

use crate::shell::Flavour;
use crate::shell::state::Shell;

impl Shell {
    pub(super) async fn list_jobs(&mut self, rest: &[String]) -> i32 {
        self.reap().await;
        let pids = rest.iter().any(|flag| flag == "-p");
        let lines: String = self
            .jobs
            .iter()
            .map(|job| {
                if pids {
                    format!("{}\n", job.pid)
                } else {
                    self.job_line(job) + "\n"
                }
            })
            .collect();
        self.jobs.retain(|job| !job.processes.is_empty());
        self.say(&lines).await
    }

    /// The job that `%1`, `%%` or a pid names.
    pub(super) fn job_named(&self, text: &str) -> Option<usize> {
        let by_number = |number: u32| self.jobs.iter().position(|job| job.number == number);
        match text.strip_prefix('%') {
            Some("" | "%" | "+") => self.jobs.len().checked_sub(1),
            Some("-") => self.jobs.len().checked_sub(2),
            Some(rest) => match rest.parse() {
                Ok(number) => by_number(number),
                Err(_) => self.jobs.iter().position(|job| job.text.starts_with(rest)),
            },
            None => text
                .parse()
                .ok()
                .and_then(|pid: u32| self.jobs.iter().position(|job| job.pid == pid)),
        }
    }

    pub(super) async fn wait(&mut self, rest: &[String]) -> i32 {
        let mut indices: Vec<usize> = Vec::new();
        let mut status = 0;
        for text in rest.iter().filter(|text| *text != "-n") {
            match self.job_named(text) {
                Some(index) => indices.push(index),
                None => {
                    let message = if text.starts_with('%') {
                        format!("{text}: no such job")
                    } else {
                        format!("pid {text} is not a child of this shell")
                    };
                    if self.flavour == Flavour::Bash {
                        self.complain_as("wait", &message);
                    }
                    status = 127;
                }
            }
        }
        if rest.is_empty() {
            indices = (0..self.jobs.len()).collect();
        }
        for index in &indices {
            let processes = self
                .jobs
                .get(*index)
                .map(|job| job.processes.clone())
                .unwrap_or_default();
            for process in processes {
                match self.sys.wait(Some(process)).await {
                    Ok((_, ended)) => {
                        self.note_end(process, ended);
                        let job = self
                            .jobs
                            .get(*index)
                            .filter(|job| job.last == process && !self.interactive)
                            .cloned();
                        if let Some(job) = job {
                            self.ended(ended, job.pid, &job.text);
                        }
                    }
                    Err(Errno::EINTR) => {
                        // A trapped signal ends `wait` at once.
                        self.note_signals();
                        return self.caught.last().map_or(1, |signal| 128 + signal.number());
                    }
                    Err(_) => self.note_end(process, ExitStatus::Code(127)),
                }
            }
            if !rest.is_empty() {
                status = self
                    .jobs
                    .get(*index)
                    .and_then(|job| job.status)
                    .map_or(127, ExitStatus::code);
            }
        }
        if !self.interactive || !rest.is_empty() {
            self.jobs.retain(|job| !job.processes.is_empty());
        }
        status
    }

    pub(super) async fn fg(&mut self, rest: &[String]) -> i32 {
        let name = rest.first().map_or("%%", String::as_str);
        let Some(index) = self.job_named(name) else {
            self.complain_as(
                "fg",
                if rest.is_empty() {
                    "current: no such job"
                } else {
                    "no such job"
                },
            );
            return 1;
        };
        if index >= self.jobs.len() {
            return 1;
        }
        let job = self.jobs.remove(index);
        self.say(&format!("{}\n", job.text)).await;
        self.resume(job).await
    }

    pub(super) async fn kill(&mut self, rest: &[String]) -> i32 {
        let mut signal = Signal::TERM;
        let mut targets = rest;
        match rest {
            [flag, ..] if flag == "-l" => {
                let names: Vec<String> = (1..=31)
                    .filter_map(Signal::from_number)
                    .map(Signal::name)
                    .collect();
                return self.say(&format!("{}\n", names.join(" "))).await;
            }
            [flag, name, after @ ..] if flag == "-s" => {
                targets = after;
                match Signal::parse(name) {
                    Some(found) => signal = found,
                    None if name == "0" => return self.probe(after),
                    None => return self.bad_signal(name),
                }
            }
            [flag, after @ ..] if flag.starts_with('-') && flag.len() > 1 && flag != "--" => {
                targets = after;
                let name = flag.trim_start_matches('-');
                match Signal::parse(name) {
                    Some(found) => signal = found,
                    None if name == "0" => return self.probe(after),
                    None => return self.bad_signal(name),
                }
            }
            _ => {}
        }
        let mut status = 0;
        for target in targets {
            if target.starts_with('%') {
                match self
                    .job_named(target)
                    .and_then(|index| self.jobs.get(index))
                    .map(|job| (job.group, job.processes.clone()))
                {
                    Some((Some(group), _)) => self.sys.kernel(|k| k.kill_group(group, signal)),
                    Some((None, processes)) => {
                        for process in processes {
                            let _: Result<(), Errno> = self.sys.kill(process, signal);
                        }
                    }
                    None => {
                        self.complain_as("kill", &format!("{target}: no such job"));
                        status = 1;
                    }
                }
                continue;
            }
            let sent = match target.parse::<u32>() {
                Ok(pid) => crate::process::by_pid(&self.sys, pid)
                    .ok_or(Errno::ESRCH)
                    .and_then(|id| self.sys.kill(id, signal)),
                Err(_) => Err(Errno::EINVAL),
            };
            if let Err(error) = sent {
                status = 1;
                match (self.flavour, error) {
                    (Flavour::Bash, Errno::EINVAL) => {
                        self.complain_as(
                            "kill",
                            &format!("{target}: arguments must be process or job IDs"),
                        );
                    }
                    (Flavour::Bash, error) => {
                        self.complain_as("kill", &format!("({target}) - {error}"));
                    }
                    (Flavour::Dash, error) => self.complain_as("kill", &error.to_string()),
                    (Flavour::Ash, error) => {
                        self.sys.err(&format!(
                            "{}: can't kill pid {target}: {error}\n",
                            self.name
                        ));
                    }
                }
            }
        }
        // A signal to this very shell takes effect before the next command.
        self.sys.pause().await;
        status
    }

    pub(super) fn probe(&self, targets: &[String]) -> i32 {
        let there = |text: &String| {
            text.parse()
                .ok()
                .and_then(|pid| crate::process::by_pid(&self.sys, pid))
                .is_some()
        };
        i32::from(!targets.iter().all(there))
    }

    pub(super) fn bad_signal(&self, name: &str) -> i32 {
        self.complain_as("kill", &format!("{name}: invalid signal specification"));
        1
    }

    pub(super) async fn trap(&mut self, rest: &[String]) -> i32 {
        let (action, signals) = match rest {
            [] => {
                let all: String = self
                    .traps
                    .iter()
                    .map(|(name, action)| {
                        let shown = if name == "EXIT" || self.flavour != Flavour::Bash {
                            name.clone()
                        } else {
                            format!("SIG{name}")
                        };
                        format!("trap -- '{}' {shown}\n", action.replace('\'', "'\\''"))
                    })
                    .collect();
                return self.say(&all).await;
            }
            [flag, after @ ..] if flag == "--" => match after.split_first() {
                Some((action, signals)) => (action.clone(), signals),
                None => return 0,
            },
            [single] => ("-".to_owned(), std::slice::from_ref(single)),
            [action, signals @ ..] => (action.clone(), signals),
        };
        let mut status = 0;
        for text in signals {
            let (name, signal) = match text.as_str() {
                "EXIT" | "0" => ("EXIT".to_owned(), None),
                "ERR" | "DEBUG" | "RETURN" => {
                    self.complain_as("trap", &crate::not_modelled!("the shell", "{text}"));
                    status = 2;
                    continue;
                }
                text => match Signal::parse(text) {
                    Some(signal) => (signal.name(), Some(signal)),
                    None => {
                        self.complain_as("trap", &format!("{text}: invalid signal specification"));
                        status = 1;
                        continue;
                    }
                },
            };
            if let Some(signal) = signal {
                self.sys.restore_default(signal);
                match action.as_str() {
                    "-" => {}
                    "" => self.sys.ignore(signal),
                    _ => self.sys.catch(signal),
                }
            }
            if action == "-" {
                self.traps.remove(&name);
            } else {
                self.traps.insert(name, action.clone());
            }
        }
        status
    }
}
