//! Go's ways of reading and quoting, whose words reach the user.

/// Reads a decimal whole number. Errors: what the named function of Go's `strconv` says.
pub(crate) fn parse_int(function: &str, text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let fault = |why: &str| format!("strconv.{function}: parsing {}: {why}", quote(text));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fault("invalid syntax"));
    }
    text.parse()
        .map_err(|_too_large| fault("value out of range"))
}

/// Reads a number. Errors: what Go's `ParseFloat` says.
pub(crate) fn parse_float(text: &str) -> Result<f64, String> {
    engine::units::number(text)
}

/// Returns `text` as Go's `%q` prints a string.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => {
                out.push_str(&format!("\\x{:02x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Prints a number as Go's `%v` and `'g'` do: the shortest digits, with an exponent below 1e-4 and from 1e+06.
pub(crate) fn float(number: f64) -> String {
    exponent(number, -4, 6)
}

/// Prints a number as Go's JSON does.
pub(crate) fn json_float(number: f64) -> String {
    let text = exponent(number, -6, 21);
    text.replace("e-0", "e-")
}

fn exponent(number: f64, low: i32, high: i32) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let scientific = format!("{number:e}");
    let Some((digits, power)) = scientific.split_once('e') else {
        return scientific;
    };
    let power: i32 = power.parse().unwrap_or(0);
    if power < low || power >= high {
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", power.abs());
    }
    number.to_string()
}
