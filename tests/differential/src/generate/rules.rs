//! Rules of iptables, good ones and bad ones, and packets that meet them.

use super::{Draft, Step};
use crate::dice::Dice;

const TABLES: [&str; 4] = ["filter", "nat", "mangle", "raw"];
const OWN_CHAINS: [&str; 3] = ["GUARD", "WEB", "LOGGED"];
/// Where a published container is met, a port that nobody published, and the laptop.
const TARGETS: [&str; 3] = ["192.168.1.10:8080", "192.168.1.10:9090", "192.168.1.50:80"];

/// Says only that packets were counted, not how many.
const SOME: &str = "| sed -E 's/^ *[1-9][0-9]* +[0-9]+/some/'";

/// Makes a session of some `length`: a container is published on port 8080, one stays behind its bridge.
pub(super) fn session(dice: Dice, length: usize) -> Vec<Step> {
    let mut draft = Draft::new(dice);
    draft.say("docker run -d --name web -p 8080:3000 myapp");
    draft.say("docker run -d --name app myapp");
    for chain in OWN_CHAINS {
        draft.say(format!("iptables -N {chain}"));
    }
    draft.say("iptables -I DOCKER-USER -j GUARD");
    while draft.steps.len() < length {
        match draft.dice.below(12) {
            0..=5 => change(&mut draft),
            6..=8 => send(&mut draft),
            _ => look(&mut draft),
        }
    }
    for table in TABLES {
        draft.say(format!("iptables -t {table} -S"));
    }
    draft.steps
}

/// A table, as a flag; most often the one that needs none.
fn table(draft: &mut Draft) -> &'static str {
    match draft.dice.below(8) {
        0 => " -t nat",
        1 => " -t mangle",
        2 => " -t raw",
        3 => " -t filter",
        _ => "",
    }
}

fn chain(draft: &mut Draft) -> String {
    draft.dice.word(&[
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

fn address(draft: &mut Draft) -> String {
    draft.dice.word(&[
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
fn not(draft: &mut Draft) -> &'static str {
    if draft.dice.once_in(5) { "! " } else { "" }
}

/// What a rule asks of packets.
fn matches(draft: &mut Draft) -> String {
    let mut text = String::new();
    if draft.dice.once_in(3) {
        text += &format!(" {}-s {}", not(draft), address(draft));
    }
    if draft.dice.once_in(4) {
        text += &format!(" {}-d {}", not(draft), address(draft));
    }
    if draft.dice.once_in(4) {
        let device = draft.dice.word(&["eth0", "docker0", "br-+", "lo"]);
        text += &format!(" {}-{} {device}", not(draft), draft.dice.word(&["i", "o"]));
    }
    if draft.dice.once_in(2) {
        text += &protocol(draft);
    }
    if draft.dice.once_in(2) {
        text += &extension(draft);
    }
    text
}

fn protocol(draft: &mut Draft) -> String {
    let port = draft
        .dice
        .word(&["80", "3000", "8080", "http", "1024:65535", ":1023", "70000"]);
    match draft.dice.below(8) {
        0 => format!(" -p udp {}--dport {port}", not(draft)),
        1 => " -p icmp".to_owned(),
        2 => format!(
            " -p icmp --icmp-type {}",
            draft.dice.word(&[
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
            draft.dice.word(&["dports", "sports", "ports"]),
            draft.dice.word(&["80,443", "3000,8080:8090", "1:2,3"])
        ),
        6 => format!(
            " -p {}",
            draft.dice.word(&["all", "6", "sctp", "gre", "nosuch"])
        ),
        _ => format!(" -p tcp {}--dport {port}", not(draft)),
    }
}

fn extension(draft: &mut Draft) -> String {
    draft.dice.word(&[
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

fn target(draft: &mut Draft) -> String {
    draft.dice.word(&[
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

fn change(draft: &mut Draft) {
    let (table, chain) = (table(draft), chain(draft));
    let at = 1 + draft.dice.below(4);
    let command = match draft.dice.below(16) {
        0..=5 => format!("-A {chain}{}{}", matches(draft), target(draft)),
        6 | 7 => format!("-I {chain}{}{}", matches(draft), target(draft)),
        8 => format!("-I {chain} {at}{}{}", matches(draft), target(draft)),
        9 => format!("-R {chain} {at}{}{}", matches(draft), target(draft)),
        10 => format!("-D {chain} {at}"),
        11 => draft.dice.word(&[
            "-D GUARD -j ACCEPT",
            "-C GUARD -j DROP",
            "-C FORWARD -j DOCKER-USER",
            "-D DOCKER-USER -j GUARD",
            "-D NOSUCH -j ACCEPT",
        ]),
        12 => format!("-F {}", draft.dice.word(&["GUARD", "WEB", "LOGGED"])),
        13 => format!(
            "-{} {chain}",
            draft.dice.word(&["X", "N", "Z", "E X2", "E GUARD"])
        ),
        14 => format!(
            "-P {} {}",
            draft.dice.word(&["INPUT", "OUTPUT", "FORWARD", "GUARD"]),
            draft.dice.word(&["ACCEPT", "ACCEPT", "REJECT"])
        ),
        _ => format!(
            "-N {}",
            draft.dice.word(&["EXTRA", "GUARD", "ACCEPT", "-x"])
        ),
    };
    draft.say(format!("iptables{table} {command}"));
}

/// Sends something that the rules may meet.
fn send(draft: &mut Draft) {
    let to = draft.dice.word(&TARGETS);
    let curl = "curl -s -m 2 -o /dev/null -w '%{http_code}\\n'";
    let (machine, command) = match draft.dice.below(7) {
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
    draft.steps.push(Step::on(machine, command, &[]));
}

fn look(draft: &mut Draft) {
    let (table, chain) = (table(draft), chain(draft));
    let own = draft.dice.word(&OWN_CHAINS);
    let command = match draft.dice.below(9) {
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
            draft.dice.word(&TABLES)
        ),
        _ => format!("iptables{table} -S {chain} {}", 1 + draft.dice.below(4)),
    };
    draft.say(command);
}
