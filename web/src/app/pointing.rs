//! What leads from words in the terminals to the stage, and back.

use lab::view;
use wasm_bindgen::JsCast as _;
use web_sys::Element;

use super::App;
use crate::components::terminal::links::Names;
use crate::components::terminal::spoken::say;
use crate::platform::{self, find, highlight};
use crate::shared::Shared;

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
    pub(super) back: Option<usize>,
}

impl App {
    /// Turns to what stands under the pointer.
    pub(super) fn over(&mut self, x: f64, y: f64) {
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
    pub(super) fn show_name(&mut self) -> bool {
        let Some(place) = self.words.over.clone() else {
            return false;
        };
        self.reveal(&place);
        self.select(Some(place));
        true
    }

    /// Marks the name in the output before the marked one, or after it; the last one to begin with.
    pub(super) fn next_name(&mut self, older: bool) {
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
    pub(super) fn point_at(&mut self, found: Option<(web_sys::Range, String)>) {
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
    pub(super) fn light_up(&mut self, place: Option<&str>) {
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
