//! PostgreSQL's meaning of SQL where the engine's differs, for queries and rules alike.
//!
//! Statements are looked at as they are parsed, before the engine plans them: what it would answer
//! otherwise than PostgreSQL, or pass over without a word, is rewritten or refused here, with its place
//! in the text. What only a plan tells is put right by rules of the analyzer.

mod aggregates;
mod apart;
mod arrays;
mod asking;
mod brackets;
mod calls;
mod casts;
mod checked;
mod coercion;
mod conversions;
mod dates;
mod elsewhere;
mod exact;
mod floats;
mod function_table;
mod functions;
mod grammar;
mod guards;
mod intervals;
mod joins;
mod json;
mod kinds;
mod literals;
mod merging;
mod multisets;
mod named_windows;
mod names;
mod numbers;
mod numeric_texts;
mod numerics;
mod operators;
mod ordering;
mod overloaded;
mod overloads;
mod patterns;
mod pending;
mod quoted;
mod refused;
mod releases;
mod rewritten;
mod rows;
mod scalars;
mod series;
mod shape;
mod signs;
mod syntax;
mod temporal;
mod text;
mod texts;
mod totals;
mod type_names;
mod unknown;
mod values;
mod whole_tables;
mod windows;
mod words;
mod written_types;

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::common::DFSchema;
use datafusion::execution::SessionStateDefaults;
use datafusion::logical_expr::planner::{ExprPlanner, RelationPlanner, TypePlanner};
use datafusion::logical_expr::{AggregateUDF, Expr, LogicalPlan, ScalarUDF, WindowUDF};
use datafusion::optimizer::{Analyzer, AnalyzerRule};
use datafusion::physical_planner::DefaultPhysicalPlanner;
use datafusion::sql::sqlparser::ast::{Query, VisitMut};

use super::mended;
use crate::error::Result;

pub use asking::{DATABASE, SCHEMA};
pub use function_table::{Admitted, Bound, By, FUNCTIONS};
pub(in crate::engine) use functions::is_same;
pub(super) use grammar::Grammar;
pub(super) use joins::condition as join_condition;
pub use kinds::type_name;
pub use names::spoken;
pub use releases::{AtRelease, Which, without_release};
pub(super) use releases::{clauses, name as name_releases, position};
pub use series::SetReturning;
pub(super) use whole_tables::written_out;

/// Makes a query mean what PostgreSQL means by it, as far as its text tells; `user` is who asks, if
/// anybody does.
///
/// # Errors
/// Names the first thing in it that is not PostgreSQL's, or is not answered here.
pub(super) fn read(query: &mut Query, user: Option<&str>) -> Result<()> {
    brackets::rewrite(query)?;
    // The walk cannot fail: it never breaks off.
    let _ = VisitMut::visit(query, &mut asking::Words);
    refused::refuse(query)?;
    asking::refuse(query, user)?;
    merging::refuse(query)?;
    rows::rewrite(query)?;
    functions::refuse_unknown(query)?;
    shape::refuse(query)?;
    // The walks for names, syntax and twins cannot fail: none breaks off.
    let _ = VisitMut::visit(query, &mut names::Naming::default());
    if let ControlFlow::Break(error) = VisitMut::visit(query, &mut series::Rows) {
        return Err(*error);
    }
    if let ControlFlow::Break(error) = VisitMut::visit(query, &mut json::Json) {
        return Err(*error);
    }
    if let ControlFlow::Break(error) = VisitMut::visit(query, &mut arrays::Arrays) {
        return Err(*error);
    }
    ordering::rewrite(query)?;
    let _ = VisitMut::visit(query, &mut syntax::Syntax);
    apart::tell(query);
    asking::answer(query, user);
    named_windows::refuse(query)
}

/// An expression over columns of a schema, with PostgreSQL's types.
///
/// # Errors
/// Where PostgreSQL refuses types that stand together, or a literal is not of the type it must have.
pub(super) fn settled(expression: Expr, schema: &DFSchema) -> datafusion::error::Result<Expr> {
    coercion::settled(expression, schema)
}

/// A settled expression whose comparisons of floats are PostgreSQL's, for where no plan is analyzed.
///
/// # Errors
/// When a type cannot be told.
pub(super) fn exact(expression: Expr, schema: &DFSchema) -> datafusion::error::Result<Expr> {
    floats::exact(expression, schema)
}

/// Refuses what the parser would pass over.
///
/// # Errors
/// Where it is written.
pub(super) fn refuse_lost(
    tokens: &[datafusion::sql::sqlparser::tokenizer::TokenWithSpan],
) -> Result<()> {
    refused::refuse_tokens(tokens)?;
    dates::lost::refuse(tokens)
}

/// The text of a value of time in JSON; `None` of any other.
pub(super) fn json_time(array: &dyn arrow::array::Array, row: usize) -> Option<String> {
    dates::json::json(array, row)
}

/// Planners of expressions: ours before the engine's.
pub(super) fn expr_planners() -> Vec<Arc<dyn ExprPlanner>> {
    let mut planners: Vec<Arc<dyn ExprPlanner>> =
        vec![Arc::new(operators::Operators), Arc::new(words::Words)];
    planners.extend(SessionStateDefaults::default_expr_planners());
    planners
}

/// The planner of types.
pub(super) fn type_planner() -> Arc<dyn TypePlanner> {
    Arc::new(written_types::Types)
}

/// Whether a condition is met where a plan, of a subquery or of the rows that a join marks others by, has no
/// rows.
pub fn is_unwanted(plan: &LogicalPlan) -> bool {
    coercion::is_unwanted(plan)
}

/// Whether a function's results have a fixed width.
pub(super) fn is_short(name: &str) -> bool {
    use function_table::Bound;
    function_table::admitted(name).is_some_and(|row| matches!(row.bound, Bound::Fixed))
}

/// Whether an aggregate keeps what it is given.
pub(super) fn keeps_rows(name: &str) -> bool {
    use function_table::Bound;
    function_table::admitted(name).is_none_or(|row| matches!(row.bound, Bound::Rows))
}

/// A plan whose results can be told: values of JSON are their texts.
///
/// # Errors
/// When the plan cannot be projected.
pub(super) fn told(plan: LogicalPlan) -> datafusion::error::Result<LogicalPlan> {
    json::told(plan)
}

/// Planners of what stands in FROM.
pub(super) fn relation_planners() -> Vec<Arc<dyn RelationPlanner>> {
    vec![series::relation_planner()]
}

/// The planner of operators, which knows those that the engine lacks.
pub(super) fn physical_planner() -> DefaultPhysicalPlanner {
    series::physical_planner()
}

/// Functions that the engine lacks.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    let ours = [
        apart::function(),
        numerics::function(),
        texts::function(),
        type_names::function(),
        unknown::function(),
    ];
    let mut functions: Vec<Arc<ScalarUDF>> = ours.into_iter().map(Arc::new).collect();
    let families = numbers::all().chain(patterns::all()).chain(text::all());
    functions.extend(families.map(scalars::udf));
    functions.extend(dates::functions::all());
    functions.extend(arrays::functions());
    functions.extend(json::functions());
    functions.extend(overloaded::functions());
    functions.extend(series::functions());
    functions
}

/// The aggregate functions: those of the engine, and ours.
pub(super) fn aggregates() -> (Vec<Arc<AggregateUDF>>, Vec<Arc<AggregateUDF>>) {
    let engine = SessionStateDefaults::default_aggregate_functions();
    let ours = aggregates::ours(&engine);
    (totals::exact(engine), ours)
}

/// The window functions.
pub(super) fn windows() -> Vec<Arc<WindowUDF>> {
    windows::signed(SessionStateDefaults::default_window_functions())
}

/// The rules of the analyzer: before the engine's own, theirs, and what needs the types that they settle.
pub(super) fn analyzer_rules() -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    let mut rules: Vec<Arc<dyn AnalyzerRule + Send + Sync>> = vec![
        Arc::new(coercion::Coercion::default()),
        json::rule(),
        series::rule(),
        Arc::new(multisets::CountedSets),
        Arc::new(intervals::equality::EqualLengths),
    ];
    rules.extend(Analyzer::new().rules);
    rules.push(Arc::new(floats::Floats));
    rules.push(Arc::new(mended::Rewrites(Arc::new(rewritten::FailingOperations))));
    rules.push(Arc::new(guards::FiltersBelow));
    rules
}
