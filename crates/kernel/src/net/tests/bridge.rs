//! What a bridge learns, floods and keeps apart.

use super::*;

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
