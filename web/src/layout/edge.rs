//! A machine's upper half: the tabs at its edge and the stations of its root namespace.

use lab::view::place;

use super::geometry::{Rect, pt, rect};
use super::host::{Host, wire};
use super::label::{Label, Style, label};
use super::scene::{HookBox, HostBox, Level, LocalBox, PortBox, PortKind, Scene, SpotKind};
use crate::messages::{self, said::plainly};

impl Host<'_> {
    /// Width of the tabs and the machine's name beside them.
    pub(super) fn ports_width(&self) -> f64 {
        let m = self.m;
        let room = m.pick(8.0, 6.0);
        let interfaces = self.machine.interfaces.len() as f64 * (m.port_w + room);
        let tabs = self.published().into_iter();
        let tabs = tabs.filter(|p| !p.binding.starts_with("[::]"));
        let published: f64 = tabs
            .take(self.most_ports)
            .map(|p| self.port_width(p) + room)
            .sum();
        interfaces
            + published
            + Style::Name
                .width(&self.machine.name)
                .max(Style::Note.width(&plainly(&self.machine.note)))
                .min(240.0)
            + 20.0
    }

    /// The published ports: those that others reach first, then those of the loopback, which hang lower.
    fn published(&self) -> Vec<&lab::view::PublishedPort> {
        let mut ports: Vec<_> = self.machine.published.iter().collect();
        sorted::sort_by_key(&mut ports, |p| p.loopback);
        ports
    }

    fn port_width(&self, port: &lab::view::PublishedPort) -> f64 {
        let target = Style::Note.width(&port_note(port));
        let side = if port.loopback { 52.0 } else { 28.0 };
        (Style::Strong.width(&port.binding).max(target) + side).clamp(110.0, 280.0)
    }

    pub(super) fn ports(&self, scene: &mut Scene, host: &mut HostBox, edge: f64, root_x: f64) {
        let m = self.m;
        let room = m.pick(8.0, 6.0);
        // Beside the lanes that hang on the interface itself, its tab stands astride both.
        let beside = root_x - host.rect.x > m.pad + 1.0;
        let mut x = if beside {
            (root_x - m.port_w * 0.5).max(host.rect.x + m.pad + 8.0)
        } else {
            host.rect.x + m.pad + 8.0
        };
        for (i, interface) in self.machine.interfaces.iter().enumerate() {
            let area = rect(x, edge, m.port_w, m.port_h);
            let address = interface
                .addresses
                .first()
                .map_or(messages::no_address(), String::as_str);
            let line = if beside && i == 0 {
                (area.x + area.w * 0.75).max(root_x + 20.0)
            } else {
                area.cx()
            };
            self.tab(
                scene,
                host,
                place::port(&self.machine.name, &interface.name),
                area,
                PortKind::Interface,
                (&interface.name, address),
            );
            if let Some(id) = host.ports.last().map(|p| p.id.clone()) {
                scene.spot(&id, area, SpotKind::Port { x: line });
            }
            x += m.port_w + room;
        }
        let first = host.ports.len();
        let mut dropped = 0;
        for port in self.published() {
            let note = port_note(port);
            // The same port on all IPv6 addresses shares the tab of the IPv4 ones.
            let twin = port.binding.strip_prefix("[::]").and_then(|p| {
                let title = format!("0.0.0.0{p}, {note}");
                host.ports.iter().find(|t| t.spoken == title)
            });
            let crowded = host.ports.len() >= self.most_ports + first;
            let shared = twin.or(host.ports.last().filter(|_| crowded));
            if let Some(area) = shared.map(|t| t.rect) {
                dropped += usize::from(twin.is_none());
                scene.spot(&port.id, area, SpotKind::Published);
                continue;
            }
            let w = self.port_width(port);
            let y = if port.loopback {
                edge + m.port_h / 2.0 + 8.0
            } else {
                edge
            };
            let kind = if port.loopback {
                PortKind::Loopback
            } else {
                PortKind::Published
            };
            let area = rect(x, y, w, m.port_h);
            scene.spot(&port.id, area, SpotKind::Published);
            self.tab(
                scene,
                host,
                port.id.clone(),
                area,
                kind,
                (&port.binding, &note),
            );
            x += w + room;
        }
        if let (true, Some(tab)) = (dropped > 0, host.ports.last_mut())
            && let Some(note) = tab.labels.get_mut(1)
        {
            note.text = note
                .style
                .fit(&messages::more(&dropped), tab.rect.right() - 8.0 - note.x);
        }
    }

    fn tab(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        id: String,
        area: Rect,
        kind: PortKind,
        (title, note): (&str, &str),
    ) {
        let _ = scene;
        let x = area.x
            + if kind == PortKind::Loopback {
                34.0
            } else {
                14.0
            };
        let room = area.right() - 8.0 - x;
        let line =
            |y: f64, style: Style, text: &str| label(x, area.y + y, style, style.fit(text, room));
        let labels = if kind == PortKind::Interface {
            vec![
                line(15.0, Style::Name, title),
                line(30.0, Style::Strong, note),
            ]
        } else {
            vec![
                line(15.0, Style::Strong, title),
                line(30.0, Style::Note, note),
            ]
        };
        host.ports.push(PortBox {
            id,
            rect: area,
            labels,
            spoken: format!("{title}, {note}"),
            kind,
        });
    }

    /// The row of hooks, stretched over its frame, and the wires between and below them.
    pub(super) fn hooks(&self, scene: &mut Scene, host: &mut HostBox, bus: f64) {
        let m = self.m;
        let y = host.gate.y + 8.0;
        let above = host.gate.y - 10.0;
        let grow = (host.gate.w / m.gate_w()).clamp(1.0, m.pick(1.3, 1.5));
        let width = |i: usize| m.hooks.get(i).copied().unwrap_or(60.0) * grow;
        let total: f64 = (0..6).map(width).sum();
        let spare = (host.gate.w - total - m.gate_pad() * 2.0 - m.split() - 8.0).max(0.0);
        let gap = (spare / 3.0).clamp(m.hook_gap, m.pick(80.0, 60.0));
        let local_x = host.gate.right() - m.gate_pad() - width(4) - 8.0 - width(5);
        let mut x = host.gate.x + m.gate_pad();
        for (i, hook) in self.machine.hooks.iter().take(6).enumerate() {
            let w = width(i);
            if i == 4 {
                x = local_x;
                host.divider = Some(x - m.split() / 2.0);
            }
            let area = rect(x, y, w, m.hook_h);
            let kind = SpotKind::Hook {
                name: hook.name.clone(),
                above,
                bus,
            };
            scene.spot(&hook.id, area, kind);
            host.hooks.push(hook_box(hook, area, m.level));
            x += w + if i >= 4 { 8.0 } else { gap };
        }
        if let (Some(input), Some(output)) = (host.hooks.get(4), host.hooks.get(5)) {
            let area = rect(
                input.rect.x,
                host.gate.y - 26.0,
                output.rect.right() - input.rect.x,
                20.0,
            );
            let id = place::local(&self.machine.name);
            scene.spot(&id, area, SpotKind::Local);
            for hook in [input, output] {
                let x = hook.rect.cx();
                scene
                    .wires
                    .push(wire(vec![pt(x, area.bottom()), pt(x, hook.rect.y)]));
            }
            let words = if m.level == Level::Standard {
                messages::processes()
            } else {
                messages::processes_short()
            };
            host.local = Some(LocalBox {
                id,
                rect: area,
                label: label(area.cx(), area.y + 14.0, Style::Pill, words).middle(),
            });
        }
        for pair in host.hooks.windows(2).take(3) {
            if let [a, b] = pair {
                scene.wires.push(wire(vec![
                    pt(a.rect.right(), a.rect.cy()),
                    pt(b.rect.x, b.rect.cy()),
                ]));
            }
        }
        self.bus(scene, host, bus, above);
    }

    /// The routing bus: both hooks above it, all gateway lines below; and the line from the interface.
    fn bus(&self, scene: &mut Scene, host: &HostBox, bus: f64, above: f64) {
        let named = |name: &str| {
            let id = place::hook(&self.machine.name, name);
            host.hooks.iter().find(|h| h.id == id).map(|h| h.rect)
        };
        let mut ends: Vec<f64> = host
            .lanes
            .iter()
            .filter(|l| l.gateway.is_some())
            .map(|l| l.drop_x)
            .collect();
        for name in ["PREROUTING", "POSTROUTING"] {
            if let Some(r) = named(name) {
                let x = super::ways::hook_side(name, r.cx(), r.w);
                ends.push(x);
                scene.wires.push(wire(vec![pt(x, r.bottom()), pt(x, bus)]));
            }
        }
        let (from, to) = ends
            .iter()
            .fold((f64::MAX, f64::MIN), |e, x| (e.0.min(*x), e.1.max(*x)));
        if from < to {
            scene.wires.push(wire(vec![pt(from, bus), pt(to, bus)]));
        }
        if let (Some(port), Some(hook)) = (host.ports.first(), named("PREROUTING")) {
            let x = match scene.spots.get(&port.id).map(|s| &s.kind) {
                Some(SpotKind::Port { x }) => *x,
                _ => port.rect.cx(),
            };
            // Straight down, where the tab is wide enough for that.
            let x = if (port.rect.x + 12.0..port.rect.right() - 12.0).contains(&hook.cx())
                && !host.lanes.iter().any(|l| l.gateway.is_none())
            {
                hook.cx()
            } else {
                x
            };
            scene.spot(&port.id, port.rect, SpotKind::Port { x });
            scene.wires.push(wire(super::geometry::simplify(vec![
                pt(x, port.rect.bottom()),
                pt(x, above),
                pt(hook.cx(), above),
                pt(hook.cx(), hook.y),
            ])));
        }
    }
}

fn hook_box(hook: &lab::view::Hook, area: Rect, level: Level) -> HookBox {
    let tables = if level == Level::Standard {
        hook.tables.join(" · ")
    } else {
        String::new()
    };
    let y = if tables.is_empty() {
        area.cy() + 4.0
    } else {
        area.y + 18.0
    };
    let room = area.w - 8.0;
    let middle = |y: f64, style: Style, text: &str| -> Label {
        label(area.cx(), y, style, style.fit(text, room)).middle()
    };
    let asked = if hook.tables.is_empty() {
        messages::no_tables().to_owned()
    } else {
        hook.tables.join(" · ")
    };
    HookBox {
        id: hook.id.clone(),
        rect: area,
        labels: vec![
            middle(y, Style::Hook, hook_name(&hook.name, level)),
            middle(area.y + 33.0, Style::Fine, &tables),
        ],
        spoken: format!("{}, {asked}", hook.name),
    }
}

fn port_note(port: &lab::view::PublishedPort) -> String {
    if port.loopback {
        messages::loopback_only(&port.target)
    } else {
        messages::published(&port.target)
    }
}

pub(super) fn hook_name(name: &str, level: Level) -> &str {
    match (level, name) {
        (Level::Standard, "ROUTE") => "route",
        (Level::Standard, _) => name,
        (_, "PREROUTING") => "PRE",
        (_, "FORWARD") => "FWD",
        (_, "POSTROUTING") => "POST",
        (_, "INPUT") => "IN",
        (_, "OUTPUT") => "OUT",
        _ => name,
    }
}
