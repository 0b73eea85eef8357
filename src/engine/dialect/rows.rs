//! Rows beside rows: `(a, b) = (1, 2)`, `(a, b) < (c, d)`, `(a, b) in (select …)`. The engine knows no rows,
//! and each is written as what it says of its fields.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, Select,
    SetExpr, Spanned, TableFactor, UnaryOperator, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::error::{Error, Result, SqlState};

use super::functions::placed;

/// Rewrites the rows of a query.
///
/// # Errors
/// Names a row that stands where it is not answered.
pub(super) fn rewrite(query: &mut Query) -> Result<()> {
    // The walk cannot fail: it never breaks off.
    let _ = VisitMut::visit(query, &mut Rows);
    match Visit::visit(query, &mut Left) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Rows;

impl VisitorMut for Rows {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        [select.selection.as_mut(), select.having.as_mut()].into_iter().flatten().for_each(inside);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        let rewritten = match expression {
            Expr::BinaryOp { left, op, right } => match (fields(left), fields(right)) {
                (Some(left), Some(right)) if left.len() == right.len() => {
                    compared(op, &left, &right)
                }
                _ => None,
            },
            Expr::InList { expr, list, negated } => fields(expr).and_then(|row| {
                let equal = |other| compared(&BinaryOperator::Eq, &row, &same(other, row.len())?);
                let all = list.iter().map(equal).collect::<Option<Vec<_>>>()?;
                let any = chained(all, &BinaryOperator::Or)?;
                Some(if *negated { not(any) } else { any })
            }),
            Expr::IsNull(row) => fields(row).and_then(|row| {
                let null = row.into_iter().map(|field| Expr::IsNull(Box::new(field)));
                chained(null.collect(), &BinaryOperator::And)
            }),
            Expr::IsNotNull(row) => fields(row).and_then(|row| {
                let there = row.into_iter().map(|field| Expr::IsNotNull(Box::new(field)));
                chained(there.collect(), &BinaryOperator::And)
            }),
            _ => None,
        };
        if let Some(rewritten) = rewritten {
            *expression = rewritten;
        }
        ControlFlow::Continue(())
    }
}

/// The fields of a row: `(a, b)`, or `row(a, b)`.
fn fields(expression: &Expr) -> Option<Vec<Expr>> {
    match expression {
        Expr::Tuple(fields) if !fields.is_empty() => Some(fields.clone()),
        Expr::Nested(inner) => fields(inner),
        Expr::Function(Function { name, args: FunctionArguments::List(list), .. })
            if name.to_string().eq_ignore_ascii_case("row") =>
        {
            let field = |argument: &FunctionArg| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(field)) => Some(field.clone()),
                _ => None,
            };
            let fields = list.args.iter().map(field).collect::<Option<Vec<_>>>();
            fields.filter(|fields| !fields.is_empty())
        }
        _ => None,
    }
}

/// The fields of a row of so many.
fn same(expression: &Expr, count: usize) -> Option<Vec<Expr>> {
    fields(expression).filter(|fields| fields.len() == count)
}

fn nested(expression: Expr) -> Expr {
    Expr::Nested(Box::new(expression))
}

fn not(expression: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(nested(expression)) }
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    nested(Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) })
}

fn chained(all: Vec<Expr>, op: &BinaryOperator) -> Option<Expr> {
    all.into_iter().reduce(|left, right| binary(left, op.clone(), right))
}

/// A comparison of two rows: field by field, the first that differ decide.
fn compared(op: &BinaryOperator, left: &[Expr], right: &[Expr]) -> Option<Expr> {
    use BinaryOperator::{And, Eq, Gt, GtEq, Lt, LtEq, NotEq, Or};
    let pairs = || left.iter().cloned().map(nested).zip(right.iter().cloned().map(nested));
    let strict = match op {
        Eq => return chained(pairs().map(|(a, b)| binary(a, Eq, b)).collect(), &And),
        NotEq => return chained(pairs().map(|(a, b)| binary(a, NotEq, b)).collect(), &Or),
        Lt | LtEq => Lt,
        Gt | GtEq => Gt,
        _ => return None,
    };
    let mut pairs = pairs().rev();
    let (a, b) = pairs.next()?;
    let last = binary(a, op.clone(), b);
    Some(pairs.fold(last, |rest, (a, b)| {
        let equal = binary(binary(a.clone(), Eq, b.clone()), And, rest);
        binary(binary(a, strict.clone(), b), Or, equal)
    }))
}

/// A row among those of a subquery, in a condition where NULL is as good as false: there is one that has its
/// fields.
fn inside(condition: &mut Expr) {
    match condition {
        Expr::Nested(inner) => inside(inner),
        Expr::BinaryOp { left, op: BinaryOperator::And | BinaryOperator::Or, right } => {
            inside(left);
            inside(right);
        }
        Expr::InSubquery { expr, subquery, negated: false } => {
            if let Some(exists) = fields(expr).and_then(|row| exists(&row, subquery)) {
                *condition = exists;
            }
        }
        _ => {}
    }
}

/// Whether a subquery has a row with these fields.
fn exists(row: &[Expr], subquery: &Query) -> Option<Expr> {
    let names: Vec<String> = (1..=row.len()).map(|n| format!("\"#{n}\"")).collect();
    let names = names.join(", ");
    let text = format!("exists (select 1 from (select 1) as \"#rows\" ({names}) where true)");
    let mut parsed =
        Parser::new(&PostgreSqlDialect {}).try_with_sql(&text).ok()?.parse_expr().ok()?;
    let Expr::Exists { subquery: outer, .. } = &mut parsed else { return None };
    let SetExpr::Select(select) = outer.body.as_mut() else { return None };
    let TableFactor::Derived { subquery: inner, alias, .. } =
        &mut select.from.first_mut()?.relation
    else {
        return None;
    };
    **inner = subquery.clone();
    let columns = alias.as_ref()?.columns.iter().map(|c| Expr::Identifier(c.name.clone()));
    let columns: Vec<Expr> = columns.collect();
    select.selection = compared(&BinaryOperator::Eq, row, &columns);
    Some(parsed)
}

/// Rows that stand where they are not answered.
struct Left;

impl Visitor for Left {
    type Break = Box<Error>;

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Self::Break> {
        let (what, hint) = match expression {
            Expr::InSubquery { expr, negated: true, .. } if fields(expr).is_some() => {
                ("a row NOT IN a subquery", "write not exists (select … where …)")
            }
            Expr::InSubquery { expr, .. } if fields(expr).is_some() => {
                ("a row IN a subquery, outside of WHERE", "write exists (select … where …)")
            }
            Expr::BinaryOp { left, right, .. }
                if fields(left).is_some() && fields(right).is_some() =>
            {
                ("this comparison of rows", "compare their fields one by one")
            }
            _ => return ControlFlow::Continue(()),
        };
        let error = Error::usage("sql", format!("{what} is not supported"))
            .state(SqlState::FeatureNotSupported)
            .hint(hint);
        ControlFlow::Break(Box::new(placed(error, expression.span().start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        let parser = Parser::new(&PostgreSqlDialect {});
        let mut query = parser.try_with_sql(text).unwrap().parse_query().unwrap();
        rewrite(&mut query).map_or_else(|e| e.to_string(), |()| query.to_string())
    }

    #[test]
    fn rows_are_compared_by_their_fields() {
        assert_eq!(rewritten("SELECT (a, 1) = (2, b)"), "SELECT (((a) = (2)) AND ((1) = (b)))");
        assert_eq!(
            rewritten("SELECT (a, b) < (1, 2)"),
            "SELECT (((a) < (1)) OR (((a) = (1)) AND ((b) < (2))))"
        );
        assert_eq!(
            rewritten("SELECT (a, b) >= row(1, 2)"),
            "SELECT (((a) > (1)) OR (((a) = (1)) AND ((b) >= (2))))"
        );
    }

    #[test]
    fn a_row_is_among_those_of_a_subquery_where_one_has_its_fields() {
        assert_eq!(
            rewritten("SELECT 1 FROM t WHERE (a, b) IN (SELECT c, d FROM u)"),
            "SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM (SELECT c, d FROM u) AS \"#rows\" (\"#1\", \"#2\") \
             WHERE (((a) = (\"#1\")) AND ((b) = (\"#2\"))))"
        );
        let error = rewritten("SELECT 1 FROM t WHERE (a, b) NOT IN (SELECT c, d FROM u)");
        assert!(error.contains("NOT IN"), "{error}");
    }
}
