//! The coercion of one expression, from its leaves upwards.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{InSubquery, Like, SetComparison};
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, LogicalPlan};

use super::super::apart;
use super::super::dates::functions::INTERVAL;
use super::super::kinds::{Kind, literal, type_name};
use super::super::literals;
use super::super::pending;
use super::super::unknown;
use super::super::written_types;
use super::operands::{boolean, compared, operator};
use super::sides::missing;
use super::typed::{Typed, typed};
use super::{arguments, branches, casts, columns};

/// An expression over columns of a schema, with PostgreSQL's types.
///
/// # Errors
/// Where PostgreSQL refuses types that stand together, or a literal is not of the type it must have.
pub(in super::super) fn settled(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    let expression = expression.transform_up(|e| Ok(Transformed::yes(one(e, schema)?)))?.data;
    expression.apply(|e| match literals::wide(e) {
        Some(text) => plan_err!("numeric \"{text}\" has more than 38 digits"),
        None => Ok(TreeNodeRecursion::Continue),
    })?;
    Ok(expression)
}

fn one(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    let is_written = match &expression {
        Expr::ScalarFunction(call) => call.name() == INTERVAL || pending::is_one(call),
        _ => false,
    };
    let settled = operation(expression, schema)?;
    // A time that is written in several parts is computed here and now: behind a guard it would be computed
    // for each row. One that fails does so when it is asked for.
    match is_written {
        true => written(typed(settled, schema)?),
        false => Ok(settled),
    }
}

/// A time of literals as one.
fn written(value: Typed) -> Result<Expr> {
    let is_time =
        matches!(value.kind, Kind::Date | Kind::Timestamp | Kind::Timestamptz | Kind::Interval);
    let is_literal = |e: &Expr| matches!(e, Expr::Literal(..));
    match &value.expression {
        Expr::ScalarFunction(call) if is_time && call.args.iter().all(is_literal) => {
            Ok(value.clone().folded().unwrap_or(value).expression)
        }
        _ => Ok(value.expression),
    }
}

fn operation(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    let expression = match pending::sides(expression) {
        Ok((op, left, right)) => {
            return operator(op, typed(left, schema)?, typed(right, schema)?);
        }
        Err(other) => *other,
    };
    let truth =
        |inner: Box<Expr>, clause: &str| boolean(typed(*inner, schema)?, clause).map(Box::new);
    Ok(match expression {
        // A calculation of a statement is pending: this one is settled, or the engine's own.
        Expr::BinaryExpr(both) if both.op.is_numerical_operators() => Expr::BinaryExpr(both),
        Expr::BinaryExpr(both) => {
            operator(both.op, typed(*both.left, schema)?, typed(*both.right, schema)?)?
        }
        Expr::ScalarFunction(call) if call.name() == unknown::NAME => {
            let whole = Expr::ScalarFunction(call);
            Expr::Literal(literal(&whole).unwrap_or(ScalarValue::Null), None)
        }
        Expr::ScalarFunction(call) if call.name() == apart::NAME => apart::value(call),
        Expr::ScalarFunction(call) => arguments::of_function(call, schema)?,
        Expr::AggregateFunction(call) => arguments::of_aggregate(call, schema)?,
        Expr::WindowFunction(call) => arguments::of_window(call, schema)?,
        Expr::Cast(cast) => casted(cast, schema)?,
        Expr::Case(case) => branches::case(case, schema)?,
        Expr::Between(between) => branches::between(between, schema)?,
        Expr::InList(list) => branches::in_list(list, schema)?,
        Expr::Like(like) => Expr::Like(matched(like, schema)?),
        Expr::SimilarTo(like) => Expr::SimilarTo(matched(like, schema)?),
        Expr::Not(inner) => Expr::Not(truth(inner, "NOT")?),
        Expr::IsTrue(inner) => Expr::IsTrue(truth(inner, "IS TRUE")?),
        Expr::IsNotTrue(inner) => Expr::IsNotTrue(truth(inner, "IS NOT TRUE")?),
        Expr::IsFalse(inner) => Expr::IsFalse(truth(inner, "IS FALSE")?),
        Expr::IsNotFalse(inner) => Expr::IsNotFalse(truth(inner, "IS NOT FALSE")?),
        Expr::IsUnknown(inner) => Expr::IsUnknown(truth(inner, "IS UNKNOWN")?),
        Expr::IsNotUnknown(inner) => Expr::IsNotUnknown(truth(inner, "IS NOT UNKNOWN")?),
        Expr::Negative(inner) => negative(typed(*inner, schema)?)?,
        Expr::InSubquery(inside) => in_subquery(inside, schema)?,
        Expr::SetComparison(compared) => set_comparison(compared, schema)?,
        other => other,
    })
}

fn casted(cast: Cast, schema: &DFSchema) -> Result<Expr> {
    let from = cast.expr.get_type(schema)?;
    let cast = Expr::Cast(cast);
    if literals::wide(&cast).is_some() {
        return Ok(cast);
    }
    let Expr::Cast(cast) = cast else { return Ok(cast) };
    let wanted = cast.field.data_type();
    if from == *wanted && literal(&cast.expr).is_none() {
        return Ok(Expr::Cast(cast));
    }
    match cast.field.name() == written_types::NAME {
        true => casts::written(*cast.expr, &from, wanted),
        // The engine's own, and those of checks.
        false if literal(&cast.expr).is_some() => casts::converted(*cast.expr, &from, wanted),
        false => Ok(Expr::Cast(cast)),
    }
}

fn negative(value: Typed) -> Result<Expr> {
    match value.kind {
        number if number.is_number() || number == Kind::Interval => {
            Ok(Expr::Negative(Box::new(value.expression)))
        }
        Kind::Unknown => plan_err!("operator is not unique: - unknown"),
        _ => plan_err!("operator does not exist: - {}", type_name(&value.data_type)),
    }
}

/// LIKE is an operator between texts.
fn matched(like: Like, schema: &DFSchema) -> Result<Like> {
    let value = typed(*like.expr, schema)?;
    let pattern = typed(*like.pattern, schema)?;
    let is_text = |side: &Typed| matches!(side.kind, Kind::Text | Kind::Unknown);
    if !is_text(&value) || !is_text(&pattern) {
        use datafusion::logical_expr::Operator;
        let op = match (like.case_insensitive, like.negated) {
            (false, false) => Operator::LikeMatch,
            (false, true) => Operator::NotLikeMatch,
            (true, false) => Operator::ILikeMatch,
            (true, true) => Operator::NotILikeMatch,
        };
        return missing(op, &value, &pattern);
    }
    let (expr, pattern) = (Box::new(value.expression), Box::new(pattern.expression));
    Ok(Like { expr, pattern, ..like })
}

/// The rows of a subquery's column as a value.
fn first_column(plan: &LogicalPlan) -> Result<(Expr, DataType)> {
    match plan.schema().fields().first() {
        Some(field) if plan.schema().fields().len() == 1 => {
            let column = Expr::Column(plan.schema().columns().swap_remove(0));
            Ok((column, field.data_type().clone()))
        }
        _ => plan_err!("subquery has too many columns"),
    }
}

fn in_subquery(inside: InSubquery, schema: &DFSchema) -> Result<Expr> {
    use datafusion::logical_expr::Operator;
    let mut subquery = inside.subquery;
    let value = typed(*inside.expr, schema)?;
    let (expr, plan) = beside(Operator::Eq, value, &subquery.subquery)?;
    subquery.subquery = plan;
    Ok(Expr::InSubquery(InSubquery { expr: Box::new(expr), subquery, negated: inside.negated }))
}

fn set_comparison(found: SetComparison, schema: &DFSchema) -> Result<Expr> {
    let mut subquery = found.subquery;
    let value = typed(*found.expr, schema)?;
    let (expr, plan) = beside(found.op, value, &subquery.subquery)?;
    subquery.subquery = plan;
    Ok(Expr::SetComparison(SetComparison { expr: Box::new(expr), subquery, ..found }))
}

/// A value and the rows of a subquery in one type.
fn beside(
    op: datafusion::logical_expr::Operator,
    value: Typed,
    plan: &std::sync::Arc<LogicalPlan>,
) -> Result<(Expr, std::sync::Arc<LogicalPlan>)> {
    let (column, data_type) = first_column(plan)?;
    let column = Typed::new(column, data_type.clone());
    let (value, column) = compared(op, value, column)?;
    if column.data_type == data_type {
        return Ok((value.expression, std::sync::Arc::clone(plan)));
    }
    let cast = columns::cast_columns(plan.as_ref().clone(), &[Some(column.data_type)])?;
    Ok((value.expression, std::sync::Arc::new(cast)))
}
