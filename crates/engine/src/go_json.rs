//! What Go's `encoding/json` says about a text that is no JSON, and how it writes values.
//! Source: go `encoding/json/scanner.go`, `stream.go`.

use std::iter::Peekable;
use std::str::Chars;

/// How deeply values may stand in one another before it is given up. Source: go `maxNestingDepth`.
const DEPTH: usize = 10_000;

/// What is wrong with the text; `None` if it is a JSON value and nothing else.
#[must_use]
pub fn complaint(text: &str) -> Option<String> {
    Scanner {
        rest: text.chars().peekable(),
    }
    .whole()
    .err()
}

/// Leaves out the blanks between the parts of a JSON text. Errors: as [`complaint`].
pub fn compact(text: &str) -> Result<String, String> {
    if let Some(why) = complaint(text) {
        return Err(why);
    }
    let (mut quoted, mut escaped) = (false, false);
    let kept = text.chars().filter(|&c| {
        let blank = !quoted && matches!(c, ' ' | '\t' | '\r' | '\n');
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
        !blank
    });
    Ok(kept.collect())
}

/// Writes a value as Go's encoder does: the signs of HTML are escaped, and a line's end is behind.
pub(crate) fn line(value: &impl serde::Serialize) -> Vec<u8> {
    let text = serde_json::to_string(value).unwrap_or_default();
    let text = text
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    (text + "\n").into_bytes()
}

struct Scanner<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Scanner<'_> {
    /// Walks over the text without recursion: `open` holds the brackets that are not closed yet.
    fn whole(&mut self) -> Result<(), String> {
        let mut open: Vec<char> = Vec::new();
        loop {
            match self.begin()? {
                '{' => {
                    open.push('{');
                    if !self.closes('}') {
                        self.key()?;
                        continue;
                    }
                    open.pop();
                }
                '[' => {
                    open.push('[');
                    if !self.closes(']') {
                        continue;
                    }
                    open.pop();
                }
                '"' => self.string()?,
                't' => self.literal("true")?,
                'f' => self.literal("false")?,
                'n' => self.literal("null")?,
                first @ ('-' | '0'..='9') => self.number(first)?,
                other => return Err(invalid(other, "looking for beginning of value")),
            }
            if open.len() > DEPTH {
                return Err("exceeded max depth".to_owned());
            }
            if !self.after_value(&mut open)? {
                return Ok(());
            }
        }
    }

    /// What follows a value: whether another one has to.
    fn after_value(&mut self, open: &mut Vec<char>) -> Result<bool, String> {
        loop {
            self.blank();
            let Some(bracket) = open.last() else {
                return match self.rest.next() {
                    None => Ok(false),
                    Some(other) => Err(invalid(other, "after top-level value")),
                };
            };
            let (close, place) = match bracket {
                '{' => ('}', "after object key:value pair"),
                _ => (']', "after array element"),
            };
            match self.next()? {
                ',' if close == '}' => return self.key().map(|()| true),
                ',' => return Ok(true),
                other if other == close => open.pop(),
                other => return Err(invalid(other, place)),
            };
        }
    }

    /// A key of an object and its colon.
    fn key(&mut self) -> Result<(), String> {
        match self.begin()? {
            '"' => self.string()?,
            other => return Err(invalid(other, "looking for beginning of object key string")),
        }
        match self.begin()? {
            ':' => Ok(()),
            other => Err(invalid(other, "after object key")),
        }
    }

    fn blank(&mut self) {
        while self
            .rest
            .next_if(|c| matches!(c, ' ' | '\t' | '\r' | '\n'))
            .is_some()
        {}
    }

    /// Whether an object or array ends before it has begun.
    fn closes(&mut self, bracket: char) -> bool {
        self.blank();
        self.rest.next_if_eq(&bracket).is_some()
    }

    /// The next letter that is not blank.
    fn begin(&mut self) -> Result<char, String> {
        self.blank();
        self.next()
    }

    fn next(&mut self) -> Result<char, String> {
        let ended = || "unexpected end of JSON input".to_owned();
        self.rest.next().ok_or_else(ended)
    }

    /// The rest of a string, after its first quotation mark.
    fn string(&mut self) -> Result<(), String> {
        loop {
            match self.next()? {
                '"' => return Ok(()),
                '\\' => match self.next()? {
                    'b' | 'f' | 'n' | 'r' | 't' | '\\' | '/' | '"' => {}
                    'u' => {
                        for _ in 0..4 {
                            let digit = self.next()?;
                            if !digit.is_ascii_hexdigit() {
                                return Err(invalid(digit, "in \\u hexadecimal character escape"));
                            }
                        }
                    }
                    other => return Err(invalid(other, "in string escape code")),
                },
                control if control < ' ' => {
                    return Err(invalid(control, "in string literal"));
                }
                _ => {}
            }
        }
    }

    /// The rest of a word, after its first letter.
    fn literal(&mut self, word: &str) -> Result<(), String> {
        for wanted in word.chars().skip(1) {
            let found = self.next()?;
            if found != wanted {
                let place = format!("in literal {word} (expecting {})", quoted(wanted));
                return Err(invalid(found, &place));
            }
        }
        Ok(())
    }

    /// The rest of a number, after its first sign or digit.
    fn number(&mut self, first: char) -> Result<(), String> {
        let first = match first {
            '-' => match self.next()? {
                digit @ '0'..='9' => digit,
                other => return Err(invalid(other, "in numeric literal")),
            },
            digit => digit,
        };
        if first != '0' {
            self.digits();
        }
        if self.rest.next_if_eq(&'.').is_some() {
            match self.next()? {
                '0'..='9' => self.digits(),
                other => return Err(invalid(other, "after decimal point in numeric literal")),
            }
        }
        if self.rest.next_if(|c| matches!(c, 'e' | 'E')).is_some() {
            self.rest.next_if(|c| matches!(c, '+' | '-'));
            match self.next()? {
                '0'..='9' => self.digits(),
                other => return Err(invalid(other, "in exponent of numeric literal")),
            }
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.rest.next_if(char::is_ascii_digit).is_some() {}
    }
}

fn invalid(letter: char, place: &str) -> String {
    format!("invalid character {} {place}", quoted(letter))
}

/// A letter between quotation marks, as Go writes it.
fn quoted(letter: char) -> String {
    match letter {
        '\'' => r"'\''".to_owned(),
        '"' => "'\"'".to_owned(),
        '\n' => r"'\n'".to_owned(),
        '\t' => r"'\t'".to_owned(),
        '\r' => r"'\r'".to_owned(),
        control if control < ' ' => format!(r"'\x{:02x}'", u32::from(control)),
        other => format!("'{other}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::{compact, complaint};

    #[test]
    fn blanks_go_but_for_those_in_texts() {
        let text = "{ \"a b\" : [1,\n 2], \"c\\\" d\": null }\n";
        let expected = "{\"a b\":[1,2],\"c\\\" d\":null}";
        assert_eq!(compact(text), Ok(expected.to_owned()));
    }

    #[test]
    fn values_are_not_complained_of() {
        for good in [
            "{}",
            " [ ] ",
            "{\"a\": [1, -2.5e+3, \"x\\u00e9\", true, null]}\n",
            "0",
        ] {
            assert_eq!(complaint(good), None, "{good}");
        }
    }

    #[test]
    fn complaints_are_those_of_go() {
        for (text, said) in [
            ("{", "unexpected end of JSON input"),
            ("{\"a\": \"b\",", "unexpected end of JSON input"),
            ("x", "invalid character 'x' looking for beginning of value"),
            (
                "{\"a\":1,}",
                "invalid character '}' looking for beginning of object key string",
            ),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            (
                "{\"a\":1 \"b\"}",
                "invalid character '\"' after object key:value pair",
            ),
            ("[1 2]", "invalid character '2' after array element"),
            ("{}}", "invalid character '}' after top-level value"),
            (
                "[tru]",
                "invalid character ']' in literal true (expecting 'e')",
            ),
            ("\"a\n\"", "invalid character '\\n' in string literal"),
            ("[-x]", "invalid character 'x' in numeric literal"),
        ] {
            assert_eq!(complaint(text).as_deref(), Some(said), "{text}");
        }
        assert!(complaint(&"[".repeat(20_000)).is_some());
    }
}
