//! Builtins about what a name stands for: `command`, `type`, `alias`.

use super::is_builtin;
use crate::shell::Flavour;
use crate::shell::ast;
use crate::shell::state::{Flow, Shell};

impl Shell {
    pub(super) async fn command_builtin(&mut self, rest: &[String]) -> Flow {
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
        self.find(name).ok()
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

    pub(super) async fn type_builtin(&mut self, rest: &[String]) -> i32 {
        let mut status = 0;
        for name in rest.iter().filter(|name| !name.starts_with('-')) {
            match self.describe(name) {
                Some(text) => {
                    self.say(&format!("{text}\n")).await;
                }
                None => {
                    status = 1;
                    if self.flavour == Flavour::Bash {
                        self.complain_as("type", &format!("{name}: not found"));
                    } else {
                        self.say(&format!("{name}: not found\n")).await;
                        status = 127;
                    }
                }
            }
        }
        status
    }

    pub(super) async fn alias(&mut self, rest: &[String]) -> i32 {
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
                self.complain_as("alias", &format!("{argument}: not found"));
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
