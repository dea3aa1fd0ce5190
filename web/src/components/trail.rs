//! The way of the packet being watched: travelled, ahead, numbered; and the callout where something was done to it.

use lab::view::{Change, Hop, Journey, Tone};
use yew::prelude::*;

use super::icons::px;
use crate::layout::geometry::{Point, Rect, rect, rounded};
use crate::layout::roads::Leg;
use crate::layout::scene::{Spot, SpotKind};
use crate::layout::{Scene, text};
use crate::messages::{self, said::plainly};
use crate::shared::Shared;

/// What is drawn of a journey at a hop.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct View {
    travelled: Vec<String>,
    ahead: Vec<String>,
    arrows: bool,
    bad: bool,
    badges: Vec<Badge>,
    callout: Option<Callout>,
}

#[derive(Debug, Clone, PartialEq)]
struct Badge {
    at: Point,
    number: usize,
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
struct Callout {
    at: Point,
    from: Point,
    width: f64,
    title: String,
    before: String,
    after: String,
    bad: bool,
}

impl View {
    /// Draws a journey as far as a hop; with little motion the whole way is shown at once with arrows.
    pub(crate) fn new(
        scene: &Scene,
        journey: &Journey,
        legs: &[Leg],
        hop: usize,
        still: bool,
    ) -> Self {
        let ended_badly = journey.verdict.tone == Tone::Bad;
        let mut view = Self {
            arrows: still,
            bad: ended_badly && hop + 1 >= journey.hops.len(),
            ..Self::default()
        };
        let mut named: Vec<&str> = Vec::new();
        // Of a broadcast to many, one copy stands for all but the one being watched.
        let many = |from: Option<usize>| {
            from.is_some() && journey.hops.iter().filter(|h| h.from == from).count() > MOST_COPIES
        };
        for (i, (leg, h)) in legs.iter().zip(&journey.hops).enumerate() {
            let again = i > 0 && journey.hops.get(i - 1).is_some_and(|b| b.from == h.from);
            if again && i != hop && many(h.from) {
                continue;
            }
            if leg.from.is_some() && leg.points.len() > 1 {
                let line = rounded(&leg.points, 8.0);
                if i <= hop || still {
                    view.travelled.push(line);
                } else {
                    view.ahead.push(line);
                }
            }
            // One badge a place: later hops at the same place are counted in the journey, not drawn over it.
            if named.contains(&h.place.as_str()) {
                continue;
            }
            named.push(&h.place);
            if let Some(spot) = scene.spots.get(&h.place) {
                let class = if i > hop {
                    "bdg todo"
                } else if h.verdict.tone == Tone::Bad {
                    "bdg bad"
                } else {
                    "bdg"
                };
                view.badges.push(Badge {
                    at: corner(spot),
                    number: i + 1,
                    class,
                });
            }
        }
        view.callout = journey
            .hops
            .get(hop)
            .zip(legs.get(hop))
            .and_then(|(h, leg)| {
                let end = leg.end()?;
                let at = Point {
                    x: end.x,
                    y: end.y + leg.lift,
                };
                callout(scene, &view.badges, h, at)
            });
        view
    }
}

/// Where the number of a hop stands: on the upper left corner of its place, unless it would hide a word there.
fn corner(spot: &Spot) -> Point {
    let r = spot.rect;
    match spot.kind {
        // The pill is smaller than a badge.
        SpotKind::Resolver => Point {
            x: r.right() + 9.0,
            y: r.y,
        },
        // The namespace's label stands above the processes, and INPUT has a number of its own below.
        SpotKind::Local => Point { x: r.x, y: r.cy() },
        _ => Point { x: r.x, y: r.y },
    }
}

fn callout(scene: &Scene, badges: &[Badge], hop: &Hop, from: Point) -> Option<Callout> {
    let bad = hop.verdict.tone == Tone::Bad;
    let change = hop.changes.iter().find(|c| c.before != c.after);
    if !bad && change.is_none() {
        return None;
    }
    // The last one decides; those before it only lead there.
    let matched = hop.rules.iter().rfind(|r| r.matched);
    let verdict = capital(&plainly(&hop.verdict.text));
    let title = match (bad, matched) {
        (true, Some(r)) => messages::callout_rule(&verdict, &hop.namespace, &r.table, &r.chain),
        (true, None) => messages::callout_place(&verdict, &hop.namespace, &plainly(&hop.title)),
        (false, _) => changed(change?),
    };
    let (before, after) = match (bad, change) {
        (false, Some(c)) => (c.before.clone(), format!("→ {}", c.after)),
        _ => (
            String::new(),
            matched.map_or_else(|| plainly(&hop.detail).to_string(), |r| r.text.clone()),
        ),
    };
    let title = text::shorten(&title, 60);
    let after = text::shorten(&after, 48);
    let line = text::mono(&before, 11.5)
        + text::mono(&after, 11.5)
        + if before.is_empty() { 0.0 } else { 8.0 };
    // Bold letters are wider than the rest.
    let width = (text::sans(&title, 13.0).max(line) + 24.0).min(scene.width - 24.0);
    let at = place(scene, badges, &hop.place, from, width);
    Some(Callout {
        at,
        from,
        width,
        title,
        before,
        after,
        bad,
    })
}

/// Copies of a broadcast that are all numbered.
const MOST_COPIES: usize = 6;
/// Height of a callout.
const CALLOUT: f64 = 44.0;

/// Where a callout stands: near its packet, in the free room above the hooks if it is at one, on no text and, if it can
/// be, on no badge.
fn place(scene: &Scene, badges: &[Badge], hop_place: &str, from: Point, width: f64) -> Point {
    let host = scene
        .hosts
        .iter()
        .find(|h| h.hooks.iter().any(|k| k.id == hop_place));
    let beside = from.y - 34.0;
    let mut heights = vec![beside, from.y + 20.0, from.y - 74.0, from.y + 52.0];
    if let Some(host) = host.filter(|h| h.root.is_some()) {
        // Above the hooks' numbers, which stand on their corners.
        heights.insert(0, host.gate.y - CALLOUT - 5.0);
        let top = host.root.map_or(0.0, |r| r.y);
        heights.insert(1, top + 4.0);
    }
    // Where it is close all around, at the upper or the lower end.
    heights.extend([4.0, scene.height - CALLOUT - 8.0]);
    let most_x = (scene.width - width - 8.0).max(8.0);
    let most_y = (scene.height - CALLOUT - 4.0).max(4.0);
    let mut best: Option<(f64, Point)> = None;
    for (i, y) in heights.iter().enumerate() {
        let sides = [
            from.x + 42.0,
            from.x - 42.0 - width,
            from.x + 90.0,
            from.x - 90.0 - width,
            from.x + 200.0,
            from.x - width / 2.0,
        ];
        for (k, x) in sides.iter().enumerate() {
            let at = Point {
                x: x.clamp(8.0, most_x),
                y: y.clamp(4.0, most_y),
            };
            let area = rect(at.x - 2.0, at.y - 2.0, width + 4.0, CALLOUT + 4.0);
            let covered: f64 = scene
                .labels()
                .filter(|(l, _)| l.rect().meets(&area))
                .count() as f64;
            let marked = badges
                .iter()
                .filter(|b| rect(b.at.x - 10.0, b.at.y - 10.0, 20.0, 20.0).meets(&area))
                .count() as f64;
            let packet = rect(from.x - 22.0, from.y - 14.0, 44.0, 28.0);
            let hides = if packet.meets(&area) { 3.0 } else { 0.0 };
            let far = ((at.y - from.y).max(from.y - at.y - CALLOUT) - 110.0).max(0.0)
                + ((at.x - from.x).max(from.x - at.x - width) - 100.0).max(0.0);
            let cost = covered * 6.0
                + marked * 3.0
                + hides * 4.0
                + far / 60.0
                + i as f64 * 0.5
                + k as f64 * 0.3;
            if best.is_none_or(|b| cost < b.0) {
                best = Some((cost, at));
            }
        }
    }
    best.map_or(from, |b| b.1)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|c| c.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn changed(change: &Change) -> String {
    match change.field.as_str() {
        "dst" => messages::dst_rewritten().to_owned(),
        "src" => messages::src_rewritten().to_owned(),
        field => messages::field_rewritten(&field),
    }
}

impl View {
    /// Where the callout stands.
    pub(crate) fn callout(&self) -> Option<Rect> {
        let c = self.callout.as_ref()?;
        Some(rect(c.at.x, c.at.y, c.width, CALLOUT))
    }
}

impl Callout {
    /// Where its leader points: the packet beside it, or the thing below it. From afar it has none.
    fn leader_y(&self) -> Option<f64> {
        let middle = self.at.y + 22.0;
        match self.from.y - middle {
            ..-60.0 | 120.0.. => None,
            60.0.. => Some(self.at.y + 44.0),
            _ => Some(self.from.y.max(middle - 12.0)),
        }
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) trail: Shared<Option<View>>,
}

/// The lines, which run below the boxes they pass.
#[component]
pub(crate) fn TrailLines(p: &Props) -> Html {
    let Some(v) = &*p.trail else {
        return html! { <g></g> };
    };
    let class = format!(
        "pth{}{}",
        if v.bad { " bad" } else { "" },
        if v.arrows { " arrows" } else { "" }
    );
    let travelled = v
        .travelled
        .iter()
        .enumerate()
        .map(|(i, d)| html! { <path key={i} class={class.clone()} d={d.clone()} /> });
    let ahead = v
        .ahead
        .iter()
        .enumerate()
        .map(|(i, d)| html! { <path key={i} class="pth todo" d={d.clone()} /> });
    html! { <g><g>{ for ahead }</g><g>{ for travelled }</g></g> }
}

/// Badges and the callout, which stand above everything.
#[component]
pub(crate) fn Trail(p: &Props) -> Html {
    let Some(v) = &*p.trail else {
        return html! { <g></g> };
    };
    let badges = v.badges.iter().map(|b| {
        html! {
            <g key={b.number} class={b.class}>
                <circle cx={px(b.at.x)} cy={px(b.at.y)} r="10" />
                <text x={px(b.at.x)} y={px(b.at.y + 3.7)}>{ b.number }</text>
            </g>
        }
    });
    html! {
        <g>
            <g>if let Some(c) = &v.callout { { bubble(c) } }</g>
            <g>{ for badges }</g>
        </g>
    }
}

fn bubble(c: &Callout) -> Html {
    let right = c.at.x > c.from.x;
    let edge = if right { c.at.x } else { c.at.x + c.width };
    let start = c.from.x + if right { 18.0 } else { -18.0 };
    let after_x = c.at.x
        + 12.0
        + if c.before.is_empty() {
            0.0
        } else {
            text::mono(&c.before, 11.5) + 8.0
        };
    let lead = c
        .leader_y()
        .map(|y| format!("M{start:.1} {y:.1}L{edge:.1} {:.1}", c.at.y + 22.0));
    html! {
        <g class={if c.bad { "call bad" } else { "call" }}>
            <path class="lead" d={lead} />
            <rect x={px(c.at.x)} y={px(c.at.y)} width={px(c.width)} height="44" rx="8" />
            <text class="tsb" x={px(c.at.x + 12.0)} y={px(c.at.y + 18.0)}>{ &c.title }</text>
            <text class="tm strike" x={px(c.at.x + 12.0)} y={px(c.at.y + 34.0)}>{ &c.before }</text>
            <text class="tm1" x={px(after_x)} y={px(c.at.y + 34.0)}>{ &c.after }</text>
        </g>
    }
}
