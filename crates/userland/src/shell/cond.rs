//! The grammar inside `[[ ]]`.

use super::ast::{CommandKind, Cond, Word};
use super::error::SyntaxError;
use super::lexer::{Spanned, Token};
use super::parser::Parser;

impl Parser {
    pub(super) fn test_command(&mut self) -> Result<CommandKind, SyntaxError> {
        let cond = self.cond_or()?;
        self.expect_word("]]")?;
        Ok(CommandKind::Test(cond))
    }

    fn cond_or(&mut self) -> Result<Cond, SyntaxError> {
        let mut left = self.cond_and()?;
        let depth = self.depth;
        while self.take_op("||")? {
            // Each join nests the expression one deeper.
            self.enter()?;
            left = Cond::Or(Box::new(left), Box::new(self.cond_and()?));
        }
        self.depth = depth;
        Ok(left)
    }

    fn cond_and(&mut self) -> Result<Cond, SyntaxError> {
        let mut left = self.cond_term()?;
        let depth = self.depth;
        while self.take_op("&&")? {
            // Each join nests the expression one deeper.
            self.enter()?;
            left = Cond::And(Box::new(left), Box::new(self.cond_term()?));
        }
        self.depth = depth;
        Ok(left)
    }

    fn cond_term(&mut self) -> Result<Cond, SyntaxError> {
        self.enter()?;
        self.skip_newlines()?;
        let term = if self.take_word("!")? {
            Cond::Not(Box::new(self.cond_term()?))
        } else if self.take_op("(")? {
            let inner = self.cond_or()?;
            self.expect_op(")")?;
            inner
        } else {
            self.cond_primary()?
        };
        self.skip_newlines()?;
        self.leave();
        Ok(term)
    }

    fn cond_primary(&mut self) -> Result<Cond, SyntaxError> {
        if self.at_word("]]")? {
            return Err(self.unexpected(None)?);
        }
        let first = self.word()?;
        if let Some(op) = first.as_bare()
            && op.len() == 2
            && op.starts_with('-')
            && matches!(self.peek()?.token, Token::Word(_))
            && !self.at_word("]]")?
        {
            return Ok(Cond::Unary(op.to_owned(), self.word()?));
        }
        let op = match &self.peek()?.token {
            Token::Op(op @ ("<" | ">")) => (*op).to_owned(),
            Token::Word(word) => match word.as_bare() {
                Some(
                    op @ ("=" | "==" | "!=" | "=~" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge"
                    | "-nt" | "-ot" | "-ef"),
                ) => op.to_owned(),
                Some("]]") => return Ok(Cond::Word(first)),
                _ => return Err(self.unexpected(None)?),
            },
            _ => return Ok(Cond::Word(first)),
        };
        self.next()?;
        let second = if op == "=~" {
            self.regex_word()?
        } else {
            self.word()?
        };
        Ok(Cond::Binary(first, op, second))
    }

    /// After `=~`, parentheses and bars belong to the expression.
    fn regex_word(&mut self) -> Result<Word, SyntaxError> {
        let mut out = Word::default();
        let mut end = None;
        loop {
            let Spanned { token, start, .. } = self.peek()?.clone();
            if end.is_some_and(|end| end != start) {
                return Ok(out);
            }
            match token {
                Token::Word(word) => out.pieces.extend(word.pieces),
                Token::Op(op @ ("(" | ")" | "|")) => out.pieces.extend(Word::bare(op).pieces),
                _ => return Ok(out),
            }
            end = Some(self.next()?.end);
        }
    }
}
