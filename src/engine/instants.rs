//! Instants, readings of a clock and dates that the warehouse can keep: whole microseconds within
//! their range, that are one point of time each.

use std::sync::Arc;

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
        nested if nested.is_nested() => return within(values, zone, why),
        _ => values.clone(),
    };
    let DataType::Timestamp(unit, own) = values.data_type() else {
        return Ok(match values.as_primitive_opt::<Date32Type>() {
            Some(dates) => found(dates, |days| match why {
                Unkept::NotOneInstant => false,
                Unkept::Any | Unkept::Infinite => is_infinite(days.into(), i32::MAX.into()),
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
        (None, _) => false,
        (Some(zone), Some(at)) => {
            zone.offset_from_local_datetime(&at.naive_utc()).single().is_none()
        }
        // Zones end before microseconds do.
        (Some(_), None) => true,
    };
    Ok(found(counts.as_primitive::<Int64Type>(), |count| match why {
        Unkept::Infinite => unit != TimeUnit::Nanosecond && is_infinite(count, i64::MAX),
        Unkept::NotOneInstant => micros(count).is_some_and(twice),
        Unkept::Any => match micros(count) {
            Some(micros) => is_infinite(micros, i64::MAX) || twice(micros),
            None => true,
        },
    }))
}

/// Rows inside which a value cannot be kept.
fn within(values: &ArrayRef, zone: Option<&str>, why: Unkept) -> Result<BooleanArray, ArrowError> {
    let rows = match values.data_type() {
        DataType::Struct(_) => {
            let mut rows = BooleanBuffer::new_unset(values.len());
            for column in values.as_struct().columns() {
                rows = &rows | unkept(column, zone, why)?.values();
            }
            rows
        }
        DataType::List(_) => {
            let list = values.as_list::<i32>();
            let offsets = list.value_offsets().iter().map(|at| i64::from(*at)).collect();
            any_item(list.values(), offsets, zone, why)?
        }
        DataType::LargeList(_) => {
            let list = values.as_list::<i64>();
            any_item(list.values(), list.value_offsets().to_vec(), zone, why)?
        }
        DataType::Map(..) => {
            let map = values.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            let offsets = map.value_offsets().iter().map(|at| i64::from(*at)).collect();
            any_item(&entries, offsets, zone, why)?
        }
        DataType::FixedSizeList(_, size) => {
            let list = values.as_fixed_size_list();
            let size = i64::from(*size);
            let count = i64::try_from(list.len()).unwrap_or_default();
            any_item(list.values(), (0..=count).map(|n| n * size).collect(), zone, why)?
        }
        _ => BooleanBuffer::new_unset(values.len()),
    };
    // What a NULL covers is not there.
    Ok(BooleanArray::new(
        match values.nulls() {
            Some(nulls) => &rows & nulls.inner(),
            None => rows,
        },
        None,
    ))
}

/// Rows of which an item cannot be kept.
fn any_item(
    items: &ArrayRef,
    offsets: Vec<i64>,
    zone: Option<&str>,
    why: Unkept,
) -> Result<BooleanBuffer, ArrowError> {
    let found = unkept(items, zone, why)?;
    let at = |offset: i64| usize::try_from(offset).unwrap_or_default().min(found.len());
    let any = |row: usize| match offsets.get(row..row + 2) {
        Some([from, to]) if at(*to) > at(*from) => {
            found.values().slice(at(*from), at(*to) - at(*from)).count_set_bits() > 0
        }
        _ => false,
    };
    Ok(BooleanBuffer::collect_bool(offsets.len().saturating_sub(1), any))
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
    use arrow::array::{
        Date32Array, ListArray, StringArray, StructArray, TimestampMicrosecondArray,
        TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
    };

    use arrow::buffer::{NullBuffer, OffsetBuffer};
    use arrow::datatypes::Field;

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
        assert_eq!(rows(&micros, None, Unkept::Any), [0, 1, 2]);
        assert_eq!(rows(&micros, Some("Asia/Tokyo"), Unkept::Any), [0, 1, 2, 5]);
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
    fn a_row_inside_which_a_value_cannot_be_kept_cannot_be_kept() {
        let micros: ArrayRef =
            Arc::new(TimestampMicrosecondArray::from(vec![0, i64::MAX, 1, i64::MAX]));
        let field = |data_type: &DataType| Arc::new(Field::new("item", data_type.clone(), true));
        let lengths = OffsetBuffer::from_lengths([1, 0, 2, 1]);
        let nulls = NullBuffer::from(vec![true, true, true, false]);
        let item = field(micros.data_type());
        let lists: ArrayRef = Arc::new(ListArray::new(item, lengths, micros, Some(nulls)));
        assert_eq!(rows(&lists, None, Unkept::Any), [2]);
        assert_eq!(rows(&lists.slice(1, 3), None, Unkept::Infinite), [1]);
        let objects: ArrayRef =
            Arc::new(StructArray::from(vec![(field(lists.data_type()), Arc::clone(&lists))]));
        assert_eq!(rows(&objects, None, Unkept::Any), [2]);
        assert_eq!(rows(&objects.slice(2, 1), None, Unkept::Any), [0]);
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        assert_eq!(rows(&texts, None, Unkept::Any), [0; 0]);
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
