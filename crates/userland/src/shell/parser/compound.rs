//! Compound commands: groups, conditions, loops, choices and functions.

use std::rc::Rc;

use super::super::Flavour;
use super::super::ast::{CaseArm, CaseEnd, CommandKind, Script, Word};
use super::super::error::{SyntaxError, SyntaxErrorKind};
use super::super::lexer::{Token, is_name};
use super::Parser;

impl Parser {
    pub(super) fn compound(&mut self, line: u32) -> Result<Option<CommandKind>, SyntaxError> {
        if self.at_op("(")? {
            return self.parenthesised(line).map(Some);
        }
        let dialect = self.dialect;
        let Some(word) = self.peek_bare()? else {
            return Ok(None);
        };
        let name = match word {
            "[[" | "function" if dialect == Flavour::Dash => return Ok(None),
            "{" => "{",
            "if" => "if",
            "for" => "for",
            "while" => "while",
            "until" => "until",
            "case" => "case",
            "[[" => "[[",
            "function" => "function",
            "select" if dialect == Flavour::Bash => "select",
            "coproc" if dialect == Flavour::Bash => {
                return Err(self.error(SyntaxErrorKind::NotModelled("coproc is")));
            }
            _ => return Ok(None),
        };
        self.next()?;
        self.opened.push((name, line));
        let kind = match name {
            "{" => {
                let body = self.body(Some("}"))?;
                self.expect_word("}")?;
                CommandKind::Group(Rc::new(body))
            }
            "if" => self.if_command()?,
            "for" => self.for_command(false)?,
            "select" => self.for_command(true)?,
            "case" => self.case_command()?,
            "[[" => self.test_command()?,
            "function" => {
                let name = self.function_name()?;
                if self.take_op("(")? {
                    self.expect_op(")")?;
                }
                self.function(name)?
            }
            _ => {
                let test = self.body(Some("do"))?;
                let body = self.do_group()?;
                CommandKind::While {
                    until: name == "until",
                    test: Rc::new(test),
                    body,
                }
            }
        };
        self.opened.pop();
        Ok(Some(kind))
    }

    fn parenthesised(&mut self, line: u32) -> Result<CommandKind, SyntaxError> {
        self.next()?;
        if self.dialect == Flavour::Bash
            && self.peek_char() == Some('(')
            && let Some(expression) = self.arithmetic(1)?
        {
            self.last_end = self.position;
            return Ok(CommandKind::Arith(expression));
        }
        self.opened.push(("(", line));
        let body = self.body(Some(")"))?;
        self.expect_op(")")?;
        self.opened.pop();
        Ok(CommandKind::Subshell(Rc::new(body)))
    }

    fn if_command(&mut self) -> Result<CommandKind, SyntaxError> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            let test = self.body(Some("then"))?;
            self.expect_word("then")?;
            branches.push((test, self.body(Some("fi"))?));
            if self.take_word("elif")? {
                continue;
            }
            if self.take_word("else")? {
                otherwise = Some(self.body(Some("fi"))?);
            }
            self.expect_word("fi")?;
            return Ok(CommandKind::If {
                branches,
                otherwise,
            });
        }
    }

    fn do_group(&mut self) -> Result<Rc<Script>, SyntaxError> {
        self.expect_word("do")?;
        let body = self.body(Some("done"))?;
        self.expect_word("done")?;
        Ok(Rc::new(body))
    }

    fn for_command(&mut self, select: bool) -> Result<CommandKind, SyntaxError> {
        // `for` is followed by `((` only right here, so the lookahead is empty and the cursor stands behind it.
        if self.dialect != Flavour::Bash && self.at_op("(")? {
            return Err(self.error(SyntaxErrorKind::BadFor));
        }
        if self.at_op("(")? && self.peek_char() == Some('(') {
            self.next()?;
            if let Some(header) = self.arithmetic(1)? {
                self.last_end = self.position;
                let parts = split_arith(&header);
                if let Some(parts) = parts {
                    self.take_op(";")?;
                    self.skip_newlines()?;
                    return Ok(CommandKind::ArithFor {
                        parts,
                        body: self.do_group()?,
                    });
                }
            }
            return Err(self.unexpected(None)?);
        }
        let start = self.peek()?.start;
        let name = match self.peek_bare()? {
            Some(text) if is_name(text) => text.to_owned(),
            _ => return Err(self.unexpected(None)?),
        };
        self.next()?;
        self.skip_newlines()?;
        let mut words = None;
        if self.take_word("in")? {
            let mut list = Vec::new();
            while let Token::Word(word) = &self.peek()?.token {
                list.push(word.clone());
                self.next()?;
            }
            if !matches!(self.peek()?.token, Token::Newline | Token::Op(";")) {
                return Err(self.unexpected(None)?);
            }
            words = Some(list);
        }
        let heading = format!("for {}", self.text(start, self.last_end)).into();
        self.take_op(";")?;
        self.skip_newlines()?;
        Ok(CommandKind::For {
            name,
            words,
            body: self.do_group()?,
            select,
            heading,
        })
    }

    fn case_command(&mut self) -> Result<CommandKind, SyntaxError> {
        let word = self.word()?;
        self.skip_newlines()?;
        self.expect_word("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.take_word("esac")? {
                return Ok(CommandKind::Case { word, arms });
            }
            self.take_op("(")?;
            let mut patterns = vec![self.word()?];
            while self.take_op("|")? {
                patterns.push(self.word()?);
            }
            self.expect_op(")")?;
            let body = self.list()?;
            let end = if self.take_op(";&")? {
                CaseEnd::FallThrough
            } else if self.take_op(";;&")? {
                CaseEnd::Continue
            } else {
                if !self.take_op(";;")? && !self.at_word("esac")? {
                    return Err(self.unexpected(Some(";;"))?);
                }
                CaseEnd::Break
            };
            arms.push(CaseArm {
                patterns,
                body,
                end,
            });
        }
    }

    fn function_name(&mut self) -> Result<String, SyntaxError> {
        match self.peek_bare()? {
            Some(text) => {
                let name = text.to_owned();
                self.next()?;
                Ok(name)
            }
            None => Err(self.unexpected(None)?),
        }
    }

    pub(super) fn function(&mut self, name: String) -> Result<CommandKind, SyntaxError> {
        self.skip_newlines()?;
        let body = self.command()?;
        if matches!(body.kind, CommandKind::Simple { .. }) {
            return Err(self.unexpected(None)?);
        }
        Ok(CommandKind::Function {
            name,
            body: Rc::new(body),
        })
    }
}

/// Splits the header of an arithmetic `for` at its two semicolons.
fn split_arith(header: &Word) -> Option<[Word; 3]> {
    use super::super::ast::Piece;
    let mut parts = vec![Word::default()];
    for piece in &header.pieces {
        let Piece::Quoted(text) = piece else {
            parts.last_mut()?.pieces.push(piece.clone());
            continue;
        };
        for (index, part) in text.split(';').enumerate() {
            if index > 0 {
                parts.push(Word::default());
            }
            // A part of nothing but blanks is no expression: a condition that is none holds.
            if !part.trim().is_empty() {
                let piece = Piece::Quoted(part.to_owned());
                parts.last_mut()?.pieces.push(piece);
            }
        }
    }
    parts.try_into().ok()
}
