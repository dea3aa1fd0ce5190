//! Opening menus, and doing what was chosen in them.

use lab::view::{Action, Export};

use super::items::{RARE, ground_items, typed};
use super::{App, Deed, Tab};
use crate::layout::scene::Mark;
use crate::messages as words;
use crate::platform;
use crate::shared::Shared;

/// The button that opens what narrow screens have no buttons for.
pub(super) const MORE: &str = "[data-more]";

/// What a menu is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MenuKind {
    /// Everything that can be done with the thing.
    Thing,
    Connect,
    Move,
    Disconnect,
    /// Which image to run on the network, or on the machine.
    Images,
    /// What the thing could say to another one.
    Contact(String),
    /// The lab as files.
    Export,
    /// What narrow screens have no buttons for.
    More,
    /// What can be done where nothing stands.
    Ground,
}

/// What choosing an item does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Choice {
    /// Types commands.
    Type(Action),
    /// Opens another menu about the same thing.
    Open(MenuKind, String),
    Inspect(String),
    /// Shows a container from inside.
    Inside(String),
    Rules(String),
    Only(String),
    Terminal(Deed),
    /// Something that narrow screens have no button for, by its place among these.
    Rare(usize),
    /// A machine's topology, or the packets, as a file.
    Export(String, Export),
}

/// One line of a menu.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) label: String,
    pub(crate) mark: Option<Mark>,
    pub(crate) note: String,
    /// `None` if it cannot be chosen.
    pub(crate) choice: Option<Choice>,
    /// Whether a line separates it from the one before.
    pub(crate) apart: bool,
}

impl Item {
    pub(super) fn new(label: impl Into<String>, choice: Choice) -> Self {
        Self {
            label: label.into(),
            mark: None,
            note: String::new(),
            choice: Some(choice),
            apart: false,
        }
    }

    /// The lines that it types.
    pub(crate) fn commands(&self) -> String {
        match &self.choice {
            Some(Choice::Type(a)) => a.commands.join(" ; "),
            _ => String::new(),
        }
    }

    /// Whether something is lost by it.
    pub(crate) fn destructive(&self) -> bool {
        matches!(&self.choice, Some(Choice::Type(a)) if a.destructive)
    }
}

/// An open menu.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MenuView {
    pub(crate) title: String,
    /// Where the pointer asked for it, in pixels of the window; `None` for the middle.
    pub(crate) at: Option<(f64, f64)>,
    pub(crate) items: Vec<Item>,
    /// What opened it and gets focus back; `None` for a thing on the stage.
    pub(crate) opener: Option<&'static str>,
}

impl App {
    /// Opens a menu, or closes the one that is open.
    pub(super) fn open_menu(&mut self, menu: Option<(MenuKind, String)>, at: Option<(f64, f64)>) {
        let at = at.or_else(|| self.menu.as_ref().and_then(|m| m.at));
        let view = menu.and_then(|(kind, id)| {
            let items = match &kind {
                MenuKind::Thing => self.thing_items(&id),
                MenuKind::Connect | MenuKind::Move | MenuKind::Disconnect => {
                    self.network_items(&kind, &id)
                }
                MenuKind::Images => self.image_items(&id),
                MenuKind::Export => self.export_items(),
                MenuKind::More => self.rare_items(),
                MenuKind::Ground => ground_items(),
                MenuKind::Contact(to) => {
                    let list = self.owner.borrow().contacts(&id, to);
                    list.into_iter().map(typed).collect()
                }
            };
            let name = match kind {
                MenuKind::Export => words::export_title().to_owned(),
                MenuKind::More => words::more_menu().to_owned(),
                MenuKind::Ground => words::region_stage().to_owned(),
                _ => self.name_of(&id)?,
            };
            let title = match &kind {
                MenuKind::Thing | MenuKind::Export | MenuKind::More | MenuKind::Ground => name,
                MenuKind::Connect => words::menu_connect_title(&name),
                MenuKind::Move => words::menu_move_title(&name),
                MenuKind::Disconnect => words::menu_disconnect_title(&name),
                MenuKind::Images => words::menu_images_title(&name),
                MenuKind::Contact(to) => words::menu_contact_title(&name, &self.name_of(to)?),
            };
            let opener = match kind {
                MenuKind::Export => Some("[data-export]"),
                MenuKind::More => Some(MORE),
                _ => None,
            };
            (!items.is_empty()).then_some(MenuView {
                title,
                at,
                items,
                opener,
            })
        });
        if let (None, Some(closed)) = (&view, &*self.menu) {
            match closed.opener {
                Some(opener) => self.focus(opener),
                None => self.focus_stage(),
            }
        }
        self.menu = Shared::new(view);
    }

    /// Does what was chosen.
    pub(super) fn choose(&mut self, choice: Choice) {
        match choice {
            Choice::Open(kind, id) => return self.open_menu(Some((kind, id)), None),
            Choice::Export(machine, what) => {
                let file = self.owner.borrow().export(&machine, what);
                if let Some(file) = file {
                    platform::download(&file.name, &file.bytes);
                }
            }
            Choice::Type(action) => {
                self.menu = Shared::default();
                self.draft = None;
                if action.interactive {
                    return self.do_deed(Deed::Open(action.machine, action.commands));
                }
                self.run_all(&action.machine, &action.commands, true);
                if action.destructive && self.last_exit_ok() {
                    let done = action.commands.last().cloned().unwrap_or_default();
                    self.toast(words::done(&done), true, false);
                }
                self.focus_stage();
                return;
            }
            Choice::Inspect(id) => {
                self.select(Some(id));
                self.show_side();
            }
            Choice::Inside(id) => {
                self.open_menu(None, None);
                self.go_inside(Some(id));
                return;
            }
            Choice::Rules(id) => {
                self.select(Some(id));
                self.tab = Tab::Rules;
                self.look_up();
                self.show_side();
            }
            Choice::Rare(index) => {
                self.open_menu(None, None);
                if let Some((_, wish, _)) = RARE.get(index) {
                    let wish = wish(self);
                    self.handle(wish);
                }
                return;
            }
            Choice::Only(id) => self.filter = Some(id),
            Choice::Terminal(deed) => return self.do_deed(deed),
        }
        self.open_menu(None, None);
    }

    /// What a thing on the stage is called.
    fn name_of(&self, id: &str) -> Option<String> {
        for m in &self.views.topology.machines {
            if m.id == id {
                return Some(m.name.clone());
            }
            if let Some(c) = m.containers.iter().find(|c| c.id == id) {
                return Some(c.name.clone());
            }
            if let Some(n) = m.networks.iter().find(|n| n.id == id) {
                return Some(n.name.clone());
            }
            if let Some(p) = m.published.iter().find(|p| p.id == id) {
                return Some(p.binding.clone());
            }
            if let Some(h) = m.hooks.iter().find(|h| h.id == id) {
                return Some(h.name.clone());
            }
        }
        None
    }
}
