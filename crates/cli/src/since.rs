//! `--since` and `--until`: a moment, or a time before now. Source: moby `api/types/time/timestamp.go`.

use crate::format::time;
use crate::go;

/// Returns the instant that `text` means, nanoseconds since 1970; `now` is in seconds.
pub(crate) fn instant(text: &str, now: i64) -> Result<i64, String> {
    let nanos =
        |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
    if text != "0"
        && let Ok(before) = go::parse_duration(text)
    {
        // Docker cuts to whole seconds here.
        return Ok(nanos(
            now.saturating_sub(before.div_euclid(1_000_000_000)),
            0,
        ));
    }
    if let Some((seconds, fraction)) = time::parse(text) {
        return Ok(nanos(seconds, i64::from(fraction)));
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    match (seconds.parse::<i64>(), digits.parse::<i64>()) {
        (Ok(seconds), Ok(fraction)) => Ok(nanos(seconds, fraction)),
        _ => Err(format!(
            "failed to parse value as time or duration: {}",
            go::quote(text)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_ages_are_read() {
        assert_eq!(instant("1h", 7200), Ok(3_600_000_000_000));
        assert_eq!(instant("0s", 7200), Ok(7_200_000_000_000));
        assert_eq!(instant("12.5", 0), Ok(12_500_000_000));
        assert_eq!(instant("1970-01-01T00:00:01Z", 0), Ok(1_000_000_000));
        assert_eq!(
            instant("never", 0).unwrap_err(),
            "failed to parse value as time or duration: \"never\""
        );
    }
}
