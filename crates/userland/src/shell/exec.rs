//! Running what the parser made: lists, pipelines, any one command, calls of functions.

use std::rc::Rc;

use super::ast::{AndOr, Command, CommandKind, Item, Join, Pipeline, Script, Times};
use super::state::{Abort, Boxed, Flow, Shell};

mod compound;
mod cond;
mod simple;
mod text;
mod timing;

use timing::{default_times, times};

/// Nested commands, functions and `eval`s that run at once; each takes room on the stack.
const MAX_DEPTH: u32 = 60;

impl Shell {
    /// Runs a list of commands.
    pub(crate) fn run<'a>(&'a mut self, script: &'a Script) -> Boxed<'a, Flow> {
        Box::pin(async move {
            for item in &script.items {
                let flow = self.item(item).await;
                if flow != Flow::Next {
                    return flow;
                }
            }
            Flow::Next
        })
    }

    async fn item(&mut self, item: &Item) -> Flow {
        if self.options.noexec && !self.interactive {
            return Flow::Next;
        }
        if item.background {
            return self.background(item).await;
        }
        self.and_or(&item.list, &item.text).await
    }

    async fn and_or(&mut self, list: &AndOr, text: &Rc<str>) -> Flow {
        let mut last = list.rest.is_empty();
        if !last {
            self.conditions += 1;
        }
        let mut flow = self.pipeline(&list.first, text).await;
        for (index, (join, pipeline)) in list.rest.iter().enumerate() {
            if flow != Flow::Next {
                break;
            }
            last = index + 1 == list.rest.len();
            if last {
                self.conditions = self.conditions.saturating_sub(1);
            }
            if (self.status == 0) == (*join == Join::And) {
                flow = self.pipeline(pipeline, text).await;
            }
        }
        // Leaving early, by `break` or `exit`, skips the last one's decrement.
        if !last {
            self.conditions = self.conditions.saturating_sub(1);
        }
        flow
    }

    fn pipeline<'a>(&'a mut self, pipeline: &'a Pipeline, text: &'a Rc<str>) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let started = self.sys.now();
            self.text = Rc::clone(&pipeline.text);
            if pipeline.negated {
                self.conditions += 1;
            }
            let mut flow = match pipeline.stages.as_slice() {
                [single] => {
                    let flow = self.command(single).await;
                    self.pipestatus = vec![self.status];
                    flow
                }
                stages => self.stages(stages, text).await,
            };
            if pipeline.negated {
                self.conditions = self.conditions.saturating_sub(1);
                if flow == Flow::Next {
                    self.status = i32::from(self.status == 0);
                }
            }
            if let Some(form) = pipeline.timed {
                let own = self.variable("TIMEFORMAT").filter(|_| form == Times::Own);
                let format = own.unwrap_or_else(|| default_times(form).to_owned());
                let elapsed = self.sys.now().since(started);
                self.sys.err(&times(&format, elapsed));
            }
            if flow == Flow::Next {
                flow = self.run_traps().await;
            }
            // `set -e` looks at each pipeline that decides nothing.
            let compound = matches!(pipeline.stages.as_slice(), [Command { kind, .. }] if !matches!(kind, CommandKind::Simple { .. } | CommandKind::Subshell(_) | CommandKind::Test(_) | CommandKind::Arith(_)));
            let failed = flow == Flow::Next
                && self.status != 0
                && self.conditions == 0
                && !pipeline.negated
                && !compound;
            if failed
                && (self.calls.is_empty() || self.options.errexit)
                && let Some(action) = self.traps.get("ERR").cloned()
            {
                let status = self.status;
                let traps = std::mem::take(&mut self.traps);
                flow = self.evaluate(&action).await;
                self.traps = traps;
                if flow == Flow::Next {
                    self.status = status;
                }
            }
            if failed && flow == Flow::Next && self.options.errexit {
                return Flow::Exit;
            }
            flow
        })
    }

    /// Runs one command with its redirections.
    pub(crate) fn command<'a>(&'a mut self, command: &'a Command) -> Boxed<'a, Flow> {
        Box::pin(async move {
            self.line = command.line;
            self.substituted = None;
            let pipes = self.substitutions.len();
            if let CommandKind::Simple { assignments, words } = &command.kind {
                let flow = self.simple(assignments, words, &command.redirects).await;
                self.close_substitutions(pipes);
                return flow;
            }
            if self.depth >= MAX_DEPTH {
                self.complain(&format!("maximum nesting level exceeded ({MAX_DEPTH})"));
                self.status = 1;
                return self.abandon();
            }
            self.depth += 1;
            let flow = match self.redirect(&command.redirects).await {
                Ok(saved) => {
                    let flow = self.compound(&command.kind).await;
                    self.restore(saved);
                    flow
                }
                Err(Abort) => Flow::Next,
            };
            self.depth -= 1;
            self.close_substitutions(pipes);
            flow
        })
    }

    /// What an error in an expansion leads to.
    pub(crate) fn abandon(&self) -> Flow {
        if self.interactive {
            Flow::Abandon
        } else {
            Flow::Exit
        }
    }

    /// Runs a function with its own positional parameters and locals.
    pub(crate) fn call<'a>(
        &'a mut self,
        name: &'a str,
        body: &'a Command,
        arguments: Vec<String>,
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            self.calls.push(name.to_owned());
            let saved = std::mem::replace(&mut self.positional, arguments);
            let loops = std::mem::take(&mut self.loops);
            self.locals.push(sorted::SortedMap::new());
            self.sys.pause().await;
            let flow = self.command(body).await;
            if let Some(covered) = self.locals.pop() {
                self.uncover(covered.into_iter().collect());
            }
            self.calls.pop();
            self.loops = loops;
            self.positional = saved;
            match flow {
                Flow::Return | Flow::Break(_) | Flow::Continue(_) => Flow::Next,
                flow => flow,
            }
        })
    }
}
