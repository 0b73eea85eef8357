//! The types of intervals and instants in a plan.

use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

/// The type of intervals.
pub(in super::super) const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

/// The type of instants here: microseconds, of a zone or of none.
pub(in super::super) fn instant(is_zoned: bool) -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, is_zoned.then(|| "UTC".into()))
}
