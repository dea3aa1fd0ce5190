//! The menu of whatever is asked for: with the right button, a long press, or the keys C, M and X.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use super::icons::mark;
use super::{Act, perhaps};
use crate::app::{MenuView, Msg};
use crate::messages;
use crate::platform;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) menu: Shared<Option<MenuView>>,
    pub(crate) act: Act,
}

/// Letters of a command that two lines have room for, wherever they break.
const TWO_LINES: usize = 68;

#[component]
pub(crate) fn Menu(p: &Props) -> Html {
    let node = use_node_ref();
    // A finger that asked for the menu is lifted above an item: only one that came down on the menu chooses.
    let pressed = use_mut_ref(|| false);
    {
        let (node, pressed) = (node.clone(), Rc::clone(&pressed));
        use_effect_with(p.menu.clone(), move |menu| {
            *pressed.borrow_mut() = false;
            if let (Some(menu), Some(dialog)) = (&**menu, node.cast::<web_sys::HtmlDialogElement>())
            {
                if !dialog.open() {
                    let _ = dialog.show_modal();
                }
                settle(&dialog, menu.at);
                if let Ok(Some(first)) =
                    dialog.query_selector("[role=menuitem]:not([aria-disabled=true])")
                {
                    focus(first);
                }
            }
        });
    }
    let Some(menu) = &*p.menu else {
        return html! { <div></div> };
    };
    let items = menu.items.iter().enumerate().map(|(i, item)| {
        let choice = item.choice.clone();
        let pressed = Rc::clone(&pressed);
        // Keys count no clicks.
        let onclick = perhaps(&p.act, move |e: MouseEvent| {
            let meant = e.detail() == 0 || *pressed.borrow();
            choice.clone().filter(|_| meant).map(Msg::Choose)
        });
        let class = format!(
            "item{}{}",
            if item.apart { " apart" } else { "" },
            if item.destructive() { " danger" } else { "" }
        );
        let onmouseenter = Callback::from(|e: MouseEvent| {
            if let Some(t) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
                focus(t);
            }
        });
        html! {
            <button type="button" key={i} role="menuitem" {class} aria-disabled={item.choice.is_none().to_string()} {onclick} {onmouseenter}>
                <span class="sign">if let Some(m) = item.mark { { mark(m) } }</span>
                <b>{ &item.label }</b><span class="sp"></span><span class="note">{ &item.note }</span>
                <code>{ item.commands() }</code>
            </button>
        }
    });
    let keys = perhaps(&p.act, |e: KeyboardEvent| {
        let here = platform::focused();
        let to = match e.key().as_str() {
            "ArrowDown" => here.and_then(|a| a.next_element_sibling()),
            "ArrowUp" => here.and_then(|a| a.previous_element_sibling()),
            "Home" => here.and_then(|a| a.parent_element()?.first_element_child()),
            "End" => here.and_then(|a| a.parent_element()?.last_element_child()),
            _ => return None,
        };
        e.prevent_default();
        if let Some(to) = to {
            focus(to);
        }
        None::<Msg>
    });
    // Where nothing is typed, there is no line for what would be.
    let longest = menu.items.iter().map(|i| i.commands().len()).max();
    let longest = longest.unwrap_or(0);
    let typing = longest > 0;
    let class = match longest {
        0 => "dlg menu menu-plain",
        1..=TWO_LINES => "dlg menu",
        _ => "dlg menu menu-tall",
    };
    let close = p.act.reform(|_: Event| Msg::Menu(None));
    let outside = {
        let (node, pressed) = (node.clone(), Rc::clone(&pressed));
        perhaps(&p.act, move |e: PointerEvent| {
            *pressed.borrow_mut() = true;
            let dialog = node.cast::<web_sys::Element>()?;
            let target = e.target()?.dyn_into::<web_sys::Element>().ok()?;
            let r = dialog.get_bounding_client_rect();
            let (x, y) = (f64::from(e.client_x()), f64::from(e.client_y()));
            let inside = x >= r.left() && x <= r.right() && y >= r.top() && y <= r.bottom();
            (target == dialog && !inside).then_some(Msg::Menu(None))
        })
    };
    html! {
        <dialog ref={node} {class} aria-label={menu.title.clone()} onclose={close} onpointerdown={outside}>
            <div class="cap">{ menu.title.clone() }</div>
            <div role="menu" aria-label={menu.title.clone()} onkeydown={keys}>{ for items }</div>
            <div>if typing { <p class="menu-hint" aria-hidden="true">{ messages::menu_hint() }</p> }</div>
        </dialog>
    }
}

fn focus(element: web_sys::Element) {
    if let Ok(element) = element.dyn_into::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}

/// Puts the menu where it was asked for, wholly inside the window.
fn settle(dialog: &web_sys::HtmlDialogElement, at: Option<(f64, f64)>) {
    let element = || Some(dialog.clone().unchecked_into::<web_sys::Element>());
    let Some((x, y)) = at else {
        platform::style(element(), "margin", "auto");
        platform::style(element(), "left", "0");
        platform::style(element(), "top", "0");
        return;
    };
    let (w, h) = platform::window_size();
    let (own_w, own_h) = (
        f64::from(dialog.offset_width()),
        f64::from(dialog.offset_height()),
    );
    let left = (x + 2.0).min(w - own_w - 8.0).max(8.0);
    let top = (y + 2.0).min(h - own_h - 8.0).max(8.0);
    platform::style(element(), "margin", "0");
    platform::style(element(), "left", &format!("{left:.0}px"));
    platform::style(element(), "top", &format!("{top:.0}px"));
}
