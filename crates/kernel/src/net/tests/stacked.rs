//! Devices on other devices: who hears whom. Two machines on a segment, namespaces with macvlans and ipvlans on one.

use super::*;
use crate::net::{IpvlanFlag, IpvlanMode, Link, MacvlanMode, SwitchSettings};

/// A machine with children of its `eth0`, and another on the same wire.
struct Wire {
    s: Scene,
    segment: SegmentId,
    eth0: LinkId,
    other: NetnsId,
}

fn wire() -> Wire {
    let mut s = Scene::new();
    let segment = s.k.segment_add("LAN");
    let nic = |s: &mut Scene, ns, cidr: &str| {
        let kind = LinkSpecKind::Nic {
            segment: Some(segment),
            uplink_index: None,
        };
        let link = s.k.link_add(ns, LinkSpec::new("eth0", kind)).unwrap();
        s.k.link_set_up(link).unwrap();
        s.addr(link, cidr);
        link
    };
    let host = s.host;
    let eth0 = nic(&mut s, host, "10.0.0.10/24");
    let machine = s.k.add_machine("other");
    let other = s.k.machine(machine).unwrap().root_ns;
    nic(&mut s, other, "10.0.0.50/24");
    Wire {
        s,
        segment,
        eth0,
        other,
    }
}

impl Wire {
    fn child(&mut self, kind: LinkSpecKind, cidr: &str) -> (NetnsId, LinkId) {
        let ns = self.s.netns();
        let host = self.s.host;
        let name = format!("child{}", ns.0);
        let link = self.s.k.link_add(host, LinkSpec::new(name, kind)).unwrap();
        self.s.k.link_set_netns(link, ns).unwrap();
        self.s.addr(link, cidr);
        self.s.k.link_set_up(link).unwrap();
        (ns, link)
    }

    fn macvlan(&mut self, mode: MacvlanMode, cidr: &str) -> (NetnsId, LinkId) {
        let lower = self.eth0;
        self.child(LinkSpecKind::Macvlan { lower, mode }, cidr)
    }

    fn ipvlan(&mut self, mode: IpvlanMode, flag: IpvlanFlag, cidr: &str) -> (NetnsId, LinkId) {
        let lower = self.eth0;
        self.child(LinkSpecKind::Ipvlan { lower, mode, flag }, cidr)
    }

    fn link(&self, id: LinkId) -> &Link {
        self.s.k.link(id).unwrap()
    }

    fn relay(&mut self) {
        let switch = SwitchSettings {
            reflective_relay: true,
            ..SwitchSettings::default()
        };
        self.s.k.segment_set_switch(self.segment, switch).unwrap();
    }
}

#[test]
fn macvlans_hear_the_wire_and_not_their_parent() {
    let mut w = wire();
    let (a, _) = w.macvlan(MacvlanMode::Bridge, "10.0.0.21/24");
    assert!(w.s.ping(a, "10.0.0.50"));
    assert!(w.s.ping(w.other, "10.0.0.21"));
    assert!(!w.s.ping(a, "10.0.0.10"));
    assert!(!w.s.ping(w.s.host, "10.0.0.21"));
}

#[test]
fn a_macvlan_of_the_machine_reaches_the_others() {
    let mut w = wire();
    w.macvlan(MacvlanMode::Bridge, "10.0.0.21/24");
    let kind = LinkSpecKind::Macvlan {
        lower: w.eth0,
        mode: MacvlanMode::Bridge,
    };
    let shim =
        w.s.k
            .link_add(w.s.host, LinkSpec::new("shim", kind))
            .unwrap();
    w.s.k.link_set_up(shim).unwrap();
    w.s.addr(shim, "10.0.0.99/32");
    let route = Route {
        link: Some(shim),
        ..Route::new("10.0.0.21/32".parse().unwrap())
    };
    w.s.k.route_add(w.s.host, route).unwrap();
    assert!(w.s.ping(w.s.host, "10.0.0.21"));
}

#[test]
fn the_mode_decides_about_siblings() {
    for (mode, direct, relayed) in [
        (MacvlanMode::Bridge, true, true),
        (MacvlanMode::Vepa, false, true),
        (MacvlanMode::Private, false, false),
    ] {
        for relay in [false, true] {
            let mut w = wire();
            let (a, _) = w.macvlan(mode, "10.0.0.21/24");
            w.macvlan(mode, "10.0.0.22/24");
            if relay {
                w.relay();
            }
            let expected = if relay { relayed } else { direct };
            assert_eq!(
                w.s.ping(a, "10.0.0.22"),
                expected,
                "{mode:?}, relay: {relay}"
            );
        }
    }
}

#[test]
fn passthru_takes_the_parents_place_and_gives_it_back() {
    let mut w = wire();
    let before = w.link(w.eth0).mac;
    let (a, child) = w.macvlan(MacvlanMode::Passthru, "10.0.0.21/24");
    assert_eq!(w.link(child).mac, before);
    let second = LinkSpecKind::Macvlan {
        lower: w.eth0,
        mode: MacvlanMode::Bridge,
    };
    let refused = w.s.k.link_add(w.s.host, LinkSpec::new("", second));
    assert_eq!(refused, Err(Errno::EINVAL));
    let mac = MacAddr([2, 0, 0, 0, 0, 7]);
    w.s.k.link_set_mac(child, mac).unwrap();
    assert_eq!(w.link(w.eth0).mac, mac);
    assert!(w.s.ping(a, "10.0.0.50"));
    w.s.k.link_del(child).unwrap();
    assert_eq!(w.link(w.eth0).mac, before);
}

#[test]
fn a_switch_with_port_security_refuses_macvlans_only() {
    let mut w = wire();
    let switch = SwitchSettings {
        refuses_unknown: true,
        ..SwitchSettings::default()
    };
    w.s.k.segment_set_switch(w.segment, switch).unwrap();
    let (a, child) = w.macvlan(MacvlanMode::Bridge, "10.0.0.21/24");
    let id = w.s.send_echo(a, "10.0.0.50", 8, false).unwrap();
    w.s.run(Duration::from_secs(4));
    assert!(!w.s.answered(a, id));
    let mac = w.link(child).mac;
    let refused = |e: &crate::trace::TraceEvent| matches!(&e.what, Checkpoint::Drop(DropReason::PortSecurity { mac: m }) if *m == mac);
    assert!(w.s.k.trace.since(0).any(refused));
    w.s.k.link_del(child).unwrap();
    let (b, _) = w.ipvlan(IpvlanMode::L2, IpvlanFlag::Bridge, "10.0.0.22/24");
    assert!(w.s.ping(b, "10.0.0.50"));
}

#[test]
fn ipvlans_answer_with_the_parents_address() {
    let mut w = wire();
    let (a, child) = w.ipvlan(IpvlanMode::L2, IpvlanFlag::Bridge, "10.0.0.21/24");
    let (b, _) = w.ipvlan(IpvlanMode::L2, IpvlanFlag::Bridge, "10.0.0.22/24");
    assert_eq!(w.link(child).mac, w.link(w.eth0).mac);
    assert!(w.s.ping(a, "10.0.0.22"));
    assert!(w.s.ping(b, "10.0.0.50"));
    assert!(w.s.ping(w.other, "10.0.0.21"));
    assert!(!w.s.ping(a, "10.0.0.10"));
    let seen = w.s.k.neighbours(w.other);
    let entry = seen
        .iter()
        .find(|n| n.ip == "10.0.0.21".parse::<IpAddr>().unwrap());
    assert_eq!(entry.unwrap().mac, Some(w.link(w.eth0).mac));
}

#[test]
fn private_ipvlans_are_kept_apart() {
    let mut w = wire();
    let (a, _) = w.ipvlan(IpvlanMode::L3, IpvlanFlag::Private, "10.7.0.21/24");
    w.ipvlan(IpvlanMode::L3, IpvlanFlag::Private, "10.7.0.22/24");
    let id = w.s.send_echo(a, "10.7.0.22", 8, false).unwrap();
    w.s.run(Duration::from_secs(1));
    assert_eq!(w.s.dropped(id), Some(DropReason::SiblingsApart));
}

#[test]
fn layer_3_is_routed_by_the_machine_and_needs_a_way_back() {
    let mut w = wire();
    let (a, child) = w.ipvlan(IpvlanMode::L3, IpvlanFlag::Bridge, "10.7.0.21/24");
    let all = Route {
        link: Some(child),
        ..Route::new("0.0.0.0/0".parse().unwrap())
    };
    w.s.k.route_add(a, all).unwrap();
    assert!(!w.s.ping(a, "10.0.0.50"));
    w.s.route(w.other, "10.7.0.0/24", "10.0.0.10");
    assert!(w.s.ping(a, "10.0.0.50"));
    assert!(w.s.k.neighbours(a).is_empty());
}

#[test]
fn ipvlans_of_one_parent_have_link_local_addresses_of_their_own() {
    let mut w = wire();
    let mut link_local = |cidr: &str| {
        let (_, link) = w.ipvlan(IpvlanMode::L2, IpvlanFlag::Bridge, cidr);
        let addrs = w.s.k.addrs(link);
        addrs.iter().find(|a| a.addr.is_ipv6()).map(|a| a.addr)
    };
    let [first, second] = [link_local("10.0.0.21/24"), link_local("10.0.0.22/24")];
    let expected = |id| Some(crate::net::addr::eui64(w.link(w.eth0).mac, id).into());
    assert_eq!(first, expected(1));
    assert_eq!(second, expected(2));
    let address = crate::net::addr::eui64("52:54:00:00:01:10".parse().unwrap(), 1);
    assert_eq!(address.to_string(), "fe80::5254:0:100:110");
}

#[test]
fn ipvlans_cannot_share_an_address_nor_a_parent_with_macvlans() {
    let mut w = wire();
    w.ipvlan(IpvlanMode::L2, IpvlanFlag::Bridge, "10.0.0.21/24");
    let (_, second) = w.ipvlan(IpvlanMode::L2, IpvlanFlag::Bridge, "10.0.0.22/24");
    let taken = AddrSpec::new("10.0.0.21".parse().unwrap(), 24);
    assert_eq!(w.s.k.addr_add(second, taken), Err(Errno::EADDRINUSE));
    let kind = LinkSpecKind::Macvlan {
        lower: w.eth0,
        mode: MacvlanMode::Bridge,
    };
    let refused = w.s.k.link_add(w.s.host, LinkSpec::new("", kind));
    assert_eq!(refused, Err(Errno::EBUSY));
}

#[test]
fn vlans_keep_to_their_tag_and_follow_their_parent() {
    let mut w = wire();
    let other_eth0 = w.s.k.link_by_name(w.other, "eth0").unwrap();
    let (host, other, eth0) = (w.s.host, w.other, w.eth0);
    let mut vlan = |lower, ns, id, cidr: &str| {
        let spec = LinkSpec::new(format!("eth0.{id}"), LinkSpecKind::Vlan { lower, id });
        let link = w.s.k.link_add(ns, spec).unwrap();
        w.s.k.link_set_up(link).unwrap();
        w.s.addr(link, cidr);
        link
    };
    let ten = vlan(eth0, host, 10, "10.10.0.10/24");
    vlan(eth0, host, 20, "10.20.0.10/24");
    vlan(other_eth0, other, 10, "10.10.0.50/24");
    vlan(other_eth0, other, 30, "10.20.0.50/24");
    assert!(w.s.ping(host, "10.10.0.50"));
    assert!(!w.s.ping(host, "10.20.0.50"));
    w.s.k.link_set_down(w.eth0).unwrap();
    assert!(!w.link(ten).admin_up);
    assert_eq!(w.s.k.link_set_up(ten), Err(Errno::ENETDOWN));
    w.s.k.link_set_up(w.eth0).unwrap();
    assert!(w.link(ten).is_running());
    let spec = LinkSpec::new(
        "again",
        LinkSpecKind::Vlan {
            lower: w.eth0,
            id: 10,
        },
    );
    assert_eq!(w.s.k.link_add(host, spec), Err(Errno::EEXIST));
}

#[test]
fn children_go_with_their_parent_wherever_they_are() {
    let mut w = wire();
    let dummy =
        w.s.k
            .link_add(w.s.host, LinkSpec::new("dum", LinkSpecKind::Dummy))
            .unwrap();
    w.s.k.link_set_up(dummy).unwrap();
    let kind = LinkSpecKind::Macvlan {
        lower: dummy,
        mode: MacvlanMode::Bridge,
    };
    let (ns, child) = w.child(kind, "10.9.0.1/24");
    w.s.k.link_del(dummy).unwrap();
    assert!(w.s.k.link(child).is_none());
    assert_eq!(w.s.k.links(ns).len(), 1);
}
