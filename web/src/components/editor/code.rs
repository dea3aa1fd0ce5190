//! The text being edited: a real text field, so that undo, selection, input methods and screen readers work, over a
//! layer that shows the same text in colours, with what is wrong in it.

use std::rc::Rc;

use lab::view::{Completions, Mark, Mend};
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlTextAreaElement};
use yew::prelude::*;

use super::keys::{self, Edit};
use super::rows::{Row, note, popup};
use crate::platform;
use crate::shared::Shared;

/// Suggestions shown at once.
const MOST_ITEMS: usize = 8;
/// Lines that the box about a fault may cover.
const BOX: usize = 3;

/// Answers what could come next: machine, path, text, and the line and column in it, from 0.
type Ask = dyn Fn(&str, &str, &str, (usize, usize)) -> Completions;

/// Asks the lab what could come next in a file.
#[derive(Clone)]
pub(crate) struct FileCompleter(pub(crate) Rc<Ask>);

impl PartialEq for FileCompleter {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) machine: AttrValue,
    pub(crate) path: AttrValue,
    pub(crate) text: AttrValue,
    pub(crate) yaml: bool,
    pub(crate) label: AttrValue,
    /// What is wrong.
    pub(crate) marks: Shared<Vec<Mark>>,
    /// What has no effect.
    pub(crate) remarks: Shared<Vec<Mark>>,
    /// An edit to carry out, and its number.
    pub(crate) mend: Option<(u32, Mend)>,
    pub(crate) complete: FileCompleter,
    pub(crate) typed: Callback<String>,
    pub(crate) leave: Callback<()>,
    pub(crate) mended: Callback<Mend>,
}

/// What helps typing.
#[derive(Clone, PartialEq, Default)]
struct Help {
    /// The line that the cursor is in; `None` while the field has no focus.
    line: Option<usize>,
    offers: Option<Offers>,
    /// Whether the next Tab leaves the field.
    leaving: bool,
    /// Whether the box about a fault was closed.
    quiet: bool,
}

#[derive(Clone, PartialEq)]
pub(super) struct Offers {
    pub(super) list: Completions,
    pub(super) chosen: usize,
    /// Whether the arrows chose it, so that Enter takes it.
    picked: bool,
    at: (usize, usize),
}

/// Asks about one file.
#[derive(Clone)]
struct Asker {
    machine: AttrValue,
    path: AttrValue,
    ask: Rc<Ask>,
}

impl Asker {
    fn offers(&self, text: &str, at: (usize, usize)) -> Option<Offers> {
        let mut list = (self.ask)(&self.machine, &self.path, text, at);
        list.items.truncate(MOST_ITEMS);
        (!list.items.is_empty()).then_some(Offers {
            list,
            chosen: 0,
            picked: false,
            at,
        })
    }
}

#[component]
pub(crate) fn Code(p: &Props) -> Html {
    let asker = Asker {
        machine: p.machine.clone(),
        path: p.path.clone(),
        ask: Rc::clone(&p.complete.0),
    };
    let help = use_state(Help::default);
    let field = use_node_ref();
    {
        let field = field.clone();
        let mend = p.mend.as_ref().map(|(number, _)| *number);
        let (edit, text) = (p.mend.clone(), p.text.clone());
        use_effect_with(mend, move |_| {
            if let (Some((_, mend)), Some(field)) = (edit, field.cast::<HtmlTextAreaElement>()) {
                carry_out(&field, &text, &edit_of(&text, &mend));
            }
        });
    }
    {
        // The list below the last lines would be cut off; it brings itself into view.
        let field = field.clone();
        let open = help.offers.as_ref().map(|o| o.at);
        use_effect_with(open, move |_| {
            let root = field.cast::<Element>().and_then(|f| f.parent_element());
            let list = root.and_then(|r| r.query_selector("#suggestions").ok().flatten());
            if let Some(list) = list {
                platform::highlight::show(&list);
            }
        });
    }
    let look = {
        // Where the cursor is, after it was moved.
        let help = help.clone();
        move |field: &HtmlTextAreaElement| {
            let (text, (_, at)) = state(field);
            let line = Some(keys::place(&text, at).0);
            if help.line != line {
                let next = Help {
                    line,
                    ..Help::default()
                };
                help.set(next);
            }
        }
    };
    let moved = {
        let look = look.clone();
        Callback::from(move |e: MouseEvent| look(&e.target_unchecked_into()))
    };
    let released = Callback::from(move |e: KeyboardEvent| {
        if e.key().starts_with("Arrow")
            || e.key().starts_with("Page")
            || matches!(e.key().as_str(), "Home" | "End")
        {
            look(&e.target_unchecked_into());
        }
    });
    let input = {
        let (help, typed, asker) = (help.clone(), p.typed.clone(), asker.clone());
        Callback::from(move |e: InputEvent| {
            let field: HtmlTextAreaElement = e.target_unchecked_into();
            let (text, (_, at)) = state(&field);
            let place = keys::place(&text, at);
            // A letter asks; a blank or a pasted text does not.
            let letter = e
                .data()
                .is_some_and(|d| d.chars().count() == 1 && !d.trim().is_empty());
            let going_on = help.offers.is_some() && e.data().is_none_or(|d| d.trim() == d);
            let offers = (letter || going_on)
                .then(|| asker.offers(&text, place))
                .flatten();
            help.set(Help {
                line: Some(place.0),
                offers,
                ..Help::default()
            });
            typed.emit(text);
        })
    };
    let pressed = {
        let help = help.clone();
        Callback::from(move |e: KeyboardEvent| {
            let field: HtmlTextAreaElement = e.target_unchecked_into();
            let mut next = (*help).clone();
            if key(&e, &field, &mut next, &asker) {
                e.prevent_default();
                e.stop_propagation();
            }
            if next != *help {
                help.set(next);
            }
        })
    };
    let left = {
        let (help, leave) = (help.clone(), p.leave.clone());
        Callback::from(move |_: FocusEvent| {
            help.set(Help::default());
            leave.emit(());
        })
    };
    let boxed = boxed(&p.marks, &p.remarks, &help);
    let rows = p.text.split('\n').enumerate().map(|(i, line)| {
        let of_line = |all: &[Mark]| all.iter().filter(|m| m.line == i).cloned().collect();
        let (marks, remarks): (Vec<Mark>, Vec<Mark>) = (of_line(&p.marks), of_line(&p.remarks));
        let offers = help.offers.as_ref().filter(|o| o.at.0 == i);
        let below = match (offers, boxed) {
            (Some(offers), _) => popup(line, offers),
            (None, Some(mark)) if mark.line == i => note(mark, marks.is_empty(), &p.mended),
            _ => html! {},
        };
        html! { <Row key={i} text={line.to_owned()} yaml={p.yaml} {marks} {remarks} here={help.line == Some(i)}>{ below }</Row> }
    });
    let active = help
        .offers
        .as_ref()
        .map(|o| format!("suggestion-{}", o.chosen));
    html! {
        <div class="code" data-editor={p.label.clone()}>
            <div class="sheetbox">
                <div class="rows">{ for rows }</div>
                <textarea ref={field} value={p.text.clone()} wrap="off" spellcheck="false" autocapitalize="off" autocomplete="off"
                    aria-label={p.label.clone()} aria-describedby="editor-hint editor-faults" aria-invalid={(!p.marks.is_empty()).to_string()}
                    aria-autocomplete="list" aria-controls={help.offers.as_ref().map(|_| "suggestions")} aria-activedescendant={active} data-editor-input=""
                    oninput={input} onkeydown={pressed} onkeyup={released} onclick={moved} onblur={left} />
            </div>
        </div>
    }
}

/// What to show in a box under its line: a fault or a remark of the cursor's line, else the first fault, unless it would
/// cover the cursor; without a cursor the first of both.
fn boxed<'a>(marks: &'a [Mark], remarks: &'a [Mark], help: &Help) -> Option<&'a Mark> {
    if help.offers.is_some() {
        return None;
    }
    let mut all = marks.iter().chain(remarks);
    let Some(line) = help.line else {
        return all.next();
    };
    let clear = |m: &&Mark| !(m.line + 1..=m.line + BOX).contains(&line);
    let here = all.find(|m| m.line == line);
    here.or(marks.first().filter(clear)).filter(|_| !help.quiet)
}

/// The field's text and what is chosen in it, in bytes.
fn state(field: &HtmlTextAreaElement) -> (String, (usize, usize)) {
    let text = field.value();
    let at =
        |units: Result<Option<u32>, JsValue>| keys::bytes(&text, units.ok().flatten().unwrap_or(0));
    let chosen = (at(field.selection_start()), at(field.selection_end()));
    (text, chosen)
}

/// What a key does; whether it did anything of ours.
fn key(e: &KeyboardEvent, field: &HtmlTextAreaElement, help: &mut Help, asker: &Asker) -> bool {
    let (text, chosen) = state(field);
    let name = e.key();
    let leaving = std::mem::take(&mut help.leaving);
    if e.is_composing() || e.alt_key() || e.meta_key() {
        return false;
    }
    if e.ctrl_key() {
        if name == " " {
            help.offers = asker.offers(&text, keys::place(&text, chosen.1));
            return true;
        }
        return false;
    }
    if let Some(offers) = &mut help.offers {
        let count = offers.list.items.len();
        match name.as_str() {
            "ArrowDown" | "ArrowUp" => {
                // The first press takes up what Tab would take.
                let by = match (name.as_str(), offers.picked) {
                    ("ArrowUp", _) => count - 1,
                    (_, picked) => usize::from(picked),
                };
                offers.chosen = (offers.chosen + by) % count;
                offers.picked = true;
                return true;
            }
            "Escape" => {
                help.offers = None;
                return true;
            }
            "Tab" | "Enter" if !e.shift_key() && (name == "Tab" || offers.picked) => {
                if let Some(item) = offers.list.items.get(offers.chosen) {
                    let from = keys::offset(&text, offers.at.0, offers.list.from);
                    let edit = Edit {
                        from,
                        to: chosen.1,
                        text: item.text.clone(),
                    };
                    help.offers = None;
                    carry_out(field, &text, &edit);
                }
                return true;
            }
            _ => {}
        }
    }
    match name.as_str() {
        "Escape" => {
            help.leaving = true;
            help.quiet = true;
            true
        }
        "Tab" if leaving => false,
        "Tab" => {
            let many = text
                .get(chosen.0..chosen.1)
                .is_some_and(|t| t.contains('\n'));
            let edit = keys::tab(&text, chosen, e.shift_key());
            let (from, len) = (edit.from, edit.text.len());
            carry_out(field, &text, &edit);
            if many {
                // The lines stay chosen.
                let now = field.value();
                let _ = field
                    .set_selection_range(keys::units(&now, from), keys::units(&now, from + len));
            }
            true
        }
        "Enter" => {
            carry_out(field, &text, &keys::enter(&text, chosen));
            true
        }
        _ => false,
    }
}

/// Turns an edit by line and column into one by offsets.
fn edit_of(text: &str, mend: &Mend) -> Edit {
    Edit {
        from: keys::offset(text, mend.line, mend.from),
        to: keys::offset(text, mend.line, mend.to),
        text: mend.text.clone(),
    }
}

/// Lets the field carry out an edit as if it had been typed, so that its own undo takes it back.
fn carry_out(field: &HtmlTextAreaElement, text: &str, edit: &Edit) {
    let _ = field.focus();
    let _ = field.set_selection_range(keys::units(text, edit.from), keys::units(text, edit.to));
    platform::type_text(&edit.text);
}
