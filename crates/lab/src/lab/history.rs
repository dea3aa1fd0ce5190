//! Taking back and doing again: the log cut or prolonged, and the world built anew from it.

use super::{Lab, Undone};
use crate::log::Entry;

impl Lab {
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
        if let Ok(fresh) = Self::of(self.scenario.clone(), self.seed, self.late) {
            *self = fresh;
        }
        self.undone = undone;
    }

    /// Goes back to `at` with the log that there is.
    pub(super) fn rewind(&mut self, at: u64) {
        let log = std::mem::take(&mut self.log);
        self.restart();
        self.replay(log);
        self.run_until(at);
    }

    pub(super) fn replay(&mut self, log: Vec<Entry>) {
        for entry in log {
            self.run_until(entry.at);
            self.enter(entry);
        }
    }
}
