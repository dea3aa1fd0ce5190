//! What a plain scalar is, by its looks: go-yaml 3's rules, which are YAML 1.2's with some of 1.1 kept.

use crate::value::Value;

/// Resolves a plain scalar.
pub(crate) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Value::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return text.into();
    }
    if is_date(text) {
        return Value::Time(text.into());
    }
    let plain = text.replace('_', "");
    if let Some(number) = whole(&plain) {
        return Value::Int(number);
    }
    if looks_like_a_float(&plain)
        && let Ok(number) = plain.parse()
    {
        return Value::Float(number);
    }
    text.into()
}

/// Returns whether a text is a date, such as `2026-11-28`, or a date and a time.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let number = |part: Option<&str>, lengths: std::ops::RangeInclusive<usize>, most: u32| {
        part.filter(|part| {
            lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        })
        .and_then(|part| part.parse::<u32>().ok())
        .is_some_and(|number| number <= most)
    };
    let mut parts = date.split('-');
    let is_date = number(parts.next(), 4..=4, 9999)
        && number(parts.next(), 1..=2, 12)
        && number(parts.next(), 1..=2, 31)
        && parts.next().is_none();
    let is_time = time.is_none_or(|time| {
        let mut parts = time.splitn(3, ':');
        number(parts.next(), 1..=2, 23)
            && number(parts.next(), 1..=2, 59)
            && parts
                .next()
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    is_date && is_time
}

/// Reads a whole number with the prefixes that Go's `ParseInt` knows for base 0, octal by a bare zero included.
fn whole(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, base) = if let Some(rest) = lower.strip_prefix("0x") {
        (rest, 16)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (rest, 8)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (rest, 2)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (lower.get(1..)?, 8)
    } else {
        (lower.as_str(), 10)
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let number = i128::from_str_radix(digits, base).ok()?;
    i64::try_from(if negative { -number } else { number }).ok()
}

/// Returns whether a text is digits with at most one point and an exponent.
fn looks_like_a_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_holds = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        !text.is_empty() && digits(text)
    });
    let mantissa_holds = match mantissa.split_once('.') {
        Some((whole, part)) => {
            digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty())
        }
        None => !mantissa.is_empty() && digits(mantissa),
    };
    mantissa_holds && exponent_holds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_typed_by_their_looks() {
        let cases = [
            ("yes", Value::from("yes")),
            ("True", Value::Bool(true)),
            ("~", Value::Null),
            ("0123", Value::Int(83)),
            ("08", Value::Float(8.0)),
            ("1_000", Value::Int(1000)),
            ("0x1F", Value::Int(31)),
            ("-0b11", Value::Int(-3)),
            ("1e3", Value::Float(1000.0)),
            (".5", Value::Float(0.5)),
            (".", Value::from(".")),
            ("-", Value::from("-")),
            ("1.2.3", Value::from("1.2.3")),
            ("2026-11-28", Value::Time("2026-11-28".into())),
            ("2026-11-31x", Value::from("2026-11-31x")),
            (
                "9223372036854775808",
                Value::Float(9_223_372_036_854_775_808.0),
            ),
        ];
        for (text, value) in cases {
            assert_eq!(resolve(text), value, "{text}");
        }
    }
}
