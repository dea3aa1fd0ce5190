//! From characters to tokens: blanks, comments, operators; words and here-documents have files of their own.
//!
//! The lexer and the grammar are one struct, because `$( ... )` inside a word holds a whole script.

use super::Flavour;
use super::ast::Word;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::parser::Parser;

mod dollar;
mod here_document;
mod parameter;
mod word;

pub(super) use here_document::PendingHereDoc;
use word::Mode;

/// A token of the shell grammar.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(Word),
    Op(&'static str),
    /// Digits right before `<` or `>`.
    Number(u32),
    Newline,
    End,
}

/// A token with where it stands in the source.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spanned {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) line: u32,
}

// Longest first.
const OPERATORS: [&str; 23] = [
    "&>>", ";;&", "<<<", "<<-", "&&", "||", ";;", ";&", "|&", "&>", "<<", ">>", "<&", ">&", "<>",
    ">|", "&", "|", ";", "<", ">", "(", ")",
];

/// Those that dash reads as two.
const NOT_DASH: [&str; 5] = ["&>>", ";;&", "<<<", "|&", "&>"];

/// True if `c` may begin a variable's name.
pub(super) fn is_name_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

/// True if `c` may stand inside a variable's name.
pub(super) fn is_name_char(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

/// True if `text` is a valid variable name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && text.chars().all(is_name_char)
}

impl Parser {
    pub(super) fn peek_char(&self) -> Option<char> {
        self.source.get(self.position).copied()
    }

    fn char_after(&self, offset: usize) -> Option<char> {
        self.source
            .get(self.position.saturating_add(offset))
            .copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek_char()?;
        self.position += 1;
        if c == '\n' {
            self.line = self.line.saturating_add(1);
        }
        Some(c)
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    fn at(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(offset, c)| self.char_after(offset) == Some(c))
    }

    pub(super) fn text(&self, start: usize, end: usize) -> String {
        self.source
            .get(start..end)
            .map_or_else(String::new, |chars| chars.iter().collect())
    }

    /// Reads the next token.
    pub(super) fn lex(&mut self) -> Result<Spanned, SyntaxError> {
        loop {
            match self.peek_char() {
                Some(' ' | '\t' | '\r') => self.skip(1),
                Some('\\') if self.char_after(1) == Some('\n') => self.skip(2),
                Some('#') => {
                    while self.peek_char().is_some_and(|c| c != '\n') {
                        self.bump();
                    }
                }
                _ => break,
            }
        }
        let (start, line) = (self.position, self.line);
        let token = self.token()?;
        Ok(Spanned {
            token,
            start,
            end: self.position,
            line,
        })
    }

    fn token(&mut self) -> Result<Token, SyntaxError> {
        let Some(c) = self.peek_char() else {
            return Ok(Token::End);
        };
        if c == '\n' {
            self.bump();
            self.read_here_documents()?;
            return Ok(Token::Newline);
        }
        // ash knows process substitution too, but hardly anybody's build of it.
        let process = self.at("<(") || self.at(">(");
        if process && self.dialect == Flavour::Ash {
            return Err(self.error(SyntaxErrorKind::NotModelled("process substitution is")));
        }
        let process = process && self.dialect == Flavour::Bash;
        for op in OPERATORS {
            if !process && self.at(op) && !(self.dialect == Flavour::Dash && NOT_DASH.contains(&op))
            {
                self.skip(op.len());
                return Ok(Token::Op(op));
            }
        }
        let digits = self.source.get(self.position..).map_or(0, |rest| {
            rest.iter().take_while(|c| c.is_ascii_digit()).count()
        });
        if digits > 0 && matches!(self.char_after(digits), Some('<' | '>')) {
            let text = self.text(self.position, self.position + digits);
            if let Ok(number) = text.parse() {
                self.skip(digits);
                return Ok(Token::Number(number));
            }
        }
        Ok(Token::Word(Word {
            pieces: self.pieces(Mode::Word)?,
        }))
    }

    fn name(&mut self) -> String {
        let start = self.position;
        while self.peek_char().is_some_and(is_name_char) {
            self.bump();
        }
        self.text(start, self.position)
    }
}
