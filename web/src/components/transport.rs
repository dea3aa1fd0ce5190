//! The row below the stage: play, step, speed and the timeline; while dragging, the command that dropping would run.

use std::rc::Rc;

use lab::view::{Journey, Protocol, Tone};
use yew::prelude::*;

use super::icons::{Icon, icon};
use super::{Act, button, perhaps};
use crate::app::{Drag, Msg};
use crate::messages;
use crate::messages::keys::spelled;
use crate::playback::{Film, SPEEDS};
use crate::shared::Shared;

/// Width of a letter of the timeline, in pixels, rounded up.
const LETTER: f64 = 6.4;
/// Pixels between two ticks, at least; those of drops stand anywhere.
const TICK: f64 = 7.0;
/// What keeps a label apart from the next one, in pixels.
const GAP: f64 = 9.0;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) film: Shared<Film>,
    pub(crate) journeys: Shared<Vec<Rc<Journey>>>,
    /// The step playback has arrived at.
    pub(crate) step: Option<usize>,
    /// Whether the film is at its end.
    pub(crate) over: bool,
    pub(crate) playing: bool,
    pub(crate) looping: bool,
    pub(crate) speed: usize,
    /// Whether silences last as long as they did.
    pub(crate) idle: bool,
    /// How wide the stage is, on which the timeline's width depends.
    pub(crate) width: f64,
    pub(crate) drag: Shared<Option<Drag>>,
    /// The parts of the timeline that move with every frame.
    pub(crate) fill: NodeRef,
    pub(crate) thumb: NodeRef,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn Transport(p: &Props) -> Html {
    if let Some(drag) = &*p.drag {
        return html! { <div class="transport ondrop" role="status">{ on_drop(drag) }</div> };
    }
    let none = p.film.steps.is_empty();
    let here = p.step.and_then(|i| p.film.steps.get(i));
    let speed = SPEEDS.get(p.speed).copied().unwrap_or(1.0);
    let speed = messages::decimal(&speed.to_string());
    let next = (p.speed + 1) % SPEEDS.len();
    let play = if p.playing {
        (messages::pause(), Icon::Pause)
    } else {
        (messages::play(), Icon::Play)
    };
    let journey = here.and_then(|s| p.journeys.get(s.packet));
    let (first, second) = match (here, journey) {
        (Some(s), Some(j)) => (
            messages::hop_of(&(s.hop + 1), &j.hops.len()),
            read_out(j, s.hop),
        ),
        _ if none => (
            messages::no_run().to_owned(),
            messages::no_packets_yet().to_owned(),
        ),
        _ => (
            if p.over {
                messages::end()
            } else {
                messages::start()
            }
            .to_owned(),
            messages::packets(&p.journeys.len()),
        ),
    };
    html! {
        <div class="transport" role="group" aria-label={messages::playback()}>
            <div class="tctl">
                { button(Icon::Replay, messages::replay(), none, p.act.reform(|_| Msg::Replay)) }
                { button(Icon::Previous, messages::previous_hop(), none, p.act.reform(|_| Msg::StepBack)) }
                <button type="button" class="play" aria-label={play.0} title={play.0} aria-disabled={none.then_some("true")}
                    onclick={(!none).then(|| p.act.reform(|_| Msg::TogglePlay))}>{ icon(play.1) }</button>
                { button(Icon::Next, messages::next_hop(), none, p.act.reform(|_| Msg::StepForward)) }
                <button type="button" class={if p.looping { "btn ib on loop" } else { "btn ib loop" }} aria-label={messages::loop_keys()} title={messages::loop_keys()}
                    aria-pressed={p.looping.to_string()} onclick={p.act.reform(|_| Msg::Loop)}>{ icon(Icon::Loop) }</button>
                <button type="button" class={if p.idle { "btn ib loop" } else { "btn ib on loop" }} aria-label={messages::skip_silences()} title={messages::skip_silences()}
                    aria-pressed={(!p.idle).to_string()} onclick={p.act.reform(|_| Msg::Idle)}>{ icon(Icon::Skip) }</button>
                <button type="button" class="btn speed" aria-label={messages::speed_label(&format!("{speed}×"))} title={messages::speed_keys()}
                    onclick={p.act.reform(move |_| Msg::Speed(next))}>{ format!("{speed}×") }</button>
            </div>
            <Timeline film={p.film.clone()} journeys={p.journeys.clone()} step={p.step} width={p.width} fill={p.fill.clone()}
                thumb={p.thumb.clone()} act={p.act.clone()} />
            <div class="tread"><b>{ first }</b><span>{ second }</span></div>
        </div>
    }
}

fn read_out(j: &Journey, hop: usize) -> String {
    let start = j.hops.first().map_or(0, |h| h.at_ns);
    let at = j.hops.get(hop).map_or(0, |h| h.at_ns.saturating_sub(start)) as f64 / 1e6;
    let word = j
        .hops
        .get(hop)
        .filter(|h| h.verdict.tone == Tone::Bad)
        .map_or(j.label.as_str().into(), |h| {
            messages::said::plainly(&h.verdict.text)
        });
    if at < 100.0 {
        format!(
            "{word} {}",
            messages::milliseconds(&messages::decimal(&format!("{at:.2}")))
        )
    } else {
        format!(
            "{word} {}",
            messages::seconds(&messages::decimal(&format!("{:.1}", at / 1000.0)))
        )
    }
}

fn on_drop(drag: &Drag) -> Html {
    let commands = drag.commands();
    let text = if commands.is_empty() {
        drag.refusal()
    } else {
        commands.join(" ; ")
    };
    html! {
        <>
            <span class="cap">{ messages::on_drop() }</span>
            <code>{ text }</code>
            <span class="keys">
                if drag.can_move() { <span><kbd class={if drag.moving { "on" } else { "" }}>{ spelled("Shift") }</kbd>{ " " }{ messages::drop_shift() }</span> }
                <span><kbd>{ spelled("Esc") }</kbd>{ " " }{ messages::drop_escape() }</span>
            </span>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct TimelineProps {
    width: f64,
    film: Shared<Film>,
    journeys: Shared<Vec<Rc<Journey>>>,
    step: Option<usize>,
    fill: NodeRef,
    thumb: NodeRef,
    act: Act,
}

#[component]
fn Timeline(p: &TimelineProps) -> Html {
    let node = use_node_ref();
    let pressed = use_mut_ref(|| false);
    let length = p.film.length.max(1.0);
    let go = {
        let (node, act) = (node.clone(), p.act.clone());
        move |e: &PointerEvent| {
            if let Some(element) = node.cast::<web_sys::Element>() {
                let r = element.get_bounding_client_rect();
                let at = (f64::from(e.client_x()) - r.left()) / r.width().max(1.0);
                act.emit(Msg::Scrub(at.clamp(0.0, 1.0) * length));
            }
        }
    };
    let down = {
        let (pressed, go) = (pressed.clone(), go.clone());
        Callback::from(move |e: PointerEvent| {
            *pressed.borrow_mut() = true;
            if let Some(t) = e
                .current_target()
                .and_then(|t| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(t).ok())
            {
                let _ = t.set_pointer_capture(e.pointer_id());
            }
            go(&e);
        })
    };
    let drift = {
        let pressed = pressed.clone();
        Callback::from(move |e: PointerEvent| {
            if *pressed.borrow() {
                go(&e);
            }
        })
    };
    let up = Callback::from(move |_: PointerEvent| *pressed.borrow_mut() = false);
    let keys = perhaps(&p.act, |e: KeyboardEvent| {
        let msg = match e.key().as_str() {
            "ArrowRight" | "ArrowUp" => Msg::StepForward,
            "ArrowLeft" | "ArrowDown" => Msg::StepBack,
            "Home" => Msg::Scrub(0.0),
            "End" => Msg::ToEnd,
            _ => return None,
        };
        e.prevent_default();
        Some(msg)
    });
    let text = p.step.and_then(|i| p.film.steps.get(i)).and_then(|s| {
        let j = p.journeys.get(s.packet)?;
        Some(messages::timeline_at(&j.name, &(s.hop + 1), &j.hops.len()))
    });
    // Asking for the width makes the browser lay the page out: only when there may be another one.
    let measured = use_mut_ref(|| None);
    let now = (p.film.clone(), p.width);
    let pixels = match (&*measured.borrow(), node.cast::<web_sys::Element>()) {
        (Some((then, pixels)), _) if *then == now => *pixels,
        (_, Some(n)) => f64::from(n.client_width()) / enlarged(),
        (_, None) => 700.0,
    };
    *measured.borrow_mut() = node.get().map(|_| (now, pixels));
    html! {
        <div class="tl" ref={node} role="slider" tabindex="0" aria-label={messages::timeline()} aria-valuemin="0"
            aria-valuemax={p.film.steps.len().to_string()} aria-valuenow={p.step.map_or(0, |s| s + 1).to_string()}
            aria-valuetext={text.unwrap_or_else(|| messages::start().to_owned())}
            onpointerdown={down} onpointermove={drift} onpointerup={up} onkeydown={keys}>
            <Marks film={p.film.clone()} journeys={p.journeys.clone()} {pixels} labelled=true />
            <div class="tl-fill" ref={p.fill.clone()}><Marks film={p.film.clone()} journeys={p.journeys.clone()} {pixels} labelled=false /></div>
            <span class="thumb" ref={p.thumb.clone()}></span>
        </div>
    }
}

/// How much larger than usual the timeline's letters are, as its style has it.
fn enlarged() -> f64 {
    let size = crate::platform::css("font-size");
    let size = size.trim_end_matches("px").parse().unwrap_or(16.0);
    (size / 16.0_f64).clamp(1.0, 4.0 / 3.0)
}

#[derive(Properties, PartialEq)]
struct MarksProps {
    film: Shared<Film>,
    journeys: Shared<Vec<Rc<Journey>>>,
    /// The timeline's width, were its letters of the usual size.
    pixels: f64,
    /// Whether these are the marks of all that is to come, with names, or those of what has been.
    labelled: bool,
}

/// What stands on the timeline: drawn once for what is to come and once, above it, for what has been.
#[component]
fn Marks(p: &MarksProps) -> Html {
    let length = p.film.length.max(1.0);
    let share = |at: f64| at / length * 100.0;
    let pixel = length / p.pixels.max(1.0);
    let class = if p.labelled { "seg-bg" } else { "seg-fill" };
    let segments = p.film.segments.iter().enumerate().map(|(i, s)| {
        let width = (share(s.to) - share(s.from) - 0.3).max(0.15);
        html! { <rect key={i} {class} x={format!("{:.2}%", share(s.from))} y="20" width={format!("{width:.2}%")} height="6" rx="3" /> }
    });
    let named = p
        .film
        .segments
        .iter()
        .enumerate()
        .filter(|(_, s)| s.main && p.labelled);
    let labels = named.filter_map(|(i, s)| {
        let j = p.journeys.get(s.packet)?;
        let width = share(s.to) - share(s.from);
        // A label that its segment is too short for is left out.
        let fits = |text: &&str| text.chars().count() as f64 * LETTER + GAP <= (s.to - s.from) / pixel;
        [j.name.as_str(), j.label.as_str()].into_iter().find(fits).map(|text| html! {
            <svg key={i} class="lab" x={format!("{:.2}%", share(s.from))} width={format!("{width:.2}%")} height="16">
                <text class="tk" x="1" y="11">{ text }</text>
            </svg>
        })
    });
    // Ticks that would stand on each other are left out, unless they say that a packet ended badly.
    let mut last = f64::NEG_INFINITY;
    let ticks = p.film.steps.iter().enumerate().filter_map(|(i, s)| {
        let j = p.journeys.get(s.packet)?;
        let hop = j.hops.get(s.hop)?;
        let bad = hop.verdict.tone == Tone::Bad;
        let plain = hop.changes.is_empty() && !bad;
        if !bad && s.arrives - last < TICK * pixel {
            return None;
        }
        last = s.arrives;
        let class = format!("tick{}{}", if plain { " plain" } else { "" }, if bad { " bad" } else if p.labelled { "" } else { " done" });
        let shape = match (hop.changes.is_empty(), j.protocol) {
            _ if bad => html! { <path class="solid" d="M-2 32h4l3 3v4l-3 3h-4l-3-3v-4z" /> },
            (false, _) => html! { <path class="open" d="M0 32l4.500 4.500L0 41l-4.500-4.500z" /> },
            (_, Protocol::Arp) => html! { <circle class="open" cx="0" cy="36.500" r="3" /> },
            (_, Protocol::Icmp) => html! { <circle class="solid" cx="0" cy="36.500" r="3" /> },
            (_, Protocol::DnsQuestion | Protocol::DnsAnswer) => html! { <path class="solid" d="M-4 36.500l2-3.500h4l2 3.500-2 3.500h-4z" /> },
            _ => html! { <rect class="solid" x="-1.500" y="32" width="3" height="9" rx="1.500" /> },
        };
        Some(html! { <svg key={i} {class} x={format!("{:.2}%", share(s.arrives))} overflow="visible">{ shape }</svg> })
    });
    let passing: String = p
        .film
        .crowd
        .moments(3.0 * pixel)
        .into_iter()
        .map(|at| format!("M{:.1} 0v4", at / length * 1000.0))
        .collect();
    html! {
        <svg aria-hidden="true">
            <g>{ for labels }</g>
            <g>
                if p.film.segments.is_empty() && p.labelled { <rect {class} x="0" y="20" width="100%" height="6" rx="3" /> }
                else { <g>{ for segments }</g> }
            </g>
            <svg y="28" width="100%" height="4" viewBox="0 0 1000 4" preserveAspectRatio="none"><path class={format!("passing {class}")} d={passing} /></svg>
            <g>{ for ticks }</g>
        </svg>
    }
}
