//! Scenes with rules: where the hooks lie on a packet's way.

use super::super::testutil::{Behind, Scene};
use super::ip;
use crate::errno::Errno;
use crate::ids::{LinkId, PacketId};
use crate::net::{LinkSpec, LinkSpecKind, SendOpts};
use crate::netfilter::model::RejectWith;
use crate::netfilter::{AddrType, Family, Hook, Rule, TableName, Target};
use crate::time::Duration;
use crate::trace::{Checkpoint, DropReason};
use wire::{IcmpErrorKind, IpPacket, Proto, TcpFlags, TcpSegment, Transport, UdpDatagram};

fn append(s: &mut Scene, table: TableName, chain: &str, rule: Rule) {
    let nf = &mut s.k.net.netns_mut(s.host).unwrap().nf;
    nf.table_mut(Family::V4, table).append(chain, rule).unwrap();
}

fn send(s: &mut Scene, from: Behind, dst: &str, transport: Transport) -> PacketId {
    let packet = IpPacket::new(ip("0.0.0.0"), ip(dst), transport);
    let id = s.k.ip_send(from.ns, packet, SendOpts::default()).unwrap();
    s.run(Duration::from_secs(1));
    id
}

fn udp(dst_port: u16) -> Transport {
    Transport::Udp(UdpDatagram {
        src_port: 4000,
        dst_port,
        payload: wire::Bytes::from_static(b"hello"),
    })
}

fn syn(dst_port: u16) -> Transport {
    Transport::Tcp(TcpSegment {
        seq: 7,
        ..TcpSegment::new(4000, dst_port, TcpFlags::SYN)
    })
}

/// The machine between a container network and a LAN with a laptop on it.
fn with_lan(s: &mut Scene) -> (Behind, Behind, LinkId) {
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.route(a.ns, "default", "10.0.0.1");
    let lan = s.k.segment_add("lan");
    let machine = s.k.add_machine("laptop");
    let ns = s.k.machine(machine).unwrap().root_ns;
    let plug = |s: &mut Scene, ns, cidr: &str| {
        let kind = LinkSpecKind::Nic {
            segment: Some(lan),
            uplink_index: None,
        };
        let eth0 = s.k.link_add(ns, LinkSpec::new("eth0", kind)).unwrap();
        s.k.link_set_up(eth0).unwrap();
        s.addr(eth0, cidr);
        eth0
    };
    let host_eth0 = plug(s, s.host, "192.168.1.10/24");
    let eth0 = plug(s, ns, "192.168.1.50/24");
    (
        a,
        Behind {
            ns,
            eth0,
            port: eth0,
        },
        host_eth0,
    )
}

#[test]
fn bridged_packets_meet_forward_rules_only_where_the_machine_wants_it() {
    let mut s = Scene::new();
    let br = s.bridge("br0", &["10.0.0.1/24"]);
    let a = s.behind(br, &["10.0.0.2/24"]);
    s.behind(br, &["10.0.0.3/24"]);
    append(
        &mut s,
        TableName::Filter,
        "FORWARD",
        Rule::new().in_if("br0").out_if("br0").target(Target::Drop),
    );
    assert!(s.ping(a.ns, "10.0.0.3"));
    s.k.sysctl_set(s.host, "net.bridge.bridge-nf-call-iptables", "1")
        .unwrap();
    let id = s.send_echo(a.ns, "10.0.0.3", 56, false).unwrap();
    s.run(Duration::from_secs(1));
    assert!(matches!(
        s.dropped(id),
        Some(DropReason::Netfilter {
            hook: Hook::Forward,
            ..
        })
    ));
    // The machine itself is no forwarding, and ARP is no IP.
    assert!(s.ping(a.ns, "10.0.0.1"));
}

#[test]
fn a_published_port_is_translated_there_and_back() {
    let mut s = Scene::new();
    let (a, laptop, _) = with_lan(&mut s);
    let to = Target::dnat(ip("10.0.0.2"), Some(53));
    append(
        &mut s,
        TableName::Nat,
        "PREROUTING",
        Rule::new()
            .dst_type(AddrType::Local)
            .proto(Proto::UDP)
            .dport(5353)
            .target(to),
    );
    let id = send(&mut s, laptop, "192.168.1.10", udp(5353));
    // Nobody listens in the container, which says so; the laptop hears it from the address that it asked.
    let (error, told) = s
        .caused(id)
        .into_iter()
        .find(|(_, ip)| ip.is_some())
        .unwrap();
    assert_eq!(told.unwrap().src, ip("10.0.0.2"));
    let last = s
        .facts(error)
        .into_iter()
        .rev()
        .find_map(|e| match &e.what {
            Checkpoint::Receive { frame, .. } if e.ns == laptop.ns => frame.as_ip().cloned(),
            _ => None,
        });
    let last = last.unwrap();
    assert_eq!(last.src, ip("192.168.1.10"));
    let Transport::Icmp(wire::IcmpMessage::Error { kind, quoted }) = last.transport else {
        panic!("{last:?}")
    };
    assert_eq!(kind, IcmpErrorKind::PortUnreachable);
    assert_eq!(
        (quoted.dst, quoted.ports),
        (
            ip("192.168.1.10"),
            wire::QuotedPorts::Ports {
                src: 4000,
                dst: 5353
            }
        )
    );
    assert!(s.facts(id).iter().any(|e| e.ns == a.ns));
}

#[test]
fn masquerading_hides_the_container_network_behind_the_machine() {
    let mut s = Scene::new();
    let (a, laptop, _) = with_lan(&mut s);
    // The laptop has no route to the containers: without translation there is no answer.
    assert!(!s.ping(a.ns, "192.168.1.50"));
    let rule = Rule::new()
        .src("10.0.0.0/24".parse::<ipnet::IpNet>().unwrap())
        .not_out_if("br0")
        .target(Target::masquerade());
    append(&mut s, TableName::Nat, "POSTROUTING", rule);
    let id = s.send_echo(a.ns, "192.168.1.50", 56, false).unwrap();
    s.run(Duration::from_secs(1));
    assert!(s.answered(a.ns, id));
    let seen = s.facts(id).into_iter().find_map(|e| match &e.what {
        Checkpoint::Receive { frame, .. } if e.ns == laptop.ns => frame.as_ip().map(|ip| ip.src),
        _ => None,
    });
    assert_eq!(seen, Some(ip("192.168.1.10")));
}

#[test]
fn reject_answers_with_an_error_or_a_reset() {
    let mut s = Scene::new();
    let (a, _, _) = with_lan(&mut s);
    let reject = |proto, with| Rule::new().proto(proto).target(Target::Reject(with));
    let prohibited = RejectWith::Icmp(IcmpErrorKind::AdminProhibited);
    append(
        &mut s,
        TableName::Filter,
        "FORWARD",
        reject(Proto::UDP, prohibited),
    );
    append(
        &mut s,
        TableName::Filter,
        "FORWARD",
        reject(Proto::TCP, RejectWith::TcpReset),
    );
    let id = send(&mut s, a, "192.168.1.50", udp(53));
    assert_eq!(
        s.error_about(id),
        Some((ip("10.0.0.1"), IcmpErrorKind::AdminProhibited))
    );
    let id = send(&mut s, a, "192.168.1.50", syn(80));
    let (reset, packet) = s
        .caused(id)
        .into_iter()
        .find(|(_, ip)| ip.is_some())
        .unwrap();
    let packet = packet.unwrap();
    assert_eq!(packet.src, ip("192.168.1.50"));
    let Transport::Tcp(tcp) = packet.transport else {
        panic!("not TCP")
    };
    assert_eq!(
        (tcp.flags, tcp.ack, tcp.src_port),
        (TcpFlags::RST_ACK, 8, 80)
    );
    assert!(s.facts(reset).iter().any(|e| e.ns == a.ns));
}

#[test]
fn a_rule_in_output_stops_the_sender_with_an_error() {
    let mut s = Scene::new();
    let (_, laptop, _) = with_lan(&mut s);
    let _ = laptop;
    append(
        &mut s,
        TableName::Filter,
        "OUTPUT",
        Rule::new().proto(Proto::ICMP).target(Target::Drop),
    );
    assert_eq!(
        s.send_echo(s.host, "192.168.1.50", 56, false),
        Err(Errno::EPERM)
    );
    // A destination rewritten in OUTPUT is routed again.
    let to = Target::dnat(ip("10.0.0.2"), None);
    append(
        &mut s,
        TableName::Nat,
        "OUTPUT",
        Rule::new()
            .dst("192.168.1.10/32".parse::<ipnet::IpNet>().unwrap())
            .target(to),
    );
    let packet = IpPacket::new(ip("0.0.0.0"), ip("192.168.1.10"), udp(9));
    let id = s.k.ip_send(s.host, packet, SendOpts::default()).unwrap();
    s.run(Duration::from_secs(1));
    let routes = s
        .facts(id)
        .iter()
        .filter(|e| matches!(e.what, Checkpoint::Route { .. }))
        .count();
    assert!(routes >= 3, "on the machine twice, in the container once");
}

#[test]
fn a_loopback_source_is_martian_behind_a_bridge_without_route_localnet() {
    let mut s = Scene::new();
    let (_, _, _) = with_lan(&mut s);
    let to = Target::dnat(ip("10.0.0.2"), Some(80));
    append(
        &mut s,
        TableName::Nat,
        "OUTPUT",
        Rule::new()
            .dst_type(AddrType::Local)
            .proto(Proto::TCP)
            .dport(8080)
            .target(to),
    );
    append(
        &mut s,
        TableName::Nat,
        "POSTROUTING",
        Rule::new()
            .src_type(AddrType::Local)
            .out_if("br0")
            .target(Target::masquerade()),
    );
    let packet = || IpPacket::new(ip("127.0.0.1"), ip("127.0.0.1"), syn(8080));
    // For TCP that is a segment lost, no error of its own.
    assert_eq!(
        s.k.ip_send(s.host, packet(), SendOpts::default()),
        Err(Errno::EPERM)
    );
    s.k.sysctl_set(s.host, "net.ipv4.conf.br0.route_localnet", "1")
        .unwrap();
    let id = s.k.ip_send(s.host, packet(), SendOpts::default()).unwrap();
    s.run(Duration::from_secs(1));
    // The closed port's reset comes back to 127.0.0.1.
    let (reset, _) = s
        .caused(id)
        .into_iter()
        .find(|(_, ip)| ip.is_some())
        .unwrap();
    let end = s
        .facts(reset)
        .into_iter()
        .rev()
        .find_map(|e| match &e.what {
            Checkpoint::Route { dst, .. } if e.ns == s.host => Some(*dst),
            _ => None,
        });
    assert_eq!(end, Some(ip("127.0.0.1")));
}
