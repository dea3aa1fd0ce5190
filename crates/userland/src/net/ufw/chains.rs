//! ufw's chains, as `iptables-restore` reads them. `@` stands for `ufw`, or for `ufw6` in the tables of IPv6.

use kernel::netfilter::{Family, TableName};
use kernel::sys::Sys;

use super::FAMILIES;
use super::rule::Rule;
use super::store::{Policy, Store};
use crate::net::iptables;

/// The built-in chains, with what ufw calls them.
const BUILT_IN: [(&str, &str); 3] = [
    ("INPUT", "input"),
    ("OUTPUT", "output"),
    ("FORWARD", "forward"),
];

/// What each built-in chain jumps to, in order.
const STAGES: [&str; 6] = [
    "before-logging",
    "before",
    "after",
    "after-logging",
    "reject",
    "track",
];

/// Chains that are there for each built-in one while ufw is enabled only.
const PASSING: [&str; 3] = ["skip-to-policy", "user", "user-logging"];

/// Single chains, there while ufw is enabled only.
const SINGLE: [&str; 5] = [
    "logging-deny",
    "logging-allow",
    "not-local",
    "user-limit",
    "user-limit-accept",
];

/// How often a thing is logged.
const SELDOM: &str = "-m limit --limit 3/min --limit-burst 10";

/// What comes before a person's rules, in either family.
const BEFORE: &str = "\
-A @-before-input -i lo -j ACCEPT
-A @-before-output -o lo -j ACCEPT
-A @-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A @-before-output -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A @-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
";

/// The same for what makes no sense.
const INVALID: &str = "\
-A @-before-input -m conntrack --ctstate INVALID -j @-logging-deny
-A @-before-input -m conntrack --ctstate INVALID -j DROP
";

const BEFORE_V4: &str = "\
-A @-before-input -p udp --sport 67 --dport 68 -j ACCEPT
-A @-before-input -j @-not-local
-A @-not-local -m addrtype --dst-type LOCAL -j RETURN
-A @-not-local -m addrtype --dst-type MULTICAST -j RETURN
-A @-not-local -m addrtype --dst-type BROADCAST -j RETURN
-A @-not-local -m limit --limit 3/min --limit-burst 10 -j @-logging-deny
-A @-not-local -j DROP
-A @-before-input -p udp -d 224.0.0.251 --dport 5353 -j ACCEPT
-A @-before-input -p udp -d 239.255.255.250 --dport 1900 -j ACCEPT
";

const BEFORE_V6: &str = "\
-A @-before-input -p udp -s fe80::/10 --sport 547 -d fe80::/10 --dport 546 -j ACCEPT
-A @-before-input -p udp -d ff02::fb --dport 5353 -j ACCEPT
-A @-before-input -p udp -d ff02::f --dport 1900 -j ACCEPT
";

/// ICMP types that are let in and through: unreachable, time exceeded, parameter problem, echo request.
const ICMP: [u8; 4] = [3, 11, 12, 8];

/// The same for IPv6, with echo replies for what is forwarded.
const ICMP6: [u8; 5] = [1, 2, 3, 4, 128];

/// Neighbour discovery and its kin by type, in the order in which they are let in: the hop limit that they must have, 0
/// for any, and whether only from link-local addresses. Source: RFC 4890 section 4.4.
const ICMP6_LOCAL: [(u8, u8, bool); 19] = [
    (133, 255, false),
    (134, 255, false),
    (135, 255, false),
    (136, 255, false),
    (141, 255, false),
    (142, 255, false),
    (130, 0, true),
    (131, 0, true),
    (132, 0, true),
    (143, 0, true),
    (148, 255, false),
    (149, 255, false),
    (151, 1, true),
    (152, 1, true),
    (153, 1, true),
    (144, 0, false),
    (145, 0, false),
    (146, 0, false),
    (147, 0, false),
];

/// What is not worth a line in the log, by protocol and port.
const QUIET: [(&str, u16); 4] = [("udp", 137), ("udp", 138), ("tcp", 139), ("tcp", 445)];

fn icmp_rules(v6: bool) -> String {
    let mut text = String::new();
    if !v6 {
        for chain in ["input", "forward"] {
            for kind in ICMP {
                text += &format!("-A @-before-{chain} -p icmp --icmp-type {kind} -j ACCEPT\n");
            }
        }
        return text;
    }
    let rule = |chain: &str, kind: u8, more: &str| {
        format!("-A @-before-{chain}{more} -p icmpv6 --icmpv6-type {kind} -j ACCEPT\n")
    };
    for chain in ["input", "output", "forward"] {
        for kind in ICMP6 {
            text += &rule(chain, kind, "");
        }
        if chain != "input" {
            text += &rule(chain, 129, "");
        }
        if chain == "forward" {
            continue;
        }
        let mut kinds = ICMP6_LOCAL;
        let mut all = kinds.as_mut_slice();
        if chain == "output" {
            // What goes out is listed in another order, without the last four.
            all.swap(1, 3);
            all = all.split_at_mut(15).0;
        }
        for (kind, hops, local) in all {
            let source = if *local { " -s fe80::/10" } else { "" };
            let limit = if *hops > 0 {
                format!(" -m hl --hl-eq {hops}")
            } else {
                String::new()
            };
            text += &format!(
                "-A @-before-{chain}{source} -p icmpv6 --icmpv6-type {kind}{limit} -j ACCEPT\n"
            );
        }
    }
    text
}

/// All chains with their rules.
fn all(store: &Store, v6: bool) -> String {
    let mut text = String::new();
    let policies = [store.input, store.output, store.forward];
    for ((built_in, name), policy) in BUILT_IN.iter().zip(policies) {
        let plain = if policy == Policy::Allow {
            "ACCEPT"
        } else {
            "DROP"
        };
        text += &format!(":{built_in} {plain} [0:0]\n");
        for stage in STAGES.iter().chain(&PASSING) {
            text += &format!(":@-{stage}-{name} - [0:0]\n");
        }
    }
    for name in SINGLE.iter().filter(|name| !v6 || **name != "not-local") {
        text += &format!(":@-{name} - [0:0]\n");
    }
    text += BEFORE;
    if v6 {
        text += "-A @-before-input -p icmpv6 --icmpv6-type 129 -j ACCEPT\n";
    }
    text += INVALID;
    text += &icmp_rules(v6);
    text += if v6 { BEFORE_V6 } else { BEFORE_V4 };
    let dhcp = if v6 { [546, 547] } else { [67, 68] };
    for (proto, port) in QUIET.into_iter().chain(dhcp.map(|port| ("udp", port))) {
        text += &format!("-A @-after-input -p {proto} --dport {port} -j @-skip-to-policy-input\n");
    }
    if !v6 {
        text += "-A @-after-input -m addrtype --dst-type BROADCAST -j @-skip-to-policy-input\n";
    }
    for ((_, name), policy) in BUILT_IN.iter().zip(policies) {
        text += &format!("-A @-before-{name} -j @-user-{name}\n");
        text += &format!("-A @-skip-to-policy-{name} -j {}\n", policy.target());
        match policy {
            Policy::Allow => {
                for proto in ["tcp", "udp"] {
                    text += &format!(
                        "-A @-track-{name} -p {proto} -m conntrack --ctstate NEW -j ACCEPT\n"
                    );
                }
            }
            Policy::Reject => text += &format!("-A @-reject-{name} -j REJECT\n"),
            Policy::Deny => {}
        }
    }
    text + &logging(store, policies) + &user(store, v6)
}

fn logging(store: &Store, policies: [Policy; 3]) -> String {
    let mut text = String::new();
    if store.loglevel == "off" {
        for (_, name) in BUILT_IN {
            text += &format!("-A @-user-logging-{name} -j RETURN\n");
        }
        return text;
    }
    for ((_, name), policy) in BUILT_IN.iter().zip(policies) {
        if policy != Policy::Allow {
            text += &format!(
                "-A @-after-logging-{name} {SELDOM} -j LOG --log-prefix \"[UFW BLOCK] \"\n"
            );
        }
    }
    text += &format!("-A @-logging-allow {SELDOM} -j LOG --log-prefix \"[UFW ALLOW] \"\n");
    text += &format!("-A @-logging-deny -m conntrack --ctstate INVALID {SELDOM} -j RETURN\n");
    text += &format!("-A @-logging-deny {SELDOM} -j LOG --log-prefix \"[UFW BLOCK] \"\n");
    text + "-A @-user-limit -m limit --limit 3/min -j LOG --log-prefix \"[UFW LIMIT BLOCK] \"\n"
}

/// A person's own rules.
fn user(store: &Store, v6: bool) -> String {
    let mut text = "-A @-user-limit -j REJECT\n-A @-user-limit-accept -j ACCEPT\n".to_owned();
    for rule in rules(store, v6) {
        text += &(rule.lines("@").join("\n") + "\n");
    }
    text
}

fn rules(store: &Store, v6: bool) -> &[Rule] {
    let [first, second] = &store.rules;
    if v6 { second } else { first }
}

/// `/etc/ufw/user.rules`
pub(super) fn user_file(store: &Store, v6: bool) -> String {
    let prefix = if v6 { "ufw6" } else { "ufw" };
    let mut text = "*filter\n".to_owned();
    let names = BUILT_IN.map(|(_, name)| name);
    for stage in ["user", "before-logging", "user-logging", "after-logging"] {
        for name in names {
            text += &format!(":{prefix}-{stage}-{name} - [0:0]\n");
        }
    }
    for name in [
        "logging-deny",
        "logging-allow",
        "user-limit",
        "user-limit-accept",
    ] {
        text += &format!(":{prefix}-{name} - [0:0]\n");
    }
    text += "### RULES ###\n";
    for rule in rules(store, v6) {
        text += &format!(
            "\n### tuple ### {}\n{}\n",
            rule.tuple(v6),
            rule.lines(prefix).join("\n")
        );
    }
    let limit =
        format!("-A {prefix}-user-limit -j REJECT\n-A {prefix}-user-limit-accept -j ACCEPT\n");
    text += "\n### END RULES ###\n\n### LOGGING ###\n";
    text += &logging(store, [store.input, store.output, store.forward]).replace('@', prefix);
    text + "### END LOGGING ###\n\n### RATE LIMITING ###\n"
        + &limit
        + "### END RATE LIMITING ###\nCOMMIT\n"
}

fn restore(sys: &Sys, family: Family, prefix: &str, body: &str) -> Result<(), String> {
    let text = format!("*filter\n{}COMMIT\n", body.replace('@', prefix));
    iptables::restore_text(sys, &text, family)
}

/// Whether a chain is there.
fn has(sys: &Sys, family: Family, chain: &str) -> bool {
    let ns = sys.netns();
    sys.kernel(|k| {
        let table = k.net.netns(ns)?.nf.table(family, TableName::Filter)?;
        table.chain(chain).map(|_| ())
    })
    .is_some()
}

/// Writes all chains, and the jumps to them where there are none yet: those stay where they are, behind Docker's.
pub(super) fn load(sys: &Sys, store: &Store) -> Result<(), String> {
    for (family, prefix) in FAMILIES {
        let mut text = all(store, family == Family::V6);
        if !has(sys, family, &format!("{prefix}-before-input")) {
            for (built_in, name) in BUILT_IN {
                for stage in STAGES {
                    text += &format!("-A {built_in} -j @-{stage}-{name}\n");
                }
            }
        }
        restore(sys, family, prefix, &text)?;
    }
    Ok(())
}

/// Writes a person's rules anew.
pub(super) fn load_user(sys: &Sys, store: &Store) -> Result<(), String> {
    for (family, prefix) in FAMILIES {
        let mut text = String::new();
        for (_, name) in BUILT_IN {
            text += &format!(":@-user-{name} - [0:0]\n");
        }
        for rule in rules(store, family == Family::V6) {
            text += &(rule.lines("@").join("\n") + "\n");
        }
        restore(sys, family, prefix, &text)?;
    }
    Ok(())
}

/// Adds rules at the end, so that the others keep their counters.
pub(super) fn append(sys: &Sys, new: &[Rule]) -> Result<(), String> {
    for rule in new {
        let [v4, v6] = FAMILIES;
        let (family, prefix) = if rule.family == Some(true) { v6 } else { v4 };
        restore(sys, family, prefix, &(rule.lines("@").join("\n") + "\n"))?;
    }
    Ok(())
}

/// Lets everything pass: the chains that the built-in ones jump to stay, empty.
pub(super) fn unload(sys: &Sys) -> Result<(), String> {
    for (family, prefix) in FAMILIES {
        if !has(sys, family, &format!("{prefix}-user-input")) {
            continue;
        }
        let mut text = String::new();
        let mut gone = String::new();
        for (built_in, name) in BUILT_IN {
            text += &format!(":{built_in} ACCEPT [0:0]\n");
            for stage in STAGES.iter().chain(&PASSING) {
                text += &format!(":@-{stage}-{name} - [0:0]\n");
            }
            for stage in PASSING {
                gone += &format!("-X @-{stage}-{name}\n");
            }
        }
        for name in SINGLE
            .iter()
            .filter(|name| family == Family::V4 || **name != "not-local")
        {
            text += &format!(":@-{name} - [0:0]\n");
            gone += &format!("-X @-{name}\n");
        }
        restore(sys, family, prefix, &(text + &gone))?;
    }
    Ok(())
}
