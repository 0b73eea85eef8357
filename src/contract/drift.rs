//! Metrics of engine `pactum`: what the standard has no metric for.

use super::model::{QualityRule, RuleType};
use super::odcs::OPERATORS;
use super::yaml::Node;

/// How a table differs from the current release's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// The mean of a numeric column, less that of the release; with unit percent, in percent of it.
    Mean,
    /// A quantile of a numeric column (a value that occurs in it), less that of the release.
    Quantile(f64),
    /// The population stability index of a numeric column over the release's tenths.
    StabilityIndex,
    /// The percentage of the release's primary keys that are still there.
    KeysKept,
    /// The percentage of the kept keys whose row changed.
    RowsChanged,
}

impl Metric {
    /// In words, before a threshold.
    pub fn words(self) -> String {
        match self {
            Self::Mean => "the mean moves by".to_owned(),
            Self::Quantile(q) => format!("the {q} quantile moves by"),
            Self::StabilityIndex => "the population stability index is".to_owned(),
            Self::KeysKept => "percentage of keys kept:".to_owned(),
            Self::RowsChanged => "percentage of kept rows changed:".to_owned(),
        }
    }
}

/// The metric of a rule of engine `pactum`, on a column or on a table.
///
/// # Errors
/// In words: what the rule lacks.
pub fn of_rule(rule: &QualityRule, on_column: bool) -> Result<Metric, String> {
    let implementation = rule.node.get("implementation");
    let get = |key: &str| implementation.and_then(|node| node.get(key));
    let name = get("metric").or(implementation).and_then(Node::as_str).unwrap_or_default();
    let metric = match (name, on_column) {
        ("mean", true) => Metric::Mean,
        ("quantile", true) => {
            let q = get("quantile").and_then(Node::scalar_text).and_then(|t| t.parse().ok());
            let inside = q.filter(|q| (0.0..=1.0).contains(q));
            Metric::Quantile(inside.ok_or("quantile: a number from 0 to 1 is needed")?)
        }
        ("populationStabilityIndex", true) => Metric::StabilityIndex,
        ("keysKept", false) => Metric::KeysKept,
        ("rowsChanged", false) => Metric::RowsChanged,
        ("mean" | "quantile" | "populationStabilityIndex", false) => {
            return Err(format!("{name} measures a column: move the rule to one"));
        }
        ("keysKept" | "rowsChanged", true) => {
            return Err(format!("{name} measures a table: move the rule to it"));
        }
        _ => {
            return Err(format!(
                "'{name}' is not a metric of engine pactum: mean, quantile, \
                 populationStabilityIndex, keysKept, rowsChanged"
            ));
        }
    };
    if rule.filter.is_some() || !rule.group_by.is_empty() {
        return Err(format!("{name} looks at all rows: where and groupBy are not for it"));
    }
    let known =
        |key: &str| matches!(key, "metric" | "quantile" | "unit") || OPERATORS.contains(&key);
    let entries = implementation.map(Node::entries).unwrap_or_default();
    if let Some((key, _)) = entries.iter().find(|(key, _)| !known(&key.text)) {
        return Err(format!("'{}' is not a key of an implementation of engine pactum", key.text));
    }
    match rule.operators.is_empty() {
        true => Err("it has no operator, such as mustBeLessThan".to_owned()),
        false => Ok(metric),
    }
}

/// Whether Pactum itself runs a rule of type `custom`.
pub fn is_own(rule: &QualityRule) -> bool {
    rule.rule_type == RuleType::Custom && rule.engine.as_deref() == Some("pactum")
}
