//! What a front end may ask of a lab. Asking changes nothing.

use super::Lab;
use crate::actions;
use crate::details;
use crate::explain::Asked;
use crate::files;
use crate::journey::{self, Outlines};
use crate::log::{Entry, Input};
use crate::lookup;
use crate::names::Directory;
use crate::offers;
use crate::rules;
use crate::terminal::Terminal;
use crate::topology;
use crate::view;
use std::rc::Rc;

impl Lab {
    /// The stage as it is now.
    #[must_use]
    pub fn topology(&self) -> Rc<view::Topology> {
        let mut stage = self.stage.borrow_mut();
        if std::mem::take(&mut stage.stale) {
            // Numbers given to networks here are not kept, so that they do not depend on when somebody looked.
            let mut marks = self.marks.clone();
            let mut seen = self.sights.borrow_mut();
            let view = self
                .world
                .kernel(|k| topology::topology(k, &self.scenario, &mut marks, &mut seen));
            if *stage.view != view {
                stage.view = Rc::new(view);
            }
        }
        stage.view.clone()
    }

    /// The stage as it was at `t` (virtual nanoseconds).
    #[must_use]
    pub fn topology_at(&self, t: u64) -> Rc<view::Topology> {
        if t >= self.now() {
            return self.topology();
        }
        let after = self.stages.partition_point(|(at, _)| *at <= t);
        let stage = self
            .stages
            .get(after.saturating_sub(1))
            .or_else(|| self.stages.first());
        stage.map(|(_, stage)| stage.clone()).unwrap_or_default()
    }

    /// The journeys of the packets sent since input number `input` began.
    #[must_use]
    pub fn journeys_since(&self, input: u64) -> Vec<view::Journey> {
        let Some(start) = self.start_of(input) else {
            return Vec::new();
        };
        self.world.kernel(|k| {
            journey::journeys(k.trace.since(start), &self.places, |seq| self.input_of(seq))
        })
    }

    /// The journeys of the packets sent since input number `input` began, without the layers of their hops, which
    /// [`Self::packet`] tells. What has not changed since `known` told it is the same value again.
    pub fn outlines(&self, input: u64, known: &mut Outlines) -> Vec<Rc<view::Journey>> {
        let Some(start) = self.start_of(input) else {
            return Vec::new();
        };
        self.world
            .kernel(|k| known.told(k.trace.since(start), &self.places, |seq| self.input_of(seq)))
    }

    /// The last packets that travelled, at most `most`, the earliest first.
    #[must_use]
    pub fn flights(&self, most: usize) -> Vec<view::Flight> {
        self.world.kernel(|k| {
            let input_of = |seq| self.input_of(seq);
            journey::flights(k.trace.since(0), &self.places, most, input_of)
        })
    }

    /// A packet at one of its hops, which counts from 0: its bytes and layers. `None` if that journey is not in the
    /// trace, or nothing of the packet is known there.
    #[must_use]
    pub fn packet(&self, journey: &str, hop: usize) -> Option<view::Packet> {
        let id = journey::packet_of(journey)?;
        self.world
            .kernel(|k| journey::packet_at(k, id, &self.places, hop))
    }

    /// The journeys of the last input's packets.
    #[must_use]
    pub fn journeys(&self) -> Vec<view::Journey> {
        self.journeys_since(self.next_input().saturating_sub(1))
    }

    /// The names looked up during the last input.
    #[must_use]
    pub fn dns(&self) -> Vec<view::DnsLookup> {
        let Some(start) = self.input_starts.last().copied() else {
            return Vec::new();
        };
        self.world.kernel(|k| {
            let directory = Directory::new(k);
            let found = lookup::lookups(k.trace.since(start), &self.places, &directory, |seq| {
                self.input_of(seq)
            });
            found.into_iter().map(|l| l.view).collect()
        })
    }

    /// Why the last command did not get what it wanted; `None` if nothing went wrong.
    #[must_use]
    pub fn explanation(&self) -> Option<view::Explanation> {
        let start = self.input_starts.last().copied()?;
        let stage = self.topology();
        let (since, typed) = match self.log.last() {
            Some(Entry {
                at,
                input: Input::Line { text, .. },
            }) => (*at, text.as_str()),
            other => (other.map_or(0, |e| e.at), ""),
        };
        let asked = Asked {
            input: self.next_input().saturating_sub(1),
            start,
            since,
            typed,
        };
        let explain = self.late?.explain;
        self.world
            .kernel(|k| explain(k, &self.places, &stage, &asked))
    }

    /// Everything there is to say about a place of the stage.
    #[must_use]
    pub fn details(&self, place: &str) -> Option<view::Details> {
        self.world
            .kernel(|k| details::details(k, &self.scenario, place))
    }

    /// The rules and tracked connections of a machine's root namespace.
    #[must_use]
    pub fn rules(&self, machine: &str) -> view::Ruleset {
        self.world.kernel(|k| rules::of_machine(k, machine))
    }

    /// What could come next at `cursor` (in characters) of a line in a terminal.
    #[must_use]
    pub fn complete(&self, terminal: u32, line: &str, cursor: usize) -> view::Completions {
        let (Some(terminal), Some(late)) = (self.terminals.get(&terminal), self.late) else {
            return view::Completions::default();
        };
        self.world.kernel(|k| {
            let foreground = k
                .tty(terminal.tty)
                .and_then(|t| t.foreground)
                .unwrap_or(terminal.shell);
            (late.complete)(k, foreground, &terminal.machine, line, cursor)
        })
    }

    /// The files at home on a machine, by path.
    #[must_use]
    pub fn files(&self, machine: &str) -> Vec<String> {
        self.world.kernel(|k| files::list(k, machine))
    }

    /// The text of a file; `None` if there is none.
    #[must_use]
    pub fn file(&self, machine: &str, path: &str) -> Option<String> {
        self.world.kernel(|k| files::read(k, machine, path))
    }

    /// What there is to say about a text that is to stand in a file.
    #[must_use]
    pub fn check(&self, machine: &str, path: &str, text: &str) -> view::Checked {
        let Some(late) = self.late else {
            return view::Checked::default();
        };
        let terminal = self.terminals.values().find(|t| t.machine == machine);
        self.world.kernel(|k| {
            let shell = terminal.and_then(|t| k.proc.get(t.shell));
            let cwd = shell.map_or(files::HOME, |p| p.cwd.as_str());
            (late.check)(k, machine, path, text, cwd)
        })
    }

    /// What could come next at a place of a file's text: its line and column, both from 0.
    #[must_use]
    pub fn complete_file(
        &self,
        machine: &str,
        path: &str,
        text: &str,
        place: (usize, usize),
    ) -> view::Completions {
        let Some(late) = self.late else {
            return view::Completions::default();
        };
        self.world
            .kernel(|k| (late.complete_file)(k, machine, path, text, place))
    }

    /// The lab, or what one of its machines holds, as a file; `None` if no engine runs on the machine.
    #[must_use]
    pub fn export(&self, machine: &str, what: view::Export) -> Option<view::Exported> {
        let export = self.late?.export;
        self.world
            .kernel(|k| export(k, &self.places, machine, what))
    }

    /// What dropping a container (by its place) on each network would do.
    #[must_use]
    pub fn offers(&self, container: &str) -> Vec<view::DropOffer> {
        self.world.kernel(|k| offers::offers(k, container))
    }

    /// What can be done with the thing at a place.
    #[must_use]
    pub fn actions(&self, place: &str) -> Vec<view::Action> {
        self.world
            .kernel(|k| actions::actions(k, &self.scenario, place))
    }

    /// What the thing at one place could say to the thing at another.
    #[must_use]
    pub fn contacts(&self, from: &str, to: &str) -> Vec<view::Action> {
        self.world
            .kernel(|k| actions::contacts(k, &self.scenario, from, to))
    }

    /// The images of a machine, and the lines that run them.
    #[must_use]
    pub fn images(&self, machine: &str) -> Vec<view::ImageOffer> {
        self.world.kernel(|k| actions::images(k, machine))
    }

    /// The trace's number at which an input began.
    fn start_of(&self, input: u64) -> Option<u64> {
        self.input_starts.get(usize::try_from(input).ok()?).copied()
    }

    /// During which input an event of the trace happened.
    fn input_of(&self, seq: u64) -> u64 {
        (self.input_starts.partition_point(|start| *start <= seq) as u64).saturating_sub(1)
    }

    pub(super) fn is_idle(&self, terminal: &Terminal) -> bool {
        terminal.at_prompt()
            && self.world.kernel(|k| {
                k.has_ended(terminal.shell) || k.tty(terminal.tty).is_some_and(|t| t.reading)
            })
    }

    /// Whether a terminal's program waits for a line, be it a shell at its prompt or not.
    #[must_use]
    pub fn reads(&self, terminal: u32) -> bool {
        let tty = self.terminals.get(&terminal).map(|t| t.tty);
        self.world
            .kernel(|k| tty.and_then(|tty| k.tty(tty)).is_some_and(|t| t.reading))
    }

    /// The terminals, in order of opening.
    #[must_use]
    pub fn terminals(&self) -> Vec<view::Terminal> {
        let views = self.terminals.iter();
        views
            .map(|(id, t)| t.newest(*id, self.is_idle(t)))
            .collect()
    }

    /// The terminals with what they showed at `t` (virtual nanoseconds); what was typed is told whenever it was. One that
    /// did not change since the last call is the same value again.
    pub fn terminals_at(&mut self, t: u64) -> Vec<Rc<view::Terminal>> {
        let idle: Vec<_> = self.terminals.values().map(|t| self.is_idle(t)).collect();
        let world = &self.world;
        let views = self.terminals.iter_mut().zip(idle);
        views
            .filter_map(|((id, terminal), idle)| {
                world.kernel(|k| {
                    let output = &k.tty(terminal.tty)?.output;
                    Some(terminal.view(*id, output, t, idle))
                })
            })
            .collect()
    }
}
