//! Commands that the shell itself runs, since they change it: table and the small ones.

use kernel::Errno;
use kernel::process::ExitStatus;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;

use super::Flavour;
use super::lexer::is_name;
use super::state::{Boxed, Flow, Shell};

/// Builtins of every shell here.
const COMMON: &[&str] = &[
    ":", ".", "[", "alias", "bg", "break", "cd", "command", "continue", "echo", "eval", "exec",
    "exit", "export", "false", "fg", "getopts", "hash", "jobs", "kill", "local", "printf", "pwd",
    "read", "readonly", "return", "set", "shift", "test", "times", "trap", "true", "type",
    "ulimit", "umask", "unalias", "unset", "wait",
];

/// Builtins that dash lacks; ash has the first two of them.
const MORE: &[&str] = &[
    "source", "let", "history", "declare", "typeset", "builtin", "disown", "shopt", "pushd",
    "popd", "dirs", "enable", "logout",
];

/// True if `name` is a builtin of that shell.
#[must_use]
pub fn is_builtin(name: &str, flavour: Flavour) -> bool {
    let more = match flavour {
        Flavour::Bash => MORE.len(),
        Flavour::Ash => 3,
        Flavour::Dash => 0,
    };
    COMMON.contains(&name) || MORE.iter().take(more).any(|known| *known == name)
}

/// All builtins of a shell, for completion.
pub fn names(flavour: Flavour) -> impl Iterator<Item = &'static str> {
    COMMON
        .iter()
        .chain(MORE)
        .copied()
        .filter(move |name| is_builtin(name, flavour))
}

impl Shell {
    /// Runs a builtin; sets `$?`.
    pub(crate) fn builtin<'a>(
        &'a mut self,
        name: &'a str,
        arguments: &'a [String],
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let rest = arguments.get(1..).unwrap_or_default();
            self.status = match name {
                ":" | "true" => 0,
                "false" => 1,
                "break" | "continue" => return self.leave_loop(name, rest).await,
                "return" => return self.leave_function(rest).await,
                "exit" | "logout" => return self.leave_shell(rest).await,
                "eval" => {
                    self.status = 0;
                    return self.evaluate(&rest.join(" ")).await;
                }
                "." | "source" => return self.source(name, rest).await,
                "exec" => return self.exec_builtin(rest).await,
                "command" | "builtin" => return self.command_builtin(rest).await,
                "cd" => self.cd(rest).await,
                "pwd" => {
                    let cwd = self.sys.cwd();
                    let shown = if rest.iter().any(|flag| flag == "-P") {
                        cwd
                    } else {
                        self.variable("PWD").unwrap_or(cwd)
                    };
                    self.say(&format!("{shown}\n")).await
                }
                "echo" => {
                    let text = crate::text::echo::render(rest, self.flavour == Flavour::Dash);
                    self.say(&text).await
                }
                "printf" => self.printf(rest).await,
                "test" | "[" => self.test(name, rest).await,
                "export" | "readonly" => self.declare(name, rest).await,
                "local" | "declare" | "typeset" => self.declare(name, rest).await,
                "unset" => self.unset(rest).await,
                "set" => self.set(rest).await,
                "shift" => self.shift(rest).await,
                "read" => self.read(rest).await,
                "getopts" => self.getopts(rest).await,
                "let" => self.let_builtin(rest).await,
                "wait" => self.wait(rest).await,
                "jobs" => self.list_jobs(rest).await,
                "kill" => self.kill(rest).await,
                "fg" => self.fg(rest).await,
                "bg" | "disown" | "hash" | "enable" | "shopt" => 0,
                "trap" => self.trap(rest).await,
                "type" => self.type_builtin(rest).await,
                "alias" => self.alias(rest).await,
                "unalias" => {
                    for name in rest {
                        self.aliases.remove(name);
                    }
                    0
                }
                "umask" => self.say("0022\n").await,
                "times" => self.say("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n").await,
                "history" => {
                    let lines: String = self
                        .history
                        .iter()
                        .enumerate()
                        .map(|(index, line)| format!("{:5}  {line}\n", index + 1))
                        .collect();
                    self.say(&lines).await
                }
                other => {
                    self.complain_as(other, "not modelled in Drydock").await;
                    2
                }
            };
            Flow::Next
        })
    }

    /// Writes to standard output; the status says whether that worked.
    pub(crate) async fn say(&self, text: &str) -> i32 {
        i32::from(self.sys.write(Fd::STDOUT, text.as_bytes()).await.is_err())
    }

    async fn number(&self, builtin: &str, text: &str) -> Option<i64> {
        let number = text.trim().parse().ok();
        if number.is_none() {
            let message = match self.flavour {
                Flavour::Bash => format!("{text}: numeric argument required"),
                Flavour::Dash | Flavour::Ash => format!("Illegal number: {text}"),
            };
            self.complain_as(builtin, &message).await;
        }
        number
    }

    async fn leave_loop(&mut self, name: &str, rest: &[String]) -> Flow {
        self.status = 0;
        if self.loops == 0 {
            if self.flavour == Flavour::Bash {
                self.complain_as(name, "only meaningful in a `for', `while', or `until' loop")
                    .await;
            }
            return Flow::Next;
        }
        let levels = match rest.first() {
            None => 1,
            Some(text) => match self.number(name, text).await {
                Some(levels) if levels > 0 => {
                    u32::try_from(levels).unwrap_or(u32::MAX).min(self.loops)
                }
                _ => {
                    self.status = 1;
                    return self.abandon();
                }
            },
        };
        if name == "break" {
            Flow::Break(levels)
        } else {
            Flow::Continue(levels)
        }
    }

    async fn leave_function(&mut self, rest: &[String]) -> Flow {
        if let Some(text) = rest.first() {
            self.status = match self.number("return", text).await {
                Some(code) => i32::try_from(code & 0xff).unwrap_or(0),
                None => 2,
            };
        }
        if self.locals.is_empty() && self.sourced == 0 && self.flavour == Flavour::Bash {
            self.complain_as(
                "return",
                "can only `return' from a function or sourced script",
            )
            .await;
            self.status = 2;
            return Flow::Next;
        }
        Flow::Return
    }

    async fn leave_shell(&mut self, rest: &[String]) -> Flow {
        if let Some(text) = rest.first() {
            self.status = match self.number("exit", text).await {
                Some(code) => i32::try_from(code & 0xff).unwrap_or(0),
                None => 2,
            };
        }
        Flow::Exit
    }

    async fn source(&mut self, name: &str, rest: &[String]) -> Flow {
        let Some(path) = rest.first() else {
            self.complain_as(name, "filename argument required").await;
            self.status = 2;
            return Flow::Next;
        };
        let found = if path.contains('/') {
            path.clone()
        } else {
            self.located(path)
        };
        match self.sys.read_text(&found) {
            Ok(text) => {
                let arguments = rest.get(1..).unwrap_or_default().to_vec();
                let saved = if arguments.is_empty() {
                    None
                } else {
                    Some(std::mem::replace(&mut self.positional, arguments))
                };
                self.sourced += 1;
                self.status = 0;
                let flow = self.evaluate(&text).await;
                self.sourced -= 1;
                if let Some(saved) = saved {
                    self.positional = saved;
                }
                if flow == Flow::Return {
                    Flow::Next
                } else {
                    flow
                }
            }
            Err(error) => {
                match self.flavour {
                    Flavour::Bash => self.complain(&format!("{path}: {error}")).await,
                    Flavour::Dash => {
                        self.complain(&format!(".: cannot open {path}: No such file"))
                            .await;
                    }
                    Flavour::Ash => {
                        self.complain(&format!(".: can't open '{path}': {error}"))
                            .await;
                    }
                }
                self.status = if self.flavour == Flavour::Bash { 1 } else { 2 };
                if self.flavour == Flavour::Bash {
                    Flow::Next
                } else {
                    self.abandon()
                }
            }
        }
    }

    async fn exec_builtin(&mut self, rest: &[String]) -> Flow {
        let skip = usize::from(rest.first().is_some_and(|first| first == "--"));
        let arguments = rest.get(skip..).unwrap_or_default();
        if arguments.is_empty() {
            self.status = 0;
            return Flow::Next;
        }
        self.status = self.exec(arguments.to_vec(), Vec::new()).await;
        if self.interactive {
            Flow::Next
        } else {
            Flow::Exit
        }
    }

    async fn command_builtin(&mut self, rest: &[String]) -> Flow {
        match rest {
            [flag, names @ ..] if flag == "-v" || flag == "-V" => {
                self.status = 0;
                for name in names {
                    let shown = if flag == "-v" {
                        self.describe_short(name)
                    } else {
                        self.describe(name)
                    };
                    match shown {
                        Some(text) => {
                            self.say(&format!("{text}\n")).await;
                        }
                        None => {
                            if flag == "-V" {
                                self.complain_as("command", &format!("{name}: not found"))
                                    .await;
                            }
                            self.status = if self.flavour == Flavour::Bash {
                                1
                            } else {
                                127
                            };
                        }
                    }
                }
                Flow::Next
            }
            [] => Flow::Next,
            [name, ..] if is_builtin(name, self.flavour) => self.builtin(name, rest).await,
            _ => {
                // A function of that name is passed over.
                let function = rest
                    .first()
                    .and_then(|name| self.functions.remove_entry(name));
                let words: Vec<super::ast::Word> = rest
                    .iter()
                    .map(|text| super::ast::Word {
                        pieces: vec![super::ast::Piece::Quoted(text.clone())],
                    })
                    .collect();
                let flow = self.simple(&[], &words, &[]).await;
                self.functions.extend(function);
                flow
            }
        }
    }

    fn describe_short(&self, name: &str) -> Option<String> {
        if let Some(alias) = self.aliases.get(name) {
            return Some(format!("alias {name}='{alias}'"));
        }
        if self.functions.contains_key(name) || is_builtin(name, self.flavour) || is_keyword(name) {
            return Some(name.to_owned());
        }
        self.find(name).ok()
    }

    fn describe(&self, name: &str) -> Option<String> {
        let bash = self.flavour == Flavour::Bash;
        if let Some(alias) = self.aliases.get(name) {
            return Some(if bash {
                format!("{name} is aliased to `{alias}'")
            } else {
                format!("{name} is an alias for {alias}")
            });
        }
        if is_keyword(name) {
            return Some(format!("{name} is a shell keyword"));
        }
        if self.functions.contains_key(name) {
            return Some(if bash {
                format!("{name} is a function")
            } else {
                format!("{name} is a shell function")
            });
        }
        if is_builtin(name, self.flavour) {
            return Some(format!("{name} is a shell builtin"));
        }
        self.find(name).ok().map(|path| format!("{name} is {path}"))
    }

    async fn type_builtin(&mut self, rest: &[String]) -> i32 {
        let mut status = 0;
        for name in rest.iter().filter(|name| !name.starts_with('-')) {
            match self.describe(name) {
                Some(text) => {
                    self.say(&format!("{text}\n")).await;
                }
                None => {
                    status = 1;
                    if self.flavour == Flavour::Bash {
                        self.complain_as("type", &format!("{name}: not found"))
                            .await;
                    } else {
                        self.say(&format!("{name}: not found\n")).await;
                        status = 127;
                    }
                }
            }
        }
        status
    }

    async fn alias(&mut self, rest: &[String]) -> i32 {
        let mut status = 0;
        if rest.is_empty() {
            let all: String = self
                .aliases
                .iter()
                .map(|(name, value)| format!("alias {name}='{value}'\n"))
                .collect();
            return self.say(&all).await;
        }
        for argument in rest {
            if let Some((name, value)) = argument.split_once('=') {
                self.aliases.insert(name.to_owned(), value.to_owned());
            } else if let Some(value) = self.aliases.get(argument) {
                self.say(&format!("alias {argument}='{value}'\n")).await;
            } else {
                self.complain_as("alias", &format!("{argument}: not found"))
                    .await;
                status = 1;
            }
        }
        status
    }

    async fn cd(&mut self, rest: &[String]) -> i32 {
        let target = rest
            .iter()
            .find(|argument| !matches!(argument.as_str(), "-P" | "-L" | "--"));
        let to = match target.map(String::as_str) {
            None => self.variable("HOME").unwrap_or_else(|| "/".to_owned()),
            Some("-") => match self.variable("OLDPWD") {
                Some(old) => old,
                None => {
                    self.complain_as("cd", "OLDPWD not set").await;
                    return 1;
                }
            },
            Some(to) => to.to_owned(),
        };
        let before = self.variable("PWD").unwrap_or_else(|| self.sys.cwd());
        let logical = kernel::fs::path::absolute(&before, &to);
        match self.sys.chdir(if to.is_empty() { "." } else { &logical }) {
            Ok(()) => {
                self.put("OLDPWD", before, None);
                self.put("PWD", logical.clone(), None);
                if target.is_some_and(|target| target == "-") {
                    self.say(&format!("{logical}\n")).await;
                }
                0
            }
            Err(error) => {
                let text = match self.flavour {
                    Flavour::Bash => format!("{to}: {error}"),
                    Flavour::Dash => format!("can't cd to {to}"),
                    Flavour::Ash => format!("can't cd to {to}: {error}"),
                };
                self.complain_as("cd", &text).await;
                if self.flavour == Flavour::Dash { 2 } else { 1 }
            }
        }
    }

    async fn printf(&mut self, rest: &[String]) -> i32 {
        if let [flag, name, format @ ..] = rest
            && flag == "-v"
            && self.flavour == Flavour::Bash
        {
            let done = crate::text::printf::format(format);
            self.put(
                name,
                String::from_utf8_lossy(&done.output).into_owned(),
                None,
            );
            return i32::from(!done.errors.is_empty());
        }
        if rest.is_empty() {
            self.complain_as("printf", "usage: printf [-v var] format [arguments]")
                .await;
            return 2;
        }
        let done = crate::text::printf::format(rest);
        for error in &done.errors {
            let text = match self.flavour {
                Flavour::Bash => error.bash(),
                Flavour::Dash => error.coreutils(),
                Flavour::Ash => error.busybox(),
            };
            if self.flavour == Flavour::Ash {
                self.sys.err(&format!("{}: {text}\n", self.name)).await;
            } else {
                self.complain_as("printf", &text).await;
            }
        }
        let failed = self.sys.write(Fd::STDOUT, &done.output).await.is_err();
        i32::from(failed || !done.errors.is_empty())
    }

    async fn test(&mut self, name: &str, rest: &[String]) -> i32 {
        let expression = match (name, rest.split_last()) {
            ("[", Some((last, expression))) if last == "]" => expression,
            ("[", _) => {
                let missing = match self.flavour {
                    Flavour::Bash => "missing `]'",
                    Flavour::Dash => "missing ]",
                    Flavour::Ash => {
                        self.sys.err(&format!("{}: missing ]\n", self.name)).await;
                        return 2;
                    }
                };
                self.complain_as("[", missing).await;
                return 2;
            }
            _ => rest,
        };
        match crate::text::test::evaluate(&self.sys, expression) {
            Ok(yes) => i32::from(!yes),
            Err(error) => {
                match self.flavour {
                    Flavour::Bash => self.complain_as(name, &error.bash()).await,
                    Flavour::Dash => self.complain_as(name, &error.dash()).await,
                    Flavour::Ash => {
                        self.sys
                            .err(&format!("{}: {}\n", self.name, error.busybox()))
                            .await;
                    }
                }
                2
            }
        }
    }

    async fn shift(&mut self, rest: &[String]) -> i32 {
        let count = match rest.first() {
            None => 1,
            Some(text) => match self.number("shift", text).await {
                Some(count) => usize::try_from(count).unwrap_or(usize::MAX),
                None => return 1,
            },
        };
        if count > self.positional.len() {
            if self.flavour == Flavour::Dash {
                self.complain_as("shift", "can't shift that many").await;
                return 2;
            }
            return 1;
        }
        self.positional.drain(..count);
        0
    }

    async fn let_builtin(&mut self, rest: &[String]) -> i32 {
        let mut value = 0;
        for text in rest {
            match super::arith::evaluate(text, self) {
                Ok(result) => value = result,
                Err(error) => {
                    self.complain_as("let", &format!("{text}: {}", error.bash()))
                        .await;
                    return 1;
                }
            }
        }
        i32::from(value == 0)
    }

    async fn list_jobs(&mut self, rest: &[String]) -> i32 {
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
    fn job_named(&self, text: &str) -> Option<usize> {
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

    async fn wait(&mut self, rest: &[String]) -> i32 {
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
                        self.complain_as("wait", &message).await;
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
                            self.ended(ended, job.pid, &job.text).await;
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

    async fn fg(&mut self, rest: &[String]) -> i32 {
        let name = rest.first().map_or("%%", String::as_str);
        let Some(index) = self.job_named(name) else {
            self.complain_as(
                "fg",
                if rest.is_empty() {
                    "current: no such job"
                } else {
                    "no such job"
                },
            )
            .await;
            return 1;
        };
        if index >= self.jobs.len() {
            return 1;
        }
        let job = self.jobs.remove(index);
        self.say(&format!("{}\n", job.text)).await;
        self.resume(job).await
    }

    async fn kill(&mut self, rest: &[String]) -> i32 {
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
                    None => return self.bad_signal(name).await,
                }
            }
            [flag, after @ ..] if flag.starts_with('-') && flag.len() > 1 && flag != "--" => {
                targets = after;
                let name = flag.trim_start_matches('-');
                match Signal::parse(name) {
                    Some(found) => signal = found,
                    None if name == "0" => return self.probe(after),
                    None => return self.bad_signal(name).await,
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
                        self.complain_as("kill", &format!("{target}: no such job"))
                            .await;
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
                        )
                        .await;
                    }
                    (Flavour::Bash, error) => {
                        self.complain_as("kill", &format!("({target}) - {error}"))
                            .await;
                    }
                    (Flavour::Dash, error) => self.complain_as("kill", &error.to_string()).await,
                    (Flavour::Ash, error) => {
                        self.sys
                            .err(&format!(
                                "{}: can't kill pid {target}: {error}\n",
                                self.name
                            ))
                            .await;
                    }
                }
            }
        }
        // A signal to this very shell takes effect before the next command.
        self.sys.pause().await;
        status
    }

    fn probe(&self, targets: &[String]) -> i32 {
        let there = |text: &String| {
            text.parse()
                .ok()
                .and_then(|pid| crate::process::by_pid(&self.sys, pid))
                .is_some()
        };
        i32::from(!targets.iter().all(there))
    }

    async fn bad_signal(&self, name: &str) -> i32 {
        self.complain_as("kill", &format!("{name}: invalid signal specification"))
            .await;
        1
    }

    async fn trap(&mut self, rest: &[String]) -> i32 {
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
                    self.complain_as("trap", &crate::not_modelled!("the shell", "{text}"))
                        .await;
                    status = 2;
                    continue;
                }
                text => match Signal::parse(text) {
                    Some(signal) => (signal.name(), Some(signal)),
                    None => {
                        self.complain_as("trap", &format!("{text}: invalid signal specification"))
                            .await;
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

    /// True if the text may name a variable; says so otherwise.
    pub(crate) async fn check_name(&self, builtin: &str, name: &str, shown: &str) -> bool {
        let fine = is_name(name);
        if !fine {
            let text = match self.flavour {
                Flavour::Bash => format!("`{shown}': not a valid identifier"),
                Flavour::Dash | Flavour::Ash => format!("{shown}: bad variable name"),
            };
            self.complain_as(builtin, &text).await;
        }
        fine
    }
}

fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "if" | "then"
            | "else"
            | "elif"
            | "fi"
            | "for"
            | "while"
            | "until"
            | "do"
            | "done"
            | "case"
            | "esac"
            | "in"
            | "function"
            | "{"
            | "}"
            | "!"
            | "[["
            | "]]"
            | "time"
    )
}
