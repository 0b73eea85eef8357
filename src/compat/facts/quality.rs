//! Quality rules compared: whether a rule lets more through than another, and what that means.

use crate::contract::lint::rules::unknown_severity;
use crate::contract::model::{Operator, QualityRule, RuleType, Spanned};
use crate::contract::sql_form::sql_form;
use crate::contract::yaml::Node;

use super::elements::Renamed;
pub use super::elements::RuleChange;
use super::relation::{Relation, operators};
use crate::compat::finding::{Bump, Effect};

/// A rule that says the same as before.
pub(super) const SAME: RuleChange =
    RuleChange { relation: Relation::Same, demoted: false, promoted: false };

/// What happened to a rule.
pub(super) fn compare(base: &QualityRule, head: &QualityRule, renamed: &Renamed) -> RuleChange {
    let (was, is) = (is_error(base), is_error(head));
    RuleChange {
        relation: relation(base, head, renamed),
        demoted: was && !is,
        promoted: !was && is,
    }
}

fn relation(base: &QualityRule, head: &QualityRule, renamed: &Renamed) -> Relation {
    let (old, new) = (arguments(base, renamed), arguments(head, &Renamed::default()));
    let groups = (groups(base, renamed), groups(head, &Renamed::default()));
    if let Some(relation) = of_scope(base, head, (&old, &new), groups.0 == groups.1) {
        return relation;
    }
    if groups.0 != groups.1 || old != new || !asks_the_same(base, head) {
        return Relation::Other;
    }
    match (valid_values(base).is_some(), valid_values(head).is_some()) {
        // A list in addition to other requirements lets fewer values through.
        (false, true) => return Relation::Tighter,
        (true, false) => return Relation::Looser,
        _ => {}
    }
    let values = |rule: &QualityRule| -> Vec<_> {
        let all = rule.operators.iter().map(|o| o.value.clone());
        // What lets no row through lets no share through.
        if base.percent != head.percent && lets_none(rule) {
            return vec![Operator::MustBe("0".to_owned())];
        }
        all.collect()
    };
    operators(&values(base), &values(head), counts_rows(base) && counts_rows(head))
}

/// Whether a rule that counts rows lets none through.
pub fn lets_none(rule: &QualityRule) -> bool {
    let values: Vec<_> = rule.operators.iter().map(|o| o.value.clone()).collect();
    operators(&values, &[Operator::MustBe("0".to_owned())], counts_rows(rule)) == Relation::Same
}

/// A text of SQL without its layout and case.
pub(super) fn form(text: &Option<Spanned<String>>) -> Option<String> {
    text.as_ref().map(|t| sql_form(&t.value))
}

/// Whether two rules measure the same, but for their arguments and thresholds. What a text says is
/// not measured.
fn asks_the_same(base: &QualityRule, head: &QualityRule) -> bool {
    let metric = |rule: &QualityRule| rule.metric.as_ref().map(|m| m.value.clone());
    let own = |rule: &QualityRule| rule.node.get("implementation").map(implementation);
    let warnings =
        |rule: &QualityRule| -> Vec<_> { rule.warning.iter().map(|o| o.value.clone()).collect() };
    base.rule_type == head.rule_type
        // Of two units, only zero is the same.
        && (base.percent == head.percent || lets_none(base) || lets_none(head))
        && base.previous.is_some() == head.previous.is_some()
        && base.engine == head.engine
        && metric(base) == metric(head)
        && form(&base.query) == form(&head.query)
        && form(&base.filter) == form(&head.filter)
        && own(base) == own(head)
        && operators(&warnings(base), &warnings(head), counts_rows(base)) == Relation::Same
}

/// Counts of rows are whole; shares, changes and answers of queries need not be.
fn counts_rows(rule: &QualityRule) -> bool {
    rule.metric.is_some() && !rule.percent && rule.previous.is_none()
}

/// The columns that a rule groups by, by the names of the head.
fn groups(rule: &QualityRule, renamed: &Renamed) -> Vec<String> {
    let mut groups: Vec<String> = rule.group_by.iter().map(|g| renamed.name(&g.value)).collect();
    groups.sort();
    groups
}

pub(super) fn rule_is_prose(rule: &QualityRule) -> bool {
    rule.rule_type == RuleType::Text
}

/// The implementation of a custom rule but for its operators, which are compared as thresholds;
/// without layout and order of keys.
pub(super) fn implementation(node: &Node) -> String {
    if let Some(text) = node.as_str() {
        return text.trim_end().to_owned();
    }
    let threshold = |key: &str| crate::contract::odcs::OPERATORS.contains(&key);
    let mut kept: Vec<String> = node
        .entries()
        .iter()
        .filter(|(k, _)| !threshold(&k.text))
        .map(|(k, v)| format!("{}: {}", k.text, sorted(v)))
        .collect();
    kept.sort();
    if node.entries().is_empty() { sorted(node) } else { kept.join(",") }
}

/// A value with its keys in order.
fn sorted(node: &Node) -> String {
    let mut entries: Vec<String> = match (node.entries(), node.items()) {
        ([], []) => return value_text(node),
        ([], items) => {
            return format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(","));
        }
        (entries, _) => entries.iter().map(|(k, v)| format!("{}: {}", k.text, sorted(v))).collect(),
    };
    entries.sort();
    format!("{{{}}}", entries.join(","))
}

/// A rule that limits failing rows, and that differs only in what it looks at: more columns of a
/// key, fewer words for what is missing, or some of the rows let more through.
fn of_scope(
    base: &QualityRule,
    head: &QualityRule,
    (old, new): (&[Argument], &[Argument]),
    same_groups: bool,
) -> Option<Relation> {
    let few = |rule: &QualityRule| {
        let bounded = |o: &Operator| match o {
            Operator::MustBe(v) => v == "0",
            Operator::MustBeLessThan(_) | Operator::MustBeLessOrEqualTo(_) => true,
            _ => false,
        };
        let rows = rule.metric.as_ref().is_some_and(|m| m.value != "rowCount");
        rows && !rule.operators.is_empty() && rule.operators.iter().all(|o| bounded(&o.value))
    };
    let metric = |rule: &QualityRule| rule.metric.as_ref().map(|m| m.value.clone());
    let values =
        |rule: &QualityRule| -> Vec<_> { rule.operators.iter().map(|o| o.value.clone()).collect() };
    let whole = same_groups
        && metric(base) == metric(head)
        && values(base) == values(head)
        && base.percent == head.percent
        && base.previous.is_some() == head.previous.is_some();
    if !few(base) || !few(head) || !whole {
        return None;
    }
    let filter = |r: &QualityRule| form(&r.filter);
    if old == new {
        return match (filter(base), filter(head)) {
            (None, Some(_)) if !base.percent => Some(Relation::Looser),
            (Some(_), None) if !base.percent => Some(Relation::Tighter),
            _ => None,
        };
    }
    let ([(key, was)], [(other, is)]) = (old, new) else { return None };
    if key != other || filter(base) != filter(head) {
        return None;
    }
    let more = was.iter().all(|v| is.contains(v));
    let fewer = is.iter().all(|v| was.contains(v));
    match (key.as_str(), more, fewer) {
        ("properties", true, false) | ("missingValues", false, true) => Some(Relation::Looser),
        ("properties", false, true) | ("missingValues", true, false) => Some(Relation::Tighter),
        _ => None,
    }
}

/// An argument with its values.
type Argument = (String, Vec<String>);

/// The arguments but for allowed values, which have rules of their own; columns by the head's names.
pub(super) fn arguments(rule: &QualityRule, renamed: &Renamed) -> Vec<Argument> {
    let Some(arguments) = &rule.arguments else { return Vec::new() };
    let mut all: Vec<Argument> = arguments
        .entries()
        .iter()
        .filter(|(key, _)| key.text != "validValues" || valid_values(rule).is_none())
        .map(|(key, value)| {
            let text = |node: &Node| match node.as_str() {
                Some(name) if key.text == "properties" => renamed.name(name),
                _ => value_text(node),
            };
            let mut items: Vec<String> = match value.items() {
                [] => vec![text(value)],
                items => items.iter().map(text).collect(),
            };
            items.sort();
            (key.text.clone(), items)
        })
        .collect();
    all.sort();
    all
}

/// A value as one text, however a number is written.
pub fn value_text(node: &Node) -> String {
    match &node.value {
        crate::contract::yaml::Value::Number(n) => {
            match n.parse::<crate::contract::decimal::Decimal>() {
                Ok(exact) => exact.normalized().to_string(),
                Err(_) => n.clone(),
            }
        }
        _ => node.to_json().to_string(),
    }
}

/// The allowed values of a rule that lets no other value pass.
pub fn valid_values(rule: &QualityRule) -> Option<&Node> {
    rule.argument("validValues")
}

/// Whether a failure of the rule fails the run.
pub fn is_error(rule: &QualityRule) -> bool {
    rule.severity.as_ref().is_none_or(|s| unknown_severity::level(&s.value) != Some(false))
}

/// The effect of a rule's guarantee that is removed or loosened, by its level; a text guarantees
/// nothing.
pub fn loosened(rule: &QualityRule) -> (Effect, Effect, Bump) {
    match is_error(rule) {
        _ if rule_is_prose(rule) => (Effect::Safe, Effect::Safe, Bump::Patch),
        true => (Effect::Breaking, Effect::Safe, Bump::Major),
        false => (Effect::Dangerous, Effect::Safe, Bump::Minor),
    }
}

/// The effect of a guarantee that is added or tightened, by its level.
pub fn tightened(rule: &QualityRule) -> (Effect, Effect, Bump) {
    match is_error(rule) {
        _ if rule_is_prose(rule) => (Effect::Safe, Effect::Safe, Bump::Patch),
        true => (Effect::Safe, Effect::Breaking, Bump::Minor),
        false => (Effect::Safe, Effect::Safe, Bump::Minor),
    }
}

/// A rule in one line: what it measures and what must hold.
pub fn words(rule: &QualityRule) -> String {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let inside = |key: &str| rule.node.get(key).map(|n| format!(" {}", n.to_json()));
    let what = match (&rule.metric, &rule.query, &rule.engine) {
        (Some(metric), ..) => metric.value.clone() + &inside("arguments").unwrap_or_default(),
        (_, Some(query), _) => squeezed(&query.value),
        (_, _, Some(engine)) => engine.clone() + &inside("implementation").unwrap_or_default(),
        _ => rule.description.clone().unwrap_or_else(|| "text".to_owned()),
    };
    let operators: Vec<String> = rule.operators.iter().map(|o| operator_words(&o.value)).collect();
    let unit = if rule.percent { " percent" } else { "" };
    let level = if is_error(rule) { "" } else { " (warning)" };
    let filter = rule.filter.as_ref().map(|f| format!(" where {}", f.value)).unwrap_or_default();
    let shown = [vec![what], operators].concat().join(" ");
    format!("{shown}{unit}{filter}{level}")
}

fn operator_words(operator: &crate::contract::model::Operator) -> String {
    use crate::contract::model::Operator as O;
    match operator {
        O::MustBe(v) => format!("= {v}"),
        O::MustNotBe(v) => format!("<> {v}"),
        O::MustBeGreaterThan(v) => format!("> {v}"),
        O::MustBeGreaterOrEqualTo(v) => format!(">= {v}"),
        O::MustBeLessThan(v) => format!("< {v}"),
        O::MustBeLessOrEqualTo(v) => format!("<= {v}"),
        O::MustBeBetween(a, b) => format!("between {a} and {b}"),
        O::MustNotBeBetween(a, b) => format!("not between {a} and {b}"),
    }
}
