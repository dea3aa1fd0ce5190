//! The stage: the SVG picture, the canvas for packets above it, and the pointer's gestures on both.

use sorted::{SortedMap, SortedSet};

use lab::view::ImageOffer;
use yew::prelude::*;

use super::gestures::use_gestures;
use super::minimap::Minimap;
use super::palette::Palette;
use super::trail::{Trail, TrailLines, View as TrailView};
use super::{Act, nodes, whole};
use crate::app::{Dialog, Drag, Load, Msg, PREVIEW};
use crate::layout::scene::{ContainerBox, same_network};
use crate::layout::{Level, Scene};
use crate::messages;
use crate::shared::Shared;

/// Places on the way of the packet being watched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Lit {
    /// Where it has been.
    pub(crate) hot: SortedSet<String>,
    /// Where it ended badly.
    pub(crate) bad: Option<String>,
}

/// How often packets were at each place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Heat(pub(crate) SortedMap<String, u32>);

impl Heat {
    /// A class from `heat1` to `heat4`, each for about five times as many as the one before; nothing for none.
    pub(crate) fn class(&self, place: &str) -> &'static str {
        match self.0.get(place).copied().unwrap_or(0) {
            0 => "",
            1..=4 => " heat1",
            5..=24 => " heat2",
            25..=124 => " heat3",
            _ => " heat4",
        }
    }

    /// How often, in words.
    pub(crate) fn count(&self, place: &str) -> u32 {
        self.0.get(place).copied().unwrap_or(0)
    }
}

/// The command that is offered while there are no containers.
const EMPTY_COMMAND: &str = "docker run -d --name web nginx";

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) scene: Shared<Scene>,
    pub(crate) filter: Option<AttrValue>,
    /// What a container's name has to contain.
    pub(crate) search: AttrValue,
    pub(crate) selected: Option<AttrValue>,
    /// The node that Tab leads to.
    pub(crate) walking: Option<AttrValue>,
    pub(crate) lit: Shared<Lit>,
    /// Where packets were, while that is shown.
    pub(crate) heat: Shared<Option<Heat>>,
    pub(crate) trail: Shared<Option<TrailView>>,
    pub(crate) drag: Shared<Option<Drag>>,
    /// The words for screen readers: what the packet being watched does.
    pub(crate) caption: AttrValue,
    pub(crate) alert: AttrValue,
    pub(crate) world: NodeRef,
    pub(crate) canvas: NodeRef,
    pub(crate) port: NodeRef,
    pub(crate) chip: NodeRef,
    /// The list of images, while it is open.
    pub(crate) images: Option<Shared<Vec<ImageOffer>>>,
    /// The small map, and the frame in it.
    pub(crate) minimap: (NodeRef, NodeRef),
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Stage(p: &Props) -> Html {
    let hands = use_gestures(&p.act, &p.port);
    let wheel = p.act.reform(|e: WheelEvent| Msg::Wheel {
        x: f64::from(e.client_x()),
        y: f64::from(e.client_y()),
        by: (-e.delta_y() / 400.0).clamp(-0.5, 0.5).exp(),
    });
    let keys = p.act.reform(Msg::StageKey);
    let vacant = p.scene.vacancy().is_some();
    let first = p.scene.hosts.iter().find(|h| !h.machine.is_empty());
    let empty = first.filter(|_| vacant);
    let run = p.act.reform(|_: MouseEvent| Msg::Run {
        machine: "hostA".to_owned(),
        command: EMPTY_COMMAND.to_owned(),
    });
    html! {
        <div class={if p.drag.is_some() { "canvas dragging" } else { "canvas" }} ref={p.port.clone()} onpointerdown={hands.down}
            onpointermove={hands.drift} onpointerup={hands.up} onpointercancel={hands.cancel} onclick={hands.click} oncontextmenu={hands.menu}
            ondblclick={hands.twice} onwheel={wheel} onkeydown={keys}>
            <div class="world" ref={p.world.clone()}>
                <Picture scene={p.scene.clone()} filter={p.filter.clone()} search={p.search.clone()} selected={p.selected.clone()}
                    walking={p.walking.clone()} lit={p.lit.clone()} heat={p.heat.clone()} trail={p.trail.clone()} drag={p.drag.clone()} />
            </div>
            <canvas class="packets" ref={p.canvas.clone()} aria-hidden="true"></canvas>
            <div class="hint">
                if let Some(host) = empty {
                    <div class="empty">
                        <h2>{ messages::empty_title(&host.machine) }</h2>
                        <p>{ messages::empty_hint() }</p>
                        <button type="button" class="btn o cmd" onclick={run}><span lang="en">{ whole(EMPTY_COMMAND) }</span></button>
                        <button type="button" class="btn link" onclick={p.act.reform(|_| Msg::Dialog(Some(Dialog::Starts)))}>{ messages::empty_starts() }</button>
                    </div>
                }
            </div>
            <Minimap scene={p.scene.clone()} filter={p.filter.clone()} root={p.minimap.0.clone()} view={p.minimap.1.clone()} act={p.act.clone()} />
            <Palette images={p.images.clone()} act={p.act.clone()} />
            <div class="dragchip" ref={p.chip.clone()} aria-hidden="true">
                if let Some(drag) = &*p.drag {
                    <span class="lifted">
                        <span>if drag.load == Load::Container { { super::icons::mark(drag.mark) } }</span><b>{ &drag.name }</b>{ super::icons::icon(super::icons::Icon::Hand) }
                    </span>
                }
            </div>
            <p class="vh" aria-live="polite">{ &p.caption }</p>
            <p class="vh" role="alert">{ &p.alert }</p>
        </div>
    }
}

/// Whether a name is searched for.
pub(crate) fn matches(name: &str, search: &str) -> bool {
    search.is_empty()
        || name
            .to_ascii_lowercase()
            .contains(&search.to_ascii_lowercase())
}

#[derive(Properties, PartialEq)]
struct PictureProps {
    scene: Shared<Scene>,
    filter: Option<AttrValue>,
    search: AttrValue,
    selected: Option<AttrValue>,
    walking: Option<AttrValue>,
    lit: Shared<Lit>,
    heat: Shared<Option<Heat>>,
    trail: Shared<Option<TrailView>>,
    drag: Shared<Option<Drag>>,
}

/// The SVG, drawn from back to front.
#[component]
fn Picture(p: &PictureProps) -> Html {
    let s = &p.scene;
    let place = nodes::Looks {
        lit: &p.lit,
        selected: p.selected.as_deref(),
        walking: p.walking.as_deref(),
    };
    let hosts = s.hosts.iter().map(|h| nodes::ground(h, s.level, &place));
    let lans = s.lans.iter().map(|l| nodes::lan(l, &place));
    let hidden = |c: &ContainerBox| dimmed(c, p.filter.as_deref(), &p.search);
    let lanes = s.hosts.iter().flat_map(|h| &h.lanes);
    let tubes = s.tubes.iter().map(|t| {
        let dim = p
            .filter
            .as_deref()
            .is_some_and(|f| !t.ends.iter().any(|end| same_network(end, f)));
        nodes::tube(t, dim)
    });
    let areas = lanes.clone().map(|l| nodes::lane_area(l, p.drag.as_ref()));
    let preview = p.drag.is_some() && s.spots.contains_key(PREVIEW);
    let words = lanes
        .clone()
        .map(|l| nodes::lane_words(l, p.drag.as_ref(), preview));
    let bars = lanes.map(|l| {
        let dim = p.filter.as_deref().is_some_and(|f| !same_network(f, &l.id));
        nodes::bar(l, s.level, dim, &place)
    });
    let upper = s
        .hosts
        .iter()
        .map(|h| nodes::upper(h, &place, p.heat.as_ref()));
    let outside = s.outside.iter().map(|o| nodes::outside(o, &place));
    let look = |c: &ContainerBox| {
        let dim = hidden(c);
        let also = c
            .networks
            .iter()
            .skip(1)
            .find(|n| {
                s.level == Level::Chips
                    && p.filter.as_deref().is_some_and(|f| same_network(f, &n.0))
            })
            .map(|n| n.1);
        let ghost = p.drag.as_ref().is_some_and(|d| d.container == c.id);
        let met = p
            .drag
            .as_ref()
            .is_some_and(|d| d.target.as_deref() == Some(c.id.as_str()));
        let state = if met { "sel" } else { place.state(&c.id) };
        let tab = place.tab(&c.id);
        nodes::ContainerLook {
            dim,
            ghost,
            state,
            tab,
            also,
        }
    };
    let containers = s.hosts.iter().enumerate().flat_map(|(host, h)| {
        let look = &look;
        let handfuls = h.containers.chunks(HANDFUL).enumerate();
        handfuls.map(move |(i, list)| {
            let looks: Vec<_> = list.iter().map(look).collect();
            html! { <Handful key={format!("{host} {i}")} scene={p.scene.clone()} {host} first={i * HANDFUL} {looks} /> }
        })
    });
    html! {
        <svg class={nodes::level_class(s.level)} width={s.width.to_string()} height={s.height.to_string()}
            viewBox={format!("0 0 {} {}", s.width, s.height)} role="group" aria-label={messages::topology()}>
            <defs>
                <marker id="arrow" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="5" markerHeight="5" orient="auto">
                    <path class="arrowhead" d="M0 0l10 5-10 5z" />
                </marker>
            </defs>
            <g>{ for hosts }</g>
            <g>{ for areas }</g>
            <g>{ for lans }</g>
            <g><Wires scene={p.scene.clone()} filter={p.filter.clone()} search={p.search.clone()} heat={p.heat.clone()} /></g>
            <g>{ for tubes }</g>
            <g>{ for bars }</g>
            <g><TrailLines trail={p.trail.clone()} /></g>
            <g>{ for upper }</g>
            <g>{ for outside }</g>
            <g>{ for containers }</g>
            <g>{ for words }</g>
            <g><Trail trail={p.trail.clone()} /></g>
        </svg>
    }
}

/// Whether a container is filtered out.
fn dimmed(c: &ContainerBox, filter: Option<&str>, search: &str) -> bool {
    filter.is_some_and(|f| !c.is_on(f)) || !matches(&c.name, search)
}

/// Containers that are compared, and drawn anew, together.
const HANDFUL: usize = 32;

#[derive(Properties, PartialEq)]
struct HandfulProps {
    scene: Shared<Scene>,
    host: usize,
    first: usize,
    looks: Vec<nodes::ContainerLook>,
}

/// Some of a machine's containers: of a thousand only those are gone through among which one looks different.
#[component]
fn Handful(p: &HandfulProps) -> Html {
    let containers = p.scene.hosts.get(p.host).map(|h| h.containers.iter());
    let own = containers.into_iter().flatten().skip(p.first).zip(&p.looks);
    let nodes = own.enumerate().map(|(i, (c, look))| {
        html! { <nodes::ContainerNode key={c.id.clone()} scene={p.scene.clone()} host={p.host} index={p.first + i} look={*look} /> }
    });
    html! { <g>{ for nodes }</g> }
}

#[derive(Properties, PartialEq)]
struct WiresProps {
    scene: Shared<Scene>,
    filter: Option<AttrValue>,
    search: AttrValue,
    heat: Shared<Option<Heat>>,
}

/// All lines that are always there.
#[component]
fn Wires(p: &WiresProps) -> Html {
    let containers = p.scene.hosts.iter().flat_map(|h| &h.containers);
    let dimmed: SortedSet<&str> = containers
        .filter(|c| dimmed(c, p.filter.as_deref(), &p.search))
        .map(|c| c.id.as_str())
        .collect();
    let mut before: SortedMap<(&str, &str), usize> = SortedMap::default();
    let wires = p.scene.wires.iter().map(|w| {
        let (network, container) = (w.network.as_deref(), w.container.as_deref());
        // The same line keeps its element, so that it bends to where it leads from now on and not across the stage.
        let same = before
            .entry((network.unwrap_or_default(), container.unwrap_or_default()))
            .or_insert(0);
        *same += 1;
        let key = format!("{network:?} {container:?} {same}");
        let dim = network.is_some_and(|n| p.filter.as_deref().is_some_and(|f| !same_network(n, f)))
            || container.is_some_and(|c| dimmed.contains(c));
        let warm = p.heat.as_ref().zip(container);
        let heat = warm.map_or("", |(h, c)| h.class(c));
        nodes::wire(key, w, dim, heat)
    });
    html! { <g>{ for wires }</g> }
}
