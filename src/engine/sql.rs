//! SQL text: identifiers in any case, one statement, names of the tables it reads.

use std::collections::HashSet;

use datafusion::dataframe::DataFrame;
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as Ast;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::{Error, Result};

/// The text with quoted identifiers in lower case where they name something known, so that
/// `"Score"` finds the column `score` as unquoted identifiers do.
///
/// `known` holds names in lower case. Other quoted identifiers (a result's alias) keep their case.
///
/// # Errors
/// When the text cannot be split into tokens (an open quote).
pub fn fold_identifiers(text: &str, known: &HashSet<String>) -> Result<String> {
    let mut folded = String::with_capacity(text.len());
    for token in tokens(text)? {
        match &token {
            Token::Word(word) if word.quote_style == Some('"') => {
                let lower = word.value.to_lowercase();
                let name = if known.contains(&lower) { &lower } else { &word.value };
                folded.push_str(&format!("\"{}\"", name.replace('"', "\"\"")));
            }
            other => folded.push_str(&other.to_string()),
        }
    }
    Ok(folded)
}

/// Every identifier of the text, in lower case.
///
/// # Errors
/// When the text cannot be split into tokens.
pub fn words(text: &str) -> Result<HashSet<String>> {
    Ok(tokens(text)?
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word.value.to_lowercase()),
            _ => None,
        })
        .collect())
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

/// Plans exactly one query; anything else is refused with a reason.
///
/// # Errors
/// When the text is not one query, or does not plan.
pub async fn plan_query(context: &SessionContext, text: &str) -> Result<DataFrame> {
    let state = context.state();
    let mut statements = DFParserBuilder::new(text)
        .with_dialect(&PostgreSqlDialect {})
        .with_recursion_limit(RECURSION_LIMIT)
        .build()?
        .parse_statements()?;
    let statement = match (statements.pop_front(), statements.is_empty()) {
        (Some(statement), true) => statement,
        (None, _) => return Err(Error::usage("sql", "there is no statement")),
        (Some(_), false) => {
            return Err(Error::usage("sql", "more than one statement")
                .hint("send one query at a time"));
        }
    };
    refuse_non_query(&statement)?;
    let plan = state.statement_to_plan(statement).await?;
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&plan)?;
    Ok(DataFrame::new(state, plan))
}

/// Deepest nesting of expressions and subqueries that is parsed.
const RECURSION_LIMIT: usize = 64;

fn refuse_non_query(statement: &Statement) -> Result<()> {
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

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_uppercase()
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    Tokenizer::new(&PostgreSqlDialect {}, text)
        .tokenize()
        .map_err(|e| Error::usage("sql", e.to_string()).hint("is a quote left open?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_names_fold_and_aliases_keep_their_case() {
        let known = HashSet::from(["datavalue".to_owned()]);
        let text = r#"select "DataValue" as "Total" -- "DataValue"
 from t where x = '"DataValue"'"#;
        let folded = fold_identifiers(text, &known).unwrap();
        assert!(folded.starts_with(r#"select "datavalue" as "Total""#), "{folded}");
        assert!(folded.contains(r#"'"DataValue"'"#), "{folded}");
    }

    #[test]
    fn parameters_are_found() {
        let found = placeholders("select $a, $b_1 limit $a").unwrap();
        assert_eq!(found, HashSet::from(["a".to_owned(), "b_1".to_owned()]));
    }
}
