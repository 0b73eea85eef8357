//! Where aggregate and window functions may be called.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    GroupByExpr, LimitClause, Query, Select, SetExpr, Visit, Visitor, WindowType,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::error::{Error, Result, SqlState};

use super::super::function_table::{Bound, admitted};
use super::super::joins::condition;
use super::{Refusal, no, no_but, start, walked};

pub(super) fn refuse(query: &Query) -> Result<()> {
    walked(query.visit(&mut Calls))
}

struct Calls;

impl Visitor for Calls {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Refusal {
        match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                if let Some(limit) = limit {
                    constant(limit, "LIMIT")?;
                }
                if let Some(offset) = offset {
                    constant(&offset.value, "OFFSET")?;
                }
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                constant(limit, "LIMIT")?;
                constant(offset, "OFFSET")?;
            }
            None => {}
        }
        if let SetExpr::Values(values) = query.body.as_ref() {
            for value in values.rows.iter().flat_map(|row| row.content.iter()) {
                without(value, "VALUES", true)?;
            }
        }
        Refusal::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> Refusal {
        if let Some(selection) = &select.selection {
            without(selection, "WHERE", true)?;
        }
        if let Some(having) = &select.having {
            without(having, "HAVING", false)?;
        }
        if let GroupByExpr::Expressions(expressions, _) = &select.group_by {
            for expression in expressions {
                without(expression, "GROUP BY", true)?;
            }
        }
        for join in select.from.iter().flat_map(|table| &table.joins) {
            if let Some(on) = condition(&join.join_operator) {
                without(on, "JOIN conditions", true)?;
            }
        }
        Refusal::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> Refusal {
        match expression {
            Expr::Function(function) => call(function),
            _ => Refusal::Continue(()),
        }
    }
}

/// Refuses windows in a clause, and aggregates where it is computed before grouping.
fn without(expression: &Expr, clause: &str, before_grouping: bool) -> Refusal {
    if let Some(at) = first(expression, is_window) {
        let message = format!("window functions are not allowed in {clause}");
        let hint = "compute it in a subquery, and filter outside of that";
        return no_but(SqlState::WindowingError, message, hint, at);
    }
    match first(expression, is_aggregate).filter(|_| before_grouping) {
        Some(at) => {
            let message = format!("aggregate functions are not allowed in {clause}");
            let hint = "filter groups with HAVING, or aggregate in a subquery";
            no_but(SqlState::GroupingError, message, hint, at)
        }
        None => Refusal::Continue(()),
    }
}

/// LIMIT and OFFSET are the same for every row.
fn constant(expression: &Expr, clause: &str) -> Refusal {
    without(expression, clause, true)?;
    struct Columns;
    impl Visitor for Columns {
        type Break = Location;
        fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Self::Break> {
            match expression {
                Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
                    ControlFlow::Break(start(expression))
                }
                _ => ControlFlow::Continue(()),
            }
        }
    }
    if contains_query(expression) {
        return Refusal::Continue(());
    }
    match expression.visit(&mut Columns) {
        ControlFlow::Continue(()) => Refusal::Continue(()),
        ControlFlow::Break(at) => {
            let message = format!("argument of {clause} must not contain variables");
            no(SqlState::InvalidColumnReference, message, at)
        }
    }
}

fn contains_query(expression: &Expr) -> bool {
    struct Queries;
    impl Visitor for Queries {
        type Break = ();
        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }
    expression.visit(&mut Queries).is_break()
}

/// What a call itself does wrong, and what it holds.
fn call(function: &Function) -> Refusal {
    let at = start(&function.name);
    let Some(name) = bare_name(function) else { return Refusal::Continue(()) };
    let (aggregates, windows) = (is_aggregate_name(&name), WINDOWS.contains(&name.as_str()));
    let wrong = |message: String| no(SqlState::WrongObjectType, message, at);
    if windows && function.over.is_none() {
        return wrong(format!("window function {name} requires an OVER clause"));
    }
    let list = match &function.args {
        FunctionArguments::List(list) => Some(list),
        _ => None,
    };
    let is_distinct =
        list.is_some_and(|l| l.duplicate_treatment == Some(DuplicateTreatment::Distinct));
    if !aggregates {
        let told =
            |what: &str| format!("{what} specified, but {name} is not an aggregate function");
        if function.over.is_some() && !windows {
            let message = format!(
                "OVER specified, but {name} is not a window function nor an aggregate function"
            );
            return wrong(message);
        }
        if is_distinct {
            return wrong(told("DISTINCT"));
        }
        if function.filter.is_some() && !windows {
            return wrong(told("FILTER"));
        }
    } else if is_distinct && function.over.is_some() {
        let message = "DISTINCT is not implemented for window functions";
        return no(SqlState::FeatureNotSupported, message, at);
    }
    if let Some(list) = list {
        let star = FunctionArg::Unnamed(FunctionArgExpr::Wildcard);
        if list.args.is_empty() && name == "count" {
            return wrong(
                "count(*) must be used to call a parameterless aggregate function".into(),
            );
        }
        if list.args.len() > 1 && name == "count" {
            let message = "count of several values is not defined";
            let hint = "count(*) counts rows; count(distinct a || b) counts pairs of texts";
            return no_but(SqlState::UndefinedFunction, message, hint, at);
        }
        if list.args.contains(&star) && name != "count" {
            return no(SqlState::UndefinedFunction, format!("{name}(*) is not defined"), at);
        }
    }
    match (&function.over, aggregates) {
        (Some(window), _) => in_window(function, window),
        (None, true) => in_aggregate(function),
        (None, false) => Refusal::Continue(()),
    }
}

/// An aggregate holds neither aggregates nor windows.
fn in_aggregate(function: &Function) -> Refusal {
    if let Some(filter) = &function.filter {
        without(filter, "FILTER", true)?;
    }
    let held = |wanted: fn(&Function) -> bool| {
        first(&function.args, wanted)
            .or_else(|| function.within_group.iter().find_map(|by| first(&by.expr, wanted)))
    };
    let hint = "compute the inner one in a subquery";
    if let Some(inner) = held(is_window) {
        let message = "aggregate function calls cannot contain window function calls";
        return no_but(SqlState::GroupingError, message, hint, inner);
    }
    match held(is_aggregate) {
        Some(inner) => {
            let message = "aggregate function calls cannot be nested";
            no_but(SqlState::GroupingError, message, hint, inner)
        }
        None => Refusal::Continue(()),
    }
}

/// A window holds no windows.
fn in_window(function: &Function, window: &WindowType) -> Refusal {
    if let Some(inner) = first(&function.args, is_window) {
        let message = "window function calls cannot be nested";
        let hint = "compute the inner one in a subquery";
        return no_but(SqlState::WindowingError, message, hint, inner);
    }
    if let WindowType::WindowSpec(spec) = window {
        let mut by = spec.partition_by.iter().chain(spec.order_by.iter().map(|by| &by.expr));
        if let Some(inner) = by.find_map(|e| first(e, is_window)) {
            let message = "window functions are not allowed in window definitions";
            return no(SqlState::WindowingError, message, inner);
        }
    }
    Refusal::Continue(())
}

/// The name of a function, in lower case.
fn bare_name(function: &Function) -> Option<String> {
    let name = function.name.0.last()?.as_ident()?;
    Some(name.value.to_ascii_lowercase())
}

/// Functions of a window alone.
const WINDOWS: &[&str] = &[
    "cume_dist",
    "dense_rank",
    "first_value",
    "lag",
    "last_value",
    "lead",
    "nth_value",
    "ntile",
    "percent_rank",
    "rank",
    "row_number",
];

/// Whether a function is one of windows alone.
pub(in super::super) fn is_of_windows(name: &str) -> bool {
    WINDOWS.contains(&name)
}

fn is_aggregate_name(name: &str) -> bool {
    let is = |bound: Bound| matches!(bound, Bound::State | Bound::Rows);
    !WINDOWS.contains(&name) && admitted(name).is_some_and(|row| is(row.bound))
}

fn is_window(function: &Function) -> bool {
    function.over.is_some()
}

pub(super) fn is_aggregate(function: &Function) -> bool {
    function.over.is_none() && bare_name(function).is_some_and(|name| is_aggregate_name(&name))
}

/// Whether a call is one of an aggregate or a window function.
pub(in super::super) fn computes_from_rows(function: &Function) -> bool {
    is_window(function) || is_aggregate(function)
}

/// Where the first such call stands in something, outside of its subqueries.
pub(super) fn first(of: &impl Visit, wanted: fn(&Function) -> bool) -> Option<Location> {
    struct First {
        wanted: fn(&Function) -> bool,
        depth: usize,
    }
    impl Visitor for First {
        type Break = Location;
        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<Location> {
            self.depth += 1;
            ControlFlow::Continue(())
        }
        fn post_visit_query(&mut self, _: &Query) -> ControlFlow<Location> {
            self.depth -= 1;
            ControlFlow::Continue(())
        }
        fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Location> {
            match expression {
                Expr::Function(function) if self.depth == 0 && (self.wanted)(function) => {
                    ControlFlow::Break(start(&function.name))
                }
                _ => ControlFlow::Continue(()),
            }
        }
    }
    match of.visit(&mut First { wanted, depth: 0 }) {
        ControlFlow::Break(at) => Some(at),
        ControlFlow::Continue(()) => None,
    }
}
