//! The things on the stage: machines, hooks, networks and containers as SVG.

use yew::prelude::*;

use super::icons::{Icon, icon_at, mark_at, px};
use super::stage::Lit;
use crate::app::Drag;
use crate::layout::geometry::Rect;
use crate::layout::scene::{HostBox, LanBox, LaneBox, Level, OutsideBox, PortBox, PortKind, Scene};
use crate::messages;
use crate::shared::Shared;

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
        Level::Standard => "picture",
    }
}

fn bx(r: Rect, radius: f64, class: String) -> Html {
    html! { <rect x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} rx={px(radius)} {class} /> }
}

fn tx(x: f64, y: f64, class: &'static str, text: &str) -> Html {
    html! { <text x={px(x)} y={px(y)} {class}>{ text.to_owned() }</text> }
}

/// A machine's box, its root namespace and the frame of its hooks.
pub(crate) fn ground(h: &HostBox, level: Level, looks: &Looks<'_>) -> Html {
    let chips = level == Level::Chips;
    html! {
        <g key={h.id.clone()} class={format!("node host-node {}", looks.state(&h.id))} data-machine={h.machine.clone()} data-id={h.id.clone()}
            tabindex={looks.tab(&h.id)} role="button" aria-label={format!("{}, machine, {}", h.machine, h.note)}>
            { bx(h.rect, 12.0, format!("host {}", if h.online { "" } else { "off" })) }
            <g>
                if !chips {
                    { bx(h.root, 10.0, "rootns".to_owned()) }
                    { tx(h.root.right() - 12.0, h.root.y + if level == Level::Standard { 19.0 } else { 14.0 }, "tl0 e", if level == Level::Standard { "ROOT NETWORK NAMESPACE" } else { "ROOT NAMESPACE" }) }
                    { bx(h.gate, 8.0, "gate".to_owned()) }
                }
            </g>
            { tx(h.rect.right() - 16.0, h.rect.y + 26.0, "tn e", &h.machine) }
            <g>
                if level == Level::Standard { { tx(h.rect.right() - 16.0, h.rect.y + 42.0, "ts e", &h.note) } }
                if chips { { tx(h.rect.right() - 16.0, h.rect.y + 48.0, "ts e", &h.note) } }
            </g>
        </g>
    }
}

/// Hooks, local processes and ports: what stands above the paths.
pub(crate) fn upper(h: &HostBox, level: Level, looks: &Looks<'_>) -> Html {
    let hooks = h.hooks.iter().map(|k| {
        let small = k.tables.is_empty();
        let y = if small { k.rect.cy() + 4.0 } else { k.rect.y + 18.0 };
        html! {
            <g key={k.id.clone()} class="node" data-id={k.id.clone()} tabindex={looks.tab(&k.id)} role="button"
                aria-label={format!("{}, {}", k.name, if small { "no tables" } else { &k.tables })}>
                { bx(k.rect, 6.0, format!("hk {}", looks.state(&k.id))) }
                { tx(k.rect.cx(), y, "th m", &k.name) }
                { tx(k.rect.cx(), k.rect.y + 33.0, "tf m", &k.tables) }
            </g>
        }
    });
    let ports = h.ports.iter().map(|p| port(p, level, looks));
    html! {
        <g key={h.id.clone()}>
            <g>
                if h.divider > 0.0 {
                    <path class="w" d={format!("M{:.1} {:.1}V{:.1}", h.divider, h.gate.y + 10.0, h.gate.bottom() - 10.0)} />
                }
            </g>
            <g>{ for hooks }</g>
            <g>
                if let Some(local) = &h.local {
                    <g class="node" data-id={local.id.clone()} tabindex={looks.tab(&local.id)} role="button" aria-label="processes of the machine">
                        { bx(local.rect, 10.0, format!("local {}", looks.state(&local.id))) }
                        { tx(local.rect.cx(), local.rect.y + 14.0, "tp m", if level == Level::Standard { "processes" } else { "procs" }) }
                    </g>
                }
            </g>
            <g>{ for ports }</g>
        </g>
    }
}

fn port(p: &PortBox, level: Level, looks: &Looks<'_>) -> Html {
    let loopback = p.kind == PortKind::Loopback;
    let left = p.rect.x + if loopback { 34.0 } else { 14.0 };
    let one_line = level == Level::Chips;
    let title = if p.kind == PortKind::Interface {
        "tn"
    } else {
        "tm1"
    };
    let note = if p.kind == PortKind::Interface {
        "tm1"
    } else {
        "ts"
    };
    html! {
        <g key={p.id.clone()} class="node" data-id={p.id.clone()} tabindex={looks.tab(&p.id)} role="button"
            aria-label={format!("{}, {}", p.title, p.note)}>
            { bx(p.rect, 8.0, format!("tabp {} {}", if loopback { "in" } else { "" }, looks.state(&p.id))) }
            <g>if loopback { { icon_at(Icon::Lock, p.rect.x + 10.0, p.rect.y + 10.0, 16.0) } }</g>
            { tx(left, if one_line { p.rect.cy() + 4.0 } else { p.rect.y + 15.0 }, title, &p.title) }
            <g>
                if one_line {
                    { tx(left + p.title.chars().count() as f64 * 8.0 + 12.0, p.rect.cy() + 4.0, "tm", &p.note) }
                } else {
                    { tx(left, p.rect.y + 30.0, note, &p.note) }
                }
            </g>
        </g>
    }
}

/// A LAN.
pub(crate) fn lan(l: &LanBox, looks: &Looks<'_>) -> Html {
    html! {
        <g key={l.id.clone()} class="node" data-id={l.id.clone()} tabindex={looks.tab(&l.id)} role="button" aria-label={l.label.clone()}>
            { bx(l.rect, l.rect.h / 2.0, format!("lan {}", looks.state(&l.id))) }
            { tx(l.rect.right() - 12.0, l.rect.cy() + 4.0, "tf e", &l.label) }
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
    let one = o.note.is_empty();
    let y = if one {
        o.rect.cy() + 4.5
    } else {
        o.rect.y + o.rect.h / 2.0 - 4.0
    };
    html! {
        <g key={o.id.clone()} class="node" data-machine={o.name.clone()} data-id={o.id.clone()} tabindex={looks.tab(&o.id)}
            role="button" aria-label={format!("{}, machine, {}", o.name, o.note)}>
            { bx(o.rect, 8.0, format!("out {} {}", looks.state(&o.id), if o.online { "" } else { "off" })) }
            { icon_at(which, o.rect.x + 11.0, o.rect.cy() - 10.0, 20.0) }
            { tx(o.rect.x + 40.0, y, "tn", &o.name) }
            { tx(o.rect.x + 40.0, o.rect.cy() + 13.0, "tm", &o.note) }
        </g>
    }
}

/// A network's bar.
pub(crate) fn bar(l: &LaneBox, level: Level, dim: bool, looks: &Looks<'_>) -> Html {
    let r = l.bar;
    let chips = level == Level::Chips;
    let class = format!(
        "node {} {} {}",
        l.mark.hue(),
        if dim { "faded" } else { "" },
        looks.state(&l.id)
    );
    let members = if l.members == 1 {
        "1 container".to_owned()
    } else {
        format!("{} containers", l.members)
    };
    let label = format!(
        "{}, {} network, {}, {members}",
        l.full_name, l.driver, l.subnet
    );
    let name_x = if chips { r.x + 28.0 } else { r.x + 47.0 };
    let mark_x = if chips { r.x + 9.0 } else { r.x + 29.0 };
    let base = if chips { r.cy() + 4.5 } else { r.y + 17.0 };
    html! {
        <g key={l.id.clone()} {class} data-network={l.full_name.clone()} data-id={l.id.clone()} tabindex={looks.tab(&l.id)} role="button" aria-label={label}>
            { bx(r, 8.0, "bar".to_owned()) }
            <g>
                if !chips {
                    <path class="railr" d={format!("M{:.1} {:.1}h{:.1}v1a6.500 6.500 0 0 1-6.500 6.500h-{:.1}a6.500 6.500 0 0 1-6.500-6.500z",
                        r.x + 0.8, r.bottom() - 8.0, r.w - 1.6, r.w - 14.6)} />
                    <path class="wn" d={format!("M{:.1} {:.1}V{:.1}", l.drop_x, r.y, r.bottom() - 6.0)} />
                    { tx(l.drop_x + 8.0, r.y - 9.0, "tf", &l.gateway) }
                }
            </g>
            { mark_at(l.mark, mark_x, base - 10.5, 12.0) }
            { tx(name_x, base, "tn", &l.name) }
            <g>
                if chips {
                    { tx(r.right() - 10.0, base, "tf e", &l.members.to_string()) }
                } else {
                    { tx(name_x + l.name.chars().count() as f64 * 7.95 + 8.0, base, "ts", &l.note) }
                    { tx(r.x + 30.0, r.y + 31.0, "tm", &l.line) }
                }
            </g>
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
pub(crate) fn lane_words(l: &LaneBox, drag: Option<&Drag>) -> Html {
    let Some(d) = drag else {
        return html! { <g key={l.id.clone()}></g> };
    };
    let over = d.over.as_deref() == Some(l.id.as_str());
    let offer = d.offers.iter().find(|o| o.network == l.id);
    let (text, more) = match offer {
        Some(o) if o.state == lab::view::DropState::Member => {
            (messages::lane::MEMBER.to_owned(), String::new())
        }
        Some(o) if o.state == lab::view::DropState::Refused => (o.refusal.clone(), String::new()),
        Some(o) if over => (
            messages::lane::release(&d.name),
            format!("{} {}", o.interface, o.address).trim().to_owned(),
        ),
        Some(_) => (messages::lane::OFFER.to_owned(), String::new()),
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
    pub(crate) dim: bool,
    pub(crate) ghost: bool,
    pub(crate) state: &'static str,
    pub(crate) tab: &'static str,
    pub(crate) filter: Option<AttrValue>,
}

/// A container: its own component, so that a thousand of them cost nothing when one changes.
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
    let chips = p.scene.level == Level::Chips;
    let standard = p.scene.level == Level::Standard;
    let r = c.rect;
    let class = format!(
        "node ctr {} {} {}",
        if p.dim { "faded" } else { "" },
        if p.ghost { "ghost" } else { "" },
        if c.running { "" } else { "stopped" }
    );
    let head = if chips {
        r.cy() + 4.0
    } else if standard {
        r.y + 20.0
    } else {
        r.y + 17.0
    };
    let rows = c.rows.iter().enumerate().filter(|_| !chips).map(|(i, row)| {
        let y = if standard { r.y + 40.0 + 18.0 * i as f64 } else { r.y + 33.0 + 16.0 * i as f64 };
        let left = match (standard, row.name.is_empty()) {
            (true, false) => r.x + 63.6,
            (true, true) => r.x + 28.0,
            (false, _) => r.x + 26.0,
        };
        html! {
            <g key={row.network.clone()}>
                { mark_at(row.mark, r.x + if standard { 11.0 } else { 9.0 }, y - 9.5, 11.0) }
                <g>if standard { { tx(r.x + 28.0, y, "tm", &row.name) } }</g>
                { tx(left, y, "tm1", &row.address) }
                <g>
                    if let Some(x) = row.nub {
                        <rect class={format!("nub {}", row.mark.hue())} x={px(x - 6.0)} y={px(r.y - 5.0)} width="12" height="10" rx="3" />
                    }
                </g>
            </g>
        }
    });
    // On a chip: the mark of its first network, and at the right end the one that is filtered for.
    let chip_marks = c.rows.iter().enumerate().filter(|_| chips).filter_map(|(i, row)| {
        let wanted = i > 0 && p.filter.as_deref() == Some(row.network.as_str());
        let x = if i == 0 { r.x + 7.0 } else { r.right() - 20.0 };
        (i == 0 || wanted).then(|| html! { <g key={row.network.clone()}>{ mark_at(row.mark, x, r.cy() - 6.0, 12.0) }</g> })
    });
    let none = c.rows.is_empty() && !chips && c.activity.is_empty();
    html! {
        <g {class} data-container={full_name(&c.spoken)} data-id={c.id.clone()} tabindex={p.tab} role="button" aria-label={c.spoken.clone()}>
            { bx(r, 8.0, format!("box {}", p.state)) }
            { tx(r.x + if chips { 25.0 } else if standard { 12.0 } else { 10.0 }, head, if chips { "tc" } else { "tn" }, &c.name) }
            { tx(r.right() - 12.0, head, "ts e", &c.image) }
            <g>{ for rows }</g>
            <g>{ for chip_marks }</g>
            <g>if none { { tx(r.x + 12.0, r.y + 38.0, "ts", "lo only") } }</g>
            { tx(r.x + 12.0, r.bottom() - 12.0, "ts", &c.activity) }
            <g>
                if let Some(pill) = c.resolver {
                    { bx(pill, 4.0, "resolver".to_owned()) }
                    { tx(pill.cx(), pill.cy() + 3.5, "tr m", "dns") }
                }
            </g>
        </g>
    }
}

/// The container's whole name, which its description begins with.
fn full_name(spoken: &str) -> String {
    spoken.split(',').next().unwrap_or_default().to_owned()
}
