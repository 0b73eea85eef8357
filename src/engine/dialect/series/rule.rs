//! Makes nodes of calls: of those in a SELECT list or in GROUP BY, and of those in FROM that look at tables
//! beside them.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::logical_plan::{Aggregate, Projection};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::calls::{call, has_call};
use super::lateral;
use super::node::{Extras, SetReturning, Wanted};

/// The rule.
#[derive(Debug)]
pub(super) struct SetReturningCalls;

impl AnalyzerRule for SetReturningCalls {
    fn name(&self) -> &'static str {
        "set_returning_calls"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(rewritten).map(|done| done.data)
    }
}

fn rewritten(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let plan = match plan {
        LogicalPlan::Projection(projection) if projection.expr.iter().any(has_call) => {
            projected(projection)?
        }
        LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.iter().any(has_call) => {
            grouped(aggregate)?
        }
        LogicalPlan::Join(join) => return lateral::joined(join),
        other => other,
    };
    refuse_elsewhere(&plan)?;
    lateral::with_subqueries(plan)
}

/// Calls in a SELECT list: all are made side by side.
fn projected(projection: Projection) -> Result<LogicalPlan> {
    let names = NamePreserver::new_for_projection();
    let names: Vec<_> = projection.expr.iter().map(|e| names.save(e)).collect();
    let (input, expressions) = made(projection.input, projection.expr)?;
    let named = expressions.into_iter().zip(names).map(|(e, name)| name.restore(e));
    Projection::try_new(named.collect(), Arc::new(input)).map(LogicalPlan::Projection)
}

/// Rows that are grouped by what a call returns.
fn grouped(aggregate: Aggregate) -> Result<LogicalPlan> {
    let names = NamePreserver::new_for_projection();
    let names: Vec<_> = aggregate.group_expr.iter().map(|e| names.save(e)).collect();
    let (input, groups) = made(aggregate.input, aggregate.group_expr)?;
    let groups = groups.into_iter().zip(names).map(|(e, name)| name.restore(e));
    let made = Aggregate::try_new(Arc::new(input), groups.collect(), aggregate.aggr_expr)?;
    Ok(LogicalPlan::Aggregate(made))
}

/// A node over the input that makes the calls of expressions, and the expressions over its columns.
fn made(input: Arc<LogicalPlan>, expressions: Vec<Expr>) -> Result<(LogicalPlan, Vec<Expr>)> {
    let mut calls: Vec<(Expr, String)> = Vec::new();
    let mut replaced = Vec::with_capacity(expressions.len());
    for expression in expressions {
        refuse_conditional(&expression)?;
        let replace = |e: Expr| {
            let Some((_, arguments)) = call(&e) else { return Ok(Transformed::no(e)) };
            if arguments.iter().any(has_call) {
                return plan_err!(
                    "set-returning functions inside each other are not supported: call the inner one in FROM"
                );
            }
            let known = calls.iter().find(|(known, _)| *known == e).map(|(_, name)| name.clone());
            let name = known.unwrap_or_else(|| {
                let name = unused(input.schema(), calls.len());
                calls.push((e, name.clone()));
                name
            });
            let column = Expr::Column(Column::new_unqualified(name));
            Ok(Transformed::new(column, true, TreeNodeRecursion::Jump))
        };
        replaced.push(expression.transform_down(replace)?.data);
    }
    let wanted = calls.iter().filter_map(|(e, name)| {
        let (maker, arguments) = call(e)?;
        Some(Wanted { maker, arguments: arguments.to_vec(), qualifier: None, name: name.clone() })
    });
    let input =
        SetReturning::over(Arc::unwrap_or_clone(input), wanted.collect(), Extras::default())?;
    Ok((input, replaced))
}

/// A name that no column of the input has.
fn unused(schema: &DFSchema, n: usize) -> String {
    let mut name = format!("__returned_{n}");
    while schema.fields().iter().any(|field| *field.name() == name) {
        name.push('_');
    }
    name
}

/// A call cannot depend on a condition: it decides how many rows there are.
fn refuse_conditional(expression: &Expr) -> Result<()> {
    expression
        .apply(|e| match e {
            Expr::Case(_) if has_call(e) => {
                plan_err!("set-returning functions are not allowed in CASE: call it in FROM")
            }
            Expr::ScalarFunction(f) if f.name() == "coalesce" && has_call(e) => {
                plan_err!("set-returning functions are not allowed in COALESCE: call it in FROM")
            }
            Expr::AggregateFunction(_) if has_call(e) => in_aggregate(),
            Expr::WindowFunction(_) if has_call(e) => {
                plan_err!("window function calls cannot contain set-returning function calls")
            }
            _ => Ok(TreeNodeRecursion::Continue),
        })
        .map(|_| ())
}

fn in_aggregate<T>() -> Result<T> {
    plan_err!(
        "aggregate function calls cannot contain set-returning function calls: call it in FROM"
    )
}

/// What is left of calls stands where rows cannot be made.
fn refuse_elsewhere(plan: &LogicalPlan) -> Result<()> {
    let expressions = plan.expressions();
    let Some(found) = expressions.iter().find(|e| has_call(e)) else { return Ok(()) };
    let place = match plan {
        LogicalPlan::Filter(_) => "WHERE",
        LogicalPlan::Values(_) => "VALUES",
        LogicalPlan::Join(_) => "JOIN conditions",
        LogicalPlan::Limit(_) => "LIMIT",
        LogicalPlan::Aggregate(_) => return in_aggregate(),
        _ => {
            refuse_conditional(found)?;
            "this place"
        }
    };
    plan_err!("set-returning functions are not allowed in {place}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field, Schema};

    #[test]
    fn a_column_of_a_call_has_a_name_of_its_own() {
        let taken = Schema::new(vec![Field::new("__returned_0", DataType::Int64, true)]);
        let taken = DFSchema::try_from(taken).unwrap();
        assert_eq!(unused(&taken, 0), "__returned_0_");
        assert_eq!(unused(&DFSchema::empty(), 1), "__returned_1");
    }
}
