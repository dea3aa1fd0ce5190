//! The level for many containers: networks are cards, containers chips in columns.

use sorted::{SortedMap, SortedSet};

use lab::short_name;
use lab::view::{Container, ContainerState, Machine, MachineKind, Network, Topology, place};

use super::columns;
use super::geometry::{pt, rect};
use super::host::wire;
use super::label::{Style, label};
use super::memory::Memory;
use super::outside;
use super::scene::{
    ContainerBox, HookBox, HostBox, LanBox, LaneBox, Level, Mark, PortBox, PortKind, Scene,
    SpotKind,
};
use super::words::{bar_spoken, spoken};
use crate::messages;

const CHIP_W: f64 = 118.0;
const CHIP_H: f64 = 23.0;
const CHIP_GAP: f64 = 3.0;
const HEAD: f64 = 28.0;
const GAP: f64 = 6.0;
/// Fewest and most chips side by side in a card.
const ACROSS: (usize, usize) = (2, 24);
/// The room for cards of one column, and for narrower stations.
const NARROW: f64 = 400.0;
const MARGIN: f64 = 16.0;
const LAN_Y: f64 = 54.0;
const EDGE: f64 = 90.0;

/// Lays a topology out as cards that fill a width.
pub(crate) fn scene(topology: &Topology, memory: &mut Memory, width: f64) -> Scene {
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
        let host = Cards::new(machine, memory).build(&mut scene, x, share);
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
            label: label(area.right() - 12.0, area.cy() + 4.0, Style::Fine, text).end(),
        });
    }
    for (i, machine) in machines.into_iter().enumerate() {
        let area = rect(MARGIN + i as f64 * 136.0, 8.0, 126.0, 30.0);
        scene.spot(&machine.id, area, SpotKind::Machine);
        scene.wires.push(wire(vec![
            pt(area.cx(), area.bottom()),
            pt(area.cx(), LAN_Y),
        ]));
        scene
            .outside
            .push(outside::boxed(machine, area, Level::Chips));
    }
    scene.width = right + MARGIN;
    scene.height = tallest + 8.0;
    scene
}

/// One machine's networks as cards.
struct Cards<'a> {
    machine: &'a Machine,
    networks: SortedMap<&'a str, &'a Network>,
    /// Each card's network and its slots.
    cards: Vec<(Option<&'a Network>, Vec<Option<&'a Container>>)>,
}

impl<'a> Cards<'a> {
    fn new(machine: &'a Machine, memory: &mut Memory) -> Self {
        let networks: SortedMap<&str, &Network> = machine
            .networks
            .iter()
            .map(|n| (n.id.as_str(), n))
            .collect();
        let containers: SortedMap<&str, &Container> = machine
            .containers
            .iter()
            .map(|c| (c.id.as_str(), &**c))
            .collect();
        let present: Vec<String> = machine.networks.iter().map(|n| n.id.clone()).collect();
        let mut homes: SortedMap<Option<&str>, Vec<String>> = SortedMap::new();
        for c in &machine.containers {
            let home = c
                .networks
                .iter()
                .find(|n| networks.contains_key(n.as_str()))
                .filter(|_| columns::stands(machine, c));
            homes
                .entry(home.map(String::as_str))
                .or_default()
                .push(c.id.clone());
        }
        let order = memory.lanes(&machine.id, &present);
        let mut keys: Vec<Option<&str>> = order
            .iter()
            .filter_map(|id| networks.get(id.as_str()))
            .map(|n| Some(n.id.as_str()))
            .collect();
        if homes.contains_key(&None) {
            keys.push(None);
        }
        let cards = keys
            .into_iter()
            .map(|key| {
                let list = homes.get(&key).map_or(&[][..], Vec::as_slice);
                let slots =
                    memory.slots(&format!("{}#{}", machine.id, key.unwrap_or("none")), list);
                let slots = slots
                    .iter()
                    .map(|s| s.as_deref().and_then(|id| containers.get(id)).copied())
                    .collect();
                (key.and_then(|id| networks.get(id)).copied(), slots)
            })
            .collect();
        Self {
            machine,
            networks,
            cards,
        }
    }

    fn build(&self, scene: &mut Scene, x: f64, width: f64) -> HostBox {
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
        let hooks = self.hooks(scene, &mut host, left, width < NARROW);
        let (right, bottom) = self.place(scene, &mut host, left, 160.0, width);
        let name = Style::Name.width(&machine.name).min(240.0) + 30.0;
        let counts = Style::Note.width(&note) + 30.0;
        // How many there are is left out where it would make the machine wider than the canvas.
        let crowded = hooks + counts > (left + width).max(right);
        let right = right.max(hooks).max(tabs + name);
        let (note, right) = match (crowded, width < NARROW) {
            (true, true) => (String::new(), right),
            _ => (note, right.max(hooks + counts)),
        };
        host.rect = rect(x, EDGE, right + 12.0 - x, bottom + 10.0 - EDGE);
        host.labels.extend([
            label(
                host.rect.right() - 16.0,
                EDGE + 22.0,
                Style::Name,
                Style::Name.fit(&machine.name, 240.0),
            )
            .end(),
            label(host.rect.right() - 16.0, EDGE + 50.0, Style::Note, note).end(),
        ]);
        scene.spot(&host.id, host.rect, SpotKind::Machine);
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

    fn hooks(&self, scene: &mut Scene, host: &mut HostBox, left: f64, narrow: bool) -> f64 {
        let mut x = left;
        let (w, gap) = if narrow { (46.0, 7.0) } else { (58.0, 10.0) };
        for hook in self.machine.hooks.iter().take(6) {
            let name = super::edge::hook_name(&hook.name, Level::Compact);
            let area = rect(x, 120.0, w, 26.0);
            let kind = SpotKind::Hook {
                name: hook.name.clone(),
                above: 114.0,
                bus: 153.0,
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
        host.gate = rect(left, 114.0, (x - left).max(1.0), 38.0);
        x
    }

    /// The cards, as in lines of text; returns their right edge and bottom.
    fn place(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        left: f64,
        top: f64,
        width: f64,
    ) -> (f64, f64) {
        // About twice as wide as high, like the canvas.
        let size = |count: usize| {
            let least = if width < NARROW { 1 } else { ACROSS.0 };
            let across = ((count as f64 * 0.4).sqrt().ceil() as usize).clamp(least, ACROSS.1);
            (across, card_width(across))
        };
        let (mut right, mut y) = (left + 120.0, top);
        let mut rest = self.cards.as_slice();
        while !rest.is_empty() {
            let mut used = 0.0;
            let fits = rest
                .iter()
                .take_while(|(_, slots)| {
                    used += size(slots.len()).1 + GAP;
                    used <= width + GAP
                })
                .count()
                .max(1);
            let (line, later) = rest.split_at(fits.min(rest.len()));
            rest = later;
            let lines = line
                .iter()
                .map(|(_, s)| s.len().div_ceil(size(s.len()).0))
                .max()
                .unwrap_or(0)
                .max(1) as f64;
            let h = HEAD + lines * (CHIP_H + CHIP_GAP) + 9.0;
            let mut x = left;
            for (network, slots) in line {
                let (across, w) = size(slots.len());
                self.card(scene, host, (*network, slots), rect(x, y, w, h), across);
                x += w + GAP;
            }
            right = right.max(x - GAP);
            y += h + GAP;
        }
        (right, y - GAP)
    }

    fn card(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        (network, slots): (Option<&Network>, &[Option<&'a Container>]),
        area: super::geometry::Rect,
        across: usize,
    ) {
        if let Some(network) = network {
            let bar = rect(area.x, area.y, area.w, HEAD);
            let kind = SpotKind::Network {
                rail: bar.bottom(),
                drop_x: area.x + 12.0,
                bus: area.y - 3.0,
                feed: Vec::new(),
            };
            scene.spot(&network.id, bar, kind);
            let members = self
                .machine
                .containers
                .iter()
                .filter(|c| c.networks.contains(&network.id))
                .count();
            let base = bar.cy() + 4.5;
            let count = members.to_string();
            let room = bar.w - 28.0 - 18.0 - Style::Fine.width(&count);
            host.lanes.push(LaneBox {
                id: network.id.clone(),
                mark: Mark(network.mark),
                bar,
                area,
                name: network.name.clone(),
                labels: vec![
                    label(
                        bar.x + 28.0,
                        base,
                        Style::Name,
                        Style::Name.fit(&network.name, room),
                    ),
                    label(bar.right() - 10.0, base, Style::Fine, count).end(),
                ],
                gateway: None,
                spoken: bar_spoken(network, members),
                drop_x: area.x + 12.0,
                fed: true,
                sign: pt(bar.x + 9.0, base - 10.5),
            });
        }
        if network.is_none() {
            let title = label(
                area.x + 9.0,
                area.y + 18.0,
                Style::Zone,
                messages::no_network_of_its_own(),
            );
            host.labels.push(title);
        }
        for (slot, container) in slots.iter().enumerate() {
            let Some(container) = container else { continue };
            let (column, row) = ((slot % across) as f64, (slot / across) as f64);
            let chip = rect(
                area.x + 6.0 + column * (CHIP_W + CHIP_GAP),
                area.y + HEAD + 5.0 + row * (CHIP_H + CHIP_GAP),
                CHIP_W,
                CHIP_H,
            );
            let veths = container
                .networks
                .iter()
                .map(|n| (n.clone(), vec![pt(chip.cx(), chip.y)]))
                .collect();
            scene.spot(&container.id, chip, SpotKind::Container { veths });
            let networks: Vec<(String, Mark)> = container
                .networks
                .iter()
                .map(|n| {
                    (
                        n.clone(),
                        Mark(self.networks.get(n.as_str()).map_or(0, |n| n.mark)),
                    )
                })
                .collect();
            let first = networks
                .first()
                .map(|n| (n.1, pt(chip.x + 7.0, chip.cy() - 6.0)));
            let labels = vec![label(
                chip.x + 25.0,
                chip.cy() + 4.0,
                Style::Chip,
                Style::Chip.fit_middle(
                    short_name(&container.name),
                    CHIP_W - if networks.len() > 1 { 48.0 } else { 32.0 },
                ),
            )];
            host.containers.push(ContainerBox {
                id: container.id.clone(),
                machine: self.machine.name.clone(),
                name: container.name.clone(),
                rect: chip,
                labels,
                signs: first.into_iter().collect(),
                nubs: Vec::new(),
                state: if container.state == ContainerState::Restarting {
                    ContainerState::Exited
                } else {
                    container.state
                },
                resolver: None,
                networks,
                spoken: spoken(container, &self.networks),
            });
        }
    }
}

fn card_width(across: usize) -> f64 {
    across as f64 * (CHIP_W + CHIP_GAP) - CHIP_GAP + 12.0
}
