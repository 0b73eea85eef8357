//! The query of an SQL rule: its placeholders, as the standard and the common tools write them.
//!
//! `{table}` and `${table}` stand for the rule's own table. Anything else in `${…}` is a variable.

use super::variables::unfilled;

/// Words that stand for the rule's table.
pub const TABLE: &[&str] = &["object", "table", "model"];
/// Words that stand for the rule's column.
pub const COLUMN: &[&str] = &["property", "column", "field"];
/// Words that stand for the schema of the rule's contract.
pub const SCHEMA: &[&str] = &["schema"];

/// A placeholder as it can be written.
pub fn spellings(word: &str) -> [String; 2] {
    [format!("${{{word}}}"), format!("{{{word}}}")]
}

/// The placeholder for the rule's column that a query holds.
pub fn column_placeholder(query: &str) -> Option<String> {
    COLUMN.iter().flat_map(|word| spellings(word)).find(|written| query.contains(written))
}

/// Whether everything in a query has a value: it holds no variable without a default, and a
/// placeholder for a column only where the rule is on one.
pub fn is_whole(query: &str, on_column: bool) -> bool {
    let of_column = if on_column { COLUMN } else { &[] };
    let words = [TABLE, SCHEMA, of_column].concat();
    let is_own = |name: &String| words.iter().any(|word| spellings(word).contains(name));
    (on_column || column_placeholder(query).is_none()) && unfilled(query).iter().all(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_whole_where_everything_in_it_has_a_value() {
        for (query, on_table, on_column) in [
            ("select count(*) from {table}", true, true),
            ("select count(*) from ${schema}.${table}", true, true),
            ("select count({column}) from ${object}", false, true),
            ("select count(${property}) from ${object}", false, true),
            ("select count(*) from t where a = '${A}'", false, false),
            ("select count(*) from t where a = '${A:-x}'", true, true),
        ] {
            assert_eq!(is_whole(query, false), on_table, "{query}");
            assert_eq!(is_whole(query, true), on_column, "{query}");
        }
    }
}
