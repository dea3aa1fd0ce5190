//! The level for many containers: networks are cards, containers chips in two columns.

use sorted::SortedMap;

use lab::view::{ContainerState, Machine, MachineKind, Network, Topology, place};

use super::columns;
use super::geometry::{pt, rect};
use super::memory::Memory;
use super::scene::{
    ContainerBox, HookBox, HostBox, InterfaceRow, LanBox, LaneBox, Level, Mark, OutsideBox,
    PortBox, PortKind, Scene, Spot, SpotKind, Wire,
};
use super::text;

const CHIP_W: f64 = 118.0;
const CHIP_H: f64 = 23.0;
const CARD_W: f64 = CHIP_W * 2.0 + 15.0;
const CARD_HEAD: f64 = 28.0;
const GAP: f64 = 6.0;

/// Lays a topology out as cards, `across` of them side by side.
pub(crate) fn scene(topology: &Topology, memory: &mut Memory, across: usize) -> Scene {
    let mut scene = Scene {
        level: Level::Chips,
        ..Scene::default()
    };
    let mut x = 16.0;
    for machine in topology
        .machines
        .iter()
        .filter(|m| m.kind == MachineKind::Docker)
    {
        let host = host(machine, memory, x, across, &mut scene);
        x = host.rect.right() + 40.0;
        scene.hosts.push(host);
    }
    let right = scene.hosts.last().map_or(420.0, |h| h.rect.right());
    for lan in &topology.lans {
        let area = rect(16.0, 54.0, right - 16.0, 14.0);
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
            label: format!("{} {}", lan.name, lan.subnet),
        });
    }
    let mut x = 16.0;
    for machine in topology
        .machines
        .iter()
        .filter(|m| m.kind != MachineKind::Docker)
    {
        let area = rect(x, 8.0, 126.0, 30.0);
        scene.spots.insert(
            machine.id.clone(),
            Spot {
                rect: area,
                kind: SpotKind::Machine,
            },
        );
        scene.wires.push(Wire {
            points: vec![pt(area.cx(), 38.0), pt(area.cx(), 54.0)],
            mark: None,
            network: None,
        });
        scene.outside.push(OutsideBox {
            id: machine.id.clone(),
            rect: area,
            kind: machine.kind,
            name: text::fit_mono(&machine.name, 13.0, 84.0),
            note: String::new(),
            online: machine.online,
        });
        x += 136.0;
    }
    scene.width = right.max(x) + 16.0;
    scene.height = scene
        .hosts
        .iter()
        .map(|h| h.rect.bottom())
        .fold(120.0, f64::max)
        + 8.0;
    scene
}

fn host(
    machine: &Machine,
    memory: &mut Memory,
    x: f64,
    across: usize,
    scene: &mut Scene,
) -> HostBox {
    let mut host = HostBox {
        id: machine.id.clone(),
        machine: machine.name.clone(),
        note: format!(
            "{} containers · {} networks",
            machine.containers.len(),
            machine.networks.len()
        ),
        online: machine.online,
        ..HostBox::default()
    };
    let top = 90.0;
    let left = x + 12.0;
    let mut px = left;
    for interface in &machine.interfaces {
        let area = rect(px, top - 13.0, 180.0, 26.0);
        let id = place::port(&machine.name, &interface.name);
        scene.wires.push(Wire {
            points: vec![pt(area.cx(), 68.0), pt(area.cx(), area.y)],
            mark: None,
            network: None,
        });
        scene.spots.insert(
            id.clone(),
            Spot {
                rect: area,
                kind: SpotKind::Port,
            },
        );
        let note = interface
            .addresses
            .first()
            .map_or("", String::as_str)
            .to_owned();
        host.ports.push(PortBox {
            id,
            rect: area,
            title: interface.name.clone(),
            note,
            kind: PortKind::Interface,
        });
        px += 188.0;
    }
    let tab = rect(px, top - 13.0, 200.0, 26.0);
    for port in &machine.published {
        scene.spots.insert(
            port.id.clone(),
            Spot {
                rect: tab,
                kind: SpotKind::Published,
            },
        );
    }
    if let Some(first) = machine.published.first() {
        host.ports.push(PortBox {
            id: first.id.clone(),
            rect: tab,
            title: format!("{} published", machine.published.len()),
            note: String::new(),
            kind: PortKind::Published,
        });
    }
    let bus = 160.0;
    let mut hx = left;
    for hook in machine.hooks.iter().take(6) {
        let area = rect(
            hx,
            120.0,
            if hook.name.len() > 8 { 104.0 } else { 70.0 },
            26.0,
        );
        let kind = SpotKind::Hook {
            name: hook.name.clone(),
            above: 114.0,
            bus: 153.0,
        };
        scene
            .spots
            .insert(hook.id.clone(), Spot { rect: area, kind });
        host.hooks.push(HookBox {
            id: hook.id.clone(),
            rect: area,
            name: hook.name.clone(),
            tables: String::new(),
        });
        hx += area.w + 12.0;
    }
    cards(machine, memory, scene, &mut host, left, bus, across);
    let right = host.lanes.iter().map(|l| l.area.right()).fold(hx, f64::max);
    let bottom = host
        .lanes
        .iter()
        .map(|l| l.area.bottom())
        .fold(bus + 60.0, f64::max);
    let bottom = host
        .containers
        .iter()
        .map(|c| c.rect.bottom() + 6.0)
        .fold(bottom, f64::max);
    host.rect = rect(x, top, right + 12.0 - x, bottom + 10.0 - top);
    host.root = rect(left - 4.0, 114.0, 0.0, 0.0);
    scene.spots.insert(
        host.id.clone(),
        Spot {
            rect: host.rect,
            kind: SpotKind::Machine,
        },
    );
    host
}

fn cards(
    machine: &Machine,
    memory: &mut Memory,
    scene: &mut Scene,
    host: &mut HostBox,
    left: f64,
    top: f64,
    across: usize,
) {
    let networks: SortedMap<&str, &Network> = machine
        .networks
        .iter()
        .map(|n| (n.id.as_str(), n))
        .collect();
    let present: Vec<String> = machine.networks.iter().map(|n| n.id.clone()).collect();
    let mut order: Vec<Option<String>> = memory
        .lanes(&machine.id, &present)
        .into_iter()
        .map(Some)
        .collect();
    let home = |c: &lab::view::Container| {
        c.networks
            .first()
            .filter(|_| columns::on_the_floor(c))
            .filter(|n| networks.contains_key(n.as_str()))
            .cloned()
    };
    if machine.containers.iter().any(|c| home(c).is_none()) {
        order.push(None);
    }
    let mut y = top;
    for line in order.chunks(across.max(1)) {
        let members: Vec<Vec<Option<String>>> = line
            .iter()
            .map(|id| {
                let list: Vec<String> = machine
                    .containers
                    .iter()
                    .filter(|c| home(c) == *id)
                    .map(|c| c.id.clone())
                    .collect();
                memory.slots(
                    &format!("{}#{}", machine.id, id.as_deref().unwrap_or("none")),
                    &list,
                )
            })
            .collect();
        let rows = members
            .iter()
            .map(|m| m.len().div_ceil(2))
            .max()
            .unwrap_or(0)
            .max(1) as f64;
        let height = CARD_HEAD + rows * (CHIP_H + 3.0) + 9.0;
        for (i, id) in line.iter().enumerate() {
            let cx = left + i as f64 * (CARD_W + GAP);
            if let Some(network) = id.as_deref().and_then(|id| networks.get(id)) {
                let bar = rect(cx, y, CARD_W, CARD_HEAD);
                let kind = SpotKind::Network {
                    rail: bar.bottom(),
                    drop_x: cx + 12.0,
                    bus: y - 3.0,
                };
                scene
                    .spots
                    .insert(network.id.clone(), Spot { rect: bar, kind });
                host.lanes.push(LaneBox {
                    id: network.id.clone(),
                    mark: Mark(network.mark),
                    bar,
                    area: rect(cx, y, CARD_W, height),
                    name: text::fit_mono(&network.name, 13.0, CARD_W - 70.0),
                    full_name: network.name.clone(),
                    note: String::new(),
                    line: String::new(),
                    driver: network.driver.clone(),
                    subnet: network.subnet.clone(),
                    gateway: network.gateway.clone(),
                    members: machine
                        .containers
                        .iter()
                        .filter(|c| c.networks.contains(&network.id))
                        .count(),
                    drop_x: cx + 12.0,
                });
            }
            for (slot, container) in members.get(i).into_iter().flatten().enumerate() {
                let container = container
                    .as_ref()
                    .and_then(|c| machine.containers.iter().find(|k| k.id == *c));
                let Some(container) = container else { continue };
                let column = (slot % 2) as f64;
                let row = (slot / 2) as f64;
                let area = rect(
                    cx + 6.0 + column * (CHIP_W + 3.0),
                    y + CARD_HEAD + 5.0 + row * (CHIP_H + 3.0),
                    CHIP_W,
                    CHIP_H,
                );
                let veths = container
                    .networks
                    .iter()
                    .map(|n| (n.clone(), vec![pt(area.cx(), area.y)]))
                    .collect();
                scene.spots.insert(
                    container.id.clone(),
                    Spot {
                        rect: area,
                        kind: SpotKind::Container { veths },
                    },
                );
                host.containers.push(ContainerBox {
                    id: container.id.clone(),
                    machine: machine.name.clone(),
                    rect: area,
                    name: text::fit_mono(&container.name, 12.0, CHIP_W - 40.0),
                    image: String::new(),
                    rows: container
                        .networks
                        .iter()
                        .map(|n| InterfaceRow {
                            network: n.clone(),
                            mark: Mark(networks.get(n.as_str()).map_or(0, |n| n.mark)),
                            name: String::new(),
                            address: String::new(),
                            nub: None,
                        })
                        .collect(),
                    activity: String::new(),
                    running: container.state == ContainerState::Running,
                    resolver: None,
                    networks: container.networks.clone(),
                    spoken: format!("{}, container", container.name),
                });
            }
        }
        y += height + GAP;
    }
}
