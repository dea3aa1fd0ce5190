//! What somebody does with the terminals.

use std::rc::Rc;

use lab::view;
use yew::AttrValue;

use super::deeds::{Deed, things_to_do};
use super::desk::{FRONT, LEAST_HEIGHT, Wish, share};
use super::frame::LONGEST_SLICE;
use super::{App, Msg, Pane};
use crate::messages as words;
use crate::platform::{self, clipboard, storage};
use crate::shared::Shared;

/// Terminals that can be open at once.
const MOST_TERMINALS: usize = 24;
/// What is left to the page above them.
const LEAST_REST: f64 = 200.0;

/// Text that is put into the line of the terminal in front, and how often there was one.
pub(super) type Pasted = (u32, AttrValue);

impl App {
    /// Does what somebody wants of the terminals; whether the page has to be drawn again.
    pub(super) fn desk(&mut self, wish: Wish) -> bool {
        match wish {
            Wish::Lines(id, lines) => {
                self.words.back = None;
                match lines.as_slice() {
                    [line] => {
                        self.type_line(id, line);
                    }
                    _ => self.type_all(id, &lines),
                }
            }
            Wish::Open(machine, lines) => self.do_deed(Deed::Open(machine, lines)),
            Wish::Front(id) => {
                if self.desk.front() == id {
                    return false;
                }
                self.bring_forward(id);
            }
            Wish::Close(id) => {
                self.owner.borrow_mut().close(id);
                self.after_input();
                self.take_owner();
                self.focus(FRONT);
            }
            Wish::Split => {
                let other = self.views.terminals.iter().map(|t| t.id);
                let front = self.desk.front();
                let other = other.filter(|id| *id != front).max();
                let machine = self.machine_of_terminal(front);
                let other = other.or_else(|| self.open_terminal(&machine?));
                self.desk.split(other);
                self.keep_desk();
            }
            Wish::Share(wanted) => {
                self.desk.share = share(wanted);
                self.place_desk();
                self.keep_desk();
            }
            Wish::Height(wanted) => {
                let most = (platform::window_size().1 - LEAST_REST).max(LEAST_HEIGHT);
                self.desk.height = Some(wanted.clamp(LEAST_HEIGHT, most));
                self.place_desk();
                self.keep_desk();
            }
            Wish::Add(x, y) => self.menu = Shared::new(Some(self.things_to_open(x, y))),
            Wish::Menu(id, x, y) => {
                self.bring_forward(id);
                self.menu = Shared::new(Some(things_to_do(id, x, y)));
            }
            Wish::Paste(id) => {
                let link = self.link.clone();
                clipboard::read(move |text| {
                    link.send_message(Msg::Desk(Wish::Pasted(id, text.unwrap_or_default())));
                });
                return false;
            }
            Wish::Pasted(_, text) if text.is_empty() => {
                self.toast(words::paste_refused().to_owned(), false, false);
            }
            Wish::Pasted(id, text) => {
                self.bring_forward(id);
                self.pasted = (self.pasted.0 + 1, text.into());
            }
            Wish::Over(x, y) => {
                self.over(x, y);
                return false;
            }
            Wish::Out => {
                self.point_at(None);
                return false;
            }
            Wish::Follow(x, y) => {
                self.over(x, y);
                return self.show_name();
            }
            Wish::Name(older) => {
                self.next_name(older);
                return false;
            }
            Wish::ShowName => return self.show_name(),
            Wish::OnStage(place) => {
                self.light_up(place.as_deref());
                return false;
            }
        }
        true
    }

    /// Opens another terminal on a machine.
    pub(super) fn open_terminal(&mut self, machine: &str) -> Option<u32> {
        if self.views.terminals.len() >= MOST_TERMINALS {
            self.toast(words::too_many_terminals().to_owned(), false, true);
            return None;
        }
        let before: Vec<u32> = self.views.terminals.iter().map(|t| t.id).collect();
        self.owner.borrow_mut().open(machine);
        self.after_input();
        self.take_owner();
        let new = self.views.terminals.iter().map(|t| t.id);
        new.into_iter().find(|id| !before.contains(id))
    }

    /// Lets the simulation get to rest, and shows what came of it.
    fn take_owner(&mut self) {
        self.owner.borrow_mut().pump(LONGEST_SLICE);
        self.owner.borrow_mut().refresh();
        self.take_views();
        self.finish_film();
    }

    /// A terminal on a machine in which a command can be typed: the one in front, else another one, else a new one.
    pub(super) fn free_terminal(&mut self, machine: &str) -> Option<u32> {
        let front = self.desk.front();
        let free = |t: &&view::Terminal| t.machine == machine && t.title == machine && t.idle;
        let all = || self.views.terminals.iter().filter(free);
        let found = all().find(|t| t.id == front).or(all().next()).map(|t| t.id);
        let known = self.views.terminals.iter().any(|t| t.machine == machine);
        found.or_else(|| known.then(|| self.open_terminal(machine)).flatten())
    }

    /// Types lines one after the other: each when the one before is done, or waits for input.
    pub(super) fn type_all(&mut self, id: u32, lines: &[String]) {
        for line in lines {
            self.type_line(id, line);
            for _ in 0..30 {
                if !self.owner.borrow_mut().pump(LONGEST_SLICE) || self.owner.borrow().reads(id) {
                    break;
                }
            }
        }
        self.owner.borrow_mut().refresh();
        self.take_views();
    }

    /// Brings a terminal to the front.
    pub(super) fn bring_forward(&mut self, id: u32) {
        self.desk.show(id);
        self.fresh.retain(|t| *t != id);
        if platform::window_size().0 < 600.0 {
            self.pane = Pane::Terminal;
        }
        self.keep_desk();
    }

    /// After terminals came or went.
    pub(super) fn check_desk(&mut self) {
        let there: Vec<u32> = self.views.terminals.iter().map(|t| t.id).collect();
        self.desk.keep(&there);
    }

    fn keep_desk(&self) {
        let _ = storage::write(storage::DESK, &self.desk.save());
    }

    /// Gives the dock its height and the terminals their widths.
    pub(super) fn place_desk(&self) {
        if let Some(height) = self.desk.height {
            platform::property("--dock", &format!("{height:.0}px"));
        }
        platform::property("--share", &format!("{:.3}", self.desk.share));
    }

    /// What the terminals showed at a moment; whether that is something else than before.
    pub(super) fn turn_terminals(&mut self, at: u64) -> bool {
        let now = self.owner.borrow_mut().terminals_at(at);
        let same = now.len() == self.shown_terminals.len()
            && now
                .iter()
                .zip(self.shown_terminals.iter())
                .all(|(a, b)| Rc::ptr_eq(a, b));
        if !same {
            self.shown_terminals = Shared::new(now);
        }
        !same
    }

    /// What the machines in a swarm are there.
    pub(super) fn roles(&self) -> Vec<(AttrValue, AttrValue)> {
        let machines = self.views.topology.machines.iter();
        let roles = machines.filter_map(|m| {
            let role = m.note.strip_prefix("swarm ")?;
            Some((m.name.clone().into(), words::known(role).to_owned().into()))
        });
        roles.collect()
    }

    fn machine_of_terminal(&self, id: u32) -> Option<String> {
        let terminal = self.views.terminals.iter().find(|t| t.id == id)?;
        Some(terminal.machine.clone())
    }
}
