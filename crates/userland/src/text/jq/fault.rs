//! How jq says that a filter makes no sense: the token that it did not expect, with carets under it. Checked against
//! jq 1.8.

/// The words that are no names. Source: jq `src/lexer.l`.
const KEYWORDS: [&str; 19] = [
    "module", "import", "include", "def", "if", "then", "else", "elif", "and", "or", "end", "as",
    "reduce", "foreach", "try", "catch", "label", "__loc__", "break",
];

/// Operators of several letters, the longest first.
const OPERATORS: [&str; 15] = [
    "?//=", "//=", "?//", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", "..",
];

/// A token: where it begins, how long it is, and what the grammar calls it.
struct Token {
    at: usize,
    len: usize,
    name: String,
}

/// What is said about the token at `at`, or about the end of the text; `expecting` names what was allowed instead.
pub(super) fn unexpected(chars: &[char], at: usize, expecting: &str) -> String {
    let tokens = tokens(chars);
    let found = tokens.iter().find(|token| token.at >= at);
    let (name, spot) = match found {
        Some(token) => (token.name.as_str(), Some(token)),
        None => ("end of file", tokens.last()),
    };
    let what = if expecting.is_empty() {
        format!("syntax error, unexpected {name}")
    } else {
        format!("syntax error, unexpected {name}, expecting {expecting}")
    };
    let (at, len) = spot.map_or((0, 0), |token| (token.at, token.len));
    located(chars, &what, at, len)
}

/// A sentence with its place, and the line that it is about.
pub(super) fn located(chars: &[char], what: &str, at: usize, len: usize) -> String {
    let before = chars.get(..at).unwrap_or_default();
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let start = before
        .iter()
        .rposition(|c| *c == '\n')
        .map_or(0, |newline| newline + 1);
    let source: String = chars
        .iter()
        .skip(start)
        .take_while(|c| **c != '\n')
        .collect();
    let column = at - start;
    format!(
        "{what} at <top-level>, line {line}, column {}:\n    {source}\n    {}{}",
        column + 1,
        " ".repeat(column),
        "^".repeat(len)
    )
}

/// The tokens of a text, as jq's lexer cuts it. Closing brackets that close nothing are no valid letters.
fn tokens(chars: &[char]) -> Vec<Token> {
    let mut out = Vec::new();
    let mut open: Vec<char> = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        if c == '#' {
            at += run(chars, at, |c| c != '\n');
            continue;
        }
        if c == '"' {
            let (inner, next) = string(chars, at);
            out.extend(inner);
            at = next;
            continue;
        }
        let (len, name) = token(chars, at, c, &mut open);
        out.push(Token { at, len, name });
        at += len;
    }
    out
}

fn token(chars: &[char], at: usize, c: char, open: &mut Vec<char>) -> (usize, String) {
    let word = |from: usize| {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
        run(chars, from, part)
    };
    let begins = |at: usize| {
        chars
            .get(at)
            .is_some_and(|c| c.is_ascii_alphabetic() || *c == '_')
    };
    let rest: String = chars.iter().skip(at).take(4).collect();
    if c.is_ascii_digit() {
        let len = run(chars, at, |c| c.is_ascii_digit() || c == '.');
        return (len, "LITERAL".to_owned());
    }
    if begins(at) {
        let len = word(at).max(1);
        let text: String = chars.iter().skip(at).take(len).collect();
        let known = KEYWORDS.contains(&text.as_str());
        return (len, if known { text } else { "IDENT".to_owned() });
    }
    if c == '.' && begins(at + 1) {
        return (1 + word(at + 1), "FIELD".to_owned());
    }
    if c == '$' && begins(at + 1) {
        return (1 + word(at + 1), "BINDING".to_owned());
    }
    if c == '@' && begins(at + 1) {
        return (1 + word(at + 1), "FORMAT".to_owned());
    }
    if let Some(operator) = OPERATORS.iter().find(|op| rest.starts_with(**op)) {
        return (operator.len(), (*operator).to_owned());
    }
    let own = match c {
        '[' | '(' | '{' => {
            open.push(c);
            true
        }
        ']' | ')' | '}' => {
            let fits = matches!(
                (open.last(), c),
                (Some('['), ']') | (Some('('), ')') | (Some('{'), '}')
            );
            if fits {
                open.pop();
            }
            fits
        }
        c => ".?=;,:|+-*/%$<>".contains(c),
    };
    let name = if own {
        format!("'{c}'")
    } else {
        "INVALID_CHARACTER".to_owned()
    };
    (1, name)
}

/// The tokens of a string, and where it ends. What is interpolated is not looked into.
fn string(chars: &[char], at: usize) -> (Vec<Token>, usize) {
    let token = |at: usize, len: usize, name: &str| Token {
        at,
        len,
        name: name.to_owned(),
    };
    let mut out = vec![token(at, 1, "QQSTRING_START")];
    let start = at + 1;
    let mut end = start;
    while let Some(c) = chars.get(end) {
        match c {
            '"' => break,
            '\\' => end += 2,
            _ => end += 1,
        }
    }
    let end = end.min(chars.len());
    if end > start {
        out.push(token(start, end - start, "QQSTRING_TEXT"));
    }
    if end < chars.len() {
        out.push(token(end, 1, "QQSTRING_END"));
        return (out, end + 1);
    }
    (out, end)
}

/// How many letters from `at` on are of a kind.
fn run(chars: &[char], at: usize, kind: impl Fn(char) -> bool) -> usize {
    chars.iter().skip(at).take_while(|c| kind(**c)).count()
}

#[cfg(test)]
mod tests {
    use super::unexpected;

    fn said(text: &str, at: usize, expecting: &str) -> String {
        unexpected(&text.chars().collect::<Vec<_>>(), at, expecting)
    }

    #[test]
    fn the_last_token_is_marked_at_the_end() {
        assert_eq!(
            said(".a.b |", 6, ""),
            "syntax error, unexpected end of file at <top-level>, line 1, column 6:\n    .a.b |\n         ^"
        );
        assert_eq!(
            said("\"abc", 4, "QQSTRING_END"),
            "syntax error, unexpected end of file, expecting QQSTRING_END at <top-level>, line 1, column 2:\n    \"abc\n     ^^^"
        );
    }

    #[test]
    fn tokens_have_the_names_of_the_grammar() {
        for (text, at, name) in [
            (".foo bar", 5, "IDENT"),
            (".a)", 2, "INVALID_CHARACTER"),
            ("(.a))", 3, "')'"),
            (".a..b", 2, ".."),
            ("{\"a\" 1}", 5, "LITERAL"),
            ("if . else", 5, "else"),
            (". $x", 2, "BINDING"),
        ] {
            let said = said(text, at, "");
            let wanted = format!("syntax error, unexpected {name} at ");
            assert!(said.starts_with(&wanted), "{said}");
        }
    }
}
