//! What happens by itself, frame by frame: the simulation goes on, and what it shows is taken.

use super::{App, Waking, starts};
use crate::platform;
use crate::shared::Shared;

/// Milliseconds of a frame that the simulation may take.
const PUMP_BUDGET: f64 = 6.0;
/// The same while nothing is being played.
const PUMP_ALONE: f64 = 11.0;
/// Milliseconds that one slice of virtual time should take: more are divided, fewer are joined.
const SLICE_COST: (f64, f64) = (0.8, 3.0);
/// Virtual nanoseconds of the first slice, of the least and of the longest one.
pub(super) const FIRST_SLICE: u64 = 20_000_000;
const LEAST_SLICE: u64 = 10_000;
pub(super) const LONGEST_SLICE: u64 = 1_000_000_000;
/// Virtual nanoseconds simulated in a frame at most, so that what never ends is not run far ahead of what is shown.
pub(super) const MOST_AT_ONCE: u64 = 4_000_000_000;
/// Film that is simulated ahead of what is shown, in milliseconds.
const AHEAD: f64 = 30_000.0;
/// Milliseconds between two looks at a simulation that goes on, at least, and how many times as long as a look takes.
const REFRESH: f64 = 150.0;
const REFRESH_SHARE: f64 = 10.0;
/// Milliseconds after which changes are saved.
pub(super) const SAVE_AFTER: f64 = 400.0;

impl App {
    /// One frame: simulate, advance, paint.
    pub(super) fn frame(&mut self, at: f64) -> bool {
        let passed = (at - self.last_frame).max(0.0);
        self.last_frame = at;
        if self.waking < Waking::Up {
            return self.wake();
        }
        let mut redraw = self.measure();
        redraw |= self.pump(at);
        self.travel(passed);
        self.sharpen(at);
        let before = self.player.playing;
        self.player.advance(&self.film, passed);
        if before {
            redraw |= self.reach();
            self.move_thumb();
        }
        let halo = !self.still && self.step.is_some() && !self.player.at_end(&self.film);
        if before || halo || self.painted {
            self.paint(at);
        }
        let count = self.toasts.len();
        self.toasts.retain(|t| t.bad || t.until > at);
        redraw |= self.toasts.len() != count || before != self.player.playing;
        if before && !self.player.playing && self.player.at_end(&self.film) {
            self.tour_follows(starts::PLAYBACK);
        }
        if self.save_at.is_some_and(|due| at >= due) {
            self.save_at = None;
            redraw |= self.save();
        }
        redraw
    }

    /// Does one step of what is done once the terminal is there; whether the page has to be drawn again.
    fn wake(&mut self) -> bool {
        self.waking = match self.waking {
            // The browser may draw a frame before the terminal is there.
            Waking::Begun => Waking::Begun,
            Waking::Prompt => Waking::Seen,
            Waking::Seen => {
                self.owner.borrow_mut().refresh();
                self.views = self.owner.borrow().views.clone();
                Waking::Told
            }
            Waking::Told => Waking::Framed,
            Waking::Framed => {
                // The place of the stage is as large as the stage will be.
                if !self.measure() {
                    self.lay_out();
                }
                self.rewind_film();
                self.finish_film();
                Waking::LaidOut
            }
            Waking::LaidOut | Waking::Up | Waking::Awake => Waking::Up,
        };
        matches!(self.waking, Waking::Framed | Waking::Up)
    }

    /// Lets the simulation go on within its budget.
    fn pump(&mut self, at: f64) -> bool {
        if !self.pumping {
            return false;
        }
        let urgent = !self.awaited.is_empty();
        if !urgent && self.film.length - self.player.position > AHEAD {
            return false;
        }
        let budget = if self.player.playing {
            PUMP_BUDGET
        } else {
            PUMP_ALONE
        };
        let started = platform::now();
        let mut more = true;
        let mut simulated = 0;
        let mut now = started;
        while more && simulated < MOST_AT_ONCE && now - started < budget {
            more = self.owner.borrow_mut().pump(self.slice);
            simulated += self.slice;
            let cost = platform::now() - now;
            now += cost;
            if cost > SLICE_COST.1 {
                self.slice = (self.slice / 2).max(LEAST_SLICE);
            } else if cost < SLICE_COST.0 {
                self.slice = (self.slice * 2).min(LONGEST_SLICE);
            }
        }
        self.pumping = more;
        if more && at - self.last_refresh < REFRESH.max(self.look_cost * REFRESH_SHARE) {
            return false;
        }
        self.last_refresh = at;
        self.owner.borrow_mut().refresh();
        self.take_views();
        self.look_cost = platform::now() - now;
        true
    }

    /// Takes what the lab shows now and makes a film of it.
    pub(super) fn take_views(&mut self) {
        let new = self.owner.borrow().views.clone();
        let seen: Vec<u32> = self.desk.seen().collect();
        for t in new.terminals.iter().filter(|t| !seen.contains(&t.id)) {
            let before = self
                .views
                .terminals
                .iter()
                .find(|b| b.id == t.id)
                .map_or(u64::MAX, |b| b.first + b.lines.len() as u64);
            if t.first + t.lines.len() as u64 > before && !self.fresh.contains(&t.id) {
                self.fresh.push(t.id);
            }
        }
        let relayout = new.topology != self.views.topology;
        let mishap = new.explanation != self.views.explanation && new.journeys.is_empty();
        let refilm = new.journeys != self.views.journeys || new.terminals != self.views.terminals;
        self.views = new;
        let passed = !self.backstage && self.passes_backstage();
        self.backstage |= passed;
        if relayout || passed {
            self.lay_out();
        }
        if mishap {
            self.tell_mishap();
        }
        if refilm {
            let ended = self.player.at_end(&self.film) && !self.player.playing;
            let shown = self.now_shown();
            let begun = self.player.position > 0.0;
            self.make_film();
            // A crowd moves faster the larger it is: what has been shown stays shown.
            if begun && !self.film.crowd.is_empty() {
                self.player.position = self.film.position_of(shown);
            }
            let worth = self.worth_playing();
            if worth {
                self.tour_follows(starts::STAGE);
            }
            if worth && !self.still {
                // The film grew: what was at its end goes on.
                self.player.playing |= ended;
            } else {
                self.player.finish(&self.film);
            }
            self.moved();
        }
        if refilm && self.heat.is_some() {
            self.heat = Shared::new(Some(self.warmth()));
        }
        self.check_desk();
        let shown = self.now_shown();
        self.turn_terminals(shown);
        self.look_up();
        self.settle_awaited();
    }
}
