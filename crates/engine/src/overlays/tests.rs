//! Two machines and a laptop on one LAN: what an overlay network, its balancer and the routing mesh come to in packets.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "of all that is traced a test looks for one thing"
)]

use std::net::IpAddr;

use ipnet::IpNet;
use kernel::fs::Node;
use kernel::ids::{LinkId, NetnsId, PacketId, SegmentId};
use kernel::net::{AddrSpec, LinkSpec, LinkSpecKind, SendOpts};
use kernel::process::Running;
use kernel::process::exec::Spawn;
use kernel::sys::Sys;
use kernel::time::{Duration, Instant};
use kernel::trace::{Checkpoint, DropReason};
use kernel::world::{Programs, World};
use sorted::SortedMap;
use wire::{Bytes, IcmpMessage, IpPacket, TcpFlags, TcpSegment, Transport};

use super::{GATEWAY_BRIDGE, OverlayPlan};
use crate::api::{
    ContainerConfig, ContainerCreateRequest, EndpointIpamConfig, EndpointSettings, HostConfig,
    Ipam, IpamPool, NetworkingConfig,
};
use crate::balancer::{Backend, IngressPort, Service};
use crate::client::SOCKET;
use crate::daemon::Engine;
use crate::drivers::Peer;
use crate::drivers::overlay::VNIS;
use crate::ports::Proto;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn sleep(sys: Sys) -> Running {
    Box::pin(async move {
        let _ = sys.sleep(Duration::from_secs(86_400)).await;
        0
    })
}

/// The world, and the engines of its two machines.
struct Lan {
    world: World,
    a: Engine,
    b: Engine,
    laptop: NetnsId,
}

fn plug_in(world: &World, segment: SegmentId, ns: NetnsId, cidr: &str) {
    world.kernel(|k| {
        let kind = LinkSpecKind::Nic {
            segment: Some(segment),
            uplink_index: None,
        };
        let nic = k.link_add(ns, LinkSpec::new("eth0", kind)).unwrap();
        k.link_set_up(nic).unwrap();
        let net: IpNet = cidr.parse().unwrap();
        let addr = AddrSpec::new(net.addr(), net.prefix_len()).with_broadcast();
        k.addr_add(nic, addr).unwrap();
    });
}

fn engine(world: &mut World, segment: SegmentId, name: &str, cidr: &str) -> Engine {
    let id = world.kernel(|k| {
        let id = k.add_machine(name);
        let root = k.machine(id).unwrap().root;
        let now = k.now;
        let tree = k.tree_mut(root).unwrap();
        for name in ["dockerd", "sleep"] {
            let program = Node::Program(name.into());
            tree.put(&format!("/usr/bin/{name}"), program, 0o755, now);
        }
        tree.put("/run", Node::Dir, 0o755, now);
        tree.put("/var/run", Node::Symlink("/run".into()), 0o777, now);
        id
    });
    let ns = world.kernel(|k| k.machine(id).unwrap().root_ns);
    plug_in(world, segment, ns, cidr);
    let spawn = world.kernel(|k| Spawn::on_machine(k, id, vec!["dockerd".into()]));
    world.spawn(spawn.unwrap()).unwrap();
    let until = world.now() + Duration::from_secs(1);
    world.run(until, 1_000_000, |_| false);
    world.kernel(|k| {
        let service = k.machine(id).unwrap().services.get(SOCKET).unwrap();
        service.downcast_ref::<Engine>().unwrap().clone()
    })
}

fn lan() -> Lan {
    let programs = Programs::default();
    crate::register(&programs);
    programs.add("sleep", sleep);
    let mut world = World::new(1, programs);
    let segment = world.kernel(|k| k.segment_add("LAN"));
    let a = engine(&mut world, segment, "hostA", "192.168.1.10/24");
    let b = engine(&mut world, segment, "hostB", "192.168.1.20/24");
    let laptop = world.kernel(|k| {
        let id = k.add_machine("laptop");
        k.machine(id).unwrap().root_ns
    });
    plug_in(&world, segment, laptop, "192.168.1.50/24");
    Lan {
        world,
        a,
        b,
        laptop,
    }
}

fn plan(name: &str, subnet: &str, vni: &str, vtep: &str, balancer: &str) -> OverlayPlan {
    let net: IpNet = subnet.parse().unwrap();
    let pool = IpamPool {
        subnet: subnet.into(),
        gateway: net.hosts().next().unwrap().to_string(),
        ..IpamPool::default()
    };
    OverlayPlan {
        id: format!("{name}0123456789abcdefghijklm"),
        name: name.into(),
        created: 0,
        ipam: Ipam {
            driver: "default".into(),
            options: None,
            config: Some(vec![pool]),
        },
        options: SortedMap::from([(VNIS.to_owned(), vni.to_owned())]),
        labels: SortedMap::new(),
        internal: false,
        attachable: true,
        ingress: name == "ingress",
        vtep: ip(vtep),
        balancer: Some(balancer.parse().unwrap()),
    }
}

/// Starts a container at an address of a network; returns its id and namespace.
fn start(
    at: &Engine,
    name: &str,
    network: &str,
    addr: &str,
    ports: &[IngressPort],
) -> (String, NetnsId) {
    let settings = EndpointSettings {
        ipam_config: Some(EndpointIpamConfig {
            ipv4_address: addr.into(),
            ..EndpointIpamConfig::default()
        }),
        ..EndpointSettings::default()
    };
    let request = ContainerCreateRequest {
        config: ContainerConfig {
            image: "busybox".into(),
            cmd: Some(vec!["sleep".into(), "1d".into()]),
            ..ContainerConfig::default()
        },
        host_config: HostConfig {
            network_mode: network.into(),
            ..HostConfig::default()
        },
        networking_config: NetworkingConfig {
            endpoints_config: [(network.to_owned(), settings)].into_iter().collect(),
        },
    };
    let id = at
        .container_create(Some(name.to_owned()), request)
        .unwrap()
        .id;
    if let Some(c) = at.state().containers.get_mut(&id) {
        c.ingress_ports = ports.to_vec();
    }
    at.container_start(id.clone()).unwrap();
    let netns = at.state().containers.get(&id).unwrap().netns;
    (id.clone(), netns.unwrap_or_else(|| panic!("{id} runs")))
}

/// Tells a machine of an endpoint on another.
fn tell(to: &Engine, network: &str, addr: &str, vtep: &str) {
    let IpAddr::V4(v4) = ip(addr) else { panic!() };
    let [a, b, c, d] = v4.octets();
    let peer = Peer {
        ip: IpNet::new(ip(addr), 24).unwrap(),
        mac: wire::MacAddr([2, 0x42, a, b, c, d]),
        vtep: ip(vtep),
    };
    to.overlay_peer_add(&format!("{network}0123456789abcdefghijklm"), &peer);
}

impl Lan {
    fn run(&mut self) {
        let until = self.world.now() + Duration::from_secs(3);
        self.world.run(until, 1_000_000, |_| false);
    }

    fn send(&mut self, from: NetnsId, to: &str, transport: Transport) -> PacketId {
        let packet = IpPacket::new(ip("0.0.0.0"), ip(to), transport);
        let sent = self
            .world
            .kernel(|k| k.ip_send(from, packet, SendOpts::default()));
        self.run();
        sent.unwrap()
    }

    fn ping(&mut self, from: NetnsId, to: &str) -> PacketId {
        let echo = IcmpMessage::EchoRequest {
            ident: 9,
            seq: 1,
            data: Bytes::from_static(&[0; 56]),
        };
        self.send(from, to, Transport::Icmp(echo))
    }

    fn knock(&mut self, from: NetnsId, to: &str, ports: (u16, u16)) -> PacketId {
        let syn = TcpSegment {
            seq: 7,
            ..TcpSegment::new(ports.0, ports.1, TcpFlags::SYN)
        };
        self.send(from, to, Transport::Tcp(syn))
    }

    /// Where a packet met a closed port.
    fn ended(&self, id: PacketId) -> Option<NetnsId> {
        self.world.kernel(|k| {
            let end = |c: &Checkpoint| matches!(c, Checkpoint::Drop(DropReason::NoSocket));
            let mut facts = k.trace.since(0).filter(|e| e.packet == id);
            facts.find(|e| end(&e.what)).map(|e| e.ns)
        })
    }

    /// The source with which an answer to a packet reached a namespace.
    fn answered(&self, id: PacketId, ns: NetnsId) -> Option<IpAddr> {
        self.world.kernel(|k| {
            // A tunnel's datagram was caused by what it carries as well.
            let is_answer = |ip: &IpPacket| !matches!(ip.transport, Transport::Udp(_));
            let answer = k.trace.since(0).find_map(|e| match &e.what {
                Checkpoint::Made {
                    cause: Some(cause),
                    ip: Some(ip),
                    ..
                } if *cause == id && is_answer(ip) => Some(e.packet),
                _ => None,
            })?;
            let facts = k
                .trace
                .since(0)
                .filter(|e| e.packet == answer && e.ns == ns);
            facts.into_iter().find_map(|e| match &e.what {
                Checkpoint::Receive { frame, .. } => frame.as_ip().map(|ip| ip.src),
                _ => None,
            })
        })
    }

    fn story(&self, id: PacketId) -> String {
        let tell = |k: &mut kernel::Kernel| {
            let facts = k.trace.since(0).filter(|e| e.packet == id);
            facts
                .map(|e| format!("{:?} {:?}\n", e.ns, e.what))
                .collect()
        };
        self.world.kernel(tell)
    }
}

/// An overlay network on both machines with a container on each.
fn spanned() -> (Lan, NetnsId, NetnsId) {
    let mut lan = lan();
    let (a, b) = (lan.a.clone(), lan.b.clone());
    a.overlay_make(plan(
        "span",
        "10.0.1.0/24",
        "4097",
        "192.168.1.10",
        "10.0.1.3/24",
    ))
    .unwrap();
    b.overlay_make(plan(
        "span",
        "10.0.1.0/24",
        "4097",
        "192.168.1.20",
        "10.0.1.5/24",
    ))
    .unwrap();
    let (_, left) = start(&a, "left", "span", "10.0.1.2", &[]);
    let (_, right) = start(&b, "right", "span", "10.0.1.4", &[]);
    for addr in ["10.0.1.4", "10.0.1.5"] {
        tell(&a, "span", addr, "192.168.1.20");
    }
    for addr in ["10.0.1.2", "10.0.1.3"] {
        tell(&b, "span", addr, "192.168.1.10");
    }
    lan.run();
    (lan, left, right)
}

fn names(lan: &Lan, ns: NetnsId) -> Vec<String> {
    lan.world.kernel(|k| {
        let links: Vec<LinkId> = k.links(ns);
        links
            .iter()
            .map(|l| k.link(*l).unwrap().name.to_string())
            .collect()
    })
}

#[test]
fn containers_on_two_machines_reach_each_other_and_have_a_way_out() {
    let (mut lan, left, _) = spanned();
    let id = lan.ping(left, "10.0.1.4");
    assert_eq!(
        lan.answered(id, left),
        Some(ip("10.0.1.4")),
        "{}",
        lan.story(id)
    );
    assert_eq!(names(&lan, left), ["lo", "eth0", "eth1"]);
    let id = lan.ping(left, "192.168.1.50");
    assert_eq!(lan.answered(id, left), Some(ip("192.168.1.50")));
    let state = lan.a.state();
    let bridge = state.find_network(GATEWAY_BRIDGE).unwrap();
    let endpoints: Vec<String> = bridge.endpoints.values().map(|e| e.name.clone()).collect();
    assert!(matches!(endpoints.as_slice(), [one] if one.starts_with("gateway_")));
}

#[test]
fn a_virtual_address_leads_to_every_task_in_turn() {
    let (mut lan, left, right) = spanned();
    let (_, near) = start(&lan.a.clone(), "web.1", "span", "10.0.1.7", &[]);
    tell(&lan.b, "span", "10.0.1.7", "192.168.1.10");
    let service = Service {
        network_id: "span0123456789abcdefghijklm".into(),
        name: "web".into(),
        aliases: vec![],
        vip: Some(ip("10.0.1.9")),
        mark: 256,
        ports: vec![],
    };
    let backend = |name: &str, addr: &str| Backend {
        name: name.into(),
        aliases: vec![],
        ip: ip(addr),
        disabled: false,
    };
    let tasks = vec![backend("web.1", "10.0.1.7"), backend("web.2", "10.0.1.4")];
    lan.a.balance(service.clone(), tasks.clone());
    let mut met: Vec<Option<NetnsId>> = Vec::new();
    for port in 4000..4002 {
        let id = lan.knock(left, "10.0.1.9", (port, 80));
        assert_eq!(
            lan.answered(id, left),
            Some(ip("10.0.1.9")),
            "{}",
            lan.story(id)
        );
        met.push(lan.ended(id));
    }
    assert!(
        met.contains(&Some(near)) && met.contains(&Some(right)),
        "{met:?}"
    );
    let id = lan.ping(left, "10.0.1.9");
    assert!(lan.answered(id, left).is_some());
    let known = lan.a.state().balancer.names(&service.network_id, &[]);
    assert_eq!(
        known
            .1
            .iter()
            .map(|p| p.names[0].clone())
            .collect::<Vec<_>>(),
        ["tasks.web", "web"]
    );
    lan.a.unbalance(&service.network_id, "web");
    let id = lan.knock(left, "10.0.1.9", (4009, 80));
    assert_eq!(lan.ended(id), None);
}

#[test]
fn a_published_port_is_open_on_every_machine() {
    let mut lan = lan();
    let (a, b) = (lan.a.clone(), lan.b.clone());
    a.overlay_make(plan(
        "ingress",
        "10.0.0.0/24",
        "4096",
        "192.168.1.10",
        "10.0.0.2/24",
    ))
    .unwrap();
    b.overlay_make(plan(
        "ingress",
        "10.0.0.0/24",
        "4096",
        "192.168.1.20",
        "10.0.0.3/24",
    ))
    .unwrap();
    let ports = [IngressPort {
        proto: Proto::Tcp,
        published: 8080,
        target: 80,
    }];
    let (_, task) = start(&b, "site.1", "ingress", "10.0.0.5", &ports);
    for addr in ["10.0.0.3", "10.0.0.5"] {
        tell(&a, "ingress", addr, "192.168.1.20");
    }
    tell(&b, "ingress", "10.0.0.2", "192.168.1.10");
    let service = Service {
        network_id: "ingress0123456789abcdefghijklm".into(),
        name: "site".into(),
        aliases: vec![],
        vip: Some(ip("10.0.0.4")),
        mark: 257,
        ports: ports.to_vec(),
    };
    let task_is = Backend {
        name: "site.1".into(),
        aliases: vec![],
        ip: ip("10.0.0.5"),
        disabled: false,
    };
    for engine in [&a, &b] {
        engine.balance(service.clone(), vec![task_is.clone()]);
    }
    lan.run();
    let laptop = lan.laptop;
    for (port, host) in [(5000, "192.168.1.10"), (5001, "192.168.1.20")] {
        let id = lan.knock(laptop, host, (port, 8080));
        assert_eq!(lan.ended(id), Some(task), "{}", lan.story(id));
        assert_eq!(lan.answered(id, laptop), Some(ip(host)));
    }
    let root = a.ns();
    let id = lan.knock(root, "127.0.0.1", (5002, 8080));
    assert_eq!(lan.ended(id), Some(task), "{}", lan.story(id));
    let held = lan.world.kernel(|k| {
        let mut ports = k.sock_listeners(root).map(|(port, _)| port);
        ports.any(|port| port == 8080)
    });
    assert!(held);
    a.unbalance(&service.network_id, "site");
    let id = lan.knock(laptop, "192.168.1.10", (5003, 8080));
    assert_eq!(lan.ended(id), Some(root));
    // The laptop's own namespace ends where it began.
    assert!(lan.world.now() > Instant(0));
}

#[test]
fn what_is_removed_leaves_nothing_but_the_gateway_bridge() {
    let (lan, ..) = spanned();
    let before = lan.world.kernel(|k| k.net.all_netns().count());
    let id = lan.b.state().find_container("right").unwrap().id.clone();
    lan.b.remove_sandbox(&id);
    lan.b.overlay_remove("span0123456789abcdefghijklm");
    let after = lan.world.kernel(|k| k.net.all_netns().count());
    assert_eq!(before - after, 3);
    let state = lan.b.state();
    assert!(state.find_network("span").is_err());
    assert!(
        state
            .find_network(GATEWAY_BRIDGE)
            .unwrap()
            .endpoints
            .is_empty()
    );
}
