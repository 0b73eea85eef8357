//! Library rules: the metrics that they measure, under the names of every version of the standard.
//!
//! Version 3.0 names them by `rule`, with words of its own and free ones; 3.1 made them `metric`,
//! with a closed set of words. What has a meaning in the words of 3.1 is put into them while a
//! document is read; what has none is never executed, and this module says why.

use super::decimal::Decimal;
use super::model::{QualityRule, RuleType};
use super::odcs::METRICS;
use super::operand;
use super::yaml::{Node, Value};

/// What a word of `rule` measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The metric of 3.1.
    pub metric: &'static str,
    /// How the word states what is required.
    pub form: Form,
}

/// How a word of `rule` states what is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// It counts: an operator says how many are good.
    Count,
    /// It says by itself that none may be found; an operator says how many may.
    Check,
    /// It says by itself that none may be found, and may count what is good as well as what is not.
    Claim,
}

/// The words of `rule` without case and separators, and what each measures.
const WORDS: &[(&str, &str, Form)] = &[
    ("rowcount", "rowCount", Form::Count),
    ("nullvalues", "nullValues", Form::Count),
    ("nullcount", "nullValues", Form::Count),
    ("nullcheck", "nullValues", Form::Check),
    ("notnull", "nullValues", Form::Claim),
    ("notnullcheck", "nullValues", Form::Claim),
    ("missingvalues", "missingValues", Form::Count),
    ("missingcount", "missingValues", Form::Count),
    ("invalidvalues", "invalidValues", Form::Count),
    ("invalidcount", "invalidValues", Form::Count),
    ("validvalues", "invalidValues", Form::Check),
    ("duplicatevalues", "duplicateValues", Form::Count),
    ("duplicatecount", "duplicateValues", Form::Count),
    ("duplicatecheck", "duplicateValues", Form::Check),
    ("unique", "duplicateValues", Form::Claim),
    ("uniquecheck", "duplicateValues", Form::Claim),
];

/// What a word of `rule` measures; `None` where it has no meaning in the words of 3.1.
pub fn word(word: &str) -> Option<Word> {
    let folded: String =
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let found = WORDS.iter().find(|(known, ..)| *known == folded);
    found.map(|(_, metric, form)| Word { metric, form: *form })
}

/// The arguments of library rules, and the metric that takes each.
const ARGUMENTS: &[(&str, &str)] = &[
    ("missingValues", "missingValues"),
    ("validValues", "invalidValues"),
    ("pattern", "invalidValues"),
    ("properties", "duplicateValues"),
];

/// The metric that takes an argument.
pub fn metric_of_argument(name: &str) -> Option<&'static str> {
    ARGUMENTS.iter().find(|(argument, _)| *argument == name).map(|(_, metric)| *metric)
}

/// Why a library rule is never executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexecuted {
    /// What is wrong with it.
    pub why: String,
    /// What to do about it.
    pub hint: String,
}

/// Why a library rule of a column or a table is never executed; `None` for one that is, and for
/// rules of other types.
pub fn unexecuted(rule: &QualityRule, on_column: bool) -> Option<Unexecuted> {
    if rule.rule_type != RuleType::Library {
        return None;
    }
    let because = |why: String, hint: &str| Some(Unexecuted { why, hint: hint.to_owned() });
    let argument = |name: &str| rule.argument(name).is_some();
    let Some(metric) = rule.metric.as_ref().map(|m| m.value.as_str()) else {
        if rule.query.is_some() {
            return because(
                "a library rule with a query and no metric".to_owned(),
                "write type: sql, which executes the query",
            );
        }
        return because(
            "a library rule without a metric".to_owned(),
            "add metric: rowCount, nullValues, …, or type: text where it is prose",
        );
    };
    match metric {
        _ if !METRICS.contains(&metric) => because(
            unknown(rule, metric),
            "write one of the standard's metrics with an operator; type: sql with a query; \
             type: text where it is prose; or type: custom with the engine that runs it",
        ),
        "rowCount" if on_column => because(
            "rowCount measures a table, not a column".to_owned(),
            "move the rule to the table",
        ),
        "nullValues" | "missingValues" | "invalidValues" if !on_column => {
            because(format!("{metric} measures a column"), "move the rule to the column")
        }
        "duplicateValues" if !on_column && !argument("properties") => because(
            "duplicateValues on a table needs the columns".to_owned(),
            "arguments: { properties: [a, b] }",
        ),
        "duplicateValues" if rule.argument("properties").is_some_and(is_empty_list) => because(
            "duplicateValues names no columns".to_owned(),
            "arguments: { properties: [a, b] }",
        ),
        "invalidValues" if !argument("validValues") && !argument("pattern") => because(
            "invalidValues does not say what is valid".to_owned(),
            "arguments: { validValues: […] } or { pattern: … }",
        ),
        "missingValues" if rule.argument("missingValues").is_some_and(is_empty_list) => because(
            "missingValues lists nothing to count".to_owned(),
            "arguments: { missingValues: [NULL, …] }",
        ),
        _ if operand::unread(&rule.node).is_some() => because(
            operand::unread(&rule.node).unwrap_or_default(),
            "write a number, such as mustBe: 0",
        ),
        _ if rule.operators.is_empty() => because(
            "a library rule without an operator requires nothing".to_owned(),
            "add one, such as mustBe: 0",
        ),
        "rowCount" if rule.percent && rule.previous.is_none() => {
            because("rowCount in percent is always 100".to_owned(), "write unit: rows")
        }
        _ => not_measured(rule),
    }
}

fn is_empty_list(node: &Node) -> bool {
    matches!(&node.value, Value::Seq(items) if items.is_empty())
}

/// Why a count of rows cannot be compared with what a rule says.
fn not_measured(rule: &QualityRule) -> Option<Unexecuted> {
    let unit = rule.node.get("unit").and_then(Node::as_str);
    if let Some(unit) = unit.filter(|unit| Unit::of(unit).is_none()) {
        return Some(Unexecuted {
            why: format!("rows are not counted in '{unit}'"),
            hint: "write unit: rows, or unit: percent".to_owned(),
        });
    }
    let operands = rule.operators.iter().flat_map(|operator| operator.value.operands());
    let other = operands.into_iter().find(|text| text.parse::<Decimal>().is_err())?;
    Some(Unexecuted {
        why: format!("a count of rows is not compared with '{other}'"),
        hint: "write a number, such as mustBe: 0".to_owned(),
    })
}

/// What failing rows are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Their number.
    Rows,
    /// Their share.
    Percent,
}

impl Unit {
    /// The unit that a word names, as the standard or as people write it.
    pub fn of(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "" | "row" | "rows" | "record" | "records" | "count" | "number" => Some(Self::Rows),
            "%" | "percent" | "percentage" | "pct" => Some(Self::Percent),
            _ => None,
        }
    }
}

/// Whether a rule, as it is written, is a library rule of a metric that nothing here executes.
pub fn is_unknown(rule: &Node) -> bool {
    let text = |key: &str| rule.get(key).and_then(Node::as_str);
    let is_library = matches!(text("type"), None | Some("library"));
    is_library && !text("metric").or_else(|| text("rule")).is_some_and(|m| METRICS.contains(&m))
}

fn unknown(rule: &QualityRule, word: &str) -> String {
    // Under `metric` a word of 3.0 is only a word that the standard does not have there.
    match self::word(word).filter(|_| rule.node.get("metric").is_none()) {
        Some(known) => format!(
            "rule '{word}' is {} in other words, and its operator does not say which of the two \
             it compares",
            known.metric
        ),
        None => format!("'{word}' is not a metric that Pactum executes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_in_any_case_and_spelling() {
        let metric = |text: &str| word(text).map(|w| w.metric);
        assert_eq!(metric("duplicateCount"), Some("duplicateValues"));
        assert_eq!(metric("duplicate_count"), Some("duplicateValues"));
        assert_eq!(metric("RowCount"), Some("rowCount"));
        assert_eq!(metric("freshness"), None);
    }

    #[test]
    fn every_metric_of_the_standard_is_a_word_of_rule_too() {
        for metric in METRICS {
            let found = word(metric).unwrap();
            assert_eq!((found.metric, found.form), (*metric, Form::Count));
        }
    }
}
