//! SQL rules: a query whose one answer is compared.

use crate::check::plan::clause::{Clause, Test};
use crate::contract::Contract;
use crate::contract::lint::all_rules;
use crate::contract::model::{Column, QualityRule, RuleType, Table};
use crate::contract::names::quote;

use super::planning::Planning;
use super::rules::of_rule;

pub(super) fn plan(
    planning: &Planning<'_>,
    column: Option<&Column>,
    rules: &[QualityRule],
    out: &mut Vec<Clause>,
) {
    for rule in rules.iter().filter(|r| r.rule_type == RuleType::Sql) {
        let Some(query) = &rule.query else { continue };
        let schema = &planning.contract.sql_name.value;
        let filled = fill(&query.value, planning.table, column, schema);
        out.push(of_rule(planning.table, column, rule, "sql", Test::Sql(filled)));
    }
}

/// The queries of a contract's SQL rules, ready to be planned.
pub(in crate::check) fn queries(contract: &Contract) -> Vec<String> {
    let schema = &contract.sql_name.value;
    let sql = all_rules(contract).filter(|(_, _, rule)| rule.rule_type == RuleType::Sql);
    sql.filter_map(|(table, column, rule)| {
        Some(fill(&rule.query.as_ref()?.value, table, column, schema))
    })
    .collect()
}

/// Puts names in place of the placeholders of the standard and of the common tools.
fn fill(query: &str, table: &Table, column: Option<&Column>, schema: &str) -> String {
    let table_name = quote(&table.name.value.to_ascii_lowercase());
    let column_name = column.map(|c| quote(&c.name.value.to_ascii_lowercase())).unwrap_or_default();
    let schema = quote(&schema.to_ascii_lowercase());
    let mut filled = query.to_owned();
    for (words, name) in [
        (&["object", "table", "model"][..], &table_name),
        (&["property", "column", "field"], &column_name),
        (&["schema"], &schema),
    ] {
        for word in words {
            filled = filled.replace(&format!("${{{word}}}"), name);
            filled = filled.replace(&format!("{{{word}}}"), name);
        }
    }
    filled
}
