//! `date`, on the machine's virtual clock; all machines keep UTC.

use kernel::calendar::{Calendar, days};
use kernel::sys::Sys;

use crate::{Flavour, args};

/// Formats a time as strftime does.
#[must_use]
pub fn format(text: &str, seconds: i64, nanos: u32) -> String {
    let t = Calendar::new(seconds);
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
            Some('a') => out.push_str(t.day_name()),
            Some('A') => out.push_str(t.full_day_name()),
            Some('b' | 'h') => out.push_str(t.month_name()),
            Some('B') => out.push_str(t.full_month_name()),
            Some('u') => out.push_str(&(if t.weekday == 0 { 7 } else { t.weekday }).to_string()),
            Some('w') => out.push_str(&t.weekday.to_string()),
            Some('s') => out.push_str(&seconds.to_string()),
            Some('Z') => out.push_str("UTC"),
            Some('z') => out.push_str("+0000"),
            Some('F') => out.push_str(&t.date()),
            Some('T') => out.push_str(&t.clock()),
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
    Some(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Reads how much later than now is meant, in seconds: `now`, `yesterday`, `1 hour ago`, `+2 days 5 min`. Months and years
/// are of no fixed length and left out.
fn relative(text: &str) -> Option<i64> {
    let text = text.to_ascii_lowercase();
    let mut words = text.split_whitespace().peekable();
    words.peek()?;
    let mut sum = 0i64;
    while let Some(word) = words.next() {
        let (number, unit) = match word {
            "now" | "today" => continue,
            "yesterday" => (-1, "day"),
            "tomorrow" => (1, "day"),
            word => {
                let end = word.find(|c: char| c.is_ascii_alphabetic());
                let (number, attached) = word.split_at(end.unwrap_or(word.len()));
                let number = number.strip_prefix('+').unwrap_or(number).parse::<i64>();
                let unit = match attached {
                    "" => words.next()?,
                    attached => attached,
                };
                (number.ok()?, unit)
            }
        };
        let length = match unit.strip_suffix('s').unwrap_or(unit) {
            "sec" | "second" => 1,
            "min" | "minute" => 60,
            "hour" => 3600,
            "day" => 86_400,
            "week" => 7 * 86_400,
            "fortnight" => 14 * 86_400,
            _ => return None,
        };
        let ago = words.next_if_eq(&"ago").is_some();
        let step = number.checked_mul(length)?;
        sum = sum.checked_add(if ago { -step } else { step })?;
    }
    Some(sum)
}

/// The `date` program.
pub fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
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
        let later = (flavour == Flavour::Gnu).then(|| relative(text)).flatten();
        match parse(text) {
            Some(at) => (seconds, nanos) = (at, 0),
            None if later.is_some() => seconds += later.unwrap_or(0),
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
    fn times_are_formatted_and_read() {
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

    #[test]
    fn dates_relative_to_now() {
        assert_eq!(relative("1 hour ago"), Some(-3600));
        assert_eq!(relative("-5 minutes"), Some(-300));
        assert_eq!(relative("+2days 5 min"), Some(2 * 86_400 + 300));
        assert_eq!(relative("yesterday"), Some(-86_400));
        assert_eq!(relative("now"), Some(0));
        for wrong in ["", "nonsense", "5", "hour", "1 month ago"] {
            assert_eq!(relative(wrong), None, "{wrong}");
        }
    }
}
