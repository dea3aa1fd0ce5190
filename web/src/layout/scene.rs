//! What is drawn on the stage and where: the layout's result.

use sorted::SortedMap;

use lab::view::{ContainerState, MachineKind};

use super::geometry::{Point, Rect, rect};
use super::label::Label;

/// Whether two place ids are of one network: that of a swarm has one on each machine.
pub(crate) fn same_network(a: &str, b: &str) -> bool {
    let bare = |id| -> &str { str::rsplit(id, '/').next().unwrap_or_default() };
    bare(a) == bare(b)
}

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
    pub(crate) tubes: Vec<Tube>,
    /// Where each place is, for paths, badges and focus.
    pub(crate) spots: SortedMap<String, Spot>,
}

impl Scene {
    /// Notes where a place is.
    pub(super) fn spot(&mut self, id: &str, rect: Rect, kind: SpotKind) {
        self.spots.insert(id.to_owned(), Spot { rect, kind });
    }

    /// The room for containers on the first machine, while there are none anywhere.
    pub(crate) fn vacancy(&self) -> Option<Rect> {
        let first = self.hosts.iter().find(|h| !h.machine.is_empty());
        let host = first.filter(|_| self.hosts.iter().all(|h| h.empty))?;
        let bars = host.lanes.iter().map(|l| l.area.bottom());
        let top = match host.root {
            Some(root) => root.bottom(),
            None => bars.fold(host.gate.bottom(), f64::max),
        };
        let r = host.rect;
        Some(rect(r.x, top, r.w, (r.bottom() - top).max(0.0)))
    }

    /// Every box that is better not covered.
    pub(crate) fn boxes(&self) -> impl Iterator<Item = Rect> {
        let hosts = self.hosts.iter().flat_map(|h| {
            let ports = h.ports.iter().map(|p| p.rect);
            let hooks = h.hooks.iter().map(|k| k.rect);
            let bars = h.lanes.iter().map(|l| l.bar);
            let containers = h.containers.iter().map(|c| c.rect);
            ports.chain(hooks).chain(bars).chain(containers)
        });
        self.outside.iter().map(|o| o.rect).chain(hosts)
    }

    /// Every text, with the box that it must not leave.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (&Label, Rect)> {
        let outside = self
            .outside
            .iter()
            .flat_map(|o| o.labels.iter().map(|l| (l, o.rect)));
        let lans = self.lans.iter().map(|l| (&l.label, l.home));
        let hosts = self.hosts.iter().flat_map(|h| {
            let own = h.labels.iter().map(|l| (l, h.rect));
            let hooks = h
                .hooks
                .iter()
                .flat_map(|k| k.labels.iter().map(|l| (l, k.rect)));
            let local = h.local.iter().map(|l| (&l.label, l.rect));
            let ports = h
                .ports
                .iter()
                .flat_map(|p| p.labels.iter().map(|l| (l, p.rect)));
            let lanes = h.lanes.iter().flat_map(|n| {
                let own = n.labels.iter().map(|l| (l, n.bar));
                own.chain(n.gateway.iter().map(|l| (l, h.rect)))
            });
            let containers = h
                .containers
                .iter()
                .flat_map(|c| c.labels.iter().map(|l| (l, c.rect)));
            own.chain(hooks)
                .chain(local)
                .chain(ports)
                .chain(lanes)
                .chain(containers)
        });
        let tubes = self.tubes.iter().flat_map(|t| &t.caption);
        outside
            .chain(tubes.map(|c| (&c.0, c.1)))
            .chain(lans)
            .chain(hosts)
            .filter(|(l, _)| !l.text.is_empty())
    }
}

/// A line that is always there.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Wire {
    /// Its corners.
    pub(crate) points: Vec<Point>,
    /// The network it belongs to (a veth), or none (routing inside a machine, a cable).
    pub(crate) mark: Option<Mark>,
    /// The network's place id, for dimming.
    pub(crate) network: Option<String>,
    /// The container at its end.
    pub(crate) container: Option<String>,
    /// Where it jumps over other lines.
    pub(crate) hops: Vec<Point>,
}

/// The tunnel that joins an overlay network's bars on two machines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tube {
    /// The network's place ids on both.
    pub(crate) ends: [String; 2],
    pub(crate) mark: Mark,
    /// From bar to bar; what lies between covers it.
    pub(crate) rect: Rect,
    /// What it is, between the machines, and the room for that.
    pub(crate) caption: Option<(Label, Rect)>,
}

/// A machine outside: one box.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutsideBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) kind: MachineKind,
    pub(crate) name: String,
    pub(crate) labels: Vec<Label>,
    pub(crate) spoken: String,
    pub(crate) online: bool,
}

/// A LAN capsule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LanBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    /// Where its caption stands.
    pub(crate) home: Rect,
    pub(crate) label: Label,
}

/// A machine that runs Docker.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct HostBox {
    pub(crate) id: String,
    pub(crate) machine: String,
    pub(crate) rect: Rect,
    pub(crate) labels: Vec<Label>,
    pub(crate) spoken: String,
    pub(crate) online: bool,
    /// The root namespace; not drawn between cards.
    pub(crate) root: Option<Rect>,
    /// Where its lower edge leaves room for the namespaces of overlay networks.
    pub(crate) notch: Option<Rect>,
    /// Those namespaces, each around its network's bar.
    pub(crate) spaces: Vec<Rect>,
    /// The frame around the hooks.
    pub(crate) gate: Rect,
    /// x of the line between forwarding and local hooks.
    pub(crate) divider: Option<f64>,
    pub(crate) hooks: Vec<HookBox>,
    pub(crate) local: Option<LocalBox>,
    pub(crate) ports: Vec<PortBox>,
    pub(crate) lanes: Vec<LaneBox>,
    pub(crate) containers: Vec<ContainerBox>,
    /// Whether it has no containers.
    pub(crate) empty: bool,
}

/// The processes of a root namespace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LocalBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) label: Label,
}

/// A station of the root namespace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HookBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) labels: Vec<Label>,
    pub(crate) spoken: String,
}

/// A tab at a machine's edge: a physical interface or a published port.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PortBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) labels: Vec<Label>,
    pub(crate) spoken: String,
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
    pub(crate) labels: Vec<Label>,
    /// Its gateway's address, above the bar.
    pub(crate) gateway: Option<Label>,
    pub(crate) spoken: String,
    /// x of the line into the bar, from the routing bus or from the machine's interface.
    pub(crate) drop_x: f64,
    /// Whether there is such a line: none leads into an overlay network's namespace.
    pub(crate) fed: bool,
    /// Left top corner of its mark.
    pub(crate) sign: Point,
}

/// A container.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ContainerBox {
    pub(crate) id: String,
    pub(crate) machine: String,
    pub(crate) name: String,
    pub(crate) rect: Rect,
    pub(crate) labels: Vec<Label>,
    /// Its networks' marks, with their left top corners, in the order of its interfaces.
    pub(crate) signs: Vec<(Mark, Point)>,
    /// x of its nubs on the top edge.
    pub(crate) nubs: Vec<(Mark, f64)>,
    pub(crate) state: ContainerState,
    pub(crate) resolver: Option<Rect>,
    /// Place ids of the networks it is on, with their marks.
    pub(crate) networks: Vec<(String, Mark)>,
    /// What a screen reader says.
    pub(crate) spoken: String,
}

impl ContainerBox {
    /// Whether it is on a network.
    pub(crate) fn is_on(&self, network: &str) -> bool {
        self.networks.iter().any(|n| same_network(&n.0, network))
    }
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
    /// A machine; where its cable to the LAN is plugged in, if it has one.
    Machine {
        plug: Option<Point>,
    },
    Lan,
    /// An interface's tab; x of the line that leaves its bottom for the hooks.
    Port {
        x: f64,
    },
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
        /// For a network on a physical interface: the corners from the interface's tab to the bar.
        feed: Vec<Point>,
    },
    /// A container: per network the corners from the bar's rail to its nub.
    Container {
        veths: Vec<(String, Vec<Point>)>,
    },
    Resolver,
}
