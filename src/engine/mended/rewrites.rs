//! The rule that applies a rewriting to every expression of a plan. The engine's own gives a rewritten set of
//! groups an alias, as it does an expression; then it is not a set any more.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr_rewriter::{FunctionRewrite, NamePreserver};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, GroupingSet, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

/// Applies a rewriting, bottom up.
#[derive(Debug)]
pub(in crate::engine) struct Rewrites(pub(in crate::engine) Arc<dyn FunctionRewrite + Send + Sync>);

impl AnalyzerRule for Rewrites {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn analyze(&self, plan: LogicalPlan, options: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| self.of_node(node, options)).map(|done| done.data)
    }
}

impl Rewrites {
    fn of_node(
        &self,
        node: LogicalPlan,
        options: &ConfigOptions,
    ) -> Result<Transformed<LogicalPlan>> {
        let mut schema = merge_schema(&node.inputs());
        if let LogicalPlan::TableScan(scan) = &node {
            let own = DFSchema::try_from_qualified_schema(
                scan.table_name.clone(),
                &scan.source.schema(),
            )?;
            schema.merge(&own);
        }
        each_expression(node, |expression| {
            expression.transform_up(|part| self.0.rewrite(part, &schema, options))
        })
    }
}

/// A node whose expressions are others, and called as before. Of a set of groups each group is one.
///
/// # Errors
/// When one cannot be made.
pub(in crate::engine) fn each_expression(
    node: LogicalPlan,
    mut other: impl FnMut(Expr) -> Result<Transformed<Expr>>,
) -> Result<Transformed<LogicalPlan>> {
    let names = NamePreserver::new(&node);
    node.map_expressions(|expression| {
        if let Expr::GroupingSet(sets) = expression {
            let names = NamePreserver::new_for_projection();
            let sets = each_group(sets, |group| {
                let name = names.save(&group);
                Ok(name.restore(other(group)?.data))
            })?;
            return Ok(Transformed::yes(Expr::GroupingSet(sets)));
        }
        let name = names.save(&expression);
        Ok(other(expression)?.update_data(|expression| name.restore(expression)))
    })
}

/// Sets of groups whose expressions are others.
///
/// # Errors
/// When one cannot be made.
pub(in crate::engine) fn each_group(
    sets: GroupingSet,
    mut other: impl FnMut(Expr) -> Result<Expr>,
) -> Result<GroupingSet> {
    let mut all = |list: Vec<Expr>| list.into_iter().map(&mut other).collect::<Result<Vec<_>>>();
    Ok(match sets {
        GroupingSet::Rollup(list) => GroupingSet::Rollup(all(list)?),
        GroupingSet::Cube(list) => GroupingSet::Cube(all(list)?),
        GroupingSet::GroupingSets(lists) => {
            GroupingSet::GroupingSets(lists.into_iter().map(all).collect::<Result<_>>()?)
        }
    })
}
