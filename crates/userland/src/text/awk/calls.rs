//! The functions of the language.

use super::code::{FUNCTIONS, Place, RLENGTH, RSTART};
use super::run::{Machine, Need};
use super::value::{Value, special};
use crate::Flavour;

impl Machine {
    /// Calls a function whose arguments lie on the stack.
    pub(super) fn call(&mut self, function: usize, count: usize) -> Result<Option<Need>, String> {
        let name = FUNCTIONS.get(function).map_or("", |(name, ..)| name);
        let values = self.take(count);
        let text = |at: usize| {
            values
                .get(at)
                .map_or_else(|| "".into(), |value| self.text(value))
        };
        let number = |at: usize| values.get(at).map_or(0.0, Value::number);
        let value = match name {
            "length" => match values.first() {
                Some(Value::Array(table)) => Value::Number(table.borrow().len() as f64),
                Some(value) => Value::Number(self.text(value).chars().count() as f64),
                None => Value::Number(self.record().chars().count() as f64),
            },
            "substr" => {
                let length = values.get(2).map(Value::number);
                Value::text(&part(&text(0), number(1), length, self.flavour))
            }
            "index" => {
                let (text, part) = (text(0), text(1));
                let before = text.find(&*part).and_then(|at| text.get(..at));
                Value::Number(before.map_or(0.0, |before| before.chars().count() as f64 + 1.0))
            }
            "tolower" => Value::text(&text(0).to_ascii_lowercase()),
            "toupper" => Value::text(&text(0).to_ascii_uppercase()),
            "int" => Value::Number(number(0).trunc()),
            "sqrt" => Value::Number(number(0).sqrt()),
            "exp" => Value::Number(number(0).exp()),
            "log" => Value::Number(number(0).ln()),
            "sin" => Value::Number(number(0).sin()),
            "cos" => Value::Number(number(0).cos()),
            "atan2" => Value::Number(number(0).atan2(number(1))),
            "rand" => {
                // Numerical Recipes' generator; the real one's numbers are chance anyway.
                self.seed = self
                    .seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                Value::Number((self.seed >> 11) as f64 / (1_u64 << 53) as f64)
            }
            "srand" => {
                let seed = if count > 0 { number(0) } else { 0.0 };
                self.seed = seed.to_bits() | 1;
                Value::Number(0.0)
            }
            "match" => {
                let (text, pattern) = (text(0), text(1));
                let found = self.regex(&pattern)?.find_at(&text, 0);
                let chars = |from, to| text.get(from..to).map_or(0, |t: &str| t.chars().count());
                let (start, length) = found.map_or((0.0, -1.0), |(from, to)| {
                    (chars(0, from) as f64 + 1.0, chars(from, to) as f64)
                });
                self.count(RSTART, start);
                self.count(RLENGTH, length);
                Value::Number(start)
            }
            "sprintf" => Value::text(&self.sprintf(&values, "sprintf")?),
            "system" => return Ok(Some(Need::System(text(0)))),
            "close" => return Ok(Some(Need::Close(text(0)))),
            "fflush" => {
                self.answer(0.0);
                return Ok(Some(Need::Turn));
            }
            _ => return Err(crate::not_modelled!("awk", "{name}")),
        };
        self.push(value);
        Ok(None)
    }

    /// `sub` and `gsub`: below lie the expression, the replacement and what names the target.
    pub(super) fn replace(&mut self, all: bool, place: Place) -> Result<(), String> {
        let key = self.key_of(place);
        let with = self.pop_text();
        let pattern = self.pop_text();
        let target = self.look(place, &key)?;
        let text = self.text(&target);
        let regex = self.regex(&pattern)?;
        let (mut out, mut from, mut at, mut count) = (String::new(), 0, 0, 0_u32);
        let mut last = None;
        while at <= text.len()
            && let Some((start, end)) = regex.find_at(&text, at)
        {
            out.push_str(text.get(from..start).unwrap_or_default());
            // An empty match right after another one is none.
            if end > start || last != Some(start) {
                insert(&mut out, &with, text.get(start..end).unwrap_or_default());
                count += 1;
                last = Some(end);
            }
            (from, at) = (end, end);
            if !all {
                break;
            }
            if end == start {
                let Some(c) = text.get(end..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                out.push(c);
                from = end + c.len_utf8();
                at = from;
            }
        }
        if count > 0 {
            out.push_str(text.get(from..).unwrap_or_default());
            self.put(place, &key, Value::text(&out))?;
        }
        self.answer(f64::from(count));
        Ok(())
    }

    /// `printf`: each directive is given what it wants and formatted as the program of that name would.
    pub(super) fn sprintf(&mut self, values: &[Value], function: &str) -> Result<String, String> {
        let mut values = values.iter();
        let format = values
            .next()
            .map_or_else(|| "".into(), |value| self.text(value));
        let mut out = String::new();
        let mut rest: &str = &format;
        while let Some((before, after)) = rest.split_once('%') {
            out.push_str(before);
            if let Some(after) = after.strip_prefix('%') {
                out.push('%');
                rest = after;
                continue;
            }
            let Some(end) = after.find(|c: char| !"-+ #0123456789.*lh".contains(c)) else {
                out.push('%');
                rest = after;
                continue;
            };
            let (flags, kind) = after.split_at(end);
            let letter = kind.chars().next().unwrap_or('%');
            rest = kind.get(letter.len_utf8()..).unwrap_or_default();
            let mut directive = String::from("%");
            for c in flags.chars().filter(|c| !matches!(c, 'l' | 'h')) {
                if c == '*' {
                    let width = values.next().map_or(0.0, Value::number);
                    directive.push_str(&(width as i64).to_string());
                } else {
                    directive.push(c);
                }
            }
            let Some(value) = values.next() else {
                if self.flavour == Flavour::Busybox {
                    continue;
                }
                // What was formatted so far is shown before the error.
                self.out.push_str(&out);
                return Err(format!(
                    "not enough arguments passed to {function}(\"{format}\")"
                ));
            };
            let (letter, argument) = match letter {
                'd' | 'i' | 'o' | 'x' | 'X' | 'u' => {
                    let number = value.number();
                    if number.is_finite() {
                        (letter, (number.trunc() as i64).to_string())
                    } else {
                        ('s', special(number).to_owned())
                    }
                }
                'c' => match value {
                    Value::Number(code) => {
                        let c = char::from_u32(*code as u32).unwrap_or(' ');
                        (letter, c.to_string())
                    }
                    other => (letter, self.text(other).to_string()),
                },
                'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                    let number = value.number();
                    if number.is_finite() {
                        (letter.to_ascii_lowercase(), number.to_string())
                    } else {
                        ('s', special(number).to_owned())
                    }
                }
                's' => (letter, self.text(value).to_string()),
                _ => {
                    out.push_str(&directive);
                    out.push(letter);
                    continue;
                }
            };
            directive.push(letter);
            let done = crate::text::printf::format(&[directive, argument]);
            out.push_str(&String::from_utf8_lossy(&done.output));
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Puts a replacement in: `&` is what was matched, `\\&` an ampersand.
fn insert(out: &mut String, with: &str, matched: &str) {
    let mut chars = with.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str(matched),
            '\\' if matches!(chars.peek(), Some('&' | '\\')) => out.extend(chars.next()),
            c => out.push(c),
        }
    }
}

/// Characters from `start` on, counted from one. Where that is below one, POSIX would take some of the length away;
/// busybox does not, and mawk even adds to it.
fn part(text: &str, start: f64, length: Option<f64>, flavour: Flavour) -> String {
    let (start, mut length) = (start.round(), length.unwrap_or(f64::INFINITY).round());
    if flavour == Flavour::Gnu {
        length -= start.min(0.0);
    }
    let start = start.max(1.0);
    text.chars()
        .enumerate()
        .filter(|(at, _)| (start..start + length).contains(&(*at as f64 + 1.0)))
        .map(|(_, c)| c)
        .collect()
}
