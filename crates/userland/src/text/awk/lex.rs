//! Tokens of a program.

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Word(String),
    /// A word that a parenthesis follows at once: a call.
    Called(String),
    Sign(&'static str),
    Newline,
    End,
}

/// Signs, the longer ones first.
const SIGNS: &[&str] = &[
    "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "!~", ">>",
    "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?",
    ":", "~", "$", "=",
];

/// Decodes the escapes of a string; an unknown one stays as it is, since it may be meant for an expression.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some(c @ ('\\' | '"' | '/')) => out.push(c),
            Some(first @ '0'..='7') => {
                let mut code = u32::from(first) - 48;
                for _ in 0..2 {
                    if let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) {
                        code = code * 8 + digit;
                        chars.next();
                    }
                }
                out.extend(char::from_u32(code));
            }
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

pub(super) struct Lexer {
    chars: Vec<char>,
    pub(super) at: usize,
    pub(super) line: usize,
}

impl Lexer {
    pub(super) fn new(text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            line: 1,
        }
    }

    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn text(&self, from: usize) -> String {
        self.chars
            .get(from..self.at)
            .unwrap_or_default()
            .iter()
            .collect()
    }

    /// What stands up to the next `end`, and whether it was there.
    fn until(&mut self, end: char) -> (String, bool) {
        let from = self.at;
        let mut inside = false;
        while self.at < self.chars.len() && self.peek(0) != '\n' {
            match self.peek(0) {
                '\\' => self.at += 1,
                '[' if end == '/' => inside = true,
                ']' => inside = false,
                c if c == end && !inside => {
                    let text = self.text(from);
                    self.at += 1;
                    return (text, true);
                }
                _ => {}
            }
            self.at = (self.at + 1).min(self.chars.len());
        }
        (self.text(from), false)
    }

    /// The rest of a regular expression whose slash was read.
    pub(super) fn regex(&mut self) -> Result<String, String> {
        match self.until('/') {
            (text, true) => Ok(text.replace("\\/", "/")),
            (text, false) => Err(format!("runaway regular expression /{text} ...")),
        }
    }

    pub(super) fn next(&mut self) -> Result<Token, String> {
        loop {
            match self.peek(0) {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.peek(1) == '\n' => {
                    self.at += 2;
                    self.line += 1;
                }
                '#' => {
                    while self.at < self.chars.len() && self.peek(0) != '\n' {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        let c = self.peek(0);
        if self.at >= self.chars.len() {
            return Ok(Token::End);
        }
        if c == '\n' {
            self.at += 1;
            self.line += 1;
            return Ok(Token::Newline);
        }
        if c == '"' {
            self.at += 1;
            return match self.until('"') {
                (text, true) => Ok(Token::Text(unescape(&text))),
                (text, false) => Err(format!("runaway string constant \"{text} ...")),
            };
        }
        let from = self.at;
        if c.is_ascii_digit() || (c == '.' && self.peek(1).is_ascii_digit()) {
            let rest: String = self
                .chars
                .get(from..)
                .unwrap_or_default()
                .iter()
                .take(40)
                .collect();
            let (number, length) = super::value::prefix(&rest);
            self.at += length;
            return Ok(Token::Number(number));
        }
        if c.is_ascii_alphabetic() || c == '_' {
            while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == '_' {
                self.at += 1;
            }
            let word = self.text(from);
            return Ok(if self.peek(0) == '(' {
                Token::Called(word)
            } else {
                Token::Word(word)
            });
        }
        for sign in SIGNS {
            if sign
                .chars()
                .enumerate()
                .all(|(ahead, c)| self.peek(ahead) == c)
            {
                self.at += sign.len();
                return Ok(Token::Sign(sign));
            }
        }
        Err(format!("unexpected character '{c}'"))
    }
}
