//! A container seen from inside: its network namespace where the stage was, with its interfaces in the upper edge.

use lab::view::{Details, Machine, Network, Section, Topology};
use yew::prelude::*;

use super::icons::{Icon, mark};
use super::inspector::{facts, section};
use super::{Act, button, tag};
use crate::app::Msg;
use crate::layout::scene::Mark;
use crate::messages;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) details: Shared<Option<Details>>,
    pub(crate) topology: Shared<Topology>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Inside(p: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(room) = node.cast::<web_sys::HtmlElement>() {
                let _ = room.focus();
            }
        });
    }
    let Some(d) = &*p.details else {
        return html! { <div></div> };
    };
    let (edge, rest): (Vec<&Section>, Vec<&Section>) =
        d.sections.iter().partition(|s| s.title == "Interfaces");
    let doors = edge.iter().flat_map(|s| &s.rows).map(|row| {
        let mut texts = row.iter().map(|c| c.text.clone());
        let name = texts.next().unwrap_or_default();
        let network = network_of(&p.topology, &d.id, &name);
        let mark_of = network.map(|n| Mark(n.mark));
        let texts = texts
            .filter(|t| !t.is_empty())
            .map(|t| html! { <span key={t.clone()}>{ t.clone() }</span> });
        html! {
            <li key={name.clone()} class={mark_of.map_or("", Mark::hue)}>
                <b>if let Some(sign) = mark_of { { mark(sign) } }{ &name }</b>
                if let Some(n) = network { <i>{ &n.name }</i> }{ for texts }
            </li>
        }
    });
    // Which network an interface is on, the edge says.
    let rest = rest.into_iter().filter(|s| s.title != "Networks");
    let rooms = rest.map(|s| section(s, None, &p.topology, &p.act));
    let close = p.act.reform(|_: MouseEvent| Msg::Inside(None));
    html! {
        <section ref={node} class="inside" tabindex="-1" data-inside={d.title.clone()} aria-label={messages::inside(&d.title)}>
            <header><h2>{ &d.title }</h2>{ tag(&d.tag) }<span class="sp"></span>
                { button(Icon::Close, messages::inside_leave(), false, close) }</header>
            <div class="room" tabindex="0">
                <ul class="doors" aria-label={messages::inside_doors()}>{ for doors }</ul>
                <div class="rooms">
                    <section class="sec">{ facts(d) }</section>
                    { for rooms }
                </div>
            </div>
        </section>
    }
}

/// The network that a container's interface is on.
fn network_of<'a>(topology: &'a Topology, container: &str, interface: &str) -> Option<&'a Network> {
    let has = |m: &Machine| m.containers.iter().any(|c| c.id == container);
    let machine = topology.machines.iter().find(|m| has(m))?;
    let container = machine.containers.iter().find(|c| c.id == container)?;
    let interface = container.interfaces.iter().find(|i| i.name == interface)?;
    let id = interface.network.as_ref()?;
    machine.networks.iter().find(|n| n.id == *id)
}
