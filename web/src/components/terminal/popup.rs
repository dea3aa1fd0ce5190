//! The completions below the word being typed, or above it where there is no room.

use yew::prelude::*;

use super::edit::Offers;
use crate::messages;
use crate::platform;

/// Completions shown at once.
const MOST_ITEMS: usize = 8;

/// The box with the completions.
pub(super) fn popup(offers: &Offers, prompt: &str, take: &Callback<usize>) -> Html {
    let count = offers.list.items.len();
    let first = (offers.chosen + 1).saturating_sub(MOST_ITEMS);
    let items = offers
        .list
        .items
        .iter()
        .enumerate()
        .skip(first)
        .take(MOST_ITEMS);
    let items = items.map(|(i, item)| {
        let on = i == offers.chosen;
        let take = take.clone();
        // The field would lose focus at a press, and with it the list.
        let press = Callback::from(move |e: PointerEvent| {
            e.prevent_default();
            take.emit(i);
        });
        html! {
            <div key={item.text.clone()} id={format!("completion-{i}")} role="option" class={if on { "opt on" } else { "opt" }} aria-selected={on.to_string()} onpointerdown={press}>
                <span>{ &item.text }</span><span lang="en">{ &item.description }</span>
            </div>
        }
    });
    let column = (prompt.chars().count() + 1 + offers.list.from).min(60);
    html! {
        <Anchored {column}>
            <div role="listbox" id="completions" aria-label={messages::completions()}>{ for items }</div>
            <div class="foot"><kbd>{ "Tab" }</kbd>{ " " }{ messages::complete_accept() }{ " " }<kbd>{ "↑" }</kbd><kbd>{ "↓" }</kbd>{ " " }{ messages::complete_choose() }
                <span class="count">if count > MOST_ITEMS { { format!("{}/{count}", offers.chosen + 1) } }</span></div>
        </Anchored>
    }
}

#[derive(Properties, PartialEq)]
struct AnchoredProps {
    column: usize,
    children: Html,
}

/// Stands below the word it completes, or above where there is more room.
#[component]
fn Anchored(p: &AnchoredProps) -> Html {
    let node = use_node_ref();
    {
        let (node, column) = (node.clone(), p.column);
        // The line may wrap, and the list grow, with every letter.
        use_effect(move || {
            let element = || node.cast::<web_sys::Element>();
            let entry = element().and_then(|me| me.closest(".entry").ok().flatten());
            let (Some(me), Some(entry)) = (element(), entry) else {
                return;
            };
            let (me, entry) = (
                me.get_bounding_client_rect(),
                entry.get_bounding_client_rect(),
            );
            let (width, height) = platform::window_size();
            let below = height - entry.bottom();
            let (top, bottom) = if below >= me.height() + 8.0 || below > entry.top() {
                (format!("{:.0}px", entry.bottom() + 4.0), "auto".to_owned())
            } else {
                (
                    "auto".to_owned(),
                    format!("{:.0}px", height - entry.top() + 4.0),
                )
            };
            let most = width - me.width() - 8.0;
            let left = format!(
                "max(8px, min({:.0}px + {column}ch, {most:.0}px))",
                entry.left()
            );
            for (name, value) in [("top", &top), ("bottom", &bottom), ("left", &left)] {
                platform::style(element(), name, value);
            }
        });
    }
    html! { <div class="comp" ref={node}>{ p.children.clone() }</div> }
}
