//! How the values of a column lie, ready to be drawn: bars, what lies behind them, and bounds.

use crate::profile::ColumnProfile;

/// Bars of a distribution that has no bar for each value.
const BARS: usize = 24;
/// Whole numbers that have a bar each, at most.
const EACH: f64 = 32.0;

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
    let behind = behind.filter(|column| !column.sample.is_empty());
    let samples = || column.sample.iter().chain(behind.iter().flat_map(|c| &c.sample)).copied();
    let (mut low, mut high) = (samples().reduce(f64::min)?, samples().reduce(f64::max)?);
    let width = high - low;
    // A bound far away would squeeze the values into one bar.
    let near = |bound: f64| bound >= low - width && bound <= high + width;
    let bounds: Vec<_> = bounds.iter().copied().filter(|(_, bound)| near(*bound)).collect();
    for (_, bound) in &bounds {
        (low, high) = (low.min(*bound), high.max(*bound));
    }
    let is_whole = |c: &ColumnProfile| c.data_type.is_integer() || c.whole;
    let each = is_whole(column) && behind.is_none_or(is_whole) && high - low < EACH;
    let (low, high) = match each {
        true => (low.floor() - 0.5, high.ceil() + 0.5),
        false if high > low => (low, high),
        false => (low - 0.5, high + 0.5),
    };
    let number = if each { whole(high - low) } else { BARS };
    let share = |c: &ColumnProfile| shares(&weighted(c), low, high, number);
    Some(Distribution {
        low,
        high,
        each,
        bars: share(column),
        behind: behind.map(share),
        quartiles: column.quartiles.as_ref().map(|q| q.values),
        bounds,
        values: column.rows.saturating_sub(column.nulls + column.nan + column.infinite),
        is_sample: column.histogram.as_ref().is_some_and(|h| !h.is_exact)
            && !(each && column.values.is_some()),
    })
}

/// Values with their weights: all of them where they were counted, else those of the sample.
fn weighted(column: &ColumnProfile) -> Vec<(f64, f64)> {
    let counted = column.values.iter().flatten().map(|(value, rows)| {
        #[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
        let rows = *rows as f64;
        value.as_f64().map(|value| (value, rows))
    });
    match counted.collect::<Option<Vec<_>>>() {
        Some(values) if !values.is_empty() => values,
        _ => column.sample.iter().map(|value| (*value, 1.0)).collect(),
    }
}

fn shares(values: &[(f64, f64)], low: f64, high: f64, number: usize) -> Vec<f64> {
    let mut bars = vec![0.0; number];
    let all: f64 = values.iter().map(|(_, rows)| rows).sum();
    for (value, rows) in values.iter().filter(|(value, _)| value.is_finite()) {
        #[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
        let place = whole((value - low) / (high - low) * number as f64);
        if let Some(bar) = bars.get_mut(place.min(number - 1)) {
            *bar += rows / all;
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
        (value - self.low) / (self.high - self.low)
    }

    /// The ends of a bar.
    #[allow(clippy::cast_precision_loss, reason = "bars are drawn")]
    pub fn ends(&self, bar: usize) -> (f64, f64) {
        let step = (self.high - self.low) / self.bars.len() as f64;
        (self.low + step * bar as f64, self.low + step * (bar + 1) as f64)
    }
}
