//! Networks as cards with their containers as chips, set like words in lines of text.

use sorted::SortedMap;

use lab::short_name;
use lab::view::{Container, ContainerState, Machine, Network};

use super::columns;
use super::geometry::{Rect, pt, rect};
use super::label::{Style, label};
use super::memory::Memory;
use super::scene::{ContainerBox, HostBox, LaneBox, Mark, Scene, SpotKind};
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
pub(super) const NARROW: f64 = 400.0;

/// One machine's networks as cards.
pub(super) struct Cards<'a> {
    pub(super) machine: &'a Machine,
    networks: SortedMap<&'a str, &'a Network>,
    /// Each card's network and its slots.
    cards: Vec<(Option<&'a Network>, Vec<Option<&'a Container>>)>,
}

impl<'a> Cards<'a> {
    pub(super) fn new(machine: &'a Machine, memory: &mut Memory) -> Self {
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

    /// The cards, as in lines of text; returns their right edge and bottom.
    pub(super) fn place(
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
        area: Rect,
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
