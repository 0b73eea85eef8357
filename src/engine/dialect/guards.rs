//! What stands before AND or OR guards what stands behind it: `y <> 0 and x / y > 1` divides by no zero.
//!
//! The engine computes both sides for all rows, or the later side first, where it expects that to be
//! cheaper, and it makes one filter of those of a query and of its subqueries. So an operation that can
//! fail is told which rows matter.

use std::collections::{HashMap, HashSet};

use datafusion::common::Column;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::utils::{conjunction, split_binary_owned};
use datafusion::logical_expr::{Expr, Filter, JoinType, LogicalPlan, Operator};
use datafusion::optimizer::AnalyzerRule;

use super::checked::Checked;
use super::overloads;
use super::scalars;

/// The right side of an AND or OR, whose operations are guarded by the left.
///
/// Only what looks at the same columns, and cannot fail itself, is a guard: everything else would keep
/// predicates from where they are cheapest.
pub(super) fn guarded(operator: Operator, left: &Expr, right: Expr) -> Result<Expr> {
    let columns = columns_of_calls(&right)?;
    if columns.is_empty() {
        return Ok(right);
    }
    let looks_at_them = |e: &Expr| e.column_refs().into_iter().any(|c| columns.contains(c));
    let parts = split_binary_owned(left.clone(), operator).into_iter();
    let parts = parts.filter(|part| looks_at_them(part) && !is_fallible(part));
    let passed = parts.map(|part| match operator {
        Operator::Or => Expr::IsNotTrue(Box::new(part)),
        _ => Expr::IsNotFalse(Box::new(part)),
    });
    let Some(guard) = conjunction(passed) else { return Ok(right) };
    let guarded = |e: Expr| match Checked::guarded(e, &guard) {
        Err(other) if scalars::is_fallible(&other) => scalars::guarded(*other, &guard),
        Err(other) if overloads::is_fallible(&other) => overloads::guarded(*other, &guard),
        found => found,
    };
    let add = |e: Expr| match guarded(e) {
        Ok(guarded) => Ok(Transformed::yes(guarded)),
        Err(other) => Ok(Transformed::no(*other)),
    };
    Ok(right.transform_up(add)?.data)
}

/// The columns that operations look at which can fail.
fn columns_of_calls(expression: &Expr) -> Result<HashSet<Column>> {
    let mut found = HashSet::new();
    expression.apply(|e| {
        if may_fail(e) {
            found.extend(e.column_refs().into_iter().cloned());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

fn may_fail(expression: &Expr) -> bool {
    Checked::is_call(expression)
        || scalars::is_fallible(expression)
        || overloads::is_fallible(expression)
}

fn is_fallible(expression: &Expr) -> bool {
    expression.exists(|e| Ok(may_fail(e))).unwrap_or(true)
}

/// Guards a filter by what the filters below it have let pass.
#[derive(Debug)]
pub(super) struct FiltersBelow;

impl AnalyzerRule for FiltersBelow {
    fn name(&self) -> &'static str {
        "filters_below"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| match node {
            LogicalPlan::Filter(filter) if is_fallible(&filter.predicate) => {
                let Some(known) = conjunction(known(&filter.input)?) else {
                    return Ok(Transformed::no(LogicalPlan::Filter(filter)));
                };
                let predicate = guarded(Operator::And, &known, filter.predicate)?;
                Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, filter.input)?)))
            }
            other => Ok(Transformed::no(other)),
        })
        .map(|done| done.data)
    }
}

/// What is true of every row of a plan, in the names of its columns.
fn known(plan: &LogicalPlan) -> Result<Vec<Expr>> {
    match plan {
        LogicalPlan::Filter(filter) => {
            let mut facts = known(&filter.input)?;
            facts.extend(split_binary_owned(filter.predicate.clone(), Operator::And));
            Ok(facts)
        }
        LogicalPlan::Sort(sort) => known(&sort.input),
        LogicalPlan::Join(join) if join.join_type == JoinType::Inner => {
            let mut facts = known(&join.left)?;
            facts.extend(known(&join.right)?);
            Ok(facts)
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let columns = alias.input.schema().columns().into_iter();
            renamed(&alias.input, columns.zip(alias.schema.columns()).collect())
        }
        LogicalPlan::Projection(projection) => {
            let columns = projection.expr.iter().zip(projection.schema.columns());
            let plain = |(e, out): (&Expr, Column)| {
                e.clone().unalias().try_as_col().map(|column| (column.clone(), out))
            };
            renamed(&projection.input, columns.filter_map(plain).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// What is known of an input, in the names that its columns have above it.
fn renamed(input: &LogicalPlan, names: HashMap<Column, Column>) -> Result<Vec<Expr>> {
    let facts = known(input)?.into_iter();
    let facts = facts.filter(|fact| fact.column_refs().into_iter().all(|c| names.contains_key(c)));
    let rename = |e: Expr| match e {
        Expr::Column(column) => {
            Ok(Transformed::yes(Expr::Column(names.get(&column).cloned().unwrap_or(column))))
        }
        other => Ok(Transformed::no(other)),
    };
    facts.map(|fact| Ok(fact.transform_up(rename)?.data)).collect()
}
