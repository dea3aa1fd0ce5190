//! The way of the packet being watched: travelled, ahead, numbered; and the callout where something was done to it.

use lab::view::{Journey, Tone};
use yew::prelude::*;

use super::callout::{self, Callout};
use super::icons::px;
use crate::layout::Scene;
use crate::layout::geometry::{Point, Rect, rounded};
use crate::layout::roads::Leg;
use crate::layout::scene::{Spot, SpotKind};
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

/// The number of a hop.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Badge {
    pub(super) at: Point,
    number: usize,
    class: &'static str,
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
                Callout::new(scene, &view.badges, journey, h, at)
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

/// Copies of a broadcast that are all numbered.
const MOST_COPIES: usize = 6;

impl View {
    /// Where the callout stands.
    pub(crate) fn callout(&self) -> Option<Rect> {
        self.callout.as_ref().map(Callout::area)
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
            <g>if let Some(c) = &v.callout { { callout::bubble(c) } }</g>
            <g>{ for badges }</g>
        </g>
    }
}
