//! The keyboard: what keys do on the stage, and anywhere.

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast as _;
use yew::{AttrValue, KeyboardEvent};

use super::{App, Dialog, MenuKind, Msg, Wish};
use crate::layout::geometry::{Point, pt};
use crate::platform;

/// Regions that F6 walks through, in the order of the page: each with where focus goes in it.
const REGIONS: [(&str, &str); 3] = [
    (".stagewrap", ".canvas .node[tabindex=\"0\"]"),
    (".dock", super::desk::FRONT),
    (".side", ".side [role=tab][tabindex=\"0\"]"),
];

/// Listens to keys that nobody else has handled.
pub(super) fn listen(call: impl Fn(KeyboardEvent) + 'static) {
    let Some(document) = web_sys::window().and_then(|w| w.document()) else {
        return;
    };
    let listener = EventListener::new_with_options(
        &document,
        "keydown",
        EventListenerOptions::enable_prevent_default(),
        move |e| {
            if let Some(e) = e.dyn_ref::<KeyboardEvent>() {
                // At once: before the page gets to it, the browser would undo in a text field and give it focus.
                if is_history(e) {
                    e.prevent_default();
                }
                call(e.clone());
            }
        },
    );
    listener.forget();
}

fn is_typing() -> bool {
    platform::focused().is_some_and(|f| matches!(f.tag_name().as_str(), "TEXTAREA" | "INPUT"))
}

/// Whether a key undoes or redoes in the lab; text fields have an undo of their own.
fn is_history(e: &KeyboardEvent) -> bool {
    (e.ctrl_key() || e.meta_key()) && matches!(e.key().as_str(), "z" | "Z" | "y") && !is_typing()
}

impl App {
    /// Keys with a meaning everywhere.
    pub(super) fn page_key(&mut self, e: &KeyboardEvent) -> bool {
        let history = is_history(e);
        let handled = e.default_prevented() && !history;
        if handled || self.dialog.is_some() || self.menu.is_some() {
            return false;
        }
        let typing = is_typing();
        let ctrl = e.ctrl_key() || e.meta_key();
        if !ctrl && self.mute(&e.key()) {
            return false;
        }
        let msg = match e.key().as_str() {
            "Escape" if self.drag.is_some() => Msg::DragCancel,
            "Escape" if self.images.is_some() => Msg::Images(false),
            "Escape" if self.room.is_some() && !typing => Msg::Inside(None),
            "Escape" if self.maximised => Msg::Maximise,
            "Escape" if self.tour.is_some() && !typing => Msg::Tour(None),
            "F6" => {
                e.prevent_default();
                next_region(!e.shift_key());
                return false;
            }
            "z" | "Z" if history && !e.shift_key() => Msg::Undo,
            "z" | "Z" | "y" if history => Msg::Redo,
            "F1" if e.alt_key() && e.shift_key() => Msg::ToggleReading,
            "`" if !typing && !ctrl => {
                e.prevent_default();
                platform::focus(super::desk::FRONT);
                return false;
            }
            "?" if !typing => Msg::Dialog(Some(Dialog::Keys)),
            _ => return false,
        };
        e.prevent_default();
        self.handle(msg)
    }

    /// Keys while the stage has focus.
    pub(super) fn stage_key(&mut self, e: &KeyboardEvent) -> bool {
        if e.default_prevented() || e.ctrl_key() || e.meta_key() || e.alt_key() {
            return false;
        }
        if self.mute(&e.key()) {
            return false;
        }
        let on_button = platform::focused().is_some_and(|f| f.tag_name() == "BUTTON");
        let focused = platform::focused().and_then(|f| f.get_attribute("data-id"));
        let container = focused.clone().filter(|id| id.starts_with("container:"));
        let menu = |kind| container.clone().map(|id| Msg::Menu(Some((kind, id))));
        let msg = match e.key().as_str() {
            " " if !on_button => Some(Msg::TogglePlay),
            "." => Some(Msg::StepForward),
            "," => Some(Msg::StepBack),
            ">" => Some(Msg::StepPacket(true)),
            "<" => Some(Msg::StepPacket(false)),
            "l" | "L" => Some(Msg::Loop),
            "f" | "F" => Some(Msg::Follow),
            "i" | "I" => Some(Msg::Idle),
            "h" | "H" => Some(Msg::Heat),
            "r" | "R" => Some(Msg::Replay),
            "[" => Some(Msg::Speed(self.player.speed_index().saturating_sub(1))),
            "]" => Some(Msg::Speed(self.player.speed_index() + 1)),
            "End" => Some(Msg::ToEnd),
            "/" => {
                e.prevent_default();
                platform::focus("[data-find]");
                return false;
            }
            "+" | "=" => Some(Msg::Zoom(1.25)),
            "-" => Some(Msg::Zoom(0.8)),
            "0" => Some(Msg::Fit),
            "c" | "C" => menu(MenuKind::Connect),
            "m" | "M" => menu(MenuKind::Move),
            "x" | "X" => menu(MenuKind::Disconnect),
            "t" | "T" => container.as_deref().and_then(|id| self.shell(id)),
            "Enter" if container.is_some() && container == self.selected => {
                Some(Msg::Inside(container))
            }
            "Enter" if !on_button => focused.clone().map(|id| Msg::Select(Some(id))),
            _ if focused.is_none() => None,
            "ArrowUp" => return self.walk(e, pt(0.0, -1.0)),
            "ArrowDown" => return self.walk(e, pt(0.0, 1.0)),
            "ArrowLeft" => return self.walk(e, pt(-1.0, 0.0)),
            "ArrowRight" => return self.walk(e, pt(1.0, 0.0)),
            _ => None,
        };
        let Some(msg) = msg else { return false };
        e.prevent_default();
        self.handle(msg)
    }

    /// A shell in a container is a command like any other.
    fn shell(&self, id: &str) -> Option<Msg> {
        let machine = self
            .views
            .topology
            .machines
            .iter()
            .find(|m| m.containers.iter().any(|c| c.id == id))?;
        let container = machine.containers.iter().find(|c| c.id == id)?;
        let line = format!("docker exec -it {} sh", container.name);
        Some(Msg::Desk(Wish::Open(machine.name.clone(), vec![line])))
    }

    /// The node that Tab leads to, which has to stand on the stage that is shown.
    pub(super) fn tab_stop(&self) -> Option<AttrValue> {
        let known = |id: &&String| self.scene.spots.contains_key(*id);
        let first = || self.scene.outside.first().map(|o| &o.id);
        let id = self.walking.as_ref().filter(known).or_else(first)?;
        Some(id.clone().into())
    }

    /// To the nearest node in a direction.
    fn walk(&mut self, e: &KeyboardEvent, to: Point) -> bool {
        e.prevent_default();
        let spots = &self.scene.spots;
        let Some(here) = self.tab_stop().and_then(|id| spots.get(id.as_str())) else {
            return false;
        };
        let reachable =
            |id: &str| !id.starts_with("resolver:") && self.walking.as_deref() != Some(id);
        let next = spots
            .iter()
            .filter(|(id, _)| reachable(id))
            .filter_map(|(id, spot)| {
                let (dx, dy) = (
                    spot.rect.cx() - here.rect.cx(),
                    spot.rect.cy() - here.rect.cy(),
                );
                let (ahead, aside) = if to.x == 0.0 {
                    (dy * to.y, dx.abs())
                } else {
                    (dx * to.x, dy.abs())
                };
                (ahead > 4.0).then_some((ahead + aside * 2.0, id))
            });
        let next = next.min_by(|a, b| a.0.total_cmp(&b.0)).map(|n| n.1.clone());
        let Some(next) = next else { return false };
        platform::focus(&format!("[data-id=\"{next}\"]"));
        self.reveal(&next);
        self.walking = Some(next);
        true
    }
}

/// The region that has focus, by where focus goes in it.
pub(super) fn region() -> Option<&'static str> {
    Some(REGIONS.get(here()?)?.1)
}

fn here() -> Option<usize> {
    let focused = platform::focused()?;
    let inside = |selector: &str| focused.closest(selector).ok().flatten().is_some();
    REGIONS.iter().position(|(region, _)| inside(region))
}

fn next_region(forward: bool) {
    let here = here();
    let next = match (here, forward) {
        (None, _) => 0,
        (Some(i), true) => (i + 1) % REGIONS.len(),
        (Some(i), false) => (i + REGIONS.len() - 1) % REGIONS.len(),
    };
    if let Some((_, selector)) = REGIONS.get(next) {
        platform::focus(selector);
    }
}
