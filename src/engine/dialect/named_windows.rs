//! `over (w …)`: a window that begins as a named one does. The engine would leave its partitions out.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, Ident, NamedWindowDefinition, NamedWindowExpr, Query, SetExpr, WindowSpec,
    WindowType, visit_expressions, visit_expressions_mut,
};

use crate::error::{Error, Result, SqlState};

use super::functions::placed;

/// How many names may stand for one another.
const DEPTH: usize = 32;

/// Gives the windows of a query what they take from named ones.
pub(super) fn expand(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    let named = select.named_window.clone();
    if named.is_empty() {
        return;
    }
    for NamedWindowDefinition(_, window) in &mut select.named_window {
        if let NamedWindowExpr::WindowSpec(spec) = window {
            complete(spec, &named, DEPTH);
        }
    }
    // This walk breaks off nowhere.
    let _: ControlFlow<()> = visit_expressions_mut(query, |expression| {
        if let Expr::Function(function) = expression
            && let Some(WindowType::WindowSpec(spec)) = &mut function.over
        {
            complete(spec, &named, DEPTH);
        }
        ControlFlow::Continue(())
    });
}

/// Refuses a window that is still another one's: the engine would take less from it than PostgreSQL.
///
/// # Errors
/// Names the other one.
pub(super) fn refuse(query: &Query) -> Result<()> {
    let found = visit_expressions(query, |expression| match expression {
        Expr::Function(Function { over: Some(WindowType::WindowSpec(spec)), .. }) => {
            match &spec.window_name {
                Some(name) => ControlFlow::Break(name.clone()),
                None => ControlFlow::Continue(()),
            }
        }
        _ => ControlFlow::Continue(()),
    });
    let ControlFlow::Break(name) = found else { return Ok(()) };
    let words = format!("a window cannot begin as \"{}\" does", name.value);
    let error = Error::usage("sql", words).state(SqlState::WindowingError);
    let hint = "the named window must exist, and have neither a frame nor an ORDER BY that is given \
                again; PARTITION BY is its own";
    Err(placed(error.hint(hint.to_owned()), name.span.start))
}

/// The named window, with all that it takes from others.
fn found(name: &Ident, named: &[NamedWindowDefinition], depth: usize) -> Option<WindowSpec> {
    let is_it = |window: &&NamedWindowDefinition| folded(&window.0) == folded(name);
    match &named.iter().find(is_it)?.1 {
        NamedWindowExpr::NamedWindow(other) => found(other, named, depth.checked_sub(1)?),
        NamedWindowExpr::WindowSpec(spec) => {
            let mut spec = spec.clone();
            complete(&mut spec, named, depth.checked_sub(1)?);
            Some(spec)
        }
    }
}

/// What PostgreSQL refuses keeps its name, and is refused.
fn complete(spec: &mut WindowSpec, named: &[NamedWindowDefinition], depth: usize) {
    let Some(base) = spec.window_name.as_ref().and_then(|name| found(name, named, depth)) else {
        return;
    };
    let adds_order = !spec.order_by.is_empty();
    let is_refused = base.window_frame.is_some()
        || !spec.partition_by.is_empty()
        || adds_order && !base.order_by.is_empty();
    if is_refused || base.window_name.is_some() {
        return;
    }
    spec.window_name = None;
    spec.partition_by = base.partition_by;
    if !adds_order {
        spec.order_by = base.order_by;
    }
}

fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_ascii_lowercase(),
    }
}
