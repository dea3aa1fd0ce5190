//! Everything about the thing that is chosen on the stage.

use lab::view::{Cell, Details, DropOffer, Section, Topology};
use yew::prelude::*;

use super::icons::{Icon, icon, mark};
use super::{Act, below, say, tag};
use crate::app::Msg;
use crate::layout::scene::Mark;
use crate::messages;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) details: Shared<Option<Details>>,
    pub(crate) topology: Shared<Topology>,
    /// The network that a container in the air would get, if it is let go: what it would have there.
    pub(crate) coming: Option<DropOffer>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Inspector(p: &Props) -> Html {
    let Some(d) = &*p.details else {
        return html! { <div class="scroll"><p class="none">{ messages::no_selection() }</p></div> };
    };
    let sections = d
        .sections
        .iter()
        .map(|s| section(s, p.coming.as_ref(), &p.topology, &p.act));
    let container = d.id.starts_with("container:");
    let id = d.id.clone();
    let all = p.act.reform(move |e: MouseEvent| {
        let ((x, y), id) = (below(&e), Some(id.clone()));
        Msg::MenuAt { id, x, y }
    });
    html! {
        <div class="scroll" data-inspector={d.title.clone()}>
            <div class="ihead">
                { network_mark(&p.topology, Some(&d.id)) }
                <h2>{ &d.title }</h2>{ tag(&d.tag) }
                <span class="sp"></span>
                <button type="button" class="btn ib" aria-haspopup="menu" aria-label={messages::keys_menu()} title={messages::keys_menu()} onclick={all}>{ icon(Icon::More) }</button>
            </div>
            { facts(d) }
            <div class="iacts">
                if container { { actions(&d.id, &p.act) } }
            </div>
            <div>{ for sections }</div>
        </div>
    }
}

/// A thing's properties.
pub(crate) fn facts(d: &Details) -> Html {
    let facts = d.facts.iter().map(
        |f| html! { <div key={f.name.clone()}><dt>{ say(&f.name) }</dt><dd lang="en">{ &f.value }</dd></div> },
    );
    html! { <dl class="kv">{ for facts }</dl> }
}

fn actions(id: &str, act: &Act) -> Html {
    use crate::app::MenuKind::{Connect, Disconnect, Move};
    let buttons = [
        (messages::menu_connect(), Connect),
        (messages::menu_move(), Move),
        (messages::inspector_disconnect(), Disconnect),
    ]
    .into_iter()
    .map(|(name, kind)| {
        let id = id.to_owned();
        let open = act.reform(move |_| Msg::Menu(Some((kind.clone(), id.clone()))));
        html! {
            <button type="button" key={name} class="btn o" onclick={open}>{ name }</button>
        }
    });
    html! { <div class="row">{ for buttons }</div> }
}

/// A list about a thing: a table, or lines of text.
pub(crate) fn section(
    s: &Section,
    coming: Option<&DropOffer>,
    topology: &Topology,
    act: &Act,
) -> Html {
    let heads = s
        .columns
        .iter()
        .enumerate()
        .map(|(i, c)| html! { <th key={i} scope="col">{ say(c) }</th> });
    let rows = s.rows.iter().enumerate().map(|(i, row)| {
        let cells = row
            .iter()
            .enumerate()
            .map(|(k, c)| html! { <td key={k}>{ cell(c, topology, act) }</td> });
        html! { <tr key={i}>{ for cells }</tr> }
    });
    let coming = coming.and_then(|o| coming_row(&s.title, o, topology));
    let lines = s
        .rows
        .iter()
        .filter_map(|r| r.first())
        .map(|c| format!("{}\n", c.text))
        .collect::<String>();
    html! {
        <section key={s.title.clone()} class="sec">
            <h3 class="cap">{ say(&s.title) }</h3>
            if s.columns.is_empty() {
                <pre>{ lines }</pre>
            } else {
                <div class="tablebox"><table><thead><tr>{ for heads }</tr></thead><tbody>{ for rows }{ for coming }</tbody></table></div>
            }
        </section>
    }
}

/// What a table would say as well after the drop.
fn coming_row(title: &str, offer: &DropOffer, topology: &Topology) -> Option<Html> {
    let networks = topology.machines.iter().flat_map(|m| &m.networks);
    let network = networks.into_iter().find(|n| n.id == offer.network)?;
    let name =
        || html! { <span class="follow">{ mark(Mark(network.mark)) }{ &network.name }</span> };
    let (interface, address) = (offer.interface.clone(), offer.address.clone());
    let cells = match title {
        "Networks" => [
            name(),
            html! { { &network.driver } },
            html! { { format!("{interface} {address}") } },
        ],
        "Interfaces" => [
            html! { { interface } },
            html! { { address } },
            html! { { messages::on_drop() } },
        ],
        _ => return None,
    };
    let cells = cells.into_iter().enumerate();
    let cells = cells.map(|(i, c)| html! { <td key={i}>{ c }</td> });
    Some(html! { <tr key="coming" class="hit">{ for cells }</tr> })
}

fn cell(c: &Cell, topology: &Topology, act: &Act) -> Html {
    let Some(place) = c.place.clone() else {
        return html! { { &c.text } };
    };
    let sign = network_mark(topology, Some(&place));
    let onclick = act.reform(move |_: MouseEvent| Msg::Select(Some(place.clone())));
    html! { <button type="button" class="follow" {onclick}>{ sign }{ &c.text }</button> }
}

/// A network's mark beside its name; nothing for other places.
pub(crate) fn network_mark(topology: &Topology, place: Option<&str>) -> Html {
    let network = place.and_then(|id| {
        topology
            .machines
            .iter()
            .flat_map(|m| &m.networks)
            .find(|n| n.id == id)
    });
    match network {
        Some(n) => mark(Mark(n.mark)),
        None => html! {},
    }
}
