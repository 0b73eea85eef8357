//! Puts operations that fail where PostgreSQL's do in the place of the engine's, once it has made types fit.

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, ExprSchemable, Operator};

use super::casts;
use super::checked::Checked;
use super::dates;
use super::guards::guarded;
use super::intervals;

/// The rule.
#[derive(Debug)]
pub(super) struct FailingOperations;

impl FunctionRewrite for FailingOperations {
    fn name(&self) -> &'static str {
        "failing_operations"
    }

    fn rewrite(
        &self,
        expression: Expr,
        schema: &DFSchema,
        _: &ConfigOptions,
    ) -> Result<Transformed<Expr>> {
        match expression {
            Expr::BinaryExpr(both) => binary(both, schema),
            Expr::Negative(inner) => negative(*inner, schema),
            Expr::Cast(cast) => casted(cast, schema),
            Expr::AggregateFunction(call) => aggregate(call),
            other => Ok(Transformed::no(other)),
        }
    }
}

fn binary(both: BinaryExpr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let BinaryExpr { left, op, right } = both;
    if matches!(op, Operator::And | Operator::Or) {
        let right = Box::new(guarded(op, &left, *right)?);
        return Ok(Transformed::yes(Expr::BinaryExpr(BinaryExpr { left, op, right })));
    }
    let is_numeric = |e: &Expr| e.get_type(schema).is_ok_and(|t| t.is_numeric());
    if op.is_numerical_operators() && is_numeric(&left) && is_numeric(&right) {
        return Ok(Transformed::yes(Checked::call(op, *left, *right, None)));
    }
    Ok(Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })))
}

/// The least integer has no opposite.
fn negative(inner: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let data_type = inner.get_type(schema)?;
    if matches!(data_type, DataType::Interval(_)) {
        return Ok(Transformed::yes(intervals::negated(inner)));
    }
    if !data_type.is_integer() {
        return Ok(Transformed::no(Expr::Negative(Box::new(inner))));
    }
    let zero = Expr::Literal(ScalarValue::new_zero(&data_type)?, None);
    Ok(Transformed::yes(Checked::call(Operator::Minus, zero, inner, None)))
}

/// A cast of times, which the engine makes otherwise; any other.
fn casted(cast: Cast, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let from = cast.expr.get_type(schema)?;
    match dates::casts::planned(&cast.expr, &from, cast.field.data_type())? {
        Some(planned) => Ok(Transformed::yes(planned)),
        None => Ok(rounding(cast, schema)),
    }
}

/// A cast that makes an integer of a number with a fraction rounds it first.
fn rounding(cast: Cast, schema: &DFSchema) -> Transformed<Expr> {
    let is_fraction = cast.expr.get_type(schema).is_ok_and(|t| t.is_floating() || t.is_decimal());
    let is_rounded = matches!(&*cast.expr, Expr::ScalarFunction(f) if f.name() == casts::NAME);
    if is_rounded || !is_fraction || !cast.field.data_type().is_integer() {
        return Transformed::no(Expr::Cast(cast));
    }
    let expr = Box::new(casts::rounded(*cast.expr));
    Transformed::yes(Expr::Cast(Cast { expr, ..cast }))
}

/// Arguments are computed for all rows, and those that FILTER leaves out are dropped then.
fn aggregate(mut call: AggregateFunction) -> Result<Transformed<Expr>> {
    let Some(filter) = call.params.filter.clone() else {
        return Ok(Transformed::no(Expr::AggregateFunction(call)));
    };
    let arguments = call.params.args.into_iter();
    let arguments = arguments.map(|argument| guarded(Operator::And, &filter, argument));
    call.params.args = arguments.collect::<Result<_>>()?;
    Ok(Transformed::yes(Expr::AggregateFunction(call)))
}
