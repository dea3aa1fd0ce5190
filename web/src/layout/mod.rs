//! Where everything on the stage stands: pure arithmetic, the same in every browser and in tests.
//!
//! Ranks run from top to bottom: outside machines, LAN, machine edge, root namespace, networks, containers.
//! Start at [`lay_out`]; [`scene`] says what comes out, [`memory`] why nothing jumps.

pub(crate) mod backstage;
pub(crate) mod geometry;
pub(crate) mod legs;
pub(crate) mod roads;
pub(crate) mod scene;
pub(crate) mod text;

pub(crate) mod label;

mod bars;
mod bends;
mod boxes;
mod build;
mod cables;
mod cards;
mod chips;
mod columns;
mod edge;
mod floor;
mod host;
mod memory;
mod metrics;
mod order;
mod outside;
mod shelf;
mod tubes;
mod veths;
mod ways;
mod words;

use lab::view::Topology;

pub(crate) use memory::Memory;
pub(crate) use scene::{Level, Scene};

/// What the layout has to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wish {
    /// Size of the canvas in CSS pixels.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// A level the user insists on.
    pub(crate) level: Option<Level>,
    /// Whether the networks are drawn that a swarm makes for itself.
    pub(crate) backstage: bool,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            width: 1068.0,
            height: 520.0,
            level: None,
            backstage: true,
        }
    }
}

/// Below this scale a drawn-out level gives way to the next smaller one.
const LEAST_STANDARD: f64 = 0.85;
const LEAST_COMPACT: f64 = 0.8;
/// Containers on a machine that are shrunk to chips only below this scale, where little of them would be in view.
const FEW: usize = 12;
const LEAST_FEW: f64 = 0.6;
/// Height left over from which on ranks move apart, and by how much at most.
const LEAST_SPARE: f64 = 60.0;
const MOST_AIR: f64 = 80.0;
/// Height left over from which on chips have room for callouts, and how much of it at most.
const LEAST_CALLOUT: f64 = 24.0;
const MOST_CALLOUT: f64 = 44.0;
/// The scale down to which chips may go for that.
const LEAST_CHIPS: f64 = 0.9;
/// Canvases lower than this show a machine as chips rather than a part of it larger.
const LOW: f64 = 300.0;
/// The least scale at which texts can be read.
pub(crate) const LEGIBLE: f64 = 0.8;
/// The scale down to which all of the stage is shown instead of a part of it that is easier to read, and the same for chips.
pub(crate) const WHOLE: f64 = 0.74;
pub(crate) const WHOLE_CHIPS: f64 = 0.68;

/// Lays a topology out at the most detailed level that fits.
pub(crate) fn lay_out(topology: &Topology, memory: &mut Memory, wish: Wish) -> Scene {
    let front = (!wish.backstage).then(|| backstage::without(topology));
    let topology = front.as_ref().and_then(Option::as_ref).unwrap_or(topology);
    let machines = topology
        .machines
        .iter()
        .filter(|m| m.kind == lab::view::MachineKind::Docker)
        .count();
    let columns = if machines > 1 {
        2
    } else {
        columns::MOST_COLUMNS
    };
    let most = topology.machines.iter().map(|m| m.containers.len()).max();
    let few = most.unwrap_or(0) <= FEW;
    let crowd = most.unwrap_or(0) > FEW * 6;
    let tunnels = machines > 1 && {
        let mut networks = topology.machines.iter().flat_map(|m| &m.networks);
        networks.any(columns::tunnelled)
    };
    let mut drawn = |m: &metrics::Metrics, least: f64| {
        let m = metrics::Metrics { tunnels, ..*m };
        // Narrower lanes with more rows, and at last narrower bars, where that makes the picture larger.
        let tries = (1..=columns).rev().map(|columns| (columns, m));
        let last = metrics::Metrics { tight: true, ..m };
        let mut best: Option<(f64, usize, metrics::Metrics, Scene)> = None;
        for (columns, m) in tries.chain([(1, last)]) {
            let scene = drawn_out(topology, memory, &m, columns, wish);
            let size = scale(&scene, wish);
            if best.as_ref().is_none_or(|b| size > b.0 + 0.01) {
                best = Some((size, columns, m, scene));
            }
            if size >= least || crowd {
                break;
            }
        }
        let Some((mut size, columns, m, mut scene)) = best else {
            return (1.0, Scene::default());
        };
        // What is too high to be seen whole gives up the room that it keeps for callouts.
        if size < WHOLE && !crowd {
            let flat = metrics::Metrics { flat: true, ..m };
            let lower = drawn_out(topology, memory, &flat, columns, wish);
            let larger = scale(&lower, wish);
            if larger >= WHOLE {
                (size, scene) = (larger, lower);
            }
        }
        let spare = wish.height / size.max(LEGIBLE) - scene.height;
        if spare < LEAST_SPARE {
            return (size, scene);
        }
        let airy = metrics::Metrics {
            air: (spare / 3.0 - 4.0).min(MOST_AIR),
            ..m
        };
        (size, drawn_out(topology, memory, &airy, columns, wish))
    };
    let level = wish.level;
    if level == Some(Level::Standard) || level.is_none() && !crowd {
        let (size, scene) = drawn(&metrics::STANDARD, LEAST_STANDARD);
        if level.is_some() || size >= LEAST_STANDARD {
            return scene;
        }
    }
    if level == Some(Level::Compact) || level.is_none() && !crowd {
        let (size, scene) = drawn(&metrics::COMPACT, LEAST_COMPACT);
        // One looks at one machine after the other.
        let crammed = size * (machines.max(1) as f64) < LEAST_FEW;
        let cut = wish.height < LOW && size < WHOLE;
        if cut && level.is_none() && machines == 1 && topology.lans.len() == 1 {
            let low = metrics::Metrics {
                aside: true,
                flat: true,
                ..metrics::COMPACT
            };
            let beside = drawn_out(topology, memory, &low, columns, wish);
            if scale(&beside, wish) >= WHOLE {
                return beside;
            }
        }
        if level.is_some() || (few && !crammed && !cut) || size >= LEAST_COMPACT {
            return scene;
        }
    }
    // Wider than the canvas, where that makes the picture larger: it is then shown smaller, but wholly.
    let (mut best, mut width) = (chips::scene(topology, memory, wish.width, 0.0), wish.width);
    for more in [1.2, 1.45, 1.7] {
        if scale(&best, wish) >= 1.0 {
            break;
        }
        let wider = chips::scene(topology, memory, wish.width * more, 0.0);
        if scale(&wider, wish) > scale(&best, wish) + 0.01 {
            (best, width) = (wider, wish.width * more);
        }
    }
    let spare = wish.height / scale(&best, wish).min(LEAST_CHIPS) - best.height;
    if spare < LEAST_CALLOUT {
        return best;
    }
    chips::scene(topology, memory, width, spare.min(MOST_CALLOUT))
}

/// A level with bars, stretched to the canvas's proportions.
fn drawn_out(
    topology: &Topology,
    memory: &mut Memory,
    m: &metrics::Metrics,
    columns: usize,
    wish: Wish,
) -> Scene {
    let scene = build::scene(topology, memory, m, columns, 0.0);
    let wished = wish.width / scale(&scene, wish).max(LEGIBLE);
    if wished <= scene.width + 1.0 {
        return scene;
    }
    build::scene(topology, memory, m, columns, wished)
}

/// The scale at which a scene fits the canvas, never larger than drawn plus a little.
pub(crate) fn scale(scene: &Scene, wish: Wish) -> f64 {
    if scene.width <= 0.0 || scene.height <= 0.0 {
        return 1.0;
    }
    (wish.width / scene.width)
        .min(wish.height / scene.height)
        .clamp(0.02, 1.3)
}

#[cfg(test)]
mod anything;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_few_containers_are_shown_in_full_and_sixty_as_chips() {
        let mut memory = Memory::default();
        assert_eq!(
            lay_out(&sample::shop(), &mut memory, Wish::default()).level,
            Level::Standard
        );
        let mut memory = Memory::default();
        assert_eq!(
            lay_out(&sample::market(60), &mut memory, Wish::default()).level,
            Level::Chips
        );
        let phone = Wish {
            width: 390.0,
            height: 450.0,
            ..Wish::default()
        };
        assert_eq!(
            lay_out(&sample::shop(), &mut Memory::default(), phone).level,
            Level::Compact
        );
    }

    #[test]
    fn a_low_canvas_has_the_outside_machines_beside_the_machine() {
        let low = Wish {
            width: 736.0,
            height: 260.0,
            ..Wish::default()
        };
        let scene = lay_out(&sample::shop(), &mut Memory::default(), low);
        assert_eq!(scene.level, Level::Compact);
        assert!(scale(&scene, low) >= WHOLE);
        let host = scene.hosts[0].rect;
        assert!(scene.outside.iter().all(|o| o.rect.right() < host.x));
        // Cables and captions included.
        for journey in sample::journeys() {
            for leg in roads::trail(&scene, &journey) {
                let on = |p: &geometry::Point| p.x >= 0.0 && p.y >= 0.0 && p.x < scene.width;
                assert!(leg.points.iter().all(on), "{leg:?}");
            }
        }
        let labels: Vec<_> = scene.labels().collect();
        for (i, (label, home)) in labels.iter().enumerate() {
            assert!(home.encloses(&label.rect()), "{label:?} leaves {home:?}");
            let mut others = labels.iter().skip(i + 1);
            assert!(
                others.all(|(l, _)| !l.rect().meets(&label.rect())),
                "{label:?}"
            );
        }
    }

    #[test]
    fn ports_that_others_reach_stand_before_those_of_the_loopback() {
        let mut topology = sample::shop();
        std::rc::Rc::make_mut(&mut topology.machines[0])
            .published
            .reverse();
        let scene = lay_out(&topology, &mut Memory::default(), Wish::default());
        let of = |kind| {
            let ports = scene.hosts[0].ports.iter();
            ports.filter(move |p| p.kind == kind).map(|p| p.rect.x)
        };
        let (open, closed) = (scene::PortKind::Published, scene::PortKind::Loopback);
        assert!(of(open).fold(0.0, f64::max) < of(closed).fold(f64::MAX, f64::min));
        assert!(of(open).count() > 0 && of(closed).count() > 0);
    }

    #[test]
    fn no_two_containers_overlap_and_all_stand_inside_their_machine() {
        for topology in [sample::shop(), sample::market(30), sample::market(200)] {
            for level in [Level::Standard, Level::Compact, Level::Chips] {
                let wish = Wish {
                    level: Some(level),
                    ..Wish::default()
                };
                let scene = lay_out(&topology, &mut Memory::default(), wish);
                for host in &scene.hosts {
                    for (i, a) in host.containers.iter().enumerate() {
                        assert!(a.rect.x >= host.rect.x && a.rect.right() <= host.rect.right());
                        assert!(a.rect.bottom() <= host.rect.bottom());
                        for b in host.containers.iter().skip(i + 1) {
                            let apart = a.rect.right() <= b.rect.x
                                || b.rect.right() <= a.rect.x
                                || a.rect.bottom() <= b.rect.y
                                || b.rect.bottom() <= a.rect.y;
                            assert!(apart, "{level:?}: {} and {} overlap", a.name, b.name);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn adding_a_container_moves_no_other_out_of_its_order() {
        let mut memory = Memory::default();
        let mut topology = sample::shop();
        let wish = Wish {
            level: Some(Level::Standard),
            ..Wish::default()
        };
        let order = |scene: &Scene| {
            let mut list: Vec<_> = scene
                .hosts
                .iter()
                .flat_map(|h| &h.containers)
                .map(|c| (c.rect.x as i64, c.id.clone()))
                .collect();
            sorted::sort(&mut list);
            list.into_iter().map(|x| x.1).collect::<Vec<_>>()
        };
        let before = order(&lay_out(&topology, &mut memory, wish));
        sample::add_container(&mut topology, "extra", 1);
        let after: Vec<_> = order(&lay_out(&topology, &mut memory, wish))
            .into_iter()
            .filter(|id| before.contains(id))
            .collect();
        assert_eq!(before, after);
    }
}
