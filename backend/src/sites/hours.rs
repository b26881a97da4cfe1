//! When a site is staffed: spans of its own wall clock for each day of the week, and days on which it is closed. Pure: whoever asks says what
//! time it is. A span means what the clock on the shop's wall shows, so an hour that daylight saving repeats is open twice, and one that it
//! skips does not exist.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::text::Fields;

/// Spans of one day at most.
const SPANS_MAX: usize = 10;
/// Closed days at most: some years of holidays.
const CLOSED_MAX: usize = 400;
/// Days to look ahead for the next opening: as many as may be closed, and a week.
const AHEAD: i64 = 408;
const DAY_MINUTES: u16 = 24 * 60;

/// Begin and end of a span as `HH:MM`; the end may be `24:00`.
type Span = [String; 2];

/// Business hours as the API takes and shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessHours {
    /// Open at all times; `week` and `closed` then do not count.
    pub always: bool,
    /// Spans of each day; needed unless `always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<Week>,
    /// Days closed all day, as `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
}

/// Spans such as `["09:00","12:00"]` of each day, in order and apart; none: closed. A night is two spans: to `24:00`, and from `00:00`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Week {
    /// Monday.
    #[schema(value_type = Vec<(String, String)>)]
    pub mon: Vec<Span>,
    /// Tuesday.
    #[schema(value_type = Vec<(String, String)>)]
    pub tue: Vec<Span>,
    /// Wednesday.
    #[schema(value_type = Vec<(String, String)>)]
    pub wed: Vec<Span>,
    /// Thursday.
    #[schema(value_type = Vec<(String, String)>)]
    pub thu: Vec<Span>,
    /// Friday.
    #[schema(value_type = Vec<(String, String)>)]
    pub fri: Vec<Span>,
    /// Saturday.
    #[schema(value_type = Vec<(String, String)>)]
    pub sat: Vec<Span>,
    /// Sunday.
    #[schema(value_type = Vec<(String, String)>)]
    pub sun: Vec<Span>,
}

impl Default for BusinessHours {
    fn default() -> Self {
        Self { always: true, week: None, closed: Vec::new() }
    }
}

/// The zone's proper name (`Asia/Seoul`), if it is one of the IANA database.
pub fn time_zone(name: &str) -> Option<String> {
    // The longest name has 32 characters.
    let zone = (name.len() <= 64).then(|| TimeZone::get(name).ok()).flatten()?;
    zone.iana_name().map(ToOwned::to_owned)
}

/// What the clock on the shop's wall shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WallClock {
    /// 0 to 23.
    pub hour: i8,
    /// `mon` to `sun`.
    pub weekday: &'static str,
    /// `2026-11-22`.
    pub date: String,
}

/// What the wall clock of a zone shows at a moment; of a zone that does not exist, UTC's.
pub fn wall_clock(zone: &str, now: Millis) -> WallClock {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let there = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone);
    let weekday = match there.weekday() {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    };
    WallClock { hour: there.hour(), weekday, date: there.date().to_string() }
}

/// A moment on the wall clock of a zone: `2026-01-31 13:05`.
pub fn written_moment(zone: &str, at: Millis) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let moment = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    zone.to_datetime(moment).strftime("%Y-%m-%d %H:%M").to_string()
}

impl Week {
    /// The days with their names, Monday first.
    fn days(&self) -> [(&'static str, &[Span]); 7] {
        [
            ("mon", &self.mon),
            ("tue", &self.tue),
            ("wed", &self.wed),
            ("thu", &self.thu),
            ("fri", &self.fri),
            ("sat", &self.sat),
            ("sun", &self.sun),
        ]
    }
}

/// Minutes since midnight of `HH:MM`.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok()).flatten();
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY_MINUTES).then_some(total)
}

/// The spans of a day, or what is wrong with them.
fn spans(day: &[Span]) -> Result<Vec<(u16, u16)>, String> {
    if day.len() > SPANS_MAX {
        return Err(format!("has {} spans; at most {SPANS_MAX} are allowed", day.len()));
    }
    let mut out: Vec<(u16, u16)> = Vec::with_capacity(day.len());
    for [from, to] in day {
        let span = minutes(from).zip(minutes(to)).filter(|(from, to)| from < to);
        let Some(span) = span else {
            return Err(format!("{from:?} to {to:?} is not a span such as 09:00 to 18:00; a night is two spans, to 24:00 and from 00:00"));
        };
        if out.last().is_some_and(|before| before.1 > span.0) {
            return Err(format!("the span from {from} begins before the one before it ends"));
        }
        out.push(span);
    }
    Ok(out)
}

fn date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

impl BusinessHours {
    /// Says under `business_hours` what cannot be understood.
    pub fn check(&self, fields: &mut Fields) {
        let mut wrong = |what: String| fields.insert("business_hours".to_owned(), what);
        match &self.week {
            None if !self.always => drop(wrong("needs a week unless always is true".to_owned())),
            None => {}
            Some(week) => {
                for (name, day) in week.days() {
                    if let Err(what) = spans(day) {
                        wrong(format!("{name}: {what}"));
                    }
                }
            }
        }
        if self.closed.len() > CLOSED_MAX {
            wrong(format!("has {} closed days; at most {CLOSED_MAX} are allowed", self.closed.len()));
        }
        if let Some(bad) = self.closed.iter().find(|day| date(day).is_none()) {
            wrong(format!("closed: {bad:?} is not a day such as 2026-12-25"));
        }
    }
}

/// Business hours of a place, ready to be asked.
#[derive(Clone, Debug)]
pub struct Hours {
    zone: TimeZone,
    /// None: always open. From Monday.
    week: Option<[Vec<(u16, u16)>; 7]>,
    closed: Vec<Date>,
}

impl Hours {
    /// What was checked is taken as it is; of anything else what is not understood is closed, and an unknown zone is UTC.
    pub fn new(zone: &str, hours: &BusinessHours) -> Self {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let week = (!hours.always).then(|| hours.week.clone().unwrap_or_default().days().map(|(_, day)| spans(day).unwrap_or_default()));
        Self { zone, week, closed: hours.closed.iter().filter_map(|day| date(day)).collect() }
    }

    /// True when the shop's wall clock is inside a span at this moment.
    pub fn is_open(&self, at: Millis) -> bool {
        let Some(week) = &self.week else { return true };
        let Ok(at) = Timestamp::from_millisecond(at) else { return false };
        let local = self.zone.to_datetime(at);
        let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        self.spans_of(week, local.date()).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// When it opens next; none while it is open, or where that day never comes.
    pub fn opens_at(&self, at: Millis) -> Option<Millis> {
        let week = self.week.as_ref()?;
        if self.is_open(at) || week.iter().all(Vec::is_empty) {
            return None;
        }
        let today = self.zone.to_datetime(Timestamp::from_millisecond(at).ok()?).date();
        (0..AHEAD).find_map(|ahead| {
            let day = today.checked_add(ahead.days()).ok()?;
            let begins = self.spans_of(week, day).iter().flat_map(|(from, _)| self.moments(day, *from));
            begins.filter(|moment| *moment > at && self.is_open(*moment)).min()
        })
    }

    fn spans_of<'a>(&self, week: &'a [Vec<(u16, u16)>; 7], day: Date) -> &'a [(u16, u16)] {
        if self.closed.contains(&day) {
            return &[];
        }
        match day.weekday() {
            Weekday::Monday => &week[0],
            Weekday::Tuesday => &week[1],
            Weekday::Wednesday => &week[2],
            Weekday::Thursday => &week[3],
            Weekday::Friday => &week[4],
            Weekday::Saturday => &week[5],
            Weekday::Sunday => &week[6],
        }
    }

    /// When the wall clock shows this minute of the day: twice where it is repeated, and just after the gap where it is skipped.
    fn moments(&self, day: Date, minute: u16) -> impl Iterator<Item = Millis> {
        let shown = i8::try_from(minute / 60).ok().zip(i8::try_from(minute % 60).ok()).map(|(hour, minute)| day.at(hour, minute, 0, 0));
        let ambiguous = shown.map(|shown| self.zone.to_ambiguous_timestamp(shown));
        let both = ambiguous.map(|moment| [moment.earlier(), moment.later()]);
        both.into_iter().flatten().flatten().map(Timestamp::as_millisecond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str) -> Span {
        [from.to_owned(), to.to_owned()]
    }

    fn at(text: &str) -> Millis {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn on(day: impl FnOnce(&mut Week, Vec<Span>), spans: &[(&str, &str)]) -> BusinessHours {
        let mut week = Week::default();
        day(&mut week, spans.iter().map(|(from, to)| span(from, to)).collect());
        BusinessHours { always: false, week: Some(week), closed: Vec::new() }
    }

    fn is_open(zone: &str, hours: &BusinessHours, moment: &str) -> bool {
        Hours::new(zone, hours).is_open(at(moment))
    }

    fn wrong(hours: &BusinessHours) -> Option<String> {
        let mut fields = Fields::new();
        hours.check(&mut fields);
        fields.remove("business_hours")
    }

    #[test]
    fn hours_are_those_of_the_shops_own_wall() {
        let hours = on(|week, spans| week.mon = spans, &[("09:00", "12:00"), ("13:00", "18:00")]);
        assert_eq!(wrong(&hours), None);
        // Monday in Seoul begins on Sunday in UTC.
        for (moment, open) in [
            ("2026-11-22T23:59:59.999Z", false),
            ("2026-11-23T00:00:00Z", true),
            ("2026-11-23T02:59:59.999Z", true),
            ("2026-11-23T03:00:00Z", false),
            ("2026-11-23T04:00:00Z", true),
            ("2026-11-23T09:00:00Z", false),
            ("2026-11-24T00:00:00Z", false),
        ] {
            assert_eq!(is_open("Asia/Seoul", &hours, moment), open, "{moment}");
        }
        assert!(is_open("Asia/Seoul", &BusinessHours::default(), "2026-11-22T00:00:00Z"), "always");
    }

    #[test]
    fn what_is_closed_says_when_it_opens_again() {
        let mut hours = on(|week, spans| (week.mon, week.tue) = (spans.clone(), spans), &[("09:00", "12:00"), ("13:00", "18:00")]);
        let opens = |hours: &BusinessHours, moment: &str| Hours::new("Asia/Seoul", hours).opens_at(at(moment));
        // Monday 2026-11-23 in Seoul, nine hours ahead of UTC: before nine, at nine, at noon, after six.
        assert_eq!(opens(&hours, "2026-11-22T23:00:00Z"), Some(at("2026-11-23T00:00:00Z")));
        assert_eq!(opens(&hours, "2026-11-23T00:00:00Z"), None, "open");
        assert_eq!(opens(&hours, "2026-11-23T03:00:00Z"), Some(at("2026-11-23T04:00:00Z")), "after lunch");
        assert_eq!(opens(&hours, "2026-11-23T09:00:00Z"), Some(at("2026-11-24T00:00:00Z")), "tomorrow");
        assert_eq!(opens(&hours, "2026-11-24T09:00:00Z"), Some(at("2026-11-30T00:00:00Z")), "next Monday");
        hours.closed = vec!["2026-11-23".to_owned(), "2026-11-24".to_owned()];
        assert_eq!(opens(&hours, "2026-11-23T01:00:00Z"), Some(at("2026-11-30T00:00:00Z")), "closed days are passed over");
        assert_eq!(opens(&on(|_, _| (), &[]), "2026-11-23T01:00:00Z"), None, "never");
        assert_eq!(opens(&BusinessHours::default(), "2026-11-23T01:00:00Z"), None, "always");
    }

    #[test]
    fn an_opening_in_a_skipped_hour_is_after_it_and_in_a_repeated_one_comes_twice() {
        // Berlin, 2026-03-29: 02:00 becomes 03:00. New York, 2026-11-01: 02:00 becomes 01:00.
        let berlin = Hours::new("Europe/Berlin", &on(|week, spans| week.sun = spans, &[("02:30", "04:00")]));
        assert_eq!(berlin.opens_at(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:30:00Z")));
        let york = Hours::new("America/New_York", &on(|week, spans| week.sun = spans, &[("01:30", "02:00")]));
        assert_eq!(york.opens_at(at("2026-11-01T05:00:00Z")), Some(at("2026-11-01T05:30:00Z")));
        assert_eq!(york.opens_at(at("2026-11-01T06:00:00Z")), Some(at("2026-11-01T06:30:00Z")));
    }

    #[test]
    fn when_clocks_go_forward_the_day_still_begins_at_nine_and_what_is_skipped_does_not_exist() {
        // Berlin, 2026-03-29: 02:00 becomes 03:00.
        let hours = on(|week, spans| week.sun = spans, &[("02:00", "03:00"), ("09:00", "10:00")]);
        for (moment, open) in [
            ("2026-03-22T01:30:00Z", true),
            ("2026-03-29T00:59:59Z", false),
            ("2026-03-29T01:00:00Z", false),
            ("2026-03-29T01:30:00Z", false),
            ("2026-03-29T06:59:59Z", false),
            ("2026-03-29T07:00:00Z", true),
            ("2026-03-29T08:00:00Z", false),
            // The Sunday before, nine o'clock was an hour later in UTC.
            ("2026-03-22T07:30:00Z", false),
            ("2026-03-22T08:30:00Z", true),
        ] {
            assert_eq!(is_open("Europe/Berlin", &hours, moment), open, "{moment}");
        }
    }

    #[test]
    fn when_clocks_go_back_the_repeated_hour_is_open_twice() {
        // New York, 2026-11-01: 02:00 becomes 01:00.
        let hours = on(|week, spans| week.sun = spans, &[("01:30", "02:00")]);
        for (moment, open) in [
            ("2026-11-01T05:29:00Z", false),
            ("2026-11-01T05:30:00Z", true),
            ("2026-11-01T06:00:00Z", false),
            ("2026-11-01T06:30:00Z", true),
            ("2026-11-01T07:00:00Z", false),
        ] {
            assert_eq!(is_open("America/New_York", &hours, moment), open, "{moment}");
        }
    }

    #[test]
    fn a_zone_with_half_an_hour_and_one_without_midnight_are_understood() {
        let night = on(|week, spans| week.sun = spans, &[("00:00", "00:30"), ("23:00", "24:00")]);
        assert_eq!(wrong(&night), None);
        assert!(is_open("Asia/Kathmandu", &night, "2026-11-21T18:15:00Z") && !is_open("Asia/Kathmandu", &night, "2026-11-21T18:14:59Z"));
        // Santiago, 2026-09-06, a Sunday: midnight becomes one o'clock.
        assert!(!is_open("America/Santiago", &night, "2026-09-06T04:00:00Z"));
        assert!(
            is_open("America/Santiago", &night, "2026-09-07T02:59:59Z") && !is_open("America/Santiago", &night, "2026-09-07T03:00:00Z")
        );
    }

    #[test]
    fn a_closed_day_is_closed_from_midnight_to_midnight_there() {
        let mut hours = on(|week, spans| week.fri = spans, &[("00:00", "24:00")]);
        hours.closed = vec!["2026-12-25".to_owned()];
        assert_eq!(wrong(&hours), None);
        assert!(!is_open("Asia/Seoul", &hours, "2026-12-24T15:00:00Z") && !is_open("Asia/Seoul", &hours, "2026-12-25T14:59:59Z"));
        assert!(is_open("Asia/Seoul", &hours, "2026-12-17T15:00:00Z") && is_open("Asia/Seoul", &hours, "2027-01-01T14:59:59Z"));
    }

    #[test]
    fn what_is_not_a_time_a_day_or_in_order_is_refused_in_words() {
        for (from, to) in
            [("9:00", "12:00"), ("09:00", "09:00"), ("18:00", "02:00"), ("09:60", "10:00"), ("23:00", "24:01"), ("+9:00", "10:00")]
        {
            assert!(wrong(&on(|week, spans| week.tue = spans, &[(from, to)])).is_some(), "{from} to {to}");
        }
        let overlapping = wrong(&on(|week, spans| week.tue = spans, &[("09:00", "12:00"), ("11:00", "13:00")])).unwrap();
        assert!(overlapping.starts_with("tue: ") && overlapping.contains("11:00"), "{overlapping}");
        assert!(wrong(&BusinessHours { always: false, week: None, closed: Vec::new() }).unwrap().contains("week"));
        for day in ["2026-02-30", "2026-2-3", "Christmas", "2026-12-25T00:00"] {
            let hours = BusinessHours { closed: vec![day.to_owned()], ..BusinessHours::default() };
            assert!(wrong(&hours).unwrap().contains("closed"), "{day}");
        }
    }

    #[test]
    fn zones_have_their_proper_name_and_nothing_else_is_one() {
        assert_eq!(time_zone("asia/seoul").as_deref(), Some("Asia/Seoul"));
        assert_eq!(time_zone("UTC").as_deref(), Some("UTC"));
        for bad in ["", "Seoul", "+09:00", "Asia/Seoul\n", "../../etc/passwd", "Mars/Olympus"] {
            assert_eq!(time_zone(bad), None, "{bad:?}");
        }
    }
}
