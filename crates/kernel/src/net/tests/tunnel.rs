//! Tunnels and virtual services: two machines on a segment, each with a namespace that is reached through VXLAN as those of overlay
//! networks are.

use super::*;
use crate::net::testutil::Behind;
use crate::net::{NeighState, VxlanSpec};
use crate::netfilter::{Family, Match, Rule, ServiceKey, TableName, Target};
use crate::trace::TraceEvent;
use wire::{
    Bytes, IcmpMessage, IpPacket, MacAddr, Proto, TcpFlags, TcpSegment, Transport, UdpDatagram,
};

const VNI: u32 = 4097;

/// One machine's part of an overlay network.
struct Side {
    root: NetnsId,
    home: NetnsId,
    vxlan: LinkId,
    inside: NetnsId,
    mac: MacAddr,
}

fn side(s: &mut Scene, segment: SegmentId, root: NetnsId, under: &str, inner: &str) -> Side {
    let kind = LinkSpecKind::Nic {
        segment: Some(segment),
        uplink_index: None,
    };
    let nic = s.k.link_add(root, LinkSpec::new("eth0", kind)).unwrap();
    s.k.link_set_up(nic).unwrap();
    s.addr(nic, under);
    let machine = s.k.netns(root).unwrap().machine;
    let home = s.k.netns_add(machine);
    let bridge =
        s.k.link_add(home, LinkSpec::new("br0", LinkSpecKind::Bridge))
            .unwrap();
    s.k.link_set_up(bridge).unwrap();
    let spec = VxlanSpec {
        proxy: true,
        ..VxlanSpec::new(VNI)
    };
    let mut spec = LinkSpec::new("vx", LinkSpecKind::Vxlan(spec));
    spec.mtu = Some(1450);
    let vxlan = s.k.link_add(root, spec).unwrap();
    s.k.link_set_netns(vxlan, home).unwrap();
    s.k.link_set_master(vxlan, Some(bridge)).unwrap();
    s.k.link_set_up(vxlan).unwrap();
    let inside = s.k.netns_add(machine);
    let kind = LinkSpecKind::Veth {
        peer_name: "eth0".into(),
        peer_ns: inside,
        peer_mac: None,
    };
    let port = s.k.link_add(home, LinkSpec::new("veth0", kind)).unwrap();
    let eth0 = s.k.link_by_name(inside, "eth0").unwrap();
    s.k.link_set_master(port, Some(bridge)).unwrap();
    for link in [port, eth0] {
        s.k.link_set_mtu(link, 1450).unwrap();
        s.k.link_set_up(link).unwrap();
    }
    s.addr(eth0, inner);
    let mac = s.k.link(eth0).unwrap().mac;
    Side {
        root,
        home,
        vxlan,
        inside,
        mac,
    }
}

/// Tells one side where the other's endpoint is.
fn acquaint(s: &mut Scene, at: &Side, address: &str, mac: MacAddr, machine: &str) {
    let permanent = NeighState::Permanent;
    s.k.neigh_add(at.home, at.vxlan, ip(address), mac, permanent)
        .unwrap();
    s.k.vxlan_add(at.vxlan, mac, ip(machine), true).unwrap();
}

fn both() -> (Scene, Side, Side) {
    let mut s = Scene::new();
    let segment = s.k.segment_add("LAN");
    let host = s.host;
    let a = side(&mut s, segment, host, "192.168.1.10/24", "10.0.1.2/24");
    let other = s.k.add_machine("other");
    let root = s.k.machine(other).unwrap().root_ns;
    let b = side(&mut s, segment, root, "192.168.1.20/24", "10.0.1.3/24");
    acquaint(&mut s, &a, "10.0.1.3", b.mac, "192.168.1.20");
    acquaint(&mut s, &b, "10.0.1.2", a.mac, "192.168.1.10");
    (s, a, b)
}

#[test]
fn a_ping_crosses_in_datagrams_and_stays_the_same_packet() {
    let (mut s, a, b) = both();
    let id = s.send_echo(a.inside, "10.0.1.3", 56, false).unwrap();
    s.run(Duration::from_secs(2));
    assert!(s.answered(a.inside, id));
    let facts = s.facts(id);
    assert!(facts.iter().any(|f| f.ns == b.inside));
    let outer = facts.iter().find_map(|f| match f.what {
        Checkpoint::Encapsulate { outer, .. } => Some(outer),
        _ => None,
    });
    let outer = s.facts(outer.unwrap());
    let sent = outer.iter().find_map(|f| match &f.what {
        Checkpoint::Made { ip: Some(ip), .. } => Some(ip.clone()),
        _ => None,
    });
    let sent = sent.unwrap();
    assert_eq!(
        (sent.src, sent.dst),
        (ip("192.168.1.10"), ip("192.168.1.20"))
    );
    assert!(matches!(&sent.transport, Transport::Udp(udp) if udp.dst_port == 4789));
    // 84 bytes of echo in Ethernet, VXLAN, UDP and IP.
    assert_eq!(sent.len(), 84 + 14 + 8 + 8 + 20);
    assert!(
        outer
            .iter()
            .any(|f| matches!(f.what, Checkpoint::Decapsulate { inner, .. } if inner == id))
    );
    assert!(s.k.net.under_way.is_empty());
}

#[test]
fn the_proxy_answers_and_lets_no_question_out() {
    let (mut s, a, b) = both();
    assert!(!s.ping(a.inside, "10.0.1.77"));
    assert!(s.ping(a.inside, "10.0.1.3"));
    let came = |f: &TraceEvent| match &f.what {
        Checkpoint::Receive { link, frame } if *link == b.vxlan => {
            matches!(&frame.payload, wire::Payload::Arp(arp) if arp.op == wire::ArpOp::Request)
        }
        _ => false,
    };
    assert!(!s.k.trace.since(0).any(came));
}

#[test]
fn a_station_that_is_not_known_gets_nothing() {
    let (mut s, a, b) = both();
    s.k.vxlan_del(a.vxlan, b.mac, None).unwrap();
    assert_eq!(s.k.vxlan_del(a.vxlan, b.mac, None), Err(Errno::ENOENT));
    let id = s.send_echo(a.inside, "10.0.1.3", 56, false).unwrap();
    s.run(Duration::from_secs(2));
    assert_eq!(s.dropped(id), Some(DropReason::NoStation));
}

#[test]
fn stations_are_learned_and_those_set_by_hand_do_not_move() {
    let (mut s, a, b) = both();
    s.k.vxlan_del(b.vxlan, a.mac, None).unwrap();
    assert!(s.ping(a.inside, "10.0.1.3"));
    let known = s.k.vxlan_stations(b.vxlan);
    assert!(
        matches!(known.as_slice(), [one] if one.learned && one.mac == a.mac && one.dst == ip("192.168.1.10"))
    );
    s.k.vxlan_add(b.vxlan, a.mac, ip("192.168.1.99"), true)
        .unwrap();
    assert!(!s.ping(a.inside, "10.0.1.3"));
}

#[test]
fn what_does_not_fit_is_told_within_and_datagrams_may_be_cut() {
    let (mut s, a, b) = both();
    assert_eq!(
        s.send_echo(a.inside, "10.0.1.3", 1423, true),
        Err(Errno::EMSGSIZE)
    );
    let id = s.send_echo(a.inside, "10.0.1.3", 1422, true).unwrap();
    s.run(Duration::from_secs(2));
    assert!(s.answered(a.inside, id));
    for root in [a.root, b.root] {
        let nic = s.k.link_by_name(root, "eth0").unwrap();
        s.k.link_set_mtu(nic, 1400).unwrap();
    }
    let id = s.send_echo(a.inside, "10.0.1.3", 1422, true).unwrap();
    s.run(Duration::from_secs(2));
    assert!(s.answered(a.inside, id));
}

#[test]
fn a_rule_on_the_machine_blocks_the_tunnel() {
    let (mut s, a, b) = both();
    let rule = Rule::new()
        .proto(Proto::UDP)
        .dport(4789)
        .target(Target::Drop);
    let nf = &mut s.k.net.netns_mut(b.root).unwrap().nf;
    nf.table_mut(Family::V4, TableName::Filter)
        .append("INPUT", rule)
        .unwrap();
    assert!(!s.ping(a.inside, "10.0.1.3"));
}

#[test]
fn the_port_is_taken_while_a_device_is_up_and_goes_with_the_last() {
    let (mut s, a, _) = both();
    let taken = |s: &Scene| s.k.sock_list(a.root).iter().any(|x| x.local.port() == 4789);
    assert!(taken(&s));
    s.k.link_set_down(a.vxlan).unwrap();
    assert!(!taken(&s));
    let again = LinkSpec::new("vy", LinkSpecKind::Vxlan(VxlanSpec::new(VNI)));
    assert_eq!(s.k.link_add(a.root, again), Err(Errno::EEXIST));
}

/// A balancer's namespace beside clients and servers on one bridge, as on an overlay network: the virtual address 10.0.0.9, servers
/// 10.0.0.3 and 10.0.0.4, a client 10.0.0.2.
fn balanced() -> (Scene, Vec<Behind>) {
    let mut s = Scene::new();
    let br = s.bridge("br0", &[]);
    let addrs: [&[&str]; 4] = [
        &["10.0.0.2/24"],
        &["10.0.0.3/24"],
        &["10.0.0.4/24"],
        &["10.0.0.5/24", "10.0.0.9/32"],
    ];
    let all: Vec<Behind> = addrs.iter().map(|a| s.behind(br, a)).collect();
    let lb = all[3].ns;
    let nf = &mut s.k.net.netns_mut(lb).unwrap().nf;
    let mark = Rule::new()
        .dst("10.0.0.9".parse::<IpAddr>().unwrap())
        .target(Target::Mark {
            value: 256,
            mask: u32::MAX,
        });
    nf.table_mut(Family::V4, TableName::Mangle)
        .append("INPUT", mark)
        .unwrap();
    let snat = Rule::new()
        .and(Match::Ipvs { not: false })
        .target(Target::snat(Some(ip("10.0.0.5")), None));
    nf.table_mut(Family::V4, TableName::Nat)
        .append("POSTROUTING", snat)
        .unwrap();
    s.k.ipvs_add_service(lb, 256);
    s.k.ipvs_set_destinations(lb, 256, &[(ip("10.0.0.3"), 1), (ip("10.0.0.4"), 1)]);
    (s, all)
}

fn knock(s: &mut Scene, from: NetnsId, port: u16) -> PacketId {
    let syn = TcpSegment {
        seq: 7,
        ..TcpSegment::new(port, 80, TcpFlags::SYN)
    };
    let packet = IpPacket::new(ip("0.0.0.0"), ip("10.0.0.9"), Transport::Tcp(syn));
    let id = s.k.ip_send(from, packet, SendOpts::default()).unwrap();
    s.run(Duration::from_secs(1));
    id
}

/// The namespaces in which a packet met a closed port.
fn reached(s: &Scene, id: PacketId) -> Option<NetnsId> {
    let end = |f: &&TraceEvent| matches!(f.what, Checkpoint::Drop(DropReason::NoSocket));
    s.facts(id).into_iter().find(end).map(|f| f.ns)
}

#[test]
fn connections_go_round_the_servers_and_answers_come_from_the_service() {
    let (mut s, all) = balanced();
    let (client, servers) = (all[0].ns, [all[1].ns, all[2].ns]);
    let mut met = Vec::new();
    for port in 4000..4004 {
        let id = knock(&mut s, client, port);
        let at = reached(&s, id).unwrap();
        assert!(servers.contains(&at));
        met.push(at);
        // The reset that the server answers with comes back as the service's.
        let (reset, _) = s.caused(id).pop().unwrap();
        let seen = s
            .facts(reset)
            .into_iter()
            .rev()
            .find_map(|f| match &f.what {
                Checkpoint::Receive { frame, .. } if f.ns == client => {
                    frame.as_ip().map(|ip| ip.src)
                }
                _ => None,
            });
        assert_eq!(seen, Some(ip("10.0.0.9")));
    }
    assert_ne!(met[0], met[1]);
    assert_eq!((met[0], met[1]), (met[2], met[3]));
    let lb = s.k.netns(all[3].ns).unwrap();
    assert!(lb.nf.conntrack().is_some());
}

#[test]
fn a_server_without_weight_gets_nothing_and_without_servers_all_is_refused() {
    let (mut s, all) = balanced();
    let (client, lb) = (all[0].ns, all[3].ns);
    s.k.ipvs_set_destinations(lb, 256, &[(ip("10.0.0.3"), 0), (ip("10.0.0.4"), 1)]);
    for port in 5000..5003 {
        let id = knock(&mut s, client, port);
        assert_eq!(reached(&s, id), Some(all[2].ns));
    }
    s.k.ipvs_set_destinations(lb, 256, &[(ip("10.0.0.3"), 0), (ip("10.0.0.4"), 0)]);
    let id = knock(&mut s, client, 5003);
    assert_eq!(s.dropped(id), Some(DropReason::NoServer));
    s.k.ipvs_del_service(lb, 256);
    let id = knock(&mut s, client, 5004);
    assert_eq!(reached(&s, id), Some(lb));
}

#[test]
fn the_service_answers_pings_itself_and_datagrams_are_balanced() {
    let (mut s, all) = balanced();
    let client = all[0].ns;
    assert!(s.ping(client, "10.0.0.9"));
    let udp = UdpDatagram {
        src_port: 6000,
        dst_port: 53,
        payload: Bytes::from_static(b"?"),
    };
    let packet = IpPacket::new(ip("0.0.0.0"), ip("10.0.0.9"), Transport::Udp(udp));
    let id = s.k.ip_send(client, packet, SendOpts::default()).unwrap();
    s.run(Duration::from_secs(1));
    let at = reached(&s, id).unwrap();
    assert!(at == all[1].ns || at == all[2].ns);
    let (error, _) = s.caused(id).pop().unwrap();
    let quoted = s.facts(error).into_iter().find_map(|f| match &f.what {
        Checkpoint::Receive { frame, .. } if f.ns == client => match &frame.as_ip()?.transport {
            Transport::Icmp(IcmpMessage::Error { quoted, .. }) => Some(quoted.dst),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(quoted, Some(ip("10.0.0.9")));
    let lb = &s.k.netns(all[3].ns).unwrap().nf;
    assert!(lb.ipvs().unwrap().service(ServiceKey::Mark(256)).is_some());
}
