//! Zones: types of time, and AT TIME ZONE.
//!
//! Times are microseconds throughout, as they are stored: the engine's nanoseconds end in the year 2262.
//! What has a zone is an instant in UTC.

use std::str::FromStr;
use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, FieldRef, TimestampMicrosecondType};
use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, Offset, TimeZone};
use datafusion::common::{exec_datafusion_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::{DataType as Written, TimezoneInfo};

use super::intervals::instant;

/// Types of time in microseconds.
#[derive(Debug)]
pub(super) struct Types;

impl TypePlanner for Types {
    fn plan_type_field(&self, written: &Written) -> Result<Option<FieldRef>> {
        let is_zoned = match written {
            Written::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => false,
            Written::Timestamp(_, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz) => true,
            Written::TimestampNtz { .. } => false,
            _ => return Ok(None),
        };
        Ok(Some(Arc::new(Field::new("timestamp", instant(is_zoned), true))))
    }
}

/// `timezone(zone, at)`: of an instant the reading of a clock there, of a reading the instant.
#[derive(Debug, PartialEq, Eq, Hash)]
struct AtZone {
    signature: Signature,
}

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(AtZone { signature: Signature::user_defined(Volatility::Immutable) })
}

impl ScalarUDFImpl for AtZone {
    fn name(&self) -> &'static str {
        "timezone"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [zone, at] = types else { return plan_err!("AT TIME ZONE takes a time and a zone") };
        let zone = match zone {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
                DataType::Utf8
            }
            other => return plan_err!("a zone is a text, and this is {other}"),
        };
        match at {
            DataType::Timestamp(_, found) => Ok(vec![zone, instant(found.is_some())]),
            DataType::Date32 => Ok(vec![zone, instant(true)]),
            // A quoted time is one of a zone, as PostgreSQL prefers it.
            DataType::Utf8 | DataType::Null => Ok(vec![zone, instant(true)]),
            other => plan_err!("AT TIME ZONE takes a timestamp, and this is {other}"),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [_, DataType::Timestamp(_, zone)] => Ok(instant(zone.is_none())),
            _ => plan_err!("AT TIME ZONE takes a time and a zone"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let [zones, times] = arrays.as_slice() else {
            return Err(exec_datafusion_err!("AT TIME ZONE takes a time and a zone"));
        };
        let is_zoned = matches!(times.data_type(), DataType::Timestamp(_, Some(_)));
        let (names, micros) =
            (zones.as_string::<i32>(), times.as_primitive::<TimestampMicrosecondType>());
        let mut known: Option<(String, Tz)> = None;
        let mut one = |(name, micros): (Option<&str>, Option<i64>)| {
            let (Some(name), Some(micros)) = (name, micros) else { return Ok(None) };
            if known.as_ref().is_none_or(|(known, _)| known != name) {
                let zone = Tz::from_str(name);
                let zone =
                    zone.map_err(|_| exec_datafusion_err!("time zone \"{name}\" not recognized"));
                known = Some((name.to_owned(), zone?));
            }
            match &known {
                Some((_, zone)) if is_zoned => reading(*zone, micros).map(Some),
                Some((_, zone)) => moment(*zone, micros).map(Some),
                None => Ok(None),
            }
        };
        let found = names.iter().zip(micros.iter()).map(&mut one);
        let found = found.collect::<Result<TimestampMicrosecondArray>>()?;
        let found: ArrayRef = match is_zoned {
            true => Arc::new(found),
            false => Arc::new(found.with_timezone("UTC")),
        };
        match is_scalar {
            true => Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(
                &found, 0,
            )?)),
            false => Ok(ColumnarValue::Array(found)),
        }
    }
}

fn out_of_range() -> datafusion::error::DataFusionError {
    exec_datafusion_err!("timestamp out of range")
}

/// What a clock in a zone reads at an instant.
fn reading(zone: Tz, micros: i64) -> Result<i64> {
    let instant = DateTime::from_timestamp_micros(micros).ok_or_else(out_of_range)?;
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
    micros.checked_add(i64::from(offset) * 1_000_000).ok_or_else(out_of_range)
}

/// The instant at which a clock in a zone has a reading. One that a spring night leaves out is read by the
/// clock before it; one that an autumn night has twice is the later.
fn moment(zone: Tz, micros: i64) -> Result<i64> {
    let read = DateTime::from_timestamp_micros(micros).ok_or_else(out_of_range)?.naive_utc();
    let seconds = |at: NaiveDateTime| match zone.offset_from_local_datetime(&at) {
        LocalResult::Single(offset) => Some(offset.fix().local_minus_utc()),
        LocalResult::Ambiguous(first, second) => {
            Some(first.fix().local_minus_utc().min(second.fix().local_minus_utc()))
        }
        LocalResult::None => None,
    };
    let before = || read.checked_sub_signed(Duration::hours(3)).and_then(seconds);
    let offset = seconds(read).or_else(before).ok_or_else(out_of_range)?;
    micros.checked_sub(i64::from(offset) * 1_000_000).ok_or_else(out_of_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        NaiveDateTime::parse_from_str(text, "%F %T").unwrap().and_utc().timestamp_micros()
    }

    #[test]
    fn clocks_are_read_as_postgresql_reads_them() {
        let berlin = Tz::from_str("Europe/Berlin").unwrap();
        let there = |text| moment(berlin, micros(text)).unwrap();
        assert_eq!(there("2026-01-01 12:00:00"), micros("2026-01-01 11:00:00"));
        assert_eq!(there("2026-07-01 12:00:00"), micros("2026-07-01 10:00:00"));
        // Left out in spring, and twice in autumn.
        assert_eq!(there("2026-03-29 02:30:00"), micros("2026-03-29 01:30:00"));
        assert_eq!(there("2026-10-25 02:30:00"), micros("2026-10-25 01:30:00"));
        let read = |text| reading(berlin, micros(text)).unwrap();
        assert_eq!(read("2026-07-01 10:00:00"), micros("2026-07-01 12:00:00"));
        assert_eq!(read("9999-12-31 00:00:00"), micros("9999-12-31 01:00:00"));
    }
}
