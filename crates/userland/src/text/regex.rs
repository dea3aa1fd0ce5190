//! POSIX regular expressions, basic and extended, on `regex-lite`.
//!
//! Known difference: of several alternatives the first that matches wins, not the longest; back-references are refused.

/// What the crate says of a wrong expression, and what the C library says.
const WORDS: &[(&str, &str)] = &[
    ("without closing ')'", r"Unmatched ( or \("),
    ("without opening", r"Unmatched ) or \)"),
    ("unopened", r"Unmatched ) or \)"),
    ("invalid repetition count range", r"Invalid content of \{\}"),
    ("counted repetition", r"Unmatched \{"),
    (
        "repetition operator",
        "Invalid preceding regular expression",
    ),
    ("class range", "Invalid range end"),
];

/// What means something other than itself to the crate.
const SPECIAL: &str = r"\.+*?()|[]{}^$";

/// A compiled expression.
#[derive(Debug, Clone)]
pub struct Regex {
    compiled: regex_lite::Regex,
    /// The text that it is, if it stands for nothing else: most do, and a text is found at a fraction of the cost.
    text: Option<String>,
}

impl Regex {
    /// Compiles a basic expression, as `grep` and `sed` read by default.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn basic(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(&translate(pattern, true)?, ignore_case)
    }

    /// Compiles an extended expression (`-E`).
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn extended(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(&translate(pattern, false)?, ignore_case)
    }

    /// Compiles an expression as it is, in the crate's own language, which is close to Perl's.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn perl(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(pattern, ignore_case)
    }

    /// Compiles a plain text (`-F`).
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn literal(text: &str, ignore_case: bool) -> Result<Self, String> {
        let compiled = Self::compile(&regex_lite::escape(text), ignore_case)?;
        Ok(Self {
            text: (!ignore_case).then(|| text.to_owned()),
            ..compiled
        })
    }

    fn compile(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        regex_lite::RegexBuilder::new(pattern)
            .case_insensitive(ignore_case)
            .size_limit(1 << 20)
            .build()
            .map(|compiled| Self {
                compiled,
                text: (!ignore_case && !pattern.contains(|c| SPECIAL.contains(c)))
                    .then(|| pattern.to_owned()),
            })
            .map_err(|error| {
                let text = error.to_string();
                let known = WORDS.iter().find(|(part, _)| text.contains(part));
                known.map_or(text.clone(), |(_, posix)| (*posix).to_owned())
            })
    }

    /// How many groups it has.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.compiled.captures_len() - 1
    }

    /// True if the text holds a match.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        match &self.text {
            Some(wanted) => text.contains(wanted.as_str()),
            None => self.compiled.is_match(text),
        }
    }

    /// The first match at or after byte `start`: the bounds of the whole and of each group.
    #[must_use]
    pub fn groups_at(&self, text: &str, start: usize) -> Option<Vec<Option<(usize, usize)>>> {
        // Searching the whole text keeps `^` and word borders right.
        let found = self.compiled.captures_at(text, start)?;
        Some(
            found
                .iter()
                .map(|group| group.map(|group| (group.start(), group.end())))
                .collect(),
        )
    }

    /// The first match at or after byte `start`.
    #[must_use]
    pub fn find_at(&self, text: &str, start: usize) -> Option<(usize, usize)> {
        if let (Some(wanted), Some(rest)) = (&self.text, text.get(start..)) {
            let at = start + rest.find(wanted.as_str())?;
            return Some((at, at + wanted.len()));
        }
        let found = self.compiled.find_at(text, start)?;
        Some((found.start(), found.end()))
    }
}

/// Puts a POSIX expression into the crate's syntax.
fn translate(pattern: &str, basic: bool) -> Result<String, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    // Where a `*` would have nothing to repeat, so that it stands for itself in a basic expression.
    let mut fresh = true;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        let starts = fresh;
        fresh = false;
        match c {
            '\\' => {
                let Some(next) = chars.get(at).copied() else {
                    return Err("Trailing backslash".to_owned());
                };
                at += 1;
                match next {
                    '(' | ')' | '{' | '}' | '|' | '+' | '?' if basic => {
                        out.push(next);
                        fresh = next == '(' || next == '|';
                    }
                    'w' | 'W' | 's' | 'S' | 'b' | 'B' => {
                        // Only ASCII letters count: the machines speak C.UTF-8 and the logs ASCII.
                        out.push('\\');
                        out.push(next);
                    }
                    '<' => out.push_str(r"\b"),
                    '>' => out.push_str(r"\b"),
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    '1'..='9' => {
                        return Err(crate::not_modelled!("grep, sed and awk", "back-references"));
                    }
                    other => push_literal(&mut out, other),
                }
            }
            '[' => at = bracket(&chars, at, &mut out)?,
            '*' if basic && starts => out.push_str(r"\*"),
            '^' if basic && !starts => out.push_str(r"\^"),
            '^' => {
                out.push('^');
                fresh = true;
            }
            '$' if basic && !ends_here(&chars, at) => out.push_str(r"\$"),
            '(' | '|' if !basic => {
                out.push(c);
                fresh = true;
            }
            '{' | '}' | '(' | ')' | '|' | '+' | '?' if basic => push_literal(&mut out, c),
            '{' if !chars.get(at).is_some_and(char::is_ascii_digit) => out.push_str(r"\{"),
            '*' | '+' | '?' if starts => push_literal(&mut out, c),
            '.' | '$' | '*' | '+' | '?' | ')' | '{' | '}' => out.push(c),
            other => push_literal(&mut out, other),
        }
    }
    Ok(out)
}

fn ends_here(chars: &[char], at: usize) -> bool {
    matches!(chars.get(at..), Some([] | ['\\', ')' | '|', ..]))
}

/// Quotes what is special to the crate, and nothing else: `\\<` would be a word border there.
fn push_literal(out: &mut String, c: char) {
    if SPECIAL.contains(c) {
        out.push('\\');
    }
    out.push(c);
}

/// Copies a bracket expression; gives where it ends.
fn bracket(chars: &[char], start: usize, out: &mut String) -> Result<usize, String> {
    let unmatched = || "Unmatched [, [^, [:, [., or [=".to_owned();
    let mut at = start;
    out.push('[');
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let mut first = true;
    loop {
        let c = *chars.get(at).ok_or_else(unmatched)?;
        at += 1;
        match c {
            ']' if !first => {
                out.push(']');
                return Ok(at);
            }
            '[' if chars.get(at) == Some(&':') => {
                let name: String = chars
                    .get(at + 1..)
                    .unwrap_or_default()
                    .iter()
                    .take_while(|c| c.is_ascii_lowercase())
                    .collect();
                let end = at + 1 + name.len();
                if chars.get(end) != Some(&':') || chars.get(end + 1) != Some(&']') {
                    return Err(unmatched());
                }
                out.push_str(&format!("[:{name}:]"));
                at = end + 2;
            }
            // A hyphen between two characters makes a range; elsewhere it stands for itself.
            '-' if !first && chars.get(at).is_some_and(|next| *next != ']') => out.push('-'),
            '\\' | '[' | ']' | '&' | '~' | '-' | '^' => {
                out.push('\\');
                out.push(c);
            }
            other => out.push(other),
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(regex: Result<Regex, String>, text: &str) -> Option<String> {
        let (start, end) = regex.unwrap().find_at(text, 0)?;
        Some(text[start..end].to_owned())
    }

    #[test]
    fn basic_and_extended_differ_in_what_a_backslash_does() {
        assert_eq!(
            found(Regex::basic(r"[0-9a-f:]\{5\}", false), "MAC 02:42:ac"),
            Some("02:42".to_owned())
        );
        assert_eq!(
            found(Regex::extended("(a|b)+c{2}", false), "xabcc"),
            Some("abcc".to_owned())
        );
        assert_eq!(
            found(Regex::basic("a+b", false), "aab a+b"),
            Some("a+b".to_owned())
        );
        assert_eq!(
            found(Regex::basic(r"swarm\|network", false), "the network"),
            Some("network".to_owned())
        );
        assert_eq!(
            found(Regex::basic("*x", false), "a*x"),
            Some("*x".to_owned())
        );
        assert_eq!(
            found(Regex::basic("hairpin [a-z]*", false), "hairpin on"),
            Some("hairpin on".to_owned())
        );
        assert_eq!(
            found(
                Regex::extended(r"^(\w+ +[0-9]+) [0-9]+", false),
                "tcp      6 117 TIME"
            ),
            Some("tcp      6 117".to_owned())
        );
        assert_eq!(
            found(Regex::extended(r"[][.*]+", false), "a][.b"),
            Some("][.".to_owned())
        );
        assert_eq!(
            found(Regex::basic(r"[/\]", false), r"a\"),
            Some(r"\".to_owned())
        );
    }

    #[test]
    fn a_text_is_found_from_where_one_looks() {
        for regex in [
            Regex::basic("é.x", false),
            Regex::basic("éax", false),
            Regex::literal("éax", false),
        ] {
            let regex = regex.unwrap();
            assert_eq!(regex.find_at("éax éax", 1), Some((5, 9)));
            assert_eq!(regex.find_at("éax éax", 6), None);
            assert!(regex.is_match("an éax") && !regex.is_match("Éax"));
        }
        assert_eq!(found(Regex::literal("a.x", false), "abx"), None);
        assert!(Regex::literal("a.x", true).unwrap().is_match("A.X"));
    }
}
