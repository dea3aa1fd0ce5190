//! What a program writes to a terminal, taken apart: text, control characters, escape sequences.
//!
//! Source: ECMA-48 for the sequences, and xterm's control sequences for what is private.

/// The longest control sequence that is waited for, bytes.
const LONGEST_SEQUENCE: usize = 64;
/// The longest string sequence (titles, links, marks) that is waited for, bytes.
const LONGEST_STRING: usize = 4096;

/// A part of what a program wrote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Code<'a> {
    /// Text without any control character.
    Text(&'a str),
    /// A single control character that means something, such as a line feed.
    Control(char),
    /// A sequence of one character after the escape, such as `7`.
    Escape(char),
    /// A control sequence.
    Sequence(Sequence<'a>),
    /// What an operating system command says.
    Command(&'a str),
}

/// A control sequence: its parameters and its last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sequence<'a> {
    /// The parameters, such as `1;31`; a private sequence begins with `?`.
    pub(crate) parameters: &'a str,
    /// What it does.
    pub(crate) last: char,
}

impl Sequence<'_> {
    /// The parameter at a place, from 0; at least 1, which is also what a missing one means.
    pub(crate) fn count(&self, at: usize) -> usize {
        usize::from(self.number(at)).max(1)
    }

    /// The parameter at a place, from 0; 0 if it is missing.
    pub(crate) fn number(&self, at: usize) -> u16 {
        let word = self.parameters.split(';').nth(at).unwrap_or_default();
        // What is too large for a number is larger than any screen.
        let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        word.parse().unwrap_or(if digits { u16::MAX } else { 0 })
    }
}

/// Takes text apart. What is left of it at the end is a sequence that has only begun: see [`Codes::rest`].
pub(crate) struct Codes<'a> {
    rest: &'a str,
}

/// How a sequence went on.
enum Step<'a> {
    /// It is whole, and so many bytes long.
    Whole(Code<'a>, usize),
    /// So many bytes mean nothing.
    Nothing(usize),
    /// It goes on beyond the text.
    Begun,
}

impl<'a> Codes<'a> {
    /// Takes `text` apart.
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// What has not been taken apart, since its end is still to come.
    pub(crate) const fn rest(&self) -> &'a str {
        self.rest
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

impl<'a> Iterator for Codes<'a> {
    type Item = Code<'a>;

    fn next(&mut self) -> Option<Code<'a>> {
        loop {
            let at = self.rest.find(char::is_control).unwrap_or(self.rest.len());
            if at > 0 {
                let (text, rest) = self.rest.split_at(at);
                self.rest = rest;
                return Some(Code::Text(text));
            }
            let c = self.rest.chars().next()?;
            if c != '\u{1b}' {
                self.skip(c.len_utf8());
                if matches!(c, '\n' | '\r' | '\t' | '\u{8}') {
                    return Some(Code::Control(c));
                }
                continue;
            }
            match sequence(self.rest) {
                Step::Whole(code, length) => {
                    self.skip(length);
                    return Some(code);
                }
                Step::Nothing(length) => self.skip(length),
                Step::Begun => return None,
            }
        }
    }
}

/// Reads a sequence at the start of `text`, where its escape stands.
fn sequence(text: &str) -> Step<'_> {
    let Some(kind) = text.chars().nth(1) else {
        return Step::Begun;
    };
    let body = text.get(2..).unwrap_or_default();
    match kind {
        '[' => {
            let end = body.find(|c: char| !(' '..='?').contains(&c));
            match end {
                Some(at) if at <= LONGEST_SEQUENCE => {
                    let (parameters, tail) = body.split_at(at);
                    match tail.chars().next() {
                        Some(last) if ('@'..='~').contains(&last) => {
                            Step::Whole(Code::Sequence(Sequence { parameters, last }), at + 3)
                        }
                        _ => Step::Nothing(at + 2),
                    }
                }
                None if body.len() <= LONGEST_SEQUENCE => Step::Begun,
                _ => Step::Nothing(2),
            }
        }
        ']' | 'P' | 'X' | '^' | '_' => {
            let end = body.find(['\u{7}', '\u{1b}']);
            match end {
                Some(at) if at <= LONGEST_STRING => {
                    let (said, tail) = body.split_at(at);
                    let length = match tail.as_bytes() {
                        [0x1b] => return Step::Begun,
                        [0x1b, b'\\', ..] => at + 4,
                        // Another sequence begins instead of the end.
                        [0x1b, ..] => return Step::Nothing(at + 2),
                        _ => at + 3,
                    };
                    match kind {
                        ']' => Step::Whole(Code::Command(said), length),
                        _ => Step::Nothing(length),
                    }
                }
                None if body.len() <= LONGEST_STRING => Step::Begun,
                _ => Step::Nothing(2),
            }
        }
        // Character sets and the like, which one more character names.
        '(' | ')' | '*' | '+' | '#' | '%' | ' ' => match body.chars().next() {
            Some(c) => Step::Nothing(2 + c.len_utf8()),
            None => Step::Begun,
        },
        c if c.is_ascii_graphic() => Step::Whole(Code::Escape(c), 2),
        _ => Step::Nothing(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> (Vec<String>, &str) {
        let mut codes = Codes::new(text);
        let list = codes.by_ref().map(|c| match c {
            Code::Text(t) => t.to_owned(),
            Code::Control(c) => format!("{c:?}"),
            Code::Escape(c) => format!("ESC {c}"),
            Code::Sequence(s) => format!("CSI {}{}", s.parameters, s.last),
            Code::Command(t) => format!("OSC {t}"),
        });
        (list.collect(), codes.rest())
    }

    #[test]
    fn text_and_sequences_are_told_apart() {
        let (list, rest) =
            shown("a\u{7}b\r\n\u{1b}[1;31mc\u{1b}]0;title\u{7}\u{1b}]8;;x\u{1b}\\d\u{1b}(B\u{1b}7");
        assert_eq!(
            list,
            [
                "a",
                "b",
                "'\\r'",
                "'\\n'",
                "CSI 1;31m",
                "c",
                "OSC 0;title",
                "OSC 8;;x",
                "d",
                "ESC 7"
            ]
        );
        assert_eq!(rest, "");
    }

    #[test]
    fn a_sequence_may_come_in_parts_but_not_without_end() {
        for begun in [
            "\u{1b}",
            "\u{1b}[",
            "\u{1b}[3",
            "\u{1b}]133;A",
            "\u{1b}]x\u{1b}",
            "\u{1b}(",
        ] {
            let text = format!("x{begun}");
            assert_eq!(shown(&text), (vec!["x".into()], begun));
        }
        let endless = format!("\u{1b}]{}", "x".repeat(5000));
        let (list, rest) = shown(&endless);
        assert_eq!((list.len(), rest), (1, ""));
        assert_eq!(shown("\u{1b}[3é").0, ["é"]);
        assert_eq!(shown("\u{1b}é").0, ["é"]);
    }

    #[test]
    fn parameters_have_defaults_and_bounds() {
        let sequence = Sequence {
            parameters: ";5;99999999999",
            last: 'H',
        };
        assert_eq!((sequence.count(0), sequence.number(0)), (1, 0));
        assert_eq!(sequence.count(1), 5);
        assert_eq!(sequence.count(2), 65535);
        assert_eq!(sequence.count(3), 1);
    }
}
