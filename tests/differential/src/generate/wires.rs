//! Namespaces, veths, bridges, addresses and routes, made by hand with `ip`.

use super::{Draft, Step};
use crate::dice::Dice;

const SPACES: [&str; 3] = ["red", "blue", "green"];
/// Both ends of cables, bridges, and one that never is.
const DEVICES: [&str; 10] = [
    "va", "vb", "vc", "vd", "ve", "vg", "br0", "br1", "lo", "nosuch",
];

/// Makes a session of some `length`.
pub(super) fn session(dice: Dice, length: usize) -> Vec<Step> {
    let mut draft = Draft::new(dice);
    draft.say("ip netns add red");
    draft.say("ip netns add blue");
    draft.say("ip link add va type veth peer name vb");
    draft.say("ip link set vb netns red");
    draft.say("ip addr add 10.1.0.1/24 dev va");
    draft.say("ip link set va up");
    draft.say("ip -n red addr add 10.1.0.2/24 dev vb");
    draft.say("ip -n red link set vb up");
    while draft.steps.len() < length {
        match draft.dice.below(14) {
            0 | 1 => device(&mut draft),
            2..=4 => set(&mut draft),
            5 | 6 => address(&mut draft),
            7 | 8 => route(&mut draft),
            9 => neighbour_or_rule(&mut draft),
            10 => send(&mut draft),
            _ => look(&mut draft),
        }
    }
    for place in ["", " -n red", " -n blue"] {
        draft.say(format!("ip{place} -br -4 addr"));
        draft.say(format!("ip{place} route"));
    }
    draft.steps
}

/// A namespace as a flag of `ip`; most often the machine's own.
fn place(draft: &mut Draft) -> String {
    match draft.dice.below(5) {
        0 => " -n blue".to_owned(),
        1 | 2 => " -n red".to_owned(),
        3 if draft.dice.once_in(6) => " -n nosuch".to_owned(),
        _ => String::new(),
    }
}

fn device_name(draft: &mut Draft) -> String {
    draft.dice.word(&DEVICES)
}

fn device(draft: &mut Draft) {
    let place = place(draft);
    let command = match draft.dice.below(9) {
        0 => format!("ip{place} link add vc type veth peer name vd"),
        1 => format!("ip{place} link add ve type veth peer name vg netns blue"),
        2 | 3 => format!(
            "ip{place} link add {} type bridge",
            draft.dice.word(&["br0", "br1"])
        ),
        4 => format!("ip{place} link del {}", device_name(draft)),
        5 => format!("ip netns add {}", draft.dice.word(&SPACES)),
        6 => format!("ip netns del {}", draft.dice.word(&["green", "nosuch"])),
        7 => format!(
            "ip{place} link add name {} type {}",
            draft
                .dice
                .word(&["a-name-too-long-for-linux", "br0", "x/y", "w0"]),
            draft.dice.word(&["bridge", "veth", "nosuch"])
        ),
        _ => format!(
            "ip{place} link add link {} name m0 type macvlan mode bridge",
            device_name(draft)
        ),
    };
    draft.say(command);
}

fn set(draft: &mut Draft) {
    let (place, device) = (place(draft), device_name(draft));
    let change = match draft.dice.below(14) {
        0..=4 => "up".to_owned(),
        5 => "down".to_owned(),
        6 | 7 => format!(
            "master {}",
            draft.dice.word(&["br0", "br1", "va", "nosuch"])
        ),
        8 => "nomaster".to_owned(),
        9 => format!("netns {}", draft.dice.word(&["red", "blue", "nosuch", "1"])),
        10 => format!("name {}", draft.dice.word(&["va", "vz", "br1"])),
        11 => format!("mtu {}", draft.dice.word(&["1400", "9000", "60", "1", "x"])),
        12 => format!(
            "address {}",
            draft
                .dice
                .word(&["02:00:00:00:00:01", "01:00:00:00:00:01", "02:00:00", "zz"])
        ),
        _ => draft.dice.word(&[
            "promisc on",
            "arp off",
            "alias uplink",
            "txqueuelen 5",
            "nosuch",
        ]),
    };
    draft.say(format!("ip{place} link set {device} {change}"));
}

fn address(draft: &mut Draft) {
    let (place, device) = (place(draft), device_name(draft));
    let address = draft.dice.word(&[
        "10.1.0.1/24",
        "10.1.0.2/24",
        "10.1.0.3/16",
        "10.2.0.1/24",
        "10.2.0.2/30",
        "192.168.1.99/24",
        "10.3.0.0/31",
        "10.4.0.1",
        "fd00:1::1/64",
        "10.1.0.300/24",
        "10.1.0.1/33",
    ]);
    let command = match draft.dice.below(8) {
        0..=3 => format!("ip{place} addr add {address} dev {device}"),
        4 => format!("ip{place} addr add {address} brd + dev {device}"),
        5 => format!("ip{place} addr del {address} dev {device}"),
        6 => format!("ip{place} addr flush dev {device}"),
        _ => format!(
            "ip{place} addr {} {address} dev {device} {}",
            draft.dice.word(&["add", "replace", "change"]),
            draft
                .dice
                .word(&["scope link", "label x:1", "valid_lft 60 preferred_lft 30"])
        ),
    };
    draft.say(command);
}

fn route(draft: &mut Draft) {
    let place = place(draft);
    let target = draft.dice.word(&[
        "default",
        "10.9.0.0/16",
        "10.9.9.0/24",
        "10.9.9.9",
        "10.9.0.1/16",
        "172.30.0.0/16",
        "0.0.0.0/0",
    ]);
    let way = match draft.dice.below(8) {
        0..=2 => format!(
            "via {}",
            draft
                .dice
                .word(&["10.1.0.1", "10.1.0.2", "10.2.0.2", "192.168.1.1"])
        ),
        3 => format!("dev {}", device_name(draft)),
        4 => format!("via 10.1.0.2 dev {}", device_name(draft)),
        5 => format!("dev {} src 10.1.0.1", device_name(draft)),
        6 => format!("via 10.1.0.2 metric {}", draft.dice.word(&["50", "x"])),
        _ => draft.dice.word(&[
            "dev va scope link",
            "via 10.1.0.2 table 100",
            "via 10.1.0.2 mtu 1300",
            "via 10.1.0.2 onlink dev va",
            "via 10.1.0.2 proto static",
        ]),
    };
    let command = match draft.dice.below(10) {
        0..=4 => format!("ip{place} route add {target} {way}"),
        5 => format!("ip{place} route replace {target} {way}"),
        6 => format!("ip{place} route del {target}"),
        7 => format!(
            "ip{place} route add {} {target}",
            draft
                .dice
                .word(&["blackhole", "unreachable", "prohibit", "throw"])
        ),
        8 => format!("ip{place} route change {target} {way}"),
        _ => format!("ip{place} route append {target} {way}"),
    };
    draft.say(command);
}

fn neighbour_or_rule(draft: &mut Draft) {
    let (place, device) = (
        place(draft),
        draft.dice.word(&["va", "vb", "vc", "br0", "nosuch"]),
    );
    let command = match draft.dice.below(7) {
        0 => format!("ip{place} neigh add 10.1.0.77 lladdr 02:00:00:00:00:77 dev {device}"),
        1 => format!("ip{place} neigh del 10.1.0.77 dev {device}"),
        2 => format!(
            "ip{place} neigh replace 10.1.0.78 lladdr 02:00:00:00:00:78 nud reachable dev {device}"
        ),
        3 => format!("ip{place} rule add from 10.1.0.0/24 table 100"),
        4 => format!("ip{place} rule add fwmark 0x1 lookup 100 prio 500"),
        5 => format!("ip{place} rule del from 10.1.0.0/24"),
        _ => format!(
            "ip{place} rule add to 10.9.0.0/16 prio {} {}",
            draft.dice.below(40000),
            draft.dice.word(&["blackhole", "table main", "unreachable"])
        ),
    };
    draft.say(command);
}

fn send(draft: &mut Draft) {
    let space = draft.dice.word(&["red", "blue"]);
    let target = draft.dice.word(&[
        "10.1.0.1",
        "10.1.0.2",
        "10.9.9.9",
        "192.168.1.10",
        "127.0.0.1",
        "10.2.0.1",
    ]);
    let ping = format!("ping -c 1 -W 1 {target} 2>&1 | grep -v ^rtt");
    let command = match draft.dice.below(3) {
        0 => ping,
        _ => format!("ip netns exec {space} {ping}"),
    };
    draft.say(command);
}

fn look(draft: &mut Draft) {
    let (place, device) = (place(draft), device_name(draft));
    let target = draft.dice.word(&[
        "10.1.0.2",
        "10.9.9.9",
        "192.168.1.50",
        "8.8.8.8",
        "127.0.0.1",
    ]);
    let command = match draft.dice.below(16) {
        0 => format!("ip{place} -4 addr show {device}"),
        1 => format!("ip{place} -4 addr"),
        2 => format!("ip{place} -o -4 addr show"),
        3 => format!("ip{place} link show {device}"),
        4 => format!("ip{place} -d link show {device}"),
        5 => format!("ip{place} route"),
        6 => format!("ip{place} -4 route show table all"),
        7 => format!("ip{place} route get {target}"),
        8 => format!("ip{place} rule"),
        9 => format!("ip{place} neigh"),
        10 => format!("ip{place} -j route"),
        11 => "bridge link".to_owned(),
        12 => "ip netns list".to_owned(),
        13 => format!("ip{place} -br link"),
        14 => format!(
            "ip{place} route show {}",
            draft.dice.word(&[
                "table 100",
                "default",
                "10.9.0.0/16",
                "root 10.0.0.0/8",
                "dev va"
            ])
        ),
        _ => format!(
            "ip{place} link show {}",
            draft
                .dice
                .word(&["type veth", "type bridge", "up", "master br0", "dev va"])
        ),
    };
    draft.say(command);
}
