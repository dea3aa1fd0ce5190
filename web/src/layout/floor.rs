//! A machine's lower half: where each network's bar and each container stands, left to right and row by row.

use sorted::SortedMap;

use lab::view::{Container, Machine, Network};

use super::boxes;
use super::columns::{self, Lane};
use super::geometry::{Rect, rect};
use super::metrics::Metrics;

/// Room between two rows of containers, in which the trunks turn off.
pub(super) const ROW_GAP: f64 = 32.0;
/// How far beside a column its trunk and the risers of foreign veths run.
pub(super) const BESIDE: f64 = 5.0;
/// Room between a container and one that shares its namespace.
const SHARED_GAP: f64 = 6.0;

/// A network's stretch of the floor.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stretch {
    pub(super) network: String,
    pub(super) x: f64,
    pub(super) w: f64,
}

/// A container's place on the floor.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stand {
    pub(super) container: String,
    pub(super) x: f64,
    pub(super) row: usize,
}

/// Everything's place from left to right.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Plan {
    pub(super) stretches: Vec<Stretch>,
    pub(super) stands: Vec<Stand>,
    /// Width of all containers.
    pub(super) column: f64,
    /// Gap between two columns.
    pub(super) gutter: f64,
    /// Columns side by side.
    pub(super) columns: usize,
    pub(super) right: f64,
}

/// The measures of a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spacing {
    pub(super) column: f64,
    pub(super) gutter: f64,
}

/// Puts lanes side by side, beginning at `left`.
pub(super) fn plan(
    lanes: &[Lane],
    networks: &SortedMap<&str, &Network>,
    left: f64,
    m: &Metrics,
    s: Spacing,
) -> Plan {
    let half = s.column / 2.0;
    let mut plan = Plan {
        column: s.column,
        gutter: s.gutter,
        ..Plan::default()
    };
    let mut x = left;
    // The border column shared with the lane before, if any.
    let mut open: Option<f64> = None;
    for lane in lanes {
        if lane.network.is_none() && !plan.stretches.is_empty() {
            x += 8.0;
        }
        let deep = |c: &super::columns::Column| c.rows.len() > 1;
        // A trunk down the left side of a border column needs its network's bar above it.
        let bare = open.is_none() && lane.columns.is_empty();
        let bar_x = open.map_or(x, |border| border + half + 8.0);
        if bare && lane.border.as_ref().is_some_and(deep) {
            x += s.gutter * 2.0;
        }
        let need = lane
            .network
            .as_deref()
            .and_then(|id| networks.get(id))
            .map_or(0.0, |n| boxes::bar_need(n, m));
        let mut own = lane.columns.len() as f64 * (s.column + s.gutter);
        if lane.columns.iter().any(deep) {
            own += s.gutter;
        }
        let tail = if lane.border.is_some() {
            half - 8.0
        } else {
            -s.gutter
        };
        own += (need - (x + own + tail - bar_x)).max(0.0);
        for (i, column) in lane.columns.iter().enumerate() {
            plan.stack(&column.rows, x + i as f64 * (s.column + s.gutter));
        }
        x += own;
        let mut bar_right = x - s.gutter;
        open = lane.border.as_ref().map(|column| {
            plan.stack(&column.rows, x);
            bar_right = x + half - 8.0;
            let at = x;
            x += s.column + s.gutter;
            at
        });
        if let Some(network) = &lane.network {
            plan.stretches.push(Stretch {
                network: network.clone(),
                x: bar_x,
                w: bar_right - bar_x,
            });
        }
    }
    plan.right = x - s.gutter;
    plan
}

impl Plan {
    fn stack(&mut self, rows: &[Option<String>], x: f64) {
        self.columns += 1;
        for (row, slot) in rows.iter().enumerate() {
            if let Some(container) = slot.clone() {
                self.stands.push(Stand { container, x, row });
            }
        }
    }

    /// The same plan beginning elsewhere.
    pub(super) fn moved(mut self, by: f64) -> Self {
        for stretch in &mut self.stretches {
            stretch.x += by;
        }
        for stand in &mut self.stands {
            stand.x += by;
        }
        self.right += by;
        self
    }

    /// The stretch of a network.
    pub(super) fn stretch(&self, network: &str) -> Option<&Stretch> {
        self.stretches.iter().find(|s| s.network == network)
    }
}

/// Plans the floor so that it is as wide as wished, as far as containers and gaps may grow.
pub(super) fn spread(
    lanes: &[Lane],
    networks: &SortedMap<&str, &Network>,
    left: f64,
    m: &Metrics,
    natural: Spacing,
    wished: f64,
) -> Plan {
    let first = plan(lanes, networks, left, m, natural);
    let columns = first.columns.max(1) as f64;
    let spare = left + wished - first.right;
    if spare <= 0.0 {
        return first;
    }
    let column = (natural.column + spare / columns).min(m.widest().max(natural.column));
    let wider = plan(lanes, networks, left, m, Spacing { column, ..natural });
    let spare = left + wished - wider.right;
    if spare <= 0.0 {
        // Networks' names took the room: not all of it went to the containers.
        return if wider.right <= left + wished + 1.0 {
            wider
        } else {
            first
        };
    }
    let most = m.pick(44.0, 24.0);
    let gutter = (natural.gutter + spare / columns).min(most);
    plan(lanes, networks, left, m, Spacing { column, gutter })
}

/// Containers with their boxes, from top to bottom; those who share a namespace hang below its owner.
pub(super) struct Placed<'a> {
    pub(super) container: &'a Container,
    pub(super) area: Rect,
    pub(super) row: usize,
    /// For a container that shares a namespace: the box above it.
    pub(super) owner: Option<Rect>,
}

/// Gives every stand its height; returns the boxes and the bottom of the lowest.
pub(super) fn rows<'a>(
    plan: &Plan,
    machine: &'a Machine,
    containers: &SortedMap<&str, &'a Container>,
    top: f64,
    m: &Metrics,
) -> (Vec<Placed<'a>>, f64) {
    let mut heights: Vec<f64> = Vec::new();
    let mut found: Vec<(&Stand, &'a Container)> = Vec::new();
    for stand in &plan.stands {
        let Some(container) = containers.get(stand.container.as_str()).copied() else {
            continue;
        };
        let shared: f64 = columns::sharers(machine, &container.id)
            .map(|c| boxes::height(c, m) + SHARED_GAP)
            .sum();
        let h = boxes::height(container, m) + shared;
        if heights.len() <= stand.row {
            heights.resize(stand.row + 1, 0.0);
        }
        if let Some(most) = heights.get_mut(stand.row) {
            *most = most.max(h);
        }
        found.push((stand, container));
    }
    let mut tops = Vec::with_capacity(heights.len());
    let mut y = top;
    for h in &heights {
        tops.push(y);
        y += h + ROW_GAP;
    }
    let mut out = Vec::with_capacity(found.len());
    for (stand, container) in found {
        let y = tops.get(stand.row).copied().unwrap_or(top);
        let h = boxes::height(container, m);
        let area = rect(stand.x, y, plan.column, h);
        out.push(Placed {
            container,
            area,
            row: stand.row,
            owner: None,
        });
        let mut owner = area;
        let mut below = y + h + SHARED_GAP;
        for sharer in columns::sharers(machine, &container.id) {
            let h = boxes::height(sharer, m);
            let area = rect(stand.x + 8.0, below, plan.column - 16.0, h);
            out.push(Placed {
                container: sharer,
                area,
                row: stand.row,
                owner: Some(owner),
            });
            owner = area;
            below += h + SHARED_GAP;
        }
    }
    // An empty machine has room for the words that say so, except in low windows, which leave them out.
    let least = match machine.containers.as_slice() {
        [] if !m.aside => m.head + m.row + m.foot + m.pick(24.0, 44.0),
        _ => m.head + m.row + m.foot,
    };
    let bottom = if heights.is_empty() {
        top + least
    } else {
        y - ROW_GAP
    };
    (out, bottom)
}
