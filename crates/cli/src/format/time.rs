//! Moments. Times are Unix seconds; the engine's are RFC 3339 in UTC.

use kernel::calendar::{Calendar, days};

/// Returns `YYYY-MM-DD HH:MM:SS +0000 UTC`, as Go prints a time without fractions.
pub fn moment(unix: i64) -> String {
    let at = Calendar::new(unix);
    format!("{} {} +0000 UTC", at.date(), at.clock())
}

/// Returns RFC 3339 in UTC with nine digits of fraction, as `docker events` prints it.
pub fn rfc3339(unix: i64, nanos: u32) -> String {
    let at = Calendar::new(unix);
    format!("{}T{}.{nanos:09}Z", at.date(), at.clock())
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
