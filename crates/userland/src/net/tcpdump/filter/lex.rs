//! The words of a capture filter.

/// A word or sign of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword, name, number or address, without a backslash before it.
    Word(String),
    /// A word after a backslash: a protocol's name where it would be a keyword.
    Escaped(String),
    /// `(`, `&&`, `<=` ...
    Sign(&'static str),
}

/// Signs, longer ones first.
const SIGNS: [&str; 24] = [
    "&&", "||", "<<", ">>", "<=", ">=", "==", "!=", "(", ")", "[", "]", "<", ">", "=", "!", "+",
    "-", "*", "/", "%", "&", "|", "^",
];

/// Cuts a filter into tokens; `None` if a character has no place in one.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    // Within brackets a colon stands between offset and size, outside it is part of an address.
    let mut brackets = 0usize;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(word) = rest.strip_prefix('\\') {
            let (word, after) = split_word(word, false)?;
            tokens.push(Token::Escaped(word.to_owned()));
            rest = after.trim_start();
        } else if brackets > 0 && first == ':' {
            tokens.push(Token::Sign(":"));
            rest = rest.get(1..)?.trim_start();
        } else if first.is_ascii_alphanumeric() || first == ':' || first == '_' {
            let (word, after) = split_word(rest, brackets == 0)?;
            tokens.push(Token::Word(word.to_owned()));
            rest = after.trim_start();
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            match *sign {
                "[" => brackets += 1,
                "]" => brackets = brackets.saturating_sub(1),
                _ => {}
            }
            tokens.push(Token::Sign(sign));
            rest = rest.strip_prefix(sign)?.trim_start();
        }
    }
    Some(tokens)
}

/// The word at the beginning, and what follows it. A word neither begins nor ends with a dash.
fn split_word(text: &str, colons: bool) -> Option<(&str, &str)> {
    let inside =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') || (colons && c == ':');
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    let word = text.get(..end)?.trim_end_matches('-');
    (!word.is_empty()).then(|| (word, text.get(word.len()..).unwrap_or_default()))
}
