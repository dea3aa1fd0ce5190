//! The line that was typed, as far as one flag of it can be changed.

/// A line of one command. What else a shell would do with it is not looked at: such a line is left as it is.
#[derive(Clone, Copy)]
pub(super) struct Line<'a>(pub(super) &'a str);

impl<'a> Line<'a> {
    /// The line, if it is one command of `docker`.
    fn one(self) -> Option<&'a str> {
        let line = self.0.trim();
        let plain = !line.contains([';', '&', '|', '\n', '`', '$', '<', '>']);
        let changes = ["docker run ", "docker create ", "docker network "];
        let one = plain && changes.iter().any(|c| line.starts_with(c));
        one.then_some(line)
    }

    /// The value of a flag: `--ip 10.0.0.2`, `--ip=10.0.0.2`.
    pub(super) fn value(self, names: &[&str]) -> Option<&'a str> {
        let mut words = self.0.split_whitespace();
        while let Some(word) = words.next() {
            if names.contains(&word) {
                return words.next();
            }
            if let Some((name, value)) = word.split_once('=')
                && names.contains(&name)
            {
                return Some(value);
            }
        }
        None
    }

    /// The line's last word.
    pub(super) fn last(self) -> &'a str {
        self.0.split_whitespace().next_back().unwrap_or_default()
    }

    /// The line with another word in place of the only one that is, or ends in, `word`.
    pub(super) fn replaced(self, word: &str, other: &str) -> Option<String> {
        let line = self.one()?;
        let same = |w: &str| w == word || w.strip_suffix(word).is_some_and(|w| w.ends_with('='));
        let mut found = 0;
        let words = line.split(' ').map(|w| {
            if !same(w) {
                return w.to_owned();
            }
            found += 1;
            let head = w.strip_suffix(word).unwrap_or_default();
            format!("{head}{other}")
        });
        let words: Vec<_> = words.collect();
        (found == 1).then(|| words.join(" "))
    }

    /// The line without flags that have a value, or of capital letters none; `None` if it has none of them.
    pub(super) fn without(self, names: &[&str]) -> Option<String> {
        let line = self.one().filter(|l| !l.contains(['\'', '"']))?;
        let mut words = Vec::new();
        let mut all = line.split_whitespace();
        while let Some(word) = all.next() {
            if names.contains(&word) {
                if !matches!(word, "-P" | "--publish-all") {
                    all.next();
                }
            } else if !word
                .split_once('=')
                .is_some_and(|(name, _)| names.contains(&name))
            {
                words.push(word);
            }
        }
        let words = words.join(" ");
        (words.len() < line.len()).then_some(words)
    }

    /// The line with more behind a word of it.
    pub(super) fn with(self, word: &str, more: &str) -> Option<String> {
        let line = self.one()?;
        let (before, after) = line.split_once(word)?;
        Some(format!("{before}{word} {more}{after}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn flags_are_found_changed_and_left_out() {
        let line = Line("docker run -d --ip=10.0.0.2 --network n --name a nginx");
        assert_eq!(line.value(&["--ip"]), Some("10.0.0.2"));
        assert_eq!(line.value(&["--network", "--net"]), Some("n"));
        let other = line.replaced("10.0.0.2", "10.0.0.3").unwrap();
        assert!(other.contains("--ip=10.0.0.3 "), "{other}");
        let without = line.without(&["--ip"]).unwrap();
        assert_eq!(without, "docker run -d --network n --name a nginx");
        let with = line.with("docker run", "--rm").unwrap();
        assert!(with.starts_with("docker run --rm -d "), "{with}");
        assert_eq!(Line("docker run a; docker run b").without(&["x"]), None);
    }
}
