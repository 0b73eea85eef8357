//! What the parser takes although PostgreSQL has no such thing, and the engine would pass over without a
//! word or name by its own structures; and what PostgreSQL has and is not answered here.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    ArrayElemTypeDef, BinaryOperator, CastKind, DataType, DateTimeField, Expr, Interval, Join,
    JoinConstraint, JoinOperator, Query, Select, SelectFlavor, SelectItem, SetExpr, SetQuantifier,
    Spanned, TableFactor, TypedString, Value, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use crate::error::{Error, Result, SqlState};

use super::calls;
use super::functions::placed;
use super::joins::constraint;

/// Refuses what is not answered.
pub(super) fn refuse(query: &Query) -> Result<()> {
    match query.visit(&mut Refused) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

/// Refuses operators of other dialects that the parser takes for PostgreSQL's.
pub(super) fn refuse_tokens(tokens: &[TokenWithSpan]) -> Result<()> {
    tokens.windows(2).try_for_each(|pair| match pair {
        [number, word] => refuse_junk(number, word),
        _ => Ok(()),
    })?;
    let foreign =
        |token: &&TokenWithSpan| matches!(token.token, Token::DoubleEq | Token::Spaceship);
    let Some(found) = tokens.iter().find(foreign) else { return Ok(()) };
    let hint = match found.token {
        Token::DoubleEq => "write =",
        _ => "write is not distinct from",
    };
    let message = format!("operator does not exist: {}", found.token);
    let error =
        Error::usage("sql", message).state(SqlState::UndefinedFunction).hint(hint.to_owned());
    Err(placed(error, found.span.start))
}

/// A name that stands right behind a number would name its column.
fn refuse_junk(number: &TokenWithSpan, word: &TokenWithSpan) -> Result<()> {
    let (Token::Number(digits, _), Token::Word(name)) = (&number.token, &word.token) else {
        return Ok(());
    };
    let message =
        format!("trailing junk after numeric literal at or near \"{digits}{}\"", name.value);
    let error = Error::usage("sql", message).state(SqlState::SyntaxError);
    let hint = "put a space between the number and the name".to_owned();
    Err(placed(error.hint(hint), number.span.start))
}

/// Whether branches of a set operation are joined by the names of their columns.
fn joins_by_name(body: &SetExpr) -> bool {
    use SetQuantifier::{AllByName, ByName, DistinctByName};
    match body {
        SetExpr::SetOperation { set_quantifier, left, right, .. } => {
            matches!(set_quantifier, ByName | AllByName | DistinctByName)
                || joins_by_name(left)
                || joins_by_name(right)
        }
        _ => false,
    }
}

/// Refuses joins that PostgreSQL does not have.
fn refuse_join(join: &Join) -> Broken {
    let at = join.relation.span().start;
    match (&join.join_operator, constraint(&join.join_operator)) {
        (_, Some(JoinConstraint::None)) => {
            no("a join without ON", "write on (…), using (…) or cross join", at)
        }
        (JoinOperator::CrossJoin(_), _) | (_, Some(_)) => ControlFlow::Continue(()),
        (_, None) => {
            let hint = "write where exists (…), or where not exists (…)";
            no("a join of another dialect", hint, at)
        }
    }
}

/// Whether a type is one of other dialects.
fn is_foreign_type(data_type: &DataType) -> bool {
    let written = data_type.to_string().to_ascii_uppercase();
    matches!(data_type, DataType::Array(ArrayElemTypeDef::AngleBracket(_)))
        || written.contains("UNSIGNED")
        || ["TINYINT", "MEDIUMINT", "UTINYINT", "USMALLINT", "UBIGINT", "HUGEINT"]
            .iter()
            .any(|name| written.starts_with(name))
}

/// Whether an interval is a text, with fields of PostgreSQL's or none.
fn is_written_so(interval: &Interval) -> bool {
    use DateTimeField::{Day, Hour, Minute, Month, Second, Year};
    let known = |field: &Option<DateTimeField>| {
        matches!(field, None | Some(Year | Month | Day | Hour | Minute | Second))
    };
    let is_text = match interval.value.as_ref() {
        Expr::Value(value) => {
            matches!(&value.value, Value::SingleQuotedString(_) | Value::Placeholder(_))
        }
        _ => false,
    };
    is_text && known(&interval.leading_field) && known(&interval.last_field)
}

fn is_padded(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Char(_) | DataType::Character(_))
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

type Broken = ControlFlow<Box<Error>>;

/// Ends the walk: what is not answered, what to do, and where it stands.
fn no(what: &str, hint: &str, at: Location) -> Broken {
    let error = Error::usage("sql", format!("{what} is not supported")).hint(hint.to_owned());
    let writes = ["FOR UPDATE", "SELECT INTO"].contains(&what);
    let state =
        if writes { SqlState::ReadOnlySqlTransaction } else { SqlState::FeatureNotSupported };
    ControlFlow::Break(Box::new(placed(error.state(state), at)))
}

struct Refused;

impl Visitor for Refused {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Broken {
        let at = query.span().start;
        if !query.locks.is_empty() {
            return no("FOR UPDATE", "released tables are only read", at);
        }
        if query.for_clause.is_some() || query.format_clause.is_some() || query.settings.is_some() {
            return no("a clause of another dialect", "the format is an option of the command", at);
        }
        if joins_by_name(&query.body) {
            return no("BY NAME", "list the columns of each branch in one order", at);
        }
        if !query.pipe_operators.is_empty() {
            return no("|>", "write the steps as subqueries or WITH", at);
        }
        match &query.fetch {
            Some(fetch) if fetch.percent => {
                no("FETCH … PERCENT", "count the rows first, and fetch that many", at)
            }
            Some(fetch) if fetch.with_ties => {
                no("FETCH … WITH TIES", "number the rows: rank() over (order by …)", at)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> Broken {
        let at = select.select_token.0.span.start;
        let foreign = [
            (select.top.is_some(), "TOP", "write limit n at the end"),
            (select.into.is_some(), "SELECT INTO", "released tables are only read"),
            (!select.lateral_views.is_empty(), "LATERAL VIEW", "write unnest(list)"),
            (!select.connect_by.is_empty(), "CONNECT BY", "write WITH RECURSIVE"),
            (!select.cluster_by.is_empty(), "CLUSTER BY", "write order by"),
            (!select.distribute_by.is_empty(), "DISTRIBUTE BY", "leave it out"),
            (!select.sort_by.is_empty(), "SORT BY", "write order by"),
            (select.value_table_mode.is_some(), "SELECT AS", "list the columns"),
            (select.select_modifiers.is_some(), "a modifier of SELECT", "leave it out"),
            (!select.optimizer_hints.is_empty(), "an optimizer's hint", "leave it out"),
            (select.flavor != SelectFlavor::Standard, "FROM without SELECT", "write select first"),
        ];
        select.from.iter().flat_map(|from| &from.joins).try_for_each(refuse_join)?;
        for item in &select.projection {
            let SelectItem::ExprWithAlias { alias, .. } = item else { continue };
            let at = alias.span.start;
            match (alias.quote_style, alias.value.is_empty()) {
                (Some('\''), _) => {
                    return no("a name in single quotes", "write it in double quotes", at);
                }
                (_, true) => return no("an empty name", "give the column a name", at),
                _ => {}
            }
        }
        if let Some(filter) = &select.qualify {
            let hint = "compute the window in a subquery, and filter outside of it";
            return no("QUALIFY", hint, filter.span().start);
        }
        if let Some(filter) = &select.prewhere {
            return no("PREWHERE", "write where", filter.span().start);
        }
        match foreign.into_iter().find(|(found, ..)| *found) {
            Some((_, what, hint)) => no(what, hint, at),
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> Broken {
        let at = table.span().start;
        match table {
            TableFactor::NestedJoin { alias: Some(_), .. } => {
                no("a name for a join in parentheses", "name its tables, or write a subquery", at)
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                table_with_joins.joins.iter().try_for_each(refuse_join)
            }
            TableFactor::Table { sample: Some(_), .. }
            | TableFactor::Derived { sample: Some(_), .. } => {
                no("TABLESAMPLE", "choose rows by a condition, such as id % 100 = 0", at)
            }
            TableFactor::Table { version: Some(_), .. } => {
                no("a version behind a table", "name a release: --release N, or --as-of TIME", at)
            }
            TableFactor::Table { with_hints, partitions, json_path, index_hints, .. }
                if !with_hints.is_empty()
                    || !partitions.is_empty()
                    || json_path.is_some()
                    || !index_hints.is_empty() =>
            {
                no("a clause of another dialect behind a table", "leave it out", at)
            }
            TableFactor::Pivot { .. } => {
                let hint = "aggregate with a filter: sum(x) filter (where kind = 'a') as a";
                no("PIVOT", hint, at)
            }
            TableFactor::Unpivot { .. } => {
                no("UNPIVOT", "join with values: cross join lateral (values …)", at)
            }
            TableFactor::MatchRecognize { .. } => {
                no("MATCH_RECOGNIZE", "write window functions", at)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> Broken {
        let at = expression.span().start;
        match expression {
            Expr::Lambda(_) => no("a lambda", "write a subquery over unnest(list)", at),
            Expr::Dictionary(_) | Expr::Map(_) | Expr::Struct { .. } | Expr::Named { .. } => {
                no("a struct of another dialect", "list the values as columns", at)
            }
            Expr::Function(function) => match calls::refused(function) {
                Some((what, hint)) => no(&what, hint, at),
                None => ControlFlow::Continue(()),
            },
            Expr::Convert { .. } => no("CONVERT", "write cast(value as type)", at),
            Expr::MatchAgainst { .. } => no("MATCH … AGAINST", "write like, or regexp_like", at),
            Expr::Cast { kind: CastKind::TryCast | CastKind::SafeCast, .. } => {
                no("TRY_CAST", "test the text first: case when x ~ '…' then cast(x as …) end", at)
            }
            Expr::Cast { data_type, .. } | Expr::TypedString(TypedString { data_type, .. })
                if is_padded(data_type) =>
            {
                no("type character", "it pads texts with spaces: write varchar(n) or text", at)
            }
            Expr::Cast { data_type, .. } | Expr::TypedString(TypedString { data_type, .. })
                if is_foreign_type(data_type) =>
            {
                no(
                    &format!("type {data_type}"),
                    "write smallint, integer, bigint or an array as integer[]",
                    at,
                )
            }
            Expr::Interval(interval) if !is_written_so(interval) => {
                no("an interval in this form", "write its unit in the text: interval '5 weeks'", at)
            }
            Expr::Value(value)
                if matches!(
                    value.value,
                    Value::HexStringLiteral(_) | Value::SingleQuotedByteStringLiteral(_)
                ) =>
            {
                no("a string of bits", "write bytes as '\\x…'::bytea", at)
            }
            Expr::BinaryOp { op: BinaryOperator::Overlaps, .. } => {
                no("OVERLAPS", "compare: a.begin < b.end and b.begin < a.end", at)
            }
            Expr::BinaryOp { left, op, .. } if is_comparison(op) => match left.as_ref() {
                // PostgreSQL's do not associate.
                Expr::BinaryOp { op: first, .. } if is_comparison(first) => {
                    let message = format!("syntax error at or near \"{op}\"");
                    let error = Error::usage("sql", message);
                    let error = error.hint("put parentheses around one of the comparisons");
                    ControlFlow::Break(Box::new(placed(error.state(SqlState::SyntaxError), at)))
                }
                _ => ControlFlow::Continue(()),
            },
            _ => ControlFlow::Continue(()),
        }
    }
}
