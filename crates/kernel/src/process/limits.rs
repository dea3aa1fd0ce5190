//! What keeps programs that never stop from taking all of the machine: its processor's time, and its room for processes.

use crate::errno::Errno;
use crate::ids::{MachineId, ProcessId};
use crate::map::Lookup;
use crate::state::Kernel;
use crate::time::{Duration, Instant};
use sorted::SortedMap;
use std::collections::VecDeque;

/// System calls that a process may make at once; ordinary programs sleep or wait long before.
const BURST: i64 = 256;

/// What each further one costs, nanoseconds: a loop that never waits makes a hundred thousand a second, and others get
/// their turn between them.
const CALL_COST: u64 = 10_000;

/// Processes that a machine itself may have, containers not counted; as systemd's `TasksMax` bounds a session.
const MACHINE_PROCESSES: u32 = 4096;

/// Processes that a container may have. Docker sets no limit of its own; a small host's kernel would refuse about here.
const CONTAINER_PROCESSES: u32 = 1024;

/// Ended processes whose names are remembered, so that what they sent can still be told.
const REMEMBERED: usize = 20_000;

/// How many system calls a process has in hand, and since when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Credit {
    left: i64,
    at: Instant,
}

impl Credit {
    pub(crate) const fn new(now: Instant) -> Self {
        Self {
            left: BURST,
            at: now,
        }
    }

    /// Takes one, and says how long it takes to earn it.
    fn take(&mut self, now: Instant) -> Duration {
        let earned = now.0.saturating_sub(self.at.0) / CALL_COST;
        self.left = self.left.saturating_add_unsigned(earned).min(BURST);
        self.at.0 += earned * CALL_COST;
        self.left = self.left.saturating_sub(1);
        let owed = self.left.min(0).unsigned_abs();
        Duration::from_nanos(owed.saturating_mul(CALL_COST))
    }

    /// Takes one that is paid for by the next call that may wait.
    pub(crate) const fn borrow(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}

/// How many processes there are, by machine and pid namespace.
#[derive(Debug, Default)]
pub(crate) struct Crowds(SortedMap<(MachineId, Option<ProcessId>), u32>);

impl Crowds {
    pub(crate) fn grow(&mut self, machine: MachineId, pid_ns: Option<ProcessId>) {
        *self.0.entry((machine, pid_ns)).or_default() += 1;
    }

    pub(crate) fn shrink(&mut self, machine: MachineId, pid_ns: Option<ProcessId>) {
        if let Some(count) = self.0.get_mut(&(machine, pid_ns)) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.0.remove(&(machine, pid_ns));
            }
        }
    }

    /// Whether there is room for one more.
    pub(crate) fn check(&self, machine: MachineId, pid_ns: Option<ProcessId>) -> Result<(), Errno> {
        let limit = if pid_ns.is_some() {
            CONTAINER_PROCESSES
        } else {
            MACHINE_PROCESSES
        };
        match self.0.get(&(machine, pid_ns)) {
            Some(count) if *count >= limit => Err(Errno::EAGAIN),
            _ => Ok(()),
        }
    }
}

/// The names of the processes that ended last.
#[derive(Debug, Default)]
pub(crate) struct Departed {
    names: Lookup<ProcessId, String>,
    order: VecDeque<ProcessId>,
}

impl Departed {
    pub(crate) fn note(&mut self, id: ProcessId, name: String) {
        self.names.insert(id, name);
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(first) = self.order.pop_front()
        {
            self.names.remove(&first);
        }
    }

    pub(crate) fn name(&self, id: ProcessId) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }
}

impl Kernel {
    /// Lets process `id` pay for a system call, and says from when on it may be made. If that is later, the running task is woken
    /// then: tasks of a process that pay at once have their turns one after the other.
    pub(crate) fn pay_for_call(&mut self, id: ProcessId) -> Instant {
        let now = self.now;
        let wait = self.proc.get_mut(id).map(|p| p.credit.take(now));
        let at = now + wait.unwrap_or(Duration::ZERO);
        if at > now {
            self.wake_at(at);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_cost_time_once_the_burst_is_spent() {
        let mut credit = Credit::new(Instant(5));
        let mut waits = |at| u64::try_from(credit.take(Instant(at)).as_nanos()).unwrap();
        assert!((0..BURST).all(|_| waits(5) == 0));
        assert_eq!(waits(5), CALL_COST);
        // Who asks meanwhile comes after that one.
        assert_eq!(waits(5 + CALL_COST - 1), 2 * CALL_COST);
        assert_eq!(waits(5 + 2 * CALL_COST), CALL_COST);
        assert!((0..BURST).all(|_| waits(u64::MAX / 2) == 0));
        assert_eq!(waits(u64::MAX / 2), CALL_COST);
    }

    #[test]
    fn what_was_borrowed_is_earned_first() {
        let mut credit = Credit::new(Instant(5));
        (0..BURST + 3).for_each(|_| credit.borrow());
        let wait = Duration::from_nanos(4 * CALL_COST);
        assert_eq!(credit.take(Instant(5)), wait);
        assert_eq!(
            credit.take(Instant(5) + wait),
            Duration::from_nanos(CALL_COST)
        );
    }

    #[test]
    fn a_container_is_full_before_its_machine() {
        let mut crowds = Crowds::default();
        let (machine, first) = (MachineId(0), Some(ProcessId(7)));
        for _ in 0..CONTAINER_PROCESSES {
            assert_eq!(crowds.check(machine, first), Ok(()));
            crowds.grow(machine, first);
        }
        assert_eq!(crowds.check(machine, first), Err(Errno::EAGAIN));
        assert_eq!(crowds.check(machine, None), Ok(()));
        crowds.shrink(machine, first);
        assert_eq!(crowds.check(machine, first), Ok(()));
    }
}
