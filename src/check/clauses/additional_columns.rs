//! `additionalColumns`: columns of a file that the contract does not declare.

use serde_json::json;

use crate::check::plan::clause::{Clause, Settled, Test};
use crate::check::report::Verdict;
use crate::contract::model::AdditionalColumns;
use crate::engine::unparsed::UNPARSED;

use super::planning::Planning;

pub(super) fn plan(planning: &Planning<'_>, out: &mut Vec<Clause>) {
    let table = planning.table;
    let declared: Vec<&str> = table.stored_columns().map(|c| c.physical()).collect();
    let mut undeclared: Vec<String> = Vec::new();
    let within = planning.files.iter().flat_map(|f| f.schema.fields()).map(|f| f.name());
    for name in within.chain(planning.files.iter().flat_map(|f| &f.path)) {
        let ours = name.starts_with(UNPARSED);
        if !ours && !declared.contains(&name.as_str()) && !undeclared.contains(name) {
            undeclared.push(name.clone());
        }
    }
    let mode = table.additional_columns.value;
    let (expected, verdict) = match mode {
        AdditionalColumns::Forbid => ("no undeclared column", Verdict::Failed),
        AdditionalColumns::Warn => ("no undeclared column", Verdict::Failed),
        AdditionalColumns::Allow => ("undeclared columns are left out", Verdict::Passed),
    };
    let settled = Settled {
        verdict: if undeclared.is_empty() { Verdict::Passed } else { verdict },
        measured: Some(json!(undeclared.len())),
        failing_rows: None,
        reason: (!undeclared.is_empty()).then(|| match planning.is_headless() {
            true => headless(undeclared.len()),
            false => reason(&undeclared, &declared),
        }),
    };
    let span = table.additional_columns.span;
    let test = Test::Settled(settled);
    let mut clause = Clause::new(table, None, "additionalColumns", span, expected, test);
    clause.is_error = mode == AdditionalColumns::Forbid;
    out.push(clause);
}

/// What is found in place of names may be values, and some of this table's values are secret.
fn headless(count: usize) -> String {
    format!(
        "{count} undeclared columns, and a file has none of the declared names: its first line looks like \
         data; write the names of the columns above it"
    )
}

fn reason(undeclared: &[String], declared: &[&str]) -> String {
    let names = undeclared.join("', '");
    let hint = undeclared.iter().find_map(|name| {
        if name.is_empty() {
            return Some("a data frame's row index has no name: to_csv(index=False)".to_owned());
        }
        if name.starts_with("__index_level_") {
            return Some("pandas wrote its index: to_parquet(index=False)".to_owned());
        }
        crate::diagnostic::nearest(name, declared.iter().copied())
            .map(|near| format!("is '{name}' meant to be '{near}'?"))
    });
    match hint {
        Some(hint) => format!("undeclared: '{names}'; {hint}"),
        None => format!("undeclared: '{names}'; declare or drop them"),
    }
}
