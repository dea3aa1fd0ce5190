//! What a running shell holds: variables, functions, options, jobs.

use sorted::{SortedMap, SortedSet};
use std::pin::Pin;
use std::rc::Rc;

use kernel::ids::ProcessId;
use kernel::process::files::Fd;
use kernel::process::signal::Signal;
use kernel::sys::Sys;

use super::Flavour;
use super::arith::Variables;
use super::arrays::{Array, target};
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
    /// `${PIPESTATUS[@]}`.
    pub(crate) pipestatus: Vec<i32>,
    /// The functions being run, the innermost last.
    pub(crate) calls: Vec<String>,
    /// Pipes that process substitutions of the command at hand are named after.
    pub(crate) substitutions: Vec<Fd>,
    /// What `pushd` has left, the last on top.
    pub(crate) directories: Vec<String>,
    /// The source text of the pipeline at hand.
    pub(crate) text: Rc<str>,
    /// How many forks lie between this shell and the one that began.
    pub(crate) forks: u32,
    /// How deep in `$(...)` this shell is, for `set -x`.
    pub(crate) trace_level: usize,
    /// True if the commands are the text of `-c`.
    pub(crate) from_argument: bool,
    /// True inside `(( ))`, which messages name.
    pub(crate) in_arithmetic: bool,
    /// What `umask` says.
    pub(crate) umask: u32,
    /// What `shopt` switches on.
    pub(crate) shopts: SortedSet<String>,
    /// `$!`.
    pub(crate) last_background: Option<u32>,
    /// Background jobs, oldest first.
    pub(crate) jobs: Vec<Job>,
    /// Jobs of the shell that this one was forked from.
    pub(crate) inherited_jobs: Vec<Job>,
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
    /// What ash names before a line: the file that `.` reads, or `eval` with its own line, since its text's are not counted.
    pub(crate) within: Option<(String, Option<u32>)>,
    /// The line of the command at hand.
    pub(crate) line: u32,
    /// True after a fork: it never prints job notices.
    pub(crate) subshell: bool,
    /// Lines typed, for `history`.
    pub(crate) history: Rc<Vec<String>>,
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
    /// Its elements, if it is an array; it has no value of its own then.
    pub array: Option<Array>,
    /// `declare -i`: what is assigned is arithmetic.
    pub integer: bool,
    /// `declare -u` and `-l`: true if letters become capitals, false if small.
    pub upper: Option<bool>,
}

impl Variable {
    /// Its attributes as letters, in bash's order.
    pub(crate) fn letters(&self) -> String {
        let array = self.array.as_ref();
        [
            ('a', array.is_some_and(|array| !array.associative)),
            ('A', array.is_some_and(|array| array.associative)),
            ('i', self.integer),
            ('r', self.readonly),
            ('x', self.exported),
            ('l', self.upper == Some(false)),
            ('u', self.upper == Some(true)),
        ]
        .into_iter()
        .filter_map(|(letter, on)| on.then_some(letter))
        .collect()
    }

    /// What it takes, bytes.
    pub(crate) fn size(&self) -> usize {
        let elements = self.array.iter().flat_map(|array| array.elements.iter());
        let listed: usize = elements
            .map(|(key, value)| key.1.len() + value.len() + 16)
            .sum();
        self.value.as_ref().map_or(0, String::len) + listed
    }
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
    /// `-m`: background jobs have groups of their own.
    pub monitor: bool,
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
                        ..Variable::default()
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
            pipestatus: vec![0],
            calls: Vec::new(),
            substitutions: Vec::new(),
            directories: Vec::new(),
            text: Rc::from(""),
            forks: 0,
            trace_level: 0,
            from_argument: false,
            in_arithmetic: false,
            umask: 0o022,
            shopts: SortedSet::new(),
            jobs: Vec::new(),
            inherited_jobs: Vec::new(),
            traps: SortedMap::new(),
            caught: Vec::new(),
            loops: 0,
            endless: 0,
            broken: false,
            conditions: 0,
            depth: 0,
            sourced: 0,
            within: None,
            line: 1,
            subshell: false,
            history: Rc::default(),
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
            shell.put("BASH", "/usr/bin/bash".to_owned(), None);
            let hostname = shell.sys.hostname();
            shell.put("HOSTNAME", hostname, None);
        }
        shell
    }

    /// The shell as a child process sees it after a fork, made of a copy.
    #[must_use]
    pub(crate) fn forked(self, sys: Sys) -> Self {
        let mut child = self;
        child.sys = sys;
        child.subshell = true;
        child.forks += 1;
        child.interactive = false;
        // They are nobody's children here, but `jobs` still tells of them.
        child.inherited_jobs = std::mem::take(&mut child.jobs);
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
            if let Some(array) = &variable.array {
                let first = (0, String::new());
                let key = if array.associative {
                    Array::key("0")
                } else {
                    first
                };
                return array.elements.get(&key).cloned();
            }
            return variable.value.clone();
        }
        match name {
            "PIPESTATUS" => self.pipestatus.first().map(i32::to_string),
            "FUNCNAME" => self.calls.last().cloned(),
            "LINENO" => Some(self.line_told().to_string()),
            "PPID" => {
                let parent = self.sys.me(|p| p.parent).flatten();
                let pid = parent
                    .and_then(|parent| self.sys.kernel(|k| k.proc.get(parent).map(|p| p.ns_pid)));
                Some(pid.unwrap_or(0).to_string())
            }
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
            "BASH_SUBSHELL" if self.flavour == Flavour::Bash => Some(self.forks.to_string()),
            "UID" | "EUID" if self.flavour == Flavour::Bash => self.sys.me(|p| p.uid.to_string()),
            "BASHPID" if self.flavour == Flavour::Bash => self.sys.me(|p| p.ns_pid.to_string()),
            _ => None,
        }
    }

    /// Sets a variable without asking whether it may; `exported` of `None` leaves that as it is.
    pub(crate) fn put(&mut self, name: &str, value: String, exported: Option<bool>) {
        let all = self.options.allexport;
        let variable = self.variables.entry(name.to_owned()).or_default();
        match &mut variable.array {
            Some(array) => {
                let first = (0, String::new());
                let key = if array.associative {
                    Array::key("0")
                } else {
                    first
                };
                array.elements.insert(key, value);
            }
            None => variable.value = Some(value),
        }
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

    /// The line of the command at hand, as this shell counts: ash begins with nought in the argument of `-c`. Source: busybox
    /// 1.38 `shell/ash.c`, `setinputstring`.
    pub(in crate::shell) fn line_told(&self) -> u32 {
        let (sourced, argument) = (self.sourced > 0, self.from_argument);
        let nought = self.flavour == Flavour::Ash && argument && !sourced;
        let evaluated = self.within.as_ref().and_then(|(_, line)| *line);
        evaluated.unwrap_or(self.line.saturating_sub(u32::from(nought)))
    }

    /// What goes before a message: `bash: line 1: `.
    #[must_use]
    pub(crate) fn prefix(&self) -> String {
        match self.flavour {
            Flavour::Bash | Flavour::Ash if self.interactive => format!("{}: ", self.name),
            Flavour::Bash => format!("{}: line {}: ", self.name, self.line),
            Flavour::Dash => format!("{}: {}: ", self.name, self.line),
            Flavour::Ash => {
                let within = self.within.as_ref().map(|(label, _)| format!("{label}: "));
                let within = within.unwrap_or_default();
                format!("{}: {within}line {}: ", self.name, self.line_told())
            }
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
                self.line_told()
            ),
            Flavour::Bash | Flavour::Dash => format!("{}{builtin}: {text}\n", self.prefix()),
        };
        self.sys.err(&line);
    }
}

impl Variables for Shell {
    fn get(&mut self, name: &str) -> Option<String> {
        match target(name) {
            (name, None) => self.variable(name),
            (name, Some(index)) => {
                let key = self.key_of(name, index)?;
                self.element(name, &key)
            }
        }
    }

    fn set(&mut self, name: &str, value: String) {
        let (base, index) = target(name);
        if self.is_readonly(base) {
        } else if index.is_some() {
            // A bad index has been told of.
            let _: Result<(), Abort> = self.assign_target(name, value);
        } else {
            self.put(base, value, None);
        }
    }
}
