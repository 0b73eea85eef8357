//! Places: where in the reader's own text an error of planning lies, where the engine does not say.
//!
//! The words of an error name its subject: a function, an operator, a quoted text. If the text has
//! several such, each is planned alone over the tables of its SELECT: the first one that fails with the
//! same words is at fault.

use std::ops::ControlFlow;

use datafusion::execution::SessionState;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    CastKind, Expr, Query, Select, SelectItem, SetExpr, Spanned, Statement as Ast, TableFactor,
    TableWithJoins, UnaryOperator, Value, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan};

use crate::error::{Error, Positions, Result, SqlState, Subject};

use super::{dialect, double_quoted, statement};

/// The most parts of a text that are planned to find the faulty one.
const MOST_CANDIDATES: usize = 32;

/// The error with its place in the text, as far as that can be found.
pub async fn located(state: &SessionState, text: &str, error: Error) -> Error {
    let error = error.with_told_place();
    let error = double_quoted::offering_text(text, of_outer_table(text, error));
    let Some(subject) = error.subject().cloned() else { return error };
    // The engine marks one side of an operation.
    if error.mark().is_some() && !matches!(&subject, Subject::Operator(sign) if !is_word(sign)) {
        return error;
    }
    let Ok(tokens) = statement::located(text) else { return error };
    let place = match &subject {
        Subject::End => end_of(&tokens),
        Subject::Word(word) => only_word(&tokens, word),
        _ => at_fault(state, text, &tokens, &subject, &error).await,
    };
    match place {
        Some((start, end)) => error.marked(start, end),
        None => error,
    }
}

async fn at_fault(
    state: &SessionState,
    text: &str,
    tokens: &[TokenWithSpan],
    subject: &Subject,
    error: &Error,
) -> Option<Positions> {
    let mut statement = statement::statement(text).ok()?;
    let query = statement::query_of(&mut statement)?;
    let mut found =
        Candidates { subject, tokens, with: query.with.clone(), from: vec![], all: vec![] };
    let _ = query.visit(&mut found);
    let mut all = found.all;
    // What stands inside comes first: conditions are met from the outside.
    if *subject == Subject::Condition {
        all.reverse();
    }
    match all.as_slice() {
        [] => return only_token(tokens, subject),
        [(place, _)] => return Some(*place),
        _ => {}
    }
    for (place, alone) in all.into_iter().take(MOST_CANDIDATES) {
        if let Err(other) = planned(state, alone).await
            && other.message() == error.message()
        {
            return Some(place);
        }
    }
    None
}

/// `t.idd` in a subquery, where `t` is a table of the query around it: the engine knows only the tables of
/// the subquery, and says that there is no `t`.
fn of_outer_table(text: &str, error: Error) -> Error {
    let Some(Subject::Word(table)) = error.subject() else { return error };
    let Some(((line, column), _)) = error.mark() else { return error };
    if error.sqlstate() != SqlState::UndefinedTable || error.code() != "unknown-column" {
        return error;
    }
    let Ok(tokens) = statement::located(text) else { return error };
    let from =
        tokens.iter().filter(|token| span(token.span).is_some_and(|s| s.0 >= (line, column)));
    let names: Vec<&str> = from
        .map_while(|token| match &token.token {
            Token::Word(word) => Some(word.value.as_str()),
            Token::Period => Some("."),
            _ => None,
        })
        .collect();
    let is_table = statement::statement(text).is_ok_and(|mut statement| {
        statement::query_of(&mut statement).is_some_and(|query| names_table(query, table))
    });
    match (names.split(|name| *name == ".").next_back(), is_table) {
        (Some([column]), true) => {
            let message = format!("there is no column '{column}' in '{table}'");
            Error::usage("unknown-column", message).in_place_of(error)
        }
        _ => error,
    }
}

/// Whether a query reads a table under this name.
fn names_table(query: &Query, wanted: &str) -> bool {
    struct Tables<'a>(&'a str);
    impl Visitor for Tables<'_> {
        type Break = ();
        fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<()> {
            let name = match table {
                TableFactor::Table { alias: Some(alias), .. }
                | TableFactor::Derived { alias: Some(alias), .. } => Some(&alias.name),
                TableFactor::Table { name, .. } => name.0.last().and_then(|part| part.as_ident()),
                _ => None,
            };
            match name.is_some_and(|name| name.value.eq_ignore_ascii_case(self.0)) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        }
    }
    query.visit(&mut Tables(wanted)).is_break()
}

/// Whether an operator is AND, OR, NOT or another word.
fn is_word(sign: &str) -> bool {
    sign.chars().all(|c| c.is_alphabetic() || c == ' ')
}

/// Plans a query until its types are known and its constants are folded.
async fn planned(state: &SessionState, mut query: Query) -> Result<()> {
    dialect::read(&mut query, statement::asked_by(state).as_deref())?;
    let statement = Statement::Statement(Box::new(Ast::Query(Box::new(query))));
    let plan = state.statement_to_plan(statement).await?;
    state.optimize(&plan)?;
    Ok(())
}

/// Where the text ends.
fn end_of(tokens: &[TokenWithSpan]) -> Option<Positions> {
    let last =
        tokens.iter().rev().find(|t| !matches!(t.token, Token::Whitespace(_) | Token::EOF))?;
    point(last.span.end)
}

/// The place of a word that the text has once.
fn only_word(tokens: &[TokenWithSpan], wanted: &str) -> Option<Positions> {
    let mut found = tokens.iter().filter(|token| match &token.token {
        Token::Word(word) => word.value.eq_ignore_ascii_case(wanted),
        _ => false,
    });
    match (found.next(), found.next()) {
        (Some(token), None) => span(token.span),
        _ => None,
    }
}

/// The place of a sign or a quoted text that the text has once.
fn only_token(tokens: &[TokenWithSpan], subject: &Subject) -> Option<Positions> {
    let is_it = |token: &&TokenWithSpan| match (subject, &token.token) {
        (Subject::Text(text), Token::SingleQuotedString(found)) => found == text,
        (Subject::Operator(sign), found) => found.to_string().eq_ignore_ascii_case(sign),
        _ => false,
    };
    let mut found = tokens.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(token), None) => span(token.span),
        _ => None,
    }
}

/// Where a text first has a parameter, by its name without the dollar sign.
pub fn of_parameter(text: &str, name: &str) -> Option<Positions> {
    let tokens = statement::located(text).ok()?;
    let is_it = |token: &&TokenWithSpan| match &token.token {
        Token::Placeholder(found) => found.strip_prefix('$') == Some(name),
        _ => false,
    };
    tokens.iter().find(is_it).and_then(|token| span(token.span))
}

fn point(at: Location) -> Option<Positions> {
    span(Span { start: at, end: at })
}

fn span(span: Span) -> Option<Positions> {
    let place =
        |at: Location| Some((usize::try_from(at.line).ok()?, usize::try_from(at.column).ok()?));
    place(span.start).zip(place(span.end)).filter(|((line, _), _)| *line > 0)
}

/// Parts of a query that may be what an error is about, each with a query of it alone.
struct Candidates<'a> {
    subject: &'a Subject,
    tokens: &'a [TokenWithSpan],
    with: Option<datafusion::sql::sqlparser::ast::With>,
    /// Tables of the SELECTs around.
    from: Vec<Vec<TableWithJoins>>,
    all: Vec<(Positions, Query)>,
}

impl Visitor for Candidates<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.from.push(select.from.clone());
        if *self.subject == Subject::Condition {
            let joined = select.from.iter().flat_map(|table| &table.joins);
            let on = joined.filter_map(|join| dialect::join_condition(&join.join_operator));
            let own = select.selection.iter().chain(&select.having);
            for condition in own.chain(on) {
                self.condition(condition);
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.from.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<()> {
        let is_call = |name: &str| *self.subject == Subject::Call(name.to_owned());
        if let TableFactor::UNNEST { array_exprs, .. } = table
            && is_call("unnest")
            && let Some(argument) = array_exprs.first().and_then(|e| span(e.span()))
            && let Some(place) = self.word_before(argument.0, "unnest")
        {
            self.keep(place, Vec::new(), None);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if *self.subject == Subject::Condition {
            match expression {
                Expr::Case { operand: None, conditions, .. } => {
                    conditions.iter().for_each(|when| self.condition(&when.condition));
                }
                Expr::Function(function) => {
                    function.filter.iter().for_each(|filter| self.condition(filter));
                }
                _ => {}
            }
        }
        let place = match self.subject {
            Subject::Call(name) => self.call(expression, name),
            Subject::Operator(operator) => self.operator(expression, operator),
            Subject::Text(text) => literal_in(expression, text),
            _ => None,
        };
        if let Some(place) = place {
            self.keep(place, vec![SelectItem::UnnamedExpr(expression.clone())], None);
        }
        ControlFlow::Continue(())
    }
}

impl Candidates<'_> {
    fn keep(&mut self, place: Positions, projection: Vec<SelectItem>, selection: Option<Expr>) {
        let from = self.from.last().cloned().unwrap_or_default();
        if let Some(query) = alone(from, projection, selection, self.with.clone()) {
            self.all.push((place, query));
        }
    }

    fn condition(&mut self, condition: &Expr) {
        if let Some(place) = span(condition.span()) {
            self.keep(place, Vec::new(), Some(condition.clone()));
        }
    }

    fn call(&self, expression: &Expr, name: &str) -> Option<Positions> {
        match expression {
            Expr::Function(function) => {
                let written = function.name.0.last()?;
                let bare = written.to_string();
                let bare = bare.trim_matches('"');
                let same = bare.eq_ignore_ascii_case(name) || dialect::is_same(bare, name);
                span(written.span()).filter(|_| same)
            }
            Expr::Position { expr, .. } if name == "position" => {
                self.word_before(span(expr.span())?.0, name)
            }
            Expr::Substring { expr, .. } if name == "substring" => {
                self.word_before(span(expr.span())?.0, name)
            }
            Expr::Trim { expr, .. } if name.ends_with("trim") => {
                self.word_before(span(expr.span())?.0, "trim")
            }
            Expr::Extract { expr, .. } if name == "extract" || name == "date_part" => {
                self.word_before(span(expr.span())?.0, "extract")
            }
            Expr::Overlay { expr, .. } if name == "overlay" => {
                self.word_before(span(expr.span())?.0, name)
            }
            Expr::Array(array) if name == "array" => {
                self.word_before(span(array.elem.first()?.span())?.0, name)
            }
            _ => None,
        }
    }

    /// The last such word before a place.
    fn word_before(&self, (line, column): (usize, usize), wanted: &str) -> Option<Positions> {
        let before = |token: &&TokenWithSpan| {
            span(token.span).is_some_and(|(start, _)| start < (line, column))
        };
        let is_wanted = |token: &&TokenWithSpan| match &token.token {
            Token::Word(word) => word.value.eq_ignore_ascii_case(wanted),
            _ => false,
        };
        let found = self.tokens.iter().take_while(before).filter(is_wanted).last()?;
        span(found.span)
    }

    fn operator(&self, expression: &Expr, operator: &str) -> Option<Positions> {
        let is = |text: &str| text.eq_ignore_ascii_case(operator);
        let between = |left: &Expr, right: &Expr, sign: &str| {
            self.sign_between(left.span().end, Some(right.span().start), sign)
        };
        match expression {
            Expr::BinaryOp { left, op, right } if is(&op.to_string()) => {
                between(left, right, &op.to_string())
            }
            Expr::AnyOp { left, compare_op, right, .. }
            | Expr::AllOp { left, compare_op, right }
                if is(&compare_op.to_string()) =>
            {
                between(left, right, &compare_op.to_string())
            }
            Expr::InList { expr, .. } | Expr::InSubquery { expr, .. } if is("=") || is("in") => {
                self.sign_between(expr.span().end, None, "in")
            }
            Expr::Like { expr, pattern, .. } if is("like") => between(expr, pattern, "like"),
            Expr::ILike { expr, pattern, .. } if is("ilike") => between(expr, pattern, "ilike"),
            Expr::Between { expr, low, .. } if is("between") => between(expr, low, "between"),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right)
                if operator.to_ascii_lowercase().ends_with("distinct from") =>
            {
                between(left, right, "is")
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } if is("not") => span(expr.span()),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } if is("-") => {
                self.sign_before(expr.span().start, "-")
            }
            Expr::Cast { kind, expr, .. } if is("::") => match kind {
                CastKind::DoubleColon => self.sign_between(expr.span().end, None, "::"),
                _ => self.word_before(span(expr.span())?.0, "cast"),
            },
            _ => None,
        }
    }

    /// The last such sign before a place.
    fn sign_before(&self, at: Location, sign: &str) -> Option<Positions> {
        let before = self.tokens.iter().take_while(|token| token.span.start < at);
        span(before.filter(|token| token.token.to_string() == sign).last()?.span)
    }

    /// The first such sign or word behind a place.
    fn sign_between(&self, from: Location, to: Option<Location>, sign: &str) -> Option<Positions> {
        let inside = |token: &&TokenWithSpan| {
            token.span.start >= from && to.is_none_or(|to| token.span.start < to)
        };
        let is_sign = |token: &&TokenWithSpan| token.token.to_string().eq_ignore_ascii_case(sign);
        let found = self.tokens.iter().filter(inside).find(is_sign)?;
        span(found.span)
    }
}

/// Where an expression that is more than a literal holds a quoted text.
fn literal_in(expression: &Expr, text: &str) -> Option<Positions> {
    struct Literal<'a>(&'a str);
    impl Visitor for Literal<'_> {
        type Break = Positions;
        fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Positions> {
            let value = match expression {
                Expr::Value(value) => value,
                Expr::TypedString(typed) => &typed.value,
                Expr::Interval(interval) => match interval.value.as_ref() {
                    Expr::Value(value) => value,
                    _ => return ControlFlow::Continue(()),
                },
                _ => return ControlFlow::Continue(()),
            };
            match (&value.value, span(value.span)) {
                (Value::SingleQuotedString(found), Some(place)) if found == self.0 => {
                    ControlFlow::Break(place)
                }
                _ => ControlFlow::Continue(()),
            }
        }
    }
    if matches!(expression, Expr::Value(_)) {
        return None;
    }
    match expression.visit(&mut Literal(text)) {
        ControlFlow::Break(place) => Some(place),
        ControlFlow::Continue(()) => None,
    }
}

/// `select projection from tables where selection`, behind the WITH of the whole query.
fn alone(
    from: Vec<TableWithJoins>,
    projection: Vec<SelectItem>,
    selection: Option<Expr>,
    with: Option<datafusion::sql::sqlparser::ast::With>,
) -> Option<Query> {
    let mut statement = statement::statement("select 1").ok()?;
    let query = statement::query_of(&mut statement)?;
    query.with = with;
    let SetExpr::Select(select) = query.body.as_mut() else { return None };
    select.from = from;
    select.selection = selection;
    if !projection.is_empty() {
        select.projection = projection;
    }
    Some(query.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::sql;
    use crate::engine::{Limits, Session};

    /// The place of the error that a query ends with.
    async fn place(text: &str) -> Option<(usize, usize)> {
        let session = Session::new(&Limits::default(), "public").unwrap();
        let state = session.context().state();
        let error = match sql::plan_query(session.context(), text).await {
            Ok(frame) => state.optimize(frame.logical_plan()).map(|_| ()).map_err(Error::from),
            Err(error) => Err(error),
        };
        located(&state, text, error.unwrap_err()).await.mark().map(|(start, _)| start)
    }

    #[tokio::test]
    async fn the_faulty_one_of_several_is_found() {
        for (text, column) in [
            ("select lower('a'), lower(true)", 20),
            ("select 1 + 2 + true", 14),
            ("select 1 = 1, 1 = true", 17),
            ("select '1'::int, 'b'::int, 'a'::text, 'a'::int", 18),
            ("select 1 where 1", 16),
            ("select true where exists (select 1 where 2 + 2)", 42),
        ] {
            assert_eq!(place(text).await, Some((1, column)), "{text}");
        }
    }

    #[tokio::test]
    async fn what_is_missing_lies_at_the_end() {
        assert_eq!(place("select 1\n  + ").await, Some((2, 4)));
    }
}
