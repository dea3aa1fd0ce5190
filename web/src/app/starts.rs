//! Beginnings: where a lab starts, what a visitor is shown first, and the way back.

use lab::starts::{self, Start};

use super::{App, Msg, Pane, Tab, Toast, look};
use crate::messages;
use crate::owner::Owner;
use crate::platform::{self, storage};

/// Stops of the tour.
pub(crate) const STOPS: usize = 5;
/// Four of them, by what they are at.
pub(super) const TERMINAL: usize = 0;
pub(super) const STAGE: usize = 1;
pub(super) const PLAYBACK: usize = 2;
const JOURNEY: usize = 3;

/// Where the saved lab began, if that is known.
pub(super) fn remembered() -> Option<usize> {
    let name = storage::read(storage::START).ok().flatten()?;
    starts::all().iter().position(|s| s.name == name)
}

/// Whether nobody has been here before. A browser that cannot remember it is not asked twice a visit.
pub(super) fn first_visit() -> bool {
    let unseen = |key: &str| matches!(storage::read(key), Ok(None));
    unseen(storage::TOUR) && unseen(storage::LAB)
}

impl App {
    /// Begins anew; what was there can be had back.
    pub(super) fn begin(&mut self, start: &Start, index: Option<usize>) {
        let lost = self.views.can_undo.then(|| self.owner.borrow().save());
        let owner = match (index, self.late) {
            (Some(_), Some(late)) => match Owner::start(start, late) {
                Ok(owner) => Some(owner),
                Err(reason) => return self.toast(reason, false, true),
            },
            _ => {
                self.owner.borrow_mut().reset();
                None
            }
        };
        self.replace(owner);
        self.start = index;
        storage::keep(storage::START, index.map(|_| start.name));
        let next = start.next.filter(|_| index.is_some());
        if let Some((machine, _)) = next {
            let terminal = self.owner.borrow().terminal_of(machine);
            if let Some(terminal) = terminal {
                self.bring_forward(terminal);
            }
        }
        self.next_toast += 1;
        self.toasts.clear();
        self.toasts.push(Toast {
            id: self.next_toast,
            text: match index {
                Some(_) => messages::known(start.title).to_owned(),
                None => messages::was_reset().to_owned(),
            },
            detail: String::new(),
            undo: lost.is_some(),
            lines: 0,
            back: lost.map(Into::into),
            next: next.map(|(m, l)| (m.to_owned(), l.to_owned())),
            bad: false,
            until: f64::INFINITY,
        });
        self.focus(super::desk::FRONT);
    }

    /// Brings back a lab that was there before.
    pub(super) fn bring_back(&mut self, saved: &str) {
        let Some(late) = self.late else { return };
        match Owner::restore(saved, late) {
            Ok(owner) => {
                self.replace(Some(owner));
                // What was worked in there is in front again.
                let runs = self.views.terminals.iter();
                let last = runs.filter_map(|t| Some((t.runs.last()?.input, t.id)));
                if let Some((_, id)) = last.max() {
                    self.desk.show(id);
                }
                self.start = None;
                storage::forget(storage::START);
            }
            Err(reason) => self.toast(messages::unreadable(&reason), false, true),
        }
    }

    /// Shows another lab, or the same one anew.
    fn replace(&mut self, owner: Option<Owner>) {
        self.memory = Default::default();
        self.selected = None;
        // What was inspected is gone.
        if self.tab == Tab::Inspector {
            self.tab = Tab::Journey;
        }
        self.walking = None;
        self.filter = None;
        self.fitted = true;
        self.history(|old| {
            if let Some(owner) = owner {
                *old = owner;
                old.refresh();
            }
        });
        self.fresh.clear();
        self.lay_out();
    }

    /// Goes on with the tour, or ends it for good.
    pub(super) fn tour(&mut self, stop: Option<usize>) {
        self.tour = stop.filter(|s| *s < STOPS);
        match self.tour {
            Some(stop) => {
                self.dialog = None;
                // Where one part is shown at a time, it is the one that the tour speaks of.
                self.pane = match stop {
                    TERMINAL => Pane::Terminal,
                    JOURNEY => Pane::Journey,
                    _ => Pane::Stage,
                };
            }
            None => {
                storage::keep(storage::TOUR, Some("seen"));
                // Its button had focus, and is gone: the next thing to do is to type. Who is elsewhere stays there.
                let here = platform::focused();
                if here.is_none_or(|f| {
                    f.tag_name() == "BODY" || f.closest(".tour").is_ok_and(|t| t.is_some())
                }) {
                    self.focus(super::desk::FRONT);
                }
            }
        }
    }

    /// Goes on with the tour when somebody did, or saw, what a stop speaks of. Where one part of the page is shown at a time,
    /// none is taken away from whoever watches it.
    pub(super) fn tour_follows(&mut self, done: usize) {
        let watching = done == PLAYBACK && look::side_is_apart();
        if self.tour == Some(done) && !watching {
            self.tour(Some(done + 1));
        }
    }

    /// The start that the lab came from, or the first one.
    pub(super) fn restart(&mut self) {
        let all = starts::all();
        let chosen = self.start.and_then(|i| all.get(i));
        let index = chosen.and(self.start);
        if let Some(start) = chosen.or(all.first()) {
            self.begin(start, index);
        }
    }

    /// Begins at one of the starts.
    pub(super) fn begin_at(&mut self, index: usize) {
        self.handle(Msg::Dialog(None));
        if let Some(start) = starts::all().get(index) {
            self.begin(start, Some(index));
        }
    }
}
