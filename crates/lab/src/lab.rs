//! The façade: a lab is its scenario, its seed and its log; the world is what follows from them.

use crate::actions;
use crate::complete;
use crate::details;
use crate::editing;
use crate::explain::{self, Evidence};
use crate::exports;
use crate::files;
use crate::graph::StageGraph;
use crate::journey;
use crate::journey::Outlines;
use crate::log::{Entry, Input, Key, Saved, VERSION};
use crate::login;
use crate::lookup;
use crate::names::Directory;
use crate::offers;
use crate::places::Places;
use crate::rules;
use crate::scenario::{Role, Scenario};
use crate::session::shell_on_terminal;
use crate::terminal::Terminal;
use crate::topology::{self, Marks};
use crate::view;
use kernel::Kernel;
use kernel::time::{Duration, Instant};
use kernel::world::{Run, World};
use sorted::SortedMap;
use std::cell::RefCell;
use std::rc::Rc;

/// How many steps a run may take at once: a front end stays responsive, and a runaway ends.
const STEPS: u64 = 2_000_000;

/// How many steps the replay of a saved lab may take: hours of ordinary work, and some ten seconds at most.
const MOST_STEPS: u64 = 20_000_000;

/// When daemons are up and the first prompts stand.
const BOOT: Instant = Instant(2_000_000_000);

/// What still happens after the last command ended is part of it: acknowledgements, closing handshakes.
const TAIL: Duration = Duration::from_millis(20);

/// How many looks of the stage are kept for playback.
const KEPT_STAGES: usize = 500;
/// How many containers those hold together, which is what takes room.
const KEPT_CONTAINERS: usize = 50_000;

/// A lab.
pub struct Lab {
    scenario: Scenario,
    seed: u64,
    log: Vec<Entry>,
    undone: Vec<Undone>,
    pub(crate) world: World,
    pub(crate) terminals: SortedMap<u32, Terminal>,
    next_terminal: u32,
    /// The trace's number at which each input began.
    pub(crate) input_starts: Vec<u64>,
    pub(crate) places: Places,
    marks: Marks,
    /// The stage at each change, oldest first.
    stages: Vec<(u64, Rc<view::Topology>)>,
    /// The stage as it is now, as far as somebody asked.
    stage: RefCell<Stage>,
    /// What there was when the world was last looked at.
    seen: Changes,
    /// When to look again, since something changed.
    look_due: Option<Instant>,
    /// How many steps may yet be taken by whoever replays a log that he does not know.
    allowance: u64,
}

/// What is shown of the world, made when it is asked for.
#[derive(Default)]
struct Stage {
    view: Rc<view::Topology>,
    /// Whether something may have happened since.
    stale: bool,
}

/// What was taken back together, and how far the lab had come.
struct Undone {
    entries: Vec<Entry>,
    now: u64,
}

/// Counts that tell that the stage may look different: of what was made, and of processes that ended.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Changes {
    made: (usize, usize, usize),
    ended: usize,
}

impl Changes {
    fn of(kernel: &Kernel) -> Self {
        Self {
            made: Places::count(kernel),
            ended: kernel.proc.ended(),
        }
    }
}

impl Lab {
    /// A fresh lab.
    /// # Errors
    /// If there is no such scenario.
    pub fn new(scenario: &str, seed: u64) -> Result<Self, String> {
        let scenario = Scenario::named(scenario)
            .ok_or_else(|| format!("there is no scenario called {scenario}"))?;
        Self::begin(scenario, seed)
    }

    fn begin(scenario: Scenario, seed: u64) -> Result<Self, String> {
        let world = scenario.build(seed)?;
        let mut lab = Self {
            scenario,
            seed,
            log: Vec::new(),
            undone: Vec::new(),
            world,
            terminals: SortedMap::new(),
            next_terminal: 1,
            input_starts: Vec::new(),
            places: Places::default(),
            marks: Marks::default(),
            stages: Vec::new(),
            stage: RefCell::default(),
            seen: Changes::default(),
            look_due: None,
            allowance: u64::MAX,
        };
        // Where one works most stands first.
        let machines: Vec<&'static str> = [Role::Docker, Role::Laptop, Role::Router]
            .into_iter()
            .flat_map(|role| lab.scenario.machines.iter().filter(move |m| m.role == role))
            .map(|m| m.name)
            .collect();
        lab.simulate(Instant(BOOT.0 / 2), |_| false);
        for machine in machines {
            lab.open_terminal(machine);
        }
        lab.simulate(BOOT, |_| false);
        lab.refresh();
        Ok(lab)
    }

    /// A lab as it was saved.
    ///
    /// Whoever wrote the text may have meant ill: it is replayed only if it could have been saved, and only so far as that
    /// takes a bearable number of steps.
    /// # Errors
    /// If the text is not a saved lab, of a version that is not known, or of a scenario that does not exist; if its times run
    /// backwards or beyond [`MOST_TIME`](crate::log::MOST_TIME); if it takes too long to replay.
    pub fn restore(saved: &str) -> Result<Self, String> {
        let saved = Saved::parse(saved)?;
        let mut lab = Self::new(&saved.scenario, saved.seed)?;
        lab.allowance = MOST_STEPS;
        lab.replay(saved.log);
        lab.run_until(saved.now);
        if lab.allowance == 0 {
            return Err("the saved lab takes too long to replay".into());
        }
        lab.allowance = u64::MAX;
        Ok(lab)
    }

    /// The lab as text: see [`Saved`].
    #[must_use]
    pub fn save(&self) -> String {
        let saved = Saved {
            version: VERSION,
            scenario: self.scenario.name.to_owned(),
            seed: self.seed,
            log: self.log.clone(),
            now: self.now(),
        };
        serde_json::to_string(&saved).unwrap_or_default()
    }

    /// Virtual nanoseconds that the simulation has reached.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.world.now().as_nanos()
    }

    /// The number that the next input will have.
    #[must_use]
    pub const fn next_input(&self) -> u64 {
        self.log.len() as u64
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &[Entry] {
        &self.log
    }

    /// Does something now. What was undone can then no longer be redone.
    pub fn apply(&mut self, input: Input) {
        self.undone.clear();
        let at = self.now();
        // An input that came at this very instant has its effect first, as it will when the log is replayed.
        self.run_until(at);
        self.enter(Entry { at, input });
    }

    /// Does something at an earlier time than the simulation has reached (Ctrl-C while playback lags behind): what was
    /// simulated beyond is taken back first. Not before the last input.
    pub fn apply_at(&mut self, input: Input, at: u64) {
        let at = at.max(self.log.last().map_or(BOOT.0, |e| e.at));
        if at < self.now() {
            self.rewind(at);
        }
        self.apply(input);
    }

    fn enter(&mut self, entry: Entry) {
        let number = self.log.len() as u64;
        self.input_starts
            .push(self.world.kernel(|k| k.trace.next_seq()));
        match &entry.input {
            Input::Line { terminal, text } => {
                if let Some(terminal) = self.terminals.get_mut(terminal) {
                    let line = format!("{text}\n");
                    self.world.kernel(|k| {
                        if let Some(tty) = k.tty(terminal.tty) {
                            terminal.typing(number, &tty.output);
                        }
                        k.tty_type(terminal.tty, &line);
                    });
                }
            }
            Input::Key { terminal, key } => {
                if let Some(terminal) = self.terminals.get(terminal) {
                    let tty = terminal.tty;
                    self.world.kernel(|k| match key {
                        Key::Interrupt => k.tty_interrupt(tty),
                        Key::Eof => k.tty_eof(tty),
                    });
                }
            }
            Input::File {
                machine,
                path,
                text,
            } => {
                self.world.kernel(|k| files::write(k, machine, path, text));
            }
            Input::OpenTerminal { machine } => {
                self.open_terminal(machine);
            }
            Input::CloseTerminal { terminal } => {
                if let Some(terminal) = self.terminals.remove(terminal) {
                    self.world.kernel(|k| k.hang_up(terminal.tty));
                }
            }
        }
        self.log.push(entry);
        self.refresh();
    }

    fn open_terminal(&mut self, machine: &str) -> Option<u32> {
        let (tty, spawn) = self.world.kernel(|k| {
            let id = k.machine_named(machine)?.id;
            shell_on_terminal(k, id, login::PROGRAM)
        })?;
        let shell = self.world.spawn(spawn).ok()?;
        self.world.kernel(|k| {
            if let Some(t) = k.tty_mut(tty) {
                t.foreground = Some(shell);
            }
        });
        let id = self.next_terminal;
        self.next_terminal += 1;
        let taken = |n: &usize| {
            let mut here = self.terminals.values();
            here.any(|t| t.machine == machine && t.number == *n)
        };
        let number = (1..).find(|n| !taken(n)).unwrap_or(1);
        let terminal = Terminal::new(tty, shell, machine, number);
        self.terminals.insert(id, terminal);
        Some(id)
    }

    /// Simulates up to `t` (virtual nanoseconds), all that happens at `t` included.
    pub fn run_until(&mut self, t: u64) {
        loop {
            self.simulate(Instant(t), |_| false);
            if self.now() >= t || self.allowance == 0 {
                break;
            }
        }
        self.refresh();
    }

    /// Simulates until every terminal waits for input (or is closed), and a moment longer; at most `limit` nanoseconds.
    /// False if some command still runs.
    pub fn run_idle(&mut self, limit: u64) -> bool {
        let until = self.world.now() + Duration::from_nanos(limit);
        let waiting: Vec<_> = self.terminals.values().map(|t| (t.tty, t.shell)).collect();
        loop {
            let run = self.simulate(until, |k| {
                waiting.iter().all(|(tty, shell)| {
                    k.has_ended(*shell) || k.tty(*tty).is_some_and(|t| t.reading)
                })
            });
            self.refresh();
            if run == Run::OutOfSteps {
                return false;
            }
            let idle = self.terminals.values().all(|t| self.is_idle(t));
            if !idle && (run == Run::Idle || self.world.now() >= until) {
                return false;
            }
            // After the last command, and while some program reads the terminal that may yet become a shell with a prompt.
            let tail = self.world.now() + TAIL;
            self.simulate(tail, |_| false);
            self.refresh();
            if idle {
                return true;
            }
        }
    }

    /// Runs the world, looking at what is made as it is made: what lives and dies within one command is known afterwards.
    ///
    /// When the stage is looked at depends on what happens in the world and not on where this call begins and ends.
    fn simulate(&mut self, until: Instant, mut done: impl FnMut(&Kernel) -> bool) -> Run {
        let mut steps = STEPS.min(self.allowance);
        loop {
            let stop = self.look_due.map_or(until, |due| due.min(until));
            let seen = self.seen;
            let mut taken = 0;
            let mut is_done = false;
            let run = self.world.run(stop, steps, |k| {
                taken += 1;
                is_done |= done(k);
                is_done || Changes::of(k) != seen
            });
            steps = steps.saturating_sub(taken);
            self.allowance = self.allowance.saturating_sub(taken);
            if run == Run::Idle {
                self.world.wait_until(stop);
            }
            self.note_changes();
            let out_of_steps = run == Run::OutOfSteps || steps == 0;
            if is_done || out_of_steps || self.world.now() >= until {
                return if out_of_steps { Run::OutOfSteps } else { run };
            }
        }
    }

    /// Looks at the stage when something is made, and a moment after any change: by then servers listen and engines have
    /// written down what they did.
    fn note_changes(&mut self) {
        let now = self.world.now();
        let changes = self.world.kernel(|k| Changes::of(k));
        if changes != self.seen {
            self.seen = changes;
            self.look_due.get_or_insert(now + TAIL);
            if self.world.kernel(|k| self.places.learn(k)) {
                self.look(now);
            }
        }
        if let Some(due) = self.look_due.filter(|due| *due <= now) {
            self.look_due = None;
            self.look(due);
        }
    }

    /// Notes how the stage looks at `at`, which is now, if it differs from before.
    fn look(&mut self, at: Instant) {
        let stage = self
            .world
            .kernel(|k| topology::topology(k, &self.scenario, &mut self.marks));
        if self.stages.last().is_none_or(|(_, last)| **last != stage) {
            self.stages.push((at.as_nanos(), Rc::new(stage)));
            let containers = |s: &view::Topology| -> usize {
                s.machines.iter().map(|m| m.containers.len()).sum()
            };
            let mut room = KEPT_CONTAINERS;
            let kept = self.stages.iter().rev().take(KEPT_STAGES).take_while(|s| {
                let wanted = containers(&s.1);
                let fits = wanted <= room;
                room = room.saturating_sub(wanted);
                fits
            });
            let gone = self.stages.len() - kept.count().max(1);
            self.stages.drain(..gone);
        }
    }

    /// The stage as it is now.
    #[must_use]
    pub fn topology(&self) -> Rc<view::Topology> {
        let mut stage = self.stage.borrow_mut();
        if std::mem::take(&mut stage.stale) {
            // Numbers given to networks here are not kept, so that they do not depend on when somebody looked.
            let mut marks = self.marks.clone();
            let view = self
                .world
                .kernel(|k| topology::topology(k, &self.scenario, &mut marks));
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
        let start = usize::try_from(input)
            .ok()
            .and_then(|i| self.input_starts.get(i))
            .copied();
        let Some(start) = start else {
            return Vec::new();
        };
        self.world.kernel(|k| {
            journey::journeys(k.trace.since(start), &self.places, |seq| self.input_of(seq))
        })
    }

    /// The journeys of the packets sent since input number `input` began, without the layers of their hops, which
    /// [`Self::packet`] tells. What has not changed since `known` told it is the same value again.
    pub fn outlines(&self, input: u64, known: &mut Outlines) -> Vec<Rc<view::Journey>> {
        let start = usize::try_from(input)
            .ok()
            .and_then(|i| self.input_starts.get(i))
            .copied();
        let Some(start) = start else {
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
        self.world.kernel(|k| {
            let events: Vec<_> = k.trace.since(0).filter(|e| e.packet == id).collect();
            journey::packet_at(id, &events, &self.places, hop)
        })
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
        let stage = StageGraph::new(&self.topology());
        self.world.kernel(|k| {
            let directory = Directory::new(k);
            let events: Vec<_> = k.trace.since(start).collect();
            let lookups =
                lookup::lookups(events.iter().copied(), &self.places, &directory, |seq| {
                    self.input_of(seq)
                });
            explain::explain(&Evidence {
                input: self.next_input().saturating_sub(1),
                events: &events,
                journey: &|id| {
                    let id = journey::packet_of(id)?;
                    let own = events.iter().copied().filter(|e| e.packet == id);
                    journey::outlined(own, &self.places, |seq| self.input_of(seq)).pop()
                },
                lookups: &lookups,
                places: &self.places,
                directory: &directory,
                stage: &stage,
            })
        })
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
        self.world
            .kernel(|k| match k.machine_named(machine).map(|m| m.root_ns) {
                Some(ns) => rules::rules(k, machine, ns),
                None => view::Ruleset::default(),
            })
    }

    /// What could come next at `cursor` (in characters) of a line in a terminal.
    #[must_use]
    pub fn complete(&self, terminal: u32, line: &str, cursor: usize) -> view::Completions {
        let Some(terminal) = self.terminals.get(&terminal) else {
            return view::Completions::default();
        };
        self.world.kernel(|k| {
            let foreground = k
                .tty(terminal.tty)
                .and_then(|t| t.foreground)
                .unwrap_or(terminal.shell);
            complete::complete(k, foreground, &terminal.machine, line, cursor)
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
        let terminal = self.terminals.values().find(|t| t.machine == machine);
        self.world.kernel(|k| {
            let shell = terminal.and_then(|t| k.proc.get(t.shell));
            let cwd = shell.map_or(files::HOME, |p| p.cwd.as_str());
            editing::check(k, machine, path, text, cwd)
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
        self.world
            .kernel(|k| editing::complete(k, machine, path, text, place))
    }

    /// The lab, or what one of its machines holds, as a file; `None` if no engine runs on the machine.
    #[must_use]
    pub fn export(&self, machine: &str, what: view::Export) -> Option<view::Exported> {
        self.world.kernel(|k| match what {
            view::Export::Packets => Some(exports::packets(k, &self.places)),
            _ => exports::topology(k, machine, what),
        })
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

    /// During which input an event of the trace happened.
    fn input_of(&self, seq: u64) -> u64 {
        (self.input_starts.partition_point(|start| *start <= seq) as u64).saturating_sub(1)
    }

    fn is_idle(&self, terminal: &Terminal) -> bool {
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

    fn refresh(&mut self) {
        self.world.kernel(|k| self.places.rename(k));
        self.stage.get_mut().stale = true;
        for terminal in self.terminals.values_mut() {
            self.world.kernel(|k| {
                let Some(tty) = k.tty(terminal.tty) else {
                    return;
                };
                terminal.update(&tty.output);
                let process = tty.foreground.and_then(|id| k.proc.get(id));
                let first = process.and_then(|p| p.pid_ns);
                if first != terminal.inside.as_ref().map(|i| i.0) {
                    let directory = first.map(|_| Directory::new(k));
                    terminal.enter(directory.and_then(|directory| {
                        let name = directory.of_process(first?)?.container.name.clone();
                        Some((first?, name, process?.comm()))
                    }));
                }
            });
        }
    }

    /// Whether there is something to undo.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.log.iter().any(|e| e.input.is_step())
    }

    /// Whether there is something to redo.
    #[must_use]
    pub const fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Takes back the last line that was typed, and everything since: the lab is then as it was when the line was typed.
    pub fn undo(&mut self) {
        let Some(last) = self.log.iter().rposition(|e| e.input.is_step()) else {
            return;
        };
        let entries = self.log.split_off(last);
        let now = self.now();
        let at = entries.first().map_or(now, |e| e.at);
        self.undone.push(Undone { entries, now });
        self.rewind(at);
    }

    /// Does again what was undone last: the lab is then as it was before the undoing.
    pub fn redo(&mut self) {
        let Some(Undone { entries, now }) = self.undone.pop() else {
            return;
        };
        // Time may have passed since.
        if let Some(first) = entries.first()
            && first.at < self.now()
        {
            self.rewind(first.at);
        }
        self.replay(entries);
        self.run_until(now);
    }

    /// Back to the beginning. Can itself be undone by nothing: the log is empty.
    pub fn reset(&mut self) {
        self.log.clear();
        self.undone.clear();
        self.restart();
    }

    fn restart(&mut self) {
        let undone = std::mem::take(&mut self.undone);
        // The scenario was built before, so it can be built again.
        if let Ok(fresh) = Self::begin(self.scenario.clone(), self.seed) {
            *self = fresh;
        }
        self.undone = undone;
    }

    /// Goes back to `at` with the log that there is.
    fn rewind(&mut self, at: u64) {
        let log = std::mem::take(&mut self.log);
        self.restart();
        self.replay(log);
        self.run_until(at);
    }

    fn replay(&mut self, log: Vec<Entry>) {
        for entry in log {
            self.run_until(entry.at);
            self.enter(entry);
        }
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

#[cfg(test)]
mod endless;
#[cfg(test)]
mod tests;
