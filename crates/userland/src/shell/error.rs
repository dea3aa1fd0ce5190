//! What is wrong with a script, in the words of the shell that reads it.

use super::Flavour;

/// A script that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, counted from 1.
    pub line: u32,
    /// What is wrong.
    pub kind: SyntaxErrorKind,
}

/// The ways a script can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// A token where it cannot stand.
    Unexpected {
        /// The token as written; `newline` for the end of a line.
        token: String,
        /// True for an ordinary word, which dash and ash don't quote.
        word: bool,
        /// The keyword that would have been right.
        expecting: Option<&'static str>,
    },
    /// The text ends inside a compound command.
    UnexpectedEnd {
        /// The keyword that would have closed it.
        expecting: Option<&'static str>,
        /// The command left open and its line.
        opened: Option<(&'static str, u32)>,
    },
    /// A quote, brace or parenthesis is never closed.
    Unterminated(char),
    /// A loop that only bash knows.
    BadFor,
    /// Nested deeper than [`super::parser::MAX_DEPTH`].
    TooDeep,
    /// Valid in bash, and left out here.
    NotModelled(&'static str),
}

impl SyntaxError {
    /// True if more text could make it right, so that a terminal asks for another line.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        matches!(
            self.kind,
            SyntaxErrorKind::UnexpectedEnd { .. } | SyntaxErrorKind::Unterminated(_)
        )
    }

    /// The message without the `bash: line 1: ` that goes before it.
    #[must_use]
    pub fn message(&self, flavour: Flavour) -> String {
        match flavour {
            Flavour::Bash => self.bash(),
            Flavour::Dash => {
                let text = self.almquist(|token, more| format!("{token} unexpected{more}"));
                format!(
                    "Syntax error: {}",
                    capitalised_if(
                        &text,
                        matches!(
                            self.kind,
                            SyntaxErrorKind::Unterminated(_) | SyntaxErrorKind::BadFor
                        )
                    )
                )
            }
            Flavour::Ash => format!(
                "syntax error: {}",
                self.almquist(|token, more| format!("unexpected {token}{more}"))
            ),
        }
    }

    fn bash(&self) -> String {
        match &self.kind {
            SyntaxErrorKind::Unexpected { token, .. } => {
                format!("syntax error near unexpected token `{token}'")
            }
            SyntaxErrorKind::UnexpectedEnd {
                opened: Some((name, line)),
                ..
            } => {
                format!("syntax error: unexpected end of file from `{name}' command on line {line}")
            }
            SyntaxErrorKind::UnexpectedEnd { opened: None, .. } => {
                "syntax error: unexpected end of file".to_owned()
            }
            SyntaxErrorKind::Unterminated(mark) => {
                format!("unexpected EOF while looking for matching `{mark}'")
            }
            SyntaxErrorKind::BadFor => "bad for loop variable".to_owned(),
            SyntaxErrorKind::TooDeep => "maximum nesting level exceeded".to_owned(),
            SyntaxErrorKind::NotModelled(what) => format!("{what} not modelled in Drydock"),
        }
    }

    fn almquist(&self, place: impl Fn(&str, &str) -> String) -> String {
        let more = |expecting: &Option<&'static str>| {
            expecting.map_or_else(String::new, |word| format!(" (expecting \"{word}\")"))
        };
        match &self.kind {
            SyntaxErrorKind::Unexpected {
                token,
                word,
                expecting,
            } => {
                let token = if *word {
                    "word".to_owned()
                } else if token == "newline" {
                    token.clone()
                } else if token.contains(['<', '>']) {
                    "redirection".to_owned()
                } else {
                    format!("\"{token}\"")
                };
                place(&token, &more(expecting))
            }
            SyntaxErrorKind::UnexpectedEnd { expecting, .. } => {
                place("end of file", &more(expecting))
            }
            SyntaxErrorKind::Unterminated('"' | '\'') => "unterminated quoted string".to_owned(),
            SyntaxErrorKind::Unterminated('}') => "missing '}'".to_owned(),
            SyntaxErrorKind::Unterminated('`') => "EOF in backquote substitution".to_owned(),
            SyntaxErrorKind::Unterminated(mark) => {
                place("end of file", &format!(" (expecting \"{mark}\")"))
            }
            SyntaxErrorKind::BadFor
            | SyntaxErrorKind::TooDeep
            | SyntaxErrorKind::NotModelled(_) => self.bash(),
        }
    }
}

fn capitalised_if(text: &str, yes: bool) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if yes => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
