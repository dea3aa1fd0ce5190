//! Devices and what joins them.

use super::*;

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
    // It does not measure what came in by one of them.
    let id = s.send_echo(a.ns, "10.0.0.1", 1400, true).unwrap();
    s.run(Duration::from_secs(1));
    assert_eq!(s.dropped(id), None);
}

#[test]
fn a_device_that_loses_its_last_address_loses_its_routes() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24", "10.9.0.1/24"]);
    s.route(s.host, "default", "10.0.0.9");
    let routed = |s: &Scene| {
        s.k.route_get(s.host, &RouteQuery::to(ip("192.0.2.1")))
            .is_ok()
    };
    s.k.addr_del(br, ip("10.0.0.1"), 24).unwrap();
    assert!(routed(&s));
    s.k.addr_del(br, ip("10.9.0.1"), 24).unwrap();
    assert!(!routed(&s));
}
