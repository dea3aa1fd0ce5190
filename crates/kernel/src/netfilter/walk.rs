//! Walking the rules of one table at one hook.

use super::conntrack::packet::UNTRACKED;
use super::log;
use super::matches::{self, Probe};
use super::model::{ConnmarkOp, NatTo, RejectWith, Target, TcpMss};
use super::print;
use super::table::{ChainIx, Entry, Policy, Table};
use super::validate::MAX_DEPTH;
use super::{Family, TableName};
use crate::trace::RuleHit;
use ipnet::IpNet;
use std::rc::Rc;
use wire::Transport;

/// What a table says about a packet.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// It goes on.
    Accept,
    /// It ends.
    Drop,
    /// It ends with an error.
    Reject(RejectWith),
    /// Its flow is to be translated.
    Nat(NatOp),
}

/// How a flow is to be translated.
#[derive(Clone, Copy, Debug)]
pub(super) enum NatOp {
    Dnat(NatTo),
    Snat(NatTo),
    Masquerade(NatTo),
    Redirect(NatTo),
    Netmap(IpNet),
}

/// The rules that matched, if somebody wants to know.
pub(super) type Hits = Option<Vec<RuleHit>>;

/// Walks the built-in chain `start`. Lines for the kernel's log are added to `lines`.
pub(super) fn table(
    table: &mut Table,
    start: ChainIx,
    p: &mut Probe<'_, '_>,
    hits: &mut Hits,
    lines: &mut Vec<Rc<str>>,
) -> Outcome {
    let bytes = p.skb.ip.len() as u64;
    let name = table.name;
    let family = if p.skb.ip.is_v6() {
        Family::V6
    } else {
        Family::V4
    };
    let mut callers = [(start, 0); MAX_DEPTH];
    let mut depth = 0;
    let (mut here, mut at) = (start, 0);
    while let Some(chain) = table.at_mut(here) {
        let chain_name = chain.name.clone();
        let mut go = None;
        loop {
            at = chain.next_for(at, p.skb.ip.dst);
            let Some(entry) = chain.entries.get_mut(at) else {
                break;
            };
            at += 1;
            if !matches::rule(&mut entry.rule, p) {
                if p.lost {
                    return Outcome::Drop;
                }
                continue;
            }
            entry.counters.add(bytes);
            if let Some(hits) = hits {
                hits.push(hit(name, family, &chain_name, at, entry));
            }
            match &entry.rule.target {
                Target::None => {}
                Target::Accept => return Outcome::Accept,
                Target::Drop => return Outcome::Drop,
                Target::Return => break,
                Target::Jump(_) => {
                    go = entry.next.map(|next| (next, true));
                    break;
                }
                Target::Goto(_) => {
                    go = entry.next.map(|next| (next, false));
                    break;
                }
                Target::Reject(with) => return Outcome::Reject(*with),
                Target::Dnat(to) => return Outcome::Nat(NatOp::Dnat(*to)),
                Target::Snat(to) => return Outcome::Nat(NatOp::Snat(*to)),
                Target::Masquerade(to) => return Outcome::Nat(NatOp::Masquerade(*to)),
                Target::Redirect(to) => return Outcome::Nat(NatOp::Redirect(*to)),
                Target::Netmap(net) => return Outcome::Nat(NatOp::Netmap(*net)),
                Target::Log(log) => lines.push(log::line(log, p.ctx, p.skb).into()),
                changes => change(changes, p),
            }
        }
        match go {
            Some((next, comes_back)) => {
                if comes_back {
                    // Validation keeps chains from calling each other deeper than this.
                    let Some(place) = callers.get_mut(depth) else {
                        return Outcome::Drop;
                    };
                    *place = (here, at);
                    depth += 1;
                }
                (here, at) = (next, 0);
            }
            None => {
                let Some(back) = depth.checked_sub(1) else {
                    break;
                };
                depth = back;
                (here, at) = callers.get(back).copied().unwrap_or((start, 0));
            }
        }
    }
    policy(table, start, bytes, hits)
}

fn policy(table: &mut Table, start: ChainIx, bytes: u64, hits: &mut Hits) -> Outcome {
    let name = table.name;
    let Some(chain) = table.at_mut(start) else {
        return Outcome::Accept;
    };
    chain.counters.add(bytes);
    if let Some(hits) = hits.as_mut().filter(|_| !chain.is_idle()) {
        hits.push(RuleHit {
            table: name,
            chain: chain.name.clone(),
            number: 0,
            text: chain.policy_text(),
            packets: chain.counters.packets,
        });
    }
    match chain.policy {
        Policy::Accept => Outcome::Accept,
        Policy::Drop => Outcome::Drop,
    }
}

fn hit(
    table: TableName,
    family: Family,
    chain: &Rc<str>,
    number: usize,
    entry: &mut Entry,
) -> RuleHit {
    let rule = &entry.rule;
    let text = entry
        .text
        .get_or_insert_with(|| print::rule(chain, rule, family).into())
        .clone();
    RuleHit {
        table,
        chain: chain.clone(),
        number: u32::try_from(number).unwrap_or(u32::MAX),
        text,
        packets: entry.counters.packets,
    }
}

/// Targets that change something and let the walk go on.
fn change(target: &Target, p: &mut Probe<'_, '_>) {
    match *target {
        Target::Mark { value, mask } => p.skb.mark = p.skb.mark & !mask ^ value,
        Target::Connmark(op) => connmark(op, p),
        Target::NoTrack { .. } => p.skb.ct = p.skb.ct.or(Some(UNTRACKED)),
        Target::TcpMss(mss) => clamp(mss, p),
        Target::Ttl(change) | Target::HopLimit(change) => p.skb.ip.ttl = change.of(p.skb.ip.ttl),
        Target::Dscp(dscp) => p.skb.ip.tos = p.skb.ip.tos & 0x03 | dscp << 2,
        Target::Tos { value, mask } => p.skb.ip.tos = p.skb.ip.tos & !mask ^ value,
        _ => {}
    }
}

fn connmark(op: ConnmarkOp, p: &mut Probe<'_, '_>) {
    let Some(conn) = p.skb.ct.and_then(|ct| p.ct.get_mut(ct.conn)) else {
        return;
    };
    match op {
        ConnmarkOp::Set { value, mask } => conn.mark = conn.mark & !mask ^ value,
        ConnmarkOp::Save { nfmask, ctmask } => {
            conn.mark = conn.mark & !ctmask ^ (p.skb.mark & nfmask);
        }
        ConnmarkOp::Restore { nfmask, ctmask } => {
            p.skb.mark = p.skb.mark & !nfmask ^ (conn.mark & ctmask);
        }
    }
}

fn clamp(mss: TcpMss, p: &mut Probe<'_, '_>) {
    let ip = &mut p.skb.ip;
    let headers = if ip.is_v6() { 60 } else { 40 };
    let dst = ip.dst;
    let Transport::Tcp(segment) = &mut ip.transport else {
        return;
    };
    let Some(old) = segment.mss.filter(|_| segment.flags.syn()) else {
        return;
    };
    let new = match mss {
        TcpMss::Set(new) => new,
        TcpMss::ClampToPmtu => {
            let Some(mtu) = p.ctx.env.path_mtu(dst) else {
                return;
            };
            u16::try_from(mtu.saturating_sub(headers)).unwrap_or(u16::MAX)
        }
    };
    // The option is only ever lowered. Source: Linux xt_TCPMSS.
    segment.mss = Some(old.min(new));
}
