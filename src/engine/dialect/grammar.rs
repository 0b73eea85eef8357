//! The grammar of SQL: PostgreSQL's, but for one thing.
//!
//! PostgreSQL's dialect of the parser reads each argument of a function as an expression that may be a
//! name, and reads it again when it is not: a call in a call in a call is read twice as often at each
//! level, and thirty of them without end. Here the name of an argument is a word.

use std::any::TypeId;

use datafusion::sql::sqlparser::dialect::{Dialect, PostgreSqlDialect, Precedence};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};

/// The grammar.
#[derive(Debug)]
pub(in crate::engine) struct Grammar;

/// Whose it is otherwise.
const OF: PostgreSqlDialect = PostgreSqlDialect {};

/// What PostgreSQL's dialect says.
macro_rules! as_postgresql {
    ($($name:ident)*) => {
        $(fn $name(&self) -> bool {
            OF.$name()
        })*
    };
}

impl Dialect for Grammar {
    fn dialect(&self) -> TypeId {
        OF.dialect()
    }

    fn supports_named_fn_args_with_expr_name(&self) -> bool {
        false
    }

    as_postgresql! {
        supports_unicode_string_literal supports_filter_during_aggregation supports_group_by_expr allow_extract_custom allow_extract_single_quotes supports_create_index_with_clause supports_explain_with_utility_options supports_listen_notify supports_factorial_operator supports_bitwise_shift_operators supports_comment_on supports_load_extension supports_named_fn_args_with_colon_operator supports_empty_projections supports_nested_comments supports_string_escape_constant supports_numeric_literal_underscores supports_array_typedef_with_brackets supports_geometric_types supports_set_names supports_alter_column_type_using supports_notnull_operator supports_interval_options supports_insert_table_alias supports_create_table_like_parenthesized supports_select_wildcard_with_alias supports_comma_separated_trim supports_xml_expressions supports_comment_optimizer_hint
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        OF.identifier_quote_style(identifier)
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        OF.is_delimited_identifier_start(ch)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        OF.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        OF.is_identifier_part(ch)
    }

    fn is_reserved_for_identifier(&self, kw: Keyword) -> bool {
        OF.is_reserved_for_identifier(kw)
    }

    fn is_custom_operator_part(&self, ch: char) -> bool {
        OF.is_custom_operator_part(ch)
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        OF.get_next_precedence(parser)
    }

    fn prec_value(&self, prec: Precedence) -> u8 {
        OF.prec_value(prec)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn parsed(text: &str) -> String {
        let statements = Parser::parse_sql(&Grammar, text).unwrap();
        statements.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn statements_are_read_as_postgresql_reads_them() {
        for text in [
            "SELECT a::bigint ->> 'x', b # 2, c ~* 'y', E'\\n' FROM t",
            "SELECT make_interval(days => 3), substring(a FROM 2 FOR 3), ARRAY[1, 2][1]",
            "SELECT count(*) FILTER (WHERE a > 1), u&'d!0061' UESCAPE '!' FROM t",
            "SELECT 1_000, x'1F', $1, $name, interval '1' day, \"A\" COLLATE \"C\"",
        ] {
            let ours = Parser::parse_sql(&Grammar, text).map_err(|e| e.to_string());
            let theirs = Parser::parse_sql(&OF, text).map_err(|e| e.to_string());
            let plain = |parsed: Result<Vec<_>, String>| parsed.map(|all| format!("{}", all[0]));
            assert_eq!(plain(ours), plain(theirs), "{text}");
        }
    }

    #[test]
    fn calls_within_calls_are_read_once() {
        let begun = Instant::now();
        let text = format!("SELECT {}1{}", "f(".repeat(40), ")".repeat(40));
        assert_eq!(parsed(&text), text);
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
