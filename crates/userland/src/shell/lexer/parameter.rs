//! `${ }`: a parameter's name, its index, and what is done with its value.

use crate::shell::Flavour;
use crate::shell::ast::{Param, ParamOp, ReplaceMode, Word};
use crate::shell::error::{SyntaxError, SyntaxErrorKind};
use crate::shell::parser::Parser;

use super::is_name_start;
use super::word::Mode;

impl Parser {
    /// Reads a parameter expansion; the cursor stands after `${`.
    pub(super) fn braced(&mut self, double: bool) -> Result<Param, SyntaxError> {
        let start = self.position;
        let bash = self.dialect == Flavour::Bash;
        if self.peek_char() == Some('#') && self.char_after(1).is_some_and(|c| c != '}' && c != ':')
        {
            let mark = self.position;
            self.bump();
            let name = self.parameter_name();
            let index = self.index()?;
            if !name.is_empty() && self.peek_char() == Some('}') {
                self.bump();
                return Ok(Param {
                    index,
                    op: ParamOp::Length,
                    ..Param::plain(name)
                });
            }
            self.position = mark;
        }
        let indirect = self.dialect != Flavour::Dash
            && self.peek_char() == Some('!')
            && self
                .char_after(1)
                .is_some_and(|c| is_name_start(c) || c.is_ascii_digit() || bash && c == '#');
        if indirect {
            self.bump();
        }
        let name = self.parameter_name();
        if name.is_empty() {
            return self.bad_substitution(start);
        }
        if indirect && matches!(self.peek_char(), Some('*' | '@')) {
            let apart = self.peek_char() == Some('@');
            if self.char_after(1) == Some('}') {
                self.skip(2);
                let op = ParamOp::Names { apart };
                return Ok(Param {
                    op,
                    ..Param::plain(name)
                });
            }
        }
        let index = self.index()?;
        match self.operation(double)? {
            Some(ParamOp::Slice { .. } | ParamOp::Replace { .. })
                if self.dialect == Flavour::Dash =>
            {
                self.bad_substitution(start)
            }
            Some(ParamOp::Case { .. } | ParamOp::Transform(_)) if !bash => {
                self.position = start;
                self.bad_substitution(start)
            }
            Some(op) if self.peek_char() == Some('}') => {
                self.bump();
                Ok(Param {
                    name,
                    index,
                    indirect,
                    op,
                })
            }
            _ => {
                self.position = start;
                self.bad_substitution(start)
            }
        }
    }

    /// Reads the `[...]` behind an array's name.
    fn index(&mut self) -> Result<Option<Word>, SyntaxError> {
        if self.dialect != Flavour::Bash || self.peek_char() != Some('[') {
            return Ok(None);
        }
        self.bump();
        let word = self.operand(false, Some(']'))?;
        if self.peek_char() == Some(']') {
            self.bump();
        }
        Ok(Some(word))
    }

    fn parameter_name(&mut self) -> String {
        match self.peek_char() {
            Some(c) if is_name_start(c) => self.name(),
            Some(c) if c.is_ascii_digit() => {
                let start = self.position;
                while self.peek_char().is_some_and(|c| c.is_ascii_digit()) {
                    self.bump();
                }
                self.text(start, self.position)
            }
            Some(c) if "@*#?-$!".contains(c) => {
                self.bump();
                c.to_string()
            }
            _ => String::new(),
        }
    }

    fn operand(&mut self, double: bool, until: Option<char>) -> Result<Word, SyntaxError> {
        Ok(Word {
            pieces: self.pieces(Mode::Brace { double, until })?,
        })
    }

    fn operation(&mut self, double: bool) -> Result<Option<ParamOp>, SyntaxError> {
        let doubled = |parser: &mut Self, c: char| {
            parser.bump();
            let yes = parser.peek_char() == Some(c);
            if yes {
                parser.bump();
            }
            yes
        };
        let op = match self.peek_char() {
            Some('}') => ParamOp::Value,
            Some(':') if self.char_after(1).is_some_and(|c| "-=+?".contains(c)) => {
                self.bump();
                return self.conditional(true, double);
            }
            Some('-' | '=' | '+' | '?') => return self.conditional(false, double),
            Some(':') => {
                self.bump();
                let offset = self.operand(double, Some(':'))?;
                let length = if self.peek_char() == Some(':') {
                    self.bump();
                    Some(self.operand(double, None)?)
                } else {
                    None
                };
                ParamOp::Slice { offset, length }
            }
            Some('#') => {
                let longest = doubled(self, '#');
                ParamOp::TrimStart {
                    longest,
                    pattern: self.operand(false, None)?,
                }
            }
            Some('%') => {
                let longest = doubled(self, '%');
                ParamOp::TrimEnd {
                    longest,
                    pattern: self.operand(false, None)?,
                }
            }
            Some('/') => {
                self.bump();
                let mode = match self.peek_char() {
                    Some('/') => ReplaceMode::All,
                    Some('#') => ReplaceMode::Start,
                    Some('%') => ReplaceMode::End,
                    _ => ReplaceMode::First,
                };
                if mode != ReplaceMode::First {
                    self.bump();
                }
                let pattern = self.operand(false, Some('/'))?;
                let with = if self.peek_char() == Some('/') {
                    self.bump();
                    self.operand(false, None)?
                } else {
                    Word::default()
                };
                ParamOp::Replace {
                    mode,
                    pattern,
                    with,
                }
            }
            Some(c @ ('^' | ',')) => {
                let all = doubled(self, c);
                ParamOp::Case {
                    upper: c == '^',
                    all,
                    pattern: self.operand(false, None)?,
                }
            }
            Some('@') => {
                self.bump();
                match self.bump() {
                    Some(letter) if letter.is_ascii_alphabetic() => ParamOp::Transform(letter),
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(op))
    }

    fn conditional(&mut self, empty: bool, double: bool) -> Result<Option<ParamOp>, SyntaxError> {
        let mark = self.bump();
        let word = self.operand(double, None)?;
        Ok(match mark {
            Some('-') => Some(ParamOp::Default { empty, word }),
            Some('=') => Some(ParamOp::Assign { empty, word }),
            Some('+') => Some(ParamOp::Alternate { empty, word }),
            Some('?') => Some(ParamOp::Error { empty, word }),
            _ => None,
        })
    }

    fn bad_substitution(&mut self, start: usize) -> Result<Param, SyntaxError> {
        let mut depth = 0_usize;
        loop {
            match self.bump() {
                None => return Err(self.error(SyntaxErrorKind::Unterminated('}'))),
                Some('{') => depth += 1,
                Some('}') if depth == 0 => break,
                Some('}') => depth -= 1,
                Some(_) => {}
            }
        }
        let source = format!("${{{}", self.text(start, self.position));
        Ok(Param {
            op: ParamOp::Bad(source),
            ..Param::plain(String::new())
        })
    }
}
