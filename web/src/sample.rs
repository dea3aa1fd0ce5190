//! A made-up lab for tests and for looking at the page without a simulation.

use std::rc::Rc;

use lab::view::{
    Change, Container, ContainerState, Field, Hook, Hop, Interface, Journey, Lan, Layer, Machine,
    MachineKind, Network, Protocol, PublishedPort, RuleLine, Tag, Tone, Topology, place,
};

fn text(s: &str) -> String {
    s.to_owned()
}

pub(crate) fn network(name: &str, interface: &str, octet: u32, mark: u32) -> Network {
    Network {
        id: place::network("hostA", name),
        name: text(name),
        driver: text("bridge"),
        interface: text(interface),
        subnet: format!("172.{octet}.0.0/16"),
        gateway: format!("172.{octet}.0.1"),
        mark,
        ..Network::default()
    }
}

pub(crate) fn container(
    name: &str,
    image: &str,
    activity: &str,
    networks: &[(&str, &str)],
) -> Rc<Container> {
    Rc::new(Container {
        id: place::container("hostA", name),
        name: text(name),
        image: text(image),
        state: ContainerState::Running,
        interfaces: networks
            .iter()
            .enumerate()
            .map(|(i, (network, address))| Interface {
                name: format!("eth{i}"),
                addresses: vec![format!("{address}/16")],
                mac: format!("02:42:ac:11:00:{i:02x}"),
                up: true,
                network: Some(place::network("hostA", network)),
                ..Interface::default()
            })
            .collect(),
        networks: networks
            .iter()
            .map(|(n, _)| place::network("hostA", n))
            .collect(),
        activity: text(activity),
        resolver: networks.iter().any(|(n, _)| *n != "bridge"),
        ..Container::default()
    })
}

fn outside(name: &str, kind: MachineKind, address: &str) -> Machine {
    Machine {
        id: place::machine(name),
        name: text(name),
        kind,
        online: true,
        has_terminal: kind == MachineKind::Laptop,
        interfaces: vec![Interface {
            name: text("eth0"),
            addresses: vec![format!("{address}/24")],
            up: true,
            lan: (kind != MachineKind::Internet).then(|| place::lan("lan")),
            ..Interface::default()
        }],
        ..Machine::default()
    }
}

/// One Docker machine with three networks and four containers.
pub(crate) fn shop() -> Topology {
    let hook = |name: &str, tables: &[&str]| Hook {
        id: place::hook("hostA", name),
        name: text(name),
        tables: tables.iter().map(|t| text(t)).collect(),
    };
    let host = Machine {
        id: place::machine("hostA"),
        name: text("hostA"),
        kind: MachineKind::Docker,
        note: text("Docker Engine 28.5.2"),
        online: true,
        has_terminal: true,
        interfaces: vec![Interface {
            name: text("eth0"),
            addresses: vec![text("192.168.1.10/24")],
            mac: text("52:54:00:a1:00:0a"),
            up: true,
            lan: Some(place::lan("lan")),
            ..Interface::default()
        }],
        hooks: vec![
            hook("PREROUTING", &["raw", "nat"]),
            hook("ROUTE", &["FIB"]),
            hook("FORWARD", &["filter"]),
            hook("POSTROUTING", &["nat"]),
            hook("INPUT", &["filter"]),
            hook("OUTPUT", &["nat"]),
        ],
        networks: vec![
            network("bridge", "docker0", 17, 0),
            network("shop_frontend", "br-9c1f04d2a7be", 18, 1),
            network("shop_backend", "br-27b80e5fd316", 19, 2),
        ],
        containers: vec![
            container(
                "probe",
                "busybox",
                "runs sleep 1d",
                &[("bridge", "172.17.0.2")],
            ),
            container(
                "web",
                "nginx",
                "listens on :80",
                &[("shop_frontend", "172.18.0.2")],
            ),
            container(
                "api",
                "node",
                "listens on :3000",
                &[
                    ("shop_frontend", "172.18.0.3"),
                    ("shop_backend", "172.19.0.2"),
                ],
            ),
            container(
                "db",
                "postgres",
                "listens on :5432",
                &[("shop_backend", "172.19.0.3")],
            ),
        ],
        published: vec![
            PublishedPort {
                id: place::published("hostA", "0.0.0.0:8080/tcp"),
                binding: text("0.0.0.0:8080"),
                protocol: text("tcp"),
                target: text("web:80"),
                container: place::container("hostA", "web"),
                loopback: false,
            },
            PublishedPort {
                id: place::published("hostA", "127.0.0.1:5432/tcp"),
                binding: text("127.0.0.1:5432"),
                protocol: text("tcp"),
                target: text("db:5432"),
                container: place::container("hostA", "db"),
                loopback: true,
            },
        ],
    };
    let mut internet = outside("internet", MachineKind::Internet, "1.1.1.1");
    internet.note = text("DNS 1.1.1.1");
    Topology {
        machines: vec![
            host.into(),
            outside("laptop", MachineKind::Laptop, "192.168.1.50").into(),
            outside("router", MachineKind::Router, "192.168.1.1").into(),
            internet.into(),
        ],
        lans: vec![Lan {
            id: place::lan("lan"),
            name: text("LAN"),
            subnet: text("192.168.1.0/24"),
        }],
    }
}

/// Two machines of a swarm: an overlay network joins them, and each has the bridge by which its tasks get out.
pub(crate) fn swarm() -> Topology {
    let mut topology = shop();
    if let Some(host) = topology.machines.first_mut().map(Rc::make_mut) {
        host.note = text("swarm manager");
        let mut overlay = network("app_net", "", 20, 2);
        overlay.driver = text("overlay");
        overlay.subnet = text("10.0.1.0/24");
        let mut ingress = network("ingress", "", 21, 3);
        ingress.driver = text("overlay");
        host.networks = vec![
            network("bridge", "docker0", 17, 0),
            network("docker_gwbridge", "docker_gwbridge", 18, 1),
            ingress,
            overlay,
        ];
        let task = |name: &str, address: &str| {
            let own = format!("10.0.1.{address}");
            let out = format!("172.18.0.{address}");
            container(
                name,
                "nginx",
                "listens on :80",
                &[("app_net", &own), ("docker_gwbridge", &out)],
            )
        };
        host.containers = vec![
            task("web.1.k3v9x0q2m1d8z7w5t4r6y1u2p", "3"),
            task("api.1.k3v9x0q2m1d8z7w5t4r6y1u2q", "4"),
            container("vault", "busybox", "runs sleep 1d", &[]),
        ];
        host.published.clear();
    }
    let other = topology.machines.first().map(|host| {
        let mut other = Machine::clone(host);
        other.name = text("hostB");
        let there = |id: &str| id.replacen("hostA", "hostB", 1);
        other.id = there(&other.id);
        for hook in &mut other.hooks {
            hook.id = there(&hook.id);
        }
        for network in &mut other.networks {
            network.id = there(&network.id);
        }
        for container in &mut other.containers {
            let c = Rc::make_mut(container);
            c.id = there(&c.id);
            c.name = c.name.replacen(".1.", ".2.", 1);
            for network in &mut c.networks {
                *network = there(network);
            }
            for interface in &mut c.interfaces {
                interface.network = interface.network.as_deref().map(there);
            }
        }
        Rc::new(other)
    });
    topology.machines.splice(1..1, other);
    topology
}

/// A machine with so many containers on eight networks.
pub(crate) fn market(count: usize) -> Topology {
    let mut topology = shop();
    if let Some(host) = topology.machines.first_mut().map(Rc::make_mut) {
        let names = [
            "edge",
            "frontend",
            "catalog",
            "orders",
            "payments",
            "search",
            "data",
            "monitoring",
        ];
        host.networks = names
            .iter()
            .enumerate()
            .map(|(i, n)| network(n, &format!("br-{i:012x}"), 18 + i as u32, i as u32 + 1))
            .collect();
        host.containers = (0..count)
            .map(|i| {
                let home = names[i % names.len()];
                container(
                    &format!("{home}-{}", i / names.len()),
                    "nginx",
                    "",
                    &[(home, &format!("172.20.0.{}", i + 2))],
                )
            })
            .collect();
    }
    topology
}

/// Adds a container to the network at an index of the first machine.
#[cfg(test)]
pub(crate) fn add_container(topology: &mut Topology, name: &str, network: usize) {
    if let Some(host) = topology.machines.first_mut().map(Rc::make_mut) {
        let network = host.networks[network].name.clone();
        host.containers
            .push(container(name, "nginx", "", &[(&network, "172.18.0.9")]));
    }
}

fn tag(word: &str, tone: Tone) -> Tag {
    Tag {
        text: text(word),
        tone,
    }
}

fn hop(at: u64, namespace: &str, place: String, title: &str, detail: &str, verdict: Tag) -> Hop {
    Hop {
        at_ns: at * 1000,
        machine: text(if namespace == "laptop" {
            "laptop"
        } else {
            "hostA"
        }),
        namespace: text(namespace),
        place,
        title: text(title),
        detail: text(detail),
        verdict,
        layers: vec![
            Layer {
                name: text("Ethernet"),
                summary: text("3a:91:0c:55:b2:07 → 52:54:00:a1:00:0a"),
                bytes: 14,
                fields: vec![],
                ..Layer::default()
            },
            Layer {
                name: text("IPv4"),
                summary: text("192.168.1.50 → 172.18.0.2"),
                bytes: 20,
                fields: vec![
                    Field {
                        name: text("ttl"),
                        value: text("64"),
                        changed: false,
                        ..Field::default()
                    },
                    Field {
                        name: text("dst"),
                        value: text("172.18.0.2"),
                        changed: true,
                        ..Field::default()
                    },
                ],
                ..Layer::default()
            },
            Layer {
                name: text("TCP"),
                summary: text("51514 → 80 SYN"),
                bytes: 20,
                fields: vec![],
                ..Layer::default()
            },
        ],
        ..Hop::default()
    }
}

/// A SYN that is rewritten and delivered, and an echo request that is dropped.
pub(crate) fn journeys() -> Vec<Rc<Journey>> {
    let hook = |name| place::hook("hostA", name);
    let plain = |word| tag(word, Tone::Plain);
    let mut rewritten = hop(
        30,
        "hostA",
        hook("PREROUTING"),
        "PREROUTING",
        "nat table, chain DOCKER, rule 4 matched",
        tag("rewritten", Tone::Changed),
    );
    rewritten.rules = vec![
        RuleLine {
            table: text("nat"),
            chain: text("DOCKER"),
            number: 3,
            text: text("-i docker0 -j RETURN"),
            packets: 0,
            matched: false,
        },
        RuleLine {
            table: text("nat"),
            chain: text("DOCKER"),
            number: 4,
            text: text(
                "! -i br-9c1f04d2a7be -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80",
            ),
            packets: 1,
            matched: true,
        },
    ];
    rewritten.changes = vec![
        Change {
            field: text("dst"),
            before: text("192.168.1.10:8080"),
            after: text("172.18.0.2:80"),
        },
        Change {
            field: text("src"),
            before: text("192.168.1.50:51514"),
            after: text("192.168.1.50:51514"),
        },
    ];
    let port = place::port("hostA", "eth0");
    let syn = Journey {
        id: text("p1"),
        flow: text("f1"),
        origin: text("laptop"),
        protocol: Protocol::Tcp,
        label: text("SYN"),
        name: text("SYN"),
        summary: text("192.168.1.50:51514 to 192.168.1.10:8080"),
        verdict: tag("delivered", Tone::Good),
        hops: vec![
            hop(
                10,
                "laptop",
                place::machine("laptop"),
                "eth0 sends SYN",
                "192.168.1.50:51514 to 192.168.1.10:8080",
                plain("sent"),
            ),
            hop(
                20,
                "hostA",
                port,
                "eth0 receives",
                "Frame is addressed to hostA",
                plain("up"),
            ),
            rewritten,
            hop(
                40,
                "hostA",
                hook("ROUTE"),
                "routing",
                "172.18.0.0/16 via br-9c1f04d2a7be",
                plain(""),
            ),
            hop(
                50,
                "hostA",
                hook("FORWARD"),
                "FORWARD",
                "filter, DOCKER rule 2",
                plain("accept"),
            ),
            hop(
                60,
                "hostA",
                hook("POSTROUTING"),
                "POSTROUTING",
                "nat, no rule matches",
                plain(""),
            ),
            hop(
                70,
                "hostA",
                place::network("hostA", "shop_frontend"),
                "shop_frontend",
                "bridge forwards to veth4d1c",
                plain(""),
            ),
            hop(
                80,
                "web",
                place::container("hostA", "web"),
                "eth0 receives",
                "nginx is listening on :80",
                tag("delivered", Tone::Good),
            ),
        ],
        ..Journey::default()
    };
    let mut dropped = hop(
        220,
        "hostA",
        hook("PREROUTING"),
        "PREROUTING",
        "raw table, rule 2 matched",
        tag("dropped", Tone::Bad),
    );
    dropped.reason = text(
        "The packet is for api, but it came in on docker0. Docker drops anything for a container address unless it \
         arrives from that container's own network.",
    );
    let echo = Journey {
        id: text("p2"),
        flow: text("f2"),
        origin: text("probe"),
        protocol: Protocol::Icmp,
        label: text("1"),
        name: text("echo request 1"),
        summary: text("172.17.0.2 to 172.19.0.2"),
        verdict: tag("dropped", Tone::Bad),
        hops: vec![
            hop(
                200,
                "probe",
                place::container("hostA", "probe"),
                "eth0 sends echo request",
                "172.17.0.2 to 172.19.0.2, via default 172.17.0.1",
                plain("sent"),
            ),
            hop(
                210,
                "hostA",
                place::network("hostA", "bridge"),
                "docker0 receives",
                "Frame is for the bridge itself, so it goes up",
                plain("up"),
            ),
            dropped,
        ],
        ..Journey::default()
    };
    vec![Rc::new(syn), Rc::new(echo)]
}
