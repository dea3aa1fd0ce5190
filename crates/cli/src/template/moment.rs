//! The methods of Go's `time.Time` that templates call. Source: Go `time/time.go`, `time/format.go`.

use super::value::Value;
use crate::format::time;

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
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];

/// What a method without arguments gives for a moment in RFC 3339; `None` if there is no such one.
pub(super) fn method(rfc3339: &str, name: &str) -> Option<Value> {
    let (unix, nanos) = time::parse(rfc3339)?;
    let number = |layout: &str| format(rfc3339, layout).and_then(|text| text.parse().ok());
    Some(match name {
        "Year" => Value::Int(number("2006")?),
        "Month" => Value::Str(format(rfc3339, "January")?),
        "Day" => Value::Int(number("02")?),
        "Weekday" => Value::Str(format(rfc3339, "Monday")?),
        "Hour" => Value::Int(number("15")?),
        "Minute" => Value::Int(number("04")?),
        "Second" => Value::Int(number("05")?),
        "Nanosecond" => Value::Int(nanos.into()),
        "Unix" => Value::Int(unix),
        "UnixMilli" => Value::Int(unix * 1000 + i64::from(nanos) / 1_000_000),
        "UnixNano" => Value::Int(unix * 1_000_000_000 + i64::from(nanos)),
        "UTC" | "Local" => Value::Time(rfc3339.to_owned()),
        "String" => Value::Str(time::plain(rfc3339)),
        _ => return None,
    })
}

/// A moment in RFC 3339 as a layout of Go's has it, which shows the reference time `Mon Jan 2 15:04:05 2006`.
pub(super) fn format(rfc3339: &str, layout: &str) -> Option<String> {
    let (unix, nanos) = time::parse(rfc3339)?;
    let part = |at: std::ops::Range<usize>| rfc3339.get(at).unwrap_or_default().to_owned();
    let unpadded = |text: String| text.trim_start_matches('0').to_owned();
    let name = |names: &[&str], at: i64, length: usize| {
        let found = usize::try_from(at).ok().and_then(|at| names.get(at));
        found.map_or(String::new(), |name| name.chars().take(length).collect())
    };
    let month: i64 = part(5..7).parse().ok()?;
    let hour: i64 = part(11..13).parse().ok()?;
    let weekday = unix.div_euclid(86_400).rem_euclid(7);
    // Longer ones stand before what they begin with.
    let fields = [
        ("2006", part(0..4)),
        ("January", name(&MONTHS, month - 1, 9)),
        ("Jan", name(&MONTHS, month - 1, 3)),
        ("Monday", name(&DAYS, weekday, 9)),
        ("Mon", name(&DAYS, weekday, 3)),
        ("MST", "UTC".to_owned()),
        (".000000000", format!(".{nanos:09}")),
        (".000", format!(".{:03}", nanos / 1_000_000)),
        ("-07:00", "+00:00".to_owned()),
        ("-0700", "+0000".to_owned()),
        ("Z07:00", "Z".to_owned()),
        ("01", part(5..7)),
        ("02", part(8..10)),
        ("03", format!("{:02}", (hour + 11) % 12 + 1)),
        ("04", part(14..16)),
        ("05", part(17..19)),
        ("06", part(2..4)),
        ("15", part(11..13)),
        ("PM", if hour < 12 { "AM" } else { "PM" }.to_owned()),
        ("1", unpadded(part(5..7))),
        ("2", unpadded(part(8..10))),
        ("3", ((hour + 11) % 12 + 1).to_string()),
    ];
    let mut out = String::new();
    let mut rest = layout;
    while let Some(letter) = rest.chars().next() {
        let field = fields
            .iter()
            .find_map(|(sign, text)| Some((rest.strip_prefix(sign)?, text)));
        if let Some((after, text)) = field {
            out.push_str(text);
            rest = after;
        } else {
            out.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_in_the_layouts_of_go() {
        let shown = |layout: &str| format("2026-11-03T09:04:05.605753971Z", layout).unwrap();
        assert_eq!(shown("2006-01-02 15:04:05"), "2026-11-03 09:04:05");
        assert_eq!(
            shown("Mon Jan 2 3:04PM 2006 MST"),
            "Tue Nov 3 9:04AM 2026 UTC"
        );
        assert_eq!(
            shown("Monday, January 02 .000"),
            "Tuesday, November 03 .605"
        );
        assert_eq!(shown("2006-01-02T15:04:05Z07:00"), "2026-11-03T09:04:05Z");
    }
}
