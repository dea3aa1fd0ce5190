//! Dates as Go reads them, and what it says of a text that is none. Source: go `time/format.go`, `parse`; moby
//! `api/types/time/timestamp.go` for the layout that is chosen.

use kernel::calendar::days;

use crate::go::quote;

/// Reads a date to seconds since 1970 and nanoseconds; without a zone it is UTC. Errors: what is wrong with it.
pub(super) fn parse(text: &str) -> Result<(i64, u32), String> {
    let layout = layout(text);
    let out_of_range =
        |what: &str| Err(format!("parsing time {}: {what} out of range", quote(text)));
    let mut rest = text;
    let mut date = [1_i64, 1, 1];
    let (mut seconds, mut nanos) = (0, 0);
    for part in parts(layout) {
        let wrong = |rest: &str| {
            let [text, layout, rest, part] = [text, layout, rest, part].map(quote);
            Err(format!(
                "parsing time {text} as {layout}: cannot parse {rest} as {part}"
            ))
        };
        if part == ZONE {
            let Some((behind, [hours, minutes], sign)) = zone(rest) else {
                return wrong(rest);
            };
            match (hours > 24, minutes > 60) {
                (true, _) => return out_of_range("time zone offset hour"),
                (_, true) => return out_of_range("time zone offset minute"),
                _ => seconds -= sign * (hours * 3600 + minutes * 60),
            }
            rest = behind;
            continue;
        }
        let Some(width) = width(part) else {
            let Some(behind) = rest.strip_prefix(part) else {
                return wrong(rest);
            };
            rest = behind;
            continue;
        };
        let Some((number, behind)) = number(rest, width, part == "15") else {
            return wrong(rest);
        };
        rest = behind;
        match part {
            "2006" => date[0] = number,
            "01" if !(1..=12).contains(&number) => return out_of_range("month"),
            "01" => date[1] = number,
            "02" => date[2] = number,
            "15" if number >= 24 => return out_of_range("hour"),
            "15" => seconds += number * 3600,
            "04" if number >= 60 => return out_of_range("minute"),
            "04" => seconds += number * 60,
            _ if number >= 60 => return out_of_range("second"),
            _ => {
                seconds += number;
                (nanos, rest) = fraction(rest);
            }
        }
    }
    if !rest.is_empty() {
        let extra = quote(rest);
        return Err(format!("parsing time {}: extra text: {extra}", quote(text)));
    }
    let [year, month, day] = date;
    let next = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    let last = days(next.0, next.1, 1) - days(year, month, 1);
    if !(1..=last).contains(&day) {
        return out_of_range("day");
    }
    Ok((days(year, month, day) * 86_400 + seconds, nanos))
}

/// The zone of a layout.
const ZONE: &str = "Z07:00";

/// A number of so many digits; fewer are enough where it `may_be_short`.
fn number(text: &str, width: usize, may_be_short: bool) -> Option<(i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let digits = digits.min(width);
    let (number, behind) = text.split_at_checked(digits)?;
    let enough = digits == width || may_be_short && digits > 0;
    Some((number.parse().ok().filter(|_| enough)?, behind))
}

/// Nanoseconds behind a point, and what follows them.
fn fraction(text: &str) -> (u32, &str) {
    let Some(behind) = text.strip_prefix(['.', ',']) else {
        return (0, text);
    };
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    let Some((digits, behind)) = behind
        .split_at_checked(digits)
        .filter(|(d, _)| !d.is_empty())
    else {
        return (0, text);
    };
    let nanos = format!("{digits:0<9.9}").parse().unwrap_or(0);
    (nanos, behind)
}

/// What follows a zone, its hours and minutes, and their sign.
fn zone(text: &str) -> Option<(&str, [i64; 2], i64)> {
    if let Some(behind) = text.strip_prefix('Z') {
        return Some((behind, [0, 0], 1));
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, behind) = number(text.get(1..)?, 2, false)?;
    let (minutes, behind) = number(behind.strip_prefix(':')?, 2, false)?;
    Some((behind, [hours, minutes], sign))
}

/// The layout by which such a text is read.
fn layout(text: &str) -> &'static str {
    let local = !text.contains(['z', 'Z', '+']) && text.matches('-').count() != 3;
    if text.contains('.') {
        return match local {
            true => "2006-01-02T15:04:05.999999999",
            false => "2006-01-02T15:04:05.999999999Z07:00",
        };
    }
    if !text.contains('T') {
        return if local {
            "2006-01-02"
        } else {
            "2006-01-02Z07:00"
        };
    }
    let colons = text.matches(':').count();
    let zoned = !local && !text.contains(['z', 'Z']);
    match (colons - usize::from(zoned && colons > 0), local) {
        (0, true) => "2006-01-02T15",
        (0, false) => "2006-01-02T15Z07:00",
        (1, true) => "2006-01-02T15:04",
        (1, false) => "2006-01-02T15:04Z07:00",
        (_, true) => "2006-01-02T15:04:05",
        (_, false) => "2006-01-02T15:04:05Z07:00",
    }
}

/// The numbers of a layout and what stands between them.
fn parts(layout: &'static str) -> impl Iterator<Item = &'static str> {
    const KNOWN: [&str; 7] = ["2006", "01", "02", "15", "04", "05", ZONE];
    let mut rest = layout;
    std::iter::from_fn(move || {
        let length = match KNOWN.iter().find(|known| rest.starts_with(**known)) {
            Some(known) => known.len(),
            // A fraction is taken with the seconds.
            None if rest.starts_with(".9") => ".999999999".len(),
            None => 1,
        };
        let (part, behind) = rest.split_at_checked(length)?;
        rest = behind;
        match part.starts_with(".9") {
            true => Some(""),
            false => Some(part),
        }
    })
}

/// How many digits a number of a layout has; `None` for what is no number.
fn width(part: &str) -> Option<usize> {
    match part {
        "2006" => Some(4),
        "01" | "02" | "15" | "04" | "05" => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_are_read_as_far_as_they_go() {
        for (text, at) in [
            ("1970-01-02", (86_400, 0)),
            ("1970-01-01T01", (3600, 0)),
            ("1970-01-01T1:02", (3720, 0)),
            ("1970-01-01T00:00:01.5", (1, 500_000_000)),
            ("1970-01-01T02:00:00+02:00", (0, 0)),
            ("1970-01-01T00:00:00Z", (0, 0)),
            ("2000-02-29", (951_782_400, 0)),
        ] {
            assert_eq!(parse(text), Ok(at), "{text}");
        }
    }

    #[test]
    fn faults_are_those_that_go_finds() {
        for (text, why) in [
            (
                "2001-13-01",
                "parsing time \"2001-13-01\": month out of range",
            ),
            (
                "2001-02-45",
                "parsing time \"2001-02-45\": day out of range",
            ),
            (
                "a-b",
                "parsing time \"a-b\" as \"2006-01-02\": cannot parse \"a-b\" as \"2006\"",
            ),
            (
                "2001-1-1",
                "parsing time \"2001-1-1\" as \"2006-01-02\": cannot parse \"1-1\" as \"01\"",
            ),
            (
                "2001-01-01T25:00",
                "parsing time \"2001-01-01T25:00\": hour out of range",
            ),
            (
                "2001-01-01 10:00",
                "parsing time \"2001-01-01 10:00\": extra text: \" 10:00\"",
            ),
        ] {
            assert_eq!(parse(text), Err(why.to_owned()));
        }
    }
}
