//! What `$` and backquotes begin: parameters, and scripts and arithmetic inside a word.

use std::rc::Rc;

use crate::shell::ast::{Param, Piece, Word};
use crate::shell::error::{SyntaxError, SyntaxErrorKind};
use crate::shell::parser::Parser;

use super::is_name_start;
use super::word::Mode;

impl Parser {
    /// Reads what begins with `$`; `None` means that the dollar stands for itself and has been consumed.
    pub(super) fn dollar(&mut self, mode: Mode) -> Result<Option<Piece>, SyntaxError> {
        let bare = matches!(mode, Mode::Word | Mode::Brace { double: false, .. });
        match self.char_after(1) {
            Some('(') => {
                if self.char_after(2) == Some('(')
                    && let Some(inner) = self.arithmetic(3)?
                {
                    return Ok(Some(Piece::Arith(Rc::new(inner))));
                }
                self.skip(2);
                self.substitution().map(Some)
            }
            Some('{') => {
                self.skip(2);
                let double = !bare;
                let param = self.braced(double)?;
                Ok(Some(Piece::Param(Rc::new(param))))
            }
            Some('\'') if bare => self.ansi_quoted().map(|text| Some(Piece::Quoted(text))),
            Some('"') if bare => {
                self.skip(2);
                let inner = self.pieces(Mode::Double)?;
                self.bump();
                Ok(Some(Piece::Double(inner)))
            }
            Some(c) if is_name_start(c) => {
                self.bump();
                let name = self.name();
                Ok(Some(Piece::Param(Rc::new(Param::plain(name)))))
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.skip(2);
                Ok(Some(Piece::Param(Rc::new(Param::plain(c.to_string())))))
            }
            _ => {
                self.bump();
                Ok(None)
            }
        }
    }

    /// Reads `... ))` starting `offset` characters on; `None`, with nothing consumed, if it isn't arithmetic after all.
    pub(in crate::shell) fn arithmetic(
        &mut self,
        offset: usize,
    ) -> Result<Option<Word>, SyntaxError> {
        let start = self.position.saturating_add(offset);
        let mut depth = 0_usize;
        let mut at = start;
        loop {
            match self.source.get(at) {
                None => return Ok(None),
                Some('(') => depth += 1,
                Some(')') if depth > 0 => depth -= 1,
                Some(')') if self.source.get(at + 1) == Some(&')') => break,
                Some(')') => return Ok(None),
                Some(_) => {}
            }
            at += 1;
        }
        let text = self.text(start, at);
        self.enter()?;
        let inner = self.expandable(&text.replace('"', ""), self.line)?;
        self.leave();
        while self.position < at.saturating_add(2) {
            self.bump();
        }
        Ok(Some(inner))
    }

    /// Reads a script up to the closing parenthesis; the cursor stands after `$(`.
    pub(super) fn substitution(&mut self) -> Result<Piece, SyntaxError> {
        self.enter()?;
        let mut inner = self.nested();
        let script = inner.script_to_parenthesis()?;
        self.position = inner.position;
        self.line = inner.line;
        self.leave();
        Ok(Piece::Command(Rc::new(script)))
    }

    pub(super) fn backquoted(&mut self, mode: Mode) -> Result<Piece, SyntaxError> {
        let line = self.line;
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return Err(self.error(SyntaxErrorKind::Unterminated('`'))),
                Some('`') => break,
                Some('\\') => match self.bump() {
                    Some(c @ ('`' | '\\' | '$')) => text.push(c),
                    Some('"') if mode == Mode::Double => text.push('"'),
                    Some(c) => {
                        text.push('\\');
                        text.push(c);
                    }
                    None => {}
                },
                Some(c) => text.push(c),
            }
        }
        self.enter()?;
        let script = self.inside(&text, line).whole()?;
        self.leave();
        Ok(Piece::Command(Rc::new(script)))
    }
}
