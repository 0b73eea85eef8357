//! Operators between times and intervals.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::planner::{PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::dates::arithmetic::operation;
use super::intervals::{instant, span};

/// What a value is to these operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Instant {
        is_zoned: bool,
    },
    Date,
    Time,
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
    let is_of_time = |kind: Kind| !matches!(kind, Kind::Number | Kind::Quoted | Kind::Other);
    if !is_of_time(kinds.0) && !is_of_time(kinds.1) {
        return PlannerResult::Original(raw);
    }
    match operation(&raw.op, raw.left.clone(), raw.right.clone()) {
        Some(planned) => PlannerResult::Planned(planned),
        None => PlannerResult::Original(raw),
    }
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

fn kind(expression: &Expr, data_type: &DataType) -> Kind {
    match data_type {
        DataType::Timestamp(_, zone) => Kind::Instant { is_zoned: zone.is_some() },
        DataType::Date32 | DataType::Date64 => Kind::Date,
        DataType::Time32(_) | DataType::Time64(_) => Kind::Time,
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
