//! What is drawn on the stage and where: the layout's result.

use sorted::SortedMap;

use lab::view::MachineKind;

use super::geometry::{Point, Rect};

/// How much of each thing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Level {
    /// Mark and name; networks are cards.
    Chips,
    /// Name and addresses.
    Compact,
    /// Everything.
    #[default]
    Standard,
}

/// A network's hue and mark, by the number it was given at creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark(pub(crate) u32);

impl Mark {
    /// The class that sets the hue.
    pub(crate) fn hue(self) -> &'static str {
        match self.0 % 6 {
            0 => "n1",
            1 => "n2",
            2 => "n3",
            3 => "n4",
            4 => "n5",
            _ => "n6",
        }
    }

    /// Whether the mark is drawn as an outline: from the seventh network on.
    pub(crate) fn hollow(self) -> bool {
        self.0 >= 6
    }
}

/// The whole stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scene {
    pub(crate) level: Level,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) outside: Vec<OutsideBox>,
    pub(crate) lans: Vec<LanBox>,
    pub(crate) hosts: Vec<HostBox>,
    pub(crate) wires: Vec<Wire>,
    /// Where each place is, for paths, badges and focus.
    pub(crate) spots: SortedMap<String, Spot>,
}

/// A line that is always there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wire {
    /// Its corners.
    pub(crate) points: Vec<Point>,
    /// The network it belongs to (a veth), or none (routing inside a machine, a cable).
    pub(crate) mark: Option<Mark>,
    /// The network's place id, for dimming.
    pub(crate) network: Option<String>,
}

/// A machine outside: one box.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutsideBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) kind: MachineKind,
    pub(crate) name: String,
    pub(crate) note: String,
    pub(crate) online: bool,
}

/// A LAN capsule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LanBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) label: String,
}

/// A machine that runs Docker.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct HostBox {
    pub(crate) id: String,
    pub(crate) machine: String,
    pub(crate) rect: Rect,
    pub(crate) note: String,
    pub(crate) online: bool,
    pub(crate) root: Rect,
    pub(crate) gate: Rect,
    pub(crate) divider: f64,
    pub(crate) hooks: Vec<HookBox>,
    pub(crate) local: Option<LocalBox>,
    pub(crate) ports: Vec<PortBox>,
    pub(crate) lanes: Vec<LaneBox>,
    pub(crate) containers: Vec<ContainerBox>,
    /// Where a hint stands while there are no containers.
    pub(crate) empty: Option<Rect>,
}

/// The processes of a root namespace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LocalBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
}

/// A station of the root namespace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HookBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) name: String,
    pub(crate) tables: String,
}

/// A tab at a machine's edge: a physical interface or a published port.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PortBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) kind: PortKind,
}

/// What a tab stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortKind {
    Interface,
    Published,
    Loopback,
}

/// A network: its bar, and the lane below it that a container can be dropped on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LaneBox {
    /// The network's place id.
    pub(crate) id: String,
    pub(crate) mark: Mark,
    pub(crate) bar: Rect,
    pub(crate) area: Rect,
    pub(crate) name: String,
    pub(crate) full_name: String,
    pub(crate) note: String,
    pub(crate) line: String,
    pub(crate) driver: String,
    pub(crate) subnet: String,
    pub(crate) gateway: String,
    pub(crate) members: usize,
    /// x of the line from the routing bus into the bar.
    pub(crate) drop_x: f64,
}

/// A container.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ContainerBox {
    pub(crate) id: String,
    pub(crate) machine: String,
    pub(crate) rect: Rect,
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) rows: Vec<InterfaceRow>,
    pub(crate) activity: String,
    pub(crate) running: bool,
    pub(crate) resolver: Option<Rect>,
    /// Place ids of the networks it is on, for the filter.
    pub(crate) networks: Vec<String>,
    /// What a screen reader says.
    pub(crate) spoken: String,
}

/// One interface of a container.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InterfaceRow {
    pub(crate) network: String,
    pub(crate) mark: Mark,
    pub(crate) name: String,
    pub(crate) address: String,
    /// x of its nub on the container's top edge, if one is drawn.
    pub(crate) nub: Option<f64>,
}

/// Where a place is and how packets get in and out of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spot {
    pub(crate) rect: Rect,
    pub(crate) kind: SpotKind,
}

/// The kinds of places, as far as paths differ.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SpotKind {
    Machine,
    Lan,
    /// An interface's tab; routing lines inside the machine leave from its bottom.
    Port,
    Published,
    /// A hook: its name and the heights of the channels above and below the row.
    Hook {
        name: String,
        above: f64,
        bus: f64,
    },
    Local,
    /// A bar: the height of its rail, where its gateway line stands and at which height the bus runs.
    Network {
        rail: f64,
        drop_x: f64,
        bus: f64,
    },
    /// A container: per network the corners from the bar's rail to its nub.
    Container {
        veths: Vec<(String, Vec<Point>)>,
    },
    Resolver,
}
