//! Texts in double quotes, which in SQL are names: `where name = "Ada"` looks for a column `Ada`.

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::error::{Error, Subject};

use super::statement;

/// The error about a missing column, with the text that was probably meant: where the query quotes the
/// name, does not put a table before it, and no column has a name like it.
pub fn offering_text(query: &str, error: Error) -> Error {
    let Some(Subject::Word(name)) = error.subject() else { return error };
    let columns = error.next_step();
    let is_like_another = columns.is_some_and(|hint| !hint.starts_with("columns: "));
    if error.code() != "unknown-column" || is_like_another || !is_quoted_alone(query, name) {
        return error;
    }
    let text = format!("'{}'", name.replace('\'', "''"));
    let hint = match columns {
        Some(columns) => format!("a text is in single quotes: {text}; {columns}"),
        None => format!("a text is in single quotes: {text}"),
    };
    error.hint(hint)
}

/// Whether the query has this name in double quotes, with no name before or after it.
fn is_quoted_alone(query: &str, name: &str) -> bool {
    let Ok(tokens) = statement::located(query) else { return false };
    let tokens: Vec<&Token> = tokens.iter().map(token).filter(is_written).collect();
    let is_name = |token: Option<&&Token>| match token {
        Some(Token::Word(word)) => {
            word.quote_style == Some('"') && word.value.eq_ignore_ascii_case(name)
        }
        _ => false,
    };
    let is_point = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| **token == Token::Period)
    };
    (0..tokens.len())
        .filter(|at| is_name(tokens.get(*at)))
        .any(|at| !is_point(at.checked_sub(1)) && !is_point(at.checked_add(1)))
}

fn token(located: &TokenWithSpan) -> &Token {
    &located.token
}

fn is_written(token: &&Token) -> bool {
    !matches!(token, Token::Whitespace(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(query: &str, name: &str, hint: Option<&str>) -> Option<String> {
        let error = Error::usage("unknown-column", format!("there is no column '{name}'"))
            .about(Subject::Word(name.to_owned()));
        let error = match hint {
            Some(hint) => error.hint(hint),
            None => error,
        };
        offering_text(query, error).next_step().map(str::to_owned)
    }

    #[test]
    fn a_quoted_name_that_no_column_has_is_offered_as_a_text() {
        let query = r#"select a from t where b = "it's" and "Ada" = c"#;
        let columns = Some("columns: a, b, c");
        assert_eq!(
            offered(query, "it's", columns).as_deref(),
            Some("a text is in single quotes: 'it''s'; columns: a, b, c")
        );
        assert_eq!(
            offered(query, "Ada", None).as_deref(),
            Some("a text is in single quotes: 'Ada'")
        );
    }

    #[test]
    fn a_name_that_is_not_quoted_has_a_table_or_is_like_another_stays_a_name() {
        let columns = Some("columns: a, b");
        assert_eq!(offered("select x from t", "x", columns).as_deref(), columns);
        assert_eq!(offered(r#"select t."Ada" from t"#, "Ada", columns).as_deref(), columns);
        let near = Some("did you mean 'levels'?");
        assert_eq!(offered(r#"select "level" from t"#, "level", near).as_deref(), near);
    }
}
