//! Names of result columns, as PostgreSQL gives them: a function's name, a column's own name through a
//! cast, `case`, `?column?`. An alias that somebody wrote stays.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, Ident, OrderBy, OrderByKind, Query, Select, SelectItem, SetExpr, Subscript,
    TableFactor, Value, VisitorMut,
};

/// Between a name and the number of its repetition: the engine wants each name once.
const REPEATED: char = '\u{1f}';

/// The name of a column as it is told.
pub fn spoken(name: &str) -> &str {
    name.split(REPEATED).next().unwrap_or(name)
}

/// A name at its n-th occurrence, from one.
pub(super) fn repeated(name: &str, n: usize) -> String {
    match n {
        1 => name.to_owned(),
        n => format!("{name}{REPEATED}{n}"),
    }
}

/// A name that is told as it was, and that nothing else in a query has.
pub(super) fn hidden(name: &str) -> String {
    format!("{name}{REPEATED}#")
}

/// Gives every column of a SELECT that has no alias the name that PostgreSQL would.
#[derive(Default)]
pub(super) struct Naming {
    /// How many queries the walk is in.
    depth: usize,
}

impl VisitorMut for Naming {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let mut seen = HashMap::new();
        let is_star = |item: &SelectItem| {
            matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))
        };
        let has_star = select.projection.iter().any(is_star);
        // What somebody has named comes first: the rest of the query may call it so.
        for item in &mut select.projection {
            if let Some(name) = own_name(item) {
                rename(item, &name, &mut seen);
            }
        }
        for item in &mut select.projection {
            let SelectItem::UnnamedExpr(expression) = item else { continue };
            if self.depth == 1 && has_star && is_column(expression) {
                // The star may have the column too, and nothing outside calls this one by its name.
                let name = column_name(expression).unwrap_or_default();
                let alias = Ident::with_quote('"', hidden(&name));
                *item = SelectItem::ExprWithAlias { expr: expression.clone(), alias };
            } else if !is_column(expression) {
                let name = column_name(expression).unwrap_or_else(|| "?column?".to_owned());
                rename(item, &name, &mut seen);
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        if let (SetExpr::Select(select), Some(order)) = (query.body.as_ref(), &mut query.order_by) {
            order_by_position(select, order);
        }
        ControlFlow::Continue(())
    }
}

/// `select lower(a) … order by lower(a)` orders by the first column, whatever it is called.
fn order_by_position(select: &Select, order: &mut OrderBy) {
    let OrderByKind::Expressions(expressions) = &mut order.kind else { return };
    let is_one = |item: &SelectItem| {
        matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. })
    };
    // Behind a star, positions are not those of the text.
    let items: Vec<&SelectItem> =
        select.projection.iter().take_while(|item| is_one(item)).collect();
    for ordered in expressions {
        let is_same = |item: &&SelectItem| match item {
            SelectItem::ExprWithAlias { expr, .. } => *expr == ordered.expr && !is_plain(expr),
            _ => false,
        };
        if let Some(position) = items.iter().position(is_same) {
            ordered.expr = Expr::value(Value::Number((position + 1).to_string(), false));
        }
    }
}

/// Gives an item its name, or a repetition of it. A column that comes first keeps its own name, and with it
/// its declared spelling.
fn rename(item: &mut SelectItem, name: &str, seen: &mut HashMap<String, usize>) {
    let count = seen.entry(name.to_owned()).or_default();
    *count += 1;
    let alias = Ident::with_quote('"', repeated(name, *count));
    match item {
        SelectItem::UnnamedExpr(expression) if *count > 1 || !is_column(expression) => {
            *item = SelectItem::ExprWithAlias { expr: expression.clone(), alias };
        }
        SelectItem::ExprWithAlias { alias: written, .. } if *count > 1 => *written = alias,
        _ => {}
    }
}

/// The name that an item has by itself.
pub(super) fn own_name(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(folded(name)),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last().map(folded),
        _ => None,
    }
}

/// A name or a number in ORDER BY means a column of the result by itself.
fn is_plain(expression: &Expr) -> bool {
    is_column(expression) || matches!(expression, Expr::Value(_))
}

fn is_column(expression: &Expr) -> bool {
    matches!(expression, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

pub(super) fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_ascii_lowercase(),
    }
}

/// What PostgreSQL calls the column of an expression, where it is not `?column?`.
pub(super) fn column_name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Identifier(name) => Some(folded(name)),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded),
        Expr::CompoundFieldAccess { root, access_chain } => field(root, access_chain),
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => column_name(inner),
        Expr::Cast { expr, data_type, .. } => {
            let inner = Some(expr).filter(|e| has_own_name(e)).and_then(|e| column_name(e));
            inner.or_else(|| Some(type_name(&data_type.to_string())))
        }
        Expr::TypedString(typed) => Some(type_name(&typed.data_type.to_string())),
        Expr::Interval(_) => Some("interval".to_owned()),
        Expr::AtTimeZone { .. } => Some("timezone".to_owned()),
        Expr::Function(function) => function.name.0.last().map(|part| match part.as_ident() {
            Some(ident) => folded(ident),
            None => part.to_string().to_ascii_lowercase(),
        }),
        Expr::Extract { .. } => Some("extract".to_owned()),
        Expr::Ceil { .. } => Some("ceil".to_owned()),
        Expr::Floor { .. } => Some("floor".to_owned()),
        Expr::Position { .. } => Some("position".to_owned()),
        Expr::Substring { shorthand: true, .. } => Some("substr".to_owned()),
        Expr::Substring { .. } => Some("substring".to_owned()),
        Expr::Overlay { .. } => Some("overlay".to_owned()),
        Expr::Trim { trim_where, .. } => {
            Some(trimmed(trim_where.as_ref().map(ToString::to_string)))
        }
        Expr::Case { else_result, .. } => {
            let otherwise =
                else_result.as_deref().filter(|e| has_own_name(e)).and_then(column_name);
            otherwise.or_else(|| Some("case".to_owned()))
        }
        Expr::Exists { negated: false, .. } => Some("exists".to_owned()),
        Expr::Subquery(query) => first_name(&query.body),
        Expr::Array(_) => Some("array".to_owned()),
        Expr::Tuple(_) => Some("row".to_owned()),
        _ => None,
    }
}

/// A field's name, or that of the value under a subscript.
fn field(root: &Expr, chain: &[AccessExpr]) -> Option<String> {
    let last_field = chain.iter().rev().find_map(|access| match access {
        AccessExpr::Dot(part) => column_name(part),
        AccessExpr::Subscript(Subscript::Index { .. } | Subscript::Slice { .. }) => None,
    });
    last_field.or_else(|| column_name(root))
}

/// A branch of CASE lends its name where it is a column or a function, not where it is a cast's type.
fn has_own_name(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => has_own_name(inner),
        Expr::Cast { expr, .. } => has_own_name(expr),
        Expr::Case { else_result, .. } => else_result.as_deref().is_some_and(has_own_name),
        Expr::CompoundFieldAccess { root, access_chain } => {
            let is_field = |access: &AccessExpr| matches!(access, AccessExpr::Dot(_));
            access_chain.iter().any(is_field) || has_own_name(root)
        }
        Expr::TypedString(_) | Expr::Interval(_) => false,
        other => column_name(other).is_some(),
    }
}

fn trimmed(side: Option<String>) -> String {
    match side.map(|side| side.to_ascii_uppercase()).as_deref() {
        Some("LEADING") => "ltrim",
        Some("TRAILING") => "rtrim",
        _ => "btrim",
    }
    .to_owned()
}

/// The name of a subquery's column.
fn first_name(body: &SetExpr) -> Option<String> {
    let SetExpr::Select(select) = body else { return None };
    match select.projection.first()? {
        SelectItem::UnnamedExpr(expression) => column_name(expression),
        SelectItem::ExprWithAlias { alias, .. } => Some(spoken(&folded(alias)).to_owned()),
        SelectItem::Wildcard(_) => match &select.from.first()?.relation {
            TableFactor::Derived { alias: Some(alias), .. } if !alias.columns.is_empty() => {
                alias.columns.first().map(|column| folded(&column.name))
            }
            TableFactor::Derived { subquery, .. } => first_name(&subquery.body),
            _ => None,
        },
        _ => None,
    }
}

/// PostgreSQL's own name of a type.
fn type_name(written: &str) -> String {
    let lower = written.to_ascii_lowercase();
    let bare = lower.split(['(', '[']).next().unwrap_or(&lower).trim();
    match bare {
        "int" | "integer" | "int4" => "int4",
        "bigint" | "int8" => "int8",
        "smallint" | "int2" => "int2",
        "float" if is_single(&lower) => "float4",
        "real" | "float4" => "float4",
        "double" | "double precision" | "float" | "float8" => "float8",
        "decimal" | "dec" | "numeric" => "numeric",
        "boolean" | "bool" => "bool",
        "character varying" | "varchar" => "varchar",
        "character" | "char" => "bpchar",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        // Fields are part of the type, and not of its name.
        interval if interval.starts_with("interval ") => "interval",
        other => other,
    }
    .to_owned()
}

/// `float(24)` has four bytes.
fn is_single(written: &str) -> bool {
    let digits = written.split(['(', ')']).nth(1).and_then(|digits| digits.trim().parse().ok());
    digits.is_some_and(|digits: u8| digits <= 24)
}
