//! The terminals on the page: which are seen, and how much room they have.

use std::rc::Rc;

use lab::view;
use yew::AttrValue;

use super::deeds::{Deed, things_to_do};
use super::work::LONGEST_SLICE;
use super::{App, Msg, Pane};
use crate::messages as words;
use crate::platform::{self, clipboard, storage};
use crate::shared::Shared;

/// The field of the terminal in front.
pub(super) const FRONT: &str = ".tpane.on [data-terminal-input]";
/// Terminals that can be open at once.
const MOST_TERMINALS: usize = 24;
/// How low the dock can be made, in pixels.
const LEAST_HEIGHT: f64 = 96.0;
/// What is left to the page above it.
const LEAST_REST: f64 = 200.0;

/// What somebody wants of the terminals.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wish {
    /// Lines were typed or pasted.
    Lines(u32, Vec<String>),
    /// A terminal on a machine, and lines to be typed there.
    Open(String, Vec<String>),
    /// This one is worked in.
    Front(u32),
    Close(u32),
    /// Two terminals beside each other, or one again.
    Split,
    /// How much of the width the first one has.
    Share(f64),
    /// The height, in pixels.
    Height(f64),
    /// What can be opened, at a point of the window.
    Add(f64, f64),
    /// What can be done with a terminal, at a point of the window.
    Menu(u32, f64, f64),
    Paste(u32),
    Pasted(u32, String),
    /// The pointer is over the output.
    Over(f64, f64),
    /// It has left it.
    Out,
    /// The output was clicked.
    Follow(f64, f64),
    /// To the name in the output before the one that is marked, or after it.
    Name(bool),
    /// Show what the marked name stands for.
    ShowName,
    /// The pointer or the focus is on a thing of the stage, or on none.
    OnStage(Option<String>),
}

/// Which terminals are seen, and how much room they have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Desk {
    first: u32,
    second: Option<u32>,
    /// Whether the second is worked in.
    on_second: bool,
    /// How much of the width the first has.
    pub(crate) share: f64,
    /// The height, in pixels; `None` for the usual one.
    pub(crate) height: Option<f64>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            first: 0,
            second: None,
            on_second: false,
            share: 0.5,
            height: None,
        }
    }
}

impl Desk {
    /// The terminal that is worked in.
    pub(crate) fn front(&self) -> u32 {
        self.second.filter(|_| self.on_second).unwrap_or(self.first)
    }

    /// The terminals that are seen.
    pub(crate) fn seen(&self) -> impl Iterator<Item = u32> + use<> {
        [Some(self.first), self.second].into_iter().flatten()
    }

    /// Brings a terminal to the front: where it is, else in the place of the one in front.
    pub(super) fn show(&mut self, id: u32) {
        if self.first == id {
            self.on_second = false;
        } else if self.second == Some(id) {
            self.on_second = true;
        } else if self.on_second {
            self.second = Some(id);
        } else {
            self.first = id;
        }
    }

    /// Two terminals, the other one being `other`; or one, that in front.
    fn split(&mut self, other: Option<u32>) {
        match (self.second, other) {
            (Some(_), _) => *self = self.only(self.front()),
            (None, Some(other)) => (self.second, self.on_second) = (Some(other), true),
            (None, None) => {}
        }
    }

    fn only(&self, id: u32) -> Self {
        Self {
            first: id,
            second: None,
            on_second: false,
            ..self.clone()
        }
    }

    /// Forgets terminals that are not there any more.
    fn keep(&mut self, there: &[u32]) {
        if self.second.is_some_and(|s| !there.contains(&s)) {
            *self = self.only(self.first);
        }
        if !there.contains(&self.first) {
            let next = self.second.or(there.first().copied());
            *self = self.only(next.unwrap_or(0));
        }
    }

    /// As text, for the browser's storage.
    fn save(&self) -> String {
        let height = self.height.map(|h| format!("{h:.0}")).unwrap_or_default();
        let second = self.second.map(|s| s.to_string()).unwrap_or_default();
        format!("{height},{:.3},{},{second}", self.share, self.first)
    }

    /// From such a text; whatever is wrong in it is as usual.
    pub(super) fn load(text: &str) -> Self {
        let mut words = text.split(',');
        let mut word = || words.next().unwrap_or_default();
        let usual = Self::default();
        Self {
            height: word().parse().ok().filter(|h: &f64| *h >= LEAST_HEIGHT),
            share: share(word().parse().unwrap_or(usual.share)),
            first: word().parse().unwrap_or(0),
            second: word().parse().ok(),
            on_second: false,
        }
    }
}

fn share(wanted: f64) -> f64 {
    if wanted.is_finite() {
        wanted.clamp(0.15, 0.85)
    } else {
        0.5
    }
}

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

/// Text that is put into the line of the terminal in front, and how often there was one.
pub(super) type Pasted = (u32, AttrValue);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_comes_to_the_front_where_it_is() {
        let mut desk = Desk::default();
        desk.show(1);
        desk.split(Some(2));
        assert_eq!((desk.front(), desk.seen().collect()), (2, vec![1, 2]));
        desk.show(1);
        assert_eq!(desk.front(), 1);
        desk.show(3);
        assert_eq!(desk.seen().collect::<Vec<_>>(), [3, 2]);
        desk.keep(&[2, 4]);
        assert_eq!((desk.front(), desk.seen().count()), (2, 1));
        desk.keep(&[]);
        assert_eq!(desk.front(), 0);
    }

    #[test]
    fn one_terminal_again_is_the_one_in_front() {
        let mut desk = Desk::default();
        desk.show(1);
        desk.split(Some(2));
        desk.split(None);
        assert_eq!(desk.seen().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn it_is_kept_and_nonsense_is_as_usual() {
        let desk = Desk {
            first: 3,
            second: Some(4),
            on_second: false,
            share: 0.25,
            height: Some(300.0),
        };
        assert_eq!(Desk::load(&desk.save()), desk);
        assert_eq!(Desk::load(""), Desk::default());
        assert_eq!(Desk::load("NaN,NaN,x,,,").share, 0.5);
        assert_eq!(Desk::load("-5,7,1,").height, None);
    }
}
