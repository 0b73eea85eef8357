//! SQL text: identifiers in any case, one statement, names of the tables it reads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, TableReference};
use datafusion::dataframe::DataFrame;
use datafusion::execution::SessionState;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{Expr, ExprSchemable};
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{
    Expr as Written, ExprWithAlias, Query, SelectItem, SetExpr, Statement as Ast,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use crate::contract::types::sql_type;
use crate::error::{Error, Result};

use super::bounds::refuse_expansion;
pub use super::dialect::{AtRelease, Which, without_release};
use super::shown::begins;
pub use super::shown::{Shown, shown};
use super::statement::{MOST_TOKENS, asked_by, located, one_query, query_of, tokens};
use super::{dialect, double_quoted, growth, nesting, places};

/// The text with quoted identifiers in lower case where they name something known, so that
/// `"Score"` finds the column `score` as unquoted identifiers do.
///
/// `known` holds names in lower case. Other quoted identifiers (a result's alias) keep their case.
///
/// # Errors
/// When the text cannot be split into tokens (an open quote).
pub fn fold_identifiers(text: &str, known: &HashSet<String>) -> Result<String> {
    let mut folded = String::with_capacity(text.len());
    let mut copied = 0;
    let tokens = located(text)?;
    let mut cursor = Cursor::of(text);
    let aliases = quoted_aliases(&tokens);
    for token in &tokens {
        let Token::Word(word) = &token.token else { continue };
        let lower = word.value.to_ascii_lowercase();
        let folds = known.contains(&lower) && !aliases.contains(&word.value);
        if word.quote_style != Some('"') || !folds {
            continue;
        }
        // Everything else stays as written, including its quotes.
        let (start, end) = (cursor.at(token.span.start), cursor.at(token.span.end));
        folded.push_str(&text[copied..start]);
        folded.push_str(&format!("\"{}\"", lower.replace('"', "\"\"")));
        copied = end;
    }
    folded.push_str(&text[copied..]);
    Ok(folded)
}

/// The text of a predicate with the names of columns replaced: `names` holds what is replaced, in
/// lower case, and by what. Names of functions and of types before a quoted text stay.
///
/// # Errors
/// When the text cannot be split into tokens.
pub fn rename_columns(text: &str, names: &HashMap<String, String>) -> Result<String> {
    let mut renamed = String::with_capacity(text.len());
    let mut copied = 0;
    let tokens = located(text)?;
    let mut cursor = Cursor::of(text);
    for (n, token) in tokens.iter().enumerate() {
        let Token::Word(word) = &token.token else { continue };
        let Some(name) = names.get(&word.value.to_ascii_lowercase()) else { continue };
        let mut behind = tokens.iter().skip(n + 1).map(|t| &t.token);
        let next = behind.find(|token| !matches!(token, Token::Whitespace(_)));
        let is_other = matches!(next, Some(Token::LParen | Token::SingleQuotedString(_)));
        if word.quote_style.is_none() && is_other {
            continue;
        }
        let (start, end) = (cursor.at(token.span.start), cursor.at(token.span.end));
        renamed.push_str(&text[copied..start]);
        renamed.push_str(&format!("\"{}\"", name.replace('"', "\"\"")));
        copied = end;
    }
    renamed.push_str(&text[copied..]);
    Ok(renamed)
}

/// Quoted names after AS: the author's own, whose case is intended.
fn quoted_aliases(tokens: &[TokenWithSpan]) -> HashSet<String> {
    let words: Vec<&Token> =
        tokens.iter().map(|t| &t.token).filter(|t| !matches!(t, Token::Whitespace(_))).collect();
    let alias = |pair: &[&Token]| match pair {
        [Token::Word(before), Token::Word(name)]
            if before.quote_style.is_none()
                && before.value.eq_ignore_ascii_case("as")
                && name.quote_style == Some('"') =>
        {
            Some(name.value.clone())
        }
        _ => None,
    };
    words.windows(2).filter_map(alias).collect()
}

/// The bytes at a tokenizer's places, which come in the order of the text: lines and columns from one,
/// columns in characters.
struct Cursor<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
    column: u64,
}

impl<'a> Cursor<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, byte: 0, line: 1, column: 1 }
    }

    fn at(&mut self, place: Location) -> usize {
        while (self.line, self.column) < (place.line, place.column) {
            let Some(next) = self.text[self.byte..].chars().next() else { break };
            self.byte += next.len_utf8();
            (self.line, self.column) = match next {
                '\n' => (self.line + 1, 1),
                _ => (self.line, self.column + 1),
            };
        }
        self.byte
    }
}

/// The tables that a query reads, each as the parts of the name that it has there, as SQL folds
/// them; names of its own (`with`) are not among them.
///
/// # Errors
/// When the text is not one query.
pub fn tables(text: &str) -> Result<Vec<Vec<String>>> {
    let (statement, _) = one_query(text)?;
    let (tables, _) = resolve_table_references(&statement, true)?;
    Ok(tables.iter().map(TableReference::to_vec).collect())
}

/// Every identifier of the text, in lower case.
///
/// # Errors
/// When the text cannot be split into tokens.
pub fn words(text: &str) -> Result<HashSet<String>> {
    let mut words: HashSet<String> = HashSet::new();
    for token in tokens(text)? {
        let Token::Word(word) = token else { continue };
        // What is shown is read from the information schema.
        if words.is_empty() && begins(&word.value) {
            words.insert("information_schema".to_owned());
        }
        words.insert(word.value.to_ascii_lowercase());
    }
    Ok(words)
}

/// Whether a text may name a table of a schema: a point stands between words, and not in a number.
pub fn has_qualified_name(text: &str) -> bool {
    tokens(text).map_or(true, |tokens| {
        let first = tokens.iter().find(|token| !matches!(token, Token::Whitespace(_)));
        let shows = matches!(first, Some(Token::Word(word)) if begins(&word.value));
        shows || tokens.contains(&Token::Period)
    })
}

/// A text that two queries share when they differ only in comments and layout; one that cannot be
/// split into tokens stays unchanged.
pub fn without_layout(text: &str) -> String {
    let Ok(tokens) = tokens(text) else { return text.to_owned() };
    let words = tokens.iter().filter(|t| !matches!(t, Token::Whitespace(_)));
    words.map(ToString::to_string).collect::<Vec<_>>().join("\u{1f}")
}

/// The names of `$parameters` in the text, without the dollar sign.
///
/// # Errors
/// When the text cannot be split into tokens.
pub fn placeholders(text: &str) -> Result<HashSet<String>> {
    Ok(tokens(text)?
        .into_iter()
        .filter_map(|token| match token {
            Token::Placeholder(name) => name.strip_prefix('$').map(str::to_owned),
            _ => None,
        })
        .collect())
}

/// Where the result of a query is `*` or `t.*`: line and column, counted from one. `None` where it
/// is not, and where the text cannot be parsed.
pub fn selects_all(text: &str) -> Option<(usize, usize)> {
    use datafusion::sql::sqlparser::ast::Spanned;
    fn of_body(body: &SetExpr) -> Option<Location> {
        match body {
            SetExpr::Select(select) => select.projection.iter().find_map(|item| match item {
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                    Some(item.span().start)
                }
                _ => None,
            }),
            SetExpr::Query(query) => of_query(query),
            SetExpr::SetOperation { left, right, .. } => of_body(left).or_else(|| of_body(right)),
            _ => None,
        }
    }
    fn of_query(query: &Query) -> Option<Location> {
        of_body(&query.body)
    }
    let (statement, _) = one_query(text).ok()?;
    let Statement::Statement(inner) = statement else { return None };
    let Ast::Query(query) = inner.as_ref() else { return None };
    let start = of_query(query)?;
    Some((usize::try_from(start.line).ok()?, usize::try_from(start.column).ok()?))
}

/// Plans exactly one query; anything else is refused with a reason.
///
/// # Errors
/// When the text is not one query, or does not plan.
pub async fn plan_query(context: &SessionContext, text: &str) -> Result<DataFrame> {
    let state = context.state();
    let planned = match read(context, text) {
        Ok(statement) => state.statement_to_plan(statement).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    let plan = match planned {
        Ok(plan) => plan,
        Err(error) => return Err(places::located(&state, text, error).await),
    };
    refuse_expansion(&plan)?;
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&plan)?;
    Ok(DataFrame::new(state, dialect::told(plan)?))
}

/// The statement of a text, with PostgreSQL's meaning.
fn read(context: &SessionContext, text: &str) -> Result<Statement> {
    let (mut statement, releases) = one_query(text)?;
    refuse_unread(context, &releases)?;
    growth::refuse_growth(&statement)?;
    if let Some(query) = query_of(&mut statement) {
        nesting::refuse_depth(query)?;
        dialect::read(query, asked_by(&context.state()).as_deref())?;
    }
    Ok(statement)
}

/// The columns that a query answers with: their types are those that the parts of the query have in common,
/// which the engine finds out when it runs it.
///
/// # Errors
/// When types stand together that do not go together.
pub fn announced(frame: &DataFrame) -> Result<Schema> {
    let (state, plan) = frame.clone().into_parts();
    let planned = Arc::clone(plan.schema());
    let analyzed = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})?;
    // What the contract says of a column stays with it.
    let fields = planned.fields().iter().zip(analyzed.schema().fields());
    let fields = fields.map(|(planned, analyzed)| {
        planned.as_ref().clone().with_data_type(analyzed.data_type().clone()).with_nullable(true)
    });
    Ok(Schema::new_with_metadata(fields.collect::<Vec<_>>(), planned.metadata().clone()))
}

/// The tables that a text reads at releases of its own.
///
/// # Errors
/// When the text is not one query.
pub fn releases(text: &str) -> Result<Vec<AtRelease>> {
    Ok(one_query(text)?.1)
}

/// Only a session that was given the tables of a release can read them.
fn refuse_unread(context: &SessionContext, releases: &[AtRelease]) -> Result<()> {
    let schemas = context.catalog("pactum").map(|catalog| catalog.schema_names());
    let schemas = schemas.unwrap_or_default();
    match releases.iter().find(|read| !schemas.contains(&read.schema_of_release())) {
        None => Ok(()),
        Some(AtRelease { schema, table, which, at: (line, column) }) => {
            let message = format!(
                "'{schema}.{table}' has no release {which} here at Line: {line}, Column: {column}"
            );
            Err(Error::usage("sql", message)
                .hint("queries and consumers read releases of contracts"))
        }
    }
}

/// Plans a predicate over columns of these names, in any case.
///
/// # Errors
/// When the text is not one expression that is true or false, or names something missing.
pub fn predicate(state: &SessionState, text: &str, names: &DFSchema) -> Result<Expr> {
    planned_predicate(state, text, names).map_err(|error| double_quoted::offering_text(text, error))
}

fn planned_predicate(state: &SessionState, text: &str, names: &DFSchema) -> Result<Expr> {
    let known = names.fields().iter().map(|f| f.name().clone()).collect();
    let folded = fold_identifiers(text, &known)?;
    let count = tokens(&folded)?.len();
    if count > MOST_TOKENS {
        return Err(Error::usage("sql", format!("the predicate has {count} words and signs")));
    }
    let expression = match expression_of(&folded)? {
        Some(expr) => {
            let expr = ExprWithAlias { expr, alias: None };
            state.create_logical_expr_from_sql_expr(expr, names)?
        }
        None => state.create_logical_expr(&format!("({folded})"), names)?,
    };
    refuse_beyond_a_row(&expression)?;
    let expression = dialect::settled(expression, names)?;
    match expression.get_type(names)? {
        DataType::Boolean => Ok(expression),
        other => {
            let found = sql_type(&other);
            Err(Error::usage("sql", format!("'{text}' is not a predicate: its type is {found}")))
        }
    }
}

/// A predicate over columns of these names for rows that no plan reads.
///
/// # Errors
/// As [`predicate`].
pub fn row_predicate(state: &SessionState, text: &str, names: &DFSchema) -> Result<Expr> {
    Ok(dialect::exact(predicate(state, text, names)?, names)?)
}

/// The expression of a predicate, as it means it where it stands in a query. `None` for a text that is not
/// an expression: the planner says why.
fn expression_of(predicate: &str) -> Result<Option<Written>> {
    let Ok((mut statement, _)) = one_query(&format!("select ({predicate})")) else {
        return Ok(None);
    };
    let Some(query) = query_of(&mut statement) else { return Ok(None) };
    nesting::refuse_depth(query)?;
    dialect::read(query, None)?;
    let SetExpr::Select(select) = query.body.as_ref() else { return Ok(None) };
    Ok(match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] => {
            Some(expr.clone())
        }
        _ => None,
    })
}

/// A predicate is true or false of a row by itself, today as tomorrow.
fn refuse_beyond_a_row(expression: &Expr) -> Result<()> {
    let beyond = expression.exists(|e| {
        Ok(matches!(
            e,
            Expr::AggregateFunction(_)
                | Expr::WindowFunction(_)
                | Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
        ))
    })?;
    if beyond {
        return Err(Error::usage("sql", "a predicate looks at one row")
            .hint("aggregates, windows and subqueries belong into an SQL rule"));
    }
    if expression.is_volatile() {
        return Err(Error::usage("sql", "a predicate with random() differs from run to run")
            .hint("filter by what the row holds"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::Field;

    use super::*;
    use crate::engine::{Limits, Session};

    #[test]
    fn quoted_names_fold_and_aliases_keep_their_case() {
        let known = HashSet::from(["datavalue".to_owned(), "total".to_owned()]);
        let text = r#"select "DataValue" as "Total" -- "DataValue"
 from t where x = '"DataValue"'"#;
        let folded = fold_identifiers(text, &known).unwrap();
        assert!(folded.starts_with(r#"select "datavalue" as "Total""#), "{folded}");
        assert!(folded.contains(r#"'"DataValue"'"#), "{folded}");
    }

    #[test]
    fn columns_of_a_predicate_are_renamed_and_functions_are_not() {
        let names = HashMap::from([
            ("phone no.".to_owned(), "phone_no".to_owned()),
            ("date".to_owned(), "day".to_owned()),
        ]);
        let text = r#"Date > date '2026-01-01' and date("DATE") is null or "Phone No." = 'date'"#;
        assert_eq!(
            rename_columns(text, &names).unwrap(),
            r#""day" > date '2026-01-01' and date("day") is null or "phone_no" = 'date'"#
        );
    }

    #[test]
    fn texts_with_quotes_stay_texts() {
        let known = HashSet::from(["a".to_owned()]);
        for text in [
            "select 'it''s', 'é' as \"A\"",
            "select 'a'' union all select ''b' as x, \"A\"\n, 'é', \"a\"",
            "select E'a\\'b', $$ \"A\" $$",
        ] {
            let expected = text.replace(", \"A\"", ", \"a\"");
            assert_eq!(fold_identifiers(text, &known).unwrap(), expected);
        }
    }

    #[test]
    fn the_tables_of_a_query_are_told_from_its_own_names() {
        let text = "with u as (select * from DBO.T) select * from u, \"A\".\"B\".c, e where \
                    exists (select 1 from f)";
        let mut found: Vec<String> =
            tables(text).unwrap().iter().map(|parts| parts.join(".")).collect();
        found.sort();
        assert_eq!(found, ["A.B.c", "dbo.t", "e", "f"]);
        assert!(tables("select * from `a`").is_err());
    }

    #[test]
    fn parameters_are_found() {
        let found = placeholders("select $a, $b_1 limit $a").unwrap();
        assert_eq!(found, HashSet::from(["a".to_owned(), "b_1".to_owned()]));
    }

    #[test]
    fn one_query_is_a_query_and_nothing_else() {
        for text in ["select 1", "values (1)", "explain select 1", "with a as (select 1) select 1"]
        {
            one_query(text).unwrap();
        }
        for (text, word) in [
            ("drop table t", "DROP"),
            ("delete from t", "DELETE"),
            ("explain drop table t", "DROP"),
            ("explain analyze delete from t", "DELETE"),
            ("create external table c (a bigint) stored as parquet location 'c'", "CREATE"),
            ("copy t to 'c.parquet'", "COPY"),
            ("reset datafusion.execution.batch_size", "RESET"),
        ] {
            let error = one_query(text).unwrap_err();
            assert_eq!(error.code(), "not-a-query", "{text}: {error}");
            assert!(error.message().starts_with(word), "{text}: {error}");
        }
        let error = one_query("select 1; select 2").unwrap_err();
        assert_eq!(error.message(), "more than one statement");
    }

    #[test]
    fn a_statement_of_too_many_words_is_refused() {
        let error = one_query(&format!("select 1{}", ", 1".repeat(MOST_TOKENS / 2))).unwrap_err();
        assert!(error.message().contains("words and signs"), "{error}");
        one_query(&format!("select 1{}", ", 1".repeat(MOST_TOKENS / 4))).unwrap();
    }

    /// Each part of the query reads the one before twice.
    fn doubled(parts: usize) -> String {
        let mut text = "with c0 as (select 1 as a)".to_owned();
        for (before, part) in (1..parts).enumerate() {
            let read = format!("select a from c{before}");
            text.push_str(&format!(", c{part} as ({read} union all {read})"));
        }
        format!("{text} select a from c{}", parts - 1)
    }

    #[tokio::test]
    async fn a_query_without_end_as_a_plan_is_refused_before_it_is_planned() {
        let session = Session::new(&Limits::default(), "public").unwrap();
        plan_query(session.context(), &doubled(6)).await.unwrap();
        let planned = plan_query(session.context(), &doubled(10)).await;
        let error = planned.map(|_| ()).unwrap_err();
        assert!(error.message().contains("reads more than"), "{error}");
    }

    #[tokio::test]
    async fn a_query_that_keeps_its_rows_is_not_planned() {
        let session = Session::new(&Limits::default(), "public").unwrap();
        let planned = plan_query(session.context(), "select 1 as a into x").await;
        assert!(planned.is_err());
    }

    #[test]
    fn a_predicate_is_true_or_false_of_a_row() {
        let session = Session::new(&Limits::default(), "public").unwrap();
        let names = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
        let names = DFSchema::try_from(names).unwrap();
        let state = session.context().state();
        predicate(&state, "A > 1", &names).unwrap();
        let long = format!("a in (1{})", ", 1".repeat(MOST_TOKENS / 2));
        for (text, words) in [
            (long.as_str(), "words and signs"),
            ("count(*) > 3", "looks at one row"),
            ("a > (select 1)", "looks at one row"),
            ("random() > 0.5", "differs from run to run"),
            ("a + 1", "is not a predicate: its type is bigint"),
        ] {
            let error = predicate(&state, text, &names).unwrap_err();
            assert!(error.message().contains(words), "{words}: {error}");
        }
    }
}
