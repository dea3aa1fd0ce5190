//! The calendar: dates and times of day, in UTC, which is the zone of all machines.

/// A moment of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
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

const DAY: i64 = 86_400;
/// A period of 400 years, days: after it all repeats, weekdays too.
const ERA: i64 = 146_097;
/// Days from March 1 of the year 0, where the first era begins, to 1970.
const TO_1970: i64 = 719_468;

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
const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// Days from 1970-01-01 to a date. Source: Howard Hinnant, "chrono-compatible low-level date algorithms".
#[must_use]
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    year.div_euclid(400) * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - TO_1970
}

impl Calendar {
    /// The moment so many seconds after 1970 began. Source: as for [`days`].
    #[must_use]
    pub fn new(seconds: i64) -> Self {
        let since_1970 = seconds.div_euclid(DAY);
        let clock = seconds.rem_euclid(DAY);
        let shifted = since_1970 + TO_1970;
        let of_era = shifted.rem_euclid(ERA);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = from_march + if from_march < 10 { 3 } else { -9 };
        let year = shifted.div_euclid(ERA) * 400 + year_of_era + i64::from(month <= 2);
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        Self {
            year,
            month: small(month),
            day: small(of_year - (153 * from_march + 2) / 5 + 1),
            hour: small(clock / 3600),
            minute: small(clock / 60 % 60),
            second: small(clock % 60),
            weekday: small((since_1970 + 4).rem_euclid(7)),
            yearday: small(since_1970 - days(year, 1, 1) + 1),
        }
    }

    /// `November`.
    #[must_use]
    pub fn full_month_name(&self) -> &'static str {
        let found = MONTHS.get(self.month.saturating_sub(1) as usize);
        found.copied().unwrap_or_default()
    }

    /// `Nov`.
    #[must_use]
    pub fn month_name(&self) -> &'static str {
        self.full_month_name().get(..3).unwrap_or_default()
    }

    /// `Monday`.
    #[must_use]
    pub fn full_day_name(&self) -> &'static str {
        let found = WEEKDAYS.get(self.weekday as usize);
        found.copied().unwrap_or_default()
    }

    /// `Mon`.
    #[must_use]
    pub fn day_name(&self) -> &'static str {
        self.full_day_name().get(..3).unwrap_or_default()
    }

    /// `2025-11-10`.
    #[must_use]
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `09:00:00`.
    #[must_use]
    pub fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// `Mon, 10 Nov 2025 09:00:00 GMT`, as HTTP has it. Source: RFC 9110 section 5.6.7.
    #[must_use]
    pub fn http(&self) -> String {
        format!(
            "{}, {:02} {} {} {} GMT",
            self.day_name(),
            self.day,
            self.month_name(),
            self.year,
            self.clock()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_dates_and_dates_days() {
        let cases = [
            (0, "1970-01-01 Thursday", 1),
            (-1, "1969-12-31 Wednesday", 365),
            (951_782_400, "2000-02-29 Tuesday", 60),
            (1_767_225_599, "2025-12-31 Wednesday", 365),
            (4_107_542_400, "2100-03-01 Monday", 60),
        ];
        for (seconds, text, yearday) in cases {
            let c = Calendar::new(seconds);
            assert_eq!(format!("{} {}", c.date(), c.full_day_name()), text);
            assert_eq!(c.yearday, yearday, "{text}");
            let back = days(c.year, c.month.into(), c.day.into());
            assert_eq!(back, seconds.div_euclid(DAY), "{text}");
        }
    }

    #[test]
    fn moments_are_written_as_http_has_them() {
        let c = Calendar::new(1_762_765_200);
        assert_eq!(c.http(), "Mon, 10 Nov 2025 09:00:00 GMT");
    }
}
