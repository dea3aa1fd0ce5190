//! The browser, as far as the page needs it and never trusting it to work.

pub(crate) mod clipboard;
pub(crate) mod highlight;
pub(crate) mod storage;

use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;

/// Milliseconds since the page was opened.
pub(crate) fn now() -> f64 {
    web_sys::window()
        .and_then(|w| w.performance())
        .map_or(0.0, |p| p.now())
}

/// Whether a media query holds.
pub(crate) fn media(query: &str) -> bool {
    web_sys::window()
        .and_then(|w| w.match_media(query).ok().flatten())
        .is_some_and(|m| m.matches())
}

/// Whether the system asks for little motion.
pub(crate) fn prefers_reduced_motion() -> bool {
    media("(prefers-reduced-motion: reduce)")
}

/// Calls a function whenever the system wants another theme or another amount of motion, for as long as the page lives.
pub(crate) fn on_preference(call: impl Fn() + 'static) {
    let call = Closure::<dyn Fn()>::new(call);
    for query in [
        "(prefers-color-scheme: dark)",
        "(prefers-reduced-motion: reduce)",
    ] {
        let list = web_sys::window().and_then(|w| w.match_media(query).ok().flatten());
        if let Some(list) = list {
            list.set_onchange(Some(call.as_ref().unchecked_ref()));
            // Whoever lets go of it hears no more.
            std::mem::forget(list);
        }
    }
    call.forget();
}

/// Size of the window.
pub(crate) fn window_size() -> (f64, f64) {
    let size = |v: Option<wasm_bindgen::JsValue>| v.and_then(|v| v.as_f64()).unwrap_or(0.0);
    let window = web_sys::window();
    (
        size(window.as_ref().and_then(|w| w.inner_width().ok())),
        size(window.as_ref().and_then(|w| w.inner_height().ok())),
    )
}

/// Sets an attribute of the document's root, or takes it away.
pub(crate) fn set_root(name: &str, value: Option<&str>) {
    let document = web_sys::window().and_then(|w| w.document());
    let Some(root) = document.and_then(|d| d.document_element()) else {
        return;
    };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// Copies a text to the clipboard, as far as the browser lets it.
pub(crate) fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        // Whoever may not copy sees the text beside the button anyway.
        let _ = window.navigator().clipboard().write_text(text);
    }
}

/// What follows the page's address, with its hash sign.
pub(crate) fn hash() -> String {
    web_sys::window()
        .and_then(|w| w.location().hash().ok())
        .unwrap_or_default()
}

/// What the browser calls itself.
pub(crate) fn browser() -> String {
    web_sys::window()
        .and_then(|w| w.navigator().user_agent().ok())
        .unwrap_or_default()
}

/// The languages that the user wants, the dearest first.
pub(crate) fn languages() -> Vec<String> {
    let list = web_sys::window().map(|w| w.navigator().languages());
    let list = list.into_iter().flatten();
    list.filter_map(|l| l.as_string()).collect()
}

/// The first element that a selector finds.
pub(crate) fn find(selector: &str) -> Option<web_sys::Element> {
    let document = web_sys::window()?.document()?;
    document.query_selector(selector).ok().flatten()
}

/// Scrolls the first element that a selector finds to the top of the `.scroll` that it is in, and nothing else with it.
pub(crate) fn scroll_to(selector: &str) {
    let wanted = find(selector);
    let view = wanted
        .as_ref()
        .and_then(|w| w.closest(".scroll").ok().flatten());
    if let (Some(wanted), Some(view)) = (wanted, view) {
        let top = |e: &web_sys::Element| e.get_bounding_client_rect().top();
        let by = top(&wanted) - top(&view);
        view.set_scroll_top(view.scroll_top() + by as i32);
    }
}

/// Moves focus to the first element that a selector finds.
pub(crate) fn focus(selector: &str) {
    match find(selector).map(wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>) {
        Some(Ok(element)) => _ = element.focus(),
        Some(Err(other)) => {
            let drawn = other.dyn_ref::<web_sys::SvgElement>();
            _ = drawn.map(web_sys::SvgElement::focus);
        }
        None => {}
    }
}

/// Sets a CSS custom property on the document.
pub(crate) fn property(name: &str, value: &str) {
    let root = web_sys::window().and_then(|w| w.document()?.document_element());
    style(root, name, value);
}

/// The element that has focus.
pub(crate) fn focused() -> Option<web_sys::Element> {
    web_sys::window()
        .and_then(|w| w.document())
        .and_then(|d| d.active_element())
}

/// Calls a function before every frame, for as long as the page lives.
pub(crate) fn every_frame(mut call: impl FnMut(f64) + 'static) {
    use std::cell::RefCell;
    use std::rc::Rc;
    type Frame = Closure<dyn FnMut(f64)>;
    let slot: Rc<RefCell<Option<Frame>>> = Rc::default();
    let again = Rc::clone(&slot);
    *slot.borrow_mut() = Some(Closure::new(move |at: f64| {
        call(at);
        request(&again);
    }));
    request(&slot);

    fn request(slot: &Rc<RefCell<Option<Frame>>>) {
        if let (Some(window), Some(frame)) = (web_sys::window(), slot.borrow().as_ref()) {
            let _ = window.request_animation_frame(frame.as_ref().unchecked_ref());
        }
    }
}

/// Calls a function whenever an element gets another size, for as long as the page lives.
pub(crate) fn on_resize(element: Option<web_sys::Element>, call: impl Fn() + 'static) {
    let call = Closure::<dyn Fn()>::new(call);
    let observer = web_sys::ResizeObserver::new(call.as_ref().unchecked_ref());
    if let (Some(element), Ok(observer)) = (element, observer) {
        observer.observe(&element);
        call.forget();
    }
}

/// The value of a CSS custom property on the document.
pub(crate) fn css(name: &str) -> String {
    let style = web_sys::window()
        .and_then(|w| Some((w.clone(), w.document()?.document_element()?)))
        .and_then(|(w, root)| w.get_computed_style(&root).ok().flatten());
    style
        .and_then(|s| s.get_property_value(name).ok())
        .map(|v| v.trim().to_owned())
        .unwrap_or_default()
}

/// Sets a style property without a style attribute, which the page's policy forbids.
pub(crate) fn style(element: Option<web_sys::Element>, name: &str, value: &str) {
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.style().set_property(name, value);
    }
}

/// Types a text into the field that has focus, in place of what is chosen there, as its user would: its own undo takes
/// it back. An empty text deletes.
pub(crate) fn type_text(text: &str) {
    let document = web_sys::window().and_then(|w| w.document());
    let Some(document) = document.map(wasm_bindgen::JsValue::from) else {
        return;
    };
    let command = if text.is_empty() {
        "delete"
    } else {
        "insertText"
    };
    let call = js_sys::Reflect::get(&document, &"execCommand".into());
    if let Some(call) = call
        .ok()
        .and_then(|call| call.dyn_into::<js_sys::Function>().ok())
    {
        let _ = call.call3(&document, &command.into(), &false.into(), &text.into());
    }
}

/// Hands bytes to the user as a file.
pub(crate) fn download(name: &str, bytes: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let Some(url) = web_sys::Blob::new_with_u8_array_sequence(&parts)
        .and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob))
        .ok()
    else {
        return;
    };
    let document = web_sys::window().and_then(|w| w.document());
    let link = document.and_then(|d| d.create_element("a").ok());
    if let Some(link) = link.and_then(|a| a.dyn_into::<web_sys::HtmlAnchorElement>().ok()) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // The browser has taken hold of the bytes by then.
    gloo::timers::callback::Timeout::new(10_000, move || {
        let _ = web_sys::Url::revoke_object_url(&url);
    })
    .forget();
}

/// Listens to files dropped onto the page: each one's name and its text, at most a mebibyte.
pub(crate) fn on_dropped_file(call: impl Fn(String, String) + 'static) {
    use gloo::events::{EventListener, EventListenerOptions};
    const MOST: f64 = 1_048_576.0;
    let Some(window) = web_sys::window() else {
        return;
    };
    let has_files = |e: &web_sys::Event| {
        let data = e
            .dyn_ref::<web_sys::DragEvent>()
            .and_then(web_sys::DragEvent::data_transfer);
        data.filter(|data| {
            data.types()
                .iter()
                .any(|t| t.as_string().as_deref() == Some("Files"))
        })
    };
    let options = EventListenerOptions::enable_prevent_default();
    let over = move |e: &web_sys::Event| {
        if has_files(e).is_some() {
            e.prevent_default();
        }
    };
    EventListener::new_with_options(&window, "dragover", options, over).forget();
    let call = std::rc::Rc::new(call);
    let drop = move |e: &web_sys::Event| {
        let Some(data) = has_files(e) else {
            return;
        };
        e.prevent_default();
        let Some(file) = data.files().and_then(|files| files.get(0)) else {
            return;
        };
        let (name, call) = (file.name(), std::rc::Rc::clone(&call));
        if file.size() > MOST {
            return call(format!("{name} (too large)"), String::new());
        }
        wasm_bindgen_futures::spawn_local(async move {
            let text = wasm_bindgen_futures::JsFuture::from(file.text()).await;
            call(
                name,
                text.ok().and_then(|t| t.as_string()).unwrap_or_default(),
            );
        });
    };
    EventListener::new_with_options(&window, "drop", options, drop).forget();
}

/// Gives an element a class, or takes it.
pub(crate) fn class(element: Option<web_sys::Element>, name: &str, on: bool) {
    if let Some(element) = element {
        let _ = element.class_list().toggle_with_force(name, on);
    }
}
