//! Reads dates and timestamps from texts in every way in which PostgreSQL writes or commonly reads them:
//! ISO 8601, `Jan 8, 1999`, `1/8/1999` (the month first), `19990108`, with zones and eras.

use super::calendar::{DAY, Moment, days, month_days};
use super::tokens::{Field, Look, fields};
use super::words::{Meaning, meaning, unit};
use super::zone::Zone;

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Fault {
    Syntax,
    /// A month 13, or a 30th of February.
    Range,
    /// Infinity, which columns do not hold; or the current time, which only a literal names.
    Refused,
    Zone(String),
}

/// What a text says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Reading {
    pub moment: Moment,
    pub zone: Option<Zone>,
}

// Parts that a text has named so far.
const YEAR: u16 = 1;
const MONTH: u16 = 2;
const MONTH_DAY: u16 = 4;
const DATE: u16 = YEAR | MONTH | MONTH_DAY;
const TIME: u16 = 8;
const ZONE: u16 = 16;
const YEAR_DAY: u16 = 32;
const WEEKDAY: u16 = 64;
const HALF: u16 = 128;
const ERA: u16 = 256;

/// What the field before has announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Announced {
    Nothing,
    JulianDay,
    Time,
}

struct Decoder {
    found: u16,
    moment: Moment,
    year_day: i64,
    zone: Option<Zone>,
    announced: Announced,
    has_two_digits: bool,
    has_month_name: bool,
    is_julian: bool,
    is_before_christ: bool,
    half: Option<Meaning>,
    is_epoch: bool,
}

type Done<T = ()> = Result<T, Fault>;

/// Reads a date with a time, or without one.
///
/// # Errors
/// Why it cannot be read.
pub(in super::super) fn read(text: &str) -> Done<Reading> {
    let is_word = |word: &str| meaning(word) != Meaning::Unknown;
    let all = fields(text, is_word).ok_or(Fault::Syntax)?;
    let mut decoder = Decoder::new();
    for (n, field) in all.iter().enumerate() {
        let named = decoder.take(field, all.get(n + 1))?;
        if decoder.found & named != 0 {
            return Err(Fault::Syntax);
        }
        decoder.found |= named;
    }
    decoder.finish()
}

impl Decoder {
    fn new() -> Self {
        Self {
            found: 0,
            moment: Moment::default(),
            year_day: 0,
            zone: None,
            announced: Announced::Nothing,
            has_two_digits: false,
            has_month_name: false,
            is_julian: false,
            is_before_christ: false,
            half: None,
            is_epoch: false,
        }
    }

    /// Takes a field, and tells what it names.
    fn take(&mut self, (look, text): &Field, next: Option<&Field>) -> Done<u16> {
        match look {
            Look::Date => self.date_field(text),
            Look::Time => {
                self.expect_no_julian_day()?;
                self.clock(text)
            }
            Look::Signed => {
                self.zone = Some(Zone::of_input(text).ok_or(Fault::Syntax)?);
                Ok(ZONE)
            }
            Look::Number => self.number_field(text),
            Look::Word | Look::SignedWord => self.word(text, next),
        }
    }

    fn expect_no_julian_day(&mut self) -> Done {
        match std::mem::replace(&mut self.announced, Announced::Nothing) {
            Announced::JulianDay => Err(Fault::Syntax),
            _ => Ok(()),
        }
    }

    fn date_field(&mut self, text: &str) -> Done<u16> {
        let has_day = self.found & (MONTH | MONTH_DAY) == (MONTH | MONTH_DAY);
        if self.announced == Announced::Nothing && !has_day {
            return self.date(text);
        }
        if self.announced == Announced::JulianDay {
            return Err(Fault::Syntax);
        }
        let is_time = text.starts_with(|c: char| c.is_ascii_digit());
        if !is_time && self.announced == Announced::Nothing {
            let zone = Zone::behind(text).ok_or_else(|| Fault::Zone(text.to_owned()))?;
            self.zone = Some(zone);
            return Ok(ZONE);
        }
        self.announced = Announced::Nothing;
        // A time without colons, and the offset of its zone: `040506-08`.
        let (time, offset) = text.split_once('-').ok_or(Fault::Syntax)?;
        self.zone = Some(Zone::of_input(&format!("-{offset}")).ok_or(Fault::Syntax)?);
        Ok(self.run_together(time)? | ZONE)
    }

    fn number_field(&mut self, text: &str) -> Done<u16> {
        match std::mem::replace(&mut self.announced, Announced::Nothing) {
            Announced::JulianDay => return self.julian_day(text),
            Announced::Time => return self.run_together(text),
            Announced::Nothing => {}
        }
        let has_point = text.contains('.');
        let whole = text.split('.').next().unwrap_or_default().len();
        if has_point && self.found & DATE == 0 {
            return self.date(text);
        }
        let is_incomplete = self.found & DATE == 0 || self.found & TIME == 0;
        if (has_point && whole > 2) || (!has_point && text.len() >= 6 && is_incomplete) {
            return self.run_together(text);
        }
        self.number(text)
    }

    fn julian_day(&mut self, text: &str) -> Done<u16> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let day: i64 = whole.parse().map_err(|_| Fault::Syntax)?;
        let day = i32::try_from(day).map_err(|_| Fault::Range)?;
        self.moment = Moment::of_day(i64::from(day) - super::calendar::JULIAN);
        self.is_julian = true;
        if fraction.is_empty() {
            return Ok(DATE);
        }
        let part: f64 = format!("0.{fraction}").parse().map_err(|_| Fault::Syntax)?;
        self.moment.set_time((part * DAY as f64) as i64);
        Ok(DATE | TIME)
    }

    /// Digits that are a date or a time without anything between its parts.
    fn run_together(&mut self, text: &str) -> Done<u16> {
        let mut digits = text;
        if let Some((whole, _)) = text.split_once('.') {
            self.moment.micro = micros_of(&text[whole.len()..])?;
            digits = whole;
        } else if self.found & DATE != DATE && digits.len() >= 6 {
            let (rest, day) = split_last_two(digits)?;
            let (year, month) = split_last_two(rest)?;
            self.moment.day = day;
            self.moment.month = month;
            self.moment.year = integer(year)?;
            self.has_two_digits = year.len() == 2;
            return Ok(DATE);
        }
        if self.found & TIME != 0 {
            return Err(Fault::Syntax);
        }
        let two = |at: usize| digits.get(at..at + 2).map_or(Err(Fault::Syntax), integer);
        (self.moment.hour, self.moment.minute) = match digits.len() {
            4 | 6 => (two(0)?, two(2)?),
            _ => return Err(Fault::Syntax),
        };
        self.moment.second = if digits.len() == 6 { two(4)? } else { 0 };
        self.check_clock()?;
        Ok(TIME)
    }

    /// A date, whose parts are joined.
    fn date(&mut self, text: &str) -> Done<u16> {
        let mut parts: Vec<&str> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
            let end = rest.find(|c: char| match is_number {
                true => !c.is_ascii_digit(),
                false => !c.is_ascii_alphabetic(),
            });
            let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
            if part.is_empty() {
                return Err(Fault::Syntax);
            }
            parts.push(part);
            // One character separates a part from the next.
            rest = behind.get(1..).unwrap_or_default();
        }
        let before = self.found;
        for part in parts.iter().filter(|p| p.starts_with(|c: char| c.is_ascii_alphabetic())) {
            match meaning(part) {
                Meaning::Month(month) if self.found & MONTH == 0 => {
                    self.moment.month = month;
                    self.has_month_name = true;
                    self.found |= MONTH;
                }
                Meaning::Nothing => {}
                _ => return Err(Fault::Syntax),
            }
        }
        for part in parts.iter().filter(|p| p.starts_with(|c: char| c.is_ascii_digit())) {
            let named = self.number(part)?;
            if self.found & named != 0 {
                return Err(Fault::Syntax);
            }
            self.found |= named;
        }
        let named = self.found & !before;
        let is_whole = self.found & DATE == DATE && self.found & !(DATE | YEAR_DAY | ZONE) == 0;
        self.found = before;
        if is_whole { Ok(named) } else { Err(Fault::Syntax) }
    }

    /// A number that is a part of a date by its place.
    fn number(&mut self, text: &str) -> Done<u16> {
        if let Some((whole, _)) = text.split_once('.') {
            if whole.len() > 2 {
                let found = self.found;
                self.found |= DATE;
                let named = self.run_together(text);
                self.found = found;
                return named;
            }
            return Err(Fault::Syntax);
        }
        let (value, digits) = (integer(text)?, text.len());
        let so_far = self.found & DATE;
        if digits == 3 && so_far == YEAR && (1..=366).contains(&value) {
            self.year_day = value;
            return Ok(YEAR_DAY | MONTH | MONTH_DAY);
        }
        let named = match so_far {
            0 if digits >= 3 => YEAR,
            0 => MONTH,
            YEAR => MONTH,
            MONTH if self.has_month_name && digits >= 3 => YEAR,
            MONTH => MONTH_DAY,
            MONTH_DAY => MONTH,
            m if m == MONTH | MONTH_DAY => YEAR,
            m if m == YEAR | MONTH => {
                if self.has_month_name && digits >= 3 && self.has_two_digits {
                    // What was taken for the year is the day.
                    self.moment.day = self.moment.year;
                    self.moment.year = value;
                    self.has_two_digits = false;
                    return Ok(MONTH_DAY);
                }
                MONTH_DAY
            }
            DATE => return self.run_together(text),
            _ => return Err(Fault::Syntax),
        };
        match named {
            YEAR => {
                self.moment.year = value;
                self.has_two_digits = digits <= 2;
            }
            MONTH => self.moment.month = value,
            _ => self.moment.day = value,
        }
        Ok(named)
    }

    fn clock(&mut self, text: &str) -> Done<u16> {
        let time = clock(text)?;
        self.moment.hour = time.hour;
        self.moment.minute = time.minute;
        self.moment.second = time.second;
        self.moment.micro = time.micro;
        self.check_clock()?;
        Ok(TIME)
    }

    fn check_clock(&self) -> Done {
        let at = &self.moment;
        let is_past_midnight = at.hour == 24 && (at.minute, at.second, at.micro) != (0, 0, 0);
        match at.hour > 24 || at.minute > 59 || at.second > 60 || is_past_midnight {
            true => Err(Fault::Range),
            false => Ok(()),
        }
    }

    fn word(&mut self, text: &str, next: Option<&Field>) -> Done<u16> {
        if let Some(zone) = Zone::abbreviated(text) {
            self.zone = Some(zone);
            return Ok(ZONE);
        }
        match meaning(text) {
            Meaning::Nothing => Ok(0),
            Meaning::Month(month) => {
                let has_number = self.found & MONTH != 0 && self.found & MONTH_DAY == 0;
                let is_day = has_number && !self.has_month_name;
                let before = std::mem::replace(&mut self.moment.month, month);
                self.has_month_name = true;
                match is_day && (1..=31).contains(&before) {
                    true => {
                        self.moment.day = before;
                        Ok(MONTH_DAY)
                    }
                    false => Ok(MONTH),
                }
            }
            Meaning::Weekday => Ok(WEEKDAY),
            half @ (Meaning::Forenoon | Meaning::Afternoon) => {
                self.half = Some(half);
                Ok(HALF)
            }
            era @ (Meaning::BeforeChrist | Meaning::AnnoDomini) => {
                self.is_before_christ = era == Meaning::BeforeChrist;
                Ok(ERA)
            }
            Meaning::Unit("julian") if self.announced == Announced::Nothing => {
                self.announced = Announced::JulianDay;
                Ok(0)
            }
            Meaning::Time if self.found & DATE == DATE => {
                let follows =
                    |(look, _): &Field| matches!(look, Look::Number | Look::Time | Look::Date);
                self.announced = Announced::Time;
                if next.is_some_and(follows) { Ok(0) } else { Err(Fault::Syntax) }
            }
            Meaning::Midnight => {
                self.moment.set_time(0);
                self.zone = Some(Zone::UTC);
                Ok(TIME | ZONE)
            }
            Meaning::Epoch => {
                self.is_epoch = true;
                Ok(DATE | TIME | ZONE)
            }
            Meaning::Now | Meaning::Today | Meaning::Tomorrow | Meaning::Yesterday => {
                Err(Fault::Refused)
            }
            Meaning::Infinity | Meaning::MinusInfinity => Err(Fault::Refused),
            Meaning::Unknown if unit(text).is_none() => {
                self.zone = Some(Zone::named(text).ok_or(Fault::Syntax)?);
                Ok(ZONE)
            }
            _ => Err(Fault::Syntax),
        }
    }

    fn finish(mut self) -> Done<Reading> {
        if self.is_epoch {
            return Ok(Reading { moment: Moment::of(0), zone: Some(Zone::UTC) });
        }
        self.settle_year()?;
        let at = &mut self.moment;
        if self.found & YEAR_DAY != 0 {
            let settled = Moment::of_day(days(at.year, 1, 1) + self.year_day - 1);
            (at.year, at.month, at.day) = (settled.year, settled.month, settled.day);
        }
        if self.found & DATE != DATE || self.announced != Announced::Nothing {
            return Err(Fault::Syntax);
        }
        if !(1..=12).contains(&at.month) || !(1..=month_days(at.year, at.month)).contains(&at.day) {
            return Err(Fault::Range);
        }
        at.hour = hour(at.hour, self.half)?;
        Ok(Reading { moment: self.moment, zone: self.zone })
    }

    fn settle_year(&mut self) -> Done {
        let year = &mut self.moment.year;
        if self.found & YEAR == 0 || self.is_julian {
            return Ok(());
        }
        if *year > 5_874_897 {
            return Err(Fault::Range);
        }
        if self.is_before_christ {
            if *year <= 0 {
                return Err(Fault::Range);
            }
            *year = 1 - *year;
        } else if self.has_two_digits {
            *year += if *year < 70 { 2000 } else { 1900 };
        } else if *year <= 0 {
            return Err(Fault::Range);
        }
        Ok(())
    }
}

/// The hour of a day of which a half is named.
pub(super) fn hour(hour: i64, half: Option<Meaning>) -> Done<i64> {
    match half {
        Some(_) if hour > 12 => Err(Fault::Range),
        Some(Meaning::Forenoon) if hour == 12 => Ok(0),
        Some(Meaning::Afternoon) if hour != 12 => Ok(hour + 12),
        _ => Ok(hour),
    }
}

/// `hours:minutes`, `hours:minutes:seconds`, or `minutes:seconds.fraction`. Hours may be of any number.
pub(in super::super) fn clock(text: &str) -> Done<Moment> {
    let (whole, fraction) = match text.find('.') {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let parts = whole.split(':').map(integer).collect::<Done<Vec<i64>>>()?;
    let (hour, minute, second) = match (parts.as_slice(), fraction) {
        ([minute, second], Some(_)) => (0, *minute, *second),
        ([hour, minute], None) => (*hour, *minute, 0),
        ([hour, minute, second], _) => (*hour, *minute, *second),
        _ => return Err(Fault::Syntax),
    };
    let micro = fraction.map_or(Ok(0), micros_of)?;
    if minute > 59 || second > 60 {
        return Err(Fault::Range);
    }
    Ok(Moment { hour, minute, second, micro, ..Moment::default() })
}

/// The microseconds of a fraction of a second, which begins with a point.
fn micros_of(fraction: &str) -> Done<i64> {
    let digits = fraction.strip_prefix('.').ok_or(Fault::Syntax)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::Syntax);
    }
    let part: f64 = format!("0.{digits}0").parse().map_err(|_| Fault::Syntax)?;
    Ok((part * 1e6).round_ties_even() as i64)
}

fn integer(text: &str) -> Done<i64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::Syntax);
    }
    let value: i64 = text.parse().map_err(|_| Fault::Range)?;
    i32::try_from(value).map(i64::from).map_err(|_| Fault::Range)
}

/// What is in front of the last two digits, and their number.
fn split_last_two(digits: &str) -> Done<(&str, i64)> {
    let at = digits.len().checked_sub(2).ok_or(Fault::Syntax)?;
    let (rest, last) = digits.split_at_checked(at).ok_or(Fault::Syntax)?;
    Ok((rest, integer(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<String, Fault> {
        let at = read(text)?.moment;
        Ok(super::super::text::timestamp(at.micros().unwrap(), false))
    }

    #[test]
    fn every_usual_way_to_write_a_date_is_read() {
        for text in [
            "1999-01-08",
            "19990108",
            "990108",
            "1999.008",
            "1/8/1999",
            "1/8/99",
            "Jan 8, 1999",
            "January 8 1999",
            "8 Jan 1999",
            "Fri Jan 8 1999",
            "1999-Jan-08",
            "Jan-08-1999",
            "08-Jan-1999",
            "08-Jan-99",
            "J2451187",
            " 1999-01-08 ",
            "1999-01-08 00:00 AD",
        ] {
            assert_eq!(told(text).as_deref(), Ok("1999-01-08 00:00:00"), "{text}");
        }
    }

    #[test]
    fn times_have_halves_fractions_and_zones() {
        for (text, expected) in [
            ("2020-01-02T03:04:05Z", "2020-01-02 03:04:05"),
            ("2020-01-02T030405", "2020-01-02 03:04:05"),
            ("20200102T030405", "2020-01-02 03:04:05"),
            ("2020-01-02 03:04", "2020-01-02 03:04:00"),
            ("2020-01-02 12:30 AM", "2020-01-02 00:30:00"),
            ("2020-01-02 12:30 pm", "2020-01-02 12:30:00"),
            ("2020-01-02 24:00:00", "2020-01-03 00:00:00"),
            ("2020-01-02 23:59:60", "2020-01-03 00:00:00"),
            ("2020-01-02 03:04:05.1234565", "2020-01-02 03:04:05.123456"),
            ("2020-01-02 03:04:05.9999999", "2020-01-02 03:04:06"),
            ("2020-01-02 03:04:05 PST", "2020-01-02 03:04:05"),
            ("2020-01-02 03:04:05 Europe/Brussels", "2020-01-02 03:04:05"),
            ("0044-03-15 BC", "0044-03-15 00:00:00 BC"),
            ("epoch", "1970-01-01 00:00:00"),
        ] {
            assert_eq!(told(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_date_is_not_read() {
        for text in
            ["", "x", "2020", "2020-01", "10:00", "2020-01-02 x", "1 2", "2020-01-02 5 days"]
        {
            assert_eq!(told(text), Err(Fault::Syntax), "{text}");
        }
        for text in ["2020-13-01", "2020-02-30", "0000-01-01", "2020-01-01 25:00", "99-99-99"] {
            assert_eq!(told(text), Err(Fault::Range), "{text}");
        }
        assert_eq!(told("infinity"), Err(Fault::Refused));
    }
}
