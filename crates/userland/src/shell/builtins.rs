//! Commands that the shell itself runs, since they change it: table and the small ones.

mod jobs;
mod leaving;
mod limits;
mod naming;
mod places;

use kernel::process::files::Fd;

use super::Flavour;
use super::lexer::is_name;
use super::state::{Boxed, Flow, Shell};
use super::variables::FATAL;

/// Builtins of every shell here.
const COMMON: &[&str] = &[
    ":", ".", "[", "alias", "bg", "break", "cd", "command", "continue", "echo", "eval", "exec",
    "exit", "export", "false", "fg", "getopts", "hash", "jobs", "kill", "local", "printf", "pwd",
    "read", "readonly", "return", "set", "shift", "test", "times", "trap", "true", "type",
    "ulimit", "umask", "unalias", "unset", "wait",
];

/// Builtins that dash lacks; ash has the first two of them.
const MORE: &[&str] = &[
    "source",
    "let",
    "history",
    "declare",
    "typeset",
    "builtin",
    "disown",
    "shopt",
    "pushd",
    "popd",
    "dirs",
    "enable",
    "logout",
    "mapfile",
    "readarray",
    "caller",
    "help",
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
                "break" | "continue" => return self.leave_loop(name, rest),
                "return" => return self.leave_function(rest),
                "exit" | "logout" => return self.leave_shell(rest),
                "eval" => {
                    self.status = 0;
                    return self.evaluate(&rest.join(" ")).await;
                }
                "." | "source" => return self.source(name, rest).await,
                "exec" => return self.exec_builtin(rest).await,
                "command" | "builtin" => {
                    return self.command_builtin(rest, name == "builtin").await;
                }
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
                "test" | "[" => self.test(name, rest),
                "export" | "readonly" => {
                    self.status = self.declare(name, rest).await;
                    if self.status == 0 || self.flavour == Flavour::Bash {
                        return Flow::Next;
                    }
                    // Errors of special builtins end a script. Source: POSIX.1-2024, 2.8.1.
                    self.status = 2;
                    return self.abandon();
                }
                "local" | "declare" | "typeset" => self.declare(name, rest).await,
                "unset" => self.unset(rest),
                "set" => self.set(rest).await,
                "shift" => match self.shift(rest) {
                    // A special builtin's error ends dash.
                    2 if self.flavour == Flavour::Dash => {
                        self.status = 2;
                        return self.abandon();
                    }
                    status => status,
                },
                "read" => self.read(rest).await,
                "getopts" => self.getopts(rest),
                "let" => self.let_builtin(rest),
                "wait" => self.wait(rest).await,
                "jobs" => self.list_jobs(rest).await,
                "kill" => self.kill(rest).await,
                "fg" => self.fg(rest).await,
                "bg" => self.bg(rest).await,
                "disown" => self.disown(rest),
                "hash" | "enable" => 0,
                "shopt" => self.shopt(rest).await,
                "mapfile" | "readarray" => self.mapfile(name, rest).await,
                "pushd" | "popd" | "dirs" => self.directories(name, rest).await,
                "ulimit" => self.ulimit(rest).await,
                "trap" => self.trap(rest).await,
                "type" => self.type_builtin(rest).await,
                "alias" => self.alias(rest).await,
                "unalias" => {
                    let mut status = 0;
                    for name in rest {
                        if name == "-a" {
                            self.aliases.clear();
                        } else if self.aliases.remove(name).is_none() {
                            match self.flavour {
                                Flavour::Bash => {
                                    self.complain_as("unalias", &format!("{name}: not found"));
                                }
                                Flavour::Dash | Flavour::Ash => {
                                    self.sys.err(&format!("unalias: {name} not found\n"));
                                }
                            }
                            status = 1;
                        }
                    }
                    status
                }
                "umask" => self.umask(rest).await,
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
                    self.complain_as(other, "not modelled in Drydock");
                    2
                }
            };
            if self.status == FATAL {
                self.status = 2;
                return self.abandon();
            }
            Flow::Next
        })
    }

    /// Writes to standard output; the status says whether that worked.
    pub(crate) async fn say(&self, text: &str) -> i32 {
        i32::from(self.sys.write(Fd::STDOUT, text.as_bytes()).await.is_err())
    }

    fn number(&self, builtin: &str, text: &str) -> Option<i64> {
        let number = text.trim().parse().ok();
        if number.is_none() {
            let message = match self.flavour {
                Flavour::Bash => format!("{text}: numeric argument required"),
                Flavour::Dash | Flavour::Ash => format!("Illegal number: {text}"),
            };
            self.complain_as(builtin, &message);
        }
        number
    }

    async fn cd(&mut self, rest: &[String]) -> i32 {
        let mut targets = rest
            .iter()
            .filter(|argument| !matches!(argument.as_str(), "-P" | "-L" | "--"));
        let target = targets.next();
        if targets.next().is_some() && self.flavour == Flavour::Bash {
            self.complain_as("cd", "too many arguments");
            return 2;
        }
        let to = match target.map(String::as_str) {
            None => self.variable("HOME").unwrap_or_else(|| "/".to_owned()),
            Some("-") => match self.variable("OLDPWD") {
                Some(old) => old,
                None => {
                    self.complain_as("cd", "OLDPWD not set");
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
                self.complain_as("cd", &text);
                if self.flavour == Flavour::Bash { 1 } else { 2 }
            }
        }
    }

    async fn printf(&mut self, rest: &[String]) -> i32 {
        if let [flag, name, format @ ..] = rest
            && flag == "-v"
            && self.flavour == Flavour::Bash
        {
            let done = crate::text::printf::format(format);
            let text = String::from_utf8_lossy(&done.output).into_owned();
            let set = self.assign_target(name, text);
            return i32::from(set.is_err() || !done.errors.is_empty());
        }
        if rest.is_empty() {
            self.sys
                .err("printf: usage: printf [-v var] format [arguments]\n");
            return 2;
        }
        let done = crate::text::printf::format(rest);
        for error in &done.errors {
            let text = match self.flavour {
                Flavour::Bash => error.bash(),
                Flavour::Dash => error.dash(),
                Flavour::Ash => error.busybox(),
            };
            if self.flavour == Flavour::Ash {
                self.sys.err(&format!("{}: {text}\n", self.name));
            } else {
                self.complain_as("printf", &text);
            }
        }
        let failed = self.sys.write(Fd::STDOUT, &done.output).await.is_err();
        i32::from(failed || !done.errors.is_empty())
    }

    fn test(&mut self, name: &str, rest: &[String]) -> i32 {
        let expression = match (name, rest.split_last()) {
            ("[", Some((last, expression))) if last == "]" => expression,
            ("[", _) => {
                let missing = match self.flavour {
                    Flavour::Bash => "missing `]'",
                    Flavour::Dash => "missing ]",
                    Flavour::Ash => {
                        self.sys.err(&format!("{}: missing ]\n", self.name));
                        return 2;
                    }
                };
                self.complain_as("[", missing);
                return 2;
            }
            _ => rest,
        };
        match crate::text::test::evaluate(&self.sys, expression) {
            Ok(yes) => i32::from(!yes),
            Err(error) => {
                match self.flavour {
                    Flavour::Bash => self.complain_as(name, &error.bash()),
                    Flavour::Dash => self.complain_as(name, &error.dash()),
                    Flavour::Ash => {
                        self.sys
                            .err(&format!("{}: {}\n", self.name, error.busybox()));
                    }
                }
                2
            }
        }
    }

    fn shift(&mut self, rest: &[String]) -> i32 {
        let count = match rest.first() {
            None => 1,
            Some(text) => match self.number("shift", text) {
                Some(count) => usize::try_from(count).unwrap_or(usize::MAX),
                None => return 1,
            },
        };
        if count > self.positional.len() {
            if self.flavour == Flavour::Dash {
                self.complain_as("shift", "can't shift that many");
                return 2;
            }
            return 1;
        }
        self.positional.drain(..count);
        0
    }

    fn let_builtin(&mut self, rest: &[String]) -> i32 {
        let mut value = 0;
        if rest.is_empty() {
            self.complain_as("let", "expression expected");
            return 1;
        }
        for text in rest {
            match super::arith::evaluate(text, self) {
                Ok(result) => value = result,
                Err(error) => {
                    self.complain_as("let", &format!("{text}: {}", error.bash()));
                    return 1;
                }
            }
        }
        i32::from(value == 0)
    }

    /// True if the text may name a variable; says so otherwise.
    pub(crate) fn check_name(&self, builtin: &str, name: &str, shown: &str) -> bool {
        let fine = is_name(name);
        if !fine {
            let text = match self.flavour {
                Flavour::Bash => format!("`{shown}': not a valid identifier"),
                Flavour::Dash | Flavour::Ash => format!("{shown}: bad variable name"),
            };
            match (self.flavour, builtin) {
                (Flavour::Ash, "read") => {
                    let text = format!("{}: read: '{shown}': bad variable name\n", self.name);
                    self.sys.err(&text);
                }
                _ => self.complain_as(builtin, &text),
            }
        }
        fine
    }
}
