//! Values of time in JSON: RFC 3339, and intervals as PostgreSQL writes them.

use arrow::array::Array;
use arrow::compute::cast;

use super::super::intervals;
use super::super::values::{Kind, Value};
use super::text;

/// The text of a value of time; `None` of any other.
pub(in super::super) fn json(array: &dyn Array, row: usize) -> Option<String> {
    let kind = Kind::of(array.data_type())?;
    let one = array.slice(row, 1);
    let own = match *array.data_type() == kind.data_type() {
        true => one,
        false => cast(&one, &kind.data_type()).ok()?,
    };
    Some(match kind.value(&own, 0).ok()? {
        Value::Date(day) => text::date(day.into()),
        Value::Time(micros) => text::clock(micros),
        Value::Timestamp(micros) => text::rfc_3339(micros, false),
        Value::Instant(micros) => text::rfc_3339(micros, true),
        Value::Interval(span) => intervals::text::interval(span),
        _ => return None,
    })
}
