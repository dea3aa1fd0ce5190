//! JSON as Go's `encoding/json` writes it, with `<`, `>` and `&` escaped.

use std::fmt::Write as _;

use super::tree::Out;
use crate::value::Value;

/// Writes without any blanks: what is hashed.
pub(super) fn compact(value: &Out) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent: None,
    };
    writer.value(value, 0);
    writer.out
}

/// Writes with two blanks for each level.
pub(super) fn indented(value: &Out) -> String {
    let mut writer = Writer {
        out: String::new(),
        indent: Some(2),
    };
    writer.value(value, 0);
    writer.out
}

struct Writer {
    out: String,
    indent: Option<usize>,
}

impl Writer {
    fn value(&mut self, value: &Out, depth: usize) {
        match value {
            Out::Scalar(Value::Null) => self.out.push_str("null"),
            Out::Scalar(Value::Str(text)) => self.text(text),
            Out::Scalar(Value::Float(number)) => self.out.push_str(&crate::go::json_float(*number)),
            Out::Scalar(other) => self.out.push_str(&other.to_text()),
            Out::List(items) if items.is_empty() => self.out.push_str("[]"),
            Out::Map(pairs) if pairs.is_empty() => self.out.push_str("{}"),
            Out::List(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.next(index, depth + 1);
                    self.value(item, depth + 1);
                }
                self.line(depth);
                self.out.push(']');
            }
            Out::Map(pairs) => {
                self.out.push('{');
                for (index, (key, value)) in pairs.iter().enumerate() {
                    self.next(index, depth + 1);
                    self.text(key);
                    self.out
                        .push_str(if self.indent.is_some() { ": " } else { ":" });
                    self.value(value, depth + 1);
                }
                self.line(depth);
                self.out.push('}');
            }
        }
    }

    fn next(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.line(depth);
    }

    fn line(&mut self, depth: usize) {
        if let Some(width) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', width * depth));
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '<' | '>' | '&' | '\0'..' ' | '\u{2028}' | '\u{2029}' => {
                    let _ = write!(self.out, "\\u{:04x}", c as u32);
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}
