//! The values of a series, one after the other.

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Int32Type, Int64Type, IntervalMonthDayNano,
    IntervalMonthDayNanoType, TimeUnit, TimestampMicrosecondType,
};
use chrono::{DateTime, Days, Months};
use datafusion::common::{exec_datafusion_err, exec_err, internal_err};
use datafusion::error::Result;

/// A series from its next value to its end. Values are whole numbers: of a decimal those of its scale, of
/// a time microseconds.
#[derive(Debug, Clone)]
pub(super) struct Series {
    next: Option<i128>,
    end: i128,
    step: Stride,
    is_descending: bool,
}

#[derive(Debug, Clone)]
enum Stride {
    Number(i128),
    Interval(IntervalMonthDayNano),
}

impl Series {
    /// The series of one row of its arguments; none where one of them is NULL.
    pub(super) fn open(arguments: &[ArrayRef], row: usize) -> Result<Option<Self>> {
        if arguments.iter().any(|a| a.is_null(row)) {
            return Ok(None);
        }
        let (Some(start), Some(end)) = (arguments.first(), arguments.get(1)) else {
            return internal_err!("a series has a start and an end");
        };
        let step = match arguments.get(2) {
            Some(step) if matches!(step.data_type(), DataType::Interval(_)) => {
                Stride::Interval(step.as_primitive::<IntervalMonthDayNanoType>().value(row))
            }
            Some(step) => Stride::Number(whole(step, row)?),
            None => Stride::Number(one(start.data_type())),
        };
        let sign = match &step {
            Stride::Number(step) => *step,
            Stride::Interval(step) => length(*step),
        };
        if sign == 0 {
            return exec_err!("step size cannot equal zero");
        }
        let is_descending = sign < 0;
        let (next, end) = (Some(whole(start, row)?), whole(end, row)?);
        Ok(Some(Self { next, end, step, is_descending }))
    }

    /// The next value.
    pub(super) fn take(&mut self) -> Result<Option<i128>> {
        let is_within = |next: &i128| match self.is_descending {
            true => *next >= self.end,
            false => *next <= self.end,
        };
        let Some(value) = self.next.filter(is_within) else {
            self.next = None;
            return Ok(None);
        };
        self.next = match &self.step {
            Stride::Number(step) => value.checked_add(*step),
            Stride::Interval(step) => Some(moved(value, *step)?),
        };
        Ok(Some(value))
    }
}

/// One, at the scale of a type.
fn one(data_type: &DataType) -> i128 {
    match data_type {
        DataType::Decimal128(_, scale) => 10_i128.pow(u32::from(scale.unsigned_abs())),
        _ => 1,
    }
}

fn whole(array: &ArrayRef, row: usize) -> Result<i128> {
    Ok(match array.data_type() {
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value(row),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            array.as_primitive::<TimestampMicrosecondType>().value(row).into()
        }
        other => return internal_err!("a series of {other}"),
    })
}

const DAY: i128 = 86_400_000_000;

/// The length of an interval in microseconds, as it is compared: a month has 30 days.
fn length(step: IntervalMonthDayNano) -> i128 {
    let days = i128::from(step.months) * 30 + i128::from(step.days);
    days * DAY + i128::from(step.nanoseconds / 1000)
}

/// A time moved by months, then by days, then by what is left.
fn moved(micros: i128, step: IntervalMonthDayNano) -> Result<i128> {
    let out_of_range = || exec_datafusion_err!("timestamp out of range");
    let micros = i64::try_from(micros).map_err(|_| out_of_range())?;
    let at = DateTime::from_timestamp_micros(micros).ok_or_else(out_of_range)?.naive_utc();
    let months = Months::new(step.months.unsigned_abs());
    let at = match step.months < 0 {
        true => at.checked_sub_months(months),
        false => at.checked_add_months(months),
    };
    let days = Days::new(step.days.unsigned_abs().into());
    let at = at.and_then(|at| match step.days < 0 {
        true => at.checked_sub_days(days),
        false => at.checked_add_days(days),
    });
    let at = at.ok_or_else(out_of_range)?.and_utc().timestamp_micros();
    Ok(i128::from(at) + i128::from(step.nanoseconds / 1000))
}

/// Values of a series as an array of its type.
pub(super) fn array(values: Vec<Option<i128>>, data_type: &DataType) -> Result<ArrayRef> {
    Ok(match data_type {
        DataType::Int32 => std::sync::Arc::new(narrowed::<Int32Type>(values)),
        DataType::Int64 => std::sync::Arc::new(narrowed::<Int64Type>(values)),
        DataType::Decimal128(digits, scale) => {
            let decimals = Decimal128Array::from_iter(values);
            std::sync::Arc::new(decimals.with_precision_and_scale(*digits, *scale)?)
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let times = narrowed::<TimestampMicrosecondType>(values);
            std::sync::Arc::new(times.with_timezone_opt(zone.clone()))
        }
        other => return internal_err!("a series of {other}"),
    })
}

/// A series ends within its type: no value is lost.
fn narrowed<T: ArrowPrimitiveType>(values: Vec<Option<i128>>) -> PrimitiveArray<T>
where
    T::Native: TryFrom<i128>,
{
    let narrow = |value: Option<i128>| value.and_then(|value| T::Native::try_from(value).ok());
    values.into_iter().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, IntervalMonthDayNanoArray, TimestampMicrosecondArray};

    use super::*;

    fn all(arguments: &[ArrayRef]) -> Vec<i128> {
        let mut series = Series::open(arguments, 0).unwrap().unwrap();
        std::iter::from_fn(|| series.take().unwrap()).take(9).collect()
    }

    fn numbers(values: &[i64]) -> Vec<ArrayRef> {
        values.iter().map(|v| Arc::new(Int64Array::from(vec![*v])) as ArrayRef).collect()
    }

    #[test]
    fn a_series_ends_at_its_end() {
        assert_eq!(all(&numbers(&[1, 3])), [1, 2, 3]);
        assert_eq!(all(&numbers(&[1, 10, 4])), [1, 5, 9]);
        assert_eq!(all(&numbers(&[3, 1, -1])), [3, 2, 1]);
        assert_eq!(all(&numbers(&[3, 1])), [0_i128; 0]);
        let last = i64::MAX;
        assert_eq!(all(&numbers(&[last - 1, last])), [last - 1, last].map(i128::from));
        assert!(Series::open(&numbers(&[1, 2, 0]), 0).is_err());
    }

    #[test]
    fn months_are_counted_from_the_last_value() {
        let at = |text: &str| {
            let day = chrono::NaiveDate::parse_from_str(text, "%F").unwrap();
            day.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_micros()
        };
        let time = |text| Arc::new(TimestampMicrosecondArray::from(vec![at(text)])) as ArrayRef;
        let month = IntervalMonthDayNano::new(1, 0, 0);
        let month = Arc::new(IntervalMonthDayNanoArray::from(vec![month])) as ArrayRef;
        let found = all(&[time("2024-01-31"), time("2024-04-01"), month]);
        let expected = ["2024-01-31", "2024-02-29", "2024-03-29"].map(|t| i128::from(at(t)));
        assert_eq!(found, expected);
    }
}
