//! `date` and the calendar, on the machine's virtual clock; all machines keep UTC.

use kernel::sys::Sys;

use crate::{Flavour, args};

/// A time of the calendar, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// The month, 1 to 12.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
    /// The hour.
    pub hour: u32,
    /// The minute.
    pub minute: u32,
    /// The second.
    pub second: u32,
    /// The day of the week, 0 for Sunday.
    pub weekday: u32,
    /// The day of the year, from 1.
    pub yearday: u32,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// The calendar time at so many seconds since 1970.
#[must_use]
pub fn civil(seconds: i64) -> Civil {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400);
    // Years counted from March make the leap day the last: eras of 400 years repeat.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let small = |value: i64| u32::try_from(value).unwrap_or(0);
    let first_of_year = days_from_civil(year, 1, 1);
    Civil {
        year,
        month: small(month),
        day: small(day),
        hour: small(rest / 3600),
        minute: small(rest / 60 % 60),
        second: small(rest % 60),
        weekday: small((days + 4).rem_euclid(7)),
        yearday: small(days - first_of_year + 1),
    }
}

/// Days from 1970-01-01 to a date.
#[must_use]
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

/// A month's name, three letters.
#[must_use]
pub fn month_name(month: u32) -> &'static str {
    MONTHS
        .get(month.saturating_sub(1) as usize)
        .and_then(|name| name.get(..3))
        .unwrap_or("???")
}

fn day_name(weekday: u32) -> &'static str {
    DAYS.get(weekday as usize).copied().unwrap_or("???")
}

/// Formats a time as strftime does.
#[must_use]
pub fn format(text: &str, seconds: i64, nanos: u32) -> String {
    let t = civil(seconds);
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    let twelve = if t.hour.is_multiple_of(12) {
        12
    } else {
        t.hour % 12
    };
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut kind = chars.next();
        let bare = kind == Some('-');
        if bare
            || kind == Some('_')
            || kind == Some('3')
            || kind == Some('6')
            || kind == Some('9')
            || kind == Some(':')
        {
            let flag = kind;
            kind = chars.next();
            if kind == Some('N') {
                let digits = flag.and_then(|c| c.to_digit(10)).unwrap_or(9) as usize;
                out.push_str(
                    format!("{nanos:09}")
                        .get(..digits.min(9))
                        .unwrap_or_default(),
                );
                continue;
            }
            if flag == Some(':') {
                out.push_str("+00:00");
                continue;
            }
        }
        let two = |value: u32| {
            if bare {
                value.to_string()
            } else {
                format!("{value:02}")
            }
        };
        match kind {
            Some('Y') => out.push_str(&t.year.to_string()),
            Some('y') => out.push_str(&format!("{:02}", t.year.rem_euclid(100))),
            Some('m') => out.push_str(&two(t.month)),
            Some('d') => out.push_str(&two(t.day)),
            Some('e') => out.push_str(&format!("{:2}", t.day)),
            Some('H') => out.push_str(&two(t.hour)),
            Some('I') => out.push_str(&two(twelve)),
            Some('M') => out.push_str(&two(t.minute)),
            Some('S') => out.push_str(&two(t.second)),
            Some('N') => out.push_str(&format!("{nanos:09}")),
            Some('j') => out.push_str(&format!("{:03}", t.yearday)),
            Some('p') => out.push_str(if t.hour < 12 { "AM" } else { "PM" }),
            Some('a') => out.push_str(short(day_name(t.weekday))),
            Some('A') => out.push_str(day_name(t.weekday)),
            Some('b' | 'h') => out.push_str(month_name(t.month)),
            Some('B') => out.push_str(
                MONTHS
                    .get(t.month.saturating_sub(1) as usize)
                    .copied()
                    .unwrap_or("???"),
            ),
            Some('u') => out.push_str(&(if t.weekday == 0 { 7 } else { t.weekday }).to_string()),
            Some('w') => out.push_str(&t.weekday.to_string()),
            Some('s') => out.push_str(&seconds.to_string()),
            Some('Z') => out.push_str("UTC"),
            Some('z') => out.push_str("+0000"),
            Some('F') => out.push_str(&format!("{}-{:02}-{:02}", t.year, t.month, t.day)),
            Some('T') => out.push_str(&format!("{:02}:{:02}:{:02}", t.hour, t.minute, t.second)),
            Some('R') => out.push_str(&format!("{:02}:{:02}", t.hour, t.minute)),
            Some('D') => out.push_str(&format!(
                "{:02}/{:02}/{:02}",
                t.month,
                t.day,
                t.year.rem_euclid(100)
            )),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('%') => out.push('%'),
            Some(other) => {
                out.push('%');
                out.push(other);
            }
            None => out.push('%'),
        }
    }
    out
}

/// Reads `@SECONDS`, `YYYY-MM-DD` and `YYYY-MM-DD HH:MM:SS` (also with `T` and `Z`).
pub(crate) fn parse(text: &str) -> Option<i64> {
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.split('.').next()?.parse().ok();
    }
    let text = text.trim_end_matches('Z').trim_end_matches(" UTC");
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(0..=9999).contains(&year) {
        return None;
    }
    let mut clock = time
        .split('.')
        .next()?
        .splitn(3, ':')
        .map(str::parse::<i64>);
    let hour = clock.next()?.ok()?;
    let minute = clock.next().unwrap_or(Ok(0)).ok()?;
    let second = clock.next().unwrap_or(Ok(0)).ok()?;
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..=60).contains(&second) {
        return None;
    }
    Some(days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// The `date` program.
pub fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "ud:RI",
        &[("utc", 'u'), ("date", 'd'), ("rfc-email", 'R')],
    ) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let (mut seconds, mut nanos) = {
        let (seconds, nanos) = sys.wall_clock();
        (i64::try_from(seconds).unwrap_or(0), nanos)
    };
    if let Some(text) = parsed.value('d') {
        match parse(text) {
            Some(at) => (seconds, nanos) = (at, 0),
            None if text == "now" => {}
            None => {
                sys.err(&format!("date: invalid date {}\n", args::quote(&sys, text)));
                return 1;
            }
        }
    }
    let pattern = match parsed.operands.first() {
        Some(text) if text.starts_with('+') => text.trim_start_matches('+').to_owned(),
        Some(_) => {
            sys.err("date: setting the clock is not modelled in Drydock\n");
            return 1;
        }
        None if parsed.has('R') => "%a, %d %b %Y %H:%M:%S %z".to_owned(),
        None if parsed.has('I') => "%F".to_owned(),
        None => "%a %b %e %H:%M:%S %Z %Y".to_owned(),
    };
    sys.out(&(format(&pattern, seconds, nanos) + "\n"));
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_knows_leap_years() {
        assert_eq!(
            format("%F %T %a %j", 951_782_400, 0),
            "2000-02-29 00:00:00 Tue 060"
        );
        assert_eq!(
            format("%a %b %e %H:%M:%S %Z %Y", 1_762_765_200, 0),
            "Mon Nov 10 09:00:00 UTC 2025"
        );
        assert_eq!(parse("2025-11-10 09:00:00"), Some(1_762_765_200));
        assert_eq!(parse("2025-13-10"), None);
        assert_eq!(format("%F", -1, 0), "1969-12-31");
    }
}
