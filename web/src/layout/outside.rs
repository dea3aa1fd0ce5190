//! What stands outside the machines that run Docker: other machines, and the LAN that they are all plugged into.

use lab::view::{Machine, MachineKind, Topology};

use super::geometry::{Point, Rect, pt, rect};
use super::host::wire;
use super::label::{Style, label};
use super::metrics::{CABLE, Metrics};
use super::scene::{LanBox, Level, OutsideBox, PortKind, Scene, SpotKind};
use super::ways::ENTRY;
use crate::messages::{self, said::plainly};

/// Distance of the outside machines from the stage's edge.
const TOP: f64 = 14.0;
/// How far from a machine's left edge the LAN above it begins.
const START: f64 = 20.0;

/// The width that a single machine has to have for its edge to lie below the last of the machines outside.
pub(super) fn below(topology: &Topology, m: &Metrics) -> f64 {
    let machines = in_order(topology).len() as f64;
    let gap = m.pick(16.0, 10.0);
    START + machines * (m.outside_w + gap) - gap
}

/// Puts outside machines, LANs and their cables into the scene; returns the right edge of everything.
pub(super) fn outside(topology: &Topology, scene: &mut Scene, m: &Metrics) -> f64 {
    let right = scene
        .hosts
        .last()
        .map_or(m.margin + 400.0, |h| h.rect.right());
    let left = scene.hosts.first().map_or(m.margin, |h| h.rect.x + START);
    let machines = in_order(topology);
    let gap = m.pick(16.0, 10.0);
    let total = machines.len() as f64 * (m.outside_w + gap) - gap;
    let lan_w = (right - 12.0 - left).max(total).max(120.0);
    let lan_y = TOP + m.outside_h + m.lan_gap + m.air;
    let mut caption = 0.0_f64;
    for lan in &topology.lans {
        let area = rect(left, lan_y, lan_w, m.lan_h);
        let text = format!("{} {}", lan.name, lan.subnet).trim().to_owned();
        let text = Style::Fine.fit(&text, lan_w - 24.0);
        caption = caption.max(Style::Fine.width(&text) + 24.0);
        scene.spot(&lan.id, area, SpotKind::Lan);
        scene.lans.push(LanBox {
            id: lan.id.clone(),
            rect: area,
            home: area,
            label: label(area.right() - 12.0, area.cy() + 4.0, Style::Fine, text).end(),
        });
    }
    // At the right, so that the first port's wire runs free at the left; but no cable ends in the LAN's caption.
    let last = machines.iter().rposition(plugged).unwrap_or(0) as f64;
    let reach = last * (m.outside_w + gap) + m.outside_w / 2.0;
    let mut x = (left + lan_w - total)
        .min(left + lan_w - caption - 8.0 - reach)
        .max(left.min(m.margin));
    let mut previous: Option<Rect> = None;
    for machine in machines {
        let area = rect(x, TOP, m.outside_w, m.outside_h);
        let plug = plugged(&machine).then(|| pt(area.cx(), area.bottom()));
        if let Some(plug) = plug {
            scene.wires.push(wire(vec![plug, pt(plug.x, lan_y)]));
        } else if let Some(p) = previous {
            scene.wires.push(wire(between(p, area).to_vec()));
        }
        scene.spot(&machine.id, area, SpotKind::Machine { plug });
        scene.outside.push(boxed(machine, area, m.level));
        previous = Some(area);
        x += m.outside_w + gap;
    }
    for host in &scene.hosts {
        for port in host.ports.iter().filter(|p| p.kind == PortKind::Interface) {
            let at = port.rect.cx();
            scene
                .wires
                .push(wire(vec![pt(at, lan_y + m.lan_h), pt(at, port.rect.y)]));
        }
    }
    right.max(x - gap)
}

/// The same beside the only machine that runs Docker: a column, and the LAN upright between both. Returns the right and the
/// lower edge of everything.
pub(super) fn beside(topology: &Topology, scene: &mut Scene, m: &Metrics) -> (f64, f64) {
    let at = m.edge() + ENTRY;
    let x = m.margin + m.outside_w + CABLE;
    let gap = m.pick(16.0, 10.0);
    let mut y = m.edge();
    let mut reach = at;
    let mut previous: Option<Rect> = None;
    for machine in in_order(topology) {
        let area = rect(m.margin, y, m.outside_w, m.outside_h);
        let plug = plugged(&machine).then(|| pt(area.right(), area.cy()));
        if let Some(plug) = plug {
            scene.wires.push(wire(vec![plug, pt(x, plug.y)]));
            reach = reach.max(plug.y);
        } else if let Some(p) = previous {
            scene.wires.push(wire(between(p, area).to_vec()));
        }
        scene.spot(&machine.id, area, SpotKind::Machine { plug });
        scene.outside.push(boxed(machine, area, m.level));
        previous = Some(area);
        y += m.outside_h + gap;
    }
    for lan in &topology.lans {
        let area = rect(x, at - 12.0, m.lan_h, reach - at + 24.0);
        // Its caption stands below the machines.
        let home = rect(m.margin, y, x + m.lan_h - m.margin, 16.0);
        let text = format!("{} {}", lan.name, lan.subnet).trim().to_owned();
        let text = Style::Fine.fit(&text, home.w);
        scene.spot(&lan.id, area, SpotKind::Lan);
        scene.lans.push(LanBox {
            id: lan.id.clone(),
            rect: area,
            home,
            label: label(home.x, home.y + 12.0, Style::Fine, text),
        });
    }
    for host in &scene.hosts {
        for port in host.ports.iter().filter(|p| p.kind == PortKind::Interface) {
            let y = port.rect.y + ENTRY;
            scene
                .wires
                .push(wire(vec![pt(x + m.lan_h, y), pt(port.rect.x, y)]));
        }
    }
    let right = scene.hosts.last().map_or(x, |h| h.rect.right());
    (right, y + 16.0)
}

/// Whether a machine is plugged into a LAN.
pub(super) fn plugged(machine: &&Machine) -> bool {
    machine.interfaces.iter().any(|i| i.lan.is_some())
}

/// The cable between two machines that stand beside or below each other.
pub(super) fn between(a: Rect, b: Rect) -> [Point; 2] {
    if b.y >= a.bottom() {
        [pt(a.cx(), a.bottom()), pt(b.cx(), b.y)]
    } else if a.y >= b.bottom() {
        [pt(a.cx(), a.y), pt(b.cx(), b.bottom())]
    } else if b.x > a.x {
        [pt(a.right(), a.cy()), pt(b.x, b.cy())]
    } else {
        [pt(a.x, a.cy()), pt(b.right(), b.cy())]
    }
}

/// Computers first, then the way out: router, internet.
pub(super) fn in_order(topology: &Topology) -> Vec<&Machine> {
    let mut machines: Vec<&Machine> = topology
        .machines
        .iter()
        .map(|machine| &**machine)
        .filter(|k| k.kind != MachineKind::Docker)
        .collect();
    sorted::sort_by_key(&mut machines, |k| match k.kind {
        MachineKind::Router => 1,
        MachineKind::Internet => 2,
        MachineKind::Docker | MachineKind::Laptop | MachineKind::Server => 0,
    });
    machines
}

/// A machine outside; of a chip only its name.
pub(super) fn boxed(machine: &Machine, area: Rect, level: Level) -> OutsideBox {
    let address = machine.interfaces.iter().find_map(|i| i.addresses.first());
    let address = address.map(|a| a.split('/').next().unwrap_or_default().to_owned());
    // An address says more than a role, unless the note holds one itself.
    let telling = machine.note.chars().any(|c| c.is_ascii_digit());
    let note = address
        .filter(|_| !telling)
        .unwrap_or_else(|| plainly(&machine.note).to_string());
    let x = area.x + 40.0;
    let room = area.right() - 8.0 - x;
    let name = Style::Name.fit(&machine.name, room);
    let labels = if level == Level::Chips {
        vec![label(x, area.cy() + 4.5, Style::Name, name)]
    } else {
        vec![
            label(x, area.cy() - 4.0, Style::Name, name),
            label(
                x,
                area.cy() + 13.0,
                Style::Mono,
                Style::Mono.fit(&note, room),
            ),
        ]
    };
    OutsideBox {
        id: machine.id.clone(),
        rect: area,
        kind: machine.kind,
        name: machine.name.clone(),
        labels,
        spoken: messages::machine_spoken(&machine.name, &note),
        online: machine.online,
    }
}
