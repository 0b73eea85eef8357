//! An interval: months, days and microseconds, none of which is part of another.

use arrow::datatypes::IntervalMonthDayNano;
use datafusion::common::exec_datafusion_err;
use datafusion::error::{DataFusionError, Result};

/// As PostgreSQL keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct Span {
    pub months: i32,
    pub days: i32,
    pub micros: i64,
}

impl Span {
    /// Parts that fit.
    ///
    /// # Errors
    /// When a part is too large.
    pub fn checked(months: i64, days: i64, micros: i64) -> Result<Self> {
        let narrow = |part: i64| i32::try_from(part).map_err(|_| out_of_range());
        Ok(Self { months: narrow(months)?, days: narrow(days)?, micros })
    }

    /// As the engine keeps it, in nanoseconds.
    ///
    /// # Errors
    /// When the nanoseconds are more than it holds: 292 years, beside months and days.
    pub fn to_engine(self) -> Result<IntervalMonthDayNano> {
        let nanos = self.micros.checked_mul(1_000).ok_or_else(out_of_range)?;
        Ok(IntervalMonthDayNano::new(self.months, self.days, nanos))
    }

    pub fn of_engine(interval: IntervalMonthDayNano) -> Self {
        let micros = interval.nanoseconds / 1_000;
        Self { months: interval.months, days: interval.days, micros }
    }

    /// The sum, part by part.
    ///
    /// # Errors
    /// When a part is too large.
    pub fn plus(self, other: Self) -> Result<Self> {
        let micros = self.micros.checked_add(other.micros).ok_or_else(out_of_range)?;
        Self::checked(
            i64::from(self.months) + i64::from(other.months),
            i64::from(self.days) + i64::from(other.days),
            micros,
        )
    }

    /// The difference, part by part.
    ///
    /// # Errors
    /// When a part is too large.
    pub fn minus(self, other: Self) -> Result<Self> {
        let micros = self.micros.checked_sub(other.micros).ok_or_else(out_of_range)?;
        Self::checked(
            i64::from(self.months) - i64::from(other.months),
            i64::from(self.days) - i64::from(other.days),
            micros,
        )
    }

    /// The opposite.
    ///
    /// # Errors
    /// When a part has none.
    pub fn negated(self) -> Result<Self> {
        let micros = self.micros.checked_neg().ok_or_else(out_of_range)?;
        Self::checked(-i64::from(self.months), -i64::from(self.days), micros)
    }

    /// What intervals are compared by, in microseconds: a month is thirty days, and a day twenty-four hours.
    pub fn length(self) -> i128 {
        let days = i128::from(self.months) * 30 + i128::from(self.days);
        days * 86_400_000_000 + i128::from(self.micros)
    }
}

pub(in super::super) fn out_of_range() -> DataFusionError {
    exec_datafusion_err!("interval out of range")
}
