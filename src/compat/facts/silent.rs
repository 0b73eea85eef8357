//! Quality rules that nothing executes: what they hold has no value, leads nowhere, or is not a
//! metric. One that comes or goes changes no promise, and so does one that becomes prose or another
//! engine's. One that is executed no longer is gone.

use crate::contract::Contract;
use crate::contract::library::unexecuted;
use crate::contract::model::{Column, QualityRule, RuleType, Table};
use crate::contract::operand;
use crate::contract::pattern::Pattern;
use crate::contract::rule_query;
use crate::contract::yaml::Node;

/// What a rule is written on.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The table.
    pub table: &'a Table,
    /// The column, or what is inside one.
    pub column: Option<&'a Column>,
    /// Whether it is inside a column.
    pub is_inside: bool,
}

/// Whether nothing executes a rule, though it is not prose or another engine's.
pub fn is_silent(rule: &QualityRule, owner: Owner<'_>) -> bool {
    is_free_word(rule, owner)
        || owner.contract.unfilled.contains_key(&rule.node.span.start)
        || match rule.rule_type {
            RuleType::Sql => {
                let is_whole = |q: &str| rule_query::is_whole(q, owner.column.is_some());
                let has_gap = rule.query.as_ref().is_some_and(|query| !is_whole(&query.value));
                has_gap || operand::unread(&rule.node).is_some()
            }
            RuleType::Library => leads_nowhere(rule, owner),
            RuleType::Text | RuleType::Custom => false,
        }
}

/// Whether a rule of the library measures nothing: 3.0 lets a rule have any name.
pub fn is_free_word(rule: &QualityRule, owner: Owner<'_>) -> bool {
    unexecuted(rule, owner.column.is_some()).is_some()
}

/// Whether a metric cannot be measured with its arguments: they name no columns of the table, or hold
/// no pattern.
fn leads_nowhere(rule: &QualityRule, owner: Owner<'_>) -> bool {
    match rule.metric.as_ref().map(|metric| metric.value.as_str()) {
        Some("duplicateValues") => rule.argument("properties").is_some_and(|names| {
            let is_known = |name: &Node| {
                name.as_str().is_some_and(|name| owner.table.argument_column(name).is_some())
            };
            owner.is_inside || names.items().is_empty() || !names.items().iter().all(is_known)
        }),
        Some("invalidValues") => rule.argument("pattern").is_some_and(|pattern| {
            pattern.as_str().map_or(rule.argument("validValues").is_none(), |text| {
                Pattern::compile(text).is_err()
            })
        }),
        _ => false,
    }
}

/// Whether a rule that nothing executes still is one that nothing here executes.
pub fn stays_silent(
    (base, of_base): (&QualityRule, Owner<'_>),
    (head, of_head): (&QualityRule, Owner<'_>),
) -> bool {
    is_silent(base, of_base) && (is_silent(head, of_head) || is_elsewhere(head))
}

/// Prose, or a rule that another engine runs.
fn is_elsewhere(rule: &QualityRule) -> bool {
    match rule.rule_type {
        RuleType::Text => true,
        RuleType::Custom => rule.engine.as_deref() != Some("pactum"),
        RuleType::Library | RuleType::Sql => false,
    }
}

/// The rule of the head that says in prose, or to another engine, what a rule of the base that
/// nothing executes says: under the same name, or in the same words.
pub fn restated(
    base: &QualityRule,
    head: &[QualityRule],
    is_free: impl Fn(usize) -> bool,
) -> Option<usize> {
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    head.iter().enumerate().position(|(n, rule)| {
        is_free(n)
            && is_elsewhere(rule)
            && (same(&base.id, &rule.id)
                || same(&base.name, &rule.name)
                || same(&base.description, &rule.description))
    })
}
