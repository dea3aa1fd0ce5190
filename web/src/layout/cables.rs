//! Cables that join two namespaces directly, with no bridge between: what `ip link add .. type veth` makes.
//!
//! Those who stand side by side are joined straight; from others the cable leaves at the bottom and runs below their row.

use lab::view::Machine;

use super::geometry::{Point, Rect, pt, simplify};
use super::scene::{HostBox, Scene, SpotKind, Wire};

/// How far below the top of a box a cable ends at its side: beside its name.
const HIGH: f64 = 15.0;
/// How far below its row the first cable runs, and how far the next one is from that.
const BELOW: f64 = 7.0;
const APART: f64 = 5.0;
/// How far before a column a cable goes down to a lower row: beside the trunk of the column before it.
const BEFORE: f64 = 4.0;

/// How many cables a machine has, each counted once.
pub(super) fn count(machine: &Machine) -> usize {
    pairs(machine).len()
}

/// Draws a machine's cables, once all its containers have their places.
pub(super) fn draw(scene: &mut Scene, host: &HostBox, machine: &Machine) {
    let mut low = 0;
    for (a, b) in pairs(machine) {
        let area = |id: &str| host.containers.iter().find(|c| c.id == id).map(|c| c.rect);
        let (Some(from), Some(to)) = (area(a), area(b)) else {
            continue;
        };
        let solid = |r: &Rect| *r != from && *r != to;
        let others = host.containers.iter().map(|c| c.rect).filter(solid);
        let others: Vec<Rect> = others.collect();
        let line = line(from, to, &others, &mut low);
        plug(scene, a, b, line.iter().rev().copied().collect());
        plug(scene, b, a, line.clone());
        scene.wires.push(Wire {
            points: line,
            ..Wire::default()
        });
    }
}

/// Who is joined with whom.
fn pairs(machine: &Machine) -> Vec<(&str, &str)> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for c in &machine.containers {
        for peer in c.interfaces.iter().filter_map(|i| i.peer.as_deref()) {
            let (one, other) = (c.id.as_str(), peer);
            if !pairs.contains(&(one, other)) && !pairs.contains(&(other, one)) {
                pairs.push((one, other));
            }
        }
    }
    pairs
}

/// Notes at a container how packets come to it from its peer.
fn plug(scene: &mut Scene, id: &str, peer: &str, line: Vec<Point>) {
    if let Some(SpotKind::Container { veths }) = scene.spots.get_mut(id).map(|s| &mut s.kind) {
        veths.push((peer.to_owned(), line));
    }
}

/// The corners from one box to another; `low` counts the cables that run below the rows.
fn line(a: Rect, b: Rect, others: &[Rect], low: &mut usize) -> Vec<Point> {
    let (left, right) = if a.x <= b.x { (a, b) } else { (b, a) };
    let y = left.y.max(right.y) + HIGH;
    let between =
        |r: &&Rect| r.x < right.x && r.right() > left.right() && r.y < y && r.bottom() > y;
    let level = y < left.bottom().min(right.bottom()) && right.x > left.right();
    let mut line = if level && others.iter().find(between).is_none() {
        vec![pt(left.right(), y), pt(right.x, y)]
    } else {
        let down = BELOW + APART * (*low % 3) as f64;
        *low += 1;
        let foot = |r: Rect| {
            let row = others
                .iter()
                .filter(|o| o.y < r.bottom() && o.bottom() > r.y);
            row.map(Rect::bottom).fold(r.bottom(), f64::max) + down
        };
        let out = |r: Rect| r.x + r.w * 0.7;
        if (left.y - right.y).abs() < 1.0 {
            let y = foot(left).max(foot(right));
            let (from, to) = (out(left), out(right));
            vec![
                pt(from, left.bottom()),
                pt(from, y),
                pt(to, y),
                pt(to, right.bottom()),
            ]
        } else {
            // Down to the lower row beside its column, and in at the side.
            let (upper, lower) = if left.y < right.y {
                (left, right)
            } else {
                (right, left)
            };
            let (from, y, x) = (out(upper), foot(upper), lower.x - BEFORE);
            vec![
                pt(from, upper.bottom()),
                pt(from, y),
                pt(x, y),
                pt(x, lower.y + HIGH),
                pt(lower.x, lower.y + HIGH),
            ]
        }
    };
    // From the first to the second.
    if line.last().is_none_or(|end| {
        end.x < b.x - 0.5
            || end.x > b.right() + 0.5
            || end.y < b.y - 0.5
            || end.y > b.bottom() + 0.5
    }) {
        line.reverse();
    }
    simplify(line)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use lab::view::{Container, Interface, Topology};

    use super::*;
    use crate::layout::geometry::length;
    use crate::layout::{Level, Memory, Wish, lay_out};
    use crate::sample;

    /// Namespaces that were made by hand, joined as the pairs say.
    fn joined(names: &[&str], cables: &[(usize, usize)]) -> Topology {
        let mut topology = sample::shop();
        let place = |i: usize| format!("namespace:hostA/{}", names[i]);
        let machine = Rc::make_mut(&mut topology.machines[0]);
        for (i, name) in names.iter().enumerate() {
            let ends = cables.iter().filter_map(|(a, b)| match i {
                i if i == *a => Some(*b),
                i if i == *b => Some(*a),
                _ => None,
            });
            let interfaces = ends.enumerate().map(|(k, peer)| Interface {
                name: format!("v{k}"),
                addresses: vec![format!("10.{k}.0.{i}/24")],
                peer: Some(place(peer)),
                ..Interface::default()
            });
            machine.containers.push(Rc::new(Container {
                id: place(i),
                name: (*name).to_owned(),
                interfaces: interfaces.collect(),
                ..Container::default()
            }));
        }
        topology
    }

    fn touches(r: Rect, p: Point) -> bool {
        let grown = |v: f64, from: f64, to: f64| v > from - 0.6 && v < to + 0.6;
        grown(p.x, r.x, r.right()) && grown(p.y, r.y, r.bottom())
    }

    #[test]
    fn a_cable_leads_from_one_box_to_the_other_and_through_none() {
        let names = ["red", "blue", "green", "black", "white", "grey"];
        let cables = [(0, 1), (0, 2), (1, 5), (3, 4)];
        let topology = joined(&names, &cables);
        for level in [Level::Standard, Level::Compact] {
            let wish = Wish {
                level: Some(level),
                ..Wish::default()
            };
            let scene = lay_out(&topology, &mut Memory::default(), wish);
            let boxes: Vec<_> = scene.hosts[0]
                .containers
                .iter()
                .map(|c| (&c.id, c.rect))
                .collect();
            let of = |i: usize| boxes.iter().find(|b| b.0.ends_with(names[i])).unwrap().1;
            for (a, b) in cables {
                let wire = scene.wires.iter().find(|w| {
                    let ends = [w.points[0], *w.points.last().unwrap()];
                    w.network.is_none() && touches(of(a), ends[0]) && touches(of(b), ends[1])
                });
                let wire = wire.unwrap_or_else(|| panic!("{level:?}: none from {a} to {b}"));
                for pair in wire.points.windows(2) {
                    let cover = Rect {
                        x: pair[0].x.min(pair[1].x),
                        y: pair[0].y.min(pair[1].y),
                        w: (pair[0].x - pair[1].x).abs() + 0.1,
                        h: (pair[0].y - pair[1].y).abs() + 0.1,
                    };
                    let through = boxes.iter().find(|(_, r)| {
                        r.x < cover.right() - 0.5
                            && cover.x < r.right() - 0.5
                            && r.y < cover.bottom() - 0.5
                            && cover.y < r.bottom() - 0.5
                    });
                    assert!(
                        through.is_none(),
                        "{level:?}: {a} to {b} through {through:?}"
                    );
                }
                let host = scene.hosts[0].rect;
                assert!(
                    wire.points.iter().all(|p| p.y < host.bottom()),
                    "{level:?}: {a} to {b}"
                );
            }
        }
    }

    #[test]
    fn a_packet_travels_along_the_cable() {
        let topology = joined(&["red", "blue"], &[(0, 1)]);
        let wish = Wish {
            level: Some(Level::Standard),
            ..Wish::default()
        };
        let scene = lay_out(&topology, &mut Memory::default(), wish);
        let (red, blue) = ("namespace:hostA/red", "namespace:hostA/blue");
        let (from, to) = (
            scene.spots.get(red).unwrap(),
            scene.spots.get(blue).unwrap(),
        );
        let at = crate::layout::roads::start(from, Some(blue));
        assert!(touches(from.rect, at));
        let way = crate::layout::ways::road(&scene, (red, from), (blue, to), at);
        assert!(touches(to.rect, *way.last().unwrap()));
        let gap = (to.rect.x - from.rect.right()).abs();
        assert!(length(&way) < gap + 2.0, "{way:?}");
    }
}
