//! Running compound commands: groups, `if`, loops, `case`.

use std::rc::Rc;

use crate::shell::Flavour;
use crate::shell::ast::{CaseArm, CaseEnd, CommandKind, Script, Word};
use crate::shell::state::{Abort, Boxed, Flow, Shell};

impl Shell {
    pub(super) async fn compound(&mut self, kind: &CommandKind) -> Flow {
        match kind {
            CommandKind::Simple { .. } => Flow::Next,
            CommandKind::Group(script) => self.run(script).await,
            CommandKind::Subshell(script) => self.subshell(script).await,
            CommandKind::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    match self.condition(test).await {
                        Ok(true) => return self.run(body).await,
                        Ok(false) => {}
                        Err(flow) => return flow,
                    }
                }
                self.status = 0;
                match otherwise {
                    Some(body) => self.run(body).await,
                    None => Flow::Next,
                }
            }
            CommandKind::For {
                name,
                words,
                body,
                select,
                heading,
            } => match select {
                true => self.select_loop(name, words.as_deref(), body).await,
                false => self.for_loop(name, words.as_deref(), body, heading).await,
            },
            CommandKind::ArithFor { parts, body } => self.arith_for(parts, body).await,
            CommandKind::While { until, test, body } => self.while_loop(*until, test, body).await,
            CommandKind::Case { word, arms } => match self.case(word, arms).await {
                Ok(flow) => flow,
                Err(Abort) => self.abandon(),
            },
            CommandKind::Function { name, body } => {
                self.functions.insert(name.clone(), Rc::clone(body));
                self.status = 0;
                Flow::Next
            }
            CommandKind::Test(cond) => match self.cond(cond).await {
                Ok(yes) => {
                    self.status = i32::from(!yes);
                    Flow::Next
                }
                Err(Abort) => {
                    self.status = 2;
                    Flow::Next
                }
            },
            CommandKind::Arith(word) => {
                self.in_arithmetic = true;
                match self.arithmetic(word).await {
                    Ok(value) => self.status = i32::from(value == 0),
                    Err(Abort) => self.status = 1,
                }
                self.in_arithmetic = false;
                Flow::Next
            }
        }
    }

    /// Runs a condition, in which `set -e` is asleep.
    async fn condition(&mut self, test: &Script) -> Result<bool, Flow> {
        self.conditions += 1;
        let flow = self.run(test).await;
        self.conditions = self.conditions.saturating_sub(1);
        if flow == Flow::Next {
            Ok(self.status == 0)
        } else {
            Err(flow)
        }
    }

    /// Runs a loop's body once; what it gives says whether to go on.
    pub(in crate::shell) async fn round(&mut self, body: &Script) -> Result<(), Flow> {
        // A loop of builtins would take no time, and nothing else would get a turn.
        self.sys.pause().await;
        self.note_signals();
        if let Some(flow) = self.interruption() {
            return Err(flow);
        }
        match self.run(body).await {
            Flow::Next | Flow::Continue(1) => Ok(()),
            Flow::Break(1) => Err(Flow::Next),
            Flow::Break(levels) => Err(Flow::Break(levels - 1)),
            Flow::Continue(levels) => Err(Flow::Continue(levels - 1)),
            flow => Err(flow),
        }
    }

    /// What a `for` or `select` goes over: its words, or the positional parameters if it names none.
    pub(in crate::shell) async fn words_or_arguments(
        &mut self,
        words: Option<&[Word]>,
    ) -> Result<Vec<String>, Flow> {
        match words {
            Some(words) => self.words(words).await.map_err(|Abort| self.abandon()),
            None => Ok(self.positional.clone()),
        }
    }

    fn for_loop<'a>(
        &'a mut self,
        name: &'a str,
        words: Option<&'a [Word]>,
        body: &'a Script,
        heading: &'a str,
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let values = match self.words_or_arguments(words).await {
                Ok(values) => values,
                Err(flow) => return flow,
            };
            self.status = 0;
            self.loops += 1;
            let mut end = Flow::Next;
            for value in values {
                if self.options.xtrace && self.flavour == Flavour::Bash {
                    self.show(heading);
                }
                if self.assign(name, value).is_err() {
                    end = self.abandon();
                    break;
                }
                if let Err(flow) = self.round(body).await {
                    end = flow;
                    break;
                }
            }
            self.loops -= 1;
            end
        })
    }

    fn arith_for<'a>(&'a mut self, parts: &'a [Word; 3], body: &'a Script) -> Boxed<'a, Flow> {
        Box::pin(async move {
            let [init, test, step] = parts;
            self.loops += 1;
            self.endless += 1;
            let mut end = Flow::Next;
            if self.arithmetic(init).await.is_err() {
                end = self.abandon();
            } else {
                loop {
                    let holds = if test.pieces.is_empty() {
                        Ok(1)
                    } else {
                        self.arithmetic(test).await
                    };
                    match holds {
                        Ok(0) => break,
                        Ok(_) => {}
                        Err(Abort) => {
                            end = self.abandon();
                            break;
                        }
                    }
                    if let Err(flow) = self.round(body).await {
                        end = flow;
                        break;
                    }
                    if self.arithmetic(step).await.is_err() {
                        end = self.abandon();
                        break;
                    }
                }
            }
            self.loops -= 1;
            self.endless -= 1;
            end
        })
    }

    fn while_loop<'a>(
        &'a mut self,
        until: bool,
        test: &'a Script,
        body: &'a Script,
    ) -> Boxed<'a, Flow> {
        Box::pin(async move {
            self.loops += 1;
            self.endless += 1;
            let mut status = 0;
            let end = loop {
                match self.condition(test).await {
                    Ok(holds) if holds == until => break Flow::Next,
                    Ok(_) => {}
                    Err(Flow::Break(1)) => break Flow::Next,
                    Err(flow) => break flow,
                }
                let round = self.round(body).await;
                status = self.status;
                if let Err(flow) = round {
                    break flow;
                }
            };
            self.loops -= 1;
            self.endless -= 1;
            if end == Flow::Next {
                self.status = status;
            }
            end
        })
    }

    fn case<'a>(
        &'a mut self,
        word: &'a Word,
        arms: &'a [CaseArm],
    ) -> Boxed<'a, Result<Flow, Abort>> {
        Box::pin(async move {
            let text = self.single(word).await?;
            self.status = 0;
            let mut falling = false;
            for arm in arms {
                let mut matched = falling;
                for pattern in &arm.patterns {
                    if matched {
                        break;
                    }
                    matched = self.pattern(pattern).await?.matches(&text);
                }
                if !matched {
                    continue;
                }
                let flow = self.run(&arm.body).await;
                if flow != Flow::Next || arm.end == CaseEnd::Break {
                    return Ok(flow);
                }
                falling = arm.end == CaseEnd::FallThrough;
            }
            Ok(Flow::Next)
        })
    }
}
