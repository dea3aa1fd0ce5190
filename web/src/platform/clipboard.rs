//! Selected text and the clipboard.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, JsCast as _, JsValue};

/// Whether text of the page is selected, outside of fields.
pub(crate) fn has_selection() -> bool {
    let selection = web_sys::window().and_then(|w| w.get_selection().ok().flatten());
    selection.is_some_and(|s| !s.is_collapsed())
}

/// Copies what is selected.
pub(crate) fn copy() {
    let Some(document) = web_sys::window().and_then(|w| w.document()) else {
        return;
    };
    // The only way that also works where the page is a file.
    if let Ok(call) = Reflect::get(&document, &"execCommand".into())
        && let Some(call) = call.dyn_ref::<Function>()
    {
        let _ = call.call1(&document, &"copy".into());
    }
}

/// Asks for the clipboard's text; `None` if the browser does not give it.
pub(crate) fn read(then: impl FnOnce(Option<String>) + 'static) {
    let Some(answer) = ask() else {
        return then(None);
    };
    let then = std::rc::Rc::new(std::cell::Cell::new(Some(then)));
    let refused = std::rc::Rc::clone(&then);
    let given = Closure::once_into_js(move |text: JsValue| {
        if let Some(then) = then.take() {
            then(text.as_string());
        }
    });
    let failed = Closure::once_into_js(move |_: JsValue| {
        if let Some(then) = refused.take() {
            then(None);
        }
    });
    if let Ok(call) = Reflect::get(&answer, &"then".into())
        && let Some(call) = call.dyn_ref::<Function>()
    {
        let _ = call.call2(&answer, &given, &failed);
    }
}

fn ask() -> Option<Promise> {
    let window = web_sys::window()?;
    let navigator = Reflect::get(&window, &"navigator".into()).ok()?;
    let clipboard = Reflect::get(&navigator, &"clipboard".into()).ok()?;
    let read: Function = Reflect::get(&clipboard, &"readText".into())
        .ok()?
        .dyn_into()
        .ok()?;
    read.call0(&clipboard).ok()?.dyn_into().ok()
}
