//! Clauses behind a query in brackets: `(select …) order by …`. In PostgreSQL they are clauses of that query,
//! as if the brackets stood around all of it: its rows are sorted before its own LIMIT, by columns of its FROM.
//! The engine plans a query around it.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, LimitClause, Offset, OrderByKind, Query, SetExpr, Spanned, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::error::{Error, Result, SqlState};

use super::functions::placed;

/// Makes one query of a query in brackets and the clauses behind it.
///
/// # Errors
/// Where both have a clause.
pub(super) fn rewrite(query: &mut Query) -> Result<()> {
    match VisitMut::visit(query, &mut Brackets) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Brackets;

impl VisitorMut for Brackets {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Self::Break> {
        while let SetExpr::Query(inner) = query.body.as_mut() {
            if !is_plain(inner) {
                break;
            }
            let inner = inner.clone();
            merge(query, *inner)?;
        }
        match (&query.fetch, &query.limit_clause) {
            (Some(_), Some(LimitClause::LimitOffset { limit: Some(limit), .. })) => {
                twice("LIMIT", limit.span().start)
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

/// Whether a query has only clauses that are merged; what has others is refused elsewhere.
fn is_plain(query: &Query) -> bool {
    let is_offset_first = matches!(query.limit_clause, Some(LimitClause::OffsetCommaLimit { .. }));
    query.locks.is_empty()
        && query.for_clause.is_none()
        && query.settings.is_none()
        && query.format_clause.is_none()
        && query.pipe_operators.is_empty()
        && !is_offset_first
}

/// Takes over the body of a query, and its clauses.
fn merge(outer: &mut Query, inner: Query) -> ControlFlow<Box<Error>> {
    if let (Some(with), Some(_)) = (&outer.with, &inner.with) {
        return twice("WITH", with.with_token.0.span.start);
    }
    if let (Some(order), Some(_)) = (&outer.order_by, &inner.order_by) {
        let first = match &order.kind {
            OrderByKind::Expressions(by) => by.first().map(|by| by.expr.span().start),
            OrderByKind::All(_) => None,
        };
        return twice("ORDER BY", first.unwrap_or_else(Location::empty));
    }
    let (limit, offset) = (limit_of(outer), offset_of(outer));
    if let (Some(at), Some(_)) = (limit, limit_of(&inner)) {
        return twice("LIMIT", at);
    }
    if let (Some(offset), Some(_)) = (offset, offset_of(&inner)) {
        return twice("OFFSET", offset.value.span().start);
    }
    outer.body = inner.body;
    outer.with = outer.with.take().or(inner.with);
    outer.order_by = outer.order_by.take().or(inner.order_by);
    outer.fetch = outer.fetch.take().or(inner.fetch);
    outer.limit_clause = both(outer.limit_clause.take(), inner.limit_clause);
    ControlFlow::Continue(())
}

/// The limit of one, and the offset of the other.
fn both(outer: Option<LimitClause>, inner: Option<LimitClause>) -> Option<LimitClause> {
    use LimitClause::LimitOffset;
    match (outer, inner) {
        (
            Some(LimitOffset { limit, offset, limit_by }),
            Some(LimitOffset { limit: other_limit, offset: other_offset, .. }),
        ) => Some(LimitOffset {
            limit: limit.or(other_limit),
            offset: offset.or(other_offset),
            limit_by,
        }),
        (outer, inner) => outer.or(inner),
    }
}

/// Where a query's LIMIT or FETCH is.
fn limit_of(query: &Query) -> Option<Location> {
    let start = |e: &Expr| e.span().start;
    let limit = match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit: Some(limit), .. }) => Some(start(limit)),
        _ => None,
    };
    let fetch = query.fetch.as_ref();
    let quantity = |at: Option<&Expr>| at.map_or_else(Location::empty, start);
    limit.or_else(|| fetch.map(|fetch| quantity(fetch.quantity.as_ref())))
}

fn offset_of(query: &Query) -> Option<&Offset> {
    match &query.limit_clause {
        Some(LimitClause::LimitOffset { offset, .. }) => offset.as_ref(),
        _ => None,
    }
}

fn twice(clause: &str, at: Location) -> ControlFlow<Box<Error>> {
    let error = Error::usage("sql", format!("multiple {clause} clauses not allowed"))
        .state(SqlState::SyntaxError)
        .hint(
            "a clause behind a query in brackets is that query's own: write select * from (…) as t",
        );
    ControlFlow::Break(Box::new(placed(error, at)))
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
    use datafusion::sql::sqlparser::parser::Parser;

    use super::*;

    fn merged(text: &str) -> std::result::Result<String, String> {
        let parser = Parser::new(&PostgreSqlDialect {});
        let mut query = parser.try_with_sql(text).unwrap().parse_query().unwrap();
        rewrite(&mut query).map_err(|e| e.message().to_owned())?;
        Ok(query.to_string())
    }

    #[test]
    fn clauses_behind_brackets_are_the_query_s_own() {
        for (text, expected) in [
            ("(select a from t limit 2) order by b", "SELECT a FROM t ORDER BY b LIMIT 2"),
            ("((select a from t)) offset 1", "SELECT a FROM t OFFSET 1"),
            ("(select a from t limit 5) offset 1", "SELECT a FROM t LIMIT 5 OFFSET 1"),
            ("with w as (select 1) (select a from w)", "WITH w AS (SELECT 1) SELECT a FROM w"),
            (
                "select x from ((select a from t) order by b) s",
                "SELECT x FROM (SELECT a FROM t ORDER BY b) s",
            ),
            (
                "(select a from t order by b) union (select 1)",
                "(SELECT a FROM t ORDER BY b) UNION (SELECT 1)",
            ),
        ] {
            assert_eq!(merged(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn no_clause_stands_twice() {
        for (text, clause) in [
            ("(select a from t order by a) order by b", "ORDER BY"),
            ("(select a from t limit 2) limit 1", "LIMIT"),
            ("(select a from t limit 2) fetch first row only", "LIMIT"),
            ("select a from t limit 2 fetch first row only", "LIMIT"),
            ("(select a from t offset 2) offset 1", "OFFSET"),
            ("with v as (select 1) (with w as (select 1) select a from w)", "WITH"),
        ] {
            let expected = format!("multiple {clause} clauses not allowed");
            assert_eq!(merged(text), Err(expected), "{text}");
        }
    }
}
