//! From characters to tokens and words: quoting, expansions, comments, here-documents.
//!
//! The lexer and the grammar are one struct in two files, because `$( ... )` inside a word holds a whole script.

use std::cell::OnceCell;
use std::rc::Rc;

use super::ast::{Param, ParamOp, Piece, ReplaceMode, Word};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::parser::Parser;
use super::{Flavour, quote};

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

/// A here-document whose body has not been reached.
#[derive(Debug)]
pub(super) struct PendingHereDoc {
    pub(super) delimiter: String,
    /// True if the delimiter was quoted, and nothing in the body is expanded.
    pub(super) quoted: bool,
    /// True for `<<-`: leading tabs are dropped.
    pub(super) strip: bool,
    pub(super) body: Rc<OnceCell<Word>>,
}

/// What ends a run of pieces, and which characters are special in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A word of a command.
    Word,
    /// Inside `"`.
    Double,
    /// A here-document's body, and arithmetic.
    Body,
    /// Inside `${ }`; `until` ends it too.
    Brace { double: bool, until: Option<char> },
}

// Longest first.
const OPERATORS: [&str; 23] = [
    "&>>", ";;&", "<<<", "<<-", "&&", "||", ";;", ";&", "|&", "&>", "<<", ">>", "<&", ">&", "<>",
    ">|", "&", "|", ";", "<", ">", "(", ")",
];

/// Those that dash reads as two.
const NOT_DASH: [&str; 5] = ["&>>", ";;&", "<<<", "|&", "&>"];

fn is_meta(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')'
    )
}

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

    /// Parses a text in which only `$`, backquotes and backslashes are special.
    pub(super) fn expandable(
        text: &str,
        line: u32,
        depth: usize,
        dialect: Flavour,
    ) -> Result<Word, SyntaxError> {
        let mut parser = Self::new(text, dialect);
        parser.line = line;
        parser.depth = depth;
        Ok(Word {
            pieces: parser.pieces(Mode::Body)?,
        })
    }

    fn read_here_documents(&mut self) -> Result<(), SyntaxError> {
        for pending in std::mem::take(&mut self.pending) {
            let line = self.line;
            let mut text = String::new();
            let mut found = false;
            while self.peek_char().is_some() {
                let start = self.position;
                while self.peek_char().is_some_and(|c| c != '\n') {
                    self.bump();
                }
                let mut row = self.text(start, self.position);
                self.bump();
                if pending.strip {
                    row = row.trim_start_matches('\t').to_owned();
                }
                if row == pending.delimiter {
                    found = true;
                    break;
                }
                text.push_str(&row);
                text.push('\n');
            }
            self.open_here_document |= !found;
            if !found {
                self.unended = Some((line.saturating_sub(1).max(1), pending.delimiter));
            }
            let word = if pending.quoted {
                Word {
                    pieces: vec![Piece::Quoted(text)],
                }
            } else {
                Self::expandable(&text, line, self.depth, self.dialect)?
            };
            // A cell is filled once: each redirection registers its own.
            let _: Result<(), Word> = pending.body.set(word);
        }
        Ok(())
    }

    fn pieces(&mut self, mode: Mode) -> Result<Vec<Piece>, SyntaxError> {
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

    fn ansi_quoted(&mut self) -> Result<String, SyntaxError> {
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

    /// Reads what begins with `$`; `None` means that the dollar stands for itself and has been consumed.
    fn dollar(&mut self, mode: Mode) -> Result<Option<Piece>, SyntaxError> {
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

    fn name(&mut self) -> String {
        let start = self.position;
        while self.peek_char().is_some_and(is_name_char) {
            self.bump();
        }
        self.text(start, self.position)
    }

    /// Reads `... ))` starting `offset` characters on; `None`, with nothing consumed, if it isn't arithmetic after all.
    pub(super) fn arithmetic(&mut self, offset: usize) -> Result<Option<Word>, SyntaxError> {
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
        let inner = Self::expandable(&text.replace('"', ""), self.line, self.depth, self.dialect)?;
        self.leave();
        while self.position < at.saturating_add(2) {
            self.bump();
        }
        Ok(Some(inner))
    }

    /// Reads a script up to the closing parenthesis; the cursor stands after `$(`.
    fn substitution(&mut self) -> Result<Piece, SyntaxError> {
        self.enter()?;
        let mut inner = self.nested();
        let script = inner.script_to_parenthesis()?;
        self.position = inner.position;
        self.line = inner.line;
        self.leave();
        Ok(Piece::Command(Rc::new(script)))
    }

    fn backquoted(&mut self, mode: Mode) -> Result<Piece, SyntaxError> {
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
        let mut inner = Self::new(&text, self.dialect);
        inner.line = line;
        inner.depth = self.depth;
        let script = inner.whole()?;
        self.leave();
        Ok(Piece::Command(Rc::new(script)))
    }

    /// Reads a parameter expansion; the cursor stands after `${`.
    fn braced(&mut self, double: bool) -> Result<Param, SyntaxError> {
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

fn push_char(out: &mut Vec<Piece>, c: char, quoted: bool) {
    match (out.last_mut(), quoted) {
        (Some(Piece::Quoted(text)), true) | (Some(Piece::Bare(text)), false) => text.push(c),
        (_, true) => out.push(Piece::Quoted(c.to_string())),
        (_, false) => out.push(Piece::Bare(c.to_string())),
    }
}
