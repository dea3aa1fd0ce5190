//! A packet opened up at each of its hops.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{run, with};
use lab::Lab;
use lab::view::Hop;

/// A lab in which the laptop has just fetched a page that hostA publishes.
fn fetched() -> Lab {
    let mut lab = with("lan", &["docker run -d --name web -p 8080:80 nginx"]);
    run(&mut lab, "laptop", "curl -s http://192.168.1.10:8080");
    lab
}

#[test]
fn bytes_and_layers_agree_at_every_hop() {
    let lab = fetched();
    let mut seen = 0;
    for journey in lab.journeys() {
        for (index, hop) in journey.hops.iter().enumerate() {
            let Some(packet) = lab.packet(&journey.id, index) else {
                assert!(hop.layers.is_empty(), "{} has layers", hop.title);
                continue;
            };
            assert_eq!(packet.layers, hop.layers);
            let last = packet.layers.last().unwrap();
            assert_eq!((last.start + last.bytes) as usize, packet.bytes.len());
            for field in packet.layers.iter().flat_map(|l| &l.fields) {
                assert!((field.start + field.bytes) as usize <= packet.bytes.len());
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} hops opened");
}

#[test]
fn what_a_hop_changed_is_marked() {
    let lab = fetched();
    let journeys = lab.journeys();
    let syn = journeys.iter().find(|j| j.label == "SYN").unwrap();
    let changed = |hop: &Hop| -> Vec<(String, String)> {
        let fields = hop.layers.iter().flat_map(|l| &l.fields);
        fields
            .filter(|f| f.changed)
            .map(|f| (f.name.clone(), f.value.clone()))
            .collect()
    };
    let translated = syn.hops.iter().find(|h| !h.changes.is_empty()).unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        changed(translated),
        [pair("dst", "172.17.0.2"), pair("dst port", "80")]
    );
    assert!(changed(&syn.hops[0]).is_empty());
    let arrived = syn.hops.last().unwrap();
    assert!(lab.packet(&syn.id, syn.hops.len()).is_none());
    assert!(arrived.layers.iter().any(|l| l.name == "TCP"));
}

#[test]
fn connection_tracking_is_told_where_it_was_asked() {
    let lab = fetched();
    let journeys = lab.journeys();
    let at = |label: &str, title: &str| {
        let journey = journeys.iter().find(|j| j.label == label).unwrap();
        let on = |h: &Hop| h.machine == "hostA" && h.title == title;
        let hop = journey.hops.iter().position(on).unwrap();
        lab.packet(&journey.id, hop).unwrap().tracked
    };
    let syn = at("SYN", "PREROUTING").unwrap();
    assert_eq!((syn.state.as_str(), syn.reply), ("NEW", false));
    let entry = syn.entry.unwrap();
    assert!(entry.original.ends_with("192.168.1.10:8080"), "{entry:?}");
    assert!(entry.reply.starts_with("172.17.0.2:80 "), "{entry:?}");
    let answer = at("SYN-ACK", "PREROUTING").unwrap();
    assert_eq!(
        (answer.state.as_str(), answer.reply, answer.entry),
        ("ESTABLISHED", true, Some(entry))
    );
    assert_eq!(at("SYN", "eth0 receives"), None);
}

#[test]
fn no_packet_answers_to_a_name_that_is_none() {
    let lab = fetched();
    for id in ["", "p", "p99999999", "7", "pp1"] {
        assert!(lab.packet(id, 0).is_none(), "{id}");
    }
}

#[test]
fn a_rule_beside_a_hop_has_counted_this_packet() {
    let mut lab = with("lan", &["docker run -d --name web -p 8080:80 nginx"]);
    run(
        &mut lab,
        "hostA",
        "iptables -I DOCKER-USER -p tcp --dport 80 -j DROP",
    );
    run(&mut lab, "laptop", "curl -m 4 http://192.168.1.10:8080");
    let counted: Vec<u64> = lab
        .journeys()
        .iter()
        .flat_map(|journey| &journey.hops)
        .filter_map(|hop| hop.rules.iter().find(|r| r.chain == "DOCKER-USER"))
        .map(|rule| rule.packets)
        .collect();
    // The SYN, and the same again after each of three seconds.
    assert_eq!(counted, [1, 2, 3, 4]);
}

#[test]
fn who_says_where_it_is_was_not_asked() {
    let mut lab = common::with("lan", &["docker run -d --name web nginx"]);
    common::run(&mut lab, "hostA", "ping -c 1 172.17.0.2");
    let flights = lab.flights(100);
    let names = |chatter: bool| {
        let some = flights.iter().filter(move |f| f.chatter == chatter);
        some.map(|f| f.name.as_str()).collect::<Vec<_>>()
    };
    let told = names(true);
    assert!(!told.is_empty() && told.iter().all(|n| *n == "172.17.0.2 announces itself"));
    let asked = names(false);
    assert!(asked.contains(&"who has 172.17.0.2?"), "{asked:?}");
}
