//! Cutting and ordering text.

use std::cmp::Ordering;

/// Returns the first 12 digits of an id, without a `sha256:` before them.
pub fn short_id(id: &str) -> String {
    let digits = id.split_once(':').map_or(id, |(_, digits)| digits);
    digits.chars().take(12).collect()
}

/// Whether a character takes two columns, as East Asian letters and pictures do.
///
/// Source: Unicode's East Asian Width, by blocks; exceptions within a block are not told apart.
pub const fn is_wide(c: char) -> bool {
    matches!(c as u32,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0x4dbf
        | 0x4e00..=0x9fff
        | 0xa000..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd)
}

/// The columns that docker counts for a character.
fn columns_of(c: char) -> usize {
    if is_wide(c) { 2 } else { 1 }
}

/// The columns that docker counts for a text, in tables and where it is cut.
pub fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// Cuts text to `width` columns, the last one an ellipsis. Source: docker/cli `formatter.Ellipsis`.
pub fn ellipsis(text: &str, width: usize) -> String {
    if width <= 1 {
        return text.chars().take(width).collect();
    }
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |c: &char| {
        taken += columns_of(*c);
        taken < width
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Compares as people sort: runs of digits by their number, so that `net2` comes before `net10`.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (chunks(a).into_iter(), chunks(b).into_iter());
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => match (x.starts_with(is_digit), y.starts_with(is_digit)) {
                (true, true) => {
                    let (m, n) = (x.trim_start_matches('0'), y.trim_start_matches('0'));
                    m.len()
                        .cmp(&n.len())
                        .then_with(|| m.cmp(n))
                        .then_with(|| x.len().cmp(&y.len()))
                }
                _ => x.cmp(y),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Splits text into runs of digits and runs of anything else.
fn chunks(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = is_digit(first);
        let end = rest
            .find(|c: char| is_digit(c) != digits)
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_sort_by_value() {
        let mut names = ["net10", "net2", "bridge", "net1", "net"];
        sorted::sort_by(&mut names, |a, b| natural(a, b));
        assert_eq!(names, ["bridge", "net", "net1", "net2", "net10"]);
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        assert_eq!(
            ellipsis("/docker-entrypoint.sh nginx", 20),
            "/docker-entrypoint.…"
        );
        assert_eq!(ellipsis("short", 20), "short");
        assert_eq!(ellipsis("网桥与路由", 10), "网桥与路由");
        assert_eq!(ellipsis("网桥与路由", 9), "网桥与路…");
        assert_eq!(ellipsis("网桥与路由", 8), "网桥与…");
        assert_eq!(
            (ellipsis("网桥", 1), ellipsis("网桥", 0)),
            ("网".into(), String::new())
        );
        assert_eq!(short_id("sha256:3cdfbc53bec6dc4db9ac"), "3cdfbc53bec6");
    }
}
