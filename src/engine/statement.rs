//! One statement: its tokens, its query, and what is not a query.

use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{Query, Statement as Ast};
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use crate::error::{Error, Result};

use super::dialect::{self, AtRelease};
use super::session::AskedBy;

/// Longest statement that is planned, in tokens: chains of terms nest as deep as they are long.
pub(super) const MOST_TOKENS: usize = 10_000;

/// Deepest nesting of expressions and subqueries that is parsed.
pub(super) const RECURSION_LIMIT: usize = 64;

/// The name of who asks, if anybody does.
pub(super) fn asked_by(state: &SessionState) -> Option<String> {
    state.config().get_extension::<AskedBy>().map(|asked| asked.0.clone())
}

/// The query of a statement, or the one that it explains.
pub(super) fn query_of(statement: &mut Statement) -> Option<&mut Query> {
    match statement {
        Statement::Statement(inner) => match inner.as_mut() {
            Ast::Query(query) => Some(query),
            _ => None,
        },
        Statement::Explain(explain) => query_of(&mut explain.statement),
        _ => None,
    }
}

/// The statement of a text.
pub(super) fn statement(text: &str) -> Result<Statement> {
    Ok(one_query(text)?.0)
}

/// The single query of a text, and the tables that it reads at releases of its own.
pub(super) fn one_query(text: &str) -> Result<(Statement, Vec<AtRelease>)> {
    let tokens = located(text)?;
    let count = tokens.len();
    if count > MOST_TOKENS {
        return Err(Error::usage("sql", format!("the statement has {count} words and signs"))
            .hint(format!("at most {MOST_TOKENS} are planned; split the query")));
    }
    dialect::refuse_lost(&tokens)?;
    let mut statements = DFParserBuilder::new(dialect::clauses(dialect::written_out(tokens))?)
        .with_dialect(&dialect::Grammar)
        .with_recursion_limit(RECURSION_LIMIT)
        .build()?
        .parse_statements()?;
    let mut statement = match (statements.pop_front(), statements.is_empty()) {
        (Some(statement), true) => statement,
        (None, _) => return Err(Error::usage("sql", "there is no statement")),
        (Some(_), false) => {
            return Err(
                Error::usage("sql", "more than one statement").hint("send one query at a time")
            );
        }
    };
    refuse_non_query(&statement)?;
    let releases = query_of(&mut statement).map_or(Ok(Vec::new()), dialect::name_releases)?;
    Ok((statement, releases))
}

pub(super) fn refuse_non_query(statement: &Statement) -> Result<()> {
    let what = match statement {
        Statement::Statement(inner) => match inner.as_ref() {
            Ast::Query(_) => return Ok(()),
            other => first_word(&other.to_string()),
        },
        Statement::Explain(explain) => return refuse_non_query(&explain.statement),
        Statement::CreateExternalTable(_) => "CREATE".to_owned(),
        Statement::CopyTo(_) => "COPY".to_owned(),
        Statement::Reset(_) => "RESET".to_owned(),
    };
    Err(Error::usage("not-a-query", format!("{what} is not a query"))
        .hint("released tables are only read: SELECT, WITH, VALUES or EXPLAIN"))
}

pub(super) fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_uppercase()
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    Ok(located(text)?.into_iter().map(|t| t.token).collect())
}

pub(super) fn located(text: &str) -> Result<Vec<TokenWithSpan>> {
    Tokenizer::new(&dialect::Grammar, text)
        .tokenize_with_location()
        .map_err(|e| Error::from(DataFusionError::from(ParserError::from(e))))
}
