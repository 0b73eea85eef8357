//! Columns that USING and NATURAL merge. Of a RIGHT or FULL join, the merged column takes the place of the
//! left side's own, so that one cannot be asked for.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Join, JoinConstraint, JoinOperator, Query, Select, SelectItem, SetExpr, Spanned,
    TableFactor, TableWithJoins, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::error::{Error, Result, SqlState};

use super::functions::placed;

/// Refuses a column of one side, where the join has merged it.
pub(super) fn refuse(query: &Query) -> Result<()> {
    match query.visit(&mut Merging) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Merging;

impl Visitor for Merging {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        let SetExpr::Select(select) = query.body.as_ref() else { return ControlFlow::Continue(()) };
        let mut merged = Merged::default();
        select.from.iter().for_each(|table| merged.of_tables(table));
        if merged.is_empty() {
            return ControlFlow::Continue(());
        }
        merged.in_lists(select)?;
        query.visit(&mut Sides { merged: &merged })
    }
}

/// The names of merged columns; a natural join may merge any.
#[derive(Default)]
struct Merged {
    names: HashSet<String>,
    is_natural: bool,
}

impl Merged {
    fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.is_natural
    }

    fn of_tables(&mut self, tables: &TableWithJoins) {
        self.of_factor(&tables.relation);
        for join in &tables.joins {
            self.of_factor(&join.relation);
            self.of_join(join);
        }
    }

    fn of_factor(&mut self, factor: &TableFactor) {
        if let TableFactor::NestedJoin { table_with_joins, .. } = factor {
            self.of_tables(table_with_joins);
        }
    }

    fn of_join(&mut self, join: &Join) {
        let (JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)) = &join.join_operator
        else {
            return;
        };
        match constraint {
            JoinConstraint::Using(columns) => {
                let names = columns.iter().filter_map(|c| c.0.last()?.as_ident().map(folded));
                self.names.extend(names);
            }
            JoinConstraint::Natural => self.is_natural = true,
            JoinConstraint::On(_) | JoinConstraint::None => {}
        }
    }

    fn holds(&self, name: &Ident) -> bool {
        self.is_natural || self.names.contains(&folded(name))
    }

    /// `t.*` has the side's own columns.
    fn in_lists(&self, select: &Select) -> ControlFlow<Box<Error>> {
        let found = select.projection.iter().find_map(|item| match item {
            SelectItem::QualifiedWildcard(..) => Some(item.span().start),
            _ => None,
        });
        found.map_or(ControlFlow::Continue(()), refused)
    }
}

fn folded(name: &Ident) -> String {
    name.value.to_ascii_lowercase()
}

fn refused(at: Location) -> ControlFlow<Box<Error>> {
    let message = "a column of one side of a RIGHT or FULL join that merges it is not supported";
    let error = Error::usage("sql", message)
        .state(SqlState::FeatureNotSupported)
        .hint("name the merged column alone, or join with ON a.id = b.id");
    ControlFlow::Break(Box::new(placed(error, at)))
}

struct Sides<'a> {
    merged: &'a Merged,
}

impl Visitor for Sides<'_> {
    type Break = Box<Error>;

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Self::Break> {
        match expression {
            Expr::CompoundIdentifier(parts)
                if parts.last().is_some_and(|name| self.merged.holds(name)) =>
            {
                refused(expression.span().start)
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
