//! What no dedicated rule looks at: every other key of every element, so that no change goes
//! unreported.

use crate::contract::Contract;
use crate::contract::model::{Column, QualityRule};
use crate::contract::odcs::{OPERATORS, is_deprecated};
use crate::contract::yaml::Node;
use crate::diagnostic::{Meta, Span};

use super::classification::{ClassificationStep, step};
pub use super::elements::Difference;
use super::elements::{RulePair, TypeChange};
use super::executed;
use super::pair::{ColumnPair, ColumnSide, Moment, Pair, TablePair};
use super::silent::is_free_word;
use super::walk::{At, CUSTOM_OF_RULE, Walk, keys};
use crate::compat::finding::{Finding, Touches};

impl Difference {
    /// A finding at the key's places.
    pub fn finding(&self, pair: &Pair<'_>, meta: &'static Meta, message: String) -> Finding {
        pair.finding(meta, self.element.clone(), message)
            .was(self.old.clone(), self.old_span)
            .is(self.new.clone(), self.new_span)
            .touching(self.touches.clone())
    }

    /// How the key changed, in words.
    pub fn message(&self) -> String {
        let verb = match (&self.old, &self.new) {
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            _ => "changed",
        };
        match self.key.contains('\'') {
            true => format!("{} was {verb}", self.key),
            false => format!("'{}' was {verb}", self.key),
        }
    }
}

/// Keys that dedicated rules look at, by element.
const OF_CONTRACT: &[&str] = &[
    "id",
    "version",
    // What it changes in meaning is found where it does.
    "apiVersion",
    "kind",
    "schema",
    "slaProperties",
    "slaDefaultElement",
    "roles",
    "status",
];
const OF_TABLE: &[&str] =
    &["name", "physicalName", "properties", "quality", "relationships", "deprecated"];
const OF_COLUMN: &[&str] = &[
    "name",
    "physicalName",
    "logicalType",
    "physicalType",
    "required",
    "unique",
    "primaryKey",
    "primaryKeyPosition",
    "partitioned",
    "partitionKeyPosition",
    "classification",
    "enum",
    "quality",
    "relationships",
    "properties",
    "deprecated",
];
const OF_OPTIONS: &[&str] = &[
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "multipleOf",
    "pattern",
    "format",
    "uniqueItems",
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "timezone",
    "defaultTimezone",
    "dimensions",
];
const OF_RULE: &[&str] = &[
    "type",
    "metric",
    "rule",
    "arguments",
    "query",
    "engine",
    "implementation",
    "unit",
    "severity",
];
const OF_SLA: &[&str] = &["property", "value", "unit", "element", "driver"];

/// Custom properties that dedicated rules look at, by element.
const CUSTOM_OF_CONTRACT: &[&str] = &["sqlName"];
const CUSTOM_OF_TABLE: &[&str] = &["additionalColumns"];
const CUSTOM_OF_COLUMN: &[&str] = &["aliases", "allowNaN", "unit"];

/// Every key that differs and that no other rule looks at.
pub fn differences(pair: &Pair<'_>) -> Vec<Difference> {
    let mut walk = Walk { found: Vec::new(), terms: pair.terms };
    walk.contract(pair.base, pair.head);
    for table in &pair.tables {
        walk.table(table);
    }
    for column in &pair.columns {
        walk.column(column);
    }
    for rule in pair.rules() {
        walk.rule(pair, rule);
    }
    walk.service_levels(pair);
    walk.relationships(pair);
    walk.found
}

impl Walk<'_> {
    fn contract(&mut self, base: &Contract, head: &Contract) {
        let at = |element: &str| At {
            element: element.to_owned(),
            touches: Touches::Contract,
            custom: CUSTOM_OF_CONTRACT,
        };
        let (old, new) = (&base.tree, &head.tree);
        // Where the SQL name follows the name, the change is reported already.
        let renamed = !base.sql_name.value.eq_ignore_ascii_case(&head.sql_name.value);
        for key in keys(old, new, OF_CONTRACT).into_iter().filter(|k| !(renamed && k == "name")) {
            self.key(&at(&key), old, new, &key, &key);
        }
        // Those have dedicated rules.
        let judged = ["deprecated", "retired", "draft", "proposed"];
        let is_judged = |c: &Contract| c.status.as_deref().is_some_and(|s| judged.contains(&s));
        let drafted = base.is_draft() && is_judged(base);
        if base.status != head.status && (!is_judged(head) || drafted) {
            self.key(&at("status"), old, new, "status", "status");
        }
        self.custom(&at("customProperties"), old, new);
        self.keyed(&at("roles"), old, new, "roles", "role", &["role"]);
    }

    /// A rule on both sides; of one that nothing executes, all that was written.
    fn rule<'p>(&mut self, pair: &Pair<'p>, rule: &RulePair<'p>) {
        let (element, touches) = (rule.element(), rule.touches());
        let at = At { element, touches, custom: CUSTOM_OF_RULE };
        let judged = [OF_RULE, OPERATORS].concat();
        if let (Some(old), Some(new)) = (rule.base, rule.head) {
            self.node(&at, &old.node, &new.node, &judged);
            return;
        }
        if rule.base.is_some() || rule.head.is_some() {
            return;
        }
        let is_free =
            |of: Moment, written: &QualityRule| is_free_word(written, rule.carrier.owner(pair, of));
        match rule.unexecuted {
            [Some(old), Some(new)] if is_free(Moment::Base, old) || is_free(Moment::Head, new) => {
                self.node(&at, &old.node, &new.node, &judged);
            }
            [Some(old), Some(new)] => self.node(&at, &old.node, &new.node, &[]),
            [old, new] => {
                // A word that is not a metric was never a rule of the library.
                let old = old.filter(|written| !is_free(Moment::Base, written));
                let new = new.filter(|written| !is_free(Moment::Head, written));
                let (old, new) = (old.map(|r| &r.node), new.map(|r| &r.node));
                let words = format!("the rule '{}', which nothing executes,", rule.kind());
                let (table, column) = (&rule.carrier.table, &rule.carrier.column);
                let (before, after) = match column {
                    Some(column) => (column.base.node, column.head.node),
                    None => (table.base.node, table.head.node),
                };
                if old.is_some() || new.is_some() {
                    self.push(&at, &words, false, old, new, before, after);
                }
            }
        }
    }

    fn table(&mut self, pair: &TablePair<'_>) {
        let at = At {
            element: pair.head.table.name.value.clone(),
            touches: Touches::Table(pair.base.table.name.value.clone()),
            custom: CUSTOM_OF_TABLE,
        };
        self.node(&at, pair.base.node, pair.head.node, OF_TABLE);
        self.unmarked(&at, pair.base.node, pair.head.node);
    }

    fn column(&mut self, pair: &ColumnPair<'_>) {
        let (old, new) = (pair.base.node, pair.head.node);
        let measure = pair.base.column.measure && pair.head.column.measure;
        let (element, touches) = (pair.path.clone(), pair.touches());
        let at = At { element, touches, custom: CUSTOM_OF_COLUMN };
        // Inner elements are compared separately, or are part of the type.
        let judged: Vec<&str> =
            OF_COLUMN.iter().copied().chain(["logicalTypeOptions", "items", "map"]).collect();
        let told = ["description", "businessName", "transformLogic", "transformSourceObjects"];
        let judged = match measure {
            true => [judged, told.to_vec()].concat(),
            false => judged,
        };
        self.node(&at, old, new, &judged);
        self.unmarked(&at, old, new);
        let word = |column: &Column| column.classification.clone();
        let (was, is) = (word(pair.base.column), word(pair.head.column));
        if step(was.as_deref(), is.as_deref(), self.terms.public) == ClassificationStep::Same {
            // Another word for what is as public as before.
            self.key(&at, old, new, "classification", "classification");
        }
        let empty = Node { value: crate::contract::yaml::Value::Null, span: old.span };
        let options =
            |node: &Node| node.get("logicalTypeOptions").cloned().unwrap_or(empty.clone());
        let (before, after) = (options(old), options(new));
        for key in keys(&before, &after, OF_OPTIONS) {
            self.key(&at, &before, &after, &key, &key);
        }
        self.keyed(&at, old, new, "enum", "value", &["value"]);
        self.idle(&at, pair, (&before, &after));
    }

    /// Options, parts and values that nothing executes on either side: no rule judges them.
    fn idle(&mut self, at: &At, pair: &ColumnPair<'_>, (before, after): (&Node, &Node)) {
        let (old, new) = (pair.base.column, pair.head.column);
        let is_type_told = pair.type_change().0 != TypeChange::Same;
        let of_types = |key: &str| matches!(key, "format" | "timezone");
        for option in OF_OPTIONS.iter().filter(|key| !(is_type_told && of_types(key))) {
            let states = |column: &Column| executed::option(column, option).is_some();
            let is_idle = |column: &Column| executed::is_idle_option(column, option);
            if !states(old) && !states(new) && (is_idle(old) || is_idle(new)) {
                self.key(at, before, after, option, option);
            }
        }
        for part in ["properties", "items", "map"] {
            let is_idle = |column: &Column| !executed::has_part(column, part);
            let is_absent = |side: &ColumnSide<'_>| side.node.get(part).is_none();
            let rests = |side: &ColumnSide<'_>| is_idle(side.column) || is_absent(side);
            if rests(&pair.base) && rests(&pair.head) && (is_idle(old) || is_idle(new)) {
                self.key(at, pair.base.node, pair.head.node, part, part);
            }
        }
        let rests = |column: &Column| executed::allowed(column).is_none();
        if rests(old) && rests(new) {
            self.key(at, pair.base.node, pair.head.node, "enum", "enum");
        }
    }

    /// An element that is no longer deprecated.
    fn unmarked(&mut self, at: &At, old: &Node, new: &Node) {
        if is_deprecated(old)
            && (!is_deprecated(new) || old.get("deprecated") != new.get("deprecated"))
        {
            self.key(at, old, new, "deprecated", "deprecated");
        }
    }

    fn service_levels(&mut self, pair: &Pair<'_>) {
        let node = |contract: &Contract, span: Span| {
            let list = contract.tree.get("slaProperties")?;
            list.items().iter().find(|n| n.span == span).cloned()
        };
        for sla in pair.service_levels() {
            let Some((old, new)) = sla.base.zip(sla.head) else { continue };
            let both = node(pair.base, old.span).zip(node(pair.head, new.span));
            let at = At { element: sla.element(), touches: Touches::Contract, custom: &[] };
            if let Some((old, new)) = both {
                self.node(&at, &old, &new, OF_SLA);
                // Another driver has a dedicated rule.
                if old.get("driver").is_none() || new.get("driver").is_none() {
                    self.key(&at, &old, &new, "driver", "driver");
                }
            }
        }
    }

    fn relationships(&mut self, pair: &Pair<'_>) {
        let node = |lists: Vec<&Node>, span: Span| {
            let mut items = lists.into_iter().filter_map(|n| n.get("relationships"));
            items.find_map(|list| list.items().iter().find(|n| n.span == span).cloned())
        };
        for key in pair.foreign_keys() {
            let Some((old, new)) = key.base.as_ref().zip(key.head.as_ref()) else { continue };
            let carriers = |of_base: bool| -> Vec<&Node> {
                let tables =
                    pair.tables.iter().map(|t| if of_base { t.base.node } else { t.head.node });
                let columns =
                    pair.columns.iter().map(|c| if of_base { c.base.node } else { c.head.node });
                tables.chain(columns).collect()
            };
            let both = node(carriers(true), old.relationship.span)
                .zip(node(carriers(false), new.relationship.span));
            let at = At {
                element: key.element(),
                touches: Touches::Table(key.table.base.table.name.value.clone()),
                custom: &[],
            };
            if let Some((old, new)) = both {
                self.node(&at, &old, &new, &["from", "to"]);
            }
        }
    }
}

impl<'a> Pair<'a> {
    /// Differences that no dedicated rule looks at.
    pub fn rest(&self) -> &[Difference] {
        self.facts.rest.get_or_init(|| differences(self))
    }
}
