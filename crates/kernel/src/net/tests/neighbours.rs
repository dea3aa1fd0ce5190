//! Who is asked for an address, how often, and what is believed.

use super::*;

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
fn an_unanswered_neighbour_is_asked_three_times_and_fails_after_three_seconds() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let id = s.send_echo(a.ns, "10.0.0.99", 56, false).unwrap();
    s.run(Duration::from_millis(3060));
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

#[test]
fn a_machine_answers_for_addresses_of_others_where_it_was_told_to() {
    let mut s = Scene::new();
    let outer = s.bridge("outer", &["10.0.0.1/24", "2001:db8:1::1/64"]);
    let inner = s.bridge("inner", &["10.0.0.129/26", "2001:db8:1:0:5::1/80"]);
    let a = s.behind(outer, &["10.0.0.2/24", "2001:db8:1::2/64"]);
    let b = s.behind(inner, &["10.0.0.130/26", "2001:db8:1:0:5::2/80"]);
    let host = s.host;
    for name in ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"] {
        s.k.sysctl_set(host, name, "1").unwrap();
    }
    s.route(b.ns, "default", "10.0.0.129");
    s.route(b.ns, "default", "2001:db8:1:0:5::1");
    assert!(!s.ping(a.ns, "10.0.0.130"));
    s.k.proxied_add(host, outer, ip("10.0.0.130")).unwrap();
    assert!(s.ping(a.ns, "10.0.0.130"));
    s.k.proxied_add(host, outer, ip("2001:db8:1:0:5::2"))
        .unwrap();
    assert!(!s.ping(a.ns, "2001:db8:1:0:5::2"));
    s.k.sysctl_set(host, "net.ipv6.conf.outer.proxy_ndp", "1")
        .unwrap();
    assert!(s.ping(a.ns, "2001:db8:1:0:5::2"));
    assert_eq!(s.k.proxied(host).len(), 2);
    assert_eq!(
        s.k.proxied_del(host, inner, ip("10.0.0.130")),
        Err(Errno::ENOENT)
    );
    s.k.link_set_down(outer).unwrap();
    assert!(s.k.proxied(host).is_empty());
}

#[test]
fn a_device_with_another_hardware_address_asks_anew() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    let b = s.behind(br, &["10.0.0.3/24"]);
    assert!(s.ping(a.ns, "10.0.0.3"));
    let mac = MacAddr([2, 0, 0, 0, 0, 0xaa]);
    s.k.link_set_mac(a.eth0, mac).unwrap();
    assert!(s.k.neighbours(a.ns).is_empty());
    assert!(s.ping(a.ns, "10.0.0.3"));
    let known = s.k.neighbours(b.ns);
    assert_eq!(known.first().and_then(|n| n.mac), Some(mac));
}
