//! Capabilities of a service's tasks. Source: docker/cli `opts/capabilities.go`, `command/service/update.go`.

use sorted::SortedSet;

/// Every capability.
const ALL: &str = "ALL";
/// None of those that were given before.
const RESET: &str = "RESET";

/// Writes names as the engine has them: `CAP_NET_ADMIN`.
fn normal(names: &[String]) -> SortedSet<String> {
    let one = |name: &String| {
        let name = name.trim().to_ascii_uppercase();
        match name.as_str() {
            ALL | RESET => name,
            other if other.starts_with("CAP_") => name,
            other => format!("CAP_{other}"),
        }
    };
    names.iter().map(one).collect()
}

fn listed(names: &SortedSet<String>) -> Vec<String> {
    match names.contains(ALL) {
        true => vec![ALL.to_owned()],
        false => names.iter().cloned().collect(),
    }
}

/// Works out what is added and dropped; what is both is added.
pub(crate) fn effective(add: &[String], drop: &[String]) -> (Vec<String>, Vec<String>) {
    let add: SortedSet<String> = normal(add).into_iter().filter(|n| n != RESET).collect();
    let drop: SortedSet<String> = normal(drop)
        .into_iter()
        .filter(|name| name != RESET && !add.contains(name))
        .collect();
    (listed(&add), listed(&drop))
}

/// Changes what a service adds and drops: to add what it dropped only ends the dropping, and the other way round.
pub(super) fn change(
    (added, dropped): (&mut Vec<String>, &mut Vec<String>),
    add: &[String],
    drop: &[String],
) {
    let (mut is_added, mut is_dropped) = (normal(added), normal(dropped));
    let (mut add, mut drop) = (normal(add), normal(drop));
    if add.remove(RESET) {
        is_added = SortedSet::default();
    }
    if drop.remove(RESET) {
        is_dropped = SortedSet::default();
    }
    for name in drop {
        if !add.contains(&name) && !is_added.remove(&name) {
            is_dropped.insert(name);
        }
    }
    for name in add {
        if !is_dropped.remove(&name) {
            is_added.insert(name);
        }
    }
    (*added, *dropped) = (listed(&is_added), listed(&is_dropped));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_what_was_dropped_only_ends_the_dropping() {
        let own = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        let (mut added, mut dropped) = (own(&[]), own(&["CAP_CHOWN"]));
        change(
            (&mut added, &mut dropped),
            &own(&["chown", "net_admin"]),
            &[],
        );
        assert_eq!((added, dropped), (own(&["CAP_NET_ADMIN"]), own(&[])));
        assert_eq!(
            effective(&own(&["all", "net_raw"]), &own(&["kill"])),
            (own(&["ALL"]), own(&["CAP_KILL"]))
        );
    }
}
