//! What is remembered of flows, and for how long.

use super::*;

#[test]
fn what_no_rule_accepts_meets_the_policy_and_is_forgotten() {
    let mut s = Scene::docker();
    assert_eq!(
        s.forward(
            eth0(),
            docker0(),
            tcp(LAPTOP, 1, CONTAINER, 22, TcpFlags::SYN)
        ),
        None
    );
    assert!(s.flows().is_empty());
    let told = |s: &Scene| {
        let hits = s.trace.since(0).filter_map(|event| match &event.what {
            Checkpoint::Hook {
                hook: Hook::Forward,
                matched,
                ..
            } => matched.last().cloned(),
            _ => None,
        });
        hits.last().map(|hit| (hit.number, hit.text.to_string()))
    };
    assert_eq!(told(&s), Some((0, "-P FORWARD DROP".to_owned())));
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    filter.set_policy("FORWARD", Policy::Accept, None).unwrap();
    s.forward(
        eth0(),
        docker0(),
        tcp(LAPTOP, 1, CONTAINER, 22, TcpFlags::SYN),
    );
    assert_eq!(told(&s), Some((0, "-P FORWARD ACCEPT".to_owned())));
}

#[test]
fn flows_expire_by_protocol_and_state() {
    let mut s = Scene::docker();
    s.forward(docker0(), eth0(), udp(CONTAINER, 5000, LAPTOP, 53));
    s.forward(
        docker0(),
        eth0(),
        tcp(CONTAINER, 5000, LAPTOP, 80, TcpFlags::SYN),
    );
    s.wait(29);
    assert_eq!(s.flows().len(), 2);
    s.wait(1);
    assert_eq!(s.flows().len(), 1);
    s.forward(
        eth0(),
        docker0(),
        tcp(LAPTOP, 80, HOST, 5000, TcpFlags::RST_ACK),
    );
    assert!(
        s.flows().is_empty(),
        "a refused connection is forgotten at once"
    );
}

#[test]
fn tcp_end_leads_to_time_wait_and_a_new_syn_begins_anew() {
    let mut s = Scene::docker();
    let there = |s: &mut Scene, flags| {
        s.forward(docker0(), eth0(), tcp(CONTAINER, 5000, LAPTOP, 80, flags))
    };
    let back =
        |s: &mut Scene, flags| s.forward(eth0(), docker0(), tcp(LAPTOP, 80, HOST, 5000, flags));
    there(&mut s, TcpFlags::SYN);
    back(&mut s, TcpFlags::SYN_ACK);
    there(&mut s, TcpFlags::ACK);
    there(&mut s, TcpFlags::FIN_ACK);
    back(&mut s, TcpFlags::FIN_ACK);
    there(&mut s, TcpFlags::ACK);
    let first = s.flows()[0].clone();
    assert_eq!(
        (first.tcp, first.remaining.as_secs()),
        (Some(TcpState::TimeWait), 120)
    );
    there(&mut s, TcpFlags::SYN);
    let second = s.flows();
    assert_eq!((second.len(), second[0].tcp), (1, Some(TcpState::SynSent)));
    assert_ne!(second[0].id, first.id);
}

#[test]
fn stray_answers_are_invalid() {
    let mut s = Scene::docker();
    let filter = s.nf.table_mut(Family::V4, TableName::Filter);
    filter
        .append(
            "INPUT",
            Rule::new().ctstate(CtStates::INVALID).target(Target::Drop),
        )
        .unwrap();
    assert_eq!(
        s.receive(eth0(), tcp(LAPTOP, 80, HOST, 5000, TcpFlags::SYN_ACK)),
        None
    );
    assert!(
        s.receive(eth0(), tcp(LAPTOP, 80, HOST, 5000, TcpFlags::SYN))
            .is_some()
    );
}

#[test]
fn flows_of_a_lost_address_are_forgotten() {
    let mut s = Scene::docker();
    s.forward(docker0(), eth0(), udp(CONTAINER, 5000, LAPTOP, 53));
    let now = s.now;
    s.nf.forget_masqueraded(LinkId(1), Some(ip("10.0.0.1")), now);
    assert_eq!(s.flows().len(), 1);
    s.nf.forget_masqueraded(LinkId(1), Some(ip(HOST)), now);
    assert!(s.flows().is_empty());
}

#[test]
fn namespace_without_rules_tracks_nothing() {
    let mut s = Scene::new();
    assert!(
        s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2))
            .is_some()
    );
    s.nf.table_mut(Family::V4, TableName::Filter)
        .append("FORWARD", Rule::new().target(Target::Accept))
        .unwrap();
    assert!(
        s.forward(eth0(), docker0(), udp(LAPTOP, 1, CONTAINER, 2))
            .is_some()
    );
    assert!(s.flows().is_empty());
    assert!(!s.nf.wants_whole_packets(Family::V4));
}
