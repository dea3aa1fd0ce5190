//! What is shown if the page itself fails: nothing is lost, and a reload starts again from the saved lab.

use crate::messages;
use crate::platform::storage;

/// Shows a plain page with the reason instead of a frozen one.
pub(crate) fn install() {
    yew::set_custom_panic_hook(Box::new(|info| show(&info.to_string())));
}

fn show(reason: &str) {
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
    add("h1", messages::crash_title());
    add("p", messages::crash_text());
    add("pre", reason);
    // A link needs no script, and scripts may no longer run.
    if let Some(link) = add("a", messages::crash_reload()) {
        let _ = link.set_attribute("href", "");
        let _ = link.set_attribute("class", "btn p");
    }
    if matches!(storage::read(storage::LAB), Ok(Some(_))) {
        add("p", messages::crash_fresh());
    }
    body.replace_children_with_node_1(&page);
}
