//! ORDER BY: a name by itself is that of a result column; inside an expression names are those of FROM. The
//! engine looks for a result column in both places.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, Ident, OrderBy, OrderByKind, Query, Select, SelectItem, SetExpr, Spanned,
    UnaryOperator, Value, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::error::{Error, Result, SqlState};

use super::functions::placed;
use super::names::{hidden, own_name, spoken};

/// Makes the names of ORDER BY mean what they do.
///
/// # Errors
/// Where a name cannot be told apart.
pub(super) fn rewrite(query: &mut Query) -> Result<()> {
    match VisitMut::visit(query, &mut Ordering { depth: 0 }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Ordering {
    depth: usize,
}

impl VisitorMut for Ordering {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Self::Break> {
        self.depth += 1;
        let Some(order) = &mut query.order_by else { return ControlFlow::Continue(()) };
        if let OrderByKind::Expressions(expressions) = &mut order.kind {
            expressions.iter_mut().for_each(|ordered| bare(&mut ordered.expr));
        }
        match query.body.as_mut() {
            SetExpr::Select(select) => of_select(select, order, self.depth == 1),
            SetExpr::SetOperation { left, .. } => of_set_operation(order, &result_names(left)),
            _ => ControlFlow::Continue(()),
        }
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        if let Some(Distinct::On(expressions)) = &select.distinct
            && let Some(wrong) = expressions.iter().find(|one| is_negative(one))
        {
            let message = format!("DISTINCT ON position {wrong} is not in select list");
            let hint = "name the column, or its position from 1";
            return refused(message, hint, wrong.span().start);
        }
        if matches!(select.distinct, Some(Distinct::On(_)))
            && let Some(again) = repeated(&select.projection)
        {
            let message = format!("{again} twice behind DISTINCT ON is not supported");
            return refused(message, "take it once, and repeat it around", again.span().start);
        }
        by_position(select);
        once_each(select);
        ControlFlow::Continue(())
    }
}

/// An expression without the brackets around all of it.
fn bare(expression: &mut Expr) {
    while let Expr::Nested(inner) = expression {
        *expression = std::mem::replace(inner, Expr::value(Value::Null));
    }
}

/// `DISTINCT ON (k, k)` is `DISTINCT ON (k)`, and the planner does not know.
fn once_each(select: &mut Select) {
    let Some(Distinct::On(expressions)) = &mut select.distinct else { return };
    let mut seen: Vec<Expr> = Vec::new();
    expressions.retain(|one| {
        let is_new = !seen.iter().any(|other| is_same(other, one));
        if is_new {
            seen.push(one.clone());
        }
        is_new
    });
}

fn is_same(one: &Expr, other: &Expr) -> bool {
    match (one, other) {
        (Expr::Identifier(one), Expr::Identifier(other)) => folded(one) == folded(other),
        _ => one == other,
    }
}

/// `DISTINCT ON (1)` is by the first item.
fn by_position(select: &mut Select) {
    let items = &select.projection;
    let Some(Distinct::On(expressions)) = &mut select.distinct else { return };
    for one in expressions {
        bare(one);
        let Some(place) = position(one) else { continue };
        let is_one = |item: &&SelectItem| {
            matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. })
        };
        let before: Vec<&SelectItem> = items.iter().take_while(is_one).collect();
        if let Some(
            SelectItem::UnnamedExpr(expression)
            | SelectItem::ExprWithAlias { expr: expression, .. },
        ) = place.checked_sub(1).and_then(|place| before.get(place))
        {
            *one = expression.clone();
        }
    }
}

/// An expression that a list has twice.
fn repeated(items: &[SelectItem]) -> Option<&Expr> {
    fn own(item: &SelectItem) -> Option<&Expr> {
        match item {
            SelectItem::UnnamedExpr(expression)
            | SelectItem::ExprWithAlias { expr: expression, .. } => Some(expression),
            _ => None,
        }
    }
    let mut seen = HashSet::new();
    items.iter().filter_map(own).find(|expression| !seen.insert(expression.to_string()))
}

fn is_negative(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_negative(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => position(expr).is_some(),
        _ => false,
    }
}

pub(super) fn position(expression: &Expr) -> Option<usize> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

fn refused(message: String, hint: &str, at: Location) -> ControlFlow<Box<Error>> {
    let error =
        Error::usage("sql", message).state(SqlState::FeatureNotSupported).hint(hint.to_owned());
    ControlFlow::Break(Box::new(placed(error, at)))
}

/// The names of the columns of the first branch, which are those of the result.
fn result_names(branch: &SetExpr) -> Vec<String> {
    match branch {
        SetExpr::Select(select) => {
            let names = select.projection.iter().filter_map(own_name);
            names.map(|name| spoken(&name).to_owned()).collect()
        }
        SetExpr::SetOperation { left, .. } => result_names(left),
        SetExpr::Query(query) => result_names(&query.body),
        _ => Vec::new(),
    }
}

/// What a set operation is ordered by is a column of its result.
fn of_set_operation(order: &OrderBy, names: &[String]) -> ControlFlow<Box<Error>> {
    let OrderByKind::Expressions(expressions) = &order.kind else {
        return ControlFlow::Continue(());
    };
    for ordered in expressions {
        let is_name = matches!(ordered.expr, Expr::Identifier(_));
        if let Expr::Identifier(name) = &ordered.expr
            && names.iter().filter(|other| **other == folded(name)).count() > 1
        {
            let message = format!("ORDER BY \"{name}\" is ambiguous");
            let hint = "order by the column's position";
            return refused(message, hint, ordered.expr.span().start);
        }
        if !is_name && position(&ordered.expr).is_none() {
            let message = "invalid UNION/INTERSECT/EXCEPT ORDER BY clause".to_owned();
            let hint = "only names and positions of result columns can be used";
            return refused(message, hint, ordered.expr.span().start);
        }
    }
    ControlFlow::Continue(())
}

fn of_select(select: &mut Select, order: &mut OrderBy, is_top: bool) -> ControlFlow<Box<Error>> {
    let OrderByKind::Expressions(expressions) = &mut order.kind else {
        return ControlFlow::Continue(());
    };
    let order_at = expressions.first().map_or(Location::empty(), |first| first.expr.span().start);
    let aliases: HashSet<String> = select.projection.iter().filter_map(own_alias).collect();
    let mut used = HashSet::new();
    for ordered in expressions.iter() {
        if matches!(ordered.expr, Expr::Identifier(_)) {
            continue;
        }
        let mut names = Names { aliases: &aliases, found: HashSet::new() };
        let _ = ordered.expr.visit(&mut names);
        used.extend(names.found);
    }
    if used.is_empty() {
        return ControlFlow::Continue(());
    }
    let is_plain = select
        .projection
        .iter()
        .all(|item| matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }));
    if !is_top || !is_plain {
        let name = used.iter().min().cloned().unwrap_or_default();
        let message = format!(
            "\"{name}\" in an expression of ORDER BY is a column of FROM, and not of the result"
        );
        let hint = "give the result column another name, or order by its position";
        return refused(message, hint, order_at);
    }
    // A bare name is still that of the result column.
    for ordered in expressions {
        let Expr::Identifier(name) = &ordered.expr else { continue };
        let name = folded(name);
        let is_it = |item: &SelectItem| own_alias(item).as_deref() == Some(name.as_str());
        if used.contains(&name)
            && let Some(place) = select.projection.iter().position(is_it)
        {
            ordered.expr = Expr::value(Value::Number((place + 1).to_string(), false));
        }
    }
    for item in &mut select.projection {
        let is_used = own_alias(item).is_some_and(|alias| used.contains(&alias));
        if let (true, SelectItem::ExprWithAlias { alias, .. }) = (is_used, item) {
            *alias = Ident::with_quote('"', hidden(&folded(alias)));
        }
    }
    ControlFlow::Continue(())
}

/// The name of a result column that is not a column of that name.
fn own_alias(item: &SelectItem) -> Option<String> {
    let SelectItem::ExprWithAlias { expr, alias } = item else { return None };
    let alias = folded(alias);
    let own = match expr {
        Expr::Identifier(name) => Some(folded(name)),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded),
        _ => None,
    };
    (own.as_ref() != Some(&alias)).then_some(alias)
}

fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_ascii_lowercase(),
    }
}

/// Bare names of an expression that are also those of result columns. A subquery has its own names.
struct Names<'a> {
    aliases: &'a HashSet<String>,
    found: HashSet<String>,
}

impl Visitor for Names<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if let Expr::Identifier(name) = expression
            && self.aliases.contains(&folded(name))
        {
            self.found.insert(folded(name));
        }
        ControlFlow::Continue(())
    }
}
