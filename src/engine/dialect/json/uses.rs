//! Refuses to sort, group and join by JSON: `json` has no order and no equality, and that of `jsonb` is not
//! the one of its text.

use arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunction};
use datafusion::logical_expr::utils::grouping_set_to_exprlist;
use datafusion::logical_expr::{Distinct, Expr, ExprSchemable, JoinType, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::data_types::kind_of;

/// The rule.
#[derive(Debug)]
pub(super) struct Uses;

impl AnalyzerRule for Uses {
    fn name(&self) -> &'static str {
        "uses_of_json"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.apply_with_subqueries(|node| {
            looked_at(node)?;
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(plan)
    }
}

fn looked_at(plan: &LogicalPlan) -> Result<()> {
    match plan {
        LogicalPlan::Sort(node) => all(node.expr.iter().map(|s| &s.expr), node.input.schema()),
        LogicalPlan::Aggregate(node) => {
            let groups = grouping_set_to_exprlist(&node.group_expr)?;
            all(groups.into_iter(), node.input.schema())?;
            node.aggr_expr.iter().try_for_each(|e| aggregate(e, node.input.schema()))
        }
        LogicalPlan::Window(node) => {
            node.window_expr.iter().try_for_each(|e| window(e, node.input.schema()))
        }
        LogicalPlan::Distinct(Distinct::All(input)) => columns(input.schema()),
        LogicalPlan::Distinct(Distinct::On(node)) => {
            all(node.on_expr.iter(), node.input.schema())?;
            let sorts = node.sort_expr.iter().flatten().map(|s| &s.expr);
            all(sorts, node.input.schema())
        }
        LogicalPlan::Join(join) => {
            all(join.on.iter().map(|(left, _)| left), join.left.schema())?;
            match join.join_type {
                JoinType::LeftSemi | JoinType::LeftAnti if join.filter.is_none() => {
                    all(join.on.iter().map(|(_, right)| right), join.right.schema())
                }
                _ => Ok(()),
            }
        }
        LogicalPlan::RecursiveQuery(query) if query.is_distinct => columns(plan.schema()),
        _ => Ok(()),
    }
}

fn columns(schema: &DFSchema) -> Result<()> {
    schema.fields().iter().try_for_each(|field| refuse(field.data_type()))
}

fn all<'a>(mut expressions: impl Iterator<Item = &'a Expr>, schema: &DFSchema) -> Result<()> {
    expressions.try_for_each(|e| refuse(&e.get_type(schema)?))
}

/// Sorting inside an aggregate, distinct values, the least and the greatest.
fn aggregate(expression: &Expr, schema: &DFSchema) -> Result<()> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = unaliased(expression) else {
        return Ok(());
    };
    all(params.order_by.iter().map(|s| &s.expr), schema)?;
    match params.distinct || matches!(func.name(), "min" | "max") {
        true => all(params.args.iter(), schema),
        false => Ok(()),
    }
}

fn window(expression: &Expr, schema: &DFSchema) -> Result<()> {
    let Expr::WindowFunction(function) = unaliased(expression) else { return Ok(()) };
    let WindowFunction { fun, params } = function.as_ref();
    all(params.partition_by.iter(), schema)?;
    all(params.order_by.iter().map(|s| &s.expr), schema)?;
    match params.distinct || matches!(fun.name(), "min" | "max") {
        true => all(params.args.iter(), schema),
        false => Ok(()),
    }
}

fn unaliased(expression: &Expr) -> &Expr {
    match expression {
        Expr::Alias(alias) => unaliased(&alias.expr),
        other => other,
    }
}

fn refuse(data_type: &DataType) -> Result<()> {
    match data_type {
        DataType::List(item) => refuse(item.data_type()),
        other => match kind_of(other) {
            Some(true) => plan_err!(
                "sorting, grouping and joining by jsonb is not supported: take a text out of it by ->> or ::text"
            ),
            Some(false) => plan_err!("could not identify an equality operator for type json"),
            None => Ok(()),
        },
    }
}
