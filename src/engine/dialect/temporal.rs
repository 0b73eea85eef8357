//! Operators between times and intervals.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::planner::{PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::intervals::{INTERVAL, elapsed, instant, part, span, times};

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
    let kinds = (kind(&raw.left, left), kind(&raw.right, right));
    match comparison(&raw.op) {
        Some(operator) => compared(raw, operator, kinds),
        None => calculated(raw, kinds),
    }
}

fn compared(raw: RawBinaryExpr, op: Operator, kinds: (Kind, Kind)) -> PlannerResult<RawBinaryExpr> {
    use Kind::{Interval, Quoted};
    let (left, right) = match (kinds, common(kinds)) {
        ((Interval, Interval | Quoted) | (Quoted, Interval), _) => {
            (span(raw.left), span(raw.right))
        }
        (_, Some(instant)) => (cast(raw.left, instant.clone()), cast(raw.right, instant)),
        _ => return PlannerResult::Original(raw),
    };
    let (left, right) = (Box::new(left), Box::new(right));
    PlannerResult::Planned(Expr::BinaryExpr(BinaryExpr { left, op, right }))
}

fn calculated(raw: RawBinaryExpr, kinds: (Kind, Kind)) -> PlannerResult<RawBinaryExpr> {
    use BinaryOperator::{Divide, Minus, Multiply, Plus};
    use Kind::{Date, Instant, Interval, Number, Quoted};
    let RawBinaryExpr { op, left, right } = raw;
    let planned = match (&op, kinds, common(kinds)) {
        (Minus, _, Some(instant)) => elapsed(cast(left, instant.clone()), cast(right, instant)),
        (Multiply, (Interval, Number), _) => times(left, right),
        (Multiply, (Number, Interval), _) => times(right, left),
        (Divide, (Interval, Number), _) => part(left, right),
        (Plus | Minus, (Instant { .. } | Date, Interval), _)
        | (Plus, (Interval, Instant { .. } | Date) | (Instant { .. }, Quoted), _) => {
            let (left, right) = (moved(left, kinds.0), moved(right, kinds.1));
            return PlannerResult::Original(RawBinaryExpr { op, left, right });
        }
        _ => return PlannerResult::Original(RawBinaryExpr { op, left, right }),
    };
    PlannerResult::Planned(planned)
}

/// The type in which two points in time are compared; `None` where they are not two.
fn common(kinds: (Kind, Kind)) -> Option<DataType> {
    use Kind::{Date, Instant, Quoted};
    match kinds {
        (Instant { is_zoned: x }, Instant { is_zoned: y }) => Some(instant(x || y)),
        (Instant { is_zoned }, Date | Quoted) | (Date | Quoted, Instant { is_zoned }) => {
            Some(instant(is_zoned))
        }
        _ => None,
    }
}

/// A side of a sum of a point in time and an interval.
fn moved(side: Expr, kind: Kind) -> Expr {
    match kind {
        Kind::Instant { is_zoned } => cast(side, instant(is_zoned)),
        Kind::Date => cast(side, instant(false)),
        _ => cast(side, INTERVAL),
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
