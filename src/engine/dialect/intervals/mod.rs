//! Intervals as PostgreSQL has them: months, days and microseconds. One month is thirty days and a day
//! twenty-four hours when they are compared.

mod data_types;
pub(super) mod equality;
pub(super) mod fields;
pub(super) mod justified;
pub(super) mod reading;
pub(super) mod scaled;
pub(super) mod span;
pub(super) mod text;
mod totals;

use datafusion::error::Result;
use datafusion::logical_expr::{Expr, cast};

use super::overloads::{Overload, call, wrong};
use super::values::{Kind, Value};
pub(super) use data_types::{INTERVAL, instant};

const LENGTH: &[Overload] =
    &[Overload { takes: &[Kind::Interval], gives: Kind::Numeric(38, 0), run: length }];
const NEGATED: &[Overload] =
    &[Overload { takes: &[Kind::Interval], gives: Kind::Interval, run: negative }];

/// What an interval is compared by.
pub(super) fn span(interval: Expr) -> Expr {
    call("interval_length", LENGTH, vec![cast(interval, INTERVAL)])
}

/// The opposite of an interval.
pub(super) fn negated(interval: Expr) -> Expr {
    call("interval_negated", NEGATED, vec![interval])
}

fn length(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Interval(span)] => Ok(Value::Numeric(span.length())),
        _ => wrong(values),
    }
}

fn negative(values: &[Value<'_>]) -> Result<Value<'static>> {
    match values {
        [Value::Interval(span)] => span.negated().map(Value::Interval),
        _ => wrong(values),
    }
}

#[cfg(test)]
mod tests {
    use super::span::Span;

    fn interval(months: i32, days: i32, hours: i64) -> i128 {
        Span { months, days, micros: hours * 3_600_000_000 }.length()
    }

    #[test]
    fn a_month_is_thirty_days_and_a_day_twenty_four_hours() {
        assert_eq!(interval(1, 0, 0), interval(0, 30, 0));
        assert_eq!(interval(0, 1, 0), interval(0, 0, 24));
        assert!(interval(0, 0, 25) > interval(0, 1, 0));
    }
}
