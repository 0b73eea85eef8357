//! Documents, and lists in them, of a form that explains all that is wrong with them: they get one
//! diagnostic, not one for every key.

use std::sync::Arc;

use crate::contract::lint::rules::{unknown_word, wrong_type};
use crate::contract::odcs::LOGICAL_TYPES;
use crate::contract::yaml::{Node, Value, flow_scalar};
use crate::diagnostic::{Diagnostic, Source};

/// Keys at the top of documents of the standard's version 2, which version 3 does not have.
const OF_VERSION_2: &[&str] = &[
    "uuid",
    "dataset",
    "quantumName",
    "userConsumptionMode",
    "datasetDomain",
    "datasetKind",
    "datasetName",
    "datasetProject",
    "sourcePlatform",
    "sourceSystem",
    "productDl",
    "productFeedbackUrl",
    "productSlackChannel",
    "schedulerAppName",
    "slaDefaultColumn",
    "stakeholders",
    "systemInstance",
];

/// The diagnostic for a document of a version before 3, or of another standard.
pub(super) fn document(tree: &Node, source: &Arc<Source>) -> Option<Diagnostic> {
    if let Some((key, _)) =
        tree.entries().iter().find(|(k, _)| k.text == "dataContractSpecification")
    {
        return Some(unknown_word::of_other_standard(source, key.span));
    }
    let declared = tree.get("apiVersion").filter(|node| !matches!(node.value, Value::Null));
    if let Some(node) = declared {
        let text = node.scalar_text()?;
        let digits = text.trim().trim_start_matches(['v', 'V']);
        let major: u64 = digits.split('.').next()?.parse().ok()?;
        return (major < 3).then(|| unknown_word::of_version_2(source, node.span));
    }
    let of_old = |key: &str| OF_VERSION_2.contains(&key);
    let mut old = tree.entries().iter().filter(|(key, _)| of_old(&key.text));
    let (first, _) = old.next()?;
    // One such key alone may be a slip in a document of today.
    let is_of_today = tree.get("schema").is_some() || tree.get("id").is_some();
    (old.next().is_some() || !is_of_today).then(|| unknown_word::of_version_2(source, first.span))
}

/// Takes columns out of the list of tables, with one diagnostic for all of them.
pub(super) fn tables(tree: Node, source: &Arc<Source>) -> (Node, Option<Diagnostic>) {
    let Value::Map(entries) = tree.value else { return (tree, None) };
    let mut found = None;
    let entries = entries
        .into_iter()
        .map(|(key, list)| match list.value {
            Value::Seq(items) if key.text == "schema" => {
                // Beside columns, an entry that may be either is one more of them.
                let may_be = items.iter().any(is_column);
                let is_one = |entry: &Node| may_be && may_be_column(entry);
                let (columns, tables): (Vec<Node>, Vec<Node>) = items.into_iter().partition(is_one);
                found = of_columns(&columns, source);
                (key, Node { value: Value::Seq(tables), span: list.span })
            }
            value => (key, Node { value, span: list.span }),
        })
        .collect();
    (Node { value: Value::Map(entries), span: tree.span }, found)
}

/// Whether an entry of `schema` is a column by what it states.
fn is_column(entry: &Node) -> bool {
    let has = |key: &&str| entry.get(key).is_some();
    let states = ["logicalType", "primaryKey", "primaryKeyPosition", "required", "unique"];
    may_be_column(entry) && (states.iter().any(has) || has(&"logicalTypeOptions"))
}

/// Whether nothing that an entry of `schema` states makes it a table.
fn may_be_column(entry: &Node) -> bool {
    let has = |key: &&str| entry.get(key).is_some();
    let of_tables = ["properties", "columns", "fields", "dataGranularityDescription"];
    let word = entry.get("logicalType").map(|node| node.as_str().unwrap_or_default());
    let is_of_columns =
        |word: &str| word != "object" && LOGICAL_TYPES.iter().any(|(known, _)| *known == word);
    let kind = entry.get("physicalType").and_then(Node::as_str).unwrap_or_default();
    let is_table = ["table", "view", "topic", "file"].iter().any(|k| k.eq_ignore_ascii_case(kind));
    matches!(entry.value, Value::Map(_))
        && !is_table
        && !of_tables.iter().any(has)
        && word.is_none_or(is_of_columns)
}

fn of_columns(columns: &[Node], source: &Arc<Source>) -> Option<Diagnostic> {
    let first = columns.first()?;
    let text = |key: &str, other: &str| {
        let written = first.get(key).and_then(Node::as_str);
        written.map_or_else(|| other.to_owned(), flow_scalar)
    };
    let (name, kind) = (text("name", "id"), text("logicalType", "string"));
    Some(wrong_type::columns_as_tables(source, first.span, columns.len(), &name, &kind))
}
