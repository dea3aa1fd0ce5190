//! The way of the packet being watched: travelled, ahead, numbered; and the callout where something was done to it.

use lab::view::{Change, Hop, Journey, RuleLine, Tone};
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
    size: (f64, f64),
    title: String,
    /// What was, crossed out, and what is.
    lines: Vec<(String, String)>,
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
            if named.contains(&h.place.as_str()) && !h.wrapped {
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
                let mouth = leg.end().filter(|_| h.wrapped);
                view.badges.push(Badge {
                    at: mouth.map_or_else(|| corner(spot), |end| beside_mouth(spot, end)),
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
                callout(scene, &view.badges, journey, h, at)
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
        // The namespace's label stands above the processes, and packets come and go at the other end.
        SpotKind::Local => Point {
            x: r.right(),
            y: r.cy(),
        },
        _ => Point { x: r.x, y: r.y },
    }
}

/// The number of a hop at which a frame goes into a tunnel: at a corner that has none yet.
fn beside_mouth(spot: &Spot, mouth: Point) -> Point {
    let r = spot.rect;
    if mouth.x > r.cx() {
        Point {
            x: r.right(),
            y: r.y,
        }
    } else {
        Point {
            x: r.x,
            y: r.bottom(),
        }
    }
}

fn callout(
    scene: &Scene,
    badges: &[Badge],
    journey: &Journey,
    hop: &Hop,
    from: Point,
) -> Option<Callout> {
    let bad = hop.verdict.tone == Tone::Bad;
    let change = hop.changes.iter().find(|c| c.before != c.after);
    // The last one decides; those before it only lead there.
    let matched = hop.rules.iter().rfind(|r| r.matched);
    let verdict = capital(&plainly(&hop.verdict.text));
    let (title, lines) = match (bad, matched, change) {
        (true, Some(r), _) => (
            messages::callout_rule(&verdict, &hop.namespace, &r.table, &r.chain),
            // The title names the chain.
            vec![(String::new(), rule_in_chain(r).to_owned())],
        ),
        (true, None, _) => (
            messages::callout_place(&verdict, &hop.namespace, &plainly(&hop.title)),
            vec![(String::new(), plainly(&hop.detail).to_string())],
        ),
        (false, _, Some(c)) => (
            changed(c),
            vec![(c.before.clone(), format!("→ {}", c.after))],
        ),
        (false, _, None) if hop.wrapped => (
            plainly(&hop.title).to_string(),
            vec![
                (
                    String::new(),
                    messages::callout_outer(&plainly(&hop.detail)),
                ),
                (
                    String::new(),
                    messages::callout_inner(&plainly(&journey.summary)),
                ),
            ],
        ),
        _ => return None,
    };
    let title = text::shorten(&title, 60);
    let lines: Vec<_> = lines
        .into_iter()
        .map(|(before, after)| (before, text::shorten(&after, 48)))
        .collect();
    // Bold letters are wider than the rest.
    let width = lines
        .iter()
        .map(|(before, after)| after_before(before) + text::mono(after, 11.5))
        .fold(text::sans(&title, 13.0), f64::max);
    let size = (
        (width + 24.0).min(scene.width - 24.0),
        CALLOUT + LINE * lines.len().saturating_sub(1) as f64,
    );
    let at = place(scene, badges, &hop.place, from, size);
    Some(Callout {
        at,
        from,
        size,
        title,
        lines,
        bad,
    })
}

/// A rule without the chain that it stands in.
fn rule_in_chain(rule: &RuleLine) -> &str {
    let rest = rule.text.strip_prefix("-A ").unwrap_or(&rule.text);
    let rest = rest.strip_prefix(rule.chain.as_str()).unwrap_or(&rule.text);
    rest.trim_start()
}

/// Where on its line what is begins, behind what was.
fn after_before(before: &str) -> f64 {
    match before {
        "" => 0.0,
        before => text::mono(before, 11.5) + 8.0,
    }
}

/// Copies of a broadcast that are all numbered.
const MOST_COPIES: usize = 6;
/// Height of a callout with one line below its title, and of each further one.
const CALLOUT: f64 = 44.0;
const LINE: f64 = 16.0;

/// Where a callout stands: near its packet, in the free room above the hooks if it is at one, on no text and, if it can
/// be, on no badge.
fn place(
    scene: &Scene,
    badges: &[Badge],
    hop_place: &str,
    from: Point,
    (width, height): (f64, f64),
) -> Point {
    let host = scene
        .hosts
        .iter()
        .find(|h| h.hooks.iter().any(|k| k.id == hop_place));
    let beside = from.y - 34.0;
    let mut heights = vec![beside, from.y + 20.0, from.y - 30.0 - height, from.y + 52.0];
    if let Some(host) = host.filter(|h| h.root.is_some()) {
        // Above the hooks' numbers, which stand on their corners.
        heights.insert(0, host.gate.y - height - 5.0);
        let top = host.root.map_or(0.0, |r| r.y);
        heights.insert(1, top + 4.0);
    }
    // Where it is close all around, at the upper or the lower end.
    heights.extend([4.0, scene.height - height - 8.0]);
    let most_x = (scene.width - width - 8.0).max(8.0);
    let most_y = (scene.height - height - 4.0).max(4.0);
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
            let area = rect(at.x - 2.0, at.y - 2.0, width + 4.0, height + 4.0);
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
            let far = ((at.y - from.y).max(from.y - at.y - height) - 110.0).max(0.0)
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
        Some(rect(c.at.x, c.at.y, c.size.0, c.size.1))
    }
}

impl Callout {
    /// Where its leader points: the packet beside it, or the thing below it. From afar it has none.
    fn leader_y(&self) -> Option<f64> {
        let middle = self.at.y + self.size.1 / 2.0;
        match self.from.y - middle {
            ..-60.0 | 120.0.. => None,
            60.0.. => Some(self.at.y + self.size.1),
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
    let (width, height) = c.size;
    let edge = if right { c.at.x } else { c.at.x + width };
    let start = c.from.x + if right { 18.0 } else { -18.0 };
    let middle = c.at.y + height / 2.0;
    let lead = c
        .leader_y()
        .map(|y| format!("M{start:.1} {y:.1}L{edge:.1} {middle:.1}"));
    let left = c.at.x + 12.0;
    let lines = c.lines.iter().enumerate().map(|(i, (before, after))| {
        let y = px(c.at.y + 34.0 + LINE * i as f64);
        html! {
            <g key={i}>
                <text class="tm strike" x={px(left)} y={y.clone()}>{ before }</text>
                <text class="tm1" x={px(left + after_before(before))} {y}>{ after }</text>
            </g>
        }
    });
    html! {
        <g class={if c.bad { "call bad" } else { "call" }}>
            <path class="lead" d={lead} />
            <rect x={px(c.at.x)} y={px(c.at.y)} width={px(width)} height={px(height)} rx="8" />
            <text class="tsb" x={px(left)} y={px(c.at.y + 18.0)}>{ &c.title }</text>
            <g>{ for lines }</g>
        </g>
    }
}
