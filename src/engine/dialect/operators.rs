//! Operators whose result has another type than the engine's: chosen by the types of their sides.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::checked::Checked;
use super::temporal;

/// The places behind the point that a quotient has at least, where 38 digits allow.
const PLACES: i8 = 16;

/// Plans what the engine would give another type.
#[derive(Debug)]
pub(super) struct Operators;

impl ExprPlanner for Operators {
    fn plan_binary_op(
        &self,
        mut raw: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        if is_arithmetic(&raw.op) {
            raw.left = narrow(raw.left);
            raw.right = narrow(raw.right);
        }
        let types = (raw.left.get_type(schema), raw.right.get_type(schema));
        let (Ok(left), Ok(right)) = types else { return Ok(PlannerResult::Original(raw)) };
        let raw = match temporal::planned(raw, &left, &right) {
            PlannerResult::Planned(planned) => return Ok(PlannerResult::Planned(planned)),
            PlannerResult::Original(raw) => raw,
        };
        if raw.op == BinaryOperator::Divide
            && let Some((left, right, result)) = quotient(&left, &right)
        {
            let (a, b) = (cast(raw.left, left), cast(raw.right, right));
            let divided = Checked::call(Operator::Divide, a, b, Some(result));
            return Ok(PlannerResult::Planned(divided));
        }
        Ok(PlannerResult::Original(raw))
    }
}

fn is_arithmetic(operator: &BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo
    )
}

/// A number that an integer holds is one; the engine takes all of them for bigints.
fn narrow(expression: Expr) -> Expr {
    match &expression {
        Expr::Literal(ScalarValue::Int64(Some(value)), None) => match i32::try_from(*value) {
            Ok(value) => Expr::Literal(ScalarValue::Int32(Some(value)), None),
            Err(_) => expression,
        },
        _ => expression,
    }
}

/// The types of both sides of a division of decimals, and of its result.
fn quotient(left: &DataType, right: &DataType) -> Option<(DataType, DataType, DataType)> {
    let is_decimal = |t: &DataType| matches!(t, DataType::Decimal128(..));
    if !is_decimal(left) && !is_decimal(right) {
        return None;
    }
    let ((digits, scale), (more, places)) = (decimal(left)?, decimal(right)?);
    // Divided by the least that the right side can be.
    let whole = i16::from(digits) - i16::from(scale) + i16::from(places);
    let room = i8::try_from((38 - whole).max(0)).unwrap_or(0);
    let wanted = PLACES.max(scale).max(places);
    // Where 38 digits do not hold both, the places behind the point give way, but not all of them.
    let result = wanted.min(room.max(6));
    let decimal =
        |digits: i8, scale| DataType::Decimal128(u8::try_from(digits).unwrap_or(38), scale);
    Some((decimal(digits, scale), decimal(more, places), DataType::Decimal128(38, result)))
}

/// Digits and scale of a number that a decimal holds exactly.
fn decimal(data_type: &DataType) -> Option<(i8, i8)> {
    match data_type {
        DataType::Int8 => Some((3, 0)),
        DataType::Int16 => Some((5, 0)),
        DataType::Int32 => Some((10, 0)),
        DataType::Int64 => Some((19, 0)),
        DataType::UInt64 => Some((20, 0)),
        DataType::Decimal128(digits, scale) if *scale >= 0 => {
            Some((i8::try_from(*digits).ok()?, *scale))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_has_sixteen_places_where_digits_allow() {
        let of = |a: DataType, b: DataType| quotient(&a, &b).map(|(.., result)| result);
        let two = DataType::Decimal128(10, 2);
        assert_eq!(of(two.clone(), two.clone()), Some(DataType::Decimal128(38, 16)));
        assert_eq!(of(DataType::Int64, two.clone()), Some(DataType::Decimal128(38, 16)));
        let wide = DataType::Decimal128(38, 0);
        assert_eq!(of(wide, DataType::Int32), Some(DataType::Decimal128(38, 6)));
        assert_eq!(of(DataType::Int64, DataType::Int32), None);
        assert_eq!(of(two, DataType::Float64), None);
    }
}
