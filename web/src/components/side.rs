//! The panel at the right: its tabs and the one that is open.

use yew::prelude::*;

use super::icons::Icon;
use super::{Act, button, perhaps};
use crate::app::{Msg, Tab};
use crate::messages;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) tab: Tab,
    pub(crate) wide: bool,
    pub(crate) children: Html,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Side(p: &Props) -> Html {
    let tabs = Tab::ALL.map(|(tab, name, id)| {
        let on = p.tab == tab;
        html! {
            <button type="button" key={id} {id} role="tab" class={if on { "tab on" } else { "tab" }} aria-selected={on.to_string()}
                aria-controls="side-panel" tabindex={if on { "0" } else { "-1" }} onclick={p.act.reform(move |_| Msg::Tab(tab))}>{ name() }</button>
        }
    });
    let here = Tab::ALL
        .iter()
        .position(|(tab, ..)| *tab == p.tab)
        .unwrap_or(0);
    let keys = perhaps(&p.act, move |e: KeyboardEvent| {
        let next = match e.key().as_str() {
            "ArrowRight" => here + 1,
            "ArrowLeft" => here + Tab::ALL.len() - 1,
            "Home" => 0,
            "End" => Tab::ALL.len() - 1,
            _ => return None,
        };
        e.prevent_default();
        let (tab, ..) = Tab::ALL.get(next % Tab::ALL.len())?;
        Some(Msg::Tab(*tab))
    });
    let labelled = Tab::ALL.get(here).map(|(_, _, id)| *id);
    let size = if p.wide {
        messages::narrower()
    } else {
        messages::wider()
    };
    html! {
        <aside class="panel side" aria-label={messages::region_details()} data-region="side">
            <div class="ph">
                <div class="tabs" role="tablist" aria-label={messages::region_details()} onkeydown={keys}>{ for tabs }</div>
                <span class="sp"></span>
                { button(Icon::Expand, size, false, p.act.reform(|_| Msg::Widen)) }
            </div>
            <div class="pbody" id="side-panel" role="tabpanel" aria-labelledby={labelled}>{ p.children.clone() }</div>
        </aside>
    }
}
