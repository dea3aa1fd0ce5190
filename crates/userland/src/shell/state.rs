//! What a running shell holds: variables, functions, options, jobs.

use sorted::SortedMap;
use std::pin::Pin;
use std::rc::Rc;

use kernel::ids::ProcessId;
use kernel::process::signal::Signal;
use kernel::sys::Sys;

use super::Flavour;
use super::arith::Variables;
use super::ast::Command;

/// The future of a part of the shell that others nest in: boxed where it is made, so that nesting costs little stack.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A running shell; a subshell is a clone in a process of its own.
#[derive(Clone)]
pub struct Shell {
    /// The way to the kernel.
    pub(crate) sys: Sys,
    /// Whose texts it speaks.
    pub(crate) flavour: Flavour,
    /// `$0`.
    pub(crate) name: String,
    /// True if a person types the lines.
    pub(crate) interactive: bool,
    /// `$$`: kept by subshells.
    pub(crate) pid: u32,
    /// `$1` and on.
    pub(crate) positional: Vec<String>,
    /// Variables by name.
    pub(crate) variables: SortedMap<String, Variable>,
    /// What all values took when they were last counted, bytes, and what was assigned since.
    pub(crate) held: usize,
    /// For each function being run, what `local` has covered.
    pub(crate) locals: Vec<SortedMap<String, Option<Variable>>>,
    /// Functions by name.
    pub(crate) functions: SortedMap<String, Rc<Command>>,
    /// Aliases by name.
    pub(crate) aliases: SortedMap<String, String>,
    /// What `set` switches.
    pub(crate) options: Options,
    /// `$?`.
    pub(crate) status: i32,
    /// The status of the last `$(...)` in the command at hand.
    pub(crate) substituted: Option<i32>,
    /// `$!`.
    pub(crate) last_background: Option<u32>,
    /// Background jobs, oldest first.
    pub(crate) jobs: Vec<Job>,
    /// Commands by signal name, or `EXIT`.
    pub(crate) traps: SortedMap<String, String>,
    /// Caught signals whose traps have not run.
    pub(crate) caught: Vec<Signal>,
    /// Loops around the command at hand.
    pub(crate) loops: u32,
    /// Loops around the command at hand that end by themselves only if their condition says so.
    pub(crate) endless: u32,
    /// Ctrl-C ended a program in a loop, so that the loop ends once the trap has run.
    pub(crate) broken: bool,
    /// Conditions around the command at hand: inside, `set -e` is asleep.
    pub(crate) conditions: u32,
    /// Compound commands, functions and `eval`s around the command at hand.
    pub(crate) depth: u32,
    /// Scripts being read by `.`.
    pub(crate) sourced: u32,
    /// The line of the command at hand.
    pub(crate) line: u32,
    /// True after a fork: it never prints job notices.
    pub(crate) subshell: bool,
    /// Lines typed, for `history`.
    pub(crate) history: Vec<String>,
    /// Position of `getopts` inside an argument.
    pub(crate) getopts_at: usize,
}

/// A variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variable {
    /// `None` for one that is only declared.
    pub value: Option<String>,
    /// Given to programs.
    pub exported: bool,
    /// May not be changed.
    pub readonly: bool,
}

/// The switches of `set`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// `-e`: a failing command ends the shell.
    pub errexit: bool,
    /// `-u`: an unset variable is an error.
    pub nounset: bool,
    /// `-x`: commands are shown before they run.
    pub xtrace: bool,
    /// `-f`: no file names from patterns.
    pub noglob: bool,
    /// `-n`: read, run nothing.
    pub noexec: bool,
    /// `-o pipefail`: a pipeline's status is that of the last command that failed.
    pub pipefail: bool,
    /// `-C`: `>` does not overwrite.
    pub noclobber: bool,
    /// `-a`: all variables set are exported.
    pub allexport: bool,
}

/// A background job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// Its number, as in `%1`.
    pub number: u32,
    /// Its processes, the pipeline's last one last; those waited for are gone.
    pub processes: Vec<ProcessId>,
    /// The last process.
    pub last: ProcessId,
    /// The pid that `$!` showed.
    pub pid: u32,
    /// The process group, if it has one of its own.
    pub group: Option<ProcessId>,
    /// The source text.
    pub text: Rc<str>,
    /// The status, once the last process has ended.
    pub status: Option<kernel::process::ExitStatus>,
}

/// A command that was given up: its message has been printed and `$?` set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Abort;

/// Where a script goes on after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// With the next command.
    Next,
    /// After this many loops.
    Break(u32),
    /// In the next round of the loop this many levels out.
    Continue(u32),
    /// After the function or sourced script.
    Return,
    /// Nowhere: the shell ends with `$?`.
    Exit,
    /// At the prompt.
    Abandon,
}

impl Shell {
    /// A shell with the environment of its process.
    #[must_use]
    pub fn new(sys: Sys, flavour: Flavour, name: String) -> Self {
        let (env, pid) = sys.me(|p| (p.env.clone(), p.ns_pid)).unwrap_or_default();
        let mut variables = SortedMap::new();
        for (key, value) in env {
            if super::lexer::is_name(&key) {
                variables.insert(
                    key,
                    Variable {
                        value: Some(value),
                        exported: true,
                        readonly: false,
                    },
                );
            }
        }
        let mut shell = Self {
            sys,
            flavour,
            name,
            interactive: false,
            pid,
            positional: Vec::new(),
            variables,
            held: 0,
            locals: Vec::new(),
            functions: SortedMap::new(),
            aliases: SortedMap::new(),
            options: Options::default(),
            status: 0,
            substituted: None,
            last_background: None,
            jobs: Vec::new(),
            traps: SortedMap::new(),
            caught: Vec::new(),
            loops: 0,
            endless: 0,
            broken: false,
            conditions: 0,
            depth: 0,
            sourced: 0,
            line: 1,
            subshell: false,
            history: Vec::new(),
            getopts_at: 0,
        };
        let cwd = shell.sys.cwd();
        shell.put("PWD", cwd, Some(true));
        let level = shell
            .variable("SHLVL")
            .and_then(|text| text.parse::<u32>().ok())
            .unwrap_or(0)
            .saturating_add(1);
        if flavour != Flavour::Dash {
            shell.put("SHLVL", level.to_string(), Some(true));
        }
        for (name, value) in [
            ("IFS", " \t\n"),
            ("OPTIND", "1"),
            (
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ),
        ] {
            if name == "IFS" || shell.variable(name).is_none() {
                shell.put(name, value.to_owned(), None);
            }
        }
        if flavour == Flavour::Bash {
            shell.put("BASH_VERSION", "5.3.15(1)-release".to_owned(), None);
            shell.put("BASH", "/bin/bash".to_owned(), None);
            let hostname = shell.sys.hostname();
            shell.put("HOSTNAME", hostname, None);
        }
        shell
    }

    /// The shell as a child process sees it after a fork.
    #[must_use]
    pub(crate) fn forked(&self, sys: Sys) -> Self {
        let mut child = self.clone();
        child.sys = sys;
        child.subshell = true;
        child.interactive = false;
        child.jobs.clear();
        child.caught.clear();
        child.broken = false;
        // Traps are reset in a subshell, but what is ignored stays ignored.
        child.traps.retain(|_, action| action.is_empty());
        child
    }

    /// A variable's value, `None` if unset; the shell's computed ones included.
    #[must_use]
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        if let Some(variable) = self.variables.get(name) {
            return variable.value.clone();
        }
        match name {
            "LINENO" => Some(self.line.to_string()),
            "PPID" => self.sys.me(|p| p.parent).flatten().and_then(|parent| {
                self.sys
                    .kernel(|k| k.proc.get(parent).map(|p| p.ns_pid.to_string()))
            }),
            "RANDOM" if self.flavour != Flavour::Dash => {
                Some((self.sys.kernel(|k| k.rng.next_u64()) % 32768).to_string())
            }
            "SECONDS" if self.flavour == Flavour::Bash => {
                let started = self.sys.me(|p| p.started).unwrap_or_default();
                Some(self.sys.now().since(started).as_secs().to_string())
            }
            "EPOCHSECONDS" if self.flavour == Flavour::Bash => {
                Some(self.sys.wall_clock().0.to_string())
            }
            "UID" | "EUID" if self.flavour == Flavour::Bash => self.sys.me(|p| p.uid.to_string()),
            "BASHPID" if self.flavour == Flavour::Bash => self.sys.me(|p| p.ns_pid.to_string()),
            _ => None,
        }
    }

    /// Sets a variable without asking whether it may; `exported` of `None` leaves that as it is.
    pub(crate) fn put(&mut self, name: &str, value: String, exported: Option<bool>) {
        let all = self.options.allexport;
        let variable = self.variables.entry(name.to_owned()).or_default();
        variable.value = Some(value);
        variable.exported = exported.unwrap_or(variable.exported || all);
    }

    /// True if the variable may not be changed.
    #[must_use]
    pub(crate) fn is_readonly(&self, name: &str) -> bool {
        self.variables
            .get(name)
            .is_some_and(|variable| variable.readonly)
    }

    /// The environment for programs.
    #[must_use]
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let given = self.sys.me(|p| p.env.clone()).unwrap_or_default();
        let mut out: Vec<(String, String)> = Vec::new();
        let exported = |name: &String| {
            self.variables
                .get(name)
                .filter(|variable| variable.exported)
                .and_then(|variable| variable.value.clone())
        };
        // What was inherited keeps its place.
        for (name, value) in given {
            if !super::lexer::is_name(&name) {
                out.push((name, value));
            } else if let Some(value) = exported(&name) {
                out.push((name, value));
            }
        }
        for name in self.variables.keys() {
            if !out.iter().any(|(known, _)| known == name)
                && let Some(value) = exported(name)
            {
                out.push((name.clone(), value));
            }
        }
        out
    }

    /// What goes before a message: `bash: line 1: `.
    #[must_use]
    pub(crate) fn prefix(&self) -> String {
        match self.flavour {
            Flavour::Bash | Flavour::Ash if self.interactive => format!("{}: ", self.name),
            Flavour::Bash => format!("{}: line {}: ", self.name, self.line),
            Flavour::Dash => format!("{}: {}: ", self.name, self.line),
            // ash counts lines from nought.
            Flavour::Ash => format!("{}: line {}: ", self.name, self.line.saturating_sub(1)),
        }
    }

    /// Prints a message of the shell itself.
    pub(crate) fn complain(&self, text: &str) {
        self.sys.err(&format!("{}{text}\n", self.prefix()));
    }

    /// Prints a message of a builtin.
    pub(crate) fn complain_as(&self, builtin: &str, text: &str) {
        let line = match self.flavour {
            Flavour::Ash if self.interactive => format!("{}: {builtin}: {text}\n", self.name),
            Flavour::Ash => format!(
                "{}: {builtin}: line {}: {text}\n",
                self.name,
                self.line.saturating_sub(1)
            ),
            Flavour::Bash | Flavour::Dash => format!("{}{builtin}: {text}\n", self.prefix()),
        };
        self.sys.err(&line);
    }
}

impl Variables for Shell {
    fn get(&self, name: &str) -> Option<String> {
        self.variable(name)
    }

    fn set(&mut self, name: &str, value: String) {
        if !self.is_readonly(name) {
            self.put(name, value, None);
        }
    }
}
