//! The numbers of a column as they are drawn: which there are, how many rows have each, and how
//! they lie in bars.

use serde::Serialize;

/// Bars of a histogram.
const BARS: usize = 24;

/// The numbers of a column with their rows: all of them while they are few, else a sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Numbers {
    /// Numbers, days of dates or microseconds of timestamps, ascending, each with its rows.
    pub values: Vec<(f64, u64)>,
    /// Whether every number of the column is among them, with all of its rows.
    pub are_all: bool,
    /// The least and the greatest of the whole column, which a sample need not have.
    pub ends: Option<(f64, f64)>,
}

/// Three values that divide the numbers of a column into four parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quartiles {
    /// Above a quarter, a half and three quarters of the numbers.
    pub values: [f64; 3],
    /// Whether they are of every value, not of a sample.
    pub is_exact: bool,
}

/// How values lie between the least and the greatest, in bars of one width.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram {
    /// Where the first bar begins: the least value of the column.
    pub low: f64,
    /// Where the last bar ends: the greatest value of the column.
    pub high: f64,
    /// Values in each bar.
    pub bars: Vec<u64>,
    /// Whether every value is counted, not a sample.
    pub is_exact: bool,
}

impl Numbers {
    /// A sample in ascending order, which `is_whole` where it left nothing out.
    pub(super) fn sampled(sample: &[f64], is_whole: bool, ends: Option<(f64, f64)>) -> Self {
        let mut values: Vec<(f64, u64)> = Vec::new();
        for value in sample {
            match values.last_mut().filter(|(last, _)| last == value) {
                Some((_, rows)) => *rows += 1,
                None => values.push((*value, 1)),
            }
        }
        Self { values, are_all: is_whole, ends }
    }

    /// Every number with its rows, in any order.
    pub(super) fn counted(mut values: Vec<(f64, u64)>, ends: Option<(f64, f64)>) -> Self {
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { values, are_all: true, ends }
    }

    /// A quarter, a half and three quarters of the numbers lie below.
    pub(super) fn quartiles(&self) -> Option<Quartiles> {
        let rows: u64 = self.values.iter().map(|(_, rows)| rows).sum();
        let last = rows.checked_sub(1)?;
        let at = |quarter: u64| {
            let place = last / 4 * quarter + last % 4 * quarter / 4;
            let mut below = 0;
            let mut reached = self.values.iter().skip_while(|(_, rows)| {
                below += rows;
                below <= place
            });
            reached.next().map(|(value, _)| *value)
        };
        let values = [at(1)?, at(2)?, at(3)?];
        Some(Quartiles { values, is_exact: self.are_all })
    }

    /// Their bars, from the least to the greatest number of the column.
    pub(super) fn histogram(&self) -> Option<Histogram> {
        let ends = self.ends?;
        let mut bars = vec![0; BARS];
        for (value, rows) in &self.values {
            if let Some(bar) = bars.get_mut(bar_of(*value, ends, BARS)) {
                *bar += rows;
            }
        }
        Some(Histogram { low: ends.0, high: ends.1, bars, is_exact: self.are_all })
    }
}

/// The bar of a value, of a number of bars between two ends; the middle one where the ends are one.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bars are drawn"
)]
pub fn bar_of(value: f64, (low, high): (f64, f64), bars: usize) -> usize {
    // In halves: the distance of two doubles may be more than a double holds.
    let width = (high / 2.0 - low / 2.0) / bars as f64;
    let bar = if width > 0.0 { ((value / 2.0 - low / 2.0) / width) as usize } else { bars / 2 };
    bar.min(bars.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_reach_from_the_least_to_the_greatest_value_of_the_column_though_a_sample_has_neither() {
        let sample = Numbers::sampled(&[10.0, 10.0, 13.0], false, Some((0.0, 240.0)));
        let found = sample.histogram().unwrap();
        assert_eq!((found.low, found.high, found.is_exact), (0.0, 240.0, false));
        assert_eq!((found.bars[0], found.bars[1], found.bars[23]), (0, 3, 0));
        let counted = Numbers::counted(vec![(240.0, 1), (0.0, 2)], Some((0.0, 240.0)));
        let found = counted.histogram().unwrap();
        assert_eq!((found.bars[0], found.bars[23], found.is_exact), (2, 1, true));
    }

    #[test]
    fn bars_hold_numbers_whose_distance_no_double_holds_and_numbers_that_are_all_one() {
        let far = Numbers::counted(vec![(f64::MIN, 1), (f64::MAX, 2)], Some((f64::MIN, f64::MAX)));
        let bars = far.histogram().unwrap().bars;
        assert_eq!((bars[0], bars[23]), (1, 2));
        let one = Numbers::counted(vec![(1e18, 5)], Some((1e18, 1e18)));
        assert_eq!(one.histogram().unwrap().bars.iter().sum::<u64>(), 5);
    }

    #[test]
    fn quartiles_weigh_each_number_by_its_rows() {
        let counted = Numbers::counted(vec![(1.0, 5), (2.0, 1), (9.0, 3)], Some((1.0, 9.0)));
        let rows = [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 9.0, 9.0, 9.0];
        let listed = Numbers::sampled(&rows, true, Some((1.0, 9.0)));
        assert_eq!(counted.quartiles().unwrap().values, [1.0, 1.0, 9.0]);
        assert_eq!(counted, listed);
        assert_eq!(Numbers::default().quartiles(), None);
    }
}
