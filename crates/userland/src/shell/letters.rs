//! Options of a builtin, letter by letter.

use std::slice::Iter;
use std::str::Chars;

/// The words of a builtin: letters behind a `-` at first, whose values may stand in the same word or the next one.
pub(crate) struct Letters<'a> {
    words: Iter<'a, String>,
    word: Chars<'a>,
}

impl<'a> Letters<'a> {
    /// Begins to read the words behind a builtin's name.
    pub(crate) fn new(words: &'a [String]) -> Self {
        Self {
            words: words.iter(),
            word: "".chars(),
        }
    }

    /// The next option.
    pub(crate) fn option(&mut self) -> Option<char> {
        if let Some(letter) = self.word.next() {
            return Some(letter);
        }
        let next = self.words.as_slice().first()?;
        let letters = next
            .strip_prefix('-')
            .filter(|letters| !letters.is_empty())?;
        self.words.next();
        if letters == "-" {
            return None;
        }
        self.word = letters.chars();
        self.word.next()
    }

    /// The value of the option that came last; empty if there is none.
    pub(crate) fn value(&mut self) -> String {
        let rest = std::mem::replace(&mut self.word, "".chars()).as_str();
        if rest.is_empty() {
            self.words.next().cloned().unwrap_or_default()
        } else {
            rest.to_owned()
        }
    }

    /// What follows the options.
    pub(crate) fn operands(&self) -> &'a [String] {
        self.words.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_beside_or_behind() {
        let words = ["-rt", "3", "-n5", "a", "-x"].map(str::to_owned);
        let mut letters = Letters::new(&words);
        assert_eq!(letters.option(), Some('r'));
        assert_eq!(letters.option(), Some('t'));
        assert_eq!(letters.value(), "3");
        assert_eq!(letters.option(), Some('n'));
        assert_eq!(letters.value(), "5");
        assert_eq!(letters.option(), None);
        assert_eq!(letters.operands(), ["a", "-x"]);
    }

    #[test]
    fn two_dashes_end_options_and_one_is_an_operand() {
        let words = ["-a", "--", "-b"].map(str::to_owned);
        let mut letters = Letters::new(&words);
        assert_eq!((letters.option(), letters.option()), (Some('a'), None));
        assert_eq!(letters.operands(), ["-b"]);
        let words = ["-".to_owned()];
        let mut letters = Letters::new(&words);
        assert_eq!(letters.option(), None);
        assert_eq!(letters.operands(), ["-"]);
    }
}
