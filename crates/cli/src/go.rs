//! Small pieces of Go's standard library whose output users see: quoting and number parsing with Go's error words.

pub use compose::go::quote;
pub use engine::clock::go_duration as duration;

/// Returns `c` as Go's `%q` prints a rune.
pub fn quote_rune(c: char) -> String {
    match c {
        '\'' => "'\\''".into(),
        '"' => "'\"'".into(),
        c => {
            let quoted = quote(&c.to_string());
            format!("'{}'", quoted.trim_matches('"'))
        }
    }
}

/// Parses a truth value with the words that Go's `strconv.ParseBool` takes.
pub fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        other => Err(format!(
            "strconv.ParseBool: parsing {}: invalid syntax",
            quote(other)
        )),
    }
}

/// Splits a number as Go's base 0 does: sign, base and digits.
fn base_zero(text: &str) -> (bool, u32, String) {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = rest.to_ascii_lowercase();
    let (base, digits) = if let Some(d) = lower.strip_prefix("0x") {
        (16, d)
    } else if let Some(d) = lower.strip_prefix("0b") {
        (2, d)
    } else if let Some(d) = lower.strip_prefix("0o") {
        (8, d)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, lower.get(1..).unwrap_or(""))
    } else {
        (10, lower.as_str())
    };
    (negative, base, digits.replace('_', ""))
}

/// Parses an integer as Go's `strconv.ParseInt(text, 0, 64)`.
pub fn parse_int(text: &str) -> Result<i64, String> {
    let fail = |why: &str| format!("strconv.ParseInt: parsing {}: {why}", quote(text));
    let (negative, base, digits) = base_zero(text);
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return Err(fail("invalid syntax"));
    }
    let magnitude =
        i128::from_str_radix(&digits, base).map_err(|_too_long| fail("value out of range"))?;
    let value = if negative { -magnitude } else { magnitude };
    i64::try_from(value).map_err(|_too_big| fail("value out of range"))
}

/// Parses an unsigned integer as Go's `strconv.ParseUint(text, 0, bits)`.
pub fn parse_uint(text: &str, bits: u32) -> Result<u64, String> {
    let fail = |why: &str| format!("strconv.ParseUint: parsing {}: {why}", quote(text));
    let (_, base, digits) = base_zero(text);
    if text.starts_with(['-', '+'])
        || digits.is_empty()
        || !digits.chars().all(|c| c.is_digit(base))
    {
        return Err(fail("invalid syntax"));
    }
    let value =
        u64::from_str_radix(&digits, base).map_err(|_too_long| fail("value out of range"))?;
    let limit = if bits >= 64 {
        u64::MAX
    } else {
        (1 << bits) - 1
    };
    if value > limit {
        return Err(fail("value out of range"));
    }
    Ok(value)
}

/// Parses a duration such as `1h30m` to nanoseconds, as Go's `time.ParseDuration`.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1_i128, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number_end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(number_end);
        let unit_end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(invalid());
        }
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err(format!("time: missing unit in duration {}", quote(text))),
            other => {
                return Err(format!(
                    "time: unknown unit {} in duration {}",
                    quote(other),
                    quote(text)
                ));
            }
        };
        let whole: i128 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_too_long| invalid())?
        };
        total = whole
            .checked_mul(scale)
            .and_then(|n| total.checked_add(n))
            .ok_or_else(invalid)?;
        let mut part = scale;
        for digit in fraction.chars() {
            part /= 10;
            total = total
                .saturating_add(part.saturating_mul(i128::from(digit.to_digit(10).unwrap_or(0))));
        }
        rest = after;
    }
    i64::try_from(sign * total).map_err(|_too_big| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fail_in_gos_words() {
        assert_eq!(
            parse_int("x").unwrap_err(),
            "strconv.ParseInt: parsing \"x\": invalid syntax"
        );
        assert_eq!(
            parse_bool("maybe").unwrap_err(),
            "strconv.ParseBool: parsing \"maybe\": invalid syntax"
        );
        assert_eq!(
            parse_duration("1").unwrap_err(),
            "time: missing unit in duration \"1\""
        );
        assert_eq!(
            parse_uint("70000", 16).unwrap_err(),
            "strconv.ParseUint: parsing \"70000\": value out of range"
        );
    }

    #[test]
    fn numbers_parse_as_in_go() {
        assert_eq!(parse_int("-0x10"), Ok(-16));
        assert_eq!(parse_duration("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(parse_duration("1.5s"), Ok(1_500_000_000));
    }
}
