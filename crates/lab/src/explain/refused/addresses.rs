//! Subnets that overlap, addresses that somebody has, pools that are used up.

use super::{ADDRESSES, Case, NETWORKS, are, between};
use crate::explain::neighbour::free_address;
use crate::explain::{Told, list};
use crate::view::Fix;
use engine::survey::NetworkFacts;
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr};

/// Flags by which a network's addresses are given beside its subnet.
const WITHIN: [&str; 3] = ["--gateway", "--ip-range", "--aux-address"];

pub(super) fn told(case: &Case<'_>) -> Option<Told> {
    overlap(case)
        .or_else(|| given_twice(case))
        .or_else(|| in_use(case))
        .or_else(|| not_of_the_network(case))
        .or_else(|| used_up(case))
        .or_else(|| host_bits(case))
}

fn decided(sentence: String, detail: impl Into<String>, fix: Option<Fix>) -> Told {
    Told {
        sentence,
        detail: detail.into(),
        decided_by: ADDRESSES.to_owned(),
        fixes: fix.into_iter().collect(),
    }
}

/// A new network whose subnet touches another's.
fn overlap(case: &Case<'_>) -> Option<Told> {
    let pools = case.text.contains("Pool overlaps");
    if !pools && !case.text.contains("networks have overlapping IPv") {
        return None;
    }
    let asked = case.line.value(&["--subnet"]);
    let wanted = asked.and_then(|s| s.parse::<IpNet>().ok());
    let touches = |n: &&NetworkFacts| {
        let mut own = n.subnets.iter().filter_map(|s| s.parse::<IpNet>().ok());
        own.any(|own| wanted.is_some_and(|w| w.contains(&own.addr()) || own.contains(&w.addr())))
    };
    let other = case.survey.networks.iter().find(touches);
    let sentence = match (asked, other) {
        (Some(asked), Some(n)) => format!(
            "{asked} overlaps the subnet of {}, {}.",
            n.name,
            list(n.subnets.iter().map(String::as_str))
        ),
        _ => "The subnet overlaps that of another network.".to_owned(),
    };
    let free = wanted.filter(|_| !WITHIN.iter().any(|f| case.line.0.contains(f)));
    let fix = free.and_then(|net| {
        let free = free_subnet(case, net.prefix_len())?;
        let line = case.line.replaced(asked?, &free.to_string())?;
        Some(case.instead(format!("Use {free}"), line))
    });
    Some(decided(
        sentence,
        "Two networks of a machine cannot have the same addresses.",
        fix,
    ))
}

/// Whether a subnet touches no network of the machine.
pub(super) fn is_free(case: &Case<'_>, net: IpNet) -> bool {
    let mut taken = case.survey.networks.iter().flat_map(|n| n.subnets.iter());
    !taken.any(|t| t.parse::<IpNet>().is_ok_and(|t| touch(t, net)))
}

fn touch(a: IpNet, b: IpNet) -> bool {
    a.contains(&b.addr()) || b.contains(&a.addr())
}

/// A subnet of a length that touches no network of the machine.
fn free_subnet(case: &Case<'_>, length: u8) -> Option<Ipv4Net> {
    let size = 32_u32.checked_sub(u32::from(length))?;
    let first = u32::from(Ipv4Addr::new(10, 200, 0, 0));
    (0..500_u32).find_map(|n| {
        let at = n.checked_shl(size)?.checked_add(first)?;
        Ipv4Net::new(at.into(), length)
            .ok()
            .map(|n| n.trunc())
            .filter(|net| is_free(case, IpNet::V4(*net)))
    })
}

/// Addresses of a new network that stand for two things.
fn given_twice(case: &Case<'_>) -> Option<Told> {
    let ip = between(case.text, "failed to allocate gateway (", ")")
        .or_else(|| between(case.text, "failed to allocate secondary ip address (", ")"))?;
    let ip = ip
        .rsplit_once(':')
        .filter(|(name, _)| !name.contains(':'))
        .map_or(ip, |(_, ip)| ip);
    Some(decided(
        format!(
            "{ip} cannot be given out: it is the network's own address, its gateway, or given twice."
        ),
        "",
        None,
    ))
}

/// An address that somebody has.
fn in_use(case: &Case<'_>) -> Option<Told> {
    if !case.text.trim_end().ends_with("Address already in use") {
        return None;
    }
    let line = case.line;
    let known = line.last();
    let failed = case.evidence.directory.failed_since(case.evidence.since);
    let asked = line.value(&["--ip", "--ip6"]);
    let ip: Option<IpAddr> = asked.and_then(|ip| ip.parse().ok());
    let Some(ip) = ip else {
        // Started again, with an address that it was made with.
        let known = failed.map(|f| f.0).or_else(|| case.container(known))?;
        let name = &known.container.name;
        return Some(decided(
            format!("The address of {name} was given to another container while it did not run."),
            "",
            None,
        ));
    };
    let networks = || {
        case.survey
            .networks
            .iter()
            .filter(|n| n.subnet_of(ip).is_some())
    };
    let network = networks().next()?;
    let owner = case
        .evidence
        .directory
        .at_address(ip)
        .map(|k| k.container.name.clone());
    let sentence = match &owner {
        Some(owner) => format!("{ip} belongs to {owner} already."),
        None if network.gateway == Some(ip) => format!("{ip} is the gateway of {}.", network.name),
        None => format!("{ip} is set aside on {}.", network.name),
    };
    let fix = free_address(case.evidence, network, ip).and_then(|free| {
        let line = line.replaced(asked?, &free.to_string())?;
        Some(case.instead(format!("Use {free}"), line))
    });
    Some(decided(sentence, "", fix))
}

/// An address, or an alias, that the network would not know.
fn not_of_the_network(case: &Case<'_>) -> Option<Told> {
    let network = case
        .line
        .value(&["--network", "--net"])
        .or_else(|| {
            case.line
                .0
                .contains("network connect ")
                .then(|| case.line.0.split_whitespace().rev().nth(1))
                .flatten()
        })
        .unwrap_or("bridge");
    // Who is on it already, or can never be, is not helped by another line.
    let joins = case.line.0.contains("network connect ");
    let known = case.container(case.line.last()).filter(|_| joins);
    let on_it = known.is_some_and(|k| k.networks().any(|n| n.name == network));
    let vain = on_it || joins && matches!(network, "host" | "none");
    if case
        .text
        .contains("supported only for containers in user defined networks")
    {
        let fix = case
            .line
            .without(&["--network-alias", "--alias", "--net-alias"]);
        return Some(Told {
            sentence: format!(
                "{network} answers for no names, so an alias would be of no use there."
            ),
            detail: "Only networks that somebody created have a DNS server.".to_owned(),
            decided_by: NETWORKS.to_owned(),
            fixes: fix
                .filter(|_| !vain)
                .map(|l| case.instead("Leave out the alias", l))
                .into_iter()
                .collect(),
        });
    }
    if case
        .text
        .contains("user specified IP address is supported ")
    {
        let fix = case.line.without(&["--ip", "--ip6"]);
        return Some(decided(
            format!("{network} chooses its addresses itself."),
            "An address can be asked for only on a network that was created with --subnet.",
            fix.filter(|_| !vain)
                .map(|l| case.instead("Leave out the address", l)),
        ));
    }
    let ip = between(case.text, "contain the IP address ", "\n")?;
    let facts = case.network(network)?;
    let old = case.line.value(&["--ip"]).filter(|old| *old == ip);
    let near = facts.subnets.iter().find_map(|s| s.parse::<IpNet>().ok())?;
    let fix = free_address(case.evidence, facts, near.addr()).and_then(|free| {
        let line = case.line.replaced(old?, &free.to_string())?;
        Some(case.instead(format!("Use {free}"), line))
    });
    let subnets = list(facts.subnets.iter().map(String::as_str));
    Some(decided(
        format!("{ip} is not an address of {network}, which has {subnets}."),
        "",
        fix,
    ))
}

/// Nothing left to give out.
fn used_up(case: &Case<'_>) -> Option<Told> {
    if case
        .text
        .contains("predefined address pools have been fully subnetted")
    {
        let free = free_subnet(case, 24)?;
        let line = case
            .line
            .with("network create", &format!("--subnet {free}"));
        return Some(decided(
            "Docker's own pools of subnets are used up by the networks that there are.".to_owned(),
            "A subnet that is named, or networks that are removed, make room.",
            line.map(|l| case.instead(format!("Use {free}"), l)),
        ));
    }
    let name = between(case.text, "address pools: ", " (")?;
    let network = case.network(name)?;
    Some(decided(
        format!(
            "{name} is full: {} {} all that it gives out.",
            list(network.subnets.iter().map(String::as_str)),
            if network.subnets.len() == 1 {
                "is"
            } else {
                "are"
            }
        ),
        format!("{} on it.", are(&case.on(network))),
        None,
    ))
}

/// A subnet that is written as one of its addresses.
fn host_bits(case: &Case<'_>) -> Option<Told> {
    let (_, rest) = case
        .text
        .split_once("invalid ")?
        .1
        .split_once("\ninvalid ")?;
    let (what, right) = rest.split_once(": it should be ")?;
    let (_, wrong) = what.rsplit_once(' ')?;
    let right = right.trim_end();
    let line = case.line.replaced(wrong, right);
    Some(decided(
        format!("{wrong} is an address in a subnet; the subnet is {right}."),
        "",
        line.map(|l| case.instead(format!("Use {right}"), l)),
    ))
}
