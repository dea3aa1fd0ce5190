//! The shell grammar, by recursive descent.
//!
//! Any text gives a script or a [`SyntaxError`]; nesting is bounded by [`MAX_DEPTH`].

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::Flavour;
use super::ast::{
    AndOr, Assigned, Command, CommandKind, Item, Join, Piece, Pipeline, Redirect, RedirectKind,
    Script, Times, Word,
};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::lexer::{PendingHereDoc, Spanned, Token};

mod assignment;
mod compound;

use assignment::assignment;

/// How deep commands, expansions and expressions may nest, so that no text can exhaust the stack.
pub const MAX_DEPTH: usize = 60;

/// Builtins whose arguments may be assignments.
const DECLARATIONS: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];

/// Words that end a list of commands; each belongs to a compound command that is open.
const CLOSERS: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

/// Reads a script command by command.
#[derive(Debug)]
pub struct Parser {
    pub(super) source: Rc<[char]>,
    /// Whose grammar is read.
    pub(super) dialect: Flavour,
    pub(super) position: usize,
    /// What the first line of the source counts as.
    first_line: u32,
    pub(super) line: u32,
    pub(super) depth: usize,
    pub(super) pending: Vec<PendingHereDoc>,
    /// True once a here-document ran into the end of the text.
    pub(super) open_here_document: bool,
    /// The line of a here-document that ran into the end of the text, and its delimiter.
    pub(super) unended: Option<(u32, String)>,
    /// True between the parentheses of an array's list.
    pub(super) in_list: bool,
    lookahead: Option<Spanned>,
    /// Lines that were read to know whether the text is whole.
    ahead: VecDeque<Result<Script, SyntaxError>>,
    last_end: usize,
    opened: Vec<(&'static str, u32)>,
}

impl Parser {
    /// Starts at the beginning of `text`.
    #[must_use]
    pub fn new(text: &str, dialect: Flavour) -> Self {
        Self::over(text.chars().collect(), 0, 1, 0, dialect)
    }

    /// The same for a part of one that begins at a line other than the first.
    pub(in crate::shell) fn at_line(text: &str, line: u32, dialect: Flavour) -> Self {
        let mut parser = Self::over(text.chars().collect(), 0, line, 0, dialect);
        parser.first_line = line;
        parser
    }

    fn over(
        source: Rc<[char]>,
        position: usize,
        line: u32,
        depth: usize,
        dialect: Flavour,
    ) -> Self {
        Self {
            source,
            dialect,
            position,
            first_line: 1,
            line,
            depth,
            pending: Vec::new(),
            open_here_document: false,
            unended: None,
            in_list: false,
            lookahead: None,
            ahead: VecDeque::new(),
            last_end: position,
            opened: Vec::new(),
        }
    }

    pub(super) fn nested(&self) -> Self {
        Self::over(
            Rc::clone(&self.source),
            self.position,
            self.line,
            self.depth,
            self.dialect,
        )
    }

    /// Parses the next line's commands, which may span several lines; `None` at the end.
    ///
    /// A shell runs each line before it reads the next, so an error further down comes after the output of what stands above it.
    pub fn next_line(&mut self) -> Result<Option<Script>, SyntaxError> {
        if let Some(line) = self.ahead.pop_front() {
            return line.map(Some);
        }
        while self.peek()?.token == Token::Newline {
            self.next()?;
        }
        if self.peek()?.token == Token::End {
            return Ok(None);
        }
        let mut script = Script::default();
        loop {
            let (item, separated) = self.item()?;
            script.items.push(item);
            match self.peek()?.token {
                Token::Newline => {
                    self.next()?;
                    return Ok(Some(script));
                }
                Token::End => return Ok(Some(script)),
                _ if separated => {}
                _ => return Err(self.unexpected(None)?),
            }
        }
    }

    /// Whether the text is only the beginning of a command. All lines are read for that, and then given one by one.
    pub fn wants_more(&mut self) -> bool {
        let mut lines = VecDeque::new();
        while lines.back().is_none_or(Result::is_ok)
            && let Some(line) = self.next_line().transpose()
        {
            lines.push_back(line);
        }
        self.ahead = lines;
        match self.ahead.back() {
            Some(Err(error)) => error.is_incomplete(),
            _ => self.open_here_document || self.source.ends_with(&['\\', '\n']),
        }
    }

    /// Parses all that is left.
    pub fn whole(&mut self) -> Result<Script, SyntaxError> {
        let mut script = Script::default();
        while let Some(line) = self.next_line()? {
            script.items.extend(line.items);
        }
        Ok(script)
    }

    /// The source line with this number, for bash's second line of a syntax error.
    #[must_use]
    pub fn source_line(&self, line: u32) -> String {
        let text: String = self.source.iter().collect();
        text.lines()
            .nth(line.saturating_sub(self.first_line) as usize)
            .unwrap_or_default()
            .to_owned()
    }

    pub(super) fn script_to_parenthesis(&mut self) -> Result<Script, SyntaxError> {
        let script = self.list()?;
        match self.peek()?.token {
            Token::Op(")") => {
                let end = self.next()?.end;
                self.position = end;
                Ok(script)
            }
            Token::End => Err(self.error_at_end(SyntaxErrorKind::Unterminated(')'))),
            _ => Err(self.unexpected(Some(")"))?),
        }
    }

    pub(super) fn enter(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            Err(self.error(SyntaxErrorKind::TooDeep))
        } else {
            Ok(())
        }
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(super) fn error(&self, kind: SyntaxErrorKind) -> SyntaxError {
        SyntaxError {
            line: self.line,
            kind,
        }
    }

    /// The end of the text counts as the line after the last.
    fn error_at_end(&self, kind: SyntaxErrorKind) -> SyntaxError {
        let ended = self.source.last() == Some(&'\n');
        SyntaxError {
            line: self.line.saturating_add(u32::from(!ended)),
            kind,
        }
    }

    pub(super) fn peek(&mut self) -> Result<&Spanned, SyntaxError> {
        let token = match self.lookahead.take() {
            Some(token) => token,
            None => self.lex()?,
        };
        Ok(self.lookahead.insert(token))
    }

    pub(super) fn next(&mut self) -> Result<Spanned, SyntaxError> {
        let token = match self.lookahead.take() {
            Some(token) => token,
            None => self.lex()?,
        };
        self.last_end = token.end;
        Ok(token)
    }

    pub(super) fn unexpected(
        &mut self,
        expecting: Option<&'static str>,
    ) -> Result<SyntaxError, SyntaxError> {
        let Spanned {
            token,
            start,
            end,
            line,
        } = self.peek()?.clone();
        let text = match token {
            Token::End => {
                let opened = self.opened.last().copied();
                return Ok(self.error_at_end(SyntaxErrorKind::UnexpectedEnd { expecting, opened }));
            }
            Token::Newline => "newline".to_owned(),
            Token::Op(op) => op.to_owned(),
            Token::Word(_) | Token::Number(_) => self.text(start, end),
        };
        let word =
            !matches!(token, Token::Newline | Token::Op(_)) && !CLOSERS.contains(&text.as_str());
        Ok(SyntaxError {
            line,
            kind: SyntaxErrorKind::Unexpected {
                token: text,
                word,
                expecting,
            },
        })
    }

    fn peek_bare(&mut self) -> Result<Option<&str>, SyntaxError> {
        Ok(match &self.peek()?.token {
            Token::Word(word) => word.as_bare(),
            _ => None,
        })
    }

    pub(super) fn at_word(&mut self, text: &str) -> Result<bool, SyntaxError> {
        Ok(self.peek_bare()? == Some(text))
    }

    fn at_op(&mut self, op: &str) -> Result<bool, SyntaxError> {
        Ok(matches!(self.peek()?.token, Token::Op(found) if found == op))
    }

    fn at_closer(&mut self) -> Result<bool, SyntaxError> {
        Ok(self
            .peek_bare()?
            .is_some_and(|text| CLOSERS.contains(&text)))
    }

    pub(super) fn take_word(&mut self, text: &str) -> Result<bool, SyntaxError> {
        let yes = self.at_word(text)?;
        if yes {
            self.next()?;
        }
        Ok(yes)
    }

    pub(super) fn take_op(&mut self, op: &str) -> Result<bool, SyntaxError> {
        let yes = self.at_op(op)?;
        if yes {
            self.next()?;
        }
        Ok(yes)
    }

    pub(super) fn expect_word(&mut self, text: &'static str) -> Result<(), SyntaxError> {
        if self.take_word(text)? {
            Ok(())
        } else {
            Err(self.unexpected(Some(text))?)
        }
    }

    pub(super) fn expect_op(&mut self, op: &'static str) -> Result<(), SyntaxError> {
        if self.take_op(op)? {
            Ok(())
        } else {
            Err(self.unexpected(Some(op))?)
        }
    }

    pub(super) fn skip_newlines(&mut self) -> Result<(), SyntaxError> {
        while self.peek()?.token == Token::Newline {
            self.next()?;
        }
        Ok(())
    }

    /// Commands up to a token that cannot begin one; may be empty.
    fn list(&mut self) -> Result<Script, SyntaxError> {
        let mut script = Script::default();
        loop {
            self.skip_newlines()?;
            if self.peek()?.token == Token::End || self.at_closer()? {
                return Ok(script);
            }
            if matches!(self.peek()?.token, Token::Op(")" | ";;" | ";&" | ";;&")) {
                return Ok(script);
            }
            let (item, separated) = self.item()?;
            script.items.push(item);
            if !separated && self.peek()?.token != Token::Newline {
                return Ok(script);
            }
        }
    }

    /// Like [`Self::list`], but it must hold a command.
    fn body(&mut self, expecting: Option<&'static str>) -> Result<Script, SyntaxError> {
        let script = self.list()?;
        if script.items.is_empty() {
            Err(self.unexpected(expecting)?)
        } else {
            Ok(script)
        }
    }

    /// One command, and whether `;` or `&` follows it, after which another may stand on the same line.
    fn item(&mut self) -> Result<(Item, bool), SyntaxError> {
        let start = self.peek()?.start;
        let list = self.and_or()?;
        let end = self.last_end;
        let background = self.take_op("&")?;
        let separated = background || self.take_op(";")?;
        Ok((
            Item {
                list,
                background,
                text: self.text(start, end).into(),
            },
            separated,
        ))
    }

    fn and_or(&mut self) -> Result<AndOr, SyntaxError> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let join = if self.take_op("&&")? {
                Join::And
            } else if self.take_op("||")? {
                Join::Or
            } else {
                return Ok(AndOr { first, rest });
            };
            self.skip_newlines()?;
            rest.push((join, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline, SyntaxError> {
        let start = self.peek()?.start;
        let timed = match self.dialect != Flavour::Dash && self.take_word("time")? {
            true if self.take_word("-p")? => Some(Times::Posix),
            true => Some(Times::Own),
            false => None,
        };
        let mut negated = false;
        while self.take_word("!")? {
            negated = !negated;
        }
        let mut stages = vec![self.command()?];
        loop {
            if self.take_op("|&")? {
                if let Some(last) = stages.last_mut() {
                    last.redirects.push(Redirect {
                        fd: 2,
                        kind: RedirectKind::Duplicate(Word::bare("1")),
                    });
                }
            } else if !self.take_op("|")? {
                return Ok(Pipeline {
                    negated,
                    timed,
                    stages,
                    text: self.text(start, self.last_end).into(),
                });
            }
            self.skip_newlines()?;
            stages.push(self.command()?);
        }
    }

    fn command(&mut self) -> Result<Command, SyntaxError> {
        self.enter()?;
        let line = self.peek()?.line;
        let command = match self.compound(line)? {
            Some(kind) => {
                let mut redirects = Vec::new();
                while let Some(redirect) = self.redirect()? {
                    redirects.push(redirect);
                }
                Command {
                    kind,
                    redirects,
                    line,
                }
            }
            None => self.simple(line)?,
        };
        self.leave();
        Ok(command)
    }

    pub(super) fn word(&mut self) -> Result<Word, SyntaxError> {
        match &self.peek()?.token {
            Token::Word(word) => {
                let word = word.clone();
                self.next()?;
                Ok(word)
            }
            // The text's end counts as a line's end here.
            Token::End => {
                let kind = SyntaxErrorKind::Unexpected {
                    token: "newline".to_owned(),
                    word: false,
                    expecting: None,
                };
                Err(self.error(kind))
            }
            _ => Err(self.unexpected(None)?),
        }
    }

    fn simple(&mut self, line: u32) -> Result<Command, SyntaxError> {
        let mut assignments = Vec::new();
        let mut words = Vec::new();
        let mut redirects = Vec::new();
        if self.at_closer()? {
            return Err(self.unexpected(None)?);
        }
        loop {
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            let Token::Word(word) = &self.peek()?.token else {
                break;
            };
            let word = word.clone();
            self.next()?;
            let declares = words
                .first()
                .and_then(Word::as_bare)
                .is_some_and(|name| DECLARATIONS.contains(&name));
            if (words.is_empty() || declares)
                && let Some(mut assignment) = assignment(&word)
            {
                let list = self.dialect == Flavour::Bash
                    && matches!(&assignment.value, Assigned::Word(word) if word.pieces.is_empty())
                    && self.lookahead.is_none()
                    && self.peek_char() == Some('(');
                if list {
                    assignment.value = Assigned::List(self.elements()?);
                }
                if words.is_empty() {
                    assignments.push(assignment);
                } else if list {
                    words.push(Word::bare(&assignment.name));
                    assignment.late = true;
                    assignments.push(assignment);
                } else {
                    words.push(unsplit(word));
                }
                continue;
            }
            if words.is_empty()
                && assignments.is_empty()
                && redirects.is_empty()
                && self.at_op("(")?
            {
                self.next()?;
                let name = word.as_bare().map(str::to_owned);
                return match name {
                    Some(name) if self.at_op(")")? => {
                        self.next()?;
                        Ok(Command {
                            kind: self.function(name)?,
                            redirects,
                            line,
                        })
                    }
                    _ => Err(self.unexpected(Some(")"))?),
                };
            }
            words.push(word);
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            return Err(self.unexpected(None)?);
        }
        Ok(Command {
            kind: CommandKind::Simple { assignments, words },
            redirects,
            line,
        })
    }

    fn redirect(&mut self) -> Result<Option<Redirect>, SyntaxError> {
        let number = match self.peek()?.token {
            Token::Number(number) => {
                self.next()?;
                Some(number)
            }
            _ => None,
        };
        let Token::Op(
            op @ ("<" | ">" | ">>" | ">|" | "<>" | "<&" | ">&" | "&>" | "&>>" | "<<" | "<<-"
            | "<<<"),
        ) = self.peek()?.token
        else {
            return Ok(None);
        };
        self.next()?;
        let fd = number.unwrap_or(u32::from(!op.starts_with('<')));
        if op == "<<" || op == "<<-" {
            let target = self.word()?;
            // Expansions in a delimiter are not performed; their source would be odd enough to refuse.
            let Some(delimiter) = target.as_literal() else {
                return Err(self.error(SyntaxErrorKind::NotModelled(
                    "an expansion as a here-document's delimiter is",
                )));
            };
            let body = Rc::new(OnceCell::new());
            let quoted = target.as_bare().is_none();
            self.pending.push(PendingHereDoc {
                delimiter,
                quoted,
                strip: op == "<<-",
                body: Rc::clone(&body),
            });
            return Ok(Some(Redirect {
                fd,
                kind: RedirectKind::HereDoc(body),
            }));
        }
        let target = self.word()?;
        let kind = match op {
            "<" => RedirectKind::Read(target),
            ">>" => RedirectKind::Append(target),
            "<>" => RedirectKind::ReadWrite(target),
            "<<<" => RedirectKind::HereString(target),
            "&>" => RedirectKind::Both(target),
            "&>>" => RedirectKind::BothAppend(target),
            "<&" => RedirectKind::Duplicate(target),
            ">&" if number.is_none()
                && target
                    .as_bare()
                    .is_some_and(|text| text != "-" && text.parse::<u32>().is_err()) =>
            {
                RedirectKind::Both(target)
            }
            ">&" => RedirectKind::Duplicate(target),
            ">|" => RedirectKind::Over(target),
            _ => RedirectKind::Write(target),
        };
        Ok(Some(Redirect { fd, kind }))
    }
}

/// An argument of a declaration: like an assignment's value, it is not split.
fn unsplit(word: Word) -> Word {
    let mut pieces = word.pieces;
    let rest = pieces.split_off(1.min(pieces.len()));
    if rest.is_empty() {
        return Word { pieces };
    }
    pieces.push(Piece::Double(rest));
    Word { pieces }
}

#[cfg(test)]
mod tests;
