//! The completions below the word being typed, or above it where there is no room.

use yew::prelude::*;

use super::edit::Offers;
use crate::messages;

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
                <span>{ &item.text }</span><span>{ &item.description }</span>
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

/// Stands below the word it completes, or above where there is no room.
#[component]
fn Anchored(p: &AnchoredProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(p.column, move |column| {
            crate::platform::style(
                node.cast(),
                "left",
                &format!("max(0px, min({column}ch, 100% - 330px))"),
            );
            let Some(me) = node.cast::<web_sys::Element>() else {
                return;
            };
            let (Some(frame), Some(entry)) = (
                me.closest(".term").ok().flatten(),
                me.closest(".entry").ok().flatten(),
            ) else {
                return;
            };
            let (frame, entry) = (
                frame.get_bounding_client_rect(),
                entry.get_bounding_client_rect(),
            );
            let height = me.get_bounding_client_rect().height() + 8.0;
            let (below, above) = (frame.bottom() - entry.bottom(), entry.top() - frame.top());
            if below >= height || above < height {
                crate::platform::style(node.cast(), "bottom", "auto");
                crate::platform::style(node.cast(), "top", "1.7em");
            }
        });
    }
    html! { <div class="comp" ref={node}>{ p.children.clone() }</div> }
}
