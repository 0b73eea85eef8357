//! How long expressions get once the parts of a query are put together: a column that adds the one below
//! to itself, twenty times over, is a small text and an expression of a million terms.

use std::collections::HashMap;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::error::Error;

/// Most terms of an expression, with those of the columns that it names.
const MOST_TERMS: u64 = 50_000;

/// Refuses a plan with an expression that grows too long.
///
/// # Errors
/// With the number of terms.
pub fn refuse_expansion(plan: &LogicalPlan) -> Result<(), Error> {
    let mut longest = 0;
    terms(plan, &mut longest)?;
    if longest <= MOST_TERMS {
        return Ok(());
    }
    let message =
        format!("an expression has {longest} terms once the parts of the query are put together");
    Err(Error::usage("sql", message).hint(format!("at most {MOST_TERMS} are planned")))
}

/// The terms of each column of a plan; and those of the longest expression in it.
fn terms(plan: &LogicalPlan, longest: &mut u64) -> Result<Vec<u64>> {
    let mut inputs = Vec::new();
    for input in plan.inputs() {
        inputs.extend(terms(input, longest)?);
    }
    let names = plan.inputs().into_iter().flat_map(|input| input.schema().columns());
    let names: HashMap<Column, usize> = names.zip(0..).collect();
    let mut own = Vec::new();
    plan.apply_expressions(|e| {
        let sum = of_expression(e, &names, &inputs)?;
        *longest = sum.max(*longest);
        own.push(sum);
        Ok(TreeNodeRecursion::Continue)
    })?;
    plan.apply_subqueries(|query| {
        terms(query, longest)?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    let columns = plan.schema().fields().len();
    let mut all = match plan {
        LogicalPlan::Projection(_) => own,
        LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Join(_)
        | LogicalPlan::Window(_) => inputs,
        _ => Vec::new(),
    };
    all.resize(columns, 1);
    Ok(all)
}

fn of_expression(expression: &Expr, names: &HashMap<Column, usize>, below: &[u64]) -> Result<u64> {
    let mut sum = 0u64;
    expression.apply(|e| {
        let own = match e {
            Expr::Column(column) => {
                names.get(column).and_then(|n| below.get(*n)).copied().unwrap_or(1)
            }
            _ => 1,
        };
        sum = sum.saturating_add(own);
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use crate::engine::{Limits, Session, sql};

    #[tokio::test]
    async fn a_column_that_doubles_again_and_again_is_refused() {
        let session = Session::new(&Limits::default(), "public").unwrap();
        let doubled = |times: usize| {
            let mut text = "with c0 as (select column1 as a from (values (1)) as v)".to_owned();
            for n in 1..=times {
                text.push_str(&format!(", c{n} as (select a + a as a from c{})", n - 1));
            }
            format!("{text} select max(a) from c{times}")
        };
        sql::plan_query(session.context(), &doubled(8)).await.unwrap();
        let planned = sql::plan_query(session.context(), &doubled(20)).await;
        let error = planned.map(|_| ()).unwrap_err();
        assert!(error.message().contains("terms once"), "{error}");
    }
}
