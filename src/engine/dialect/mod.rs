//! PostgreSQL's meaning of SQL where the engine's differs, for queries and rules alike.
//!
//! Statements are looked at as they are parsed, before the engine plans them: what it would answer
//! otherwise than PostgreSQL, or pass over without a word, is rewritten or refused here, with its place
//! in the text. What only a plan tells is put right by rules of the analyzer.

mod casts;
mod checked;
mod elsewhere;
mod functions;
mod guards;
mod intervals;
mod multisets;
mod names;
mod operators;
mod refused;
mod rewritten;
mod syntax;
mod temporal;
mod totals;
mod type_names;
mod zones;

use std::sync::Arc;

use datafusion::execution::SessionStateDefaults;
use datafusion::logical_expr::planner::{ExprPlanner, TypePlanner};
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::optimizer::analyzer::function_rewrite::ApplyFunctionRewrites;
use datafusion::optimizer::{Analyzer, AnalyzerRule};
use datafusion::sql::sqlparser::ast::{Query, VisitMut};

use crate::error::Result;

pub use names::spoken;

/// Makes a query mean what PostgreSQL means by it, as far as its text tells.
///
/// # Errors
/// Names the first thing in it that is not PostgreSQL's, or is not answered here.
pub(super) fn read(query: &mut Query) -> Result<()> {
    refused::refuse(query)?;
    functions::refuse_unknown(query)?;
    // These walks cannot fail: neither breaks off.
    let _ = VisitMut::visit(query, &mut names::Naming);
    let _ = VisitMut::visit(query, &mut syntax::Syntax);
    Ok(())
}

/// Planners of expressions: ours before the engine's.
pub(super) fn expr_planners() -> Vec<Arc<dyn ExprPlanner>> {
    let mut planners: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(operators::Operators)];
    planners.extend(SessionStateDefaults::default_expr_planners());
    planners
}

/// The planner of types.
pub(super) fn type_planner() -> Arc<dyn TypePlanner> {
    Arc::new(zones::Types)
}

/// Functions that the engine lacks.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    vec![Arc::new(zones::function()), Arc::new(type_names::function())]
}

/// The aggregate functions.
pub(super) fn aggregates() -> Vec<Arc<AggregateUDF>> {
    totals::exact(SessionStateDefaults::default_aggregate_functions())
}

/// The rules of the analyzer: before the engine's own, theirs, and what needs the types that they settle.
pub(super) fn analyzer_rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    let mut rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>> =
        vec![Arc::new(multisets::CountedSets)];
    rules.extend(Analyzer::new().rules);
    rules.push(Arc::new(ApplyFunctionRewrites::new(vec![Arc::new(rewritten::FailingOperations)])));
    rules.push(Arc::new(guards::FiltersBelow));
    rules
}
