//! Words: their pieces, and the quotes around them.

use crate::shell::ast::{Piece, Word};
use crate::shell::error::{SyntaxError, SyntaxErrorKind};
use crate::shell::parser::Parser;
use crate::shell::{Flavour, quote};

use super::is_name;

/// What ends a run of pieces, and which characters are special in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A word of a command.
    Word,
    /// Inside `"`.
    Double,
    /// A here-document's body, and arithmetic.
    Body,
    /// Inside `${ }`; `until` ends it too.
    Brace { double: bool, until: Option<char> },
}

impl Parser {
    /// Parses a text in which only `$`, backquotes and backslashes are special.
    pub(super) fn expandable(&self, text: &str, line: u32) -> Result<Word, SyntaxError> {
        Ok(Word {
            pieces: self.inside(text, line).pieces(Mode::Body)?,
        })
    }

    /// A parser of a text that was cut out of this one's, as deep in it.
    pub(super) fn inside(&self, text: &str, line: u32) -> Self {
        let mut parser = Self::new(text, self.dialect);
        parser.line = line;
        parser.depth = self.depth;
        parser
    }

    pub(super) fn pieces(&mut self, mode: Mode) -> Result<Vec<Piece>, SyntaxError> {
        self.enter()?;
        let opened = self.line;
        let mut out: Vec<Piece> = Vec::new();
        let quoting = matches!(mode, Mode::Double | Mode::Body);
        // Where the index of an element being assigned ends: blanks in it are no borders.
        let mut index_end = 0;
        loop {
            let Some(c) = self.peek_char() else {
                match mode {
                    Mode::Word | Mode::Body => break,
                    Mode::Double => {
                        return Err(SyntaxError {
                            line: opened,
                            kind: SyntaxErrorKind::Unterminated('"'),
                        });
                    }
                    Mode::Brace { .. } => {
                        return Err(self.error(SyntaxErrorKind::Unterminated('}')));
                    }
                }
            };
            let stop = match mode {
                Mode::Word if c == '[' && self.dialect == Flavour::Bash => {
                    index_end = index_end.max(self.index_end(&out));
                    false
                }
                Mode::Word if matches!(c, '<' | '>') && self.char_after(1) == Some('(') => {
                    self.dialect != Flavour::Bash
                }
                Mode::Word => is_meta(c) && self.position >= index_end,
                Mode::Double => c == '"',
                Mode::Body => false,
                Mode::Brace { until, .. } => c == '}' || until == Some(c),
            };
            if stop {
                break;
            }
            match c {
                '\\' => self.backslash(mode, &mut out),
                '\'' if !quoting && !matches!(mode, Mode::Brace { double: true, .. }) => {
                    let text = self.single_quoted()?;
                    out.push(Piece::Quoted(text));
                }
                '"' if mode != Mode::Body => {
                    self.bump();
                    let inner = self.pieces(Mode::Double)?;
                    self.bump();
                    out.push(Piece::Double(inner));
                }
                '$' => {
                    let piece = self.dollar(mode)?;
                    match piece {
                        Some(piece) => out.push(piece),
                        None => push_char(&mut out, '$', quoting),
                    }
                }
                '`' => out.push(self.backquoted(mode)?),
                '<' | '>' if mode == Mode::Word && self.position >= index_end => {
                    self.skip(2);
                    let Piece::Command(script) = self.substitution()? else {
                        continue;
                    };
                    let read = c == '<';
                    out.push(Piece::Process { read, script });
                }
                _ => {
                    self.bump();
                    push_char(&mut out, c, quoting);
                }
            }
        }
        self.leave();
        Ok(out)
    }

    /// The position behind `NAME[...]` when an assignment follows it, or behind the `[...]` of a list's element.
    fn index_end(&self, before: &[Piece]) -> usize {
        let named = match before {
            [] => self.in_list,
            [Piece::Bare(name)] => is_name(name),
            _ => false,
        };
        if !named {
            return 0;
        }
        let mut depth = 0_usize;
        let mut quote = None;
        for (offset, c) in self.source.iter().enumerate().skip(self.position) {
            match c {
                '\n' => return 0,
                _ if quote == Some(*c) => quote = None,
                _ if quote.is_some() => {}
                '\'' | '"' => quote = Some(*c),
                '[' => depth += 1,
                ']' if depth > 1 => depth -= 1,
                ']' => {
                    let after = |skip| self.source.get(offset + skip);
                    let assigned = after(1) == Some(&'=')
                        || (after(1) == Some(&'+') && after(2) == Some(&'='));
                    return if assigned { offset + 1 } else { 0 };
                }
                _ => {}
            }
        }
        0
    }

    fn backslash(&mut self, mode: Mode, out: &mut Vec<Piece>) {
        self.bump();
        let special = match (mode, self.peek_char()) {
            (_, None) => false,
            (Mode::Word | Mode::Brace { double: false, .. }, Some(_))
            | (_, Some('$' | '`' | '\\' | '\n')) => true,
            (Mode::Double | Mode::Brace { .. }, Some('"')) | (Mode::Brace { .. }, Some('}')) => {
                true
            }
            _ => false,
        };
        if !special {
            push_char(out, '\\', true);
        } else if let Some(c) = self.bump()
            && c != '\n'
        {
            push_char(out, c, true);
        }
    }

    fn single_quoted(&mut self) -> Result<String, SyntaxError> {
        let line = self.line;
        self.bump();
        let start = self.position;
        while self.peek_char().is_some_and(|c| c != '\'') {
            self.bump();
        }
        let text = self.text(start, self.position);
        match self.bump() {
            Some(_) => Ok(text),
            None => Err(SyntaxError {
                line,
                kind: SyntaxErrorKind::Unterminated('\''),
            }),
        }
    }

    pub(super) fn ansi_quoted(&mut self) -> Result<String, SyntaxError> {
        let line = self.line;
        self.skip(2);
        let start = self.position;
        loop {
            match self.bump() {
                None => {
                    return Err(SyntaxError {
                        line,
                        kind: SyntaxErrorKind::Unterminated('\''),
                    });
                }
                Some('\\') => self.skip(1),
                Some('\'') => break,
                Some(_) => {}
            }
        }
        Ok(quote::unescape_ansi(
            &self.text(start, self.position.saturating_sub(1)),
        ))
    }
}

fn is_meta(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')'
    )
}

fn push_char(out: &mut Vec<Piece>, c: char, quoted: bool) {
    match (out.last_mut(), quoted) {
        (Some(Piece::Quoted(text)), true) | (Some(Piece::Bare(text)), false) => text.push(c),
        (_, true) => out.push(Piece::Quoted(c.to_string())),
        (_, false) => out.push(Piece::Bare(c.to_string())),
    }
}
