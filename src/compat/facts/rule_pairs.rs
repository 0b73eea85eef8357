//! Quality rules side by side: which rule of the base is which rule of the head.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::contract::clause_id::{clause_id, rule_kind};
use crate::contract::model::{Column, QualityRule, RuleType, Table};
use crate::diagnostic::Span;

use super::elements::Renamed;
pub use super::elements::{Carrier, RulePair};
use super::pair::{ColumnPair, Moment, Pair, Pass, TablePair, matched_in_passes};
use super::quality::{
    SAME, arguments, compare, form, implementation, rule_is_prose, valid_values, value_text, words,
};
use super::silent::{Owner, is_silent, restated, stays_silent};
use crate::compat::finding::{Finding, Touches};

impl<'a> Carrier<'a> {
    /// What carries the rules of one moment.
    pub(super) fn owner(&self, pair: &Pair<'a>, of: Moment) -> Owner<'a> {
        let column = self.column.as_ref();
        let (table, column) = match of {
            Moment::Base => (self.table.base.table, column.map(|c| c.base.column)),
            Moment::Head => (self.table.head.table, column.map(|c| c.head.column)),
        };
        let is_inside = self.column.as_ref().is_some_and(|c| !c.is_top);
        Owner { contract: pair.of(of), table, column, is_inside }
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
    pub(super) fn name(&self, name: &str) -> String {
        let name = name.to_ascii_lowercase();
        self.0.get(&name).cloned().unwrap_or(name)
    }
}

impl<'a> RulePair<'a> {
    fn of(
        carrier: Carrier<'a>,
        [base, head]: [Option<&'a QualityRule>; 2],
        unexecuted: [Option<&'a QualityRule>; 2],
    ) -> Self {
        let change = base.zip(head).map(|(b, h)| compare(b, h, &carrier.renamed));
        Self { carrier, base, head, change, unexecuted }
    }

    /// The kind of its clause, in the newest document that has it.
    pub fn kind(&self) -> String {
        let [base, head] = self.unexecuted;
        self.head.or(self.base).or(head).or(base).map(rule_kind).unwrap_or_default()
    }

    /// `table.column/kind`: what findings and waivers call it.
    pub fn element(&self) -> String {
        let kind = self.kind();
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
        let [was, is] = self.written();
        let mut finding = pair
            .finding(meta, self.element(), message)
            .was(was.map(words), base)
            .is(is.map(words), head)
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
        let [was, is] = self.written();
        (was.map_or(base, |r| r.node.span), is.map_or(head, |r| r.node.span))
    }

    /// The rule as both documents have it, executed or not.
    fn written(&self) -> [Option<&'a QualityRule>; 2] {
        let [base, head] = self.unexecuted;
        [self.base.or(base), self.head.or(head)]
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
        all.extend(matched(pair, &carrier, &table.base.table.quality, &table.head.table.quality));
    }
    let has_rules = |c: &&Rc<ColumnPair<'_>>| {
        !c.base.column.quality.is_empty() || !c.head.column.quality.is_empty()
    };
    for column in pair.columns.iter().filter(has_rules) {
        let of: *const Table = column.table.head.table;
        let renamed = renamed.get(&of).cloned().unwrap_or_default();
        let carrier = Carrier { table: column.table, column: Some(column.clone()), renamed };
        let (old, new): (&Column, &Column) = (column.base.column, column.head.column);
        all.extend(matched(pair, &carrier, &old.quality, &new.quality));
    }
    all
}

/// By the kind of their clause ids (id, name, or what they measure), equal ones first; then by
/// metric, where one is left on each side.
fn matched<'a>(
    pair: &Pair<'a>,
    carrier: &Carrier<'a>,
    base: &'a [QualityRule],
    head: &'a [QualityRule],
) -> Vec<RulePair<'a>> {
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
    let (of_base, of_head) = (carrier.owner(pair, Moment::Base), carrier.owner(pair, Moment::Head));
    left.retain(|base| {
        let place = restated(base, head, |n| found.get(n).is_some_and(Option::is_none));
        let is_silent = is_silent(base, of_base);
        let place = place.filter(|_| is_silent).and_then(|n| found.get_mut(n));
        place.map(|found| *found = Some(*base)).is_none()
    });
    let both = head.iter().zip(found).map(|(rule, base)| (base, Some(rule)));
    let gone = left.into_iter().map(|rule| (Some(rule), None));
    // What nothing executes promises nothing: the other side stands alone.
    let of = |(base, head): (Option<&'a QualityRule>, Option<&'a QualityRule>)| {
        let stays = base.zip(head).is_some_and(|(b, h)| stays_silent((b, of_base), (h, of_head)));
        let is_idle = [
            stays || base.is_some_and(|rule| is_silent(rule, of_base)),
            stays || head.is_some_and(|rule| is_silent(rule, of_head)),
        ];
        let executed = [base.filter(|_| !is_idle[0]), head.filter(|_| !is_idle[1])];
        let unexecuted = [base.filter(|_| is_idle[0]), head.filter(|_| is_idle[1])];
        RulePair::of(carrier.clone(), executed, unexecuted)
    };
    both.chain(gone).map(of).collect()
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

impl<'a> Pair<'a> {
    /// Quality rules, side by side.
    pub fn rules(&self) -> &[RulePair<'a>] {
        self.facts.rules.get_or_init(|| rule_pairs(self))
    }
}
