//! YAML as go-yaml 3 writes it with an indent of two.

use super::tree::Out;
use crate::value::Value;
use crate::yaml::resolve;

/// Longer keys, in bytes, stand behind a `?`. Source: go-yaml 3, `yaml_emitter_check_simple_key`.
const LONGEST_KEY: usize = 128;

/// Writes a document.
pub(super) fn print(value: &Out) -> String {
    let mut out = String::new();
    match value {
        Out::Map(pairs) if !pairs.is_empty() => map(pairs, 0, &mut out),
        other => {
            inline(other, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', depth * 2));
}

/// Writes the pairs of a mapping, the first where the line already stands.
fn map(pairs: &[(String, Out)], depth: usize, out: &mut String) {
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            indent(depth, out);
        }
        let written = text(key, true, depth);
        if key.len() > LONGEST_KEY {
            out.push_str(&format!("? {written}\n"));
            indent(depth, out);
            out.push(':');
            beside(value, depth, out);
        } else {
            out.push_str(&format!("{written}:"));
            below(value, depth, out);
        }
    }
}

/// Writes a value after its key.
fn below(value: &Out, depth: usize, out: &mut String) {
    match value {
        Out::Map(pairs) if !pairs.is_empty() => {
            out.push('\n');
            indent(depth + 1, out);
            map(pairs, depth + 1, out);
        }
        Out::List(items) if !items.is_empty() => {
            out.push('\n');
            list(items, depth + 1, out);
        }
        scalar => {
            out.push(' ');
            inline(scalar, depth, out);
            out.push('\n');
        }
    }
}

fn list(items: &[Out], depth: usize, out: &mut String) {
    for item in items {
        indent(depth, out);
        out.push('-');
        beside(item, depth, out);
    }
}

/// Writes a value on the line of its `-` or `:`.
fn beside(value: &Out, depth: usize, out: &mut String) {
    out.push(' ');
    match value {
        Out::Map(pairs) if !pairs.is_empty() => map(pairs, depth + 1, out),
        Out::List(items) if !items.is_empty() => {
            let mut nested = String::new();
            list(items, depth + 1, &mut nested);
            out.push_str(nested.trim_start_matches(' '));
        }
        scalar => {
            inline(scalar, depth, out);
            out.push('\n');
        }
    }
}

fn inline(value: &Out, depth: usize, out: &mut String) {
    match value {
        Out::Map(_) => out.push_str("{}"),
        Out::List(_) => out.push_str("[]"),
        Out::Scalar(Value::Null) => out.push_str("null"),
        Out::Scalar(Value::Str(string)) => out.push_str(&text(string, false, depth)),
        Out::Scalar(Value::Float(number)) => out.push_str(&float(*number)),
        Out::Scalar(other) => out.push_str(&other.to_text()),
    }
}

fn float(number: f64) -> String {
    match number {
        number if number.is_nan() => ".nan".into(),
        f64::INFINITY => ".inf".into(),
        f64::NEG_INFINITY => "-.inf".into(),
        number => crate::go::float(number),
    }
}

/// Writes a text in the plainest style that reads back as that text.
fn text(string: &str, is_key: bool, depth: usize) -> String {
    let looks = Looks::of(string);
    if string.contains('\n') {
        return match looks.literal && !is_key {
            true => literal(string, depth),
            false => double_quoted(string),
        };
    }
    let is_text = matches!(resolve(string), Value::Str(_));
    if !is_text || is_old_bool(string) || is_base_60(string) {
        return double_quoted(string);
    }
    if looks.plain {
        return string.into();
    }
    match looks.single {
        true => format!("'{}'", string.replace('\'', "''")),
        false => double_quoted(string),
    }
}

/// The words that YAML 1.1 took for flags.
fn is_old_bool(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    )
}

/// What YAML 1.1 took for numbers of base 60, such as `22:22`.
fn is_base_60(text: &str) -> bool {
    let mut parts = text.strip_prefix(['+', '-']).unwrap_or(text).split(':');
    let first = parts.next().unwrap_or_default();
    let digits = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    let mut rest: Vec<_> = parts.collect();
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !digits(first) {
        return false;
    }
    if let Some(last) = rest.last_mut()
        && let Some((whole, fraction)) = last.split_once('.')
        && digits(fraction)
    {
        *last = whole;
    }
    let sixtieth = |part: &&str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    };
    !rest.is_empty() && rest.iter().all(sixtieth)
}

/// Which styles a text can be written in.
struct Looks {
    plain: bool,
    single: bool,
    literal: bool,
}

impl Looks {
    /// Looks at a text as libyaml's emitter does.
    fn of(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let is_blank =
            |c: Option<&char>| c.is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\0'));
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let mut special = false;
        let mut breaks = false;
        let (mut space_break, mut break_space) = (false, false);
        let mut previous: Option<&char> = None;
        for (index, c) in characters.iter().enumerate() {
            let before_blank = is_blank(characters.get(index + 1));
            let after_blank = is_blank(previous);
            indicators |= match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"'
                | '%' | '@' | '`'
                    if index == 0 =>
                {
                    true
                }
                '?' | '-' if index == 0 => before_blank,
                ':' => before_blank,
                '#' => after_blank,
                _ => false,
            };
            special |= !is_printable(*c);
            breaks |= *c == '\n';
            space_break |= *c == '\n' && previous == Some(&' ');
            break_space |= *c == ' ' && previous == Some(&'\n');
            previous = Some(c);
        }
        let is_space = |c: Option<&char>| c == Some(&' ');
        let is_break = |c: Option<&char>| c == Some(&'\n');
        let (first, last) = (characters.first(), characters.last());
        let edges = is_space(first) || is_space(last) || is_break(first) || is_break(last);
        let tabs = text.contains('\t');
        Self {
            plain: !(indicators
                || special
                || breaks
                || edges
                || break_space
                || space_break
                || tabs),
            single: !(special || break_space || space_break || tabs),
            literal: !(special || space_break || is_space(last)),
        }
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | '\t' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
        && c != '\u{feff}'
        || c == '\u{85}'
}

fn literal(text: &str, depth: usize) -> String {
    let mut out = String::from("|");
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let trimmed = text.trim_end_matches('\n');
    match text.len() - trimmed.len() {
        0 => out.push('-'),
        1 if !trimmed.is_empty() => {}
        _ => out.push('+'),
    }
    let body = text.strip_suffix('\n').unwrap_or(text);
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(depth + 1, &mut out);
            out.push_str(line);
        }
    }
    out
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\u{1b}' => out.push_str("\\e"),
            '\u{feff}' => out.push_str("\\uFEFF"),
            c if is_printable(c) => out.push(c),
            c if (c as u32) <= 0xff => out.push_str(&format!("\\x{:02X}", c as u32)),
            c => out.push_str(&format!("\\u{:04X}", c as u32)),
        }
    }
    out.push('"');
    out
}
