//! Letting the world go on, and noting how the stage looks on the way.

use super::{Changes, Lab, STEPS, TAIL};
use crate::topology;
use crate::view;
use kernel::Kernel;
use kernel::time::{Duration, Instant};
use kernel::world::Run;
use std::rc::Rc;

/// How many looks of the stage are kept for playback.
const KEPT_STAGES: usize = 500;
/// How many containers those hold together, which is what takes room.
const KEPT_CONTAINERS: usize = 50_000;

/// So many containers are a crowd.
const CROWD: usize = 50;
/// For each such crowd on the stage, it is looked at so many moments later.
const MOMENTS: usize = 2;

fn containers(stage: &view::Topology) -> usize {
    stage.machines.iter().map(|m| m.containers.len()).sum()
}

impl Lab {
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
    pub(super) fn simulate(
        &mut self,
        until: Instant,
        mut done: impl FnMut(&Kernel) -> bool,
    ) -> Run {
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
    /// written down what they did. The more stands there, the longer that moment is, and of many nobody sees one come.
    fn note_changes(&mut self) {
        let now = self.world.now();
        let changes = self.world.kernel(|k| Changes::of(k));
        if changes != self.seen {
            self.seen = changes;
            let crowds = self.stages.last().map_or(0, |(_, s)| containers(s)) / CROWD;
            let moments = u32::try_from(1 + MOMENTS * crowds).unwrap_or(u32::MAX);
            self.look_due
                .get_or_insert(now + TAIL.saturating_mul(moments));
            if self.world.kernel(|k| self.places.learn(k)) && crowds == 0 {
                self.look(now);
            }
        }
        if let Some(due) = self.look_due.filter(|due| *due <= now) {
            self.look_due = None;
            self.world.kernel(|k| self.places.learn_all(k));
            self.look(due);
        }
    }

    /// Notes how the stage looks at `at`, which is now, if it differs from before.
    fn look(&mut self, at: Instant) {
        let (marks, seen) = (&mut self.marks, self.sights.get_mut());
        let stage = self
            .world
            .kernel(|k| topology::topology(k, &self.scenario, marks, seen));
        if self.stages.last().is_none_or(|(_, last)| **last != stage) {
            self.stages.push((at.as_nanos(), Rc::new(stage)));
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
}
