//! What no dedicated rule looks at: every other key of every element, so that no change goes
//! unreported.

use std::collections::{BTreeSet, HashMap};

use crate::contract::Contract;
use crate::contract::hash::{weighty, whole};
use crate::contract::model::RuleType;
use crate::contract::odcs::{OPERATORS, is_deprecated};
use crate::contract::yaml::Node;
use crate::diagnostic::{Meta, Span};

pub use super::elements::Difference;
use super::pair::{ColumnPair, Pair, TablePair};
use super::roles;
use crate::compat::finding::{Finding, Touches};

impl Difference {
    /// A finding at the key's places.
    pub fn finding(&self, pair: &Pair<'_>, meta: &'static Meta, message: String) -> Finding {
        pair.finding(meta, self.element.clone(), message)
            .was(self.old.clone(), self.old_span)
            .is(self.new.clone(), self.new_span)
            .touching(self.touches.clone())
    }

    /// How the key changed.
    pub fn verb(&self) -> &'static str {
        match (&self.old, &self.new) {
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            _ => "changed",
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
const CUSTOM: &[&str] = &[
    "aliases",
    "sqlName",
    "additionalColumns",
    "allowNaN",
    "unit",
    "where",
    "groupBy",
    "compareTo",
    "warn",
];

/// Every key that differs and that no other rule looks at.
pub fn differences(pair: &Pair<'_>) -> Vec<Difference> {
    let mut walk = Walk { found: Vec::new() };
    walk.contract(pair.base, pair.head);
    for table in &pair.tables {
        walk.table(table);
    }
    for column in &pair.columns {
        walk.column(column);
    }
    for rule in pair.rules() {
        if let (Some(old), Some(new)) = (rule.base, rule.head) {
            let at = At { element: rule.element(), touches: rule.touches(), measure: false };
            // The prose of a text rule is its statement.
            let prose = old.rule_type == RuleType::Text && new.rule_type == RuleType::Text;
            let prose: &[&str] = if prose { &["description"] } else { &[] };
            walk.node(&at, &old.node, &new.node, &[OF_RULE, OPERATORS, prose].concat());
        }
    }
    walk.service_levels(pair);
    walk.relationships(pair);
    walk.found
}

struct Walk {
    found: Vec<Difference>,
}

/// Where the walk is.
struct At {
    element: String,
    touches: Touches,
    measure: bool,
}

impl Walk {
    fn contract(&mut self, base: &Contract, head: &Contract) {
        let at = |element: &str| At {
            element: element.to_owned(),
            touches: Touches::Contract,
            measure: false,
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

    fn table(&mut self, pair: &TablePair<'_>) {
        let at = At {
            element: pair.head.table.name.value.clone(),
            touches: Touches::Table(pair.base.table.name.value.clone()),
            measure: false,
        };
        self.node(&at, pair.base.node, pair.head.node, OF_TABLE);
        self.unmarked(&at, pair.base.node, pair.head.node);
    }

    fn column(&mut self, pair: &ColumnPair<'_>) {
        let (old, new) = (pair.base.node, pair.head.node);
        let measure = pair.base.column.measure && pair.head.column.measure;
        let at = At { element: pair.path.clone(), touches: pair.touches(), measure };
        // Inner elements are compared separately, or are part of the type.
        let judged: Vec<&str> =
            OF_COLUMN.iter().copied().chain(["logicalTypeOptions", "items", "map"]).collect();
        let prose = ["description", "businessName"];
        let judged = match measure {
            true => [judged, prose.to_vec()].concat(),
            false => judged,
        };
        self.node(&at, old, new, &judged);
        self.unmarked(&at, old, new);
        let empty = Node { value: crate::contract::yaml::Value::Null, span: old.span };
        let options =
            |node: &Node| node.get("logicalTypeOptions").cloned().unwrap_or(empty.clone());
        let (before, after) = (options(old), options(new));
        for key in keys(&before, &after, OF_OPTIONS) {
            self.key(&at, &before, &after, &key, &key);
        }
        self.keyed(&at, old, new, "enum", "value", &["value"]);
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
            let at = At { element: sla.element(), touches: Touches::Contract, measure: false };
            if let Some((old, new)) = both {
                self.node(&at, &old, &new, OF_SLA);
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
                measure: false,
            };
            if let Some((old, new)) = both {
                self.node(&at, &old, &new, &["from", "to"]);
            }
        }
    }

    /// Every key of two nodes except those judged elsewhere, and their custom properties.
    fn node(&mut self, at: &At, old: &Node, new: &Node, judged: &[&str]) {
        for key in keys(old, new, judged) {
            self.key(at, old, new, &key, &key);
        }
        self.custom(at, old, new);
    }

    /// Custom properties, matched by name.
    fn custom(&mut self, at: &At, old: &Node, new: &Node) {
        self.keyed_but(at, old, new, "customProperties", "property", &["property"], CUSTOM);
    }

    fn keyed(&mut self, at: &At, old: &Node, new: &Node, list: &str, by: &str, judged: &[&str]) {
        self.keyed_but(at, old, new, list, by, judged, &[]);
    }

    /// Items of a list, matched by one of their keys; those of some names are judged elsewhere.
    #[allow(clippy::too_many_arguments, reason = "one walk for three lists of the standard")]
    fn keyed_but(
        &mut self,
        at: &At,
        old: &Node,
        new: &Node,
        list: &str,
        by: &str,
        judged: &[&str],
        but: &[&str],
    ) {
        let (old_items, new_items) = (items(old, list), items(new, list));
        let name = |item: &Node| item.get(by).map(super::quality::value_text).unwrap_or_default();
        let of_base = by_name(old_items, name);
        let of_head = by_name(new_items, name);
        let judged_elsewhere = |item: &&Node| but.contains(&name(item).trim_matches('"'));
        for item in new_items.iter().filter(|i| !judged_elsewhere(i)) {
            let words = words(list, &name(item));
            match of_base.get(&name(item)).copied() {
                Some(before) => {
                    // Less access has a dedicated rule; the same access in other words is not a
                    // change.
                    let of_role = list == "roles"
                        && (roles::has_less(before, item) || roles::has_same(before, item));
                    let told = |key: &String| of_role && key == "access";
                    for key in keys(before, item, judged).into_iter().filter(|k| !told(k)) {
                        self.key(at, before, item, &key, &words);
                    }
                    if list != "customProperties" {
                        self.custom(at, before, item);
                    }
                }
                // A new enum value has a dedicated rule.
                None if list != "enum" => self.push(at, &words, true, None, Some(item), old, new),
                None => {}
            }
        }
        let gone = |o: &&Node| !of_head.contains_key(&name(o));
        // So has a removed role.
        for item in old_items.iter().filter(gone).filter(|i| !judged_elsewhere(i)) {
            if list == "customProperties" {
                let words = words(list, &name(item));
                self.push(at, &words, true, Some(item), None, old, new);
            }
        }
    }

    fn key(&mut self, at: &At, old: &Node, new: &Node, key: &str, words: &str) {
        let (before, after) = (old.get(key), new.get(key));
        let same = |(a, b): (&Node, &Node)| a.same_value(b);
        if before.is_none() && after.is_none() || before.zip(after).is_some_and(same) {
            return;
        }
        let weight = |node: Option<&Node>| node.and_then(|n| weighty(n, key, at.measure));
        let all = |node: Option<&Node>| node.and_then(|n| whole(n, key));
        let matters = weight(before) != weight(after);
        if matters || all(before) != all(after) {
            self.push(at, words, matters, before, after, old, new);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a difference has two sides")]
    fn push(
        &mut self,
        at: &At,
        key: &str,
        matters: bool,
        before: Option<&Node>,
        after: Option<&Node>,
        old: &Node,
        new: &Node,
    ) {
        let shown = |node: &Node| {
            let text = node.scalar_text().unwrap_or_else(|| node.to_json().to_string());
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let own = |node: &Node| node.get("name").map_or(node.span, |n| n.span);
        self.found.push(Difference {
            element: at.element.clone(),
            key: key.to_owned(),
            matters,
            old: before.map(shown),
            new: after.map(shown),
            old_span: before.map_or_else(|| own(old), |n| n.span),
            new_span: after.map_or_else(|| own(new), |n| n.span),
            touches: at.touches.clone(),
        });
    }
}

fn items<'a>(node: &'a Node, list: &str) -> &'a [Node] {
    node.get(list).map(Node::items).unwrap_or_default()
}

/// Items by their names; the first one where several share a name.
fn by_name(items: &[Node], name: impl Fn(&Node) -> String) -> HashMap<String, &Node> {
    items.iter().rev().map(|item| (name(item), item)).collect()
}

/// What an item of a list is called.
fn words(list: &str, name: &str) -> String {
    let name = name.trim_matches('"');
    match list {
        "customProperties" => format!("custom property '{name}'"),
        "enum" => format!("what is said of value '{name}'"),
        _ => format!("role '{name}'"),
    }
}

/// The keys of either node except those judged elsewhere.
fn keys(old: &Node, new: &Node, judged: &[&str]) -> BTreeSet<String> {
    let all = old.entries().iter().chain(new.entries()).map(|(key, _)| key.text.clone());
    all.filter(|key| !judged.contains(&key.as_str()) && key != "customProperties").collect()
}

impl<'a> Pair<'a> {
    /// Differences that no dedicated rule looks at.
    pub fn rest(&self) -> &[Difference] {
        self.facts.rest.get_or_init(|| differences(self))
    }
}
