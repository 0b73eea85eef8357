//! `SHOW TABLES` and `DESCRIBE t`, which PostgreSQL lacks: what they ask for.

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{
    DescribeAlias, Ident, ObjectName, ShowStatementFilter, ShowStatementFilterPosition,
    ShowStatementIn, ShowStatementOptions, Spanned, Statement as Ast,
};

use crate::error::{Error, Position, Result};

use super::dialect::position;

/// What a text asks to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The tables: of one schema, like a pattern.
    Tables {
        /// The schema, as it is written.
        schema: Option<String>,
        /// A pattern of LIKE.
        like: Option<String>,
    },
    /// The schemas.
    Schemas,
    /// The columns of a table.
    Columns {
        /// The schema, as it is written; none before a bare name.
        schema: Option<String>,
        /// The table.
        table: String,
        /// Line and column of its name, from one.
        at: Position,
    },
}

/// Whether a text begins with a word that shows something.
pub fn begins(words: &str) -> bool {
    ["show", "describe", "desc"].iter().any(|word| words.eq_ignore_ascii_case(word))
}

/// What a text asks to be shown; `None` where it is something else.
///
/// # Errors
/// When SHOW or DESCRIBE asks for something that is not shown.
pub fn shown(text: &str) -> Result<Option<Shown>> {
    let first = text.split_whitespace().next().unwrap_or_default();
    if !begins(first.trim_end_matches(';')) {
        return Ok(None);
    }
    let mut statements = DFParserBuilder::new(text)
        .with_dialect(&super::dialect::Grammar)
        .build()?
        .parse_statements()?;
    let (Some(Statement::Statement(statement)), None) =
        (statements.pop_front(), statements.pop_front())
    else {
        return Err(refused(first));
    };
    match *statement {
        Ast::ShowTables { terse: false, history: false, external: false, show_options, .. } => {
            tables(show_options).ok_or_else(|| refused(first)).map(Some)
        }
        Ast::ShowSchemas { terse: false, history: false, show_options }
            if show_options == nothing() =>
        {
            Ok(Some(Shown::Schemas))
        }
        Ast::ShowColumns { show_options, .. } => {
            columns(show_options).ok_or_else(|| refused(first)).map(Some)
        }
        Ast::ExplainTable {
            describe_alias: DescribeAlias::Describe | DescribeAlias::Desc,
            hive_format: None,
            table_name,
            ..
        } => table(&table_name).ok_or_else(|| refused(first)).map(Some),
        _ => Err(refused(first)),
    }
}

fn refused(first: &str) -> Error {
    let message = format!("this form of {} is not supported", first.to_ascii_uppercase());
    Error::usage("not-a-query", message).hint(
        "show tables, show tables from <contract>, show schemas, describe <contract>.<table>; \
         the time zone is UTC",
    )
}

fn nothing() -> ShowStatementOptions {
    ShowStatementOptions {
        show_in: None,
        starts_with: None,
        limit: None,
        limit_from: None,
        filter_position: None,
    }
}

fn tables(mut options: ShowStatementOptions) -> Option<Shown> {
    let within = options.show_in.take();
    let filter = options.filter_position.take();
    if options != nothing() {
        return None;
    }
    let schema = match within {
        None => None,
        Some(ShowStatementIn { parent_type: None, parent_name: Some(name), .. }) => {
            match parts(&name)?.as_slice() {
                [schema] => Some(schema.value.clone()),
                _ => return None,
            }
        }
        Some(_) => return None,
    };
    let like = match filter {
        None => None,
        Some(
            ShowStatementFilterPosition::Infix(ShowStatementFilter::Like(pattern))
            | ShowStatementFilterPosition::Suffix(ShowStatementFilter::Like(pattern)),
        ) => Some(pattern),
        Some(_) => return None,
    };
    Some(Shown::Tables { schema, like })
}

fn columns(mut options: ShowStatementOptions) -> Option<Shown> {
    let within = options.show_in.take()?;
    match (within.parent_type, within.parent_name) {
        (None, Some(name)) if options == nothing() => table(&name),
        _ => None,
    }
}

fn table(name: &ObjectName) -> Option<Shown> {
    let at = name.span().start;
    let (schema, table) = match parts(name)?.as_slice() {
        [table] => (None, *table),
        [schema, table] => (Some(schema.value.clone()), *table),
        _ => return None,
    };
    Some(Shown::Columns { schema, table: table.value.clone(), at: position(at) })
}

fn parts(name: &ObjectName) -> Option<Vec<&Ident>> {
    name.0.iter().map(|part| part.as_ident()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read() {
        let read = |text: &str| shown(text).unwrap();
        let tables = |schema: Option<&str>, like: Option<&str>| {
            let own = |text: &str| text.to_owned();
            Some(Shown::Tables { schema: schema.map(own), like: like.map(own) })
        };
        assert_eq!(read("show tables"), tables(None, None));
        assert_eq!(read("SHOW TABLES FROM shop;"), tables(Some("shop"), None));
        assert_eq!(read("show tables in shop like 'o%'"), tables(Some("shop"), Some("o%")));
        assert_eq!(read("show schemas"), Some(Shown::Schemas));
        let columns = |schema: Option<&str>, at| {
            let (schema, table) = (schema.map(str::to_owned), "Orders".to_owned());
            Some(Shown::Columns { schema, table, at })
        };
        assert_eq!(read("describe shop.\"Orders\""), columns(Some("shop"), (1, 10)));
        assert_eq!(read("desc Orders"), columns(None, (1, 6)));
        assert_eq!(read("show columns from shop.Orders"), columns(Some("shop"), (1, 19)));
        assert_eq!(read("select 1"), None);
        for text in ["show timezone", "show all", "describe select 1", "show create table t"] {
            assert_eq!(shown(text).unwrap_err().code(), "not-a-query", "{text}");
        }
    }
}
