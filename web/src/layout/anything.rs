//! Properties that hold for every stage, tried on random ones.

use std::rc::Rc;

use lab::view::{ContainerState, NetworkMode, PublishedPort, Topology, place};
use proptest::prelude::*;

use super::geometry::{Rect, rect};
use super::{Level, Memory, Scene, Wish, lay_out};
use crate::sample;

/// A container to be: its name's length, its networks, a mode and a state.
type Spec = (usize, Vec<usize>, u8, u8);

fn topology(hosts: usize, networks: &[u8], containers: &[Spec], ports: usize) -> Topology {
    let mut topology = sample::shop();
    let host = Rc::make_mut(&mut topology.machines[0]);
    host.networks = networks
        .iter()
        .enumerate()
        .map(|(i, kind)| {
            let name = format!(
                "{}{i}",
                "network_with_a_long_name"[..4 + (*kind as usize % 20)].to_owned()
            );
            let mut n = sample::network(&name, &format!("br-{i:012x}"), 17 + i as u32, i as u32);
            if i > 0 && kind % 7 == 0 {
                n.driver = "macvlan".to_owned();
                n.interface = "eth0".to_owned();
            }
            if i > 0 && kind % 7 == 1 {
                n.driver = "overlay".to_owned();
                n.interface = String::new();
            }
            n
        })
        .collect();
    host.containers = containers
        .iter()
        .enumerate()
        .map(|(i, (length, on, mode, state))| {
            let name = format!("{}-{i}", "x".repeat(*length));
            let on: Vec<usize> = on.iter().map(|k| k % networks.len()).collect();
            let names: Vec<&str> = on.iter().map(|k| host.networks[*k].name.as_str()).collect();
            let mut unique = names.clone();
            unique.sort_unstable();
            unique.dedup();
            let address = format!("172.200.100.{}", i % 250);
            let list: Vec<(&str, &str)> = unique.iter().map(|n| (*n, address.as_str())).collect();
            let c = sample::container(
                &name,
                "registry.example.test/some/image:1.2",
                "listens on :8080, :9090",
                &list,
            );
            let mut c = lab::view::Container::clone(&c);
            c.mode = match mode % 8 {
                0 => NetworkMode::Host,
                1 => NetworkMode::None,
                2 if i > 0 => NetworkMode::Container(place::container(
                    "hostA",
                    &format!("{}-0", "x".repeat(containers[0].0)),
                )),
                _ => NetworkMode::Own,
            };
            if c.mode != NetworkMode::Own {
                c.networks.clear();
                c.interfaces.clear();
            }
            // Some have an address of the other family, too.
            if mode % 3 == 0 {
                for interface in &mut c.interfaces {
                    interface
                        .addresses
                        .push(format!("fd4e:9a1c:77b2:{i:x}::{i:x}/64"));
                }
            }
            c.state = [
                ContainerState::Running,
                ContainerState::Exited,
                ContainerState::Paused,
                ContainerState::Created,
            ][*state as usize % 4];
            c.into()
        })
        .collect();
    host.published = (0..ports)
        .map(|i| PublishedPort {
            id: place::published("hostA", &format!("{i}")),
            binding: if i % 3 == 1 {
                format!("127.0.0.1:{}", 8000 + i)
            } else {
                format!("0.0.0.0:{}", 8000 + i)
            },
            target: format!("some-container-{i}:80"),
            loopback: i % 3 == 1,
            ..PublishedPort::default()
        })
        .collect();
    if hosts > 1 {
        let text = serde_json::to_string(&topology.machines[0])
            .unwrap()
            .replace("hostA", "hostB");
        topology
            .machines
            .insert(1, serde_json::from_str(&text).unwrap());
    }
    topology
}

fn stages() -> impl Strategy<Value = Topology> {
    let spec = (
        1..60_usize,
        prop::collection::vec(0..9_usize, 0..5),
        any::<u8>(),
        any::<u8>(),
    );
    (
        1..3_usize,
        prop::collection::vec(any::<u8>(), 1..9),
        prop::collection::vec(spec, 0..24),
        0..7_usize,
    )
        .prop_map(|(hosts, networks, containers, ports)| {
            topology(hosts, &networks, &containers, ports)
        })
}

fn wish(level: Level, width: f64) -> Wish {
    Wish {
        width,
        height: width * 0.5,
        level: Some(level),
        ..Wish::default()
    }
}

/// Boxes that must not cover each other, with a word to find them by.
fn solids(scene: &Scene) -> Vec<(String, Rect)> {
    let mut out: Vec<(String, Rect)> = scene
        .outside
        .iter()
        .map(|o| (o.name.clone(), o.rect))
        .collect();
    out.extend(scene.lans.iter().map(|l| (l.id.clone(), l.rect)));
    for h in &scene.hosts {
        out.extend(h.ports.iter().map(|p| (p.id.clone(), p.rect)));
        out.extend(h.hooks.iter().map(|k| (k.id.clone(), k.rect)));
        out.extend(h.local.iter().map(|l| (l.id.clone(), l.rect)));
        out.extend(h.lanes.iter().map(|l| (l.id.clone(), l.bar)));
        out.extend(h.containers.iter().map(|c| (c.id.clone(), c.rect)));
    }
    out
}

/// What a line covers.
fn cover(scene: &Scene) -> Vec<Rect> {
    let pieces = scene
        .wires
        .iter()
        .flat_map(|w| w.points.windows(2).map(|p| (p[0], p[1])));
    // From a bar's top the line goes on to its rail.
    let lanes = scene.hosts.iter().flat_map(|h| &h.lanes);
    let inside = lanes
        .filter(|l| l.fed)
        .map(|l| rect(l.drop_x, l.bar.y, 1.0, l.bar.h - 8.0));
    pieces
        .map(|(a, b)| {
            rect(
                a.x.min(b.x),
                a.y.min(b.y),
                (a.x - b.x).abs() + 1.0,
                (a.y - b.y).abs() + 1.0,
            )
        })
        .chain(inside)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_text_meets_another_or_leaves_its_box(stage in stages(), width in 380.0..1600.0_f64) {
        for level in [Level::Standard, Level::Compact, Level::Chips] {
            let scene = lay_out(&stage, &mut Memory::default(), wish(level, width));
            let labels: Vec<_> = scene.labels().collect();
            for (i, (label, home)) in labels.iter().enumerate() {
                prop_assert!(home.encloses(&label.rect()), "{level:?}: {label:?} leaves {home:?}");
                for (other, _) in labels.iter().skip(i + 1) {
                    prop_assert!(!label.rect().meets(&other.rect()), "{level:?}: {label:?} meets {other:?}");
                }
            }
        }
    }

    #[test]
    fn no_box_covers_another_and_all_stand_inside_their_machine(stage in stages(), width in 380.0..1600.0_f64) {
        for level in [Level::Standard, Level::Compact, Level::Chips] {
            let scene = lay_out(&stage, &mut Memory::default(), wish(level, width));
            let solids = solids(&scene);
            for (i, (name, a)) in solids.iter().enumerate() {
                for (other, b) in solids.iter().skip(i + 1) {
                    prop_assert!(!a.meets(b), "{level:?}: {name} {a:?} covers {other} {b:?}");
                }
            }
            for host in &scene.hosts {
                for c in &host.containers {
                    prop_assert!(host.rect.encloses(&c.rect), "{level:?}: {} leaves its machine", c.name);
                }
                prop_assert!(scene.width >= host.rect.right() && scene.height >= host.rect.bottom());
            }
        }
    }

    #[test]
    fn no_line_runs_through_a_text(stage in stages(), width in 380.0..1600.0_f64) {
        for level in [Level::Standard, Level::Compact] {
            let scene = lay_out(&stage, &mut Memory::default(), wish(level, width));
            let lines = cover(&scene);
            for (label, _) in scene.labels() {
                let text = label.rect();
                // Lines between hooks and cables to ports end at the boxes that the texts are in.
                prop_assert!(!lines.iter().any(|l| text.meets(l)), "{level:?}: {label:?}");
            }
        }
    }
}
