//! Texts read with a pattern: completely and exactly, or not at all.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

use crate::contract::temporal::Timestamp;

use super::pattern::{DateFormat, Field, Name, Part};

/// The months in full, in the order of their numbers.
pub const MONTHS: [&str; 12] = [
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

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl DateFormat {
    /// Reads a date. A time of day that the pattern has must be midnight: nothing is cut off.
    pub fn date(&self, text: &str) -> Option<NaiveDate> {
        let found = self.read(text)?;
        let midnight = found.time().is_none_or(|time| time == NaiveTime::MIN);
        found.date().filter(|_| found.times_agree() && midnight && found.offset.is_none())
    }

    /// Reads a time of day.
    pub fn time(&self, text: &str) -> Option<NaiveTime> {
        let found = self.read(text)?;
        found.time().filter(|_| !found.has_date() && found.offset.is_none())
    }

    /// Reads a timestamp; a date alone is its midnight.
    pub fn timestamp(&self, text: &str) -> Option<Timestamp> {
        let found = self.read(text)?;
        let time = match found.time() {
            Some(time) => time,
            None if found.times_agree() => NaiveTime::MIN,
            None => return None,
        };
        let local: NaiveDateTime = found.date()?.and_time(time);
        Some(match found.offset {
            None => Timestamp::Local(local),
            Some(offset) => Timestamp::Instant(instant(offset, local)?),
        })
    }

    fn read(&self, text: &str) -> Option<Found> {
        let mut found = Found::default();
        let rest = parts(&self.parts, text, &mut found)?;
        rest.is_empty().then_some(found)
    }
}

fn instant(offset: FixedOffset, local: NaiveDateTime) -> Option<DateTime<FixedOffset>> {
    offset.from_local_datetime(&local).single()
}

/// What a text says.
#[derive(Debug, Clone, Default)]
struct Found {
    year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    weekday: Option<u32>,
    hour: Option<u32>,
    half_hour: Option<u32>,
    afternoon: Option<bool>,
    minute: Option<u32>,
    second: Option<u32>,
    nanosecond: Option<u32>,
    offset: Option<FixedOffset>,
}

impl Found {
    fn has_date(&self) -> bool {
        [self.year, self.month, self.day, self.day_of_year, self.weekday]
            .iter()
            .any(Option::is_some)
    }

    fn date(&self) -> Option<NaiveDate> {
        let year = i32::try_from(self.year?).ok()?;
        let date = match (self.month, self.day, self.day_of_year) {
            (Some(month), Some(day), _) => NaiveDate::from_ymd_opt(year, month, day)?,
            (None, None, Some(day)) => NaiveDate::from_yo_opt(year, day)?,
            _ => return None,
        };
        let agrees = self.weekday.is_none_or(|day| day == date.weekday().num_days_from_monday())
            && self.day_of_year.is_none_or(|day| day == date.ordinal());
        agrees.then_some(date)
    }

    /// Whether the text says nothing of a time, or which.
    fn times_agree(&self) -> bool {
        let parts = [self.hour, self.half_hour, self.minute, self.second, self.nanosecond];
        self.time().is_some() || (parts.iter().all(Option::is_none) && self.afternoon.is_none())
    }

    fn time(&self) -> Option<NaiveTime> {
        let halves = match (self.half_hour, self.afternoon) {
            (Some(hour @ 1..=12), Some(afternoon)) => Some(hour % 12 + 12 * u32::from(afternoon)),
            (Some(_), _) => return None,
            (None, _) => None,
        };
        let hour = match (self.hour, halves) {
            (Some(a), Some(b)) if a != b => return None,
            (a, b) => a.or(b)?,
        };
        let of = |part: Option<u32>| part.unwrap_or(0);
        NaiveTime::from_hms_nano_opt(hour, of(self.minute), of(self.second), of(self.nanosecond))
    }
}

/// Reads parts off the front of a text; what is left of it.
fn parts<'t>(parts_left: &[Part], text: &'t str, found: &mut Found) -> Option<&'t str> {
    let mut text = text;
    for (n, part) in parts_left.iter().enumerate() {
        text = match part {
            Part::Literal(literal) => text.strip_prefix(literal.as_str())?,
            Part::Number(field, least, most) => {
                let reserved = if least < most { digits_after(&parts_left[n + 1..]) } else { 0 };
                number(text, (*least, *most), reserved, *field, found)?
            }
            Part::Name(name, whole) => named(text, *name, *whole, found)?,
            Part::Fraction(digits) => {
                let (fraction, rest) = split_digits(text, *digits, *digits)?;
                let scale = 10_u32.pow(9_u32.saturating_sub(u32::try_from(*digits).ok()?));
                found.nanosecond = Some(fraction.checked_mul(scale)?);
                rest
            }
            Part::Half => {
                let (half, rest) = text.split_at_checked(2)?;
                found.afternoon = Some(match half {
                    "AM" => false,
                    "PM" => true,
                    _ => return None,
                });
                rest
            }
            Part::Offset => offset(text, found)?,
            Part::Optional(inner) => {
                let mut tried = found.clone();
                match parts(inner, text, &mut tried) {
                    Some(rest) => {
                        *found = tried;
                        rest
                    }
                    None => text,
                }
            }
        };
    }
    Some(text)
}

/// Digits that the numbers directly behind one need: `d` in `yMMdd` ends where they begin.
fn digits_after(parts: &[Part]) -> usize {
    let next = parts.iter().map_while(|part| match part {
        Part::Number(_, least, _) => Some(*least),
        Part::Fraction(digits) => Some(*digits),
        _ => None,
    });
    next.sum()
}

fn split_digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if digits < least {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    Some((number.parse().ok()?, rest))
}

fn number<'t>(
    text: &'t str,
    (least, most): (usize, usize),
    reserved: usize,
    field: Field,
    found: &mut Found,
) -> Option<&'t str> {
    let run = text.bytes().take_while(u8::is_ascii_digit).count();
    let most = most.min(run.saturating_sub(reserved));
    let (value, rest) = split_digits(text, least, most)?;
    let value = if field == Field::ShortYear { 2000 + value } else { value };
    let place = match field {
        Field::Year | Field::ShortYear => &mut found.year,
        Field::Month => &mut found.month,
        Field::Day => &mut found.day,
        Field::DayOfYear => &mut found.day_of_year,
        Field::Hour => &mut found.hour,
        Field::HalfHour => &mut found.half_hour,
        Field::Minute => &mut found.minute,
        Field::Second => &mut found.second,
    };
    // A pattern may have a field twice: both say the same.
    (place.is_none_or(|known| known == value)).then_some(())?;
    *place = Some(value);
    Some(rest)
}

fn named<'t>(text: &'t str, name: Name, whole: bool, found: &mut Found) -> Option<&'t str> {
    let (names, place): (&[&str], _) = match name {
        Name::Month => (&MONTHS, &mut found.month),
        Name::Weekday => (&WEEKDAYS, &mut found.weekday),
    };
    for (number, full) in (0_u32..).zip(names) {
        let shown = if whole { *full } else { full.get(..3)? };
        if let Some(rest) = text.strip_prefix(shown) {
            let value = number + u32::from(name == Name::Month);
            (place.is_none_or(|known| known == value)).then_some(())?;
            *place = Some(value);
            return Some(rest);
        }
    }
    None
}

/// `Z`, `+01`, `+0100` or `+01:00`, whichever of them the pattern has.
fn offset<'t>(text: &'t str, found: &mut Found) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        found.offset = FixedOffset::east_opt(0);
        return Some(rest);
    }
    let east = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = split_digits(&text[1..], 2, 2)?;
    let minutes = split_digits(rest.strip_prefix(':').unwrap_or(rest), 2, 2);
    let (minutes, rest) = minutes.unwrap_or((0, rest));
    if minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    found.offset = Some(FixedOffset::east_opt(east * seconds)?);
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(pattern: &str, text: &str) -> Option<String> {
        Some(DateFormat::parse(pattern).unwrap().date(text)?.to_string())
    }

    fn time(pattern: &str, text: &str) -> Option<String> {
        Some(DateFormat::parse(pattern).unwrap().time(text)?.to_string())
    }

    fn local(pattern: &str, text: &str) -> Option<String> {
        match DateFormat::parse(pattern).unwrap().timestamp(text)? {
            Timestamp::Local(local) => Some(local.to_string()),
            Timestamp::Instant(instant) => Some(instant.to_rfc3339()),
        }
    }

    #[test]
    fn dates_are_read_as_the_jdk_reads_them() {
        for (pattern, text) in [
            ("yyyy-MM-dd", "2026-01-31"),
            ("uuuu-MM-dd", "2026-01-31"),
            ("dd.MM.yyyy", "31.01.2026"),
            ("d.M.y", "31.1.2026"),
            ("d MMM yyyy", "31 Jan 2026"),
            ("EEEE, MMMM d, yyyy", "Saturday, January 31, 2026"),
            ("yyyyMMdd", "20260131"),
            ("yMMdd", "20260131"),
            ("dd/MM/yy", "31/01/26"),
            ("yyyyDDD", "2026031"),
            ("yyyy-MM-dd[ HH:mm:ss]", "2026-01-31"),
            ("yyyy-MM-dd[ HH:mm:ss]", "2026-01-31 00:00:00"),
            ("yyyy-MM-dd HH:mm:ss", "2026-01-31 00:00:00"),
            ("yyyy'' 'o''clock' MM dd", "2026' o'clock 01 31"),
        ] {
            assert_eq!(date(pattern, text).as_deref(), Some("2026-01-31"), "{pattern}: {text}");
        }
    }

    #[test]
    fn what_is_not_exactly_of_the_format_is_not_read() {
        for (pattern, text) in [
            ("dd.MM.yyyy", "31.02.2026"),
            ("yyyy-MM-dd", "2026-1-31"),
            ("yyyy-MM-dd", "2026-01-31 "),
            ("yyyy-MM-dd", "26-01-31"),
            ("EEE d MMM yyyy", "Sun 31 Jan 2026"),
            ("d MMM yyyy", "31 jan 2026"),
            // Cut off, it would be another value.
            ("yyyy-MM-dd HH:mm:ss", "2026-01-31 10:00:00"),
            ("yyyy-MM-dd HH:mm:ss", "2026-01-31"),
            ("yyyy-MM-dd HH:mm:ss", "2026-01-31 25:00:00"),
            ("yyyy-MM", "2026-01"),
            ("yyyy-mm-dd", "2026-00-31"),
            ("HH:mm", "10:00"),
            ("yyyy-MM-ddXXX", "2026-01-31Z"),
            ("dd.MM.yyyy", "٣١.٠١.٢٠٢٦"),
        ] {
            assert_eq!(date(pattern, text), None, "{pattern}: {text}");
        }
        assert_eq!(time("hh:mm", "10:00"), None, "of the morning or of the evening?");
        assert_eq!(time("yyyy-MM-dd HH:mm", "2026-01-31 10:00"), None);
        assert_eq!(local("HH:mm", "10:00"), None);
    }

    #[test]
    fn times_and_timestamps_are_read_as_the_jdk_reads_them() {
        assert_eq!(time("HH:mm:ss", "23:59:58").as_deref(), Some("23:59:58"));
        assert_eq!(time("h:mm a", "12:30 AM").as_deref(), Some("00:30:00"));
        assert_eq!(time("h:mm a", "12:30 PM").as_deref(), Some("12:30:00"));
        assert_eq!(time("HH:mm:ss.SSS", "01:02:03.045").as_deref(), Some("01:02:03.045"));
        let at = |pattern: &str, text: &str| local(pattern, text).unwrap_or_default();
        assert_eq!(at("yyyy-MM-dd HH:mm", "2026-01-31 10:00"), "2026-01-31 10:00:00");
        assert_eq!(at("yyyyMMddHHmmssSSS", "20260131100000005"), "2026-01-31 10:00:00.005");
        assert_eq!(at("dd.MM.yyyy", "31.01.2026"), "2026-01-31 00:00:00");
        let zoned = "yyyy-MM-dd'T'HH:mm:ssXXX";
        for (text, expected) in [
            ("2026-01-31T12:00:00+01:00", "2026-01-31T12:00:00+01:00"),
            ("2026-01-31T12:00:00-0530", "2026-01-31T12:00:00-05:30"),
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+00:00"),
        ] {
            assert_eq!(at(zoned, text), expected);
        }
        assert_eq!(local(zoned, "2026-01-31T12:00:00+25:00"), None);
        assert_eq!(local(zoned, "2026-01-31T12:00:00"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_and_no_text_bring_the_reader_down(
            pattern in "[yMdDHhmsSaXEYT%'\\[\\] :.-]{0,12}",
            text in "[0-9A-Za-z:.+ -]{0,20}|\\PC{0,8}",
        ) {
            if let Ok(format) = DateFormat::parse(&pattern) {
                let _ = (format.date(&text), format.time(&text), format.timestamp(&text));
            }
        }
    }
}
