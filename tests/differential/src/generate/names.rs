//! Names of containers, and how resolvers of every kind look them up.

use super::Step;
use crate::dice::Dice;

const NETWORKS: [&str; 3] = ["front", "back", "bridge"];
/// What images there are to ask from, each with a resolver of its own kind.
const ASKERS: [&str; 3] = ["net", "box", "deb"];
const ALIASES: [&str; 4] = ["db", "web", "api.local", "Cache"];

struct World {
    dice: Dice,
    steps: Vec<Step>,
    servers: Vec<String>,
    made: usize,
}

/// Makes a session of some `length`: netshoot, busybox and nginx ask for the names of others.
pub(super) fn session(dice: Dice, length: usize) -> Vec<Step> {
    let mut world = World {
        dice,
        steps: Vec::new(),
        servers: Vec::new(),
        made: 0,
    };
    world.say("docker network create front", &[]);
    let internal = if world.dice.once_in(3) {
        " --internal"
    } else {
        ""
    };
    world.say(format!("docker network create{internal} back"), &[]);
    world.say(
        "docker run -d --name net --network front nicolaka/netshoot sleep 1d",
        &[],
    );
    world.say(
        "docker run -d --name box --network front busybox sleep 1d",
        &[],
    );
    world.say("docker run -d --name deb --network front nginx", &[]);
    world.serve();
    while world.steps.len() < length {
        match world.dice.below(12) {
            0 | 1 => world.serve(),
            2 => world.change(),
            3 => world.look(),
            _ => world.ask(),
        }
    }
    world.steps
}

impl World {
    fn say(&mut self, command: impl Into<String>, notes: &[&'static str]) {
        self.steps.push(Step::on("hostA", command, notes));
    }

    fn server(&mut self) -> String {
        self.dice
            .pick(&self.servers.clone())
            .cloned()
            .unwrap_or_default()
    }

    fn serve(&mut self) {
        self.made += 1;
        let name = format!("s{}", self.made);
        let network = self.dice.word(&NETWORKS);
        let mut flags = String::new();
        if network != "bridge" && self.dice.once_in(2) {
            flags += &format!(" --network-alias {}", self.dice.word(&ALIASES));
        }
        if self.dice.once_in(4) {
            flags += &format!(
                " --hostname {}",
                self.dice.word(&["box1", "web", "h.example.test"])
            );
        }
        if self.dice.once_in(3) {
            flags += &self.dice.word(&[
                " --dns 192.168.1.1",
                " --dns 192.168.1.9",
                " --dns-search example.test",
                " --dns-search .",
                " --dns-option ndots:2",
                " --dns-option timeout:1 --dns-search a.test --dns-search b.test",
                " --add-host www:10.9.9.9",
                " --add-host gate:host-gateway",
                " --add-host v6:fd00::9",
                " --domainname corp.test",
            ]);
        }
        if !self.servers.is_empty() && self.dice.once_in(4) {
            let other = self.server();
            flags += &format!(" --link {other}{}", self.dice.word(&["", ":peer", ":db"]));
        }
        self.say(
            format!(
                "docker run -d --name {name} --network {network}{flags} nicolaka/netshoot sleep 1d"
            ),
            &[],
        );
        self.servers.push(name);
    }

    fn change(&mut self) {
        let server = self.server();
        let network = self.dice.word(&["front", "back"]);
        let command = match self.dice.below(7) {
            0 => format!("docker stop -t 0 {server}"),
            1 => format!("docker start {server}"),
            2 => format!(
                "docker network connect --alias {} {network} {server}",
                self.dice.word(&ALIASES)
            ),
            3 => format!(
                "docker network connect {network} {}",
                self.dice.word(&ASKERS)
            ),
            4 => format!("docker network disconnect {network} {server}"),
            5 => {
                self.made += 1;
                let name = format!("r{}", self.made);
                self.servers.push(name.clone());
                format!("docker rename {server} {name}")
            }
            _ => format!("docker pause {server}"),
        };
        self.say(command, &[]);
    }

    fn name(&mut self) -> String {
        let server = self.server();
        match self.dice.below(12) {
            0..=3 => server,
            4 => format!("{server}.front"),
            5 => format!("{server}.back"),
            6 => server.to_uppercase(),
            7 | 8 => self.dice.word(&ALIASES),
            9 => self
                .dice
                .word(&["www.example.test", "v6.example.test", "web.example.test"]),
            10 => self.dice.word(&["localhost", "box1", "net", "peer"]),
            _ => self
                .dice
                .word(&["nosuch", "nosuch.example.test", "nosuch.front", "a.b.c"]),
        }
    }

    fn ask(&mut self) {
        let name = self.name();
        let (asker, question) = match self.dice.below(17) {
            0 => ("net", format!("dig +short {name}")),
            1 => (
                "net",
                format!("dig +noall +answer +comments {name} | grep -v '^;; Got'"),
            ),
            2 => (
                "net",
                format!(
                    "dig +short {} {name}",
                    self.dice.word(&["AAAA", "MX", "TXT", "CNAME", "SRV"])
                ),
            ),
            3 => ("net", format!("host {name}")),
            4 => ("net", format!("nslookup {name}")),
            5 => ("net", format!("getent hosts {name}")),
            6 => ("net", format!("getent ahostsv4 {name}")),
            7 => ("net", format!("ping -c 1 -W 1 {name} 2>&1 | head -1")),
            8 => ("box", format!("nslookup {name}")),
            9 => ("box", format!("ping -c 1 -W 1 {name} 2>&1 | head -1")),
            10 => ("box", format!("wget -q -T 2 -O - http://{name}")),
            11 => ("deb", format!("getent hosts {name}")),
            12 => ("deb", format!("getent ahosts {name}")),
            13 => ("deb", format!("curl -sS -m 2 http://{name}")),
            14 => (
                "net",
                format!(
                    "nslookup -type={} {name}",
                    self.dice.word(&["a", "aaaa", "any", "mx"])
                ),
            ),
            15 => ("net", format!("nc -zv -w 1 {name} 80")),
            _ => {
                let server = self.server();
                self.say(
                    format!("docker exec {server} dig +short {name}"),
                    &["@unordered-lines"],
                );
                return;
            }
        };
        self.say(
            format!("docker exec {asker} {question}"),
            &["@unordered-lines"],
        );
    }

    fn look(&mut self) {
        let server = self.server();
        let command = match self.dice.below(6) {
            0 => format!("docker exec {server} cat /etc/hosts"),
            1 | 2 => format!("docker exec {server} cat /etc/resolv.conf"),
            3 => format!("docker exec {server} hostname -f"),
            4 => format!(
                "docker inspect -f '{{{{range $k, $v := .NetworkSettings.Networks}}}}{{{{$k}}}} {{{{json $v.Aliases}}}} {{{{json $v.DNSNames}}}}{{{{println}}}}{{{{end}}}}' {server}"
            ),
            _ => format!("docker exec {server} env | grep -v ^PATH= | sort"),
        };
        self.say(command, &[]);
    }
}
