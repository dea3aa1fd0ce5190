//! What a rule does with a packet, as `iptables -S` prints it.

use super::{bits, dashed, nat_to, quoted, reject_with};
use crate::netfilter::model::{ConnmarkOp, Log, NatTo, Target, TcpMss, TtlChange};
use std::fmt::{self, Display, Write as _};

pub(super) fn target(out: &mut String, target: &Target, v6: bool) -> fmt::Result {
    match target {
        Target::None => return Ok(()),
        Target::Goto(chain) => return write!(out, " -g {chain}"),
        other => write!(out, " -j {}", other.name())?,
    }
    match target {
        Target::Reject(with) => write!(out, " --reject-with {}", reject_with(*with, v6)),
        Target::Dnat(to) => nat(out, "--to-destination", nat_to(to), to),
        Target::Snat(to) => nat(out, "--to-source", nat_to(to), to),
        Target::Masquerade(to) | Target::Redirect(to) => {
            let ports = to.ports.map(dashed);
            nat(out, "--to-ports", ports.unwrap_or_default(), to)
        }
        Target::Netmap(net) => write!(out, " --to {net}"),
        Target::Mark { value, mask } => write!(out, " --set-xmark {value:#x}/{mask:#x}"),
        Target::Connmark(op) => connmark(out, *op),
        Target::Log(log) => {
            if !log.prefix.is_empty() {
                write!(out, " --log-prefix {}", quoted(&log.prefix))?;
            }
            if log.level != 4 {
                write!(out, " --log-level {}", log.level)?;
            }
            let given = Log::FLAGS.iter().filter(|(bit, _)| log.flags & bit != 0);
            out.extend(given.map(|(_, name)| format!(" --log-{name}")));
            Ok(())
        }
        Target::NoTrack { as_ct: true } => write!(out, " --notrack"),
        Target::TcpMss(TcpMss::Set(mss)) => write!(out, " --set-mss {mss}"),
        Target::TcpMss(TcpMss::ClampToPmtu) => write!(out, " --clamp-mss-to-pmtu"),
        Target::Ttl(change) => ttl_change(out, "ttl", *change),
        Target::HopLimit(change) => ttl_change(out, "hl", *change),
        Target::Dscp(dscp) => write!(out, " --set-dscp {dscp:#04x}"),
        Target::Tos { value, mask } => write!(out, " --set-tos {}", bits((*value, *mask))),
        _ => Ok(()),
    }
}

fn ttl_change(out: &mut String, name: &str, change: TtlChange) -> fmt::Result {
    match change {
        TtlChange::Set(ttl) => write!(out, " --{name}-set {ttl}"),
        TtlChange::Increment(by) => write!(out, " --{name}-inc {by}"),
        TtlChange::Decrement(by) => write!(out, " --{name}-dec {by}"),
    }
}

fn nat(out: &mut String, option: &str, value: impl Display, to: &NatTo) -> fmt::Result {
    let value = value.to_string();
    if !value.is_empty() {
        write!(out, " {option} {value}")?;
    }
    out.push_str(match (to.random, to.random_fully) {
        (_, true) => " --random-fully",
        (true, false) => " --random",
        (false, false) => "",
    });
    out.push_str(if to.persistent { " --persistent" } else { "" });
    Ok(())
}

fn connmark(out: &mut String, op: ConnmarkOp) -> fmt::Result {
    match op {
        ConnmarkOp::Set { value, mask } => write!(out, " --set-xmark {value:#x}/{mask:#x}"),
        ConnmarkOp::Save { nfmask, ctmask } => write!(
            out,
            " --save-mark --nfmask {nfmask:#x} --ctmask {ctmask:#x}"
        ),
        ConnmarkOp::Restore { nfmask, ctmask } => {
            write!(
                out,
                " --restore-mark --nfmask {nfmask:#x} --ctmask {ctmask:#x}"
            )
        }
    }
}
