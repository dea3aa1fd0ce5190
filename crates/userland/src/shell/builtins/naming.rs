//! Builtins about what a name stands for: `command`, `type`, `alias`.

use super::is_builtin;
use crate::shell::Flavour;
use crate::shell::ast;
use crate::shell::state::{Flow, Shell};

impl Shell {
    /// `command`, and `builtin`, which runs nothing but builtins.
    pub(super) async fn command_builtin(&mut self, rest: &[String], only: bool) -> Flow {
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
                                self.complain_as("command", &format!("{name}: not found"));
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
            [name, ..] if only && !is_builtin(name, self.flavour) => {
                self.complain_as("builtin", &format!("{name}: not a shell builtin"));
                self.status = 1;
                Flow::Next
            }
            [name, ..] if is_builtin(name, self.flavour) => self.builtin(name, rest).await,
            _ => {
                // A function of that name is passed over.
                let function = rest
                    .first()
                    .and_then(|name| self.functions.remove_entry(name));
                let words: Vec<ast::Word> = rest
                    .iter()
                    .map(|text| ast::Word {
                        pieces: vec![ast::Piece::Quoted(text.clone())],
                    })
                    .collect();
                let flow = self.simple(&[], &words, &[]).await;
                self.functions.extend(function);
                flow
            }
        }
    }

    pub(super) fn describe_short(&self, name: &str) -> Option<String> {
        if let Some(alias) = self.aliases.get(name) {
            return Some(format!("alias {name}='{alias}'"));
        }
        if self.functions.contains_key(name) || is_builtin(name, self.flavour) || is_keyword(name) {
            return Some(name.to_owned());
        }
        if self.is_applet(name) {
            return Some(name.to_owned());
        }
        self.find(name).ok()
    }

    /// True for a name that busybox's shell runs by itself, without looking for a file.
    fn is_applet(&self, name: &str) -> bool {
        self.flavour == Flavour::Ash
            && crate::registry::find(name).is_some_and(|entry| entry.busybox.is_some())
    }

    pub(super) fn describe(&self, name: &str) -> Option<String> {
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
            return Some(if self.flavour == Flavour::Dash {
                format!("{name} is a shell function")
            } else {
                format!("{name} is a function")
            });
        }
        if is_builtin(name, self.flavour) {
            return Some(format!("{name} is a shell builtin"));
        }
        if self.is_applet(name) {
            return Some(format!("{name} is {name}"));
        }
        self.find(name).ok().map(|path| format!("{name} is {path}"))
    }

    /// All that a name stands for, the first that counts first: a word for it, and the line about it.
    fn meanings(&self, name: &str) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        if self.aliases.contains_key(name) {
            out.push(("alias", self.describe(name).unwrap_or_default()));
        }
        if is_keyword(name) {
            out.push(("keyword", format!("{name} is a shell keyword")));
        }
        if self.functions.contains_key(name) {
            out.push(("function", format!("{name} is a function")));
        }
        if is_builtin(name, self.flavour) {
            out.push(("builtin", format!("{name} is a shell builtin")));
        }
        let path = self.variable("PATH").unwrap_or_default();
        for dir in path.split(':') {
            if let Ok(found) = crate::process::find_program(&self.sys, dir, name) {
                out.push(("file", format!("{name} is {found}")));
            }
        }
        out
    }

    pub(super) async fn type_builtin(&mut self, rest: &[String]) -> i32 {
        let bash = self.flavour == Flavour::Bash;
        let flags: String = rest
            .iter()
            .map_while(|argument| argument.strip_prefix('-'))
            .collect();
        let has = |letter| bash && flags.contains(letter);
        let mut status = 0;
        for name in rest.iter().filter(|name| !name.starts_with('-')) {
            let mut found = self.meanings(name);
            if has('f') {
                found.retain(|(kind, _)| *kind != "function");
            }
            if has('P') || has('p') && found.first().is_some_and(|(kind, _)| *kind == "file") {
                found.retain(|(kind, _)| *kind == "file");
            } else if has('p') && !found.is_empty() {
                continue;
            }
            if !has('a') {
                found.truncate(1);
            }
            if found.is_empty() {
                status = 1;
                if has('t') || has('p') || has('P') {
                } else if bash {
                    self.complain_as("type", &format!("{name}: not found"));
                } else {
                    self.say(&format!("{name}: not found\n")).await;
                    status = 127;
                }
            }
            for (kind, line) in found {
                let line = if has('t') {
                    kind.to_owned()
                } else if has('p') || has('P') {
                    line.rsplit(' ').next().unwrap_or_default().to_owned()
                } else if bash {
                    line
                } else {
                    self.describe(name).unwrap_or(line)
                };
                self.say(&format!("{line}\n")).await;
            }
        }
        status
    }

    pub(super) async fn alias(&mut self, rest: &[String]) -> i32 {
        let mut status = 0;
        let bash = self.flavour == Flavour::Bash;
        let sign = if bash { "alias " } else { "" };
        if rest.is_empty() {
            let all: String = self
                .aliases
                .iter()
                .map(|(name, value)| format!("{sign}{name}='{value}'\n"))
                .collect();
            return self.say(&all).await;
        }
        for argument in rest {
            if let Some((name, value)) = argument.split_once('=') {
                self.aliases.insert(name.to_owned(), value.to_owned());
            } else if let Some(value) = self.aliases.get(argument) {
                self.say(&format!("{sign}{argument}='{value}'\n")).await;
            } else {
                if bash {
                    self.complain_as("alias", &format!("{argument}: not found"));
                } else {
                    self.sys.err(&format!("alias: {argument} not found\n"));
                }
                status = 1;
            }
        }
        status
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
