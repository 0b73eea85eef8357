//! Library rules that nothing executes: 3.0 lets a rule have any name. One that comes, goes or
//! changes changes nothing, and so does one that becomes prose or another engine's.

use crate::contract::library::unexecuted;
use crate::contract::model::{QualityRule, RuleType};

/// Whether nothing executes a rule, though it is written as one of the library.
pub fn is_silent(rule: &QualityRule, on_column: bool) -> bool {
    unexecuted(rule, on_column).is_some()
}

/// Whether a rule that nothing executes still is one that nothing here executes.
pub fn stays_silent(base: &QualityRule, head: &QualityRule, on_column: bool) -> bool {
    is_silent(base, on_column) && (is_silent(head, on_column) || is_elsewhere(head))
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
