//! The terminals: tabs, and the one in front.

use lab::view::Terminal;
use yew::prelude::*;

use super::icons::Icon;
use super::terminal::{Completer, TerminalView};
use super::{Act, button, perhaps};
use crate::app::Msg;
use crate::messages;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) terminals: Shared<Vec<Terminal>>,
    pub(crate) active: u32,
    /// Virtual time up to which output is shown.
    pub(crate) shown: u64,
    /// The terminals with output that has not been looked at.
    pub(crate) fresh: Vec<u32>,
    /// What playback is doing, said below the output.
    pub(crate) note: Option<AttrValue>,
    /// A command shown greyed, which runs when the dragged container is dropped: on which machine, and the line.
    pub(crate) ghost: Option<(AttrValue, AttrValue)>,
    pub(crate) maximised: bool,
    pub(crate) complete: Completer,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Dock(p: &Props) -> Html {
    let tabs = p.terminals.iter().map(|t| {
        let (id, on) = (t.id, t.id == p.active);
        let onclick = p.act.reform(move |_: MouseEvent| Msg::Terminal(id));
        html! {
            <button type="button" key={id} role="tab" class={if on { "tab on" } else { "tab" }} aria-selected={on.to_string()}
                tabindex={if on { "0" } else { "-1" }} {onclick}>
                <span>if p.fresh.contains(&id) { <span class="dotp" title={messages::new_output()}></span> }</span>
                { &t.title }
                <span class="k">{ &t.note }</span>
            </button>
        }
    });
    let keys = {
        let ids: Vec<u32> = p.terminals.iter().map(|t| t.id).collect();
        let active = p.active;
        perhaps(&p.act, move |e: KeyboardEvent| {
            let step = match e.key().as_str() {
                "ArrowRight" => 1,
                "ArrowLeft" => ids.len() - 1,
                _ => return None,
            };
            let at = ids.iter().position(|i| *i == active)?;
            e.prevent_default();
            ids.get((at + step) % ids.len())
                .map(|id| Msg::Terminal(*id))
        })
    };
    let views = p.terminals.iter().filter(|t| t.id == p.active).map(|t| {
        let ghost = p.ghost.as_ref().filter(|g| g.0 == t.machine.as_str()).map(|g| g.1.clone());
        html! {
            <TerminalView key={t.id} terminals={p.terminals.clone()} id={t.id} shown={p.shown} note={p.note.clone()} {ghost}
                complete={p.complete.clone()} act={p.act.clone()} />
        }
    });
    let size = if p.maximised {
        messages::terminal_restore()
    } else {
        messages::terminal_maximise()
    };
    html! {
        <section class="dock" aria-label={messages::region_terminals()} data-region="dock">
            <div class="tabs">
                <div class="tablist" role="tablist" aria-label={messages::region_terminals()} onkeydown={keys}>{ for tabs }</div>
                <span class="sp"></span>
                { button(Icon::Maximise, size, false, p.act.reform(|_| Msg::Maximise)) }
            </div>
            <div class="termbox">{ for views }</div>
        </section>
    }
}
