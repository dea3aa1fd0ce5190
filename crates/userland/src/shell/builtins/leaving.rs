//! Builtins that leave a loop, a function or the shell, or go on elsewhere.

use kernel::Errno;

use crate::io::Input;
use crate::shell::Flavour;
use crate::shell::state::{Flow, Shell};

impl Shell {
    pub(super) fn leave_loop(&mut self, name: &str, rest: &[String]) -> Flow {
        self.status = 0;
        if self.loops == 0 {
            if self.flavour == Flavour::Bash {
                self.complain_as(name, "only meaningful in a `for', `while', or `until' loop");
            }
            return Flow::Next;
        }
        let levels = match rest.first() {
            None => 1,
            Some(text) => match self.number(name, text) {
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

    pub(super) fn leave_function(&mut self, rest: &[String]) -> Flow {
        if let Some(text) = rest.first() {
            self.status = match self.number("return", text) {
                Some(code) => i32::try_from(code & 0xff).unwrap_or(0),
                None => 2,
            };
        }
        if self.locals.is_empty() && self.sourced == 0 && self.flavour == Flavour::Bash {
            self.complain_as(
                "return",
                "can only `return' from a function or sourced script",
            );
            self.status = 2;
            return Flow::Next;
        }
        Flow::Return
    }

    pub(super) fn leave_shell(&mut self, rest: &[String]) -> Flow {
        if let Some(text) = rest.first() {
            self.status = match self.number("exit", text) {
                Some(code) => i32::try_from(code & 0xff).unwrap_or(0),
                None => 2,
            };
        }
        Flow::Exit
    }

    pub(super) async fn source(&mut self, name: &str, rest: &[String]) -> Flow {
        let Some(path) = rest.first() else {
            self.complain_as(name, "filename argument required");
            self.status = 2;
            return Flow::Next;
        };
        let found = if path.contains('/') {
            path.clone()
        } else {
            self.located(path)
        };
        let text = match Input::open(&self.sys, &found) {
            Ok(_) if self.sys.is_dir(&found) => Err(Errno::EISDIR),
            Ok(mut input) => {
                let data = input.rest().await;
                input.close();
                Ok(String::from_utf8_lossy(&data).into_owned())
            }
            Err(error) => Err(error),
        };
        match text {
            Ok(text) => {
                let arguments = rest.get(1..).unwrap_or_default().to_vec();
                let saved = if arguments.is_empty() {
                    None
                } else {
                    Some(std::mem::replace(&mut self.positional, arguments))
                };
                self.sourced += 1;
                self.status = 0;
                let flow = self.read_script(&text, path).await;
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
                    Flavour::Bash if error == Errno::EISDIR => {
                        self.complain_as(name, &format!("{path}: is a directory"));
                    }
                    Flavour::Bash => self.complain(&format!("{path}: {error}")),
                    Flavour::Dash => {
                        self.complain(&format!(".: cannot open {path}: No such file"));
                    }
                    Flavour::Ash => {
                        self.complain_as(".", &format!("can't open {path}: no such file"));
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

    pub(super) async fn exec_builtin(&mut self, rest: &[String]) -> Flow {
        let skip = usize::from(rest.first().is_some_and(|first| first == "--"));
        let arguments = rest.get(skip..).unwrap_or_default();
        if arguments.is_empty() {
            self.status = 0;
            return Flow::Next;
        }
        self.status = self.exec(arguments.to_vec(), Vec::new(), true).await;
        if self.interactive {
            Flow::Next
        } else {
            Flow::Exit
        }
    }
}
