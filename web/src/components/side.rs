//! The panel at the right: journey, inspector, rules.

use yew::prelude::*;

use super::icons::Icon;
use super::{Act, button, perhaps};
use crate::app::{Msg, Tab};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) tab: Tab,
    pub(crate) wide: bool,
    pub(crate) children: Html,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Side(p: &Props) -> Html {
    let tabs = [(Tab::Journey, "Journey"), (Tab::Inspector, "Inspector"), (Tab::Rules, "Rules")].map(|(tab, name)| {
        let on = p.tab == tab;
        html! {
            <button type="button" key={name} id={format!("tab-{name}")} role="tab" class={if on { "tab on" } else { "tab" }} aria-selected={on.to_string()}
                aria-controls="side-panel" tabindex={if on { "0" } else { "-1" }} onclick={p.act.reform(move |_| Msg::Tab(tab))}>{ name }</button>
        }
    });
    let here = p.tab;
    let keys = perhaps(&p.act, move |e: KeyboardEvent| {
        let all = [Tab::Journey, Tab::Inspector, Tab::Rules];
        let at = all.iter().position(|t| *t == here)?;
        let next = match e.key().as_str() {
            "ArrowRight" => (at + 1) % 3,
            "ArrowLeft" => (at + 2) % 3,
            _ => return None,
        };
        e.prevent_default();
        all.get(next).map(|t| Msg::Tab(*t))
    });
    let size = if p.wide {
        "Panel back to its width"
    } else {
        "Widen the panel"
    };
    html! {
        <aside class="panel side" aria-label="Details" data-region="side">
            <div class="ph">
                <div class="tabs" role="tablist" aria-label="Details" onkeydown={keys}>{ for tabs }</div>
                <span class="sp"></span>
                { button(Icon::Expand, size, false, p.act.reform(|_| Msg::Widen)) }
            </div>
            <div class="pbody" id="side-panel" role="tabpanel" aria-labelledby={match p.tab { Tab::Journey => "tab-Journey", Tab::Inspector => "tab-Inspector", Tab::Rules => "tab-Rules" }}>{ p.children.clone() }</div>
        </aside>
    }
}
