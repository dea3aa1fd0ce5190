//! Running simple commands: assignments, then a function, a builtin or a program.

use crate::shell::ast::{Assigned, Assignment, Redirect, Word};
use crate::shell::state::{Abort, Boxed, Flow, Shell, Variable};
use crate::shell::{Flavour, builtins, quote};

/// Special built-ins. Source: POSIX.1-2024, 2.15.
const SPECIAL: [&str; 15] = [
    "break", ":", "continue", ".", "eval", "exec", "exit", "export", "readonly", "return", "set",
    "shift", "times", "trap", "unset",
];

impl Shell {
    /// Runs a simple command: assignments, a function, a builtin or a program.
    pub(crate) fn simple<'a>(
        &'a mut self,
        assignments: &'a [Assignment],
        words: &'a [Word],
        redirects: &'a [Redirect],
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let arguments = match self.words(words).await {
                Ok(arguments) => self.unaliased(words, arguments),
                Err(Abort) => return self.abandon(),
            };
            let mut values = Vec::new();
            let mut shown = Vec::new();
            for assignment in assignments.iter().filter(|assignment| !assignment.late) {
                // Later assignments see earlier ones when there is no command.
                if arguments.is_empty() {
                    match self.assignment(assignment).await {
                        Ok(text) => shown.push(text),
                        Err(Abort) => return self.abandon(),
                    }
                    continue;
                }
                let Ok((name, value)) = self.temporary(assignment).await else {
                    return self.abandon();
                };
                shown.push(format!("{name}={}", quote::shell(&value)));
                values.push((name, value));
            }
            if self.options.xtrace {
                self.trace(shown, &arguments);
            }
            let status = self.substituted.unwrap_or(0);
            let saved = match self.redirect(redirects).await {
                Ok(saved) => saved,
                // POSIX has the shell end when a special built-in cannot be redirected; bash goes on.
                Err(Abort)
                    if self.flavour != Flavour::Bash
                        && arguments
                            .first()
                            .is_some_and(|name| SPECIAL.contains(&name.as_str())) =>
                {
                    return self.abandon();
                }
                Err(Abort) => return Flow::Next,
            };
            let Some(name) = arguments.first().cloned() else {
                self.restore(saved);
                self.status = status;
                return Flow::Next;
            };
            if let Some(body) = self.functions.get(&name).cloned() {
                let before = self.cover(&values);
                let flow = self
                    .call(&name, &body, arguments.into_iter().skip(1).collect())
                    .await;
                self.uncover(before);
                self.restore(saved);
                return flow;
            }
            if builtins::is_builtin(&name, self.flavour) {
                // `exec` without a command keeps its redirections.
                let keep = name == "exec" && arguments.len() == 1;
                let before = self.cover(&values);
                let mut flow = self.builtin(&name, &arguments).await;
                for assignment in assignments.iter().filter(|assignment| assignment.late) {
                    if self.declare_list(assignment).await.is_err() {
                        flow = self.abandon();
                    }
                }
                self.uncover(before);
                if keep {
                    self.forget(saved);
                } else {
                    self.restore(saved);
                }
                return flow;
            }
            self.program(arguments, values).await;
            self.restore(saved);
            self.interruption().unwrap_or(Flow::Next)
        })
    }

    /// The value that an assignment gives to one command.
    pub(in crate::shell) async fn temporary(
        &mut self,
        assignment: &Assignment,
    ) -> Result<(String, String), Abort> {
        let Assigned::Word(word) = &assignment.value else {
            return Ok((assignment.name.clone(), String::new()));
        };
        let mut value = self.single(word).await?;
        if assignment.append {
            value.insert_str(0, &self.variable(&assignment.name).unwrap_or_default());
        }
        Ok((assignment.name.clone(), value))
    }

    /// Assigns the list of a declaration that has run; what was declared read-only is so from now on.
    async fn declare_list(&mut self, assignment: &Assignment) -> Result<(), Abort> {
        let name = assignment.name.as_str();
        let fixed = self.is_readonly(name);
        let fix = |shell: &mut Self, on| {
            if let Some(variable) = shell.variables.get_mut(name).filter(|_| fixed) {
                variable.readonly = on;
            }
        };
        fix(self, false);
        let done = self.assignment(assignment).await;
        fix(self, true);
        done.map(|_shown| ())
    }

    /// Shows a command before it runs, as `set -x` asks.
    fn trace(&self, mut shown: Vec<String>, arguments: &[String]) {
        if self.flavour == Flavour::Bash {
            // bash shows each assignment on a line of its own.
            for assignment in shown.drain(..) {
                self.show(&assignment);
            }
        }
        if !arguments.is_empty() {
            shown.push(traced(arguments, self.flavour));
        }
        if !shown.is_empty() {
            self.show(&shown.join(" "));
        }
    }

    /// A line of `set -x`, marked by how deep in `$(...)` it is.
    pub(in crate::shell) fn show(&self, text: &str) {
        let mark = self.variable("PS4").unwrap_or_else(|| "+ ".to_owned());
        let first: String = mark.chars().take(1).collect();
        let again = first.repeat(self.trace_level);
        self.sys.err(&format!("{again}{mark}{text}\n"));
    }

    fn unaliased(&self, words: &[Word], arguments: Vec<String>) -> Vec<String> {
        let Some(alias) = words
            .first()
            .and_then(Word::as_bare)
            .filter(|_| self.interactive)
            .and_then(|name| self.aliases.get(name))
        else {
            return arguments;
        };
        alias
            .split_whitespace()
            .map(str::to_owned)
            .chain(arguments.into_iter().skip(1))
            .collect()
    }

    /// Sets variables for one command; gives what they were.
    fn cover(&mut self, values: &[(String, String)]) -> Vec<(String, Option<Variable>)> {
        let mut before = Vec::new();
        for (name, value) in values {
            before.push((name.clone(), self.variables.get(name).cloned()));
            self.put(name, value.clone(), Some(true));
        }
        before
    }

    pub(super) fn uncover(&mut self, before: Vec<(String, Option<Variable>)>) {
        for (name, variable) in before.into_iter().rev() {
            match variable {
                Some(variable) => self.variables.insert(name, variable),
                None => self.variables.remove(&name),
            };
        }
    }
}

/// Arguments as `set -x` shows them.
#[must_use]
fn traced(arguments: &[String], flavour: Flavour) -> String {
    let quoted: Vec<String> = arguments
        .iter()
        .map(|argument| match flavour {
            // dash shows words as they are.
            Flavour::Dash => argument.clone(),
            Flavour::Ash => quote::ash(argument),
            Flavour::Bash => quote::shell(argument),
        })
        .collect();
    quoted.join(" ")
}
