//! The conditions that keep a table of addresses, as `iptables -S` prints them.

use super::rate;
use crate::netfilter::model::{HashLimit, HashMode, Recent, RecentAction};
use std::fmt::{self, Write as _};

/// The names of `--hashlimit-htable-*`, in the order in which they are printed.
pub const HASH_TABLE: [&str; 4] = ["size", "max", "gcinterval", "expire"];

pub(super) fn hash_limit(out: &mut String, limit: &HashLimit) -> fmt::Result {
    let side = if limit.above { "above" } else { "upto" };
    write!(
        out,
        " -m hashlimit --hashlimit-{side} {} --hashlimit-burst {}",
        rate(&limit.rate),
        limit.rate.burst
    )?;
    if limit.mode != HashMode::default() {
        write!(out, " --hashlimit-mode {}", hash_mode(limit.mode))?;
    }
    write!(out, " --hashlimit-name {}", limit.name)?;
    for (name, value) in HASH_TABLE.iter().zip(limit.table) {
        if let Some(value) = value {
            write!(out, " --hashlimit-htable-{name} {value}")?;
        }
    }
    for (name, bits) in [("src", limit.src_mask), ("dst", limit.dst_mask)] {
        if let Some(bits) = bits {
            write!(out, " --hashlimit-{name}mask {bits}")?;
        }
    }
    Ok(())
}

/// `srcip,dstport`
#[must_use]
pub fn hash_mode(mode: HashMode) -> String {
    let parts = [
        (mode.src, "srcip"),
        (mode.src_port, "srcport"),
        (mode.dst, "dstip"),
        (mode.dst_port, "dstport"),
    ];
    let names: Vec<&str> = parts
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, name)| *name)
        .collect();
    names.join(",")
}

pub(super) fn recent(out: &mut String, recent: &Recent) -> fmt::Result {
    let not = if recent.not { "! " } else { "" };
    let action = match recent.action {
        RecentAction::Set => "set",
        RecentAction::Check => "rcheck",
        RecentAction::Update => "update",
        RecentAction::Remove => "remove",
    };
    write!(out, " -m recent {not}--{action}")?;
    for (name, value) in [("seconds", recent.seconds), ("hitcount", recent.hits)] {
        if value > 0 {
            write!(out, " --{name} {value}")?;
        }
    }
    let side = if recent.by_destination {
        "rdest"
    } else {
        "rsource"
    };
    write!(
        out,
        " --name {} --mask {} --{side}",
        recent.name, recent.mask
    )
}
