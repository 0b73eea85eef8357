//! Intervals as PostgreSQL has them: one month is thirty days and a day twenty-four hours when they are
//! compared; the difference of two instants has days and hours; a factor spills from months into days, and
//! from days into hours.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Decimal128Array, IntervalMonthDayNanoArray};
use arrow::datatypes::{
    DataType, Float64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast,
};

/// The type of intervals.
pub(super) const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);
const DAY_NANOS: i64 = 86_400_000_000_000;
const DAY_MICROS: i64 = 86_400_000_000;

/// What is done with intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    /// An interval as a number of nanoseconds, by which intervals are compared.
    Span,
    /// From one instant to another.
    Elapsed,
    /// An interval, so many times.
    Times,
    /// A part of an interval.
    Part,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Intervals {
    operation: Operation,
    signature: Signature,
}

fn call(operation: Operation, arguments: Vec<Expr>) -> Expr {
    let signature = Signature::any(arguments.len(), Volatility::Immutable);
    let function = ScalarUDF::new_from_impl(Intervals { operation, signature });
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), arguments))
}

/// What an interval is compared by.
pub(super) fn span(interval: Expr) -> Expr {
    call(Operation::Span, vec![cast(interval, INTERVAL)])
}

/// The interval from `begin` to `end`, both timestamps in microseconds.
pub(super) fn elapsed(end: Expr, begin: Expr) -> Expr {
    call(Operation::Elapsed, vec![end, begin])
}

/// An interval times a number.
pub(super) fn times(interval: Expr, factor: Expr) -> Expr {
    call(Operation::Times, vec![cast(interval, INTERVAL), cast(factor, DataType::Float64)])
}

/// An interval divided by a number.
pub(super) fn part(interval: Expr, divisor: Expr) -> Expr {
    call(Operation::Part, vec![cast(interval, INTERVAL), cast(divisor, DataType::Float64)])
}

impl ScalarUDFImpl for Intervals {
    fn name(&self) -> &'static str {
        match self.operation {
            Operation::Span => "interval_span",
            Operation::Elapsed => "elapsed",
            Operation::Times => "interval_times",
            Operation::Part => "interval_part",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.operation {
            Operation::Span => DataType::Decimal128(38, 0),
            _ => INTERVAL,
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let found: ArrayRef = match (self.operation, arrays.as_slice()) {
            (Operation::Span, [intervals]) => {
                let intervals = intervals.as_primitive::<IntervalMonthDayNanoType>();
                let spans: Decimal128Array = intervals.iter().map(|i| i.map(nanoseconds)).collect();
                Arc::new(spans.with_precision_and_scale(38, 0)?)
            }
            (Operation::Elapsed, [end, begin]) => {
                let end = end.as_primitive::<TimestampMicrosecondType>();
                let begin = begin.as_primitive::<TimestampMicrosecondType>();
                let pairs = end.iter().zip(begin);
                let one = |(end, begin): (Option<i64>, Option<i64>)| {
                    end.zip(begin).map(|(end, begin)| between(begin, end)).transpose()
                };
                Arc::new(pairs.map(one).collect::<Result<IntervalMonthDayNanoArray>>()?)
            }
            (operation, [intervals, factors]) => {
                let intervals = intervals.as_primitive::<IntervalMonthDayNanoType>();
                let factors = factors.as_primitive::<Float64Type>();
                let one = |(interval, factor): (Option<IntervalMonthDayNano>, Option<f64>)| {
                    let both = interval.zip(factor);
                    both.map(|(interval, factor)| scaled(operation, interval, factor)).transpose()
                };
                let found = intervals.iter().zip(factors).map(one);
                Arc::new(found.collect::<Result<IntervalMonthDayNanoArray>>()?)
            }
            _ => return Err(exec_datafusion_err!("{} takes other values", self.name())),
        };
        match is_scalar {
            true => Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(
                &found, 0,
            )?)),
            false => Ok(ColumnarValue::Array(found)),
        }
    }
}

/// A month is thirty days.
fn nanoseconds(interval: IntervalMonthDayNano) -> i128 {
    let days = i128::from(interval.months) * 30 + i128::from(interval.days);
    days * i128::from(DAY_NANOS) + i128::from(interval.nanoseconds)
}

fn out_of_range() -> datafusion::error::DataFusionError {
    exec_datafusion_err!("interval out of range")
}

/// Days and the rest of a day between two instants in microseconds.
fn between(begin: i64, end: i64) -> Result<IntervalMonthDayNano> {
    let micros = end.checked_sub(begin).ok_or_else(out_of_range)?;
    let days = i32::try_from(micros / DAY_MICROS).map_err(|_| out_of_range())?;
    Ok(IntervalMonthDayNano::new(0, days, micros % DAY_MICROS * 1_000))
}

/// What does not make a whole month becomes days, and what does not make a whole day hours.
fn scaled(
    operation: Operation,
    interval: IntervalMonthDayNano,
    factor: f64,
) -> Result<IntervalMonthDayNano> {
    let apply = |value: f64| match operation {
        Operation::Part => value / factor,
        _ => value * factor,
    };
    if operation == Operation::Part && factor == 0.0 {
        return Err(exec_datafusion_err!("division by zero"));
    }
    let whole = |value: f64| match value.abs() < f64::from(i32::MAX) {
        true => Ok(value as i32),
        false => Err(out_of_range()),
    };
    // Microseconds are the finest that is told.
    let rounded = |value: f64| (value * 1e6).round_ties_even() / 1e6;
    let months = whole(apply(f64::from(interval.months)))?;
    let mut days = whole(apply(f64::from(interval.days)))?;
    let days_of_months = rounded((apply(f64::from(interval.months)) - f64::from(months)) * 30.0);
    let part_of_day = apply(f64::from(interval.days)) - f64::from(days)
        + (days_of_months - days_of_months.trunc());
    let mut seconds = rounded(part_of_day * 86_400.0);
    if seconds.abs() >= 86_400.0 {
        days += whole(seconds / 86_400.0)?;
        seconds %= 86_400.0;
    }
    days = days.checked_add(whole(days_of_months)?).ok_or_else(out_of_range)?;
    let micros = apply(interval.nanoseconds as f64 / 1e3) + seconds * 1e6;
    let micros = micros.round_ties_even();
    match micros.abs() < 9.2e15 {
        true => Ok(IntervalMonthDayNano::new(months, days, micros as i64 * 1_000)),
        false => Err(out_of_range()),
    }
}

/// The type of instants here: microseconds, of a zone or of none.
pub(super) fn instant(is_zoned: bool) -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, is_zoned.then(|| "UTC".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(months: i32, days: i32, hours: i64) -> IntervalMonthDayNano {
        IntervalMonthDayNano::new(months, days, hours * 3_600_000_000_000)
    }

    #[test]
    fn a_month_is_thirty_days_and_a_day_twenty_four_hours() {
        assert_eq!(nanoseconds(interval(1, 0, 0)), nanoseconds(interval(0, 30, 0)));
        assert_eq!(nanoseconds(interval(0, 1, 0)), nanoseconds(interval(0, 0, 24)));
        assert!(nanoseconds(interval(0, 0, 25)) > nanoseconds(interval(0, 1, 0)));
    }

    #[test]
    fn the_difference_of_instants_has_days_and_a_rest_of_one_sign() {
        assert_eq!(between(0, 2 * DAY_MICROS + 3_600_000_000).unwrap(), interval(0, 2, 1));
        assert_eq!(between(DAY_MICROS + 3_600_000_000, 0).unwrap(), interval(0, -1, -1));
        assert!(between(i64::MIN, 1).is_err());
    }

    #[test]
    fn factors_spill_downwards() {
        let times = |i, factor| scaled(Operation::Times, i, factor).unwrap();
        assert_eq!(times(interval(1, 0, 0), 1.5), interval(1, 15, 0));
        assert_eq!(times(interval(0, 1, 0), 2.5), interval(0, 2, 12));
        assert_eq!(times(interval(0, 0, 1), -2.0), interval(0, 0, -2));
        let part = scaled(Operation::Part, interval(0, 3, 0), 2.0).unwrap();
        assert_eq!(part, interval(0, 1, 12));
        assert!(scaled(Operation::Part, interval(0, 3, 0), 0.0).is_err());
    }
}
