//! `--since` and `--until`: a moment, or a time before now. Source: moby `api/types/time/timestamp.go`.

mod go_time;

use crate::go;

/// Returns the instant that `text` means, nanoseconds since 1970; `now` is in seconds.
pub(crate) fn instant(text: &str, now: i64) -> Result<i64, String> {
    sent(text, now).map(|sent| nanos(&sent).unwrap_or(0))
}

/// Returns what the engine is sent for `text`: seconds since 1970, with a fraction only where a date was given.
pub(crate) fn sent(text: &str, now: i64) -> Result<String, String> {
    if text != "0"
        && let Ok(before) = go::parse_duration(text)
    {
        // Docker cuts to whole seconds here.
        let seconds = now.saturating_sub(before.div_euclid(1_000_000_000));
        return Ok(seconds.to_string());
    }
    let wrong = match go_time::parse(text) {
        Ok((seconds, fraction)) => return Ok(format!("{seconds}.{fraction:09}")),
        Err(why) => why,
    };
    let known = nanos(text).map(|_| text.to_owned());
    known.ok_or_else(|| {
        // What has a dash was meant to be a date.
        if text.contains('-') {
            return wrong;
        }
        let text = go::quote(text);
        format!("failed to parse value as time or duration: {text}")
    })
}

/// Reads seconds with a fraction.
fn nanos(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let (seconds, fraction) = (seconds.parse::<i64>().ok()?, digits.parse::<i64>().ok()?);
    Some(
        seconds
            .saturating_mul(1_000_000_000)
            .saturating_add(fraction),
    )
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
        assert_eq!(sent("1h", 7200), Ok("3600".to_owned()));
        assert_eq!(
            sent("1970-01-01T00:00:01Z", 0),
            Ok("1.000000000".to_owned())
        );
        assert_eq!(
            instant("never", 0).unwrap_err(),
            "failed to parse value as time or duration: \"never\""
        );
    }
}
