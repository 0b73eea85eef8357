//! The columns of the system tables: a stable format.

use arrow::datatypes::{DataType, TimeUnit};

const TEXT: DataType = DataType::Utf8;
const LONG: DataType = DataType::Int64;
const FLAG: DataType = DataType::Boolean;

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Names and columns of the system tables.
pub(super) fn definitions() -> Vec<(&'static str, Vec<(&'static str, DataType)>)> {
    vec![
        (
            "releases",
            vec![
                ("contract", TEXT),
                ("release", LONG),
                ("kind", TEXT),
                ("time", instant()),
                ("contract_version", TEXT),
                ("major", LONG),
                ("tables", LONG),
                ("rows", LONG),
                ("publisher", TEXT),
                ("publish_id", TEXT),
                ("base_release", LONG),
                ("run_id", TEXT),
                ("sources", TEXT),
                ("labels", TEXT),
            ],
        ),
        (
            "attempts",
            vec![
                ("contract", TEXT),
                ("publish_id", TEXT),
                ("outcome", TEXT),
                ("time", instant()),
                ("release", LONG),
                ("contract_version", TEXT),
                ("publisher", TEXT),
                ("rows", LONG),
                ("failed_clauses", LONG),
            ],
        ),
        (
            "clauses",
            vec![
                ("contract", TEXT),
                ("publish_id", TEXT),
                ("release", LONG),
                ("time", instant()),
                ("table", TEXT),
                ("clause", TEXT),
                ("kind", TEXT),
                ("column", TEXT),
                ("severity", TEXT),
                ("verdict", TEXT),
                ("measured", TEXT),
                ("expected", TEXT),
                ("failing_rows", LONG),
                ("reason", TEXT),
            ],
        ),
        (
            "tables",
            vec![
                ("contract", TEXT),
                ("schema", TEXT),
                ("table", TEXT),
                ("business_name", TEXT),
                ("description", TEXT),
                ("columns", LONG),
                ("primary_key", TEXT),
                ("owner", TEXT),
                ("support", TEXT),
                ("status", TEXT),
                ("contract_version", TEXT),
                ("release", LONG),
                ("released_at", instant()),
                ("rows", LONG),
            ],
        ),
        (
            "columns",
            vec![
                ("contract", TEXT),
                ("schema", TEXT),
                ("table", TEXT),
                ("column", TEXT),
                ("position", LONG),
                ("type", TEXT),
                ("nullable", FLAG),
                ("key_position", LONG),
                ("is_unique", FLAG),
                ("classification", TEXT),
                ("business_name", TEXT),
                ("description", TEXT),
            ],
        ),
        (
            "functions",
            vec![("function", TEXT), ("meaning", TEXT), ("implementation", TEXT), ("result", TEXT)],
        ),
        (
            "consumers",
            vec![
                ("consumer", TEXT),
                ("owner", TEXT),
                ("summary", TEXT),
                ("endpoint", FLAG),
                ("parameters", TEXT),
                ("file", TEXT),
                ("repository", TEXT),
                ("commit", TEXT),
                ("declared", FLAG),
            ],
        ),
    ]
}
