//! Environment files: `.env`, `--env-file`, and `env_file` of services. Source: compose-go 2.9.1, dotenv.

use sorted::SortedMap;

use crate::go;
use crate::interpolate::{Lookup, substitute};

/// Variables by name.
pub(crate) type Variables = SortedMap<String, String>;

/// Reads a file. Values may mention variables that stand before them in the file, or that `lookup` knows; the latter
/// win. A name alone takes the value that `lookup` has. Errors: Compose's words.
pub(crate) fn parse(
    text: &str,
    lookup: &Lookup<'_>,
    warnings: &mut Vec<String>,
) -> Result<Variables, String> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    let mut variables = Variables::new();
    while reader.find_statement() {
        let (name, inherited) = reader.name()?;
        if inherited {
            if let Some(value) = lookup(&name) {
                variables.insert(name, value);
            }
            continue;
        }
        let value = reader.value(&variables, lookup, warnings)?;
        variables.insert(name, value);
    }
    Ok(variables)
}

/// Reads a file whose values are taken as they are: `format: raw` of `env_file`.
pub(crate) fn raw(text: &str) -> Variables {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.to_owned()))
        .collect()
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}'
    )
}

impl Reader<'_> {
    /// Skips blank lines and comments. Returns whether anything is left.
    fn find_statement(&mut self) -> bool {
        loop {
            let trimmed = self.rest.trim_start();
            self.advance(self.rest.len() - trimmed.len());
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += passed.matches('\n').count();
        self.rest = rest;
    }

    /// Reads a name and its sign. Returns whether it stands alone, so that its value comes from outside.
    fn name(&mut self) -> Result<(String, bool), String> {
        if let Some(after) = self.rest.strip_prefix("export")
            && after.starts_with(is_blank)
        {
            self.rest = after.trim_start_matches(is_blank);
        }
        let mut end = self.rest.len();
        let mut sign = None;
        for (at, c) in self.rest.char_indices() {
            match c {
                '=' | ':' | '\n' => {
                    (end, sign) = (at, Some(c));
                    break;
                }
                '_' | '.' | '-' | '[' | ']' => {}
                c if is_blank(c) || c.is_alphanumeric() => {}
                c => {
                    let line = self.rest.lines().next().unwrap_or_default();
                    return Err(format!(
                        "line {}: unexpected character {} in variable name {}",
                        self.line,
                        go::quote(&c.to_string()),
                        go::quote(line),
                    ));
                }
            }
        }
        let name = self
            .rest
            .get(..end)
            .unwrap_or_default()
            .trim_end()
            .to_owned();
        let inherited = !matches!(sign, Some('=' | ':'));
        if name.contains(' ') {
            return Err(format!("line {}: key cannot contain a space", self.line));
        }
        self.advance(end + usize::from(sign.is_some()));
        if !inherited {
            let blanks = self.rest.len() - self.rest.trim_start_matches(is_blank).len();
            self.advance(blanks);
        }
        Ok((name, inherited))
    }

    fn value(
        &mut self,
        before: &Variables,
        lookup: &Lookup<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<String, String> {
        let known = |name: &str| lookup(name).or_else(|| before.get(name).cloned());
        let mut expand =
            |text: &str| substitute(text, &known, warnings).map_err(|fault| fault.text());
        let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            let line = self.rest.get(..end).unwrap_or_default();
            let value = without_comment(line).trim_end().to_owned();
            self.advance(end);
            return expand(&value);
        };
        let body = self.rest.get(1..).unwrap_or_default();
        let mut escaped = false;
        for (at, c) in body.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => {
                    let value = body.get(..at).unwrap_or_default().to_owned();
                    self.advance(at + 2);
                    return match quote {
                        '"' => expand(&unescaped(&value)),
                        _ => Ok(value.replace("\\'", "'")),
                    };
                }
                _ => {}
            }
        }
        let text = self.rest.lines().next().unwrap_or_default();
        // The real one has read to the end by then.
        let line = self.line + self.rest.matches('\n').count();
        Err(format!("line {line}: unterminated quoted value {text}"))
    }
}

/// Cuts a comment, which begins after a blank.
fn without_comment(line: &str) -> &str {
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && previous.is_whitespace() {
            return line.get(..at).unwrap_or_default();
        }
        previous = c;
    }
    line
}

/// Reads the escapes of a text in double quotes; a dollar sign that was escaped stays one.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('$') => out.push_str("$$"),
            Some(c @ ('"' | '\\' | '\'')) => out.push(c),
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, String> {
        let lookup = |name: &str| (name == "OUTER").then(|| "outer".to_owned());
        let mut warnings = Vec::new();
        Ok(parse(text, &lookup, &mut warnings)?.into_iter().collect())
    }

    #[test]
    fn every_form_of_a_line_is_read() {
        let cases = [
            ("A=b", "b"),
            ("export A=b\n", "b"),
            ("A = b # note", "b"),
            ("A=b#c", "b#c"),
            ("A='$X # \"y'", "$X # \"y"),
            ("A=\"a\\nb\\\"\"", "a\nb\""),
            ("A=\"two\nlines\"\nB=c", "two\nlines"),
            ("# note\n\n  A: b", "b"),
            ("0=x\nA=${0}${OUTER}-$OUTER", "${0}outer-outer"),
            ("B=b\nA=$B", "b"),
            ("A=", ""),
        ];
        for (text, value) in cases {
            let read = read(text).map(|pairs| pairs.into_iter().find(|(name, _)| name == "A"));
            if text.starts_with("0=") {
                assert!(read.is_err(), "a brace holds no number: {read:?}");
                continue;
            }
            assert_eq!(read, Ok(Some(("A".into(), value.into()))), "{text}");
        }
    }

    #[test]
    fn a_name_alone_takes_the_outer_value() {
        assert_eq!(
            read("OUTER\nNOWHERE\n"),
            Ok(vec![("OUTER".into(), "outer".into())])
        );
    }

    #[test]
    fn wrong_lines_are_named() {
        assert_eq!(
            read("A=1\nB!=2").unwrap_err(),
            "line 2: unexpected character \"!\" in variable name \"B!=2\""
        );
        assert!(
            read("A B=2")
                .unwrap_err()
                .contains("key cannot contain a space")
        );
        assert_eq!(
            read("A=\"x").unwrap_err(),
            "line 1: unterminated quoted value \"x"
        );
    }
}
