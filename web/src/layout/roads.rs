//! The lines packets travel along: from each place of a journey to the next.

use lab::view::Journey;

use super::bends::{
    IN_TUBE, into_local, mouth, off_the_words, past_the_label, to_mouth, up_to_local,
};
use super::geometry::{Point, pt, simplify};
use super::scene::{Level, Scene, Spot, SpotKind};

/// One hop's movement: the corners from where the packet was to where it is at the hop.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Leg {
    /// The hop it starts from; `None` for the first hop, which is only a point.
    pub(crate) from: Option<usize>,
    /// The last is where the packet arrives. None while the packet has been at no place that the stage shows: what it
    /// came from may have been removed since.
    pub(crate) points: Vec<Point>,
    /// How far below its last point the packet is drawn, so as not to stand on a name.
    pub(crate) lift: f64,
    /// A number that is the same for all movements between the same two places in the same direction.
    pub(crate) link: u32,
}

impl Leg {
    /// Where the packet arrives at this hop, if the stage shows any of its places so far.
    pub(crate) fn end(&self) -> Option<Point> {
        self.points.last().copied()
    }
}

/// The movement of a whole journey, a leg for each hop.
pub(crate) fn trail(scene: &Scene, journey: &Journey) -> Vec<Leg> {
    let mut legs: Vec<Leg> = Vec::with_capacity(journey.hops.len());
    for (i, hop) in journey.hops.iter().enumerate() {
        let from = hop.from.filter(|f| *f < i).or_else(|| i.checked_sub(1));
        let before = from.and_then(|f| Some((journey.hops.get(f)?, legs.get(f)?.end()?)));
        // The next place on the way decides at which nub a packet that is made here starts.
        let next = journey
            .hops
            .iter()
            .enumerate()
            .skip(i + 1)
            .find(|(k, h)| h.from.unwrap_or(k - 1) == i);
        let next = next.map(|(_, h)| h.place.as_str());
        let points = match (before, scene.spots.get(&hop.place)) {
            (Some((previous, at)), Some(spot)) => match scene.spots.get(&previous.place) {
                Some(_) if previous.place == hop.place => {
                    match mouth(scene, &hop.place, next).filter(|_| hop.wrapped) {
                        Some(end) => {
                            let mut line = to_mouth(spot, at, end);
                            let out = if end.x > spot.rect.cx() {
                                IN_TUBE
                            } else {
                                -IN_TUBE
                            };
                            line.push(pt(end.x + out, end.y));
                            simplify(line)
                        }
                        None => stay(spot, at, next),
                    }
                }
                Some(origin) => {
                    let line = road(scene, (&previous.place, origin), (&hop.place, spot), at);
                    simplify(joined(at, line))
                }
                None => vec![at, start(spot, next)],
            },
            (Some((_, at)), None) => vec![at],
            (None, Some(spot)) => vec![start(spot, next)],
            (None, None) => Vec::new(),
        };
        let lift = scene
            .spots
            .get(&hop.place)
            .map_or(0.0, |spot| lift(spot, points.last().copied(), scene.level));
        legs.push(Leg {
            link: link(before.map_or("", |b| &b.0.place), &hop.place),
            from: before.and(from),
            points,
            lift,
        });
    }
    legs
}

/// A number for the way from one place to another.
fn link(from: &str, to: &str) -> u32 {
    let bytes = from.bytes().chain([0]).chain(to.bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// A packet rests above a hook, or below it if it came from below; below a port, and on the wire above a container.
fn lift(spot: &Spot, at: Option<Point>, level: Level) -> f64 {
    match (&spot.kind, at) {
        (SpotKind::Hook { .. }, Some(at)) if at.y > spot.rect.cy() + 1.0 => {
            spot.rect.bottom() + 14.0 - at.y
        }
        // Chips stand close: it is not to cover the interface above.
        (SpotKind::Hook { .. }, Some(at)) if level == Level::Chips => spot.rect.y - 12.0 - at.y,
        (SpotKind::Hook { .. }, Some(at)) => spot.rect.y - 28.0 - at.y,
        (SpotKind::Port { .. }, Some(at)) => spot.rect.bottom() + 14.0 - at.y,
        (SpotKind::Container { veths }, Some(at))
            if !veths.is_empty() && at.y <= spot.rect.y + 1.0 =>
        {
            -12.0
        }
        _ => 0.0,
    }
}

/// Begins a line where the packet is: it first slides along the box it rests at.
fn joined(at: Point, line: Vec<Point>) -> Vec<Point> {
    let Some(first) = line.first().copied() else {
        return vec![at];
    };
    let mut out = vec![at, pt(first.x, at.y)];
    out.extend(line);
    out
}

/// Where a packet stands that is made at a place.
fn start(spot: &Spot, next: Option<&str>) -> Point {
    let r = spot.rect;
    match &spot.kind {
        SpotKind::Container { veths }
            if next.is_some_and(|n| n.starts_with("resolver:")) || veths.is_empty() =>
        {
            pt(r.x + 22.0, r.bottom() - 15.5)
        }
        SpotKind::Container { veths } => {
            let veth = next
                .and_then(|n| veths.iter().find(|v| v.0 == n))
                .or(veths.first());
            veth.and_then(|v| v.1.last().copied())
                .unwrap_or(pt(r.cx(), r.y))
        }
        SpotKind::Machine => pt(r.cx(), r.bottom()),
        SpotKind::Network { rail, drop_x, .. } => pt(*drop_x, *rail),
        SpotKind::Hook { .. } => pt(r.cx(), r.y),
        // Beside the word in it.
        SpotKind::Local => pt(r.x, r.cy()),
        SpotKind::Lan | SpotKind::Port { .. } | SpotKind::Published | SpotKind::Resolver => {
            pt(r.cx(), r.cy())
        }
    }
}

/// A packet that stays where it is, unless what comes next leaves from another side.
fn stay(spot: &Spot, at: Point, next: Option<&str>) -> Vec<Point> {
    match (&spot.kind, next) {
        (SpotKind::Container { .. }, Some(n))
            if n.starts_with("network:") || n.starts_with("resolver:") =>
        {
            let to = start(spot, next);
            let y = spot.rect.y + 12.0;
            if (to.x - at.x).abs() < 1.0 || n.starts_with("resolver:") {
                vec![at, to]
            } else {
                simplify(vec![at, pt(at.x, y), pt(to.x, y), to])
            }
        }
        _ => vec![at],
    }
}

/// The corners between two different places, starting where the packet is.
fn road(scene: &Scene, from: (&str, &Spot), to: (&str, &Spot), at: Point) -> Vec<Point> {
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
        (Machine, Lan) => vec![pt(a.cx(), a.bottom()), pt(a.cx(), b.cy())],
        (Lan, Machine) => vec![at, pt(b.cx(), a.cy()), pt(b.cx(), b.bottom())],
        (Lan, Port { .. }) => vec![at, pt(b.cx(), a.cy()), pt(b.cx(), b.y), pt(b.cx(), b.cy())],
        (Port { .. }, Lan) => vec![at, pt(at.x, b.cy())],
        (Machine, Port { .. }) => match lan(scene) {
            Some(y) => vec![
                pt(a.cx(), a.bottom()),
                pt(a.cx(), y),
                pt(b.cx(), y),
                pt(b.cx(), b.cy()),
            ],
            None => elbow(at, pt(b.cx(), b.cy())),
        },
        (Port { .. }, Machine) => match lan(scene) {
            Some(y) => vec![at, pt(at.x, y), pt(b.cx(), y), pt(b.cx(), b.bottom())],
            None => elbow(at, pt(b.cx(), b.bottom())),
        },
        (Machine, Machine) => match lan(scene) {
            Some(y) => vec![
                pt(a.cx(), a.bottom()),
                pt(a.cx(), y),
                pt(b.cx(), y),
                pt(b.cx(), b.bottom()),
            ],
            None => vec![pt(a.cx(), a.cy()), pt(b.cx(), b.cy())],
        },
        (Port { .. }, Port { .. }) => match lan(scene) {
            Some(y) => vec![at, pt(at.x, y), pt(b.cx(), y), pt(b.cx(), b.cy())],
            None => elbow(at, pt(b.cx(), b.cy())),
        },
        (_, SpotKind::Resolver) => vec![at, pt(b.x, b.cy())],
        (SpotKind::Resolver, _) => vec![at, start(to.1, None)],
        _ => elbow(at, start(to.1, None)),
    }
}

/// The height of the LAN, if there is one.
fn lan(scene: &Scene) -> Option<f64> {
    scene.lans.first().map(|l| l.rect.cy())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::geometry::length;
    use crate::layout::{Wish, lay_out};
    use crate::sample;

    #[test]
    fn a_packet_of_what_is_gone_is_nowhere() {
        let scene = lay_out(
            &Default::default(),
            &mut Default::default(),
            Wish::default(),
        );
        for journey in sample::journeys() {
            let legs = trail(&scene, &journey);
            assert_eq!(legs.len(), journey.hops.len());
            assert!(legs.iter().all(|leg| leg.end().is_none()));
        }
    }

    #[test]
    fn every_leg_begins_where_the_one_before_ended() {
        let topology = sample::shop();
        let scene = lay_out(&topology, &mut Default::default(), Wish::default());
        for journey in sample::journeys() {
            let legs = trail(&scene, &journey);
            assert_eq!(legs.len(), journey.hops.len());
            for leg in legs.iter().filter(|l| l.from.is_some()) {
                let before = legs[leg.from.unwrap()].end().unwrap();
                let gap = length(&[before, leg.points[0]]);
                // A packet may slide along the box it is in, but not jump across the stage.
                assert!(gap < 70.0, "{} jumps {gap} at {:?}", journey.id, leg);
            }
        }
    }

    #[test]
    fn a_packet_to_the_machine_itself_comes_back_to_its_processes() {
        let topology = sample::shop();
        let scene = lay_out(&topology, &mut Default::default(), Wish::default());
        let spot = |start: &str| {
            let mut spots = scene.spots.iter().map(|(id, spot)| (id.as_str(), spot));
            spots.find(|(id, _)| id.starts_with(start)).unwrap()
        };
        let (local, route) = (spot("local:"), spot("hook:hostA/ROUTE"));
        let out = road(&scene, local, route, start(local.1, None));
        let back = road(&scene, route, local, *out.last().unwrap());
        let (left, end) = (out[0], *back.last().unwrap());
        assert_eq!((left, end), (pt(local.1.rect.x, local.1.rect.cy()), left));
    }

    #[test]
    fn a_veth_is_travelled_from_nub_to_rail() {
        let topology = sample::shop();
        let scene = lay_out(&topology, &mut Default::default(), Wish::default());
        let journeys = sample::journeys();
        let dropped = journeys
            .iter()
            .find(|j| j.verdict.text == "dropped")
            .unwrap();
        let legs = trail(&scene, dropped);
        let up = &legs[1].points;
        assert!(up.len() == 2 && up[0].x == up[1].x && up[1].y < up[0].y);
    }
}
