//! What rules match and where they lead.

use super::*;

#[test]
fn reject_says_with_what_and_its_answer_belongs_to_the_flow() {
    let mut s = Scene::docker();
    let with = RejectWith::Icmp(IcmpErrorKind::PortUnreachable);
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    filter
        .insert("FORWARD", 1, Rule::new().target(Target::Reject(with)))
        .unwrap();
    let mut skb = Skb::local(PacketId(1), tcp(LAPTOP, 40000, HOST, 8080, TcpFlags::SYN));
    s.at(Hook::Prerouting, Some(eth0()), None, &mut skb);
    let verdict = s.at(Hook::Forward, Some(eth0()), Some(docker0()), &mut skb);
    assert!(
        matches!(verdict, Verdict::Reject { with: got, reason: DropReason::Netfilter { rule: Some(_), .. } } if got == with)
    );
    let quoted = Box::new(wire::Quoted::new(&skb.ip));
    let error = IcmpMessage::Error {
        kind: IcmpErrorKind::PortUnreachable,
        quoted,
    };
    let mut answer = Skb::local(
        PacketId(2),
        IpPacket::new(ip("172.17.0.1"), ip(LAPTOP), Transport::Icmp(error)),
    );
    s.nf.attach(&mut answer, &skb);
    for hook in [Hook::Output, Hook::Postrouting] {
        assert!(matches!(
            s.at(hook, None, Some(eth0()), &mut answer),
            Verdict::Accept { .. }
        ));
    }
    let Transport::Icmp(IcmpMessage::Error { quoted, .. }) = &answer.ip.transport else {
        panic!("{answer:?}")
    };
    assert_eq!((quoted.dst, answer.ip.src), (ip(HOST), ip(HOST)));
    assert_eq!(
        quoted.ports,
        wire::QuotedPorts::Ports {
            src: 40000,
            dst: 8080
        }
    );
}

#[test]
fn chains_return_and_goto_skips_the_caller() {
    let mut s = Scene::new();
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    for chain in ["A", "B"] {
        filter.new_chain(chain).unwrap();
    }
    filter.append("FORWARD", Rule::new().jump("A")).unwrap();
    filter
        .append("FORWARD", Rule::new().target(Target::Drop))
        .unwrap();
    filter
        .append("A", Rule::new().target(Target::Goto("B".into())))
        .unwrap();
    filter
        .append("A", Rule::new().target(Target::Accept))
        .unwrap();
    filter
        .append("B", Rule::new().target(Target::Return))
        .unwrap();
    assert_eq!(
        s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2)),
        None
    );
    let count = |s: &Scene, chain: &str, at: usize| {
        s.nf.table(Family::V4, TableName::Filter)
            .unwrap()
            .chain(chain)
            .unwrap()
            .rules()[at]
            .counters
            .packets
    };
    assert_eq!(
        (
            count(&s, "A", 0),
            count(&s, "A", 1),
            count(&s, "B", 0),
            count(&s, "FORWARD", 1)
        ),
        (1, 0, 1, 1)
    );
}

#[test]
fn tables_refuse_what_nf_tables_refuses() {
    let mut nf = Netfilter::default();
    let nat = nf.table_mut(Family::V4, TableName::Nat);
    let masquerade = || Rule::new().target(Target::masquerade());
    assert_eq!(
        nat.append("PREROUTING", masquerade()),
        Err(RuleError::Invalid)
    );
    nat.new_chain("X").unwrap();
    nat.append("X", masquerade()).unwrap();
    assert_eq!(
        nat.append("PREROUTING", Rule::new().jump("X")),
        Err(RuleError::Invalid)
    );
    nat.append("POSTROUTING", Rule::new().jump("X")).unwrap();
    assert_eq!(
        nat.append("X", Rule::new().target(Target::dnat(ip(HOST), None))),
        Err(RuleError::Invalid)
    );
    assert_eq!(
        nat.append("X", Rule::new().jump("X")),
        Err(RuleError::TooManyLinks)
    );
    assert_eq!(
        nat.append("X", Rule::new().jump("NOPE")),
        Err(RuleError::NoTarget)
    );
    assert_eq!(nat.delete_chain("X"), Err(RuleError::Busy));
    assert_eq!(nat.delete_same("X", &Rule::new()), Err(RuleError::NoRule));
    // A circle that no packet can reach is only refused when it is hung in.
    let filter = nf.table_mut(Family::V4, TableName::Filter);
    filter.new_chain("LOOP").unwrap();
    filter.append("LOOP", Rule::new().jump("LOOP")).unwrap();
    assert_eq!(
        filter.append("FORWARD", Rule::new().jump("LOOP")),
        Err(RuleError::TooManyLinks)
    );
    assert_eq!(filter.chain("LOOP").unwrap().references(), 1);
}

#[test]
fn limit_refills_with_time_and_nth_counts() {
    let mut s = Scene::new();
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    let limit = Limit {
        count: 1,
        period: 1,
        burst: 2,
        state: Volatile::default(),
    };
    filter
        .append(
            "FORWARD",
            Rule::new().and(Match::Limit(limit)).target(Target::Accept),
        )
        .unwrap();
    filter.set_policy("FORWARD", Policy::Drop, None).unwrap();
    let pass = |s: &mut Scene| {
        s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2))
            .is_some()
    };
    assert_eq!(
        [pass(&mut s), pass(&mut s), pass(&mut s)],
        [true, true, false]
    );
    s.wait(1);
    assert_eq!([pass(&mut s), pass(&mut s)], [true, false]);
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    let mode = StatisticMode::Nth {
        every: 3,
        packet: 0,
        seen: Volatile::default(),
    };
    filter
        .replace(
            "FORWARD",
            1,
            Rule::new()
                .and(Match::Statistic(Statistic { mode, not: false }))
                .target(Target::Accept),
        )
        .unwrap();
    let passed: Vec<bool> = (0..6).map(|_| pass(&mut s)).collect();
    assert_eq!(passed, [true, false, false, true, false, false]);
}

#[test]
fn interface_patterns_match_as_typed() {
    for (pattern, name, is) in [
        ("eth0", "eth0", true),
        ("eth0", "eth01", false),
        ("br-+", "br-1234", true),
        ("br-+", "docker0", false),
        ("+", "", true),
        ("eth0", "", false),
    ] {
        assert_eq!(
            model::IfPattern::new(pattern).matches(IfName::new(name)),
            is,
            "{pattern} {name}"
        );
    }
}
