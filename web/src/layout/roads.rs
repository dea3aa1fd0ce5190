//! The lines packets travel along: from each place of a journey to the next.

use lab::view::Journey;

use super::bends::{IN_TUBE, mouth, to_mouth};
use super::geometry::{Point, pt, simplify};
use super::scene::{Level, Scene, Spot, SpotKind};
use super::ways::road;

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
        // On its cable, not on its address.
        (SpotKind::Machine { .. }, Some(at)) if at.y >= spot.rect.bottom() - 1.0 => 13.0,
        (SpotKind::Container { veths }, Some(at))
            if !veths.is_empty() && at.y <= spot.rect.y + 1.0 =>
        {
            match level {
                // Chips stand close: it is not to cover what is above.
                Level::Chips => spot.rect.h / 2.0,
                Level::Compact | Level::Standard => -12.0,
            }
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
pub(super) fn start(spot: &Spot, next: Option<&str>) -> Point {
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
        SpotKind::Machine { plug } => plug.unwrap_or(pt(r.cx(), r.bottom())),
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
