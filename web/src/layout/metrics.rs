//! The measures of the two drawn-out levels.

use super::scene::Level;

/// Sizes in stage units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Metrics {
    pub(crate) level: Level,
    /// Gap between a machine's edge and the stage's edge.
    pub(crate) margin: f64,
    /// Gap between a machine's edge and its root namespace.
    pub(crate) pad: f64,
    /// Width of an outside machine.
    pub(crate) outside_w: f64,
    pub(crate) outside_h: f64,
    pub(crate) lan_h: f64,
    /// Gap above and below the LAN.
    pub(crate) lan_gap: f64,
    pub(crate) port_w: f64,
    pub(crate) port_h: f64,
    /// Room above the hook row for callouts.
    pub(crate) callout: f64,
    /// Widths of PREROUTING, ROUTE, FORWARD, POSTROUTING, INPUT, OUTPUT.
    pub(crate) hooks: [f64; 6],
    /// Gap between hooks that a wire joins.
    pub(crate) hook_gap: f64,
    pub(crate) hook_h: f64,
    pub(crate) bar_h: f64,
    /// Smallest width of a container; grows with its addresses.
    pub(crate) column: f64,
    pub(crate) gutter: f64,
    /// Height of a container's head, of an interface row and of its activity line.
    pub(crate) head: f64,
    pub(crate) row: f64,
    pub(crate) foot: f64,
    /// More room between the ranks, on a canvas that is taller than the stage.
    pub(crate) air: f64,
    /// Whether packets are wrapped on the stage: then a callout has room below the tunnels.
    pub(crate) tunnels: bool,
    /// Whether bars are as narrow as they can be.
    pub(crate) tight: bool,
    /// Whether ranks stand as close as they can: callouts then have no room of their own.
    pub(crate) flat: bool,
    /// Whether outside machines stand beside the machine instead of above it, which is only drawn for a single one.
    pub(crate) aside: bool,
}

/// Length of a cable to a LAN that stands upright.
pub(crate) const CABLE: f64 = 12.0;

/// Everything shown.
pub(crate) const STANDARD: Metrics = Metrics {
    level: Level::Standard,
    margin: 16.0,
    pad: 12.0,
    outside_w: 160.0,
    outside_h: 48.0,
    lan_h: 18.0,
    lan_gap: 22.0,
    port_w: 160.0,
    port_h: 36.0,
    callout: 52.0,
    hooks: [120.0, 60.0, 120.0, 120.0, 62.0, 62.0],
    hook_gap: 20.0,
    hook_h: 42.0,
    bar_h: 44.0,
    column: 164.0,
    gutter: 16.0,
    head: 28.0,
    row: 18.0,
    foot: 28.0,
    air: 0.0,
    tunnels: false,
    tight: false,
    flat: false,
    aside: false,
};

/// Names and addresses.
pub(crate) const COMPACT: Metrics = Metrics {
    level: Level::Compact,
    margin: 6.0,
    pad: 8.0,
    outside_w: 140.0,
    outside_h: 44.0,
    lan_h: 16.0,
    lan_gap: 14.0,
    port_w: 132.0,
    port_h: 36.0,
    callout: 56.0,
    hooks: [52.0, 56.0, 52.0, 56.0, 40.0, 40.0],
    hook_gap: 12.0,
    hook_h: 30.0,
    bar_h: 42.0,
    column: 110.0,
    gutter: 12.0,
    head: 22.0,
    row: 16.0,
    foot: 8.0,
    air: 0.0,
    tunnels: false,
    tight: false,
    flat: false,
    aside: false,
};

impl Metrics {
    /// One of two measures, by the level.
    pub(crate) fn pick(&self, standard: f64, compact: f64) -> f64 {
        if self.level == Level::Standard {
            standard
        } else {
            compact
        }
    }

    /// Width of the hook row, its own padding included.
    pub(crate) fn gate_w(&self) -> f64 {
        self.hooks.iter().sum::<f64>()
            + self.hook_gap * 3.0
            + self.split()
            + 8.0
            + self.gate_pad() * 2.0
    }

    /// The gap with the divider between forwarding and local hooks.
    pub(crate) fn split(&self) -> f64 {
        self.pick(40.0, 14.0)
    }

    /// Padding inside the hook row.
    pub(crate) fn gate_pad(&self) -> f64 {
        self.pick(16.0, 8.0)
    }

    /// Room above the hook row, of which the processes take the lower part.
    pub(crate) fn callout_gap(&self) -> f64 {
        if self.flat { 44.0 } else { self.callout }
    }

    /// Room between the bars and the containers, without the tracks of veths that run along it.
    pub(crate) fn floor_gap(&self) -> f64 {
        let callout = if self.tunnels && !self.flat {
            self.pick(38.0, 52.0)
        } else {
            0.0
        };
        let veths = if self.aside {
            26.0
        } else {
            self.pick(46.0, 34.0)
        };
        veths + callout + self.air
    }

    /// Where the tabs at a machine's edge begin: below the outside machines and their LAN, if these are above it.
    pub(crate) fn edge(&self) -> f64 {
        if self.aside {
            6.0
        } else {
            14.0 + self.outside_h + self.lan_gap + self.air + self.lan_h + 8.0
        }
    }

    /// Width of the outside machines beside the machine, with their LAN.
    pub(crate) fn beside(&self) -> f64 {
        if self.aside {
            self.outside_w + 2.0 * CABLE + self.lan_h
        } else {
            0.0
        }
    }

    /// The widest a container may be stretched to.
    pub(crate) fn widest(&self) -> f64 {
        self.column + self.pick(84.0, 60.0)
    }
}
