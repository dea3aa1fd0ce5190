//! The terminals: their tabs, one or two of them side by side, and the edges by which their room is changed.

use std::rc::Rc;

use lab::view::Terminal;
use wasm_bindgen::JsCast as _;
use web_sys::Element;
use yew::prelude::*;

use super::icons::{Icon, icon};
use super::terminal::{Completer, TerminalView};
use super::{Act, below, button, perhaps};
use crate::app::{Choice, Deed, Desk, Msg, Wish};
use crate::messages;
use crate::platform;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// What the terminals show at the moment of playback.
    pub(crate) terminals: Shared<Vec<Rc<Terminal>>>,
    /// What machines in a swarm are there: machine and role.
    pub(crate) roles: Vec<(AttrValue, AttrValue)>,
    pub(crate) desk: Desk,
    /// The terminals with output that has not been looked at.
    pub(crate) fresh: Vec<u32>,
    /// Whether playback goes on, and what it is doing, said below the output of the terminal whose command is shown.
    pub(crate) note: Option<(u32, bool, AttrValue)>,
    /// A command shown greyed, which runs when the dragged container is dropped: on which machine, and the line.
    pub(crate) ghost: Option<(AttrValue, AttrValue)>,
    /// Text put into the line in front, and how often there was one.
    pub(crate) pasted: (u32, AttrValue),
    pub(crate) maximised: bool,
    /// Whether the terminals are laid out for screen readers.
    pub(crate) reading: bool,
    /// Whether single letters may be shortcuts.
    pub(crate) letters: bool,
    pub(crate) complete: Completer,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Dock(p: &Props) -> Html {
    let front = p.desk.front();
    let closable = p.terminals.len() > 1;
    let tabs = p.terminals.iter().map(|t| tab(t, p, closable));
    let keys = {
        let ids: Vec<u32> = p.terminals.iter().map(|t| t.id).collect();
        perhaps(&p.act, move |e: KeyboardEvent| {
            let here = platform::focused()?.get_attribute("data-tab")?;
            let at = ids.iter().position(|i| i.to_string() == here)?;
            let to = match e.key().as_str() {
                "ArrowRight" => (at + 1) % ids.len(),
                "ArrowLeft" => (at + ids.len() - 1) % ids.len(),
                "Home" => 0,
                "End" => ids.len() - 1,
                "Delete" if closable => {
                    e.prevent_default();
                    return ids.get(at).map(|id| Msg::Desk(Wish::Close(*id)));
                }
                _ => return None,
            };
            e.prevent_default();
            platform::focus(&format!("[data-tab=\"{}\"]", ids.get(to)?));
            None
        })
    };
    {
        // The tab in front is in view, however many there are.
        use_effect_with(front, move |front| {
            let document = web_sys::window().and_then(|w| w.document());
            let tab = document.and_then(|d| {
                d.query_selector(&format!("[data-tab=\"{front}\"]"))
                    .ok()
                    .flatten()
            });
            if let Some(tab) = tab {
                platform::highlight::show(&tab);
            }
        });
    }
    let seen: Vec<&Rc<Terminal>> = p
        .desk
        .seen()
        .filter_map(|id| p.terminals.iter().find(|t| t.id == id))
        .collect();
    let split = seen.len() > 1;
    let mut panes = Vec::new();
    for (i, t) in seen.into_iter().enumerate() {
        if i > 0 {
            panes.push(html! { <Edge key="edge" upright=true value={p.desk.share * 100.0} act={p.act.clone()} /> });
        }
        let ghost = p
            .ghost
            .as_ref()
            .filter(|g| g.0 == t.machine.as_str())
            .map(|g| g.1.clone());
        let on = t.id == front;
        let note = p.note.clone().filter(|n| n.0 == t.id).map(|n| (n.1, n.2));
        let class = classes!("tpane", on.then_some("on"), (i == 0).then_some("first"));
        let pasted = if on {
            p.pasted.clone()
        } else {
            Default::default()
        };
        panes.push(html! {
            <div key={t.id} {class} role="tabpanel" id={format!("terminal-{}", t.id)} aria-label={t.title.clone()} data-machine-of={t.machine.clone()}>
                <TerminalView terminal={Rc::clone(t)} {note} {ghost} {pasted} reading={p.reading} letters={p.letters}
                    complete={p.complete.clone()} act={p.act.clone()} />
            </div>
        });
    }
    let (size, splitting) = (
        if p.maximised {
            messages::terminal_restore()
        } else {
            messages::terminal_maximise()
        },
        if split {
            messages::terminal_unsplit()
        } else {
            messages::terminal_split()
        },
    );
    let add = p.act.reform(|e: MouseEvent| {
        let (x, y) = below(&e);
        Msg::Desk(Wish::Add(x, y))
    });
    html! {
        <section class="dock" aria-label={messages::region_terminals()} data-region="dock">
            <Edge upright=false value={p.desk.height.unwrap_or(228.0)} act={p.act.clone()} />
            <div class="tabs">
                <div class="tablist" role="tablist" aria-label={messages::region_terminals()} onkeydown={keys}>{ for tabs }</div>
                <button type="button" class="btn ib" aria-haspopup="menu" data-add="" aria-label={messages::terminal_new()} title={messages::terminal_new()} onclick={add}>{ icon(Icon::Plus) }</button>
                <span class="sp"></span>
                { button(Icon::Search, messages::find_output(), false, p.act.reform(move |_| Msg::Choose(Choice::Terminal(Deed::Find(front))))) }
                { button(Icon::Split, splitting, false, p.act.reform(|_| Msg::Desk(Wish::Split))) }
                { button(Icon::Maximise, size, false, p.act.reform(|_| Msg::Maximise)) }
            </div>
            <div class={if split { "termbox split" } else { "termbox" }}>{ for panes }</div>
            <div class="spoken" aria-live="polite"></div>
            <div class="spoken printed" lang="en" aria-live="polite"></div>
        </section>
    }
}

fn tab(t: &Terminal, p: &Props, closable: bool) -> Html {
    let (id, on) = (t.id, t.id == p.desk.front());
    let seen = p.desk.seen().any(|s| s == id);
    let onclick = p.act.reform(move |_: MouseEvent| Msg::Terminal(id));
    let onauxclick = perhaps(&p.act, move |e: MouseEvent| {
        (e.button() == 1 && closable).then_some(Msg::Desk(Wish::Close(id)))
    });
    let close = p.act.reform(move |e: MouseEvent| {
        e.stop_propagation();
        Msg::Desk(Wish::Close(id))
    });
    let class = classes!("tab", on.then_some("on"), (seen && !on).then_some("beside"));
    let role = p.roles.iter().find(|r| r.0 == t.title.as_str());
    let role = role.map(|r| html! { <span class="k">{ &r.1 }</span> });
    let name = if t.note.is_empty() {
        t.title.clone()
    } else {
        format!("{} {}", t.title, t.note)
    };
    html! {
        <div key={id} class="tabbox" role="presentation">
            <button type="button" role="tab" {class} aria-selected={on.to_string()} data-tab={id.to_string()} aria-controls={seen.then(|| format!("terminal-{id}"))}
                tabindex={if on { "0" } else { "-1" }} {onclick} {onauxclick}>
                <span>if p.fresh.contains(&id) { <span class="dotp" title={messages::new_output()}></span> }</span>
                { &t.title }
                <span class="k">{ &t.note }</span>
                <span>{ for role }</span>
            </button>
            <span>
                // For the mouse: a list of tabs holds nothing but tabs, and keys have Delete.
                if closable {
                    <button type="button" class="tabx" tabindex="-1" aria-hidden="true" title={messages::terminal_close(&name)} onclick={close}>{ icon(Icon::Close) }</button>
                }
            </span>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct EdgeProps {
    /// Between two terminals, or above them.
    upright: bool,
    value: f64,
    act: Act,
}

/// An edge that is dragged, or moved with the arrows.
#[component]
fn Edge(p: &EdgeProps) -> Html {
    let node = use_node_ref();
    let upright = p.upright;
    let wish = move |e: &PointerEvent| -> Option<Msg> {
        let edge = e.current_target()?.dyn_into::<Element>().ok()?;
        let whole = edge.parent_element()?.get_bounding_client_rect();
        let (x, y) = (f64::from(e.client_x()), f64::from(e.client_y()));
        // Two terminals stand below each other where the dock is narrow.
        let stacked =
            edge.get_bounding_client_rect().width() > edge.get_bounding_client_rect().height();
        Some(Msg::Desk(match (upright, stacked) {
            (false, _) => Wish::Height(whole.bottom() - y),
            (true, false) => Wish::Share((x - whole.left()) / whole.width()),
            (true, true) => Wish::Share((y - whole.top()) / whole.height()),
        }))
    };
    let onpointerdown = Callback::from(|e: PointerEvent| {
        e.prevent_default();
        let edge = e
            .current_target()
            .and_then(|t| t.dyn_into::<Element>().ok());
        if let Some(edge) = edge {
            let _ = edge.set_pointer_capture(e.pointer_id());
        }
    });
    let onpointermove = perhaps(&p.act, move |e: PointerEvent| {
        let edge = e.current_target()?.dyn_into::<Element>().ok()?;
        edge.has_pointer_capture(e.pointer_id()).then(|| wish(&e))?
    });
    let onkeydown = {
        let value = p.value;
        perhaps(&p.act, move |e: KeyboardEvent| {
            let step = match (e.key().as_str(), upright) {
                ("ArrowUp", false) | ("ArrowRight", true) => 1.0,
                ("ArrowDown", false) | ("ArrowLeft", true) => -1.0,
                ("Enter", false) => {
                    e.prevent_default();
                    return Some(Msg::Maximise);
                }
                _ => return None,
            };
            e.prevent_default();
            e.stop_propagation();
            Some(Msg::Desk(if upright {
                Wish::Share((value + step * 5.0) / 100.0)
            } else {
                Wish::Height(value + step * 24.0)
            }))
        })
    };
    let ondblclick = perhaps(&p.act, move |_: MouseEvent| {
        (!upright).then_some(Msg::Maximise)
    });
    let (label, orientation) = if upright {
        (messages::terminal_share(), "vertical")
    } else {
        (messages::terminal_height(), "horizontal")
    };
    let (least, most) = if upright {
        ("15", "85")
    } else {
        ("96", "2000")
    };
    html! {
        <div ref={node} class={if upright { "edge upright" } else { "edge" }} role="separator" tabindex="0" aria-orientation={orientation} aria-label={label} title={label}
            aria-valuenow={format!("{:.0}", p.value)} aria-valuemin={least} aria-valuemax={most} {onpointerdown} {onpointermove} {onkeydown} {ondblclick}></div>
    }
}
