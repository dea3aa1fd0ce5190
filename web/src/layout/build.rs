//! Places everything at the levels where networks are bars and containers hang below them.

use sorted::SortedMap;

use lab::view::{Container, ContainerState, Machine, MachineKind, Network, Topology};

use super::columns::{self, Lane};
use super::geometry::{Point, Rect, pt, rect};
use super::memory::Memory;
use super::metrics::Metrics;
use super::scene::{
    ContainerBox, HostBox, InterfaceRow, LanBox, LaneBox, Level, Mark, OutsideBox, PortKind, Scene,
    Spot, SpotKind, Wire,
};
use super::text;
use super::words::{needed_width, spoken};

/// Lays a topology out.
pub(crate) fn scene(
    topology: &Topology,
    memory: &mut Memory,
    m: &Metrics,
    columns: usize,
) -> Scene {
    let mut scene = Scene {
        level: m.level,
        ..Scene::default()
    };
    let edge = 14.0 + m.outside_h + m.lan_gap + m.lan_h + 8.0;
    let mut x = m.margin;
    let docker: Vec<&Machine> = topology
        .machines
        .iter()
        .filter(|k| k.kind == MachineKind::Docker)
        .collect();
    for machine in &docker {
        let host = Host::new(machine, m).build(&mut scene, memory, x, edge, columns);
        x = host.rect.right()
            + if m.level == Level::Standard {
                100.0
            } else {
                60.0
            };
        scene.hosts.push(host);
    }
    let tallest = scene
        .hosts
        .iter()
        .map(|h| h.rect.bottom())
        .fold(edge, f64::max);
    for host in &mut scene.hosts {
        host.rect.h = tallest - host.rect.y;
    }
    let right = scene
        .hosts
        .last()
        .map_or(m.margin + 400.0, |h| h.rect.right());
    outside(topology, &mut scene, m, right);
    let right = scene
        .outside
        .last()
        .map_or(right, |o| o.rect.right().max(right));
    scene.width = right + m.margin;
    scene.height = tallest + 8.0;
    scene
}

/// Machines outside, the LAN, and their cables.
fn outside(topology: &Topology, scene: &mut Scene, m: &Metrics, right: f64) {
    let machines: Vec<&Machine> = topology
        .machines
        .iter()
        .filter(|k| k.kind != MachineKind::Docker)
        .collect();
    let left = scene.hosts.first().map_or(m.margin, |h| h.rect.x + 20.0);
    let lan_w = (right - 12.0 - left).max(120.0);
    let gap = if m.level == Level::Standard {
        16.0
    } else {
        10.0
    };
    let total = machines.len() as f64 * (m.outside_w + gap) - gap;
    // Outside machines stand at the right, so that the first port's wire runs free at the left.
    let mut x = (left + lan_w - total).max(m.margin);
    let lan_y = 14.0 + m.outside_h + m.lan_gap;
    for lan in &topology.lans {
        let area = rect(left, lan_y, lan_w.max(total), m.lan_h);
        let label = format!("{} {}", lan.name, lan.subnet).trim().to_owned();
        scene.spots.insert(
            lan.id.clone(),
            Spot {
                rect: area,
                kind: SpotKind::Lan,
            },
        );
        scene.lans.push(LanBox {
            id: lan.id.clone(),
            rect: area,
            label,
        });
    }
    let mut previous: Option<Rect> = None;
    for machine in machines {
        let area = rect(x, 14.0, m.outside_w, m.outside_h);
        let address = machine.interfaces.iter().find_map(|i| i.addresses.first());
        let address = address.map(|a| a.split('/').next().unwrap_or_default().to_owned());
        // An address says more than a role, unless the note holds one itself.
        let telling = machine.note.chars().any(|c| c.is_ascii_digit());
        let note = address
            .filter(|_| !telling)
            .unwrap_or_else(|| machine.note.clone());
        let plugged = machine.interfaces.iter().any(|i| i.lan.is_some());
        if plugged {
            scene.wires.push(wire(
                vec![pt(area.cx(), area.bottom()), pt(area.cx(), lan_y)],
                None,
            ));
        } else if let Some(p) = previous {
            scene.wires.push(wire(
                vec![pt(p.right(), p.cy()), pt(area.x, area.cy())],
                None,
            ));
        }
        scene.spots.insert(
            machine.id.clone(),
            Spot {
                rect: area,
                kind: SpotKind::Machine,
            },
        );
        scene.outside.push(OutsideBox {
            id: machine.id.clone(),
            rect: area,
            kind: machine.kind,
            name: text::fit_mono(&machine.name, 13.0, m.outside_w - 46.0),
            note: text::fit_mono(&note, 11.5, m.outside_w - 46.0),
            online: machine.online,
        });
        previous = Some(area);
        x += m.outside_w + gap;
    }
    for host in &scene.hosts {
        for port in host.ports.iter().filter(|p| p.kind == PortKind::Interface) {
            let at = port.rect.cx();
            scene.wires.push(wire(
                vec![pt(at, lan_y + m.lan_h), pt(at, port.rect.y)],
                None,
            ));
        }
    }
}

/// Makes a wire; of a network if it is a veth.
pub(super) fn wire(points: Vec<Point>, network: Option<(&str, Mark)>) -> Wire {
    Wire {
        points,
        mark: network.map(|n| n.1),
        network: network.map(|n| n.0.to_owned()),
    }
}

/// One machine being laid out.
pub(super) struct Host<'a> {
    pub(super) machine: &'a Machine,
    pub(super) m: &'a Metrics,
    /// Width of its containers, all the same.
    column: f64,
    networks: SortedMap<&'a str, &'a Network>,
    containers: SortedMap<&'a str, &'a Container>,
}

impl<'a> Host<'a> {
    fn new(machine: &'a Machine, m: &'a Metrics) -> Self {
        let widest = machine
            .containers
            .iter()
            .map(|c| needed_width(c, m))
            .fold(m.column, f64::max);
        Self {
            machine,
            m,
            column: widest.min(m.column + 66.0),
            networks: machine
                .networks
                .iter()
                .map(|n| (n.id.as_str(), n))
                .collect(),
            containers: machine
                .containers
                .iter()
                .map(|c| (c.id.as_str(), c))
                .collect(),
        }
    }

    fn build(
        &self,
        scene: &mut Scene,
        memory: &mut Memory,
        x: f64,
        edge: f64,
        columns: usize,
    ) -> HostBox {
        let m = self.m;
        let top = edge + m.port_h / 2.0;
        let root_y = top
            + m.port_h / 2.0
            + if m.level == Level::Standard {
                34.0
            } else {
                24.0
            };
        let inside: Vec<&Container> = self
            .machine
            .containers
            .iter()
            .filter(|c| !columns::on_the_floor(c))
            .collect();
        let shelf = if inside.is_empty() { 0.0 } else { 54.0 };
        let gate_y = root_y + m.callout + shelf;
        let gate_h = m.hook_h + 16.0;
        let bus = gate_y
            + gate_h
            + if m.level == Level::Standard {
                22.0
            } else {
                14.0
            };
        let bar_y = bus
            + if m.level == Level::Standard {
                26.0
            } else {
                22.0
            };
        let left = x + m.pad + 8.0;
        let mut host = HostBox {
            id: self.machine.id.clone(),
            machine: self.machine.name.clone(),
            note: self.machine.note.clone(),
            online: self.machine.online,
            ..HostBox::default()
        };
        let lanes = columns::lanes(self.machine, memory, columns);
        let (right, bottom) = self.floor(scene, &mut host, &lanes, left, bar_y, bus);
        let inner = (right - left).max(m.gate_w() + 8.0).max(self.ports_width());
        host.root = rect(
            x + m.pad,
            root_y,
            inner + 16.0,
            bar_y + m.bar_h + 10.0 - root_y,
        );
        host.rect = rect(x, top, inner + 16.0 + m.pad * 2.0, bottom + 10.0 - top);
        host.gate = rect(left + 4.0, gate_y, inner - 8.0, gate_h);
        if self.machine.containers.is_empty() {
            host.empty = Some(rect(
                left,
                bar_y + m.bar_h + 14.0,
                inner,
                bottom - bar_y - m.bar_h - 14.0,
            ));
        }
        self.ports(scene, &mut host, edge);
        self.hooks(scene, &mut host, bus);
        self.shelf(scene, &mut host, &inside, root_y);
        scene.spots.insert(
            host.id.clone(),
            Spot {
                rect: host.rect,
                kind: SpotKind::Machine,
            },
        );
        host
    }

    /// Bars and the containers below them; returns the right edge and the bottom.
    fn floor(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        lanes: &[Lane],
        left: f64,
        bar_y: f64,
        bus: f64,
    ) -> (f64, f64) {
        let m = self.m;
        let half = self.column / 2.0;
        let rail = bar_y + m.bar_h - 4.0;
        let floor_y = bar_y
            + m.bar_h
            + if m.level == Level::Standard {
                46.0
            } else {
                34.0
            };
        let mut x = left;
        let mut bottom = floor_y + self.height(None);
        // The border column shared with the lane before, if any.
        let mut open: Option<f64> = None;
        let mut placed: Vec<(String, Rect, Option<f64>)> = Vec::new();
        let mut last_drop: f64 = f64::NEG_INFINITY;
        for lane in lanes {
            let bar_x = open.map_or(x, |border| border + half + 8.0);
            let need = lane
                .network
                .as_deref()
                .and_then(|id| self.networks.get(id))
                .map_or(0.0, |n| self.bar_need(n));
            let mut own = lane.columns.len() as f64 * (self.column + m.gutter);
            let tail = if lane.border.is_some() {
                half - 8.0
            } else {
                -m.gutter
            };
            let width = x + own + tail - bar_x;
            if width < need {
                own += need - width;
            }
            for (i, column) in lane.columns.iter().enumerate() {
                let cx = x + i as f64 * (self.column + m.gutter);
                bottom = bottom.max(self.stack(&column.rows, cx, floor_y, &mut placed));
            }
            x += own;
            let mut bar_right = x - m.gutter;
            let border = lane.border.as_ref().map(|column| {
                bottom = bottom.max(self.stack(&column.rows, x, floor_y, &mut placed));
                bar_right = x + half - 8.0;
                let at = x;
                x += self.column + m.gutter;
                at
            });
            if let Some(network) = lane.network.as_deref().and_then(|id| self.networks.get(id)) {
                let bar = rect(bar_x, bar_y, bar_right - bar_x, m.bar_h);
                last_drop = bar.x + 16.0;
                let boxed = self.lane(network, bar);
                scene.spots.insert(
                    network.id.clone(),
                    Spot {
                        rect: bar,
                        kind: SpotKind::Network {
                            rail,
                            drop_x: boxed.drop_x,
                            bus,
                        },
                    },
                );
                host.lanes.push(boxed);
            }
            open = border;
        }
        let bars: SortedMap<String, Rect> =
            host.lanes.iter().map(|l| (l.id.clone(), l.bar)).collect();
        let mut tracks = 0.0;
        for (id, area, trunk) in placed {
            if let Some(container) = self.containers.get(id.as_str()) {
                self.container(
                    scene,
                    host,
                    container,
                    area,
                    &bars,
                    rail,
                    trunk,
                    &mut tracks,
                );
            }
        }
        for lane in &mut host.lanes {
            lane.area = rect(
                lane.bar.x - 4.0,
                bar_y - 4.0,
                lane.bar.w + 8.0,
                bottom - bar_y
                    + 4.0
                    + if m.level == Level::Standard {
                        26.0
                    } else {
                        12.0
                    },
            );
        }
        if let Some(first) = host.lanes.first() {
            let from = first.drop_x;
            scene.wires.push(wire(
                vec![pt(from, bus), pt(last_drop.max(from), bus)],
                None,
            ));
        }
        for lane in &host.lanes {
            scene.wires.push(wire(
                vec![pt(lane.drop_x, bus), pt(lane.drop_x, bar_y)],
                None,
            ));
        }
        let room = if m.level == Level::Standard {
            32.0
        } else {
            18.0
        };
        (x - m.gutter, bottom + room - 10.0)
    }

    /// Stacks a column's containers; returns its bottom. The third value is the trunk's x for later rows.
    fn stack(
        &self,
        rows: &[Option<String>],
        x: f64,
        y: f64,
        out: &mut Vec<(String, Rect, Option<f64>)>,
    ) -> f64 {
        let mut at = y;
        for (i, slot) in rows.iter().enumerate() {
            let container = slot
                .as_deref()
                .and_then(|id| self.containers.get(id))
                .copied();
            let h = self.height(container);
            if let Some(container) = container {
                let trunk = (i > 0).then_some(x - self.m.gutter / 2.0);
                out.push((container.id.clone(), rect(x, at, self.column, h), trunk));
            }
            at += h + 30.0;
        }
        if rows.is_empty() { y } else { at - 30.0 }
    }

    fn height(&self, container: Option<&Container>) -> f64 {
        let m = self.m;
        let rows = container.map_or(1, |c| c.networks.len().max(c.interfaces.len()).max(1));
        m.head + rows as f64 * m.row + m.foot
    }

    /// The least width that shows a network's name and subnet.
    fn bar_need(&self, network: &Network) -> f64 {
        let name = text::mono(&text::shorten(&network.name, 24), 13.0);
        let subnet = text::mono(&network.subnet, 11.5);
        (47.0 + name + 10.0)
            .max(30.0 + subnet + 12.0)
            .max(self.m.column)
    }

    fn lane(&self, network: &Network, bar: Rect) -> LaneBox {
        let room = bar.w - 57.0;
        let name = text::fit_mono(&text::shorten(&network.name, 24), 13.0, room);
        let left = room - text::mono(&name, 13.0) - 8.0;
        let both = format!("{} {}", network.interface, network.subnet);
        let wide = text::mono(&both, 11.5) <= bar.w - 40.0 && self.m.level == Level::Standard;
        let mut notes = [network.driver.as_str(), network.interface.as_str()];
        if !wide {
            notes.reverse();
        }
        let note = notes
            .into_iter()
            .find(|n| !n.is_empty() && text::sans(n, 11.5) <= left)
            .unwrap_or_default();
        LaneBox {
            id: network.id.clone(),
            mark: Mark(network.mark),
            bar,
            area: bar,
            name,
            full_name: network.name.clone(),
            note: note.to_owned(),
            line: if wide { both } else { network.subnet.clone() },
            driver: network.driver.clone(),
            subnet: network.subnet.clone(),
            gateway: network.gateway.clone(),
            members: self
                .machine
                .containers
                .iter()
                .filter(|c| c.networks.contains(&network.id))
                .count(),
            drop_x: bar.x + 16.0,
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one container's surroundings, used once"
    )]
    fn container(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        container: &Container,
        area: Rect,
        bars: &SortedMap<String, Rect>,
        rail: f64,
        trunk: Option<f64>,
        tracks: &mut f64,
    ) {
        let mut rows = self.rows(container);
        let mut veths = Vec::new();
        let count = rows.len().max(1) as f64;
        for (i, row) in rows.iter_mut().enumerate() {
            let Some(bar) = bars.get(&row.network) else {
                continue;
            };
            let share = if count > 1.0 {
                0.22 + 0.56 * i as f64 / (count - 1.0)
            } else {
                0.46
            };
            let mut at = area.x + area.w * share;
            let reaches = |x: f64| x >= bar.x + 24.0 && x <= bar.right() - 8.0;
            // On a border the nubs stand under their own bars, whichever interface came first.
            if count > 1.0 && !reaches(at) {
                let mirrored = area.x + area.w * (1.0 - share);
                if reaches(mirrored) {
                    at = mirrored;
                }
            }
            let mut points =
                if let Some(trunk) = trunk.filter(|_| reaches(trunk.unwrap_or_default())) {
                    vec![
                        pt(trunk, rail),
                        pt(trunk, area.y - 14.0),
                        pt(at, area.y - 14.0),
                        pt(at, area.y),
                    ]
                } else if reaches(at) && trunk.is_none() {
                    vec![pt(at, rail), pt(at, area.y)]
                } else {
                    // Not below its bar: a track of its own in the gutter between bars and containers.
                    let from = if at < bar.x {
                        bar.x + 30.0 + *tracks * 6.0
                    } else {
                        bar.right() - 12.0 - *tracks * 6.0
                    };
                    let y = rail + 14.0 + *tracks * 8.0;
                    *tracks = (*tracks + 1.0) % 3.0;
                    let mut line = vec![pt(from, rail), pt(from, y)];
                    if let Some(trunk) = trunk {
                        line.extend([
                            pt(trunk, y),
                            pt(trunk, area.y - 14.0),
                            pt(at, area.y - 14.0),
                        ]);
                    } else {
                        line.push(pt(at, y));
                    }
                    line.push(pt(at, area.y));
                    line
                };
            points.dedup();
            row.nub = Some(at);
            scene
                .wires
                .push(wire(points.clone(), Some((&row.network, row.mark))));
            veths.push((row.network.clone(), points));
        }
        self.push_container(scene, host, container, area, rows, veths);
    }

    fn push_container(
        &self,
        scene: &mut Scene,
        host: &mut HostBox,
        container: &Container,
        area: Rect,
        rows: Vec<InterfaceRow>,
        veths: Vec<(String, Vec<Point>)>,
    ) {
        let standard = self.m.level == Level::Standard;
        let name_room = area.w - 24.0 - if standard { 34.0 } else { 0.0 };
        let name = text::fit_mono(&container.name, 13.0, name_room);
        let image_room = area.w - 24.0 - text::mono(&name, 13.0) - 8.0;
        let short = container.image.rsplit('/').next().unwrap_or_default();
        let image = if image_room > 24.0 {
            text::fit_sans(short, 11.5, image_room)
        } else {
            String::new()
        };
        let resolver = container.resolver.then(|| {
            if standard {
                rect(area.right() - 38.0, area.bottom() - 24.0, 28.0, 16.0)
            } else {
                rect(area.right() - 26.0, area.y + 6.0, 20.0, 12.0)
            }
        });
        if let Some(pill) = resolver {
            let id = container.id.replacen("container:", "resolver:", 1);
            scene.spots.insert(
                id,
                Spot {
                    rect: pill,
                    kind: SpotKind::Resolver,
                },
            );
        }
        scene.spots.insert(
            container.id.clone(),
            Spot {
                rect: area,
                kind: SpotKind::Container { veths },
            },
        );
        let room = area.w - 24.0 - if resolver.is_some() { 32.0 } else { 0.0 };
        host.containers.push(ContainerBox {
            id: container.id.clone(),
            machine: self.machine.name.clone(),
            rect: area,
            name,
            image: if standard { image } else { String::new() },
            activity: if standard {
                text::fit_sans(&container.activity, 10.0, room)
            } else {
                String::new()
            },
            running: matches!(
                container.state,
                ContainerState::Running | ContainerState::Paused
            ),
            resolver,
            networks: container.networks.clone(),
            spoken: spoken(container, &self.networks),
            rows,
        });
    }

    fn rows(&self, container: &Container) -> Vec<InterfaceRow> {
        let standard = self.m.level == Level::Standard;
        let room = self.column - if standard { 64.0 } else { 34.0 };
        let mut rows: Vec<InterfaceRow> = Vec::new();
        for id in &container.networks {
            let interface = container
                .interfaces
                .iter()
                .find(|i| i.network.as_ref() == Some(id));
            let address = interface.and_then(|i| i.addresses.first()).cloned();
            let address = address.map(|a| {
                if standard {
                    a
                } else {
                    a.split('/').next().unwrap_or_default().to_owned()
                }
            });
            rows.push(InterfaceRow {
                network: id.clone(),
                mark: Mark(self.networks.get(id.as_str()).map_or(0, |n| n.mark)),
                name: interface.map_or_else(String::new, |i| text::shorten(&i.name, 6)),
                address: text::fit_mono(
                    &address.unwrap_or_else(|| "no address".to_owned()),
                    11.5,
                    room,
                ),
                nub: None,
            });
        }
        sorted::sort_by(&mut rows, |a, b| a.name.cmp(&b.name));
        rows
    }

    /// Containers that live in the root namespace itself.
    fn shelf(&self, scene: &mut Scene, host: &mut HostBox, inside: &[&Container], root_y: f64) {
        let w = self.column.min(150.0);
        let mut x = host.root.right() - 12.0 - w;
        for container in inside {
            let area = rect(x, root_y + 26.0, w, 44.0);
            let rows = Vec::new();
            self.push_container(scene, host, container, area, rows, Vec::new());
            if let Some(last) = host.containers.last_mut() {
                last.image = String::new();
                last.activity = text::fit_sans(
                    &format!("network: host · {}", container.activity),
                    11.0,
                    w - 24.0,
                );
                last.resolver = None;
            }
            x -= w + self.m.gutter;
        }
    }
}
