//! Calendar time as the engine writes it.

/// Nanoseconds since 1970.
pub type UnixNanos = i64;

/// What the engine writes for "never".
pub const NEVER: &str = "0001-01-01T00:00:00Z";

const SECOND: i64 = 1_000_000_000;

/// Writes an instant as RFC 3339 in UTC, with the nanoseconds that are not zero at the end.
pub fn rfc3339(at: UnixNanos) -> String {
    let (seconds, nanos) = (at.div_euclid(SECOND), at.rem_euclid(SECOND));
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let fraction = if nanos == 0 {
        String::new()
    } else {
        format!(".{nanos:09}").trim_end_matches('0').to_owned()
    };
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// Writes a moment, seconds since 1970, as HTTP does. Source: RFC 9110 section 5.6.7.
pub(crate) fn http_date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(i64::try_from(days).unwrap_or(0));
    let name = |names: &[&'static str], at: u64| {
        let at = usize::try_from(at).unwrap_or(0);
        names.get(at % names.len()).copied().unwrap_or_default()
    };
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} GMT",
        name(&DAYS, days % 7),
        name(&MONTHS, u64::try_from(month - 1).unwrap_or(0)),
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
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
    // Howard Hinnant's `days_from_civil`, the other way round than `civil`.
    let shifted = if month <= 2 { year - 1 } else { year };
    let month = if month > 2 { month - 3 } else { month + 9 };
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = shifted.div_euclid(400) * 146_097 + day_of_era - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    seconds.checked_mul(SECOND)?.checked_add(nanos)
}

/// Returns year, month and day of a count of days since 1970. Source: Howard Hinnant, "chrono-compatible date algorithms".
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
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

/// Says a duration as people do, roughly. Source: docker/go-units, `HumanDuration`.
pub fn human(nanos: i64) -> String {
    let seconds = nanos / SECOND;
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
            .map(|s| human(s * SECOND))
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
