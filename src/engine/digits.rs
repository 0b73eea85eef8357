//! The decimal digits that numbers are written with, and whether a binary number keeps them.
//!
//! A double tells any two texts of 15 digits apart. Of the longer texts it keeps exactly one for
//! each of its values: the one that it is written as itself. So no two different texts become one
//! value, and what is stored is what was delivered.

use std::fmt::LowerExp;

use arrow::datatypes::DataType;

/// A binary number that texts are read as.
pub(super) trait Binary: Copy + LowerExp {
    /// The decimal digits that it always keeps.
    const DIGITS: usize;

    /// Whether it has all of its bits.
    fn is_whole(self) -> bool;
}

impl Binary for f64 {
    const DIGITS: usize = 15;

    fn is_whole(self) -> bool {
        self.is_normal()
    }
}

impl Binary for f32 {
    const DIGITS: usize = 6;

    fn is_whole(self) -> bool {
        self.is_normal()
    }
}

/// Whether a text, which was read as this finite value, can be told from every other number.
pub(super) fn keeps<T: Binary>(value: T, text: &str) -> bool {
    let written = Written::of(text);
    if written.digits.len() <= T::DIGITS && (value.is_whole() || written.digits.is_empty()) {
        return true;
    }
    Written::of(&format!("{value:e}")) == written
}

/// A number as it is written: `digits × 10^exponent`, without zeros at either end.
#[derive(PartialEq, Eq)]
struct Written {
    digits: Vec<u8>,
    exponent: i64,
}

impl Written {
    fn of(text: &str) -> Self {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0)),
            None => (text, 0_i64),
        };
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0');
        let mut digits: Vec<u8> = digits.collect();
        let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
        digits.truncate(digits.len() - zeros);
        let places = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let exponent = exponent.saturating_sub(places(fraction)).saturating_add(places(zeros));
        match digits.is_empty() {
            true => Self { digits, exponent: 0 },
            false => Self { digits, exponent },
        }
    }

    /// Digits before the point, and after it.
    fn places(&self) -> (u64, u64) {
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        let whole = length.saturating_add(self.exponent).max(0);
        (whole.unsigned_abs(), self.exponent.min(0).unsigned_abs())
    }
}

/// The digits of a column's numbers, some of which its type does not keep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Digits {
    whole: u64,
    fraction: u64,
    lost: bool,
    lost_by_double: bool,
}

/// Most digits of a decimal that is stored.
const MOST: u64 = 38;

impl Digits {
    /// Counts the digits of a text that may be a number, as a double would keep them.
    pub fn add(&mut self, text: &str) {
        match text.parse::<f64>() {
            Ok(double) if !double.is_finite() || keeps(double, text) => self.keep(text),
            _ => self.lose(text),
        }
    }

    /// Counts the digits of a number that its type keeps.
    pub(super) fn keep(&mut self, text: &str) {
        let (whole, fraction) = match text.contains(['e', 'E', 'n', 'N']) {
            true if text.parse().is_ok_and(f64::is_finite) => Written::of(text).places(),
            true => return,
            false => plain_places(text),
        };
        self.whole = self.whole.max(whole);
        self.fraction = self.fraction.max(fraction);
    }

    /// Counts the digits of a text that is not a value of its type, where it is a number.
    pub(super) fn lose(&mut self, text: &str) {
        let Some(double) = text.parse::<f64>().ok().filter(|double| double.is_finite()) else {
            return;
        };
        self.keep(text);
        self.lost = true;
        self.lost_by_double |= !keeps(double, text);
    }

    /// Those of one text that is not a value of its type.
    pub(super) fn lost_of(text: &str) -> Self {
        let mut digits = Self::default();
        digits.lose(text);
        digits
    }

    /// Of several files.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            whole: self.whole.max(other.whole),
            fraction: self.fraction.max(other.fraction),
            lost: self.lost || other.lost,
            lost_by_double: self.lost_by_double || other.lost_by_double,
        }
    }

    /// The type that keeps every digit, where a double does not: a decimal, or text.
    pub fn data_type(&self) -> Option<DataType> {
        if !self.lost_by_double {
            return None;
        }
        let scale = i8::try_from(self.fraction).ok();
        let precision = self.whole.max(1).saturating_add(self.fraction);
        let precision = u8::try_from(precision).ok().filter(|p| u64::from(*p) <= MOST);
        Some(match precision.zip(scale) {
            Some((precision, scale)) => DataType::Decimal128(precision, scale),
            None => DataType::Utf8,
        })
    }

    /// The physical type that keeps every digit, in the words of a contract; `None` where the
    /// declared one does.
    pub fn remedy(&self) -> Option<String> {
        if !self.lost {
            return None;
        }
        if !self.lost_by_double {
            return Some("write physicalType: double".to_owned());
        }
        Some(match self.whole.max(1).saturating_add(self.fraction) {
            digits @ ..=MOST => format!("write physicalType: decimal({digits},{})", self.fraction),
            _ => "no number type has so many: write logicalType: string".to_owned(),
        })
    }
}

/// Whether a text is rejected for its digits alone: it is a number, or a list or an object that
/// holds a long one.
pub fn are_lost(text: &str) -> bool {
    match text.starts_with(['[', '{']) {
        false => text.parse().is_ok_and(f64::is_finite),
        true => {
            let numbers =
                text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | '-')));
            numbers
                .filter_map(|number| Some((number, number.parse::<f64>().ok()?)))
                .any(|(number, double)| double.is_finite() && !keeps(double, number))
        }
    }
}

/// Digits before the point and after it, of a number without exponent.
fn plain_places(text: &str) -> (u64, u64) {
    let text = text.trim_start_matches(['+', '-', '0']);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    (whole.len() as u64, fraction.trim_end_matches('0').len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_keeps_fifteen_digits_and_of_longer_texts_the_one_that_it_is_written_as() {
        let kept = |text: &str| keeps(text.parse::<f64>().unwrap(), text);
        for text in [
            "0",
            "-0.0",
            "0.1",
            "1.50000000000000000000",
            "123456789012345",
            "1e300",
            "1E+22",
            "12345678901234500000000",
            "0.30000000000000004",
            "0.8444218515250481",
            ".5",
            "5.",
            "-9007199254740992",
            "1.7976931348623157e308",
            "5e-324",
            "+2.5",
        ] {
            assert!(kept(text), "{text}");
        }
        for text in [
            "12345678901234567.89",
            "12345678901234567.90",
            "12345678901234567",
            "9007199254740993",
            "0.1000000000000000055511151231257827",
            "1e-400",
            "4.94e-324",
            "0.30000000000000001",
            "1234567890123456.75",
        ] {
            assert!(!kept(text), "{text}");
        }
    }

    #[test]
    fn no_two_numbers_become_one() {
        let mut texts: Vec<String> = (0..40).map(|n| format!("12345678901234{n:02}.{n}")).collect();
        texts.extend((0..40).map(|n| format!("0.30000000000000{n:03}1")));
        let kept: Vec<u64> = texts
            .iter()
            .map(|text| (text.parse::<f64>().unwrap(), text))
            .filter(|(value, text)| keeps(*value, text))
            .map(|(value, _)| value.to_bits())
            .collect();
        let different: std::collections::BTreeSet<u64> = kept.iter().copied().collect();
        assert_eq!(kept.len(), different.len());
        assert!(kept.len() < texts.len());
    }

    #[test]
    fn the_remedy_is_a_type_that_holds_every_number_of_the_column() {
        let remedy = |texts: &[&str]| {
            let mut digits = Digits::default();
            for text in texts {
                match keeps(text.parse::<f64>().unwrap(), text) || *text == "NaN" {
                    true => digits.keep(text),
                    false => digits.lose(text),
                }
            }
            digits.remedy()
        };
        assert_eq!(remedy(&["1.5", "NaN"]), None);
        let decimal = |text: &str| Some(format!("write physicalType: decimal({text})"));
        assert_eq!(remedy(&["12345678901234567.89", "-007.100"]), decimal("19,2"));
        assert_eq!(remedy(&["12345678901234567", "0.125"]), decimal("20,3"));
        assert_eq!(remedy(&["0.30000000000000001"]), decimal("18,17"));
        let none = remedy(&["12345678901234567.89", "1e-30"]).unwrap();
        assert!(none.contains("logicalType: string"), "{none}");
    }

    #[test]
    fn a_single_keeps_six_digits_and_its_remedy_is_a_double() {
        let kept = |text: &str| keeps(text.parse::<f32>().unwrap(), text);
        assert!(kept("0.1") && kept("16777216") && kept("3.1415927"));
        assert!(!kept("16777217") && !kept("3.14159265"));
        let mut digits = Digits::default();
        digits.lose("3.14159265");
        assert_eq!(digits.remedy().as_deref(), Some("write physicalType: double"));
    }
}
