//! Rules of iptables, good ones and bad ones, and packets that meet them.

use super::Step;
use crate::dice::Dice;

const TABLES: [&str; 4] = ["filter", "nat", "mangle", "raw"];
const OWN_CHAINS: [&str; 3] = ["GUARD", "WEB", "LOGGED"];
/// Where a published container is met, and a server of the machine itself.
const TARGETS: [&str; 3] = ["192.168.1.10:8080", "192.168.1.10:9090", "192.168.1.50:80"];

/// Says only that packets were counted, not how many.
const SOME: &str = "| sed -E 's/^ *[1-9][0-9]* +[0-9]+/some/'";

struct World {
    dice: Dice,
    steps: Vec<Step>,
}

/// Makes a session of some `length`: a container is published on port 8080, one stays behind its bridge.
pub(super) fn session(dice: Dice, length: usize) -> Vec<Step> {
    let mut world = World {
        dice,
        steps: Vec::new(),
    };
    world.say("docker run -d --name web -p 8080:3000 myapp");
    world.say("docker run -d --name app myapp");
    for chain in OWN_CHAINS {
        world.say(format!("iptables -N {chain}"));
    }
    world.say("iptables -I DOCKER-USER -j GUARD");
    while world.steps.len() < length {
        match world.dice.below(12) {
            0..=5 => world.change(),
            6..=8 => world.send(),
            _ => world.look(),
        }
    }
    for table in TABLES {
        world.say(format!("iptables -t {table} -S"));
    }
    world.steps
}

impl World {
    fn say(&mut self, command: impl Into<String>) {
        self.steps.push(Step::on("hostA", command, &[]));
    }

    /// A table, as a flag; most often the one that needs none.
    fn table(&mut self) -> &'static str {
        match self.dice.below(8) {
            0 => " -t nat",
            1 => " -t mangle",
            2 => " -t raw",
            3 => " -t filter",
            _ => "",
        }
    }

    fn chain(&mut self) -> String {
        self.dice.word(&[
            "GUARD",
            "GUARD",
            "WEB",
            "LOGGED",
            "DOCKER-USER",
            "INPUT",
            "FORWARD",
            "OUTPUT",
            "PREROUTING",
            "POSTROUTING",
            "NOSUCH",
        ])
    }

    fn address(&mut self) -> String {
        self.dice.word(&[
            "192.168.1.50",
            "192.168.1.0/24",
            "172.17.0.2",
            "172.17.0.0/16",
            "10.0.0.0/8",
            "192.168.1.77/24",
            "192.168.1.50,192.168.1.1",
            "0.0.0.0/0",
            "192.168.1.50/255.255.255.0",
            "300.1.1.1",
        ])
    }

    /// Perhaps a negation.
    fn not(&mut self) -> &'static str {
        if self.dice.once_in(5) { "! " } else { "" }
    }

    /// What a rule asks of packets.
    fn matches(&mut self) -> String {
        let mut text = String::new();
        if self.dice.once_in(3) {
            text += &format!(" {}-s {}", self.not(), self.address());
        }
        if self.dice.once_in(4) {
            text += &format!(" {}-d {}", self.not(), self.address());
        }
        if self.dice.once_in(4) {
            let device = self.dice.word(&["eth0", "docker0", "br-+", "lo"]);
            text += &format!(" {}-{} {device}", self.not(), self.dice.word(&["i", "o"]));
        }
        if self.dice.once_in(2) {
            text += &self.protocol();
        }
        if self.dice.once_in(2) {
            text += &self.extension();
        }
        text
    }

    fn protocol(&mut self) -> String {
        let port = self
            .dice
            .word(&["80", "3000", "8080", "http", "1024:65535", ":1023", "70000"]);
        match self.dice.below(8) {
            0 => format!(" -p udp {}--dport {port}", self.not()),
            1 => " -p icmp".to_owned(),
            2 => format!(
                " -p icmp --icmp-type {}",
                self.dice.word(&[
                    "echo-request",
                    "8",
                    "3/3",
                    "any",
                    "destination-unreachable",
                    "nosuch"
                ])
            ),
            3 => format!(" -p tcp --sport {port}"),
            4 => " -p tcp --syn".to_owned(),
            5 => format!(
                " -p tcp -m multiport --{} {}",
                self.dice.word(&["dports", "sports", "ports"]),
                self.dice.word(&["80,443", "3000,8080:8090", "1:2,3"])
            ),
            6 => format!(
                " -p {}",
                self.dice.word(&["all", "6", "sctp", "gre", "nosuch"])
            ),
            _ => format!(" -p tcp {}--dport {port}", self.not()),
        }
    }

    fn extension(&mut self) -> String {
        self.dice.word(&[
            " -m conntrack --ctstate RELATED,ESTABLISHED",
            " -m conntrack --ctstate NEW",
            " -m conntrack ! --ctstate INVALID",
            " -m conntrack --ctorigdstport 8080",
            " -m conntrack --ctstate DNAT",
            " -m conntrack --ctstate NOSUCH",
            " -m state --state NEW,ESTABLISHED",
            " -m addrtype --dst-type LOCAL",
            " -m addrtype ! --src-type UNICAST",
            " -m comment --comment \"from the office\"",
            " -m comment --comment one",
            " -m mark --mark 0x1",
            " -m mark ! --mark 1/0xff",
            " -m limit --limit 5/min --limit-burst 2",
            " -m limit --limit 1/sec",
            " -m iprange --src-range 192.168.1.40-192.168.1.60",
            " -m length --length 0:200",
            " -m ttl --ttl-gt 60",
            " -m pkttype --pkt-type unicast",
            " -m statistic --mode nth --every 2 --packet 0",
            " -m owner --uid-owner 0",
            " -m connlimit --connlimit-above 3",
            " -m nosuch",
            " -m tcp",
            " -m mac --mac-source 52:54:00:00:01:50",
        ])
    }

    fn target(&mut self) -> String {
        self.dice.word(&[
            " -j ACCEPT",
            " -j ACCEPT",
            " -j DROP",
            " -j DROP",
            " -j RETURN",
            " -j REJECT",
            " -j REJECT --reject-with icmp-host-prohibited",
            " -j REJECT --reject-with tcp-reset",
            " -j WEB",
            " -j LOGGED",
            " -g WEB",
            " -j LOG --log-prefix \"seen: \"",
            " -j LOG --log-level warning --log-prefix x",
            " -j MARK --set-mark 1",
            " -j MARK --set-xmark 0x2/0xf",
            " -j CONNMARK --save-mark",
            " -j DNAT --to-destination 172.17.0.2:3000",
            " -j DNAT --to-destination 172.17.0.3",
            " -j SNAT --to-source 192.168.1.10",
            " -j MASQUERADE",
            " -j REDIRECT --to-ports 9090",
            " -j TTL --ttl-set 9",
            " -j NOTRACK",
            " -j NOSUCH",
            "",
        ])
    }

    fn change(&mut self) {
        let (table, chain) = (self.table(), self.chain());
        let at = 1 + self.dice.below(4);
        let command = match self.dice.below(16) {
            0..=5 => format!("-A {chain}{}{}", self.matches(), self.target()),
            6 | 7 => format!("-I {chain}{}{}", self.matches(), self.target()),
            8 => format!("-I {chain} {at}{}{}", self.matches(), self.target()),
            9 => format!("-R {chain} {at}{}{}", self.matches(), self.target()),
            10 => format!("-D {chain} {at}"),
            11 => self.dice.word(&[
                "-D GUARD -j ACCEPT",
                "-C GUARD -j DROP",
                "-C FORWARD -j DOCKER-USER",
                "-D DOCKER-USER -j GUARD",
                "-D NOSUCH -j ACCEPT",
            ]),
            12 => format!("-F {}", self.dice.word(&["GUARD", "WEB", "LOGGED"])),
            13 => format!(
                "-{} {chain}",
                self.dice.word(&["X", "N", "Z", "E X2", "E GUARD"])
            ),
            14 => format!(
                "-P {} {}",
                self.dice.word(&["INPUT", "OUTPUT", "FORWARD", "GUARD"]),
                self.dice.word(&["ACCEPT", "ACCEPT", "REJECT"])
            ),
            _ => format!("-N {}", self.dice.word(&["EXTRA", "GUARD", "ACCEPT", "-x"])),
        };
        self.say(format!("iptables{table} {command}"));
    }

    /// Sends something that the rules may meet.
    fn send(&mut self) {
        let to = self.dice.word(&TARGETS);
        let curl = "curl -s -m 2 -o /dev/null -w '%{http_code}\\n'";
        let (machine, command) = match self.dice.below(7) {
            0 => (
                "laptop",
                "ping -c 1 -W 1 192.168.1.10 | tail -3 | head -1".to_owned(),
            ),
            1 => ("laptop", format!("{curl} http://192.168.1.10:8080")),
            2 => ("hostA", format!("{curl} http://172.17.0.3:3000")),
            3 => (
                "hostA",
                format!("docker exec app {curl} http://192.168.1.50"),
            ),
            4 => (
                "hostA",
                format!("docker exec app {curl} http://172.17.0.2:3000"),
            ),
            5 => (
                "hostA",
                "docker exec app ping -c 1 -W 1 192.168.1.1 | tail -3 | head -1".to_owned(),
            ),
            _ => ("laptop", format!("{curl} http://{to}")),
        };
        self.steps.push(Step::on(machine, command, &[]));
    }

    fn look(&mut self) {
        let (table, chain) = (self.table(), self.chain());
        let own = self.dice.word(&OWN_CHAINS);
        let command = match self.dice.below(9) {
            0 => format!("iptables{table} -S"),
            1 => format!("iptables{table} -S {chain}"),
            2 => format!("iptables{table} -nL {chain}"),
            3 => format!("iptables{table} -L {chain} -n --line-numbers"),
            // How many segments a connection takes is a matter of pace.
            4 => format!("iptables -nvL {own} {SOME}"),
            5 => format!("iptables -vL {own} -n -x {SOME}"),
            6 => format!("iptables -v -S {own} | sed -E 's/-c [1-9][0-9]* [0-9]+/-c some/'"),
            7 => format!(
                "iptables-save -t {} | grep -v '^[#:]'",
                self.dice.word(&TABLES)
            ),
            _ => format!("iptables{table} -S {chain} {}", 1 + self.dice.below(4)),
        };
        self.say(command);
    }
}
