//! The corners between two places on the stage, for each two kinds of places that a packet goes between.

use super::bends::{into_local, mouth, off_the_words, past_the_label, to_mouth, up_to_local};
use super::geometry::{Point, Rect, pt};
use super::outside::between;
use super::roads::start;
use super::scene::{Scene, Spot, SpotKind};

/// The corners between two different places, starting where the packet is.
pub(super) fn road(scene: &Scene, from: (&str, &Spot), to: (&str, &Spot), at: Point) -> Vec<Point> {
    use SpotKind::{Container, Hook, Lan, Local, Machine, Network, Port};
    let (a, b) = (from.1.rect, to.1.rect);
    match (&from.1.kind, &to.1.kind) {
        (Container { veths }, Network { rail, .. }) => {
            let mut line: Vec<Point> = veth(veths, to.0).into_iter().rev().collect();
            if line.is_empty() {
                line = vec![pt(at.x, *rail)];
            }
            if let Some(first) = line.first() {
                line.insert(0, pt(first.x, at.y));
            }
            line.insert(0, at);
            line
        }
        (Network { rail, .. }, Container { veths }) => {
            let line = veth(veths, from.0);
            let mut out = off_the_words(a, *rail, at);
            match line.first() {
                Some(first) => out.push(pt(first.x, *rail)),
                None => out.extend([pt(b.cx(), *rail), pt(b.cx(), b.y)]),
            }
            out.extend(line);
            out
        }
        (Container { .. }, Container { veths }) if !veth(veths, from.0).is_empty() => {
            let mut line = vec![at];
            line.extend(veth(veths, from.0));
            line
        }
        (Port { .. }, Network { feed, .. }) if !feed.is_empty() => feed.clone(),
        (Network { rail, feed, .. }, Port { .. }) if !feed.is_empty() => {
            let mut line = vec![at];
            if let Some(last) = feed.last() {
                line.push(pt(last.x, *rail));
            }
            line.extend(feed.iter().rev());
            line.push(pt(line.last().map_or(b.cx(), |p| p.x), b.cy()));
            line
        }
        (
            Network {
                rail, drop_x, bus, ..
            },
            Hook { name, above, .. },
        ) => {
            let x = hook_side(name, b.cx(), b.w);
            if name == "PREROUTING" || name == "POSTROUTING" {
                vec![
                    at,
                    pt(*drop_x, *rail),
                    pt(*drop_x, *bus),
                    pt(x, *bus),
                    pt(x, b.bottom()),
                ]
            } else {
                // FORWARD and the rest are reached without IP: a bridged frame seen by br_netfilter.
                let _ = above;
                vec![
                    at,
                    pt(*drop_x, *rail),
                    pt(*drop_x, *bus),
                    pt(b.cx(), *bus),
                    pt(b.cx(), b.bottom()),
                ]
            }
        }
        (
            Hook { name, .. },
            Network {
                rail, drop_x, bus, ..
            },
        ) => {
            let x = hook_side(name, a.cx(), a.w);
            vec![
                pt(at.x, a.cy()),
                pt(x, a.cy()),
                pt(x, *bus),
                pt(*drop_x, *bus),
                pt(*drop_x, *rail),
            ]
        }
        (Network { .. }, Network { .. }) if let Some(leave) = mouth(scene, from.0, Some(to.0)) => {
            let mut line = to_mouth(from.1, at, leave);
            line.push(pt(if b.x > a.x { b.x } else { b.right() }, leave.y));
            line
        }
        (
            Network { rail, drop_x, .. },
            Network {
                rail: below,
                drop_x: down,
                ..
            },
        ) => {
            // Up one strip that the texts leave free, and down the other.
            let y = a.y - 8.0;
            let mut line = off_the_words(a, *rail, at);
            line.extend([
                pt(*drop_x, *rail),
                pt(*drop_x, y),
                pt(*down, y),
                pt(*down, *below),
            ]);
            line
        }
        (Hook { above, .. }, Hook { bus, .. }) => hook_to_hook(scene, from, to, at, (*above, *bus)),
        (Port { x }, Hook { above, .. }) => {
            vec![
                pt(*x, a.cy()),
                pt(*x, *above),
                pt(b.cx(), *above),
                pt(b.cx(), b.y),
            ]
        }
        (Hook { above, .. }, Port { .. }) => {
            let x = b.x + b.w * 0.8;
            vec![
                pt(at.x, a.cy()),
                pt(a.cx(), a.cy()),
                pt(a.cx(), above - 8.0),
                pt(x, above - 8.0),
                pt(x, b.cy()),
            ]
        }
        (Hook { .. }, Local) => {
            let mut line = vec![at, pt(a.cx(), a.cy())];
            line.extend(into_local(b, a.cx()));
            line
        }
        (Local, Hook { .. }) => {
            let mut line = into_local(a, b.cx());
            line.reverse();
            line.push(pt(b.cx(), b.y));
            line
        }
        (
            Network {
                rail, drop_x, bus, ..
            },
            Local,
        ) => {
            let mut line = off_the_words(a, *rail, at);
            line.extend(up_to_local(b, (*drop_x, *rail), *bus));
            line
        }
        (
            Local,
            Network {
                rail, drop_x, bus, ..
            },
        ) => {
            let mut line = up_to_local(a, (*drop_x, *rail), *bus);
            line.reverse();
            line
        }
        (Local, Port { .. }) => past_the_label(a, b),
        (Port { .. }, Local) => past_the_label(b, a).into_iter().rev().collect(),
        (Machine { plug: None }, Machine { .. }) | (Machine { .. }, Machine { plug: None }) => {
            between(a, b).to_vec()
        }
        (Machine { .. } | Port { .. }, Lan) => to_lan(b, from.1, at),
        (Lan, Machine { .. } | Port { .. }) => {
            let end = plug(a, to.1);
            vec![at, onto(a, end), end]
        }
        (Machine { .. } | Port { .. }, Machine { .. } | Port { .. }) => {
            let end = |lan| plug(lan, to.1);
            match scene.lans.first().map(|l| l.rect) {
                Some(lan) => {
                    let mut line = to_lan(lan, from.1, at);
                    line.extend([onto(lan, end(lan)), end(lan)]);
                    line
                }
                None => elbow(at, start(to.1, None)),
            }
        }
        (_, SpotKind::Resolver) => vec![at, pt(b.x, b.cy())],
        (SpotKind::Resolver, _) => vec![at, start(to.1, None)],
        _ => elbow(at, start(to.1, None)),
    }
}

/// How far below its top a tab is entered from an upright LAN: above the machine's edge, which its middle is on.
pub(super) const ENTRY: f64 = 9.0;

/// The point of a LAN that is next to another point.
fn onto(lan: Rect, p: Point) -> Point {
    if lan.h > lan.w {
        pt(lan.cx(), p.y)
    } else {
        pt(p.x, lan.cy())
    }
}

/// Where the way from a LAN to a machine or an interface ends.
fn plug(lan: Rect, spot: &Spot) -> Point {
    let r = spot.rect;
    match &spot.kind {
        SpotKind::Machine { plug } => plug.unwrap_or(pt(r.cx(), r.bottom())),
        _ if lan.h > lan.w => pt(r.cx(), r.y + ENTRY),
        _ => pt(r.cx(), r.cy()),
    }
}

/// The way from a machine, or from where a packet is at an interface, to a LAN.
fn to_lan(lan: Rect, spot: &Spot, at: Point) -> Vec<Point> {
    let leave = match &spot.kind {
        SpotKind::Machine { .. } => plug(lan, spot),
        _ if lan.h > lan.w => pt(at.x, spot.rect.y + ENTRY),
        _ => at,
    };
    let mut line = vec![leave, onto(lan, leave)];
    if matches!(spot.kind, SpotKind::Port { .. }) {
        line.insert(0, at);
    }
    line
}

/// Where on its lower edge a hook is entered from the bus: PREROUTING left of its middle, as its wire is drawn.
pub(super) fn hook_side(name: &str, cx: f64, w: f64) -> f64 {
    match name {
        "PREROUTING" => cx - w / 6.0,
        _ => cx,
    }
}

fn hook_to_hook(
    scene: &Scene,
    from: (&str, &Spot),
    to: (&str, &Spot),
    at: Point,
    (above, bus): (f64, f64),
) -> Vec<Point> {
    let (a, b) = (from.1.rect, to.1.rect);
    let neighbours = scene.hosts.iter().any(|h| {
        h.hooks
            .windows(2)
            .take(3)
            .any(|w| matches!(w, [l, r] if l.id == from.0 && r.id == to.0))
    });
    if neighbours {
        // Through both boxes, where the line is hidden; the packet rests above the second one.
        return vec![at, pt(at.x, a.cy()), pt(b.cx(), b.cy())];
    }
    let backwards = b.x < a.x;
    let (y, leave, enter) = if backwards {
        let y = bus.min(a.bottom() + 6.0);
        (y, a.bottom(), b.bottom())
    } else {
        ((a.y - 5.0).max(above), a.y, b.y)
    };
    vec![
        pt(at.x, a.cy()),
        pt(a.cx(), a.cy()),
        pt(a.cx(), leave),
        pt(a.cx(), y),
        pt(b.cx(), y),
        pt(b.cx(), enter),
    ]
}

fn veth(veths: &[(String, Vec<Point>)], network: &str) -> Vec<Point> {
    veths
        .iter()
        .find(|v| v.0 == network)
        .map(|v| v.1.clone())
        .unwrap_or_default()
}

fn elbow(a: Point, b: Point) -> Vec<Point> {
    let y = (a.y + b.y) / 2.0;
    vec![a, pt(a.x, y), pt(b.x, y), b]
}
