//! The parts of statements.

use super::sql::SqlError;

/// A word, a value or a sign of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Number(i64),
    Quoted(String),
    Sign(char),
}

/// The statements of a text, which semicolons outside quotes part.
pub(super) fn statements(sql: &str) -> Vec<&str> {
    let mut quote = None;
    let parts = sql.split(|c| {
        match quote {
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        c == ';' && quote.is_none()
    });
    parts.filter(|part| !part.trim().is_empty()).collect()
}

/// Takes a statement apart; each part with its place, from 1.
pub(super) fn tokens(sql: &str) -> Result<Vec<(Token, usize)>, SqlError> {
    let mut out = Vec::new();
    let mut chars = sql.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        // `E'..'`, with escapes.
        let escapes = matches!(c, 'e' | 'E') && chars.next_if(|(_, q)| *q == '\'').is_some();
        let c = if escapes { '\'' } else { c };
        let mut take = |first: char, wanted: fn(char) -> bool| {
            let mut text = String::from(first);
            while let Some((_, c)) = chars.next_if(|(_, c)| wanted(*c)) {
                text.push(c);
            }
            text
        };
        let token = if c.is_ascii_digit() {
            let digits = take(c, |c| c.is_ascii_digit());
            Token::Number(digits.parse().ok().ok_or_else(|| SqlError {
                code: "22003",
                text: format!("value \"{digits}\" is out of range"),
                position: Some(at + 1),
                note: None,
            })?)
        } else if c.is_alphabetic() || c == '_' {
            Token::Word(take(c, |c| c.is_alphanumeric() || c == '_'))
        } else if c == '\'' || c == '"' {
            let mut text = String::new();
            loop {
                match chars.next() {
                    Some((_, q)) if q == c => {
                        if chars.next_if(|(_, n)| *n == c).is_none() {
                            break;
                        }
                        text.push(c);
                    }
                    Some((_, '\\')) if escapes => match chars.next() {
                        Some((_, 'n')) => text.push('\n'),
                        Some((_, 't')) => text.push('\t'),
                        other => text.extend(other.map(|(_, c)| c)),
                    },
                    Some((_, other)) => text.push(other),
                    None => {
                        let text = format!(
                            "unterminated quoted string at or near \"{}\"",
                            sql.get(at..).unwrap_or_default()
                        );
                        return Err(SqlError {
                            code: "42601",
                            text,
                            position: Some(at + 1),
                            note: None,
                        });
                    }
                }
            }
            if c == '"' {
                Token::Word(text)
            } else {
                Token::Quoted(text)
            }
        } else {
            Token::Sign(c)
        };
        out.push((token, at + 1));
    }
    Ok(out)
}

/// What is said of something that does not belong there.
pub(super) fn syntax(token: Option<(Token, usize)>) -> SqlError {
    let (text, position) = match token {
        None => ("syntax error at end of input".to_owned(), None),
        Some((token, at)) => {
            let shown = match token {
                Token::Word(w) => w,
                Token::Number(n) => n.to_string(),
                Token::Quoted(q) => format!("'{q}'"),
                Token::Sign(c) => c.to_string(),
            };
            (format!("syntax error at or near \"{shown}\""), Some(at))
        }
    };
    SqlError {
        code: "42601",
        text,
        position,
        note: None,
    }
}
