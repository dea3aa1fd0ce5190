//! The list of keys, in a dialog that keeps focus until it is closed.

use yew::prelude::*;

use super::icons::Icon;
use super::{Act, button};
use crate::app::Msg;
use crate::messages;
use crate::messages::keys::{KEYS, spelled};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Help(p: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = node.cast::<web_sys::HtmlDialogElement>() {
                // The browser's own modal dialog traps focus and gives it back afterwards.
                let _ = dialog.show_modal();
            }
        });
    }
    let close = p.act.reform(|_: Event| Msg::Help(false));
    let groups = KEYS.iter().map(|(group, rows)| {
        let rows = rows.iter().map(|(name, keys)| {
            let keys = keys.iter().map(|k| html! { <kbd key={*k}>{ spelled(k) }</kbd> });
            html! { <div key={name()} class="keyrow"><dt>{ name() }</dt><dd>{ for keys }</dd></div> }
        });
        html! { <section key={group()}><h3 class="cap">{ group() }</h3><dl>{ for rows }</dl></section> }
    });
    html! {
        <dialog ref={node} class="dlg" aria-labelledby="help-title" onclose={close}>
            <header><h2 id="help-title">{ messages::shortcuts() }</h2>
                { button(Icon::Close, messages::close(), false, p.act.reform(|_| Msg::Help(false))) }</header>
            <div class="bd keys">{ for groups }</div>
        </dialog>
    }
}
