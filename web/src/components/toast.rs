//! Short messages at the bottom left of the stage.

use yew::prelude::*;

use super::icons::{Icon, icon};
use super::{Act, button};
use crate::app::{Msg, Toast};
use crate::messages;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) toasts: Vec<Toast>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Toasts(p: &Props) -> Html {
    let toasts = p.toasts.iter().map(|t| {
        let id = t.id;
        let close = p.act.reform(move |_: MouseEvent| Msg::CloseToast(id));
        let undo = p.act.reform(move |_: MouseEvent| Msg::UndoToast(id));
        html! {
            <div key={id} class={if t.bad { "toast bad" } else { "toast" }}>
                { icon(if t.bad { Icon::Alert } else { Icon::Check }) }
                <span class="say">{ &t.text }</span>
                <span class="do">
                    if t.undo { <button type="button" class="btn link" onclick={undo}>{ messages::undo() }</button> }
                </span>
                { button(Icon::Close, messages::dismiss(), false, close) }
            </div>
        }
    });
    html! { <div class="toasts" role="status" aria-live="polite">{ for toasts }</div> }
}
