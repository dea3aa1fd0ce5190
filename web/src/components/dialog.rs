//! Dialogs that keep focus until they are closed, and the list of keys in one.

use yew::prelude::*;

use super::icons::Icon;
use super::{Act, button};
use crate::app::Msg;
use crate::messages;
use crate::messages::keys::{KEYS, spelled};

#[derive(Properties, PartialEq)]
pub(crate) struct ModalProps {
    pub(crate) title: AttrValue,
    /// Of what is in it.
    pub(crate) class: &'static str,
    pub(crate) children: Html,
    pub(crate) act: Act,
}

/// The browser's own modal dialog, which traps focus and gives it back afterwards.
#[component]
pub(crate) fn Modal(p: &ModalProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = node.cast::<web_sys::HtmlDialogElement>() {
                let _ = dialog.show_modal();
            }
        });
    }
    let close = p.act.reform(|_: Event| Msg::Dialog(None));
    html! {
        <dialog ref={node} class="dlg" aria-labelledby="dialog-title" onclose={close}>
            <header><h2 id="dialog-title">{ &p.title }</h2>
                { button(Icon::Close, messages::close(), false, p.act.reform(|_| Msg::Dialog(None))) }</header>
            <div class={classes!("bd", p.class)}>{ p.children.clone() }</div>
        </dialog>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Help(p: &Props) -> Html {
    let groups = KEYS.iter().map(|(group, rows)| {
        let rows = rows.iter().map(|(name, keys)| {
            let keys = keys.iter().map(|k| html! { <kbd key={*k}>{ spelled(k) }</kbd> });
            html! { <div key={name()} class="keyrow"><dt>{ name() }</dt><dd>{ for keys }</dd></div> }
        });
        html! { <section key={group()}><h3 class="cap">{ group() }</h3><dl>{ for rows }</dl></section> }
    });
    let tour = p.act.reform(|_: MouseEvent| Msg::Tour(Some(0)));
    html! {
        <Modal title={messages::shortcuts()} class="keys" act={p.act.clone()}>
            <div class="keygroups">{ for groups }</div>
            <button type="button" class="btn o" onclick={tour}>{ messages::tour_again() }</button>
        </Modal>
    }
}
