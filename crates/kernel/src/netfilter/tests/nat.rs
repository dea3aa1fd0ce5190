//! What translation does to packets and to their answers.

use super::*;

#[test]
fn published_port_leads_to_the_container_and_back() {
    let mut s = Scene::docker();
    let there = s.forward(
        eth0(),
        docker0(),
        tcp(LAPTOP, 40000, HOST, 8080, TcpFlags::SYN),
    );
    looks(there, "192.168.1.50:40000", "172.17.0.2:80");
    let back = s.forward(
        docker0(),
        eth0(),
        tcp(CONTAINER, 80, LAPTOP, 40000, TcpFlags::SYN_ACK),
    );
    looks(back, "192.168.1.10:8080", "192.168.1.50:40000");
    looks(
        s.forward(
            eth0(),
            docker0(),
            tcp(LAPTOP, 40000, HOST, 8080, TcpFlags::ACK),
        ),
        "192.168.1.50:40000",
        "172.17.0.2:80",
    );
    let flows = s.flows();
    assert_eq!(flows.len(), 1);
    assert_eq!(
        (flows[0].tcp, flows[0].assured, flows[0].dnat),
        (Some(TcpState::Established), true, true)
    );
    assert_eq!(flows[0].remaining.as_secs(), 432_000);
}

#[test]
fn masquerade_keeps_the_port_when_free_and_changes_it_when_not() {
    let mut s = Scene::docker();
    looks(
        s.forward(docker0(), eth0(), udp(CONTAINER, 5000, LAPTOP, 53)),
        "192.168.1.10:5000",
        "192.168.1.50:53",
    );
    let second = s
        .forward(docker0(), eth0(), udp("172.17.0.3", 5000, LAPTOP, 53))
        .unwrap();
    let (port, _) = second.transport.ports().unwrap();
    assert!(
        second.src == ip(HOST) && port != 5000 && port >= 1024,
        "{second:?}"
    );
    looks(
        s.forward(eth0(), docker0(), udp(LAPTOP, 53, HOST, port)),
        "192.168.1.50:53",
        "172.17.0.3:5000",
    );
    looks(
        s.forward(eth0(), docker0(), udp(LAPTOP, 53, HOST, 5000)),
        "192.168.1.50:53",
        "172.17.0.2:5000",
    );
}

#[test]
fn icmp_error_about_a_translated_flow_is_translated_with_what_it_quotes() {
    let mut s = Scene::docker();
    let sent = s
        .forward(docker0(), eth0(), udp(CONTAINER, 5000, LAPTOP, 9))
        .unwrap();
    let error = |kind, about: &IpPacket, from: IpAddr| {
        let quoted = Box::new(wire::Quoted::new(about));
        IpPacket::new(
            from,
            about.src,
            Transport::Icmp(IcmpMessage::Error { kind, quoted }),
        )
    };
    let back = s
        .forward(
            eth0(),
            docker0(),
            error(IcmpErrorKind::PortUnreachable, &sent, ip(LAPTOP)),
        )
        .unwrap();
    assert_eq!(back.dst, ip(CONTAINER));
    let Transport::Icmp(IcmpMessage::Error { quoted, .. }) = &back.transport else {
        panic!("{back:?}")
    };
    assert_eq!((quoted.src, quoted.dst), (ip(CONTAINER), ip(LAPTOP)));
    assert_eq!(quoted.ports, wire::QuotedPorts::Ports { src: 5000, dst: 9 });
}

#[test]
fn resolver_is_reached_and_answers_over_lo() {
    let mut s = Scene::new();
    let nat = s.nf.table_mut(Family::V4, TableName::Nat);
    let dns = || Rule::new().dst(ip("127.0.0.11")).proto(Proto::UDP);
    nat.append(
        "OUTPUT",
        dns()
            .dport(53)
            .target(Target::dnat(ip("127.0.0.11"), Some(40001))),
    )
    .unwrap();
    let from = Rule::new()
        .src(ip("127.0.0.11"))
        .proto(Proto::UDP)
        .sport(40001);
    nat.append("POSTROUTING", from.target(Target::snat(None, Some(53))))
        .unwrap();
    let question = s
        .send(lo(), udp("127.0.0.1", 5000, "127.0.0.11", 53))
        .unwrap();
    looks(Some(question.clone()), "127.0.0.1:5000", "127.0.0.11:40001");
    looks(
        s.receive(lo(), question),
        "127.0.0.1:5000",
        "127.0.0.11:40001",
    );
    let answer = s
        .send(lo(), udp("127.0.0.11", 40001, "127.0.0.1", 5000))
        .unwrap();
    looks(Some(answer.clone()), "127.0.0.11:53", "127.0.0.1:5000");
    looks(s.receive(lo(), answer), "127.0.0.11:53", "127.0.0.1:5000");
    assert_eq!(s.flows().len(), 1);
}

#[test]
fn own_packet_to_a_published_port_has_to_be_routed_again() {
    let mut s = Scene::docker();
    let mut skb = Skb::local(PacketId(1), tcp(HOST, 5000, HOST, 8080, TcpFlags::SYN));
    assert_eq!(
        s.at(Hook::Output, None, Some(lo()), &mut skb),
        Verdict::Accept { reroute: true }
    );
    assert_eq!(ends(&skb.ip).1, "172.17.0.2:80");
}
