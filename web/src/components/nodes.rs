//! The things on the stage: machines, hooks, networks and containers as SVG.

use yew::prelude::*;

use super::icons::{Icon, icon_at, mark_at, px};
use super::stage::{Heat, Lit};
use crate::app::{Drag, Load, PREVIEW};
use crate::layout::geometry::{Point, Rect, jumping, notched};
use crate::layout::label::{Label, named};
use crate::layout::scene::{
    HostBox, LanBox, LaneBox, Level, Mark, OutsideBox, PortBox, PortKind, Scene, Tube, Wire,
};
use crate::messages;
use crate::shared::Shared;
use lab::view::ContainerState;

/// What decides how a thing looks besides itself.
pub(crate) struct Looks<'a> {
    pub(crate) lit: &'a Lit,
    pub(crate) selected: Option<&'a str>,
    pub(crate) walking: Option<&'a str>,
}

impl Looks<'_> {
    /// The class of a thing's state.
    pub(crate) fn state(&self, id: &str) -> &'static str {
        if self.lit.bad.as_deref() == Some(id) {
            "bad"
        } else if self.selected == Some(id) {
            "sel"
        } else if self.lit.hot.contains(id) {
            "hot"
        } else {
            ""
        }
    }

    /// Its tab index: only one node of the stage is a tab stop, arrows lead to the others.
    pub(crate) fn tab(&self, id: &str) -> &'static str {
        if self.walking == Some(id) { "0" } else { "-1" }
    }
}

/// The class of a level on the picture.
pub(crate) const fn level_class(level: Level) -> &'static str {
    match level {
        Level::Chips => "picture chipped",
        Level::Compact => "picture compact",
        Level::Standard => "picture standard",
    }
}

fn bx(r: Rect, radius: f64, class: String) -> Html {
    html! { <rect x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} rx={px(radius)} {class} /> }
}

fn tx(x: f64, y: f64, class: &'static str, text: &str) -> Html {
    html! { <text x={px(x)} y={px(y)} {class}>{ text.to_owned() }</text> }
}

/// Texts, relative to a point.
fn texts(labels: &[Label], from: Point) -> Html {
    let list = labels
        .iter()
        .enumerate()
        .filter(|(_, l)| !l.text.is_empty());
    let list = list.map(|(i, l)| {
        html! { <text key={i} x={px(l.x - from.x)} y={px(l.y - from.y)} class={l.class()}>{ l.text.clone() }</text> }
    });
    html! { <g>{ for list }</g> }
}

const HERE: Point = Point { x: 0.0, y: 0.0 };

/// A machine's box, its root namespace and the frame of its hooks.
pub(crate) fn ground(h: &HostBox, level: Level, looks: &Looks<'_>) -> Html {
    html! {
        <g key={h.id.clone()} class={format!("node host-node {}", looks.state(&h.id))} data-machine={h.machine.clone()} data-id={h.id.clone()}
            tabindex={looks.tab(&h.id)} role="button" aria-label={named(&h.labels, &h.spoken)}>
            { bx(h.rect, 12.0, format!("host {}", if h.online { "" } else { "off" })) }
            <g>
                if let Some(root) = h.root.filter(|_| level != Level::Chips) {
                    <path class="rootns" d={notched(root, h.notch, 10.0)} />
                    { bx(h.gate, 8.0, "gate".to_owned()) }
                    <g>{ for h.spaces.iter().map(|s| bx(*s, 10.0, "rootns".to_owned())) }</g>
                }
            </g>
            { texts(&h.labels, HERE) }
        </g>
    }
}

/// A line that is always there.
pub(crate) fn wire(key: String, w: &Wire, dim: bool, heat: &'static str) -> Html {
    let class = match w.mark {
        Some(mark) => format!(
            "wn {} {}{}{heat}",
            mark.hue(),
            if dim { "faded" } else { "" },
            if w.container.as_deref() == Some(PREVIEW) {
                " preview"
            } else {
                ""
            }
        ),
        None => "w".to_owned(),
    };
    html! { <path {key} {class} d={jumping(&w.points, 8.0, &w.hops)} /> }
}

/// Hooks, local processes and ports: what stands above the paths.
pub(crate) fn upper(h: &HostBox, looks: &Looks<'_>, heat: Option<&Heat>) -> Html {
    let hooks = h.hooks.iter().map(|k| {
        let warm = heat.map_or("", |t| t.class(&k.id));
        let count = heat.map_or(0, |t| t.count(&k.id));
        html! {
            <g key={k.id.clone()} class="node" data-id={k.id.clone()} tabindex={looks.tab(&k.id)} role="button" aria-label={named(&k.labels, &k.spoken)}>
                { bx(k.rect, 6.0, format!("hk {}{warm}", looks.state(&k.id))) }
                <g>
                    if count > 0 {
                        <text class="tf e count" x={px(k.rect.right() - 4.0)} y={px(k.rect.y - 3.0)}>{ format!("{count}×") }</text>
                    }
                </g>
                { texts(&k.labels, HERE) }
            </g>
        }
    });
    let ports = h.ports.iter().map(|p| port(p, looks));
    html! {
        <g key={h.id.clone()}>
            <g>
                if let Some(x) = h.divider {
                    <path class="w" d={format!("M{x:.1} {:.1}V{:.1}", h.gate.y + 10.0, h.gate.bottom() - 10.0)} />
                }
            </g>
            <g>{ for hooks }</g>
            <g>
                if let Some(local) = &h.local {
                    <g class="node" data-id={local.id.clone()} tabindex={looks.tab(&local.id)} role="button" aria-label={named([&local.label], messages::processes_spoken())}>
                        { bx(local.rect, 10.0, format!("local {}", looks.state(&local.id))) }
                        { texts(std::slice::from_ref(&local.label), HERE) }
                    </g>
                }
            </g>
            <g>{ for ports }</g>
        </g>
    }
}

fn port(p: &PortBox, looks: &Looks<'_>) -> Html {
    let loopback = p.kind == PortKind::Loopback;
    html! {
        <g key={p.id.clone()} class="node" data-id={p.id.clone()} tabindex={looks.tab(&p.id)} role="button" aria-label={named(&p.labels, &p.spoken)}>
            { bx(p.rect, 8.0, format!("tabp {} {}", if loopback { "in" } else { "" }, looks.state(&p.id))) }
            <g>if loopback { { icon_at(Icon::Lock, p.rect.x + 10.0, p.rect.y + 10.0, 16.0) } }</g>
            { texts(&p.labels, HERE) }
        </g>
    }
}

/// A LAN.
pub(crate) fn lan(l: &LanBox, looks: &Looks<'_>) -> Html {
    html! {
        <g key={l.id.clone()} class="node" data-id={l.id.clone()} tabindex={looks.tab(&l.id)} role="button" aria-label={l.label.text.clone()}>
            { bx(l.rect, l.rect.h.min(l.rect.w) / 2.0, format!("lan {}", looks.state(&l.id))) }
            { texts(std::slice::from_ref(&l.label), HERE) }
        </g>
    }
}

/// A machine outside.
pub(crate) fn outside(o: &OutsideBox, looks: &Looks<'_>) -> Html {
    use lab::view::MachineKind;
    let which = match o.kind {
        MachineKind::Laptop => Icon::Laptop,
        MachineKind::Router => Icon::Router,
        MachineKind::Internet => Icon::Globe,
        MachineKind::Docker | MachineKind::Server => Icon::Server,
    };
    html! {
        <g key={o.id.clone()} class="node" data-machine={o.name.clone()} data-outside={o.name.clone()} data-id={o.id.clone()} tabindex={looks.tab(&o.id)}
            role="button" aria-label={named(&o.labels, &o.spoken)}>
            { bx(o.rect, 8.0, format!("out {} {}", looks.state(&o.id), if o.online { "" } else { "off" })) }
            { icon_at(which, o.rect.x + 11.0, o.rect.cy() - 10.0, 20.0) }
            { texts(&o.labels, HERE) }
        </g>
    }
}

/// A network's bar.
pub(crate) fn bar(l: &LaneBox, level: Level, dim: bool, looks: &Looks<'_>) -> Html {
    let r = l.bar;
    let class = format!(
        "node {} {} {}",
        l.mark.hue(),
        if dim { "faded" } else { "" },
        looks.state(&l.id)
    );
    html! {
        <g key={l.id.clone()} {class} data-network={l.name.clone()} data-id={l.id.clone()} tabindex={looks.tab(&l.id)} role="button" aria-label={named(l.labels.iter().chain(&l.gateway), &l.spoken)}>
            { bx(r, 8.0, "bar".to_owned()) }
            <g>
                if level != Level::Chips {
                    <path class="railr" d={format!("M{:.1} {:.1}h{:.1}v1a6.500 6.500 0 0 1-6.500 6.500h-{:.1}a6.500 6.500 0 0 1-6.500-6.500z",
                        r.x + 0.8, r.bottom() - 8.0, r.w - 1.6, r.w - 14.6)} />
                    <g>if l.fed { <path class="wn" d={format!("M{:.1} {:.1}V{:.1}", l.drop_x, r.y, r.bottom() - 6.0)} /> }</g>
                }
            </g>
            { mark_at(l.mark, l.sign.x, l.sign.y, 12.0) }
            { texts(&l.labels, HERE) }
            <g>if level != Level::Chips { { texts(l.gateway.as_slice(), HERE) } }</g>
        </g>
    }
}

/// The tunnel between a network's bars, with its name between the machines.
pub(crate) fn tube(t: &Tube, dim: bool) -> Html {
    html! {
        <g key={t.ends.join(" ")} class={format!("{} {}", t.mark.hue(), if dim { "faded" } else { "" })}>
            { bx(t.rect, 4.0, "tube".to_owned()) }
            <g>if let Some((caption, _)) = &t.caption { { texts(std::slice::from_ref(caption), HERE) } }</g>
        </g>
    }
}

/// The area below a network, shown while a container is dragged (and always for cards).
pub(crate) fn lane_area(l: &LaneBox, drag: Option<&Drag>) -> Html {
    let class = match drag {
        None => "lane quiet",
        Some(d) if d.over.as_deref() == Some(l.id.as_str()) && d.accepts(&l.id) => "lane over",
        Some(d) if d.accepts(&l.id) => "lane tgt",
        Some(_) => "lane",
    };
    html! { <g key={l.id.clone()} class={l.mark.hue()}>{ bx(l.area, 10.0, class.to_owned()) }</g> }
}

/// What a lane says about the container that is dragged.
pub(crate) fn lane_words(l: &LaneBox, drag: Option<&Drag>, preview: bool) -> Html {
    let Some(d) = drag else {
        return html! { <g key={l.id.clone()}></g> };
    };
    let over = d.over.as_deref() == Some(l.id.as_str());
    let offer = d.offers.iter().find(|o| o.network == l.id);
    let (text, more) = match offer {
        Some(o) if o.state == lab::view::DropState::Member => {
            let text = if d.leaves() {
                messages::lane_leave()
            } else {
                messages::lane_member()
            };
            (text.to_owned(), String::new())
        }
        Some(o) if o.state == lab::view::DropState::Refused => (o.refusal.clone(), String::new()),
        Some(_) if d.load == Load::Image => {
            let text = if over {
                messages::lane_run_now(&d.name)
            } else {
                messages::lane_run().to_owned()
            };
            (text, String::new())
        }
        Some(o) if over => (
            if d.leaves() {
                messages::lane_move_now(&d.name)
            } else {
                messages::lane_connect_now(&d.name)
            },
            // The container that is shown before it is there says its address itself.
            if preview {
                String::new()
            } else {
                format!("{} {}", o.interface, o.address).trim().to_owned()
            },
        ),
        Some(_) => (messages::lane_offer().to_owned(), String::new()),
        // A container stays on its machine.
        None if d.load == Load::Container => (messages::lane_elsewhere().to_owned(), String::new()),
        None => (String::new(), String::new()),
    };
    let text = crate::layout::text::fit_sans(&text, 11.5, l.area.w - 8.0);
    let more = crate::layout::text::fit_mono(&more, 11.5, l.area.w - 8.0);
    let y = l.area.bottom() - if more.is_empty() { 10.0 } else { 6.0 };
    html! {
        <g key={l.id.clone()} class="words">
            { tx(l.area.x + l.area.w / 2.0, y - if more.is_empty() { 0.0 } else { 13.0 }, if over { "tsb m" } else { "ts m" }, &text) }
            { tx(l.area.x + l.area.w / 2.0, y, "tm1 m", &more) }
        </g>
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct ContainerProps {
    pub(crate) scene: Shared<Scene>,
    pub(crate) host: usize,
    pub(crate) index: usize,
    pub(crate) look: ContainerLook,
}

/// How a container looks for reasons that lie outside of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ContainerLook {
    pub(crate) dim: bool,
    pub(crate) ghost: bool,
    pub(crate) state: &'static str,
    pub(crate) tab: &'static str,
    /// A network that is filtered for and is not its first one: a chip shows its mark.
    pub(crate) also: Option<Mark>,
}

/// A container: its own component, so that a thousand of them cost nothing when one changes.
/// It is drawn around its own corner, so that moving it changes one attribute.
#[component]
pub(crate) fn ContainerNode(p: &ContainerProps) -> Html {
    let Some(c) = p
        .scene
        .hosts
        .get(p.host)
        .and_then(|h| h.containers.get(p.index))
    else {
        return html! { <g></g> };
    };
    let r = c.rect;
    let corner = Point { x: r.x, y: r.y };
    let preview = c.id == PREVIEW;
    let spoken = named(&c.labels, &c.spoken);
    let class = format!(
        "node ctr {} {} {} {}",
        if preview { "preview" } else { "" },
        if p.look.dim { "faded" } else { "" },
        if p.look.ghost { "ghost" } else { "" },
        match c.state {
            ContainerState::Running => "",
            ContainerState::Paused => "paused",
            ContainerState::Created | ContainerState::Restarting | ContainerState::Exited =>
                "stopped",
        }
    );
    let signs = c.signs.iter().enumerate().map(|(i, (mark, at))| {
        html! { <g key={i}>{ mark_at(*mark, at.x - r.x, at.y - r.y, if p.scene.level == Level::Chips { 12.0 } else { 11.0 }) }</g> }
    });
    let nubs = c.nubs.iter().enumerate().map(|(i, (mark, x))| {
        html! { <rect key={i} class={format!("nub {}", mark.hue())} x={px(x - 6.0 - r.x)} y="-5" width="12" height="10" rx="3" /> }
    });
    html! {
        <g {class} data-container={(!preview).then(|| c.name.clone())} data-id={c.id.clone()} tabindex={p.look.tab} role="button"
            aria-label={if p.look.dim { messages::filtered_out(&spoken) } else { spoken }}
            transform={format!("translate({:.1} {:.1})", r.x, r.y)}>
            { bx(Rect { x: 0.0, y: 0.0, ..r }, if p.scene.level == Level::Chips { 6.0 } else { 8.0 }, format!("box {}", p.look.state)) }
            <g>
                if let Some(pill) = c.resolver {
                    { bx(Rect { x: pill.x - r.x, y: pill.y - r.y, ..pill }, 4.0, "resolver".to_owned()) }
                }
            </g>
            { texts(&c.labels, corner) }
            <g>{ for signs }</g>
            <g>if let Some(mark) = p.look.also { { mark_at(mark, r.w - 19.0, r.h / 2.0 - 6.0, 12.0) } }</g>
            <g>{ for nubs }</g>
        </g>
    }
}
