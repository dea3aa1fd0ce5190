//! Times, shares and rates as `tc` reads and writes them. Source: iproute2 7, `lib/utils_math.c`, `tc/tc_util.c`.

use std::time::Duration;

use crate::text::printf::general;

/// A time such as `100ms`; a bare number is in microseconds.
pub(super) fn time(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let nanos = number
        * match unit {
            "s" | "sec" | "secs" => 1e9,
            "ms" | "msec" | "msecs" => 1e6,
            "us" | "usec" | "usecs" | "" => 1e3,
            "ns" | "nsec" | "nsecs" => 1.0,
            _ => return None,
        };
    (0.0..1e18)
        .contains(&nanos)
        .then(|| Duration::from_nanos(nanos as u64))
}

/// A time with the largest unit that it has one of, three digits of it.
pub(super) fn time_text(time: Duration) -> String {
    let nanos = time.as_nanos() as f64;
    let (unit, name) = match nanos {
        n if n >= 1e9 => (1e9, "s"),
        n if n >= 1e6 => (1e6, "ms"),
        n if n >= 1e3 => (1e3, "us"),
        _ => (1.0, "ns"),
    };
    format!("{}{name}", general(nanos / unit, 3))
}

/// A share of a hundred such as `0.3%`, in parts of 2^32 - 1.
pub(super) fn share(text: &str) -> Option<u32> {
    let (number, unit) = split(text)?;
    let fits = matches!(unit, "" | "%") && (0.0..=100.0).contains(&number);
    fits.then(|| (number / 100.0 * f64::from(u32::MAX)).round() as u32)
}

/// A share from 0 to 1.
pub(super) fn part(share: u32) -> f64 {
    f64::from(share) / f64::from(u32::MAX)
}

/// A share as `0.3%`.
pub(super) fn share_text(share: u32) -> String {
    format!("{}%", general(100.0 * part(share), 6))
}

/// A rate such as `1mbit` or `100kbps`, in bytes per second; a bare number is in bits.
pub(super) fn rate(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let unit = unit.to_ascii_lowercase();
    let (scale, bits) = if let Some(scale) = unit.strip_suffix("bps") {
        (scale, 1.0)
    } else {
        (unit.strip_suffix("bit").unwrap_or(&unit), 8.0)
    };
    let scale = match scale {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        "t" => 1e12,
        "ki" => 1024.0,
        "mi" => 1024.0 * 1024.0,
        "gi" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let bytes = number * scale / bits;
    (0.0..1e18).contains(&bytes).then_some(bytes as u64)
}

/// Bytes per second as bits, with the largest unit in which nothing is lost.
pub(super) fn rate_text(bytes: u64) -> String {
    let mut bits = bytes.saturating_mul(8);
    let mut unit = "";
    for larger in ["K", "M", "G", "T"] {
        if bits < 1000 || (!bits.is_multiple_of(1000) && bits < 1_000_000) {
            break;
        }
        bits /= 1000;
        unit = larger;
    }
    format!("{bits}{unit}bit")
}

fn split(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in ["100ms", "1.5s", "250us", "7ns"] {
            assert_eq!(time_text(time(text).unwrap()), text);
        }
        for text in ["0.3%", "100%", "25%"] {
            assert_eq!(share_text(share(text).unwrap()), text);
        }
        for text in ["1Mbit", "1500Kbit", "512bit"] {
            assert_eq!(rate_text(rate(text).unwrap()), text);
        }
        assert_eq!(rate("100kbps"), Some(100_000));
        assert_eq!(time("10"), Some(Duration::from_micros(10)));
        assert!(time("abc").is_none() && share("110%").is_none() && rate("1x").is_none());
    }
}
