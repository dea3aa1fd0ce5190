//! JSON values with members in the order written, as jq keeps them.

use std::cmp::Ordering;

/// Nesting beyond this is refused.
const MAX_DEPTH: usize = 200;

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

/// Reads JSON values from a text, one after another.
pub(crate) struct Reader {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Reader {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            depth: 0,
        }
    }

    /// Line and column, as jq counts them, for messages.
    pub(crate) fn place(&self) -> (usize, usize) {
        let before = self
            .chars
            .get(..self.at.min(self.chars.len()))
            .unwrap_or_default();
        let line = before.iter().filter(|c| **c == '\n').count();
        (
            line + 1,
            before.iter().rev().take_while(|c| **c != '\n').count(),
        )
    }

    fn blanks(&mut self) {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, c: char) -> bool {
        self.blanks();
        let yes = self.chars.get(self.at) == Some(&c);
        self.at += usize::from(yes);
        yes
    }

    /// The next value; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Json>, &'static str> {
        self.blanks();
        if self.at >= self.chars.len() {
            Ok(None)
        } else {
            self.value().map(Some)
        }
    }

    fn value(&mut self) -> Result<Json, &'static str> {
        self.blanks();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("Exceeds depth limit for parsing");
        }
        let value = match self.chars.get(self.at) {
            None => return Err("Unfinished JSON term"),
            Some('{') => {
                self.at += 1;
                let mut members: Vec<(String, Json)> = Vec::new();
                if !self.take('}') {
                    loop {
                        self.blanks();
                        if self.chars.get(self.at) != Some(&'"') {
                            return Err("Object keys must be strings");
                        }
                        let key = self.string()?;
                        if !self.take(':') {
                            return Err("Objects must consist of key:value pairs");
                        }
                        let value = self.value()?;
                        match members.iter_mut().find(|(known, _)| *known == key) {
                            Some((_, old)) => *old = value,
                            None => members.push((key, value)),
                        }
                        if self.take('}') {
                            break;
                        }
                        if !self.take(',') {
                            return Err(if self.at >= self.chars.len() {
                                "Unfinished JSON term"
                            } else {
                                "Expected separator between values"
                            });
                        }
                    }
                }
                Json::Object(members)
            }
            Some('[') => {
                self.at += 1;
                let mut items = Vec::new();
                if !self.take(']') {
                    loop {
                        items.push(self.value()?);
                        if self.take(']') {
                            break;
                        }
                        if !self.take(',') {
                            return Err(if self.at >= self.chars.len() {
                                "Unfinished JSON term"
                            } else {
                                "Expected separator between values"
                            });
                        }
                    }
                }
                Json::Array(items)
            }
            Some('"') => Json::String(self.string()?),
            Some(_) => {
                let start = self.at;
                while self
                    .chars
                    .get(self.at)
                    .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
                {
                    self.at += 1;
                }
                let word: String = self
                    .chars
                    .get(start..self.at)
                    .unwrap_or_default()
                    .iter()
                    .collect();
                match word.as_str() {
                    "null" => Json::Null,
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    word if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                        Json::Number(
                            word.parse()
                                .map_err(|_not_a_number| "Invalid numeric literal")?,
                        )
                    }
                    _ => {
                        self.at = (self.at + 1).min(self.chars.len());
                        return Err("Invalid literal");
                    }
                }
            }
        };
        self.depth -= 1;
        Ok(value)
    }

    fn string(&mut self) -> Result<String, &'static str> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let c = *self.chars.get(self.at).ok_or("Unfinished string")?;
            self.at += 1;
            match c {
                '"' => return Ok(out),
                '\\' => {
                    let c = *self.chars.get(self.at).ok_or("Unfinished string")?;
                    self.at += 1;
                    match c {
                        'n' => out.push('\n'),
                        't' => out.push('\t'),
                        'r' => out.push('\r'),
                        'b' => out.push('\u{8}'),
                        'f' => out.push('\u{c}'),
                        'u' => {
                            let mut unit = self.unit()?;
                            if (0xd800..0xdc00).contains(&unit)
                                && self.chars.get(self.at) == Some(&'\\')
                                && self.chars.get(self.at + 1) == Some(&'u')
                            {
                                self.at += 2;
                                let low = self.unit()?;
                                unit = 0x10000
                                    + ((unit - 0xd800) << 10)
                                    + (low.wrapping_sub(0xdc00) & 0x3ff);
                            }
                            out.push(char::from_u32(unit).unwrap_or('\u{fffd}'));
                        }
                        '"' | '\\' | '/' => out.push(c),
                        _ => return Err("Invalid escape"),
                    }
                }
                c => out.push(c),
            }
        }
    }

    fn unit(&mut self) -> Result<u32, &'static str> {
        let digits: String = self
            .chars
            .get(self.at..self.at.saturating_add(4))
            .ok_or("Invalid escape")?
            .iter()
            .collect();
        self.at += 4;
        u32::from_str_radix(&digits, 16).map_err(|_not_hex| "Invalid escape")
    }
}
