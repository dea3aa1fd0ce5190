//! Calendar time as the engine writes it.

use kernel::calendar::{Calendar, days};

/// Nanoseconds since 1970.
pub type UnixNanos = i64;

/// What the engine writes for "never".
pub const NEVER: &str = "0001-01-01T00:00:00Z";

/// A second, in [`UnixNanos`].
pub(crate) const SECOND: i64 = 1_000_000_000;

/// Writes an instant as RFC 3339 in UTC, with the nanoseconds that are not zero at the end.
pub fn rfc3339(at: UnixNanos) -> String {
    let (seconds, nanos) = (at.div_euclid(SECOND), at.rem_euclid(SECOND));
    let at = Calendar::new(seconds);
    let fraction = if nanos == 0 {
        String::new()
    } else {
        format!(".{nanos:09}").trim_end_matches('0').to_owned()
    };
    format!("{}T{}{fraction}Z", at.date(), at.clock())
}

/// The same with all nine digits of the nanoseconds, as logs show it. Source: moby `daemon/logger/jsonfilelog/jsonlog`.
pub(crate) fn rfc3339_fixed(at: UnixNanos) -> String {
    let (seconds, nanos) = (at.div_euclid(SECOND), at.rem_euclid(SECOND));
    let at = Calendar::new(seconds);
    format!("{}T{}.{nanos:09}Z", at.date(), at.clock())
}

/// Reads the seconds since 1970 of what [`rfc3339`] wrote; 0 for anything else.
pub fn seconds(text: &str) -> i64 {
    read(text).map_or(0, |at| at.div_euclid(SECOND))
}

/// Reads what [`rfc3339`] wrote.
pub fn read(text: &str) -> Option<UnixNanos> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let number = |part: Option<&str>| part?.parse::<i64>().ok();
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (
        number(date.next())?,
        number(date.next())?,
        number(date.next())?,
    );
    let mut clock = clock.splitn(3, ':');
    let (hour, minute, second) = (
        number(clock.next())?,
        number(clock.next())?,
        number(clock.next())?,
    );
    let nanos: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    seconds.checked_mul(SECOND)?.checked_add(nanos)
}

/// Writes a duration as Go does: `1m30s`, `1.5s`, `250ms`. Source: Go, `time.Duration.String`.
pub fn go_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let second = SECOND.unsigned_abs();
    let decimal = |unit: u64| {
        let digits = unit.ilog10() as usize;
        let fraction = format!("{:0digits$}", nanos % unit);
        let fraction = fraction.trim_end_matches('0');
        (
            nanos / unit,
            if fraction.is_empty() || digits == 0 {
                String::new()
            } else {
                format!(".{fraction}")
            },
        )
    };
    let (unit, name) = match nanos {
        0 => return "0s".to_owned(),
        1..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "\u{b5}s"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (second, "s"),
    };
    let (whole, fraction) = decimal(unit);
    let (minutes, seconds) = (whole / 60, whole % 60);
    match (unit == second, minutes / 60, minutes % 60) {
        (true, 0, 1..) => format!("{sign}{minutes}m{seconds}{fraction}s"),
        (true, hours @ 1.., minutes) => format!("{sign}{hours}h{minutes}m{seconds}{fraction}s"),
        _ => format!("{sign}{whole}{fraction}{name}"),
    }
}

/// Says a span of seconds as people do, roughly. Source: docker/go-units, `HumanDuration`.
pub fn human(seconds: i64) -> String {
    // Hours are rounded, everything else is cut.
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    match seconds {
        ..1 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        60..120 => "About a minute".to_owned(),
        120..3600 => format!("{minutes} minutes"),
        _ if hours == 1 => "About an hour".to_owned(),
        _ if hours < 48 => format!("{hours} hours"),
        _ if hours < 24 * 14 => format!("{} days", hours / 24),
        _ if hours < 24 * 60 => format!("{} weeks", hours / 24 / 7),
        _ if hours < 24 * 730 => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_durations_read_as_the_engine_writes_them() {
        assert_eq!(rfc3339(1_762_765_200 * SECOND), "2025-11-10T09:00:00Z");
        assert_eq!(
            rfc3339(951_782_400 * SECOND + 50_000_000),
            "2000-02-29T00:00:00.05Z"
        );
        for at in [0, 951_782_400 * SECOND + 50_000_000, 1_767_225_599 * SECOND] {
            assert_eq!(read(&rfc3339(at)), Some(at));
        }
        assert_eq!(read(NEVER), None);
        let said: Vec<_> = [0, 1, 59, 60, 179, 3599, 3600, 7200, 172_800]
            .map(human)
            .into();
        assert_eq!(
            said,
            [
                "Less than a second",
                "1 second",
                "59 seconds",
                "About a minute",
                "2 minutes",
                "59 minutes",
                "About an hour",
                "2 hours",
                "2 days"
            ]
        );
    }

    #[test]
    fn durations_are_written_as_go_writes_them() {
        let written = [
            0,
            1,
            1_500,
            250_000_000,
            SECOND,
            1_500_000_000,
            60 * SECOND,
            90 * SECOND,
        ]
        .map(go_duration);
        let wanted = [
            "0s",
            "1ns",
            "1.5\u{b5}s",
            "250ms",
            "1s",
            "1.5s",
            "1m0s",
            "1m30s",
        ];
        assert_eq!(written, wanted);
        assert_eq!(go_duration(-7_200 * SECOND), "-2h0m0s");
    }
}
