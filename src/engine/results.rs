//! The items that a query's text selects.

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr, Query, SelectItem, SetExpr, Spanned, Statement as Ast,
};

use crate::error::Position;

use super::statement;

/// A column of a result, as its text selects it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Where it begins.
    pub place: Position,
    /// Whether it is a column, or has an alias.
    pub is_named: bool,
}

/// The columns that a query's text selects, in their order. `None` where `*` stands for columns, and
/// where the text cannot be parsed.
pub fn selected(text: &str) -> Option<Vec<Selected>> {
    let Statement::Statement(inner) = statement::statement(text).ok()? else { return None };
    let Ast::Query(query) = inner.as_ref() else { return None };
    items(query)
}

fn items(query: &Query) -> Option<Vec<Selected>> {
    // The first branch of a set operation names the columns.
    let mut body = query.body.as_ref();
    loop {
        body = match body {
            SetExpr::Select(select) => return select.projection.iter().map(item).collect(),
            SetExpr::Query(query) => &query.body,
            SetExpr::SetOperation { left, .. } => left,
            _ => return None,
        };
    }
}

fn item(item: &SelectItem) -> Option<Selected> {
    let is_named = match item {
        SelectItem::ExprWithAlias { .. } => true,
        SelectItem::UnnamedExpr(e) => {
            matches!(e, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        }
        _ => return None,
    };
    let start = item.span().start;
    let place = (usize::try_from(start.line).ok()?, usize::try_from(start.column).ok()?);
    (place.0 > 0).then_some(Selected { place, is_named })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_has_its_place() {
        let text = "with a as (select 9 as n)\nselect n, 1 + 1,\n  lower('x') as l from a union select 2, 3, 'y'";
        let found = selected(text).unwrap();
        let found: Vec<_> = found.iter().map(|s| (s.place, s.is_named)).collect();
        assert_eq!(found, [((2, 8), true), ((2, 11), false), ((3, 3), true)]);
        assert_eq!(selected("select t.*, 1 from t"), None);
    }
}
