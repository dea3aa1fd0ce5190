//! The methods of Go's `time.Time` that templates call. Source: Go `time/time.go`, `time/format.go`.

use kernel::calendar::Calendar;

use super::value::Value;
use crate::format::time;

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
        "YearDay" => {
            let first = kernel::calendar::days(number("2006")?, 1, 1);
            Value::Int(unix.div_euclid(86_400) - first + 1)
        }
        "IsZero" => Value::Bool(rfc3339 == engine::clock::NEVER),
        "UnixMicro" => Value::Int(unix * 1_000_000 + i64::from(nanos) / 1000),
        "UTC" | "Local" => Value::Time(rfc3339.to_owned()),
        "String" => Value::Str(time::plain(rfc3339)),
        _ => return None,
    })
}

/// A moment in RFC 3339 as a layout of Go's has it, which shows the reference time `Mon Jan 2 15:04:05 2006`.
pub(super) fn format(rfc3339: &str, layout: &str) -> Option<String> {
    let (unix, nanos) = time::parse(rfc3339)?;
    let at = Calendar::new(unix);
    let two = |number: u32| format!("{number:02}");
    let twelve = (at.hour + 11) % 12 + 1;
    // Longer ones stand before what they begin with.
    let fields = [
        ("2006", format!("{:04}", at.year)),
        ("January", at.full_month_name().to_owned()),
        ("Jan", at.month_name().to_owned()),
        ("Monday", at.full_day_name().to_owned()),
        ("Mon", at.day_name().to_owned()),
        ("MST", "UTC".to_owned()),
        (".000000000", format!(".{nanos:09}")),
        (".000", format!(".{:03}", nanos / 1_000_000)),
        ("-07:00", "+00:00".to_owned()),
        ("-0700", "+0000".to_owned()),
        ("Z07:00", "Z".to_owned()),
        ("01", two(at.month)),
        ("02", two(at.day)),
        ("03", two(twelve)),
        ("04", two(at.minute)),
        ("05", two(at.second)),
        ("06", format!("{:02}", at.year.rem_euclid(100))),
        ("15", two(at.hour)),
        ("PM", if at.hour < 12 { "AM" } else { "PM" }.to_owned()),
        ("1", at.month.to_string()),
        ("2", at.day.to_string()),
        ("3", twelve.to_string()),
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
