//! The parts of the page, a file each.
//!
//! Rules that keep Yew well: one root element per component, each conditional and each list alone in an element of its
//! own, every list keyed. No `style` attributes: the page's policy forbids them.

pub(crate) mod ask;
mod callout;
pub(crate) mod dialog;
pub(crate) mod dns;
pub(crate) mod dock;
pub(crate) mod draft;
pub(crate) mod editor;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod gestures;
pub(crate) mod icons;
pub(crate) mod inside;
pub(crate) mod inspector;
pub(crate) mod journey;
mod live;
pub(crate) mod menu;
pub(crate) mod minimap;
pub(crate) mod networks;
pub(crate) mod nodes;
pub(crate) mod packet;
pub(crate) mod packets;
pub(crate) mod palette;
pub(crate) mod rules;
pub(crate) mod settings;
pub(crate) mod side;
pub(crate) mod stage;
pub(crate) mod starts;
pub(crate) mod terminal;
pub(crate) mod toast;
pub(crate) mod topbar;
pub(crate) mod tour;
pub(crate) mod trail;
pub(crate) mod transport;

use lab::view::{Tag, Tone};
use yew::prelude::*;

use crate::app::Msg;
use crate::messages::said::said;
use icons::{Icon, icon};

/// How a part tells the page what its user wants.
pub(crate) type Act = Callback<Msg>;

/// A handler that may or may not want something.
pub(crate) fn perhaps<E: 'static>(
    act: &Act,
    wish: impl Fn(E) -> Option<Msg> + 'static,
) -> Callback<E> {
    let act = act.clone();
    Callback::from(move |e: E| {
        if let Some(msg) = wish(e) {
            act.emit(msg);
        }
    })
}

/// A button with an icon only.
pub(crate) fn button(
    which: Icon,
    label: &str,
    disabled: bool,
    onclick: Callback<MouseEvent>,
) -> Html {
    let label = label.to_owned();
    // A button that cannot be used keeps focus: whoever has come to an end with it can go on from there.
    let onclick = (!disabled).then_some(onclick);
    html! {
        <button type="button" class="btn ib" aria-label={label.clone()} title={label} aria-disabled={disabled.then_some("true")} {onclick}>{ icon(which) }</button>
    }
}

/// Where a button's menu opens: at its lower left corner, whether it was pressed by mouse or by key.
pub(crate) fn below(e: &MouseEvent) -> (f64, f64) {
    // Its icon may be what was pressed.
    let target = e.target_dyn_into::<web_sys::Element>();
    let button = target.and_then(|t| t.closest("button").ok().flatten());
    let r = button.map(|b| b.get_bounding_client_rect());
    r.map_or((0.0, 0.0), |r| (r.left(), r.bottom()))
}

/// The class of a word's tone.
pub(crate) const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "tag",
        Tone::Changed => "tag ink",
        Tone::Good => "tag ok",
        Tone::Bad => "tag bad",
        Tone::Warn => "tag warn",
    }
}

/// A word with its tone; nothing for an empty word.
pub(crate) fn tag(tag: &Tag) -> Html {
    if tag.text.is_empty() {
        return html! { <span></span> };
    }
    let (text, lang) = said(&tag.text);
    html! { <span class={tone(tag.tone)} {lang}>{ text }</span> }
}

/// What the lab says, in the language in use.
pub(crate) fn say(text: &str) -> Html {
    let (text, lang) = said(text);
    html! { <span {lang}>{ whole(&text) }</span> }
}

/// A text whose words stay whole at their hyphens, since options and chains are not prose; what stands between backticks
/// is code.
pub(crate) fn whole(text: &str) -> Html {
    if !text.contains(['-', '`']) {
        return html! { { text.to_owned() } };
    }
    let code = text.matches('`').count().is_multiple_of(2);
    let parts = text.split(|c| code && c == '`').enumerate();
    let parts = parts.map(|(i, part)| {
        if i % 2 == 1 {
            html! { <code>{ part.to_owned() }</code> }
        } else {
            html! { { for words(part) } }
        }
    });
    html! { <>{ for parts }</> }
}

/// Words with hyphens, each in an element, and what stands between them.
fn words(text: &str) -> Vec<Html> {
    let mut plain = String::new();
    let mut all = Vec::new();
    // What is negated stands on the same line.
    let mut not = "";
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ');
        if bare == "!" && word.len() > 1 {
            not = "!\u{a0}";
        } else if bare.contains('-') {
            let before = std::mem::take(&mut plain);
            let negated = std::mem::take(&mut not);
            all.push(html! { { before } });
            all.push(html! { <span class="whole">{ format!("{negated}{bare}") }</span> });
            plain.push_str(word.get(bare.len()..).unwrap_or_default());
        } else {
            plain.push_str(std::mem::take(&mut not));
            plain.push_str(word);
        }
    }
    plain.push_str(not);
    all.push(html! { { plain } });
    all
}
