//! Calls that PostgreSQL refuses and the engine would answer, and calls that it answers by another name.

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, Ident, ObjectName, UnaryOperator, Value,
};

use super::aggregates::{EACH, JOINED};
use super::shape::is_of_windows;

fn name(function: &Function) -> String {
    let name = function.name.to_string().to_ascii_lowercase();
    name.strip_prefix("pg_catalog.").unwrap_or(&name).to_owned()
}

fn list(function: &Function) -> Option<&FunctionArgumentList> {
    match &function.args {
        FunctionArguments::List(list) => Some(list),
        _ => None,
    }
}

fn argument(function: &Function, at: usize) -> Option<&Expr> {
    match list(function)?.args.get(at)? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => Some(value),
        _ => None,
    }
}

/// What is not answered about a call, and what to do.
pub(super) fn refused(function: &Function) -> Option<(String, &'static str)> {
    let name = name(function);
    let is_windowed = function.over.is_some();
    if is_of_windows(&name) && !is_windowed {
        return Some((format!("{name} without OVER"), "write over (order by …) behind it"));
    }
    let clauses = list(function).map(|list| list.clauses.as_slice()).unwrap_or_default();
    let treats_nulls =
        |c: &FunctionArgumentClause| matches!(c, FunctionArgumentClause::IgnoreOrRespectNulls(_));
    if function.null_treatment.is_some() || clauses.iter().any(treats_nulls) {
        return Some(("IGNORE NULLS".to_owned(), "leave rows out: where value is not null"));
    }
    let is_named = |one: &FunctionArg| !matches!(one, FunctionArg::Unnamed(_));
    if is_windowed && list(function)?.args.iter().any(is_named) {
        return Some((format!("{name} with names of arguments"), "give them in their order"));
    }
    let is_distinct = list(function)?.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    if is_windowed && is_distinct {
        return Some(("DISTINCT in a window function".to_owned(), "group the rows first"));
    }
    if is_distinct && ["array_agg", "string_agg"].contains(&name.as_str()) {
        let orders = clauses.iter().filter_map(|c| match c {
            FunctionArgumentClause::OrderBy(orders) => Some(orders),
            _ => None,
        });
        let value = argument(function, 0).map(ToString::to_string);
        if orders.flatten().any(|order| Some(order.expr.to_string()) != value) {
            let what = "DISTINCT in the order of another expression".to_owned();
            return Some((what, "order by the argument itself"));
        }
    }
    let is_ordered = clauses.iter().any(|c| matches!(c, FunctionArgumentClause::OrderBy(_)));
    if is_ordered && ["mode", "percentile_cont", "percentile_disc"].contains(&name.as_str()) {
        let hint = "write within group (order by …) after the parentheses";
        return Some((format!("ORDER BY in the arguments of {name}"), hint));
    }
    let second = argument(function, 1)?;
    match name.as_str() {
        "lag" | "lead" if is_null(second) => {
            Some((format!("{name} by NULL rows"), "give the number of rows"))
        }
        "nth_value" if is_below_one(second) => {
            Some((format!("{name} of row {second}"), "rows are counted from 1"))
        }
        _ => None,
    }
}

fn is_null(expression: &Expr) -> bool {
    match expression {
        Expr::Value(value) => value.value == Value::Null,
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_null(inner),
        _ => false,
    }
}

fn is_below_one(expression: &Expr) -> bool {
    match expression {
        Expr::Value(value) => matches!(&value.value, Value::Number(text, _) if text == "0"),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => matches!(**expr, Expr::Value(_)),
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_below_one(inner),
        _ => false,
    }
}

/// Whether every row counts: the argument is a number.
fn counts_all(arguments: &[FunctionArg]) -> bool {
    match arguments {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] => is_number(value),
        _ => false,
    }
}

/// Whether an expression is a number, by itself or with its type.
fn is_number(expression: &Expr) -> bool {
    match expression {
        Expr::Value(value) => matches!(value.value, Value::Number(..)),
        Expr::Cast { expr, .. } => is_number(expr),
        _ => false,
    }
}

/// Gives a call the name that it has in a plan.
pub(super) fn rewrite(function: &mut Function) {
    let name = name(function);
    if name == "every" {
        function.name = ObjectName::from(vec![Ident::new("bool_and")]);
    }
    let FunctionArguments::List(list) = &mut function.args else { return };
    // The engine calls both `count(1)`, and refuses two columns of one name.
    if name == "count" && list.duplicate_treatment.is_none() && counts_all(&list.args) {
        list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Wildcard)];
    }
    if !["array_agg", "string_agg"].contains(&name.as_str()) || function.over.is_some() {
        return;
    }
    if list.duplicate_treatment == Some(DuplicateTreatment::Distinct) {
        list.duplicate_treatment = None;
        let sorted = if name == "array_agg" { EACH } else { JOINED };
        function.name = ObjectName::from(vec![Ident::new(sorted)]);
    }
}
