//! Networks and containers that come, go and are looked at.

use super::Step;
use crate::dice::Dice;

/// What the generator believes to be there; the engines may disagree, and then answer with errors worth comparing.
struct World {
    dice: Dice,
    networks: Vec<String>,
    /// Which of them have the subnet `10.N.0.0`, and that number.
    blocks: Vec<(String, usize)>,
    containers: Vec<Container>,
    made: usize,
    /// Whether a container was started on several networks, in an order that the real engine leaves to chance.
    shuffled: bool,
    steps: Vec<Step>,
}

struct Container {
    name: String,
    image: &'static str,
    networks: Vec<String>,
}

const IMAGES: [(&str, &str); 5] = [
    ("myapp", ""),
    ("nginx", ""),
    ("redis:7", ""),
    ("busybox", " sleep 1d"),
    ("nicolaka/netshoot", " sleep 1d"),
];
const BUILT_IN: [&str; 3] = ["bridge", "host", "none"];

/// Makes a session of some `length`.
pub(super) fn session(dice: Dice, length: usize) -> Vec<Step> {
    let mut world = World {
        dice,
        networks: Vec::new(),
        blocks: Vec::new(),
        containers: Vec::new(),
        made: 0,
        shuffled: false,
        steps: Vec::new(),
    };
    world.create_network();
    world.run();
    while world.steps.len() < length {
        match world.dice.below(20) {
            0..=2 => world.create_network(),
            3..=6 => world.run(),
            7 | 8 => world.connect(),
            9 => world.disconnect(),
            10 | 11 => world.change_state(),
            12 => world.remove(),
            _ => world.look(),
        }
    }
    world.last_looks();
    world.steps
}

impl World {
    fn say(&mut self, command: String, notes: &[&'static str]) {
        self.steps.push(Step::on("hostA", command, notes));
    }

    /// A network that is there, a built-in one, or rarely one that is not.
    fn network(&mut self) -> String {
        match self.dice.below(12) {
            0 => "nosuch".to_owned(),
            1 | 2 => self.dice.word(&BUILT_IN),
            _ => {
                let known = self.networks.clone();
                self.dice.pick(&known).cloned().unwrap_or("bridge".into())
            }
        }
    }

    /// A container that was made, or rarely one that never was.
    fn container(&mut self) -> String {
        let names: Vec<String> = self.containers.iter().map(|c| c.name.clone()).collect();
        match self.dice.once_in(15) {
            true => "nosuch".to_owned(),
            false => self.dice.pick(&names).cloned().unwrap_or("nosuch".into()),
        }
    }

    fn of_image(&mut self, image: &str) -> Option<String> {
        let names: Vec<String> = self
            .containers
            .iter()
            .filter(|c| c.image == image)
            .map(|c| c.name.clone())
            .collect();
        self.dice.pick(&names).cloned()
    }

    /// Sometimes `--ip`, with an address that mostly lies in the network.
    fn address(&mut self, network: &str) -> String {
        let known = self.blocks.iter().find(|(name, _)| name == network);
        let block = match known {
            Some((_, block)) if self.dice.once_in(3) => *block,
            _ if self.dice.once_in(20) => self.dice.below(4),
            _ => return String::new(),
        };
        let last = self.dice.word(&["2", "3", "4", "9", "77", "1", "255"]);
        format!(" --ip 10.{block}.0.{last}")
    }

    fn create_network(&mut self) {
        self.made += 1;
        let name = match self.networks.first() {
            Some(first) if self.dice.once_in(12) => first.clone(),
            _ => format!("n{}", self.made),
        };
        let block = self.dice.below(4);
        let mut flags = String::new();
        if self.dice.once_in(2) {
            self.blocks.push((name.clone(), block));
            flags += &format!(
                " --subnet 10.{block}.0.0/{}",
                self.dice.word(&["24", "24", "28", "29", "16"])
            );
            if self.dice.once_in(3) {
                flags += &format!(
                    " --gateway 10.{block}.0.{}",
                    self.dice.word(&["1", "5", "6", "0", "77"])
                );
            }
            if self.dice.once_in(4) {
                flags += &format!(
                    " --ip-range 10.{block}.0.{}",
                    self.dice.word(&["0/29", "8/29", "4/30", "128/25"])
                );
            }
            if self.dice.once_in(6) {
                flags += &format!(
                    " --aux-address x=10.{block}.0.{}",
                    self.dice.word(&["2", "3", "200"])
                );
            }
        }
        if self.dice.once_in(6) {
            flags += " --internal";
        }
        if self.dice.once_in(5) {
            flags += " --ipv6";
            if self.dice.once_in(2) {
                flags += &format!(" --subnet fd00:{block}::/64");
            }
        }
        if self.dice.once_in(4) {
            let option = self.dice.word(&[
                "bridge.enable_icc=false",
                "bridge.enable_ip_masquerade=false",
                "bridge.host_binding_ipv4=127.0.0.1",
                "bridge.gateway_mode_ipv4=routed",
                "bridge.gateway_mode_ipv4=nat-unprotected",
                "bridge.inhibit_ipv4=true",
                "bridge.name=br-x",
                "driver.mtu=1400",
                "container_iface_prefix=lan",
                "bridge.nosuch=1",
            ]);
            flags += &format!(" -o com.docker.network.{option}");
        }
        if self.dice.once_in(8) {
            flags += " --label tier=back";
        }
        self.say(format!("docker network create{flags} {name}"), &[]);
        if !self.networks.contains(&name) {
            self.networks.push(name);
        }
    }

    fn run(&mut self) {
        self.made += 1;
        let name = match self.containers.first() {
            Some(first) if self.dice.once_in(15) => first.name.clone(),
            // Not of hexadecimal digits, which could be the beginning of an id.
            _ => format!("k{}", self.made),
        };
        let (image, command) = self.dice.pick(&IMAGES).copied().unwrap_or(("myapp", ""));
        let network = self.network();
        let mut flags = format!(" --network {network}");
        let mut networks = vec![network.clone()];
        if self.dice.once_in(5) {
            let second = self.network();
            flags += &format!(" --network {second}");
            networks.push(second);
            self.shuffled = true;
        }
        if self.dice.once_in(3) {
            let port = 8080 + self.dice.below(4);
            flags += &match self.dice.below(6) {
                0 => format!(" -p 127.0.0.1:{port}:3000"),
                1 => format!(" -p {port}:3000/udp"),
                2 => format!(" -p {port}-{}:3000", port + 2),
                3 => " -P".to_owned(),
                _ => format!(" -p {port}:3000"),
            };
        }
        flags += &self.address(&network);
        if self.dice.once_in(5) {
            flags += &format!(" --network-alias {}", self.dice.word(&["web", "db", "app"]));
        }
        if self.dice.once_in(8) {
            flags += &format!(" --hostname {}", self.dice.word(&["box", "web"]));
        }
        if self.dice.once_in(10) {
            flags += &self.dice.word(&[
                " --mac-address 02:42:ac:00:00:09",
                " --expose 99",
                " --add-host x:10.9.9.9",
                " --dns 192.168.1.1",
                " --restart always",
                " --network-alias c1",
            ]);
        }
        self.say(
            format!("docker run -d --name {name}{flags} {image}{command}"),
            &[],
        );
        if !self.containers.iter().any(|c| c.name == name) {
            self.containers.push(Container {
                name,
                image,
                networks,
            });
        }
    }

    fn connect(&mut self) {
        let (network, container) = (self.network(), self.container());
        let flags = match self.dice.below(6) {
            0 => self.address(&network),
            1 => format!(" --alias {}", self.dice.word(&["web", "db", "app"])),
            2 => " --gw-priority 5".to_owned(),
            _ => String::new(),
        };
        self.say(
            format!("docker network connect{flags} {network} {container}"),
            &[],
        );
        if let Some(c) = self.containers.iter_mut().find(|c| c.name == container) {
            c.networks.push(network);
        }
    }

    fn disconnect(&mut self) {
        let container = self.container();
        let joined = self
            .containers
            .iter()
            .find(|c| c.name == container)
            .map(|c| c.networks.clone())
            .unwrap_or_default();
        let network = match self.dice.pick(&joined) {
            Some(network) => network.clone(),
            None => self.network(),
        };
        let force = if self.dice.once_in(4) { " -f" } else { "" };
        self.say(
            format!("docker network disconnect{force} {network} {container}"),
            &[],
        );
    }

    fn change_state(&mut self) {
        let container = self.container();
        let several = self
            .containers
            .iter()
            .any(|c| c.name == container && c.networks.len() > 1);
        self.shuffled |= several;
        let verb = self.dice.word(&[
            "stop -t 0",
            "start",
            "restart -t 0",
            "kill",
            "pause",
            "unpause",
            "rename",
        ]);
        if verb == "rename" {
            self.made += 1;
            let name = format!("k{}", self.made);
            self.say(format!("docker rename {container} {name}"), &[]);
            if let Some(c) = self.containers.iter_mut().find(|c| c.name == container) {
                c.name = name;
            }
            return;
        }
        self.say(format!("docker {verb} {container}"), &[]);
    }

    fn remove(&mut self) {
        match self.dice.below(5) {
            0 => self.say("docker network prune -f".into(), &["@unordered-lines"]),
            1 | 2 => {
                let network = self.network();
                // Several endpoints are named in the order of their random ids.
                self.say(
                    format!("docker network rm {network} 2>&1 | tr -d '(),'"),
                    &["@unordered-words"],
                );
            }
            _ => {
                let container = self.container();
                let force = if self.dice.once_in(4) { "" } else { " -f" };
                self.say(format!("docker rm{force} {container}"), &[]);
            }
        }
    }

    fn look(&mut self) {
        let rules: &[&'static str] = if self.shuffled {
            &["@unordered-lines"]
        } else {
            &[]
        };
        match self.dice.below(14) {
            0 => self.say(
                "docker ps -a --format '{{.Names}} {{.State}} {{.Ports}}'".into(),
                &[],
            ),
            1 => {
                let network = self.network();
                self.say(
                    format!("docker network inspect -f '{{{{json .IPAM.Config}}}} {{{{.Internal}}}} {{{{range .Containers}}}}{{{{.Name}}}}={{{{.IPv4Address}}}} {{{{end}}}}' {network}"),
                    &["@unordered-words"],
                );
            }
            2 | 3 => {
                let container = self.container();
                self.say(
                    format!("docker inspect -f '{{{{range $k, $v := .NetworkSettings.Networks}}}}{{{{$k}}}} {{{{$v.IPAddress}}}} {{{{$v.Gateway}}}} {{{{json $v.Aliases}}}} {{{{json $v.DNSNames}}}} {{{{json $v.IPAMConfig}}}}{{{{println}}}}{{{{end}}}}' {container}"),
                    &[],
                );
            }
            4 => {
                let container = self.container();
                self.say(format!("docker port {container}"), &[]);
            }
            5 => self.say("iptables -S".into(), rules),
            6 => self.say("iptables -t nat -S".into(), rules),
            7 => self.say("iptables -t raw -S".into(), rules),
            8 => {
                if let Some(box_) = self.of_image("nicolaka/netshoot") {
                    let what = self
                        .dice
                        .word(&["ip -4 -o addr", "ip route", "ip -br link"]);
                    self.say(format!("docker exec {box_} {what}"), &["@unordered-eth"]);
                }
            }
            9 | 10 => {
                if let Some(box_) = self.of_image("nicolaka/netshoot") {
                    let name = match self.dice.once_in(3) {
                        true => self.dice.word(&["web", "db", "app", "box"]),
                        false => self.container(),
                    };
                    self.say(
                        format!("docker exec {box_} dig +short {name}"),
                        &["@unordered-lines"],
                    );
                    if self.dice.once_in(2) {
                        self.say(
                            format!("docker exec {box_} curl -s -m 2 http://{name}:3000 | tail -1"),
                            &["@any-output"],
                        );
                    }
                }
            }
            11 => {
                let port = 8080 + self.dice.below(4);
                self.say(format!("curl -s -m 2 localhost:{port} | tail -1"), &[]);
            }
            12 => {
                let port = 8080 + self.dice.below(4);
                self.say(format!("curl -s -m 2 192.168.1.10:{port} | tail -1"), &[]);
            }
            _ => self.say("docker network ls".into(), &[]),
        }
    }

    fn last_looks(&mut self) {
        self.say(
            "docker ps -a --format '{{.Names}} {{.State}} {{.Ports}}'".into(),
            &[],
        );
        self.say("ip -br -4 addr".into(), &["@unordered-lines"]);
        self.say("sleep 2.2".into(), &[]);
        self.say(
            "docker events --since 1h --until 1s --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}'".into(),
            &["@unordered-lines"],
        );
    }
}
