//! Values with units.

use crate::server::nginx::syntax::{ConfigError, Directive};
use kernel::time::Duration;

/// A number, and the unit that follows it.
fn number(text: &str) -> Option<(u64, &str)> {
    let (digits, unit) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    );
    Some((digits.parse().ok()?, unit))
}

/// A time such as `500ms`, `2s`, `1m`.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let (n, unit) = number(text)?;
    match unit {
        "" | "s" => Some(Duration::from_secs(n)),
        "ms" => Some(Duration::from_millis(n)),
        "m" => Some(Duration::from_secs(n * 60)),
        "h" => Some(Duration::from_secs(n * 3600)),
        _ => None,
    }
}

pub(super) fn time(d: &Directive) -> Result<Duration, ConfigError> {
    seconds(d.word(1)).ok_or_else(|| d.error(&format!("\"{}\" directive invalid value", d.word(0))))
}

/// A size such as `10m`.
pub(super) fn size(text: &str) -> Option<u64> {
    let (n, unit) = number(text)?;
    match unit {
        "" => Some(n),
        "k" | "K" => Some(n << 10),
        "m" | "M" => Some(n << 20),
        "g" | "G" => Some(n << 30),
        _ => None,
    }
}
