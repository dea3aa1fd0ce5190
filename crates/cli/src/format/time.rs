//! Ages and moments. Times are Unix seconds; the engine's are RFC 3339 in UTC.

/// Returns a span of seconds for people, such as `About a minute`. Source: docker/go-units `HumanDuration`.
pub fn age(seconds: i64) -> String {
    let minutes = seconds / 60;
    // Hours are rounded, all else is cut off.
    let hours = (seconds + 1800) / 3600;
    let many = |n: i64, unit: &str| format!("{n} {unit}");
    match (seconds, minutes, hours) {
        (i64::MIN..=0, ..) => "Less than a second".into(),
        (1, ..) => "1 second".into(),
        (2..60, ..) => many(seconds, "seconds"),
        (_, 1, _) => "About a minute".into(),
        (_, 2..60, _) => many(minutes, "minutes"),
        (_, _, 1) => "About an hour".into(),
        (_, _, 2..48) => many(hours, "hours"),
        (_, _, 48..336) => many(hours / 24, "days"),
        (_, _, 336..1440) => many(hours / 24 / 7, "weeks"),
        (_, _, 1440..17_520) => many(hours / 24 / 30, "months"),
        _ => many(hours / 24 / 365, "years"),
    }
}

/// Returns a calendar date for days since 1970: year, month, day.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}

/// Returns days since 1970 for a calendar date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let mp = if month > 2 { month - 3 } else { month + 9 };
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + (153 * mp + 2) / 5 + day - 1;
    era * 146_097 + doe - 719_468
}

/// Returns `YYYY-MM-DD HH:MM:SS +0000 UTC`, as Go prints a time without fractions.
pub fn moment(unix: i64) -> String {
    let (date, clock) = date_and_clock(unix);
    format!("{date} {clock} +0000 UTC")
}

fn date_and_clock(unix: i64) -> (String, String) {
    let (year, month, day) = civil(unix.div_euclid(86_400));
    let second = unix.rem_euclid(86_400);
    let clock = format!(
        "{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    (format!("{year:04}-{month:02}-{day:02}"), clock)
}

/// Returns RFC 3339 in UTC with nine digits of fraction, as `docker events` prints it.
pub fn rfc3339(unix: i64, nanos: u32) -> String {
    let (date, clock) = date_and_clock(unix);
    format!("{date}T{clock}.{nanos:09}Z")
}

/// Returns an RFC 3339 time as Go prints a time: `2026-11-23 23:24:23.605753971 +0000 UTC`.
pub fn plain(rfc3339: &str) -> String {
    match rfc3339
        .strip_suffix('Z')
        .and_then(|text| text.split_once('T'))
    {
        Some((date, clock)) => format!("{date} {clock} +0000 UTC"),
        None => rfc3339.to_owned(),
    }
}

/// Reads an RFC 3339 time, or a part of one, to seconds and nanoseconds; a missing zone is UTC.
pub fn parse(text: &str) -> Option<(i64, u32)> {
    let (date, clock) = match text.split_once(['T', ' ']) {
        Some((date, clock)) => (date, clock),
        None => (text, "00:00:00"),
    };
    let mut parts = date.split('-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    if parts.next().is_some()
        || !(0..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
    {
        return None;
    }
    let (clock, offset) = zone(clock)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':').map(str::parse::<i64>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next().unwrap_or(Ok(0)).ok()?);
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..61).contains(&second) {
        return None;
    }
    let digits: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let nanos = digits.parse().ok()?;
    Some((
        days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset,
        nanos,
    ))
}

/// Splits the zone off a clock time; its offset is in seconds east of UTC.
fn zone(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let Some(at) = clock.rfind(['+', '-']) else {
        return Some((clock, 0));
    };
    let (clock, zone) = clock.split_at(at);
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let offset = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
    Some((
        clock,
        if zone.starts_with('-') {
            -offset
        } else {
            offset
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_rough() {
        let cases = [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (120, "2 minutes"),
            (45 * 60, "45 minutes"),
            (60 * 60, "About an hour"),
            (90 * 60, "2 hours"),
            (36 * 3600, "36 hours"),
            (3 * 86_400, "3 days"),
            (21 * 86_400, "3 weeks"),
            (90 * 86_400, "3 months"),
            (3 * 365 * 86_400, "3 years"),
        ];
        for (seconds, text) in cases {
            assert_eq!(age(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn moments_go_there_and_back() {
        let (unix, nanos) = parse("2026-11-23T23:24:23.605753971Z").unwrap();
        assert_eq!(nanos, 605_753_971);
        assert_eq!(moment(unix), "2026-11-23 23:24:23 +0000 UTC");
        assert_eq!(rfc3339(unix, nanos), "2026-11-23T23:24:23.605753971Z");
        assert_eq!(
            plain("2026-11-23T23:24:23.6Z"),
            "2026-11-23 23:24:23.6 +0000 UTC"
        );
        assert_eq!(parse("2026-11-24T01:24:23+02:00").unwrap().0, unix);
        assert_eq!(parse("2000-02-29").unwrap().0, 951_782_400);
        assert_eq!(parse("never"), None);
    }
}
