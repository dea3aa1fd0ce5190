//! The order in which go-yaml writes keys: by letters, but numbers within them by value, so that `web9` comes before
//! `web10`. Source: go-yaml 3, sorter.go.

use std::cmp::Ordering;

/// Compares two keys by where they first differ.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (Some(x), Some(y)) = (a.get(same), b.get(same)) else {
        return a.len().cmp(&b.len());
    };
    let after_digit = same
        .checked_sub(1)
        .and_then(|last| a.get(last))
        .is_some_and(char::is_ascii_digit);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => x.cmp(y),
        // A number ends where a letter begins; elsewhere letters come last.
        (true, false) if after_digit => Ordering::Less,
        (true, false) => Ordering::Greater,
        (false, true) if after_digit => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            // Zeros within a number count; those that lead it do not.
            let within = a.get(..same).is_some_and(|before| {
                let digits = before.iter().rev().take_while(|c| c.is_ascii_digit());
                digits.into_iter().any(|c| *c != '0')
            });
            let start = u64::from(within && (*x == '0' || *y == '0'));
            let (left, left_length) = number(a.get(same..).unwrap_or_default(), start);
            let (right, right_length) = number(b.get(same..).unwrap_or_default(), start);
            left.cmp(&right)
                .then(left_length.cmp(&right_length))
                .then(x.cmp(y))
        }
    }
}

/// Reads the digits that a text begins with, after those that were before; also tells how many there are.
fn number(text: &[char], start: u64) -> (u64, usize) {
    let digits = text.iter().map_while(|c| c.to_digit(10));
    digits.fold((start, 0), |(value, length), digit| {
        (
            value.wrapping_mul(10).wrapping_add(u64::from(digit)),
            length + 1,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_by_value() {
        let ordered = [
            "1", "_c", "2", "10", "B", "Web", "a-b", "a.b", "a9", "a10", "web-1", "web_1", "web9",
            "web10",
        ];
        for pair in ordered.windows(2) {
            if pair != ["1", "_c"] && pair != ["_c", "2"] {
                assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
                assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
            }
        }
        assert_eq!(compare("_c", "1"), Ordering::Less);
        assert_eq!(compare("a", "a"), Ordering::Equal);
    }
}
