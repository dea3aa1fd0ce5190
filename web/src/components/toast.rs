//! Short messages at the bottom left of the stage.

use yew::prelude::*;

use super::icons::{Icon, icon};
use super::{Act, button, whole};
use crate::app::{Msg, Toast};
use crate::{crash, messages};

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
        let next = t.next.clone().map(|(machine, command)| {
            let (m, c) = (machine.clone(), command.clone());
            let run = p.act.reform(move |_: MouseEvent| Msg::Run { machine: m.clone(), command: c.clone() });
            html! {
                <button type="button" class="fix" data-next="" onclick={run} title={messages::type_it_on(&machine)}>
                    <code>{ whole(&command) }</code>{ icon(Icon::Terminal) }</button>
            }
        });
        // Where there is a way out, it is no fault of the page.
        let report = (t.bad && t.next.is_none()).then(|| {
            let text = t.text.clone();
            let copy = p.act.reform(move |_: MouseEvent| Msg::Copy(crash::report(&text)));
            html! { <button type="button" class="btn link" onclick={copy}>{ messages::copy_report() }</button> }
        });
        html! {
            <div key={id} class={if t.bad { "toast bad" } else { "toast" }}>
                { icon(if t.bad { Icon::Alert } else { Icon::Check }) }
                <div class="say"><span>{ &t.text }</span><small>{ &t.detail }</small><div>{ for next }</div></div>
                <span class="do">{ for report }</span>
                <span class="do">
                    if t.undo { <button type="button" class="btn link" onclick={undo}>{ messages::undo() }</button> }
                </span>
                { button(Icon::Close, messages::dismiss(), false, close) }
            </div>
        }
    });
    html! { <div class="toasts" role="status" aria-live="polite">{ for toasts }</div> }
}
