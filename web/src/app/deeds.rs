//! What terminals' menus hold, and doing it.

use lab::view;

use super::App;
use super::desk::{FRONT, Wish};
use super::menus::{Choice, Item, MenuView};
use crate::messages as words;
use crate::platform::{self, clipboard};
use crate::shared::Shared;

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

impl App {
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

    pub(super) fn things_to_open(&self, x: f64, y: f64) -> MenuView {
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
}

/// What can be done with a terminal.
pub(super) fn things_to_do(id: u32, x: f64, y: f64) -> MenuView {
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
