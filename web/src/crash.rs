//! What is shown if the page itself fails: nothing is lost, a reload starts again from the saved lab, and there is a
//! report to copy. It is sent to nobody.

use std::cell::Cell;

use gloo::events::EventListener;

use crate::messages;
use crate::platform::{self, storage};

thread_local! {
    static INPUTS: Cell<usize> = const { Cell::new(0) };
}

/// Remembers how many inputs the lab has, for a report.
pub(crate) fn count(inputs: usize) {
    INPUTS.set(inputs);
}

/// What somebody who is to find a fault would want to know.
pub(crate) fn report(message: &str) -> String {
    format!(
        "Drydock {}\n{}\n{}, {} inputs\n\n{message}\n",
        env!("CARGO_PKG_VERSION"),
        platform::browser(),
        messages::language::spoken(),
        INPUTS.get()
    )
}

/// Shows a plain page with the reason instead of a frozen one.
pub(crate) fn install() {
    yew::set_custom_panic_hook(Box::new(|info| show(&info.to_string())));
}

pub(crate) fn show(reason: &str) {
    web_sys::console::error_1(&reason.into());
    let Some(document) = web_sys::window().and_then(|w| w.document()) else {
        return;
    };
    let (Some(body), Ok(page)) = (document.body(), document.create_element("div")) else {
        return;
    };
    page.set_class_name("crash");
    let _ = page.set_attribute("role", "alert");
    let add = |tag: &str, text: &str| {
        if let Ok(element) = document.create_element(tag) {
            element.set_text_content(Some(text));
            let _ = page.append_child(&element);
            return Some(element);
        }
        None
    };
    let report = report(reason);
    add("h1", messages::crash_title());
    add("p", messages::crash_text());
    // A link needs no script, and scripts may no longer run.
    if let Some(link) = add("a", messages::crash_reload()) {
        let _ = link.set_attribute("href", "");
        let _ = link.set_attribute("class", "btn p");
    }
    add("p", messages::crash_report());
    if let Some(text) = add("textarea", &report) {
        let _ = text.set_attribute("readonly", "");
        let _ = text.set_attribute("rows", "8");
        let _ = text.set_attribute("aria-label", messages::crash_report());
    }
    if let Some(copy) = add("button", messages::copy_report()) {
        let _ = copy.set_attribute("class", "btn o");
        EventListener::new(&copy, "click", move |_| platform::copy(&report)).forget();
    }
    if matches!(storage::read(storage::LAB), Ok(Some(_))) {
        add("p", messages::crash_fresh());
    }
    body.replace_children_with_node_1(&page);
}
