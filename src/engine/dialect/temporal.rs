//! Operators between times and intervals.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::planner::{PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::intervals::{elapsed, instant, part, span, times};

/// What a value is to these operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Instant {
        is_zoned: bool,
    },
    Date,
    Interval,
    Number,
    /// A quoted text: it is of the other side's type.
    Quoted,
    Other,
}

/// Plans an operator of times or intervals; any other is left as it is.
pub(super) fn planned(
    raw: RawBinaryExpr,
    left: &DataType,
    right: &DataType,
) -> PlannerResult<RawBinaryExpr> {
    use Kind::{Date, Instant, Interval, Number, Quoted};
    let (a, b) = (kind(&raw.left, left), kind(&raw.right, right));
    let RawBinaryExpr { op, left, right } = raw;
    if let Some(operator) = comparison(&op) {
        let binary = |left, right| {
            let (left, right) = (Box::new(left), Box::new(right));
            PlannerResult::Planned(Expr::BinaryExpr(BinaryExpr { left, op: operator, right }))
        };
        let interval = |value| span(value);
        return match (a, b) {
            (Interval, Interval | Quoted) | (Quoted, Interval) => {
                binary(interval(left), interval(right))
            }
            (Instant { is_zoned: x }, Instant { is_zoned: y }) => {
                let common = instant(x || y);
                binary(cast(left, common.clone()), cast(right, common))
            }
            (Instant { is_zoned }, Date | Quoted) | (Date | Quoted, Instant { is_zoned }) => {
                let common = instant(is_zoned);
                binary(cast(left, common.clone()), cast(right, common))
            }
            _ => PlannerResult::Original(RawBinaryExpr { op, left, right }),
        };
    }
    let add = |left, right, op| RawBinaryExpr { op, left, right };
    let to = |value, kind| match kind {
        Instant { is_zoned } => cast(value, instant(is_zoned)),
        Date => cast(value, instant(false)),
        _ => cast(value, DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano)),
    };
    match (&op, a, b) {
        (BinaryOperator::Plus | BinaryOperator::Minus, Instant { .. }, Interval)
        | (BinaryOperator::Plus | BinaryOperator::Minus, Date, Interval)
        | (BinaryOperator::Plus, Interval, Instant { .. } | Date)
        | (BinaryOperator::Plus, Instant { .. }, Quoted) => {
            PlannerResult::Original(add(to(left, a), to(right, b), op))
        }
        (BinaryOperator::Minus, Instant { is_zoned: x }, Instant { is_zoned: y }) => {
            let common = instant(x || y);
            PlannerResult::Planned(elapsed(cast(left, common.clone()), cast(right, common)))
        }
        (BinaryOperator::Minus, Instant { is_zoned }, Date | Quoted)
        | (BinaryOperator::Minus, Date | Quoted, Instant { is_zoned }) => {
            let common = instant(is_zoned);
            PlannerResult::Planned(elapsed(cast(left, common.clone()), cast(right, common)))
        }
        (BinaryOperator::Multiply, Interval, Number) => PlannerResult::Planned(times(left, right)),
        (BinaryOperator::Multiply, Number, Interval) => PlannerResult::Planned(times(right, left)),
        (BinaryOperator::Divide, Interval, Number) => PlannerResult::Planned(part(left, right)),
        _ => PlannerResult::Original(RawBinaryExpr { op, left, right }),
    }
}

fn kind(expression: &Expr, data_type: &DataType) -> Kind {
    match data_type {
        DataType::Timestamp(_, zone) => Kind::Instant { is_zoned: zone.is_some() },
        DataType::Date32 | DataType::Date64 => Kind::Date,
        DataType::Interval(_) | DataType::Duration(_) => Kind::Interval,
        DataType::Utf8 if matches!(expression, Expr::Literal(ScalarValue::Utf8(_), _)) => {
            Kind::Quoted
        }
        number if number.is_numeric() => Kind::Number,
        _ => Kind::Other,
    }
}

fn comparison(operator: &BinaryOperator) -> Option<Operator> {
    Some(match operator {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        _ => return None,
    })
}
