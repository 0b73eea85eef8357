//! Operators: planned as pending, and settled by the types of their sides.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, cast};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::checked::Checked;
use super::kinds::Kind;
use super::pending::pending;
use super::temporal;

/// The places behind the point that a quotient has at least. One whose digits before the point leave no
/// room for them is an error: fewer places would hide what a ratio of sums says, since the type of a sum
/// has room for all 38 digits, and its values seldom need them.
const PLACES: i8 = 16;

/// Leaves operators pending until the types of their sides are settled.
#[derive(Debug)]
pub(super) struct Operators;

impl ExprPlanner for Operators {
    fn plan_binary_op(
        &self,
        raw: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        match engines(&raw.op) {
            Some(Operator::StringConcat) if !has_own_concatenation(&raw, schema) => {
                Ok(PlannerResult::Original(raw))
            }
            Some(operator)
                if operator.is_numerical_operators()
                    || operator == Operator::StringConcat
                    || !is_typed(&raw, operator, schema) =>
            {
                Ok(PlannerResult::Planned(pending(operator, raw.left, raw.right)))
            }
            _ => Ok(PlannerResult::Original(raw)),
        }
    }
}

/// Whether `||` is one of arrays, or of JSON.
fn has_own_concatenation(raw: &RawBinaryExpr, schema: &DFSchema) -> bool {
    let is_own = |e: &Expr| {
        let kind = e.get_type(schema).map(|data_type| Kind::of_type(&data_type));
        kind.is_ok_and(|kind| matches!(kind, Kind::Array | Kind::Json | Kind::Jsonb))
    };
    is_own(&raw.left) || is_own(&raw.right)
}

/// Whether the engine knows a comparison of these sides, or asks one of them for a parameter's type.
fn is_typed(raw: &RawBinaryExpr, operator: Operator, schema: &DFSchema) -> bool {
    let is_open = |e: &Expr| matches!(e, Expr::Placeholder(_));
    if is_open(&raw.left) || is_open(&raw.right) {
        return true;
    }
    match (raw.left.get_type(schema), raw.right.get_type(schema)) {
        (Ok(left), Ok(right)) => {
            BinaryTypeCoercer::new(&left, &operator, &right).get_input_types().is_ok()
        }
        _ => true,
    }
}

const OPERATORS: [(BinaryOperator, Operator); 12] = [
    (BinaryOperator::Plus, Operator::Plus),
    (BinaryOperator::Minus, Operator::Minus),
    (BinaryOperator::Multiply, Operator::Multiply),
    (BinaryOperator::Divide, Operator::Divide),
    (BinaryOperator::Modulo, Operator::Modulo),
    (BinaryOperator::Eq, Operator::Eq),
    (BinaryOperator::NotEq, Operator::NotEq),
    (BinaryOperator::Lt, Operator::Lt),
    (BinaryOperator::LtEq, Operator::LtEq),
    (BinaryOperator::Gt, Operator::Gt),
    (BinaryOperator::GtEq, Operator::GtEq),
    (BinaryOperator::StringConcat, Operator::StringConcat),
];

/// The engine's operator, where the types of both sides decide what it does.
fn engines(written: &BinaryOperator) -> Option<Operator> {
    OPERATORS.iter().find(|(op, _)| op == written).map(|(_, operator)| *operator)
}

/// The written operator of an engine's.
fn written(operator: Operator) -> Option<BinaryOperator> {
    OPERATORS.iter().find(|(_, op)| *op == operator).map(|(written, _)| written.clone())
}

/// An operator between sides whose types are settled.
pub(super) fn settled(op: Operator, left: (Expr, &DataType), right: (Expr, &DataType)) -> Expr {
    let ((left, left_type), (right, right_type)) = (left, right);
    let (left, right) = match written(op) {
        Some(written) => {
            let raw = RawBinaryExpr { op: written, left, right };
            match temporal::planned(raw, left_type, right_type) {
                PlannerResult::Planned(planned) => return planned,
                PlannerResult::Original(raw) => (raw.left, raw.right),
            }
        }
        None => (left, right),
    };
    if op == Operator::Divide
        && let Some((left_type, right_type, result)) = quotient(left_type, right_type)
    {
        let (a, b) = (cast(left, left_type), cast(right, right_type));
        return Checked::call(Operator::Divide, a, b, Some(result));
    }
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

/// The types of both sides of a division of decimals, and of its result.
fn quotient(left: &DataType, right: &DataType) -> Option<(DataType, DataType, DataType)> {
    let is_decimal = |t: &DataType| matches!(t, DataType::Decimal128(..));
    if !is_decimal(left) && !is_decimal(right) {
        return None;
    }
    let ((digits, scale), (more, places)) = (decimal(left)?, decimal(right)?);
    let result = PLACES.max(scale).max(places);
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
    fn a_quotient_has_sixteen_places_at_least() {
        let of = |a: DataType, b: DataType| quotient(&a, &b).map(|(.., result)| result);
        let two = DataType::Decimal128(10, 2);
        assert_eq!(of(two.clone(), two.clone()), Some(DataType::Decimal128(38, 16)));
        assert_eq!(of(DataType::Int64, two.clone()), Some(DataType::Decimal128(38, 16)));
        let wide = DataType::Decimal128(38, 0);
        assert_eq!(of(wide, DataType::Int32), Some(DataType::Decimal128(38, 16)));
        let fine = DataType::Decimal128(38, 20);
        assert_eq!(of(fine, DataType::Int32), Some(DataType::Decimal128(38, 20)));
        assert_eq!(of(DataType::Int64, DataType::Int32), None);
        assert_eq!(of(two, DataType::Float64), None);
    }
}
