//! Durations as Go writes and reads them: `1m30s`.

use crate::go::quote;

const UNITS: [(&str, u64); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
    ("w", 604_800_000_000_000),
];

/// Reads a duration in nanoseconds; days and weeks are accepted as Compose accepts them. Errors: what Compose's reader says.
pub(crate) fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(0);
    }
    let mut total = 0f64;
    if rest.is_empty() {
        return Err(invalid());
    }
    while !rest.is_empty() {
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        let digits = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_no_number| invalid())?;
        let (unit, tail) = tail.split_at(tail.find(is_digit).unwrap_or(tail.len()));
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote(text)));
        }
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, scale) = known.ok_or_else(|| {
            format!(
                "time: unknown unit {} in duration {}",
                quote(unit),
                quote(text)
            )
        })?;
        total += number * *scale as f64;
        rest = tail;
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    Ok(sign * total as i64)
}

/// Prints a duration as Go does; one of more than 292 years, which Go cannot hold, as the longest.
pub(crate) fn print(nanoseconds: i64) -> String {
    engine::clock::go_duration(nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed() {
        let cases = [
            ("90s", "1m30s"),
            ("1h", "1h0m0s"),
            ("1.5s", "1.5s"),
            ("100ms", "100ms"),
            ("1d", "24h0m0s"),
            ("2w", "336h0m0s"),
            ("0", "0s"),
            ("-1m5s", "-1m5s"),
            ("1500us", "1.5ms"),
        ];
        for (text, printed) in cases {
            assert_eq!(parse(text).map(print).as_deref(), Ok(printed), "{text}");
        }
        let faults = [
            ("", "invalid duration \"\""),
            ("s", "invalid duration \"s\""),
            ("-", "invalid duration \"-\""),
            ("5", "missing unit in duration \"5\""),
            ("1x", "unknown unit \"x\" in duration \"1x\""),
            ("5 s", "unknown unit \" s\" in duration \"5 s\""),
        ];
        for (text, fault) in faults {
            assert_eq!(parse(text), Err(format!("time: {fault}")), "{text}");
        }
    }
}
