//! The way of one packet in words: the picture's other form.

use std::rc::Rc;

use lab::view::{Hop, Journey, Packet, RuleLine, Tone, Tracked};
use yew::prelude::*;

use super::icons::{Icon, icon};
use super::packet::PacketView;
use super::{Act, say, tag, tone, whole};
use crate::app::Msg;
use crate::messages::{self, said::plainly};
use crate::shared::Shared;

/// Opens up the packet of a journey, known by its id, at a hop, from 0.
pub(crate) type Opener = Callback<(AttrValue, usize), Option<Packet>>;

/// Packets offered for choosing at a time.
const MOST_PACKETS: usize = 32;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) journeys: Shared<Vec<Rc<Journey>>>,
    /// The packet being watched, and the hop it is at.
    pub(crate) at: Option<(usize, usize)>,
    /// The command being watched and where it was typed.
    pub(crate) command: Option<(AttrValue, AttrValue)>,
    pub(crate) playing: bool,
    /// The explanation and the names looked up, below the hops.
    pub(crate) children: Html,
    /// Whether the explanation is there: then it takes the place of the layers.
    pub(crate) explained: bool,
    /// Whether only the conversation being watched is shown.
    pub(crate) alone: bool,
    pub(crate) packet: Opener,
    pub(crate) act: Act,
}

#[component]
pub(crate) fn JourneyPanel(p: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(p.at, move |_| {
            let current = node
                .cast::<web_sys::Element>()
                .and_then(|n| n.query_selector("[aria-current=step]").ok().flatten());
            if let Some(current) = current {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                current.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    }
    if p.journeys.is_empty() {
        return html! {
            <div class="scroll">
                { command(p, None) }
                <p class="none">{ if p.command.is_some() { messages::no_packets() } else { messages::no_journey() } }</p>
                <div>{ p.children.clone() }</div>
            </div>
        };
    }
    let (packet, hop) = p.at.unwrap_or((0, 0));
    let journey = p.journeys.get(packet).map(|j| &**j);
    // A crowd is shown around the packet being watched only.
    let first = packet
        .saturating_sub(MOST_PACKETS / 2)
        .min(p.journeys.len().saturating_sub(MOST_PACKETS));
    let packets = p.journeys.iter().enumerate().skip(first).take(MOST_PACKETS).map(|(i, j)| {
        let on = i == packet;
        let bad = j.verdict.tone == Tone::Bad;
        let class = format!("pkt{}{}", if on { " on" } else { "" }, if bad { " bad" } else { "" });
        let onclick = p.act.reform(move |_: MouseEvent| Msg::ToHop(i, 0));
        html! {
            <li key={j.id.clone()}>
                <button type="button" {class} data-packet={j.id.clone()} aria-pressed={on.to_string()} {onclick}
                    title={format!("{}, {}, {}", plainly(&j.name), plainly(&j.summary), plainly(&j.verdict.text))}>{ &j.label }</button>
            </li>
        }
    });
    let hops = journey.into_iter().flat_map(|j| j.hops.iter().enumerate()).map(|(i, h)| {
        let state = if p.at.is_none() || i > hop { State::Ahead } else if i < hop { State::Past } else { State::Now };
        let onclick = p.act.reform(move |_: MouseEvent| Msg::ToHop(packet, i));
        html! { <HopRow key={i} journeys={p.journeys.clone()} {packet} hop={i} {state} namespace={h.namespace.clone()} {onclick} /> }
    });
    let layers = journey
        .and_then(|j| Some((j, j.hops.get(hop)?)))
        .filter(|_| !p.explained);
    html! {
        <div class="jpanel" ref={node}>
            { command(p, journey) }
            <div class="scroll">
                <ol class={if p.journeys.len() > 1 { "pkts" } else { "pkts one" }} aria-label={messages::journey_packets()}>{ for packets }</ol>
                <ol class="hops" aria-label={messages::journey_hops()}>{ for hops }</ol>
                <div>{ p.children.clone() }</div>
            </div>
            <div>if let Some((j, _)) = layers { <Layers journey={j.id.clone()} {hop} packet={p.packet.clone()} /> }</div>
        </div>
    }
}

fn command(p: &Props, journey: Option<&Journey>) -> Html {
    let packet = p.at.map_or(0, |a| a.0);
    let state = match journey {
        Some(j) if p.at.is_some_and(|a| a.1 + 1 >= j.hops.len()) => tag(&j.verdict),
        Some(_) if p.playing => {
            html! { <span class="tag ink">{ messages::state_playing() }</span> }
        }
        Some(_) if p.at.is_some() => {
            html! { <span class="tag ink">{ messages::state_paused() }</span> }
        }
        _ => html! { <span></span> },
    };
    // Of what has been travelling for long, only the end may be known.
    let origin = journey.map(|j| j.origin.as_str()).filter(|o| !o.is_empty());
    let origin = match origin {
        Some(origin) => html! { <span class="tag">{ messages::journey_from(&origin) }</span> },
        None => html! { <span></span> },
    };
    html! {
        <div class="jh">
            <div class="cmd">{ whole(p.command.as_ref().map_or("", |c| &c.1)) }</div>
            <div class="row">
                if let Some(j) = journey {
                    { origin }
                    <span class="tag">{ messages::journey_packet(&plainly(&j.name), &(packet + 1), &p.journeys.len()) }</span>
                    { state }
                    <button type="button" class={if p.alone { "btn ib alone on" } else { "btn ib alone" }} aria-pressed={p.alone.to_string()}
                        aria-label={messages::only_conversation()} title={messages::only_conversation()} onclick={p.act.reform(|_| Msg::Follow)}>{ icon(Icon::Alone) }</button>
                }
            </div>
        </div>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Past,
    Now,
    Ahead,
}

#[derive(Properties, PartialEq)]
struct HopProps {
    journeys: Shared<Vec<Rc<Journey>>>,
    packet: usize,
    hop: usize,
    state: State,
    namespace: AttrValue,
    onclick: Callback<MouseEvent>,
}

#[component]
fn HopRow(p: &HopProps) -> Html {
    let Some(h) = p.journeys.get(p.packet).and_then(|j| j.hops.get(p.hop)) else {
        return html! { <li></li> };
    };
    let bad = h.verdict.tone == Tone::Bad;
    let class = match p.state {
        State::Past => "hop done",
        State::Now if bad => "hop err",
        State::Now => "hop now",
        State::Ahead => "hop todo",
    };
    let now = p.state == State::Now;
    html! {
        <li {class} data-hop={(p.hop + 1).to_string()} data-verdict={h.verdict.text.clone()} aria-current={now.then_some("step")}>
            <button type="button" class="no" aria-label={messages::go_to_hop(&(p.hop + 1))} onclick={p.onclick.clone()}>{ p.hop + 1 }</button>
            <div>
                <div class="h1"><span class="ns">{ &p.namespace }</span>{ " " }{ say(&h.title) }</div>
                <div class="h2">{ say(&h.detail) }</div>
            </div>
            <span class={if h.verdict.text.is_empty() { "" } else { tone(h.verdict.tone) }}>{ say(&h.verdict.text) }</span>
            <div class="hopx">if now { { opened(h) } }</div>
        </li>
    }
}

/// What an open hop says: the rules around the one that decided, what changed, and why.
fn opened(h: &Hop) -> Html {
    let bad = h.verdict.tone == Tone::Bad;
    // That a rule dropped it, the rule itself says.
    let told = bad && h.rules.iter().any(|r| r.matched);
    // The last one decides; those before it only lead there.
    let last = h.rules.iter().rposition(|r| r.matched);
    let rules = h.rules.iter().enumerate().map(|(i, r)| {
        let class = match (last == Some(i), bad) {
            (true, true) => "rule hit dr",
            (true, false) => "rule hit",
            _ if r.matched => "rule led",
            _ => "rule",
        };
        html! { <div key={i}>{ rule(r, class) }</div> }
    });
    let changes = h.changes.iter().enumerate().map(|(i, c)| {
        html! {
            <div key={i} class="ba">
                <span>{ &c.field }</span>
                if c.before == c.after {
                    <span>{ messages::unchanged(&c.after) }</span>
                } else {
                    <span><s>{ &c.before }</s><br />{ "→ " }<b>{ &c.after }</b></span>
                }
            </div>
        }
    });
    html! {
        <div>
            <div>{ for rules }</div>
            <div>{ for changes }</div>
            <div>if !told && !h.reason.is_empty() { <p class="why"><b>{ if bad { messages::why_prefix() } else { "" } }</b>{ if bad { " " } else { "" } }{ say(&h.reason) }</p> }</div>
        </div>
    }
}

fn rule(r: &RuleLine, class: &'static str) -> Html {
    // A policy has no number; which table's it is, its text does not say.
    let number = match r.number {
        0 => r.table.clone(),
        n => n.to_string(),
    };
    html! {
        <div {class} title={format!("{} {}", r.table, r.chain)}>
            <span class="c">{ number }</span><span>{ whole(&r.text) }</span><span class="c">if r.packets > 0 { { r.packets } }</span>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct LayersProps {
    journey: AttrValue,
    /// The hop, from 0.
    hop: usize,
    packet: Opener,
}

/// What connection tracking knew of the packet: its state, and opened up the entry.
fn tracked(t: &Tracked, open: bool) -> Html {
    let direction = if t.reply {
        messages::tracked_back()
    } else {
        messages::tracked_forth()
    };
    let mut rows = vec![("conntrack", format!("{}, {direction}", t.state))];
    match &t.entry {
        _ if !open => {}
        Some(e) => {
            let state = format!("{} {}", e.protocol, e.state);
            rows.extend([
                (messages::conn_state(), state),
                (messages::conn_original(), e.original.clone()),
                (messages::conn_reply(), e.reply.clone()),
                (messages::conn_expires(), messages::seconds(&e.expires_s)),
            ]);
        }
        None => rows.push(("", messages::tracked_gone().to_owned())),
    }
    let rows = rows.into_iter().map(|(name, value)| html! { <div key={name} class="lrow"><b>{ name }</b><span>{ value }</span></div> });
    html! { <div class="tracked">{ for rows }</div> }
}

/// The packet's layers: a line each, or opened up with fields and bytes.
#[component]
fn Layers(p: &LayersProps) -> Html {
    let open = use_state(|| false);
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let Some(packet) = p.packet.emit((p.journey.clone(), p.hop)) else {
        return html! { <section></section> };
    };
    let rows = packet.layers.iter().enumerate().map(|(i, l)| html! { <div key={i} class="lrow" lang="en"><b>{ &l.name }</b><span>{ &l.summary }</span></div> });
    html! {
        <section class="layers">
            <h2 class="cap"><span>{ messages::layers_after(&(p.hop + 1)) }</span>
                <button type="button" class="btn link" aria-expanded={open.to_string()} onclick={toggle}>
                    { if *open { messages::collapse() } else { messages::expand() } }</button></h2>
            <div class="lbox">
                if *open { <PacketView key={format!("{} {}", p.journey, p.hop)} packet={packet.clone()} /> } else { <div>{ for rows }</div> }
            </div>
            <div>if let Some(t) = &packet.tracked { { tracked(t, *open) } }</div>
        </section>
    }
}
