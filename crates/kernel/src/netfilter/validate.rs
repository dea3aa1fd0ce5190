//! Which rules may stand where.
//!
//! A rule is checked when it is added, against every built-in chain from which its chain can be reached, and so is never
//! checked again while packets pass. Errors say what nf_tables answers; their sentences are made by the tools.

use super::model::{Inv, Match, RejectWith, Rule, Target};
use super::table::{ChainIx, Table};
use super::{Hook, TableName};
use sorted::SortedSet;
use thiserror::Error;
use wire::Proto;

/// How deep chains may call each other. Source: Linux `NFT_JUMP_STACK_SIZE`.
pub const MAX_DEPTH: usize = 16;

/// Why a change of a table is refused. The text is that of the error number behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum RuleError {
    /// No chain has that name.
    #[error("No such file or directory")]
    NoChain,
    /// The rule jumps to a chain that does not exist.
    #[error("No such file or directory")]
    NoTarget,
    /// No rule says the same.
    #[error("No such file or directory")]
    NoRule,
    /// No rule has that number.
    #[error("Numerical result out of range")]
    BadIndex,
    /// A chain has that name already.
    #[error("File exists")]
    ChainExists,
    /// The chain has rules, or rules jump to it.
    #[error("Device or resource busy")]
    Busy,
    /// A built-in chain that drops what it has no rule for cannot be removed.
    #[error("Directory not empty")]
    Drops,
    /// A built-in chain cannot be renamed or jumped to.
    #[error("Operation not supported")]
    Builtin,
    /// Only a built-in chain has a policy.
    #[error("Operation not supported")]
    NotBuiltin,
    /// Chains would call each other in a circle, or too deeply.
    #[error("Too many links")]
    TooManyLinks,
    /// The target does not work in this table or at this hook.
    #[error("Invalid argument")]
    Invalid,
}

/// Checks a rule that shall stand in `chain`, jumping to `next` if it does jump.
pub(super) fn rule(
    table: &Table,
    chain: ChainIx,
    rule: &Rule,
    next: Option<ChainIx>,
) -> Result<(), RuleError> {
    let nothing = |net: &Inv<ipnet::IpNet>| net.not && net.value.prefix_len() == 0;
    if rule.src.iter().chain(&rule.dst).any(nothing)
        || !table_allows(table.name, &rule.target)
        || !protocol_fits(rule)
    {
        return Err(RuleError::Invalid);
    }
    let Some(next) = next else {
        let fits = |hook: &Hook| hook_allows(*hook, &rule.target) && matches_allowed(*hook, rule);
        if Hook::ALL.iter().all(fits) {
            return Ok(());
        }
        let reached = hooks_above(table, chain)?;
        return if reached.iter().all(fits) {
            Ok(())
        } else {
            Err(RuleError::Invalid)
        };
    };
    if table.at(next).is_some_and(|called| called.hook.is_some()) {
        // A built-in chain is no place to jump to. Source: Linux `nf_tables_api.c`, `nft_verdict_init`.
        return Err(RuleError::Builtin);
    }
    let reached = hooks_above(table, chain)?;
    if reached.is_empty() {
        // Circles do no harm as long as no packet gets there; they are found when one could.
        return Ok(());
    }
    let above = levels(chain, |chain| callers(table, chain))?;
    let circle = |from| {
        if from == chain {
            SortedSet::from([next])
        } else {
            callees(table, from)
        }
    };
    if above + levels(next, circle)? > MAX_DEPTH {
        return Err(RuleError::TooManyLinks);
    }
    if targets_below(table, next)
        .iter()
        .any(|target| reached.iter().any(|hook| !hook_allows(*hook, target)))
    {
        return Err(RuleError::Invalid);
    }
    Ok(())
}

/// The number of chains on the longest way from `start` by `neighbours`: how often all ends can go a step further.
fn levels(
    start: ChainIx,
    neighbours: impl Fn(ChainIx) -> SortedSet<ChainIx>,
) -> Result<usize, RuleError> {
    let mut ends = SortedSet::from([start]);
    for depth in 0..=MAX_DEPTH {
        if ends.is_empty() {
            return Ok(depth);
        }
        ends = ends.into_iter().flat_map(&neighbours).collect();
    }
    Err(RuleError::TooManyLinks)
}

fn callees(table: &Table, chain: ChainIx) -> SortedSet<ChainIx> {
    table
        .at(chain)
        .into_iter()
        .flat_map(|chain| &chain.entries)
        .filter_map(|entry| entry.next)
        .collect()
}

fn callers(table: &Table, chain: ChainIx) -> SortedSet<ChainIx> {
    if table.at(chain).is_none_or(|chain| chain.references() == 0) {
        return SortedSet::new();
    }
    let calls = |caller: &&super::table::Chain| {
        caller.entries.iter().any(|entry| entry.next == Some(chain))
    };
    table
        .chains()
        .filter(calls)
        .filter_map(|caller| table.find(&caller.name).ok())
        .collect()
}

/// The hooks whose packets can reach the chain.
fn hooks_above(table: &Table, chain: ChainIx) -> Result<SortedSet<Hook>, RuleError> {
    let mut hooks = SortedSet::new();
    let mut seen = SortedSet::from([chain]);
    let mut open = vec![chain];
    while let Some(chain) = open.pop() {
        hooks.extend(table.at(chain).ok_or(RuleError::NoChain)?.hook);
        open.extend(
            callers(table, chain)
                .into_iter()
                .filter(|caller| seen.insert(*caller)),
        );
    }
    Ok(hooks)
}

fn targets_below(table: &Table, chain: ChainIx) -> Vec<&Target> {
    let mut targets = Vec::new();
    let mut seen = SortedSet::from([chain]);
    let mut open = vec![chain];
    while let Some(chain) = open.pop() {
        targets.extend(
            table
                .at(chain)
                .into_iter()
                .flat_map(|chain| &chain.entries)
                .map(|entry| &entry.rule.target),
        );
        open.extend(
            callees(table, chain)
                .into_iter()
                .filter(|next| seen.insert(*next)),
        );
    }
    targets
}

/// Whether what asks about a protocol's header is only asked of that protocol.
fn protocol_fits(rule: &Rule) -> bool {
    let is = |proto: Proto| rule.proto == Some(Inv::is(proto));
    let reset = matches!(rule.target, Target::Reject(RejectWith::TcpReset));
    (!reset || is(Proto::TCP))
        && rule.matches.iter().all(|condition| match condition {
            Match::Tcp(_) => is(Proto::TCP),
            Match::Udp(_) => is(Proto::UDP),
            Match::Icmp(_) => is(Proto::ICMP) || is(Proto::ICMPV6),
            _ => true,
        })
}

/// A sender is only known where packets leave.
fn matches_allowed(hook: Hook, rule: &Rule) -> bool {
    let (receiving, sending) = match hook {
        Hook::Prerouting | Hook::Input => (true, false),
        Hook::Forward => (true, true),
        Hook::Output | Hook::Postrouting => (false, true),
    };
    rule.matches.iter().all(|condition| match condition {
        Match::Owner { .. } => sending && !receiving,
        Match::MacSource(_) => receiving,
        Match::AddrType {
            limit_in,
            limit_out,
            ..
        } => (receiving || !limit_in) && (sending || !limit_out),
        _ => true,
    })
}

const fn table_allows(table: TableName, target: &Target) -> bool {
    match target {
        Target::Dnat(_)
        | Target::Snat(_)
        | Target::Masquerade(_)
        | Target::Redirect(_)
        | Target::Netmap(_) => {
            matches!(table, TableName::Nat)
        }
        Target::Reject(_) => matches!(table, TableName::Filter),
        Target::NoTrack { .. } => matches!(table, TableName::Raw),
        Target::Ttl(_) | Target::HopLimit(_) | Target::Dscp(_) | Target::Tos { .. } => {
            matches!(table, TableName::Mangle)
        }
        Target::None
        | Target::Accept
        | Target::Drop
        | Target::Return
        | Target::Jump(_)
        | Target::Goto(_)
        | Target::Mark { .. }
        | Target::Connmark(_)
        | Target::Log(_)
        | Target::TcpMss(_) => true,
    }
}

const fn hook_allows(hook: Hook, target: &Target) -> bool {
    match target {
        Target::Dnat(_) | Target::Redirect(_) => matches!(hook, Hook::Prerouting | Hook::Output),
        Target::Snat(_) => matches!(hook, Hook::Postrouting | Hook::Input),
        Target::Masquerade(_) => matches!(hook, Hook::Postrouting),
        Target::Reject(_) => matches!(hook, Hook::Input | Hook::Forward | Hook::Output),
        Target::TcpMss(super::model::TcpMss::ClampToPmtu) => {
            matches!(hook, Hook::Forward | Hook::Output | Hook::Postrouting)
        }
        Target::Netmap(_)
        | Target::NoTrack { .. }
        | Target::None
        | Target::Accept
        | Target::Drop
        | Target::Return
        | Target::Jump(_)
        | Target::Goto(_)
        | Target::Mark { .. }
        | Target::Connmark(_)
        | Target::Log(_)
        | Target::Ttl(_)
        | Target::HopLimit(_)
        | Target::Dscp(_)
        | Target::Tos { .. }
        | Target::TcpMss(super::model::TcpMss::Set(_)) => true,
    }
}
