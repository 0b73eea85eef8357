//! Floats as PostgreSQL has them: zero has no sign, NaN equals itself and is more than every number. The
//! engine has them in the total order of their bits: -NaN, -Infinity, …, -0, 0, …, Infinity, NaN.
//!
//! A comparison with a literal becomes one in that order, and leaves its column bare, so that statistics
//! still leave out what it excludes. Everything else, such as a key, is made canonical.

mod canonical;
mod comparisons;

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{
    AggregateFunction, Case, InSubquery, ScalarFunction, SetComparison, Sort, WindowFunction,
};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::logical_plan::Subquery;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::when;
use datafusion::logical_expr::{Distinct, Expr, ExprSchemable, Join, LogicalPlan, Projection};
use datafusion::optimizer::AnalyzerRule;

use super::super::mended;
use super::arrays;
use canonical::canonical;
pub(super) use canonical::of_array as plain;

/// The rule of the analyzer, once types are settled.
#[derive(Debug)]
pub(super) struct Floats;

impl AnalyzerRule for Floats {
    fn name(&self) -> &'static str {
        "floats"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| of_node(node).map(Transformed::yes))
            .map(|done| done.data)
    }
}

/// An expression whose types are settled, which compares floats as PostgreSQL does.
///
/// # Errors
/// When a type cannot be told.
pub(super) fn exact(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    Ok(expression.transform_up(|e| Ok(Transformed::yes(one(e, schema)?)))?.data)
}

fn is_float(expression: &Expr, schema: &DFSchema) -> bool {
    expression.get_type(schema).is_ok_and(|found| found.is_floating())
}

/// Whether values of a type are floats, or hold them.
fn holds_floats(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(item) => holds_floats(item.data_type()),
        other => other.is_floating(),
    }
}

fn has_floats(expression: &Expr, schema: &DFSchema) -> bool {
    expression.get_type(schema).is_ok_and(|found| holds_floats(&found))
}

/// A value by which rows are told apart or put into order.
fn key(expression: Expr, schema: &DFSchema) -> Expr {
    match has_floats(&expression, schema) {
        true => {
            let name = NamePreserver::new_for_projection().save(&expression);
            name.restore(canonical(expression.unalias()))
        }
        false => expression,
    }
}

fn plain_key(expression: Expr, schema: &DFSchema) -> Expr {
    if has_floats(&expression, schema) { canonical(expression) } else { expression }
}

fn of_node(node: LogicalPlan) -> Result<LogicalPlan> {
    let schema = merge_schema(&node.inputs());
    let node = mended::each_expression(node, |expression| {
        Ok(Transformed::yes(exact(expression, &schema)?))
    })?;
    let node = node.data;
    let hold_floats = |plan: &LogicalPlan| {
        plan.schema().fields().iter().any(|field| holds_floats(field.data_type()))
    };
    match node {
        LogicalPlan::Aggregate(mut aggregate) => {
            aggregate.group_expr = aggregate
                .group_expr
                .into_iter()
                .map(|e| grouped(e, &schema))
                .collect::<Result<_>>()?;
            LogicalPlan::Aggregate(aggregate).recompute_schema()
        }
        LogicalPlan::Sort(mut sort) => {
            sort.expr = sort.expr.into_iter().map(|one| sorted(one, &schema)).collect();
            Ok(LogicalPlan::Sort(sort))
        }
        LogicalPlan::Distinct(Distinct::All(input)) if hold_floats(&input) => {
            let columns = input.schema().columns().into_iter().map(Expr::Column);
            let columns: Vec<Expr> = columns.map(|column| key(column, &schema)).collect();
            let input = LogicalPlan::Projection(Projection::try_new(columns, input)?);
            Ok(LogicalPlan::Distinct(Distinct::All(Arc::new(input))))
        }
        LogicalPlan::Distinct(Distinct::On(mut on)) => {
            on.on_expr = on.on_expr.into_iter().map(|e| plain_key(e, &schema)).collect();
            let order = on.sort_expr.map(|all| all.into_iter());
            on.sort_expr = order.map(|all| all.map(|one| sorted(one, &schema)).collect());
            Ok(LogicalPlan::Distinct(Distinct::On(on)))
        }
        LogicalPlan::Join(join) => Ok(LogicalPlan::Join(joined(join))),
        other => other.recompute_schema(),
    }
}

fn grouped(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    match expression {
        Expr::GroupingSet(sets) => {
            mended::each_group(sets, |e| Ok(key(e, schema))).map(Expr::GroupingSet)
        }
        other => Ok(key(other, schema)),
    }
}

fn joined(mut join: Join) -> Join {
    let (left, right) = (Arc::clone(join.left.schema()), Arc::clone(join.right.schema()));
    let pair = |(a, b): (Expr, Expr)| (plain_key(a, &left), plain_key(b, &right));
    join.on = join.on.into_iter().map(pair).collect();
    join
}

fn one(expression: Expr, schema: &DFSchema) -> Result<Expr> {
    Ok(match expression {
        Expr::BinaryExpr(both) if is_float(&both.left, schema) && is_float(&both.right, schema) => {
            comparisons::exact(both)
        }
        Expr::InList(list) if is_float(&list.expr, schema) => comparisons::in_list(list),
        Expr::Case(case) => Expr::Case(cased(case, schema)),
        Expr::ScalarFunction(call) if call.name() == "nullif" => nulled(call, schema)?,
        Expr::ScalarFunction(call) => Expr::ScalarFunction(called(call, schema)),
        Expr::AggregateFunction(call) => Expr::AggregateFunction(aggregated(call, schema)),
        Expr::WindowFunction(call) => Expr::WindowFunction(windowed(call, schema)),
        Expr::InSubquery(inside) if is_float(&inside.expr, schema) => {
            Expr::InSubquery(InSubquery {
                expr: Box::new(canonical(*inside.expr)),
                subquery: canonical_rows(inside.subquery)?,
                negated: inside.negated,
            })
        }
        Expr::SetComparison(found) if is_float(&found.expr, schema) => {
            Expr::SetComparison(SetComparison {
                expr: Box::new(canonical(*found.expr)),
                subquery: canonical_rows(found.subquery)?,
                ..found
            })
        }
        other => other,
    })
}

/// The one column of a subquery.
fn canonical_rows(mut subquery: Subquery) -> Result<Subquery> {
    let schema = Arc::clone(subquery.subquery.schema());
    let columns = schema.columns().into_iter().map(Expr::Column);
    let columns: Vec<Expr> = columns.map(|column| key(column, &schema)).collect();
    let plan = Projection::try_new(columns, subquery.subquery)?;
    subquery.subquery = Arc::new(LogicalPlan::Projection(plan));
    Ok(subquery)
}

fn cased(mut case: Case, schema: &DFSchema) -> Case {
    if let Some(operand) = case.expr.take_if(|operand| is_float(operand, schema)) {
        case.expr = Some(Box::new(canonical(*operand)));
        let whens = case.when_then_expr.into_iter();
        let whens = whens.map(|(when, then)| (Box::new(plain_key(*when, schema)), then));
        case.when_then_expr = whens.collect();
    }
    case
}

/// Functions that compare their arguments.
const COMPARING: &[&str] = &["greatest", "least"];

/// `nullif` compares its arguments, and gives the first as it is.
fn nulled(call: ScalarFunction, schema: &DFSchema) -> Result<Expr> {
    match call.args.as_slice() {
        [value, other] if has_floats(value, schema) => {
            let is_same = canonical(value.clone()).eq(canonical(other.clone()));
            let null = Expr::Literal(ScalarValue::try_from(value.get_type(schema)?)?, None);
            when(is_same, null).otherwise(value.clone())
        }
        _ => Ok(Expr::ScalarFunction(call)),
    }
}

fn called(mut call: ScalarFunction, schema: &DFSchema) -> ScalarFunction {
    if COMPARING.contains(&call.name()) {
        call.args = call.args.into_iter().map(|e| plain_key(e, schema)).collect();
    }
    call
}

/// Aggregates that put values into order.
const ORDERING: &[&str] =
    &["max", "median", "min", "mode", "percentile_cont", "percentile_disc", "approx_median"];

fn aggregated(mut call: AggregateFunction, schema: &DFSchema) -> AggregateFunction {
    if call.params.distinct || ORDERING.contains(&call.func.name()) {
        call.params.args = call.params.args.into_iter().map(|e| plain_key(e, schema)).collect();
    }
    call.params.order_by = call.params.order_by.into_iter().map(|s| sorted(s, schema)).collect();
    call
}

fn windowed(mut call: Box<WindowFunction>, schema: &DFSchema) -> Box<WindowFunction> {
    let name = call.fun.name().to_owned();
    let params = &mut call.params;
    if params.distinct || ORDERING.contains(&name.as_str()) {
        params.args =
            std::mem::take(&mut params.args).into_iter().map(|e| plain_key(e, schema)).collect();
    }
    params.partition_by = std::mem::take(&mut params.partition_by)
        .into_iter()
        .map(|e| plain_key(e, schema))
        .collect();
    params.order_by =
        std::mem::take(&mut params.order_by).into_iter().map(|s| sorted(s, schema)).collect();
    call
}

fn sorted(mut sort: Sort, schema: &DFSchema) -> Sort {
    // Among items the engine puts NULL in one place as it sorts, and in another as it compares.
    let holds_items =
        matches!(sort.expr.get_type(schema), Ok(DataType::List(_) | DataType::Struct(_)));
    sort.expr = match holds_items {
        true => arrays::key(sort.expr),
        false => plain_key(sort.expr, schema),
    };
    sort
}
