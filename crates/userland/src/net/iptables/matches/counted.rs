//! The options of the matches that keep a table of addresses.

use kernel::netfilter::model::{HashLimit, HashMode, Limit, Recent, RecentAction, Volatile};
use kernel::netfilter::print::HASH_TABLE;
use kernel::netfilter::{Family, Match};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Fail, Value, values, words};

/// The options of hashlimit.
pub(super) const HASHLIMIT: &[&str] = &[
    "hashlimit-upto",
    "hashlimit-above",
    "hashlimit",
    "hashlimit-burst",
    "hashlimit-mode",
    "hashlimit-name",
    "hashlimit-srcmask",
    "hashlimit-dstmask",
    "hashlimit-htable-size",
    "hashlimit-htable-max",
    "hashlimit-htable-gcinterval",
    "hashlimit-htable-expire",
];

/// The options of recent.
pub(super) const RECENT: &[&str] = &[
    "set", "rcheck", "update", "remove", "seconds", "hitcount", "name", "rsource", "rdest", "mask",
];

/// hashlimit with what it still needs: its rate, its name.
pub(super) fn new_hash_limit() -> HashLimit {
    HashLimit {
        name: "".into(),
        rate: Limit {
            count: 0,
            period: 1,
            burst: 5,
            state: Volatile::default(),
        },
        above: false,
        mode: HashMode::default(),
        src_mask: None,
        dst_mask: None,
        table: [None; 4],
        buckets: Volatile::default(),
    }
}

pub(super) fn hash_limit(
    limit: &mut HashLimit,
    option: &str,
    not: bool,
    value: Value<'_>,
) -> Result<(), Fail> {
    let text = value()?;
    let bad = || {
        Fail::parameter(format!(
            "hashlimit: Bad value for \"--{option}\" option: \"{text}\""
        ))
    };
    let number = || text.parse::<u32>().ok().ok_or_else(bad);
    let bits = || text.parse::<u8>().ok().ok_or_else(bad);
    match option {
        "hashlimit-upto" | "hashlimit" | "hashlimit-above" => {
            (limit.rate.count, limit.rate.period) = words::rate(&text).map_err(|_bad| bad())?;
            limit.above = (option == "hashlimit-above") != not;
        }
        "hashlimit-burst" => limit.rate.burst = number()?,
        "hashlimit-mode" => {
            for word in text.split(',') {
                *match word {
                    "srcip" => &mut limit.mode.src,
                    "srcport" => &mut limit.mode.src_port,
                    "dstip" => &mut limit.mode.dst,
                    "dstport" => &mut limit.mode.dst_port,
                    _ => return Err(bad()),
                } = true;
            }
        }
        "hashlimit-name" => limit.name = text.into(),
        "hashlimit-srcmask" => limit.src_mask = Some(bits()?),
        "hashlimit-dstmask" => limit.dst_mask = Some(bits()?),
        _ => {
            let mut places = HASH_TABLE.iter().zip(&mut limit.table);
            if let Some((_, place)) = places.find(|(name, _)| option.ends_with(**name)) {
                *place = Some(number()?);
            }
        }
    }
    Ok(())
}

pub(super) fn finish_hash_limit(limit: HashLimit) -> Result<Match, Fail> {
    if limit.name.is_empty() {
        return Err(Fail::parameter(
            "hashlimit: option \"--hashlimit-name\" must be specified\n",
        ));
    }
    if limit.rate.count == 0 {
        return Err(Fail::parameter("You have to specify --hashlimit"));
    }
    Ok(Match::HashLimit(Box::new(limit)))
}

/// recent without an action yet.
pub(super) fn new_recent(family: Family) -> (Recent, bool) {
    let recent = Recent {
        name: "DEFAULT".into(),
        action: RecentAction::Check,
        not: false,
        seconds: 0,
        hits: 0,
        by_destination: false,
        mask: match family {
            Family::V4 => IpAddr::V4(Ipv4Addr::BROADCAST),
            Family::V6 => IpAddr::V6(Ipv6Addr::from(u128::MAX)),
        },
    };
    (recent, false)
}

pub(super) fn recent(
    (recent, complete): &mut (Recent, bool),
    option: &str,
    not: bool,
    value: Value<'_>,
) -> Result<(), Fail> {
    let bad = |text: &str| values::out_of_range("recent", option, text);
    let action = match option {
        "set" => RecentAction::Set,
        "rcheck" => RecentAction::Check,
        "update" => RecentAction::Update,
        "remove" => RecentAction::Remove,
        "rsource" | "rdest" => {
            recent.by_destination = option == "rdest";
            return Ok(());
        }
        "name" => {
            recent.name = value()?.into();
            return Ok(());
        }
        "mask" => {
            let text = value()?;
            recent.mask = text.parse().ok().ok_or_else(|| bad(&text))?;
            return Ok(());
        }
        _ => {
            let text = value()?;
            let number = text.parse().ok().ok_or_else(|| bad(&text))?;
            match option {
                "seconds" => recent.seconds = number,
                _ => recent.hits = number,
            }
            return Ok(());
        }
    };
    (recent.action, recent.not, *complete) = (action, not, true);
    Ok(())
}

pub(super) fn finish_recent((recent, complete): (Recent, bool)) -> Result<Match, Fail> {
    if complete {
        return Ok(Match::Recent(Box::new(recent)));
    }
    Err(Fail::parameter(
        "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'",
    ))
}
