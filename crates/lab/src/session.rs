//! Commands on the machines of one scenario, without a log: what tests and the native command drive.

use crate::explain::{self, Asked};
use crate::late::LATE;
use crate::places::Places;
use crate::rules;
use crate::scenario::{Scenario, login_environment};
use crate::topology::{self, Marks, Seen};
use crate::view::{Explanation, Ruleset};
use bytes::Bytes;
use kernel::ids::{MachineId, ProcessId};
use kernel::process::exec::Spawn;
use kernel::process::files::{Fd, FileKind};
use kernel::process::signal::Signal;
use kernel::process::tty::{Output, Stream, TtyId};
use kernel::time::{Duration, Instant};
use kernel::world::{Run, World};

/// How many steps a command may take: far more than any that makes sense, few enough that a runaway ends in seconds.
const STEPS: u64 = 20_000_000;

/// What is said of a command that took more steps than it may.
pub const OUT_OF_STEPS: &str =
    "drydock: the command did not end within the steps that it is given\n";

/// How long daemons get to come up before the first command.
const BOOT: Duration = Duration::from_secs(5);

/// What a command printed and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Standard output and error together, as they were written.
    pub output: String,
    /// The exit status; 124 if the command was stopped because its time was up, as `timeout(1)` says it.
    pub exit: i32,
}

/// A lab that is driven command by command.
pub struct Session {
    world: World,
    scenario: Scenario,
    /// How many steps a command may take.
    steps: u64,
    watch: Option<Watch>,
}

/// What is kept of the last command, so that it can be explained.
#[derive(Default)]
struct Watch {
    places: Places,
    start: u64,
    since: u64,
    typed: String,
}

/// A terminal of a [`Session`].
pub struct Terminal {
    tty: TtyId,
    shell: ProcessId,
    shown: usize,
}

impl Session {
    /// The recording LAN, with the engines of these machines running.
    /// # Errors
    /// If an engine does not come up; the text says why.
    pub fn new(engines: &[&str], daemon_json: Option<&str>, seed: u64) -> Result<Self, String> {
        let scenario = Scenario::recording(engines, daemon_json);
        let mut world = scenario.build(seed, Some(&LATE))?;
        let until = world.now() + BOOT;
        world.run(until, STEPS, |_| false);
        Ok(Self {
            world,
            scenario,
            steps: STEPS,
            watch: None,
        })
    }

    /// From now on looks at what each command makes, so that [`Self::explanation`] can be asked.
    pub fn watch(&mut self) {
        let mut watch = Watch::default();
        self.world.kernel(|k| watch.places.learn(k));
        self.watch = Some(watch);
    }

    /// Why the last command did not get what it wanted; `None` if nothing went wrong, or nobody [watched](Self::watch).
    #[must_use]
    pub fn explanation(&self) -> Option<Explanation> {
        let watch = self.watch.as_ref()?;
        let asked = Asked {
            input: 0,
            start: watch.start,
            since: watch.since,
            typed: &watch.typed,
        };
        self.world.kernel(|k| {
            let (mut marks, mut seen) = (Marks::default(), Seen::default());
            let stage = topology::topology(k, &self.scenario, &mut marks, &mut seen);
            explain::last(k, &watch.places, &stage, &asked)
        })
    }

    /// The rules and tracked connections of a machine's root namespace.
    #[must_use]
    pub fn rules(&self, machine: &str) -> Ruleset {
        self.world.kernel(|k| rules::of_machine(k, machine))
    }

    /// Lets no command take more than so many steps.
    pub const fn limit_steps(&mut self, steps: u64) {
        self.steps = steps;
    }

    /// The world, to look into.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// Whether nothing goes on any more in any swarm.
    #[must_use]
    pub fn swarms_rest(&self) -> bool {
        self.world.kernel(|k| {
            let mut machines = k.machines.iter();
            machines.all(|m| engine::survey::swarm_rests(k, m.id))
        })
    }

    fn machine(&self, name: &str) -> Result<MachineId, String> {
        self.world
            .kernel(|k| k.machine_named(name).map(|m| m.id))
            .ok_or_else(|| format!("there is no machine {name}"))
    }

    /// Runs a command line on a machine, without a terminal, until it ends.
    /// # Errors
    /// If there is no such machine.
    pub fn run(
        &mut self,
        machine: &str,
        command: &str,
        cwd: &str,
        limit_seconds: u64,
    ) -> Result<Outcome, String> {
        let machine = self.machine(machine)?;
        let started = self.world.kernel(|k| {
            let root = k.machine(machine)?.root;
            if let Some(tree) = k.tree_mut(root)
                && tree.get(cwd).is_none()
            {
                tree.put(cwd, kernel::fs::Node::Dir, 0o755, Instant::ZERO);
            }
            let argv = ["bash", "-c", command].map(str::to_owned).to_vec();
            let mut spawn = Spawn::on_machine(k, machine, argv)?;
            spawn.env = login_environment();
            spawn.cwd = cwd.to_owned();
            let sink = k.proc.files.add(FileKind::Sink(Output::default()));
            let null = k.proc.files.add(FileKind::Null);
            spawn
                .fds
                .extend([(Fd::STDIN, null), (Fd::STDOUT, sink), (Fd::STDERR, sink)]);
            Some((spawn, sink, null))
        });
        let Some((spawn, sink, null)) = started else {
            return Err("the machine is gone".into());
        };
        let id = self.world.spawn(spawn).map_err(|e| format!("bash: {e}"))?;
        let until = self.world.now() + Duration::from_secs(limit_seconds);
        if let Some(watch) = &mut self.watch {
            command.clone_into(&mut watch.typed);
            let (start, now) = self.world.kernel(|k| (k.trace.next_seq(), k.now));
            (watch.start, watch.since) = (start, now.as_nanos());
        }
        let (mut seen, watch) = ((0, 0, 0), &mut self.watch);
        let ended = self.world.run(until, self.steps, |k| {
            if let Some(watch) = watch
                && seen != Places::count(k)
            {
                seen = Places::count(k);
                watch.places.learn(k);
            }
            k.has_ended(id)
        });
        if let Some(watch) = &mut self.watch {
            self.world.kernel(|k| {
                watch.places.learn_all(k);
                watch.places.rename(k);
            });
        }
        let exit = match self.world.kernel(|k| k.reap(id)) {
            Some(status) => status.code(),
            None => {
                self.stop(id);
                124
            }
        };
        let mut output = self
            .world
            .kernel(|k| k.proc.files.sink(sink).map(Output::text))
            .unwrap_or_default();
        if ended == Run::OutOfSteps {
            output.push_str(OUT_OF_STEPS);
        }
        self.world.kernel(|k| {
            k.file_release(sink);
            k.file_release(null);
        });
        Ok(Outcome { output, exit })
    }

    fn stop(&mut self, id: ProcessId) {
        self.world.kernel(|k| {
            k.kill_group(id, Signal::TERM);
            k.kill_group(id, Signal::KILL);
        });
        let now = self.world.now();
        self.world.run(now, self.steps, |k| k.has_ended(id));
        self.world.kernel(|k| k.reap(id));
    }

    /// Writes a file on a machine, with the directories above it.
    /// # Errors
    /// If there is no such machine.
    pub fn write_file(
        &mut self,
        machine: &str,
        path: &str,
        contents: impl Into<Bytes>,
    ) -> Result<(), String> {
        let machine = self.machine(machine)?;
        self.world.kernel(|k| {
            let (now, root) = (k.now, k.machine(machine).map(|m| m.root));
            if let Some(tree) = root.and_then(|r| k.tree_mut(r)) {
                tree.put(path, kernel::fs::Node::File(contents.into()), 0o644, now);
            }
        });
        Ok(())
    }

    /// What a machine holds as a file; `None` if no engine runs there.
    #[must_use]
    pub fn export(
        &self,
        machine: &str,
        what: crate::view::Export,
    ) -> Option<crate::view::Exported> {
        self.world
            .kernel(|k| crate::exports::topology(k, machine, what))
    }

    /// Lets virtual time pass.
    pub fn advance_ms(&mut self, ms: u64) {
        let until = self.world.now() + Duration::from_millis(ms);
        if self.world.run(until, self.steps, |_| false) == Run::Idle {
            self.world.wait_until(until);
        }
    }

    /// Opens a terminal with an interactive shell on a machine.
    /// # Errors
    /// If there is no such machine.
    pub fn open_terminal(&mut self, machine: &str) -> Result<Terminal, String> {
        let machine = self.machine(machine)?;
        let (tty, spawn) = self
            .world
            .kernel(|k| shell_on_terminal(k, machine, "bash"))
            .ok_or("the machine is gone")?;
        let shell = self.world.spawn(spawn).map_err(|e| format!("bash: {e}"))?;
        self.world.kernel(|k| {
            if let Some(t) = k.tty_mut(tty) {
                t.foreground = Some(shell);
            }
        });
        self.settle(tty, shell, 1);
        Ok(Terminal {
            tty,
            shell,
            shown: 0,
        })
    }

    /// Types a line and lets the world run until the terminal wants input again.
    pub fn terminal_line(&mut self, terminal: &mut Terminal, line: &str, limit_seconds: u64) {
        let echoes = self.world.kernel(|k| {
            k.tty_type(terminal.tty, &format!("{line}\n"));
            k.tty(terminal.tty).is_some_and(|t| t.echo)
        });
        // The person's own terminal has echoed the line already.
        if echoes {
            terminal.shown += line.len() + 1;
        }
        self.settle(terminal.tty, terminal.shell, limit_seconds);
    }

    fn settle(&mut self, tty: TtyId, shell: ProcessId, limit_seconds: u64) {
        let until = self.world.now() + Duration::from_secs(limit_seconds);
        self.world.run(until, self.steps, |k| {
            k.has_ended(shell) || k.tty(tty).is_some_and(|t| t.reading)
        });
    }

    /// What was printed since the last call, without the marks that shells put around their prompts.
    pub fn terminal_output(&self, terminal: &mut Terminal) -> String {
        let all = self
            .world
            .kernel(|k| k.tty(terminal.tty).map(|t| t.output.text()))
            .unwrap_or_default();
        let new = all.get(terminal.shown..).unwrap_or_default().to_owned();
        terminal.shown = all.len();
        crate::prompt::strip_marks(&new)
    }

    /// Whether the terminal's shell has ended.
    #[must_use]
    pub fn terminal_closed(&self, terminal: &Terminal) -> bool {
        self.world.kernel(|k| k.has_ended(terminal.shell))
    }
}

/// A terminal on a machine and the program to start in it: a shell, or what keeps one there.
pub(crate) fn shell_on_terminal(
    k: &mut kernel::Kernel,
    machine: MachineId,
    program: &str,
) -> Option<(TtyId, Spawn)> {
    let tty = k.tty_add();
    let mut spawn = Spawn::on_machine(k, machine, vec![program.to_owned()])?;
    spawn.env = login_environment();
    for (name, value) in &mut spawn.env {
        if name == "TERM" {
            "xterm-256color".clone_into(value);
        }
    }
    spawn.tty = Some(tty);
    let out = k.proc.files.add(FileKind::Tty(tty, Stream::Out));
    let err = k.proc.files.add(FileKind::Tty(tty, Stream::Err));
    spawn
        .fds
        .extend([(Fd::STDIN, out), (Fd::STDOUT, out), (Fd::STDERR, err)]);
    Some((tty, spawn))
}
