//! Whether everything that the lab says is known in every language: labs are opened, things go wrong in them, and all of
//! it is looked up.

use std::fmt::Write as _;

use lab::log::Input;
use lab::{Lab, starts};
use sorted::SortedSet;

use super::said;

/// What is typed in fresh labs to hear more: the machine and the lines.
const MORE: &[&[(&str, &str)]] = &[
    &[
        (
            "hostA",
            "docker run -d --name web nginx; docker run -d --name probe busybox sleep 1d",
        ),
        ("hostA", "docker exec probe ping -c 1 -W 1 web"),
        ("hostA", "docker exec probe wget -T 2 http://172.17.0.2:81"),
        ("hostA", "docker exec probe wget -T 2 http://172.17.0.9"),
        ("hostA", "docker exec probe ip link set eth0 down"),
        (
            "hostA",
            "docker run --rm --network none busybox ping -c 1 1.1.1.1",
        ),
        ("laptop", "curl -m 2 http://192.168.1.10:80"),
        ("hostA", "ping -c 1 web"),
        (
            "hostA",
            "iptables -I DOCKER-USER -j DROP; docker exec probe ping -c 1 -W 1 192.168.1.50",
        ),
        (
            "hostA",
            "iptables -F DOCKER-USER; docker exec probe ping -c 1 -s 2000 -M do 192.168.1.50",
        ),
        ("laptop", "ping -c 1 -W 1 172.17.0.2"),
    ],
    &[
        (
            "hostA",
            "docker network create --internal quiet; docker run -d --name a --network quiet busybox sleep 1d",
        ),
        ("hostA", "docker exec a wget -T 2 http://www.example.test"),
        ("hostA", "docker exec a ping -c 1 -W 1 192.168.1.50"),
        (
            "hostA",
            "docker network create other; docker run -d --name b --network other busybox sleep 1d",
        ),
        ("hostA", "docker exec b ping -c 1 -W 1 nobody"),
        ("hostA", "docker exec b ping -c 1 -W 1 a"),
        ("hostA", "docker stop a; docker exec b ping -c 1 -W 1 a"),
        ("hostA", "docker exec b nslookup -type=mx b"),
        ("hostA", "docker exec b ping -c 1 host.docker.internal"),
        (
            "hostA",
            "docker run -d --name c --network host -p 81:80 nginx; curl -m 2 http://localhost:81",
        ),
        ("hostA", "docker exec b ping6 -c 1 -W 1 2001:db8::1"),
        ("hostA", "traceroute -n -m 3 203.0.113.10"),
        ("hostA", "ping -c 1 -W 1 192.168.1.77"),
        ("hostA", "docker run -d --name d -p 8081:80 nginx"),
        ("hostA", "docker run -d --name e -p 8081:80 nginx"),
        ("hostA", "docker run -d --name f -p 80:80 nginx"),
    ],
];

/// Types a line and lets the lab come to rest.
fn line(lab: &mut Lab, machine: &str, text: &str) {
    let terminals = lab.terminals();
    let terminal = terminals.iter().find(|t| t.machine == machine).unwrap().id;
    let text = text.to_owned();
    lab.apply(Input::Line { terminal, text });
    lab.run_idle(300_000_000_000);
}

/// Everything that the lab says at this moment.
fn hear(lab: &Lab, heard: &mut SortedSet<String>) {
    for j in lab.journeys() {
        let hops = j.hops.into_iter();
        heard.extend(hops.flat_map(|h| [h.title, h.detail, h.reason, h.verdict.text]));
        heard.extend([j.name, j.summary, j.verdict.text]);
    }
    if let Some(e) = lab.explanation() {
        heard.extend([e.sentence, e.detail, e.decided_by]);
        heard.extend(e.fixes.into_iter().map(|f| f.label));
    }
    for l in lab.dns() {
        let steps = l.steps.into_iter();
        heard.extend(steps.flat_map(|s| {
            let searched = s.searched.into_iter().filter(|n| !n.found);
            let searched = searched.map(|n| n.text);
            searched.chain([s.title, s.detail, s.verdict.text])
        }));
        heard.insert(l.outcome.text);
    }
    let topology = lab.topology();
    for m in &topology.machines {
        let things = m.containers.iter().map(|c| &c.id);
        let things = things.chain(m.networks.iter().map(|n| &n.id));
        let things = things.chain(m.published.iter().map(|p| &p.id));
        let things = things.chain(m.hooks.iter().map(|h| &h.id)).chain([&m.id]);
        for id in things {
            heard.extend(lab.actions(id).into_iter().map(|a| a.label));
            if let Some(d) = lab.details(id) {
                heard.extend(d.facts.into_iter().map(|f| f.name));
                for s in d.sections {
                    heard.insert(s.title);
                    heard.extend(s.columns);
                }
            }
            for other in &m.containers {
                heard.extend(lab.contacts(id, &other.id).into_iter().map(|a| a.label));
            }
        }
        heard.extend(m.containers.iter().map(|c| c.activity.clone()));
        heard.insert(m.note.clone());
    }
}

/// Whether a text is the same in every language: names, numbers, what a program or a file is called.
fn the_same_everywhere(text: &str) -> bool {
    let technical = [
        "SYN",
        "SYN-ACK",
        "ACK",
        "FIN",
        "PREROUTING",
        "INPUT",
        "FORWARD",
        "OUTPUT",
        "POSTROUTING",
        "MAC",
        "Id",
        "ip_forward",
        "Docker Engine 28.5.2",
        "DNS",
        "REFUSED",
    ];
    let word = |w: &str| w.chars().any(|c| c.is_ascii_lowercase()) && !w.contains(['.', '/', ':']);
    let codes = ["NXDOMAIN", "SERVFAIL", "NOERROR"];
    technical.contains(&text)
        || codes.contains(&text)
        || !text.split([' ', ',']).any(word)
        // A request line, an answer's status, and a DNS question with its answer are quoted.
        || ["GET ", "HEAD ", "POST ", "A ", "AAAA ", "A? ", "AAAA? ", "MX", "PTR"].iter().any(|p| text.starts_with(p))
        || text.starts_with(|c: char| c.is_ascii_digit()) && text.split(' ').count() < 4
}

#[test]
fn whatever_the_lab_says_is_known_in_every_language() {
    let mut heard = SortedSet::default();
    for start in starts::all() {
        let mut lab = start.open(1).unwrap();
        if let Some((machine, text)) = start.next {
            line(&mut lab, machine, text);
        }
        hear(&lab, &mut heard);
    }
    for lines in MORE {
        let mut lab = Lab::new("lan", 1).unwrap();
        for (machine, text) in *lines {
            line(&mut lab, machine, text);
            hear(&lab, &mut heard);
        }
    }
    let swarm = starts::all().into_iter().find(|s| s.name == "swarm");
    let mut swarm = swarm.unwrap().open(1).unwrap();
    for text in [
        "docker service create --name web --network span nginx",
        "docker service create --name door -p 8080:80 nginx",
    ] {
        line(&mut swarm, "hostA", text);
        hear(&swarm, &mut heard);
    }
    // A Compose file of all keys that get a remark.
    let idle = include_str!("../../../crates/compose/tests/support/idle.yaml");
    let checked = Lab::new("lan", 1)
        .unwrap()
        .check("hostA", "/root/idle.yaml", idle);
    assert!(!checked.remarks.is_empty(), "{:?}", checked.marks);
    heard.extend(checked.remarks.into_iter().map(|m| m.text));
    // Explanations of failures that take longer to bring about, as the lab's own tests hear them.
    let explained = include_str!("heard.txt").lines();
    heard.extend(explained.map(str::to_owned));
    assert!(heard.iter().count() > 300, "{}", heard.iter().count());
    let mut missing = String::new();
    for (language, file) in [
        ("de", include_str!("../../messages/de.txt")),
        ("es", include_str!("../../messages/es.txt")),
        ("zh", include_str!("../../messages/zh.txt")),
    ] {
        said::take(file);
        let unknown = heard.iter().filter(|t| !the_same_everywhere(t));
        for text in unknown.filter(|t| said::found(t).is_none()) {
            let _ = writeln!(missing, "{language}: {text}");
        }
    }
    said::take("");
    assert_eq!(missing, "");
}
