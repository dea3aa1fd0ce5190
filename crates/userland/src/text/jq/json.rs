//! JSON values with members in the order written, as jq keeps them.

use std::cmp::Ordering;

/// Nesting beyond this is refused.
pub(super) const MAX_DEPTH: usize = 200;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// The type's name, as jq says it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    pub(crate) fn truthy(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    pub(crate) fn member(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(known, _)| known == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// jq's order: null, false, true, numbers, strings, arrays, objects.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let rank = |value: &Self| match value {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Number(_) => 3,
            Self::String(_) => 4,
            Self::Array(_) => 5,
            Self::Object(_) => 6,
        };
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::String(a), Self::String(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) => a
                .iter()
                .zip(b)
                .map(|(a, b)| a.order(b))
                .find(|order| *order != Ordering::Equal)
                .unwrap_or_else(|| a.len().cmp(&b.len())),
            (Self::Object(a), Self::Object(b)) => {
                let keys = |members: &[(String, Self)]| {
                    let mut keys: Vec<String> =
                        members.iter().map(|(key, _)| key.clone()).collect();
                    sorted::sort(&mut keys);
                    keys
                };
                let (ka, kb) = (keys(a), keys(b));
                ka.cmp(&kb).then_with(|| {
                    ka.iter()
                        .filter_map(|key| Some(self.member(key)?.order(other.member(key)?)))
                        .find(|order| *order != Ordering::Equal)
                        .unwrap_or(Ordering::Equal)
                })
            }
            (a, b) => rank(a).cmp(&rank(b)),
        }
    }

    /// The text, in one line or with each level indented by `indent` spaces.
    pub(crate) fn text(&self, indent: Option<usize>, sorted: bool) -> String {
        self.styled(Style {
            indent,
            sorted,
            ..Style::default()
        })
    }

    /// The text as the command line wants it.
    pub(super) fn styled(&self, style: Style) -> String {
        let mut out = String::new();
        self.write(&mut out, style, 0);
        out
    }

    fn write(&self, out: &mut String, style: Style, level: usize) {
        let line = |out: &mut String, level: usize| {
            if let Some(indent) = style.indent {
                out.push('\n');
                let blank = if style.tab { "\t" } else { " " };
                out.push_str(&blank.repeat(indent * level));
            }
        };
        let paint = |out: &mut String, colour: &str, text: &str| match style.colour {
            true => out.push_str(&format!("\x1b[{colour}m{text}\x1b[0m")),
            false => out.push_str(text),
        };
        let quoted = |text: &str| {
            let mut out = String::new();
            quote(text, &mut out);
            out
        };
        let mark = |out: &mut String, text: &str| paint(out, "1;39", text);
        match self {
            Self::Null => paint(out, "0;90", "null"),
            Self::Bool(value) => paint(out, "0;39", if *value { "true" } else { "false" }),
            Self::Number(value) => paint(out, "0;39", &number_text(*value)),
            Self::String(text) => paint(out, "0;32", &quoted(text)),
            Self::Array(items) if items.is_empty() => mark(out, "[]"),
            Self::Object(members) if members.is_empty() => mark(out, "{}"),
            Self::Array(items) => {
                mark(out, "[");
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        mark(out, ",");
                    }
                    line(out, level + 1);
                    item.write(out, style, level + 1);
                }
                line(out, level);
                mark(out, "]");
            }
            Self::Object(members) => {
                let mut order: Vec<&(String, Self)> = members.iter().collect();
                if style.sorted {
                    sorted::sort_by(&mut order, |a, b| a.0.cmp(&b.0));
                }
                mark(out, "{");
                for (index, (key, value)) in order.into_iter().enumerate() {
                    if index > 0 {
                        mark(out, ",");
                    }
                    line(out, level + 1);
                    paint(out, "1;34", &quoted(key));
                    mark(out, ":");
                    if style.indent.is_some() {
                        out.push(' ');
                    }
                    value.write(out, style, level + 1);
                }
                line(out, level);
                mark(out, "}");
            }
        }
    }
}

/// How values are written.
#[derive(Clone, Copy, Default)]
pub(super) struct Style {
    /// By how much each level is indented; `None` for all in one line.
    pub(super) indent: Option<usize>,
    /// Whether that is tabs.
    pub(super) tab: bool,
    /// Whether keys are sorted.
    pub(super) sorted: bool,
    pub(super) colour: bool,
}

/// A number as jq prints it: whole ones without a point, up to 17 digits.
fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "null".to_owned();
    }
    if value.abs() < 1e17 {
        format!("{value}")
    } else {
        super::super::printf::general(value.clamp(f64::MIN, f64::MAX), 17)
    }
}

/// Puts a string into quotes, as both iproute2 and jq write JSON.
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || c == '\u{7f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
