//! A machine's upper half: the tabs at its edge and the stations of its root namespace.

use sorted::SortedMap;

use lab::view::place;

use super::build::{Host, wire};
use super::geometry::{pt, rect};
use super::scene::{HookBox, HostBox, Level, LocalBox, PortBox, PortKind, Scene, Spot, SpotKind};
use super::text;

/// Published ports drawn as tabs; further ones are counted.
const MOST_PORTS: usize = 4;

impl Host<'_> {
    pub(super) fn ports_width(&self) -> f64 {
        let m = self.m;
        let room = if m.level == Level::Standard { 8.0 } else { 6.0 };
        let interfaces = self.machine.interfaces.len() as f64 * (m.port_w + room);
        let tabs = self
            .machine
            .published
            .iter()
            .filter(|p| !p.binding.starts_with("[::]"));
        let published: f64 = tabs
            .take(MOST_PORTS)
            .map(|p| self.port_width(p) + room)
            .sum();
        interfaces
            + published
            + text::mono(&self.machine.name, 13.0).max(text::sans(&self.machine.note, 11.5))
            + 20.0
    }

    pub(super) fn port_width(&self, port: &lab::view::PublishedPort) -> f64 {
        let target = text::sans(&port_note(port), 11.5);
        (text::mono(&port.binding, 11.5).max(target)
            + 32.0
            + if port.loopback { 24.0 } else { 0.0 })
        .max(110.0)
    }

    pub(super) fn ports(&self, scene: &mut Scene, host: &mut HostBox, edge: f64) {
        let m = self.m;
        let mut x = host.rect.x + m.pad + 8.0;
        let room = if m.level == Level::Standard { 8.0 } else { 6.0 };
        for interface in &self.machine.interfaces {
            let area = rect(x, edge, m.port_w, m.port_h);
            let id = place::port(&self.machine.name, &interface.name);
            scene.spots.insert(
                id.clone(),
                Spot {
                    rect: area,
                    kind: SpotKind::Port,
                },
            );
            host.ports.push(PortBox {
                id,
                rect: area,
                title: interface.name.clone(),
                note: text::fit_mono(
                    interface
                        .addresses
                        .first()
                        .map_or("no address", String::as_str),
                    11.5,
                    m.port_w - 20.0,
                ),
                kind: PortKind::Interface,
            });
            x += m.port_w + room;
        }
        let mut dropped = 0;
        for port in &self.machine.published {
            // The same port on all IPv6 addresses shares the tab of the IPv4 ones.
            if let Some(twin) = port.binding.strip_prefix("[::]").and_then(|p| {
                host.ports
                    .iter()
                    .find(|t| t.title == format!("0.0.0.0{p}") && t.note == port_note(port))
            }) {
                scene.spots.insert(
                    port.id.clone(),
                    Spot {
                        rect: twin.rect,
                        kind: SpotKind::Published,
                    },
                );
                continue;
            }
            if host.ports.len() >= MOST_PORTS + self.machine.interfaces.len() {
                dropped += 1;
                let last = host.ports.last().map(|p| p.rect).unwrap_or_default();
                scene.spots.insert(
                    port.id.clone(),
                    Spot {
                        rect: last,
                        kind: SpotKind::Published,
                    },
                );
                continue;
            }
            let w = self.port_width(port);
            let y = if port.loopback {
                edge + m.port_h / 2.0 + 8.0
            } else {
                edge
            };
            let area = rect(x, y, w, m.port_h);
            scene.spots.insert(
                port.id.clone(),
                Spot {
                    rect: area,
                    kind: SpotKind::Published,
                },
            );
            host.ports.push(PortBox {
                id: port.id.clone(),
                rect: area,
                title: port.binding.clone(),
                note: port_note(port),
                kind: if port.loopback {
                    PortKind::Loopback
                } else {
                    PortKind::Published
                },
            });
            x += w + room;
        }
        if let (true, Some(tab)) = (dropped > 0, host.ports.last_mut()) {
            tab.note = format!("and {dropped} more");
        }
    }

    pub(super) fn hooks(&self, scene: &mut Scene, host: &mut HostBox, bus: f64) {
        let m = self.m;
        let y = host.gate.y + 8.0;
        let above = host.gate.y - 10.0;
        let mut x = host.gate.x + m.gate_pad();
        let mut centres: SortedMap<&str, f64> = SortedMap::new();
        for (i, hook) in self.machine.hooks.iter().take(6).enumerate() {
            let w = m.hooks.get(i).copied().unwrap_or(60.0);
            if i == 4 {
                x += m.split() - m.hook_gap;
                host.divider = x - m.split() / 2.0;
            }
            let area = rect(x, y, w, m.hook_h);
            centres.insert(&hook.name, area.cx());
            let kind = SpotKind::Hook {
                name: hook.name.clone(),
                above,
                bus,
            };
            scene
                .spots
                .insert(hook.id.clone(), Spot { rect: area, kind });
            host.hooks.push(HookBox {
                id: hook.id.clone(),
                rect: area,
                name: hook_name(&hook.name, m.level).to_owned(),
                tables: if m.level == Level::Standard {
                    hook.tables.join(" · ")
                } else {
                    String::new()
                },
            });
            x += w + if i >= 4 { 8.0 } else { m.hook_gap };
        }
        if let (Some(input), Some(output)) = (host.hooks.get(4), host.hooks.get(5)) {
            let area = rect(
                input.rect.x,
                host.gate.y - 26.0,
                output.rect.right() - input.rect.x,
                20.0,
            );
            let id = place::local(&self.machine.name);
            scene.spots.insert(
                id.clone(),
                Spot {
                    rect: area,
                    kind: SpotKind::Local,
                },
            );
            host.local = Some(LocalBox { id, rect: area });
        }
        for pair in host.hooks.windows(2).take(3) {
            if let [a, b] = pair {
                scene.wires.push(wire(
                    vec![pt(a.rect.right(), a.rect.cy()), pt(b.rect.x, b.rect.cy())],
                    None,
                ));
            }
        }
        for (name, side) in [("PREROUTING", -20.0), ("POSTROUTING", 0.0)] {
            if let Some(cx) = centres.get(name) {
                let side = if m.level == Level::Standard {
                    side
                } else {
                    side / 2.5
                };
                scene.wires.push(wire(
                    vec![pt(cx + side, y + m.hook_h), pt(cx + side, bus)],
                    None,
                ));
                // The bus reaches as far as both hooks and all gateway lines.
                if let Some(lane) = host.lanes.first() {
                    scene
                        .wires
                        .push(wire(vec![pt(lane.drop_x, bus), pt(cx + side, bus)], None));
                }
            }
        }
        if let (Some(port), Some(cx)) = (host.ports.first(), centres.get("PREROUTING")) {
            let px = port.rect.cx();
            scene.wires.push(wire(
                vec![
                    pt(px, port.rect.bottom()),
                    pt(px, above),
                    pt(*cx, above),
                    pt(*cx, y),
                ],
                None,
            ));
        }
    }
}

fn port_note(port: &lab::view::PublishedPort) -> String {
    if port.loopback {
        format!("loopback only → {}", port.target)
    } else {
        format!("published → {}", port.target)
    }
}

fn hook_name(name: &str, level: Level) -> &str {
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
