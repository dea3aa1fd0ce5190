//! Licence expressions: whether a set of accepted licences satisfies one.

/// True if the accepted licences satisfy the expression, as in `MIT OR (Apache-2.0 AND Unicode-3.0)`.
///
/// `A/B` is read as `A OR B`, as old crates have it. `X WITH Y` counts as one licence of that whole name, and as `X`.
/// Malformed expressions are not satisfied. Source: SPDX specification, annex D.
pub(super) fn satisfied(expression: &str, accepted: &[String]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        words: &words,
        accepted,
    };
    let verdict = parser.any_of();
    parser.words.is_empty() && verdict == Some(true)
}

/// A recursive descent over the words that are left; `None` for a malformed expression.
struct Parser<'a> {
    words: &'a [&'a str],
    accepted: &'a [String],
}

impl<'a> Parser<'a> {
    fn any_of(&mut self) -> Option<bool> {
        let mut verdict = self.all_of()?;
        while self.skip("OR") {
            verdict |= self.all_of()?;
        }
        Some(verdict)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut verdict = self.one()?;
        while self.skip("AND") {
            verdict &= self.one()?;
        }
        Some(verdict)
    }

    fn one(&mut self) -> Option<bool> {
        if self.skip("(") {
            let verdict = self.any_of()?;
            return self.skip(")").then_some(verdict);
        }
        let name = self.next()?;
        let plain = self.accepts(name);
        if self.skip("WITH") {
            let exception = self.next()?;
            return Some(plain || self.accepts(&format!("{name} WITH {exception}")));
        }
        Some(plain)
    }

    fn accepts(&self, name: &str) -> bool {
        self.accepted.iter().any(|accepted| accepted == name)
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn skip(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_as_spdx_has_them() {
        let accepted = ["MIT".to_owned(), "Unicode-3.0".to_owned()];
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "MIT WITH LLVM-exception OR Apache-2.0",
        ] {
            assert!(satisfied(good, &accepted), "{good}");
        }
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "MIT OR",
            "(MIT",
            "MIT)",
            "",
            "MIT Unicode-3.0",
        ] {
            assert!(!satisfied(bad, &accepted), "{bad}");
        }
    }
}
