//! Places everything at the levels where networks are bars and containers hang below them.

use lab::view::{Machine, MachineKind, Topology};

use super::columns::Facing;
use super::host::Host;
use super::memory::Memory;
use super::metrics::Metrics;
use super::outside;
use super::scene::Scene;
use super::tubes;

/// Lays a topology out; machines are stretched until the stage is `wished` wide, as far as that makes sense.
pub(crate) fn scene(
    topology: &Topology,
    memory: &mut Memory,
    m: &Metrics,
    columns: usize,
    wished: f64,
) -> Scene {
    let mut scene = Scene {
        level: m.level,
        ..Scene::default()
    };
    let edge = m.edge();
    let docker: Vec<&Machine> = topology
        .machines
        .iter()
        .map(|machine| &**machine)
        .filter(|k| k.kind == MachineKind::Docker)
        .collect();
    // Only a tunnel between them has something to show there.
    let between = if m.tunnels {
        m.pick(100.0, 60.0)
    } else {
        m.pick(32.0, 20.0)
    };
    let hosts: Vec<Host<'_>> = docker
        .iter()
        .enumerate()
        .map(|(i, k)| {
            let last = i > 0 && i + 1 == docker.len();
            let facing = if last { Facing::Left } else { Facing::Right };
            Host::new(k, memory, m, columns, facing)
        })
        .collect();
    let natural: Vec<f64> = hosts.iter().map(Host::natural_width).collect();
    let gaps = m.beside() + m.margin * 2.0 + between * (hosts.len().saturating_sub(1)) as f64;
    let total: f64 = natural.iter().sum::<f64>().max(1.0);
    let least = match m.aside {
        true => 0.0,
        false => outside::below(topology, m) + 2.0 * m.margin,
    };
    let grow = ((wished.max(least) - gaps) / total).clamp(1.0, 1.7);
    let mut x = m.margin + m.beside();
    for (host, width) in hosts.iter().zip(natural) {
        let host = host.build(&mut scene, x, edge, width * grow);
        x = host.rect.right() + between;
        scene.hosts.push(host);
    }
    let tallest = scene
        .hosts
        .iter()
        .map(|h| h.rect.bottom())
        .fold(edge, f64::max);
    for host in &mut scene.hosts {
        host.rect.h = tallest - host.rect.y;
        for lane in &mut host.lanes {
            lane.area.h = tallest - 8.0 - lane.area.y;
        }
    }
    tubes::tubes(&mut scene, m);
    let (right, bottom) = if m.aside {
        outside::beside(topology, &mut scene, m)
    } else {
        (outside::outside(topology, &mut scene, m), 0.0)
    };
    scene.width = right + m.margin;
    scene.height = tallest.max(bottom) + if m.aside { 4.0 } else { 8.0 };
    scene
}
