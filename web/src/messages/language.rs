//! Which language the page speaks, and where its texts come from.

use std::cell::Cell;

use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::{ENGLISH, TEXTS};
use crate::platform::{self, storage};

/// The languages, each by its code and by its own name.
pub(crate) const LANGUAGES: [(&str, &str); 4] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("zh", "中文"),
];

thread_local! {
    static SPOKEN: Cell<&'static str> = const { Cell::new("en") };
}

/// The language in use.
pub(crate) fn spoken() -> &'static str {
    SPOKEN.get()
}

/// The language that was chosen, or else the first one that the browser asks for and that there is.
pub(crate) fn preferred() -> &'static str {
    let known = |code: &str| {
        let code = code.split('-').next().unwrap_or_default();
        LANGUAGES.iter().map(|l| l.0).find(|l| *l == code)
    };
    let chosen = storage::read(storage::LANGUAGE).ok().flatten();
    let chosen = chosen.as_deref().and_then(known);
    let asked = || platform::languages().iter().find_map(|code| known(code));
    chosen.or_else(asked).unwrap_or("en")
}

/// Speaks a language from now on, once its texts are there. Returns whether it does.
pub(crate) async fn speak(code: &'static str) -> bool {
    let texts = if code == "en" {
        Some(String::new())
    } else {
        fetch(code).await
    };
    let Some(texts) = texts else { return false };
    take(&texts);
    SPOKEN.set(code);
    platform::set_root("lang", Some(code));
    true
}

/// The texts of a language: they are in the page, or the page says where they are.
async fn fetch(code: &str) -> Option<String> {
    let window = web_sys::window()?;
    let element = window
        .document()?
        .get_element_by_id(&format!("messages-{code}"))?;
    let Some(address) = element.get_attribute("data-src") else {
        return element.text_content();
    };
    let answer = JsFuture::from(window.fetch_with_str(&address)).await.ok()?;
    let answer: web_sys::Response = answer.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

/// Takes the texts of a file, or English if it is empty. They stay in memory as long as the page.
pub(super) fn take(file: &str) {
    let file: &'static str = Box::leak(file.to_owned().into_boxed_str());
    let lines = file.lines().filter(|l| !l.starts_with('#'));
    let texts: Vec<&str> = lines.filter_map(|l| Some(l.split_once(" = ")?.1)).collect();
    super::said::take(file);
    TEXTS.set(if texts.is_empty() {
        ENGLISH
    } else {
        texts.leak()
    });
}
