//! Which type a parameter has that a header does not declare: that of what the query compares it with.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::contract::types::sql_type;
use crate::project::{USUAL_TYPE, sql_type as declared_type};

/// The parameters that LIMIT and OFFSET count by.
fn counts(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // The walk itself cannot fail: the visitor never does.
    let _ = plan.apply_with_subqueries(|node| {
        if matches!(node, LogicalPlan::Limit(_)) {
            node.apply_expressions(|expression| {
                expression.apply(|part| {
                    if let Expr::Placeholder(parameter) = part {
                        found.insert(parameter.id.clone());
                    }
                    Ok(TreeNodeRecursion::Continue)
                })
            })?;
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

/// These parameters of a plan, each with the name of the type to declare; one with a number for its name
/// needs no declaration.
pub(super) fn types_to_declare(
    plan: &LogicalPlan,
    names: &BTreeSet<&str>,
) -> Vec<(String, String)> {
    let types = plan.get_parameter_types().unwrap_or_default();
    let counts = counts(plan);
    let named = |name: &&str| {
        let id = format!("${name}");
        let counted = counts.contains(&id).then_some(DataType::Int64);
        let shown = types.get(&id).cloned().flatten().or(counted);
        // A header knows fewer types than a query.
        let shown = shown.map(|shown| sql_type(&shown)).filter(|t| declared_type(t).is_some());
        ((*name).to_owned(), shown.unwrap_or_else(|| USUAL_TYPE.to_owned()))
    };
    names.iter().filter(|name| name.parse::<u32>().is_err()).map(named).collect()
}
