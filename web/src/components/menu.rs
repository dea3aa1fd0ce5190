//! The menus behind C, M and X: what dragging does, without a pointer.

use lab::view::{DropState, Topology};
use yew::prelude::*;

use super::inspector::network_mark;
use super::{Act, perhaps};
use crate::app::{MenuKind, MenuView, Msg};
use crate::layout::text;
use crate::messages::lane;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) menu: Shared<Option<MenuView>>,
    pub(crate) topology: Shared<Topology>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn NetworkMenu(p: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(p.menu.clone(), move |menu| {
            if let (Some(_), Some(dialog)) = (&**menu, node.cast::<web_sys::HtmlDialogElement>()) {
                if !dialog.open() {
                    let _ = dialog.show_modal();
                }
                if let Ok(Some(first)) =
                    dialog.query_selector("[role=menuitem]:not([aria-disabled=true])")
                {
                    let _ =
                        wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(first).focus();
                }
            }
        });
    }
    let Some(menu) = &*p.menu else {
        return html! { <div></div> };
    };
    let title = match menu.kind {
        MenuKind::Connect => format!("Connect {} to", menu.name),
        MenuKind::Move => format!("Move {} to", menu.name),
        MenuKind::Disconnect => format!("Disconnect {} from", menu.name),
    };
    let items = menu.offers.iter().map(|o| {
        let commands = menu.commands(o);
        let off = commands.is_empty();
        let name = p.topology.machines.iter().flat_map(|m| &m.networks).find(|n| n.id == o.network).map_or("", |n| &n.name);
        let note = match o.state {
            DropState::Member if menu.kind != MenuKind::Disconnect => "member".to_owned(),
            DropState::Refused => text::shorten(&o.refusal, 40),
            _ if menu.kind == MenuKind::Disconnect && off => "not a member".to_owned(),
            _ => o.address.clone(),
        };
        let machine = o.machine.clone();
        let line = commands.clone();
        let onclick = perhaps(&p.act, move |_: MouseEvent| {
            (!line.is_empty()).then(|| Msg::RunAll { machine: machine.clone(), commands: line.clone() })
        });
        html! {
            <button type="button" key={o.network.clone()} role="menuitem" class="item" aria-disabled={off.to_string()} {onclick}
                title={if off { lane::MEMBER.to_owned() } else { commands.join(" ; ") }}>
                { network_mark(&p.topology, Some(&o.network)) }<b>{ name }</b><span class="sp"></span><span class="note">{ note }</span>
                <code>{ commands.join(" ; ") }</code>
            </button>
        }
    });
    let keys = perhaps(&p.act, |e: KeyboardEvent| {
        let forward = match e.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return None,
        };
        e.prevent_default();
        let at: Option<web_sys::Element> = crate::platform::focused();
        let next = at.and_then(|a| {
            if forward {
                a.next_element_sibling()
            } else {
                a.previous_element_sibling()
            }
        });
        if let Some(next) = next {
            let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(next).focus();
        }
        None::<Msg>
    });
    let close = p.act.reform(|_: Event| Msg::Menu(None));
    html! {
        <dialog ref={node} class="dlg menu" aria-label={title.clone()} onclose={close}>
            <div class="cap">{ title }</div>
            <div role="menu" onkeydown={keys}>{ for items }</div>
        </dialog>
    }
}
