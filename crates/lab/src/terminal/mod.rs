//! A terminal as the screen shows it: now, or as it was at an earlier moment, which playback asks for.
//!
//! `codes` takes apart what programs write, `look` keeps colours, `cells` and `grid` keep lines and a cursor, `screen` tells
//! prompts and commands from output. A moment that has passed is found by feeding a screen up to it, so that what
//! was painted over since is seen again.

mod cells;
mod codes;
mod grid;
mod look;
mod screen;

use crate::view;
use kernel::ids::ProcessId;
use kernel::process::tty::{Output, TtyId};
use screen::Screen;
use std::rc::Rc;

/// One terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// The terminal.
    pub(crate) tty: TtyId,
    /// The program that was started in it.
    pub(crate) shell: ProcessId,
    /// The machine's name.
    pub(crate) machine: String,
    /// Its number among those on the machine, from 1.
    pub(crate) number: usize,
    /// Where somebody works in it: the first process of a container, its name, and the program there.
    pub(crate) inside: Option<(ProcessId, String, String)>,
    /// What was typed: the number of the first piece of output after it, and the input.
    typed: Vec<(u64, u64)>,
    newest: Screen,
    /// As it was when the last input was typed: where the way to a moment of playback begins.
    before: Screen,
    /// As it was at the moment that was asked for last, if that is not now.
    past: Option<Screen>,
    seen: Option<Rc<view::Terminal>>,
}

impl Terminal {
    pub(crate) fn new(tty: TtyId, shell: ProcessId, machine: &str, number: usize) -> Self {
        Self {
            tty,
            shell,
            machine: machine.to_owned(),
            number,
            inside: None,
            typed: Vec::new(),
            newest: Screen::default(),
            before: Screen::default(),
            past: None,
            seen: None,
        }
    }

    /// Notes that the line of input number `input` is being typed: a command if a prompt stands there, else something for
    /// the program that runs.
    pub(crate) fn typing(&mut self, input: u64, output: &Output) {
        self.update(output);
        self.before = self.newest.as_a_start();
        self.typed.push((output.next_piece(), input));
    }

    /// Takes in what was written since the last call.
    pub(crate) fn update(&mut self, output: &Output) {
        if self.newest.feed(output, &self.typed, u64::MAX) {
            self.seen = None;
        }
    }

    /// The lines typed so far.
    pub(crate) fn runs(&self) -> &[view::Run] {
        &self.newest.runs
    }

    /// Notes which container somebody works in: its first process, its name, the program there.
    pub(crate) fn enter(&mut self, inside: Option<(ProcessId, String, String)>) {
        self.inside = inside;
        self.seen = None;
    }

    /// Whether the last thing that was printed is a prompt.
    pub(crate) const fn at_prompt(&self) -> bool {
        self.newest.at_prompt
    }

    /// The terminal as it was at `t`, virtual nanoseconds. `idle` tells whether it waits for a command now.
    pub(crate) fn view(
        &mut self,
        id: u32,
        output: &Output,
        t: u64,
        idle: bool,
    ) -> Rc<view::Terminal> {
        let now = self.newest.at <= t;
        if self.seek(output, t) {
            self.seen = None;
        }
        let idle = idle && now;
        if let Some(seen) = self.seen.as_ref().filter(|seen| seen.idle == idle) {
            return Rc::clone(seen);
        }
        let screen = self.past.as_ref().unwrap_or(&self.newest);
        let seen = Rc::new(self.picture(screen, id, idle));
        self.seen = Some(Rc::clone(&seen));
        seen
    }

    /// The terminal as it is now.
    pub(crate) fn newest(&self, id: u32, idle: bool) -> view::Terminal {
        self.picture(&self.newest, id, idle)
    }

    fn picture(&self, screen: &Screen, id: u32, idle: bool) -> view::Terminal {
        let (title, note) = match &self.inside {
            Some((_, container, program)) => (container.clone(), program.clone()),
            None if self.number > 1 => (self.machine.clone(), self.number.to_string()),
            None => (self.machine.clone(), String::new()),
        };
        view::Terminal {
            id,
            machine: self.machine.clone(),
            title,
            note,
            first: screen.grid.first(),
            lines: screen.grid.lines().to_vec(),
            prompt: screen.prompt.trim_end().to_owned(),
            idle,
            runs: self.newest.runs.clone(),
        }
    }

    /// Turns to a moment; whether another picture is seen than before.
    fn seek(&mut self, output: &Output, t: u64) -> bool {
        if self.newest.at <= t {
            return self.past.take().is_some();
        }
        let ahead = self.past.as_ref().is_none_or(|past| past.at > t);
        if ahead {
            let near = self.before.at <= t;
            let from = near.then(|| self.before.clone());
            self.past = Some(from.unwrap_or_default());
        }
        let fed = self
            .past
            .as_mut()
            .is_some_and(|past| past.feed(output, &self.typed, t));
        ahead || fed
    }
}
