//! The tour: a card that points at one part of the page after the other and is in nobody's way.

use yew::prelude::*;

use super::Act;
use crate::app::{Msg, STOPS};
use crate::messages::{self as words, Words};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// From 0.
    pub(crate) stop: usize,
    pub(crate) act: Act,
}

const TEXTS: [(Words, Words); STOPS] = [
    (words::tour_terminal, words::tour_terminal_text),
    (words::tour_stage, words::tour_stage_text),
    (words::tour_playback, words::tour_playback_text),
    (words::tour_journey, words::tour_journey_text),
    (words::tour_starts, words::tour_starts_text),
];

#[component]
pub(crate) fn Tour(p: &Props) -> Html {
    let Some((title, text)) = TEXTS.get(p.stop) else {
        return html! { <div></div> };
    };
    let last = p.stop + 1 == STOPS;
    let after = p.stop + 1;
    let skip = p.act.reform(|_: MouseEvent| Msg::Tour(None));
    let next = p
        .act
        .reform(move |_: MouseEvent| Msg::Tour((!last).then_some(after)));
    html! {
        <section class={format!("tour stop-{}", p.stop)} aria-label={words::tour()}>
            <div aria-live="polite">
                <p class="cap">{ words::tour_stop(&after, &STOPS) }</p>
                <h2>{ title() }</h2>
                <p>{ text() }</p>
            </div>
            <div class="row">
                <button type="button" class="btn" onclick={skip}>{ words::tour_skip() }</button>
                <button type="button" class="btn p" onclick={next}>{ if last { words::tour_end() } else { words::tour_next() } }</button>
            </div>
        </section>
    }
}
