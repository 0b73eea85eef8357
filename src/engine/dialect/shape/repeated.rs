//! A name that a subquery or a part of WITH gives to several columns means none of them. The engine would
//! take the first one.

use std::collections::{HashMap, HashSet};

use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, Query, Select, SelectItem, SetExpr, TableAlias, TableFactor, Visit, Visitor,
};

use crate::error::{Error, Result, SqlState};

use super::super::names::{column_name, folded};
use super::{Refusal, no_but, start, walked};

pub(super) fn refuse(query: &Query) -> Result<()> {
    walked(query.visit(&mut Repeated { parts: Vec::new() }))
}

/// Names that occur twice among the columns of a query; `None` where only a plan tells.
fn repeated(query: &Query, alias: &TableAlias) -> Option<HashSet<String>> {
    let mut body = query.body.as_ref();
    let names: Vec<String> = loop {
        body = match body {
            SetExpr::Select(select) => {
                break select.projection.iter().map(item_name).collect::<Option<_>>()?;
            }
            SetExpr::Query(query) => &query.body,
            SetExpr::SetOperation { left, .. } => left,
            _ => return None,
        };
    };
    // An alias may rename the first columns.
    let renamed = alias.columns.iter().map(|column| folded(&column.name));
    let kept = names.into_iter().skip(alias.columns.len());
    let mut seen = HashSet::new();
    Some(renamed.chain(kept).filter(|name| !seen.insert(name.clone())).collect())
}

/// What a column of the result is called; `None` for those of a star.
pub(super) fn item_name(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        SelectItem::UnnamedExpr(expression) => {
            Some(column_name(expression).unwrap_or_else(|| "?column?".to_owned()))
        }
        _ => None,
    }
}

struct Repeated {
    /// The repeated names of each part of WITH, innermost last.
    parts: Vec<HashMap<String, HashSet<String>>>,
}

impl Visitor for Repeated {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Refusal {
        let parts = query.with.iter().flat_map(|with| &with.cte_tables);
        let named = parts.map(|part| {
            let names = repeated(&part.query, &part.alias).unwrap_or_default();
            (folded(&part.alias.name), names)
        });
        self.parts.push(named.collect());
        Refusal::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> Refusal {
        self.parts.pop();
        Refusal::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> Refusal {
        let mut tables: Vec<(String, HashSet<String>)> = Vec::new();
        for table in &select.from {
            let joined = table.joins.iter().map(|join| &join.relation);
            for relation in std::iter::once(&table.relation).chain(joined) {
                tables.extend(self.table(relation).filter(|(_, names)| !names.is_empty()));
            }
        }
        if tables.is_empty() {
            return Refusal::Continue(());
        }
        let mut names = Uses { tables: &tables, depth: 0 };
        select.projection.visit(&mut names)?;
        select.selection.visit(&mut names)?;
        select.having.visit(&mut names)?;
        if let GroupByExpr::Expressions(expressions, _) = &select.group_by {
            expressions.visit(&mut names)?;
        }
        Refusal::Continue(())
    }
}

impl Repeated {
    fn table(&self, table: &TableFactor) -> Option<(String, HashSet<String>)> {
        match table {
            TableFactor::Derived { subquery, alias: Some(alias), .. } => {
                Some((folded(&alias.name), repeated(subquery, alias)?))
            }
            TableFactor::Table { name, alias, .. } => {
                let [part] = name.0.as_slice() else { return None };
                let own = folded(part.as_ident()?);
                let names = self.parts.iter().rev().find_map(|parts| parts.get(&own))?;
                match alias {
                    Some(alias) if !alias.columns.is_empty() => None,
                    Some(alias) => Some((folded(&alias.name), names.clone())),
                    None => Some((own, names.clone())),
                }
            }
            _ => None,
        }
    }
}

/// Uses of repeated names, outside of subqueries.
struct Uses<'a> {
    tables: &'a [(String, HashSet<String>)],
    depth: usize,
}

impl Visitor for Uses<'_> {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, _: &Query) -> Refusal {
        self.depth += 1;
        Refusal::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> Refusal {
        self.depth -= 1;
        Refusal::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> Refusal {
        if self.depth > 0 {
            return Refusal::Continue(());
        }
        let used = match expression {
            Expr::Identifier(name) => Some((None, folded(name))),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, name] => Some((Some(folded(table)), folded(name))),
                _ => None,
            },
            _ => None,
        };
        let Some((table, name)) = used else { return Refusal::Continue(()) };
        let is_meant = |(of, names): &(String, HashSet<String>)| {
            table.as_ref().is_none_or(|table| table == of) && names.contains(&name)
        };
        match self.tables.iter().any(is_meant) {
            true => {
                let message = format!("column reference '{name}' is ambiguous");
                let hint = "give the columns of the subquery different names";
                no_but(SqlState::AmbiguousColumn, message, hint, start(expression))
            }
            false => Refusal::Continue(()),
        }
    }
}
