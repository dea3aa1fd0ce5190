//! Shell patterns: `*`, `?`, `[...]`.
//!
//! A pattern runs as a set of states over the text, so no pattern takes more than length times length steps.

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Char(char),
    Any,
    Star,
    Set { negated: bool, members: Vec<Member> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Member {
    Range(char, char),
    Class(String),
}

/// Text of which some was quoted and so has no special characters.
pub type Quotable<'a> = &'a [(char, bool)];

impl Pattern {
    /// Compiles a pattern in which no character is quoted but by a backslash.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut chars = Vec::new();
        let mut escaped = false;
        for c in text.chars() {
            if !escaped && c == '\\' {
                escaped = true;
                continue;
            }
            chars.push((c, escaped));
            escaped = false;
        }
        if escaped {
            chars.push(('\\', true));
        }
        Self::quoted(&chars)
    }

    /// Compiles a pattern whose quoted characters stand for themselves.
    #[must_use]
    pub fn quoted(chars: Quotable<'_>) -> Self {
        let mut steps = Vec::new();
        let mut rest = chars;
        while let Some(((c, quoted), after)) = rest.split_first() {
            rest = after;
            match c {
                '*' if !quoted => {
                    if steps.last() != Some(&Step::Star) {
                        steps.push(Step::Star);
                    }
                }
                '?' if !quoted => steps.push(Step::Any),
                '[' if !quoted => match set(after) {
                    Some((step, after)) => {
                        steps.push(step);
                        rest = after;
                    }
                    None => steps.push(Step::Char('[')),
                },
                c => steps.push(Step::Char(*c)),
            }
        }
        Self { steps }
    }

    /// True if the pattern has a special character, so that file names are to be looked up.
    #[must_use]
    pub fn is_special(&self) -> bool {
        self.steps.iter().any(|step| !matches!(step, Step::Char(_)))
    }

    /// True if it begins with a plain dot: only then hidden files match.
    #[must_use]
    pub fn starts_with_dot(&self) -> bool {
        self.steps.first() == Some(&Step::Char('.'))
    }

    /// True if the whole text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        self.prefix(&chars, true) == Some(chars.len())
    }

    /// The length of the shortest or longest matching start, in characters.
    #[must_use]
    pub fn prefix(&self, text: &[char], longest: bool) -> Option<usize> {
        let last = self.steps.len();
        let mut states = vec![false; last + 1];
        if let Some(first) = states.first_mut() {
            *first = true;
        }
        self.close(&mut states);
        let mut found = None;
        for (length, c) in text.iter().map(Some).chain([None]).enumerate() {
            if states.last() == Some(&true) {
                found = Some(length);
                if !longest {
                    return found;
                }
            }
            let Some(c) = c else { break };
            let mut next = vec![false; last + 1];
            let mut alive = false;
            for (index, step) in self.steps.iter().enumerate() {
                if states.get(index) == Some(&true) && step.accepts(*c) {
                    let target = if *step == Step::Star {
                        index
                    } else {
                        index + 1
                    };
                    if let Some(slot) = next.get_mut(target) {
                        *slot = true;
                        alive = true;
                    }
                }
            }
            if !alive {
                break;
            }
            states = next;
            self.close(&mut states);
        }
        found
    }

    /// The length of the shortest or longest matching end, in characters.
    #[must_use]
    pub fn suffix(&self, text: &[char], longest: bool) -> Option<usize> {
        let reversed = Self {
            steps: self.steps.iter().rev().cloned().collect(),
        };
        let text: Vec<char> = text.iter().rev().copied().collect();
        reversed.prefix(&text, longest)
    }

    /// A star may match nothing.
    fn close(&self, states: &mut [bool]) {
        for (index, step) in self.steps.iter().enumerate() {
            if *step == Step::Star
                && states.get(index) == Some(&true)
                && let Some(next) = states.get_mut(index + 1)
            {
                *next = true;
            }
        }
    }
}

impl Step {
    fn accepts(&self, c: char) -> bool {
        match self {
            Self::Char(own) => *own == c,
            Self::Any | Self::Star => true,
            Self::Set { negated, members } => {
                members.iter().any(|member| member.accepts(c)) != *negated
            }
        }
    }
}

impl Member {
    fn accepts(&self, c: char) -> bool {
        match self {
            Self::Range(low, high) => (*low..=*high).contains(&c),
            Self::Class(name) => is_in_class(name, c),
        }
    }
}

/// True if `c` is in the POSIX character class `name` (`alpha`, `digit` ...); an unknown class is empty.
#[must_use]
pub fn is_in_class(name: &str, c: char) -> bool {
    match name {
        "alpha" => c.is_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_alphanumeric(),
        "upper" => c.is_uppercase(),
        "lower" => c.is_lowercase(),
        "space" => c.is_whitespace(),
        "blank" => c == ' ' || c == '\t',
        "punct" => c.is_ascii_punctuation(),
        "print" => !c.is_control(),
        "graph" => !c.is_control() && !c.is_whitespace(),
        "cntrl" => c.is_control(),
        "xdigit" => c.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Reads a set after its `[`; `None` if it is never closed.
fn set(chars: Quotable<'_>) -> Option<(Step, Quotable<'_>)> {
    let mut rest = chars;
    let mut negated = false;
    if let Some((('!' | '^', false), after)) = rest.split_first() {
        negated = true;
        rest = after;
    }
    let mut members = Vec::new();
    let mut first = true;
    loop {
        let ((c, quoted), after) = rest.split_first()?;
        rest = after;
        if *c == ']' && !quoted && !first {
            return Some((Step::Set { negated, members }, rest));
        }
        first = false;
        if *c == '['
            && !quoted
            && let Some((name, after)) = class(rest)
        {
            members.push(Member::Class(name));
            rest = after;
            continue;
        }
        match rest {
            [('-', false), (high, high_quoted), after @ ..] if *high != ']' || *high_quoted => {
                members.push(Member::Range(*c, *high));
                rest = after;
            }
            _ => members.push(Member::Range(*c, *c)),
        }
    }
}

fn class(chars: Quotable<'_>) -> Option<(String, Quotable<'_>)> {
    let ((':', _), rest) = chars.split_first()? else {
        return None;
    };
    let length = rest
        .iter()
        .take_while(|(c, _)| c.is_ascii_lowercase())
        .count();
    let name = rest.get(..length)?.iter().map(|(c, _)| c).collect();
    match rest.get(length..)? {
        [(':', _), (']', _), after @ ..] => Some((name, after)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yes(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).matches(text)
    }

    #[test]
    fn patterns_match_as_in_a_shell() {
        assert!(
            yes("*.txt", "a.txt")
                && yes("a?c", "abc")
                && yes("[a-c]x", "bx")
                && yes("[!a]", "b")
                && yes("a*b*c", "aXbYbc")
        );
        assert!(yes("[[:digit:]]*", "1a") && yes(r"\*", "*") && yes("[]]", "]") && yes("a[", "a["));
        assert!(!yes("a?c", "ac") && !yes(r"\*", "x") && !yes("[[:digit:]]", "a") && !yes("", "a"));
    }

    #[test]
    fn prefix_and_suffix_find_shortest_and_longest() {
        let text: Vec<char> = "a/b/c".chars().collect();
        let pattern = Pattern::new("*/");
        assert_eq!(
            (pattern.prefix(&text, false), pattern.prefix(&text, true)),
            (Some(2), Some(4))
        );
        let pattern = Pattern::new("/*");
        assert_eq!(
            (pattern.suffix(&text, false), pattern.suffix(&text, true)),
            (Some(2), Some(4))
        );
    }
}
