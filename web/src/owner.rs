//! The page's only door to the lab: inputs go in here, views come out.

use std::rc::Rc;

use sorted::SortedSet;

use lab::log::{Input, Key};
use lab::starts::Start;
use lab::{Lab, Late, Outlines, view};

use crate::prepared;
use crate::shared::Shared;

/// The scenario a new lab begins with.
const SCENARIO: &str = "lan";
/// The seed of a new lab.
const SEED: u64 = 1;
/// Virtual nanoseconds simulated at a time at most.
const SLICE: u64 = 1_000_000_000;
/// Packets up to here are explained while the command still runs; of more only the end is waited for.
const FEW: usize = 200;
/// Packets listed at most.
const MOST_FLIGHTS: usize = 500;
/// Virtual silence after which nothing more is expected to happen by itself.
const SILENCE: u64 = 600_000_000_000;

/// What the page shows, as it stands now.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct Views {
    pub(crate) topology: Shared<view::Topology>,
    pub(crate) terminals: Shared<Vec<view::Terminal>>,
    /// The journeys of the commands that are being watched.
    pub(crate) journeys: Shared<Vec<Rc<view::Journey>>>,
    pub(crate) explanation: Shared<Option<view::Explanation>>,
    pub(crate) dns: Shared<Vec<view::DnsLookup>>,
    pub(crate) can_undo: bool,
    pub(crate) can_redo: bool,
}

/// The lab, and which of its inputs are being watched.
pub(crate) struct Owner {
    lab: Lab,
    watched: SortedSet<u64>,
    /// Whether announcements are among the packets that are watched, though there are others.
    announcements: bool,
    /// What was told of the watched commands' packets so far.
    told: Outlines,
    /// Whether every terminal waits for input.
    idle: bool,
    /// Virtual time at which something was last seen to happen.
    last_event: u64,
    pub(crate) views: Views,
}

/// What became of a line given by a program.
pub(crate) struct Finished {
    pub(crate) output: String,
    /// `None` if the shell is at its prompt again without having said.
    pub(crate) exit: Option<i32>,
}

/// The lab that a new visitor finds.
/// # Errors
/// If it cannot be made.
pub(crate) fn beginning() -> Result<Lab, String> {
    Lab::early(SCENARIO, SEED)
}

impl Owner {
    /// A fresh lab. Of the views only the terminals are there, which are what somebody waits for: the others come with
    /// [`Owner::refresh`].
    pub(crate) fn new() -> Result<Self, String> {
        let made = prepared::take().map_or_else(beginning, Ok);
        made.map(Self::around)
    }

    /// Brings what comes late. Nothing may be typed before.
    pub(crate) fn finish(&mut self, late: &'static Late) {
        self.lab.finish(late);
    }

    /// A lab as [`Owner::save`] wrote it.
    pub(crate) fn restore(saved: &str, late: &'static Late) -> Result<Self, String> {
        Lab::restore_with(saved, late, prepared::take()).map(Self::around)
    }

    /// A lab in which a start's lines have been typed.
    pub(crate) fn start(start: &Start, late: &'static Late) -> Result<Self, String> {
        let lab = start.open_with(SEED, late)?;
        let mut owner = Self::around(lab);
        // What was typed to come there is not what one came for.
        owner.watched.clear();
        Ok(owner)
    }

    fn around(lab: Lab) -> Self {
        let mut owner = Self {
            last_event: lab.now(),
            lab,
            watched: SortedSet::new(),
            announcements: false,
            told: Outlines::default(),
            idle: true,
            views: Views::default(),
        };
        owner.watch_last();
        owner.look_at_terminals();
        owner
    }

    /// The stage as it was at a virtual time; the newest for times to come.
    pub(crate) fn stage_at(&self, at: u64) -> std::rc::Rc<view::Topology> {
        self.lab.topology_at(at)
    }

    /// How many inputs there were.
    pub(crate) fn inputs(&self) -> usize {
        self.lab.log().len()
    }

    /// The lab as text.
    pub(crate) fn save(&self) -> String {
        self.lab.save()
    }

    /// Types a line; returns its input's number. `shown` is the virtual time the user has seen up to.
    pub(crate) fn line(&mut self, terminal: u32, text: &str, shown: u64) -> u64 {
        self.watched.clear();
        self.announcements = false;
        let number = self.lab.next_input();
        self.watched.insert(number);
        self.enter(
            Input::Line {
                terminal,
                text: text.to_owned(),
            },
            shown,
        );
        number
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&mut self, terminal: u32, shown: u64) {
        self.enter(
            Input::Key {
                terminal,
                key: Key::Interrupt,
            },
            shown,
        );
    }

    /// Ctrl-D.
    pub(crate) fn end_of_file(&mut self, terminal: u32, shown: u64) {
        self.enter(
            Input::Key {
                terminal,
                key: Key::Eof,
            },
            shown,
        );
    }

    fn enter(&mut self, input: Input, shown: u64) {
        self.told = Outlines::default();
        if shown < self.lab.now() && !self.idle {
            self.lab.apply_at(input, shown);
        } else {
            self.lab.apply(input);
        }
        self.idle = false;
        self.last_event = self.lab.now();
    }

    /// Simulates a little further, at most so many virtual nanoseconds. Returns whether there may be more to do.
    pub(crate) fn pump(&mut self, limit: u64) -> bool {
        if self.idle {
            return false;
        }
        self.idle = self.lab.run_idle(limit);
        !self.idle && self.lab.now().saturating_sub(self.last_event) < SILENCE
    }

    /// Takes the views anew.
    pub(crate) fn refresh(&mut self) {
        self.views.topology.take(self.lab.topology());
        self.look_at_terminals();
        let mut journeys = self
            .watched
            .first()
            .map(|i| self.lab.outlines(*i, &mut self.told))
            .unwrap_or_default();
        journeys.retain(|j| !j.hops.is_empty() && self.watched.contains(&j.input));
        // Who was started a moment ago says where it is: that is nothing that this command sent.
        let announces = |j: &Rc<view::Journey>| j.chatter && j.protocol == view::Protocol::Arp;
        if !self.announcements && journeys.iter().any(|j| !announces(j)) {
            journeys.retain(|j| !announces(j));
        }
        if self.views.journeys.update(journeys) {
            self.last_event = self.lab.now();
        }
        if self.watched.is_empty() {
            self.views.explanation.update(None);
            self.views.dns.update(Vec::new());
        } else if self.idle || self.views.journeys.len() <= FEW {
            self.views.explanation.update(
                self.lab
                    .explanation()
                    .filter(|e| self.watched.contains(&e.input)),
            );
            self.views.dns.update(
                self.lab
                    .dns()
                    .into_iter()
                    .filter(|d| self.watched.contains(&d.input))
                    .collect(),
            );
        }
    }

    fn look_at_terminals(&mut self) {
        self.views.terminals.update(self.lab.terminals());
        self.views.can_undo = self.lab.can_undo();
        self.views.can_redo = self.lab.can_redo();
    }

    /// Takes back the last line.
    pub(crate) fn undo(&mut self) {
        self.lab.undo();
        self.settled();
    }

    /// Does again what was undone.
    pub(crate) fn redo(&mut self) {
        self.lab.redo();
        self.settled();
    }

    /// Back to the beginning.
    pub(crate) fn reset(&mut self) {
        self.lab.reset();
        self.settled();
    }

    fn settled(&mut self) {
        self.told = Outlines::default();
        self.idle = self.lab.run_idle(SLICE);
        self.watch_last();
        self.refresh();
    }

    /// Watches the last command, so that it can be replayed.
    fn watch_last(&mut self) {
        self.watched.clear();
        let last = self
            .lab
            .terminals()
            .iter()
            .flat_map(|t| &t.runs)
            .map(|r| r.input)
            .max();
        self.watched.extend(last);
    }

    /// Whether an input's packets are being watched.
    pub(crate) fn is_watched(&self, input: u64) -> bool {
        self.watched.contains(&input)
    }

    /// The terminal in which the watched command was typed.
    pub(crate) fn watched_terminal(&self) -> Option<u32> {
        let terminals = self.views.terminals.iter();
        let mut typed = terminals.filter(|t| t.runs.iter().any(|r| self.is_watched(r.input)));
        typed.next().map(|t| t.id)
    }

    /// Watches what an earlier input sent, with announcements or without.
    pub(crate) fn watch(&mut self, input: u64, announcements: bool) {
        self.announcements = announcements;
        self.watched.clear();
        self.watched.insert(input);
        self.refresh();
    }

    /// The last packets that travelled.
    pub(crate) fn flights(&self) -> Vec<view::Flight> {
        self.lab.flights(MOST_FLIGHTS)
    }

    /// The virtual times at which the watched commands printed something.
    pub(crate) fn marks(&self) -> Vec<u64> {
        let lines = self.views.terminals.iter().flat_map(|t| &t.lines);
        lines
            .filter(|l| self.watched.contains(&l.input))
            .map(|l| l.at_ns)
            .collect()
    }

    /// The command line being watched, and the machine it was typed on.
    pub(crate) fn watched_command(&self) -> Option<(String, String)> {
        let last = self.watched.last()?;
        self.views.terminals.iter().find_map(|t| {
            let run = t.runs.iter().find(|r| r.input == *last)?;
            Some((t.title.clone(), run.command.clone()))
        })
    }

    /// What an input printed and its exit status, once it has ended.
    pub(crate) fn finished(&self, input: u64) -> Option<Finished> {
        let terminal = self
            .views
            .terminals
            .iter()
            .find(|t| t.runs.iter().any(|r| r.input == input))?;
        let exit = terminal.runs.iter().find(|r| r.input == input)?.exit;
        if exit.is_none() && !(self.idle && terminal.idle) {
            return None;
        }
        let lines = terminal
            .lines
            .iter()
            .filter(|l| l.input == input && l.kind != view::LineKind::Command);
        let output = lines
            .map(|l| format!("{}{}", l.text, if l.complete { "\n" } else { "" }))
            .collect();
        Some(Finished { output, exit })
    }

    /// The terminal of a machine, by its name.
    pub(crate) fn terminal_of(&self, machine: &str) -> Option<u32> {
        self.views
            .terminals
            .iter()
            .find(|t| t.machine == machine)
            .map(|t| t.id)
    }

    /// What could come next on a command line.
    pub(crate) fn complete(&self, terminal: u32, line: &str, cursor: usize) -> view::Completions {
        self.lab.complete(terminal, line, cursor)
    }

    /// The files at home on a machine.
    pub(crate) fn files(&self, machine: &str) -> Vec<String> {
        self.lab.files(machine)
    }

    /// The text of a file.
    pub(crate) fn file(&self, machine: &str, path: &str) -> Option<String> {
        self.lab.file(machine, path)
    }

    /// Writes a file.
    pub(crate) fn write_file(&mut self, machine: &str, path: &str, text: &str) {
        let [machine, path, text] = [machine, path, text].map(str::to_owned);
        self.enter(
            Input::File {
                machine,
                path,
                text,
            },
            u64::MAX,
        );
        self.views.can_undo = self.lab.can_undo();
    }

    /// What there is to say about a text that is to stand in a file.
    pub(crate) fn check(&self, machine: &str, path: &str, text: &str) -> view::Checked {
        self.lab.check(machine, path, text)
    }

    /// The lab as a file.
    pub(crate) fn export(&self, machine: &str, what: view::Export) -> Option<view::Exported> {
        self.lab.export(machine, what)
    }

    /// What could come next at a place of a file's text.
    pub(crate) fn complete_file(
        &self,
        machine: &str,
        path: &str,
        text: &str,
        place: (usize, usize),
    ) -> view::Completions {
        self.lab.complete_file(machine, path, text, place)
    }

    /// The packet of a journey, known by its id, at a hop, from 0.
    pub(crate) fn packet(&self, journey: &str, hop: usize) -> Option<view::Packet> {
        self.lab.packet(journey, hop)
    }

    /// The terminals with what they showed at a virtual time.
    pub(crate) fn terminals_at(&mut self, at: u64) -> Vec<std::rc::Rc<view::Terminal>> {
        self.lab.terminals_at(at)
    }

    /// Whether a terminal's program waits for a line.
    pub(crate) fn reads(&self, terminal: u32) -> bool {
        self.lab.reads(terminal)
    }

    /// Opens another terminal on a machine.
    pub(crate) fn open(&mut self, machine: &str) {
        let machine = machine.to_owned();
        self.enter(Input::OpenTerminal { machine }, u64::MAX);
    }

    /// Closes a terminal.
    pub(crate) fn close(&mut self, terminal: u32) {
        self.enter(Input::CloseTerminal { terminal }, u64::MAX);
    }

    /// The inspector's text about a place.
    pub(crate) fn details(&self, place: &str) -> Option<view::Details> {
        self.lab.details(place)
    }

    /// A machine's rules.
    pub(crate) fn rules(&self, machine: &str) -> view::Ruleset {
        self.lab.rules(machine)
    }

    /// What dropping a container on each network would do.
    pub(crate) fn offers(&self, container: &str) -> Vec<view::DropOffer> {
        self.lab.offers(container)
    }

    /// What can be done with the thing at a place.
    pub(crate) fn actions(&self, place: &str) -> Vec<view::Action> {
        self.lab.actions(place)
    }

    /// What one thing could say to another. A published port is asked as its menu would.
    pub(crate) fn contacts(&self, from: &str, to: &str) -> Vec<view::Action> {
        if to.starts_with("published:") {
            let from = from.strip_prefix("machine:").unwrap_or_default();
            let mut list = self.lab.actions(to);
            list.retain(|a| a.machine == from);
            return list;
        }
        self.lab.contacts(from, to)
    }

    /// The images of a machine.
    pub(crate) fn images(&self, machine: &str) -> Vec<view::ImageOffer> {
        self.lab.images(machine)
    }

    /// Everything that ever travelled, in outlines.
    pub(crate) fn all_outlines(&self) -> Vec<Rc<view::Journey>> {
        self.lab.outlines(0, &mut Outlines::default())
    }

    /// Everything that ever travelled, for programs.
    pub(crate) fn all_journeys(&self) -> Vec<view::Journey> {
        self.lab.journeys()
    }
}
