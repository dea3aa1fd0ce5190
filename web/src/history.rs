//! What was typed before: walking through it with the arrows, and Ctrl-R's search.

/// A position in the lines typed so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Walk {
    /// How far back, 0 for the line being typed.
    back: usize,
    /// The line being typed before the walk began.
    draft: String,
}

impl Walk {
    /// One line further back; `None` if there is none.
    pub(crate) fn older(&mut self, lines: &[&str], current: &str) -> Option<String> {
        if self.back == 0 {
            self.draft = current.to_owned();
        }
        let line = lines
            .len()
            .checked_sub(self.back + 1)
            .and_then(|i| lines.get(i))?;
        self.back += 1;
        Some((*line).to_owned())
    }

    /// One line nearer; the draft at the end; `None` if already there.
    pub(crate) fn newer(&mut self, lines: &[&str]) -> Option<String> {
        self.back = self.back.checked_sub(1)?;
        if self.back == 0 {
            return Some(std::mem::take(&mut self.draft));
        }
        lines
            .len()
            .checked_sub(self.back)
            .and_then(|i| lines.get(i))
            .map(|l| (*l).to_owned())
    }
}

/// A search backwards through the history.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Search {
    /// What is searched for.
    pub(crate) query: String,
    /// How many matches to skip, counted from the newest.
    pub(crate) skip: usize,
}

impl Search {
    /// The line found, newest first, the same line only once.
    pub(crate) fn found<'a>(&self, lines: &[&'a str]) -> Option<&'a str> {
        let mut seen: Vec<&str> = Vec::new();
        for line in lines.iter().rev() {
            if !self.query.is_empty() && line.contains(&self.query) && !seen.contains(line) {
                if seen.len() == self.skip {
                    return Some(line);
                }
                seen.push(line);
            }
        }
        None
    }
}

/// The lines of a history without blanks and immediate repeats.
pub(crate) fn tidy<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut out: Vec<&str> = lines.filter(|l| !l.trim().is_empty()).collect();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 3] = ["docker ps", "ping db", "docker network ls"];

    #[test]
    fn arrows_walk_back_and_return_to_the_draft() {
        let mut walk = Walk::default();
        assert_eq!(
            walk.older(&LINES, "dock").as_deref(),
            Some("docker network ls")
        );
        assert_eq!(walk.older(&LINES, "").as_deref(), Some("ping db"));
        assert_eq!(walk.older(&LINES, "").as_deref(), Some("docker ps"));
        assert_eq!(walk.older(&LINES, ""), None);
        assert_eq!(walk.newer(&LINES).as_deref(), Some("ping db"));
        assert_eq!(walk.newer(&LINES).as_deref(), Some("docker network ls"));
        assert_eq!(walk.newer(&LINES).as_deref(), Some("dock"));
        assert_eq!(walk.newer(&LINES), None);
    }

    #[test]
    fn search_finds_the_newest_first_and_goes_on() {
        let mut search = Search {
            query: "docker".into(),
            skip: 0,
        };
        assert_eq!(search.found(&LINES), Some("docker network ls"));
        search.skip = 1;
        assert_eq!(search.found(&LINES), Some("docker ps"));
        search.skip = 2;
        assert_eq!(search.found(&LINES), None);
        assert_eq!(Search::default().found(&LINES), None);
    }
}
