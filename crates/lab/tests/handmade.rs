//! Namespaces, bridges and cables that somebody makes by hand stand on the stage, and what happens in them is told.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{mended, run};
use lab::Lab;
use lab::view::{Container, Machine};
use std::rc::Rc;

const BY_HAND: &[&str] = &[
    "ip netns add red && ip netns add blue",
    "ip link add br0 type bridge && ip addr add 10.9.0.1/24 dev br0 && ip link set br0 up",
    "ip link add v0 type veth peer name v1 && ip link set v0 master br0 up && ip link set v1 netns red",
    "ip -n red addr add 10.9.0.2/24 dev v1 && ip -n red link set v1 up && ip -n red link set lo up",
    "ip link add w0 type veth peer name w1 && ip link set w1 netns blue && ip addr add 10.8.0.1/24 dev w0",
    "ip link set w0 up && ip -n blue addr add 10.8.0.2/24 dev w1 && ip -n blue link set w1 up",
];

fn with(lines: &[&str]) -> Lab {
    common::with("lan", lines)
}

fn host(lab: &Lab) -> Rc<Machine> {
    let topology = lab.topology();
    let found = topology.machines.iter().find(|m| m.name == "hostA");
    found.unwrap().clone()
}

fn named(lab: &Lab, name: &str) -> Rc<Container> {
    let host = host(lab);
    let found = host.containers.iter().find(|c| c.name == name);
    found.unwrap().clone()
}

#[test]
fn a_namespace_hangs_on_its_bridge_or_on_its_cable() {
    let lab = with(BY_HAND);
    let bars = host(&lab).networks.clone();
    let bars: Vec<_> = bars
        .iter()
        .map(|n| (n.name.as_str(), n.driver.as_str(), n.subnet.as_str()))
        .collect();
    assert_eq!(
        bars,
        [
            ("bridge", "bridge", "172.17.0.0/16"),
            ("br0", "bridge", "10.9.0.0/24"),
            ("w0", "veth", "10.8.0.0/24"),
        ]
    );
    for (name, interface, address, bar) in [
        ("red", "v1", "10.9.0.2/24", "network:hostA/br0"),
        ("blue", "w1", "10.8.0.2/24", "network:hostA/w0"),
    ] {
        let space = named(&lab, name);
        assert_eq!(space.id, format!("namespace:hostA/{name}"));
        let [only] = space.interfaces.as_slice() else {
            panic!("{space:?}");
        };
        assert_eq!(
            (only.name.as_str(), &*only.addresses),
            (interface, [address.to_owned()].as_slice())
        );
        assert_eq!(only.network.as_deref(), Some(bar));
        assert_eq!(space.networks, [bar]);
    }
}

#[test]
fn two_that_a_cable_joins_know_each_other() {
    let mut lab = with(&[
        "ip netns add red && ip netns add blue",
        "ip link add v0 netns red type veth peer name w0 netns blue",
    ]);
    let peer = |lab: &Lab, name: &str| match named(lab, name).interfaces.as_slice() {
        [only] => only.peer.clone(),
        other => panic!("{other:?}"),
    };
    let place = |name: &str| Some(format!("namespace:hostA/{name}"));
    assert_eq!(peer(&lab, "red"), place("blue"));
    assert_eq!(peer(&lab, "blue"), place("red"));
    // With an end that comes to the machine itself, it leads to that.
    run(&mut lab, "hostA", "ip -n blue link set w0 netns 1");
    assert_eq!(peer(&lab, "red"), None);
    let bars: Vec<_> = host(&lab).networks.iter().map(|n| n.name.clone()).collect();
    assert_eq!(bars, ["bridge", "w0"]);
}

#[test]
fn one_on_a_network_of_docker_hangs_there() {
    let lab = with(&[
        "ip netns add red && ip link add v0 type veth peer name v1 && ip link set v1 netns red",
        "ip link set v0 master docker0",
    ]);
    let host = host(&lab);
    let [bridge] = host.networks.as_slice() else {
        panic!("{:?}", host.networks);
    };
    assert_eq!(
        named(&lab, "red").networks,
        std::slice::from_ref(&bridge.id)
    );
}

#[test]
fn what_is_taken_away_goes_and_a_container_with_a_second_name_stays_one() {
    let mut lab = with(BY_HAND);
    run(&mut lab, "hostA", "ip netns del red; ip link del br0");
    run(&mut lab, "hostA", "docker run -d --name web nginx");
    run(
        &mut lab,
        "hostA",
        "ip netns attach web $(docker inspect -f '{{.State.Pid}}' web)",
    );
    let host = host(&lab);
    let names: Vec<&str> = host.containers.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["web", "blue"]);
    let bars: Vec<&str> = host.networks.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(bars, ["bridge", "w0"]);
}

#[test]
fn packets_are_followed_into_it() {
    let mut lab = with(BY_HAND);
    assert_eq!(run(&mut lab, "hostA", "ping -c 1 10.9.0.2"), 0);
    let journeys = lab.journeys();
    let mut places = journeys.iter().flat_map(|j| &j.hops).map(|h| &*h.place);
    assert!(places.any(|p| p == "namespace:hostA/red"));
    assert_eq!(run(&mut lab, "hostA", "ping -c 1 10.8.0.2"), 0);
}

#[test]
fn what_fails_there_is_explained_and_mended_there() {
    let mut lab = with(BY_HAND);
    let why = mended(
        &mut lab,
        "hostA",
        "ip netns exec red ping -c 1 -W 1 10.8.0.1",
    )
    .unwrap();
    assert!(
        why.sentence.contains("red has no route"),
        "{}",
        why.sentence
    );
    let why = mended(&mut lab, "hostA", "curl -sS http://10.9.0.2").unwrap();
    assert_eq!(
        why.sentence,
        "red refused the connection. Nothing in red listens on port 80."
    );
}

#[test]
fn it_can_be_looked_into_and_taken_away() {
    let mut lab = with(BY_HAND);
    let details = lab.details("namespace:hostA/red").unwrap();
    let titles: Vec<&str> = details.sections.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Interfaces", "Routes"]);
    let bar = lab.details("network:hostA/br0").unwrap();
    assert_eq!(bar.title, "br0");
    let actions = lab.actions("namespace:hostA/red");
    let last = actions.last().unwrap();
    assert!(last.destructive);
    for command in &last.commands {
        assert_eq!(run(&mut lab, "hostA", command), 0);
    }
    assert!(lab.details("namespace:hostA/red").is_none());
}

#[test]
fn whatever_it_is_called_it_can_be_taken_away() {
    let mut lab = with(&["ip netns add 'my lab' && ip netns add \"it's\""]);
    for name in ["my lab", "it's"] {
        let id = format!("namespace:hostA/{name}");
        let actions = lab.actions(&id);
        let last = actions.last().unwrap();
        for command in &last.commands {
            assert_eq!(run(&mut lab, "hostA", command), 0, "{command}");
        }
        assert!(lab.details(&id).is_none(), "{name}");
    }
}
