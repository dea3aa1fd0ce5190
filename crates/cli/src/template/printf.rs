//! Go's `fmt`: `print`, `println` and `printf` with the verbs that templates use.

use super::value::{Missing, Value, float, quoted};
use crate::go;

/// Joins values as Go's `Sprint`: a blank between two that are not texts.
pub(super) fn sprint(values: &[Value]) -> String {
    let mut out = String::new();
    let mut before: Option<bool> = None;
    for value in values {
        let text = matches!(value, Value::Str(_) | Value::Word(..));
        if before == Some(false) && !text {
            out.push(' ');
        }
        out.push_str(&value.verb_v());
        before = Some(text);
    }
    out
}

/// Joins values as Go's `Sprintln`.
pub(super) fn sprintln(values: &[Value]) -> String {
    let parts: Vec<String> = values.iter().map(Value::verb_v).collect();
    format!("{}\n", parts.join(" "))
}

/// Widths and precisions above this are cut, so that no template prints without bound.
const MAX_WIDTH: usize = 10_000;

/// The flags, width and precision before a verb.
#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    alternate: bool,
    zero: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Formats values as Go's `Sprintf`.
pub(super) fn sprintf(format: &str, values: &[Value]) -> String {
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    let mut next = 0;
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = Spec::default();
        while let Some(&flag) = chars.peek() {
            match flag {
                '-' => spec.left = true,
                '+' => spec.plus = true,
                '#' => spec.alternate = true,
                '0' => spec.zero = true,
                ' ' => spec.space = true,
                _ => break,
            }
            chars.next();
        }
        let count = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>, next: &mut usize| {
            if chars.peek() == Some(&'*') {
                chars.next();
                let given = values.get(*next);
                *next += 1;
                return match given {
                    Some(Value::Int(n)) => usize::try_from(*n).ok().map(|n| n.min(MAX_WIDTH)),
                    _ => None,
                };
            }
            let mut digits = String::new();
            while let Some(d) = chars.peek().filter(|d| d.is_ascii_digit()) {
                digits.push(*d);
                chars.next();
            }
            match digits.is_empty() {
                true => None,
                false => Some(digits.parse().unwrap_or(MAX_WIDTH).min(MAX_WIDTH)),
            }
        };
        spec.width = count(&mut chars, &mut next);
        if chars.peek() == Some(&'.') {
            chars.next();
            spec.precision = Some(count(&mut chars, &mut next).unwrap_or(0));
        }
        match (chars.next(), values.get(next)) {
            (None, _) => out.push_str("%!(NOVERB)"),
            (Some('%'), _) => out.push('%'),
            (Some(verb), None) => out.push_str(&format!("%!{verb}(MISSING)")),
            (Some(verb), Some(value)) => {
                next += 1;
                out.push_str(&one(&spec, verb, value));
            }
        }
    }
    if let Some(extra) = values.get(next..).filter(|extra| !extra.is_empty()) {
        let parts: Vec<String> = extra.iter().map(typed).collect();
        out.push_str(&format!("%!(EXTRA {})", parts.join(", ")));
    }
    out
}

/// Returns a value with its type, as Go's complaints show it.
fn typed(value: &Value) -> String {
    match value {
        Value::Nil(Missing::Unknown | Missing::Pointer) => "<nil>".into(),
        other => format!("{}={}", other.type_name(), other.verb_v()),
    }
}

fn one(spec: &Spec, verb: char, value: &Value) -> String {
    let bad = || match value {
        Value::Nil(Missing::Unknown | Missing::Pointer) => format!("%!{verb}(<nil>)"),
        other => format!("%!{verb}({})", typed(other)),
    };
    let sign = |n: i64| match (n < 0, spec.plus, spec.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    };
    match (verb, value) {
        ('v', Value::Str(s) | Value::Word(_, s)) if spec.alternate => pad(spec, go::quote(s)),
        ('v', value) => pad(spec, value.verb_v()),
        ('T', value) => pad(spec, value.type_name().to_owned()),
        ('t', Value::Bool(b)) => pad(spec, b.to_string()),
        (
            's',
            Value::Str(_)
            | Value::Word(..)
            | Value::Number(_)
            | Value::Time(_)
            | Value::Duration(_)
            | Value::Mode(_)
            | Value::Bytes(_),
        ) => {
            let text = match value {
                Value::Bytes(coded) => {
                    let bytes = wire::base64::decode(coded).unwrap_or_default();
                    String::from_utf8_lossy(&bytes).into_owned()
                }
                value => value.verb_v(),
            };
            pad(
                spec,
                spec.precision
                    .map_or(text.clone(), |n| text.chars().take(n).collect()),
            )
        }
        ('s' | 'd', Value::List(items)) => {
            let parts: Vec<String> = items.iter().map(|item| one(spec, verb, item)).collect();
            format!("[{}]", parts.join(" "))
        }
        ('s' | 'd', Value::Map(entries, _)) => {
            let key = |k: &str| {
                if verb == 's' {
                    k.to_owned()
                } else {
                    format!("%!d(string={k})")
                }
            };
            let parts: Vec<String> = entries
                .iter()
                .map(|(k, v)| format!("{}:{}", key(k), one(spec, verb, v)))
                .collect();
            format!("map[{}]", parts.join(" "))
        }
        ('q', Value::Int(n)) => {
            let c = u32::try_from(*n)
                .ok()
                .and_then(char::from_u32)
                .unwrap_or('\u{fffd}');
            pad(spec, go::quote_rune(c))
        }
        ('q', value) => quoted(value).map_or_else(bad, |text| pad(spec, text)),
        ('x' | 'X', Value::Str(s) | Value::Word(_, s)) => {
            let hex: String = s.bytes().map(|b| format!("{b:02x}")).collect();
            pad(
                spec,
                if verb == 'X' {
                    hex.to_ascii_uppercase()
                } else {
                    hex
                },
            )
        }
        ('d', Value::Int(n) | Value::Duration(n) | Value::Mode(n)) => {
            number(spec, sign(*n), &n.unsigned_abs().to_string())
        }
        ('x', Value::Int(n)) => number(
            spec,
            sign(*n),
            &hexadecimal(spec, format!("{:x}", n.unsigned_abs()), "0x"),
        ),
        ('X', Value::Int(n)) => number(
            spec,
            sign(*n),
            &hexadecimal(spec, format!("{:X}", n.unsigned_abs()), "0X"),
        ),
        ('o', Value::Int(n) | Value::Mode(n)) => {
            number(spec, sign(*n), &format!("{:o}", n.unsigned_abs()))
        }
        ('b', Value::Int(n)) => number(spec, sign(*n), &format!("{:b}", n.unsigned_abs())),
        ('c', Value::Int(n)) => {
            let c = u32::try_from(*n)
                .ok()
                .and_then(char::from_u32)
                .unwrap_or('\u{fffd}');
            pad(spec, c.to_string())
        }
        ('U', Value::Int(n)) => pad(spec, format!("U+{n:04X}")),
        ('f' | 'F', Value::Float(n)) => number(
            spec,
            if *n < 0.0 { "-" } else { "" },
            &format!("{:.*}", spec.precision.unwrap_or(6), n.abs()),
        ),
        ('g' | 'e', Value::Float(n)) => pad(spec, float(*n)),
        _ => bad(),
    }
}

fn hexadecimal(spec: &Spec, digits: String, prefix: &str) -> String {
    if spec.alternate {
        format!("{prefix}{digits}")
    } else {
        digits
    }
}

fn pad(spec: &Spec, text: String) -> String {
    let missing = spec.width.unwrap_or(0).saturating_sub(text.chars().count());
    let blanks = if spec.zero && !spec.left { "0" } else { " " }.repeat(missing);
    if spec.left {
        text + &blanks
    } else {
        blanks + &text
    }
}

fn number(spec: &Spec, sign: &str, digits: &str) -> String {
    let digits = match spec.precision {
        Some(least) if !digits.contains('.') => {
            format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())))
        }
        _ => digits.to_owned(),
    };
    let missing = spec
        .width
        .unwrap_or(0)
        .saturating_sub(sign.len() + digits.len());
    match (spec.left, spec.zero) {
        (true, _) => format!("{sign}{digits}{}", " ".repeat(missing)),
        (false, true) => format!("{sign}{}{digits}", "0".repeat(missing)),
        (false, false) => format!("{}{sign}{digits}", " ".repeat(missing)),
    }
}
