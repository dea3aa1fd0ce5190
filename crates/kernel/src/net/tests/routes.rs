//! Which way a packet takes, and whether it may.

use super::*;

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
