//! Running what the parser made: lists, pipelines, compound commands, functions.

use std::rc::Rc;

use kernel::ids::ProcessId;
use kernel::process::ExitStatus;
use kernel::process::signal::Signal;

use super::Flavour;
use super::ast::{AndOr, CaseEnd, Command, CommandKind, Cond, Item, Join, Pipeline, Script, Word};
use super::state::{Abort, Boxed, Flow, Shell};

/// Nested commands, functions and `eval`s that run at once; each takes room on the stack.
const MAX_DEPTH: u32 = 60;

/// The longest value of a variable, bytes: what a small machine's memory gives to one process.
const MAX_VALUE: usize = 4 << 20;

/// What the values of all variables may take, bytes.
const MAX_HELD: usize = 32 << 20;

/// How `time` tells of times where `TIMEFORMAT` says nothing else.
const DEFAULT_TIMES: &str = "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS";

/// What `time` prints; programs take no processor time here.
fn times(format: &str, elapsed: kernel::time::Duration) -> String {
    if format.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let digits = chars
            .next_if(char::is_ascii_digit)
            .and_then(|c| c.to_digit(10));
        let digits = digits.unwrap_or(3).min(3) as usize;
        let long = chars.next_if_eq(&'l').is_some();
        let seconds = match chars.next() {
            Some('R') => elapsed.as_secs_f64(),
            Some('U' | 'S') => 0.0,
            Some('P') => {
                out.push_str("0.00");
                continue;
            }
            other => {
                out.extend(other);
                continue;
            }
        };
        if long {
            let minutes = (seconds / 60.0).trunc();
            out.push_str(&format!(
                "{minutes:.0}m{:.digits$}s",
                seconds - minutes * 60.0
            ));
        } else {
            out.push_str(&format!("{seconds:.digits$}"));
        }
    }
    out.push('\n');
    out
}

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
            if pipeline.timed {
                let format = self.variable("TIMEFORMAT");
                let format = format.unwrap_or_else(|| DEFAULT_TIMES.to_owned());
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

    async fn compound(&mut self, kind: &CommandKind) -> Flow {
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
    pub(super) async fn round(&mut self, body: &Script) -> Result<(), Flow> {
        // A loop of builtins would take no time, and nothing else would get a turn.
        self.sys.pause().await;
        self.note_signals();
        if self.interactive && self.interrupted() {
            return Err(Flow::Abandon);
        }
        match self.run(body).await {
            Flow::Next | Flow::Continue(1) => Ok(()),
            Flow::Break(1) => Err(Flow::Next),
            Flow::Break(levels) => Err(Flow::Break(levels - 1)),
            Flow::Continue(levels) => Err(Flow::Continue(levels - 1)),
            flow => Err(flow),
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
            let values = match words {
                Some(words) => match self.words(words).await {
                    Ok(values) => values,
                    Err(Abort) => return self.abandon(),
                },
                None => self.positional.clone(),
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
        arms: &'a [super::ast::CaseArm],
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

    fn cond<'a>(&'a mut self, cond: &'a Cond) -> Boxed<'a, Result<bool, Abort>> {
        Box::pin(async move {
            Ok(match cond {
                Cond::And(a, b) => self.cond(a).await? && self.cond(b).await?,
                Cond::Or(a, b) => self.cond(a).await? || self.cond(b).await?,
                Cond::Not(a) => !self.cond(a).await?,
                Cond::Word(word) => !self.single(word).await?.is_empty(),
                Cond::Unary(op, word) => {
                    let operand = self.single(word).await?;
                    match op.as_str() {
                        "-v" => self.is_set(&operand),
                        "-o" => self.option_is_on(&operand),
                        op => crate::text::test::unary(&self.sys, op, &operand).unwrap_or(false),
                    }
                }
                Cond::Binary(a, op, b) => {
                    let left = self.single(a).await?;
                    match op.as_str() {
                        "=" | "==" => self.pattern(b).await?.matches(&left),
                        "!=" => !self.pattern(b).await?.matches(&left),
                        "<" => left < self.single(b).await?,
                        ">" => left > self.single(b).await?,
                        "=~" => self.regex_matches(&left, b).await?,
                        "-nt" | "-ot" | "-ef" => {
                            let right = self.single(b).await?;
                            crate::text::test::binary(&self.sys, &left, op, &right).unwrap_or(false)
                        }
                        op => {
                            let left = self
                                .arithmetic(&Word {
                                    pieces: vec![super::ast::Piece::Quoted(left)],
                                })
                                .await?;
                            let right = self.arithmetic(b).await?;
                            crate::text::test::compare(op, left, right)
                        }
                    }
                }
            })
        })
    }

    async fn regex_matches(&mut self, text: &str, word: &Word) -> Result<bool, Abort> {
        let field = self.unsplit(word).await?;
        let mut pattern = String::new();
        for (c, quoted) in field {
            if quoted && !c.is_alphanumeric() && !c.is_whitespace() {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        match crate::text::regex::Regex::extended(&pattern, false) {
            Ok(regex) => {
                let found = regex.groups_at(text, 0);
                if self.flavour == Flavour::Bash {
                    let groups = found.as_deref().unwrap_or_default();
                    let part = |group: &Option<(usize, usize)>| {
                        let (start, end) = group.unwrap_or_default();
                        text.get(start..end).unwrap_or_default().to_owned()
                    };
                    self.assign_array("BASH_REMATCH", groups.iter().map(part).collect())?;
                }
                Ok(found.is_some())
            }
            Err(error) => {
                self.complain(&format!(
                    "[[: invalid regular expression `{pattern}': {error}"
                ));
                Err(Abort)
            }
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
                for (name, before) in covered {
                    match before {
                        Some(variable) => self.variables.insert(name, variable),
                        None => self.variables.remove(&name),
                    };
                }
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

    /// Sets a variable, unless it may not be set.
    pub(crate) fn assign(&mut self, name: &str, value: String) -> Result<(), Abort> {
        self.assign_as(name, false, value)
    }

    /// Sets a variable or adds to it.
    pub(crate) fn assign_as(
        &mut self,
        name: &str,
        append: bool,
        value: String,
    ) -> Result<(), Abort> {
        let before = if append { self.variable(name) } else { None };
        let value = self.combined(name, before, append, value)?;
        self.room_for(name, value.len())?;
        self.put(name, value, None);
        Ok(())
    }

    /// What a variable becomes when a value is assigned or added, by what was declared of it.
    pub(crate) fn combined(
        &mut self,
        name: &str,
        before: Option<String>,
        append: bool,
        value: String,
    ) -> Result<String, Abort> {
        let kind = self.variables.get(name).map(|v| (v.integer, v.upper));
        let (integer, upper) = kind.unwrap_or_default();
        let before = before.filter(|_| append).unwrap_or_default();
        if integer {
            let text = if before.is_empty() {
                value
            } else {
                format!("({before})+({value})")
            };
            return Ok(self.calculate(&text)?.to_string());
        }
        let value = before + &value;
        Ok(match upper {
            Some(true) => value.to_uppercase(),
            Some(false) => value.to_lowercase(),
            None => value,
        })
    }

    /// Fails, and says so, if a variable may not be set or there is no room for so many bytes.
    pub(crate) fn room_for(&mut self, name: &str, size: usize) -> Result<(), Abort> {
        if self.is_readonly(name) {
            let text = if self.flavour == Flavour::Bash {
                "readonly variable"
            } else {
                "is read only"
            };
            self.complain(&format!("{name}: {text}"));
            self.status = if self.flavour == Flavour::Bash { 1 } else { 2 };
            return Err(Abort);
        }
        self.held = self.held.saturating_add(size);
        if self.held > MAX_HELD {
            let values = self.variables.values();
            self.held = values.map(super::state::Variable::size).sum::<usize>() + size;
        }
        if size > MAX_VALUE || self.held > MAX_HELD {
            let text = match self.flavour {
                Flavour::Bash => format!("xrealloc: cannot allocate {size} bytes"),
                Flavour::Dash => "Out of space".to_owned(),
                Flavour::Ash => "out of memory".to_owned(),
            };
            self.complain(&text);
            self.status = 2;
            return Err(Abort);
        }
        Ok(())
    }

    /// Takes caught signals from the kernel.
    pub(crate) fn note_signals(&mut self) {
        while let Some(signal) = self.sys.take_signal() {
            self.caught.push(signal);
        }
    }

    /// True, once, if Ctrl-C was pressed and no trap is set for it.
    pub(crate) fn interrupted(&mut self) -> bool {
        let untrapped = !self.traps.contains_key("INT");
        let before = self.caught.len();
        if untrapped {
            self.caught.retain(|signal| *signal != Signal::INT);
        }
        let yes = self.caught.len() != before;
        if yes {
            self.status = 130;
        }
        yes
    }

    /// How often Ctrl-C was pressed on this shell's terminal.
    pub(crate) fn keyboard_interrupts(&self) -> u64 {
        let tty = self.sys.me(|p| p.tty).flatten();
        tty.map_or(0, |id| {
            self.sys
                .kernel(|k| k.tty(id).map_or(0, |tty| tty.interrupts))
        })
    }

    /// Books what Ctrl-C did to a job that has ended: the job had the terminal, so the shell itself got no signal.
    ///
    /// A shell takes a job's death by SIGINT for an interrupt of its own. In a loop without an end of its own this one does so
    /// too if the program handled the signal and ended in its own way, as `ping` does: bash would go on, and nothing but luck
    /// would ever stop `while true; do ping -c1 host; done`.
    pub(crate) fn note_job_interrupt(&mut self, before: u64, died_of_it: bool) {
        let pressed = self.keyboard_interrupts() != before;
        if self.interactive && (died_of_it || pressed && self.endless > 0) {
            self.broken = self.loops > 0 && self.traps.contains_key("INT");
            if !self.caught.contains(&Signal::INT) {
                self.caught.push(Signal::INT);
            }
        }
    }

    /// Runs the traps of signals that were caught.
    async fn run_traps(&mut self) -> Flow {
        self.note_signals();
        if self.interactive && self.interrupted() {
            return Flow::Abandon;
        }
        for signal in std::mem::take(&mut self.caught) {
            if let Some(action) = self.traps.get(&signal.name()).cloned() {
                let status = self.status;
                let flow = self.evaluate(&action).await;
                if flow != Flow::Next {
                    return flow;
                }
                self.status = status;
            }
        }
        if std::mem::take(&mut self.broken) {
            return Flow::Abandon;
        }
        Flow::Next
    }

    /// Parses and runs a text in this shell, as `eval` does.
    pub(crate) fn evaluate<'a>(&'a mut self, text: &'a str) -> Boxed<'a, Flow> {
        Box::pin(async move {
            if self.depth >= MAX_DEPTH {
                self.complain("maximum eval nesting level exceeded");
                self.status = 1;
                return self.abandon();
            }
            self.depth += 1;
            let line = self.line;
            let flow = self.run_text(text, "eval").await;
            self.line = line;
            self.depth -= 1;
            flow
        })
    }

    /// Runs a text line by line; `what` names it in a syntax error (`-c`, `eval`, or empty).
    pub(crate) async fn run_text(&mut self, text: &str, what: &str) -> Flow {
        let mut parser = super::parser::Parser::new(text, self.flavour);
        loop {
            match parser.next_line() {
                Ok(None) => return Flow::Next,
                Ok(Some(script)) => {
                    self.warn_unended(&mut parser);
                    let flow = self.run(&script).await;
                    if flow != Flow::Next {
                        return flow;
                    }
                }
                Err(error) => {
                    self.syntax_error(&error, what, &parser.source_line(error.line));
                    self.status = 2;
                    return if what == "eval" && self.flavour == Flavour::Bash {
                        Flow::Next
                    } else {
                        self.abandon()
                    };
                }
            }
        }
    }

    /// Tells of a here-document that ran into the end of the text.
    pub(super) fn warn_unended(&self, parser: &mut super::parser::Parser) {
        if let Some((line, wanted)) = parser.unended.take()
            && self.flavour == Flavour::Bash
        {
            self.complain(&format!(
                "warning: here-document at line {line} delimited by end-of-file (wanted `{wanted}')"
            ));
        }
    }

    fn syntax_error(&mut self, error: &super::error::SyntaxError, what: &str, source: &str) {
        let message = error.message(self.flavour);
        if self.flavour != Flavour::Bash {
            // Only bash counts the end of the text as a line of its own.
            let at_end = matches!(
                error.kind,
                super::error::SyntaxErrorKind::UnexpectedEnd { .. }
                    | super::error::SyntaxErrorKind::Unterminated(')')
            );
            self.line = error.line.saturating_sub(u32::from(at_end)).max(1);
            return self.complain(&message);
        }
        let place = if self.interactive && what.is_empty() {
            format!("{}: ", self.name)
        } else if what.is_empty() {
            format!("{}: line {}: ", self.name, error.line)
        } else {
            format!("{}: {what}: line {}: ", self.name, error.line)
        };
        let mut text = format!("{place}{message}\n");
        if matches!(error.kind, super::error::SyntaxErrorKind::Unexpected { .. })
            && !self.interactive
        {
            text.push_str(&format!("{place}`{source}'\n"));
        }
        self.sys.err(&text);
    }

    /// The status that a process's end gives, after a line about it if a signal ended it.
    pub(crate) fn ended(&self, status: ExitStatus, pid: u32, text: &str, foreground: bool) -> i32 {
        let ExitStatus::Signal(signal) = status else {
            return status.code();
        };
        if self.subshell || matches!(signal, Signal::INT | Signal::PIPE) {
            return status.code();
        }
        let what = signal_text(signal);
        let line = match self.flavour {
            // A script's own `kill` of a job is no news, and that of a program is told without a place.
            Flavour::Bash if !self.interactive && signal == Signal::TERM => {
                if !foreground {
                    return status.code();
                }
                format!("{what:<27}{text}\n")
            }
            Flavour::Bash if !self.interactive => {
                format!("{}{pid:5} {what:<27}{text}\n", self.prefix())
            }
            Flavour::Bash | Flavour::Dash | Flavour::Ash => format!("{what}\n"),
        };
        self.sys.err(&line);
        status.code()
    }

    /// Waits for a child; caught signals are kept for their traps.
    pub(crate) async fn wait_for(&mut self, child: ProcessId) -> ExitStatus {
        loop {
            match self.sys.wait(Some(child)).await {
                Ok((_, status)) => return status,
                Err(kernel::Errno::EINTR) => self.note_signals(),
                Err(_) => return ExitStatus::Code(127),
            }
        }
    }
}

/// What a shell says of a signal that ended a job.
pub(crate) fn signal_text(signal: Signal) -> String {
    match signal {
        Signal::HUP => "Hangup".to_owned(),
        Signal::INT => "Interrupt".to_owned(),
        Signal::QUIT => "Quit".to_owned(),
        Signal::KILL => "Killed".to_owned(),
        Signal::TERM => "Terminated".to_owned(),
        Signal::PIPE => "Broken pipe".to_owned(),
        Signal::ALRM => "Alarm clock".to_owned(),
        Signal::USR1 => "User defined signal 1".to_owned(),
        Signal::USR2 => "User defined signal 2".to_owned(),
        other => match &*other.name() {
            "SEGV" => "Segmentation fault".to_owned(),
            "ABRT" => "Aborted".to_owned(),
            "ILL" => "Illegal instruction".to_owned(),
            "FPE" => "Floating point exception".to_owned(),
            "BUS" => "Bus error".to_owned(),
            "TRAP" => "Trace/breakpoint trap".to_owned(),
            _ => format!("Signal {}", other.number()),
        },
    }
}

/// Arguments as `set -x` shows them.
#[must_use]
pub(crate) fn traced(arguments: &[String], flavour: Flavour) -> String {
    let quoted: Vec<String> = arguments
        .iter()
        .map(|argument| match flavour {
            // dash shows words as they are.
            Flavour::Dash => argument.clone(),
            Flavour::Ash => super::quote::ash(argument),
            Flavour::Bash => super::quote::shell(argument),
        })
        .collect();
    quoted.join(" ")
}
