//! Packets through whole scenes.

use super::testutil::Scene;
use super::*;
use crate::errno::Errno;
use crate::time::{Duration, Instant};
use crate::trace::{BridgeDecision, Checkpoint, DropReason};
use std::net::IpAddr;
use wire::{IcmpErrorKind, MacAddr};

mod netfilter;
mod stacked;
mod tunnel;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn state_of(s: &Scene, ns: crate::ids::NetnsId, addr: &str) -> Option<NeighState> {
    s.k.neighbours(ns)
        .into_iter()
        .find(|n| n.ip == ip(addr))
        .map(|n| n.state)
}

#[test]
fn ping_crosses_a_bridge_and_both_sides_learn_each_other() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let b = s.behind(br, &["10.0.0.3/24"]);
    assert!(s.ping(a.ns, "10.0.0.3"));
    assert_eq!(state_of(&s, a.ns, "10.0.0.3"), Some(NeighState::Reachable));
    assert_eq!(state_of(&s, b.ns, "10.0.0.2"), Some(NeighState::Delay));
    assert!(s.k.neighbours(s.host).is_empty());
    let learned: Vec<_> =
        s.k.fdb(br)
            .into_iter()
            .filter(|e| e.kind == dev::bridge::FdbKind::Learned)
            .collect();
    assert_eq!(learned.len(), 2);
    // And the bridge's own address answers too.
    assert!(s.ping(a.ns, "10.0.0.1"));
    assert!(s.ping(s.host, "10.0.0.2"));
}

#[test]
fn a_round_trip_between_containers_takes_what_it_takes_on_a_small_machine() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &[]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.behind(br, &["10.0.0.3/24"]);
    s.ping(a.ns, "10.0.0.3");
    let start = s.k.now;
    let id = s.send_echo(a.ns, "10.0.0.3", 56, false).unwrap();
    s.run(Duration::from_millis(1));
    let reply = s.caused(id)[0].0;
    let back = s.facts(reply).last().unwrap().at.since(start);
    assert!((40..120).contains(&back.as_micros()), "{back:?}");
}

#[test]
fn a_packet_is_routed_between_bridges_with_its_ttl_reduced() {
    let mut s = Scene::new();
    let one = s.bridge("br1", &["10.1.0.1/24"]);
    let two = s.bridge("br2", &["10.2.0.1/24"]);
    let a = s.behind(one, &["10.1.0.2/24"]);
    let b = s.behind(two, &["10.2.0.2/24"]);
    s.route(a.ns, "default", "10.1.0.1");
    s.route(b.ns, "default", "10.2.0.1");
    let id = s.send_echo(a.ns, "10.2.0.2", 56, false).unwrap();
    s.run(Duration::from_secs(1));
    assert!(s.answered(a.ns, id));
    let ttls: Vec<u8> = s
        .facts(id)
        .iter()
        .filter_map(|e| match &e.what {
            Checkpoint::Transmit { frame, .. } => frame.as_ip().map(|ip| ip.ttl),
            _ => None,
        })
        .collect();
    assert_eq!(ttls, [64, 63, 63]);
    // With forwarding off the machine keeps it, silently.
    s.k.sysctl_set(s.host, "net.ipv4.ip_forward", "0").unwrap();
    let id = s.send_echo(a.ns, "10.2.0.2", 56, false).unwrap();
    s.run(Duration::from_secs(1));
    assert_eq!(s.dropped(id), Some(DropReason::ForwardingOff));
    assert_eq!(s.error_about(id), None);
}

#[test]
fn a_ttl_of_one_ends_at_the_first_router_which_says_so() {
    let mut s = Scene::new();
    let one = s.bridge("br1", &["10.1.0.1/24"]);
    s.bridge("br2", &["10.2.0.1/24"]);
    let a = s.behind(one, &["10.1.0.2/24"]);
    s.route(a.ns, "default", "10.1.0.1");
    let packet = wire::IpPacket {
        ttl: 1,
        ..wire::IpPacket::new(
            ip("0.0.0.0"),
            ip("10.2.0.9"),
            wire::Transport::Udp(wire::UdpDatagram {
                src_port: 1,
                dst_port: 33434,
                payload: wire::Bytes::new(),
            }),
        )
    };
    let id = s.k.ip_send(a.ns, packet, SendOpts::default()).unwrap();
    s.run(Duration::from_secs(1));
    assert_eq!(s.dropped(id), Some(DropReason::TtlExpired));
    assert_eq!(
        s.error_about(id),
        Some((ip("10.1.0.1"), IcmpErrorKind::TtlExceeded))
    );
}

#[test]
fn an_unanswered_neighbour_is_asked_three_times_and_fails_after_three_seconds() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let id = s.send_echo(a.ns, "10.0.0.99", 56, false).unwrap();
    s.run(Duration::from_millis(2990));
    assert_eq!(
        state_of(&s, a.ns, "10.0.0.99"),
        Some(NeighState::Incomplete)
    );
    assert_eq!(s.dropped(id), None);
    s.run(Duration::from_millis(20));
    assert_eq!(state_of(&s, a.ns, "10.0.0.99"), Some(NeighState::Failed));
    assert_eq!(
        s.dropped(id),
        Some(DropReason::NeighbourFailed {
            next_hop: ip("10.0.0.99")
        })
    );
    // The machine tells itself, from its own address over lo.
    assert_eq!(
        s.error_about(id),
        Some((ip("10.0.0.2"), IcmpErrorKind::HostUnreachable))
    );
    let asked = s.caused(id).iter().filter(|(_, ip)| ip.is_none()).count();
    assert_eq!(asked, 3);
}

#[test]
fn a_stale_neighbour_in_use_is_probed_and_stays_reachable() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let b = s.behind(br, &["10.0.0.3/24"]);
    s.ping(a.ns, "10.0.0.3");
    s.run(Duration::from_secs(60));
    assert_eq!(state_of(&s, a.ns, "10.0.0.3"), Some(NeighState::Stale));
    s.ping(a.ns, "10.0.0.3");
    assert_eq!(state_of(&s, a.ns, "10.0.0.3"), Some(NeighState::Delay));
    s.run(Duration::from_secs(4));
    assert_eq!(state_of(&s, a.ns, "10.0.0.3"), Some(NeighState::Reachable));
    // If the other side is gone, three probes find out.
    s.run(Duration::from_secs(60));
    s.k.link_set_down(b.eth0).unwrap();
    s.ping(a.ns, "10.0.0.3");
    s.run(Duration::from_secs(10));
    assert_eq!(state_of(&s, a.ns, "10.0.0.3"), Some(NeighState::Failed));
}

#[test]
fn the_forwarding_database_follows_a_station_that_moves_and_forgets_a_silent_one() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let b = s.behind(br, &["10.0.0.3/24"]);
    let mac: MacAddr = "02:00:00:00:00:07".parse().unwrap();
    let port_of = |s: &Scene| {
        s.k.fdb(br)
            .into_iter()
            .find(|e| e.mac == mac)
            .and_then(|e| e.port)
    };
    s.k.link_set_mac(a.eth0, mac).unwrap();
    s.ping(a.ns, "10.0.0.1");
    assert_eq!(port_of(&s), Some(a.port));
    s.k.link_set_down(a.eth0).unwrap();
    s.k.link_set_mac(b.eth0, mac).unwrap();
    s.ping(b.ns, "10.0.0.1");
    assert_eq!(port_of(&s), Some(b.port));
    s.run(Duration::from_secs(320));
    assert_eq!(port_of(&s), None);
}

#[test]
fn an_unknown_station_is_flooded_for_and_a_known_one_is_not() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &[]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let _b = s.behind(br, &["10.0.0.3/24"]);
    let _c = s.behind(br, &["10.0.0.4/24"]);
    let id = s.send_echo(a.ns, "10.0.0.3", 56, false).unwrap();
    s.run(Duration::from_secs(1));
    let forwarded = |id| {
        s.facts(id)
            .iter()
            .filter(|e| {
                matches!(
                    e.what,
                    Checkpoint::Bridge {
                        decision: BridgeDecision::Forward(_),
                        ..
                    }
                )
            })
            .count()
    };
    assert_eq!(forwarded(id), 1);
    let request = s
        .caused(id)
        .into_iter()
        .find(|(_, ip)| ip.is_none())
        .unwrap()
        .0;
    let flooded = s.facts(request).iter().any(
        |e| matches!(&e.what, Checkpoint::Bridge { decision: BridgeDecision::Flood(ports), .. } if ports.len() == 2),
    );
    assert!(flooded);
}

#[test]
fn hairpin_and_isolation_are_settings_of_the_port() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let b = s.behind(br, &["10.0.0.3/24"]);
    for port in [a.port, b.port] {
        s.k.bridge_port_set(port, |p| p.isolated = true).unwrap();
    }
    assert!(!s.ping(a.ns, "10.0.0.3"));
    assert!(s.ping(a.ns, "10.0.0.1"));
    for port in [a.port, b.port] {
        s.k.bridge_port_set(port, |p| p.isolated = false).unwrap();
    }
    s.run(Duration::from_secs(5));
    assert!(s.ping(a.ns, "10.0.0.3"));
    // A station behind the sender's own port.
    let mac: MacAddr = "02:00:00:00:00:07".parse().unwrap();
    s.k.fdb_add(br, mac, Some(a.port), dev::bridge::FdbKind::Static, false)
        .unwrap();
    s.k.neigh_add(a.ns, a.eth0, ip("10.0.0.7"), mac, NeighState::Permanent)
        .unwrap();
    let id = s.send_echo(a.ns, "10.0.0.7", 56, false).unwrap();
    s.run(Duration::from_secs(1));
    assert_eq!(s.dropped(id), Some(DropReason::BridgePort));
    s.k.bridge_port_set(a.port, |p| p.hairpin = true).unwrap();
    let id = s.send_echo(a.ns, "10.0.0.7", 56, false).unwrap();
    s.run(Duration::from_secs(1));
    let sent = s
        .facts(id)
        .iter()
        .filter(|e| matches!(e.what, Checkpoint::Transmit { .. }))
        .count();
    assert_eq!((sent, s.dropped(id)), (2, Some(DropReason::OtherHost)));
}

#[test]
fn a_packet_too_big_to_forward_is_reported_and_one_that_may_be_cut_arrives_whole() {
    let mut s = Scene::new();
    let one = s.bridge("br1", &["10.1.0.1/24"]);
    let two = s.bridge("br2", &["10.2.0.1/24"]);
    let a = s.behind(one, &["10.1.0.2/24"]);
    let b = s.behind(two, &["10.2.0.2/24"]);
    s.route(a.ns, "default", "10.1.0.1");
    s.route(b.ns, "default", "10.2.0.1");
    for link in [two, b.port, b.eth0] {
        s.k.link_set_mtu(link, 1400).unwrap();
    }
    assert_eq!(
        s.send_echo(a.ns, "10.2.0.2", 2000, true),
        Err(Errno::EMSGSIZE)
    );
    let cut = s.send_echo(a.ns, "10.2.0.2", 3000, false).unwrap();
    s.run(Duration::from_secs(2));
    assert!(s.answered(a.ns, cut));
    let id = s.send_echo(a.ns, "10.2.0.2", 1450, true).unwrap();
    s.run(Duration::from_secs(1));
    assert_eq!(s.dropped(id), Some(DropReason::TooBig { mtu: 1400 }));
    assert_eq!(
        s.error_about(id),
        Some((ip("10.1.0.1"), IcmpErrorKind::FragNeeded { mtu: 1400 }))
    );
    // The sender has learned.
    assert_eq!(
        s.send_echo(a.ns, "10.2.0.2", 1450, true),
        Err(Errno::EMSGSIZE)
    );
    assert_eq!(s.k.mtu_for(a.ns, ip("10.2.0.2")), 1400);
}

#[test]
fn rp_filter_refuses_sources_that_would_be_answered_elsewhere() {
    let mut s = Scene::new();
    let one = s.bridge("br1", &["10.1.0.1/24"]);
    let _two = s.bridge("br2", &["10.2.0.1/24"]);
    let a = s.behind(one, &["10.1.0.2/24", "10.2.0.66/32"]);
    s.route(a.ns, "default", "10.1.0.1");
    let spoof = |s: &mut Scene| {
        let echo = wire::IcmpMessage::EchoRequest {
            ident: 1,
            seq: 1,
            data: wire::Bytes::new(),
        };
        let packet =
            wire::IpPacket::new(ip("10.2.0.66"), ip("10.1.0.1"), wire::Transport::Icmp(echo));
        let id = s.k.ip_send(a.ns, packet, SendOpts::default()).unwrap();
        s.run(Duration::from_secs(1));
        s.dropped(id)
    };
    assert_eq!(spoof(&mut s), None);
    s.k.sysctl_set(s.host, "net.ipv4.conf.br1.rp_filter", "1")
        .unwrap();
    assert_eq!(spoof(&mut s), Some(DropReason::ReversePath));
    s.k.sysctl_set(s.host, "net.ipv4.conf.br1.rp_filter", "2")
        .unwrap();
    assert_eq!(spoof(&mut s), None);
}

#[test]
fn loopback_addresses_do_not_cross_a_device_unless_route_localnet_says_so() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.k.route_add(
        a.ns,
        Route {
            link: Some(a.eth0),
            table: TableId(100),
            ..Route::new("127.0.0.9/32".parse().unwrap())
        },
    )
    .unwrap();
    let echo = wire::IcmpMessage::EchoRequest {
        ident: 1,
        seq: 1,
        data: wire::Bytes::new(),
    };
    let packet = wire::IpPacket::new(ip("127.0.0.1"), ip("10.0.0.1"), wire::Transport::Icmp(echo));
    assert_eq!(
        s.k.ip_send(a.ns, packet.clone(), SendOpts::default()),
        Err(Errno::EINVAL)
    );
    s.k.sysctl_set(a.ns, "net.ipv4.conf.eth0.route_localnet", "1")
        .unwrap();
    let id = s.k.ip_send(a.ns, packet, SendOpts::default()).unwrap();
    s.run(Duration::from_secs(1));
    assert_eq!(s.dropped(id), Some(DropReason::Martian));
}

#[test]
fn ipv6_neighbours_find_each_other_by_neighbour_discovery() {
    let mut s = Scene::new();
    let one = s.bridge("br1", &["fd00:1::1/64"]);
    let two = s.bridge("br2", &["fd00:2::1/64"]);
    let a = s.behind(one, &["fd00:1::2/64"]);
    let b = s.behind(two, &["fd00:2::2/64"]);
    s.behind(one, &["fd00:1::3/64"]);
    s.route(a.ns, "default", "fd00:1::1");
    s.route(b.ns, "default", "fd00:2::1");
    assert!(s.ping(a.ns, "fd00:1::3"));
    assert!(s.ping(a.ns, "fd00:2::2"));
    assert!(s.ping(a.ns, "::1"));
    assert_eq!(state_of(&s, a.ns, "fd00:1::3"), Some(NeighState::Reachable));
    let id = s.send_echo(a.ns, "fd00:1::99", 56, false).unwrap();
    s.run(Duration::from_secs(4));
    assert_eq!(
        s.error_about(id),
        Some((ip("fd00:1::2"), IcmpErrorKind::HostUnreachable))
    );
    // Fragments carry a number of their own.
    let ids = [0; 2].map(|_| s.send_echo(a.ns, "fd00:1::3", 3000, false).unwrap());
    s.run(Duration::from_secs(1));
    assert!(ids.into_iter().all(|id| s.answered(a.ns, id)));
}

#[test]
fn link_local_addresses_come_with_carrier_and_disable_ipv6_takes_them() {
    let mut s = Scene::new();
    // Nothing has taken a new bridge's carrier away yet; choosing its address does.
    let fresh = s.bridge("br9", &[]);
    let found = s.k.link(fresh).unwrap();
    assert_eq!((found.operstate, found.carrier), (OperState::Unknown, true));
    let mut spec = LinkSpec::new("br0", LinkSpecKind::Bridge);
    spec.mac = Some(MacAddr([2, 0, 0, 0, 0, 1]));
    let br = s.k.link_add(s.host, spec).unwrap();
    s.k.link_set_up(br).unwrap();
    s.addr(br, "10.0.0.1/24");
    assert!(s.k.addrs(br).iter().all(|a| a.addr.is_ipv4()));
    assert_eq!(s.k.link(br).unwrap().operstate, OperState::Down);
    let a = s.behind(br, &["10.0.0.2/24"]);
    assert_eq!(s.k.link(br).unwrap().operstate, OperState::Up);
    for link in [br, a.port, a.eth0] {
        let v6: Vec<_> =
            s.k.addrs(link)
                .into_iter()
                .filter(|a| a.addr.is_ipv6())
                .collect();
        assert_eq!(v6.len(), 1);
        assert_eq!(v6[0].scope, Scope::Link);
    }
    s.k.sysctl_set(a.ns, "net.ipv6.conf.eth0.disable_ipv6", "1")
        .unwrap();
    assert!(s.k.addrs(a.eth0).iter().all(|a| a.addr.is_ipv4()));
    assert!(
        s.k.routes(a.ns, true, None)
            .iter()
            .all(|r| r.link != Some(a.eth0))
    );
    assert_eq!(
        s.k.addr_add(a.eth0, AddrSpec::new(ip("fd00::2"), 64)),
        Err(Errno::EACCES)
    );
    // The container goes: the bridge keeps its addresses but loses its carrier.
    s.k.netns_del(a.ns);
    assert!(s.k.link(a.port).is_none());
    let bridge = s.k.link(br).unwrap();
    assert_eq!(
        (bridge.operstate, bridge.carrier, bridge.addrs.len()),
        (OperState::Down, false, 2)
    );
}

#[test]
fn indices_count_up_and_a_peer_made_in_a_fresh_namespace_is_number_two() {
    let mut s = Scene::new();
    let br = s.bridge("docker0", &[]);
    let a = s.behind(br, &[]);
    assert_eq!(s.k.link(br).unwrap().index, 2);
    assert_eq!(
        (
            s.k.link(a.port).unwrap().index,
            s.k.link(a.eth0).unwrap().index
        ),
        (3, 2)
    );
    assert_eq!(s.k.link_lower(a.eth0), Some((3, None)));
    assert_eq!(
        (s.k.link_netnsid(a.eth0), s.k.link_netnsid(a.port)),
        (Some(0), Some(0))
    );
    s.k.netns_del(a.ns);
    let b = s.behind(br, &[]);
    assert_eq!(s.k.link(b.port).unwrap().index, 4);
    assert_eq!(s.k.link_netnsid(b.port), Some(0));
    let pair = LinkSpecKind::Veth {
        peer_name: "p1".into(),
        peer_ns: s.host,
        peer_mac: None,
    };
    let v1 = s.k.link_add(s.host, LinkSpec::new("v1", pair)).unwrap();
    let p1 = s.k.link_by_name(s.host, "p1").unwrap();
    assert_eq!(
        s.k.link_add(s.host, LinkSpec::new("p1", LinkSpecKind::Dummy)),
        Err(Errno::EEXIST)
    );
    s.k.link_set_netns(p1, b.ns).unwrap();
    // It keeps its number where that is free.
    assert_eq!(s.k.link(p1).unwrap().index, 5);
    s.k.link_del(v1).unwrap();
    assert!(s.k.link(p1).is_none());
}

#[test]
fn connected_routes_come_and_go_with_addresses_and_devices() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.route(a.ns, "default", "10.0.0.1");
    let main = |s: &Scene| -> Vec<String> {
        s.k.routes(a.ns, false, Some(TableId::MAIN))
            .iter()
            .map(|r| r.prefix_text().to_string())
            .collect()
    };
    assert_eq!(main(&s), ["default", "10.0.0.0/24"]);
    assert_eq!(
        s.k.route_add(
            a.ns,
            Route {
                via: Some(ip("10.9.0.1")),
                ..Route::new("10.5.0.0/16".parse().unwrap())
            }
        ),
        Err(Errno::ENETUNREACH)
    );
    s.k.link_set_down(a.eth0).unwrap();
    assert!(main(&s).is_empty());
    assert!(s.k.is_local(a.ns, ip("10.0.0.2")));
    assert_eq!(
        s.send_echo(a.ns, "10.0.0.1", 1, false),
        Err(Errno::ENETUNREACH)
    );
    s.k.link_set_up(a.eth0).unwrap();
    assert_eq!(main(&s), ["10.0.0.0/24"]);
    s.k.addr_del(a.eth0, ip("10.0.0.2"), 24).unwrap();
    assert!(main(&s).is_empty());
    assert!(!s.k.is_local(a.ns, ip("10.0.0.2")));
}

#[test]
fn the_longest_prefix_wins_then_the_lowest_metric() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.route(a.ns, "default", "10.0.0.1");
    s.route(a.ns, "10.7.0.0/16", "10.0.0.9");
    let metric = Route {
        via: Some(ip("10.0.0.8")),
        metric: 50,
        ..Route::new("10.7.0.0/16".parse().unwrap())
    };
    s.k.route_add(a.ns, metric).unwrap();
    let unreachable = Route {
        kind: RouteKind::Unreachable,
        ..Route::new("10.7.7.0/24".parse().unwrap())
    };
    s.k.route_add(a.ns, unreachable).unwrap();
    let get = |dst: &str| s.k.route_get(a.ns, &RouteQuery::to(ip(dst)));
    assert_eq!(get("10.7.1.1").unwrap().via, Some(ip("10.0.0.9")));
    assert_eq!(get("10.7.7.1"), Err(Errno::EHOSTUNREACH));
    assert_eq!(get("8.8.8.8").unwrap().src, ip("10.0.0.2"));
    assert_eq!(get("10.0.0.2").unwrap().kind, RouteKind::Local);
    assert_eq!(get("10.0.0.255").unwrap().kind, RouteKind::Broadcast);
}

#[test]
fn policy_rules_choose_a_table_by_mark() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.route(a.ns, "default", "10.0.0.1");
    let other = Route {
        table: TableId(7),
        via: Some(ip("10.0.0.9")),
        ..Route::new("0.0.0.0/0".parse().unwrap())
    };
    s.k.route_add(a.ns, other).unwrap();
    s.k.rule_add(
        a.ns,
        Rule {
            mark: Some((5, u32::MAX)),
            ..Rule::new(0, false, TableId(7))
        },
        None,
    )
    .unwrap();
    assert_eq!(
        s.k.rules(a.ns, false)
            .iter()
            .map(|r| r.pref)
            .collect::<Vec<_>>(),
        [0, 32765, 32766, 32767]
    );
    let marked = RouteQuery {
        mark: 5,
        ..RouteQuery::to(ip("8.8.8.8"))
    };
    assert_eq!(
        s.k.route_get(a.ns, &marked).unwrap().via,
        Some(ip("10.0.0.9"))
    );
    assert_eq!(
        s.k.route_get(a.ns, &RouteQuery::to(ip("8.8.8.8")))
            .unwrap()
            .via,
        Some(ip("10.0.0.1"))
    );
}

#[test]
fn machines_meet_on_a_segment_and_loss_loses() {
    let mut s = Scene::new();
    let lan = s.k.segment_add("lan");
    let other = s.k.add_machine("laptop");
    let laptop = s.k.machine(other).unwrap().root_ns;
    for (ns, cidr) in [(s.host, "192.168.1.10/24"), (laptop, "192.168.1.50/24")] {
        let kind = LinkSpecKind::Nic {
            segment: Some(lan),
            uplink_index: Some(3),
        };
        let eth0 = s.k.link_add(ns, LinkSpec::new("eth0", kind)).unwrap();
        s.k.link_set_up(eth0).unwrap();
        s.addr(eth0, cidr);
    }
    assert!(s.ping(laptop, "192.168.1.10"));
    s.k.segment_set(lan, Duration::from_millis(5), 1_000_000)
        .unwrap();
    let id = s.send_echo(laptop, "192.168.1.10", 56, false).unwrap();
    s.run(Duration::from_secs(1));
    assert_eq!(s.dropped(id), Some(DropReason::Lost));
}

#[test]
fn a_tap_sees_what_its_device_sends_and_receives() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let tap = s.k.tap_add(a.ns, Some(a.eth0), None).unwrap();
    s.ping(a.ns, "10.0.0.1");
    let seen: Vec<_> = std::iter::from_fn(|| s.k.tap_read(tap).unwrap())
        .map(|c| c.direction)
        .collect();
    use TapDirection::{In, Out};
    assert_eq!(seen, [Out, In, Out, In]);
    s.k.netns_del(a.ns);
    assert_eq!(s.k.tap_read(tap).err(), Some(Errno::ENETDOWN));
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let run = || {
        let mut s = Scene::new();
        let br = s.bridge("br0", &["10.0.0.1/24", "fd00::1/64"]);
        let a = s.behind(br, &["10.0.0.2/24", "fd00::2/64"]);
        s.behind(br, &["10.0.0.3/24"]);
        s.ping(a.ns, "10.0.0.3");
        s.ping(a.ns, "fd00::1");
        s.ping(a.ns, "10.0.0.77");
        s.run_until(Instant(60_000_000_000));
        s.k.trace
            .since(0)
            .map(|e| format!("{e:?}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_gratuitous_announcement_updates_who_knows_the_address_and_nobody_else() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24", "fd00::1/64"]);
    let a = s.behind(br, &["10.0.0.2/24", "fd00::2/64"]);
    let b = s.behind(br, &["10.0.0.3/24", "fd00::3/64"]);
    assert!(s.ping(s.host, "10.0.0.2") && s.ping(s.host, "fd00::2"));
    let mac: MacAddr = "02:00:00:00:00:07".parse().unwrap();
    s.k.link_set_mac(a.eth0, mac).unwrap();
    s.k.announce(a.eth0, ip("10.0.0.2"));
    s.k.announce(a.eth0, ip("fd00::2"));
    s.run(Duration::from_millis(1));
    for addr in ["10.0.0.2", "fd00::2"] {
        let known =
            s.k.neighbours(s.host)
                .into_iter()
                .find(|n| n.ip == ip(addr))
                .unwrap();
        assert_eq!((known.mac, known.state), (Some(mac), NeighState::Stale));
    }
    assert!(s.k.neighbours(b.ns).is_empty());
}

#[test]
fn arp_ignore_chooses_who_answers() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let other = s.bridge("br1", &["10.9.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.behind(other, &[]);
    s.k.route_add(
        a.ns,
        Route {
            link: Some(a.eth0),
            ..Route::new("10.9.0.0/24".parse().unwrap())
        },
    )
    .unwrap();
    // Any own address is answered for on any device, unless arp_ignore forbids it.
    assert!(s.ping(a.ns, "10.9.0.1"));
    s.k.neigh_flush(a.ns, None);
    s.k.sysctl_set(s.host, "net.ipv4.conf.all.arp_ignore", "1")
        .unwrap();
    assert!(!s.ping(a.ns, "10.9.0.1"));
}

#[test]
fn frames_larger_than_the_receiving_device_takes_are_lost() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let b = s.behind(br, &["10.0.0.3/24"]);
    s.k.link_set_mtu(b.eth0, 1000).unwrap();
    assert!(s.ping(a.ns, "10.0.0.3"));
    let id = s.send_echo(a.ns, "10.0.0.3", 1400, true).unwrap();
    s.run(Duration::from_secs(1));
    assert_eq!(s.dropped(id), Some(DropReason::TooBig { mtu: 1000 }));
    assert_eq!(s.k.link(b.eth0).unwrap().stats.rx_dropped, 1);
    // A bridge follows the smallest of its ports.
    s.k.link_set_mtu(b.port, 1000).unwrap();
    assert_eq!(s.k.link(br).unwrap().mtu, 1000);
}

#[test]
fn a_bridge_takes_1023_ports_and_reuses_their_numbers() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &[]);
    let mut port = |n: u32| {
        let link =
            s.k.link_add(s.host, LinkSpec::new(format!("d{n}"), LinkSpecKind::Dummy))
                .unwrap();
        (link, s.k.link_set_master(link, Some(br)))
    };
    let ports: Vec<_> = (0..1024).map(&mut port).collect();
    assert!(ports[..1023].iter().all(|(_, joined)| joined.is_ok()));
    assert_eq!(ports[1023].1, Err(Errno::EXFULL));
    s.k.link_set_master(ports[6].0, None).unwrap();
    s.k.link_set_master(ports[1023].0, Some(br)).unwrap();
    assert_eq!(
        s.k.link(ports[1023].0)
            .unwrap()
            .port
            .as_ref()
            .unwrap()
            .number,
        7
    );
}

#[test]
fn progress_of_a_higher_protocol_keeps_a_neighbour_reachable_without_a_probe() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.ping(a.ns, "10.0.0.1");
    assert_eq!(state_of(&s, s.host, "10.0.0.2"), Some(NeighState::Delay));
    s.k.neigh_confirm(s.host, ip("10.0.0.2"));
    s.run(Duration::from_secs(10));
    assert_eq!(
        state_of(&s, s.host, "10.0.0.2"),
        Some(NeighState::Reachable)
    );
}
