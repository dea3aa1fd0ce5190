//! The façade: a lab is its scenario, its seed and its log; the world is what follows from them.
//!
//! Here are inputs, saving and restoring; [`run`] lets the world go on, [`history`] takes back, [`ask`] answers.

mod ask;
mod history;
mod run;

use crate::files;
use crate::late::{LATE, Late};
use crate::log::{Entry, Input, Key, Saved, VERSION};
use crate::login;
use crate::names::Directory;
use crate::places::Places;
use crate::scenario::{Role, Scenario};
use crate::session::shell_on_terminal;
use crate::terminal::Terminal;
use crate::topology::{Marks, Seen};
use crate::view;
use kernel::Kernel;
use kernel::time::{Duration, Instant};
use kernel::world::World;
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

/// A lab.
pub struct Lab {
    /// What does what only comes later, once it is there.
    late: Option<&'static Late>,
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
    /// The containers as they were seen last.
    sights: RefCell<Seen>,
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
        Self::begin(scenario, seed, Some(&LATE))
    }

    /// A fresh lab that can be looked at, but not used before the rest comes: see [`Self::finish`].
    /// # Errors
    /// If there is no such scenario.
    pub fn early(scenario: &str, seed: u64) -> Result<Self, String> {
        Self::begin(scenario, seed, None)
    }

    /// Brings the rest of what [`Self::early`] made.
    pub fn finish(&mut self, late: &'static Late) {
        (late.programs)(self.world.programs());
        self.late = Some(late);
    }

    pub(crate) fn begin(
        scenario: &str,
        seed: u64,
        late: Option<&'static Late>,
    ) -> Result<Self, String> {
        let scenario = Scenario::named(scenario)
            .ok_or_else(|| format!("there is no scenario called {scenario}"))?;
        Self::of(scenario, seed, late)
    }

    fn of(scenario: Scenario, seed: u64, late: Option<&'static Late>) -> Result<Self, String> {
        let world = scenario.build(seed, late)?;
        let mut lab = Self {
            late,
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
            sights: RefCell::default(),
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
        Self::restore_with(saved, &LATE, None)
    }

    /// The same, with what comes late from elsewhere, and out of a fresh lab if the saved one began as that.
    /// # Errors
    /// As [`Self::restore`].
    pub fn restore_with(
        saved: &str,
        late: &'static Late,
        fresh: Option<Self>,
    ) -> Result<Self, String> {
        let saved = Saved::parse(saved)?;
        let fits = |lab: &Self| {
            lab.scenario.name == saved.scenario && lab.seed == saved.seed && lab.log.is_empty()
        };
        let mut lab = match fresh.filter(fits) {
            Some(mut lab) => {
                lab.finish(late);
                lab
            }
            None => Self::begin(&saved.scenario, saved.seed, Some(late))?,
        };
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
}

#[cfg(test)]
mod endless;
#[cfg(test)]
mod tests;
