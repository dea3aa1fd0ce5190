//! Finding text in the output: a bar above it, and the marks on what was found.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

use crate::components::button;
use crate::components::icons::Icon;
use crate::components::live::use_live;
use crate::messages;
use crate::platform::highlight;

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// Whether somebody looks for something. The bar is always there, so that it can take the next key.
    pub(super) on: bool,
    /// Its field.
    pub(super) seek: NodeRef,
    /// The element that holds the lines.
    pub(super) lines: NodeRef,
    /// Changes whenever the output does.
    pub(super) version: u64,
    pub(super) close: Callback<()>,
}

#[derive(Clone, PartialEq, Default)]
struct State {
    query: String,
    /// Counted from the last one, which is where one begins to look.
    back: usize,
    count: usize,
}

/// The bar.
#[component]
pub(super) fn Find(p: &Props) -> Html {
    let live = use_live(State::default);
    let state = live.get();
    {
        let live = live.clone();
        use_effect_with(p.on, move |on| {
            let on = *on;
            move || {
                if on {
                    highlight::mark("found", Vec::new());
                    highlight::mark("found-now", Vec::new());
                    live.set(State::default());
                }
            }
        });
    }
    {
        let (lines, live) = (p.lines.clone(), live.clone());
        let wanted = (p.on, state.query.clone(), state.back, p.version);
        use_effect_with(wanted, move |(on, query, back, _)| {
            if !on {
                return;
            }
            let found = lines
                .cast::<Element>()
                .map(|lines| highlight::occurrences(&lines, |text| places(text, query)))
                .unwrap_or_default();
            let count = found.len();
            let now = count.checked_sub(back + 1).and_then(|at| found.get(at));
            if let Some(node) = now.and_then(|range| range.start_container().ok())
                && let Some(line) = node.parent_element()
            {
                highlight::show(&line);
            }
            highlight::mark("found-now", now.cloned().into_iter().collect());
            highlight::mark("found", found);
            let mut next = live.get();
            if count != next.count {
                (next.count, next.back) = (count, next.back.min(count.saturating_sub(1)));
                live.set(next);
            }
        });
    }
    let step = {
        let live = live.clone();
        Callback::from(move |older: bool| {
            let mut next = live.get();
            let count = next.count.max(1);
            next.back = (next.back + if older { 1 } else { count - 1 }) % count;
            live.set(next);
        })
    };
    let oninput = {
        let live = live.clone();
        Callback::from(move |e: InputEvent| {
            if let Some(field) = e
                .target()
                .and_then(|t| t.dyn_into::<HtmlInputElement>().ok())
            {
                live.set(State {
                    query: field.value(),
                    ..State::default()
                });
            }
        })
    };
    let onkeydown = {
        let (step, close) = (step.clone(), p.close.clone());
        Callback::from(move |e: KeyboardEvent| {
            match e.key().as_str() {
                "Escape" => close.emit(()),
                "Enter" | "ArrowUp" if !e.shift_key() => step.emit(true),
                "Enter" | "ArrowDown" => step.emit(false),
                "f" if e.ctrl_key() => {}
                _ => return,
            }
            e.prevent_default();
            e.stop_propagation();
        })
    };
    let said = match (state.count, state.query.is_empty()) {
        (_, true) => String::new(),
        (0, _) => messages::find_none().to_owned(),
        (n, _) => messages::find_count(&(n - state.back.min(n - 1)), &n),
    };
    let (older, newer) = (
        step.reform(|_: MouseEvent| true),
        step.reform(|_: MouseEvent| false),
    );
    let none = state.count == 0;
    html! {
        <div class="seek" role="search" hidden={!p.on} {onkeydown}>
            <input ref={p.seek.clone()} type="text" spellcheck="false" autocomplete="off" autocapitalize="off" placeholder={messages::find_output()}
                aria-label={messages::find_output()} value={state.query.clone()} {oninput} />
            <span class="said" role="status">{ said }</span>
            { button(Icon::Up, messages::find_older(), none, older) }
            { button(Icon::Down, messages::find_newer(), none, newer) }
            { button(Icon::Close, messages::close(), false, p.close.reform(|_: MouseEvent| ())) }
        </div>
    }
}

/// Shows the bar of a field at once, and lets it have the keys.
pub(super) fn open(seek: &NodeRef) {
    let Some(field) = seek.cast::<HtmlInputElement>() else {
        return;
    };
    if let Some(bar) = field.parent_element() {
        let _ = bar.remove_attribute("hidden");
    }
    let _ = field.focus();
    field.select();
}

/// Where a text holds what is looked for, in bytes; capitals of ASCII do not matter.
fn places(text: &str, query: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    if query.is_empty() {
        return found;
    }
    let mut end = 0;
    for (at, _) in text.char_indices() {
        if at < end {
            continue;
        }
        let mut here = text.get(at..).unwrap_or_default().char_indices();
        let mut length = 0;
        let same = query.chars().all(|wanted| {
            here.next().is_some_and(|(offset, c)| {
                length = offset + c.len_utf8();
                c.eq_ignore_ascii_case(&wanted)
            })
        });
        if same {
            end = at + length;
            found.push((at, end));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_do_not_matter_and_matches_do_not_overlap() {
        assert_eq!(places("Ping PING ping", "ping"), [(0, 4), (5, 9), (10, 14)]);
        assert_eq!(places("aaa", "aa"), [(0, 2)]);
        assert_eq!(places("Größe É", "ß"), [(4, 6)]);
        assert!(places("x", "").is_empty());
    }
}
