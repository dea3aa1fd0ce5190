//! A machine that runs Docker: its edge, its root namespace, its networks and containers.

use sorted::SortedMap;

use lab::view::{Container, Machine, Network};

use super::boxes;
use super::cables;
use super::columns::{self, Facing, Lane};
use super::floor::{self, Placed, Plan, Spacing};
use super::geometry::{Point, Rect, pt, rect};
use super::label::{Style, label};
use super::memory::Memory;
use super::metrics::Metrics;
use super::scene::{HostBox, Level, Mark, Scene, SpotKind, Wire};
use super::veths::{self, Tracks, Veth};
use super::words::needed_width;
use crate::messages::{self, said::plainly};

/// One machine being laid out.
pub(super) struct Host<'a> {
    pub(super) machine: &'a Machine,
    pub(super) m: &'a Metrics,
    natural: Spacing,
    lanes: Vec<Lane>,
    pub(super) networks: SortedMap<&'a str, &'a Network>,
    containers: SortedMap<&'a str, &'a Container>,
    /// How many containers each network has.
    pub(super) members: SortedMap<&'a str, usize>,
    /// Published ports drawn as tabs; further ones are counted.
    pub(super) most_ports: usize,
}

/// Tabs of published ports, at most.
const MOST_PORTS: usize = 4;

/// A wire of no network.
pub(super) fn wire(points: Vec<Point>) -> Wire {
    Wire {
        points,
        ..Wire::default()
    }
}

impl<'a> Host<'a> {
    pub(super) fn new(
        machine: &'a Machine,
        memory: &mut Memory,
        m: &'a Metrics,
        most_columns: usize,
        facing: Facing,
    ) -> Self {
        let widest = machine
            .containers
            .iter()
            .map(|c| needed_width(c, m))
            .fold(m.column, f64::max);
        let mut members: SortedMap<&str, usize> = SortedMap::new();
        for network in machine.containers.iter().flat_map(|c| &c.networks) {
            *members.entry(network).or_default() += 1;
        }
        Self {
            machine,
            m,
            natural: Spacing {
                column: widest.min(m.column + 66.0),
                gutter: m.gutter,
            },
            lanes: columns::lanes(machine, memory, most_columns, facing),
            networks: machine
                .networks
                .iter()
                .map(|n| (n.id.as_str(), n))
                .collect(),
            containers: machine
                .containers
                .iter()
                .map(|c| (c.id.as_str(), &**c))
                .collect(),
            members,
            // Where columns have to be few, so have tabs.
            most_ports: most_columns.min(MOST_PORTS),
        }
    }

    /// How much wider than its contents the box is.
    fn frame(&self) -> f64 {
        2.0 * (self.m.pad + 8.0)
    }

    /// The width it takes by itself.
    pub(super) fn natural_width(&self) -> f64 {
        let plan = floor::plan(&self.lanes, &self.networks, 0.0, self.m, self.natural);
        self.least_inner(&plan) + self.frame()
    }

    fn least_inner(&self, plan: &Plan) -> f64 {
        let beside = self.past_root(plan);
        plan.right
            .max(self.m.gate_w() + 8.0 + beside)
            .max(self.ports_width() + beside)
    }

    /// Width of the lanes that lie beside the root namespace, relative to the floor's beginning.
    fn past_root(&self, plan: &Plan) -> f64 {
        let inside = plan.stretches.iter().find(|s| !self.is_past(&s.network));
        let outside = plan.stretches.iter().any(|s| self.is_past(&s.network));
        match (outside, inside) {
            (true, Some(first)) => first.x - 8.0,
            (true, None) => plan.right + self.m.gutter,
            (false, _) => 0.0,
        }
    }

    fn is_past(&self, network: &str) -> bool {
        self.networks
            .get(network)
            .is_some_and(|n| columns::past_root(n))
    }

    /// Puts everything into the scene; the box is to be `width` wide if its contents can be stretched so far.
    pub(super) fn build(&self, scene: &mut Scene, x: f64, edge: f64, width: f64) -> HostBox {
        let m = self.m;
        let left = x + m.pad + 8.0;
        let wished = width - self.frame();
        let plan = floor::spread(&self.lanes, &self.networks, 0.0, m, self.natural, wished);
        let inner = self.least_inner(&plan).max(wished);
        // What is narrower than its machine stands in the middle of it.
        let slack = if self.past_root(&plan) > 0.0 {
            0.0
        } else {
            ((inner - plan.right) / 2.0).clamp(0.0, 400.0)
        };
        let plan = plan.moved(left + slack);
        let top = edge + m.port_h / 2.0;
        // Tabs of the loopback hang in the gap.
        let hanging = self.machine.published.iter().any(|p| p.loopback);
        let gap = if m.aside && !hanging {
            8.0
        } else {
            m.pick(34.0, 24.0)
        };
        let root_y = top + m.port_h / 2.0 + gap;
        let inside: Vec<&Container> = self
            .machine
            .containers
            .iter()
            .filter(|c| columns::in_root(self.machine, c))
            .map(|c| &**c)
            .collect();
        let beside = if self.past_root(&plan) > 0.0 {
            self.past_root(&plan) - left
        } else {
            0.0
        };
        let root_x = left + beside - 8.0;
        let root_w = inner + 16.0 - beside;
        // Callouts use the room beside the containers of the root namespace.
        let shelf = self.shelf_height(inside.len(), root_w - 24.0);
        let gate_y = root_y + m.callout_gap().max(shelf) + m.air;
        let gate_h = m.hook_h + 16.0;
        let bus = gate_y + gate_h + m.pick(22.0, 14.0);
        let bar_y = bus + m.pick(26.0, 22.0);
        let mut host = HostBox {
            id: self.machine.id.clone(),
            machine: self.machine.name.clone(),
            spoken: messages::machine_spoken(&self.machine.name, &plainly(&self.machine.note)),
            online: self.machine.online,
            empty: self.machine.containers.is_empty(),
            root: Some(rect(
                root_x,
                root_y,
                root_w,
                bar_y + m.bar_h + 10.0 - root_y,
            )),
            gate: rect(root_x + 12.0, gate_y, root_w - 24.0, gate_h),
            ..HostBox::default()
        };
        host.rect = rect(x, top, inner + self.frame(), 0.0);
        self.ports(scene, &mut host, edge, root_x);
        self.notch(&mut host, &plan, bar_y);
        let bottom = self.floor(scene, &mut host, &plan, bar_y, bus);
        host.rect.h = bottom + 10.0 - top;
        self.hooks(scene, &mut host, bus);
        self.shelf(scene, &mut host, &inside, root_y);
        self.titles(&mut host, root_y);
        let plug = Some(pt(host.rect.cx(), host.rect.bottom()));
        scene.spot(&host.id, host.rect, SpotKind::Machine { plug });
        host
    }

    /// The namespaces of overlay networks, which the root namespace leaves room for at its lower edge.
    fn notch(&self, host: &mut HostBox, plan: &Plan, bar_y: f64) {
        let Some(root) = host.root else { return };
        let over = |id: &str| self.networks.get(id).is_some_and(|n| columns::tunnelled(n));
        let around = |x: f64, w: f64| rect(x - 8.0, bar_y - 9.0, w + 16.0, self.m.bar_h + 18.0);
        let stretches = plan.stretches.iter().filter(|s| over(&s.network));
        host.spaces = stretches.map(|s| around(s.x, s.w)).collect();
        let all = host.spaces.iter().copied().reduce(|a, b| a.around(&b));
        host.notch = all.map(|all| {
            let left = plan
                .stretches
                .iter()
                .all(|s| s.x >= all.x || over(&s.network) || self.is_past(&s.network));
            let (from, to) = if left {
                (root.x, all.right() + 6.0)
            } else {
                (all.x - 6.0, root.right())
            };
            rect(from, all.y - 6.0, to - from, root.bottom() - all.y + 6.0)
        });
    }

    fn titles(&self, host: &mut HostBox, root_y: f64) {
        let standard = self.m.level == Level::Standard;
        let right = host.rect.right() - 16.0;
        let root = host.root.map_or(right, |r| r.right() - 12.0);
        let zone = self.m.pick(19.0, 14.0);
        let title = if standard {
            messages::root_namespace()
        } else {
            messages::root_namespace_short()
        };
        host.labels.push(
            label(
                right,
                host.rect.y + self.m.pick(26.0, 20.0),
                Style::Name,
                Style::Name.fit(&self.machine.name, 240.0),
            )
            .end(),
        );
        host.labels
            .push(label(root, root_y + zone, Style::Zone, title).end());
        if standard {
            let note = Style::Note.fit(&plainly(&self.machine.note), 240.0);
            host.labels
                .push(label(right, host.rect.y + 42.0, Style::Note, note).end());
        }
    }

    /// Bars, veths and containers; returns the floor's bottom.
    fn floor(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        plan: &Plan,
        bar_y: f64,
        bus: f64,
    ) -> f64 {
        let m = self.m;
        let rail = bar_y + m.bar_h - 4.0;
        let bar_bottom = bar_y + m.bar_h;
        let mut tracks = Tracks::default();
        let mut wiring: SortedMap<&str, Vec<Veth>> = SortedMap::new();
        for stand in &plan.stands {
            if let Some(container) = self.containers.get(stand.container.as_str()).copied() {
                let list = veths::connect(container, stand.x, stand.row, plan, &mut tracks);
                wiring.insert(container.id.as_str(), list);
            }
        }
        let floor_y = bar_bottom + m.floor_gap() + tracks.extra();
        let (placed, bottom) = floor::rows(plan, self.machine, &self.containers, floor_y, m);
        self.bars(scene, host, plan, (bar_y, rail, bus), bottom);
        let first_veth = scene.wires.len();
        for p in &placed {
            let list = wiring
                .get(p.container.id.as_str())
                .map_or(&[][..], Vec::as_slice);
            self.stand(scene, host, p, list, (rail, bar_bottom));
        }
        if let Some(new) = scene.wires.get_mut(first_veth..) {
            veths::cross(new);
        }
        cables::draw(scene, host, self.machine);
        // Cables run below the lowest row.
        let cables = cables::count(self.machine) > 0;
        bottom + m.pick(22.0, if cables { 22.0 } else { 10.0 })
    }

    /// A container on the floor and the wires to it.
    fn stand(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        p: &Placed<'_>,
        list: &[Veth],
        (rail, bar_bottom): (f64, f64),
    ) {
        let mut nubs = Vec::new();
        let mut ways = Vec::new();
        for veth in list {
            let points = veth.points(rail, bar_bottom, p.row, p.area);
            let mark = Mark(
                self.networks
                    .get(veth.network.as_str())
                    .map_or(0, |n| n.mark),
            );
            scene.wires.push(Wire {
                points: points.clone(),
                mark: Some(mark),
                network: Some(veth.network.clone()),
                container: Some(p.container.id.clone()),
                hops: Vec::new(),
            });
            nubs.push((mark, veth.nub));
            ways.push((veth.network.clone(), points));
        }
        if let Some(owner) = p.owner {
            // One namespace: the boxes hang together.
            for x in [owner.cx() - 8.0, owner.cx() + 8.0] {
                scene
                    .wires
                    .push(wire(vec![pt(x, owner.bottom()), pt(x, p.area.y)]));
            }
        }
        self.put(scene, host, p.container, p.area, ways);
        if let Some(last) = host.containers.last_mut() {
            last.nubs = nubs;
        }
    }

    /// Puts a container's box into the scene.
    pub(super) fn put(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        container: &Container,
        area: Rect,
        veths: Vec<(String, Vec<Point>)>,
    ) {
        let made = boxes::container(container, &self.machine.name, area, &self.networks, self.m);
        if let Some(pill) = made.resolver {
            let id = container.id.replacen("container:", "resolver:", 1);
            scene.spot(&id, pill, SpotKind::Resolver);
        }
        scene.spot(&container.id, area, SpotKind::Container { veths });
        host.containers.push(made);
    }
}
