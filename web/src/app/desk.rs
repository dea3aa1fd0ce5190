//! The terminals on the page: which are seen, how much room they have, and what leads from them to the stage and back.

use std::rc::Rc;

use lab::view;
use wasm_bindgen::JsCast as _;
use web_sys::Element;
use yew::AttrValue;

use super::menus::{Choice, Item, MenuView};
use super::work::LONGEST_SLICE;
use super::{App, Msg, Pane};
use crate::components::terminal::links::Names;
use crate::components::terminal::spoken::say;
use crate::messages as words;
use crate::platform::{self, clipboard, find, highlight, storage};
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

/// Something to be opened or done from a terminal's menu.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Deed {
    /// The first terminal of a machine.
    Show(String),
    /// A terminal on a machine, and lines to be typed there.
    Open(String, Vec<String>),
    Copy,
    Paste(u32),
    Clear(u32),
    Find(u32),
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

/// Tells when the pointer or the focus comes to a thing of the stage, and when it leaves.
pub(super) fn listen(call: impl Fn(Option<String>) + Clone + 'static) {
    let Some(document) = web_sys::window().and_then(|w| w.document()) else {
        return;
    };
    for event in ["pointerover", "focusin"] {
        let call = call.clone();
        let last = std::cell::RefCell::new(None);
        let listener = gloo::events::EventListener::new(&document, event, move |e| {
            let target = e.target().and_then(|t| t.dyn_into::<Element>().ok());
            let node = target.and_then(|t| t.closest(".canvas [data-id]").ok().flatten());
            let id = node.and_then(|n| n.get_attribute("data-id"));
            if *last.borrow() != id {
                last.borrow_mut().clone_from(&id);
                call(id);
            }
        });
        listener.forget();
    }
}

/// What words stand for, as long as nothing on the stage changes.
#[derive(Default)]
pub(super) struct Words {
    of: Shared<view::Topology>,
    names: Names,
    /// The place whose name is marked in the output.
    over: Option<String>,
    /// The name that keys have come to, counted from the last one.
    back: Option<usize>,
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

    /// Does what was chosen in a terminal's menu.
    pub(super) fn do_deed(&mut self, deed: Deed) {
        self.menu = Shared::default();
        match deed {
            Deed::Open(machine, lines) => {
                if let Some(id) = self.open_terminal(&machine) {
                    self.bring_forward(id);
                    self.type_all(id, &lines);
                }
                self.focus(FRONT);
            }
            Deed::Show(machine) => {
                let found = self.owner.borrow().terminal_of(&machine);
                if let Some(id) = found.or_else(|| self.open_terminal(&machine)) {
                    self.bring_forward(id);
                }
                self.focus(FRONT);
            }
            Deed::Copy => clipboard::copy(),
            Deed::Paste(id) => {
                self.desk(Wish::Paste(id));
            }
            Deed::Clear(_) => press_in_front("l"),
            Deed::Find(_) => press_in_front("f"),
        }
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

    fn machine_of_terminal(&self, id: u32) -> Option<String> {
        let terminal = self.views.terminals.iter().find(|t| t.id == id)?;
        Some(terminal.machine.clone())
    }

    fn things_to_open(&self, x: f64, y: f64) -> MenuView {
        let machines = &self.views.topology.machines;
        let reachable = machines.iter().filter(|m| m.has_terminal);
        let open = |label: String, machine: &view::Machine, lines: Vec<String>| {
            let deed = Deed::Open(machine.name.clone(), lines);
            Item::new(label, Choice::Terminal(deed))
        };
        let mut items: Vec<Item> = reachable
            .clone()
            .map(|m| open(words::terminal_on(&m.name), m, Vec::new()))
            .collect();
        let first = items.len();
        for machine in reachable {
            let running = machine.containers.iter();
            let running = running.filter(|c| c.state == view::ContainerState::Running);
            items.extend(running.map(|c| {
                let line = format!("docker exec -it {} sh", c.name);
                let mut item = open(words::shell_in(&c.name), machine, vec![line.clone()]);
                item.note = line;
                item
            }));
        }
        if let Some(item) = items.get_mut(first) {
            item.apart = true;
        }
        MenuView {
            title: words::terminal_new().to_owned(),
            at: Some((x, y)),
            items,
            opener: Some("[data-add]"),
        }
    }

    /// Turns to what stands under the pointer.
    fn over(&mut self, x: f64, y: f64) {
        let found = highlight::at(x, y).and_then(|(line, byte)| {
            let terminal = line.closest("[data-machine-of]").ok().flatten()?;
            let machine = terminal.get_attribute("data-machine-of")?;
            let text = line.text_content()?;
            let (from, to, place) = self.names().at(&text, byte, &machine)?;
            let place = place.to_owned();
            Some((highlight::range(&line, from, to)?, place))
        });
        // Beyond the end of a line, its last word is the nearest; it is not under the pointer.
        let found = found.filter(|(range, _)| {
            let r = range.get_bounding_client_rect();
            x >= r.left() - 2.0
                && x <= r.right() + 2.0
                && y >= r.top() - 2.0
                && y <= r.bottom() + 2.0
        });
        self.point_at(found);
    }

    /// Shows on the stage what the marked name stands for.
    fn show_name(&mut self) -> bool {
        let Some(place) = self.words.over.clone() else {
            return false;
        };
        self.reveal(&place);
        self.select(Some(place));
        true
    }

    /// Marks the name in the output before the marked one, or after it; the last one to begin with.
    fn next_name(&mut self, older: bool) {
        let Some(pane) = find(".tpane.on") else {
            return;
        };
        let machine = pane.get_attribute("data-machine-of").unwrap_or_default();
        let names = self.names();
        let mut places = Vec::new();
        let ranges = highlight::occurrences(&pane, |text| {
            let all = names.all(text, &machine);
            let all = all.filter(|(.., place)| !is_machine(place, &machine));
            let all = all.map(|(from, to, place)| {
                places.push(place.to_owned());
                (from, to)
            });
            all.collect()
        });
        let Some(last) = ranges.len().checked_sub(1) else {
            return;
        };
        let back = match (self.words.back, older) {
            (None, _) => 0,
            (Some(back), true) => (back + 1).min(last),
            (Some(back), false) => back.saturating_sub(1).min(last),
        };
        self.words.back = Some(back);
        let range = ranges.into_iter().nth(last - back);
        let Some((range, place)) = range.zip(places.into_iter().nth(last - back)) else {
            return;
        };
        let line = range
            .start_container()
            .ok()
            .and_then(|n| n.parent_element());
        if let Some(line) = line {
            highlight::show(&line);
        }
        let node = find(&format!(".canvas [data-id=\"{place}\"]"));
        let said = node.and_then(|n| n.get_attribute("aria-label"));
        say(&said.unwrap_or_default(), "");
        self.point_at(Some((range, place)));
    }

    fn names(&mut self) -> &Names {
        if self.words.of != self.views.topology {
            self.words.of = self.views.topology.clone();
            self.words.names = Names::new(&self.words.of);
        }
        &self.words.names
    }

    /// Marks a word of the output, and the place on the stage that it stands for.
    fn point_at(&mut self, found: Option<(web_sys::Range, String)>) {
        let (range, place) = found.unzip();
        if place == self.words.over && place.is_none() {
            return;
        }
        if place != self.words.over {
            let node = |place: &Option<String>| {
                find(&format!(".canvas [data-id=\"{}\"]", place.as_ref()?))
            };
            platform::class(node(&self.words.over), "pointed", false);
            platform::class(node(&place), "pointed", true);
            platform::class(find(".termbox"), "onlink", place.is_some());
        }
        highlight::mark("link", range.into_iter().collect());
        self.words.over = place;
    }

    /// Marks every word in the output that is seen which stands for a place.
    fn light_up(&mut self, place: Option<&str>) {
        let Some(place) = place else {
            return highlight::mark("named", Vec::new());
        };
        let document = web_sys::window().and_then(|w| w.document());
        let terminals = document.and_then(|d| d.query_selector_all(".tpane").ok());
        let names = self.names();
        let mut ranges = Vec::new();
        for terminal in terminals
            .iter()
            .flat_map(|list| (0..list.length()).filter_map(|i| list.get(i)))
        {
            let Ok(terminal) = terminal.dyn_into::<Element>() else {
                continue;
            };
            let machine = terminal
                .get_attribute("data-machine-of")
                .unwrap_or_default();
            if is_machine(place, &machine) {
                continue;
            }
            ranges.extend(highlight::occurrences(&terminal, |text| {
                let here = names.all(text, &machine).filter(|(_, _, p)| *p == place);
                here.map(|(from, to, _)| (from, to)).collect()
            }));
        }
        highlight::mark("named", ranges);
    }
}

/// Whether a place is the machine itself, which every prompt of its terminals names.
fn is_machine(place: &str, machine: &str) -> bool {
    place.strip_prefix("machine:") == Some(machine)
}

fn things_to_do(id: u32, x: f64, y: f64) -> MenuView {
    let item = |label: &str, keys: &str, deed| {
        let mut item = Item::new(label, Choice::Terminal(deed));
        item.note = words::keys::spelled(keys);
        item
    };
    let mut copy = item(words::copy(), "Ctrl C", Deed::Copy);
    if !clipboard::has_selection() {
        copy.choice = None;
    }
    let mut find = item(words::find_output(), "Ctrl F", Deed::Find(id));
    find.apart = true;
    MenuView {
        title: words::keys_in_terminal().to_owned(),
        at: Some((x, y)),
        items: vec![
            copy,
            item(words::paste(), "Ctrl V", Deed::Paste(id)),
            find,
            item(words::keys_clear(), "Ctrl L", Deed::Clear(id)),
        ],
        opener: Some(FRONT),
    }
}

/// Presses a key with Ctrl in the terminal in front, once the menu is gone.
fn press_in_front(key: &'static str) {
    gloo::timers::callback::Timeout::new(0, move || {
        platform::focus(FRONT);
        let how = web_sys::KeyboardEventInit::new();
        how.set_key(key);
        how.set_ctrl_key(true);
        how.set_bubbles(true);
        how.set_cancelable(true);
        let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &how);
        if let (Ok(event), Some(field)) = (event, platform::focused()) {
            let _ = field.dispatch_event(&event);
        }
    })
    .forget();
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
