//! Every failure is explained by the step that decided, and what is offered mends it.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{mended, with};
use lab::Lab;
use lab::view::Explanation;

/// Commands on hostA, then one that fails on some machine, and what has to be said about it.
struct Scene {
    setup: &'static [&'static str],
    machine: &'static str,
    command: &'static str,
    /// A part of the sentence.
    says: &'static str,
    /// How many ways out are offered; each is tried.
    fixes: usize,
}

const fn on(
    machine: &'static str,
    setup: &'static [&'static str],
    command: &'static str,
    says: &'static str,
    fixes: usize,
) -> Scene {
    Scene {
        setup,
        machine,
        command,
        says,
        fixes,
    }
}

const TWO_NETWORKS: &[&str] = &[
    "docker network create net-a",
    "docker network create net-b",
    "docker run -d --name web --network net-a nginx",
    "docker run -d --name probe --network net-b busybox sleep 1d",
];
const DEFAULT_BRIDGE: &[&str] = &[
    "docker run -d --name web nginx",
    "docker run -d --name probe busybox sleep 1d",
];
const INTERNAL: &[&str] = &[
    "docker network create --internal shut",
    "docker run -d --name probe --network shut busybox sleep 1d",
];
const MACVLAN: &[&str] = &[
    "docker network create -d macvlan --subnet 192.168.1.0/24 --gateway 192.168.1.1 -o parent=eth0 lan",
    "docker run -d --name box --network lan --ip 192.168.1.230 myapp",
];

const SCENES: &[Scene] = &[
    // Names.
    on(
        "hostA",
        TWO_NETWORKS,
        "docker exec probe ping -c 1 web",
        "NXDOMAIN. web exists, but not on any network probe belongs to",
        2,
    ),
    on(
        "hostA",
        TWO_NETWORKS,
        "docker run --rm --network net-b busybox ping -c 1 web",
        "web exists, but not on any network",
        1,
    ),
    on(
        "hostA",
        TWO_NETWORKS,
        "docker exec probe ping -c 1 nobody",
        "NXDOMAIN. There is no container called nobody.",
        0,
    ),
    on(
        "hostA",
        TWO_NETWORKS,
        "curl -s http://web",
        "hostA asks its own name server",
        1,
    ),
    on(
        "hostA",
        DEFAULT_BRIDGE,
        "docker exec probe ping -c 1 web",
        "probe is on the default bridge, where Docker does not answer",
        1,
    ),
    on(
        "hostA",
        DEFAULT_BRIDGE,
        "docker exec probe ping -c 1 host.docker.internal",
        "does not define host.docker.internal",
        1,
    ),
    on(
        "hostA",
        &[
            "docker network create n",
            "docker run -d --name db --network n --network-alias store redis:7",
            "docker run -d --name app --network n busybox sleep 1d",
            "docker stop -t 0 db",
        ],
        "docker exec app ping -c 1 store",
        "NXDOMAIN. db is not running.",
        1,
    ),
    on(
        "hostA",
        INTERNAL,
        "docker exec probe ping -c 1 laptop.example.test",
        "SERVFAIL. No container on probe's networks is called laptop.example.test",
        1,
    ),
    on(
        "hostA",
        &[
            "docker network create one",
            "docker network create two",
            "docker run -d --name app --network one --network-alias front nginx",
            "docker network connect two app",
        ],
        "docker run --rm --network two busybox ping -c 1 front",
        "NXDOMAIN. front is a name of app on one, not on two.",
        1,
    ),
    // Rules.
    on(
        "hostA",
        TWO_NETWORKS,
        "docker exec probe wget -q -T 2 -O - http://172.18.0.2",
        "Dropped in hostA, PREROUTING, raw table, chain PREROUTING, rule",
        1,
    ),
    on(
        "laptop",
        &[
            "docker run -d --name web -p 8080:80 nginx",
            "iptables -I DOCKER-USER -i eth0 -j DROP",
        ],
        "curl -s --max-time 2 http://192.168.1.10:8080",
        "Dropped in hostA, FORWARD, filter table, chain DOCKER-USER, rule 1",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name web -p 8080:80 nginx",
            "iptables -A INPUT -p tcp --dport 8080 -j DROP",
        ],
        "curl -s --max-time 2 http://127.0.0.1:8080",
        "Dropped in hostA, INPUT, filter table, chain INPUT, rule 1",
        1,
    ),
    on(
        "laptop",
        &["iptables -P INPUT DROP"],
        "ping -c 1 -W 1 192.168.1.10",
        "Dropped in hostA, INPUT, filter table, policy of INPUT",
        1,
    ),
    on(
        "laptop",
        &["iptables -A INPUT -p icmp -j REJECT"],
        "ping -c 1 -W 1 192.168.1.10",
        "in hostA, INPUT, filter table, chain INPUT, rule 1",
        1,
    ),
    on(
        "hostA",
        &["iptables -A OUTPUT -p icmp -j DROP"],
        "ping -c 1 -W 1 192.168.1.50",
        "Dropped in hostA, OUTPUT",
        1,
    ),
    on(
        "hostA",
        &[
            "docker network create -o com.docker.network.bridge.enable_icc=false apart",
            "docker run -d --name aa --network apart nginx",
            "docker run -d --name bb --network apart busybox sleep 1d",
        ],
        "docker exec bb ping -c 1 -W 1 aa",
        "Dropped in hostA, FORWARD",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name gate --cap-add NET_ADMIN nicolaka/netshoot sleep 1d",
            "docker exec gate iptables -A OUTPUT -p icmp -j DROP",
        ],
        "docker exec gate ping -c 1 -W 1 192.168.1.50",
        "Dropped in gate, OUTPUT",
        1,
    ),
    // Sockets.
    on(
        "laptop",
        &["docker run -d --name web nginx"],
        "curl -s http://192.168.1.10:80",
        "hostA refused the connection. Nothing in hostA listens on port 80.",
        1,
    ),
    on(
        "laptop",
        &["docker run -d --name db -p 127.0.0.1:8080:80 nginx"],
        "curl -s http://192.168.1.10:8080",
        "Refused by hostA. db is published on 127.0.0.1 only",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name web -p 8080:80 nginx",
            "docker stop -t 0 web",
        ],
        "curl -s http://localhost:8080",
        "hostA refused the connection",
        1,
    ),
    on(
        "hostA",
        &["docker run -d --name web --network host -p 8080:80 nginx"],
        "curl -s http://localhost:8080",
        "-p was ignored",
        1,
    ),
    on(
        "hostA",
        TWO_NETWORKS,
        "docker exec web curl -s http://localhost:81",
        "web refused the connection. Nothing in web listens on port 81",
        0,
    ),
    // Routes.
    on(
        "hostA",
        INTERNAL,
        "docker exec probe ping -c 1 192.168.1.50",
        "Network is unreachable. probe has no route to laptop.",
        1,
    ),
    on(
        "hostA",
        &["docker run -d --name alone --network none busybox sleep 1d"],
        "docker exec alone ping -c 1 192.168.1.50",
        "alone has no route to laptop",
        1,
    ),
    on(
        "hostA",
        DEFAULT_BRIDGE,
        "docker exec probe ping -c 1 2001:db8:1::50",
        "probe has no route to 2001:db8:1::50",
        0,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name box --cap-add NET_ADMIN busybox sleep 1d",
            "docker exec box ip route del default",
        ],
        "docker exec box ping -c 1 192.168.1.50",
        "box has no route to laptop",
        1,
    ),
    on(
        "hostA",
        &["ip route del default"],
        "ping -c 1 203.0.113.10",
        "hostA has no route to internet",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name box busybox sleep 1d",
            "sysctl -q -w net.ipv4.ip_forward=0",
        ],
        "docker exec box ping -c 1 -W 1 192.168.1.50",
        "hostA does not forward packets: net.ipv4.ip_forward is 0.",
        1,
    ),
    on(
        "hostA",
        &[
            "docker network create -o com.docker.network.bridge.enable_ip_masquerade=false bare",
            "docker run -d --name box --network bare busybox sleep 1d",
        ],
        "docker exec box ping -c 1 -W 1 192.168.1.50",
        "laptop has no route to 172.18.0.0/16",
        1,
    ),
    // Links and neighbours.
    on(
        "hostA",
        MACVLAN,
        "ping -c 1 -W 4 192.168.1.230",
        "No answer. hostA cannot reach its own macvlan containers through the parent eth0. Ask from the laptop, or add a macvlan interface to hostA.",
        1,
    ),
    on(
        "hostA",
        MACVLAN,
        "docker exec box ping -c 1 -W 4 192.168.1.10",
        "No answer. hostA cannot reach its own macvlan containers",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name web nginx",
            "ping -c 1 172.17.0.2",
            "tc qdisc add dev docker0 root netem loss 100%",
        ],
        "ping -c 1 -W 1 172.17.0.2",
        "The queueing discipline of docker0 in hostA dropped it.",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name web nginx",
            "tc qdisc add dev docker0 root netem loss 100%",
        ],
        "ping -c 1 -W 4 172.17.0.2",
        "The queueing discipline of docker0 in hostA dropped it.",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name web nginx",
            "ping -c 1 172.17.0.2",
            "tc qdisc add dev docker0 root netem delay 300ms",
        ],
        "ping -c 1 -W 0.1 172.17.0.2",
        "docker0 in hostA holds back what it sends for 300 ms.",
        1,
    ),
    on(
        "hostA",
        &[
            "docker network create n1",
            "docker run -d --name slow --network n1 nicolaka/netshoot sleep 1d",
            "docker run -d --name fast --network n1 nicolaka/netshoot sleep 1d",
            "docker exec slow ping -c 1 fast",
            "nsenter -t $(docker inspect -f '{{.State.Pid}}' slow) -n tc qdisc add dev eth0 root netem delay 300ms",
        ],
        "docker exec slow ping -c 1 -W 0.1 fast",
        "eth0 in slow holds back what it sends for 300 ms.",
        1,
    ),
    on(
        "hostA",
        &["ip link set eth0 down"],
        "ping -c 1 -W 1 192.168.1.50",
        "hostA has no route to laptop",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name box --cap-add NET_ADMIN busybox sleep 1d",
            "docker run -d --name probe busybox sleep 1d",
            "docker exec box ip link set eth0 down",
        ],
        "docker exec probe ping -c 1 -W 5 172.17.0.2",
        "No answer. eth0 of box is down.",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name box --cap-add NET_ADMIN busybox sleep 1d",
            "docker exec box ip link set eth0 down",
        ],
        "docker exec box ping -c 1 -W 1 192.168.1.50",
        "box has no route to laptop",
        1,
    ),
    on(
        "hostA",
        DEFAULT_BRIDGE,
        "docker exec probe ping -c 1 -W 4 172.17.0.77",
        "Nobody on the network of probe answers for 172.17.0.77.",
        0,
    ),
    on(
        "hostA",
        MACVLAN,
        "ping -c 1 -W 1 192.168.1.230",
        "No answer. hostA cannot reach its own macvlan containers",
        1,
    ),
    on(
        "hostA",
        DEFAULT_BRIDGE,
        "arping -c 1 -w 1 -I docker0 172.17.0.77",
        "Nobody on the network of hostA answers for 172.17.0.77.",
        0,
    ),
    on(
        "hostA",
        &[
            "docker network create -d ipvlan -o ipvlan_mode=l3 -o parent=eth0 --subnet 10.67.0.0/24 deep",
            "docker run -d --name aa --network deep --ip 10.67.0.10 busybox sleep 1d",
        ],
        "ping -c 1 -W 1 10.67.0.10",
        "No answer. hostA cannot reach its own ipvlan containers",
        1,
    ),
    on(
        "hostA",
        &[
            "docker network create -o com.docker.network.bridge.gateway_mode_ipv4=isolated --internal --subnet 172.30.0.0/24 lonely",
            "docker run -d --name aa --network lonely --ip 172.30.0.9 busybox sleep 1d",
        ],
        "ping -c 1 -W 1 172.30.0.9",
        "hostA has no address on lonely",
        1,
    ),
    on(
        "laptop",
        &[
            "docker run -d --name old -p 9999:9999/udp busybox sleep 1d",
            "docker rm -f old",
        ],
        "nc -zvu -w 1 192.168.1.10 9999",
        "Nothing in hostA listens on UDP port 9999",
        0,
    ),
    // MTU.
    on(
        "hostA",
        DEFAULT_BRIDGE,
        "ping -c 1 -W 1 -M do -s 1600 192.168.1.50",
        "Too long. hostA sends at most 1500 bytes",
        0,
    ),
    on(
        "hostA",
        &["ip link set eth0 mtu 1400"],
        "ping -c 1 -W 1 -M do -s 1450 192.168.1.50",
        "Too long. hostA sends at most 1400 bytes",
        1,
    ),
    on(
        "hostA",
        &[
            "docker run -d --name box nicolaka/netshoot sleep 1d",
            "ip link set eth0 mtu 1400",
        ],
        "docker exec box ping -c 1 -W 1 -M do -s 1450 192.168.1.50",
        "Too long.",
        1,
    ),
    // Capabilities.
    on(
        "hostA",
        DEFAULT_BRIDGE,
        "docker exec probe ip link set eth0 mtu 1400",
        "Not permitted. probe may not change its interfaces, routes or rules: it lacks CAP_NET_ADMIN.",
        1,
    ),
    on(
        "hostA",
        &["docker run -d --name box --cap-drop NET_RAW nicolaka/netshoot sleep 1d"],
        "docker exec box arping -c 1 172.17.0.1",
        "it lacks CAP_NET_RAW",
        1,
    ),
    on(
        "hostA",
        DEFAULT_BRIDGE,
        "docker exec probe sysctl -w net.ipv4.ip_default_ttl=65",
        "it lacks CAP_SYS_ADMIN",
        1,
    ),
];

/// What each rule and policy of a machine has counted.
fn counted(lab: &Lab, machine: &str) -> Vec<(String, String)> {
    let tables = lab.rules(machine).tables.into_iter();
    tables
        .flat_map(|t| {
            let chains = t.chains.into_iter();
            chains.flat_map(move |c| {
                let policy = (format!("{} table, policy of {}:", t.name, c.name), c.note);
                let rules = c.rules.into_iter().map({
                    let (table, chain) = (t.name.clone(), c.name);
                    move |r| {
                        let place = format!("{table} table, chain {chain}, rule {}:", r.number);
                        (place, r.packets.to_string())
                    }
                });
                rules.chain([policy]).collect::<Vec<_>>()
            })
        })
        .collect()
}

/// Whether the rule that is blamed is one that counted something.
fn counter_moved(
    before: &[(String, String)],
    after: &[(String, String)],
    why: &Explanation,
) -> bool {
    let named = after
        .iter()
        .filter(|(place, _)| why.decided_by.contains(place.as_str()));
    named.into_iter().any(|row| !before.contains(row))
}

#[test]
fn failures_are_explained_by_what_decided_and_mended_by_what_is_offered() {
    let mut wrong = Vec::new();
    for scene in SCENES {
        let mut lab = with("lan", scene.setup);
        let before = counted(&lab, "hostA");
        let told = mended(&mut lab, scene.machine, scene.command);
        let after = counted(&lab, "hostA");
        let trouble = match &told {
            Err(error) => Some(error.clone()),
            Ok(why) if !why.sentence.contains(scene.says) => Some(format!("says {}", why.sentence)),
            Ok(why) if why.fixes.len() != scene.fixes => {
                Some(format!("{} offers {:?}", why.sentence, why.fixes))
            }
            Ok(why)
                if why.decided_by.contains(" table, ")
                    && why.sentence.contains("hostA")
                    && !counter_moved(&before, &after, why) =>
            {
                Some(format!("{} did not count", why.decided_by))
            }
            Ok(_) => None,
        };
        if let Some(trouble) = trouble {
            wrong.push(format!("{}: {trouble}", scene.command));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_port_that_is_taken_is_told_with_its_owner_and_the_next_one_is_offered() {
    let mut lab = with("lan", &["docker run -d --name web -p 8080:80 nginx"]);
    let line = "docker run -d --name web2 -p 8080:80 nginx";
    assert_ne!(common::run(&mut lab, "hostA", line), 0);
    let why = lab.explanation().unwrap();
    assert_eq!(why.sentence, "web2 was created but did not start.");
    assert_eq!(why.detail, "Port 8080 already belongs to web.");
    let fix = why.fixes.first().unwrap();
    assert_eq!(
        fix.command,
        "docker rm web2 && docker run -d --name web2 -p 8081:80 nginx"
    );
    assert_eq!(common::run(&mut lab, &fix.machine, &fix.command), 0);
    assert_eq!(lab.explanation(), None);
}

#[test]
fn silence_is_told_and_an_answer_is_none() {
    let serve = "docker run -d --name mute nicolaka/netshoot ncat -l -k 9000";
    let mut lab = common::with("lan", &[serve, "docker run -d --name web nginx"]);
    // The end of its own input ncat passes to its first client, which takes that for an empty answer.
    let ask = "curl -s -m 2 http://172.17.0.2:9000";
    assert_eq!(common::run(&mut lab, "hostA", ask), 52);
    assert_eq!(common::run(&mut lab, "hostA", ask), 28);
    let why = lab.explanation().unwrap();
    assert_eq!(
        why.sentence,
        "mute took what was sent, and has not answered."
    );
    // What comes later is no sign that the client, who took the answer, owes one.
    common::run(
        &mut lab,
        "hostA",
        "curl -s http://172.17.0.3; sleep 2; ping -c 1 172.17.0.3",
    );
    assert_eq!(lab.explanation(), None);
    common::run(
        &mut lab,
        "hostA",
        "echo hi | nc -N 172.17.0.2 9000; sleep 2; ping -c 1 172.17.0.3",
    );
    assert_eq!(lab.explanation(), None);
}
