//! `array(select …)`: an array of a subquery's rows, in their order.

use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, Ident, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr,
    TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins, Value,
};
use datafusion::sql::sqlparser::ast::{
    Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments,
};

use crate::error::{Error, Result};

use super::super::names::{folded, own_name};
use super::super::quoted::call;

const ROWS: &str = "__rows";
const ITEM: &str = "__item";

/// The array of a subquery's rows: an aggregate over it, and an empty one where there are none.
pub(in super::super) fn of_subquery(query: &Query, at: &str) -> Result<Expr> {
    let mut inner = query.clone();
    let order = ordered(&mut inner, at)?;
    if let Some(item) = direct(&inner) {
        let order = by_item(order, &inner, &item);
        return Ok(whole(inner, aggregated(item, order)));
    }
    if !order.iter().flatten().all(|by| is_first(&by.expr, &inner)) {
        let message = format!("this ORDER BY in array(…) is not supported{at}");
        return Err(Error::usage("sql", message)
            .hint("order by the selected column, or write array_agg(value order by …)"));
    }
    let item = Expr::Identifier(Ident::new(ITEM));
    let order = by_item(order, &inner, &item);
    Ok(whole(over(inner, at)?, aggregated(item, order)))
}

/// An order in which the selected column is called as it is around the query.
fn by_item(
    mut order: Option<Vec<OrderByExpr>>,
    query: &Query,
    item: &Expr,
) -> Option<Vec<OrderByExpr>> {
    for by in order.iter_mut().flatten() {
        if is_first(&by.expr, query) {
            by.expr = item.clone();
        }
    }
    order
}

fn whole(mut query: Query, aggregate: Expr) -> Expr {
    if let SetExpr::Select(select) = query.body.as_mut() {
        select.projection = vec![SelectItem::UnnamedExpr(aggregate)];
    }
    call("array_or_empty", vec![Expr::Subquery(Box::new(query))])
}

/// The order of the rows; it stays where a limit needs it, too.
fn ordered(query: &mut Query, at: &str) -> Result<Option<Vec<OrderByExpr>>> {
    let has_limit = query.limit_clause.is_some() || query.fetch.is_some();
    let order = match has_limit {
        true => query.order_by.clone(),
        false => query.order_by.take(),
    };
    match order.map(|order| order.kind) {
        None => Ok(None),
        Some(OrderByKind::Expressions(expressions)) => Ok(Some(expressions)),
        Some(OrderByKind::All(_)) => {
            let message = format!("ORDER BY ALL in array(…) is not supported{at}");
            Err(Error::usage("sql", message).hint("name the columns"))
        }
    }
}

/// The selected value, where it may be aggregated as it stands.
fn direct(query: &Query) -> Option<Expr> {
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return None;
    }
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let is_plain = select.distinct.is_none()
        && select.having.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. }]
            if is_plain && is_simple(e) =>
        {
            Some(e.clone())
        }
        _ => None,
    }
}

/// Whether a value is one of its row alone: it calls no function, which might be an aggregate or return rows.
fn is_simple(expression: &Expr) -> bool {
    use datafusion::sql::sqlparser::ast::visit_expressions;
    use std::ops::ControlFlow;
    let is_call = |e: &Expr| match e {
        Expr::Function(_) | Expr::Subquery(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    visit_expressions(expression, is_call).is_continue()
}

/// Whether an order is by the selected column: its place, its name, or the same expression.
fn is_first(by: &Expr, query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return is_one(by) };
    let [item] = select.projection.as_slice() else { return false };
    let is_its_name = matches!(by, Expr::Identifier(name) if own_name(item).is_some_and(|own| own == folded(name)));
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            is_one(by) || by == expr || is_its_name
        }
        _ => false,
    }
}

fn is_one(by: &Expr) -> bool {
    matches!(by, Expr::Value(value) if matches!(&value.value, Value::Number(n, _) if n == "1"))
}

/// `select … from (query) as rows(item)`.
fn over(inner: Query, at: &str) -> Result<Query> {
    let alias = TableAlias {
        explicit: true,
        name: Ident::new(ROWS),
        columns: vec![TableAliasColumnDef { name: Ident::new(ITEM), data_type: None }],
        at: None,
    };
    let template = "select 1 from t";
    let mut outer = parsed(template).ok_or_else(|| Error::usage("sql", format!("array(…){at}")))?;
    let relation = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(inner),
        alias: Some(alias),
        sample: None,
    };
    if let SetExpr::Select(select) = outer.body.as_mut() {
        let select: &mut Select = select;
        select.from = vec![TableWithJoins { relation, joins: Vec::new() }];
    }
    Ok(outer)
}

fn parsed(text: &str) -> Option<Query> {
    use datafusion::sql::sqlparser::ast::Statement;
    use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
    use datafusion::sql::sqlparser::parser::Parser;
    match Parser::parse_sql(&PostgreSqlDialect {}, text).ok()?.pop()? {
        Statement::Query(query) => Some(*query),
        _ => None,
    }
}

/// `array_agg(item order by …)`.
fn aggregated(item: Expr, order: Option<Vec<OrderByExpr>>) -> Expr {
    let mut aggregate = call("array_agg", Vec::new());
    if let Expr::Function(Function { args: FunctionArguments::List(list), .. }) = &mut aggregate {
        list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(item))];
        list.clauses = order.map(FunctionArgumentClause::OrderBy).into_iter().collect();
    }
    aggregate
}
