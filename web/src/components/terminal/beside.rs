//! What comes to the line from elsewhere than its field's own keys: the key bar, the clipboard, keys that are pressed beside
//! the field; and the keys that go from it to the film.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlTextAreaElement};
use yew::prelude::*;

use super::PressKey;
use super::line::Line;
use super::text::characters;
use crate::app::Msg;
use crate::platform::clipboard;

/// What a key does to the film of the command that is under way, as the note below the output says, while nothing is typed
/// yet; whether a film is played, and its note.
pub(super) fn film_key(
    note: Option<&(bool, AttrValue)>,
    letters: bool,
) -> impl Fn(&KeyboardEvent) -> Option<Msg> + 'static {
    let playing = note.map(|n| n.0);
    move |e| {
        let playing = playing?;
        let field: HtmlTextAreaElement = e.target_unchecked_into();
        let plain = !e.ctrl_key() && !e.alt_key() && !e.meta_key() && !e.is_composing();
        if !plain || !field.value().is_empty() {
            return None;
        }
        match e.key().as_str() {
            " " => Some(Msg::TogglePlay),
            // While it is played, a name in the working directory may be what is typed.
            "." if !playing && letters => Some(Msg::StepForward),
            _ => None,
        }
    }
}

/// Who has selected output, or only clicked on it, types and pastes into the line as before.
pub(super) fn typed(field: &NodeRef, press_key: &Rc<PressKey>) -> Callback<KeyboardEvent> {
    let (field, press_key) = (field.clone(), press_key.clone());
    Callback::from(move |e: KeyboardEvent| {
        let Some(field) = field.cast::<HtmlTextAreaElement>() else {
            return;
        };
        let on_frame = e.target().is_some_and(|target| {
            let target = target.dyn_ref::<Element>();
            target.is_some_and(|t| t.class_list().contains("term"))
        });
        if !on_frame || e.alt_key() || e.meta_key() {
            return;
        }
        let key = e.key();
        let ctrl = e.ctrl_key();
        let stays = ctrl && clipboard::has_selection() && matches!(key.as_str(), "c" | "a");
        let types = !ctrl
            && (key.chars().count() == 1 || matches!(key.as_str(), "Enter" | "Backspace" | "Tab"));
        // The selection is copied before it is lost to the line.
        if ctrl && key == "C" {
            e.prevent_default();
            clipboard::copy();
        } else if types || (ctrl && !stays && key.chars().count() == 1) {
            let _ = field.focus();
            if !matches!(key.as_str(), "v" | "V") && press_key(&key, ctrl, e.shift_key(), &field) {
                e.prevent_default();
                e.stop_propagation();
            }
        }
    })
}

/// What the keys of the key bar do.
pub(super) fn bar_key(line: &Line, press_key: &Rc<PressKey>) -> Callback<&'static str> {
    let (line, press_key) = (line.clone(), press_key.clone());
    Callback::from(move |key: &'static str| {
        let Some(input) = line.field.cast::<HtmlTextAreaElement>() else {
            return;
        };
        let _ = input.focus();
        let mut next = line.get();
        let cursor = characters(&next.text, cursor_of(&input));
        match key {
            "Control" => next.ctrl = !next.ctrl,
            "ArrowLeft" if next.search.is_none() => {
                next.cursor = Some(cursor.saturating_sub(1));
            }
            "ArrowRight" if next.search.is_none() => {
                next.cursor = Some((cursor + 1).min(next.text.chars().count()));
            }
            "|" | "/" | "-" | "~" => next.insert(cursor, key),
            _ => {
                press_key(key, next.ctrl, false, &input);
                return;
            }
        }
        line.set(next);
    })
}

/// Several lines from the clipboard.
pub(super) fn pasted(line: &Line) -> Callback<Event> {
    let line = line.clone();
    Callback::from(move |e: Event| {
        let data = e.dyn_ref::<web_sys::ClipboardEvent>();
        let text = data
            .and_then(web_sys::ClipboardEvent::clipboard_data)
            .and_then(|d| d.get_data("text").ok())
            .unwrap_or_default();
        // One line is pasted by the field itself, so that its own undo knows of it.
        if text.trim_end_matches(['\r', '\n']).contains('\n') || text.ends_with('\n') {
            e.prevent_default();
            insert(&line, &text);
        }
    })
}

/// Puts pasted text in at the cursor. What has several lines waits for Enter.
pub(super) fn insert(line: &Line, text: &str) {
    let Some(input) = line.field.cast::<HtmlTextAreaElement>() else {
        return;
    };
    let _ = input.focus();
    let mut next = line.get();
    let cursor = characters(&next.text, cursor_of(&input));
    let text = text.replace('\r', "").replace('\t', " ");
    next.insert(cursor, text.trim_end_matches('\n'));
    next.offers = None;
    line.set(next);
}

/// Where a field's cursor is, in the browser's units.
fn cursor_of(field: &HtmlTextAreaElement) -> u32 {
    field.selection_end().ok().flatten().unwrap_or(0)
}
