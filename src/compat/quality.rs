//! Quality rules on both sides: which rule is which, and whether it lets more through.

use crate::contract::clause_id::{clause_id, rule_kind};
use crate::contract::lint::rules::unknown_severity;
use crate::contract::model::{Column, Operator, QualityRule, Spanned};
use crate::contract::yaml::Node;
use crate::diagnostic::Span;

use super::finding::{Bump, Effect, Finding, Touches};
use super::pair::{ColumnPair, Pair, Same, TablePair};
use super::relation::{Relation, operators};

/// What carries rules: a table, or a column of it.
#[derive(Clone, Copy)]
pub struct Carrier<'a> {
    /// The table.
    pub table: TablePair<'a>,
    /// The column.
    pub column: Option<&'a ColumnPair<'a>>,
}

/// A rule on both sides, or on one.
#[derive(Clone, Copy)]
pub struct RulePair<'a> {
    /// What carries it.
    pub carrier: Carrier<'a>,
    /// As it was.
    pub base: Option<&'a QualityRule>,
    /// As it is.
    pub head: Option<&'a QualityRule>,
}

impl RulePair<'_> {
    /// `table.column/kind`: what findings and waivers call it.
    pub fn element(&self) -> String {
        let kind = self.head.or(self.base).map(rule_kind).unwrap_or_default();
        let path = match self.carrier.column {
            Some(column) => column.path.clone(),
            None => self.carrier.table.head.table.name.value.clone(),
        };
        format!("{path}/{kind}")
    }

    /// The clause of the head; only those of tables and their own columns have one.
    pub fn clause(&self) -> Option<String> {
        let table = self.carrier.table.head.table;
        let kind = rule_kind(self.head?);
        match self.carrier.column {
            None => Some(clause_id(table, None, &kind)),
            Some(column) => {
                column.is_top.then(|| clause_id(table, Some(column.head.column), &kind))
            }
        }
    }

    /// Whoever reads the column, or the table.
    pub fn touches(&self) -> Touches {
        match self.carrier.column {
            Some(column) => column.touches(),
            None => Touches::Table(self.carrier.table.base.table.name.value.clone()),
        }
    }

    /// A finding at the rule's places; at its carrier's on the side that lacks it.
    pub fn finding(
        &self,
        pair: &Pair<'_>,
        meta: &'static crate::diagnostic::Meta,
        message: String,
    ) -> Finding {
        let (base, head) = self.spans();
        let mut finding = pair
            .finding(meta, self.element(), message)
            .was(self.base.map(words), base)
            .is(self.head.map(words), head)
            .touching(self.touches());
        finding.clause = self.clause();
        finding
    }

    fn spans(&self) -> (Span, Span) {
        let (base, head) = match self.carrier.column {
            Some(c) => (c.base.column.name.span, c.head.column.name.span),
            None => {
                let table = self.carrier.table;
                (table.base.table.name.span, table.head.table.name.span)
            }
        };
        (self.base.map_or(base, |r| r.node.span), self.head.map_or(head, |r| r.node.span))
    }
}

/// What happened to a rule that stands on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleChange {
    /// What it lets through.
    pub relation: Relation,
    /// Whether it no longer fails a run.
    pub demoted: bool,
    /// Whether it fails a run now.
    pub promoted: bool,
}

/// Every rule of every table and column on both sides.
pub fn rule_pairs<'a>(pair: &'a Pair<'a>) -> Vec<RulePair<'a>> {
    let mut all = Vec::new();
    for table in &pair.tables {
        let carrier = Carrier { table: *table, column: None };
        matched(carrier, &table.base.table.quality, &table.head.table.quality, &mut all);
    }
    for column in &pair.columns {
        let carrier = Carrier { table: column.table, column: Some(column) };
        let (old, new): (&Column, &Column) = (column.base.column, column.head.column);
        matched(carrier, &old.quality, &new.quality, &mut all);
    }
    all
}

/// By the kind of their clause ids (id, name, or what they measure), equal ones first; then one of a
/// metric with the one of that metric that is left.
fn matched<'a>(
    carrier: Carrier<'a>,
    base: &'a [QualityRule],
    head: &'a [QualityRule],
    all: &mut Vec<RulePair<'a>>,
) {
    let mut left: Vec<&QualityRule> = base.iter().collect();
    let mut found: Vec<Option<&QualityRule>> = vec![None; head.len()];
    let metric = |rule: &QualityRule| {
        (rule.rule_type, rule.metric.as_ref().map(|m| m.value.clone()), rule.engine.clone())
    };
    let named = |rule: &QualityRule| rule.id.is_some() || rule.name.is_some();
    let content = |b: &QualityRule, h: &QualityRule| {
        let values = |rule: &QualityRule| valid_values(rule).map(value_text);
        compare(b, h) == SAME && values(b) == values(h)
    };
    let passes: [Same<'_, QualityRule>; 4] = [
        &|b, h| rule_kind(b) == rule_kind(h) && compare(b, h) == SAME,
        &|b, h| rule_kind(b) == rule_kind(h),
        // Under another id or name, but the same rule.
        &|b, h| metric(b) == metric(h) && content(b, h),
        &|b, h| metric(b) == metric(h) && !(named(b) && named(h)),
    ];
    for (n, same) in passes.iter().enumerate() {
        for (h, rule) in head.iter().enumerate() {
            if found[h].is_some() {
                continue;
            }
            let candidates: Vec<usize> = (0..left.len()).filter(|b| same(left[*b], rule)).collect();
            // Nobody can say which of several is meant.
            let others = (0..head.len()).filter(|o| found[*o].is_none() && *o != h);
            let rivals = others.filter(|o| candidates.iter().any(|b| same(left[*b], &head[*o])));
            let ambiguous = n == 3 && (candidates.len() > 1 || rivals.count() > 0);
            if let Some(at) = candidates.first().filter(|_| !ambiguous) {
                found[h] = Some(left.remove(*at));
            }
        }
    }
    let both = head.iter().zip(found).map(|(rule, base)| (base, Some(rule)));
    let gone = left.into_iter().map(|rule| (Some(rule), None));
    all.extend(both.chain(gone).map(|(base, head)| RulePair { carrier, base, head }));
}

const SAME: RuleChange = RuleChange { relation: Relation::Same, demoted: false, promoted: false };

/// What happened to a rule.
pub fn compare(base: &QualityRule, head: &QualityRule) -> RuleChange {
    let (was, is) = (is_error(base), is_error(head));
    RuleChange { relation: relation(base, head), demoted: was && !is, promoted: !was && is }
}

fn relation(base: &QualityRule, head: &QualityRule) -> Relation {
    let texts = |rule: &QualityRule| -> Vec<Option<String>> {
        let squeezed =
            |text: &Spanned<String>| text.value.split_whitespace().collect::<Vec<_>>().join(" ");
        vec![
            rule.metric.as_ref().map(|m| m.value.clone()),
            rule.query.as_ref().map(squeezed),
            rule.filter.as_ref().map(squeezed),
            rule.engine.clone(),
            Some(rule.group_by.iter().map(|g| g.value.as_str()).collect::<Vec<_>>().join(",")),
            rule.previous.map(|_| "previous".to_owned()),
            Some(rule.percent.to_string()),
            Some(format!("{:?}", rule.rule_type)),
            rule.node.get("implementation").map(implementation),
            rule.description.clone().filter(|_| rule_is_prose(rule)),
            Some(
                rule.warning.iter().map(|o| format!("{:?}", o.value)).collect::<Vec<_>>().join(","),
            ),
        ]
    };
    if let Some(relation) = of_scope(base, head) {
        return relation;
    }
    let lists = (valid_values(base).is_some(), valid_values(head).is_some());
    if texts(base) != texts(head) || arguments(base) != arguments(head) {
        return Relation::Other;
    }
    match lists {
        // A list beside what else must hold lets fewer values through.
        (false, true) => return Relation::Tighter,
        (true, false) => return Relation::Looser,
        _ => {}
    }
    let values =
        |rule: &QualityRule| -> Vec<_> { rule.operators.iter().map(|o| o.value.clone()).collect() };
    // Counts of rows are whole; shares, changes and answers of queries need not be.
    let whole = base.metric.is_some() && !base.percent && base.previous.is_none();
    operators(&values(base), &values(head), whole)
}

fn rule_is_prose(rule: &QualityRule) -> bool {
    rule.rule_type == crate::contract::model::RuleType::Text
}

/// The implementation of a custom rule but for its operators, which are compared as thresholds.
fn implementation(node: &Node) -> String {
    let mut kept: Vec<String> = node
        .entries()
        .iter()
        .filter(|(k, _)| !crate::contract::odcs::OPERATORS.contains(&k.text.as_str()))
        .map(|(k, v)| format!("{}: {}", k.text, v.to_json()))
        .collect();
    kept.sort();
    if node.entries().is_empty() { node.to_json().to_string() } else { kept.join(",") }
}

/// A rule whose failing rows are to be few, and that differs in what it looks at alone: more columns of
/// a key, fewer words for what is missing, or some of the rows let more through.
fn of_scope(base: &QualityRule, head: &QualityRule) -> Option<Relation> {
    let few = |rule: &QualityRule| {
        let bounded = |o: &Operator| match o {
            Operator::MustBe(v) => v == "0",
            Operator::MustBeLessThan(_) | Operator::MustBeLessOrEqualTo(_) => true,
            _ => false,
        };
        let rows = rule.metric.as_ref().is_some_and(|m| m.value != "rowCount");
        rows && !rule.operators.is_empty() && rule.operators.iter().all(|o| bounded(&o.value))
    };
    let same = |key: fn(&QualityRule) -> String| key(base) == key(head);
    let whole = same(|r| format!("{:?}", r.metric.as_ref().map(|m| &m.value)))
        && same(|r| format!("{:?}", r.operators.iter().map(|o| &o.value).collect::<Vec<_>>()))
        && same(|r| format!("{} {:?}", r.percent, r.previous.is_some()))
        && same(|r| format!("{:?}", r.group_by.iter().map(|g| &g.value).collect::<Vec<_>>()));
    if !few(base) || !few(head) || !whole {
        return None;
    }
    let filter = |r: &QualityRule| r.filter.as_ref().map(|f| f.value.clone());
    let (old, new) = (arguments(base), arguments(head));
    if old == new {
        return match (filter(base), filter(head)) {
            (None, Some(_)) if !base.percent => Some(Relation::Looser),
            (Some(_), None) if !base.percent => Some(Relation::Tighter),
            _ => None,
        };
    }
    let ([(key, was)], [(other, is)]) = (old.as_slice(), new.as_slice()) else { return None };
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

/// The arguments but for allowed values, which have rules of their own.
fn arguments(rule: &QualityRule) -> Vec<(String, Vec<String>)> {
    let Some(arguments) = &rule.arguments else { return Vec::new() };
    let mut all: Vec<(String, Vec<String>)> = arguments
        .entries()
        .iter()
        .filter(|(key, _)| key.text != "validValues" || valid_values(rule).is_none())
        .map(|(key, value)| {
            let mut items: Vec<String> = match value.items() {
                [] => vec![value.to_json().to_string()],
                items => items.iter().map(value_text).collect(),
            };
            items.sort();
            (key.text.clone(), items)
        })
        .collect();
    all.sort();
    all
}

/// A value as one text, whichever way a number is written.
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

/// The allowed values of a rule that no other value may pass.
pub fn valid_values(rule: &QualityRule) -> Option<&Node> {
    rule.arguments.as_ref()?.get("validValues")
}

/// Whether a failure of the rule fails the run.
pub fn is_error(rule: &QualityRule) -> bool {
    rule.severity.as_ref().is_none_or(|s| unknown_severity::level(&s.value) != Some(false))
}

/// What a guarantee of a rule that goes or gives way does, by its level.
pub fn loosened(rule: &QualityRule) -> (Effect, Effect, Bump) {
    match is_error(rule) && !rule_is_prose(rule) {
        true => (Effect::Breaking, Effect::Safe, Bump::Major),
        false => (Effect::Dangerous, Effect::Safe, Bump::Minor),
    }
}

/// What a guarantee that is added or grows stricter does, by its level.
pub fn tightened(rule: &QualityRule) -> (Effect, Effect, Bump) {
    match is_error(rule) && !rule_is_prose(rule) {
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
