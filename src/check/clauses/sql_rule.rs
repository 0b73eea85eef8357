//! SQL rules: a query whose one answer is compared.

use crate::check::plan::clause::{Clause, Settled, Test};
use crate::contract::Contract;
use crate::contract::lint::all_rules;
use crate::contract::lint::rules::unfilled_variable::{default_of, nothing_fills};
use crate::contract::model::{Column, QualityRule, RuleType, Table};
use crate::contract::names::quote;
use crate::contract::operand;
use crate::contract::rule_query::{COLUMN, SCHEMA, TABLE, column_placeholder, spellings};
use crate::contract::variables::unfilled;

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
        let test = match operand::unread(&rule.node) {
            Some(why) => Test::Settled(Settled::not_executed(why)),
            None => Test::Sql(filled),
        };
        out.push(of_rule(planning.table, column, rule, "sql", test));
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

/// What keeps a query from being executed, whatever the tables hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check) enum Gap {
    /// Variables without a value, as they are written.
    Variables(Vec<String>),
    /// A placeholder for the rule's column, on a table.
    Column(String),
}

impl Gap {
    /// The gap of a query whose placeholders are filled.
    pub fn of(query: &str) -> Option<Self> {
        if let Some(placeholder) = column_placeholder(query) {
            return Some(Self::Column(placeholder));
        }
        let names = unfilled(query);
        (!names.is_empty()).then_some(Self::Variables(names))
    }

    /// Why the query is not executed.
    pub fn why(&self) -> String {
        match self {
            Self::Variables(names) => nothing_fills(names),
            Self::Column(placeholder) => {
                format!("{placeholder} stands for the rule's column, and the rule is on a table")
            }
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Variables(names) => {
                format!("{}; {{table}} and {{column}} stand for the rule's own", default_of(names))
            }
            Self::Column(_) => {
                "write the column's name in the query, or move the rule to the column".to_owned()
            }
        }
    }
}

/// Puts names in place of the placeholders of the standard and of the common tools.
fn fill(query: &str, table: &Table, column: Option<&Column>, schema: &str) -> String {
    let table_name = quote(&table.name.value.to_ascii_lowercase());
    let column_name = column.map(|c| quote(&c.name.value.to_ascii_lowercase()));
    let schema = quote(&schema.to_ascii_lowercase());
    let mut filled = query.to_owned();
    for (words, name) in
        [(TABLE, Some(&table_name)), (COLUMN, column_name.as_ref()), (SCHEMA, Some(&schema))]
    {
        let Some(name) = name else { continue };
        for word in words {
            for written in spellings(word) {
                filled = filled.replace(&written, name);
            }
        }
    }
    filled
}
