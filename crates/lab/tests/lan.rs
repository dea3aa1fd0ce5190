//! The LAN: what is explained when it stays silent, what the fixes mend, and the internet behind the router.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::run;
use lab::Lab;

fn with(lines: &[&str]) -> Lab {
    common::with("lan", lines)
}

#[test]
fn a_macvlan_network_stands_on_its_parent() {
    let lab = with(&[
        "docker network create -d macvlan --subnet 192.168.1.0/24 --gateway 192.168.1.1 -o parent=eth0 lan",
        "docker run -d --name box --network lan --ip 192.168.1.230 myapp",
    ]);
    let topology = lab.topology();
    let machine = topology
        .machines
        .iter()
        .find(|m| m.name == "hostA")
        .unwrap();
    let network = machine.networks.iter().find(|n| n.name == "lan").unwrap();
    assert_eq!(
        (network.parent.as_str(), network.driver_mode.as_str()),
        ("eth0", "bridge")
    );
}

#[test]
fn an_ipvlan_in_layer_3_needs_a_route_on_the_lan() {
    let mut lab = with(&[
        "docker network create -d ipvlan --subnet 10.67.0.0/24 -o parent=eth0 -o ipvlan_mode=l3 deep",
        "docker run -d --name box --network deep myapp",
    ]);
    assert_ne!(
        run(
            &mut lab,
            "hostA",
            "docker exec box ping -c 1 -W 1 192.168.1.50"
        ),
        0
    );
    assert_eq!(
        run(
            &mut lab,
            "laptop",
            "ip route add 10.67.0.0/24 via 192.168.1.10"
        ),
        0
    );
    assert_eq!(
        run(
            &mut lab,
            "hostA",
            "docker exec box ping -c 1 -W 1 192.168.1.50"
        ),
        0
    );
}

#[test]
fn the_internet_is_behind_the_routers_nat_and_firewall() {
    let mut lab = with(&["docker run -d --name web -p 8080:80 nginx"]);
    assert_eq!(
        run(&mut lab, "hostA", "curl -sf http://site.example.test"),
        0
    );
    assert_eq!(
        run(
            &mut lab,
            "hostA",
            "docker exec web curl -sf http://site.example.test"
        ),
        0
    );
    let outside = "curl -sf --max-time 2 http://203.0.113.1:8080";
    assert_ne!(run(&mut lab, "internet", outside), 0);
    let forward = "iptables -t nat -A PREROUTING -i eth1 -p tcp --dport 8080 -j DNAT --to-destination 192.168.1.10:8080 && iptables -A FORWARD -i eth1 -p tcp --dport 8080 -j ACCEPT";
    assert_eq!(run(&mut lab, "router", forward), 0);
    assert_eq!(run(&mut lab, "internet", outside), 0);
}

#[test]
fn a_strict_switch_refuses_macvlans() {
    let mut lab = common::with(
        "strict",
        &[
            "docker network create -d macvlan --subnet 192.168.1.0/24 --gateway 192.168.1.1 -o parent=eth0 lan",
            "docker run -d --name box --network lan --ip 192.168.1.230 myapp",
        ],
    );
    assert_ne!(
        run(
            &mut lab,
            "hostA",
            "docker exec box ping -c 1 -W 4 192.168.1.50"
        ),
        0
    );
    let why = lab.explanation().unwrap();
    assert!(why.sentence.contains("switch refuses"), "{}", why.sentence);
}
