//! Which containers stand in which column under which network.
//!
//! A machine's lower half is a row of columns.
//! Each network owns some; a container on two neighbouring networks stands in a column on their border.

use sorted::SortedMap;

use lab::view::{Container, Machine, Network, NetworkMode};

use super::memory::Memory;
use super::order;

/// Most columns a network spreads over before further containers form another row.
pub(crate) const MOST_COLUMNS: usize = 4;

/// One column: the containers standing in it, top to bottom; `None` is a gap.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Column {
    pub(crate) rows: Vec<Option<String>>,
    /// Whether it is the border to the next lane.
    pub(crate) shared: bool,
}

/// One network's columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lane {
    /// The network's place id; `None` for the containers that are on no network.
    pub(crate) network: Option<String>,
    /// Its own columns; at least one unless it has a shared column on a side.
    pub(crate) columns: Vec<Column>,
    /// The column on its right border, if it shares containers with the next lane.
    pub(crate) border: Option<Column>,
}

/// On which side of a machine the others are that it shares overlay networks with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Facing {
    #[default]
    Right,
    Left,
}

/// Puts a machine's containers under its networks.
pub(crate) fn lanes(
    machine: &Machine,
    memory: &mut Memory,
    most_columns: usize,
    facing: Facing,
) -> Vec<Lane> {
    let order = order_networks(machine, memory, facing);
    let position: SortedMap<&str, usize> = order
        .iter()
        .enumerate()
        .map(|(i, id)| (id.as_str(), i))
        .collect();
    let mut private: Vec<Vec<String>> = vec![Vec::new(); order.len()];
    let mut borders: Vec<Vec<String>> = vec![Vec::new(); order.len()];
    let mut lonely = Vec::new();
    for container in machine.containers.iter().filter(|c| stands(machine, c)) {
        let mut at: Vec<usize> = container
            .networks
            .iter()
            .filter_map(|n| position.get(n.as_str()).copied())
            .collect();
        let first = at.first().copied();
        sorted::sort(&mut at);
        let pair = at
            .windows(2)
            .find(|w| matches!(w, [a, b] if a + 1 == *b))
            .and_then(|w| w.first().copied());
        let list = match (pair, first) {
            (Some(left), _) => borders.get_mut(left),
            (None, Some(first)) => private.get_mut(first),
            (None, None) => Some(&mut lonely),
        };
        if let Some(list) = list {
            list.push(container.id.clone());
        }
    }
    let mut lanes = Vec::with_capacity(order.len() + 1);
    for (i, id) in order.iter().enumerate() {
        let own = private.get(i).map_or(&[][..], Vec::as_slice);
        let shared = borders.get(i).map_or(&[][..], Vec::as_slice);
        let shared_before = i > 0 && borders.get(i - 1).is_some_and(|b| !b.is_empty());
        let mut columns = spread(&memory.slots(id, own), most_columns);
        if columns.is_empty() && shared.is_empty() && !shared_before {
            columns.push(Column::default());
        }
        let border = (!shared.is_empty()).then(|| Column {
            rows: memory.slots(&format!("{id}|"), shared),
            shared: true,
        });
        lanes.push(Lane {
            network: Some(id.clone()),
            columns,
            border,
        });
    }
    if !lonely.is_empty() {
        let slots = memory.slots(&format!("{}|none", machine.id), &lonely);
        let lane = Lane {
            network: None,
            columns: spread(&slots, most_columns),
            border: None,
        };
        // Nothing stands between an overlay network and the machine that it reaches to.
        let first = machine.networks.iter().any(tunnelled) && facing == Facing::Right;
        let at = |lane: &Lane| {
            let network = machine
                .networks
                .iter()
                .find(|n| lane.network.as_ref() == Some(&n.id));
            network.is_none_or(|n| !past_root(n))
        };
        let at = lanes.iter().position(at).filter(|_| first);
        lanes.insert(at.unwrap_or(lanes.len()), lane);
    }
    lanes
}

/// Whether a container stands on its own feet below the networks: not inside the root namespace, and not below the
/// container whose namespace it shares.
pub(crate) fn stands(machine: &Machine, container: &Container) -> bool {
    match &container.mode {
        NetworkMode::Host => false,
        NetworkMode::Container(owner) => owner_of(machine, owner).is_none(),
        NetworkMode::Own | NetworkMode::None => true,
    }
}

/// Who lives in the root namespace: those who asked for it, and those who share a namespace with one of them.
pub(crate) fn in_root(machine: &Machine, container: &Container) -> bool {
    match &container.mode {
        NetworkMode::Host => true,
        NetworkMode::Container(owner) => {
            owner_of(machine, owner).is_some_and(|o| o.mode == NetworkMode::Host)
        }
        NetworkMode::Own | NetworkMode::None => false,
    }
}

/// The containers that share a container's namespace.
pub(crate) fn sharers<'a>(
    machine: &'a Machine,
    owner: &'a str,
) -> impl Iterator<Item = &'a Container> {
    machine
        .containers
        .iter()
        .map(|c| &**c)
        .filter(move |c| matches!(&c.mode, NetworkMode::Container(of) if of == owner))
}

fn owner_of<'a>(machine: &'a Machine, owner: &str) -> Option<&'a Container> {
    let found = machine.containers.iter().find(|c| c.id == owner)?;
    // A sharer of a sharer is drawn with the first one's namespace, which the engine has already resolved.
    (!matches!(found.mode, NetworkMode::Container(_))).then_some(&**found)
}

/// Whether a network's containers hang on a physical interface, past the root namespace.
pub(crate) fn past_root(network: &Network) -> bool {
    matches!(network.driver.as_str(), "macvlan" | "ipvlan")
}

/// Whether a network's frames go through a tunnel to other machines.
pub(crate) fn tunnelled(network: &Network) -> bool {
    network.driver == "overlay"
}

fn order_networks(machine: &Machine, memory: &mut Memory, facing: Facing) -> Vec<String> {
    let present: Vec<String> = machine.networks.iter().map(|n| n.id.clone()).collect();
    let known = memory.lanes(&machine.id, &present);
    let index = |id: &String| known.iter().position(|k| k == id);
    let mut shares: order::Shares = Vec::new();
    for container in &machine.containers {
        let at: Vec<usize> = container.networks.iter().filter_map(index).collect();
        for (i, a) in at.iter().enumerate() {
            for b in at.iter().skip(i + 1) {
                let (a, b) = (*a.min(b), *a.max(b));
                match shares.iter_mut().find(|s| s.0 == a && s.1 == b) {
                    Some(share) => share.2 += 1,
                    None => shares.push((a, b, 1)),
                }
            }
        }
    }
    let start: Vec<usize> = (0..known.len()).collect();
    let best = order::arrange(&start, &shares, 1);
    let any = |id: &String, which: fn(&Network) -> bool| {
        machine.networks.iter().any(|n| n.id == *id && which(n))
    };
    let ordered = best.iter().filter_map(|i| known.get(*i).cloned());
    let (mut order, inside): (Vec<String>, Vec<String>) =
        ordered.partition(|id| any(id, past_root));
    let (over, inside): (Vec<String>, Vec<String>) =
        inside.into_iter().partition(|id| any(id, tunnelled));
    let mirrored = facing == Facing::Left && !over.is_empty();
    let before = order.len();
    order.extend(inside);
    order.extend(over);
    memory.set_lanes(&machine.id, order.clone());
    if mirrored && let Some(inside) = order.get_mut(before..) {
        inside.reverse();
    }
    order
}

/// Spreads slots over columns, row by row.
fn spread(slots: &[Option<String>], most: usize) -> Vec<Column> {
    let count = slots.len().min(most.max(1));
    let mut columns = vec![Column::default(); count];
    for (i, slot) in slots.iter().enumerate() {
        if let Some(column) = columns.get_mut(i % count.max(1)) {
            column.rows.push(slot.clone());
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_container_on_two_neighbours_stands_on_their_border() {
        let topology = sample::shop();
        let machine = topology
            .machines
            .iter()
            .find(|m| m.name == "hostA")
            .unwrap();
        let lanes = lanes(machine, &mut Memory::default(), MOST_COLUMNS, Facing::Right);
        let names: Vec<usize> = lanes.iter().map(|l| l.columns.len()).collect();
        assert_eq!(names, [1, 1, 1]);
        let border = lanes[1].border.as_ref().unwrap();
        assert!(border.rows[0].as_ref().unwrap().contains("api"));
        assert!(lanes[0].border.is_none());
    }

    #[test]
    fn a_fifth_container_starts_a_second_row() {
        let slots: Vec<Option<String>> = (0..5).map(|i| Some(format!("c{i}"))).collect();
        let columns = spread(&slots, 4);
        assert_eq!(columns.len(), 4);
        assert_eq!(columns[0].rows.len(), 2);
        assert_eq!(columns[1].rows.len(), 1);
    }
}
