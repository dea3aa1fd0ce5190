//! Backslash escapes in, and quoting out.

/// Decodes the escapes of `$'...'`.
#[must_use]
pub fn unescape_ansi(text: &str) -> String {
    unescape(text, true).0
}

/// Decodes the escapes of `echo -e` and `printf %b`; false if `\c` said to stop there.
#[must_use]
pub fn unescape_echo(text: &str) -> (String, bool) {
    unescape(text, false)
}

fn unescape(text: &str, ansi: bool) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(kind) = chars.next() else {
            out.push('\\');
            break;
        };
        let mut number = |radix: u32, most: usize, start: u32| -> Option<char> {
            let mut value = start;
            let mut seen = start > 0 || radix == 8;
            for _ in 0..most {
                let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else {
                    break;
                };
                value = value.wrapping_mul(radix).wrapping_add(digit);
                seen = true;
                chars.next();
            }
            if seen { char::from_u32(value) } else { None }
        };
        match kind {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'e' | 'E' => out.push('\u{1b}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            '\\' => out.push('\\'),
            '\'' | '"' | '?' if ansi => out.push(kind),
            'c' if !ansi => return (out, false),
            'x' => match number(16, 2, 0) {
                Some(c) => out.push(c),
                None => out.push_str("\\x"),
            },
            'u' => out.extend(number(16, 4, 0)),
            'U' => out.extend(number(16, 8, 0)),
            '0' if !ansi => out.extend(number(8, 3, 0)),
            '0'..='7' => {
                let first = kind.to_digit(8).unwrap_or(0);
                out.extend(number(8, 2, first));
            }
            other => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    (out, true)
}

/// Quotes a value as `set`, `alias` and `trap` print it: bare if harmless, else in single quotes.
#[must_use]
pub fn shell(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=".contains(c);
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    single(text)
}

/// Quotes a word as busybox's `set -x` does. Source: busybox 1.38 `shell/ash.c`, `maybe_single_quote`.
#[must_use]
pub fn ash(text: &str) -> String {
    let odd = |c: char| c < '+' || (';'..='?').contains(&c) || "`[\\".contains(c) || c > 'z';
    if text.is_empty() || text.chars().any(odd) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    text.to_owned()
}

/// Puts a value in single quotes, or in `$'...'` if it holds control characters, as `${x@Q}` does.
#[must_use]
pub fn single(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return ansi(text);
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn ansi(text: &str) -> String {
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{1b}' => out.push_str("\\E"),
            '\'' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// Quotes a value with backslashes, as bash's `printf %q` does.
#[must_use]
pub fn backslashed(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.chars().any(char::is_control) {
        return ansi(text);
    }
    let mut out = String::new();
    for (index, c) in text.chars().enumerate() {
        if " \"'\\|&;()<>!{}*[]?^$`,".contains(c) || (matches!(c, '#' | '~') && index == 0) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Quotes a value as `export -p` and `declare -p` print it.
#[must_use]
pub fn double(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return ansi(text);
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_decode_as_in_bash() {
        assert_eq!(unescape_ansi(r"a\tb\x41\101\u00e9\q"), "a\tbAA\u{e9}\\q");
        assert_eq!(unescape_echo(r"one\0101\ctwo"), ("oneA".to_owned(), false));
    }

    #[test]
    fn quoting_is_only_added_where_needed() {
        assert_eq!(shell("a.b/c"), "a.b/c");
        assert_eq!(shell("it's"), r"'it'\''s'");
        assert_eq!(double("a \"$b\""), r#""a \"\$b\"""#);
    }
}
