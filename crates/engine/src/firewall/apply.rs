//! Writing rules into a namespace's tables.

use kernel::Kernel;
use kernel::ids::NetnsId;
use kernel::netfilter::{self as nf, AddrType, Policy, Target as To};
use wire::Proto as WireProto;

use super::bridge::CHAINS;
use super::rule::{Family, Is, Match, Place, Placed, Rule, Table, Target};
use crate::error::{Error, Result};
use crate::ports::Proto;

/// Makes the engine's chains, after removing those of an earlier run. One that others still jump to is only emptied, and so
/// keeps its place among the chains. Source: moby `iptabler.go`, `removeIPChains`.
pub(super) fn make_chains(kernel: &mut Kernel, ns: NetnsId, family: Family) {
    for (table, chain) in CHAINS {
        if let Some(table) = table_of(kernel, ns, family, table) {
            let _ = table.flush(Some(chain));
            let _ = table.delete_chain(chain);
        }
    }
    for (table, chain) in CHAINS {
        new_chain(kernel, ns, family, table, chain);
    }
}

/// Makes a chain unless it is there.
pub(super) fn new_chain(
    kernel: &mut Kernel,
    ns: NetnsId,
    family: Family,
    table: Table,
    chain: &str,
) {
    if let Some(table) = table_of(kernel, ns, family, table) {
        let _ = table.new_chain(chain);
    }
}

/// Makes a chain, or empties it if it is there.
pub(super) fn make_chain(
    kernel: &mut Kernel,
    ns: NetnsId,
    family: Family,
    table: Table,
    chain: &str,
) {
    let Some(table) = table_of(kernel, ns, family, table) else {
        return;
    };
    if table.new_chain(chain).is_err() {
        let _ = table.flush(Some(chain));
    }
}

/// Adds a rule unless the same one is there. Errors: `Internal` if somebody deleted a chain that it needs.
pub(super) fn add(kernel: &mut Kernel, ns: NetnsId, placed: &Placed) -> Result<()> {
    let rule = translate(placed.family, &placed.rule);
    let Some(table) = table_of(kernel, ns, placed.family, placed.table) else {
        return Ok(());
    };
    if table.position(placed.chain, &rule).is_some() {
        return Ok(());
    }
    let tool = match placed.family {
        Family::V4 => "iptables",
        Family::V6 => "ip6tables",
    };
    let wrong = |complaint: &str| {
        let help = format!("Try `{tool} -h' or '{tool} --help' for more information.");
        let answer = format!("{tool} v1.8.13 (nf_tables): {complaint}\n{help}");
        Err(Error::internal(placed.refused(&answer, 2)))
    };
    if let Target::Snat(Some(addr), _) = &placed.rule.target
        && addr.is_ipv6() != (placed.family == Family::V6)
    {
        return wrong(&format!("Bad IP address \"{addr}\""));
    }
    let done = match placed.place {
        Place::Head => table.insert(placed.chain, 1, rule),
        Place::Tail => table.append(placed.chain, rule),
    };
    match done {
        Err(error) if !placed.failure.is_empty() => {
            if let (nf::RuleError::NoTarget, Target::Jump(chain)) = (error, &placed.rule.target) {
                return wrong(&format!("Chain '{chain}' does not exist"));
            }
            let answer = format!("{tool}: No chain/target/match by that name.");
            Err(Error::internal(placed.refused(&answer, 1)))
        }
        _ => Ok(()),
    }
}

/// Removes a rule; one that somebody else has removed is none of our business.
pub(super) fn remove(kernel: &mut Kernel, ns: NetnsId, placed: &Placed) {
    let rule = translate(placed.family, &placed.rule);
    if let Some(table) = table_of(kernel, ns, placed.family, placed.table) {
        let _ = table.delete_same(placed.chain, &rule);
    }
}

/// Makes DROP the policy of FORWARD.
pub(super) fn drop_forwarded(kernel: &mut Kernel, ns: NetnsId, family: Family) {
    if let Some(table) = table_of(kernel, ns, family, Table::Filter) {
        let _ = table.set_policy("FORWARD", Policy::Drop, None);
    }
}

fn table_of(
    kernel: &mut Kernel,
    ns: NetnsId,
    family: Family,
    table: Table,
) -> Option<&mut nf::Table> {
    let family = match family {
        Family::V4 => nf::Family::V4,
        Family::V6 => nf::Family::V6,
    };
    let table = match table {
        Table::Raw => nf::TableName::Raw,
        Table::Nat => nf::TableName::Nat,
        Table::Filter => nf::TableName::Filter,
    };
    Some(kernel.net.netns_mut(ns)?.nf.table_mut(family, table))
}

/// Says one of our rules in the kernel's terms.
fn translate(family: Family, rule: &Rule) -> nf::Rule {
    conditions(family, &rule.matches).target(target(&rule.target))
}

fn conditions(family: Family, m: &Match) -> nf::Rule {
    let mut rule = nf::Rule::new();
    rule.src = m.source.as_ref().map(|s| inv(s, s.value));
    rule.dst = m.destination.as_ref().map(|d| inv(d, d.value));
    rule = match &m.input {
        Some(Is { not: false, value }) => rule.in_if(value),
        Some(Is { not: true, value }) => rule.not_in_if(value),
        None => rule,
    };
    rule = match &m.output {
        Some(Is { not: false, value }) => rule.out_if(value),
        Some(Is { not: true, value }) => rule.not_out_if(value),
        None => rule,
    };
    if m.icmp {
        rule = rule.proto(if family == Family::V4 {
            WireProto::ICMP
        } else {
            WireProto::ICMPV6
        });
    }
    if let Some(p) = &m.proto {
        rule = rule.proto(match p.proto {
            Proto::Tcp => WireProto::TCP,
            Proto::Udp => WireProto::UDP,
            Proto::Sctp => WireProto(132),
        });
        if let Some(port) = p.sport {
            rule = rule.sport(port);
        }
        if let Some(port) = p.dport {
            rule = rule.dport(port);
        }
    }
    if m.established {
        rule = rule.ctstate(nf::model::CtStates::RELATED_ESTABLISHED);
    }
    if m.from_local {
        rule = rule.src_type(AddrType::Local);
    }
    if m.to_local {
        rule = rule.dst_type(AddrType::Local);
    }
    rule
}

fn inv<T>(is: &Is<T>, value: T) -> nf::Inv<T> {
    if is.not {
        nf::Inv::not(value)
    } else {
        nf::Inv::is(value)
    }
}

fn target(target: &Target) -> To {
    match target {
        Target::Accept => To::Accept,
        Target::Drop => To::Drop,
        Target::Return => To::Return,
        Target::Jump(chain) => To::Jump((*chain).into()),
        Target::Masquerade => To::masquerade(),
        Target::Snat(addr, port) => To::snat(*addr, *port),
        Target::Dnat(to) => To::dnat(to.ip(), Some(to.port())),
    }
}
