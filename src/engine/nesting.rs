//! Nesting: how deep expressions are, and how many tables are joined. What works on a plan walks each
//! branch to its end, again and again: its time grows with the square of the depth.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Query, Select, Value, ValueWithSpan, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use crate::error::{Error, Result};

/// Deepest expression that is planned: a chain of terms is as deep as it is long.
const DEEPEST: usize = 256;

/// Most tables that one SELECT joins.
const MOST_JOINED: usize = 100;

/// Most conditions that AND joins: a scan takes them apart, and chains them again.
const MOST_CONDITIONS: usize = 500;

/// Deepest nesting of queries in expressions: each is planned with those around it.
const DEEPEST_QUERIES: usize = 16;

/// Makes chains of AND and of OR as deep as they must be, and refuses what is too deep even so.
pub(super) fn refuse_depth(query: &mut Query) -> Result<()> {
    if let ControlFlow::Break(error) = VisitMut::visit(query, &mut Balance) {
        return Err(*error);
    }
    match Visit::visit(query, &mut Depth::default()) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

/// Writes `a or b or c or d` as `(a or b) or (c or d)`, which means the same.
struct Balance;

impl VisitorMut for Balance {
    type Break = Box<Error>;

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Box<Error>> {
        if let Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } =
            expression
        {
            let op = op.clone();
            let nothing = ValueWithSpan { value: Value::Null, span: Span::empty() };
            let mut terms = Vec::new();
            flatten(std::mem::replace(expression, Expr::Value(nothing.clone())), &op, &mut terms);
            if op == BinaryOperator::And && terms.len() > MOST_CONDITIONS {
                let what = format!("{} conditions joined by AND", terms.len());
                return too_deep(&what, MOST_CONDITIONS, "not in (…) leaves out many values");
            }
            if let Some(whole) = balanced(terms, &op) {
                *expression = whole;
            }
        }
        ControlFlow::Continue(())
    }
}

/// The terms of a chain, in their order.
fn flatten(chain: Expr, op: &BinaryOperator, terms: &mut Vec<Expr>) {
    let mut reversed = Vec::new();
    let mut left = vec![chain];
    while let Some(next) = left.pop() {
        match next {
            Expr::BinaryOp { left: first, op: own, right } if own == *op => {
                left.push(*first);
                left.push(*right);
            }
            term => reversed.push(term),
        }
    }
    terms.extend(reversed.into_iter().rev());
}

fn balanced(mut terms: Vec<Expr>, op: &BinaryOperator) -> Option<Expr> {
    if terms.len() < 2 {
        return terms.pop();
    }
    let right = terms.split_off(terms.len() / 2);
    let (left, right) = (balanced(terms, op)?, balanced(right, op)?);
    Some(Expr::BinaryOp { left: Box::new(left), op: op.clone(), right: Box::new(right) })
}

/// How deep the walk is.
#[derive(Default)]
struct Depth {
    expressions: usize,
    queries: usize,
}

fn too_deep(what: &str, most: usize, hint: &str) -> ControlFlow<Box<Error>> {
    let message = format!("{what}; at most {most} are planned");
    ControlFlow::Break(Box::new(Error::usage("sql", message).hint(hint)))
}

impl Visitor for Depth {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<Box<Error>> {
        self.queries += 1;
        match self.queries > DEEPEST_QUERIES {
            true => too_deep("queries within queries", DEEPEST_QUERIES, "use WITH, or a join"),
            false => ControlFlow::Continue(()),
        }
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<Box<Error>> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Box<Error>> {
        let tables = select.from.iter().map(|table| 1 + table.joins.len()).sum::<usize>();
        match tables > MOST_JOINED {
            true => {
                let what = format!("{tables} tables in one FROM");
                too_deep(&what, MOST_JOINED, "join the first of them in a subquery")
            }
            false => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<Box<Error>> {
        self.expressions += 1;
        match self.expressions > DEEPEST {
            true => too_deep(
                "terms within terms",
                DEEPEST,
                "split the expression into columns of subqueries",
            ),
            false => ControlFlow::Continue(()),
        }
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<Box<Error>> {
        self.expressions -= 1;
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::ast::Statement;
    use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
    use datafusion::sql::sqlparser::parser::Parser;

    use super::*;

    fn read(text: &str) -> Result<String> {
        let mut statements = Parser::parse_sql(&PostgreSqlDialect {}, text).unwrap();
        let Some(Statement::Query(query)) = statements.first_mut() else { panic!("{text}") };
        refuse_depth(query).map(|()| query.to_string())
    }

    #[test]
    fn chains_of_and_and_or_are_as_deep_as_they_must_be() {
        let chain = |op: &str, terms: i32| {
            let terms: Vec<String> = (0..terms).map(|n| format!("a = {n}")).collect();
            format!("SELECT 1 FROM t WHERE {}", terms.join(op))
        };
        // Written without parentheses, the order of the terms is the same.
        for (op, terms) in [(" OR ", 3_000), (" AND ", 500)] {
            assert_eq!(read(&chain(op, terms)).unwrap(), chain(op, terms));
        }
        let error = read(&chain(" AND ", 501)).unwrap_err();
        assert!(error.message().contains("501 conditions joined by AND"), "{error}");
        let mixed = "SELECT a AND b OR c AND (d OR e OR f) OR NOT g AND h";
        assert_eq!(read(mixed).unwrap(), mixed);
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        let chain = |terms: usize| format!("SELECT 1{}", " + 1".repeat(terms));
        read(&chain(200)).unwrap();
        assert!(read(&chain(300)).unwrap_err().message().contains("terms within terms"));
        let joined = |tables: usize| format!("SELECT 1 FROM t{}", " CROSS JOIN t".repeat(tables));
        read(&joined(99)).unwrap();
        assert!(read(&joined(100)).unwrap_err().message().contains("101 tables"));
        let nested =
            |queries: usize| format!("{}1{}", "SELECT (".repeat(queries), ")".repeat(queries));
        read(&nested(16)).unwrap();
        assert!(read(&nested(17)).unwrap_err().message().contains("queries within queries"));
    }
}
