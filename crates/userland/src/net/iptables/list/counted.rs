//! The matches that keep a table of addresses, as `iptables -L` prints them.

use kernel::netfilter::model::{HashLimit, HashMode, Recent, RecentAction};
use kernel::netfilter::print;

pub(super) fn hash_limit(limit: &HashLimit) -> String {
    let side = if limit.above { "above" } else { "up to" };
    let mut text = format!(
        " limit: {side} {} burst {}",
        print::rate(&limit.rate),
        limit.rate.burst
    );
    if limit.mode != HashMode::default() {
        text += &format!(" mode {}", print::hash_mode(limit.mode).replace(',', "-"));
    }
    for (name, value) in print::HASH_TABLE.iter().zip(limit.table) {
        text += &value
            .map(|value| format!(" htable-{name} {value}"))
            .unwrap_or_default();
    }
    for (name, bits) in [("src", limit.src_mask), ("dst", limit.dst_mask)] {
        text += &bits
            .map(|bits| format!(" {name}mask {bits}"))
            .unwrap_or_default();
    }
    text
}

pub(super) fn recent(recent: &Recent) -> String {
    let not = if recent.not { "! " } else { "" };
    let action = match recent.action {
        RecentAction::Set => "SET",
        RecentAction::Check => "CHECK",
        RecentAction::Update => "UPDATE",
        RecentAction::Remove => "REMOVE",
    };
    let mut text = format!(" {not}recent: {action}");
    for (name, value) in [("seconds", recent.seconds), ("hit_count", recent.hits)] {
        if value > 0 {
            text += &format!(" {name}: {value}");
        }
    }
    let side = if recent.by_destination {
        "dest"
    } else {
        "source"
    };
    text + &format!(" name: {} side: {side} mask: {}", recent.name, recent.mask)
}
