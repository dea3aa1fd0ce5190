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
/// Where packets enter a chip, from its right end: beside its name, as long as that is short.
const SOCKET: f64 = 24.0;
/// How much wider a card is made at most, so that its line ends where others do.
const MOST_DRAWN_OUT: f64 = 0.6;
/// The room for cards of one column, and for narrower stations.
pub(super) const NARROW: f64 = 400.0;

/// One machine's networks as cards.
pub(super) struct Cards<'a> {
    pub(super) machine: &'a Machine,
    networks: SortedMap<&'a str, &'a Network>,
    cards: Vec<Card<'a>>,
}

/// A card's network and its slots.
type Card<'a> = (Option<&'a Network>, Vec<Option<&'a Container>>);

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

    /// The cards, as in lines of text that all end at one edge; returns it and the bottom. The machine is `least` wide anyway.
    pub(super) fn place(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        (left, top): (f64, f64),
        width: f64,
        least: f64,
    ) -> (f64, f64) {
        let narrow = width < NARROW;
        let lines = self.lines(narrow, width);
        let longest = lines.iter().map(|l| long(l, narrow)).fold(least, f64::max);
        let (mut right, mut y) = (left + 120.0, top);
        for line in lines {
            let rows = line
                .iter()
                .map(|(_, slots)| slots.len().div_ceil(across(slots.len(), narrow)))
                .max()
                .unwrap_or(0)
                .max(1) as f64;
            let h = high(rows);
            // Where there is room, few cards are not drawn out to any width, and an empty one to no width or height at all; what has no frame never.
            let gives = |card: &Card<'_>| card.0.is_some() && (narrow || !card.1.is_empty());
            let many = line.iter().filter(|card| gives(card)).count();
            let spare = (longest - long(line, narrow)) / many.max(1) as f64;
            let mut x = left;
            for card in line {
                let (network, slots) = card;
                let across = across(slots.len(), narrow);
                let w = card_width(card, narrow);
                let w = match gives(card) {
                    true if narrow => w + spare,
                    true => w + spare.min(w * MOST_DRAWN_OUT),
                    false => w,
                };
                // One row, which says what would be dropped there.
                let h = match slots.is_empty() {
                    true => high(1.0),
                    false => h,
                };
                self.card(scene, host, (*network, slots), rect(x, y, w, h), across);
                x += w + GAP;
            }
            right = right.max(x - GAP);
            y += h + GAP;
        }
        (right, y - GAP)
    }

    /// The cards that stand side by side.
    fn lines(&self, narrow: bool, width: f64) -> Vec<&[Card<'a>]> {
        let mut lines = Vec::new();
        let mut rest = self.cards.as_slice();
        while !rest.is_empty() {
            let fit = |n: &usize| rest.get(..*n).is_some_and(|l| long(l, narrow) <= width);
            let fits = (2..=rest.len()).take_while(fit).last().unwrap_or(1);
            let (line, later) = rest.split_at(fits);
            lines.push(line);
            rest = later;
        }
        lines
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
        let chip_w = (area.w - 12.0 + CHIP_GAP) / across as f64 - CHIP_GAP;
        for (slot, container) in slots.iter().enumerate() {
            let Some(container) = container else { continue };
            let (column, row) = ((slot % across) as f64, (slot / across) as f64);
            let chip = rect(
                area.x + 6.0 + column * (chip_w + CHIP_GAP),
                area.y + HEAD + 5.0 + row * (CHIP_H + CHIP_GAP),
                chip_w,
                CHIP_H,
            );
            let veths = container
                .networks
                .iter()
                .map(|n| (n.clone(), vec![pt(chip.right() - SOCKET, chip.y)]))
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
                chip.x + if networks.is_empty() { 10.0 } else { 25.0 },
                chip.cy() + 4.0,
                Style::Chip,
                Style::Chip.fit_middle(
                    short_name(&container.name),
                    chip_w - if networks.len() > 1 { 48.0 } else { 32.0 },
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

/// Chips side by side in a card: it is to be about twice as wide as high, like the canvas.
fn across(count: usize, narrow: bool) -> usize {
    let least = if narrow { 1 } else { ACROSS.0 };
    ((count as f64 * 0.4).sqrt().ceil() as usize).clamp(least, ACROSS.1)
}

/// The height of a card with so many rows of chips.
fn high(rows: f64) -> f64 {
    HEAD + rows * (CHIP_H + CHIP_GAP) + 9.0
}

/// The width of cards side by side.
fn long(line: &[Card<'_>], narrow: bool) -> f64 {
    let widths = line.iter().map(|card| card_width(card, narrow) + GAP);
    widths.sum::<f64>() - GAP
}

/// The least width of a card: that of its chips, and of the title that stands where there is no network.
fn card_width((network, slots): &Card<'_>, narrow: bool) -> f64 {
    let chips = across(slots.len(), narrow) as f64 * (CHIP_W + CHIP_GAP) - CHIP_GAP;
    let title = match network {
        Some(_) => 0.0,
        None => Style::Zone.width(messages::no_network_of_its_own()),
    };
    chips.max(title) + 12.0
}

#[cfg(test)]
mod tests {
    use crate::layout::memory::Memory;
    use crate::layout::scene::Level;
    use crate::layout::{Wish, lay_out};
    use crate::sample;

    #[test]
    fn on_a_narrow_stage_all_lines_of_cards_end_at_one_edge() {
        let wish = Wish {
            level: Some(Level::Chips),
            width: 390.0,
            height: 600.0,
            ..Wish::default()
        };
        let scene = lay_out(&sample::market(30), &mut Memory::default(), wish);
        let bars = || scene.hosts[0].lanes.iter().map(|l| l.bar);
        let last = bars().filter(|a| !bars().any(|b| b.y == a.y && b.x > a.x));
        let ends: Vec<f64> = last.map(|bar| bar.right()).collect();
        assert!(
            ends.len() > 1 && ends.iter().all(|e| (e - ends[0]).abs() < 0.5),
            "{ends:?}"
        );
    }

    #[test]
    fn an_empty_card_is_not_as_high_as_full_ones_beside_it() {
        let mut topology = sample::market(90);
        let machine = std::rc::Rc::make_mut(&mut topology.machines[0]);
        machine
            .networks
            .push(sample::network("empty", "br-e", 99, 9));
        let wish = Wish {
            level: Some(Level::Chips),
            ..Wish::default()
        };
        let scene = lay_out(&topology, &mut Memory::default(), wish);
        let lanes = &scene.hosts[0].lanes;
        let empty = lanes.iter().find(|l| l.name == "empty").unwrap().area;
        let beside = lanes.iter().filter(|l| l.area.y == empty.y);
        let highest = beside.map(|l| l.area.h).fold(0.0, f64::max);
        assert!(empty.h < highest / 1.5, "{} of {highest}", empty.h);
        assert!(empty.h > 50.0);
    }
}
