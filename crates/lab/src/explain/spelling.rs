//! Names that differ from others by a slip of the finger.

/// Whether two names are the same but for one letter more, less, other or in its neighbour's place, or for `-`, `_` and `.`.
pub(super) fn near(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        let letters = text.chars().filter(|c| !matches!(c, '-' | '_' | '.'));
        letters.map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    let (a, b) = (plain(a), plain(b));
    // Of shorter names any two are near.
    if a.len().min(b.len()) < 3 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(same..), b.get(same..));
    match (a.unwrap_or_default(), b.unwrap_or_default()) {
        ([], [] | [_]) | ([_], []) => true,
        ([x, ahead @ ..], [y, other @ ..]) => {
            let swapped = match (ahead, other) {
                ([x2, a @ ..], [y2, b @ ..]) => (x, x2) == (y2, y) && a == b,
                _ => false,
            };
            let more = |long: &[char], first: &char, rest: &[char]| {
                long.split_first() == Some((first, rest))
            };
            // Another letter, one more on either side, or two in each other's place.
            ahead == other || more(ahead, y, other) || more(other, x, ahead) || swapped
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn slips_of_one_letter_are_near() {
        for slip in ["wbe", "we", "webb", "wep", "eweb", "w-eb", "WEB", "wxeb"] {
            assert_eq!(near(slip, "web"), slip != "we", "{slip}");
        }
        assert!(near("my_web", "my-web") && near("backned", "backend"));
        assert!(!near("db", "dc") && !near("front", "back") && !near("web1", "web23"));
    }
}
