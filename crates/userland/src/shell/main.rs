//! The shell as a program: `sh -c`, scripts, and lines from a terminal.

use std::rc::Rc;

use kernel::Errno;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sys::Sys;

use super::Flavour;
use super::parser::Parser;
use super::state::{Flow, Job, Shell};

/// Runs a shell; its arguments are `args`, the name first.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let mut arguments = args.into_iter();
    let called = arguments.next().unwrap_or_else(|| "sh".to_owned());
    let name = called.clone();
    let mut shell = Shell::new(sys, flavour, name);
    let mut command = None;
    let (mut interactive, mut from_input) = (false, false);
    let mut rest: Vec<String> = Vec::new();
    while let Some(argument) = arguments.next() {
        let sign = argument.chars().next();
        let flags = argument
            .strip_prefix(['-', '+'])
            .filter(|flags| !flags.is_empty());
        let Some(flags) = flags else {
            rest.push(argument);
            break;
        };
        if argument == "--" {
            break;
        }
        if let Some(long) = flags.strip_prefix('-') {
            match long {
                "login" | "norc" | "noprofile" | "posix" => continue,
                "version" if flavour == Flavour::Bash => {
                    shell
                        .sys
                        .out("GNU bash, version 5.3.15(1)-release (x86_64-pc-linux-gnu)\n");
                    return 0;
                }
                _ => return crate::not_modelled(&shell.sys, &called, &argument),
            }
        }
        for flag in flags.chars() {
            match flag {
                'c' => command = Some(String::new()),
                'i' => interactive = true,
                's' => from_input = true,
                'o' => {
                    let option = arguments.next().unwrap_or_default();
                    if !shell.set_option(&option, sign == Some('-')) {
                        shell
                            .sys
                            .err(&format!("{called}: {option}: invalid option name\n"));
                        return 2;
                    }
                }
                flag => {
                    if !shell.set_flag(flag, sign == Some('-')) {
                        let text = match flavour {
                            Flavour::Bash => format!("{called}: -{flag}: invalid option\n"),
                            Flavour::Dash => format!("{called}: 0: Illegal option -{flag}\n"),
                            Flavour::Ash => format!("{called}: illegal option -{flag}\n"),
                        };
                        shell.sys.err(&text);
                        return 2;
                    }
                }
            }
        }
    }
    rest.extend(arguments);
    let mut rest = rest.into_iter();
    // All but bash catch Ctrl-C in scripts too. It shows where they are a container's first process, which signals that it
    // does not catch leave alone. Source: dash `trap.c`, `setsignal`.
    if flavour != Flavour::Bash
        && shell.sys.me(|p| p.pid_ns.is_some() && p.ns_pid == 1) == Some(true)
    {
        shell.sys.catch(Signal::INT);
    }
    if command.is_some() {
        let Some(text) = rest.next() else {
            let text = match flavour {
                Flavour::Bash => "-c: option requires an argument",
                Flavour::Dash => "0: -c requires an argument",
                Flavour::Ash => "-c requires an argument",
            };
            shell.sys.err(&format!("{called}: {text}\n"));
            return 2;
        };
        if let Some(name) = rest.next() {
            shell.name = name;
        }
        shell.positional = rest.collect();
        return shell.run_argument(&text).await;
    }
    if from_input {
        shell.positional = rest.collect();
        return shell.run_input().await;
    }
    if let Some(path) = rest.next() {
        shell.positional = rest.collect();
        // Only bash looks for a script along PATH.
        let found = match flavour {
            Flavour::Bash if !path.contains('/') && !shell.sys.exists(&path) => {
                shell.located(&path)
            }
            _ => path.clone(),
        };
        shell.name = path;
        return shell.run_file(&found).await;
    }
    if interactive || (shell.sys.is_tty(Fd::STDIN) && shell.sys.is_tty(Fd::STDERR)) {
        return shell.converse().await;
    }
    shell.run_input().await
}

impl Shell {
    /// Runs the text of `-c`.
    async fn run_argument(&mut self, text: &str) -> i32 {
        // The last command becomes the shell's process, where nothing is left to do after it.
        self.from_argument = true;
        let mut parser = Parser::new(text, self.flavour);
        let whole = match text.trim_end().contains('\n') {
            true => None,
            false => parser.next_line().ok().flatten(),
        };
        if let Some(mut script) = whole.filter(|_| !self.options.noexec)
            && let Some(last) = script.items.pop_if(|item| item.is_plain())
        {
            self.warn_unended(&mut parser);
            let flow = self.run(&script).await;
            let command = last.list.first.stages.first();
            return match command.filter(|_| flow == Flow::Next && self.traps.is_empty()) {
                Some(command) => self.run_forked(command).await,
                None if flow == Flow::Next => {
                    script.items = vec![last];
                    let flow = self.run(&script).await;
                    self.finish(flow).await
                }
                None => self.finish(flow).await,
            };
        }
        let flow = self.run_text(text, "-c").await;
        self.finish(flow).await
    }

    /// Runs a script file.
    pub(crate) async fn run_file(&mut self, path: &str) -> i32 {
        (self.from_argument, self.within) = (false, None);
        match self.sys.read_text(path) {
            // The kernel would have run it, were it one of this machine's programs.
            Ok(text) if text.starts_with('\u{7f}') => {
                let (why, status) = match self.flavour {
                    Flavour::Bash => (format!("{path}: cannot execute binary file"), 126),
                    Flavour::Dash => (
                        "1: Syntax error: word unexpected (expecting \")\")".into(),
                        2,
                    ),
                    Flavour::Ash => (
                        "line 1: syntax error: unexpected word (expecting \")\")".into(),
                        2,
                    ),
                };
                self.sys.err(&format!("{path}: {why}\n"));
                status
            }
            Ok(text) => {
                let flow = self.run_text(&text, "").await;
                self.finish(flow).await
            }
            // The others read a directory as an empty file.
            Err(Errno::EISDIR) if self.flavour != Flavour::Bash => 0,
            Err(Errno::EISDIR) => {
                self.sys
                    .err(&format!("{path}: {path}: {}\n", Errno::EISDIR));
                126
            }
            Err(error) => {
                let called = self.sys.args().first().cloned().unwrap_or_default();
                let text = match self.flavour {
                    Flavour::Bash => format!("{called}: {path}: {error}\n"),
                    Flavour::Dash => format!("{called}: 0: cannot open {path}: No such file\n"),
                    Flavour::Ash => format!("{called}: line 0: can't open {path}: no such file\n"),
                };
                self.sys.err(&text);
                match self.flavour {
                    Flavour::Bash => 127,
                    _ => 2,
                }
            }
        }
    }

    /// Runs what comes in on standard input, read to its end first.
    async fn run_input(&mut self) -> i32 {
        let mut text = String::new();
        let mut first = 1;
        loop {
            // One command at a time, so that `read` and programs find what follows.
            let mut line = Vec::new();
            let ended = loop {
                match self.sys.read(Fd::STDIN, 1).await {
                    Ok(data) if data.is_empty() => break true,
                    Ok(data) => line.extend_from_slice(&data),
                    Err(Errno::EINTR) => self.note_signals(),
                    Err(_) => break true,
                }
                if line.last() == Some(&b'\n') {
                    break false;
                }
            };
            text.push_str(&String::from_utf8_lossy(&line));
            let mut parser = Parser::at_line(&text, first, self.flavour);
            if !ended && parser.wants_more() {
                continue;
            }
            let flow = self.run_lines(&mut parser, "").await;
            if flow != Flow::Next || ended {
                return self.finish(flow).await;
            }
            first += u32::try_from(text.matches('\n').count()).unwrap_or(0);
            text.clear();
        }
    }

    /// Ends the shell: runs the `EXIT` trap and gives the exit code.
    pub(crate) async fn finish(&mut self, _flow: Flow) -> i32 {
        if let Some(action) = self.traps.remove("EXIT") {
            let status = self.status;
            let flow = self.evaluate(&action).await;
            if flow != Flow::Exit {
                self.status = status;
            }
        }
        self.status & 0xff
    }

    /// Talks with a person: prompt, line, result.
    async fn converse(&mut self) -> i32 {
        self.interactive = true;
        self.sys.catch(Signal::INT);
        self.sys.ignore(Signal::TERM);
        self.own_terminal();
        self.start_files().await;
        let mut text = String::new();
        // The status of the command before the prompt; `None` before the first.
        let mut last = None;
        loop {
            // What comes after the mark is the shell's own: no fault of the command before it.
            if let (true, Some(status)) = (text.is_empty() && self.marks(), last) {
                let shell = self.sys.id();
                self.sys
                    .err(&format!("\u{1b}]133;D;{status};aid={shell}\u{7}"));
            }
            self.job_notices().await;
            self.own_terminal();
            let prompt = if text.is_empty() {
                self.prompt()
            } else {
                self.variable("PS2").unwrap_or_else(|| "> ".to_owned())
            };
            let marked = text.is_empty() && self.marks();
            self.sys.err(&if marked {
                let shell = self.sys.id();
                format!("\u{1b}]133;A;aid={shell}\u{7}{prompt}\u{1b}]133;B\u{7}")
            } else {
                prompt
            });
            match self.sys.read(Fd::STDIN, 65_536).await {
                Ok(data) if data.is_empty() => {
                    if text.is_empty() {
                        self.sys.err(if self.flavour == Flavour::Bash {
                            "exit\n"
                        } else {
                            "\n"
                        });
                        return self.finish(Flow::Exit).await;
                    }
                    let rest = std::mem::take(&mut text);
                    self.run_text(&rest, "").await;
                }
                Ok(data) => {
                    text.push_str(&String::from_utf8_lossy(&data));
                    let mut parser = Parser::new(&text, self.flavour);
                    if parser.wants_more() {
                        continue;
                    }
                    let line = std::mem::take(&mut text);
                    if !line.trim().is_empty() {
                        Rc::make_mut(&mut self.history).push(line.trim_end().to_owned());
                    }
                    self.line = 1;
                    let flow = self.run_lines(&mut parser, "").await;
                    last = Some(self.status & 0xff);
                    self.loops = 0;
                    self.endless = 0;
                    self.broken = false;
                    self.conditions = 0;
                    self.depth = 0;
                    if flow == Flow::Exit {
                        return self.finish(flow).await;
                    }
                }
                Err(Errno::EINTR) => {
                    self.note_signals();
                    if self.interrupted() {
                        text.clear();
                        last = Some(130);
                    }
                }
                Err(_) => return self.finish(Flow::Exit).await,
            }
        }
    }

    /// Whether prompts carry the marks that terminals know commands by (OSC 133): not in a dumb terminal.
    fn marks(&self) -> bool {
        let dumb = self
            .variable("TERM")
            .is_none_or(|term| term.is_empty() || term == "dumb");
        !dumb && self.sys.is_tty(Fd::STDERR)
    }

    fn own_terminal(&self) {
        let Some((Some(tty), group)) = self.sys.me(|p| (p.tty, p.group)) else {
            return;
        };
        self.sys.kernel(|k| {
            if let Some(tty) = k.tty_mut(tty) {
                tty.foreground = Some(group);
            }
        });
    }

    async fn start_files(&mut self) {
        let home = self.variable("HOME").unwrap_or_default();
        let path = if self.flavour == Flavour::Bash {
            format!("{home}/.bashrc")
        } else {
            self.variable("ENV").unwrap_or_default()
        };
        if !path.is_empty()
            && let Ok(text) = self.sys.read_text(&path)
        {
            self.run_text(&text, "").await;
        }
    }

    /// The prompt, `PS1` with bash's escapes.
    fn prompt(&self) -> String {
        let default = match self.flavour {
            Flavour::Bash => "\\u@\\h:\\w\\$ ",
            Flavour::Dash => "\\$ ",
            Flavour::Ash => "\\w \\$ ",
        };
        let text = self.variable("PS1").unwrap_or_else(|| default.to_owned());
        let cwd = self.variable("PWD").unwrap_or_default();
        let home = self.variable("HOME").unwrap_or_default();
        let short = match cwd.strip_prefix(&home) {
            Some(rest) if home.len() > 1 && (rest.is_empty() || rest.starts_with('/')) => {
                format!("~{rest}")
            }
            _ => cwd.clone(),
        };
        let root = self.sys.me(|p| p.uid).unwrap_or(0) == 0;
        let mut out = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('u') => out.push_str(if root { "root" } else { "user" }),
                Some('h') => {
                    out.push_str(self.sys.hostname().split('.').next().unwrap_or_default());
                }
                Some('H') => out.push_str(&self.sys.hostname()),
                Some('w') => out.push_str(&short),
                Some('W') => out.push_str(
                    short
                        .rsplit('/')
                        .next()
                        .filter(|name| !name.is_empty())
                        .unwrap_or("/"),
                ),
                Some('$') => out.push(if root { '#' } else { '$' }),
                Some('n') => out.push('\n'),
                Some('s') => out.push_str(&self.name),
                Some('e') => out.push('\u{1b}'),
                Some('[' | ']') => {}
                Some(other) => out.push(other),
                None => out.push('\\'),
            }
        }
        out
    }

    /// Waits for a job that was in the background as for one in the foreground.
    pub(crate) async fn resume(&mut self, job: Job) -> i32 {
        if let (Some(group), Some(Some(tty))) = (job.group, self.sys.me(|p| p.tty)) {
            self.sys.kernel(|k| {
                if let Some(tty) = k.tty_mut(tty) {
                    tty.foreground = Some(group);
                }
            });
        }
        let mut status = job.status.map_or(0, kernel::process::ExitStatus::code);
        for process in job.processes {
            let ended = self.wait_for(process).await;
            if process == job.last {
                status = self.ended(ended, job.pid, &job.text, true);
            }
        }
        self.own_terminal();
        status
    }
}
