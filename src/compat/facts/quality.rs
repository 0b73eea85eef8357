//! Quality rules on both sides: which rule is which, and whether it lets more through.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::contract::clause_id::{clause_id, rule_kind};
use crate::contract::lint::rules::unknown_severity;
use crate::contract::model::{Column, Operator, QualityRule, RuleType, Spanned, Table};
use crate::contract::sql_form::sql_form;
use crate::contract::yaml::Node;
use crate::diagnostic::Span;

use super::elements::Renamed;
pub use super::elements::{Carrier, RuleChange, RulePair};
use super::pair::{ColumnPair, Moment, Pair, Pass, TablePair, matched_in_passes};
use super::relation::{Relation, operators};
use super::silent::{is_silent, restated, stays_silent};
use crate::compat::finding::{Bump, Effect, Finding, Touches};

impl Carrier<'_> {
    /// Whether it is a column, or a place inside one.
    fn is_column(&self) -> bool {
        self.column.is_some()
    }
}

impl Renamed {
    fn of(pair: &Pair<'_>, table: &TablePair<'_>) -> Self {
        let same = |c: &&Rc<ColumnPair<'_>>| {
            c.is_top && std::ptr::eq(c.table.head.table, table.head.table)
        };
        let names = |c: &Rc<ColumnPair<'_>>| {
            let name = |column: &Column| column.name.value.to_ascii_lowercase();
            (name(c.base.column), name(c.head.column))
        };
        let all = pair.columns.iter().filter(same).map(names);
        Self(all.filter(|(old, new)| old != new).collect())
    }

    /// The name that the head gives to a column of the base, in lower case.
    fn name(&self, name: &str) -> String {
        let name = name.to_ascii_lowercase();
        self.0.get(&name).cloned().unwrap_or(name)
    }
}

impl<'a> RulePair<'a> {
    fn of(
        carrier: Carrier<'a>,
        base: Option<&'a QualityRule>,
        head: Option<&'a QualityRule>,
    ) -> Self {
        let change = base.zip(head).map(|(b, h)| match stays_silent(b, h, carrier.is_column()) {
            true => SAME,
            false => compare(b, h, &carrier.renamed),
        });
        Self { carrier, base, head, change }
    }

    /// `table.column/kind`: what findings and waivers call it.
    pub fn element(&self) -> String {
        let kind = self.head.or(self.base).map(rule_kind).unwrap_or_default();
        let path = match &self.carrier.column {
            Some(column) => column.path.clone(),
            None => self.carrier.table.head.table.name.value.clone(),
        };
        format!("{path}/{kind}")
    }

    /// The clause of the head; only those of tables and their own columns have one.
    pub fn clause(&self) -> Option<String> {
        let table = self.carrier.table.head.table;
        let kind = rule_kind(self.head?);
        match &self.carrier.column {
            None => Some(clause_id(table, None, &kind)),
            Some(column) => {
                column.is_top.then(|| clause_id(table, Some(column.head.column), &kind))
            }
        }
    }

    /// Consumers that read the column, or the table.
    pub fn touches(&self) -> Touches {
        match &self.carrier.column {
            Some(column) => column.touches(),
            None => Touches::Table(self.carrier.table.base.table.name.value.clone()),
        }
    }

    /// A finding at the rule's places; on the side that lacks it, at its carrier's.
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
        let (base, head) = match &self.carrier.column {
            Some(c) => (c.base.column.name.span, c.head.column.name.span),
            None => {
                let table = self.carrier.table;
                (table.base.table.name.span, table.head.table.name.span)
            }
        };
        (self.base.map_or(base, |r| r.node.span), self.head.map_or(head, |r| r.node.span))
    }
}

/// Every rule of every table and column on both sides.
pub fn rule_pairs<'a>(pair: &Pair<'a>) -> Vec<RulePair<'a>> {
    let mut all = Vec::new();
    let mut renamed: HashMap<*const Table, Rc<Renamed>> = HashMap::new();
    for table in &pair.tables {
        let names = Rc::new(Renamed::of(pair, table));
        renamed.insert(table.head.table, names.clone());
        let carrier = Carrier { table: *table, column: None, renamed: names };
        matched(&carrier, &table.base.table.quality, &table.head.table.quality, &mut all);
    }
    let has_rules = |c: &&Rc<ColumnPair<'_>>| {
        !c.base.column.quality.is_empty() || !c.head.column.quality.is_empty()
    };
    for column in pair.columns.iter().filter(has_rules) {
        let of: *const Table = column.table.head.table;
        let renamed = renamed.get(&of).cloned().unwrap_or_default();
        let carrier = Carrier { table: column.table, column: Some(column.clone()), renamed };
        let (old, new): (&Column, &Column) = (column.base.column, column.head.column);
        matched(&carrier, &old.quality, &new.quality, &mut all);
    }
    all
}

/// By the kind of their clause ids (id, name, or what they measure), equal ones first; then by
/// metric, where one is left on each side.
fn matched<'a>(
    carrier: &Carrier<'a>,
    base: &'a [QualityRule],
    head: &'a [QualityRule],
    all: &mut Vec<RulePair<'a>>,
) {
    let kind = |_: Moment, rule: &&QualityRule| Some(rule_kind(rule));
    let content = |b: &&QualityRule, h: &&QualityRule| {
        let values = |rule: &QualityRule| valid_values(rule).map(value_text);
        compare(b, h, &carrier.renamed) == SAME && values(b) == values(h)
    };
    let asked = |of: Moment, rule: &&QualityRule| {
        let none = Renamed::default();
        let renamed = if of == Moment::Base { &carrier.renamed } else { &none };
        let prose = rule.description.as_ref().filter(|_| rule_is_prose(rule));
        let own = rule.node.get("implementation").map(implementation);
        let said = (form(&rule.query), prose, own);
        Some(format!("{:?}", (metric(rule), arguments(rule, renamed), said)))
    };
    // What a text says is all that tells two of them apart.
    let says = |rule: &QualityRule| rule.description.clone().filter(|_| rule_is_prose(rule));
    let equal = |b: &&QualityRule, h: &&QualityRule| {
        compare(b, h, &carrier.renamed) == SAME && says(b) == says(h)
    };
    let passes: [Pass<'_, &QualityRule>; 3] = [
        Pass { key: &kind, same: &equal },
        Pass { key: &kind, same: &|_, _| true },
        // Under another id or name, but the same rule.
        Pass { key: &asked, same: &content },
    ];
    let now: Vec<&QualityRule> = head.iter().collect();
    let (mut found, left) = matched_in_passes(base.iter().collect(), &now, &passes);
    let mut left = only_ones(left, (base, head), &mut found);
    let silent = |rule: &QualityRule| is_silent(rule, carrier.is_column());
    left.retain(|base| {
        let place = restated(base, head, |n| found.get(n).is_some_and(Option::is_none));
        let place = place.filter(|_| silent(base)).and_then(|n| found.get_mut(n));
        place.map(|found| *found = Some(*base)).is_none()
    });
    let both = head.iter().zip(found).map(|(rule, base)| (base, Some(rule)));
    let gone = left.into_iter().map(|rule| (Some(rule), None));
    // What nothing executes promises nothing: the other side stands alone.
    let spoken = |(base, head): (Option<&'a QualityRule>, Option<&'a QualityRule>)| {
        let kept = |rule: Option<&'a QualityRule>| rule.filter(|rule| !silent(rule));
        match base.zip(head).is_some_and(|(b, h)| stays_silent(b, h, carrier.is_column())) {
            true => (base, head),
            false => (kept(base), kept(head)),
        }
    };
    let pairs = both.chain(gone).map(spoken).filter(|(b, h)| b.is_some() || h.is_some());
    all.extend(pairs.map(|(base, head)| RulePair::of(carrier.clone(), base, head)));
}

/// What a rule measures, whatever it is called.
fn metric(rule: &QualityRule) -> (RuleType, Option<&str>, Option<&str>) {
    (rule.rule_type, rule.metric.as_ref().map(|m| m.value.as_str()), rule.engine.as_deref())
}

/// Matches remaining rules that are the only ones of their metric on both sides, and those without names
/// that have kept their places: otherwise it is unclear which is meant, and two with names are
/// different. Returns what is left.
fn only_ones<'a>(
    left: Vec<&'a QualityRule>,
    (base, head): (&[QualityRule], &[QualityRule]),
    found: &mut [Option<&'a QualityRule>],
) -> Vec<&'a QualityRule> {
    let named = |rule: &QualityRule| rule.id.is_some() || rule.name.is_some();
    let key = |rule: &QualityRule| format!("{:?}", metric(rule));
    let mut sides: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (n, rule) in left.iter().enumerate() {
        sides.entry(key(rule)).or_default().0.push(n);
    }
    for (n, rule) in head.iter().enumerate().filter(|(n, _)| found[*n].is_none()) {
        sides.entry(key(rule)).or_default().1.push(n);
    }
    let mut taken: HashSet<usize> = HashSet::new();
    for (old, new) in sides.into_values() {
        // In the order of the documents.
        let stayed = |(b, h): (&usize, &usize)| {
            let at = base.get(*h).filter(|b| !named(b) && !named(&head[*h]));
            at.is_some_and(|at| std::ptr::eq(at, left[*b]))
        };
        let asks = |rule: &QualityRule| -> Vec<String> {
            arguments(rule, &Renamed::default()).into_iter().map(|(name, _)| name).collect()
        };
        let alike = |(b, h): (&usize, &usize)| asks(left[*b]) == asks(&head[*h]);
        let mut both = old.iter().zip(&new);
        if old.len() == new.len() && both.all(|pair| stayed(pair) && alike(pair)) {
            for (b, h) in old.iter().zip(&new) {
                taken.insert(*b);
                found[*h] = Some(left[*b]);
            }
            continue;
        }
        for h in &new {
            let fits = |b: &&usize, h: usize| !(named(left[**b]) && named(&head[h]));
            let mut candidates = old.iter().filter(|b| fits(b, *h));
            let (Some(b), None) = (candidates.next(), candidates.next()) else { continue };
            if new.iter().all(|other| other == h || !fits(&b, *other)) && taken.insert(*b) {
                found[*h] = Some(left[*b]);
            }
        }
    }
    let rest = left.into_iter().enumerate().filter(|(n, _)| !taken.contains(n));
    rest.map(|(_, rule)| rule).collect()
}

const SAME: RuleChange = RuleChange { relation: Relation::Same, demoted: false, promoted: false };

/// What happened to a rule.
fn compare(base: &QualityRule, head: &QualityRule, renamed: &Renamed) -> RuleChange {
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
fn form(text: &Option<Spanned<String>>) -> Option<String> {
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

fn rule_is_prose(rule: &QualityRule) -> bool {
    rule.rule_type == crate::contract::model::RuleType::Text
}

/// The implementation of a custom rule but for its operators, which are compared as thresholds;
/// without layout and order of keys.
fn implementation(node: &Node) -> String {
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
fn arguments(rule: &QualityRule, renamed: &Renamed) -> Vec<Argument> {
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

impl<'a> Pair<'a> {
    /// Quality rules, side by side.
    pub fn rules(&self) -> &[RulePair<'a>] {
        self.facts.rules.get_or_init(|| rule_pairs(self))
    }
}
