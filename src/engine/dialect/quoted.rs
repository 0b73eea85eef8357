//! Quoted literals beside values of other types, in the syntax tree: VALUES, branches of set operations,
//! and results of CASE. Their type is unknown until the coercion gives them that of the others.

use datafusion::sql::sqlparser::ast::{
    CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, Query, SelectItem, SetExpr, Value,
};

use super::{texts, unknown};

/// A call of a function of ours.
pub(super) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let unnamed = |e: Expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(e));
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.into_iter().map(unnamed).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

fn is_quoted(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_quoted(inner),
        Expr::Value(value) => matches!(
            &value.value,
            Value::SingleQuotedString(_)
                | Value::DollarQuotedString(_)
                | Value::EscapedStringLiteral(_)
        ),
        _ => false,
    }
}

fn has_type(expression: &Expr) -> bool {
    let is_null = |e: &Expr| matches!(e, Expr::Value(value) if value.value == Value::Null);
    let is_unknown =
        |e: &Expr| matches!(e, Expr::Function(f) if f.name.to_string() == unknown::NAME);
    match expression {
        Expr::Nested(inner) => has_type(inner),
        other => !is_quoted(other) && !is_null(other) && !is_unknown(other),
    }
}

/// Marks quoted literals of a column in which something else has a type.
fn mark(column: Vec<&mut Expr>) {
    if !column.iter().any(|cell| has_type(cell)) {
        return;
    }
    for cell in column.into_iter().filter(|cell| is_quoted(cell)) {
        *cell = call(unknown::NAME, vec![cell.clone()]);
    }
}

/// Results of a CASE.
pub(super) fn of_case(conditions: &mut [CaseWhen], otherwise: Option<&mut Expr>) {
    mark(conditions.iter_mut().map(|when| &mut when.result).chain(otherwise).collect());
}

/// Functions of values of one type.
const OF_ONE_TYPE: &[&str] = &["coalesce", "greatest", "least", "nullif"];

/// Arguments of a function whose arguments are of one type.
pub(super) fn of_function<'a>(function: &'a mut Function) {
    let name = function.name.to_string().to_ascii_lowercase();
    let FunctionArguments::List(list) = &mut function.args else { return };
    if OF_ONE_TYPE.contains(&name.as_str()) {
        let value = |argument: &'a mut FunctionArg| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => Some(value),
            _ => None,
        };
        mark(list.args.iter_mut().filter_map(value).collect());
    }
}

/// The first part of a recursive query tells the types of the next: a quoted literal in it is a text.
pub(super) fn of_recursion(query: &mut Query) {
    let Some(with) = query.with.as_mut().filter(|with| with.recursive) else { return };
    for part in &mut with.cte_tables {
        let SetExpr::SetOperation { left, .. } = part.query.body.as_mut() else { continue };
        let mut rows = Vec::new();
        collect(left, &mut rows);
        for cell in rows.into_iter().flatten().flatten().filter(|cell| is_quoted(cell)) {
            *cell = call(texts::NAME, vec![cell.clone()]);
        }
    }
}

/// Columns of VALUES and of set operations.
pub(super) fn of_query(query: &mut Query) {
    let body = query.body.as_mut();
    if matches!(body, SetExpr::Values(_) | SetExpr::SetOperation { .. }) {
        let mut rows = Vec::new();
        collect(body, &mut rows);
        let width = rows.iter().map(Vec::len).min().unwrap_or(0);
        let mut rows: Vec<_> = rows.into_iter().map(Vec::into_iter).collect();
        for _ in 0..width {
            mark(rows.iter_mut().filter_map(Iterator::next).flatten().collect());
        }
    }
}

/// The cells of each row of VALUES, and of each list of a SELECT; `None` for what is not an expression.
fn collect<'a>(body: &'a mut SetExpr, rows: &mut Vec<Vec<Option<&'a mut Expr>>>) {
    match body {
        SetExpr::Values(values) => {
            rows.extend(values.rows.iter_mut().map(|r| r.content.iter_mut().map(Some).collect()));
        }
        SetExpr::SetOperation { left, right, .. } => {
            collect(left, rows);
            collect(right, rows);
        }
        SetExpr::Query(query) => collect(&mut query.body, rows),
        SetExpr::Select(select) => {
            let cell = |item: &'a mut SelectItem| match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    Some(expr)
                }
                _ => None,
            };
            // Behind a star, positions are not those of the text.
            let cells: Vec<_> = select.projection.iter_mut().map(cell).collect();
            if cells.iter().all(Option::is_some) {
                rows.push(cells);
            }
        }
        _ => {}
    }
}
