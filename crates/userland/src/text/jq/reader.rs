//! Reading JSON as jq does: letter by letter, so that what is wrong is told where jq tells it. Source: jq 1.8
//! `src/jv_parse.c`.

use super::json::{Json, MAX_DEPTH};

/// An object or array that is not closed yet; an object with the key whose value is awaited.
enum Open {
    Array(Vec<Json>),
    Object(Vec<(String, Json)>, Option<String>),
}

/// Reads JSON values from a text, one after another.
pub(crate) struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
    column: usize,
    open: Vec<Open>,
    /// A value that is complete and has no place yet.
    next: Option<Json>,
    token: String,
    /// Within a string; whether the letter before was a backslash.
    string: Option<bool>,
}

impl Reader {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            line: 1,
            column: 0,
            open: Vec::new(),
            next: None,
            token: String::new(),
            string: None,
        }
    }

    /// Which line the reader has come to.
    pub(crate) const fn line(&self) -> usize {
        self.line
    }

    /// The next value; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Json>, String> {
        while let Some(c) = self.chars.get(self.at).copied() {
            self.at += 1;
            self.column += 1;
            if c == '\n' {
                self.line += 1;
                self.column = 0;
            }
            let done = self.letter(c);
            done.map_err(|why| format!("{why} at line {}, column {}", self.line, self.column))?;
            if self.open.is_empty() && self.next.is_some() {
                return Ok(self.next.take());
            }
        }
        let ended = if self.string.is_some() {
            Err("Unfinished string")
        } else {
            self.literal()
        };
        let ended = match ended {
            Ok(()) if !self.open.is_empty() => Err("Unfinished JSON term"),
            ended => ended,
        };
        ended
            .map_err(|why| format!("{why} at EOF at line {}, column {}", self.line, self.column))?;
        Ok(self.next.take())
    }

    fn letter(&mut self, c: char) -> Result<(), &'static str> {
        match (self.string, c) {
            (Some(false), '"') => {
                self.string = None;
                let raw = std::mem::take(&mut self.token);
                return self.value(Json::String(unescaped(&raw)?));
            }
            (Some(escaped), c) => {
                self.token.push(c);
                self.string = Some(c == '\\' && !escaped);
                return Ok(());
            }
            (None, '"') => {
                self.literal()?;
                self.string = Some(false);
            }
            (None, '[' | '{' | ':' | ',' | ']' | '}') => {
                self.literal()?;
                self.mark(c)?;
            }
            (None, ' ' | '\t' | '\r' | '\n') => self.literal()?,
            (None, c) => self.token.push(c),
        }
        Ok(())
    }

    fn value(&mut self, value: Json) -> Result<(), &'static str> {
        if self.next.is_some() {
            return Err("Expected separator between values");
        }
        self.next = Some(value);
        Ok(())
    }

    /// A word or number has come to its end, if there was one.
    fn literal(&mut self) -> Result<(), &'static str> {
        let word = std::mem::take(&mut self.token);
        let (wanted, value) = match word.chars().next() {
            None => return Ok(()),
            Some('\'') => {
                return Err("Invalid string literal; expected \", but got '");
            }
            Some('t') => ("true", Json::Bool(true)),
            Some('f') => ("false", Json::Bool(false)),
            Some('n') if word == "nan" => ("nan", Json::Number(f64::NAN)),
            Some('n') => ("null", Json::Null),
            Some(_) => {
                let number = word.strip_prefix('+').unwrap_or(&word);
                let digits = number.starts_with(|c: char| c.is_ascii_digit() || "-.".contains(c));
                let number = number.parse().ok().filter(|_: &f64| digits);
                return self.value(Json::Number(number.ok_or("Invalid numeric literal")?));
            }
        };
        if word != wanted {
            return Err("Invalid literal");
        }
        self.value(value)
    }

    fn mark(&mut self, c: char) -> Result<(), &'static str> {
        match c {
            '[' | '{' => {
                if self.open.len() >= MAX_DEPTH {
                    return Err("Exceeds depth limit for parsing");
                }
                if self.next.is_some() {
                    return Err("Expected separator between values");
                }
                self.open.push(if c == '[' {
                    Open::Array(Vec::new())
                } else {
                    Open::Object(Vec::new(), None)
                });
                Ok(())
            }
            ':' => {
                let next = self.next.take().ok_or("Expected string key before ':'")?;
                match (self.open.last_mut(), next) {
                    (Some(Open::Object(_, key @ None)), Json::String(text)) => {
                        *key = Some(text);
                        Ok(())
                    }
                    (Some(Open::Object(_, None)), _) => Err("Object keys must be strings"),
                    _ => Err("':' not as part of an object"),
                }
            }
            ',' => {
                let next = self.next.take().ok_or("Expected value before ','")?;
                match self.open.last_mut() {
                    None => Err("',' not as part of an object or array"),
                    Some(open) => open.put(next),
                }
            }
            ']' => {
                let Some(Open::Array(mut items)) = self.open.pop() else {
                    return Err("Unmatched ']'");
                };
                match self.next.take() {
                    Some(last) => items.push(last),
                    None if !items.is_empty() => return Err("Expected another array element"),
                    None => {}
                }
                self.next = Some(Json::Array(items));
                Ok(())
            }
            _ => {
                let Some(mut open @ Open::Object(..)) = self.open.pop() else {
                    return Err("Unmatched '}'");
                };
                match (self.next.take(), &open) {
                    (Some(last), _) => open.put(last)?,
                    (None, Open::Object(_, Some(_))) => return Err("Unmatched '}'"),
                    (None, Open::Object(members, None)) if !members.is_empty() => {
                        return Err("Expected another key-value pair");
                    }
                    (None, _) => {}
                }
                if let Open::Object(members, _) = open {
                    self.next = Some(Json::Object(members));
                }
                Ok(())
            }
        }
    }
}

impl Open {
    /// Takes a value in: the next of an array, or that of the key which came before it.
    fn put(&mut self, value: Json) -> Result<(), &'static str> {
        match self {
            Self::Array(items) => items.push(value),
            Self::Object(members, key) => {
                let key = key
                    .take()
                    .ok_or("Objects must consist of key:value pairs")?;
                match members.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, old)) => *old = value,
                    None => members.push((key, value)),
                }
            }
        }
        Ok(())
    }
}

/// A string without its escapes.
fn unescaped(raw: &str) -> Result<String, &'static str> {
    let mut out = String::new();
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        if c < ' ' {
            return Err(
                "Invalid string: control characters from U+0000 through U+001F must be escaped",
            );
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some(c @ ('"' | '\\' | '/')) => out.push(c),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let mut unit = unit(&mut rest)?;
                let follows = rest.as_str().starts_with("\\u");
                if (0xd800..0xdc00).contains(&unit) && follows {
                    rest.nth(1);
                    let low = self::unit(&mut rest)?;
                    unit = 0x10000 + ((unit - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
                }
                out.push(char::from_u32(unit).unwrap_or('\u{fffd}'));
            }
            _ => return Err("Invalid escape"),
        }
    }
    Ok(out)
}

/// Four hexadecimal digits.
fn unit(rest: &mut std::str::Chars<'_>) -> Result<u32, &'static str> {
    let digits: String = rest.by_ref().take(4).collect();
    let whole = digits.len() == 4;
    let number = u32::from_str_radix(&digits, 16).ok().filter(|_| whole);
    number.ok_or("Invalid escape")
}

#[cfg(test)]
mod tests {
    use super::{Json, Reader};

    /// What comes out of a text: how many values, and what is wrong then.
    fn read(text: &str) -> (usize, Option<String>) {
        let mut reader = Reader::new(text);
        let mut count = 0;
        loop {
            match reader.next() {
                Ok(Some(_)) => count += 1,
                Ok(None) => return (count, None),
                Err(why) => return (count, Some(why)),
            }
        }
    }

    #[test]
    fn values_follow_one_another() {
        assert_eq!(read("1 2 [3] {\"a\":null}\"x\"\n"), (5, None));
        let value = Reader::new(r#"{"a":[1,{}],"a":"\u00e9\n"}"#).next();
        let Ok(Some(Json::Object(members))) = value else {
            panic!("no object");
        };
        assert_eq!(members, [("a".to_owned(), Json::String("é\n".to_owned()))]);
    }

    #[test]
    fn mistakes_are_told_where_jq_tells_them() {
        for (text, count, said) in [
            (
                "{\"a\":1",
                0,
                "Unfinished JSON term at EOF at line 1, column 6",
            ),
            (
                "{\"a\":1\n",
                0,
                "Unfinished JSON term at EOF at line 2, column 0",
            ),
            ("x", 0, "Invalid numeric literal at EOF at line 1, column 1"),
            (
                "{\"a\" 1}",
                0,
                "Expected separator between values at line 1, column 7",
            ),
            ("{a:1}", 0, "Invalid numeric literal at line 1, column 3"),
            ("nul", 0, "Invalid literal at EOF at line 1, column 3"),
            ("\"abc", 0, "Unfinished string at EOF at line 1, column 4"),
            ("{\"a\":1}}", 1, "Unmatched '}' at line 1, column 8"),
            (
                "1 2 x",
                2,
                "Invalid numeric literal at EOF at line 1, column 5",
            ),
            (
                "[1 2]",
                0,
                "Expected separator between values at line 1, column 5",
            ),
            (",", 0, "Expected value before ',' at line 1, column 1"),
            (
                "<!DOCTYPE html>",
                0,
                "Invalid numeric literal at line 1, column 10",
            ),
        ] {
            assert_eq!(read(text), (count, Some(said.to_owned())), "{text}");
        }
    }
}
