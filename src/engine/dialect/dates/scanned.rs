//! `to_date` and `to_timestamp` with a template: as lenient as PostgreSQL's about blanks and separators, and
//! as strict about numbers and names.

use std::collections::HashMap;

use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

use super::calendar::{HOUR, JULIAN, MINUTE, Moment, SECOND, days, iso_monday, month_days};
use super::picture::{Node, Part, nodes};
use super::words::{DAYS, MONTHS};

/// What a text says by a template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Scanned {
    pub moment: Moment,
    /// Seconds east of UTC, where the text tells them.
    pub offset: Option<i64>,
}

/// The parts that were read, by name.
#[derive(Default)]
struct Found {
    numbers: HashMap<&'static str, i64>,
    /// Digits of a year that were asked for.
    year_digits: usize,
    is_afternoon: bool,
    has_twelve_hours: bool,
    is_before_christ: bool,
    zone_sign: Option<i64>,
    is_iso: Option<bool>,
}

/// Reads a text by a template.
///
/// # Errors
/// When the text does not fit, or says something impossible.
pub(in super::super) fn read(text: &str, template: &str) -> Result<Scanned> {
    let mut scanner = Scanner { text, at: 0, skipped: 0, is_fixed: false, found: Found::default() };
    scanner.scan(&nodes(template))?;
    scanner.found.settle(text)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Blanks that were passed over more than the template has.
    skipped: i64,
    is_fixed: bool,
    found: Found,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn step(&mut self) {
        self.at += self.next().map_or(0, char::len_utf8);
    }

    fn skip_blanks(&mut self) -> i64 {
        let mut count = 0;
        while self.next().is_some_and(is_blank) {
            self.step();
            count += 1;
        }
        count
    }

    fn scan(&mut self, nodes: &[Node]) -> Result<()> {
        for (n, node) in nodes.iter().enumerate() {
            if self.rest().is_empty() {
                break;
            }
            let is_part = matches!(node, Node::Part(_));
            if !self.is_fixed && (is_part || n == 0) {
                self.skipped += self.skip_blanks();
            }
            match node {
                Node::Separator(_) | Node::Space(_) if self.is_fixed => self.step(),
                Node::Separator(_) | Node::Space(_) => {
                    self.skipped -= 1;
                    if self.next().is_some_and(|c| is_blank(c) || c.is_ascii_punctuation()) {
                        self.step();
                        self.skipped += 1;
                    }
                }
                Node::Text(_) if !self.is_fixed && self.skipped > 0 => self.skipped -= 1,
                Node::Text(_) => self.step(),
                Node::Part(part) => {
                    self.part(part, nodes.get(n + 1))?;
                    if !self.is_fixed {
                        self.skipped = self.skip_blanks();
                    }
                }
            }
        }
        Ok(())
    }

    fn part(&mut self, part: &Part, next: Option<&Node>) -> Result<()> {
        let key = part.key();
        self.refuse_mixed(&key)?;
        let digits = match key.as_str() {
            "FX" => {
                self.is_fixed = true;
                return Ok(());
            }
            "AM" | "PM" => return self.half(part, &["AM", "PM"]),
            "A.M." | "P.M." => return self.half(part, &["A.M.", "P.M."]),
            "AD" | "BC" => return self.era(part, &["AD", "BC"]),
            "A.D." | "B.C." => return self.era(part, &["A.D.", "B.C."]),
            "MONTH" => return self.name(part, "MM", &MONTHS, 1),
            "MON" => return self.name(part, "MM", &MONTHS.map(|m| &m[..3]), 1),
            "DAY" => return self.name(part, "D", &DAYS, 1),
            "DY" => return self.name(part, "D", &DAYS.map(|d| &d[..3]), 1),
            "RM" => return self.roman(part),
            "TZH" => return self.zone_hour(part, next),
            "Y,YYY" => return self.comma_year(part),
            "TZ" | "OF" => {
                let word = part.word;
                return exec_err!("formatting field \"{word}\" is only supported in to_char");
            }
            "HH" | "HH12" | "HH24" | "MI" | "SS" | "MM" | "DD" | "WW" | "IW" | "CC" | "TZM" => 2,
            "DDD" | "IDDD" | "MS" => 3,
            "US" => 6,
            "D" | "ID" | "Q" | "W" | "J" => 1,
            "SSSS" => 4,
            "SSSSS" => 5,
            year if year.starts_with(['Y', 'I']) => year.len(),
            _ => key.get(2..).and_then(|digits| digits.parse().ok()).unwrap_or(1),
        };
        let (value, taken) = self.number(part, digits, next)?;
        self.keep(&key, value, taken, digits, part)?;
        self.pass_ordinal(part);
        Ok(())
    }

    fn refuse_mixed(&mut self, key: &str) -> Result<()> {
        const EITHER: &[&str] = &["IDDD", "IYYY", "IYY", "IY", "I", "IW", "ID"];
        const GREGORIAN: &[&str] = &[
            "YYYY", "YYY", "YY", "Y", "Y,YYY", "MM", "MON", "MONTH", "RM", "DD", "DDD", "D", "DAY",
            "DY", "WW", "W", "CC",
        ];
        let is_iso = match (EITHER.contains(&key), GREGORIAN.contains(&key)) {
            (true, _) => true,
            (_, true) => false,
            _ => return Ok(()),
        };
        match self.found.is_iso.replace(is_iso) {
            Some(before) if before != is_iso => {
                exec_err!("invalid combination of date conventions")
            }
            _ => Ok(()),
        }
    }

    fn keep(
        &mut self,
        key: &str,
        value: i64,
        taken: usize,
        digits: usize,
        part: &Part,
    ) -> Result<()> {
        let name = match key {
            "HH" | "HH12" => {
                self.found.has_twelve_hours = true;
                "HH"
            }
            "HH24" => "HH",
            "SSSSS" | "SSSS" => "SSSS",
            "DDD" | "IDDD" => "DDD",
            "WW" | "IW" => "WW",
            "MI" => "MI",
            "SS" => "SS",
            "MM" => "MM",
            "DD" => "DD",
            "CC" => "CC",
            "TZM" => {
                self.found.zone_sign.get_or_insert(1);
                "TZM"
            }
            "D" => "D",
            // Sunday is the first day here, whatever it was in the text.
            "ID" => return self.set("D", if value >= 7 { 1 } else { value + 1 }, part),
            "W" => "W",
            "J" => "J",
            // A quarter does not tell a day.
            "Q" => return Ok(()),
            "MS" => {
                let factor = [1, 100, 10].get(taken).copied().unwrap_or(1);
                return self.set("MS", value * factor, part);
            }
            key if key.starts_with(['Y', 'I']) => {
                self.found.year_digits = digits;
                let is_whole = digits == 4 || taken >= 4;
                return self.set("YEAR", if is_whole { value } else { near_2020(value) }, part);
            }
            _ => {
                // Microseconds, of which as many digits as were read.
                let missing = 6_u32.saturating_sub(u32::try_from(taken).unwrap_or(6));
                return self.set("US", value * 10_i64.pow(missing), part);
            }
        };
        self.set(name, value, part)
    }

    fn set(&mut self, name: &'static str, value: i64, part: &Part) -> Result<()> {
        match self.found.numbers.insert(name, value) {
            Some(before) if before != 0 && before != value => {
                let word = part.word;
                exec_err!("conflicting values for \"{word}\" field in formatting string")
            }
            _ => Ok(()),
        }
    }

    /// A number of so many digits: exactly, where digits follow, and else as many as there are.
    fn number(&mut self, part: &Part, digits: usize, next: Option<&Node>) -> Result<(i64, usize)> {
        let begin = self.at;
        self.skip_blanks();
        let rest = self.rest();
        let is_open = part.is_filled || part.ordinal.is_some() || ends_number(next);
        let window = match is_open {
            true => rest,
            false => rest.get(..digits.min(rest.len())).unwrap_or(rest),
        };
        if !is_open && rest.len() < digits {
            return exec_err!("source string too short for \"{}\" formatting field", part.word);
        }
        let unsigned = window.strip_prefix(['+', '-']).unwrap_or(window);
        let count = unsigned.bytes().take_while(u8::is_ascii_digit).count();
        let length = if count == 0 { 0 } else { window.len() - unsigned.len() + count };
        let number = window.get(..length).unwrap_or_default();
        let invalid = || {
            let shown: String = window.chars().take(digits.max(length)).collect();
            exec_datafusion_err!("invalid value \"{shown}\" for \"{}\"", part.word)
        };
        if length == 0 || (!is_open && length < digits) {
            return Err(invalid());
        }
        let value: i64 = number.parse().map_err(|_| invalid())?;
        let value = i32::try_from(value).map_err(|_| invalid())?;
        self.at += length;
        // Blanks in front count as digits, as PostgreSQL counts them.
        Ok((value.into(), self.at - begin))
    }

    fn pass_ordinal(&mut self, part: &Part) {
        if part.ordinal.is_some() {
            self.step();
            self.step();
        }
    }

    /// The place among names of the one that follows.
    fn choice(&mut self, part: &Part, names: &[&str]) -> Result<i64> {
        let rest = self.rest();
        let begins = |name: &&str| {
            rest.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        };
        let Some(at) = names.iter().position(begins) else {
            let shown: String = rest.chars().take_while(|c| !is_blank(*c)).collect();
            return exec_err!("invalid value \"{shown}\" for \"{}\"", part.word);
        };
        self.at += names.get(at).map_or(0, |name| name.len());
        Ok(i64::try_from(at).unwrap_or(0))
    }

    fn name(&mut self, part: &Part, field: &'static str, names: &[&str], first: i64) -> Result<()> {
        let place = self.choice(part, names)?;
        self.set(field, place + first, part)
    }

    fn roman(&mut self, part: &Part) -> Result<()> {
        // The longer numeral comes first.
        let numerals = ["XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"];
        let place = self.choice(part, &numerals)?;
        self.set("MM", 12 - place, part)
    }

    fn half(&mut self, part: &Part, names: &[&str]) -> Result<()> {
        self.found.is_afternoon = self.choice(part, names)? == 1;
        self.found.has_twelve_hours = true;
        Ok(())
    }

    fn era(&mut self, part: &Part, names: &[&str]) -> Result<()> {
        self.found.is_before_christ = self.choice(part, names)? == 1;
        Ok(())
    }

    fn zone_hour(&mut self, part: &Part, next: Option<&Node>) -> Result<()> {
        let sign = match self.next() {
            Some(sign @ ('+' | '-' | ' ')) => {
                self.step();
                sign
            }
            // The sign was taken for a separator.
            _ if self.skipped > 0
                && self.text.get(..self.at).unwrap_or_default().ends_with('-') =>
            {
                '-'
            }
            _ => '+',
        };
        self.found.zone_sign = Some(if sign == '-' { -1 } else { 1 });
        let (value, _) = self.number(part, 2, next)?;
        self.set("TZH", value, part)
    }

    fn comma_year(&mut self, part: &Part) -> Result<()> {
        let rest = self.rest();
        let count = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (thousands, behind) = rest.split_at(count(rest));
        let years = behind.strip_prefix(',').map(|years| &years[..count(years).min(3)]);
        let both =
            years.and_then(|y| Some((thousands.parse::<i32>().ok()?, y.parse::<i64>().ok()?)));
        let Some((millennia, year)) = both else {
            return exec_err!("invalid input string for \"Y,YYY\"");
        };
        self.at += thousands.len() + 1 + years.map_or(0, str::len);
        self.found.year_digits = 4;
        self.set("YEAR", i64::from(millennia) * 1_000 + year, part)?;
        self.pass_ordinal(part);
        Ok(())
    }
}

fn is_blank(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\u{b}'
}

/// Whether what follows in a template cannot be a digit.
fn ends_number(next: Option<&Node>) -> bool {
    match next {
        None => true,
        Some(Node::Part(part)) => {
            let key = part.key();
            let names = [
                "A.D.", "A.M.", "B.C.", "P.M.", "AD", "AM", "BC", "PM", "MONTH", "MON", "DAY",
                "DY", "RM", "TZ", "TZH", "OF", "FX",
            ];
            names.contains(&key.as_str())
        }
        Some(Node::Separator(c) | Node::Space(c) | Node::Text(c)) => !c.is_ascii_digit(),
    }
}

/// A year of fewer than four digits, in the years around 2020.
fn near_2020(year: i64) -> i64 {
    match year {
        ..70 => year + 2_000,
        70..100 => year + 1_900,
        100..520 => year + 2_000,
        520..1_000 => year + 1_000,
        _ => year,
    }
}

impl Found {
    /// A part that is there and not zero, which says nothing.
    fn get(&self, name: &str) -> Option<i64> {
        self.numbers.get(name).copied().filter(|value| *value != 0)
    }

    fn settle(&self, text: &str) -> Result<Scanned> {
        let out = || exec_datafusion_err!("date/time field value out of range: \"{text}\"");
        let mut at = Moment { month: 1, day: 1, ..Moment::default() };
        self.settle_time(&mut at)?;
        self.settle_date(&mut at)?;
        let is_day =
            (1..=12).contains(&at.month) && (1..=month_days(at.year, at.month)).contains(&at.day);
        let is_time = (0..24).contains(&at.hour)
            && (0..60).contains(&at.minute)
            && (0..60).contains(&at.second)
            && (0..SECOND).contains(&at.micro);
        if !is_day || !is_time {
            return Err(out());
        }
        let Some(sign) = self.zone_sign else { return Ok(Scanned { moment: at, offset: None }) };
        let hours = self.numbers.get("TZH").copied().unwrap_or(0);
        let minutes = self.numbers.get("TZM").copied().unwrap_or(0);
        if !(0..=15).contains(&hours) || !(0..60).contains(&minutes) {
            return Err(out());
        }
        Ok(Scanned { moment: at, offset: Some(sign * (hours * 3_600 + minutes * 60)) })
    }

    fn settle_time(&self, at: &mut Moment) -> Result<()> {
        if let Some(seconds) = self.get("SSSS") {
            let time = seconds * SECOND;
            (at.hour, at.minute, at.second) =
                (time / HOUR, time % HOUR / MINUTE, time % MINUTE / SECOND);
        }
        at.second = self.get("SS").unwrap_or(at.second);
        at.minute = self.get("MI").unwrap_or(at.minute);
        at.hour = self.get("HH").unwrap_or(at.hour);
        at.micro = self.get("MS").unwrap_or(0) * 1_000 + self.get("US").unwrap_or(0);
        if !self.has_twelve_hours {
            return Ok(());
        }
        if !(1..=12).contains(&at.hour) {
            return exec_err!("hour \"{}\" is invalid for the 12-hour clock", at.hour);
        }
        at.hour = at.hour % 12 + if self.is_afternoon { 12 } else { 0 };
        Ok(())
    }

    fn settle_date(&self, at: &mut Moment) -> Result<()> {
        let set = |at: &mut Moment, day: i64| {
            let of_day = Moment::of_day(day);
            (at.year, at.month, at.day) = (of_day.year, of_day.month, of_day.day);
        };
        at.year = self.year().unwrap_or(0);
        let is_iso = self.is_iso == Some(true);
        if let Some(julian) = self.get("J") {
            set(at, julian - JULIAN);
        }
        let mut year_day = self.get("DDD");
        if let Some(week) = self.get("WW") {
            if is_iso {
                // Sunday is the first day of a week, and here the last.
                let day = self.get("D").map_or(0, |day| if day > 1 { day - 2 } else { 6 });
                set(at, iso_monday(at.year, week) + day);
            } else {
                year_day = Some((week - 1) * 7 + 1);
            }
        }
        if let Some(week) = self.get("W") {
            at.day = (week - 1) * 7 + 1;
        }
        at.day = self.get("DD").unwrap_or(at.day);
        at.month = self.get("MM").unwrap_or(at.month);
        let Some(day) = year_day.filter(|_| at.month <= 1 || at.day <= 1) else { return Ok(()) };
        if at.year == 0 && !self.is_before_christ {
            return exec_err!("cannot calculate day of year without year information");
        }
        if is_iso {
            set(at, iso_monday(at.year, 1) + day - 1);
            return Ok(());
        }
        let first = days(at.year, 1, 1);
        let found = Moment::of_day(first + day - 1);
        if found.year != at.year {
            return exec_err!("date/time field value out of range: day {day} of a year");
        }
        if at.month <= 1 {
            at.month = found.month;
        }
        if at.day <= 1 {
            at.day = found.day;
        }
        Ok(())
    }

    /// The year, counted astronomically.
    fn year(&self) -> Option<i64> {
        let century = self.get("CC").map(|c| if self.is_before_christ { -c } else { c });
        match (self.get("YEAR"), century) {
            (Some(year), Some(century)) if self.year_digits <= 2 => {
                let year = year % 100;
                Some(match (year, century >= 0) {
                    (0, true) => century * 100,
                    (0, false) => century * 100 + 1,
                    (year, true) => year + (century - 1) * 100,
                    (year, false) => (century + 1) * 100 - year + 1,
                })
            }
            (Some(year), _) => {
                let year = if self.is_before_christ { -year } else { year };
                Some(if year < 0 { year + 1 } else { year })
            }
            (None, Some(century)) if century >= 0 => Some((century - 1) * 100 + 1),
            (None, Some(century)) => Some(century * 100 + 1),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::timestamp;
    use super::*;

    fn told(text: &str, template: &str) -> String {
        match read(text, template) {
            Ok(found) => timestamp(found.moment.micros().unwrap(), false),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn texts_are_read_by_their_template() {
        for (text, template, expected) in [
            ("05 Dec 2000", "DD Mon YYYY", "2000-12-05 00:00:00"),
            ("20001205", "YYYYMMDD", "2000-12-05 00:00:00"),
            ("2000 JUN", "YYYY MON", "2000-06-01 00:00:00"),
            ("3/4/21 9:05 pm", "MM/DD/YY HH:MI am", "2021-03-04 21:05:00"),
            ("2021-12-31 23:59:58.5", "YYYY-MM-DD HH24:MI:SS.MS", "2021-12-31 23:59:58.500000"),
            ("2020-366", "YYYY-DDD", "2020-12-31 00:00:00"),
            ("2020-W53-7", "IYYY-\"W\"IW-ID", "2021-01-03 00:00:00"),
            ("  2020  5", "YYYY MM", "2020-05-01 00:00:00"),
            ("12th of May 2020", "FMDDth \"of\" Month YYYY", "2020-05-12 00:00:00"),
        ] {
            let expected = expected.trim_end_matches('0').trim_end_matches('.');
            let found = told(text, template);
            assert_eq!(found.trim_end_matches('0').trim_end_matches('.'), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        for (text, template) in [
            ("2020-13-01", "YYYY-MM-DD"),
            ("2020-02-30", "YYYY-MM-DD"),
            ("x", "YYYY"),
            ("2020-x", "YYYY-MON"),
            ("13:00", "HH:MI"),
            ("2020 10", "IYYY MM"),
            ("2020", "TZ"),
            ("2020 2021", "YYYY YYYY"),
        ] {
            assert!(read(text, template).is_err(), "{text} {template}");
        }
    }

    #[test]
    fn a_zone_has_a_sign() {
        let offset = |text| read(text, "YYYY-MM-DD HH24:MI TZH:TZM").unwrap().offset;
        assert_eq!(offset("2020-01-01 10:00 -05:30"), Some(-19_800));
        assert_eq!(offset("2020-01-01 10:00 +02:00"), Some(7_200));
    }
}
