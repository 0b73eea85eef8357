//! Distinct values: counted one by one while they are few, estimated beyond.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

/// Values that are counted one by one.
const MOST: usize = 256;
/// Hashes that are kept for an estimate: its standard error is about 1.6 %.
const KEPT: usize = 4096;

/// The distinct values of a column.
#[derive(Debug, Clone, Default)]
pub(super) struct Distinct {
    /// Each value with its rows; absent once they are too many.
    few: Option<HashMap<u64, (Value, u64)>>,
    /// The lowest hashes.
    lowest: BTreeSet<u64>,
}

impl Distinct {
    /// No value yet.
    pub fn new() -> Self {
        Self { few: Some(HashMap::new()), lowest: BTreeSet::new() }
    }

    /// Takes a value by its hash; the value itself is asked for when it is new.
    pub fn take(&mut self, hash: u64, value: impl FnOnce() -> Value) {
        self.count(hash, 1, value);
    }

    fn count(&mut self, hash: u64, rows: u64, value: impl FnOnce() -> Value) {
        if let Some(few) = &mut self.few {
            few.entry(hash).or_insert_with(|| (value(), 0)).1 += rows;
            if few.len() > MOST {
                let all = self.few.take().unwrap_or_default();
                all.into_keys().for_each(|hash| self.keep(hash));
            }
            return;
        }
        self.keep(hash);
    }

    fn keep(&mut self, hash: u64) {
        let full = self.lowest.len() >= KEPT;
        if full && self.lowest.last().is_some_and(|last| hash >= *last) {
            return;
        }
        if self.lowest.insert(hash) && full {
            self.lowest.pop_last();
        }
    }

    /// Takes over another column's.
    pub fn add(&mut self, other: Self) {
        match other.few {
            Some(few) => {
                for (hash, (value, rows)) in few {
                    self.count(hash, rows, || value);
                }
            }
            None => {
                let all = self.few.take().unwrap_or_default();
                all.into_keys().for_each(|hash| self.keep(hash));
                other.lowest.into_iter().for_each(|hash| self.keep(hash));
            }
        }
    }

    /// How many distinct values there are, and whether that is exact.
    pub fn number(&self) -> (u64, bool) {
        if let Some(few) = &self.few {
            return (few.len() as u64, true);
        }
        let Some(last) = self.lowest.last().filter(|_| self.lowest.len() >= KEPT) else {
            return (self.lowest.len() as u64, true);
        };
        #[allow(clippy::cast_precision_loss, reason = "an estimate")]
        let share = *last as f64 / u64::MAX as f64;
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate"
        )]
        let estimate = ((KEPT - 1) as f64 / share).round() as u64;
        (estimate, false)
    }

    /// The values with their rows, the most frequent first; absent when they are too many.
    pub fn values(&self) -> Option<Vec<(Value, u64)>> {
        let mut values: Vec<(Value, u64)> = self.few.as_ref()?.values().cloned().collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.to_string().cmp(&b.0.to_string())));
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::sample::spread;

    #[test]
    fn few_are_counted_and_many_are_estimated_alike_however_they_come() {
        let mut few = Distinct::new();
        for n in 0..1_000u64 {
            few.take(spread(n % 3), || n.into());
        }
        assert_eq!(few.number(), (3, true));
        assert_eq!(few.values().unwrap()[0].1, 334);
        let (mut whole, mut left, mut right) = (Distinct::new(), Distinct::new(), Distinct::new());
        for n in 0..200_000u64 {
            whole.take(spread(n), || n.into());
            let half = if n % 2 == 0 { &mut left } else { &mut right };
            half.take(spread(n), || n.into());
        }
        left.add(right);
        assert_eq!(left.number(), whole.number());
        let (estimate, exact) = whole.number();
        assert!(!exact && estimate.abs_diff(200_000) < 12_000, "{estimate}");
    }
}
