//! The row above the stage: networks to filter by, and zoom.

use lab::view::{MachineKind, Topology};
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use super::icons::{Icon, icon, mark};
use super::stage::matches;
use super::{Act, button, perhaps};
use crate::app::Msg;
use crate::layout::Level;
use crate::layout::scene::Mark;
use crate::shared::Shared;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) topology: Shared<Topology>,
    /// The network everything else is dimmed for.
    pub(crate) filter: Option<AttrValue>,
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
    let networks = machines.flat_map(|m| m.networks.iter()).map(|n| {
        let on = p.filter.as_ref().is_some_and(|f| f == n.id.as_str());
        let class = format!("chip {} {}", Mark(n.mark).hue(), if on || p.filter.is_none() { "on" } else { "off" });
        let id = n.id.clone();
        let onclick = p.act.reform(move |_: MouseEvent| Msg::Filter((!on).then(|| id.clone())));
        html! {
            <button type="button" key={n.id.clone()} {class} aria-pressed={on.to_string()} {onclick}
                title={format!("{} {}", n.driver, n.subnet)}>{ mark(Mark(n.mark)) }{ &n.name }</button>
        }
    });
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
                .is_none_or(|f| c.networks.iter().any(|n| n == f.as_str()))
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
                <input type="search" placeholder="Find" aria-label="Find containers by name (/)" value={p.search.clone()} oninput={typed} onkeydown={leave}
                    autocomplete="off" spellcheck="false" data-find="" />
            </label>
            <span class="found" role="status">if narrowed { { format!("{found} of {total}") } }</span>
            <div class="chips" role="group" aria-label="Show only one network">{ for networks }</div>
            <div class="group make" role="group" aria-label="Make something new">
                <button type="button" class="btn" aria-expanded={p.images.to_string()} onclick={images}>{ icon(Icon::Plus) }<span>{ "Container" }</span></button>
                <button type="button" class="btn" onclick={p.act.reform(|_| Msg::NewNetwork)}
                    title="docker network create">{ icon(Icon::Plus) }<span>{ "Network" }</span></button>
            </div>
            <div class="levels">
                if p.level != Level::Standard || p.chosen.is_some() {
                    <div class="seg" role="group" aria-label="Level of detail">
                        { level(Level::Chips, "Chips") }{ level(Level::Compact, "Compact") }{ level(Level::Standard, "Detail") }
                    </div>
                }
            </div>
            <button type="button" class={if p.heat { "btn ib on heatb" } else { "btn ib heatb" }} aria-label="Heat: where packets were (H)"
                title="Heat: where packets were (H)" aria-pressed={p.heat.to_string()} onclick={p.act.reform(|_| Msg::Heat)}>{ icon(Icon::Heat) }</button>
            <div class="group zoom" role="group" aria-label="Zoom">
                { button(Icon::Minus, "Zoom out (−)", false, p.act.reform(|_| Msg::Zoom(0.8))) }
                <button type="button" class="btn fit" aria-label="Fit to stage (0)" title="Fit to stage (0)"
                    onclick={p.act.reform(|_| Msg::Fit)}>{ "fit" }</button>
                { button(Icon::Plus, "Zoom in (+)", false, p.act.reform(|_| Msg::Zoom(1.25))) }
            </div>
        </div>
    }
}
