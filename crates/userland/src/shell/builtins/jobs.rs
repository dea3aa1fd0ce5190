//! Builtins about jobs and signals.

use kernel::Errno;
use kernel::process::ExitStatus;
use kernel::process::signal::Signal;

use crate::shell::Flavour;
use crate::shell::state::Shell;

impl Shell {
    pub(super) async fn list_jobs(&mut self, rest: &[String]) -> i32 {
        self.reap().await;
        let has = |letter: char| {
            rest.iter()
                .any(|flag| flag.starts_with('-') && flag.contains(letter))
        };
        let wanted: Vec<usize> = rest
            .iter()
            .filter(|name| !name.starts_with('-'))
            .filter_map(|name| self.job_named(name))
            .collect();
        let jobs = match self.jobs.as_slice() {
            [] => &self.inherited_jobs,
            jobs => jobs,
        };
        let lines: String = jobs
            .iter()
            .enumerate()
            .filter(|(index, _)| wanted.is_empty() || wanted.contains(index))
            .map(|(_, job)| job)
            .filter(|job| !has('r') || job.status.is_none())
            .filter(|job| !has('s') || job.status.is_some_and(|_| false))
            .map(|job| {
                if has('p') {
                    format!("{}\n", job.pid)
                } else {
                    self.job_line(job, has('l')) + "\n"
                }
            })
            .collect();
        self.jobs.retain(|job| !job.processes.is_empty());
        self.say(&lines).await
    }

    pub(super) async fn bg(&mut self, rest: &[String]) -> i32 {
        let name = rest.first().map_or("%%", String::as_str);
        if !self.interactive && !self.options.monitor {
            self.complain_as("bg", "no job control");
            return 1;
        }
        match self.job_named(name).and_then(|index| self.jobs.get(index)) {
            Some(job) => {
                let text = format!("[{}]+ {} &\n", job.number, job.text);
                self.say(&text).await
            }
            None => {
                let name = if rest.is_empty() { "current" } else { name };
                self.complain_as("bg", &format!("{name}: no such job"));
                1
            }
        }
    }

    pub(super) fn disown(&mut self, rest: &[String]) -> i32 {
        let mut status = 0;
        let all = rest.iter().any(|flag| flag == "-a");
        let names: Vec<&String> = rest.iter().filter(|name| !name.starts_with('-')).collect();
        if all {
            self.jobs.clear();
        } else if names.is_empty() && self.jobs.pop().is_none() {
            self.complain_as("disown", "current: no such job");
            status = 1;
        }
        for name in names {
            match self.job_named(name) {
                Some(index) if index < self.jobs.len() => {
                    self.jobs.remove(index);
                }
                _ => {
                    self.complain_as("disown", &format!("{name}: no such job"));
                    status = 1;
                }
            }
        }
        status
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
        let any = rest.first().is_some_and(|flag| flag == "-n");
        if rest.iter().all(|text| text == "-n") {
            indices = (0..self.jobs.len()).collect();
        }
        if any {
            return self.wait_any(&indices).await;
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
                            self.ended(ended, job.pid, &job.text, false);
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
        if (!self.interactive || !rest.is_empty()) && self.flavour == Flavour::Bash {
            self.jobs.retain(|job| !job.processes.is_empty());
        }
        status
    }

    /// Waits for whichever of these jobs ends first.
    async fn wait_any(&mut self, indices: &[usize]) -> i32 {
        let mut running: Vec<_> = Vec::new();
        for index in indices {
            let Some(job) = self.jobs.get(*index) else {
                continue;
            };
            if let Some(status) = job.status.filter(|_| job.processes.is_empty()) {
                self.jobs.remove(*index);
                return status.code();
            }
            running.push(job.last);
        }
        loop {
            if running.is_empty() {
                return 127;
            }
            match self.sys.wait(None).await {
                Ok((process, ended)) => {
                    self.note_end(process, ended);
                    if running.contains(&process) {
                        self.jobs.retain(|job| job.last != process);
                        return ended.code();
                    }
                }
                Err(Errno::EINTR) => {
                    self.note_signals();
                    return self.caught.last().map_or(1, |signal| 128 + signal.number());
                }
                Err(_) => return 127,
            }
        }
    }

    pub(super) async fn fg(&mut self, rest: &[String]) -> i32 {
        if !self.interactive && !self.options.monitor && self.flavour == Flavour::Bash {
            self.complain_as("fg", "no job control");
            return 1;
        }
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
            [flag, wanted @ ..] if flag == "-l" && !wanted.is_empty() => {
                return self.name_signals(wanted).await;
            }
            [flag, ..] if flag == "-l" && self.flavour == Flavour::Bash => {
                return self.say(&signal_table()).await;
            }
            [flag, ..] if flag == "-l" && self.flavour == Flavour::Ash => {
                let all: String = (1..=31)
                    .filter_map(|n| Some(format!("{n:2}) {}\n", Signal::from_number(n)?.name())))
                    .collect();
                return self.say(&all).await;
            }
            [] if self.flavour == Flavour::Ash => {
                let text = format!("{}: you need to specify whom to kill\n", self.name);
                self.sys.err(&text);
                return 1;
            }
            [] if self.flavour == Flavour::Bash => {
                self.sys.err("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n");
                return 2;
            }
            [flag, ..] if flag == "-l" => {
                let names: Vec<String> = (1..=31)
                    .filter_map(Signal::from_number)
                    .map(Signal::name)
                    .collect();
                return self.say(&format!("{}\n", names.join(" "))).await;
            }
            [flag, name, after @ ..] if flag == "-s" || flag == "-n" => {
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
                self.no_such(target, error);
            }
        }
        // A signal to this very shell takes effect before the next command.
        self.sys.pause().await;
        status
    }

    /// `kill -l` with arguments: numbers become names, names numbers.
    async fn name_signals(&self, wanted: &[String]) -> i32 {
        let mut status = 0;
        for text in wanted {
            let number = text.parse::<u8>().ok();
            let signal = match number {
                Some(number) => Signal::from_number(number & 127),
                None => Signal::parse(text),
            };
            let shown = match (signal, number) {
                (Some(signal), Some(_)) => signal.name(),
                (Some(signal), None) => signal.number().to_string(),
                (None, _) => {
                    status = self.bad_signal(text);
                    continue;
                }
            };
            self.say(&format!("{shown}\n")).await;
        }
        status
    }

    /// Signal 0: only asks whether the processes are there.
    pub(super) fn probe(&self, targets: &[String]) -> i32 {
        let mut status = 0;
        for target in targets {
            let pid = match target.strip_prefix('%') {
                Some(_) => self
                    .job_named(target)
                    .and_then(|at| self.jobs.get(at))
                    .map(|job| job.pid),
                None => target.parse().ok(),
            };
            let there = pid.and_then(|pid| crate::process::by_pid(&self.sys, pid));
            if there.is_none() {
                self.no_such(target, Errno::ESRCH);
                status = 1;
            }
        }
        status
    }

    /// Why a signal could not be sent.
    fn no_such(&self, target: &str, error: Errno) {
        match (self.flavour, error) {
            (Flavour::Bash, Errno::EINVAL) => {
                let text = format!("{target}: arguments must be process or job IDs");
                self.complain_as("kill", &text);
            }
            (Flavour::Bash, error) => {
                self.complain_as("kill", &format!("({target}) - {error}"));
            }
            (Flavour::Dash, error) => self.complain_as("kill", &error.to_string()),
            (Flavour::Ash, error) => {
                let text = format!("{}: can't kill pid {target}: {error}\n", self.name);
                self.sys.err(&text);
            }
        }
    }

    pub(super) fn bad_signal(&self, name: &str) -> i32 {
        self.complain_as("kill", &format!("{name}: invalid signal specification"));
        1
    }

    async fn print_traps(&self, wanted: &[String]) -> i32 {
        let asked = |name: &String| {
            let bare = |text: &String| text.strip_prefix("SIG").unwrap_or(text) == name;
            wanted.is_empty() || wanted.iter().any(bare)
        };
        let mut all = String::new();
        for (name, action) in self.traps.iter().filter(|(name, _)| asked(name)) {
            let plain = matches!(name.as_str(), "EXIT" | "ERR") || self.flavour != Flavour::Bash;
            let sign = if plain { "" } else { "SIG" };
            let action = action.replace('\'', "'\\''");
            all.push_str(&format!("trap -- '{action}' {sign}{name}\n"));
        }
        self.say(&all).await
    }

    pub(super) async fn trap(&mut self, rest: &[String]) -> i32 {
        let (action, signals) = match rest {
            [] => return self.print_traps(&[]).await,
            [flag, wanted @ ..] if flag == "-p" => return self.print_traps(wanted).await,
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
                "ERR" if self.flavour == Flavour::Bash => ("ERR".to_owned(), None),
                "DEBUG" | "RETURN" if self.flavour == Flavour::Bash => {
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

/// All signals in rows of five, as bash's `kill -l` shows them; the real-time ones too.
fn signal_table() -> String {
    let named =
        (1..=31).filter_map(|n| Some((n, format!("SIG{}", Signal::from_number(n)?.name()))));
    let real = (34..=64).map(|n| {
        let name = match n {
            34 => "SIGRTMIN".to_owned(),
            64 => "SIGRTMAX".to_owned(),
            35..=49 => format!("SIGRTMIN+{}", n - 34),
            _ => format!("SIGRTMAX-{}", 64 - n),
        };
        (n, name)
    });
    let mut out = String::new();
    for (index, (number, name)) in named.chain(real).enumerate() {
        let end = if index % 5 == 4 { '\n' } else { '\t' };
        out.push_str(&format!("{number:2}) {name}{end}"));
    }
    out.push('\n');
    out
}
