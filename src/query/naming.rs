//! The names of a result's columns.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};

use crate::engine::dialect;
use crate::engine::parquet_table::DECLARED_NAME;

/// The name of an expression without the engine's types and tables: `max(score) + 1`, not
/// `max(recommendations.scores.score) + Int64(1)`.
fn plain_name(name: &str, tables: &BTreeSet<(String, String)>) -> String {
    const TYPES: &[&str] = &["Int64(", "Float64(", "Utf8(", "Boolean(", "Int32("];
    let mut plain = name.to_owned();
    for (schema, table) in tables {
        plain = plain.replace(&format!("{schema}.{table}."), "");
    }
    for mark in TYPES {
        while let Some(at) = plain.find(mark) {
            let Some(end) = plain[at..].find(')') else { break };
            let value = plain[at + mark.len()..at + end].to_owned();
            plain.replace_range(at..=at + end, &value);
        }
    }
    plain
}

/// The result's columns in their declared spelling, where a column kept its name.
pub(super) fn declared_schema(
    schema: &Schema,
    tables: &BTreeSet<(String, String)>,
) -> (SchemaRef, bool) {
    let mut renamed = false;
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| {
            let mut metadata = field.metadata().clone();
            let declared = metadata.remove(DECLARED_NAME);
            let spoken = dialect::spoken(field.name());
            let name = match declared {
                Some(name) if name.to_ascii_lowercase() == spoken => name,
                _ => plain_name(spoken, tables),
            };
            renamed |= name != *field.name();
            field.as_ref().clone().with_name(name).with_metadata(metadata)
        })
        .collect();
    (Arc::new(Schema::new(fields)), renamed)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn a_result_column_has_its_declared_spelling_unless_the_query_renamed_it() {
        let field = |name: &str, declared: &str| {
            let metadata = HashMap::from([(DECLARED_NAME.to_owned(), declared.to_owned())]);
            Field::new(name, DataType::Int64, true).with_metadata(metadata)
        };
        let planned = Schema::new(vec![field("datavalue", "DataValue"), field("mine", "Kept")]);
        let (schema, renamed) = declared_schema(&planned, &BTreeSet::new());
        let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!((names, renamed), (vec!["DataValue", "mine"], true));
    }
}
