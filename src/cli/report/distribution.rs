//! How the values of a column lie, ready to be drawn: bars, what lies behind them, and bounds.

use crate::profile::{ColumnProfile, bar_of};

/// Bars of a distribution that has no bar for each value.
const BARS: usize = 24;
/// Whole numbers that have a bar each, at most.
const EACH: f64 = 32.0;
/// Beyond, a double does not hold the half between two whole numbers.
const HALVES: f64 = 4_503_599_627_370_496.0;

/// Where values lie, and what is drawn with them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Distribution {
    /// Where the axis begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// Whether each whole number has a bar.
    pub each: bool,
    /// The share of the values in each bar.
    pub bars: Vec<f64>,
    /// The same of the release that a drift rule compares with.
    pub behind: Option<Vec<f64>>,
    /// A quarter, a half and three quarters of the values lie below.
    pub quartiles: Option<[f64; 3]>,
    /// Declared bounds within the axis, each with its name.
    pub bounds: Vec<(&'static str, f64)>,
    /// The values that the shares are of.
    pub values: u64,
    /// Whether a sample is drawn.
    pub is_sample: bool,
}

/// The distribution of a column; `None` of one that has no numbers, dates or times.
pub(super) fn distribution(
    column: &ColumnProfile,
    behind: Option<&ColumnProfile>,
    bounds: &[(&'static str, f64)],
) -> Option<Distribution> {
    let behind = behind.filter(|column| !column.numbers.values.is_empty());
    // Of whole columns: a sample need not have the least and the greatest value.
    let ends = [Some(column), behind].into_iter().flatten().filter_map(|c| c.numbers.ends);
    let (mut low, mut high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    let width = high - low;
    // A bound far away would squeeze the values into one bar.
    let near = |bound: f64| bound >= low - width && bound <= high + width;
    let bounds: Vec<_> = bounds.iter().copied().filter(|(_, bound)| near(*bound)).collect();
    for (_, bound) in &bounds {
        (low, high) = (low.min(*bound), high.max(*bound));
    }
    let is_whole = |c: &ColumnProfile| c.data_type.is_integer() || c.whole;
    let is_near = high - low < EACH && low > -HALVES && high < HALVES;
    let each = is_whole(column) && behind.is_none_or(is_whole) && is_near;
    let (low, high) = match each {
        true => (low.floor() - 0.5, high.ceil() + 0.5),
        false if high > low => (low, high),
        false => {
            let around = (low.abs() * 1e-12).max(0.5);
            ((low - around).max(f64::MIN), (high + around).min(f64::MAX))
        }
    };
    let number = if each { whole(high - low) } else { BARS };
    let share = |c: &ColumnProfile| shares(&c.numbers.values, (low, high), number);
    Some(Distribution {
        low,
        high,
        each,
        bars: share(column),
        behind: behind.map(share),
        quartiles: column.quartiles.as_ref().map(|q| q.values),
        bounds,
        values: column.rows.saturating_sub(column.nulls + column.nan + column.infinite),
        is_sample: !column.numbers.are_all,
    })
}

#[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
fn shares(values: &[(f64, u64)], ends: (f64, f64), number: usize) -> Vec<f64> {
    let mut bars = vec![0.0; number];
    let all: u64 = values.iter().map(|(_, rows)| rows).sum();
    for (value, rows) in values {
        if let Some(bar) = bars.get_mut(bar_of(*value, ends, number)) {
            *bar += *rows as f64 / all as f64;
        }
    }
    bars
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bars are drawn")]
fn whole(value: f64) -> usize {
    value.max(0.0) as usize
}

impl Distribution {
    /// Where a value is, from 0 to 1.
    pub fn place(&self, value: f64) -> f64 {
        // In halves: the distance of two doubles may be more than a double holds.
        (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)
    }

    /// The ends of a bar.
    #[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
    pub fn ends(&self, bar: usize) -> (f64, f64) {
        let number = self.bars.len() as f64;
        let width = self.high - self.low;
        let step = match width.is_finite() {
            true => width / number,
            false => self.high / number - self.low / number,
        };
        (self.low + step * bar as f64, self.low + step * (bar + 1) as f64)
    }
}
