//! The level for many containers: networks are cards, containers chips in columns.

use sorted::SortedSet;

use lab::view::{Machine, MachineKind, Topology, place};

use super::cards::{Cards, NARROW};
use super::geometry::{pt, rect};
use super::host::wire;
use super::label::{Style, label};
use super::memory::Memory;
use super::outside;
use super::scene::{HookBox, HostBox, LanBox, Level, PortBox, PortKind, Scene, SpotKind};
use crate::messages;

const MARGIN: f64 = 16.0;
const LAN_Y: f64 = 46.0;
const EDGE: f64 = 79.0;
/// Tops of the row of hooks and of the cards below it.
const GATE: f64 = 103.0;
const CARDS: f64 = 149.0;

/// Lays a topology out as cards that fill a width, with so much room for callouts above the hooks.
pub(crate) fn scene(topology: &Topology, memory: &mut Memory, width: f64, air: f64) -> Scene {
    let mut scene = Scene {
        level: Level::Chips,
        ..Scene::default()
    };
    let docker: Vec<&Machine> = topology
        .machines
        .iter()
        .map(|machine| &**machine)
        .filter(|m| m.kind == MachineKind::Docker)
        .collect();
    let share = (width / docker.len().max(1) as f64 - MARGIN * 2.0 - 24.0).max(260.0);
    let mut x = MARGIN;
    for machine in docker {
        let host = Cards::new(machine, memory).build(&mut scene, x, share, air);
        x = host.rect.right() + 40.0;
        scene.hosts.push(host);
    }
    let tallest = scene
        .hosts
        .iter()
        .map(|h| h.rect.bottom())
        .fold(120.0, f64::max);
    for host in &mut scene.hosts {
        host.rect.h = tallest - host.rect.y;
    }
    let machines = outside::in_order(topology);
    let needed = MARGIN + machines.len() as f64 * 136.0;
    let right = scene
        .hosts
        .last()
        .map_or(420.0, |h| h.rect.right())
        .max(needed);
    for lan in &topology.lans {
        let area = rect(MARGIN, LAN_Y, right - MARGIN, 14.0);
        let text = Style::Fine.fit(&format!("{} {}", lan.name, lan.subnet), 240.0);
        scene.spot(&lan.id, area, SpotKind::Lan);
        scene.lans.push(LanBox {
            id: lan.id.clone(),
            rect: area,
            home: area,
            label: label(area.right() - 12.0, area.cy() + 4.0, Style::Fine, text).end(),
        });
    }
    let mut previous = None;
    for (i, machine) in machines.into_iter().enumerate() {
        let area = rect(MARGIN + i as f64 * 136.0, 6.0, 126.0, 30.0);
        let plug = outside::plugged(&machine).then(|| pt(area.cx(), area.bottom()));
        if let Some(plug) = plug {
            scene.wires.push(wire(vec![plug, pt(plug.x, LAN_Y)]));
        } else if let Some(p) = previous {
            scene.wires.push(wire(outside::between(p, area).to_vec()));
        }
        previous = Some(area);
        scene.spot(&machine.id, area, SpotKind::Machine { plug });
        scene
            .outside
            .push(outside::boxed(machine, area, Level::Chips));
    }
    scene.width = right + MARGIN;
    scene.height = tallest + 8.0;
    scene
}

impl Cards<'_> {
    fn build(&self, scene: &mut Scene, x: f64, width: f64, air: f64) -> HostBox {
        let machine = self.machine;
        let note =
            messages::containers_and_networks(&machine.containers.len(), &machine.networks.len());
        let mut host = HostBox {
            id: machine.id.clone(),
            machine: machine.name.clone(),
            spoken: messages::machine_spoken(&machine.name, &note),
            online: machine.online,
            empty: machine.containers.is_empty(),
            ..HostBox::default()
        };
        let left = x + 12.0;
        let tabs = self.tabs(scene, &mut host, left);
        let hooks = self.hooks(scene, &mut host, (left, GATE + air), width < NARROW);
        let name = Style::Name.fit(&machine.name, 240.0);
        let title = Style::Name.width(&name) + 30.0;
        let least = hooks.max(tabs + title) - left;
        let top = CARDS + air;
        let (right, bottom) = self.place(scene, &mut host, (left, top), width, least);
        let counts = Style::Note.width(&note) + 12.0;
        // How many there are is left out where it would make the machine wider than the canvas.
        let crowded = tabs + title + counts > (left + width).max(right);
        let right = right.max(hooks).max(tabs + title);
        let (note, right) = match (crowded, width < NARROW) {
            (true, true) => (String::new(), right),
            _ => (note, right.max(tabs + title + counts)),
        };
        host.rect = rect(x, EDGE, right + 12.0 - x, bottom + 10.0 - EDGE);
        let end = host.rect.right() - 16.0;
        let before = end - Style::Name.width(&name) - 12.0;
        host.labels.extend([
            label(end, EDGE + 22.0, Style::Name, name).end(),
            label(before, EDGE + 22.0, Style::Note, note).end(),
        ]);
        let plug = Some(pt(host.rect.cx(), host.rect.bottom()));
        scene.spot(&host.id, host.rect, SpotKind::Machine { plug });
        host
    }

    fn tabs(&self, scene: &mut Scene, host: &mut HostBox, left: f64) -> f64 {
        let mut x = left;
        let mut tab = |scene: &mut Scene, id: String, title: &str, note: &str, kind: PortKind| {
            let title = Style::Name.fit(title, 140.0);
            let name_w = Style::Name.width(&title);
            let w = 14.0 + name_w + 12.0 + Style::Mono.width(note) + 14.0;
            let area = rect(x, EDGE - 13.0, w, 26.0);
            let y = area.cy() + 4.0;
            let spot = if kind == PortKind::Interface {
                scene.wires.push(wire(vec![
                    pt(area.cx(), LAN_Y + 14.0),
                    pt(area.cx(), area.y),
                ]));
                SpotKind::Port { x: area.cx() }
            } else {
                SpotKind::Published
            };
            scene.spot(&id, area, spot);
            host.ports.push(PortBox {
                id,
                rect: area,
                spoken: format!("{title}, {note}"),
                labels: vec![
                    label(area.x + 14.0, y, Style::Name, title),
                    label(area.x + 26.0 + name_w, y, Style::Mono, note),
                ],
                kind,
            });
            x += w + 8.0;
        };
        for interface in &self.machine.interfaces {
            let id = place::port(&self.machine.name, &interface.name);
            let address = interface.addresses.first().map_or("", String::as_str);
            let short = address.split('/').next().unwrap_or_default();
            tab(scene, id, &interface.name, short, PortKind::Interface);
        }
        if let Some(first) = self.machine.published.first() {
            let ports: SortedSet<&str> = self
                .machine
                .published
                .iter()
                .filter_map(|p| p.binding.rsplit(':').next())
                .collect();
            let few: Vec<&str> = ports.iter().copied().take(4).collect();
            let title = messages::published_count(&ports.len());
            tab(
                scene,
                first.id.clone(),
                &title,
                &few.join(" "),
                PortKind::Published,
            );
        }
        if let Some(area) = host.ports.last().map(|p| p.rect) {
            for port in self.machine.published.iter().skip(1) {
                scene.spot(&port.id, area, SpotKind::Published);
            }
        }
        x
    }

    fn hooks(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        (left, top): (f64, f64),
        narrow: bool,
    ) -> f64 {
        let mut x = left;
        let (w, gap) = if narrow { (46.0, 7.0) } else { (58.0, 10.0) };
        for hook in self.machine.hooks.iter().take(6) {
            let name = super::edge::hook_name(&hook.name, Level::Compact);
            let area = rect(x, top + 6.0, w, 26.0);
            let kind = SpotKind::Hook {
                name: hook.name.clone(),
                above: top,
                bus: top + 39.0,
            };
            scene.spot(&hook.id, area, kind);
            if let Some(previous) = host.hooks.last().map(|h| h.rect.right())
                && host.hooks.len() < 4
            {
                scene
                    .wires
                    .push(wire(vec![pt(previous, area.cy()), pt(area.x, area.cy())]));
            }
            host.hooks.push(HookBox {
                id: hook.id.clone(),
                rect: area,
                labels: vec![label(area.cx(), area.cy() + 4.0, Style::Hook, name).middle()],
                spoken: hook.name.clone(),
            });
            x += area.w + gap;
        }
        host.gate = rect(left, top, (x - left).max(1.0), 38.0);
        x
    }
}
