//! Gives what often stands side by side a code of its own, so that compression sees further back: measured, 30 kB.

/// How many phrases are worth their place: more of them gain nothing.
const MOST: usize = 30;

/// A text of codes, in which codes from some on stand for two others, which may be such codes again.
pub(super) struct Phrased {
    /// What each of them stands for, in the order of their codes.
    pub(super) pairs: Vec<[u8; 2]>,
    pub(super) text: Vec<u8>,
}

/// Shortens a text whose codes go up to `last`.
pub(super) fn phrased(mut text: Vec<u8>, last: u8) -> Phrased {
    let mut pairs = Vec::new();
    for code in (last..=u8::MAX).skip(1).take(MOST) {
        let Some(pair) = commonest(&text) else { break };
        let mut shorter = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        loop {
            match rest {
                [a, b, after @ ..] if [*a, *b] == pair => {
                    shorter.push(code);
                    rest = after;
                }
                [one, after @ ..] => {
                    shorter.push(*one);
                    rest = after;
                }
                [] => break,
            }
        }
        text = shorter;
        pairs.push(pair);
    }
    Phrased { pairs, text }
}

/// The pair that stands there most often, if any stands there twice; the lowest of several.
fn commonest(text: &[u8]) -> Option<[u8; 2]> {
    let mut counts = vec![0_u32; 1 << 16];
    // Of three alike, only two make a pair.
    let mut taken = None;
    for (at, pair) in text.array_windows().enumerate() {
        if taken == Some((at, *pair)) {
            taken = None;
            continue;
        }
        taken = Some((at + 1, *pair));
        if let Some(count) = counts.get_mut(usize::from(u16::from_be_bytes(*pair))) {
            *count += 1;
        }
    }
    let (pair, count) = (0..=u16::MAX)
        .zip(counts)
        .rev()
        .max_by_key(|(_, count)| *count)?;
    (count > 1).then(|| pair.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_made_of_codes_and_of_phrases() {
        let phrased = phrased(vec![1, 2, 3, 1, 2, 3, 1, 2], 3);
        assert_eq!(phrased.pairs, [[1, 2], [3, 4]]);
        assert_eq!(phrased.text, [4, 5, 5]);
    }

    #[test]
    fn of_three_alike_two_make_a_pair() {
        assert_eq!(commonest(&[7, 7, 7]), None);
        assert_eq!(commonest(&[7, 7, 7, 7]), Some([7, 7]));
    }

    #[test]
    fn codes_end_with_the_byte() {
        assert_eq!(phrased(vec![1, 2, 1, 2], 255).pairs.len(), 0);
    }
}
