//! ## What it does
//! Warns about keys and arguments of a quality rule that its type or its metric does not use: a
//! `query` in a library rule, a `metric` in prose, `missingValues` under `nullValues`.
//!
//! ## Why it matters
//! They say what the rule measures, and nothing measures it: the author believes that it is checked.
//!
//! ## Example
//! ```yaml
//! quality:
//! - {metric: nullValues, mustBe: 0, arguments: {missingValues: ["", n/a]}}
//! ```
//!
//! ## What to do instead
//! Write the type or the metric that uses them: `type: sql` for a query, `type: library` for a
//! metric, `metric: missingValues` for its argument; or remove them.

use std::ptr;

use crate::contract::drift;
use crate::contract::library::metric_of_argument;
use crate::contract::lint::all_rules;
use crate::contract::model::{Column, Contract, QualityRule, RuleType, Table};
use crate::contract::odcs::{METRICS, OPERATORS};
use crate::contract::yaml::{Key, Node};
use crate::diagnostic::{Diagnostic, Meta, Severity};

/// Code, name and severity.
pub const META: Meta =
    Meta { code: "L050", name: "unused-in-rule", severity: Severity::Warning, since: "0.1.0" };

/// Finds every case in a contract.
pub fn check(contract: &Contract, found: &mut Vec<Diagnostic>) {
    for (table, column, rule) in all_rules(contract) {
        match rule.rule_type {
            RuleType::Library => library(contract, (table, column), rule, found),
            RuleType::Text => found.extend(prose(contract, rule)),
            RuleType::Sql => found.extend(sql(contract, rule)),
            RuleType::Custom => found.extend(custom(contract, rule)),
        }
    }
}

/// Keys that say what a rule measures, and by what; in 3.0 the word of a rule may be only its name.
fn measures(contract: &Contract) -> Vec<&'static str> {
    let mut keys = vec!["metric", "arguments", "validValues"];
    keys.extend((contract.api_version >= (3, 1)).then_some("rule"));
    keys
}

/// The keys of a rule that are among these.
fn written<'a>(rule: &'a QualityRule, keys: &[&str]) -> Vec<&'a Key> {
    let has = |key: &&Key| keys.contains(&key.text.as_str());
    rule.node.entries().iter().map(|(key, _)| key).filter(has).collect()
}

fn listed(keys: &[&Key]) -> String {
    let mut shown: Vec<String> = keys.iter().map(|key| format!("'{}'", key.text)).collect();
    match shown.pop() {
        Some(last) if shown.is_empty() => last,
        Some(last) => format!("{} and {last}", shown.join(", ")),
        None => String::new(),
    }
}

fn are(keys: &[&Key]) -> &'static str {
    if keys.len() == 1 { "is" } else { "are" }
}

fn unused(contract: &Contract, keys: &[&Key], why: String, hint: &str) -> Option<Diagnostic> {
    let first = keys.first()?;
    Some(Diagnostic::new(&META, &contract.source, first.span, why).hint(hint))
}

fn library(
    contract: &Contract,
    (table, column): (&Table, Option<&Column>),
    rule: &QualityRule,
    found: &mut Vec<Diagnostic>,
) {
    // One without a metric is reported for that.
    let Some(metric) = rule.metric.as_ref().map(|metric| metric.value.as_str()) else { return };
    let is_known = METRICS.contains(&metric);
    let has_both = rule.node.get("metric").is_some() && rule.node.get("rule").is_some();
    if has_both {
        let why = format!("'rule' is not used beside 'metric': {metric} is meant");
        found.extend(unused(contract, &written(rule, &["rule"]), why, "remove one of the two"));
    }
    for (key, hint) in [
        ("query", "remove it, or write type: sql with the query instead of the metric"),
        ("engine", "remove it, or write type: custom where that engine runs the rule"),
        ("implementation", "remove it, or write type: custom with its engine"),
    ] {
        let keys = written(rule, &[key]);
        let executed = if is_known { format!(": {metric} is executed") } else { String::new() };
        let why = format!("'{key}' is not used in a library rule{executed}");
        found.extend(unused(contract, &keys, why, hint));
    }
    if !is_known {
        return;
    }
    // Beside the arguments it is one of 3.0, which the parser has put among them where it is read.
    let beside = written(rule, &["validValues"]);
    if contract.api_version < (3, 1) {
        let (why, hint) = match metric {
            "invalidValues" => (
                "'validValues' is not used beside 'arguments'".to_owned(),
                "move it inside: arguments: { validValues: … }",
            ),
            _ => (
                format!("{metric} does not use 'validValues'"),
                "remove it, or write metric: invalidValues, which uses it",
            ),
        };
        found.extend(unused(contract, &beside, why, hint));
    }
    for (key, _) in rule.arguments.as_ref().map(Node::entries).unwrap_or_default() {
        // One that no metric has is an unknown key.
        let Some(user) = metric_of_argument(&key.text) else { continue };
        if user != metric {
            let why = format!("{metric} does not use the argument '{}'", key.text);
            let hint = format!("remove it, or write metric: {user}, which uses it");
            found.extend(unused(contract, &[key], why, &hint));
        } else if key.text == "properties"
            && column.is_some_and(|c| !table.columns.iter().any(|own| ptr::eq(own, c)))
        {
            let why = "'properties' names columns, and the rule is inside one: it is not executed";
            let hint = "remove the argument, or move the rule to the table";
            found.extend(unused(contract, &[key], why.to_owned(), hint));
        }
    }
}

fn prose(contract: &Contract, rule: &QualityRule) -> Option<Diagnostic> {
    let sources = ["query", "engine", "implementation"];
    let keys = written(rule, &[&measures(contract), OPERATORS, &sources].concat());
    let has = |key: &str| rule.node.get(key).is_some();
    let hint = match () {
        () if has("metric") || has("rule") => "write type: library, which executes the metric",
        () if has("query") => "write type: sql, which executes the query",
        () if has("engine") => "write type: custom with an engine and its implementation",
        () => "remove them, or write type: library with a metric",
    };
    let why = format!(
        "a rule of type text is read by people only: {} {} not executed",
        listed(&keys),
        are(&keys)
    );
    unused(contract, &keys, why, hint)
}

fn sql(contract: &Contract, rule: &QualityRule) -> Option<Diagnostic> {
    // One without a query is reported for that.
    rule.query.as_ref()?;
    let keys = written(rule, &[&measures(contract), &["engine", "implementation"][..]].concat());
    let why = format!(
        "{} {} not used in a rule of type sql: its query is executed",
        listed(&keys),
        are(&keys)
    );
    let hint = match rule.node.get("metric").is_some() {
        true => "remove what is not used, or write type: library and remove the query",
        false => "remove what is not used",
    };
    unused(contract, &keys, why, hint)
}

fn custom(contract: &Contract, rule: &QualityRule) -> Option<Diagnostic> {
    let own = drift::is_own(rule);
    let operators = if own { &[][..] } else { OPERATORS };
    let keys = written(rule, &[&measures(contract), &["query"][..], operators].concat());
    let engine = rule.engine.as_deref().unwrap_or("its engine");
    let why = format!(
        "{} {} not executed here: {engine} runs the rule by its implementation",
        listed(&keys),
        are(&keys)
    );
    let hint = match own {
        true => "remove what is beside implementation, which holds what is executed",
        false if rule.node.get("metric").is_some() => {
            "write type: library in place of the engine, or remove what it does not read"
        }
        false => "remove what the engine does not read, or move it into implementation",
    };
    unused(contract, &keys, why, hint)
}
