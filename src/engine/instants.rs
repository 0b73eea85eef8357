//! Instants, readings of a clock and dates that the warehouse can keep: those with a place in the
//! calendar, in microseconds.

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, PrimitiveArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::cast;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Date32Type, Int64Type, TimeUnit};
use arrow::error::ArrowError;
use chrono::{DateTime, TimeZone, Utc};

/// Why a value cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unkept {
    /// For any reason.
    Any,
    /// It stands for infinity, as DuckDB writes it.
    Infinite,
    /// The clocks of its zone skip it, or show it twice.
    NotOneInstant,
}

/// The values of a column that cannot be kept; false for NULL.
///
/// `zone` is the zone that readings without one are meant in.
///
/// # Errors
/// When the zone is unknown.
pub fn unkept(
    values: &ArrayRef,
    zone: Option<&str>,
    why: Unkept,
) -> Result<BooleanArray, ArrowError> {
    let values = match values.data_type() {
        DataType::Dictionary(_, value) => cast(values, value)?,
        _ => values.clone(),
    };
    let DataType::Timestamp(unit, own) = values.data_type() else {
        return Ok(match values.as_primitive_opt::<Date32Type>() {
            Some(dates) => found(dates, |days| match why {
                Unkept::Infinite => is_infinite(days.into(), i32::MAX.into()),
                Unkept::NotOneInstant => false,
                Unkept::Any => chrono::NaiveDate::from_epoch_days(days).is_none(),
            }),
            None => found(&PrimitiveArray::<Int64Type>::new_null(values.len()), |_| false),
        });
    };
    let zone: Option<Tz> = zone.filter(|_| own.is_none()).map(str::parse).transpose()?;
    let unit = *unit;
    let counts = cast(&values, &DataType::Int64)?;
    let micros = move |count: i64| match unit {
        TimeUnit::Second => count.checked_mul(1_000_000),
        TimeUnit::Millisecond => count.checked_mul(1_000),
        TimeUnit::Microsecond => Some(count),
        TimeUnit::Nanosecond => (count % 1_000 == 0).then_some(count / 1_000),
    };
    let twice = |micros: i64| match (&zone, DateTime::<Utc>::from_timestamp_micros(micros)) {
        (Some(zone), Some(at)) => {
            zone.offset_from_local_datetime(&at.naive_utc()).single().is_none()
        }
        _ => false,
    };
    Ok(found(counts.as_primitive::<Int64Type>(), |count| match why {
        Unkept::Infinite => unit != TimeUnit::Nanosecond && is_infinite(count, i64::MAX),
        Unkept::NotOneInstant => micros(count).is_some_and(twice),
        Unkept::Any => match micros(count) {
            Some(micros) => {
                DateTime::<Utc>::from_timestamp_micros(micros).is_none() || twice(micros)
            }
            None => true,
        },
    }))
}

/// Infinity is the greatest number of units, and minus infinity its opposite.
fn is_infinite(count: i64, greatest: i64) -> bool {
    count >= greatest || count <= -greatest
}

fn found<T: ArrowPrimitiveType>(
    values: &PrimitiveArray<T>,
    is: impl Fn(T::Native) -> bool,
) -> BooleanArray {
    let found = BooleanBuffer::collect_bool(values.len(), |row| {
        values.is_valid(row) && is(values.value(row))
    });
    BooleanArray::new(found, None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        Date32Array, TimestampMicrosecondArray, TimestampMillisecondArray,
        TimestampNanosecondArray, TimestampSecondArray,
    };

    use super::*;

    fn rows(values: &ArrayRef, zone: Option<&str>, why: Unkept) -> Vec<usize> {
        let found = unkept(values, zone, why).unwrap();
        (0..found.len()).filter(|row| found.value(*row)).collect()
    }

    #[test]
    fn infinity_is_told_from_what_is_only_far_away() {
        let micros: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![
            Some(i64::MAX),
            Some(-i64::MAX),
            Some(i64::MIN),
            Some(253_402_300_799_999_999),
            None,
            Some(9_000_000_000_000_000_000),
        ]));
        assert_eq!(rows(&micros, None, Unkept::Infinite), [0, 1, 2]);
        assert_eq!(rows(&micros, None, Unkept::Any), [0, 1, 2, 5]);
        let dates: ArrayRef = Arc::new(Date32Array::from(vec![i32::MAX, -i32::MAX, 0, 2_932_896]));
        assert_eq!(rows(&dates, None, Unkept::Infinite), [0, 1]);
        assert_eq!(rows(&dates, None, Unkept::Any), [0, 1]);
    }

    #[test]
    fn each_unit_is_kept_where_microseconds_hold_it() {
        let seconds: ArrayRef =
            Arc::new(TimestampSecondArray::from(vec![0, 253_402_300_799, 9_223_372_036_855]));
        assert_eq!(rows(&seconds, None, Unkept::Any), [2]);
        let millis: ArrayRef =
            Arc::new(TimestampMillisecondArray::from(vec![0, i64::MAX / 999, i64::MIN]));
        assert_eq!(rows(&millis, None, Unkept::Any), [1, 2]);
        let nanos: ArrayRef =
            Arc::new(TimestampNanosecondArray::from(vec![0, 1_000, 1_001, -1, i64::MAX]));
        assert_eq!(rows(&nanos, None, Unkept::Any), [2, 3, 4]);
    }

    #[test]
    fn a_reading_that_a_clock_skips_or_shows_twice_is_no_instant() {
        // Berlin, 2024-03-31 02:30 and 2024-10-27 02:30, and noon of both days.
        let readings = vec![1_711_852_200, 1_729_996_200, 1_711_886_400, 1_730_030_400];
        let local: ArrayRef = Arc::new(TimestampSecondArray::from(readings.clone()));
        assert_eq!(rows(&local, Some("Europe/Berlin"), Unkept::Any), [0, 1]);
        assert_eq!(rows(&local, Some("Europe/Berlin"), Unkept::NotOneInstant), [0, 1]);
        assert_eq!(rows(&local, None, Unkept::Any), [0; 0]);
        let instants: ArrayRef =
            Arc::new(TimestampSecondArray::from(readings).with_timezone("UTC"));
        assert_eq!(rows(&instants, Some("Europe/Berlin"), Unkept::Any), [0; 0]);
    }
}
