//! Why the last command did not get what it wanted, and the commands that would mend it.

use lab::view::Explanation;
use yew::prelude::*;

use super::icons::{Icon, icon};
use super::{Act, say, whole};
use crate::app::Msg;
use crate::messages;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) explanation: Shared<Option<Explanation>>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Explain(p: &Props) -> Html {
    let Some(e) = &*p.explanation else {
        return html! { <div></div> };
    };
    let fixes = e.fixes.iter().map(|f| {
        let (machine, command) = (f.machine.clone(), f.command.clone());
        let onclick = p.act.reform(move |_: MouseEvent| Msg::Run { machine: machine.clone(), command: command.clone() });
        html! {
            <li key={f.command.clone()}>
                <span class="lbl">{ say(&f.label) }</span>
                <button type="button" class="fix" data-fix={f.command.clone()} {onclick} title={messages::type_it_on(&f.machine)}>
                    <code>{ whole(&f.command) }</code>{ icon(Icon::Terminal) }</button>
            </li>
        }
    });
    html! {
        <section class="explain" aria-label={messages::why()} data-explanation={e.input.to_string()}>
            <h2 class="cap">{ messages::why() }</h2>
            <p class="sentence">{ icon(Icon::Drop) }<b>{ say(&e.sentence) }</b></p>
            <p class="detail">{ say(&e.detail) }</p>
            <div>if !e.decided_by.is_empty() { <p class="by"><span class="cap">{ messages::decided_by() }</span><code>{ say(&e.decided_by) }</code></p> }</div>
            <div>if !e.never_reached.is_empty() { <p class="by"><span class="cap">{ messages::never_reached() }</span><span>{ e.never_reached.join(", ") }</span></p> }</div>
            <div>
                if !e.fixes.is_empty() {
                    <h3 class="cap">{ messages::fixes() }</h3>
                    <ul class="fixes">{ for fixes }</ul>
                }
            </div>
        </section>
    }
}
