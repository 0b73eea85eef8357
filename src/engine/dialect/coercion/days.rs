//! Dates beside timestamps. PostgreSQL compares them as timestamps. Beside a timestamp that is written, a date
//! is compared with a day: the column stays bare, and files are left out by its statistics.

use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Operator};

use super::super::kinds::Kind;
use super::sides::both;
use super::typed::Typed;

const DAY: i64 = 86_400_000_000;

/// Both sides of a comparison, of which one is a date and the other a timestamp; `kind` is the latter's.
pub(super) fn beside(
    op: Operator,
    left: Typed,
    right: Typed,
    kind: Kind,
) -> Result<(Typed, Typed)> {
    let (is_left, at) = match left.kind {
        Kind::Date => (true, micros(&right)),
        _ => (false, micros(&left)),
    };
    let seen = if is_left { Some(op) } else { op.swap() };
    let day = match (seen, at) {
        (Some(seen), Some(at)) => day(seen, at),
        _ => None,
    };
    let Some(day) = day.and_then(|day| i32::try_from(day).ok()) else {
        return both(left, right, kind);
    };
    let day = Expr::Literal(ScalarValue::Date32(Some(day)), None);
    let day = Typed::new(day, arrow::datatypes::DataType::Date32);
    Ok(if is_left { (left, day) } else { (day, right) })
}

/// The microseconds of a timestamp that is written.
fn micros(value: &Typed) -> Option<i64> {
    match value.expression.as_literal()? {
        ScalarValue::TimestampMicrosecond(at, _) => *at,
        _ => None,
    }
}

/// The day that a date compares with as it does with a time.
fn day(op: Operator, at: i64) -> Option<i64> {
    let floor = at.div_euclid(DAY);
    let is_midnight = at.rem_euclid(DAY) == 0;
    match op {
        Operator::Lt | Operator::GtEq if is_midnight => Some(floor),
        Operator::Lt | Operator::GtEq => Some(floor + 1),
        Operator::LtEq | Operator::Gt => Some(floor),
        Operator::Eq | Operator::NotEq if is_midnight => Some(floor),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_compares_with_a_day_as_it_does_with_a_time() {
        use Operator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
        for at in [-DAY - 1, -DAY, -1, 0, 1, DAY - 1, DAY, DAY + 5] {
            for date in -3..4_i64 {
                for op in [Eq, NotEq, Lt, LtEq, Gt, GtEq] {
                    let is = |one: i64, other: i64| match op {
                        Eq => one == other,
                        NotEq => one != other,
                        Lt => one < other,
                        LtEq => one <= other,
                        Gt => one > other,
                        _ => one >= other,
                    };
                    let Some(day) = day(op, at) else {
                        assert!(matches!(op, Eq | NotEq) && at % DAY != 0);
                        continue;
                    };
                    assert_eq!(is(date, day), is(date * DAY, at), "{date} {op} {at}");
                }
            }
        }
    }
}
