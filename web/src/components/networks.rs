//! The row above the stage: networks to filter by, and zoom.

use lab::view::{Machine, MachineKind, Network, Topology};
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use super::icons::{Icon, icon, mark};
use super::stage::matches;
use super::{Act, button, perhaps};
use crate::app::Msg;
use crate::layout::scene::{Mark, same_network};
use crate::layout::{Level, backstage};
use crate::messages;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) topology: Shared<Topology>,
    /// The network everything else is dimmed for.
    pub(crate) filter: Option<AttrValue>,
    /// Whether the networks are drawn that a swarm made for itself.
    pub(crate) backstage: bool,
    /// What containers' names have to contain.
    pub(crate) search: AttrValue,
    /// Whether it is shown where packets were.
    pub(crate) heat: bool,
    /// Whether the list of images is open.
    pub(crate) images: bool,
    pub(crate) level: Level,
    pub(crate) chosen: Option<Level>,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Networks(p: &Props) -> Html {
    let machines = p
        .topology
        .machines
        .iter()
        .filter(|m| m.kind == MachineKind::Docker);
    // A network of a swarm is one, on however many machines.
    let mut all: Vec<(&Machine, &Network)> = Vec::new();
    let mut own: Vec<&str> = Vec::new();
    for (m, n) in machines.flat_map(|m| m.networks.iter().map(move |n| (m, n))) {
        let own_one = backstage::is_own(n);
        if own_one && !own.contains(&n.name.as_str()) {
            own.push(&n.name);
        }
        let drawn = p.backstage || !own_one;
        if drawn && !all.iter().any(|(_, known)| same_network(&known.id, &n.id)) {
            all.push((m, n));
        }
    }
    let named = |name: &str| all.iter().filter(|(_, n)| n.name == name).count();
    let networks = all.iter().map(|(m, n)| {
        // Of networks that are called the same, the machine tells them apart.
        let of = (named(&n.name) > 1).then(|| html! { <i>{ &m.name }</i> });
        let on = p.filter.as_ref().is_some_and(|f| same_network(f, &n.id));
        let class = format!("chip {} {}", Mark(n.mark).hue(), if on || p.filter.is_none() { "on" } else { "off" });
        let id = n.id.clone();
        let onclick = p.act.reform(move |_: MouseEvent| Msg::Filter((!on).then(|| id.clone())));
        html! {
            <button type="button" key={n.id.clone()} {class} aria-pressed={on.to_string()} {onclick}
                title={format!("{} {}", n.driver, n.subnet)}>{ mark(Mark(n.mark)) }<span>{ &n.name }{ for of }</span></button>
        }
    });
    let toggle = html! {
        <button type="button" class="chip off own" aria-pressed={p.backstage.to_string()} title={messages::backstage(&own.join(", "))}
            onclick={p.act.reform(|_: MouseEvent| Msg::Backstage)}>{ icon(if p.backstage { Icon::Minus } else { Icon::Plus }) }<span>{ own.join(", ") }</span></button>
    };
    let level = |level: Level, name: &'static str| {
        let on = p.level == level;
        let chosen = p.chosen == Some(level);
        let onclick = p
            .act
            .reform(move |_: MouseEvent| Msg::Level((!chosen).then_some(level)));
        html! { <button type="button" class={if on { "on" } else { "" }} aria-pressed={on.to_string()} {onclick}>{ name }</button> }
    };
    let all = p.topology.machines.iter().flat_map(|m| &m.containers);
    let total = all.clone().count();
    let found = all
        .filter(|c| matches(&c.name, &p.search))
        .filter(|c| {
            p.filter
                .as_ref()
                .is_none_or(|f| c.networks.iter().any(|n| same_network(n, f)))
        })
        .count();
    let narrowed = p.filter.is_some() || !p.search.is_empty();
    let typed = perhaps(&p.act, |e: InputEvent| {
        let field = e.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
        Some(Msg::Search(field.value()))
    });
    let leave = perhaps(&p.act, |e: KeyboardEvent| match e.key().as_str() {
        "Escape" => {
            e.prevent_default();
            Some(Msg::EndSearch)
        }
        "Enter" => Some(Msg::SearchNext),
        _ => None,
    });
    let open = !p.images;
    let images = p.act.reform(move |_: MouseEvent| Msg::Images(open));
    html! {
        <div class="shead">
            <label class="find">
                { icon(Icon::Search) }
                <input type="search" placeholder={messages::find()} aria-label={messages::find_label()} value={p.search.clone()} oninput={typed} onkeydown={leave}
                    autocomplete="off" spellcheck="false" data-find="" />
            </label>
            <span class="found" role="status">if narrowed { { messages::found(&found, &total) } }</span>
            <div class="chips" role="group" aria-label={messages::only_one_network()}>
                <div class="part">{ for networks }</div>
                <div class="part">if !own.is_empty() { { toggle } }</div>
            </div>
            <div class="group make" role="group" aria-label={messages::make()}>
                <button type="button" class="btn" aria-expanded={p.images.to_string()} aria-label={messages::new_container()} onclick={images}>{ icon(Icon::Plus) }<i class="kind">{ icon(Icon::Box) }</i><span>{ messages::new_container() }</span></button>
                <button type="button" class="btn" onclick={p.act.reform(|_| Msg::NewNetwork)}
                    aria-label={messages::new_network()} title="docker network create">{ icon(Icon::Plus) }<i class="kind">{ icon(Icon::Network) }</i><span>{ messages::new_network() }</span></button>
            </div>
            <div class="levels">
                if p.level != Level::Standard || p.chosen.is_some() {
                    <div class="seg" role="group" aria-label={messages::level()}>
                        { level(Level::Chips, messages::level_chips()) }{ level(Level::Compact, messages::level_compact()) }{ level(Level::Standard, messages::level_detail()) }
                    </div>
                }
            </div>
            <button type="button" class={if p.heat { "btn ib on heatb" } else { "btn ib heatb" }} aria-label={messages::heat()}
                title={messages::heat()} aria-pressed={p.heat.to_string()} onclick={p.act.reform(|_| Msg::Heat)}>{ icon(Icon::Heat) }</button>
            <div class="group zoom" role="group" aria-label={messages::zoom()}>
                { button(Icon::Minus, messages::zoom_out(), false, p.act.reform(|_| Msg::Zoom(0.8))) }
                <button type="button" class="btn fit" aria-label={messages::fit_label()} title={messages::fit_label()}
                    onclick={p.act.reform(|_| Msg::Fit)}>{ messages::fit() }</button>
                { button(Icon::Plus, messages::zoom_in(), false, p.act.reform(|_| Msg::Zoom(1.25))) }
            </div>
        </div>
    }
}
