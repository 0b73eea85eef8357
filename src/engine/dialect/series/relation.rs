//! Functions in FROM: the text has made each an `unnest` with names for all of its columns.

use datafusion::common::{DFSchema, TableReference, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::sql::sqlparser::ast::TableFactor;

use super::calls::{self, Maker};
use super::node::{Extras, SetReturning, Wanted};

/// The planner.
#[derive(Debug)]
pub(super) struct Functions;

impl RelationPlanner for Functions {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let (alias, expressions, with_ordinality) =
            match relation {
                TableFactor::UNNEST {
                    alias: Some(alias), array_exprs, with_ordinality, ..
                } if alias.at.is_some() => (alias, array_exprs, with_ordinality),
                other => return Ok(RelationPlanning::Original(Box::new(other))),
            };
        let table = TableReference::bare(context.normalize_ident(alias.name));
        let columns = alias.columns.into_iter().map(|c| context.normalize_ident(c.name));
        let mut columns = columns.collect::<Vec<_>>().into_iter();
        let mut wanted = Vec::with_capacity(expressions.len());
        for expression in expressions {
            let planned = context.sql_to_expr(expression, &DFSchema::empty())?;
            let (maker, arguments) = match calls::call(&planned) {
                Some((maker, arguments)) => (maker, arguments.to_vec()),
                None => (Maker::Value, vec![planned]),
            };
            if arguments.iter().any(calls::has_call) {
                return plan_err!("set-returning functions must appear at top level of FROM");
            }
            let Some(name) = columns.next() else {
                return plan_err!("a function in FROM has no name");
            };
            wanted.push(Wanted { maker, arguments, qualifier: Some(table.clone()), name });
        }
        let ordinal = columns.next().filter(|_| with_ordinality);
        let extras =
            Extras { ordinal: ordinal.map(|name| (Some(table), name)), ..Extras::default() };
        let nothing = LogicalPlanBuilder::empty(true).build()?;
        let plan = SetReturning::over(nothing, wanted, extras)?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, None))))
    }
}
