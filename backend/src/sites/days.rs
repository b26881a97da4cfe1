//! A site's calendar: which day a moment belongs to on the shop's own wall, and when that day begins. Days are numbers such as 20260131.
//! Pure; an unknown zone is UTC, for zones are checked where they are set.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::clock::Millis;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn number(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

fn date(day: i64) -> Option<Date> {
    Date::new(i16::try_from(day / 10_000).ok()?, i8::try_from(day / 100 % 100).ok()?, i8::try_from(day % 100).ok()?).ok()
}

/// The day of a moment.
pub fn day_of(zone_name: &str, at: Millis) -> i64 {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    number(zone(zone_name).to_datetime(at).date())
}

/// The hour of a moment on the site's clock, from 0 to 23.
pub fn hour_of(zone_name: &str, at: Millis) -> usize {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    usize::try_from(zone(zone_name).to_datetime(at).hour()).unwrap_or(0)
}

/// When a day begins: its first moment, also where daylight saving skips midnight.
pub fn start_of(zone_name: &str, day: i64) -> Millis {
    date(day).and_then(|date| date.to_zoned(zone(zone_name)).ok()).map_or(0, |zoned| zoned.timestamp().as_millisecond())
}

/// The day so many days later.
pub fn plus(day: i64, days: i64) -> i64 {
    date(day).and_then(|date| date.checked_add(days.days()).ok()).map_or(day, number)
}

/// As people write it: 2026-01-31.
pub fn written(day: i64) -> String {
    format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_day_is_that_of_the_shops_wall() {
        assert_eq!(day_of("Asia/Seoul", at("2026-01-31T15:00:00Z")), 20_260_201);
        assert_eq!(day_of("Asia/Seoul", at("2026-01-31T14:59:59.999Z")), 20_260_131);
        assert_eq!(day_of("America/New_York", at("2026-02-01T04:59:59Z")), 20_260_131);
        assert_eq!(start_of("Asia/Seoul", 20_260_201), at("2026-01-31T15:00:00Z"));
        assert_eq!((plus(20_260_131, 1), plus(20_260_301, -1), written(20_260_301)), (20_260_201, 20_260_228, "2026-03-01".to_owned()));
    }

    #[test]
    fn days_of_daylight_saving_have_23_and_25_hours() {
        let hours = |zone, day| (start_of(zone, plus(day, 1)) - start_of(zone, day)) / 3_600_000;
        assert_eq!(hours("America/New_York", 20_260_308), 23);
        assert_eq!(hours("America/New_York", 20_261_101), 25);
        assert_eq!(hours("Asia/Seoul", 20_261_101), 24);
        // Midnight itself is skipped in Beirut: the day begins at one.
        assert_eq!(start_of("Asia/Beirut", 20_260_329), at("2026-03-28T22:00:00Z"));
        assert_eq!(day_of("nowhere", 0), 19_700_101);
    }
}
