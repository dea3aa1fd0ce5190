//! Packets that a netfilter rule or a chain's policy dropped.

use super::fixes::{connect, fix, within};
use super::{End, Evidence, Told};
use crate::journey::words;
use crate::view::Fix;
use kernel::netfilter::Hook;
use kernel::trace::RuleHit;
use std::net::{IpAddr, SocketAddr};
use wire::Proto;

/// Which rule it was, and what to do about it.
pub(super) fn explain(
    evidence: &Evidence<'_>,
    end: End<'_>,
    hook: Hook,
    rule: Option<&RuleHit>,
) -> Told {
    let Some(hit) = rule else {
        return Told {
            sentence: format!("Dropped in {}, {}.", end.space.name, words::hook(hook)),
            ..Told::default()
        };
    };
    let (mut detail, mut fixes) = by_chain(evidence, end, hit);
    // Where nobody listens, letting it in would not help.
    if hook == Hook::Input
        && let Some((to, port)) = evidence.arrived_for(end)
        && !listens(evidence, end, to, port)
    {
        let nobody = format!(
            "Nothing in {} listens on port {port} either.",
            end.space.name
        );
        // A rule that is quoted comes last.
        detail = match detail.ends_with('.') {
            true => format!("{detail} {nobody}"),
            false => format!("{nobody} {detail}"),
        };
        fixes = Vec::new();
    }
    let place = words::rule_place(hit);
    Told {
        sentence: format!(
            "Dropped in {}, {}, {place}.",
            end.space.name,
            words::hook(hook)
        ),
        detail,
        decided_by: format!("{}: {place}: {}", words::hook(hook), hit.text),
        fixes,
    }
}

fn listens(evidence: &Evidence<'_>, end: End<'_>, to: IpAddr, port: u16) -> bool {
    let udp = end.ip.protocol() == Proto::UDP;
    let all = evidence.directory.listening(end.event.ns, udp);
    let reached = |at: &SocketAddr| at.ip().is_unspecified() || at.ip() == to;
    all.iter().any(|at| at.port() == port && reached(at))
}

fn by_chain(evidence: &Evidence<'_>, end: End<'_>, hit: &RuleHit) -> (String, Vec<Fix>) {
    let to = evidence.directory.call(end.ip.dst);
    let chain = &*hit.chain;
    let table = words::table(hit.table);
    if chain == "PREROUTING" && table == "raw" && hit.text.contains("! -i") {
        let detail = format!(
            "The packet is for {to}. Docker drops anything for a container's address unless it arrives from that container's own network."
        );
        return (detail, reach(evidence, end));
    }
    match chain {
        "DOCKER-INTERNAL" => (
            "This network is internal: it has no way out of its machine, nor in.".to_owned(),
            reach(evidence, end),
        ),
        _ if chain.starts_with("DOCKER-ISOLATION") => (
            "It left one bridge network for another, and Docker keeps them apart. Connect one container to the other's network.".to_owned(),
            reach(evidence, end),
        ),
        "DOCKER-FORWARD" | "DOCKER" if let Some(bridge) = within_bridge(&hit.text) => (
            format!("Containers on {} may not talk to each other: it was made with icc=false.", network_of(evidence, end, bridge)),
            vec![within(
                end.space,
                format!("Let containers on {} talk", network_of(evidence, end, bridge)),
                &format!("{} -I DOCKER-USER -i {bridge} -o {bridge} -j ACCEPT", tool(end)),
            )],
        ),
        "DOCKER" => (
            format!("Only published ports of {to} let packets in from elsewhere, and this is none."),
            reach(evidence, end),
        ),
        _ if hit.number == 0 => by_policy(evidence, end, hit),
        // Before the rule that was given.
        "ufw-user-input" if let Some(allow) = let_ufw_allow(evidence, end, "ufw insert 1") => {
            (format!("The rule is: {}", hit.text), vec![allow])
        }
        _ => (
            format!("The rule is: {}", hit.text),
            vec![within(
                end.space,
                "Delete that rule",
                &format!("{} -t {table} -D {chain} {}", tool(end), hit.number),
            )],
        ),
    }
}

/// What no rule decided, so that the chain's policy did.
fn by_policy(evidence: &Evidence<'_>, end: End<'_>, hit: &RuleHit) -> (String, Vec<Fix>) {
    let (chain, table) = (&*hit.chain, words::table(hit.table));
    let mut detail = format!("No rule accepted it, and the policy of {chain} is DROP.");
    let leads = |to: &str| {
        let (ns, v6) = (end.event.ns, end.ip.is_v6());
        evidence.directory.jumps(ns, v6, hit.table, (chain, to))
    };
    let docker = evidence.directory.engine_runs(&end.space.machine);
    if chain == "FORWARD" && docker && end.space.is_root() && !leads("DOCKER-FORWARD") {
        detail.push_str(
            " Docker's own rules are gone from it: Docker makes them again when it starts.",
        );
    }
    if leads("ufw-before-input")
        && let Some(allow) = let_ufw_allow(evidence, end, "ufw")
    {
        detail.push_str(" It was set by ufw, which lets in what it is told to.");
        return (detail, vec![allow]);
    }
    let accept = within(
        end.space,
        format!("Let {chain} accept what no rule decides"),
        &format!("{} -t {table} -P {chain} ACCEPT", tool(end)),
    );
    (detail, vec![accept])
}

/// Tells ufw to let in what came.
fn let_ufw_allow(evidence: &Evidence<'_>, end: End<'_>, ufw: &str) -> Option<Fix> {
    let (_, port) = evidence.arrived_for(end)?;
    let proto = match end.ip.protocol() == Proto::UDP {
        true => "udp",
        false => "tcp",
    };
    let command = format!("{ufw} allow {port}/{proto}");
    let label = format!("Let ufw allow port {port}");
    Some(within(end.space, label, &command))
}

/// What a person calls the network of a bridge.
fn network_of<'a>(evidence: &Evidence<'a>, end: End<'_>, bridge: &'a str) -> &'a str {
    let survey = evidence.directory.survey(&end.space.machine);
    let mut networks = survey.into_iter().flat_map(|s| &s.networks);
    let network = networks.find(|n| n.bridge == bridge);
    network.map_or(bridge, |n| n.name.as_str())
}

fn tool(end: End<'_>) -> &'static str {
    if end.ip.is_v6() {
        "ip6tables"
    } else {
        "iptables"
    }
}

/// The bridge that a rule keeps packets from crossing from port to port.
fn within_bridge(rule: &str) -> Option<&str> {
    let mut words = rule.split(' ').skip_while(|w| *w != "-i");
    let device = words.nth(1)?;
    let out = rule.split(' ').skip_while(|w| *w != "-o").nth(1)?;
    (device == out && !rule.contains("! -")).then_some(device)
}

/// Ways to a container that does not let strangers in: its network, or a door in the rules.
fn reach(evidence: &Evidence<'_>, end: End<'_>) -> Vec<Fix> {
    let directory = evidence.directory;
    let Some(target) = directory.at_address(end.ip.dst) else {
        // An internal network's container on its way out.
        let from = directory.at_address(end.ip.src);
        return from
            .map(|known| connect("bridge", known))
            .into_iter()
            .collect();
    };
    let network = target.network_with(end.ip.dst);
    if let (Some(source), Some(network)) = (directory.at_address(end.ip.src), network)
        && (source.machine == target.machine || network.vni.is_some())
    {
        return vec![connect(&network.name, source)];
    }
    // From outside nothing but published ports is let in; this is what the engine's allow-direct-routing would spare.
    let (tool, to) = (tool(end), end.ip.dst);
    let let_in = format!(
        "{tool} -t raw -I PREROUTING -d {to} -j ACCEPT && {tool} -I DOCKER-USER -d {to} -j ACCEPT"
    );
    let label = format!("Let strangers reach {}", target.container.name);
    vec![fix(label, let_in, target.machine)]
}
