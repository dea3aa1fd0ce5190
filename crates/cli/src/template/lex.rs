//! Cuts a template into tokens. Source: Go `text/template/parse/lex.go`.

use crate::go;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The lexer's complaint; the text is the sentence.
    Error,
    End,
    Text,
    /// `{{`
    Open,
    /// `}}`
    Close,
    Space,
    Pipe,
    LeftParen,
    RightParen,
    Field,
    Variable,
    Word,
    Dot,
    Nil,
    Bool,
    Number,
    Str,
    RawStr,
    CharConstant,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    /// Some other character.
    Char,
    /// `if`, `else`, `end`, `range`, `with`, `define`, `block`, `template`, `break`, `continue`.
    Keyword,
}

/// One token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    pub(super) line: usize,
}

impl Token {
    /// Returns the token as error texts quote it.
    pub(super) fn shown(&self) -> String {
        match self.kind {
            Kind::End => "EOF".into(),
            Kind::Error => self.text.clone(),
            Kind::Keyword => format!("<{}>", self.text),
            _ if self.text.chars().count() > 10 => {
                let head: String = self.text.chars().take(10).collect();
                format!("{}...", go::quote(&head))
            }
            _ => go::quote(&self.text),
        }
    }
}

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];
const KEYWORDS: [&str; 10] = [
    "if", "else", "end", "range", "with", "define", "block", "template", "break", "continue",
];

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    depth: usize,
    tokens: Vec<Token>,
}

/// Returns the tokens of a template; the last one is `End` or `Error`.
pub(super) fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 1,
        depth: 0,
        tokens: Vec::new(),
    };
    if let Err(why) = lexer.run() {
        let (at, line) = (lexer.at, lexer.line);
        lexer.tokens.push(Token {
            kind: Kind::Error,
            text: why,
            at,
            line,
        });
    }
    lexer.tokens
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn emit(&mut self, kind: Kind, len: usize) {
        let text = self.rest().get(..len).unwrap_or("").to_owned();
        let lines = text.matches('\n').count();
        self.tokens.push(Token {
            kind,
            text,
            at: self.at,
            line: self.line,
        });
        self.line += lines;
        self.at += len;
    }

    fn skip(&mut self, len: usize) {
        self.line += self.rest().get(..len).unwrap_or("").matches('\n').count();
        self.at += len;
    }

    fn run(&mut self) -> Result<(), String> {
        loop {
            let rest = self.rest();
            let Some(open) = rest.find("{{") else {
                if !rest.is_empty() {
                    self.emit(Kind::Text, rest.len());
                }
                self.emit(Kind::End, 0);
                return Ok(());
            };
            let after = rest.get(open + 2..).unwrap_or("");
            let trims = after.starts_with('-') && after.get(1..).unwrap_or("").starts_with(SPACES);
            let text = rest.get(..open).unwrap_or("");
            let kept = if trims {
                text.trim_end_matches(SPACES).len()
            } else {
                open
            };
            if kept > 0 {
                self.emit(Kind::Text, kept);
            }
            self.skip(open - kept);
            let opening = if trims { 4 } else { 2 };
            let inside = rest.get(open + opening..).unwrap_or("");
            if let Some(comment) = inside.strip_prefix("/*") {
                self.skip(opening);
                self.comment(comment)?;
                continue;
            }
            self.emit(Kind::Open, opening);
            self.depth = 0;
            while self.inside()? {}
        }
    }

    fn comment(&mut self, body: &str) -> Result<(), String> {
        let Some(end) = body.find("*/") else {
            return Err("unclosed comment".into());
        };
        self.skip(end + 4);
        match self.closing() {
            Some(len) => {
                self.skip(len);
                Ok(())
            }
            None => Err("comment ends before closing delimiter".into()),
        }
    }

    /// Returns the length of the closing delimiter that comes next, with the blanks that it trims after it.
    fn closing(&self) -> Option<usize> {
        let rest = self.rest();
        if rest.starts_with("}}") {
            return Some(2);
        }
        let after = rest.strip_prefix(SPACES)?.strip_prefix("-}}")?;
        Some(rest.len() - after.trim_start_matches(SPACES).len())
    }

    /// Reads one token inside an action; false once the action is closed.
    fn inside(&mut self) -> Result<bool, String> {
        if let Some(len) = self.closing() {
            if self.depth > 0 {
                return Err("unclosed left paren".into());
            }
            self.emit(Kind::Close, len);
            return Ok(false);
        }
        let Some(c) = self.peek() else {
            return Err("unclosed action".into());
        };
        let rest = self.rest();
        let second = rest.chars().nth(1);
        match c {
            c if SPACES.contains(&c) => {
                let mut len = rest.len() - rest.trim_start_matches(SPACES).len();
                // The last blank may belong to a ` -}}` that follows.
                if rest.get(len..).unwrap_or("").starts_with("-}}") {
                    len -= 1;
                }
                if len > 0 {
                    self.emit(Kind::Space, len);
                }
            }
            '=' => self.emit(Kind::Assign, 1),
            ':' if second == Some('=') => self.emit(Kind::Declare, 2),
            ':' => return Err("expected :=".into()),
            '|' => self.emit(Kind::Pipe, 1),
            '"' => self.quoted('"', Kind::Str, "unterminated quoted string")?,
            '\'' => self.quoted('\'', Kind::CharConstant, "unterminated character constant")?,
            '`' => match rest.get(1..).unwrap_or("").find('`') {
                Some(end) => self.emit(Kind::RawStr, end + 2),
                None => return Err("unterminated raw quoted string".into()),
            },
            '$' => self.name(Kind::Variable, 1)?,
            '.' if !second.is_some_and(|d| d.is_ascii_digit()) => self.name(Kind::Field, 1)?,
            '+' | '-' | '.' | '0'..='9' => self.number()?,
            '(' => {
                self.depth += 1;
                self.emit(Kind::LeftParen, 1);
            }
            ')' if self.depth == 0 => return Err("unexpected right paren".into()),
            ')' => {
                self.depth -= 1;
                self.emit(Kind::RightParen, 1);
            }
            c if c.is_alphanumeric() || c == '_' => self.name(Kind::Word, 0)?,
            c if c.is_ascii_graphic() => self.emit(Kind::Char, 1),
            c => return Err(format!("unrecognized character in action: {}", unicode(c))),
        }
        Ok(true)
    }

    fn quoted(&mut self, quote: char, kind: Kind, unterminated: &str) -> Result<(), String> {
        let rest = self.rest();
        let mut escaped = false;
        for (i, c) in rest.char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => {
                    self.emit(kind, i + 1);
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(unterminated.into())
    }

    /// Reads a field, a variable or a word, whose first `sigil` bytes are its sign.
    fn name(&mut self, kind: Kind, sigil: usize) -> Result<(), String> {
        let rest = self.rest();
        let body = rest.get(sigil..).unwrap_or("");
        let len = body
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(body.len());
        let word = body.get(..len).unwrap_or("");
        let end = sigil + len;
        let after = rest.get(end..).unwrap_or("");
        let ends = match after.chars().next() {
            None => true,
            Some(c) => SPACES.contains(&c) || ".,|:)(".contains(c) || after.starts_with("}}"),
        };
        if !ends {
            self.at += end;
            return Err(format!(
                "bad character {}",
                after.chars().next().map_or_else(String::new, unicode)
            ));
        }
        let kind = match (kind, word) {
            (Kind::Field, "") => Kind::Dot,
            (Kind::Word, "true" | "false") => Kind::Bool,
            (Kind::Word, "nil") => Kind::Nil,
            (Kind::Word, word) if KEYWORDS.contains(&word) => Kind::Keyword,
            (kind, _) => kind,
        };
        self.emit(kind, end);
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let mut len = usize::from(rest.starts_with(['+', '-']));
        let body = rest.get(len..).unwrap_or("");
        let lower = body.to_ascii_lowercase();
        let (prefix, base): (usize, u32) = match lower.get(..2) {
            Some("0x") => (2, 16),
            Some("0o") => (2, 8),
            Some("0b") => (2, 2),
            _ => (0, 10),
        };
        len += prefix;
        let digits = |from: usize| {
            let tail = rest.get(from..).unwrap_or("");
            tail.find(|c: char| !(c.is_digit(base) || c == '_'))
                .unwrap_or(tail.len())
        };
        len += digits(len);
        if rest.get(len..).unwrap_or("").starts_with('.') {
            len += 1;
            len += digits(len);
        }
        if base == 10 && rest.get(len..).unwrap_or("").starts_with(['e', 'E']) {
            len += 1;
            len += usize::from(rest.get(len..).unwrap_or("").starts_with(['+', '-']));
            len += digits(len);
        }
        if let Some(c) = rest
            .get(len..)
            .unwrap_or("")
            .chars()
            .next()
            .filter(|c| c.is_alphanumeric() || *c == '_')
        {
            let bad = rest.get(..len + c.len_utf8()).unwrap_or(rest);
            return Err(format!("bad number syntax: {}", go::quote(bad)));
        }
        self.emit(Kind::Number, len);
        Ok(())
    }
}

/// Returns a character as Go's `%#U` prints it.
fn unicode(c: char) -> String {
    format!("U+{:04X} '{c}'", c as u32)
}
